"""Exhibits of step 3b: what the accounts talk about, and what they put out alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from casebook.charts import style
from casebook.charts.reach import breakout_title
from casebook.exhibits import Figure, Listing, Note, Statement
from casebook.fingerprints import template
from casebook.language import MONTHS, listed, number, say, say_count, spoken, together, word
from casebook.narratives.own import LOOK_ALIKES, ORDINARY, UNDER_REVIEW, own_posts
from casebook.numbers import above, count, distinct, largest, named, total
from casebook.text import defang, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casebook.exhibits import Exhibit
    from casebook.narratives.reach import Breakout

REFERENCES = 2
"""Row references printed beside a line; the others are counted."""
LABEL = 34
MOST_CODES = 12
MOST_MONTHLY = 6
MOST_WORDS = 15
MOST_TITLE_WORDS = 5
MOST_OBJECTS = 15
MOST_VARIANTS = 4
"""Texts of one cluster that are laid over each other to show which places change."""
KINDS = {"narrative": "narrative", "target": "target"}
GROUP_COLOURS = {
    UNDER_REVIEW: style.PERSONA,
    ORDINARY: style.REFERENCE,
    LOOK_ALIKES: style.LAYERS["hashtags"],
}
GROUP_SHAPES = {UNDER_REVIEW: "circle", ORDINARY: "square", LOOK_ALIKES: "diamond"}
GROUP_WORDS = {
    UNDER_REVIEW: "under review",
    ORDINARY: "ordinary",
    LOOK_ALIKES: "look-alikes that do it most",
}

NO_CODEBOOK = (
    "Which narratives the posts hold is not counted: the case has no codebook.yaml. It says which "
    "words stand for which narrative, and is written before anybody counts."
)
NO_TEXTS = "No post of an account under review has a text of its own to look in."
NO_TERM = "None of the posts under review holds a term of the codebook."
NO_WORDS = (
    "Which words are typical of the accounts under review cannot be told: it takes three accounts "
    "with texts on either side."
)
NO_REUSE = (
    "No text, link or medium was posted by two or more accounts under review. A paraphrase or a "
    "translation is not recognised as the same."
)


# -- narratives -----------------------------------------------------------------------------------


def codebook_table(codebook: pd.DataFrame, coded: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return what was counted as what: each entry with its terms, and where it was found.

    Parameters
    ----------
    codebook : DataFrame
        As `casebook.case.Case.codebook` returns it.
    coded, accounts : DataFrame
        The tables of these names.
    """
    if codebook.empty:
        return Note(say(NO_CODEBOOK))
    ours = _under_review(coded, accounts)
    rows = []
    for entry in codebook.to_dict("records"):
        part = ours[ours["code"] == entry["code"]]
        rows.append(
            {
                "entry": entry["label"],
                "kind": word(KINDS[entry["kind"]]),
                "definition": entry["definition"],
                "terms": _terms(entry["terms"], entry["exclusions"]),
                "posts": int(part["post"].nunique()),
                "accounts": int(part["account"].nunique()),
                "evidence": _cited(e for v in part["evidence"] for e in v),
            }
        )
    frame = pd.DataFrame(rows)
    return Listing(
        frame,
        id="codebook",
        title=say(
            "{found} of {all} entries of the codebook occur in posts under review",
            all=count(frame),
            found=count(frame, {"posts": above(0)}),
        ),
        note=say(
            "Posts and accounts are those under review. A post counts where it holds a term as a whole "
            "word or phrase. That shows what it "
            "talks about, not what it says of it, nor whether that is true. Reposts are not "
            "counted; where a source cut a text, what stood behind the cut is not either."
        ),
    )


def _under_review(coded: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    return coded[coded["account"].isin(accounts.loc[accounts["role"] == "persona", "account"])]


def _terms(terms: list[str], exclusions: list[str]) -> str:
    listed = ", ".join(terms)
    if not exclusions:
        return listed
    return say("{terms}; but not {others}", terms=listed, others=", ".join(exclusions))


def _cited(evidence: Iterable[str], at_most: int = REFERENCES) -> str:
    cited = list(dict.fromkeys(evidence))
    listed, more = ", ".join(cited[:at_most]), len(cited) - at_most
    if more <= 0:
        return listed
    return say("{listed} and {more} more", listed=listed, more=more)


def _labels(codebook: pd.DataFrame) -> dict[str, str]:
    """Return code -> what a chart calls it; two entries of one label are told apart by their ids."""
    short = [shorten(label, LABEL) for label in codebook["label"]]
    return {
        code: f"{label} ({code})" if short.count(label) > 1 else label
        for code, label in zip(codebook["code"], short, strict=True)
    }


def code_shares_figure(shares: pd.DataFrame, codebook: pd.DataFrame) -> Exhibit | None:
    """Return how common each entry is: under review, among ordinary accounts and look-alikes.

    Nothing where there is no codebook: the table of its entries says so.

    Parameters
    ----------
    shares : DataFrame
        As from `casebook.narratives.code_shares`.
    codebook : DataFrame
    """
    if codebook.empty:
        return None
    if not (shares["group"] == UNDER_REVIEW).any():
        return Note(say(NO_TEXTS))
    names = _labels(codebook)
    ours = shares[shares["group"] == UNDER_REVIEW].set_index("code")
    if not ours["coded"].any():
        return Note(say(NO_TERM))
    # The look-alikes that do it most are the ones to be told from.
    drawn = shares.sort_values(["share", "stratum"], ascending=[False, True], kind="stable")
    drawn = drawn.drop_duplicates(["code", "group"])
    order = list(ours.sort_values("share", ascending=False, kind="stable").index)
    order = order[:MOST_CODES]
    beside = shares[shares["group"] != UNDER_REVIEW]
    clear = [c for c in ours.index if _stands_clear(ours.loc[c], beside[beside["code"] == c])]
    frame = drawn[drawn["code"].isin(order)].assign(
        name=lambda t: t["code"].map(names),
        who=lambda t: [word(GROUP_WORDS[g]) for g in t["group"]],
    )
    told = ours.reset_index()[["code", "accounts", "posts", "coded"]]
    told["clear"] = told["code"].isin(clear)
    present = [g for g in GROUP_WORDS if g in set(frame["group"])]
    who = style.colour_and_shape(
        "who:N", present, [word(GROUP_WORDS[g]) for g in present], GROUP_COLOURS, GROUP_SHAPES
    )
    y = alt.Y("name:N", sort=[names[c] for c in order], title=None, axis=alt.Axis(ticks=False))
    shift = alt.YOffset("who:N", sort=[word(GROUP_WORDS[g]) for g in present])
    base = alt.Chart(frame[["name", "who", "share", "low", "high"]])
    spans = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title=None), x2="high:Q", y=y, yOffset=shift, color=who["color"]
    )
    points = base.mark_point(filled=True, size=60, opacity=1).encode(
        x=alt.X(
            "share:Q",
            title=say("share of posts that hold a term"),
            axis=alt.Axis(format="%", tickCount=5),
        ),
        y=y,
        yOffset=shift,
        **who,
    )
    if beside.empty:
        title = say_count(
            "{n} entry of the codebook occurs in posts under review; there is nobody to compare with",
            "{n} entries of the codebook occur in posts under review; there is nobody to compare "
            "with",
            count(told, {"coded": above(0)}),
        )
    elif clear:
        title = say(
            "{some} of {all} entries are clearly more common under review than in any group beside",
            some=count(told, {"clear": True}),
            all=count(told),
        )
    else:
        title = say("No entry is clearly more common under review than in every group beside")
    return Figure(
        (spans + points).properties(
            width=style.WIDTH - 190, height=max(70, 17 * len(present) * len(order))
        ),
        id="code-shares",
        title=title,
        alt=say(
            "For each of {codes} entries of the codebook, the share of posts that hold one of its "
            "terms, with an interval: under review, among ordinary accounts, and among the "
            "look-alikes that do it most. {title}.",
            codes=count(told) if len(order) == len(told) else len(order),
            title=title,
        ),
        data=shares.assign(entry=shares["code"].map(names))[
            ["entry", "group", "stratum", "accounts", "using", "posts", "coded", "share", "low",
             "high"]
        ],
        n=say(
            "{posts} posts of {accounts} accounts under review",
            posts=largest(told, "posts"),
            accounts=largest(told, "accounts"),
        ),
        source=say("tables coded, posts and accounts"),
        note=say(
            "Lines are 95 % intervals, in which the posts of one account count as what they are: one "
            "account's. Clearly more common: the interval lies above those of all groups beside. "
            "Terms in English are not found in posts of another language."
        ),
    )  # fmt: skip


def _stands_clear(ours: pd.Series, others: pd.DataFrame) -> bool:
    return bool(len(others) and ours["low"] > others["high"].max())


def codes_by_month(monthly: pd.DataFrame, codebook: pd.DataFrame) -> Exhibit | None:
    """Return how common the entries found most were in each month, beside ordinary accounts.

    Nothing where there is nothing to draw: the tables before say so.

    Parameters
    ----------
    monthly : DataFrame
        As from `casebook.narratives.monthly_shares`.
    codebook : DataFrame
    """
    ours = monthly[monthly["group"] == UNDER_REVIEW]
    held = ours.groupby("code")["coded"].sum()
    held = held[held > 0].sort_values(ascending=False, kind="stable")
    if held.empty:
        return None
    months = distinct(ours, "month", {"posts": above(0)})
    if months.value < 2:
        return Note(say("All posts under review are of one month: there is no course to show."))
    names = _labels(codebook)
    codes = list(held.index[:MOST_MONTHLY])
    frame = monthly[monthly["code"].isin(codes)].assign(
        entry=lambda t: t["code"].map(names),
        who=lambda t: [word(GROUP_WORDS[g]) for g in t["group"]],
    )
    present = [g for g in (UNDER_REVIEW, ORDINARY) if g in set(frame["group"])]
    who = style.colour_and_shape(
        "who:N", present, [word(GROUP_WORDS[g]) for g in present], GROUP_COLOURS, GROUP_SHAPES
    )
    base = alt.Chart(frame[["entry", "who", "month", "share"]])
    x = alt.X("month:T", title=None, axis=alt.Axis(format="%b %y", tickCount=4, labelOverlap=True))
    y = alt.Y("share:Q", title=say("share of posts"), axis=alt.Axis(format="%", tickCount=3))
    lines = base.mark_line(strokeWidth=1.5).encode(x=x, y=y, color=who["color"])
    points = base.mark_point(filled=True, size=35, opacity=1).encode(x=x, y=y, **who)
    columns = 2 if len(codes) > 1 else 1
    chart = (
        (lines + points)
        .properties(width=(style.WIDTH - 70) // columns, height=95)
        .facet(
            facet=alt.Facet("entry:N", sort=[names[c] for c in codes], title=None,
                            header=alt.Header(labelAnchor="start")),
            columns=columns,
        )
    )  # fmt: skip
    most = ours[ours["code"] == codes[0]].sort_values(
        ["share", "month"], ascending=[False, True], kind="stable"
    )
    peak = most.iloc[0]
    title = say(
        "“{entry}”, found most often, was in {share:.0%} of the posts under review in {month}",
        entry=names[codes[0]],
        share=largest(ours, "share", {"code": codes[0]}),
        month=_month(str(peak["month"])),
    )
    return Figure(
        chart,
        id="codes-by-month",
        title=title,
        alt=say(
            "One panel for each of {codes} entries of the codebook: the share of posts in each month "
            "that hold one of its terms, under review and among ordinary accounts. {title}.",
            codes=distinct(ours, "code", {"code": codes}),
            title=title,
        ),
        data=frame[["entry", "group", "month", "posts", "coded", "share"]],
        n=say("{posts} posts under review in {months} months",
              posts=total(ours, "posts", {"code": codes[0]}), months=months),
        source=say("tables coded, posts and accounts"),
        note=say(
            "Months with few posts jump. What was collected differs from month to month too: this "
            "shows no growth and no decline unless the collection was made alike throughout."
        ),
    )  # fmt: skip


def _month(day: str) -> str:
    return f"{MONTHS[spoken()][int(day[5:7]) - 1]} {day[:4]}"


def targets_table(targets: pd.DataFrame, codebook: pd.DataFrame) -> Exhibit | None:
    """Return whom the posts under review name along with which narrative.

    Nothing where the codebook has no targets.

    Parameters
    ----------
    targets : DataFrame
        As from `casebook.narratives.targets_by_code`.
    codebook : DataFrame
    """
    kinds = set(codebook["kind"])
    if "target" not in kinds:
        return None
    if targets.empty:
        return Note(
            say("No post under review that holds a narrative of the codebook names a target of it.")
        )
    names = _labels(codebook)
    ordered = targets.sort_values(["posts", "code", "target"], ascending=[False, True, True],
                                  kind="stable")  # fmt: skip
    share = (ordered["posts"] / ordered["of"]).map(lambda v: number(float(v), ".0%"))
    frame = pd.DataFrame(
        {
            "narrative": ordered["code"].map(names),
            "target": ordered["target"].map(names),
            "posts": ordered["posts"],
            "share": share,
            "accounts": ordered["accounts"],
            "evidence": [_cited(e) for e in ordered["evidence"]],
        }
    )
    return Listing(
        frame,
        id="targets",
        title=say_count(
            "Posts under review name {n} target of the codebook along with a narrative",
            "Posts under review name {n} targets of the codebook along with a narrative",
            distinct(targets, "target"),
        ),
        note=say(
            "Share: of the posts under review that hold the narrative. To name somebody is not to speak against them: whether a post praises or disparages is "
            "for a person to read."
        ),
        limit=MOST_OBJECTS,
    )


# -- words ----------------------------------------------------------------------------------------


def distinctive_words_figure(words: pd.DataFrame, posts: pd.DataFrame) -> Exhibit:
    """Return the words that accounts under review use more than reference accounts do.

    Parameters
    ----------
    words : DataFrame
        The table ``distinctive_words``.
    posts : DataFrame
        For the period.
    """
    if words.empty:
        return Note(say(NO_WORDS))
    bar = float(words["bar"].iloc[0])
    tried = words.assign(beyond=words["z"] > bar, drawn=False)
    beyond = words[words["z"] > bar]
    shown = words[words["z"] > 0].head(MOST_WORDS)
    if shown.empty:
        return Note(
            say("No word of three or more accounts under review is more typical of them than of "
                "reference accounts.")
        )  # fmt: skip
    frame = shown.assign(
        side=[word("beyond chance") if z > bar else word("as chance gives") for z in shown["z"]]
    )
    order = list(frame["word"])
    tried["drawn"] = tried["word"].isin(order)
    sides = [word("beyond chance"), word("as chance gives")]
    bars = (
        alt.Chart(frame[["word", "z", "side"]])
        .mark_bar(height=11)
        .encode(
            x=alt.X("z:Q", title=say("z: log-odds ratio over its standard error")),
            y=alt.Y("word:N", sort=order, title=None, axis=alt.Axis(ticks=False)),
            color=alt.Color(
                "side:N", title=None,
                scale=alt.Scale(domain=sides, range=[style.PERSONA, style.PALE]),
            ),
        )
    )  # fmt: skip
    line = (
        alt.Chart(pd.DataFrame({"bar": [bar]}))
        .mark_rule(strokeDash=[4, 3], color=style.INK)
        .encode(x="bar:Q")
    )
    if len(beyond):
        said = ", ".join(beyond["word"].head(MOST_TITLE_WORDS))
        tried["in_title"] = tried["word"].isin(beyond["word"].head(MOST_TITLE_WORDS))
        more = count(tried, {"beyond": True, "in_title": False})
        listed = said if not more.value else say("{listed} and {more} more", listed=said, more=more)
        title = say_count(
            "{n} word is more typical of the accounts under review than chance gives: {listed}",
            "{n} words are more typical of the accounts under review than chance gives: {listed}",
            count(tried, {"beyond": True}),
            listed=listed,
        )
    else:
        title = say("No word is more typical of the accounts under review than chance gives")
    by_day = style.weekdays_of(own_posts(posts)["created_at"])
    return Figure(
        (bars + line).properties(width=style.WIDTH - 110, height=19 * len(order)),
        id="distinctive-words",
        title=title,
        alt=say(
            "A bar for each of {words} words, longest first; a dashed line at {bar:.2f}, which the "
            "best word reaches in one of twenty random draws of accounts. {title}.",
            words=count(tried, {"drawn": True}),
            bar=largest(tried, "bar"),
            title=title,
        ),
        data=shown[
            ["word", "z", "log_odds", "accounts", "reference_accounts", "share", "reference_share"]
        ],
        n=say("{words} words that three or more accounts under review use", words=count(tried)),
        period=style.days_of(by_day, "first", "last") if len(by_day) else None,
        source=say("tables posts and accounts"),
        note=say(
            "A text and its near-duplicates count once, and each account counts the same, however "
            "much it posts. Numbers are left out, and so are texts in Chinese or Japanese, which "
            "have no spaces. A typical word shows a topic, and no more."
        ),
    )


# -- content reuse --------------------------------------------------------------------------------


def reuse_table(reuse: pd.DataFrame, posts: pd.DataFrame) -> Exhibit:
    """Return what two or more accounts under review posted, and who else posted it.

    Parameters
    ----------
    reuse : DataFrame
        The table ``reuse``.
    posts : DataFrame
        For the words of texts.
    """
    if reuse.empty:
        return Note(say(NO_REUSE))
    shown = reuse.head(MOST_OBJECTS)
    frame = pd.DataFrame(
        {
            "kind": [word(layer) for layer in shown["layer"]],
            "what": _what(shown, posts),
            "accounts": shown["accounts"],
            "posts": shown["posts"],
            "first": shown["first"],
            "within": [_span(b - a) for a, b in zip(shown["first"], shown["last"], strict=True)],
            "known": shown["known"],
            "reference": shown["reference"],
            "evidence": [_cited(e) for e in shown["evidence"]],
        }
    )
    texts, links, media = (count(reuse, {"layer": n}) for n in ("text", "link", "media"))
    return Listing(
        frame,
        id="reuse",
        title=say(
            "Two or more accounts under review posted alike: {texts}, {links}, {media}; {alone} of "
            "these {all} were posted by no reference account",
            texts=say_count("{n} text", "{n} texts", texts),
            links=say_count("{n} link", "{n} links", links),
            media=say_count("{n} picture or video", "{n} pictures or videos", media),
            alone=count(reuse, {"reference": 0}),
            all=count(reuse),
        ),
        headers={"what": "what they posted"},
        note=say(
            "Accounts and posts: under review. Known and reference: how many accounts attributed earlier "
            "by others, and how many reference accounts, posted it too. First those that the fewest "
            "reference accounts posted; {shown} of {all} are printed. "
            "Places in which copies of a text differ stand in ⟨ ⟩. A headline, a quotation, a slogan "
            "or the text of a share button is copied by anybody; a paraphrase or a translation is "
            "not recognised. Whether it was done at the same pace is the question of step 3.",
            shown=count(shown),
            all=count(reuse),
        ),
    )


def _what(reuse: pd.DataFrame, posts: pd.DataFrame) -> list[str]:
    """Return what a reader can recognise an object by."""
    rows = {r for v, layer in zip(reuse["evidence"], reuse["layer"], strict=True)
            if layer == "text" for r in v}  # fmt: skip
    where = posts["evidence_id"] + ":" + posts["source_line"].astype("string")
    some = posts[where.isin(rows)]
    said = dict(zip(where[where.isin(rows)], some["text"], strict=True))
    out = []
    for layer, name, evidence in zip(
        reuse["layer"], reuse["object"], reuse["evidence"], strict=True
    ):
        if layer == "text":
            texts = [said[r] for r in evidence if isinstance(said.get(r), str)]
            out.append(_common(list(dict.fromkeys(texts))))
        else:
            out.append(shorten(defang(name) if layer == "link" else name, 90))
    return out


def _common(texts: list[str]) -> str:
    if not texts:
        return say("words of subtitles")
    if len(texts) == 1:
        return shorten(texts[0], 140)
    return shorten(template(texts[:MOST_VARIANTS]), 140)


def _span(length: pd.Timedelta) -> str:
    """Return a length of time as a reader says it."""
    minutes = length.total_seconds() / 60
    if minutes < 1:
        return say("a minute")
    if minutes < 120:
        return say_count("{n} minute", "{n} minutes", round(minutes))
    if minutes < 48 * 60:
        return say_count("{n} hour", "{n} hours", round(minutes / 60))
    return say_count("{n} day", "{n} days", round(minutes / 1440))


# -- what it comes to -----------------------------------------------------------------------------


def narratives_summary(
    codebook: pd.DataFrame, words: pd.DataFrame, reuse: pd.DataFrame, result: Breakout
) -> Statement:
    """Return what this step allows to say, in words with its numbers.

    Parameters
    ----------
    codebook, words, reuse : DataFrame
        As the step made them.
    result : Breakout
    """
    beyond = int((words["z"] > words["bar"]).sum())
    alone = count(reuse, {"layer": "text", "reference": 0})
    can = [
        say("The posts were held against {entries} entries of a codebook.", entries=count(codebook))
        if len(codebook)
        else say("The posts were not held against a codebook."),
        say_count(
            "{n} word is more typical of the accounts under review than chance gives.",
            "{n} words are more typical of the accounts under review than chance gives.",
            named("typical_words", beyond),
        ),
        say_count(
            "{n} text was posted by two or more of them and by no reference account.",
            "{n} texts were posted by two or more of them and by no reference account.",
            alone,
        ),
        together([breakout_title(result), "."], ""),
    ]
    cannot = [
        say("That accounts talk of the same things does not make them one operation."),
        say("Nothing here says what a post meant to do, nor what it did to those who saw it."),
        say("Counts of a platform do not tell people from machines."),
    ]
    lines = [f"**{say('We can say')}**", "", *map(listed, can), ""]
    lines += [f"**{say('We cannot say')}**", "", *map(listed, cannot)]
    return Statement(together(lines, "\n"), id="narratives-summary")
