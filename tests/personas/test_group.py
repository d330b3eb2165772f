"""The group battery: what makes a group stand out, and why a p-value alone is not enough."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from benchmarks import bench_personas
from casebook import schema
from casebook.personas import group_battery, signals
from casebook.personas.catalogue import DECISIVE, GROUP_FAMILIES
from casebook.personas.look_alikes import burst_shares, fisher_tail, lower_by_chance, p_words
from casebook.personas.rhythm import OFFICE, daily_rhythm, fit_zone
from casebook.scenario.profiles import profiled
from casebook.scenario.worlds import Operation, world
from tests.personas.people import accounts_of, hours_of, ordinary, posts_of, snapshots_of

KINDS = ("ordinary", "fans", "newsroom")
NONE = schema.empty("snapshots")


def rows(name, *apart, kinds=KINDS, shown=15, counted=True):
    """Return the rows of one signal of a group of fifteen, which sets it apart from some kinds."""
    return [
        {
            "account": f"p{i}",
            "signal": name,
            "shown": "shown" if i < shown else "not shown",
            "counted": counted and i < shown,
            "apart_from": list(apart),
            "alike": [k for k in kinds if k not in apart],
            "figures": ["15 of 15", *("1 of 20" for _ in kinds)],
        }
        for i in range(15)
    ]


def battery(*parts):
    return group_battery(schema.check("signals", pd.DataFrame([r for part in parts for r in part])))


def test_what_differs_from_each_kind_in_three_ways_is_inauthentic_though_not_in_the_same_three():
    found = battery(
        rows("zone-mismatch", *KINDS),
        rows("low-engagement", *KINDS),
        rows("office-week", "ordinary", "fans"),
        rows("default-handle", "newsroom"),
    )
    assert found.inauthentic
    assert found.kinds.set_index("kind")["families"].map(sorted).to_dict() == {
        "ordinary": ["low-engagement", "office-week", "zone-mismatch"],
        "fans": ["low-engagement", "office-week", "zone-mismatch"],
        "newsroom": ["default-handle", "low-engagement", "zone-mismatch"],
    }
    assert "(ordinary, fans, newsroom) in 3 ways or more" in found.reason


def test_one_kind_that_is_like_the_group_acquits_it():
    found = battery(
        rows("zone-mismatch", *KINDS),
        rows("creation-burst", *KINDS),
        rows("office-week", "ordinary", "fans"),
    )
    assert not found.inauthentic
    assert found.reason == (
        "from this kind of reference accounts it differs in 2 ways, and 3 are needed: newsroom"
    )


def test_three_ways_without_a_decisive_one_are_not_enough():
    found = battery(
        rows("creation-burst", *KINDS), rows("default-handle", *KINDS), rows("lifted-bio", *KINDS)
    )
    assert not {"creation-burst", "default-handle", "lifted-bio"} & set(DECISIVE)
    assert not found.inauthentic
    assert "none of them decisive" in found.reason


def test_an_office_abroad_that_opened_at_one_time_needs_a_fourth_way():
    office = [rows(n, *KINDS) for n in ("creation-burst", "zone-mismatch", "office-week")]
    found = battery(*office)
    assert not found.inauthentic
    assert "office abroad" in found.reason
    assert battery(*office, rows("low-engagement", *KINDS)).inauthentic


def test_without_look_alikes_no_group_is_called_inauthentic():
    shown = [rows(n, "ordinary", kinds=["ordinary"]) for n in DECISIVE]
    found = battery(*shown)
    assert found.kinds["apart"].tolist() == [True]
    assert not found.inauthentic
    assert "newsrooms" in found.reason
    assert battery(*(rows(n, "ordinary", "fans", kinds=KINDS[:2]) for n in DECISIVE)).inauthentic


def test_a_kind_with_which_nothing_could_be_compared_acquits_as_well():
    shown = [rows(n, "ordinary", "fans") for n in DECISIVE]
    assert not battery(*shown).inauthentic


def test_what_the_accounts_were_picked_for_does_not_count():
    parts = [rows(n, *KINDS) for n in ("zone-mismatch", "creation-burst")]
    assert battery(*parts, rows("default-handle", *KINDS)).inauthentic
    found = battery(*parts, rows("default-handle", *KINDS, counted=False))
    assert not found.inauthentic
    why = found.families.set_index("signal").loc["default-handle", "why"]
    assert why == "the accounts were chosen because of it"


@pytest.mark.parametrize("name", ["bilingual", "full-width-punctuation", "patriotic-tokens"])
def test_language_and_patriotism_never_count(name):
    assert name not in GROUP_FAMILIES
    assert not battery(rows(name, *KINDS)).families["counts"].any()


# -- one signal and one kind ----------------------------------------------------------------------


def group(count, start=0, **row):
    return [{"account": f"p{n}", **row} for n in range(start, start + count)]


def apart(name, accounts, posts=None, looks=NONE):
    """Return from which kinds a signal sets the accounts under review apart."""
    found = signals(accounts, posts_of() if posts is None else posts, looks)
    return next(iter(found.loc[found["signal"] == name, "apart_from"]))


def handles(ours, theirs, stratum):
    """Return a group of ten and a kind of twenty, of whom so many have a suggested handle."""
    default, own = {"handle": "Sample12345678"}, {"handle": "sample"}
    return [
        *group(ours, **default), *group(10 - ours, ours, **own),
        *ordinary(theirs, stratum, stratum, **default),
        *ordinary(20 - theirs, stratum, stratum, theirs, **own),
    ]  # fmt: skip


def test_a_share_has_to_be_higher_than_chance_and_by_the_floor():
    far = accounts_of(*handles(10, 2, "ordinary"))
    near = accounts_of(*handles(10, 16, "ordinary"))
    assert apart("default-handle", far) == ["ordinary"]
    assert apart("default-handle", near) == []


def test_a_share_that_one_kind_has_as_well_sets_apart_from_the_others_only():
    people = handles(9, 1, "ordinary") + handles(0, 17, "fans")[10:]
    assert apart("default-handle", accounts_of(*people)) == ["ordinary"]


def test_a_kind_of_four_is_not_compared_and_its_word_is_not_heard():
    people = handles(10, 1, "ordinary") + ordinary(4, "fans", "f", handle="sample")
    found = signals(accounts_of(*people), posts_of(), NONE)
    row = found[found["signal"] == "default-handle"].iloc[0]
    assert [*row["apart_from"], *row["alike"]] == ["ordinary"]


def test_one_contradiction_sets_nobody_apart_and_four_do(one):
    def looks(differing):
        people = [f"p{n}" for n in range(10)] + [f"r{n}" for n in range(60)]
        return snapshots_of(
            *({"account": a, "claimed_age": "30", "captured_at": "2024-01-01"} for a in people),
            *(
                {"account": a, "claimed_age": "40" if n < differing else "30",
                 "captured_at": "2024-02-01"}
                for n, a in enumerate(people)
            ),
        )  # fmt: skip

    accounts = accounts_of(*group(10), *ordinary(60))
    # Fisher: 1 of 10 beside 0 of 60 is 10/70; 4 of 10 are 10*9*8*7 / (70*69*68*67), 0.0002.
    assert apart("contradiction-of-claims", accounts, looks=looks(1)) == []
    assert apart("contradiction-of-claims", accounts, looks=looks(4)) == ["ordinary"]


def written(people, hours, days=range(28), **row):
    """Return posts of people on some days from 1 April 2024, a Monday, at an hour UTC."""
    begin = pd.Timestamp("2024-04-01", tz="UTC")
    return [
        {"account": a, "created_at": begin + pd.Timedelta(days=d, hours=int(h)), **row}
        for a in people
        for d in days
        for h in hours
    ]


ROUND = [f"p{n}" for n in range(8)]
HOME, ABROAD = ([f"{kind}{n}" for n in range(60)] for kind in ("r", "d"))
EASTERN_DAY = [13, 15, 17, 20, 22, 0, 2]
"""From eight in the morning to nine in the evening at UTC-5."""
SHANGHAI_DAY = [(h - 13) % 24 for h in EASTERN_DAY]


def test_hours_set_apart_from_those_who_live_elsewhere_and_not_from_neighbours():
    accounts = accounts_of(
        *group(8), *ordinary(60), *ordinary(60, "diaspora", "d"),
    )  # fmt: skip
    posts = posts_of(
        *written(ROUND, SHANGHAI_DAY, range(10)),
        *written(HOME, EASTERN_DAY, range(4)),
        *written(ABROAD, SHANGHAI_DAY, range(2)),
    )
    assert apart("zone-mismatch", accounts, posts) == ["ordinary"]


def test_what_a_group_shares_says_nothing_of_its_hours():
    accounts = accounts_of(*group(8), *ordinary(60))
    away = written(ROUND, SHANGHAI_DAY, range(10))
    home = written(HOME, EASTERN_DAY, range(4))
    assert apart("zone-mismatch", accounts, posts_of(*away, *home)) == ["ordinary"]
    shared = [{**row, "is_repost": True} for row in away]
    assert apart("zone-mismatch", accounts, posts_of(*shared, *home)) == []


def test_weekends_are_read_on_the_clock_of_who_lives_there():
    # In Los Angeles, Friday from five in the afternoon is Saturday in UTC.
    week = [d for d in range(28) if d % 7 < 5]
    accounts = accounts_of(*group(8), *ordinary(60), *ordinary(60, "newsroom", "d"))
    west = [17, 19, 21, 23, 25, 27, 30, 31]
    posts = posts_of(
        *written(ROUND, SHANGHAI_DAY, week),
        *written(HOME, EASTERN_DAY, range(14)),
        *written(ABROAD, west, week[:10]),
    )
    assert apart("office-week", accounts, posts) == ["ordinary"]


def test_few_reactions_are_half_of_what_the_kind_gets():
    accounts = accounts_of(*group(8), *ordinary(60), *ordinary(60, "fans", "d"))
    posts = posts_of(
        *written(ROUND, [1], range(12), likes=1),
        *written(HOME, [1], range(12), likes=5),
        *written(ABROAD, [1], range(12), likes=2),
    )
    # 1 beside 5, and 1 beside 2, which is half: all alike within a kind, so chance gives neither.
    assert apart("low-engagement", accounts, posts) == ["ordinary", "fans"]
    more = posts.assign(likes=posts["likes"].where(posts["likes"] != 1, 2))
    assert apart("low-engagement", accounts, more) == ["ordinary"]


def test_one_success_does_not_hide_that_nobody_reacts():
    accounts = accounts_of(*group(8), *ordinary(60))
    quiet = written(ROUND, [1], range(12), likes=0)
    quiet[0]["likes"] = 1_500_000
    posts = posts_of(*quiet, *written(HOME, [1], range(12), likes=5))
    assert apart("low-engagement", accounts, posts) == ["ordinary"]


def test_accounts_made_together_are_held_against_each_kind():
    def made(names, days):
        begin = pd.Timestamp("2020-01-01", tz="UTC")
        return [
            {**row, "created_at": begin + pd.Timedelta(days=d)}
            for row, d in zip(names, days, strict=True)
        ]

    accounts = accounts_of(
        *made(group(8), [3] * 6 + [900, 1400]),
        *made(ordinary(60), range(0, 1800, 30)),
        *made(ordinary(20, "fans", "d"), [700] * 15 + [10, 400, 1000, 1300, 1600]),
    )
    assert apart("creation-burst", accounts) == ["ordinary"]


# -- chance ---------------------------------------------------------------------------------------


def test_fisher_is_the_tea_tasting():
    assert fisher_tail(3, 4, 1, 4) == pytest.approx(17 / 70)
    assert fisher_tail(4, 4, 0, 4) == pytest.approx(1 / 70)


def test_bursts_of_many_groups_are_those_of_each():
    days = np.array([[0, 3, 20, 21, 22], [0, 100, 200, 300, 400], [5, 5, 5, 5, 900]])
    groups = np.datetime64("2020-01-01") + days.astype("timedelta64[D]")
    assert burst_shares(groups).tolist() == [0.6, 0.2, 0.8]


def test_a_permutation_test_finds_what_is_lower_and_nothing_in_what_is_not(rng):
    same = [lower_by_chance(rng.normal(size=10), rng.normal(size=30)) for _ in range(40)]
    assert lower_by_chance(rng.normal(-2, 1, 10), rng.normal(size=30)) < 0.01
    assert 0.2 < np.mean(same) < 0.8
    assert sum(p <= 0.01 for p in same) <= 2


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (1.0, "by chance in 100 of 100 groups"),
        (0.0312, "by chance in 3 of 100 groups"),
        (0.004, "by chance in 4 of 1,000 groups"),
        (0.0000481, "by chance in fewer than 1 of 10,000 groups"),
    ],
)
def test_a_p_value_is_said_in_words(p, words):
    assert p_words(p) == words


# -- worlds ---------------------------------------------------------------------------------------


@cache
def tables():
    """Return a world with an operation, which is left out where others are under review."""
    events, accounts = world(7, Operation(15, 480.0, 0.5))
    return profiled(7, events, accounts)


@cache
def measured(kind):
    """Return the signals of fifteen accounts of a kind, all others being reference accounts."""
    names = [a for a in tables()["accounts"]["account"] if a.rpartition("-")[0] == kind]
    return bench_personas.measured(tables(), set(names[:15]))


@pytest.mark.parametrize("kind", bench_personas.INNOCENT)
def test_no_innocent_kind_is_called_an_inauthentic_group(kind):
    assert measured(kind)["account"].nunique() >= 12
    assert not group_battery(measured(kind)).inauthentic


@pytest.mark.parametrize("seed", range(2))
def test_fifteen_picked_by_a_reporters_eye_are_no_inauthentic_group(seed):
    told, picked = bench_personas.by_eye(seed)
    assert len(picked) == 15
    assert not bench_personas.inauthentic(told, picked)


def test_an_operation_with_usual_profiles_is_called_inauthentic():
    assert group_battery(measured("operation")).inauthentic


@pytest.mark.parametrize("kind", ["fans", "newsroom"])
def test_p_values_alone_would_call_the_innocent_inauthentic(kind):
    assert bench_personas.by_p_alone(measured(kind))
    assert not group_battery(measured(kind)).inauthentic


# -- hours ----------------------------------------------------------------------------------------


def hours_frame(members):
    return pd.DataFrame(
        [{"account": a, "hour": int(h)} for a, hours in members.items() for h in hours]
    )


def rhythms(rng):
    home = hours_frame({a["account"]: hours_of(rng, 60, -5) for a in ordinary(80)})
    return {"daily": daily_rhythm(home, -5), "office": OFFICE}


@pytest.mark.parametrize("zone", [-5, 0, 3, 8])
def test_a_pool_of_fifteen_is_placed_within_an_hour(rng, zone):
    known = rhythms(rng)
    for _ in range(10):
        pool = hours_frame({f"p{n}": hours_of(rng, 40, zone) for n in range(15)})
        fit = fit_zone(pool, {"daily": known["daily"]}, -5)
        assert abs((fit.zone - zone + 12) % 24 - 12) <= 1
        assert fit.members_agree


def test_an_office_elsewhere_gains_and_people_at_home_do_not(rng):
    known = rhythms(rng)
    office = hours_frame({f"p{n}": hours_of(rng, 40, 8, awake=(9, 18)) for n in range(15)})
    at_home = hours_frame({f"p{n}": hours_of(rng, 40, -5) for n in range(15)})
    fit = fit_zone(office, known, -5)
    assert fit.rhythm == "office"
    assert abs(fit.zone - 8) <= 1
    assert fit.gain > 0.2
    assert fit_zone(at_home, known, -5).gain < 0.2


def test_a_group_that_one_member_decides_disagrees(rng):
    loud = {"p0": hours_of(rng, 4000, 8), "p1": hours_of(rng, 60, -5)}
    fit = fit_zone(hours_frame(loud), rhythms(rng), -5)
    assert not fit.members_agree


def test_members_of_two_zones_disagree_though_no_single_one_decides(rng):
    two = {f"p{n}": hours_of(rng, 40, 8 if n < 10 else -5) for n in range(15)}
    fit = fit_zone(hours_frame(two), rhythms(rng), -5)
    assert fit.high - fit.low <= 3
    assert fit.far == pytest.approx(1 / 3)
    assert not fit.members_agree


def test_one_account_or_few_posts_have_no_zone(rng):
    known = rhythms(rng)
    assert fit_zone(hours_frame({"p0": hours_of(rng, 500, 8)}), known, -5) is None
    few = {"p0": hours_of(rng, 20, 8), "p1": hours_of(rng, 20, 8)}
    assert fit_zone(hours_frame(few), known, -5) is None
