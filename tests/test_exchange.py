"""Reviewers at different computers: files are taken whole, checked, or not at all."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest

from casebook import schema
from casebook.case import Case
from casebook.cli import main
from casebook.errors import EvidenceError
from casebook.exchange import merge_judgements
from casebook.log import ChainedLog
from casebook.scaffold import new_case

ACCOUNTS = ["x:1", "x:2", "x:3"]


@pytest.fixture
def two(tmp_path):
    """A case, and a copy of it at another computer."""
    case = new_case(tmp_path / "here")
    case.write("accounts", schema.check("accounts", pd.DataFrame({"account": ACCOUNTS})))
    shutil.copytree(case.folder, tmp_path / "there")
    return case, Case(tmp_path / "there")


def judge(case, reviewer, subject="x:1", answer="suspected"):
    return case.judge(subject, "verdict", answer, reason="seen", reviewer=reviewer)


def file_of(case, reviewer):
    return case.folder / "judgements" / f"{reviewer}.jsonl"


def test_another_reviewers_file_is_taken_as_it_is(two):
    here, there = two
    judge(here, "aa")
    for subject in ACCOUNTS:
        judge(there, "bb", subject)
    (merged,) = merge_judgements(here, [file_of(there, "bb")])
    assert (merged.reviewer, merged.new, merged.total) == ("bb", 3, 3)
    assert file_of(here, "bb").read_bytes() == file_of(there, "bb").read_bytes()
    assert set(here.judgements()["reviewer"]) == {"aa", "bb"}


def test_the_same_file_twice_brings_nothing_new_and_a_longer_one_the_rest(two):
    here, there = two
    judge(there, "bb")
    merge_judgements(here, [file_of(there, "bb")])
    (again,) = merge_judgements(here, [file_of(there, "bb")])
    assert again.new == 0
    judge(there, "bb", "x:2")
    (longer,) = merge_judgements(here, [file_of(there, "bb")])
    assert (longer.new, longer.total) == (1, 2)
    judge(here, "bb", "x:3")  # here is ahead now: the older file takes nothing away
    (older,) = merge_judgements(here, [file_of(there, "bb")])
    assert (older.new, older.total) == (0, 3)


def test_two_copies_of_one_reviewer_that_went_different_ways_are_for_a_person(two):
    here, there = two
    judge(here, "bb", "x:1")
    judge(there, "bb", "x:2")
    before = file_of(here, "bb").read_bytes()
    with pytest.raises(EvidenceError, match="judgement 1 of 'bb' is another one here"):
        merge_judgements(here, [file_of(there, "bb")])
    assert file_of(here, "bb").read_bytes() == before


def test_a_line_that_was_changed_is_named(two):
    here, there = two
    judge(there, "bb")
    path = file_of(there, "bb")
    path.write_text(path.read_text().replace("suspected", "authentic"))
    with pytest.raises(EvidenceError, match=r"bb\.jsonl, line 1: this line was changed"):
        merge_judgements(here, [path])
    assert not file_of(here, "bb").exists()


def test_one_bad_file_keeps_all_out(two):
    here, there = two
    judge(there, "bb")
    judge(there, "cc", "x:9")
    with pytest.raises(EvidenceError, match=r"cc\.jsonl, line 1: 'x:9' is no account"):
        merge_judgements(here, [there.folder / "judgements"])
    assert not file_of(here, "bb").exists()


def test_a_judgement_on_evidence_that_is_not_here_is_refused(two):
    here, there = two
    log = ChainedLog(file_of(there, "bb"))
    log.append(
        {"reviewer": "bb", "subject": "x:1", "question": "verdict", "answer": "suspected",
         "reason": "seen", "evidence": ["E0099:1"], "supersedes": None}
    )  # fmt: skip
    with pytest.raises(EvidenceError, match=r"bb\.jsonl, line 1: 'E0099:1' is neither"):
        merge_judgements(here, [log.path])


@pytest.mark.parametrize(
    "content", ["", json.dumps({"seq": 1}) + "\n", "no json\n", '{"reviewer":"bb"}']
)
def test_what_is_no_file_of_judgements_is_refused(two, tmp_path, content):
    here, _ = two
    path = tmp_path / "bb.jsonl"
    path.write_text(content)
    with pytest.raises(EvidenceError):
        merge_judgements(here, [path])
    assert not file_of(here, "bb").exists()


def test_a_name_that_would_leave_the_folder_is_refused(two):
    here, there = two
    log = ChainedLog(there.folder / "judgements" / "x.jsonl")
    log.append(
        {"reviewer": "../../evil", "subject": "x:1", "question": "verdict",
         "answer": "suspected", "reason": "seen", "evidence": [], "supersedes": None}
    )  # fmt: skip
    with pytest.raises(EvidenceError, match="no judgement as Casebook writes it"):
        merge_judgements(here, [log.path])


def test_the_command_takes_a_shared_folder(two, capsys):
    here, there = two
    judge(there, "bb")
    judge(there, "cc", "x:2")
    folder = str(there.folder / "judgements")
    assert main(["judgements", "merge", str(here.folder), folder]) == 0
    said = capsys.readouterr().out
    assert "bb: 1 new judgements, 1 in all" in said
    assert "cc: 1 new" in said
    assert main(["judgements", "merge", str(here.folder), "nowhere.jsonl"]) == 1
    assert "no such file" in capsys.readouterr().err
