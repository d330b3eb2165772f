"""Codebook and answers on reach in a case: read before anything runs, and part of what a run rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casebook import chain
from casebook.case import Case
from casebook.errors import CaseError
from casebook.language import LANGUAGE, speak
from casebook.narratives import breakout
from casebook.scenario.example import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CASE = """\
title: "Ten accounts"
question: "Who are they?"
reach:
  several_platforms:
    answer: shown
    evidence: ["fact:F1", "SRC"]
    note: "On two of them."
  high_profile: {answer: unknown}
"""
BOOK = """\
narratives:
  - {id: rents, label: "Rents", definition: "On rents.", terms: [rent]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.delenv(LANGUAGE, raising=False)
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "sources.csv").write_text("source_id\nSRC\n")
    (tmp_path / "published" / "facts.csv").write_text("fact_id\nF1\n")
    (tmp_path / "case.yaml").write_text(CASE, encoding="utf-8")
    (tmp_path / "codebook.yaml").write_text(BOOK, encoding="utf-8")
    yield tmp_path
    speak("en")


def test_answers_on_reach_say_on_what_they_rest(folder: Path) -> None:
    reach = Case(folder).reach().set_index("flag")
    assert list(reach.loc["several_platforms", ["answer", "basis", "note"]]) == [
        "shown", "reported", "On two of them.",
    ]  # fmt: skip
    assert reach.loc["several_platforms", "evidence"] == ["fact:F1", "SRC"]
    assert list(reach.loc["call_for_violence", ["answer", "basis"]]) == ["unknown", ""]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("several_platforms", "severall_platforms", "line 4.*\n.*did you mean 'several_platforms'"),
        ("answer: shown", "answer: yes", "line 5.*'reach.several_platforms.answer' is True"),
        ("answer: shown", "answer: surely", "line 4.*'surely'.*\n.*shown, not shown, unknown"),
        ('["fact:F1", "SRC"]', "[]", "line 4.*rests on nothing"),
        ("{answer: unknown}", "{answer: not shown}", "line 8.*'high_profile' rests on nothing"),
        ("{answer: unknown}", "", "line 8.*the answer to 'high_profile' is None"),
    ],
)
def test_a_wrong_answer_is_said_with_its_line(
    folder: Path, before: str, after: str, said: str
) -> None:
    assert before in CASE
    (folder / "case.yaml").write_text(CASE.replace(before, after), encoding="utf-8")
    with pytest.raises(CaseError, match=f"case.yaml, {said}"):
        Case(folder)


def test_evidence_that_leads_nowhere_is_said_before_a_run(folder: Path) -> None:
    (folder / "case.yaml").write_text(CASE.replace("fact:F1", "E0001"), encoding="utf-8")
    with pytest.raises(CaseError, match="reach, several_platforms: 'E0001' is neither"):
        chain.run(folder, progress=None)
    assert not (folder / "reports").exists()


def test_a_wrong_codebook_is_said_before_a_run(folder: Path) -> None:
    (folder / "codebook.yaml").write_text(BOOK.replace("label", "lable"), encoding="utf-8")
    with pytest.raises(CaseError, match=r"codebook\.yaml, line 2"):
        chain.run(folder, progress=None)
    assert not (folder / "reports").exists()


def test_a_run_rests_on_the_codebook(folder: Path) -> None:
    before = chain.case_inputs(Case(folder))["codebook.yaml"]
    (folder / "codebook.yaml").write_text(BOOK.replace("[rent]", "[rents]"), encoding="utf-8")
    assert chain.case_inputs(Case(folder))["codebook.yaml"] != before


def test_labels_and_notes_can_be_told_in_french_and_terms_cannot(folder: Path) -> None:
    french = 'title: "Dix"\nquestion: "Qui ?"\ncodebook:\n  rents: {label: "Loyers"}\n'
    french += 'reach:\n  several_platforms: {note: "Sur deux."}\n'
    path = folder / "case.fr.yaml"
    path.write_text(french, encoding="utf-8")
    case = Case(folder, language="fr")
    (entry,) = case.codebook().to_dict("records")
    assert (entry["label"], entry["definition"], entry["terms"]) == (
        "Loyers",
        "On rents.",
        ["rent"],
    )
    row = case.reach().iloc[0]
    assert (row["answer"], row["note"], row["evidence"]) == (
        "shown",
        "Sur deux.",
        ["fact:F1", "SRC"],
    )
    path.write_text(french.replace("rents:", "rent:"), encoding="utf-8")
    with pytest.raises(CaseError, match=r"case\.fr\.yaml, line 4.*no entry 'rent'"):
        Case(folder, language="fr").codebook()
    path.write_text(french.replace("label:", "terms:"), encoding="utf-8")
    with pytest.raises(CaseError, match="unknown key 'terms'"):
        Case(folder, language="fr")


def test_a_run_takes_the_notebook_along_and_leaves_the_line_up(folder: Path) -> None:
    names = [step.name for step in chain.find_steps(Case(folder))]
    assert names[2:5] == ["03-network-map", "03b-narratives-and-reach", "04-attribution"]
    assert "01b-line-up" in [p.stem for p in chain.side_notebooks()]
    assert not {p.stem for p in chain.side_notebooks()} & set(names)
    steps = chain.find_steps(Case(folder))
    assert steps[chain.step_index(steps, "3b")].name == "03b-narratives-and-reach"
    assert steps[chain.step_index(steps, "3")].name == "03-network-map"


def test_the_example_claims_no_more_reach_than_its_sources_say() -> None:
    case = Case(FOLDER)
    reach = case.reach()
    assert set(reach.loc[reach["answer"] != "unknown", "basis"]) == {"reported"}
    result = breakout(reach)
    assert (result.low, result.high) == (2, 6)
    assert set(case.codebook()["kind"]) == {"narrative", "target"}
