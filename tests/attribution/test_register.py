"""The register, the ladder and the matches: what counts as independent, and what as nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from casebook import schema
from casebook.attribution import (
    check_grades,
    diagonal_share,
    evidence_grid,
    evidence_tags,
    independent_origins,
    indicator_matches,
    origin_groups,
    what_falls,
)
from casebook.attribution.removal import without_item
from casebook.charts.attribution import reasons_table
from casebook.errors import ClaimError
from tests.attribution.conftest import PERSONAS, World, battery, line_ups
from tests.attribution.drafts import ONE, draft


def rung(world, number):
    return world.ladder.set_index("rung").loc[number]


# -- origins --------------------------------------------------------------------------------------


def test_ten_articles_that_repeat_one_report_are_one_origin():
    derived = {f"paper {n}": ["agency"] for n in range(10)} | {"agency": ["report"], "report": []}
    groups = origin_groups(derived)
    assert {groups[f"paper {n}"] for n in range(10)} == {"report"}
    assert independent_origins(groups.values()) == ["report"]


def test_a_review_of_two_reports_does_not_make_them_one():
    groups = origin_groups({"review": ["a", "b"], "a": [], "b": []})
    assert groups == {"review": "a + b"}
    assert independent_origins(["a", "b", "a + b"]) == ["a", "b"]


def test_sources_that_only_cite_each_other_are_one_origin():
    groups = origin_groups({"a": ["b"], "b": ["a"]})
    assert set(groups.values()) == {"a"}


def test_a_withdrawn_item_is_no_evidence(world):
    assert "E0008" not in set(world.register["evidence_id"])


def test_published_sources_are_reported_and_never_testable(world):
    basis = world.register.set_index("evidence_id")["basis"]
    assert basis["ORBIT"] == "reported"
    assert basis["E0001"] == "testable"


def test_missing_grades_are_no_numbers(world):
    on, graded = diagonal_share(world.register)[["on", "graded"]].sum()
    known = world.register["reliability"].isin(list("ABCDE")) & world.register["credibility"].isin(
        list("12345")
    )
    assert graded == known.sum()
    assert on <= graded


def test_confirmed_means_by_another_origin():
    rows = [
        ("A", "a", "1", "archive"),
        ("B", "a", "2", "archive"),
        ("C", "c", "2", "archive"),
        ("D", "d", "2", "typed"),
    ]
    register = pd.DataFrame(rows, columns=["evidence_id", "origin_group", "credibility", "capture"])
    assert len(check_grades(register, {"A": {"confirmed_by": ["B"]}})) == 2
    found = check_grades(register, {"A": {"confirmed_by": ["C"]}})
    assert len(found) == 1
    assert "typed note" in found[0]


def test_the_grid_has_nine_fields_and_counts_each_item_once(world):
    grid = evidence_grid(world.register)
    assert len(grid) == 9
    assert grid["items"].sum() == world.register["kind"].isin(
        ["technical", "behavioural", "contextual"]
    ).sum()  # fmt: skip


# -- the ladder -----------------------------------------------------------------------------------


def test_each_rung_has_its_own_answer(world):
    assert rung(world, 1)["status"] == "supported"
    assert rung(world, 2)["status"] == "supported"
    assert rung(world, 4)["status"] == "undetermined"


def test_nobody_is_coordinated_where_only_attention_is_shared(world):
    edges = world.tables["edges"]
    world.tables["edges"] = edges.assign(finding="shared attention")
    world.tables["clusters"] = world.tables["clusters"].assign(label="shared attention")
    world.remake()
    assert rung(world, 2)["status"] == "undetermined"
    assert rung(world, 3)["status"] == "undetermined"


def test_a_fan_club_beside_the_group_changes_nothing(world):
    fans = pd.DataFrame({"cluster": "C2", "account": [f"x:{n}" for n in range(301, 325)],
                         "role": "both", "label": "coordinated"})  # fmt: skip
    before = rung(world, 2)
    clusters = pd.concat([world.tables["clusters"], schema.check("clusters", fans)])
    world.tables["clusters"] = clusters
    world.remake()
    assert rung(world, 2)["limit"] == before["limit"]
    assert world.values["coordinated_accounts"].value == 7


def test_a_group_of_bystanders_and_personas_is_capped_at_low(world):
    mixed = schema.check("clusters", pd.DataFrame({
        "cluster": "C1", "account": [*PERSONAS[:5], *(f"x:{n}" for n in range(301, 306))],
        "label": "coordinated"}))  # fmt: skip
    world.tables["clusters"] = mixed
    world.remake()
    assert rung(world, 2)["limit"] == "low"


def test_without_the_record_of_how_accounts_were_found_rung_one_is_low(world):
    world.tables["accounts"] = world.tables["accounts"].assign(found_by=None)
    world.remake()
    assert rung(world, 1)["limit"] == "low"
    assert "found_by" in rung(world, 1)["limited_by"]


@pytest.mark.parametrize("held", ["never", "not locked"])
def test_without_a_line_up_rung_one_is_low(world, held):
    held_before = world.tables.pop("line_ups")
    if held == "not locked":
        world.tables["line_ups"] = held_before.assign(locked=False)
    world.remake()
    assert rung(world, 1)["status"] == "supported"
    assert rung(world, 1)["limit"] == "low"
    assert "no line-up" in rung(world, 1)["limited_by"]


def test_a_reviewer_who_suspects_everybody_keeps_rung_one_low_and_a_moderate_claim_out(world):
    assert rung(world, 1)["limit"] == "moderate"
    claim = ONE
    assert claim["confidence"]["level"] == "moderate"
    assert world.check(claim).violations.empty
    world.tables["line_ups"] = line_ups(tells_apart=False)
    world.remake()
    assert rung(world, 1)["limit"] == "low"
    assert "aa suspected 5 of 6 ordinary accounts" in rung(world, 1)["contradicts"]
    assert not world.check(claim).violations.empty
    both = pd.concat([line_ups(), line_ups(tells_apart=False).assign(reviewer="bb")])
    world.tables["line_ups"] = both
    world.remake()
    assert rung(world, 1)["limit"] == "moderate"
    assert "bb suspected 5 of 6" in rung(world, 1)["contradicts"]


def test_one_tied_persona_is_no_link(world):
    edges = world.tables["edges"]
    to_known = edges["target"].isin(["x:201", "x:202"])
    world.tables["edges"] = edges[~to_known | (edges["source"] == PERSONAS[0])]
    world.remake()
    assert rung(world, 3)["status"] == "undetermined"


# -- matches --------------------------------------------------------------------------------------


def people(**rows):
    made = [
        {"account": f"x:{n}", "account_id": str(n), "platform": "x", "handle": handle, "role": role,
         "evidence_id": "E0001", "source_line": n}
        for n, (handle, role) in enumerate(rows.items(), 1)
    ]  # fmt: skip
    return schema.check("accounts", pd.DataFrame(made))


def listed(*handles):
    return schema.check(
        "indicators",
        pd.DataFrame(
            {
                "indicator": [f"https://x.com/{h}" for h in handles],
                "kind": "handle",
                "value": list(handles),
                "platform": "x",
                "network": "Lantern",
                "evidence_id": "E0009",
                "source_line": range(1, len(handles) + 1),
            }
        ),
    )


def test_a_handle_on_a_list_is_an_exact_match_whatever_its_case():
    found = indicator_matches(
        people(Sample_Lamp="persona"), schema.empty("posts"), listed("sample_lamp")
    )
    assert found[["match", "role"]].to_numpy().tolist() == [["exact", "persona"]]
    assert found["evidence"].iloc[0] == ["E0001:1", "E0009:1"]
    assert "http" not in found["indicator"].iloc[0]


def test_a_similar_handle_is_near_for_a_persona_and_nothing_for_anybody_else():
    accounts = people(
        sample_lampe="persona",
        sample_lamps="reference",
        sample_lampo="known",
        samplelamp="bystander",
    )
    found = indicator_matches(accounts, schema.empty("posts"), listed("sample_lamp"))
    assert found["account"].tolist() == ["x:1"]
    assert found["match"].tolist() == ["near"]


def test_a_known_account_on_its_own_list_supports_nothing(world):
    accounts = people(sample_a="known", sample_b="persona")
    matches = indicator_matches(accounts, schema.empty("posts"), listed("sample_a"))
    assert len(matches) == 1
    world.tables["matches"] = matches
    world.remake()
    assert world.values["indicator_exact"].value == 0


def test_no_list_is_no_match():
    assert indicator_matches(people(a="persona"), schema.empty("posts"), listed()).empty


# -- what a claim rests on ------------------------------------------------------------------------


@pytest.mark.parametrize("base", ["observation", "one", "two", "three"])
def test_a_changed_row_changes_every_claim_that_cites_it(base):
    before = World().check(draft(base, {})).table.loc[0]
    world = World()
    posts = world.tables["posts"]
    world.tables["posts"] = posts.assign(text=posts["text"] + "!")
    world.tables["accounts"] = world.tables["accounts"].assign(handle="somebody_else")
    snapshots = world.tables["snapshots"]
    world.tables["snapshots"] = snapshots.assign(handle="somebody_else")
    world.remake()
    after = world.check(draft(base, {})).table.loc[0]
    assert after["cited"] != before["cited"]


@pytest.mark.parametrize("base", ["four", "reported", "intent"])
def test_a_changed_fact_changes_every_claim_that_cites_it(base):
    before = World().check(draft(base, {})).table.loc[0, "cited"]
    world = World()
    world.facts = world.facts.assign(statement=world.facts["statement"] + "!")
    assert world.check(draft(base, {})).table.loc[0, "cited"] != before


@pytest.mark.parametrize("column", ["sha256", "title"])
def test_a_changed_document_changes_every_claim_that_cites_it(column):
    before = World().check(draft("four own", {})).table.loc[0, "cited"]
    world = World()
    rows = world.register["evidence_id"] == "E0009"
    world.register.loc[rows, column] = "another"
    assert world.check(draft("four own", {})).table.loc[0, "cited"] != before


def test_the_reasons_of_a_confidence_are_printed_and_what_would_change_it(world):
    table = world.check(draft("two", {}), draft("four", {})).table
    frame = reasons_table(table).frame
    said = frame.groupby("claim")["reason"].agg(list).to_dict()
    three = ["assumptions", "sourcing", "argument"]
    assert said == {"C3": three, "C5": [*three, "data that would change it"]}
    assert frame["in the authors' words"].iloc[-1] == "Payment records or infrastructure logs."


def test_a_row_that_is_gone_changes_the_number_in_the_sentence():
    world = World()
    before = world.check(draft("observation", {})).table.loc[0, "text"]
    world.tables["posts"] = world.tables["posts"].iloc[1:]
    world.remake()
    assert world.check(draft("observation", {})).table.loc[0, "text"] != before


def test_what_falls_names_the_claims_that_need_an_item(world):
    claims = [draft("observation", {}), draft("one", {}), draft("two", {})]
    found = what_falls(
        claims, world.register, world.values, tables=world.tables, group=battery,
        facts=world.facts, factcheck=world.factcheck,
    ).set_index("evidence_id")  # fmt: skip
    ids = [c["id"] for c in claims]
    assert set(found.loc["E0001", "falls"]) >= {ids[1], ids[2]}
    assert "E0005" not in found.index


def falls(world, *claims):
    found = what_falls(claims, world.register, world.values, tables=world.tables, group=battery,
                       facts=world.facts, factcheck=world.factcheck)  # fmt: skip
    return {row["evidence_id"]: row for row in found.to_dict("records")}


def test_a_claim_that_rests_on_two_sources_stands_on_less_without_one(world):
    found = falls(world, draft("three", {"evidence": ["selection:known_ties", "ORBIT", "MERCURY"]}))
    assert (found["MERCURY"]["falls"], found["MERCURY"]["changes"]) == ([], ["C4"])
    assert found["E0001"]["falls"] == ["C4"]


def test_a_published_fact_falls_with_the_last_of_its_sources(world):
    one, two = draft("reported", {}), draft("intent", {"evidence": ["fact:F01"], "id": "C20"})
    found = falls(world, one, two)
    assert found["MERCURY"]["falls"] == ["C9"]
    assert (found["ORBIT"]["falls"], found["ORBIT"]["changes"]) == ([], ["C20"])


def test_an_item_that_carries_nobody_of_a_group_leaves_the_group_as_it_is(world):
    slow = schema.check("clusters", pd.DataFrame({
        "cluster": "C1", "account": [*PERSONAS, "x:201"], "label": "coordinated"}))  # fmt: skip
    world.tables["clusters"] = slow
    assert len(without_item(world.tables, "E0005")["clusters"]) == len(slow)
    assert len(without_item(world.tables, "E0001")["clusters"]) < len(slow)


def test_an_item_is_taken_away_from_tables_that_are_empty_too(world):
    tables = {name: frame.iloc[:0] for name, frame in world.tables.items()}
    kept = without_item(tables, "E0001")
    assert all(list(kept[n].columns) == list(world.tables[n].columns) for n in tables)


def test_a_line_up_goes_where_all_it_rests_on_goes(world):
    assert len(without_item(world.tables, "E0001")["line_ups"]) == 1
    world.tables["line_ups"]["evidence"] = [["E0001:1", "E0001:2"]]
    assert without_item(world.tables, "E0001")["line_ups"].empty


def test_an_item_that_nothing_rests_on_is_not_listed(world):
    found = what_falls([draft("observation", {})], world.register, world.values,
                       tables=world.tables, group=battery, facts=world.facts)  # fmt: skip
    assert "MERCURY" not in set(found["evidence_id"])


# -- tags of published vocabularies ---------------------------------------------------------------


def tag(code, item="E0001", why="it says so"):
    return {"item": item, "code": code, "why": why}


def test_a_tag_has_its_vocabulary_and_the_name_of_its_code():
    told = evidence_tags([tag("9.4.2"), tag("T0143.002"), tag("T0085"), tag("B")])
    assert told[["code", "taxonomy", "name"]].to_numpy().tolist() == [
        ["B", "ABCDE", "Behaviour"],
        ["T0085", "DISARM 1.6", ""],
        ["T0143.002", "DISARM 1.6", "Fabricated persona"],
        ["9.4.2", "Online Operations Kill Chain", "Enabling longevity"],
    ]
    assert not told["exculpatory"].any()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (tag("X9"), "no vocabulary"),
        (tag("9.4.2", why=" "), "no reason"),
        (tag("B", item="E0099"), "neither an evidence item nor a source"),
    ],
)
def test_a_wrong_tag_names_its_entry(world, given, said):
    with pytest.raises(ClaimError, match=said) as error:
        evidence_tags([tag("B"), given], world.register)
    assert "tags, entry 2" in str(error.value)


@pytest.mark.parametrize("code", ["T0143.001", "T0143.004"])
def test_evidence_that_an_account_is_real_or_parody_counts_against_rung_one(world, code):
    assert rung(world, 1)["limit"] == "moderate"
    tags = evidence_tags([tag(code, "E0001:3")], world.register)
    world.tables["tags"] = tags
    world.remake()
    assert rung(world, 1)["limit"] == "low"
    assert f"E0001:3 is tagged {code}" in rung(world, 1)["contradicts"]
    gone = without_item({"tags": tags}, "E0001")["tags"]
    assert gone.empty


@pytest.mark.parametrize("found", ["real person", "hijacked", "parody"])
def test_a_person_found_behind_an_account_under_review_keeps_rung_one_low(world, found):
    checked = world.tables["verdicts"].copy()
    checked.loc[checked.index[0], "real_person_check"] = found
    world.tables["verdicts"] = checked
    world.remake()
    assert rung(world, 1)["limit"] == "low"
    assert "found 1 account to be of a real person" in rung(world, 1)["contradicts"]
