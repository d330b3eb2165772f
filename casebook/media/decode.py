"""Open pictures and videos in a process of its own: they are written by an adversary.

Reads one path a line, writes one JSON object a line. Nothing but points, sound and words
leaves this process. What a file is, is told by its first bytes; the container is opened as that and
as nothing else, so that a playlist cannot name other files or addresses.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from casebook.media.pictures import SIDE
from casebook.media.sound import RATE, frames

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    from PIL.Image import Image

MOST_PIXELS = 80_000_000
MOST_SECONDS = 180
"""Of a video: longer ones are compared by their first three minutes."""
MOST_SCENES = 40
MOST_WORDS = 200_000
_SAME_SCENE = 10.0
"""Mean difference in grey levels below which the next second shows the same scene."""
_BORDER, _LARGEST_BORDER = 3.0, 0.4
PICTURES = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
PREVIEW = 240
_MEMORY = 4 << 30


def container(head: bytes) -> str | None:
    """Return the name of the container that a file begins with; None for any that is not known."""
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free"):
        return "mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "avi"
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "wav"
    if head.startswith(b"OggS"):
        return "ogg"
    if head.startswith(b"ID3") or head[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return "mp3"
    return None


def content(path: Path) -> dict[str, Any]:
    """Return what a file shows and says: kind, greys, sound, words, seconds."""
    with path.open("rb") as file:
        kind = container(file.read(16))
    return _video(path, kind) if kind else _still(path)


def _still(path: Path) -> dict[str, Any]:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(path, formats=PICTURES) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError(f"it has more than {MOST_PIXELS:,} pixels")
        opened.draft("RGB", (SIDE * 8, SIDE * 8))
        return {"kind": "image", "greys": [_grey(ImageOps.exif_transpose(opened))]}


def preview(path: Path) -> dict[str, Any]:
    """Return a picture as at most 240 x 240 red, green and blue points."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(path, formats=PICTURES) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError(f"it has more than {MOST_PIXELS:,} pixels")
        opened.draft("RGB", (PREVIEW, PREVIEW))
        upright = ImageOps.exif_transpose(opened).convert("RGB")
    upright.thumbnail((PREVIEW, PREVIEW))
    points = base64.b64encode(upright.tobytes()).decode()
    return {"width": upright.width, "height": upright.height, "points": points}


def _grey(image: Image) -> npt.NDArray[np.uint8]:
    """Return the picture in grey, without an even border, 64 x 64."""
    from PIL import Image as Pictures

    if image.mode in ("RGBA", "LA", "PA", "P"):
        ground = Pictures.new("RGBA", image.size, "white")
        image = Pictures.alpha_composite(ground, image.convert("RGBA"))
    plain = image.convert("L")
    plain.thumbnail((SIDE * 8, SIDE * 8))
    inner = _inside(np.asarray(plain))
    return np.asarray(Pictures.fromarray(inner).resize((SIDE, SIDE), Pictures.Resampling.BOX))


def _inside(grey: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the picture without the bars around it, of one colour each."""
    sides = []
    for axis in (0, 1):
        lines = grey if axis == 0 else grey.T
        flat = lines.std(axis=1) < _BORDER
        most = int(len(lines) * _LARGEST_BORDER)
        first = int(np.argmin(flat)) if not flat.all() else 0
        last = int(np.argmin(flat[::-1])) if not flat.all() else 0
        sides.append((min(first, most), len(lines) - min(last, most)))
    (top, bottom), (left, right) = sides
    return np.ascontiguousarray(grey[top:bottom, left:right])


def _video(path: Path, kind: str) -> dict[str, Any]:
    import av

    with path.open("rb") as file, av.open(file, "r", format=kind, options=_SAFE) as opened:
        out: dict[str, Any] = {"kind": "video" if opened.streams.video else "sound", "greys": []}
        out["seconds"] = float(opened.duration or 0) / 1_000_000
        if opened.streams.video:
            out["greys"] = list(_scenes(opened))
    for name, make in (("sound", _sound), ("words", _words)):
        with path.open("rb") as file, av.open(file, "r", format=kind, options=_SAFE) as opened:
            out[name] = make(opened)
    return out


_SAFE = {"protocol_whitelist": "file", "enable_drefs": "0", "use_absolute_path": "0"}


def _scenes(opened: Any) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield one picture for each scene, looked at once a second."""
    stream = opened.streams.video[0]
    stream.thread_type = "AUTO"
    wanted, count = 0.0, 0
    last = None
    for frame in opened.decode(stream):
        at = float(frame.time or 0.0)
        if at > MOST_SECONDS or count >= MOST_SCENES:
            return
        if at < wanted:
            continue
        wanted = np.floor(at) + 1.0
        grey = _grey(frame.to_image(width=min(frame.width, 480), height=min(frame.height, 480)))
        if last is None or np.abs(grey.astype(int) - last).mean() > _SAME_SCENE:
            yield grey
            last, count = grey.astype(int), count + 1


def _sound(opened: Any) -> npt.NDArray[np.uint32]:
    if not opened.streams.audio:
        return np.empty(0, dtype=np.uint32)
    import av

    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    parts, held = [], 0
    for frame in opened.decode(opened.streams.audio[0]):
        for piece in resampler.resample(frame):
            parts.append(piece.to_ndarray().ravel())
            held += len(parts[-1])
        if held >= MOST_SECONDS * RATE:
            break
    return frames(np.concatenate(parts)) if parts else np.empty(0, dtype=np.uint32)


def _words(opened: Any) -> str:
    if not opened.streams.subtitles:
        return ""
    said: list[str] = []
    held = 0
    for packet in opened.demux(opened.streams.subtitles[0]):
        for part in packet.decode():
            text = getattr(part, "dialogue", None) or getattr(part, "text", None) or b""
            plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
            said.append(" ".join(plain.replace("\\N", " ").split()))
            held += len(said[-1])
        if held > MOST_WORDS:
            break
    return " ".join(filter(None, said))


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has none
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    greys = np.stack(found["greys"]) if found["greys"] else np.empty((0, SIDE, SIDE), np.uint8)
    packed = {"greys": greys, "sound": found.get("sound", np.empty(0, np.uint32))}
    return {**found, **{k: base64.b64encode(v.tobytes()).decode() for k, v in packed.items()}}


def main() -> int:
    """Answer each path on the input with a line on the output."""
    _limit_memory()
    previews = sys.argv[1:] == ["preview"]
    # Libraries print warnings about broken files; the answers go where they cannot.
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        path = str(json.loads(line))
        try:
            answer = preview(Path(path)) if previews else _plain(content(Path(path)))
        except Exception as error:  # whatever a decoder throws at a hostile file
            said = " ".join(str(error).replace(path, "it").split())[:200]
            answer = {"error": f"it cannot be opened: {said or type(error).__name__}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
