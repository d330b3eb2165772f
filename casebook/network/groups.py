"""Clusters of pairs that chance does not explain, and whether each one acts together in time.

A cluster is called *coordinated* only where its members are synchronous pair by pair, or as a group
in the test of timing, or share originals that nobody else has. All else is *shared attention*:
people who follow the same accounts meet as often as people who follow the same orders.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd

from casebook import schema
from casebook.network.chance import SYNCHRONY, Q, discoveries
from casebook.network.engine import all_pairs, distinct, runs
from casebook.network.windows import clock_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import numpy.typing as npt

    from casebook.network.engine import Floats, Ints

SIGNIFICANT = ("synchrony", "shared attention")
MIN_SIZE = 4
"""Fewer accounts than this are a list of pairs, not a cluster."""
SEED = 20240903
SEEDS = 20

FIRST_MOST = 0.6
FEW_REPOSTS = 0.25
MIN_CO_ACTIONS = 5
ALTERNATES = 0.25

DRAWS = 500
EFFECT = 1.1
"""Against other sharers: lag of member pairs over that of other pairs, at most. It says little:
people who are quick to react reach .5 without knowing of each other, and an operation that does
four fifths of its acts on what others share comes to .7 to 1.07, since most objects are not its
tasks. What decides is the test against their own habits."""
HABIT_EFFECT = 0.75
"""Against their own habits. Significance alone is not enough: innocents who live in one zone reach
any p-value. Groups drawn at random from the innocent of twenty made-up worlds stayed above .80
(partisans and emigrants, 160 groups of 8 to 30); of 80 groups of ordinary people one of eight came
to .73 and one of fifteen to .75. Operations with up to an hour of spread came to .4 to .85."""
THIRD = 1 / 3
"""An operation hides half of its acts or more among what others share: its tasks show in the
closest third of the objects, and not in the middle."""
MIN_TIMED_OBJECTS = 5
LARGEST_OBJECT = 600
COARSEST = 60.0
"""Step of a clock in seconds that the tests of timing can still use."""
BLOCK_HOURS = 2
"""A habit is how long an account takes for what appears at this time of the day."""
NEAR = 60.0
"""Seconds added to a lag before its logarithm: closer than a minute is no closer."""
MOST_DEALT = 1 << 16
"""Pairs looked at together in draws of the habit test: as many as stay close to the processor."""

MIN_EXCLUSIVE = 3
SMALL_COUNTER = 100
ORIGINAL_LAYERS = ("text", "media", "repost")


def clusters(
    edges: pd.DataFrame,
    posts: pd.DataFrame,
    accounts: pd.DataFrame,
    *,
    seed: int = SEED,
    seeds: int = SEEDS,
) -> pd.DataFrame:
    """Return the accounts that significant pairs tie into clusters, one row each, not yet labelled.

    Parameters
    ----------
    edges : DataFrame
        As `casebook.network.chance.significance` gives them.
    posts : DataFrame
        The table ``posts``: how much of what an account posts are reposts.
    accounts : DataFrame
        The table ``accounts``: which accounts are under review.
    seed : int
        Of the community detection.
    seeds : int
        Other seeds that ``stability`` is measured with; with 0 it is unknown.

    Returns
    -------
    DataFrame
        The table ``clusters`` with an empty ``label``. Clusters are the communities (Louvain,
        weighted with the surprise S of the pair) of the 2-core of significant pairs, with at least
        4 members. The accounts under review are one hypothesis, set before anybody looked at a
        network: communities that consist mostly of them are one cluster, with those under review
        whom pairs tie to it, and more strongly than to a community of their own.
        ``stability`` is the mean Jaccard index of a cluster with its best match under 20 other
        seeds.

    References
    ----------
    Blondel et al., "Fast unfolding of communities in large networks", 2008.
    """
    tied = edges[edges["finding"].isin(SIGNIFICANT)]
    graph, names = _graph(tied)
    review = _nodes_with_role(accounts, names, "persona")
    core = _core(graph)
    found = _around_review(_communities(core, seed), graph, review)
    if not found:
        return schema.empty("clusters")
    others = [
        _around_review(_communities(core, seed + i), graph, review) for i in range(1, seeds + 1)
    ]
    first = _first_shares(tied)
    reposts = _repost_shares(posts)
    rows = []
    for number, members in enumerate(found, start=1):
        matches = [_best_match(members, other) for other in others]
        stable = float(np.mean(matches)) if matches else float("nan")
        inside = graph.subgraph(members)
        for node in sorted(members):
            name = names[node]
            share, count = first.get(name, (float("nan"), 0))
            rows.append(
                {
                    "cluster": f"C{number}",
                    "account": name,
                    "role": _role(share, count, reposts.get(name, 0.0)),
                    "first_share": share,
                    "co_actions": sum(int(d["co"]) for _, _, d in inside.edges(node, data=True)),
                    "degree": inside.degree(node),
                    "stability": stable,
                }
            )
    return schema.check("clusters", pd.DataFrame(rows))


def _graph(tied: pd.DataFrame) -> tuple[nx.Graph[int], list[str]]:
    """Return the pairs as a graph of whole numbers: their order does not hang on hashes."""
    pairs = tied.groupby(["source", "target"], sort=True)[["surprise", "co_actions"]].sum()
    names = sorted({n for pair in pairs.index for n in pair})
    place = {name: i for i, name in enumerate(names)}
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(names)))
    for row in pairs.reset_index().to_dict("records"):
        graph.add_edge(
            place[row["source"]],
            place[row["target"]],
            weight=float(row["surprise"]),
            co=int(row["co_actions"]),
        )
    return graph, names


def _core(graph: nx.Graph[int]) -> nx.Graph[int]:
    """Return the 2-core, its nodes and edges in order."""
    core = nx.k_core(graph, 2)
    plain: nx.Graph[int] = nx.Graph()
    plain.add_nodes_from(sorted(core.nodes))
    plain.add_edges_from(sorted(core.edges(data=True), key=lambda e: (min(e[:2]), max(e[:2]))))
    return plain


def _communities(core: nx.Graph[int], seed: int) -> list[set[int]]:
    if not core.number_of_edges():
        return []
    found = nx.community.louvain_communities(core, weight="weight", seed=seed)
    large = [set(c) for c in found if len(c) >= MIN_SIZE]
    return sorted(large, key=lambda c: (-len(c), min(c)))


def _nodes_with_role(accounts: pd.DataFrame, names: list[str], role: str) -> set[int]:
    wanted = set(accounts.loc[accounts["role"] == role, "account"])
    return {i for i, name in enumerate(names) if name in wanted}


def _around_review(found: list[set[int]], graph: nx.Graph[int], review: set[int]) -> list[set[int]]:
    """Return the communities with those that are mostly under review made one.

    Accounts under review that belong to no community join where a pair ties them to it, however
    indirectly; two or three that are tied to each other alone are pairs. One that fell into
    another community joins where they hold it more strongly than that community does: an operation
    that amplifies what partisans share is tied to them as well, and would be torn apart. That
    others of its own community are under review says nothing: one of several suspected emigrants
    belongs with emigrants.
    """
    mostly = [c for c in found if 2 * len(c & review) > len(c)]
    others = [c for c in found if c not in mostly]
    core, held = set().union(*mostly), set().union(*others)
    parts = list(nx.connected_components(graph.subgraph(core | (review - held))))
    # Without such a community the largest part of those in none is what is looked at.
    largest = max(parts, key=lambda c: (len(c), -min(c)), default=set())
    group = set().union(*(c for c in parts if c & core)) if core else set(largest)
    for node in sorted(review & held):
        around = next(c for c in others if node in c)
        pull = sum(graph[node][m]["weight"] for m in graph.neighbors(node) if m in group)
        hold = sum(graph[node][m]["weight"] for m in graph.neighbors(node) if m in around - group)
        group |= {node} if pull > hold else set()
    kept = [c for c in (*(c - group for c in others), group) if len(c) >= MIN_SIZE]
    return sorted(kept, key=lambda c: (-len(c), min(c)))


def _best_match(members: set[int], others: list[set[int]]) -> float:
    return max((len(members & o) / len(members | o) for o in others), default=0.0)


def _first_shares(edges: pd.DataFrame) -> dict[str, tuple[float, int]]:
    """Return for each account the share of its co-actions it came first in, and their number."""
    weight = edges["co_actions"].astype(float)
    ends = pd.concat(
        [
            pd.DataFrame(
                {"account": edges["source"], "first": edges["lead"] * weight, "n": weight}
            ),
            pd.DataFrame(
                {"account": edges["target"], "first": (1 - edges["lead"]) * weight, "n": weight}
            ),
        ]
    )
    sums = ends.groupby("account")[["first", "n"]].sum()
    return {
        str(name): (float(row["first"] / row["n"]) if row["n"] else float("nan"), int(row["n"]))
        for name, row in sums.iterrows()
    }


def _repost_shares(posts: pd.DataFrame) -> dict[str, float]:
    own = posts[~posts["embedded"].fillna(value=False).astype(bool)]
    marked = own["is_repost"].fillna(value=False).astype(bool) | own["repost_of"].notna()
    return {str(k): float(v) for k, v in marked.groupby(own["account"]).mean().items()}


def _role(first: float, count: int, reposts: float) -> str:
    if count < MIN_CO_ACTIONS or np.isnan(first):
        return "unclear"
    if first > FIRST_MOST and reposts <= FEW_REPOSTS:
        return "seeder"
    if first < 1 - FIRST_MOST:
        return "amplifier"
    return "both"


def cluster_tests(
    members: pd.DataFrame,
    edges: pd.DataFrame,
    events: pd.DataFrame,
    posts: pd.DataFrame,
    accounts: pd.DataFrame,
    *,
    draws: int = DRAWS,
    q: float = Q,
) -> pd.DataFrame:
    """Return for each cluster what makes it act together, or that nothing does.

    Parameters
    ----------
    members : DataFrame
        As `clusters` gives it.
    edges, posts, accounts : DataFrame
        The tables of these names.
    events : DataFrame
        As `casebook.objects.events` gives them.
    draws : int
        Random draws of the test of timing.
    q : float
        False discovery rate over the clusters.

    Returns
    -------
    DataFrame
        The table ``groups``, one row a cluster. ``label`` is *coordinated* where ``basis`` names
        one of three: synchrony (at least half the members are in a pair that is significant at 30
        minutes or less), timing (the members act closer in time than others who share the same
        objects, and closer than their own habits give), or exclusive originals. Else *shared
        attention*.
    """
    if members.empty:
        return schema.empty("groups")
    shares, own_work = first_acts(events), originals(events, posts)
    return groups_tested(members, edges, shares, own_work, accounts, draws=draws, q=q)


def groups_tested(
    members: pd.DataFrame,
    edges: pd.DataFrame,
    shares: Shares,
    own_work: Originals,
    accounts: pd.DataFrame,
    *,
    draws: int = DRAWS,
    q: float = Q,
) -> pd.DataFrame:
    """Return what `cluster_tests` does of some clusters, from `first_acts` and `originals`."""
    # Other accounts under review may belong to the same operation: no measure of what is usual.
    review = set(accounts.loc[accounts["role"] == "persona", "account"])
    tied = edges[edges["finding"].isin(SIGNIFICANT)]
    source, target = (tied[end].to_numpy(dtype=object) for end in ("source", "target"))
    roles = list(zip(accounts["account"], accounts["role"], strict=True))
    rows = []
    for cluster, part in members.groupby("cluster", sort=True):
        names = set(part["account"])
        inside = (a in names and b in names for a, b in zip(source, target, strict=True))
        real = tied[np.fromiter(inside, dtype=bool, count=len(tied))]
        role = Counter(role for name, role in roles if name in names)
        fast = real[real["finding"] == "synchrony"]
        others = set(shares.names) - names - review
        timed = timing_test(shares, names, draws=draws, others=others)
        own = habit_test(shares, names, draws=draws)
        rows.append(
            {
                "cluster": cluster,
                "members": len(names),
                "personas": role["persona"],
                "known": role["known"],
                "reference": role["reference"],
                "synchrony_pairs": _pairs(fast),
                "attention_pairs": _pairs(real) - _pairs(fast),
                "synchronous_members": len(set(fast["source"]) | set(fast["target"])),
                "timed_objects": timed["objects"],
                "timing_z": timed["z"],
                "timing_p": timed["p"],
                "timing_effect": timed["effect"],
                "habit_objects": own["objects"],
                "habit_p": own["p"],
                "habit_effect": own["effect"],
                "habit_gap": own["gap"],
                "exclusive_originals": len(own_work.exclusive(names)),
                "alternation": _alternation(real),
                "stability": float(part["stability"].iloc[0]),
                "evidence": sorted({r for refs in fast["evidence"] for r in refs}),
            }
        )
    found = pd.DataFrame(rows)
    found["timing_passed"] = _passed(found, "timing", EFFECT, q)
    at_once = found["habit_gap"].to_numpy(dtype=float, na_value=np.inf) <= SYNCHRONY
    found["habit_passed"] = _passed(found, "habit", HABIT_EFFECT, q) | at_once
    found["basis"] = [_basis(row) for row in found.to_dict("records")]
    called = found["basis"].isin(["synchrony", "timing", "exclusive originals"])
    found["label"] = np.where(called, "coordinated", "shared attention")
    order = found["cluster"].str[1:].astype(int).argsort(kind="stable")
    return schema.check("groups", found.iloc[order])


def labelled(members: pd.DataFrame, groups: pd.DataFrame, robustness: pd.DataFrame) -> pd.DataFrame:
    """Return the table ``clusters`` with a label for each account.

    An account of a coordinated cluster is called *coordinated* where at least 70 % of the
    specifications include it, or where its cluster passes the test of timing, which does not hang
    on them; else *not robust*.

    Parameters
    ----------
    members, groups : DataFrame
        From `clusters` and `cluster_tests`.
    robustness : DataFrame
        From `casebook.network.robustness.robustness`.
    """
    label = dict(zip(groups["cluster"], groups["label"], strict=True))
    timed = groups["timing_passed"] & groups["habit_passed"]
    sure = set(groups.loc[timed.fillna(value=False).astype(bool), "cluster"])
    shares = dict(zip(robustness["account"], robustness["share"], strict=True))
    settled = set(robustness.loc[robustness["robust"].astype(bool), "account"])
    labels = [
        "not robust"
        if label[c] == "coordinated" and c not in sure and a not in settled
        else label[c]
        for a, c in zip(members["account"], members["cluster"], strict=True)
    ]
    share = members["account"].map(shares).astype("Float64")
    return schema.check("clusters", members.assign(label=labels, robustness=share))


def _basis(row: Mapping[Any, Any]) -> str:
    """Return what makes a cluster coordinated, or why it is not."""
    if 2 * row["synchronous_members"] >= row["members"]:
        return "synchrony"
    if row["timing_passed"] and row["habit_passed"]:
        return "timing"
    if row["exclusive_originals"] >= MIN_EXCLUSIVE:
        return "exclusive originals"
    if row["timing_passed"]:
        return "timing, but habits explain it"
    return "none"


def _passed(found: pd.DataFrame, test: str, most: float, q: float) -> np.ndarray:
    p = found[f"{test}_p"]
    tested = p.notna().to_numpy()
    out = np.zeros(len(found), dtype=bool)
    out[tested] = discoveries(np.log(p[tested].to_numpy(dtype=float)), int(tested.sum()), q)
    effect = found[f"{test}_effect"].to_numpy(dtype=float, na_value=np.inf)
    passed: np.ndarray = out & (effect <= most)
    return passed


def _pairs(edges: pd.DataFrame) -> int:
    return len(edges[["source", "target"]].drop_duplicates())


def _alternation(edges: pd.DataFrame) -> float:
    """Return the share of pairs in which each side is first in at least a quarter."""
    if edges.empty:
        return float("nan")
    lead = edges["lead"].to_numpy(dtype=float)
    return float((np.minimum(lead, 1 - lead) >= ALTERNATES).mean())


# -- the pooled test of timing --------------------------------------------------------------------


@dataclass(frozen=True)
class Shares:
    """Acts as numbers, in the order of object and account; a smaller one is a smaller name.

    Attributes
    ----------
    names : ndarray of str
        Accounts in order.
    account, object : ndarray of int64
    seconds : ndarray of float64
    """

    names: npt.NDArray[Any]
    account: Ints
    object: Ints
    seconds: Floats

    @classmethod
    def of(cls, shares: pd.DataFrame | Shares) -> Shares:
        """Return first acts as numbers: account, object and seconds, one row each."""
        if isinstance(shares, Shares):
            return shares
        account, names = pd.factorize(shares["account"].to_numpy(dtype=object), sort=True)
        obj, _ = pd.factorize(shares["object"].to_numpy(dtype=object), sort=True)
        order = np.lexsort((account, obj))
        seconds = shares["seconds"].to_numpy(dtype=np.float64)
        return cls(names, account[order], obj[order], seconds[order])

    def only(self, keep: npt.NDArray[np.bool_]) -> Shares:
        """Return some of the acts; accounts and objects keep their numbers."""
        return Shares(self.names, self.account[keep], self.object[keep], self.seconds[keep])

    def first(self) -> Shares:
        """Return the first act of each account on each object that 4 to 600 accounts shared.

        Acts of one account on one object have to be in the order of time.
        """
        first = runs(self.object * np.int64(len(self.names)) + self.account)
        size = np.bincount(self.object[first])[self.object[first]]
        first = first[(size >= MIN_SIZE) & (size <= LARGEST_OBJECT)]
        return Shares(self.names, self.account[first], self.object[first], self.seconds[first])

    def held_by(self, names: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Return which rows are acts of some accounts."""
        wanted = set(names)
        chosen = np.fromiter((n in wanted for n in self.names), dtype=bool, count=len(self.names))
        rows: npt.NDArray[np.bool_] = chosen[self.account]
        return rows


def first_acts(acts: pd.DataFrame) -> Shares:
    """Return the first act of each account on each object.

    Objects with fewer than 4 or more than 600 sharers are left out, and so are clocks coarser than
    a minute.
    """
    return timed_acts(acts)[0].first()


def timed_acts(acts: pd.DataFrame) -> tuple[Shares, Ints]:
    """Return all acts whose clock is fine enough, and the position of each among the events."""
    row = np.flatnonzero((clock_seconds(acts) <= COARSEST).to_numpy())
    fine = acts.iloc[row]
    account, names = pd.factorize(fine["account"].to_numpy(dtype=object), sort=True)
    named = (fine["layer"] + " " + fine["object"]).to_numpy(dtype=object)
    obj, _ = pd.factorize(named, sort=True)
    moment = fine["time"].astype("datetime64[us, UTC]").astype("int64")
    time = np.asarray(moment, dtype=np.int64)
    order = np.lexsort((time, account, obj))
    held = Shares(names, account[order], obj[order], time[order] / 1e6)
    return held, row[order]


def timing_test(
    shares: pd.DataFrame | Shares,
    members: Iterable[str],
    *,
    others: set[str] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    most: float = np.inf,
) -> dict[str, float]:
    """Return whether members act closer together in time than others who share the same objects.

    Which objects each account shared is held fixed. Of an object with n sharers, m of them members
    (m of at least 2, n of at least 4, n > m, n at most 600), a pair's rank u is the share of all
    pairs at least as close in time; the statistic is the sum over objects of
    ``(number of member pairs) ** -0.5 * sum(-ln u)``, and its null draws the m labels at random
    among the n sharers.

    Parameters
    ----------
    shares : DataFrame
        account, object, seconds: the first act of each account on each object.
    members : iterable of str
    others : set of str, optional
        Compare with these sharers only.
    draws : int
    seed : int
    most : float
        Draw nothing where the effect is larger: who asks only whether a group passes needs no p.

    Returns
    -------
    dict
        objects (number tested), z, p (one-sided, of ``draws``), effect (median over objects of
        the median lag of member pairs over that of the other pairs). With fewer than 5 objects all
        but ``objects`` are not a number; with an effect above ``most``, z and p are not.
    """
    held, names = Shares.of(shares), set(members)
    mine = held.held_by(names)
    if others is None:
        acts = (held.object, held.seconds, mine)
    else:
        compared = held.held_by(names | others)
        acts = (held.object[compared], held.seconds[compared], mine[compared])
    tested = list(_testable(*acts))
    ratios = [_nearness(seconds, own) for seconds, own in tested]
    effects = [ratio for ratio in ratios if not np.isnan(ratio)]
    unknown = float("nan")
    if len(effects) < MIN_TIMED_OBJECTS:
        return {"objects": len(effects), "z": unknown, "p": unknown, "effect": unknown}
    effect = float(np.median(effects))
    if effect > most:
        return {"objects": len(effects), "z": unknown, "p": unknown, "effect": effect}
    rng = np.random.default_rng(seed)
    statistic, null = 0.0, np.zeros(draws)
    for seconds, own in tested:
        n, m = len(own), int(own.sum())
        root = np.sqrt(m * (m - 1) / 2)
        one, other = _pairs_among(n)
        score = _scores(np.abs(seconds[one] - seconds[other]))
        statistic += score[own[one] & own[other]].sum() / root
        chosen = np.argpartition(rng.random((draws, n)), m - 1, axis=1)[:, :m].T
        table = np.empty((n, n))
        table[one, other] = table[other, one] = score
        first, second = _pairs_among(m)
        # One number for both places, pair after pair: several times faster than two.
        null += table.ravel().take(chosen[first] * n + chosen[second]).sum(axis=0) / root
    return {
        "objects": len(effects),
        "z": float((statistic - null.mean()) / null.std()),
        "p": float((1 + (null >= statistic).sum()) / (draws + 1)),
        "effect": effect,
    }


def _nearness(seconds: Floats, own: npt.NDArray[np.bool_]) -> float:
    """Return the median lag of member pairs over that of the other pairs, where this has a size."""
    one, other = _pairs_among(len(own))
    lag = np.abs(seconds[one] - seconds[other])
    inside = own[one] & own[other]
    rest = float(_middle(lag[~inside]))
    return float(_middle(lag[inside])) / rest if rest > 0 else float("nan")


def _scores(lag: Floats) -> Floats:
    """Return -ln of the share of all pairs that are at least as close, for each pair."""
    order = np.argsort(lag)
    ordered = lag[order]
    # Looked up in order, each is found beside the one before.
    upto = np.searchsorted(ordered, ordered, side="right")
    scores = np.empty(len(lag))
    scores[order] = -np.log(upto / len(lag))
    return scores


def _testable(
    obj: Ints, seconds: Floats, own: npt.NDArray[np.bool_]
) -> Iterator[tuple[Floats, npt.NDArray[np.bool_]]]:
    """Yield times and membership of the sharers of each object that the test can use."""
    starts = runs(obj)
    if not len(starts):
        return
    sharers = np.diff(np.r_[starts, len(obj)])
    inside = np.add.reduceat(own.astype(np.int64), starts)
    usable = (inside >= 2) & (sharers >= MIN_SIZE) & (sharers > inside)
    for start, n in zip(starts[usable].tolist(), sharers[usable].tolist(), strict=True):
        yield seconds[start : start + n], own[start : start + n]


@lru_cache(maxsize=128)
def _pairs_among(n: int) -> tuple[Ints, Ints]:
    """Return all i < j below n."""
    one, other = np.triu_indices(n, 1)
    return one, other


def habit_test(
    shares: pd.DataFrame | Shares, members: Iterable[str], *, draws: int = DRAWS, seed: int = SEED
) -> dict[str, float]:
    """Return whether members act closer together in time than their own habits give.

    Held fixed is what each member shared, how long it takes for things that appear at that time of
    the day, and when each object appeared (its first act by anybody here). The null deals the lags
    of each member anew among the objects it shared that appeared in the same two hours of the day.
    So people who are all quick, or all asleep at the same time, are as close in the null as in the
    data; people who act on one signal are not. The statistic is the sum over objects of
    ``(number of member pairs) ** -0.5 * sum(-ln(lag + 60 s))``.

    Parameters
    ----------
    shares : DataFrame
        As from `first_acts`.
    members : iterable of str
    draws : int
    seed : int

    Returns
    -------
    dict
        objects (with two members or more), z, p (one-sided, of ``draws``), effect: for each object
        the median lag of member pairs over what is usual in the null, of these ratios the lower
        third, weighted by the root of the pairs, and that over the same in the null. About 1 where
        nothing binds the members but their habits. gap: the lag of members that their habits give
        (seconds, weighted median over objects). Where it is within half an hour, the habit is to
        act together: that is what such a group does, and no other explanation of it. With fewer
        than 5 objects all but ``objects`` are not a number.
    """
    held = Shares.of(shares)
    mine = held.held_by(members)
    starts = runs(held.object)
    sharers = np.diff(np.r_[starts, len(held.object)])
    appeared = np.minimum.reduceat(held.seconds, starts) if len(starts) else np.empty(0)
    account, obj = held.account[mine], held.object[mine]
    born = np.repeat(appeared, sharers)[mine]
    lag = held.seconds[mine] - born
    left, right = all_pairs(np.searchsorted(obj, obj, side="right"))
    of = obj[left]
    objects = len(runs(of))
    unknown = float("nan")
    if objects < MIN_TIMED_OBJECTS:
        return {"objects": objects, **dict.fromkeys(("z", "p", "effect", "gap"), unknown)}
    block = (born // 3_600 % 24 // BLOCK_HOURS).astype(np.int64)
    number = np.diff(np.r_[runs(of), len(of)])
    weight = 1 / np.sqrt(np.repeat(number, number))
    # Members' births differ by object only, and a pair is on one object: lags alone decide.
    seen = np.abs(lag[left] - lag[right])
    statistic = float((weight * -np.log(seen + NEAR)).sum())
    null, usual = np.empty(draws), np.empty((draws, len(left)), dtype=np.float32)
    done = 0
    at_once = max(1, MOST_DEALT // len(left))
    rng = np.random.default_rng(seed)
    for dealt in _dealt(lag, account * 24 + block, draws, at_once, rng):
        gap = np.take(dealt, left, axis=1)
        gap -= np.take(dealt, right, axis=1)
        np.abs(gap, out=gap)
        usual[done : done + len(dealt)] = gap
        gap += NEAR
        np.log(gap, out=gap)
        gap *= weight
        null[done : done + len(dealt)] = -gap.sum(axis=1)
        done += len(dealt)
    spread = float(null.std())
    effect, usually = _habit_effect(seen, usual, number)
    return {
        "objects": objects,
        "z": (statistic - float(null.mean())) / spread if spread else unknown,
        "p": float((1 + (null >= statistic).sum()) / (draws + 1)),
        "effect": effect,
        "gap": usually,
    }


def _dealt(
    lag: Floats, habit: Ints, draws: int, at_once: int, rng: np.random.Generator
) -> Iterator[Floats]:
    """Yield the lags dealt anew within each habit, so many draws at once."""
    place = np.argsort(habit, kind="stable")
    group = np.cumsum(np.r_[0, habit[place][1:] != habit[place][:-1]])
    while draws > 0:
        some = min(draws, at_once)
        order = np.argsort(group + rng.random((some, len(lag)))[:, place], axis=1)
        dealt = np.empty((some, len(lag)))
        dealt[:, place] = lag[place[order]]
        yield dealt
        draws -= some


def _habit_effect(seen: Floats, usual: np.ndarray, number: Ints) -> tuple[float, float]:
    """Return the lower third of observed over usual lags, over the same in the null; usual lag.

    Parameters
    ----------
    seen : ndarray
        The lag of each pair of members on one object, object after object.
    usual : ndarray
        The same in each draw.
    number : ndarray of int64
        Pairs on each object.
    """
    starts = np.cumsum(number) - number
    usually, observed = np.empty(len(number)), np.empty(len(number))
    drawn = np.empty((len(number), len(usual)))
    for size in np.unique(number).tolist():
        chosen = np.flatnonzero(number == size)
        pairs = starts[chosen][:, None] + np.arange(size)
        lags = np.moveaxis(usual[:, pairs], 1, 0)
        # A second is added, so that what is usually simultaneous can be compared as well.
        usually[chosen] = _middle(lags.reshape(len(chosen), -1)) + 1
        observed[chosen] = _middle(seen[pairs]) + 1
        drawn[chosen] = _middle(lags) + 1
    weight = np.sqrt(number)
    null = _quantiles(drawn / usually[:, None], weight, THIRD)
    effect = _quantiles((observed / usually)[:, None], weight, THIRD)[0] / np.median(null)
    return float(effect), float(_quantiles(usually[:, None], weight, 0.5)[0])


def _middle(values: Floats) -> Floats:
    """Return the median along the last axis; `np.median` takes longer to begin than to work."""
    size = values.shape[-1]
    # Two places at once take `np.partition` several times as long as one.
    parted = np.partition(values, size // 2, axis=-1)
    upper = parted[..., size // 2]
    lower = upper if size % 2 else parted[..., : size // 2].max(axis=-1)
    middle: Floats = (lower + upper) / 2
    return middle


def _quantiles(values: Floats, weight: Floats, share: float) -> Floats:
    """Return the weighted quantile of each column."""
    order = np.argsort(values, axis=0, kind="stable")
    reached = np.cumsum(weight[order], axis=0)
    at = (reached < reached[-1] * share).sum(axis=0)
    quantiles: Floats = np.take_along_axis(values, order, axis=0)[at, np.arange(values.shape[1])]
    return quantiles


@dataclass(frozen=True)
class Originals:
    """The acts on what might be somebody's own.

    Attributes
    ----------
    objects : DataFrame
        layer, object: one row an object, in order.
    names : ndarray of str
    row, account, of : ndarray of int64
        Of each act its position among the events, its account and its object.
    counter : ndarray of float
        The public counter of each act's post; may be not a number.
    """

    objects: pd.DataFrame
    names: npt.NDArray[Any]
    row: Ints
    account: Ints
    of: Ints
    counter: Floats

    def only(self, keep: npt.NDArray[np.bool_]) -> Originals:
        """Return the acts among the events that are kept."""
        kept = keep[self.row]
        return replace(
            self,
            row=self.row[kept],
            account=self.account[kept],
            of=self.of[kept],
            counter=self.counter[kept],
        )

    def exclusive(self, members: Iterable[str]) -> pd.DataFrame:
        """Return those that at least two members share and nobody else, with small counters."""
        wanted = set(members)
        chosen = np.fromiter((n in wanted for n in self.names), dtype=bool, count=len(self.names))
        shares = distinct(self.of * np.int64(max(len(self.names), 1)) + self.account)
        account, of = shares % max(len(self.names), 1), shares // max(len(self.names), 1)
        accounts = np.bincount(of, minlength=len(self.objects))
        inside = np.bincount(of, weights=chosen[account], minlength=len(self.objects))
        counter = np.full(len(self.objects), np.nan)
        np.fmax.at(counter, self.of, self.counter)
        own = (inside == accounts) & (accounts >= 2) & (counter <= SMALL_COUNTER)
        found: pd.DataFrame = self.objects[own].assign(accounts=accounts[own])
        return found.reset_index(drop=True)


def originals(acts: pd.DataFrame, posts: pd.DataFrame) -> Originals:
    """Return what might be originals of a group, for `exclusive_originals`.

    Parameters
    ----------
    acts, posts : DataFrame
        As there.
    """
    # The text of a post with a link is often the headline of the page, put there by a button.
    # Only what was posted of these is looked up: the collection holds far more.
    of_layer = acts["layer"].isin(ORIGINAL_LAYERS).to_numpy(dtype=bool)
    posted = posts[posts["post"].isin(acts["post"][of_layer])]
    linked = posted.loc[posted["urls"].map(len) > 0, "post"]
    from_page = acts["post"].isin(linked) & (acts["layer"] == "text")
    row = np.flatnonzero(of_layer & ~from_page.to_numpy(dtype=bool))
    own = acts.iloc[row]
    known = posted.drop_duplicates("post")
    counter = own["post"].map(known.set_index("post")["reposts"]).astype("float64")
    named = pd.DataFrame({c: own[c].to_numpy(dtype=object) for c in ("layer", "object")})
    of = np.asarray(named.groupby(["layer", "object"], sort=True).ngroup(), dtype=np.int64)
    objects = named.iloc[np.unique(of, return_index=True)[1]].reset_index(drop=True)
    account, names = pd.factorize(own["account"].to_numpy(dtype=object), sort=True)
    counts = np.asarray(counter, dtype=np.float64)
    return Originals(objects, names, row, account.astype(np.int64), of, counts)


def exclusive_originals(
    acts: pd.DataFrame, posts: pd.DataFrame, members: Iterable[str]
) -> pd.DataFrame:
    """Return the originals that at least two members share and nobody else in the collection has.

    Texts without a link, pictures, and reposts; links and hashtags come from elsewhere and are no
    originals. Each must carry public counters, and small ones: what thousands shared is nobody's
    own.

    Parameters
    ----------
    acts : DataFrame
        Events, as `casebook.objects.events` gives them.
    posts : DataFrame
        The table ``posts``, for its counters.
    members : iterable of str

    Returns
    -------
    DataFrame
        layer, object, accounts.
    """
    return originals(acts, posts).exclusive(members)
