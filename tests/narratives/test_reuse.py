"""What two or more accounts under review put out alike, and who else did."""

from __future__ import annotations

from casebook.narratives import shared_content
from casebook.objects import events

TEXT = "one two three four five six seven eight"


def reused(given, people):
    table = shared_content(events(given), people)
    return table, {
        r.object: (r.layer, r.accounts, r.posts, r.known, r.reference, r.others)
        for r in table.itertuples()
    }


def test_what_is_shared_is_counted_with_who_else_shared_it(posts, accounts) -> None:
    link = {"urls": ["https://www.a.example/1?utm_source=x"]}
    given = posts(
        {"account": "ada", **link}, {"account": "eve", "urls": ["http://a.example/1"]},
        {"account": "eve", **link}, {"account": "ben", **link}, {"account": "kim", **link},
        {"account": "who", **link}, {"account": "ada", "urls": ["https://b.example"]},
        {"account": "ben", "urls": ["https://b.example"]},
    )  # fmt: skip
    people = accounts(
        ada="persona", eve="persona", ben="reference:fans", kim="known", who="bystander"
    )
    table, told = reused(given, people)
    assert told == {"https://a.example/1": ("link", 2, 3, 1, 1, 1)}
    row = table.iloc[0]
    assert list(row["evidence"]) == ["E0001:1", "E0001:2", "E0001:3"]
    assert (row["last"] - row["first"]).total_seconds() == 120


def test_near_duplicates_are_one_text_and_a_repost_is_none(posts, accounts) -> None:
    given = posts(
        ("ada", f"{TEXT} nine"), ("eve", f"{TEXT} ten"), ("fay", "another text of five words"),
        {"account": "fay", "text": f"{TEXT} nine", "is_repost": True},
    )  # fmt: skip
    _, told = reused(given, accounts(ada="persona", eve="persona", fay="persona"))
    assert [v[:3] for v in told.values()] == [("text", 2, 2)]


def test_one_persona_on_two_platforms_is_one(posts, accounts) -> None:
    people = accounts(ada="persona", eve="persona")
    people["handle"] = ["The_Outlet", "the_outlet"]
    given = posts(*({"account": a, "urls": ["https://a.example/1"]} for a in ("ada", "eve")))
    assert reused(given, people)[1] == {}


def test_what_no_ordinary_account_shared_comes_first(posts, accounts) -> None:
    rows = [
        {"account": a, "urls": [f"https://{name}.example"]}
        for name, who in (("common", ("ada", "eve", "fay", "ben")), ("own", ("ada", "eve")))
        for a in who
    ]
    people = accounts(ada="persona", eve="persona", fay="persona", ben="reference")
    table, _ = reused(posts(*rows), people)
    assert list(table["object"]) == ["https://own.example", "https://common.example"]


def test_nothing_shared_is_an_empty_table(posts, accounts) -> None:
    assert reused(posts(("ada", TEXT)), accounts(ada="persona"))[0].empty
