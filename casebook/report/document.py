"""From executed notebooks to the parts of a report: chapters, blocks, numbered exhibits.

Only two kinds of content of a notebook reach a report: its words, as Markdown without HTML, and its
exhibits. Whatever else a cell has put out is printed as plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casebook.exhibits import MIME
from casebook.language import word
from casebook.report.picture import PictureError, checked_svg
from casebook.report.prose import Heading, Outline, inline, prose, slug
from casebook.report.references import Place
from casebook.report.tables import html_table
from casebook.text import escape_html, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from casebook.report.references import References

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
NUMBERS_PRINTED = 100
"""Rows of the numbers behind a figure; the rest is in the executed notebook."""
ROWS_PRINTED = 300
"""Rows of a table; a longer one is a file, not a page."""


@dataclass
class Block:
    """One piece of a chapter, as safe HTML."""

    kind: str
    html: str
    anchor: str = ""
    """Name of its place in the page, on the first block of each cell."""
    source: str = ""
    """For code: the text of the cells it shows."""


@dataclass
class Chapter:
    """One step of the investigation."""

    step: str
    anchor: str
    outline: Outline
    blocks: list[Block] = field(default_factory=list)
    complete: bool = False

    @property
    def title(self) -> str:
        """The words of its first heading."""
        return self.outline.title or self.step

    @property
    def sections(self) -> list[Heading]:
        """The headings right under its title."""
        return [h for h in self.outline.headings[1:] if h.level == 3]


class Document:
    """The chapters of a report, with figures and tables numbered through the whole.

    Parameters
    ----------
    references : References
        Filled with what the chapters cite.
    """

    def __init__(self, references: References) -> None:
        self.references = references
        self.chapters: list[Chapter] = []
        self.figures: list[Heading] = []
        self.tables: list[Heading] = []
        self._targets: dict[str, str] = {}

    def add(self, notebooks: Iterable[tuple[str, Any]]) -> None:
        """Add a chapter for each executed notebook, in order."""
        given = list(notebooks)
        self._targets = {f"{step}.ipynb": f"step-{slug(step)}" for step, _ in given}
        self.chapters += [self._chapter(step, notebook) for step, notebook in given]

    def _chapter(self, step: str, notebook: Any) -> Chapter:
        anchor = f"step-{slug(step)}"
        chapter = Chapter(step, anchor, Outline(anchor, self._targets))
        if not _has_title(notebook):
            heading = chapter.outline.add(1, step)
            html = f'<h2 id="{heading.anchor}">{escape_html(step)}</h2>'
            chapter.blocks.append(Block("words", html))
        for cell in notebook.cells:
            before = len(chapter.blocks)
            place = Place(chapter.title, f"{anchor}-{slug(cell.get('id') or 'cell')}")
            if cell.cell_type == "markdown":
                self._add_words(chapter, _for_readers(cell.source), place)
            elif cell.cell_type == "code":
                self._add_code(chapter, cell, place)
            if len(chapter.blocks) > before:
                chapter.blocks[before].anchor = place.anchor
        return chapter

    def _add_words(self, chapter: Chapter, source: str, place: Place) -> None:
        if source.strip():
            html = prose(source, chapter.outline)
            linked = self.references.link(html, _named(chapter, place))
            chapter.blocks.append(Block("words", linked))

    def _add_code(self, chapter: Chapter, cell: Any, place: Place) -> None:
        for output in cell.get("outputs", []):
            block = self._output(chapter, output, _named(chapter, place))
            if block is not None:
                chapter.blocks.append(block)
        source = visible(cell.source).strip()
        if not source or _is_last_line(source):
            return
        last = chapter.blocks[-1] if chapter.blocks else None
        if last is not None and last.kind == "code":
            last.source = f"{last.source}\n\n{source}"
            last.html = _code(last.source)
        else:
            chapter.blocks.append(Block("code", _code(source), source=source))

    # -- outputs --------------------------------------------------------------------------------

    def _output(self, chapter: Chapter, output: Any, place: Place) -> Block | None:
        kind = output.get("output_type")
        if kind == "stream":
            return _plain(output.get("text", ""))
        if kind == "error":
            said = ANSI.sub("", f"{output.get('ename')}: {output.get('evalue')}")
            return Block("error", f"<p class=error>A cell did not finish. {escape_html(said)}</p>")
        content = output.get("data", {})
        exhibit = content.get(MIME)
        made = self._exhibit(chapter, exhibit, place) if isinstance(exhibit, dict) else None
        if made is not None:
            return made if made.kind != "sentinel" else None
        return _plain(content.get("text/plain", ""))

    def _exhibit(self, chapter: Chapter, exhibit: dict[str, Any], place: Place) -> Block | None:
        """Return the block of an exhibit, or None where it is not made as exhibits are."""
        makers: dict[str, tuple[Callable[..., Block], Mapping[str, type]]] = {
            "figure": (self._figure, {**_TABLE, "title": str, "alt": str, "svg": str}),
            "table": (self._table, {**_TABLE, "title": str}),
            "statement": (self._statement, {"markdown": str}),
            "note": (self._note, {"markdown": str}),
            "sentinel": (self._sentinel, {"step": str}),
        }
        maker, wanted = makers.get(str(exhibit.get("type")), (None, {}))
        if maker is None or not all(isinstance(exhibit.get(k), t) for k, t in wanted.items()):
            return None
        if not all(isinstance(row, list) for row in exhibit.get("rows", [])):
            return None
        return maker(chapter, exhibit, place)

    def _figure(self, _chapter: Chapter, exhibit: dict[str, Any], _place: Place) -> Block:
        heading = _next(self.figures, "Figure", exhibit["title"])
        label, _, title = heading.text.partition(". ")
        place = Place(label, heading.anchor)
        below = [
            f"{word}: {escape_html(str(exhibit[key]))}"
            for key, word in (("n", "n"), ("period", "Period"), ("source", "Source"))
            if exhibit.get(key)
        ]
        below += ["Synthetic data"] if exhibit.get("synthetic") else []
        note = self._small(exhibit.get("note"), place)
        numbers = self._rows(exhibit, f"The numbers behind {label}", place, NUMBERS_PRINTED)
        return Block(
            "figure",
            f'<figure id="{heading.anchor}"><figcaption><span class=label>{label}</span> '
            f"{escape_html(title)}</figcaption>{_picture(exhibit['svg'], heading)}"
            f"{'<p class=below>' + '. '.join(below) + '.</p>' if below else ''}{note}"
            f"<details class=numbers><summary>The numbers behind {label}, and its description"
            f"</summary><p class=fignote>{escape_html(exhibit['alt'])}</p>{numbers}</details>"
            "</figure>",
        )

    def _table(self, _chapter: Chapter, exhibit: dict[str, Any], _place: Place) -> Block:
        heading = _next(self.tables, "Table", exhibit["title"])
        label, _, title = heading.text.partition(". ")
        place = Place(label, heading.anchor)
        table = self._rows(exhibit, heading.text, place, ROWS_PRINTED)
        mark = "<p class=fignote>Synthetic data.</p>" if exhibit.get("synthetic") else ""
        head = f"<p class=tabletitle><span class=label>{label}</span> {escape_html(title)}</p>"
        return Block(
            "table",
            f'<div class=listing id="{heading.anchor}">{head}{table}'
            f"{self._small(exhibit.get('note'), place)}{mark}</div>",
        )

    def _rows(self, exhibit: dict[str, Any], label: str, place: Place, at_most: int) -> str:
        rows = exhibit["rows"]
        total = max(len(rows), _whole(exhibit.get("total")))
        shown = rows[:at_most]
        table = html_table(
            exhibit["columns"],
            shown,
            label=label,
            numeric=exhibit.get("numeric"),
            link=lambda html, is_list: self.references.link(html, place, is_list=is_list),
        )
        if total == len(shown):
            return table
        where = "the executed notebook" if len(rows) == total else "the table it was taken from"
        return f"{table}<p class=fignote>{len(shown):,} of {total:,} rows; all are in {where}.</p>"

    def _small(self, note: Any, place: Place) -> str:
        if not isinstance(note, str) or not note:
            return ""
        return f"<p class=fignote>{self.references.link(inline(note), place)}</p>"

    def _statement(self, chapter: Chapter, exhibit: dict[str, Any], place: Place) -> Block:
        html = self.references.link(prose(exhibit["markdown"], chapter.outline), place)
        cited = ", ".join(str(e) for e in _list(exhibit.get("evidence")))
        if cited:
            links = self.references.link(escape_html(cited), place, is_list=True)
            html += f"<p class=evidence>Evidence: {links}</p>"
        return Block("statement", html)

    def _note(self, chapter: Chapter, exhibit: dict[str, Any], place: Place) -> Block:
        html = self._statement(chapter, exhibit, place).html
        return Block("note", f"<div class=note>{html}</div>")

    def _sentinel(self, chapter: Chapter, exhibit: dict[str, Any], _place: Place) -> Block:
        chapter.complete = exhibit["step"] == chapter.step
        return Block("sentinel", "")


_TABLE: Mapping[str, type] = {"columns": list, "rows": list}


def _named(chapter: Chapter, place: Place) -> Place:
    """Call a place by the section it stands in, as far as the chapter has got."""
    above = [h for h in chapter.outline.headings if h.level <= 3]
    if not above:
        return Place(chapter.step, place.anchor)
    number = re.match(r"\d+[a-z]?(?=\. )", chapter.title)
    # Sections of different chapters may be called the same.
    of = f"{number[0]}: " if number and above[-1].level == 3 else ""
    return Place(f"{of}{above[-1].text}", place.anchor)


def _has_title(notebook: Any) -> bool:
    first = next((c for c in notebook.cells if c.cell_type == "markdown"), None)
    return first is not None and bool(re.match(r"\s*#{1,6}\s+\S", first.source))


def _for_readers(source: str) -> str:
    """Return a cell in the case's language, without what only helps in a notebook.

    That is what it needs, and what comes next. The catalogue holds paragraphs.
    """
    paragraphs = re.split(r"\n\s*\n", source)
    return "\n\n".join(word(p) for p in paragraphs if not p.startswith(("**Needs**", "Next: ")))


def _is_last_line(source: str) -> bool:
    return source.startswith("case.finish(") and "\n" not in source


def _code(source: str) -> str:
    return (
        f"<details class=code><summary>Code</summary><pre><code>{escape_html(source)}</code></pre>"
        "</details>"
    )


def _plain(text: Any) -> Block | None:
    whole = text if isinstance(text, str) else "".join(str(t) for t in _list(text))
    whole = ANSI.sub("", whole).strip()
    return Block("plain", f"<pre class=plain>{escape_html(whole)}</pre>") if whole else None


def _next(listed: list[Heading], word: str, title: str) -> Heading:
    number = len(listed) + 1
    heading = Heading(0, f"{word} {number}. {visible(title)}", f"{word.lower()}-{number}")
    listed.append(heading)
    return heading


def _picture(svg: str, heading: Heading) -> str:
    label = heading.text.partition(". ")[0]
    try:
        drawn = checked_svg(svg, heading.anchor)
    except PictureError as error:
        said = escape_html(f"This picture is not printed, because it holds {error}.")
        return f"<p class=error>{said}</p>"
    return f'<div class=picture role=region tabindex=0 aria-label="{label}, picture">{drawn}</div>'


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0
