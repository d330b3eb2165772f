"""Exhibits of step 5: what the case finds, on what it rests, and what it does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook.charts.style import ROLE_COLOURS, ROLE_WORDS, period_of
from casebook.exhibits import Listing, Note, Statement
from casebook.language import listed, say, say_count, together, word
from casebook.numbers import count, named, other_than
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
        return Note(say(NO_CLAIM))
    frame = pd.DataFrame(
        {
            "claim": claims["claim"],
            "finding": claims["text"],
            "kind": [_kind(claim) for claim in claims.itertuples()],
            "confidence": [word(c) for c in claims["confidence"].fillna("–")],
            "evidence": [_cited(e, references) for e in claims["evidence"]],
            "against": claims["counter_evidence"].fillna("").replace("", "–"),
        }
    )
    told = claims[["claim", "kind"]].assign(sound=claims["violations"].map(len).eq(0))
    open_claims = count(told, {"sound": False})
    return Listing(
        frame,
        id="key-findings",
        title=say_count(
            "{claims}, {n} of them an assessment",
            "{claims}, {n} of them assessments",
            count(told, {"kind": "assessment"}),
            claims=say_count("{n} claim", "{n} claims", count(told)),
        ),
        headers={"against": "strongest evidence against it"},
        note=say_count(
            "{n} claim still breaks a rule; see step 4.",
            "{n} claims still break a rule; see step 4.",
            open_claims,
        )
        if open_claims.value
        else say("Every claim keeps the rules of step 4."),
    )


def _kind(claim: Any) -> str:
    parts = ["" if pd.isna(claim.kind) else word(str(claim.kind))]
    if not pd.isna(claim.rung):
        rung = int(claim.rung)
        parts.append(say("rung {number}: {name}", number=rung, name=word(RUNGS.get(rung, "?"))))
    if len(claim.violations):
        parts.append(say_count("breaks {n} rule", "breaks {n} rules", len(claim.violations)))
    return ", ".join(parts)


def _cited(evidence: Iterable[str], at_most: int) -> str:
    cited = list(evidence)
    more = len(cited) - at_most
    shown = ", ".join(cited[:at_most])
    return (
        say("{some} and {more} more", some=shown, more=more) if more > 0 else shown or word("none")
    )


def answers_by_rung(claims: pd.DataFrame) -> Exhibit:
    """Return the four questions of the ladder, each with its own answer and its own confidence.

    A rung without a claim is undetermined, and that is printed as plainly as an answer.
    """
    answers = rung_answers(claims)
    assessed = claims[claims["kind"] == "assessment"]
    rungs = [
        f"{int(r)} {word(RUNGS[int(r)])}"
        for r in assessed.loc[_is_decided(assessed), "rung"].unique()
    ]
    return Listing(
        answers,
        id="answers-by-rung",
        title=say_count(
            "{n} of {all} questions is answered by this case",
            "{n} of {all} questions are answered by this case",
            count(answers, {"rung": sorted(rungs)}),
            all=count(answers),
        ),
        note=say(
            "No rung follows from another. Confidence is in the assessment, not in the accounts."
        ),
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
                "rung": f"{rung} {word(RUNGS[rung])}",
                "question": word(question),
                "answer": "; ".join(dict.fromkeys(answers))
                or say("undetermined: no claim is made"),
                "claims": ", ".join(own["claim"]) or "–",
                # Where claims of a rung differ, the lowest is what the rung as a whole can bear.
                "confidence": next((word(c) for c in CONFIDENCES if c in levels), "–"),
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
        return say(REPORTED)
    return word("undetermined") if str(likelihood) in UNDETERMINED else str(likelihood)


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
        return Note(say("No account has been read, so this report has no scope yet."))
    own = posts[~posts["embedded"].fillna(value=False).astype(bool)]
    joined = own.merge(accounts[["account", "role"]], on="account", how="left")
    rows = []
    for role in ROLE_COLOURS:
        of_role = accounts[accounts["role"] == role]
        for platform in sorted(of_role["platform"].dropna().unique()):
            written = joined[(joined["role"] == role) & (joined["platform"] == platform)]
            rows.append(
                {
                    "role": word(ROLE_WORDS[role]),
                    "platform": platform,
                    "accounts": int((of_role["platform"] == platform).sum()),
                    "posts": len(written),
                    "period": period_of(written["created_at"]) or word("no dated post"),
                }
            )
    stated = scope or {}
    first, last = (str(stated.get(k) or "…") for k in ("from", "to"))
    note = None
    if (first, last) != ("…", "…"):
        note = say("The case set out to look at {first} to {last}.", first=first, last=last)
    if stated.get("note"):
        note = f"{note or ''} {stated['note']}".strip()
    frame = pd.DataFrame(rows, columns=["role", "platform", "accounts", "posts", "period"])
    return Listing(
        frame,
        id="scope-of-case",
        title=say(
            "{accounts} and {posts} were read",
            accounts=say_count("{n} account", "{n} accounts", named("accounts", len(accounts))),
            posts=say_count("{n} post", "{n} posts", named("posts", len(own))),
        ),
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
        say(
            "Only what stood in the collected files could be seen. Posts that were deleted before "
            "collection, private messages and the platforms' own data are not in this case."
        ),
    ]
    return Statement(together(map(listed, said), "\n"), id="limitations")


def _limits_of_comparison(accounts: pd.DataFrame) -> list[str]:
    reference = int((accounts["role"] == "reference").sum())
    if reference >= FEW_REFERENCE_ACCOUNTS:
        return []
    return [
        say(
            "There are {accounts}, fewer than {least}: how common a trait is among ordinary "
            "accounts cannot be told.",
            accounts=say_count("{n} reference account", "{n} reference accounts", reference),
            least=FEW_REFERENCE_ACCOUNTS,
        )
    ]


def _limits_of_selection(personas: pd.DataFrame) -> list[str]:
    unknown = int(personas["found_by"].fillna("").eq("").sum())
    if not unknown:
        return []
    return [
        say(
            "How {unknown} of {all} accounts under review were found is not recorded; what is said "
            "of them is capped at low confidence.",
            unknown=unknown,
            all=len(personas),
        )
    ]


def _limits_of_reading(readings: pd.DataFrame) -> list[str]:
    said = []
    coarse = readings.loc[readings["time_precision"].isin(["minute", "day"]), "evidence_id"]
    if len(coarse):
        said.append(
            say(
                "Times in {items} are known to the minute or the day only: acts that follow each "
                "other within seconds cannot be told apart there.",
                items=_ids(coarse),
            )
        )
    rejected = int(readings["rejected"].sum())
    if rejected:
        said.append(
            say_count(
                "{n} record of {all} could not be read; the reasons are in step 1.",
                "{n} records of {all} could not be read; the reasons are in step 1.",
                rejected,
                all=int(readings["records"].sum()),
            )
        )
    unverified = readings.loc[readings["verified_format"].eq(other=False).fillna(value=False)]
    if len(unverified):
        said.append(
            say(
                "{items} came in a format whose reader has not been tested on real files.",
                items=_ids(unverified["evidence_id"]),
            )
        )
    return said


def _limits_of_layers(layers: pd.DataFrame) -> list[str]:
    missing = layers.loc[~layers["assessable"].astype(bool), "layer"]
    if missing.empty:
        return []
    words = ", ".join(escape_markdown(word(str(layer))) for layer in missing)
    told = say(
        "These kinds of shared content cannot be assessed in this collection: {kinds}.", kinds=words
    )
    return [told]


def _limits_of_review(personas: pd.DataFrame, judgements: pd.DataFrame) -> list[str]:
    if personas.empty:
        return [say("No account is under review, so nothing is said about any account.")]
    current = judgements[judgements["current"] & (judgements["question"] == "verdict")]
    reviewers = current.groupby("subject")["reviewer"].nunique()
    count = personas["account"].map(reviewers).fillna(0)
    once, never = int((count == 1).sum()), int((count == 0).sum())
    said = []
    if never:
        said.append(
            say(
                "Nobody has judged {never} of {all} accounts under review.",
                never=never,
                all=len(personas),
            )
        )
    if once:
        said.append(
            say_count(
                "{n} account under review was judged by one person only, so there is no agreement "
                "to measure.",
                "{n} accounts under review were judged by one person only, so there is no "
                "agreement to measure.",
                once,
            )
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
        return Note(say("No assessment is made, so there is none that could change."))
    frame = pd.DataFrame(rows)
    return Listing(
        frame,
        id="what-would-change",
        title=say_count(
            "{n} of {all} assessments names the strongest evidence against",
            "{n} of {all} assessments name the strongest evidence against",
            count(frame, {"against": other_than("–")}),
            all=count(frame),
        ),
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
        {"question": word(question), "answer": legal.get(key) or word("not answered")}
        for key, question in _GATE.items()
    ]
    unanswered = sum(not legal.get(key) for key in _GATE)
    answered = int(replies["answer"].fillna("").ne("").sum())
    rows.append(
        {
            "question": say("Replies asked for and received"),
            "answer": say(
                "{asked} asked for, {answered} received", asked=len(replies), answered=answered
            ),
        }
    )
    return Listing(
        pd.DataFrame(rows),
        id="ethics-gate",
        title=say("Every legal and ethical question is answered")
        if not unanswered
        else say_count(
            "{n} of {all} legal and ethical questions is not answered yet",
            "{n} of {all} legal and ethical questions are not answered yet",
            unanswered,
            all=len(_GATE),
        ),
        note=say("A final report needs all of them.") if unanswered else None,
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
        title=say_count(
            "{n} input decides what this report says",
            "{n} inputs decide what this report says",
            count(frame),
        ),
        headers={"value": "hash or version"},
        note=say("The same inputs give the same report. Clock times are in run.json only."),
    )


def closing_words(claims: pd.DataFrame, accounts: pd.DataFrame) -> Statement:
    """Return what the case as a whole allows to say, and what it does not."""
    answers = decided(claims)
    rungs = sorted({int(r) for r in answers["rung"].dropna()})
    unsaid = [word(RUNGS[r]) for r in RUNGS if r not in rungs]
    personas = int((accounts["role"] == "persona").sum())
    made = say(NO_CLAIM)
    if len(claims):
        made = say(
            "{claims} in a case with {accounts} under review; each names its evidence.",
            claims=say_count("{n} claim is made", "{n} claims are made", count(claims)),
            accounts=say_count("{n} account", "{n} accounts", named("personas", personas)),
        )
    found = [
        say(
            "Rung {number} ({name}) is assessed in {claims}.",
            number=str(r),
            name=word(RUNGS[r]),
            claims=", ".join(
                escape_markdown(c) for c in answers.loc[answers["rung"] == r, "claim"]
            ),
        )
        for r in rungs
    ]
    cannot = [
        *([say("This case itself gives no answer on: {rungs}.", rungs=", ".join(unsaid))]
          if unsaid else []),
        say("Sharing an operation's content does not make an account part of it."),
        say("No single number in this report says that an account is inauthentic; none is meant to."),
    ]  # fmt: skip
    lines = [say("**We can say**"), "", *map(listed, [made, *found]), ""]
    lines += [say("**We cannot say**"), "", *map(listed, cannot)]
    return Statement(together(lines, "\n"), id="closing-words")
