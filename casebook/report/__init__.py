"""Executed notebooks and claims -> one report that stands alone.

`build` writes ``report.html`` beside the executed notebooks: one file that loads nothing, reads
without JavaScript, and holds no clock, path, user or host. ``report.pdf`` is the same for paper.
"""

from __future__ import annotations

import logging
import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casebook import __version__, schema
from casebook.language import say, say_count, word
from casebook.log import write_atomically
from casebook.report.figures import FOLDER
from casebook.text import visible

if TYPE_CHECKING:
    from jinja2 import Environment

    from casebook.case import Case
    from casebook.report.document import Document
    from casebook.report.prose import Heading

HERE = Path(__file__).parent
_log = logging.getLogger(__name__)


def build(folder: Path, case: Case, run: dict[str, Any]) -> Path:
    """Write the report of a run and return its path.

    Parameters
    ----------
    folder : Path
        The report folder, with the executed notebooks in ``notebooks/``.
    case : Case
    run : dict
        The run record: ``status`` ("complete" or not), ``run_id``, ``edition``, ``steps`` (each
        with ``step``, ``status``, ``parameters`` and, where it failed, ``message``), ``inputs``
        (name -> SHA-256), ``versions``, ``missing`` (each with ``rule`` and ``message``).

    Returns
    -------
    Path
        ``report.html``. Beside it stand ``report.pdf``, where it could be made, the figures as
        files in ``figures/``, and ``verify.py``, which needs only Python.
    """
    html, figures = render_with_files(case, run, executed(folder, run))
    path = folder / "report.html"
    write_atomically(path, html.encode("utf-8", "replace"))
    pages = printed(html)
    if pages is not None:
        write_atomically(folder / "report.pdf", pages)
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    for name, content in figures.items():
        (folder / FOLDER).mkdir(exist_ok=True)
        write_atomically(folder / FOLDER / name, content)
    shutil.copyfile(HERE / "verify.py", folder / "verify.py")
    return path


def printed(html: str) -> bytes | None:
    """Return the pages of a report as PDF; None, said in a warning, where they cannot be set.

    The report is the HTML page. What cannot be set for paper must not keep it from its reader.
    """
    import typst

    from casebook.report.pdf import pdf

    try:
        return pdf(html)
    except typst.TypstError as error:
        _log.warning("report.pdf was not made, report.html was: %s", str(error).splitlines()[0])
        return None


def render(case: Case, run: dict[str, Any], notebooks: list[tuple[str, Any]]) -> str:
    """Return the report as HTML, without links to files.

    Parameters
    ----------
    case : Case
    run : dict
        As for `build`.
    notebooks : list of (str, NotebookNode)
        Executed notebooks under the names of their steps, in order.
    """
    return _made(case, run, notebooks)[0]


def render_with_files(
    case: Case, run: dict[str, Any], notebooks: list[tuple[str, Any]]
) -> tuple[str, dict[str, bytes]]:
    """Return the report as HTML that leads to the files of its figures, and these by name."""
    return _made(case, run, notebooks, files=True)


def _made(
    case: Case,
    run: dict[str, Any],
    notebooks: list[tuple[str, Any]],
    *,
    files: bool = False,
) -> tuple[str, dict[str, bytes]]:
    """Return the page, and the files of its figures by name, where it leads to them."""
    from casebook.report import appendix
    from casebook.report.document import Document
    from casebook.report.figures import figure_files
    from casebook.report.findings import first_findings, in_brief, ladder_of
    from casebook.report.levels import levels
    from casebook.report.references import References
    from casebook.report.words import glossary, words

    said = words()
    references = References(**appendix.known_references(case))
    claims = case.read("claims") if case.has("claims") else schema.empty("claims")
    # Findings come first in the page, so they are cited first.
    findings = first_findings(claims, references)
    document = Document(references, files=files)
    document.add(notebooks)
    missing = [
        {"rule": visible(str(m.get("rule", ""))), "message": visible(str(m.get("message", "")))}
        for m in run.get("missing") or []
    ]
    status = _status(case, run, document, missing)
    chapters = {c.key: c for c in document.chapters}
    tables = {name: case.read(name) for name in ("accounts", "posts") if case.has(name)}
    more = len(claims) - len(findings)
    # The entries cite items themselves, but only the report's own words count.
    # A row is of one account: a public page names none.
    rows = 0 if run.get("edition") == "public" else appendix.ROWS_NAMED
    selections = appendix.cited_selections(case, references, named=rows)
    facts = appendix.cited_facts(case, references)
    items = appendix.evidence_register(case, references)
    page = (
        _environment()
        .get_template("report.html")
        .render(
            version=__version__,
            levels=levels(run),
            style=_safe((HERE / "templates" / "report.css").read_text(encoding="utf-8")),
            words=said,
            more_places=lambda n: say_count(", and {n} more place", ", and {n} more places", n),
            status=status,
            status_word=said[status.lower()],
            case=_about(case),
            # What nobody translated is marked, so that a screen reader pronounces it as it is.
            written_in=case.written_in if case.translation else "",
            edition=_edition(run),
            run_id=visible(str(run.get("run_id", ""))),
            findings=findings,
            more_findings=say_count(
                "{n} more claim is in chapter", "{n} more claims are in chapter", more
            )
            if more > 0
            else "",
            attribution=chapters.get("attribution"),
            reach=chapters.get("reach"),
            brief=in_brief(claims, case.claims(), tables, reach="reach" in chapters),
            ladder=ladder_of(claims),
            missing=missing,
            open_points=say_count(
                "{n} point is open before this report can be final.",
                "{n} points are open before this report can be final.",
                len(missing),
            ),
            not_ended=[step for step, ended in document.ended.items() if not ended],
            chapters=document.chapters,
            lists=_lists(document),
            bands=_bands(case),
            selections=selections,
            facts=facts,
            items=items,
            redactions=[i for i in items if i["state"]],
            sources=appendix.published_sources(case, references),
            indicators=appendix.indicators(
                case, run.get("cleared") if run.get("edition") == "public" else None
            ),
            glossary=glossary(),
            corrections=[_correction(c) for c in case.settings.corrections],
            steps=[_step(s) for s in run.get("steps", [])],
            inputs=_pairs(run.get("inputs")),
            versions=_pairs(run.get("versions")),
            has_files=bool(document.pictures),
            verify_words=say(
                "With Casebook and the case folder, casebook verify {case} makes the tables again "
                "from the evidence and compares them.",
                case=visible(case.name),
            ),
        )
    )
    return _private(page.lstrip(), case), figure_files(document.pictures)


def executed(folder: Path, run: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the executed notebooks that are there, in the order of the steps."""
    import nbformat

    found = []
    for step in run.get("steps", []):
        path = folder / "notebooks" / f"{step['step']}.ipynb"
        if path.is_file():
            notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
            found.append((step["step"], notebook))
    return found


def _status(
    case: Case, run: dict[str, Any], document: Document, missing: list[dict[str, Any]]
) -> str:
    if run.get("status") != "complete" or not document.ended or not all(document.ended.values()):
        return "INCOMPLETE"
    return "FINAL" if case.settings.status == "final" and not missing else "DRAFT"


def _edition(run: dict[str, Any]) -> str:
    edition = word(visible(str(run.get("edition", "internal"))))
    return say("{edition}, light preset", edition=edition) if run.get("light") else edition


def _lists(document: Document) -> list[tuple[str, list[Heading]]]:
    """Return the lists of figures and of tables under their headings, those that hold something."""
    figures, tables = document.figures, document.tables
    told = [
        (say_count("{n} figure", "{n} figures", len(figures)), figures),
        (say_count("{n} table", "{n} tables", len(tables)), tables),
    ]
    return [(head, listed) for head, listed in told if listed]


def _bands(case: Case) -> list[tuple[str, str]]:
    from casebook.attribution.language import BANDS

    bands = BANDS[case.settings.language]
    return [
        (term, say("{low} to {high}", low=low, high=high)) for term, (low, high) in bands.items()
    ]


def _about(case: Case) -> dict[str, str]:
    """Return what the cover says of a case."""
    settings = case.settings
    scope = settings.scope
    start, end = scope.get("from"), scope.get("to")
    period = say(
        "{first} to {last}", first=visible(str(start or "…")), last=visible(str(end or "…"))
    )
    return {
        "name": visible(case.name),
        "title": visible(settings.title),
        "question": visible(settings.question),
        "synthetic": visible(settings.synthetic or ""),
        "platforms": visible(", ".join(scope.get("platforms") or [])) or word("not stated"),
        "period": period if start or end else word("not stated"),
        "investigators": visible(", ".join(settings.investigators)) or word("not named"),
    }


def _correction(given: dict[str, str]) -> dict[str, str]:
    return {k: visible(given.get(k) or "") for k in ("date", "claim", "was", "now", "why")}


def _step(step: dict[str, Any]) -> dict[str, str]:
    given = step.get("parameters") or {}
    return {
        "step": visible(str(step["step"])),
        "status": word(visible(str(step.get("status", "not run")))),
        "message": visible(str(step.get("message") or "")),
        "parameters": visible(", ".join(f"{k} = {v!r}" for k, v in given.items())) or word("none"),
    }


def _pairs(values: Any) -> list[tuple[str, str]]:
    given = values if isinstance(values, dict) else {}
    return sorted((visible(str(k)), visible(str(v))) for k, v in given.items())


def _private(page: str, case: Case) -> str:
    """Return the page without the names of this machine's folders, should a notebook print them."""
    from casebook.execution import scrubber

    labels = [(case.folder, case.name), (Path.home(), "~")]
    return str(scrubber(labels)(page))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _safe(html: str) -> Any:
    from markupsafe import Markup

    return Markup(html)  # noqa: S704 - our own style sheet
