"""A draft letter for the right of reply: what we will say, on what, and by when we ask."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from casebook import schema
from casebook.errors import ClaimError
from casebook.language import say, word
from casebook.text import visible

if TYPE_CHECKING:
    from casebook.attribution.claims import Claim
    from casebook.case import Case

KINDS = {
    "selection": "records collected for this case, counted",
    "fact": "published facts",
    "row": "single records collected for this case",
    "source": "published sources or documents",
}


def draft_letter(case: Case, claim: str, *, by: str) -> str:
    """Return a draft letter to those a claim names, in Markdown; nothing is sent.

    Parameters
    ----------
    case : Case
    claim : str
        Id of a claim in claims.yaml.
    by : str
        Day by which we ask for an answer, ``2024-09-10``.

    Returns
    -------
    str
        What we will say, how sure we are, what it rests on in kind, what speaks against it, the
        questions, and the line that records the letter in replies.jsonl. Confidential items and
        single rows are not named: the letter leaves the house.

    Raises
    ------
    ClaimError
        Where the claim does not exist, names nobody, or the day is none.
    """
    from casebook.attribution.claims import parse_claims
    from casebook.checking import check_case

    day = _day(by)
    claims = {c.id: c for c in parse_claims(case.claims())}
    if claim not in claims:
        hint = schema.nearest(claim, claims)
        raise ClaimError(
            f"there is no claim {claim!r}",
            where="claims.yaml",
            remedy=f"did you mean {hint!r}?" if hint else f"claims: {', '.join(claims) or 'none'}",
        )
    one = claims[claim]
    if not one.about:
        raise ClaimError(
            f"claim {claim} names nobody",
            where="claims.yaml",
            remedy="list the people, outlets, companies or states it names under `about:`",
        )
    table = check_case(case).table.set_index("claim")
    return _letter(case, one, str(table.loc[claim, "text"]), day)


def _day(by: str) -> date:
    try:
        return date.fromisoformat(by)
    except ValueError:
        raise ClaimError(f"{by!r} is no day", remedy="write it as 2024-09-10") from None


def _letter(case: Case, claim: Claim, sentence: str, day: date) -> str:
    to = ", ".join(claim.about)
    kinds = list(dict.fromkeys(word(KINDS[_kind(r)]) for r in claim.evidence))
    sure = [say("Likelihood: {term}.", term=claim.likelihood)] if claim.likelihood else []
    sure += [say("Confidence: {level}.", level=word(claim.level))] if claim.level else []
    record = {
        "claim": claim.id,
        "addressee": claim.about[0],
        "channel": "",
        "sent": "",
        "deadline": day.isoformat(),
        "answer": "",
        "effect": "",
    }
    exercise = say("**The case is synthetic: this letter is an exercise.**")
    mark = [exercise, ""] if case.synthetic else []
    lines = [
        say("DRAFT, not sent. Read it with your lawyer; Casebook sends nothing."),
        "",
        *mark,
        say("To: {names}", names=to),
        say(
            "Subject: request for comment before publication ({case}, claim {claim})",
            case=case.name,
            claim=claim.id,
        ),
        "",
        say("We are preparing a report. We intend to say:"),
        "",
        f"> {sentence}",
        "",
        *sure,
        say("It rests on: {kinds}.", kinds="; ".join(kinds)),
        say("As we see it, this speaks against it: {against}", against=claim.counter_evidence)
        if claim.counter_evidence
        else say("We have recorded nothing that speaks against it."),
        "",
        say("Please let us know by {day}:", day=day.isoformat()),
        "",
        "1. " + say("Is the sentence accurate? If not, what is wrong?"),
        "2. " + say("What do we not know that would change it?"),
        "3. " + say("May we quote your answer, and under which name?"),
        "",
        say("We will print your answer, or that we asked and had none."),
        say("If we hold a fact wrongly, we will correct it."),
        "",
        "---",
        say("When it is sent, add this line to replies.jsonl, one for each of: {names}", names=to),
        "",
        f"    {json.dumps(record, ensure_ascii=False)}",
    ]
    return visible("\n".join(lines)) + "\n"


def _kind(reference: str) -> str:
    head, colon, _ = reference.partition(":")
    if head in {"selection", "fact"}:
        return head
    return "row" if colon else "source"
