"""The rules, applied to a case as it stands: what `casebook check` and the end of a run say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from casebook.attribution.rules import Checked
    from casebook.case import Case


def check_case(case: Case) -> Checked:
    """Check claims.yaml against the tables that are there, and return what notebook 4 would.

    A table that was not made yet supports nothing, so a claim that cites it breaks a rule.
    """
    return claims_check(case)(case.claims(), hashes=True)


def claims_check(case: Case) -> Callable[..., Checked]:
    """Return a function that checks claims against a case as it stands: tables are read once.

    The function takes claims as `Case.claims` gives them, and ``hashes`` as `check_claims` does.
    """
    from casebook.attribution import (
        CLAIM_TABLES,
        check_claims,
        evidence_tags,
        indicator_matches,
        ladder,
        named_values,
        register,
    )
    from casebook.personas import group_battery

    def published(name: str) -> pd.DataFrame | None:
        return case.published(name) if case.has_published(name) else None

    tables = {name: case.read(name) for name in CLAIM_TABLES if case.has(name)}
    if {"accounts", "posts", "indicators"} <= tables.keys():
        tables["matches"] = indicator_matches(
            tables["accounts"], tables["posts"], tables["indicators"]
        )
    graded = register(case.evidence_items(), published("sources"), case.settings.grades)
    tables["tags"] = evidence_tags(case.settings.tags, graded)
    values = named_values(tables)
    rungs = ladder(tables, graded, values, group=group_battery) if "accounts" in tables else None
    facts, factcheck = published("facts"), published("factcheck")

    def check(claims: Sequence[Mapping[str, Any]], *, hashes: bool = False) -> Checked:
        return check_claims(
            claims,
            graded,
            values,
            tables=tables,
            ladder=rungs,
            facts=facts,
            factcheck=factcheck,
            settings=case.settings,
            replies=case.replies(),
            hashes=hashes,
        )

    return check
