"""The line-up: matched fillers, false alarms counted, and nobody sees another's answers too early."""

from __future__ import annotations

import pandas as pd
import pytest

from casebook.errors import TableError
from casebook.personas import disagreements, fillers, line_ups
from casebook.personas.lineup import LOCK, LOCKED, REVIEW, seen_by
from casebook.rates import jeffreys
from tests.personas.people import accounts_of, ordinary, posts_of

TOPICS = {"birds": "robin wren heron finch", "trains": "engine tender platform signal"}


def town():
    """Return two accounts under review, and people who talk of birds or of trains."""
    people = [{"account": "p0"}, {"account": "p1"}, *ordinary(12)]
    talk = {"p0": "birds", "p1": "trains"} | {
        f"r{n}": "birds" if n % 2 else "trains" for n in range(12)
    }
    often = {f"r{n}": 40 if n in {2, 3} else 8 for n in range(12)} | {"p0": 40, "p1": 40}
    rows = [
        {"account": a, "text": f"{TOPICS[talk[a]]} note {n % 7}"}
        for a in talk
        for n in range(often[a])
    ]
    return accounts_of(*people), posts_of(*rows)


def said(*lines):
    """Return judgements from (reviewer, subject, question, answer) in the order they were said."""
    rows, number = [], dict[str, int]()
    for reviewer, subject, question, answer in lines:
        number[reviewer] = number.get(reviewer, 0) + 1
        rows.append((number[reviewer], reviewer, subject, question, answer))
    frame = pd.DataFrame(rows, columns=["seq", "reviewer", "subject", "question", "answer"])
    last = ~frame.duplicated(["reviewer", "subject", "question"], keep="last")
    return frame.assign(
        current=last,
        reason="because",
        evidence=[["E0001:1"]] * len(frame),
        time=pd.Timestamp("2024-05-01", tz="UTC"),
    )


def everybody(reviewer, ours, theirs, *, lock=True):
    lines = [(reviewer, f"p{n}", "verdict", ours) for n in range(15)]
    lines += [(reviewer, f"r{n}", "verdict", theirs) for n in range(15)]
    return [*lines, (reviewer, REVIEW, LOCK, LOCKED)] if lock else lines


PEOPLE = accounts_of(*[{"account": f"p{n}"} for n in range(15)], *ordinary(20))


def test_a_filler_is_as_active_and_talks_of_the_same():
    found = fillers(*town(), for_each=1).set_index("stands_for")["account"]
    assert found.to_dict() == {"p0": "r3", "p1": "r2"}


def test_no_filler_stands_twice_and_the_order_of_the_tables_does_not_matter():
    accounts, posts = town()
    found = fillers(accounts, posts, for_each=3)
    assert len(found) == 6
    assert found["account"].is_unique
    again = fillers(
        accounts.iloc[::-1].reset_index(drop=True), posts.iloc[::-1].reset_index(drop=True),
        for_each=3,
    )  # fmt: skip
    pd.testing.assert_frame_equal(found, again)


def test_only_reference_accounts_of_the_platform_with_posts_can_stand_in():
    accounts, posts = town()
    accounts.loc[accounts["account"].isin(["r2", "r3"]), "platform"] = "tiktok"
    quiet = posts[posts["account"] != "r1"]
    found = set(fillers(accounts, quiet, for_each=9)["account"])
    assert not found & {"r1", "r2", "r3", "p0", "p1"}
    assert len(found) == 9


def test_fewer_than_five_get_more_fillers_so_that_answers_can_differ_from_a_guess():
    accounts, posts = town()
    many = pd.concat([accounts, accounts_of(*ordinary(30, start=12))], ignore_index=True)
    rows = posts_of(*[{"account": f"r{n}", "text": "robin"} for n in range(12, 42) for _ in "abc"])
    found = fillers(many, pd.concat([posts, rows], ignore_index=True))
    assert found.groupby("stands_for").size().tolist() == [7, 7]


def test_accounts_of_a_platform_without_fillers_do_not_count():
    elsewhere = PEOPLE.assign(
        platform=["tiktok" if a in {"p0", "p1"} else "x" for a in PEOPLE["account"]]
    )
    row = line_ups(said(*everybody("aa", "suspected", "authentic")), elsewhere).iloc[0]
    assert (row["called"], row["under_review"], row["fillers"]) == (13, 13, 15)
    assert row["tells_apart"]


def test_without_reference_accounts_there_is_no_line_up():
    accounts, posts = town()
    assert fillers(accounts[accounts["role"] == "persona"], posts).empty
    with pytest.raises(TableError, match="1 or more"):
        fillers(accounts, posts, for_each=0)


def test_who_suspects_some_of_the_innocent_has_that_rate():
    lines = everybody("aa", "suspected", "authentic", lock=False)
    lines += [("aa", "r0", "verdict", "suspected"), ("aa", REVIEW, LOCK, LOCKED)]
    row = line_ups(said(*lines), PEOPLE).iloc[0]
    assert (row["called"], row["under_review"]) == (15, 15)
    assert (row["fillers_called"], row["fillers"]) == (1, 15)
    assert (row["low"], row["high"]) == pytest.approx(jeffreys(1, 15))
    assert row["tells_apart"]


def test_who_suspects_everybody_tells_nobody_apart():
    row = line_ups(said(*everybody("aa", "suspected", "suspected")), PEOPLE).iloc[0]
    assert row["rate"] == 1.0
    assert row["p"] == pytest.approx(1.0)
    assert not row["tells_apart"]


def test_who_suspects_many_innocents_does_not_tell_apart_whatever_the_p():
    lines = everybody("aa", "assessed inauthentic", "undetermined", lock=False)
    lines += [("aa", f"r{n}", "verdict", "suspected") for n in range(4)]
    row = line_ups(said(*lines, ("aa", REVIEW, LOCK, LOCKED)), PEOPLE).iloc[0]
    assert row["p"] < 0.01
    assert not row["tells_apart"]


def test_fewer_fillers_than_accounts_under_review_are_too_few():
    lines = [s for s in everybody("aa", "suspected", "authentic") if s[1] != "r14"]
    row = line_ups(said(*lines), PEOPLE).iloc[0]
    assert row["fillers"] == 14
    assert not row["tells_apart"]


def test_what_was_said_after_the_lock_does_not_count():
    lines = [*everybody("aa", "suspected", "suspected"),
             *[("aa", f"r{n}", "verdict", "authentic") for n in range(15)]]  # fmt: skip
    assert line_ups(said(*lines), PEOPLE).iloc[0]["fillers_called"] == 15


def test_before_the_lock_nothing_counts():
    row = line_ups(said(*everybody("aa", "suspected", "authentic", lock=False)), PEOPLE).iloc[0]
    assert not row["locked"]
    assert row["fillers"] == 0
    assert not row["tells_apart"]


def test_nobody_sees_anothers_answers_until_both_have_locked():
    one = everybody("aa", "suspected", "authentic")
    other = everybody("bb", "undetermined", "authentic", lock=False)
    assert set(seen_by(said(*one, *other), "aa")["reviewer"]) == {"aa"}
    assert set(seen_by(said(*one, *other), "bb")["reviewer"]) == {"bb"}
    assert set(seen_by(said(*one, *other), "")["reviewer"]) == {"aa", "bb"}
    both = said(*one, *other, ("bb", REVIEW, LOCK, LOCKED))
    assert set(seen_by(both, "aa")["reviewer"]) == {"aa", "bb"}


def test_somebody_who_has_said_nothing_sees_nothing():
    assert seen_by(said(*everybody("aa", "suspected", "authentic")), "cc").empty


def test_disagreements_come_widest_first_and_say_what_is_settled():
    found = disagreements(
        said(
            ("aa", "p0", "verdict", "suspected"), ("bb", "p0", "verdict", "undetermined"),
            ("aa", "p1", "verdict", "assessed inauthentic"), ("bb", "p1", "verdict", "authentic"),
            ("aa", "p2", "verdict", "suspected"), ("bb", "p2", "verdict", "suspected"),
            ("cc", "p0", "adjudication", "undetermined"),
            ("aa", "r0", "verdict", "suspected"), ("bb", "r0", "verdict", "authentic"),
        ),
        PEOPLE,
    )  # fmt: skip
    assert found["account"].tolist() == ["p1", "p0"]
    assert found["gap"].tolist() == [3, 1]
    assert found["settled"].isna().tolist() == [True, False]
