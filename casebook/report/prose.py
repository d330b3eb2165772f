"""Markdown of notebooks and statements as HTML: no HTML in it, no link out of the page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from casebook.text import defang, visible

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass
class Heading:
    """One entry of the table of contents."""

    level: int
    text: str
    anchor: str


@dataclass
class Outline:
    """The headings of one chapter: in order, none skipped, each with an anchor of its own."""

    anchor: str
    targets: Mapping[str, str] = field(default_factory=dict)
    """File of a notebook -> anchor of its chapter, for links between notebooks."""
    headings: list[Heading] = field(default_factory=list)

    @property
    def title(self) -> str | None:
        """The words of its first heading."""
        return self.headings[0].text if self.headings else None

    def add(self, depth: int, text: str) -> Heading:
        """Take up a heading written with ``depth`` marks and return it, on the level it gets.

        The page has the one first level, so the chapter's title is on the second.
        """
        last = self.headings[-1].level if self.headings else 1
        wanted = 2 if not self.headings else max(depth + 1, 3)
        number = len(self.headings) + 1
        heading = Heading(min(wanted, last + 1, 6), text, f"{self.anchor}-h{number}")
        self.headings.append(heading)
        return heading


def prose(source: str, outline: Outline) -> str:
    """Return Markdown as HTML; its headings go into the outline.

    HTML in it is printed as text. A link to another notebook leads to its chapter, any other
    address is printed, defanged, and leads nowhere; a picture becomes its description.
    """
    parser = _parser()
    tokens = parser.parse(visible(source))
    heading: Heading | None = None
    for i, token in enumerate(tokens):
        if token.type == "heading_open":
            heading = outline.add(int(token.tag[1]), _words(tokens[i + 1]))
            token.tag = f"h{heading.level}"
            token.attrs = {"id": heading.anchor}
        elif token.type == "heading_close" and heading is not None:
            token.tag = f"h{heading.level}"
        elif token.type == "inline":
            token.children = _at_home(token.children or [], outline.targets)
    return str(parser.renderer.render(tokens, parser.options, {}))


def inline(source: str) -> str:
    """Return one line of Markdown as HTML."""
    parser = _parser()
    tokens = parser.parseInline(visible(source))
    for token in tokens:
        token.children = _at_home(token.children or [], {})
    return str(parser.renderer.render(tokens, parser.options, {}))


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")


def _at_home(tokens: list[Token], targets: Mapping[str, str]) -> list[Token]:
    kept: list[Token] = []
    away: list[str] = []
    for token in tokens:
        if token.type == "link_open":
            href = str(token.attrGet("href") or "")
            anchor = targets.get(href.rpartition("/")[2])
            away.append("" if anchor else href)
            if anchor:
                token.attrs = {"href": f"#{anchor}"}
                kept.append(token)
        elif token.type == "link_close":
            href = away.pop()
            kept.append(token if not href else _plain(href))
        elif token.type == "image":
            kept += _at_home(token.children or [], targets)
        else:
            kept.append(token)
    return kept


def _plain(href: str) -> Token:
    """Return an address as words; one inside the page or of a notebook beside it needs none."""
    near = href.startswith("#") or re.fullmatch(r"[\w-]+\.ipynb", href)
    shown = "" if near else f" ({defang(href)})"
    return Token("text", "", 0, content=shown)


def _words(heading: Token) -> str:
    return "".join(t.content for t in heading.children or [] if t.type in {"text", "code_inline"})


def slug(text: Any) -> str:
    """Return a name for an anchor.

    Examples
    --------
    >>> slug("03-network map!")
    '03-network-map'
    """
    return re.sub(r"[^a-z0-9]+", "-", str(text).lower()).strip("-") or "part"
