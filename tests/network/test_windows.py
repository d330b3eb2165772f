"""A window finer than the clock is refused, or widened and said."""

from __future__ import annotations

import pytest

from casebook.errors import ParameterError
from casebook.network.edges import co_actions
from casebook.network.windows import (
    admissible_window,
    clock_seconds,
    fine_enough,
    window_seconds,
)

PAIR = [("ada", "page", 0), ("ben", "page", 60)]


def clock(events):
    return clock_seconds(events).to_numpy()


def test_a_window_below_two_steps_of_the_clock_is_refused_with_the_reason(acts) -> None:
    minutes = acts(PAIR, time_precision="minute")
    with pytest.raises(ParameterError, match=r"finer than the clock.*known to 60 s") as refused:
        co_actions(minutes, time_window="60s")
    assert "time_window='120s'" in str(refused.value.remedy)


def test_unattended_the_smallest_admissible_window_is_used_and_said(acts) -> None:
    minutes = acts(PAIR, time_precision="minute")
    window = admissible_window(clock(minutes), "60s", unattended=True)
    assert (window.seconds, window.asked, window.widened) == (120.0, 60.0, True)
    assert co_actions(minutes, time_window="60s", unattended=True)["time_window"].tolist() == [
        120.0
    ]


@pytest.mark.parametrize(("precision", "least"), [("second", 2), ("minute", 120), ("day", 172_800)])
def test_two_steps_of_the_clock_are_enough(acts, precision, least) -> None:
    events = acts(PAIR, time_precision=precision)
    assert not admissible_window(clock(events), least).widened
    with pytest.raises(ParameterError):
        admissible_window(clock(events), least - 1)


def test_a_clock_nobody_named_counts_as_a_day(acts) -> None:
    with pytest.raises(ParameterError, match="known to 86400 s"):
        admissible_window(clock(acts(PAIR, time_precision=None)), "10min")


def test_events_with_a_coarser_clock_than_the_others_take_no_part_and_are_counted(acts) -> None:
    clocks = ["second", "second", "minute"]
    events = acts([*PAIR, ("cleo", "page", 30)], time_precision=clocks)
    window = admissible_window(clock(events), "60s")
    assert (window.left_out, window.total, window.widened) == (1, 3, False)
    assert co_actions(events)[["source", "target"]].values.tolist() == [["ada", "ben"]]
    assert fine_enough(events, 120)["account"].tolist() == ["ada", "ben", "cleo"]


def test_no_events_refuse_no_window(acts) -> None:
    assert admissible_window(clock(acts([])), "1s").seconds == 1.0


@pytest.mark.parametrize(
    ("written", "seconds"), [("60s", 60), ("10min", 600), ("2h", 7200), (45, 45), (0.5, 0.5)]
)
def test_a_window_is_a_number_and_a_unit(written, seconds) -> None:
    assert window_seconds(written) == seconds


@pytest.mark.parametrize("written", ["soon", "0s", "-5s", 0, float("nan"), float("inf")])
def test_what_is_no_length_of_time_is_refused(written) -> None:
    with pytest.raises(ParameterError, match="no length of time"):
        window_seconds(written)
