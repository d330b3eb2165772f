"""Specifications and blind spots: what hangs on choices, and what would have been missed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from casebook.network import blind_spots, chance_tests, robustness, specifications
from casebook.network.chance import fine_codes
from casebook.network.groups import first_acts
from casebook.network.robustness import ROBUST, _Ground, _planted, _shares

DAY = pd.Timestamp("2024-05-01", tz="UTC")


def world(operation=0, seed=3):
    """Return events of 300 people who share stories in their own time, and of an operation."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(300):
        for story in rng.choice(150, 40, replace=False):
            when = story * 30_000 + rng.exponential(15_000)
            rows.append((f"r{person:03}", f"story {story}", when))
    for task in range(40):
        for member in np.flatnonzero(rng.random(operation) < 0.6):
            when = task * 100_000 + rng.exponential(200)
            rows.append((f"m{member:02}", f"task {task}", when))
    frame = pd.DataFrame(rows, columns=["account", "object", "seconds"])
    return pd.DataFrame(
        {
            "account": frame["account"].astype("string"),
            "object": frame["object"].astype("string"),
            "time": DAY + pd.to_timedelta(frame["seconds"].round(), unit="s"),
            "layer": "link",
            "post": [f"p{n}" for n in range(len(frame))],
            "time_precision": "second",
        }
    )


@pytest.fixture(scope="module")
def with_operation():
    return chance_tests(world(operation=12))


def test_there_are_at_least_fifty_specifications_and_the_grid_is_fixed(with_operation):
    found = specifications(with_operation)
    assert len(found) == 6 * 3 * 3
    assert list(found.columns) == [
        "scale", "least_objects", "q", "layer", "pairs", "accounts", "testable",
    ]  # fmt: skip


def test_a_stricter_specification_never_finds_more(with_operation):
    found = specifications(with_operation).set_index(["scale", "least_objects", "q"])["pairs"]
    for scale in found.index.levels[0]:
        assert found[scale, 3, 0.05] >= found[scale, 3, 0.01] >= found[scale, 3, 0.001]
        assert found[scale, 3, 0.01] >= found[scale, 5, 0.01]


def test_an_operation_is_robust_and_the_others_are_not(with_operation):
    found = robustness(specifications(with_operation)).set_index("account")
    members = [f"m{n:02}" for n in range(12)]
    assert found.loc[members, "robust"].all()
    assert (found.loc[members, "share"] >= ROBUST).all()
    assert not found.drop(members)["robust"].any()


def test_a_share_is_of_the_specifications_that_could_test_the_account(with_operation):
    table = specifications(with_operation)
    found = robustness(table).set_index("account")
    for account in ("m00", "m07"):
        tried = sum(account in names for names in table["testable"])
        included = sum(account in names for names in table["accounts"])
        assert found.loc[account, "specifications"] == tried
        assert found.loc[account, "share"] == pytest.approx(included / tried)


def test_where_people_share_in_their_own_time_nobody_is_robust():
    found = robustness(specifications(chance_tests(world())))
    assert not found["robust"].any()


def test_fast_planted_operations_are_found_and_slow_ones_missed():
    events = world()
    found = blind_spots(
        events, chance_tests(events), sizes=(15,), spreads=(120.0, 86_400.0), runs=2
    ).set_index("spread")
    assert found.loc[120.0, "high"] > 0.8
    assert found.loc[120.0, "groups_found"] == 2
    assert found.loc[86_400.0, "share"] < 0.2
    assert (found["planted"] == 30).all()


def test_ranges_hold_the_share_found_and_one_run_gives_none():
    events = world()
    tests = chance_tests(events)
    found = blind_spots(events, tests, sizes=(8,), spreads=(120.0, 3_600.0), runs=4)
    assert (found["low"] <= found["share"]).all()
    assert (found["share"] <= found["high"]).all()
    rate = found["groups_found"] / found["runs"]
    assert (found["groups_low"] <= rate).all()
    assert (rate <= found["groups_high"]).all()
    assert (found["high"] * 8).tolist() == (found["high"] * 8).round().tolist()
    once = blind_spots(events, tests, sizes=(8,), spreads=(120.0,), runs=1)
    assert once["low"].isna().all()
    assert once["high"].isna().all()
    assert once["groups_high"].item() - once["groups_low"].item() > 0.5


def test_the_same_collection_gives_the_same_blind_spots():
    events = world()
    tests = chance_tests(events)
    once, again = (
        blind_spots(events, tests, sizes=(5,), spreads=(480.0,), runs=1) for _ in range(2)
    )
    pd.testing.assert_frame_equal(once, again)


def test_where_nothing_can_be_tested_everything_would_be_missed():
    few = world()
    few = few[few["account"] < "r040"]
    assert blind_spots(few, chance_tests(few)).empty
    assert specifications(chance_tests(few)).empty


def test_planting_into_numbers_is_planting_into_the_table():
    own = world().assign(time_precision=lambda f: np.where(f.index % 7, "second", "minute"))
    ground = _Ground.of(own)
    made = _planted(ground, 12, 480.0, np.random.default_rng(1))
    codes, needed = ground.with_planted(made)
    table = pd.DataFrame(
        {
            "account": pd.array([f"planted:{a}" for a in made.account], dtype="string"),
            "object": pd.array(made.object, dtype="string"),
            "time": pd.to_datetime(made.time, unit="us", utc=True),
            "layer": "link",
            "post": [f"planted:{n}" for n in range(len(made.time))],
            "time_precision": "second",
        }
    )
    whole = pd.concat([own, table], ignore_index=True)
    for scale in (60.0, 600.0):
        plain, fine = fine_codes(whole, scale), codes.only(needed <= scale)
        assert plain.names.tolist() == fine.names.tolist()
        for column in ("account", "object", "time"):
            assert (getattr(plain, column) == getattr(fine, column)).all()
    first, shares = first_acts(whole), _shares(codes, needed)
    assert (first.seconds == shares.seconds).all()
    assert (first.names[first.account] == shares.names[shares.account]).all()
