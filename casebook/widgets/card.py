"""What a reviewer sees of one account, as safe HTML: nothing in it is loaded or can be clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook.text import defang, escape_html, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CLAIMS = {
    "claimed_age": "age",
    "claimed_place": "place",
    "claimed_occupation": "occupation",
    "claimed_service": "service",
}
SAMPLE = 8
"""Posts on a card: the first, the last, and some between."""
POST = 280


class Cards:
    """The cards of all accounts under review.

    Parameters
    ----------
    accounts, posts, snapshots, signals : DataFrame
        The tables of these names.
    """

    def __init__(
        self,
        accounts: pd.DataFrame,
        posts: pd.DataFrame,
        snapshots: pd.DataFrame,
        signals: pd.DataFrame,
    ) -> None:
        under_review = accounts[accounts["role"] == "persona"].sort_values("account")
        self._accounts = {row["account"]: row for row in under_review.to_dict("records")}
        keys = set(self._accounts)
        own = posts[
            posts["account"].isin(keys) & ~posts["embedded"].fillna(value=False).astype(bool)
        ]
        self._posts = _by_account(own.sort_values(["created_at", "post"], kind="stable"))
        self._looks = _by_account(snapshots[snapshots["account"].isin(keys)])
        self._signals = _by_account(signals[signals["account"].isin(keys)])

    @property
    def personas(self) -> list[str]:
        """Keys of the accounts under review."""
        return list(self._accounts)

    def name(self, account: str) -> str:
        """Return what an account is called."""
        row = self._accounts[account]
        handle = row["handle"] if isinstance(row["handle"], str) else account
        return f"{handle} · {row['platform']}"

    def rows(self, account: str) -> list[str]:
        """Return the row of the profile, as a first citation."""
        row = self._accounts[account]
        if pd.isna(row["evidence_id"]) or pd.isna(row["source_line"]):
            return []
        return [f"{row['evidence_id']}:{int(row['source_line'])}"]

    def html(self, account: str) -> str:
        """Return the card of an account; every text from evidence is escaped, links defanged."""
        row = self._accounts[account]
        return (
            '<div style="border:1px solid #d5d9df;border-radius:6px;padding:.6em 1em;'
            'line-height:1.35">'
            f"<h3>{escape_html(self.name(account))}</h3>"
            f"{_profile(row)}"
            f"{self._claims(account)}{self._shown(account)}{self._sample(account)}</div>"
        )

    def _claims(self, account: str) -> str:
        looks = self._looks.get(account)
        if looks is None:
            return "<p>No dated profile of this account was captured.</p>"
        lines = []
        for look in looks.sort_values("captured_at").to_dict("records"):
            said = [f"{word}: {look[c]}" for c, word in CLAIMS.items() if not pd.isna(look[c])]
            lines.append(
                (_day(look["captured_at"]), look["capture"], look["status"], look["bio"],
                 "; ".join(said))
            )  # fmt: skip
        head = ("seen on", "capture", "state", "profile text", "claims, as coded")
        return _table("Claims over time", head, lines)

    def _shown(self, account: str) -> str:
        found = self._signals.get(account)
        if found is None:
            return ""
        rows = [
            (
                r["signal"],
                "shown" if r["counted"] else "shown, not counted",
                r["reason"],
                _rate(r),
                ", ".join(list(r["evidence"])[:3]),
            )
            for r in found[found["shown"] == "shown"].to_dict("records")
        ]
        head = ("signal", "", "what was measured", "among ordinary accounts", "rows")
        return _table("Signals shown", head, rows) if rows else "<p>No signal is shown.</p>"

    def _sample(self, account: str) -> str:
        posts = self._posts.get(account)
        if posts is None:
            return "<p>No post of this account was collected.</p>"
        chosen = posts.iloc[
            sorted({round(i * (len(posts) - 1) / (SAMPLE - 1)) for i in range(SAMPLE)})
        ]
        rows = [
            (
                _day(p["created_at"], minutes=True),
                shorten(defang(p["text"]), POST) if isinstance(p["text"], str) else "",
                ", ".join(defang(u) for u in p["urls"]),
                f"{len(p['media'])} pictures, not shown" if len(p["media"]) else "",
                f"{p['evidence_id']}:{p['source_line']}",
            )
            for p in chosen.to_dict("records")
        ]
        title = f"{len(rows)} of {len(posts):,} posts"
        return _table(title, ("UTC", "text", "links", "media", "row"), rows)


def _by_account(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(a): part for a, part in frame.groupby("account", sort=True)}


def _profile(row: Mapping[Any, Any]) -> str:
    facts = (
        ("profile text", row["bio"]),
        ("place", row["location"]),
        ("made on", _day(row["created_at"])),
        ("followers", row["followers"]),
        ("found by", row["found_by"]),
        ("picked for", ", ".join(row["selected_on"])),
    )
    lines = [
        f"<dt style='color:#56606d'>{escape_html(word)}</dt><dd>{escape_html(str(value))}</dd>"
        for word, value in facts
        if not (value is None or value == "" or (pd.api.types.is_scalar(value) and pd.isna(value)))
    ]
    return f"<dl>{''.join(lines)}</dl>"


def _rate(row: Mapping[Any, Any]) -> str:
    if pd.isna(row["reference_rate"]) or not row["reference_n"]:
        return "no reference"
    words = f"{row['reference_rate']:.0%} of {row['reference_n']}"
    if isinstance(row["worst_stratum"], str):
        words += f"; {row['worst_rate']:.0%} of {row['worst_stratum']}"
    return words


def _day(moment: Any, *, minutes: bool = False) -> str:
    if pd.isna(moment):
        return ""
    return f"{moment:%Y-%m-%d %H:%M}" if minutes else f"{moment:%Y-%m-%d}"


def _table(title: str, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    left = "style='text-align:left;vertical-align:top;padding:.1em .8em .1em 0'"
    names = "".join(f"<th scope='col' {left}>{escape_html(h)}</th>" for h in head)
    body = "".join(
        "<tr>"
        + "".join(
            f"<td {left}>{escape_html('' if v is None or v is pd.NA else str(v))}</td>" for v in row
        )
        + "</tr>"
        for row in rows
    )
    return (
        f"<table style='font-size:90%'><caption style='text-align:left;font-weight:600'>"
        f"{escape_html(title)}</caption><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"
    )
