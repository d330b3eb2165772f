"""The package describes itself as the profiles of workflow runs ask, and carries no clock of its own."""

from __future__ import annotations

import hashlib
import json

import pytest

from casebook.crate import CRATE, METADATA, PROFILES, WORKFLOW, crate, workflow

RUN = {
    "run_id": "0123456789abcdef",
    "inputs": {"evidence.jsonl": "ab" * 32, "notebooks/01-collection.ipynb": "cd" * 32},
    "versions": {"casebook": "0.1.0"},
    "steps": [
        {"step": "01-collection", "parameters": {"case": "sample", "gap_days": 7, "light": True},
         "notebook_sha256": "cd" * 32, "started": "2024-09-06T10:00:00Z", "ended": "2024-09-06T10:01:00Z"},
        {"step": "02-persona-review", "parameters": {"case": "sample"}, "notebook_sha256": "ef" * 32},
    ],
    "finished": "2024-09-06T11:00:00Z",
}  # fmt: skip
FILES = {
    "report.html": b"page", "tables/accounts.csv": b"a", WORKFLOW: workflow(RUN),
    "notebooks/01-collection.ipynb": b"{}", "notebooks/02-persona-review.ipynb": b"{}",
}  # fmt: skip


@pytest.fixture
def made():
    return json.loads(crate(RUN, FILES, title="T", question="Q?", people=["editor-a"]))


@pytest.fixture
def entities(made):
    found = {e["@id"]: e for e in made["@graph"]}
    assert len(found) == len(made["@graph"]), "an id is given twice"
    return found


def kinds(entity):
    told = entity["@type"]
    return {told} if isinstance(told, str) else set(told)


def refs(value):
    if isinstance(value, dict):
        return (
            [value["@id"]]
            if set(value) == {"@id"}
            else [r for v in value.values() for r in refs(v)]
        )
    return [r for v in value for r in refs(v)] if isinstance(value, list) else []


def test_the_root_is_as_ro_crate_asks(made, entities):
    assert "https://w3id.org/ro/crate/1.1/context" in made["@context"]
    assert "https://w3id.org/ro/terms/workflow-run/context" in made["@context"]
    described = entities[METADATA]
    assert described["about"] == {"@id": "./"}
    assert {"@id": CRATE} in described["conformsTo"]
    root = entities["./"]
    assert root["@type"] == "Dataset"
    assert root["datePublished"] == "2024-09-06"
    assert root["name"] == "T"
    assert root["description"] == "Q?"
    assert root["license"]["@id"] in entities
    assert {p["@id"] for p in root["hasPart"]} == set(FILES)


def test_it_conforms_to_the_profiles_and_names_them(entities):
    root = entities["./"]
    wanted = {
        "https://w3id.org/ro/wfrun/process/0.5", "https://w3id.org/ro/wfrun/workflow/0.5",
        "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
    }  # fmt: skip
    assert {p["@id"] for p in root["conformsTo"]} == wanted == set(PROFILES)
    for name in wanted:
        assert "CreativeWork" in kinds(entities[name])


def test_the_main_entity_is_the_workflow_that_an_action_ran(entities):
    main = entities[entities["./"]["mainEntity"]["@id"]]
    assert {"File", "SoftwareSourceCode", "ComputationalWorkflow"} <= kinds(main)
    assert "ComputerLanguage" in kinds(entities[main["programmingLanguage"]["@id"]])
    ran = [e for e in entities.values() if e.get("instrument") == {"@id": main["@id"]}]
    assert [e["@id"] for e in ran] == ["#run"]
    assert main["hasPart"] == [
        {"@id": "notebooks/01-collection.ipynb"}, {"@id": "notebooks/02-persona-review.ipynb"}
    ]  # fmt: skip


def test_each_action_has_what_an_action_must_have(entities):
    actions = [e for e in entities.values() if "CreateAction" in kinds(e)]
    assert len(actions) == 3
    mentioned = {m["@id"] for m in entities["./"]["mentions"]}
    for action in actions:
        assert action["@id"] in mentioned
        tool = entities[action["instrument"]["@id"]]
        assert kinds(tool) & {"SoftwareApplication", "SoftwareSourceCode", "ComputationalWorkflow"}
        assert action["name"]
        assert action["result"]
        for one in [*action["object"], *action["result"]]:
            assert kinds(entities[one["@id"]]) & {"File", "PropertyValue", "CreativeWork"}
    assert entities["#run"]["agent"] == [{"@id": "#editor-a"}]
    assert entities["#editor-a"]["@type"] == "Person"
    assert entities["#01-collection/gap_days"]["value"] == 7
    assert "#01-collection/case" not in entities


def test_formal_parameters_have_a_type_and_an_example(entities):
    formal = [e for e in entities.values() if "FormalParameter" in kinds(e)]
    assert formal
    for one in formal:
        assert one["additionalType"]
        assert entities[one["workExample"]["@id"]]["exampleOfWork"] == {"@id": one["@id"]}


def test_every_reference_inside_leads_to_an_entity(entities):
    outside = {CRATE, "https://jupyter.org/", "http://schema.org/CompletedActionStatus",
               "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"}  # fmt: skip
    for entity in entities.values():
        for reference in refs({k: v for k, v in entity.items() if k not in {"@id", "@type"}}):
            assert reference in entities or reference in outside, reference


def test_files_have_size_and_hash_and_inputs_stay_away(entities):
    page = entities["report.html"]
    assert page["contentSize"] == "4"
    assert page["sha256"] == hashlib.sha256(b"page").hexdigest()
    kept = entities["#evidence.jsonl"]
    assert kept["@type"] == "CreativeWork"
    assert kept["identifier"] == f"sha256:{'ab' * 32}"


def test_moments_are_those_of_the_record_and_no_other(made):
    text = json.dumps(made)
    moments = {"2024-09-06T10:00:00Z", "2024-09-06T10:01:00Z", "2024-09-06T11:00:00Z"}
    found = {e[k] for e in made["@graph"] for k in ("startTime", "endTime") if k in e}
    assert found == moments
    assert text == json.dumps(
        json.loads(crate(RUN, FILES, title="T", question="Q?", people=["editor-a"]))
    )
    bare = {**RUN, "steps": [], "finished": ""}
    assert (
        'Time"' not in crate(bare, {WORKFLOW: b"{}"}, title="T", question="Q?", people=[]).decode()
    )
