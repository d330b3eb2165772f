"""Worlds in which nobody runs an operation: what an eager analyst cannot make FINAL."""

from __future__ import annotations

import pytest

from benchmarks.bench_claims import EAGER, said_of
from casebook.scenario.worlds import Operation

SEED = 500


@pytest.mark.parametrize(
    ("kind", "operation", "tied"),
    [
        ("fans", None, True),
        # False, acting together, and on nobody's list: spam, or somebody else.
        ("operation", Operation(15, 480.0, 0.5), False),
    ],
)
def test_no_claim_on_rung_three_or_four_can_be_final_where_there_is_no_link(kind, operation, tied):
    said = said_of(SEED, kind, operation)
    assert (said.ties > 0) is tied
    assert {3, 4} <= said.open_rungs
    assert said.sound == []
    assert len(EAGER) == 4
    # The ratings put the named actor first by far; the open rung does not let it lead.
    assert said.ahead == set()
