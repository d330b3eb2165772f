"""How common a signal is among ordinary accounts: a rate with its interval."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@lru_cache(maxsize=4096)
def jeffreys(shown: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Return the Jeffreys interval of a share.

    Parameters
    ----------
    shown, n : float
        Accounts that show it, of how many; broken where posts of one account count for less.
    level : float
        Coverage, 0 to 1.

    Returns
    -------
    tuple of float
        Lower and upper end; 0 and 1 are reached where none or all show it.

    References
    ----------
    Brown, Cai and DasGupta, "Interval estimation for a binomial proportion", Statistical Science
    16(2), 2001.

    Examples
    --------
    >>> [round(x, 4) for x in jeffreys(2, 20)]
    [0.021, 0.2844]
    """
    tail = (1 - level) / 2
    a, b = shown + 0.5, n - shown + 0.5
    low = 0.0 if shown == 0 else beta_quantile(tail, a, b)
    high = 1.0 if shown == n else beta_quantile(1 - tail, a, b)
    return low, high


def clustered_rate(shown: Sequence[int], n: Sequence[int]) -> tuple[float, float, float]:
    """Return the share of posts that show something, with an interval that knows whose they are.

    Ten posts of one account say less than ten posts of ten. So the Jeffreys interval is taken at
    the effective number of posts: as many independent posts as would give the share the variance
    that it has between accounts. Where no post shows it, or all do, that variance cannot be seen,
    and each account counts as one post.

    Parameters
    ----------
    shown, n : sequence of int
        For each account, its posts that show it, and its posts.

    Returns
    -------
    tuple of float
        Share, lower and upper end (95 %); not a number where there are no posts.

    References
    ----------
    Kish, "Survey Sampling", 1965: the design effect. Korn and Graubard, "Confidence intervals for
    proportions with small expected number of positive counts estimated from survey data", Survey
    Methodology 24(2), 1998: the effective number in an exact interval.

    Examples
    --------
    >>> [round(x, 3) for x in clustered_rate([2, 0], [4, 4])]
    [0.25, 0.02, 0.77]
    >>> [round(x, 3) for x in jeffreys(2, 8)]
    [0.056, 0.592]
    """
    pairs = [(hits, posts) for hits, posts in zip(shown, n, strict=True) if posts]
    total, accounts = sum(posts for _, posts in pairs), len(pairs)
    if not total:
        return math.nan, math.nan, math.nan
    share = sum(hits for hits, _ in pairs) / total
    effective = float(accounts)
    if accounts > 1 and 0 < share < 1:
        apart = sum((hits - share * posts) ** 2 for hits, posts in pairs)
        variance = accounts / (accounts - 1) * apart / total**2
        effective = min(total, share * (1 - share) / variance) if variance else float(total)
    return (share, *jeffreys(share * effective, effective))


def upper_bound(errors: int, n: int, level: float = 0.95) -> float:
    """Return the one-sided exact upper bound of an error rate (Clopper and Pearson, 1934).

    Examples
    --------
    >>> round(upper_bound(0, 15), 3)
    0.181
    """
    return 1.0 if errors >= n else beta_quantile(level, errors + 1, n - errors)


def beta_quantile(p: float, a: float, b: float) -> float:
    """Return the value below which a share ``p`` of the Beta(a, b) distribution lies.

    By bisection on the regularised incomplete beta function; good to 1e-12.
    """
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if incomplete_beta(middle, a, b) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def incomplete_beta(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b).

    References
    ----------
    Abramowitz and Stegun 26.5.8: the continued fraction, evaluated by Lentz's method.
    """
    if x <= 0 or x >= 1:
        return min(max(x, 0.0), 1.0)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(1 - x, b, a)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    return front * _fraction(x, a, b) / a


def _fraction(x: float, a: float, b: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d or tiny)
    total = d
    for m in range(1, 400):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / ((1 + numerator * d) or tiny)
            c = (1 + numerator / c) or tiny
            step = c * d
            total *= step
        if abs(step - 1) < 1e-14:
            break
    return total
