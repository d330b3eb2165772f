"""Texts that say nearly the same get one name, in whatever order they come."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from casebook import fingerprints
from casebook.fingerprints import (
    is_cjk,
    jaccard,
    shingles,
    template,
    text_fingerprints,
    tokens,
)
from casebook.han import _SIMPLIFIED, _TRADITIONAL
from tests.conftest import under_two_hash_seeds

TRADITIONAL = "我們都愛這個新的公園和樹"
SIMPLIFIED = "我们都爱这个新的公园和树"


def test_case_width_links_and_mentions_make_no_difference() -> None:
    plain = "we all love the new park"
    for other in (
        "We ALL love the new park!",
        "ＷＥ ａｌｌ love，the new park。",
        "@ada we all love the new park https://t.co/abc",
        "we all love the #new park www.a.example/x",
    ):
        assert tokens(other) == tokens(plain)


def test_chinese_tokens_are_characters_and_shingles_five_of_them() -> None:
    assert tokens("新公园 ok") == ["新", "公", "园", "ok"]
    assert is_cjk(tokens("新公园 ok"))
    assert not is_cjk(tokens("a park in 京 with trees"))
    assert shingles("一二三四五六") == {tuple("一二三四五"), tuple("二三四五六")}
    assert shingles("a b c d") == {("a", "b", "c"), ("b", "c", "d")}


def test_text_goes_on_behind_a_link_or_a_name_where_no_space_is_written() -> None:
    assert tokens("看https://t.co/abc我们的公园") == list("看我们的公园")
    assert tokens("看https://t.co/abc，我们的公园") == list("看我们的公园")
    assert tokens("@ada_1我们的公园") == list("我们的公园")


def test_simplified_and_traditional_chinese_are_folded_for_matching() -> None:
    assert TRADITIONAL != SIMPLIFIED
    one, other = text_fingerprints([TRADITIONAL, SIMPLIFIED])
    assert one == other is not None
    assert jaccard(TRADITIONAL, SIMPLIFIED) == 1.0


def test_the_table_of_characters_maps_one_to_one_place() -> None:
    assert len(_TRADITIONAL) == len(_SIMPLIFIED)
    assert len(set(_TRADITIONAL)) == len(_TRADITIONAL)
    assert all(a != b for a, b in zip(_TRADITIONAL, _SIMPLIFIED, strict=True))


def test_folding_changes_no_text_that_is_shown() -> None:
    given = [TRADITIONAL, SIMPLIFIED]
    text_fingerprints(given)
    assert given == [TRADITIONAL, "我们都爱这个新的公园和树"]


def test_under_five_tokens_is_no_fingerprint() -> None:
    assert text_fingerprints(["good morning my friends", "新公园好", "", None]) == [None] * 4
    assert text_fingerprints(["a b c d https://t.co/abc @ada"]) == [None]
    assert None not in text_fingerprints(["good morning to my friends", "新公园好看"])


def test_the_boundary_is_a_jaccard_of_one_half() -> None:
    # a b c d e / a b c d f: shingles abc bcd cde and abc bcd cdf, 2 of 4.
    assert jaccard("a b c d e", "a b c d f") == 0.5
    assert jaccard("a b c d e f", "a b c d x y") == pytest.approx(1 / 3)
    one, other, third = text_fingerprints(["a b c d e", "a b c d f", "a b c d x y"])
    assert one == other != third


def test_candidates_below_the_boundary_are_compared_and_left_apart(monkeypatch) -> None:
    pair = ["a b c d e f", "a b c d x y"]
    one, other = text_fingerprints(pair)
    assert one != other
    monkeypatch.setattr(fingerprints, "MIN_JACCARD", 0.3)
    one, other = text_fingerprints(pair)
    assert one == other


def words(draw: random.Random, count: int) -> list[str]:
    return [f"w{draw.randrange(4000)}" for _ in range(count)]


@pytest.fixture
def variants() -> list[str]:
    """Sixty texts of 25 words, each with four variants of which one to four words were changed."""
    draw = random.Random(2)
    made = []
    for _ in range(60):
        base = words(draw, 25)
        made.append(" ".join(base))
        for changes in range(1, 5):
            text = list(base)
            for place in draw.sample(range(25), changes):
                text[place] = f"w{draw.randrange(4000)}"
            made.append(" ".join(text))
    return made


def test_near_duplicates_are_found_and_nothing_else(variants) -> None:
    names = text_fingerprints(variants)
    near = [
        (i, j)
        for i, j in combinations(range(len(variants)), 2)
        if jaccard(variants[i], variants[j]) >= 0.5
    ]
    assert len(near) > 200
    found = sum(names[i] == names[j] for i, j in near)
    assert found / len(near) >= 0.97
    # No chain leads from one base text to another: they share no words to speak of.
    for i, j in combinations(range(len(variants)), 2):
        if i // 5 != j // 5:
            assert names[i] != names[j]


def test_names_do_not_depend_on_the_order_of_the_texts(variants) -> None:
    there = dict(zip(variants, text_fingerprints(variants), strict=True))
    mixed = random.Random(9).sample(variants, len(variants))
    assert dict(zip(mixed, text_fingerprints(mixed), strict=True)) == there


def test_names_do_not_depend_on_the_seed_of_hashes() -> None:
    # Pairs right at the boundary: whether MinHash brings them together hangs on every hash.
    script = """
import random
from casebook.fingerprints import text_fingerprints
draw, texts = random.Random(4), []
for _ in range(150):
    base = [f"w{draw.randrange(4000)}" for _ in range(20)]
    texts += [" ".join(base), " ".join([*base[:14], *(f"v{draw.randrange(4000)}" for _ in range(6))])]
names = text_fingerprints(texts)
print(sum(a == b for a, b in zip(names[::2], names[1::2])))
print(names)
"""
    outputs = set(under_two_hash_seeds(script))
    assert len(outputs) == 1
    together, names = outputs.pop().splitlines()
    assert 100 < int(together) < 150
    assert names.count("text:") == 300


def test_a_chain_of_near_duplicates_stops_at_the_cap(monkeypatch) -> None:
    # Each text differs from the next by one word at the end of a sliding run.
    run = [f"w{n}" for n in range(40)]
    chain = [" ".join(run[n : n + 30]) for n in range(8)]
    assert len(set(text_fingerprints(chain))) == 1
    monkeypatch.setattr(fingerprints, "LARGEST_CLUSTER", 3)
    names = text_fingerprints(chain)
    assert max(names.count(name) for name in names) == 3
    assert dict(zip(chain, names, strict=True)) == dict(
        zip(chain[::-1], text_fingerprints(chain[::-1]), strict=True)
    )


def test_a_bucket_of_thousands_is_not_compared_all_with_all() -> None:
    copies = [f"we all love the new park in our very own small town {n}" for n in range(3000)]
    assert len(set(text_fingerprints(copies))) == 1


def test_the_same_text_needs_no_near_duplicate() -> None:
    one, other = text_fingerprints(["one two three four five", "One two, three four five."])
    assert one == other


def test_no_texts_have_no_names() -> None:
    assert text_fingerprints([]) == []


def test_a_template_shows_the_places_that_change() -> None:
    texts = ["Vote for Ada in the town hall", "vote for Ben in the town hall!"]
    assert template(texts) == "vote for ⟨ada|ben⟩ in the town hall"
    assert template(["a b c d", "a b x c d"]) == "a b ⟨–|x⟩ c d"
    assert template([]) == ""
