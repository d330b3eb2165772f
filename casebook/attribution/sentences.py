"""One claim under the rules: as written, as printed, and everything it cites."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from casebook.attribution import language as words
from casebook.attribution.citations import Cited, cite
from casebook.attribution.values import Value, records, selection, shown
from casebook.errors import CasebookError
from casebook.language import say
from casebook.text import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from casebook.attribution.claims import Claim

PLACEHOLDER = re.compile(r"\{\{\s*([\w]+)\s*(?:\|\s*([\w]+)\s*)?\}\}")
HOLE = "∎"
_EMPTY_WORDS = re.compile(
    r"(?:(?:there (?:is|was|are|were) )?(?:none|nothing|no (?:counter.?evidence|evidence))|n/?a|no"
    r"|not applicable|unknown|see|tbd|to do|-+|aucun\w*|néant|rien|sans objet|voir)\b"
    r"(?!.*(?:look|search|sought|check|tested|cherch|vérifi|examin)).{0,40}",
    re.IGNORECASE,
)
"""A field that says there is nothing, without saying what was looked for."""


class Broken(NamedTuple):
    """One broken rule: which, and how to mend it."""

    rule: str
    message: str


@dataclass
class Finding:
    """Everything the rules look at. Built by `check_claims`."""

    register: pd.DataFrame
    values: Mapping[str, Value]
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    ladder: pd.DataFrame | None = None
    facts: pd.DataFrame | None = None
    factcheck: pd.DataFrame | None = None
    networks: list[Mapping[str, Any]] = field(default_factory=list)
    language: str = "en"
    claims: list[Claim] = field(default_factory=list)
    terms_used: set[str] = field(default_factory=set)

    @cached_property
    def rows(self) -> dict[str, dict[str, Any]]:
        """The register by id."""
        return {str(r["evidence_id"]): r for r in records(self.register)}

    @cached_property
    def fact_rows(self) -> dict[str, dict[str, Any]]:
        """The published facts by id."""
        if self.facts is None:
            return {}
        return {str(r["fact_id"]): r for r in records(self.facts)}


@dataclass
class Sentence:
    """One claim under the rules: as written, as printed, and what it cites."""

    claim: Claim
    finding: Finding
    cited: Cited
    values: Mapping[str, Value]
    printed: str = ""
    problems: list[Broken] = field(default_factory=list)

    @cached_property
    def bare(self) -> str:
        """The text with placeholders punched out and quotations blanked."""
        return words.straight(words.unquoted(self.punched(self.claim.text)))

    @cached_property
    def bare_headline(self) -> str:
        """The headline in the same state."""
        return words.straight(words.unquoted(self.punched(self.claim.headline)))

    def punched(self, text: str) -> str:
        """Return a text with each computed value punched out and the likelihood filled in."""
        term = self.claim.likelihood
        return PLACEHOLDER.sub(lambda m: term if m[1] == "likelihood" else HOLE, text)

    def quote(self, text: str | None = None, near: int = 0) -> str:
        """Return the sentence at fault, shortened, in quotation marks."""
        whole = self.claim.text if text is None else text
        for sentence in words.sentences(whole):
            start = whole.find(sentence)
            if start <= near < start + len(sentence):
                return say("“{text}”", text=shorten(sentence, 160))
        return say("“{text}”", text=shorten(whole, 160))


def read_sentence(claim: Claim, finding: Finding) -> Sentence:
    """Return a claim with its citations followed and its values filled in."""
    problems: list[Broken] = []
    own: dict[str, Value] = {}
    for name, described in claim.values.items():
        try:
            own[str(name)] = selection(str(name), described, finding.tables)
        except CasebookError as error:
            remedy = f" ({error.remedy})" if error.remedy else ""
            problems.append(Broken("R1", f"{error.what}{remedy}."))
    values = {**finding.values, **own}
    cited, unresolved = cite(
        claim.evidence, finding.rows, finding.fact_rows, values, finding.tables
    )
    one = Sentence(claim, finding, cited, values, problems=problems)
    one.problems += [Broken("R1", message) for message in unresolved]
    one.printed = _filled(one)
    return one


def _filled(one: Sentence) -> str:
    """Return the text as printed; a name that is no value stays visible."""

    def fill(match: re.Match[str]) -> str:
        name, form = match[1], match[2] or ""
        if name == "likelihood":
            return _term_with_band(one)
        value = one.values.get(name)
        return match[0] if value is None else shown(value.value, form, one.finding.language)

    return PLACEHOLDER.sub(fill, one.claim.text)


def _term_with_band(one: Sentence) -> str:
    term, seen = one.claim.likelihood, one.finding.terms_used
    bands = words.BANDS[one.finding.language]
    if term not in bands:
        return term or "{{ likelihood }}"
    first = term not in seen
    seen.add(term)
    return f"{term} ({words.band(term, one.finding.language)})" if first else term


def is_empty(text: str) -> bool:
    """Tell whether a field was filled in without saying anything."""
    bare = text.strip()
    return len(bare.split()) < 3 or _EMPTY_WORDS.fullmatch(bare) is not None


def first(text: str, terms: tuple[str, ...]) -> words.Found | None:
    """Return the first of some terms in a text."""
    found = words.find(text, terms)
    return found[0] if found else None


def names_of(network: Mapping[str, Any]) -> list[str]:
    """Return the name and the aliases of a network."""
    return [str(network.get("name", "")), *map(str, network.get("aliases") or [])]
