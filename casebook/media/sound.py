"""When two recordings sound the same: 32 bits for each 12 milliseconds, few of which may differ.

The method knows a recording through another codec, another loudness and noise. It does not know it
at another speed or pitch.

References
----------
Haitsma and Kalker, "A Highly Robust Audio Fingerprinting System", ISMIR 2002: bands, frames, and
the threshold of 0.35 for blocks of 256 frames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]
    Frames = npt.NDArray[np.uint32]

RATE = 5_512
"""Samples a second: all the bands need."""
FRAME, HOP = 2_048, 64
LOWEST, HIGHEST, BANDS = 300.0, 2_000.0, 33
BLOCK = 256
"""Frames compared at once: three seconds."""
LARGEST_ERROR = 0.35
LEAST_BLOCKS = 2
_VARIED = 0.2
"""Share of a block's frames that must differ: a hum or silence is like any other."""
_COMMON, _OFFSETS = 64, 4
_STILL = 1e-3


def frames(samples: Samples) -> Frames:
    """Return the fingerprint of a recording, one number of 32 bits for each 11.6 milliseconds.

    Parameters
    ----------
    samples : ndarray of float32
        One channel at `RATE`.
    """
    count = (len(samples) - FRAME) // HOP + 1
    if count < 2:
        return np.empty(0, dtype=np.uint32)
    edges = LOWEST * (HIGHEST / LOWEST) ** (np.arange(BANDS + 1) / BANDS)
    bins = np.round(edges * FRAME / RATE).astype(int)
    window = np.hanning(FRAME).astype(np.float32)
    energy = np.empty((count, BANDS))
    for start in range(0, count, 2_048):
        stop = min(start + 2_048, count)
        place = (np.arange(start, stop) * HOP)[:, None] + np.arange(FRAME)
        power = np.abs(np.fft.rfft(samples[place] * window, axis=1)) ** 2
        energy[start:stop] = np.add.reduceat(power[:, : bins[-1]], bins[:-1], axis=1)
    slope = np.diff(energy, axis=1)
    change = np.diff(slope, axis=0)
    rising = change < 0
    # A hum or silence does not change: what is left is rounding, which is like itself everywhere.
    still = np.abs(change).max(axis=1) <= _STILL * energy[1:].max(axis=1)
    rising[still] = False
    weights = (1 << np.arange(BANDS - 1, dtype=np.uint64)).astype(np.uint64)
    packed: Frames = (rising.astype(np.uint64) @ weights).astype(np.uint32)
    return packed


def same_sound(one: Frames, other: Frames) -> tuple[float, float] | None:
    """Return seconds that sound the same, and the share of bits that differ; None where too few."""
    found = None
    for offset in _offsets(one, other):
        start, stop = max(0, -offset), min(len(one), len(other) - offset)
        a, b = one[start:stop], other[start + offset : stop + offset]
        blocks = len(a) // BLOCK
        if blocks < LEAST_BLOCKS:
            continue
        a, b = (x[: blocks * BLOCK].reshape(blocks, BLOCK) for x in (a, b))
        error = np.bitwise_count(a ^ b).mean(axis=1) / 32
        good = (error <= LARGEST_ERROR) & _varied(a) & _varied(b)
        seconds = float(good.sum() * BLOCK * HOP / RATE)
        if good.sum() >= LEAST_BLOCKS and (found is None or seconds > found[0]):
            found = (seconds, float(error[good].mean()))
    return found


def _varied(blocks: Frames) -> npt.NDArray[np.bool_]:
    kinds = np.array([len(np.unique(block)) for block in blocks])
    varied: npt.NDArray[np.bool_] = kinds >= _VARIED * BLOCK
    return varied


def _offsets(one: Frames, other: Frames) -> list[int]:
    """Return the likeliest shifts of one recording against the other, by frames they share."""
    order = np.argsort(other, kind="stable")
    ordered = other[order]
    first, last = (np.searchsorted(ordered, one, side=side) for side in ("left", "right"))
    counts = np.where(last - first <= _COMMON, last - first, 0)
    which = np.repeat(np.arange(len(one)), counts)
    step = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    shifts = order[np.repeat(first, counts) + step] - which
    values, times = np.unique(shifts, return_counts=True)
    best = np.lexsort((values, -times))[:_OFFSETS]
    return [int(v) for v in values[best]]
