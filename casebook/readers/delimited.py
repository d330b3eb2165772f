"""Rows of CSV and XLSX files, streamed, each with the line where it starts.

Spreadsheets damage files in known ways: another encoding, another separator, rounded ids, dates in
the order of a country. What can be told from the file is told; nothing is guessed in silence.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import zipfile
from codecs import getincrementaldecoder
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any

from casebook.errors import ReaderError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEPARATORS = (",", ";", "\t", "|")
LONGEST_CELL = 1 << 24
SAMPLE = 40
UNPACKED_LIMIT = 1 << 31
RATIO_LIMIT = 300
"""An XLSX file packs text some 5 to 20 times; a bomb packs it by the thousand."""

N_ENCODING = "the file is not UTF-8; it was read as Windows-1252 or Latin-1, as spreadsheets write"
N_NUL = "NUL bytes were left out"

csv.field_size_limit(LONGEST_CELL)


@dataclass
class Sheet:
    """A table file that is open: its header and its rows."""

    header: list[str]
    rows: Iterator[tuple[int, list[str]]]
    """Line (or row) number from 1, and the cells as text."""
    notices: list[str] = field(default_factory=list)


@contextmanager
def opened(path: Path, name: str) -> Iterator[Sheet]:
    """Open a CSV or XLSX file.

    Raises
    ------
    ReaderError
        Where it is neither, is damaged, or unpacks to more than any sheet holds.
    """
    if is_xlsx(path):
        with _opened_xlsx(path, name) as sheet:
            yield sheet
        return
    encoding, notices = _encoding(path)
    with path.open(encoding=encoding, newline="", errors="strict") as file:
        lines = _without_nul(file, notices)
        reader = csv.reader(lines, delimiter=separator(path, encoding), strict=False)
        try:
            header = next(reader, [])
        except csv.Error as error:
            raise _bad(name, reader.line_num, error) from None
        yield Sheet([h.strip().lstrip("\ufeff") for h in header], _rows(reader, name), notices)


def is_xlsx(path: Path) -> bool:
    """Tell whether a file is an Excel workbook."""
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return False
    try:
        with zipfile.ZipFile(path) as packed:
            return "xl/workbook.xml" in packed.namelist()
    except zipfile.BadZipFile:
        return False


def header_of(path: Path) -> list[str]:
    """Return the header of a file, or [] where it is no table."""
    try:
        with opened(path, path.name) as sheet:
            return sheet.header
    except (ReaderError, UnicodeError, OSError, csv.Error):
        return []


def _rows(reader: Any, name: str) -> Iterator[tuple[int, list[str]]]:
    start = reader.line_num + 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _bad(name, start, error) from None
        if row:
            yield start, row
        start = reader.line_num + 1


def _bad(name: str, line: int, error: Exception) -> ReaderError:
    return ReaderError(
        f"this is not a row of a table: {error}",
        where=f"{name}, line {line}",
        remedy="check the quotes around this line; or collect the file with --reader document",
    )


def _without_nul(file: IO[str], notices: list[str]) -> Iterator[str]:
    for line in file:
        if "\0" in line:
            if N_NUL not in notices:
                notices.append(N_NUL)
            yield line.replace("\0", "")
        else:
            yield line


def _encoding(path: Path) -> tuple[str, list[str]]:
    """Return the encoding of a file, tried on all of it in pieces."""
    with path.open("rb") as file:
        start = file.read(4)
        if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16", []
        file.seek(0)
        decoder = getincrementaldecoder("utf-8")()
        try:
            while piece := file.read(1 << 20):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            # Five bytes mean nothing in Windows-1252; Latin-1 keeps them as they are.
            return _windows(path), [N_ENCODING]
    return "utf-8-sig", []


def _windows(path: Path) -> str:
    undefined = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            if any(b in piece for b in undefined):
                return "latin-1"
    return "cp1252"


@lru_cache(maxsize=64)
def separator(path: Path, encoding: str) -> str:
    """Return what separates the cells: the candidate that gives most rows of one width."""
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        sample = "".join(
            line.replace("\0", "") for _, line in zip(range(SAMPLE), file, strict=False)
        )
    best, best_score = ",", (0, 0)
    for candidate in SEPARATORS:
        try:
            rows = list(csv.reader(io.StringIO(sample, newline=""), delimiter=candidate))
        except csv.Error:
            continue
        # The sample may end inside a quoted cell, so its last row says nothing.
        rows = rows[:-1] or rows
        width = len(rows[0]) if rows else 0
        same = sum(len(row) == width for row in rows)
        score = (same, width) if width > 1 else (0, 0)
        if score > best_score:
            best, best_score = candidate, score
    return best


@contextmanager
def _opened_xlsx(path: Path, name: str) -> Iterator[Sheet]:
    import warnings

    from openpyxl import load_workbook

    with zipfile.ZipFile(path) as packed:
        size = sum(i.file_size for i in packed.infolist())
        small = sum(i.compress_size for i in packed.infolist()) or 1
        if size > UNPACKED_LIMIT or size / small > RATIO_LIMIT:
            raise ReaderError(
                "this workbook unpacks to far more than a sheet holds",
                where=name,
                remedy="do not open it; collect it with --reader document",
            )
    with warnings.catch_warnings():
        # Styles and extensions that openpyxl leaves out carry no data.
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        except Exception as error:
            raise ReaderError(
                f"this workbook cannot be opened: {error}",
                where=name,
                remedy="save it as CSV (UTF-8) and collect that",
            ) from None
        try:
            sheets = [s for s in book.worksheets if s.max_row != 0]
            if not sheets:
                raise ReaderError("this workbook is empty", where=name)
            rows = enumerate(_xlsx_rows(sheets[0], name), start=1)
            _, header = next(rows, (1, ()))
            notices = (
                [f"only the first of {len(sheets)} sheets was read: {sheets[0].title}"]
                if len(sheets) > 1
                else []
            )
            width = len(header)
            yield Sheet(
                [_xlsx_cell(c).strip() for c in header],
                (
                    (number, [_xlsx_cell(c) for c in row[:width]])
                    for number, row in rows
                    if any(c is not None for c in row)
                ),
                notices,
            )
        finally:
            book.close()


def _xlsx_rows(sheet: Any, name: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a sheet; one that is damaged further down is an error like any other."""
    number = 0
    try:
        for row in sheet.iter_rows(values_only=True):
            number += 1
            yield row
    except (SyntaxError, ValueError, KeyError, TypeError) as error:
        raise ReaderError(
            f"this workbook is damaged: {error}",
            where=f"{name}, after row {number}",
            remedy="save it as CSV (UTF-8) and collect that",
        ) from None


def _xlsx_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, float) and abs(value) >= 1e15:
        return f"{value:.15E}".replace("0E", "E") if not value.is_integer() else str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return str(value)


# -- cells --------------------------------------------------------------------------------


def some(value: str | None) -> str | None:
    """Return a cell's text, or None where it is empty. ``nan``, ``NA`` and ``007`` are text."""
    if value is None:
        return None
    value = value.strip()
    return value or None


def count(value: str | None) -> int | None:
    """Return a count; None where the cell holds none. Thousands separators are left out.

    Examples
    --------
    >>> count("1,204"), count("3.0"), count(""), count("many")
    (1204, 3, None, None)
    """
    text = (value or "").strip().replace(",", "").replace(" ", "")
    if re.fullmatch(r"\d{1,18}", text):
        return int(text)
    match = re.fullmatch(r"(\d{1,15})\.0+", text)
    return int(match[1]) if match else None


def flag(value: str | None) -> bool | None:
    """Return a yes or no, or None."""
    return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}.get(
        (value or "").strip().lower()
    )


def listed(value: str | None) -> list[str]:
    """Return the items of a list that a tool has written into one cell.

    Examples
    --------
    >>> listed("['a', 'b']"), listed("[a, b]"), listed("a|b"), listed("[]"), listed("a")
    (['a', 'b'], ['a', 'b'], ['a', 'b'], [], ['a'])
    """
    text = (value or "").strip()
    if not text or text in {"[]", "{}", "None", "null", "NULL"}:
        return []
    if text[0] == "[" and text[-1] == "]":
        items = _literal_list(text)
        if items is None:
            items = split_list(text[1:-1])
    elif "|" in text:
        items = text.split("|")
    elif ";" in text and "://" not in text:
        items = text.split(";")
    else:
        items = split_list(text)
    return [i for i in (item.strip().strip("'\"") for item in items) if i]


def _literal_list(text: str) -> list[str] | None:
    if len(text) > 100_000:
        return None
    for parse in (json.loads, ast.literal_eval):
        try:
            items = parse(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        if isinstance(items, list) and all(isinstance(i, (str, int)) for i in items):
            return [str(i) for i in items]
    return None


def split_list(text: str) -> list[str]:
    """Return comma-joined items; a comma inside an address does not split it.

    Examples
    --------
    >>> split_list("https://a.example/x,y,https://b.example/")
    ['https://a.example/x,y', 'https://b.example/']
    """
    if "://" in text:
        return [i.strip() for i in re.split(r",\s*(?=\w+://)", text)]
    return [i.strip() for i in text.split(",")]


# -- times --------------------------------------------------------------------------------

_MONTHS = {
    name: n
    for n, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
          "UTC": 0, "GMT": 0, "Z": 0}  # fmt: skip
_WEB = re.compile(r"\w{3} (\w{3}) +(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) ([+-]\d{4}) (\d{4})$")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$")
_NAMED = re.compile(r"(\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2})?) ([A-Z]{1,4})$")


def epoch(value: str | None) -> datetime | None:
    """Return the time of a number of seconds since 1970, or of milliseconds from 12 digits on."""
    text = (value or "").strip()
    if not re.fullmatch(r"\d{9,13}(\.\d+)?", text):
        return None
    whole, _, part = text.partition(".")
    if len(whole) >= 12:
        base, micro = divmod(int(whole), 1000)
        return datetime.fromtimestamp(base, UTC) + timedelta(milliseconds=micro)
    return datetime.fromtimestamp(int(whole), UTC) + timedelta(
        microseconds=int((part + "000000")[:6])
    )


def moment(
    value: str | None, *, day_first: bool | None = None, offset_hours: float = 0
) -> datetime | None:
    """Return a time in UTC, or None where the cell holds none that can be told for sure.

    Parameters
    ----------
    day_first : bool, optional
        For ``9/8/2016``: whether the first number is the day. Where nobody knows, such a date is
        read only if one of its numbers cannot be a month.
    offset_hours : float
        Offset from UTC of times that name no zone.

    Examples
    --------
    >>> moment("13/03/2017 22:21").isoformat()
    '2017-03-13T22:21:00+00:00'
    >>> moment("9/8/2016 12:01") is None
    True
    >>> moment("2023-11-13 04:30:36 EST").isoformat()
    '2023-11-13T09:30:36+00:00'
    """
    text = (value or "").strip()
    if not text:
        return None
    try:
        return _moment(text, day_first, offset_hours)
    except (ValueError, OverflowError, KeyError):
        return None


def _moment(text: str, day_first: bool | None, offset_hours: float) -> datetime | None:
    shift = timedelta(hours=offset_hours)
    if match := _WEB.match(text):
        zone = match[6]
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
        local = datetime(
            int(match[7]), _MONTHS[match[1].lower()], int(match[2]), int(match[3]), int(match[4]),
            int(match[5]), tzinfo=UTC,
        )  # fmt: skip
        return local - offset if zone[0] == "+" else local + offset
    if match := _SLASHED.match(text):
        first, second = int(match[1]), int(match[2])
        if first > 12 or second > 12:
            day_first = first > 12
        if day_first is None and first != second:
            return None
        day, month = (first, second) if day_first else (second, first)
        hour, minute, second_ = (int(match[i] or 0) for i in (4, 5, 6))
        return datetime(int(match[3]), month, day, hour, minute, second_, tzinfo=UTC) - shift
    if match := _NAMED.match(text):
        local = datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
        return local - timedelta(hours=_ZONES[match[2]])
    if seconds := epoch(text):
        return seconds
    parsed = datetime.fromisoformat(text)
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC) - shift


def day_order(values: list[str]) -> tuple[bool | None, bool]:
    """Return whether dates with slashes put the day first, and whether the file contradicts itself.

    Examples
    --------
    >>> day_order(["13/03/2017 22:21", "9/9/2016 12:01"])
    (True, False)
    >>> day_order(["3/4/2017"])
    (None, False)
    """
    first = second = False
    for value in values:
        if match := _SLASHED.match(value.strip()):
            first |= int(match[1]) > 12
            second |= int(match[2]) > 12
    if first and second:
        return None, True
    return (first if first or second else None), False


def precision(moments: list[datetime]) -> str:
    """Return how exact times are: the second, the minute where all seconds are 0, or the day.

    A handful of times cannot tell; below 10 they count as exact to the second unless all are
    midnight.
    """
    if moments and all(
        (m.hour, m.minute, m.second, m.microsecond) == (0, 0, 0, 0) for m in moments
    ):
        return "day"
    if len(moments) >= 10 and all((m.second, m.microsecond) == (0, 0) for m in moments):
        return "minute"
    return "second"
