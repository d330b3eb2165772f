"""Exhibits of step 3: ties to known accounts, reactions from inside, and what hangs on one source."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook.charts.network import account_names
from casebook.exhibits import Listing, Note
from casebook.language import day, number, say, say_count, together, word
from casebook.network.across_languages import FEWEST, FEWEST_PAIRS, LEVEL
from casebook.network.links import MOST_ACTS
from casebook.numbers import above, count, named, other_than
from casebook.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casebook.exhibits import Exhibit
    from casebook.network.across_languages import Translations

FEW_REACTIONS = 20
"""Below so many reactions a share from inside says little, and is counted and not given."""


def known_links_table(links: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return the ties to accounts that others attributed earlier, and whose attribution it is."""
    if not (accounts["role"] == "known").any():
        return Note(say("No account of this case was attributed earlier by others."))
    if links.empty:
        return Note(
            say(
                "No account shares more than chance explains with one that others attributed "
                "earlier."
            )
        )
    names = account_names(accounts)
    rows = []
    for account, part in links.groupby("account", sort=True):
        ties = part.groupby("known")["objects"].sum().sort_values(ascending=False, kind="stable")
        rows.append(
            {
                "account": names[str(account)],
                "with": ", ".join(
                    say_count(
                        "{name} ({n} object)", "{name} ({n} objects)", int(n), name=names[str(k)]
                    )
                    for k, n in ties.items()
                ),
                "layers": ", ".join(word(layer) for layer in dict.fromkeys(part["layer"])),
                "synchronous": int(part.loc[part["finding"] == "synchrony", "known"].nunique()),
            }
        )
    frame = pd.DataFrame(rows).sort_values(["synchronous", "account"], ascending=[False, True])
    sources = sorted(set(links["attributed_by"].dropna()))
    return Listing(
        frame,
        id="known-links",
        title=say_count(
            "{n} account is tied to accounts that others attributed earlier, {fast} in synchrony",
            "{n} accounts are tied to accounts that others attributed earlier, {fast} of them in "
            "synchrony",
            count(frame),
            fast=count(frame, {"synchronous": above(0)}),
        ),
        note=say(
            "Attributed earlier: {sources}. That attribution is its source’s, not ours. To share "
            "what an operation shares is not enough to belong to it: step 4 weighs these ties. "
            "Synchronous: with how many of them within 30 minutes.",
            sources=visible("; ".join(sources)) or say("source not recorded"),
        ),
        limit=30,
    )


def inside_table(inside: pd.DataFrame) -> Exhibit:
    """Return how much of the reaction to each cluster's posts came from the cluster itself."""
    if inside.empty:
        return Note(say("There is no cluster whose reactions could be counted."))
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
    title = say(
        "How much of the reaction comes from inside can be bounded for {some} of {all} clusters",
        some=count(frame, {"share from inside": other_than(word("not assessable"))}),
        all=count(frame),
    )
    return Listing(
        frame,
        id="inside",
        title=title,
        note=say(
            "Reactions: replies, reposts and quotes, as the platform counted them when the posts "
            "were captured; from inside and outside: those in this collection. The lower bound "
            "takes all others for outsiders, the upper bound for members. Where no reaction was "
            "collected, nothing can be said."
        ),
    )


def _bounds(row: Mapping[Any, Any]) -> str:
    collected = row["inside"] + row["outside"]
    if not collected or max(row["counted"], collected) < FEW_REACTIONS:
        return word("not assessable")
    least, most = number(row["least"], ".0%"), number(row["most"], ".0%")
    return least if least == most else say("from {least} to {most}", least=least, most=most)


def candidates_table(candidates: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return which accounts under review share more with each other than accounts as busy do."""
    review = int((accounts["role"] == "persona").sum())
    if not review:
        return Note(say("No account of this case is under review."))
    if candidates.empty:
        return Note(
            say(
                "Whether the accounts under review share more with each other than others do is "
                "not assessable here."
            )
        )
    names = account_names(accounts)
    found = candidates[candidates["candidate"]]
    rows = [
        {
            "account": names[str(account)],
            "layers": ", ".join(map(word, part["layer"])),
            "objects": int(part["objects"].sum()),
            "met": int(part["met"].sum()),
            "usual": float(part["usual"].sum()),
            "more": part["met"].sum() / part["usual"].sum() if part["usual"].sum() else None,
        }
        for account, part in found.groupby("account", sort=True)
    ]
    frame = pd.DataFrame(rows, columns=["account", "layers", "objects", "met", "usual", "more"])
    frame = frame.sort_values(["met", "account"], ascending=[False, True], ignore_index=True)
    return Listing(
        frame,
        id="candidates",
        title=say(
            "{some} of {all} accounts under review share at least twice as much with each other "
            "as accounts that are as busy do",
            some=count(frame),
            all=named("personas", review),
        ),
        headers={"met": "times others under review shared them", "more": "times what is usual"},
        note=say(
            "Candidates are accounts to look at, and no finding: people of one taste, one town or "
            "one club are candidates too, and no claim rests on it. Usual: what is shared where each "
            "of the others is replaced by an account that is as busy. When something was shared "
            "plays no part, so slow operations show here as well."
        ),
    )


def texts_table(texts: pd.DataFrame) -> Exhibit:
    """Return the texts that accounts under review share, with the slots they filled differently."""
    if texts.empty:
        return Note(say("No two accounts under review posted nearly the same text."))
    frame = pd.DataFrame(
        {
            "text": texts["template"],
            "accounts under review": texts["accounts"],
            "other accounts": texts["others"],
            "posts": texts["posts"],
            "first": texts["first"].map(day),
            "last": texts["last"].map(day),
        }
    )
    return Listing(
        frame,
        id="shared-texts",
        title=say_count(
            "{n} text was posted by two accounts under review or more; {alone} by nobody else here",
            "{n} texts were posted by two accounts under review or more; {alone} by nobody else here",
            count(frame),
            alone=count(frame, {"other accounts": 0}),
        ),
        note=say(
            "What the variants have in common, without links and names of accounts; ⟨a|b⟩ where they "
            "differ, – where one has nothing there. Share buttons, slogans and form letters give "
            "the same picture. A paraphrase is not found."
        ),
        limit=15,
    )


def left_out_table(left: pd.DataFrame | None) -> Exhibit:
    """Return who is still coordinated when a platform, a layer or an evidence item is left out.

    Parameters
    ----------
    left : DataFrame or None
        From `casebook.network.links.left_out`; None where it was not computed, as in a quick look.
    """
    if left is None:
        return Note(say("What remains without one source was not computed: this is a quick look."))
    if left.empty:
        return Note(
            say(
                "This collection has more than {most} acts: what remains without one source is not "
                "computed by itself. `cb.left_out(events, posts, accounts, most=None)` does it.",
                most=MOST_ACTS,
            )
        )
    whole = left[left["kind"] == "nothing"]
    all_in = int(whole["coordinated"].iloc[0]) if len(whole) else 0
    without = left[left["kind"] != "nothing"]
    if not all_in:
        return Note(
            say(
                "No account under review is in a cluster that is called coordinated, so nothing can "
                "be lost by leaving a source out."
            )
        )
    if without.empty:
        return Note(say("There is one source only: nothing can be left out."))
    frame = pd.DataFrame(
        {
            "left out": [
                _source(k, v) for k, v in zip(without["kind"], without["left_out"], strict=True)
            ],
            "acts left out": without["events"],
            "still coordinated": [
                say("{some} of {all}", some=int(n), all=all_in) for n in all_in - without["gone"]
            ],
            "new": (without["coordinated"] - all_in + without["gone"]).clip(lower=0),
            "because of": without["basis"].map(word),
        }
    ).assign(_gone=without["gone"])
    frame = frame.sort_values("_gone", ascending=False, kind="stable").drop(columns="_gone")
    fatal = without[without["gone"] == all_in]
    if len(fatal):
        names = _or([_source(k, v) for k, v in zip(fatal["kind"], fatal["left_out"], strict=True)])
        title = say("Without {names}, nobody under review would be called coordinated", names=names)
    else:
        worst = int(without["gone"].max())
        title = say(
            "Whatever single source is left out, at least {some} of {all} accounts stay coordinated",
            some=all_in - worst,
            all=all_in,
        )
    return Listing(
        frame,
        id="left-out",
        title=title,
        note=say(
            "Each line computes the whole step once more from what is left. New: accounts under "
            "review that are called coordinated only without it, because fewer tests are made."
        ),
    )


def _source(kind: str, name: str) -> str:
    """Return what was left out: ``platform x``, ``layer link``, ``evidence item E0001``."""
    if kind == "platform":
        return say("platform {name}", name=name)
    if kind == "layer":
        return say("layer {name}", name=word(name))
    return say("evidence item {name}", name=name)


def _or(words: list[str]) -> str:
    if len(words) == 1:
        return words[0]
    return say("{words} or {last}", words=", ".join(words[:-1]), last=words[-1])


def translations_table(
    found: Translations | None, events: pd.DataFrame, accounts: pd.DataFrame
) -> Exhibit:
    """Return the texts of accounts under review that say the same in two languages.

    Parameters
    ----------
    found : Translations or None
        From `casebook.network.across_languages`; None where it was not computed.
    events : DataFrame
        Before they were joined.
    accounts : DataFrame
    """
    if found is None:
        return Note(
            say(
                "Texts were compared within their language only: a translation counts as another "
                "text. `across_languages` compares them; it needs a language model, which is not "
                "installed by itself."
            )
        )
    if len(found.languages) < 2:
        return Note(
            say(
                "Fewer than two languages have {fewest} texts or more here: nothing can be compared "
                "across languages.",
                fewest=FEWEST,
            )
        )
    if math.isnan(found.bar):
        return Note(
            say(
                "Only {n} pairs of texts by ordinary accounts could be compared across languages; "
                "{fewest} are needed to know how close such texts come by themselves. So no text "
                "is called a translation.",
                n=found.ordinary,
                fewest=FEWEST_PAIRS,
            )
        )
    review = set(accounts.loc[accounts["role"] == "persona", "account"])
    text = events[events["layer"] == "text"]
    posters = text.groupby("object")["account"].agg(lambda who: len(set(who) & review))
    same = found.pairs[found.pairs["same"].astype(bool)]
    here, there = (same[end].map(posters).fillna(0).astype(int) for end in ("one", "other"))
    frame = pd.DataFrame(
        {
            "text": same["one_text"],
            "language": same["one_language"],
            "under review": here,
            "in other words": same["other_text"],
            "its language": same["other_language"],
            "under review too": there,
            "margin": same["margin"].map(lambda m: number(m, ".3f")),
        }
    ).loc[(here > 0) | (there > 0)]
    drawn = say(
        "Best matches of texts in {languages}, {texts} in all. A pair is listed where its margin "
        "(how much closer it is than the texts around it; Artetxe and Schwenk, 2019) is above "
        "{bar:.3f}, which {level:.0%} of {ordinary} pairs of ordinary accounts’ texts do not reach: "
        "about one in a hundred is listed by mistake. Somebody who reads both languages decides.",
        languages=", ".join(found.languages),
        texts=found.texts,
        bar=found.bar,
        level=LEVEL,
        ordinary=found.ordinary,
    )
    if found.unread:
        unread = say_count(
            "{n} text could not be read by the model.",
            "{n} texts could not be read by the model.",
            found.unread,
        )
        drawn = together([drawn, unread])
    if frame.empty:
        none = say("No text of an account under review has a translation here.")
        return Note(together([none, drawn]))
    return Listing(
        frame,
        id="translations",
        title=say_count(
            "{n} text of accounts under review says the same as one in another language",
            "{n} texts of accounts under review say the same as one in another language",
            count(frame),
        ),
        note=drawn,
        limit=15,
    )
