"""A small case and a run of two notebooks, executed by nobody: outputs are made here."""

from __future__ import annotations

import copy
import hashlib
import json
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import nbformat
import pandas as pd
import pytest

from casebook.case import Case
from casebook.exhibits import Note, Statement, mark_synthetic
from casebook.language import spoken
from casebook.report import build
from tests.report.parts import code, figure, listing, notebook, seal, words

if TYPE_CHECKING:
    from pathlib import Path

CASE_YAML = """\
title: "Who is behind ten accounts?"
question: "Are they what they claim to be, and do they act together?"
synthetic: "Invented accounts with a known answer"
investigators: ["aa"]
scope: {platforms: ["x"], from: "2024-01-01", to: "2024-06-30"}
"""
SOURCES = (
    "source_id,title,publisher,date,url,kind\n"
    "GR-LP,A landing page,Graphika,2024-09-03,https://example.org/report,primary\n"
    "AP,A wire story,AP,2024-09-03,https://example.com/wire,press\n"
)
FACTS = "fact_id,statement,date,sources\nG06,Somebody published a list,2024-09-03,GR-LP;AP;LOST\n"


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A case with one evidence item, published sources and no claims."""
    folder = tmp_path / "cases" / "ten-accounts"
    (folder / "published").mkdir(parents=True)
    (folder / "case.yaml").write_text(CASE_YAML, encoding="utf-8")
    (folder / "published" / "sources.csv").write_text(SOURCES, encoding="utf-8")
    (folder / "published" / "facts.csv").write_text(FACTS, encoding="utf-8")
    made = Case(folder, clock=lambda: datetime(2024, 9, 3, 12, tzinfo=UTC))
    letter = tmp_path / "letter.txt"
    letter.write_text("dear editor", encoding="utf-8")
    staged = made.evidence.stage({"letter.txt": letter}, confidential=False)
    made.evidence.register(staged, {"actor": "aa", "reader": "document", "title": "A letter"})
    return made


@pytest.fixture
def claims(case: Case) -> pd.DataFrame:
    """Three claims: an observation, a rung, and a rung that breaks a rule."""
    frame = pd.DataFrame(
        [
            {
                "claim": "C1",
                "kind": "observation",
                "text": "The collection holds 10 accounts.",
                "evidence": ["E0001:3", "selection:personas"],
            },
            {
                "claim": "C2",
                "kind": "assessment",
                "rung": 1,
                "text": "It is very likely (80–95 %) that the ten are inauthentic.",
                "likelihood": "very likely",
                "confidence": "moderate",
                "evidence": ["E0001:p2", "GR-LP", "fact:G06"],
                "counter_evidence": "Two of them answer like people, see E0001:9.",
            },
            {
                "claim": "C3",
                "kind": "assessment",
                "rung": 4,
                "text": "As reported by AP, somebody directs them.",
                "confidence": "low",
                "evidence": ["AP"],
                "violations": ["R4: says nothing of what would change it"],
            },
        ]
    )
    return case.write("claims", frame)


@pytest.fixture
def notebooks() -> list[tuple[str, Any]]:
    """Two executed notebooks; drawn once, for pictures take time, and each test has its own."""
    mark_synthetic(True)
    return copy.deepcopy(_drawn(spoken()))


@cache
def _drawn(_language: str) -> list[tuple[str, Any]]:
    first = notebook(
        "01-collection",
        words("# 1. Collection: what is here\n\nWhat do we have?\n\n**Needs** files.", "title"),
        code("import casebook as cb\ncase = cb.Case(case)", "set-up"),
        words("## What was collected\n\nThe letter is E0001, read from line E0001:1.", "what"),
        code("cb.said()", "said", listing()),
        code("cb.bars()", "bars", figure()),
        words("Next: [2. Review](02-persona-review.ipynb) looks at each.", "next"),
    )
    second = notebook(
        "02-persona-review",
        words("# 2. Review\n\nSee [chapter one](01-collection.ipynb).", "title"),
        code("cb.bars()", "bars", figure("Bars rise again")),
        code("cb.say()", "say", Statement("**10** accounts.", id="ten", evidence=["E0001"])),
        code("cb.note()", "note", Note("This cannot be assessed here.")),
    )
    return [("01-collection", first), ("02-persona-review", second)]


@pytest.fixture
def run() -> dict[str, Any]:
    return {
        "case": "ten-accounts",
        "run_id": "0123456789abcdef",
        "status": "complete",
        "edition": "internal",
        "steps": [
            {"step": "01-collection", "status": "done", "parameters": {"case": "ten-accounts"}},
            {"step": "02-persona-review", "status": "done", "parameters": {"gap_days": 7}},
        ],
        "inputs": {"case.yaml": "ab" * 32},
        "versions": {"casebook": "0.1.0", "pandas": "3.0"},
        "missing": [{"rule": "R6", "message": "The gate is not signed."}],
    }


@pytest.fixture
def report_folder(
    tmp_path: Path,
    case: Case,
    claims: pd.DataFrame,
    notebooks: list[tuple[str, Any]],
    run: dict[str, Any],
) -> Path:
    """A report folder as a run leaves it: report, notebooks, run record, manifest."""
    folder = tmp_path / "reports"
    (folder / "notebooks").mkdir(parents=True)
    for step, content in notebooks:
        nbformat.write(content, folder / "notebooks" / f"{step}.ipynb")
    run["inputs"] = {
        "evidence.jsonl": case.evidence.log.head(),
        "case.yaml": hashlib.sha256((case.folder / "case.yaml").read_bytes()).hexdigest(),
        "notebooks/01-collection.ipynb": "cd" * 32,
    }
    build(folder, case, run)
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    seal(folder)
    return folder
