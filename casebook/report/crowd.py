"""The public edition tells no account apart: rows and pictures of single accounts become counts.

A pseudonym alone protects nobody from a reader who has the same posts: how often an account
posted, since when, and with whom it acted point to one account among thousands. So whatever an
exhibit says of single accounts is counted together before the page is made, and what fewer than
`FEWEST` accounts have in common is called "other". Accounts that are cleared keep their rows.
"""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any

from casebook.exhibits import BEHIND, MIME, WHOSE
from casebook.language import say, say_count, word
from casebook.report.masking import WITHHELD, is_distinctive
from casebook.report.verify import SINGLE, fits
from casebook.schema import ANSWERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from casebook.case import Case

FEWEST = 3
"""Accounts that a printed group has at least: the threshold rule of official statistics."""
SENTENCE = 40
"""Characters from which on a cell is free text, which is somebody's own and no category."""
REJECTED = object()

_REFERENCE = re.compile(r"\b(E\d{4,})(?::p?\d+|#[\w=,.-]*\w)")
_REPEATED = re.compile(r"\b(E\d{4,})(?:, \1\b)+")
_LINKED = re.compile(r'(<a class="?ref"? href="#(E\d{4,})">\2</a>)(?:, \1)+')
_REFERENCE_OF_A_PAGE = re.compile(r"(E0001:12\b(?! *<))")
_DAY = re.compile(r"(\d{4})-\d{2}(?:-\d{2}(?:[ T][\d:.]+Z?)?)?")
_SVG_WORDS = re.compile(r">([^<>]+)<")

_REVIEW = (
    "verdict", "real-person-check", "real-person check", "done", "missing", "open", "settled",
    "unanimous", "split", "single", "none", "adjudicated",
)  # fmt: skip
"""Words of the review, which nobody finds in the posts of an account."""

Cell = Any
Row = list[Any]
_Groups = dict[tuple[tuple[int, Cell], ...], list[int]]


def crowd_of(case: Case, cleared: Iterable[str] = ()) -> Crowd:
    """Return everybody who is not cleared, under every name that an exhibit may use."""
    from casebook.charts.network import account_names

    if not case.has("accounts"):
        return Crowd({})
    accounts = case.read("accounts")
    called = account_names(accounts)
    free = set(cleared)
    labels: dict[str, str] = {}
    for row in accounts.to_dict("records"):
        key = str(row["account"])
        if key in free:
            continue
        platform, handle, number = (row[c] for c in ("platform", "handle", "account_id"))
        names = [key, called[key]]
        names += [handle, f"@{handle}", f"{handle} · {platform}"] if isinstance(handle, str) else []
        names += [number] if isinstance(number, str) else []
        for name in names:
            labels.setdefault(name.casefold(), key)
    reviewers = set(case.judgements()["reviewer"].dropna()) | {WITHHELD}
    return Crowd(labels, reviewers)


def without_rows(text: str) -> str:
    """Return a text that cites evidence items and no rows of them: a row is of one account.

    Examples
    --------
    >>> without_rows("E0001:4, E0001:9 and E0002:p3")
    'E0001 and E0002'
    """
    return _REPEATED.sub(r"\1", _REFERENCE.sub(r"\1", text))


def page_without_rows(page: str) -> str:
    """Return a finished page that cites evidence items and no rows of them."""
    parts = _REFERENCE_OF_A_PAGE.split(page)
    # The one example of a reference, by which the page explains them, is none.
    cut = [p if i % 2 else _REFERENCE.sub(r"\1", p) for i, p in enumerate(parts)]
    return _REPEATED.sub(r"\1", _LINKED.sub(r"\1", "".join(cut)))


class Crowd:
    """Those who may not be told apart.

    Parameters
    ----------
    labels : mapping
        Every name of theirs, case folded -> the account.
    reviewers : iterable of str
        Aliases of those who judge.
    """

    def __init__(self, labels: Mapping[str, str], reviewers: Iterable[str] = ()) -> None:
        self.labels = dict(labels)
        self.reviewers = set(reviewers)

    def notebook(self, notebook: Any) -> Any:
        """Return an executed notebook in which exhibits tell none of them apart.

        What is no exhibit, such as printed text, is left out: nobody knows what is in it.
        """
        made = copy.deepcopy(notebook)
        for cell in made.cells:
            if cell.cell_type == "markdown":
                cell.source = without_rows(cell.source)
                continue
            outputs = []
            for output in cell.get("outputs", []):
                exhibit = output.get("data", {}).get(MIME)
                if isinstance(exhibit, dict):
                    told = self.exhibit(exhibit)
                    pictures = ("image/png",) if told.get("type") == "figure" else ()
                    kept = {k: v for k, v in output["data"].items() if k in pictures}
                    output["data"] = {MIME: told, **kept}
                    outputs.append(output)
                elif output.get("output_type") == "error":
                    outputs.append(output)
            if "outputs" in cell:
                cell.outputs = outputs
        return made

    def exhibit(self, exhibit: Mapping[str, Any]) -> dict[str, Any]:
        """Return an exhibit in which single accounts are counted together."""
        kept_as_it_is = ("svg", "png", "numbers", "bases")
        told = {k: _unrowed(v) for k, v in exhibit.items() if k not in kept_as_it_is}
        if "svg" in exhibit:
            told["svg"] = exhibit["svg"]
        told |= self._counted(exhibit)
        if exhibit.get("type") not in {"figure", "table"}:
            return told
        columns, rows = list(told.get("columns", [])), list(told.get("rows", []))
        named = self._account_columns(columns, rows)
        who = [self._in_row(row, named) for row in rows]
        drawn = "svg" in told and self._names_somebody(told["svg"])
        if not any(who) and not drawn:
            return _few_hidden(told)
        kept = [row for row, accounts in zip(rows, who, strict=True) if not accounts]
        single = [(row, accounts) for row, accounts in zip(rows, who, strict=True) if accounts]
        shown, counted = self._together(columns, single, named, keep_all=bool(kept))
        return _retold(told, shown, columns, kept, counted)

    def _counted(self, exhibit: Mapping[str, Any]) -> dict[str, Any]:
        """Return the numbers of an exhibit with a table to count them from that tells nobody apart.

        Where rows are of single accounts, the table says of each only whether a number counts it.
        A number that fewer than three accounts stand behind, or fewer than three do not, has none,
        and nor has a sum or an end of what single accounts have.
        """
        numbers = [dict(n) for n in exhibit.get("numbers", [])]
        if not numbers:
            return {}
        bases = []
        for i, basis in enumerate(exhibit.get("bases", [])):
            own = [n for n in numbers if n["recipe"] and n["recipe"].get("table") == i]
            bases.append(self._quiet_basis(basis, own))
        return {"numbers": numbers, "bases": bases}

    def _quiet_basis(
        self, basis: Mapping[str, Any], numbers: Sequence[dict[str, Any]]
    ) -> Mapping[str, Any]:
        """Return a table to count numbers from, and change how these are taken of it."""
        columns, rows = list(basis["columns"]), list(basis["rows"])
        named = self._account_columns(columns, rows)
        if not named:
            return basis
        who = [self._in_row(row, named) for row in rows]
        told: dict[str, list[Row]] = {}
        for number in numbers:
            recipe = number["recipe"]
            name = json.dumps(recipe, sort_keys=True, ensure_ascii=False)
            if name not in told:
                told[name] = _whether_counted(recipe, columns, rows, who, str(len(told) + 1))
            if told[name]:
                where = {"number": told[name][0][0], "counts": "yes"}
                take = "bound" if recipe["take"] == "bound" else "rows"
                number["recipe"] = {**recipe, "take": take, "columns": [], "where": where}
            else:
                number["recipe"], number["why"] = None, SINGLE
        flat = [row for some in told.values() for row in some]
        return {"columns": ["number", "counts"], "rows": flat}

    def _account_columns(self, columns: Sequence[str], rows: Sequence[Row]) -> list[int]:
        found = []
        for i in range(len(columns)):
            cells = [row[i] for row in rows if len(row) > i and isinstance(row[i], str) and row[i]]
            hits = [c for c in cells if self._in_cell(c)]
            # A handle that is a common word is one where the whole column holds accounts.
            if any(is_distinctive(c.casefold()) for c in hits) or 2 * len(hits) > len(cells) > 0:
                found.append(i)
        return found

    def _in_cell(self, cell: Cell) -> set[str]:
        if not isinstance(cell, str) or not cell:
            return set()
        parts = [cell, *cell.split(", ")]
        return {self.labels[low] for p in parts if (low := p.strip().casefold()) in self.labels}

    def _in_row(self, row: Row, named: Iterable[int]) -> set[str]:
        return set().union(*(self._in_cell(row[i]) for i in named if i < len(row)))

    def _names_somebody(self, svg: str) -> bool:
        words = (w.strip().casefold() for w in _SVG_WORDS.findall(svg))
        return any(w in self.labels and is_distinctive(w) for w in words)

    def _together(
        self,
        columns: Sequence[str],
        single: Sequence[tuple[Row, set[str]]],
        named: Sequence[int],
        *,
        keep_all: bool,
    ) -> tuple[list[int], list[Row]]:
        """Return which columns are shown, and a row for each group of accounts."""
        width = len(columns)
        free = [i for i in range(width) if i not in named]
        values = {i: [coarse(row[i]) if len(row) > i else None for row, _ in single] for i in free}
        usable = [i for i in free if not any(v is REJECTED for v in values[i])]
        # What tells the fewest apart comes first: a verdict before a count.
        usable.sort(key=lambda i: (len(set(map(repr, values[i]))), i))
        of_review = {i for i in usable if self._is_of_review(values[i])}
        judged = any(_is_answer(v) for i in of_review for v in values[i])
        if judged:
            usable.sort(key=lambda i: i not in of_review)
        everybody: set[str] = set().union(*(who for _, who in single))
        groups: _Groups = {(): list(range(len(single)))}
        for i in usable if len(everybody) >= FEWEST else []:
            divided: _Groups = {}
            for known, members in groups.items():
                for value, some in _divided(members, values[i], single):
                    divided.setdefault((*known, (i, value)), []).extend(some)
            # What people decided never stands beside what can be looked up in the posts: three
            # accounts of one town, all of them suspected, would each be known to be suspected.
            if judged and i not in of_review and len({dict(k)[i] for k in divided}) > 1:
                continue
            if any(dict(known)[i] != _other() for known in divided):
                groups = divided
        accepted = {i for known in groups for i, _ in known}
        first = named[0] if named else 0
        shown = [i for i in range(width) if keep_all or i in accepted or i == first]
        out = []
        for known, members in groups.items():
            accounts: set[str] = set().union(*(single[m][1] for m in members))
            cells = {**dict(known), first: _counted(len(members), len(accounts))}
            out.append([cells.get(i) for i in shown])
        place = shown.index(first) if first in shown else 0
        out.sort(key=lambda row: [str(c) for k, c in enumerate(row) if k != place])
        return shown, out if single else []

    def _is_of_review(self, values: Iterable[Cell]) -> bool:
        """Tell a column that people filled in: who answered what to which question."""
        told = [v for v in values if v is not None]
        return bool(told) and all(
            _is_answer(v) or v in self.reviewers or _bare(v) in _review_words() for v in told
        )


def _whether_counted(
    recipe: Mapping[str, Any],
    columns: Sequence[str],
    rows: Sequence[Row],
    who: Sequence[set[str]],
    number: str,
) -> list[Row]:
    """Return a row for each that says whether a number counts it; none where that tells of few."""
    as_text = [dict(zip(columns, map(_as_text, row), strict=True)) for row in rows]
    chosen = [all(fits(row[c], wanted) for c, wanted in recipe["where"].items()) for row in as_text]
    if recipe["take"] in {"rows", "bound"}:
        counted, others = sum(chosen), len(rows) - sum(chosen)
    elif recipe["take"] == "distinct" and all(c in WHOSE for c in recipe["columns"]):
        of = [{row[c] for c in recipe["columns"]} for row in as_text]
        values = set().union(*(v for v, yes in zip(of, chosen, strict=True) if yes))
        counted, others = len(values), len(set().union(*of) - values)
    else:
        return []
    inside = set().union(*(w for w, yes in zip(who, chosen, strict=True) if yes))
    outside = set().union(*who) - inside
    if 0 < len(inside) < FEWEST or 0 < len(outside) < FEWEST:
        return []
    return [[number, "yes"]] * counted + [[number, "no"]] * others


def _as_text(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def _is_answer(value: Cell) -> bool:
    return _bare(value) in {word(a) for a in ANSWERS}


def _bare(value: Cell) -> str:
    """Return a word without the mark that stands before it."""
    return re.sub(r"^\W+", "", value) if isinstance(value, str) else ""


def _review_words() -> set[str]:
    return {*_REVIEW, *(word(w) for w in _REVIEW)}


def _unrowed(value: Any) -> Any:
    if isinstance(value, str):
        return without_rows(value)
    if isinstance(value, list):
        return [_unrowed(v) for v in value]
    return value


def coarse(value: Cell) -> Cell:
    """Return a cell as a group may have it: a year for a day, a band for a count.

    What can be no category (a measurement, a sentence, a reference) is `REJECTED`.

    Examples
    --------
    >>> [coarse(v) for v in (None, True, 0, 7, 36, 1234, "2024-03-05", "suspected")]
    [None, True, '0', '1 to 9', '10 to 99', '1,000 to 9,999', '2024', 'suspected']
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return coarse(int(value)) if value.is_integer() else REJECTED
    if isinstance(value, int):
        return _band(value)
    if not isinstance(value, str) or len(value) > SENTENCE or re.search(r"\bE\d{4,}", value):
        return REJECTED
    day = _DAY.fullmatch(value)
    return day[1] if day else value


def _band(count: int) -> str:
    if count <= 0:
        return "0" if count == 0 else say("below 0")
    low = 10 ** (len(str(count)) - 1)
    return say("{low} to {high}", low=low, high=10 * low - 1)


def _divided(
    members: Sequence[int], values: Sequence[Cell], single: Sequence[tuple[Row, set[str]]]
) -> list[tuple[Cell, list[int]]]:
    """Return the members of a group by value; values of too few accounts are put together."""
    by_value: dict[str, tuple[Cell, list[int]]] = {}
    for m in members:
        by_value.setdefault(repr(values[m]), (values[m], []))[1].append(m)

    def size(some: Iterable[int]) -> int:
        return len(set().union(*(single[m][1] for m in some)))

    rising = sorted(by_value.values(), key=lambda held: (size(held[1]), repr(held[0])))
    other: list[int] = []
    while rising and (size(rising[0][1]) < FEWEST or 0 < size(other) < FEWEST):
        other += rising.pop(0)[1]
    return [*rising, *([(_other(), other)] if other else [])]


def _other() -> str:
    return say("other")


def _counted(rows: int, accounts: int) -> str:
    if accounts < FEWEST:
        return say("fewer than {few} accounts", few=FEWEST)
    if rows == accounts:
        return say_count("{n} account", "{n} accounts", accounts)
    return say("{rows} rows, {accounts} accounts", rows=rows, accounts=accounts)


def _retold(
    told: dict[str, Any],
    shown: Sequence[int],
    columns: Sequence[str],
    kept: Sequence[Row],
    counted: Sequence[Row],
) -> dict[str, Any]:
    """Return the exhibit as a table of groups."""
    total = told.get("total")
    whole = len(told["rows"])
    notes = [str(told["note"])] if told.get("note") else []
    if told["type"] == "figure":
        notes.append(say("In the full report this is a picture of single accounts."))
    notes.append(
        say(
            "Accounts are counted together here; what fewer than {few} have in common is left out "
            "or called “other”.",
            few=FEWEST,
        )
    )
    if isinstance(total, int) and total > whole:
        notes.append(say("Counted are {n} rows of {total}.", n=whole, total=total))
    return {
        **{k: told[k] for k in ("numbers", "bases") if k in told},
        "type": "table",
        "id": told.get("id"),
        "title": told.get("title", ""),
        # Columns of the numbers behind a picture have names for programs.
        "columns": [word(columns[i].replace("_", " ")) for i in shown],
        "rows": [[row[i] if i < len(row) else None for i in shown] for row in kept] + list(counted),
        "total": len(kept) + len(counted),
        "note": " ".join(notes),
        "synthetic": told.get("synthetic"),
        "light": told.get("light"),
    }


def _few_hidden(told: dict[str, Any]) -> dict[str, Any]:
    """Return a table that does not tell counts of one or two accounts, nor what goes with them."""
    if told["type"] != "table" or word("accounts") not in told["columns"]:
        return told
    place = told["columns"].index(word("accounts"))

    def quiet(row: Row) -> Row:
        n = row[place] if len(row) > place else None
        if not isinstance(n, int) or isinstance(n, bool) or not 0 < n < FEWEST:
            return row
        cells = [None if _tells(c) else c for c in row]
        return [*cells[:place], say("fewer than {few}", few=FEWEST), *cells[place + 1 :]]

    rows = [quiet(row) for row in told["rows"]]
    if rows == told["rows"]:
        return told
    # What is left out of the table must not come back with what its numbers are counted from.
    numbers = [_without_counts_of_few(n, told) for n in told.get("numbers", [])]
    kept = {k: v for k, v in told.items() if k != "numeric"}
    return {**kept, "rows": rows, **({"numbers": numbers} if numbers else {})}


def _without_counts_of_few(number: dict[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a number without its recipe, where that reads counts of who knows how few."""
    recipe = number["recipe"]
    if recipe is None or "table" not in recipe:
        return number
    basis = told["bases"][recipe["table"]]
    if BEHIND in basis["columns"]:
        behind = basis["columns"].index(BEHIND)
        if all(isinstance(n := row[behind], int) and n >= FEWEST for row in basis["rows"]):
            return number
    read = [basis["columns"].index(c) for c in (*recipe["columns"], *recipe["where"])]
    if any(_tells(row[i]) for row in basis["rows"] for i in read):
        return {**number, "recipe": None, "why": SINGLE}
    return number


def _tells(cell: Cell) -> bool:
    """Tell a cell that a count or a moment stands in."""
    return (isinstance(cell, (int, float)) and not isinstance(cell, bool)) or (
        isinstance(cell, str) and bool(re.search(r"\d{4}", cell))
    )
