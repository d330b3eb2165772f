"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real sample files, which a user's clone does not have."""
    folder = Path(os.environ.get("CASEBOOK_SAMPLES", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("real sample files are not here (set CASEBOOK_SAMPLES to their folder)")
    return folder
