"""What a reader is shown of narratives and reach: findings, and one line where there is none."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from casebook import schema
from casebook.charts import narratives as charts
from casebook.charts import reach as reach_charts
from casebook.exhibits import Figure, Listing, Note, Statement
from casebook.language import speak
from casebook.narratives import (
    breakout,
    code_shares,
    coded_posts,
    distinctive_words,
    engagement,
    engagement_ratios,
    monthly_shares,
    outside_reactions,
    outstanding_posts,
    shared_content,
    targets_by_code,
)
from casebook.objects import events

HOSTILE = "<script>alert(1)</script> [x](javascript:y) =cmd()|'/C' \u202egnp.exe\x00 | **b** ⟦"
COPIED = f"{HOSTILE} one two three four five six seven"


@pytest.fixture(params=["en", "fr"])
def language(request, monkeypatch):
    monkeypatch.setenv("CASEBOOK_STRICT_LANGUAGE", "1")
    speak(request.param)
    yield request.param
    speak("en")


def world(posts, accounts):
    """Six accounts under review who copy each other, and six others; one with many views."""
    ours, theirs = [f"p{i}" for i in range(6)], [f"r{i}" for i in range(6)]
    rows = []
    for n, name in enumerate([*ours, *theirs]):
        review = name in ours
        rows += [
            {
                "account": name,
                "text": f"{'rent alpha' if review else 'weather'} w{n}x w{n}y{k}",
                "likes": 1 if review else 4,
                "views": 90_000 if (name, k) == ("p0", 0) else 10 + k,
                "created_at": f"2024-0{1 + k % 3}-15T12:00:00Z",
            }
            for k in range(6)
        ]
    rows += [
        {
            "account": a,
            "text": f"{COPIED} {a}",
            "urls": ["https://a.example/<x>"],
            "likes": 1,
            "views": 9,
        }
        for a in ours[:3]
    ]
    roles = dict.fromkeys(ours, "persona") | dict.fromkeys(theirs, "reference")
    return posts(*rows), accounts(**roles)


def book(codebook):
    told = codebook(rents=(["rent", HOSTILE], ["rent a car"]), weather=["weather"], to_one=["one"])
    told["label"] = [HOSTILE, HOSTILE, "One"]
    return told


def all_exhibits(given, people, told, reach):
    coded = coded_posts(given, told)
    words = distinctive_words(given, people)
    reuse = shared_content(events(given), people)
    table = engagement(given, people)
    ratios = engagement_ratios(table)
    result = breakout(reach)
    return [
        charts.codebook_table(told, coded, people),
        charts.code_shares_figure(code_shares(coded, given, people, told), told),
        charts.codes_by_month(monthly_shares(coded, given, people, told["code"]), told),
        charts.targets_table(targets_by_code(coded, people), told),
        charts.distinctive_words_figure(words, given),
        charts.reuse_table(reuse, given),
        reach_charts.engagement_table(ratios, table),
        reach_charts.engagement_figure(table, ratios),
        reach_charts.outstanding_table(outstanding_posts(given, people), people),
        reach_charts.outside_statement(outside_reactions(given, people)),
        reach_charts.breakout_table(reach, result),
        reach_charts.breakout_warning(result),
        charts.narratives_summary(told, words, reuse, result),
    ]


def answers(**given: str) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "flag": flag,
                "answer": given.get(flag, "unknown"),
                "basis": "reported" if flag in given else "",
                "evidence": ["fact:G01"] if flag in given else [],
                "note": HOSTILE if flag in given else "",
            }
            for flag in schema.REACH_FLAGS
        ]
    )


def test_every_exhibit_is_safe_and_whole_in_every_language(
    posts, accounts, codebook, language
) -> None:
    given, people = world(posts, accounts)
    told = book(codebook)
    shown = all_exhibits(given, people, told, answers(several_platforms="shown"))
    kinds = [Listing, Figure, Figure, Listing, Figure, Listing, Listing, Figure, Listing,
             Statement, Listing, Note, Statement]  # fmt: skip
    assert [type(e) for e in shown] == kinds
    for exhibit in shown:
        content, view = exhibit.payload(), exhibit.notebook_view()
        whole = json.dumps([content, view.get("text/plain")], ensure_ascii=False)
        assert "\u202e" not in whole
        assert "\x00" not in whole
        assert "<script" not in content.get("svg", "") + view.get("text/html", "")
        if isinstance(exhibit, (Figure, Listing)):
            assert content["rows"], content["id"]
            assert "{" not in content["title"], content["title"]
            assert not content["title"].endswith(".")
        if isinstance(exhibit, Figure):
            assert all(content[k] for k in ("alt", "n", "source", "note")), content["id"]


def test_where_there_is_nothing_one_line_says_why(posts, accounts, codebook, language) -> None:
    given, people = posts(("p0", "hello"), ("r0", "hello")), accounts(p0="persona", r0="reference")
    shown = all_exhibits(given, people, codebook(), answers())
    told = [e for e in shown if e is not None]
    assert [type(e) for e in told] == [Note] * 5 + [Statement, Note, Note, Statement]
    assert all(len(e.payload()["markdown"]) > 30 for e in told)
    assert all(e is None for e in shown[1:4])


def test_a_codebook_without_a_hit_says_so(posts, accounts, codebook) -> None:
    given, people = posts(("p0", "hello"), ("r0", "hello")), accounts(p0="persona", r0="reference")
    told = codebook(rents=["rent"])
    coded = coded_posts(given, told)
    table = charts.codebook_table(told, coded, people)
    assert table.payload()["title"].startswith("0 of 1 entries of the codebook occur")
    note = charts.code_shares_figure(code_shares(coded, given, people, told), told)
    assert "None of the posts under review" in note.payload()["markdown"]


def test_titles_say_what_was_found(posts, accounts, codebook) -> None:
    given, people = world(posts, accounts)
    shown = all_exhibits(given, people, book(codebook), answers(several_platforms="shown"))
    title = [e.payload().get("title", "") for e in shown]
    assert title[0] == "2 of 3 entries of the codebook occur in posts under review"
    assert title[1] == (
        "1 of 3 entries are clearly more common under review than in any group beside"
    )
    assert title[5] == (
        "Two or more accounts under review posted alike: 1 text, 1 link, 0 pictures or videos; "
        "2 of these 2 were posted by no reference account"
    )
    assert title[6] == (
        "Posts under review clearly got less than those of matched ordinary accounts in 1 of 2 "
        "comparisons, and more in 0"
    )
    assert title[8].startswith("1 post under review got far more")
    assert title[10] == (
        "What is shown gives category 2 of 6 on the Breakout Scale; 5 open questions leave room "
        "up to 6"
    )


def test_a_report_is_warned_of_up_to_category_three_and_not_above() -> None:
    shown = {"several_platforms": "shown", "several_communities": "shown"}
    rest = {flag: "not shown" for flag in schema.REACH_FLAGS if flag not in shown}
    three = breakout(answers(**shown, **rest))
    assert three.low == three.high == 3
    assert (
        "can itself be the breakout" in reach_charts.breakout_warning(three).payload()["markdown"]
    )
    four = breakout(answers(**shown, **{**rest, "mainstream_media": "shown"}))
    assert reach_charts.breakout_warning(four) is None


def test_places_that_differ_between_copies_are_shown(posts, accounts) -> None:
    given = posts(
        ("p0", "the mayor of Springfield closed the old north bridge today and opened a new one"),
        ("p1", "the mayor of Riverside closed the old north bridge today and opened a new one"),
    )
    reuse = shared_content(events(given), accounts(p0="persona", p1="persona"))
    (row,) = charts.reuse_table(reuse, given).payload()["rows"]
    assert row[1] == (
        "the mayor of ⟨springfield|riverside⟩ closed the old north bridge today and opened a new one"
    )


def test_reactions_from_outside_are_told_in_bounds(posts, accounts) -> None:
    given = posts(
        {"account": "p0", "replies": 4}, {"account": "p1", "in_reply_to": "1"},
        {"account": "who", "in_reply_to": "1"},
    )  # fmt: skip
    people = accounts(p0="persona", p1="persona", who="bystander")
    said = reach_charts.outside_statement(outside_reactions(given, people)).payload()["markdown"]
    assert said.startswith(
        "Of 4 replies, reposts and quotes of posts under review, 25% to 75% come from outsiders. "
        "Seen from outsiders: 1; seen from accounts under review"
    )
