"""The matrix of hypotheses, filled in item by item; each rating is a judgement with its reason."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from casebook.attribution.hypotheses import (
    RATINGS,
    WEIGHTS,
    hypothesis_ratings,
    inconsistency,
    leaders,
    parse_ratings,
)
from casebook.attribution.rules import HYPOTHESES
from casebook.charts.attribution import ratings_table
from casebook.evidence import ID
from casebook.language import number, say, say_count, word
from casebook.text import escape_html, shorten
from casebook.widgets.parts import IN_ORDER, TAKEN_BACK, UNATTENDED, Board

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from casebook.attribution.values import Value
    from casebook.case import Case
    from casebook.exhibits import Exhibit

QUESTION = "hypotheses"
WORDS = {
    "NA": "says nothing",
    "CC": "very consistent",
    "C": "consistent",
    "N": "neutral",
    "I": "inconsistent",
    "II": "very inconsistent",
}


def hypothesis_board(
    case: Case,
    register: pd.DataFrame,
    values: Mapping[str, Value],
    facts: pd.DataFrame | None = None,
    *,
    reviewer: str = "",
) -> HypothesisBoard | Exhibit:
    """Return the board to rate evidence against the hypotheses; where nobody reviews, the reasons.

    Parameters
    ----------
    case : Case
    register : DataFrame
        The table ``register``: what can be rated.
    values : mapping
        Named selections, which can be rated too.
    facts : DataFrame, optional
        Published facts.
    reviewer : str
        Alias of the person at the board. Empty, as in the unattended run, gives the table of all
        ratings with their reasons.
    """
    if not reviewer or os.environ.get(UNATTENDED):
        return ratings_table(hypothesis_ratings(case.judgements(), register, values, facts))
    return HypothesisBoard(case, register, values, facts, reviewer)


class HypothesisBoard(Board):
    """The board of one reviewer.

    Parameters
    ----------
    case : Case
    register, values, facts
        As for `hypothesis_board`.
    reviewer : str
        Alias: lower-case letters, digits, hyphens.
    """

    def __init__(
        self,
        case: Case,
        register: pd.DataFrame,
        values: Mapping[str, Value],
        facts: pd.DataFrame | None,
        reviewer: str,
    ) -> None:
        import ipywidgets as w

        self.case, self.reviewer = case, reviewer
        self._register, self._values, self._facts = register, values, facts
        wide = w.Layout(width="98%")
        self.item = w.Dropdown(
            options=self._items(), description=say("Item"), layout=w.Layout(width="46em")
        )
        self.progress = w.HTML(layout=w.Layout(min_width="9em"))
        self.cells = {
            h: w.Dropdown(
                options=[(f"{r}: {word(words)}", r) for r, words in WORDS.items()],
                value="NA",
                description=h,
                layout=w.Layout(width="18em"),
            )
            for h in HYPOTHESES
        }
        meaning = {
            h: case.settings.hypotheses.get(h) or word(words) for h, words in HYPOTHESES.items()
        }
        self.relevance = w.Dropdown(
            options=[(word(r), r) for r in WEIGHTS], value="medium", description=say("Relevance"),
            layout=w.Layout(width="18em"),
        )  # fmt: skip
        self.reason = w.Textarea(
            description=say("Reason"),
            placeholder=say("why, in your own words; it is printed in the report"),
            continuous_update=IN_ORDER,
            layout=w.Layout(width="98%", height="5em"),
        )
        self.save = w.Button(description=say("Save"), button_style="primary", icon="check")
        self.undo = w.Button(description=say("Take back"), icon="undo")
        self.said = w.HTML()
        self.standing = w.HTML(layout=wide)
        ask = say("Suppose the hypothesis is true: how well does this item fit?")
        self.box = w.VBox(
            [
                w.HBox([self.item, self.progress]),
                w.Label(ask),
                *(
                    w.HBox([cell, w.HTML(escape_html(meaning[h]))])
                    for h, cell in self.cells.items()
                ),
                self.relevance,
                self.reason,
                w.HBox([self.save, self.undo, self.said]),
                self.standing,
            ],
            layout=wide,
        )
        self.save.on_click(lambda _: self._safely(self._save))
        self.undo.on_click(lambda _: self._safely(self._undo))
        self.item.observe(lambda _: self._safely(self._chosen), names="value")
        self._draw()

    def _items(self) -> list[tuple[str, str]]:
        """Return what can be rated: rated ones first, then what claims cite, evidence, others."""
        titles = {
            str(k): str(t)
            for k, t in zip(self._register["evidence_id"], self._register["title"], strict=True)
        }
        if self._facts is not None:
            told = zip(self._facts["fact_id"], self._facts["statement"], strict=True)
            titles |= {f"fact:{k}": str(t) for k, t in told}
        titles |= {
            f"selection:{n}": say("selection, {value}", value=v.value)
            for n, v in self._values.items()
        }
        claimed = [str(e) for claim in self.case.claims() for e in claim.get("evidence") or []]
        evidence = [k for k in titles if ID.fullmatch(k)]
        rated = sorted(set(self._mine()["subject"]))
        order = dict.fromkeys([*rated, *(c for c in claimed if c in titles), *evidence, *titles])
        return [
            (f"{s.removeprefix('selection:')}: {shorten(titles.get(s, ''), 64)}", s) for s in order
        ]

    def _mine(self) -> pd.DataFrame:
        said = self.case.judgements()
        return said[(said["reviewer"] == self.reviewer) & (said["question"] == QUESTION)]

    def _chosen(self) -> None:
        self.said.value = ""
        self._draw()

    def _draw(self) -> None:
        mine = self._mine()
        mine = mine[mine["current"]]
        own = mine[mine["subject"] == self.item.value]
        ratings, relevance = parse_ratings(own.iloc[-1]["answer"]) if len(own) else ({}, "medium")
        for name, cell in self.cells.items():
            cell.value = ratings.get(name, "NA")
        self.relevance.value = relevance
        self.reason.value = str(own.iloc[-1]["reason"]) if len(own) else ""
        self.progress.value = say_count(
            "{n} item rated by you", "{n} items rated by you", len(mine)
        )
        self._stand()

    def _stand(self) -> None:
        matrix = hypothesis_ratings(
            self.case.judgements(), self._register, self._values, self._facts,
            reviewer=self.reviewer,
        )  # fmt: skip
        if matrix.empty:
            self.standing.value = f"<p>{escape_html(say('Nothing is rated yet.'))}</p>"
            return
        ranked = inconsistency(matrix)
        ahead = ", ".join(leaders(matrix))
        rows = "".join(
            f"<tr><th scope='row'>{r['hypothesis']}</th><td>{number(r['weighted'], '.2f')}</td>"
            f"<td>{_against(r)}</td></tr>"
            for r in ranked.to_dict("records")
        )
        head = "".join(
            f"<th scope='col'>{escape_html(word(name))}</th>"
            for name in ("hypothesis", "score", "items against")
        )
        self.standing.value = (
            f"<p>{escape_html(_standing(ahead))}</p><table><thead><tr>{head}</tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )

    def _answer(self) -> str:
        cells = ", ".join(f"{h} {cell.value}" for h, cell in self.cells.items())
        return f"{cells}; relevance {self.relevance.value}"

    def _save(self) -> None:
        if all(cell.value not in RATINGS for cell in self.cells.values()):
            self._say(say("Rate at least one hypothesis. Nothing was saved."), wrong=True)
            return
        own = self._mine()
        own = own[own["current"] & (own["subject"] == self.item.value)]
        if len(own) and (own.iloc[-1]["answer"], own.iloc[-1]["reason"]) == (
            self._answer(),
            self.reason.value,
        ):
            self._say(say("This is saved already."))
            return
        self._write(say("saved"), self._answer(), self.reason.value)

    def _undo(self) -> None:
        """Supersede the last rating of this item with the one before it."""
        own = self._mine()
        own = own[own["subject"] == self.item.value]
        if own.empty or own.iloc[-1]["reason"] == TAKEN_BACK:
            self._say(say("There is nothing of yours to take back here."))
            return
        now = own[own["current"]].iloc[-1]
        before = own[own["seq"] == now["supersedes"]]
        if before.empty:
            none = ", ".join(f"{h} NA" for h in self.cells)
            self._write(say("taken back"), none, TAKEN_BACK)
        else:
            self._write(
                say("taken back"), str(before.iloc[0]["answer"]), str(before.iloc[0]["reason"])
            )

    def _write(self, done: str, answer: str, reason: str) -> None:
        subject = str(self.item.value)
        event: dict[str, Any] = self.case.judge(
            subject, QUESTION, answer, reason=reason, evidence=[subject], reviewer=self.reviewer
        )
        self._draw()
        self._say(
            say(
                "{done} {time}, line {line} of {file}",
                done=done,
                time=f"{self.case.clock():%H:%M:%S}",
                line=event["seq"],
                file=f"{self.reviewer}.jsonl",
            )
        )


def _against(row: Mapping[Any, Any]) -> str:
    return say("{against} of {rated}", against=int(row["against"]), rated=int(row["applicable"]))


def _standing(ahead: str) -> str:
    return say("By your ratings least speaks against {ahead}. This is no probability.", ahead=ahead)
