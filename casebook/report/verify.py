#!/usr/bin/env python3
"""Check a Casebook report with nothing but Python.

    python verify.py                 the files of this report, or of this edition, are whole
    python verify.py --case FOLDER   and the case is as it was when the report was made

There are three levels, and it says which one was reached:

1. The files are whole: none was changed, lost or added since.
2. The numbers are right: each that is bound to a table is computed again from the tables of the
   public edition, and each sentence stands in the page with the numbers that come out.
3. Everything is made again from the evidence, by somebody the authors give it to, with Casebook:
   casebook verify CASE --full

It names the first thing that differs, and ends with 1 there; with 0 where all agrees. A hash shows
that a file is the same as when it was recorded. It does not show that what the file says is true.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

GENESIS = "0" * 64
SUMS = "SHA256SUMS"
NUMBERS = "numbers.json"
STAMP, SIGNATURE = f"{SUMS}.tsr", f"{SUMS}.sig"
"""What lies beside the list of files and is about it: a time-stamp, and a signature."""
EDITIONS = ("public", "shared", "legal")
"""Folders beside the report that are written from it later, each with its own purpose."""
HISTORY = "history"
"""What earlier runs said; it is no part of this one."""
MEANING = "A hash shows that a file is the same as when it was recorded, not that it is true."


LEVELS = {
    1: "the files are whole. Nothing was computed again.",
    2: "the files are whole, and the numbers come out of the tables. Whether the tables come out "
    "of the evidence is level 3, for somebody who is given it: casebook verify CASE --full",
}
REACHED = "Level {level} of 3 is reached: {what}"
WHOLE = "edition: {n} files are whole, and no other is there"
VALUES = (
    "named values: {again} of the {printed} that the report prints come out of the tables again, "
    "{more} of {others} others, and {claims} claims stand in the page with them"
)
GIVES = "only the evidence gives {names}"
SENTENCES = (
    "sentences: {said} stand in the page, and {again} of their {all} numbers come out of "
    "the tables again"
)
LEFT = "  left to level 3, {why}: {numbers}"
SINGLE, COMPUTED, MISSING = "single accounts", "computed", "not in the tables"
WHY = {
    SINGLE: "since they are of single accounts, or fewer than three stand behind them",
    COMPUTED: "since they are dates, statistics or what people answered, and no count",
    MISSING: "since the tables of this edition hold too little",
}
"""Why a number cannot be computed again from a public edition."""
FRENCH = {
    MEANING: "Une empreinte montre qu’un fichier est resté tel qu’il a été enregistré, non qu’il "
    "dit vrai.",
    LEVELS[1]: "les fichiers sont intacts. Rien n’a été recalculé.",
    LEVELS[2]: "les fichiers sont intacts, et les nombres sortent des tables. Que les tables "
    "sortent des pièces est le niveau 3, pour qui les reçoit\u00a0: casebook verify CASE --full",
    REACHED: "Le niveau {level} sur 3 est atteint\u00a0: {what}",
    WHOLE: "édition\u00a0: {n} fichiers sont intacts, et il n’y en a pas d’autre",
    VALUES: "valeurs nommées\u00a0: {again} des {printed} que le rapport imprime sortent des "
    "tables, {more} des {others} autres, et {claims} affirmations sont dans la page avec elles",
    GIVES: "seules les pièces donnent {names}",
    SENTENCES: "phrases\u00a0: {said} sont dans la page, et {again} de leurs {all} nombres sortent "
    "des tables",
    LEFT: "  laissés au niveau 3, {why}\u00a0: {numbers}",
    WHY[SINGLE]: "car ils sont de comptes isolés, ou de moins de trois comptes",
    WHY[COMPUTED]: "car ce sont des dates, des statistiques ou des réponses, et non des décomptes",
    WHY[MISSING]: "car les tables de cette édition n’en disent pas assez",
}
"""What is found, for an edition in French; what differs is said in English, as all errors are."""


def tell(sentence: str, language: str = "en", **values: Any) -> str:
    """Return a sentence in the language of the edition."""
    told = FRENCH.get(sentence, sentence) if language == "fr" else sentence
    return told.format(**values)


def language_of(folder: Path) -> str:
    """Return the language of an edition, as its numbers say it; English where there are none."""
    held = _read(folder / NUMBERS) if (folder / NUMBERS).is_file() else {}
    return str(held.get("language", "en"))


def main(arguments: list[str] | None = None) -> int:
    """Run the checks and return the exit code."""
    parser = argparse.ArgumentParser(description="Check a Casebook report.")
    parser.add_argument("--case", type=Path, help="folder of the case, to check its evidence")
    given = parser.parse_args(arguments)
    here = Path(__file__).resolve().parent
    try:
        level, said_in = 1, "en"
        if (here / SUMS).is_file():
            n = check_sums(here)
            said_in = language_of(here)
            print(tell(WHOLE, said_in, n=n))
            for said in check_seals(here):
                print(said)
            if (here / NUMBERS).is_file():
                level = 2
                for said in check_numbers(here):
                    print(said)
        else:
            said, run = check_report(here)
            print(f"report: {said}")
            if given.case:
                print(f"evidence: {check_evidence(given.case)}")
                print(f"case: {check_inputs(given.case, run)}")
        print(tell(REACHED, said_in, level=level, what=tell(LEVELS[level], said_in)))
    except Difference as difference:
        return _ended(f"DIFFERS: {difference}")
    except OSError as error:
        return _ended(f"DIFFERS: {error.filename}: {error.strerror}")
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        return _ended(f"DIFFERS: a record is not as Casebook writes it ({error!r})")
    print(tell(MEANING, said_in))
    return 0


def _ended(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


class Difference(Exception):  # noqa: N818 - a finding, not a fault
    """What does not agree."""


def check_report(folder: Path) -> tuple[str, dict[str, Any]]:
    """Compare the files of a report folder with its manifest; return what was found, and the run.

    Hidden files are no part of a report: systems and editors leave them behind.
    """
    if not (folder / "run.json").is_file():
        raise Difference("run.json is missing: this report is incomplete, or not all of it is here")
    recorded = _read(folder / "manifest.json")["files"]
    for name, sha256 in sorted(recorded.items()):
        path = folder / name
        if folder not in path.resolve().parents:
            raise Difference(f"manifest.json names {name}, which lies outside the report")
        if not path.is_file():
            raise Difference(f"{name} is missing")
        if file_hash(path) != sha256:
            raise Difference(f"{name} is not the file that was written")
    if extra := sorted(_there(folder) - set(recorded) - {"manifest.json"}):
        raise Difference(f"{extra[0]} does not belong to this report")
    run = _read(folder / "run.json")
    _check_run(folder, run)
    return f"{len(recorded)} files are whole, run {run['run_id']}", run


def check_sums(folder: Path) -> int:
    """Compare the files of a public edition with the list made with it; return their number."""
    recorded = {}
    for number, line in enumerate((folder / SUMS).read_text(encoding="utf-8").splitlines(), 1):
        sha256, _, name = line.partition("  ")
        if len(sha256) != len(GENESIS) or not name:
            raise Difference(f"{SUMS}, line {number}: it is not as it was written")
        recorded[name] = sha256
    for name, sha256 in recorded.items():
        path = folder / name
        if folder not in path.resolve().parents:
            raise Difference(f"{SUMS} names {name}, which lies outside the edition")
        if not path.is_file():
            raise Difference(f"{name} is missing")
        if file_hash(path) != sha256:
            raise Difference(f"{name} is not the file that was written")
    if extra := sorted(_there(folder) - set(recorded) - {SUMS, STAMP, SIGNATURE}):
        raise Difference(f"{extra[0]} does not belong to this edition")
    return len(recorded)


def check_seals(folder: Path) -> list[str]:
    """Return what is known of the time-stamp and the signature, and how others check them."""
    said = []
    if (folder / STAMP).is_file():
        if not answers_for((folder / STAMP).read_bytes(), (folder / SUMS).read_bytes()):
            raise Difference(f"{STAMP} is no time-stamp of this edition")
        said.append(
            "time-stamp: it is about this edition. When it was given, and by whom, is told by: "
            f"openssl ts -verify -in {STAMP} -data {SUMS} -CAfile CERTIFICATE-OF-THE-AUTHORITY"
        )
    if (folder / SIGNATURE).is_file():
        said.append(
            "signature: there is one, and this program cannot check it. Take the authors' public "
            "key from where they publish it, put `authors KEY` into a file SIGNERS, and run: "
            f"ssh-keygen -Y verify -f SIGNERS -I authors -n casebook -s {SIGNATURE} < {SUMS}"
        )
    return said


def answers_for(answer: bytes, sums: bytes) -> bool:
    """Tell whether an RFC 3161 answer was granted and holds the hash of a list of files."""
    first = _inside(answer)
    status = _inside(first) if first[:1] == b"\x30" else b""
    granted = status[:3] in {b"\x02\x01\x00", b"\x02\x01\x01"}
    return granted and b"\x04\x20" + hashlib.sha256(sums).digest() in answer


def _inside(der: bytes) -> bytes:
    """Return what follows the tag and the length of the first element."""
    if len(der) < 2:
        return b""
    return der[2 + (der[1] & 0x7F if der[1] & 0x80 else 0) :]


def check_numbers(folder: Path) -> list[str]:
    """Compute the numbers of an edition from its tables; look for each sentence in the page."""
    held = _read(folder / NUMBERS)
    tables = {
        path.relative_to(folder / "tables").with_suffix("").as_posix(): _rows(path)
        for path in sorted((folder / "tables").rglob("*.csv"))
    }
    page = words_of((folder / "report.html").read_text(encoding="utf-8"))
    values, said = _check_values(held, tables, page)
    return [said, *_check_exhibits(held, tables, page, values)]


def _check_values(
    held: dict[str, Any], tables: dict[str, list[dict[str, str]]], page: str
) -> tuple[dict[str, Any], str]:
    """Check the named values and the claims that hold them; return them, and what was found."""
    values: dict[str, Any] = {}
    again: dict[bool, list[str]] = {True: [], False: []}
    without = []
    for value in held["values"]:
        name = value["name"]
        values[name] = value["value"]
        if value["recipe"] is None:
            without.append(name)
            continue
        again[value["in_report"]].append(name)
        values[name] = found = recomputed(tables, value["recipe"])
        if not same(found, value["value"]):
            raise Difference(f"{name} is {value['value']} in the report, and {found} in the tables")
    for sentence in held["sentences"]:
        said = filled(sentence["text"], values, held["language"])
        if flat(said) not in page:
            raise Difference(
                f"claim {sentence['claim']} should say “{said}”, which is not in report.html"
            )
    language = held["language"]
    printed = sum(v["in_report"] for v in held["values"])
    told = tell(
        VALUES,
        language,
        again=len(again[True]),
        printed=printed,
        more=len(again[False]),
        others=len(held["values"]) - printed,
        claims=len(held["sentences"]),
    )
    rest = f"; {tell(GIVES, language, names=', '.join(without))}" if without else ""
    return values, told + rest


def _check_exhibits(
    held: dict[str, Any],
    tables: dict[str, list[dict[str, str]]],
    page: str,
    values: dict[str, Any],
) -> list[str]:
    """Check the sentences of figures, tables and summaries with the numbers in them."""
    again, left = 0, dict[str, list[str]]()
    sentences = held.get("exhibits", [])
    for sentence in sentences:
        name, text = sentence["exhibit"], sentence["text"]
        if text not in page:
            raise Difference(f"{name} should say “{text}”, which is not in report.html")
        for number in sentence["numbers"]:
            recipe = number["recipe"]
            if recipe is None:
                left.setdefault(number["why"], []).append(f"{name} {number['text']}")
                continue
            found = values[recipe["value"]] if "value" in recipe else recomputed(tables, recipe)
            told = written(found, number["form"], held["language"])
            if told != number["text"] or told not in text:
                raise Difference(
                    f"{name} says {number['text']}, and the tables give {told}: “{text}”"
                )
            again += 1
    language = held["language"]
    whole = again + sum(map(len, left.values()))
    said = tell(SENTENCES, language, said=len(sentences), again=again, all=whole)
    rest = [
        tell(LEFT, language, why=tell(WHY[why], language), numbers=", ".join(left[why]))
        for why in sorted(left)
    ]
    return [said, *rest]


def recomputed(tables: dict[str, list[dict[str, str]]], recipe: dict[str, Any]) -> Any:
    """Return what a recipe takes of the rows of a table; None where it takes nothing."""
    where = recipe["where"]
    rows = [
        row
        for row in tables.get(recipe["table"], [])
        if all(fits(row.get(column, ""), wanted) for column, wanted in where.items())
    ]
    take, columns = recipe["take"], recipe["columns"]
    if take == "rows":
        return len(rows)
    if take == "bound":
        # Were more of them wrong, one or more would be known to be in 95 of 100 such cases.
        return 1 - 0.05 ** (1 / len(rows)) if rows else None
    cells = [row[column] for row in rows for column in columns if row[column]]
    if take == "sum":
        return whole(sum(map(float, cells)))
    if take == "distinct":
        return len(set(cells))
    if take in {"min", "max"}:
        ordered = sorted(map(comparable, cells))
        return (ordered[0] if take == "min" else ordered[-1]) if ordered else None
    if take == "ratio":
        of = sum(float(row[columns[1]]) for row in rows)
        return sum(float(row[columns[0]]) for row in rows) / of if of else None
    raise Difference(f"{NUMBERS}: there is no way to take {take!r}")


def fits(cell: str, wanted: Any) -> bool:
    """Tell whether a cell is what a recipe asks for: a text, one of several, or beyond a bound."""
    if isinstance(wanted, list):
        return cell in wanted
    if not isinstance(wanted, dict):
        return bool(cell == wanted)
    ((how, bound),) = wanted.items()
    if how == "other_than":
        return cell not in {"", bound}
    if not cell:
        return False
    number = float(cell)
    return bool(
        {"at_least": number >= bound, "above": number > bound, "below": number < bound}[how]
    )


def whole(value: float) -> float:
    """Return a number without its empty decimals."""
    return int(value) if float(value).is_integer() else value


def comparable(cell: str) -> Any:
    """Return a cell as a number, or, where it is none, as it is: days are in order as text."""
    try:
        return whole(float(cell))
    except ValueError:
        return cell


def filled(template: str, values: dict[str, Any], language: str) -> str:
    """Return a sentence with values in the places of their names."""
    return re.sub(
        r"\{\{\s*(\w+)\s*(?:\|\s*(\w+)\s*)?\}\}",
        lambda m: shown(values[m[1]], m[2] or "", language),
        template,
    )


def shown(value: Any, form: str, language: str) -> str:
    """Return a value as the report prints it."""
    if value is None:
        return "not assessable" if language == "en" else "non évaluable"
    if isinstance(value, str):
        return value
    if form == "percent":
        return f"{100 * value:.0f} %"
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
    return text if language == "en" else text.replace(",", "\u202f").replace(".", ",")


MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
}


def written(value: Any, form: str, language: str) -> str:
    """Return a number as a sentence prints it: in a format of Python's, or as a day."""
    if form == "day":
        year, month, day = map(int, str(value).split("-"))
        first = "1er" if day == 1 and language == "fr" else str(day)
        return f"{first} {MONTHS[language].split()[month - 1]} {year}"
    if isinstance(value, str):
        return value
    text = format(value, form or ("," if isinstance(value, int) else ""))
    if language == "en":
        return text
    return text.replace(",", "\u202f").replace(".", ",").replace("%", "\u202f%")


def words_of(page: str) -> str:
    """Return the words of a page, a single space between them."""
    reader = _Words()
    reader.feed(page)
    return flat("".join(reader.found))


def flat(text: str) -> str:
    """Return a text with single spaces; those that French puts inside numbers are kept."""
    return re.sub(r"[ \t\r\n]+", " ", text).strip(" ")


class _Words(HTMLParser):
    """Collects text, apart from what is no text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._quiet = ""

    def handle_starttag(self, tag: str, _attributes: Any) -> None:
        if tag in {"style", "script", "svg"} and not self._quiet:
            self._quiet = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._quiet:
            self._quiet = ""

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self.found.append(data)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same, but for rounding."""
    if isinstance(one, float) and isinstance(other, (int, float)):
        return abs(one - other) < 1e-9
    return bool(one == other)


def is_edition(name: str) -> bool:
    """Tell whether a file of a report folder is no part of it: of an edition, or of the history."""
    first, _, rest = name.partition("/")
    return (bool(rest) and first in (*EDITIONS, HISTORY)) or (
        not rest and name.endswith(("-public.zip", "-public.tsq"))
    )


def _there(folder: Path) -> set[str]:
    files = (p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    names = {p.as_posix() for p in files if not any(part.startswith(".") for part in p.parts)}
    return {name for name in names if not is_edition(name)}


def _check_run(folder: Path, run: dict[str, Any]) -> None:
    if run.get("status") != "complete":
        raise Difference("run.json does not say that the run was complete")
    if str(run["run_id"]) not in (folder / "report.html").read_text(encoding="utf-8"):
        raise Difference("report.html was not made by the run that run.json records")
    for step in run["steps"]:
        path = folder / "notebooks" / f"{step['step']}.ipynb"
        if "executed_sha256" in step and file_hash(path) != step["executed_sha256"]:
            raise Difference(f"notebooks/{path.name} is not the one that the run executed")


def check_evidence(case: Path) -> str:
    """Check the chain of the evidence log and the hash of every file that is still there."""
    items: dict[str, list[dict[str, Any]]] = {}
    events = chain(case / "evidence.jsonl")
    for event in events:
        if event["event"] in {"collected", "redacted"}:
            items[event["evidence_id"]] = event["files"]
        elif event["event"] == "disposed":
            items[event["evidence_id"]] = []
    count = 0
    for evidence_id, files in items.items():
        for file in files:
            _check_file(case, evidence_id, file)
            count += 1
    head = events[-1]["hash"][:12] if events else "none"
    return f"{len(events)} log lines follow from each other (head {head}), {count} files are whole"


def _check_file(case: Path, evidence_id: str, file: dict[str, Any]) -> None:
    name = f"evidence/{evidence_id}/{file['name']}"
    path = case / "evidence" / evidence_id / file["name"]
    if not path.is_file():
        raise Difference(f"{name} is missing")
    if "sha256" in file:
        found, recorded = file_hash(path), file["sha256"]
    else:
        # Of a confidential file the log holds no plain hash, which could be looked up elsewhere.
        salt = path.with_name(f".{path.name}.salt")
        if not salt.is_file():
            raise Difference(f"{name} cannot be checked: its salt file is missing")
        prefix = bytes.fromhex(salt.read_text(encoding="ascii").strip())
        found, recorded = file_hash(path, prefix), file["commitment"]
    if found != recorded:
        raise Difference(f"{name} is not the file that was collected")


def check_inputs(case: Path, run: dict[str, Any]) -> str:
    """Compare a case with what the run recorded of it.

    A log may have grown since, and must then still hold the line that was its last.
    """
    grown = []
    for name, recorded in sorted(run.get("inputs", {}).items()):
        path = case / name
        if name.startswith("notebooks/"):
            continue
        if not name.endswith(".jsonl") or name == "replies.jsonl":
            if not path.is_file() or file_hash(path) != recorded:
                raise Difference(f"{name} is not the one this report was made from")
            continue
        hashes = [GENESIS, *(event["hash"] for event in chain(path))]
        if recorded not in hashes:
            raise Difference(f"{name} does not hold the line that was its last in this run")
        if (since := len(hashes) - 1 - hashes.index(recorded)) > 0:
            grown.append(f"{name} has {since} more line{'s' if since > 1 else ''} since")
    return "; ".join(["what the report was made from is still there", *grown])


def chain(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a chained log, each checked against the one before it."""
    if not path.is_file():
        return []
    events: list[dict[str, Any]] = []
    previous = GENESIS
    lines = path.read_bytes().split(b"\n")
    if lines.pop() != b"":
        raise Difference(f"{path.name}, line {len(lines) + 1}: it was never finished")
    for number, raw in enumerate(lines, start=1):
        where = f"{path.name}, line {number}"
        try:
            event = json.loads(raw)
        except ValueError:
            raise Difference(f"{where}: it is not as it was written") from None
        if not isinstance(event, dict) or canonical(event) != raw:
            raise Difference(f"{where}: it is not as it was written")
        if event.get("prev_hash") != previous or event.get("seq") != number:
            raise Difference(f"{where}: it does not follow from line {number - 1}")
        if event.get("hash") != line_hash(event):
            raise Difference(f"{where}: it was changed after it was sealed")
        previous = event["hash"]
        events.append(event)
    return events


def canonical(event: dict[str, Any]) -> bytes:
    """Return the bytes that stand for an event."""
    text = json.dumps(event, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8")


def line_hash(event: dict[str, Any]) -> str:
    """Return the hash that seals an event."""
    return hashlib.sha256(canonical({k: v for k, v in event.items() if k != "hash"})).hexdigest()


def file_hash(path: Path, prefix: bytes = b"") -> str:
    """Return the SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256(prefix)
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


if __name__ == "__main__":
    sys.exit(main())
