"""Named networks, published indicators, and what earlier findings become in this case.

A match with a published list says that two lists share an entry. It attributes nothing: sharing
or engaging with an operation's content is insufficient without corroborating evidence.

References
----------
Meta, threat-research README: indicators need corroboration.
"""

from __future__ import annotations

import difflib
import unicodedata
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pandas as pd

from casebook.attribution.values import records
from casebook.text import defang, refang

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casebook.attribution.values import Value

MATCH_COLUMNS = (
    "account", "role", "what", "value", "indicator", "network", "match", "evidence",
)  # fmt: skip
NEAR_RATIO = 0.9
"""Handles this similar are near matches: one character in ten. They are leads, no evidence."""
NEAR_LENGTH = 6
"""Shorter names are similar by chance."""
MANY_TENANTS = frozenset(
    {
        "x.com", "twitter.com", "t.co", "facebook.com", "instagram.com", "youtube.com",
        "youtu.be", "tiktok.com", "reddit.com", "medium.com", "blogspot.com", "wordpress.com",
        "tumblr.com", "pinterest.com", "livejournal.com", "vk.com", "t.me", "telegram.me",
        "bit.ly", "tinyurl.com", "google.com", "quora.com", "vimeo.com", "linkedin.com",
        "github.com", "flickr.com", "soundcloud.com", "weebly.com", "wixsite.com",
    }
)  # fmt: skip
"""Sites with millions of authors: sharing the host says nothing."""
VERDICTS = ("confirmed", "overstated", "other event", "only here")
OUTCOMES = ("reproduced", "extended", "contradicted", "not reproduced", "not testable here")


def networks_table(networks: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the named networks of a case with their aliases and the look-alikes kept apart."""
    rows = [
        {
            "network": str(n.get("name", "")),
            "aliases": [str(a) for a in n.get("aliases") or []],
            "attributed_by": str(n.get("attributed_by") or ""),
            "not_to_be_merged_with": [str(a) for a in n.get("look_alikes") or []],
            "note": str(n.get("note") or ""),
        }
        for n in networks
    ]
    return pd.DataFrame(
        rows, columns=["network", "aliases", "attributed_by", "not_to_be_merged_with", "note"]
    )


def network_of(name: str, networks: Iterable[Mapping[str, Any]]) -> str | None:
    """Return the network that goes by a name or an alias; a look-alike is not it.

    Examples
    --------
    >>> known = [{"name": "A", "aliases": ["Alpha"], "look_alikes": ["A-2"]}]
    >>> network_of("alpha", known), network_of("A-2", known)
    ('A', None)
    """
    wanted = name.strip().casefold()
    for network in networks:
        names = [network.get("name", ""), *(network.get("aliases") or [])]
        if wanted in {str(n).casefold() for n in names}:
            return str(network["name"])
    return None


def indicator_matches(
    accounts: pd.DataFrame, posts: pd.DataFrame, indicators: pd.DataFrame
) -> pd.DataFrame:
    """Return where the case and published indicator lists share an entry.

    Exact: the same handle on the same platform, the same account id, the same address after
    normalising, the same domain of its own (not a site with many authors). Near: a handle of six
    characters or more that differs in about one character in ten, or a headline that does. Near
    handles are looked for among the accounts under review alone: a bystander with a similar name
    is nobody's lead.

    Parameters
    ----------
    accounts, posts, indicators : DataFrame
        Tables of those names. Originals inside reposts are left out.

    Returns
    -------
    DataFrame
        account, role, what (handle, account, url, domain, text), value, indicator (defanged),
        network, match (exact or near), evidence (row references of both sides).
    """
    if indicators.empty:
        return pd.DataFrame(columns=list(MATCH_COLUMNS))
    found = [*_handle_matches(accounts, indicators), *_link_matches(accounts, posts, indicators)]
    frame = pd.DataFrame(found, columns=list(MATCH_COLUMNS))
    return frame.sort_values(
        ["match", "what", "account", "value", "indicator"], kind="stable", ignore_index=True
    )


def _reference(row: Mapping[str, Any]) -> str:
    return f"{row['evidence_id']}:{row['source_line']}"


def _handle_matches(accounts: pd.DataFrame, indicators: pd.DataFrame) -> list[dict[str, Any]]:
    listed: dict[str, list[dict[str, Any]]] = {}
    ids: dict[str, list[dict[str, Any]]] = {}
    for row in records(indicators[indicators["kind"].isin(["handle", "account"])]):
        value = str(row["value"]).lstrip("@").lower()
        listed.setdefault(value, []).append(row)
        ids.setdefault(str(row["value"]), []).append(row)
    found = []
    long = [v for v in sorted(listed) if len(v) >= NEAR_LENGTH]
    candidates = accounts[~accounts["role"].isin(["bystander"])]
    listing_items = set(indicators["evidence_id"].dropna())
    for account in records(candidates):
        if account["evidence_id"] in listing_items:
            continue  # an account that came from the list itself matches it by definition
        handle = _plain(account["handle"])
        number = _plain(account["account_id"], lower=False)
        found += [_match(account, row, "account", number, "exact") for row in ids.get(number, [])]
        if handle in listed:
            found += [
                _match(account, row, "handle", handle, "exact")
                for row in listed[handle]
                if _same_platform(account, row)
            ]
        elif len(handle) >= NEAR_LENGTH and account["role"] == "persona":
            close = difflib.get_close_matches(handle, long, n=1, cutoff=NEAR_RATIO)
            found += [
                _match(account, r, "handle", handle, "near") for c in close for r in listed[c]
            ]
    return found


def _same_platform(account: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    said = _plain(row.get("platform"))
    names = {"twitter": "x", "x (twitter)": "x"}
    return not said or names.get(said, said) == _plain(account["platform"])


def _plain(value: Any, *, lower: bool = True) -> str:
    text = "" if value is None or value is pd.NA else str(value)
    return text.lower() if lower else text


def _match(
    account: Mapping[str, Any], row: Mapping[str, Any], what: str, value: str, kind: str
) -> dict[str, Any]:
    return {
        "account": account["account"],
        "role": account["role"],
        "what": what,
        "value": value,
        "indicator": defang(str(row["indicator"])),
        "network": _plain(row.get("network"), lower=False),
        "match": kind,
        "evidence": [_reference(account), _reference(row)],
    }


def _address(url: str) -> str:
    parts = urlsplit(
        refang(url.strip()) if "://" in refang(url) else f"https://{refang(url.strip())}"
    )
    host = (parts.hostname or "").removeprefix("www.")
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{parts.path.rstrip('/')}{query}"


def _safe_address(url: str) -> str:
    try:
        return _address(url)
    except ValueError:  # a bracketed host that is no address
        return url.strip().lower()


def _link_matches(
    accounts: pd.DataFrame, posts: pd.DataFrame, indicators: pd.DataFrame
) -> list[dict[str, Any]]:
    role_of = dict(zip(accounts["account"], accounts["role"], strict=True))
    urls, domains, texts = _listed_links(indicators)
    if not (urls or domains or texts) or posts.empty:
        return []
    own = posts[~posts["embedded"].fillna(value=False).astype(bool)]
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    columns = ["account", "urls", "text", "evidence_id", "source_line"]
    for row in records(own[columns]):
        for hit, what, value in _post_hits(row, urls, domains, texts):
            key = (_plain(row["account"], lower=False), what, value)
            if key in found:
                found[key]["evidence"].append(_reference(row))
                continue
            account = {**row, "role": role_of.get(row["account"], "bystander")}
            found[key] = _match(account, hit, what, defang(value), "exact")
    return list(found.values())


_Listed = dict[str, dict[str, Any]]


def _listed_links(indicators: pd.DataFrame) -> tuple[_Listed, _Listed, _Listed]:
    urls: _Listed = {}
    domains: _Listed = {}
    texts: _Listed = {}
    for row in records(indicators):
        if row["kind"] == "url":
            urls.setdefault(_safe_address(str(row["value"])), row)
        elif row["kind"] == "domain":
            host = _safe_address(str(row["value"])).split("/")[0]
            if host not in MANY_TENANTS:
                domains.setdefault(host, row)
        elif row["kind"] == "text" and len(str(row["value"]).split()) >= 5:
            texts.setdefault(_folded(str(row["value"])), row)
    return urls, domains, texts


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _post_hits(
    row: Mapping[str, Any], urls: _Listed, domains: _Listed, texts: _Listed
) -> Iterable[tuple[dict[str, Any], str, str]]:
    for url in row["urls"]:
        address = _safe_address(str(url))
        host = address.split("/")[0].split("?")[0]
        if address in urls and "/" in address:
            yield urls[address], "url", address
        elif host in domains:
            yield domains[host], "domain", host
    text = _folded(_plain(row["text"], lower=False)) if texts else ""
    for wanted, hit in texts.items():
        if wanted in text:
            yield hit, "text", wanted


def fact_check(factcheck: pd.DataFrame | None, facts: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return each statement of a published story beside what its sources say.

    Parameters
    ----------
    factcheck : DataFrame or None
        ``published/factcheck.csv``: id, statement, verdict, facts (ids), published (what the
        sources say), trap (words that together repeat an overstatement).
    facts : DataFrame, optional
        Published facts, for their sources.

    Returns
    -------
    DataFrame
        id, statement, verdict, published, sources; overstated and other events first.
    """
    sources = {} if facts is None else dict(zip(facts["fact_id"], facts["sources"], strict=True))
    order = {"overstated": 0, "other event": 1, "only here": 2, "confirmed": 3}
    rows = [
        {
            "id": row["id"],
            "statement": row["statement"],
            "verdict": row["verdict"],
            "published": row["published"],
            "facts": row["facts"].replace(";", ", "),
            "sources": ", ".join(
                sorted(
                    {s for f in row["facts"].split(";") for s in sources.get(f, "").split(";") if s}
                )
            ),
        }
        for row in ([] if factcheck is None else records(factcheck))
    ]
    frame = pd.DataFrame(
        rows, columns=["id", "statement", "verdict", "published", "facts", "sources"]
    )
    return frame.sort_values(
        "verdict", key=lambda v: v.map(order).fillna(9), kind="stable", ignore_index=True
    )


REPRODUCIBLE: dict[str, tuple[str, str]] = {
    "G02": ("personas", "accounts under review"),
    "G16": ("signal_patriotic_tokens", "personas with such words"),
    "G17": ("signal_patriotic_tokens", "personas with such words"),
    "G18": ("synchrony_pairs", "pairs faster than chance explains"),
    "G20": ("known_ties", "ties in time to known accounts"),
    "I02": ("signal_dormancy_switch", "personas that fell silent and changed language"),
}
"""Published findings that a case's own tables can test: fact -> named value."""


def corroboration(
    facts: pd.DataFrame | None,
    values: Mapping[str, Value],
    *,
    synthetic: bool,
    judged: Mapping[str, str] | None = None,
    tests: Mapping[str, tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """Return each published finding with what this case adds to it.

    Outcomes: reproduced, not reproduced, not testable here; extended and contradicted are a
    person's judgement. Synthetic records test nothing about the world, so with them every finding
    stays *not testable here*, and the column ``exercise`` says what the invented records show.

    Parameters
    ----------
    facts : DataFrame or None
        fact_id, group, statement, date, sources, sure.
    values : mapping
        Named values of the case.
    synthetic : bool
        Whether the records are invented.
    judged : mapping, optional
        fact id -> outcome that a reviewer recorded; it wins.
    tests : mapping, optional
        fact id -> (named value, words).
    """
    wanted = REPRODUCIBLE if tests is None else tests
    rows = []
    for fact in [] if facts is None else records(facts):
        name, meaning = wanted.get(str(fact["fact_id"]), ("", ""))
        value = values[name].value if name in values else None
        outcome, exercise = "not testable here", ""
        if isinstance(value, (int, float)):
            exercise = f"{value:,} {meaning}"
            if not synthetic:
                outcome = "reproduced" if value else "not reproduced"
        if not synthetic and (judged or {}).get(str(fact["fact_id"])) in OUTCOMES:
            outcome = (judged or {})[str(fact["fact_id"])]
        rows.append(
            {
                "fact": fact["fact_id"],
                "published": fact["statement"],
                "sources": str(fact["sources"]).replace(";", ", "),
                "outcome": outcome,
                "exercise" if synthetic else "here": exercise or "–",
            }
        )
    return pd.DataFrame(
        rows,
        columns=["fact", "published", "sources", "outcome", "exercise" if synthetic else "here"],
    )
