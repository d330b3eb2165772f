"""verify.py needs nothing but Python, agrees with Casebook, and names what differs first."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from casebook.evidence import EvidenceLog, file_hash
from casebook.log import canonical, line_hash
from casebook.report import HERE, verify
from tests.report.parts import seal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from casebook.case import Case


def checked(folder: Path, *arguments: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", *map(str, arguments)],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_it_imports_nothing_but_the_standard_library() -> None:
    tree = ast.parse((HERE / "verify.py").read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [a.name for a in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= set(sys.stdlib_module_names)


def test_a_whole_report_passes_and_says_what_a_hash_means(report_folder: Path, case: Case) -> None:
    done = checked(report_folder, "--case", case.folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "report: 15 files are whole, run 0123456789abcdef" in done.stdout
    assert "evidence: 1 log lines follow from each other" in done.stdout
    assert "not that it is true" in done.stdout


def change(name: str) -> Callable[[Path], None]:
    def changed(folder: Path) -> None:
        path = folder / name
        path.write_bytes(path.read_bytes() + b" ")

    return changed


def rewritten(**values: Any) -> Callable[[Path], None]:
    def changed(folder: Path) -> None:
        path = folder / "run.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
        seal(folder)

    return changed


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (change("report.html"), "report.html is not the file that was written"),
        (change("notebooks/01-collection.ipynb"), "notebooks/01-collection.ipynb is not the file"),
        (lambda f: (f / "notebooks" / "01-collection.ipynb").unlink(), "01-collection.ipynb is missing"),
        (lambda f: (f / "run.json").unlink(), "run.json is missing: this report is incomplete"),
        (lambda f: (f / "manifest.json").unlink(), "manifest.json: No such file"),
        (lambda f: (f / "added.txt").write_text("x"), "added.txt does not belong to this report"),
        (lambda f: (f / "manifest.json").write_text("{"), "a record is not as Casebook writes it"),
        (lambda f: (f / "manifest.json").write_text('{"files": {"../x": ""}}'), "lies outside"),
        (rewritten(status="incomplete"), "does not say that the run was complete"),
        (rewritten(run_id="fedcba9876543210"), "report.html was not made by the run"),
        (
            rewritten(steps=[{"step": "01-collection", "executed_sha256": "x"}]),
            "notebooks/01-collection.ipynb is not the one that the run executed",
        ),
    ],
)  # fmt: skip
def test_it_names_what_differs_in_a_report(
    report_folder: Path, harm: Callable[[Path], None], said: str
) -> None:
    harm(report_folder)
    done = checked(report_folder)
    assert done.returncode == 1
    assert done.stderr.startswith("DIFFERS: ")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_hidden_file_of_the_system_is_no_difference(report_folder: Path) -> None:
    (report_folder / ".DS_Store").write_text("x")
    (report_folder / "notebooks" / ".ipynb_checkpoints").mkdir()
    (report_folder / "notebooks" / ".ipynb_checkpoints" / "01.ipynb").write_text("x")
    assert checked(report_folder).returncode == 0


def edit_log(case: Case, old: str, new: str) -> None:
    path = case.folder / "evidence.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (
            lambda c: (c.folder / "evidence" / "E0001" / "letter.txt").write_text("changed"),
            "evidence/E0001/letter.txt is not the file that was collected",
        ),
        (
            lambda c: (c.folder / "evidence" / "E0001" / "letter.txt").unlink(),
            "evidence/E0001/letter.txt is missing",
        ),
        (lambda c: edit_log(c, "A letter", "A lexxer"), "evidence.jsonl, line 1: it was changed"),
        (lambda c: edit_log(c, '"seq"', ' "seq"'), "line 1: it is not as it was written"),
        (lambda c: edit_log(c, "\n", ""), "line 1: it was never finished"),
        (
            lambda c: (c.folder / "evidence.jsonl").write_text(""),
            "evidence.jsonl does not hold the line that was its last in this run",
        ),
        (
            lambda c: (c.folder / "case.yaml").write_text("title: x"),
            "case.yaml is not the one this report was made from",
        ),
    ],
)
def test_it_names_what_differs_in_a_case(
    report_folder: Path, case: Case, harm: Callable[[Case], None], said: str
) -> None:
    harm(case)
    done = checked(report_folder, "--case", case.folder)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_deleted_line_breaks_the_chain(report_folder: Path, case: Case) -> None:
    case.evidence.withdraw("E0001", reason="wrong file", actor="aa")
    path = case.folder / "evidence.jsonl"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[1])
    done = checked(report_folder, "--case", case.folder)
    assert "evidence.jsonl, line 1: it does not follow from line 0" in done.stderr


def test_a_line_sealed_anew_without_the_one_before_it_breaks_the_chain(
    report_folder: Path, case: Case
) -> None:
    case.evidence.withdraw("E0001", reason="wrong file", actor="aa")
    path = case.folder / "evidence.jsonl"
    first, second = path.read_bytes().splitlines()
    forged = {**json.loads(second), "prev_hash": "0" * 64}
    forged["hash"] = line_hash(forged)
    path.write_bytes(first + b"\n" + canonical(forged) + b"\n")
    done = checked(report_folder, "--case", case.folder)
    assert "evidence.jsonl, line 2: it does not follow from line 1" in done.stderr


def test_a_log_that_has_grown_since_is_no_difference(report_folder: Path, case: Case) -> None:
    case.evidence.withdraw("E0001", reason="wrong file", actor="aa")
    done = checked(report_folder, "--case", case.folder)
    assert done.returncode == 0
    assert "evidence.jsonl has 1 more line since" in done.stdout


def test_a_disposed_item_has_no_file_to_check(report_folder: Path, case: Case) -> None:
    case.evidence.dispose("E0001", reason="the law", actor="aa")
    assert checked(report_folder, "--case", case.folder).returncode == 0


@pytest.mark.parametrize("text", ["said in confidence", "something else"])
def test_a_confidential_file_is_checked_with_its_salt(
    report_folder: Path, case: Case, tmp_path: Path, text: str
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("said in confidence", encoding="utf-8")
    case.evidence.register(
        case.evidence.stage({"secret.txt": secret}, confidential=True), {"actor": "aa"}
    )
    (case.folder / "evidence" / "E0002" / "secret.txt").write_text(text, encoding="utf-8")
    done = checked(report_folder, "--case", case.folder)
    assert (done.returncode == 0) == (text == "said in confidence")


def test_it_seals_lines_as_casebook_does(tmp_path: Path) -> None:
    log = EvidenceLog(tmp_path, clock=lambda: datetime(2024, 9, 3, 12, tzinfo=UTC))
    letter = tmp_path / "brief é.txt"
    letter.write_text("ä\u202e", encoding="utf-8")
    log.register(log.stage({letter.name: letter}, confidential=False), {"actor": "aa"})
    event = log.log.events()[0]
    assert verify.canonical(event) == canonical(event)
    assert verify.line_hash(event) == line_hash(event) == event["hash"]
    assert verify.chain(log.log.path) == log.log.events()
    assert verify.file_hash(letter) == file_hash(letter)


def test_the_hash_of_a_line_can_be_worked_out_by_hand() -> None:
    by_hand = hashlib.sha256(b'{"a":1,"prev_hash":"0"}').hexdigest()
    assert verify.line_hash({"prev_hash": "0", "hash": "x", "a": 1}) == by_hand


def test_it_works_where_it_was_copied(report_folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "a folder with é"
    shutil.copytree(report_folder, elsewhere)
    assert checked(elsewhere).returncode == 0


def test_editions_made_from_the_report_are_no_difference(report_folder: Path) -> None:
    for name in ("public/report.html", "shared/stix.json", "legal/lines.xlsx"):
        path = report_folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    (report_folder / "ten-accounts-public.zip").write_text("x")
    assert checked(report_folder).returncode == 0
    (report_folder / "public.txt").write_text("x")
    assert "public.txt does not belong" in checked(report_folder).stderr


@pytest.fixture
def edition(tmp_path: Path) -> Path:
    folder = tmp_path / "edition"
    (folder / "tables").mkdir(parents=True)
    shutil.copyfile(HERE / "verify.py", folder / "verify.py")
    (folder / "report.html").write_text("sample")
    (folder / "tables" / "claims.csv").write_text("claim")
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    sums = (f"{file_hash(p)}  {p.relative_to(folder).as_posix()}\n" for p in files)
    (folder / "SHA256SUMS").write_text("".join(sums))
    return folder


NUMBERS = {
    "language": "en",
    "values": [
        {"name": "personas", "value": 2, "in_report": True, "meaning": "",
         "recipe": {"table": "accounts", "where": {"role": "persona"}, "take": "rows", "columns": []}},
        {"name": "rate", "value": 0.25, "in_report": False, "meaning": "",
         "recipe": {"table": "rates", "where": {}, "take": "ratio", "columns": ["shown", "assessed"]}},
        {"name": "few", "value": 1, "in_report": True, "meaning": "", "recipe": None},
    ],
    "sentences": [{"claim": "C1", "text": "Here are {{ personas }} accounts, {{ rate | percent }}."}],
}  # fmt: skip


def put_sums(folder: Path) -> None:
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != "SHA256SUMS"]
    sums = (f"{file_hash(p)}  {p.relative_to(folder).as_posix()}\n" for p in files)
    (folder / "SHA256SUMS").write_text("".join(sums))


@pytest.fixture
def numbered(edition: Path) -> Path:
    """An edition with numbers: two accounts under review, and one rate of a quarter."""
    (edition / "tables" / "accounts.csv").write_text(
        "account,role\na,persona\nb,persona\nc,known\n"
    )
    (edition / "tables" / "rates.csv").write_text("signal,shown,assessed\nrename,5,20\n")
    (edition / "numbers.json").write_text(json.dumps(NUMBERS))
    (edition / "report.html").write_text("<p>Here are <b>2</b>\n accounts, 25 %.</p>")
    put_sums(edition)
    return edition


def test_numbers_are_computed_again_and_the_level_is_said(numbered: Path) -> None:
    done = checked(numbered)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 of the 2 that the report prints come out of the tables again" in done.stdout
    assert "1 of 1 others" in done.stdout
    assert "only the evidence gives few" in done.stdout
    assert "Level 2 of 3 is reached" in done.stdout


def test_a_french_edition_is_told_in_french_and_errors_stay_english(numbered: Path) -> None:
    path = numbered / "numbers.json"
    path.write_text(path.read_text().replace('"language": "en"', '"language": "fr"'))
    (numbered / "report.html").write_text("<p>Here are 2 accounts, 25 %.</p>")
    put_sums(numbered)
    done = checked(numbered)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Le niveau 2 sur 3 est atteint" in done.stdout
    assert "1 des 2 que le rapport imprime sortent des tables" in done.stdout
    (numbered / "tables" / "rates.csv").write_text("signal,shown,assessed\nrename,6,20\n")
    put_sums(numbered)
    assert "rate is 0.25 in the report, and 0.3 in the tables" in checked(numbered).stderr


@pytest.mark.parametrize("sentence", verify.FRENCH)
def test_no_french_sentence_loses_a_value(sentence: str) -> None:
    there = [sorted(re.findall(r"{\w+}", text)) for text in (sentence, verify.FRENCH[sentence])]
    assert there[0] == there[1]


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("tables/accounts.csv", "b,persona", "b,known", "personas is 2 in the report, and 1 in"),
        ("tables/rates.csv", "5,20", "6,20", "rate is 0.25 in the report, and 0.3 in"),
        ("report.html", "<b>2</b>", "<b>3</b>", "claim C1 should say “Here are 2 accounts, 25 %.”"),
        ("numbers.json", '"value": 2', '"value": 3', "personas is 3 in the report, and 2 in"),
        ("numbers.json", '"take": "ratio"', '"take": "all"', "there is no way to take 'all'"),
        ("numbers.json", '"columns": []', '"rows": []', "a record is not as Casebook writes it"),
    ],
)
def test_a_changed_table_sentence_or_number_is_named_though_the_list_was_made_anew(
    numbered: Path, name: str, old: str, new: str, said: str
) -> None:
    path = numbered / name
    path.write_text(path.read_text().replace(old, new, 1))
    put_sums(numbered)
    done = checked(numbered)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Level" not in done.stdout


def test_without_numbers_only_the_first_level_is_claimed(
    edition: Path, report_folder: Path
) -> None:
    for folder in (edition, report_folder):
        assert "Level 1 of 3 is reached: the files are whole." in checked(folder).stdout


def test_an_edition_is_checked_by_the_same_program(edition: Path) -> None:
    done = checked(edition)
    assert (done.returncode, done.stderr) == (0, "")
    assert "edition: 3 files are whole" in done.stdout
    assert "not that it is true" in done.stdout


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (change("tables/claims.csv"), "tables/claims.csv is not the file that was written"),
        (lambda f: (f / "report.html").unlink(), "report.html is missing"),
        (lambda f: (f / "more.html").write_text("x"), "more.html does not belong"),
        (lambda f: (f / "SHA256SUMS").write_text("x"), "SHA256SUMS, line 1"),
        (lambda f: (f / "SHA256SUMS").write_text(f"{'0' * 64}  ../x"), "lies outside"),
    ],
)
def test_it_names_what_differs_in_an_edition(
    edition: Path, harm: Callable[[Path], None], said: str
) -> None:
    harm(edition)
    done = checked(edition)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
