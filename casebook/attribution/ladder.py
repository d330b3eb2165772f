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
from casebook.language import say, say_count, word
from casebook.schema import FOUND, RUNGS

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
    limited_by: str = ""
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
        "supports": " ".join(rung.supports) or say("Nothing in this case."),
        "contradicts": " ".join(against)
        or say("Nothing found; the claim says what was looked for."),
        "origins": len(rung.origins),
        "origin_groups": rung.origins,
        "limit": rung.limit if rung.met else "none",
        "limited_by": (rung.limited_by or say("R3: one kind of evidence, or one origin"))
        if rung.met
        else rung.lacks[0],
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
        would_raise=say(
            "Evidence of another kind and origin, such as registration data held by the platform."
        ),
    )
    accounts, signals = tables.get("accounts"), tables.get("signals")
    if accounts is None or signals is None or group is None or not _count(values, "personas"):
        rung.lacks.append(say("No account is under review, or its signals were not computed."))
        return rung
    personas = set(accounts.loc[accounts["role"] == "persona", "account"])
    found = group(signals[signals["account"].isin(personas)])
    rung.met = bool(found.inauthentic)
    others = []
    for family in records(found.families):
        signal = signal_words(str(family["signal"]))
        if family["counts"]:
            told = f"{signal[:1].upper()}{signal[1:]}"
            rung.supports.append(say("{what}: {why}.", what=told, why=family["why"]))
        else:
            others.append(signal)
    if others:
        rung.contradicts.append(
            say("Does not set the group apart: {signals}.", signals=", ".join(others))
        )
    if not rung.met:
        rung.lacks.append(
            say("The group is not set apart from look-alikes: {reason}.", reason=found.reason)
        )
    shown = values.get("signals_shown")
    rung.origins = _origins_of(register, shown.rows if shown else ())
    _cap_inauthentic(rung, accounts, values)
    _cap_by_line_up(rung, tables.get("line_ups"))
    _cap_by_tags(rung, tables.get("tags"))
    _cap_by_checks(rung, tables.get("verdicts"))
    return rung


def signal_words(name: str) -> str:
    """Return the name of a signal as a sentence says it.

    Examples
    --------
    >>> signal_words("creation-burst")
    'creation burst'
    """
    told = word(name)
    return name.replace("-", " ") if told == name else told


def _cap_by_tags(rung: _Rung, tags: pd.DataFrame | None) -> None:
    """Let evidence that an account is real or a parody count against the rung."""
    told = [] if tags is None else records(tags[tags["exculpatory"].astype(bool)])
    for tag in told:
        rung.contradicts.append(
            say("{item} is tagged {code}, {name}.", **{k: tag[k] for k in ("item", "code", "name")})
        )
    if told:
        rung.cap("low", say("evidence is tagged as showing an authentic or a parody account"))


def _cap_by_checks(rung: _Rung, verdicts: pd.DataFrame | None) -> None:
    """Let a check that found a person behind an account count against the rung."""
    found = 0 if verdicts is None else int(verdicts["real_person_check"].isin(FOUND).sum())
    if found:
        rung.contradicts.append(
            say_count(
                "A reviewer found {n} account to be of a real person, hijacked or a parody.",
                "Reviewers found {n} accounts to be of real persons, hijacked or parodies.",
                found,
            )
        )
        rung.cap(
            "low",
            say("an account under review was found to be of a real person, hijacked or a parody"),
        )


def _cap_inauthentic(rung: _Rung, accounts: pd.DataFrame, values: Mapping[str, Value]) -> None:
    review = accounts[accounts["role"] == "persona"]
    if review["found_by"].fillna("").eq("").any():
        rung.cap("low", say("how some accounts came into the case is not recorded (found_by)"))
    if not _count(values, "verdict_inauthentic") + _count(values, "verdict_suspected"):
        rung.cap("low", say("no reviewer has judged an account suspected or inauthentic"))
    if cleared := _count(values, "verdict_authentic"):
        rung.contradicts.append(
            say_count(
                "Reviewers judged {n} account authentic.",
                "Reviewers judged {n} accounts authentic.",
                cleared,
            )
        )
    if unsure := _count(values, "verdict_undetermined"):
        rung.contradicts.append(
            say_count(
                "Reviewers left {n} account undetermined.",
                "Reviewers left {n} accounts undetermined.",
                unsure,
            )
        )


def _cap_by_line_up(rung: _Rung, line_ups: pd.DataFrame | None) -> None:
    """Limit what rests on reviewers to *low* where none has been shown to tell accounts apart."""
    rows = [] if line_ups is None else records(line_ups)
    held = [row for row in rows if row["locked"] and row["fillers"]]
    for row in held:
        if not row["tells_apart"]:
            names = ("reviewer", "fillers_called", "fillers", "called", "under_review")
            rung.contradicts.append(
                say(
                    "In a line-up {reviewer} suspected {fillers_called} of {fillers} ordinary "
                    "accounts, and {called} of {under_review} under review.",
                    **{name: row[name] for name in names},
                )
            )
    if not held:
        why = say("how often the reviewers suspect the innocent is not known (no line-up)")
        rung.cap("low", why)
    elif not any(row["tells_apart"] for row in held):
        rung.cap("low", say("in the line-up no reviewer told these accounts from ordinary ones"))


def _coordinated(
    tables: Mapping[str, pd.DataFrame], register: pd.DataFrame, values: Mapping[str, Value]
) -> _Rung:
    rung = _Rung(
        2,
        would_raise=say(
            "The same timing on a second platform, or in data collected by somebody else."
        ),
    )
    if tables.get("edges") is None:
        rung.lacks.append(say("Co-actions were not computed."))
        return rung
    members, own = _count(values, "coordinated_accounts"), _count(values, "coordinated_personas")
    pairs = _count(values, "persona_pairs")
    rung.met = own >= CLUSTER_SIZE and pairs > 0
    if pairs:
        rung.supports.append(
            say_count(
                "{n} pair of accounts under review acts on the same objects faster than chance "
                "explains.",
                "{n} pairs of accounts under review act on the same objects faster than chance "
                "explains.",
                pairs,
            )
        )
    if own:
        rung.supports.append(
            say(
                "Of the {members} accounts in their group, {own} are under review.",
                members=members,
                own=own,
            )
        )
    if not rung.met:
        rung.lacks.append(
            say(
                "No group of at least four accounts under review acts together within 30 minutes "
                "beyond chance."
            )
        )
    if slow := _count(values, "attention_pairs"):
        rung.contradicts.append(
            say_count(
                "{n} pair only shares attention, which shared taste explains.",
                "{n} pairs only share attention, which shared taste explains.",
                slow,
            )
        )
    if innocent := _count(values, "synchrony_reference"):
        rung.contradicts.append(
            say_count(
                "{n} reference account shows such timing too.",
                "{n} reference accounts show such timing too.",
                innocent,
            )
        )
    if members and (members - own - _known_members(tables)) / members > 0.2:
        rung.cap("low", say("more than a fifth of the group are not accounts under review"))
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
        would_raise=say(
            "Reused assets, content first seen on either side, or infrastructure that the known "
            "accounts and these share."
        ),
        limited_by=say("R3: the link rests on behaviour and on a published attribution"),
    )
    rung.lacks += [_is_open(b) for b in below if not b.met]
    ties, tied = _count(values, "known_ties"), _count(values, "tied_personas")
    known, exact = _count(values, "tied_known"), _count(values, "indicator_exact")
    rows: tuple[str, ...] = ()
    if ties:
        rows += values["known_ties"].rows
        rung.supports.append(
            say(
                "Under review and tied in time to accounts that others attributed: {tied} "
                "accounts, to {known}.",
                tied=tied,
                known=known,
            )
        )
    if exact:
        rows += values["indicator_exact"].rows
        rung.supports.append(
            say_count(
                "{n} exact match with published indicators.",
                "{n} exact matches with published indicators.",
                exact,
            )
        )
    attributed = _known_origins(tables, register)
    rung.origins = independent_origins([*_origins_of(register, rows), *attributed])
    enough = tied >= 2 and known >= 1
    if not enough:
        rung.lacks.append(
            say("Fewer than two accounts under review are tied in time to a known account.")
        )
    if len(rung.origins) < 2:
        rung.lacks.append(say("R2: the evidence goes back to fewer than two origins."))
    rung.met = enough and len(rung.origins) >= 2 and all(b.met for b in below)
    if known == 1:
        rung.cap("low", say("all ties lead to one known account"))
    if any(b.limit == "low" for b in below):
        rung.cap("low", say("a rung below it stands at low"))
    if ties and not exact:
        rung.contradicts.append(say("No published indicator was matched exactly."))
    return rung


def _is_open(rung: _Rung) -> str:
    name = word(RUNGS[rung.rung])
    return say("Rung {rung} ({name}) is undetermined.", rung=rung.rung, name=name)


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
        would_raise=say(
            "Technical or documentary evidence: infrastructure logs, payments, contracts, court "
            "records."
        ),
    )
    testable = register[(register["basis"] == "testable") & (register["access"] != "open")]
    hard = testable[testable["kind"].isin(["technical", "contextual"])]
    rung.origins = independent_origins(hard["origin_group"])
    rung.lacks.append(
        say(
            "What accounts do in the open does not show who directs them; what public sources say "
            "is reported, with their names (R4, R5)."
        )
    )
    if len(hard):
        rung.supports.append(
            say_count(
                "{n} technical or documentary item that is not open is held here: a claim may "
                "cite it.",
                "{n} technical or documentary items that are not open are held here: a claim may "
                "cite them.",
                len(hard),
            )
        )
    if not below.met:
        rung.lacks.append(_is_open(below))
    return rung
