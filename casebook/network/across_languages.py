"""Texts in different languages that say the same: one object, where nobody else's come as close.

Two statements on one topic lie close to each other in any model of meaning, and partisans in two
countries write on the same topics. So closeness alone says nothing. A pair counts where it stands
out from the texts around it, and by more than pairs of ordinary people's texts in the same
collection.

References
----------
Artetxe and Schwenk, "Margin-based parallel corpus mining with multilingual sentence embeddings",
ACL 2019: the margin (their ratio), and pairs that are each other's best match.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import networkx as nx
import numpy as np
import pandas as pd

from casebook.errors import ParameterError
from casebook.fingerprints import without_links
from casebook.sentence_vectors import sentence_vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

NEIGHBOURS = 4
"""The texts of the other language that a pair is held against, on both sides (k of the method)."""
FEWEST = 20
"""Texts that a language needs: with fewer, neighbours are far away and any pair stands out."""
FEWEST_PAIRS = 100
"""Pairs of ordinary people's texts without which no bar can be drawn."""
LEVEL = 0.99
"""The bar: the margin that so many of the pairs of ordinary people's texts stay below."""
FLOOR = 1.02
"""The lowest bar: each translation among the sentences made for the benchmark reaches it."""
MOST_TEXTS = 5_000
"""Texts that are compared; they take some seven minutes."""
UNKNOWN = {"", "und", "zxx", "art", "qam", "qct", "qht", "qme", "qst"}
"""What platforms write where they know no language: pictures, links and hashtags alone."""

COLUMNS = (
    "one", "other", "one_language", "other_language", "one_text", "other_text", "cosine", "margin",
    "ordinary", "same",
)  # fmt: skip


class Translations(NamedTuple):
    """Pairs of texts in two languages that are each other's best match.

    Attributes
    ----------
    pairs : DataFrame
        one, other (objects), their languages and texts, cosine, margin, ordinary (both were posted
        by reference accounts alone, and by no account both), same (the margin is above the bar).
    bar : float
        NaN where there are fewer than 100 ordinary pairs to draw it from; then no pair is the same.
    ordinary : int
        Ordinary pairs that the bar was drawn from.
    texts, unread : int
        Texts that were compared, and those that the model could not read.
    languages : tuple of str
        Languages with at least 20 texts.
    """

    pairs: pd.DataFrame
    bar: float
    ordinary: int
    texts: int
    unread: int
    languages: tuple[str, ...]


def translations(
    events: pd.DataFrame,
    posts: pd.DataFrame,
    accounts: pd.DataFrame,
    *,
    vectors: Callable[[Sequence[str]], Floats] = sentence_vectors,
) -> Translations:
    """Return which texts in different languages say the same.

    Parameters
    ----------
    events : DataFrame
        As `casebook.objects.events` gives them: near-duplicates are one text already.
    posts, accounts : DataFrame
        The tables of these names. The language of a text is what the platform says of its posts.
    vectors : callable, optional
        Texts -> one vector of length 1 each, as `casebook.sentence_vectors` gives them.

    Returns
    -------
    Translations

    Raises
    ------
    ParameterError
        With more than 5,000 texts, or without the language model.

    Notes
    -----
    The bar lies where 99 % of the best matches among *ordinary people's* texts end, so about one in
    a hundred of their pairs is taken for a translation, and operations that translate freely are
    missed. What comes out are candidates for a person who reads both languages.
    """
    texts = _representatives(events, posts, accounts)
    counts = texts["language"].value_counts()
    languages = tuple(sorted(counts.index[counts >= FEWEST]))
    texts = texts[texts["language"].isin(languages)].reset_index(drop=True)
    if len(languages) < 2:
        return Translations(pd.DataFrame(columns=list(COLUMNS)), np.nan, 0, 0, 0, languages)
    if len(texts) > MOST_TEXTS:
        raise ParameterError(
            f"{len(texts):,} texts are too many to compare across languages (at most "
            f"{MOST_TEXTS:,})",
            remedy="leave across_languages off, or narrow the posts of the case to a period",
        )
    found = vectors([without_links(t) for t in texts["said"]])
    read = np.flatnonzero(np.isfinite(found).all(axis=1))
    unread = len(texts) - len(read)
    texts, found = texts.iloc[read].reset_index(drop=True), found[read]
    parts = [_best_matches(texts, found, one, other) for one, other in combinations(languages, 2)]
    pairs = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))
    usual = pairs.loc[pairs["ordinary"].astype(bool), "margin"]
    enough = len(usual) >= FEWEST_PAIRS
    bar = max(FLOOR, float(usual.quantile(LEVEL))) if enough else np.nan
    pairs["same"] = pairs["margin"].gt(bar)
    pairs = pairs.sort_values(
        ["same", "margin", "one", "other"], ascending=[False, False, True, True], ignore_index=True
    )
    return Translations(pairs, bar, len(usual), len(texts), unread, languages)


def joined_texts(events: pd.DataFrame, found: Translations | None) -> pd.DataFrame:
    """Return the events with texts that say the same in different languages as one object.

    Parameters
    ----------
    events : DataFrame
    found : Translations or None
        None where nothing was compared across languages.

    Returns
    -------
    DataFrame
        As given, where ``object`` of the text layer is the first name (in order of letters) of
        those that belong together.
    """
    if found is None or not found.pairs["same"].any():
        return events
    same = found.pairs[found.pairs["same"].astype(bool)]
    graph = nx.Graph(list(zip(same["one"], same["other"], strict=True)))
    name = {o: min(part) for part in nx.connected_components(graph) for o in part}
    text = events["layer"] == "text"
    other = events["object"].map(name).where(text)
    return events.assign(object=other.fillna(events["object"]).astype(events["object"].dtype))


def _representatives(
    events: pd.DataFrame, posts: pd.DataFrame, accounts: pd.DataFrame
) -> pd.DataFrame:
    """Return object, language, said (its first post's words), ordinary, people; one row a text."""
    ordinary = set(accounts.loc[accounts["role"] == "reference", "account"])
    known = posts.drop_duplicates("post").set_index("post")
    own = events[events["layer"] == "text"].sort_values(["object", "time", "post"], kind="stable")
    own = own.assign(
        language=known["lang"].reindex(own["post"]).array,
        said=known["text"].reindex(own["post"]).array,
        usual=own["account"].isin(ordinary),
    )
    own = own[own["language"].notna() & ~own["language"].isin(UNKNOWN) & own["said"].notna()]
    # The language most of its posts are said to be in; the first by letters where two tie.
    most = (
        own.groupby(["object", "language"])
        .size()
        .rename("n")
        .reset_index()
        .sort_values(["object", "n", "language"], ascending=[True, False, True], kind="stable")
        .drop_duplicates("object")
        .set_index("object")["language"]
    )
    grouped = own.groupby("object", sort=True)
    return pd.DataFrame(
        {
            "language": most,
            "said": grouped["said"].first(),
            "ordinary": grouped["usual"].all(),
            "people": grouped["account"].agg(frozenset),
        }
    ).reset_index(names="object")


def _best_matches(texts: pd.DataFrame, found: Floats, one: str, other: str) -> pd.DataFrame:
    """Return the pairs of two languages of which each is the other's best match."""
    left = np.flatnonzero(texts["language"] == one)
    right = np.flatnonzero(texts["language"] == other)
    cosine = (found[left] @ found[right].T).astype(np.float64)
    near = min(NEIGHBOURS, *cosine.shape)
    around = np.sort(cosine, axis=1)[:, -near:].mean(axis=1)[:, None]
    around = (around + np.sort(cosine, axis=0)[-near:].mean(axis=0)[None, :]) / 2
    # Rounded: the last digits differ between processors, and would decide on ties.
    margin = np.round(cosine / around, 4)
    best = margin.argmax(axis=1)
    rows = np.flatnonzero(margin.argmax(axis=0)[best] == np.arange(len(left)))
    a = texts.iloc[left[rows]].reset_index(drop=True)
    b = texts.iloc[right[best[rows]]].reset_index(drop=True)
    apart = np.array([not x & y for x, y in zip(a["people"], b["people"], strict=True)], dtype=bool)
    return pd.DataFrame(
        {
            "one": a["object"],
            "other": b["object"],
            "one_language": one,
            "other_language": other,
            "one_text": a["said"],
            "other_text": b["said"],
            "cosine": np.round(cosine[rows, best[rows]], 4),
            "margin": margin[rows, best[rows]],
            "ordinary": a["ordinary"] & b["ordinary"] & apart,
            "same": False,
        }
    )
