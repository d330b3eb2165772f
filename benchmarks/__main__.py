"""Run every benchmark and print its ratios: ``python -m benchmarks`` (or ``make bench``)."""

from __future__ import annotations

import sys

from benchmarks import (
    bench_blind,
    bench_chain,
    bench_claims,
    bench_example,
    bench_gates,
    bench_languages,
    bench_media,
    bench_narratives,
    bench_network,
    bench_personas,
    bench_privacy,
    bench_readers,
    bench_signals,
    bench_step,
)

ALL = {
    "readers": bench_readers,
    "network": bench_network,
    "media": bench_media,
    "step": bench_step,
    "example": bench_example,
    "signals": bench_signals,
    "chain": bench_chain,
    "gates": bench_gates,
    "personas": bench_personas,
    "languages": bench_languages,
    "claims": bench_claims,
    "privacy": bench_privacy,
    "blind": bench_blind,
    "narratives": bench_narratives,
}


def main() -> int:
    """Return 0 where every benchmark met its target; a target is a measure, never a test."""
    missed = []
    for name, benchmark in ALL.items():
        print(f"== {name}", flush=True)
        if benchmark.main([]):
            missed.append(name)
    print(f"targets missed: {', '.join(missed)}" if missed else "every target is met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
