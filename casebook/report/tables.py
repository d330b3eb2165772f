"""Tables as HTML: every cell escaped, headers that say what they head, a frame that scrolls."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from casebook.exhibits import cell_text
from casebook.language import say
from casebook.text import escape_html

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

CELL = 500
"""Characters of a cell that are printed; a whole post fits, a pasted novel does not."""
ROW_NAME = 60
"""A first column of texts no longer than this names its rows."""
SHORT_NAME, BRIEF, TOKEN, SENTENCE = 24, 13, 24, 40
"""Names, and columns of words, up to here stay on one line; words from here on may be broken
anywhere; columns with texts from here on get room for a sentence."""
MANY_COLUMNS, MANY_ROWS = 6, 25
"""From here on a table may be wider than the text around it, and scrolls in a frame of its own."""
STORIES = 2
"""With so many columns of sentences a table is told as cards where the screen is narrow."""
FITS = 3
"""Columns that fit on a narrow screen, so that no hint to scroll is needed."""


def html_table(
    columns: Sequence[Any],
    rows: Sequence[Sequence[Any]],
    *,
    label: str,
    numeric: Sequence[Any] | None = None,
    link: Callable[[str, bool], str] = lambda html, _is_list: html,
) -> str:
    """Return a table with column headers, row headers where a column names the rows, and a name.

    It scrolls inside its own frame on a narrow screen; the frame can be reached by keyboard.

    Parameters
    ----------
    columns, rows : sequence
    label : str
        What the table is, for those who hear it.
    numeric : sequence of bool, optional
        Which columns are set right; by default those that hold nothing but numbers.
    link : callable
        Puts links into the safe HTML of a cell; told whether its column is a list of references.
    """
    width = len(columns)
    right = [bool(n) for n in numeric] if numeric and len(numeric) == width else None
    right = right or [_all_numbers(row[i] for row in rows if len(row) > i) for i in range(width)]
    cites = [str(c).lower().startswith("evidence") for c in columns]
    named = bool(columns) and _names_rows([row[0] for row in rows if row], is_number=right[0])
    classes = [
        "num" if right[i] else _style([row[i] for row in rows if len(row) > i], cites=cites[i])
        for i in range(width)
    ]
    # A table that is shown as cards must say of itself that it is one; browsers forget it else.
    cards = width > STORIES and classes.count("long") >= STORIES
    role = _ROLES if cards else dict.fromkeys(_ROLES, "")
    labels = [f' data-label="{escape_html(str(c))}"' if cards else "" for c in columns]
    head = "".join(
        f"<th scope=col{role['columnheader']}{_class(name)}>{escape_html(str(column))}</th>"
        for column, name in zip(columns, classes, strict=True)
    )
    body = "".join(
        f"<tr{role['row']}>"
        + "".join(
            _cell(
                value,
                is_name=named and i == 0,
                style=classes[i],
                inner=link,
                cites=cites[i],
                more=(role["rowheader"] if named and i == 0 else role["cell"]) + labels[i],
            )
            for i, value in enumerate(row[:width])
        )
        + "</tr>"
        for row in rows
    )
    spoken = escape_html(label)
    frame = ["scroll"]
    frame += ["wide"] if width >= MANY_COLUMNS else []
    frame += ["tall"] if len(rows) >= MANY_ROWS else []
    frame += ["cards"] if cards else []
    hint = ""
    if width > FITS and not cards:
        told = say("Wider than a small screen: scroll it sideways.")
        hint = f"<p class=hint>{escape_html(told)}</p>"
    return (
        f'{hint}<div class="{" ".join(frame)}" role=region tabindex=0 aria-label="{spoken}">'
        f"<table{role['table']}><caption class=unseen>{spoken}</caption>"
        f"<thead{role['rowgroup']}><tr{role['row']}>{head}</tr></thead>"
        f"<tbody{role['rowgroup']}>{body}</tbody></table></div>"
    )


_ROLES = {
    name: f" role={name}"
    for name in ("table", "rowgroup", "row", "cell", "columnheader", "rowheader")
}


def _cell(
    value: Any,
    *,
    is_name: bool,
    style: str,
    inner: Callable[[str, bool], str],
    cites: bool,
    more: str,
) -> str:
    text = cell_text(value)
    if len(text) > CELL:
        text = f"{text[:CELL]}… [{len(text):,} characters]"
    shown = inner(_isolated(escape_html(text), text), cites)
    if is_name:
        short = _class("short" if len(text) <= SHORT_NAME else "")
        return f"<th scope=row{more}{short}>{shown}</th>"
    return f"<td{more}{_class(style)}>{shown}</td>"


def _class(name: str) -> str:
    return f" class={name}" if name else ""


def _style(values: Sequence[Any], *, cites: bool) -> str:
    texts = [v for v in values if isinstance(v, str)]
    if texts and all(len(t) <= BRIEF for t in texts):
        return "brief"
    if not cites and any(len(t) >= SENTENCE for t in texts):
        return "long"
    return "token" if any(len(word) >= TOKEN for t in texts for word in t.split()) else ""


def _isolated(html: str, text: str) -> str:
    """Keep right-to-left words from turning round what stands beside them."""
    if text.isascii() or not any(unicodedata.bidirectional(c) in {"R", "AL"} for c in text):
        return html
    return f"<bdi>{html}</bdi>"


def _names_rows(values: Sequence[Any], *, is_number: bool) -> bool:
    texts = {v for v in values if isinstance(v, str) and 0 < len(v) <= ROW_NAME}
    return not is_number and len(texts) == len(values) > 0


def _all_numbers(values: Iterable[Any]) -> bool:
    kinds = {type(v) for v in values if v is not None}
    return bool(kinds) and kinds <= {int, float}
