"""Shared taste, speed and hours are no coordination: the tests that hold them fixed."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from casebook.network import co_actions, significance
from casebook.network.chance import chance_tests, surviving
from casebook.network.engine import encode
from casebook.network.groups import EFFECT, HABIT_EFFECT, first_acts, habit_test, timing_test
from casebook.network.taste import LEAST_SHARE, binomial_tail, both_shared, usual_rate
from casebook.scenario.worlds import Operation, world

HOUR = 3_600.0


@pytest.fixture
def crowd(acts) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return acts(
        [
            (f"a{rng.integers(25):02d}", f"o{rng.integers(40):02d}", int(rng.integers(30_000)))
            for _ in range(500)
        ]
    )


def test_what_both_shared_equals_the_overlap_of_two_sets(crowd) -> None:
    codes = encode(crowd)
    held = crowd.groupby("account")["object"].agg(set)
    pairs = list(itertools.combinations(range(codes.total), 2))
    one, other = (np.array(side) for side in zip(*pairs, strict=True))
    found = both_shared(codes, one, other)
    wanted = [len(held[codes.names[a]] & held[codes.names[b]]) for a, b in pairs]
    assert found.tolist() == wanted


def test_the_usual_rate_worked_by_hand(acts) -> None:
    # Of o1 three sharers are three pairs, one of them in one minute; of o2 one pair, not: 1 of 4.
    rows = [("a", "o1", 0), ("b", "o1", 30), ("c", "o1", 400), ("a", "o2", 0), ("b", "o2", 90)]
    assert usual_rate(encode(acts(rows)), 60) == 0.25
    assert math.isnan(usual_rate(encode(acts(rows[:1])), 60))


def test_an_account_that_acts_twice_is_one_sharer(acts) -> None:
    rows = [("a", "o1", 0), ("a", "o1", 10), ("b", "o1", 30)]
    assert usual_rate(encode(acts(rows)), 60) == 1.0


def test_the_binomial_tail_equals_the_sum() -> None:
    for k, n, p in itertools.product(range(9), [8, 11], [0.03, 0.4]):
        wanted = sum(math.comb(n, x) * p**x * (1 - p) ** (n - x) for x in range(k, n + 1))
        found = float(np.exp(binomial_tail(np.array([k]), np.array([n]), p))[0])
        assert found == pytest.approx(wanted, rel=1e-9)
    assert binomial_tail(np.array([3]), np.array([3]), 1.0).tolist() == [0.0]
    assert binomial_tail(np.array([1]), np.array([3]), 0.0).tolist() == [-np.inf]


@pytest.fixture(scope="module")
def made() -> tuple[pd.DataFrame, pd.DataFrame]:
    return world(11, Operation(15, 480.0, 0.5))


def kind(names: pd.Series) -> pd.Series:
    return names.str.partition("-")[0]


def test_people_with_the_same_favourites_are_no_synchrony_however_quick(made) -> None:
    events, accounts = made
    tests = chance_tests(events, accounts=accounts)
    found = surviving(tests)
    fast = found[found["scale"] <= 1_800]
    quick = kind(fast["source"].astype("string")) == "partisans"
    # The test of chance alone calls them significant within half an hour: this is the trap.
    assert quick.sum() > 20
    assert fast.loc[quick, "in_time"].mean() < 0.1
    fans = kind(fast["source"].astype("string")) == "fans"
    assert fast.loc[fans, "in_time"].all()
    timed = fast[fast["in_time"]]
    assert (timed["objects"] >= LEAST_SHARE * timed["both_shared"]).all()


def test_a_pair_that_shared_taste_explains_is_called_shared_attention(made) -> None:
    events, accounts = made
    edges = significance(events, co_actions(events, unattended=True), accounts=accounts)
    partisans = edges[kind(edges["source"]).eq("partisans") & kind(edges["target"]).eq("partisans")]
    called = partisans["finding"].value_counts()
    assert called["shared attention"] > 10 * called.get("synchrony", 0)
    assert partisans.loc[partisans["scale"] <= 1_800, "finding"].eq("shared attention").any()


# -- habits ---------------------------------------------------------------------------------------
def members(accounts: pd.DataFrame, word: str) -> list[str]:
    return [a for a in accounts["account"] if a.startswith(word)][:15]


def test_an_operation_is_closer_than_its_habits_and_the_innocent_are_not(made) -> None:
    events, accounts = made
    shares = first_acts(events)
    operation = habit_test(shares, members(accounts, "operation"), draws=200)
    assert operation["p"] < 0.01
    assert operation["effect"] < 0.3
    for innocent in ("partisans", "diaspora", "activists", "ordinary", "fans"):
        found = habit_test(shares, members(accounts, innocent), draws=200)
        assert found["effect"] > HABIT_EFFECT, innocent


def test_quick_partisans_pass_the_test_against_others_and_fail_against_themselves(made) -> None:
    events, accounts = made
    shares = first_acts(events)
    names = members(accounts, "partisans")
    others = timing_test(shares, names, draws=200)
    assert others["p"] < 0.01
    assert others["effect"] < EFFECT
    assert habit_test(shares, names, draws=200)["effect"] > HABIT_EFFECT


def test_habits_need_five_objects_and_do_not_hang_on_the_order_of_rows(made) -> None:
    events, accounts = made
    held = first_acts(events)
    shares = pd.DataFrame(
        {
            "account": held.names[held.account],
            "object": held.object,
            "seconds": held.seconds,
        }
    )
    names = members(accounts, "operation")
    assert habit_test(held, names, draws=50) == habit_test(shares, names, draws=50)
    few = shares[shares["object"].isin(shares["object"].unique()[:4])]
    assert math.isnan(habit_test(few, names)["p"])
    mixed = shares.sample(frac=1, random_state=2)
    assert habit_test(mixed, names, draws=50) == habit_test(shares, names, draws=50)


def test_a_world_is_the_same_for_the_same_seed_and_names_nobody_real() -> None:
    one, other = world(5, Operation(8, HOUR, 0.5)), world(5, Operation(8, HOUR, 0.5))
    pd.testing.assert_frame_equal(one[0], other[0])
    pd.testing.assert_frame_equal(one[1], other[1])
    kinds = set(kind(one[1]["account"]))
    assert kinds == {
        "ordinary", "partisans", "diaspora", "fans", "newsroom", "activists", "operation",
    }  # fmt: skip
    _, accounts = world(5, under_review="partisans")
    assert (accounts["role"] == "persona").sum() == 15
