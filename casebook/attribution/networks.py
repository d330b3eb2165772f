"""Named networks, published indicators, and what earlier findings become in this case.

A match with a published list says that two lists share an entry. It attributes nothing: sharing
or engaging with an operation's content is insufficient without corroborating evidence.

References
----------
Meta, threat-research README: indicators need corroboration.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pandas as pd

from casebook.attribution.values import records
from casebook.errors import ClaimError
from casebook.schema import nearest
from casebook.text import defang, refang

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casebook.attribution.values import Value

MATCH_COLUMNS = (
    "account", "role", "what", "value", "indicator", "network", "match", "evidence",
)  # fmt: skip
NEAR_RATIO = 0.9
"""Handles this similar are near matches: one character in ten. They are leads, no evidence."""
_LINK = re.compile(r"h(?:tt|xx)ps?://\S+")
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


def networks_table(
    networks: Iterable[Mapping[str, Any]],
    accounts: pd.DataFrame | None = None,
    indicators: pd.DataFrame | None = None,
    register: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the named networks: their names, what of them is known here, and who is not them.

    Parameters
    ----------
    networks : iterable of mapping
        ``networks:`` of case.yaml; ``told_by`` says who uses a name or keeps a look-alike apart.
    accounts, indicators, register : DataFrame, optional
        Known accounts are counted by how they came into the case, listed entries by their item.

    Returns
    -------
    DataFrame
        network, what (name, known accounts, listed ..., asset, kept apart), value, by (a source or
        an organisation).
    """
    named = list(networks)
    rows: list[tuple[str, str, str, str]] = []
    for network in named:
        name, told = str(network.get("name", "")), dict(network.get("told_by") or {})
        rows.append((name, "name", name, str(network.get("attributed_by") or "")))
        for what, key in (("name", "aliases"), ("kept apart", "look_alikes")):
            rows += [(name, what, str(n), str(told.get(n, ""))) for n in network.get(key) or []]
        rows += [
            (name, what, value, by)
            for owner, what, value, by in _held(accounts, indicators, register)
            if owner == name or (not owner and len(named) == 1)
        ]
        for asset in network.get("assets") or []:
            by = str(asset.get("attributed_by") or "")
            rows.append((name, "asset", defang(str(asset.get("value", ""))), by))
    frame = pd.DataFrame(rows, columns=["network", "what", "value", "by"])
    last = frame["what"].eq("kept apart")
    return frame.assign(last=last).sort_values(
        ["network", "last"], kind="stable", ignore_index=True
    ).drop(columns="last")  # fmt: skip


def _held(
    accounts: pd.DataFrame | None,
    indicators: pd.DataFrame | None,
    register: pd.DataFrame | None,
) -> Iterable[tuple[str, str, str, str]]:
    """Yield what the case holds of attributed accounts: network, what, how many, told by whom."""
    groups = {} if register is None else dict(
        zip(register["evidence_id"], register["origin_group"], strict=True)
    )  # fmt: skip

    def by(item: object) -> str:
        origin = groups.get(item)
        return f"{item}, {origin}" if origin else str(item)

    if accounts is not None:
        known = accounts[accounts["role"] == "known"]
        for found_by, part in known.groupby(known["found_by"].fillna(""), sort=True):
            yield "", "known accounts", f"{len(part):,}", str(found_by)
    if indicators is not None and not indicators.empty:
        owners = indicators["network"].fillna("")
        for (owner, item, kind), part in indicators.groupby(
            [owners, "evidence_id", "kind"], sort=True
        ):
            yield str(owner), f"listed: {kind}", f"{len(part):,}", by(item)


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
    normalising, the same domain of its own (not a site with many authors), the same headline in a
    post. Near: a handle of six characters or more, or a post, that differs in about one character
    in ten from a handle or a headline. Near matches are looked for among the accounts under review
    alone: a bystander with a similar name is nobody's lead.

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
        account = {**row, "role": role_of.get(row["account"], "bystander")}
        hits = list(_post_hits(row, urls, domains, texts))
        if account["role"] == "persona" and not any(what == "text" for _, what, *_ in hits):
            hits += _near_headlines(row, texts)
        for hit, what, value, kind in hits:
            key = (_plain(row["account"], lower=False), what, value)
            if key in found:
                found[key]["evidence"].append(_reference(row))
                continue
            found[key] = _match(account, hit, what, defang(value), kind)
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
) -> Iterable[tuple[dict[str, Any], str, str, str]]:
    for url in row["urls"]:
        address = _safe_address(str(url))
        host = address.split("/")[0].split("?")[0]
        if address in urls and "/" in address:
            yield urls[address], "url", address, "exact"
        elif host in domains:
            yield domains[host], "domain", host, "exact"
    text = _folded(_plain(row["text"], lower=False)) if texts else ""
    for wanted, hit in texts.items():
        if wanted in text:
            yield hit, "text", wanted, "exact"


def _near_headlines(
    row: Mapping[str, Any], texts: _Listed
) -> list[tuple[dict[str, Any], str, str, str]]:
    """Return headlines that a post is, but for about one character in ten; its links aside."""
    text = _folded(_LINK.sub(" ", _plain(row["text"], lower=False))) if texts else ""
    words = set(text.split())
    return [
        (hit, "text", wanted, "near")
        for wanted, hit in texts.items()
        if len(words & set(wanted.split())) >= len(words) / 2
        and difflib.SequenceMatcher(None, text, wanted, autojunk=False).ratio() >= NEAR_RATIO
    ]


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


def judged_findings(judgements: pd.DataFrame) -> dict[str, str]:
    """Return what reviewers decided about published findings: fact id -> outcome.

    Judgements with the question ``corroboration`` and the subject ``fact:ID``. Where reviewers
    differ, none counts.

    Raises
    ------
    ClaimError
        An answer that is no outcome.
    """
    own = judgements[(judgements["question"] == "corroboration") & judgements["current"]]
    said: dict[str, set[str]] = {}
    for row in records(own):
        answer = str(row["answer"]).strip().lower()
        if answer not in OUTCOMES:
            hint = nearest(answer, OUTCOMES)
            raise ClaimError(
                f"{answer!r} is no outcome of a published finding",
                where=f"judgements/{row['reviewer']}.jsonl, line {row['seq']}",
                remedy=f"did you mean {hint!r}?" if hint else f"one of: {', '.join(OUTCOMES)}",
            )
        said.setdefault(str(row["subject"]).removeprefix("fact:"), set()).add(answer)
    return {fact: answers.pop() for fact, answers in said.items() if len(answers) == 1}


def corroboration(
    facts: pd.DataFrame | None,
    values: Mapping[str, Value],
    *,
    synthetic: bool,
    judged: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return each published finding with what this case adds to it.

    A fact says in its columns ``test`` which named value could test it, and in ``quantity`` the
    number that was published, where there is one. A finding is *reproduced* where the value is not
    nought, *extended* where it is more than was published, *not reproduced* where it is nought;
    *contradicted* is a person's judgement. Synthetic records test nothing about the world: with
    them every finding stays *not testable here*, and ``value`` says what the invented records show.

    Parameters
    ----------
    facts : DataFrame or None
        fact_id, group, statement, date, sources, sure, and where wanted test, quantity.
    values : mapping
        Named values of the case.
    synthetic : bool
        Whether the records are invented.
    judged : mapping, optional
        fact id -> outcome that reviewers recorded (`judged_findings`); it wins.

    Returns
    -------
    DataFrame
        fact, group, published, sources, outcome, by (computed or judged; empty where nothing was
        tested), value (of the test, NA where there is none), meaning (what was counted), quantity
        (published, NA where there is none).

    Raises
    ------
    ClaimError
        A test that is no named value, or a quantity that is no number.
    """
    rows = []
    for fact in [] if facts is None else records(facts):
        name = str(fact["fact_id"])
        test, quantity = _test_of(fact, values)
        outcome = _outcome(test, quantity)
        by = "" if outcome == "not testable here" else "computed"
        if (judged or {}).get(name):
            outcome, by = (judged or {})[name], "judged"
        if synthetic:
            outcome, by = "not testable here", ""
        rows.append(
            {
                "fact": name,
                "group": str(fact.get("group") or ""),
                "published": fact["statement"],
                "sources": str(fact["sources"]).replace(";", ", "),
                "outcome": outcome,
                "by": by,
                "value": None if test is None else test.value,
                "meaning": "" if test is None else test.meaning,
                "quantity": quantity,
            }
        )
    columns = ["fact", "group", "published", "sources", "outcome", "by", "value", "meaning",
               "quantity"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).astype({"value": "object", "quantity": "Float64"})


def _test_of(
    fact: Mapping[str, Any], values: Mapping[str, Value]
) -> tuple[Value | None, float | None]:
    name, number = (str(fact.get(key) or "").strip() for key in ("test", "quantity"))
    where = f"published/facts.csv, {fact['fact_id']}"
    if not name:
        return None, None
    if name not in values:
        if not values:
            return None, None
        hint = nearest(name, values)
        raise ClaimError(
            f"the test {name!r} is no named value",
            where=where,
            remedy=f"did you mean {hint!r}?" if hint else "see the named values",
        )
    try:
        return values[name], float(number) if number else None
    except ValueError:
        raise ClaimError(
            f"the quantity {number!r} is no number", where=where, remedy="write 15, or 1500000"
        ) from None


def _outcome(test: Value | None, published: float | None) -> str:
    if test is None or not isinstance(test.value, (int, float)):
        return "not testable here"
    if not test.value:
        return "not reproduced"
    return "extended" if published is not None and test.value > published else "reproduced"
