"""The group battery: in how many ways a group is unlike groups of ordinary accounts.

A p-value alone flags every fan club, so a family counts only with an effect above its floor, and a
group is called inauthentic only where several families agree and one of them is decisive.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from casebook.language import say, word
from casebook.personas.catalogue import CATALOGUE, DECISIVE, GROUP_FAMILIES
from casebook.personas.episodes import of_present_owners

NEEDED_FAMILIES = 3
MOST_P = 0.01
EXACT = ("contradiction-of-claims", "reused-image")
"""Tested account by account against the reference accounts that could be assessed as well."""
MIN_POOL = 20
FLOORS = {
    "default-handle": 0.25,
    "lifted-bio": 0.05,
    "office-week": 0.25,
    "low-engagement": 0.25,
}
"""Least difference between the group's share and that of the worst look-alike stratum."""


@dataclass(frozen=True)
class GroupFinding:
    """What the battery says of a group."""

    families: pd.DataFrame
    """signal, share, expected, effect, counts (bool), why."""
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
        ``inauthentic`` only with three families or more, one of them decisive, and only where
        look-alikes are among the reference accounts: clubs, newsrooms and campaigns share pictures,
        profile texts and hours, and differ from ordinary accounts as much as an operation does. The
        comparison is with the *worst* stratum, not with the average of ordinary accounts.
    """
    signals = of_present_owners(signals)
    rows = [_family(name, signals[signals["signal"] == name]) for name in GROUP_FAMILIES]
    families = pd.DataFrame(rows)
    counting = families[families["counts"]]
    decisive = sorted(set(counting["signal"]) & set(DECISIVE))
    enough = len(counting) >= NEEDED_FAMILIES and bool(decisive)
    inauthentic = enough and _look_alikes(signals)
    if enough and not inauthentic:
        reason = say(
            "{n} families, but nobody to compare with who acts as a group and is innocent: collect "
            "fan clubs, newsrooms or activists as reference accounts, and name them under "
            "`strata:` in case.yaml",
            n=len(counting),
        )
    elif inauthentic:
        reason = say(
            "{n} families, with {which} among them",
            n=len(counting),
            which=", ".join(word(name) for name in decisive),
        )
    elif len(counting) >= NEEDED_FAMILIES:
        reason = say(
            "{n} families, none of them decisive: fan clubs look like this too", n=len(counting)
        )
    else:
        reason = say("{n} of the {needed} families needed", n=len(counting), needed=NEEDED_FAMILIES)
    return GroupFinding(families, inauthentic, reason)


def _family(name: str, rows: pd.DataFrame) -> dict[str, object]:
    known = rows[rows["shown"] != "not assessable"]
    out: dict[str, object] = {
        "signal": name, "assessed": len(known), "shown": 0, "expected": None, "p": None,
        "counts": False, "why": word("not assessable"),
    }  # fmt: skip
    if len(known) < 4:
        return out
    shown = int((known["shown"] == "shown").sum())
    out["shown"] = shown
    picked = int(((known["shown"] == "shown") & ~known["counted"]).sum())
    if picked:
        return {**out, "why": say("the accounts were chosen because of it")}
    if CATALOGUE[name].scope == "group":
        # Measured on the group already, against groups of reference accounts, with its own floor.
        return {**out, "counts": shown > 0, "why": str(known["reason"].iloc[0])}
    if name in EXACT:
        return {**out, **_exact(shown, len(known), rows)}
    worst = rows["worst_rate"].dropna()
    if worst.empty:
        return {**out, "why": say("no reference accounts to compare with")}
    expected = float(worst.iloc[0])
    effect = shown / len(known) - expected
    p = binomial_tail(shown, len(known), max(expected, 1e-9))
    counts = effect >= FLOORS[name] and p <= MOST_P
    why = say(
        "{share:.0%} of the group, {expected:.0%} of the look-alikes that show it most (p {p:.3g}; "
        "floor {floor:+.2f})",
        share=shown / len(known), expected=expected, p=p, floor=FLOORS[name],
    )  # fmt: skip
    return {**out, "expected": expected, "p": p, "counts": counts, "why": why}


def _look_alikes(signals: pd.DataFrame) -> bool:
    """Return whether anybody but ordinary accounts is among the reference accounts."""
    return bool(signals["worst_stratum"].fillna("ordinary").ne("ordinary").any())


def _exact(shown: int, assessed: int, rows: pd.DataFrame) -> dict[str, object]:
    """Return whether a signal that few innocents show is more common here than in the pool."""
    pool = int(rows["reference_n"].iloc[0] or 0)
    if pool < MIN_POOL:
        why = say(
            "{shown} of {assessed} accounts; {pool} reference accounts to compare with",
            shown=shown, assessed=assessed, pool=pool,
        )  # fmt: skip
        return {"why": why}
    others = round(float(rows["reference_rate"].iloc[0]) * pool)
    p = fisher_tail(shown, assessed, others, pool)
    why = say(
        "{shown} of {assessed} accounts, {others} of {pool} reference accounts (p {p:.3g})",
        shown=shown, assessed=assessed, others=others, pool=pool, p=p,
    )  # fmt: skip
    worst = float(rows["worst_rate"].fillna(0).iloc[0])
    alike = _look_alikes(rows)
    if alike:
        why += say(", {worst:.0%} of the look-alikes that show it most", worst=worst)
    counts = shown >= 2 and p <= MOST_P and shown / assessed > worst
    return {"expected": max(worst, others / pool), "p": p, "counts": counts, "why": why}


def fisher_tail(shown: int, n: int, others: int, pool: int) -> float:
    """Return Fisher's exact p that ``shown`` of ``n`` is so many, next to ``others`` of ``pool``.

    One-sided: the chance of drawing at least so many of all that show it, at random.

    Examples
    --------
    >>> round(fisher_tail(3, 4, 1, 4), 4)
    0.2429
    """
    marked, whole = shown + others, n + pool
    ways = sum(
        math.comb(marked, k) * math.comb(whole - marked, n - k)
        for k in range(shown, min(n, marked) + 1)
    )
    return ways / math.comb(whole, n)


def binomial_tail(shown: int, n: int, rate: float) -> float:
    """Return the chance of at least so many among ``n`` at a rate.

    Examples
    --------
    >>> round(binomial_tail(3, 4, 0.5), 4)
    0.3125
    """
    from casebook.rates import incomplete_beta

    return 1.0 if shown == 0 else incomplete_beta(rate, shown, n - shown + 1)
