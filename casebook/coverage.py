"""What a collection holds and what it lacks: coverage, gaps, and who was still there when.

Tables in, tables out. What a finding cannot rest on is decided here, before anything is counted.
"""

from __future__ import annotations

import pandas as pd

from casebook import schema
from casebook.language import say, word

NEEDED = {
    "posts": ("post_id", "account_id", "handle", "created_at", "text", "lang", "urls",
              "hashtags", "mentions", "repost_of", "in_reply_to", "likes", "views", "client"),
    "accounts": ("account_id", "handle", "display_name", "bio", "created_at", "followers",
                 "avatar_url", "about_country"),
    "snapshots": ("captured_at", "bio", "location", "status"),
}  # fmt: skip
"""Fields that a later step reads; the coverage card shows these."""

SOMETIMES = ("urls", "hashtags", "mentions", "repost_of", "in_reply_to", "about_country")
"""Fields that many posts rightly lack: an empty one is not a gap in the collection."""

SHORTENERS = (
    "t.co", "bit.ly", "tinyurl.com", "ow.ly", "buff.ly", "goo.gl", "is.gd", "dlvr.it", "ift.tt",
    "trib.al", "fb.me", "youtu.be",
)  # fmt: skip


def coverage_card(coverage: pd.DataFrame, readings: pd.DataFrame) -> pd.DataFrame:
    """Return one row per file and needed field, with the share of rows that have it.

    Parameters
    ----------
    coverage : DataFrame
        The table ``coverage``.
    readings : DataFrame
        The table ``readings``.

    Returns
    -------
    DataFrame
        evidence_id, file, table, field, rows, share (0 to 1), state: ``full`` (all rows),
        ``partial``, ``none``, or ``rare`` for a field many posts rightly lack.
    """
    wanted = [(table, field) for table, fields in NEEDED.items() for field in fields]
    order = {pair: rank for rank, pair in enumerate(wanted)}
    card = coverage.merge(readings[["evidence_id", "file"]], on="evidence_id", how="left")
    pairs = list(zip(card["table"], card["field"], strict=True))
    card = card[[p in order for p in pairs]].assign(_order=[order[p] for p in pairs if p in order])
    card = card[card["rows"] > 0].sort_values(["evidence_id", "_order"], kind="stable")
    card["state"] = [_state(f, s) for f, s in zip(card["field"], card["share"], strict=True)]
    columns = ["evidence_id", "file", "table", "field", "rows", "share", "state"]
    return card[columns].reset_index(drop=True)


def _state(field: str, share: float) -> str:
    if share == 1:
        return "full"
    if share == 0:
        return "none"
    return "rare" if field in SOMETIMES else "partial"


def missing_layers(posts: pd.DataFrame) -> pd.DataFrame:
    """Return, for each kind of shared object, whether this collection can show it at all.

    A layer that no post carries was excluded by the query or is not in the export. A link layer
    with more than half of its links still shortened says little about what was shared.

    Returns
    -------
    DataFrame
        layer, events (posts that carry it), assessable (bool), why.
    """
    own = posts[~posts["embedded"].fillna(False).astype(bool)]
    carried = {
        "repost": own["repost_of"].notna().sum(),
        "link": own["urls"].map(len).gt(0).sum(),
        "text": (own["text"].notna() & ~own["text_truncated"].fillna(False).astype(bool)).sum(),
        "hashtags": own["hashtags"].map(len).ge(3).sum(),
        "media": own["media"].map(len).gt(0).sum(),
        "reply": own["in_reply_to"].notna().sum(),
        "mention": own["mentions"].map(len).ge(2).sum(),
    }
    short = _shortened_share(own)
    rows = []
    for layer in schema.LAYERS:
        events, why = int(carried[layer]), ""
        if events == 0:
            why = word(_WHY_NONE[layer])
        elif layer == "link" and short > 0.5:
            why = say("{share:.0%} of the links are shortened and were not resolved", share=short)
        rows.append({"layer": layer, "events": events, "assessable": not why, "why": why})
    return pd.DataFrame(rows)


_WHY_NONE = {
    "repost": "no post names the post it repeats: the query left reposts out, or the export does",
    "link": "no post carries a link",
    "text": "every text is missing or cut short",
    "hashtags": "no post carries three hashtags or more",
    "media": "no post names a picture or a video",
    "reply": "no post names the post it answers",
    "mention": "no post mentions two accounts or more",
}


def _shortened_share(posts: pd.DataFrame) -> float:
    links = posts["urls"].explode().dropna().astype(str)
    if links.empty:
        return 0.0
    hosts = links.str.extract(r"^(?:https?://)?(?:www\.)?([^/?#:]+)", expand=False).str.lower()
    return float(hosts.isin(SHORTENERS).mean())


def gaps(posts: pd.DataFrame, *, days: int = 7) -> pd.DataFrame:
    """Return the periods of at least ``days`` days in which a file holds no post at all.

    Inside such a period the collection is silent; it does not show that the accounts were.

    Returns
    -------
    DataFrame
        evidence_id, from, to (UTC), days; longest first within a file.
    """
    own = posts[~posts["embedded"].fillna(False).astype(bool)].dropna(subset=["created_at"])
    own = own[["evidence_id", "created_at"]].sort_values(["evidence_id", "created_at"])
    before = own.groupby("evidence_id")["created_at"].shift()
    silent = own.assign(gap=own["created_at"] - before, before=before)
    silent = silent[silent["gap"] >= pd.Timedelta(days=days)]
    silent = silent.sort_values(["evidence_id", "gap"], ascending=[True, False], kind="stable")
    return pd.DataFrame(
        {
            "evidence_id": silent["evidence_id"],
            "from": silent["before"],
            "to": silent["created_at"],
            "days": silent["gap"].dt.days,
        }
    ).reset_index(drop=True)


def statuses(accounts: pd.DataFrame, snapshots: pd.DataFrame, posts: pd.DataFrame) -> pd.DataFrame:
    """Return the dated observations of whether the accounts were still there.

    A post shows that its account was active on that day; a snapshot may say suspended, removed or
    deactivated. Nothing is concluded from silence.

    Returns
    -------
    DataFrame
        The table ``statuses``, for accounts under review and known accounts.
    """
    wanted = accounts.loc[accounts["role"].isin(["persona", "known"]), "account"]
    own = posts[posts["account"].isin(wanted) & posts["created_at"].notna()]
    ends = own.sort_values(["created_at", "post"], kind="stable").groupby("account", sort=True)
    rows = [
        {
            "account": row.account,
            "status": "active",
            "seen_at": row.created_at,
            "capture": "platform export",
            "basis": "post",
            "source_url": None,
            "evidence": [f"{row.evidence_id}:{row.source_line}"],
        }
        for end in (ends.head(1), ends.tail(1))
        for row in end.itertuples()
    ]
    seen = snapshots[snapshots["account"].isin(wanted) & snapshots["status"].notna()]
    rows += [
        {
            "account": row.account,
            "status": row.status,
            "seen_at": row.captured_at,
            "capture": row.capture,
            "basis": "snapshot",
            "source_url": row.source_url if isinstance(row.source_url, str) else None,
            "evidence": [f"{row.evidence_id}:{row.source_line}"],
        }
        for row in seen.itertuples()
    ]
    frame = schema.check("statuses", pd.DataFrame(rows, columns=schema.table("statuses").names))
    frame = frame.sort_values(["account", "seen_at", "basis"], kind="stable", ignore_index=True)
    return frame.loc[~frame.duplicated(["account", "status", "seen_at", "basis"])].reset_index(
        drop=True
    )


def last_status(statuses: pd.DataFrame) -> pd.DataFrame:
    """Return the latest observation of each account."""
    dated = statuses.sort_values(["account", "seen_at"], kind="stable")
    return dated.groupby("account", sort=True).tail(1).reset_index(drop=True)
