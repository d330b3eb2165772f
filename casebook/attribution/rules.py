"""The rules a finding must keep: R1 to R8, the language rules L1 to L6, and the guard rails.

Each broken rule gives one message that quotes the sentence and shows how to mend it. A finding
that breaks one is a DRAFT; FINAL and public editions refuse it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook import schema
from casebook.attribution import rules_evidence, rules_language, rules_subject
from casebook.attribution.claims import REASONS, Claim, parse_claims
from casebook.attribution.sentences import Finding, Sentence, read_sentence
from casebook.attribution.values import Value, cited_hash
from casebook.language import say, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LEGAL = {
    "basis": "the legal basis",
    "proportionality": "why naming or exposing anybody is proportionate",
    "real_person_check": "how it was checked that no real person stands behind a persona",
    "right_of_reply": "how those named were asked for a reply",
    "retention": "how long material is kept",
    "signed_by": "who signed this",
    "signed_on": "when it was signed",
}
HYPOTHESES = {
    "H0": "authentic users or coincidence",
    "H1": "commercial spam or an engagement farm",
    "H2": "a domestic political actor",
    "H3": "the named actor",
    "H4": "another state actor",
    "H5": "mimicry or a false flag of H3",
    "H6": "hijacked or bought authentic accounts",
}
BENIGN = ("H0", "H1", "H6")
RULES = (*rules_evidence.RULES, *rules_subject.RULES, *rules_language.RULES)


@dataclass(frozen=True)
class Checked:
    """What the check of a finding gave.

    Attributes
    ----------
    table : DataFrame
        Table ``claims``: each claim as it is printed, with the rules it breaks.
    violations : DataFrame
        claim, rule, message: one row per broken rule.
    missing : list of str
        What the case as a whole lacks before it can be FINAL.
    """

    table: pd.DataFrame
    violations: pd.DataFrame
    missing: list[str]

    @property
    def is_sound(self) -> bool:
        """Whether no rule is broken and nothing is missing."""
        return not self.missing and self.violations.empty


def check_claims(
    claims: Iterable[Mapping[str, Any] | Claim],
    register: pd.DataFrame,
    values: Mapping[str, Value],
    *,
    tables: Mapping[str, pd.DataFrame] | None = None,
    ladder: pd.DataFrame | None = None,
    facts: pd.DataFrame | None = None,
    factcheck: pd.DataFrame | None = None,
    settings: Any = None,
    replies: pd.DataFrame | None = None,
    hashes: bool = True,
) -> Checked:
    """Return the claims as printed, with every rule they break, and what the case lacks.

    Parameters
    ----------
    claims : iterable
        As read from claims.yaml (`Case.claims`).
    register : DataFrame
    values : mapping
        `named_values` of the tables.
    tables : mapping, optional
        Record tables and signals, edges, clusters, verdicts: needed to resolve rows.
    ladder : DataFrame, optional
        What each rung is worth in this case; no claim may say more.
    facts, factcheck : DataFrame, optional
        Published facts, and known overstatements of them.
    settings : Settings, optional
        language, legal, hypotheses, networks.
    replies : DataFrame, optional
        claim, addressee, ...
    hashes : bool
        Whether to hash the cited rows into the column ``cited``.

    Raises
    ------
    ClaimError
        Where a claim is not of the form that claims.yaml has.
    """
    given = list(claims)
    parsed = [c if isinstance(c, Claim) else parse_claims([c])[0] for c in given]
    parse_claims([c for c in given if not isinstance(c, Claim)])
    finding = Finding(
        register=register,
        values=values,
        tables=tables or {},
        ladder=ladder,
        facts=facts,
        factcheck=factcheck,
        networks=list(getattr(settings, "networks", None) or []),
        language=getattr(settings, "language", None) or "en",
        claims=parsed,
    )
    sentences = [read_sentence(claim, finding) for claim in parsed]
    for one in sentences:
        for rule in RULES:
            one.problems += list(rule(one))
    rows = [
        {"claim": one.claim.id, "rule": rule, "message": message}
        for one in sentences
        for rule, message in one.problems
    ]
    violations = pd.DataFrame(rows, columns=["claim", "rule", "message"]).astype("string")
    table = schema.check(
        "claims", pd.DataFrame([_printed(one, hashes=hashes) for one in sentences])
    )
    missing = missing_for_final(parsed, settings=settings, replies=replies)
    return Checked(table, violations, missing)


def _printed(one: Sentence, *, hashes: bool) -> dict[str, Any]:
    claim = one.claim
    return {
        "claim": claim.id,
        "kind": claim.kind,
        "text": one.printed,
        "rung": claim.rung,
        "likelihood": claim.likelihood or None,
        "confidence": claim.level or None,
        "evidence": list(claim.evidence),
        "reasons": [claim.reasons[key] for key in REASONS if claim.reasons.get(key)],
        "counter_evidence": claim.counter_evidence or None,
        "would_change": claim.would_change or None,
        "violations": [f"{rule}: {message}" for rule, message in one.problems],
        "cited": cited_hash(one.cited.references, one.finding.tables, one.cited.printed)
        if hashes
        else None,
    }


# -- R6, R8 and replies: the case as a whole


def missing_for_final(
    claims: Iterable[Claim], *, settings: Any = None, replies: pd.DataFrame | None = None
) -> list[str]:
    """Return what the case as a whole lacks before it can be FINAL, one sentence each."""
    parsed = list(claims)
    missing = [] if parsed else [say("There is no claim: claims.yaml is empty.")]
    legal = getattr(settings, "legal", None) or {}
    missing += [
        say("R6: case.yaml, legal.{key} does not say {meaning}.", key=key, meaning=word(meaning))
        for key, meaning in LEGAL.items()
        if not str(legal.get(key) or "").strip()
    ]
    missing += check_hypotheses(getattr(settings, "hypotheses", None) or {})
    asked = set()
    if replies is not None:
        pairs = replies[["claim", "addressee"]].dropna().itertuples(index=False)
        asked = {(str(c), str(a).casefold()) for c, a in pairs}
    missing += [
        say(
            "Right of reply: {claim} names {name}, and replies.jsonl has no entry for them.",
            claim=claim.id,
            name=name,
        )
        for claim in parsed
        for name in claim.about
        if (claim.id, name.casefold()) not in asked
    ]
    return missing


def check_hypotheses(given: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the hypotheses of a case: all seven are there, one is benign."""
    problems = []
    for key, meaning in HYPOTHESES.items():
        text = str(given.get(key) or "").strip()
        if not text:
            problems.append(
                say(
                    "R8: case.yaml, hypotheses.{key} ({meaning}) is not there.",
                    key=key,
                    meaning=word(meaning),
                )
            )
        elif (
            _is_not_applicable(text)
            and len(re.split(r"[:,;–—-]", text, maxsplit=1)[-1].split()) < 3
        ):
            problems.append(
                say(
                    "R8: {key} ({meaning}) is not applicable, but the reason is missing.",
                    key=key,
                    meaning=word(meaning),
                )
            )
    if given and all(_is_not_applicable(str(given.get(key) or "not applicable")) for key in BENIGN):
        problems.append(say("R8: no benign hypothesis (H0, H1, H6) is left; one stays to the end."))
    return problems


def _is_not_applicable(text: str) -> bool:
    return text.strip().lower().startswith(("not applicable", "sans objet", "n/a"))
