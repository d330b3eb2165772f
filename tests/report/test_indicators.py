"""The appendix of indicators: what two judged accounts carried and no reference account did."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pandas as pd

from casebook.report.appendix import indicators

if TYPE_CHECKING:
    from casebook.case import Case

TABLES = {
    "accounts": pd.DataFrame(
        {
            "account": ["a", "b", "c", "r"], "role": ["persona"] * 3 + ["reference"],
            "handle": ["anna", "ben", "cleo", "rita"], "account_id": None, "platform": "x",
        }
    ),
    "verdicts": pd.DataFrame(
        {"account": ["a", "b", "c"],
         "verdict": ["suspected", "assessed inauthentic", "undetermined"]}
    ),
    "posts": pd.DataFrame(
        {
            "account": ["a", "b", "a", "b", "a", "c", "r"],
            "urls": [["https://one.example/x"], ["https://one.example/x"], ["https://two.example"],
                     ["https://two.example"], ["https://three.example"], ["https://three.example"],
                     ["https://two.example"]],
            "hashtags": [["Sample"], ["Sample"], [], [], ["Alone"], [], []],
        }
    ),
    "media": pd.DataFrame({"account": ["a", "b", "b", "r"], "sha256": ["f1", "f1", "f2", "f2"]}),
}  # fmt: skip


class Held:
    """A case that holds these tables and nothing else."""

    def has(self, name: str) -> bool:
        return name in TABLES

    def read(self, name: str) -> pd.DataFrame:
        return TABLES[name]


CASE = cast("Case", Held())


def test_indicators_are_of_judged_accounts_and_of_nobody_else_here() -> None:
    # Cleo is undetermined; two.example and f2 are Rita's too; three.example and Alone are one's.
    assert indicators(CASE) == [
        ("2 accounts", "anna · x, ben · x"),
        ("1 address", "hxxps://one[.]example/x"),
        ("1 hashtag", "#Sample"),
        ("1 file, by its SHA-256", "f1"),
    ]


def test_a_public_edition_tells_the_cleared_alone() -> None:
    assert indicators(CASE, ["a"]) == [("1 account", "anna · x")]
    assert indicators(CASE, []) == []
    # Whom nobody judged against is no indicator, cleared or not.
    assert indicators(CASE, ["c"]) == []
