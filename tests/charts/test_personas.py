"""Exhibits of persona review: what stands in them, and what is not lost in them."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from casebook import schema
from casebook.charts.personas import (
    claim_drift,
    judgements_table,
    posting_rhythm,
    signal_matrix,
    verdict_table,
)
from casebook.exhibits import Note, Statement
from casebook.personas import agreement, verdicts
from tests.personas.people import DAY, accounts_of, ordinary, posts_of, snapshots_of

NAMES = ("aa", "bb", "cc", "dd")
PEOPLE = accounts_of({"account": "a", "handle": "synth_a"}, {"account": "b", "handle": "synth_b"})


def judged(*rows):
    """Return judgements: account, reviewer, question, answer; all current, a minute apart."""
    frame = pd.DataFrame(list(rows), columns=["subject", "reviewer", "question", "answer"])
    return frame.assign(
        seq=range(1, len(frame) + 1),
        time=[DAY + pd.Timedelta(minutes=n) for n in range(len(frame))],
        reason=[f"reason {n}" for n in range(1, len(frame) + 1)],
        evidence=[[f"E0001:{n}"] for n in range(1, len(frame) + 1)],
        current=True,
    ).astype(dict.fromkeys(("subject", "reviewer", "question", "answer", "reason"), "string"))


def test_what_all_reviewers_said_of_an_account_is_one_row():
    told = judgements_table(
        judged(
            ("a", "aa", "verdict", "suspected"),
            ("a", "bb", "verdict", "authentic"),
            ("a", "aa", "real-person-check", "done"),
            ("a", "bb", "real-person-check", "done"),
            ("b", "aa", "verdict", "undetermined"),
            ("b", "cc", "adjudication", "suspected"),
        ),
        PEOPLE,
    )
    assert told.title == "6 answers of 3 reviewers on 2 accounts"
    rows = told.frame.set_index("account")
    assert rows.loc["synth_a", "aa"] == "suspected: reason 1"
    assert rows.loc["synth_a", "bb"] == "authentic: reason 2"
    assert rows.loc["synth_a", "check"] == "done (aa, bb)"
    assert rows.loc["synth_b", "cc"] == "adjudication suspected: reason 6"
    assert pd.isna(rows.loc["synth_b", "bb"])
    assert rows.loc["synth_a", "evidence"] == ["E0001:1", "E0001:2", "E0001:3", "E0001:4"]


def test_many_reviewers_share_a_column():
    told = judgements_table(judged(*(("a", who, "verdict", "suspected") for who in NAMES)), PEOPLE)
    said = "; ".join(f"{who}: suspected: reason {n}" for n, who in enumerate(NAMES, start=1))
    assert told.frame["who said what, and why"].tolist() == [said]


def test_fifteen_verdicts_without_a_known_error_could_still_be_wrong_in_18_percent():
    # 1 - 0.05^(1/15) = 0.181
    people = accounts_of(*({"account": f"p{n}", "handle": f"synth_{n}"} for n in range(15)))
    said = judged(*((f"p{n}", "aa", "verdict", "suspected") for n in range(15)))
    told = verdict_table(verdicts(said, people), people, agreement(said, people))
    assert "15 accounts are suspected" in told.note
    assert "up to 18% of such verdicts" in told.note


def test_a_check_that_found_somebody_is_printed_and_nobody_is_named():
    said = judged(
        ("a", "aa", "real-person-check", "done"),
        ("a", "bb", "real-person-check", "hijacked"),
        ("b", "aa", "real-person-check", "done"),
    )
    found = verdicts(said, PEOPLE).set_index("account")["real_person_check"]
    assert found.to_dict() == {"a": "hijacked", "b": "done"}
    frame = verdicts(said.assign(question="verdict", answer="suspected"), PEOPLE)
    frame["real_person_check"] = ["hijacked", "done"]
    table = verdict_table(frame, PEOPLE, agreement(said, PEOPLE)).frame
    assert table["real person, hijacked, parody?"].tolist() == ["hijacked", "none of these"]


# -- claims over time -----------------------------------------------------------------------------


def drift(*looks):
    return claim_drift(snapshots_of(*({"account": "a", **look} for look in looks)), PEOPLE)


def test_a_claim_that_changed_has_a_lane_with_how_it_was_captured():
    found = drift(
        {"claimed_age": "34", "claimed_place": "Sampletown", "capture": "typed"},
        {"claimed_age": "27", "claimed_place": "Sampletown", "capture": "archive"},
    )
    assert found.title.startswith("1 of 1 accounts with dated claims")
    assert found.data["claim"].tolist() == ["age", "age"]
    assert found.data["captured as"].tolist() == ["typed", "archive"]
    spec = json.dumps(found._spec)
    assert '"typed"' in spec
    assert "34" in found.svg()


def test_a_new_handle_is_a_lane_and_an_old_one_is_no_claim():
    same = {"claimed_age": "34", "handle": "synth_a"}
    assert isinstance(drift(same, same), Statement)
    assert isinstance(drift({"handle": "synth_a"}, {"handle": "synth_a"}), Note)
    found = drift({**same, "handle": "before"}, same)
    assert found.data["claim"].tolist() == ["handle", "handle"]
    assert found.n.startswith("4 dated claims")


# -- hours ----------------------------------------------------------------------------------------


def week(*hours_utc, zone=-5.0):
    posts = posts_of(
        *(
            {"account": "a", "created_at": pd.Timestamp("2024-09-01", tz="UTC") + pd.Timedelta(h)}
            for h in hours_utc
        )
    )
    return posting_rhythm(posts, PEOPLE, claimed_zone=zone)


def share(figure, zone, day, hour):
    rows = figure.data[(figure.data["zone"] == zone) & (figure.data["day"] == day)]
    return float(rows[f"{hour:02d}"].iloc[0])


def test_hours_stand_by_weekday_in_utc_and_in_the_claimed_zone():
    # 1 September 2024 is a Sunday; two o'clock on Monday in UTC is nine in the evening there.
    found = week("26h", "26h", "26h", "15h")
    assert found.title.startswith("The accounts under review post most at 02:00 UTC")
    assert share(found, "in UTC", "Mon", 2) == 0.75
    assert share(found, "in UTC", "Sun", 15) == 0.25
    assert share(found, "in the claimed zone, UTC-5", "Sun", 21) == 0.75
    assert share(found, "in the claimed zone, UTC-5", "Sun", 10) == 0.25
    assert "1 of the posts under review" in found.note
    assert 'role="img"' in found.svg()


def test_half_hours_of_a_zone_are_kept():
    found = week("26h", "26h15m", zone=5.5)
    assert share(found, "in the claimed zone, UTC+5.5", "Mon", 7) == 1.0


def test_a_day_is_no_hour():
    posts = posts_of({"account": "a", "time_precision": "day"})
    assert isinstance(posting_rhythm(posts, PEOPLE), Note)


# -- signals --------------------------------------------------------------------------------------


def test_each_owner_of_an_account_has_a_row_in_the_matrix():
    signals = schema.check(
        "signals",
        pd.DataFrame(
            {
                "account": ["a", "a", "b"],
                "episode": ["owner 1", "owner 2", "all"],
                "signal": "rename",
                "shown": "shown",
                "counted": [False, True, True],
            }
        ),
    )
    found = signal_matrix(signals, PEOPLE).data.set_index("name")["state"]
    assert found.to_dict() == {
        "synth_a · owner 1": "shown, not counted",
        "synth_a · owner 2": "shown",
        "synth_b": "shown",
    }


@pytest.mark.parametrize("count", [0, 60])
def test_ordinary_accounts_are_drawn_where_there_are_some(count):
    people = accounts_of({"account": "a"}, *ordinary(count))
    posts = posts_of({"account": "a"}, *({"account": f"r{n}"} for n in range(count)))
    groups = set(posting_rhythm(posts, people).data["who"])
    assert groups == ({"under review", "ordinary reference"} if count else {"under review"})
