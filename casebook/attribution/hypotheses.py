"""Competing hypotheses: an audit trail of what speaks against what, never a probability.

References
----------
Heuer 1999, *Psychology of Intelligence Analysis*, chapter 8 (ACH). Karvetski and Mandel 2020 found
no validated advantage: the matrix shows the reasoning, it does not replace it.
"""

from __future__ import annotations

import itertools
import math
import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook.attribution.citations import Cited, cite
from casebook.attribution.ladder import SUPPORTED
from casebook.attribution.language import BANDS
from casebook.attribution.register import OWN_ORIGIN
from casebook.attribution.rules import HYPOTHESES
from casebook.attribution.values import records
from casebook.errors import ClaimError
from casebook.schema import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from casebook.attribution.values import Value

RATINGS = {"CC": 2, "C": 1, "N": 0, "I": -1, "II": -2}
AGAINST = {"II": -2.0, "I": -1.0}
"""Only inconsistency counts: support for one hypothesis often fits the others too."""
WEIGHTS = {"low": 1 / math.sqrt(2), "medium": 1.0, "high": math.sqrt(2)}
_CREDIBILITY = {"1": "high", "2": "high", "3": "medium", "4": "low", "5": "low"}
_CELL = re.compile(r"(H[0-6])\s*[:=]?\s*(CC|C|N|II|I|NA)\b", re.IGNORECASE)
_RELEVANCE = re.compile(r"relevance\s*[:=]?\s*(low|medium|high)", re.IGNORECASE)
MATRIX_COLUMNS = ("item", *HYPOTHESES, "credibility", "relevance", "origin_group", "reason", "by")


def parse_ratings(answer: str) -> tuple[dict[str, str], str]:
    """Return the ratings of one item and its relevance, from a judgement's answer.

    Examples
    --------
    >>> parse_ratings("H0 II, H1 N; relevance high")
    ({'H0': 'II', 'H1': 'N'}, 'high')
    """
    ratings = {h.upper(): r.upper() for h, r in _CELL.findall(answer)}
    relevance = _RELEVANCE.search(answer)
    if not ratings:
        raise ClaimError(
            f"{answer!r} rates no hypothesis",
            remedy="write `H0 II, H1 N, H2 N, H3 C, H4 C, H5 C, H6 N; relevance high`",
        )
    return ratings, relevance[1].lower() if relevance else "medium"


def hypothesis_ratings(
    judgements: pd.DataFrame,
    register: pd.DataFrame,
    values: Mapping[str, Value] | None = None,
    facts: pd.DataFrame | None = None,
    *,
    reviewer: str | None = None,
) -> pd.DataFrame:
    """Return the matrix of hypotheses from the judgements that rate them.

    Parameters
    ----------
    judgements : DataFrame
        Those with question ``hypotheses``; their subject is an evidence id, a source id,
        ``fact:ID`` or ``selection:NAME``.
    register, values, facts :
        What the subjects are followed to, for credibility and origin.
    reviewer : str, optional
        Whose ratings; by default each item's first reviewer by alias.

    Returns
    -------
    DataFrame
        item, H0 ... H6 (NA where not rated), credibility, relevance, origin_group, reason, by.
    """
    own = judgements[(judgements["question"] == "hypotheses") & judgements["current"]]
    if reviewer is not None:
        own = own[own["reviewer"] == reviewer]
    own = own.sort_values(["subject", "reviewer"], kind="stable").drop_duplicates("subject")
    rows_of = {str(r["evidence_id"]): r for r in records(register)}
    fact_rows = {} if facts is None else {str(r["fact_id"]): r for r in records(facts)}
    found = []
    for line in records(own):
        ratings, relevance = parse_ratings(str(line["answer"]))
        cited, _ = cite([str(line["subject"])], rows_of, fact_rows, values or {}, {})
        found.append(
            {
                "item": str(line["subject"]),
                **{h: ratings.get(h, "NA") for h in HYPOTHESES},
                "credibility": _best_credibility(cited),
                "relevance": relevance,
                "origin_group": ", ".join(sorted(set(cited.origins))) or str(line["subject"]),
                "reason": str(line["reason"]),
                "by": str(line["reviewer"]),
            }
        )
    # A rating that was taken back rates nothing, and is no item.
    told = [row for row in found if any(row[h] != "NA" for h in HYPOTHESES)]
    return pd.DataFrame(told, columns=list(MATRIX_COLUMNS))


def ratings_by_reviewer(
    judgements: pd.DataFrame,
    register: pd.DataFrame,
    values: Mapping[str, Value] | None = None,
    facts: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """Return the ratings of each reviewer, where more than one rated."""
    own = judgements[(judgements["question"] == "hypotheses") & judgements["current"]]
    names = sorted(set(own["reviewer"]))
    if len(names) < 2:
        return {}
    return {
        name: hypothesis_ratings(judgements, register, values, facts, reviewer=name)
        for name in names
    }


def _best_credibility(cited: Cited) -> str:
    grades = [str(r["credibility"]) for r in cited.rows if str(r["credibility"]) in _CREDIBILITY]
    if grades:
        return _CREDIBILITY[min(grades)]
    # Ungraded is not the same as graded 6: it takes part, with the middle weight, until graded.
    return "out" if any(str(r["credibility"]) == "6" for r in cited.rows) else "medium"


def _hypotheses_of(table: pd.DataFrame) -> list[str]:
    return [c for c in table.columns if re.fullmatch(r"H\d", str(c))]


def inconsistency(table: pd.DataFrame) -> pd.DataFrame:
    """Return per hypothesis how much speaks against it, weighted and not, least first.

    S = sum of w_credibility * w_relevance * v, with v = -2 for II, -1 for I, else 0; w is
    1/sqrt(2) low, 1 medium, sqrt(2) high. An item of credibility 6 is left out.

    Returns
    -------
    DataFrame
        hypothesis, weighted, unweighted, applicable (items rated other than NA), against (items
        rated I or II); the leader, with the least inconsistency, first.
    """
    kept = table[table["credibility"] != "out"]
    rows = []
    for name in _hypotheses_of(table):
        against = [AGAINST.get(str(r), 0.0) for r in kept[name]]
        weights = [
            WEIGHTS[c] * WEIGHTS[r]
            for c, r in zip(kept["credibility"], kept["relevance"], strict=True)
        ]
        rows.append(
            {
                "hypothesis": name,
                "weighted": sum(w * v for w, v in zip(weights, against, strict=True)) + 0.0,
                "unweighted": sum(against) + 0.0,
                "applicable": int((kept[name] != "NA").sum()),
                "against": sum(v < 0 for v in against),
            }
        )
    frame = pd.DataFrame(
        rows, columns=["hypothesis", "weighted", "unweighted", "applicable", "against"]
    )
    return frame.sort_values(
        ["weighted", "hypothesis"], ascending=[False, True], kind="stable", ignore_index=True
    )


def leaders(table: pd.DataFrame) -> tuple[str, ...]:
    """Return the hypotheses with the least against them; several where they tie."""
    ranked = inconsistency(table)
    rated = ranked[ranked["applicable"] > 0]
    if rated.empty:
        return ()
    best = rated["weighted"].max()
    return tuple(sorted(rated.loc[(rated["weighted"] - best).abs() < 1e-9, "hypothesis"]))


def diagnosticity(table: pd.DataFrame) -> pd.DataFrame:
    """Return how well each item tells the hypotheses apart; 0 fits all alike and decides nothing.

    The population standard deviation of its ratings over CC = 2, C = 1, N = 0, I = -1, II = -2.
    """
    rows = []
    for row in records(table):
        rated = [RATINGS[row[h]] for h in _hypotheses_of(table) if row[h] in RATINGS]
        mean = sum(rated) / len(rated) if rated else 0.0
        spread = math.sqrt(sum((r - mean) ** 2 for r in rated) / len(rated)) if rated else 0.0
        rows.append({"item": row["item"], "diagnosticity": spread})
    return pd.DataFrame(rows, columns=["item", "diagnosticity"])


def leader_changes(
    table: pd.DataFrame, others: Mapping[str, pd.DataFrame] | None = None
) -> pd.DataFrame:
    """Return who leads when one thing changes.

    Parameters
    ----------
    table : DataFrame
        The matrix.
    others : mapping, optional
        Reviewer -> the matrix of that reviewer.

    Returns
    -------
    DataFrame
        change, what, leader (joined where tied), changed (another hypothesis leads or ties).
    """
    base = leaders(table)
    changes = [("nothing", "as rated", table)]
    changes += [("item left out", i, table[table["item"] != i]) for i in table["item"]]
    for group in sorted(set(table["origin_group"])):
        changes.append(("origin left out", group, table[table["origin_group"] != group]))
    changes += list(_credibility_steps(table))
    changes += [("reviewer", name, other) for name, other in sorted((others or {}).items())]
    rows = [
        {
            "change": change,
            "what": what,
            "leader": ", ".join(leaders(changed)) or "none",
            "changed": leaders(changed) != base,
        }
        for change, what, changed in changes
    ]
    return pd.DataFrame(rows, columns=["change", "what", "leader", "changed"])


def _credibility_steps(table: pd.DataFrame) -> Iterable[tuple[str, str, pd.DataFrame]]:
    order = list(WEIGHTS)
    for position, row in enumerate(records(table)):
        if row["credibility"] not in order:
            continue
        for step, change in ((-1, "credibility −1"), (1, "credibility +1")):
            moved = order.index(row["credibility"]) + step
            if 0 <= moved < len(order):
                changed = table.copy()
                changed.iloc[position, list(table.columns).index("credibility")] = order[moved]
                yield change, row["item"], changed


def leader_stability(
    table: pd.DataFrame, others: Mapping[str, pd.DataFrame] | None = None
) -> float | None:
    """Return the share of changes that leave the leader as it is; None without a matrix."""
    changes = leader_changes(table, others)
    changes = changes[changes["change"] != "nothing"]
    return None if changes.empty else float((~changes["changed"]).mean())


def linchpins(table: pd.DataFrame, at_most: int = 3) -> list[tuple[str, ...]]:
    """Return the smallest sets of items whose removal changes the leader; [] up to ``at_most``."""
    base, items = leaders(table), list(table["item"])
    for size in range(1, min(at_most, len(items)) + 1):
        found = [
            group
            for group in itertools.combinations(items, size)
            if leaders(table[~table["item"].isin(group)]) != base
        ]
        if found:
            return found
    return []


def odds(
    prior: float,
    ratios: Sequence[tuple[str, float, float]],
    *,
    justified: bool = False,
) -> tuple[float, float]:
    """Return the posterior interval from a prior and likelihood ratios, one a group of origins.

    logit P = logit prior + sum over origin groups of log LR. Within a group only the largest
    |log LR| counts, never the sum: items of one origin are not independent.

    Parameters
    ----------
    prior : float
        Between 0 and 1.
    ratios : sequence of (origin group, low, high)
        Each likelihood ratio as an interval.
    justified : bool
        Whether ratios beyond 100 (or under 1/100) were given a reason.

    Returns
    -------
    tuple of float
        Lower and upper end.

    Raises
    ------
    ClaimError
        Prior of 0 or 1, an empty interval, or an extreme ratio without justification.
    """
    if not 0 < prior < 1:
        raise ClaimError("a prior lies between 0 and 1, ends excluded", remedy="0.01, say")
    ends = []
    for end in (0, 1):
        strongest: dict[str, float] = {}
        for group, low, high in ratios:
            _check_ratio((group, low, high), justified=justified)
            value = math.log((low, high)[end])
            if abs(value) >= abs(strongest.get(group, 0.0)):
                strongest[group] = value
        total = math.log(prior / (1 - prior)) + sum(strongest.values())
        ends.append(1 / (1 + math.exp(-total)))
    return min(ends), max(ends)


def _check_ratio(ratio: tuple[str, float, float], *, justified: bool) -> None:
    group, low, high = ratio
    if not 0 < low <= high:
        raise ClaimError(
            f"the likelihood ratio of {group} is not an interval: {low} to {high}",
            remedy="two positive numbers, the smaller first",
        )
    if not justified and max(abs(math.log10(low)), abs(math.log10(high))) > 2 + 1e-9:
        raise ClaimError(
            f"the likelihood ratio of {group} goes beyond 100",
            remedy="narrow it, or pass justified=True and write down the reason",
        )


def prior_needed(
    posterior: float, ratios: Sequence[tuple[str, float, float]]
) -> tuple[float, float]:
    """Return the prior that a posterior would need, given the same ratios, as an interval."""
    flipped = [(group, 1 / high, 1 / low) for group, low, high in ratios]
    return odds(posterior, flipped, justified=True)


def signal_ratio(shown: int, personas: int, low: float, high: float) -> tuple[float, float]:
    """Return the likelihood ratio of a signal as an interval, from its reference rate's interval.

    Examples
    --------
    >>> tuple(round(r, 2) for r in signal_ratio(12, 15, 0.05, 0.10))
    (8.0, 16.0)
    """
    share = (shown + 0.5) / (personas + 1) if shown in (0, personas) else shown / personas
    return share / max(high, 1e-6), share / max(low, 1e-6)


EVEN = 45
"""Percent: words below it need no prior worth the name."""
ODDS_COLUMNS = (
    "signal", "shown", "assessed", "stratum", "rate_low", "rate_high", "ratio_low", "ratio_high",
)  # fmt: skip


def signal_odds(signals: pd.DataFrame) -> pd.DataFrame:
    """Return how much more often the accounts under review show each signal than others do.

    Signals that were the reason for choosing an account, and those measured on the group, are left
    out. Where a stratum of look-alikes shows a signal more often than ordinary accounts, its rate
    takes the place of the upper end.

    Parameters
    ----------
    signals : DataFrame
        The table ``signals``.

    Returns
    -------
    DataFrame
        signal, shown, assessed (accounts), stratum (whom it is compared with), rate_low, rate_high
        (0 to 1), ratio_low, ratio_high (likelihood ratio, within 1/100 and 100), strongest first.
    """
    rows = []
    known = signals[signals["shown"] != "not assessable"]
    for name, part in known.groupby("signal", sort=True):
        first = part.iloc[0]
        shown, counted = int((part["shown"] == "shown").sum()), int(part["counted"].sum())
        if counted == 0 or counted < shown or not first["reference_n"]:
            continue
        worst = first["worst_rate"]
        alike = pd.notna(worst) and worst > first["reference_high"]
        high = float(worst if alike else first["reference_high"])
        low = float(first["reference_low"])
        ends = signal_ratio(shown, len(part), low, high)
        rows.append(
            {
                "signal": str(name),
                "shown": shown,
                "assessed": len(part),
                "stratum": f"ordinary to {first['worst_stratum']}" if alike else "ordinary",
                "rate_low": low,
                "rate_high": high,
                "ratio_low": min(max(ends[0], 0.01), 100.0),
                "ratio_high": min(max(ends[1], 0.01), 100.0),
            }
        )
    frame = pd.DataFrame(rows, columns=list(ODDS_COLUMNS))
    return frame.sort_values(
        ["ratio_low", "signal"], ascending=[False, True], kind="stable", ignore_index=True
    )


def priors_needed(ratios: pd.DataFrame, language: str = "en") -> pd.DataFrame:
    """Return the prior that each word from even chance up needs, given ratios of signals.

    What is read from one collection has one origin, and within an origin only the strongest counts.

    Parameters
    ----------
    ratios : DataFrame
        From `signal_odds`.
    language : str
        ``en`` or ``fr``: whose words.

    Returns
    -------
    DataFrame
        word, at_least (its lower end, 0 to 1), prior_low, prior_high (0 to 1); empty without a
        ratio.
    """
    given = [
        (OWN_ORIGIN, float(low), float(high))
        for low, high in zip(ratios["ratio_low"], ratios["ratio_high"], strict=True)
    ][:1]
    rows = [
        {"word": word, "at_least": low / 100, "prior_low": ends[0], "prior_high": ends[1]}
        for word, (low, _) in BANDS[language].items()
        if given and low >= EVEN
        for ends in [prior_needed(low / 100, given)]
    ]
    return pd.DataFrame(rows, columns=["word", "at_least", "prior_low", "prior_high"])


def predictive_value(sensitivity: float, specificity: float, prevalence: float) -> float:
    """Return the share of flagged accounts that are what they are flagged for.

    Examples
    --------
    >>> [round(predictive_value(0.90, 0.95, p), 3) for p in (0.01, 0.15, 0.50)]
    [0.154, 0.761, 0.947]
    """
    true = sensitivity * prevalence
    return true / (true + (1 - specificity) * (1 - prevalence))


NEEDS_RUNG = {"H3": 3, "H4": 2, "H5": 3}
"""A hypothesis that says who, and the rung that must be met before it can be ahead.

Nothing speaks against an actor about whom nothing was found, so that ratings alone would put it
first; and imitation of a network needs ties to it as much as belonging to it does.
"""


def seven_hypotheses(
    given: Mapping[str, str],
    table: pd.DataFrame | None = None,
    ladder: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the seven hypotheses with the words of the case, their state and their score.

    Rejected hypotheses are printed like the others: that is rule R8.

    Parameters
    ----------
    given : mapping
        ``hypotheses:`` of case.yaml.
    table : DataFrame, optional
        The matrix of ratings.
    ladder : DataFrame, optional
        The ladder: a hypothesis that names an actor is not ahead while its rung is undetermined.
    """
    for key in given:
        if key not in HYPOTHESES:
            raise ClaimError(
                f"there is no hypothesis {key!r}",
                where="case.yaml, hypotheses",
                remedy=f"did you mean {nearest(key, HYPOTHESES)!r}?",
            )
    ranked = {} if table is None or table.empty else {
        str(r["hypothesis"]): r for r in records(inconsistency(table))
    }  # fmt: skip
    leading = () if table is None or table.empty else leaders(table)
    open_rungs = set() if ladder is None else set(
        ladder.loc[ladder["status"] != SUPPORTED, "rung"]
    )  # fmt: skip
    held = {h for h, rung in NEEDS_RUNG.items() if rung in open_rungs}
    rows = []
    for key, meaning in HYPOTHESES.items():
        text = str(given.get(key) or "").strip()
        row: dict[str, Any] = ranked.get(key, {})
        rows.append(
            {
                "hypothesis": key,
                "meaning": meaning,
                "in_this_case": text or "not stated",
                "against": row.get("against"),
                "applicable": row.get("applicable"),
                "weighted": row.get("weighted"),
                "state": _state(key, text, row, leading, held),
            }
        )
    frame = pd.DataFrame(rows)
    frame["against"] = frame["against"].astype("Int64")
    frame["applicable"] = frame["applicable"].astype("Int64")
    frame["weighted"] = frame["weighted"].astype("float64")
    return frame


def _state(
    key: str, text: str, row: Mapping[str, Any], leading: tuple[str, ...], held: set[str]
) -> str:
    if text.lower().startswith("not applicable"):
        return "not applicable"
    if not row:
        return "not rated"
    if key in leading:
        return "its rung is undetermined" if key in held else "least against it"
    return "more against it" if row["against"] else "open"
