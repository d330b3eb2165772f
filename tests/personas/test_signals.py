"""Each signal: where it is shown, where it is not, and where it cannot be assessed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from casebook import schema
from casebook.errors import TableError
from casebook.personas import CATALOGUE, signals
from casebook.personas.signals import MEASURES, largest_burst
from tests.personas.people import DAY, accounts_of, ordinary, posts_of, snapshots_of

NONE = schema.empty("snapshots")


def test_every_signal_of_the_catalogue_is_measured_and_names_the_innocent():
    assert set(CATALOGUE) == set(MEASURES)
    for signal in CATALOGUE.values():
        assert signal.innocent
        assert signal.question.endswith("?")
        assert signal.strength in {"weak", "medium", "strong"}


def test_one_row_for_each_account_and_signal():
    accounts = accounts_of({"account": "p"}, {"account": "q"}, *ordinary(3))
    found = signals(accounts, posts_of(), NONE)
    assert len(found) == 2 * len(CATALOGUE)
    assert set(found["account"]) == {"p", "q"}
    assert set(found["shown"]) <= {"shown", "not shown", "not assessable"}


def contradiction(*rows):
    accounts = accounts_of({"account": "p"})
    return signals(accounts, posts_of(), snapshots_of(*({"account": "p", **r} for r in rows)))


@pytest.mark.parametrize(
    ("looks", "shown"),
    [
        ([{"claimed_age": "34"}, {"claimed_age": "27"}], "shown"),
        ([{"claimed_age": "34"}, {"claimed_age": "34"}], "not shown"),
        ([{"claimed_age": "34"}], "not assessable"),
        ([{"claimed_age": "34", "capture": "typed"}, {"claimed_age": "27", "capture": "typed"}],
         "not assessable"),
    ],
    ids=["two ages", "one age twice", "one look", "typed notes"],
)  # fmt: skip
def test_claims_contradict_each_other_only_in_captures(one, looks, shown):
    row = one(contradiction(*looks), "contradiction-of-claims")
    assert row["shown"] == shown
    assert (row["evidence"] != []) == (shown in {"shown", "not shown"} or len(looks) == 1)


def test_the_same_picture_is_the_same_bytes(one):
    accounts = accounts_of(*({"account": n} for n in "pqr"))
    media = schema.check(
        "media",
        pd.DataFrame(
            {
                "media": ["1", "2", "3"],
                "account": list("pqr"),
                "kind": "avatar",
                "sha256": ["aa", "aa", "bb"],
                "evidence_id": "E0003",
                "source_line": [1, 2, 3],
            }
        ),
    )
    found = signals(accounts, posts_of(), NONE, media)
    shown = {a: one(found, "reused-image", a)["shown"] for a in "pqr"}
    assert shown == {"p": "shown", "q": "shown", "r": "not shown"}
    unseen = signals(accounts, posts_of(), NONE)
    assert one(unseen, "reused-image")["shown"] == "not assessable"


@pytest.mark.parametrize(
    ("handle", "shown"),
    [("Anna12345678", "shown"), ("anna_1984", "not shown"), (None, "not assessable")],
)
def test_a_handle_as_platforms_suggest_it(one, handle, shown):
    found = signals(accounts_of({"account": "p", "handle": handle}), posts_of(), NONE)
    assert one(found, "default-handle")["shown"] == shown


def test_a_hashed_handle_says_nothing(one):
    row = {"account": "p", "handle": "Anna12345678", "hashed": True}
    found = signals(accounts_of(row), posts_of(), NONE)
    assert one(found, "default-handle")["shown"] == "not assessable"


def test_a_bio_of_somebody_else(one):
    bio = "proud sample parent of two who likes long sample walks"
    accounts = accounts_of(
        {"account": "p", "bio": bio},
        {"account": "q", "bio": bio.upper() + "!"},
        {"account": "s", "bio": "another thing said in quite other words here"},
    )
    found = signals(accounts, posts_of(), NONE)
    assert [one(found, "lifted-bio", a)["shown"] for a in "pqs"] == ["shown", "shown", "not shown"]


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ({"about_username_changes": 3}, "shown"),
        ({"about_username_changes": 0}, "not shown"),
        ({}, "not assessable"),
    ],
)
def test_changes_of_the_handle_that_the_platform_tells(one, row, shown):
    found = signals(accounts_of({"account": "p", **row}), posts_of(), NONE)
    assert one(found, "rename")["shown"] == shown


def test_a_handle_that_changed_between_two_looks(one):
    looks = snapshots_of(
        {"account": "p", "account_id": "1", "handle": "old"},
        {"account": "p", "account_id": "1", "handle": "new"},
    )
    found = signals(accounts_of({"account": "p"}), posts_of(), looks)
    assert one(found, "rename")["shown"] == "shown"


def test_patriotic_words_are_shown_and_weak(one):
    accounts = accounts_of(
        {"account": "p", "bio": "Proud American patriot"}, {"account": "q", "bio": "sample baker"}
    )
    found = signals(accounts, posts_of(), NONE)
    assert one(found, "patriotic-tokens")["shown"] == "shown"
    assert one(found, "patriotic-tokens")["strength"] == "weak"
    assert one(found, "patriotic-tokens", "q")["shown"] == "not shown"


def test_one_handle_on_two_platforms(one):
    accounts = accounts_of(
        {"account": "p", "handle": "same"},
        {"account": "q", "handle": "Same", "platform": "tiktok"},
        {"account": "s", "handle": "else"},
    )
    found = signals(accounts, posts_of(), NONE)
    assert one(found, "several-platforms")["shown"] == "shown"
    assert one(found, "several-platforms", "s")["shown"] == "not shown"


def creation(dates, role_dates):
    rows = [{"account": f"p{n}", "created_at": d} for n, d in enumerate(dates)]
    rows += [
        {**row, "created_at": d}
        for row, d in zip(ordinary(len(role_dates)), role_dates, strict=True)
    ]
    return signals(accounts_of(*rows), posts_of(), NONE)


SPREAD = [DAY - pd.Timedelta(days=int(d)) for d in np.linspace(100, 4000, 80)]


def test_accounts_made_in_one_week_are_a_burst_and_spread_ones_are_not(one):
    week = [DAY + pd.Timedelta(days=n % 6) for n in range(8)]
    assert one(creation(week, SPREAD), "creation-burst", "p0")["shown"] == "shown"
    assert one(creation(SPREAD[::10], SPREAD), "creation-burst", "p0")["shown"] == "not shown"
    few = creation(week, SPREAD[:20])
    assert one(few, "creation-burst", "p0")["shown"] == "not assessable"


def test_a_burst_is_counted_in_a_sliding_fortnight():
    dates = pd.Series(pd.to_datetime(["2024-01-01", "2024-01-15", "2024-01-29", "2024-02-05"]))
    share, members = largest_burst(dates)
    assert share == 0.5
    assert list(members) == [0, 1]


def silent(before, after, days=120):
    rows = [{"account": "p", "text": before}] * 4 + [
        {"account": "p", "text": after, "created_at": DAY + pd.Timedelta(days=days, minutes=n)}
        for n in range(4)
    ]
    return signals(accounts_of({"account": "p"}), posts_of(*rows), NONE)


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        (silent("这是一个示例帖子", "a sample post"), "shown"),
        (silent("a sample post", "another sample"), "not shown"),
        (silent("这是一个示例帖子", "a sample post", days=20), "not shown"),
    ],
    ids=["other language", "same language", "no gap"],
)
def test_silence_and_another_language_after_it(one, found, shown):
    assert one(found, "dormancy-switch")["shown"] == shown


def test_too_few_posts_say_nothing_about_silence(one):
    found = signals(accounts_of({"account": "p"}), posts_of({"account": "p"}), NONE)
    assert one(found, "dormancy-switch")["shown"] == "not assessable"


@pytest.mark.parametrize(
    ("days", "posts", "shown"),
    [
        (400, 1, "shown"),
        (100, 1, "not shown"),
        (100, 900, "not shown"),
        (400, 900, "not assessable"),
        (400, None, "not assessable"),
    ],
)
def test_a_first_post_long_after_the_account_was_made(one, days, posts, shown):
    made = DAY - pd.Timedelta(days=days)
    accounts = accounts_of({"account": "p", "created_at": made, "posts": posts})
    found = signals(accounts, posts_of({"account": "p"}), NONE)
    assert one(found, "late-first-post")["shown"] == shown


def test_texts_that_others_post_too(one):
    text = "the very same seven words of a sample"
    rows = [{"account": a, "text": f"{text} number {w}"} for w in ("one", "two") for a in "pq"]
    rows += [{"account": "s", "text": f"something else entirely about sample {n}"} for n in "ab"]
    found = signals(accounts_of(*({"account": a} for a in "pqs")), posts_of(*rows), NONE)
    assert [one(found, "near-duplicate-text", a)["shown"] for a in "ps"] == ["shown", "not shown"]
    assert one(found, "near-duplicate-text")["evidence"] != []


def test_two_scripts_and_full_width_signs_are_shown_and_never_counted(one):
    rows = [{"account": "p", "text": "这是一个示例帖子"}] * 3
    rows += [{"account": "p", "text": f"a sample post （number {n}）。"} for n in range(3)]
    found = signals(accounts_of({"account": "p"}), posts_of(*rows), NONE)
    for name in ("bilingual", "full-width-punctuation"):
        assert one(found, name)["shown"] == "shown"
        assert not one(found, name)["counted"]


def engagement(likes, others=60):
    rows = [{"account": "p", "likes": likes, "reposts": 0, "replies": 0}] * 10
    rows += [
        {"account": f"r{n}", "likes": 20, "reposts": 0, "replies": 0}
        for n in range(others)
        for _ in range(10)
    ]
    return signals(accounts_of({"account": "p"}, *ordinary(others)), posts_of(*rows), NONE)


def test_few_reactions_are_half_of_what_is_usual(one):
    assert one(engagement(10), "low-engagement")["shown"] == "shown"
    assert one(engagement(11), "low-engagement")["shown"] == "not shown"
    assert one(engagement(10, others=20), "low-engagement")["shown"] == "not assessable"


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ({"about_country": "Ireland", "location": "Ohio, USA"}, "shown"),
        ({"about_country": "United States", "location": "Ohio, USA"}, "not shown"),
        ({"location": "Ohio, USA"}, "not assessable"),
    ],
)
def test_the_country_that_the_platform_tells(one, row, shown):
    found = signals(accounts_of({"account": "p", **row}), posts_of(), NONE)
    assert one(found, "about-country")["shown"] == shown


def test_what_an_account_was_picked_for_is_shown_and_not_counted(one):
    rows = [
        {"account": "p", "handle": "Anna12345678", "selected_on": ["default-handle"]},
        {"account": "q", "handle": "Bert12345678"},
    ]
    found = signals(accounts_of(*rows), posts_of(), NONE)
    assert one(found, "default-handle")["shown"] == "shown"
    assert not one(found, "default-handle")["counted"]
    assert one(found, "default-handle", "q")["counted"]


def test_rates_stand_by_stratum_with_their_number(one):
    rows = [{**r, "handle": f"user_{n}"} for n, r in enumerate(ordinary(60))]
    for row in rows[:6]:
        row["handle"] = "Somebody98765"
    rows += [{**r, "handle": "Fan1234567"} for r in ordinary(10, "fans", "f")]
    found = signals(accounts_of({"account": "p", "handle": "A1234567"}, *rows), posts_of(), NONE)
    row = one(found, "default-handle")
    assert row["reference_n"] == 60
    assert row["reference_rate"] == pytest.approx(0.1)
    assert row["reference_low"] < 0.1 < row["reference_high"]
    assert row["worst_stratum"] == "fans"
    assert row["worst_rate"] == 1.0


def test_without_reference_accounts_every_strength_is_weak(one):
    found = signals(accounts_of({"account": "p", "about_username_changes": 2}), posts_of(), NONE)
    assert one(found, "rename")["reference_n"] == 0
    assert pd.isna(one(found, "rename")["reference_rate"])
    assert one(found, "rename")["strength"] == "weak"
    enough = accounts_of({"account": "p", "about_username_changes": 2},
                         *ordinary(60, about_username_changes=0))  # fmt: skip
    assert one(signals(enough, posts_of(), NONE), "rename")["strength"] == "medium"


def test_a_zone_that_is_none_is_refused():
    with pytest.raises(TableError, match="claimed_zone is 40"):
        signals(accounts_of({"account": "p"}), posts_of(), NONE, claimed_zone=40)
