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
from casebook.log import write_atomically
from casebook.text import visible

if TYPE_CHECKING:
    from jinja2 import Environment

    from casebook.case import Case
    from casebook.report.document import Document

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
        ``report.html``. Beside it stand ``report.pdf``, where it could be made, and ``verify.py``,
        which needs only Python.
    """
    html = render(case, run, executed(folder, run))
    path = folder / "report.html"
    write_atomically(path, html.encode("utf-8", "replace"))
    pages = printed(html)
    if pages is not None:
        write_atomically(folder / "report.pdf", pages)
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
    """Return the report as HTML.

    Parameters
    ----------
    case : Case
    run : dict
        As for `build`.
    notebooks : list of (str, NotebookNode)
        Executed notebooks under the names of their steps, in order.
    """
    from casebook.attribution.language import BANDS
    from casebook.report import appendix
    from casebook.report.document import Document
    from casebook.report.findings import first_findings, ladder_of
    from casebook.report.levels import levels
    from casebook.report.references import References
    from casebook.report.words import words

    said = words(case.settings.language)
    references = References(**appendix.known_references(case))
    claims = case.read("claims") if case.has("claims") else schema.empty("claims")
    # Findings come first in the page, so they are cited first.
    findings = first_findings(claims, references)
    document = Document(references)
    document.add(notebooks)
    missing = [
        {"rule": visible(str(m.get("rule", ""))), "message": visible(str(m.get("message", "")))}
        for m in run.get("missing") or []
    ]
    page = (
        _environment()
        .get_template("report.html")
        .render(
            version=__version__,
            levels=levels(run),
            style=_safe((HERE / "templates" / "report.css").read_text(encoding="utf-8")),
            words=said,
            status=_status(case, run, document, missing),
            case=_about(case, said["language"]),
            edition=visible(str(run.get("edition", "internal"))),
            run_id=visible(str(run.get("run_id", ""))),
            light=bool(run.get("light")),
            findings=findings,
            more_findings=len(claims) - len(findings),
            ladder=ladder_of(claims),
            missing=missing,
            chapters=document.chapters,
            figures=document.figures,
            tables=document.tables,
            bands=BANDS[said["language"]],
            selections=appendix.cited_selections(case, references),
            facts=appendix.cited_facts(case, references),
            # The entries above cite items themselves, but only the report's own words count.
            items=appendix.evidence_register(case, references),
            sources=appendix.published_sources(case, references),
            corrections=[_correction(c) for c in case.settings.corrections],
            steps=[_step(s) for s in run.get("steps", [])],
            inputs=_pairs(run.get("inputs")),
            versions=_pairs(run.get("versions")),
        )
    )
    return _private(page.lstrip(), case)


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
    parts = document.chapters
    if run.get("status") != "complete" or not parts or not all(c.complete for c in parts):
        return "INCOMPLETE"
    return "FINAL" if case.settings.status == "final" and not missing else "DRAFT"


def _about(case: Case, language: str) -> dict[str, str]:
    """Return what the cover says of a case."""
    settings = case.settings
    scope = settings.scope
    start, end = scope.get("from"), scope.get("to")
    return {
        "name": visible(case.name),
        "title": visible(settings.title),
        "question": visible(settings.question),
        "synthetic": visible(settings.synthetic or ""),
        # Where the case is written in another language than the page, a reader's voice must know.
        "language": settings.language if settings.language != language else "",
        "is_final": "yes" if settings.status == "final" else "",
        "platforms": visible(", ".join(scope.get("platforms") or [])) or "not stated",
        "period": visible(f"{start or '…'} to {end or '…'}") if start or end else "not stated",
        "investigators": visible(", ".join(settings.investigators)) or "not named",
    }


def _correction(given: dict[str, str]) -> dict[str, str]:
    return {k: visible(given.get(k) or "") for k in ("date", "claim", "was", "now", "why")}


def _step(step: dict[str, Any]) -> dict[str, str]:
    given = step.get("parameters") or {}
    return {
        "step": visible(str(step["step"])),
        "status": visible(str(step.get("status", "not run"))),
        "message": visible(str(step.get("message") or "")),
        "parameters": visible(", ".join(f"{k} = {v!r}" for k, v in given.items())) or "none",
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
