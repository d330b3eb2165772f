"""An exhibit is made once: the notebook shows it, the report prints it, hostile text does nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import altair as alt
import pandas as pd
import pytest

from casebook.exhibits import (
    MIME,
    Figure,
    Listing,
    Note,
    Sentinel,
    Statement,
    cell_text,
    cells,
    mark_light,
    mark_synthetic,
)

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[x](javascript:alert(1))",
    "</svg><svg onload=alert(1)>",
    "a\u202eb",
    "=1+1",
    "\x00nul",
    "]]>",
    "&lt;b&gt;",
    "a\n'b'\"c\\",
]


@pytest.fixture(autouse=True)
def _not_synthetic() -> None:
    mark_synthetic(False)


def bars(names: list[str]) -> Figure:
    data = pd.DataFrame({"name": names, "posts": range(1, len(names) + 1)})
    chart = alt.Chart(data).mark_bar().encode(x="posts:Q", y=alt.Y("name:N", title=names[0]))
    return Figure(chart, id="bars", title=names[0], alt=names[0], data=data, n=len(names))


class Tags(HTMLParser):
    """Collects the tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def test_a_figure_is_a_picture_in_the_notebook_and_whole_for_the_report() -> None:
    bundle, sizes = bars(["a", "b"])._repr_mimebundle_()
    assert set(bundle) == {MIME, "image/png", "text/plain"}
    # Shown smaller than it is: it has more pixels, for sharp screens.
    assert 300 < sizes["image/png"]["width"] < 800
    payload = bundle[MIME]
    assert payload["rows"] == [["a", 1], ["b", 2]]
    assert payload["svg"].startswith("<svg")
    assert 'role="img" aria-labelledby="bars-title bars-desc"' in payload["svg"]
    json.dumps(bundle)


def test_the_same_figure_gives_the_same_bytes() -> None:
    first, second = (json.dumps(bars(["a", "b"])._repr_mimebundle_()) for _ in range(2))
    assert first == second


def test_a_figure_drawn_again_is_the_same_whatever_was_drawn_before() -> None:
    data = pd.DataFrame({"x": [1, 2], "y": [1, 2]})
    chart = alt.Chart(data).mark_area(
        clip=True,
        color=alt.Gradient(
            gradient="linear",
            stops=[
                alt.GradientStop(color="white", offset=0),
                alt.GradientStop(color="red", offset=1),
            ],
        ),
    )
    figure = Figure(chart.encode(x="x:Q", y="y:Q"), id="area", title="t", alt="a", data=data)
    first = figure.svg()
    assert "area-1" in first
    assert "area-2" in first
    assert figure.svg() == first


def test_times_are_drawn_in_utc_wherever_the_computer_is() -> None:
    code = (
        "import altair as alt, pandas as pd\n"
        "from casebook.exhibits import Figure\n"
        "d = pd.DataFrame({'day': ['2024-03-04', '2024-06-01'], 'n': [1, 2]})\n"
        "c = alt.Chart(d).mark_bar().encode(x='day:T', y='n:Q')\n"
        "print(Figure(c, id='days', title='t', alt='a', data=d).svg())"
    )
    drawn = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "TZ": zone},
            capture_output=True,
            check=True,
        ).stdout
        for zone in ("UTC", "Asia/Kathmandu")
    }
    assert len(drawn) == 1


def test_a_chart_fetches_nothing() -> None:
    chart = {"data": {"url": "http://127.0.0.1:9/x.csv"}, "mark": "point"}
    with pytest.raises(ValueError, match="not allowed"):
        Figure(chart, id="bad", title="t", alt="a", data=pd.DataFrame()).svg()


def test_ids_inside_a_picture_are_its_own() -> None:
    ids = re.findall(r'\bid="([^"]+)"', bars(["a"]).svg())
    assert ids
    assert all(i.startswith("bars-") for i in ids)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_figure_is_only_text(text: str) -> None:
    svg = bars([text, "b"]).svg()
    parser = Tags()
    parser.feed(svg)
    assert set(parser.tags) <= {
        "svg",
        "title",
        "desc",
        "rect",
        "g",
        "path",
        "text",
        "line",
        "defs",
        "clippath",
        "tspan",
    }
    assert not [a for a in parser.attributes if a.startswith("on") or a in {"href", "src"}]
    assert "\x00" not in svg


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_table_is_only_text(text: str) -> None:
    frame = pd.DataFrame({text: [text], "n": [1]})
    view = Listing(frame, id="t", title=text, note=text).notebook_view()["text/html"]
    parser = Tags()
    parser.feed(view)
    assert set(parser.tags) <= {
        "table",
        "caption",
        "b",
        "thead",
        "tr",
        "th",
        "tbody",
        "td",
        "p",
        "small",
    }
    assert parser.attributes <= {"scope", "style"}


def test_a_forbidden_element_stops_the_figure() -> None:
    chart = {
        "data": {"values": [{"u": "https://example.org/x.png"}]},
        "mark": "image",
        "encoding": {"url": {"field": "u"}},
    }
    figure = Figure(chart, id="bad", title="t", alt="a", data=pd.DataFrame())
    with pytest.raises(ValueError, match="never prints"):
        figure.svg()


def test_unknown_is_none_and_a_dash() -> None:
    frame = pd.DataFrame(
        {
            "count": pd.array([1, None], dtype="Int64"),
            "share": [0.123456789, float("nan")],
            "when": pd.to_datetime(["2024-09-03 12:00", None], utc=True),
            "list": [["a", "b"], []],
            "text": pd.array(["x", None], dtype="string"),
        }
    )
    _, rows = cells(frame)
    assert rows == [[1, 0.123457, "2024-09-03 12:00:00", "a, b", "x"], [None, None, None, "", None]]


def test_almost_all_is_never_printed_as_all() -> None:
    shares = [0.5, 0.99999, 0.999949, 1.0, 99.96, 1234.5, 1e-05]
    assert [cell_text(v) for v in shares] == [
        "0.5", "0.99999", "0.9999", "1", "99.96", "1,234", "1e-05",
    ]  # fmt: skip


def test_a_long_table_says_how_long_it_is() -> None:
    listing = Listing(pd.DataFrame({"a": range(30)}), id="t", title="t", limit=5)
    assert listing.payload()["total"] == 30
    assert len(listing.payload()["rows"]) == 5
    assert "5 of 30 rows" in listing.notebook_view()["text/html"]


def test_synthetic_data_is_marked_wherever_it_shows() -> None:
    mark_synthetic(True)
    figure = bars(["a"])
    assert "synthetic data" in figure.svg()
    assert figure.payload()["synthetic"]
    listing = Listing(pd.DataFrame({"a": [1]}), id="t", title="t")
    assert "synthetic data" in listing.notebook_view()["text/html"]


def test_the_light_preset_is_said_on_each_figure_and_table_until_a_case_is_opened() -> None:
    mark_light(True)
    assert "light preset: a quick look" in bars(["a"]).svg()
    assert "light preset" in Listing(
        pd.DataFrame({"a": [1]}), id="t", title="t"
    ).notebook_view()["text/html"]  # fmt: skip
    mark_synthetic(True)
    assert "light preset" not in bars(["a"]).svg()


def test_statements_notes_and_sentinels_are_plain_words() -> None:
    assert Statement("**x**", evidence=["E0001"]).payload()["evidence"] == ["E0001"]
    assert Note("y")._repr_mimebundle_()[0][MIME]["type"] == "note"
    done = Sentinel("01-collection", {"posts": 3})
    assert done.notebook_view() == {"text/plain": "01-collection is done. Made: posts (3 rows)"}


def test_an_id_is_kebab_case() -> None:
    with pytest.raises(ValueError, match="kebab"):
        Note("x", id="Not An Id")
