"""Accounts under review taken together, and the texts they share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from casebook import schema
from casebook.charts.links import candidates_table, texts_table
from casebook.network import clusters, review_candidates, shared_texts
from casebook.objects import events
from casebook.scenario.worlds import Operation, world

DAY = 86_400.0


def under_review(accounts: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    role = np.where(accounts["account"].isin(names), "persona", "reference")
    return accounts.assign(role=pd.array(role, dtype="string"))


@pytest.fixture(scope="module")
def slow() -> tuple[pd.DataFrame, pd.DataFrame]:
    return world(600, Operation(15, DAY, 0.5))


def test_an_operation_that_takes_a_day_shows_as_candidates(slow) -> None:
    events_, accounts = slow
    found = review_candidates(events_, accounts)
    assert found["candidate"].sum() == 15
    assert (found["times"] > 2).all()
    shown = candidates_table(found, schema.check("accounts", accounts))
    assert shown.title.startswith("15 of 15 accounts under review share at least twice as much")
    assert "no finding" in shown.note


def test_ordinary_people_under_review_are_no_candidates(slow) -> None:
    events_, accounts = slow
    people = [a for a in accounts["account"] if a.startswith("ordinary")][:15]
    found = review_candidates(events_, under_review(accounts, people))
    assert len(found) == 15
    assert not found["candidate"].any()
    assert (found["p"] <= 0.01).any()  # significance alone would have named some


def test_what_is_met_and_usual_worked_by_hand(acts) -> None:
    # ada shares a, b, c with ben, who is under review, and nothing with the sixty others, who
    # share two things of their own: usual is 0, and 3 is infinitely more.
    rows = [(n, o, 0) for n in ("ada", "ben") for o in ("a", "b", "c")]
    rows += [(f"r{i:02}", o, 0) for i in range(60) for o in ("x", "y", f"z{i // 2}")]
    names = sorted({r[0] for r in rows})
    accounts = pd.DataFrame({"account": names, "role": "reference"})
    found = review_candidates(acts(rows), under_review(accounts, ["ada", "ben"]), draws=200)
    ada = found.iloc[0]
    assert (ada["account"], ada["objects"], ada["met"], ada["usual"]) == ("ada", 3, 3, 0.0)
    assert ada["times"] == float("inf")
    assert ada["candidate"]


def test_without_enough_others_nothing_is_said(acts) -> None:
    rows = [(n, o, 0) for n in ("ada", "ben", "cleo") for o in ("a", "b", "c")]
    accounts = pd.DataFrame({"account": ["ada", "ben", "cleo"], "role": ["persona"] * 3})
    found = review_candidates(acts(rows), accounts)
    assert found.empty
    assert "not assessable" in str(candidates_table(found, accounts).payload())


def tied(pairs: list[tuple[str, str, float]]) -> pd.DataFrame:
    return schema.check(
        "edges",
        pd.DataFrame(
            [
                {"source": min(a, b), "target": max(a, b), "layer": "link", "finding": "synchrony",
                 "surprise": s, "co_actions": 3, "lead": 0.5}
                for a, b, s in pairs
            ]
        ),
    )  # fmt: skip


def test_an_account_stays_with_those_it_is_tied_to_more_strongly() -> None:
    # Four under review in a clique; p5 hangs on them and more on three others, p6 less.
    ring = [(f"p{i}", f"p{j}", 9.0) for i in range(1, 5) for j in range(i + 1, 5)]
    crowd = [(f"r{i}", f"r{j}", 9.0) for i in range(5) for j in range(i + 1, 5)]
    ring += [(p, f"p{i}", 3.0) for p in ("p5", "p6") for i in (1, 2)]
    crowd += [("p5", f"r{i}", 8.0) for i in range(3)] + [("p6", f"r{i}", 1.9) for i in range(3)]
    names = [f"p{i}" for i in range(1, 7)] + [f"r{i}" for i in range(5)]
    accounts = under_review(pd.DataFrame({"account": names}), names[:6])
    found = clusters(tied(ring + crowd), schema.empty("posts"), accounts, seeds=0)
    held = {frozenset(part["account"]) for _, part in found.groupby("cluster")}
    assert held == {
        frozenset({"p1", "p2", "p3", "p4", "p6"}),
        frozenset({"p5", "r0", "r1", "r2", "r3", "r4"}),
    }


# -- texts ----------------------------------------------------------------------------------------
def posted(*rows: tuple[str, str]) -> pd.DataFrame:
    made = [
        {"post": f"x:{n}", "post_id": str(n), "platform": "x", "account": who, "text": text,
         "created_at": pd.Timestamp(f"2024-05-{n:02}", tz="UTC"), "time_precision": "second",
         "evidence_id": "E0001", "source_line": n, "reader": "test"}
        for n, (who, text) in enumerate(rows, start=1)
    ]  # fmt: skip
    return schema.check("posts", pd.DataFrame(made))


def test_names_exchanged_in_one_text_are_shown_as_slots() -> None:
    posts = posted(
        ("ada", "Sample text on parks by Nora for all of the town today"),
        ("ben", "Sample text on parks by Omar for all of the town today"),
        ("cleo", "Sample text on parks by Omar for all of the town today"),
        ("ada", "nobody else has this one here at all, only me"),
    )
    accounts = under_review(pd.DataFrame({"account": ["ada", "ben", "cleo"]}), ["ada", "ben"])
    (row,) = shared_texts(events(posts), posts, accounts).to_dict("records")
    assert row["template"] == "sample text on parks by ⟨nora|omar⟩ for all of the town today"
    assert (row["accounts"], row["others"], row["posts"]) == (2, 1, 3)
    assert row["evidence"] == ["E0001:1", "E0001:2"]


def test_hostile_texts_stay_text() -> None:
    bad = "<img src=x onerror=alert(1)> =cmd|' /C calc'!A0 \u202eevil [a](javascript:x) ⟨fake|slot⟩"
    posts = posted(("ada", f"one two three {bad} four"), ("ben", f"one two three {bad} five"))
    accounts = under_review(pd.DataFrame({"account": ["ada", "ben"]}), ["ada", "ben"])
    shown = texts_table(shared_texts(events(posts), posts, accounts))
    page = shown.notebook_view()["text/html"]
    assert "<img" not in page
    assert "\u202e" not in page
    assert "one two three" in page
    (cell,) = shown.frame["text"]
    assert cell.count("⟨") == 1  # only our own slot: brackets of the text are gone


def test_no_shared_text_is_said() -> None:
    posts = posted(("ada", "one two three four five six"), ("ben", "seven eight nine ten eleven"))
    accounts = under_review(pd.DataFrame({"account": ["ada", "ben"]}), ["ada", "ben"])
    found = shared_texts(events(posts), posts, accounts)
    assert "No two accounts" in str(texts_table(found).payload())
