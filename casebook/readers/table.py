"""Any table, CSV or XLSX, with a column mapping that is proposed, shown and saved.

A proposal rests on the names of the columns and on what is in them. It decides nothing that the
file does not say: where days and months cannot be told apart, the time stays empty and is counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casebook import schema
from casebook.errors import ReaderError
from casebook.readers.base import Record, account_snowflake_time, is_damaged_id, snowflake_time
from casebook.readers.delimited import (
    count,
    day_order,
    epoch,
    flag,
    is_xlsx,
    listed,
    moment,
    opened,
    precision,
    some,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from casebook.readers.base import Head, Row, Source

SAMPLE_ROWS = 2000
"""Rows looked at for a proposal: enough for one day above 12 in a year of dates."""

POST_NAMES: dict[str, tuple[str, ...]] = {
    "post_id": ("post_id", "tweet_id", "tweetid", "id_str", "status_id", "message_id", "content_id",
                "video_id", "id"),
    "account_id": ("account_id", "user_id", "userid", "author_id", "from_id", "channel_id",
                   "external_author_id"),
    "handle": ("handle", "screen_name", "user_screen_name", "username", "user_name", "author",
               "account", "page_name", "channel", "user", "author_id"),
    "created_at": ("created_at", "tweet_time", "publish_date", "post_created", "timestamp",
                   "timestamp_share", "posted_at", "published", "date_utc", "datetime", "date",
                   "time", "create_time", "created_utc", "unix_timestamp"),
    "text": ("text", "tweet_text", "full_text", "content", "message", "body", "caption", "post",
             "tweet"),
    "lang": ("lang", "language", "tweet_language"),
    "urls": ("urls", "links", "expanded_urls", "link"),
    "hashtags": ("hashtags", "tags"),
    "mentions": ("mentions", "user_mentions"),
    "media": ("media", "images", "media_urls"),
    "in_reply_to": ("in_reply_to", "reply_id", "in_reply_to_status_id_str", "in_reply_to_tweetid"),
    "is_repost": ("is_repost", "is_retweet", "retweet"),
    "repost_of": ("repost_of", "repost_id", "retweet_id", "retweet_tweetid"),
    "likes": ("likes", "like_count", "favorite_count", "favourite_count"),
    "replies": ("replies", "reply_count", "comments", "comment_count"),
    "reposts": ("reposts", "retweet_count", "shares", "share_count"),
    "quotes": ("quotes", "quote_count"),
    "views": ("views", "view_count", "impressions", "plays"),
    "client": ("client", "source", "tweet_client_name"),
    "url": ("url", "permalink", "post_url"),
}  # fmt: skip
ACCOUNT_NAMES: dict[str, tuple[str, ...]] = {
    "account_id": ("account_id", "user_id", "userid", "id_str", "author_id", "channel_id",
                   "external_author_id", "id"),
    "handle": ("handle", "screen_name", "user_screen_name", "username", "author", "author_id"),
    "display_name": ("display_name", "user_display_name", "name", "full_name"),
    "bio": ("bio", "description", "user_profile_description"),
    "location": ("location", "user_reported_location"),
    "website": ("website", "user_profile_url", "url"),
    "created_at": ("created_at", "account_creation_date", "account_created"),
    "followers": ("followers", "followers_count", "follower_count", "followers_maximum"),
    "following": ("following", "friends_count", "following_count", "following_maximum"),
    "posts": ("posts", "statuses_count", "tweet_count", "updates"),
    "verified": ("verified",),
    "lang": ("lang", "account_language"),
}  # fmt: skip
_PROFILE_IN_POSTS = ("display_name", "bio", "location", "website", "followers", "following")
_OTHER_IDS = ("external_author_id", "user_id", "account_id", "userid")
_LISTS = {"urls", "hashtags", "mentions", "media"}
_COUNTS = {"likes", "replies", "reposts", "quotes", "views", "followers", "following", "posts"}
_FLAGS = {"verified", "is_repost"}
_IDS = {"post_id", "account_id", "in_reply_to", "repost_of"}
_OPTIONS = {"table", "platform", "columns", "day_first", "time_precision", "utc_offset_hours"}
_REPOST = re.compile(r"RT @(\w{1,20}): ?")

N_DAMAGED = "column {!r}: an id was rounded by a spreadsheet; it was left empty, not guessed"
N_QUOTES = "column {!r}: ids stood in quotation marks of their own, which were taken off"
N_TIME = "column {!r}: a time that could not be told for sure was left empty"
N_NAIVE = "times name no zone and were read as UTC; set utc_offset_hours where that is wrong"
N_BOTH = "column {!r}: some dates put the day first and some the month; both were left empty"
N_COUNT = "column {!r}: a count that is no number was left empty"
N_UNMAPPED = "column {!r} is not read"
N_NO_ORIGINAL = "a repost names no original; its text is not compared"


@dataclass
class Proposal:
    """A mapping for a table, and what a person should look at before trusting it."""

    mapping: dict[str, Any]
    unmapped: list[str] = field(default_factory=list)
    preview: list[dict[str, Any]] = field(default_factory=list)
    rejected: int = 0
    sampled: int = 0
    warnings: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        read = ", ".join(f"{t} <- {s}" for t, s in self.mapping["columns"].items())
        said = f"read as {self.mapping['table']} ({self.mapping['platform']}): {read}"
        if self.unmapped:
            said += f"; not read: {', '.join(self.unmapped)}"
        return "; ".join([said, *self.warnings])


class TableReader:
    """Reader of tables by a column mapping."""

    name = "table"
    format = "table with a column mapping (CSV or XLSX)"
    version = 1
    verified = True

    def recognises(self, head: Head) -> bool:
        """Tell whether this is a table in which the author and a text, time or profile is found."""
        if b"\0" in head.start and not is_xlsx(head.path) and head.start[:2] != b"\xff\xfe":
            return False
        try:
            proposed_columns(_names(head.path))
        except (ReaderError, UnicodeError):
            return False
        return True

    def read(self, source: Source) -> Iterator[Record]:
        """Yield one record a row."""
        mapping = checked_mapping(source.mapping, source.name)
        with opened(source.path, source.name) as sheet:
            header = sheet.header
            for target, column in mapping["columns"].items():
                if column not in header and not column.startswith("="):
                    hint = schema.nearest(column, header)
                    raise ReaderError(
                        f"it has no column {column!r} (mapped to {target})",
                        where=source.name,
                        remedy=f"did you mean {hint!r}? Correct it under mappings: in case.yaml",
                    )
            taken = set(mapping["columns"].values())
            unread = [N_UNMAPPED.format(c) for c in header if c and c not in taken][:40]
            first = (*sheet.notices, *unread)
            for line, cells in sheet.rows:
                if len(cells) != len(header):
                    yield Record(
                        line,
                        rejected=f"{len(cells)} cells where the header has {len(header)}",
                        notices=first,
                    )
                else:
                    yield _record(line, dict(zip(header, cells, strict=True)), mapping, first)
                first = ()


def propose_mapping(
    path: Path, name: str | None = None, *, given: Mapping[str, Any] | None = None
) -> Proposal:
    """Return a mapping for a table, from its column names and a sample of its rows.

    Parameters
    ----------
    path : Path
    name : str, optional
        What to call the file in messages.
    given : mapping, optional
        What a person has decided: options, and target -> column, or target -> ``=value`` for a
        value that no column holds. It goes before what the names suggest.

    Raises
    ------
    ReaderError
        Where no column looks like an author, or none like a text, a time or a profile.
    """
    name = name or path.name
    with opened(path, name) as sheet:
        header = sheet.header
        rows = [
            dict(zip(header, cells, strict=True))
            for _, (_, cells) in zip(range(SAMPLE_ROWS), sheet.rows, strict=False)
            if len(cells) == len(header)
        ]
    options, chosen = _parted(given or {})
    table, columns = proposed_columns(header) if not chosen else _completed(header, chosen)
    warnings: list[str] = []
    _prefer_whole_ids(columns, header, rows, warnings)
    columns |= chosen
    mapping: dict[str, Any] = {
        "table": table,
        "platform": _platform(header, rows),
        "columns": columns,
        **options,
    }
    if not {"account_id", "handle"} & set(columns):
        raise ReaderError(
            "no column of this table says who wrote",
            where=name,
            remedy="name the author of all rows with --map handle==NAME, or a column with "
            "--map handle=COLUMN",
        )
    mapping = checked_mapping(mapping, name)
    time_column = columns.get("created_at")
    if time_column in header:
        values = [row[time_column] for row in rows]
        day_first, contradicts = day_order(values)
        if contradicts:
            warnings.append(N_BOTH.format(time_column))
        if day_first is not None:
            mapping["day_first"] = day_first
        found = [m for v in values if (m := moment(v, day_first=day_first))]
        mapping["time_precision"] = precision(found)
        if mapping["time_precision"] != "second":
            warnings.append(f"times are known to the {mapping['time_precision']} only")
    records = [_record(i, row, mapping, ()) for i, row in enumerate(rows[:200], start=2)]
    taken = set(columns.values())
    return Proposal(
        mapping,
        unmapped=[c for c in header if c and c not in taken],
        preview=[r.rows[0][1] for r in records[:5] if r.rows],
        rejected=sum(r.rejected is not None for r in records),
        sampled=len(records),
        warnings=warnings,
    )


def checked_mapping(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a mapping with its defaults; an unknown target names the nearest one.

    A mapping may be short, target -> column; then it is read as posts.
    """
    if not given:
        raise ReaderError(
            "no column mapping is given",
            where=name,
            remedy="collect it again, or write one under mappings: in case.yaml",
        )
    options, columns = _parted(given)
    mapping: dict[str, Any] = {**options, "columns": columns}
    mapping.setdefault("table", "posts")
    mapping.setdefault("platform", "unknown")
    if mapping["table"] not in {"posts", "accounts"}:
        raise ReaderError(
            f"a mapping makes posts or accounts, not {mapping['table']!r}",
            where=name,
            remedy="for dated profiles use the profile sheet",
        )
    known = set(schema.table(mapping["table"]).names)
    profile = {f"account.{c}" for c in _PROFILE_IN_POSTS} | {"account.created_at"}
    for target in mapping["columns"]:
        if target not in known | (profile if mapping["table"] == "posts" else set()):
            raise _unknown(name, "column", target, known | profile)
    if not {"account_id", "handle"} & set(mapping["columns"]):
        raise ReaderError(
            "the mapping names no author: neither account_id nor handle",
            where=name,
            remedy="map one column to account_id or handle, or a fixed value: handle: =NAME",
        )
    return mapping


def _parted(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the options of a mapping and its columns, which may stand beside each other."""
    options = {k: v for k, v in given.items() if k in _OPTIONS and k != "columns"}
    beside = {k: str(v) for k, v in given.items() if k not in _OPTIONS}
    return options, {**{k: str(v) for k, v in given.get("columns", {}).items()}, **beside}


def _completed(header: list[str], chosen: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Return what the names suggest, apart from columns that a person has given a meaning."""
    left = [c for c in header if c not in chosen.values()]
    try:
        table, columns = proposed_columns(left)
    except ReaderError:
        table, columns = "posts", {}
    return table, columns


def _unknown(name: str, what: str, key: str, known: set[str]) -> ReaderError:
    hint = schema.nearest(key, known)
    return ReaderError(
        f"the mapping has an unknown {what} {key!r}",
        where=name,
        remedy=f"did you mean {hint!r}?" if hint else f"known: {', '.join(sorted(known))}",
    )


def proposed_columns(header: list[str]) -> tuple[str, dict[str, str]]:
    """Return which table a header describes, and target -> column.

    Raises
    ------
    ReaderError
        Where it describes none.
    """
    by_name = {_plain(c): c for c in reversed(header) if c}
    posts = _matched(by_name, POST_NAMES)
    accounts = _matched(by_name, ACCOUNT_NAMES)
    author = {"account_id", "handle"}
    has_author, has_text = bool(author & set(posts)), "text" in posts
    is_profile = bool({"bio", "followers"} & set(accounts))
    timed = {"created_at", "post_id"} <= set(posts) and not is_profile
    if (has_author and (has_text or timed)) or (has_text and "created_at" in posts):
        taken = set(posts.values())
        for target in (*_PROFILE_IN_POSTS, "created_at"):
            column = accounts.get(target)
            if column and column not in taken and target != "website":
                posts[f"account.{target}"] = column
        return "posts", posts
    if author & set(accounts) and {"bio", "followers", "display_name", "created_at"} & set(
        accounts
    ):
        return "accounts", accounts
    raise ReaderError(
        "no column of this table looks like an author with a text, a time or a profile",
        remedy="collect it with --reader document, or with --map target=column",
    )


def _plain(column: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")


def _matched(by_name: dict[str, str], names: dict[str, tuple[str, ...]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for target, candidates in names.items():
        for candidate in candidates:
            column = by_name.get(candidate)
            if column is not None and column not in found.values():
                found[target] = column
                break
    return found


def _prefer_whole_ids(
    columns: dict[str, str],
    header: list[str],
    rows: list[dict[str, str]],
    warnings: list[str],
) -> None:
    """Take an ``*_id`` that holds names for a handle, and a whole id before a damaged one."""
    column = columns.get("account_id")
    if column and rows:
        values = [v for row in rows if (v := some(row[column]))]
        worded = sum(bool(re.search(r"[A-Za-z_]", v)) and not _is_hash(v) for v in values)
        if values and worded > len(values) / 2 and not any(is_damaged_id(v) for v in values):
            del columns["account_id"]
            columns["handle"] = column
            other = next((c for c in header if _plain(c) in _OTHER_IDS and c != column), None)
            if other is not None:
                columns["account_id"] = other
    for target in ("post_id", "account_id"):
        column = columns.get(target)
        if not column:
            continue
        damaged = sum(is_damaged_id(_unquoted(row[column])[0]) for row in rows)
        if not damaged:
            continue
        warnings.append(
            f"{damaged} of {len(rows)} ids in column {column!r} were rounded by a spreadsheet"
        )
        for other in (f"{column}_str", f"{column}str"):
            if other in header:
                columns[target] = other


def _is_hash(value: str) -> bool:
    return bool(re.fullmatch(r"[0-9a-f]{32,64}|[A-Za-z0-9+/=_-]{40,48}", value))


def _platform(header: list[str], rows: list[dict[str, str]]) -> str:
    names = " ".join(_plain(c) for c in header)
    if re.search(r"tweet|screen_name|favorite_count|favourites_count", names):
        return "x"
    sample = " ".join(v for row in rows[:50] for v in row.values())
    hosts = (("facebook.com", "facebook"), ("tiktok.com", "tiktok"), ("instagram.com", "instagram"),
             ("youtube.com", "youtube"), ("t.me/", "telegram"))  # fmt: skip
    counted = [(sample.count(host), name) for host, name in hosts]
    most = max(counted)
    if most[0] > len(rows[:50]) / 2:
        return most[1]
    return "x" if "external_author_id" in names or "retweet" in names else "unknown"


def _names(path: Path) -> list[str]:
    with opened(path, path.name) as sheet:
        if len(sheet.header) < 2:
            raise ReaderError("this is no table", where=path.name)
        return sheet.header


def _unquoted(value: str) -> tuple[str, bool]:
    """Return an id without quotation marks of its own, and whether it had any."""
    text = value.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1], True
    return text, False


def _record(
    line: int, row: dict[str, str], mapping: Mapping[str, Any], notices: tuple[str, ...]
) -> Record:
    notes = list(notices)
    platform = str(mapping["platform"])
    own: dict[str, Any] = {}
    profile: dict[str, Any] = {}
    for target, column in mapping["columns"].items():
        home, name = (
            (profile, target.removeprefix("account."))
            if target.startswith("account.")
            else (own, target)
        )
        cell = column[1:] if column.startswith("=") else row[column]
        home[name] = _value(name, cell, column, mapping, notes)
    handle = (own.get("handle") or "").lstrip("@") or None
    key = schema.account_key(platform, own.get("account_id"), handle)
    if key is None:
        return Record(line, rejected="no author", notices=tuple(notes))
    shared = {"account": key, "platform": platform, "handle": handle}
    if mapping["table"] == "accounts":
        account = {**own, **shared, "seen_as": "profile"}
        _date_account(account)
        return Record(line, (("accounts", account),), notices=tuple(notes))
    post = {**own, **shared, "embedded": False}
    _date_post(post, mapping, notes)
    _mark_repost(post, notes)
    if post["created_at"] is None and not post.get("text") and not post.get("urls"):
        return Record(line, rejected="neither text nor link nor time", notices=tuple(notes))
    account = {
        **shared, **profile, "account_id": own.get("account_id"), "seen_as": "author",
    }  # fmt: skip
    _date_account(account)
    rows: tuple[Row, ...] = (("posts", post), ("accounts", account))
    return Record(line, rows, notices=tuple(notes))


def _value(
    target: str, cell: str, column: str, mapping: Mapping[str, Any], notes: list[str]
) -> Any:
    if target in _IDS:
        value, quoted = _unquoted(cell)
        if quoted:
            notes.append(N_QUOTES.format(column))
        if value and is_damaged_id(value):
            notes.append(N_DAMAGED.format(column))
            return None
        return value or None
    if target in _LISTS:
        items = listed(cell)
        return [i.lstrip("#@") for i in items] if target in {"hashtags", "mentions"} else items
    if target in _COUNTS:
        number = count(cell)
        if number is None and some(cell):
            notes.append(N_COUNT.format(column))
        return number
    if target in _FLAGS:
        return flag(cell)
    if target == "created_at":
        at = moment(
            cell,
            day_first=mapping.get("day_first"),
            offset_hours=float(mapping.get("utc_offset_hours", 0)),
        )
        if at is None and some(cell):
            notes.append(N_TIME.format(column))
        elif at is not None and "utc_offset_hours" not in mapping and _is_naive(cell):
            notes.append(N_NAIVE)
        return at
    return some(cell)


def _is_naive(cell: str) -> bool:
    text = cell.strip()
    return epoch(text) is None and not re.search(
        r"(Z|[+-]\d{2}:?\d{2}| [A-Z]{1,4}| [+-]\d{4} \d{4})$", text
    )


def _date_post(post: dict[str, Any], mapping: Mapping[str, Any], notes: list[str]) -> None:
    at = post.get("created_at")
    post["created_at"], post["time_precision"] = at, mapping.get("time_precision", "second")
    post["created_at_source"] = "reported"
    decoded = snowflake_time(post.get("post_id") or "") if post["platform"] == "x" else None
    if decoded is None:
        if at is None:
            post["time_precision"] = post["created_at_source"] = None
        return
    if at is None:
        post["created_at"], post["created_at_source"] = decoded, "snowflake"
        post["time_precision"] = "second"
    elif at.second == 0 and decoded.replace(second=0, microsecond=0) == at:
        # The file mixes sources: this time was cut to the minute, and the id knows it.
        post["time_precision"] = "minute"
    elif abs((decoded - at).total_seconds()) > _TOLERANCE[str(post["time_precision"])]:
        notes.append("the time reported differs from the time in the post id by more than it may")


_TOLERANCE = {"second": 1.5, "minute": 60, "day": 86_400}
"""Seconds by which a reported time may differ from the one in the id."""


def _date_account(account: dict[str, Any]) -> None:
    at, account_id = account.get("created_at"), account.get("account_id")
    if at is not None:
        account["created_at_source"] = "reported"
        midnight = (at.hour, at.minute, at.second) == (0, 0, 0)
        account["created_at_precision"] = "day" if midnight else "second"
    elif account["platform"] == "x" and account_id:
        decoded = account_snowflake_time(account_id)
        if decoded is not None:
            account["created_at"], account["created_at_source"] = decoded, "snowflake"
            account["created_at_precision"] = "day"


def _mark_repost(post: dict[str, Any], notes: list[str]) -> None:
    text = post.get("text") or ""
    start = _REPOST.match(text)
    post["is_repost"] = bool(post.get("is_repost") or post.get("repost_of") or start)
    if start:
        post["repost_of_handle"] = start[1]
        post["text"] = text[start.end() :] or None
    post["text_truncated"] = post["is_repost"] and (post.get("text") or "").rstrip().endswith("…")
    if post["is_repost"] and not post.get("repost_of"):
        notes.append(N_NO_ORIGINAL)


READERS = (TableReader(),)
