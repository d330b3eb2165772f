"""The profile sheet: what a profile said on a date, one row a look.

A journalist fills it by hand from screenshots, saved pages or archives; `template` gives the
header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casebook.readers.base import Record, is_damaged_id
from casebook.readers.delimited import count, header_of, is_xlsx, moment, opened, some
from casebook.schema import CAPTURES, STATUSES, account_key, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casebook.readers.base import Head, Source

COLUMNS = (
    "platform", "handle", "account_id", "captured_at", "capture", "display_name", "bio", "location",
    "website", "followers", "following", "posts", "status", "claimed_age", "claimed_place",
    "claimed_occupation", "claimed_service", "avatar_file", "note", "source_url",
)  # fmt: skip
NEEDED = {"platform", "handle", "captured_at"}
OWN = {"captured_at", "capture", "status", "claimed_age", "claimed_place", "claimed_occupation",
       "claimed_service", "avatar_file"}  # fmt: skip
"""Columns that no export of a platform has: two of them make it a profile sheet."""

_COUNTS = ("followers", "following", "posts")
N_DAMAGED = "an id was rounded by a spreadsheet; the account is known by its handle only"


def template() -> str:
    """Return an empty profile sheet as CSV, with one line that says how to fill it."""
    example = (
        "x", "handle_without_at", "", "2024-09-03", "screenshot", "", "", "", "", "", "", "",
        "active", "", "", "", "", "", "delete this line; see the README of the case", "",
    )  # fmt: skip
    return ",".join(COLUMNS) + "\n" + ",".join(example) + "\n"


class ProfileSheet:
    """Reader of profile sheets."""

    name = "profile-sheet"
    format = "profile sheet (CSV or XLSX)"
    version = 1
    verified = True

    def recognises(self, head: Head) -> bool:
        """Tell whether the header is that of a profile sheet."""
        if not is_xlsx(head.path) and "captured_at" not in head.text.split("\n", 1)[0]:
            return False
        header = set(header_of(head.path))
        return header >= NEEDED and len(OWN & header) >= 2

    def read(self, source: Source) -> Iterator[Record]:
        """Yield one record a row: a snapshot, and its account."""
        with opened(source.path, source.name) as sheet:
            unread = [f"column {c!r} is not read" for c in sheet.header if c and c not in COLUMNS]
            notices = (*sheet.notices, *unread)
            for line, cells in sheet.rows:
                if len(cells) > len(sheet.header):
                    yield Record(
                        line,
                        rejected=f"{len(cells)} cells where the header has {len(sheet.header)}",
                    )
                    continue
                row = dict(zip(sheet.header, cells, strict=False))
                yield _record(line, row, source.capture, notices)
                notices = ()


def _record(line: int, row: dict[str, str], default: str, notices: tuple[str, ...]) -> Record:
    notes = list(notices)
    platform = (some(row.get("platform")) or "").lower()
    handle = (some(row.get("handle")) or "").lstrip("@") or None
    account_id = some(row.get("account_id"))
    if account_id and is_damaged_id(account_id):
        notes.append(N_DAMAGED)
        account_id = None
    key = account_key(platform, account_id, handle) if platform else None
    if key is None:
        return Record(line, rejected="no platform, or neither handle nor account_id")
    at = moment(row.get("captured_at"))
    if at is None:
        return Record(
            line,
            rejected=f"captured_at is {row.get('captured_at')!r}: write it as 2024-09-03 or "
            "2024-09-03 14:05",
        )
    for column, choices in (("capture", CAPTURES), ("status", STATUSES)):
        value = some(row.get(column))
        if value is not None and value.lower() not in choices:
            hint = nearest(value.lower(), choices)
            return Record(
                line,
                rejected=f"{column} is {value!r}; "
                + (f"did you mean {hint!r}?" if hint else f"one of: {', '.join(choices)}"),
            )
    shared: dict[str, Any] = {
        "account": key,
        "platform": platform,
        "account_id": account_id,
        "handle": handle,
        **{c: some(row.get(c)) for c in ("display_name", "bio", "location", "website")},
        **{c: count(row.get(c)) for c in _COUNTS},
    }
    capture = (some(row.get("capture")) or "").lower() or (
        "typed" if default == "platform export" else default
    )
    coded = ("claimed_age", "claimed_place", "claimed_occupation", "claimed_service",
             "avatar_file", "note", "source_url")  # fmt: skip
    snapshot = {
        **shared,
        "captured_at": at,
        "captured_precision": "second" if ":" in (row.get("captured_at") or "") else "day",
        "capture": capture,
        "status": (some(row.get("status")) or "").lower() or None,
        **{c: some(row.get(c)) for c in coded},
    }
    account = {**shared, "seen_as": "profile", "collected_at": at}
    rows: list[tuple[str, dict[str, Any]]] = [("snapshots", snapshot), ("accounts", account)]
    if picture := snapshot["avatar_file"]:
        rows.append(
            ("media", {"media": picture, "account": key, "kind": "avatar", "file": picture})
        )
    return Record(line, tuple(rows), notices=tuple(notes))


READERS = (ProfileSheet(),)
