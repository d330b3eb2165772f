"""What every reader shares: a source, its records, and the small conversions formats need.

A reader turns one evidence file into records. It never opens a path of its own, never keeps the
file in memory, and accounts for every record: loaded, or refused with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Row = tuple[str, dict[str, Any]]
"""A table name and one row of it, as a plain dict of the columns that are known."""

SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
FIRST_SNOWFLAKE = 1 << 41
"""Ids below this were counted, not timed (X before November 2010)."""


class Record(NamedTuple):
    """One record of a source file.

    ``rows[0]`` is the record's own row; the rest came with it (its author, a snapshot, the
    original of a repost). A refused record has no rows and a reason.
    """

    line: int
    rows: tuple[Row, ...] = ()
    rejected: str | None = None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """One evidence file to read.

    Attributes
    ----------
    path : Path
        Where the bytes are.
    name : str
        Original file name, for messages.
    mapping : Mapping
        For ``table``: target column -> source column, saved in case.yaml.
    companions : tuple of Path
        Files collected in the same item (``users_*.json`` beside ``data_*.json``).
    capture : str
        typed, screenshot, saved page, archive or platform export.
    """

    path: Path
    name: str
    mapping: Mapping[str, Any] = field(default_factory=dict)
    companions: tuple[Path, ...] = ()
    capture: str = "platform export"


@dataclass(frozen=True)
class Head:
    """The beginning of a file, enough to recognise it by content."""

    name: str
    start: bytes
    path: Path

    @property
    def text(self) -> str:
        """The beginning as text, byte-order mark removed, undecodable bytes replaced."""
        if self.start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return self.start.decode("utf-16", errors="replace")
        return self.start.decode("utf-8-sig", errors="replace")


class Reader(Protocol):
    """What a reader module's reader object offers."""

    name: str
    """Short stable name, as stored in the ``reader`` column: ``zeeschuimer-x``."""
    format: str
    """The format in words, for people."""
    version: int
    """Raised when the same bytes would give other rows."""
    verified: bool
    """Whether it was tried on real files of its format."""

    def recognises(self, head: Head) -> bool:
        """Tell whether the content is of this format."""

    def read(self, source: Source) -> Iterator[Record]:
        """Yield every record of the file, in order.

        Raises
        ------
        ReaderError
            Where the file claims the format and cannot be read as it at all.
        """


def snowflake_time(post_id: str | int) -> datetime | None:
    """Return the UTC time coded in an X id, to the millisecond; None where it codes none.

    Holds for post ids from November 2010 on, and for account ids of 17 digits or more.

    References
    ----------
    Twitter, "Announcing Snowflake", 2010: the upper 42 bits are milliseconds since
    4 November 2010 01:42:54.657 UTC.

    Examples
    --------
    >>> snowflake_time("900499224457904128").isoformat()
    '2017-08-23T23:25:20.234000+00:00'
    """
    try:
        number = int(post_id)
    except (TypeError, ValueError):
        return None
    if number < FIRST_SNOWFLAKE or number >= 1 << 63:
        return None
    ms = (number >> 22) + SNOWFLAKE_EPOCH_MS
    return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)


def account_snowflake_time(account_id: str) -> datetime | None:
    """Return the creation time coded in an X account id of 17 digits or more, else None."""
    return snowflake_time(account_id) if account_id.isdigit() and len(account_id) >= 17 else None


def is_damaged_id(value: str) -> bool:
    """Tell whether a spreadsheet has rounded an id: nine trailing zeros or an exponent.

    Examples
    --------
    >>> is_damaged_id("906000000000000000"), is_damaged_id("7.70E+17"), is_damaged_id("1e5")
    (True, True, False)
    """
    text = value.strip()
    if text.isdigit():
        return len(text) > 9 and text.endswith("0" * 9)
    upper = text.upper()
    mantissa, plus, exponent = upper.partition("E+")
    return bool(plus) and exponent.isdigit() and mantissa.replace(".", "", 1).isdigit()
