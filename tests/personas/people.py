"""Small collections of accounts and posts, written out or drawn from a seed."""

from __future__ import annotations

import pandas as pd

from casebook import schema

DAY = pd.Timestamp("2024-05-01", tz="UTC")


def accounts_of(*rows):
    """Return accounts from dicts; a persona on X unless a row says otherwise."""
    usual = {"platform": "x", "role": "persona", "selected_on": [], "found_by": "seed list"}
    return schema.check("accounts", pd.DataFrame([{**usual, **row} for row in rows]))


def posts_of(*rows):
    """Return posts from dicts, a minute apart on one day unless a row says otherwise."""
    made = [
        {
            "post": f"x:{n}",
            "platform": "x",
            "created_at": DAY + pd.Timedelta(minutes=n),
            "time_precision": "second",
            "text": "sample words about a sample topic",
            "urls": [],
            "embedded": False,
            "is_repost": False,
            "text_truncated": False,
            "evidence_id": "E0001",
            "source_line": n,
            **row,
        }
        for n, row in enumerate(rows, start=1)
    ]
    return schema.check("posts", pd.DataFrame(made)) if made else schema.empty("posts")


def snapshots_of(*rows):
    """Return dated looks at profiles, archived unless a row says otherwise."""
    made = [
        {
            "platform": "x",
            "captured_at": DAY + pd.Timedelta(days=30 * n),
            "capture": "archive",
            "evidence_id": "E0002",
            "source_line": n,
            **row,
        }
        for n, row in enumerate(rows, start=1)
    ]
    return schema.check("snapshots", pd.DataFrame(made))


def ordinary(count=60, stratum="ordinary", prefix="r", start=0, **others):
    """Return rows of reference accounts."""
    return [
        {"account": f"{prefix}{n}", "role": "reference", "stratum": stratum, **others}
        for n in range(start, start + count)
    ]


def hours_of(rng, count, zone, *, awake=(8, 23)):
    """Return UTC hours of posts of somebody who lives in a zone."""
    local = rng.integers(awake[0], awake[1], count)
    return (local - zone) % 24
