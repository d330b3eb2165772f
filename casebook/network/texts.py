"""Texts that accounts under review share, with what they exchanged in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from casebook.fingerprints import template

if TYPE_CHECKING:
    from collections.abc import Iterable

COLUMNS = ("object", "accounts", "others", "posts", "template", "first", "last", "evidence")
MOST_VARIANTS, LONGEST = 8, 600
"""Variants of one text that are laid beside each other, and characters of each."""


def shared_texts(events: pd.DataFrame, posts: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the texts that two accounts under review or more posted, with the slots they filled.

    Parameters
    ----------
    events : DataFrame
        As `casebook.objects.events` gives them: near-duplicates are one object.
    posts, accounts : DataFrame
        The tables of these names.

    Returns
    -------
    DataFrame
        object, accounts (under review, that posted it), others (all other accounts that did),
        posts, template (what the variants have in common, and ⟨what|differs⟩ where they differ; of
        the first 8 variants, 600 characters of each), first, last, evidence (row references of the
        posts by accounts under review). Those shared by most accounts under review come first.
    """
    own = events[events["layer"] == "text"]
    review = set(accounts.loc[accounts["role"] == "persona", "account"])
    text = posts.drop_duplicates("post").set_index("post")["text"]
    rows = []
    own = own.assign(watched=own["account"].isin(review))
    among = own[own["watched"]].groupby("object")["account"].nunique()
    shared = own[own["object"].isin(among.index[among >= 2])]
    shared = shared.sort_values(["time", "account", "post"], kind="stable")
    shared = shared.assign(text=shared["post"].map(text))
    for name, everybody in shared.groupby("object", sort=True):
        part = everybody[everybody["watched"]]
        rows.append(
            {
                "object": name,
                "accounts": part["account"].nunique(),
                "others": everybody.loc[~everybody["watched"], "account"].nunique(),
                "posts": len(everybody),
                "template": _slots(part["text"].dropna()),
                "first": everybody["time"].min(),
                "last": everybody["time"].max(),
                "evidence": list(part["row"]),
            }
        )
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    return found.sort_values(
        ["accounts", "others", "object"], ascending=[False, True, True], ignore_index=True
    )


def _slots(texts: Iterable[str]) -> str:
    variants = list(dict.fromkeys(str(t)[:LONGEST] for t in texts))
    return template(variants[:MOST_VARIANTS])
