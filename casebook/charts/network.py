"""Exhibits of step 3: who acts together, and how often chance would do that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import altair as alt
import networkx as nx
import numpy as np
import pandas as pd

from casebook.charts import style
from casebook.exhibits import Figure, Listing, Note, Statement
from casebook.language import number, say, say_count, together, word
from casebook.network.chance import MIN_OTHERS, OUR_RULE
from casebook.network.groups import FIRST_MOST, HABIT_EFFECT, SIGNIFICANT
from casebook.network.robustness import ROBUST
from casebook.numbers import above, at_least, count, distinct, largest, named, smallest, total
from casebook.text import escape_markdown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casebook.exhibits import Exhibit
    from casebook.numbers import Number

STRENGTH = {"shared attention": 1, "synchrony": 2}
FINDING_COLOURS = {"synchrony": style.PERSONA, "shared attention": "#86aecb"}
WHO = {"persona": "under review"}
MOST_ACCOUNTS = 90
"""More rows than this cannot be read on a page: the strongest are drawn, and the rest counted."""
MOST_LABELS = 45
FEW_PAIRS = 20
MAP_WIDTH, MAP_PIXELS, NAME_ROOM = 6.6, 660, 0.95
"""Width of the map in radii of its largest circle and in pixels; radii that a name needs."""

DECADES = [10**n for n in range(9)]

SCALE_WORDS = {
    60.0: "1 minute",
    600.0: "10 minutes",
    1_800.0: "30 minutes",
    7_200.0: "2 hours",
    21_600.0: "6 hours",
    86_400.0: "24 hours",
}
NOBODY = "No pair of accounts acts together more often than chance explains, so there is no map."


def scale_words(seconds: float) -> str:
    """Return a length of time as a reader says it."""
    known = SCALE_WORDS.get(float(seconds))
    return word(known) if known else say("{n} seconds", n=number(seconds, "g"))


def account_names(accounts: pd.DataFrame) -> dict[str, str]:
    """Return what each account is called in this step.

    Accounts under review and accounts attributed by others have their handles; reference accounts
    and bystanders are numbered, since nobody says anything about them.
    """
    several = len(set(accounts["platform"])) > 1
    names: dict[str, str] = {}
    counters: dict[str, int] = {}
    told = accounts[["account", "role", "stratum", "handle", "account_id", "platform"]]
    for row in told.sort_values("account", kind="stable").to_dict("records"):
        if row["role"] in {"persona", "known"}:
            handle = next(
                str(v) for v in (row["handle"], row["account_id"], row["account"]) if not pd.isna(v)
            )
            names[row["account"]] = f"{handle} · {row['platform']}" if several else handle
            continue
        kind = row["role"] if pd.isna(row["stratum"]) else row["stratum"]
        counters[str(kind)] = counters.get(str(kind), 0) + 1
        names[row["account"]] = f"{word(str(kind))} {counters[str(kind)]}"
    return names


def layers_tested(layers: pd.DataFrame) -> Exhibit:
    """Return which kinds of shared objects can be tested, and why the others cannot."""
    usable = layers[layers["assessable"]]
    frame = pd.DataFrame(
        {
            "layer": layers["layer"].map(word),
            "events": layers["events"],
            "accounts": layers["accounts"],
            "not under review": layers["others"],
            "tested within": [
                say("from {least} to {most}", least=scale_words(s[0]), most=scale_words(s[-1]))
                if len(s)
                else ""
                for s in layers["scales"]
            ],
            "not assessable because": [
                _why(row) for row in layers[["why", "others"]].to_dict("records")
            ],
        }
    )
    title = (
        say(
            "{some} of {all} kinds of shared objects can be tested",
            some=count(layers, {"assessable": True}),
            all=count(layers),
        )
        if len(usable)
        else say("No kind of shared object can be tested here")
    )
    return Listing(
        frame,
        id="layers-tested",
        title=title,
        note=say(
            "A test of chance needs 50 accounts that are not under review and clocks fine enough. "
            "What cannot be tested is no finding, in either direction."
        ),
    )


def _why(row: Mapping[Any, Any]) -> str:
    """Return in words why a layer cannot be tested."""
    if "are needed" in str(row["why"]):
        return say_count(
            "{n} account besides those under review; {least} are needed",
            "{n} accounts besides those under review; {least} are needed",
            int(row["others"]),
            least=MIN_OTHERS,
        )
    return word(str(row["why"]))


def meetings_figure(
    meetings: pd.DataFrame, layers: pd.DataFrame, *, scale: float = 600.0
) -> Exhibit:
    """Return how many pairs met how often, beside what chance gives."""
    met = total(meetings, "observed")
    if not met.value:
        return Note(say("No two accounts acted on one object within the same time bucket."))
    pairs = say_count(
        "{n} pair of accounts acted on one object within {scale}",
        "{n} pairs of accounts acted on one object within {scale}",
        met,
        scale=scale_words(scale),
    )
    if not layers["assessable"].any():
        return Note(
            say("{pairs}. Whether that is more than chance is not assessable here.", pairs=pairs)
        )
    if met.value < FEW_PAIRS:
        return Note(say("{pairs}: too few to draw beside what chance gives.", pairs=pairs))
    shown = meetings[(meetings["observed"] > 0) | (meetings["expected"] >= 0.5)]
    most = largest(meetings, "shared_cells", {"observed": above(0)})
    frame = pd.concat(
        [
            shown.assign(what=word("observed"), pairs=shown["observed"].astype(float)),
            shown.assign(what=word("expected by chance"), pairs=shown["expected"]),
        ]
    )[["shared_cells", "what", "pairs"]]
    frame = frame[frame["pairs"] >= 1]
    words = [word("observed"), word("expected by chance")]
    colour = alt.Color(
        "what:N", title=None, scale=alt.Scale(domain=words, range=[style.PERSONA, style.REFERENCE])
    )
    shape = alt.Shape(
        "what:N", title=None, scale=alt.Scale(domain=words, range=["circle", "square"])
    )
    chart = (
        alt.Chart(frame)
        .mark_point(filled=True, size=45, opacity=0.9)
        .encode(
            x=alt.X("shared_cells:Q", title=say("times a pair met"), axis=alt.Axis(tickMinStep=1)),
            y=alt.Y(
                "pairs:Q",
                title=say("pairs of accounts"),
                scale=alt.Scale(type="log", domainMin=1),
                axis=alt.Axis(values=[v for v in DECADES if v <= frame["pairs"].max()]),
            ),
            color=colour,
            shape=shape,
        )
        .properties(width=style.WIDTH, height=220)
    )
    often = {"shared_cells": at_least(5)}
    return Figure(
        chart,
        id="meetings",
        title=say(
            "{seen} pairs met five times or more; chance explains about {chance:,.0f}",
            seen=total(meetings, "observed", often),
            chance=total(meetings, "expected", often),
        ),
        alt=say(
            "Pairs of accounts by the number of times they met, from 1 to {most}: observed pairs "
            "as circles, the number chance gives as squares, on a logarithmic scale.",
            most=most,
        ),
        data=frame,
        n=say_count("{n} pair that met", "{n} pairs that met", met),
        source=say("table posts"),
        note=say(
            "To meet is to act on one object within {scale}. Chance: each account keeps its "
            "activity and each object its popularity. Fan clubs and newsrooms meet often too.",
            scale=scale_words(scale),
        ),
    )


def calibration_figure(calibration: pd.DataFrame) -> Exhibit:
    """Return what the test finds in this case, and in shuffles that hold nothing."""
    if calibration.empty:
        return Note(
            say("The test could not be calibrated: no kind of shared object can be tested here.")
        )
    ours = calibration[calibration["rule"] == OUR_RULE]
    fixed = calibration[calibration["rule"] != OUR_RULE]
    what = {
        "observed": say("as collected"),
        "accounts_mean": say("accounts shuffled"),
        "times_mean": say("times shuffled"),
    }
    drawn = calibration.assign(
        row=[
            say("within {scale}", scale=scale_words(s)) if r == OUR_RULE else _rule_words(r)
            for r, s in zip(calibration["rule"], calibration["scale"], strict=True)
        ]
    )
    order = list(drawn["row"])
    frame = drawn.melt(id_vars="row", value_vars=list(what), var_name="what", value_name="pairs")
    frame["what"] = frame["what"].map(what)
    frame["pairs"] = frame["pairs"].astype(float)
    words = list(what.values())
    chart = (
        alt.Chart(frame)
        .mark_point(filled=True, size=70, opacity=0.95)
        .encode(
            x=alt.X(
                "pairs:Q",
                title=say("pairs of accounts found"),
                scale=alt.Scale(type="symlog"),
                axis=alt.Axis(values=[0, *(v for v in DECADES if v <= frame["pairs"].max())]),
            ),
            y=alt.Y("row:N", sort=order, title=None, axis=alt.Axis(grid=True, offset=10)),
            color=alt.Color(
                "what:N",
                title=None,
                scale=alt.Scale(domain=words, range=[style.PERSONA, style.REFERENCE, "#8a6d00"]),
            ),
            shape=alt.Shape(
                "what:N",
                title=None,
                scale=alt.Scale(domain=words, range=["circle", "square", "diamond"]),
            ),
        )
        .properties(width=420, height=26 * len(order))
    )
    runs = largest(calibration, "runs")
    most = largest(calibration, "accounts_max", {"rule": OUR_RULE}) if len(ours) else 0
    said = say_count(
        "Where accounts are shuffled, the test finds at most {n} pair",
        "Where accounts are shuffled, the test finds at most {n} pairs",
        most,
    )
    if not most:
        said = say(
            "Where accounts are shuffled, the test finds no pair in any of {runs} runs", runs=runs
        )
    if len(fixed):
        said = say(
            "{said}; the fixed rule finds {fixed:,.0f} on average",
            said=said,
            fixed=largest(calibration, "accounts_mean", {"rule": str(fixed["rule"].iloc[0])}),
        )
    return Figure(
        chart,
        id="calibration",
        title=said,
        alt=say(
            "For each time scale: pairs found in the case, with accounts shuffled, and with times "
            "shuffled among those who shared an object."
        ),
        data=calibration,
        n=say("{runs} shuffles of each kind", runs=runs),
        source=say("table posts"),
        note=say(
            "Shuffled accounts keep how much each one posts. Shuffled times keep who shared what: "
            "shared taste survives in them, and so does what a fan club or a newsroom posts within "
            "minutes. So a pair beyond chance is not yet synchrony, which is tested with what both "
            "shared held fixed. The last row is a common rule with a fixed threshold, for "
            "comparison."
        ),
    )


def _rule_words(rule: str) -> str:
    """Return the name of the fixed rule, which holds its own numbers, in words."""
    found = re.fullmatch(r"at least (\d+) co-actions in ([\d.]+) s", rule)
    if not found:
        return rule
    return say("at least {least} co-actions in {seconds} s", least=found[1], seconds=found[2])


def pairs_table(edges: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return the pairs that chance does not explain, those under review first."""
    found = edges[edges["finding"].isin(SIGNIFICANT)]
    if found.empty:
        return Note(_why_no_pairs(edges))
    names = account_names(accounts)
    role = dict(zip(accounts["account"], accounts["role"], strict=True))
    watched = [
        "persona" in {role.get(s), role.get(t)}
        for s, t in zip(found["source"], found["target"], strict=True)
    ]
    ranked = found.assign(watched=watched, strong=found["finding"].map(STRENGTH)).sort_values(
        ["watched", "strong", "ln_p", "source", "target"],
        ascending=[False, False, True, True, True],
        kind="stable",
    )
    frame = pd.DataFrame(
        {
            "account": ranked["source"].map(names),
            "and": ranked["target"].map(names),
            "layer": ranked["layer"].map(word),
            "finding": ranked["finding"].map(word),
            "within": ranked["scale"].map(scale_words),
            "objects": ranked["objects"],
            "co-actions": ranked["co_actions"],
            "met": ranked["shared_cells"],
            "by chance": ranked["expected"],
            "delay (s)": ranked["median_delay"].round(),
        }
    )
    pairs = _strongest(ranked)
    return Listing(
        frame,
        id="pairs",
        title=say_count(
            "Of {all} pairs that chance does not explain, {n} is synchronous; {under} include an "
            "account under review",
            "Of {all} pairs that chance does not explain, {n} are synchronous; {under} include an "
            "account under review",
            named("synchrony_pairs", int((pairs["finding"] == "synchrony").sum())),
            all=count(pairs),
            under=count(pairs, {"watched": True}),
        ),
        note=say(
            "Met: time buckets in which both acted on the same object; by chance: how many activity "
            "and popularity alone would give. A pair that meets in time no more than others who "
            "share the same things, or only within hours, shares attention, and no more is said of "
            "it. Reference accounts are numbered."
        ),
        limit=30,
    )


def _why_no_pairs(edges: pd.DataFrame) -> str:
    if edges.empty:
        return say("No two accounts acted on one object within the time window.")
    unknown = int((edges["finding"] == "not assessable").sum())
    if unknown == len(edges):
        return say_count(
            "{n} pair acted on one object within the time window, but there is no chance level to "
            "compare with: whether they act together is not assessable.",
            "{n} pairs acted on one object within the time window, but there is no chance level to "
            "compare with: whether they act together is not assessable.",
            len(edges),
        )
    return say_count(
        "{n} pair acted on one object within the time window; not more often than chance explains.",
        "{n} pairs acted on one object within the time window; none more often than chance explains.",
        len(edges),
    )


def groups_table(groups: pd.DataFrame) -> Exhibit:
    """Return each cluster with what makes it act together, or that nothing does."""
    if groups.empty:
        return Note(say("No four accounts are tied by pairs that chance does not explain."))
    frame = pd.DataFrame(
        {
            "cluster": groups["cluster"],
            "called": groups["label"].map(_called),
            "because": groups["basis"].map(word),
            "members": groups["members"],
            "under review": groups["personas"],
            "known": groups["known"],
            "reference": groups["reference"],
            "synchronous": groups["synchrony_pairs"],
            "slower": groups["attention_pairs"],
            "timing effect": groups["timing_effect"],
            "habit effect": groups["habit_effect"],
            "originals": groups["exclusive_originals"],
        }
    )
    called = {"label": "coordinated"}
    told = groups.assign(all_reference=groups["reference"] == groups["members"])
    innocent = count(told, {**called, "all_reference": True})
    title = say(
        "{some} of {all} clusters are called coordinated",
        some=count(told, called),
        all=count(told),
    )
    if innocent.value:
        title = say(
            "{title}; {some} of them hold reference accounts alone", title=title, some=innocent
        )
    return Listing(
        frame,
        id="groups",
        title=title,
        note=say(
            "Synchronous and slower count pairs. Coordinated, where one of three holds: at least "
            "half the members are in a synchronous pair; or the group acts closer in time than "
            "others who shared the same objects, and closer than its members’ own habits of speed "
            "and hours give (habit effect at most {most}), unless the habit is to act within half "
            "an hour; or at least three originals are theirs alone. Effects are the time between "
            "members over the time to be expected: 1 is no closer. Authenticity undetermined: "
            "whether these accounts are what they claim to be is another question, which this step "
            "cannot answer. Fan clubs and newsrooms act together as well.",
            most=number(HABIT_EFFECT, ".2f"),
        ),
    )


def _called(label: str) -> str:
    """Return what a cluster is called: to act together says nothing about who somebody is."""
    if label == "coordinated":
        return say("coordinated, authenticity undetermined")
    return word(label)


def members_table(clusters: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return the members of clusters that are under review or known, with their roles."""
    role = dict(zip(accounts["account"], accounts["role"], strict=True))
    shown = clusters[[role.get(a) in {"persona", "known"} for a in clusters["account"]]]
    if shown.empty:
        return Note(say("No account under review is a member of a cluster."))
    names = account_names(accounts)
    frame = pd.DataFrame(
        {
            "cluster": shown["cluster"],
            "account": shown["account"].map(names),
            "who": shown["account"].map(role).map(style.ROLE_WORDS).map(word),
            "part": shown["role"].map(word),
            "came first in": shown["first_share"],
            "co-actions": shown["co_actions"],
            "tied to": shown["degree"],
            "robustness": shown["robustness"],
            "stability": shown["stability"],
        }
    ).sort_values(["cluster", "who", "account"], kind="stable", ascending=[True, False, True])
    return Listing(
        frame,
        id="members",
        title=say_count(
            "{n} account under review or known is in a cluster",
            "{n} accounts under review or known are in a cluster",
            count(frame),
        ),
        note=say(
            "Came first in: share of the co-actions; a seeder is first in more than {most} and "
            "reposts little, an amplifier comes after in as many. First means first in this "
            "collection. Tied to: members it has a significant pair with. Robustness: of all "
            "combinations of scale, fewest objects, error rate and layer, the share that ties the "
            "account to anybody. Stability: how much of the cluster is found again from other "
            "random starts; 1 is all of it. Members who are reference accounts are counted above "
            "and not listed.",
            most=number(FIRST_MOST, ".0%"),
        ),
    )


def rules_table(compared: pd.DataFrame) -> Exhibit:
    """Return how many accounts of each kind the rules of others flag, beside ours."""
    if compared.empty:
        return Note(say("No account acts on anything that others act on."))
    order = [g for g in style.ROLE_WORDS if g in set(compared["group"])]
    groups = [*order, *sorted(set(compared["group"]) - set(order))]
    sizes = compared.groupby("group")["accounts"].max()
    counts = compared.pivot_table(
        index="rule", columns="group", values="flagged", sort=False, dropna=False
    )
    names = {g: f"{word(WHO.get(g, g))} ({sizes[g]})" for g in groups}
    frame = counts[groups].astype("Int64").rename(columns=names).reset_index()
    frame["rule"] = frame["rule"].map(word)
    ours = list(compared["rule"].drop_duplicates().tail(2))
    told = compared.assign(innocent=~compared["group"].isin(["persona", "known"]))
    innocent = told[told["innocent"] & ~told["rule"].isin(ours)]
    if innocent.empty:
        title = say("What other rules would flag among these accounts")
    else:
        flagged = innocent.dropna(subset="flagged").groupby("rule", sort=False)["flagged"].sum()
        wrong = flagged.reset_index()
        title = say(
            "Each of the {rules} rules of others would flag between {fewest} and {most} of {all} "
            "reference accounts; the clusters called coordinated here hold {ours}",
            rules=count(wrong),
            fewest=smallest(wrong, "flagged"),
            most=largest(wrong, "flagged"),
            all=total(told, "accounts", {"innocent": True, "rule": ours[-1]}),
            ours=total(told, "flagged", {"innocent": True, "rule": ours[-1]}),
        )
    return Listing(
        frame,
        id="rules",
        title=title,
        note=say(
            "Accounts in at least one pair that a rule flags; in brackets, all accounts with a post "
            "that can be compared. Fixed threshold: 2 posts within 60 s. CooRTweet: within 10 s, "
            "above the median. CooRnet: interval estimated, top tenth. TF-IDF cosine (Pacheco): top "
            "half percent. Fused network (Luceri): most central twentieth. Hypergeometric: shared "
            "objects, whatever the times. Here: pairs in synchrony, and clusters called coordinated. "
            "No rule tells coordination from deceit: newsrooms and fan clubs act together as well."
        ),
    )


def robustness_figure(
    robustness: pd.DataFrame, specifications: pd.DataFrame, accounts: pd.DataFrame
) -> Exhibit:
    """Return in how many specifications each account under review is part of the network."""
    role = dict(zip(accounts["account"], accounts["role"], strict=True))
    watched = robustness[[role.get(a) in {"persona", "known"} for a in robustness["account"]]]
    if watched.empty:
        return Note(
            say(
                "None of {all} specifications puts an account under review into a significant pair.",
                all=len(specifications),
            )
        )
    names = account_names(accounts)
    drawn = pd.DataFrame(
        {
            "name": watched["account"].map(names),
            "share": watched["share"],
            "who": watched["account"].map(role).map(style.ROLE_WORDS).map(word),
            "specifications": watched["specifications"],
        }
    ).sort_values(["share", "name"], ascending=[False, True], kind="stable")
    drawn = drawn.head(MOST_LABELS)
    roles = [r for r in ("persona", "known") if word(style.ROLE_WORDS[r]) in set(drawn["who"])]
    who = [word(style.ROLE_WORDS[r]) for r in roles]
    points = (
        alt.Chart(drawn)
        .mark_point(filled=True, size=60, opacity=1)
        .encode(
            x=alt.X(
                "share:Q",
                title=say("share of the specifications that include it"),
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%", tickCount=5),
            ),
            y=alt.Y(
                "name:N",
                sort=list(drawn["name"]),
                title=None,
                axis=alt.Axis(ticks=False, offset=8, grid=True),
            ),
            **style.colour_and_shape("who:N", roles, who, style.ROLE_COLOURS, style.ROLE_SHAPES),
        )
    )
    bar = (
        alt.Chart(pd.DataFrame({"share": [ROBUST]}))
        .mark_rule(color=style.GREY, strokeDash=[4, 3])
        .encode(x="share:Q")
    )
    told = watched.assign(role=watched["account"].map(role))
    review = {"role": "persona"}
    return Figure(
        (bar + points).properties(width=400, height=15 * len(drawn)),
        id="robustness",
        title=say(
            "{firm} of the {all} accounts under review that any specification finds are found in "
            "{bar} of them or more",
            firm=count(told, {**review, "robust": True}),
            all=count(told, review),
            bar=number(ROBUST, ".0%"),
        ),
        alt=say(
            "Accounts by the share of specifications in which they are part of a significant pair, "
            "from {least:.0%} to {most:.0%}; a line at {bar}.",
            least=smallest(told, "share"),
            most=largest(told, "share"),
            bar=number(ROBUST, ".0%"),
        ),
        data=drawn,
        n=say(
            "{all} specifications: time scale, fewest objects, error rate, layer",
            all=len(specifications),
        ),
        source=say("table posts"),
        note=say(
            "Of the specifications in which an account could be tested. Below the line a tie hangs "
            "on choices; such an account is called coordinated only where its whole cluster passes "
            "the test of timing, which does not hang on them."
        ),
    )


def blind_spots_figure(blind: pd.DataFrame) -> Exhibit:
    """Return which operations this collection would have shown, and which it would have missed."""
    if blind.empty:
        return Note(
            say(
                "What this collection would have missed cannot be said: no kind of shared object can "
                "be tested here, so it would have missed every operation."
            )
        )
    words = {s: f"{s / 60:g} min" if s < 3_600 else f"{s / 3_600:g} h" for s in blind["spread"]}
    runs = int(blind["runs"].iloc[0])
    drawn = pd.concat(
        [
            blind.assign(
                test=say("accounts, pair by pair"),
                value=blind["share"],
                label=[
                    say("{some} of {all}", some=int(f), all=int(n))
                    for f, n in zip(blind["found"], blind["planted"], strict=True)
                ],
                range=_ranges(blind["low"], blind["high"]),
            ),
            blind.assign(
                test=say("groups under review, by timing"),
                value=blind["groups_found"] / blind["runs"],
                label=[
                    say("{some} of {all}", some=int(g), all=runs) for g in blind["groups_found"]
                ],
                range=_ranges(blind["groups_low"], blind["groups_high"]),
            ),
        ]
    )
    drawn["spread_words"] = drawn["spread"].map(words)
    drawn["size"] = drawn["accounts"].map(
        lambda n: say_count("{n} account", "{n} accounts", int(n))
    )
    sizes = list(dict.fromkeys(drawn["size"]))
    base = alt.Chart(drawn).encode(
        x=alt.X(
            "spread_words:N",
            sort=list(words.values()),
            title=say("median delay within the operation"),
            axis=alt.Axis(labelAngle=0),
        ),
        y=alt.Y("size:N", sort=sizes, title=None),
    )
    cells = base.mark_rect(stroke=style.PALE).encode(
        color=alt.Color(
            "value:Q",
            legend=None,
            scale=alt.Scale(domain=[0, 1], range=["#ffffff", "#86aecb"], interpolate="rgb"),
        )
    )
    text = base.mark_text(color=style.INK, fontSize=10, dy=-5).encode(text="label:N")
    spans = base.mark_text(color=style.INK, fontSize=9, dy=7).encode(text="range:N")
    chart = (cells + text + spans).properties(width=270, height=150)
    chart = chart.facet(
        column=alt.Column("test:N", title=None, header=alt.Header(labelAnchor="start"))
    )
    return Figure(
        chart,
        id="blind-spots",
        title=say(
            "Of {planted} planted accounts the test of pairs finds {found}; of {all} planted groups "
            "the test of timing finds {groups}",
            planted=total(blind, "planted"),
            found=total(blind, "found"),
            all=total(blind, "runs"),
            groups=total(blind, "groups_found"),
        ),
        alt=say(
            "Two grids of operation size by delay: how many planted accounts are found pair by "
            "pair, and how many planted groups by their timing when all are under review."
        ),
        data=drawn[["test", "accounts", "spread", "label", "value", "range"]],
        n=say_count(
            "{n} planted operation in each field",
            "{n} planted operations in each field",
            largest(blind, "runs"),
        ),
        source=say("table posts, with planted accounts"),
        note=together(_blind_notes(runs)),
    )


def _blind_notes(runs: int) -> list[str]:
    return [
        say(
            "Made-up operations planted into this very collection, each of its own kind: 25 to 110 "
            "tasks, each taken on by a fifth to a half of the accounts, a quarter to three quarters "
            "of them on what others share here; a fifth to a half of all acts are on other things."
        ),
        say(
            "Second line: on the left the least and the largest share found of one operation, which "
            "holds the next of its kind in {some} cases of {all}; on the right the {level} "
            "interval of the share of groups (Jeffreys).",
            some=number(runs - 1),
            all=number(runs + 1),
            level=number(0.95, ".0%"),
        )
        if runs > 1
        else say("One operation a field gives no range on the left."),
        say("An operation that posts less, paraphrases, or is not under review is harder to find."),
    ]


def _ranges(low: pd.Series, high: pd.Series) -> list[str]:
    """Return shares as percentages from least to largest; nothing where there is no range."""
    return [
        ""
        if pd.isna(a)
        else number(a, ".0%")
        if a == b
        else f"{number(100 * a, '.0f')}–{number(b, '.0%')}"
        for a, b in zip(low, high, strict=True)
    ]


def network_matrix(edges: pd.DataFrame, clusters: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return who is tied to whom as a grid, clusters side by side."""
    tied = _strongest(edges)
    if tied.empty:
        return Note(say(NOBODY))
    order, left_out = _seriated(tied, clusters, accounts)
    tied = tied[tied["source"].isin(order) & tied["target"].isin(order)]
    names = account_names(accounts)
    both = pd.concat([tied, tied.rename(columns={"source": "target", "target": "source"})])
    cells = pd.DataFrame(
        {
            "account": both["source"].map(names),
            "and": both["target"].map(names),
            "finding": both["finding"].map(word),
        }
    )
    shown = [names[a] for a in order]
    kinds = [w for w in FINDING_COLOURS if w in set(both["finding"])]
    label = alt.Axis(ticks=False, domain=False, labelFontSize=9, labelLimit=170, labelOverlap=False)
    step = 11
    chart = (
        alt.Chart(cells)
        .mark_rect(stroke=style.PAPER, strokeWidth=0.5)
        .encode(
            x=alt.X("and:N", sort=shown, scale=alt.Scale(domain=shown), title=None, axis=None),
            y=alt.Y("account:N", sort=shown, scale=alt.Scale(domain=shown), title=None, axis=label),
            color=alt.Color(
                "finding:N",
                title=None,
                scale=alt.Scale(
                    domain=[word(w) for w in kinds], range=[FINDING_COLOURS[w] for w in kinds]
                ),
            ),
        )
        .properties(width=step * len(shown), height=step * len(shown))
    )
    ends, pairs = _ends(tied), count(tied)
    return Figure(
        chart,
        id="network-matrix",
        title=say(
            "{accounts} accounts are tied by {pairs} pairs that chance does not explain",
            accounts=ends,
            pairs=pairs,
        ),
        alt=say(
            "A grid of {accounts} accounts by themselves; a cell is filled where the pair is "
            "synchronous or shares attention. Clusters stand as blocks along the diagonal.",
            accounts=ends,
        ),
        data=cells,
        n=_number_drawn(ends, pairs, left_out),
        source=say("table edges"),
        note=say(
            "Columns are in the order of rows. Accounts without a significant pair are not drawn."
        ),
    )


def _ends(tied: pd.DataFrame) -> Number:
    """Return how many accounts some pairs are made of."""
    return distinct(tied, "source", also="target")


def _number_drawn(accounts: Number, pairs: Number, left_out: int) -> str:
    said = say("{accounts} accounts, {pairs} pairs", accounts=accounts, pairs=pairs)
    if not left_out:
        return said
    return say("{said}; {n} accounts left out", said=said, n=left_out)


def _strongest(edges: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each significant pair, with its strongest finding."""
    found = edges[edges["finding"].isin(SIGNIFICANT)]
    ranked = found.assign(_rank=found["finding"].map(STRENGTH)).sort_values(
        ["_rank", "source", "target"], ascending=[False, True, True], kind="stable"
    )
    return ranked.drop_duplicates(["source", "target"]).drop(columns="_rank")


def _seriated(
    tied: pd.DataFrame,
    clusters: pd.DataFrame,
    accounts: pd.DataFrame,
    most: int | None = MOST_ACCOUNTS,
) -> tuple[list[str], int]:
    """Return the accounts in the order to draw them, and how many there is no room for."""
    ends = pd.concat([tied["source"], tied["target"]]).value_counts()
    cluster = dict(zip(clusters["account"], clusters["cluster"], strict=True))
    place = {"persona": 0, "known": 1}
    role = dict(zip(accounts["account"], accounts["role"], strict=True))

    def key(name: str) -> tuple[int, int, int, str]:
        number = int(cluster[name][1:]) if name in cluster else 10_000
        return number, place.get(role.get(name, ""), 2), -int(ends[name]), name

    ordered = sorted((str(n) for n in ends.index), key=key)
    if most is None or len(ordered) <= most:
        return ordered, 0
    # Those under review are never left out; of the others the best tied stay.
    rank = sorted(ordered, key=lambda n: (place.get(role.get(n, ""), 2), -int(ends[n]), n))
    kept = set(rank[:most])
    return [n for n in ordered if n in kept], len(ordered) - most


def network_map(edges: pd.DataFrame, clusters: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return the significant pairs as a picture: accounts as points, pairs as lines."""
    tied = _strongest(edges)
    if tied.empty:
        return Note(say(NOBODY))
    order, left_out = _seriated(tied, clusters, accounts)
    tied = tied[tied["source"].isin(order) & tied["target"].isin(order)]
    names = account_names(accounts)
    role = dict(zip(accounts["account"], accounts["role"].fillna("bystander"), strict=True))
    called = {a for a in order if role.get(a) in {"persona", "known"}}
    spots, height = _positions(order, tied, called)
    nodes = pd.DataFrame(
        {
            "name": [names[a] for a in order],
            "role": [role.get(a, "bystander") for a in order],
            "x": [round(spots[a][0], 3) for a in order],
            "y": [round(spots[a][1], 3) for a in order],
            "turn": [round(spots[a][2], 1) for a in order],
        }
    )
    nodes["who"] = nodes["role"].map(style.ROLE_WORDS).map(word)
    labelled = nodes[nodes["role"].isin(["persona", "known"])].head(MOST_LABELS)
    lines = pd.DataFrame(
        {
            "x": [round(spots[a][0], 3) for a in tied["source"]],
            "y": [round(spots[a][1], 3) for a in tied["source"]],
            "x2": [round(spots[a][0], 3) for a in tied["target"]],
            "y2": [round(spots[a][1], 3) for a in tied["target"]],
            "finding": tied["finding"],
        }
    )
    chart = _drawn_map(nodes, lines, labelled, height)
    found = [w for w in FINDING_COLOURS if w in set(tied["finding"])]
    return Figure(
        chart,
        id="network-map",
        title=say(
            "{review} accounts under review, {known} known and {others} other accounts are tied to "
            "somebody",
            review=count(nodes, {"role": "persona"}),
            known=count(nodes, {"role": "known"}),
            others=count(nodes, {"role": ["reference", "bystander"]}),
        ),
        alt=say(
            "A map of {accounts} accounts and {pairs} pairs in {clusters} clusters: accounts under "
            "review as circles, known accounts as diamonds, reference accounts as squares.",
            accounts=count(nodes),
            pairs=count(tied),
            clusters=distinct(clusters, "cluster"),
        ),
        data=tied[["source", "target", "layer", "finding", "co_actions", "objects"]].assign(
            source=tied["source"].map(names),
            target=tied["target"].map(names),
            layer=tied["layer"].map(word),
            finding=tied["finding"].map(word),
        ),
        n=_number_drawn(count(nodes), count(tied), left_out),
        period=style.period_of(pd.concat([tied["first"], tied["last"]])),
        source=say("table edges"),
        note=together(
            [
                say("Lines: {found}.", found=", ".join(word(f) for f in found)),
                say(
                    "Accounts that are tied stand on one circle; distance and direction mean "
                    "nothing. A dense block of reference accounts acts together as well, as fan "
                    "clubs and newsrooms do: it says nothing about who they are."
                ),
            ]
        ),
    )


def _drawn_map(
    nodes: pd.DataFrame, lines: pd.DataFrame, labelled: pd.DataFrame, height: float
) -> Any:
    roles = [r for r in style.ROLE_WORDS if r in set(nodes["role"])]
    who = [word(style.ROLE_WORDS[r]) for r in roles]
    kinds = [w for w in FINDING_COLOURS if w in set(lines["finding"])]
    lines = lines.assign(finding=lines["finding"].map(word))
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, MAP_WIDTH], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-height, 0], nice=False))
    rules = (
        alt.Chart(lines)
        .mark_rule(opacity=0.45, strokeWidth=1)
        .encode(
            x=x,
            y=y,
            x2="x2:Q",
            y2="y2:Q",
            stroke=alt.Stroke(
                "finding:N",
                title=None,
                scale=alt.Scale(
                    domain=[word(w) for w in kinds], range=[FINDING_COLOURS[w] for w in kinds]
                ),
            ),
        )
    )
    points = (
        alt.Chart(nodes)
        .mark_point(filled=True, size=75, opacity=1, stroke=style.PAPER, strokeWidth=0.8)
        .encode(
            x=x,
            y=y,
            **style.colour_and_shape("who:N", roles, who, style.ROLE_COLOURS, style.ROLE_SHAPES),
        )
    )
    # Names run outwards from the circle, and stay the right way up on its left side.
    left = (labelled["turn"] > 90) & (labelled["turn"] < 270)
    texts = [
        alt.Chart(part.assign(angle=(flip - part["turn"]) % 360))
        .mark_text(align="right" if flip else "left", dx=-8 if flip else 8, fontSize=9, limit=130)
        .encode(x=x, y=y, text="name:N", angle=alt.Angle("angle:Q", scale=None))
        for part, flip in ((labelled[~left], 0), (labelled[left], 180))
        if len(part)
    ]
    return alt.layer(rules, points, *texts).properties(
        width=MAP_PIXELS, height=height / MAP_WIDTH * MAP_PIXELS
    )


def positions(
    tied: pd.DataFrame, clusters: pd.DataFrame, accounts: pd.DataFrame
) -> dict[str, tuple[float, float, float]]:
    """Return where each tied account stands on the map: x, y, and the direction of its name."""
    if tied.empty:
        return {}
    pairs = tied.drop_duplicates(["source", "target"])
    order, _ = _seriated(pairs, clusters, accounts, most=None)
    role = dict(zip(accounts["account"], accounts["role"].fillna("bystander"), strict=True))
    named = {a for a in order if role.get(a) in {"persona", "known"}}
    return _positions(order, pairs, named)[0]


def _positions(
    order: list[str], tied: pd.DataFrame, named_accounts: set[str]
) -> tuple[dict[str, tuple[float, float, float]], float]:
    """Return where each account stands and which way its name runs (degrees), and the height.

    Accounts that are tied, however indirectly, stand on one circle in the order of the grid: every
    line can be followed, and the same table gives the same picture each time.
    """
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(order)
    graph.add_edges_from(zip(tied["source"], tied["target"], strict=True))
    rank = {name: i for i, name in enumerate(order)}
    circles = sorted(
        (sorted(c, key=rank.__getitem__) for c in nx.connected_components(graph)),
        key=lambda c: (-len(c), rank[c[0]]),
    )
    named = set(order) & named_accounts
    largest = len(circles[0])
    spots: dict[str, tuple[float, float, float]] = {}
    across, top, deepest = 0.0, 0.0, 0.0
    for members in circles:
        radius = 0.3 + 0.7 * len(members) / largest
        reach = radius + (NAME_ROOM if named & set(members) else 0.2)
        if across and across + 2 * reach > MAP_WIDTH:
            across, top, deepest = 0.0, top - deepest, 0.0
        for k, name in enumerate(members):
            turn = 2 * np.pi * k / len(members)
            spots[name] = (
                across + reach + radius * float(np.cos(turn)),
                top - reach + radius * float(np.sin(turn)),
                float(np.degrees(turn)),
            )
        across, deepest = across + 2 * reach, max(deepest, 2 * reach)
    return spots, deepest - top


def network_summary(
    edges: pd.DataFrame, clusters: pd.DataFrame, groups: pd.DataFrame, accounts: pd.DataFrame
) -> Exhibit:
    """Return what this step can say, and what it cannot."""
    role = dict(zip(accounts["account"], accounts["role"], strict=True))
    under_review = int((accounts["role"] == "persona").sum())
    tested = edges[edges["finding"] != "not assessable"]
    lines = []
    review = clusters[clusters["account"].map(role) == "persona"]
    acting = int((review["label"] == "coordinated").sum())
    shaky = int((review["label"] == "not robust").sum())
    if tested.empty:
        lines.append(
            say(
                "**Can say:** {n} pairs of accounts acted on the same objects close in time.",
                n=len(edges),
            )
        )
        lines.append(
            say(
                "**Cannot say:** whether that is more than chance: there is no chance level here. "
                "Coordination is *not assessable*, which is no sign for or against it."
            )
        )
    elif not acting:
        lines.append(
            say(
                "**Can say:** none of the {all} accounts under review is called *coordinated*. That "
                "is no proof that they act alone: see what this collection would have missed.",
                all=named("personas", under_review),
            )
        )
    else:
        told = groups[
            groups["cluster"].isin(review.loc[review["label"] == "coordinated", "cluster"])
        ]
        lines.append(
            say(
                "**Can say:** {some} of {all} accounts under review are called *coordinated*: they "
                "are in a cluster that acts together in time, or has originals nobody else here "
                "has, beyond what chance and shared taste explain.",
                some=named("coordinated_personas", acting),
                all=named("personas", under_review),
            )
            if "exclusive originals" in set(told["basis"])
            else say(
                "**Can say:** {some} of {all} accounts under review are called *coordinated*: they "
                "are in a cluster that acts together in time beyond what chance and shared taste "
                "explain.",
                some=named("coordinated_personas", acting),
                all=named("personas", under_review),
            )
        )
    if acting and shaky:
        lines.append(
            say_count(
                "{n} more is in such a cluster, but its tie hangs on our choices: it is not called "
                "so.",
                "{n} more are in such a cluster, but their ties hang on our choices: they are not "
                "called so.",
                count(review, {"label": "not robust"}),
            )
        )
    apart = {"label": "coordinated", "personas": 0}
    innocent = groups[(groups["label"] == "coordinated") & (groups["personas"] == 0)]
    if len(innocent):
        lines.append(
            say(
                "{accounts} accounts that nobody suspects are called coordinated as well, in "
                "{clusters} clusters ({kinds}): acting together alone is no sign of an operation.",
                accounts=count(
                    clusters.assign(apart=clusters["cluster"].isin(innocent["cluster"])),
                    {"label": "coordinated", "apart": True},
                ),
                clusters=count(groups, apart),
                kinds=escape_markdown(_kinds(innocent, clusters, accounts)),
            )
        )
    lines.append(
        say(
            "**Cannot say:** who these accounts are, whether they are what they claim, or who "
            "directs them; nor whether somebody who shares within hours what a group puts out "
            "belongs to it or believes it. An operation that takes six hours or more, or that "
            "paraphrases, would hardly be called coordinated here."
        )
    )
    return Statement(together(lines, "\n\n"), id="network-summary")


def _kinds(groups: pd.DataFrame, clusters: pd.DataFrame, accounts: pd.DataFrame) -> str:
    members = clusters[clusters["cluster"].isin(groups["cluster"])]["account"]
    held = accounts[accounts["account"].isin(members)]
    kinds = held["stratum"].fillna(held["role"]).unique()
    return ", ".join(word(k) for k in sorted(str(k) for k in kinds))
