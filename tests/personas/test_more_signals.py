"""Signals of the clock, of counters and of exchanged names; and accounts that changed hands."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from casebook import schema
from casebook.personas import group_battery, signals
from casebook.personas.episodes import NO_OWNER, of_present_owners
from casebook.personas.rhythm import notch
from casebook.personas.signals import chi_square_tail, script
from tests.personas.people import DAY, accounts_of, ordinary, posts_of, snapshots_of

NONE = schema.empty("snapshots")


def counters(*counts, **look):
    looks = snapshots_of(*({"account": "p", "posts": n, **look} for n in counts))
    return signals(accounts_of({"account": "p"}), posts_of(), looks)


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((500, 90), "shown"),
        ((90, 500), "not shown"),
        ((500, 460), "not shown"),  # 40 of 500 is less than a tenth
        ((50, 42), "not shown"),  # a sixth, and fewer than ten posts
        ((500,), "not assessable"),
    ],
)
def test_a_counter_that_falls_between_two_captures(one, counts, shown):
    row = one(counters(*counts), "deleted-history")
    assert row["shown"] == shown
    if shown == "shown":
        assert row["value"] == 410
        assert row["evidence"] == ["E0002:1", "E0002:2"]
        assert "500 posts" in row["reason"]


def test_a_counter_that_an_analyst_typed_says_nothing(one):
    assert one(counters(500, 90, capture="typed"), "deleted-history")["shown"] == "not assessable"


def at(seconds, gap=3600):
    """Return posts, an hour and some seconds apart."""
    times = [DAY + pd.Timedelta(seconds=gap * n + s) for n, s in enumerate(seconds)]
    return posts_of(*({"account": "p", "created_at": t} for t in times))


def test_posts_on_the_full_minute_come_by_the_clock_and_scattered_ones_do_not(one, rng):
    accounts = accounts_of({"account": "p"})
    # One slot of five seconds holds all of 60 posts; chance gives five.
    row = one(signals(accounts, at(rng.integers(0, 4, 60)), NONE), "automation")
    assert row["shown"] == "shown"
    assert row["value"] == 1.0
    scattered = np.cumsum(rng.exponential(3600, 120)).astype(int)
    posts = posts_of(
        *({"account": "p", "created_at": DAY + pd.Timedelta(seconds=int(s))} for s in scattered)
    )
    row = one(signals(accounts, posts, NONE), "automation")
    assert row["shown"] == "not shown"
    assert row["value"] < 0.2


def test_intervals_more_even_than_chance_come_by_the_clock(one):
    # 3,607 seconds is prime: seconds run through the minute, intervals are all the same.
    posts = at([7 * n for n in range(120)])
    row = one(signals(accounts_of({"account": "p"}), posts, NONE), "automation")
    assert row["value"] < 0.15
    assert "burstiness of the intervals -1.00" in row["reason"]
    assert row["shown"] == "shown"


def test_minutes_alone_and_few_posts_say_nothing_of_the_clock(one):
    accounts = accounts_of({"account": "p"})
    posts = at([0] * 80).assign(time_precision="minute")
    assert one(signals(accounts, posts, NONE), "automation")["shown"] == "not assessable"
    assert one(signals(accounts, at([0] * 59), NONE), "automation")["shown"] == "not assessable"


def test_the_tail_of_chi_square_is_that_of_the_tables():
    assert chi_square_tail(19.675, 11) == pytest.approx(0.05, abs=1e-5)


SAID = "{} told the sample town that nobody will ever pay for the new sample bridge"


@pytest.mark.parametrize(
    ("one_name", "other_name", "shown"),
    [
        ("Synthia Sampleton", "Bert Mustermann", "shown"),
        ("Synthia Sampleton", "synthia sampleton", "not shown"),
        ("Synthia Sampleton", "Dame Synthia Sampleton", "not shown"),
        ("A", "B", "not shown"),
    ],
    ids=["another name", "the same", "written longer", "initials"],
)
def test_one_text_with_a_name_exchanged(one, one_name, other_name, shown):
    posts = posts_of(
        {"account": "p", "text": SAID.format(one_name)},
        {"account": "q", "text": SAID.format(other_name)},
    )
    found = signals(accounts_of({"account": "p"}, {"account": "q"}), posts, NONE)
    row = one(found, "template-swap")
    assert row["shown"] == shown
    if shown == "shown":
        assert row["reason"].endswith("“Bert Mustermann” for “Synthia Sampleton”")
        assert row["evidence"] == ["E0001:1"]


def test_an_account_that_repeats_itself_about_somebody_else_swaps_nothing(one):
    rows = [{"account": "p", "text": SAID.format(n)} for n in ("Synthia Sample", "Bert Muster")]
    found = signals(accounts_of({"account": "p"}), posts_of(*rows), NONE)
    assert one(found, "template-swap")["shown"] == "not shown"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("As an AI language model I cannot write sample slogans.", "shown"),
        ("作为一个AI语言模型，我不能写示例。", "shown"),
        ("An AI model of a sample bridge was shown.", "not shown"),
    ],
)
def test_what_language_models_say_of_themselves(one, text, shown):
    found = signals(accounts_of({"account": "p"}), posts_of({"account": "p", "text": text}), NONE)
    assert one(found, "model-disclosure")["shown"] == shown


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a sample #示例 https://sample.example/пример", "Latin"),
        ("مثال على منشور", "Arabic"),
        ("サンプルの投稿 example", "Japanese"),
        ("#tag https://sample.example", "other"),
    ],
)
def test_the_script_is_that_of_the_words_and_not_of_tags_and_links(text, name):
    assert script(text) == name


def office(rng, name, zone, *, lunch):
    """Return 60 posts of office hours, with a rest from twelve to two or without."""
    hours = [9, 10, 11, 14, 15, 16, 17] + ([] if lunch else [12, 13])
    local = rng.choice(hours, 60)
    times = [DAY + pd.Timedelta(days=int(n), hours=int(h - zone)) for n, h in enumerate(local)]
    return [{"account": name, "created_at": t} for t in times]


@pytest.mark.parametrize(("lunch", "shown"), [(True, "shown"), (False, "not shown")])
def test_a_group_that_rests_over_lunch_is_seen_beside_groups_that_do_not(one, rng, lunch, shown):
    ours = [row for n in range(6) for row in office(rng, f"p{n}", 8, lunch=lunch)]
    theirs = [row for n in range(60) for row in office(rng, f"r{n}", -5, lunch=False)]
    accounts = accounts_of(*({"account": f"p{n}"} for n in range(6)), *ordinary(60))
    row = one(signals(accounts, posts_of(*ours, *theirs), NONE), "lunch-notch", "p0")
    assert row["shown"] == shown
    # Not measured on innocent groups with office hours, so it is printed and counts for nothing.
    assert not row["counted"]


def test_the_notch_is_read_in_the_zone_that_fits_offices():
    busy = np.zeros(24)
    busy[[9, 10, 11, 14, 15, 16, 17]], busy[[12, 13]] = 10, 1
    assert notch(np.roll(busy, 5)) == (-5, pytest.approx(0.9))
    assert notch(np.zeros(24))[1] == 0.0


# -- accounts that changed hands ------------------------------------------------------------------


SOLD = DAY + pd.Timedelta(days=200)


def owners(*periods):
    frame = pd.DataFrame(list(periods), columns=["account", "episode", "from", "to"])
    for column in ("from", "to"):
        frame[column] = pd.to_datetime(frame[column], utc=True)
    return frame


def sold(episodes):
    """Return the signals of an account that wrote Chinese, was sold, and writes English."""
    rows = [{"account": "p", "text": "这是一个示例帖子"}] * 4
    rows += [
        {"account": "p", "text": "a sample post", "created_at": SOLD + pd.Timedelta(hours=n)}
        for n in range(4)
    ]
    looks = snapshots_of(
        {"account": "p", "captured_at": DAY, "handle": "before", "claimed_age": "20"},
        {"account": "p", "captured_at": SOLD, "handle": "Somebody12345", "claimed_age": "50"},
    )
    accounts = accounts_of({"account": "p", "handle": "Somebody12345", "bio": "a proud American"})
    return signals(accounts, posts_of(*rows), looks, episodes=episodes)


def test_each_owner_of_an_account_is_measured_alone():
    whole = sold(None)
    apart = sold(owners(("p", "owner 1", None, SOLD), ("p", "owner 2", SOLD, None)))
    assert set(whole["episode"]) == {"all"}
    assert set(apart["account"]) == {"p"}
    state = apart.set_index(["signal", "episode"])["shown"]
    joined = whole.set_index("signal")["shown"]
    # Two owners are no contradiction, no silence and no change of language of one person.
    assert joined["contradiction-of-claims"] == joined["dormancy-switch"] == "shown"
    for name in ("contradiction-of-claims", "dormancy-switch", "bilingual"):
        assert {state[name, "owner 1"], state[name, "owner 2"]} & {"shown"} == set(), name
    # The profile is that of who had it when it was collected; before, of the last look.
    assert state["patriotic-tokens", "owner 2"] == "shown"
    assert state["patriotic-tokens", "owner 1"] == "not assessable"
    assert state["default-handle", "owner 1"] == "not shown"


def test_what_an_earlier_owner_shows_counts_for_nobody():
    people = owners(("p", "owner 1", None, SOLD), ("p", "owner 2", SOLD, None))
    posts = posts_of(
        *[{"account": "p", "text": "示例帖子"}] * 3, {"account": "p", "created_at": SOLD}
    )
    looks = snapshots_of({"account": "p", "captured_at": DAY, "handle": "Somebody12345"})
    accounts = accounts_of({"account": "p", "handle": "else"}, *ordinary(60, handle="sample"))
    found = signals(accounts, posts, looks, episodes=people)
    row = found[(found["signal"] == "default-handle") & (found["episode"] == "owner 1")].iloc[0]
    assert row["shown"] == "shown"
    assert not row["counted"]
    assert set(of_present_owners(found)["episode"]) == {"owner 2"}
    battery = group_battery(found).families.set_index("signal")
    assert battery.loc["default-handle", "shown"] == 0


def test_what_falls_into_no_period_is_kept_under_no_owner():
    later = owners(("p", "owner 1", SOLD, None))
    assert set(sold(later)["episode"]) == {NO_OWNER, "owner 1"}
    assert set(of_present_owners(sold(later))["episode"]) == {"owner 1"}


def test_the_tenth_owner_comes_after_the_ninth():
    found = pd.DataFrame({"account": "p", "episode": [f"owner {n}" for n in range(1, 11)]})
    assert of_present_owners(found)["episode"].tolist() == ["owner 10"]
