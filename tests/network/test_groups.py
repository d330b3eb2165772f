"""Clusters: who is called coordinated, and who only likes the same things."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from casebook import schema
from casebook.charts.network import account_names, members_table, network_map, network_matrix
from casebook.network import groups
from casebook.network.chance import Q
from casebook.network.groups import (
    cluster_tests,
    clusters,
    exclusive_originals,
    labelled,
    timing_test,
)
from casebook.objects import events

DAY = pd.Timestamp("2024-05-01", tz="UTC")


def edge(source, target, finding="synchrony", **others):
    return {
        "source": source,
        "target": target,
        "layer": "link",
        "time_window": 60.0,
        "co_actions": 6,
        "objects": 4,
        "lead": 0.5,
        "surprise": 20.0,
        "ln_p": -25.0,
        "scale": 600.0 if finding == "synchrony" else 7200.0,
        "finding": finding,
        "first": DAY,
        "last": DAY,
        "evidence": ["E0001:1"],
        **others,
    }


def edges_of(*rows):
    return schema.check("edges", pd.DataFrame(rows))


def ring(names, finding="synchrony"):
    return [
        edge(*sorted(pair), finding) for pair in zip(names, [*names[1:], names[0]], strict=True)
    ]


def people(**roles):
    rows = [
        {
            "account": name,
            "platform": "x",
            "handle": name.upper(),
            "role": role,
            "stratum": "fans" if role == "reference" else None,
        }
        for role, names in roles.items()
        for name in names
    ]
    return schema.check("accounts", pd.DataFrame(rows))


def no_posts():
    return schema.empty("posts")


def no_events():
    return events(no_posts())


def settled(names, share=0.9):
    """Return a robustness in which the same share of specifications include each account."""
    rows = [(n, share, 100, share >= 0.7) for n in names]
    return pd.DataFrame(rows, columns=["account", "share", "specifications", "robust"])


def test_a_ring_of_four_is_a_cluster_and_three_are_a_list_of_pairs():
    accounts = people(reference=list("abcdefg"))
    found = clusters(edges_of(*ring(list("abcd")), *ring(list("efg"))), no_posts(), accounts)
    assert sorted(found["account"]) == list("abcd")
    assert set(found["cluster"]) == {"C1"}
    assert set(found["degree"]) == {2}


def test_a_chain_has_no_core_and_is_no_cluster():
    accounts = people(reference=list("abcde"))
    chain = edges_of(*(edge(s, t) for s, t in zip("abcd", "bcde", strict=True)))
    assert clusters(chain, no_posts(), accounts).empty


def test_pairs_by_chance_make_no_cluster():
    accounts = people(reference=list("abcd"))
    assert clusters(edges_of(*ring(list("abcd"), "by chance")), no_posts(), accounts).empty


def test_accounts_under_review_are_one_hypothesis_whatever_communities_say():
    accounts = people(persona=list("abcdefgh"), reference=list("wxyz"))
    edges = edges_of(*ring(list("abcd")), *ring(list("efgh")), *ring(list("wxyz")))
    found = clusters(edges, no_posts(), accounts)
    held = {c: "".join(sorted(part["account"])) for c, part in found.groupby("cluster")}
    assert held == {"C1": "abcdefgh", "C2": "wxyz"}


@pytest.mark.parametrize(("tie", "held"), [(60.0, "abcd uvwxyz"), (80.0, "abcdx uvwyz")])
def test_whoever_is_under_review_stays_with_those_it_is_tied_to_most(tie, held):
    accounts = people(persona=[*"abcdxy"], reference=[*"uvwz"])
    group = [edge(*pair, surprise=200.0) for pair in ("ab", "bc", "cd", "ad", "ac", "bd")]
    others = [edge(*pair, surprise=200.0) for pair in ("uv", "vw", "wz", "uz", "uw", "yz", "uy")]
    # Its own hold x with 50 and 20, and that y is under review too does not count against them.
    own = [edge("x", "y", surprise=50.0), edge("w", "x", surprise=20.0)]
    edges = edges_of(*group, *others, *own, edge("a", "x", surprise=tie))
    found = clusters(edges, no_posts(), accounts)
    clusters_found = {"".join(sorted(part["account"])) for _, part in found.groupby("cluster")}
    assert clusters_found == set(held.split())


def test_only_those_under_review_whom_a_pair_ties_to_the_others_join_them():
    accounts = people(persona=[*"abcdefxyt"], reference=[*"uvwz"])
    group = [edge(*pair, surprise=200.0) for pair in ("ab", "bc", "cd", "ad", "ac", "bd")]
    others = [edge(*pair, surprise=200.0) for pair in ("uv", "vw", "wz", "uz", "uw", "vz")]
    # e is tied to d, f to e; x and y to each other alone; t to somebody nobody suspects.
    more = [edge(*pair) for pair in ("de", "ef", "xy", "tu")]
    found = clusters(edges_of(*group, *others, *more), no_posts(), accounts)
    held = {"".join(sorted(part["account"])) for _, part in found.groupby("cluster")}
    assert held == {"abcdef", "uvwz"}


def test_the_first_to_act_is_a_seeder_the_last_an_amplifier_and_few_acts_say_nothing():
    leads = {("a", "b"): 0.9, ("a", "c"): 0.9, ("b", "c"): 0.5, ("a", "d"): 0.9, ("b", "d"): 0.9}
    rows = [edge(s, t, lead=lead) for (s, t), lead in leads.items()]
    rows.append(edge("c", "d", lead=0.9, co_actions=6))
    found = clusters(edges_of(*rows), no_posts(), people(reference=list("abcd")))
    assert dict(zip(found["account"], found["role"], strict=True))["a"] == "seeder"
    assert dict(zip(found["account"], found["role"], strict=True))["d"] == "amplifier"
    few = [edge(s, t, lead=lead, co_actions=1) for (s, t), lead in leads.items()]
    found = clusters(edges_of(*few), no_posts(), people(reference=list("abcd")))
    assert set(found["role"]) == {"unclear"}


def test_the_same_edges_in_any_order_give_the_same_clusters():
    accounts = people(persona=list("abcdefgh"), reference=list("wxyz"))
    edges = edges_of(*ring(list("abcdefgh")), *ring(list("wxyz")))
    mixed = edges.sample(frac=1, random_state=3).reset_index(drop=True)
    first = clusters(edges, no_posts(), accounts)
    pd.testing.assert_frame_equal(first, clusters(mixed, no_posts(), accounts))


def test_synchronous_pairs_make_it_coordinated_and_slow_ones_shared_attention():
    accounts = people(persona=list("abcd"), reference=list("wxyz"))
    edges = edges_of(*ring(list("abcd")), *ring(list("wxyz"), "shared attention"))
    members = clusters(edges, no_posts(), accounts)
    found = cluster_tests(members, edges, no_events(), no_posts(), accounts)
    assert found[["label", "basis"]].to_numpy().tolist() == [
        ["coordinated", "synchrony"],
        ["shared attention", "none"],
    ]
    assert labelled(members, found, settled("abcdwxyz"))["label"].value_counts().to_dict() == {
        "coordinated": 4,
        "shared attention": 4,
    }


def test_an_account_that_hangs_on_choices_is_not_called_coordinated():
    accounts = people(persona=list("abcd"))
    edges = edges_of(*ring(list("abcd")))
    members = clusters(edges, no_posts(), accounts)
    found = cluster_tests(members, edges, no_events(), no_posts(), accounts)
    shaky = pd.concat([settled("abc"), settled("d", 0.4)])
    labels = labelled(members, found, shaky).set_index("account")["label"]
    assert labels.to_dict() == {
        "a": "coordinated",
        "b": "coordinated",
        "c": "coordinated",
        "d": "not robust",
    }
    timed = found.assign(timing_passed=True, habit_passed=True)
    assert set(labelled(members, timed, shaky)["label"]) == {"coordinated"}


def shares(member_spread, objects=40, seed=5):
    """Fifteen members and thirty others share the same objects; members within a spread."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(objects):
        start = number * 500_000.0
        task = start + rng.uniform(0, 40_000)
        for member in rng.choice(15, 5, replace=False):
            when = (
                start + rng.uniform(0, 43_200)
                if member_spread is None
                else task + rng.exponential(member_spread)
            )
            rows.append((f"m{member}", f"o{number}", when))
        rows += [
            (f"o{other}", f"o{number}", start + rng.uniform(0, 43_200))
            for other in rng.choice(30, 12, replace=False)
        ]
    return pd.DataFrame(rows, columns=["account", "object", "seconds"])


MEMBERS = [f"m{n}" for n in range(15)]


def test_members_that_act_within_minutes_or_an_hour_pass_the_test_of_timing():
    for spread in (480.0, 3_600.0):
        found = timing_test(shares(spread), MEMBERS)
        assert found["objects"] == 40
        assert found["z"] > 10
        assert found["p"] == pytest.approx(1 / 501)
        assert found["effect"] < groups.EFFECT


@pytest.mark.parametrize("seed", range(5))
def test_people_who_share_the_same_things_at_their_own_time_do_not(seed):
    found = timing_test(shares(None, seed=seed), MEMBERS)
    assert abs(found["z"]) < 4
    assert found["p"] > Q


def test_five_objects_are_needed_before_timing_says_anything():
    found = timing_test(shares(480.0, objects=4), MEMBERS)
    assert found["objects"] == 4
    assert np.isnan(found["p"])
    assert np.isnan(found["effect"])


def test_an_effect_above_what_was_asked_for_is_told_without_a_draw():
    whole = timing_test(shares(3_600.0), MEMBERS)
    beyond = timing_test(shares(3_600.0), MEMBERS, most=whole["effect"] * 0.99)
    assert (beyond["objects"], beyond["effect"]) == (40, whole["effect"])
    assert np.isnan(beyond["p"])
    assert np.isnan(beyond["z"])
    assert timing_test(shares(3_600.0), MEMBERS, most=whole["effect"]) == whole


def test_a_score_is_the_share_of_pairs_as_close_and_a_median_halves_an_even_number():
    # Of lags 3, 1, 3, 2 as close or closer: all four, one, all four, two.
    assert np.exp(-groups._scores(np.array([3.0, 1.0, 3.0, 2.0]))) == pytest.approx(
        [1, 0.25, 1, 0.5]
    )
    assert groups._middle(np.array([[4.0, 1.0, 9.0, 2.0], [5.0, 5.0, 0.0, 8.0]])).tolist() == [3, 5]
    assert groups._middle(np.array([7.0, 1.0, 2.0])) == 2


def test_acts_that_are_left_out_leave_the_first_of_the_others_and_nobodys_originals():
    events = acts(
        *((who, "text", "slogan", f"p{n}") for n, who in enumerate("abcde")),
        ("a", "repost", "note", "p8"), ("b", "repost", "note", "p9"),
    )  # fmt: skip
    events["time"] = DAY + pd.to_timedelta([50, 40, 30, 20, 10, 0, 0], unit="s")
    events = pd.concat([events, events.iloc[:1].assign(time=DAY)], ignore_index=True)
    held, row = groups.timed_acts(events)
    start = DAY.timestamp()
    assert held.first().seconds.tolist() == [start + s for s in (0, 40, 30, 20, 10)]
    keep = np.array([True] * 7 + [False])
    assert held.only(keep[row]).first().seconds.tolist()[0] == start + 50
    assert not len(held.only(row % 7 > 1).first().seconds)  # three sharers are too few
    own = groups.originals(events, counted([f"p{n}" for n in range(10)]))
    assert own.exclusive(["a", "b"])["object"].tolist() == ["note"]
    rest = own.only(np.array([True, True] + [False] * 4 + [True, True]))
    assert rest.exclusive(["a", "b"])["object"].tolist() == ["slogan"]


def test_what_only_members_share_cannot_be_timed_against_anybody():
    alone = shares(480.0)
    alone = alone[alone["account"].isin(MEMBERS)]
    assert timing_test(alone, MEMBERS)["objects"] == 0


def acts(*rows):
    return pd.DataFrame(rows, columns=["account", "layer", "object", "post"]).assign(
        time=DAY, time_precision="second"
    )


def counted(posts, *, reposts=3, urls=()):
    return schema.check(
        "posts",
        pd.DataFrame(
            {"post": posts, "reposts": [reposts] * len(posts), "urls": [list(urls)] * len(posts)}
        ),
    )


TWO = (("a", "text", "t1", "p1"), ("b", "text", "t1", "p2"))


def test_an_original_is_exclusive_where_two_members_have_it_and_nobody_else():
    found = exclusive_originals(acts(*TWO), counted(["p1", "p2"]), ["a", "b"])
    assert found.to_numpy().tolist() == [["text", "t1", 2]]
    elsewhere = acts(*TWO, ("z", "text", "t1", "p3"))
    assert exclusive_originals(elsewhere, counted(["p1", "p2", "p3"]), ["a", "b"]).empty


@pytest.mark.parametrize(
    "posts",
    [
        counted(["p1", "p2"], reposts=5_000),
        counted(["p1", "p2"], reposts=None),
        counted(["p1", "p2"], urls=["https://example.org/story"]),
    ],
    ids=["shared by thousands", "counters unknown", "headline of a link"],
)
def test_what_is_popular_unknown_or_a_headline_is_nobodys_own(posts):
    assert exclusive_originals(acts(*TWO), posts, ["a", "b"]).empty


def test_no_picture_or_table_of_the_network_names_a_reference_account():
    accounts = people(persona=list("abcd"), reference=list("wxyz"), bystander=["q"])
    edges = edges_of(*ring(list("abcd")), *ring(list("wxyz")), edge("a", "q"))
    members = clusters(edges, no_posts(), accounts)
    found = cluster_tests(members, edges, no_events(), no_posts(), accounts)
    held = labelled(members, found, settled("abcdwxyz"))
    for exhibit in (
        network_map(edges, held, accounts),
        network_matrix(edges, held, accounts),
        members_table(held, accounts),
    ):
        shown = str(exhibit.payload())
        for name in "WXYZQ":
            assert f">{name}<" not in shown
            assert f"'{name}'" not in shown
    names = account_names(accounts)
    assert names["a"] == "A"
    assert names["w"] == "fans 1"
    assert names["q"] == "bystander 1"


def test_the_same_tables_give_the_same_map():
    accounts = people(persona=list("abcd"), reference=list("wxyz"))
    edges = edges_of(*ring(list("abcd")), *ring(list("wxyz")))
    members = clusters(edges, no_posts(), accounts)
    found = cluster_tests(members, edges, no_events(), no_posts(), accounts)
    held = labelled(members, found, settled("abcdwxyz"))
    assert network_map(edges, held, accounts).svg() == network_map(edges, held, accounts).svg()
