"""The house style: colours that differ for every eye and in grey, shapes beside them, same words."""

from __future__ import annotations

import altair as alt
import pandas as pd
import pytest

from casebook.charts import style

WHITE = "#ffffff"
PALETTES = {
    "roles": style.ROLE_COLOURS,
    "layers": style.LAYERS,
    "states": style.STATUS_COLOURS,
}


def channels(colour: str) -> list[float]:
    """Linear red, green, blue of ``#rrggbb`` (WCAG 2.2, relative luminance)."""
    values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]


def luminance(colour: str) -> float:
    red, green, blue = channels(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def seen_without_red_or_green(colour: str) -> tuple[float, float, float]:
    """A colour as a deuteranope sees it (Viénot, Brettel and Mollon 1999, linear RGB)."""
    red, green, blue = channels(colour)
    mixed = 0.29275 * red + 0.70725 * green
    return mixed, mixed, -0.02234 * red + 0.02234 * green + blue


def test_contrast_agrees_with_the_published_extremes() -> None:
    assert contrast("#000000", WHITE) == pytest.approx(21)
    assert contrast("#777777", WHITE) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("colour", [style.INK, style.GREY, style.ACCENT])
def test_words_can_be_read_on_paper(colour: str) -> None:
    assert contrast(colour, WHITE) >= 4.5


@pytest.mark.parametrize("name", PALETTES)
def test_marks_stand_out_from_paper(name: str) -> None:
    assert all(contrast(c, WHITE) >= 3 for c in PALETTES[name].values())


def test_roles_differ_for_those_who_see_no_red_or_green() -> None:
    seen = [seen_without_red_or_green(c) for c in style.ROLE_COLOURS.values()]
    for i, a in enumerate(seen):
        for b in seen[:i]:
            assert max(abs(x - y) for x, y in zip(a, b, strict=True)) > 0.02


def test_what_a_colour_says_a_shape_says_too() -> None:
    assert set(style.ROLE_COLOURS) == set(style.ROLE_SHAPES) == set(style.ROLE_WORDS)
    assert len(set(style.ROLE_SHAPES.values())) == len(style.ROLE_SHAPES)
    assert set(style.STATUS_COLOURS) == set(style.STATUS_SHAPES)
    assert len(set(style.STATUS_SHAPES.values())) == len(style.STATUS_SHAPES)


def test_a_ramp_is_in_order_when_printed_grey() -> None:
    shades = [luminance(c) for c in style.SEQUENTIAL]
    assert shades == sorted(shades, reverse=True)


def test_a_chart_gets_the_house_colours_and_no_frame() -> None:
    chart = alt.Chart(pd.DataFrame({"a": [1]})).mark_bar().encode(x="a:Q")
    config = style.house(chart).to_dict()["config"]
    assert config["bar"]["color"] == style.ACCENT
    assert config["font"] == style.FONT
    assert "stroke" in config["view"]


def test_scales_hold_only_the_roles_that_occur() -> None:
    colours, shapes = style.role_scale(["reference", "persona"])
    assert colours.to_dict()["domain"] == ["persona", "reference"]
    assert shapes.to_dict()["range"] == ["circle", "square"]


def test_a_period_is_written_alike_in_every_locale() -> None:
    days = pd.Series(pd.to_datetime(["2024-03-02", None, "2024-01-05"], utc=True))
    assert style.period_of(days) == "5 Jan 2024 to 2 Mar 2024"
    assert style.period_of(days[:1]) == "2 Mar 2024"
    assert style.period_of(days[1:2]) is None
