"""Clusters of pairs that chance does not explain, and whether each one acts together in time.

A cluster is called *coordinated* only where its members are synchronous pair by pair, or as a group
in the test of timing, or share originals that nobody else has. All else is *shared attention*:
people who follow the same accounts meet as often as people who follow the same orders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd

from casebook import schema
from casebook.network.chance import SYNCHRONY, Q, discoveries
from casebook.network.engine import all_pairs
from casebook.network.windows import clock_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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
EFFECT = 1.0
"""Against other sharers: lag of member pairs over that of other pairs, at most. It only says in
which direction; people who are quick to react reach .5 without knowing of each other."""
HABIT_EFFECT = 0.75
"""Against their own habits. Significance alone is not enough: innocents who live in one zone reach
any p-value. In made-up worlds 50 innocent groups stayed above .82 (fan clubs and partisans above
.88), and operations with up to an hour of spread came to .13 to .72."""
THIRD = 1 / 3
"""An operation hides half of its acts or more among what others share: its tasks show in the
closest third of the objects, and not in the middle."""
MIN_TIMED_OBJECTS = 5
LARGEST_OBJECT = 600
BLOCK_HOURS = 2
"""A habit is how long an account takes for what appears at this time of the day."""
NEAR = 60.0
"""Seconds added to a lag before its logarithm: closer than a minute is no closer."""

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
        network: communities that consist mostly of them are one cluster, with every account under
        review that a significant pair ties to it. ``stability`` is the mean Jaccard index of a
        cluster with its best match under 20 other seeds.

    References
    ----------
    Blondel et al., "Fast unfolding of communities in large networks", 2008.
    """
    tied = edges[edges["finding"].isin(SIGNIFICANT)]
    graph, names = _graph(tied)
    review = _nodes_with_role(accounts, names, "persona")
    found = _around_review(_communities(graph, seed), graph, review)
    if not found:
        return schema.empty("clusters")
    others = [
        _around_review(_communities(graph, seed + i), graph, review) for i in range(1, seeds + 1)
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


def _communities(graph: nx.Graph[int], seed: int) -> list[set[int]]:
    core = nx.k_core(graph, 2)
    if not core.number_of_edges():
        return []
    plain: nx.Graph[int] = nx.Graph()
    plain.add_nodes_from(sorted(core.nodes))
    plain.add_edges_from(sorted(core.edges(data=True), key=lambda e: (min(e[:2]), max(e[:2]))))
    found = nx.community.louvain_communities(plain, weight="weight", seed=seed)
    large = [set(c) for c in found if len(c) >= MIN_SIZE]
    return sorted(large, key=lambda c: (-len(c), min(c)))


def _nodes_with_role(accounts: pd.DataFrame, names: list[str], role: str) -> set[int]:
    wanted = set(accounts.loc[accounts["role"] == role, "account"])
    return {i for i, name in enumerate(names) if name in wanted}


def _around_review(found: list[set[int]], graph: nx.Graph[int], review: set[int]) -> list[set[int]]:
    """Return the communities with those that are mostly under review made one."""
    mostly = [c for c in found if 2 * len(c & review) > len(c)]
    core = set().union(*mostly) if mostly else set()
    elsewhere = set().union(*(c for c in found if c not in mostly)) if found else set()
    tied = {n for n in review - elsewhere if any(m in review for m in graph.neighbors(n))}
    group = core | tied
    kept = [c for c in found if c not in mostly]
    kept += [group] if len(group) >= MIN_SIZE else []
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
        minutes or less), timing (the pooled test passes with an effect of at most 0.7, also among
        those who keep the group's hours), or exclusive originals. Else *shared attention*.
    """
    if members.empty:
        return schema.empty("groups")
    shares = first_acts(events)
    # Other accounts under review may belong to the same operation: no measure of what is usual.
    review = set(accounts.loc[accounts["role"] == "persona", "account"])
    rows = []
    for cluster, part in members.groupby("cluster", sort=True):
        names = set(part["account"])
        inside = edges[edges["source"].isin(names) & edges["target"].isin(names)]
        real = inside[inside["finding"].isin(SIGNIFICANT)]
        fast = real[real["finding"] == "synchrony"]
        others = set(shares["account"]) - names - review
        timed = timing_test(shares, names, draws=draws, others=others)
        own = habit_test(shares, names, draws=draws)
        rows.append(
            {
                "cluster": cluster,
                "members": len(names),
                "personas": _with_role(accounts, names, "persona"),
                "known": _with_role(accounts, names, "known"),
                "reference": _with_role(accounts, names, "reference"),
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
                "exclusive_originals": len(exclusive_originals(events, posts, names)),
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


def _with_role(accounts: pd.DataFrame, names: set[str], role: str) -> int:
    return int((accounts["account"].isin(names) & (accounts["role"] == role)).sum())


def _alternation(edges: pd.DataFrame) -> float:
    """Return the share of pairs in which each side is first in at least a quarter."""
    if edges.empty:
        return float("nan")
    lead = edges["lead"].to_numpy(dtype=float)
    return float((np.minimum(lead, 1 - lead) >= ALTERNATES).mean())


# -- the pooled test of timing --------------------------------------------------------------------


def first_acts(acts: pd.DataFrame) -> pd.DataFrame:
    """Return the first act of each account on each object: account, object, seconds.

    Objects with fewer than 4 or more than 600 sharers are left out, and so are clocks coarser than
    a minute.
    """
    fine = acts[(clock_seconds(acts) <= 60).to_numpy()]
    seconds = fine["time"].astype("datetime64[us, UTC]").astype("int64") / 1e6
    named = pd.DataFrame(
        {
            "account": fine["account"].to_numpy(dtype=object),
            "object": (fine["layer"] + " " + fine["object"]).to_numpy(dtype=object),
            "seconds": seconds.to_numpy(),
        }
    )
    first = named.groupby(["object", "account"], sort=True)["seconds"].min().reset_index()
    size = first.groupby("object")["account"].transform("size")
    return first[(size >= MIN_SIZE) & (size <= LARGEST_OBJECT)].reset_index(drop=True)


def timing_test(
    shares: pd.DataFrame,
    members: Iterable[str],
    *,
    others: set[str] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
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

    Returns
    -------
    dict
        objects (number tested), z, p (one-sided, of ``draws``), effect (median over objects of
        the median lag of member pairs over that of the other pairs). With fewer than 5 objects all
        but ``objects`` are not a number.
    """
    names = set(members)
    if others is not None:
        shares = shares[shares["account"].isin(names | others)]
    rng = np.random.default_rng(seed)
    statistic, null, effects = 0.0, np.zeros(draws), []
    for seconds, own in _testable(shares, names):
        score, lag = _closeness(seconds)
        m = int(own.sum())
        pairs = m * (m - 1) / 2
        inside = np.triu(np.outer(own, own), 1)
        statistic += score[inside].sum() / np.sqrt(pairs)
        chosen = np.argpartition(rng.random((draws, len(own))), m - 1, axis=1)[:, :m]
        drawn = score[chosen[:, :, None], chosen[:, None, :]].sum(axis=(1, 2)) / 2
        null += drawn / np.sqrt(pairs)
        outside = np.triu(np.ones_like(inside), 1) & ~inside
        if (rest := float(np.median(lag[outside]))) > 0:
            effects.append(float(np.median(lag[inside])) / rest)
    if len(effects) < MIN_TIMED_OBJECTS:
        unknown = float("nan")
        return {"objects": len(effects), "z": unknown, "p": unknown, "effect": unknown}
    return {
        "objects": len(effects),
        "z": float((statistic - null.mean()) / null.std()),
        "p": float((1 + (null >= statistic).sum()) / (draws + 1)),
        "effect": float(np.median(effects)),
    }


def habit_test(
    shares: pd.DataFrame, members: Iterable[str], *, draws: int = DRAWS, seed: int = SEED
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
    names = set(members)
    appeared = shares.groupby("object")["seconds"].transform("min")
    mine = shares["account"].isin(names)
    own = shares[mine].assign(appeared=appeared[mine]).sort_values(["object", "account"])
    account, _ = pd.factorize(own["account"], sort=True)
    obj, _ = pd.factorize(own["object"], sort=True)
    born = own["appeared"].to_numpy(dtype=np.float64)
    lag = own["seconds"].to_numpy(dtype=np.float64) - born
    left, right = all_pairs(np.searchsorted(obj, obj, side="right"))
    of = obj[left]
    objects = len(np.unique(of))
    unknown = float("nan")
    if objects < MIN_TIMED_OBJECTS:
        return {"objects": objects, **dict.fromkeys(("z", "p", "effect", "gap"), unknown)}
    block = (born // 3_600 % 24 // BLOCK_HOURS).astype(np.int64)
    habit = account * 24 + block
    number = np.bincount(of)[of]
    weight = 1 / np.sqrt(number)
    place = np.argsort(habit, kind="stable")
    rng = np.random.default_rng(seed)
    # Members' births differ by object only, and a pair is on one object: lags alone decide.
    seen = np.abs(lag[left] - lag[right])
    statistic = float((weight * -np.log(seen + NEAR)).sum())
    null, usual = np.empty(draws), np.empty((draws, len(left)), dtype=np.float32)
    for draw in range(draws):
        dealt = np.empty_like(lag)
        dealt[place] = lag[np.lexsort((rng.random(len(lag)), habit))]
        gap = np.abs(dealt[left] - dealt[right])
        usual[draw] = gap
        null[draw] = (weight * -np.log(gap + NEAR)).sum()
    spread = float(null.std())
    effect, gap = _habit_effect(seen, usual, of)
    return {
        "objects": objects,
        "z": (statistic - float(null.mean())) / spread if spread else unknown,
        "p": float((1 + (null >= statistic).sum()) / (draws + 1)),
        "effect": effect,
        "gap": gap,
    }


def _habit_effect(seen: Floats, usual: np.ndarray, of: Ints) -> tuple[float, float]:
    """Return the lower third of observed over usual lags, over the same in the null; usual lag."""
    starts = np.flatnonzero(np.r_[True, of[1:] != of[:-1]])
    parts = list(zip(starts.tolist(), [*starts[1:].tolist(), len(of)], strict=True))
    weight = np.sqrt([stop - start for start, stop in parts])
    # A second is added, so that what is usually simultaneous can be compared as well.
    usually = np.array([np.median(usual[:, a:b]) + 1 for a, b in parts])
    observed = np.array([np.median(seen[a:b]) + 1 for a, b in parts]) / usually
    drawn = np.array([np.median(usual[:, a:b], axis=1) + 1 for a, b in parts]) / usually[:, None]
    null = [_quantile(drawn[:, draw], weight, THIRD) for draw in range(drawn.shape[1])]
    effect = _quantile(observed, weight, THIRD) / float(np.median(null))
    return effect, _quantile(usually, weight, 0.5)


def _quantile(values: Floats, weight: Floats, share: float) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    return float(values[order[np.searchsorted(reached, reached[-1] * share)]])


def _testable(shares: pd.DataFrame, names: set[str]) -> Iterator[tuple[Floats, np.ndarray]]:
    """Yield times and membership of the sharers of each object that the test can use."""
    mine = shares["account"].isin(names)
    enough = mine.groupby(shares["object"]).agg(["sum", "size"])
    usable = enough[
        (enough["sum"] >= 2) & (enough["size"] >= MIN_SIZE) & (enough["size"] > enough["sum"])
    ].index
    kept = shares["object"].isin(usable)
    for _, part in shares[kept].assign(own=mine[kept]).groupby("object", sort=True):
        yield part["seconds"].to_numpy(), part["own"].to_numpy(dtype=bool)


def _closeness(seconds: Floats) -> tuple[Floats, Floats]:
    """Return -ln u and the lag of all pairs of sharers of one object, as matrices."""
    lag = np.abs(seconds[:, None] - seconds[None, :])
    upper: Ints = np.triu_indices(len(seconds), 1)  # type: ignore[assignment]
    ordered = np.sort(lag[upper])
    rank = np.searchsorted(ordered, lag, side="right") / len(ordered)
    np.fill_diagonal(rank, 1.0)
    score: Floats = -np.log(rank)
    return score, lag


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
    names = set(members)
    own = acts[acts["layer"].isin(ORIGINAL_LAYERS)]
    # The text of a post with a link is often the headline of the page, put there by a button.
    linked = set(posts.loc[posts["urls"].map(len) > 0, "post"])
    own = own[~((own["layer"] == "text") & own["post"].isin(linked))]
    counter = posts.set_index("post")["reposts"]
    seen = own.assign(
        inside=own["account"].isin(names),
        counter=own["post"].map(counter[~counter.index.duplicated()]).astype("float64"),
    )
    by = seen.groupby(["layer", "object"], sort=True).agg(
        accounts=("account", "nunique"), inside=("inside", "all"), counter=("counter", "max")
    )
    found = by[by["inside"] & (by["accounts"] >= 2) & (by["counter"] <= SMALL_COUNTER)]
    return found.reset_index()[["layer", "object", "accounts"]]
