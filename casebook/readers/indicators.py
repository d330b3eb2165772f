"""Lists of accounts and links from public reports, defanged as they are printed.

Meta's threat-research files (Tactic, Technique, Procedure, Indicator, with or without notes) and
plain lists of one handle, link or domain a line.

References
----------
Meta, threat-research repository, indicators 2022 to 2026: the header variants read here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from casebook.objects import normalised_url
from casebook.readers.base import Record
from casebook.readers.delimited import header_of, opened, some
from casebook.schema import account_key
from casebook.text import refang

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casebook.readers.base import Head, Source

COLUMNS = ("tactic", "technique", "procedure", "indicator")
NOTES = ("note", "notes", "comment", "comments")

_PROFILES = {
    "x.com": "x", "twitter.com": "x", "facebook.com": "facebook", "instagram.com": "instagram",
    "tiktok.com": "tiktok", "youtube.com": "youtube", "t.me": "telegram", "vk.com": "vk",
    "threads.net": "threads", "medium.com": "medium", "pinterest.com": "pinterest",
    "truthsocial.com": "truthsocial", "gab.com": "gab", "bsky.app": "bluesky", "ok.ru": "ok",
    "weibo.com": "weibo",
}  # fmt: skip
_NOT_HANDLES = {
    "watch", "hashtag", "search", "i", "home", "groups", "pages", "p", "reel", "playlist", "share",
    "story.php", "permalink.php", "explore", "intent", "s", "joinchat", "photo", "video", "videos",
    "events", "people", "tag", "web",
}  # fmt: skip
_YOUTUBE = {"channel", "c", "user"}
_COUNT = re.compile(
    r"(?:about |around |over |more than |~)?[\d.,]+\s+\D*?"
    r"(?:accounts?|pages?|groups?|profiles?|channels?|handles?|assets?|events?)\b",
    re.IGNORECASE,
)
_DOMAIN = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,23}", re.IGNORECASE
)
_HANDLE = re.compile(r"@[\w.]{1,60}")
_EMAIL = re.compile(r"[\w.+-]+@(?:[\w-]+\.)+[a-z]{2,24}", re.IGNORECASE)
_HASHTAG = re.compile(r"#\w{1,100}")
_LINE_LIMIT = 2048


class Indicators:
    """Reader of indicator lists."""

    name = "indicators"
    format = "list of accounts or links from a public report"
    version = 1
    verified = True

    def recognises(self, head: Head) -> bool:
        """Tell whether it is a kill-chain table, or a list with one indicator a line."""
        if is_killchain(head.text.split("\n", 1)[0]):
            return True
        return _is_plain_list(head.text, complete=len(head.start) == head.path.stat().st_size)

    def read(self, source: Source) -> Iterator[Record]:
        """Yield one record a row or line."""
        if [c.lower() for c in header_of(source.path)[:4]] == list(COLUMNS):
            yield from _table(source)
        else:
            yield from _list(source)


def is_killchain(first_line: str) -> bool:
    """Tell whether a header is that of Meta's indicator files, however it is spaced."""
    names = [c.strip().strip('"').strip().lower() for c in first_line.strip().split(",")]
    return tuple(names[:4]) == COLUMNS


def _is_plain_list(text: str, *, complete: bool) -> bool:
    lines = text.split("\n")
    lines = [stripped for line in (lines if complete else lines[:-1]) if (stripped := line.strip())]
    lines = [line for line in lines if not line.startswith("# ")]
    if not lines or any(len(line) > _LINE_LIMIT or "\t" in line for line in lines):
        return False
    kinds = [classified(line)[0] for line in lines]
    return all(k in {"handle", "account", "url", "domain", "hashtag", "email"} for k in kinds)


def _table(source: Source) -> Iterator[Record]:
    with opened(source.path, source.name) as sheet:
        header = [c.lower() for c in sheet.header]
        note_column = next((i for i, c in enumerate(header) if c in NOTES), None)
        unread = [
            f"column {c!r} is not read"
            for i, c in enumerate(header)
            if c and i > 3 and i != note_column
        ]
        notices = (*sheet.notices, *unread)
        for line, cells in sheet.rows:
            padded = [*cells, *[""] * (len(header) - len(cells))]
            note = some(padded[note_column]) if note_column is not None else None
            context = {
                "tactic": some(padded[0]),
                "technique": some(padded[1]),
                "procedure": some(padded[2]),
                "note": note,
            }
            if len(cells) > len(header) and any(c.strip() for c in cells[len(header) :]):
                yield Record(
                    line, rejected=f"{len(cells)} cells where the header has {len(header)}"
                )
            elif not (indicator := some(padded[3])):
                yield Record(line, rejected="no indicator", notices=notices)
            else:
                yield _record(line, indicator, context, notices)
            notices = ()


def _list(source: Source) -> Iterator[Record]:
    with source.path.open(encoding="utf-8-sig", errors="replace") as file:
        for line, raw in enumerate(file, start=1):
            text = raw.strip().replace("\0", "")
            if text and not text.startswith("# "):
                yield _record(line, text[:_LINE_LIMIT], {}, ())


def _record(line: int, indicator: str, context: dict[str, Any], notices: tuple[str, ...]) -> Record:
    kind, platform, value = classified(indicator)
    if platform is None:
        platform = _platform_named(f"{context.get('technique')} {context.get('procedure')}")
    row = {"indicator": indicator, "kind": kind, "platform": platform, "value": value, **context}
    rows: list[tuple[str, dict[str, Any]]] = [("indicators", row)]
    if kind in {"account", "handle"} and platform and value:
        handle = value.rsplit("/", 1)[-1].lstrip("@")
        rows.append(("accounts", {
            "account": account_key(platform, None, handle), "platform": platform, "handle": handle,
            "seen_as": "listed",
        }))  # fmt: skip
    return Record(line, tuple(rows), notices=notices)


def classified(indicator: str) -> tuple[str, str | None, str]:
    """Return the kind of an indicator, its platform where the address says, and its plain value.

    The value of an account is its handle in lower case; of a link, the address as
    `casebook.objects.normalised_url` writes it.

    Examples
    --------
    >>> classified("https://twitter[.]com/Synth_Name/")
    ('account', 'x', 'synth_name')
    >>> classified("example[.]org")
    ('domain', None, 'example.org')
    >>> classified("7,704 Facebook accounts")
    ('count', 'facebook', '7,704 facebook accounts')
    """
    text = refang(indicator).strip().strip("\"'“”").strip()
    lowered = text.lower()
    if _COUNT.match(text):
        return "count", _platform_named(text), lowered
    if _EMAIL.fullmatch(text):
        return "email", None, lowered
    if _HASHTAG.fullmatch(text):
        return "hashtag", None, lowered.removeprefix("#")
    if _HANDLE.fullmatch(text):
        return "handle", None, lowered.removeprefix("@")
    if " " not in text and ("://" in text or re.match(_DOMAIN.pattern + r"/", text, re.IGNORECASE)):
        return _address(text if "://" in text else f"https://{text}")
    if _DOMAIN.fullmatch(lowered.rstrip("/")):
        return "domain", None, lowered.rstrip("/").removeprefix("www.")
    return "text", None, " ".join(lowered.split())


def _address(url: str) -> tuple[str, str | None, str]:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    except ValueError:
        return "text", None, url.lower()
    host = host.removeprefix("mobile.")
    platform = _PROFILES.get(host)
    steps = [s for s in parts.path.split("/") if s]
    if platform and steps:
        if steps[0] == "profile.php" and (number := parse_qs(parts.query).get("id")):
            return "account", platform, number[0].lower()
        if platform == "youtube" and steps[0] in _YOUTUBE and len(steps) == 2:
            return "account", platform, steps[1].lower()
        if len(steps) == 1 and steps[0].lower() not in _NOT_HANDLES:
            return "account", platform, steps[0].lstrip("@").lower()
    if not steps and not parts.query:
        return "domain", None, host
    return "url", platform, (normalised_url(url) or url).lower()


def _platform_named(text: str) -> str | None:
    lowered = text.lower()
    for word, platform in (
        ("facebook", "facebook"), ("instagram", "instagram"), ("twitter", "x"),
        ("tiktok", "tiktok"), ("youtube", "youtube"), ("telegram", "telegram"),
        ("threads", "threads"),
    ):  # fmt: skip
        if word in lowered:
            return platform
    return None


READERS = (Indicators(),)
