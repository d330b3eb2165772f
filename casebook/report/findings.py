"""The claims of a case as the first page prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from casebook.charts.report import rung_answers
from casebook.report.prose import inline
from casebook.report.references import Place
from casebook.schema import RUNGS
from casebook.text import escape_html, escape_markdown, visible

if TYPE_CHECKING:
    import pandas as pd

    from casebook.report.references import References

AT_A_GLANCE = 5


def first_findings(claims: pd.DataFrame, references: References) -> list[dict[str, Any]]:
    """Return the findings to print first, in the order the authors gave them."""
    return [_finding(claim, references) for claim in claims.head(AT_A_GLANCE).to_dict("records")]


def _finding(claim: dict[Any, Any], references: References) -> dict[str, Any]:
    name = visible(str(claim["claim"]))
    place = Place(f"Finding {name}", f"claim-{name}")
    rung = _rung(claim["rung"])
    return {
        "claim": name,
        "kind": _text(claim["kind"]),
        # A claim is a sentence, not Markdown: what stands in it is what is printed.
        "text": _linked(inline(escape_markdown(_text(claim["text"]))), references, place),
        "rung": f"Rung {rung}: {RUNGS.get(rung, '?')}" if rung else "",
        "likelihood": _text(claim["likelihood"]),
        "confidence": _text(claim["confidence"]),
        "evidence": _linked(_cited(claim["evidence"]), references, place, is_list=True),
        "against": _linked(escape_html(_text(claim["counter_evidence"])), references, place),
        "broken": len(claim["violations"]),
    }


def _cited(evidence: Any) -> str:
    return escape_html(", ".join(str(e) for e in evidence) or "none")


def _linked(html: str, references: References, place: Place, *, is_list: bool = False) -> Markup:
    return Markup(references.link(html, place, is_list=is_list))  # noqa: S704 - escaped above


def ladder_of(claims: pd.DataFrame) -> list[dict[str, str]]:
    """Return the four questions with what this case answers, for the first page."""
    return [
        {str(k): str(v) for k, v in row.items()} for row in rung_answers(claims).to_dict("records")
    ]


def _rung(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _text(value: Any) -> str:
    return visible(value) if isinstance(value, str) else ""
