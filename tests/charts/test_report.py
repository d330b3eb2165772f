"""Step 5: what the case finds, rung by rung, and what it cannot say. Few rows, every word checked."""

from __future__ import annotations

import pandas as pd
import pytest

from casebook import schema
from casebook.charts import report
from casebook.exhibits import Listing, Note, mark_synthetic


@pytest.fixture(autouse=True)
def _not_synthetic() -> None:
    mark_synthetic(False)


@pytest.fixture
def claims() -> pd.DataFrame:
    rows = [
        {"claim": "C1", "kind": "observation", "text": "Ten posts.", "evidence": ["E0001:3"]},
        {"claim": "C2", "kind": "assessment", "rung": 1, "text": "Very likely.",
         "likelihood": "very likely", "confidence": "moderate",
         "evidence": [f"E0001:{i}" for i in range(1, 9)], "counter_evidence": "Some answer."},
        {"claim": "C3", "kind": "assessment", "rung": 1, "text": "Likely.",
         "likelihood": "likely", "confidence": "low", "evidence": ["E0002"], "violations": ["R1: x"]},
        {"claim": "C4", "kind": "assessment", "rung": 3, "text": "Undetermined.",
         "likelihood": "undetermined", "evidence": ["E0002"]},
        {"claim": "C5", "kind": "assessment", "rung": 4, "text": "As reported.",
         "confidence": "moderate", "evidence": ["AP"]},
    ]  # fmt: skip
    return schema.check("claims", pd.DataFrame(rows))


def accounts(personas: int, reference: int, found_by: str | None = "a tip") -> pd.DataFrame:
    roles = ["persona"] * personas + ["reference"] * reference
    frame = pd.DataFrame({"account": [f"x:{i}" for i in range(len(roles))], "role": roles,
                          "platform": "x", "found_by": found_by})  # fmt: skip
    return schema.check("accounts", frame.astype("string"))


def rows(exhibit: object) -> list[list[object]]:
    assert isinstance(exhibit, Listing)
    return exhibit.payload()["rows"]


# -- findings ---------------------------------------------------------------------------------------


def test_a_finding_stands_with_its_kind_confidence_evidence_and_counter_evidence(
    claims: pd.DataFrame,
) -> None:
    shown = report.key_findings(claims, references=2)
    assert rows(shown)[:3] == [
        ["C1", "Ten posts.", "observation", "–", "E0001:3", "–"],
        ["C2", "Very likely.", "assessment, rung 1: inauthentic", "moderate",
         "E0001:1, E0001:2 and 6 more", "Some answer."],
        ["C3", "Likely.", "assessment, rung 1: inauthentic, breaks 1 rule", "low", "E0002", "–"],
    ]  # fmt: skip
    payload = shown._repr_mimebundle_()[0]
    assert "5 claims, 4 of them assessments" in payload["text/plain"]


def test_a_case_without_claims_claims_nothing() -> None:
    assert isinstance(report.key_findings(schema.empty("claims")), Note)


def test_each_rung_is_answered_by_itself_or_undetermined(claims: pd.DataFrame) -> None:
    answers = report.rung_answers(claims)
    assert answers["answer"].tolist() == [
        "very likely; likely",
        "undetermined: no claim is made",
        "undetermined",
        "reported by others, not assessed here",
    ]
    assert answers["claims"].tolist() == ["C2, C3", "–", "C4", "C5"]
    assert answers["confidence"].tolist() == ["low", "–", "–", "moderate"]


def test_neither_a_report_by_others_nor_an_open_question_counts_as_an_answer(
    claims: pd.DataFrame,
) -> None:
    assert report.answers_by_rung(claims).payload()["title"] == (
        "1 of 4 questions is answered by this case"
    )
    assert report.answers_by_rung(schema.empty("claims")).payload()["title"] == (
        "0 of 4 questions are answered by this case"
    )


def test_the_last_words_name_what_is_not_answered(claims: pd.DataFrame) -> None:
    said = report.closing_words(claims, accounts(10, 0)).markdown
    assert "5 claims are made in a case with 10 accounts under review" in said
    assert "Rung 1 (inauthentic) is assessed in C2, C3." in said
    assert "This case itself gives no answer on: coordinated, linked, directed." in said


def test_the_last_words_of_a_case_without_claims_are_that_it_makes_none() -> None:
    said = report.closing_words(schema.empty("claims"), accounts(0, 0)).markdown
    assert "This case makes no claim." in said
    assert "no answer on: inauthentic, coordinated, linked, directed" in said


# -- scope and limits -------------------------------------------------------------------------------


def test_scope_counts_accounts_and_posts_by_role() -> None:
    posts = schema.check(
        "posts",
        pd.DataFrame(
            {
                "account": ["x:0", "x:0", "x:1"],
                "platform": "x",
                "created_at": pd.to_datetime(["2024-01-05", "2024-03-02", None], utc=True),
                "embedded": [False, False, True],
            }
        ),
    )
    shown = report.scope_of_case(accounts(1, 1), posts, {"from": "2024-01-01", "note": "Text."})
    assert rows(shown) == [
        ["under review", "x", 1, 2, "5 Jan 2024 to 2 Mar 2024"],
        ["reference", "x", 1, 0, "no dated post"],
    ]
    assert shown.payload()["title"] == "2 accounts and 2 posts were read"
    assert shown.payload()["note"] == "The case set out to look at 2024-01-01 to …. Text."


def test_a_case_without_accounts_has_no_scope() -> None:
    empty = report.scope_of_case(schema.empty("accounts"), schema.empty("posts"))
    assert isinstance(empty, Note)


def limits(
    people: pd.DataFrame,
    *,
    readings: pd.DataFrame | None = None,
    assessable: bool = True,
    judged: tuple[tuple[str, str], ...] = (),
) -> str:
    layers = pd.DataFrame({"layer": ["repost", "link"], "assessable": [True, assessable]})
    judgements = pd.DataFrame(
        [{"subject": s, "reviewer": r, "question": "verdict", "current": True} for s, r in judged],
        columns=["subject", "reviewer", "question", "current"],
    ).astype({"current": "bool"})
    given = schema.empty("readings") if readings is None else schema.check("readings", readings)
    return report.limitations(people, given, layers, judgements).markdown


def test_few_reference_accounts_are_a_limit_and_enough_are_none() -> None:
    assert "49 reference accounts, fewer than 50" in limits(accounts(1, 49))
    assert "reference account" not in limits(accounts(1, 50))


def test_an_account_found_nobody_knows_how_is_a_limit() -> None:
    assert "How 2 of 2 accounts under review were found is not recorded" in limits(
        accounts(2, 0, found_by=None)
    )
    assert "not recorded" not in limits(accounts(2, 0))


def test_what_readers_left_open_is_a_limit() -> None:
    readings = pd.DataFrame(
        {
            "evidence_id": ["E0001", "E0002"],
            "records": [1000, 5],
            "rejected": [0, 2],
            "verified_format": [True, False],
            "time_precision": ["second", "minute"],
        }
    )
    said = limits(accounts(1, 50), readings=readings)
    assert "Times in E0002 are known to the minute or the day only" in said
    assert "2 records of 1,005 could not be read" in said
    assert "E0002 came in a format whose reader has not been tested" in said


def test_a_kind_of_content_that_was_left_out_is_a_limit() -> None:
    assert "cannot be assessed in this collection: link." in limits(
        accounts(1, 50), assessable=False
    )


def test_a_review_by_nobody_or_by_one_person_is_a_limit() -> None:
    judged = (("x:0", "aa"), ("x:0", "bb"), ("x:1", "aa"))
    said = limits(accounts(3, 50), judged=judged)
    assert "Nobody has judged 1 of 3 accounts under review." in said
    assert "1 account under review was judged by one person only" in said


def test_the_limit_of_all_collections_is_always_said() -> None:
    assert "No account is under review" in limits(accounts(0, 50))
    assert "Posts that were deleted before collection" in limits(accounts(0, 50))


# -- doubt, ethics, record --------------------------------------------------------------------------


def test_what_would_change_an_assessment_stands_beside_it() -> None:
    written = [
        {"id": "C1", "kind": "observation"},
        {"id": "C2", "kind": "assessment", "counter_evidence": "A tool.", "would_change": "Logs."},
        {"id": "C3", "kind": "forecast", "resolves_on": "2025-01-31"},
    ]
    shown = report.what_would_change(written)
    assert rows(shown) == [["C2", "A tool.", "Logs."], ["C3", "–", "2025-01-31"]]
    assert shown.payload()["title"] == "1 of 2 assessments names the strongest evidence against"
    assert isinstance(report.what_would_change([]), Note)


def test_open_legal_questions_are_printed_as_open() -> None:
    replies = pd.DataFrame({"answer": ["yes", None]}, dtype="string")
    shown = report.ethics_gate({"basis": "public interest", "retention": ""}, replies)
    assert rows(shown)[0][1] == "public interest"
    assert [r[1] for r in rows(shown)[1:7]] == ["not answered"] * 6
    assert rows(shown)[7][1] == "2 asked for, 1 received"
    assert shown.payload()["title"] == "6 of 7 legal and ethical questions are not answered yet"


def test_inputs_are_printed_as_they_are() -> None:
    assert rows(report.inputs_of_case({"case.yaml": "ab", "pandas": "3.0"})) == [
        ["case.yaml", "ab"],
        ["pandas", "3.0"],
    ]


@pytest.mark.parametrize("text", ["<b>x</b>", "[x](javascript:alert(1))", "*a* | b", "\u202e"])
def test_words_of_a_claim_or_a_case_stay_words(claims: pd.DataFrame, text: str) -> None:
    claims["claim"] = text
    said = report.closing_words(claims, accounts(1, 0)).markdown
    assert text not in said
    layers = pd.DataFrame({"layer": [text], "assessable": [False]})
    made = report.limitations(
        accounts(1, 50), schema.empty("readings"), layers,
        pd.DataFrame({"subject": [], "reviewer": [], "question": [], "current": []}).astype({"current": bool}),
    )  # fmt: skip
    assert text not in made.markdown
