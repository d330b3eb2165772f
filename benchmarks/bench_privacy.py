"""Who can be told again in the public edition by somebody who holds everything behind it.

The matcher has the tables of the case, the report before masking, and Casebook, and wants to know
which account each published record is about. It tries three things: a pseudonym in any row,
sentence, picture or entity, by all that stands with it (numbers, days, words) against all that is
known of each account, what is rare first; a row without one, among those who would have such a row;
and a row of the full report that is left in a page of the edition without its name.

    python -m benchmarks.bench_privacy CASE     a case with a finished run, by default the example

Three editions are attacked: the tables with pseudonyms and nothing else, as a naive mask would
make them, and the full report without its names, which show that the matcher works; and the
public edition.
"""

from __future__ import annotations

import csv
import io
import math
import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from casebook import chain
from casebook.case import Case
from casebook.exhibits import MIME, cell_text, cells
from casebook.publishing import edition, key_of, run_record
from casebook.report import executed
from casebook.report.crowd import FEWEST, crowd_of
from casebook.report.elements import Node, read_page
from casebook.report.masking import Mask, protected_in
from casebook.schema import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MARK = re.compile(r"\b(?:account|id)-[a-hjkmnp-z2-9]{6}\b")
TOKEN = re.compile(r"[^\W_]+(?:[.:'’-][^\W_]+)*", re.UNICODE)
ROWS = ("tables/accounts.csv", "tables/members.csv", "tables/clusters.csv", "tables/signals.csv")
"""Tables of which a row, or a count, stands for accounts."""
EXHIBITS = "tables/exhibits/"
"""Where the tables of exhibits lie; of single accounts a row says whether a number counts it."""
AT_MOST, AT_LEAST = 0.05, 0.95


@dataclass
class Known:
    """What the matcher knows of the accounts: every row of theirs, as words."""

    words: dict[str, set[str]]
    roles: dict[str, str]
    rows: list[tuple[set[str], set[str]]] = field(default_factory=list)
    """What an exhibit of the full report says in a row, and of whom."""
    rarity: dict[str, float] = field(init=False)

    def __post_init__(self) -> None:
        counts = Counter(w for words in self.words.values() for w in words)
        n = len(self.words)
        self.rarity = {w: math.log((n + 1) / c) for w, c in counts.items()}


def words_of(text: str) -> set[str]:
    """Return the words and numbers of a text, days without their clock."""
    bare = MARK.sub(" ", text)
    found = {w.casefold() for w in TOKEN.findall(bare)}
    return found | {w.replace(",", "") for w in re.findall(r"\d[\d,]+", bare)}


def known_of(case: Case, notebooks: Iterable[tuple[str, object]]) -> Known:
    """Return what stands in any row, of a table or of an exhibit, that names an account."""
    accounts = case.read("accounts")
    roles = dict(zip(accounts["account"], accounts["role"], strict=True))
    words: dict[str, set[str]] = {a: set() for a in roles}
    crowd = crowd_of(case)

    printed: list[tuple[set[str], set[str]]] = []

    def learn(columns: list[str], rows: list[list[object]], *, shown: bool = False) -> None:
        named = crowd._account_columns(columns, rows)
        for row in rows:
            who = crowd._in_row(row, named)
            told = words_of(" ".join(cell_text(c) for i, c in enumerate(row) if i not in named))
            for account in who:
                words[account] |= words_of(" ".join(map(str, row)))
            if who and shown:
                printed.append((told, who))

    for table in ("accounts", "snapshots", "posts", "edges", "clusters", "signals"):
        if case.has(table):
            learn(*cells(case.read(table)))
    for _, book in notebooks:
        for cell in book.cells:  # type: ignore[attr-defined]
            for output in cell.get("outputs", []):
                shown = output.get("data", {}).get(MIME)
                if isinstance(shown, dict) and shown.get("rows"):
                    learn(shown["columns"], shown["rows"], shown=True)
    return Known(words, roles, printed)


def records(files: Mapping[str, str]) -> dict[str, list[str]]:
    """Return what stands with each mark of an account: rows, entities, sentences."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, content in files.items():
        if name.endswith(".html"):
            root, pictures = read_page(content)
            pieces = rows_of(root)
            pieces += [
                s for p in root.find("p", "li", "summary", "pre") for s in sentences(p.words())
            ]
            pieces += [re.sub(r"<[^>]+>", " ", svg) for svg in pictures]
        elif name.endswith(".csv"):
            pieces = [" ".join(row) for row in csv.reader(io.StringIO(content))]
        else:
            pieces = content.splitlines()
        for piece in pieces:
            for mark in set(MARK.findall(piece)):
                found[mark].append(piece)
    return found


def rows_of(root: Node) -> list[str]:
    """Return the rows of the tables of a page, a space between the cells."""
    return [" ".join(c.words() for c in row.find("th", "td")) for row in root.find("tr")]


def sentences(text: str) -> list[str]:
    """Return the sentences of a paragraph."""
    return re.split(r"(?<=[.!?…])\s+", text)


def guesses(told: Mapping[str, list[str]], known: Known) -> dict[str, list[str]]:
    """Return for each mark the accounts that fit best; several where they fit alike."""
    out = {}
    for mark, pieces in told.items():
        seen = Counter(w for piece in pieces for w in words_of(piece) if w in known.rarity)
        scores = {
            account: sum(known.rarity[w] for w in seen if w in words)
            for account, words in known.words.items()
        }
        best = max(scores.values())
        out[mark] = sorted(a for a, s in scores.items() if s >= best - 1e-9)
    return out


def plain_edition(case: Case, mask: Mask) -> dict[str, str]:
    """Return the tables of a case with pseudonyms in place of handles and ids, and no more."""
    names = ("signals", "verdicts", "edges", "clusters", "groups")
    held = {n: mask.table(case.read(n)) for n in names if case.has(n)}
    return {f"tables/{n}.csv": f.to_csv(index=False) for n, f in held.items()}


def truth(case: Case, mask: Mask) -> dict[str, set[str]]:
    """Return whose each pseudonym is; several platforms may share a handle."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in case.read("accounts").to_dict("records"):
        for kind, value in (("account", row["handle"]), ("id", row["account_id"])):
            if isinstance(value, str):
                found[mask.pseudonym(kind, value)].add(str(row["account"]))
    return found


def by_marks(files: Mapping[str, str], case: Case, mask: Mask, known: Known) -> dict[str, float]:
    """Return for each account the chance that the matcher names it by one of its pseudonyms."""
    whose, out = truth(case, mask), defaultdict[str, float](float)
    for mark, fitting in guesses(records(files), known).items():
        for account in whose.get(mark, set()):
            if account in fitting:
                out[account] = max(out[account], 1 / len(fitting))
    return dict(out)


def by_rows(files: Mapping[str, str], known: Known) -> dict[str, float]:
    """Return for each account the chance that a row without a pseudonym is told to be about it.

    The row of a table is told to be of one of those who would have a row like it: as many as there
    are rows alike. A count of accounts is as many rows.
    """
    out = defaultdict[str, float](float)
    for name, content in files.items():
        counts_single = name.startswith(EXHIBITS) and content.startswith("number,counts\n")
        if name not in ROWS and not counts_single:
            continue
        frame = pd.read_csv(io.StringIO(content), dtype=str, keep_default_na=False)
        free = [c for c in frame.columns if c not in {"account", "accounts", "rows"}]
        size: Counter[tuple[str, ...]] = Counter()
        for row in frame.to_dict("records"):
            size[tuple(row[c] for c in free)] += int(row.get("accounts") or 1)
        for row, n in size.items():
            # A signal is counted among those under review alone.
            of = next((v for v in row if v in ROLES), "persona")
            if n:
                for account in [a for a, r in known.roles.items() if r == of][:n]:
                    out[account] = max(out[account], 1 / n)
    return dict(out)


def by_what_is_left(files: Mapping[str, str], known: Known) -> dict[str, float]:
    """Return the accounts of which a row of the full report still stands in a page, unnamed."""
    out: dict[str, float] = {}
    pages = [c for n, c in files.items() if n.endswith(".html")]
    left = [words_of(row) for page in pages for row in rows_of(read_page(page)[0])]
    enough = math.log(len(known.words))
    for told, who in known.rows:
        rare = {w for w in told if known.rarity.get(w, 0) > 0}
        # A row that fits many accounts tells none of them.
        if sum(known.rarity[w] for w in rare) > enough and any(told <= words for words in left):
            out |= dict.fromkeys(who, 1.0)
    return out


def in_tables(content: str) -> dict[str, float]:
    """Return the smallest groups that a table of the page counts: 1 / accounts, by its words."""
    found = {}
    for words in re.findall(r"<t[hd][^>]*>(?:\d+ rows, )?(\d+) accounts?</t[hd]>", content):
        found[words] = 1 / int(words)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; return 1 where a target is missed."""
    given = sys.argv[1:] if arguments is None else arguments
    case = Case(given[0] if given else "spamouflage-2024")
    folder = case.report_folder
    if not (folder / "run.json").is_file():
        chain.run(case, progress=None)
    run = run_record(folder)
    key, _ = key_of(case)
    protected = protected_in(case)
    books = executed(folder, run)
    known = known_of(case, books)
    plain = [case.read(t).to_csv() for t in ("edges", "verdicts", "signals") if case.has(t)]
    plain.append((folder / "report.html").read_text(encoding="utf-8"))
    mask = Mask(protected, key, plain)
    files = edition(case, folder, run, protected, key)
    public = {
        n: c.decode("utf-8") for n, c in files.items() if not n.endswith((".pdf", ".py", ".png"))
    }
    everybody = len(known.words)
    review = [a for a, r in known.roles.items() if r == "persona"]
    print(f"{case.name}: {everybody} accounts, {len(review)} of them under review, nobody cleared")
    print(
        "| edition | told again, surely | by the best guess | under review, surely | best guess |"
    )
    print("|---|---|---|---|---|")
    missed = 0
    full = {"report.html": mask.html((folder / "report.html").read_text(encoding="utf-8"))}
    attacked = (
        ("tables with pseudonyms and no more", plain_edition(case, mask)),
        ("report with pseudonyms and no more", full),
        ("public edition", public),
    )
    for name, some in attacked:
        found = by_marks(some, case, mask, known)
        if some is not attacked[0][1]:
            for more in (by_rows(some, known), by_what_is_left(some, known)):
                found = {a: max(found.get(a, 0), more.get(a, 0)) for a in {*found, *more}}
        sure = [a for a, p in found.items() if p == 1]
        shares = (
            len(sure) / everybody,
            sum(found.values()) / everybody,
            len(set(sure) & set(review)) / max(len(review), 1),
            sum(found.get(a, 0) for a in review) / max(len(review), 1),
        )
        print(f"| {name} | {' | '.join(f'{100 * s:.1f} %' for s in shares)} |")
        if some is public:
            missed += shares[0] > AT_MOST or shares[1] > AT_MOST
    smallest = min((1 / p for p in in_tables(public["report.html"]).values()), default=0)
    print(f"the smallest group that a table of the page counts: {smallest:.0f} (at least {FEWEST})")
    missed += numbers_again(files)
    return int(bool(missed))


def numbers_again(files: Mapping[str, bytes]) -> int:
    """Print which share of the numbers comes out of the tables again; 1 where it is too small."""
    import json

    held = json.loads(files["numbers.json"])
    printed = Counter(n for s in held["sentences"] for n in re.findall(r"\{\{\s*(\w+)", s["text"]))
    again = {v["name"] for v in held["values"] if v["recipe"] is not None}
    named = {v["name"] for v in held["values"] if v["in_report"]}
    share = len(again & named) / max(len(named), 1)
    said = sum(c for n, c in printed.items() if n in again)
    print(
        f"bound numbers that come out of the tables again: {len(again & named)} of {len(named)} "
        f"that the report names ({100 * share:.1f} %, aim 95), {said} of {sum(printed.values())} "
        f"places in the claims, {len(again - named)} of {len(held['values']) - len(named)} others"
    )
    sentences = [n for e in held["exhibits"] for n in e["numbers"]]
    bound = sum(n["recipe"] is not None for n in sentences)
    print(
        f"numbers in the sentences of exhibits that come out of the tables again: {bound} of "
        f"{len(sentences)} ({100 * bound / max(len(sentences), 1):.1f} %, aim 95)"
    )
    return int(share < AT_LEAST or bound < AT_LEAST * len(sentences))


if __name__ == "__main__":
    sys.exit(main())
