"""Events as tests write them: who, what, and the second at which it happened."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pandas as pd
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


def as_events(rows: Iterable[tuple], **columns: object) -> pd.DataFrame:
    """Return events from (account, object, second) or (account, object, second, post)."""
    made = [
        {
            "account": account,
            "object": name,
            "time": pd.Timestamp(second, unit="s", tz="UTC"),
            "post": post[0] if post else f"p{n}",
            "row": f"E0001:{n}",
        }
        for n, (account, name, second, *post) in enumerate(rows, start=1)
    ]
    names = ["account", "object", "time", "post", "row"]
    frame = pd.DataFrame(made, columns=names).astype({"time": "datetime64[us, UTC]"})
    return frame.assign(**{"layer": "link", "time_precision": "second", **columns})


@pytest.fixture
def acts() -> Callable[..., pd.DataFrame]:
    """Make events from (account, object, second[, post])."""
    return as_events


@pytest.fixture(scope="session")
def russian(shared_data: Path) -> pd.DataFrame:
    """The sample of the published package CooRTweet: 35,125 shares of 9,509 accounts."""
    path = shared_data / "coortweet" / "russian_coord_tweets.csv"
    if not path.is_file():
        pytest.skip("the CooRTweet sample is not here")
    with path.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    return as_events(
        (r["account_id"], r["object_id"], int(r["timestamp_share"]), r["content_id"]) for r in rows
    )
