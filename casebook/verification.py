"""Whether a case still says what its evidence says.

`verify` checks four things in order and names the first that differs: the chain of the evidence
log, the evidence files, the reviewers' logs, and the record tables, which it makes again from the
evidence in another folder. `made_again` makes everything again, the report included.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from casebook import schema
from casebook.errors import CasebookError, EvidenceError
from casebook.exhibits import Statement
from casebook.language import say
from casebook.log import ChainedLog
from casebook.text import escape_markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from casebook.case import Case

LIMITS = (
    "A hash shows that a file is the same as when it was collected. "
    "It does not show that what the file says is true."
)


def verify(case: Case) -> tuple[list[str], str | None]:
    """Return what was found in order, and the first thing that differs (None where all is well)."""
    passed: list[str] = []
    for check, said in CHECKS:
        try:
            differences = check(case)
            first = next(differences, None)
        except CasebookError as error:
            first = str(error)
        if first is not None:
            return passed, first
        passed.append(said(case))
    return passed, None


def made_again(case: Case, report_folder: Path) -> tuple[str, str | None]:
    """Make tables and report again from a copy of the evidence, and compare them byte for byte.

    Parameters
    ----------
    case : Case
    report_folder : Path
        The finished report, with its ``run.json``.

    Returns
    -------
    said : str
        What is the same.
    differs : str or None
        The first thing that differs; None where nothing does.
    """
    from casebook.chain import RUN_RECORD, run, software
    from casebook.publishing import run_record

    recorded = run_record(report_folder)
    here = {**recorded, "inputs": _goes_in(case), "versions": software(), "steps": []}
    first = next(_between_runs({**recorded, "steps": []}, here), None)
    if first is not None:
        return "", first  # what differs already would only differ later, and be explained by this
    parameters = {
        s["step"]: {k: v for k, v in s["parameters"].items() if k != "case"}
        for s in recorded["steps"]
    }
    with tempfile.TemporaryDirectory() as place:
        copied = Path(place) / case.name
        shutil.copytree(case.folder, copied, ignore=_derived(case.folder), copy_function=_same_file)
        reports = Path(place) / "report"
        try:
            run(
                copied,
                parameters=parameters,
                light=bool(recorded.get("light")),
                progress=None,
                reports=reports,
            )
        except CasebookError as error:
            return "", str(error)
        made = json.loads((reports / RUN_RECORD).read_text(encoding="utf-8"))
        first = next(_between_runs(recorded, made), None)
        page = "report.html"
        if first is None and (reports / page).read_bytes() != (report_folder / page).read_bytes():
            first = f"{page} is not the page that the evidence gives"
    tables = sum(len(s["tables"]) for s in recorded["steps"])
    same = f"{tables} tables and report.html are the same, byte for byte"
    return f"made again from the evidence: {same} (run {recorded['run_id']})", first


def _goes_in(case: Case) -> dict[str, str]:
    """Return what would go into a run of a case now."""
    from casebook.chain import case_inputs, find_steps

    notebooks = {f"notebooks/{s.path.name}": s.code_hash for s in find_steps(case)}
    return {**case_inputs(case), **notebooks}


def _between_runs(recorded: dict[str, Any], made: dict[str, Any]) -> Iterator[str]:
    """Yield how two runs of a case differ; what went in comes first, since it explains the rest."""
    for kind in ("inputs", "versions"):
        for name in sorted(recorded[kind].keys() | made[kind].keys()):
            old, new = recorded[kind].get(name, "not there"), made[kind].get(name, "not there")
            if old != new:
                yield f"{name} was {old} in the run that is verified, and is {new} here"
    for old_step, new_step in zip(recorded["steps"], made["steps"], strict=True):
        for table, sha256 in sorted(old_step["tables"].items()):
            if new_step["tables"].get(table) != sha256:
                yield f"table {table} of step {old_step['step']} is not what the evidence gives"


def _derived(folder: Path) -> Callable[[Any, list[str]], set[str]]:
    def ignored(where: Any, names: list[str]) -> set[str]:
        derived = {"tables", "reports", ".parts", ".run.lock"}
        return derived & set(names) if Path(where) == folder else set()

    return ignored


def _same_file(source: str, target: str) -> str:
    """Put the same file in another place, and a copy where that cannot be done."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _chain(case: Case) -> Iterator[str]:
    case.evidence.log.events()
    yield from ()


def _files(case: Case) -> Iterator[str]:
    yield from case.evidence.differences()


def _judgements(case: Case) -> Iterator[str]:
    for path in _reviewer_logs(case):
        ChainedLog(path).events()
    yield from ()


def _tables(case: Case) -> Iterator[str]:
    """Yield how the record tables differ from those made anew."""
    from casebook.collection import build_tables

    there = [t for t in schema.RECORD_TABLES if case.has(t)]
    if not there:
        return
    with tempfile.TemporaryDirectory() as folder:
        build_tables(case, into=Path(folder))
        for table in there:
            kept = pq.read_table(case.table_path(table))
            made = pq.read_table(Path(folder) / f"{table}.parquet")
            if not kept.equals(made):
                yield _first_difference(table, kept, made)


def _first_difference(table: str, kept: pa.Table, made: pa.Table) -> str:
    if kept.num_rows != made.num_rows:
        return (
            f"table {table}: it has {kept.num_rows} rows; made again from the evidence it has "
            f"{made.num_rows}"
        )
    for name in made.column_names:
        if name not in kept.column_names:
            return f"table {table}: column {name!r} is missing"
        old, new = kept.column(name).to_pylist(), made.column(name).to_pylist()
        for row, (a, b) in enumerate(zip(old, new, strict=True), start=1):
            if a != b:
                where = ""
                if "evidence_id" in made.column_names:
                    evidence_id = made.column("evidence_id")[row - 1].as_py()
                    where = f" ({evidence_id}:{made.column('source_line')[row - 1].as_py()})"
                return f"table {table}, row {row}{where}, column {name!r}: {a!r} is not {b!r}"
    return f"table {table}: its columns are not those of this Casebook"


def _reviewer_logs(case: Case) -> list[Path]:
    return sorted((case.folder / "judgements").glob("*.jsonl"))


def _said_chain(case: Case) -> str:
    count = len(case.evidence.log.events())
    return say(
        "evidence log: {lines} lines, the chain is whole (head {head})",
        lines=count,
        head=case.evidence.log.head()[:12],
    )


def _said_files(case: Case) -> str:
    live = [i for i in case.evidence.items().values() if i.is_live]
    count = sum(len(i.files) for i in live)
    return say(
        "evidence: {files} files of {items} items are as collected", files=count, items=len(live)
    )


def _said_judgements(case: Case) -> str:
    return say("judgements: {n} reviewers' logs are whole", n=len(_reviewer_logs(case)))


def _said_tables(case: Case) -> str:
    there = [t for t in schema.RECORD_TABLES if case.has(t)]
    if not there:
        return "tables: none made yet"
    return f"tables: {', '.join(there)} are what the evidence gives"


CHECKS = (
    (_chain, _said_chain),
    (_files, _said_files),
    (_judgements, _said_judgements),
    (_tables, _said_tables),
)


def evidence_check(case: Case) -> Statement:
    """Return, as a statement for notebook 1, whether log and files are as they were collected.

    The tables were made a moment ago, so only chain, files and reviewers' logs are checked.
    """
    passed: list[str] = []
    for check, said in CHECKS[:3]:
        first = next(check(case), None)
        if first is not None:
            raise EvidenceError(
                first, remedy="restore the file from a copy, or `casebook withdraw` the item"
            )
        passed.append(said(case))
    lines = "\n".join(f"- {escape_markdown(line)}" for line in passed)
    return Statement(f"{lines}\n\n{say(LIMITS)}", id="evidence-check")
