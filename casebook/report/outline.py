"""The reading order of a report: which section of which notebook stands in which chapter.

Notebooks follow the work, a report follows its reader. A *section* is a heading of a notebook with
all that comes under it, named by the step and the id of the cell that holds the heading. A section
that is not named here follows the one before it in its notebook, and a notebook of which nothing is
named is a chapter of its own after the step before it: nothing that a notebook prints is lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

CHAPTERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "scope": (
        "Scope and data",
        (
            "05-case-report/scope",
            "01-collection/title",
            "01-collection/integrity",
            "01-collection/what-was-collected",
            "01-collection/who-and-when",
            "01-collection/what-is-missing",
            "01-collection/still-there",
            "01-collection/what-we-can-say",
        ),
    ),
    "cast": (
        "The cast: what each account says and shows",
        (
            "02-persona-review/title",
            "02-persona-review/what-they-show",
            "02-persona-review/claims-over-time",
        ),
    ),
    "behaviour": (
        "Behaviour, and how common it is",
        (
            "02-persona-review/rhythm",
            "02-persona-review/signals-and-rates",
            "02-persona-review/the-group",
            "02-persona-review/what-we-can-say",
        ),
    ),
    "narratives": (
        "Narratives",
        (
            "03b-narratives-and-reach/title",
            "03b-narratives-and-reach/narratives-text",
            "03b-narratives-and-reach/words-text",
            "03b-narratives-and-reach/what-we-can-say",
        ),
    ),
    "reuse": (
        "Content reuse",
        ("03b-narratives-and-reach/reuse-text", "01-collection/copies"),
    ),
    "network": (
        "Network: who acts together",
        (
            "03-network-map/title",
            "03-network-map/what",
            "03-network-map/chance",
            "03-network-map/pairs-text",
            "03-network-map/groups-text",
            "03-network-map/ties-text",
            "03-network-map/map-text",
            "03-network-map/say-text",
        ),
    ),
    "controls": (
        "Controls, look-alikes and blind spots",
        (
            "03-network-map/trust",
            "03-network-map/robust-text",
            "03-network-map/rules-text",
            "03-network-map/blind-text",
        ),
    ),
    "reach": (
        "Reach and impact",
        ("03b-narratives-and-reach/reach-text", "03b-narratives-and-reach/breakout-text"),
    ),
    "attribution": (
        "Attribution",
        (
            "04-attribution/title",
            "04-attribution/evidence",
            "04-attribution/ladder-words",
            "04-attribution/networks-words",
            "04-attribution/claims-words",
            "04-attribution/what-we-can-say",
        ),
    ),
    "alternatives": (
        "Alternatives, limitations, and what would change our mind",
        (
            "04-attribution/hypotheses-words",
            "04-attribution/removal-words",
            "05-case-report/title",
            "05-case-report/limits",
            "05-case-report/change",
            "05-case-report/what-we-can-say",
        ),
    ),
    "agreement": (
        "Reviewers, and how far they agree",
        ("02-persona-review/reviewers", "02-persona-review/false-alarms"),
    ),
    "factcheck": ("Fact check and corroboration", ("04-attribution/published-words",)),
    "method": ("Method", ("05-case-report/method",)),
    "ethics": ("Ethics and right of reply", ("05-case-report/ethics",)),
}
"""Key of a chapter -> its title, and its sections in order."""

PRINTED_ELSEWHERE = {
    "05-case-report/findings",  # at a glance, and in full with the attribution
    "05-case-report/ladder",  # at a glance
    "05-case-report/record",  # the page prints it itself, with the hashes of the notebooks
}
"""Sections that help in the notebook, and that the page would say twice."""

_HEADING = re.compile(r"\s*#{1,2}\s+\S")
_NUMBER = re.compile(r"^\d+[a-z]?\.\s+")


@dataclass
class Section:
    """A heading of a notebook, with the cells under it."""

    step: str
    name: str
    cells: list[Any] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What the outline calls it."""
        return f"{self.step}/{self.name}"


@dataclass
class Planned:
    """A chapter to be printed."""

    key: str
    title: str
    """In English; empty where the notebook gives it."""
    sections: list[Section]


def sections_of(step: str, notebook: Any) -> list[Section]:
    """Return the sections of an executed notebook, in order."""
    found: list[Section] = []
    for cell in notebook.cells:
        is_head = cell.cell_type == "markdown" and _HEADING.match(cell.source)
        if is_head or not found:
            found.append(Section(step, str(cell.get("id") or "start")))
        found[-1].cells.append(cell)
    return found


def arranged(notebooks: Iterable[tuple[str, Any]]) -> list[Planned]:
    """Return the chapters of a report with their sections; chapters without any are left out.

    Parameters
    ----------
    notebooks : iterable of (str, NotebookNode)
        Executed notebooks under the names of their steps, in order.
    """
    by_step = {step: sections_of(step, notebook) for step, notebook in notebooks}
    everything = [s for sections in by_step.values() for s in sections]
    places = {name: key for key, (_, names) in CHAPTERS.items() for name in names}
    chapters = {key: Planned(key, title, []) for key, (title, _) in CHAPTERS.items()}
    held: dict[str, list[Section]] = {}
    """Named section -> itself and the unnamed ones that follow it."""
    order = list(CHAPTERS)
    before = ""
    for step, sections in by_step.items():
        if not any(_place(s, places) for s in sections):
            kept = [s for s in sections if s.key not in PRINTED_ELSEWHERE]
            chapters[step] = Planned(step, "", kept)
            order.insert(order.index(before) + 1 if before else 0, step)
            before = step
            continue
        _hold(sections, places, held)
        before = next((k for s in sections if (k := _chapter(s, places))), before)
    for key, (_, names) in CHAPTERS.items():
        for name in names:
            for section in everything:
                if _place(section, places) == name:
                    chapters[key].sections += held.get(section.key, [])
    return [chapters[key] for key in order if chapters[key].sections]


def _hold(
    sections: Sequence[Section], places: Mapping[str, str], held: dict[str, list[Section]]
) -> None:
    """Put each section under the named one that it follows, or, before any, under the first."""
    named = [s for s in sections if _place(s, places)]
    at = named[0].key if named else ""
    for section in sections:
        if section.key in PRINTED_ELSEWHERE:
            continue
        if _place(section, places):
            at = section.key
        if at:
            held.setdefault(at, []).append(section)


def _place(section: Section, places: Mapping[str, str]) -> str:
    """Return the name under which the outline knows a section, or nothing."""
    return section.key if section.key in places else ""


def _chapter(section: Section, places: Mapping[str, str]) -> str:
    return places.get(_place(section, places), "")


def without_heading(source: str) -> str:
    """Return the words of a cell without the heading it starts with."""
    return re.sub(r"\A\s*#{1,6}[^\n]*\n?", "", source, count=1)


def heading_of(notebook_words: str) -> str:
    """Return the words of a heading, without marks and without its number.

    Examples
    --------
    >>> heading_of("# 3. Network map: who acts together")
    'Network map: who acts together'
    """
    first = notebook_words.strip().partition("\n")[0]
    return _NUMBER.sub("", first.lstrip("# ").strip())
