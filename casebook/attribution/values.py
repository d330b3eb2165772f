"""Named values: the numbers a claim may use, each with the rows it was counted from.

A claim never types a number. It writes ``{{ personas }}``, and cites ``selection:personas``; both
resolve here, so that the text and the tables cannot drift apart.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook import schema
from casebook.errors import ClaimError
from casebook.language import NARROW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Tables = Mapping[str, pd.DataFrame]

CLAIM_TABLES = (
    "accounts", "snapshots", "posts", "media", "indicators", "signals", "verdicts", "line_ups",
    "edges", "clusters", "coded", "distinctive_words", "reuse",
)  # fmt: skip
"""The tables a claim may rest on."""
SYNCHRONY = "synchrony"
COORDINATED = "coordinated"
SELECTION_KEYS = ("count", "distinct", "where")
_REFERENCE = re.compile(r"(E\d{4,}):(\d+)")


@dataclass(frozen=True)
class Value:
    """One named value.

    Attributes
    ----------
    name : str
    value : int, float, str or None
        None where it cannot be assessed.
    meaning : str
        What was counted, in words.
    table : str
        The table it was counted in.
    rows : tuple of str
        Row references of what was counted, sorted.
    """

    name: str
    value: int | float | str | None
    meaning: str
    table: str
    rows: tuple[str, ...] = ()


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as dicts, with text for column names."""
    rows: list[dict[str, Any]] = frame.to_dict("records")  # type: ignore[assignment]
    return rows


def named_values(tables: Tables) -> dict[str, Value]:
    """Return the named values of a case, computed from the tables there are.

    Parameters
    ----------
    tables : mapping
        Table name -> DataFrame: accounts, snapshots, posts, signals, verdicts, edges, clusters,
        coded, distinctive_words, reuse, and ``matches`` where published indicators were compared.
        Absent tables give no values.
    """
    given = {name: frame for name, frame in tables.items() if frame is not None}
    found = [
        *_account_values(given),
        *_post_values(given),
        *_signal_values(given),
        *_verdict_values(given),
        *_edge_values(given),
        *_cluster_values(given),
        *_narrative_values(given),
        *_match_values(given),
    ]
    return {value.name: value for value in found}


def plain(name: Any) -> str:
    """Return a name as it stands in the name of a value.

    Examples
    --------
    >>> plain("zone-mismatch")
    'zone_mismatch'
    """
    return re.sub(r"\W+", "_", str(name)).strip("_").lower()


def values_table(values: Mapping[str, Value]) -> pd.DataFrame:
    """Return the named values as a table: name, value, meaning, rows counted."""
    return pd.DataFrame(
        [
            {"name": v.name, "value": shown(v.value), "meaning": v.meaning, "rows": len(v.rows)}
            for v in values.values()
        ],
        columns=["name", "value", "meaning", "rows"],
    )


def shown(value: float | str | None, form: str = "", language: str = "en") -> str:
    r"""Return a value as a sentence prints it.

    Examples
    --------
    >>> shown(12345), shown(12345, language="fr"), shown(0.873, "percent"), shown(None)
    ('12,345', '12\u202f345', '87 %', 'not assessable')
    """
    if value is None:
        return "not assessable" if language == "en" else "non évaluable"
    if isinstance(value, str):
        return value
    if form == "percent":
        return f"{100 * value:.0f}{NARROW if language == 'fr' else ' '}%"
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
    return text if language == "en" else text.replace(",", "\u202f").replace(".", ",")


def row_references(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the row references of a table: its own lines, or those its rows list as evidence."""
    if frame.empty:
        return ()
    if "source_line" in frame.columns:
        held = frame[frame["evidence_id"].notna() & frame["source_line"].notna()]
        lines = zip(held["evidence_id"], held["source_line"], strict=True)
        found = {f"{e}:{int(n)}" for e, n in lines}
    else:
        column = "evidence" if "evidence" in frame.columns else None
        found = {r for refs in frame[column] for r in refs} if column else set()
    return tuple(sorted(found, key=_by_line))


def _by_line(reference: str) -> tuple[str, int]:
    match = _REFERENCE.fullmatch(reference)
    return (match[1], int(match[2])) if match else (reference, 0)


def _of(
    name: str, value: float | str | None, meaning: str, table: str, frame: pd.DataFrame
) -> Value:
    return Value(name, value, meaning, table, row_references(frame))


def _role(tables: Tables, role: str) -> set[str]:
    accounts = tables.get("accounts")
    return set() if accounts is None else set(accounts.loc[accounts["role"] == role, "account"])


_ROLE_NAMES = (
    ("personas", "persona", "accounts under review"),
    ("known_accounts", "known", "accounts attributed by others"),
    ("reference_accounts", "reference", "ordinary accounts for comparison"),
    ("bystanders", "bystander", "other accounts that appear in the files"),
)


def _account_values(tables: Tables) -> list[Value]:
    accounts = tables.get("accounts")
    if accounts is None:
        return []
    found = [_of("accounts", len(accounts), "accounts", "accounts", accounts)]
    for name, role, meaning in _ROLE_NAMES:
        part = accounts[accounts["role"] == role]
        found.append(_of(name, len(part), meaning, "accounts", part))
    review = accounts[accounts["role"] == "persona"]
    platforms = int(review["platform"].nunique())
    found.append(
        _of("platforms", platforms, "platforms of accounts under review", "accounts", review)
    )
    for platform, part in review.groupby("platform", sort=True):
        word = plain(platform)
        meaning = f"accounts under review on {platform}"
        found.append(_of(f"personas_{word}", len(part), meaning, "accounts", part))
    if (snapshots := tables.get("snapshots")) is not None:
        part = snapshots[snapshots["account"].isin(_role(tables, "persona"))]
        meaning = "dated profiles of accounts under review"
        found.append(_of("snapshots", len(part), meaning, "snapshots", part))
    return found


def _post_values(tables: Tables) -> list[Value]:
    posts = tables.get("posts")
    if posts is None:
        return []
    own = posts[~posts["embedded"].fillna(value=False).astype(bool)]
    # A case holds too many posts to cite them all one by one: the whole is cited by its first row
    # of each file, and `cited_hash` covers the count.
    found = [
        Value("posts", len(own), "posts, originals inside reposts left out", "posts", _firsts(own))
    ]
    found.append(
        Value(
            "posting_accounts",
            int(own["account"].nunique()),
            "accounts with a post",
            "posts",
            _firsts(own),
        )
    )
    for name, role in (("persona", "persona"), ("known", "known"), ("reference", "reference")):
        part = own[own["account"].isin(_role(tables, role))]
        meaning = f"posts by {role} accounts"
        rows = row_references(part) if role == "persona" else _firsts(part)
        found.append(Value(f"{name}_posts", len(part), meaning, "posts", rows))
        if role == "persona":
            times = part["created_at"].dropna()
            for end, moment in (("first_post", times.min()), ("last_post", times.max())):
                day = f"{moment:%Y-%m-%d}" if len(times) else None
                found.append(Value(end, day, f"{end[:-5]} post by a persona", "posts", rows))
            found.append(_most_viewed(part))
    return found


def _most_viewed(posts: pd.DataFrame) -> Value:
    known = posts[posts["views"].notna()]
    top = known.sort_values("views", ascending=False, kind="stable").head(1)
    views = int(top["views"].iloc[0]) if len(top) else None
    return _of("most_views", views, "views of the persona post seen most", "posts", top)


def _firsts(frame: pd.DataFrame) -> tuple[str, ...]:
    return row_references(frame.drop_duplicates("evidence_id"))


def _signal_values(tables: Tables) -> list[Value]:
    signals = tables.get("signals")
    if signals is None:
        return []
    counted = signals[
        (signals["shown"] == "shown")
        & signals["counted"].fillna(value=False).astype(bool)
        & signals["account"].isin(_role(tables, "persona"))
    ]
    holders = int(counted["account"].nunique())
    found = [
        _of("signals_shown", len(counted), "signals shown by personas", "signals", counted),
        _of("personas_with_signals", holders, "personas with a signal", "signals", counted),
        Value(
            "signals_assessed",
            int(signals.loc[signals["shown"] != "not assessable", "signal"].nunique()),
            "signals that can be assessed",
            "signals",
        ),
    ]
    for name, part in signals.groupby("signal", sort=True):
        own = counted[counted["signal"] == name]
        word = plain(name)
        n = int(own["account"].nunique())
        found.append(_of(f"signal_{word}", n, f"personas that show: {name}", "signals", own))
        rates = part["reference_rate"].dropna()
        rate = float(rates.iloc[0]) if len(rates) else None
        found.append(
            _of(f"rate_{word}", rate, f"reference accounts that show: {name}", "signals", own)
        )
    return found


_VERDICTS = {
    "verdict_inauthentic": "assessed inauthentic",
    "verdict_suspected": "suspected",
    "verdict_undetermined": "undetermined",
    "verdict_authentic": "authentic",
}


def _verdict_values(tables: Tables) -> list[Value]:
    verdicts = tables.get("verdicts")
    if verdicts is None:
        return []
    review = verdicts[verdicts["account"].isin(_role(tables, "persona"))]
    return [
        _of(name, int((review["verdict"] == word).sum()), f"personas judged {word}", "verdicts",
            review[review["verdict"] == word])
        for name, word in _VERDICTS.items()
    ]  # fmt: skip


def _pairs(edges: pd.DataFrame) -> int:
    return len(edges[["source", "target"]].drop_duplicates())


def _edge_values(tables: Tables) -> list[Value]:
    edges = tables.get("edges")
    if edges is None:
        return []
    fast = edges[edges["finding"] == SYNCHRONY]
    slow = edges[edges["finding"] == "shared attention"]
    ends = set(fast["source"]) | set(fast["target"])
    review, known = _role(tables, "persona"), _role(tables, "known")
    ties = fast[
        (fast["source"].isin(review) & fast["target"].isin(known))
        | (fast["source"].isin(known) & fast["target"].isin(review))
    ]
    tied = set(ties["source"]) | set(ties["target"])
    own = fast[fast["source"].isin(review) & fast["target"].isin(review)]
    counts = (
        ("synchrony_pairs", _pairs(fast), "pairs faster than chance explains", fast),
        (
            "persona_pairs",
            _pairs(own),
            "pairs of two accounts under review faster than chance explains",
            own,
        ),
        ("synchrony_accounts", len(ends), "accounts in a pair faster than chance explains", fast),
        (
            "synchrony_personas",
            len(ends & review),
            "personas in a pair faster than chance explains",
            fast,
        ),
        (
            "synchrony_reference",
            len(ends & _role(tables, "reference")),
            "reference accounts in a pair faster than chance explains",
            fast,
        ),
        ("attention_pairs", _pairs(slow), "pairs that only share attention", slow),
        (
            "known_ties",
            _pairs(ties),
            "pairs of a persona and a known account faster than chance explains",
            ties,
        ),
        ("tied_personas", len(tied & review), "personas tied to a known account", ties),
        ("tied_known", len(tied & known), "known accounts tied to a persona", ties),
    )
    found = [_of(name, n, meaning, "edges", part) for name, n, meaning, part in counts]
    lags = own["median_delay"].dropna()
    seconds = int(lags.median()) if len(lags) else None
    meaning = "seconds between two accounts under review on one object, median of such pairs"
    return [*found, _of("persona_delay", seconds, meaning, "edges", own)]


def _cluster_values(tables: Tables) -> list[Value]:
    clusters = tables.get("clusters")
    if clusters is None:
        return []
    real = clusters[clusters["label"].fillna("").str.startswith(COORDINATED)]
    # Fan clubs and newsrooms act together too: only groups with accounts under review count here.
    review = _role(tables, "persona")
    watched = real.loc[real["account"].isin(review), "cluster"]
    real = real[real["cluster"].isin(watched)]
    members = set(real["account"])
    rows: tuple[str, ...] = ()
    if (edges := tables.get("edges")) is not None:
        inside = edges["source"].isin(members) & edges["target"].isin(members)
        rows = row_references(edges[inside & (edges["finding"] == SYNCHRONY)])
    counts = (
        (
            "clusters",
            int(real["cluster"].nunique()),
            "clusters with accounts under review that act together",
        ),
        ("coordinated_accounts", len(members), "accounts in a cluster that acts together"),
        ("coordinated_personas", len(members & review), "personas in a cluster that acts together"),
    )
    return [Value(name, n, meaning, "clusters", rows) for name, n, meaning in counts]


def _narrative_values(tables: Tables) -> list[Value]:
    """Return what the accounts under review talk about, and what they put out alike."""
    found = []
    review = _role(tables, "persona")
    if (coded := tables.get("coded")) is not None:
        for code, part in coded[coded["account"].isin(review)].groupby("code", sort=True):
            name = f"narrative_{plain(code)}"
            posts, accounts = int(part["post"].nunique()), int(part["account"].nunique())
            found += [
                _of(name, posts, f"posts under review that hold a term of: {code}", "coded", part),
                _of(f"{name}_accounts", accounts,
                    f"accounts under review that use a term of: {code}", "coded", part),
            ]  # fmt: skip
    if (words := tables.get("distinctive_words")) is not None:
        beyond = words[words["z"] > words["bar"]]
        meaning = "words more typical of the accounts under review than chance gives"
        found.append(_of("typical_words", len(beyond), meaning, "distinctive_words", beyond))
    if (reuse := tables.get("reuse")) is not None:
        alone = reuse[reuse["reference"] == 0]
        counts = (
            ("reused", reuse, "texts, links and media that several accounts under review posted"),
            ("reused_alone", alone, "of these, what no reference account posted"),
            ("reused_texts", reuse[reuse["layer"] == "text"],
             "texts that several accounts under review posted"),
            ("reused_texts_alone", alone[alone["layer"] == "text"],
             "of these texts, those that no reference account posted"),
        )  # fmt: skip
        found += [_of(name, len(part), meaning, "reuse", part) for name, part, meaning in counts]
    return found


def _match_values(tables: Tables) -> list[Value]:
    matches = tables.get("matches")
    if matches is None:
        return []
    # A known account is on the list it is known from: only accounts under review say anything new.
    mine = matches[matches["role"] == "persona"]
    return [
        _of(f"indicator_{kind}", int((mine["match"] == kind).sum()),
            f"{kind} matches of accounts under review with published indicators", "indicators",
            mine[mine["match"] == kind])
        for kind in ("exact", "near")
    ]  # fmt: skip


def selection(name: str, described: Mapping[str, Any], tables: Tables) -> Value:
    """Return one value that a claim defines itself.

    Parameters
    ----------
    described : mapping
        ``count``: table; ``distinct``: column; ``where``: column -> value or list of values.
        ``role`` is known on every table with accounts.

    Raises
    ------
    ClaimError
        Unknown key, table or column.
    """
    if not isinstance(described, dict) or "count" not in described:
        raise ClaimError(
            f"the value {name!r} does not say what it counts",
            remedy="{count: posts, where: {role: persona, lang: zh}}",
        )
    for key in described:
        if key not in SELECTION_KEYS:
            raise ClaimError(
                f"unknown key {key!r} in the value {name!r}",
                remedy=f"known: {', '.join(SELECTION_KEYS)}",
            )
    table = str(described["count"])
    frame = tables.get(table)
    if frame is None:
        raise ClaimError(
            f"the value {name!r} counts {table!r}, a table this case does not have",
            remedy=f"tables there are: {', '.join(sorted(tables))}",
        )
    for column, wanted in (described.get("where") or {}).items():
        frame = _where(frame, table, str(column), wanted, tables)
    distinct = described.get("distinct")
    if distinct is not None:
        schema.require(frame, [str(distinct)], by=f"the value {name}", name=table)
    number = int(frame[str(distinct)].nunique()) if distinct else len(frame)
    return _of(name, number, f"{table} where {described.get('where') or 'all'}", table, frame)


def _where(
    frame: pd.DataFrame, table: str, column: str, wanted: Any, tables: Tables
) -> pd.DataFrame:
    choices = wanted if isinstance(wanted, list) else [wanted]
    if column == "role" and "role" not in frame.columns and "account" in frame.columns:
        members = set().union(*(_role(tables, str(c)) for c in choices))
        return frame[frame["account"].isin(members)]
    schema.require(frame, [column], by="a value of claims.yaml", name=table)
    return frame[frame[column].isin(choices)]


def cited_hash(
    references: Iterable[str], tables: Tables, printed: Iterable[Mapping[str, Any]] = ()
) -> str:
    """Return a hash over the cited rows as the tables hold them now.

    One changed character in a cited row changes it, and with it the claim that cites the row.

    Parameters
    ----------
    references : iterable of str
        Row references, evidence ids, source ids, ``fact:ID``.
    tables : mapping
        Record tables.
    printed : iterable of mapping
        What is cited and is no row of a record table: published facts, documents, sources.
    """
    wanted = sorted(set(references))
    digest = hashlib.sha256()
    for table in schema.RECORD_TABLES:
        frame = tables.get(table)
        if frame is None or frame.empty or not wanted:
            continue
        part = rows_of(frame, wanted)
        for row in part.sort_values(["evidence_id", "source_line"], kind="stable").itertuples(
            index=False
        ):
            digest.update(repr([str(cell) for cell in row]).encode("utf-8", "replace"))
    told = sorted(repr(sorted((str(k), str(v)) for k, v in one.items())) for one in printed)
    digest.update("\n".join([*wanted, *told]).encode("utf-8", "replace"))
    return digest.hexdigest()


def rows_of(frame: pd.DataFrame, references: Iterable[str]) -> pd.DataFrame:
    """Return the rows of a record table that the row references name."""
    pairs = [m.groups() for r in references if (m := _REFERENCE.fullmatch(r))]
    items = {item for item, _ in pairs}
    near = frame[frame["evidence_id"].isin(items)]
    lines = near["evidence_id"].astype(str) + ":" + near["source_line"].astype(str)
    return near[lines.isin({f"{item}:{line}" for item, line in pairs})]
