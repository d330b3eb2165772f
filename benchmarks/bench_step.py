"""What the whole network step takes on many posts of all kinds: seconds of processor and memory.

Posts are generated: reposts, links, texts of which some are near-duplicates, sets of hashtags,
pictures, replies and mentions, each with heavy tails on both sides. Six scales, significance,
clusters and group tests, as notebook 3 calls them; then the calibration on a sample of at most
100,000 events.

    python -m benchmarks.bench_step [posts]
"""

from __future__ import annotations

import resource
import sys
import time
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

import casebook as cb
from casebook import schema

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

Result = TypeVar("Result")
STEP_TARGET, MEMORY_TARGET, CALIBRATION_TARGET = 120.0, 4.0, 300.0
SAMPLE = 100_000
SHARES = {"repost": 0.45, "link": 0.2, "text": 0.15, "hashtags": 0.1, "media": 0.04,
          "reply": 0.04, "mention": 0.02}  # fmt: skip
RING, TASKS = 15, 200
_WORDS = 4_000


def posts(count: int, seed: int = 20240903) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return posts of all kinds, and their accounts, fifteen of them under review."""
    rng = np.random.default_rng(seed)
    account = _tail(rng, count, 1.3, count / 60, count / 5)
    kind = rng.choice(list(SHARES), size=count, p=list(SHARES.values()))
    ring = np.arange(TASKS * RING)  # who is under review does the same within half a minute
    kind[ring] = "repost"
    columns: dict[str, list[object]] = {
        c: [None] * count for c in ("repost_of", "in_reply_to", "text")
    }
    lists: dict[str, list[list[str]]] = {
        c: [[] for _ in range(count)] for c in ("urls", "hashtags", "mentions", "media")
    }
    when = np.empty(count, dtype=np.int64)
    for name in SHARES:
        rows = np.flatnonzero(kind == name)
        thing = _tail(rng, len(rows), 0.9, len(rows) / 40, len(rows) / 2)
        first = rng.integers(1_700_000_000, 1_702_600_000, int(thing.max(initial=0)) + 1)
        when[rows] = first[thing] + rng.lognormal(10.5, 1.8, len(rows)).astype(np.int64)
        if name == "repost":
            thing[ring] = len(rows) + ring // RING
            when[ring] = 1_700_000_000 + ring // RING * 7_000 + rng.integers(0, 30, len(ring))
        for row, t in zip(rows.tolist(), thing.tolist(), strict=True):
            if name == "repost":
                columns["repost_of"][row] = str(t)
            elif name == "reply":
                columns["in_reply_to"][row] = str(t)
            elif name == "link":
                lists["urls"][row] = [f"https://n{t % 997}.example/{t}"]
            elif name == "text":
                columns["text"][row] = _text(t, row)
            elif name == "hashtags":
                lists["hashtags"][row] = [f"tag{t}", f"tag{t % 7}", "sample"]
            elif name == "media":
                lists["media"][row] = [f"https://m.example/{t}.jpg"]
            else:
                lists["mentions"][row] = [f"synth_{t}", f"synth_{t % 11}_b"]
    made = pd.DataFrame(
        {
            "post": [f"x:{n}" for n in range(count)],
            "post_id": [str(n) for n in range(count)],
            "platform": "x",
            "account": [
                *(f"x:0-{n % RING:02d}" for n in ring),
                *(f"x:{a}" for a in account[len(ring) :]),
            ],
            "created_at": pd.to_datetime(when, unit="s", utc=True),
            "time_precision": "second",
            "is_repost": kind == "repost",
            **columns,
            **lists,
        }
    )
    names = sorted(set(made["account"]))
    accounts = pd.DataFrame(
        {
            "account": names,
            "platform": "x",
            "handle": names,
            "role": ["persona" if n < RING else "reference" for n in range(len(names))],
            "stratum": [None if n < RING else "ordinary" for n in range(len(names))],
        }
    )
    return schema.check("posts", made), schema.check("accounts", accounts)


def _tail(
    rng: np.random.Generator, size: int, shape: float, scale: float, most: float
) -> npt.NDArray[np.int64]:
    return np.minimum(rng.pareto(shape, size) * scale, most).astype(np.int64)


def _text(thing: int, row: int) -> str:
    """Return a text of its topic with a word of its own: copies are near, and not equal."""
    words = [f"w{(thing * 7_919 + k * k * 31) % _WORDS}" for k in range(14)]
    words[row % 14] = f"w{row % _WORDS}"
    return " ".join(words)


def _lap(name: str, work: Callable[[], Result]) -> tuple[Result, float]:
    start = time.process_time()
    done = work()
    used = time.process_time() - start
    print(f"  {name:14s} {used:7.1f} s, {_peak():.1f} GB", flush=True)
    return done, used


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


def main(arguments: list[str]) -> int:
    """Print what each part took; the exit code says whether all is within the targets."""
    count = int(arguments[0]) if arguments else 1_000_000
    made, accounts = posts(count)
    print(f"{count:,} posts of {len(accounts):,} accounts, {_peak():.1f} GB before the step")
    events, a = _lap("events", lambda: cb.events(made))
    tests, b = _lap("tests", lambda: cb.chance_tests(events, accounts=accounts))
    edges, c = _lap("co-actions", lambda: cb.co_actions(events, time_window="60s"))
    judged, d = _lap(
        "significance", lambda: cb.significance(events, edges, accounts=accounts, tests=tests)
    )
    members, e = _lap("clusters", lambda: cb.clusters(judged, made, accounts))
    _, f = _lap("group tests", lambda: cb.cluster_tests(members, judged, events, made, accounts))
    step, peak = sum((a, b, c, d, e, f)), _peak()
    print(f"{len(events):,} events, {len(edges):,} edges, {members['cluster'].nunique()} clusters")
    print(f"whole step     {step:7.1f} s  (target <= {STEP_TARGET:g})")
    print(f"peak memory    {peak:7.1f} GB  (target <= {MEMORY_TARGET:g})")
    sample = events.sample(min(SAMPLE, len(events)), random_state=1).sort_index()
    _, calibration = _lap("calibration", lambda: cb.calibration(sample, accounts=accounts))
    print(f"calibration    {calibration:7.1f} s  (target <= {CALIBRATION_TARGET:g})")
    good = step <= STEP_TARGET and peak <= MEMORY_TARGET
    return 0 if good and calibration <= CALIBRATION_TARGET else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
