"""The whole way on the example case: from files to a report that verifies."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from casebook import cli
from casebook.attribution import CLAIM_TABLES, check_claims, named_values, register
from casebook.case import Case
from casebook.collection import build_tables

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "data" / "spamouflage-2024"
STEPS = (
    "01-collection", "02-persona-review", "03-network-map", "03b-narratives-and-reach",
    "04-attribution", "05-case-report",
)  # fmt: skip
HERE = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"}
THERE = {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "2"}


def copy_of_the_example(folder):
    def derived(where, names):
        return {"tables", "reports", ".parts"} & set(names) if Path(where) == EXAMPLE else set()

    shutil.copytree(EXAMPLE, folder / EXAMPLE.name, ignore=derived)
    return folder / EXAMPLE.name


def start(case, surroundings, *options):
    return subprocess.Popen(
        [sys.executable, "-m", "casebook.cli", "run", str(case), *options],
        env={**os.environ, **surroundings},
        cwd=case.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def outcome(case):
    """Return the hash of everything that must not depend on where and when it was made."""
    tables = {p.name: digest(p) for p in sorted((case / "tables").glob("*.parquet"))}
    pages = {n: digest(case / "reports" / n) for n in ("report.html", "report.pdf")}
    return {**tables, **pages}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The example case, run cold in two places under different surroundings.

    The other run is killed in each step and started again; what it left then comes third: for each
    step whether there is a record of the run, and a page that does not say INCOMPLETE.
    """
    one = copy_of_the_example(tmp_path_factory.mktemp("one"))
    other = copy_of_the_example(tmp_path_factory.mktemp("an other é"))
    first = start(one, HERE)
    left = {} if os.name == "nt" else {step: killed_in(other, step) for step in STEPS}
    last = start(other, THERE)
    said = [run.communicate(timeout=900)[0] for run in (first, last)]
    assert [run.returncode for run in (first, last)] == [0, 0], "\n".join(said)
    return one, other, left, said


def killed_in(case, step):
    run = start(case, THERE)
    for line in run.stdout:
        if line.startswith(f"{step}: ") and "unchanged" not in line:
            break
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    run.stdout.close()
    page = case / "reports" / "report.html"
    return (
        (case / "reports" / "run.json").exists(),
        page.exists() and "INCOMPLETE" not in page.read_text(encoding="utf-8"),
    )


@pytest.fixture(scope="module")
def finished(runs):
    one, other, _, said = runs
    return one, other, said


@pytest.mark.slow
def test_the_example_gives_the_same_bytes_elsewhere_and_after_a_kill_in_each_step(finished):
    one, other, _ = finished
    assert outcome(one) == outcome(other)
    assert len(outcome(one)) > 12


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_killed_in_each_step_it_never_looks_finished(runs):
    assert runs[2] == dict.fromkeys(STEPS, (False, False))


@pytest.mark.slow
def test_the_example_breaks_no_rule_and_says_that_it_is_synthetic(finished):
    one, _, said = finished
    page = (one / "reports" / "report.html").read_text(encoding="utf-8")
    assert "DRAFT:" not in said[0]
    assert "Synthetic data" in page
    assert str(one.parent) not in page
    assert "C5" in page
    record = json.loads((one / "reports" / "run.json").read_text(encoding="utf-8"))
    assert record["status"] == "complete"
    assert record["missing"] == []
    assert [s["step"] for s in record["steps"]] == list(STEPS)
    assert str(one.parent) not in json.dumps(record)


@pytest.mark.slow
def test_every_exhibit_of_the_example_holds_something(finished):
    one, _, _ = finished
    kinds = exhibits(one / "reports" / "notebooks")
    assert len([k for k, _ in kinds if k == "figure"]) >= 12
    assert len([k for k, _ in kinds if k == "table"]) >= 20
    for kind, payload in kinds:
        if kind in {"figure", "table"}:
            assert payload["rows"], payload["id"]


def readme_table_of_rules():
    """Return the README's table of published rules: one dict a row, by the names of its columns."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith("| rule | under review"))
    whole = [[c.strip() for c in line.strip("|").split("|")] for line in lines[begin : begin + 10]]
    head, _, *rows = whole
    return {row[0]: dict(zip(head[1:], map(int, row[1:]), strict=True)) for row in rows}


@pytest.mark.slow
def test_what_the_readme_says_of_rules_and_shuffles_is_what_the_example_gives(finished):
    shown = {p.get("id"): p for _, p in exhibits(finished[0] / "reports" / "notebooks")}
    found = shown["rules"]
    told = readme_table_of_rules()
    assert len(found["rows"]) == len(told) == 8
    for rule, *counts in found["rows"]:
        [said] = [row for name, row in told.items() if name.startswith(rule)]
        assert said == dict(zip(found["columns"][1:], counts, strict=True)), rule
    panel = [
        dict(zip(shown["calibration"]["columns"], r, strict=True))
        for r in shown["calibration"]["rows"]
    ]
    assert all(row["accounts_max"] == 0 for row in panel[:-1])
    assert round(panel[-1]["accounts_mean"], -1) == 180
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert (
        "finds 0 pairs where accounts are\nshuffled; a rule of two co-actions in sixty seconds finds about 180"
        in readme
    )


@pytest.mark.slow
def test_a_second_run_skips_every_step(finished):
    one, _, _ = finished
    before = outcome(one)
    again = start(one, THERE)
    said, _ = again.communicate(timeout=300)
    assert again.returncode == 0, said
    assert all(f"{step}: unchanged" in said for step in STEPS), said
    assert outcome(one) == before


@pytest.mark.slow
def test_tables_from_files_read_before_are_those_read_anew(finished):
    one, _, _ = finished
    before = {p.name: digest(p) for p in (one / "tables").glob("*.parquet")}
    build_tables(Case(one))
    assert {p.name: digest(p) for p in (one / "tables").glob("*.parquet")} == before


@pytest.mark.slow
def test_report_and_case_verify_until_something_is_changed(finished, tmp_path, capsys):
    one, _, _ = finished
    case = tmp_path / one.name
    shutil.copytree(one, case)
    checker = [sys.executable, "-I", str(case / "reports" / "verify.py")]
    sound = subprocess.run(checker, capture_output=True, text=True, check=False)
    assert sound.returncode == 0, sound.stdout + sound.stderr
    assert cli.main(["verify", str(case)]) == cli.DONE

    page = case / "reports" / "report.html"
    page.write_bytes(page.read_bytes().replace(b"moderate", b"Moderate", 1))
    altered = subprocess.run(checker, capture_output=True, text=True, check=False)
    assert altered.returncode != 0
    assert "report.html" in altered.stdout + altered.stderr

    capsys.readouterr()
    posts = next((case / "evidence" / "E0001").glob("*.ndjson"))
    content = bytearray(posts.read_bytes())
    content[len(content) // 2] ^= 1
    posts.write_bytes(bytes(content))
    assert cli.main(["verify", str(case)]) == cli.DIFFERS
    said = capsys.readouterr().out
    assert "FAIL" in said
    assert posts.name in said


def exhibits(folder):
    found = []
    for path in sorted(folder.glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                if (payload := data.get("application/vnd.casebook.exhibit+json")) is not None:
                    found.append((payload["type"], payload))
    return found


@pytest.mark.slow
def test_one_altered_row_changes_each_claim_of_the_example_that_cites_it(finished):
    case = Case(finished[0])
    tables = {name: case.read(name) for name in CLAIM_TABLES}
    facts = case.published("facts")
    graded = register(case.evidence_items(), case.published("sources"), case.settings.grades)
    claims = case.claims()

    def cited(tables, facts):
        checked = check_claims(
            claims, graded, named_values(tables), tables=tables, facts=facts,
            settings=case.settings,
        )  # fmt: skip
        return dict(zip(checked.table["claim"], checked.table["cited"], strict=True))

    before, values = cited(tables, facts), named_values(tables)
    tried = set()
    for claim in claims:
        for reference in claim["evidence"]:
            kind, _, name = reference.partition(":")
            if kind == "fact":
                other = facts["statement"].mask(facts["fact_id"] == name, "another statement")
                after = cited(tables, facts.assign(statement=other))
            elif kind == "selection":
                row = values[name].rows[len(values[name].rows) // 2]
                after = cited(with_one_letter_more(tables, row), facts)
            else:
                continue
            assert after[claim["id"]] != before[claim["id"]], (claim["id"], reference)
            tried.add(claim["id"])
    assert tried == {c["id"] for c in claims}


def with_one_letter_more(tables, reference):
    """Return the tables with one row of the evidence told a little otherwise."""
    item, line = reference.split(":")
    changed = {}
    for name in ("accounts", "snapshots", "posts"):
        frame = tables[name]
        here = (frame["evidence_id"] == item) & (frame["source_line"].astype("string") == line)
        column = "text" if name == "posts" else "handle"
        changed[name] = frame.assign(**{column: frame[column].mask(here, "altered")})
    return {**tables, **changed}
