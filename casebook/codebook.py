"""codebook.yaml: which words stand for which narrative, and for whom it is aimed at.

The file is optional. It is written by a person, before the posts are counted, and printed in the
report: whoever doubts a share can see what was counted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from casebook.errors import CaseError
from casebook.fingerprints import tokens
from casebook.settings import check_keys, load_yaml

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from casebook.settings import Marks

NAME = "codebook.yaml"
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
KINDS = {"narratives": "narrative", "targets": "target"}
"""List of the file -> kind of its entries in the tables."""

ENTRY: dict[str, Any] = {
    "id": str,
    "label": str,
    "definition": str,
    "terms": [str],
    "exclusions": [str],
}
KEYS: dict[str, Any] = {key: [ENTRY] for key in KINDS}
NEEDED = ("id", "label", "definition", "terms")
COLUMNS = ("code", "kind", "label", "definition", "terms", "exclusions")


def load_codebook(path: Path) -> pd.DataFrame:
    """Return the entries of a codebook: code, kind, label, definition, terms, exclusions.

    Parameters
    ----------
    path : Path
        Of the file; no rows where it is absent.

    Raises
    ------
    CaseError
        With the line: not YAML, an unknown key, a value of the wrong type, an entry without one of
        the keys it needs, an id given twice, a term in which no word is left to look for.
    """
    import pandas as pd

    if not path.is_file():
        return pd.DataFrame(columns=list(COLUMNS))
    values, marks = load_yaml(path)
    if not isinstance(values, dict):
        raise CaseError(
            "this is not a codebook",
            where=path.name,
            remedy="start with `narratives:`, and under it each entry with `- id: ...`",
        )
    check_keys(values, KEYS, marks, path.name, ())
    rows: list[dict[str, Any]] = []
    seen: set[str] = set()
    for key, kind in KINDS.items():
        for index, entry in enumerate(values.get(key) or []):
            where = f"{path.name}, line {marks[key, index].line}"
            _check_entry(entry, where, seen)
            _check_terms(entry, marks, path.name, (key, index))
            seen.add(entry["id"])
            exclusions = list(entry.get("exclusions") or [])
            rows.append({**entry, "code": entry["id"], "kind": kind, "exclusions": exclusions})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _check_entry(entry: dict[str, Any] | None, where: str, seen: set[str]) -> None:
    given = entry or {}
    for key in NEEDED:
        if not given.get(key):
            raise CaseError(
                f"this entry has no {key}", where=where, remedy=f"add a line `{key}: ...`"
            )
    name = given["id"]
    if not ID.fullmatch(name):
        raise CaseError(
            f"{name!r} cannot be an id",
            where=where,
            remedy="use lower-case letters, digits and hyphens",
        )
    if name in seen:
        raise CaseError(
            f"the id {name!r} is given twice", where=where, remedy="call one of them otherwise"
        )


def _check_terms(entry: dict[str, Any], marks: Marks, name: str, at: tuple[Any, ...]) -> None:
    for key in ("terms", "exclusions"):
        for index, term in enumerate(entry.get(key) or []):
            if not tokens(term or ""):
                raise CaseError(
                    f"there is no word to look for in {term!r}",
                    where=f"{name}, line {marks[*at, key, index].line}",
                    remedy="give whole words or phrases; links and @names are not looked for",
                )
