"""Whether a case still says what its evidence says.

`verify` checks four things in order and names the first that differs: the chain of the evidence
log, the evidence files, the reviewers' logs, and the record tables, which it makes again from the
evidence in another folder.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from casebook import schema
from casebook.errors import CasebookError, EvidenceError
from casebook.exhibits import Statement
from casebook.log import ChainedLog
from casebook.text import escape_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    return f"evidence log: {count} lines, the chain is whole (head {case.evidence.log.head()[:12]})"


def _said_files(case: Case) -> str:
    live = [i for i in case.evidence.items().values() if i.is_live]
    count = sum(len(i.files) for i in live)
    return f"evidence: {count} files of {len(live)} items are as collected"


def _said_judgements(case: Case) -> str:
    return f"judgements: {len(_reviewer_logs(case))} reviewers' logs are whole"


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
    return Statement(f"{lines}\n\n{LIMITS}", id="evidence-check")
