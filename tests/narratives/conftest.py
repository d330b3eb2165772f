"""Posts and accounts as tests write them: who said what, and what it got."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from casebook import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

START = pd.Timestamp("2024-05-01", tz="UTC")


def as_posts(rows: Iterable[dict]) -> pd.DataFrame:
    """Return the table of posts from dicts; each a minute and a line after the one before."""
    made = [
        {
            "post": f"x:{n}",
            "post_id": str(n),
            "platform": "x",
            "handle": row["account"],
            "created_at": START + pd.Timedelta(minutes=n),
            "time_precision": "second",
            "evidence_id": "E0001",
            "source_line": n,
            **row,
        }
        for n, row in enumerate(rows, start=1)
    ]
    return schema.check("posts", pd.DataFrame(made)) if made else schema.empty("posts")


def as_accounts(**roles: str) -> pd.DataFrame:
    """Return the table of accounts from ada="persona", ben="reference:fans", ...."""
    rows = []
    for name, told in roles.items():
        role, _, stratum = told.partition(":")
        rows.append(
            {
                "account": name,
                "platform": "x",
                "handle": name,
                "role": role,
                "stratum": stratum or None,
            }
        )
    return schema.check("accounts", pd.DataFrame(rows))


@pytest.fixture
def posts() -> Callable[..., pd.DataFrame]:
    """Make posts from (account, text) or dicts."""

    def make(*rows: tuple[str, str] | dict) -> pd.DataFrame:
        return as_posts(r if isinstance(r, dict) else {"account": r[0], "text": r[1]} for r in rows)

    return make


@pytest.fixture
def accounts() -> Callable[..., pd.DataFrame]:
    """Make accounts from name="role" or name="reference:stratum"."""
    return as_accounts


@pytest.fixture
def codebook() -> Callable[..., pd.DataFrame]:
    """Make a codebook from code=[terms] or code=([terms], [exclusions]); "to-..." are targets."""

    def make(**codes: list[str] | tuple[list[str], list[str]]) -> pd.DataFrame:
        rows = []
        for code, given in codes.items():
            terms, exclusions = given if isinstance(given, tuple) else (given, [])
            kind = "target" if code.startswith("to_") else "narrative"
            rows.append((code, kind, code.title(), "A topic.", terms, exclusions))
        names = ["code", "kind", "label", "definition", "terms", "exclusions"]
        return pd.DataFrame(rows, columns=names)

    return make
