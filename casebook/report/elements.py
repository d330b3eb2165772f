"""The finished page, read back element by element: for paper, and for counsel."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

VOID = {"meta", "br", "hr", "link", "input", "img"}
BLOCKS = {
    "html", "body", "header", "footer", "main", "section", "nav", "div", "p",
    "h1", "h2", "h3", "h4", "h5", "h6",
    "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "figure",
    "figcaption", "details", "summary", "pre", "caption", "blockquote", "hr",
}  # fmt: skip
SPACE = re.compile(r"[ \t\r\n\f]+")
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)


@dataclass
class Node:
    """An element of the page."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        """Its classes."""
        return set(self.attributes.get("class", "").split())

    @property
    def id(self) -> str:
        """Its anchor, or nothing."""
        return self.attributes.get("id", "")

    def find(self, *tags: str) -> Iterator[Node]:
        """Yield the elements below it that have one of some names, in order."""
        for child in self.children:
            if isinstance(child, Node):
                if child.tag in tags:
                    yield child
                yield from child.find(*tags)

    def words(self) -> str:
        """Return its text."""
        told = "".join(c if isinstance(c, str) else c.words() for c in self.children)
        return SPACE.sub(" ", told)


class _Reader(HTMLParser):
    """Reads our own pages, in which every element that is opened is closed or cannot hold any."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("page")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {k: v or "" for k, v in attrs})
        self._open[-1].children.append(node)
        if tag not in VOID:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Node(tag, {k: v or "" for k, v in attrs}))

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].tag == tag:
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def read_page(page: str) -> tuple[Node, list[str]]:
    """Return a page of ours as elements, and its pictures apart.

    Parameters
    ----------
    page : str
        HTML as `casebook.report.render` makes it.

    Returns
    -------
    root : Node
        Where a picture stood is an element ``picture`` with its ``number``.
    pictures : list of str
        The SVG elements as they were written.
    """
    pictures: list[str] = []

    def aside(match: re.Match[str]) -> str:
        pictures.append(match[0])
        return f'<picture number="{len(pictures) - 1}"></picture>'

    reader = _Reader()
    reader.feed(_SVG.sub(aside, page))
    return reader.root, pictures
