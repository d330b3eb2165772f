"""Agreement: worked values of the literature; verdicts: people's, and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from casebook import schema
from casebook.personas.agreement import (
    CHECK,
    agreement,
    cohen_kappa,
    krippendorff_alpha,
    verdicts,
)
from casebook.rates import jeffreys, upper_bound

NAN = float("nan")
A = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]
B = [0, 1, 2, 3, 4, 1, 2, 2, 4, 3]
CANONICAL = pd.DataFrame(
    {
        "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        "C": [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    }
)


def test_cohen_on_the_two_by_two_table():
    a = [0] * 25 + [1] * 25
    b = [0] * 20 + [1] * 5 + [0] * 10 + [1] * 15
    assert cohen_kappa(a, b) == pytest.approx(0.4, abs=1e-6)


@pytest.mark.parametrize(
    ("weights", "value"), [(None, 0.5), ("linear", 14 / 19), ("quadratic", 8 / 9)]
)
def test_cohen_with_and_without_weights(weights, value):
    assert cohen_kappa(A, B, weights=weights) == pytest.approx(value, abs=1e-6)


def test_cohen_needs_the_same_units():
    with pytest.raises(ValueError, match="same units"):
        cohen_kappa([0, 1], [0])


@pytest.mark.parametrize(
    ("level", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_krippendorff_on_the_canonical_example(level, value):
    assert krippendorff_alpha(CANONICAL, level=level) == pytest.approx(value, abs=5e-4)


def test_krippendorff_does_not_depend_on_the_order_of_units_or_reviewers():
    mixed = CANONICAL.sample(frac=1, random_state=1)[["D", "B", "A", "C"]]
    assert krippendorff_alpha(mixed) == pytest.approx(krippendorff_alpha(CANONICAL))


def test_one_reviewer_agrees_with_nobody():
    assert np.isnan(krippendorff_alpha(CANONICAL[["A"]]))


def test_fifteen_without_an_error_may_still_hold_eighteen_percent():
    assert upper_bound(0, 15) == pytest.approx(1 - 0.05 ** (1 / 15), abs=1e-9)
    assert upper_bound(0, 15) == pytest.approx(0.181, abs=5e-4)
    assert upper_bound(15, 15) == 1.0


def test_jeffreys_is_the_published_interval():
    # Brown, Cai and DasGupta 2001, table 5: n = 10.
    assert jeffreys(1, 10) == pytest.approx((0.011, 0.381), abs=5e-4)
    assert jeffreys(3, 10) == pytest.approx((0.093, 0.606), abs=5e-4)
    assert jeffreys(0, 10)[0] == 0.0
    assert jeffreys(10, 10)[1] == 1.0
    low, high = jeffreys(3, 10)
    assert jeffreys(7, 10) == pytest.approx((1 - high, 1 - low))


def judgement(subject, answer, reviewer="aa", question="verdict", **others):
    return {
        "time": pd.Timestamp("2024-09-06", tz="UTC"),
        "reviewer": reviewer,
        "subject": subject,
        "question": question,
        "answer": answer,
        "reason": "a reason",
        "evidence": ["E0001"],
        "current": True,
        **others,
    }


def personas(*names):
    return schema.check("accounts", pd.DataFrame({"account": names, "role": "persona"}))


def decided(*rows, accounts=("p",)):
    found = verdicts(pd.DataFrame(rows), personas(*accounts))
    return found.set_index("account")


def test_an_account_nobody_judged_is_undetermined():
    found = decided(judgement("p", "suspected"), accounts=("p", "q"))
    assert found.loc["q", "verdict"] == "undetermined"
    assert found.loc["q", "agreement"] == "none"
    assert found.loc["q", "real_person_check"] == "missing"


@pytest.mark.parametrize(
    ("answers", "verdict", "agreed"),
    [
        (["suspected"], "suspected", "single"),
        (["suspected", "suspected"], "suspected", "unanimous"),
        (["assessed inauthentic", "suspected"], "suspected", "split"),
        (["assessed inauthentic", "authentic"], "authentic", "split"),
    ],
)
def test_where_reviewers_differ_the_more_cautious_answer_stands(answers, verdict, agreed):
    found = decided(*(judgement("p", a, reviewer=f"r{n}") for n, a in enumerate(answers)))
    assert found.loc["p", "verdict"] == verdict
    assert found.loc["p", "agreement"] == agreed


def test_adjudication_settles_and_leaves_the_answers_as_they_were():
    found = decided(
        judgement("p", "suspected", "aa"),
        judgement("p", "authentic", "bb"),
        judgement("p", "suspected", "cc", question="adjudication"),
    )
    assert found.loc["p", "verdict"] == "suspected"
    assert found.loc["p", "adjudicated"]
    assert found.loc["p", "agreement"] == "split"


def test_a_superseded_answer_does_not_count():
    old = judgement("p", "assessed inauthentic", current=False)
    assert decided(old, judgement("p", "authentic")).loc["p", "verdict"] == "authentic"


def test_signals_without_judgements_decide_nothing():
    none = pd.DataFrame(columns=list(judgement("p", "suspected")))
    none = none.astype({"current": bool})
    found = verdicts(none, personas("p", "q"))
    assert set(found["verdict"]) == {"undetermined"}


def test_agreement_counts_what_two_answered_and_reads_the_value():
    rows = [
        judgement(f"p{n}", answer, reviewer)
        for n in range(10)
        for reviewer in ("aa", "bb")
        for answer in [("suspected", "undetermined")[n % 2]]
    ]
    people = personas(*(f"p{n}" for n in range(10)), "alone")
    rows += [judgement("filler", "authentic", reviewer) for reviewer in ("aa", "bb")]
    found = agreement(pd.DataFrame([*rows, judgement("alone", "suspected")]), people)
    assert found.units == 10
    assert found.pairs.to_numpy().tolist() == [[10, 10]]
    assert found.alpha == 1.0
    assert found.reading == "rely"
    assert found.kappa == 1.0
    more = agreement(pd.DataFrame([*rows, judgement("p0", "authentic", "cc")]), people)
    # Three answers on p0 make three pairs, of which one is equal.
    assert more.pairs.to_numpy().tolist() == [[10, 12]]
    nobody = agreement(pd.DataFrame([judgement("p0", "suspected")]), people)
    assert nobody.units == 0
    assert nobody.reading == "not assessable"


def test_kappa_stands_beside_alpha_where_two_reviewers_answered_everything():
    scale = list(schema.ANSWERS)
    one, other = [0, 1, 2, 3, 0, 1], [0, 1, 2, 3, 1, 1]
    rows = [
        judgement(f"p{n}", scale[rank], who)
        for who, ranks in (("aa", one), ("bb", other))
        for n, rank in enumerate(ranks)
    ]
    people = personas(*(f"p{n}" for n in range(6)))
    found = agreement(pd.DataFrame(rows), people)
    # Disagreement seen: 1 step in 6. By chance: 40 steps in the 36 pairs of an answer of each.
    assert found.kappa == pytest.approx(1 - (1 / 6) / (40 / 36))
    third = agreement(pd.DataFrame([*rows, judgement("p0", "suspected", "cc")]), people)
    assert np.isnan(third.kappa)


@pytest.mark.parametrize("found", schema.FOUND)
def test_one_who_found_somebody_outweighs_all_who_did_not(found):
    rows = [judgement("p", a, f"r{n}", CHECK) for n, a in enumerate(["done", found, "done"])]
    assert decided(*rows).loc["p", "real_person_check"] == found
    assert decided(judgement("p", "not done", question=CHECK)).loc["p", "real_person_check"] == (
        "missing"
    )
