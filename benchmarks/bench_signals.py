"""What the signals take on many accounts, and a card of the review board among many personas.

Generated are accounts with profiles, and posts with texts of common and rare words, one in twenty
of them a copy with one word changed, by day and night as people post.

    python -m benchmarks.bench_signals [accounts] [posts]
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
import pandas as pd

import casebook as cb
from casebook import schema
from casebook.widgets.card import Cards

SECONDS_TARGET, MEMORY_TARGET, CARD_TARGET = 60.0, 4.0, 0.3
PERSONAS = 500
STRATA = ("ordinary", "fans", "partisans")


def world(people: int, count: int, seed: int = 20240903) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return accounts, the first of them under review, and their posts."""
    rng = np.random.default_rng(seed)
    keys = [f"x:{n}" for n in range(people)]
    made = pd.Timestamp("2015-01-01", tz="UTC") + pd.to_timedelta(
        rng.integers(0, 3000, people), "D"
    )
    accounts = pd.DataFrame(
        {
            "account": keys,
            "platform": "x",
            "handle": [f"synth_{n}" for n in range(people)],
            "bio": [f"sample person {n} who likes sample {n % 97} things" for n in range(people)],
            "created_at": made,
            "role": ["persona" if n < PERSONAS else "reference" for n in range(people)],
            "stratum": [None if n < PERSONAS else STRATA[n % 3] for n in range(people)],
            "selected_on": [[]] * people,
            "found_by": "seed list",
        }
    )
    words = np.array([f"word{n}" for n in range(20_000)])
    drawn = words[np.minimum(rng.pareto(0.8, (count, 12)) * 20, 19_999).astype(int)]
    copied = np.flatnonzero(rng.random(count) < 0.05)
    drawn[copied, :-1] = drawn[copied % 500, :-1]
    when = pd.Timestamp("2024-03-01", tz="UTC") + pd.to_timedelta(
        rng.integers(0, 180, count) * 86_400 + (rng.normal(18, 4, count) % 24 * 3600).astype(int),
        "s",
    )
    posts = pd.DataFrame(
        {
            "post": [f"x:p{n}" for n in range(count)],
            "platform": "x",
            "account": np.array(keys)[rng.integers(0, people, count)],
            "created_at": when,
            "time_precision": "second",
            "text": [" ".join(row) for row in drawn],
            "lang": "en",
            "likes": rng.integers(0, 20, count),
            "reposts": 0,
            "replies": 0,
            "embedded": False,
            "is_repost": False,
            "text_truncated": False,
            "evidence_id": "E0001",
            "source_line": np.arange(1, count + 1),
        }
    )
    return schema.check("accounts", accounts), schema.check("posts", posts)


def main(given: list[str] | None = None) -> int:
    """Print what it took; 0 where the targets are met."""
    asked = sys.argv[1:] if given is None else given
    people, count = (*map(int, asked), *(10_000, 1_000_000)[len(asked) :])
    accounts, posts = world(people, count)
    snapshots = schema.empty("snapshots")
    before = time.process_time()
    found = cb.signals(accounts, posts, snapshots, schema.empty("media"))
    took = time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{found['signal'].nunique()} signals, {people:,} accounts, {count:,} posts: "
          f"{took:.0f} CPU-s (aim {SECONDS_TARGET:.0f}), {memory:.1f} GB at most "
          f"(aim {MEMORY_TARGET:.0f}, with the tables)")  # fmt: skip
    cards = Cards(accounts, posts, snapshots, found)
    slowest = 0.0
    for account in cards.personas[::10]:
        before = time.perf_counter()
        cards.html(account)
        slowest = max(slowest, time.perf_counter() - before)
    print(f"slowest of {len(cards.personas[::10])} cards among {len(cards.personas)} personas: "
          f"{1000 * slowest:.0f} ms (aim {1000 * CARD_TARGET:.0f})")  # fmt: skip
    met = took <= SECONDS_TARGET and memory <= MEMORY_TARGET and slowest <= CARD_TARGET
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
