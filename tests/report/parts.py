"""Pieces of an executed notebook, made by hand."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import altair as alt
import nbformat
import pandas as pd

import casebook.charts  # noqa: F401 - before altair: it spares a second
from casebook.exhibits import Figure, Listing, Sentinel

if TYPE_CHECKING:
    from pathlib import Path


def figure(title: str = "Bars rise", name: str = "bars") -> Figure:
    data = pd.DataFrame({"name": ["a", "b"], "posts": [1, 12345]})
    chart = alt.Chart(data).mark_bar().encode(x="posts:Q", y="name:N")
    return Figure(
        chart, id=name, title=title, alt="Two bars, b far longer than a.", data=data, n="2 accounts",
        period="1 Jan 2024 to 2 Mar 2024", source="table posts", note="See E0001.",
    )  # fmt: skip


def listing(text: str = "plain") -> Listing:
    frame = pd.DataFrame(
        {"account": ["a", "b"], "said": [text, "ok"], "evidence": ["AP", "E0001:4"]}
    )
    return Listing(frame, id="said", title="Two accounts said things", note="A note.")


def words(source: str, name: str) -> Any:
    return nbformat.v4.new_markdown_cell(source, id=name)


def code(source: str, name: str, *shown: Any) -> Any:
    """A code cell with exhibits, or raw outputs given as dictionaries."""
    outputs = [
        one
        if isinstance(one, dict)
        else nbformat.v4.new_output(
            "execute_result", data=one._repr_mimebundle_()[0], execution_count=1
        )
        for one in shown
    ]
    return nbformat.v4.new_code_cell(
        source, id=name, execution_count=1, outputs=[nbformat.from_dict(o) for o in outputs]
    )


def notebook(step: str, *cells: Any, done: bool = True) -> Any:
    last = code(f'case.finish("{step}")', "done", *([Sentinel(step, {})] if done else []))
    return nbformat.v4.new_notebook(cells=[*cells, last])


def seal(folder: Path) -> None:
    files = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    (folder / "manifest.json").write_text(json.dumps({"files": files}), encoding="utf-8")
