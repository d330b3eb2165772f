"""claims.yaml as text: one claim is changed, and everything else stays as it was written.

A person keeps notes in this file. So only the keys that change are written anew, each in its
place; a comment that stood inside one of them is named, so that nothing goes silently.
"""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

from casebook.errors import ClaimError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import yaml

ORDER = (
    "id", "kind", "rung", "network", "reported_by", "headline", "text", "likelihood", "confidence",
    "evidence", "counter_evidence", "would_change", "about", "periods", "same_method",
    "resolves_on", "values",
)  # fmt: skip
"""Keys of a claim in the order in which a new one is written."""
WIDTH = 100
FOLDED = 60
"""Longer sentences are folded over lines."""


def with_claim(text: str, wanted: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return claims.yaml with one claim as wanted, and the comments that are lost by it.

    Parameters
    ----------
    text : str
        The file as it is; may be empty.
    wanted : mapping
        The claim, its ``id`` among the keys. A key that is empty is taken out. A claim that is not
        in the file is added at its end.

    Returns
    -------
    tuple of str and list of str
        The file anew, and each comment that stood inside what was written anew.

    Raises
    ------
    ClaimError
        Where the file is no YAML, or the claim cannot be written so that it reads back the same.
    """
    import yaml

    kept = {k: v for k, v in wanted.items() if v not in (None, "", [], {}) and k != "line"}
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        listed = _list_of(root)
        own = _claim(listed, str(wanted["id"]))
        new, lost = _added(text, root, listed, kept) if own is None else _changed(text, own, kept)
        read_back = yaml.safe_load(new)
    except yaml.YAMLError as error:
        raise ClaimError(
            f"this is not valid YAML: {str(error).splitlines()[0]}",
            where="claims.yaml",
            remedy="mend the file by hand; nothing was written",
        ) from None
    claims = read_back["claims"] if isinstance(read_back, dict) else read_back
    found = next((c for c in claims if c.get("id") == kept["id"]), None)
    if _flat(found) != _flat(kept):
        raise ClaimError(
            f"claim {kept['id']} would not read back as it was written",
            where="claims.yaml",
            remedy="edit the file by hand; nothing was written",
        )
    return new, lost


def _flat(value: Any) -> Any:
    """Return a value with white space folded, as claims are read."""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, dict):
        return {k: _flat(v) for k, v in value.items() if v not in (None, "", [], {})}
    if isinstance(value, list):
        return [_flat(v) for v in value]
    return value


def _list_of(root: yaml.Node | None) -> yaml.SequenceNode | None:
    import yaml

    if isinstance(root, yaml.MappingNode):
        root = next((v for k, v in root.value if k.value == "claims"), None)
    return root if isinstance(root, yaml.SequenceNode) else None


def _claim(listed: yaml.SequenceNode | None, name: str) -> yaml.MappingNode | None:
    import yaml

    for node in listed.value if listed is not None else []:
        if isinstance(node, yaml.MappingNode) and any(
            k.value == "id" and v.value == name for k, v in node.value
        ):
            return node
    return None


def _added(
    text: str,
    root: yaml.Node | None,
    listed: yaml.SequenceNode | None,
    claim: Mapping[str, Any],
) -> tuple[str, list[str]]:
    empty = listed is None or not listed.value
    if empty:
        # "claims: []" and an empty file alike: what there is of comments stays above.
        head = [line for line in text.splitlines() if line.lstrip().startswith("#")]
        lost = [] if root is None else [c for line, c in _comments(text) if c not in head]
        lines = [*head, "claims:"]
        column = 2
    else:
        lines, lost = text.rstrip("\n").splitlines(), []
        column = listed.value[0].start_mark.column - 2  # type: ignore[union-attr]
    block = _mapping(claim, column + 2)
    block[0] = " " * column + "- " + block[0].lstrip()
    gap = [] if empty else [""]
    return "\n".join([*lines, *gap, *block]) + "\n", lost


def _changed(text: str, own: yaml.MappingNode, claim: Mapping[str, Any]) -> tuple[str, list[str]]:
    lines = text.splitlines()
    comments = list(_comments(text))
    if own.flow_style:
        first, last = own.start_mark.line, own.end_mark.line
        head = lines[first][: own.start_mark.column]
        block = _mapping(claim, own.start_mark.column)
        block[0] = head + block[0].lstrip()
        tail = lines[last][own.end_mark.column :]
        lines[first : last + 1] = block
        lost = [c for line, c in comments if first <= line <= last and c not in tail]
        return "\n".join(lines) + "\n", [*lost, *([tail.strip()] if tail.strip() else [])]
    lost = _rewritten(lines, own, claim, comments)
    return "\n".join(lines) + "\n", lost


def _rewritten(
    lines: list[str],
    node: yaml.MappingNode,
    wanted: Mapping[str, Any],
    comments: list[tuple[int, str]],
) -> list[str]:
    """Change the lines of a block of keys in place, from its end; return the comments lost."""
    import yaml

    now: dict[str, Any] = yaml.safe_load("\n".join(_lines_of(lines, node))) or {}
    now = now[0] if isinstance(now, list) else now
    column = node.value[0][0].start_mark.column
    given = {k.value: (k, v) for k, v in node.value}
    lost: list[str] = []
    end = _end(lines, node.value[-1][1], column)
    new = [k for k in ORDER if k in wanted and k not in given]
    new += [k for k in wanted if k not in given and k not in ORDER]
    lines[end:end] = [line for k in new for line in _entry(k, wanted[k], column)]
    for position, (name, (key, value)) in reversed(list(enumerate(given.items()))):
        if _flat(now.get(name)) == _flat(wanted.get(name)):
            continue
        nested = wanted.get(name)
        if (
            isinstance(value, yaml.MappingNode)
            and not value.flow_style
            and isinstance(nested, dict)
        ):
            lost = [*_rewritten(lines, value, nested, comments), *lost]
            continue
        first, last = key.start_mark.line, _end(lines, value, column)
        block = _entry(name, nested, column) if name in wanted else []
        if position == 0:
            # The dash of the list stands before the first key.
            block = block or [" " * column + f'{name}: ""']
            block[0] = lines[first][: key.start_mark.column] + block[0].lstrip()
        lines[first:last] = block
        lost = [*(c for line, c in comments if first <= line < last), *lost]
    return lost


def _lines_of(lines: list[str], node: yaml.MappingNode) -> list[str]:
    first = node.start_mark.line
    end = _end(lines, node.value[-1][1], node.value[0][0].start_mark.column)
    head = " " * node.start_mark.column + lines[first][node.start_mark.column :]
    return textwrap.dedent("\n".join([head, *lines[first + 1 : end]])).splitlines()


def _end(lines: list[str], value: yaml.Node, column: int) -> int:
    """Return the line after a value; blank lines and comments that follow it are not of it."""
    mark = value.end_mark
    end = mark.line + (1 if mark.column or mark.line == value.start_mark.line else 0)
    end = min(max(end, value.start_mark.line + 1), len(lines))
    while end > value.start_mark.line + 1 and _is_between(lines[end - 1], column):
        end -= 1
    return end


def _is_between(line: str, column: int) -> bool:
    bare = line.lstrip()
    return not bare or (bare.startswith("#") and len(line) - len(bare) <= column)


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """Yield each comment with its line: what stands behind a # outside of any value."""
    import yaml

    covered: list[tuple[int, int]] = [
        (token.start_mark.index, token.end_mark.index)
        for token in yaml.scan(text, Loader=yaml.SafeLoader)
        if isinstance(token, yaml.ScalarToken)
    ]
    at = 0
    for number, line in enumerate(text.splitlines(keepends=True)):
        for column, letter in enumerate(line):
            place = at + column
            starts = letter == "#" and (not column or line[column - 1] in " \t")
            if starts and not any(first <= place < last for first, last in covered):
                yield number, line[column:].strip()
                break
        at += len(line)


def _mapping(values: Mapping[str, Any], column: int) -> list[str]:
    order = [*(k for k in ORDER if k in values), *(k for k in values if k not in ORDER)]
    return [line for key in order for line in _entry(key, values[key], column)]


def _entry(key: str, value: Any, column: int) -> list[str]:
    pad = " " * column
    if isinstance(value, dict):
        if key == "values":
            return [f"{pad}{key}: {json.dumps(value, ensure_ascii=False)}"]
        return [f"{pad}{key}:", *_mapping(value, column + 2)]
    if isinstance(value, list):
        inside = ", ".join(json.dumps(_flat(v), ensure_ascii=False) for v in value)
        return [f"{pad}{key}: [{inside}]"]
    if not isinstance(value, str):
        return [f"{pad}{key}: {json.dumps(value)}"]
    flat = _flat(value)
    if len(flat) <= FOLDED:
        return [f"{pad}{key}: {json.dumps(flat, ensure_ascii=False)}"]
    body = textwrap.wrap(flat, WIDTH - column - 2, break_long_words=False, break_on_hyphens=False)
    return [f"{pad}{key}: >-", *(f"{pad}  {line}" for line in body)]
