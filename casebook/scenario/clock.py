"""Time in a made-up world: when people are awake, when an office is open, what an id says.

Times are seconds since 1970 in UTC, as floating numbers, so that a whole world is a few arrays.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

HOUR = 3600.0
DAY = 86400.0
X_EPOCH_MS = 1288834974657  # where X starts counting milliseconds in its ids
X_USER_SNOWFLAKES = datetime(2016, 2, 1, tzinfo=UTC).timestamp()
"""Accounts made before this have a counted id, which says nothing about its date."""

WAKING = np.array(
    [4, 2, 1, 1, 1, 2, 6, 14, 20, 22, 22, 23, 26, 24, 21, 20, 21, 24, 28, 31, 33, 31, 23, 11],
    dtype=float,
)
WAKING /= WAKING.max()
TRIES = 8


def seconds(text: str) -> float:
    """Return a date or time in UTC as seconds since 1970.

    Examples
    --------
    >>> seconds("2024-09-03")
    1725321600.0
    """
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def local_hour(times: Floats, zones: Floats) -> Floats:
    """Return the hour of the day in each zone, 0 to 24."""
    hours: Floats = (times / HOUR + zones) % 24
    return hours


def first_accepted(rng: np.random.Generator, candidates: Floats, zones: Floats) -> Floats:
    """Return, for each row of candidate times, the first at which a person is awake.

    Parameters
    ----------
    candidates : array, shape (events, tries)
    zones : array, shape (events,)
        Hours from UTC in which the person lives, her own early or late habit included.
    """
    hours = local_hour(candidates, zones[:, None]).astype(np.int64) % 24
    accepted = rng.random(candidates.shape) < WAKING[hours]
    accepted[:, -1] = True
    chosen: Floats = candidates[np.arange(len(candidates)), accepted.argmax(axis=1)]
    return chosen


def waking_times(rng: np.random.Generator, zones: Floats, start: float, end: float) -> Floats:
    """Return one time for each entry, at random while its person is awake."""
    return first_accepted(rng, rng.uniform(start, end, (len(zones), TRIES)), zones)


def reactions(
    rng: np.random.Generator, births: Floats, medians: Floats, zones: Floats, end: float
) -> Floats:
    """Return when people react to something born at ``births``: with a heavy tail, when awake."""
    lags = medians[:, None] * np.exp(rng.normal(0, 1.5, (len(births), TRIES)))
    times = first_accepted(rng, births[:, None] + lags, zones)
    late = times >= end
    times[late] = rng.uniform(births[late], end)
    return times


def office_times(
    rng: np.random.Generator, count: int, zone: float, start: float, end: float
) -> Floats:
    """Return times in office hours: Monday to Friday, 9 to 12 and 14 to 18 local time."""
    first_day = int(np.ceil((start + zone * HOUR) / DAY))
    last_day = int((end + zone * HOUR) // DAY)
    days = np.array([d for d in range(first_day, last_day) if (d + 3) % 7 < 5])
    worked = rng.uniform(0, 7, count)
    hours = np.where(worked < 3, 9 + worked, 11 + worked)
    times: Floats = rng.choice(days, count) * DAY + (hours - zone) * HOUR
    return times


def is_office(times: Floats, zone: float) -> NDArray[np.bool_]:
    """Tell which times are in office hours of a zone."""
    hours = local_hour(times, np.full(len(times), zone))
    weekday = ((times / HOUR + zone) // 24 + 3) % 7
    open_now: NDArray[np.bool_] = (weekday < 5) & (
        ((hours >= 9) & (hours < 12)) | ((hours >= 14) & (hours < 18))
    )
    return open_now


def next_office(rng: np.random.Generator, times: Floats, zone: float) -> Floats:
    """Return the times, those outside office hours moved to a moment of the next open hours."""
    moved = times.copy()
    closed = ~is_office(moved, zone)
    step = rng.uniform(0.2, 0.9, len(moved)) * HOUR
    while closed.any():
        moved[closed] += step[closed]
        closed = ~is_office(moved, zone)
    return moved


def post_ids(times: Floats, first_serial: int = 0) -> list[str]:
    """Return X ids that say these times; no two are equal.

    Examples
    --------
    >>> import numpy as np
    >>> id_ = post_ids(np.array([1503530720.184]))[0]
    >>> (int(id_) >> 22) + X_EPOCH_MS
    1503530720184
    """
    ms = np.floor(times * 1000 + 1e-6).astype(np.int64) - X_EPOCH_MS
    serial = (np.arange(len(times), dtype=np.int64) + first_serial) * 2654435 % (1 << 22)
    return [str(number) for number in ((ms << 22) | serial).tolist()]


def account_ids(created: Floats, first_serial: int = 0) -> list[str]:
    """Return X account ids: timed for accounts made since 2016, counted for older ones."""
    timed = post_ids(created, first_serial)
    origin = seconds("2006-07-01")
    ids = []
    for serial, (moment, number) in enumerate(zip(created.tolist(), timed, strict=True)):
        if moment >= X_USER_SNOWFLAKES:
            ids.append(number)
        else:
            counted = int((moment - origin) * 14) * 10 + 100_000_000
            ids.append(str(counted // 10_000 * 10_000 + (serial + first_serial) % 10_000))
    return ids
