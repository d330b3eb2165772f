"""How long co-actions take, as a multiple of a bare sweep in C and of a peer's software.

All are measured in one run on the same generated reposts with heavy tails, from a file to edges,
and must give the same edges: all of them, written to a file or held as a table, and those of pairs
that meet twice or more. The floor
reads and sorts as little as can be and then walks two pointers over the events, compiled by the
``cc`` of the machine; without one it is left out. The
peer is the coordination network toolkit of QUT: name a Python that has it installed in
``TOOLKIT_PYTHON``; without one it is left out. Processor seconds count; against the peer those of
whole processes, imports included.

    python benchmarks/bench_network.py [posts] [rounds]
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

WINDOW = 60
CASES = {
    "all pairs, to a file": (1, "edges.parquet"),
    "all pairs, in memory": (1, ""),
    "pairs that meet twice or more": (2, ""),  # which is what a rule with a threshold asks for
}
FLOOR_TARGET = 2.0
PEER_TARGETS = {1_000_000: 10.0, 5_000_000: 20.0}
MEMORY_TARGET = 1.5

SWEEP = """
#include <stdint.h>
#include <stdlib.h>
/* Counts co-actions by account pair in an open hash; returns the pairs that have at least so many,
   writes the sum of theirs. */
int64_t sweep(int64_t n, const int32_t *object, const int64_t *when, const int32_t *account,
              int64_t window, int64_t least, int64_t *sum) {
    uint64_t size = 1 << 16, used = 0;
    uint64_t *key = calloc(size, 8);
    int64_t *count = calloc(size, 8);
    *sum = 0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i + 1; j < n && object[j] == object[i]; j++) {
            if (when[j] - when[i] > window) break;
            uint64_t a = account[i], b = account[j];
            if (a == b) continue;
            uint64_t k = (a < b ? a << 32 | b : b << 32 | a) + 1;
            uint64_t at = (k * 0x9E3779B97F4A7C15ull) >> 20 & (size - 1);
            while (key[at] && key[at] != k) at = (at + 1) & (size - 1);
            used += !key[at];
            key[at] = k; count[at]++;
            if (2 * used > size) {
                uint64_t *old = key; int64_t *had = count; uint64_t was = size;
                size *= 4; key = calloc(size, 8); count = calloc(size, 8);
                for (uint64_t s = 0; s < was; s++) if (old[s]) {
                    uint64_t t = (old[s] * 0x9E3779B97F4A7C15ull) >> 20 & (size - 1);
                    while (key[t]) t = (t + 1) & (size - 1);
                    key[t] = old[s]; count[t] = had[s];
                }
                free(old); free(had);
            }
        }
    int64_t pairs = 0;
    for (uint64_t s = 0; s < size; s++) if (count[s] >= least) { pairs++; *sum += count[s]; }
    free(key); free(count);
    return pairs;
}
"""

OURS = f"""
import json, os, resource, sys, time
import pyarrow.parquet as pq
from casebook.network.edges import co_actions
start = time.process_time()
to = os.path.join(os.path.dirname(sys.argv[1]), sys.argv[3]) if sys.argv[3] else None
found = co_actions(
    sys.argv[1], time_window={WINDOW}, layers="repost", min_weight=int(sys.argv[2]), to=to
)
used = time.process_time() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
try:  # a child's ru_maxrss begins with its parent's
    peak = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / (1 << 20)
except (OSError, IndexError):
    pass
names = ["co_actions", "posts_source", "posts_target"]
parts = pq.ParquetFile(to).iter_batches(columns=names) if to else [found[names]]
count, sums = 0, [0, 0, 0]
for part in parts:
    count += len(part)
    sums = [had + int(part[name].to_numpy().sum()) for had, name in zip(sums, names)]
print(json.dumps({{"seconds": used, "peak": peak, "size": os.path.getsize(to) / 1e9 if to else 0,
                  "edges": count, "co_actions": sums[0], "posts": sums[1] + sums[2]}}))
"""

PEER = f"""
import contextlib, io, sys
from coordination_network_toolkit.preprocess import preprocess_csv_files
from coordination_network_toolkit.compute_networks import compute_co_retweet_parallel
if __name__ == "__main__":
    database = sys.argv[1] + ".db"
    with contextlib.redirect_stdout(io.StringIO()):
        preprocess_csv_files(database, [sys.argv[1]])
        compute_co_retweet_parallel(database, {WINDOW}, n_threads=1)
    print("{{}}")
"""

PEER_EDGES = """
select count(*), sum(posts) from (
    select sum(weight) as posts, max(weight) as most from co_retweet_network
    where user_1 != user_2 group by min(user_1, user_2), max(user_1, user_2)
) where most >= ?
"""


def reposts(count: int, seed: int = 20240903) -> pd.DataFrame:
    """Return reposts, most within hours of the original; both sides have heavy tails."""
    rng = np.random.default_rng(seed)
    original = np.minimum(rng.pareto(0.9, count) * count / 40, count / 2).astype(np.int64)
    account = np.minimum(rng.pareto(1.3, count) * count / 60, count / 5).astype(np.int64)
    out = rng.integers(1_700_000_000, 1_702_600_000, original.max() + 1)
    late = rng.lognormal(10.5, 1.8, count).astype(np.int64)
    return pd.DataFrame(
        {
            "post": [f"x:{n}" for n in range(count)],
            "platform": "x",
            "account": [f"x:{a}" for a in account.tolist()],
            "created_at": pd.to_datetime(out[original] + late, unit="s", utc=True),
            "time_precision": "second",
            "repost_of": [str(o) for o in original.tolist()],
        }
    )


def _parquet(made: pd.DataFrame, folder: Path) -> Path:
    path = folder / "posts.parquet"
    pq.write_table(pa.Table.from_pandas(made, preserve_index=False), path)
    return path


def _csv(made: pd.DataFrame, folder: Path) -> Path:
    path = folder / "posts.csv"
    pd.DataFrame(
        {
            "message_id": made["post"],
            "user_id": made["account"],
            "username": made["account"],
            "repost_id": made["repost_of"],
            "reply_id": "",
            "message": "",
            "timestamp": made["created_at"].astype("datetime64[s, UTC]").astype("int64"),
            "urls": "",
        }
    ).to_csv(path, index=False)
    return path


def compiled(folder: Path) -> Any:
    """Return the sweep in C, or None where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    source, library = folder / "sweep.c", folder / "sweep.so"
    source.write_text(SWEEP)
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", library, source], check=True)
    sweep = ctypes.CDLL(str(library)).sweep
    sweep.restype = ctypes.c_int64
    return sweep


def floor(path: Path, sweep: Any, least: int) -> tuple[float, int, int]:
    """Return processor seconds, account pairs and co-actions of the bare sweep, from the file."""
    start = time.process_time()
    table = pq.read_table(path, columns=["account", "repost_of", "created_at"])
    account, original = (
        table[c].combine_chunks().dictionary_encode().indices.to_numpy()
        for c in ("account", "repost_of")
    )
    when = table["created_at"].combine_chunks().cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    order = np.lexsort((when.to_numpy(), original))
    arrays = [np.ascontiguousarray(a[order]) for a in (original, when.to_numpy(), account)]
    total = ctypes.c_int64()
    pairs = sweep(
        ctypes.c_int64(len(order)),
        *(ctypes.c_void_p(a.ctypes.data) for a in arrays),
        ctypes.c_int64(WINDOW * 1_000_000),
        ctypes.c_int64(least),
        ctypes.byref(total),
    )
    return time.process_time() - start, int(pairs), int(total.value)


def _child(python: str, script: str, path: Path, *more: str) -> dict[str, Any]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(
        [python, "-c", script, str(path), *more], capture_output=True, text=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {**json.loads(run.stdout.splitlines()[-1]), "process": used}


def measured(count: int, rounds: int) -> dict[str, dict[str, Any]]:
    """Return what each case took; the edges are the same, or it raises."""
    made = reposts(count)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, sweep = _parquet(made, folder), compiled(folder)
        python = os.environ.get("TOOLKIT_PYTHON")
        peer = _peer(python, _csv(made, folder)) if python else None
        del made
        return {name: _compared(path, sweep, case, rounds, peer) for name, case in CASES.items()}


def _peer(python: str, path: Path) -> dict[Any, Any]:
    used = _child(python, PEER, path)["process"]
    with contextlib.closing(sqlite3.connect(f"{path}.db")) as database:
        found = {least: database.execute(PEER_EDGES, (least,)).fetchone() for least in (1, 2)}
    return {"process": used, **found}


def _compared(
    path: Path, sweep: Any, case: tuple[int, str], rounds: int, peer: dict[Any, Any] | None
) -> dict[str, Any]:
    floors, ours = [], []
    least, to = case
    for _ in range(rounds):
        ours.append(_child(sys.executable, OURS, path, str(least), to))
        if sweep is not None:
            seconds, edges, pairs = floor(path, sweep, least)
            floors.append(seconds)
            _same("the bare sweep", (edges, pairs), (ours[-1]["edges"], ours[-1]["co_actions"]))
    if peer:
        _same("the toolkit", peer[least], (ours[0]["edges"], ours[0]["posts"]))
    return {
        **{name: ours[0][name] for name in ("edges", "co_actions", "size")},
        "seconds": statistics.median(o["seconds"] for o in ours),
        "process": statistics.median(o["process"] for o in ours),
        "peak": max(o["peak"] for o in ours),
        "floor": statistics.median(floors) if floors else None,
        "peer": peer["process"] if peer else None,
    }


def _same(other: str, theirs: Any, ours: tuple[float, ...]) -> None:
    if tuple(map(int, theirs)) != tuple(map(int, ours)):
        raise RuntimeError(f"{other} finds {theirs}, casebook {ours}")


def main(arguments: list[str]) -> int:
    """Print the ratios; the exit code says whether they are within the targets."""
    count = int(arguments[0]) if arguments else 1_000_000
    rounds = int(arguments[1]) if len(arguments) > 1 else 3
    good = [_within(count, name, found) for name, found in measured(count, rounds).items()]
    return 0 if all(good) else 1


def _within(count: int, name: str, found: dict[str, Any]) -> bool:
    print(
        f"{count} reposts, {WINDOW} s, {name}: "
        f"{found['edges']} edges, {found['co_actions']} co-actions"
    )
    print(f"casebook       {found['seconds']:7.2f} s of processor, Parquet to edges")
    if found["size"]:
        print(f"file           {found['size']:7.2f} GB")
    good = found["peak"] <= MEMORY_TARGET
    print(f"peak memory    {found['peak']:7.2f} GB  (target <= {MEMORY_TARGET})")
    if found["floor"]:
        ratio = found["seconds"] / found["floor"]
        good &= ratio <= FLOOR_TARGET
        print(f"bare sweep     {found['floor']:7.2f} s, the same edges")
        print(f"ratio          {ratio:7.2f}  (target <= {FLOOR_TARGET})")
    if found["peer"]:
        ratio = found["peer"] / found["process"]
        target = PEER_TARGETS.get(count, min(PEER_TARGETS.values()))
        good &= ratio >= target
        print(f"toolkit        {found['peer']:7.2f} s of processor, the same edges")
        print(f"casebook       {found['process']:7.2f} s, the whole process")
        print(f"times faster   {ratio:7.1f}  (target >= {target:g})")
    return good


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
