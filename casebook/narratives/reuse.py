"""What several accounts under review put out alike, and who else put it out.

These are the objects that the network step tests (`casebook.objects.events`); here they are listed,
without regard to time. To share a text or a link with others is what everybody does: what tells is
whether ordinary accounts share it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casebook import schema
from casebook.narratives.own import MOST_EVIDENCE

if TYPE_CHECKING:
    import pandas as pd

LAYERS = ("text", "link", "media")
"""The layers in which an account says something itself; a repost says who said it."""
LEAST_ACCOUNTS = 2


def shared_content(events: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the texts, links and media that two or more accounts under review posted.

    Parameters
    ----------
    events : DataFrame
        As from `casebook.objects.events`; near-duplicate texts, and copies of a picture, are one
        object.
    accounts : DataFrame
        The table ``accounts``.

    Returns
    -------
    DataFrame
        The table ``reuse``: those that the fewest reference accounts posted first, then by
        accounts under review. A handle that is the same on several platforms is one account.
    """
    role = accounts.set_index("account")["role"]
    handle = accounts.set_index("account")["handle"].str.lower()
    shown = events[events["layer"].isin(LAYERS) & events["account"].isin(role.index)]
    shown = shown.assign(role=shown["account"].map(role), who=shown["account"].map(handle))
    shown["who"] = shown["who"].fillna(shown["account"])
    key = ["layer", "object"]
    ours = shown[shown["role"] == "persona"].sort_values(["time", "row"], kind="stable")
    found = ours.groupby(key, sort=True).agg(
        accounts=("who", "nunique"),
        posts=("post", "nunique"),
        first=("time", "min"),
        last=("time", "max"),
        evidence=("row", lambda rows: list(dict.fromkeys(rows))[:MOST_EVIDENCE]),
    )
    found = found[found["accounts"] >= LEAST_ACCOUNTS]
    if found.empty:
        return schema.empty("reuse")
    for column, roles in (("known", {"known"}), ("reference", {"reference"}),
                          ("others", {"bystander"})):  # fmt: skip
        theirs = shown[shown["role"].isin(roles)].groupby(key)["account"].nunique()
        found[column] = theirs.reindex(found.index).fillna(0).astype(int)
    # A file whose line is not known leaves an empty reference, which leads nowhere.
    found["evidence"] = [[r for r in rows if r] for rows in found["evidence"]]
    whole = found.reset_index().sort_values(
        ["reference", "accounts", "posts", "layer", "object"],
        ascending=[True, False, False, True, True],
        kind="stable",
    )
    return schema.check("reuse", whole)
