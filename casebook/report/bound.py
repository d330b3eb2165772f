"""The numbers in the sentences of exhibits: which table each comes out of, for others to check.

Only what the finished page prints is listed. A number that cannot be computed again from what is
handed out is listed too, with the reason, and left to whoever is given the evidence.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from casebook.exhibits import MIME
from casebook.report.crowd import page_without_rows
from casebook.report.prose import Outline, inline, prose, slug
from casebook.report.verify import COMPUTED, MISSING, recomputed, words_of, written
from casebook.text import escape_html

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from casebook.report.masking import Mask

FOLDER = "exhibits"
"""In ``tables/``: what the numbers of each exhibit are counted from."""


def bound_numbers(
    notebooks: Iterable[tuple[str, Any]],
    page: str,
    mask: Mask,
    *,
    values: Mapping[str, Any],
    language: str,
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the sentences of exhibits with their numbers, and the tables these come out of.

    Parameters
    ----------
    notebooks : iterable of (str, NotebookNode)
        Executed notebooks in which nobody is told apart, as the page was made from them.
    page : str
        The masked page.
    mask : Mask
    values : mapping
        Named value -> what the tables of the edition give for it; those that they give.
    language : str

    Returns
    -------
    list of dict
        ``exhibit``, ``text`` as the page prints it, and ``numbers``: each ``text`` as it stands
        there, ``form``, and ``recipe`` or ``why`` there is none.
    dict
        File in ``tables/`` -> CSV.
    """
    printed = words_of(page)
    sentences: list[dict[str, Any]] = []
    files: dict[str, str] = {}
    for name, exhibit in _named(notebooks):
        tables = {f"{FOLDER}/{name}-{i}": _csv(basis) for i, basis in enumerate(_read(exhibit), 1)}
        # Nothing that is masked may come back in what numbers are counted from.
        rows = {
            k: list(csv.DictReader(io.StringIO(text)))
            for k, text in tables.items()
            if not mask.leaks(text)
        }
        used = set()
        for place in dict.fromkeys(n["in"] for n in exhibit["numbers"]):
            said = _said(exhibit, place, mask)
            if not said or said not in printed:
                continue
            numbers = [
                _checked(n, list(tables), rows, values, language)
                for n in exhibit["numbers"]
                if n["in"] == place and n["text"] in said
            ]
            used |= {n["recipe"]["table"] for n in numbers if "table" in (n["recipe"] or {})}
            sentences.append({"exhibit": name, "text": said, "numbers": numbers})
        files |= {f"{k}.csv": text for k, text in tables.items() if k in used}
    return sentences, files


def _read(exhibit: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the tables of an exhibit, with those columns alone that a number is still taken of."""
    for i, basis in enumerate(exhibit.get("bases", [])):
        recipes = [n["recipe"] for n in exhibit["numbers"]]
        own = [r for r in recipes if r is not None and r.get("table") == i]
        wanted = {c for r in own for c in (*r["columns"], *r["where"])}
        kept = [k for k, column in enumerate(basis["columns"]) if column in wanted]
        yield {
            "columns": [basis["columns"][k] for k in kept],
            "rows": [[row[k] for k in kept] for row in basis["rows"]] if own else [],
        }


def _named(notebooks: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the exhibits that print numbers, each under a name of its own."""
    seen: set[str] = set()
    for step, notebook in notebooks:
        for cell in notebook.cells:
            for output in cell.get("outputs", []):
                exhibit = output.get("data", {}).get(MIME)
                if not isinstance(exhibit, dict) or not exhibit.get("numbers"):
                    continue
                name = slug(exhibit.get("id") or f"{step}-{cell.get('id')}")
                if name not in seen:
                    seen.add(name)
                    yield name, exhibit


def _said(exhibit: Mapping[str, Any], place: str, mask: Mask) -> str:
    """Return what stands in a place of an exhibit, as the masked page prints it."""
    told = exhibit.get(place)
    if not isinstance(told, str):
        return ""
    as_html: dict[str, Callable[[str], str]] = {
        "note": inline,
        "markdown": lambda text: prose(text, Outline("numbers")),
    }
    html = as_html.get(place, escape_html)(told)
    return words_of(mask.html(page_without_rows(html)))


def _checked(
    number: Mapping[str, Any],
    tables: list[str],
    rows: dict[str, list[dict[str, str]]],
    values: Mapping[str, Any],
    language: str,
) -> dict[str, Any]:
    """Return a number with its recipe, if this gives what is printed; else with the reason."""
    told = {"text": number["text"], "form": number["form"]}
    recipe = number["recipe"]
    if recipe is None:
        return {**told, "recipe": None, "why": number.get("why", COMPUTED)}
    if recipe["take"] == "named":
        name = recipe["columns"][0]
        found = values.get(name)
        recipe = {"value": name}
    else:
        table = tables[recipe["table"]]
        recipe = {**recipe, "table": table}
        found = recomputed(rows, recipe) if table in rows else None
    if found is None or written(found, number["form"], language) != number["text"]:
        return {**told, "recipe": None, "why": MISSING}
    return {**told, "recipe": recipe}


def _csv(basis: Mapping[str, Any]) -> str:
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    # Where every row counts there is no column to read: the rows are numbered.
    bare = not basis["columns"]
    writer.writerow(["row"] if bare else basis["columns"])
    rows = [[i] for i, _ in enumerate(basis["rows"], 1)] if bare else basis["rows"]
    # The order of rows would say which are whose.
    as_text = [["" if c is None else str(c) for c in row] for row in rows]
    writer.writerows(as_text if bare else sorted(as_text))
    return held.getvalue()
