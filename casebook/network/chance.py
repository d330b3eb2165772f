"""What chance would give: pairs that meet more often than popularity explains.

Time is cut into buckets; an object in a bucket is a cell. Two accounts that both act in a cell meet
there. Busy accounts and popular cells make many meetings by chance, rare cells few; the test weighs
each meeting by how rare its cell is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from casebook import schema
from casebook.network.edges import layer_edges
from casebook.network.engine import (
    MICROSECONDS,
    Codes,
    distinct,
    encode,
    window_ends,
)
from casebook.network.engine import meetings as meeting_pairs
from casebook.network.engine import runs as run_starts
from casebook.network.taste import LEAST_SHARE, beside_taste
from casebook.network.windows import MIN_SHARE, clock_seconds, fine_enough
from casebook.objects import events as events_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casebook.network.engine import Floats, Ints

SCALES = (60.0, 600.0, 1_800.0, 7_200.0, 21_600.0, 86_400.0)
SYNCHRONY = 1_800.0
"""An edge significant at this scale or below can be synchrony. Above it, people who follow the same
accounts meet as often as people who follow the same orders."""

LARGEST_CELL = 300
"""A cell with more accounts is an event of the day; meeting there says nothing about a pair."""
MIN_OBJECTS = 3
Q = 0.01
RUNS = 20
"""Shuffles of each kind in the calibration."""
OUR_RULE = "beyond chance"
MIN_OTHERS = 50
"""With fewer ordinary accounts than this there is no chance level to compare with."""

THETAS = np.linspace(0.02, 3.0, 60)
LN2 = float(np.log(2))
AT_ONCE = 1 << 12
"""Pairs whose bounds are compared together: as many as stay close to the processor."""

COLUMNS = ("layer", "scale", "source", "target", "shared_cells", "objects", "surprise", "expected",
           "ln_p", "both_shared", "ln_p_time")  # fmt: skip


@dataclass(frozen=True)
class Tests:
    """All pairs that met through enough objects, with what chance gives.

    Attributes
    ----------
    pairs : DataFrame
        layer, scale (seconds), source, target, shared_cells (V), objects, surprise (S), expected,
        ln_p, both_shared and ln_p_time (at 30 minutes and below: objects both shared at any time,
        and ln p of meeting so often given these): one row for each pair, layer and scale.
    layers : DataFrame
        layer, events, accounts, others (accounts that are not under review), scales (tested),
        assessable, why.
    """

    pairs: pd.DataFrame
    layers: pd.DataFrame

    @property
    def number(self) -> int:
        """How many combinations of layer and scale were tested."""
        tested = self.layers[self.layers["assessable"]]
        return int(tested["scales"].map(len).sum())


@dataclass(frozen=True)
class Grid:
    """Cells of one layer at one scale on one grid of buckets.

    Attributes
    ----------
    account, cell : ndarray of int64
        One entry for each account in each cell, sorted by cell, then account.
    size, object : ndarray of int64
        Accounts in each cell (d), and its object.
    cells_of : ndarray of int64
        Cells of each account (k).
    """

    account: Ints
    cell: Ints
    size: Ints
    object: Ints
    cells_of: Ints

    @property
    def pair_slots(self) -> float:
        """D: the sum over cells of d (d - 1)."""
        return float((self.size * (self.size - 1)).sum())

    def expected(self, a: Ints, b: Ints) -> Floats:
        """Return the shared cells that chance gives the pairs (a, b)."""
        return self.rate(a, b) * self.pair_slots

    def rate(self, a: Ints, b: Ints) -> Floats:
        """Return c = k_i k_j / m² of the pairs (a, b)."""
        total = float(self.cells_of.sum()) or 1.0
        share = self.cells_of / total
        rates: Floats = share[a] * share[b]
        return rates

    @property
    def expected_total(self) -> float:
        """The expected shared cells of all pairs together: (D/2)(1 - Σk²/m²)."""
        total = float(self.cells_of.sum())
        if not total:
            return 0.0
        return (
            self.pair_slots / 2 * (1 - float((self.cells_of.astype(float) ** 2).sum()) / total**2)
        )


def grid(codes: Codes, seconds: float, *, shifted: bool = False) -> Grid:
    """Return the cells of some events with 2 to 300 accounts.

    Parameters
    ----------
    codes : Codes
    seconds : float
        Width of a bucket.
    shifted : bool
        Use the grid that begins half a bucket later.
    """
    width = round(seconds * MICROSECONDS)
    bucket = (codes.time + (width // 2 if shifted else 0)) // width
    if not len(bucket):
        none = np.empty(0, dtype=np.int64)
        return Grid(none, none, none, none, np.zeros(codes.total, dtype=np.int64))
    # Events are in the order of object and time, so a cell is a run.
    change = (codes.object[1:] != codes.object[:-1]) | (bucket[1:] != bucket[:-1])
    cell = np.cumsum(np.r_[True, change]) - 1
    obj = codes.object[np.r_[True, change]]
    entry = distinct(cell * np.int64(codes.total) + codes.account)
    cell, account = entry // codes.total, entry % codes.total
    size = np.bincount(cell, minlength=len(obj))
    usable = (size >= 2) & (size <= LARGEST_CELL)
    keep = usable[cell]
    number = np.cumsum(usable) - 1
    return Grid(
        account[keep],
        number[cell[keep]],
        size[usable].astype(np.int64),
        obj[usable],
        np.bincount(account[keep], minlength=codes.total).astype(np.int64),
    )


def chernoff(surprise: Floats, rate: Floats, size: Ints, accounts: int) -> Floats:
    """Return ln p of meeting at least this much by chance; an upper bound, never above 0.

    Shared cells are taken for independent Poisson counts of rate ``c d (d - 1)``, each worth
    ``ln(N / d)``; the bound is the smallest of the Chernoff bounds over sixty values of θ.

    Parameters
    ----------
    surprise, rate : ndarray
        S and c of each pair.
    size : ndarray
        d of each cell of the layer.
    accounts : int
        N.
    """
    kinds, times = np.unique(size, return_counts=True)
    slots = times * kinds * (kinds - 1.0)
    growth = ((accounts / kinds)[None, :] ** THETAS[:, None] - 1) @ slots
    best = np.zeros(len(surprise))
    # Some at a time: few pairs are no work for sixty rounds, and many would not be held at once.
    for start in range(0, len(surprise), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        bounds = growth[:, None] * rate[some] - THETAS[:, None] * surprise[some]
        np.minimum(best[some], bounds.min(axis=0), out=best[some])
    return best


def scale_pairs(
    codes: Codes, seconds: float, *, min_objects: int = MIN_OBJECTS
) -> dict[str, np.ndarray]:
    """Return the pairs that share at least ``min_objects`` objects at a scale, with their test.

    Two grids half a bucket apart are tried, since two posts a second apart can fall into two
    buckets; of the two results the better one counts, and is charged ln 2 for the choice. All
    figures of a pair belong to one grid.

    Returns
    -------
    dict of ndarray
        source, target (codes), shared_cells, objects, surprise, expected, ln_p: columns and no
        frame, since the calibration and the blind spots make thousands of them.
    """
    both = [
        _grid_pairs(grid(codes, seconds, shifted=shifted), codes.total, min_objects)
        for shifted in (False, True)
    ]
    whole = {name: np.concatenate([found[name] for found in both]) for name in both[0]}
    # The better grid of each pair comes first.
    order = np.lexsort((whole["ln_p"], whole["key"]))
    best = order[run_starts(whole["key"][order])]
    kept = {name: values[best] for name, values in whole.items()}
    key = kept.pop("key")
    kept["ln_p"] = np.minimum(0.0, kept["ln_p"] + LN2)
    return {"source": key // max(codes.total, 1), "target": key % max(codes.total, 1), **kept}


def _grid_pairs(cells: Grid, total: int, min_objects: int) -> dict[str, Any]:
    # An account with fewer cells than objects asked for is in no such pair.
    busy = cells.cells_of[cells.account] >= min_objects
    account, cell = cells.account[busy], cells.cell[busy]
    ends = np.searchsorted(cell, cell, side="right").astype(np.int64)
    weight = np.log(total / cells.size)
    parts = [_no_pairs()]
    for met in meeting_pairs(account, total, ends, least=min_objects):
        if not len(met.count):
            continue
        at, starts = cell[met.left], met.starts
        # Within a pair the cells are in the order of objects: a new object is a change.
        fresh = np.r_[True, cells.object[at][1:] != cells.object[at][:-1]]
        fresh[starts] = True
        objects = np.add.reduceat(fresh.astype(np.int64), starts)
        keep = objects >= min_objects
        one, other = met.source[keep], met.target[keep]
        surprise = np.add.reduceat(weight[at], starts)[keep]
        rate = cells.rate(one, other)
        parts.append(
            {
                "key": one * total + other,
                "shared_cells": met.count[keep],
                "objects": objects[keep],
                "surprise": surprise,
                "expected": rate * cells.pair_slots,
                "ln_p": chernoff(surprise, rate, cells.size, total),
            }
        )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _no_pairs() -> dict[str, Any]:
    whole: dict[str, Any] = {c: np.empty(0, np.int64) for c in ("key", "shared_cells", "objects")}
    return whole | {c: np.empty(0) for c in ("surprise", "expected", "ln_p")}


def chance_tests(
    posts: pd.DataFrame,
    *,
    accounts: pd.DataFrame | None = None,
    scales: Iterable[float] = SCALES,
    layers: Iterable[str] | str | None = None,
    query_terms: Iterable[str] = (),
) -> Tests:
    """Return every pair that met through three objects or more, beside what chance gives.

    Parameters
    ----------
    posts : DataFrame
        The table ``posts``, or events.
    accounts : DataFrame, optional
        The table ``accounts``; its roles say which accounts are under review.
    scales : iterable of float
        Widths of a bucket, in seconds.
    layers, query_terms
        As in `casebook.network.edges.co_actions`.
    """
    acts = events_of(posts, layers=layers, query_terms=query_terms)
    under_review = _under_review(accounts)
    return joined_tests(
        layer_tests(acts[acts["layer"] == layer], layer, scales, under_review)
        for layer in schema.LAYERS
    )


def layer_tests(
    events: pd.DataFrame, layer: str, scales: Iterable[float], under_review: set[str]
) -> tuple[dict[str, Any], list[pd.DataFrame]]:
    """Return the card of a layer, and its pairs scale by scale: what `chance_tests` is made of."""
    events = events.reset_index(drop=True)
    card = layer_card(events, layer, scales, under_review)
    if not card["assessable"]:
        return card, []
    tested = _tested(events, card)
    return card, [_named_pairs(tested.at(s), layer, s) for s in card["scales"]]


def joined_tests(layers: Iterable[tuple[dict[str, Any], list[pd.DataFrame]]]) -> Tests:
    """Return the tests of all layers, from `layer_tests` of each."""
    cards, found = [], []
    for card, of_layer in layers:
        cards.append(card)
        found += [p for p in of_layer if len(p)]
    pairs = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS))
    return Tests(pairs, pd.DataFrame(cards))


def _named_pairs(codes: Codes, layer: str, seconds: float) -> pd.DataFrame:
    pairs = scale_pairs(codes, seconds)
    shared = ln_p_time = np.full(len(pairs["source"]), np.nan)
    if seconds <= SYNCHRONY:
        both, ln_p_time = beside_taste(codes, pairs, seconds)
        shared = both.astype(np.float64)
    named = {
        **pairs,
        "layer": layer,
        "scale": seconds,
        "source": codes.names[pairs["source"]],
        "target": codes.names[pairs["target"]],
        "both_shared": pd.array(shared, dtype="Int64"),
        "ln_p_time": ln_p_time,
    }
    return pd.DataFrame({name: named[name] for name in COLUMNS})


def fine_codes(events: pd.DataFrame, seconds: float) -> Codes:
    """Return the codes of a layer for a scale: all accounts, events with a clock fine enough."""
    codes = encode(events)
    fine = (2 * clock_seconds(events) <= seconds).to_numpy()[codes.row]
    return codes if fine.all() else codes.only(fine)


def layer_card(
    events: pd.DataFrame,
    layer: str,
    scales: Iterable[float],
    under_review: set[str],
) -> dict[str, Any]:
    """Return whether the events of a layer can be tested at all, at which scales, and why not."""
    names = set(events["account"].unique())
    others = len(names - under_review)
    needed = 2 * clock_seconds(events)
    usable = [float(s) for s in sorted(scales) if len(events) and (needed <= s).mean() >= MIN_SHARE]
    why = ""
    if not len(events):
        why = "no post carries it"
    elif others < MIN_OTHERS:
        why = f"{others} accounts besides those under review; {MIN_OTHERS} are needed"
    elif not usable:
        why = "the clocks are too coarse"
    return {
        "layer": layer,
        "events": len(events),
        "accounts": len(names),
        "others": others,
        "scales": [] if why else usable,
        "assessable": not why,
        "why": why,
    }


def _under_review(accounts: pd.DataFrame | None) -> set[str]:
    if accounts is None:
        return set()
    return set(accounts.loc[accounts["role"] == "persona", "account"])


def surviving(tests: Tests, *, q: float = Q) -> pd.DataFrame:
    """Return the tested pairs that chance does not explain.

    Benjamini-Hochberg within each layer and scale, at ``q`` divided by their number, over all
    N (N - 1) / 2 pairs of accounts: a pair that never met is a test as well.

    Returns
    -------
    DataFrame
        The rows of ``tests.pairs`` that remain, with ``in_time``: at 30 minutes or below, and
        shared taste does not explain it either (`synchronous`).

    References
    ----------
    Benjamini and Hochberg, "Controlling the false discovery rate", 1995.
    """
    if not len(tests.pairs):
        return tests.pairs.assign(in_time=pd.Series(dtype=bool))
    level = q / max(tests.number, 1)
    size = dict(zip(tests.layers["layer"], tests.layers["accounts"], strict=True))
    kept = []
    for (layer, _), part in tests.pairs.groupby(["layer", "scale"], sort=True):
        found = part[discoveries(part["ln_p"].to_numpy(), pairs_of(size[layer]), level)]
        fast = float(part["scale"].iloc[0]) <= SYNCHRONY
        timed = synchronous(found, size[layer], level) if fast else np.zeros(len(found), dtype=bool)
        kept.append(found.assign(in_time=timed))
    return pd.concat(kept, ignore_index=True)


def synchronous(pairs: pd.DataFrame | Mapping[str, Any], accounts: int, level: float) -> np.ndarray:
    """Return which significant pairs meet in time more often than shared taste explains.

    Benjamini-Hochberg over all pairs of accounts at the same rate, and an effect: they meet within
    the scale in at least a quarter of the objects that both shared at any time.

    Parameters
    ----------
    pairs : DataFrame or dict of ndarray
        objects, both_shared, ln_p_time.
    accounts : int
    level : float
    """
    ln_p, both, objects = (
        np.asarray(pairs[name], dtype=float) for name in ("ln_p_time", "both_shared", "objects")
    )
    again = discoveries(ln_p, pairs_of(accounts), level)
    share = objects / np.maximum(both, 1)
    found: np.ndarray = again & (share >= LEAST_SHARE)
    return found


def pairs_of(accounts: int) -> int:
    """Return N (N - 1) / 2."""
    return accounts * (accounts - 1) // 2


def discoveries(ln_p: Floats, tests: int, q: float) -> np.ndarray:
    """Return which of some p-values are discoveries among ``tests`` tests at rate ``q``.

    Examples
    --------
    >>> import numpy as np
    >>> discoveries(np.log([0.001, 0.02, 0.9]), 10, 0.05).tolist()
    [True, False, False]
    """
    if not len(ln_p):
        return np.zeros(0, dtype=bool)
    ordered = np.sort(ln_p)
    passed = np.flatnonzero(
        ordered <= np.log(q) + np.log(np.arange(1, len(ln_p) + 1)) - np.log(max(tests, 1))
    )
    if not len(passed):
        return np.zeros(len(ln_p), dtype=bool)
    found: np.ndarray = ln_p <= ordered[passed[-1]]
    return found


def significance(
    posts: pd.DataFrame,
    edges: pd.DataFrame,
    *,
    accounts: pd.DataFrame | None = None,
    tests: Tests | None = None,
    q: float = Q,
    scales: Iterable[float] = SCALES,
    layers: Iterable[str] | str | None = None,
    query_terms: Iterable[str] = (),
) -> pd.DataFrame:
    """Return the edges with what chance gives beside what was seen, and a finding for each.

    Parameters
    ----------
    posts : DataFrame
        The table ``posts``, or events: a test of chance needs to know what was not shared as well.
    edges : DataFrame
        As `casebook.network.edges.co_actions` gives them.
    accounts : DataFrame, optional
        The table ``accounts``; its roles say which accounts are under review.
    tests : Tests, optional
        From `chance_tests`, where they were made already.
    q : float
        False discovery rate over all layers and scales.
    scales, layers, query_terms
        As in `chance_tests`.

    Returns
    -------
    DataFrame
        The table ``edges``, one row per pair and layer. ``finding`` is *synchrony* where the pair
        is significant at 30 minutes or below, and meets there more often than two who share the
        same things do (`synchronous`); *shared attention* where it is significant in another way,
        else *by chance*; *not assessable* where there is no chance level. ``scale`` is the smallest
        at which that holds; its co-actions are counted within that scale where it is wider than
        the time window. Pairs that are significant without a co-action in the window are added.
    """
    acts = events_of(posts, layers=layers, query_terms=query_terms)
    if tests is None:
        tests = chance_tests(acts, accounts=accounts, scales=scales)
    kept = strongest(surviving(tests, q=q))
    parts = []
    for layer in schema.LAYERS:
        part = acts[acts["layer"] == layer].reset_index(drop=True)
        seen = edges[edges["layer"] == layer]
        found = kept[kept["layer"] == layer]
        card = tests.layers[tests.layers["layer"] == layer].iloc[0]
        parts.append(_judged(part, seen, found, card))
    out = pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)
    order = {layer: i for i, layer in enumerate(schema.LAYERS)}
    out = out.assign(_layer=out["layer"].map(order))
    out = out.sort_values(["_layer", "source", "target"], kind="stable").drop(columns="_layer")
    return schema.check("edges", out.reset_index(drop=True))


def strongest(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return for each pair and layer the scale that counts, from `surviving`, with its finding."""
    ranked = pairs.sort_values(["in_time", "scale"], ascending=[False, True], kind="stable")
    kept = ranked.drop_duplicates(["layer", "source", "target"])
    in_time = kept["in_time"].to_numpy(dtype=bool)
    return kept.assign(finding=np.where(in_time, "synchrony", "shared attention"))


def _judged(
    events: pd.DataFrame, seen: pd.DataFrame, found: pd.DataFrame, card: pd.Series
) -> pd.DataFrame:
    """Return the edges of a layer: those by chance as they are, the others at their scale."""
    if not card["assessable"]:
        return seen.assign(finding="not assessable")
    pair = ["source", "target"]
    beyond = pd.MultiIndex.from_frame(found[pair].astype("string"))
    chance = seen[~pd.MultiIndex.from_frame(seen[pair]).isin(beyond)]
    parts = [_chance_level(events, chance, card["scales"]).assign(finding="by chance")]
    window = float(seen["time_window"].iloc[0]) if len(seen) else 0.0
    for kind, rows in found.groupby(["scale", "in_time"], sort=True):
        scale, in_time = float(kind[0]), bool(kind[1])  # type: ignore[arg-type]
        seconds = max(scale, window)
        members = set(rows["source"]) | set(rows["target"])
        local = fine_enough(events[events["account"].isin(members)], seconds)
        counted = layer_edges(local, seconds, evidence=True)
        tested = rows[
            [*pair, "shared_cells", "expected", "ln_p", "scale", "surprise", "both_shared"]
        ]
        own = counted.drop(columns=tested.columns[2:], errors="ignore")
        merged = own.merge(tested.astype(dict.fromkeys(pair, "string")), on=pair, how="inner")
        parts.append(merged.assign(finding="synchrony" if in_time else "shared attention"))
    return pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)


def _chance_level(events: pd.DataFrame, edges: pd.DataFrame, scales: list[float]) -> pd.DataFrame:
    """Return edges with V, expected and ln p at the smallest tested scale that holds the window."""
    if edges.empty:
        return edges
    window = float(edges["time_window"].iloc[0])
    seconds = next((s for s in scales if s >= window), scales[-1])
    codes = fine_codes(events, seconds)
    place = {name: i for i, name in enumerate(codes.names)}
    pairs = scale_pairs(codes, seconds, min_objects=1)
    key = pairs["source"] * codes.total + pairs["target"]
    mine = [
        place[s] * codes.total + place[t]
        for s, t in zip(edges["source"], edges["target"], strict=True)
    ]
    tested = pd.DataFrame(pairs, index=key).reindex(mine)
    # A pair that no grid puts into one cell, or only into one too crowded to count, met 0 times.
    cells = grid(codes, seconds)
    keys = np.array(mine, dtype=np.int64)
    level = cells.expected(keys // codes.total, keys % codes.total)
    return edges.assign(
        shared_cells=tested["shared_cells"].fillna(0).to_numpy(dtype=np.int64),
        expected=np.where(tested["expected"].isna(), level, tested["expected"]),
        ln_p=tested["ln_p"].fillna(0.0).to_numpy(),
        surprise=tested["surprise"].fillna(0.0).to_numpy(),
    )


def meetings(
    posts: pd.DataFrame,
    *,
    scale: float = 600.0,
    layer: str | None = None,
    query_terms: Iterable[str] = (),
) -> pd.DataFrame:
    """Return how many pairs met so often, and how many would by chance.

    Parameters
    ----------
    posts : DataFrame
        The table ``posts``, or events.
    scale : float
        Width of a bucket in seconds.
    layer : str, optional
        One layer; by default the sum over all that hold events.

    Returns
    -------
    DataFrame
        shared_cells (from 1), observed (pairs), expected (pairs, Poisson).
    """
    acts = events_of(posts, layers=layer, query_terms=query_terms)
    observed: dict[int, float] = {}
    expected: dict[int, float] = {}
    for _, part in acts.groupby("layer", sort=True):
        fine = fine_enough(part, scale).reset_index(drop=True)
        if fine.empty:
            continue
        codes = encode(fine)
        cells = grid(codes, scale)
        seen = np.bincount(_grid_pairs(cells, codes.total, 1)["shared_cells"], minlength=2)
        most = len(seen) - 1
        for v in np.flatnonzero(seen).tolist():
            observed[v] = observed.get(v, 0) + int(seen[v])
        for v, n in enumerate(_poisson_pairs(cells, most), start=1):
            expected[v] = expected.get(v, 0.0) + float(n)
    index = range(1, max([*observed, *expected], default=0) + 1)
    return pd.DataFrame(
        {
            "shared_cells": list(index),
            "observed": [int(observed.get(v, 0)) for v in index],
            "expected": [expected.get(v, 0.0) for v in index],
        }
    )


def _poisson_pairs(cells: Grid, most: int) -> Floats:
    """Return the expected number of pairs with 1, 2, ... ``most`` shared cells."""
    kinds, times = np.unique(cells.cells_of[cells.cells_of > 0], return_counts=True)
    total = float(cells.cells_of.sum()) or 1.0
    mean = np.outer(kinds, kinds) / total**2 * cells.pair_slots
    pairs = np.outer(times, times).astype(float)
    pairs[np.diag_indices(len(times))] -= times
    pairs /= 2
    out, term = np.zeros(most), np.exp(-mean)
    for v in range(1, most + 1):
        term = term * mean / v
        out[v - 1] = float((term * pairs).sum())
    return out


def calibration(
    posts: pd.DataFrame,
    *,
    accounts: pd.DataFrame | None = None,
    runs: int = RUNS,
    time_window: float = 60.0,
    min_weight: int = 2,
    q: float = Q,
    scales: Iterable[float] = SCALES,
    query_terms: Iterable[str] = (),
    seed: int = 20240903,
) -> pd.DataFrame:
    """Return how many pairs the test finds here, and how many in shuffles that hold nothing.

    Parameters
    ----------
    posts : DataFrame
        The table ``posts``, or events.
    accounts : DataFrame, optional
        As in `chance_tests`.
    runs : int
        Shuffles of each kind.
    time_window, min_weight : float, int
        Of the fixed rule that is tested beside ours: at least so many co-actions within so many
        seconds.
    q, scales, query_terms
        As in `significance` and `chance_tests`.
    seed : int

    Returns
    -------
    DataFrame
        One row per scale, and one for the fixed rule: rule, scale (seconds), observed (pairs),
        accounts_mean, accounts_max (pairs found where accounts are shuffled over all events of a
        layer, each keeping its number of events), times_mean, times_max (where the times of the
        events of one object are shuffled among those who shared it), runs, false_share (pairs in
        shuffled accounts over pairs observed, at most 1; not a number where nothing was observed).
    """
    acts = events_of(posts, query_terms=query_terms)
    tests = _codes_by_layer(acts, list(scales), _under_review(accounts))
    level = q / max(sum(len(t.scales) for t in tests), 1)
    rng = np.random.default_rng(seed)
    drawn = {"observed": [_found(tests, level, time_window, min_weight)]}
    for kind, shuffle in (("accounts", _any_account), ("times", _within_object)):
        drawn[kind] = [
            _found([t.dealt(shuffle(t.codes, rng)) for t in tests], level, time_window, min_weight)
            for _ in range(runs)
        ]
    observed = drawn["observed"][0]
    rows = []
    for rule, scale in observed:
        one: dict[str, Any] = {"rule": rule, "scale": scale, "observed": observed[rule, scale]}
        for kind in ("accounts", "times"):
            counts = [run.get((rule, scale), 0) for run in drawn[kind]]
            one |= {f"{kind}_mean": float(np.mean(counts)), f"{kind}_max": max(counts)}
        seen = one["observed"]
        false = min(1.0, one["accounts_mean"] / seen) if seen else float("nan")
        rows.append(one | {"runs": runs, "false_share": false})
    names = ["rule", "scale", "observed", "accounts_mean", "accounts_max", "times_mean",
             "times_max", "runs", "false_share"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


@dataclass(frozen=True)
class _Tested:
    """Events of a layer, the narrowest window that each one's clock allows, the scales to test."""

    codes: Codes
    needed: Floats
    scales: list[float]

    def dealt(self, account: Ints) -> _Tested:
        """Return the same events in the hands of other accounts."""
        return replace(self, codes=replace(self.codes, account=account))

    def at(self, seconds: float) -> Codes:
        """Return the events whose clock is fine enough for a window, as the test itself uses."""
        fine = self.needed <= seconds
        return self.codes if fine.all() else self.codes.only(fine)


def _codes_by_layer(
    acts: pd.DataFrame, scales: list[float], under_review: set[str]
) -> list[_Tested]:
    found = []
    for layer in schema.LAYERS:
        part = acts[acts["layer"] == layer].reset_index(drop=True)
        card = layer_card(part, layer, scales, under_review)
        if card["assessable"]:
            found.append(_tested(part, card))
    return found


def _tested(events: pd.DataFrame, card: Mapping[str, Any]) -> _Tested:
    codes = encode(events)
    needed = (2 * clock_seconds(events)).to_numpy()[codes.row]
    return _Tested(codes, needed, list(card["scales"]))


def _any_account(codes: Codes, rng: np.random.Generator) -> Ints:
    shuffled: Ints = rng.permutation(codes.account)
    return shuffled


def _within_object(codes: Codes, rng: np.random.Generator) -> Ints:
    # Events are sorted by object: shuffling accounts inside each run is shuffling its times.
    return codes.account[np.lexsort((rng.random(len(codes.object)), codes.object))]


def _found(
    tests: list[_Tested], level: float, time_window: float, min_weight: int
) -> dict[tuple[str, float], int]:
    """Return the pairs of accounts that each rule finds, by rule and scale."""
    found: dict[tuple[str, float], int] = {}
    fixed = 0
    for tested in tests:
        total = tested.codes.total
        for scale in tested.scales:
            pairs = scale_pairs(tested.at(scale), scale)
            kept = discoveries(pairs["ln_p"], pairs_of(total), level)
            found[OUR_RULE, scale] = found.get((OUR_RULE, scale), 0) + int(kept.sum())
        codes = tested.at(time_window)
        ends = window_ends(codes, round(time_window * MICROSECONDS))
        for met in meeting_pairs(codes.account, total, ends, least=min_weight):
            fixed += len(met.count)
    if tests:
        found[f"at least {min_weight} co-actions in {time_window:g} s", time_window] = fixed
    return dict(sorted(found.items(), key=lambda item: (item[0][0] != OUR_RULE, item[0][1])))
