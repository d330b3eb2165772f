"""Co-actions: two accounts act on one object within a time window."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack, overload

import numpy as np
import pandas as pd
import pyarrow as pa

from casebook import schema
from casebook.errors import ParameterError
from casebook.network import cluster
from casebook.network.engine import (
    MICROSECONDS,
    Acts,
    Codes,
    Meetings,
    encode,
    meetings,
    runs,
    window_ends,
)
from casebook.network.windows import (
    admissible_window,
    clock_seconds,
    fine_enough,
    window_seconds,
)
from casebook.objects import event_parts
from casebook.objects import events as events_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from casebook.network.cluster import Columns
    from casebook.network.engine import Floats, Ints
    from casebook.objects import Posts

Weight = Literal["co_actions", "posts"]
Engine = Literal["local", "dask"]
EVIDENCE_ROWS = 20
GROUP = 1 << 20
"""Edges that are written at a time: a group of rows of the file, some 0.1 GB while it is made."""

_WORD = pa.dictionary(pa.int32(), pa.string())
_MOMENT = pa.timestamp("us", tz="UTC")
EDGES = pa.schema(
    [
        ("source", _WORD),
        ("target", _WORD),
        ("layer", _WORD),
        ("time_window", pa.float64()),
        *((name, pa.int32()) for name in ("co_actions", "posts_source", "posts_target", "objects")),
        ("first", _MOMENT),
        ("last", _MOMENT),
        ("median_delay", pa.float64()),
        ("lead", pa.float64()),
    ]
)
"""What is known of an edge before it is tested, as it is held and written."""
EVIDENCE = pa.field("evidence", pa.list_(pa.string()))


class _Choices(TypedDict, total=False):
    time_window: str | float
    layers: Iterable[str] | str | None
    weight: Weight
    min_weight: int
    query_terms: Iterable[str]
    evidence: bool
    unattended: bool
    engine: Engine | None


@overload
def co_actions(posts: Posts, *, to: None = None, **choices: Unpack[_Choices]) -> pd.DataFrame: ...


@overload
def co_actions(posts: Posts, *, to: str | Path, **choices: Unpack[_Choices]) -> Path: ...


def co_actions(
    posts: Posts,
    *,
    time_window: str | float = "60s",
    layers: Iterable[str] | str | None = None,
    weight: Weight = "co_actions",
    min_weight: int = 1,
    query_terms: Iterable[str] = (),
    evidence: bool = False,
    unattended: bool = False,
    engine: Engine | None = None,
    to: str | Path | None = None,
) -> pd.DataFrame | Path:
    """Return one row for each pair of accounts that acted on one object within the time window.

    Parameters
    ----------
    posts : DataFrame, path of a Parquet file, or several
        The table ``posts``, or events. Files are read in parts, and only the columns needed.
    time_window : str or float
        Largest distance in time, inclusive: ``"60s"``, or seconds.
    layers : iterable of str, optional
        Kinds of object; all by default.
    weight : {"co_actions", "posts"}
        What ``min_weight`` counts: event pairs, or the posts of one account that the other matched.
    min_weight : int
        Leave out edges below it; they are never held. Most pairs meet once, by chance: with 2, of
        five million posts one pair in a hundred is left.
    query_terms : iterable of str
        Terms of the collection query, which are no objects.
    evidence : bool
        Add ``evidence``, the row references of the posts (the first 20).
    unattended : bool
        Where the clocks are too coarse for the window, widen it instead of refusing.
    engine : {"local", "dask"}, optional
        Where to look for them: in this process, or on the Dask cluster of this session; the edges
        are the same. By default here, unless the run was given a scheduler.
    to : path, optional
        Write the edges to this Parquet file instead of holding them, and return its path. They are
        found account by account, so that memory holds the events and a few million edges at most,
        however many there are. The file is there when it is whole, and not before.

    Returns
    -------
    DataFrame, or Path
        Of the table ``edges`` the columns that need no test, one row per pair and layer: source,
        target, layer, time_window (seconds), co_actions, posts_source, posts_target, objects,
        first, last, median_delay (seconds), lead. In the order of layer, source and target. An
        account is never paired with itself.

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
    if weight not in ("co_actions", "posts"):
        raise ParameterError(
            f"there is no weight {weight!r}", remedy="weights are 'co_actions' and 'posts'"
        )
    if engine not in (None, "local", "dask"):
        raise ParameterError(
            f"there is no engine {engine!r}", remedy="engines are 'local' and 'dask'"
        )
    path = None if to is None else _checked_target(to)
    acts: dict[str, _Layer] = {}
    for some in event_parts(posts, layers=layers, query_terms=query_terms, rows=evidence):
        if len(some):
            acts.setdefault(some["layer"].iloc[0], _Layer(evidence=evidence)).add(some)
    clocks = [clock for layer in acts.values() for clock in layer.clock]
    window = admissible_window(_joined(clocks), time_window, unattended=unattended)
    pa.default_memory_pool().release_unused()  # what reading took, before what counting takes
    found = (
        table
        for name in schema.LAYERS
        if name in acts
        for table in acts.pop(name).edges(
            name,
            window.seconds,
            weight=weight,
            least=min_weight,
            engine=engine,
            at_once=None if path is None else GROUP,
        )
    )
    described = _described(evidence=evidence)
    if path is not None:
        return _written(found, described, path)
    frames = [_frame(table) for table in found] or [_frame(described.empty_table())]
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)


def directed_weights(edges: pd.DataFrame) -> pd.DataFrame:
    """Return the directed weight ``posts``: two rows an edge, source, target, layer, weight.

    The weight is the number of distinct posts of the source that a post of the target matched.
    """
    there = edges[["source", "target", "layer", "posts_source"]]
    back = edges[["target", "source", "layer", "posts_target"]]
    names = ["source", "target", "layer", "weight"]
    both = pd.concat([there.set_axis(names, axis=1), back.set_axis(names, axis=1)])
    return both.sort_values(names[:3]).reset_index(drop=True)


def layer_edges(events: pd.DataFrame, seconds: float, *, evidence: bool = False) -> pd.DataFrame:
    """Return the edges of the events of one layer, as `co_actions` does.

    Parameters
    ----------
    events : DataFrame
        Of one layer.
    seconds : float
        The window, inclusive; the clocks of all events must be fine enough for it.
    evidence : bool
        As in `co_actions`.
    """
    layer = _Layer(evidence=evidence)
    layer.add(events)
    name = str(events["layer"].iloc[0]) if len(events) else ""
    found = list(layer.edges(name, seconds))
    return _frame(found[0] if found else _described(evidence=evidence).empty_table())


class _Layer:
    """The events of one layer as they come in: numbers, their clocks and, as asked, their rows."""

    def __init__(self, *, evidence: bool) -> None:
        self.acts = Acts()
        self.clock: list[Floats] = []
        self.rows: list[npt.NDArray[Any]] | None = [] if evidence else None

    def add(self, events: pd.DataFrame) -> None:
        """Take in some events."""
        self.acts.add(events)
        self.clock.append(clock_seconds(events).to_numpy())
        if self.rows is not None:
            self.rows.append(events["row"].to_numpy(dtype=object))

    def edges(
        self,
        name: str,
        seconds: float,
        *,
        weight: Weight = "co_actions",
        least: int = 1,
        engine: Engine | None = None,
        at_once: int | None = None,
    ) -> Iterator[pa.Table]:
        """Yield the edges in order, about so many at once; by default all in one table."""
        codes = self.acts.codes()
        fine = (2 * _joined(self.clock) <= seconds)[codes.row]
        codes = codes if fine.all() else codes.only(fine)
        rows = None if self.rows is None else np.concatenate(self.rows)
        ends = window_ends(codes, round(seconds * MICROSECONDS))
        # A post that was matched is a co-action, so what has too few of these has too few posts.
        if (engine or _engine()) == "dask":
            parts = cluster.reduced(codes, ends, rows, least, _reduced)
        else:
            met = meetings(codes.account, codes.total, ends, least=least)
            parts = (_reduced(codes, some, rows) for some in met)
        if weight == "posts":
            parts = (_matched(part, least) for part in parts)
        names = pa.array(codes.names, type=pa.string())
        for columns in _gathered(parts, at_once):
            yield _table(columns, names, name, seconds)


def _joined(parts: list[Floats]) -> Floats:
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0), *parts])


def _engine() -> Engine:
    return "dask" if os.environ.get(cluster.SCHEDULER) else "local"


def _matched(part: Columns, least: int) -> Columns:
    """Return the edges in which one account has so many posts that the other matched."""
    heavy = np.maximum(part["posts_source"], part["posts_target"]) >= least
    return {name: values[heavy] for name, values in part.items()}


def _gathered(parts: Iterable[Columns], at_once: int | None) -> Iterator[Columns]:
    """Yield the parts joined so that each has so many edges, the last one apart; or all as one."""
    held: list[Columns] = []
    for part in parts:
        held.append(part)
        if at_once is not None and sum(len(p["source"]) for p in held) >= at_once:
            yield _whole(held)
            held = []
    if held:
        yield _whole(held)


def _whole(parts: list[Columns]) -> Columns:
    # Column by column, so that a second copy of all of them is never held.
    return {name: np.concatenate([p.pop(name) for p in parts]) for name in list(parts[0])}


def _table(columns: Columns, names: pa.Array[Any], layer: str, seconds: float) -> pa.Table:
    """Return edges as an Arrow table, with no more names than it needs."""
    source, target = columns.pop("source"), columns.pop("target")
    size, low = len(source), int(source[0]) if len(source) else 0
    used = np.zeros(len(names), dtype=bool)
    used[target] = True
    place = np.cumsum(used, dtype=np.int32) - 1
    held = {
        # Sources come in order, so those of a part lie beside each other.
        "source": _words(source - low, names.slice(low, int(source[-1]) - low + 1 if size else 0)),
        "target": _words(place[target], names.filter(pa.array(used))),
        "layer": _words(np.zeros(size, dtype=np.int32), pa.array([layer], pa.string())),
        "time_window": np.full(size, seconds),
        **columns,
        **{
            at: pa.array(columns[at].view("datetime64[us]")).cast(_MOMENT)
            for at in ("first", "last")
        },
    }
    return pa.table(held, schema=_described(evidence="evidence" in held))


def _described(*, evidence: bool) -> pa.Schema:
    return EDGES.append(EVIDENCE) if evidence else EDGES


def _utc(microseconds: np.ndarray) -> pa.Array[Any]:
    return pa.array(microseconds).cast(_MOMENT)


def _words(codes: np.ndarray, names: pa.Array[Any]) -> pa.DictionaryArray[Any, Any]:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), names)


def _frame(edges: pa.Table) -> pd.DataFrame:
    """Return the edges of an Arrow table as a frame, its names as strings."""
    columns: dict[str, Any] = {}
    for name in edges.column_names:
        column = edges[name]
        edges = edges.drop_columns(name)  # so that a second copy of all of them is never held
        if pa.types.is_dictionary(column.type):
            columns[name] = pd.array(column.cast(pa.large_string()), dtype="string")
        else:
            columns[name] = column.to_pandas()
    return pd.DataFrame(columns, copy=False)


def _checked_target(to: str | Path) -> Path:
    path = Path(to)
    if not path.parent.is_dir() or path.is_dir():
        raise ParameterError(
            f"edges cannot be written to {path}: "
            + ("it is a folder" if path.is_dir() else f"there is no folder {path.parent}"),
            remedy="name a file in a folder that is there, such as edges.parquet",
        )
    return path


def _written(tables: Iterable[pa.Table], described: pa.Schema, path: Path) -> Path:
    """Write edges to a Parquet file, table by table, and return its path."""
    import pyarrow.parquet as pq

    partial = path.with_name(f".{path.name}.part")
    try:
        with pq.ParquetWriter(
            partial,
            described,
            compression="none",
            use_dictionary=[c for c in described.names if c not in ("first", "last", "evidence")],
            # Or the names of a group that has many are written once an edge.
            dictionary_pagesize_limit=1 << 30,
            column_encoding={"first": "DELTA_BINARY_PACKED", "last": "DELTA_BINARY_PACKED"},
            write_statistics=["source", "co_actions"],
        ) as writer:
            for table in tables:
                writer.write_table(table, row_group_size=GROUP)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def _reduced(codes: Codes, met: Meetings, rows: np.ndarray | None) -> Columns:
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
    found = {
        "source": met.source.astype(np.int32),
        "target": met.target.astype(np.int32),
        "co_actions": met.count.astype(np.int32),
        **found,
    }
    if rows is not None:
        found["evidence"] = _evidence(rows, codes, met)
    return found


def _once(codes: Codes, left: Ints, right: Ints) -> Columns:
    """Return the figures of pairs that meet once, in these events of source and target."""
    one, other = codes.time[left], codes.time[right]
    lead = (one < other).astype(np.float64)
    lead[one == other] = 0.5
    return {
        **{c: np.ones(len(left), np.int32) for c in ("posts_source", "posts_target", "objects")},
        "first": np.minimum(one, other),
        "last": np.maximum(one, other),
        "median_delay": np.abs(other - one) / MICROSECONDS,
        "lead": lead,
    }


def _often(codes: Codes, left: Ints, right: Ints, count: Ints) -> Columns:
    """Return the figures of pairs that meet more than once, their meetings pair after pair."""
    starts = np.cumsum(count) - count
    edge = np.repeat(np.arange(len(count)), count)
    # Within a pair the meetings are in the order of objects, so a new object is a change.
    things = codes.object[left]
    new_object = np.r_[True, things[1:] != things[:-1]]
    new_object[starts] = True
    one, other = codes.time[left], codes.time[right]
    lead = np.where(one == other, 0.5, one < other)
    return {
        "posts_source": _distinct(edge, codes.posts_of(left), len(starts)),
        "posts_target": _distinct(edge, codes.posts_of(right), len(starts)),
        "objects": np.add.reduceat(new_object.astype(np.int64), starts),
        "first": np.minimum.reduceat(np.minimum(one, other), starts),
        "last": np.maximum.reduceat(np.maximum(one, other), starts),
        "median_delay": _medians(edge, np.abs(other - one), starts, count) / MICROSECONDS,
        "lead": np.add.reduceat(lead, starts) / count,
    }


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
