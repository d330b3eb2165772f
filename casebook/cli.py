"""The command line: `casebook new | collect | lab | run | check | verify | …`.

Nothing heavy is imported before a command needs it, so that help is there at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casebook import __version__
from casebook.errors import CasebookError, ParameterError
from casebook.language import LANGUAGE, LANGUAGES
from casebook.schema import CAPTURES, ROLES
from casebook.text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casebook.case import Case

DONE, ERROR, USAGE, DRAFT, INCOMPLETE, DIFFERS = range(6)
CODES = """exit codes:
  0  done
  1  error: what happened and what to do is on the error stream
  2  the usage, or a notebook parameter, is wrong
  3  done, and the report is a DRAFT, because rules are broken
  4  a step did not come to its end: the report says INCOMPLETE
  5  verification failed
  130, 143  stopped by Ctrl-C, or by the system; the report says INCOMPLETE
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            # An old Windows console cannot show every character of a name.
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    given = parser().parse_args(arguments)
    if getattr(given, "language", None):
        # Kernels, and the cases that notebooks open in them, find it there too.
        os.environ[LANGUAGE] = given.language
    try:
        code = given.command(given)
        sys.stdout.flush()
    except CasebookError as error:
        print(f"casebook: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt as stopped:
        print("casebook: stopped", file=sys.stderr)
        return int(getattr(stopped, "exit_code", 130))
    except BrokenPipeError:
        # Whoever read the output has enough of it, as in `casebook list | head`.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
        return ERROR
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        print(f"casebook: {name}{error.strerror or error}", file=sys.stderr)
        return ERROR
    return int(code)


def parser() -> argparse.ArgumentParser:
    """Return the grammar of the command line."""
    top = argparse.ArgumentParser(
        prog="casebook",
        description="Investigate influence operations: a folder, five notebooks, and a report "
        "that a stranger can check.",
        epilog=CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"casebook {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _add_case_commands(commands)
    _add_run_commands(commands)
    _add_evidence_commands(commands)
    return top


def _command(
    commands: Any, name: str, does: Any, text: str, *, case: str | None = "name or folder"
) -> argparse.ArgumentParser:
    added: argparse.ArgumentParser = commands.add_parser(
        name, help=text, description=text[0].upper() + text[1:] + ".", epilog=CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    added.set_defaults(command=does)
    if case:
        added.add_argument("case", metavar="CASE", help=f"{case} of the case")
    if name in TOLD:
        added.add_argument(
            "--language", choices=list(LANGUAGES),
            help="tell the case in the words of its case.fr.yaml; by default as in case.yaml",
        )  # fmt: skip
    return added


TOLD = ("run", "check", "verify", "letter", "legal", "publish", "export", "diff", "lab")
"""Commands whose words a reader gets."""


def _add_case_commands(commands: Any) -> None:
    new = _command(commands, "new", _new, "make a new case, outside this repository", case=None)
    new.add_argument("name", metavar="NAME", help="a name (makes ~/Casebook/NAME), or a folder")
    collect = _command(commands, "collect", _collect, "register files as evidence")
    collect.add_argument("files", metavar="FILE", nargs="+", type=Path)
    for option, text in COLLECT_OPTIONS.items():
        collect.add_argument(f"--{option}", help=text, choices=CHOICES.get(option))
    collect.add_argument(
        "--selected-on", action="append", metavar="SIGNAL",
        help="a signal that made somebody pick these accounts; may be repeated",
    )  # fmt: skip
    collect.add_argument(
        "--derives-from", action="append", metavar="SOURCE",
        help="id of a source that this goes back to; may be repeated",
    )  # fmt: skip
    collect.add_argument(
        "--confidential", action="store_true", help="keep a salted commitment, no plain hash"
    )
    collect.add_argument(
        "--map", action="append", default=[], metavar="TARGET=COLUMN",
        help="for tables: which column is which; TARGET==VALUE for a fixed value",
    )  # fmt: skip
    listed = _command(commands, "list", _list, "list the cases, or the evidence of one", case=None)
    listed.add_argument("case", metavar="CASE", nargs="?", help="name or folder of the case")


COLLECT_OPTIONS = {
    "role": "what the authors and profiles in it are in this case",
    "stratum": "for reference accounts: ordinary, or which look-alike group",
    "found-by": "query, seed list, tip or notice through which it was found",
    "capture": "how it was captured",
    "source-url": "where it comes from; it is stored defanged",
    "title": "what it is, in words",
    "actor": "alias of who collected it; by default the first investigator",
    "note": "anything a later reader should know",
    "reader": "name of a reader, or 'document' to read nothing; by default the content decides",
}
CHOICES: dict[str, Sequence[str]] = {"role": ROLES, "capture": CAPTURES}


def _add_run_commands(commands: Any) -> None:
    run = _command(commands, "run", _run, "run the five notebooks and build the report")
    run.add_argument("--from", dest="from_step", metavar="STEP", help="start here: 03, or its name")
    run.add_argument(
        "-p", dest="parameters", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"),
        help="set a notebook's parameter; text stays text (007, nan, 1e5); may be repeated",
    )  # fmt: skip
    run.add_argument("--light", action="store_true", help="fewer shuffles; every figure says so")
    run.add_argument("--timeout", type=float, metavar="SECONDS", help="limit for one cell")
    run.add_argument(
        "--scheduler", metavar="ADDRESS",
        help="count co-actions on this Dask cluster: tcp://127.0.0.1:8786, or tls://host:8786",
    )  # fmt: skip
    run.add_argument("--quiet", action="store_true", help="say nothing about progress")
    _command(commands, "check", _check, "say which rules the claims break; nothing is rendered")
    verify = _command(commands, "verify", _verify, "check that all is still what the evidence says")
    verify.add_argument(
        "--full", action="store_true",
        help="make tables and report again from the evidence, and compare them: as long as a run",
    )  # fmt: skip
    verify.add_argument("--by", metavar="NAME", help="who verifies; printed with the result")
    letter = _command(
        commands, "letter", _letter, "draft a letter to those a claim names; nothing is sent"
    )
    letter.add_argument("claim", metavar="CLAIM", help="C1")
    letter.add_argument("--by", required=True, metavar="DAY", help="answer asked by: 2024-09-10")
    judgements = _command(
        commands, "judgements", _judgements, "bring the files of several reviewers together",
        case=None,
    )  # fmt: skip
    judgements.add_argument("action", choices=["merge"])
    judgements.add_argument("case", metavar="CASE", help="name or folder of the case")
    judgements.add_argument(
        "files", metavar="FILE", nargs="+", type=Path,
        help="a file in judgements/ of another copy of the case, or a folder of such files",
    )  # fmt: skip
    publish = _command(
        commands,
        "publish",
        _publish,
        "write the public edition: everybody masked who is not cleared",
    )
    publish.add_argument(
        "--preview", action="store_true", help="write it although the report is not FINAL"
    )
    publish.add_argument(
        "--sign", metavar="KEY", type=Path, help="sign it with this Ed25519 key (ssh-keygen)"
    )
    publish.add_argument(
        "--timestamp-query", action="store_true",
        help="write the question to a time-stamping authority (RFC 3161); nothing is sent",
    )  # fmt: skip
    publish.add_argument(
        "--timestamp-answer", metavar="FILE", type=Path,
        help="put the authority's answer into the edition that is there",
    )  # fmt: skip
    publish.add_argument(
        "--authority", metavar="PEM", type=Path,
        help="certificate of the authority, to check its answer with openssl",
    )  # fmt: skip
    export = _command(
        commands, "export", _export, "write STIX 2.1, FollowTheMoney and an indicator list, masked"
    )
    export.add_argument(
        "--unmasked", action="store_true", help="with real handles and ids: for a platform's eyes"
    )
    _command(
        commands,
        "legal",
        _legal,
        "write every sentence with its evidence, line by line, for counsel",
    )
    diff = _command(
        commands, "diff", _diff, "say what changed since the last FINAL edition, or the run before"
    )
    diff.add_argument("--since", metavar="RUN", help="beginning of the id of an earlier run")
    lab = _command(commands, "lab", _lab, "open JupyterLab on the case, on this computer only")
    lab.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    lab.add_argument("--port", type=int, default=0, help="by default a free one")
    doctor = _command(
        commands, "doctor", _doctor, "check this computer, and whether the case is in a fit place",
        case=None,
    )  # fmt: skip
    doctor.add_argument("case", metavar="CASE", nargs="?", help="name or folder of the case")


def _add_evidence_commands(commands: Any) -> None:
    for name, does, text in (
        ("withdraw", _withdraw, "take an item out of the case; its files stay, on record"),
        ("dispose", _dispose, "delete the files of an item for good, on record"),
        ("redact", _redact, "put redacted files in the place of an item's files, on record"),
    ):
        added = _command(commands, name, does, text)
        added.add_argument("evidence_id", metavar="ID", help="E0001")
        if name == "redact":
            added.add_argument(
                "files", metavar="FILE", nargs="+", help="under the item's file name, or NAME=FILE"
            )
        added.add_argument("--reason", required=True, help="why; kept in the log")
        added.add_argument("--actor", help="alias; by default the first investigator")
    _command(commands, "repair", _repair, "finish what an interruption left half done")


# -- commands -------------------------------------------------------------------------------------


def _new(given: argparse.Namespace) -> int:
    from casebook.scaffold import new_case

    case = new_case(given.name)
    print(f"{case.folder}\nNext: casebook collect {_called(case)} FILE...")
    return DONE


def _collect(given: argparse.Namespace) -> int:
    from casebook.collection import collect

    details = {
        name.replace("-", "_"): getattr(given, name.replace("-", "_"))
        for name in (*COLLECT_OPTIONS, "selected-on", "derives-from")
    }
    mapping = mapping_from(given.map)
    case = _case(given)
    rows = collect(
        case, *given.files, mapping=mapping or None, confidential=given.confidential, **details
    )
    for row in rows.to_dict("records"):
        said = [f"{row['evidence_id']}  {row['file']}"]
        if row["reader"] == row["reader"] and row["reader"] is not None:
            said.append(f"{row['format']}: {row['records']:.0f} records")
            said.append(f"{row['rejected']:.0f} refused" if row["rejected"] else "")
        said.append(row["note"] if isinstance(row["note"], str) else "")
        print(visible("; ".join(part for part in said if part)))
    return DONE


def mapping_from(given: Sequence[str]) -> dict[str, Any]:
    """Return a column mapping from ``TARGET=COLUMN`` texts."""
    mapping: dict[str, Any] = {}
    for text in given:
        target, mark, column = text.partition("=")
        if not (target and mark and column):
            raise ParameterError(
                f"--map {text!r} is not of the form TARGET=COLUMN",
                remedy='for example --map handle="User name"',
            )
        mapping[target] = column
    if "day_first" in mapping:
        mapping["day_first"] = mapping["day_first"].lower() in {"true", "yes", "1"}
    if "utc_offset_hours" in mapping:
        try:
            mapping["utc_offset_hours"] = float(mapping["utc_offset_hours"])
        except ValueError:
            raise ParameterError(
                f"utc_offset_hours cannot be {mapping['utc_offset_hours']!r}",
                remedy="give hours: --map utc_offset_hours=2",
            ) from None
    return mapping


def _list(given: argparse.Namespace) -> int:
    if given.case is None:
        from casebook.case import CLONE, home, is_clone

        places = [Path("data"), *([CLONE / "data"] if is_clone() else []), home()]
        found = {p.parent.resolve() for place in places for p in place.glob("*/case.yaml")}
        for folder in sorted(found):
            print(f"{folder.name}  {folder}")
        return DONE
    case = _case(given)
    for row in case.evidence_items().to_dict("records"):
        known = [row["title"], row["role"], row["reader"], row["status"]]
        words = "  ".join(str(v) for v in known if isinstance(v, str) and v)
        print(visible(f"{row['evidence_id']}  {words}"))
    return DONE


def _run(given: argparse.Namespace) -> int:
    from casebook.chain import run

    if given.scheduler:
        from casebook.network import cluster

        # Asked before anything runs; the notebooks find the address in their environment.
        cluster.client(given.scheduler).close()
        os.environ[cluster.SCHEDULER] = cluster.checked_address(given.scheduler)
    done = run(
        given.case,
        from_step=given.from_step,
        parameters=dict(given.parameters),
        light=given.light,
        timeout=given.timeout,
        progress=None if given.quiet else sys.stderr,
        typed=False,
    )
    print(done.report)
    if not done.broken_rules:
        return DONE
    print("The report is a DRAFT:", file=sys.stderr)
    _print_rules(done.broken_rules, sys.stderr)
    return DRAFT


def _print_rules(broken: Sequence[dict[str, str]], stream: Any) -> None:
    for one in broken:
        text = one["message"] if one["rule"] == "case" else f"{one['rule']}: {one['message']}"
        print(visible(f"  {text}"), file=stream)


def _check(given: argparse.Namespace) -> int:
    from casebook.chain import broken_rules

    broken = broken_rules(_case(given))
    _print_rules(broken, sys.stdout)
    print(f"{len(broken)} rules are broken: a DRAFT" if broken else "No rule is broken.")
    return DRAFT if broken else DONE


def _letter(given: argparse.Namespace) -> int:
    from casebook.letter import draft_letter

    print(draft_letter(_case(given), given.claim, by=given.by), end="")
    return DONE


def _export(given: argparse.Namespace) -> int:
    from casebook.publishing import export

    case = _case(given)
    for path in export(case, case.report_folder / "shared", unmasked=given.unmasked):
        print(path)
    if given.unmasked:
        print("These files name people: give them to those alone who must act on them.")
    return DONE


def _legal(given: argparse.Namespace) -> int:
    from casebook.legal import write_legal

    case = _case(given)
    print("For counsel alone: every sentence, and nothing in it is masked.")
    print(write_legal(case, case.report_folder))
    return DONE


def _diff(given: argparse.Namespace) -> int:
    from casebook.editions import differences, since

    old, new = since(_case(given).report_folder, given.since or "")
    print(f"From run {old['run_id']} ({old['status']}) to run {new['run_id']} ({new['status']}):")
    told = differences(old, new)
    for line in told:
        print(f"- {line}")
    if not told:
        print("Nothing that the report says has changed.")
    return DONE


def _judgements(given: argparse.Namespace) -> int:
    from casebook.exchange import merge_judgements

    for merged in merge_judgements(_case(given), given.files):
        print(f"{merged.reviewer}: {merged.new} new judgements, {merged.total} in all")
    return DONE


def _publish(given: argparse.Namespace) -> int:
    from casebook.publishing import ask_for_timestamp, key_of, publish, take_timestamp

    case = _case(given)
    if given.timestamp_answer:
        answer, authority = given.timestamp_answer, given.authority
        print(take_timestamp(case, case.report_folder, answer, authority=authority))
        return DONE
    folder, archive = publish(case, case.report_folder, preview=given.preview, key=given.sign)
    _, key = key_of(case)
    print(f"Pseudonyms are made with {key}: keep it, and give it to nobody.")
    if given.preview:
        print("A preview: not for publication.")
    print("Read every page before it leaves this computer: a mask knows what is in the tables, and")
    print("not what a sentence gives away.")
    print(folder / "report.html")
    print(archive)
    if given.timestamp_query:
        question = ask_for_timestamp(case, case.report_folder)
        print(f"{question}\nSend this file to an authority of your choice, and bring its answer:")
        print(f"casebook publish {_called(case)} --timestamp-answer FILE.tsr")
    return DONE


def _verify(given: argparse.Namespace) -> int:
    from casebook.verification import LIMITS, made_again, verify

    case = _case(given)
    passed, differs = verify(case)
    for text in passed:
        print(f"PASS  {text}")
    if differs is None and given.full:
        said, differs = made_again(case, case.report_folder)
        if differs is None:
            print(f"PASS  {said}")
    if differs is not None:
        print(visible(f"FAIL  {differs}"))
        return DIFFERS
    by = visible(f", by {given.by}") if given.by else ""
    if given.full:
        print(f"Level 3 of 3 is reached{by}: the report is what the evidence gives.")
    else:
        print("Level 3 of 3 is not reached: for it, --full makes the whole report again.")
    print(LIMITS)
    return DONE


def _lab(given: argparse.Namespace) -> int:
    from casebook.lab import open_lab

    return open_lab(_case(given), port=given.port, browser=not given.no_browser)


def _doctor(given: argparse.Namespace) -> int:
    from casebook.doctor import examine

    findings = examine(_case(given) if given.case else None)
    for finding in findings:
        print(finding)
    return ERROR if any(f.state == "FAIL" for f in findings) else DONE


def _withdraw(given: argparse.Namespace) -> int:
    case = _case(given)
    item = case.evidence.withdraw(given.evidence_id, reason=given.reason, actor=_actor(given, case))
    print(f"{item.evidence_id} is withdrawn. Its records leave the tables with the next run.")
    return DONE


def _dispose(given: argparse.Namespace) -> int:
    case = _case(given)
    item = case.evidence.dispose(given.evidence_id, reason=given.reason, actor=_actor(given, case))
    print(f"{item.evidence_id} is disposed of: its files are deleted, its hash stays in the log.")
    return DONE


def _redact(given: argparse.Namespace) -> int:
    case = _case(given)
    files: dict[str, Path] = {}
    for text in given.files:
        name, mark, path = text.partition("=")
        files[name if mark else Path(text).name] = Path(path if mark else text)
    item = case.evidence.redact(
        given.evidence_id, files, reason=given.reason, actor=_actor(given, case)
    )
    print(f"{item.evidence_id} is redacted: {', '.join(files)}.")
    return DONE


def _repair(given: argparse.Namespace) -> int:
    from casebook.log import ChainedLog

    case = _case(given)
    logs = sorted((case.folder / "judgements").glob("*.jsonl"))
    done = [*case.evidence.repair(), *(n for p in logs if (n := ChainedLog(p).repair()))]
    print("\n".join(done) or "Nothing needed repair.")
    return DONE


# -- small things ---------------------------------------------------------------------------------


def _case(given: argparse.Namespace) -> Case:
    from casebook.case import Case

    return Case(given.case)


def _actor(given: argparse.Namespace, case: Case) -> str:
    return str(given.actor or next(iter(case.settings.investigators), "unknown"))


def _called(case: Case) -> str:
    """Return what to call a case on the command line."""
    from casebook.chain import called

    return called(case)


if __name__ == "__main__":
    sys.exit(main())
