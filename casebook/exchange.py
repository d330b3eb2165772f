"""Reviewers at different computers: each writes one sealed file, and the files come together.

A file is taken whole or not at all. Nobody's lines are ever mixed with another's, so two reviewers
who work apart cannot conflict; two copies of one reviewer can, and then a person decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casebook import schema
from casebook.case import ALIAS
from casebook.errors import EvidenceError
from casebook.log import ChainedLog, write_atomically
from casebook.personas.lineup import REVIEW

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from casebook.case import Case

FOLDER = "judgements"


@dataclass(frozen=True)
class Merged:
    """What one file brought: the reviewer's alias, judgements that are new, and all of them."""

    reviewer: str
    new: int
    total: int


def merge_judgements(case: Case, sources: Iterable[Path]) -> list[Merged]:
    """Take the judgements of other reviewers into a case.

    Parameters
    ----------
    case : Case
    sources : iterable of Path
        Files that ``judgements/`` of somebody's copy of the case holds (``bb.jsonl``), or folders
        of such files.

    Returns
    -------
    list of Merged
        One for each file, in the order of the aliases.

    Raises
    ------
    EvidenceError
        Naming file and line, before anything is written: a chain that is broken, a judgement about
        an account or on evidence that this case does not have, or two copies of one reviewer that
        have gone different ways.
    """
    taken = [_checked(case, path) for path in _files(sources)]
    named: dict[str, Path] = {}
    for path, alias, _ in taken:
        if alias in named:
            raise EvidenceError(
                f"{named[alias]} and {path} are both of the reviewer {alias!r}",
                remedy="give one of them; they are compared with what the case has",
            )
        named[alias] = path
    plans = [(path, alias, events, _compared(case, path, alias, events))
             for path, alias, events in sorted(taken, key=lambda t: t[1])]  # fmt: skip
    return [_take(case, *plan) for plan in plans]


def _files(sources: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for source in sources:
        if source.is_dir():
            inside = sorted(source.glob("*.jsonl"))
            if not inside:
                raise EvidenceError("this folder holds no judgements", where=str(source))
            found += inside
        elif source.is_file():
            found.append(source)
        else:
            raise EvidenceError("there is no such file", where=str(source))
    return found


def _checked(case: Case, path: Path) -> tuple[Path, str, list[dict[str, Any]]]:
    """Return the events of a file; every line is one this case could have written itself."""
    events = ChainedLog(path).events()
    if not events:
        raise EvidenceError("this file holds no judgement", where=str(path))
    alias = str(events[0].get("reviewer", ""))
    known = set(case.read("accounts")["account"]) if case.has("accounts") else None
    claims = {str(c.get("id", "")) for c in case.claims()}
    for number, event in enumerate(events, start=1):
        where = f"{path.name}, line {number}"
        lacking = [k for k in ("subject", "question", "answer", "reason") if not event.get(k)]
        if lacking or event.get("reviewer") != alias or not ALIAS.fullmatch(alias):
            raise EvidenceError(
                "this is no judgement as Casebook writes it",
                where=where,
                remedy="ask for the file in `judgements/` of the other copy of the case",
            )
        if event["question"] == "verdict" and event["answer"] not in schema.ANSWERS:
            raise EvidenceError(f"{event['answer']!r} is no answer to 'verdict'", where=where)
        if known is not None and event["subject"] not in known | claims | {REVIEW}:
            raise EvidenceError(
                f"{event['subject']!r} is no account of this case",
                where=where,
                remedy="is it a file of another case? Both copies need the same evidence",
            )
        try:
            case.check_citations(event.get("evidence", []))
        except EvidenceError as error:
            raise EvidenceError(error.what, where=where, remedy=error.remedy) from None
    return path, alias, events


def _own(case: Case, alias: str) -> ChainedLog:
    return ChainedLog(case.folder / FOLDER / f"{alias}.jsonl")


def _compared(case: Case, path: Path, alias: str, theirs: list[dict[str, Any]]) -> int:
    """Return how many judgements are new; the shorter copy has to begin the longer one."""
    mine = _own(case, alias).events()
    for number, (one, other) in enumerate(zip(mine, theirs, strict=False), start=1):
        if one["hash"] != other["hash"]:
            raise EvidenceError(
                f"judgement {number} of {alias!r} is another one here: the two copies have gone "
                "different ways, and nothing was taken",
                where=f"{path.name}, line {number}",
                remedy="let the reviewer say which copy counts, and enter the rest there again",
            )
    return max(0, len(theirs) - len(mine))


def _take(case: Case, path: Path, alias: str, events: list[dict[str, Any]], new: int) -> Merged:
    log = _own(case, alias)
    if new:
        with log.locked():
            # Somebody may have judged here since it was compared.
            _compared(case, path, alias, events)
            write_atomically(log.path, path.read_bytes())
    return Merged(alias, new, len(log.events()))
