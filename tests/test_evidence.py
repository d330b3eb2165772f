"""Evidence: collected once, never changed, and every change of its state is on record."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from casebook.errors import EvidenceError
from casebook.evidence import EvidenceLog, collection_details, stamp

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def log(tmp_path: Path) -> EvidenceLog:
    return EvidenceLog(tmp_path, clock=lambda: datetime(2024, 9, 3, 12, tzinfo=UTC))


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_bytes(b"dear editor")
    return path


def collect(log: EvidenceLog, path: Path, *, confidential: bool = False) -> str:
    staged = log.stage({path.name: path}, confidential=confidential)
    return log.register(staged, {"actor": "aa"}).evidence_id


def test_a_file_is_copied_hashed_and_numbered(log: EvidenceLog, letter: Path) -> None:
    assert collect(log, letter) == "E0001"
    item = log.item("E0001")
    assert log.path(item, item.files[0]).read_bytes() == b"dear editor"
    assert item.files[0]["sha256"] == hashlib.sha256(b"dear editor").hexdigest()
    assert item.files[0]["bytes"] == 11
    assert list(log.differences()) == []


def test_the_time_is_utc_and_keeps_its_offset() -> None:
    moment = datetime(2024, 9, 3, 1, 30, tzinfo=timezone(timedelta(hours=-5, minutes=-30)))
    assert stamp(moment) == {"time": "2024-09-03T07:00:00Z", "offset": "-05:30"}


def test_one_changed_byte_is_found(log: EvidenceLog, letter: Path) -> None:
    collect(log, letter)
    (log.files_folder / "E0001" / "letter.txt").write_bytes(b"dear_editor")
    assert list(log.differences()) == [
        "evidence/E0001/letter.txt is not the file that was collected (its SHA-256 differs)"
    ]


def test_a_missing_file_is_found(log: EvidenceLog, letter: Path) -> None:
    collect(log, letter)
    (log.files_folder / "E0001" / "letter.txt").unlink()
    assert list(log.differences()) == ["evidence/E0001/letter.txt is missing"]


def test_a_wrong_collection_can_be_withdrawn(log: EvidenceLog, letter: Path) -> None:
    collect(log, letter)
    item = log.withdraw("E0001", reason="wrong account", actor="aa")
    assert (item.status, item.reason, item.is_live) == ("withdrawn", "wrong account", False)
    assert list(log.differences()) == []
    assert collect(log, letter) == "E0002"


def test_disposal_deletes_the_file_and_keeps_the_chain(log: EvidenceLog, letter: Path) -> None:
    collect(log, letter)
    log.dispose("E0001", reason="retention ended", actor="aa")
    assert not (log.files_folder / "E0001").exists()
    assert list(log.differences()) == []
    assert [e["event"] for e in log.log.events()] == ["collected", "disposed"]


def test_a_disposal_that_was_interrupted_is_finished_by_repair(
    log: EvidenceLog, letter: Path
) -> None:
    collect(log, letter)
    log._end("E0001", "disposed", "retention ended", "aa")  # the kill comes before the deletion
    assert "still there" in next(log.differences())
    assert log.repair() == ["E0001: files of a disposed item were deleted"]
    assert list(log.differences()) == []


def test_a_redacted_file_replaces_the_original(
    log: EvidenceLog, letter: Path, tmp_path: Path
) -> None:
    collect(log, letter)
    redacted = tmp_path / "safe.txt"
    redacted.write_bytes(b"dear [name]")
    log.redact("E0001", {"letter.txt": redacted}, reason="protects a source", actor="aa")
    assert (log.files_folder / "E0001" / "letter.txt").read_bytes() == b"dear [name]"
    assert log.item("E0001").is_live
    assert list(log.differences()) == []
    assert [p.name for p in log.files_folder.iterdir()] == ["E0001"]


def test_a_redaction_that_was_interrupted_is_finished_by_repair(
    log: EvidenceLog, letter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect(log, letter)
    redacted = tmp_path / "safe.txt"
    redacted.write_bytes(b"dear [name]")
    with monkeypatch.context() as patch:
        patch.setattr(EvidenceLog, "_swap", lambda *_: None)
        log.redact("E0001", {"letter.txt": redacted}, reason="source", actor="aa")
    assert list(log.differences())
    assert log.repair() == ["E0001: its redaction was finished"]
    assert list(log.differences()) == []


def test_a_confidential_item_leaves_alias_and_commitment_only(
    log: EvidenceLog, letter: Path
) -> None:
    staged = log.stage({"confidential-1.txt": letter}, confidential=True)
    log.register(staged, {"actor": "aa", "confidential": True})
    written = log.log.path.read_text()
    assert "letter" not in written
    assert hashlib.sha256(b"dear editor").hexdigest() not in written
    assert list(log.differences()) == []
    (log.files_folder / "E0001" / "confidential-1.txt").write_bytes(b"other")
    assert "is not the file that was collected" in next(log.differences())


def test_an_unregistered_folder_is_set_aside(log: EvidenceLog, letter: Path) -> None:
    log.stage({"letter.txt": letter}, confidential=False)  # the kill comes before register
    assert "interrupted" in next(log.differences())
    assert len(log.repair()) == 1
    assert list(log.differences()) == []
    assert collect(log, letter) == "E0001"


@pytest.mark.parametrize("change", ["withdraw", "dispose"])
def test_an_end_needs_a_reason_and_happens_once(
    log: EvidenceLog, letter: Path, change: str
) -> None:
    collect(log, letter)
    with pytest.raises(EvidenceError, match="needs a reason"):
        getattr(log, change)("E0001", reason=" ", actor="aa")
    getattr(log, change)("E0001", reason="r", actor="aa")
    with pytest.raises(EvidenceError, match="already"):
        getattr(log, change)("E0001", reason="r", actor="aa")


def test_an_unknown_item_names_the_last_one(log: EvidenceLog, letter: Path) -> None:
    collect(log, letter)
    with pytest.raises(EvidenceError, match="E0001 to E0001"):
        log.item("E0009")


def test_a_missing_source_file_leaves_nothing_behind(log: EvidenceLog, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="cannot be copied"):
        log.stage({"none.txt": tmp_path / "none.txt"}, confidential=False)
    assert list(log.files_folder.iterdir()) == []


def test_details_are_checked_and_addresses_defanged() -> None:
    assert collection_details(source_url="https://a.example/x")["source_url"] == (
        "hxxps://a[.]example/x"
    )
    with pytest.raises(EvidenceError, match="persona, known, reference, bystander"):
        collection_details(role="suspect")


KILLED = """
import os, sys
from pathlib import Path
from casebook import evidence, log
from casebook.evidence import EvidenceLog
step, folder, source = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
count = 0
def dying(real):
    def wrapper(*args, **kwargs):
        global count
        count += 1
        if count == step:
            os._exit(9)
        return real(*args, **kwargs)
    return wrapper
os.fsync = dying(os.fsync)
Path.rename = dying(Path.rename)
Path.replace = dying(Path.replace)
store = EvidenceLog(folder)
staged = store.stage({source.name: source}, confidential=False)
print(store.register(staged, {"actor": "aa"}).evidence_id, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="folders are not synced on Windows")
def test_a_kill_at_any_step_of_a_collection_can_be_repaired(letter: Path, tmp_path: Path) -> None:
    """Each disk operation in turn is the one at which the program dies."""
    died = 0
    for step in range(1, 12):
        folder = tmp_path / f"case-{step}"
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(step), str(folder), str(letter)],
            capture_output=True,
            text=True,
            check=False,
        )
        log = EvidenceLog(folder)
        log.repair()
        assert list(log.differences()) == []
        if done.stdout.strip() == "E0001":
            assert log.item("E0001").is_live
            assert done.returncode == 0
        else:
            died += 1
            assert done.returncode == 9
        assert collect(log, letter) in {"E0001", "E0002"}
        assert list(log.differences()) == []
    assert died >= 5
