"""Posts and a codebook -> which post holds which terms, and how common that is.

A term is a whole word or a phrase. Width and case are folded, as are traditional and simplified
Chinese; nothing is stemmed or guessed, so that a reader of the codebook knows what was counted.
That a post holds a term says what it talks about, and neither what it says of it nor that it is
wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from casebook import schema
from casebook.fingerprints import tokens
from casebook.narratives.own import groups, own_posts
from casebook.rates import clustered_rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NARRATIVE, TARGET = "narrative", "target"
SHARES = ("code", "group", "stratum", "accounts", "using", "posts", "coded", "share", "low", "high")
MONTHLY = ("code", "group", "month", "posts", "coded")


class _Phrase(NamedTuple):
    """A term or an exclusion, cut into words."""

    words: tuple[str, ...]
    code: str
    term: str
    excluded: bool


def coded_posts(posts: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each post and each entry of the codebook whose terms it holds.

    Parameters
    ----------
    posts : DataFrame
        The table ``posts``. Reposts are left out: their words are somebody else's.
    codebook : DataFrame
        As `casebook.case.Case.codebook` returns it: code, kind, terms, exclusions.

    Returns
    -------
    DataFrame
        The table ``coded``. A term that overlaps one of its entry's exclusions is not counted
        there. A hashtag is one word.
    """
    own = own_posts(posts)
    own = own[own["text"].notna()]
    phrases = _phrases(codebook)
    if not phrases:
        return schema.empty("coded")
    kinds = dict(zip(codebook["code"], codebook["kind"], strict=True))
    rows: list[dict[str, Any]] = []
    read = ["post", "account", "text", "hashtags", "created_at", "row"]
    for post in own[read].to_dict("records"):
        # Some exports keep hashtags out of the text.
        said = [tokens(text) for text in (post["text"], *post["hashtags"])]
        found = _terms_in(said, phrases)
        rows += [
            {
                "post": post["post"],
                "account": post["account"],
                "code": code,
                "kind": kinds[code],
                "words": words,
                "created_at": post["created_at"],
                "evidence": [post["row"]],
            }
            for code, words in found.items()
        ]
    if not rows:
        return schema.empty("coded")
    return schema.check("coded", pd.DataFrame(rows))


def _phrases(codebook: pd.DataFrame) -> dict[str, list[_Phrase]]:
    """Return terms and exclusions by their first word."""
    by_first: dict[str, list[_Phrase]] = {}
    for code, terms, exclusions in zip(
        codebook["code"], codebook["terms"], codebook["exclusions"], strict=True
    ):
        for excluded, listed in ((False, terms), (True, exclusions)):
            for term in listed:
                words = tuple(tokens(term))
                by_first.setdefault(words[0], []).append(_Phrase(words, code, term, excluded))
    return by_first


def _terms_in(
    said: Iterable[list[str]], phrases: Mapping[str, list[_Phrase]]
) -> dict[str, list[str]]:
    """Return code -> its terms found in some texts, each once, in order."""
    out: dict[str, list[str]] = {}
    for words in said:
        for phrase in _found(words, phrases):
            listed = out.setdefault(phrase.code, [])
            if phrase.term not in listed:
                listed.append(phrase.term)
    return out


def _found(words: list[str], phrases: Mapping[str, list[_Phrase]]) -> list[_Phrase]:
    """Return the terms in a text that no exclusion rules out."""
    found: list[tuple[int, int, _Phrase]] = []
    for at, word in enumerate(words):
        for phrase in phrases.get(word, ()):
            end = at + len(phrase.words)
            if tuple(words[at:end]) == phrase.words:
                found.append((at, end, phrase))
    ruled_out = [(p.code, start, end) for start, end, p in found if p.excluded]
    return [
        phrase
        for start, end, phrase in found
        if not phrase.excluded
        and not any(c == phrase.code and start < e and s < end for c, s, e in ruled_out)
    ]


def code_shares(
    coded: pd.DataFrame, posts: pd.DataFrame, accounts: pd.DataFrame, codebook: pd.DataFrame
) -> pd.DataFrame:
    """Return how common each entry of the codebook is, by group.

    Parameters
    ----------
    coded, posts, accounts : DataFrame
        The tables of these names.
    codebook : DataFrame
        Its codes, in order.

    Returns
    -------
    DataFrame
        code, group (under review, ordinary, look-alikes), stratum (which look-alikes), accounts
        (with a text), using (accounts with a coded post), posts (with a text), coded, share, low
        and high (95 %). One row for each code and group in which there are texts.

    References
    ----------
    The interval is `casebook.rates.clustered_rate`: posts of one account are no independent posts.
    """
    own = own_posts(posts)
    written = own[own["text"].notna()].groupby("account").size()
    people = groups(accounts)
    people = people[people["account"].isin(written.index)].sort_values("account", kind="stable")
    hits = coded.groupby(["code", "account"]).size()
    rows = []
    for code in codebook["code"]:
        of_code = hits.loc[code] if code in hits.index.get_level_values(0) else hits.iloc[:0]
        for (group, stratum), part in people.groupby(["group", "stratum"], sort=True):
            n = [int(written[a]) for a in part["account"]]
            shown = [int(of_code.get(a, 0)) for a in part["account"]]
            share, low, high = clustered_rate(shown, n)
            rows.append(
                (code, group, stratum, len(n), sum(h > 0 for h in shown), sum(n), sum(shown),
                 share, low, high)
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(SHARES))


def monthly_shares(
    coded: pd.DataFrame, posts: pd.DataFrame, accounts: pd.DataFrame, codes: Iterable[str]
) -> pd.DataFrame:
    """Return for each month the share of a group's posts that hold a code.

    Returns
    -------
    DataFrame
        code, group, month (its first day), posts, coded, share (missing in a month without
        posts). Every month from the first to the last is there; look-alikes are left out.
    """
    own = own_posts(posts)
    own = own[own["text"].notna() & own["created_at"].notna()]
    people = groups(accounts).set_index("account")["group"]
    kept = {"under review", "ordinary"}
    table = own.assign(group=own["account"].map(people), month=_month(own["created_at"]))
    table = table[table["group"].isin(kept)]
    dated = coded[coded["created_at"].notna()]
    dated = dated.assign(group=dated["account"].map(people), month=_month(dated["created_at"]))
    if table.empty:
        return pd.DataFrame(columns=[*MONTHLY, "share"])
    first, last = table["month"].min(), table["month"].max()
    months = pd.date_range(first, last, freq="MS").strftime("%Y-%m-%d")
    every = pd.MultiIndex.from_product([sorted(table["group"].unique()), months],
                                       names=["group", "month"])  # fmt: skip
    count = table.groupby(["group", "month"]).size().rename("posts")
    all_posts = count.reindex(every, fill_value=0).reset_index()
    parts = []
    for code in codes:
        some = dated[dated["code"] == code].groupby(["group", "month"]).size().rename("coded")
        part = all_posts.merge(some.reset_index(), on=["group", "month"], how="left")
        parts.append(part.assign(code=code, coded=part["coded"].fillna(0).astype(int)))
    if not parts:
        return pd.DataFrame(columns=[*MONTHLY, "share"])
    whole = pd.concat(parts, ignore_index=True)[list(MONTHLY)]
    return whole.assign(share=whole["coded"] / whole["posts"].where(whole["posts"] > 0))


def _month(times: pd.Series) -> pd.Series:
    first: pd.Series = times.dt.strftime("%Y-%m-01")
    return first


def targets_by_code(coded: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return which targets the posts under review name along with which narrative.

    Parameters
    ----------
    coded, accounts : DataFrame
        The tables of these names.

    Returns
    -------
    DataFrame
        code (a narrative), target, posts (that hold both), of (posts that hold the narrative),
        accounts, evidence. Naming somebody is not speaking against them.
    """
    review = set(accounts.loc[accounts["role"] == "persona", "account"])
    ours = coded[coded["account"].isin(review)]
    told = ours[ours["kind"] == NARRATIVE]
    named = ours.loc[ours["kind"] == TARGET, ["post", "code"]].rename(columns={"code": "target"})
    of = {str(c): int(n) for c, n in told.groupby("code")["post"].nunique().items()}
    rows = [
        {
            "code": code,
            "target": target,
            "posts": int(part["post"].nunique()),
            "of": of[str(code)],
            "accounts": int(part["account"].nunique()),
            "evidence": [e for v in part["evidence"] for e in v],
        }
        for (code, target), part in told.merge(named, on="post").groupby(["code", "target"])
    ]
    names = ["code", "target", "posts", "of", "accounts", "evidence"]
    return pd.DataFrame(rows, columns=names)
