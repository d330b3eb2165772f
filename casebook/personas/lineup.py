"""The line-up: how often a reviewer suspects an account that nobody has reason to suspect.

A reviewer who knows whom the case is about finds what was to be found. In a line-up the accounts
under review stand among ordinary accounts that are active and talk alike, and nobody says which is
which. What a reviewer says of those is the reviewer's false-alarm rate, and stands beside what the
reviewer says of the others.
"""

from __future__ import annotations

from collections import Counter
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from casebook import schema
from casebook.errors import TableError
from casebook.fingerprints import is_cjk, tokens
from casebook.personas.agreement import ADJUDICATION, VERDICT, of_those_under_review
from casebook.personas.look_alikes import fisher_tail
from casebook.rates import jeffreys

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

REVIEW, LOCK, LOCKED = "review", "lock", "locked"
"""Subject, question and answer of the line with which a reviewer locks what was said so far."""
CALLED = frozenset({"suspected", "assessed inauthentic"})
POSTS = 60
"""Own posts of an account from which its topic is read, evenly over its time."""
MIN_POSTS = 3
ACTIVITY_WEIGHT = 0.25
"""Twice the posts, or half, weighs as much as a quarter of the way to another topic."""
LANGUAGE_WEIGHT = 1.0
MOST_P = 0.01
MOST_FALSE_ALARMS = 0.2
"""A reviewer tells the accounts apart with a p at most that, and false alarms at most that."""
MOST_FILLERS = 20


def could_tell(under_review: int, fillers: int) -> bool:
    """Whether a reviewer who calls exactly the accounts under review is told from a guesser.

    Examples
    --------
    >>> could_tell(4, 4), could_tell(5, 5), could_tell(2, 14)
    (False, True, True)
    """
    return fillers >= under_review > 0 and 1 / comb(under_review + fillers, fillers) <= MOST_P


def fillers(
    accounts: pd.DataFrame, posts: pd.DataFrame, *, for_each: int | None = None
) -> pd.DataFrame:
    """Return the reference accounts that stand in the line-up, each for one account under review.

    Fillers are of the same platform, as active, of the same language and of the nearest topic:
    words of own posts, weighted by how few accounts use them (tf-idf, cosine). The assignment is
    the one with the least distance in all, so that no filler stands twice. Nothing is drawn:
    everybody who has the case gets the same line-up.

    Parameters
    ----------
    accounts, posts : DataFrame
        The tables of these names.
    for_each : int, optional
        Fillers for each account under review, one or more. By default one, and more where there
        are fewer than five accounts under review, so that answers can differ from a guess.

    Returns
    -------
    DataFrame
        account (key of the filler), stands_for (key of an account under review), distance (0 is
        alike; topic 0 to 1, a quarter for each doubling of activity, 1 for another script). Fewer
        rows than asked for where there are not enough reference accounts of the platform.
    """
    if for_each is not None and for_each < 1:
        raise TableError(f"for_each is {for_each}", remedy="give 1 or more")
    wanted = accounts[accounts["role"].isin(["persona", "reference"])]
    own = posts[
        posts["account"].isin(wanted["account"])
        & ~posts["embedded"].fillna(value=False).astype(bool)
    ]
    count = wanted["account"].map(own.groupby("account").size()).fillna(0)
    wanted = wanted.assign(posts=count.astype(int)).sort_values("account", kind="stable")
    suspects = wanted[wanted["role"] == "persona"]
    pool = wanted[(wanted["role"] == "reference") & (wanted["posts"] >= MIN_POSTS)]
    suspects = suspects[suspects["platform"].isin(pool["platform"])]
    each = _enough(len(suspects)) if for_each is None else for_each
    found = []
    for platform in sorted(set(suspects["platform"])):
        ours = suspects[suspects["platform"] == platform]
        found.append(_assigned(ours, pool[pool["platform"] == platform], own, each))
    names = ["account", "stands_for", "distance"]
    if not found:
        return pd.DataFrame(columns=names)
    whole = pd.concat(found, ignore_index=True)
    return whole.sort_values(["stands_for", "distance"], kind="stable", ignore_index=True)[names]


def _enough(suspects: int) -> int:
    """Return how many fillers each needs so that the line-up can tell a reviewer from a guesser."""
    each = 1
    while 0 < each * suspects < MOST_FILLERS and not could_tell(suspects, each * suspects):
        each += 1
    return each


def _assigned(
    ours: pd.DataFrame, theirs: pd.DataFrame, own: pd.DataFrame, for_each: int
) -> pd.DataFrame:
    from scipy.optimize import linear_sum_assignment

    asked = ours.loc[ours.index.repeat(for_each)]
    keys = [*ours["account"], *theirs["account"]]
    topic, script = _profiles(own, keys)
    at = {key: i for i, key in enumerate(keys)}
    left = np.array([at[a] for a in asked["account"]])
    right = np.array([at[a] for a in theirs["account"]])
    activity = np.log2(np.concatenate([ours["posts"], theirs["posts"]]).astype(float) + 1)
    cost = 1 - np.asarray((topic[left] @ topic[right].T).todense(), dtype=float)
    cost += ACTIVITY_WEIGHT * np.abs(activity[left][:, None] - activity[right][None, :])
    cost += LANGUAGE_WEIGHT * np.abs(script[left][:, None] - script[right][None, :])
    rows, columns = linear_sum_assignment(cost)
    return pd.DataFrame(
        {
            "account": theirs["account"].to_numpy()[columns],
            "stands_for": asked["account"].to_numpy()[rows],
            "distance": cost[rows, columns].round(6),
        }
    )


def _profiles(own: pd.DataFrame, keys: list[str]) -> tuple[Any, Floats]:
    """Return the topic of each account as a row of length one, and its share of Chinese texts."""
    from scipy.sparse import csr_array

    texts = own[own["account"].isin(keys) & own["text"].notna()].sort_values(
        ["account", "created_at", "post"], kind="stable"
    )
    said = {str(a): _spread(part["text"].tolist()) for a, part in texts.groupby("account")}
    counts: list[Counter[str]] = []
    script = np.zeros(len(keys))
    for i, key in enumerate(keys):
        words = [tokens(t) for t in said.get(key, [])]
        counts.append(Counter(w for each in words for w in set(each)))
        script[i] = float(np.mean([is_cjk(w) for w in words])) if words else 0.0
    used = Counter(w for each in counts for w in each)
    place = {w: i for i, w in enumerate(sorted(w for w, n in used.items() if n > 1))}
    entries = [
        (i, place[w], (1 + np.log(n)) * np.log(len(keys) / used[w]))
        for i, each in enumerate(counts)
        for w, n in each.items()
        if w in place
    ]
    shape = (len(keys), max(len(place), 1))
    if not entries:
        return csr_array(shape), script
    row, column, weight = (np.array(v) for v in zip(*entries, strict=True))
    length = np.sqrt(np.bincount(row, weights=weight**2, minlength=len(keys)))
    scaled = weight / np.maximum(length[row], 1e-12)
    return csr_array((scaled, (row, column)), shape=shape), script


def _spread(texts: list[str]) -> list[str]:
    if len(texts) <= POSTS:
        return texts
    return [texts[i * (len(texts) - 1) // (POSTS - 1)] for i in range(POSTS)]


def line_ups(judgements: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return what each reviewer said in the line-up.

    Counted is the last verdict before the reviewer locked the answers; what was said later was said
    knowing what the others say, and does not count here. Where a reviewer has not locked, nothing
    counts and ``locked`` is false. Accounts of a platform on which no filler was judged do not
    count either: everybody knows what they are.

    Parameters
    ----------
    judgements : DataFrame
        As `casebook.case.Case.judgements` gives them.
    accounts : DataFrame

    Returns
    -------
    DataFrame
        The table ``line_ups``: one row a reviewer who gave a verdict. ``rate`` is the share of
        fillers that the reviewer called suspected or assessed inauthentic, with its Jeffreys
        interval (95 %). ``p`` is Fisher's exact test, one-sided, that accounts under review are
        called no more often than fillers. ``tells_apart`` needs at least as many fillers as
        accounts under review, a p of at most 0.01 and a rate of at most 0.2.
    """
    said = judgements[judgements["question"].isin([VERDICT, LOCK])]
    people = accounts.set_index("account")[["role", "platform"]]
    rows = [
        _line_up(str(reviewer), own, people)
        for reviewer, own in said.groupby("reviewer", sort=True)
    ]
    return schema.check("line_ups", pd.DataFrame(rows, columns=schema.table("line_ups").names))


def _line_up(reviewer: str, own: pd.DataFrame, people: pd.DataFrame) -> dict[Hashable, object]:
    ends = own.loc[(own["question"] == LOCK) & (own["answer"] == LOCKED), "seq"]
    blind = own[(own["question"] == VERDICT) & (own["seq"] < ends.min())]
    last = blind.sort_values("seq", kind="stable").drop_duplicates("subject", keep="last")
    called = last["answer"].isin(CALLED)
    kind, platform = last["subject"].map(people["role"]), last["subject"].map(people["platform"])
    theirs = kind == "reference"
    ours = (kind == "persona") & platform.isin(platform[theirs])
    n, fill = int(ours.sum()), int(theirs.sum())
    hit, false = int((called & ours).sum()), int((called & theirs).sum())
    low, high = jeffreys(false, fill) if fill else (np.nan, np.nan)
    p = fisher_tail(hit, n, false, fill) if n and fill else np.nan
    rate = false / fill if fill else np.nan
    apart = bool(fill >= n > 0 and p <= MOST_P and rate <= MOST_FALSE_ALARMS)
    return {
        "reviewer": reviewer, "locked": bool(len(ends)), "under_review": n, "called": hit,
        "fillers": fill, "fillers_called": false, "rate": rate, "low": low, "high": high, "p": p,
        "tells_apart": apart,
        "evidence": sorted({e for v in last.loc[ours | theirs, "evidence"] for e in v}),
    }  # fmt: skip


def have_locked(judgements: pd.DataFrame) -> set[str]:
    """Return the aliases of those who locked their answers."""
    done = judgements[(judgements["question"] == LOCK) & (judgements["answer"] == LOCKED)]
    return set(done["reviewer"])


def seen_by(judgements: pd.DataFrame, reviewer: str) -> pd.DataFrame:
    """Return the judgements that a reviewer may see: all of them once everybody has locked.

    Parameters
    ----------
    judgements : DataFrame
    reviewer : str
        Alias of the one who looks. Empty is the editor, who sees all.
    """
    if not reviewer:
        return judgements
    verdicts = judgements[judgements["question"] == VERDICT]
    open_ones = ({*verdicts["reviewer"], reviewer}) - have_locked(judgements)
    if not open_ones:
        return judgements
    return judgements[judgements["reviewer"] == reviewer].reset_index(drop=True)


def disagreements(judgements: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts under review on which reviewers differ, widest first: what to talk about.

    Fillers are left out: whatever somebody thought of them, they are not what the case is about.

    Returns
    -------
    DataFrame
        account, gap (steps on the scale from authentic to assessed inauthentic), reviewers,
        answers, reasons (lists of equal length), settled (the answer of an adjudication, or
        missing).
    """
    current = of_those_under_review(judgements, accounts)
    settled = current[current["question"] == ADJUDICATION].sort_values("time", kind="stable")
    last = dict(zip(settled["subject"], settled["answer"], strict=True))
    rows = []
    for account, said in current[current["question"] == VERDICT].groupby("subject", sort=True):
        rank = [schema.ANSWERS.index(a) for a in said["answer"]]
        if max(rank) > min(rank):
            told = said.sort_values("reviewer", kind="stable")
            rows.append(
                {
                    "account": account,
                    "gap": max(rank) - min(rank),
                    "reviewers": list(told["reviewer"]),
                    "answers": list(told["answer"]),
                    "reasons": list(told["reason"]),
                    "settled": last.get(str(account)),
                }
            )
    names = ["account", "gap", "reviewers", "answers", "reasons", "settled"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.sort_values(["gap", "account"], ascending=[False, True], kind="stable",
                             ignore_index=True)  # fmt: skip
