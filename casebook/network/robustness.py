"""How far the map hangs on choices, and what this collection would have missed.

A finding that needs one window, one threshold and one layer is a finding about those. And a test
that finds nothing says little before it is known what it could have found.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from casebook.network.chance import (
    SYNCHRONY,
    Q,
    Tests,
    discoveries,
    pairs_of,
    scale_pairs,
    synchronous,
)
from casebook.network.engine import MICROSECONDS, Codes, distinct
from casebook.network.groups import (
    COARSEST,
    EFFECT,
    HABIT_EFFECT,
    MIN_SIZE,
    Shares,
    habit_test,
    timing_test,
)
from casebook.network.taste import beside_taste
from casebook.network.windows import clock_seconds
from casebook.rates import jeffreys

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from casebook.network.engine import Floats, Ints

LEAST_OBJECTS = (3, 4, 5)
RATES = (0.05, 0.01, 0.001)
ROBUST = 0.7
"""An account is claimed for a cluster where at least this share of specifications include it."""

SIZES = (5, 8, 15, 40)
SPREADS = (480.0, 3_600.0, 21_600.0, 86_400.0)
TASKS = (25, 110)
TAKES_PART = (0.2, 0.5)
AMPLIFIES = (0.25, 0.75)
OTHER_ACTS = (0.25, 1.0)
"""How planted operations differ, drawn evenly for each: the tasks that fall into this layer, the
share of the accounts that take one on, the share of tasks on what others share in this case, and
the acts on something else for each act on a task (a fifth to a half of all acts)."""
RUNS = 12
"""The range of twelve holds the next operation of the same kind in 11 cases of 13."""
MANY_EVENTS = 100_000
"""In a larger layer one operation is planted for each size and spread, to stay within minutes."""
PLANTED = "planted:"
PLANTED_CLOCK = 2.0
"""What is planted has a clock of seconds: the narrowest window it allows."""
TIMING_DRAWS = 200


def specifications(tests: Tests) -> pd.DataFrame:
    """Return every pair of accounts and specification in which the pair is significant.

    Specifications are all combinations of the largest time scale allowed, the fewest distinct
    objects (3, 4, 5), the false discovery rate (.05, .01, .001) and the layer (all together, or
    each by itself). The grid is fixed here, so that nobody picks it after seeing the result.

    Parameters
    ----------
    tests : Tests
        From `casebook.network.chance.chance_tests`.

    Returns
    -------
    DataFrame
        scale, least_objects, q, layer, pairs (number), accounts (sorted keys of those in a
        significant pair), testable (sorted keys of those that meet somebody through objects
        enough): one row a specification, those without a pair included.
    """
    cards = tests.layers[tests.layers["assessable"]]
    layers = list(cards["layer"])
    size = dict(zip(cards["layer"], cards["accounts"], strict=True))
    scales = sorted({float(s) for row in cards["scales"] for s in row})
    choices: list[tuple[str, list[str]]] = [("all", layers)]
    choices += [(name, [name]) for name in layers] if len(layers) > 1 else []
    pairs = _coded(tests)
    enough = {
        (key, least): found[pairs.objects[found] >= least]
        for key, found in _by_layer_and_scale(tests).items()
        for least in LEAST_OBJECTS
    }
    rows = []
    for (word, chosen), largest in itertools.product(choices, scales):
        tested = sum(
            float(s) <= largest
            for name, row in zip(cards["layer"], cards["scales"], strict=True)
            if name in chosen
            for s in row
        )
        for least in LEAST_OBJECTS:
            tried = [
                (layer, found)
                for ((layer, scale), fewest), found in enough.items()
                if fewest == least and layer in chosen and scale <= largest
            ]
            testable = pairs.ends([found for _, found in tried])
            for q in RATES:
                level = q / max(tested, 1)
                kept = [
                    found[discoveries(pairs.ln_p[found], pairs_of(size[layer]), level)]
                    for layer, found in tried
                ]
                known = pairs.number(kept), pairs.ends(kept), testable
                rows.append((largest, least, q, word, *known))
    names = ["scale", "least_objects", "q", "layer", "pairs", "accounts", "testable"]
    return pd.DataFrame(rows, columns=names)


@dataclass(frozen=True)
class _Pairs:
    """The pairs of some tests as numbers; a smaller number is a smaller key."""

    names: npt.NDArray[Any]
    source: Ints
    target: Ints
    objects: Ints
    ln_p: Floats

    def ends(self, parts: Sequence[Ints]) -> list[str]:
        """Return the sorted keys of the accounts in some pairs."""
        found = np.zeros(len(self.names), dtype=bool)
        for rows in parts:
            found[self.source[rows]] = True
            found[self.target[rows]] = True
        names: list[str] = self.names[found].tolist()
        return names

    def number(self, parts: Sequence[Ints]) -> int:
        """Return how many pairs of accounts these are, over all layers and scales."""
        rows = np.concatenate([np.empty(0, dtype=np.int64), *parts])
        return len(distinct(self.source[rows] * len(self.names) + self.target[rows]))


def _coded(tests: Tests) -> _Pairs:
    ends = pd.concat([tests.pairs["source"], tests.pairs["target"]])
    place, names = pd.factorize(ends.to_numpy(dtype=object), sort=True)
    return _Pairs(
        names,
        place[: len(tests.pairs)].astype(np.int64),
        place[len(tests.pairs) :].astype(np.int64),
        tests.pairs["objects"].to_numpy(dtype=np.int64),
        tests.pairs["ln_p"].to_numpy(dtype=np.float64),
    )


def _by_layer_and_scale(tests: Tests) -> dict[tuple[str, float], Ints]:
    """Return the positions of the pairs of each layer and scale."""
    found: Any = tests.pairs.groupby(["layer", "scale"], sort=True).indices
    return {(str(layer), float(scale)): rows for (layer, scale), rows in found.items()}


def robustness(specifications: pd.DataFrame) -> pd.DataFrame:
    """Return for each account the share of specifications that include it.

    Returns
    -------
    DataFrame
        account, share (0 to 1), specifications (in how many it could be tested), robust (share of
        at least 0.7). Accounts that no specification includes are left out.
    """
    found = Counter(itertools.chain.from_iterable(specifications["accounts"]))
    tried = Counter(itertools.chain.from_iterable(specifications["testable"]))
    rows = [(a, n / tried[a], tried[a], n / tried[a] >= ROBUST) for a, n in sorted(found.items())]
    return pd.DataFrame(rows, columns=["account", "share", "specifications", "robust"])


def blind_spots(
    events: pd.DataFrame,
    tests: Tests,
    *,
    sizes: Sequence[int] = SIZES,
    spreads: Sequence[float] = SPREADS,
    runs: int | None = None,
    q: float = Q,
    seed: int = 20240903,
) -> pd.DataFrame:
    """Return which planted operations the test of pairs would have found in this very collection.

    Made-up accounts are added to the events of the layer in which most is shared: tasks in the
    period of the case, some on objects of their own and some on objects that others share here, at
    an exponential delay with the median of the spread, and beside them acts on something else. How
    many tasks, how many of the accounts take one on, how much of it is on what others share and how
    much is something else differs from one planted operation to the next, since nobody knows how an
    operation that was missed goes to work. Then the same test looks for them.

    Parameters
    ----------
    events : DataFrame
        As `casebook.objects.events` gives them.
    tests : Tests
        Which layers and scales can be tested here.
    sizes : sequence of int
        Accounts of an operation.
    spreads : sequence of float
        Median delay between a task and an act, in seconds.
    runs : int, optional
        Operations planted of each kind; by default 12, and 1 in a layer of more than 100,000
        events.
    q, seed : float, int

    Returns
    -------
    DataFrame
        accounts, spread (seconds), planted, found (accounts in a pair that is synchronous), share,
        low, high (least and largest share of one operation), groups_found (of the operations
        planted, those that pass the test of timing when all their accounts are under review),
        groups_low, groups_high (Jeffreys interval of that share, 95 %), runs. Empty where nothing
        can be tested.

    Notes
    -----
    Of one more operation of the same kind, the share found lies between the least and the largest
    of n with a probability of at least (n - 1) / (n + 1), whatever its distribution: 85 % for 12.
    With one run there is no such range, and low and high are missing.

    References
    ----------
    Wilks, "Determination of sample sizes for setting tolerance limits", Annals of Mathematical
    Statistics 12(1), 1941, for the range; `casebook.rates.jeffreys` for the groups.
    """
    names = [
        "accounts", "spread", "planted", "found", "share", "low", "high",
        "groups_found", "groups_low", "groups_high", "runs",
    ]  # fmt: skip
    cards = tests.layers[tests.layers["assessable"]]
    if cards.empty:
        return pd.DataFrame(columns=names)
    layer = max(cards["layer"], key=lambda name: (_shared(events, name), name))
    card = cards[cards["layer"] == layer].iloc[0]
    scales = [float(s) for s in card["scales"] if s <= SYNCHRONY]
    own = _Ground.of(events[events["layer"] == layer].reset_index(drop=True))
    if runs is None:
        runs = RUNS if len(own.time) <= MANY_EVENTS else 1
    rng = np.random.default_rng(seed)
    level = q / max(tests.number, 1)
    rows = []
    for size, spread in itertools.product(sizes, spreads):
        found, groups = [], 0
        for _ in range(runs):
            codes, needed = own.with_planted(_planted(own, size, spread, rng))
            planted = [n for n in codes.names if n.startswith(PLANTED)]
            found.append(_found(codes, needed, scales, level))
            groups += _timed(_shares(codes, needed), planted, q)
        low, high = (min(found) / size, max(found) / size) if runs > 1 else (np.nan, np.nan)
        pairs = (size * runs, sum(found), sum(found) / (size * runs), low, high)
        rows.append((size, spread, *pairs, groups, *jeffreys(groups, runs), runs))
    return pd.DataFrame(rows, columns=names)


def _timed(shares: Shares, planted: list[str], q: float) -> bool:
    """Return whether a group passes both tests of timing; the dearer one only where it matters."""
    found = timing_test(shares, planted, draws=TIMING_DRAWS, most=EFFECT)
    if not found["p"] <= q:
        return False
    found = habit_test(shares, planted, draws=TIMING_DRAWS)
    closer = found["p"] <= q and found["effect"] <= HABIT_EFFECT
    return bool(closer or found["gap"] <= SYNCHRONY)


def _shared(events: pd.DataFrame, layer: str) -> int:
    """Return how many events of a layer are on objects that at least four accounts share."""
    own = events[events["layer"] == layer]
    sharers = own.groupby("object")["account"].transform("nunique")
    return int((sharers >= MIN_SIZE).sum())


@dataclass(frozen=True)
class _Acts:
    """The acts of one made-up operation: who (a number), on what, when (microseconds)."""

    account: Ints
    object: list[str]
    time: Ints


@dataclass(frozen=True)
class _Ground:
    """The events of a layer as numbers, in the order they came, into which others are planted."""

    accounts: list[str]
    objects: list[str]
    account: Ints
    object: Ints
    time: Ints
    needed: Floats
    drawn: Floats
    """Summed chance of each event to be drawn: every account is as likely as every other."""

    @classmethod
    def of(cls, own: pd.DataFrame) -> _Ground:
        account, accounts = pd.factorize(own["account"].to_numpy(dtype=object), sort=True)
        obj, objects = pd.factorize(own["object"].to_numpy(dtype=object), sort=True)
        moment = own["time"].astype("datetime64[us, UTC]").astype("int64")
        weight = 1 / np.bincount(account)[account]
        weight /= weight.sum()
        summed = weight.cumsum()
        return cls(
            list(accounts),
            list(objects),
            account.astype(np.int64),
            obj.astype(np.int64),
            np.asarray(moment, dtype=np.int64),
            2 * clock_seconds(own).to_numpy(dtype=np.float64),
            summed / summed[-1],
        )

    def draw(self, number: int, rng: np.random.Generator) -> Ints:
        """Return so many events, drawn at random."""
        return np.searchsorted(self.drawn, rng.random(number), side="right")

    def with_planted(self, made: _Acts) -> tuple[Codes, Floats]:
        """Return all events as sorted codes, and the narrowest window that each clock allows."""
        new = [f"{PLANTED}{n}" for n in range(int(made.account.max(initial=-1)) + 1)]
        names, old, planted = _merged(self.accounts, new)
        _, held, things = _merged(self.objects, sorted(set(made.object)))
        place = dict(zip(sorted(set(made.object)), things.tolist(), strict=True))
        account = np.concatenate([old[self.account], planted[made.account]])
        obj = np.concatenate([held[self.object], [place[name] for name in made.object]])
        time = np.concatenate([self.time, made.time])
        needed = np.concatenate([self.needed, np.full(len(made.time), PLANTED_CLOCK)])
        order = np.lexsort((account, time, obj))
        nobody = pd.Series(np.zeros(len(order), dtype=np.int64))
        codes = Codes(
            np.array(names, dtype=object), account[order], obj[order].astype(np.int64),
            time[order], order, nobody,
        )  # fmt: skip
        return codes, needed[order]


def _merged(known: list[str], more: list[str]) -> tuple[list[str], Ints, Ints]:
    """Return all names in order, and the new numbers of the known ones and of the others."""
    names = sorted({*known, *more})
    place = {name: number for number, name in enumerate(names)}
    return (
        names,
        np.array([place[n] for n in known], dtype=np.int64),
        np.array([place[n] for n in more], dtype=np.int64),
    )


def _planted(own: _Ground, size: int, spread: float, rng: np.random.Generator) -> _Acts:
    """Return the acts of one made-up operation.

    What it amplifies, and what it does beside its tasks, it does when somebody here did: an account
    is drawn and one of its acts, and with it an object and a moment of that object's life.
    """
    tasks = int(rng.integers(TASKS[0], TASKS[1], endpoint=True))
    takes_part, amplifies = rng.uniform(*TAKES_PART), rng.uniform(*AMPLIFIES)
    others = round(tasks * takes_part * rng.uniform(*OTHER_ACTS))
    times = own.time / 1e6
    begin, end = float(times.min()), float(times.max())
    accounts: list[Ints] = []
    objects: list[str] = []
    seconds: list[Floats] = []
    for task in range(tasks):
        name, start = f"planted object {task}", rng.uniform(begin, end)
        if rng.random() < amplifies:
            at = int(own.draw(1, rng)[0])
            name, start = own.objects[own.object[at]], float(times[at])
        taking = np.flatnonzero(rng.random(size) < takes_part)
        accounts.append(taking)
        objects += [name] * len(taking)
        seconds.append(start + rng.exponential(spread / np.log(2), len(taking)))
    for number in range(size):
        drawn = own.draw(others, rng)
        accounts.append(np.full(others, number))
        objects += [own.objects[i] for i in own.object[drawn].tolist()]
        seconds.append(times[drawn] + 60.0)
    when = np.concatenate(seconds).round().astype(np.int64) * MICROSECONDS
    return _Acts(np.concatenate(accounts).astype(np.int64), objects, when)


def _shares(codes: Codes, needed: Floats) -> Shares:
    """Return the first act of each account on each object, as `first_acts` does."""
    fine = codes.only(needed <= 2 * COARSEST)
    # Within an object the events are in the order of time.
    order = np.argsort(fine.object * np.int64(fine.total) + fine.account, kind="stable")
    acts = (fine.account[order], fine.object[order], fine.time[order] / 1e6)
    return Shares(fine.names, *acts).first()


def _found(codes: Codes, needed: Floats, scales: list[float], level: float) -> int:
    """Return how many planted accounts are in a synchronous pair."""
    planted = np.array([n.startswith(PLANTED) for n in codes.names])
    found = np.zeros(codes.total, dtype=bool)
    for scale in scales:
        fine = codes.only(needed <= scale)
        pairs = scale_pairs(fine, scale)
        beyond = discoveries(pairs["ln_p"], pairs_of(codes.total), level)
        kept = {name: values[beyond] for name, values in pairs.items()}
        kept["both_shared"], kept["ln_p_time"] = beside_taste(fine, kept, scale)
        timed = synchronous(kept, codes.total, level)
        found[kept["source"][timed]] = True
        found[kept["target"][timed]] = True
    return int((found & planted).sum())
