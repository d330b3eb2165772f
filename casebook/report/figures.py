"""Each figure as files for a newsroom's own pages: picture, numbers and description.

They lie in a folder beside the report. What the page prints of a figure is what the files hold.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casebook.exhibits import cell_text
from casebook.language import word
from casebook.text import formula_safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FOLDER = "figures"
INDEX = "index.csv"
ENDINGS = {
    "svg": "picture as SVG",
    "png": "picture as PNG",
    "csv": "numbers as CSV",
    "txt": "description for those who do not see it",
}
"""Ending of a file -> what the page calls it."""


@dataclass(frozen=True)
class Picture:
    """A figure, as its files hold it."""

    name: str
    title: str
    alt: str
    svg: str
    png: bytes
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    credits: Mapping[str, str]
    """``n``, ``period`` and ``source``, as they stand under the figure."""
    synthetic: bool = False

    def files(self) -> list[str]:
        """Return the names of its files."""
        return [f"{self.name}.{e}" for e in ENDINGS if e != "png" or self.png]


def figure_files(pictures: Iterable[Picture]) -> dict[str, bytes]:
    """Return the files of all figures by name, with an index of them; nothing where there are none.

    The index is a table: file, title, description, n, period, source, and whether it is synthetic.
    Cells that a spreadsheet would compute are disarmed.
    """
    files: dict[str, bytes] = {}
    index = []
    for picture in pictures:
        content = {
            "svg": picture.svg.encode("utf-8"),
            "png": picture.png,
            "csv": _table(picture.columns, picture.rows),
            "txt": f"{picture.alt}\n".encode(),
        }
        files |= {name: content[name.rpartition(".")[2]] for name in picture.files()}
        told = [picture.title, picture.alt, *picture.credits.values()]
        mark = cell_text(picture.synthetic)
        index += [[name, *told, mark] for name in picture.files()]
    if not index:
        return {}
    heads = ["file", "title", "description", "n", "period", "source", "synthetic data"]
    files[INDEX] = _table([word(h) for h in heads], index)
    return files


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow([_safe(c) for c in columns])
    writer.writerows([_safe(value) for value in row] for row in rows)
    # The mark tells spreadsheets that this is UTF-8.
    return ("\ufeff" + held.getvalue()).encode("utf-8", "replace")


def _safe(value: Any) -> Any:
    return formula_safe(value) if isinstance(value, str) else value
