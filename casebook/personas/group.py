"""The group battery: in how many ways a group is unlike each kind of look-alike.

A p-value alone flags every fan club, and every way in which a group differs from ordinary accounts
is one in which some innocent kind differs from them too. So a group is called inauthentic only
where it differs from *each* kind of reference accounts in several ways, one of them hard to
explain.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from casebook.language import say, say_count, word
from casebook.numbers import cell, smallest
from casebook.personas.catalogue import DECISIVE, GROUP_FAMILIES
from casebook.personas.episodes import of_present_owners
from casebook.personas.look_alikes import MIN_GROUP

NEEDED_FAMILIES = 3
ORDINARY = "ordinary"
OFFICE_ABROAD = frozenset({"creation-burst", "zone-mismatch", "office-week"})
"""What an innocent office abroad shows that was opened at one time: not enough without a fourth."""


@dataclass(frozen=True)
class GroupFinding:
    """What the battery says of a group."""

    families: pd.DataFrame
    """signal, assessed, shown, counts (bool: it sets the group apart from some kind), apart_from
    (list), figures (dict: kind -> figure in words, the group under ""), why."""
    kinds: pd.DataFrame
    """kind, families (list), apart (bool): in what the group differs from each kind."""
    inauthentic: bool
    reason: str


def group_battery(signals: pd.DataFrame) -> GroupFinding:
    """Return which families speak for the group as a whole.

    Parameters
    ----------
    signals : DataFrame
        The table ``signals``, of the accounts under review. Of an account that changed hands only
        the last owner counts.

    Returns
    -------
    GroupFinding
        ``inauthentic`` only where three families or more, one of them decisive, set the group
        apart from each kind of reference accounts, and only where look-alikes are among them:
        clubs, newsrooms and campaigns differ from ordinary accounts as much as an operation does,
        each in its own way.
    """
    signals = of_present_owners(signals)
    families = pd.DataFrame(
        [_family(name, signals[signals["signal"] == name]) for name in GROUP_FAMILIES]
    )
    kinds = _kinds(signals, families)
    inauthentic = bool(kinds["apart"].all() and kinds["kind"].ne(ORDINARY).any())
    return GroupFinding(families, kinds, inauthentic, _reason(kinds, inauthentic=inauthentic))


def _family(name: str, rows: pd.DataFrame) -> dict[str, object]:
    known = rows[rows["shown"] != "not assessable"]
    out: dict[str, object] = {
        "signal": name, "assessed": len(known), "shown": 0, "counts": False, "apart_from": [],
        "figures": {}, "why": word("not assessable"),
    }  # fmt: skip
    if len(known) < MIN_GROUP:
        return out
    out["shown"] = int((known["shown"] == "shown").sum())
    if ((known["shown"] == "shown") & ~known["counted"]).any():
        return {**out, "why": say("the accounts were chosen because of it")}
    first = known.iloc[0]
    if not len(first["figures"]):
        return {**out, "why": say("no reference accounts to compare with")}
    apart = list(first["apart_from"])
    kinds = sorted([*apart, *first["alike"]], key=_ordinary_first)
    figures = dict(zip(["", *kinds], first["figures"], strict=True))
    told = [
        say("{kind}: {figure}", kind=word(kind), figure=figures[kind])
        for kind in sorted(apart, key=_ordinary_first)
    ]
    why = "; ".join([say("the group: {figure}", figure=figures[""]), *told])
    return {**out, "counts": bool(apart), "apart_from": apart, "figures": figures, "why": why}


def _ordinary_first(kind: str) -> tuple[bool, str]:
    return kind != ORDINARY, kind


def _kinds(signals: pd.DataFrame, families: pd.DataFrame) -> pd.DataFrame:
    """Return in what the group differs from each kind with which it was compared at all."""
    names = dict.fromkeys(
        kind
        for column in ("apart_from", "alike")
        for kinds in signals.drop_duplicates("signal")[column]
        for kind in kinds
    )
    rows = []
    for kind in sorted(names, key=_ordinary_first):
        own = [
            f for f, a in zip(families["signal"], families["apart_from"], strict=True) if kind in a
        ]
        decisive = not set(own).isdisjoint(DECISIVE) and not OFFICE_ABROAD.issuperset(own)
        apart = len(own) >= NEEDED_FAMILIES and decisive
        rows.append({"kind": kind, "families": own, "apart": apart})
    return pd.DataFrame(rows, columns=["kind", "families", "apart"]).astype({"apart": bool})


def _reason(kinds: pd.DataFrame, *, inauthentic: bool) -> str:
    if kinds.empty:
        return say("no reference accounts to compare with")
    ways = kinds[["kind", "apart"]].assign(ways=kinds["families"].map(len))
    if inauthentic:
        return say(
            "it differs from each kind of reference accounts ({kinds}) in {n} ways or more, "
            "at least one of them decisive",
            kinds=", ".join(word(k) for k in kinds["kind"]),
            n=smallest(ways, "ways"),
        )
    if kinds["apart"].all():
        return say(
            "it differs from ordinary accounts in {n} ways, but there is nobody to compare with "
            "who acts as a group and is innocent: collect fan clubs, newsrooms or activists as "
            "reference accounts, and name them under `strata:` in case.yaml",
            n=cell(ways, "ways"),
        )
    least = ways[~ways["apart"]].sort_values(["ways", "kind"]).iloc[0]
    kind, n = str(least["kind"]), cell(ways, "ways", {"kind": least["kind"]})
    if n.value >= NEEDED_FAMILIES:
        return say(
            "from this kind of reference accounts it differs in {n} ways, none of them decisive, "
            "or no more than an office abroad does: {kind}",
            n=n,
            kind=word(kind),
        )
    return say_count(
        "from this kind of reference accounts it differs in {n} way, and {needed} are needed: "
        "{kind}",
        "from this kind of reference accounts it differs in {n} ways, and {needed} are needed: "
        "{kind}",
        n,
        needed=NEEDED_FAMILIES,
        kind=word(kind),
    )
