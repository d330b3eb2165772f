"""The claims of a case as the first page prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from casebook.charts.report import decided, rung_answers
from casebook.charts.style import period_of
from casebook.language import say, say_count, word
from casebook.report.prose import inline
from casebook.report.references import Place
from casebook.schema import RUNGS
from casebook.text import escape_html, escape_markdown, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from casebook.report.references import References

AT_A_GLANCE = 5


def first_findings(claims: pd.DataFrame, references: References) -> list[dict[str, Any]]:
    """Return the findings to print first, in the order the authors gave them."""
    return [_finding(claim, references) for claim in claims.head(AT_A_GLANCE).to_dict("records")]


def _finding(claim: dict[Any, Any], references: References) -> dict[str, Any]:
    name = visible(str(claim["claim"]))
    place = Place(say("Finding {claim}", claim=name), f"claim-{name}")
    rung = _rung(claim["rung"])
    level, broken = _text(claim["confidence"]), len(claim["violations"])
    against = _linked(escape_html(_text(claim["counter_evidence"])), references, place)
    evidence = _linked(_cited(claim["evidence"]), references, place, is_list=True)
    return {
        "claim": name,
        "kind": word(_text(claim["kind"])),
        # A claim is a sentence, not Markdown: what stands in it is what is printed.
        "text": _linked(inline(escape_markdown(_text(claim["text"]))), references, place),
        "rung": rung_words(rung) if rung else "",
        "likelihood": _text(claim["likelihood"]),
        "level": level,
        "confidence": say("Confidence: {level}", level=word(level)) if level else "",
        "evidence": Markup(say("Evidence: {ids}", ids=evidence)),  # noqa: S704 - escaped above
        "against": Markup(say("Against it: {what}", what=against)) if against else "",  # noqa: S704
        "broken": say_count("breaks {n} rule", "breaks {n} rules", broken) if broken else "",
    }


def rung_words(rung: int) -> str:
    """Return a rung as a reader meets it: ``Rung 2: coordinated``."""
    return say("Rung {number}: {name}", number=rung, name=word(RUNGS.get(rung, "?")))


def _cited(evidence: Any) -> str:
    return escape_html(", ".join(str(e) for e in evidence) or word("none"))


def _linked(html: str, references: References, place: Place, *, is_list: bool = False) -> Markup:
    return Markup(references.link(html, place, is_list=is_list))  # noqa: S704 - escaped above


def ladder_of(claims: pd.DataFrame) -> list[dict[str, str]]:
    """Return the four questions with what this case answers, for the first page."""
    rows = [
        {str(k): str(v) for k, v in row.items()} for row in rung_answers(claims).to_dict("records")
    ]
    for row in rows:
        level = row["confidence"]
        row["sure"] = say("Confidence {level}.", level=level) if level != "–" else ""
    return rows


def in_brief(
    claims: pd.DataFrame,
    written: Iterable[Mapping[str, Any]],
    tables: Mapping[str, pd.DataFrame],
    *,
    reach: bool,
) -> dict[str, str]:
    """Return what was looked at, who is named, and what is not claimed: a sentence or two each.

    Parameters
    ----------
    claims : DataFrame
        Table ``claims``.
    written : iterable of mapping
        The claims as written (`Case.claims`).
    tables : mapping
        ``accounts`` and ``posts``, where the case has them.
    reach : bool
        Whether the report has a chapter on it.
    """
    return {
        "what": _looked_at(tables),
        "who": _named(claims, written),
        "not_claimed": _not_claimed(claims),
        "reach": say("See chapter") if reach else say("It was not measured in this case."),
    }


def _looked_at(tables: Mapping[str, pd.DataFrame]) -> str:
    if "accounts" not in tables or "posts" not in tables:
        return say("Nothing has been read yet.")
    accounts, posts = tables["accounts"], tables["posts"]
    reviewed = accounts[accounts["role"] == "persona"]
    own = posts[posts["account"].isin(reviewed["account"])]
    others = int((accounts["role"] == "reference").sum())
    period = period_of(own["created_at"])
    return say(
        "{accounts} under review with {posts} ({period}), next to {others}",
        accounts=say_count("{n} account", "{n} accounts", len(reviewed)),
        posts=say_count("{n} post", "{n} posts", len(own)),
        period=period or word("no dated post"),
        others=say_count("{n} reference account.", "{n} reference accounts.", others),
    )


def _named(claims: pd.DataFrame, written: Iterable[Mapping[str, Any]]) -> str:
    """Return whom the claims on the upper rungs name, and who says so."""
    answered = set(decided(claims)["claim"])
    by_rung: dict[int, list[str]] = {}
    for claim in written:
        rung = _rung(claim.get("rung"))
        if rung is None or rung < 3 or claim.get("kind") != "assessment":
            continue
        name = visible(str(claim.get("network") or "?"))
        if claim.get("reported_by"):
            by = visible(str(claim["reported_by"]))
            told = say("Who directs it: reported by {who}, not assessed here.", who=by)
            if rung == 3:
                told = say("{network}: reported by {who}, not assessed here.", network=name, who=by)
        elif str(claim.get("id")) in answered and rung == 3:
            row = claims[claims["claim"] == str(claim.get("id"))].iloc[0]
            told = say(
                "A link to {network}: {likelihood}, confidence {level}.",
                network=name,
                likelihood=_text(row["likelihood"]),
                level=word(_text(row["confidence"]) or "–"),
            )
        elif str(claim.get("id")) in answered:
            told = say("Who directs it: see claim {claim}.", claim=str(claim["id"]))
        else:
            continue
        by_rung.setdefault(rung, []).append(told)
    return " ".join(t for rung in sorted(by_rung) for t in by_rung[rung]) or say(
        "Nobody: no network and nobody behind the accounts is named."
    )


def _not_claimed(claims: pd.DataFrame) -> str:
    answered = {int(r) for r in decided(claims)["rung"].dropna()}
    open_rungs = [word(name) for rung, name in RUNGS.items() if rung not in answered]
    said = []
    if open_rungs:
        said = [
            say("This case gives no answer of its own on: {rungs}.", rungs=", ".join(open_rungs))
        ]
    return " ".join(
        [
            *said,
            say(
                "It does not say that a particular person runs an account, and sharing what an "
                "operation spread makes nobody part of it."
            ),
        ]
    )


def _rung(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _text(value: Any) -> str:
    return visible(value) if isinstance(value, str) else ""
