"""A case is told in another language by one file of words, and claims the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casebook.case import Case
from casebook.chain import case_inputs
from casebook.errors import CaseError, ClaimError
from casebook.language import LANGUAGE, speak, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CASE = """\
title: "Ten accounts"
question: "Who are they?"
hypotheses: {H0: "Authentic users"}
legal: {basis: "Law 1"}
"""
CLAIMS = """\
claims:
  - id: C1
    kind: assessment
    rung: 2
    text: It is {{ likelihood }} that they act together.
    likelihood: very likely
    confidence: {level: moderate, assumptions: None known.}
    evidence: [E0001]
    counter_evidence: A fan club would.
"""
FRENCH = """\
title: "Dix comptes"
question: "Qui sont-ils ?"
hypotheses: {H0: "Des usagers authentiques"}
claims:
  C1:
    text: Il est {{ likelihood }} qu’ils agissent ensemble.
    confidence: {assumptions: Aucune.}
    counter_evidence: Un club d’admirateurs ferait de même.
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.delenv(LANGUAGE, raising=False)
    for name, text in (
        ("case.yaml", CASE),
        ("claims.yaml", CLAIMS),
        ("case.fr.yaml", FRENCH),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    yield tmp_path
    speak("en")


def test_words_change_and_what_decides_does_not(folder: Path) -> None:
    (english,) = Case(folder).claims()
    case = Case(folder, language="fr")
    (french,) = case.claims()
    assert case.settings.title == "Dix comptes"
    assert case.settings.hypotheses == {"H0": "Des usagers authentiques"}
    assert case.settings.legal == {"basis": "Law 1"}
    assert french["text"] == "Il est {{ likelihood }} qu’ils agissent ensemble."
    assert french["likelihood"] == "très probable"
    assert french["confidence"] == {"level": "moderate", "assumptions": "Aucune."}
    changed = {"text", "likelihood", "confidence", "counter_evidence"}
    assert {k: v for k, v in french.items() if k not in changed} == {
        k: v for k, v in english.items() if k not in changed
    }


def test_it_has_tables_and_a_report_of_its_own(folder: Path) -> None:
    english, french = Case(folder), Case(folder, language="fr")
    assert english.tables_folder == folder / "tables"
    assert french.tables_folder == folder / "tables" / "fr"
    assert french.report_folder == folder / "reports.fr"
    assert "case.fr.yaml" in case_inputs(french)
    assert "case.fr.yaml" not in case_inputs(english)


def test_the_environment_says_it_too_and_a_case_of_a_case_is_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LANGUAGE, "fr")
    case = Case(Case(folder))
    assert case.settings.language == spoken() == "fr"
    assert case.translation == folder / "case.fr.yaml"
    assert Case(folder, language="en").translation is None
    assert spoken() == "en"


def test_a_claim_without_its_words_is_named(folder: Path) -> None:
    path = folder / "case.fr.yaml"
    path.write_text(
        FRENCH.replace("    counter_evidence: Un club d’admirateurs ferait de même.\n", "")
    )
    with pytest.raises(ClaimError, match="claim C1 has no `counter_evidence` here"):
        Case(folder, language="fr").claims()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("  C1:", "  C2:"),
            r"there is no claim 'C2'.*\(case\.fr\.yaml, line 5\)|line 5.*no claim 'C2'",
        ),
        (("title:", "titel:"), "unknown key 'titel'"),
        (("    text:", "    likelihood: probable\n    text:"), "unknown key 'likelihood'"),
        (('title: "Dix comptes"\n', ""), "the title is missing"),
    ],
)
def test_what_is_wrong_in_it_is_said_with_its_place(
    folder: Path, change: tuple[str, str], said: str
) -> None:
    path = folder / "case.fr.yaml"
    path.write_text(FRENCH.replace(*change), encoding="utf-8")
    with pytest.raises(CaseError, match=said) as error:
        Case(folder, language="fr").claims()
    assert "case.fr.yaml" in str(error.value)


def test_no_translation_is_an_error_that_says_how_to_write_one(folder: Path) -> None:
    (folder / "case.fr.yaml").unlink()
    with pytest.raises(CaseError, match=r"not told in français yet.*case\.fr\.yaml|case\.fr\.yaml"):
        Case(folder, language="fr")
    with pytest.raises(CaseError, match="not a language that Casebook speaks"):
        Case(folder, language="de")
