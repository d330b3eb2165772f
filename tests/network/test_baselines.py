"""The rules of others: each gives what its authors define, and each flags the innocent."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from casebook import schema
from casebook.charts.network import rules_table
from casebook.network import baselines


def pairs(found: pd.DataFrame) -> set[tuple[str, str]]:
    return set(zip(found["source"], found["target"], strict=True))


@pytest.fixture
def crowd(acts) -> pd.DataFrame:
    """Forty accounts that share some of sixty objects, some of them often."""
    rng = np.random.default_rng(7)
    rows = [
        (f"a{rng.integers(40):02d}", f"o{int(rng.pareto(1.1)) % 60:02d}", int(rng.integers(40_000)))
        for _ in range(900)
    ]
    return acts(rows)


# -- fixed threshold ------------------------------------------------------------------------------
def test_a_fixed_threshold_counts_posts_of_the_busier_side(acts) -> None:
    twice = acts([("ada", "o", 0), ("ada", "o", 20), ("ben", "o", 30), ("cleo", "o", 500)])
    found = baselines.fixed_threshold(twice)
    assert found[["source", "target", "weight"]].values.tolist() == [["ada", "ben", 2.0]]
    assert baselines.fixed_threshold(twice, min_weight=3).empty


# -- CooRTweet ------------------------------------------------------------------------------------
def test_coortweet_marks_the_pairs_of_the_published_sample(russian) -> None:
    # With no participation asked for and the lowest quantile, marked is what weighs more than 1.
    found = baselines.coortweet(russian, time_window=60, min_participation=1, edge_weight=0.0)
    assert len(found) == 63
    assert found["weight"].min() == 2


def test_coortweet_asks_one_side_to_take_part_again(acts) -> None:
    rows = [("ada", "o1", 0), ("ben", "o1", 5), ("ada", "o2", 900), ("cleo", "o2", 903)]
    rows += [("ben", "x", 5_000), ("cleo", "y", 6_000)]  # both post again, alone
    rows += [("dan", "o3", 100), ("eve", "o3", 101), ("dan", "z", 9_000), ("eve", "w", 9_500)]
    met = baselines._participating(acts(rows), "10s", 2)
    assert pairs(met) == {("ada", "ben"), ("ada", "cleo")}


def test_coortweet_leaves_out_who_posts_once(acts) -> None:
    rows = [("ada", "o1", 0), ("ben", "o1", 5), ("ada", "o2", 900), ("ben", "o2", 903)]
    assert baselines.coortweet(acts(rows), edge_weight=0.0).empty  # 2 is not above the lowest, 2
    rows += [("ada", "o3", 5_000), ("cleo", "o3", 5_001), ("cleo", "o4", 8_000)]
    assert pairs(baselines.coortweet(acts(rows), edge_weight=0.0)) == {("ada", "ben")}
    rows = rows[:-1]  # now Cleo posts once, and Ada and Ben are the only pair again
    assert baselines.coortweet(acts(rows), edge_weight=0.0).empty


# -- CooRnet --------------------------------------------------------------------------------------
def test_the_interval_of_coornet_worked_by_hand(acts) -> None:
    # Second shares after 10, 20 and 400 s: the fastest tenth (linear quantile 12 s) is o1 alone,
    # which has more than half of its four shares with the third, after 50 s.
    rows = [("a", "o1", 0), ("b", "o1", 10), ("c", "o1", 50), ("d", "o1", 90)]
    rows += [("a", "o2", 0), ("b", "o2", 20), ("a", "o3", 0), ("b", "o3", 400), ("c", "o4", 0)]
    assert baselines.coordination_interval(acts(rows)) == 50.0


def test_the_interval_of_coornet_is_a_second_at_least_and_unknown_without_shares(acts) -> None:
    assert baselines.coordination_interval(acts([("a", "o", 5), ("b", "o", 5)])) == 1.0
    assert math.isnan(baselines.coordination_interval(acts([("a", "o", 5), ("b", "p", 5)])))


def test_coornet_counts_intervals_from_the_first_share(acts) -> None:
    # 8 and 12 s apart from the first: in buckets of 10 s the second pair is cut in two.
    rows = [("ada", "o1", 3), ("ben", "o1", 11), ("ada", "o2", 3), ("cleo", "o2", 15)]
    found = baselines.coornet(acts(rows), interval=10.0)
    assert pairs(found) == {("ada", "ben")}


def test_coornet_keeps_the_heaviest_tenth(acts) -> None:
    rows = [(a, f"o{i}", 1_000 * i) for i in range(5) for a in ("ada", "ben")]
    rows += [(f"{a}{i}", f"p{i}", 1_000 * i) for i in range(9) for a in "cd"]
    found = baselines.coornet(acts(rows), interval=10.0)  # nine weights of 1, one of 5: 1.4
    assert found[["source", "target", "weight"]].values.tolist() == [["ada", "ben", 5.0]]


# -- cosine, fused, hypergeometric ----------------------------------------------------------------
def dense_cosine(events: pd.DataFrame) -> dict[tuple[str, str], float]:
    """TF-IDF and cosine as a textbook writes them."""
    table = pd.crosstab(events["account"], events["object"]).astype(float)
    rarity = np.log((1 + len(table)) / (1 + (table > 0).sum())) + 1
    rows = (table * rarity).to_numpy()
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    alike = rows @ rows.T
    names = list(table.index)
    return {
        (names[i], names[j]): alike[i, j]
        for i, j in itertools.combinations(range(len(names)), 2)
        if alike[i, j] > 0
    }


def test_similarities_equal_the_textbook(crowd) -> None:
    found = baselines.pacheco(crowd, quantile=0.0)
    wanted = dense_cosine(crowd)
    assert pairs(found) == set(wanted)
    got = dict(
        zip(zip(found["source"], found["target"], strict=True), found["weight"], strict=True)
    )
    assert all(got[k] == pytest.approx(wanted[k], abs=1e-12) for k in wanted)


def test_only_the_most_similar_remain(crowd) -> None:
    wanted = dense_cosine(crowd)
    bar = np.quantile(list(wanted.values()), 0.9)
    found = baselines.pacheco(crowd, quantile=0.9)
    assert pairs(found) == {k for k, v in wanted.items() if v >= bar - 1e-12}


def test_one_shared_object_takes_all_centrality_unless_it_is_guarded_against(acts) -> None:
    club = [(f"one{i:02d}", "the same page", 100 + i) for i in range(40)]
    group = [(f"op{i}", f"task{k}", 1_000 * k + i) for i in range(6) for k in range(12)]
    events = acts(club + group)
    named = baselines._accounts(baselines.luceri(events, quantile=0.5, min_objects=1))
    assert named
    assert all(a.startswith("one") for a in named)
    named = baselines._accounts(baselines.luceri(events, quantile=0.5))
    assert named
    assert all(a.startswith("op") for a in named)


def test_the_tail_of_the_hypergeometric_equals_a_sum_of_combinations() -> None:
    rng = np.random.default_rng(3)
    cases = []
    while len(cases) < 60:
        objects = 23
        one, other = (int(v) for v in rng.integers(1, objects, 2))
        least = max(0, one + other - objects)
        cases.append((int(rng.integers(least, min(one, other) + 1)), one, other))
    shared, one, other = (np.array(v) for v in zip(*cases, strict=True))
    found = np.exp(baselines.hypergeometric_tail(shared, one, other, 23))
    for k, a, b, p in zip(shared.tolist(), one.tolist(), other.tolist(), found, strict=True):
        whole = math.comb(23, b)
        wanted = sum(math.comb(a, x) * math.comb(23 - a, b - x) for x in range(k, min(a, b) + 1))
        assert p == pytest.approx(wanted / whole, rel=1e-9)


def test_the_hypergeometric_rule_finds_who_shares_all_and_not_who_shares_some(acts) -> None:
    rows = [(a, f"own{k}", 10 * k) for a in ("ada", "ben") for k in range(8)]
    rows += [
        (f"r{i}", f"free{(7 * i + 3 * k) % 60}", 1_000 * k) for i in range(30) for k in range(8)
    ]
    assert ("ada", "ben") in pairs(baselines.hypergeometric(acts(rows)))
    assert not any(
        a == "ada" and b != "ben" for a, b in pairs(baselines.hypergeometric(acts(rows)))
    )


# -- all of them ----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", list(baselines.RULES))
def test_no_rule_fails_where_there_is_nothing(acts, name) -> None:
    for rows in ([], [("ada", "o", 0)], [("ada", "o", 0), ("ben", "p", 1)]):
        found = baselines.RULES[name](acts(rows))
        assert list(found.columns) == list(baselines.COLUMNS)
        assert found.empty


@pytest.mark.parametrize("name", list(baselines.RULES))
def test_no_rule_hangs_on_the_order_of_the_rows(crowd, name) -> None:
    rule = baselines.RULES[name]
    mixed = crowd.sample(frac=1, random_state=5).reset_index(drop=True)
    pd.testing.assert_frame_equal(rule(crowd), rule(mixed))


def test_the_comparison_counts_accounts_that_act_by_kind(acts) -> None:
    fans = [(f"fan{i}", f"song{k}", 1_000 * k + i) for i in range(5) for k in range(6)]
    events = acts([*fans, ("per", "song0", 1), ("ord", "else", 3)])
    people = [(f"fan{i}", "reference", "fans") for i in range(5)]
    people += [("per", "persona", None), ("ord", "reference", None), ("silent", "persona", None)]
    accounts = pd.DataFrame(people, columns=["account", "role", "stratum"]).astype("string")
    compared = baselines.compare_rules(
        events, accounts, schema.empty("edges"), schema.empty("clusters")
    )
    fixed = compared[compared["rule"] == "fixed threshold"].set_index("group")
    assert fixed["accounts"].to_dict() == {"fans": 5, "persona": 1, "reference": 1}
    assert fixed["flagged"].to_dict() == {"fans": 5, "persona": 0, "reference": 0}
    ours = compared[compared["rule"].str.startswith("here")]
    assert ours["flagged"].sum() == 0
    shown = rules_table(compared)
    assert "between" in shown.title
    assert rules_table(compared.iloc[:0]).payload()


def test_rules_without_a_window_are_left_out_of_large_collections(acts, monkeypatch) -> None:
    monkeypatch.setattr(baselines, "MOST_PAIRS", 3)
    events = acts([(f"a{i}", "song", i) for i in range(4)])  # six pairs
    accounts = pd.DataFrame(
        {"account": [f"a{i}" for i in range(4)], "role": "reference", "stratum": "fans"}
    )
    compared = baselines.compare_rules(
        events, accounts, schema.empty("edges"), schema.empty("clusters")
    )
    flagged = compared.set_index("rule")["flagged"]
    assert flagged[["TF-IDF cosine", "hypergeometric", "CooRnet", "fused network"]].isna().all()
    assert flagged[["fixed threshold", "CooRTweet"]].notna().all()
    shown = rules_table(compared)
    assert "Each of the 2 rules" in shown.title
    assert len(shown.frame) == len(baselines.RULES) + 2
