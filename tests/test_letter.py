"""The right of reply: a letter says what will be said, and leaves out what it must not tell."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from casebook import cli
from casebook.case import Case
from casebook.errors import ClaimError
from casebook.letter import draft_letter

EXAMPLE = Path(__file__).resolve().parent.parent / "data" / "spamouflage-2024"


@pytest.fixture
def case(tmp_path):
    folder = tmp_path / EXAMPLE.name
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("tables", "evidence", ".*"))
    (folder / "evidence").mkdir()
    return Case(folder)


def test_it_says_the_sentence_how_sure_we_are_and_what_speaks_against_it(case):
    letter = draft_letter(case, "C6", by="2024-09-10")
    assert "To: China" in letter
    assert "> Graphika reported on 3 September 2024" in letter
    assert "Confidence: moderate." in letter
    assert "The Chinese embassy denied" in letter
    assert "by 2024-09-10" in letter
    assert letter.startswith("DRAFT, not sent.")


def test_a_synthetic_case_says_so(case):
    assert "this letter is an exercise" in draft_letter(case, "C6", by="2024-09-10")


def test_it_names_kinds_of_evidence_and_no_item(case):
    letter = draft_letter(case, "C6", by="2024-09-10")
    assert "published facts" in letter
    assert "G06" not in letter
    assert "E00" not in letter


def test_the_line_for_the_record_is_one_that_the_case_reads(case):
    letter = draft_letter(case, "C6", by="2024-09-10")
    line = letter.rstrip().splitlines()[-1].strip()
    assert json.loads(line)["claim"] == "C6"
    with (case.folder / "replies.jsonl").open("a", encoding="utf-8") as log:
        log.write(line + "\n")
    assert case.replies().iloc[-1]["deadline"] == "2024-09-10"


@pytest.mark.parametrize(
    ("claim", "by", "said"),
    [
        ("C66", "2024-09-10", "did you mean 'C6'"),
        ("C1", "2024-09-10", "names nobody"),
        ("C6", "next week", "is no day"),
    ],
)
def test_a_mistake_says_how_to_mend_it(case, claim, by, said):
    with pytest.raises(ClaimError) as refused:
        draft_letter(case, claim, by=by)
    assert said in str(refused.value)


def test_the_command_prints_it(case, capsys):
    assert cli.main(["letter", str(case.folder), "C6", "--by", "2024-09-10"]) == cli.DONE
    assert "We intend to say:" in capsys.readouterr().out
