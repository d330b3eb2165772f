"""The five notebooks in order, each in a fresh kernel, and the record of what ran.

``run.json`` is written last, and only where every step came to its end: it is the one thing that
says "complete". Before anything runs, a report that is already there is replaced by a page that
says INCOMPLETE. It is replaced and not removed, because somebody may have that page open or linked:
on the next look it tells them so, where a missing page would send them to an older copy.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import platform
import shlex
import shutil
import signal
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from casebook import schema
from casebook.case import CLONE, Case, find_case, is_clone
from casebook.errors import CaseError, ParameterError, StepError
from casebook.evidence import file_hash
from casebook.execution import Attempt, Kernels, clean, execute, scrubber
from casebook.log import ChainedLog, canonical, write_atomically
from casebook.parameters import (
    Parameter,
    is_tagged,
    parameters_of,
    parse_parameters,
    resolve,
    source_of,
)
from casebook.progress import Progress
from casebook.text import escape_html

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

RUN_RECORD = "run.json"
MANIFEST = "manifest.json"
REPORT = "report.html"
STATE = "steps.json"
"""In ``tables/``: what each step last ran on. Derived like the tables, and gone with them."""

LIGHT = "light"
"""The parameter that a notebook with a light preset declares."""

COPIED_FROM = "casebook_copied_from"
"""In the metadata of a notebook in a case: hash of the notebook that it is a copy of."""

_OUTPUTS = (RUN_RECORD, MANIFEST, "report.pdf", "verify.py", "findings.json")
"""Removed when a run starts; ``report.html`` is replaced."""


# -- what a run is --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One notebook of the chain."""

    name: str
    path: Path
    content: dict[str, Any]
    own: bool
    """Whether it is the case's own notebook, in place of Casebook's."""

    @property
    def parameters(self) -> dict[str, Parameter]:
        """What the notebook lets one set."""
        return parameters_of(self.content, self.path.name)

    @property
    def code_hash(self) -> str:
        """One hash for what the notebook says and does."""
        return code_hash(self.content)


@dataclass
class StepRecord:
    """What happened in one step."""

    name: str
    state: str
    """``ran`` or ``unchanged``."""
    parameters: dict[str, Any]
    notebook_sha256: str
    own_notebook: bool
    inputs: str
    executed_sha256: str
    tables: dict[str, str]
    started: str | None = None
    ended: str | None = None


@dataclass
class Run:
    """A finished run: what ran on what, and where the report is.

    Everything but the times of the steps is the same on each run of the same case.
    """

    case: str
    run_id: str
    folder: Path
    light: bool
    inputs: dict[str, str]
    """What went in -> its hash."""
    versions: dict[str, str]
    steps: list[StepRecord]
    broken_rules: list[dict[str, str]] = field(default_factory=list)
    """Why the report is a DRAFT, each with ``rule`` and ``message``; empty where it is sound."""

    @property
    def report(self) -> Path:
        """The report."""
        return self.folder / REPORT

    @property
    def notebooks(self) -> list[Path]:
        """The executed notebooks, in order."""
        return [self.folder / "notebooks" / f"{s.name}.ipynb" for s in self.steps]

    def record(self) -> dict[str, Any]:
        """Return the run as the report prints it: without a clock, the same on each run."""
        return {
            "status": "complete",
            "case": self.case,
            "run_id": self.run_id,
            "edition": "internal",
            "light": self.light,
            "inputs": self.inputs,
            "versions": self.versions,
            "missing": self.broken_rules,
            "steps": [
                {"step": s.name, "status": "done", "parameters": s.parameters} for s in self.steps
            ],
        }


def run(
    case: Case | str | Path,
    *,
    from_step: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    light: bool = False,
    timeout: float | None = None,
    progress: TextIO | None = sys.stderr,
    reports: Path | None = None,
    typed: bool = True,
) -> Run:
    """Run a case's notebooks in order and build its report.

    Parameters
    ----------
    case : Case, str or Path
    from_step : str, optional
        Start here (``"03"`` or ``"03-network-map"``); the steps before must be as they last ran.
        By default every step that has nothing new to work on is skipped.
    parameters : mapping, optional
        Parameter -> value, or notebook -> mapping of these; before those in case.yaml.
    light : bool
        Set ``light`` where a notebook has it: fewer shuffles, said on every figure.
    timeout : float, optional
        Seconds that one cell may take. No limit by default: a large case takes its time.
    progress : TextIO, optional
        Where to say what runs; None is silence.
    reports : Path, optional
        Folder of the report, by default the case's.
    typed : bool
        False where parameters are text from a command line, read by the type of the default.

    Returns
    -------
    Run

    Raises
    ------
    ParameterError
        An unknown parameter or a wrong type; nothing has run then.
    StepError
        A step did not come to its end. The report says INCOMPLETE.
    """
    case = Case(case)
    # What people wrote is read now: a mistake in it is said before anything has run.
    case.codebook()
    case.reach()
    steps = find_steps(case)
    values = step_values(case, steps, parameters or {}, light=light, typed=typed)
    first = step_index(steps, from_step) if from_step else None
    folder = Path(reports) if reports else case.report_folder
    with _locked(case), _signals(), Progress(progress) as shown:
        chain = _Chain(case, folder, steps, values, light=light, timeout=timeout, progress=shown)
        return chain.run(first)


def find_steps(case: Case) -> list[Step]:
    """Return the notebooks of a case in order: Casebook's, or the case's own in their place.

    A notebook in the case's folder ``notebooks`` counts as its own where its code or its words were
    changed; the value of ``case`` does not matter. Others, without a number, are left alone.

    Raises
    ------
    CaseError
        Where a notebook has the number of a step and not its name.
    """
    originals = {path.stem: path for path in original_notebooks()}
    own = {path.stem: path for path in sorted((case.folder / "notebooks").glob("*.ipynb"))}
    for stem in own:
        taken = next((name for name in originals if name[:3] == stem[:3]), None)
        if taken and stem != taken:
            raise CaseError(
                f"notebooks/{stem}.ipynb has the number of the step {taken}, and another name",
                remedy=f"name it {taken}.ipynb to put it in that step's place, or take the number "
                "off",
            )
    return [_step(name, path, own.get(name)) for name, path in originals.items()]


def _step(name: str, path: Path, own: Path | None) -> Step:
    original = read_notebook(path)
    if own is not None:
        content = read_notebook(own)
        base = content.get("metadata", {}).get(COPIED_FROM)
        if code_hash(content) not in {code_hash(original), base}:
            return Step(name, own, content, own=True)
    return Step(name, path, original, own=False)


ALONGSIDE = ("03b-narratives-and-reach",)
"""Notebooks with a letter that a run takes along: unlike the line-up they need nobody there."""


def original_notebooks() -> list[Path]:
    """Return Casebook's own notebooks, in order."""
    folder = CLONE / "notebooks" if is_clone() else Path(__file__).parent / "_notebooks"
    alongside = [p for name in ALONGSIDE if (p := folder / f"{name}.ipynb").is_file()]
    found = sorted([*folder.glob("[0-9][0-9]-*.ipynb"), *alongside])
    if not found:
        raise CaseError(
            "Casebook's notebooks are missing", remedy="install Casebook again, or clone it"
        )
    return found


def side_notebooks() -> list[Path]:
    """Return the notebooks that no unattended run needs, such as the line-up: ``01b-...``."""
    steps = original_notebooks()
    found = sorted(steps[0].parent.glob("[0-9][0-9][a-z]-*.ipynb"))
    return [path for path in found if path not in steps]


def read_notebook(path: Path) -> dict[str, Any]:
    """Return a notebook file as JSON."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise CaseError(
            "this is not a notebook that can be read",
            where=path.name,
            remedy="restore it from a copy, or delete it where it is the case's own",
        )
    return content


def code_hash(content: Mapping[str, Any]) -> str:
    """Return one hash for the cells of a notebook: no outputs, and not which case it is set to."""
    cells = [[c.get("cell_type"), _without_case(c)] for c in content["cells"]]
    # Runs of empty cells at the end come with opening a notebook, not with changing it.
    while cells and not cells[-1][1].strip():
        cells.pop()
    return hashlib.sha256(canonical({"cells": cells})).hexdigest()


def _without_case(cell: Mapping[str, Any]) -> str:
    source = source_of(cell)
    return with_case(source, "") if is_tagged(cell) else source


def with_case(source: str, name: str) -> str:
    """Return the text of a parameters cell with another value of ``case``."""
    import ast

    if "case" not in parse_parameters(source):
        return source
    for statement in ast.parse(source).body:
        targets = getattr(statement, "targets", [getattr(statement, "target", None)])
        value = getattr(statement, "value", None)
        if getattr(targets[0], "id", None) == "case" and value is not None:
            lines = source.splitlines(keepends=True)
            before = "".join(lines[: value.lineno - 1])
            line = "".join(lines[value.lineno - 1 : value.end_lineno]).encode()
            last = len("".join(lines[value.lineno - 1 : value.end_lineno - 1]).encode())
            changed = (
                line[: value.col_offset]
                + json.dumps(name, ensure_ascii=False).encode()
                + line[last + value.end_col_offset :]
            )
            return before + changed.decode() + "".join(lines[value.end_lineno :])
    return source


def step_values(
    case: Case,
    steps: Sequence[Step],
    given: Mapping[str, Any],
    *,
    light: bool = False,
    typed: bool = True,
) -> dict[str, dict[str, Any]]:
    """Return what to set in each notebook: case.yaml first, what was given over it."""
    declared = {step.name: step.parameters for step in steps}
    for name, known in declared.items():
        if "case" not in known:
            raise ParameterError(
                f"notebook {name} has no parameter 'case'",
                remedy='put `case = "my-case"` first into the cell tagged `parameters`',
            )
    settings = resolve(declared, case.settings.parameters, where="case.yaml, parameters")
    asked = resolve(declared, given, as_text=not typed)
    lit = {
        name: {LIGHT: True}
        for name, known in declared.items()
        if light and LIGHT in known and known[LIGHT].kind == "bool"
    }
    return {n: {**settings[n], **lit.get(n, {}), **asked[n]} for n in declared}


def step_index(steps: Sequence[Step], wanted: str) -> int:
    """Return which step a person means by ``3``, ``03``, its name or its file."""
    text = Path(wanted).name.removesuffix(".ipynb")
    for index, step in enumerate(steps):
        number = step.name.partition("-")[0]
        if text in {step.name, number, number.lstrip("0"), step.name.partition("-")[2]}:
            return index
    names = [s.name for s in steps]
    hint = schema.nearest(text, names)
    raise ParameterError(
        f"there is no step {wanted!r}",
        remedy=f"did you mean {hint!r}?" if hint else f"steps: {', '.join(names)}",
    )


def called(case: Case) -> str:
    """Return what to call a case on the command line: its name, or its folder where it must be."""
    try:
        known = find_case(case.name) == case.folder
    except CaseError:
        known = False
    return shlex.quote(case.name if known else str(case.folder))


# -- what a step depends on -----------------------------------------------------------------------


def case_inputs(case: Case) -> dict[str, str]:
    """Return everything in a case that a notebook may read, apart from tables -> its hash.

    A log is told by its head, which stands for every line of it.
    """
    folder = case.folder
    by_hand = ("case.yaml", "claims.yaml", "codebook.yaml", "replies.jsonl")
    named = [folder / name for name in by_hand]
    named += [case.translation] if case.translation else []
    files = [*named, *sorted((folder / "published").rglob("*"))]
    logs = [folder / "evidence.jsonl", *sorted((folder / "judgements").glob("*.jsonl"))]
    return {
        **{p.relative_to(folder).as_posix(): ChainedLog(p).head() for p in logs},
        **{p.relative_to(folder).as_posix(): file_hash(p) for p in files if p.is_file()},
    }


@cache
def software() -> dict[str, str]:
    """Return which software runs: Casebook's own source as one hash, and versions."""
    from importlib.metadata import version

    from casebook import __version__

    package = Path(__file__).parent
    whole = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".ipynb":
            whole.update(f"{path.relative_to(package).as_posix()} {file_hash(path)}\n".encode())
    return {
        "casebook": __version__,
        "casebook source": whole.hexdigest(),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


PACKAGES = (
    "altair", "babel", "ipykernel", "ipywidgets", "jinja2", "markdown-it-py", "nbclient",
    "nbformat", "networkx", "numpy", "openpyxl", "orjson", "pandas", "papermill", "pillow",
    "pyarrow", "pyyaml", "vl-convert-python",
)  # fmt: skip
"""What a result may depend on."""


def tables_of(case: Case, step: str) -> dict[str, str]:
    """Return the tables that a step makes and that are there -> SHA-256."""
    made = [t.name for t in schema.TABLES.values() if t.made_by == step]
    paths = {name: case.table_path(name) for name in made}
    return {name: file_hash(path) for name, path in paths.items() if path.is_file()}


# -- the run --------------------------------------------------------------------------------------


class _Chain:
    """One run of one case; everything is checked when it is made."""

    def __init__(
        self,
        case: Case,
        folder: Path,
        steps: Sequence[Step],
        values: Mapping[str, dict[str, Any]],
        *,
        light: bool,
        timeout: float | None,
        progress: Progress,
    ) -> None:
        self.case, self.folder, self.steps, self.values = case, folder, steps, values
        self.light, self.timeout, self.progress = light, timeout, progress
        self.inputs, self.versions = case_inputs(case), software()
        # A raw file that changed under the log must not be passed over as "nothing new".
        self.differences = list(case.evidence.differences())
        self.state_path = case.tables_folder / STATE
        self.state: dict[str, Any] = _read_json(self.state_path)
        self.records: list[StepRecord] = []

    def run(self, first: int | None) -> Run:
        if first is not None:
            for step in self.steps[:first]:
                self._pass_over(step, required=True)
            self.records.clear()
        mark_incomplete(self.folder, self.case.name, _UNFINISHED)
        try:
            with Kernels(self.case.settings.language) as kernels:
                for index, step in enumerate(self.steps):
                    if first is not None and index < first:
                        self._pass_over(step, required=True)
                    elif first is not None or not self._pass_over(step):
                        self._execute(step, kernels, is_last=index == len(self.steps) - 1)
            return self._finish()
        except OSError as error:
            raise self._failed("the run", None, _disk_sentence(error)) from error
        except StepError as error:
            # The page may be passed on, and the folders of this computer are nobody's business.
            said = scrubber(self._labels())(str(error))
            mark_incomplete(self.folder, self.case.name, said)
            raise
        except KeyboardInterrupt:
            said = "The run was stopped from outside before its end."
            mark_incomplete(self.folder, self.case.name, said)
            raise

    # A step is passed over where all that it could read is what it read last time, and all that it
    # wrote is still what it wrote.
    def _pass_over(self, step: Step, *, required: bool = False) -> bool:
        known = self.state.get(step.name)
        reason = self._reason_to_run(step, known)
        if reason and required:
            raise StepError(
                f"step {step.name} cannot be passed over: {reason}",
                remedy=f"`casebook run {called(self.case)}` without --from runs what is needed",
            )
        if reason:
            return False
        self.records.append(StepRecord(name=step.name, state="unchanged", **(known or {})))
        if not required:
            self.progress.end(step.name, "unchanged")
        return True

    def _reason_to_run(self, step: Step, known: dict[str, Any] | None) -> str | None:
        if not known:
            return "it has not come to its end yet"
        if known.get("inputs") != self._step_inputs(step):
            return "what it works on has changed since"
        executed = self._executed_path(step)
        if not executed.is_file() or file_hash(executed) != known.get("executed_sha256"):
            return "its executed notebook is missing or was changed"
        if tables_of(self.case, step.name) != known.get("tables"):
            return "its tables are missing or were changed"
        return None

    def _step_inputs(self, step: Step) -> str:
        earlier = self.steps[: self.steps.index(step)]
        whole = {
            "inputs": self.inputs,
            "versions": self.versions,
            "differences": self.differences,
            "notebook": step.code_hash,
            "parameters": self._told(step),
            "tables": {s.name: tables_of(self.case, s.name) for s in earlier},
        }
        return hashlib.sha256(canonical(whole)).hexdigest()

    def _told(self, step: Step) -> dict[str, Any]:
        return {"case": self.case.name, **self.values[step.name]}

    def _executed_path(self, step: Step) -> Path:
        return self.folder / "notebooks" / f"{step.name}.ipynb"

    def _partial_path(self, step: Step) -> Path:
        return self.folder / "notebooks" / f"{step.name}.partial.ipynb"

    def _execute(self, step: Step, kernels: Kernels, *, is_last: bool) -> None:
        inputs = self._step_inputs(step)
        self.state.pop(step.name, None)
        self._executed_path(step).unlink(missing_ok=True)
        self._partial_path(step).unlink(missing_ok=True)
        self.progress.begin(step.name, _count_code(step.content) + 1)
        attempt = Attempt(
            step.name,
            {"case": str(self.case.folder), **self.values[step.name]},
            timeout=self.timeout,
            on_cell=self.progress.cell,
        )
        started, clock = _now(), time.monotonic()
        try:
            execute(step.content, attempt, kernels, last=is_last)
        finally:
            if attempt.notebook is not None and not attempt.is_complete:
                self._keep_partial(step, attempt, kernels)
        if attempt.stopped is not None:
            raise self._failed(step.name, attempt, attempt.stopped)
        kept = self._cleaned(step, attempt, kernels)
        write_atomically(self._executed_path(step), kept)
        record = StepRecord(
            name=step.name,
            state="ran",
            parameters=self._told(step),
            notebook_sha256=step.code_hash,
            own_notebook=step.own,
            inputs=inputs,
            executed_sha256=hashlib.sha256(kept).hexdigest(),
            tables=tables_of(self.case, step.name),
            started=started,
            ended=_now(),
        )
        self.records.append(record)
        self.state[step.name] = {k: v for k, v in vars(record).items() if k not in _NOT_STATE}
        self.case.tables_folder.mkdir(parents=True, exist_ok=True)
        write_atomically(self.state_path, _json(self.state))
        self.progress.end(step.name, f"done, {time.monotonic() - clock:.1f} s")

    def _cleaned(self, step: Step, attempt: Attempt, kernels: Kernels) -> bytes:
        labels = [*self._labels(), (kernels.scratch, "scratch")]
        return clean(attempt.notebook, self._told(step), labels)

    def _labels(self) -> list[tuple[Path, str]]:
        return [
            (self.case.folder, self.case.name),
            (self.folder, "reports"),
            (CLONE, "casebook"),
            (Path(sys.prefix), "python"),
            (Path(sys.base_prefix), "python"),
            (Path.home(), "~"),
        ]

    def _keep_partial(self, step: Step, attempt: Attempt, kernels: Kernels) -> None:
        try:
            write_atomically(self._partial_path(step), self._cleaned(step, attempt, kernels))
        except OSError:
            # The disk may be the very reason why it stopped.
            return

    def _failed(self, name: str, attempt: Attempt | None, why: str) -> StepError:
        place, kept = "", ""
        if attempt is not None and attempt.at is not None:
            place = f", cell {attempt.at}"
        partial = self.folder / "notebooks" / f"{name}.partial.ipynb"
        if partial.is_file():
            kept = f" What ran is in {partial}."
        return StepError(
            f"{name}{place} did not finish: {why.rstrip('.')}.{kept} "
            "There is no report; the page in its place says INCOMPLETE.",
            remedy=f"correct this, then `casebook run {called(self.case)}`; it goes on from here",
        )

    def _finish(self) -> Run:
        notebooks = {f"notebooks/{s.path.name}": s.code_hash for s in self.steps}
        inputs = {**self.inputs, **notebooks}
        whole = {
            "inputs": inputs,
            "versions": self.versions,
            "differences": self.differences,
            "parameters": {s.name: self._told(s) for s in self.steps},
        }
        run_id = hashlib.sha256(canonical(whole)).hexdigest()[:16]
        done = Run(
            self.case.name, run_id, self.folder, self.light, inputs, self.versions, self.records
        )
        self.progress.begin("report", 0)
        clock = time.monotonic()
        altered = [{"rule": "evidence", "message": text} for text in self.differences]
        done.broken_rules = [*altered, *broken_rules(self.case)]
        build_report(self.case, done)
        self._seal(done)
        self.progress.end("report", f"done, {time.monotonic() - clock:.1f} s")
        return done

    def _seal(self, done: Run) -> None:
        """Write the manifest and then, last of all, the record that says "complete"."""
        steps = [{"step": s.name, "status": "done", **vars(s)} for s in done.steps]
        record = _json(
            {
                **done.record(),
                "steps": [{k: v for k, v in s.items() if k != "name"} for s in steps],
                "system": platform.platform(terse=True),
                "finished": _now(),
            }
        )
        files = {**file_hashes(self.folder), RUN_RECORD: hashlib.sha256(record).hexdigest()}
        write_atomically(self.folder / MANIFEST, _json({"files": files}))
        write_atomically(self.folder / RUN_RECORD, record)


_NOT_STATE = {"name", "state", "started", "ended"}
_UNFINISHED = (
    "A run of this case has started and has not come to its end. If none is at work now, it was "
    "stopped in the middle."
)


def build_report(case: Case, done: Run) -> None:
    """Write the report, and the checker that goes with it; a public edition of before goes."""
    from casebook import editions, report
    from casebook.publishing import forget_stale

    record = done.record()
    report.build(done.folder, case, record)
    editions.keep(case, done.folder, record)
    _export(case, done.folder / "exports")
    forget_stale(done.folder, str(record.get("run_id", "")))


def _export(case: Case, folder: Path) -> None:
    """Write the network for other software; what an earlier run left there goes."""
    from casebook.charts.export import network_files

    shutil.rmtree(folder, ignore_errors=True)
    if not (case.has("edges") and case.has("clusters")):
        return
    files = network_files(
        case.read("edges"),
        case.read("clusters"),
        case.read("accounts"),
        question=case.settings.question,
        synthetic=bool(case.synthetic),
    )
    for name, content in files.items():
        folder.mkdir(exist_ok=True)
        write_atomically(folder / name, content)


def broken_rules(case: Case) -> list[dict[str, str]]:
    """Return every rule that the claims break and what the case lacks before it can be FINAL.

    Each has ``rule`` and ``message``. claims.yaml is read as it is now, and the tables as they are.
    """
    from casebook.checking import check_case

    checked = check_case(case)
    broken = [
        {"rule": f"{row['rule']}, claim {row['claim']}", "message": row["message"]}
        for row in checked.violations.to_dict("records")
    ]
    return [*broken, *({"rule": "case", "message": text} for text in checked.missing)]


def file_hashes(folder: Path) -> dict[str, str]:
    """Return every file of a report folder -> SHA-256, apart from the record and the manifest."""
    from casebook.report.verify import is_edition

    files = (p for p in sorted(folder.rglob("*")) if p.is_file() and not p.name.startswith("."))
    named = {p.relative_to(folder).as_posix(): p for p in files}
    return {
        name: file_hash(p)
        for name, p in named.items()
        if p.name not in {RUN_RECORD, MANIFEST} and not is_edition(name)
    }


def mark_incomplete(folder: Path, case: str, why: str) -> None:
    """Put a page that says INCOMPLETE in place of a report, and remove what says otherwise.

    On a full disk the page may not fit; then the report goes without one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "notebooks").mkdir(exist_ok=True)
    for name in _OUTPUTS:
        (folder / name).unlink(missing_ok=True)
    for name in ("exports", "figures"):
        shutil.rmtree(folder / name, ignore_errors=True)
    page = _INCOMPLETE.format(case=escape_html(case), why=escape_html(why).replace("\n", "<br>"))
    try:
        write_atomically(folder / REPORT, page.encode())
    except OSError:
        (folder / REPORT).unlink(missing_ok=True)


_INCOMPLETE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>INCOMPLETE: {case}</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:38rem;margin:4rem auto;padding:0 1rem}}
h1{{color:#a40000}}</style>
<h1>INCOMPLETE</h1>
<p>There is no report of the case <b>{case}</b> at the moment.</p>
<p>{why}</p>
<p>Nothing may be cited from earlier copies of this report: the case has been run again since.</p>
</html>
"""


@contextmanager
def _locked(case: Case) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(case.folder / ".run.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise CaseError(
            f"another run is at work on {case.name}",
            remedy="wait until it has ended, or stop it first",
        ) from None
    except OSError as error:
        raise CaseError(
            f"the case folder cannot be written to: {error.strerror}",
            remedy="`casebook doctor CASE` says what is wrong",
        ) from None
    try:
        yield
    finally:
        lock.release()


class Stopped(KeyboardInterrupt):
    """The system asked the run to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


@contextmanager
def _signals() -> Iterator[None]:
    """Turn a request to end into an exception, so that kernels end too and the page is marked."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: object) -> None:
        # A second request must not cut off the tidying up after the first.
        for each in wanted:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(number)

    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    wanted = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, stop) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _disk_sentence(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}:
        return "the disk is full"
    name = os.path.basename(error.filename) if isinstance(error.filename, str) else "a file"  # noqa: PTH119
    return f"{name} could not be written: {error.strerror or error}"


def _count_code(content: Mapping[str, Any]) -> int:
    return sum(c.get("cell_type") == "code" for c in content["cells"])


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
