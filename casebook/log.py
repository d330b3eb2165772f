"""An append-only log of JSON lines in which every line seals the ones before it.

The evidence log and each reviewer's judgements are such logs. A line is acknowledged when it is
on the disk. A kill between two writes can only leave an unfinished last line, which was never
acknowledged; `ChainedLog.repair` sets it aside. Writing needs a lock, so two processes cannot
interleave.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from casebook.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GENESIS = "0" * 64
"""``prev_hash`` of the first line."""

LOCK_SECONDS = 30
"""Long enough for another process to finish registering a large file's line, short for a person."""


def canonical(event: dict[str, Any]) -> bytes:
    """Return the one byte string that stands for an event: sorted keys, no spaces, UTF-8.

    Examples
    --------
    >>> canonical({"b": 1, "a": "é"}).decode()
    '{"a":"é","b":1}'
    """
    text = json.dumps(event, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8")


def line_hash(event: dict[str, Any]) -> str:
    """Return the SHA-256 of an event without its own ``hash``, ``prev_hash`` included."""
    return hashlib.sha256(canonical({k: v for k, v in event.items() if k != "hash"})).hexdigest()


class ChainedLog:
    """One chained log on disk.

    Parameters
    ----------
    path : Path
        The ``.jsonl`` file; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the log for writing; another process waits, and gives up with a clear message."""
        from filelock import FileLock, Timeout

        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path.with_name(f".{self.path.name}.lock"), timeout=LOCK_SECONDS)
        try:
            lock.acquire()
        except Timeout:
            raise EvidenceError(
                f"another program has been writing to {self.path.name} for {LOCK_SECONDS} seconds",
                remedy="close the other notebook or terminal on this case, then try again",
            ) from None
        try:
            yield
        finally:
            lock.release()

    def events(self) -> list[dict[str, Any]]:
        """Return all lines, the chain checked.

        Raises
        ------
        EvidenceError
            Naming the first line that does not follow from the ones before it.
        """
        events: list[dict[str, Any]] = []
        previous = GENESIS
        for number, raw in enumerate(self._lines(), start=1):
            event = self._parsed(raw, number)
            self._check(event, number, previous)
            previous = event["hash"]
            events.append(event)
        return events

    def head(self) -> str:
        """Return the hash of the last line: one value that stands for the whole log."""
        events = self.events()
        return str(events[-1]["hash"]) if events else GENESIS

    def append(self, event: dict[str, Any]) -> dict[str, Any]:
        """Write one event, and return it as sealed once it is on the disk.

        The caller gives everything but ``seq``, ``prev_hash`` and ``hash``.
        """
        with self.locked():
            return self.append_locked(event)

    def append_locked(self, event: dict[str, Any]) -> dict[str, Any]:
        """Write one event where the caller already holds the log."""
        events = self.events()
        sealed = {
            **event,
            "seq": len(events) + 1,
            "prev_hash": events[-1]["hash"] if events else GENESIS,
        }
        sealed["hash"] = line_hash(sealed)
        is_new = not self.path.exists()
        with self.path.open("ab") as file:
            file.write(canonical(sealed) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self.path.parent)
        return sealed

    def repair(self) -> str | None:
        """Set an unfinished last line aside; return what was done, or None where all is whole.

        Only a last line that was never finished is touched: no line end, so never acknowledged. It
        is kept in a file beside the log. Anything else that is broken is left as it is.
        """
        with self.locked():
            if not self.path.exists():
                return None
            data = self.path.read_bytes()
            whole, _, tail = data.rpartition(b"\n")
            if not tail:
                return None
            whole += b"\n" if whole else b""
            mark = hashlib.sha256(tail).hexdigest()[:8]
            aside = self.path.with_name(f"{self.path.name}.torn-{mark}")
            write_atomically(aside, tail)
            write_atomically(self.path, whole)
            count = whole.count(b"\n")
            return (
                f"{self.path.name}: an unfinished line after line {count} was moved to "
                f"{aside.name}; the {count} acknowledged lines are whole"
            )

    def _lines(self) -> list[bytes]:
        if not self.path.exists():
            return []
        data = self.path.read_bytes()
        if data and not data.endswith(b"\n"):
            count = data.count(b"\n")
            raise EvidenceError(
                "the last line was never finished (the program was stopped while writing it)",
                where=f"{self.path.name}, line {count + 1}",
                remedy="run `casebook repair CASE`: it sets that line aside and loses no "
                "acknowledged line",
            )
        return data.split(b"\n")[:-1]

    def _parsed(self, raw: bytes, number: int) -> dict[str, Any]:
        try:
            event = json.loads(raw)
        except ValueError:
            event = None
        if not isinstance(event, dict) or canonical(event) != raw:
            raise EvidenceError(
                "this line is not as it was written",
                where=f"{self.path.name}, line {number}",
                remedy="restore the file from a copy; a sealed log is never edited by hand",
            )
        return event

    def _check(self, event: dict[str, Any], number: int, previous: str) -> None:
        remedy = "restore the file from a copy; a sealed log is never edited by hand"
        where = f"{self.path.name}, line {number}"
        if event.get("seq") != number or event.get("prev_hash") != previous:
            raise EvidenceError(
                f"the chain is broken before this line: it does not follow line {number - 1}; "
                "a line was removed, added or moved",
                where=where,
                remedy=remedy,
            )
        if event.get("hash") != line_hash(event):
            raise EvidenceError("this line was changed after sealing", where=where, remedy=remedy)


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file so that a reader sees the old bytes or the new ones, never a part."""
    partial = path.with_name(f".{path.name}.part")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` durable, where the system knows how (Windows does not)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
