"""Accounts under review taken together: who shares more with the others than usual.

A test of pairs needs two accounts that meet again and again. An account of a large, slow operation
meets each of the others once or twice, and all of them together often. Who is under review was
decided before anybody looked at a network, so the others under review are one crowd to compare
with as many other accounts that are as busy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from casebook import schema
from casebook.network.chance import (
    LARGEST_CELL,
    MIN_OBJECTS,
    Q,
    discoveries,
    layer_card,
)
from casebook.network.engine import distinct, encode
from casebook.objects import events as events_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casebook.network.engine import Floats, Ints

COLUMNS = ("account", "layer", "objects", "met", "usual", "times", "p", "candidate")
DAY = 86_400.0
"""The test asks for no time; a layer takes part where clocks are fine enough for a day."""
DRAWS = 999
AS_BUSY = 30
"""Each other account under review is replaced by one of so many that are about as busy."""
LEAST_TIMES = 2.0
"""Significance is not enough: ordinary people share more with ordinary people than with a sports
club. In made-up worlds they came to 1.1 to 1.4 times, accounts of an operation to four times."""
SEED = 20240903


def review_candidates(
    posts: pd.DataFrame,
    accounts: pd.DataFrame,
    *,
    draws: int = DRAWS,
    q: float = Q,
    layers: Iterable[str] | str | None = None,
    query_terms: Iterable[str] = (),
    seed: int = SEED,
) -> pd.DataFrame:
    """Return which accounts under review share more with the others than with accounts as busy.

    What an account shares with another is the sum over their common objects of ln(N / d), so that
    rare objects count most; when it was shared plays no part. The null puts in the place of each
    other account under review one that is not under review and about as busy, drawn at random.

    Parameters
    ----------
    posts : DataFrame
        The table ``posts``, or events.
    accounts : DataFrame
        The table ``accounts``; its roles say which accounts are under review.
    draws : int
        Random sets of accounts to compare with.
    q : float
        False discovery rate (Benjamini-Hochberg over all accounts under review and layers).
    layers, query_terms
        As in `casebook.network.edges.co_actions`.
    seed : int

    Returns
    -------
    DataFrame
        account, layer, objects (shared with at least one other under review), met (how often one
        of the others under review shared the same), usual (the same with accounts as busy), times
        (the weighted sum over its mean in the null), p, candidate (beyond chance, at least twice
        what is usual, through at least 3 objects): one row for each account under review and layer
        that can be tested and in which it shared anything.

    Notes
    -----
    A candidate is somebody to look at, and no finding: people who like the same things are
    candidates too. No claim rests on it.
    """
    acts = events_of(posts, layers=layers, query_terms=query_terms)
    review = set(accounts.loc[accounts["role"] == "persona", "account"])
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for layer in schema.LAYERS:
        part = acts[acts["layer"] == layer].reset_index(drop=True)
        if layer_card(part, layer, [DAY], review)["assessable"]:
            rows += [{"layer": layer, **row} for row in _layer_rows(part, review, draws, rng)]
    found = pd.DataFrame(rows, columns=[c for c in COLUMNS if c != "candidate"])
    passed = discoveries(np.log(found["p"].to_numpy(dtype=float)), len(found), q)
    enough = (found["times"] >= LEAST_TIMES) & (found["objects"] >= MIN_OBJECTS)
    return found.assign(candidate=passed & enough.to_numpy(dtype=bool))[list(COLUMNS)]


def _layer_rows(
    events: pd.DataFrame, review: set[str], draws: int, rng: np.random.Generator
) -> Iterator[dict[str, Any]]:
    codes = encode(events)
    total = codes.total
    held = distinct(codes.object * np.int64(total) + codes.account)
    obj, account = held // total, held % total
    size = np.bincount(obj)
    usable = (size[obj] >= 2) & (size[obj] <= LARGEST_CELL)
    obj, account = obj[usable], account[usable]
    rarity = np.log(total / np.maximum(size, 1))[obj]
    busy = np.bincount(account, minlength=total)
    watched = np.array([n in review for n in codes.names], dtype=bool)
    own, others = np.flatnonzero(watched & (busy > 0)), np.flatnonzero(~watched & (busy > 0))
    if not len(others):
        return
    alike = {one: _as_busy(busy, one, others) for one in own.tolist()}
    for one in own.tolist():
        mine = np.zeros(len(size), dtype=bool)
        mine[obj[account == one]] = True
        common = mine[obj]
        met = np.bincount(account[common], minlength=total)
        shared = np.bincount(account, weights=rarity * common, minlength=total)
        rest = own[own != one]
        null, usual = np.zeros(draws), np.zeros(draws)
        for other in rest.tolist():
            drawn = alike[other][rng.integers(0, len(alike[other]), draws)]
            null += shared[drawn]
            usual += met[drawn]
        seen = float(shared[rest].sum())
        yield {
            "account": str(codes.names[one]),
            "objects": len(distinct(obj[common & watched[account] & (account != one)])),
            "met": int(met[rest].sum()),
            "usual": float(usual.mean()),
            "times": _times(seen, float(null.mean())),
            "p": float((1 + (null >= seen).sum()) / (draws + 1)),
        }


def _as_busy(busy: Ints, one: int, others: Ints) -> Ints:
    """Return the accounts that are nearest in activity, on a scale of proportions."""
    apart: Floats = np.abs(np.log(busy[others] / busy[one]))
    return others[np.argsort(apart, kind="stable")[:AS_BUSY]]


def _times(seen: float, usual: float) -> float:
    if usual:
        return seen / usual
    return float("inf") if seen else float("nan")
