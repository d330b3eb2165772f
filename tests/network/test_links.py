"""Ties to known accounts, reactions from inside, and what hangs on a single source."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from casebook import schema
from casebook.charts.links import inside_table, known_links_table, left_out_table
from casebook.network import (
    chance_tests,
    cluster_tests,
    clusters,
    co_actions,
    labelled,
    robustness,
    significance,
    specifications,
)
from casebook.network.links import inside_engagement, known_links, left_out

START = pd.Timestamp("2024-05-01", tz="UTC")


def table(name: str, rows: list[dict]) -> pd.DataFrame:
    return schema.check(name, pd.DataFrame(rows)) if rows else schema.empty(name)


def post(number: int, account: str, **others: object) -> dict:
    return {
        "post": f"x:{number}",
        "post_id": str(number),
        "platform": "x",
        "account": account,
        "handle": account.title(),
        "created_at": START,
        "time_precision": "second",
        **others,
    }


def members(*names: str) -> pd.DataFrame:
    return table("clusters", [{"cluster": "C1", "account": n, "label": ""} for n in names])


# -- reactions from inside ------------------------------------------------------------------------
def test_the_share_from_inside_is_bounded_by_what_was_not_collected() -> None:
    posts = table(
        "posts",
        [
            post(1, "ada", replies=4, reposts=5, quotes=1),
            post(2, "ben", in_reply_to="1"),  # inside, by the id of the post
            post(3, "ben", is_repost=True, repost_of_handle="ADA"),  # inside, by the handle
            post(4, "cleo", quote_of="1"),  # outside
            post(5, "ada", in_reply_to="1"),  # her own: left out
            post(6, "ben", in_reply_to="99"),  # to somebody who is not in the collection
        ],
    )
    row = inside_engagement(posts, members("ada", "ben")).iloc[0]
    assert (row["counted"], row["inside"], row["outside"]) == (10, 2, 1)
    assert (row["least"], row["most"]) == (0.2, 0.9)


def test_counters_below_what_was_collected_do_not_make_more_than_all() -> None:
    posts = table(
        "posts",
        [post(1, "ada", replies=0), post(2, "ben", in_reply_to="1"), post(3, "x", in_reply_to="1")],
    )
    row = inside_engagement(posts, members("ada", "ben")).iloc[0]
    assert (row["least"], row["most"]) == (0.5, 0.5)


def test_without_counters_and_reactions_nothing_is_said() -> None:
    found = inside_engagement(table("posts", [post(1, "ada")]), members("ada"))
    assert np.isnan(found["least"].iloc[0])
    assert "not assessable" in inside_table(found).frame["share from inside"].tolist()


def test_a_counter_alone_says_nothing_about_who_reacted() -> None:
    found = inside_engagement(table("posts", [post(1, "ada", reposts=500)]), members("ada"))
    assert inside_table(found).frame["share from inside"].tolist() == ["not assessable"]


# -- known accounts -------------------------------------------------------------------------------
def people(**roles: str) -> pd.DataFrame:
    rows = [
        {"account": a, "platform": "x", "handle": a, "role": r, "found_by": f"list of {r}"}
        for a, r in roles.items()
    ]
    return table("accounts", rows)


def test_a_link_has_one_known_side_and_the_source_of_that_attribution() -> None:
    roles = people(ada="persona", old="known", older="known", rita="reference")
    made = [
        {"source": s, "target": t, "layer": "link", "finding": f, "objects": 3, "co_actions": 4}
        for s, t, f in (
            ("ada", "old", "synchrony"),
            ("old", "older", "synchrony"),  # two known ones: no link
            ("older", "rita", "shared attention"),
            ("ada", "rita", "synchrony"),
            ("ada", "older", "by chance"),
        )
    ]
    found = known_links(table("edges", made), roles)
    assert found[["account", "known"]].values.tolist() == [["ada", "old"], ["rita", "older"]]
    assert set(found["attributed_by"]) == {"list of known"}
    shown = known_links_table(found, roles)
    assert shown.frame["account"].tolist()[0] == "ada"
    assert "list of known" in str(shown.payload())


def test_no_known_account_and_no_link_are_two_answers() -> None:
    nobody = people(ada="persona")
    none = known_links(schema.empty("edges"), nobody)
    assert "attributed earlier by others" in str(known_links_table(none, nobody).payload())
    some = people(ada="persona", old="known")
    assert "shares more than chance" in str(known_links_table(none, some).payload())


# -- leaving out ----------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def operation() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Six accounts that share links within seconds in one capture, and 150 who share at leisure."""
    rng = np.random.default_rng(11)
    rows = []
    for task in range(30):
        start = 20_000 * task
        chosen = rng.permutation([f"op{i}" for i in range(6)])[:3]
        rows += [(n, f"task{task}", start + int(rng.integers(40)), "E0001") for n in chosen]
    born = rng.integers(0, 600_000, 300)
    for i in range(150):
        liked = rng.integers(0, 300, 40)
        late = rng.exponential(3_000, 40).astype(int)
        times = (born[liked] + late).tolist()
        rows += [
            (f"r{i:03d}", f"o{o}", t, "E0002") for o, t in zip(liked.tolist(), times, strict=True)
        ]
    events = pd.DataFrame(rows, columns=["account", "object", "second", "evidence_id"])
    events = events.assign(
        time=pd.to_datetime(events["second"], unit="s", utc=True).astype("datetime64[us, UTC]"),
        layer="link",
        post=[f"p{i}" for i in range(len(events))],
        row="",
        platform="x",
        time_precision="second",
    )
    roles = {f"op{i}": "persona" for i in range(6)} | {f"r{i:03d}": "reference" for i in range(150)}
    return events, schema.empty("posts"), people(**roles)


def test_leaving_out_the_source_of_a_finding_leaves_nothing(operation) -> None:
    found = left_out(*operation).set_index(["kind", "left_out"])
    assert found.loc[("nothing", ""), "coordinated"] == 6
    assert found.loc[("evidence item", "E0001"), "coordinated"] == 0
    assert found.loc[("evidence item", "E0001"), "gone"] == 6
    assert "platform" not in found.index.get_level_values(0)  # there is only one
    # Without the ordinary accounts there is nothing to compare with, which is another reason.
    assert found.loc[("evidence item", "E0002"), "basis"] == "not assessable"
    shown = left_out_table(found.reset_index())
    assert shown.title.startswith("Without evidence item E0001 or evidence item E0002, nobody")


def test_the_table_says_how_many_stay_when_no_source_carries_all() -> None:
    rows = [("nothing", "", 0, 6, 0, ""), ("layer", "text", 5, 5, 2, "timing")]
    left = pd.DataFrame(
        rows, columns=["kind", "left_out", "events", "coordinated", "gone", "basis"]
    )
    shown = left_out_table(left)
    assert "at least 4 of 6" in shown.title
    assert shown.frame["new"].tolist() == [1]
    assert "one source only" in str(left_out_table(left.iloc[:1]).payload())
    assert "nothing can be" in str(left_out_table(left.assign(coordinated=0)).payload())


def test_a_large_collection_says_what_was_not_computed(operation) -> None:
    events, posts, accounts = operation
    assert left_out(events, posts, accounts, most=10).empty
    said = left_out_table(left_out(events, posts, accounts, most=10)).payload()
    assert "is not computed by itself" in str(said)


def test_each_line_is_what_the_whole_step_finds_in_the_rest(operation) -> None:
    events, posts, accounts = operation
    slower = events[events["evidence_id"] == "E0002"].assign(layer="text")
    events = pd.concat([events, slower[slower.index % 3 == 0]], ignore_index=True)
    found = left_out(events, posts, accounts, most=None).set_index(["kind", "left_out"])
    rest = events[events["layer"] != "text"]
    tests = chance_tests(rest, accounts=accounts)
    edges = significance(rest, co_actions(rest), accounts=accounts, tests=tests)
    members = clusters(edges, posts, accounts, seeds=0)
    groups = cluster_tests(members, edges, rest, posts, accounts, draws=200)
    called = labelled(members, groups, robustness(specifications(tests)))
    real = set(called.loc[called["label"] == "coordinated", "account"])
    row = found.loc[("layer", "text")]
    assert row["coordinated"] == len(real & {f"op{i}" for i in range(6)}) == 6
    assert row["basis"] == groups["basis"].iloc[0]
