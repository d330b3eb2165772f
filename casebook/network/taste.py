"""Whether a pair meets more often in time than shared taste explains.

Two people who like the same things share many objects, and some of them within minutes: the test of
chance, which knows how busy accounts are and how popular cells, and not who likes what, calls them
significant. So what both shared is held fixed here, and only the moments are tested: of the objects
that both shared at any time, in how many did they meet within the scale, and how often do any two
sharers of one object?
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from casebook.network.engine import MICROSECONDS, distinct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casebook.network.engine import Codes, Floats, Ints

LEAST_SHARE = 0.25
"""Synchrony asks that a pair meets in at least this share of what both shared. With enough objects
in common every difference is significant; people with the same favourites who are quick to react
meet in a sixth."""


def both_shared(codes: Codes, one: Ints, other: Ints) -> Ints:
    """Return how many objects both accounts of each pair shared, whenever that was."""
    span = max(int(codes.object.max(initial=-1)) + 1, 1)
    held = distinct(codes.account * span + codes.object)
    owner, thing = held // span, held % span
    starts = np.searchsorted(owner, np.arange(codes.total))
    size = np.bincount(owner, minlength=codes.total)
    fewer = np.where(size[one] <= size[other], one, other)
    more = np.where(size[one] <= size[other], other, one)
    counts = size[fewer]
    which = np.repeat(np.arange(len(one)), counts)
    step = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    wanted = more[which] * span + thing[starts[fewer][which] + step]
    spot = np.minimum(np.searchsorted(held, wanted), max(len(held) - 1, 0))
    return np.bincount(which[held[spot] == wanted], minlength=len(one)).astype(np.int64)


def usual_rate(codes: Codes, seconds: float) -> float:
    """Return how often two accounts that share an object do so in one time bucket.

    Over all pairs of sharers of all objects of the layer, so that popular objects weigh most: a
    small club that does everything within a minute does not set what is usual.

    Returns
    -------
    float
        0 to 1; not a number where no object has two sharers.
    """
    width = round(seconds * MICROSECONDS)
    bucket = codes.time // width
    held = distinct(codes.object * np.int64(codes.total) + codes.account)
    sharers = np.bincount(held // max(codes.total, 1)).astype(np.float64)
    change = (codes.object[1:] != codes.object[:-1]) | (bucket[1:] != bucket[:-1])
    cell = np.cumsum(np.r_[True, change]) - 1
    entry = distinct(cell * np.int64(codes.total) + codes.account)
    inside = np.bincount(entry // max(codes.total, 1)).astype(np.float64)
    pairs = float((sharers * (sharers - 1)).sum())
    return min(1.0, float((inside * (inside - 1)).sum()) / pairs) if pairs else float("nan")


def binomial_tail(successes: Ints, trials: Ints, rate: float) -> Floats:
    """Return ln P(at least so many successes).

    Examples
    --------
    >>> import numpy as np
    >>> np.exp(binomial_tail(np.array([2, 0]), np.array([3, 3]), 0.5)).round(6).tolist()
    [0.5, 1.0]
    """
    out = np.full(len(successes), -np.inf)
    if not 0 < rate < 1:
        sure = successes <= (trials if rate == 1 else 0)
        return np.where(sure, 0.0, -np.inf)
    ln_factorial = np.r_[0.0, np.cumsum(np.log(np.arange(1, int(trials.max(initial=0)) + 1)))]
    for step in range(int((trials - successes).max(initial=-1)) + 1):
        rows = np.flatnonzero(successes + step <= trials)
        k, n = successes[rows] + step, trials[rows]
        ways = ln_factorial[n] - ln_factorial[k] - ln_factorial[n - k]
        out[rows] = np.logaddexp(out[rows], ways + k * np.log(rate) + (n - k) * np.log1p(-rate))
    tail: Floats = np.minimum(out, 0.0)
    return tail


def beside_taste(
    codes: Codes, pairs: Mapping[str, np.ndarray], seconds: float
) -> tuple[Ints, Floats]:
    """Return what shared taste gives the pairs of `casebook.network.chance.scale_pairs`.

    Returns
    -------
    (ndarray, ndarray)
        How many objects both shared at any time, and ln of the probability that two sharers of that
        many objects meet in at least as many of them within the scale.
    """
    shared = both_shared(codes, pairs["source"], pairs["target"])
    return shared, binomial_tail(pairs["objects"], shared, usual_rate(codes, seconds))
