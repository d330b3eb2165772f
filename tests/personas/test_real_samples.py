"""Signals on real accounts: of an operation that was proven, and of activists who are innocent."""

from __future__ import annotations

import pytest

from casebook.collection import build_tables, collect
from casebook.personas import CATALOGUE, group_battery, signals
from casebook.scaffold import new_case
from tests.conftest import collect_activists

TABLES = ("accounts", "posts", "snapshots", "media")


def measured(case, zone):
    build_tables(case)
    return signals(*(case.read(t) for t in TABLES), claimed_zone=zone)


@pytest.fixture(scope="module")
def agency(shared_data, tmp_path_factory):
    """Signals of the Internet Research Agency, with public figures as reference accounts."""
    case = new_case(tmp_path_factory.mktemp("ira") / "ira")
    tweets = sorted((shared_data / "ira_538_share" / "tweets").glob("*.csv"))
    collect(case, *tweets, role="persona", found_by="list of the House committee", actor="aa")
    figures = shared_data / "twitter_io_vs_real" / "real_test.csv"
    collect(case, figures, role="reference", stratum="public figures", found_by="study", actor="aa")
    return measured(case, -5)


@pytest.fixture(scope="module")
def activists(shared_data, tmp_path_factory):
    """Signals of people found under one hashtag of Hong Kong, beside those found under others."""
    case = new_case(tmp_path_factory.mktemp("hk") / "hk")
    collect_activists(case, shared_data)
    return measured(case, 8)


def table_of(found):
    """Return signal -> (accounts assessed, accounts that show it)."""
    return {
        str(name): (int((part["shown"] != "not assessable").sum()), int(part["counted"].sum()))
        for name, part in found.groupby("signal")
    }


@pytest.mark.slow
def test_on_the_agency_only_what_its_records_carry_is_assessed(agency):
    assert agency["account"].nunique() == 49
    told = table_of(agency)
    assert set(told) == set(CATALOGUE)
    # No profiles, no reactions, minutes only, and nobody ordinary to compare with.
    for name in ("lifted-bio", "reused-image", "automation", "low-engagement", "zone-mismatch"):
        assert told[name] == (0, 0), name
        reasons = agency.loc[agency["signal"] == name, "reason"]
        assert reasons.str.len().gt(10).all(), name
    assert told["near-duplicate-text"][1] >= 20
    assert set(agency["strength"][agency["signal"] == "near-duplicate-text"]) == {"weak"}


@pytest.mark.slow
def test_on_the_agency_one_text_about_two_candidates_is_found(agency):
    rows = agency[(agency["signal"] == "template-swap") & (agency["shown"] == "shown")]
    assert len(rows) == 2
    assert rows["reason"].str.contains("“Ben Carson”").all()
    assert rows["evidence"].map(len).ge(1).all()


@pytest.mark.slow
def test_nothing_calls_the_agency_inauthentic_where_nobody_ordinary_is_beside_it(agency):
    # It was an operation. With these records and these reference accounts that cannot be shown.
    found = group_battery(agency)
    assert not found.inauthentic
    assert found.families["counts"].sum() == 0


@pytest.mark.slow
def test_the_activists_of_hong_kong_show_little_and_are_called_nothing(activists):
    assert activists["account"].nunique() > 50
    found = group_battery(activists)
    assert not found.inauthentic
    assert found.families["counts"].sum() == 0
    told = table_of(activists)
    for name in ("contradiction-of-claims", "reused-image", "template-swap", "dormancy-switch"):
        assert told[name][1] == 0, name
    never = activists[activists["signal"].isin(["bilingual", "full-width-punctuation"])]
    assert (never["shown"] == "shown").any()
    assert not never["counted"].any()
