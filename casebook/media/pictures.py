"""When two pictures show the same: a perceptual hash proposes, structure decides.

A picture is hashed whole, in its mirror, and without up to a quarter of each side, so that a crop
or a caption bar of another picture is among its parts. What a hash proposes is compared block by
block, with the cut adjusted until it fits best.

References
----------
Zauner, "Implementation and benchmarking of perceptual image hash functions", 2010: pHash, here as
`imagehash.phash`. Lewis, "Fast normalized cross-correlation", 1995.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt
    from PIL.Image import Image

    Grey = npt.NDArray[np.uint8]
    Hashes = npt.NDArray[np.uint64]
    Box = tuple[float, float, float, float]

SIDE = 64
"""Width and height of the grey pictures that are compared."""
CUTS = (0.0, 0.08, 0.16, 0.24)
BOXES: list[Box] = list(product(CUTS, CUTS, CUTS, CUTS))
"""What is cut off left, top, right and bottom, as shares of the picture."""
PROPOSED = 14
"""Bits of 64 that may differ: of 10,000 pairs of unrelated pictures this proposes some hundred."""
ALIKE, WORTH_FITTING = 0.82, 0.15
"""Median correlation of blocks, fitted, and before. Of 11,000 unrelated pairs of pictures the best
had 0.72, of as many pairs of screens of words in one layout 0.77."""
_BLOCKS, _WIDE = 4, 8
_DETAIL, _DETAILED = 4.0, 6
"""Grey levels of standard deviation, and how many of 16 blocks must have them."""
_LARGEST_CUT, _STEPS = 0.4, (0.04, 0.02)


@dataclass(frozen=True)
class Picture:
    """A picture as it is compared.

    Attributes
    ----------
    grey : ndarray of uint8, 64 x 64
    parts : ndarray of uint64
        Hash of each of `BOXES`; the first is the whole picture.
    mirrored : uint64
        Hash of the whole picture, left and right exchanged.
    """

    grey: Grey
    parts: Hashes
    mirrored: np.uint64


@dataclass(frozen=True)
class Likeness:
    """How alike two pictures are: bits of 64 that differ, and the correlation of their blocks."""

    distance: int
    correlation: float
    mirrored: bool


def picture(grey: Grey) -> Picture | None:
    """Return a picture for comparison; None where it is too plain, as a default avatar is.

    Parameters
    ----------
    grey : ndarray of uint8, 64 x 64
    """
    if (_blocks(_part(grey, BOXES[0]))[1] >= _DETAIL * _WIDE).sum() < _DETAILED:
        return None
    parts = np.array([_hash(_part(grey, box)) for box in BOXES], dtype=np.uint64)
    return Picture(grey, parts, np.uint64(_hash(_part(grey[:, ::-1], BOXES[0]))))


def compare(one: Picture, other: Picture) -> Likeness | None:
    """Return how alike two pictures are; None where they are not."""
    ways = []
    for mirrored in (False, True):
        for whole, cut in ((one, other), (other, one)):
            target = whole.mirrored if mirrored else whole.parts[0]
            distances = np.bitwise_count(cut.parts ^ target)
            best = int(distances.argmin())
            ways.append((int(distances[best]), mirrored, best, whole, cut))
    ways.sort(key=lambda way: way[:2])
    found = []
    for distance, mirrored, best, whole, cut in ways[:2]:
        if distance <= PROPOSED:
            grey = whole.grey[:, ::-1] if mirrored else whole.grey
            found.append(Likeness(distance, _fitted(cut.grey, grey, BOXES[best]), mirrored))
    alike = max(found, key=lambda f: f.correlation, default=None)
    return alike if alike and alike.correlation >= ALIKE else None


def proposed(pictures: Sequence[Picture], owner: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield pairs of pictures of two owners that a hash proposes, as places in the list."""
    if not pictures:
        return
    parts = np.stack([p.parts for p in pictures])
    whole = parts[:, 0].copy()
    mirrored = np.array([p.mirrored for p in pictures])
    belongs = np.asarray(owner)
    for i in range(len(pictures) - 1):
        later = np.flatnonzero(belongs[i + 1 :] != belongs[i]) + i + 1
        near = np.zeros(len(later), dtype=bool)
        for target in (whole[i], mirrored[i]):
            near |= (np.bitwise_count(parts[later] ^ target) <= PROPOSED).any(axis=1)
        for targets in (whole, mirrored):
            near |= (np.bitwise_count(parts[i] ^ targets[later, None]) <= PROPOSED).any(axis=1)
        yield from ((i, j) for j in later[near].tolist())


def _image(grey: Grey) -> Image:
    from PIL import Image

    return Image.fromarray(np.ascontiguousarray(grey))


def _part(grey: Grey, box: Box) -> Grey:
    """Return what a cut leaves of a picture, at half its size."""
    from PIL.Image import Resampling

    left, top, right, bottom = box
    edges = (left * SIDE, top * SIDE, SIDE - right * SIDE, SIDE - bottom * SIDE)
    small = (_BLOCKS * _WIDE, _BLOCKS * _WIDE)
    return np.asarray(_image(grey).resize(small, Resampling.BILINEAR, box=edges))


def _hash(part: Grey) -> int:
    import imagehash

    return int(str(imagehash.phash(_image(part))), 16)


def _blocks(part: Grey) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the blocks of a part about their means, and their lengths."""
    cut = part.astype(np.float64).reshape(_BLOCKS, _WIDE, _BLOCKS, _WIDE).transpose(0, 2, 1, 3)
    flat = cut.reshape(_BLOCKS * _BLOCKS, _WIDE * _WIDE)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return flat, np.sqrt((flat**2).sum(axis=1))


def _correlation(one: Grey, other: Grey) -> float:
    """Return the median correlation over blocks in which both show something."""
    a, length_a = _blocks(one)
    b, length_b = _blocks(other)
    both = np.minimum(length_a, length_b) >= _DETAIL * _WIDE
    if both.sum() < _DETAILED:
        return 0.0
    return float(np.median(((a * b).sum(axis=1)[both]) / (length_a * length_b)[both]))


def _fitted(cut: Grey, whole: Grey, box: Box) -> float:
    """Return the correlation with the cut moved, side by side, to where it is largest."""
    target = _part(whole, BOXES[0])
    best, here = _correlation(_part(cut, box), target), box
    if best < WORTH_FITTING:
        return best
    for step in _STEPS:
        moved = True
        while moved:
            moved = False
            for side, by in product(range(4), (-step, step)):
                edge = min(max(here[side] + by, 0.0), _LARGEST_CUT)
                tried: Box = (*here[:side], edge, *here[side + 1 :])  # type: ignore[assignment]
                value = _correlation(_part(cut, tried), target)
                if value > best + 1e-6:
                    best, here, moved = value, tried, True
    return best
