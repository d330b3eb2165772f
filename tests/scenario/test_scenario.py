"""The example world: made again it is the same, it is bland, and it says that it is synthetic."""

from __future__ import annotations

import ast
import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import casebook as cb
from casebook.scenario import cast

ROOT = Path(__file__).resolve().parents[2]
CASE = ROOT / "data" / "spamouflage-2024"
FILES = sorted(p for p in (CASE / "evidence").rglob("*") if p.is_file())
TEXTS = [p for p in FILES if p.suffix in {".csv", ".ndjson", ".json"}]


@pytest.fixture(scope="module")
def world():
    return cast.example_world()


def test_made_again_elsewhere_it_has_the_same_bytes():
    surroundings = {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    again = subprocess.run(
        [sys.executable, "-m", "casebook.scenario", "--check"],
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 0, again.stdout + again.stderr
    assert "the same bytes" in again.stdout


def test_another_seed_is_another_world():
    one, other = cast.example_world(1), cast.example_world(2)
    assert [d.time for d in one.deeds[:50]] != [d.time for d in other.deeds[:50]]


def test_it_is_as_large_as_promised(world):
    by_stratum = [p.stratum for p in world.people]
    assert by_stratum.count("persona") == 15
    platforms = sorted(p.platform for p in world.people if p.stratum == "outlet")
    assert platforms == ["instagram", "tiktok", "x", "youtube"]
    assert sum(p.role == "reference" for p in world.people) >= 300
    assert {"fans", "partisans", "diaspora", "newsroom", "ordinary"} <= set(by_stratum)
    assert 8_000 <= len(world.deeds) <= 12_000


def test_two_of_the_outlets_platforms_are_gone(world):
    last = {}
    for look in world.looks:
        if "daily_brief" in str(look.get("handle", "")):
            last[look["platform"]] = look["status"]
    gone = [p for p, status in last.items() if status in {"removed", "deactivated", "suspended"}]
    assert {"instagram", "youtube"} <= set(gone)


def test_it_is_small_enough_for_a_repository():
    assert sum(p.stat().st_size for p in FILES) < 8_000_000


def test_every_file_of_records_says_synthetic_in_name_and_content():
    assert len(TEXTS) >= 9
    for path in TEXTS:
        assert path.name.startswith("SYNTHETIC-")
        assert "synthetic" in path.read_text(encoding="utf-8").casefold()
    assert cb.Case(CASE).synthetic


def published_handles():
    """Return every handle-like word of the published layer."""
    found = set()
    for path in (CASE / "published").glob("*.csv"):
        found |= set(re.findall(r"@(\w{3,})", path.read_text(encoding="utf-8")))
    return {h.casefold() for h in found}


def test_no_handle_is_a_real_one(world):
    handles = {p.handle.casefold() for p in world.people}
    assert not handles & published_handles()
    assert all(re.match(r"synth|sample", h) for h in handles)


def test_texts_are_made_of_bland_words_alone(world):
    persuasive = re.compile(
        r"\b(vote|biden|trump|harris|election fraud|corrupt|hate|wake up|traitor|taiwan)\b",
        re.IGNORECASE,
    )
    for deed in world.deeds:
        assert not persuasive.search(deed.text), deed.text
    for look in world.looks:
        assert not persuasive.search(str(look.get("bio", "")))


def test_links_lead_nowhere(world):
    for deed in world.deeds:
        for url in deed.urls:
            assert re.match(r"https://[\w.-]+\.example/", url), url


def test_the_generator_knows_nothing_of_the_detectors():
    for path in (ROOT / "casebook" / "scenario").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                for room in ("personas", "network", "attribution", "objects", "fingerprints"):
                    assert not name.startswith(f"casebook.{room}"), f"{path.name}: {name}"


def test_captures_are_as_large_as_real_ones():
    path = next(p for p in TEXTS if p.suffix == ".ndjson")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) >= 400
    sizes = sorted(map(len, lines))
    assert 2_000 < sizes[len(sizes) // 2] < 16_000
    assert {"item_id", "data"} <= set(json.loads(lines[0]))


def rows_of(name):
    return list(
        csv.DictReader((CASE / "published" / name).read_text(encoding="utf-8").splitlines())
    )


def test_published_facts_have_a_source_each():
    sources = {row["source_id"] for row in rows_of("sources.csv")}
    facts = rows_of("facts.csv")
    assert len(facts) > 50
    for fact in facts:
        cited = [s.partition("(")[0].strip() for s in fact["sources"].split(";")]
        assert any(s in sources for s in cited), fact["fact_id"]
