"""What changed from run to run: kept without a clock, and told in sentences."""

from __future__ import annotations

import copy
import json

import pandas as pd
import pytest

from casebook import report, schema
from casebook.cli import main
from casebook.editions import FINDINGS, differences, findings, history, keep, since
from casebook.errors import CaseError
from casebook.scaffold import new_case

RECORD = {
    "run_id": "aaaa000011112222", "status": "complete", "edition": "internal", "light": False,
    "inputs": {}, "versions": {"pandas": "3.0.1"}, "missing": [],
    "steps": [{"step": "03-network-map", "status": "done", "parameters": {"time_window": "60s"}}],
}  # fmt: skip
BASE = {
    "run_id": "a", "status": "FINAL",
    "claims": {
        "C1": {
            "kind": "observation", "text": "Two accounts.", "likelihood": "", "cited": "1",
            "confidence": "low", "counter_evidence": "", "rung": "1", "evidence": ["E0001:1"],
            "violations": [],
        }
    },
    "verdicts": {"x:1": "suspected"}, "numbers": {"personas": [2, "accounts under review"]},
    "evidence": {"E0001": "live"}, "parameters": {"03": {"time_window": "'60s'"}},
    "versions": {"pandas": "3.0"},
}  # fmt: skip


def changed(**inner):
    new = copy.deepcopy(BASE)
    new["claims"]["C1"] |= inner
    return differences(BASE, new)


@pytest.fixture
def case(tmp_path):
    made = new_case(tmp_path / "ten-accounts")
    write(made, "low")
    made.report_folder.mkdir(parents=True)
    return made


def write(case, confidence, text="Two accounts."):
    claim = {"claim": "C1", "kind": "observation", "text": text, "confidence": confidence,
             "evidence": ["E0001"], "violations": []}  # fmt: skip
    case.write("claims", schema.check("claims", pd.DataFrame([claim])))
    people = [{"account": "x:1", "platform": "x", "handle": "sample_1", "role": "persona"}]
    case.write("accounts", schema.check("accounts", pd.DataFrame(people)))


def test_nothing_changed_is_nothing_said():
    assert differences(BASE, copy.deepcopy(BASE)) == []


@pytest.mark.parametrize(
    ("inner", "said"),
    [
        ({"confidence": "high"}, "C1: confidence went from low to high."),
        ({"likelihood": "likely"}, "C1: likelihood went from none to likely."),
        ({"text": "Three."}, "C1 says “Three.”; it said “Two accounts.”"),
        ({"evidence": ["E0001:1", "E0002"]}, "C1 rests on E0002 too."),
        ({"evidence": []}, "C1 no longer rests on E0001:1."),
        ({"cited": "2"}, "C1 cites the same, and the rows behind it are others."),
        ({"violations": ["R1"]}, "C1 breaks: R1."),
        ({"counter_evidence": "x"}, "C1: what is set against it is worded otherwise."),
    ],
)
def test_each_change_of_a_claim_is_a_sentence(inner, said):
    assert changed(**inner) == [said]


def test_claims_decisions_numbers_evidence_parameters_and_software_come_in_this_order():
    new = copy.deepcopy(BASE)
    new |= {
        "status": "DRAFT", "claims": {"C2": BASE["claims"]["C1"]}, "verdicts": {"x:2": "authentic"},
        "numbers": {"personas": [None, "accounts under review"]},
        "evidence": {"E0001": "withdrawn", "E0002": "live"},
        "parameters": {"03": {"time_window": "'10min'"}}, "versions": {"pandas": "3.1"},
    }  # fmt: skip
    assert differences(BASE, new) == [
        "The report was FINAL and is DRAFT.",
        "C1 is withdrawn. It said: “Two accounts.”",
        "C2 is new. It says: “Two accounts.”",
        "The verdict on x:1 was suspected and is not there.",
        "The verdict on x:2 was not there and is authentic.",
        "personas (accounts under review) went from 2 to not assessable.",
        "E0001 was live and is withdrawn.",
        "E0002 was collected.",
        "03: time_window was '60s' and is '10min'.",
        "Software: pandas 3.0, now 3.1.",
    ]


def test_what_a_run_says_is_kept_once_and_without_a_clock(case):
    keep(case, case.report_folder, RECORD)
    keep(case, case.report_folder, RECORD)
    assert [p.name for p in history(case.report_folder)] == ["0001-aaaa000011112222.json"]
    write(case, "high")
    keep(case, case.report_folder, {**RECORD, "run_id": "bbbb"})
    assert [p.name[:4] for p in history(case.report_folder)] == ["0001", "0002"]
    old, new = since(case.report_folder)
    assert differences(old, new) == ["C1: confidence went from low to high."]
    assert findings(case, RECORD)["numbers"]["personas"][0] == 1
    assert "20" not in json.dumps(findings(case, RECORD)["claims"])


def test_by_default_it_looks_back_to_the_last_final_edition(case):
    folder = case.report_folder
    keep(case, folder, RECORD)
    path = history(folder)[0]
    path.write_text(path.read_text().replace('"DRAFT"', '"FINAL"'), encoding="utf-8")
    for run, level in (("bbbb", "moderate"), ("cccc", "high")):
        write(case, level)
        keep(case, folder, {**RECORD, "run_id": run})
    old, _ = since(folder)
    assert old["run_id"] == "aaaa000011112222"
    named, _ = since(folder, "bb")
    assert named["run_id"] == "bbbb"
    with pytest.raises(CaseError, match="begins with 'zz'"):
        since(folder, "zz")


def test_one_run_alone_has_nothing_to_be_compared_with(case):
    with pytest.raises(CaseError, match="no complete run"):
        since(case.report_folder)
    keep(case, case.report_folder, RECORD)
    with pytest.raises(CaseError, match="only one run"):
        since(case.report_folder)


def test_a_broken_file_of_the_history_is_named(case):
    keep(case, case.report_folder, RECORD)
    history(case.report_folder)[0].write_text("{", encoding="utf-8")
    with pytest.raises(CaseError, match="not as Casebook wrote it"):
        since(case.report_folder)


def test_the_command_says_it_in_sentences(case, capsys):
    keep(case, case.report_folder, RECORD)
    write(case, "low", text="Two <b>accounts</b>\u202e.")
    keep(case, case.report_folder, {**RECORD, "run_id": "bbbb"})
    assert main(["diff", str(case.folder)]) == 0
    said = capsys.readouterr().out
    assert "From run aaaa000011112222 (DRAFT) to run bbbb (DRAFT):" in said
    assert "- C1 says “Two <b>accounts</b>" in said
    assert "\u202e" not in said


def test_corrections_are_printed_and_escaped(case):
    path = case.folder / "case.yaml"
    said = "corrections:\n  - {date: '2024-09-10', claim: C1, was: three, now: two, why: "
    kept = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.startswith("corrections:")
    ]
    path.write_text(
        "\n".join(kept) + "\n" + said + "'We counted <b>one</b> twice.'}\n", encoding="utf-8"
    )
    page = report.render(type(case)(case.folder), RECORD, [])
    assert "id=corrections" in page
    assert "We counted &lt;b&gt;one&lt;/b&gt; twice." in page
    assert "Was: three" in page
    assert "id=corrections" not in report.render(case, RECORD, [])
    assert (case.report_folder / FINDINGS).parent.is_dir()
