"""Pictures and videos made for the tests: clouds with shapes on them, bars of notes, no real thing."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

if TYPE_CHECKING:
    from pathlib import Path

WIDE, HIGH = 480, 360


@lru_cache(maxsize=64)
def photo(seed: int) -> Image.Image:
    """Return a picture with a spectrum like that of photographs, and some shapes."""
    rng = np.random.default_rng(seed)
    spread = np.hypot(np.fft.fftfreq(HIGH)[:, None], np.fft.rfftfreq(WIDE)[None, :])
    spread[0, 0] = 1

    def cloud() -> np.ndarray:
        noise = rng.normal(size=spread.shape) + 1j * rng.normal(size=spread.shape)
        flat = np.fft.irfft2(noise / spread**1.3, s=(HIGH, WIDE))
        return (flat - flat.min()) / (flat.max() - flat.min())

    colours = np.stack([cloud() * 0.6 + cloud() * 0.4 for _ in range(3)], -1)
    image = Image.fromarray((colours * 255).astype("uint8"))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.integers(3, 9)):
        x, y, r = rng.integers(0, WIDE), rng.integers(0, HIGH), rng.integers(20, 120)
        fill = tuple(int(v) for v in rng.integers(0, 256, 3))
        shape = rng.integers(0, 3)
        if shape == 0:
            draw.ellipse([x - r, y - r, x + r, y + r], fill=fill)
        elif shape == 1:
            draw.rectangle([x - r, y - r // 2, x + r, y + r // 2], fill=fill)
        else:
            draw.polygon([(x, y - r), (x + r, y + r), (x - r, y + r // 2)], fill=fill)
    return image.filter(ImageFilter.GaussianBlur(1))


def page(seed: int) -> Image.Image:
    """Return a screen of words in one and the same layout: alike at a glance, and unrelated."""
    rng = np.random.default_rng(seed)
    out = Image.new("RGB", (360, 480), "white")
    draw = ImageDraw.Draw(out)
    draw.rectangle([0, 0, 360, 30], fill=(30, 60, 120))
    draw.ellipse([12, 42, 48, 78], fill=tuple(int(v) for v in rng.integers(0, 256, 3)))
    y = 90
    while y < 460:
        words = " ".join(
            "".join(rng.choice(list("abcdefghijklmnopqrstuvw"), rng.integers(2, 9)))
            for _ in range(rng.integers(3, 9))
        )
        draw.text((14, y), words, fill="black", font_size=15)
        y += 20 if rng.random() < 0.85 else 40
    return out


def cropped(image: Image.Image, rng: np.random.Generator, most: float = 0.2) -> Image.Image:
    left, top, right, bottom = rng.uniform(0, most, 4)
    w, h = image.size
    return image.crop((int(left * w), int(top * h), int(w - right * w), int(h - bottom * h)))


def recaptioned(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the picture with a bar of words above or below."""
    w, h = image.size
    bar = int(h * rng.uniform(0.1, 0.25))
    above = rng.random() < 0.5
    out = Image.new("RGB", (w, h + bar), "white")
    out.paste(image, (0, bar if above else 0))
    for line in range(2):
        ImageDraw.Draw(out).text(
            (10, (5 if above else h + 5) + line * 14), "sample words on a bar " * 4, fill="black"
        )
    return out


def written_over(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the picture with a dark strip of words across it."""
    out = image.copy()
    w, h = image.size
    y = int(h * rng.uniform(0.6, 0.8))
    draw = ImageDraw.Draw(out)
    draw.rectangle([0, y, w, y + int(h * 0.15)], fill="black")
    draw.text((10, y + 8), "sample words across the picture " * 2, fill="white")
    return out


def reencoded(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    held, size = io.BytesIO(), rng.uniform(0.4, 1)
    small = image.resize((int(image.width * size), int(image.height * size)))
    small.save(held, "JPEG", quality=int(rng.integers(15, 60)))
    held.seek(0)
    return Image.open(held).convert("RGB")


def mirrored(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    return ImageOps.mirror(image)


CHANGES = {
    "crop": cropped,
    "recaption": recaptioned,
    "re-encode": reencoded,
    "mirror": mirrored,
    "words across": written_over,
}


def tune(seed: int, seconds: float, rate: int = 44_100) -> np.ndarray:
    """Return notes with overtones over a little noise."""
    rng = np.random.default_rng(seed)
    out = rng.normal(0, 0.02, int(seconds * rate))
    at = 0
    while at < len(out):
        length = int(rng.uniform(0.15, 0.6) * rate)
        moment = np.arange(min(length, len(out) - at)) / rate
        for _ in range(int(rng.integers(1, 4))):
            pitch = 220 * 2 ** (rng.integers(0, 36) / 12)
            for tone, loud in ((1, 0.5), (2, 0.25), (3, 0.12)):
                out[at : at + len(moment)] += (
                    loud * np.sin(2 * np.pi * pitch * tone * moment) * np.exp(-3 * moment)
                )
        at += length
    return (out / np.abs(out).max() * 0.8).astype(np.float32)


def film(
    path: Path,
    scenes: list[int],
    *,
    tune_seed: int | None = None,
    change=None,
    codec: str = "mpeg4",
    bitrate: int = 600_000,
    each: float = 3.0,
    skip: float = 0.0,
    loudness: float = 1.0,
) -> Path:
    """Write a video in which each scene is a picture that moves slowly."""
    import av

    fps = 8
    with av.open(str(path), "w") as out:
        video = out.add_stream(codec, rate=fps)
        video.bit_rate = bitrate
        audio = out.add_stream("aac", rate=44_100) if tune_seed is not None else None
        size = None
        for n in range(int(skip * fps), int(len(scenes) * each * fps)):
            scene, inside = divmod(n, int(each * fps))
            still = photo(scenes[scene])
            shift = inside / (each * fps) * 0.05
            w, h = still.size
            image = still.crop((int(shift * w), 0, int((0.95 + shift) * w), h))
            if change is not None:
                image = change(image, np.random.default_rng(scenes[0]))
            if size is None:
                size = (image.width // 2 * 2, image.height // 2 * 2)
                video.width, video.height, video.pix_fmt = *size, "yuv420p"
            out.mux(video.encode(av.VideoFrame.from_image(image.resize(size))))
        out.mux(video.encode())
        if audio is not None:
            samples = tune(tune_seed, len(scenes) * each)[int(skip * 44_100) :] * loudness
            for start in range(0, len(samples) - 1024, 1024):
                frame = av.AudioFrame.from_ndarray(
                    samples[None, start : start + 1024], format="fltp", layout="mono"
                )
                frame.rate = 44_100
                out.mux(audio.encode(frame))
            out.mux(audio.encode())
    return path
