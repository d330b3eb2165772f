"""The claims as a form: written into claims.yaml, checked while they are typed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from casebook.attribution.claims import CLAIM_KINDS, REASONS, parse_claims
from casebook.attribution.language import BANDS, UNDETERMINED
from casebook.checking import claims_check
from casebook.claims_file import with_claim
from casebook.errors import ClaimError
from casebook.exhibits import Note
from casebook.language import say, say_count, word
from casebook.log import write_atomically
from casebook.schema import CONFIDENCES, RUNGS
from casebook.text import escape_html
from casebook.widgets.parts import UNATTENDED, Board

if TYPE_CHECKING:
    from casebook.case import Case
    from casebook.exhibits import Exhibit

NEW = ""
"""The choice of a claim that is not there yet."""
SENTENCES = ("text", "headline", "counter_evidence", "would_change")
LINES = ("reported_by", "network", "resolves_on")
LISTS = ("evidence", "about", "periods")
LABELS = {
    "kind": "Kind",
    "rung": "Rung",
    "text": "Text",
    "headline": "Headline",
    "counter_evidence": "Against it",
    "would_change": "Would change it",
    "reported_by": "Reported by",
    "network": "Network",
    "resolves_on": "Resolves on",
    "evidence": "Evidence",
    "about": "About",
    "periods": "Periods",
    "likelihood": "Likelihood",
    "level": "Confidence",
    "assumptions": "Assumptions",
    "sourcing": "Sourcing",
    "argument": "Argument",
    "same_method": "Collected in the same way in all periods",
}
HINTS = {
    "text": "{{ personas }} prints a computed number, {{ likelihood }} the term",
    "evidence": "one a line: E0003:41, selection:personas, fact:M04, GR-LP",
    "about": "people, outlets, companies and states it names, one a line",
    "periods": "one a line: 2024-01/2024-03",
    "counter_evidence": "the strongest, or what was looked for and not found",
}


def claims_board(case: Case, *, reviewer: str = "") -> ClaimsBoard | Exhibit:
    """Return the form in which claims are edited; where nobody edits, how it is opened.

    Parameters
    ----------
    case : Case
        With the tables of notebooks 1 to 3.
    reviewer : str
        Alias of the person at the form. Empty, as in the unattended run, gives a note.
    """
    if not reviewer or os.environ.get(UNATTENDED):
        return Note(
            say(
                "Claims are written in `claims.yaml`, by hand or in a form: give this notebook "
                "your alias as `reviewer` to open it."
            )
        )
    if case.translation is not None:
        return Note(say("Claims are edited in the language of case.yaml."))
    return ClaimsBoard(case)


class ClaimsBoard(Board):
    """The form. What it writes is claims.yaml; what stands around a claim stays as it is.

    Parameters
    ----------
    case : Case
    """

    def __init__(self, case: Case) -> None:
        import ipywidgets as w

        self.case = case
        self._path = case.folder / "claims.yaml"
        self._text = self._read()
        self._before: list[str] = []
        self._check = claims_check(case)
        self._filling = False
        wide = w.Layout(width="98%")
        label = {"description_width": "9em"}
        self.chosen = w.Dropdown(
            description=say("Claim"), layout=w.Layout(width="46em"), style=label
        )
        self.name = w.Text(
            description=say("New id"), placeholder="C8", layout=w.Layout(width="22em"), style=label
        )

        def choice(key: str, options: list[tuple[str, Any]]) -> Any:
            return w.Dropdown(
                options=options,
                description=word(LABELS[key]),
                layout=w.Layout(width="22em"),
                style=label,
            )

        def line(key: str, height: str = "") -> Any:
            kind = w.Textarea if height else w.Text
            return kind(
                description=word(LABELS[key]),
                placeholder=word(HINTS.get(key, "")),
                layout=w.Layout(width="98%", **({"height": height} if height else {})),
                style=label,
            )

        none = [("–", "")]
        terms = [*BANDS[case.settings.language], *UNDETERMINED[:1]]
        if case.settings.language == "fr":
            terms[-1] = UNDETERMINED[1]
        self.fields: dict[str, Any] = {
            "kind": choice("kind", [(word(k), k) for k in CLAIM_KINDS]),
            "rung": choice(
                "rung", [*none, *((f"{n} {word(name)}", n) for n, name in RUNGS.items())]
            ),
            "text": line("text", "5em"),
            "headline": line("headline"),
            "likelihood": choice("likelihood", [*none, *((t, t) for t in terms)]),
            "level": choice("level", [*none, *((word(c), c) for c in CONFIDENCES)]),
            **{reason: line(reason) for reason in REASONS},
            "evidence": line("evidence", "5em"),
            "counter_evidence": line("counter_evidence", "4em"),
            "would_change": line("would_change"),
            **{key: line(key) for key in LINES},
            "about": line("about", "4em"),
            "periods": line("periods", "3em"),
            "same_method": w.Checkbox(
                description=word(LABELS["same_method"]), indent=True, layout=wide, style=label
            ),
        }
        self.printed = w.HTML(layout=wide)
        self.problems = w.HTML(layout=wide)
        self.save = w.Button(description=say("Save"), button_style="primary", icon="check")
        self.undo = w.Button(description=say("Take back"), icon="undo")
        self.said = w.HTML()
        self.box = w.VBox(
            [
                w.HBox([self.chosen, self.name]),
                *self.fields.values(),
                self.printed,
                self.problems,
                w.HBox([self.save, self.undo, self.said]),
            ],
            layout=wide,
        )
        self._list()
        self._fill()
        self.chosen.observe(lambda _: self._safely(self._choose), names="value")
        for field in (self.name, *self.fields.values()):
            field.observe(lambda _: self._safely(self._typed), names="value")
        self.save.on_click(lambda _: self._save_soon())
        self.undo.on_click(lambda _: self._safely(self._undo))

    def _read(self) -> str:
        return self._path.read_text(encoding="utf-8") if self._path.is_file() else ""

    def _list(self, chosen: str | None = None) -> None:
        claims = self.case.claims()
        options = [
            (f"{c['id']}: {c.get('headline') or c.get('text', '')}"[:90], str(c["id"]))
            for c in claims
        ]
        self.chosen.options = [*options, (say("a new claim"), NEW)]
        self.chosen.value = chosen if chosen is not None else self.chosen.options[0][1]

    def _written(self) -> dict[str, Any]:
        claims = self.case.claims()
        return next((c for c in claims if str(c["id"]) == self.chosen.value), {})

    def _choose(self) -> None:
        if not self._filling:
            self.said.value = ""
            self._fill()

    def _fill(self) -> None:
        """Show the chosen claim as it is written."""
        claim, self._filling = self._written(), True
        try:
            reasons = claim.get("confidence") or {}
            reasons = {"level": reasons} if isinstance(reasons, str) else reasons
            for key, field in self.fields.items():
                value = reasons.get(key) if key in ("level", *REASONS) else claim.get(key)
                if key in LISTS:
                    field.value = "\n".join(map(str, value or []))
                elif key == "same_method":
                    field.value = value is True
                elif key == "kind":
                    field.value = value if value in CLAIM_KINDS else CLAIM_KINDS[0]
                else:
                    field.value = value if key == "rung" and value else _shown(value)
            self.name.layout.display = "none" if claim else ""
            self.name.value = ""
        finally:
            self._filling = False
        self._typed()

    def claim(self) -> dict[str, Any]:
        """Return the claim as the form says it; other keys of the file are kept."""
        written = {k: v for k, v in self._written().items() if k != "line"}
        name = str(self.chosen.value or self.name.value.strip())
        out: dict[str, Any] = {**written, "id": name}
        for key, field in self.fields.items():
            if key in LISTS:
                out[key] = [one.strip() for one in field.value.splitlines() if one.strip()]
            elif key not in ("level", *REASONS):
                out[key] = field.value.strip() if isinstance(field.value, str) else field.value
        out["confidence"] = {
            key: self.fields[key].value.strip()
            for key in ("level", *REASONS)
            if self.fields[key].value.strip()
        }
        return {k: v for k, v in out.items() if v not in ("", [], {}, False, None)}

    def _typed(self) -> None:
        """Check what stands in the form, and say what it would print."""
        if self._filling:
            return
        claim = self.claim()
        if not claim["id"] if "id" in claim else True:
            self.printed.value = self.problems.value = ""
            return
        others = self.case.claims()
        claims = [claim if str(c["id"]) == claim["id"] else c for c in others]
        claims += [] if self.chosen.value else [claim]
        try:
            checked = self._check(claims)
        except ClaimError as error:
            self.printed.value = ""
            self.problems.value = _list_of([str(error)])
            return
        row = checked.table[checked.table["claim"] == claim["id"]].iloc[-1]
        self.printed.value = (
            f"<p><b>{escape_html(say('It will print:'))}</b> {escape_html(str(row['text']))}</p>"
        )
        self.problems.value = _list_of(list(row["violations"]))

    def _save_soon(self) -> None:
        chosen = self.chosen.value

        def save() -> None:
            if self.chosen.value == chosen:
                self._save()
            else:
                told = say("Another claim was chosen before this one was saved. Nothing was saved.")
                self._say(told, wrong=True)

        # Rules are checked while one types, so each letter is sent, and a click can overtake some.
        self._when_settled(save)

    def _save(self) -> None:
        claim = self.claim()
        if "id" not in claim:
            self._say(say("A new claim needs an id. Nothing was saved."), wrong=True)
            return
        if not self.chosen.value and any(str(c["id"]) == claim["id"] for c in self.case.claims()):
            self._say(
                say("There is a claim {id} already. Nothing was saved.", id=claim["id"]), wrong=True
            )
            return
        parse_claims([claim])
        if self._read() != self._text:
            self._text = self._read()
            self._list(claim["id"] if self.chosen.value else NEW)
            self._say(
                say(
                    "claims.yaml was changed elsewhere meanwhile. Nothing was saved; look at it, "
                    "then save again."
                ),
                wrong=True,
            )
            return
        text, lost = with_claim(self._text, claim)
        if text == self._text:
            self._say(say("This is saved already."))
            return
        self._before.append(self._text)
        self._write(text, claim["id"])
        broken = self.problems.value.count("<li>")
        told = say_count(
            "saved {id}; {n} rule is broken",
            "saved {id}; {n} rules are broken",
            broken,
            id=claim["id"],
        )
        if not broken:
            told = say("saved {id}; no rule is broken", id=claim["id"])
        if lost:
            told += ". " + say(
                "Comments inside what changed are gone: {comments}", comments=" ".join(lost)
            )
        self._say(told)

    def _undo(self) -> None:
        if not self._before or self._read() != self._text:
            self._say(say("There is nothing to take back here."))
            return
        self._write(self._before.pop(), str(self.chosen.value))
        self._fill()
        self._say(say("taken back: claims.yaml is as before"))

    def _write(self, text: str, chosen: str) -> None:
        write_atomically(self._path, text.encode("utf-8"))
        self._text = text
        self._filling = True
        try:
            known = [str(c["id"]) for c in self.case.claims()]
            self._list(chosen if chosen in known else NEW)
            self.name.layout.display = "none" if chosen in known else ""
        finally:
            self._filling = False


def _shown(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())


def _list_of(problems: list[str]) -> str:
    if not problems:
        return f"<p>{escape_html(say('It keeps every rule.'))}</p>"
    rows = "".join(f"<li>{escape_html(p)}</li>" for p in problems)
    return f'<ul role="status" style="color:#8a2f00">{rows}</ul>'
