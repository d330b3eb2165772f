"""What a report rests on: evidence items, published sources and facts, stored selections.

Every reference in the report leads to an entry here, and every entry says where it is cited.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from casebook import schema
from casebook.errors import CasebookError
from casebook.language import say, say_count, word
from casebook.text import defang, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd

    from casebook.attribution.values import Value
    from casebook.case import Case
    from casebook.report.references import Place, References

ROWS_NAMED = 5
"""Rows of a selection that are named one by one, to begin with."""
VALUES_FROM = (
    "accounts", "snapshots", "posts", "signals", "verdicts", "edges", "clusters", "coded",
    "distinctive_words", "reuse",
)  # fmt: skip
"""Tables that stored selections are counted in."""


def known_references(case: Case) -> dict[str, list[str]]:
    """Return the ids that can be cited in a case: items, sources, facts."""
    return {
        "items": list(case.evidence_items()["evidence_id"]),
        "sources": [row["source_id"] for row in _published(case, "sources", "source_id")],
        "facts": [row["fact_id"] for row in _published(case, "facts", "fact_id")],
    }


def evidence_register(case: Case, references: References) -> list[dict[str, Any]]:
    """Return one entry for each evidence item ever collected, the withdrawn ones too."""
    graded = _grades(case)
    return [
        _item(item, graded.get(str(item["evidence_id"]), {}), references)
        for item in case.evidence_items().to_dict("records")
    ]


def _grades(case: Case) -> dict[str, dict[str, Any]]:
    """Return the register of the attribution step by evidence id, where there is one."""
    if not case.has("register"):
        return {}
    rows: list[dict[Any, Any]] = case.read("register").to_dict("records")
    return {str(row["evidence_id"]): row for row in rows}


def _item(item: Any, graded: dict[str, Any], references: References) -> dict[str, Any]:
    evidence_id = str(item["evidence_id"])
    hidden = bool(item["confidential"])
    details = [
        (say("Role: {value}.", value=word(v)) if (v := _text(item["role"])) else ""),
        (say("Found by: {value}.", value=v) if (v := _text(item["found_by"])) else ""),
        (say("Capture: {value}.", value=word(v)) if (v := _text(item["capture"])) else ""),
        (say("From: {value}.", value=v) if (v := _text(item["source_url"])) else ""),
        (
            say("Kind: {value}.", value=word(v))
            if (v := _text(graded.get("kind")) or _text(item["kind"]))
            else ""
        ),
        (say("Origin: {value}.", value=v) if (v := _text(graded.get("origin_group"))) else ""),
    ]
    files = len(item["files"])
    live = item["status"] == "live"
    told = [
        say("Collected {when}.", when=item["collected_at"].strftime("%Y-%m-%d %H:%M UTC")),
        say(
            "Grade: {value}.",
            value=_grade({**item, **{k: v for k, v in graded.items() if _text(v)}}),
        ),
        *(details if not hidden else []),
        say("{n} files; the hash is that of the first.", n=files) if files > 1 else "",
    ]
    return {
        "id": evidence_id,
        "anchor": evidence_id,
        "title": say("A confidential item") if hidden else _text(item["title"]),
        "told": " ".join(filter(None, told)),
        "state": ""
        if live
        else say("{state}: {why}", state=word(str(item["status"])), why=_text(item["reason"])),
        "sha256": _text(item["sha256"]) or word("commitment only"),
        "cited": references.places(evidence_id),
    }


def _grade(item: dict[str, Any]) -> str:
    return _text(item.get("reliability")) + _text(item.get("credibility")) or word("not graded")


def published_sources(case: Case, references: References) -> list[dict[str, Any]]:
    """Return what others have published, addresses defanged."""
    return [
        {
            **{k: _text(row.get(k)) for k in ("title", "publisher", "date", "kind")},
            "id": row["source_id"],
            "anchor": f"source-{row['source_id']}",
            "url": " ; ".join(defang(u.strip()) for u in _text(row.get("url")).split(" ; ")),
            "cited": references.places(f"source-{row['source_id']}"),
        }
        for row in _published(case, "sources", "source_id")
    ]


def cited_facts(case: Case, references: References) -> list[dict[str, Any]]:
    """Return the published facts that the report cites, with their sources."""
    return [
        {
            "id": f"fact:{row['fact_id']}",
            "anchor": f"fact-{row['fact_id']}",
            "statement": _text(row.get("statement")),
            "date": _text(row.get("date")),
            "sources": [
                (s.strip(), s.strip() in references.sources)
                for s in _text(row.get("sources")).split(";")
                if s.strip()
            ],
            "cited": references.places(f"fact-{row['fact_id']}"),
        }
        for row in _published(case, "facts", "fact_id")
        if references.places(f"fact-{row['fact_id']}")
    ]


def cited_selections(
    case: Case, references: References, *, named: int = ROWS_NAMED
) -> list[dict[str, Any]]:
    """Return the stored selections that the report cites: what was counted, and in which rows.

    The first ``named`` rows are told one by one, the others counted by evidence item.
    """
    prefix = "selection-"
    names = [a.removeprefix(prefix) for a in references.cited if a.startswith(prefix)]
    values = values_of(case) if names else {}
    return [
        _selection(name, values.get(name), references.places(prefix + name), named)
        for name in names
    ]


def _selection(
    name: str, value: Value | None, cited: Sequence[Place], named: int
) -> dict[str, Any]:
    from casebook.attribution.values import shown

    entry: dict[str, Any] = {
        "id": f"selection:{name}",
        "anchor": f"selection-{name}",
        "cited": cited,
        "told": say("not known: no table of this case holds it"),
        "head": "",
        "rows": [],
        "more": "",
    }
    if value is None:
        return entry
    first = list(value.rows[:named])
    rest = Counter(row.partition(":")[0] for row in value.rows[named:])
    more = [
        say("{count} in {item}", count=count, item=item) for item, count in sorted(rest.items())
    ]
    return {
        **entry,
        "told": say(
            "{value}: {meaning}",
            value=visible(shown(value.value)),
            meaning=visible(word(value.meaning)),
        ),
        "head": say("Rows of the table {table}:", table=word(value.table))
        if value.table
        else say("Rows:"),
        "rows": first,
        "more": say("and {more}", more=", ".join(more)) if more and first else ", ".join(more),
    }


def indicators(case: Case, cleared: Iterable[str] | None = None) -> list[tuple[str, str]]:
    """Return what others can look for, kind by kind: accounts, addresses, hashtags, hashes.

    Accounts are those that a person judged suspected or inauthentic. Addresses, hashtags and files
    are those that two of them or more carried, and no reference account did.

    Parameters
    ----------
    case : Case
    cleared : iterable of str, optional
        Accounts that may be named, in a public edition: these alone are told, and nothing that
        leads to others.
    """
    from casebook.stix import listed_accounts

    people = listed_accounts(case)
    if cleared is not None:
        people = people[people["account"].isin(set(cleared))]
    if people.empty:
        return []
    named = people["handle"].fillna(people["account_id"]) + " · " + people["platform"].astype(str)
    told = [(say_count("{n} account", "{n} accounts", len(people)), list(named.dropna()))]
    if cleared is None:
        for (one, many), found in _carried(case, set(people["account"])):
            told.append((say_count(one, many, len(found)), found))
    return [(kind, visible(", ".join(found))) for kind, found in told if found]


def _carried(case: Case, accounts: set[str]) -> Iterator[tuple[tuple[str, str], list[str]]]:
    """Yield what two accounts or more carried and no reference account: addresses, tags, files."""
    roles = case.read("accounts").set_index("account")["role"]
    posts = case.read("posts")
    for forms, column in (
        (("{n} address", "{n} addresses"), "urls"),
        (("{n} hashtag", "{n} hashtags"), "hashtags"),
    ):
        held = posts[["account", column]].explode(column).dropna().drop_duplicates()
        found = _theirs(held.rename(columns={column: "value"}), accounts, roles)
        yield forms, [defang(v) if column == "urls" else f"#{v}" for v in found]
    if case.has("media"):
        held = case.read("media")[["account", "sha256"]].dropna().drop_duplicates()
        found = _theirs(held.rename(columns={"sha256": "value"}), accounts, roles)
        yield ("{n} file, by its SHA-256", "{n} files, by their SHA-256"), found


def _theirs(held: pd.DataFrame, accounts: set[str], roles: pd.Series) -> list[str]:
    others = set(held.loc[held["account"].map(roles) == "reference", "value"])
    own = held[held["account"].isin(accounts)]
    counts = own.groupby("value")["account"].nunique()
    return sorted(str(v) for v in counts.index[counts >= 2] if v not in others)


def values_of(case: Case) -> dict[str, Value]:
    """Return the named values of the case, and those that its claims define themselves."""
    from casebook.attribution.values import named_values, selection

    tables = {name: case.read(name) for name in VALUES_FROM if case.has(name)}
    found = named_values(tables)
    for claim in case.claims():
        described = claim.get("values")
        for name, one in (described if isinstance(described, dict) else {}).items():
            try:
                found[str(name)] = selection(str(name), one, tables)
            except CasebookError:
                # The rules have named it already, on the first page.
                continue
    return found


def _published(case: Case, name: str, key: str) -> list[dict[str, str]]:
    if not case.has_published(name):
        return []
    table: pd.DataFrame = case.published(name)
    schema.require(table, [key], by="report", name=f"published/{name}.csv")
    return [{str(k): str(v) for k, v in row.items()} for row in table.to_dict("records")]


def _text(value: Any) -> str:
    return visible(value) if isinstance(value, str) else ""
