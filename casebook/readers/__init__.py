"""Export files -> accounts, snapshots, posts, media, indicators.

Formats are recognised by content, never by file name. The order matters: a format with marks of its
own comes before the table of any layout, which comes last.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from casebook.errors import ReaderError
from casebook.readers.base import Head
from casebook.schema import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from casebook.readers.base import Reader
    from casebook.readers.table import Proposal

MODULES = ("x_web", "x_api2", "io_archive", "fourcat", "profile_sheet", "indicators", "table")
HEAD_BYTES = 1 << 16

_DOCUMENTS = (
    b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"\x1f\x8b", b"<!DOCTYPE", b"<!doctype",
    b"<html", b"<HTML", b"WARC/", b"\x00\x00\x00", b"ID3", b"OggS", b"%!PS", b"{\\rtf",
)  # fmt: skip
"""Beginnings of pictures, films, pages and archives: kept as they are, never read."""


@cache
def all_readers() -> tuple[Reader, ...]:
    """Return every reader, in the order in which they are asked."""
    modules = [import_module(f"casebook.readers.{name}") for name in MODULES]
    return tuple(reader for module in modules for reader in module.READERS)


def recognise(path: Path, name: str | None = None) -> Reader | None:
    """Return the reader that knows this content, or None: then it is a document.

    Parameters
    ----------
    path : Path
        Where the bytes are.
    name : str, optional
        What to call the file in messages.
    """
    with path.open("rb") as file:
        start = file.read(HEAD_BYTES)
    if not start.strip() or start.startswith(_DOCUMENTS):
        return None
    head = Head(name or path.name, start, path)
    return next((reader for reader in all_readers() if reader.recognises(head)), None)


def reader(name: str) -> Reader:
    """Return a reader by its name; an unknown name is an error that offers the nearest one."""
    by_name = {r.name: r for r in all_readers()}
    if name not in by_name:
        hint = nearest(name, by_name)
        raise ReaderError(
            f"there is no reader {name!r}",
            remedy=f"did you mean {hint!r}?" if hint else f"readers: {', '.join(by_name)}",
        )
    return by_name[name]


def propose_mapping(
    path: Path, name: str | None = None, *, given: Mapping[str, Any] | None = None
) -> Proposal:
    """Return a column mapping for a table of any layout: see `casebook.readers.table`."""
    from casebook.readers import table

    return table.propose_mapping(path, name, given=given)
