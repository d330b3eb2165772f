"""Posting hours: which time zone fits, and how sure that is.

The pooled hours of a group are compared with the daily rhythm of the reference accounts, shifted to
every zone, and with office hours, because an office does not keep the hours of a private user. One
account alone says little: five hours off in 3 to 6 % of accounts even with 500 posts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

ZONES = tuple(range(-11, 13))
MIN_POSTS = 60
MIN_REFERENCE_POSTS = 500
ZONE_FLOOR = 0.2
"""Log likelihood per post by which another zone has to fit better."""
FIRST_WEEKEND_HOUR = 5 * 24
"""Hours of the week are counted from Monday, midnight."""
DISAGREEMENT = 3
"""Hours by which leaving one member out may move the zone; beyond, the members disagree."""
FAR, MIN_OWN_POSTS, MOST_FAR = 5, 30, 0.25
"""Members disagree as well where the own hours of more than a quarter of them, of those with thirty
posts, fit a zone five hours away or more: of single accounts of one zone some 5 % do."""


@dataclass(frozen=True)
class ZoneFit:
    """The zone that fits a group's hours best."""

    zone: int
    rhythm: str
    """Which of the rhythms fitted."""
    claimed: float
    gain: float
    """Log likelihood per post of this zone less that of the claimed, the best rhythm in each."""
    low: int
    high: int
    """Range of the zone when each member is left out in turn."""
    posts: int
    members: int
    far: float
    """Share of the members whose own hours fit a zone five hours away or more."""

    @property
    def members_agree(self) -> bool:
        """Whether no single member decides, and most members' own hours fit about this zone."""
        return self.high - self.low <= DISAGREEMENT and self.far <= MOST_FAR


def hours_utc(posts: pd.DataFrame) -> pd.DataFrame:
    """Return account, hour (0 to 23, UTC) and weekday (0 is Monday) of each dated post."""
    dated = posts[posts["created_at"].notna() & (posts["time_precision"] != "day")]
    dated = dated[~dated["embedded"].fillna(False).astype(bool)]
    return pd.DataFrame(
        {
            "account": dated["account"],
            "hour": dated["created_at"].dt.hour,
            "weekday": dated["created_at"].dt.day_of_week,
        }
    )


def counted(accounts: pd.Series, values: pd.Series, size: int) -> pd.DataFrame:
    """Return how often each account has each value, the values being 0 to ``size - 1``.

    Examples
    --------
    >>> counted(pd.Series(["a", "b", "a"]), pd.Series([1, 0, 1]), 2).to_numpy().tolist()
    [[0, 2], [1, 0]]
    """
    code, names = pd.factorize(accounts, sort=True)
    flat = code * size + values.to_numpy(dtype=np.int64)
    table = np.bincount(flat, minlength=len(names) * size).reshape(len(names), size)
    return pd.DataFrame(table, index=pd.Index(names, name="account"))


def daily_rhythm(hours: pd.DataFrame, zone: float) -> np.ndarray:
    """Return the share of posts in each local hour, every account with the same weight.

    Half a post is added to every hour, so that no hour is impossible.
    """
    local = ((hours["hour"] + int(zone)) % 24).astype(int)
    table = counted(hours["account"], local, 24)
    shares = table.div(table.sum(axis=1), axis=0).sum(axis=0).to_numpy(dtype=float) + 0.5
    rhythm: np.ndarray = shares / shares.sum()
    return rhythm


OFFICE = np.full(24, 0.05)
"""Office hours as a rhythm: nine to six, half as busy over lunch. Not exact on purpose."""
OFFICE[9:18] = 1.0
OFFICE[12:14] = 0.5
OFFICE /= OFFICE.sum()


def fit_zone(
    hours: pd.DataFrame, rhythms: Mapping[str, np.ndarray], claimed: float
) -> ZoneFit | None:
    """Return the zone that fits the pooled hours best; None below 60 posts or 2 accounts.

    Parameters
    ----------
    hours : DataFrame
        As from `hours_utc`, of the group.
    rhythms : mapping of str to array of 24
        Name -> share of posts by local hour.
    claimed : float
        Hours from UTC of the zone the accounts claim.
    """
    matrix = counted(hours["account"], hours["hour"], 24).to_numpy(dtype=float)
    if matrix.sum() < MIN_POSTS or len(matrix) < 2:
        return None
    whole = matrix.sum(axis=0)
    named = [(zone, name) for name in rhythms for zone in ZONES]
    likelihood = np.array([np.log(np.roll(rhythms[name], -zone)) for zone, name in named])
    scores = likelihood @ whole
    zone, rhythm = named[int(np.argmax(scores))]
    out = [named[int(np.argmax(likelihood @ (whole - row)))][0] for row in matrix]
    near = [hours_apart(z, zone) for z in out]
    busy = matrix[matrix.sum(axis=1) >= MIN_OWN_POSTS]
    own = [named[int(best)][0] for best in np.argmax(likelihood @ busy.T, axis=0)]
    at_home = max(float(np.log(np.roll(r, -int(claimed))) @ whole) for r in rhythms.values())
    return ZoneFit(
        zone=zone,
        rhythm=rhythm,
        claimed=claimed,
        gain=float((scores.max() - at_home) / whole.sum()),
        low=zone + min(near),
        high=zone + max(near),
        posts=int(whole.sum()),
        members=len(matrix),
        far=float(np.mean([abs(hours_apart(z, zone)) >= FAR for z in own])) if own else 0.0,
    )


@dataclass(frozen=True)
class ZoneScores:
    """How well the hours of a group fit each zone."""

    scores: dict[int, float]
    """Zone -> log likelihood of all posts, in the rhythm that fits best there."""
    posts: float

    @property
    def zone(self) -> int:
        """The zone that fits best."""
        return max(self.scores, key=lambda zone: self.scores[zone])

    def gain_over(self, zone: float) -> float:
        """Return the log likelihood per post of the best zone less that of another."""
        return (self.scores[self.zone] - self.scores[_on_circle(int(zone))]) / self.posts


def zone_scores(hours: pd.DataFrame, rhythms: Mapping[str, np.ndarray]) -> ZoneScores | None:
    """Return how well pooled hours fit each zone; None below 60 posts or 2 accounts.

    Parameters
    ----------
    hours : DataFrame of 168 columns
        Posts by account and hour of the week, UTC.
    rhythms : mapping of str to array of 24
        Name -> share of posts by local hour.
    """
    counts = hours.to_numpy(dtype=float).sum(axis=0).reshape(7, 24).sum(axis=0)
    if counts.sum() < MIN_POSTS or len(hours) < 2:
        return None
    scores = {
        zone: max(float(np.log(np.roll(rhythm, -zone)) @ counts) for rhythm in rhythms.values())
        for zone in ZONES
    }
    return ZoneScores(scores, float(counts.sum()))


def notch(counts: np.ndarray) -> tuple[int, float]:
    """Return the zone in which hours look most like an office's, and how far they fall over lunch.

    Parameters
    ----------
    counts : array of 24
        Posts by hour, UTC.

    Returns
    -------
    zone : int
    fall : float
        Share by which the hours from twelve to two lie below the two before and the two after;
        below 0 where they lie above.

    Examples
    --------
    >>> busy = np.zeros(24)
    >>> busy[[10, 11, 14, 15, 9, 16, 17]], busy[[12, 13]] = 10, 4
    >>> notch(np.roll(busy, -8))
    (8, 0.6)
    """
    scores = [float(np.log(np.roll(OFFICE, -zone)) @ counts) for zone in ZONES]
    zone = ZONES[int(np.argmax(scores))]
    local = np.roll(counts, zone)
    beside = float(local[[10, 11, 14, 15]].mean())
    return zone, 1 - float(local[12:14].mean()) / beside if beside else 0.0


def _on_circle(zone: int) -> int:
    """Return the zone among ``ZONES`` that keeps the same hours: UTC+14 is UTC-10 a day on."""
    return (zone + 11) % 24 - 11


def hours_apart(zone: int, other: int) -> int:
    """Return by how many hours a zone lies east of another, on the circle."""
    return (zone - other + 12) % 24 - 12
