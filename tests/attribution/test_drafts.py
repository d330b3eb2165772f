"""How many bad drafts are caught, and how many good ones are refused."""

from __future__ import annotations

import pytest
from drafts import BAD, BASES, GOOD, draft, language


def test_at_least_98_percent_of_bad_drafts_are_caught_by_the_rule_they_break(world):
    missed = []
    for number, (rule, _, base, change) in enumerate(BAD):
        checked = world.check(draft(base, change), language=language(base))
        if rule not in set(checked.violations["rule"]):
            missed.append((number, rule, base, change, checked.table.loc[0, "violations"]))
    assert len(BAD) >= 100
    assert len(missed) <= 0.02 * len(BAD), missed


def test_half_of_the_bad_drafts_are_broken_in_substance():
    assert sum(substance for _, substance, _, _ in BAD) >= len(BAD) / 2


def test_at_most_2_percent_of_good_drafts_are_refused(world):
    refused = []
    for base, change in GOOD:
        checked = world.check(draft(base, change), language=language(base))
        if not checked.violations.empty:
            refused.append((base, change, checked.table.loc[0, "violations"]))
    assert len(GOOD) >= 30
    assert len(refused) <= 0.02 * len(GOOD), refused


@pytest.mark.parametrize("base", sorted(BASES))
def test_each_base_of_the_drafts_is_sound(world, base):
    checked = world.check(draft(base, {}), language=language(base))
    assert checked.violations["message"].tolist() == []


def test_every_message_quotes_the_sentence_or_names_what_is_wrong(world):
    for _, _, base, change in BAD:
        checked = world.check(draft(base, change), language=language(base))
        for message in checked.violations["message"]:
            assert message.rstrip().endswith((".", "?", "”", ")")), message
            assert len(message) > 30, message
