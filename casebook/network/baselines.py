"""The rules of others, each by its name and with its own defaults: for comparison and teaching.

None of them is used for a finding of this casebook. Every one flags innocent people who like the
same things or work in one newsroom; `compare_rules` shows how many of them here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from casebook import schema
from casebook.network.chance import Q, discoveries, pairs_of
from casebook.network.edges import co_actions
from casebook.network.engine import (
    MICROSECONDS,
    Codes,
    encode,
    meetings,
    window_ends,
)
from casebook.network.windows import fine_enough
from casebook.objects import events as events_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from casebook.network.engine import Floats, Ints

    Overlaps = dict[str, tuple[Codes, pd.DataFrame]]

COLUMNS = ("source", "target", "layer", "weight")
FEW_OBJECTS = 2
"""Accounts that share one single object and nothing else are alike to 100 %: such a crowd is one
clique, and outweighs every network in an eigenvector. A tie needs at least so many objects."""
FUSED = "all layers"
MOST_PAIRS = 30_000_000
"""Rules without a time window compare everybody who shared a thing with everybody else who did.
Above so many pairs `compare_rules` leaves them out."""


def fixed_threshold(
    posts: pd.DataFrame, *, time_window: str | float = "60s", min_weight: int = 2
) -> pd.DataFrame:
    """Return the pairs where one account has so many posts that the other matched in the window.

    Parameters
    ----------
    posts : DataFrame
        The table ``posts``, or events.
    time_window : str or float
    min_weight : int

    Returns
    -------
    DataFrame
        source, target, layer, weight (posts of the one matched by the other, the larger of both
        directions).

    Notes
    -----
    Of reposts, and of replies, the toolkit finds the same edges, weight by weight, which the
    benchmark asserts. Known differences: it keeps pairs of an account with itself; it compares
    addresses letter by letter (or as they resolve on the network), so that x.com and twitter.com,
    or a tracking parameter, make two objects; links inside reposts count as links, while here a
    repost is an act on the original alone; texts are equal after folding case and names, or have a
    Jaccard similarity of 0.9 word by word, while here near-duplicates are clusters (0.5 of runs of
    three words); and terms of the collection query are objects there.

    References
    ----------
    Graham, coordination network toolkit, QUT, 2020.
    """
    edges = co_actions(posts, time_window=time_window, weight="posts", min_weight=min_weight,
                       unattended=True)  # fmt: skip
    heavier = edges[["posts_source", "posts_target"]].max(axis=1)
    return edges.assign(weight=heavier.astype("float64"))[list(COLUMNS)]


def coortweet(
    posts: pd.DataFrame,
    *,
    time_window: str | float = "10s",
    min_participation: int = 2,
    edge_weight: float = 0.5,
) -> pd.DataFrame:
    """Return the pairs whose co-actions lie above a quantile of all pairs, as CooRTweet marks them.

    Parameters
    ----------
    posts : DataFrame
        The table ``posts``, or events.
    time_window : str or float
    min_participation : int
        A pair counts where at least one side has so many posts that co-act, and both have so many
        posts in all.
    edge_weight : float
        Quantile of the weights of all pairs that a pair has to exceed.

    Returns
    -------
    DataFrame
        source, target, layer, weight (co-actions).

    References
    ----------
    Righetti and Balluff, CooRTweet 2 (``detect_groups``, ``generate_coordinated_network``), 2023.
    """
    acts = events_of(posts)
    parts = []
    for layer in _layers(acts):
        part = acts[acts["layer"] == layer]
        busy = part.groupby("account")["post"].transform("size") >= min_participation
        edges = _participating(part[busy], time_window, min_participation)
        if len(edges):
            bar = float(edges["co_actions"].quantile(edge_weight))
            parts.append(edges[edges["co_actions"] > bar])
    if not parts:
        return _none()
    found = pd.concat(parts, ignore_index=True)
    return found.assign(weight=found["co_actions"].astype("float64"))[list(COLUMNS)]


def _participating(
    acts: pd.DataFrame, time_window: str | float, min_participation: int
) -> pd.DataFrame:
    edges = co_actions(acts, time_window=time_window, unattended=True)
    if edges.empty:
        return edges
    seconds = float(edges["time_window"].iloc[0])
    codes = encode(fine_enough(acts, seconds))
    beside = _in_company(codes, round(seconds * MICROSECONDS))
    posts = np.bincount(codes.account[beside], minlength=codes.total)
    enough = set(codes.names[posts >= min_participation])
    return edges[edges["source"].isin(enough) | edges["target"].isin(enough)]


def _in_company(codes: Codes, window: int) -> np.ndarray:
    """Return which events have another account's event on the object within the window."""
    beside = np.zeros(len(codes.account), dtype=bool)
    for met in meetings(codes.account, codes.total, window_ends(codes, window)):
        beside[met.left] = True
        beside[met.right] = True
    return beside


def coordination_interval(posts: pd.DataFrame, *, q: float = 0.1, p: float = 0.5) -> float:
    """Return the seconds within which CooRnet calls shares of one object coordinated.

    Of the objects whose second share came fastest (the share ``q``), the time until more than
    ``p`` of the shares were there; of these times the quantile ``p``, at least one second.

    Returns
    -------
    float
        Seconds; not a number where no object was shared twice.

    References
    ----------
    Giglietto et al., "It takes a village to manipulate the media", 2020; CooRnet,
    ``estimate_coord_interval``.
    """
    acts = events_of(posts)[["object", "time"]].sort_values(["object", "time"], kind="stable")
    by_object = acts.groupby("object", sort=True)["time"]
    since = (acts["time"] - by_object.transform("min")).dt.total_seconds()
    rank, total = by_object.cumcount() + 1, by_object.transform("size")
    second = since[rank == 2].set_axis(acts.loc[rank == 2, "object"])
    if second.empty:
        return float("nan")
    fast = acts["object"].isin(second[second <= second.quantile(q)].index)
    reached = since[fast & (rank / total > p)].groupby(acts["object"]).min()
    return max(1.0, float(reached.quantile(p)))


def coornet(
    posts: pd.DataFrame, *, interval: float | None = None, edge_weight: float = 0.9
) -> pd.DataFrame:
    """Return the pairs that share most objects in the same intervals, as CooRnet finds them.

    Parameters
    ----------
    posts : DataFrame
        The table ``posts``, or events.
    interval : float, optional
        Seconds; estimated per layer with `coordination_interval` by default. Intervals of an object
        begin with its first share.
    edge_weight : float
        Quantile of the weights of all pairs that a pair has to reach.

    Returns
    -------
    DataFrame
        source, target, layer, weight (objects that both shared in company).

    References
    ----------
    Giglietto et al., "It takes a village to manipulate the media", 2020; CooRnet,
    ``get_coord_shares``.
    """
    acts = events_of(posts)
    parts = []
    for layer in _layers(acts):
        part = acts[acts["layer"] == layer].reset_index(drop=True)
        seconds = coordination_interval(part) if interval is None else interval
        if not seconds > 0:
            continue
        since = (part["time"] - part.groupby("object")["time"].transform("min")).dt.total_seconds()
        part = part.assign(bucket=(since // seconds).astype("int64"))
        company = part.groupby(["object", "bucket"])["account"].transform("nunique") > 1
        codes = encode(part[company])
        pairs = _overlaps(codes)
        pairs = pairs[pairs["objects"] >= pairs["objects"].quantile(edge_weight)]
        parts.append(_named(codes, pairs, layer, "objects"))
    return _joined(parts)


def pacheco(posts: pd.DataFrame | Overlaps, *, quantile: float = 0.995) -> pd.DataFrame:
    """Return the most similar pairs by cosine of their shared objects, rare objects weighing more.

    Accounts are vectors over objects with TF-IDF weights, whatever the times.

    Parameters
    ----------
    posts : DataFrame
        The table ``posts``, or events; or what `shared_objects` made of them.
    quantile : float
        Of the similarities of all pairs that share an object, that a pair has to reach.

    Returns
    -------
    DataFrame
        source, target, layer, weight (cosine, 0 to 1).

    References
    ----------
    Pacheco et al., "Uncovering Coordinated Networks on Social Media", ICWSM 2021.
    """
    parts = []
    for layer, (codes, pairs) in shared_objects(posts).items():
        alike = pairs[pairs["cosine"] >= pairs["cosine"].quantile(quantile)]
        parts.append(_named(codes, alike, layer, "cosine"))
    return _joined(parts)


def luceri(
    posts: pd.DataFrame | Overlaps, *, quantile: float = 0.95, min_objects: int = FEW_OBJECTS
) -> pd.DataFrame:
    """Return the similarity networks of all layers fused, and pruned to the most central accounts.

    Parameters
    ----------
    posts : DataFrame
        The table ``posts``, or events; or what `shared_objects` made of them.
    quantile : float
        Of eigenvector centrality, that both accounts of a pair have to reach.
    min_objects : int
        Objects that a pair has to share. With 1, as published, a crowd that shares one object and
        nothing else is a clique of similarity 1 and takes all centrality.

    Returns
    -------
    DataFrame
        source, target, layer (always "all layers"), weight (the largest cosine over the layers).

    References
    ----------
    Luceri et al., "Unmasking the Web of Deceit: Uncovering Coordinated Activity to Expose
    Information Operations on Twitter", WWW 2024.
    """
    parts = []
    for layer, (codes, pairs) in shared_objects(posts).items():
        several = pairs[pairs["objects"] >= min_objects]
        parts.append(_named(codes, several, layer, "cosine"))
    edges = _joined(parts)
    if edges.empty:
        return edges
    fused = edges.groupby(["source", "target"], sort=True)["weight"].max().reset_index()
    central = _centrality(fused)
    bar = central.quantile(quantile)
    kept = central.index[central >= bar]
    inside = fused["source"].isin(kept) & fused["target"].isin(kept)
    return fused[inside].assign(layer=FUSED)[list(COLUMNS)].reset_index(drop=True)


def _centrality(edges: pd.DataFrame) -> pd.Series:
    """Return the eigenvector centrality of each account, in order; power iteration, no SciPy."""
    names = sorted(set(edges["source"]) | set(edges["target"]))
    place = {n: i for i, n in enumerate(names)}
    a = edges["source"].map(place).to_numpy(dtype=np.int64)
    b = edges["target"].map(place).to_numpy(dtype=np.int64)
    weight = edges["weight"].to_numpy(dtype=np.float64)
    now = np.full(len(names), 1 / np.sqrt(len(names)))
    for _ in range(500):
        # The account itself is added: a graph with two sides would swing for ever without it.
        after = now.copy()
        np.add.at(after, a, weight * now[b])
        np.add.at(after, b, weight * now[a])
        after /= np.sqrt(after @ after)
        if np.abs(after - now).sum() < 1e-9 * len(names):
            break
        now = after
    return pd.Series(now.round(12), index=names)


def hypergeometric(posts: pd.DataFrame | Overlaps, *, q: float = Q) -> pd.DataFrame:
    """Return the pairs that share more objects than a random draw of as many objects would.

    Whatever the times, and as if every object were equally popular.

    Parameters
    ----------
    posts : DataFrame
        The table ``posts``, or events; or what `shared_objects` made of them.
    q : float
        False discovery rate (Benjamini-Hochberg over all pairs of a layer).

    Returns
    -------
    DataFrame
        source, target, layer, weight (shared objects).

    References
    ----------
    Tumminello et al., "Statistically Validated Networks in Bipartite Complex Systems", 2011.
    """
    parts = []
    for layer, (codes, pairs) in shared_objects(posts).items():
        cell = np.unique(codes.account * np.int64(int(codes.object.max()) + 1) + codes.object)
        of = np.bincount(cell // (int(codes.object.max()) + 1), minlength=codes.total)
        ln_p = hypergeometric_tail(
            pairs["objects"].to_numpy(),
            of[pairs["source"]],
            of[pairs["target"]],
            int(codes.object.max()) + 1,
        )
        kept = pairs[discoveries(ln_p, pairs_of(codes.total), q)]
        parts.append(_named(codes, kept, layer, "objects"))
    return _joined(parts)


def hypergeometric_tail(shared: Ints, one: Ints, other: Ints, objects: int) -> Floats:
    """Return ln P(at least so many shared) when two accounts draw from the same objects.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.exp(hypergeometric_tail(np.array([2]), np.array([2]), np.array([3]), 6))
    >>> p.round(6).tolist()  # 3/15
    [0.2]
    """
    ln_factorial = np.r_[0.0, np.cumsum(np.log(np.arange(1, objects + 1)))]

    def ln_choose(n: Ints, k: Ints) -> Floats:
        out: Floats = ln_factorial[n] - ln_factorial[k] - ln_factorial[n - k]
        return out

    out = np.full(len(shared), -np.inf)
    most = np.minimum(one, other)
    for step in range(int((most - shared).max(initial=-1)) + 1):
        x = shared + step
        possible = (x <= most) & (other - x <= objects - one)
        rows = np.flatnonzero(possible)
        n, k, m = x[rows], one[rows], other[rows]
        whole = np.full(len(rows), objects)
        term = ln_choose(k, n) + ln_choose(whole - k, m - n) - ln_choose(whole, m)
        out[rows] = np.logaddexp(out[rows], term)
    capped: Floats = np.minimum(out, 0.0)
    return capped


def shared_objects(posts: pd.DataFrame | Overlaps) -> Overlaps:
    """Return for each layer its events as numbers, and what each pair of accounts shares.

    Three of the rules begin with it; `compare_rules` makes it once.
    """
    if isinstance(posts, dict):
        return posts
    acts = events_of(posts)
    coded = {layer: encode(acts[acts["layer"] == layer]) for layer in _layers(acts)}
    return {layer: (codes, _overlaps(codes)) for layer, codes in coded.items()}


def _layers(acts: pd.DataFrame) -> Iterator[str]:
    held = set(acts["layer"].unique())
    return (layer for layer in schema.LAYERS if layer in held)


def _overlaps(codes: Codes) -> pd.DataFrame:
    """Return each pair of accounts that shares an object: source, target, objects, cosine."""
    objects = int(codes.object.max(initial=-1)) + 1
    cell, times = np.unique(
        codes.object * np.int64(codes.total) + codes.account, return_counts=True
    )
    obj, account = cell // max(codes.total, 1), cell % max(codes.total, 1)
    popular = np.bincount(obj, minlength=objects)
    weight = times * (np.log((1 + codes.total) / (1 + popular[obj])) + 1)
    length = np.sqrt(np.bincount(account, weights=weight**2, minlength=codes.total))
    ends = np.searchsorted(obj, obj, side="right").astype(np.int64)
    parts = []
    for met in meetings(account, codes.total, ends):
        if len(met.count):
            dot = np.add.reduceat(weight[met.left] * weight[met.right], met.starts)
            cosine = dot / (length[met.source] * length[met.target])
            parts.append(pd.DataFrame({"source": met.source, "target": met.target,
                                       "objects": met.count, "cosine": cosine}))  # fmt: skip
    none = pd.DataFrame({"source": [], "target": [], "objects": []}, dtype="int64")
    return pd.concat(parts, ignore_index=True) if parts else none.assign(cosine=np.empty(0))


def _named(codes: Codes, pairs: pd.DataFrame, layer: str, weight: str) -> pd.DataFrame:
    names = pd.array(codes.names, dtype="string")
    return pd.DataFrame(
        {
            "source": names.take(pairs["source"].to_numpy(dtype=np.int64)),
            "target": names.take(pairs["target"].to_numpy(dtype=np.int64)),
            "layer": pd.array([layer], dtype="string").repeat(len(pairs)),
            "weight": pairs[weight].to_numpy(dtype=np.float64),
        }
    )


def _none() -> pd.DataFrame:
    words = dict.fromkeys(COLUMNS[:3], "string")
    return pd.DataFrame({c: [] for c in COLUMNS}).astype(words | {"weight": "float64"})


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    found = [p for p in parts if len(p)]
    if not found:
        return _none()
    whole = pd.concat(found, ignore_index=True)
    return whole.sort_values(["layer", "source", "target"], kind="stable", ignore_index=True)


RULES: Mapping[str, Callable[[Any], pd.DataFrame]] = {
    "fixed threshold": fixed_threshold,
    "CooRTweet": coortweet,
    "CooRnet": coornet,
    "TF-IDF cosine": pacheco,
    "fused network": luceri,
    "hypergeometric": hypergeometric,
}
"""The rules of others with the defaults they are known by."""
TIMED = (fixed_threshold, coortweet)
UNTIMED = (pacheco, luceri, hypergeometric)


def compare_rules(
    posts: pd.DataFrame, accounts: pd.DataFrame, edges: pd.DataFrame, clusters: pd.DataFrame
) -> pd.DataFrame:
    """Return how many accounts of each kind every rule flags, beside this casebook's findings.

    Parameters
    ----------
    posts : DataFrame
        The table ``posts``, or events.
    accounts : DataFrame
        The table ``accounts``: who is under review, and of which kind the reference accounts are.
    edges, clusters : DataFrame
        The tables of these names, as step 3 made them.

    Returns
    -------
    DataFrame
        rule, group (persona, known, or the stratum of reference accounts), accounts (with an
        event), flagged (of these, in at least one pair of the rule; unknown where the rule would
        have to compare more than 30 million pairs). The last two rules are this casebook's: a pair
        in synchrony, and a cluster that is called coordinated.
    """
    acts = events_of(posts)
    seen = set(acts["account"])
    sharers = acts.groupby(["layer", "object"])["account"].nunique().to_numpy(dtype=np.float64)
    within = (sharers * (sharers - 1) / 2).sum() <= MOST_PAIRS
    shared = shared_objects(acts) if within else {}
    flagged: dict[str, set[str] | None] = {
        name: _accounts(rule(shared if rule in UNTIMED else acts))
        if within or rule in TIMED
        else None
        for name, rule in RULES.items()
    }
    flagged["here: pairs"] = _accounts(edges[edges["finding"] == "synchrony"])
    flagged["here: clusters"] = set(clusters.loc[clusters["label"] == "coordinated", "account"])
    known = accounts[accounts["account"].isin(seen)]
    group = known["stratum"].where(known["role"] == "reference", known["role"])
    group = group.fillna(known["role"])
    rows = [
        {
            "rule": rule,
            "group": str(name),
            "accounts": len(part),
            "flagged": None if found is None else int(part["account"].isin(found).sum()),
        }
        for rule, found in flagged.items()
        for name, part in known.groupby(group, sort=True)
    ]
    compared = pd.DataFrame(rows, columns=["rule", "group", "accounts", "flagged"])
    return compared.astype({"flagged": "Int64"})


def _accounts(edges: pd.DataFrame) -> set[str]:
    return set(edges["source"]) | set(edges["target"])
