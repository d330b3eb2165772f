"""What falls when one evidence item is taken away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from casebook.attribution.claims import Claim, parse_claims
from casebook.attribution.ladder import ladder
from casebook.attribution.rules import check_claims
from casebook.attribution.values import named_values

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
        edges = kept["edges"]
        fast = edges[edges["finding"] == "synchrony"]
        tied = set(fast["source"]) | set(fast["target"])
        kept["clusters"] = kept["clusters"][kept["clusters"]["account"].isin(tied)]
    return kept


def _rests_on(references: Iterable[str], item: str) -> bool:
    return any(str(r).partition(":")[0] == item for r in references)


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
        that print another sentence), holds (claims that stay as they are). Items that no claim
        needs are left out.
    """
    listed = list(claims)
    if not listed:
        return pd.DataFrame(columns=list(COLUMNS))
    before = _state(listed, register, values, tables, group, given)
    cited = _cited_sources(listed, given.get("facts"))
    rows = []
    for item, title in zip(register["evidence_id"], register["title"], strict=True):
        kept = without_item(tables, str(item))
        held = any(len(kept[name]) < len(tables[name]) for name in tables)
        if not held and item not in cited:
            continue
        fewer = named_values(kept) if held else _without_rows(values, str(item))
        after = _state(listed, register[register["evidence_id"] != item], fewer, kept, group, given)
        falls = [c for c in before if after[c][0] - before[c][0]]
        changes = [c for c in before if c not in falls and after[c][1] != before[c][1]]
        if falls or changes:
            holds = [c for c in before if c not in falls and c not in changes]
            rows.append((item, title, falls, changes, holds))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _cited_sources(
    claims: Iterable[Mapping[str, Any] | Claim], facts: pd.DataFrame | None
) -> set[str]:
    """Return the ids that claims cite directly, and the sources of the facts they cite."""
    parsed = [c if isinstance(c, Claim) else parse_claims([c])[0] for c in claims]
    references = {r for claim in parsed for r in claim.evidence}
    found = {r.partition(":")[0] for r in references}
    if facts is not None:
        used = facts[("fact:" + facts["fact_id"].astype(str)).isin(references)]
        for sources in used["sources"].astype(str):
            found |= {s.partition("(")[0].strip() for s in sources.split(";")}
    return found


def _without_rows(values: Mapping[str, Value], item: str) -> dict[str, Value]:
    return {
        name: replace(v, rows=tuple(r for r in v.rows if r.partition(":")[0] != item))
        for name, v in values.items()
    }


def _state(  # noqa: PLR0917 - one call, read in one place
    claims: list[Mapping[str, Any] | Claim],
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
