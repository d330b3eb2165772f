"""Findings for other software: a STIX 2.1 bundle, and an indicator list in Meta's columns.

Who may be listed is decided by people: an account is exported where its verdict is *assessed
inauthentic* or *suspected*, never because of a signal. Likelihood stands in words beside the claim;
the field ``confidence`` holds the confidence alone. No clock: the same case gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import json
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from casebook.attribution import evidence_tags, parse_claims
from casebook.personas.catalogue import CATALOGUE
from casebook.text import defang, formula_safe, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casebook.attribution import Claim
    from casebook.case import Case
    from casebook.report.masking import Mask

LISTED = ("assessed inauthentic", "suspected")
CONFIDENCE = {"low": 15, "moderate": 50, "high": 85}
"""The scale "Low, Med, High" of STIX 2.1, appendix A."""
OBSERVABLES = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""The namespace that STIX 2.1 sets for identifiers of accounts, and of nothing else."""
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_OID, "influence-casebook")
PLATFORMS = {"x": "twitter", "facebook": "facebook"}
PAGES = {
    "x": "https://x.com/{}", "tiktok": "https://www.tiktok.com/@{}",
    "instagram": "https://www.instagram.com/{}", "facebook": "https://www.facebook.com/{}",
    "youtube": "https://www.youtube.com/@{}",
}  # fmt: skip
COLUMNS = ("tactic", "technique", "procedure", "indicator", "type", "verdict", "note")
TACTIC = ("Acquiring assets", "Acquiring social media accounts")
KILL_CHAIN = "meta-online-operations"


def listed_accounts(case: Case) -> pd.DataFrame:
    """Return the accounts that may be exported: under review, and judged by a person.

    Returns
    -------
    DataFrame
        Columns of the table ``accounts``, and ``verdict``.
    """
    if not (case.has("accounts") and case.has("verdicts")):
        return pd.DataFrame(columns=["account", "verdict"])
    accounts = case.read("accounts")
    verdicts = case.read("verdicts").set_index("account")["verdict"]
    given = accounts["account"].map(verdicts).astype("string")
    found = accounts.assign(verdict=given)
    kept = found[(found["role"] == "persona") & found["verdict"].isin(LISTED)]
    return kept.sort_values("account", kind="stable", ignore_index=True)


def stix_bundle(case: Case, mask: Mask | None = None) -> dict[str, Any]:
    """Return the findings of a case as a STIX 2.1 bundle.

    Parameters
    ----------
    case : Case
    mask : Mask, optional
        What replaces handles, ids and quotations. It works before identifiers are made: one that is
        made of a handle would tell the handle to whoever tries it.

    Returns
    -------
    dict
        ``user-account`` for each account a person judged, one ``observed-data`` over them, an
        ``intrusion-set`` for each network that case.yaml names, ``attack-pattern`` for the
        kill-chain codes of signals that are shown and of tags (those that speak for an account
        left out), a ``note`` for each claim, and one ``report`` that holds all. A note is about
        the accounts; on rung 3 about the network too; and where the claim reports what others
        say, about the network alone. Without an account that may be listed there are claims alone.

    References
    ----------
    OASIS, STIX Version 2.1, 2021.
    """
    people = listed_accounts(case)
    codes = _codes(case, set(people["account"]))
    stamp = _stamp(case)
    common = {"spec_version": "2.1", "created": stamp, "modified": stamp}
    author = _object("identity", {"name": visible(case.settings.title or case.name),
                                  "identity_class": "group"}, common)  # fmt: skip
    common = {**common, "created_by_ref": author["id"]}
    accounts = [_account(row) for row in masked(people, mask).to_dict("records")]
    # A network's name is its source's; whether the case is linked to it is said by a claim alone.
    networks = [
        _object(
            "intrusion-set",
            {
                "name": visible(n["name"]),
                "aliases": [visible(a) for a in n.get("aliases", [])] or [visible(n["name"])],
                "description": visible(f"Named by {n.get('attributed_by', 'others')}."),
            },
            common,
        )
        for n in case.settings.networks
    ]
    patterns = [_pattern(code, common) for code in codes]
    patterns += [_tagged(tag, common) for tag in _tags(case, set(codes))]
    seen = []
    if accounts:
        first, last = _period(case, set(people["account"]), stamp)
        seen = [
            _object(
                "observed-data",
                {"first_observed": first, "last_observed": last, "number_observed": 1,
                 "object_refs": [a["id"] for a in accounts]},
                common,
            )
        ]  # fmt: skip
    subjects = _Subjects(
        [a["id"] for a in accounts],
        {n["name"]: n["id"] for n in networks},
        author["id"],
        {claim.id: claim for claim in parse_claims(case.claims())},
    )
    notes = [_note(row, subjects, common) for row in claims_of(case, mask).to_dict("records")]
    inside = [*seen, *accounts, *networks, *patterns, *notes]
    report = _object(
        "report",
        {
            "name": visible(case.settings.title),
            "description": visible(warning(case)),
            "published": stamp,
            "report_types": ["campaign"],
            "object_refs": [o["id"] for o in inside] or [author["id"]],
        },
        common,
    )
    objects = [author, *inside, report]
    return {"type": "bundle", "id": f"bundle--{stable_id('bundle', objects)}", "objects": objects}


def claims_of(case: Case, mask: Mask | None = None) -> pd.DataFrame:
    """Return the claims of a case, what they quote masked."""
    claims = case.read("claims") if case.has("claims") else pd.DataFrame()
    if mask is None or claims.empty:
        return claims
    columns = ("text", "counter_evidence")
    return claims.assign(**{c: claims[c].map(mask.text, na_action="ignore") for c in columns})


def masked(people: pd.DataFrame, mask: Mask | None) -> pd.DataFrame:
    """Return accounts with pseudonyms, without a name or a day by which they could be found.

    Where the mask lists some accounts, these alone are returned, as they are.
    """
    if mask is None or people.empty:
        return people
    if mask.listed is not None:
        return people[people["account"].isin(mask.listed)]
    return people.assign(
        handle=people["handle"].map(lambda h: mask.pseudonym("account", h), na_action="ignore"),
        account_id=people["account_id"].map(lambda i: mask.pseudonym("id", i), na_action="ignore"),
        display_name=None,
        created_at=pd.Series(pd.NaT, people.index),
    )


def warning(case: Case) -> str:
    """Return what whoever receives the findings must know."""
    synthetic = "SYNTHETIC: no account in it is real. " if case.synthetic else ""
    return (
        f"{synthetic}{case.settings.question} Accounts are listed by a person's verdict. To share "
        "what they share is no reason to list anybody else."
    )


def _stamp(case: Case) -> str:
    """Return the time of the last collection: what the findings are as of, and no clock."""
    times = case.evidence_items()["collected_at"].dropna()
    moment = times.max() if len(times) else pd.Timestamp("1970-01-01", tz="UTC")
    return _time(moment)


def _time(moment: Any) -> str:
    return f"{pd.Timestamp(moment).tz_convert('UTC'):%Y-%m-%dT%H:%M:%S}.000Z"


def stable_id(kind: str, content: Any) -> uuid.UUID:
    """Return an identifier that is made of what it identifies."""
    held = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return uuid.uuid5(NAMESPACE, f"casebook:{kind}:{held}")


def _object(kind: str, values: Mapping[str, Any], common: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": kind, "id": f"{kind}--{stable_id(kind, values)}", **common, **values}


def _account(row: Mapping[Any, Any]) -> dict[str, Any]:
    held = {
        "account_type": PLATFORMS.get(row["platform"], row["platform"]),
        "user_id": word(row["account_id"]),
        "account_login": word(row["handle"]),
        "display_name": word(row["display_name"]),
    }
    values = {k: v for k, v in held.items() if v}
    if not pd.isna(row["created_at"]):
        values["account_created"] = _time(row["created_at"])
    named = {k: v for k, v in values.items() if k in {"account_type", "user_id", "account_login"}}
    name = json.dumps(named, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    key = f"user-account--{uuid.uuid5(OBSERVABLES, name)}"
    return {"type": "user-account", "id": key, "spec_version": "2.1", **values}


def word(value: Any) -> str:
    """Return a value as text with nothing hidden in it; nothing where it is missing."""
    return "" if value is None or pd.isna(value) else visible(str(value))


def _codes(case: Case, accounts: set[str]) -> list[str]:
    """Return the kill-chain codes of the signals that are shown and count, in order."""
    if not case.has("signals"):
        return []
    found = case.read("signals")
    shown = found[found["account"].isin(accounts) & (found["shown"] == "shown") & found["counted"]]
    names = {CATALOGUE[s].killchain for s in shown["signal"].unique() if s in CATALOGUE}
    return sorted(names - {""})


def _pattern(code: str, common: Mapping[str, Any]) -> dict[str, Any]:
    signals = sorted(s.id for s in CATALOGUE.values() if s.killchain == code)
    phase = f"procedure-{code.replace('.', '-')}"
    values = {
        "name": f"Online Operations Kill Chain {code}",
        "description": f"Signals of this case with that code: {', '.join(signals)}.",
        "kill_chain_phases": [{"kill_chain_name": KILL_CHAIN, "phase_name": phase}],
    }
    return _object("attack-pattern", values, common)


def _tags(case: Case, known: set[str]) -> list[dict[Any, Any]]:
    """Return the tags with codes of the kill chain and DISARM, each code once."""
    tags = evidence_tags(case.settings.tags)
    kept = tags[~tags["exculpatory"].astype(bool) & ~tags["taxonomy"].eq("ABCDE")]
    kept = kept[~kept["code"].isin(known)].drop_duplicates("code")
    return kept.to_dict("records")


def _tagged(tag: Mapping[Any, Any], common: Mapping[str, Any]) -> dict[str, Any]:
    chain = "disarm" if str(tag["taxonomy"]).startswith("DISARM") else KILL_CHAIN
    phase = f"procedure-{tag['code'].replace('.', '-').lower()}"
    values = {
        "name": f"{tag['taxonomy']} {tag['code']}",
        "description": visible(f"{tag['name']}. Evidence {tag['item']}: {tag['why']}".lstrip(". ")),
        "kill_chain_phases": [{"kill_chain_name": chain, "phase_name": phase}],
    }
    return _object("attack-pattern", values, common)


def _period(case: Case, accounts: set[str], stamp: str) -> tuple[str, str]:
    if not case.has("posts"):
        return stamp, stamp
    posts = case.read("posts")
    times = posts.loc[posts["account"].isin(accounts), "created_at"].dropna()
    return (_time(times.min()), _time(times.max())) if len(times) else (stamp, stamp)


class _Subjects(NamedTuple):
    """What a claim can be about."""

    accounts: list[str]
    networks: dict[str, str]
    author: str
    claims: dict[str, Claim]

    def of(self, name: str) -> list[str]:
        """Return what one claim is about: no rung speaks of what another one does."""
        claim = self.claims.get(name)
        if claim is not None and (claim.reported_by or claim.rung == 4):
            found = list(self.networks.values())
        elif claim is not None and claim.rung == 3:
            found = [*self.accounts, *(i for n, i in self.networks.items() if n == claim.network)]
        else:
            found = self.accounts
        return found or [self.author]


def _note(row: Mapping[Any, Any], subjects: _Subjects, common: Mapping[str, Any]) -> dict[str, Any]:
    labels = [f"kind:{row['kind']}"]
    if not pd.isna(row["rung"]):
        labels.append(f"rung:{int(row['rung'])}")
    if word(row["likelihood"]):
        labels.append(f"likelihood:{word(row['likelihood'])}")
    if len(row["violations"]):
        labels.append("draft:breaks-a-rule")
    cited = ", ".join(word(e) for e in row["evidence"])
    against = word(row["counter_evidence"])
    content = f"{word(row['text'])}\nEvidence: {cited}."
    if against:
        content += f"\nAgainst it: {against}"
    values: dict[str, Any] = {
        "abstract": f"Claim {word(row['claim'])}",
        "content": content,
        "object_refs": subjects.of(word(row["claim"])),
        "labels": labels,
    }
    if (level := word(row["confidence"])) in CONFIDENCE:
        values["confidence"] = CONFIDENCE[level]
    return _object("note", values, common)


def indicator_list(case: Case, mask: Mask | None = None) -> str:
    """Return the listed accounts as a CSV in the columns of Meta's public indicator lists.

    Addresses are defanged; a cell never begins a formula.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    mark = "synthetic, made up" if case.synthetic else ""
    for row in masked(listed_accounts(case), mask).to_dict("records"):
        handle = word(row["handle"]) or word(row["account_id"])
        page = PAGES.get(row["platform"], "{}").format(handle)
        kind = f"{row['platform']} account"
        cells: Iterable[str] = (*TACTIC, kind, defang(page), "account", row["verdict"], mark)
        writer.writerow([formula_safe(visible(str(c))) for c in cells])
    return out.getvalue()
