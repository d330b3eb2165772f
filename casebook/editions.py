"""What a report said, kept from run to run, and what changed since, in sentences.

Beside the report lies ``findings.json``: claims, decisions, numbers, evidence and settings as the
run had them, without a clock. Each run that says something new leaves a copy in ``history/``.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from casebook.errors import CaseError
from casebook.log import write_atomically
from casebook.text import shorten, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from casebook.case import Case

FINDINGS = "findings.json"
HISTORY = "history"
FINAL, DRAFT = "FINAL", "DRAFT"
QUOTED = 160
"""Characters of a sentence that are quoted."""
_NUMBERED = re.compile(r"(\d{4})-[0-9a-f]+\.json")

Findings = dict[str, Any]


def findings(case: Case, record: Mapping[str, Any]) -> Findings:
    """Return what a run says, as plain values.

    Parameters
    ----------
    case : Case
    record : mapping
        The run as `casebook.chain.Run.record` gives it.

    Returns
    -------
    dict
        run_id, status (FINAL or DRAFT), claims, verdicts, numbers, evidence, parameters, versions.
    """
    from casebook.attribution import CLAIM_TABLES, named_values

    tables = {name: case.read(name) for name in CLAIM_TABLES if case.has(name)}
    claims = case.read("claims").to_dict("records") if case.has("claims") else []
    verdicts = case.read("verdicts") if case.has("verdicts") else None
    items = case.evidence_items()
    final = case.settings.status == "final" and not record.get("missing")
    return {
        "run_id": record["run_id"],
        "status": FINAL if final else DRAFT,
        "claims": {str(c["claim"]): _claim(c) for c in claims},
        "verdicts": {}
        if verdicts is None
        else dict(zip(verdicts["account"], map(_text, verdicts["verdict"]), strict=True)),
        "numbers": {v.name: [v.value, v.meaning] for v in named_values(tables).values()},
        "evidence": dict(zip(items["evidence_id"], items["status"], strict=True)),
        "parameters": {
            s["step"]: {k: repr(v) for k, v in s.get("parameters", {}).items()}
            for s in record.get("steps", [])
        },
        "versions": dict(record.get("versions", {})),
    }


def _claim(row: Mapping[Any, Any]) -> dict[str, Any]:
    words = ("kind", "text", "likelihood", "confidence", "counter_evidence", "cited")
    rung = _text(row["rung"])
    return {
        **{w: _text(row[w]) for w in words},
        "rung": rung.removesuffix(".0"),
        "evidence": sorted(str(e) for e in row["evidence"]),
        "violations": sorted(str(v) for v in row["violations"]),
    }


def _text(value: Any) -> str:
    text = "" if value is None else str(value)
    return "" if text in {"<NA>", "nan", "None"} else text


def keep(case: Case, folder: Path, record: Mapping[str, Any]) -> Path:
    """Write what a run says beside its report, and into the history where it is a new run."""
    said = findings(case, record)
    content = (json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    write_atomically(folder / FINDINGS, content)
    earlier = history(folder)
    if not earlier or earlier[-1].read_bytes() != content:
        number = int(earlier[-1].name[:4]) + 1 if earlier else 1
        (folder / HISTORY).mkdir(exist_ok=True)
        write_atomically(folder / HISTORY / f"{number:04d}-{said['run_id']}.json", content)
    return folder / FINDINGS


def history(folder: Path) -> list[Path]:
    """Return the kept findings of a report folder, the oldest first."""
    there = (folder / HISTORY).glob("*.json") if (folder / HISTORY).is_dir() else []
    return sorted(p for p in there if _NUMBERED.fullmatch(p.name))


def since(folder: Path, run: str = "") -> tuple[Findings, Findings]:
    """Return the findings to compare: earlier ones, and those of now.

    Parameters
    ----------
    folder : Path
        The report folder of a case.
    run : str
        Beginning of a run id. By default the last FINAL edition before now, else the run before.

    Raises
    ------
    CaseError
        Where there is nothing to compare with.
    """
    kept = [_read(path) for path in history(folder)]
    if not (folder / FINDINGS).is_file() or not kept:
        raise CaseError("this case has no complete run yet", remedy="run `casebook run` first")
    now = _read(folder / FINDINGS)
    before = [k for k in kept if k != now]
    if run:
        named = [k for k in kept if k["run_id"].startswith(run)]
        if not named:
            known = ", ".join(k["run_id"] for k in kept)
            raise CaseError(f"no run that was kept begins with {run!r}", remedy=f"kept: {known}")
        return named[-1], now
    if not before:
        raise CaseError("there is only one run to look at", remedy="nothing has changed since")
    final = [k for k in before if k["status"] == FINAL]
    return (final or before)[-1], now


def _read(path: Path) -> Findings:
    try:
        content: Findings = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise CaseError(
            "this is not as Casebook wrote it", where=str(path), remedy="remove the file"
        ) from None
    return content


def differences(old: Findings, new: Findings) -> list[str]:
    """Return what changed from one run to another, a sentence each; [] where nothing did.

    What a reader of the finding must know comes first: status, claims, decisions; then numbers,
    evidence, parameters and software.
    """
    return [visible(line) for part in _PARTS for line in part(old, new)]


def _status(old: Findings, new: Findings) -> Iterator[str]:
    if old["status"] != new["status"]:
        yield f"The report was {old['status']} and is {new['status']}."


def _claims(old: Findings, new: Findings) -> Iterator[str]:
    before, now = old["claims"], new["claims"]
    for name in sorted(before.keys() - now.keys()):
        yield f"{name} is withdrawn. It said: {_quoted(before[name])}"
    for name in sorted(now.keys() - before.keys()):
        yield f"{name} is new. It says: {_quoted(now[name])}"
    for name in sorted(before.keys() & now.keys()):
        yield from _one_claim(name, before[name], now[name])


def _quoted(claim: Mapping[str, Any]) -> str:
    return f"“{shorten(claim['text'], QUOTED)}”"


def _one_claim(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old["text"] != new["text"]:
        yield f"{name} says {_quoted(new)}; it said {_quoted(old)}"
    for key, word in (("rung", "rung"), ("likelihood", "likelihood"), ("confidence", "confidence")):
        if old[key] != new[key]:
            yield f"{name}: {word} went from {old[key] or 'none'} to {new[key] or 'none'}."
    if old["counter_evidence"] != new["counter_evidence"]:
        yield f"{name}: what is set against it is worded otherwise."
    more = sorted(set(new["evidence"]) - set(old["evidence"]))
    less = sorted(set(old["evidence"]) - set(new["evidence"]))
    if more:
        yield f"{name} rests on {', '.join(more)} too."
    if less:
        yield f"{name} no longer rests on {', '.join(less)}."
    if not more and not less and old["cited"] != new["cited"]:
        yield f"{name} cites the same, and the rows behind it are others."
    broken = sorted(set(new["violations"]) - set(old["violations"]))
    if broken:
        yield f"{name} breaks: {', '.join(broken)}."
    if old["violations"] and not new["violations"]:
        yield f"{name} breaks no rule any more."


def _verdicts(old: Findings, new: Findings) -> Iterator[str]:
    for who, was, now in _changed(old["verdicts"], new["verdicts"]):
        yield f"The verdict on {who} was {was or 'not there'} and is {now or 'not there'}."


def _numbers(old: Findings, new: Findings) -> Iterator[str]:
    none = [None, ""]
    for name in sorted(old["numbers"].keys() | new["numbers"].keys()):
        was, now = (part["numbers"].get(name, none) for part in (old, new))
        if was[0] != now[0]:
            before, after = ("not assessable" if v[0] is None else v[0] for v in (was, now))
            yield f"{name} ({now[1] or was[1]}) went from {before} to {after}."


def _evidence(old: Findings, new: Findings) -> Iterator[str]:
    for item, was, now in _changed(old["evidence"], new["evidence"]):
        if was is None:
            yield f"{item} was collected."
        else:
            yield f"{item} was {was} and is {now or 'not there'}."


def _parameters(old: Findings, new: Findings) -> Iterator[str]:
    for step in sorted(old["parameters"].keys() | new["parameters"].keys()):
        given = (old["parameters"].get(step, {}), new["parameters"].get(step, {}))
        for name, was, now in _changed(*given):
            yield f"{step}: {name} was {was or 'not set'} and is {now or 'not set'}."


def _versions(old: Findings, new: Findings) -> Iterator[str]:
    for name, was, now in _changed(old["versions"], new["versions"]):
        yield f"Software: {name} {was or 'not there'}, now {now or 'not there'}."


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield name, old.get(name), new.get(name)


_PARTS: tuple[Callable[[Findings, Findings], Iterator[str]], ...] = (
    _status,
    _claims,
    _verdicts,
    _numbers,
    _evidence,
    _parameters,
    _versions,
)
