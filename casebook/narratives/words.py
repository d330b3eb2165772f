"""Which words accounts under review use more than reference accounts do, whatever a codebook says.

One busy account, or one text that everybody copies, must not make a word. So a text and its
near-duplicates count once, for the account that posted it first, and an account counts as one,
however much it posts: what is counted for a word is the share of the account's posts that hold it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from casebook import schema
from casebook.fingerprints import is_cjk, text_fingerprints, tokens
from casebook.narratives.own import MOST_EVIDENCE, UNDER_REVIEW, groups, own_posts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MIN_ACCOUNTS = 3
"""Fewer accounts make no word of a group."""
MIN_WORDS = 2
"""Of one word alone there are no odds."""
DRAWS = 200
LEVEL = 0.95
SEED = 20240903


def distinctive_words(
    posts: pd.DataFrame,
    accounts: pd.DataFrame,
    *,
    query_terms: Iterable[str] = (),
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Return the words of three or more accounts under review, most distinctive first.

    Parameters
    ----------
    posts, accounts : DataFrame
        The tables of these names; all reference accounts are compared with, look-alikes too.
    query_terms : iterable of str
        Words of the query that collected the posts: they are in them by selection, and left out.
    draws : int
        Random draws of as many accounts from all that are compared.

    Returns
    -------
    DataFrame
        The table ``distinctive_words``. ``bar`` is the z that the best word reaches in 5 % of the
        draws: below it, a word is what one always finds where one looks at many. Empty where either
        side has fewer than three accounts with texts.

    Notes
    -----
    Texts of which half or more is Chinese or Japanese are left out, since they have no spaces to
    tell words by; so are numbers and single letters.

    The prior is informative: all posts together, at the weight of one average account.

    References
    ----------
    Monroe, Colaresi and Quinn, "Fightin' Words: Lexical Feature Selection and Evaluation for
    Identifying the Content of Political Conflict", Political Analysis 16(4), 2008: equations 15,
    19 and 22.
    """
    own = _distinct_posts(posts, accounts, query_terms)
    people = own.drop_duplicates("account").sort_values("account", kind="stable")
    review = (people["group"] == UNDER_REVIEW).to_numpy()
    if min(review.sum(), (~review).sum()) < MIN_ACCOUNTS:
        return schema.empty("distinctive_words")
    shares, words = _shares(own, list(people["account"]))
    if len(words) < MIN_WORDS:
        return schema.empty("distinctive_words")
    log_odds, z = _log_odds(shares, review)
    enough = _users(shares, review) >= MIN_ACCOUNTS
    best = [_best(shares, lot) for lot in _lots(review, draws)]
    frame = pd.DataFrame(
        {
            "word": words,
            "log_odds": log_odds,
            "z": z,
            "bar": float(np.quantile(best, LEVEL)) if best else np.nan,
            "accounts": _users(shares, review).astype(int),
            "reference_accounts": _users(shares, ~review).astype(int),
            "share": _sum(shares[review]) / review.sum(),
            "reference_share": _sum(shares[~review]) / (~review).sum(),
        }
    )[enough].sort_values(["z", "word"], ascending=[False, True], kind="stable")
    held = _rows_of(own[own["group"] == UNDER_REVIEW], set(frame["word"]))
    frame["posts"] = [len(held[word]) for word in frame["word"]]
    frame["evidence"] = [held[word][:MOST_EVIDENCE] for word in frame["word"]]
    return schema.check("distinctive_words", frame)


def _distinct_posts(
    posts: pd.DataFrame, accounts: pd.DataFrame, query_terms: Iterable[str]
) -> pd.DataFrame:
    """Return posts that are no near-duplicates within their group, with the list ``words``."""
    people = groups(accounts).set_index("account")["group"]
    own = own_posts(posts)
    cut = own["text_truncated"].fillna(value=False).astype(bool)
    own = own[own["text"].notna() & ~cut & own["account"].isin(people.index)]
    group = own["account"].map(people)
    said = [tokens(t) for t in own["text"]]
    names = text_fingerprints(own["text"])
    # A text too short for a fingerprint is compared by its words.
    same = [n or " ".join(w) for n, w in zip(names, said, strict=True)]
    told = pd.Series([bool(w) and not is_cjk(w) for w in said], index=own.index, dtype=bool)
    own = own.assign(
        group=group,
        side=group == UNDER_REVIEW,
        same=same,
        words=pd.Series(said, index=own.index, dtype=object),
    )
    own = own[told].drop_duplicates(["side", "same"])
    left_out = {w for term in query_terms for w in tokens(term)}
    own["words"] = own["words"].map(lambda ws: sorted({w for w in ws if _is_word(w)} - left_out))
    return own[["account", "group", "row", "words"]]


def _is_word(word: str) -> bool:
    return len(word) > 1 and not word.isdigit()


def _shares(own: pd.DataFrame, names: list[str]) -> tuple[Any, list[str]]:
    """Return the share of each account's posts that hold each word, and the words."""
    from scipy.sparse import csr_array

    words = sorted({w for listed in own["words"] for w in listed})
    place = {w: i for i, w in enumerate(words)}
    who = own["account"].map({a: i for i, a in enumerate(names)}).to_numpy(dtype=np.int64)
    count = own["words"].map(len).to_numpy(dtype=np.int64)
    column = np.fromiter((place[w] for listed in own["words"] for w in listed), dtype=np.int64)
    ones = np.ones(len(column))
    shares = csr_array((ones, (np.repeat(who, count), column)), shape=(len(names), len(words)))
    # Counted first and divided once, so that all of an account's posts are exactly 1.
    shares.data /= np.repeat(np.bincount(who, minlength=len(names)), np.diff(shares.indptr))
    return shares, words


def _rows_of(own: pd.DataFrame, words: set[str]) -> dict[str, list[str]]:
    """Return word -> row references of the posts that hold it, in time."""
    held: dict[str, list[str]] = {w: [] for w in words}
    for row, listed in zip(own["row"], own["words"], strict=True):
        for word in words.intersection(listed):
            held[word].append(row)
    return held


def _log_odds(shares: Any, review: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return the log-odds ratio of each word, and its z-score."""
    ours, theirs = _sum(shares[review]), _sum(shares[~review])
    both = ours + theirs
    # One average account: so much of the pooled counts is added to each side.
    prior = both / shares.shape[0]
    odds = []
    for counts in (ours, theirs):
        whole = counts.sum() + prior.sum()
        odds.append(np.log(counts + prior) - np.log(whole - counts - prior))
    ratio = odds[0] - odds[1]
    variance = 1 / (ours + prior) + 1 / (theirs + prior)
    return ratio, ratio / np.sqrt(variance)


def _sum(shares: Any) -> Floats:
    return np.asarray(shares.sum(axis=0), dtype=float).ravel()


def _users(shares: Any, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many of the chosen accounts use each word."""
    return np.bincount(shares[chosen].indices, minlength=shares.shape[1])


def _lots(review: NDArray[np.bool_], draws: int) -> Iterable[NDArray[np.bool_]]:
    rng = np.random.default_rng(SEED)
    for _ in range(draws):
        yield rng.permutation(review)


def _best(shares: Any, chosen: NDArray[np.bool_]) -> float:
    """Return the largest z of a word that enough of the chosen accounts use."""
    _, z = _log_odds(shares, chosen)
    enough = _users(shares, chosen) >= MIN_ACCOUNTS
    return float(z[enough].max()) if enough.any() else 0.0
