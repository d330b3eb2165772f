"""The tables of the public edition, from which the numbers of its report are computed again.

Each table answers one kind of question and holds no more than that takes. A row has a number that
is its own table's, so that rows of two tables cannot be put together, and what a person decided
about an account never stands in a row with what can be looked up in its posts.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook.attribution.sentences import PLACEHOLDER
from casebook.attribution.values import COORDINATED, SYNCHRONY, plain, shown
from casebook.report.crowd import FEWEST
from casebook.report.verify import filled, flat, recomputed, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from casebook.attribution.values import Value

    Tables = Mapping[str, pd.DataFrame]

NUMBERS = "numbers.json"
FEW = f"fewer than {FEWEST} accounts"
QUESTIONS = (
    "shows a signal that counts",
    "in a pair in synchrony",
    "in a pair in synchrony with a known or reviewed account",
    "in a coordinated cluster",
)


def public_tables(tables: Tables, key: bytes) -> dict[str, pd.DataFrame]:
    """Return the tables of the public edition by name.

    Parameters
    ----------
    tables : mapping
        The tables of the case.
    key : bytes
        Secret of the case, which the numbers of rows are made with.

    Returns
    -------
    dict
        ``accounts`` (role, and a person's verdict), ``platforms``, ``records`` (how much was
        collected of whom), ``signals``, ``assessed``, ``rates``, ``members`` (who is part of
        what), ``pairs``, ``clusters``, ``narratives``, ``reuse``, ``words``; only those for which
        there is something.
    """
    made: dict[str, Callable[[Tables, bytes], pd.DataFrame]] = {
        "accounts": _accounts, "platforms": _platforms, "records": _records,
        "signals": _signals, "assessed": _assessed, "rates": _rates, "members": _members,
        "pairs": _pairs, "clusters": _clusters, "narratives": _narratives, "reuse": _reuse,
        "words": _words,
    }  # fmt: skip
    given = {n: f for n, f in tables.items() if f is not None and not f.empty}
    if "accounts" not in given:
        return {}
    found = {name: maker(given, key) for name, maker in made.items()}
    return {name: frame for name, frame in found.items() if not frame.empty}


def row_number(key: bytes, table: str, what: str) -> str:
    """Return the number of a row: the same each time, another in each table and each case."""
    return hmac.new(key, f"{table}:{what}".encode(), hashlib.sha256).hexdigest()[:12]


def _frame(rows: Iterable[Sequence[Any]], *columns: str) -> pd.DataFrame:
    """Return rows in an order that says nothing about where they come from."""
    return pd.DataFrame(sorted(rows, key=lambda r: tuple(map(str, r))), columns=list(columns))


def _roles(tables: Tables) -> dict[str, str]:
    accounts = tables["accounts"]
    return dict(zip(accounts["account"], accounts["role"].fillna(""), strict=True))


def _accounts(tables: Tables, key: bytes) -> pd.DataFrame:
    judged: dict[str, str] = {}
    if "verdicts" in tables:
        verdicts = tables["verdicts"]
        judged = dict(zip(verdicts["account"], verdicts["verdict"].fillna(""), strict=True))
    rows = (
        (row_number(key, "accounts", a), role, judged.get(a, "") if role == "persona" else "")
        for a, role in _roles(tables).items()
    )
    return _frame(rows, "account", "role", "verdict")


def _platforms(tables: Tables, key: bytes) -> pd.DataFrame:
    """Return on how many platforms the accounts are; on which, where it has enough of them."""
    accounts = tables["accounts"].dropna(subset=["role", "platform"])
    counts = Counter(zip(accounts["role"], accounts["platform"], strict=True))
    rows = []
    for (role, platform), n in counts.items():
        told = (platform, n) if n >= FEWEST else ("", 0)
        rows.append((role, row_number(key, "platforms", str(platform)), *told))
    return _frame(rows, "role", "platform", "name", "accounts")


def _records(tables: Tables, _key: bytes) -> pd.DataFrame:
    roles = _roles(tables)
    held = pd.Series(roles).value_counts()
    rows: list[tuple[str, str, int, int, str, str]] = []
    for name, moment in (("posts", "created_at"), ("snapshots", "captured_at")):
        if name not in tables:
            continue
        frame = tables[name]
        if name == "posts":
            frame = frame[~frame["embedded"].fillna(value=False).astype(bool)]
        of = frame["account"].map(roles).fillna("").replace("", "not said")
        # How much one or two accounts posted is not told: it stands with what is nobody's.
        few = {r for r, n in held.items() if n < FEWEST}
        for role, part in frame.groupby(of.where(~of.isin(few), "not said"), sort=True):
            times = part[moment].dropna()
            days = (f"{t:%Y-%m-%d}" for t in (times.min(), times.max())) if len(times) else ("", "")
            n = int(part["account"].nunique())
            # Of two roles of which one has few accounts, the other's count would tell them.
            rows.append((name, str(role), len(part), n if n >= FEWEST else 0, *days))
    return _frame(rows, "record", "role", "rows", "accounts", "first", "last")


def _counted_signals(tables: Tables) -> pd.DataFrame:
    signals, roles = tables["signals"], _roles(tables)
    counted = signals["counted"].fillna(value=False).astype(bool)
    under_review = signals["account"].map(roles).eq("persona")
    return signals[under_review & counted & signals["shown"].eq("shown")]


def _signals(tables: Tables, _key: bytes) -> pd.DataFrame:
    if "signals" not in tables:
        return pd.DataFrame()
    counted = _counted_signals(tables)
    rows: list[tuple[str, int, int]] = []
    few = 0
    for name in sorted(set(tables["signals"]["signal"].dropna())):
        part = counted[counted["signal"] == name]
        n = int(part["account"].nunique())
        if 0 < n < FEWEST:
            few += len(part)
        else:
            rows.append((str(name), len(part), n))
    rows += [(FEW, few, 0)] if few else []
    return _frame(rows, "signal", "rows", "accounts")


def _assessed(tables: Tables, _key: bytes) -> pd.DataFrame:
    if "signals" not in tables:
        return pd.DataFrame()
    signals = tables["signals"]
    able = set(signals.loc[signals["shown"] != "not assessable", "signal"])
    names = sorted(set(signals["signal"].dropna()))
    return _frame([(n, "yes" if n in able else "no") for n in names], "signal", "assessed")


def _narratives(tables: Tables, _key: bytes) -> pd.DataFrame:
    """Return how often each entry of the codebook occurs, those that three accounts use or more."""
    if "coded" not in tables:
        return pd.DataFrame()
    coded, roles = tables["coded"], _roles(tables)
    ours = coded[coded["account"].map(roles).eq("persona")]
    rows = [
        (str(code), int(part["post"].nunique()), int(part["account"].nunique()))
        for code, part in ours.groupby("code", sort=True)
    ]
    return _frame([r for r in rows if r[2] >= FEWEST], "entry", "posts", "accounts")


def _reuse(tables: Tables, _key: bytes) -> pd.DataFrame:
    if "reuse" not in tables:
        return pd.DataFrame()
    reuse = tables["reuse"]
    kinds = zip(reuse["layer"], reuse["reference"] > 0, strict=True)
    counts = Counter((str(layer), "yes" if theirs else "no") for layer, theirs in kinds)
    rows = [(layer, theirs, n) for (layer, theirs), n in counts.items()]
    return _frame(rows, "layer", "posted_by_reference_accounts", "objects")


def _words(tables: Tables, _key: bytes) -> pd.DataFrame:
    if "distinctive_words" not in tables:
        return pd.DataFrame()
    words = tables["distinctive_words"]
    counts = Counter("yes" if beyond else "no" for beyond in words["z"] > words["bar"])
    return _frame(counts.items(), "beyond_chance", "words")


def _rates(tables: Tables, _key: bytes) -> pd.DataFrame:
    if "signals" not in tables:
        return pd.DataFrame()
    rows = []
    for name, part in tables["signals"].groupby("signal", sort=True):
        known = part.dropna(subset=["reference_rate"])
        if known.empty:
            continue
        n = int(known["reference_n"].iloc[0])
        rows.append((str(name), round(float(known["reference_rate"].iloc[0]) * n), n))
    return _frame(rows, "signal", "shown", "assessed")


def _members(tables: Tables, key: bytes) -> pd.DataFrame:
    """Return who is part of what, a question at a time; what one or two share is left out."""
    roles = _roles(tables)
    asked: dict[str, set[str]] = {}
    if "signals" in tables:
        asked[QUESTIONS[0]] = set(_counted_signals(tables)["account"])
    if "edges" in tables:
        edges = tables["edges"]
        fast = edges[edges["finding"] == SYNCHRONY]
        ends = [set(zip(fast["source"], fast["target"], strict=True))]
        asked[QUESTIONS[1]] = {a for pair in ends[0] for a in pair}
        asked[QUESTIONS[2]] = {
            a for pair in ends[0] if {roles.get(p) for p in pair} == {"persona", "known"}
            for a in pair
        }  # fmt: skip
    if "clusters" in tables:
        asked[QUESTIONS[3]] = set(_watched(tables)["account"])
    rows: list[tuple[str, str, str]] = []
    for question, accounts in asked.items():
        by_role: dict[str, list[str]] = {}
        for account in accounts:
            by_role.setdefault(roles.get(account) or "not said", []).append(account)
        few = [a for some in by_role.values() if len(some) < FEWEST for a in some]
        told = {r: some for r, some in by_role.items() if len(some) >= FEWEST}
        told |= {"not said": few} if len(few) >= FEWEST else {}
        rows += [
            (question, row_number(key, question, a), role)
            for role, some in told.items()
            for a in some
        ]
    return _frame(rows, "question", "account", "role")


def _pairs(tables: Tables, key: bytes) -> pd.DataFrame:
    """Return the pairs that chance does not explain: who they are is told by roles alone."""
    if "edges" not in tables:
        return pd.DataFrame()
    roles, edges = _roles(tables), tables["edges"]
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for finding in (SYNCHRONY, "shared attention"):
        part = edges[edges["finding"] == finding]
        for a, b in set(zip(part["source"], part["target"], strict=True)):
            of = " and ".join(sorted((roles.get(a) or "not said", roles.get(b) or "not said")))
            found.setdefault((finding, of), set()).add((a, b))
    rows = []
    for (finding, of), pairs in found.items():
        few = len({a for pair in pairs for a in pair}) < FEWEST
        kind = "not said" if few else of
        rows += [(row_number(key, f"pairs {finding}", f"{a} {b}"), finding, kind) for a, b in pairs]
    return _frame(rows, "pair", "finding", "roles")


def _watched(tables: Tables) -> pd.DataFrame:
    """Return the coordinated clusters that hold somebody under review, a row for each member."""
    clusters, roles = tables["clusters"], _roles(tables)
    real = clusters[clusters["label"].fillna("").str.startswith(COORDINATED)]
    ours = real.loc[real["account"].map(roles).eq("persona"), "cluster"]
    return real[real["cluster"].isin(ours)]


def _clusters(tables: Tables, _key: bytes) -> pd.DataFrame:
    if "clusters" not in tables:
        return pd.DataFrame()
    clusters, roles = tables["clusters"], _roles(tables)
    watched = set(_watched(tables)["cluster"])
    rows = []
    for name, part in clusters.groupby("cluster", sort=True):
        label = str(part["label"].iloc[0]) if part["label"].notna().any() else ""
        holds = "yes" if name in watched else "no"
        of = part["account"].map(roles).fillna("not said")
        counts = of.value_counts()
        few = int(counts[counts < FEWEST].sum())
        told = {str(r): int(n) for r, n in counts.items() if n >= FEWEST}
        told |= {"not said": few} if few else {}
        rows += [(str(name), label, holds, role, n) for role, n in told.items()]
    return _frame(rows, "cluster", "label", "holds_accounts_under_review", "role", "accounts")


# -- how each number is computed again ------------------------------------------------------------


def recipes(tables: Tables) -> dict[str, dict[str, Any]]:
    """Return how each named value is computed from the public tables, by name.

    A recipe names a table, the rows (column -> values), and what is taken of them: ``rows``,
    ``sum``, ``distinct``, ``min``, ``max`` or ``ratio``, with the columns that takes.
    """
    roles = {
        "personas": "persona", "known_accounts": "known", "reference_accounts": "reference",
        "bystanders": "bystander",
    }  # fmt: skip
    found = {name: _recipe("accounts", "rows", role=role) for name, role in roles.items()}
    found["accounts"] = _recipe("accounts", "rows")
    found["platforms"] = _recipe("platforms", "distinct", "platform", role="persona")
    for platform in sorted(set(tables["accounts"]["platform"].dropna())):
        word = plain(platform)
        found[f"personas_{word}"] = _recipe(
            "platforms", "sum", "accounts", role="persona", name=str(platform)
        )
    found["snapshots"] = _recipe("records", "sum", "rows", record="snapshots", role="persona")
    found["posts"] = _recipe("records", "sum", "rows", record="posts")
    for name in ("persona", "known", "reference"):
        found[f"{name}_posts"] = _recipe("records", "sum", "rows", record="posts", role=name)
    for name, take, column in (("first_post", "min", "first"), ("last_post", "max", "last")):
        found[name] = _recipe("records", take, column, record="posts", role="persona")
    found["posting_accounts"] = _recipe("records", "sum", "accounts", record="posts")
    found["signals_assessed"] = _recipe("assessed", "rows", assessed="yes")
    found["signals_shown"] = _recipe("signals", "sum", "rows")
    found["personas_with_signals"] = _recipe("members", "rows", question=QUESTIONS[0])
    for signal in sorted(set(tables["signals"]["signal"])) if "signals" in tables else []:
        name = plain(signal)
        found[f"signal_{name}"] = _recipe("signals", "sum", "accounts", signal=str(signal))
        found[f"rate_{name}"] = _recipe("rates", "ratio", "shown", "assessed", signal=str(signal))
    for name, verdict in (
        ("inauthentic", "assessed inauthentic"), ("suspected", "suspected"),
        ("undetermined", "undetermined"), ("authentic", "authentic"),
    ):  # fmt: skip
        found[f"verdict_{name}"] = _recipe("accounts", "rows", role="persona", verdict=verdict)
    pairs = {
        "synchrony_pairs": {"finding": SYNCHRONY},
        "persona_pairs": {"finding": SYNCHRONY, "roles": "persona and persona"},
        "known_ties": {"finding": SYNCHRONY, "roles": "known and persona"},
        "attention_pairs": {"finding": "shared attention"},
    }
    found |= {name: _recipe("pairs", "distinct", "pair", **where) for name, where in pairs.items()}
    members = {
        "synchrony_accounts": {"question": QUESTIONS[1]},
        "synchrony_personas": {"question": QUESTIONS[1], "role": "persona"},
        "synchrony_reference": {"question": QUESTIONS[1], "role": "reference"},
        "tied_personas": {"question": QUESTIONS[2], "role": "persona"},
        "tied_known": {"question": QUESTIONS[2], "role": "known"},
        "coordinated_accounts": {"question": QUESTIONS[3]},
        "coordinated_personas": {"question": QUESTIONS[3], "role": "persona"},
    }
    found |= {name: _recipe("members", "rows", **where) for name, where in members.items()}
    for code in sorted(set(tables["coded"]["code"])) if "coded" in tables else []:
        name = f"narrative_{plain(code)}"
        found[name] = _recipe("narratives", "sum", "posts", entry=str(code))
        found[f"{name}_accounts"] = _recipe("narratives", "sum", "accounts", entry=str(code))
    alone = {"posted_by_reference_accounts": "no"}
    reused = {
        "reused": {}, "reused_alone": alone, "reused_texts": {"layer": "text"},
        "reused_texts_alone": {"layer": "text", **alone},
    }  # fmt: skip
    found |= {name: _recipe("reuse", "sum", "objects", **where) for name, where in reused.items()}
    found["typical_words"] = _recipe("words", "sum", "words", beyond_chance="yes")
    found["clusters"] = _recipe(
        "clusters", "distinct", "cluster", holds_accounts_under_review="yes"
    )
    return found


def _recipe(table: str, take: str, *columns: str, **where: str) -> dict[str, Any]:
    return {"table": table, "where": where, "take": take, "columns": list(columns)}


def numbers(
    values: Mapping[str, Value],
    claims: Sequence[Mapping[str, Any]],
    printed: Mapping[str, str],
    *,
    cited: Iterable[str] = (),
    tables: Tables,
    public: Tables,
    language: str,
) -> dict[str, Any]:
    """Return every number that is bound to tables, how it is computed, and where it is printed.

    Parameters
    ----------
    values : mapping
        The named values of the case, those that claims define themselves included.
    claims : sequence of mapping
        The claims as they are written in claims.yaml.
    printed : mapping
        Claim -> its sentence as the edition prints it.
    cited : iterable of str
        Names of values that the report prints elsewhere, such as in its list of selections.
    tables, public : mapping
        The tables of the case, and those of the edition.
    language : str
        That of the report.

    Returns
    -------
    dict
        ``values`` with name, value, how it is printed, whether the report prints it at all, and
        ``recipe``, which is None where the tables of the edition do not give the value;
        ``sentences``, with names in place of numbers.
    """
    known = recipes(tables) if "accounts" in tables else {}
    rows = {name: _as_text(frame) for name, frame in public.items()}
    used = {*cited, *(m[1] for c in claims for m in PLACEHOLDER.finditer(str(c.get("text", ""))))}
    listed: list[dict[str, Any]] = []
    for name, value in sorted(values.items()):
        recipe = known.get(name)
        # What is left out for a few accounts' sake is said to be so, and never computed wrongly.
        if recipe is not None and not same(recomputed(rows, recipe), value.value):
            recipe = None
        listed.append(
            {
                "name": name,
                "value": value.value,
                "printed": shown(value.value, language=language),
                "meaning": value.meaning,
                "in_report": name in used,
                "recipe": recipe,
            }
        )
    sentences = [
        {"claim": str(c["id"]), "text": template}
        for c in claims
        if (
            template := _template(str(c.get("text", "")), printed.get(str(c.get("id")), ""), values)
        )
    ]
    given: dict[str, Any] = {v["name"]: v["value"] for v in listed}
    for sentence in sentences:
        if filled(sentence["text"], given, language) != printed[sentence["claim"]]:
            raise ValueError(f"claim {sentence['claim']} is not printed as it is computed")
    return {"values": listed, "sentences": sentences, "language": language}


def _as_text(frame: pd.DataFrame) -> list[dict[str, str]]:
    return [{str(k): str(v) for k, v in row.items()} for row in frame.to_dict("records")]


def _template(written: str, printed: str, values: Mapping[str, Value]) -> str:
    """Return a printed sentence with the names of its numbers in their places; "" without any."""
    written, whole = flat(written), flat(printed)
    names = list(PLACEHOLDER.finditer(written))
    if not any(m[1] in values for m in names) or whole != printed:
        return ""
    pattern, last = "", 0
    for match in names:
        pattern += re.escape(written[last : match.start()]) + "(.+?)"
        last = match.end()
    held = re.fullmatch(pattern + re.escape(written[last:]), whole)
    if held is None:
        return ""
    out, last = "", 0
    for match, told in zip(names, held.groups(), strict=True):
        out += written[last : match.start()]
        out += match[0] if match[1] in values else told
        last = match.end()
    return out + written[last:]
