"""The group battery: what makes a group stand out, and why a p-value alone is not enough."""

from __future__ import annotations

import pandas as pd
import pytest

from benchmarks import bench_personas
from casebook import schema
from casebook.personas import group_battery
from casebook.personas.catalogue import DECISIVE, GROUP_FAMILIES
from casebook.personas.group import FLOORS, MOST_P, binomial_tail, fisher_tail
from casebook.personas.rhythm import OFFICE, daily_rhythm, fit_zone
from casebook.scenario.profiles import profiled
from casebook.scenario.worlds import Operation, world
from tests.personas.people import hours_of, ordinary


def rows(name, shown, assessed=15, *, counted=True, rate=0.0, n=100, worst=None):
    """Return the rows of one signal of a group, ``shown`` of them shown."""
    return [
        {
            "account": f"p{i}",
            "signal": name,
            "shown": "shown" if i < shown else "not shown",
            "counted": counted and i < shown,
            "reason": "measured on the group",
            "reference_rate": rate,
            "reference_n": n,
            "worst_rate": rate if worst is None else worst,
        }
        for i in range(assessed)
    ]


def among_look_alikes(part, rate, stratum="fans"):
    """Return the rows with a stratum of look-alikes that show it at a rate."""
    return [{**row, "worst_stratum": stratum, "worst_rate": rate} for row in part]


def battery(*parts):
    return group_battery(schema.check("signals", pd.DataFrame([r for part in parts for r in part])))


def counting(finding):
    return set(finding.families.loc[finding.families["counts"], "signal"])


def test_three_families_with_a_decisive_one_make_a_group_inauthentic():
    found = battery(
        rows("creation-burst", 10),
        rows("zone-mismatch", 15),
        among_look_alikes(rows("low-engagement", 14, rate=0.1), 0.2),
    )
    assert counting(found) == {"creation-burst", "zone-mismatch", "low-engagement"}
    assert found.inauthentic
    assert "zone-mismatch" in found.reason


def test_two_families_are_too_few():
    found = battery(rows("creation-burst", 10), rows("zone-mismatch", 15))
    assert not found.inauthentic
    assert found.reason == "2 of the 3 families needed"


def test_fans_pass_three_families_and_none_of_them_is_decisive():
    found = battery(
        rows("creation-burst", 10),
        rows("default-handle", 14, rate=0.1),
        rows("lifted-bio", 14, rate=0.05),
    )
    assert len(counting(found)) == 3
    assert not counting(found) & set(DECISIVE)
    assert not found.inauthentic
    assert "fan clubs" in found.reason


def test_a_p_value_alone_flags_what_the_floor_does_not():
    shown, n, rate = 300, 1000, 0.2
    assert binomial_tail(shown, n, rate) <= MOST_P
    assert shown / n - rate < FLOORS["default-handle"]
    found = battery(rows("default-handle", shown, n, rate=rate))
    assert not counting(found)


def test_the_comparison_is_with_the_look_alikes_that_show_it_most():
    assert counting(battery(rows("default-handle", 10, rate=0.05, worst=0.05)))
    assert not counting(battery(rows("default-handle", 10, rate=0.05, worst=0.6)))


def test_what_the_accounts_were_picked_for_does_not_count():
    found = battery(rows("default-handle", 15, rate=0.1, counted=False))
    assert not counting(found)
    why = found.families.set_index("signal").loc["default-handle", "why"]
    assert why == "the accounts were chosen because of it"


@pytest.mark.parametrize("name", ["contradiction-of-claims", "reused-image"])
def test_exact_tests_need_two_accounts_and_a_pool_that_rarely_shows_it(name):
    def passes(*given, **pool):
        return counting(battery(among_look_alikes(rows(name, *given, **pool), 0.1)))

    assert passes(5, rate=0.0, n=60) == {name}
    assert not passes(1, rate=0.0, n=600)
    assert not passes(5, rate=0.3, n=60)
    assert not passes(15, rate=0.0, n=0)


def test_a_picture_that_a_fan_club_shares_as_often_does_not_count():
    picture = rows("reused-image", 9, n=300)
    assert counting(battery(among_look_alikes(picture, 0.1)))
    assert not counting(battery(among_look_alikes(picture, 0.6)))


def test_without_look_alikes_beside_it_no_group_is_called_inauthentic():
    shown = [rows("creation-burst", 10), rows("zone-mismatch", 15), rows("office-week", 15)]
    alone = battery(*shown)
    assert len(counting(alone)) == 3
    assert not alone.inauthentic
    assert "newsrooms" in alone.reason
    assert battery(*shown[:2], among_look_alikes(shown[2], 0.0)).inauthentic


def test_fisher_is_the_tea_tasting():
    assert fisher_tail(3, 4, 1, 4) == pytest.approx(17 / 70)
    assert fisher_tail(4, 4, 0, 4) == pytest.approx(1 / 70)


@pytest.mark.parametrize("name", ["bilingual", "full-width-punctuation", "patriotic-tokens"])
def test_language_and_patriotism_never_count(name):
    assert name not in GROUP_FAMILIES
    assert not counting(battery(rows(name, 15)))


# -- worlds ---------------------------------------------------------------------------------------


def group_in(seed, kind):
    """Return the tables of a world in which a kind of people is under review, and who that is."""
    events, accounts = world(seed, under_review=kind)
    return profiled(seed, events, accounts), set(
        accounts.loc[accounts["role"] == "persona", "account"]
    )


@pytest.mark.parametrize("kind", bench_personas.INNOCENT)
def test_no_innocent_kind_is_called_an_inauthentic_group(kind):
    tables, group = group_in(7, kind)
    assert len(group) >= 12
    assert not bench_personas.inauthentic(tables, group)


@pytest.mark.parametrize("seed", range(5))
def test_fifteen_picked_by_a_reporters_eye_are_no_inauthentic_group(seed):
    tables, group = bench_personas.by_eye(seed)
    assert len(group) == 15
    assert not bench_personas.inauthentic(tables, group)


def test_an_operation_with_usual_profiles_is_called_inauthentic():
    events, accounts = world(7, Operation(15, 480.0, 0.5))
    tables = profiled(7, events, accounts)
    planted = {a for a in accounts["account"] if a.startswith("operation")}
    assert bench_personas.inauthentic(tables, planted)


@pytest.mark.parametrize("kind", ["fans", "newsroom"])
def test_p_values_alone_would_call_the_innocent_inauthentic(kind):
    measured = bench_personas.measured(*group_in(7, kind))
    assert bench_personas.by_p_alone(measured)
    assert not group_battery(measured).inauthentic


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
