"""Whom an operation reached: reactions beside ordinary accounts, and how far it broke out.

Reach is not effect: that a post was seen says nothing of what it did to anybody. And only what
outsiders do counts. Reactions that came from accounts under review, from accounts attributed
earlier, or from their cluster, are taken off where they can be seen.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from casebook import schema
from casebook.narratives.own import MOST_EVIDENCE, ORDINARY, UNDER_REVIEW, groups, own_posts
from casebook.reactions import COUNTERS, reactions

if TYPE_CHECKING:
    from collections.abc import Mapping

REACTIONS, VIEWS = "reactions", "views"
MEASURES = {REACTIONS: ("likes", "reposts", "replies", "quotes"), VIEWS: ("views",)}
KNOWN_SHARE = 0.9
"""A counter is used where so many posts of either side carry it."""
MIN_POSTS = 5
MIN_ACCOUNTS = 5
"""Fewer posts tell no median of an account; fewer accounts tell no median of a group."""
FOR_EACH = 3
MATCHED = "matched"
DRAWS = 2000
SEED = 20240903
FAR_OUT, TIMES = 3.0, 10.0
"""Interquartile ranges above the upper quartile, on a log scale; and times the median."""


def engagement(
    posts: pd.DataFrame,
    accounts: pd.DataFrame,
    clusters: pd.DataFrame | None = None,
    *,
    for_each: int = FOR_EACH,
) -> pd.DataFrame:
    """Return what an account's posts usually get, for accounts under review and matched ones.

    Parameters
    ----------
    posts, accounts : DataFrame
        The tables of these names.
    clusters : DataFrame, optional
        The table ``clusters``: who shares a coordinated cluster with an account under review counts
        as inside.
    for_each : int
        Matched accounts for each under review, fewer where there are not enough.

    Returns
    -------
    DataFrame
        The table ``engagement``. An account needs five posts with the counters. Matched accounts
        are ordinary reference accounts of the same platform, nearest in activity and, where known,
        in followers (each in doublings); nobody is matched twice. No matched rows where there are
        fewer ordinary accounts than accounts under review.

    Notes
    -----
    A counter that is missing is unknown, never zero: such a post is left out and counted. Reposts
    are left out, since their counters are those of the original.
    """
    people = groups(accounts)
    inside = inside_accounts(accounts, clusters)
    own = own_posts(posts)
    own = _from_outside(own, posts, inside)
    activity = own.groupby("account").size()
    facts = accounts.set_index("account")
    parts = []
    for platform, measure in product(sorted(facts["platform"].dropna().unique()), MEASURES):
        here = own[own["account"].map(facts["platform"]) == platform]
        ours = here[here["account"].isin(_of(people, UNDER_REVIEW))]
        theirs = here[here["account"].isin(_of(people, ORDINARY))]
        counters = _known_counters(measure, ours, theirs)
        if not counters:
            continue
        usual = _usual(ours, counters)
        pool = _usual(theirs, counters)
        for table in (usual, pool):
            table["all_posts"] = table["account"].map(activity)
            table["followers"] = table["account"].map(facts["followers"])
        usual["group"], usual["stands_for"] = UNDER_REVIEW, None
        both = pd.concat([usual, _matched(usual, pool, for_each)], ignore_index=True)
        both["platform"], both["measure"] = platform, measure
        both["counters"] = [list(counters)] * len(both)
        parts.append(both)
    if not parts:
        return schema.empty("engagement")
    return schema.check("engagement", pd.concat(parts, ignore_index=True))


def inside_accounts(accounts: pd.DataFrame, clusters: pd.DataFrame | None = None) -> set[str]:
    """Return the accounts whose reactions are none of outsiders.

    Those under review, those attributed earlier, and whoever is in a cluster called coordinated
    that holds one under review.
    """
    review = set(accounts.loc[accounts["role"] == "persona", "account"])
    inside = review | set(accounts.loc[accounts["role"] == "known", "account"])
    if clusters is not None and len(clusters):
        called = clusters[clusters["label"] == "coordinated"]
        theirs = called.loc[called["account"].isin(review), "cluster"]
        inside |= set(called.loc[called["cluster"].isin(theirs), "account"])
    return inside


def _of(people: pd.DataFrame, group: str) -> set[str]:
    return set(people.loc[people["group"] == group, "account"])


def _from_outside(own: pd.DataFrame, posts: pd.DataFrame, inside: set[str]) -> pd.DataFrame:
    """Return posts whose counters are without the reactions that were seen to come from inside."""
    seen = reactions(posts)
    seen = seen[seen["by"].isin(inside) & seen["to"].isin(inside)].dropna(subset=["post"])
    out = own.copy()
    for kind, counter in COUNTERS.items():
        from_inside = seen[seen["kind"] == kind].groupby("post").size()
        taken = out["post"].map(from_inside).fillna(0).astype("Int64")
        # Counters can be older than the collection: less than none is none.
        out[counter] = (out[counter] - taken).clip(lower=0)
    return out


def _known_counters(measure: str, ours: pd.DataFrame, theirs: pd.DataFrame) -> tuple[str, ...]:
    """Return the counters that both sides carry, so that the same things are added up."""
    sides = [side for side in (ours, theirs) if len(side)]
    if ours.empty:
        return ()
    return tuple(
        c for c in MEASURES[measure] if all(s[c].notna().mean() >= KNOWN_SHARE for s in sides)
    )


def _usual(own: pd.DataFrame, counters: tuple[str, ...]) -> pd.DataFrame:
    """Return each account's median: account, posts, unknown, median, evidence."""
    known = own[list(counters)].notna().all(axis=1)
    counted = own[known]
    value = counted[list(counters)].sum(axis=1).astype(float)
    by = counted["account"]
    frame = pd.DataFrame(
        {
            "posts": value.groupby(by).size(),
            "median": value.groupby(by).median(),
            "evidence": counted.groupby(by)["row"].agg(lambda v: list(v)[:MOST_EVIDENCE]),
        }
    )
    frame["unknown"] = (~known).groupby(own["account"]).sum().reindex(frame.index)
    frame = frame[frame["posts"] >= MIN_POSTS].sort_index()
    return frame.rename_axis("account").reset_index()


def _matched(ours: pd.DataFrame, pool: pd.DataFrame, for_each: int) -> pd.DataFrame:
    """Return the ordinary accounts that stand beside those under review."""
    from scipy.optimize import linear_sum_assignment

    each = min(for_each, len(pool) // len(ours)) if len(ours) else 0
    if not each:
        none: pd.DataFrame = pool.iloc[:0].assign(group=MATCHED, stands_for=None)
        return none
    asked = ours.loc[ours.index.repeat(each)]
    cost = np.zeros((len(asked), len(pool)))
    for column in _matched_on(ours, pool):
        left, right = (
            np.log2(table[column].fillna(-1).to_numpy(dtype=float) + 2) for table in (asked, pool)
        )
        cost += np.abs(left[:, None] - right[None, :])
    rows, columns = linear_sum_assignment(cost)
    found = pool.iloc[columns].reset_index(drop=True)
    stands_for = asked["account"].to_numpy()[rows]
    beside: pd.DataFrame = found.assign(group=MATCHED, stands_for=stands_for)
    return beside


def _matched_on(ours: pd.DataFrame, pool: pd.DataFrame) -> list[str]:
    known = all(len(t) and t["followers"].notna().all() for t in (ours, pool))
    return ["all_posts", "followers"] if known else ["all_posts"]


def engagement_ratios(table: pd.DataFrame, *, draws: int = DRAWS) -> pd.DataFrame:
    """Return what accounts under review usually get over what matched ones get.

    Parameters
    ----------
    table : DataFrame
        The table ``engagement``.
    draws : int
        Bootstrap draws of accounts under review, each with the accounts matched to it.

    Returns
    -------
    DataFrame
        platform, measure, accounts, matched, median, matched_median (medians of the accounts'
        medians), ratio, low, high (95 %), followers (whether they were matched on), reason (why
        there is no ratio; empty where there is one).

    References
    ----------
    Austin and Small, "The use of bootstrapping when using propensity-score matching without
    replacement: a simulation study", Statistics in Medicine 33, 2014: matched sets are drawn whole.
    """
    rows = []
    for (platform, measure), part in table.groupby(["platform", "measure"], sort=True):
        ours = part[part["group"] == UNDER_REVIEW].reset_index(drop=True)
        theirs = part[part["group"] == MATCHED]
        row: dict[str, Any] = {
            "platform": platform, "measure": measure, "accounts": len(ours),
            "matched": len(theirs), "median": ours["median"].median(),
            "matched_median": theirs["median"].median(), "ratio": np.nan, "low": np.nan,
            "high": np.nan, "followers": len(_matched_on(ours, theirs)) > 1,
        }  # fmt: skip
        row["reason"] = _why_not(ours, theirs)
        if not row["reason"]:
            row["ratio"] = row["median"] / row["matched_median"]
            row["low"], row["high"] = _interval(ours, theirs, draws)
        rows.append(row)
    names = ["platform", "measure", "accounts", "matched", "median", "matched_median", "ratio",
             "low", "high", "followers", "reason"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


FEW_OURS = "too few accounts under review with counters"
FEW_THEIRS = "no ordinary accounts to compare with"
NO_REACTION = "half of the ordinary accounts usually get none"


def _why_not(ours: pd.DataFrame, theirs: pd.DataFrame) -> str:
    if len(ours) < MIN_ACCOUNTS:
        return FEW_OURS
    if theirs.empty:
        return FEW_THEIRS
    return "" if theirs["median"].median() > 0 else NO_REACTION


def _interval(ours: pd.DataFrame, theirs: pd.DataFrame, draws: int) -> tuple[float, float]:
    """Return the percentile interval; the upper end is infinite where a draw may divide by none."""
    beside = theirs.groupby("stands_for")["median"].agg(list)
    sets = np.array([beside[a] for a in ours["account"]], dtype=float)
    values = ours["median"].to_numpy(dtype=float)
    chosen = np.random.default_rng(SEED).integers(0, len(values), (draws, len(values)))
    above = np.median(values[chosen], axis=1)
    below = np.median(sets[chosen].reshape(draws, -1), axis=1)
    # Where both are nothing, nothing is learnt of the ratio: it may be anything.
    ratio = np.divide(above, below, out=np.full(draws, np.inf), where=below > 0)
    low, high = np.quantile(ratio, [0.025, 0.975], method="inverted_cdf")
    return float(low), float(high)


def outstanding_posts(posts: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the posts under review that got far more than the others, and are no measure of them.

    A post stands out where its count is more than three interquartile ranges above the upper
    quartile of all posts under review on the platform, on a log scale, and at least ten times their
    median.

    Parameters
    ----------
    posts, accounts : DataFrame
        The tables of these names.

    Returns
    -------
    DataFrame
        platform, measure, account, post, created_at, value, median (of the posts under review),
        share (of all that they got), of (posts with a count), evidence; most first.

    References
    ----------
    Tukey, "Exploratory Data Analysis", 1977: values that are "far out".
    """
    review = set(accounts.loc[accounts["role"] == "persona", "account"])
    own = own_posts(posts)
    own = own[own["account"].isin(review)]
    rows: list[dict[str, Any]] = []
    for (platform, here), measure in product(own.groupby("platform", sort=True), MEASURES):
        counters = _known_counters(measure, here, here.iloc[:0])
        counted = here[here[list(counters)].notna().all(axis=1)]
        if not counters or counted.empty:
            continue
        value = counted[list(counters)].sum(axis=1).astype(float)
        median, total = float(value.median()), float(value.sum())
        quarter, three = np.quantile(np.log1p(value), [0.25, 0.75])
        bar = max(np.expm1(three + FAR_OUT * (three - quarter)), TIMES * max(median, 1))
        rows += [
            {
                "platform": platform,
                "measure": measure,
                "account": post["account"],
                "post": post["post"],
                "created_at": post["created_at"],
                "value": int(value[at]),
                "median": median,
                "share": value[at] / total,
                "of": len(counted),
                "evidence": [post["row"]],
            }
            for at, post in counted[value > bar].to_dict("index").items()
        ]
    names = ["platform", "measure", "account", "post", "created_at", "value", "median", "share",
             "of", "evidence"]  # fmt: skip
    frame = pd.DataFrame(rows, columns=names)
    return frame.sort_values(["value", "post"], ascending=[False, True], kind="stable",
                             ignore_index=True)  # fmt: skip


class Outside(NamedTuple):
    """How much of the reaction to posts can come from outsiders."""

    counters: pd.DataFrame
    """reaction, counted: replies, reposts and quotes by the platform's counters."""
    inside: int
    outside: int
    """Reactions in this collection, an account's own left out."""
    least: float
    most: float
    """Share of outsiders, as if all that were not collected came from inside, or from outside; not
    a number where nothing was counted or collected."""


def outside_reactions(
    posts: pd.DataFrame, accounts: pd.DataFrame, clusters: pd.DataFrame | None = None
) -> Outside:
    """Return how much of the reaction to the posts under review can come from outsiders.

    Parameters
    ----------
    posts, accounts, clusters : DataFrame
        The tables of these names.
    """
    review = set(accounts.loc[accounts["role"] == "persona", "account"])
    inside = inside_accounts(accounts, clusters)
    seen = reactions(posts)
    seen = seen[seen["to"].isin(review) & (seen["by"] != seen["to"])]
    from_inside = int(seen["by"].isin(inside).sum())
    from_outside = len(seen) - from_inside
    own = own_posts(posts)
    own = own[own["account"].isin(review)]
    counted = {counter: int(own[counter].sum()) for counter in COUNTERS.values()}
    # Counters can be older than the collection, or deleted reactions be gone from them.
    whole = max(sum(counted.values()), len(seen))
    return Outside(
        pd.DataFrame(list(counted.items()), columns=["reaction", "counted"]),
        from_inside,
        from_outside,
        from_outside / whole if whole else np.nan,
        (whole - from_inside) / whole if whole else np.nan,
    )


class Breakout(NamedTuple):
    """Lowest and highest category that the answers allow."""

    low: int
    high: int
    answers: pd.DataFrame
    """flag, answer: to all questions."""
    categories: pd.DataFrame
    """category, answer: whether what the category asks for is shown."""


def breakout(reach: pd.DataFrame) -> Breakout:
    """Return the category on the Breakout Scale, as a range where answers are unknown.

    Parameters
    ----------
    reach : DataFrame
        As `casebook.case.Case.reach` returns it: flag, answer.

    References
    ----------
    Nimmo, "The Breakout Scale: Measuring the impact of influence operations", Brookings, 2020: 6
    for a response in policy, other concrete action or a call for violence; 5 for a high-profile
    amplifier; 4 for mainstream media; 3 for several platforms and several communities; 2 for one
    of these; else 1. The highest that is shown holds.

    Examples
    --------
    >>> flags = ["several_platforms", "several_communities", "mainstream_media"]
    >>> breakout(pd.DataFrame({"flag": flags, "answer": ["shown", "not shown", "unknown"]}))[:2]
    (2, 6)
    """
    given = dict(zip(reach["flag"], reach["answer"], strict=True))
    answers = {flag: str(given.get(flag, "unknown")) for flag in schema.REACH_FLAGS}
    categories = _categories(answers)
    of = categories["category"]
    return Breakout(
        int(of[categories["answer"] == "shown"].max()),
        int(of[categories["answer"] != "not shown"].max()),
        pd.DataFrame(list(answers.items()), columns=["flag", "answer"]),
        categories,
    )


_how_sure = ("not shown", "unknown", "shown").index
"""One of two things is as sure as the surer of them, both are as sure as the less sure."""


def _categories(answers: Mapping[str, str]) -> pd.DataFrame:
    spread = (answers["several_platforms"], answers["several_communities"])
    response = (answers["policy_or_action"], answers["call_for_violence"])
    asked = {
        1: "shown",
        2: max(spread, key=_how_sure),
        3: min(spread, key=_how_sure),
        4: answers["mainstream_media"],
        5: answers["high_profile"],
        6: max(response, key=_how_sure),
    }
    return pd.DataFrame(list(asked.items()), columns=["category", "answer"])
