"""What the network step finds and whom it wrongs, in worlds with a known answer.

Every world holds 300 ordinary accounts, 30 partisans with the same favourites, 30 diaspora, a fan
club of 30, a newsroom of 12 and 30 activists; the gates say what is planted beside them. The bars
are fixed here and were before the first run; misses are printed.

    python -m benchmarks.bench_gates [worlds]
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING

from casebook import schema
from casebook.network import (
    calibration,
    chance_tests,
    cluster_tests,
    clusters,
    co_actions,
    fixed_threshold,
    labelled,
    review_candidates,
    robustness,
    significance,
    specifications,
)
from casebook.scenario.worlds import Operation, followers, world

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

MINUTE, HOUR = 60.0, 3_600.0
SEEDS = 10
FIRST = 730
"""Seeds below it were looked at when the rules were made; those from here were not."""
PARTISANS, BESIDE = 1_460, 740
"""The first seeds of the worlds for the innocent."""
BY_TASTE = ("ordinary", "partisans", "diaspora")
"""Who acts together with nobody: 360 accounts of a world."""


@dataclass(frozen=True)
class Found:
    """What the step says of one world."""

    pairs: set[str]
    """Accounts in a significant pair."""
    coordinated: set[str]
    """Accounts called coordinated."""
    claimed: set[str]
    """Of these, accounts in a cluster that holds an account under review."""
    basis: str
    clusters: tuple[set[str], ...] = ()
    """The coordinated accounts, cluster by cluster."""
    candidates: frozenset[str] = frozenset()
    """Accounts in a significant pair, or that share more than usual with others under review."""
    robust: frozenset[str] = frozenset()
    """Accounts in at least 70 % of the specifications."""


def found_in(events: pd.DataFrame, accounts: pd.DataFrame) -> Found:
    """Run the step on a world."""
    tests = chance_tests(events, accounts=accounts)
    edges = significance(
        events, co_actions(events, unattended=True), accounts=accounts, tests=tests
    )
    posts = schema.empty("posts")
    members = clusters(edges, posts, accounts, seeds=0)
    tied = edges[edges["finding"].isin(["synchrony", "shared attention"])]
    pairs = set(tied["source"]) | set(tied["target"])
    pooled = review_candidates(events, accounts)
    candidates = frozenset(pairs | set(pooled.loc[pooled["candidate"], "account"]))
    if members.empty:
        return Found(pairs, set(), set(), "no cluster", (), candidates)
    groups = cluster_tests(members, edges, events, posts, accounts)
    stable = robustness(specifications(tests))
    called = labelled(members, groups, stable)
    real = called[called["label"] == "coordinated"]
    watched = groups[groups["personas"] > 0]
    claimed = set(real.loc[real["cluster"].isin(watched["cluster"]), "account"])
    basis = "; ".join(sorted(set(watched["basis"])))
    each = tuple(set(part) for _, part in real.groupby("cluster")["account"])
    robust = frozenset(stable.loc[stable["robust"].astype(bool), "account"])
    return Found(pairs, set(real["account"]), claimed, basis, each, candidates, robust)


GATES: dict[str, list[Operation]] = {
    "G1": [
        Operation(15, 8 * MINUTE, 0.5),
        Operation(15, HOUR, 0.5),
        Operation(40, HOUR, 0.5),
    ],
    "G2": [
        Operation(15, 6 * HOUR, 0.5),
        Operation(15, 24 * HOUR, 0.5),
        Operation(15, 8 * MINUTE, 0.8),
    ],
    "G3": [Operation(8, 8 * MINUTE, 0.5), Operation(8, HOUR, 0.5)],
    "outside the defaults": [
        Operation(15, HOUR, 0.5, tasks=60),
        Operation(15, HOUR, 0.5, takes_part=0.2),
        Operation(15, HOUR, 0.5, amplifies=0.9),
        Operation(6, HOUR, 0.3, tasks=40, takes_part=0.6),
    ],
}
HALF = "outside the defaults"
"""Lines without a bar, in half as many worlds."""
BARS = {"G1": (0.95, 0.90), "G2": (0.95, 0.75), "G3": (0.90, 0.80)}
"""Precision and recall at least, in the worst seed. In G2 the recall is that of candidates."""


def of_kind(names: set[str] | frozenset[str], *kinds: str) -> set[str]:
    """Return the accounts of some kinds: a name begins with its kind."""
    return {name for name in names if name.startswith(kinds)}


def flagged(events: pd.DataFrame) -> set[str]:
    """Return whom the common fixed rule flags: two co-actions within a minute."""
    pairs = fixed_threshold(events)
    return {*pairs["source"], *pairs["target"]}


@dataclass(frozen=True)
class World:
    """What the step and the fixed rule make of one world with an operation, as shares."""

    precision: float
    recall: float
    candidates: float
    robust: float
    """Of those claimed: in at least 70 % of the specifications; not a number where none is."""
    basis: str
    wronged: int
    """Accounts called coordinated that act together with nobody."""
    fixed_recall: float
    fixed_wronged: int


def judged(seed: int, plan: Operation) -> World:
    """Return how one world with an operation comes out."""
    events, accounts = world(seed, plan)
    found, fixed = found_in(events, accounts), flagged(events)
    right = of_kind(found.claimed, "operation")
    return World(
        len(right) / len(found.claimed) if found.claimed else 1.0,
        len(right) / plan.size,
        len(of_kind(found.candidates, "operation")) / plan.size,
        len(found.claimed & found.robust) / len(found.claimed) if found.claimed else float("nan"),
        found.basis,
        len(of_kind(found.coordinated, *BY_TASTE)),
        len(of_kind(fixed, "operation")) / plan.size,
        len(of_kind(fixed, *BY_TASTE)),
    )


def _row(gate: str, plan: Operation, seeds: int) -> tuple[str, bool]:
    worlds = [judged(seed, plan) for seed in range(FIRST, FIRST + seeds)]
    precision = min(w.precision for w in worlds)
    recalls = [w.recall for w in worlds]
    candidates = min(w.candidates for w in worlds)
    claimed = [w.robust for w in worlds if w.recall]
    bar = BARS.get(gate)
    counted = candidates if gate == "G2" else min(recalls)
    good = bar is None or (precision >= bar[0] and counted >= bar[1])
    bases = [w.basis for w in worlds]
    cells = (
        gate, plan.size, f"{plan.spread / 60:g} min", f"{plan.camouflage:.0%}", plan.tasks,
        f"{plan.takes_part:.0%}", f"{plan.amplifies:.0%}",
        f"{sum(r > 0 for r in recalls)} of {seeds}", f"{precision:.2f}", f"{min(recalls):.2f}",
        f"{mean(recalls):.2f}", f"{candidates:.2f}", max(sorted(set(bases)), key=bases.count),
        f"{mean(claimed):.2f}" if claimed else "–", max(w.wronged for w in worlds),
        f"{mean(w.fixed_recall for w in worlds):.2f}",
        f"{mean(w.fixed_wronged for w in worlds):.0f}",
        "–" if bar is None else "reached" if good else "MISSED",
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |", good


def detection(seeds: int) -> Iterator[tuple[str, bool]]:
    """Yield the table of what is found, line by line."""
    head = (
        "gate", "accounts", "spread", "camouflage", "tasks", "take part", "amplify", "found in",
        "precision, worst", "recall, worst", "recall, mean", "candidates, worst", "basis",
        "in 70 % of specifications", "of 360 wronged, most", "fixed rule: recall, mean",
        "fixed rule: of 360 wronged, mean", "bar",
    )  # fmt: skip
    yield f"| {' | '.join(head)} |", True
    yield f"|{'---|' * len(head)}", True
    for gate, plans in GATES.items():
        for plan in plans:
            yield _row(gate, plan, seeds // 2 if gate == HALF else seeds)


def suspected(accounts: pd.DataFrame, *kinds: str, each: int = 10) -> pd.DataFrame:
    """Return accounts of which some of each kind are under review too."""
    names = {f"{kind}-{i:03d}" for kind in kinds for i in range(each)}
    chosen = accounts["account"].isin(names)
    return accounts.assign(role=accounts["role"].mask(chosen, "persona"))


def innocents(seeds: int) -> Iterator[tuple[str, bool]]:
    """Yield what is said of the innocent: under review (G10), in shuffles (G5), in crowds (G7)."""
    claims = 0
    for seed in range(PARTISANS, PARTISANS + 2 * seeds):
        claims += bool(found_in(*world(seed, under_review="partisans")).claimed)
    good = claims <= 1
    yield f"G10: partisans called coordinated in {claims} of {2 * seeds} worlds (at most 1)", good
    yield from _beside(seeds)
    events, accounts = world(FIRST)
    panel = calibration(events, accounts=accounts)
    fast = panel[(panel["rule"] == "beyond chance") & (panel["scale"] <= 1_800)]
    worst, times = int(fast["accounts_max"].max()), panel["times_mean"].round(1).tolist()
    line = (
        f"G5: pairs in 20 worlds of shuffled accounts, at most {worst} a scale (at most 1); "
        f"of shuffled times, mean of each scale and of the fixed rule: {times}"
    )
    yield line, worst <= 1
    found = found_in(events, accounts)
    share = len(of_kind(found.coordinated, "fans")) / 30
    yield (
        f"G7: axis A alone calls {share:.0%} of the fan club coordinated (shown, not hidden)",
        share > 0.5,
    )
    ordinary = len(of_kind(flagged(events), "ordinary"))
    yield f"G7: a fixed threshold flags {ordinary} of 300 ordinary accounts", True


def _beside(seeds: int) -> Iterator[tuple[str, bool]]:
    """Yield who is wronged beside an operation: quick or well hidden, by turns.

    Under review with it are thirty innocents, and five people who believe it: they share a third
    of what it puts out, as late as ordinary people do.
    """
    wrong = members = candidates = misled = 0
    innocent = {f"{kind}-{i:03d}" for kind in BY_TASTE for i in range(10)}
    plans = (Operation(15, HOUR, 0.5), Operation(15, 8 * MINUTE, 0.8))
    for number in range(seeds):
        events, accounts = world(BESIDE + number, plans[number % 2])
        events, accounts = followers(BESIDE + number, events, accounts, 5)
        found = found_in(events, suspected(accounts, *BY_TASTE))
        believers = of_kind(found.claimed, "followers")
        members += len(found.claimed - believers)
        wrong += len(found.claimed - believers - of_kind(found.claimed, "operation"))
        misled += len(believers)
        candidates += len(found.candidates & innocent)
    share = wrong / members if members else 0.0
    line = (
        f"G10: {wrong} of {members} claimed are innocent, in {seeds} worlds with an operation "
        f"and 30 innocents under review (at most 2 %); {candidates} of these {30 * seeds} are "
        "candidates"
    )
    yield line, share <= 0.02
    line = f"followers of the operation: {misled} of {5 * seeds} called coordinated (no bar)"
    yield line, True


def main(arguments: list[str]) -> int:
    """Print the tables; the exit code says whether all bars are reached."""
    seeds = int(arguments[0]) if arguments else SEEDS
    reached = True
    for part in (detection(seeds), innocents(seeds)):
        for line, good in part:
            print(line, flush=True)
            reached &= good
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
