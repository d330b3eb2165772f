"""Co-actions: two accounts act on one object within a time window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from casebook import schema
from casebook.errors import ParameterError
from casebook.network.engine import (
    MICROSECONDS,
    Codes,
    account_pairs,
    argsort,
    encode,
    runs,
    window_ends,
)
from casebook.network.windows import admissible_window, fine_enough, window_seconds
from casebook.objects import events as events_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from casebook.network.engine import Ints

Weight = Literal["co_actions", "posts"]
EVIDENCE_ROWS = 20


def co_actions(
    posts: pd.DataFrame | str | Path | Iterable[pd.DataFrame | str | Path],
    *,
    time_window: str | float = "60s",
    layers: Iterable[str] | str | None = None,
    weight: Weight = "co_actions",
    min_weight: int = 1,
    query_terms: Iterable[str] = (),
    evidence: bool = False,
    unattended: bool = False,
) -> pd.DataFrame:
    """Return one row for each pair of accounts that acted on one object within the time window.

    Parameters
    ----------
    posts : DataFrame, path of a Parquet file, or several
        The table ``posts``, or events.
    time_window : str or float
        Largest distance in time, inclusive: ``"60s"``, or seconds.
    layers : iterable of str, optional
        Kinds of object; all by default.
    weight : {"co_actions", "posts"}
        What ``min_weight`` counts: event pairs, or the posts of one account that the other matched.
    min_weight : int
        Leave out edges below it.
    query_terms : iterable of str
        Terms of the collection query, which are no objects.
    evidence : bool
        Fill ``evidence`` with the row references of the posts (the first 20).
    unattended : bool
        Where the clocks are too coarse for the window, widen it instead of refusing.

    Returns
    -------
    DataFrame
        The table ``edges``, one row per pair and layer: co_actions, posts_source, posts_target,
        objects, first, last, median_delay (seconds), lead. An account is never paired with itself.

    References
    ----------
    Righetti and Balluff, CooRTweet, 2023: co-actions, undirected. Graham, coordination network
    toolkit, QUT, 2020: posts, directed.

    Examples
    --------
    >>> import pandas as pd
    >>> shared = pd.DataFrame(
    ...     {
    ...         "account": ["ada", "ben", "cleo"],
    ...         "object": ["page", "page", "page"],
    ...         "time": pd.to_datetime([0, 40, 100], unit="s", utc=True),
    ...     }
    ... )
    >>> co_actions(shared)[["source", "target", "co_actions", "median_delay"]].values.tolist()
    [['ada', 'ben', 1, 40.0], ['ben', 'cleo', 1, 60.0]]
    """
    acts = events_of(posts, layers=layers, query_terms=query_terms)
    window = admissible_window(acts, time_window, unattended=unattended)
    if weight not in ("co_actions", "posts"):
        raise ParameterError(
            f"there is no weight {weight!r}", remedy="weights are 'co_actions' and 'posts'"
        )
    usable = fine_enough(acts, window.seconds)
    kinds = usable["layer"].unique().tolist()
    parts = [
        layer_edges(
            usable if [layer] == kinds else usable[usable["layer"] == layer],
            window.seconds,
            evidence=evidence,
        )
        for layer in schema.LAYERS
        if layer in kinds
    ] or [schema.empty("edges")]
    # Without the empty ones: a table of all columns would fill them, row by row, for every edge.
    edges = schema.check("edges", pd.concat([p for p in parts if len(p)] or parts[:1]))
    if weight == "co_actions":
        heavy = edges["co_actions"] >= min_weight
    else:
        heavy = edges[["posts_source", "posts_target"]].max(axis=1) >= min_weight
    return edges if heavy.all() else edges[heavy].reset_index(drop=True)


def directed_weights(edges: pd.DataFrame) -> pd.DataFrame:
    """Return the directed weight ``posts``: two rows an edge, source, target, layer, weight.

    The weight is the number of distinct posts of the source that a post of the target matched.
    """
    there = edges[["source", "target", "layer", "posts_source"]]
    back = edges[["target", "source", "layer", "posts_target"]]
    names = ["source", "target", "layer", "weight"]
    both = pd.concat([there.set_axis(names, axis=1), back.set_axis(names, axis=1)])
    return both.sort_values(names[:3]).reset_index(drop=True)


def layer_edges(
    events: pd.DataFrame,
    seconds: float,
    *,
    evidence: bool = False,
    budget: int | None = None,
) -> pd.DataFrame:
    """Return the edges of the events of one layer; the engine behind `co_actions`."""
    if events.empty:
        return schema.empty("edges")
    events = events.reset_index(drop=True)
    codes = encode(events)
    rows = events["row"].to_numpy(dtype=object) if evidence else None
    pieces = account_pairs(
        codes.account, codes.total, window_ends(codes, round(seconds * MICROSECONDS)), budget
    )
    parts = [_reduced(codes, key, i, j, rows) for key, i, j in pieces]
    edges = parts[0]
    if len(parts) > 1:  # one piece is in the order of the accounts, several are not
        edges = pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)
        edges = edges.sort_values(["source", "target"], kind="stable")
        edges = edges.reset_index(drop=True)
    edges["layer"] = pd.array([events["layer"].iloc[0]], dtype="string").repeat(len(edges))
    edges["time_window"] = seconds
    return edges


def _reduced(codes: Codes, key: Ints, i: Ints, j: Ints, rows: np.ndarray | None) -> pd.DataFrame:
    """Return one row per account pair from its event pairs."""
    order = argsort(key)
    key, i, j = key[order], i[order], j[order]
    starts = runs(key)
    count = np.diff(np.r_[starts, len(key)])
    source, target = key[starts] // codes.total, key[starts] % codes.total
    # Most pairs meet once: their figures are those of the one meeting.
    found = _once(codes, source, i[starts], j[starts])
    several = count > 1
    if several.any():
        often = np.repeat(several, count)
        summed = _often(codes, source[several], i[often], j[often], count[several])
        for name, values in summed.items():
            found[name][several] = values
    names = pd.array(codes.names, dtype="string")
    frame = pd.DataFrame(
        {
            "source": names.take(source),
            "target": names.take(target),
            "co_actions": count,
            "posts_source": found["posts_source"],
            "posts_target": found["posts_target"],
            "objects": found["objects"],
            "first": _utc(found["first"]),
            "last": _utc(found["last"]),
            "median_delay": found["median_delay"] / MICROSECONDS,
            "lead": found["lead"],
        },
        copy=False,
    )
    if rows is not None:
        frame["evidence"] = _evidence(rows, codes.row[i], codes.row[j], starts, count)
    return frame


def _once(codes: Codes, source: Ints, i: Ints, j: Ints) -> dict[str, np.ndarray]:
    """Return the figures of pairs that meet once, in events i and j."""
    first, last = codes.time[i], codes.time[j]
    lead = (codes.account[i] == source).astype(np.float64)
    lead[first == last] = 0.5
    one = np.ones(len(i), dtype=np.int64)
    return {
        "posts_source": one,
        "posts_target": one.copy(),
        "objects": one.copy(),
        "first": first,
        "last": last,
        "median_delay": (last - first).astype(np.float64),
        "lead": lead,
    }


def _often(codes: Codes, source: Ints, i: Ints, j: Ints, count: Ints) -> dict[str, np.ndarray]:
    """Return the figures of pairs that meet more than once; i and j are in the order of pairs."""
    starts = np.cumsum(count) - count
    edge = np.repeat(np.arange(len(count)), count)
    # Within a pair the meetings are in the order of objects, so a new object is a change.
    new_object = np.r_[True, codes.object[i][1:] != codes.object[i][:-1]]
    new_object[starts] = True
    before, after = codes.time[i], codes.time[j]
    delay = after - before
    i_is_source = codes.account[i] == source[edge]
    lead = np.where(delay == 0, 0.5, i_is_source.astype(np.float64))
    of_source, of_target = np.where(i_is_source, i, j), np.where(i_is_source, j, i)
    post = codes.posts_of(i, j)
    return {
        "posts_source": _distinct(edge, post[of_source], len(starts)),
        "posts_target": _distinct(edge, post[of_target], len(starts)),
        "objects": np.add.reduceat(new_object.astype(np.int64), starts),
        "first": np.minimum.reduceat(before, starts),
        "last": np.maximum.reduceat(after, starts),
        "median_delay": _medians(edge, delay, starts, count),
        "lead": np.add.reduceat(lead, starts) / count,
    }


def _utc(microseconds: Ints) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(microseconds.view("datetime64[us]")).tz_localize("UTC")


def _distinct(edge: Ints, post: Ints, edges: int) -> Ints:
    """Return how many distinct posts each edge has: one post can match through two objects."""
    span = np.int64(post.max() + 1)
    # Sorting is several times faster here than `np.unique`, which hashes.
    both = np.sort(edge * span + post)
    return np.bincount(both[runs(both)] // span, minlength=edges).astype(np.int64)


def _medians(edge: Ints, delay: Ints, starts: Ints, count: Ints) -> np.ndarray:
    width = int(delay.max(initial=0)).bit_length()
    if int(edge.max(initial=0)).bit_length() + width <= 63:
        ordered = np.sort((edge << width) | delay) & ((1 << width) - 1)
    else:
        ordered = delay[np.lexsort((delay, edge))]
    low, high = starts + (count - 1) // 2, starts + count // 2
    middle: np.ndarray = (ordered[low].astype(np.float64) + ordered[high]) / 2
    return middle


def _evidence(
    rows: np.ndarray, left: Ints, right: Ints, starts: Ints, count: Ints
) -> list[list[str]]:
    out = []
    for start, n in zip(starts.tolist(), count.tolist(), strict=True):
        stop = start + min(n, EVIDENCE_ROWS)
        both = zip(rows[left[start:stop]], rows[right[start:stop]], strict=True)
        named = dict.fromkeys(str(r) for pair in both for r in pair if r)
        out.append(list(named)[:EVIDENCE_ROWS])
    return out


def co_action_evidence(
    posts: pd.DataFrame,
    source: str,
    target: str,
    *,
    time_window: str | float = "60s",
    layers: Iterable[str] | str | None = None,
    query_terms: Iterable[str] = (),
) -> pd.DataFrame:
    """Return the co-actions of two accounts, one row each: what, which posts, and when.

    Parameters
    ----------
    posts : DataFrame
        The table ``posts``, or events.
    source, target : str
        Account keys.
    time_window, layers, query_terms
        As in `co_actions`.

    Returns
    -------
    DataFrame
        layer, object, post_source, post_target, time_source, time_target, row_source, row_target,
        delay (seconds; positive where the source came first).
    """
    acts = events_of(posts, layers=layers, query_terms=query_terms)
    seconds = window_seconds(time_window)
    acts = fine_enough(acts, seconds)
    acts = acts[acts["account"].isin([source, target])]
    parts = list(_pair_evidence(acts, source, seconds))
    names = ["layer", "object", "post_source", "post_target", "time_source", "time_target",
             "row_source", "row_target", "delay"]  # fmt: skip
    if not parts:
        return pd.DataFrame(columns=names)
    found = pd.concat(parts, ignore_index=True)
    return found.sort_values(["time_source", "layer", "object"], kind="stable")[names].reset_index(
        drop=True
    )


def _pair_evidence(acts: pd.DataFrame, source: str, seconds: float) -> Iterator[pd.DataFrame]:
    for layer, part in acts.groupby("layer", sort=True):
        part = part.reset_index(drop=True)  # noqa: PLW2901
        codes = encode(part)
        ends = window_ends(codes, round(seconds * MICROSECONDS))
        for _, i, j in account_pairs(codes.account, codes.total, ends):
            first = codes.names[codes.account[i]] == source
            one = part.iloc[codes.row[np.where(first, i, j)]].reset_index(drop=True)
            other = part.iloc[codes.row[np.where(first, j, i)]].reset_index(drop=True)
            yield pd.DataFrame(
                {
                    "layer": layer,
                    "object": one["object"],
                    "post_source": one["post"],
                    "post_target": other["post"],
                    "time_source": one["time"],
                    "time_target": other["time"],
                    "row_source": one["row"],
                    "row_target": other["row"],
                    "delay": (other["time"] - one["time"]).dt.total_seconds(),
                }
            )
