"""The project's own files agree with each other."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import casebook
from casebook import schema

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def tracked() -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


def test_environment_yml_has_the_dependencies_of_pyproject() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = {d for d in environment["dependencies"] if isinstance(d, str)}
    wanted = set(PYPROJECT["project"]["dependencies"])
    by_conda = {d for d in conda if not re.match(r"(python|pip)\b(?!-)[= ]?", d)}
    (by_pip,) = (d["pip"] for d in environment["dependencies"] if isinstance(d, dict))
    assert by_pip[-1] == "-e ."
    assert by_conda | set(by_pip[:-1]) == wanted
    python = next(d for d in conda if d.startswith("python="))
    assert re.fullmatch(r"python=3\.1[123]", python)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_the_lock_has_hashes_for_every_package_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "@ " not in text
    entries = re.findall(
        r"^[\w.\-\[\]]+==[^\\]+((?:\\\n\s+--hash=sha256:[0-9a-f]{64} ?)*)", text, re.MULTILINE
    )
    assert len(entries) > 50
    assert all(entries)


def test_the_lock_has_every_dependency() -> None:
    locked = set(
        re.findall(
            r"^([\w.\-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    for dependency in PYPROJECT["project"]["dependencies"]:
        assert re.match(r"[\w.\-]+", dependency)[0] in locked  # type: ignore[index]


def test_the_version_is_the_same_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == casebook.__version__
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {casebook.__version__}" in changelog


def test_the_data_dictionary_of_the_readme_is_the_schema() -> None:
    readme = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert readme.endswith(schema.data_dictionary())


def test_import_casebook_is_light() -> None:
    code = (
        "import sys, casebook; "
        "print(*sorted({'pandas','altair','networkx','pyarrow','numpy','yaml'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""


def test_every_public_name_is_there_and_documented() -> None:
    for name in casebook.__all__:
        assert getattr(casebook, name).__doc__, name
    with pytest.raises(AttributeError, match="nonsense"):
        _ = casebook.nonsense


def test_notebooks_are_stripped_and_have_no_def() -> None:
    import nbformat

    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        ids = [cell.id for cell in notebook.cells]
        assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{2,}", i) for i in ids), (path.name, ids)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                assert cell.outputs == []
                assert cell.execution_count is None
                nodes = ast.walk(ast.parse(cell.source))
                assert not any(isinstance(n, (ast.FunctionDef, ast.ClassDef)) for n in nodes)
        tags = [c.metadata.get("tags", []) for c in notebook.cells]
        assert sum("parameters" in t for t in tags) == 1, path.name


def test_steps_do_not_import_each_other() -> None:
    rooms = ("readers", "personas", "network", "narratives", "attribution")
    allowed = {
        "schema", "objects", "errors", "text", "exhibits", "rates", "fingerprints", "reactions",
        "language", "numbers", "sentence_vectors",
    }  # fmt: skip
    for room in rooms:
        for path in sorted((ROOT / "casebook" / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = []
                if isinstance(node, ast.ImportFrom) and node.module:
                    names = [node.module]
                    if node.module == "casebook":
                        names = [f"casebook.{a.name}" for a in node.names]
                elif isinstance(node, ast.Import):
                    names = [a.name for a in node.names]
                for name in names:
                    parts = name.split(".")
                    if parts[0] == "casebook" and len(parts) > 1:
                        assert parts[1] in {*allowed, room, "__version__"}, f"{path}: {name}"


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    forbidden = re.compile(
        "/(?:work|root|farm)/" + r"[\w.-]+|/home/\w|(?:pypi|pythonhosted|npmjs)\.(?:org|com)"
    )
    for path in tracked():
        if path.suffix in {".png", ".ndjson", ".jsonl"} or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not forbidden.search(text), f"{path.relative_to(ROOT)}: {forbidden.search(text)}"


def test_test_files_have_names_of_their_own() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(names) == len(set(names))
