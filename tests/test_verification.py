"""The third level: everything made again from the evidence, and compared with the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from casebook import chain
from casebook.case import Case
from casebook.cli import main
from casebook.errors import StepError
from casebook.scaffold import new_case
from casebook.verification import made_again
from tests.test_chain import code, plain_report, write_notebook

RECORD = {
    "run_id": "0123456789abcdef", "status": "complete", "light": False,
    "steps": [
        {"step": "01-collection", "parameters": {"case": "sample", "gap_days": 7},
         "tables": {"accounts": "aa"}}
    ],
}  # fmt: skip


@pytest.fixture
def case(tmp_path, monkeypatch):
    made = new_case(tmp_path / "sample")
    monkeypatch.setattr(chain, "software", lambda: {"casebook": "0.1.0"})
    monkeypatch.setattr("casebook.chain.find_steps", lambda _case: [])
    folder = made.report_folder
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("page", encoding="utf-8")
    write(folder, made)
    return made


def write(folder, case, **more):
    held = {**RECORD, "inputs": chain.case_inputs(case), "versions": {"casebook": "0.1.0"}, **more}
    (folder / "run.json").write_text(json.dumps(held), encoding="utf-8")


@pytest.fixture
def ran(monkeypatch):
    """A run in place of the notebooks, which take minutes: it says what it was asked."""
    asked = {"page": "page", "tables": {"accounts": "aa"}}

    def run(folder, *, parameters, light, progress, reports):
        copied = Case(folder)
        asked.update(
            parameters=parameters, folder=Path(folder), derived=(folder / "tables").exists()
        )
        if "fails" in asked:
            raise StepError("03 did not finish")
        reports.mkdir()
        (reports / "report.html").write_text(asked["page"], encoding="utf-8")
        write(reports, copied, steps=[{**RECORD["steps"][0], "tables": asked["tables"]}])

    monkeypatch.setattr(chain, "run", run)
    return asked


def test_a_report_that_comes_out_again_reaches_level_three(case, ran, capsys):
    (case.folder / "tables").mkdir(exist_ok=True)
    assert main(["verify", str(case.folder), "--full", "--by", "Sample\u202e Verifier"]) == 0
    said = capsys.readouterr().out
    assert "PASS  made again from the evidence: 1 tables and report.html are the same" in said
    assert "Level 3 of 3 is reached, by Sample⟨U+202E⟩ Verifier" in said
    assert ran["parameters"] == {"01-collection": {"gap_days": 7}}
    assert ran["folder"].name == "sample"
    assert ran["folder"] != case.folder
    assert not ran["derived"]


def test_without_the_whole_run_level_three_is_not_claimed(case, ran, capsys):
    assert main(["verify", str(case.folder)]) == 0
    assert "Level 3 of 3 is not reached" in capsys.readouterr().out
    assert "parameters" not in ran


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ({"page": "other"}, "report.html is not the page that the evidence gives"),
        ({"tables": {"accounts": "bb"}}, "table accounts of step 01-collection is not what"),
        ({"fails": True}, "03 did not finish"),
    ],
)
def test_it_names_what_does_not_come_out_again(case, ran, harm, said, capsys):
    ran.update(harm)
    assert main(["verify", str(case.folder), "--full"]) == 5
    told = capsys.readouterr().out
    assert f"FAIL  {said}" in told
    assert "is reached" not in told


def test_what_differs_before_it_begins_is_said_at_once(case, ran, monkeypatch):
    monkeypatch.setattr(chain, "software", lambda: {"casebook": "0.2.0"})
    _, differs = made_again(case, case.report_folder)
    assert differs == "casebook was 0.1.0 in the run that is verified, and is 0.2.0 here"
    assert "parameters" not in ran


def test_a_real_run_is_made_again_and_a_changed_page_is_found(tmp_path, monkeypatch):
    """Two kernels of two tiny notebooks: the way from the evidence to the page, walked twice."""
    folder = tmp_path / "notebooks"
    made = "from casebook import schema\ncase.write('accounts', schema.empty('accounts')); gap_days"
    for step, source in (("01-collection", made), ("02-persona-review", "gap_days")):
        end = code("done", f"case.finish({step!r})")
        write_notebook(folder, step, "gap_days = 7", code("make", source), end)
    paths = sorted(folder.glob("*.ipynb"))
    monkeypatch.setattr(chain, "original_notebooks", lambda: paths)
    monkeypatch.setattr(chain, "build_report", plain_report)
    case = new_case(tmp_path / "sample")
    done = chain.run(case, parameters={"gap_days": 9}, progress=None)
    said, differs = made_again(case, done.folder)
    assert differs is None
    assert said.startswith("made again from the evidence: 1 tables and report.html are the same")
    assert case.table_path("accounts").is_file()
    page = done.folder / "report.html"
    page.write_text(page.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert made_again(case, done.folder)[1] == "report.html is not the page that the evidence gives"
