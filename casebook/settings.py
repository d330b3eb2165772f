"""case.yaml: what a case is about, validated when it is loaded.

The keys are declared once, in `KEYS`. An unknown key is an error that names its line and the
nearest known one, because a setting that is silently ignored changes a finding.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from casebook.errors import CaseError
from casebook.language import LANGUAGES
from casebook.schema import REACH_FLAGS, ROLES, SCHEMA_VERSION, nearest

if TYPE_CHECKING:
    from pathlib import Path

KEYS: dict[str, Any] = {
    "schema_version": int,
    "title": str,
    "question": str,
    "language": str,
    "status": str,
    "synthetic": str,
    "scope": {"platforms": [str], "from": str, "to": str, "query_terms": [str], "note": str},
    "investigators": [str],
    "legal": {
        "basis": str,
        "proportionality": str,
        "real_person_check": str,
        "right_of_reply": str,
        "retention": str,
        "signed_by": str,
        "signed_on": str,
    },
    "hypotheses": {f"H{i}": str for i in range(7)},
    "roles": {role: [str] for role in ROLES},
    "strata": dict,
    "episodes": [{"account": str, "from": str, "to": str, "basis": str}],
    "cleared": [str],
    "corrections": [{"date": str, "claim": str, "was": str, "now": str, "why": str}],
    "networks": [
        {
            "name": str,
            "aliases": [str],
            "attributed_by": str,
            "look_alikes": [str],
            "told_by": dict,
            "assets": [{"value": str, "attributed_by": str}],
            "note": str,
        }
    ],
    "grades": dict,
    "tags": [{"item": str, "code": str, "why": str}],
    "reach": {flag: {"answer": str, "evidence": [str], "note": str} for flag in REACH_FLAGS},
    "parameters": dict,
    "mappings": dict,
    "note": str,
}
"""Every key of case.yaml with its type; ``dict`` is checked where it is used."""

STATES = ("draft", "final")
REACH_ANSWERS = ("shown", "not shown", "unknown")

MAPPINGS_MARK = "# Column mappings, written by `casebook collect`; correct them here.\n"
"""Everything after this line of case.yaml is written by the program."""


@dataclass(frozen=True)
class Settings:
    """The settings of a case. Absent keys are empty, never guessed."""

    title: str
    question: str
    schema_version: int = SCHEMA_VERSION
    language: str = "en"
    status: str = "draft"
    synthetic: str | None = None
    scope: dict[str, Any] = field(default_factory=dict)
    investigators: list[str] = field(default_factory=list)
    legal: dict[str, str] = field(default_factory=dict)
    hypotheses: dict[str, str] = field(default_factory=dict)
    roles: dict[str, list[str]] = field(default_factory=dict)
    strata: dict[str, list[str]] = field(default_factory=dict)
    episodes: list[dict[str, str]] = field(default_factory=list)
    cleared: list[str] = field(default_factory=list)
    corrections: list[dict[str, str]] = field(default_factory=list)
    networks: list[dict[str, Any]] = field(default_factory=list)
    grades: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: list[dict[str, str]] = field(default_factory=list)
    reach: dict[str, dict[str, Any]] = field(default_factory=dict)
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)
    mappings: dict[str, dict[str, Any]] = field(default_factory=dict)
    note: str = ""


def load_settings(path: Path) -> Settings:
    """Return the settings in a case.yaml.

    Raises
    ------
    CaseError
        Naming the line: not YAML, an unknown key, a value of the wrong type, an unquoted id, or a
        schema version this Casebook cannot read.
    """
    values, marks = load_yaml(path)
    if not isinstance(values, dict):
        raise CaseError(
            "this is not a list of settings", where=path.name, remedy="see the template"
        )
    check_keys(values, KEYS, marks, path.name, ())
    for key in ("title", "question"):
        if not values.get(key):
            raise CaseError(
                f"the case has no {key}", where=path.name, remedy=f"add a line `{key}: ...`"
            )
    version = values.get("schema_version", SCHEMA_VERSION)
    if version > SCHEMA_VERSION:
        raise CaseError(
            f"the case was written for schema version {version}; this Casebook knows "
            f"{SCHEMA_VERSION}",
            where=_at(path.name, marks, ("schema_version",)),
            remedy="install a newer Casebook",
        )
    _check_choice(values, "language", tuple(LANGUAGES), marks, path.name)
    _check_choice(values, "status", STATES, marks, path.name)
    _check_reach(values.get("reach") or {}, marks, path.name)
    return Settings(**{k: v for k, v in migrate(values).items() if v is not None})


def migrate(values: dict[str, Any]) -> dict[str, Any]:
    """Return settings of an older schema version as the current one writes them.

    Version 1 is the first. A later version adds one function a step here; record tables need no
    migration, since they are rebuilt from the evidence.
    """
    return {**values, "schema_version": SCHEMA_VERSION}


class Mark(NamedTuple):
    """Where a key or an item of a YAML file stands, and how it is written there."""

    line: int
    written: str


Marks = dict[tuple[Any, ...], Mark]
"""Path of a key or item -> its mark."""


def load_yaml(path: Path) -> tuple[Any, Marks]:
    """Return what a YAML file holds, and the mark of each key and item by its path.

    Only plain YAML is read (no tags that construct objects), and a key given twice is an error.
    """
    import yaml

    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CaseError(
            f"there is no {path.name} in {path.parent.name}",
            remedy="a case is a folder with a case.yaml; `casebook new NAME` makes one",
        ) from None
    except UnicodeDecodeError as error:
        raise CaseError(
            "this file is not UTF-8 text",
            where=f"{path.name}, byte {error.start}",
            remedy="save it as UTF-8",
        ) from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        marks: Marks = {}
        if node is not None:
            _find_marks(node, (), marks, path.name)
        return yaml.safe_load(text), marks
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise CaseError(
            f"this is not valid YAML: {error.problem}",
            where=f"{path.name}, line {mark.line + 1}" if mark else path.name,
            remedy="check the indentation and the quotes on this line",
        ) from None
    except yaml.YAMLError as error:
        raise CaseError(f"this is not valid YAML: {error}", where=path.name) from None


def _find_marks(node: Any, at: tuple[Any, ...], out: Marks, name: str) -> None:
    import yaml

    out[at] = Mark(node.start_mark.line + 1, str(node.value))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*at, key.value)
            if here in out:
                raise CaseError(
                    f"{key.value!r} is given twice",
                    where=f"{name}, line {key.start_mark.line + 1}",
                    remedy="keep one of them",
                )
            _find_marks(value, here, out, name)
            out[here] = Mark(key.start_mark.line + 1, out[here].written)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _find_marks(value, (*at, index), out, name)


def _at(name: str, marks: Marks, at: tuple[Any, ...]) -> str:
    mark = marks.get(at)
    return f"{name}, line {mark.line}" if mark else name


def check_keys(
    value: Any,
    wanted: Any,
    marks: Marks,
    name: str,
    at: tuple[Any, ...],
) -> None:
    """Raise CaseError, with the line, at the first key that is unknown or value of a wrong type.

    Parameters
    ----------
    value : Any
        What the file holds at a place.
    wanted : dict, list or type
        Keys with what they take, a list of one such kind, or a type.
    marks : dict
        Of the file, as `load_yaml` returns them.
    name : str
        Of the file.
    at : tuple
        The place.
    """
    if value is None:
        return
    where, key = _at(name, marks, at), ".".join(str(a) for a in at)
    if isinstance(wanted, dict):
        if not isinstance(value, dict):
            raise CaseError(f"{key!r} takes keys and values", where=where)
        for inner, inner_value in value.items():
            if inner not in wanted:
                hint = nearest(str(inner), wanted)
                raise CaseError(
                    f"unknown key {inner!r}",
                    where=_at(name, marks, (*at, inner)),
                    remedy=f"did you mean {hint!r}?" if hint else f"known: {', '.join(wanted)}",
                )
            check_keys(inner_value, wanted[inner], marks, name, (*at, inner))
    elif isinstance(wanted, list):
        if not isinstance(value, list):
            raise CaseError(
                f"{key!r} takes a list", where=where, remedy="one item a line: `- item`"
            )
        for index, item in enumerate(value):
            check_keys(item, wanted[0], marks, name, (*at, index))
    elif not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise CaseError(
            f"{key!r} is {value!r}, which YAML reads as {type(value).__name__}; "
            f"{_WORDS[wanted]} is expected",
            where=where,
            remedy=f'write it in quotes: "{marks[at].written}"' if wanted is str else None,
        )


_WORDS = {str: "text", int: "a whole number", dict: "a block of keys and values"}


def _check_choice(
    values: dict[str, Any],
    key: str,
    choices: tuple[str, ...],
    marks: Marks,
    name: str,
) -> None:
    value = values.get(key)
    if value is not None and value not in choices:
        raise CaseError(
            f"{key!r} is {value!r}",
            where=_at(name, marks, (key,)),
            remedy=f"choose one of: {', '.join(choices)}",
        )


def _check_reach(flags: dict[str, Any], marks: Marks, name: str) -> None:
    """Raise CaseError where an answer on reach is none, or rests on nothing."""
    for flag, given in flags.items():
        where = _at(name, marks, ("reach", flag))
        answer = (given or {}).get("answer")
        if answer not in REACH_ANSWERS:
            raise CaseError(
                f"the answer to {flag!r} is {answer!r}",
                where=where,
                remedy=f"`answer:` is one of: {', '.join(REACH_ANSWERS)}",
            )
        if answer != "unknown" and not given.get("evidence"):
            raise CaseError(
                f"the answer to {flag!r} rests on nothing",
                where=where,
                remedy="name evidence ids, published sources or facts under `evidence:`, or answer "
                "`unknown`",
            )
