"""Whether this computer, and the place of a case, are fit for work: PASS, WARN or FAIL, and a fix.

Nothing is changed and nothing is contacted.
"""

from __future__ import annotations

import codecs
import json
import locale
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casebook.case import CLONE, home

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casebook.case import Case

DISTRIBUTION = "influence-casebook"
PYTHONS = ((3, 11), (3, 13))
LONG_PATH = 180
"""Windows ends a path at 260 characters; below the case folder up to 80 are used."""

SYNCED = re.compile(
    r"(onedrive|dropbox|google ?drive|icloud ?drive|nextcloud|owncloud)($|[ -].*)|"
    r"mobile documents|cloudstorage|my drive|box( sync)?|pcloud ?drive|mega(sync)?|seafile",
    re.IGNORECASE,
)
"""Names of folders whose content a program sends to somebody else's computer."""

SYNC_MARKS = (".dropbox.cache", ".stfolder", ".stignore", ".owncloudsync.log")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    state : str
        PASS, WARN or FAIL.
    subject : str
    said : str
        What was found.
    fix : str
        What to do; empty where all is well.
    """

    state: str
    subject: str
    said: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.state}  {self.subject}: {self.said}" + (f" -> {self.fix}" * bool(self.fix))


def examine(case: Case | None = None) -> list[Finding]:
    """Return everything that was looked at, in a fixed order."""
    place = case.folder if case else home()
    found = [
        python_version(sys.version_info[:2]),
        packages(),
        kernel(),
        *other_kernels(),
        utf8(),
        free_port(),
        writable(place),
        path_of(place),
    ]
    if case:
        found += [git_tree(case.folder), synced_folder(case.folder)]
        if case.synthetic:
            found = [_harmless(f) for f in found]
    return found


def _harmless(finding: Finding) -> Finding:
    """Return a finding about where the case is, for a case without real people."""
    if finding.state == "FAIL" and finding.subject in {GIT, SYNC}:
        return Finding("PASS", finding.subject, f"{finding.said}; all of it is synthetic")
    return finding


GIT, SYNC = "git", "synced folder"


def python_version(version: tuple[int, ...]) -> Finding:
    """Tell whether this Python is one that Casebook is made for."""
    said = ".".join(map(str, version))
    low, high = (".".join(map(str, v)) for v in PYTHONS)
    if PYTHONS[0] <= tuple(version) <= PYTHONS[1]:
        return Finding("PASS", "Python", said)
    return Finding("FAIL", "Python", said, f"use Python {low} to {high}")


def packages(lock: Path = CLONE / "requirements.lock") -> Finding:
    """Compare what is installed with the lock, or, where there is none, with what is required."""
    if lock.is_file():
        locked = locked_versions(lock.read_text(encoding="utf-8"))
        needed = needed_packages()
        # The lock also names what builds Casebook, which an installed one can do without.
        wanted = {n: v for n, v in locked.items() if canonical_name(n) in needed}
        wrong = [
            f"{name} {installed(name) or 'missing'} (lock: {version})"
            for name, version in wanted.items()
            if installed(name) != version
        ]
        fix = f"pip install --require-hashes -r {lock.name}"
        said = f"all {len(wanted)} are those of the lock"
    else:
        names = needed_packages()
        wrong = [f"{name} missing" for name in sorted(names) if installed(name) is None]
        fix = f"pip install {DISTRIBUTION}"
        said = f"all {len(names)} are installed; there is no lock to compare versions with"
    if not wrong:
        return Finding("PASS", "packages", said)
    missing = any("missing" in w for w in wrong)
    more = f" and {len(wrong) - 4} more" if len(wrong) > 4 else ""
    # Other versions work as a rule, but their bytes are not promised to be the same.
    return Finding("FAIL" if missing else "WARN", "packages", ", ".join(wrong[:4]) + more, fix)


def locked_versions(text: str) -> dict[str, str]:
    """Return the packages of a lock that this system needs -> version."""
    from packaging.requirements import Requirement

    wanted = {}
    for line in text.replace("\\\n", " ").splitlines():
        stated = line.split("--hash", 1)[0].split(" #", 1)[0].strip()
        if not stated or stated.startswith(("#", "-")):
            continue
        requirement = Requirement(stated)
        exact = [s.version for s in requirement.specifier if s.operator == "=="]
        if exact and (requirement.marker is None or requirement.marker.evaluate()):
            wanted[requirement.name] = exact[0]
    return wanted


def needed_packages(start: str = DISTRIBUTION) -> set[str]:
    """Return what Casebook needs to run on this system, and what that needs in turn."""
    from packaging.requirements import Requirement

    seen: set[tuple[str, frozenset[str]]] = set()
    waiting: list[tuple[str, frozenset[str]]] = [(start, frozenset())]
    while waiting:
        name, extras = waiting.pop()
        try:
            required = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        for one in map(Requirement, required):
            asked = ("", *extras)
            if one.marker and not any(one.marker.evaluate({"extra": e}) for e in asked):
                continue
            key = (canonical_name(one.name), frozenset(one.extras))
            if key not in seen:
                seen.add(key)
                waiting.append(key)
    return {name for name, _ in seen}


def canonical_name(name: str) -> str:
    """Return the one spelling of a package's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed(name: str) -> str | None:
    """Return the version of a package here, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def kernel() -> Finding:
    """Start a kernel as a run does, and ask it a sum."""
    from casebook.execution import Attempt, Kernels, execute

    cells = [{"id": "sum", "source": "print(6 * 7)"}, {"id": "end", "source": _END}]
    plain: dict[str, Any] = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
        "cells": [{**plain, **cell} for cell in cells],
    }
    attempt = Attempt("doctor", {}, timeout=60)
    try:
        with Kernels() as kernels:
            execute(notebook, attempt, kernels)
    except Exception as error:
        attempt.stopped = str(error)
    if attempt.stopped:
        fix = "install Casebook again in this environment, and start it from there"
        return Finding("FAIL", "kernel", attempt.stopped.replace("\n", " "), fix)
    return Finding("PASS", "kernel", "it starts, and is this Python")


_END = "from casebook.exhibits import Sentinel\nSentinel('doctor', {})"


def other_kernels() -> Iterator[Finding]:
    """Warn of a kernel of the user's that stands in front of ours outside `casebook`."""
    from jupyter_core.paths import jupyter_data_dir

    spec = Path(jupyter_data_dir()) / "kernels" / "python3" / "kernel.json"
    try:
        program = json.loads(spec.read_text(encoding="utf-8"))["argv"][0]
    except (OSError, ValueError, LookupError, TypeError):
        return
    if Path(str(program)) != Path(sys.executable):
        yield Finding(
            "WARN",
            "other kernel",
            f"plain papermill and jupyter would start {program}; casebook does not",
            "set JUPYTER_PREFER_ENV_PATH=1 for them",
        )


def utf8() -> Finding:
    """Tell whether text files and file names are UTF-8 by default."""
    found = {sys.getfilesystemencoding(), locale.getpreferredencoding(do_setlocale=False)}
    names = {codecs.lookup(name).name for name in found}
    if names <= {"utf-8"}:
        return Finding("PASS", "UTF-8", "text and file names")
    said = ", ".join(sorted(names - {"utf-8"}))
    return Finding("WARN", "UTF-8", f"this system uses {said}", "set PYTHONUTF8=1")


def free_port() -> Finding:
    """Tell whether JupyterLab can listen on this computer."""
    from casebook.lab import ADDRESS, free_port

    try:
        free_port()
    except OSError as error:
        fix = f"allow programs to listen on {ADDRESS}"
        return Finding("FAIL", "port", f"none on {ADDRESS}: {error.strerror}", fix)
    return Finding("PASS", "port", f"one is free on {ADDRESS}")


def writable(folder: Path) -> Finding:
    """Write, flush and delete a file where the case is, or where cases will be."""
    there = next(p for p in (folder, *folder.parents) if p.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".casebook-é ") as file:
            file.write(b"x")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        fix = "take the write protection off, or move the case"
        return Finding("FAIL", "write access", f"{there}: {error.strerror}", fix)
    return Finding("PASS", "write access", str(there))


def path_of(folder: Path) -> Finding:
    """Tell whether the path is one that every program on the way can take."""
    text = str(folder)
    try:
        text.encode("utf-8")
        os.fsencode(text)
    except UnicodeEncodeError:
        fix = "rename the folder in UTF-8"
        return Finding("FAIL", "path", f"{text!a} is not text in this system's encoding", fix)
    if os.name == "nt" and len(text) > LONG_PATH:
        fix = "move the case nearer to the root of the drive"
        return Finding("WARN", "path", f"{len(text)} characters are many for Windows", fix)
    special = [
        w for w, there in (("spaces", " " in text), ("accents", not text.isascii())) if there
    ]
    return Finding(
        "PASS", "path", f"{' and '.join(special)}, which is fine" if special else "plain"
    )


def git_tree(folder: Path) -> Finding:
    """Fail where a push could publish the case."""
    for place in (folder, *folder.parents):
        config = git_config(place / ".git")
        if config is None:
            continue
        if re.search(r"^\s*\[remote\s", config, re.MULTILINE):
            fix = f"move the case out, for example to {home()}"
            return Finding("FAIL", GIT, f"the case is in {place}, which has a remote", fix)
        return Finding("PASS", GIT, f"the case is in {place}, which has no remote")
    return Finding("PASS", GIT, "the case is in no repository")


def git_config(mark: Path) -> str | None:
    """Return the configuration of a repository, or None where there is none.

    A work tree or a submodule has a file that says where the repository is.
    """
    folder = mark
    if mark.is_file():
        said = mark.read_text(encoding="utf-8", errors="replace").strip()
        folder = mark.parent / said.removeprefix("gitdir:").strip()
        shared = folder / "commondir"
        if shared.is_file():
            folder = folder / shared.read_text(encoding="utf-8").strip()
    if not folder.is_dir():
        return None
    config = folder / "config"
    return config.read_text(encoding="utf-8", errors="replace") if config.is_file() else ""


def synced_folder(folder: Path) -> Finding:
    """Fail where a program copies the case to somebody else's computer."""
    for place in (folder, *folder.parents):
        by_name = SYNCED.fullmatch(place.name)
        by_mark = any((place / mark).exists() for mark in SYNC_MARKS)
        if by_name or by_mark or place in _announced():
            fix = f"move the case out, for example to {home()}"
            return Finding("FAIL", SYNC, f"{place} is sent to another computer", fix)
    if sys.platform == "darwin" and {"Desktop", "Documents"} & set(
        folder.relative_to(Path.home()).parts[:1] if folder.is_relative_to(Path.home()) else ()
    ):
        fix = "make sure that iCloud does not keep Desktop and Documents, or move the case"
        return Finding("WARN", SYNC, "iCloud may keep this folder", fix)
    return Finding("PASS", SYNC, "none that is known")


def _announced() -> set[Path]:
    """Return folders that sync programs themselves say they keep."""
    found = {Path(v) for k, v in os.environ.items() if k.upper().startswith("ONEDRIVE") and v}
    bases = (Path.home() / ".dropbox", *(Path(v) / "Dropbox" for v in _app_data()))
    for base in bases:
        try:
            described = json.loads((base / "info.json").read_text(encoding="utf-8"))
            found |= {Path(one["path"]) for one in described.values()}
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            continue
    return found


def _app_data() -> list[str]:
    return [os.environ[name] for name in ("APPDATA", "LOCALAPPDATA") if os.environ.get(name)]
