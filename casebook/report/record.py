"""What went into a report, as the last notebook prints it."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

from casebook import __version__
from casebook.chain import case_inputs

if TYPE_CHECKING:
    from casebook.case import Case

PACKAGES = ("altair", "networkx", "numpy", "pandas", "pyarrow", "vl-convert-python")
"""Packages that numbers and pictures depend on; run.json lists the others."""


def inputs(case: Case) -> dict[str, str]:
    """Return hashes of what a person can change in a case, and versions of what computes.

    The head of a chained log stands for every line of it.
    """
    return {
        **case_inputs(case),
        "Casebook": __version__,
        "Python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }
