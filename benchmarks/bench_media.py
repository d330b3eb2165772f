"""How many changed pictures, videos and recordings are known again, and how many others are.

All media are made for this: clouds with shapes, screens of words in one layout, films of moving
pictures, tunes. They are not photographs of the world, so the figures are an order of magnitude.

    python -m benchmarks.bench_media [pictures]
"""

from __future__ import annotations

import sys
import tempfile
import time
from itertools import combinations
from pathlib import Path

import numpy as np

from casebook.media import likenesses, read_files
from casebook.media.decode import _grey
from casebook.media.pictures import compare, picture, proposed
from casebook.media.sound import RATE, frames, same_sound
from tests.media.made import CHANGES, film, page, photo, tune

PICTURES = 150
"""11,175 unrelated pairs of each kind."""
FILMS = 8
RECALL, FALSE = 0.90, 1 / 10_000
ASKED = ("crop", "recaption", "re-encode", "mirror")


def pictures(count: int) -> bool:
    """Print the recall under each change, and the false matches among unrelated pictures."""
    good = True
    for name, make in (("pictures", photo), ("screens of words", page)):
        made = [picture(_grey(make(n))) for n in range(count)]
        usable = [p for p in made if p is not None]
        start = time.process_time()
        offered = list(proposed(usable, range(len(usable))))
        false = sum(compare(usable[i], usable[j]) is not None for i, j in offered)
        used = time.process_time() - start
        pairs = len(usable) * (len(usable) - 1) // 2
        good &= false <= FALSE * pairs
        print(f"{name}: {false} of {pairs:,} unrelated pairs taken for copies, {used:.1f} s")
        for change, changed in CHANGES.items():
            found = 0
            for n in range(0, count, 2):
                other = picture(_grey(changed(make(n), np.random.default_rng(n))))
                known = made[n]
                found += bool(known and other and compare(known, other))
            share = found / len(range(0, count, 2))
            if change in ASKED and make is photo:
                good &= share >= RECALL
            print(f"  {change:14s} {share:.2f}")
    return good


def films() -> bool:
    """Print the recall of films under each change, and the false matches among unrelated ones."""
    found = dict.fromkeys(ASKED, 0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for n in range(FILMS):
            scenes = list(range(n * 4, n * 4 + 4))
            film(folder / f"{n}-whole.mp4", scenes, tune_seed=n)
            for change in ASKED:
                made = None if change == "re-encode" else CHANGES[change]
                film(
                    folder / f"{n}-{change}.mp4",
                    scenes,
                    tune_seed=n,
                    change=made,
                    bitrate=120_000,
                    skip=0.7,
                )
        paths = sorted(folder.iterdir())
        start = time.perf_counter()
        contents = {p.stem: c for p, c in zip(paths, read_files(paths), strict=True)}
        read = time.perf_counter() - start
        start = time.process_time()
        pairs = likenesses(contents)
        used = time.process_time() - start
    shown = pairs[pairs["kind"] == "video"]
    false = 0
    for one, other in zip(shown["file"], shown["other"], strict=True):
        (a, what), (b, against) = one.split("-", 1), other.split("-", 1)
        if a != b:
            false += 1
        for change, whole in ((what, against), (against, what)):
            if a == b and whole == "whole":
                found[change] += 1
    unrelated = len(contents) * (len(contents) - 1) // 2 - FILMS * 10
    print(f"films: {false} of {unrelated:,} unrelated pairs taken for copies")
    print(f"  {len(contents)} films of 12 s read in {read:.1f} s, compared in {used:.1f} s")
    for change, number in found.items():
        print(f"  {change:14s} {number / FILMS:.2f}")
    heard = {(a.split("-")[0], b.split("-")[0]) for a, b in _heard(pairs)}
    print(f"  heard again    {len([1 for a, b in heard if a == b]) / FILMS:.2f}")
    return false <= FALSE * unrelated and min(found.values()) >= RECALL * FILMS


def _heard(pairs: object) -> list[tuple[str, str]]:
    sound = pairs[pairs["kind"] == "sound"]  # type: ignore[index]
    return list(zip(sound["file"], sound["other"], strict=True))


def tunes(count: int) -> bool:
    """Print the false matches among unrelated tunes."""
    made = [frames(tune(1_000 + n, 12, rate=RATE)) for n in range(count)]
    start = time.process_time()
    false = sum(same_sound(a, b) is not None for a, b in combinations(made, 2))
    pairs = count * (count - 1) // 2
    used = time.process_time() - start
    print(f"tunes: {false} of {pairs:,} unrelated pairs taken for the same, {used:.1f} s")
    return false <= FALSE * pairs


def main(arguments: list[str]) -> int:
    """Print the figures; the exit code says whether they are within the targets."""
    count = int(arguments[0]) if arguments else PICTURES
    return 0 if all([pictures(count), films(), tunes(count)]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
