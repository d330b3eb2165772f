"""What a claim cites: each id followed to a register row, each row to a line of a file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casebook import schema
from casebook.attribution.language import NUMBER_WORDS, plain_number, years
from casebook.attribution.values import Value, rows_of
from casebook.language import say, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

_ROW = re.compile(r"(E\d{4,}):(\d+)")
_PART = re.compile(r"(E\d{4,})(?::p\d+|#[\w=,.-]+)")
_WHOLE = re.compile(r"E\d{4,}")
_DIGITS = re.compile(r"\d+(?:[.,\u202f\u00a0 ]\d{3})*(?:[.,]\d+)?")


@dataclass
class Cited:
    """What the citations of one claim lead to."""

    items: set[str] = field(default_factory=set)
    references: set[str] = field(default_factory=set)
    selections: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)
    facts: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add_item(self, name: str, register: Mapping[str, dict[str, Any]]) -> None:
        """Take up one register row, once."""
        if name in register and name not in self.items:
            self.items.add(name)
            self.rows.append(register[name])

    @property
    def origins(self) -> list[str]:
        """Origin groups of everything cited."""
        return [str(r["origin_group"]) for r in self.rows]

    @property
    def origins_by_kind(self) -> dict[str, list[str]]:
        """Origin groups under the kind of evidence."""
        found: dict[str, list[str]] = {}
        for row in self.rows:
            found.setdefault(str(row["kind"]), []).append(str(row["origin_group"]))
        return found

    @property
    def is_all_open(self) -> bool:
        """Whether nothing cited is proprietary or classified material held here."""
        return all(r["access"] == "open" or r["basis"] == "reported" for r in self.rows)

    @property
    def is_only_reported(self) -> bool:
        """Whether nothing cited can be tested here."""
        return bool(self.rows) and all(r["basis"] == "reported" for r in self.rows)

    @property
    def testable_kinds(self) -> list[str]:
        """Kinds of the evidence held here."""
        return [str(r["kind"]) for r in self.rows if r["basis"] == "testable"]

    @property
    def printed(self) -> list[dict[str, Any]]:
        """What is cited without being a row: facts as stated, documents and sources as known."""
        known = ("evidence_id", "title", "sha256", "source_url")
        return [*self.facts, *({key: row.get(key) for key in known} for row in self.rows)]

    @property
    def statements(self) -> str:
        """The cited facts in one lower-case text."""
        return " ".join(str(f.get("statement", "")) for f in self.facts).lower()

    @property
    def reported_numbers(self) -> set[str]:
        """Numbers that the cited facts hold, digits and words."""
        digits = {plain_number(d) for d in _DIGITS.findall(self.statements)}
        spoken = set(re.findall(r"\w+", self.statements))
        return digits | (spoken & {w for group in NUMBER_WORDS.values() for w in group})

    @property
    def reported_years(self) -> set[str]:
        """Years that the cited facts hold, in their date or their words."""
        return years(" ".join(f"{f.get('date', '')} {f.get('statement', '')}" for f in self.facts))


def cite(
    evidence: Iterable[str],
    register: Mapping[str, dict[str, Any]],
    facts: Mapping[str, dict[str, Any]],
    values: Mapping[str, Value],
    tables: Mapping[str, pd.DataFrame],
) -> tuple[Cited, list[str]]:
    """Return what the citations lead to, and a message for each that leads nowhere."""
    cited, problems = Cited(), []
    for reference in evidence:
        problem = _cite_one(
            cited, reference, register=register, facts=facts, values=values, tables=tables
        )
        if problem:
            problems.append(problem)
    return cited, problems


def _cite_one(
    cited: Cited,
    reference: str,
    *,
    register: Mapping[str, dict[str, Any]],
    facts: Mapping[str, dict[str, Any]],
    values: Mapping[str, Value],
    tables: Mapping[str, pd.DataFrame],
) -> str | None:
    kind, _, name = reference.partition(":")
    if kind == "selection":
        return _cite_selection(cited, name, register, values)
    if kind == "fact":
        return _cite_fact(cited, name, register, facts)
    if match := _ROW.fullmatch(reference) or _PART.fullmatch(reference):
        if match[1] not in register:
            return _unknown(reference, match[1], register)
        if match.re is _ROW and not _has_row(reference, tables):
            return say(
                "{reference} leads nowhere: {item} has no such row. Cite a row that was read.",
                reference=reference,
                item=match[1],
            )
        cited.references.add(reference)
        cited.tables |= _tables_with(reference, tables)
        cited.add_item(match[1], register)
        return None
    if reference not in register:
        return _unknown(reference, reference, register)
    if _WHOLE.fullmatch(reference) and _has_records(reference, tables):
        return say(
            "{reference} is cited whole. Cite the rows ({reference}:41) or a stored selection, so "
            "that a reader finds the line.",
            reference=reference,
        )
    cited.references.add(reference)
    cited.add_item(reference, register)
    return None


def _cite_selection(
    cited: Cited,
    name: str,
    register: Mapping[str, dict[str, Any]],
    values: Mapping[str, Value],
) -> str | None:
    value = values.get(name)
    if value is None:
        hint = schema.nearest(name, values)
        missing = say("{reference} does not exist.", reference=f"selection:{name}")
        return missing + _meant("selection:", hint)
    if not value.rows:
        return say(
            "{reference} ({meaning}) is empty: it can support nothing.",
            reference=f"selection:{name}",
            meaning=word(value.meaning),
        )
    cited.selections.add(name)
    cited.tables.add(value.table)
    cited.references |= set(value.rows)
    for item in sorted({r.partition(":")[0] for r in value.rows}):
        cited.add_item(item, register)
    return None


def _cite_fact(
    cited: Cited,
    name: str,
    register: Mapping[str, dict[str, Any]],
    facts: Mapping[str, dict[str, Any]],
) -> str | None:
    if name not in facts:
        hint = schema.nearest(name, facts)
        missing = say("{reference} is not among the published facts.", reference=f"fact:{name}")
        return missing + _meant("fact:", hint)
    fact = facts[name]
    cited.facts.append(fact)
    cited.references.add(f"fact:{name}")
    for source in str(fact.get("sources", "")).split(";"):
        cited.add_item(source.partition("(")[0].strip(), register)
    return None


def _unknown(reference: str, item: str, register: Mapping[str, dict[str, Any]]) -> str:
    hint = schema.nearest(item, register)
    nowhere = say(
        "{reference} leads nowhere: it is neither live evidence nor a published source.",
        reference=reference,
    )
    return nowhere + _meant("", hint)


def _meant(kind: str, hint: str | None) -> str:
    return " " + say("Did you mean {hint}?", hint=f"{kind}{hint}") if hint else ""


def _has_row(reference: str, tables: Mapping[str, pd.DataFrame]) -> bool:
    return not _records(tables) or bool(_tables_with(reference, tables))


def _tables_with(reference: str, tables: Mapping[str, pd.DataFrame]) -> set[str]:
    return {name for name, frame in _records(tables).items() if len(rows_of(frame, [reference]))}


def _has_records(item: str, tables: Mapping[str, pd.DataFrame]) -> bool:
    return any(frame["evidence_id"].eq(item).any() for frame in _records(tables).values())


def _records(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {n: tables[n] for n in schema.RECORD_TABLES if tables.get(n) is not None}
