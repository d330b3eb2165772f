"""The evidence log: what was collected, when, by whom, and whether it is still the same.

A raw file is copied into the case, hashed while it is copied, and never changed. Each thing that
happens to it is one sealed line of ``evidence.jsonl``. The state of an item is what its events add
up to, so a wrong collection can be withdrawn, an item disposed of for the law or redacted for a
source, and the chain stays whole.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from casebook import __version__
from casebook.errors import EvidenceError
from casebook.log import ChainedLog, sync_folder
from casebook.schema import CAPTURES, ROLES
from casebook.text import defang

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

EVENTS = ("collected", "withdrawn", "disposed", "redacted", "verified", "exported")
ID = re.compile(r"E\d{4,}")
CHUNK = 1 << 20


def now() -> datetime:
    """Return the time with the local offset, so that a log line tells both."""
    return datetime.now(UTC).astimezone()


def stamp(moment: datetime) -> dict[str, str]:
    """Return a moment as the log writes it: UTC time, and the offset of the clock it was read on.

    Examples
    --------
    >>> from datetime import timezone, timedelta
    >>> stamp(datetime(2024, 9, 3, 14, 0, tzinfo=timezone(timedelta(hours=2))))
    {'time': '2024-09-03T12:00:00Z', 'offset': '+02:00'}
    """
    utc = moment.astimezone(UTC)
    offset = moment.strftime("%z")
    return {
        "time": utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "offset": f"{offset[:3]}:{offset[3:5]}",
    }


@dataclass(frozen=True)
class Item:
    """One evidence item, as its events add up."""

    evidence_id: str
    files: tuple[dict[str, Any], ...]
    details: dict[str, Any] = field(default_factory=dict)
    status: str = "live"
    reason: str = ""

    @property
    def is_live(self) -> bool:
        """Whether its files are read into tables."""
        return self.status in {"live", "redacted"}


class EvidenceLog:
    """The evidence of one case: the folder ``evidence/`` and the log ``evidence.jsonl``.

    Parameters
    ----------
    folder : Path
        The case folder.
    clock : callable, optional
        Returns the present moment; a scenario gives a fixed one.
    """

    def __init__(self, folder: Path, clock: Callable[[], datetime] = now) -> None:
        self.folder = folder
        self.clock = clock
        self.log = ChainedLog(folder / "evidence.jsonl")

    @property
    def files_folder(self) -> Path:
        """Where the raw files are."""
        return self.folder / "evidence"

    def items(self) -> dict[str, Item]:
        """Return every item ever collected, by id, in the order of collection."""
        items: dict[str, Item] = {}
        for event in self.log.events():
            kind, evidence_id = event["event"], str(event.get("evidence_id"))
            if kind == "collected":
                items[evidence_id] = Item(evidence_id, tuple(event["files"]), event)
            elif kind in {"withdrawn", "disposed"}:
                old = items[evidence_id]
                items[evidence_id] = Item(
                    evidence_id, old.files, old.details, kind, event["reason"]
                )
            elif kind == "redacted":
                old = items[evidence_id]
                items[evidence_id] = Item(
                    evidence_id, tuple(event["files"]), old.details, kind, event["reason"]
                )
        return items

    def item(self, evidence_id: str) -> Item:
        """Return one item; an unknown id is an error that names the last one."""
        items = self.items()
        if evidence_id not in items:
            last = next(reversed(items), None)
            raise EvidenceError(
                f"there is no evidence item {evidence_id!r}",
                remedy=f"items run from E0001 to {last}" if last else "nothing is collected yet",
            )
        return items[evidence_id]

    def path(self, item: Item, file: dict[str, Any]) -> Path:
        """Return where a file of an item is."""
        return self.files_folder / item.evidence_id / str(file["name"])

    def stage(self, files: Mapping[str, Path], *, confidential: bool) -> Staged:
        """Copy files into the case without registering them yet, hashing on the way.

        The copy lives in a folder that no item owns until `register` renames it.

        Parameters
        ----------
        files : mapping
            Name the file gets in the case -> where it is now.
        confidential : bool
            Store a salted commitment instead of size and hash.
        """
        self.files_folder.mkdir(parents=True, exist_ok=True)
        staging = self.files_folder / f".incoming-{os.getpid()}-{secrets.token_hex(4)}"
        staging.mkdir()
        staged = Staged(staging, [])
        for name, path in files.items():
            try:
                staged.files.append(_copied(path, staging / name, confidential=confidential))
            except OSError as error:
                staged.drop()
                raise EvidenceError(
                    f"it cannot be copied into the case: {error.strerror}",
                    where=path.name,
                    remedy="check that the file is there, and that the disk has room",
                ) from None
        sync_folder(staging)
        return staged

    def register(self, staged: Staged, details: dict[str, Any]) -> Item:
        """Give staged files an id and write the line that makes them evidence.

        The folder is in place before the line is written, so an acknowledged line always has its
        files; a kill in between leaves a folder without a line, which `repair` sets aside.
        """
        with self.log.locked():
            items = self.items()
            number = max((int(i[1:]) for i in items), default=0) + 1
            evidence_id = f"E{number:04d}"
            target = self.files_folder / evidence_id
            if target.exists():
                self._set_aside(target)
            staged.folder.rename(target)
            sync_folder(self.files_folder)
            event = {
                "event": "collected",
                **stamp(self.clock()),
                "tool": f"casebook {__version__}",
                "evidence_id": evidence_id,
                "files": staged.files,
                **{k: v for k, v in details.items() if v not in (None, "", [], ())},
            }
            self.log.append_locked(event)
        return self.item(evidence_id)

    def withdraw(self, evidence_id: str, *, reason: str, actor: str) -> Item:
        """Take an item out of the case: its files stay, its records leave the tables."""
        return self._end(evidence_id, "withdrawn", reason, actor)

    def dispose(self, evidence_id: str, *, reason: str, actor: str) -> Item:
        """Delete an item's files for good, and record why; its hash stays in the log."""
        item = self._end(evidence_id, "disposed", reason, actor)
        self._delete_files(item)
        return item

    def redact(
        self, evidence_id: str, replacements: Mapping[str, Path], *, reason: str, actor: str
    ) -> Item:
        """Replace files of an item by redacted versions, and record why.

        Parameters
        ----------
        replacements : mapping
            Name of the file in the item -> the redacted version.
        """
        self._check_reason(reason)
        item = self.item(evidence_id)
        self._check_live(item)
        names = {str(f["name"]) for f in item.files}
        for name in replacements:
            if name not in names:
                raise EvidenceError(
                    f"{evidence_id} has no file {name!r}",
                    remedy=f"its files are: {', '.join(sorted(names))}",
                )
        staged = self.stage(replacements, confidential=any("commitment" in f for f in item.files))
        new = {str(file["name"]): file for file in staged.files}
        with self.log.locked():
            self.log.append_locked(
                {
                    "event": "redacted",
                    **stamp(self.clock()),
                    "actor": actor,
                    "tool": f"casebook {__version__}",
                    "evidence_id": evidence_id,
                    "reason": reason,
                    "files": [new.get(str(f["name"]), f) for f in item.files],
                    "staged": staged.folder.name,
                }
            )
            self._swap(evidence_id, staged.folder)
        return self.item(evidence_id)

    def differences(self) -> Iterator[str]:
        """Yield what does not agree: files missing, changed, unregistered, or not deleted.

        The chain itself is checked first and raises `EvidenceError`.
        """
        items = self.items()
        for item in items.values():
            for file in item.files:
                yield from self._file_differences(item, file)
        if self.files_folder.is_dir():
            for path in sorted(self.files_folder.iterdir()):
                if path.name not in items and not path.name.startswith(".set-aside"):
                    yield (
                        f"evidence/{path.name} is not in the log (a collection was interrupted); "
                        "`casebook repair CASE` sets it aside"
                    )

    def repair(self) -> list[str]:
        """Finish what an interruption left half done; return what was done, in words."""
        done = [note] if (note := self.log.repair()) else []
        with self.log.locked():
            items = self.items()
            for event in self.log.events():
                if event["event"] == "redacted":
                    staged = self.files_folder / str(event["staged"])
                    if staged.is_dir():
                        self._swap(event["evidence_id"], staged)
                        done.append(f"{event['evidence_id']}: its redaction was finished")
            for item in items.values():
                if item.status == "disposed" and (self.files_folder / item.evidence_id).exists():
                    self._delete_files(item)
                    done.append(f"{item.evidence_id}: files of a disposed item were deleted")
            if self.files_folder.is_dir():
                for path in sorted(self.files_folder.iterdir()):
                    if path.name not in items and not path.name.startswith(".set-aside"):
                        aside = self._set_aside(path)
                        done.append(f"evidence/{path.name} was never registered; now {aside.name}")
        return done

    def _end(self, evidence_id: str, event: str, reason: str, actor: str) -> Item:
        self._check_reason(reason)
        item = self.item(evidence_id)
        if item.status in {"disposed", event}:
            raise EvidenceError(f"{evidence_id} is already {item.status}: {item.reason}")
        self.log.append(
            {
                "event": event,
                **stamp(self.clock()),
                "actor": actor,
                "tool": f"casebook {__version__}",
                "evidence_id": evidence_id,
                "reason": reason,
            }
        )
        return self.item(evidence_id)

    def _check_reason(self, reason: str) -> None:
        if not reason.strip():
            raise EvidenceError("this needs a reason", remedy='add --reason "why"')

    def _check_live(self, item: Item) -> None:
        if not item.is_live:
            raise EvidenceError(f"{item.evidence_id} is {item.status}: {item.reason}")

    def _delete_files(self, item: Item) -> None:
        shutil.rmtree(self.files_folder / item.evidence_id, ignore_errors=True)

    def _set_aside(self, path: Path) -> Path:
        number = 1
        while (aside := path.with_name(f".set-aside-{number}")).exists():
            number += 1
        path.rename(aside)
        return aside

    def _swap(self, evidence_id: str, staged: Path) -> None:
        # The line is written already, so this may be run again after a kill: moving what is left.
        for path in sorted(staged.iterdir()):
            path.replace(self.files_folder / evidence_id / path.name)
        staged.rmdir()

    def _file_differences(self, item: Item, file: dict[str, Any]) -> Iterator[str]:
        path, name = self.path(item, file), f"evidence/{item.evidence_id}/{file['name']}"
        if item.status == "disposed":
            if path.exists():
                yield f"{name} is recorded as disposed of and is still there; run `casebook repair`"
            return
        if not path.is_file():
            yield f"{name} is missing"
        elif "commitment" in file:
            salt = _salt_file(path)
            if not salt.is_file():
                yield f"{name} cannot be checked: its salt file is missing"
            elif _hash(path, prefix=bytes.fromhex(salt.read_text().strip())) != file["commitment"]:
                yield f"{name} is not the file that was collected"
        elif file_hash(path) != file["sha256"]:
            yield f"{name} is not the file that was collected (its SHA-256 differs)"


@dataclass
class Staged:
    """Files copied into the case and not registered yet."""

    folder: Path
    files: list[dict[str, Any]]

    def drop(self) -> None:
        """Delete the copies."""
        shutil.rmtree(self.folder, ignore_errors=True)


def collection_details(**given: Any) -> dict[str, Any]:
    """Return the details of a collection as the log stores them, checked.

    Addresses are defanged. A role or capture that is not in the vocabulary is an error.
    """
    for key, choices in (("role", ROLES), ("capture", CAPTURES)):
        value = given.get(key)
        if value is not None and value not in choices:
            raise EvidenceError(f"{key} is {value!r}", remedy=f"one of: {', '.join(choices)}")
    if given.get("captured_at"):
        given["captured_at"] = _checked_moment(str(given["captured_at"]))
    if given.get("source_url"):
        given["source_url"] = defang(str(given["source_url"]))
    return given


def _checked_moment(text: str) -> str:
    """Return a moment in ISO form; a date alone, or a time without a zone, is taken as UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise EvidenceError(
            f"captured_at is {text!r}", remedy="write a date such as 2024-09-03, or with a time"
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return stamp(moment)["time"]


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    return _hash(path)


def _hash(path: Path, prefix: bytes = b"") -> str:
    digest = hashlib.sha256(prefix)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _salt_file(path: Path) -> Path:
    return path.with_name(f".{path.name}.salt")


def _copied(source: Path, target: Path, *, confidential: bool) -> dict[str, Any]:
    salt = secrets.token_bytes(32) if confidential else b""
    digest, size = hashlib.sha256(salt), 0
    with source.open("rb") as file, target.open("xb") as copy:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    if confidential:
        _salt_file(target).write_text(salt.hex() + "\n", encoding="ascii")
        return {"name": target.name, "commitment": digest.hexdigest()}
    return {"name": target.name, "bytes": size, "sha256": digest.hexdigest()}
