"""How long the whole way takes on the example case, as a multiple of only importing the packages.

The floor is five notebooks, one fresh kernel each, run by nbclient, that import what the steps
import and do nothing. Both are run cold, alternating, in one run of this script, and the median
ratio is printed.

    python benchmarks/bench_chain.py [rounds]
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "data" / "spamouflage-2024"
TARGET = 2.0
STEPS = 5
IMPORTS = """\
import altair, networkx, numpy, pandas, pyarrow.parquet, vl_convert
import casebook as cb
cb.Case, cb.build_tables, cb.signals, cb.co_actions, cb.check_claims, cb.network_map"""
RUN_ONE = """\
import sys, nbformat
from nbclient import NotebookClient
NotebookClient(nbformat.read(sys.argv[1], as_version=4), timeout=600).execute()"""


def floor(folder: Path) -> float:
    """Return the seconds that five notebooks take that only import."""
    path = folder / "imports.ipynb"
    cell = nbformat.v4.new_code_cell(IMPORTS)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    many = f"{RUN_ONE}\n" + "\n".join(RUN_ONE.splitlines()[-1:] * (STEPS - 1))
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", many, str(path)], check=True, capture_output=True)
    return time.perf_counter() - start


def chain(folder: Path) -> float:
    """Return the seconds that the example case takes, from its files to the report."""
    case = folder / EXAMPLE.name
    shutil.copytree(
        EXAMPLE, case, ignore=shutil.ignore_patterns("tables", "reports", "notebooks", ".*")
    )
    command = [sys.executable, "-m", "casebook.cli", "run", str(case), "--quiet"]
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    seconds = time.perf_counter() - start
    shutil.rmtree(case)
    return seconds


def main(arguments: list[str]) -> int:
    """Print the ratio; the exit code says whether it is within the target."""
    rounds = int(arguments[0]) if arguments else 3
    pairs = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            pairs.append((floor(Path(folder)), chain(Path(folder))))
    ratio = statistics.median(whole / least for least, whole in pairs)
    print(f"five notebooks that import  {statistics.median(p[0] for p in pairs):6.1f} s")
    print(f"the whole way               {statistics.median(p[1] for p in pairs):6.1f} s")
    print(f"ratio                       {ratio:6.2f}  (target <= {TARGET})")
    return 0 if ratio <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
