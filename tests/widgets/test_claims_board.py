"""The claims as a form: what it writes, what it says while one types, what it leaves alone."""

from __future__ import annotations

import asyncio

import pytest
import yaml

from casebook import cli
from casebook.exhibits import Note
from casebook.scaffold import new_case
from casebook.widgets.claims import claims_board
from casebook.widgets.parts import SETTLES, UNATTENDED

CLAIMS = """\
# ours
claims:
  - id: C1
    kind: observation   # what the letter says
    text: The letter names a <b>server</b>.
    evidence: ["E0001:p1"]
    values: {}

  # weaker
  - id: C2
    kind: assessment
    rung: 1
    text: It is {{ likelihood }} that the accounts are inauthentic.
    likelihood: likely
    confidence: {level: low, assumptions: Others are ordinary., sourcing: One letter., argument: It says so.}
    evidence: ["E0001:p1"]
"""


@pytest.fixture
def case(tmp_path):
    made = new_case(tmp_path / "my-case")
    path = tmp_path / "letter.txt"
    path.write_text("a letter", encoding="utf-8")
    staged = made.evidence.stage({path.name: path}, confidential=False)
    made.evidence.register(staged, {"actor": "aa", "reader": "document", "title": "A letter"})
    (made.folder / "claims.yaml").write_text(CLAIMS, encoding="utf-8")
    return made


def file_of(case):
    return (case.folder / "claims.yaml").read_text(encoding="utf-8")


def written(case):
    return {c["id"]: c for c in yaml.safe_load(file_of(case))["claims"]}


def test_opening_and_looking_changes_nothing(case):
    board = claims_board(case, reviewer="aa")
    board.chosen.value = "C2"
    assert board.fields["assumptions"].value == "Others are ordinary."
    board.save.click()
    assert "saved already" in board.said.value
    assert file_of(case) == CLAIMS


def test_a_sentence_is_checked_while_it_is_typed_and_nothing_is_written(case):
    board = claims_board(case, reviewer="aa")
    assert "keeps every rule" in board.problems.value
    board.fields["text"].value = "The letter may name 12 servers."
    assert "typed number 12" in board.problems.value
    assert "“may” hedges" in board.problems.value
    board.fields["text"].value = "The letter names a server."
    assert "keeps every rule" in board.problems.value
    assert file_of(case) == CLAIMS


def test_every_field_is_there_to_be_seen_and_the_id_only_of_a_new_claim(case):
    board = claims_board(case, reviewer="aa")
    for chosen, hidden in (("C2", True), ("", False)):
        board.chosen.value = chosen
        assert not any(f.layout.display == "none" for f in board.fields.values())
        assert (board.name.layout.display == "none") is hidden


def test_evidence_text_is_shown_as_text(case):
    board = claims_board(case, reviewer="aa")
    assert "&lt;b&gt;server" in board.printed.value
    assert "<b>server" not in board.printed.value


def test_what_is_saved_is_in_the_file_and_the_rest_stays(case):
    board = claims_board(case, reviewer="aa")
    board.chosen.value = "C2"
    board.fields["likelihood"].value = "very likely"
    board.save.click()
    assert "saved C2" in board.said.value
    new = file_of(case)
    assert set(new.splitlines()) ^ set(CLAIMS.splitlines()) == {
        "    likelihood: likely", '    likelihood: "very likely"',
    }  # fmt: skip
    board.undo.click()
    assert file_of(case) == CLAIMS
    assert board.fields["likelihood"].value == "likely"


def test_letters_that_a_click_overtook_are_saved_and_no_other_claim_is(case):
    async def clicked(then):
        board = claims_board(case, reviewer="aa")
        board.chosen.value = "C2"
        board.save.click()
        then(board)
        await asyncio.sleep(2 * SETTLES)
        return board

    def typed(board):
        board.fields["text"].value = "It is {{ likelihood }} that the last letters count."

    def chosen(board):
        board.chosen.value = "C1"

    assert "saved C2" in asyncio.run(clicked(typed)).said.value
    assert written(case)["C2"]["text"].endswith("the last letters count.")
    before = file_of(case)
    assert "Another claim was chosen" in asyncio.run(clicked(chosen)).said.value
    assert file_of(case) == before


def test_a_comment_that_is_lost_is_named(case):
    board = claims_board(case, reviewer="aa")
    board.fields["kind"].value = "intent"
    board.fields["reported_by"].value = "the host"
    board.save.click()
    assert "# what the letter says" in board.said.value
    assert written(case)["C1"]["kind"] == "intent"
    assert "# ours" in file_of(case)


def test_a_new_claim_is_added_and_an_id_is_used_once(case):
    board = claims_board(case, reviewer="aa")
    board.chosen.value = ""
    board.fields["text"].value = "The letter is dated."
    board.fields["evidence"].value = "E0001:p1\nE0001:p2"
    board.save.click()
    assert "needs an id" in board.said.value
    board.name.value = "C1"
    board.save.click()
    assert "claim C1 already" in board.said.value
    assert written(case)["C1"]["text"].startswith("The letter names")
    board.name.value = "C3"
    board.save.click()
    assert written(case)["C3"]["evidence"] == ["E0001:p1", "E0001:p2"]
    assert board.chosen.value == "C3"


def test_a_file_that_somebody_else_changed_is_not_written_over(case):
    board = claims_board(case, reviewer="aa")
    theirs = CLAIMS.replace("dated", "x") + "# theirs\n"
    (case.folder / "claims.yaml").write_text(theirs, encoding="utf-8")
    board.fields["text"].value = "The letter names a host."
    board.save.click()
    assert "changed elsewhere" in board.said.value
    assert file_of(case) == theirs


def test_unattended_it_is_a_note(case, monkeypatch):
    assert isinstance(claims_board(case), Note)
    monkeypatch.setenv(UNATTENDED, "1")
    assert isinstance(claims_board(case, reviewer="aa"), Note)


def test_what_the_form_says_is_what_the_command_says(case, capsys):
    board = claims_board(case, reviewer="aa")
    board.chosen.value = "C2"
    cli.main(["check", str(case.folder)])
    said = capsys.readouterr().out
    told = [part.split("</li>")[0] for part in board.problems.value.split("<li>")[1:]]
    assert told
    for message in told:
        rule, _, sentence = message.partition(": ")
        assert f"{rule}, claim C2: {sentence[:40]}" in said
