"""The exact sweep: events as whole numbers, sorted, and the pairs that lie within a window.

Sorted by object and time, the events that come within a window of an event stand directly behind
it, so a pair is found without looking at any other. Memory holds the events, the result, and at
most `BUDGET` pairs at once: where there are more, the sweep is repeated and each pass keeps the
account pairs of one hash class, which gives the same result to the last edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

MICROSECONDS = 1_000_000
BUDGET = 1 << 24
"""Pairs held at once: about 1 GB at the peak of a sort."""
CHUNK = 1 << 21


@dataclass(frozen=True)
class Codes:
    """Events of one layer as numbers, sorted by object, time, account and post.

    Attributes
    ----------
    names : ndarray of str
        Account keys in order: a smaller code is a smaller key.
    account, object, time : ndarray of int64
        Time is in microseconds.
    row : ndarray of int64
        Position of the event in the frame the codes were made from.
    posts : Series of str
        The posts, in the order of that frame.
    """

    names: npt.NDArray[Any]
    account: Ints
    object: Ints
    time: Ints
    row: Ints
    posts: pd.Series

    @property
    def total(self) -> int:
        """Number of accounts, whatever was left out of the events since."""
        return len(self.names)

    def only(self, keep: npt.NDArray[np.bool_]) -> Codes:
        """Return the codes with some events left out; accounts keep their numbers."""
        return Codes(
            self.names,
            self.account[keep],
            self.object[keep],
            self.time[keep],
            self.row[keep],
            self.posts,
        )

    def posts_of(self, *events: Ints) -> Ints:
        """Return a number for the post of each event; it is set for the events named alone."""
        wanted = np.zeros(len(self.row), dtype=bool)
        for some in events:
            wanted[some] = True
        coded = _dictionary(self.posts.iloc[self.row[wanted]])
        numbers = np.full(len(self.row), -1, dtype=np.int64)
        numbers[wanted] = coded.indices.to_numpy()
        return numbers


def encode(events: pd.DataFrame) -> Codes:
    """Return events as sorted codes.

    Parameters
    ----------
    events : DataFrame
        As `casebook.objects.events` gives it, of one layer.
    """
    account, names = _ranks(events["account"])
    obj, _ = _ranks(events["object"])
    moment = events["time"].astype("datetime64[us, UTC]").astype("int64")
    time = np.asarray(moment, dtype=np.int64)
    order = _order(obj, time, account, events["post"])
    return Codes(names, account[order], obj[order], time[order], order, events["post"])


def _ranks(words: pd.Series) -> tuple[Ints, npt.NDArray[Any]]:
    """Return the place of each word among the distinct words in order, and these words."""
    import pyarrow as pa
    import pyarrow.compute as pc

    coded = _dictionary(words)
    order = pc.sort_indices(coded.dictionary).to_numpy()
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    names = coded.dictionary.take(pa.array(order)).to_numpy(zero_copy_only=False)
    return rank[coded.indices.to_numpy()], names


def _dictionary(words: pd.Series) -> pa.DictionaryArray[Any, Any]:
    import pyarrow as pa

    plain = pa.array(words, type=pa.large_string())
    if isinstance(plain, pa.ChunkedArray):
        plain = plain.combine_chunks()
    return plain.dictionary_encode()


def _order(obj: Ints, time: Ints, account: Ints, posts: pd.Series) -> Ints:
    """Return the order by object, time, account and post."""
    since = time - time.min() if len(time) else time
    if not (since % MICROSECONDS).any():
        since = since // MICROSECONDS
    order = argsort(obj, since)
    # Few events share an object and a moment: only these are put in order among themselves.
    same = (obj[order][1:] == obj[order][:-1]) & (time[order][1:] == time[order][:-1])
    tied = np.flatnonzero(np.r_[same, False] | np.r_[False, same])
    if len(tied):
        among = order[tied]
        post, _ = _ranks(posts.iloc[among])
        order[tied] = among[np.lexsort((post, account[among], time[among], obj[among]))]
    return order


def argsort(*keys: Ints) -> Ints:
    """Return the stable order by some keys, the first of them first; none may be below zero.

    Where the keys and the position fit into one number of 63 bits, one sort of plain numbers does
    it, several times faster than sorting positions.
    """
    bits = [int(k.max(initial=0)).bit_length() for k in keys]
    place = len(keys[0]).bit_length()
    if sum(bits) + place > 63:
        return np.lexsort(keys[::-1]).astype(np.int64)
    packed = np.zeros(len(keys[0]), dtype=np.int64)
    for key, width in zip(keys, bits, strict=True):
        packed = (packed << width) | key
    packed = (packed << place) | np.arange(len(packed))
    packed.sort()
    return packed & ((1 << place) - 1)


def window_ends(codes: Codes, window: int) -> Ints:
    """Return for each event the end of the run of events that follow it within the window.

    Parameters
    ----------
    codes : Codes
    window : int
        Microseconds, inclusive.
    """
    n = len(codes.object)
    if n == 0:
        return np.empty(0, dtype=np.int64)
    starts = np.flatnonzero(np.r_[True, codes.object[1:] != codes.object[:-1]])
    lengths = np.diff(np.r_[starts, n])
    since = codes.time - np.repeat(codes.time[starts], lengths)
    room = since[starts + lengths - 1] + window + 1
    ends = np.empty(n, dtype=np.int64)
    # One number line holds all objects one after the other, a window apart. It is started anew
    # where it would leave 64 bits.
    line = np.cumsum(room.astype(np.float64))
    for piece in np.unique((line // 2.0**61).astype(np.int64)):
        chosen = np.flatnonzero((line // 2.0**61).astype(np.int64) == piece)
        first, last = starts[chosen[0]], starts[chosen[-1]] + lengths[chosen[-1]]
        offset = np.cumsum(room[chosen]) - room[chosen]
        key = since[first:last] + np.repeat(offset, lengths[chosen])
        ends[first:last] = first + np.searchsorted(key, key + window, side="right")
    return ends


def run_pairs(ends: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield all (i, j) with i < j < ends[i], in order, in chunks of bounded size."""
    here = np.arange(len(ends), dtype=np.int64)
    counts = np.maximum(ends - here - 1, 0)
    upto = np.cumsum(counts)
    start = 0
    while start < len(ends):
        before = upto[start - 1] if start else 0
        stop = max(int(np.searchsorted(upto, before + CHUNK, side="right")), start + 1)
        part = counts[start:stop]
        left = np.repeat(here[start:stop], part)
        step = np.arange(len(left), dtype=np.int64) - np.repeat(np.cumsum(part) - part, part)
        yield left, left + 1 + step
        start = stop


def all_pairs(ends: Ints) -> tuple[Ints, Ints]:
    """Return all (i, j) with i < j < ends[i] at once, for few events."""
    parts = list(run_pairs(ends))
    none = np.empty(0, dtype=np.int64)
    left = np.concatenate([none, *(i for i, _ in parts)])
    return left, np.concatenate([none, *(j for _, j in parts)])


def account_pairs(
    account: Ints, total: int, ends: Ints, budget: int | None = None
) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Yield (pair key, i, j) of events of two different accounts, one hash class at a time.

    The key is ``smaller * total + larger``. All event pairs of one account pair come in one piece,
    in the order of the events.
    """
    here = np.arange(len(ends), dtype=np.int64)
    pairs = int(np.maximum(ends - here - 1, 0).sum())
    classes = max(1, -(-pairs // (budget or BUDGET)))
    for wanted in range(classes):
        kept = []
        for i, j in run_pairs(ends):
            a, b = account[i], account[j]
            key = np.minimum(a, b) * total + np.maximum(a, b)
            keep = a != b
            if classes > 1:
                keep &= _hash_class(key, classes) == wanted
            kept.append((key[keep], i[keep], j[keep]))
        if kept:
            key, left, right = (np.concatenate(column) for column in zip(*kept, strict=True))
            yield key, left, right


def _hash_class(key: Ints, classes: int) -> Ints:
    spread = key.astype(np.uint64) * np.uint64(0x9E37_79B9_7F4A_7C15)
    return ((spread >> np.uint64(33)) % np.uint64(classes)).astype(np.int64)


def runs(key: Ints) -> Ints:
    """Return where each run of equal values in a sorted array begins."""
    if len(key) == 0:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(np.r_[True, key[1:] != key[:-1]]).astype(np.int64)
