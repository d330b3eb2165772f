"""One house style: calm colours that survive grey print and colour-blindness, shapes beside them.

References
----------
Okabe and Ito, "Color Universal Design", 2008: the hues, here darkened where they carry text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casebook.language import day, say
from casebook.numbers import largest, smallest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

INK = "#1b1f24"
GREY = "#6b7280"
PALE = "#d5d9df"
PAPER = "#ffffff"
ACCENT = "#0b5c8a"

PERSONA = "#b3420a"
KNOWN = "#6a2a6b"
REFERENCE = "#0b5c8a"
BYSTANDER = "#8a9099"

ROLE_COLOURS = {
    "persona": PERSONA,
    "known": KNOWN,
    "reference": REFERENCE,
    "bystander": BYSTANDER,
}
ROLE_SHAPES = {
    "persona": "circle",
    "known": "diamond",
    "reference": "square",
    "bystander": "triangle-up",
}
ROLE_WORDS = {
    "persona": "under review",
    "known": "attributed earlier by others",
    "reference": "reference",
    "bystander": "bystander",
}

LAYERS = {
    "repost": "#0b5c8a",
    "link": "#b3420a",
    "text": "#00785a",
    "hashtags": "#8a6d00",
    "media": "#6a2a6b",
    "reply": "#4a5560",
    "mention": "#9c5b7d",
}

CATEGORIES = tuple(LAYERS.values())
"""For any other kinds of things: the same hues, in the same order."""

STATUS_COLOURS = {
    "active": "#00785a",
    "suspended": "#b3420a",
    "removed": "#6a2a6b",
    "deactivated": "#8a6d00",
    "unknown": "#8a9099",
}
STATUS_SHAPES = {
    "active": "circle",
    "suspended": "cross",
    "removed": "square",
    "deactivated": "triangle-down",
    "unknown": "stroke",
}

SEQUENTIAL = ["#f2f5f8", "#c3d5e3", "#86aecb", "#3f81ad", "#0b5c8a", "#053a58"]
"""Light to dark in one hue: also in order when printed grey."""

FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif"
WIDTH = 560
"""Width of the plot in pixels, so that labels and all a figure stays within 700."""


def colour_and_shape(
    field: str, kinds: Sequence[str], words: Sequence[str],
    colours: Mapping[str, str], shapes: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    """Return both channels that tell kinds of points apart, with one legend of ``words``."""
    import altair as alt

    return {
        "color": alt.Color(
            field,
            title=None,
            scale=alt.Scale(domain=list(words), range=[colours[k] for k in kinds]),
        ),
        "shape": alt.Shape(
            field, title=None, scale=alt.Scale(domain=list(words), range=[shapes[k] for k in kinds])
        ),
    }


def house(chart: Any) -> Any:
    """Return a chart in the house style: system fonts, no frame, thin grid, readable labels."""
    return (
        chart.configure(font=FONT, background=PAPER, padding=4)
        .configure_view(stroke=None)
        .configure_bar(color=ACCENT)
        .configure_area(color=ACCENT)
        .configure_line(color=ACCENT, strokeWidth=2)
        .configure_point(color=ACCENT, size=50)
        .configure_range(category=list(CATEGORIES), ramp=SEQUENTIAL, heatmap=SEQUENTIAL)
        .configure_axis(
            labelColor=INK,
            titleColor=INK,
            labelFontSize=11,
            titleFontSize=11,
            titleFontWeight="normal",
            gridColor="#eceef1",
            domainColor=PALE,
            tickColor=PALE,
            labelLimit=260,
            titlePadding=8,
        )
        .configure_legend(
            labelColor=INK,
            titleColor=INK,
            labelFontSize=11,
            titleFontSize=11,
            titleFontWeight="normal",
            orient="top",
            labelLimit=240,
            symbolLimit=40,
        )
        .configure_header(labelColor=INK, titleColor=INK, labelFontSize=11, titleFontSize=11)
        .configure_title(color=INK, fontSize=13, fontWeight="bold", anchor="start")
    )


def role_scale(roles: list[str] | None = None) -> tuple[Any, Any]:
    """Return the colour and the shape scale of account roles, for those that occur."""
    import altair as alt

    kept = [r for r in ROLE_COLOURS if roles is None or r in roles]
    return (
        alt.Scale(domain=kept, range=[ROLE_COLOURS[r] for r in kept]),
        alt.Scale(domain=kept, range=[ROLE_SHAPES[r] for r in kept]),
    )


def period_of(times: Any) -> str | None:
    """Return the span of some times in words, or None where there are none.

    Examples
    --------
    >>> import pandas as pd
    >>> period_of(pd.Series(pd.to_datetime(["2024-01-05", "2024-03-02"], utc=True)))
    '5 Jan 2024 to 2 Mar 2024'
    """
    known = times.dropna()
    if known.empty:
        return None
    return _span(day(known.min()), day(known.max()))


def weekdays_of(times: pd.Series) -> pd.DataFrame:
    """Return for each day of the week how many posts fall on it, and the first and last day.

    Examples
    --------
    >>> import pandas as pd
    >>> moments = pd.Series(pd.to_datetime(["2024-01-05", "2024-01-12"], utc=True))
    >>> weekdays_of(moments).to_dict("records")
    [{'weekday': 4, 'posts': 2, 'first': '2024-01-05', 'last': '2024-01-12'}]
    """
    known = times.dropna()
    days = known.dt.strftime("%Y-%m-%d").groupby(known.dt.day_of_week.rename("weekday"))
    found: pd.DataFrame = days.agg(posts="size", first="min", last="max").reset_index()
    return found


def days_of(frame: pd.DataFrame, first: str, last: str) -> str:
    """Return the span of two columns of days (``2024-03-04``) in words."""
    return _span(day(smallest(frame, first)), day(largest(frame, last)))


def _span(first: str, last: str) -> str:
    return first if first == last else say("{first} to {last}", first=first, last=last)


SHORT_SPAN = 150
"""Days below which an axis of months would print the same month several times."""


def time_axis(days: Any) -> Any:
    """Return a time axis for some days (``2024-03-04``), by month or, on short spans, by day."""
    import altair as alt
    import pandas as pd

    known = pd.to_datetime(days.dropna(), utc=True)
    span = (known.max() - known.min()).days if len(known) else 0
    if span < SHORT_SPAN:
        return alt.Axis(format="%d %b %Y", labelOverlap=True, tickCount=5)
    return alt.Axis(format="%b %Y", labelOverlap=True)


def count(number: int, noun: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> count(1, "item"), count(1200, "item")
    ('1 item', '1,200 items')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
