"""Casebook: an investigation is a folder, five notebooks and a report that a stranger can check.

The public names stand here in the order of an investigation. Nothing is imported before it is
used, so ``import casebook`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from casebook.case import Case
    from casebook.collection import build_tables, collect
    from casebook.errors import CasebookError
    from casebook.exhibits import Figure, Listing, Note, Statement

__version__ = "0.1.0"

_HOMES = {
    "Case": "casebook.case",
    "CasebookError": "casebook.errors",
    "Figure": "casebook.exhibits",
    "Listing": "casebook.exhibits",
    "Note": "casebook.exhibits",
    "Statement": "casebook.exhibits",
    "build_tables": "casebook.collection",
    "collect": "casebook.collection",
}
"""Public name -> the module it lives in."""

__all__ = [
    "Case",
    "CasebookError",
    "Figure",
    "Listing",
    "Note",
    "Statement",
    "build_tables",
    "collect",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'casebook' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
