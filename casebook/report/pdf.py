"""The report as PDF pages: the same page, set for paper.

There is one template. The finished HTML, masked where it is masked, is read element by element and
written as a Typst program in which every word is a string, so that nothing in the evidence can act.
What only works on a screen (code, the numbers behind a figure) is left to ``report.html``.
"""

from __future__ import annotations

import re
import tempfile
from functools import cache
from typing import TYPE_CHECKING, Literal

from casebook.report.elements import BLOCKS, SPACE, Node, read_page

if TYPE_CHECKING:
    from collections.abc import Iterable

LEFT_OUT = {"head", "style", "script", "caption"}
ON_SCREEN_ONLY = {"skip", "numbers", "code", "unseen", "ribbon"}
SERIF = "Libertinus Serif"
"""Ships with Typst, so that pages are set alike on every computer."""
SANS = ("Noto Sans", "Segoe UI", "Helvetica Neue", "Arial", "Liberation Sans", "DejaVu Sans")
MONO = "DejaVu Sans Mono"
SCRIPTS = {
    "Chinese or Japanese": ("\u4e2d", re.compile("[\u3040-\u30ff\u3400-\u9fff]")),
    "Korean": ("\ud55c", re.compile("[\uac00-\ud7af]")),
    "Cyrillic": ("\u0416", re.compile("[\u0400-\u04ff]")),
    "Arabic": ("\u0639", re.compile("[\u0600-\u06ff]")),
    "Hebrew": ("\u05d0", re.compile("[\u0590-\u05ff]")),
    "Devanagari": ("\u0915", re.compile("[\u0900-\u097f]")),
    "Thai": ("\u0e01", re.compile("[\u0e00-\u0e7f]")),
    "emoji": ("\U0001f600", re.compile("[\U0001f300-\U0001faff]")),
}
"""Writing systems by a letter of theirs: whether this computer can print them is tried."""
LONG_WORD, LONG_PIECE = 16, 24
"""Characters of a word in a table from which on it may be broken after a mark, and of a piece
between marks from which on it may be broken anywhere."""
SIZES = ((9, 6.0), (6, 7.0), (0, 8.0))
"""Columns of a table from which on its letters have a size, in points."""
PAGE, LETTER = 482.0, 0.55
"""Width of the text, in points, and of a letter, in sizes of it."""
SHORT_CELL, SHORT_SHARE = 20, 0.55
"""Columns of texts no longer than this are as wide as these, up to a share of the page."""
_LONG = re.compile(rf"\S{{{LONG_WORD},}}")
_MARK = re.compile(r"[_:/.,@-](?=\w)")
_ENDLESS = re.compile(rf"[^\s\u200b]{{{LONG_PIECE}}}(?=[^\s\u200b])")


def pdf(page: str) -> bytes:
    """Return a report as PDF: tagged, with bookmarks, without a clock.

    Parameters
    ----------
    page : str
        The report as HTML, as `casebook.report.render` makes it.

    Returns
    -------
    bytes
        The same page gives the same bytes under the same fonts.
    """
    import typst

    source = typst_source(page, missing_scripts(page))
    try:
        return _compiled(source, "ua-1")
    except typst.TypstError:
        # PDF/UA takes no letter that cannot be shown. Tagged pages with an empty box, and a note
        # that says so, are better than none.
        return _compiled(source)


def missing_scripts(text: str) -> list[str]:
    """Return the writing systems of a text that no font of this computer holds."""
    return [
        name
        for name, (letter, pattern) in SCRIPTS.items()
        if pattern.search(text) and not _can_print(letter)
    ]


@cache
def _can_print(letter: str) -> bool:
    import typst

    # A standard that forbids letters without a shape is the only way to be told of one.
    try:
        _compiled(f"#{_string(letter)}", "a-2u")
    except typst.TypstError:
        return False
    return True


def _compiled(source: str, *standards: Literal["ua-1", "a-2u"]) -> bytes:
    import typst

    # An empty folder is all that the program could read.
    with tempfile.TemporaryDirectory() as empty:
        program = source.encode("utf-8", "replace")
        compiler = typst.Compiler(root=empty)
        made = compiler.compile(program, format="pdf", pdf_standards=list(standards), timestamp=0)
    if not isinstance(made, bytes):
        raise TypeError("typst gave no file")
    return made


def typst_source(page: str, missing: Iterable[str] = ()) -> str:
    """Return the Typst program that sets a page.

    Parameters
    ----------
    page : str
    missing : iterable of str
        Writing systems that cannot be printed, for the note that says so.
    """
    root, pictures = read_page(page)
    return _Setter(root, pictures, list(missing)).program()


class _Setter:
    """Writes a page as a Typst program."""

    def __init__(self, root: Node, pictures: list[str], missing: list[str]) -> None:
        self.root, self.pictures, self.missing = root, pictures, missing
        everything = list(root.find(*BLOCKS, "span", "a", "table"))
        self.anchors = {n.id for n in everything if n.id} - {"main"}
        self._set: set[str] = set()

    def program(self) -> str:
        title = next((n.words() for n in self.root.find("title")), "Report")
        language = next((n.attributes.get("lang", "en") for n in self.root.find("html")), "en")
        ribbon = next(
            (n.words().strip() for n in self.root.find("div") if "ribbon" in n.classes), ""
        )
        body = next(self.root.find("body"))
        return (
            f"#set document(title: {_string(title)}, date: none)\n"
            f"#let serif = ({_string(SERIF)},)\n#let sans = {_fonts()}\n"
            f"#let mono = {_string(MONO)}\n"
            f"{_STYLE}"
            f"#set text(lang: {_string(language)})\n"
            f"#set page(header: ribbon({_string(ribbon)}))\n"
            f"{self._noted()}"
            f"#{self._all(body.children)}\n"
        )

    def _noted(self) -> str:
        if not self.missing:
            return ""
        told = ", ".join(self.missing)
        return (
            "#block(fill: warnbg, inset: 8pt, width: 100%, text(size: 8.5pt, fill: warn, "
            + _string(
                f"The computer that made these pages has no font for: {told}. Such characters are "
                "empty boxes here; report.html holds them."
            )
            + "))\n"
        )

    # -- content ----------------------------------------------------------------------------------

    def _all(self, children: Iterable[Node | str]) -> str:
        """Return content in Typst's code mode."""
        kept = list(children)
        has_blocks = any(isinstance(c, Node) and c.tag in BLOCKS for c in kept)
        parts = []
        for child in kept:
            if isinstance(child, str):
                text = SPACE.sub(" ", child)
                if text.strip() or (text and not has_blocks):
                    parts.append(_string(text))
            elif made := self._one(child):
                parts.append(made)
        return "{" + "; ".join(parts) + "}" if parts else "[]"

    def _one(self, node: Node) -> str:
        if node.tag in LEFT_OUT or node.classes & ON_SCREEN_ONLY:
            return ""
        make = getattr(self, f"_{node.tag}", None)
        if make is None:
            make = self._block if node.tag in BLOCKS else self._inline
        return str(make(node))

    def _anchored(self, node: Node, content: str) -> str:
        """Return content with the anchor of a node before it; each anchor is set once."""
        if not node.id or node.id not in self.anchors or node.id in self._set:
            return content
        self._set.add(node.id)
        return f"anchor({_string(node.id)}); {content}"

    def _inline(self, node: Node) -> str:
        content = self._all(node.children)
        if "chip" in node.classes:
            filled = "ink" if "id" in node.classes else "none"
            colour = "white" if "id" in node.classes else "ink"
            colour = "warn" if "broken" in node.classes else colour
            return f"chip({content}, fill: {filled}, colour: {colour})"
        if "status" in node.classes:
            colour = "good" if "final" in node.classes else "warn"
            return f'{{" "; status({content}, {colour})}}'
        if node.classes & {"label", "quiet"}:
            made = f"text(font: sans, fill: quiet, weight: 400, {content})"
            return f"{{linebreak(); {made}}}" if "quiet" in node.classes else made
        return content

    def _block(self, node: Node) -> str:
        content = self._anchored(node, self._all(node.children))
        if "chapter" in node.classes:
            return f"pagebreak(weak: true); {content}"
        if node.classes & {"note", "warning"}:
            warns = "warning" in node.classes
            colours = "warnbg, warn" if warns else "pale, quiet"
            return f"aside({{{content}}}, {colours})"
        return content

    def _p(self, node: Node) -> str:
        content = self._all(node.children)
        small = {"evidence", "quiet", "below", "fignote", "versions", "kicker", "plain"}
        if "finding" in node.classes:
            content = f"text(size: 1.06em, {content})"
        elif "chips" in node.classes:
            content = f"text(size: 8pt, font: sans, {content})"
        elif node.classes & {"tabletitle"}:
            content = f"text(font: sans, weight: 600, {content})"
            return self._anchored(node, f"block(sticky: true, above: 1.6em, {content})")
        elif "question" in node.classes:
            content = f"text(size: 1.15em, fill: quiet, {content})"
        elif "synthetic" in node.classes:
            content = f"box(fill: marked, inset: 6pt, text(size: 8.5pt, font: sans, {content}))"
        elif "error" in node.classes:
            content = f"text(fill: warn, weight: 600, {content})"
        elif node.classes & small:
            content = f"text(size: 8pt, font: sans, fill: quiet, {content})"
        return self._anchored(node, f"par({content})")

    def _heading(self, node: Node) -> str:
        level = int(node.tag[1])
        content = self._all(node.children)
        listed = "true" if level <= 3 else "false"
        head = f"heading(level: {level}, outlined: {listed}, bookmarked: {listed}, {content})"
        return self._anchored(node, head)

    _h1 = _h2 = _h3 = _h4 = _h5 = _h6 = _heading

    def _a(self, node: Node) -> str:
        href = node.attributes.get("href", "")
        content = self._all(node.children)
        if href.startswith("#") and href[1:] in self.anchors:
            return f"link(label({_string(href[1:])}), {content})"
        return content

    def _strong(self, node: Node) -> str:
        return f"strong({self._all(node.children)})"

    _b = _strong

    def _em(self, node: Node) -> str:
        return f"emph({self._all(node.children)})"

    _i = _em

    def _code(self, node: Node) -> str:
        return f"raw({_string(node.words())})"

    def _pre(self, node: Node) -> str:
        text = "".join(c if isinstance(c, str) else _verbatim(c) for c in node.children)
        return f"block(fill: pale, inset: 7pt, width: 100%, raw(block: true, {_string(text)}))"

    def _br(self, _node: Node) -> str:
        return "linebreak()"

    def _hr(self, _node: Node) -> str:
        return ""

    def _nav(self, node: Node) -> str:
        # Page numbers are what a list of contents is for on paper.
        head = "".join(f"{self._one(h)}; " for h in node.find("h2"))
        told = "; ".join(self._all(n.children) for n in node.find("details"))
        return f"{{{head}contents; {told}}}"

    def _summary(self, node: Node) -> str:
        return f"par(text(font: sans, weight: 600, size: 9pt, {self._all(node.children)}))"

    def _ul(self, node: Node) -> str:
        items = [n for n in node.children if isinstance(n, Node) and n.tag == "li"]
        held = [f"{{{self._anchored(n, self._all(n.children))}}}" for n in items]
        if not held:
            return ""
        if node.classes & {"entries", "contents", "lists"}:
            return "; ".join(f"block(above: 0.9em, {h})" for h in held)
        kind = "enum" if node.tag == "ol" else "list"
        return f"{kind}({', '.join(held)})"

    _ol = _ul

    def _dl(self, node: Node) -> str:
        pairs = [
            (self._part(n, "dt"), self._part(n, "dd"))
            for n in node.children
            if isinstance(n, Node) and n.tag == "div"
        ]
        rows = ", ".join(f"{dt}, {dd}" for dt, dd in pairs)
        return f"pairs({rows})" if rows else ""

    def _part(self, node: Node, tag: str) -> str:
        return next((self._all(n.children) for n in node.find(tag)), "[]")

    # -- figures and tables -----------------------------------------------------------------------

    def _figure(self, node: Node) -> str:
        captions = [n for n in node.children if isinstance(n, Node) and n.tag == "figcaption"]
        head = "; ".join(
            f"block(sticky: true, text(font: sans, weight: 600, {self._all(c.children)}))"
            for c in captions
        )
        rest = self._all(c for c in node.children if c not in captions)
        return f"block(breakable: false, width: 100%, {{{self._anchored(node, head)}; {rest}}})"

    def _picture(self, node: Node) -> str:
        svg = self.pictures[int(node.attributes["number"])]
        told = re.search(r"<desc[^>]*>(.*?)</desc>", svg, re.DOTALL)
        width = re.search(r'<svg[^>]*?\bwidth="([\d.]+)"', svg)
        points = f"{float(width[1]) * 0.75:.1f}pt" if width else "470pt"
        alt = _unescaped(told[1]) if told else "A picture without a description"
        return f"drawn(bytes({_string(svg)}), {points}, {_string(SPACE.sub(' ', alt).strip())})"

    def _table(self, node: Node) -> str:
        heads = [c for r in _rows(node, "thead") for c in _cells(r)]
        body = [_cells(r) for r in _rows(node, "tbody")]
        width = max([len(heads), *map(len, body)], default=0)
        if not width:
            return ""
        size = next(s for least, s in SIZES if width >= least)
        shares = _shares(heads, body, width, size)
        aligned = [
            "right" if len(heads) > i and "num" in heads[i].classes else "left"
            for i in range(width)
        ]
        top = ", ".join(f"strong({self._cell(h, width)})" for h in heads)
        cells = ", ".join(
            self._cell(row[i], width) if i < len(row) else "[]"
            for row in body
            for i in range(width)
        )
        return (
            f"listing(({', '.join(shares)},), ({', '.join(aligned)},), {size}pt, "
            f"table.header({top}){', ' if cells else ''}{cells})"
        )

    def _cell(self, node: Node, width: int) -> str:
        if width < 3 or max((len(w) for w in node.words().split()), default=0) < LONG_WORD:
            return self._all(node.children)
        return self._all(_breakable(node).children)


def _rows(table: Node, part: str) -> list[Node]:
    return [row for p in table.find(part) for row in p.find("tr")]


def _cells(row: Node) -> list[Node]:
    return list(row.find("th", "td"))


def _breakable(node: Node) -> Node:
    """Return a copy in which a word of endless length may be broken."""
    held = [
        _breakable(child) if isinstance(child, Node) else _LONG.sub(_broken, child)
        for child in node.children
    ]
    return Node("span" if node.tag == "code" else node.tag, node.attributes, held)


def _broken(match: re.Match[str]) -> str:
    marked = _MARK.sub("\\g<0>\u200b", match[0])
    return _ENDLESS.sub("\\g<0>\u200b", marked)


def _shares(heads: list[Node], body: list[list[Node]], width: int, points: float) -> list[str]:
    """Return the widths of columns: short ones as wide as they are, the others by their words."""
    longest, weight = [], []
    for i in range(width):
        texts = [row[i].words().strip() for row in body if i < len(row)]
        longest.append(max(map(len, texts), default=0))
        # A heading is broken between words, never within one.
        head = heads[i].words().split() if i < len(heads) else []
        longest[i] = max([longest[i], *map(len, head)])
        mean = sum(map(len, texts)) / max(len(texts), 1)
        weight.append(max(12.0, min(mean, 120.0)))
    short: set[int] = set()
    room = SHORT_SHARE * PAGE
    for i in sorted(range(width), key=lambda i: (longest[i], i)):
        room -= longest[i] * points * LETTER + 6
        if longest[i] > SHORT_CELL or room < 0:
            break
        short.add(i)
    return ["auto" if i in short else f"{weight[i]:.1f}fr" for i in range(width)]


def _verbatim(node: Node) -> str:
    return "".join(c if isinstance(c, str) else _verbatim(c) for c in node.children)


def _unescaped(text: str) -> str:
    from html import unescape

    return unescape(text)


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _string(text: str) -> str:
    """Return a text as a Typst string: the only form in which words get into the program."""
    shown = "".join(_ESCAPES.get(c, c) for c in text if c >= " " or c in "\n\t")
    return f'"{shown}"'


@cache
def _fonts() -> str:
    """Return the fonts without serifs that this computer has, the best first."""
    import typst

    there = set(typst.Fonts().families())
    named = [*(f for f in SANS if f in there), SERIF]
    return f"({', '.join(_string(n) for n in named)},)"


_STYLE = """
#let ink = rgb("#1b1f24"); #let quiet = rgb("#56606d"); #let pale = rgb("#f4f6f8")
#let line-colour = rgb("#d5d9df"); #let warn = rgb("#8a2f00"); #let warnbg = rgb("#fdf1ea")
#let good = rgb("#005a43"); #let marked = rgb("#fff3c4"); #let accent = rgb("#0b5c8a")
#set page(paper: "a4", margin: (x: 20mm, top: 22mm, bottom: 20mm))
#set page(footer: context align(right, text(size: 8pt, font: sans, fill: quiet,
  [#counter(page).display() / #counter(page).final().first()])))
#set text(font: serif, size: 10.5pt, fill: ink)
#set par(leading: 0.62em, spacing: 0.9em)
#set enum(spacing: 1.2em)
#set list(spacing: 0.7em)
#show raw: set text(font: mono, size: 0.86em)
#show heading: set text(font: sans)
#show heading: set block(sticky: true)
#show heading.where(level: 1): set text(size: 21pt)
#show heading.where(level: 2): set text(size: 15pt)
#show heading.where(level: 2): set block(above: 1.8em, below: 0.9em)
#show heading.where(level: 3): set text(size: 11.5pt)
#show heading.where(level: 3): set block(above: 1.6em, below: 0.8em)
#show link: set text(fill: accent)
#let ribbon(words) = align(center, text(size: 8pt, font: sans, fill: warn, words))
#let anchor(name) = [#metadata(name) #label(name)]
#let chip(body, fill: none, colour: ink) = {
  box(fill: fill, stroke: 0.6pt + quiet, inset: (x: 4pt, y: 0pt), outset: (y: 2.5pt), radius: 6pt,
    text(fill: colour, body))
  h(4pt)
}
#let status(body, colour) = box(stroke: 1pt + colour, inset: (x: 4pt), outset: (y: 3pt),
  radius: 2pt, text(fill: colour, weight: 700, font: sans, body))
#let aside(body, back, edge) = block(fill: back, stroke: (left: 2.5pt + edge), inset: 8pt,
  width: 100%, body)
#let pairs(..cells) = block(text(font: sans, size: 8.5pt, grid(columns: (1fr, 1.3fr),
  row-gutter: 0.75em, column-gutter: 1em, ..cells)))
#let drawn(data, width, alt) = layout(size => image(data, format: "svg", alt: alt,
  width: calc.min(width, size.width)))
#let listing(columns, sides, size, ..cells) = block(above: 0.7em, {
  set text(size: size, font: sans, hyphenate: true)
  set par(leading: 0.5em)
  table(columns: columns, align: (x, y) => sides.at(x) + top, inset: (x: 3pt, y: 3pt),
    stroke: (x, y) => (bottom: if y == 0 { 1.2pt + ink } else { 0.4pt + line-colour }), ..cells)
})
#let contents = outline(title: none, depth: 3,
  target: heading.where(level: 2, outlined: true).or(heading.where(level: 3, outlined: true)))
"""
