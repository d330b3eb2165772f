"""One notebook, run by papermill in a fresh kernel of this very Python.

Papermill calls a notebook completed whose kernel was killed, and lets ``sys.exit(0)`` pass. So what
counts as done is decided here, from the notebook itself: every code cell ran, none reported an
error, and the last exhibit says so. What is kept carries no clock, path, user or host.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import sys
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from casebook import errors
from casebook.errors import StepError
from casebook.exhibits import MIME
from casebook.language import LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

KERNEL = "python3"
INJECTED = "injected-parameters"
SOCKET_PATH_LIMIT = 100
"""A Unix socket's path has at most 103 bytes on macOS, 107 on Linux."""

_DROPPED_CELLS = "papermill-error-cell-tag"
_WIDGET = "application/vnd.jupyter.widget-view+json"
_CELL_FILE = re.compile(r"[^\s\"'<>(]*ipykernel_\d+(/|\\+)\d+\.py")
_ADDRESS = re.compile(r"(<[^<>]*?) at 0x[0-9a-fA-F]+>")
_CASEBOOK_ERRORS = {name for name in vars(errors) if name.endswith("Error")}

_log = logging.getLogger("casebook.execution")
_log.addHandler(logging.NullHandler())
_log.propagate = False


# -- kernels --------------------------------------------------------------------------------------


class Kernels:
    """Fresh kernels, one for each step; the next may start while a step still runs.

    A kernel is always the Python that runs this, whatever kernels a user has installed under the
    name python3. It gets no start-up files, keeps no history, and works in an empty folder, so that
    no file of a case can be imported in place of a module.

    Parameters
    ----------
    language : str
        Which language cases are told in; empty for that of each case.
    """

    def __init__(self, language: str = "") -> None:
        self._language = language
        self.scratch = Path(tempfile.mkdtemp(prefix="casebook-"))
        self._count = 0
        self._waiting: Any = None
        self._retired: list[Any] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for manager in self._retired:
            _finish(manager)
        if self._waiting is not None:
            _kill(self._waiting)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def prepare(self) -> None:
        """Start the process of the next kernel, without waiting for it."""
        if self._waiting is None:
            self._waiting = self._started()

    def take(self) -> Any:
        """Return the manager of a kernel that has run nothing yet."""
        self.prepare()
        manager, self._waiting = self._waiting, None
        return manager

    def retire(self, manager: Any, *, now: bool) -> None:
        """End a kernel: at once, or by asking it to, without waiting."""
        from jupyter_core.utils import run_sync

        if now:
            _kill(manager)
            return
        run_sync(manager.request_shutdown)()
        self._retired.append(manager)

    def last_words(self) -> str:
        """Return what kernels wrote to their error stream last: why one did not start."""
        path = self.scratch / "kernels.log"
        lines = path.read_text("utf-8", "replace").splitlines() if path.is_file() else []
        return lines[-1].strip() if lines else ""

    def _started(self) -> Any:
        from jupyter_client.kernelspec import KernelSpecManager
        from jupyter_client.manager import AsyncKernelManager
        from jupyter_core.utils import run_sync

        self._count += 1
        connection = self.scratch / f"k{self._count}.json"
        by_socket = os.name != "nt" and len(str(connection)) < SOCKET_PATH_LIMIT - 10
        manager = AsyncKernelManager(
            kernel_name=KERNEL,
            # No folder to look in: what is left is the kernel of this interpreter.
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
            connection_file=str(connection),
            **({"transport": "ipc"} if by_socket else {}),
        )
        empty = self.scratch / "empty"
        empty.mkdir(exist_ok=True)
        with (self.scratch / "kernels.log").open("ab") as log:
            run_sync(manager.start_kernel)(
                extra_arguments=["--HistoryManager.enabled=False"],
                env=self._environment(),
                cwd=str(empty),
                stdout=log,
                stderr=log,
            )
        return manager

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONSTARTUP"}
        # Nobody clicks here: what a person would click prints itself as a table.
        kept["CASEBOOK_UNATTENDED"] = "1"
        if self._language:
            kept[LANGUAGE] = self._language
        return {**kept, "IPYTHONDIR": str(self.scratch / "ipython")}


def _kill(manager: Any) -> None:
    from jupyter_core.utils import run_sync

    if manager.has_kernel:
        run_sync(manager.shutdown_kernel)(now=True)
    run_sync(manager.cleanup_resources)()


def _finish(manager: Any) -> None:
    from jupyter_core.utils import run_sync

    run_sync(manager.finish_shutdown)()
    run_sync(manager.cleanup_resources)()


# -- running --------------------------------------------------------------------------------------


@dataclass
class Attempt:
    """One notebook on its way: what ran so far is in ``notebook``, whatever happens."""

    step: str
    parameters: Mapping[str, Any]
    timeout: float | None = None
    on_cell: Callable[[int], None] = lambda _: None
    notebook: Any = None
    manager: Any = None
    at: str | None = None
    """Id of the cell that ran last: papermill moves cells when it reports an error."""
    stopped: str | None = None
    """Why it did not come to its end, in one sentence."""
    is_complete: bool = False

    def on_start(self, cell: Any, cell_index: int) -> None:
        """Note where the run is."""
        self.at = str(cell.get("id", cell_index + 1))
        if cell.cell_type == "code":
            done = self.notebook.cells[: cell_index + 1]
            self.on_cell(sum(c.cell_type == "code" for c in done))


def execute(
    source: Mapping[str, Any], attempt: Attempt, kernels: Kernels, *, last: bool = True
) -> None:
    """Run a notebook with papermill; what came of it is in ``attempt``.

    Unless it is the last one, the next kernel starts meanwhile: it only waits, and has run nothing.

    Raises
    ------
    StepError
        Where the kernel is not this Python. Whatever happens in the notebook itself is told by
        ``attempt.stopped``.
    """
    # A kernel takes a second to start; papermill is imported meanwhile.
    attempt.manager = kernels.take()
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill import execute_notebook
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError

    papermill_engines.register("casebook", _engine())
    graceful = False
    if not last:
        kernels.prepare()
    try:
        # Papermill reads braces in a path as a template, so it gets the notebook and no path.
        execute_notebook(
            _nbformat().from_dict(source),
            None,
            parameters=dict(attempt.parameters),
            engine_name="casebook",
            kernel_name=KERNEL,
            language="python",
            progress_bar=False,
            attempt=attempt,
        )
        graceful = True
    except PapermillExecutionError as error:
        attempt.stopped = error_sentence(error.ename, error.evalue)
    except CellTimeoutError:
        attempt.stopped = f"the cell took longer than the limit of {attempt.timeout:g} seconds"
    except DeadKernelError:
        attempt.stopped = _death(attempt.manager)
    except RuntimeError as error:
        if attempt.at is not None:
            raise
        said = kernels.last_words()
        attempt.stopped = f"the kernel did not start: {error}" + (f" ({said})" if said else "")
    finally:
        kernels.retire(attempt.manager, now=not graceful)
    attempt.stopped = attempt.stopped or incomplete(attempt.notebook, attempt.step)
    attempt.is_complete = attempt.stopped is None


def _engine() -> Any:
    from nbclient.util import run_sync
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import Engine

    class Client(PapermillNotebookClient):  # type: ignore[misc]
        async def async_start_new_kernel_client(self) -> Any:
            client = await super().async_start_new_kernel_client()
            asked = client.execute(
                "", silent=True, store_history=False, user_expressions=_WHICH_PYTHON
            )
            reply = await self.async_wait_for_reply(asked)
            check_python(reply["content"].get("user_expressions", {}) if reply else {})
            return client

        start_new_kernel_client = run_sync(async_start_new_kernel_client)

    class CasebookEngine(Engine):  # type: ignore[misc]
        @classmethod
        def execute_managed_notebook(
            cls, nb_man: Any, kernel_name: str, *, attempt: Attempt, **_: Any
        ) -> Any:
            attempt.notebook = nb_man.nb
            client = Client(
                nb_man,
                km=attempt.manager,
                kernel_name=kernel_name,
                timeout=attempt.timeout,
                startup_timeout=120,
                store_widget_state=False,
                # Kernels cut a stream where it suits them; joined, the same text is the same bytes.
                coalesce_streams=True,
                record_timing=False,
                on_cell_start=attempt.on_start,
                log=_log,
            )
            try:
                return client.execute()
            finally:
                if client.kc is not None:
                    client.kc.stop_channels()

    return CasebookEngine


_WHICH_PYTHON = {
    "python": "__import__('sys').executable",
    "casebook": "__import__('importlib.util').util.find_spec('casebook').origin",
}


def check_python(answers: Mapping[str, Any]) -> None:
    """Raise StepError where a kernel is another Python, or knows another Casebook, than this."""
    import casebook

    for question, ours in (("python", sys.executable), ("casebook", str(casebook.__file__))):
        theirs = answers.get(question, {}).get("data", {}).get("text/plain", "").strip("'\"")
        theirs = theirs.replace("\\\\", "\\")
        if not theirs or not _same_file(theirs, ours):
            raise StepError(
                f"the kernel runs another {question} ({theirs or 'unknown'}) than ours ({ours})",
                remedy="run `casebook doctor`; install Casebook in the environment you start",
            )


def _same_file(a: str, b: str) -> bool:
    return os.path.normcase(Path(a).absolute()) == os.path.normcase(Path(b).absolute())


def error_sentence(name: str, value: str) -> str:
    """Return an error of a cell in words: our own errors speak for themselves."""
    text = re.sub(r"\s*\n\s*->\s*", "; ", value.strip()).replace("\n", " ")
    if name in _CASEBOOK_ERRORS:
        return text
    return f"{name}: {text}" if text else name


def _death(manager: Any) -> str:
    code = None
    if manager.provisioner is not None and manager.provisioner.process is not None:
        code = manager.provisioner.process.poll()
    if code is None:
        return "the kernel died"
    if code < 0:
        return f"the kernel was killed by signal {-code}; signal 9 often means too little memory"
    return f"the kernel ended by itself with code {code}, in the middle of the notebook"


# -- judging --------------------------------------------------------------------------------------


def incomplete(notebook: Mapping[str, Any], step: str) -> str | None:
    """Return why an executed notebook is not complete, or None where it is."""
    codes = [c for c in notebook["cells"] if c["cell_type"] == "code" and _text(c["source"])]
    for cell in codes:
        name = cell.get("id", "without id")
        for output in cell.get("outputs", []):
            if output["output_type"] == "error":
                said = error_sentence(output.get("ename", ""), output.get("evalue", ""))
                return f"cell {name} ended with {said}"
        if cell.get("execution_count") is None:
            return f"cell {name} did not run"
    ends = [payload for cell in codes[-1:] for payload in exhibits(cell)]
    if not ends or ends[-1].get("type") != "sentinel":
        return (
            f"the last cell is not `case.finish({step!r}, ...)`, so nothing says it came to its end"
        )
    if ends[-1].get("step") != step:
        return f"its last cell says that {ends[-1].get('step')!r} is done, and this is {step!r}"
    return None


def exhibits(cell: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the exhibits in the outputs of a cell."""
    found = [o.get("data", {}).get(MIME) for o in cell.get("outputs", [])]
    return [f for f in found if f]


def _text(source: str | Sequence[str]) -> str:
    return (source if isinstance(source, str) else "".join(source)).strip()


# -- keeping --------------------------------------------------------------------------------------


def clean(
    notebook: Any, parameters: Mapping[str, Any], labels: Sequence[tuple[Path, str]]
) -> bytes:
    """Return an executed notebook as it is kept: the same bytes on each run, and nothing private.

    Parameters
    ----------
    notebook : NotebookNode
    parameters : mapping
        What the reader is told was set: the name of the case in place of its folder.
    labels : sequence of (Path, str)
        Folders that must not show, and what stands in their place.
    """
    scrub = scrubber(labels)
    kept = _nbformat().from_dict(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {
                "kernelspec": {"display_name": "Python 3", "language": "python", "name": KERNEL},
                "language_info": {"name": "python"},
            },
            "cells": [
                _kept_cell(cell, parameters, scrub)
                for cell in notebook.cells
                if _DROPPED_CELLS not in cell.metadata.get("tags", [])
            ],
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        written = _nbformat().writes(kept)
    return (str(written) + "\n").encode("utf-8", "replace")


def _nbformat() -> Any:
    """Return the module, whose functions carry no types."""
    import nbformat

    return nbformat


def _kept_cell(
    cell: Any, parameters: Mapping[str, Any], scrub: Callable[[Any], Any]
) -> dict[str, Any]:
    tags = cell.metadata.get("tags", [])
    kept = {
        "id": cell.id,
        "cell_type": cell.cell_type,
        "metadata": {"tags": tags} if tags else {},
        "source": cell.source,
    }
    if INJECTED in tags:
        # Papermill gives it a random id, and the folder of the case.
        kept["id"] = INJECTED
        kept["source"] = injected_source(parameters)
    if cell.cell_type == "code":
        kept["execution_count"] = cell.get("execution_count")
        kept["outputs"] = [_kept_output(o, scrub) for o in cell.get("outputs", [])]
    return kept


def injected_source(parameters: Mapping[str, Any]) -> str:
    """Return the cell that tells a reader which parameters were set."""
    return "\n".join(["# Parameters", *(f"{k} = {v!r}" for k, v in parameters.items())])


def _kept_output(output: Any, scrub: Callable[[Any], Any]) -> Any:
    if "data" not in output:
        return scrub(output)
    data = {
        mime: value if mime.startswith("image/png") else scrub(value)
        for mime, value in output["data"].items()
        if mime != _WIDGET  # Its only content is a random id.
    }
    return {**output, "data": data, "metadata": {}}


def scrubber(labels: Sequence[tuple[Path, str]]) -> Callable[[Any], Any]:
    """Return a function that puts labels in place of folders, in text and all that holds text."""
    named: dict[str, str] = {}
    for path, label in labels:
        for shown in (str(path), str(path.resolve()), path.as_posix()):
            if len(shown) > 1:
                named.setdefault(shown, label)
                named.setdefault(shown.replace("\\", "\\\\"), label)
    longest = sorted(named, key=lambda shown: (-len(shown), shown))
    # Only where the path stands by itself: the path of an address in evidence is evidence.
    pattern = re.compile(
        r"(?<![\w./\]-])(?:file://)?(" + "|".join(map(re.escape, longest)) + r")(?![\w.-]*\w)"
    )

    def scrub(value: Any) -> Any:
        if isinstance(value, str):
            value = _CELL_FILE.sub("cell", value)
            value = pattern.sub(lambda m: named[m[1]], value)
            return _ADDRESS.sub(r"\1>", value)
        if isinstance(value, dict):
            return {k: scrub(v) for k, v in value.items()}
        if isinstance(value, list):
            return [scrub(v) for v in value]
        return value

    return scrub
