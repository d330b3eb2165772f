"""What chance gives stands beside what was seen, and shared taste is not called acting together."""

from __future__ import annotations

import math
import random
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from casebook.network import chance
from casebook.network.chance import (
    SCALES,
    calibration,
    chance_tests,
    chernoff,
    discoveries,
    grid,
    meetings,
    pairs_of,
    scale_pairs,
    significance,
    surviving,
)
from casebook.network.edges import co_actions
from casebook.network.engine import encode

DAY = 86_400
PAIR = ("x:ada", "x:ben")
SLOW = ("x:cleo", "x:dora")


def ordinary(accounts: int = 60, objects: int = 200, seed: int = 1) -> list[tuple]:
    """Return ten days of shares: some pages popular, most not, each shared soon after it is out."""
    draw = random.Random(seed)
    weights = [1 / (n + 1) for n in range(objects)]
    out = [draw.randrange(10 * DAY) for _ in range(objects)]
    return [
        (f"x:o{who:02}", f"page {n}", out[n] + int(draw.expovariate(1 / 3600)))
        for who in range(accounts)
        for n in draw.choices(range(objects), weights, k=30)
    ]


def together(pair: tuple[str, str], objects: int, delay: int) -> list[tuple]:
    """Return shares of objects that only these two share, the second later by a delay."""
    rows = []
    for n in range(objects):
        # Early in a bucket of every scale, so that the delay alone decides where they meet.
        start = n * DAY + 30
        rows += [(pair[0], f"{pair[0]} {n}", start), (pair[1], f"{pair[0]} {n}", start + delay)]
    return rows


@pytest.fixture
def world(acts) -> pd.DataFrame:
    """Sixty ordinary accounts, a pair that shares within ten seconds and one within 100 minutes."""
    return acts([*ordinary(), *together(PAIR, 6, 10), *together(SLOW, 6, 6000)])


def finding(edges: pd.DataFrame, pair: tuple[str, str]) -> dict:
    chosen = edges[(edges["source"] == pair[0]) & (edges["target"] == pair[1])]
    (row,) = chosen.to_dict("records")
    return row


# --- the published sample


def test_the_published_sample_gives_the_published_pairs(russian) -> None:
    tests = chance_tests(russian)
    found = surviving(tests)
    by_scale = found.groupby("scale").size().to_dict()
    assert [by_scale.get(s, 0) for s in SCALES] == [0, 3, 5, 9, 19, 31]
    assert len(found[["source", "target"]].drop_duplicates()) == 47
    assert tests.layers.set_index("layer").loc["link", "accounts"] == 9_509
    top = found[found["scale"] == 600].sort_values("ln_p").iloc[0]
    assert top["shared_cells"] == 7
    assert top["expected"] == pytest.approx(0.038, abs=0.0005)
    assert top["ln_p"] == pytest.approx(-32.2, abs=0.1)


def test_the_published_sample_is_synchrony_only_at_half_an_hour_or_below(russian) -> None:
    out = significance(russian, co_actions(russian))
    fast = out[out["finding"] == "synchrony"]
    slow = out[out["finding"] == "shared attention"]
    assert len(fast) + len(slow) == 47
    assert (fast["scale"] <= 1800).all()
    # Met in time in at least a quarter of what both shared, and more often than sharers here do.
    assert (fast["objects"] >= 0.25 * fast["both_shared"]).all()
    assert slow.loc[slow["scale"] > 1800, "both_shared"].isna().all()
    assert len(out) >= 6_206


def test_shuffled_accounts_of_the_published_sample_hold_no_pair(russian) -> None:
    panel = calibration(russian, runs=2).set_index("scale")
    ours = panel[panel["rule"] == "beyond chance"]
    assert ours["observed"].tolist() == [0, 3, 5, 9, 19, 31]
    assert ours["accounts_max"].tolist() == [0] * 6
    assert ours.loc[[60.0, 600.0, 1800.0], "times_max"].tolist() == [0] * 3


# --- the figures


def test_a_pair_worked_by_hand(acts) -> None:
    # Four cells of two accounts: a and b meet in three, a and c in one. k = 4, 3, 1; m = 8; D = 8.
    rows = [("a", f"o{n}", 10) for n in range(4)] + [("b", f"o{n}", 20) for n in range(3)]
    rows += [("c", "o3", 30)] + [(f"lone {n}", f"lone {n}", 0) for n in range(57)]
    codes = encode(acts(rows))
    assert codes.total == 60
    cells = grid(codes, 60)
    assert cells.pair_slots == 8
    assert cells.expected(np.array([0]), np.array([1])).tolist() == [4 * 3 / 64 * 8]
    (pair,) = pd.DataFrame(scale_pairs(codes, 60)).to_dict("records")
    assert (pair["source"], pair["target"], pair["shared_cells"], pair["objects"]) == (0, 1, 3, 3)
    assert pair["expected"] == 1.5
    assert pair["surprise"] == pytest.approx(3 * math.log(30))


def cells_by_hand(events: pd.DataFrame, width: int, shift: int) -> list[tuple[str, set[str]]]:
    made: dict[tuple[str, int], set[str]] = {}
    for row in events.itertuples(index=False):
        bucket = (int(row.time.timestamp()) + shift) // width
        made.setdefault((row.object, bucket), set()).add(row.account)
    return [(key[0], members) for key, members in made.items() if 2 <= len(members) <= 300]


def pairs_by_hand(events: pd.DataFrame, width: int) -> dict[tuple[str, str], dict]:
    """Compute the test in plain Python, one grid after the other."""
    total = events["account"].nunique()
    best: dict[tuple[str, str], dict] = {}
    for shift in (0, width // 2):
        cells = cells_by_hand(events, width, shift)
        k = {a: sum(a in members for _, members in cells) for a in events["account"].unique()}
        m = sum(k.values())
        sizes = [len(members) for _, members in cells]
        for one, other in combinations(sorted(k), 2):
            shared = [(o, len(members)) for o, members in cells if {one, other} <= members]
            if len({o for o, _ in shared}) < 3:
                continue
            rate = k[one] * k[other] / m**2
            surprise = sum(math.log(total / d) for _, d in shared)
            bounds = [
                rate * sum(d * (d - 1) * ((total / d) ** t - 1) for d in sizes) - t * surprise
                for t in (0.02 + n * 2.98 / 59 for n in range(60))
            ]
            row = {
                "shared_cells": len(shared),
                "objects": len({o for o, _ in shared}),
                "surprise": surprise,
                "expected": rate * sum(d * (d - 1) for d in sizes),
                "ln_p": min(0.0, *bounds),
            }
            if (one, other) not in best or row["ln_p"] < best[one, other]["ln_p"]:
                best[one, other] = row
    for row in best.values():
        row["ln_p"] = min(0.0, row["ln_p"] + math.log(2))
    return best


def test_all_figures_of_a_row_belong_to_one_grid(acts) -> None:
    # Twelve accounts and seven pages in three hours: pairs differ in V and k between the grids.
    draw = random.Random(11)
    rows = [
        (f"a{draw.randrange(12):02}", f"o{draw.randrange(7)}", draw.randrange(10_800))
        for _ in range(300)
    ]
    events = acts(rows)
    codes = encode(events)
    found = pd.DataFrame(scale_pairs(codes, 600))
    expected = pairs_by_hand(events, 600)
    assert len(expected) > 40
    names = ["shared_cells", "objects", "surprise", "expected", "ln_p"]
    by_pair = {
        (codes.names[r["source"]], codes.names[r["target"]]): {n: r[n] for n in names}
        for r in found.to_dict("records")
    }
    assert by_pair.keys() == expected.keys()
    for pair, row in expected.items():
        assert by_pair[pair] == pytest.approx(row), pair


@pytest.mark.parametrize("shifted", [False, True])
def test_what_chance_gives_all_pairs_adds_up(world, shifted) -> None:
    codes = encode(world)
    cells = grid(codes, 7200, shifted=shifted)
    one, other = np.array(list(combinations(range(codes.total), 2))).T
    # (D/2)(1 - sum of k² / m²), from the sizes of the cells in plain Python.
    by_hand = [members for _, members in cells_by_hand(world, 7200, 3600 if shifted else 0)]
    k = [sum(name in members for members in by_hand) for name in codes.names]
    slots = sum(len(members) * (len(members) - 1) for members in by_hand)
    closed = slots / 2 * (1 - sum(n * n for n in k) / sum(k) ** 2)
    assert slots > 100
    assert cells.expected(one, other).sum() == pytest.approx(closed)
    assert cells.expected_total == pytest.approx(closed)


def test_the_bound_is_never_above_certainty() -> None:
    sizes = np.array([2, 2, 5, 40])
    bound = chernoff(np.array([0.0, 1.0, 30.0]), np.array([0.5, 0.5, 1e-4]), sizes, 60)
    assert (bound <= 0).all()
    assert bound[0] == 0
    assert bound[2] < -20


def test_a_cell_of_more_than_300_accounts_is_no_meeting(acts) -> None:
    rows = [(f"x:{n:03}", "news of the day", n % 50) for n in range(301)]
    assert len(grid(encode(acts(rows)), 60).size) == 0
    assert grid(encode(acts(rows[:300])), 60).size.tolist() == [300]


def test_two_posts_a_second_apart_meet_in_one_of_the_two_grids(acts) -> None:
    rows = [
        (who, f"page {n}", n * 6000 + 599 + late) for n in range(3) for late, who in enumerate("ab")
    ]
    codes = encode(acts(rows))
    assert len(grid(codes, 600).size) == 0
    assert len(grid(codes, 600, shifted=True).size) == 3
    assert scale_pairs(codes, 600)["shared_cells"].tolist() == [3]


# --- what counts


def test_fewer_than_three_distinct_objects_are_no_pair_however_often_they_meet(acts) -> None:
    often = [
        (who, f"page {n % 2}", n * DAY + late) for n in range(9) for late, who in enumerate(PAIR)
    ]
    tests = chance_tests(acts([*ordinary(), *often]))
    assert not ((tests.pairs["source"] == PAIR[0]) & (tests.pairs["target"] == PAIR[1])).any()
    third = [(who, "page three", 9 * DAY + 5) for who in PAIR]
    tests = chance_tests(acts([*ordinary(), *often, *third]))
    found = tests.pairs[(tests.pairs["source"] == PAIR[0]) & (tests.pairs["target"] == PAIR[1])]
    assert found["objects"].tolist() == [3] * len(found)
    assert found["shared_cells"].max() == 10


def with_p(ln_p: list[float], *, accounts: int, scales: list[float]) -> chance.Tests:
    pairs = pd.DataFrame(
        {"layer": "link", "scale": 60.0, "source": "a", "target": "b", "ln_p": ln_p,
         "objects": 3, "both_shared": 3, "ln_p_time": -99.0}
    )  # fmt: skip
    card = {"layer": "link", "accounts": accounts, "scales": scales, "assessable": True}
    return chance.Tests(pairs, pd.DataFrame([card]))


def test_a_pair_that_never_met_is_a_test_as_well() -> None:
    # 0.001 is below 0.01 / 3 among three accounts, and far above 0.01 / 4,950 among a hundred.
    assert pairs_of(100) == 4_950
    assert len(surviving(with_p([math.log(0.001)], accounts=3, scales=[60.0]))) == 1
    assert surviving(with_p([math.log(0.001)], accounts=100, scales=[60.0])).empty


def test_the_rate_is_shared_out_over_scales() -> None:
    one = with_p([math.log(0.0030)], accounts=3, scales=[60.0])
    two = with_p([math.log(0.0030)], accounts=3, scales=[60.0, 600.0])
    assert len(surviving(one)) == 1
    assert surviving(two).empty


def test_benjamini_and_hochberg_step_up() -> None:
    # Their rule at 0.05 and 4 tests: 0.0125, 0.025, 0.0375, 0.05. The third passes and takes along
    # the second, which is above its own step.
    given = np.log([0.03, 0.2, 0.001, 0.026])
    assert discoveries(given, 4, 0.05).tolist() == [True, False, True, True]
    assert discoveries(given, 400, 0.05).tolist() == [False] * 4
    assert discoveries(np.array([]), 4, 0.05).tolist() == []


def test_a_pair_close_in_time_is_synchrony(world) -> None:
    out = significance(world, co_actions(world, evidence=True))
    row = finding(out, PAIR)
    assert row["finding"] == "synchrony"
    assert row["scale"] == 60.0
    assert (row["shared_cells"], row["co_actions"], row["median_delay"]) == (6, 6, 10.0)
    assert row["expected"] < 0.5
    assert len(row["evidence"]) == 12


def test_a_pair_that_meets_only_within_hours_is_shared_attention_and_never_synchrony(world) -> None:
    out = significance(world, co_actions(world))
    row = finding(out, SLOW)
    assert row["finding"] == "shared attention"
    assert row["scale"] == 7200.0
    # It had no co-action within the minute asked for; what is counted lies within its own scale.
    assert (row["time_window"], row["co_actions"], row["median_delay"]) == (7200.0, 6, 6000.0)
    assert not ((out["finding"] == "synchrony") & (out["scale"] > 1800)).any()


def test_shared_attention_is_not_called_synchrony_by_a_wide_window(world) -> None:
    out = significance(world, co_actions(world, time_window="2h"))
    assert finding(out, SLOW)["finding"] == "shared attention"
    assert finding(out, PAIR)["finding"] == "synchrony"


def test_meeting_once_is_by_chance_and_says_how_much_chance_gives(acts) -> None:
    met = [(who, "page 150", 5 * DAY + late) for late, who in ((40, "x:o01"), (45, "x:o02"))]
    events = acts([*ordinary(), *met])
    row = finding(significance(events, co_actions(events)), ("x:o01", "x:o02"))
    assert row["finding"] == "by chance"
    assert row["shared_cells"] == 1
    assert 0 < row["expected"] < 2
    assert row["ln_p"] <= 0
    assert pd.isna(row["scale"])


def test_fewer_than_fifty_accounts_besides_the_personas_is_not_assessable(acts) -> None:
    events = acts([*ordinary(49), *together(PAIR, 6, 10)])
    personas = pd.DataFrame({"account": list(PAIR), "role": "persona"})
    tests = chance_tests(events, accounts=personas)
    card = tests.layers.set_index("layer").loc["link"]
    assert not card["assessable"]
    assert card["why"] == "49 accounts besides those under review; 50 are needed"
    out = significance(events, co_actions(events), accounts=personas)
    assert out["finding"].unique().tolist() == ["not assessable"]
    assert out["ln_p"].isna().all()
    # One more ordinary account is enough.
    events = acts([*ordinary(50), *together(PAIR, 6, 10)])
    out = significance(events, co_actions(events), accounts=personas)
    assert finding(out, PAIR)["finding"] == "synchrony"


def test_scales_finer_than_the_clock_are_not_tested(world) -> None:
    minutes = world.assign(time_precision="minute")
    card = chance_tests(minutes).layers.set_index("layer").loc["link"]
    assert card["scales"] == [600.0, 1800.0, 7200.0, 21600.0, 86400.0]
    days = chance_tests(world.assign(time_precision="day")).layers.set_index("layer").loc["link"]
    assert (days["assessable"], days["why"]) == (False, "the clocks are too coarse")


def test_the_order_of_the_rows_does_not_matter(world) -> None:
    there = significance(world, co_actions(world))
    back = world.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(significance(back, co_actions(back)), there)


def test_no_posts_give_no_findings(acts) -> None:
    none = acts([])
    assert significance(none, co_actions(none)).empty
    assert calibration(none).empty
    assert meetings(none).empty


# --- calibration


def test_shuffled_accounts_leave_nothing_at_half_an_hour_or_below(world) -> None:
    panel = calibration(world, runs=20)
    fast = panel[(panel["rule"] == "beyond chance") & (panel["scale"] <= 1800)]
    assert fast["scale"].tolist() == [60.0, 600.0, 1800.0]
    assert (fast["observed"] >= 1).all()
    assert fast["accounts_max"].tolist() == [0, 0, 0]
    assert (fast["false_share"] == 0).all()


def test_calibration_observes_what_the_test_finds(world) -> None:
    # A third of the clocks is coarse, which leaves events out at the fine scales only.
    clocks = ["minute" if n % 3 == 0 else "second" for n in range(len(world))]
    events = world.assign(time_precision=clocks)
    found = surviving(chance_tests(events)).groupby("scale").size()
    panel = calibration(events, runs=1)
    ours = panel[panel["rule"] == "beyond chance"].set_index("scale")["observed"]
    assert ours.to_dict() == {s: found.get(s, 0) for s in SCALES}
    fixed = panel[panel["rule"] != "beyond chance"].iloc[0]
    edges = co_actions(events, min_weight=2)
    assert fixed["rule"] == "at least 2 co-actions in 60 s"
    assert fixed["observed"] == len(edges)


def test_the_share_of_false_pairs_is_unknown_where_none_was_observed(acts) -> None:
    panel = calibration(acts(ordinary()), runs=1, scales=[60.0])
    ours = panel[panel["rule"] == "beyond chance"].iloc[0]
    assert ours["observed"] == 0
    assert math.isnan(ours["false_share"])


def test_the_same_seed_gives_the_same_panel(world) -> None:
    scales = [600.0, 7200.0]
    there = calibration(world, runs=2, scales=scales, seed=4)
    back = calibration(world[::-1], runs=2, scales=scales, seed=4)
    pd.testing.assert_frame_equal(back, there)


def test_meetings_by_chance_stand_beside_those_observed(world) -> None:
    table = meetings(world, scale=600)
    codes = encode(world)
    cells = grid(codes, 600)
    assert table["shared_cells"].tolist() == list(range(1, len(table) + 1))
    pair_cells = (table["shared_cells"] * table["observed"]).sum()
    assert pair_cells == sum(d * (d - 1) // 2 for d in cells.size.tolist())
    one, other = np.array(list(combinations(range(codes.total), 2))).T
    means = cells.expected(one, other).tolist()
    for v, expected in zip(table["shared_cells"].tolist(), table["expected"], strict=True):
        poisson = sum(math.exp(-mean) * mean**v / math.factorial(v) for mean in means)
        assert expected == pytest.approx(poisson), v
