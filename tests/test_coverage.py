"""What a collection lacks is said before anything is counted."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from casebook import schema
from casebook.coverage import coverage_card, gaps, last_status, missing_layers, statuses


def posts(*rows: dict[str, Any]) -> pd.DataFrame:
    return schema.check("posts", pd.DataFrame([{"embedded": False, **row} for row in rows]))


def test_a_layer_that_no_post_carries_is_not_assessable() -> None:
    layers = missing_layers(posts({"post": "1", "text": "a", "urls": ["https://a.example/"]}))
    found = layers.set_index("layer")["assessable"]
    assert found["link"]
    assert found["text"]
    assert not found["repost"]
    assert "query left reposts out" in layers.set_index("layer").loc["repost", "why"]


def test_truncated_text_is_no_text() -> None:
    layers = missing_layers(posts({"post": "1", "text": "a…", "text_truncated": True}))
    assert not layers.set_index("layer").loc["text", "assessable"]


def test_shortened_links_are_not_assessable_above_half() -> None:
    short = {"post": "1", "urls": ["https://t.co/a", "https://bit.ly/b", "https://a.example/c"]}
    found = missing_layers(posts(short)).set_index("layer").loc["link"]
    assert not found["assessable"]
    assert found["why"].startswith("67%")


def test_an_embedded_original_is_not_part_of_the_collection() -> None:
    layers = missing_layers(posts({"post": "1", "text": "a", "embedded": True}))
    assert layers["events"].sum() == 0


def test_a_gap_has_both_ends() -> None:
    days = ["2024-01-01", "2024-01-02", "2024-01-12", "2024-01-13"]
    rows = [{"post": d, "created_at": d, "evidence_id": "E0001"} for d in days]
    found = gaps(posts(*rows), days=7)
    assert found["days"].tolist() == [10]
    assert found["from"].dt.day.tolist() == [2]
    assert found["to"].dt.day.tolist() == [12]
    assert gaps(posts(*rows), days=11).empty


@pytest.fixture
def accounts() -> pd.DataFrame:
    return schema.check(
        "accounts",
        pd.DataFrame({"account": ["x:1", "x:2", "x:3"], "role": ["persona", "reference", "known"]}),
    )


def test_status_comes_from_posts_and_snapshots_and_never_from_silence(
    accounts: pd.DataFrame,
) -> None:
    written = posts(
        *(
            {
                "post": f"p{i}",
                "account": a,
                "created_at": d,
                "evidence_id": "E0001",
                "source_line": i,
            }
            for i, (a, d) in enumerate(
                [("x:1", "2024-01-01"), ("x:1", "2024-02-01"), ("x:2", "2024-01-05")], start=1
            )
        )
    )
    seen = schema.check(
        "snapshots",
        pd.DataFrame(
            {
                "account": ["x:1", "x:3"],
                "captured_at": ["2024-09-01", "2024-09-02"],
                "status": ["suspended", None],
                "capture": ["screenshot", "screenshot"],
                "evidence_id": ["E0002", "E0002"],
                "source_line": [2, 3],
            }
        ),
    )
    found = statuses(accounts, seen, written)
    assert found["account"].tolist() == ["x:1", "x:1", "x:1"]
    assert found["status"].tolist() == ["active", "active", "suspended"]
    assert found["evidence"].tolist() == [["E0001:1"], ["E0001:2"], ["E0002:2"]]
    assert last_status(found)["status"].tolist() == ["suspended"]


def test_the_card_tells_rare_from_lacking() -> None:
    coverage = pd.DataFrame(
        {
            "evidence_id": ["E0001"] * 4,
            "table": ["posts"] * 4,
            "field": ["text", "hashtags", "views", "url"],
            "rows": [10] * 4,
            "present": [10, 3, 0, 5],
            "share": [1.0, 0.3, 0.0, 0.5],
        }
    )
    readings = pd.DataFrame({"evidence_id": ["E0001"], "file": ["a.csv"]})
    card = coverage_card(coverage, readings)
    assert dict(zip(card["field"], card["state"], strict=True)) == {
        "text": "full",
        "hashtags": "rare",
        "views": "none",
    }
