"""What the network step finds and whom it wrongs, in worlds with a known answer.

Every world holds 300 ordinary accounts, 30 partisans with the same favourites, 30 diaspora, a fan
club of 30, a newsroom of 12 and 30 activists; the gates say what is planted beside them. The bars
are fixed here and were before the first run; misses are printed.

    python -m benchmarks.bench_gates [seeds]
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
from casebook.scenario.worlds import Operation, world

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

HOUR = 3_600.0
SEEDS = 10
FIRST = 720
"""Seeds below it were looked at when the rules were made; those from here were not."""


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
    called = labelled(members, groups, robustness(specifications(tests)))
    real = called[called["label"] == "coordinated"]
    watched = groups[groups["personas"] > 0]
    claimed = set(real.loc[real["cluster"].isin(watched["cluster"]), "account"])
    basis = "; ".join(sorted(set(watched["basis"])))
    each = tuple(set(part) for _, part in real.groupby("cluster")["account"])
    return Found(pairs, set(real["account"]), claimed, basis, each, candidates)


GATES: dict[str, list[Operation]] = {
    "G1": [
        Operation(15, 480.0, 0.5),
        Operation(15, HOUR, 0.5),
        Operation(40, HOUR, 0.5),
    ],
    "G2": [
        Operation(15, 6 * HOUR, 0.5),
        Operation(15, 24 * HOUR, 0.5),
        Operation(15, 480.0, 0.8),
    ],
    "G3": [Operation(8, 480.0, 0.5), Operation(8, HOUR, 0.5)],
    "outside the defaults": [
        Operation(15, HOUR, 0.5, tasks=60),
        Operation(15, HOUR, 0.5, takes_part=0.2),
        Operation(15, HOUR, 0.5, amplifies=0.9),
        Operation(6, HOUR, 0.3, tasks=40, takes_part=0.6),
    ],
}
BARS = {"G1": (0.95, 0.90), "G2": (0.95, 0.75), "G3": (0.90, 0.80)}
"""Precision and recall at least, in the worst seed. In G2 the recall is that of candidates."""


def _row(gate: str, plan: Operation, seeds: int) -> tuple[str, bool]:
    precisions, recalls, candidates, bases = [], [], [], []
    for seed in range(FIRST, FIRST + seeds):
        events, accounts = world(seed, plan)
        planted = {a for a in accounts["account"] if a.startswith("operation")}
        found = found_in(events, accounts)
        right = found.claimed & planted
        precisions.append(len(right) / len(found.claimed) if found.claimed else 1.0)
        recalls.append(len(right) / len(planted))
        candidates.append(len(found.candidates & planted) / len(planted))
        bases.append(found.basis)
    counted = candidates if gate == "G2" else recalls
    bar = BARS.get(gate)
    good = bar is None or (min(precisions) >= bar[0] and min(counted) >= bar[1])
    often = max(set(bases), key=bases.count)
    line = (
        f"| {gate} | {plan.size} | {plan.spread / 60:g} min | {plan.camouflage:.0%} | {plan.tasks} "
        f"| {plan.takes_part:.0%} | {min(precisions):.2f} | {min(recalls):.2f} | "
        f"{mean(recalls):.2f} | {min(candidates):.2f} | {often} | "
        f"{'–' if bar is None else 'reached' if good else 'MISSED'} |"
    )
    return line, good


def detection(seeds: int) -> Iterator[tuple[str, bool]]:
    """Yield the table of what is found, line by line."""
    head = (
        "gate", "accounts", "spread", "camouflage", "tasks", "take part", "precision, worst",
        "recall, worst", "recall, mean", "candidates, worst", "basis", "bar",
    )  # fmt: skip
    yield f"| {' | '.join(head)} |", True
    yield "|---|---|---|---|---|---|---|---|---|---|---|---|", True
    for gate, plans in GATES.items():
        for plan in plans:
            yield _row(gate, plan, seeds)


def innocents(seeds: int) -> Iterator[tuple[str, bool]]:
    """Yield what is said of the innocent: partisans (G10), shuffles (G5), fans and crowds (G7)."""
    claims = 0
    for seed in range(2 * seeds):
        events, accounts = world(2 * FIRST + seed, under_review="partisans")
        claims += bool(found_in(events, accounts).claimed)
    good = claims <= 1
    yield f"G10: partisans called coordinated in {claims} of {2 * seeds} worlds (at most 1)", good
    wrong = members = 0
    for seed in range(seeds):
        events, accounts = world(FIRST + seed, Operation(15, HOUR, 0.5))
        claimed = found_in(events, accounts).claimed
        members += len(claimed)
        wrong += sum(not a.startswith("operation") for a in claimed)
    share = wrong / members if members else 0.0
    yield (
        f"G10: {wrong} of {members} claimed beside an operation are innocent (at most 2 %)",
        share <= 0.02,
    )
    events, accounts = world(FIRST)
    panel = calibration(events, accounts=accounts)
    fast = panel[(panel["rule"] == "beyond chance") & (panel["scale"] <= 1_800)]
    worst = int(fast["accounts_max"].max())
    yield (
        f"G5: pairs in 20 worlds of shuffled accounts, at most {worst} a scale (at most 1)",
        (worst <= 1),
    )
    found = found_in(events, accounts)
    fans = [a for a in accounts["account"] if a.startswith("fans")]
    share = len(found.coordinated & set(fans)) / len(fans)
    yield (
        f"G7: axis A alone calls {share:.0%} of the fan club coordinated (shown, not hidden)",
        share > 0.5,
    )
    crowd = fixed_threshold(events)
    ordinary = {a for a in [*crowd["source"], *crowd["target"]] if a.startswith("ordinary")}
    yield f"G7: a fixed threshold flags {len(ordinary)} of 300 ordinary accounts", True


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
