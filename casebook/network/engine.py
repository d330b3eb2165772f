"""The exact sweep: events as whole numbers, sorted, and the pairs that lie within a window.

Sorted by object and time, the events that come within a window of an event stand directly behind
it, so a pair is found without looking at any other. Memory holds the events and about `BUDGET`
meetings at once: where there are more, the sweep is repeated and each pass keeps the pairs of the
next accounts, all of their meetings among them, so that nothing has to be merged.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    import pyarrow as pa

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

MICROSECONDS = 1_000_000
BUDGET = 1 << 23
"""Meetings held at once, about half a GB at the peak of a sort; more where one account has more."""
CHUNK = 1 << 21
PIECE = 1 << 19
"""Meetings in one piece of the compiled sweep, for which many pieces are no more work."""
WORTH_COMPILING, ONCE_STARTED = 1 << 22, 1 << 16
"""Event pairs from which compiled code repays its start, and its use once it is started."""
DENSE = 4_000_000
"""Pairs of accounts up to which a table of all of them is cheaper than sorting."""


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
    posts : Series of str, or of numbers
        The posts, in the order of that frame; numbers stand for distinct posts.
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

    def posts_of(self, events: Ints) -> Ints:
        """Return a number for the post of each of some events: the same for the same post."""
        posts = self.posts.iloc[self.row[events]]
        if pd.api.types.is_integer_dtype(posts):
            return posts.to_numpy(dtype=np.int64)
        numbers: Ints = _dictionary(posts).indices.to_numpy().astype(np.int64)
        return numbers

    def numbered(self) -> Codes:
        """Return the same codes with a number for each post: small, and free of ids."""
        return replace(self, posts=pd.Series(_dictionary(self.posts).indices.to_numpy()))


def encode(events: pd.DataFrame) -> Codes:
    """Return events as sorted codes.

    Parameters
    ----------
    events : DataFrame
        As `casebook.objects.events` gives it, of one layer.
    """
    acts = Acts()
    acts.add(events)
    return acts.codes()


class Acts:
    """Events of one layer, taken in some at a time: of their words only the distinct are held.

    Attributes
    ----------
    clock : list of ndarray of float
        The step of each event's clock, in seconds.
    rows : list of ndarray of str
        Row references.
    """

    def __init__(self) -> None:
        self.account: list[pa.DictionaryArray[Any, Any]] = []
        self.object: list[pa.DictionaryArray[Any, Any]] = []
        self.time: list[Ints] = []
        self.posts: list[pa.Array[Any]] = []

    def add(self, events: pd.DataFrame) -> None:
        """Take in events, as `casebook.objects.events` gives them."""
        self.account.append(_dictionary(events["account"]))
        self.object.append(_dictionary(events["object"]))
        moment = events["time"].astype("datetime64[us, UTC]").astype("int64")
        self.time.append(np.asarray(moment, dtype=np.int64))
        self.posts.append(_words(events["post"]))

    def codes(self) -> Codes:
        """Return all events as sorted codes; none are held here any more."""
        import pyarrow as pa

        account, names = _ranks(self.account)
        obj, _ = _ranks(self.object)
        time = np.concatenate([self.time.pop(0) for _ in list(self.time)])
        posts = pd.Series(pd.array(pa.chunked_array(self.posts), dtype="string"))
        self.posts.clear()
        order = _order(obj, time, account, posts)
        return Codes(names, account[order], obj[order], time[order], order, posts)


def _ranks(parts: list[pa.DictionaryArray[Any, Any]]) -> tuple[Ints, npt.NDArray[Any]]:
    """Return the place of each word among the distinct words in order, and these words.

    The parts are emptied: they take as much room as what is made of them.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = pa.chunked_array(parts).unify_dictionaries().combine_chunks()
    parts.clear()
    order = pc.sort_indices(whole.dictionary).to_numpy()
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    names = whole.dictionary.take(pa.array(order)).to_numpy(zero_copy_only=False)
    return rank[whole.indices.to_numpy()], names


def _dictionary(words: pd.Series) -> pa.DictionaryArray[Any, Any]:
    return _words(words).dictionary_encode()


def _words(words: pd.Series) -> pa.Array[Any]:
    import pyarrow as pa

    plain = pa.array(words, type=pa.large_string())
    return plain.combine_chunks() if isinstance(plain, pa.ChunkedArray) else plain


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
        post, _ = _ranks([_dictionary(posts.iloc[among])])
        order[tied] = among[np.lexsort((post, account[among], time[among], obj[among]))]
    return order


def argsort(*keys: Ints) -> Ints:
    """Return the stable order by some keys, the first of them first; none may be below zero.

    As many keys as fit into one number of 63 bits beside the position are sorted at a time, the
    last ones first: sorting plain numbers is several times faster than sorting positions.
    """
    place = len(keys[0]).bit_length()
    order: Ints | None = None
    left = list(keys)
    while left:
        packed, shift = np.arange(len(keys[0]), dtype=np.int64), place
        while left:
            width = int(left[-1].max(initial=0)).bit_length()
            if shift + width > 63:
                break
            key = left.pop()
            packed |= (key if order is None else key[order]) << shift
            shift += width
        if shift == place and left and width:
            return np.lexsort(keys[::-1]).astype(np.int64)  # a key too wide to be packed
        packed.sort()
        packed &= (1 << place) - 1
        order = packed if order is None else order[packed]
    return order if order is not None else np.arange(0)


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


@dataclass(frozen=True)
class Meetings:
    """Pairs of accounts, in order, and the event pairs in which each of them met.

    Attributes
    ----------
    source, target : ndarray of int64
        Accounts of each pair, the smaller first.
    count : ndarray of int64
        Meetings of each pair.
    left, right : ndarray of int64
        For each meeting the event of the source and of the target, pair after pair; within a pair
        in the order of objects.
    """

    source: Ints
    target: Ints
    count: Ints
    left: Ints
    right: Ints

    @property
    def starts(self) -> Ints:
        """Where the meetings of each pair begin."""
        return np.cumsum(self.count) - self.count


def meetings(
    account: Ints,
    total: int,
    ends: Ints,
    *,
    least: int = 1,
    compiled: bool | None = None,
    of: tuple[int, int] | None = None,
) -> Iterator[Meetings]:
    """Yield the pairs of two different accounts that meet often enough, with all their meetings.

    Each pair comes in one piece, in the order of the accounts. Without compiled code the sweep goes
    over all event pairs once more for every `BUDGET` of meetings.

    Parameters
    ----------
    account, ends : ndarray of int64
        Account of each event, and the end of the run of events that follow it within the window.
    total : int
        Number of accounts.
    least : int
        Leave out pairs with fewer meetings.
    compiled : bool, optional
        By default where it is worth its start, and numba is installed.
    of : (int, int), optional
        Only pairs whose smaller account is from the one to before the other.
    """
    here = np.arange(len(ends), dtype=np.int64)
    pairs = int(np.maximum(ends - here - 1, 0).sum())
    if compiled is None:
        started = "casebook.network.compiled" in sys.modules
        compiled = pairs > (ONCE_STARTED if started else WORTH_COMPILING) and (
            started or find_spec("numba") is not None
        )
    room = min(BUDGET, max(pairs, 1))
    some = of or (0, total)
    if compiled:
        yield from _compiled_meetings(account, ends, least, min(room, PIECE), some)
        return
    for first, last in [some] if pairs <= room else _shares(account, total, ends, some, room):
        kept = []
        for i, j in run_pairs(ends):
            a, b = account[i], account[j]
            source = np.minimum(a, b)
            keep = a != b
            if (first, last) != (0, total):
                keep &= (source >= first) & (source < last)
            i, j, source = i[keep], j[keep], source[keep]  # noqa: PLW2901
            kept.append((source * total + np.maximum(account[i], account[j]), i, j))
        if kept:
            key, left, right = (np.concatenate(column) for column in zip(*kept, strict=True))
            yield _grouped(account, total, (key, left, right), least)


def _shares(
    account: Ints, total: int, ends: Ints, of: tuple[int, int], room: int
) -> list[tuple[int, int]]:
    """Return some accounts in parts, so that each has about as many meetings as there is room."""
    met = np.zeros(total, dtype=np.int64)
    for i, j in run_pairs(ends):
        a, b = account[i], account[j]
        met += np.bincount(np.minimum(a, b)[a != b], minlength=total)
    upto = np.cumsum(met[of[0] : of[1]])
    cuts = of[0] + np.searchsorted(upto, np.arange(room, upto[-1:].sum(), room))
    return list(pairwise(np.unique([of[0], *cuts, of[1]]).tolist()))


def _compiled_meetings(
    account: Ints, ends: Ints, least: int, room: int, of: tuple[int, int]
) -> Iterator[Meetings]:
    from casebook.network.compiled import sweep

    begins = np.searchsorted(ends, np.arange(len(ends)), side="right").astype(np.int64)
    own = argsort(account)
    first = np.searchsorted(account[own], np.arange(int(account.max(initial=-1)) + 2))
    start, stop = of[0], min(of[1], len(first) - 1)
    while start < stop:
        start, *columns = sweep(account, (begins, ends), (own, first), (start, stop), least, room)
        yield from _split(Meetings(*columns))


def _split(met: Meetings) -> Iterator[Meetings]:
    """Yield the pairs of one busy account in pieces, so that what is made of them stays small."""
    if len(met.left) <= PIECE:
        yield met
        return
    upto = np.cumsum(met.count)
    cuts = np.searchsorted(upto, np.arange(PIECE, upto[-1], PIECE)) + 1
    for a, b in pairwise(np.unique([0, *cuts, len(upto)]).tolist()):
        of = slice(int(upto[a] - met.count[a]), int(upto[b - 1]))
        yield Meetings(
            met.source[a:b], met.target[a:b], met.count[a:b], met.left[of], met.right[of]
        )


def _grouped(account: Ints, total: int, found: tuple[Ints, Ints, Ints], least: int) -> Meetings:
    key, i, j = found
    if least > 1:
        often = _frequent(key, total, least)
        key, i, j = key[often], i[often], j[often]
    order = argsort(key)
    key, i, j = key[order], i[order], j[order]
    starts = runs(key)
    count = np.diff(np.r_[starts, len(key)])
    source, target = key[starts] // max(total, 1), key[starts] % max(total, 1)
    of_source = account[i] == np.repeat(source, count)
    return Meetings(source, target, count, np.where(of_source, i, j), np.where(of_source, j, i))


def _frequent(key: Ints, total: int, least: int) -> npt.NDArray[np.bool_]:
    """Return which entries belong to a pair that occurs at least so often."""
    if total * total <= DENSE:
        often: npt.NDArray[np.bool_] = (np.bincount(key, minlength=1) >= least)[key]
        return often
    ordered = np.sort(key)
    starts = runs(ordered)
    counts = np.diff(np.r_[starts, len(ordered)])
    wanted = ordered[starts][counts >= least]
    spot = np.minimum(np.searchsorted(wanted, key), max(len(wanted) - 1, 0))
    return wanted[spot] == key if len(wanted) else np.zeros(len(key), dtype=bool)


def runs(key: Ints) -> Ints:
    """Return where each run of equal values in a sorted array begins."""
    if len(key) == 0:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(np.r_[True, key[1:] != key[:-1]]).astype(np.int64)


def distinct(key: Ints) -> Ints:
    """Return the distinct values in order: `np.unique` hashes, and takes several times as long."""
    ordered: Ints = np.sort(key)
    found: Ints = ordered[runs(ordered)]
    return found
