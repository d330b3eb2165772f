"""The chained log: nothing acknowledged is lost, nothing broken goes unnoticed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from casebook.errors import EvidenceError
from casebook.log import GENESIS, ChainedLog, canonical, line_hash

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def log(tmp_path: Path) -> ChainedLog:
    log = ChainedLog(tmp_path / "evidence.jsonl")
    for subject in ("one", "two", "three"):
        log.append({"event": "collected", "subject": subject})
    return log


def test_a_line_seals_the_ones_before_it(log: ChainedLog) -> None:
    first, second, third = log.events()
    assert first["prev_hash"] == GENESIS
    assert (second["prev_hash"], third["prev_hash"]) == (first["hash"], second["hash"])
    assert [e["seq"] for e in (first, second, third)] == [1, 2, 3]
    assert log.head() == third["hash"] == line_hash(third)


def test_an_empty_log_has_the_genesis_head(tmp_path: Path) -> None:
    assert ChainedLog(tmp_path / "none.jsonl").head() == GENESIS


def test_one_changed_byte_is_named_by_its_line(log: ChainedLog) -> None:
    log.path.write_bytes(log.path.read_bytes().replace(b'"two"', b'"tvo"'))
    with pytest.raises(EvidenceError, match=r"evidence\.jsonl, line 2: .*changed after sealing"):
        log.events()


def test_a_deleted_line_is_named(log: ChainedLog) -> None:
    lines = log.path.read_bytes().splitlines(keepends=True)
    log.path.write_bytes(lines[0] + lines[2])
    with pytest.raises(EvidenceError, match=r"line 2: the chain is broken.*removed"):
        log.events()


def test_a_line_rewritten_with_its_own_hash_breaks_the_next_one(log: ChainedLog) -> None:
    lines = log.path.read_bytes().splitlines()
    forged = {**json.loads(lines[1]), "subject": "forged"}
    forged["hash"] = line_hash(forged)
    log.path.write_bytes(b"\n".join([lines[0], canonical(forged), lines[2]]) + b"\n")
    with pytest.raises(EvidenceError, match="line 3"):
        log.events()


def test_other_spacing_is_not_the_line_that_was_written(log: ChainedLog) -> None:
    lines = log.path.read_bytes().splitlines()
    spaced = json.dumps(json.loads(lines[0]), sort_keys=True).encode()
    log.path.write_bytes(b"\n".join([spaced, *lines[1:]]) + b"\n")
    with pytest.raises(EvidenceError, match="line 1: this line is not as it was written"):
        log.events()


@pytest.mark.parametrize("keep", [1, 20, -1])
def test_a_torn_last_line_is_set_aside_and_the_rest_is_whole(log: ChainedLog, keep: int) -> None:
    whole = log.path.read_bytes()
    last = whole.splitlines()[-1]
    log.path.write_bytes(whole + last[:keep])
    with pytest.raises(EvidenceError, match="casebook repair"):
        log.append({"event": "collected", "subject": "four"})
    note = log.repair()
    assert note is not None
    assert "3 acknowledged lines are whole" in note
    assert log.path.read_bytes() == whole
    assert [p.read_bytes() for p in log.path.parent.glob("*.torn-*")] == [last[:keep]]
    assert log.append({"event": "collected", "subject": "four"})["seq"] == 4


def test_repair_leaves_a_whole_log_alone(log: ChainedLog) -> None:
    before = log.path.read_bytes()
    assert log.repair() is None
    assert log.path.read_bytes() == before


WRITER = """
import sys
from pathlib import Path
from casebook.log import ChainedLog
log, who = ChainedLog(Path(sys.argv[1])), sys.argv[2]
for number in range(int(sys.argv[3])):
    event = log.append({"who": who, "number": number})
    print(event["seq"], flush=True)
"""


def _writer(path: Path, who: str, count: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), who, str(count)], stdout=subprocess.PIPE
    )


def test_two_processes_do_not_interleave(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    writers = [_writer(path, who, 25) for who in ("a", "b")]
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    events = ChainedLog(path).events()
    assert len(events) == 50
    for who in ("a", "b"):
        assert [e["number"] for e in events if e["who"] == who] == list(range(25))


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a POSIX signal")
def test_kill_nine_loses_no_acknowledged_line(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    acknowledged = 0
    for round_ in range(4):
        writer = _writer(path, f"round-{round_}", 100_000)
        assert writer.stdout is not None
        seen = [int(writer.stdout.readline()) for _ in range(5)]
        time.sleep(0.013 * round_)
        writer.send_signal(signal.SIGKILL)
        rest, _ = writer.communicate(timeout=30)
        seen += [int(n) for n in rest.split(b"\n")[:-1] if n]
        acknowledged = max(acknowledged, *seen)
        log = ChainedLog(path)
        log.repair()
        assert len(log.events()) >= acknowledged
