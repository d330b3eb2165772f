"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from casebook.case import Case

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let files with slow tests come first, so that no worker is left alone with them at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real sample files, which a user's clone does not have."""
    folder = Path(os.environ.get("CASEBOOK_SAMPLES", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("real sample files are not here (set CASEBOOK_SAMPLES to their folder)")
    return folder


def under_two_hash_seeds(script: str) -> list[str]:
    """Return what a script prints under two seeds of Python's hashes."""
    return [
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]


def collect_activists(case: Case, shared_data: Path) -> None:
    """Put people found under one hashtag of Hong Kong under review, beside those of others."""
    from casebook.collection import collect

    files = sorted((shared_data / "twitter_v2_hongkong" / "hk").glob("*.json"))
    first = [f for f in files if "1399524961891532805" in f.name]
    rest = [f for f in files if f not in first]
    collect(case, *first, role="persona", found_by="hashtag query", actor="aa")
    collect(
        case, *rest, role="reference", stratum="activists", found_by="hashtag query", actor="aa"
    )
