"""Pictures that were changed are found again; pictures that only look alike at a glance are not."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from casebook.media.decode import _grey
from casebook.media.pictures import Picture, compare, picture, proposed
from tests.media.made import CHANGES, page, photo

FEW = 24


def made(image: Image.Image) -> Picture:
    found = picture(_grey(image))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def photos() -> list[Picture]:
    return [made(photo(7_000 + n)) for n in range(FEW)]


@pytest.mark.parametrize("change", ["crop", "recaption", "re-encode", "mirror"])
def test_nine_of_ten_changed_pictures_are_known_again(photos, change) -> None:
    known = [
        compare(photos[n], made(CHANGES[change](photo(7_000 + n), np.random.default_rng(n))))
        for n in range(FEW)
    ]
    assert sum(k is not None for k in known) >= 0.9 * FEW
    assert all(k.mirrored == (change == "mirror") for k in known if k)


def test_the_same_picture_differs_in_no_bit(photos) -> None:
    same = compare(photos[0], photos[0])
    assert same is not None
    assert (same.distance, round(same.correlation, 6)) == (0, 1.0)


@pytest.mark.parametrize("make", [photo, page])
def test_unrelated_pictures_are_not_taken_for_copies(make) -> None:
    pictures = [made(make(5_000 + n)) for n in range(40)]
    assert [
        (i, j) for i, j in combinations(range(40), 2) if compare(pictures[i], pictures[j])
    ] == []


def test_what_the_index_leaves_out_would_not_have_been_alike(photos) -> None:
    changed = [made(CHANGES["crop"](photo(7_000 + n), np.random.default_rng(n))) for n in range(6)]
    every = [*photos[:6], *changed]
    offered = set(proposed(every, range(len(every))))
    alike = {p for p in combinations(range(len(every)), 2) if compare(every[p[0]], every[p[1]])}
    assert alike <= offered
    assert len(alike) >= 5


def test_pictures_of_one_owner_are_not_compared(photos) -> None:
    assert list(proposed([photos[0], photos[0]], [3, 3])) == []


def test_a_plain_picture_is_like_no_other() -> None:
    assert picture(_grey(Image.new("RGB", (400, 400), "navy"))) is None


def test_bars_around_a_picture_are_no_part_of_it(photos) -> None:
    inside = photo(7_003)
    boxed = Image.new("RGB", (inside.width, inside.height * 2), "black")
    boxed.paste(inside, (0, inside.height // 2))
    same = compare(photos[3], made(boxed))
    assert same is not None
    assert same.distance <= 4
