"""A codebook is read whole or not at all, and says on which line it is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casebook.codebook import load_codebook
from casebook.errors import CaseError

if TYPE_CHECKING:
    from pathlib import Path

BOOK = """\
narratives:
  - id: rents
    label: "Rents"
    definition: "Posts on rents."
    terms:
      - "rent"
      - "cost of housing"
    exclusions: ["rent a car"]
targets:
  - id: mayor
    label: "The mayor"
    definition: "Names the mayor."
    terms: ["mayor"]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "codebook.yaml"


def test_entries_are_read_in_order_with_their_kind(path: Path) -> None:
    path.write_text(BOOK, encoding="utf-8")
    book = load_codebook(path)
    assert list(book["code"]) == ["rents", "mayor"]
    assert list(book["kind"]) == ["narrative", "target"]
    assert book["terms"].iloc[0] == ["rent", "cost of housing"]
    assert list(book["exclusions"]) == [["rent a car"], []]


def test_no_file_is_no_entry(path: Path) -> None:
    assert load_codebook(path).empty


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ('    label: "Rents"', '    lable: "Rents"', 3, "did you mean 'label'"),
        ("narratives:", "naratives:", 1, "did you mean 'narratives'"),
        ('    definition: "Posts on rents."\n', "", 2, "no definition"),
        ('      - "rent"', "      - 2024", 6, 'write it in quotes: "2024"'),
        ('      - "rent"', '      - "@somebody"', 6, "no word to look for"),
        ("id: mayor", "id: rents", 10, "'rents' is given twice"),
        ("id: rents", "id: The Rents", 2, "lower-case letters"),
        ('exclusions: ["rent a car"]', 'exclusions: ["!!"]', 8, "no word to look for"),
        ('    terms: ["mayor"]', "    terms: mayor", 13, "takes a list"),
        ("narratives:", "narratives: !!python/object:os.x", 1, "YAML"),
    ],
)
def test_a_mistake_is_said_with_its_line(
    path: Path, before: str, after: str, line: int, said: str
) -> None:
    assert before in BOOK
    path.write_text(BOOK.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(CaseError, match=f"codebook.yaml, line {line}") as error:
        load_codebook(path)
    assert said in str(error.value)


def test_a_list_is_no_codebook(path: Path) -> None:
    path.write_text("- rents\n", encoding="utf-8")
    with pytest.raises(CaseError, match="not a codebook"):
        load_codebook(path)
