"""What the tests of persona review share."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def one():
    """Return the row of one signal of one account."""

    def row(signals, name, account="p"):
        found = signals[(signals["signal"] == name) & (signals["account"] == account)]
        assert len(found) == 1, name
        return found.iloc[0]

    return row


@pytest.fixture
def rng():
    return np.random.default_rng(11)
