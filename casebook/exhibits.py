"""What a notebook shows and a report prints: figures, tables, statements, notes.

An exhibit is made once. JupyterLab shows its picture, its table or its words; the report finds the
same exhibit, whole, under its own MIME type in the executed notebook. Everything in it is text that
was made safe here, so that no later hand has to think of it.
"""

from __future__ import annotations

import base64
import json
import math
import re
import struct
from typing import TYPE_CHECKING, Any

from casebook.language import VEGA_LOCALES, in_french, numbers_in, say, spoken, word
from casebook.text import escape_html, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

MIME = "application/vnd.casebook.exhibit+json"
VEGA_LITE = "6.4"
"""Pinned: another version may draw other bytes."""

ID = re.compile(r"[a-z][a-z0-9-]*")
PNG_SCALE = 1.5
SYNTHETIC_MARK = "synthetic data"
LIGHT_MARK = "light preset: a quick look, not for publication"

_open_case = {"synthetic": False, "light": False}


def mark_synthetic(synthetic: bool) -> None:
    """Say whether the case that was opened last is synthetic; its exhibits carry the mark.

    The mark is set where a case is opened and not by each figure, because a figure that forgets it
    would show invented people as real ones. The light preset ends here: it is a notebook's choice,
    made after its case was opened.
    """
    _open_case["synthetic"] = synthetic
    _open_case["light"] = False


def open_case_is_synthetic() -> bool:
    """Tell whether the case that was opened last is synthetic."""
    return _open_case["synthetic"]


def mark_light(light: bool) -> None:
    """Say whether what follows is made with the light preset; its figures and tables carry it."""
    _open_case["light"] = light


def _marks(exhibit: Figure | Listing) -> list[str]:
    marks = [say(SYNTHETIC_MARK)] if exhibit.synthetic else []
    return marks + ([say(LIGHT_MARK)] if exhibit.light else [])


SENTENCES = ("title", "alt", "n", "period", "source", "note", "markdown")
"""Places in which an exhibit says something."""


WHOSE = ("account", "name", "source", "target", "and")
"""Columns that say whose a row is."""
BEHIND = "accounts"
"""The column that says how many accounts stand behind a row."""


def _wanted(value: Any) -> Any:
    """Return a condition as text, several texts, or a bound."""
    if isinstance(value, dict):
        return value
    return [_text(v) for v in value] if isinstance(value, list) else _text(value)


def _text(value: Any) -> str:
    cell = _cell(value)
    return "" if cell is None else str(cell)


class Exhibit:
    """Anything a report prints. Subclasses say of which type, and how a notebook shows it."""

    type = "exhibit"

    def payload(self) -> dict[str, Any]:
        """Return all there is to print, as plain JSON values."""
        raise NotImplementedError

    def notebook_view(self) -> dict[str, Any]:
        """Return what JupyterLab shows, by MIME type, ``text/plain`` included."""
        raise NotImplementedError

    def sentences(self) -> dict[str, str]:
        """Return what it says, by the name of the place in which it says so."""
        return {k: v for k in SENTENCES if isinstance(v := getattr(self, k, None), str) and v}

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        shown = self.notebook_view()
        sizes = {"image/png": _drawn_size(shown["image/png"])} if "image/png" in shown else {}
        content = {"type": self.type, **self.payload(), **self._counted()}
        return {MIME: content, **shown}, sizes

    def _counted(self) -> dict[str, Any]:
        """Return the numbers in its sentences, and the tables that they are counted from.

        A printed table may be cut, and a number is counted from all of it. Of each table there are
        the columns that it takes, and whose the rows are, or of how many, so that an edition can
        tell which of them it may not tell apart.
        """
        said = [(place, p) for place, s in self.sentences().items() for p in numbers_in(s)]
        tables: dict[int, tuple[pd.DataFrame, set[str]]] = {}
        numbers = []
        for place, p in said:
            recipe: dict[str, Any] | None = None
            if p.number is not None:
                where = {column: _wanted(value) for column, value in p.number.where.items()}
                recipe = {"take": p.number.take, "columns": list(p.number.columns), "where": where}
                if p.number.table is not None:
                    key = id(p.number.table)
                    tables.setdefault(key, (p.number.table, {*WHOSE, BEHIND}))[1].update(
                        p.number.columns, where
                    )
                    recipe["table"] = list(tables).index(key)
            numbers.append({"in": place, "text": p.text, "form": p.form, "recipe": recipe})
        if not numbers:
            return {}
        held = [
            cells(frame[[c for c in frame.columns if c in used]]) for frame, used in tables.values()
        ]
        return {"numbers": numbers, "bases": [{"columns": c, "rows": r} for c, r in held]}


def _drawn_size(png: str) -> dict[str, int]:
    """Return the size to show a picture at: it has more pixels, for sharp screens."""
    header = base64.b64decode(png[:44])
    width, height = struct.unpack(">II", header[16:24])
    return {"width": round(width / PNG_SCALE), "height": round(height / PNG_SCALE)}


class Figure(Exhibit):
    """A chart with its finding, its description, and the numbers behind it.

    Parameters
    ----------
    chart : altair.TopLevelMixin or dict
        A chart or a Vega-Lite specification; the house style is applied here.
    id : str
        Stable name, kebab-case.
    title : str
        The finding in one sentence.
    alt : str
        What a reader who cannot see the chart needs to know.
    data : DataFrame
        The numbers behind the chart.
    n, period, source : str, optional
        Printed under the figure.
    note : str, optional
        A caveat, printed under the figure.
    synthetic : bool, optional
        Whether the data is made up; by default what the open case says.
    """

    type = "figure"

    def __init__(
        self,
        chart: Any,
        *,
        id: str,  # noqa: A002 - the word every reader of HTML knows
        title: str,
        alt: str,
        data: pd.DataFrame,
        n: str | int | None = None,
        period: str | None = None,
        source: str | None = None,
        note: str | None = None,
        synthetic: bool | None = None,
    ) -> None:
        self.id, self.title, self.alt = _checked_id(id), title, alt
        self.data = data
        self.n, self.period, self.source, self.note = n, period, source, note
        self.synthetic = _open_case["synthetic"] if synthetic is None else synthetic
        self.light = _open_case["light"]
        spec = _in_utc(chart if isinstance(chart, dict) else _spec(chart))
        self._spec: dict[str, Any] = _visible(spec)

    def svg(self) -> str:
        """Return the picture as one SVG element with title and description, without scripts."""
        marks = _marks(self)
        mark = (
            {
                "text": " · ".join(marks),
                "anchor": "end",
                "fontSize": 10,
                "fontWeight": "normal",
                "color": "#666",
                "offset": 4,
            }
            if marks
            else None
        )
        drawn = _drawn({**self._spec, **({"title": mark} if mark else {})})
        return _accessible(drawn, self.id, self.title, self.alt)

    def png(self) -> bytes:
        """Return the picture with its title, for a notebook or a web page."""
        subtitle = _marks(self)
        title = {
            "text": _wrapped(visible(self.title), 78),
            "subtitle": subtitle,
            "anchor": "start",
            "fontSize": 14,
            "offset": 10,
        }
        drawn = _drawn({**self._spec, "title": title})
        return as_png(drawn)

    def payload(self) -> dict[str, Any]:
        """Return picture, words and numbers."""
        columns, rows = cells(self.data)
        return {
            "id": self.id,
            "title": visible(self.title),
            "alt": visible(self.alt),
            "svg": self.svg(),
            "columns": columns,
            "rows": rows,
            "n": None if self.n is None else visible(str(self.n)),
            "period": _seen(self.period),
            "source": _seen(self.source),
            "note": _seen(self.note),
            "synthetic": self.synthetic,
            "light": self.light,
        }

    def notebook_view(self) -> dict[str, Any]:
        """Return a PNG: notebooks that are not trusted show no SVG."""
        png = base64.b64encode(self.png()).decode("ascii")
        return {"image/png": png, "text/plain": f"{visible(self.title)}\n{visible(self.alt)}"}


class Listing(Exhibit):
    """A table with a title.

    Parameters
    ----------
    frame : DataFrame
        What to print. Every cell is treated as text from evidence.
    id, title, note : str
        As in `Figure`.
    headers : mapping, optional
        Column -> words above it. Columns not named keep their name, with spaces for underscores.
        Both are looked up in the catalogue of the case's language.
    limit : int, optional
        Print at most so many rows, and say how many there are.
    """

    type = "table"

    def __init__(
        self,
        frame: pd.DataFrame,
        *,
        id: str,  # noqa: A002
        title: str,
        note: str | None = None,
        headers: Mapping[str, str] | None = None,
        synthetic: bool | None = None,
        limit: int | None = None,
    ) -> None:
        self.id, self.title, self.note = _checked_id(id), title, note
        self.frame = frame
        self.headers = dict(headers or {})
        self.limit = limit
        self.synthetic = _open_case["synthetic"] if synthetic is None else synthetic
        self.light = _open_case["light"]

    def payload(self) -> dict[str, Any]:
        """Return the table, at most ``limit`` rows of it."""
        shown = self.frame if self.limit is None else self.frame.head(self.limit)
        columns, rows = cells(shown)
        words = [visible(word(self.headers.get(c, c.replace("_", " ")))) for c in columns]
        return {
            "id": self.id,
            "title": visible(self.title),
            "columns": words,
            "rows": rows,
            "numeric": [_is_numeric(self.frame[c]) for c in self.frame.columns],
            "total": len(self.frame),
            "note": _seen(self.note),
            "synthetic": self.synthetic,
            "light": self.light,
        }

    def notebook_view(self) -> dict[str, Any]:
        """Return the table as HTML, every cell escaped."""
        content = self.payload()
        # JupyterLab sets every column right, which is for numbers.
        sides = [
            "right" if all(isinstance(v, (int, float)) or v is None for v in column) else "left"
            for column in zip(*content["rows"], strict=True)
        ] or ["left"] * len(content["columns"])
        head = "".join(
            f'<th scope="col" style="text-align:{side}">{escape_html(c)}</th>'
            for c, side in zip(content["columns"], sides, strict=True)
        )
        body = "".join(
            "<tr>"
            + "".join(
                f'<td style="text-align:{side}">{escape_html(cell_text(v))}</td>'
                for v, side in zip(row, sides, strict=True)
            )
            + "</tr>"
            for row in content["rows"]
        )
        shown = {"shown": len(content["rows"]), "all": content["total"]}
        marks = [say("{shown} of {all} rows", **shown)] if self._is_cut() else []
        marks += _marks(self)
        marks += [self.note] if self.note else []
        foot = f"<p><small>{escape_html('; '.join(marks))}</small></p>" if marks else ""
        table = (
            f'<table><caption style="text-align:left"><b>{escape_html(self.title)}</b></caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{foot}"
        )
        lines = [self.title, "\t".join(content["columns"])]
        lines += ["\t".join(visible(cell_text(v)) for v in row) for row in content["rows"]]
        return {"text/html": table, "text/plain": "\n".join(lines)}

    def _is_cut(self) -> bool:
        return self.limit is not None and len(self.frame) > self.limit


class Statement(Exhibit):
    """A sentence or a paragraph that the code computed from tables.

    Parameters
    ----------
    markdown : str
        The words; text from evidence inside it was escaped with `casebook.text.escape_markdown`.
    id : str, optional
        Stable name, kebab-case.
    evidence : sequence of str
        Evidence ids and row references it rests on.
    """

    type = "statement"

    def __init__(
        self,
        markdown: str,
        *,
        id: str | None = None,  # noqa: A002
        evidence: Sequence[str] = (),
    ) -> None:
        self.markdown = markdown
        self.id = _checked_id(id) if id else None
        self.evidence = list(evidence)

    def payload(self) -> dict[str, Any]:
        """Return the words and what they rest on."""
        return {"id": self.id, "markdown": visible(self.markdown), "evidence": self.evidence}

    def notebook_view(self) -> dict[str, Any]:
        """Return the words as Markdown."""
        return {"text/markdown": visible(self.markdown), "text/plain": visible(self.markdown)}


class Note(Statement):
    """A caveat: why something cannot be assessed, or how a figure is to be read."""

    type = "note"

    def __init__(self, markdown: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(markdown, id=id)


class Sentinel(Exhibit):
    """The end of a notebook: the step is done, and which tables it made.

    Parameters
    ----------
    step : str
        Name of the notebook.
    tables : mapping
        Table -> number of rows.
    """

    type = "sentinel"

    def __init__(self, step: str, tables: Mapping[str, int]) -> None:
        self.step, self.tables = step, dict(tables)

    def payload(self) -> dict[str, Any]:
        """Return the step and its tables."""
        return {"step": self.step, "tables": self.tables}

    def notebook_view(self) -> dict[str, Any]:
        """Return one line."""
        made = ", ".join(f"{name} ({rows:,} rows)" for name, rows in self.tables.items())
        return {"text/plain": f"{self.step} is done. {'Made: ' + made if made else ''}".rstrip()}


def as_png(svg: str) -> bytes:
    """Return a picture as PNG, sharp enough for a notebook or a web page."""
    import vl_convert

    return bytes(vl_convert.svg_to_png(svg, scale=PNG_SCALE))


def cells(frame: pd.DataFrame) -> tuple[list[str], list[list[Any]]]:
    """Return column names and rows of plain JSON values.

    Times become ``2024-09-03 12:00:00``, UTC. Numbers keep six significant digits, unknown is None,
    lists are joined by commas.
    """
    rows = [[_cell(value) for value in row] for row in frame.itertuples(index=False, name=None)]
    return [visible(str(c)) for c in frame.columns], rows


def cell_text(value: Any) -> str:
    """Return a cell as a reader sees it: unknown is a dash, a number has four figures at most.

    Examples
    --------
    >>> [cell_text(v) for v in (None, True, 12345, 0.123457, 99.96, 1234.5, 0.99996)]
    ['–', 'yes', '12,345', '0.1235', '99.96', '1,234', '0.99996']
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return word("yes" if value else "no")
    if isinstance(value, (int, float)):
        text = f"{value:,}" if isinstance(value, int) else _number_text(value)
        return text if spoken() == "en" else in_french(text)
    return str(value)


def _number_text(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    short = f"{value:.4g}"
    # A share just under one is not one: what is almost all must not be printed as all.
    return f"{value:.6g}" if float(short) == 1 != value else short


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return visible(value)
    if getattr(value, "ndim", 0):
        value = list(value)  # a list that came out of an Arrow column
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value) if isinstance(value, (set, frozenset)) else value
        return ", ".join(visible(str(v)) for v in items)
    if hasattr(value, "item"):
        value = value.item()
        if value is None or isinstance(value, (bool, int)):
            return value
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return float(f"{value:.6g}")
    if hasattr(value, "strftime"):
        if value != value:  # noqa: PLR0124 - not-a-time is the one value that differs from itself
            return None
        midnight = not (value.hour or value.minute or value.second)
        return value.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M:%S")
    text = str(value)
    return None if text in {"<NA>", "NaT"} else visible(text)


def _seen(text: str | None) -> str | None:
    return None if text is None else visible(text)


def _is_numeric(column: Any) -> bool:
    return bool(column.dtype.kind in "iuf") if hasattr(column.dtype, "kind") else False


def _checked_id(name: str) -> str:
    if not ID.fullmatch(name):
        raise ValueError(f"{name!r} cannot be the id of an exhibit: use kebab-case")
    return name


def _spec(chart: Any) -> dict[str, Any]:
    from casebook.charts.style import house

    # The schema is not validated again: that takes as long as drawing, and drawing fails on the
    # same mistakes.
    spec: dict[str, Any] = json.loads(json.dumps(house(chart).to_dict(validate=False)))
    return spec


def _in_utc(value: Any) -> Any:
    """Return a specification whose time axes are in UTC, whatever zone the computer is set to."""
    if isinstance(value, list):
        return [_in_utc(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    out = {key: _in_utc(inner) for key, inner in value.items() if key not in {"x", "y"}}
    for key in ("x", "y"):
        if key in value:
            channel = _in_utc(value[key])
            if isinstance(channel, dict) and channel.get("type") == "temporal":
                channel = {**channel, "scale": {**(channel.get("scale") or {}), "type": "utc"}}
            out[key] = channel
    return out


def _visible(value: Any) -> Any:
    """Return a specification whose every text is safe to draw: a NUL stops the renderer dead."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: _visible(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_visible(inner) for inner in value]
    return value


def _drawn(spec: dict[str, Any]) -> str:
    import vl_convert

    # Labels for each mark are built as code from titles, where a line break is a syntax error; and
    # hundreds of them drown the one description that a listener needs.
    spec = {**spec, "config": {**spec.get("config", {}), "aria": False}}
    # No address is allowed: a chart is drawn from the numbers it holds, never from what it fetches.
    locale: Any = VEGA_LOCALES[spoken()]
    return str(
        vl_convert.vegalite_to_svg(
            spec,
            vl_version=VEGA_LITE,
            allowed_base_urls=[],
            format_locale=locale,
            time_format_locale=locale,
        )
    )


_INNER_ARIA = re.compile(r' (?:aria-[a-z]+|role)="[^"]*"')
_FORBIDDEN = re.compile(r"<(?:script|image|foreignObject|iframe|a|use)\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def _accessible(svg: str, name: str, title: str, alt: str) -> str:
    """Return an SVG that describes itself, loads nothing, and whose ids are its own."""
    if found := _FORBIDDEN.search(svg):
        raise ValueError(f"figure {name!r} holds {found[0]!r}, which a report never prints")
    svg = _CONTROL.sub("\ufffd", _INNER_ARIA.sub("", svg))
    svg = _renamed(svg, name)
    svg = svg.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    head, _, rest = svg.partition(">")
    words = (
        f'<title id="{name}-title">{escape_html(title)}</title>'
        f'<desc id="{name}-desc">{escape_html(alt)}</desc>'
    )
    return f'{head} role="img" aria-labelledby="{name}-title {name}-desc">{words}{rest}'


def _renamed(svg: str, name: str) -> str:
    """Return an SVG whose ids are counted from one.

    The renderer counts clips and gradients through the life of the process, so the second drawing
    of a chart would differ from the first.
    """
    ids = dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg))
    new = {old: f"{name}-{number}" for number, old in enumerate(ids, start=1)}
    svg = re.sub(r'\bid="([^"]+)"', lambda m: f'id="{new[m[1]]}"', svg)
    return re.sub(r"url\(#([^)]+)\)", lambda m: f"url(#{new.get(m[1], name)})", svg)


def _wrapped(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width) or [""]
