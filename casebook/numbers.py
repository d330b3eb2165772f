"""Numbers that know what they were counted from: the rows of a table, and what was taken of them.

A sentence that prints ``count(frame, {"finding": "synchrony"})`` can be checked by somebody who has
the table and nothing else: what computes the number is also how it is computed again. What a
`Number` may take is what ``verify.py`` takes; it is no language for analysis, and will not be one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casebook.rates import upper_bound

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    Where = Mapping[str, Any]
    """Column -> a value; a list of them; or a bound, as `at_least` and its like make it."""


@dataclass(frozen=True)
class Number:
    """A value, and how it is taken of a table.

    Attributes
    ----------
    value : int, float or None
    take : str
        ``rows``, ``distinct``, ``sum``, ``min``, ``max``, ``median`` or ``ratio`` of the columns;
        ``bound``: how many of the rows could be wrong though none is known to be; or ``named``:
        the named value of the case that the one column calls.
    columns : tuple of str
    where : mapping
        Which rows.
    table : DataFrame, optional
        The table itself.
    """

    value: Any
    take: str
    columns: tuple[str, ...] = ()
    where: Where = field(default_factory=dict)
    table: pd.DataFrame | None = field(default=None, compare=False, repr=False)

    def __bool__(self) -> bool:
        """Tell whether there is anything, as the value alone would."""
        return bool(self.value)


def count(frame: pd.DataFrame, where: Where | None = None) -> Number:
    """Return how many rows of a table there are.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"finding": ["synchrony", "synchrony", "none"], "met": [3, 9, 1]})
    >>> count(pairs, {"finding": "synchrony"}).value, count(pairs, {"met": at_least(3)}).value
    (2, 2)
    """
    return Number(len(_part(frame, where)), "rows", (), where or {}, frame)


def distinct(
    frame: pd.DataFrame, column: str, where: Where | None = None, *, also: str = ""
) -> Number:
    """Return how many different values a column, or two of them, hold; unknown is none."""
    columns = (column, also) if also else (column,)
    held = {v for c in columns for v in _part(frame, where)[c].dropna()}
    return Number(len(held), "distinct", columns, where or {}, frame)


def total(frame: pd.DataFrame, column: str, where: Where | None = None) -> Number:
    """Return the sum of a column, whole where all of its numbers are."""
    added = float(_part(frame, where)[column].sum())
    value = int(added) if added.is_integer() else added
    return Number(value, "sum", (column,), where or {}, frame)


def smallest(frame: pd.DataFrame, column: str, where: Where | None = None) -> Number:
    """Return the smallest number of a column, None where there is none."""
    return _end(frame, "min", column, where)


def largest(frame: pd.DataFrame, column: str, where: Where | None = None) -> Number:
    """Return the largest number of a column, None where there is none."""
    return _end(frame, "max", column, where)


def cell(frame: pd.DataFrame, column: str, where: Where | None = None) -> Number:
    """Return what stands in one cell of a table, where just one row is asked for."""
    held = _part(frame, where)[column]
    if len(held) != 1:
        raise ValueError(f"{len(held)} rows where one is asked for: {where}")
    return _end(frame, "max", column, where)


def share(frame: pd.DataFrame, part: str, whole: str, where: Where | None = None) -> Number:
    """Return the sum of one column divided by that of another, None where that is nought."""
    rows = _part(frame, where)
    of = float(rows[whole].sum())
    value = float(rows[part].sum()) / of if of else None
    return Number(value, "ratio", (part, whole), where or {}, frame)


def none_known_wrong(frame: pd.DataFrame, where: Where | None = None) -> Number:
    """Return which share of rows could be wrong where none is known to be, None of no rows.

    The one-sided exact 95 % bound, 1 - 0.05 ** (1 / n): `casebook.rates.upper_bound` of no errors.
    """
    n = len(_part(frame, where))
    return Number(upper_bound(0, n) if n else None, "bound", (), where or {}, frame)


def named(name: str, value: float | None) -> Number:
    """Return a number that is a named value of the case (`casebook.named_values`)."""
    return Number(value, "named", (name,))


def at_least(bound: float) -> dict[str, float]:
    """Return the condition that a number is so large or larger."""
    return {"at_least": bound}


def above(bound: float) -> dict[str, float]:
    """Return the condition that a number is larger."""
    return {"above": bound}


def below(bound: float) -> dict[str, float]:
    """Return the condition that a number is smaller."""
    return {"below": bound}


def other_than(value: str) -> dict[str, str]:
    """Return the condition that a cell holds something, and not this."""
    return {"other_than": value}


def _end(frame: pd.DataFrame, take: str, column: str, where: Where | None) -> Number:
    held = _part(frame, where)[column].dropna()
    found = getattr(held, take)() if len(held) else None
    if found is not None and held.dtype.kind in "biuf":
        found = float(found) if held.dtype.kind == "f" else int(found)
    return Number(found, take, (column,), where or {}, frame)


def _part(frame: pd.DataFrame, where: Where | None) -> pd.DataFrame:
    for column, wanted in (where or {}).items():
        held = frame[column]
        if isinstance(wanted, dict):
            ((how, bound),) = wanted.items()
            if how == "other_than":
                fits = held.ne(bound) & held.notna() & held.ne("")
            else:
                fits = {"at_least": held.ge, "above": held.gt, "below": held.lt}[how](bound)
        else:
            fits = held.isin(wanted if isinstance(wanted, list) else [wanted])
        frame = frame[fits.fillna(value=False).astype(bool)]
    return frame
