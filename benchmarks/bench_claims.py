"""Whether claims about the innocent can be made FINAL, and how many bad drafts are caught.

Worlds in which nobody runs an operation. An analyst suspects fifteen fans (activists, partisans,
diaspora, newsroom accounts), and is as wrong as can be: reviewers judge everybody suspected and do
well in a line-up, a published list calls four other members of the same club part of a network,
documents that are not open are at hand, and every item is rated in favour of the named actor.

    python -m benchmarks.bench_claims [seeds]
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pandas as pd

from benchmarks.bench_gates import FIRST
from benchmarks.bench_personas import measured
from casebook import schema
from casebook.attribution import (
    check_claims,
    ladder,
    named_values,
    register,
    seven_hypotheses,
)
from casebook.attribution.rules import HYPOTHESES
from casebook.network import (
    chance_tests,
    cluster_tests,
    clusters,
    co_actions,
    labelled,
    robustness,
    significance,
    specifications,
)
from casebook.personas import group_battery
from casebook.scenario.profiles import profiled
from casebook.scenario.worlds import Operation, world

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEDS = 10
DECOYS = ("fans", "activists", "partisans", "diaspora", "newsroom")
LISTED = 4
"""Members of the same club whom a published list calls part of the network."""
REASONS = {
    "assumptions": "The reference accounts stand for ordinary users.",
    "sourcing": "Platform exports and documents collected here.",
    "argument": "Several traits point the same way.",
}
EAGER: list[dict[str, Any]] = [
    {
        "id": f"C{number}",
        "kind": "assessment",
        "rung": 3,
        "network": "Lantern",
        "text": text,
        "likelihood": likelihood,
        "confidence": {"level": "low", **REASONS},
        "evidence": evidence,
        "counter_evidence": "An imitator would leave the same ties in time.",
    }
    for number, (text, likelihood, evidence) in enumerate(
        [
            (("It is {{ likelihood }} that the group is linked to Lantern: {{ tied_personas }} of "
             "its accounts keep pace with {{ tied_known }} attributed ones."),
             "likely", ["selection:known_ties", "ORBIT"]),
            ("It is {{ likelihood }} that the group is linked to Lantern.",
             "almost certain", ["selection:known_ties", "ORBIT", "E0005"]),
            ("It is {{ likelihood }} that the group is linked to Lantern.",
             "roughly even chance", ["selection:known_ties", "E0005", "E0009"]),
        ],
        start=1,
    )
]  # fmt: skip
EAGER.append(
    {
        **EAGER[0],
        "id": "C9",
        "rung": 4,
        "network": "",
        "text": "It is {{ likelihood }} that the accounts were operated by a contractor.",
        "evidence": ["E0005", "E0009"],
        "would_change": "The contract itself.",
        "about": ["Sample Contractor"],
    }
)
SETTINGS = SimpleNamespace(
    networks=[{"name": "Lantern", "aliases": [], "look_alikes": []}],
    legal={}, hypotheses={}, language="en",
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What step 4 says of one world.

    Attributes
    ----------
    open_rungs : set of int
        Rungs that stay undetermined.
    sound : list of str
        Claims on rung 3 or 4 that break no rule.
    ahead : set of str
        Hypotheses called ahead.
    ties : int
        Pairs in synchrony of an account under review and a listed one.
    """

    open_rungs: set[int]
    sound: list[str]
    ahead: set[str]
    ties: int


def evidence() -> pd.DataFrame:
    """Return a register: posts, a published list, two documents that are not open."""
    rows = [
        ("E0001", "posts", "zeeschuimer-x", "behavioural", "open", []),
        ("E0002", "posts of listed accounts", "table", "behavioural", "open", ["ORBIT"]),
        ("E0005", "letter from a host", "document", "technical", "proprietary", ["HOSTCO"]),
        ("E0009", "payments", "document", "contextual", "proprietary", ["BANK"]),
    ]
    columns = ["evidence_id", "title", "reader", "kind", "access", "derives_from"]
    items = pd.DataFrame(rows, columns=columns).assign(
        status="live", capture="platform export", sha256="a", reliability="B", credibility="2"
    )
    return register(items, pd.DataFrame([{"source_id": "ORBIT", "title": "List of the network"}]))


def network(events: pd.DataFrame, accounts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the edges and the labelled clusters of a world."""
    tests = chance_tests(events, accounts=accounts)
    edges = significance(
        events, co_actions(events, unattended=True), accounts=accounts, tests=tests
    )
    members = clusters(edges, schema.empty("posts"), accounts, seeds=0)
    if members.empty:
        return edges, schema.empty("clusters")
    groups = cluster_tests(members, edges, events, schema.empty("posts"), accounts)
    return edges, labelled(members, groups, robustness(specifications(tests)))


def said_of(seed: int, kind: str, operation: Operation | None = None) -> Said:
    """Return what step 4 says of a world, where everybody involved is as eager as can be."""
    events, people = world(seed, operation, under_review=kind)
    suspected = set(people.loc[people["role"] == "persona", "account"])
    club = sorted(people.loc[people["account"].str.startswith(f"{kind}-"), "account"])
    # An operation is on nobody's list here. In a small club the listed come out of the suspected.
    others = [a for a in club if a not in suspected] or club
    listed = set() if operation else set(others[:LISTED])
    suspected -= listed
    made = profiled(seed, events, people)
    roles = {**dict.fromkeys(suspected, "persona"), **dict.fromkeys(listed, "known")}
    role = made["accounts"]["account"].map(roles).fillna("reference")
    held = made["accounts"]["account"].map(lambda a: "E0002" if a in listed else "E0001")
    accounts = made["accounts"].assign(role=role, evidence_id=held)
    parts = people["account"].map(roles).fillna("reference")
    edges, groups = network(events, people.assign(role=parts))
    tables = {
        "accounts": accounts, "posts": made["posts"], "snapshots": made["snapshots"],
        "signals": measured(made, suspected), "edges": edges, "clusters": groups,
        "verdicts": _verdicts(suspected), "line_ups": _line_up(len(suspected)),
    }  # fmt: skip
    graded = evidence()
    values = named_values(tables)
    rungs = ladder(tables, graded, values, group=group_battery)
    checked = check_claims(
        EAGER, graded, values, tables=tables, ladder=rungs, settings=SETTINGS, hashes=False
    )
    broken = set(checked.violations["claim"])
    ranked = seven_hypotheses(dict(HYPOTHESES), _eager_ratings(), rungs)
    return Said(
        set(rungs.loc[rungs["status"] != "supported", "rung"]),
        [c["id"] for c in EAGER if c["id"] not in broken],
        set(ranked.loc[ranked["state"] == "least against it", "hypothesis"]),
        int(values["known_ties"].value or 0),
    )


def _verdicts(suspected: set[str]) -> pd.DataFrame:
    rows = [
        {"account": a, "verdict": "suspected", "reviewers": ["aa", "bb"], "agreement": "unanimous",
         "real_person_check": "done", "evidence": ["E0001:1"]}
        for a in sorted(suspected)
    ]  # fmt: skip
    return schema.check("verdicts", pd.DataFrame(rows))


def _line_up(number: int) -> pd.DataFrame:
    row = {
        "reviewer": "aa", "locked": True, "under_review": number, "called": number,
        "fillers": number, "fillers_called": 0, "rate": 0.0, "low": 0.0, "high": 0.2, "p": 0.001,
        "tells_apart": True, "evidence": ["E0001:1"],
    }  # fmt: skip
    return schema.check("line_ups", pd.DataFrame([row]))


def _eager_ratings() -> pd.DataFrame:
    """Return ratings of somebody who knows who it was: everything speaks against all others."""
    rows = [
        {**{h: "CC" if h == "H3" else "II" for h in HYPOTHESES}, "item": item,
         "credibility": "high", "relevance": "high", "origin_group": item, "reason": "sure",
         "by": "aa"}
        for item in ("selection:persona_pairs", "selection:signals_shown", "ORBIT")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def decoys(seeds: int) -> Iterator[tuple[str, bool]]:
    """Yield, for each kind of innocent, what an eager analyst could make FINAL."""
    for kind in DECOYS:
        all_said = [said_of(seed, kind) for seed in range(FIRST, FIRST + seeds)]
        final = sum(len(said.sound) for said in all_said)
        ahead = sum("H3" in said.ahead for said in all_said)
        tied = sum(said.ties > 0 for said in all_said)
        yield (
            (
                f"{kind}: {final} of {seeds * len(EAGER)} claims on rungs 3, 4 could be FINAL; H3 "
                f"ahead in {ahead} of {seeds} worlds; tied to a listed account in {tied}"
            ),
            not final and not ahead,
        )
    said = [
        said_of(seed, "operation", Operation(15, 480.0, 0.5))
        for seed in range(FIRST, FIRST + seeds)
    ]
    final = sum(len(one.sound) for one in said)
    ahead = sum("H3" in one.ahead for one in said)
    yield (
        (
            f"a group that is false and acts together, and is on nobody's list: {final} of "
            f"{seeds * len(EAGER)} claims could be FINAL; H3 ahead in {ahead} of {seeds}"
        ),
        not final and not ahead,
    )


def main(arguments: list[str]) -> int:
    """Print a line a kind; the exit code says whether nothing false could be made FINAL."""
    seeds = int(arguments[0]) if arguments else SEEDS
    reached = True
    for line, good in decoys(seeds):
        print(line, flush=True)
        reached &= good
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
