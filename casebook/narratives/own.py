"""Whose words a post holds, and to which group its author belongs."""

from __future__ import annotations

import pandas as pd

from casebook.reactions import repeats

UNDER_REVIEW, ORDINARY, LOOK_ALIKES = "under review", "ordinary", "look-alikes"
MOST_EVIDENCE = 20


def own_posts(posts: pd.DataFrame) -> pd.DataFrame:
    """Return the posts that their authors wrote, in time, with the column ``row``.

    Originals that came along inside another post are left out, and so are reposts: their words and
    their counters are somebody else's.
    """
    embedded = posts["embedded"].fillna(value=False).astype(bool)
    own = posts[~embedded & ~repeats(posts) & posts["account"].notna()]
    row = own["evidence_id"] + ":" + own["source_line"].astype("string")
    return own.assign(row=row).sort_values(["created_at", "post"], kind="stable")


def groups(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return for each account that is compared its group: account, group, stratum.

    The group is under review, ordinary or look-alikes; the stratum says which look-alikes.
    """
    compared = accounts[accounts["role"].isin(["persona", "reference"])]
    stratum = compared["stratum"].fillna(ORDINARY)
    group = stratum.where(stratum == ORDINARY, LOOK_ALIKES)
    review = compared["role"] == "persona"
    return pd.DataFrame(
        {
            "account": compared["account"].astype("string"),
            "group": group.mask(review, UNDER_REVIEW).astype("string"),
            "stratum": stratum.mask(review, "").astype("string"),
        }
    )
