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

from casebook.language import say, word
from casebook.report.columns import PAGE, Layout, breakable, layout
from casebook.report.elements import BLOCKS, SPACE, Node, read_page

if TYPE_CHECKING:
    from collections.abc import Iterable

LEFT_OUT = {"head", "style", "script", "caption"}
ON_SCREEN_ONLY = {"skip", "numbers", "code", "unseen", "ribbon", "files", "hint"}
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
SMALL_TABLE = 160.0
"""Points: a table no higher is kept on one page with its title and its notes."""
WIDEST, TALLEST = 462.0, 225.0
"""Points: a picture is drawn smaller rather than wider or higher than this."""
SMALLEST, PAGE_HIGH = 0.75, 560.0
"""Scale below which labels cannot be read: then the picture gets up to a page's height instead."""
CARD_LINE, CARD_PAGE = 44, 200
"""Characters of a line in a column of entries; and lines, all columns together, of a page."""
NAME, BRIEF = 60, 40
"""Characters: of a first cell that names a card; and from which on a text has a line of its own."""


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

    missing = missing_scripts(page)
    source = typst_source(page, missing)
    # PDF/UA takes no letter that cannot be shown. Tagged pages with an empty box, and a note that
    # says so, are better than none.
    if missing:
        return _compiled(source)
    try:
        return _compiled(source, "ua-1")
    except typst.TypstError:
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
            f"#set page(header: ribbon({_string(ribbon)}), footer: foot({_string(title)}))\n"
            f"{self._noted()}"
            f"#{self._all(body.children)}\n"
        )

    def _noted(self) -> str:
        if not self.missing:
            return ""
        told = say(
            "The computer that made these pages has no font for: {scripts}. Such characters are "
            "empty boxes here; report.html holds them.",
            scripts=", ".join(word(name) for name in self.missing),
        )
        return (
            "#block(fill: warnbg, inset: 8pt, width: 100%, text(size: 8.5pt, fill: warn, "
            f"{_string(told)}))\n"
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
        if "listing" in node.classes:
            return self._listing(node)
        content = self._anchored(node, self._all(node.children))
        if "chapter" in node.classes:
            return f"need; {content}"
        if "ladder" in node.classes:
            return f"framed({{{content}}})"
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
            size = "0.9em" if "quiet" in node.classes else "8pt"
            content = f"text(size: {size}, font: sans, fill: quiet, {content})"
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
        parts = [self._one(h) for h in node.find("h2")]
        listed = [n for n in node.children if isinstance(n, Node) and n.tag == "ul"]
        parts += [self._entries(entries_of(n), 8.5) for n in listed]
        for details in node.find("details"):
            parts += [self._one(s) for s in details.find("summary")]
            parts += [self._entries(entries_of(n), 7.5) for n in details.find("ul")]
        return "{" + "; ".join(filter(None, parts)) + "}"

    def _entries(self, entries: list[tuple[int, str, str]], size: float) -> str:
        """Return a list of places with their pages, in two columns of one height."""
        known = [e for e in entries if e[1] in self.anchors]
        heights = [1 + len(text) * size // 420 for _, _, text in known]
        half, sofar = len(known), 0.0
        for i, height in enumerate(heights):
            sofar += height
            if sofar * 2 >= sum(heights):
                half = i + 1
                break
        made = [
            f"entry({_string(anchor)}, {level}, {_string(text)})" for level, anchor, text in known
        ]
        left, right = "; ".join(made[:half]) or "[]", "; ".join(made[half:]) or "[]"
        return f"places({size}pt, {{{left}}}, {{{right}}})"

    def _summary(self, node: Node) -> str:
        content = self._all(node.children)
        return f"block(sticky: true, text(font: sans, weight: 600, size: 9pt, {content}))"

    def _ul(self, node: Node) -> str:
        items = [n for n in node.children if isinstance(n, Node) and n.tag == "li"]
        held = [f"{{{self._anchored(n, self._all(n.children))}}}" for n in items]
        if not held:
            return ""
        if "entries" in node.classes:
            return self._cards(items, held)
        kind = "enum" if node.tag == "ol" else "list"
        return f"{kind}({', '.join(held)})"

    _ol = _ul

    def _cards(self, items: list[Node], held: list[str]) -> str:
        """Return entries in three columns; in two of one height where they fill no page."""
        heights = [
            sum(-(-len(p.words()) // CARD_LINE) for p in item.find("p")) + 0.8 for item in items
        ]
        if sum(heights) > CARD_PAGE:
            return f"cards({', '.join(held)})"
        half = next(
            (i for i in range(len(held)) if sum(heights[:i]) * 2 >= sum(heights)), len(held)
        )
        left, right = ", ".join(held[:half]), ", ".join(held[half:])
        return f"halves(({left}{',' if left else ''}), ({right}{',' if right else ''}))"

    def _dl(self, node: Node) -> str:
        pairs = [
            (self._part(n, "dt"), self._part(n, "dd"))
            for n in node.children
            if isinstance(n, Node) and n.tag == "div"
        ]
        rows = ", ".join(f"{dt}, {dd}" for dt, dd in pairs)
        kind = next((k for k in ("facts", "glossary") if k in node.classes), "pairs")
        return f"{kind}({rows})" if rows else ""

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
        return f"whole({{{self._anchored(node, head)}; {rest}}})"

    def _picture(self, node: Node) -> str:
        svg = self.pictures[int(node.attributes["number"])]
        told = re.search(r"<desc[^>]*>(.*?)</desc>", svg, re.DOTALL)
        width, height = (
            float(found[1]) * 0.75
            if (found := re.search(rf'<svg[^>]*?\b{side}="([\d.]+)"', svg))
            else 0
            for side in ("width", "height")
        )
        points = min(width or PAGE, WIDEST)
        if width and height:
            tallest = min(max(TALLEST, SMALLEST * height), PAGE_HIGH)
            points = min(points, tallest * width / height)
        alt = _unescaped(told[1]) if told else say("A picture without a description")
        return (
            f"drawn(bytes({_string(svg)}), {points:.1f}pt, {_string(SPACE.sub(' ', alt).strip())})"
        )

    def _listing(self, node: Node) -> str:
        """Return a table with its title and notes: whole, where it is small.

        The notes of a long one come before it, where they are read.
        """
        inner = [c for c in node.children if isinstance(c, Node)]
        title = [self._one(c) for c in inner if "tabletitle" in c.classes]
        notes = [self._one(c) for c in inner if "fignote" in c.classes]
        frames = [c for c in inner if "scroll" in c.classes]
        tables = [t for f in frames for t in f.find("table")]
        height = sum(_laid_out(t).height for t in tables)
        anchor = f"anchor({_string(node.id)})" if node.id and node.id not in self._set else ""
        self._set.add(node.id)
        body = [self._table(t) for t in tables]
        parts = [anchor, *title, *body, *notes]
        if height <= SMALL_TABLE:
            return f"whole({{{'; '.join(filter(None, parts))}}})"
        return "; ".join(filter(None, ["need", anchor, *title, *notes, *body]))

    def _table(self, node: Node) -> str:
        heads, body, width = _parts(node)
        if not width:
            return ""
        how = _laid_out(node)
        if how.as_records:
            return self._records(heads, body)
        aligned = [
            "right" if len(heads) > i and "num" in heads[i].classes else "left"
            for i in range(width)
        ]
        top = ", ".join(f"strong({self._cell(h)})" for h in heads)
        cells = ", ".join(
            self._cell(row[i]) if i < len(row) else "[]" for row in body for i in range(width)
        )
        widths = ", ".join(f"{w:.1f}pt" for w in how.widths)
        return (
            f"listing(({widths},), ({', '.join(aligned)},), {how.size}pt, "
            f"table.header({top}){', ' if cells else ''}{cells})"
        )

    def _records(self, heads: list[Node], body: list[list[Node]]) -> str:
        """Return each row as a card: its name, what is short on a line, what is long below."""
        names = [h.words().strip() for h in heads]
        cards = []
        for row in body:
            pairs = list(zip(names, row, strict=False))
            named = bool(pairs) and len(pairs[0][1].words().strip()) <= NAME
            head = self._cell(pairs[0][1]) if named else "[]"
            rest = pairs[1:] if named else pairs
            short = [(n, c) for n, c in rest if len(c.words().strip()) < BRIEF]
            long = [(n, c) for n, c in rest if len(c.words().strip()) >= BRIEF]
            facts = ", ".join(f"fact({_string(n)}, {self._cell(c)})" for n, c in short)
            texts = ", ".join(f"told({_string(n)}, {self._cell(c)})" for n, c in long)
            cards.append(f"record({head}, ({facts}{',' if facts else ''}), {texts or '[]'})")
        return f"records({', '.join(cards)})"

    def _cell(self, node: Node) -> str:
        return self._all(_breakable(node).children)


def entries_of(listed: Node, level: int = 0) -> list[tuple[int, str, str]]:
    """Return the entries of a list of places: how deep, anchor, words."""
    found = []
    for item in listed.children:
        if not isinstance(item, Node):
            continue
        for child in item.children:
            if isinstance(child, Node) and child.tag == "a":
                anchor = child.attributes.get("href", "").removeprefix("#")
                found.append((level, anchor, child.words().strip()))
            elif isinstance(child, Node) and child.tag == "ul":
                found += entries_of(child, level + 1)
    return found


def _parts(table: Node) -> tuple[list[Node], list[list[Node]], int]:
    """Return the headers of a table, its rows, and how many columns it has."""
    heads = [c for r in _rows(table, "thead") for c in _cells(r)]
    body = [_cells(r) for r in _rows(table, "tbody")]
    return heads, body, max([len(heads), *map(len, body)], default=0)


def _laid_out(table: Node) -> Layout:
    heads, body, width = _parts(table)
    told = [[c.words().strip() for c in row] + [""] * (width - len(row)) for row in (heads, *body)]
    return layout(told[0], told[1:])


def _rows(table: Node, part: str) -> list[Node]:
    return [row for p in table.find(part) for row in p.find("tr")]


def _cells(row: Node) -> list[Node]:
    return list(row.find("th", "td"))


def _breakable(node: Node) -> Node:
    """Return a copy in which a word of endless length may be broken."""
    held = [
        _breakable(child) if isinstance(child, Node) else breakable(child)
        for child in node.children
    ]
    return Node("span" if node.tag == "code" else node.tag, node.attributes, held)


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
#let ink = rgb("#1b1f24"); #let quiet = rgb("#4f5965"); #let pale = rgb("#f4f6f8")
#let line-colour = rgb("#d5d9df"); #let warn = rgb("#8a2f00"); #let warnbg = rgb("#fdf1ea")
#let good = rgb("#005a43"); #let marked = rgb("#fff3c4"); #let accent = rgb("#0b5c8a")
#set page(paper: "a4", margin: (x: 18.5mm, top: 16mm, bottom: 15mm))
#set text(font: serif, size: 9.5pt, fill: ink)
#set par(leading: 0.6em, spacing: 0.85em)
#set enum(spacing: 1.1em)
#set list(spacing: 0.65em)
#set place(clearance: 1.4em)
#show raw: set text(font: mono, size: 0.86em)
#show heading: set text(font: sans)
#show heading: set block(sticky: true)
#show heading.where(level: 1): set text(size: 20pt)
#show heading.where(level: 2): set text(size: 14.5pt)
#show heading.where(level: 2): set block(above: 2em, below: 0.9em)
#show heading.where(level: 3): set text(size: 11pt)
#show heading.where(level: 3): set block(above: 1.5em, below: 0.75em)
#show link: set text(fill: accent)
#let ribbon(words) = align(center, text(size: 8pt, font: sans, fill: warn, words))
#let foot(words) = context text(size: 7.5pt, font: sans, fill: quiet, {
  words; h(1fr); [#counter(page).display() / #counter(page).final().first()]
})
#let anchor(name) = [#metadata(name) #label(name)]
#let need = { block(height: 10%, above: 0pt, below: 0pt, breakable: false, []); v(-10%) }
#let chip(body, fill: none, colour: ink) = {
  box(fill: fill, stroke: 0.6pt + quiet, inset: (x: 4pt, y: 0pt), outset: (y: 2.5pt), radius: 6pt,
    text(fill: colour, body))
  h(4pt)
}
#let status(body, colour) = box(stroke: 1pt + colour, inset: (x: 4pt), outset: (y: 3pt),
  radius: 2pt, text(fill: colour, weight: 700, font: sans, body))
#let aside(body, back, edge) = block(fill: back, stroke: (left: 2.5pt + edge), inset: 8pt,
  width: 100%, body)
#let framed(body) = block(stroke: 0.6pt + line-colour, radius: 3pt, inset: 9pt, width: 100%,
  above: 1.5em, breakable: false, body)
#let in-two(shares, gap, size: 8.5pt, ..cells) = block(text(font: sans, size: size,
  grid(columns: shares, row-gutter: gap, column-gutter: 1em, ..cells)))
#let pairs(..cells) = in-two((1fr, 1.3fr), 0.75em, ..cells)
#let glossary(..cells) = in-two((1fr, 5fr), 0.6em, size: 7.5pt, ..cells.pos().enumerate().map(
  ((i, c)) => if calc.even(i) { strong(c) } else { c }))
#let facts(..cells) = in-two((auto, 1fr, auto, 1fr), 0.7em, ..cells.pos().enumerate().map(
  ((i, c)) => if calc.even(i) { text(fill: quiet, c) } else { c }))
#let drawn(data, width, alt) = image(data, format: "svg", alt: alt, width: width)
#let whole(body) = block(breakable: false, width: 100%, above: 1.5em, below: 1.3em, body)
#let listing(columns, sides, size, ..cells) = block(above: 0.7em, {
  set text(size: size, font: sans, hyphenate: false)
  set par(leading: 0.5em)
  set table.cell(breakable: false)
  table(columns: columns.map(c => c + 6pt), align: (x, y) => sides.at(x) + top,
    inset: (left: 0pt, right: 6pt, y: 2.2pt),
    stroke: (x, y) => (bottom: if y == 0 { 1pt + ink } else { 0.4pt + line-colour }), ..cells)
})
#let fact(name, body) = (name, body)
#let told(name, body) = par(hanging-indent: 1em, { text(fill: quiet, name + ": "); body })
#let record(head, facts, ..texts) = block(breakable: false, width: 100%, above: 0pt, below: 0pt,
  inset: (y: 3.2pt), stroke: (bottom: 0.4pt + line-colour), {
    strong(head)
    for (name, body) in facts { [ #h(6pt)#text(fill: quiet, name + ":")~#body] }
    for t in texts.pos() { t }
})
#let records(..cards) = block(above: 0.7em, stroke: (top: 1pt + ink), width: 100%, {
  set text(size: 7.5pt, font: sans, hyphenate: false)
  set par(leading: 0.48em, spacing: 0.5em)
  for card in cards.pos() { card }
})
#let entry(name, level, body) = block(above: if level == 0 { 0.75em } else { 0.5em },
  below: 0pt, breakable: false, inset: (left: level * 9pt), link(label(name), {
    body; h(1fr); h(4pt); context counter(page).at(label(name)).first()
}))
#let places(size, left, right) = block(text(size: size, font: sans, hyphenate: false, {
  show link: set text(fill: ink)
  set par(leading: 0.45em)
  grid(columns: (1fr, 1fr), column-gutter: 18pt, left, right)
}))
#let card(item) = block(above: 0pt, below: 0pt, width: 100%, breakable: false, inset: (y: 4pt),
  stroke: (top: 0.4pt + line-colour), item)
#let small(body) = {
  set text(size: 7.2pt)
  set par(leading: 0.48em, spacing: 0.45em)
  body
}
#let cards(..items) = columns(3, gutter: 12pt, small(items.pos().map(card).join()))
#let halves(left, right) = small(grid(columns: (1fr, 1fr), column-gutter: 16pt,
  left.map(card).join(), right.map(card).join()))
"""
