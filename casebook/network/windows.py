"""Time windows, and whether the clock of a collection is fine enough for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from casebook.errors import ParameterError

if TYPE_CHECKING:
    import numpy.typing as npt

PRECISION_SECONDS = {"second": 1.0, "minute": 60.0, "day": 86_400.0}
"""What one step of a clock is worth. The millisecond clock of some platforms counts as seconds."""

MIN_SHARE = 0.5
"""A window is admissible where the clocks of at least this share of the events are fine enough."""


@dataclass(frozen=True)
class Window:
    """A time window that was asked for, and the one that the clocks allow.

    Attributes
    ----------
    seconds : float
        The window in use.
    asked : float
        The window asked for.
    left_out : int
        Events whose own clock is too coarse for the window in use; they take no part.
    total : int
        Events in all.
    """

    seconds: float
    asked: float
    left_out: int
    total: int

    @property
    def widened(self) -> bool:
        """Whether the window in use is not the one asked for."""
        return self.seconds > self.asked


def window_seconds(time_window: str | float) -> float:
    """Return a window in seconds.

    Examples
    --------
    >>> window_seconds("60s"), window_seconds("10min"), window_seconds(30)
    (60.0, 600.0, 30.0)

    Raises
    ------
    ParameterError
        Where it is no length of time, or not above zero.
    """
    try:
        seconds = (
            pd.Timedelta(time_window).total_seconds()
            if isinstance(time_window, str)
            else float(time_window)
        )
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise ParameterError(
            f"{time_window!r} is no length of time",
            remedy="write a number and a unit: '60s', '10min', '2h'",
        )
    return seconds


def clock_seconds(events: pd.DataFrame) -> pd.Series:
    """Return the step of each event's clock in seconds; an unknown precision counts as a day."""
    codes, kinds = pd.factorize(events["time_precision"])
    steps = [PRECISION_SECONDS.get(str(k), 86_400.0) for k in kinds]
    return pd.Series(np.array([*steps, 86_400.0])[codes], index=events.index)


def admissible_window(
    clock: npt.NDArray[np.float64], time_window: str | float, *, unattended: bool = False
) -> Window:
    """Return the window that can be used on some events.

    A window below two steps of the clock means nothing: two posts stamped 12:00 may be 59 seconds
    apart. An event takes part only where its own clock is fine enough.

    Parameters
    ----------
    clock : ndarray of float
        The step of each event's clock, as `clock_seconds` gives it.
    time_window : str or float
        ``"60s"``, or seconds.
    unattended : bool
        Use the smallest admissible window instead of refusing; the caller prints it.

    Raises
    ------
    ParameterError
        Where the clocks of most events are too coarse and nobody allowed a wider window.
    """
    asked = window_seconds(time_window)
    needed = 2 * clock
    total = len(needed)
    if total == 0 or (needed <= asked).mean() >= MIN_SHARE:
        return Window(asked, asked, int((needed > asked).sum()), total)
    enough = float(next(n for n in np.unique(needed) if (needed <= n).mean() >= MIN_SHARE))
    if not unattended:
        raise ParameterError(
            f"a time window of {asked:g} s is finer than the clock: the times of most posts are "
            f"known to {enough / 2:g} s",
            remedy=f"use time_window='{enough:g}s' or more",
        )
    return Window(enough, asked, int((needed > enough).sum()), total)


def fine_enough(events: pd.DataFrame, seconds: float) -> pd.DataFrame:
    """Return the events whose clock is fine enough for a window."""
    fine = (2 * clock_seconds(events) <= seconds).to_numpy()
    return events if fine.all() else events[fine]
