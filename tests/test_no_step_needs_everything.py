"""Whatever a collection lacks, each step says so and goes on."""

from __future__ import annotations

import pytest

import casebook as cb
from casebook import schema

LACKING = [
    ("posts",),
    ("snapshots", "media"),
    ("posts", "snapshots", "media"),
    ("accounts", "posts", "snapshots", "media"),
]


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    from casebook.case import Case
    from casebook.collection import build_tables
    from tests.test_whole_chain import copy_of_the_example

    case = Case(copy_of_the_example(tmp_path_factory.mktemp("example")))
    build_tables(case)
    return case


@pytest.mark.parametrize("lacking", LACKING, ids="+".join)
def test_a_step_without_some_tables_still_shows_every_exhibit(example, lacking):
    tables = {
        name: schema.empty(name) if name in lacking else example.read(name)
        for name in ("accounts", "posts", "snapshots", "media")
    }
    accounts, posts, snapshots, media = tables.values()
    judgements = example.judgements()
    signals = schema.check("signals", cb.signals(accounts, posts, snapshots, media))
    verdicts = cb.verdicts(judgements, accounts)
    events = cb.events(posts)
    tests = cb.chance_tests(events, accounts=accounts)
    edges = cb.co_actions(events, unattended=True)
    edges = cb.significance(events, edges, accounts=accounts, tests=tests)
    members = cb.clusters(edges, posts, accounts)
    groups = cb.cluster_tests(members, edges, events, posts, accounts)
    specifications = cb.specifications(tests)
    robustness = cb.robustness(specifications)
    clusters = cb.labelled(members, groups, robustness)
    exhibits = [
        cb.persona_cards(accounts, posts, signals, verdicts),
        cb.claim_drift(snapshots, accounts),
        cb.life_lines(accounts, posts),
        cb.languages_by_month(posts, accounts),
        cb.posting_rhythm(posts, accounts),
        cb.signal_matrix(signals, accounts),
        cb.reference_rates(signals),
        cb.group_finding(cb.group_battery(signals)),
        cb.verdict_table(verdicts, accounts, cb.agreement(judgements, accounts)),
        cb.review_summary(signals, verdicts, accounts),
        cb.layers_tested(tests.layers),
        cb.meetings_figure(cb.meetings(events), tests.layers),
        cb.calibration_figure(cb.calibration(events, accounts=accounts, runs=1)),
        cb.pairs_table(edges, accounts),
        cb.robustness_figure(robustness, specifications, accounts),
        cb.blind_spots_figure(cb.blind_spots(events, tests, runs=1)),
        cb.groups_table(groups),
        cb.members_table(clusters, accounts),
        cb.network_matrix(edges, clusters, accounts),
        cb.network_map(edges, clusters, accounts),
        cb.network_summary(edges, clusters, groups, accounts),
    ]
    for exhibit in exhibits:
        assert exhibit._repr_mimebundle_()[0]["text/plain"]
