"""Exhibits of step 3b: what posts got beside those of ordinary accounts, and how far it broke out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from casebook.charts import style
from casebook.charts.network import account_names
from casebook.exhibits import Figure, Listing, Note, Statement
from casebook.language import number, say, say_count, word
from casebook.narratives.own import UNDER_REVIEW
from casebook.narratives.reach import FEW_OURS, FEW_THEIRS, MATCHED, NO_REACTION
from casebook.numbers import cell, count, distinct, largest, total

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casebook.exhibits import Exhibit
    from casebook.narratives.reach import Breakout, Outside

MOST_POSTS = 25
PLATFORMS = {
    "x": "X", "tiktok": "TikTok", "instagram": "Instagram", "youtube": "YouTube",
    "facebook": "Facebook", "telegram": "Telegram",
}  # fmt: skip
NO_COUNTS = (
    "Whom the posts reached is not known: no account under review has five posts with counters. "
    "Unknown is not zero."
)
NO_REACH = (
    "How far it broke out of its own circle is not answered in this case: each of the six questions "
    "of the Breakout Scale is open. `reach:` in case.yaml takes the answers, each with its evidence."
)
WARNING = (
    "**Before you publish:** on categories 1 to 3, few people have seen this, and a report can itself "
    "be the breakout. Show no more of the content than the finding needs, link to none of it, and "
    "ask whether the public learns more from the report than the operation gains by it."
)
QUESTIONS = {
    "several_platforms": "Was it on several platforms?",
    "several_communities": "Did several communities outside take it up?",
    "mainstream_media": "Did mainstream media carry it, and not only a report on it?",
    "high_profile": "Did somebody with a large following of their own amplify it?",
    "policy_or_action": "Did a policy, or other concrete action, respond to it?",
    "call_for_violence": "Did it call for violence?",
}
REASONS = {
    FEW_OURS: "too few accounts under review with counters",
    FEW_THEIRS: "no ordinary accounts to compare with",
    NO_REACTION: "half of the ordinary accounts usually get none",
}
_MATCHED_WORDS = "ordinary, matched"


def engagement_table(ratios: pd.DataFrame, engagement: pd.DataFrame) -> Exhibit:
    """Return what posts usually got, beside matched ordinary accounts.

    Parameters
    ----------
    ratios : DataFrame
        As from `casebook.narratives.engagement_ratios`.
    engagement : DataFrame
        The table ``engagement``.
    """
    if ratios.empty:
        return Note(say(NO_COUNTS))
    counted = engagement.drop_duplicates(["platform", "measure"])
    counters = {
        (p, m): ", ".join(word(c) for c in v)
        for p, m, v in zip(
            counted["platform"], counted["measure"], counted["counters"], strict=True
        )
    }
    rows = [
        {
            "platform": _platform(row["platform"]),
            "measure": word(row["measure"]),
            "counted": counters[row["platform"], row["measure"]],
            "accounts": row["accounts"],
            "usually": row["median"],
            "matched": row["matched"],
            "they": row["matched_median"],
            "times": _ratio(row),
        }
        for row in ratios.to_dict("records")
    ]
    told = ratios[ratios["reason"] == ""]
    by_group = (
        engagement.groupby("group")
        .agg(accounts=("account", "nunique"), unknown=("unknown", "sum"))
        .reset_index()
    )
    unknown = total(by_group, "unknown", {"group": UNDER_REVIEW})
    followers = bool(len(told) and told["followers"].all())
    matched = (
        say("Matched in followers and number of posts.")
        if followers
        else say("Matched in number of posts; followers are not known on both sides.")
    )
    return Listing(
        pd.DataFrame(rows),
        id="engagement",
        title=_ratio_title(told),
        headers={
            "counted": "counters",
            "usually": "usual",
            "they": "their usual",
            "times": "times as much (95 %)",
        },
        note=say(
            "Accounts: under review; matched: ordinary ones beside them. Usual is what a post usually "
            "gets: the median over accounts of each account's median. Reactions "
            "seen to come from accounts under review or attributed earlier are taken off; others "
            "of theirs are not seen, so this is at most what outsiders gave. {matched} Posts "
            "without a counter are unknown and left out ({unknown} under review).",
            matched=matched,
            unknown=unknown,
        ),
    )


def _platform(name: str) -> str:
    return PLATFORMS.get(name, name)


def _ratio(row: Mapping[Any, Any]) -> str:
    if row["reason"]:
        return say("not assessable: {reason}", reason=word(REASONS[row["reason"]]))
    low, ratio = number(float(row["low"]), ".2f"), number(float(row["ratio"]), ".2f")
    if math.isinf(row["high"]):
        return say("{ratio} ({low} or more)", ratio=ratio, low=low)
    return say(
        "{ratio} ({low} to {high})", ratio=ratio, low=low, high=number(float(row["high"]), ".2f")
    )


def _ratio_title(told: pd.DataFrame) -> str:
    if told.empty:
        return say("Whether posts under review got more or less than usual cannot be told")
    told = told.assign(less=told["high"] < 1, more=told["low"] > 1)
    return say(
        "Posts under review clearly got less than those of matched ordinary accounts in {less} of "
        "{all} comparisons, and more in {more}",
        all=count(told),
        less=count(told, {"less": True}),
        more=count(told, {"more": True}),
    )


def engagement_figure(engagement: pd.DataFrame, ratios: pd.DataFrame) -> Exhibit | None:
    """Return what each account usually gets, where it can be compared; else nothing.

    Parameters
    ----------
    engagement : DataFrame
        The table ``engagement``.
    ratios : DataFrame
        As from `casebook.narratives.engagement_ratios`.
    """
    told = ratios[ratios["reason"] == ""]
    if told.empty:
        return None
    key = ["platform", "measure"]
    frame = engagement.merge(told[key], on=key)
    words = {UNDER_REVIEW: word("under review"), MATCHED: word(_MATCHED_WORDS)}
    frame = frame.assign(
        who=frame["group"].map(words),
        what=[f"{_platform(p)} · {word(m)}" for p, m in zip(frame["platform"], frame["measure"],
                                                           strict=True)],
    )  # fmt: skip
    order = list(words.values())
    domain = alt.Scale(domain=order, range=[style.PERSONA, style.REFERENCE])
    y = alt.Y("who:N", sort=order, title=None, axis=alt.Axis(ticks=False))
    x = alt.X("median:Q", title=say("median per post, one mark an account"),
              scale=alt.Scale(type="symlog"), axis=alt.Axis(tickCount=5))  # fmt: skip
    base = alt.Chart(frame[["who", "what", "median"]])
    marks = base.mark_tick(thickness=2, size=16, opacity=0.55).encode(
        x=x, y=y, color=alt.Color("who:N", scale=domain, legend=None)
    )
    middle = base.mark_point(shape="diamond", filled=True, size=90, opacity=1, color=style.INK).encode(
        x=alt.X("median(median):Q"), y=y
    )  # fmt: skip
    row = told.sort_values(["measure", "platform"], kind="stable").iloc[-1]
    one = {"platform": str(row["platform"]), "measure": str(row["measure"])}
    title = say(
        "On {platform}, a post under review usually gets {ours:.0f} {measure}, one of a matched "
        "ordinary account {theirs:.0f}",
        platform=_platform(str(row["platform"])),
        measure=word(str(row["measure"])),
        ours=cell(told, "median", one),
        theirs=cell(told, "matched_median", one),
    )
    return Figure(
        (marks + middle)
        .properties(width=style.WIDTH - 150, height=58)
        .facet(
            row=alt.Row("what:N", title=None,
                        header=alt.Header(labelOrient="top", labelAnchor="start")),
        )
        .resolve_scale(x="independent"),
        id="engagement-by-account",
        title=title,
        alt=say(
            "For each platform and measure two rows of marks, one mark an account: under review, and "
            "matched ordinary accounts; a diamond at the median. {title}.",
            title=title,
        ),
        data=frame[["platform", "measure", "group", "posts", "unknown", "followers", "median"]],
        n=say(
            "{ours} accounts under review, {theirs} matched ordinary accounts",
            ours=largest(told, "accounts"),
            theirs=largest(told, "matched"),
        ),
        source=say("table engagement"),
        note=say(
            "The scale is logarithmic but for its start. Counts are those of the platform, at the "
            "time of capture; bought reactions count like others."
        ),
    )  # fmt: skip


def outstanding_table(outstanding: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return the single posts that got far more than the others.

    Parameters
    ----------
    outstanding : DataFrame
        As from `casebook.narratives.outstanding_posts`.
    accounts : DataFrame
    """
    if outstanding.empty:
        return Note(
            say("No post under review got far more than the others, where counts are known.")
        )
    names = account_names(accounts)
    frame = pd.DataFrame(
        {
            "account": outstanding["account"].map(names),
            "platform": [_platform(p) for p in outstanding["platform"]],
            "date": outstanding["created_at"].dt.strftime("%Y-%m-%d"),
            "measure": [word(m) for m in outstanding["measure"]],
            "value": outstanding["value"],
            "median": outstanding["median"],
            "share": [number(float(s), ".0%") for s in outstanding["share"]],
            "evidence": [", ".join(e) for e in outstanding["evidence"]],
        }
    )
    return Listing(
        frame,
        id="outstanding-posts",
        title=say_count(
            "{n} post under review got far more than the others, and is no measure of them",
            "{n} posts under review got far more than the others, and are no measure of them",
            distinct(outstanding, "post"),
        ),
        headers={
            "value": "it got",
            "median": "usual",
        },
        note=say(
            "Usual: what a post under review usually gets there; share: of all that they got there. "
            "Listed are those with more than three interquartile ranges above the upper quartile on a log scale, and at least "
            "ten times the median. One video that many saw does not make a network successful, and a "
            "view is not a reader."
        ),
        limit=MOST_POSTS,
    )


def outside_statement(outside: Outside) -> Statement:
    """Return in a sentence how much of the reaction can come from outsiders.

    Parameters
    ----------
    outside : Outside
        As from `casebook.narratives.outside_reactions`.
    """
    counted, seen = total(outside.counters, "counted"), outside.inside + outside.outside
    if not counted and not seen:
        told = say(
            "How much of the reaction comes from outsiders is not known: no reply, repost or quote "
            "of a post under review was counted or collected."
        )
    elif not seen:
        told = say(
            "The platforms counted {counted} replies, reposts and quotes of posts under review. Who "
            "made them is not in this collection: anything from none to all may come from outsiders.",
            counted=counted,
        )
    else:
        told = say(
            "Of {all} replies, reposts and quotes of posts under review, {least:.0%} to {most:.0%} "
            "come from outsiders. Seen from outsiders: {outside}; seen from accounts under review, "
            "attributed earlier or in their cluster: {inside}; who made the others is not in this "
            "collection.",
            all=counted if counted.value >= seen else seen,
            least=outside.least,
            most=outside.most,
            outside=outside.outside,
            inside=outside.inside,
        )
    return Statement(told, id="outside-reactions")


def breakout_table(reach: pd.DataFrame, result: Breakout) -> Exhibit:
    """Return the questions of the Breakout Scale with their answers, and the category they give.

    Parameters
    ----------
    reach : DataFrame
        As `casebook.case.Case.reach` returns it.
    result : Breakout
        As from `casebook.narratives.breakout`.
    """
    if result.answers["answer"].eq("unknown").all() and not reach["note"].str.strip().any():
        return Note(say(NO_REACH))
    frame = pd.DataFrame(
        {
            "question": [word(QUESTIONS[f]) for f in reach["flag"]],
            "answer": [word(a) for a in reach["answer"]],
            "basis": [word(b) for b in reach["basis"]],
            "evidence": [", ".join(e) for e in reach["evidence"]],
            "note": reach["note"],
        }
    )
    return Listing(
        frame,
        id="breakout",
        title=breakout_title(result),
        # What others reported is not made up, even where the rest of the case is.
        synthetic=None if (reach["basis"] == "observed").any() else False,
        note=say(
            "Breakout Scale (Nimmo, 2020): 6 where policy or other action responds, or it calls for "
            "violence; 5 high-profile amplifier; 4 mainstream media; 3 several platforms and several "
            "communities; 2 one of the two; else 1. Only what outsiders do counts; press on a report "
            "about the operation does not. An open question counts both ways, which gives the range. Basis: observed in this case, "
            "or reported by others."
        ),
    )


def breakout_title(result: Breakout) -> str:
    """Return in words which category the answers give, or leave possible."""
    low = largest(result.categories, "category", {"answer": "shown"})
    if result.low == result.high:
        return say("Category {category} of 6 on the Breakout Scale", category=low)
    return say_count(
        "What is shown gives category {low} of 6 on the Breakout Scale; {n} open question leaves "
        "room up to {high}",
        "What is shown gives category {low} of 6 on the Breakout Scale; {n} open questions leave "
        "room up to {high}",
        count(result.answers, {"answer": "unknown"}),
        low=low,
        high=largest(result.categories, "category", {"answer": ["shown", "unknown"]}),
    )


def breakout_warning(result: Breakout) -> Note | None:
    """Return what to think of before publishing on something that few have seen; else nothing."""
    return Note(say(WARNING)) if result.low <= 3 else None
