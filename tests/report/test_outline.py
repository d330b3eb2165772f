"""The reading order: every section in its chapter, and nothing of a notebook lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat

from casebook.report.outline import CHAPTERS, PRINTED_ELSEWHERE, arranged, heading_of, sections_of
from tests.report.parts import words

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(p for p in FOLDER.glob("*.ipynb") if p.stem != "01b-line-up")


def book(*cells: tuple[str, str]) -> Any:
    return nbformat.v4.new_notebook(cells=[words(source, name) for name, source in cells])


def names(chapters: Any) -> dict[str, list[str]]:
    return {c.key: [f"{s.step}/{s.name}" for s in c.sections] for c in chapters}


def test_sections_go_to_their_chapters_in_the_order_of_the_outline() -> None:
    review = book(("title", "# 2. Review"), ("reviewers", "## Who"), ("rhythm", "## Hours"))
    ending = book(("scope", "## Scope"))
    given = [("02-persona-review", review), ("05-case-report", ending)]
    assert names(arranged(given)) == {
        "scope": ["05-case-report/scope"],
        "cast": ["02-persona-review/title"],
        "behaviour": ["02-persona-review/rhythm"],
        "agreement": ["02-persona-review/reviewers"],
    }


def test_a_section_that_is_not_named_follows_the_one_before_it() -> None:
    review = book(
        ("before", "## Before"),
        ("title", "# 2"),
        ("rhythm", "## Hours"),
        ("new", "## Something new"),
    )
    assert names(arranged([("02-persona-review", review)])) == {
        "cast": ["02-persona-review/before", "02-persona-review/title"],
        "behaviour": ["02-persona-review/rhythm", "02-persona-review/new"],
    }


def test_a_notebook_of_which_nothing_is_named_is_a_chapter_after_the_step_before_it() -> None:
    given = [
        ("03-network-map", book(("title", "# 3. Network"))),
        ("03z-more", book(("a", "# 3z. More"), ("b", "## B"))),
        ("04-attribution", book(("title", "# 4"))),
    ]
    chapters = arranged(given)
    assert [c.key for c in chapters] == ["network", "03z-more", "attribution"]
    assert [s.name for s in chapters[1].sections] == ["a", "b"]


def test_cells_before_any_heading_are_a_section_too() -> None:
    found = sections_of("01-collection", book(("start", "no heading"), ("what", "## What")))
    assert [(s.name, len(s.cells)) for s in found] == [("start", 1), ("what", 1)]


def test_no_section_of_the_notebooks_is_lost_and_every_name_is_one() -> None:
    read = [(p.stem, nbformat.read(p, as_version=4)) for p in NOTEBOOKS]
    there = {s.key for step, notebook in read for s in sections_of(step, notebook)}
    printed = [f"{s.step}/{s.name}" for c in arranged(read) for s in c.sections]
    assert len(printed) == len(set(printed))
    assert set(printed) == there - PRINTED_ELSEWHERE
    named = {n for _, sections in CHAPTERS.values() for n in sections}
    assert named <= there
    assert there >= PRINTED_ELSEWHERE
    assert json.dumps(names(arranged(read))) == json.dumps(names(arranged(read)))


def test_the_number_of_a_notebook_is_not_that_of_a_chapter() -> None:
    assert heading_of("# 3b. Narratives and reach\n\nWhat is said?") == "Narratives and reach"


def test_what_the_page_says_is_told_in_every_language() -> None:
    from casebook.language import LANGUAGES, catalogue
    from casebook.report.figures import ENDINGS
    from casebook.report.words import GLOSSARY, WORDS

    said = {
        *WORDS.values(), *GLOSSARY, *GLOSSARY.values(), *ENDINGS.values(),
        *(title for title, _ in CHAPTERS.values()),
    }  # fmt: skip
    for code in LANGUAGES:
        assert code == "en" or said <= set(catalogue(code)), said - set(catalogue(code))
