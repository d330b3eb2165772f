"""Evidence is written by adversaries, and notebooks can be edited: nothing runs, nothing breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd
import pytest

from casebook.exhibits import MIME, Figure, Listing, Note, Statement
from casebook.report import render
from casebook.report.picture import PictureError, checked_svg
from casebook.text import escape_markdown
from tests.report.hostile import GROUPS, HOSTILE
from tests.report.page import Page
from tests.report.parts import code, notebook, words

if TYPE_CHECKING:
    from casebook.case import Case
    from casebook.report.references import References

HARMLESS = {
    "html", "head", "meta", "title", "style", "body", "a", "div", "header", "p", "span", "h1",
    "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd", "main", "section", "ol", "ul", "li", "nav",
    "details", "summary", "table", "caption", "thead", "tbody", "tr", "th", "td", "pre", "code",
    "strong", "b", "em", "bdi", "figure", "figcaption", "footer", "blockquote", "hr", "br",
    "svg", "desc", "g", "path", "rect", "text", "tspan", "line", "defs", "clippath",
}  # fmt: skip


def check_harmless(html: str) -> Page:
    """The page as it was meant: its own elements, its own attributes, links inside it only."""
    html.encode("utf-8")
    page = Page(html)
    assert {e.tag for e in page.elements} <= HARMLESS
    assert page.unbalanced == []
    attributes = [(k, v) for e in page.elements for k, v in e.attributes.items()]
    assert not [k for k, _ in attributes if k.startswith("on") or k in {"src", "srcdoc", "xmlns:x"}]
    assert all(v.startswith("#") for k, v in attributes if k == "href")
    assert len(page.all("meta")) == 5
    assert len(page.all("style")) == 1
    assert page.headings.count(1) == 1
    assert not set(html) & {"\x00", "\x1b", "\u202e", "\u2066", "\u2028", "\x07"}
    return page


@pytest.fixture
def run() -> dict[str, Any]:
    return {"status": "complete", "run_id": "a", "steps": [{"step": "01-collection"}]}


def test_there_are_at_least_a_hundred_of_them() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) >= 100


def exhibits(text: str, *, drawn: bool) -> list[Any]:
    """One string in every place of every exhibit; one in four is drawn, which takes longest."""
    # No table can hold a lone surrogate, since Arrow stores UTF-8.
    held = text.encode("utf-8", "replace").decode()
    frame = pd.DataFrame({"name": [held, "b"], held: [held, held], "n": [1, 2]})
    chart = alt.Chart(frame[["name", "n"]]).mark_bar().encode(
        x="n:Q", y=alt.Y("name:N", title=text)
    )  # fmt: skip
    same = {"title": text, "note": escape_markdown(text)}
    more = {"alt": text, "n": text, "period": text, "source": text, **same}
    return [
        *([Figure(chart, id="f", data=frame, **more)] if drawn else []),
        Listing(frame, id="t", headers={"n": text}, **same),
        Statement(f"He wrote {escape_markdown(text)}.", evidence=[text]),
        Note(escape_markdown(text)),
    ]


@pytest.mark.parametrize("texts", GROUPS, ids=range(len(GROUPS)))
def test_hostile_text_in_every_place_of_every_exhibit_is_only_text(
    case: Case, run: dict[str, Any], texts: list[str]
) -> None:
    shown = [code(t, f"cell-{i}", *exhibits(t, drawn=not i % 4)) for i, t in enumerate(texts)]
    cells = notebook("01-collection", words("# Title", "title"), *shown)
    page = check_harmless(render(case, run, [("01-collection", cells)]))
    told = [e.words for e in page.all("h2")]
    plain = notebook("01-collection", words("# Title", "title"))
    usual = [e.words for e in Page(render(case, run, [("01-collection", plain)])).all("h2")]
    # The one chapter more that a string can bring is that of published facts, which it may cite.
    assert [h for h in told if h != "Published facts"] == usual


@pytest.mark.parametrize("texts", GROUPS, ids=range(len(GROUPS)))
def test_hostile_words_of_a_notebook_or_a_note_are_at_most_markdown(
    case: Case, run: dict[str, Any], texts: list[str]
) -> None:
    cells = []
    for i, text in enumerate(texts):
        listed = Listing(pd.DataFrame({"a": [1]}), id="t", title="t", note=text)
        cells.append(words(text, f"words-{i}"))
        cells.append(code("x", f"cell-{i}", Statement(text), Note(text), listed))
    check_harmless(render(case, run, [("01-collection", notebook("01-collection", *cells))]))


@pytest.mark.parametrize("text", HOSTILE[::8])
def test_hostile_claims_sources_and_run_records_are_only_text(
    case: Case, run: dict[str, Any], text: str
) -> None:
    clean = text.encode("utf-8", "replace").decode()
    row = {"claim": "C1", "kind": "observation", "text": clean, "likelihood": clean, "confidence": clean,
           "evidence": [clean, "E0001"], "counter_evidence": clean, "violations": [clean]}  # fmt: skip
    case.write("claims", pd.DataFrame([row]))
    pd.DataFrame(
        [{"source_id": "S-1", "title": clean, "publisher": clean, "date": clean, "url": clean}]
    ).to_csv(case.folder / "published" / "sources.csv", index=False)
    run |= {
        "missing": [{"rule": text, "message": text}],
        "steps": [
            {"step": "01-collection", "parameters": {"x": text}, "message": text, "status": text}
        ],
        "inputs": {text: text},
        "versions": {text: text},
        "edition": text,
    }
    page = check_harmless(render(case, run, [("01-collection", notebook("01-collection"))]))
    assert len(page.by_id("claim-C1").words) >= len("C1")


@pytest.mark.parametrize("texts", GROUPS, ids=range(len(GROUPS)))
def test_hostile_outputs_and_errors_are_only_text(
    case: Case, run: dict[str, Any], texts: list[str]
) -> None:
    cells = [
        code(
            "x",
            f"cell-{i}",
            {"output_type": "stream", "name": "stdout", "text": text},
            {"output_type": "error", "ename": text, "evalue": text, "traceback": [text]},
            *(
                {
                    "output_type": "display_data",
                    "metadata": {},
                    "data": {"text/plain": "p", mime: text},
                }
                for mime in (
                    "text/html",
                    "image/svg+xml",
                    "text/markdown",
                    "application/javascript",
                )
            ),
        )
        for i, text in enumerate(texts)
    ]
    check_harmless(render(case, run, [("01-collection", notebook("01-collection", *cells))]))


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        "<image href='https://example.org/x.png'/>",
        "<a href='https://example.org'><text>x</text></a>",
        "<foreignObject><b xmlns='http://www.w3.org/1999/xhtml'>x</b></foreignObject>",
        "<use href='#x'/>",
        "<style>@import url(https://example.org)</style>",
        "<animate attributeName='href' to='javascript:alert(1)'/>",
        "<x:script xmlns:x='http://www.w3.org/2000/svg'>alert(1)</x:script>",
        "<g>",
    ],
)
def test_a_forged_picture_is_not_printed(case: Case, run: dict[str, Any], inner: str) -> None:
    forged = {
        "type": "figure", "title": "t", "alt": "a", "columns": [], "rows": [],
        "svg": f"<svg xmlns='http://www.w3.org/2000/svg'>{inner}</svg>",
    }  # fmt: skip
    output = {"output_type": "display_data", "metadata": {}, "data": {MIME: forged}}
    page = check_harmless(
        render(case, run, [("01-collection", notebook("01-collection", code("x", "x", output)))])
    )
    assert "This picture is not printed" in page.words
    assert page.all("svg") == []


def test_a_picture_keeps_its_shapes_and_loses_what_could_act() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><defs><clipPath id="c"/></defs>'
        '<rect id="r" width="1" clip-path="url(#c)" fill="url(https://example.org)" style="x:y"/>'
        '<text xml:space="preserve">a &lt;b&gt;</text></svg>'
    )
    checked = checked_svg(svg, "figure-1")
    assert '<rect id="figure-1-r" width="1" clip-path="url(#figure-1-c)" />' in checked
    assert "<text>a &lt;b&gt;</text>" in checked
    assert "onload" not in checked


@pytest.mark.parametrize(
    "svg", ["", "plain", "<p/>", "<!DOCTYPE x><svg/>", "<?xml version='1.0'?><svg/>", "<svg/>"]
)
def test_what_is_no_svg_is_refused(svg: str) -> None:
    with pytest.raises(PictureError):
        checked_svg(svg, "figure-1")


def test_links_never_nest_nor_reach_into_code() -> None:
    from casebook.report.references import Place
    from casebook.report.references import References as Made

    references: References = Made(["E0001"])
    place = Place("here", "there")
    html = '<a href="#x">E0001</a> <code>E0001</code> <b title="E0001">E0001</b>'
    linked = references.link(html, place)
    assert linked.count("href=") == 2
    assert '<b title="E0001"><a class="ref" href="#E0001">E0001</a></b>' in linked
