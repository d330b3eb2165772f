"""Exhibits of step 5: what the case finds, on what it rests, and what it does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook.charts.style import ROLE_COLOURS, ROLE_WORDS, period_of
from casebook.exhibits import Listing, Note, Statement
from casebook.schema import CONFIDENCES, RUNGS
from casebook.text import escape_markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casebook.exhibits import Exhibit

NO_CLAIM = (
    "This case makes no claim. What was collected and computed is in the chapters before; no "
    "sentence of this report says who an account is, or who is behind it."
)
QUESTIONS = {
    1: "Are the accounts what they claim to be?",
    2: "Do they act together, beyond what chance and shared taste explain?",
    3: "Do they belong to a network that others have named?",
    4: "Does somebody direct them?",
}
UNDETERMINED = ("undetermined", "indéterminé")
FEW_REFERENCE_ACCOUNTS = 50
"""Below this, how common a trait is among ordinary accounts cannot be told."""


def key_findings(claims: pd.DataFrame, *, references: int = 6) -> Exhibit:
    """Return the claims of the case, each with confidence, evidence and what speaks against it.

    Parameters
    ----------
    claims : DataFrame
        Table ``claims``.
    references : int
        Evidence references printed beside a claim; the others are counted.
    """
    if claims.empty:
        return Note(NO_CLAIM)
    frame = pd.DataFrame(
        {
            "claim": claims["claim"],
            "finding": claims["text"],
            "kind": [_kind(claim) for claim in claims.itertuples()],
            "confidence": claims["confidence"].fillna("–"),
            "evidence": [_cited(e, references) for e in claims["evidence"]],
            "against": claims["counter_evidence"].fillna("").replace("", "–"),
        }
    )
    open_claims = int(sum(len(v) > 0 for v in claims["violations"]))
    assessed = int((claims["kind"] == "assessment").sum())
    return Listing(
        frame,
        id="key-findings",
        title=f"{_counted(len(claims), 'claim')}, {assessed} of them "
        f"{'an assessment' if assessed == 1 else 'assessments'}",
        headers={"against": "strongest evidence against it"},
        note=f"{_counted(open_claims, 'claim')} still {'breaks' if open_claims == 1 else 'break'} "
        "a rule; see step 4."
        if open_claims
        else "Every claim keeps the rules of step 4.",
    )


def _kind(claim: Any) -> str:
    parts = ["" if pd.isna(claim.kind) else str(claim.kind)]
    if not pd.isna(claim.rung):
        parts.append(f"rung {int(claim.rung)}: {RUNGS.get(int(claim.rung), '?')}")
    if len(claim.violations):
        parts.append("breaks " + _counted(len(claim.violations), "rule"))
    return ", ".join(parts)


def _cited(evidence: Iterable[str], at_most: int) -> str:
    cited = list(evidence)
    more = len(cited) - at_most
    return ", ".join(cited[:at_most]) + (f" and {more} more" if more > 0 else "") or "none"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def answers_by_rung(claims: pd.DataFrame) -> Exhibit:
    """Return the four questions of the ladder, each with its own answer and its own confidence.

    A rung without a claim is undetermined, and that is printed as plainly as an answer.
    """
    answers = rung_answers(claims)
    assessed = claims[claims["kind"] == "assessment"]
    answered = int(assessed.loc[_is_decided(assessed), "rung"].nunique())
    verb = "is" if answered == 1 else "are"
    return Listing(
        answers,
        id="answers-by-rung",
        title=f"{answered} of {len(answers)} questions {verb} answered by this case",
        note="No rung follows from another. Confidence is in the assessment, not in the accounts.",
    )


def rung_answers(claims: pd.DataFrame) -> pd.DataFrame:
    """Return one row a rung: rung, question, answer, claims, confidence."""
    assessed = claims[claims["kind"] == "assessment"]
    rows = []
    for rung, question in QUESTIONS.items():
        own = assessed[assessed["rung"] == rung]
        answers = [_answer(value) for value in own["likelihood"]]
        levels = {str(c) for c in own["confidence"].dropna()}
        rows.append(
            {
                "rung": f"{rung} {RUNGS[rung]}",
                "question": question,
                "answer": "; ".join(dict.fromkeys(answers)) or "undetermined: no claim is made",
                "claims": ", ".join(own["claim"]) or "–",
                # Where claims of a rung differ, the lowest is what the rung as a whole can bear.
                "confidence": next((c for c in CONFIDENCES if c in levels), "–"),
            }
        )
    return pd.DataFrame(rows)


REPORTED = "reported by others, not assessed here"


def decided(claims: pd.DataFrame) -> pd.DataFrame:
    """Return the assessments that give an answer of their own: not open, and not only reported."""
    assessed = claims[claims["kind"] == "assessment"]
    return assessed[_is_decided(assessed)]


def _is_decided(assessed: pd.DataFrame) -> pd.Series:
    """Tell which assessments give an answer of their own: not open, and not only reported."""
    term = assessed["likelihood"].fillna("")
    return term.ne("") & ~term.isin(UNDETERMINED)


def _answer(likelihood: Any) -> str:
    if pd.isna(likelihood) or not str(likelihood):
        return REPORTED
    return "undetermined" if str(likelihood) in UNDETERMINED else str(likelihood)


def scope_of_case(
    accounts: pd.DataFrame, posts: pd.DataFrame, scope: Mapping[str, Any] | None = None
) -> Exhibit:
    """Return what the case looked at: accounts and posts by role and platform, and the period.

    Parameters
    ----------
    accounts, posts : DataFrame
    scope : mapping, optional
        ``scope:`` of case.yaml: platforms, from, to, note.
    """
    if accounts.empty:
        return Note("No account has been read, so this report has no scope yet.")
    own = posts[~posts["embedded"].fillna(value=False).astype(bool)]
    joined = own.merge(accounts[["account", "role"]], on="account", how="left")
    rows = []
    for role in ROLE_COLOURS:
        of_role = accounts[accounts["role"] == role]
        for platform in sorted(of_role["platform"].dropna().unique()):
            written = joined[(joined["role"] == role) & (joined["platform"] == platform)]
            rows.append(
                {
                    "role": ROLE_WORDS[role],
                    "platform": platform,
                    "accounts": int((of_role["platform"] == platform).sum()),
                    "posts": len(written),
                    "period": period_of(written["created_at"]) or "no dated post",
                }
            )
    stated = scope or {}
    wanted = " to ".join(str(stated.get(k) or "…") for k in ("from", "to"))
    note = f"The case set out to look at {wanted}." if wanted != "… to …" else None
    if stated.get("note"):
        note = f"{note or ''} {stated['note']}".strip()
    return Listing(
        pd.DataFrame(rows, columns=["role", "platform", "accounts", "posts", "period"]),
        id="scope-of-case",
        title=f"{_counted(len(accounts), 'account')} and {_counted(len(own), 'post')} were read",
        note=note,
    )


def limitations(
    accounts: pd.DataFrame,
    readings: pd.DataFrame,
    layers: pd.DataFrame,
    judgements: pd.DataFrame,
) -> Statement:
    """Return what this report cannot say, computed from what the case lacks.

    Parameters
    ----------
    accounts, readings : DataFrame
        Tables of step 1.
    layers : DataFrame
        Kinds of shared object with ``assessable`` (`casebook.missing_layers`).
    judgements : DataFrame
        `Case.judgements`.
    """
    personas = accounts[accounts["role"] == "persona"]
    said = [
        *_limits_of_comparison(accounts),
        *_limits_of_selection(personas),
        *_limits_of_reading(readings),
        *_limits_of_layers(layers),
        *_limits_of_review(personas, judgements),
        (
            "Only what stood in the collected files could be seen. Posts that were deleted before "
            "collection, private messages and the platforms' own data are not in this case."
        ),
    ]
    return Statement("\n".join(f"- {s}" for s in said), id="limitations")


def _limits_of_comparison(accounts: pd.DataFrame) -> list[str]:
    reference = int((accounts["role"] == "reference").sum())
    if reference >= FEW_REFERENCE_ACCOUNTS:
        return []
    return [
        (
            f"There are {_counted(reference, 'reference account')}, fewer than "
            f"{FEW_REFERENCE_ACCOUNTS}: how common a trait is among ordinary accounts cannot be "
            "told."
        )
    ]


def _limits_of_selection(personas: pd.DataFrame) -> list[str]:
    unknown = int(personas["found_by"].fillna("").eq("").sum())
    if not unknown:
        return []
    return [
        (
            f"How {unknown} of {_counted(len(personas), 'account')} under review were found is not "
            "recorded; what is said of them is capped at low confidence."
        )
    ]


def _limits_of_reading(readings: pd.DataFrame) -> list[str]:
    said = []
    coarse = readings.loc[readings["time_precision"].isin(["minute", "day"]), "evidence_id"]
    if len(coarse):
        said.append(
            f"Times in {_ids(coarse)} are known to the minute or the day only: acts that follow "
            "each other within seconds cannot be told apart there."
        )
    rejected = int(readings["rejected"].sum())
    if rejected:
        said.append(
            f"{_counted(rejected, 'record')} of {int(readings['records'].sum()):,} could not be "
            "read; the reasons are in step 1."
        )
    unverified = readings.loc[readings["verified_format"].eq(other=False).fillna(value=False)]
    if len(unverified):
        said.append(
            f"{_ids(unverified['evidence_id'])} came in a format whose reader has not been tested "
            "on real files."
        )
    return said


def _limits_of_layers(layers: pd.DataFrame) -> list[str]:
    missing = layers.loc[~layers["assessable"].astype(bool), "layer"]
    if missing.empty:
        return []
    words = ", ".join(escape_markdown(str(layer)) for layer in missing)
    return [f"These kinds of shared content cannot be assessed in this collection: {words}."]


def _limits_of_review(personas: pd.DataFrame, judgements: pd.DataFrame) -> list[str]:
    if personas.empty:
        return ["No account is under review, so nothing is said about any account."]
    current = judgements[judgements["current"] & (judgements["question"] == "verdict")]
    reviewers = current.groupby("subject")["reviewer"].nunique()
    count = personas["account"].map(reviewers).fillna(0)
    once, never = int((count == 1).sum()), int((count == 0).sum())
    said = []
    if never:
        said.append(
            f"Nobody has judged {never} of {_counted(len(personas), 'account')} under review."
        )
    if once:
        said.append(
            f"{_counted(once, 'account')} under review {'was' if once == 1 else 'were'} judged by "
            "one person only, so there is no agreement to measure."
        )
    return said


def _ids(names: Iterable[str]) -> str:
    return ", ".join(escape_markdown(str(name)) for name in names)


def what_would_change(claims: Iterable[Mapping[str, Any]]) -> Exhibit:
    """Return, for each claim, what speaks against it and what would change it.

    Parameters
    ----------
    claims : iterable of mapping
        The claims as written (`Case.claims`).
    """
    rows = [
        {
            "claim": str(claim.get("id", "?")),
            "against": str(claim.get("counter_evidence") or "–"),
            "would_change": str(claim.get("would_change") or claim.get("resolves_on") or "–"),
        }
        for claim in claims
        if claim.get("kind") in ("assessment", "forecast", "intent")
    ]
    if not rows:
        return Note("No assessment is made, so there is none that could change.")
    open_rows = sum(row["against"] == "–" for row in rows)
    return Listing(
        pd.DataFrame(rows),
        id="what-would-change",
        title=f"{len(rows) - open_rows} of {_counted(len(rows), 'assessment')} "
        f"{'names' if len(rows) - open_rows == 1 else 'name'} the strongest evidence against",
        headers={
            "against": "strongest evidence against it, or what was looked for",
            "would_change": "what would change it",
        },
    )


_GATE = {
    "basis": "On what ground is this data processed?",
    "proportionality": "Why is it not more than the public interest needs?",
    "real_person_check": "How was it checked that no real person is taken for a fake one?",
    "right_of_reply": "Who was asked to reply, and how?",
    "retention": "Until when is raw data kept?",
    "signed_by": "Who answers for this (alias)?",
    "signed_on": "Since when?",
}


def ethics_gate(legal: Mapping[str, str], replies: pd.DataFrame) -> Listing:
    """Return the legal and ethical questions with the answers of the case, open ones included.

    Parameters
    ----------
    legal : mapping
        ``legal:`` of case.yaml.
    replies : DataFrame
        `Case.replies`.
    """
    rows = [
        {"question": question, "answer": legal.get(key) or "not answered"}
        for key, question in _GATE.items()
    ]
    unanswered = sum(row["answer"] == "not answered" for row in rows)
    answered = int(replies["answer"].fillna("").ne("").sum())
    rows.append(
        {
            "question": "Replies asked for and received",
            "answer": f"{len(replies)} asked for, {answered} received",
        }
    )
    return Listing(
        pd.DataFrame(rows),
        id="ethics-gate",
        title="Every legal and ethical question is answered"
        if not unanswered
        else f"{unanswered} of {len(_GATE)} legal and ethical questions are not answered yet",
        note="A final report needs all of them." if unanswered else None,
    )


def inputs_of_case(inputs: Mapping[str, Any]) -> Listing:
    """Return what went into this run: one hash a line.

    Parameters
    ----------
    inputs : mapping
        `casebook.report.record.inputs`: name -> hash or version.
    """
    frame = pd.DataFrame({"input": list(inputs), "value": [str(v) for v in inputs.values()]})
    return Listing(
        frame,
        id="inputs-of-case",
        title=f"{_counted(len(frame), 'input')} decide what this report says",
        headers={"value": "hash or version"},
        note="The same inputs give the same report. Clock times are in run.json only.",
    )


def closing_words(claims: pd.DataFrame, accounts: pd.DataFrame) -> Statement:
    """Return what the case as a whole allows to say, and what it does not."""
    assessed = claims[claims["kind"] == "assessment"]
    decided = assessed[_is_decided(assessed)]
    rungs = sorted({int(r) for r in decided["rung"].dropna()})
    unsaid = [RUNGS[r] for r in RUNGS if r not in rungs]
    personas = int((accounts["role"] == "persona").sum())
    say = [
        (
            f"{_counted(len(claims), 'claim')} {'is' if len(claims) == 1 else 'are'} made in a "
            f"case with {_counted(personas, 'account')} under review; each names its evidence."
        )
        if len(claims)
        else NO_CLAIM,
        *(
            f"Rung {r} ({RUNGS[r]}) is assessed in "
            f"{', '.join(escape_markdown(c) for c in decided.loc[decided['rung'] == r, 'claim'])}."
            for r in rungs
        ),
    ]
    cannot = [
        *([f"This case itself gives no answer on: {', '.join(unsaid)}."] if unsaid else []),
        "Sharing an operation's content does not make an account part of it.",
        "No single number in this report says that an account is inauthentic; none is meant to.",
    ]
    lines = ["**We can say**", "", *(f"- {s}" for s in say), ""]
    lines += ["**We cannot say**", "", *(f"- {s}" for s in cannot)]
    return Statement("\n".join(lines), id="closing-words")
