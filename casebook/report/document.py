"""From executed notebooks to the parts of a report: chapters, blocks, numbered exhibits.

Chapters are those of `casebook.report.outline`. Under each exhibit stand its notebook and its cell,
so that whoever doubts it finds where it was made.

Only two kinds of content of a notebook reach a report: its words, as Markdown without HTML, and its
exhibits. Whatever else a cell has put out is printed as plain text.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casebook.exhibits import LIGHT_MARK, MIME
from casebook.language import say, word
from casebook.report.figures import ENDINGS, FOLDER, Picture
from casebook.report.outline import arranged, heading_of, without_heading
from casebook.report.picture import PictureError, checked_svg
from casebook.report.prose import Heading, Outline, inline, prose, slug
from casebook.report.references import Place
from casebook.report.tables import html_table
from casebook.text import escape_html, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from casebook.report.outline import Planned
    from casebook.report.references import References

PNG = b"\x89PNG\r\n\x1a\n"
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
    step: str = ""
    """For code: the notebook it is from."""


@dataclass(frozen=True)
class Origin:
    """Where something was made."""

    step: str
    cell: str

    @property
    def anchor(self) -> str:
        """Name of the place in the page where the output of the cell begins."""
        return f"step-{slug(self.step)}-{slug(self.cell)}"


@dataclass
class Chapter:
    """One chapter of the report."""

    key: str
    anchor: str
    outline: Outline
    blocks: list[Block] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The words of its heading."""
        return self.outline.title or self.key

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
    files : bool
        Whether figures lead to their files beside the page.
    """

    def __init__(self, references: References, *, files: bool = False) -> None:
        self.references = references
        self.files = files
        self.chapters: list[Chapter] = []
        self.figures: list[Heading] = []
        self.tables: list[Heading] = []
        self.ended: dict[str, bool] = {}
        """Step -> whether its notebook says that it came to its end."""
        self.pictures: list[Picture] = []
        """Figures that lead to files, with what these hold."""
        self._targets: dict[str, str] = {}

    def add(self, notebooks: Iterable[tuple[str, Any]]) -> None:
        """Add the chapters of executed notebooks, given in the order of their steps."""
        given = list(notebooks)
        self.ended = {step: _has_ended(step, notebook) for step, notebook in given}
        planned = arranged(given)
        for chapter in planned:
            for section in chapter.sections:
                self._targets.setdefault(f"{section.step}.ipynb", f"chapter-{slug(chapter.key)}")
        for number, chapter in enumerate(planned, start=1):
            self.chapters.append(self._chapter(number, chapter))

    def _chapter(self, number: int, planned: Planned) -> Chapter:
        anchor = f"chapter-{slug(planned.key)}"
        chapter = Chapter(planned.key, anchor, Outline(anchor, self._targets))
        title = word(planned.title) or word(_title_of(planned))
        heading = chapter.outline.add(1, f"{number}. {title}")
        html = f'<h2 id="{heading.anchor}">{escape_html(heading.text)}</h2>'
        chapter.blocks.append(Block("words", html))
        for section in planned.sections:
            for cell in section.cells:
                self._add(chapter, section.step, cell, planned.title)
        return chapter

    def _add(self, chapter: Chapter, step: str, cell: Any, title: str) -> None:
        before = len(chapter.blocks)
        made_in = Origin(step, str(cell.get("id") or "cell"))
        if cell.cell_type == "markdown":
            source = cell.source
            # The title of a notebook is not that of a chapter, and a chapter says its own once.
            is_title = source.lstrip().startswith("# ") or heading_of(source) == title
            told = _for_readers(without_heading(source) if is_title else source)
            self._add_words(chapter, told, made_in)
        elif cell.cell_type == "code":
            self._add_code(chapter, cell, made_in)
        if len(chapter.blocks) > before:
            chapter.blocks[before].anchor = made_in.anchor

    def _add_words(self, chapter: Chapter, source: str, made_in: Origin) -> None:
        if source.strip():
            html = prose(source, chapter.outline)
            linked = self.references.link(html, _named(chapter, made_in))
            chapter.blocks.append(Block("words", linked))

    def _add_code(self, chapter: Chapter, cell: Any, made_in: Origin) -> None:
        for output in cell.get("outputs", []):
            block = self._output(chapter, output, made_in)
            if block is not None:
                chapter.blocks.append(block)
        source = visible(cell.source).strip()
        if not source or _is_last_line(source):
            return
        last = chapter.blocks[-1] if chapter.blocks else None
        if last is not None and last.kind == "code" and last.step == made_in.step:
            source = f"{last.source}\n\n{source}"
            chapter.blocks.pop()
        block = Block("code", _code(source, made_in.step), source=source, step=made_in.step)
        chapter.blocks.append(block)

    # -- outputs --------------------------------------------------------------------------------

    def _output(self, chapter: Chapter, output: Any, made_in: Origin) -> Block | None:
        kind = output.get("output_type")
        if kind == "stream":
            return _plain(output.get("text", ""))
        if kind == "error":
            said = ANSI.sub("", f"{output.get('ename')}: {output.get('evalue')}")
            told = escape_html(say("A cell did not finish. {error}", error=said))
            return Block("error", f"<p class=error>{told}</p>")
        content = output.get("data", {})
        exhibit = content.get(MIME)
        made = None
        if isinstance(exhibit, dict):
            exhibit = {**exhibit, "png": content.get("image/png")}
            made = self._exhibit(chapter, exhibit, made_in)
        if made is not None:
            return made if made.kind != "sentinel" else None
        return _plain(content.get("text/plain", ""))

    def _exhibit(self, chapter: Chapter, exhibit: dict[str, Any], made_in: Origin) -> Block | None:
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
        return maker(chapter, exhibit, made_in)

    def _figure(self, _chapter: Chapter, exhibit: dict[str, Any], made_in: Origin) -> Block:
        heading = _next(self.figures, "figure", exhibit["title"])
        label, _, title = heading.text.partition(". ")
        place = Place(label, heading.anchor)
        below = [*_credits(exhibit), *_marks(exhibit), _made_in(made_in)]
        note = self._small(exhibit.get("note"), place)
        numbers = self._rows(exhibit, heading.text, place, NUMBERS_PRINTED)
        picture, drawn = _picture(exhibit["svg"], heading)
        summary = say("The numbers behind {figure}, and its description", figure=label)
        return Block(
            "figure",
            f'<figure id="{heading.anchor}">'
            f"<figcaption><span class=label>{label}</span> {escape_html(title)}</figcaption>"
            f"{picture}"
            f"<p class=below>{'. '.join(below)}.</p>{note}"
            f"<details class=numbers><summary>{summary}"
            f"</summary><p class=fignote>{escape_html(exhibit['alt'])}</p>"
            f"{self._offered(exhibit, heading, drawn) if drawn else ''}{numbers}</details>"
            "</figure>",
        )

    def _offered(self, exhibit: dict[str, Any], heading: Heading, svg: str) -> str:
        """Return links to the files of a figure, and keep what they will hold."""
        if not self.files:
            return ""
        name = slug(exhibit.get("id") or heading.anchor)
        if name in {p.name for p in self.pictures}:
            name = f"{name}-{heading.anchor.rpartition('-')[2]}"
        kept = Picture(
            name, heading.text, visible(exhibit["alt"]), svg, _decoded(exhibit.get("png")),
            [str(c) for c in exhibit["columns"]], exhibit["rows"],
            {k: str(exhibit.get(k) or "") for k in ("n", "period", "source")},
            synthetic=bool(exhibit.get("synthetic")),
        )  # fmt: skip
        self.pictures.append(kept)
        links = ", ".join(
            f'<a href="{FOLDER}/{file}">{word(ENDINGS[file.rpartition(".")[2]])}</a>'
            for file in kept.files()
        )
        told = say("Files beside this page: {files}.", files=links)
        return f'<p class="fignote files">{told}</p>'

    def _table(self, _chapter: Chapter, exhibit: dict[str, Any], made_in: Origin) -> Block:
        heading = _next(self.tables, "table", exhibit["title"])
        label, _, title = heading.text.partition(". ")
        place = Place(label, heading.anchor)
        table = self._rows(exhibit, heading.text, place, ROWS_PRINTED)
        mark = f"<p class=fignote>{'. '.join([*_marks(exhibit), _made_in(made_in)])}.</p>"
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
        told = (
            say("{shown} of {all} rows; all are in the executed notebook.",
                shown=len(shown), all=total)
            if len(rows) == total
            else say("{shown} of {all} rows; all are in the table it was taken from.",
                     shown=len(shown), all=total)
        )  # fmt: skip
        return f"{table}<p class=fignote>{told}</p>"

    def _small(self, note: Any, place: Place) -> str:
        if not isinstance(note, str) or not note:
            return ""
        return f"<p class=fignote>{self.references.link(inline(note), place)}</p>"

    def _statement(self, chapter: Chapter, exhibit: dict[str, Any], made_in: Origin) -> Block:
        place = _named(chapter, made_in)
        html = self.references.link(prose(exhibit["markdown"], chapter.outline), place)
        cited = ", ".join(str(e) for e in _list(exhibit.get("evidence")))
        if cited:
            links = self.references.link(escape_html(cited), place, is_list=True)
            html += f"<p class=evidence>{say('Evidence: {ids}', ids=links)}</p>"
        return Block("statement", html)

    def _note(self, chapter: Chapter, exhibit: dict[str, Any], made_in: Origin) -> Block:
        html = self._statement(chapter, exhibit, made_in).html
        return Block("note", f"<div class=note>{html}</div>")

    def _sentinel(self, *_: Any) -> Block:
        return Block("sentinel", "")


_TABLE: Mapping[str, type] = {"columns": list, "rows": list}


def _named(chapter: Chapter, made_in: Origin) -> Place:
    """Call a place by the section it stands in, as far as the chapter has got."""
    above = [h for h in chapter.outline.headings if h.level <= 3]
    number = re.match(r"\d+(?=\. )", chapter.title)
    # Sections of different chapters may be called the same.
    of = f"{number[0]}: " if number and above[-1].level == 3 else ""
    return Place(f"{of}{above[-1].text}", made_in.anchor)


def _credits(exhibit: Mapping[str, Any]) -> list[str]:
    """Return what a figure was made from, as safe HTML."""
    n, period, source = (escape_html(str(exhibit.get(k) or "")) for k in ("n", "period", "source"))
    return [
        *([say("n: {value}", value=n)] if n else []),
        *([say("Period: {value}", value=period)] if period else []),
        *([say("Source: {value}", value=source)] if source else []),
    ]


def _marks(exhibit: Mapping[str, Any]) -> list[str]:
    """Return what a reader has to know of an exhibit before anything in it."""
    marks = [say("Synthetic data")] if exhibit.get("synthetic") else []
    light = say(LIGHT_MARK)
    return marks + ([light[:1].upper() + light[1:]] if exhibit.get("light") else [])


def _made_in(made_in: Origin) -> str:
    step, cell = escape_html(made_in.step), escape_html(made_in.cell)
    return say("Notebook {step}, cell {cell}", step=step, cell=cell)


def _title_of(planned: Planned) -> str:
    """Return the title that a notebook gives itself."""
    first = next((c for c in planned.sections[0].cells if c.cell_type == "markdown"), None)
    told = heading_of(first.source) if first is not None and first.source.strip()[:1] == "#" else ""
    return told or planned.sections[0].step


def _has_ended(step: str, notebook: Any) -> bool:
    shown = (
        output.get("data", {}).get(MIME)
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.get("outputs", [])
    )
    return any(
        isinstance(e, dict) and e.get("type") == "sentinel" and e.get("step") == step for e in shown
    )


def _for_readers(source: str) -> str:
    """Return a cell in the case's language, without what only helps in a notebook.

    That is what it needs, and what comes next. The catalogue holds paragraphs.
    """
    paragraphs = re.split(r"\n\s*\n", source)
    return "\n\n".join(
        word(p.strip()) for p in paragraphs if not p.startswith(("**Needs**", "Next: "))
    )


def _is_last_line(source: str) -> bool:
    return source.startswith("case.finish(") and "\n" not in source


def _code(source: str, step: str) -> str:
    summary = escape_html(say("Code, in notebook {step}", step=step))
    return (
        f"<details class=code><summary>{summary}</summary>"
        f"<pre><code>{escape_html(source)}</code></pre></details>"
    )


def _plain(text: Any) -> Block | None:
    whole = text if isinstance(text, str) else "".join(str(t) for t in _list(text))
    whole = ANSI.sub("", whole).strip()
    return Block("plain", f"<pre class=plain>{escape_html(whole)}</pre>") if whole else None


def _next(listed: list[Heading], kind: str, title: str) -> Heading:
    number = len(listed) + 1
    label = say("Figure {number}", number=number)
    if kind == "table":
        label = say("Table {number}", number=number)
    heading = Heading(0, f"{label}. {visible(title)}", f"{kind}-{number}")
    listed.append(heading)
    return heading


def _picture(svg: str, heading: Heading) -> tuple[str, str]:
    """Return a picture for the page, and as a file; nothing for the file where it is refused."""
    label = escape_html(say("{figure}, picture", figure=heading.text.partition(". ")[0]))
    try:
        drawn = checked_svg(svg, heading.anchor)
    except PictureError as error:
        said = say("This picture is not printed, because it holds {what}.", what=str(error))
        return f"<p class=error>{escape_html(said)}</p>", ""
    return f'<div class=picture role=region tabindex=0 aria-label="{label}">{drawn}</div>', drawn


def _decoded(png: Any) -> bytes:
    """Return a picture that a notebook holds, or nothing where it is none."""
    try:
        content = base64.b64decode("".join(png.split()), validate=True)
    except (AttributeError, ValueError):
        return b""
    return content if content.startswith(PNG) else b""


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0
