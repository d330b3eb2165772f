"""Whom persona review calls an inauthentic group, alone and together with the network step.

The worlds of `bench_gates` with profiles, posts of their own, dated looks and pictures. The bars
are fixed here and were before the first run; misses are printed.

    python -m benchmarks.bench_personas [seeds]
"""

from __future__ import annotations

import sys
from dataclasses import replace
from statistics import mean
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.bench_gates import BARS, HOUR, found_in
from casebook.personas import group_battery, signals
from casebook.personas.catalogue import GROUP_FAMILIES
from casebook.personas.group import NEEDED_FAMILIES
from casebook.personas.look_alikes import MOST_P, fisher_tail
from casebook.personas.rhythm import FAR, daily_rhythm, fit_zone
from casebook.scenario.profiles import AGED, CAREFUL, KINDS, MIMIC, Kind, profiled
from casebook.scenario.worlds import Operation, fan_club, world

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEDS = 10
FIRST = 750
"""Seeds below it were looked at when the rules were made; those from here were not."""
INNOCENT = ("fans", "activists", "newsroom", "diaspora", "partisans", "ordinary")
MOST_FLAGGED = {"fans": 0.01, "activists": 0.01, "newsroom": 0.02, "diaspora": 0.01,
                "partisans": 0.01, "ordinary": 0.0005}  # fmt: skip
PLANS: dict[str, list[tuple[Operation, Kind | None, str]]] = {
    "G1": [
        (Operation(15, 480.0, 0.5), None, "usual"),
        (Operation(15, HOUR, 0.5), None, "usual"),
        (Operation(40, HOUR, 0.5), None, "usual"),
    ],
    "G2": [
        (Operation(15, 24 * HOUR, 0.5), None, "usual"),
        (Operation(15, 480.0, 0.8), None, "usual"),
    ],
    "G3": [(Operation(8, 480.0, 0.5), None, "usual"), (Operation(8, HOUR, 0.5), None, "usual")],
    "outside the defaults": [
        (Operation(15, 480.0, 0.5), AGED, "bought accounts"),
        (Operation(15, 480.0, 0.5), CAREFUL, "hours alone"),
    ],
}


MIXED: dict[str, Kind] = {
    "a new newsroom abroad": replace(KINDS["newsroom"], zone=8, burst=0.6, burst_days=30),
    "new activists abroad": replace(
        KINDS["activists"], zone=8, burst=0.6, burst_days=14, digits=0.4, likes=1.5
    ),
    "a shop with many accounts": replace(
        KINDS["ordinary"], hours=(9, 18), weekdays=True, likes=0.5, banner=0.5, template=0.5
    ),
}
"""Innocent groups that are of no kind among the reference accounts, each like several of them."""


def inauthentic(tables: dict[str, pd.DataFrame], group: set[str]) -> bool:
    """Return whether the battery calls some accounts of a world an inauthentic group."""
    return bool(group_battery(measured(tables, group)).inauthentic)


def measured(tables: dict[str, pd.DataFrame], group: set[str]) -> pd.DataFrame:
    """Return the signals of some accounts of a world, all others being reference accounts."""
    accounts = tables["accounts"]
    stratum = accounts["account"].str.rsplit("-", n=1).str[0]
    suspected = accounts["account"].isin(group)
    accounts = accounts.assign(
        role=np.where(suspected, "persona", "reference"), stratum=stratum.mask(suspected)
    )
    # A planted account nobody suspects is unknown, not one of the reference accounts.
    accounts = accounts[suspected | (stratum != "operation")]
    return signals(accounts, tables["posts"], tables["snapshots"], tables["media"])


def by_p_alone(rows: pd.DataFrame, rate: str = "reference_rate") -> bool:
    """Return what a battery would say that looks at p-values, and at ordinary accounts only."""
    passed = 0
    for _, part in rows[rows["shown"] != "not assessable"].groupby("signal"):
        shown, n = int((part["shown"] == "shown").sum()), len(part)
        name, pool = part["signal"].iloc[0], int(part["reference_n"].iloc[0] or 0)
        if name in {"creation-burst", "zone-mismatch"}:
            passed += shown > 0
        elif name in GROUP_FAMILIES:
            others = round(float(part[rate].iloc[0]) * pool) if pool else 0
            passed += shown > 0 and fisher_tail(shown, n, others, pool) <= MOST_P
    return passed >= NEEDED_FAMILIES


def both(seeds: int) -> Iterator[tuple[str, bool]]:
    """Yield what the two steps find together: coordinated clusters, called inauthentic."""
    head = ("gate", "accounts", "spread", "camouflage", "profiles", "axis B alone",
            "precision, worst", "recall, worst", "recall, mean", "bar")  # fmt: skip
    yield f"| {' | '.join(head)} |", True
    yield "|---" * len(head) + "|", True
    for gate, plans in PLANS.items():
        for plan, kind, name in plans:
            yield _both(gate, plan, kind, name, seeds)


def _both(gate: str, plan: Operation, kind: Kind | None, name: str, seeds: int) -> tuple[str, bool]:
    precisions, recalls, alone = [], [], 0
    for seed in range(FIRST, FIRST + seeds):
        events, accounts = world(seed, plan)
        tables = profiled(seed, events, accounts, operation=kind)
        planted = {a for a in accounts["account"] if a.startswith("operation")}
        said = inauthentic(tables, planted)
        alone += said
        claimed: set[str] = set()
        for cluster in found_in(events, accounts).clusters:
            # Fans and newsrooms are called coordinated too: the second axis has to tell them apart.
            if said if cluster <= planted else inauthentic(tables, cluster):
                claimed |= cluster
        if gate == "G2" and said:
            # Slow operations have no claim on rung 2: what counts is whether they are candidates.
            claimed |= planted
        precisions.append(len(claimed & planted) / len(claimed) if claimed else 1.0)
        recalls.append(len(claimed & planted) / len(planted))
    bar = BARS.get(gate)
    good = bar is None or (min(precisions) >= bar[0] and min(recalls) >= bar[1])
    line = (
        f"| {gate} | {plan.size} | {plan.spread / 60:g} min | {plan.camouflage:.0%} | {name} | "
        f"{alone} of {seeds} | {min(precisions):.2f} | {min(recalls):.2f} | {mean(recalls):.2f} | "
        f"{'–' if bar is None else 'reached' if good else 'MISSED'} |"
    )
    return line, good


def innocents(seeds: int) -> Iterator[tuple[str, bool]]:
    """Yield whom the battery wrongs (G4), and what p-values alone would do."""
    for kind in INNOCENT:
        flagged = naive = people = 0
        for seed in range(FIRST, FIRST + seeds):
            events, accounts = world(seed, under_review=kind)
            tables = profiled(seed, events, accounts)
            group = set(accounts.loc[accounts["role"] == "persona", "account"])
            rows = measured(tables, group)
            people += len(group)
            flagged += len(group) * bool(group_battery(rows).inauthentic)
            naive += by_p_alone(rows)
        good = flagged <= MOST_FLAGGED[kind] * people
        yield (
            (
                f"G4: {kind}: {flagged} of {people} accounts in a group called inauthentic; "
                f"by p-values alone {naive} of {seeds} groups"
            ),
            good,
        )
    called = 0
    for seed in range(2 * seeds):
        called += inauthentic(*by_eye(2 * FIRST + seed))
    yield (
        f"G4: picked by a reporter's eye: called in {called} of {2 * seeds} worlds (0)",
        not called,
    )


def mixed(seeds: int) -> Iterator[tuple[str, bool]]:
    """Yield whom the battery wrongs among groups of a kind that nobody collected; no bar."""
    for name, kind in MIXED.items():
        called = 0
        for seed in range(FIRST, FIRST + seeds):
            events, accounts = fan_club(seed, *world(seed), "operation", 15)
            tables = profiled(seed, events, accounts, operation=kind)
            called += inauthentic(
                tables, {a for a in accounts["account"] if a.startswith("operation")}
            )
        yield f"of no kind collected: {name}: called in {called} of {seeds} worlds", True


def by_eye(seed: int) -> tuple[dict[str, pd.DataFrame], set[str]]:
    """Return a world without an operation, and the fifteen a reporter would have picked.

    Digits in the handle, the United States in the profile, few reactions, odd hours: what the
    published cases look like, and the selection is not on record.
    """
    events, accounts = world(seed)
    tables = profiled(seed, events, accounts)
    people, posts = tables["accounts"], tables["posts"]
    digits = people["handle"].str.contains(r"\d{5}").to_numpy().astype(float)
    likes = people["account"].map(posts.groupby("account")["likes"].median())
    night = posts["created_at"].dt.hour.between(7, 11)
    odd = people["account"].map(night.groupby(posts["account"]).mean())
    eye = digits + (likes <= likes.median()).astype(float) + odd.rank(pct=True)
    ordinary = people["account"].str.startswith("ordinary")
    return tables, set(people.loc[eye[ordinary].nlargest(15).index, "account"])


def mimics(seeds: int) -> Iterator[tuple[str, bool]]:
    """Yield what is said of an operation that does what a fan club does (G9)."""
    seen = wrong = 0
    for seed in range(FIRST, FIRST + seeds):
        events, accounts = world(seed)
        events, accounts = fan_club(seed, events, accounts, "operation", 15)
        tables = profiled(seed, events, accounts, operation=MIMIC)
        planted = {a for a in accounts["account"] if a.startswith("operation")}
        found = found_in(events, accounts)
        seen += len(found.claimed & planted) >= 0.8 * len(planted)
        wrong += inauthentic(tables, planted)
    good = seen >= 0.9 * seeds and not wrong
    yield (
        (
            f"G9: an operation that is a fan club in everything: coordinated in {seen} of {seeds} "
            f"worlds, inauthentic in {wrong}: missed, as expected"
        ),
        good,
    )


def zones(seeds: int, trials: int = 100) -> Iterator[tuple[str, bool]]:
    """Yield how often the hours of fifteen accounts, and of one, name the right zone."""
    for habits, name in ((0, "people with hours of their own"), (3, "people with three habits")):
        near = refused = split = far = tried = 0
        for seed in range(seeds):
            rng = np.random.default_rng(FIRST + seed)
            home = pd.concat([_hours(rng, f"h{n}", -5, 60, habits) for n in range(80)])
            rhythm = {"the daily rhythm": daily_rhythm(home, -5)}
            for _ in range(trials):
                zone = int(rng.integers(-11, 13))
                pool = pd.concat([_hours(rng, f"p{n:02d}", zone, 40, habits) for n in range(15)])
                fit = fit_zone(pool, rhythm, -5)
                tried += 1
                refused += not fit.members_agree
                near += fit.members_agree and _off(fit.zone, zone) <= 1
                away = np.where(pool["account"] < "p05", 9, 0)
                again = fit_zone(pool.assign(hour=(pool["hour"] + away) % 24), rhythm, -5)
                split += not again.members_agree
                one = _hours(rng, "a", zone, 500, habits)
                both = pd.concat([one, one.assign(account="b")])
                far += _off(fit_zone(both, rhythm, -5).zone, zone) >= FAR
        yield (
            (
                f"zones: {name}: fifteen accounts within one hour in {near} of {tried - refused} "
                f"pools, {refused} refused; a third of them nine hours away: {split} refused; one "
                f"account with 500 posts five hours off or more: {far}"
            ),
            bool(habits) or near >= 0.99 * tried,
        )


def _hours(rng: np.random.Generator, name: str, zone: int, count: int, habits: int) -> pd.DataFrame:
    """Return the hours of somebody who sleeps, and is more active in some hours than in others."""
    up = rng.normal(7.5, 1.0)
    if habits:
        local = rng.choice(up + rng.uniform(0, 15.5, habits), count) + rng.normal(0, 1.5, count)
    else:
        liked = rng.gamma(2.0, 1.0, 16)
        local = up + rng.choice(16, count, p=liked / liked.sum()) + rng.random(count)
    return pd.DataFrame(
        {"account": name, "hour": np.floor(local - zone).astype(int) % 24, "weekday": 0}
    )


def _off(zone: int, other: int) -> int:
    return abs((zone - other + 12) % 24 - 12)


def main(arguments: list[str]) -> int:
    """Print the tables; the exit code says whether all bars are reached."""
    seeds = int(arguments[0]) if arguments else SEEDS
    reached = True
    for part in (innocents(seeds), mixed(seeds), mimics(seeds), zones(seeds), both(seeds)):
        for line, good in part:
            print(line, flush=True)
            reached &= good
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
