"""Named networks, near headlines, what published findings become, and what partners said."""

from __future__ import annotations

import pandas as pd
import pytest

from casebook import schema
from casebook.attribution import (
    corroboration,
    independent_origins,
    indicator_matches,
    judged_findings,
    networks_table,
    partner_assessments,
    register,
)
from casebook.attribution.values import Value
from casebook.charts.attribution import (
    corroboration_table,
    networks_listing,
    partners_table,
    what_falls_table,
)
from casebook.errors import ClaimError
from casebook.exhibits import Note
from tests.attribution.conftest import GRADES, items, sources
from tests.attribution.drafts import draft

HEADLINE = "The lamp oil shortage that nobody in the valley talks about"


def posts_of(**texts):
    rows = [
        {"post": f"x:{n}", "platform": "x", "account": account, "embedded": False, "text": text,
         "urls": [], "evidence_id": "E0001", "source_line": n}
        for n, (account, text) in enumerate(texts.items(), 1)
    ]  # fmt: skip
    return schema.check("posts", pd.DataFrame(rows))


def people(**roles):
    rows = [
        {"account": a, "platform": "x", "handle": a, "role": r, "evidence_id": "E0001", "source_line": n}
        for n, (a, r) in enumerate(roles.items(), 1)
    ]  # fmt: skip
    return schema.check("accounts", pd.DataFrame(rows))


def headlines(*texts):
    return schema.check("indicators", pd.DataFrame({
        "indicator": texts, "kind": "text", "value": texts, "network": "Lantern",
        "evidence_id": "E0009", "source_line": range(1, len(texts) + 1)}))  # fmt: skip


def test_a_headline_is_matched_exactly_inside_a_post_and_nearly_as_a_whole():
    accounts = people(one="persona", two="persona", three="persona", four="reference")
    posts = posts_of(
        one=f"Look: {HEADLINE.upper()}!",
        two="The lamp oil shortage nobody in the vally talks about https://valley.example/1",
        three="Nobody in the valley talks about lamp oil, and that is a shortage of talk",
        four="The lamp oil shortage nobody in the vally talks about",
    )
    found = indicator_matches(accounts, posts, headlines(HEADLINE))
    assert found[["account", "match"]].to_numpy().tolist() == [["one", "exact"], ["two", "near"]]
    assert found["evidence"].tolist() == [["E0001:1", "E0009:1"], ["E0001:2", "E0009:1"]]


def test_the_names_of_a_network_stand_with_who_uses_them_and_what_is_kept_apart_last():
    network = {
        "name": "Lantern", "aliases": ["Paper Lantern"], "attributed_by": "ORBIT",
        "look_alikes": ["Lamp"], "told_by": {"Paper Lantern": "Mercury", "Lamp": "fact:F05"},
        "assets": [{"value": "https://lantern.example/", "attributed_by": "Mercury"}],
    }  # fmt: skip
    accounts = people(a="known", b="known", c="persona").assign(found_by="the list of Orbit")
    table = networks_table([network], accounts, headlines(HEADLINE))
    assert table[["what", "value", "by"]].to_numpy().tolist() == [
        ["name", "Lantern", "ORBIT"],
        ["name", "Paper Lantern", "Mercury"],
        ["known accounts", "2", "the list of Orbit"],
        ["listed: text", "1", "E0009"],
        ["asset", "hxxps://lantern[.]example/", "Mercury"],
        ["kept apart", "Lamp", "fact:F05"],
    ]
    assert "what is kept apart" in networks_listing(table).title


# -- what published findings become ---------------------------------------------------------------


def facts(**tested):
    rows = [
        {"fact_id": name, "group": "Orbit", "statement": f"finding {name}", "date": "2023",
         "sources": "ORBIT", "test": test, "quantity": quantity}
        for name, (test, quantity) in tested.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def values(**numbers):
    return {n: Value(n, v, f"{n} counted", "accounts", ("E0001:1",)) for n, v in numbers.items()}


def outcomes(told, found, **given):
    table = corroboration(told, found, **{"synthetic": False, **given})
    return dict(zip(table["fact"], table["outcome"], strict=True))


def test_a_finding_is_set_against_the_value_that_tests_it_and_the_number_that_was_published():
    told = facts(F1=("pairs", ""), F2=("pairs", "15"), F3=("pairs", "3"), F4=("renames", ""),
                 F5=("views", ""), F6=("", ""))  # fmt: skip
    found = values(pairs=12, renames=0, views=None)
    assert outcomes(told, found) == {
        "F1": "reproduced", "F2": "reproduced", "F3": "extended", "F4": "not reproduced",
        "F5": "not testable here", "F6": "not testable here",
    }  # fmt: skip


def test_a_judgement_wins_and_invented_records_test_nothing():
    told, found = facts(F1=("pairs", "3")), values(pairs=12)
    assert outcomes(told, found, judged={"F1": "contradicted"}) == {"F1": "contradicted"}
    assert outcomes(told, found, judged={"F1": "contradicted"}, synthetic=True) == {
        "F1": "not testable here"
    }


def judgement(reviewer, answer, subject="fact:F1"):
    return {"subject": subject, "question": "corroboration", "answer": answer, "reviewer": reviewer,
            "current": True, "seq": 1}  # fmt: skip


def test_reviewers_who_differ_decide_nothing():
    same = pd.DataFrame([judgement("aa", "Extended"), judgement("bb", "extended")])
    assert judged_findings(same) == {"F1": "extended"}
    assert (
        judged_findings(pd.DataFrame([judgement("aa", "extended"), judgement("bb", "reproduced")]))
        == {}
    )
    with pytest.raises(ClaimError, match="did you mean 'reproduced'"):
        judged_findings(pd.DataFrame([judgement("aa", "reproducd")]))


@pytest.mark.parametrize(
    ("test", "quantity", "said"),
    [("pears", "", "did you mean 'pairs'"), ("pairs", "many", "is no number")],
)
def test_a_test_that_does_not_exist_names_the_fact(test, quantity, said):
    with pytest.raises(ClaimError, match=said) as error:
        corroboration(facts(F7=(test, quantity)), values(pairs=1), synthetic=False)
    assert "facts.csv, F7" in str(error.value)


def test_findings_that_nothing_tests_are_told_together():
    told = facts(F1=("pairs", "3"), **{f"F{n}": ("", "") for n in range(2, 40)})
    shown = corroboration_table(corroboration(told, values(pairs=12), synthetic=False))
    assert len(shown.frame) == 2
    assert shown.frame["in this case"].dropna().tolist() == ["12 pairs counted; published: 3"]
    assert shown.frame["finding"].tolist() == ["fact:F1", "38 findings"]
    assert shown.frame["what was published"].iloc[1].count("fact:") == 38


# -- partners -------------------------------------------------------------------------------------


def partner(**other):
    told = {"who": "A platform", "asked": "are these yours?", "saw": "logins", "label": "inauthentic",
            "nameable": False, "after_our_list": False}  # fmt: skip
    return {**GRADES, "E0005": {"partner": {**told, **other}}}


def test_a_partner_who_is_not_to_be_named_is_not_named():
    graded = partner()
    table = partner_assessments(graded, register(items(), sources(), graded))
    assert table[["evidence_id", "who", "origin_group"]].to_numpy().tolist() == [
        ["E0005", "", "HOSTCO"]
    ]
    assert "A platform" not in str(partners_table(table).notebook_view())
    named = partner(nameable=True)
    table = partner_assessments(named, register(items(), sources(), named))
    assert "A platform" in str(partners_table(table).notebook_view())
    assert isinstance(partners_table(table.iloc[:0]), Note)


def test_a_partner_asked_with_our_own_list_adds_no_origin(world):
    before = set(world.register["origin_group"])
    graded = partner(after_our_list=True)
    world.register = register(items(), sources(), graded)
    groups = world.register.set_index("evidence_id")["origin_group"]
    assert groups["E0005"] == groups["E0001"]
    assert independent_origins([groups["E0005"], groups["E0001"]]) == [groups["E0001"]]
    assert set(world.register["origin_group"]) == before - {"HOSTCO"}
    # Its letter and our own records were two origins; asked with our list they are one.
    claim = draft("four own", {"evidence": ["E0005", "E0001:1"]})
    assert "R2" in set(world.check(claim).violations["rule"])


@pytest.mark.parametrize(
    ("given", "said"),
    [({"label": ""}, "does not say 'label'"), ({"nameable": "no"}, "does not say 'nameable'"),
     ({"askd": "x"}, "did you mean 'asked'")],
)  # fmt: skip
def test_a_partner_assessment_is_whole(given, said):
    with pytest.raises(ClaimError, match=said):
        register(items(), sources(), partner(**given))


# -- what falls, as it is printed -----------------------------------------------------------------


def test_items_without_which_nothing_falls_are_told_together():
    rows = [
        ("E0001", "posts", ["C1", "C2"], [], []),
        ("E0002", "fans", [], ["C3"], []),
        ("E0003", "news", [], ["C3"], []),
        ("E0004", "list", [], ["C2"], []),
    ]
    removal = pd.DataFrame(rows, columns=["evidence_id", "title", "falls", "changes", "holds"])
    shown = what_falls_table(removal, pd.DataFrame({"claim": ["C1"]}))
    assert shown.frame["without"].tolist() == ["E0001", "E0002, E0003", "E0004"]
    assert "Most rests on E0001: without it 2 claims fall" in shown.title
    none = what_falls_table(removal.iloc[1:], pd.DataFrame({"claim": ["C1"]}))
    assert none.title == "No claim falls with a single item"
