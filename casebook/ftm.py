"""Findings as FollowTheMoney entities, for Aleph and other tools of investigative newsrooms.

As in the STIX bundle, an account is listed by a person's verdict alone, masks work before
identifiers are made, and there is no clock. No entity says that an account belongs to a network:
that is a claim, and stands in a note with its words.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook.stix import claims_of, listed_accounts, masked, stable_id, warning, word
from casebook.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casebook.case import Case
    from casebook.report.masking import Mask

NAME = "entities.ftm.json"


def ftm_entities(case: Case, mask: Mask | None = None) -> list[dict[str, Any]]:
    """Return the findings of a case as FollowTheMoney entities.

    Parameters
    ----------
    case : Case
    mask : Mask, optional
        What replaces handles, ids and quotations.

    Returns
    -------
    list of dict
        id, schema and properties: a ``UserAccount`` for each account a person judged, an
        ``Organization`` for each network that case.yaml names, a ``Note`` for each claim.

    References
    ----------
    The FollowTheMoney data model, version 4.
    """
    said = visible(warning(case))
    accounts = [
        _entity(
            "UserAccount",
            {
                "name": word(row["handle"]) or word(row["account_id"]),
                "username": word(row["handle"]) or word(row["account_id"]),
                "service": word(row["platform"]),
                "createdAt": "" if pd.isna(row["created_at"]) else f"{row['created_at']:%Y-%m-%d}",
                "notes": [f"A person's verdict: {word(row['verdict'])}.", said],
            },
        )
        for row in masked(listed_accounts(case), mask).to_dict("records")
    ]
    networks = [
        _entity(
            "Organization",
            {
                "name": visible(n["name"]),
                "alias": [visible(a) for a in n.get("aliases", [])],
                "notes": visible(f"A network, named by {n.get('attributed_by', 'others')}."),
            },
        )
        for n in case.settings.networks
    ]
    notes = [_note(row, accounts) for row in claims_of(case, mask).to_dict("records")]
    return [*accounts, *networks, *notes]


def ftm_lines(case: Case, mask: Mask | None = None) -> str:
    """Return the entities as JSON, one a line."""
    return "".join(
        json.dumps(e, ensure_ascii=False, sort_keys=True) + "\n" for e in ftm_entities(case, mask)
    )


def _entity(schema: str, values: Mapping[str, str | list[str]]) -> dict[str, Any]:
    listed = {k: [v] if isinstance(v, str) else list(v) for k, v in values.items()}
    held = {k: kept for k, v in listed.items() if (kept := [part for part in v if part])}
    key = str(stable_id(f"ftm:{schema}", held))
    return {"id": key, "schema": schema, "properties": held}


def _note(row: Mapping[Any, Any], accounts: list[dict[str, Any]]) -> dict[str, Any]:
    cited = ", ".join(word(e) for e in row["evidence"])
    against = word(row["counter_evidence"])
    said = [
        f"Evidence: {cited}.",
        f"Against it: {against}" if against else "",
        f"Likelihood: {word(row['likelihood'])}" if word(row["likelihood"]) else "",
        f"Confidence: {word(row['confidence'])}" if word(row["confidence"]) else "",
    ]
    values: dict[str, str | list[str]] = {
        "name": f"Claim {word(row['claim'])}",
        "description": word(row["text"]),
        "notes": said,
    }
    if not pd.isna(row["rung"]) and int(row["rung"]) < 4:
        values["entity"] = [a["id"] for a in accounts]
    return _entity("Note", values)
