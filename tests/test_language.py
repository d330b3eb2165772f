"""The case's language: one catalogue, complete, and written as its language is written."""

from __future__ import annotations

import ast
import json
import re
import string
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from casebook import language
from casebook.language import day, number, read_catalogue, say, say_count, speak, word

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "casebook" / "locale").rglob("*.po"))
OTHERS = [code for code in language.LANGUAGES if code != "en"]


@pytest.fixture
def french(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    known = {
        "{some} of {all} accounts": ("{some} comptes sur {all}",),
        "{n} account": ("{n} compte", "{n} comptes"),
        "under review": ("à l’examen",),
    }
    monkeypatch.setattr(language, "catalogue", lambda _: known)
    speak("fr")
    yield
    speak("en")


def said_in_code() -> dict[str, list[str]]:
    """Sentence -> where it is passed to `say` or `say_count`."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "casebook").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", "")
            if not isinstance(node, ast.Call) or name not in {"say", "say_count"}:
                continue
            for given in node.args[: 1 if name == "say" else 2]:
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    found.setdefault(given.value, []).append(place)
                    continue
                assert isinstance(given, (ast.Name, ast.Attribute, ast.Subscript)), (
                    f"{place}: {name}() takes a literal or a name, not something put together"
                )
    return found


def paragraphs() -> set[str]:
    """The words of the notebooks that a report prints, a paragraph each."""
    found = set()
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                found |= set(re.split(r"\n\s*\n", "".join(cell["source"])))
    return {p for p in found if p.strip() and not p.startswith(("**Needs**", "Next: "))}


def texts_in_code() -> set[str]:
    found: set[str] = set()
    for path in sorted((ROOT / "casebook").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value, node.value.replace("_", " ")}
            if isinstance(node, ast.keyword) and node.arg:
                found.add(node.arg.replace("_", " "))
    return found


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_a_sentence_gets_its_values_as_its_language_writes_them(french: None) -> None:
    assert say("{some} of {all} accounts", some=3, all=1200) == "3 comptes sur 1\u202f200"
    assert say("never translated {share:.1%}", share=0.125) == "never translated 12,5\u202f%"
    assert say_count("{n} account", "{n} accounts", 0) == "0 compte"
    assert say_count("{n} account", "{n} accounts", 2) == "2 comptes"
    assert word("under review") == "à l’examen"
    assert word("@somebody") == "@somebody"
    assert number(-0.5, ".2f") == "-0,50"
    assert day(pd.Timestamp("2024-09-01")) == "1er sept. 2024"


def test_english_needs_no_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "catalogue", lambda _: pytest.fail("opened"))
    assert say("{some} of {all} accounts", some=3, all=1200) == "3 of 1,200 accounts"
    assert say_count("{n} account", "{n} accounts", 1) == "1 account"
    assert word("under review") == "under review"
    assert day(pd.Timestamp("2024-09-01")) == "1 Sep 2024"


def test_a_year_or_an_id_given_as_text_stays_as_it_is(french: None) -> None:
    assert say("{year} and {braces}", year="2024", braces="{x} 1,000.5") == "2024 and {x} 1,000.5"


def test_a_missing_translation_is_an_error_where_tests_ask_for_it(
    french: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(language.STRICT, "1")
    with pytest.raises(LookupError, match="nobody said this"):
        say("nobody said this")
    assert word("a handle") == "a handle"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="'de' is not a language of the catalogue: en, fr"):
        speak("de")


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_of_the_code_is_translated(code: str) -> None:
    known = language.catalogue(code)
    missing = {s: places for s, places in said_in_code().items() if s not in known}
    plural = {v for forms in known.values() if len(forms) > 1 for v in forms}
    assert plural or not missing
    many = {
        s for path in FILES for m in read_catalogue(path)
        if isinstance(m.id, tuple) and path.parent.name == code for s in m.id
    }  # fmt: skip
    assert {s: p for s, p in missing.items() if s not in many} == {}


@pytest.mark.parametrize("path", FILES, ids=[p.name for p in FILES])
def test_no_translation_is_empty_doubtful_or_of_what_nobody_says(path: Path) -> None:
    used = texts_in_code() | paragraphs()
    for message in read_catalogue(path):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        if ids == ("",):
            continue
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(strings), f"{ids[0]!r} is not translated"
        assert not message.fuzzy, f"{ids[0]!r} is marked fuzzy"
        assert set(ids) <= used, f"{ids[0]!r} is said nowhere"
        for told in strings:
            assert fields(told) - {"n"} == set().union(*map(fields, ids)) - {"n"}, ids[0]


@pytest.mark.parametrize("code", OTHERS)
def test_no_sentence_is_translated_twice(code: str) -> None:
    ids = [m.id for path in FILES if path.parent.name == code for m in read_catalogue(path) if m.id]
    assert len(ids) == len(set(ids)), {i for i in ids if ids.count(i) > 1}


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name == "fr"], ids=lambda p: p.name)
def test_french_is_set_as_french_is_set(path: Path) -> None:
    for message in read_catalogue(path):
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for told in filter(None, strings if message.id else ()):
            plain = re.sub(r"`[^`]*`|\{[^}]*\}|https?:\S+", "", told)
            assert not re.search(r"[ \w][ ][;:!?»%]", plain), f"a breaking space: {told!r}"
            assert not re.search(r"\w[;!?»](?!\w)|« ?(?![\u00a0\u202f])\w", plain), (
                f"no space: {told!r}"
            )
            assert not re.search(r"\w'\w", plain), f"write ’ for an apostrophe: {told!r}"
