"""How far reviewers agree, and what they decided.

A verdict comes from people's judgements and from nothing else; no score can give one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from casebook import schema

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

VERDICT, CHECK, ADJUDICATION = schema.VERDICT, schema.CHECK, schema.ADJUDICATION


@dataclass(frozen=True)
class Agreement:
    """Agreement of several reviewers on one question."""

    units: int
    pairs: pd.DataFrame
    """same, pairs: one row, how many pairs of answers on one account are equal, of how many."""
    alpha: float
    low: float
    high: float
    kappa: float = float("nan")
    """Cohen's, with linear weights, where two reviewers answered; else unknown."""

    @property
    def reading(self) -> str:
        """How Krippendorff reads the value: rely on it, take it as tentative, or do not rely."""
        if np.isnan(self.alpha):
            return "not assessable"
        if self.alpha >= 0.8:
            return "rely"
        return "tentative" if self.alpha >= 0.667 else "do not rely"


def cohen_kappa(a: Sequence[int], b: Sequence[int], *, weights: str | None = None) -> float:
    """Return Cohen's kappa of two raters.

    Parameters
    ----------
    a, b : sequence of int
        Categories, 0 to k - 1, of the same units.
    weights : str, optional
        ``"linear"`` (|i - j|) or ``"quadratic"``; none by default.

    References
    ----------
    Cohen, "A coefficient of agreement for nominal scales", 1960; "Weighted kappa", 1968.

    Examples
    --------
    >>> cohen_kappa([0, 1, 2, 3, 4, 0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 1, 2, 2, 4, 3])
    0.5
    """
    if len(a) != len(b) or not len(a):
        raise ValueError("kappa needs two ratings of the same units, at least one")
    size = int(max(*a, *b)) + 1
    table = np.zeros((size, size))
    for i, j in zip(a, b, strict=True):
        table[i, j] += 1
    distance = np.abs(np.subtract.outer(np.arange(size), np.arange(size))).astype(float)
    cost = {None: (distance > 0).astype(float), "linear": distance, "quadratic": distance**2}[
        weights
    ]
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    if not (cost * expected).sum():
        return 1.0
    return float(1 - (cost * table).sum() / (cost * expected).sum())


def krippendorff_alpha(ratings: pd.DataFrame, *, level: str = "nominal") -> float:
    """Return Krippendorff's alpha.

    Parameters
    ----------
    ratings : DataFrame
        Units as rows, reviewers as columns, numbers; unknown where somebody did not answer.
    level : str
        ``"nominal"``, ``"ordinal"`` or ``"interval"``.

    References
    ----------
    Krippendorff, "Computing Krippendorff's alpha-reliability", 2011.
    """
    values = ratings.to_numpy(dtype=float)
    values = values[(~np.isnan(values)).sum(axis=1) >= 2]
    if not len(values):
        return float("nan")
    kinds = np.unique(values[~np.isnan(values)])
    place = {v: i for i, v in enumerate(kinds)}
    pairs = np.zeros((len(kinds), len(kinds)))
    for row in values:
        found = [place[v] for v in row[~np.isnan(row)]]
        for i, a in enumerate(found):
            for j, b in enumerate(found):
                if i != j:
                    pairs[a, b] += 1 / (len(found) - 1)
    totals = pairs.sum(axis=0)
    n = totals.sum()
    distance = _distances(kinds, totals, level)
    expected = (np.outer(totals, totals) - np.diag(totals)) / (n - 1)
    disagreement = (expected * distance).sum()
    return float(1 - (pairs * distance).sum() / disagreement) if disagreement else 1.0


def _distances(kinds: np.ndarray, totals: np.ndarray, level: str) -> np.ndarray:
    size = len(kinds)
    if level == "nominal":
        result: np.ndarray = 1 - np.eye(size)
        return result
    if level == "interval":
        squared: np.ndarray = np.subtract.outer(kinds, kinds) ** 2
        return squared
    if level != "ordinal":
        raise ValueError(f"level is {level!r}; one of nominal, ordinal, interval")
    out = np.zeros((size, size))
    for i in range(size):
        for j in range(i + 1, size):
            between = totals[i : j + 1].sum() - (totals[i] + totals[j]) / 2
            out[i, j] = out[j, i] = between**2
    return out


def of_those_under_review(judgements: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the current judgements on accounts under review."""
    personas = accounts.loc[accounts["role"] == "persona", "account"]
    return judgements[judgements["current"] & judgements["subject"].isin(personas)]


def agreement(
    judgements: pd.DataFrame, accounts: pd.DataFrame, *, draws: int = 1000, seed: int = 7
) -> Agreement:
    """Return how far reviewers agree on the verdict, with a bootstrap interval over accounts.

    Counted are the accounts under review. On the fillers of a line-up reviewers agree easily,
    which says nothing of the verdicts.

    Returns
    -------
    Agreement
        Pairs of answers, and those that are equal; ordinal alpha with its 95 % interval, and for
        two reviewers Cohen's kappa.
    """
    table = answers(of_those_under_review(judgements, accounts))
    double = table[table.notna().sum(axis=1) >= 2]
    if double.empty:
        return Agreement(0, _pairs([]), float("nan"), float("nan"), float("nan"))
    rng = np.random.default_rng(seed)
    drawn = [
        krippendorff_alpha(double.iloc[rng.integers(0, len(double), len(double))], level="ordinal")
        for _ in range(draws)
    ]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return Agreement(
        len(double),
        _pairs(double.to_numpy(dtype=float)),
        krippendorff_alpha(double, level="ordinal"),
        float(low),
        float(high),
        _kappa_of_two(double),
    )


def _pairs(answered: Iterable[np.ndarray]) -> pd.DataFrame:
    """Return how many pairs of answers on one account there are, and how many are equal."""
    equal = [x == y for row in answered for x, y in combinations(row[~np.isnan(row)], 2)]
    return pd.DataFrame({"same": [sum(map(int, equal))], "pairs": [len(equal)]})


def _kappa_of_two(double: pd.DataFrame) -> float:
    """Return Cohen's weighted kappa where exactly two reviewers answered on all of these."""
    full = double.dropna(axis=1, how="all")
    if full.shape[1] != 2 or full.isna().to_numpy().any():
        return float("nan")
    one, other = (full[c].astype(int).tolist() for c in full.columns)
    return cohen_kappa(one, other, weights="linear")


def answers(judgements: pd.DataFrame) -> pd.DataFrame:
    """Return the current verdicts as numbers on the scale: accounts by reviewers."""
    scale = {answer: rank for rank, answer in enumerate(schema.ANSWERS)}
    current = judgements[judgements["current"] & (judgements["question"] == VERDICT)]
    table = current.assign(rank=current["answer"].map(scale)).pivot_table(
        index="subject", columns="reviewer", values="rank", aggfunc="last"
    )
    return table.astype(float)


def verdicts(judgements: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the verdict on each account under review.

    Unanimous answers are the verdict. Where reviewers differ, the verdict is the more cautious
    answer until an adjudication, which is recorded apart and changes nobody's own answer. An
    account nobody judged is *undetermined*.

    Returns
    -------
    DataFrame
        The table ``verdicts``.
    """
    personas = accounts.loc[accounts["role"] == "persona", "account"].sort_values()
    current = of_those_under_review(judgements, accounts)
    groups = dict(iter(current.groupby("subject", sort=True)))
    rows = [_verdict(str(account), groups.get(account)) for account in personas]
    return schema.check("verdicts", pd.DataFrame(rows, columns=schema.table("verdicts").names))


def _checked(answers: pd.Series) -> str:
    """Return what the check found: one reviewer who found somebody outweighs all others."""
    found = [answer for answer in schema.FOUND if answer in set(answers)]
    return found[0] if found else "done" if "done" in set(answers) else "missing"


def _verdict(account: str, said: pd.DataFrame | None) -> dict[Hashable, object]:
    row: dict[Hashable, object] = {
        "account": account, "verdict": "undetermined", "reviewers": [], "agreement": "none",
        "adjudicated": False, "real_person_check": "missing", "reasons": [], "evidence": [],
    }  # fmt: skip
    if said is None:
        return row
    given = said[said["question"] == VERDICT]
    settled = said[said["question"] == ADJUDICATION]
    row["real_person_check"] = _checked(said.loc[said["question"] == CHECK, "answer"])
    row["reviewers"] = list(given["reviewer"])
    row["reasons"] = list(dict.fromkeys(given["reason"]))
    row["evidence"] = sorted({e for v in given["evidence"] for e in v})
    found = list(given["answer"])
    if found:
        row["verdict"] = min(found, key=schema.ANSWERS.index)
        row["agreement"] = (
            "single" if len(found) == 1 else "unanimous" if len(set(found)) == 1 else "split"
        )
    if len(settled):
        last = settled.sort_values("time", kind="stable").iloc[-1]
        row["verdict"], row["adjudicated"] = last["answer"], True
    return row
