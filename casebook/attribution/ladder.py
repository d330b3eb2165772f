"""The ladder: what each rung rests on in this case, what speaks against it, and its limit.

1 inauthentic, 2 coordinated, 3 linked to a named network, 4 directed. A rung is never skipped and
never inherits another's evidence. A rung that is not met is *undetermined*: that is a result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook.attribution.register import OWN_ORIGIN, independent_origins
from casebook.attribution.values import named_values, records
from casebook.schema import RUNGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casebook.attribution.values import Value

    Group = Callable[[pd.DataFrame], Any]

SUPPORTED, OPEN = "supported", "undetermined"
CLUSTER_SIZE = 4
"""Below four accounts there is a list of pairs, not a group."""

COLUMNS = (
    "rung", "name", "status", "supports", "contradicts", "origins", "origin_groups", "limit",
    "limited_by", "would_raise",
)  # fmt: skip


@dataclass
class _Rung:
    rung: int
    met: bool = False
    supports: list[str] = field(default_factory=list)
    contradicts: list[str] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    limit: str = "moderate"
    limited_by: str = "R3: one kind of evidence, or one origin"
    would_raise: str = ""

    def cap(self, limit: str, why: str) -> None:
        """Lower the limit, and remember why; a limit is never raised again."""
        order = ("low", "moderate", "high")
        if order.index(limit) < order.index(self.limit):
            self.limit, self.limited_by = limit, why


def ladder(
    tables: Mapping[str, pd.DataFrame],
    register: pd.DataFrame,
    values: Mapping[str, Value] | None = None,
    *,
    group: Group | None = None,
) -> pd.DataFrame:
    """Return the ladder: one row a rung.

    Parameters
    ----------
    tables : mapping
        accounts, signals, verdicts, line_ups, edges, clusters, matches, and ``tags``
        (`evidence_tags`); those there are.
    register : DataFrame
    values : mapping, optional
        `named_values` of the same tables, where they are at hand.
    group : callable, optional
        How a group is judged from its signals (`casebook.group_battery`): takes the signals of the
        accounts under review, gives ``families`` (signal, counts, why), ``inauthentic`` and
        ``reason``. Without it rung 1 stays undetermined.

    Returns
    -------
    DataFrame
        rung, name, status (supported or undetermined), supports, contradicts (sentences), origins
        (count), origin_groups, limit (the highest confidence), limited_by, would_raise.
    """
    numbers = named_values(tables) if values is None else values
    one = _inauthentic(tables, register, numbers, group)
    two = _coordinated(tables, register, numbers)
    three = _linked(tables, register, numbers, below=(one, two))
    four = _directed(register, below=three)
    return pd.DataFrame([_as_row(rung) for rung in (one, two, three, four)], columns=list(COLUMNS))


def _as_row(rung: _Rung) -> dict[str, object]:
    against = rung.contradicts if rung.met else [*rung.lacks, *rung.contradicts]
    return {
        "rung": rung.rung,
        "name": RUNGS[rung.rung],
        "status": SUPPORTED if rung.met else OPEN,
        "supports": " ".join(rung.supports) or "Nothing in this case.",
        "contradicts": " ".join(against) or "Nothing found; see the claim for what was looked for.",
        "origins": len(rung.origins),
        "origin_groups": rung.origins,
        "limit": rung.limit if rung.met else "none",
        "limited_by": rung.limited_by if rung.met else (rung.lacks or ["not met"])[0],
        "would_raise": rung.would_raise,
    }


def _count(values: Mapping[str, Value], name: str) -> int:
    value = values[name].value if name in values else None
    return int(value) if isinstance(value, (int, float)) else 0


def _origins_of(register: pd.DataFrame, references: tuple[str, ...]) -> list[str]:
    items = {r.partition(":")[0] for r in references}
    return independent_origins(register.loc[register["evidence_id"].isin(items), "origin_group"])


def _inauthentic(
    tables: Mapping[str, pd.DataFrame],
    register: pd.DataFrame,
    values: Mapping[str, Value],
    group: Group | None,
) -> _Rung:
    rung = _Rung(
        1,
        would_raise="Two reviewers blind to each other, and evidence of another kind and origin, "
        "such as registration data held by the platform.",
    )
    accounts, signals = tables.get("accounts"), tables.get("signals")
    if accounts is None or signals is None or group is None or not _count(values, "personas"):
        rung.lacks.append("No account is under review, or its signals were not computed.")
        return rung
    personas = set(accounts.loc[accounts["role"] == "persona", "account"])
    found = group(signals[signals["account"].isin(personas)])
    rung.met = bool(found.inauthentic)
    for family in records(found.families):
        if family["counts"]:
            rung.supports.append(f"{family['signal']}: {family['why']}.")
    if not rung.met:
        rung.lacks.append(f"The group is not set apart from look-alikes: {found.reason}.")
    shown = values.get("signals_shown")
    rung.origins = _origins_of(register, shown.rows if shown else ())
    _cap_inauthentic(rung, accounts, values)
    _cap_by_line_up(rung, tables.get("line_ups"))
    _cap_by_tags(rung, tables.get("tags"))
    return rung


def _cap_by_tags(rung: _Rung, tags: pd.DataFrame | None) -> None:
    """Let evidence that an account is real or a parody count against the rung."""
    told = [] if tags is None else records(tags[tags["exculpatory"].astype(bool)])
    for tag in told:
        rung.contradicts.append(f"{tag['item']} is tagged {tag['code']}, {tag['name']}.")
    if told:
        rung.cap("low", "evidence is tagged as showing an authentic or a parody account")


def _cap_inauthentic(rung: _Rung, accounts: pd.DataFrame, values: Mapping[str, Value]) -> None:
    review = accounts[accounts["role"] == "persona"]
    if review["found_by"].fillna("").eq("").any():
        rung.cap("low", "how some accounts came into the case is not recorded (found_by)")
    if not _count(values, "verdict_inauthentic") + _count(values, "verdict_suspected"):
        rung.cap("low", "no reviewer has judged an account suspected or inauthentic")
    if cleared := _count(values, "verdict_authentic"):
        rung.contradicts.append(f"Reviewers judged {cleared} of the accounts authentic.")


def _cap_by_line_up(rung: _Rung, line_ups: pd.DataFrame | None) -> None:
    """Limit what rests on reviewers to *low* where none has been shown to tell accounts apart."""
    rows = [] if line_ups is None else records(line_ups)
    held = [row for row in rows if row["locked"] and row["fillers"]]
    for row in held:
        if not row["tells_apart"]:
            rung.contradicts.append(
                f"In a line-up {row['reviewer']} suspected {row['fillers_called']} of "
                f"{row['fillers']} ordinary accounts, and {row['called']} of "
                f"{row['under_review']} under review."
            )
    if not held:
        rung.cap("low", "how often the reviewers suspect the innocent is not known (no line-up)")
    elif not any(row["tells_apart"] for row in held):
        rung.cap("low", "in the line-up no reviewer told these accounts from ordinary ones")


def _coordinated(
    tables: Mapping[str, pd.DataFrame], register: pd.DataFrame, values: Mapping[str, Value]
) -> _Rung:
    rung = _Rung(
        2,
        would_raise="The same timing on a second platform or in data collected by someone else.",
    )
    if tables.get("edges") is None:
        rung.lacks.append("Co-actions were not computed.")
        return rung
    members, own = _count(values, "coordinated_accounts"), _count(values, "coordinated_personas")
    pairs = _count(values, "persona_pairs")
    rung.met = own >= CLUSTER_SIZE and pairs > 0
    if pairs:
        rung.supports.append(
            f"{pairs} pairs of accounts under review act on the same objects faster than chance "
            f"explains; {own} of {members} accounts in their group are under review."
        )
    if not rung.met:
        rung.lacks.append(
            "No group of at least four accounts under review acts together within 30 minutes "
            "beyond chance."
        )
    if slow := _count(values, "attention_pairs"):
        rung.contradicts.append(f"{slow} pairs only share attention, which shared taste explains.")
    if innocent := _count(values, "synchrony_reference"):
        rung.contradicts.append(f"{innocent} reference accounts show such timing too.")
    if members and (members - own - _known_members(tables)) / members > 0.2:
        rung.cap("low", "more than a fifth of the group are not accounts under review")
    rung.origins = _origins_of(
        register, values["persona_pairs"].rows if "persona_pairs" in values else ()
    )
    return rung


def _known_members(tables: Mapping[str, pd.DataFrame]) -> int:
    clusters, accounts = tables.get("clusters"), tables.get("accounts")
    if clusters is None or accounts is None:
        return 0
    known = set(accounts.loc[accounts["role"] == "known", "account"])
    review = set(accounts.loc[accounts["role"] == "persona", "account"])
    real = clusters[clusters["label"].fillna("").str.startswith("coordinated")]
    watched = set(real.loc[real["account"].isin(review), "cluster"])
    return len(known & set(real.loc[real["cluster"].isin(watched), "account"]))


def _linked(
    tables: Mapping[str, pd.DataFrame],
    register: pd.DataFrame,
    values: Mapping[str, Value],
    *,
    below: tuple[_Rung, _Rung],
) -> _Rung:
    rung = _Rung(
        3,
        would_raise="Reused assets, first-seen content on either side, or infrastructure data "
        "that the known accounts and these share.",
        limited_by="R3: the link rests on behaviour and on the published attribution",
    )
    rung.lacks += [f"Rung {b.rung} ({RUNGS[b.rung]}) is undetermined." for b in below if not b.met]
    ties, tied = _count(values, "known_ties"), _count(values, "tied_personas")
    known, exact = _count(values, "tied_known"), _count(values, "indicator_exact")
    rows: tuple[str, ...] = ()
    if ties:
        rows += values["known_ties"].rows
        rung.supports.append(
            f"{tied} personas are tied in time to {known} accounts attributed by others."
        )
    if exact:
        rows += values["indicator_exact"].rows
        rung.supports.append(f"{exact} exact matches with published indicators.")
    attributed = _known_origins(tables, register)
    rung.origins = independent_origins([*_origins_of(register, rows), *attributed])
    enough = tied >= 2 and known >= 1
    if not enough:
        rung.lacks.append("Fewer than two personas are tied in time to a known account.")
    if len(rung.origins) < 2:
        rung.lacks.append("R2: the evidence goes back to fewer than two origins.")
    rung.met = enough and len(rung.origins) >= 2 and all(b.met for b in below)
    if known == 1:
        rung.cap("low", "all ties lead to one known account")
    if any(b.limit == "low" for b in below):
        rung.cap("low", "a rung below it stands at low")
    if ties and not exact:
        rung.contradicts.append("No published indicator was matched exactly.")
    return rung


def _known_origins(tables: Mapping[str, pd.DataFrame], register: pd.DataFrame) -> list[str]:
    """Return the origins of the known accounts: who attributed them."""
    accounts = tables.get("accounts")
    if accounts is None:
        return []
    items = set(accounts.loc[accounts["role"] == "known", "evidence_id"].dropna())
    groups = register.loc[register["evidence_id"].isin(items), "origin_group"]
    return sorted(set(groups) - {OWN_ORIGIN})


def _directed(register: pd.DataFrame, *, below: _Rung) -> _Rung:
    """Return rung 4, which no computation ever meets: a person cites documents, or reports."""
    rung = _Rung(
        4,
        would_raise="Technical or documentary evidence: infrastructure logs, payments, contracts, "
        "court records.",
    )
    testable = register[(register["basis"] == "testable") & (register["access"] != "open")]
    hard = testable[testable["kind"].isin(["technical", "contextual"])]
    rung.origins = independent_origins(hard["origin_group"])
    rung.lacks.append(
        "Open-source behaviour does not show who directs a network; what public sources say is "
        "reported, with their names (R4, R5)."
    )
    if len(hard):
        rung.supports.append(
            f"{len(hard)} technical or documentary items that are not open are held here: a claim "
            "may cite them."
        )
    if not below.met:
        rung.lacks.append("Rung 3 (linked) is undetermined.")
    return rung
