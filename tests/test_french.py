"""The example in French: every word that the program says, and the same findings."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from casebook import language
from casebook.report.elements import Node, read_page
from tests.test_whole_chain import HERE, copy_of_the_example, start

ENGLISH = {
    "the", "of", "and", "is", "are", "that", "with", "from", "not", "was", "were", "by", "this",
    "which", "have", "has", "what", "who", "no", "each", "their", "they", "it", "how", "where",
}  # fmt: skip
FRENCH = {
    "le", "la", "les", "des", "de", "du", "et", "est", "sont", "que", "qui", "un", "une", "dans",
    "par", "pour", "pas", "ne", "ce", "ces", "à", "au", "aux", "en", "sur", "se", "ont", "ou",
}  # fmt: skip
AS_COLLECTED = {"register", "facts", "sources"}
"""Sections that print what others wrote: how an item was found, titles, statements."""
TOLD = {"h1", "h2", "h3", "h4", "p", "li", "th", "figcaption", "caption", "summary", "dt"}


def is_english(text: str) -> bool:
    """Tell an English sentence by its small words."""
    plain = re.sub(r"\S*[\w]-[\w]\S*", "", text.lower())  # 03b-narratives-and-reach
    words = re.findall(r"[a-zàâçéèêëîïôûù]+", plain)
    english, french = (sum(w in known for w in words) for known in (ENGLISH, FRENCH))
    return english >= 2 and english > french


def told(node: Node, inside: str = "fr"):
    """Yield the words of each element that the program fills, but for quotations and code."""
    for child in node.children:
        if not isinstance(child, Node) or child.tag in {"pre", "code", "td", "svg"}:
            continue
        if child.id in AS_COLLECTED:
            continue
        spoken = child.attributes.get("lang", inside)
        if spoken == "fr" and child.tag in TOLD:
            own = [c if isinstance(c, str) else c.words() for c in child.children
                   if isinstance(c, str) or (c.tag in {"b", "em", "strong", "span"}
                                             and c.attributes.get("lang", "fr") == "fr")]  # fmt: skip
            yield re.sub(r"«[^»]*»|“[^”]*”", "", " ".join(own))
        yield from told(child, spoken)


def test_an_english_sentence_is_told_from_a_french_one():
    assert is_english("The hash of a file is not what it says")
    assert not is_english("Ce que dit un fichier n’est pas établi par son empreinte")


@pytest.fixture(scope="module")
def french(tmp_path_factory):
    case = copy_of_the_example(tmp_path_factory.mktemp("fr"))
    run = start(case, {**HERE, language.STRICT: "1"}, "--language", "fr", "--light")
    said, _ = run.communicate(timeout=900)
    assert run.returncode == 0, said
    return case


@pytest.mark.slow
def test_the_page_is_french_and_marks_what_is_not(french):
    page = (french / "reports.fr" / "report.html").read_text(encoding="utf-8")
    root, pictures = read_page(page)
    (html,) = root.find("html")
    assert html.attributes["lang"] == "fr"
    quoted = [s.words() for s in html.find("span") if s.attributes.get("lang") == "en"]
    assert "X posts of the accounts under review, captured with Zeeschuimer (synthetic)" in quoted
    assert [t for t in told(html) if is_english(t)] == []
    drawn = [re.sub(r"<style.*?</style>", "", p, flags=re.DOTALL) for p in pictures]
    words = [w for p in drawn for w in re.findall(r">([^<>]+)<", p)]
    assert [w for w in words if is_english(w)] == []


@pytest.mark.slow
def test_the_findings_are_those_of_the_english_run(french):
    done = subprocess.run(
        [sys.executable, "-m", "casebook.cli", "check", str(french), "--language", "fr"],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    record = json.loads((french / "reports.fr" / "run.json").read_text(encoding="utf-8"))
    assert record["missing"] == []
    assert "case.fr.yaml" in record["inputs"]
