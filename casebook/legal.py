"""The legal edition: every sentence of the report on a line, for a lawyer with a pencil.

One workbook: the claims, every other sentence that the report prints, the evidence they rest on,
the right of reply, and what is open. It names people and is for counsel alone. No cell begins a
formula.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook.attribution.language import sentences
from casebook.errors import CaseError
from casebook.language import say, word
from casebook.report.elements import BLOCKS, Node, read_page
from casebook.text import formula_safe, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from casebook.attribution.claims import Claim
    from casebook.case import Case

NAME = "lines.xlsx"
_SAVED = re.compile(rb"(?<=W3CDTF\">)\d{4}-\d{2}-\d{2}T[\d:]+Z(?=</dcterms:modified>)")
EPOCH_TEXT = b"1980-01-01T00:00:00Z"
EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001 - a workbook holds local times; this one is none
APPENDIX = {"register", "selections", "facts", "sources", "record"}
MARKS = {"Synthetic data.", "Données synthétiques."}
"""Stands under every figure and table of a synthetic case; it is no finding."""
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
NOTE = ("lawyer's note", "decision")
"""Columns that are left free."""
WIDTHS = {"sentence": 60, "evidence": 34, "against it": 40, "reply": 40, "lawyer's note": 40}
OTHERWISE, MOST_ROWS = 16, 5_000


def legal_edition(case: Case, run_folder: Path) -> bytes:
    """Return the legal edition of the last run as a workbook.

    Parameters
    ----------
    case : Case
    run_folder : Path
        The report folder of the case, with the executed notebooks.

    Returns
    -------
    bytes
        An XLSX file; the same run gives the same bytes.

    Raises
    ------
    CaseError
        Where there is no run to take sentences from.
    """
    from casebook.checking import check_case
    from casebook.publishing import run_record

    run = run_record(run_folder)
    page = (run_folder / "report.html").read_text(encoding="utf-8")
    checked = check_case(case)
    register = case.read("register") if case.has("register") else pd.DataFrame()
    claims = pd.DataFrame(_claims(case, checked.table, register))
    sheets = {
        "claims": claims,
        "sentences": pd.DataFrame(_sentences(page)),
        "evidence": _evidence(register, claims),
        "replies": case.replies(),
        "open points": _open(checked.violations, checked.missing),
        "about": _about(case, run),
    }
    return _workbook(sheets)


def _claims(case: Case, table: pd.DataFrame, register: pd.DataFrame) -> Iterable[dict[str, Any]]:
    from casebook.attribution.claims import parse_claims

    written = {c.id: c for c in parse_claims(case.claims())}
    replies = case.replies()
    graded = {} if register.empty else register.set_index("evidence_id").to_dict("index")
    for number, row in enumerate(table.to_dict("records"), start=1):
        claim: Claim = written[str(row["claim"])]
        cited = [str(e) for e in row["evidence"]]
        yield {
            "line": number,
            "claim": row["claim"],
            "sentence": row["text"],
            "kind": word(row["kind"]),
            "rung": row["rung"],
            "likelihood": row["likelihood"],
            "confidence": word(_text(row["confidence"])),
            "assumptions": claim.reasons.get("assumptions", ""),
            "sourcing": claim.reasons.get("sourcing", ""),
            "argument": claim.reasons.get("argument", ""),
            "evidence": ", ".join(cited),
            "grades": "; ".join(_grade(e, graded) for e in cited if e in graded),
            "against it": row["counter_evidence"],
            "would change it": claim.would_change,
            "names": ", ".join(claim.about),
            "reply": _reply(str(row["claim"]), replies, named=bool(claim.about)),
            "rules broken": "; ".join(row["violations"]),
            **dict.fromkeys(NOTE, ""),
        }


def _grade(item: str, graded: Mapping[Any, Mapping[Any, Any]]) -> str:
    row = graded[item]
    letters = f"{_text(row['reliability'])}{_text(row['credibility'])}" or say("not graded")
    return f"{item} {letters} ({word(_text(row['kind']))}, {word(_text(row['basis']))})"


def _reply(claim: str, replies: pd.DataFrame, *, named: bool) -> str:
    own = replies[replies["claim"] == claim]
    if own.empty:
        return say("nobody was asked") if named else say("names nobody")
    return "; ".join(
        say(
            "{who}, asked {sent}, by {deadline}: {answer}",
            who=_text(r["addressee"]),
            sent=_text(r["sent"]),
            deadline=_text(r["deadline"]),
            answer=_text(r["answer"]) or say("no answer yet"),
        )
        for r in own.to_dict("records")
    )


def _sentences(page: str) -> Iterable[dict[str, Any]]:
    """Yield every sentence that the chapters print, with where it stands and what it leads to."""
    root, _ = read_page(page)
    number = 0
    for chapter in root.find("section"):
        if "chapter" not in chapter.classes or chapter.id in APPENDIX:
            continue
        heading = ""
        for leaf in _leaves(chapter):
            if leaf.tag in HEADINGS:
                heading = leaf.words().strip()
                continue
            cited = [a.words() for a in leaf.find("a") if "ref" in a.classes]
            for sentence in sentences(_said(leaf)):
                if sentence in MARKS:
                    continue
                number += 1
                yield {
                    "line": number,
                    "section": heading,
                    "sentence": sentence,
                    "evidence": ", ".join(dict.fromkeys(cited)),
                    **dict.fromkeys(NOTE, ""),
                }


def _said(leaf: Node) -> str:
    """Return the words of an element, the number of a figure apart from its title."""
    label = next((n.words() for n in leaf.find("span") if "label" in n.classes), "")
    words = leaf.words().strip()
    return f"{label}: {words.removeprefix(label).strip()}" if label else words


def _leaves(node: Node) -> Iterator[Node]:
    """Yield the elements that hold words and no other block, without tables, code and numbers."""
    for child in node.children:
        if not isinstance(child, Node) or child.tag in {"table", "details", "pre"}:
            continue
        if any(True for _ in child.find(*BLOCKS)):
            yield from _leaves(child)
        elif child.words().strip():
            yield child


def _evidence(register: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    if register.empty:
        return register
    used: dict[str, list[str]] = {}
    for claim in claims.to_dict("records"):
        for item in str(claim["evidence"]).split(", "):
            used.setdefault(item.partition(":")[0], []).append(str(claim["claim"]))
    return register.assign(
        cited_by=[", ".join(dict.fromkeys(used.get(str(e), []))) for e in register["evidence_id"]],
        derives_from=[", ".join(map(str, d)) for d in register["derives_from"]],
    )


def _open(violations: pd.DataFrame, missing: list[str]) -> pd.DataFrame:
    rows = [
        {"claim": r["claim"], "rule": r["rule"], "what": r["message"]}
        for r in violations.to_dict("records")
    ]
    rows += [{"claim": "", "rule": "", "what": m} for m in missing]
    return pd.DataFrame(rows, columns=["claim", "rule", "what"])


def _about(case: Case, run: dict[str, Any]) -> pd.DataFrame:
    legal = case.settings.legal
    rows = [
        ("case", case.settings.title),
        ("run", run.get("run_id", "")),
        ("status", word(case.settings.status)),
        ("synthetic", case.settings.synthetic or say("no")),
        ("for", say("counsel alone: this workbook names people, and nothing in it is masked")),
        *((key.replace("_", " "), value) for key, value in legal.items()),
    ]
    rows = [(word(what), said) for what, said in rows]
    return pd.DataFrame(rows, columns=["what", "said"])


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _workbook(sheets: Mapping[str, pd.DataFrame]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.worksheets[0])
    for name, frame in sheets.items():
        sheet = book.create_sheet(word(name))
        heads = [word(str(c).replace("_", " ")) for c in frame.columns]
        sheet.append(heads or [say("nothing")])
        for row in frame.head(MOST_ROWS).itertuples(index=False, name=None):
            sheet.append([_cell(value) for value in row])
        for number, column in enumerate(frame.columns, start=1):
            letter = get_column_letter(number)
            sheet.column_dimensions[letter].width = WIDTHS.get(str(column), OTHERWISE)
        for cells in sheet.iter_rows():
            for cell in cells:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                if cell.row == 1:
                    cell.font = Font(bold=True)
                # A text that begins with = is a text.
                if isinstance(cell.value, str):
                    cell.data_type = "s"
        sheet.freeze_panes = "A2"
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.print_title_rows = "1:1"
    book.properties.created = book.properties.modified = EPOCH
    book.properties.creator = "casebook"
    held = io.BytesIO()
    book.save(held)
    return _without_a_clock(held.getvalue())


def _cell(value: Any) -> str | int | float:
    if isinstance(value, (bool, int, float)) and not pd.isna(value):
        return value
    return formula_safe(visible(_text(value)))


def _without_a_clock(book: bytes) -> bytes:
    """Return a workbook whose parts carry no time."""
    held = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as read,
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as written,
    ):
        for entry in sorted(read.infolist(), key=lambda e: e.filename):
            fresh = zipfile.ZipInfo(entry.filename, EPOCH.timetuple()[:6])
            fresh.compress_type = zipfile.ZIP_DEFLATED
            # openpyxl puts the moment of saving over what the properties say.
            written.writestr(fresh, _SAVED.sub(EPOCH_TEXT, read.read(entry)))
    return held.getvalue()


def write_legal(case: Case, run_folder: Path) -> Path:
    """Write the legal edition into ``legal/`` of the report folder, and return its path."""
    from casebook.log import write_atomically

    content = legal_edition(case, run_folder)
    folder = run_folder / "legal"
    if folder.is_symlink():
        raise CaseError("this is a link to elsewhere", where=str(folder), remedy="remove it")
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / NAME, content)
    return folder / NAME
