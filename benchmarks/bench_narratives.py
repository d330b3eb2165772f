"""How often narratives and reach find something among accounts that are like all others.

Ordinary accounts of the example world are put under review by lot, as many as the case has, and
compared with the other ordinary ones. Whatever is then called typical, clearly more common, or
clearly less reacted to is a false alarm.

    python -m benchmarks.bench_narratives [draws]
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from casebook.case import Case
from casebook.collection import build_tables
from casebook.narratives import (
    code_shares,
    coded_posts,
    distinctive_words,
    engagement,
    engagement_ratios,
)
from casebook.scenario.example import FOLDER

UNDER_REVIEW = 18
MOST = 0.05
"""Aim for each: what an interval of 95 % allows."""
SEED = 7


def lots(accounts: pd.DataFrame, draws: int) -> list[pd.DataFrame]:
    """Return the ordinary accounts, with other ones under review each time."""
    rng = np.random.default_rng(SEED)
    made = []
    for _ in range(draws):
        chosen = rng.permutation(len(accounts)) < UNDER_REVIEW
        role = np.where(chosen, "persona", "reference")
        made.append(accounts.assign(role=pd.array(role, dtype="string"), stratum=None))
    return made


def clearly_more(shares: pd.DataFrame) -> int:
    """Return for how many codes the interval under review lies above that of all others."""
    wide = shares.pivot_table(index="code", columns="group", values=["low", "high"])
    return int((wide["low", "under review"] > wide["high", "ordinary"]).sum())


def example() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return accounts, posts and codebook of the example case, read anew."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / FOLDER.name
        shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("tables"))
        case = Case(copy)
        build_tables(case)
        return case.read("accounts"), case.read("posts"), case.codebook()


def main(arguments: list[str]) -> int:
    """Print the false alarms of each method; return 1 where one is over its aim."""
    draws = int(arguments[0]) if arguments else 100
    accounts, posts, book = example()
    ordinary = accounts[accounts["stratum"] == "ordinary"].reset_index(drop=True)
    posts = posts[posts["account"].isin(ordinary["account"])]
    coded = coded_posts(posts, book)
    words = codes = 0
    apart = {"reactions": 0, "views": 0}
    for people in lots(ordinary, draws):
        found = distinctive_words(posts, people)
        words += bool((found["z"] > found["bar"]).any())
        codes += clearly_more(code_shares(coded, posts, people, book))
        for row in engagement_ratios(engagement(posts, people)).to_dict("records"):
            apart[row["measure"]] += bool(row["high"] < 1 or row["low"] > 1)
    print(f"{draws} draws of {UNDER_REVIEW} among {len(ordinary)} ordinary accounts")
    print(f"a word beyond chance in {words}")
    print(f"an entry clearly more common: {codes} of {draws * len(book)}")
    for measure, count in apart.items():
        print(f"an interval of {measure} that leaves out 1: {count}")
    over = [words, codes / len(book), *apart.values()]
    # As many more as draws differ by chance: two standard deviations.
    return int(max(over) > MOST * draws + 2 * (draws * MOST * (1 - MOST)) ** 0.5)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
