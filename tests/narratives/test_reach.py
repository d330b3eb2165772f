"""Reactions beside matched accounts, single posts apart, outsiders in bounds, and the Breakout Scale."""

from __future__ import annotations

import math
from itertools import product

import pandas as pd
import pytest

from casebook import schema
from casebook.narratives import (
    breakout,
    engagement,
    engagement_ratios,
    outside_reactions,
    outstanding_posts,
)


def several(account: str, likes: list[int | None], **others: object) -> list[dict]:
    return [{"account": account, "likes": n, **others} for n in likes]


def people_of(accounts, ours: int, theirs: int, **more: str):
    roles = {f"p{i}": "persona" for i in range(ours)} | {
        f"r{i}": "reference" for i in range(theirs)
    }
    return accounts(**roles, **more)


# -- what a post usually gets ---------------------------------------------------------------------
def test_a_post_usually_gets_the_median_of_known_counts(posts, accounts) -> None:
    given = posts(*several("p0", [1, 2, 9, 100, 7]))
    row = engagement(given, people_of(accounts, 1, 0)).iloc[0]
    assert (row["measure"], list(row["counters"])) == ("reactions", ["likes"])
    assert (row["median"], row["posts"], row["unknown"]) == (7, 5, 0)
    assert row["group"] == "under review"


def test_an_unknown_count_is_left_out_and_never_zero(posts, accounts) -> None:
    known = several("p0", [4] * 59)
    given = posts(*known, *several("p0", [None]))
    row = engagement(given, people_of(accounts, 1, 0)).iloc[0]
    assert (row["median"], row["posts"], row["unknown"]) == (4, 59, 1)
    # Where more than a tenth of the posts lack it, the counter is not used at all.
    assert engagement(posts(*several("p0", [4] * 8 + [None])), people_of(accounts, 1, 0)).empty


def test_only_counters_of_both_sides_are_added_up(posts, accounts) -> None:
    given = posts(
        *several("p0", [1] * 5, reposts=2, views=50), *several("r0", [3] * 5, reposts=None)
    )
    table = engagement(given, people_of(accounts, 1, 1))
    assert table["counters"].map(list).tolist() == [["likes"], ["likes"]]
    assert table["median"].tolist() == [1, 3]


def test_reposts_and_few_posts_tell_nothing(posts, accounts) -> None:
    given = posts(*several("p0", [5] * 4), *several("p0", [900] * 9, is_repost=True))
    assert engagement(given, people_of(accounts, 1, 0)).empty


def test_matched_are_ordinary_accounts_as_active_and_nobody_twice(posts, accounts) -> None:
    given = posts(
        *several("p0", [1] * 5), *several("p1", [1] * 40),
        *several("r0", [1] * 38), *several("r1", [1] * 6), *several("r2", [1] * 5),
        *several("r3", [1] * 300), *several("fan", [1] * 5),
    )  # fmt: skip
    people = people_of(accounts, 2, 4, fan="reference:fans")
    table = engagement(given, people, for_each=1)
    beside = table[table["group"] == "matched"].set_index("account")["stands_for"].to_dict()
    assert beside == {"r2": "p0", "r0": "p1"}
    beside = engagement(given, people)
    beside = beside[beside["group"] == "matched"]
    # Four for two: two each, however many are asked for.
    assert sorted(beside["account"]) == ["r0", "r1", "r2", "r3"]
    assert beside["stands_for"].value_counts().to_dict() == {"p0": 2, "p1": 2}


def test_followers_decide_where_all_are_known(posts, accounts) -> None:
    given = posts(*(p for a in ("p0", "r0", "r1") for p in several(a, [1] * 5)))
    people = people_of(accounts, 1, 2)
    people["followers"] = pd.array([1000, 10, 900], dtype="Int64")
    table = engagement(given, people, for_each=1)
    assert table["account"].tolist() == ["p0", "r1"]
    people.loc[2, "followers"] = pd.NA
    table = engagement(given, people, for_each=1)
    assert table["account"].tolist() == ["p0", "r0"]


def test_reactions_seen_from_inside_are_taken_off(posts, accounts) -> None:
    own, none = several("p0", [0] * 5, replies=3), {"likes": 0, "replies": 0}
    given = posts(
        *own,
        {"account": "p1", "in_reply_to": "1", **none}, {"account": "kim", "in_reply_to": "2"},
        {"account": "zoe", "in_reply_to": "3"}, {"account": "mate", "in_reply_to": "4"},
        {"account": "p0", "in_reply_to": "5", **none},
    )  # fmt: skip
    people = people_of(accounts, 2, 0, kim="known", zoe="bystander", mate="bystander")
    groups = schema.check(
        "clusters",
        pd.DataFrame(
            {
                "cluster": ["C1", "C1", "C2"],
                "account": ["p0", "mate", "zoe"],
                "label": ["coordinated", "coordinated", "coordinated"],
            }
        ),
    )
    row = engagement(given, people, groups).iloc[0]
    # Five posts with 3 replies each, one from inside under each but that which zoe answers: 2, 2, 3,
    # 2, 2; and a reply of the account's own, with none.
    assert (row["median"], row["posts"]) == (2, 6)
    told = outside_reactions(given, people, groups)
    assert told.counters.to_numpy().tolist() == [["replies", 15], ["reposts", 0], ["quotes", 0]]
    assert told[1:] == (3, 1, pytest.approx(1 / 15), pytest.approx(12 / 15))


def test_where_nothing_was_counted_nobody_knows_who_reacted(posts, accounts) -> None:
    told = outside_reactions(posts(*several("p0", [5])), people_of(accounts, 1, 0))
    assert (told.counters["counted"].sum(), told.inside, told.outside) == (0, 0, 0)
    assert math.isnan(told.least)


# -- the ratio ------------------------------------------------------------------------------------
def table_of(ours: list[float], theirs: list[float]) -> pd.DataFrame:
    each = len(theirs) // len(ours) if ours else 0
    rows = [("under review", f"p{i}", None, v) for i, v in enumerate(ours)]
    rows += [("matched", f"r{i}", f"p{i // each}", v) for i, v in enumerate(theirs)]
    frame = pd.DataFrame(rows, columns=["group", "account", "stands_for", "median"])
    return schema.check("engagement", frame.assign(platform="x", measure="views"))


def test_the_ratio_is_that_of_the_medians() -> None:
    row = engagement_ratios(table_of([2, 2, 4, 6, 8], [8] * 10)).iloc[0]
    assert (row["median"], row["matched_median"], row["ratio"]) == (4, 8, 0.5)
    # The median of five draws from these is at least 2 and at most 8.
    assert (row["low"], row["high"]) == (0.25, 1.0)
    assert row["reason"] == ""


def test_equal_accounts_leave_no_doubt() -> None:
    row = engagement_ratios(table_of([3] * 5, [6] * 5)).iloc[0]
    assert (row["low"], row["ratio"], row["high"]) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ([1] * 4, [2] * 4, "too few accounts under review"),
        ([1] * 5, [], "no ordinary accounts"),
        ([1] * 5, [0, 0, 0, 0, 9], "usually get none"),
    ],
)
def test_why_there_is_no_ratio(ours, theirs, said) -> None:
    row = engagement_ratios(table_of(ours, theirs)).iloc[0]
    assert said in row["reason"]
    assert math.isnan(row["ratio"])


def test_a_draw_that_divides_by_none_leaves_the_upper_end_open() -> None:
    row = engagement_ratios(table_of([1] * 5, [0, 0, 1, 1, 1])).iloc[0]
    assert (row["ratio"], row["high"]) == (1.0, math.inf)


# -- single posts ---------------------------------------------------------------------------------
def test_one_video_is_shown_apart(posts, accounts) -> None:
    given = posts(*several("p0", [None] * 20, views=100), {"account": "p1", "views": 1_500_000})
    (row,) = outstanding_posts(given, people_of(accounts, 2, 0)).to_dict("records")
    assert (row["account"], row["value"], row["median"], row["of"]) == ("p1", 1_500_000, 100, 21)
    assert row["share"] == pytest.approx(1_500_000 / 1_502_000)
    assert row["evidence"] == ["E0001:21"]


def test_wide_or_small_counts_do_not_stand_out(posts, accounts) -> None:
    people = people_of(accounts, 1, 0)
    # Nine times the median is not ten times; and no reaction makes five no outlier.
    assert outstanding_posts(posts(*several("p0", [10] * 9 + [99])), people).empty
    assert outstanding_posts(posts(*several("p0", [0] * 9 + [5])), people).empty
    # Counts over four decades reach far by themselves.
    assert outstanding_posts(posts(*several("p0", [1, 10, 100, 1000, 10_000])), people).empty


# -- the Breakout Scale ---------------------------------------------------------------------------
def answers(**given: str) -> pd.DataFrame:
    rows = [(flag, given.get(flag, "not shown")) for flag in schema.REACH_FLAGS]
    return pd.DataFrame(rows, columns=["flag", "answer"])


@pytest.mark.parametrize(
    ("shown", "category"),
    [
        ([], 1),
        (["several_platforms"], 2),
        (["several_communities"], 2),
        (["several_platforms", "several_communities"], 3),
        (["mainstream_media"], 4),
        (["high_profile", "mainstream_media"], 5),
        (["policy_or_action"], 6),
        (["call_for_violence"], 6),
    ],
)
def test_categories_are_those_of_the_published_scale(shown, category) -> None:
    result = breakout(answers(**dict.fromkeys(shown, "shown")))
    assert result[:2] == (category, category)


def test_open_questions_give_a_range_that_holds_every_answer() -> None:
    # Every eleventh of the 729 ways to answer, each with all ways to close what it leaves open.
    for given in list(product(("shown", "not shown", "unknown"), repeat=6))[::11]:
        told = dict(zip(schema.REACH_FLAGS, given, strict=True))
        result = breakout(answers(**told))
        closed = [
            breakout(answers(**dict(zip(told, filled, strict=True)))).low
            for filled in product(
                *(("shown", "not shown") if g == "unknown" else (g,) for g in given)
            )
        ]
        assert (result.low, result.high) == (min(closed), max(closed))
    assert breakout(answers(high_profile="unknown"))[:2] == (1, 5)
