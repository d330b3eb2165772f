"""Accounts, posts and snapshots -> signals, each with how often ordinary accounts show it.

Every measure runs on all accounts alike, so that the reference rate is measured and not assumed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from casebook import objects, schema
from casebook.errors import TableError
from casebook.language import say, say_count, word
from casebook.personas.catalogue import CATALOGUE, STRENGTHS
from casebook.personas.episodes import EARLIER, Records, of_one_account, without_owner
from casebook.personas.look_alikes import (
    BURST_DAYS,
    BURST_FLOOR,
    MIN_KIND,
    burst_shares,
    compared,
    largest_burst,
    p_words,
)
from casebook.personas.rhythm import (
    MIN_REFERENCE_POSTS,
    OFFICE,
    ZONE_FLOOR,
    counted,
    daily_rhythm,
    fit_zone,
    hours_utc,
    notch,
)
from casebook.rates import jeffreys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MIN_REFERENCE = 50
"""Fewer reference accounts tell no rate."""
MOST_EVIDENCE = 20
GAP_DAYS = 90
MOST_POSTS = 0.8
"""Share of an account's posts that must be collected to know its first one."""
BIO_SIMILARITY = 0.6
LONGEST_NAME, SHORTEST_NAME, SHORTEST_TEMPLATE = 3, 3, 8
"""Words; letters (below is an initial or a number); words around the name."""
FALL, FALL_SHARE = 10, 0.1
"""Posts, and share of them, by which a counter must fall: counters waver."""
SLOTS, SLOT_FLOOR, SLOT_P, SLOT_POSTS = 12, 0.25, 1e-4, 60
EVEN = -0.3
"""Burstiness below which intervals are more even than chance; a Poisson process has 0."""
NOTCH_FLOOR, NOTCH_DRAWS, NOTCH_POSTS = 0.1, 200, 200
CLAIMS = ("claimed_age", "claimed_place", "claimed_occupation", "claimed_service")

_DEFAULT_HANDLE = re.compile(r"[A-Za-z][A-Za-z_]*\d{5,}")
_PATRIOTIC = re.compile(
    r"\b(?:america\w*|usa|u\.s\.a|patriot\w*|veteran\w*|maga)\b|\U0001F1FA\U0001F1F8", re.IGNORECASE
)
_SCRIPTS = {
    "Japanese": re.compile("[\u3040-\u30ff]"),
    "Korean": re.compile("[\uac00-\ud7af]"),
    "Chinese": re.compile("[\u3400-\u4dbf\u4e00-\u9fff]"),
    "Cyrillic": re.compile("[\u0400-\u04ff]"),
    "Arabic": re.compile("[\u0600-\u06ff]"),
    "Hebrew": re.compile("[\u0590-\u05ff]"),
    "Greek": re.compile("[\u0370-\u03ff]"),
    "Devanagari": re.compile("[\u0900-\u097f]"),
    "Thai": re.compile("[\u0e00-\u0e7f]"),
}
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_LINK_OR_NAME = re.compile(r"https?://\S+|[@#]\w+")
_WORD = re.compile(r"\w[\w'’-]*")
_MODEL = re.compile(
    r"\bas an? (?:ai|artificial intelligence)(?: language)? (?:model|assistant)\b"
    r"|\bas a large language model\b|\bi(?:'m| am) (?:just )?an ai (?:language )?model\b"
    r"|作[为為]一?[个個]?(?:ai|人工智[能慧])?大?(?:[语語]言)?模型",
    re.IGNORECASE,
)
_OFFICE_WORD = re.compile(
    r"(?:^|_)(?:gov|rnc|dnc|gop|senate|congress|mayor|ministry|embassy|police|official)(?:_|$)"
    r"|(?:_|[a-z])(?:GOV|RNC|DNC|GOP)$",
)
_FULL_WIDTH = re.compile("[\uff08\uff09\uff0c\u3002\u300a\u300b\uff1a\uff1b\uff01\uff1f\u3001]")


@dataclass
class Inputs:
    """The tables a signal reads, and what several of them need."""

    accounts: pd.DataFrame
    posts: pd.DataFrame
    snapshots: pd.DataFrame
    media: pd.DataFrame
    claimed_zone: float
    seed: int = 20240903

    @cached_property
    def own(self) -> pd.DataFrame:
        """Posts collected for themselves, in time, with their row reference."""
        posts = self.posts[~self.posts["embedded"].fillna(False).astype(bool)]
        posts = posts[posts["account"].isin(self.accounts["account"])]
        row = posts["evidence_id"] + ":" + posts["source_line"].astype("string")
        return posts.assign(row=row).iloc[in_time(posts["account"], posts["created_at"], row)]

    @cached_property
    def original(self) -> pd.DataFrame:
        """Own words: no repost, not cut; with the column ``script``."""
        own = self.own
        cut = own["text_truncated"].fillna(False).astype(bool)
        repost = own["is_repost"].fillna(False).astype(bool)
        kept = own[~cut & ~repost & own["text"].notna()]
        return kept.assign(script=kept["text"].map(script))

    def rests_on(self, account: str, family: str) -> list[str]:
        """Return the rows that a signal was read from where its measure does not name them.

        The profile for what an account says of itself, else its first posts in this collection.
        """
        profile = self._profiles.get(account, [])
        if family in {"identity", "technical"}:
            return profile
        return self._first_posts.get(account) or profile

    @cached_property
    def _profiles(self) -> dict[str, list[str]]:
        table = self.accounts.dropna(subset=["evidence_id", "source_line"])
        rows = table["evidence_id"] + ":" + table["source_line"].astype("string")
        return {a: [str(r)] for a, r in zip(table["account"], rows, strict=True)}

    @cached_property
    def _first_posts(self) -> dict[str, list[str]]:
        own = self.own[self.own["account"].isin(self.personas)]
        first = own.groupby("account", sort=True).head(MOST_EVIDENCE)
        return {str(a): list(part["row"]) for a, part in first.groupby("account", sort=True)}

    @cached_property
    def texts(self) -> pd.DataFrame:
        """Acts on texts that are alike, from `casebook.objects.events`."""
        return objects.events(self.original, layers=["text"])

    @cached_property
    def hours(self) -> pd.DataFrame:
        """Account, hour (UTC) and weekday of each dated post, as from `hours_utc`."""
        return hours_utc(self.own)

    @cached_property
    def _hours_of_the_week(self) -> pd.DataFrame:
        """Posts that are no reposts, by account and hour of the week, UTC."""
        written = hours_utc(self.own[~self.own["is_repost"].fillna(False).astype(bool)])
        return counted(written["account"], 24 * written["weekday"] + written["hour"], 168)

    def own_hours(self, accounts: pd.Index) -> pd.DataFrame:
        """Return the posts of some accounts by hour of the week, without reposts.

        When somebody writes is theirs; when they share follows the hours of those they share.
        """
        table = self._hours_of_the_week
        return table[table.index.isin(accounts)]

    @cached_property
    def rhythms(self) -> dict[str, np.ndarray]:
        """Name -> share of posts by local hour; none where too little ordinary is known."""
        theirs = self.hours[self.hours["account"].isin(self.ordinary)]
        if len(theirs) < MIN_REFERENCE_POSTS:
            return {}
        usual = word("the daily rhythm of the reference accounts")
        return {usual: daily_rhythm(theirs, self.claimed_zone), word("office hours"): OFFICE}

    @cached_property
    def log_reactions(self) -> pd.Series:
        """Account -> mean logarithm of 1 + reactions to a post."""
        known = self.own.dropna(subset=["likes"])
        logs: pd.Series = np.log1p(reactions(known))
        return logs.groupby(known["account"]).mean()

    @cached_property
    def kinds(self) -> dict[str, pd.Index]:
        """Kind of reference accounts, ordinary ones first -> its accounts."""
        theirs = self.accounts[self.accounts["role"] == "reference"]
        stratum = theirs["stratum"].fillna("ordinary").astype(str)
        found = {
            kind: pd.Index(part)
            for kind, part in theirs["account"].groupby(stratum, sort=True)
            if len(part) >= MIN_KIND
        }
        return dict(sorted(found.items(), key=lambda item: item[0] != "ordinary"))

    @cached_property
    def ordinary(self) -> pd.Series:
        """Keys of the reference accounts that are of no kind of look-alikes."""
        plain = self.accounts["stratum"].fillna("ordinary") == "ordinary"
        return self.accounts.loc[(self.accounts["role"] == "reference") & plain, "account"]

    @cached_property
    def personas(self) -> pd.Series:
        """Keys of the accounts under review."""
        return self.accounts.loc[self.accounts["role"] == "persona", "account"]

    @cached_property
    def reference(self) -> pd.Series:
        """Keys of the reference accounts."""
        return self.accounts.loc[self.accounts["role"] == "reference", "account"]


def in_time(account: pd.Series, created: pd.Series, row: pd.Series) -> np.ndarray:
    """Return the order by account, time and row reference; posts without a date come last.

    Row references are long, and tell posts apart only where account and time do not.
    """
    who, _ = pd.factorize(account, sort=True)
    at = created.astype("datetime64[us, UTC]").astype("int64").to_numpy()
    when = np.where(created.isna(), np.iinfo(np.int64).max, at)
    order = np.lexsort((when, who))
    same = (np.diff(who[order]) == 0) & (np.diff(when[order]) == 0)
    tied = np.flatnonzero(np.r_[False, same] | np.r_[same, False])
    several = order[tied]
    name, _ = pd.factorize(row.iloc[several], sort=True)
    order[tied] = several[np.lexsort((name, when[several], who[several]))]
    return order


def signals(
    accounts: pd.DataFrame,
    posts: pd.DataFrame,
    snapshots: pd.DataFrame,
    media: pd.DataFrame | None = None,
    *,
    claimed_zone: float = -5,
    episodes: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return one row per account under review and signal, with the rate among reference accounts.

    An account that changed hands has a row for each owner and signal.

    Parameters
    ----------
    accounts, posts, snapshots, media : DataFrame
        The record tables.
    claimed_zone : float
        Hours from UTC where the accounts claim to be.
    episodes : DataFrame, optional
        Owner periods: account, episode, from, to; as from `casebook.case.Case.episodes`. What an
        earlier owner shows is printed and never counted, and stays out of what is measured on the
        group.

    Returns
    -------
    DataFrame
        The table ``signals``. ``shown`` is shown, not shown or not assessable, with the reason.
        ``counted`` is false where the account was picked because of the signal, and for earlier
        owners.

    Raises
    ------
    TableError
        Where the zone is none.
    """
    if not -12 <= claimed_zone <= 14:
        raise TableError(f"claimed_zone is {claimed_zone}", remedy="give hours from UTC, -12 to 14")
    wanted = accounts["role"].isin(["persona", "reference"])
    if not wanted.any():
        return schema.empty("signals")
    pictures = schema.empty("media") if media is None else media
    records = Records(accounts[wanted], posts, snapshots, pictures).by_owner(episodes)
    inputs = Inputs(records.accounts, records.posts, records.snapshots, records.media, claimed_zone)
    measured = [_rated(inputs, name, measure(inputs)) for name, measure in MEASURES.items()]
    frame = pd.concat(measured, ignore_index=True) if measured else schema.empty("signals")
    order = {name: rank for rank, name in enumerate(CATALOGUE)}
    frame["_order"] = frame["signal"].map(order)
    frame["account"], frame["episode"] = without_owner(frame["account"])
    frame = frame.sort_values(["account", "episode", "_order"], kind="stable").drop(
        columns="_order"
    )
    return schema.check("signals", frame)


def _rated(inputs: Inputs, name: str, measured: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the accounts under review, with the rate among the others."""
    signal = CATALOGUE[name]
    whole = inputs.accounts[["account", "role", "stratum", "selected_on"]].merge(
        measured, on="account", how="left"
    )
    whole["shown"] = whole["shown"].astype("boolean")
    whole["reason"] = (
        whole["reason"].astype("string").fillna(say("it takes {needs}", needs=say(signal.needs)))
    )
    reference = whole[(whole["role"] == "reference") & whole["shown"].notna()]
    ordinary = reference[reference["stratum"].fillna("ordinary") == "ordinary"]
    n, shown = len(ordinary), int(ordinary["shown"].sum())
    known = n >= MIN_REFERENCE
    low, high = jeffreys(shown, n) if n else (np.nan, np.nan)
    strata = reference.groupby("stratum")["shown"].agg(["mean", "size"])
    # Of equals a look-alike stratum is named: that there was one to compare with matters.
    strata = (
        strata[strata["size"] >= 5]
        .assign(plain=lambda s: s.index == "ordinary")
        .sort_values(["mean", "plain"], ascending=[False, True], kind="stable")
    )
    persona = whole[whole["role"].isin(["persona", EARLIER])]
    picked = [
        name in v or role == EARLIER
        for v, role in zip(persona["selected_on"], persona["role"], strict=True)
    ]
    beside = compared(inputs, name, whole.set_index("account")["shown"])
    return pd.DataFrame(
        {
            "account": persona["account"],
            "signal": name,
            "family": signal.family,
            "value": persona["value"],
            "unit": signal.unit,
            "shown": persona["shown"]
            .map({True: "shown", False: "not shown"})
            .fillna("not assessable"),
            "reason": persona["reason"],
            "reference_rate": shown / n if n else np.nan,
            "reference_low": low,
            "reference_high": high,
            "reference_n": n,
            "worst_stratum": strata.index[0] if len(strata) else None,
            "worst_rate": float(strata["mean"].iloc[0]) if len(strata) else np.nan,
            "apart_from": [beside.apart_from] * len(persona),
            "alike": [beside.alike] * len(persona),
            "figures": [beside.figures] * len(persona),
            "strength": signal.strength if known or name in _NEEDS_NO_REFERENCE else STRENGTHS[0],
            "basis": "testable",
            "counted": [
                bool(s) and not p and not signal.never_counts
                for s, p in zip(persona["shown"].fillna(False), picked, strict=True)
            ],
            "evidence": [
                _listed(named) or inputs.rests_on(account, signal.family)
                for account, named in zip(persona["account"], persona["evidence"], strict=True)
            ],
        }
    )


_NEEDS_NO_REFERENCE = ("contradiction-of-claims", "reused-image")
"""These speak for themselves: a profile contradicts itself, two pictures are the same bytes."""


def _result(
    account: Iterable[Any],
    value: Any,
    shown: Any,
    reason: Any,
    evidence: Any = None,
) -> pd.DataFrame:
    frame = pd.DataFrame({"account": list(account)})
    frame["value"] = value if not isinstance(value, pd.Series) else value.to_numpy()
    frame["shown"] = shown if not isinstance(shown, pd.Series) else shown.to_numpy()
    frame["reason"] = reason if not isinstance(reason, pd.Series) else reason.to_numpy()
    frame["evidence"] = [[]] * len(frame) if evidence is None else list(evidence)
    kinds = {"account": "string", "value": "float64", "shown": "boolean", "reason": "object"}
    return frame.astype(kinds)


def _listed(value: Any) -> list[str]:
    """Return row references as a list, whatever kind of list a column made of them."""
    return [str(v) for v in value] if pd.api.types.is_list_like(value) else []


def _rows(frame: pd.DataFrame) -> pd.Series:
    """Return the row references of some rows, a list for each account."""
    return frame.groupby("account")["row"].agg(lambda v: list(v)[:MOST_EVIDENCE])


# -- identity -------------------------------------------------------------------------------------


TYPED = schema.CAPTURES[0]


def _contradiction(inputs: Inputs) -> pd.DataFrame:
    coded = inputs.snapshots[inputs.snapshots["account"].isin(inputs.accounts["account"])].dropna(
        subset=list(CLAIMS), how="all"
    )
    # What an analyst typed from memory can contradict itself without the account doing so.
    typed = coded.loc[coded["capture"].fillna(TYPED) == TYPED, "account"].unique()
    coded = coded[coded["capture"].fillna(TYPED) != TYPED]
    only = sorted(set(typed) - set(coded["account"]))
    noted = _result(only, np.nan, None, say("typed notes only: a capture is needed"))
    if coded.empty:
        return noted
    coded = coded.assign(row=coded["evidence_id"] + ":" + coded["source_line"].astype("string"))
    groups = coded.groupby("account")
    distinct = groups[list(CLAIMS)].nunique().gt(1)
    looks = groups["captured_at"].nunique()
    value = distinct.sum(axis=1)
    words = [
        ", ".join(word(c.removeprefix("claimed_")) for c in CLAIMS if row[c])
        for _, row in distinct.iterrows()
    ]
    shown = value.gt(0).astype("boolean").mask(looks < 2)
    reason = [
        say("{n} dated looks; differing: {what}", n=n, what=w or word("nothing"))
        if n > 1
        else say("seen on one date only")
        for n, w in zip(looks, words, strict=True)
    ]
    found = _result(value.index, value, shown, reason, _rows(coded).reindex(value.index))
    return pd.concat([found, noted], ignore_index=True)


def _reused_image(inputs: Inputs) -> pd.DataFrame:
    pictures = inputs.media[
        (inputs.media["kind"] == "avatar")
        & inputs.media["sha256"].notna()
        & inputs.media["account"].isin(inputs.accounts["account"])
    ]
    if pictures.empty:
        return _result([], [], [], [])
    pictures = pictures.assign(
        row=pictures["evidence_id"] + ":" + pictures["source_line"].astype("string")
    )
    # Accounts of one persona on several platforms may share a picture: the same handle is no reuse.
    handle = inputs.accounts.set_index("account")["handle"].str.lower()
    pictures = pictures.assign(
        who=pictures["account"].map(handle).fillna(pictures["account"]).astype("string")
    )
    # What it shows, where that could be told; a plain one is a default picture, and says nothing.
    shown = pictures["fingerprint"].fillna("sha256:" + pictures["sha256"])
    pictures = pictures[shown != objects.PLAIN]
    shown = shown[shown != objects.PLAIN]
    carriers = pictures.groupby(shown)["who"].nunique()
    others = (shown.map(carriers) - 1).groupby(pictures["account"]).max()
    files = pictures.groupby(shown)["sha256"].nunique()
    reason = pd.Series(
        [
            _carried(int(n), int(copies))
            for n, copies in zip(
                others, shown.map(files).groupby(pictures["account"]).max(), strict=True
            )
        ],
        index=others.index,
    )
    return _result(
        others.index, others, others.gt(0), reason, _rows(pictures).reindex(others.index)
    )


def _carried(others: int, files: int) -> str:
    if not others:
        return say("no other account has it")
    if files == 1:
        return say_count(
            "{n} other account carries the same file",
            "{n} other accounts carry the same file",
            others,
        )
    return say_count(
        "{n} other account carries the same picture, in a file of other bytes",
        "{n} other accounts carry the same picture, in files of other bytes",
        others,
    )


def _lifted_bio(inputs: Inputs) -> pd.DataFrame:
    bios = inputs.accounts.set_index("account")["bio"].dropna()
    grams = {a: _five_grams(text) for a, text in bios.items()}
    grams = {a: g for a, g in grams.items() if len(g) >= 3}
    owners: dict[tuple[str, ...], list[str]] = {}
    for account, found in grams.items():
        for gram in found:
            owners.setdefault(gram, []).append(str(account))
    best: dict[str, tuple[float, str]] = {str(a): (0.0, "") for a in grams}
    for account, found in grams.items():
        shared: dict[str, int] = {}
        for gram in found:
            # A phrase that a crowd uses lifts nobody's profile, and would compare all with all.
            if len(owners[gram]) <= 200:
                for other in owners[gram]:
                    shared[other] = shared.get(other, 0) + 1
        for other, count in shared.items():
            if of_one_account(other) != of_one_account(str(account)):
                similarity = count / (len(found) + len(grams[other]) - count)
                best[str(account)] = max(best[str(account)], (similarity, other))
    keys = sorted(best)
    values = pd.Series([best[k][0] for k in keys])
    reason = [
        say("shares {share:.0%} of its phrases with {other}", share=v, other=best[k][1])
        if v
        else say("no other profile is like it")
        for k, v in zip(keys, values, strict=True)
    ]
    return _result(pd.Index(keys), values, values.ge(BIO_SIMILARITY), reason)


def _five_grams(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", str(text).casefold())
    return frozenset(tuple(words[i : i + 5]) for i in range(len(words) - 4))


def _default_handle(inputs: Inputs) -> pd.DataFrame:
    named = inputs.accounts.dropna(subset=["handle"])
    named = named[~named["hashed"].fillna(False).astype(bool)]
    shown = named["handle"].map(lambda h: bool(_DEFAULT_HANDLE.fullmatch(h)))
    words = {True: say("letters and five digits or more"), False: say("no such pattern")}
    reason = shown.map(words)
    return _result(named["account"], shown.astype(float), shown, reason)


def _rename(inputs: Inputs) -> pd.DataFrame:
    told = inputs.accounts.set_index("account")["about_username_changes"].dropna().astype(int)
    by_id = inputs.snapshots[
        inputs.snapshots["account_id"].notna()
        & inputs.snapshots["account"].isin(inputs.accounts["account"])
    ].dropna(subset=["handle"])
    by_id = by_id.assign(
        day=by_id["captured_at"].dt.date, worn=by_id["handle"], handle=by_id["handle"].str.lower()
    )
    each = by_id.groupby("account")[["day", "handle"]].nunique().astype(int)
    seen = each.loc[each["day"] > 1, "handle"] - 1
    value = pd.concat([told, seen]).groupby(level=0).max().sort_index()
    last = by_id.sort_values("captured_at", kind="stable").groupby("account")["worn"].last()
    office = {a for a, h in last.items() if _OFFICE_WORD.search(str(h))}
    reason = [
        say_count("{n} change seen or told", "{n} changes seen or told", n)
        + ("; " + say("the last handle seen sounds like an office") if a in office else "")
        if n
        else say("one handle on every look")
        for a, n in value.items()
    ]
    return _result(value.index, value.astype(float), value.gt(0), reason)


def _patriotic(inputs: Inputs) -> pd.DataFrame:
    table = inputs.accounts
    name, bio, place = (table[c].fillna("") for c in ("display_name", "bio", "location"))
    text = name + " " + bio + " " + place
    has = text.str.strip() != ""
    count = text[has].map(lambda t: len(_PATRIOTIC.findall(t)))
    reason = count.map(
        lambda n: say_count(
            "{n} such word in name, profile or place", "{n} such words in name, profile or place", n
        )
    )
    return _result(table.loc[has, "account"], count.astype(float), count.gt(0), reason)


def _several_platforms(inputs: Inputs) -> pd.DataFrame:
    named = inputs.accounts.dropna(subset=["handle"])
    count = named.groupby(named["handle"].str.lower())["platform"].transform("nunique")
    if inputs.accounts["platform"].nunique() < 2:
        return _result([], [], [], [])
    reason = count.map(
        lambda n: say_count(
            "this handle on {n} platform of this collection",
            "the same handle on {n} platforms of this collection",
            n,
        )
    )
    return _result(named["account"], count.astype(float), count.gt(1), reason)


# -- behaviour ------------------------------------------------------------------------------------


def _creation_burst(inputs: Inputs) -> pd.DataFrame:
    """Measure the group against random groups of the same size among the reference accounts."""
    created = inputs.accounts.set_index("account")["created_at"].dropna()
    ours = created[created.index.isin(inputs.personas)]
    theirs = created[created.index.isin(inputs.reference)]
    if len(ours) < 4 or len(theirs) < MIN_REFERENCE:
        why = say("fewer than 4 creation dates, or fewer than 50 among the reference accounts")
        return _result(inputs.personas, np.nan, None, why)
    share, members = largest_burst(ours)
    rng = np.random.default_rng(inputs.seed)
    pool = theirs.sort_index().dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    random = burst_shares(
        np.array([rng.choice(pool, len(ours), replace=False) for _ in range(1000)])
    )
    effect = share - float(np.median(random))
    p = (1 + int((random >= share).sum())) / 1001
    passed = effect >= BURST_FLOOR and p <= 0.01
    shown = pd.Series(ours.index.isin(members) & passed, index=ours.index)
    reason = say(
        "{share:.0%} of {n} accounts made within {days} days; usually {usual:.0%} of as many "
        "reference accounts, and so large a share {chance}",
        share=share, n=len(ours), days=BURST_DAYS, usual=float(np.median(random)),
        chance=p_words(p),
    )  # fmt: skip
    return _result(ours.index, effect, shown, reason)


def _dormancy(inputs: Inputs) -> pd.DataFrame:
    dated = inputs.original.dropna(subset=["created_at"])
    dated = dated[dated["script"] != "other"]
    dated = dated[dated.groupby("account")["account"].transform("size") >= 6]
    gaps = dated.groupby("account")["created_at"].diff().dt.days
    longest_of = gaps.groupby(dated["account"]).max()
    # Most accounts were never silent for long, and need no closer look.
    busy = longest_of[longest_of < GAP_DAYS]
    found: dict[str, tuple[float, bool, str, list[str]]] = {
        str(a): (float(n), False, say("no gap of 90 days or more"), []) for a, n in busy.items()
    }
    silent = dated[~dated["account"].isin(busy.index)]
    for account, group in silent.groupby("account", sort=True):
        gap = gaps[group.index]
        longest = gap.max()
        at = int(np.argmax(gap.to_numpy() == longest))
        before, after = group["script"].iloc[:at], group["script"].iloc[at:]
        if min(len(before), len(after)) < 3:
            continue
        old, new = before.mode().iloc[0], after.mode().iloc[0]
        rows = [group["row"].iloc[at - 1], group["row"].iloc[at]]
        found[str(account)] = (
            float(longest),
            old != new,
            say(
                "silent for {days} days; {old} before, {new} after",
                days=int(longest),
                old=word(str(old)),
                new=word(str(new)),
            ),
            rows,
        )
    keys = sorted(found)
    told = [found[key] for key in keys]
    value, shown, reason, rows_ = zip(*told, strict=True) if told else ((), (), (), ())
    return _result(pd.Index(keys), list(value), list(shown), list(reason), list(rows_))


def script(text: str) -> str:
    """Return in which script a text is mostly written; ``other`` where it holds no letters.

    A character of Chinese or Japanese weighs as much as three letters, being most of a word.
    Links, mentions and hashtags are no text of the writer's language.

    Examples
    --------
    >>> [script(t) for t in ("a sample", "示例帖子 sample", "пример", "サンプル例", "123")]
    ['Latin', 'Chinese', 'Cyrillic', 'Japanese', 'other']
    """
    if "://" in text or "@" in text or "#" in text:
        text = _LINK_OR_NAME.sub("", text)
    if text.isascii():
        return "Latin" if _LATIN.search(text) else "other"
    latin = len(_LATIN.findall(text))
    found = {name: len(signs.findall(text)) for name, signs in _SCRIPTS.items()}
    if found["Japanese"]:
        found["Japanese"] += found.pop("Chinese")
    weight = {name: n * (3 if name in {"Chinese", "Japanese"} else 1) for name, n in found.items()}
    best = max(weight, key=lambda name: weight[name])
    if weight[best] > latin:
        return best
    return "Latin" if latin else "other"


def _late_first_post(inputs: Inputs) -> pd.DataFrame:
    created = inputs.accounts.set_index("account")["created_at"].dropna()
    first = inputs.own.groupby("account")["created_at"].min().dropna()
    both = created.index.intersection(first.index)
    days = (first[both] - created[both]).dt.days
    # A search finds single posts. Only where nearly all are held is the first one held the first.
    held = inputs.own.groupby("account").size().reindex(both).astype(float)
    stated = inputs.accounts.set_index("account")["posts"].reindex(both).astype(float)
    late, whole = days.ge(365), held.ge(MOST_POSTS * stated)
    shown = late.astype("boolean").mask(late & ~whole)
    reason = [
        say_count(
            "{n} day from creation to the first post collected",
            "{n} days from creation to the first post collected",
            int(n),
        )
        if known
        else say("the first post is not known: too few of the account's posts were collected")
        for n, known in zip(days, shown.notna(), strict=True)
    ]
    return _result(both, days.astype(float).where(shown.notna()), shown, pd.Series(reason))


def _deleted_history(inputs: Inputs) -> pd.DataFrame:
    """Compare the platform's own counter on dated captures; what an analyst typed is left out."""
    looks = inputs.snapshots[
        inputs.snapshots["posts"].notna()
        & inputs.snapshots["captured_at"].notna()
        & (inputs.snapshots["capture"].fillna(TYPED) != TYPED)
        & inputs.snapshots["account"].isin(inputs.accounts["account"])
    ].sort_values(["account", "captured_at", "evidence_id", "source_line"], kind="stable")
    looks = looks.assign(
        row=looks["evidence_id"] + ":" + looks["source_line"].astype("string"),
        count=looks["posts"].astype(float),
    )
    looks = looks[looks.groupby("account")["captured_at"].transform("nunique") > 1]
    looks = looks.reset_index(drop=True)
    fall = -looks.groupby("account", sort=True)["count"].diff()
    after = looks.loc[fall.groupby(looks["account"]).idxmax()]
    before = looks.loc[after.index - 1]
    fell = fall[after.index].to_numpy()
    count = before["count"].to_numpy()
    reason = [
        say(
            "{before} posts by the platform's count on {one}, {after} on {other}",
            before=int(was), after=int(now), one=f"{one:%Y-%m-%d}", other=f"{other:%Y-%m-%d}",
        )
        for was, now, one, other in zip(
            count, after["count"], before["captured_at"], after["captured_at"], strict=True
        )
    ]  # fmt: skip
    rows = [list(dict.fromkeys(pair)) for pair in zip(before["row"], after["row"], strict=True)]
    return _result(
        after["account"],
        np.maximum(fell, 0.0),
        (fell >= FALL) & (fell >= FALL_SHARE * count),
        reason,
        rows,
    )


def _automation(inputs: Inputs) -> pd.DataFrame:
    """Look at the second of the minute, and at how even the intervals between posts are.

    People post at any second, in bursts; a machine that is set to a clock does neither.
    """
    own = inputs.own
    dated = own[(own["time_precision"] == "second") & own["created_at"].notna()]
    dated = dated[dated.groupby("account")["account"].transform("size") >= SLOT_POSTS]
    if dated.empty:
        return _result([], [], [], [])
    slot = dated["created_at"].dt.second * SLOTS // 60
    table = counted(dated["account"], slot, SLOTS)
    counts = table.to_numpy(dtype=float)
    n = counts.sum(axis=1)
    chi = ((counts - (n / SLOTS)[:, None]) ** 2 / (n / SLOTS)[:, None]).sum(axis=1)
    share = counts.max(axis=1) / n
    clock = (share >= SLOT_FLOOR) & (chi_square_tail(chi, SLOTS - 1) <= SLOT_P)
    gaps = dated.groupby("account")["created_at"].diff().dt.total_seconds()
    spread = gaps.groupby(dated["account"])
    mean, deviation = spread.mean(), spread.std(ddof=0)
    total = (deviation + mean).replace(0, np.nan)
    burst = ((deviation - mean) / total).reindex(table.index).fillna(0.0).to_numpy()
    reason = [
        say(
            "{share:.0%} of {n} posts fall into seconds {first} to {last} of the minute "
            "({chance:.0%} by chance); burstiness of the intervals {burst:+.2f}",
            share=s,
            n=int(k),
            first=5 * int(at),
            last=5 * int(at) + 4,
            chance=1 / SLOTS,
            burst=b,
        )
        for s, k, at, b in zip(share, n, counts.argmax(axis=1), burst, strict=True)
    ]
    return _result(table.index, share, clock | (burst <= EVEN), reason)


def chi_square_tail(x: np.ndarray, df: int) -> np.ndarray:
    """Return the chance that a chi-square variable of ``df`` degrees exceeds each ``x``.

    Examples
    --------
    >>> chi_square_tail(np.array([37.367]), 11).round(5)
    array([0.0001])
    """
    from scipy.special import chdtrc

    tail: np.ndarray = chdtrc(df, x)
    return tail


def _lunch_notch(inputs: Inputs) -> pd.DataFrame:
    """Compare the fall of activity over lunch with that of random groups, fitted the same way."""
    hours = inputs.hours
    table = counted(hours["account"], hours["hour"], 24)
    ours = table[table.index.isin(inputs.personas)]
    theirs = table[table.index.isin(inputs.ordinary)]
    if len(ours) < 4 or ours.to_numpy().sum() < NOTCH_POSTS:
        why = say("fewer than 4 accounts, or {n} dated posts, in the group", n=NOTCH_POSTS)
        return _result(inputs.personas, np.nan, None, why)
    if len(theirs) < max(MIN_REFERENCE, 2 * len(ours)):
        why = say("too few ordinary reference accounts with dated posts to compare with")
        return _result(inputs.personas, np.nan, None, why)
    zone, own = notch(ours.to_numpy(dtype=float).sum(axis=0))
    rng = np.random.default_rng(inputs.seed)
    pool = theirs.to_numpy(dtype=float)
    random = np.array(
        [
            notch(pool[rng.choice(len(pool), len(ours), replace=False)].sum(axis=0))[1]
            for _ in range(NOTCH_DRAWS)
        ]
    )
    usual = float(np.median(random))
    p = (1 + int((random >= own).sum())) / (NOTCH_DRAWS + 1)
    reason = say(
        "as a group: {own:.0%} less from twelve to two than in the hours beside it, in the zone "
        "{zone}, which fits office hours best; usually {usual:.0%} in as many reference accounts, "
        "and so deep a fall {chance}",
        own=own, zone=f"UTC{zone:+d}", usual=usual, chance=p_words(p),
    )  # fmt: skip
    shown = own - usual >= NOTCH_FLOOR and p <= 0.01
    return _result(ours.index, own - usual, shown, reason)


def _zone(inputs: Inputs) -> pd.DataFrame:
    hours = inputs.hours
    if not inputs.rhythms:
        why = say(
            "fewer than {n} dated posts of ordinary reference accounts", n=MIN_REFERENCE_POSTS
        )
        return _result(inputs.personas, np.nan, None, why)
    ours = hours[hours["account"].isin(inputs.personas)]
    fit = fit_zone(ours, inputs.rhythms, inputs.claimed_zone)
    if fit is None:
        return _result(inputs.personas, np.nan, None, say("fewer than 60 dated posts in the group"))
    if not fit.members_agree:
        why = say(
            "the members disagree: without one of them the zone is {low} to {high}, and the own "
            "hours of {far:.0%} of them fit a zone five hours away or more",
            low=f"UTC{fit.low:+d}", high=f"UTC{fit.high:+d}", far=fit.far,
        )  # fmt: skip
        return _result(inputs.personas, np.nan, None, why)
    members = ours["account"].drop_duplicates()
    reason = say(
        "as a group: {rhythm} in {zone} fit best ({low} to {high} leaving one out); a post at such "
        "hours is {times:.1f} times as likely there as in the claimed {claimed}",
        rhythm=fit.rhythm, zone=f"UTC{fit.zone:+d}", low=f"UTC{fit.low:+d}",
        high=f"UTC{fit.high:+d}", times=float(np.exp(fit.gain)), claimed=f"UTC{fit.claimed:+g}",
    )  # fmt: skip
    return _result(members, fit.gain, fit.gain >= ZONE_FLOOR, reason)


def _office_week(inputs: Inputs) -> pd.DataFrame:
    hours = inputs.hours
    count = hours.groupby("account").size()
    weekend = hours["weekday"].ge(5).groupby(hours["account"]).mean()
    enough = count[count >= 15].index
    theirs = weekend[weekend.index.isin(inputs.reference) & weekend.index.isin(enough)]
    if len(theirs) < MIN_REFERENCE:
        return _result(
            inputs.personas, np.nan, None, say("fewer than 50 reference accounts to compare")
        )
    bar = float(theirs.median()) / 2
    value = weekend[enough]
    reason = value.map(
        lambda v: say(
            "{share:.0%} of posts at weekends; half the usual is {bar:.0%}", share=v, bar=bar
        )
    )
    return _result(value.index, value, value.le(bar), reason)


# -- content and network --------------------------------------------------------------------------


def _near_duplicates(inputs: Inputs) -> pd.DataFrame:
    texts = inputs.texts
    people = texts["account"].map({a: of_one_account(a) for a in texts["account"].unique()})
    shared = texts[texts["object"].isin(_of_several(texts["object"], people))]
    accounts = pd.Index(sorted(inputs.original["account"].unique()))
    value = shared.groupby("account").size().reindex(accounts, fill_value=0)
    reason = value.map(
        lambda n: say_count(
            "{n} post whose text another account posts too",
            "{n} posts whose text another account posts too",
            int(n),
        )
    )
    rows = shared.groupby("account")["row"].agg(lambda v: list(v)[:MOST_EVIDENCE])
    named = [_listed(v) for v in rows.reindex(accounts)]
    return _result(accounts, value.astype(float), value.ge(2), reason, named)


def _of_several(objects: pd.Series, people: pd.Series) -> pd.Series:
    """Return the objects that more than one person acted on."""
    each = pd.DataFrame({"object": objects, "who": people}).drop_duplicates()["object"]
    return each[each.duplicated()].drop_duplicates()


def _template_swap(inputs: Inputs) -> pd.DataFrame:
    """Find texts that are another account's but for one name, among texts that are alike."""
    accounts = pd.Index(sorted(inputs.original["account"].unique()))
    texts = inputs.texts
    alike = texts[texts["object"].isin(_of_several(texts["object"], texts["account"]))]
    said = inputs.original[inputs.original["row"].isin(alike["row"])]
    wording = dict(zip(said["row"], said["text"], strict=True))
    named: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for group, account, row in zip(alike["object"], alike["account"], alike["row"], strict=True):
        for name, around in _names_in(wording[row]):
            named.setdefault((group, around), []).append((name, account, row))
    rows: dict[str, list[str]] = {}
    slots: dict[str, tuple[str, str]] = {}
    for uses in named.values():
        if len({name.casefold() for name, _, _ in uses}) > 1:
            for name, account, row in uses:
                other = _first_other(name, account, uses)
                if other:
                    rows.setdefault(account, []).append(row)
                    slots.setdefault(account, (other, name))
    found = {a: list(dict.fromkeys(rows.get(a, []))) for a in accounts}
    value = pd.Series([len(found[a]) for a in accounts], dtype=float)
    reason = [
        say(
            "{n} posts; another account has the text with “{other}” for “{name}”",
            n=len(found[a]),
            other=slots[a][0],
            name=slots[a][1],
        )
        if a in slots
        else say("no text of another account with a name exchanged")
        for a in accounts
    ]
    return _result(
        accounts, value, value.ge(1), reason, [found[a][:MOST_EVIDENCE] for a in accounts]
    )


def _names_in(text: str) -> list[tuple[str, str]]:
    """Return each run of at most three capitalised words, and all that stands around it."""
    words = [w.rstrip("'’-") for w in _WORD.findall(_LINK_OR_NAME.sub(" ", text))]
    found, start = [], 0
    while start < len(words):
        end = start
        while end < len(words) and words[end][0].isupper():
            end += 1
        around = [*words[:start], "…", *words[end:]]
        name = " ".join(words[start:end])
        is_name = 0 < end - start <= LONGEST_NAME and len(name) >= SHORTEST_NAME
        if is_name and len(around) > SHORTEST_TEMPLATE:
            found.append((name, " ".join(around).casefold()))
        start = max(end, start + 1)
    return found


def _first_other(name: str, account: str, uses: list[tuple[str, str, str]]) -> str | None:
    """Return the first quite other name that another account put in the same place.

    With a word in common it is the same name, written longer.
    """
    own = set(name.casefold().split())
    return next(
        (n for n, a, _ in uses if a != account and not own & set(n.casefold().split())), None
    )


def _says_model(text: str) -> bool:
    """Look for the words closely only where one of them is in the text: most texts have none."""
    folded = text.casefold()
    near = "model" in folded or "assistant" in folded or "模型" in folded
    return near and bool(_MODEL.search(text))


def _model_disclosure(inputs: Inputs) -> pd.DataFrame:
    texts = inputs.original
    said = texts["text"].map(_says_model).astype(bool)
    value = said.groupby(texts["account"]).sum()
    reason = value.map(
        lambda n: (
            say_count(
                "{n} post with words that language models say of themselves",
                "{n} posts with words that language models say of themselves",
                int(n),
            )
            if n
            else say("no such words; whether a text was written with a model is not assessed")
        )
    )
    rows = [_listed(v) for v in _rows(texts[said]).reindex(value.index)]
    return _result(value.index, value.astype(float), value.ge(1), reason, rows)


def _bilingual(inputs: Inputs) -> pd.DataFrame:
    texts = inputs.original
    code, names = pd.factorize(texts["script"], sort=True)
    table = counted(texts["account"], pd.Series(code), len(names))
    table = table.set_axis(names, axis=1).drop(columns="other", errors="ignore")
    if table.empty:
        return _result([], [], [], [])
    most = np.sort(table.to_numpy(), axis=1)
    value = pd.Series(most[:, -2] if most.shape[1] > 1 else 0, index=table.index)
    reason = [
        ", ".join(
            say("{script}: {n} posts", script=word(str(name)), n=n)
            for name, n in zip(table.columns, row, strict=True)
            if n
        )
        or word("no letters")
        for row in table.to_numpy().tolist()
    ]
    return _result(table.index, value.astype(float), value.ge(3), reason)


def _full_width(inputs: Inputs) -> pd.DataFrame:
    texts = inputs.original[inputs.original["script"] == "Latin"]
    marked = texts["text"].map(lambda t: bool(_FULL_WIDTH.search(t))).astype(bool)
    value = marked.groupby(texts["account"]).sum()
    reason = value.map(
        lambda n: say_count(
            "{n} post with full-width punctuation in Latin text",
            "{n} posts with full-width punctuation in Latin text",
            int(n),
        )
    )
    marked_rows = [_listed(v) for v in _rows(texts[marked]).reindex(value.index)]
    return _result(value.index, value.astype(float), value.ge(2), reason, marked_rows)


def reactions(posts: pd.DataFrame) -> pd.Series:
    """Return likes, reposts and replies of posts whose likes are known; unknown others are none."""
    return posts["likes"].astype(float) + posts["reposts"].fillna(0) + posts["replies"].fillna(0)


def _low_engagement(inputs: Inputs) -> pd.DataFrame:
    known = inputs.own.dropna(subset=["likes"])
    groups = reactions(known).groupby(known["account"])
    value = groups.median()[groups.size() >= 10]
    theirs = value[value.index.isin(inputs.reference)]
    if len(theirs) < MIN_REFERENCE:
        return _result(
            inputs.personas, np.nan, None, say("fewer than 50 reference accounts to compare")
        )
    bar = float(theirs.median()) / 2
    reason = value.map(
        lambda v: say(
            "median {median:g} reactions a post; half the usual is {bar:g}", median=v, bar=bar
        )
    )
    return _result(value.index, value, value.le(bar), reason)


def _about_country(inputs: Inputs) -> pd.DataFrame:
    told = inputs.accounts.dropna(subset=["about_country", "location"])
    if told.empty:
        return _result(inputs.personas, np.nan, None, say("the panel was not captured"))
    differs = [
        c.casefold() not in p.casefold() and not (c == "United States" and _american(p))
        for c, p in zip(told["about_country"], told["location"], strict=True)
    ]
    reason = [
        say("the platform says {country}; the profile says {place}", country=c, place=p)
        for c, p in zip(told["about_country"], told["location"], strict=True)
    ]
    return _result(told["account"], [float(d) for d in differs], differs, reason)


def _american(place: str) -> bool:
    return bool(re.search(r"\bUSA?\b|, [A-Z]{2}\b|United States|America", place))


MEASURES: dict[str, Callable[[Inputs], pd.DataFrame]] = {
    "contradiction-of-claims": _contradiction,
    "reused-image": _reused_image,
    "lifted-bio": _lifted_bio,
    "default-handle": _default_handle,
    "rename": _rename,
    "patriotic-tokens": _patriotic,
    "several-platforms": _several_platforms,
    "creation-burst": _creation_burst,
    "dormancy-switch": _dormancy,
    "late-first-post": _late_first_post,
    "deleted-history": _deleted_history,
    "zone-mismatch": _zone,
    "office-week": _office_week,
    "lunch-notch": _lunch_notch,
    "automation": _automation,
    "near-duplicate-text": _near_duplicates,
    "template-swap": _template_swap,
    "model-disclosure": _model_disclosure,
    "bilingual": _bilingual,
    "full-width-punctuation": _full_width,
    "low-engagement": _low_engagement,
    "about-country": _about_country,
}
"""Signal -> its measure. Each returns account, value, shown (or unknown), reason, evidence."""
