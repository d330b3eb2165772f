"""The matrix of hypotheses as a board: what it writes, takes back, and prints unattended."""

from __future__ import annotations

import json

import pytest

from casebook.attribution import hypothesis_ratings, register
from casebook.errors import CaseError
from casebook.exhibits import Listing, Note
from casebook.scaffold import new_case
from casebook.widgets.hypotheses import hypothesis_board
from casebook.widgets.parts import TAKEN_BACK, UNATTENDED


@pytest.fixture
def case(tmp_path):
    made = new_case(tmp_path / "my-case")
    for name in ("letter", "invoice"):
        path = tmp_path / f"{name}.txt"
        path.write_text(name, encoding="utf-8")
        staged = made.evidence.stage({path.name: path}, confidential=False)
        made.evidence.register(
            staged, {"actor": "aa", "reader": "document", "title": f"<b>A {name}</b>"}
        )
    return made


def board_of(case, reviewer="aa"):
    return hypothesis_board(case, register(case.evidence_items()), {}, reviewer=reviewer)


def rate(board, reason="the sender says so", **cells):
    for name, rating in cells.items():
        board.cells[name].value = rating
    board.reason.value = reason
    board.save.click()


def lines(case):
    path = case.folder / "judgements" / "aa.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_rating_is_a_judgement_like_any_other(case):
    board = board_of(case)
    rate(board, H0="II", H3="C")
    written = lines(case)[0]
    assert written["question"] == "hypotheses"
    assert written["subject"] == board.item.value == "E0001"
    assert written["answer"] == "H0 II, H1 NA, H2 NA, H3 C, H4 NA, H5 NA, H6 NA; relevance medium"
    assert "line 1 of aa.jsonl" in board.said.value
    assert "1 item rated" in board.progress.value


def test_it_resumes_where_the_log_is(case):
    rate(board_of(case), H0="II", H3="C")
    again = board_of(case)
    assert again.cells["H0"].value == "II"
    assert again.reason.value == "the sender says so"
    again.item.value = "E0002"
    assert again.cells["H0"].value == "NA"
    assert again.reason.value == ""


def test_an_empty_rating_or_no_reason_is_not_saved(case):
    board = board_of(case)
    rate(board)
    assert "Nothing was saved" in board.said.value
    rate(board, reason=" ", H0="I")
    assert "needs a reason" in board.said.value
    assert not (case.folder / "judgements" / "aa.jsonl").exists() or lines(case) == []


def test_the_standing_follows_each_rating(case):
    board = board_of(case)
    rate(board, H0="II", H1="I", H2="I", H3="N", H4="I", H5="I", H6="I")
    assert "least speaks against H3" in board.standing.value
    board.item.value = "E0002"
    rate(board, H3="II", H1="N")
    assert "against H3" not in board.standing.value


def test_taking_back_supersedes_and_leaves_no_item(case):
    board = board_of(case)
    rate(board, H0="II")
    rate(board, H0="C", reason="read again")
    board.undo.click()
    assert board.cells["H0"].value == "II"
    assert lines(case)[-1]["supersedes"] == 2
    fresh = board_of(case)
    fresh.item.value = "E0002"
    rate(fresh, H0="I")
    fresh.undo.click()
    assert lines(case)[-1]["reason"] == TAKEN_BACK
    matrix = hypothesis_ratings(case.judgements(), register(case.evidence_items()))
    assert matrix["item"].tolist() == ["E0001"]
    fresh.undo.click()
    assert "nothing of yours" in fresh.said.value


def test_a_full_disk_is_said_in_the_board(case, monkeypatch):
    board = board_of(case)

    def full(*_args, **_others):
        raise CaseError("no space", remedy="make room")

    monkeypatch.setattr(type(case), "judge", full)
    rate(board, H0="I")
    assert "no space" in board.said.value


def test_titles_of_evidence_are_text(case):
    board = board_of(case)
    assert any("<b>A letter</b>" in label for label, _ in board.item.options)
    rate(board, H0="I", reason="<script>alert(1)</script>")
    assert "<script>" not in board.standing.value + board.said.value


def test_unattended_it_is_the_table_of_reasons(case, monkeypatch):
    assert isinstance(board_of(case, reviewer=""), Note)
    rate(board_of(case), H0="I")
    monkeypatch.setenv(UNATTENDED, "1")
    told = board_of(case)
    assert isinstance(told, Listing)
    assert told.frame.loc[0, "reason"] == "the sender says so"
    assert told.frame.loc[0, "against"] == "H0"
