"""Competing hypotheses: the worked example, to the printed digits, and what hangs on what."""

from __future__ import annotations

import pandas as pd
import pytest

from casebook.attribution import (
    diagnosticity,
    inconsistency,
    leader_changes,
    leader_stability,
    leaders,
    linchpins,
    odds,
    predictive_value,
    prior_needed,
    priors_needed,
    seven_hypotheses,
    signal_odds,
    signal_ratio,
)
from casebook.errors import ClaimError


def matrix():
    """Return the worked example of the method page."""
    rows = [
        ("E1", "CC", "I", "II", "high", "medium"),
        ("E2", "C", "C", "C", "medium", "medium"),
        ("E3", "C", "II", "N", "high", "high"),
        ("E4", "I", "C", "C", "low", "medium"),
    ]
    frame = pd.DataFrame(rows, columns=["item", "H1", "H2", "H3", "credibility", "relevance"])
    return frame.assign(origin_group=["a", "b", "a", "c"])


def test_inconsistency_of_the_worked_example():
    found = inconsistency(matrix()).set_index("hypothesis")
    assert found["unweighted"].to_dict() == {"H1": -1, "H2": -3, "H3": -2}
    assert found["weighted"].round(4).to_dict() == {"H1": -0.7071, "H2": -5.4142, "H3": -2.8284}
    assert leaders(matrix()) == ("H1",)


def test_diagnosticity_of_the_worked_example():
    found = diagnosticity(matrix()).set_index("item")["diagnosticity"].round(4)
    assert found.to_dict() == {"E1": 1.6997, "E2": 0.0, "E3": 1.2472, "E4": 0.9428}


def test_without_the_first_item_another_hypothesis_leads():
    changes = leader_changes(matrix()).set_index(["change", "what"])["leader"]
    assert changes["item left out", "E1"] == "H3"
    assert changes["item left out", "E2"] == "H1"
    assert linchpins(matrix()) == [("E1",)]


def test_an_origin_is_left_out_with_all_its_items():
    changes = leader_changes(matrix()).set_index(["change", "what"])["leader"]
    assert changes["origin left out", "a"] == "H2, H3"
    assert 0 < leader_stability(matrix()) < 1


def test_support_decides_nothing():
    table = matrix()
    table.loc[table["item"] == "E2", ["H1", "H2", "H3"]] = ["N", "CC", "CC"]
    assert inconsistency(table).equals(inconsistency(matrix()))


def test_an_item_that_cannot_be_believed_takes_no_part():
    table = matrix()
    table.loc[table["item"] == "E1", "credibility"] = "out"
    assert leaders(table) == ("H3",)


def test_base_rates_of_the_method_page():
    found = [round(predictive_value(0.90, 0.95, p), 3) for p in (0.01, 0.15, 0.50)]
    assert found == [0.154, 0.761, 0.947]


def test_items_of_one_origin_are_not_added_up():
    one = odds(0.1, [("a", 4.0, 8.0)])
    assert odds(0.1, [("a", 4.0, 8.0), ("a", 2.0, 3.0)]) == one
    assert odds(0.1, [("a", 4.0, 8.0), ("b", 2.0, 3.0)])[0] > one[0]
    assert one == pytest.approx((4 / (4 + 9), 8 / (8 + 9)))


def test_an_extreme_ratio_needs_a_reason():
    with pytest.raises(ClaimError, match="beyond 100"):
        odds(0.1, [("a", 50.0, 500.0)])
    assert odds(0.1, [("a", 50.0, 500.0)], justified=True)[1] > 0.9
    with pytest.raises(ClaimError, match="between 0 and 1"):
        odds(1.0, [])


def test_the_prior_that_a_word_needs_goes_back_to_it():
    ratios = [("a", 4.0, 8.0), ("b", 2.0, 3.0)]
    low, high = prior_needed(0.8, ratios)
    assert odds(high, [("a", 4.0, 4.0), ("b", 2.0, 2.0)])[0] == pytest.approx(0.8)
    assert odds(low, [("a", 8.0, 8.0), ("b", 3.0, 3.0)])[0] == pytest.approx(0.8)


def test_a_ratio_comes_from_the_reference_rate():
    assert signal_ratio(12, 15, 0.05, 0.10) == pytest.approx((8.0, 16.0))


def test_all_seven_are_printed_the_rejected_too():
    table = matrix().rename(columns={"H1": "H3", "H3": "H1"})
    found = seven_hypotheses({"H2": "not applicable: nobody domestic gains"}, table)
    states = found.set_index("hypothesis")["state"]
    assert list(states.index) == [f"H{n}" for n in range(7)]
    assert states["H3"] == "least against it"
    assert states["H1"] == "more against it"
    assert states["H2"] == "not applicable"
    assert states["H0"] == "not rated"
    with pytest.raises(ClaimError, match="did you mean"):
        seven_hypotheses({"H7": "another"})


def signal_rows(name, shown, *, counted=True, low=0.05, high=0.10, worst=None, n=60):
    return [
        {
            "account": f"x:{i}", "signal": name, "shown": "shown" if i < shown else "not shown",
            "counted": counted and i < shown, "reference_low": low, "reference_high": high,
            "reference_n": n, "worst_rate": worst, "worst_stratum": worst and "fans",
        }
        for i in range(15)
    ]  # fmt: skip


def test_odds_of_signals_leave_out_what_accounts_were_picked_for():
    frame = pd.DataFrame(
        [*signal_rows("rename", 12), *signal_rows("default-handle", 12, counted=False)]
    )
    ratios = signal_odds(frame)
    assert ratios["signal"].tolist() == ["rename"]
    assert ratios.loc[0, ["ratio_low", "ratio_high"]].tolist() == pytest.approx([8.0, 16.0])
    assert ratios.loc[0, "stratum"] == "ordinary"


def test_look_alikes_who_show_it_more_often_lower_the_ratio():
    ratios = signal_odds(pd.DataFrame(signal_rows("rename", 12, worst=0.4)))
    assert ratios.loc[0, "ratio_low"] == pytest.approx(2.0)
    assert ratios.loc[0, "stratum"] == "ordinary to fans"


def test_signals_of_one_collection_are_not_multiplied():
    one = signal_odds(pd.DataFrame(signal_rows("rename", 12)))
    both = signal_odds(pd.DataFrame([*signal_rows("rename", 12), *signal_rows("other", 12)]))
    assert len(both) == 2
    pd.testing.assert_frame_equal(priors_needed(one), priors_needed(both))
    likely = priors_needed(one).set_index("word").loc["likely"]
    assert odds(likely["prior_low"], [("a", 16.0, 16.0)])[0] == pytest.approx(0.55)
    assert odds(likely["prior_high"], [("a", 8.0, 8.0)])[0] == pytest.approx(0.55)


def test_without_reference_accounts_there_are_no_odds():
    none = signal_odds(pd.DataFrame(signal_rows("rename", 12, n=0)))
    assert none.empty
    assert priors_needed(none).empty


@pytest.mark.parametrize(
    ("rung", "state"),
    [("undetermined", "its rung is undetermined"), ("supported", "least against it")],
)
def test_a_named_actor_is_not_ahead_while_its_rung_is_open(rung, state):
    table = matrix().rename(columns={"H1": "H3", "H3": "H1"})
    rungs = pd.DataFrame(
        {"rung": [1, 2, 3, 4], "status": ["supported", "supported", rung, "undetermined"]}
    )
    states = seven_hypotheses({}, table, rungs).set_index("hypothesis")["state"]
    assert states["H3"] == state
    assert (states == "least against it").sum() == (state == "least against it")
