"""Who reacted to whom in a collection: replies, reposts and quotes, each to the post it answers."""

from __future__ import annotations

import pandas as pd

COUNTERS = {"reply": "replies", "repost": "reposts", "quote": "quotes"}
"""Kind of reaction -> the column of ``posts`` in which the platform counts it."""

_POINTS_TO = (
    ("reply", "in_reply_to", "in_reply_to_handle"),
    ("repost", "repost_of", "repost_of_handle"),
    ("quote", "quote_of", None),
)


def reactions(posts: pd.DataFrame) -> pd.DataFrame:
    """Return the reactions that were collected, to accounts that are in the collection.

    Parameters
    ----------
    posts : DataFrame
        The table ``posts``.

    Returns
    -------
    DataFrame
        by and to (keys of accounts), kind (reply, repost or quote), post (key of the post that it
        answers; missing where only the handle of its author is told).
    """
    known = posts[posts["post_id"].notna()].drop_duplicates(["platform", "post_id"])
    written = known.set_index(["platform", "post_id"])[["account", "post"]]
    named = posts[posts["handle"].notna()].drop_duplicates(["platform", "handle"])
    holder = named.assign(handle=named["handle"].str.lower())
    holder = holder.drop_duplicates(["platform", "handle"])
    by_handle = holder.set_index(["platform", "handle"])["account"]
    parts = []
    for kind, post, handle in _POINTS_TO:
        some = posts[post].notna() | (posts[handle].notna() if handle else False)
        acts = posts[some & posts["account"].notna()]
        answered = written.reindex(pd.MultiIndex.from_frame(acts[["platform", post]]))
        found = pd.Series(answered["account"].to_numpy(), index=acts.index, dtype="string")
        if handle:
            who = acts.assign(h=acts[handle].str.lower())[["platform", "h"]]
            named_to = by_handle.reindex(pd.MultiIndex.from_frame(who)).to_numpy()
            found = found.fillna(pd.Series(named_to, index=acts.index, dtype="string"))
        part = pd.DataFrame({"by": acts["account"].astype("string"), "to": found})
        part["kind"] = pd.Series(kind, index=acts.index, dtype="string")
        part["post"] = pd.Series(answered["post"].to_numpy(), index=acts.index, dtype="string")
        parts.append(part.dropna(subset=["by", "to"]))
    return pd.concat(parts, ignore_index=True)


def repeats(posts: pd.DataFrame) -> pd.Series:
    """Tell which posts repeat another: their counters are those of the original."""
    marked = posts["is_repost"].fillna(value=False).astype(bool)
    return marked | posts["repost_of"].notna() | posts["repost_of_handle"].notna()
