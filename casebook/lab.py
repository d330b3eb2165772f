"""JupyterLab on a case: on this computer only, with settings of its own, contacting nobody.

A person works in copies of the notebooks in the case's folder ``notebooks``, set to that case, so
that neither a clone nor another case changes. A copy that is left as it was stays a copy: when
Casebook's notebook changes, so does the copy. One that was changed is the case's own, and the
unattended run takes it in place of Casebook's: what a person saw in the afternoon is what the
report says.

What JupyterLab remembers (open tabs, settings) is kept in the case's folder ``.lab``: it goes with
the case, and the user's own JupyterLab is not touched.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from casebook import schema
from casebook.case import CLONE, home, is_clone
from casebook.chain import (
    COPIED_FROM,
    code_hash,
    original_notebooks,
    read_notebook,
    side_notebooks,
    with_case,
)
from casebook.log import write_atomically
from casebook.parameters import is_tagged, source_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casebook.case import Case

ADDRESS = "127.0.0.1"
WORKSPACE = "casebook"
DISABLED = (
    "@jupyterlab/apputils-extension:announcements",
    "@jupyterlab/extensionmanager-extension",
)
"""They ask for news and for a list of extensions, over the network."""


def open_lab(case: Case, *, port: int = 0, browser: bool = True) -> int:
    """Start JupyterLab on a case, wait until it ends, and return its exit code.

    Parameters
    ----------
    case : Case
    port : int
        By default one that is free.
    browser : bool
        Whether to open a browser; else the address is only printed.
    """
    prepare_notebooks(case)
    prepare_settings(case)
    with tempfile.TemporaryDirectory(prefix="casebook-lab-") as runtime:
        server = subprocess.Popen(
            lab_command(case, port or free_port(), browser=browser),
            env=lab_environment(case, Path(runtime)),
            cwd=case.folder,
        )
        with _passing_on(server):
            code = server.wait()
    # JupyterLab that was told to end has done what it was told.
    return 0 if code in {0, -signal.SIGINT, -signal.SIGTERM} else 1


def prepare_notebooks(case: Case) -> list[Path]:
    """Make or renew the case's copies of the notebooks; return them in order."""
    folder = case.folder / "notebooks"
    folder.mkdir(exist_ok=True)
    copies = []
    for path in sorted([*original_notebooks(), *side_notebooks()]):
        copy = folder / path.name
        original = read_notebook(path)
        if not copy.exists() or is_outdated(read_notebook(copy), original):
            write_atomically(copy, _copied(original, _name_in_notebook(case)))
        copies.append(copy)
    return copies


def is_outdated(copy: dict[str, Any], original: dict[str, Any]) -> bool:
    """Tell whether a copy is as it was made, while what it was made from has changed."""
    base = copy.get("metadata", {}).get(COPIED_FROM)
    return bool(base) and code_hash(copy) == base != code_hash(original)


def _copied(original: dict[str, Any], name: str) -> bytes:
    content = json.loads(json.dumps(original))
    for cell in content["cells"]:
        if is_tagged(cell):
            cell["source"] = with_case(source_of(cell), name)
    content.setdefault("metadata", {})[COPIED_FROM] = code_hash(original)
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def _name_in_notebook(case: Case) -> str:
    """Return how a notebook in the case's folder names the case, wherever that folder is."""
    places = [home(), *([CLONE / "data"] if is_clone() else [])]
    if any((place / case.name).resolve() == case.folder for place in places):
        return case.name
    return ".."


def first_open_step(case: Case) -> str:
    """Return the file name of the first notebook whose tables are not there; else the last one."""
    names = [path.stem for path in original_notebooks()]
    for name in names:
        tables = [t.name for t in schema.TABLES.values() if t.made_by == name]
        if tables and not any(case.has(table) for table in tables):
            return f"{name}.ipynb"
    return f"{names[-1]}.ipynb"


def prepare_settings(case: Case) -> Path:
    """Make the folder that holds JupyterLab's memory of this case, and return it."""
    folder = case.folder / ".lab"
    config = folder / "config" / "labconfig"
    config.mkdir(parents=True, exist_ok=True)
    page = {"disabledExtensions": dict.fromkeys(DISABLED, True)}
    write_atomically(config / "page_config.json", json.dumps(page).encode())
    return folder


def lab_command(case: Case, port: int, *, browser: bool) -> list[str]:
    """Return the command that starts JupyterLab.

    The secret in the address is made by JupyterLab: given here, other users of the computer could
    read it in the list of processes.
    """
    notebook = quote(f"notebooks/{first_open_step(case)}")
    sockets = [] if os.name == "nt" else ["--KernelManager.transport=ipc"]
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [
        sys.executable,
        *("-m", "jupyterlab"),
        f"--ServerApp.ip={ADDRESS}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.allow_remote_access=False",
        f"--ServerApp.root_dir={case.folder}",
        f"--LabApp.default_url=/lab/workspaces/{WORKSPACE}/tree/{notebook}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        "--log-level=WARN",
        *sockets,
        *root,
        *([] if browser else ["--no-browser"]),
    ]


def lab_environment(case: Case, runtime: Path) -> dict[str, str]:
    """Return the environment in which neither the user's settings nor other kernels count."""
    folder = case.folder / ".lab"
    taken_out = {"JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "PYTHONSTARTUP", "JUPYTER_TOKEN"}
    return {
        **{name: value for name, value in os.environ.items() if name not in taken_out},
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        # Short, because the paths of sockets are limited; and gone when JupyterLab ends.
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "IPYTHONDIR": str(folder / "ipython"),
    }


def free_port() -> int:
    """Return a port of this computer that nobody listens on."""
    with socket.socket() as one:
        one.bind((ADDRESS, 0))
        return int(one.getsockname()[1])


@contextmanager
def _passing_on(server: subprocess.Popen[bytes]) -> Iterator[None]:
    """Pass requests to end on to JupyterLab, which tidies up and ends by itself.

    Ctrl-C reaches it without us and it then asks whether it is meant; so we keep waiting.
    """

    def pass_on(_number: int, _frame: object) -> None:
        server.terminate()

    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN),
        signal.SIGTERM: signal.signal(signal.SIGTERM, pass_on),
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if server.poll() is None:
            server.kill()
