"""Columns of a table on paper: as wide as their words need, or the table as records.

No word is broken that can be kept whole, and no column runs into the next. Letters are measured by
a table of their usual widths, so that the same table is set alike on every computer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = 490.0
"""Width of the text, in points."""
SIZES = (7.5, 7.0, 6.5)
"""Sizes of letters to try, in points; smaller ones are not read."""
GAP = 6.0
"""Points between two columns."""
LINE = 1.28
"""From one line to the next, in sizes of a letter."""
ROW = 4.4
"""Points between two rows."""
SPACE = 0.28
"""Width of a space, in sizes of a letter."""
BOLD = 1.08
"""Letters of a header are so much wider."""
CRAMPED, SENTENCE = 17, 45
"""A column with a text of so many characters is cramped where a line takes fewer than this."""
LONG_WORD, LONG_PIECE = 15, 22
"""Characters of a word from which on it may be broken after a mark, and of a piece between marks
from which on it may be broken anywhere."""
SMALLER = 1.12
"""Letters get smaller only where the table would else have more lines by this."""
STORIES = 3
"""So many columns with sentences that do not fit on a line are read as records."""
LONGER = 1.15
"""A table with two columns of texts that is longer by this than as records is set as records."""
STEP = 0.6
"""Letters that a column is widened by at a time."""

_LONG = re.compile(rf"\S{{{LONG_WORD},}}")
_MARK = re.compile(r"[_:/.,@#?&=\]-](?=\w|\[)")
_ENDLESS = re.compile(rf"[^\s\u200b]{{{LONG_PIECE}}}(?=[^\s\u200b])")
_NARROW = re.compile(r"[ijlftrI.,:;'|!()\[\]\u200b·’-]")
_BROAD = re.compile(r"[mwMWA-HK-LN-V%@&–—…]")
_WIDE = re.compile(r"[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uff00-\uff60\U0001f300-\U0001faff]")


def width_of(text: str) -> float:
    """Return the width of a text in sizes of its letters, a little more rather than less.

    Examples
    --------
    >>> width_of("") == 0 and width_of("ill") < width_of("all") < width_of("WWW")
    True
    """
    hidden = text.count("\u200b")
    narrow, broad = len(_NARROW.findall(text)) - hidden, len(_BROAD.findall(text))
    wide = len(_WIDE.findall(text))
    plain = len(text) - hidden - narrow - broad - wide
    return 0.31 * narrow + 0.76 * broad + 1.05 * wide + 0.565 * plain


def breakable(text: str) -> str:
    """Return a text in which endless words may be broken, after a mark where there is one.

    Examples
    --------
    >>> breakable("a_handle_of_somebody and 12,345").split("\u200b")
    ['a_', 'handle_', 'of_', 'somebody and 12,345']
    """
    return _LONG.sub(_broken, text)


def _broken(match: re.Match[str]) -> str:
    marked = _MARK.sub("\\g<0>\u200b", match[0])
    return _ENDLESS.sub("\\g<0>\u200b", marked)


@dataclass(frozen=True)
class Layout:
    """How a table is set: widths of its columns in points, size of its letters, its height."""

    widths: tuple[float, ...]
    size: float
    height: float
    as_records: bool = False


def layout(heads: Sequence[str], rows: Sequence[Sequence[str]], *, room: float = PAGE) -> Layout:
    """Return how to set a table: the largest letters at which no column is cramped, else records.

    Parameters
    ----------
    heads : sequence of str
    rows : sequence of sequence of str
        Texts of the cells, each as long as ``heads``.
    room : float
        Width in points.
    """
    columns = [_Column(head, [row[i] for row in rows]) for i, head in enumerate(heads)]
    records = Layout((), SIZES[0], _height_of_records(heads, rows, room), as_records=True)
    tried = []
    for size in SIZES:
        widths = _widths(columns, room / size, GAP / size)
        if widths is None or any(c.is_cramped(w) for c, w in zip(columns, widths, strict=True)):
            continue
        lines = _lines(columns, widths)
        height = lines * LINE * size + (len(rows) + 1) * ROW
        tried.append((lines, Layout(tuple(w * size for w in widths), size, height)))
    if not tried:
        return records
    fewest = min(lines for lines, _ in tried)
    best = next(how for lines, how in tried if lines <= SMALLER * fewest)
    sentences = [
        width < c.most * best.size
        for c, width in zip(columns, best.widths, strict=True)
        if c.longest >= SENTENCE
    ]
    if len(sentences) >= STORIES and any(sentences):
        return records
    # Short words that force their columns wide leave no room for what there is to read.
    return records if len(sentences) > 1 and best.height > LONGER * records.height else best


class _Column:
    """One column, measured once; all widths in sizes of a letter."""

    def __init__(self, head: str, texts: Sequence[str]) -> None:
        pieces = {p for t in texts for p in _pieces(t)}
        self.least = max(
            [BOLD * width_of(p) for p in _pieces(head)] + [width_of(p) for p in pieces]
        )
        # A column often says the same few things: each is measured once.
        self.said = list(dict.fromkeys(texts))
        self.where = np.array([self.said.index(t) for t in texts], dtype=int)
        self.full = np.array([width_of(t) for t in self.said])
        self.words = [
            [width_of(p) for p in _pieces(t)] if len(t) <= SENTENCE else [] for t in self.said
        ]
        self.most = max([BOLD * width_of(head), *self.full.tolist()])
        self.longest = max((len(t) for t in self.said), default=0)

    def is_cramped(self, width: float) -> bool:
        """Tell whether sentences stand in it with two or three words a line."""
        return self.longest >= SENTENCE and width < min(CRAMPED * 0.55, self.most)

    def lines(self, width: float) -> Any:
        """Return the lines of each of its cells.

        Short texts are wrapped word by word. The lines of long ones end at words too, so are never
        quite full.
        """
        told = [
            1.0
            if full <= width + 1e-6
            else _wrapped(words, width)
            if words
            else full / max(width * 0.93, 1.0)
            for full, words in zip(self.full.tolist(), self.words, strict=True)
        ]
        return np.maximum(1.0, np.array(told))[self.where]


def _wrapped(words: Sequence[float], width: float) -> float:
    """Return the lines that words take, and a trace more the fuller the last one is."""
    lines, used = 1, 0.0
    for word in words:
        if used and used + SPACE + word > width + 1e-6:
            lines, used = lines + 1, word
        else:
            used += word + (SPACE if used else 0.0)
    return lines + 0.01 * min(used / max(width, 1.0), 1.0)


def _pieces(text: str) -> list[str]:
    return re.split(r"[\s\u200b]+", breakable(text))


def _widths(columns: Sequence[_Column], room: float, gap: float) -> list[float] | None:
    """Return widths that make the table short; None where not even single words fit."""
    room -= gap * len(columns)
    widths = [c.least for c in columns]
    spare = room - sum(widths)
    if spare < 0:
        return None
    if sum(c.most for c in columns) <= room:
        return [c.most for c in columns]
    lines = np.array([c.lines(w) for c, w in zip(columns, widths, strict=True)])
    while spare > 1e-6:
        before = lines.max(axis=0).sum() if lines.size else 0.0
        best, gain = -1, 0.0
        for i, column in enumerate(columns):
            if widths[i] >= column.most - 1e-6:
                continue
            tried = lines.copy()
            tried[i] = column.lines(widths[i] + STEP)
            # Where no row gets shorter by it, it still goes to the column with most to say.
            saved = before - tried.max(axis=0).sum() + 1e-3 * (lines[i].sum() - tried[i].sum())
            if saved > gain + 1e-9:
                best, gain = i, saved
        if best < 0:
            break
        given = min(STEP, spare, columns[best].most - widths[best])
        widths[best] += given
        spare -= given
        lines[best] = columns[best].lines(widths[best])
    return widths


def _lines(columns: Sequence[_Column], widths: Sequence[float]) -> float:
    """Return the height of the header and of all rows, in lines."""
    lines = np.array([np.ceil(c.lines(w) - 0.02) for c, w in zip(columns, widths, strict=True)])
    return float(lines.max(axis=0).sum()) + 1.5 if lines.size else 1.5


def _height_of_records(heads: Sequence[str], rows: Sequence[Sequence[str]], room: float) -> float:
    size = SIZES[0]
    told = [
        sum(width_of(f"{h}: {t} ") for h, t in zip(heads, row, strict=True)) * size / room + 1.0
        for row in rows
    ]
    return sum(told) * LINE * size + len(rows) * ROW * 2
