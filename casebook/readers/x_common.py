"""What the readers of X share: lines, exact ids, times, counters, text.

Lines are read one at a time and never kept. JSON goes through orjson; the few lines it refuses or
would round (half characters, NaN, integers beyond 64 bits) take a slower, exact path, so that a
record is refused only where it holds no JSON at all.
"""

from __future__ import annotations

import html
import json
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import orjson

from casebook.errors import ReaderError
from casebook.readers.base import Record, account_snowflake_time, is_damaged_id, snowflake_time
from casebook.schema import account_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from casebook.readers.base import Row, Source

PLATFORM = "x"

LONGEST_LINE = 1 << 26
"""A line of 64 MiB is no record of X, whose largest pages are below one: it is refused unread."""

LARGEST_DOCUMENT = 1 << 28
"""One JSON document has to be held whole, so it is bounded at 256 MiB."""

LARGEST_COUNT = (1 << 63) - 1

N_NUL = "NUL bytes were taken out of the line before it was read"
N_BYTES = "bytes that are not UTF-8 were replaced by U+FFFD"
N_SURROGATE = "half a character (a lone surrogate) was replaced by U+FFFD"
N_COUNT = "a counter that is no whole number was left empty"
N_TIME = "a time could not be read and was left empty"
N_MISMATCH = "the time reported differs from the time in the post id by more than a second"
N_SNOWFLAKE = "no time reported: it was decoded from the post id"
N_NO_TIME = "no time reported and none in the post id"
N_DAMAGED = "an id looks rounded by another program (nine trailing zeros or an exponent)"
N_EDITED = "the post was edited: its id names one version of several"
N_WITHHELD = "the platform withholds the post in some countries"
N_UNKNOWN = "unknown field in the {} block: {}"
N_UNKNOWN_MORE = "more unknown fields in the {} block"
N_CUT = "the file seems cut off: its last line is incomplete"

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_ANCHOR = re.compile(r">([^<]*)<")
_CUT = re.compile(r"(?:…|\.\.\.)(?:\s*https?://t\.co/\w*)?\s*$")
_REPOST = re.compile(r"RT @(\w{1,20}):? ")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NAMES_NOTICED = 40
"""Unknown fields are named up to here: hostile evidence could invent a new one on every line."""

_PATIENCE = 1000
"""So many lines without one of the format, and the file is not of this format."""

_TOO_DEEP = "nested too deeply to be a record of X"

_SHORTEST_CUT = 130
"""X cut at 140 characters or later; a shorter text that ends in an ellipsis was written so."""


class RefusedRecord(Exception):  # noqa: N818 - it is a record's fate, told to the caller
    """The record cannot be read, for the reason given."""


class InexactId(Exception):  # noqa: N818 - it asks for the exact path, it is no error
    """An id came out of the fast parser as a rounded number."""


def object_of(value: Any) -> dict[str, Any]:
    """Return ``value`` where it is a JSON object, else an empty one.

    R writes ``{}`` for an empty list and X writes ``{}`` for a user it does not show, so every
    step down asks for the shape it needs.
    """
    return value if type(value) is dict else {}


def list_of(value: Any) -> list[dict[str, Any]]:
    """Return the JSON objects of a list; an empty list where it is none (R writes ``{}``)."""
    return [v for v in value if type(v) is dict] if type(value) is list else []


def id_of(value: Any) -> str | None:
    """Return an id as the source spells it.

    Raises
    ------
    InexactId
        Where the fast parser rounded it: the line has to be parsed exactly.
    """
    if type(value) is str:
        return value or None
    if value is None or type(value) is bool:
        return None
    if type(value) is int:
        return str(value)
    if type(value) is float:
        raise InexactId
    return None


def text_of(value: Any) -> str | None:
    """Return text, or None where there is none."""
    return value if type(value) is str and value else None


def count_of(value: Any, notes: list[str]) -> int | None:
    """Return a counter, which X writes as a number or as digits; None is unknown, not zero."""
    if value is None or value == "":
        return None
    if type(value) is int and 0 <= value <= LARGEST_COUNT:
        return value
    if type(value) is str and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    notes.append(N_COUNT)
    return None


def flag_of(value: Any) -> bool | None:
    """Return a yes or no, or None where the source says neither."""
    return value if type(value) is bool else None


def time_of(value: Any, notes: list[str]) -> datetime | None:
    """Return a time of X: ``Wed Aug 23 23:25:20 +0000 2017`` or ISO 8601 with its zone.

    Month names are read from a table of our own, because ``strptime`` reads them in the language
    of the machine.

    Examples
    --------
    >>> time_of("Wed Aug 23 23:25:20 +0000 2017", []).isoformat()
    '2017-08-23T23:25:20+00:00'
    >>> time_of("2021-06-02T21:15:24.000Z", []).isoformat()
    '2021-06-02T21:15:24+00:00'
    """
    if value is None or value == "":
        return None
    if type(value) is str:
        try:
            if len(value) == 30 and value[4:7] in _MONTHS:
                return _web_time(value)
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    notes.append(N_TIME)
    return None


def _web_time(value: str) -> datetime:
    zone = value[20:25]
    moment = datetime(
        int(value[26:30]),
        _MONTHS[value[4:7]],
        int(value[8:10]),
        int(value[11:13]),
        int(value[14:16]),
        int(value[17:19]),
        tzinfo=UTC,
    )
    if zone == "+0000":
        return moment
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    return moment - offset if zone[0] == "+" else moment + offset


def epoch_ms(value: Any, notes: list[str]) -> datetime | None:
    """Return the time of a number of milliseconds since 1970, given as number or digits."""
    if value is None or value == "":
        return None
    try:
        ms = int(value) if type(value) in (int, str) else None
        if ms is not None:
            return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)
    except (ValueError, OverflowError, OSError):
        pass
    notes.append(N_TIME)
    return None


def post_time(
    post_id: str | None, reported: datetime | None, notes: list[str]
) -> tuple[datetime | None, str | None]:
    """Return when a post was made and where that is known from.

    The id codes the time to the millisecond; the report stands, and a disagreement is noticed.
    """
    coded = snowflake_time(post_id) if post_id else None
    if post_id and post_id.endswith("000000000") and is_damaged_id(post_id):
        notes.append(N_DAMAGED)
    if reported is None:
        notes.append(N_SNOWFLAKE if coded else N_NO_TIME)
        return coded, "snowflake" if coded else None
    if coded is not None and abs((coded - reported).total_seconds()) > 1:
        notes.append(N_MISMATCH)
    return reported, "reported"


def account_time(account_id: str | None, reported: datetime | None) -> dict[str, Any]:
    """Return the creation columns of an account, decoded from its id where not reported."""
    if reported is not None:
        return {
            "created_at": reported,
            "created_at_source": "reported",
            "created_at_precision": "second",
        }
    coded = account_snowflake_time(account_id) if account_id else None
    if coded is None:
        return {}
    return {
        "created_at": coded,
        "created_at_source": "snowflake",
        # an account gets its id when sign-up begins, seconds to minutes before it is created
        "created_at_precision": "day",
    }


def edit_time(versions: Any, notes: list[str]) -> datetime | None:
    """Return the time of the last known edit, from the ids of all versions of a post."""
    if type(versions) is not list or len(versions) < 2:
        return None
    notes.append(N_EDITED)
    last = id_of(versions[-1])
    return snowflake_time(last) if last else None


def plain(text: str) -> str:
    """Return the text of a post as it is read: X stores ``&``, ``<`` and ``>`` escaped."""
    if "&" not in text:
        return text
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def is_cut(text: str) -> bool:
    """Tell whether X seems to have cut the text, by its closing ellipsis and its length."""
    return len(text) >= _SHORTEST_CUT and _CUT.search(text) is not None


def repost_parts(text: str) -> tuple[str | None, str]:
    """Return the handle and the text behind the ``RT @handle: `` that X puts before a repost."""
    found = _REPOST.match(text)
    return (found[1], text[found.end() :]) if found else (None, text)


def client_of(value: Any) -> str | None:
    """Return the name of the application, out of the HTML anchor that X wraps it in.

    Examples
    --------
    >>> client_of('<a href="https://mobile.twitter.com" rel="nofollow">Twitter Web App</a>')
    'Twitter Web App'
    """
    if type(value) is not str or not value:
        return None
    found = _ANCHOR.search(value)
    return html.unescape(found[1] if found else value).strip() or None


def distinct(values: Iterator[str | None]) -> list[str]:
    """Return the values that are there, each once, in order."""
    return list(dict.fromkeys(v for v in values if v))


def key_of(account_id: str | None, handle: str | None) -> str | None:
    """Return the key of an X account."""
    return f"x:{account_id}" if account_id else account_key(PLATFORM, None, handle)


def post_address(post_id: str | None, handle: str | None) -> str | None:
    """Return the address of a post on the site."""
    if not post_id:
        return None
    return f"https://x.com/{handle or 'i'}/status/{post_id}"


def best_video(variants: Any, rate: str) -> str | None:
    """Return the address of the sharpest MP4 among the variants of a video."""
    films = [
        (v[rate] if type(v.get(rate)) is int else 0, v["url"])
        for v in list_of(variants)
        if type(v.get("url")) is str and v.get("content_type") == "video/mp4"
    ]
    return max(films)[1] if films else None


def media_rows(
    items: list[tuple[str, str]], account: str | None, post: str | None
) -> Iterator[Row]:
    """Yield a media row for each (kind, address)."""
    for kind, url in dict.fromkeys(items):
        yield "media", {"media": url, "account": account, "post": post, "kind": kind, "url": url}


class ProfileMemory:
    """The profiles told last, so that an unchanged one is told once per UTC day of capture.

    An export repeats the author's whole profile with every post. Repeating the rows would say
    nothing new, so a profile is told again only when something in it changed or a day has passed.
    What falls out of the memory is told again, which is true as well.
    """

    def __init__(self, size: int = 2048) -> None:
        self._size = size
        self._told: OrderedDict[tuple[str, str], tuple[Any, int | None]] = OrderedDict()

    def is_known(
        self, account_id: str, seen_as: str, profile: dict[str, Any], at: datetime | None
    ) -> bool:
        """Tell whether exactly this profile was told for this day, and remember it."""
        key = (account_id, seen_as)
        day = at.toordinal() if at else None
        last = self._told.get(key)
        if last is not None and last[1] == day and last[0] == profile:
            self._told.move_to_end(key)
            return True
        self._told[key] = (profile, day)
        self._told.move_to_end(key)
        if len(self._told) > self._size:
            self._told.popitem(last=False)
        return False


@dataclass
class Reading:
    """What the objects of one file share while it is read."""

    memory: ProfileMemory = field(default_factory=ProfileMemory)
    collected_at: datetime | None = None
    notes: list[str] = field(default_factory=list)
    _named: set[tuple[str, str]] = field(default_factory=set)

    def at(self, collected_at: datetime | None) -> None:
        """Begin a record, captured at this time."""
        self.collected_at = collected_at
        self.notes = []

    def notices(self) -> tuple[str, ...]:
        """Return what was noticed in the record, each thing once."""
        return tuple(dict.fromkeys(self.notes)) if self.notes else ()

    def notice_unknown(self, kind: str, fields: set[str]) -> None:
        """Notice fields that no layer of the look-up knows."""
        for name in sorted(fields):
            if (kind, name) in self._named or len(self._named) < _NAMES_NOTICED:
                self._named.add((kind, name))
                self.notes.append(N_UNKNOWN.format(kind, name[:60]))
            else:
                self.notes.append(N_UNKNOWN_MORE.format(kind))


def numbered_lines(source: Source) -> Iterator[tuple[int, bytes | None, bool]]:
    """Yield (number from 1, line without its end, whether it ended properly), one at a time.

    A line beyond the limit is not kept: None stands for it.

    Raises
    ------
    ReaderError
        Where the file is UTF-16, which Windows shells write when output is redirected.
    """
    with source.path.open("rb") as file:
        _check_encoding(file, source.name)
        number = 0
        while raw := file.readline(LONGEST_LINE):
            number += 1
            if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
                yield number, None, _skip_line(file)
            else:
                yield number, raw.rstrip(b"\r\n"), raw.endswith(b"\n")


def _check_encoding(file: IO[bytes], name: str) -> None:
    mark = file.read(3)
    if mark[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ReaderError(
            "the file is UTF-16, this format is UTF-8",
            where=f"{name}, line 1",
            remedy="save it again as UTF-8, or collect the original export",
        )
    file.seek(3 if mark == b"\xef\xbb\xbf" else 0)


def _skip_line(file: IO[bytes]) -> bool:
    while raw := file.readline(LONGEST_LINE):
        if raw.endswith(b"\n"):
            return True
    return False


class Line(NamedTuple):
    """One line of a file of JSON lines: what it holds, or the record that refuses it."""

    number: int
    raw: bytes
    found: Any = None
    mended: tuple[str, ...] = ()
    refused: Record | None = None


def json_lines(
    source: Source, *, is_ours: Callable[[Any], bool], what: str, remedy: str
) -> Iterator[Line]:
    """Yield the lines of a file that are not blank.

    Refused lines are held back until one of the format has come, so that a file without any gives
    one clear error and no record.

    Raises
    ------
    ReaderError
        Where no line is of the format.
    """
    held: list[Line] = []
    waiting = True
    for number, raw, ended in numbered_lines(source):
        if raw is not None and not raw.strip(b" \t\0"):
            continue
        line = _json_line(number, raw, ended=ended, is_ours=is_ours, what=what)
        if not waiting:
            yield line
            continue
        held.append(line)
        if line.refused is None:
            waiting = False
            yield from held
            held = []
        elif len(held) >= _PATIENCE:
            break
    if waiting:
        first = held[0].refused if held else None
        why = f"no line could be read as {what}; the first: {first.rejected}" if first else None
        raise ReaderError(
            why or "the file is empty",
            where=f"{source.name}, line {first.line if first else 1}",
            remedy=remedy,
        )


def _json_line(
    number: int, raw: bytes | None, *, ended: bool, is_ours: Callable[[Any], bool], what: str
) -> Line:
    if raw is None:
        return Line(number, b"", refused=Record(number, rejected="the line is beyond 64 MiB"))
    try:
        found, mended = parsed(raw)
    except RefusedRecord as refused:
        if ended:
            return Line(number, raw, refused=Record(number, rejected=str(refused)))
        reason = f"the line stops in the middle: {refused}"
        return Line(number, raw, refused=Record(number, (), reason, (N_CUT,)))
    if not is_ours(found):
        return Line(number, raw, refused=Record(number, rejected=f"the line is not {what}"))
    return Line(number, raw, found, mended)


def parsed(raw: bytes) -> tuple[Any, tuple[str, ...]]:
    """Return what a line holds, and what had to be mended.

    Raises
    ------
    RefusedRecord
        Where the line holds no JSON.
    """
    notices: tuple[str, ...] = ()
    if b"\0" in raw:
        raw, notices = raw.replace(b"\0", b""), (N_NUL,)
    try:
        return orjson.loads(raw), notices
    except orjson.JSONDecodeError as error:
        return _parsed_slowly(raw, notices, f"{error.msg}, column {error.colno}")


def parsed_exactly(raw: bytes) -> Any:
    """Return what a line holds, numbers beyond 64 bits and fractions spelled as in the source.

    Raises
    ------
    RefusedRecord
        Where it is nested deeper than the exact parser goes.
    """
    text = raw.replace(b"\0", b"").decode("utf-8", errors="replace")
    try:
        return _without_surrogates(json.loads(text, parse_float=str, parse_constant=_nothing), [])
    except RecursionError:
        raise RefusedRecord(_TOO_DEEP) from None


def _parsed_slowly(raw: bytes, notices: tuple[str, ...], why: str) -> tuple[Any, tuple[str, ...]]:
    notes = list(notices)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("utf-8", errors="replace")
        notes.append(N_BYTES)
    try:
        found = json.loads(text, parse_constant=_nothing)
        found = _without_surrogates(found, notes)
    except RecursionError:
        raise RefusedRecord(_TOO_DEEP) from None
    except ValueError:
        raise RefusedRecord(f"not JSON ({why})") from None
    return found, tuple(dict.fromkeys(notes))


def _nothing(_: str) -> None:
    """Read NaN and Infinity, which JSON does not know, as unknown."""


def _without_surrogates(value: Any, notes: list[str]) -> Any:
    if isinstance(value, str):
        if _SURROGATE.search(value):
            notes.append(N_SURROGATE)
            return _SURROGATE.sub("\ufffd", value)
        return value
    if isinstance(value, list):
        return [_without_surrogates(v, notes) for v in value]
    if isinstance(value, dict):
        return {
            _without_surrogates(k, notes): _without_surrogates(v, notes) for k, v in value.items()
        }
    return value


def whole_document(source: Source) -> tuple[Any, tuple[str, ...]]:
    """Return what a file of one JSON document holds, and what had to be mended.

    Raises
    ------
    ReaderError
        Where it is too large to be held, or does not parse: with file and line.
    """
    size = source.path.stat().st_size
    if size > LARGEST_DOCUMENT:
        raise ReaderError(
            f"one JSON document of {size:,} bytes is too large to be held in memory",
            where=f"{source.name}, line 1",
            remedy="save the responses one by one, or as one JSON object a line",
        )
    with source.path.open("rb") as file:
        _check_encoding(file, source.name)
        raw = file.read()
    try:
        return parsed(raw)
    except RefusedRecord as refused:
        raise ReaderError(
            f"the file does not parse: {refused}",
            where=f"{source.name}, line {_stopping_line(raw)}",
            remedy="it seems cut off or changed; save the response again and collect that file",
        ) from None


def _stopping_line(raw: bytes) -> int:
    try:
        json.loads(raw.decode("utf-8", errors="replace"))
    except json.JSONDecodeError as error:
        return error.lineno
    except (ValueError, RecursionError):
        pass
    return 1


def snippet(path: Any, limit: int = 1 << 20) -> bytes:
    """Return the beginning of a file: enough of its first record to tell what it is."""
    try:
        with path.open("rb") as file:
            return bytes(file.read(limit)).removeprefix(b"\xef\xbb\xbf")
    except OSError:
        return b""
