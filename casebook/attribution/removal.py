"""What falls when one evidence item is taken away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from casebook.attribution.claims import Claim, parse_claims
from casebook.attribution.ladder import ladder
from casebook.attribution.rules import check_claims
from casebook.attribution.values import SYNCHRONY, named_values, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casebook.attribution.ladder import Group
    from casebook.attribution.values import Value

COLUMNS = ("evidence_id", "title", "falls", "changes", "holds")


def without_item(tables: Mapping[str, pd.DataFrame], item: str) -> dict[str, pd.DataFrame]:
    """Return the tables as they would be without one evidence item.

    Its own rows go; a signal, edge or verdict goes where any row it rests on was in it. That
    is stricter than computing them again, and needs no raw file. A line-up is about the reviewer
    and not about a row: it goes where all it rests on was in the item.
    """
    kept = {}
    for name, frame in tables.items():
        if "evidence_id" in frame.columns:
            kept[name] = frame[frame["evidence_id"] != item]
        elif "evidence" in frame.columns:
            gone = all if name == "line_ups" else any
            rests = [
                gone(str(r).partition(":")[0] == item for r in refs) for refs in frame["evidence"]
            ]
            kept[name] = frame[~np.array(rests, dtype=bool)]
        elif name == "tags":
            of = np.array([str(i).partition(":")[0] == item for i in frame["item"]], dtype=bool)
            kept[name] = frame[~of]
        else:
            kept[name] = frame
    if "clusters" in kept and "edges" in kept:
        # A member can be in a cluster without a fast pair of its own; only who had one and loses
        # it leaves.
        lost = _tied(tables["edges"]) - _tied(kept["edges"])
        kept["clusters"] = kept["clusters"][~kept["clusters"]["account"].isin(lost)]
    return kept


def _tied(edges: pd.DataFrame) -> set[str]:
    fast = edges[edges["finding"] == SYNCHRONY]
    return set(fast["source"]) | set(fast["target"])


def what_falls(
    claims: Iterable[Mapping[str, Any] | Claim],
    register: pd.DataFrame,
    values: Mapping[str, Value],
    *,
    tables: Mapping[str, pd.DataFrame],
    group: Group | None = None,
    **given: Any,
) -> pd.DataFrame:
    """Return, for each evidence item and source, which claims fall or change without it.

    Parameters
    ----------
    claims, register, values, tables :
        As for `check_claims`.
    group : callable, optional
        As for `ladder`.
    **given
        facts, factcheck, settings.

    Returns
    -------
    DataFrame
        evidence_id, title, falls (claims that break a rule they kept before), changes (claims
        that print another sentence, or stand on less), holds (claims that stay as they are). Items
        that no claim needs are left out.

    Notes
    -----
    A claim loses the item and keeps the rest of what it cites: it falls where the rest does not
    carry it. A published fact goes with the last of its sources.
    """
    listed = [c if isinstance(c, Claim) else parse_claims([c])[0] for c in claims]
    if not listed:
        return pd.DataFrame(columns=list(COLUMNS))
    before = _state(listed, register, values, tables, group, given)
    cited = _cited_sources(listed, given.get("facts"))
    grounds = [_grounds(claim, values, given.get("facts")) for claim in listed]
    rows = []
    for item, title in zip(register["evidence_id"], register["title"], strict=True):
        kept = without_item(tables, str(item))
        held = any(len(kept[name]) < len(tables[name]) for name in tables)
        if not held and item not in cited:
            continue
        fewer = named_values(kept) if held else _without_rows(values, str(item))
        facts = _facts_without(given.get("facts"), str(item))
        left = [_without(claim, str(item), given.get("facts"), facts) for claim in listed]
        others = register[register["evidence_id"] != item]
        after = _state(left, others, fewer, kept, group, {**given, "facts": facts})
        falls = [c for c in before if after[c][0] - before[c][0]]
        less = {c for c in before if after[c][1] != before[c][1]}
        less |= {
            claim.id
            for claim, fewer_cited, all_of in zip(listed, left, grounds, strict=True)
            if _grounds(fewer_cited, fewer, facts) != all_of
        }
        changes = [c for c in before if c not in falls and c in less]
        if falls or changes:
            holds = [c for c in before if c not in falls and c not in changes]
            rows.append((item, title, falls, changes, holds))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _sources_of(fact: Mapping[str, Any]) -> list[str]:
    return [s.partition("(")[0].strip() for s in str(fact.get("sources") or "").split(";")]


def _cited_sources(claims: Iterable[Claim], facts: pd.DataFrame | None) -> set[str]:
    """Return the ids that claims cite directly, and the sources of the facts they cite."""
    references = {r for claim in claims for r in claim.evidence}
    found = {r.partition(":")[0].partition("#")[0] for r in references}
    for fact in [] if facts is None else records(facts):
        if f"fact:{fact['fact_id']}" in references:
            found |= set(_sources_of(fact))
    return found


def _facts_without(facts: pd.DataFrame | None, item: str) -> pd.DataFrame | None:
    """Return the facts as they stand without one source; one that nobody else tells goes."""
    if facts is None:
        return None
    left = [[s for s in _sources_of(f) if s != item] for f in records(facts)]
    kept = facts.assign(sources=[";".join(sources) for sources in left])
    return kept[[bool(sources) for sources in left]]


def _without(
    claim: Claim, item: str, facts: pd.DataFrame | None, left: pd.DataFrame | None
) -> Claim:
    """Return a claim without what it cites of one item."""
    gone = set()
    if facts is not None and left is not None:
        gone = {f"fact:{f}" for f in set(facts["fact_id"]) - set(left["fact_id"])}
    kept = tuple(
        r for r in claim.evidence if r.partition(":")[0].partition("#")[0] != item and r not in gone
    )
    return replace(claim, evidence=kept)


def _grounds(
    claim: Claim, values: Mapping[str, Value], facts: pd.DataFrame | None
) -> frozenset[str]:
    """Return all a claim stands on: what it cites, the rows counted, the sources of its facts."""
    found = set(claim.evidence)
    for reference in claim.evidence:
        name = reference.removeprefix("selection:")
        found |= set(values[name].rows) if name in values else set()
    for fact in [] if facts is None else records(facts):
        if f"fact:{fact['fact_id']}" in found:
            found |= {f"{fact['fact_id']} of {source}" for source in _sources_of(fact)}
    return frozenset(found)


def _without_rows(values: Mapping[str, Value], item: str) -> dict[str, Value]:
    return {
        name: replace(v, rows=tuple(r for r in v.rows if r.partition(":")[0] != item))
        for name, v in values.items()
    }


def _state(  # noqa: PLR0917 - one call, read in one place
    claims: list[Claim],
    register: pd.DataFrame,
    values: Mapping[str, Value],
    tables: Mapping[str, pd.DataFrame],
    group: Group | None,
    given: Mapping[str, Any],
) -> dict[str, tuple[set[str], str]]:
    """Return per claim the rules it breaks and the sentence it prints."""
    checked = check_claims(
        claims,
        register,
        values,
        tables=tables,
        ladder=ladder(tables, register, values, group=group),
        hashes=False,
        **given,
    )
    broken = checked.violations.groupby("claim")["rule"].agg(set).to_dict()
    table = checked.table
    return {
        c: (set(broken.get(c, ())), t) for c, t in zip(table["claim"], table["text"], strict=True)
    }
