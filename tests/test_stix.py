"""Findings for other software: valid, without a clock, and about nobody who was not judged."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from casebook import schema
from casebook.case import Case
from casebook.cli import main
from casebook.ftm import ftm_entities
from casebook.publishing import PublishError, export
from casebook.report.masking import Mask, protected_in
from casebook.scaffold import new_case
from casebook.sharing import shared_files
from casebook.stix import indicator_list, stix_bundle

KEY = b"k" * 32
DAY = pd.Timestamp("2024-05-01 10:11:12", tz="UTC")


@pytest.fixture
def case(tmp_path, monkeypatch):
    monkeypatch.setenv("CASEBOOK_KEYS", str(tmp_path / "keys"))
    case = new_case(tmp_path / "ten-accounts")
    people = [
        ("7000001", "synth_maple_001", "persona", "assessed inauthentic"),
        ("7000002", "synth_birch_002", "persona", "suspected"),
        ("7000003", "synth_cedar_003", "persona", "undetermined"),
        ("7000004", "synth_olive_004", "persona", "authentic"),
        ("7000005", "=synth_evil_005", "reference", "suspected"),
    ]
    rows = [
        {"account": f"x:{i}", "platform": "x", "account_id": i, "handle": h, "role": role,
         "display_name": f"Sample {h}", "created_at": DAY, "bio": "one two three four five six"}
        for i, h, role, _ in people
    ]  # fmt: skip
    case.write("accounts", schema.check("accounts", pd.DataFrame(rows)))
    judged = [{"account": f"x:{i}", "verdict": v} for i, _, _, v in people]
    case.write("verdicts", schema.check("verdicts", pd.DataFrame(judged)))
    claim = {
        "claim": "C1", "kind": "assessment", "rung": 1, "confidence": "moderate",
        "likelihood": "very likely", "evidence": ["E0001:1"], "counter_evidence": "They answer.",
        "text": "It is very likely that synth_maple_001 is inauthentic.",
    }  # fmt: skip
    case.write("claims", schema.check("claims", pd.DataFrame([claim])))
    return case


def of(bundle, kind):
    return [o for o in bundle["objects"] if o["type"] == kind]


def test_an_account_is_listed_by_a_persons_verdict_alone(case):
    logins = {a["account_login"] for a in of(stix_bundle(case), "user-account")}
    assert logins == {"synth_maple_001", "synth_birch_002"}
    listed = list(csv.DictReader(io.StringIO(indicator_list(case))))
    assert [r["indicator"] for r in listed] == [
        "hxxps://x[.]com/synth_maple_001",
        "hxxps://x[.]com/synth_birch_002",
    ]
    assert {r["verdict"] for r in listed} == {"assessed inauthentic", "suspected"}


def test_confidence_and_likelihood_are_two_things(case):
    (note,) = of(stix_bundle(case), "note")
    assert note["confidence"] == 50
    assert "likelihood:very likely" in note["labels"]
    assert "rung:1" in note["labels"]
    assert "Evidence: E0001:1." in note["content"]
    assert "Against it: They answer." in note["content"]


def test_what_others_report_is_said_of_no_account_and_a_link_alone_of_the_network(case):
    rows = [
        {"claim": n, "kind": "assessment", "text": "A sentence.", "evidence": ["E0001:1"], **more}
        for n, more in (("C1", {"rung": 1}), ("C3", {"rung": 3}), ("C4", {"rung": 4}))
    ]
    case.write("claims", schema.check("claims", pd.DataFrame(rows)))
    (case.folder / "claims.yaml").write_text(
        "claims:\n"
        "  - {id: C1, kind: assessment, rung: 1, text: One.}\n"
        "  - {id: C3, kind: assessment, rung: 3, network: Lantern, text: Three.}\n"
        "  - {id: C4, kind: assessment, rung: 4, reported_by: Orbit, text: Four.}\n",
        encoding="utf-8",
    )
    named = 'networks: [{name: "Lantern", attributed_by: "Orbit"}]\n'
    tags = 'tags: [{item: E0001, code: "T0143.004", why: x}, {item: E0001, code: "6.2", why: x}]\n'
    path = case.folder / "case.yaml"
    told = [line for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
            if not line.startswith(("networks:", "tags:"))]  # fmt: skip
    path.write_text(named + tags + "".join(told), encoding="utf-8")
    bundle = stix_bundle(Case(case.folder))
    kinds = {
        n["abstract"][-2:]: {r.split("--")[0] for r in n["object_refs"]} for n in of(bundle, "note")
    }
    assert kinds == {
        "C1": {"user-account"},
        "C3": {"user-account", "intrusion-set"},
        "C4": {"intrusion-set"},
    }
    names = [p["name"] for p in of(bundle, "attack-pattern")]
    assert names == ["Online Operations Kill Chain 6.2"]


def test_everything_in_the_report_is_in_the_bundle_and_the_bytes_do_not_change(case):
    bundle = stix_bundle(case)
    ids = {o["id"] for o in bundle["objects"]}
    assert len(ids) == len(bundle["objects"])
    (report,) = of(bundle, "report")
    assert set(report["object_refs"]) <= ids
    assert shared_files(case) == shared_files(case)


def test_the_bundle_is_valid_stix(case, tmp_path):
    validator = pytest.importorskip("stix2validator", reason="stix2-validator is not installed")
    for name, text in (("plain", shared_files(case)), ("masked", shared_files(case, mask(case)))):
        path = tmp_path / f"{name}.json"
        path.write_text(text["stix.json"], encoding="utf-8")
        result = validator.validate_file(str(path), validator.ValidationOptions(version="2.1"))
        assert result.is_valid, result.as_dict()


def mask(case):
    return Mask(protected_in(case), KEY, shared_files(case).values())


def test_a_mask_works_before_identifiers_are_made(case):
    plain, masked = stix_bundle(case), stix_bundle(case, mask(case))
    text = json.dumps(masked)
    for secret in ("maple", "birch", "7000001", "Sample synth", "10:11:12"):
        assert secret not in text
    # Who tries a handle must not find its identifier: no object of the two bundles has one id.
    told = {o["id"] for o in of(plain, "user-account")}
    assert not told & {o["id"] for o in of(masked, "user-account")}
    assert "account-" in of(masked, "note")[0]["content"]


def test_entities_hold_who_was_judged_and_each_claim_with_its_words(case):
    entities = ftm_entities(case)
    accounts = [e for e in entities if e["schema"] == "UserAccount"]
    names = [e["properties"]["username"] for e in accounts]
    assert names == [["synth_maple_001"], ["synth_birch_002"]]
    assert "A person's verdict: suspected." in accounts[1]["properties"]["notes"]
    (note,) = [e for e in entities if e["schema"] == "Note"]
    assert "Likelihood: very likely" in note["properties"]["notes"]
    assert note["properties"]["entity"] == [e["id"] for e in accounts]
    assert len({e["id"] for e in entities}) == len(entities)


def test_masked_entities_name_nobody(case):
    text = json.dumps(ftm_entities(case, mask(case)))
    for secret in ("maple", "birch", "7000001", "10:11:12"):
        assert secret not in text
    plain = {e["id"] for e in ftm_entities(case) if e["schema"] == "UserAccount"}
    assert not any(key in text for key in plain)


def test_a_claim_of_who_directs_names_no_account(case):
    four = case.read("claims").assign(rung=4)
    case.write("claims", schema.check("claims", four))
    (note,) = [e for e in ftm_entities(case) if e["schema"] == "Note"]
    assert "entity" not in note["properties"]


def test_entities_are_valid_follow_the_money(case):
    ftm = pytest.importorskip("followthemoney", reason="followthemoney is not installed")
    for entity in [*ftm_entities(case), *ftm_entities(case, mask(case))]:
        ftm.model.get(entity["schema"]).validate(entity)
        read = ftm.model.get_proxy(entity)
        assert read.to_dict()["properties"].keys() == entity["properties"].keys()


def test_without_a_verdict_nothing_is_exported(case, tmp_path):
    case.write("verdicts", schema.empty("verdicts"))
    assert shared_files(case) == {}
    with pytest.raises(PublishError, match="judge first"):
        export(case, tmp_path / "out")


def test_the_command_masks_unless_told_otherwise(case, capsys):
    assert main(["export", str(case.folder)]) == 0
    for path in capsys.readouterr().out.splitlines():
        assert "maple" not in Path(path).read_text(encoding="utf-8")
    assert main(["export", str(case.folder), "--unmasked"]) == 0
    said = capsys.readouterr().out
    assert "These files name people" in said
    folder = case.report_folder / "shared"
    assert "synth_maple_001" in (folder / "indicators.csv").read_text()
