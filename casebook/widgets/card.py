"""What a reviewer sees of one account, as safe HTML: nothing in it is loaded or can be clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook.language import say, say_count, word
from casebook.personas.catalogue import CATALOGUE
from casebook.text import defang, escape_html, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

CLAIMS = {
    "claimed_age": "age",
    "claimed_place": "place",
    "claimed_occupation": "occupation",
    "claimed_service": "service",
}
PROFILE = ("bio", "location", "created_at", "followers")
BLUR = 18
"""Points of 240: colours stay, faces and words do not."""
SAMPLE = 8
"""Posts on a card: the first, the last, and some between."""
POST = 280


class Cards:
    """The cards of all accounts under review, or of all who stand in a line-up.

    Parameters
    ----------
    accounts, posts, snapshots, signals : DataFrame
        The tables of these names.
    line_up : list of str, optional
        Keys of those in a line-up. Their cards say nothing that gives away who is under review:
        no signal, no file and line, not how an account was found, and of profiles only what was
        collected for at least half of those under review and half of the others.
    pictures : mapping, optional
        Account -> collected picture files.
    """

    def __init__(
        self,
        accounts: pd.DataFrame,
        posts: pd.DataFrame,
        snapshots: pd.DataFrame,
        signals: pd.DataFrame,
        *,
        line_up: list[str] | None = None,
        pictures: Mapping[str, list[Path]] | None = None,
    ) -> None:
        self.pictures = pictures or {}
        self._drawn: dict[tuple[str, bool], str] = {}
        self.blind = line_up is not None
        chosen = accounts["role"] == "persona"
        if line_up is not None:
            chosen = accounts["account"].isin(line_up)
        under_review = accounts[chosen].sort_values("account")
        self._accounts = {row["account"]: row for row in under_review.to_dict("records")}
        keys = set(self._accounts)
        own = posts[
            posts["account"].isin(keys) & ~posts["embedded"].fillna(value=False).astype(bool)
        ]
        self._posts = _by_account(own.sort_values(["created_at", "post"], kind="stable"))
        self._looks = _by_account(snapshots[snapshots["account"].isin(keys)])
        self._hidden = self._uneven(under_review) if self.blind else frozenset()
        self._signals = _by_account(signals[signals["account"].isin(keys)])

    def _uneven(self, people: pd.DataFrame) -> frozenset[str]:
        """Return what a line-up must not show, since it was collected for one side only."""
        ours = people["role"] == "persona"
        known = {c: people[c].notna() for c in PROFILE}
        known["looks"] = people["account"].isin(self._looks)
        even = {c for c, k in known.items() if min(k[ours].mean(), k[~ours].mean()) >= 0.5}
        return frozenset({*known, "found_by", "selected_on"} - even)

    @property
    def personas(self) -> list[str]:
        """Keys of the accounts there are cards of."""
        return list(self._accounts)

    def name(self, account: str) -> str:
        """Return what an account is called."""
        row = self._accounts[account]
        handle = row["handle"] if isinstance(row["handle"], str) else account
        return f"{handle} · {row['platform']}"

    def rows(self, account: str) -> list[str]:
        """Return what a verdict cites at first: the row of the profile; in a line-up, of posts."""
        row = self._accounts[account]
        if self.blind:
            posts = self._posts.get(account)
            chosen = [] if posts is None else _sampled(posts).to_dict("records")
            return [f"{p['evidence_id']}:{p['source_line']}" for p in chosen]
        if pd.isna(row["evidence_id"]) or pd.isna(row["source_line"]):
            return []
        return [f"{row['evidence_id']}:{int(row['source_line'])}"]

    def html(self, account: str, *, clear: bool = False) -> str:
        """Return the card of an account; every text from evidence is escaped, links defanged.

        Pictures are opened in a process of their own, and blurred unless ``clear``.
        """
        row = self._accounts[account]
        return (
            '<div style="border:1px solid #d5d9df;border-radius:6px;padding:.6em 1em;'
            'line-height:1.35">'
            f"<h3>{escape_html(self.name(account))}</h3>"
            f"{_profile(row, self._hidden)}"
            f"{self._pictures(account, clear=clear)}"
            f"{self._claims(account)}{self._shown(account)}{self._sample(account)}</div>"
        )

    def _pictures(self, account: str, *, clear: bool) -> str:
        if (account, clear) not in self._drawn:
            self._drawn[account, clear] = _drawn(self.pictures.get(account, []), clear=clear)
        return self._drawn[account, clear]

    def _claims(self, account: str) -> str:
        if "looks" in self._hidden:
            return ""
        looks = self._looks.get(account)
        if looks is None:
            return _line(say("No dated profile of this account was captured."))
        lines = []
        for look in looks.sort_values("captured_at").to_dict("records"):
            said = [
                f"{word(name)}: {look[c]}" for c, name in CLAIMS.items() if not pd.isna(look[c])
            ]
            lines.append(
                (_day(look["captured_at"]), _word(look["capture"]), _word(look["status"]),
                 look["handle"], look["bio"], "; ".join(said))
            )  # fmt: skip
        head = ("seen on", "captured as", "state", "handle", "profile text", "claims, as coded")
        return _table(say("Claims over time"), head, lines)

    def _shown(self, account: str) -> str:
        found = self._signals.get(account)
        if found is None or self.blind:
            return ""
        rows = [
            (
                _signal_name(r),
                word("shown") if r["counted"] else word("shown, not counted"),
                r["reason"],
                _rate(r),
                say(CATALOGUE[r["signal"]].innocent) if r["signal"] in CATALOGUE else "",
                ", ".join(list(r["evidence"])[:3]),
            )
            for r in found[found["shown"] == "shown"].to_dict("records")
        ]
        head = (
            "signal", "", "what was measured", "among ordinary accounts",
            "innocent who show it too", "rows",
        )  # fmt: skip
        table = (
            _table(say("Signals shown"), head, rows) if rows else _line(say("No signal is shown."))
        )
        return table + self._others(found)

    @staticmethod
    def _others(found: pd.DataFrame) -> str:
        """Return what is not shown, which speaks for the account, and what nobody can tell."""
        lines = []
        for state, words in (
            ("not shown", say("Looked for and not shown")),
            ("not assessable", say("Not assessable here")),
        ):
            names = [_signal_name(r) for r in found[found["shown"] == state].to_dict("records")]
            if names:
                lines.append(_line(say("{what}: {names}", what=words, names=", ".join(names))))
        return "".join(lines)

    def _sample(self, account: str) -> str:
        posts = self._posts.get(account)
        if posts is None:
            return _line(say("No post of this account was collected."))
        chosen = _sampled(posts)
        rows = [
            (
                _day(p["created_at"], minutes=True),
                shorten(defang(p["text"]), POST) if isinstance(p["text"], str) else "",
                ", ".join(defang(u) for u in p["urls"]),
                say_count("{n} file, not loaded", "{n} files, not loaded", len(p["media"]))
                if len(p["media"])
                else "",
                "" if self.blind else f"{p['evidence_id']}:{p['source_line']}",
            )
            for p in chosen.to_dict("records")
        ]
        title = say("{some} of {all} posts", some=len(rows), all=len(posts))
        return _table(title, ("UTC", "text", "links", "media", "row"), rows)


def _by_account(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(a): part for a, part in frame.groupby("account", sort=True)}


def _sampled(posts: pd.DataFrame) -> pd.DataFrame:
    return posts.iloc[sorted({round(i * (len(posts) - 1) / (SAMPLE - 1)) for i in range(SAMPLE)})]


def _profile(row: Mapping[Any, Any], hidden: frozenset[str]) -> str:
    told = {
        "bio": ("profile text", row["bio"]),
        "location": ("place", row["location"]),
        "created_at": ("made on", _day(row["created_at"])),
        "followers": ("followers", row["followers"]),
        "found_by": ("found by", row["found_by"]),
        "selected_on": ("picked for", ", ".join(row["selected_on"])),
    }
    facts = [fact for column, fact in told.items() if column not in hidden]
    lines = [
        f"<dt style='color:#56606d'>{escape_html(word(name))}</dt>"
        f"<dd>{escape_html(str(value))}</dd>"
        for name, value in facts
        if not (value is None or value == "" or (pd.api.types.is_scalar(value) and pd.isna(value)))
    ]
    return f"<dl>{''.join(lines)}</dl>"


def _drawn(paths: list[Path], *, clear: bool) -> str:
    """Return pictures as PNG inside the page, made anew from points; nothing else of them is."""
    from base64 import b64encode
    from io import BytesIO

    from casebook.media import previews

    parts = []
    for path, points in zip(paths, previews(paths), strict=True):
        name = escape_html(path.name)
        if points is None:
            parts.append(f"<span>{say('{name} cannot be opened', name=name)}</span>")
            continue
        from PIL import Image, ImageFilter

        image = Image.fromarray(points)
        if not clear:
            image = image.filter(ImageFilter.GaussianBlur(BLUR))
        held = BytesIO()
        image.save(held, "PNG")
        state = escape_html(word("picture" if clear else "blurred picture"))
        parts.append(
            f'<img alt="{state} {name}" title="{name}" style="margin:.2em .6em .2em 0;width:auto" '
            f'src="data:image/png;base64,{b64encode(held.getvalue()).decode()}">'
        )
    return f"<div>{''.join(parts)}</div>" if parts else ""


def _rate(row: Mapping[Any, Any]) -> str:
    signal = CATALOGUE.get(row["signal"])
    if signal is not None and signal.scope == "group":
        return word("compared as a group")
    if pd.isna(row["reference_rate"]) or not row["reference_n"]:
        return word("no reference")
    words = say("{rate:.0%} of {n}", rate=row["reference_rate"], n=int(row["reference_n"]))
    if isinstance(row["worst_stratum"], str):
        words += "; " + say(
            "{rate:.0%} of {stratum}", rate=row["worst_rate"], stratum=word(row["worst_stratum"])
        )
    return words


def _signal_name(row: Mapping[Any, Any]) -> str:
    """Return a signal in words, with the owner where an account had several."""
    owner = row["episode"]
    name = word(row["signal"])
    return f"{name} ({word(owner)})" if isinstance(owner, str) and owner != "all" else name


def _word(value: Any) -> str:
    return word(value) if isinstance(value, str) else ""


def _line(words: str) -> str:
    return f"<p style='margin:.5em 0'>{escape_html(words)}</p>"


def _day(moment: Any, *, minutes: bool = False) -> str:
    if pd.isna(moment):
        return ""
    return f"{moment:%Y-%m-%d %H:%M}" if minutes else f"{moment:%Y-%m-%d}"


def _table(title: str, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    left = "style='text-align:left;vertical-align:top;padding:.1em .8em .1em 0'"
    names = "".join(f"<th scope='col' {left}>{escape_html(word(h))}</th>" for h in head)
    body = "".join(
        "<tr>"
        + "".join(
            f"<td {left}>{escape_html('' if v is None or v is pd.NA else str(v))}</td>" for v in row
        )
        + "</tr>"
        for row in rows
    )
    return (
        f"<table style='font-size:90%;margin:.6em 0'>"
        f"<caption style='text-align:left;font-weight:600;padding:.2em 0'>"
        f"{escape_html(title)}</caption><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"
    )
