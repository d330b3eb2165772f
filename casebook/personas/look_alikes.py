"""The group under review, held against each kind of reference accounts apart.

Fan clubs have profile texts and pictures in common, newsrooms keep office weeks, people abroad the
hours of another zone. So a group may show all of these, each as often as *some* innocent kind does,
and still be like none of them. What counts is in how many ways it differs from each kind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from casebook.language import say, word
from casebook.personas.catalogue import CATALOGUE, GROUP_FAMILIES
from casebook.personas.rhythm import (
    DISAGREEMENT,
    FIRST_WEEKEND_HOUR,
    ZONE_FLOOR,
    hours_apart,
    zone_scores,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from casebook.personas.signals import Inputs

MIN_GROUP, MIN_KIND = 4, 5
"""Accounts below which there is no group, and no kind, to compare."""
MOST_P, MOST_P_SHARE = 0.01, 0.05
"""A share has to differ from that of a kind and of ordinary accounts together at the first, and
where many innocents show it, from that of the kind alone at the second."""
DRAWS = 1000
SEED = 20240903
BURST_DAYS, BURST_FLOOR = 14, 0.15
SHARE_FLOORS: dict[str, float | None] = {
    "default-handle": 0.25,
    "lifted-bio": 0.05,
    "contradiction-of-claims": None,
    "reused-image": None,
}
"""Least difference between two shares, where each account shows the signal or does not; None is
any, for what innocents rarely show."""
MOST_OF_USUAL = 0.5
"""Weekends and reactions count at half of what the kind has, or less."""
LEAST_CARRIERS = 2
MIN_OWN_POSTS = 15
TINY = 1e-9
"""Sums of the same numbers in another order differ in the last bits."""


@dataclass
class Compared:
    """How the group compares with the kinds in one signal."""

    apart_from: list[str] = field(default_factory=list)
    alike: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)
    """In words: of the group, then of each kind, ordinary accounts first and the others by name."""


def compared(inputs: Inputs, name: str, shown: pd.Series) -> Compared:
    """Return from which kinds of reference accounts a signal sets the group apart.

    Parameters
    ----------
    inputs : Inputs
    name : str
        The signal.
    shown : Series of boolean
        Whether each account shows it, missing where it could not be assessed; the index is the
        account.

    Returns
    -------
    Compared
        Empty for a signal that does not count for groups. A kind that cannot be compared is
        ``alike``: nothing sets the group apart from it.
    """
    ours = shown.reindex(inputs.personas).dropna().astype(bool)
    if name not in GROUP_FAMILIES or len(ours) < MIN_GROUP:
        return Compared()
    ordinary = shown.reindex(inputs.ordinary).dropna().astype(bool)
    told = {
        kind: _shares(
            ours, shown.reindex(accounts).dropna().astype(bool), ordinary, SHARE_FLOORS[name]
        )
        if name in SHARE_FLOORS
        else _MEASURED[name](inputs, ours.index, accounts)
        for kind, accounts in inputs.kinds.items()
    }
    # What is measured on the group has to hold against everybody before it can against a kind.
    holds = CATALOGUE[name].scope == "account" or bool(ours.any())
    apart = [kind for kind, test in told.items() if test is not None and test.differs and holds]
    own = next((test.own for test in told.values() if test is not None), None)
    if own is None:
        return Compared(alike=list(told))
    return Compared(
        apart,
        [kind for kind in told if kind not in apart],
        [own, *(word("not assessable") if test is None else test.other for test in told.values())],
    )


@dataclass(frozen=True)
class Comparison:
    """One signal of the group beside that of one kind: the figures in words."""

    differs: bool
    own: str
    other: str


def _shares(
    ours: pd.Series, theirs: pd.Series, ordinary: pd.Series, floor: float | None
) -> Comparison | None:
    if len(theirs) < MIN_KIND:
        return None
    some, others = int(ours.sum()), int(theirs.sum())
    p = fisher_tail(some, len(ours), others, len(theirs))
    beside = ordinary[~ordinary.index.isin(theirs.index)]
    together = fisher_tail(some, len(ours), others + int(beside.sum()), len(theirs) + len(beside))
    above = some / len(ours) - others / len(theirs)
    clear = above > 0 if floor is None else above >= floor and p <= MOST_P_SHARE
    return Comparison(
        clear and together <= MOST_P and some >= LEAST_CARRIERS,
        say("{some} of {all}", some=some, all=len(ours)),
        say("{some} of {all}", some=others, all=len(theirs)),
    )


def _burst(inputs: Inputs, ours: pd.Index, theirs: pd.Index) -> Comparison | None:
    """Draw groups of the same size from the kind, an account more than once: that is strict."""
    created = inputs.accounts.set_index("account")["created_at"]
    own = created.reindex(ours).dropna()
    pool = created.reindex(theirs).dropna().sort_index()
    if len(own) < MIN_GROUP or len(pool) < MIN_KIND:
        return None
    share, _members = largest_burst(own)
    rng = np.random.default_rng(SEED)
    drawn = rng.choice(_moments(pool), (DRAWS, len(own)), replace=True)
    random = burst_shares(drawn)
    usual = float(np.median(random))
    p = (1 + int((random >= share).sum())) / (DRAWS + 1)
    return Comparison(
        share - usual >= BURST_FLOOR and p <= MOST_P,
        say("{share:.0%} in a fortnight", share=share),
        say("{share:.0%} in a fortnight", share=usual),
    )


def _zone(inputs: Inputs, ours: pd.Index, theirs: pd.Index) -> Comparison | None:
    """Ask whether the hours fit the group's zone better than the zone in which the kind lives."""
    if not inputs.rhythms:
        return None
    own = zone_scores(inputs.own_hours(ours), inputs.rhythms)
    other = zone_scores(inputs.own_hours(theirs), inputs.rhythms)
    if own is None or other is None:
        return None
    elsewhere = abs(hours_apart(own.zone, other.zone)) > DISAGREEMENT
    gains = [own.gain_over(zone) for zone in (other.zone, inputs.claimed_zone)]
    return Comparison(
        elsewhere and min(gains) >= ZONE_FLOOR,
        f"UTC{own.zone:+d}",
        f"UTC{other.zone:+d}",
    )


def _week(inputs: Inputs, ours: pd.Index, theirs: pd.Index) -> Comparison | None:
    """Compare the weekends, each by the clock of the zone that its hours fit."""
    own, other = (_weekends(inputs, accounts) for accounts in (ours, theirs))
    if len(own) < MIN_GROUP or len(other) < MIN_KIND:
        return None
    p = lower_by_chance(own.to_numpy(), other.to_numpy())
    return Comparison(
        bool(own.mean() <= MOST_OF_USUAL * other.mean()) and p <= MOST_P,
        say("{share:.0%} at weekends", share=float(own.mean())),
        say("{share:.0%} at weekends", share=float(other.mean())),
    )


def _weekends(inputs: Inputs, accounts: pd.Index) -> pd.Series:
    hours = inputs.own_hours(accounts)
    fit = zone_scores(hours, inputs.rhythms) if inputs.rhythms else None
    zone = 0 if fit is None else fit.zone
    hours = hours[hours.sum(axis=1) >= MIN_OWN_POSTS]
    weekend = (np.arange(hours.shape[1]) + zone) % hours.shape[1] >= FIRST_WEEKEND_HOUR
    return hours.loc[:, weekend].sum(axis=1) / hours.sum(axis=1)


def _reactions(inputs: Inputs, ours: pd.Index, theirs: pd.Index) -> Comparison | None:
    """Compare the reactions to a post on a log scale, so that one success does not decide."""
    own = inputs.log_reactions.reindex(ours).dropna()
    other = inputs.log_reactions.reindex(theirs).dropna()
    if len(own) < MIN_GROUP or len(other) < MIN_KIND:
        return None
    p = lower_by_chance(own.to_numpy(), other.to_numpy())
    typical, usual = (float(np.expm1(values.mean())) for values in (own, other))
    return Comparison(
        typical <= MOST_OF_USUAL * usual + TINY and p <= MOST_P,
        say("{typical:.1f} reactions a post", typical=typical),
        say("{typical:.1f} reactions a post", typical=usual),
    )


_MEASURED: dict[str, Callable[[Inputs, pd.Index, pd.Index], Comparison | None]] = {
    "creation-burst": _burst,
    "zone-mismatch": _zone,
    "office-week": _week,
    "low-engagement": _reactions,
}


# -- chance ---------------------------------------------------------------------------------------


def lower_by_chance(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return how often accounts drawn from both at random have so low a mean: a permutation test.

    Examples
    --------
    >>> lower_by_chance(np.array([0.0] * 5), np.array([1.0] * 20)) <= 0.002
    True
    >>> lower_by_chance(np.array([1.0] * 5), np.array([1.0] * 20))
    1.0
    """
    both = np.concatenate([ours, theirs])
    rng = np.random.default_rng(SEED)
    drawn = np.array(
        [
            both[rng.choice(len(both), len(ours), replace=False, shuffle=False)].mean()
            for _ in range(DRAWS)
        ]
    )
    return float(1 + int((drawn <= ours.mean() + TINY).sum())) / (DRAWS + 1)


def largest_burst(created: pd.Series, days: int = BURST_DAYS) -> tuple[float, pd.Index]:
    """Return the largest share created within some days, and whose it is.

    Examples
    --------
    >>> dates = pd.Series(pd.to_datetime(["2024-01-01", "2024-01-09", "2024-03-01"]))
    >>> largest_burst(dates)[0]
    0.6666666666666666
    """
    ordered = pd.to_datetime(created, utc=True).sort_values(kind="stable")
    times = _moments(ordered)
    ends = np.searchsorted(times, times + np.timedelta64(days, "D"), side="right")
    counts = ends - np.arange(len(times))
    first = int(np.argmax(counts))
    return float(counts[first] / len(times)), ordered.index[first : ends[first]]


def burst_shares(groups: np.ndarray, days: int = BURST_DAYS) -> np.ndarray:
    """Return the largest share created within some days, of many groups of one size.

    Parameters
    ----------
    groups : array of datetime64 (groups, accounts)

    Examples
    --------
    >>> dates = np.array([["2024-01-01", "2024-01-09", "2024-03-01"]], dtype="datetime64[us]")
    >>> burst_shares(dates)
    array([0.66666667])
    """
    seconds = np.sort(groups.astype("datetime64[s]").astype(np.int64), axis=1)
    span = np.int64(days * 86_400)
    # One search through all groups, each moved behind the one before.
    room = int(np.ptp(seconds)) + int(span) + 1 if seconds.size else 1
    flat = (seconds + room * np.arange(len(seconds))[:, None]).ravel()
    counts = np.searchsorted(flat, flat + span, side="right") - np.arange(len(flat))
    shares: np.ndarray = counts.reshape(seconds.shape).max(axis=1) / seconds.shape[1]
    return shares


def _moments(times: pd.Series) -> np.ndarray:
    moments: np.ndarray = times.dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    return moments


def fisher_tail(shown: int, n: int, others: int, pool: int) -> float:
    """Return Fisher's exact p that ``shown`` of ``n`` is so many, next to ``others`` of ``pool``.

    One-sided: the chance of drawing at least so many of all that show it, at random.

    Examples
    --------
    >>> round(fisher_tail(3, 4, 1, 4), 4)
    0.2429
    """
    marked, whole = shown + others, n + pool
    ways = sum(
        math.comb(marked, k) * math.comb(whole - marked, n - k)
        for k in range(shown, min(n, marked) + 1)
    )
    return ways / math.comb(whole, n)


def p_words(p: float) -> str:
    """Return what a p-value says, in words: how rarely chance alone gives so much.

    Examples
    --------
    >>> p_words(0.0312), p_words(0.00004)
    ('by chance in 3 of 100 groups', 'by chance in fewer than 1 of 10,000 groups')
    """
    for whole in (100, 1000, 10_000):
        times = round(p * whole)
        if times:
            return say("by chance in {times} of {whole} groups", times=times, whole=whole)
    return say("by chance in fewer than {times} of {whole} groups", times=1, whole=10_000)
