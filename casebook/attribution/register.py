"""The evidence register: every item with its grades, and how many origins stand behind them.

Reliability (of the source) and credibility (of the information) are entered separately by a
person. Origin groups are never typed: they follow from ``derives_from``, so that ten newspapers
repeating one report count once.

References
----------
NATO AJP-2.1, Admiralty grades. Baker, McKendry and Mace 1968: 87 % of grades lie on the diagonal.
Pamment and Smith 2022, *Attributing Information Influence Operations*: kinds and access.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook import schema
from casebook.attribution.values import records
from casebook.errors import ClaimError
from casebook.text import defang

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

KINDS = ("technical", "behavioural", "contextual")
ACCESSES = ("open", "proprietary", "classified")
BASES = ("testable", "reported")
RELIABILITIES = tuple("ABCDEF")
CREDIBILITIES = tuple("123456")
TLPS = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
OWN_ORIGIN = "this collection"
"""The origin of every item whose source nobody named: the investigators' own eye, counted once."""
REFERENCE_DIAGONAL = 0.87

_CHOICES = {
    "kind": KINDS,
    "access": ACCESSES,
    "basis": BASES,
    "reliability": RELIABILITIES,
    "credibility": CREDIBILITIES,
    "tlp": TLPS,
}
GRADE_KEYS = (*_CHOICES, "derives_from", "confirmed_by", "title", "note", "partner")
PARTNER_KEYS = ("who", "asked", "saw", "label", "nameable", "after_our_list")
"""What is recorded of an assessment that a partner (a platform, a laboratory) gave."""


def register(
    items: pd.DataFrame,
    sources: pd.DataFrame | None = None,
    graded: Mapping[str, Mapping[str, Any]] | None = None,
) -> pd.DataFrame:
    """Return the register: one row per live evidence item and published source, with its grades.

    Parameters
    ----------
    items : DataFrame
        Evidence items of the case (`Case.evidence_items`).
    sources : DataFrame, optional
        Published sources: source_id, title, publisher, date, url; grades may be columns too.
    graded : mapping, optional
        ``grades:`` of case.yaml: id -> reliability, credibility, kind, access, basis,
        derives_from, tlp. It wins over the columns.

    Returns
    -------
    DataFrame
        Table ``register``. What nobody typed is filled in carefully: records that a reader
        understood are behavioural, other documents and publications contextual; confidential items
        are proprietary; publications are reported only.

    Raises
    ------
    ClaimError
        A grade that does not exist, or for an id that does not exist.
    """
    graded = graded or {}
    rows = [*_item_rows(items, graded), *_source_rows(sources, graded)]
    known = {row["evidence_id"] for row in rows} | set(items.get("evidence_id", []))
    for unknown in sorted(set(graded) - known):
        hint = schema.nearest(unknown, sorted(known))
        raise ClaimError(
            f"grades are given for {unknown!r}, which is neither an evidence item nor a source",
            where="case.yaml, grades",
            remedy=f"did you mean {hint!r}?" if hint else "take the block out",
        )
    origins = origin_groups({row["evidence_id"]: row["derives_from"] for row in rows})
    # A partner who looked where we pointed saw what we saw: no origin is added.
    prompted = {n for n, own in graded.items() if _partner(n, own).get("after_our_list") is True}
    origins |= dict.fromkeys(prompted, OWN_ORIGIN)
    for row in rows:
        published = row["basis"] == "reported" and not row["sha256"]
        default = row["evidence_id"] if published else OWN_ORIGIN
        row["origin_group"] = origins.get(row["evidence_id"], default)
    return schema.check("register", pd.DataFrame(rows, columns=schema.table("register").names))


def _item_rows(
    items: pd.DataFrame, graded: Mapping[str, Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    for item in records(items):
        if item.get("status", "live") not in ("live", "redacted"):
            continue
        own = _merged(item, graded.get(str(item["evidence_id"]), {}), str(item["evidence_id"]))
        read = _word(item.get("reader")) not in ("", "document")
        yield {
            **_row(own, item["evidence_id"], item.get("title"), item.get("source_url")),
            "kind": _word(own.get("kind")) or ("behavioural" if read else "contextual"),
            "access": _word(own.get("access"))
            or ("proprietary" if bool(item.get("confidential")) else "open"),
            "basis": _word(own.get("basis")) or "testable",
            "capture": _word(item.get("capture")) or None,
            "sha256": _word(item.get("sha256")) or None,
        }


def _source_rows(
    sources: pd.DataFrame | None, graded: Mapping[str, Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    if sources is None:
        return
    schema.require(sources, ["source_id"], by="register", name="published/sources.csv")
    for source in records(sources):
        name = str(source["source_id"])
        columns = {k: v for k, v in source.items() if k in _CHOICES or k == "derives_from"}
        if _word(columns.get("kind")) not in KINDS:
            columns["kind"] = source.get("evidence_kind")  # `kind` may say primary or secondary
        own = _merged(columns, graded.get(name, {}), name)
        title = ", ".join(
            part for key in ("publisher", "title", "date") if (part := _word(source.get(key)))
        )
        yield {
            **_row(own, name, title, source.get("url")),
            "kind": _word(own.get("kind")) or "contextual",
            "access": _word(own.get("access")) or "open",
            "basis": _word(own.get("basis")) or "reported",
            "capture": None,
            "sha256": None,
        }


def _row(own: Mapping[str, Any], name: Any, title: Any, url: Any) -> dict[str, Any]:
    return {
        "evidence_id": str(name),
        "title": _word(own.get("title")) or _word(title) or str(name),
        "reliability": _word(own.get("reliability")) or None,
        "credibility": _word(own.get("credibility")) or None,
        "derives_from": _upstream(own.get("derives_from")),
        "tlp": _word(own.get("tlp")) or "CLEAR",
        "source_url": defang(_word(url)) or None,
    }


def _merged(columns: Mapping[str, Any], grades: Mapping[str, Any], name: str) -> dict[str, Any]:
    for key in grades:
        if key not in GRADE_KEYS:
            hint = schema.nearest(str(key), GRADE_KEYS)
            raise ClaimError(
                f"unknown grade {key!r} of {name}",
                where="case.yaml, grades",
                remedy=f"did you mean {hint!r}?" if hint else f"known: {', '.join(GRADE_KEYS)}",
            )
    merged = {k: v for k, v in columns.items() if _word(v) or isinstance(v, list)} | dict(grades)
    for key, choices in _CHOICES.items():
        value = _word(merged.get(key))
        if value and value not in choices:
            raise ClaimError(
                f"{name} has {key} {value!r}",
                where="case.yaml, grades",
                remedy=f"one of: {', '.join(choices)}",
            )
    return merged


def _partner(name: str, own: Mapping[str, Any]) -> Mapping[str, Any]:
    given = own.get("partner")
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise ClaimError(
            f"'partner' of {name} takes keys and values",
            where="case.yaml, grades",
            remedy=f"known: {', '.join(PARTNER_KEYS)}",
        )
    for key in given:
        if key not in PARTNER_KEYS:
            hint = schema.nearest(str(key), PARTNER_KEYS)
            raise ClaimError(
                f"unknown key {key!r} of the partner assessment {name}",
                where="case.yaml, grades",
                remedy=f"did you mean {hint!r}?" if hint else f"known: {', '.join(PARTNER_KEYS)}",
            )
    for key in ("who", "asked", "saw", "label"):
        if not _word(given.get(key)):
            raise ClaimError(
                f"the partner assessment {name} does not say {key!r}",
                where="case.yaml, grades",
                remedy="who gave it, what they were asked, what they saw, and what they call it",
            )
    for key in ("nameable", "after_our_list"):
        if not isinstance(given.get(key), bool):
            raise ClaimError(
                f"the partner assessment {name} does not say {key!r}",
                where="case.yaml, grades",
                remedy=f"write `{key}: true` or `{key}: false`",
            )
    return given


def partner_assessments(
    graded: Mapping[str, Mapping[str, Any]], register: pd.DataFrame
) -> pd.DataFrame:
    """Return what partners assessed: who was asked what, what they saw, and what they call it.

    Parameters
    ----------
    graded : mapping
        ``grades:`` of case.yaml; an assessment is the block ``partner:`` of the item that holds it.
    register : DataFrame
        The table ``register``.

    Returns
    -------
    DataFrame
        evidence_id, who (empty where they are not to be named), asked, saw, label, origin_group.
        An assessment that was asked for with our own list has our own origin: it adds none.

    Raises
    ------
    ClaimError
        A key that is unknown or missing.
    """
    groups = dict(zip(register["evidence_id"], register["origin_group"], strict=True))
    rows = []
    for name, own in sorted(graded.items()):
        told = _partner(name, own)
        if told and name in groups:
            who = _word(told["who"]) if told["nameable"] else ""
            saw = [_word(told[key]) for key in ("asked", "saw", "label")]
            rows.append((name, who, *saw, groups[name]))
    return pd.DataFrame(
        rows, columns=["evidence_id", "who", "asked", "saw", "label", "origin_group"]
    )


def _word(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):  # noqa: PLR0124
        return ""
    return str(value).strip()


def _upstream(value: Any) -> list[str]:
    given = value if isinstance(value, (list, tuple)) else _word(value).split(";")
    return sorted({word for one in given if (word := _word(one))})


def origin_groups(derives_from: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return the origin group of each item that names where it comes from.

    Upstream sources are followed to their roots; a root that is not in the register is an origin
    too. An item that repeats several origins carries them all, joined by ``" + "``, and is no
    bridge between them: a press review does not turn two independent reports into one.

    Parameters
    ----------
    derives_from : mapping
        Item -> ids it goes back to; empty where it is a source of its own.

    Examples
    --------
    >>> origin_groups({"AP": ["GR"], "NPR": ["AP"], "GR": [], "MS": []})
    {'AP': 'GR', 'NPR': 'GR'}
    """
    upstream = {name: sorted(set(ids)) for name, ids in derives_from.items()}
    return {name: " + ".join(_roots(name, upstream)) for name, ids in upstream.items() if ids}


def _roots(name: str, upstream: Mapping[str, list[str]]) -> list[str]:
    seen, waiting, roots = {name}, list(upstream[name]), set()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        further = upstream.get(one) or []
        waiting += further
        if not further:
            roots.add(one)
    # Sources that only cite each other have no root: the circle is one origin.
    return sorted(roots) or [min(seen)]


def independent_origins(groups: Iterable[str]) -> list[str]:
    """Return the origins that count as independent among the groups of the cited items.

    Examples
    --------
    >>> independent_origins(["GR", "GR", "GR + MS"])
    ['GR']
    """
    counted: list[str] = []
    covered: set[str] = set()
    for group in sorted(set(groups), key=lambda g: (g.count(" + "), g)):
        parts = set(group.split(" + "))
        if not parts & covered:
            counted.append(group)
        covered |= parts
    return counted


def diagonal_share(register: pd.DataFrame) -> pd.DataFrame:
    """Return how many items have each grade, and how many of them lie on the diagonal A1 ... E5.

    F and 6 are missing data. A share near the reference of 87 % says that the two grades were not
    entered independently of each other.

    Returns
    -------
    DataFrame
        grade, graded, on: items of this grade, and those on the diagonal.
    """
    known = register[
        register["reliability"].isin(list("ABCDE")) & register["credibility"].isin(list("12345"))
    ]
    counts = (known["reliability"] + known["credibility"]).value_counts().sort_index()
    diagonal = {f"{letter}{digit}" for letter, digit in zip("ABCDE", "12345", strict=True)}
    return pd.DataFrame(
        [(str(g), int(n), int(n) if g in diagonal else 0) for g, n in counts.items()],
        columns=["grade", "graded", "on"],
    )


def check_grades(
    register: pd.DataFrame, graded: Mapping[str, Mapping[str, Any]] | None = None
) -> list[str]:
    """Return what is wrong with the grades, one sentence each.

    Credibility 1 means *confirmed by other sources*: ``confirmed_by`` must name an item of an
    independent origin. A typed note is nobody's capture: it cannot be more than possibly true.
    """
    groups = dict(zip(register["evidence_id"], register["origin_group"], strict=True))
    problems = []
    for row in records(register):
        name, own = row["evidence_id"], [row["origin_group"]]
        confirming = _upstream((graded or {}).get(name, {}).get("confirmed_by"))
        others = [groups[c] for c in confirming if c in groups]
        if row["credibility"] == "1" and len(independent_origins(own + others)) < 2:
            problems.append(
                f"{name} has credibility 1, which means confirmed by another source: name an item "
                "of another origin group in `confirmed_by`, or grade it 2"
            )
        if row["capture"] == "typed" and row["credibility"] in ("1", "2"):
            problems.append(
                f"{name} is a typed note with credibility {row['credibility']}: add a capture, or "
                "grade it 3 or lower"
            )
    return problems


def evidence_grid(register: pd.DataFrame) -> pd.DataFrame:
    """Return the 3 x 3 grid of kind and access: items, and independent origins, in each cell."""
    rows = []
    for kind in KINDS:
        for access in ACCESSES:
            cell = register[(register["kind"] == kind) & (register["access"] == access)]
            rows.append(
                {
                    "kind": kind,
                    "access": access,
                    "items": len(cell),
                    "testable": int((cell["basis"] == "testable").sum()),
                    "origins": len(independent_origins(cell["origin_group"])),
                }
            )
    return pd.DataFrame(rows)
