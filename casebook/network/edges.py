"""Co-actions: two accounts act on one object within a time window."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from casebook import schema
from casebook.errors import ParameterError
from casebook.network import cluster
from casebook.network.engine import (
    MICROSECONDS,
    Codes,
    Meetings,
    argsort,
    encode,
    meetings,
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
Engine = Literal["local", "dask"]
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
    engine: Engine | None = None,
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
        Leave out edges below it. They are never held: with 2, five million posts fit into memory
        that all their chance meetings would overflow.
    query_terms : iterable of str
        Terms of the collection query, which are no objects.
    evidence : bool
        Fill ``evidence`` with the row references of the posts (the first 20).
    unattended : bool
        Where the clocks are too coarse for the window, widen it instead of refusing.
    engine : {"local", "dask"}, optional
        Where to look for them: in this process, or on the Dask cluster of this session; the edges
        are the same. By default here, unless the run was given a scheduler.

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
    if engine not in (None, "local", "dask"):
        raise ParameterError(
            f"there is no engine {engine!r}", remedy="engines are 'local' and 'dask'"
        )
    usable = fine_enough(acts, window.seconds)
    pa.default_memory_pool().release_unused()  # what reading took, before what counting takes
    kinds = usable["layer"].unique().tolist()
    parts = [
        layer_edges(
            usable if [layer] == kinds else usable[usable["layer"] == layer],
            window.seconds,
            evidence=evidence,
            least=min_weight,  # a post that was matched is a co-action
            engine=engine,
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
    least: int = 1,
    engine: Engine | None = None,
) -> pd.DataFrame:
    """Return the edges of the events of one layer; the engine behind `co_actions`.

    Parameters
    ----------
    events : DataFrame
        Of one layer.
    seconds : float
        The window, inclusive.
    evidence : bool
        As in `co_actions`.
    least : int
        Leave out pairs with fewer co-actions; what is left out is never held.
    engine : {"local", "dask"}, optional
        As in `co_actions`.
    """
    if events.empty:
        return schema.empty("edges")
    events = events.reset_index(drop=True)
    codes = encode(events)
    rows = events["row"].to_numpy(dtype=object) if evidence else None
    ends = window_ends(codes, round(seconds * MICROSECONDS))
    if (engine or _engine()) == "dask":
        parts = cluster.reduced(codes, ends, rows, least, _reduced)
    else:
        pieces = meetings(codes.account, codes.total, ends, least=least)
        parts = [_reduced(codes, met, rows) for met in pieces]
    found = _in_order(parts)
    names = pd.array(codes.names, dtype="string")
    size = len(found["source"])
    return pd.DataFrame(
        {
            "source": names.take(found.pop("source")),
            "target": names.take(found.pop("target")),
            "layer": pd.array([events["layer"].iloc[0]], dtype="string").repeat(size),
            "time_window": seconds,
            **found,
            "first": _utc(found["first"]),
            "last": _utc(found["last"]),
        },
        copy=False,
    )


def _engine() -> Engine:
    return "dask" if os.environ.get(cluster.SCHEDULER) else "local"


def _in_order(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return the columns of all pieces as one, in the order of source and target."""
    # Column by column, so that a second copy of all of them is never held.
    whole = {name: np.concatenate([p.pop(name) for p in parts]) for name in list(parts[0])}
    source, target = whole["source"], whole["target"]
    behind = (source[1:] < source[:-1]) | (source[1:] == source[:-1]) & (target[1:] < target[:-1])
    if behind.any():
        order = argsort(source, target)
        whole = {name: values[order] for name, values in whole.items()}
    return whole


def _reduced(codes: Codes, met: Meetings, rows: np.ndarray | None) -> dict[str, np.ndarray]:
    """Return the figures of each account pair from its meetings."""
    # Most pairs meet once: their figures are those of the one meeting.
    at = met.starts
    found = _once(codes, met.left[at], met.right[at])
    several = met.count > 1
    if several.any():
        often = np.repeat(several, met.count)
        summed = _often(codes, met.left[often], met.right[often], met.count[several])
        for name, values in summed.items():
            found[name][several] = values
    found = {"source": met.source, "target": met.target, "co_actions": met.count, **found}
    if rows is not None:
        found["evidence"] = _evidence(rows, codes, met)
    return found


def _once(codes: Codes, left: Ints, right: Ints) -> dict[str, np.ndarray]:
    """Return the figures of pairs that meet once, in these events of source and target."""
    one, other = codes.time[left], codes.time[right]
    lead = (one < other).astype(np.float64)
    lead[one == other] = 0.5
    single = np.ones(len(left), dtype=np.int64)
    return {
        "posts_source": single,
        "posts_target": single.copy(),
        "objects": single.copy(),
        "first": np.minimum(one, other),
        "last": np.maximum(one, other),
        "median_delay": np.abs(other - one) / MICROSECONDS,
        "lead": lead,
    }


def _often(codes: Codes, left: Ints, right: Ints, count: Ints) -> dict[str, np.ndarray]:
    """Return the figures of pairs that meet more than once, their meetings pair after pair."""
    starts = np.cumsum(count) - count
    edge = np.repeat(np.arange(len(count)), count)
    # Within a pair the meetings are in the order of objects, so a new object is a change.
    things = codes.object[left]
    new_object = np.r_[True, things[1:] != things[:-1]]
    new_object[starts] = True
    one, other = codes.time[left], codes.time[right]
    lead = np.where(one == other, 0.5, one < other)
    post = codes.posts_of(left, right)
    return {
        "posts_source": _distinct(edge, post[left], len(starts)),
        "posts_target": _distinct(edge, post[right], len(starts)),
        "objects": np.add.reduceat(new_object.astype(np.int64), starts),
        "first": np.minimum.reduceat(np.minimum(one, other), starts),
        "last": np.maximum.reduceat(np.maximum(one, other), starts),
        "median_delay": _medians(edge, np.abs(other - one), starts, count) / MICROSECONDS,
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


def _evidence(rows: np.ndarray, codes: Codes, met: Meetings) -> np.ndarray:
    """Return the row references of each pair, its first meetings first."""
    edge = np.repeat(np.arange(len(met.count)), met.count)
    first, second = np.minimum(met.left, met.right), np.maximum(met.left, met.right)
    order = np.lexsort((second, first, edge))
    first, second = codes.row[first[order]], codes.row[second[order]]
    out = np.empty(len(met.count), dtype=object)
    for at, (start, n) in enumerate(zip(met.starts.tolist(), met.count.tolist(), strict=True)):
        stop = start + min(n, EVIDENCE_ROWS)
        both = zip(rows[first[start:stop]], rows[second[start:stop]], strict=True)
        named = dict.fromkeys(str(r) for pair in both for r in pair if r)
        out[at] = list(named)[:EVIDENCE_ROWS]
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
        for met in meetings(codes.account, codes.total, ends):
            forth = codes.names[codes.account[met.left]] == source
            left, right = np.where(forth, (met.left, met.right), (met.right, met.left))
            one = part.iloc[codes.row[left]].reset_index(drop=True)
            other = part.iloc[codes.row[right]].reset_index(drop=True)
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
