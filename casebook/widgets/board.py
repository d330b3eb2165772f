"""The review board: one card a persona, questions with fixed answers, a reason, and evidence.

A decision is saved when its line is on the disk, and only then the board says so. What the board
writes is what ``case.judge(...)`` writes. A reviewer sees the accounts in an order of their own and
never what others answered.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

from casebook import schema
from casebook.charts.personas import judgements_table
from casebook.exhibits import Note
from casebook.language import say, say_count, word
from casebook.personas.agreement import CHECK
from casebook.personas.lineup import LOCK, LOCKED, REVIEW, have_locked
from casebook.text import escape_html
from casebook.widgets.card import Cards
from casebook.widgets.parts import IN_ORDER, TAKEN_BACK, UNATTENDED, Board

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from casebook.case import Case
    from casebook.exhibits import Exhibit

CHECK_WORDS = "A real person, a hijacked account, or a parody?"
CHECK_LABELS = {
    "done": "checked: none of these",
    "real person": "a real person",
    "hijacked": "a hijacked account",
    "parody": "a parody",
    "not done": "could not be checked",
}
ALL, OPEN = "all accounts", "not answered yet"
MOST_PICTURES = 6
"""On one card."""


def review_board(
    case: Case,
    accounts: pd.DataFrame,
    posts: pd.DataFrame,
    snapshots: pd.DataFrame,
    signals: pd.DataFrame,
    *,
    reviewer: str = "",
) -> ReviewBoard | Exhibit:
    """Return the review board, or, where nobody reviews, the table of all judgements.

    Parameters
    ----------
    case : Case
    accounts, posts, snapshots, signals : DataFrame
        The tables of these names.
    reviewer : str
        Alias of the person at the board. Empty, as in the unattended run, gives the table.
    """
    if not reviewer or os.environ.get(UNATTENDED):
        return judgements_table(case.judgements(), accounts)
    cards = Cards(accounts, posts, snapshots, signals, pictures=_pictures(case))
    return ReviewBoard(case, cards, reviewer)


def _pictures(case: Case) -> dict[str, list[Path]]:
    """Return the collected pictures of each account: of the profile first, each once."""
    from casebook.copies import documents
    from casebook.media import is_media

    if not case.has("media"):
        return {}
    media = case.read("media").dropna(subset=["account", "sha256"])
    media = media[media["kind"].isin(["avatar", "banner", "image"])]
    media = media.drop_duplicates(["account", "sha256"]).sort_values("kind", kind="stable")
    path = {d.sha256: d.path for d in documents(case) if is_media(d.name)}
    held = media[media["sha256"].isin(path)]
    return {
        str(account): [path[mark] for mark in part["sha256"]][:MOST_PICTURES]
        for account, part in held.groupby("account")
    }


def line_up_board(
    case: Case,
    accounts: pd.DataFrame,
    posts: pd.DataFrame,
    snapshots: pd.DataFrame,
    *,
    reviewer: str = "",
) -> ReviewBoard | Exhibit:
    """Return the board with the accounts under review among their fillers, and who is who hidden.

    Parameters
    ----------
    case : Case
    accounts, posts, snapshots : DataFrame
        The tables of these names.
    reviewer : str
        Alias of the person at the board. Empty, as in the unattended run, gives what was said in
        line-ups so far.
    """
    from casebook.charts.personas import line_ups_table
    from casebook.personas.lineup import could_tell, fillers, line_ups

    if not reviewer or os.environ.get(UNATTENDED):
        return line_ups_table(line_ups(case.judgements(), accounts))
    chosen = fillers(accounts, posts)
    there = accounts.loc[accounts["account"].isin(chosen["account"]), "platform"]
    ours = (accounts["role"] == "persona") & accounts["platform"].isin(there)
    suspects = accounts.loc[ours, "account"]
    if not could_tell(len(suspects), len(chosen)):
        return Note(
            say(
                "{fillers} reference accounts beside {suspects} under review, of the same "
                "platforms and with posts, are too few for a line-up: nobody's answers could "
                "differ from a guess. Collect more with `--role reference`; five of each are "
                "enough.",
                fillers=len(chosen),
                suspects=len(suspects),
            )
        )
    everybody = sorted({*suspects, *chosen["account"]})
    cards = Cards(accounts, posts, snapshots, schema.empty("signals"), line_up=everybody)
    return ReviewBoard(case, cards, reviewer)


class ReviewBoard(Board):
    """The board of one reviewer; shown where it is the last value of a cell.

    Parameters
    ----------
    case : Case
    cards : Cards
        What there is to see of each persona.
    reviewer : str
        Alias: lower-case letters, digits, hyphens.

    Attributes
    ----------
    order : list of str
        Keys of the accounts in this reviewer's own order.
    """

    def __init__(self, case: Case, cards: Cards, reviewer: str) -> None:
        import ipywidgets as w

        self.case, self.cards, self.reviewer = case, cards, reviewer
        self.order = own_order(cards.personas, reviewer)
        self._shown = list(self.order)
        self._at = 0
        self._is_filling = False
        wide = w.Layout(width="98%")
        narrow = w.Layout(width="auto", flex="0 0 auto", align_self="flex-start")
        self.show = w.Dropdown(
            options=[(word(kind), kind) for kind in (ALL, OPEN, *schema.ANSWERS)],
            description=word("Show"),
            layout=w.Layout(width="17em"),
        )
        self.go_to = w.Dropdown(description=word("Account"), layout=w.Layout(width="24em"))
        self.back = w.Button(description=word("Previous"), icon="arrow-left", layout=narrow)
        self.next = w.Button(description=word("Next"), icon="arrow-right", layout=narrow)
        self.next_open = w.Button(
            description=word("Next open"),
            icon="forward",
            layout=narrow,
            tooltip=word("the next account that you have not answered yet"),
        )
        self.to_do = w.HTML(layout=wide)
        # A long card scrolls by itself, so that the questions stay in sight.
        self.card = w.HTML(layout=w.Layout(width="98%", max_height="32em", overflow="auto"))
        self.answer = w.RadioButtons(
            options=[
                (word("no answer yet"), None),
                *((word(answer), answer) for answer in schema.ANSWERS),
            ],
            index=0,
            layout=narrow,
        )
        self.check = w.RadioButtons(
            options=[
                (word("no answer yet"), None),
                *((word(CHECK_LABELS[found]), found) for found in schema.CHECKS),
            ],
            layout=narrow,
        )
        self.reason = w.Textarea(
            description=word("Reason"),
            placeholder=word("why, in your own words; it is printed in the report"),
            continuous_update=IN_ORDER,
            layout=w.Layout(width="98%", height="5em"),
        )
        self.evidence = w.Text(
            description=word("Evidence"),
            placeholder="E0001:41, E0003:7",
            continuous_update=IN_ORDER,
            layout=wide,
        )
        self.save = w.Button(
            description=word("Save"), button_style="primary", icon="check", layout=narrow
        )
        self.undo = w.Button(description=word("Take back"), icon="undo", layout=narrow)
        self.lock = w.Button(
            description=word("Lock my answers"),
            icon="lock",
            layout=narrow,
            tooltip=word("what you said up to now counts as said without knowing what others say"),
        )
        self.look = w.ToggleButton(
            value=False,
            description=word("Show pictures"),
            icon="eye",
            layout=narrow,
            tooltip=word("pictures are blurred until you ask, on each card anew"),
        )
        self.said = w.HTML()
        self.progress = w.HTML(layout=w.Layout(min_width="9em"))
        # In a line-up the rows would tell who is who, and nobody is named after it.
        asked = [
            w.VBox(
                [w.HTML(f"<b>{escape_html(word('Verdict'))}</b>"), self.answer],
                layout=w.Layout(margin="0 3em 0 0"),
            ),
            w.VBox([w.HTML(f"<b>{escape_html(word(CHECK_WORDS))}</b>"), self.check]),
        ]
        self.box = w.VBox(
            [
                w.HBox(
                    [self.show, self.go_to, self.back, self.next, self.next_open, self.progress],
                    layout=w.Layout(flex_flow="row wrap"),
                ),
                self.to_do,
                self.card,
                *([self.look] if cards.pictures else []),
                w.HBox(asked[:1] if cards.blind else asked),
                self.reason,
                *([] if cards.blind else [self.evidence]),
                w.HBox([self.save, self.undo, self.lock, self.said]),
            ],
            layout=wide,
        )
        self._connect()
        self._filter()

    def _connect(self) -> None:
        self.back.on_click(lambda _: self._safely(lambda: self._step(-1)))
        self.next.on_click(lambda _: self._safely(lambda: self._step(1)))
        self.next_open.on_click(lambda _: self._safely(self._to_next_open))
        self.save.on_click(lambda _: self._safely(self._save))
        self.undo.on_click(lambda _: self._safely(self._undo))
        self.lock.on_click(lambda _: self._safely(self._lock))
        self.look.observe(lambda _: self._safely(self._draw_card), names="value")
        self.show.observe(lambda _: self._safely(self._filter), names="value")
        self.go_to.observe(lambda change: self._safely(lambda: self._jump(change["new"])), "value")

    # -- what is shown ----------------------------------------------------------------------------

    def mine(self) -> pd.DataFrame:
        """Return the reviewer's own current answers, as the log has them now."""
        said = self.case.judgements()
        return said[said["current"] & (said["reviewer"] == self.reviewer)]

    def _filter(self) -> None:
        wanted = self.show.value
        answers = self._answers(self.mine())
        if wanted == ALL:
            self._shown = list(self.order)
        elif wanted == OPEN:
            self._shown = [a for a in self.order if a not in answers]
        else:
            self._shown = [a for a in self.order if answers.get(a) == wanted]
        open_ones = [i for i, a in enumerate(self._shown) if a not in answers]
        self._at = open_ones[0] if open_ones else 0
        # Setting the options sets the value too, which must not be taken for a choice.
        self._is_filling = True
        self.go_to.options = [(self.cards.name(a), a) for a in self._shown]
        self._is_filling = False
        self._draw()

    @staticmethod
    def _answers(mine: pd.DataFrame) -> dict[str, str]:
        given = mine[mine["question"] == "verdict"]
        return dict(zip(given["subject"], given["answer"], strict=True))

    def _jump(self, account: str | None) -> None:
        if self._is_filling or account is None:
            return
        if self._shown.index(account) != self._at:
            self._at = self._shown.index(account)
            self._draw()

    def _step(self, by: int) -> None:
        self._at = min(max(self._at + by, 0), max(len(self._shown) - 1, 0))
        self.said.value = ""
        self._draw()

    def _to_next_open(self) -> None:
        """Go to the next account without an answer, over the end to the first.

        Where the filter leaves none, all are shown again.
        """
        answers = self._answers(self.mine())
        if all(a in answers for a in self._shown):
            self.show.value = ALL  # which goes to the first that is open
            return
        here = self._at
        turned = [*range(here + 1, len(self._shown)), *range(here + 1)]
        left = [i for i in turned if self._shown[i] not in answers]
        if left:
            self._at = left[0]
            self.said.value = ""
            self._draw()

    def _next_thing(self, mine: pd.DataFrame) -> str:
        """Return what there is to do now, in a sentence."""
        left = [a for a in self.order if a not in self._answers(mine)]
        if self.reviewer in have_locked(mine):
            return say(
                "Your answers are locked. Run the cells below: once everybody has locked, they "
                "show what the others said."
            )
        if not left:
            return say("Every account has an answer. Lock your answers; then run the cells below.")
        to_go = say_count("{n} account to go", "{n} accounts to go", len(left))
        if self.account in left:
            return say(
                "To do: choose a verdict, say why, save ({to_go}). Undetermined is an answer.",
                to_go=to_go,
            )
        return say("This account is answered; {to_go}: “Next open”.", to_go=to_go)

    @property
    def account(self) -> str | None:
        """Key of the account on the card, or None where the filter leaves none."""
        return self._shown[self._at] if self._shown else None

    def _draw(self) -> None:
        mine = self.mine()
        done = len(self._answers(mine))
        self.progress.value = say("{done} of {all} answered", done=done, all=len(self.order))
        account = self.account
        self.to_do.value = f'<span role="status">{escape_html(self._next_thing(mine))}</span>'
        self.next_open.disabled = done >= len(self.order)
        self.back.disabled = self._at == 0
        self.next.disabled = self._at >= len(self._shown) - 1
        for control in (self.answer, self.check, self.reason, self.evidence, self.save, self.undo):
            control.disabled = account is None
        if account is None:
            none = say("No account is left under this filter.")
            self.card.value = f"<p>{escape_html(none)}</p>"
            return
        self.go_to.value = account
        self.look.value = False
        self.look.disabled = account not in self.cards.pictures
        self._draw_card()
        own = mine[mine["subject"] == account].set_index("question")
        verdict = own.loc["verdict"] if "verdict" in own.index else None
        self.answer.value = None if verdict is None else verdict["answer"]
        told = CHECK in own.index and not self.cards.blind
        self.check.value = own.loc[CHECK, "answer"] if told else None
        self.reason.value = "" if verdict is None else str(verdict["reason"])
        cited = self.cards.rows(account) if verdict is None else list(verdict["evidence"])
        self.evidence.value = ", ".join(cited)

    def _draw_card(self) -> None:
        if self.account is not None:
            self.card.value = self.cards.html(self.account, clear=self.look.value)

    # -- what is written --------------------------------------------------------------------------

    def _cited(self) -> list[str]:
        return [part.strip() for part in self.evidence.value.split(",") if part.strip()]

    def _save(self) -> None:
        account = self.account
        if account is None:
            return
        if self.answer.value is None and self.check.value is None:
            self._say(say("Choose an answer first. Nothing was saved."), wrong=True)
            return
        own = self.mine()
        own = own[own["subject"] == account].set_index("question")
        written = []
        given = (("verdict", self.answer.value), (CHECK, self.check.value))
        for question, answer in given:
            if answer is None or self._is_said(own, question, answer):
                continue
            written.append(
                self.case.judge(
                    account,
                    question,
                    answer,
                    reason=self.reason.value,
                    evidence=self._cited(),
                    reviewer=self.reviewer,
                )
            )
        if not written:
            self._say(say("This is saved already."))
            return
        self._draw()
        self._say(say("saved {time}, {where}", time=self._clock(), where=self._where(written)))

    def _is_said(self, own: pd.DataFrame, question: str, answer: str) -> bool:
        if question not in own.index:
            return False
        row = own.loc[question]
        said = (row["answer"], row["reason"], list(row["evidence"]))
        return bool(said == (answer, self.reason.value, self._cited()))

    def _where(self, written: list[dict[str, Any]]) -> str:
        file = f"{self.reviewer}.jsonl"
        first, last = (str(event["seq"]) for event in (written[0], written[-1]))
        if first == last:
            return say("line {line} of {file}", line=first, file=file)
        return say("lines {first} and {last} of {file}", first=first, last=last, file=file)

    def _clock(self) -> str:
        return f"{self.case.clock():%H:%M:%S}"

    def _lock(self) -> None:
        """Record that what was said up to now was said without knowing what others say."""
        answered = len(set(self.order) & set(self._answers(self.mine())))
        if answered < len(self.order):
            left = len(self.order) - answered
            self._say(
                say(
                    "{left} of {all} accounts have no answer yet; undetermined is one. Nothing was "
                    "locked.",
                    left=left,
                    all=len(self.order),
                ),
                wrong=True,
            )
            return
        if self.reviewer in have_locked(self.case.judgements()):
            self._say(say("Your answers are locked already; later ones are marked as later."))
            return
        event = self.case.judge(
            REVIEW, LOCK, LOCKED, reason="all accounts are answered", reviewer=self.reviewer
        )
        self._draw()
        self._say(say("locked {time}, {where}", time=self._clock(), where=self._where([event])))

    def _undo(self) -> None:
        """Supersede the last verdict on this account with the one before it."""
        account = self.account
        said = self.case.judgements()
        own = said[
            (said["reviewer"] == self.reviewer)
            & (said["subject"] == account)
            & (said["question"] == "verdict")
        ]
        if account is None or own.empty:
            self._say(say("There is nothing of yours to take back here."))
            return
        now = own[own["current"]].iloc[-1]
        before = own[own["seq"] == now["supersedes"]]
        earlier = before.iloc[0] if len(before) else None
        event = self.case.judge(
            account,
            "verdict",
            "undetermined" if earlier is None else str(earlier["answer"]),
            reason=TAKEN_BACK if earlier is None else str(earlier["reason"]),
            evidence=[] if earlier is None else list(earlier["evidence"]),
            reviewer=self.reviewer,
        )
        self._draw()
        self._say(say("taken back {time}, {where}", time=self._clock(), where=self._where([event])))


def own_order(accounts: list[str], reviewer: str) -> list[str]:
    """Return accounts in an order that is each reviewer's own, and the same after a restart."""
    return sorted(accounts, key=lambda a: hashlib.sha256(f"{reviewer}\n{a}".encode()).hexdigest())
