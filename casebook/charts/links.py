"""Exhibits of step 3: ties to known accounts, reactions from inside, and what hangs on one source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook.charts.network import account_names
from casebook.exhibits import Listing, Note
from casebook.network.links import MOST_ACTS
from casebook.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casebook.exhibits import Exhibit

FEW_REACTIONS = 20
"""Below so many reactions a share from inside says little, and is counted and not given."""


def known_links_table(links: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return the ties to accounts that others attributed earlier, and whose attribution it is."""
    if not (accounts["role"] == "known").any():
        return Note("No account of this case was attributed earlier by others.")
    if links.empty:
        return Note(
            "No account acts together with one that was attributed earlier by others more often "
            "than chance explains."
        )
    names = account_names(accounts)
    rows = []
    for account, part in links.groupby("account", sort=True):
        ties = part.groupby("known")["objects"].sum().sort_values(ascending=False, kind="stable")
        rows.append(
            {
                "account": names[str(account)],
                "with": ", ".join(f"{names[str(k)]} ({n} objects)" for k, n in ties.items()),
                "layers": ", ".join(dict.fromkeys(part["layer"])),
                "synchronous": int(part.loc[part["finding"] == "synchrony", "known"].nunique()),
            }
        )
    frame = pd.DataFrame(rows).sort_values(["synchronous", "account"], ascending=[False, True])
    sources = sorted(set(links["attributed_by"].dropna()))
    several = "accounts act" if len(frame) != 1 else "account acts"
    return Listing(
        frame,
        id="known-links",
        title=f"{len(frame)} {several} together with accounts that others attributed earlier",
        note=f"Attributed earlier: {visible('; '.join(sources)) or 'source not recorded'}. That "
        "attribution is its source's, not ours. To share what an operation shares is not enough "
        "to belong to it: step 4 weighs these ties. Synchronous: with how many of them within "
        "30 minutes.",
        limit=30,
    )


def inside_table(inside: pd.DataFrame) -> Exhibit:
    """Return how much of the reaction to each cluster's posts came from the cluster itself."""
    if inside.empty:
        return Note("There is no cluster whose reactions could be counted.")
    frame = pd.DataFrame(
        {
            "cluster": inside["cluster"],
            "reactions": inside["counted"],
            "from inside": inside["inside"],
            "from outside": inside["outside"],
            "share from inside": [
                _bounds(row) for row in inside[["counted", "inside", "outside", "least", "most"]]
                .to_dict("records")
            ],
        }
    )  # fmt: skip
    told = [v for v in frame["share from inside"] if v != "not assessable"]
    title = (
        f"How much of the reaction comes from inside can be bounded for {len(told)} of "
        f"{len(frame)} clusters"
    )
    return Listing(
        frame,
        id="inside",
        title=title,
        note="Reactions: replies, reposts and quotes, as the platform counted them when the posts "
        "were captured; from inside and outside: those in this collection. The lower bound takes all others for outsiders, "
        "the upper bound for members. Where no reaction was collected, nothing can be said.",
    )


def _bounds(row: Mapping[Any, Any]) -> str:
    collected = row["inside"] + row["outside"]
    if not collected or max(row["counted"], collected) < FEW_REACTIONS:
        return "not assessable"
    least, most = f"{row['least']:.0%}", f"{row['most']:.0%}"
    return least if least == most else f"{least} to {most}"


def left_out_table(left: pd.DataFrame | None) -> Exhibit:
    """Return who is still coordinated when a platform, a layer or an evidence item is left out.

    Parameters
    ----------
    left : DataFrame or None
        From `casebook.network.links.left_out`; None where it was not computed, as in a quick look.
    """
    if left is None:
        return Note("What remains without one source was not computed: this is a quick look.")
    if left.empty:
        return Note(
            f"This collection has more than {MOST_ACTS:,} acts: what remains without one source is "
            "not computed by itself. `cb.left_out(events, posts, accounts, most=None)` does it."
        )
    whole = left[left["kind"] == "nothing"]
    all_in = int(whole["coordinated"].iloc[0]) if len(whole) else 0
    without = left[left["kind"] != "nothing"]
    if not all_in:
        return Note(
            "No account under review is in a cluster that is called coordinated, so nothing can be "
            "lost by leaving a source out."
        )
    if without.empty:
        return Note("There is one source only: nothing can be left out.")
    frame = pd.DataFrame(
        {
            "left out": without["kind"] + " " + without["left_out"],
            "acts left out": without["events"],
            "still coordinated": [f"{n} of {all_in}" for n in all_in - without["gone"]],
            "new": (without["coordinated"] - all_in + without["gone"]).clip(lower=0),
            "because of": without["basis"],
        }
    ).assign(_gone=without["gone"])
    frame = frame.sort_values("_gone", ascending=False, kind="stable").drop(columns="_gone")
    fatal = without[without["gone"] == all_in]
    if len(fatal):
        names = _and([f"{k} {v}" for k, v in zip(fatal["kind"], fatal["left_out"], strict=True)])
        title = f"Without {names}, nobody under review would be called coordinated"
    else:
        worst = int(without["gone"].max())
        title = (
            f"Whatever single source is left out, at least {all_in - worst} of {all_in} accounts "
            "stay coordinated"
        )
    return Listing(
        frame,
        id="left-out",
        title=title,
        note="Each line computes the whole step once more from what is left. New: accounts under "
        "review that are called coordinated only without it, because fewer tests are made.",
    )


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
