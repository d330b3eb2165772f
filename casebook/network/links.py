"""What a cluster gets from inside, whom it is tied to, and what hangs on a single source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from casebook.network.chance import (
    SCALES,
    Tests,
    joined_tests,
    layer_tests,
    strongest,
    surviving,
)
from casebook.network.groups import (
    SIGNIFICANT,
    Originals,
    Shares,
    clusters,
    groups_tested,
    labelled,
    originals,
    timed_acts,
)
from casebook.network.robustness import robustness, specifications
from casebook.reactions import reactions, repeats
from casebook.schema import LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

MOST_ACTS = 200_000
"""In a larger collection everything once more for each source takes too long to be usual."""
FEWER_DRAWS = 200
"""Draws of the test of timing where everything is computed once more without something."""


def inside_engagement(posts: pd.DataFrame, clusters: pd.DataFrame) -> pd.DataFrame:
    """Return how much of the reaction to a cluster's posts came from the cluster itself.

    Parameters
    ----------
    posts : DataFrame
        The table ``posts``: replies, reposts and quotes that were collected, and the platform's
        counters on the posts they answer.
    clusters : DataFrame
        The table ``clusters``.

    Returns
    -------
    DataFrame
        One row per cluster: cluster, posts (of its members, that carry counters), counted
        (replies, reposts and quotes by these counters), inside and outside (reactions in this
        collection, by members and by others; an account's own are left out), least and most
        (share from inside, 0 to 1: as if all reactions that were not collected came from outside,
        or from inside). Not a number where there is neither a counter nor a reaction.
    """
    rows = []
    seen = reactions(posts)
    for cluster, members in clusters.groupby("cluster", sort=False):
        names = set(members["account"])
        to = seen[seen["to"].isin(names) & (seen["by"] != seen["to"])]
        inside = int(to["by"].isin(names).sum())
        outside = len(to) - inside
        own = posts[posts["account"].isin(names) & ~repeats(posts)]
        counters = own[["replies", "reposts", "quotes"]]
        counted = own[counters.notna().any(axis=1)]
        total = int(counters.sum().sum())
        # Counters can be older than the collection, or deleted reactions be gone from them.
        whole = max(total, inside + outside)
        rows.append(
            {
                "cluster": cluster,
                "posts": len(counted),
                "counted": total,
                "inside": inside,
                "outside": outside,
                "least": inside / whole if whole else float("nan"),
                "most": (whole - outside) / whole if whole else float("nan"),
            }
        )
    columns = ["cluster", "posts", "counted", "inside", "outside", "least", "most"]
    return pd.DataFrame(rows, columns=columns)


def known_links(edges: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the significant pairs of an account with one that others attributed earlier.

    Parameters
    ----------
    edges, accounts : DataFrame
        The tables of these names.

    Returns
    -------
    DataFrame
        account, known, layer, finding, objects, co_actions, first, last, attributed_by (how the
        known account came into the case, which is whose attribution it is), evidence. A pair of two
        known accounts is no link.

    Notes
    -----
    To share something with an attributed account is not enough to attribute anybody: it is listed
    here, and weighed in step 4.
    """
    role = dict(zip(accounts["account"], accounts["role"], strict=True))
    source = dict(zip(accounts["account"], accounts["found_by"], strict=True))
    found = edges[edges["finding"].isin(SIGNIFICANT)].reset_index(drop=True)
    first = found["source"].map(role) == "known"
    second = found["target"].map(role) == "known"
    found, first = found[first ^ second], first[first ^ second]
    known = found["source"].where(first, found["target"])
    kept = ["layer", "finding", "objects", "co_actions", "first", "last"]
    out = pd.DataFrame(
        {
            "account": found["target"].where(first, found["source"]),
            "known": known,
            **{c: found[c] for c in kept},
            "attributed_by": known.map(source),
            "evidence": found["evidence"],
        }
    )
    return out.sort_values(["account", "known", "layer"], kind="stable", ignore_index=True)


def left_out(
    events: pd.DataFrame,
    posts: pd.DataFrame,
    accounts: pd.DataFrame,
    *,
    most: int | None = MOST_ACTS,
) -> pd.DataFrame:
    """Return who is still coordinated when one platform, layer or evidence item is left out.

    Each time everything is computed once more from what is left: tests of chance, pairs, clusters,
    the test of timing and the specifications.

    Parameters
    ----------
    events, posts, accounts : DataFrame
        As in `casebook.network.groups.cluster_tests`.
    most : int, optional
        Return an empty table where there are more events; None computes it in any case.

    Returns
    -------
    DataFrame
        kind (nothing, platform, layer, evidence item), left_out, events (left out), coordinated
        (accounts under review in a cluster that is called coordinated, from the rest), gone (of
        those that are coordinated with everything, how many are not), basis (of the cluster that
        holds most of them).
    """
    review = set(accounts.loc[accounts["role"] == "persona", "account"])
    everything: set[str] = set()
    rows: list[dict[str, object]] = []
    names = ["kind", "left_out", "events", "coordinated", "gone", "basis"]
    if most is not None and len(events) > most:
        return pd.DataFrame(rows, columns=names)
    known: dict[bytes, tuple[set[str], str]] = {}
    layers = _Layers(events, review)
    (acts, row), own_work = timed_acts(events), originals(events, posts)
    for kind, name, without in _omissions(events):
        mask = without.to_numpy(dtype=bool)
        if (key := mask.tobytes()) not in known:
            left = acts.only(~mask[row]).first(), own_work.only(~mask)
            known[key] = _coordinated(layers.tests(mask), *left, posts, accounts)
        found, basis = known[key]
        under_review = found & review
        if kind == "nothing":
            everything = under_review
        rows.append(
            {
                "kind": kind,
                "left_out": name,
                "events": int(without.sum()),
                "coordinated": len(under_review),
                "gone": len(everything - under_review),
                "basis": basis,
            }
        )
    return pd.DataFrame(rows, columns=names)


def _omissions(events: pd.DataFrame) -> Iterator[tuple[str, str, pd.Series]]:
    yield "nothing", "", pd.Series(data=False, index=events.index)
    for kind, column in (("platform", "platform"), ("layer", "layer"),
                         ("evidence item", "evidence_id")):  # fmt: skip
        values = sorted(v for v in events[column].dropna().unique() if v)
        if len(values) > 1:
            for value in values:
                yield kind, str(value), (events[column] == value).fillna(value=False)


class _Layers:
    """The tests of each layer: a layer from which nothing is left out is tested once."""

    def __init__(self, events: pd.DataFrame, review: set[str]) -> None:
        self.review = review
        self.rows = {name: (events["layer"] == name).to_numpy(dtype=bool) for name in LAYERS}
        self.events = {name: events[rows] for name, rows in self.rows.items()}
        self.known: dict[tuple[str, bytes], tuple[dict[str, Any], list[pd.DataFrame]]] = {}

    def tests(self, without: npt.NDArray[np.bool_]) -> Tests:
        """Return the tests of what is left."""
        return joined_tests(self._layer(name, without[rows]) for name, rows in self.rows.items())

    def _layer(
        self, name: str, without: npt.NDArray[np.bool_]
    ) -> tuple[dict[str, Any], list[pd.DataFrame]]:
        key = name, without.tobytes()
        if key not in self.known:
            self.known[key] = layer_tests(self.events[name][~without], name, SCALES, self.review)
        return self.known[key]


def _coordinated(
    tests: Tests,
    shares: Shares,
    own_work: Originals,
    posts: pd.DataFrame,
    accounts: pd.DataFrame,
) -> tuple[set[str], str]:
    """Return who is called coordinated, and why the cluster with most accounts under review is."""
    if not tests.number:
        return set(), "not assessable"
    # Who is tied to whom, and how strongly, is all that clusters hang on: nothing is counted anew.
    tied = strongest(surviving(tests)).assign(co_actions=0, lead=np.nan)
    tied["evidence"] = pd.Series([[] for _ in range(len(tied))], index=tied.index, dtype=object)
    members = clusters(tied, posts, accounts, seeds=0)
    if members.empty:
        return set(), "no cluster"
    groups = groups_tested(members, tied, shares, own_work, accounts, draws=FEWER_DRAWS)
    called = labelled(members, groups, robustness(specifications(tests)))
    largest = groups.sort_values(["personas", "members"], ascending=False, kind="stable").iloc[0]
    named = set(called.loc[called["label"] == "coordinated", "account"])
    return named, str(largest["basis"]) if largest["personas"] else "no cluster under review"
