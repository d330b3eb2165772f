"""Tags of published vocabularies on evidence: what it shows, in words that others use, and why.

Codes and names only; the frameworks themselves say what they mean. A tag is a person's choice with
its reason, and two codes of DISARM speak for an account: they count like any other evidence.

References
----------
Nimmo and Hutchins 2023, *Phase-based Tactical Analysis of Online Operations* (the kill chain).
DISARM Foundation, DISARM Red Framework, version 1.6. Pamment 2020, *The EU's Role in Fighting
Disinformation: Crafting a Disinformation Framework* (ABCDE).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook import schema
from casebook.errors import ClaimError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DISARM_VERSION = "1.6"
TACTICS = (
    "Acquiring assets", "Disguising assets", "Gathering information", "Coordinating and planning",
    "Testing defenses", "Evading detection", "Indiscriminate engagement", "Targeted engagement",
    "Compromising assets", "Enabling longevity",
)  # fmt: skip
"""Tactics of the Online Operations Kill Chain, 0 to 9."""
PARTS = {"A": "Actor", "B": "Behaviour", "C": "Content", "D": "Degree", "E": "Effect"}
NAMED = {
    "T0143": "Persona legitimacy",
    "T0143.001": "Authentic persona",
    "T0143.002": "Fabricated persona",
    "T0143.003": "Impersonated persona",
    "T0143.004": "Parody persona",
}
"""The codes of DISARM that decide something here; others are taken by their form."""
EXCULPATORY = ("T0143.001", "T0143.004")
KEYS = ("item", "code", "why")
COLUMNS = ("item", "taxonomy", "code", "name", "exculpatory", "why")
_KILL_CHAIN = re.compile(r"[0-9](?:\.\d{1,2}){0,2}")
_DISARM = re.compile(r"T\d{4}(?:\.\d{3})?")


def evidence_tags(
    tags: Iterable[Mapping[str, Any]], register: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the tags of a case, each with the vocabulary and the name of its code.

    Parameters
    ----------
    tags : iterable of mapping
        ``tags:`` of case.yaml: item (an evidence id, a row of it or a source id), code, why.
    register : DataFrame, optional
        The table ``register``; then an item that is not in it is an error.

    Returns
    -------
    DataFrame
        item, taxonomy, code, name, exculpatory (bool: it speaks for an account), why.

    Raises
    ------
    ClaimError
        A code of no vocabulary, an item that does not exist, or no reason.
    """
    known = None if register is None else set(register["evidence_id"])
    rows = []
    for number, tag in enumerate(tags, start=1):
        where = f"case.yaml, tags, entry {number}"
        item, code, why = (str(tag.get(k) or "").strip() for k in KEYS)
        if not why:
            raise ClaimError(f"the tag {code!r} has no reason", where=where, remedy="add `why:`")
        if known is not None and item.partition(":")[0] not in known:
            hint = schema.nearest(item, sorted(known))
            raise ClaimError(
                f"{item!r} is neither an evidence item nor a source",
                where=where,
                remedy=f"did you mean {hint!r}?" if hint else "see `casebook list CASE`",
            )
        taxonomy, name = _named(code, where)
        rows.append((item, taxonomy, code, name, code in EXCULPATORY, why))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.sort_values(["taxonomy", "code", "item"], kind="stable", ignore_index=True)


def _named(code: str, where: str) -> tuple[str, str]:
    if code in PARTS:
        return "ABCDE", PARTS[code]
    if _KILL_CHAIN.fullmatch(code):
        return "Online Operations Kill Chain", TACTICS[int(code[0])]
    if _DISARM.fullmatch(code):
        name = NAMED.get(code) or NAMED.get(code.partition(".")[0]) or ""
        return f"DISARM {DISARM_VERSION}", name
    raise ClaimError(
        f"{code!r} is a code of no vocabulary here",
        where=where,
        remedy="kill chain (`9.4.2`), DISARM (`T0143.004`) or ABCDE (`B`), in quotation marks",
    )
