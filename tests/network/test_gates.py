"""A fast part of the gates: one seed each. `python -m benchmarks.bench_gates` runs all of them."""

from __future__ import annotations

import pytest

from benchmarks.bench_gates import BY_TASTE, found_in, of_kind, suspected
from casebook.scenario.worlds import Operation, world

SEED = 500
HOUR = 3_600.0


@pytest.mark.parametrize(
    "plan", [Operation(15, 480.0, 0.5), Operation(15, HOUR, 0.5), Operation(15, 480.0, 0.8)]
)
def test_an_operation_is_found_and_no_innocent_who_is_under_review_beside_it(plan) -> None:
    events, accounts = world(SEED, plan)
    found = found_in(events, suspected(accounts, *BY_TASTE))
    assert found.claimed == of_kind(found.claimed, "operation")
    assert len(found.claimed) >= 0.9 * plan.size


@pytest.mark.parametrize("innocent", ["partisans", "diaspora"])
def test_suspected_innocents_are_not_called_coordinated(innocent) -> None:
    events, accounts = world(SEED + 1, under_review=innocent)
    assert not found_in(events, accounts).claimed


def test_a_slow_operation_is_missed_and_that_is_known() -> None:
    events, accounts = world(SEED, Operation(15, 24 * HOUR, 0.5))
    assert not found_in(events, accounts).claimed
