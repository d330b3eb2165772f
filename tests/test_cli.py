"""The command line: what it prints, and with which code it ends."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from casebook import chain, cli
from casebook.case import Case
from casebook.errors import StepError


@pytest.fixture(autouse=True)
def at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("CASEBOOK_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def case(capsys):
    assert cli.main(["new", "my-case"]) == 0
    capsys.readouterr()
    return Case("my-case")


@pytest.fixture
def letter(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("Dear editor")
    return path


def collect(letter, *more):
    return cli.main(["collect", "my-case", str(letter), "--reader", "document", *more])


def test_help_is_there_at_once_and_says_what_the_codes_mean():
    began = time.perf_counter()
    said = subprocess.run(
        [sys.executable, "-m", "casebook.cli", "--help"], capture_output=True, text=True, check=True
    )
    took = time.perf_counter() - began
    for command in ("new", "collect", "run", "check", "verify", "lab", "doctor", "repair"):
        assert f"    {command} " in said.stdout
    assert "3  done, and the report is a DRAFT" in said.stdout
    assert took < 1.5, "0.3 s alone; the rest is for a busy computer"
    heavy = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "casebook.cli", "--help"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in ("pandas", "papermill", "pyarrow", "altair", "networkx", "nbformat", "yaml"):
        assert f" {name}\n" not in heavy.stderr


def test_new_says_where_the_case_is_and_what_comes_next(capsys, tmp_path):
    assert cli.main(["new", "other"]) == 0
    out = capsys.readouterr().out
    assert out == f"{tmp_path / 'home' / 'other'}\nNext: casebook collect other FILE...\n"
    assert cli.main(["new", str(tmp_path / "a b" / "third")]) == 0
    assert f"collect '{tmp_path / 'a b' / 'third'}' FILE" in capsys.readouterr().out


def test_an_error_is_a_message_and_no_traceback(capsys, case):
    assert cli.main(["run", "my-cas"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(
        "casebook: there is no case called 'my-cas'\n  -> did you mean 'my-case'?"
    )
    assert "Traceback" not in said


def test_usage_and_parameters_end_with_2(capsys, case):
    with pytest.raises(SystemExit) as error:
        cli.main(["run"])
    assert error.value.code == 2
    assert cli.main(["run", "my-case", "-p", "cas", "x"]) == 2
    assert cli.main(["run", "my-case", "--from", "09"]) == 2
    assert cli.main(["collect", "my-case", "x.csv", "--map", "handle"]) == 2
    assert "TARGET=COLUMN" in capsys.readouterr().err


def test_a_run_ends_with_the_code_of_its_result(capsys, case, monkeypatch, tmp_path):
    asked = {}

    def run(name, **options):
        asked.update(options, name=name)
        return chain.Run("my-case", "id", tmp_path, False, {}, {}, [], broken)

    monkeypatch.setattr(chain, "run", run)
    broken = []
    given = ["run", "my-case", "-p", "account", "007", "-p", "q", "1e5", "--light", "--from", "3"]
    assert cli.main(given) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'report.html'}\n"
    assert asked["parameters"] == {"account": "007", "q": "1e5"}
    assert (asked["light"], asked["from_step"], asked["typed"]) == (True, "3", False)
    broken = [{"rule": "R1, claim C1", "message": "no \u202eevidence"}]
    assert cli.main(["run", "my-case"]) == 3
    assert "R1, claim C1: no ⟨U+202E⟩evidence" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (StepError("02 did not finish"), 4),
        (KeyboardInterrupt(), 130),
        (chain.Stopped(15), 143),
        (PermissionError(13, "Permission denied", "x"), 1),
    ],
)
def test_a_run_that_does_not_end_has_a_code_of_its_own(capsys, case, monkeypatch, raised, code):
    def run(name, **options):
        raise raised

    monkeypatch.setattr(chain, "run", run)
    assert cli.main(["run", "my-case"]) == code
    assert capsys.readouterr().err.startswith("casebook: ")


def test_evidence_is_collected_listed_and_verified(capsys, case, letter):
    assert collect(letter, "--title", "A letter", "--capture", "saved page", "--actor", "aa") == 0
    assert capsys.readouterr().out.startswith("E0001  letter.txt")
    assert cli.main(["list", "my-case"]) == 0
    assert "E0001  A letter" in capsys.readouterr().out
    assert cli.main(["list"]) == 0
    assert f"my-case  {case.folder}" in capsys.readouterr().out
    assert cli.main(["verify", "my-case"]) == 0
    assert "PASS  evidence: 1 files" in capsys.readouterr().out
    details = case.evidence.item("E0001").details
    assert (details["actor"], details["capture"]) == ("aa", "saved page")
    next((case.folder / "evidence").rglob("letter.txt")).write_text("Dear Editor")
    assert cli.main(["verify", "my-case"]) == 5
    assert "FAIL  evidence/E0001/letter.txt is not the file" in capsys.readouterr().out


def test_an_item_is_redacted_withdrawn_and_disposed_of_on_record(case, letter, tmp_path, capsys):
    assert collect(letter) == 0
    black = tmp_path / "black.txt"
    black.write_text("Dear [...]")
    reason = ["--reason", "a source", "--actor", "aa"]
    assert cli.main(["redact", "my-case", "E0001", f"letter.txt={black}", *reason]) == 0
    assert case.evidence.item("E0001").status == "redacted"
    assert cli.main(["redact", "my-case", "E0001", str(black), *reason]) == 1
    assert "E0001 has no file 'black.txt'" in capsys.readouterr().err
    assert cli.main(["withdraw", "my-case", "E0001", *reason]) == 0
    assert cli.main(["dispose", "my-case", "E0001", *reason]) == 0
    assert not (case.folder / "evidence" / "E0001").exists()
    assert [e["actor"] for e in case.evidence.log.events()[1:]] == ["aa", "aa", "aa"]
    with pytest.raises(SystemExit):
        cli.main(["withdraw", "my-case", "E0001"])


def test_repair_finishes_what_was_interrupted(case, letter, capsys):
    assert collect(letter) == 0
    case.judge("x:1", "verdict", "undetermined", reason="few posts", reviewer="aa")
    for log in (case.folder / "evidence.jsonl", case.folder / "judgements" / "aa.jsonl"):
        with log.open("ab") as file:
            file.write(b'{"half')
    assert cli.main(["verify", "my-case"]) == 5
    capsys.readouterr()
    assert cli.main(["repair", "my-case"]) == 0
    out = capsys.readouterr().out
    assert "evidence.jsonl: an unfinished line" in out
    assert "aa.jsonl: an unfinished line" in out
    assert cli.main(["repair", "my-case"]) == 0
    assert "Nothing needed repair." in capsys.readouterr().out


def test_a_new_case_is_a_draft_that_says_what_is_missing(case, capsys):
    assert cli.main(["check", "my-case"]) == 3
    out = capsys.readouterr().out
    assert "There is no claim" in out
    assert "R6: case.yaml" in out


def test_a_column_mapping_is_read_from_the_command_line():
    given = ["handle=User name", "platform==x", "utc_offset_hours=-5.5", "day_first=yes"]
    assert cli.mapping_from(given) == {
        "handle": "User name",
        "platform": "=x",
        "utc_offset_hours": -5.5,
        "day_first": True,
    }
