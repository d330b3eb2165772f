"""Hostile text is shown as it is and does nothing."""

from __future__ import annotations

import doctest
import html

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from casebook import log, text
from casebook.text import defang, escape_html, escape_markdown, formula_safe, refang, visible


@pytest.mark.parametrize("module", [text, log])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "character", ["\u202e", "\u2066", "\x00", "\x1b", "\u200b", "\ufeff", "\ud800"]
)
def test_invisible_characters_are_spelled_out(character: str) -> None:
    assert visible(f"a{character}b") == f"a⟨U+{ord(character):04X}⟩b"


def test_joined_emoji_and_other_scripts_stay() -> None:
    for plain in ("👩‍👧", "می‌خواهم", "示例帖子", "Приклад"):
        assert visible(plain) == plain


@given(st.text())
def test_html_escaping_leaves_no_markup(raw: str) -> None:
    escaped = escape_html(raw)
    assert not set("<>\"'\x00") & set(escaped)


@given(st.text(alphabet=st.sampled_from("ab <>[]()*_`#!&;:/\\|~-+.=1\n\t@'\""), max_size=40))
def test_escaped_markdown_renders_as_the_same_words(raw: str) -> None:
    page = MarkdownIt("commonmark", {"html": False}).enable("table").render(escape_markdown(raw))
    inner = page.rstrip("\n").removeprefix("<p>").removesuffix("</p>")
    assert "<" not in inner
    assert html.unescape(inner) == " ".join(visible(raw).split())


@pytest.mark.parametrize(
    ("defanged", "plain"),
    [
        ("hxxps://example[.]org/a", "https://example.org/a"),
        ("example[dot]org", "example.org"),
        ("hxxp[:]//example(.)org", "http://example.org"),
        ("plain text", "plain text"),
    ],
)
def test_refang_undoes_the_usual_ways(defanged: str, plain: str) -> None:
    assert refang(defanged) == plain


@pytest.mark.parametrize("url", ["https://a.example/x.y?z=1", "http://b.example", "c.example/d"])
def test_defang_and_refang_are_a_round_trip(url: str) -> None:
    assert refang(defang(url)) == url
    assert "://" not in defang(url) or defang(url).startswith("hxx")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_formula_is_disarmed(cell: str) -> None:
    assert formula_safe(cell) == "'" + cell
