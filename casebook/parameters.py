"""What a notebook lets you set: names, types and help, read from its `parameters` cell.

The cell is read as Python's own grammar reads it, and nothing in it is run: literals only. A value
keeps the type of its default, so an id that looks like a number stays the text it is.
"""

from __future__ import annotations

import ast
import io
import json
import math
import re
import tokenize
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casebook.errors import ParameterError
from casebook.schema import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TAG = "parameters"
KINDS: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
}
WORDS = {"str": "text", "int": "a whole number", "float": "a number", "bool": "True or False"}
_YES, _NO = {"true", "yes", "1"}, {"false", "no", "0"}
_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Parameter:
    """One line of a `parameters` cell.

    Parameters
    ----------
    name : str
    default : str, int, float, bool, None, or a list of one of these
    kind : str
        ``str``, ``int``, ``float``, ``bool``, ``list[…]`` of these, or ``any``: the default is
        None, so any single value is taken.
    optional : bool
        Whether None is a value.
    help : str
        The comment beside it.
    """

    name: str
    default: Any
    kind: str
    optional: bool = False
    help: str = ""

    @property
    def words(self) -> str:
        """What it takes, for a person."""
        inner = self.kind.removeprefix("list[").removesuffix("]")
        one = WORDS.get(inner, "text or a number")
        said = f"a list, each {one}" if self.kind.startswith("list") else one
        return f"{said}, or None" if self.optional else said


# -- reading -----------------------------------------------------------------------------------


def read_parameters(notebook: Path) -> dict[str, Parameter]:
    """Return the parameters of a notebook file by name, in their order."""
    try:
        content = json.loads(notebook.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ParameterError(
            f"this is not a notebook that can be read: {error}", where=notebook.name
        ) from None
    return parameters_of(content, notebook.name)


def parameters_of(content: Mapping[str, Any], name: str) -> dict[str, Parameter]:
    """Return the parameters of a notebook given as JSON; {} where no cell has the tag."""
    tagged = [c for c in content.get("cells", []) if is_tagged(c)]
    if len(tagged) > 1:
        raise ParameterError(
            f"{len(tagged)} cells are tagged {TAG!r}", where=name, remedy="keep the tag on one"
        )
    return parse_parameters(source_of(tagged[0]), name) if tagged else {}


def is_tagged(cell: Mapping[str, Any]) -> bool:
    """Tell whether a cell is the `parameters` cell."""
    tags = cell.get("metadata", {}).get("tags", [])
    return cell.get("cell_type") == "code" and TAG in tags


def source_of(cell: Mapping[str, Any]) -> str:
    """Return the text of a cell, which a notebook file holds as one string or as lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def parse_parameters(source: str, name: str = "notebook") -> dict[str, Parameter]:
    r"""Return the parameters that the text of a cell declares.

    Raises
    ------
    ParameterError
        Where a line is anything but ``name = literal  # help``.

    Examples
    --------
    >>> parse_parameters('tag = "#a # b"  # a tag')["tag"]
    Parameter(name='tag', default='#a # b', kind='str', optional=False, help='a tag')
    """
    try:
        body = ast.parse(source).body
        comments = _comments(source)
    except (SyntaxError, ValueError, tokenize.TokenError) as error:
        raise ParameterError(
            f"the parameters cell is not Python: {error}", where=name, remedy=_SHAPE
        ) from None
    found: dict[str, Parameter] = {}
    for statement in body:
        where = f"{name}, parameters cell, line {statement.lineno}"
        target, value, annotation = _assignment(statement, where)
        if target in found:
            raise ParameterError(f"{target!r} is set twice", where=where, remedy="keep one of them")
        kind, optional = _kind(value, annotation, target, where)
        help_text = comments.get(statement.end_lineno or statement.lineno, "")
        found[target] = Parameter(target, value, kind, optional, help_text)
    return found


_SHAPE = "write one `name = literal  # help` a line"


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {t.start[0]: t.string.lstrip("#").strip() for t in tokens if t.type == tokenize.COMMENT}


def _assignment(statement: ast.stmt, where: str) -> tuple[str, Any, str | None]:
    annotation: str | None = None
    value: ast.expr | None = None
    target: ast.expr | None = None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, value = statement.targets[0], statement.value
    elif isinstance(statement, ast.AnnAssign):
        target, value = statement.target, statement.value
        annotation = ast.unparse(statement.annotation)
    if not isinstance(target, ast.Name) or value is None:
        raise ParameterError("this line declares no parameter", where=where, remedy=_SHAPE)
    try:
        return target.id, ast.literal_eval(value), annotation
    except (ValueError, TypeError, SyntaxError):
        raise ParameterError(
            f"{target.id!r} is {ast.unparse(value)!r}, which is no literal",
            where=where,
            remedy="write text in quotes, a number, True, False, None, or a list of these",
        ) from None


def _kind(value: Any, annotation: str | None, name: str, where: str) -> tuple[str, bool]:
    if annotation is not None:
        return _annotated(value, annotation, name, where)
    if value is None:
        return "any", True
    if isinstance(value, list):
        kinds = {type(v).__name__ for v in value} or {"str"}
        kinds = {"float"} if kinds == {"int", "float"} else kinds
        if len(kinds) == 1 and (inner := kinds.pop()) in KINDS:
            return f"list[{inner}]", False
    elif (plain := type(value).__name__) in KINDS:
        return plain, False
    raise ParameterError(
        f"{name!r} has a default that cannot be set from outside",
        where=where,
        remedy="use text, a number, True, False, None, or a list of values of one type",
    )


def _annotated(value: Any, annotation: str, name: str, where: str) -> tuple[str, bool]:
    parts = [p.strip() for p in annotation.replace('"', "").replace("'", "").split("|")]
    kinds = [p for p in parts if p != "None"]
    known = {*KINDS, *(f"list[{k}]" for k in KINDS)}
    if len(kinds) != 1 or kinds[0] not in known:
        raise ParameterError(
            f"{name!r} is annotated {annotation!r}",
            where=where,
            remedy=f"one of {', '.join(sorted(known))}, with or without `| None`",
        )
    parameter = Parameter(name, value, kinds[0], optional=len(kinds) < len(parts))
    check_value(parameter, value, where=where)
    return parameter.kind, parameter.optional


# -- setting -----------------------------------------------------------------------------------


def check_value(parameter: Parameter, value: Any, *, where: str | None = None) -> Any:
    """Return ``value`` where the parameter takes it.

    A whole number does where a number is wanted. True and False are no numbers.

    Raises
    ------
    ParameterError
        Where the type is another one. Nothing is converted: an id that lost its zeros on the way
        would name somebody else.
    """
    if _fits(parameter, value):
        return value
    remedy = f"it takes {parameter.words}; the default is {parameter.default!r}"
    if "str" in parameter.kind and not isinstance(value, (list, str)):
        remedy = (
            f'give text, in quotes where it looks like a number: "{value}"; with plain papermill '
            f"use `-r {parameter.name} VALUE`, because `-p` guesses a type"
        )
    raise ParameterError(
        f"parameter {parameter.name!r} cannot be {value!r}", where=where, remedy=remedy
    )


def _fits(parameter: Parameter, value: Any) -> bool:
    kind = parameter.kind
    if value is None:
        return parameter.optional
    if kind == "any":
        return any(_is(k, value) for k in KINDS)
    if kind.startswith("list["):
        return isinstance(value, list) and all(_is(kind[5:-1], v) for v in value)
    return _is(kind, value)


def _is(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "bool"
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return isinstance(value, KINDS[kind])


def from_text(parameter: Parameter, text: str) -> Any:
    """Return what a text typed on the command line means, by the type of the default.

    A text parameter takes the text as it is: ``007``, ``nan``, ``1e5``, ``NO``. A list is given
    as JSON, ``["a", "b"]``, or with commas, ``a,b``.

    Raises
    ------
    ParameterError
        Where it cannot be read as what the parameter takes.
    """
    kind = parameter.kind
    if kind == "str" and not (parameter.optional and text == "None"):
        return text
    if parameter.optional and text == "None":
        return None
    if kind == "any":
        return text
    if kind.startswith("list["):
        return check_value(parameter, _list(kind[5:-1], text))
    return check_value(parameter, _scalar(kind, text))


def _list(kind: str, text: str) -> Any:
    if text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return [_scalar(kind, part.strip()) for part in text.split(",")] if text else []


def _scalar(kind: str, text: str) -> Any:
    """Return the value, or the text itself, which `check_value` then refuses by name."""
    if kind == "int" and _WHOLE.fullmatch(text):
        return int(text)
    if kind == "float" and _NUMBER.fullmatch(text):
        return float(text)
    if kind == "bool" and text.lower() in _YES | _NO:
        return text.lower() in _YES
    return text


def resolve(
    declared: Mapping[str, Mapping[str, Parameter]],
    given: Mapping[str, Any],
    *,
    where: str | None = None,
    as_text: bool = False,
) -> dict[str, dict[str, Any]]:
    """Return the values to set in each notebook.

    Parameters
    ----------
    declared : mapping
        Notebook -> its parameters.
    given : mapping
        Parameter -> value, which every notebook with that parameter gets; or notebook -> mapping of
        parameter -> value.
    where : str, optional
        Where the values were written, for the message.
    as_text : bool
        Whether values are text typed by a person, to be read by the type of the default.

    Raises
    ------
    ParameterError
        Where no notebook knows the name (it gives the nearest one), or a type is wrong.
    """
    values: dict[str, dict[str, Any]] = {step: {} for step in declared}
    shared = {k: v for k, v in given.items() if not (k in declared and isinstance(v, dict))}
    for name, value in shared.items():
        steps = [step for step, known in declared.items() if name in known]
        if not steps:
            everything = [n for known in declared.values() for n in known]
            raise _unknown(name, [*everything, *declared], where)
        for step in steps:
            values[step][name] = _value(declared[step][name], value, where, as_text=as_text)
    for step in (k for k in given if k not in shared):
        for name, value in given[step].items():
            if name not in declared[step]:
                raise _unknown(name, declared[step], where, step)
            values[step][name] = _value(declared[step][name], value, where, as_text=as_text)
    if any("case" in v for v in values.values()):
        raise ParameterError(
            "the parameter 'case' is set by the run itself",
            where=where,
            remedy="name the case as the first argument: `casebook run CASE`",
        )
    return values


def _value(parameter: Parameter, value: Any, where: str | None, *, as_text: bool) -> Any:
    if as_text:
        return from_text(parameter, value)
    return check_value(parameter, value, where=where)


def _unknown(name: str, known: Any, where: str | None, step: str | None = None) -> ParameterError:
    names = sorted(set(known) - {"case"})
    hint = nearest(name, names)
    owner = f"notebook {step} has" if step else "no notebook has"
    return ParameterError(
        f"{owner} {'no' if step else 'a'} parameter {name!r}",
        where=where,
        remedy=f"did you mean {hint!r}?" if hint else f"known: {', '.join(names) or 'none'}",
    )
