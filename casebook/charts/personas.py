"""Exhibits of step 2: what accounts claim, what they show, and what reviewers decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from casebook.charts import style
from casebook.exhibits import Figure, Listing, Note, Statement
from casebook.fingerprints import is_cjk, tokens
from casebook.language import day, listed, number, say, say_count, together, word
from casebook.numbers import (
    above,
    at_least,
    count,
    distinct,
    largest,
    named,
    none_known_wrong,
    other_than,
    share,
    total,
)
from casebook.schema import CAPTURES, CHECK, VERDICT
from casebook.text import shorten

if TYPE_CHECKING:
    from casebook.exhibits import Exhibit

CLAIM_WORDS = {
    "claimed_age": "age",
    "claimed_place": "place",
    "claimed_occupation": "occupation",
    "claimed_service": "service",
    "handle": "handle",
}
CAPTURE_SHAPES = {
    "typed": "circle",
    "screenshot": "triangle-up",
    "saved page": "square",
    "archive": "diamond",
    "platform export": "circle",
}
"""How a look was captured, weakest first; what was typed is drawn hollow."""
VERDICT_MARKS = {
    "assessed inauthentic": "●",
    "suspected": "◐",
    "undetermined": "○",
    "authentic": "✓",
}
VALUES = {
    "assessed inauthentic": "verdict_inauthentic",
    "suspected": "verdict_suspected",
    "undetermined": "verdict_undetermined",
    "authentic": "verdict_authentic",
}
"""Verdict -> the named value that counts it."""
MOST_ACCOUNTS = 40
"""More rows than this are not read in one picture."""
MOST_LANGUAGES = 5
LANGUAGE_SHAPES = ("circle", "square", "diamond", "triangle-up", "cross", "triangle-down")
NO_LANGUAGE = ("", "und", "zxx", "qme", "qam", "qct", "qht", "qst", "art")
"""What X writes where it guessed no language: links, tags, mentions, media alone."""
SILENCE = 90
"""Days between two posts."""


def persona_cards(
    accounts: pd.DataFrame, posts: pd.DataFrame, signals: pd.DataFrame, verdicts: pd.DataFrame
) -> Exhibit:
    """Return one row a persona: who it says it is, since when, how much, and what was decided."""
    personas = accounts[accounts["role"] == "persona"]
    if personas.empty:
        return Note(
            say(
                "No account of this case is under review. Collect one with `--role persona`, or name "
                "it under `roles:` in case.yaml."
            )
        )
    own = posts[~posts["embedded"].fillna(False).astype(bool)].groupby("account")
    posted = own.size()
    counted = signals[signals["counted"]].groupby("account").size()
    decided = verdicts.set_index("account")["verdict"]
    key = personas["account"]
    frame = pd.DataFrame(
        {
            "account": _names(personas),
            "says": [shorten(b, 90) if isinstance(b, str) else "" for b in personas["bio"]],
            "place": personas["location"].fillna(""),
            "created": personas["created_at"].dt.strftime("%Y-%m-%d"),
            "posts": key.map(posted).fillna(0).astype(int),
            "signals that count": key.map(counted).fillna(0).astype(int),
            "verdict": key.map(decided).fillna("undetermined"),
        }
    ).sort_values("account", kind="stable")
    frame["verdict"] = frame["verdict"].map(word)
    return Listing(
        frame,
        id="persona-cards",
        title=say(
            "{all} accounts under review; reviewers have come to a view on {decided}",
            all=count(frame),
            decided=count(frame, {"verdict": other_than(word("undetermined"))}),
        ),
        note=say(
            "What a profile says is quoted, not believed. The verdict is that of the reviewers; no "
            "signal and no sum of signals gives one."
        ),
    )  # fmt: skip


def judgements_table(judgements: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return what each reviewer answers now on each account under review, and why: a row an account.

    With more than three reviewers, who said what stands in one column.
    """
    personas = accounts[accounts["role"] == "persona"]
    names = _named(personas)
    said = judgements[judgements["current"] & judgements["subject"].isin(set(names))]
    if said.empty:
        return Note(
            say(
                "Nobody has judged an account yet, so each is undetermined. To judge them here, set "
                '`reviewer = "your-alias"` in the first cell and run the notebook again.'
            )
        )
    said = said.sort_values(["subject", "reviewer", "question", "time"], kind="stable")
    people = list(said["reviewer"].drop_duplicates().sort_values())
    rows = [
        _answers_row(names[str(account)], own, people)
        for account, own in said.groupby("subject", sort=True)
    ]
    frame = pd.DataFrame(rows).sort_values("account", kind="stable", ignore_index=True)
    # Who they are is no part of the count.
    numbered = pd.DataFrame({"reviewer": range(1, len(people) + 1)})
    answers = say_count("{n} answer", "{n} answers", count(said))
    reviewers = say_count("{n} reviewer", "{n} reviewers", count(numbered))
    judged = say_count("{n} account", "{n} accounts", count(frame))
    return Listing(
        frame,
        id="judgements",
        title=say(
            "{answers} of {reviewers} on {accounts}",
            answers=answers, reviewers=reviewers, accounts=judged,
        ),
        note=say(
            "Current answers, with their reasons; those they replaced stay in the log. The check is "
            "whether the account is of a real person, was hijacked, or is a parody."
        ),
        limit=100,
    )  # fmt: skip


MOST_COLUMNS = 3
"""Reviewers with a column of their own."""


def _answers_row(name: str, own: pd.DataFrame, people: list[str]) -> dict[str, Any]:
    """Return what was said of one account, by whom."""
    told = {
        who: "; ".join(
            say("{answer}: {reason}", answer=_asked(q, a), reason=r)
            for q, a, r in zip(part["question"], part["answer"], part["reason"], strict=True)
            if q != CHECK
        )
        for who, part in own.groupby("reviewer", sort=True)
    }
    if len(people) <= MOST_COLUMNS:
        answers = {who: told.get(who) or None for who in people}
    else:
        answers = {
            "who said what, and why": "; ".join(
                say("{who}: {words}", who=who, words=words) for who, words in told.items() if words
            )
        }
    checks = own[own["question"] == CHECK]
    cited = sorted({e for cell in own["evidence"] for e in cell})
    return {
        "account": name,
        **answers,
        "check": "; ".join(
            f"{word(str(answer))} ({', '.join(part['reviewer'])})"
            for answer, part in checks.groupby("answer", sort=True)
        ),
        "evidence": cited,
        "last said": day(own["time"].max()),
    }


def _asked(question: str, answer: str) -> str:
    """Return an answer; what else was asked than the verdict is said before it."""
    if question == VERDICT:
        return word(answer)
    return say("{question} {answer}", question=word(question), answer=word(answer))


def claim_drift(snapshots: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return what profiles claimed on dated days, where it changed, and how it was captured."""
    names = _named(accounts[accounts["role"] == "persona"])
    looks: Any = snapshots[snapshots["account"].isin(names)].itertuples()
    rows = [
        {
            "account": names[s.account],
            "claim": word(claim),
            "on": s.captured_at,
            "value": getattr(s, column),
            "captured as": s.capture if isinstance(s.capture, str) else CAPTURES[0],
            "row": f"{s.evidence_id}:{s.source_line}",
        }
        for s in looks
        for column, claim in CLAIM_WORDS.items()
        if isinstance(getattr(s, column), str) and not pd.isna(s.captured_at)
    ]
    if not any(row["claim"] != word("handle") for row in rows):
        return Note(
            say(
                "Whether profiles contradicted themselves cannot be assessed: no dated snapshot with "
                "coded claims is in the evidence. The profile sheet of the case is made for this."
            )
        )
    frame = pd.DataFrame(rows).sort_values(["account", "claim", "on"], kind="stable")
    values = frame.groupby(["account", "claim"])["value"].transform("nunique")
    frame = frame.assign(changed=values > 1)
    # A handle is a claim where it changed; else every look would be a dated claim.
    frame = frame[frame["changed"] | (frame["claim"] != word("handle"))]
    who, seen = distinct(frame, "account", {"changed": True}), distinct(frame, "account")
    changed = frame[frame["changed"]].drop(columns="changed")
    if changed.empty:
        return Statement(
            say("Dated claims of {seen} accounts are in the evidence; none changed.", seen=seen),
            id="claim-drift",
        )
    title = say(
        "{who} of {seen} accounts with dated claims claimed different things on different days",
        who=who, seen=seen,
    )  # fmt: skip
    chart, drawn = _swimlanes(changed)
    return Figure(
        chart,
        id="claim-drift",
        title=title,
        alt=together(
            filter(
                None,
                [
                    say(
                        "One lane for each claim that changed, with what was claimed on each date "
                        "and a mark for how it was captured. {who} accounts have such lanes.",
                        who=who,
                    ),
                    _first_lanes(drawn, changed),
                ],
            )
        ),
        data=changed.assign(**{"captured as": changed["captured as"].map(word)}),
        n=say("{claims} dated claims of {seen} accounts", claims=count(frame), seen=seen),
        period=style.period_of(frame["on"]),
        source=say("table snapshots"),
        note=together(
            filter(
                None,
                [
                    say(
                        "People move, change jobs and joke; a contradiction is a question, not an "
                        "answer. What somebody only typed counts for no signal."
                    ),
                    _first_lanes(drawn, changed),
                ],
            )
        ),
    )


MOST_LANES = 30


def _first_lanes(drawn: int, changed: pd.DataFrame) -> str:
    lanes = changed.groupby(["account", "claim"]).ngroups
    if lanes <= drawn:
        return ""
    return say("Drawn are {drawn} of {all} lanes; the numbers hold all.", drawn=drawn, all=lanes)


def _swimlanes(changed: pd.DataFrame) -> tuple[alt.LayerChart, int]:
    """Return a lane a claim, a mark a look: words where the claim changes, shapes for the capture."""
    lanes = changed.assign(
        lane=changed["account"] + " · " + changed["claim"],
        at=changed["on"].dt.strftime("%Y-%m-%d"),
        capture=changed["captured as"].map(word),
    )
    order = list(dict.fromkeys(lanes["lane"]))[:MOST_LANES]
    lanes = lanes[lanes["lane"].isin(order)]
    before = lanes.groupby("lane")["value"].shift()
    lanes["words"] = [
        shorten(v, 22) if v != b else "" for v, b in zip(lanes["value"], before, strict=True)
    ]
    known = [c for c in CAPTURES if c in set(lanes["captured as"])]
    scale = alt.Scale(domain=[word(c) for c in known], range=[CAPTURE_SHAPES[c] for c in known])
    fill = alt.Scale(
        domain=[word(c) for c in known],
        range=[style.PAPER if c == CAPTURES[0] else style.PERSONA for c in known],
    )
    y = alt.Y("lane:N", sort=order, title=None, axis=alt.Axis(ticks=False, labelPadding=8))
    # Room at the right for the words of the last look.
    ends = pd.to_datetime(lanes["at"])
    room = ends.max() + (ends.max() - ends.min()) / 4
    x = alt.X(
        "at:T",
        title=None,
        axis=style.time_axis(lanes["at"]),
        scale=alt.Scale(domain=[ends.min().strftime("%Y-%m-%d"), room.strftime("%Y-%m-%d")]),
    )
    lines = (
        alt.Chart(lanes.groupby("lane", sort=False)["at"].agg(["min", "max"]).reset_index())
        .mark_rule(color=style.PALE, strokeWidth=2)
        .encode(x=alt.X("min:T", title=None), x2="max:T", y=y)
    )
    drawn = lanes[["lane", "at", "words", "capture"]]
    points = (
        alt.Chart(drawn)
        .mark_point(filled=True, size=60, opacity=1, stroke=style.PERSONA, strokeWidth=1.2)
        .encode(
            x=x,
            y=y,
            shape=alt.Shape("capture:N", title=word("captured as"), scale=scale),
            fill=alt.Fill("capture:N", title=word("captured as"), scale=fill),
        )
    )
    labels = (
        alt.Chart(drawn[drawn["words"] != ""])
        .mark_text(align="left", dx=7, dy=-7, fontSize=10, color=style.INK)
        .encode(x=x, y=y, text="words:N")
    )
    whole = (lines + points + labels).properties(width=style.WIDTH - 170, height=30 * len(order))
    return whole, len(order)


LIFE_MARKS = ("created", "first post", "last post")


def life_lines(accounts: pd.DataFrame, posts: pd.DataFrame) -> Exhibit:
    """Return when each account was created, first posted and last posted."""
    personas = accounts[accounts["role"] == "persona"]
    own = posts[~posts["embedded"].fillna(False).astype(bool)].groupby("account")["created_at"]
    names = _named(personas)
    created = personas.set_index("account")["created_at"]
    frame = pd.DataFrame({"created": created, "first post": own.min(), "last post": own.max()})
    frame = frame.loc[frame.index.isin(names)].dropna(subset=["first post"])
    if frame.empty:
        return Note(say("No dated post of an account under review is in the evidence."))
    frame = frame.sort_values(["first post"], kind="stable").head(MOST_ACCOUNTS)
    frame["name"] = [names[a] for a in frame.index]
    long = frame.melt("name", list(LIFE_MARKS), var_name="what", value_name="when").dropna()
    long["what"] = long["what"].map(word)
    marks = [word(m) for m in LIFE_MARKS]
    drawn = long.assign(when=long["when"].dt.strftime("%Y-%m-%d"))
    y = alt.Y(
        "name:N",
        sort=frame["name"].tolist(),
        title=None,
        axis=alt.Axis(ticks=False, labelPadding=10),
    )
    lines = (
        alt.Chart(drawn.groupby("name", sort=False)["when"].agg(["min", "max"]).reset_index())
        .mark_rule(color=style.PALE, strokeWidth=2)
        .encode(x=alt.X("min:T", title=None), x2="max:T", y=y)
    )
    scale = alt.Scale(domain=marks, range=[style.INK, style.REFERENCE, style.PERSONA])
    shapes = alt.Scale(domain=marks, range=["diamond", "circle", "square"])
    points = (
        alt.Chart(drawn)
        .mark_point(filled=True, size=50, opacity=1)
        .encode(
            x=alt.X("when:T", title=None, axis=style.time_axis(drawn["when"])),
            y=y,
            color=alt.Color("what:N", title=None, scale=scale),
            shape=alt.Shape("what:N", title=None, scale=shapes),
        )
    )
    lives = frame.assign(
        dated=frame["created"].notna(), together=_in_fullest_fortnight(frame["created"])
    )
    known = count(lives, {"dated": True})
    title = (
        say(
            "{some} of {known} accounts with a known date were made within one fortnight",
            some=count(lives, {"together": True}),
            known=known,
        )
        if known.value
        else say("When the accounts were made is not known; they posted as shown")
    )
    return Figure(
        (lines + points).properties(width=style.WIDTH - 130, height=18 * len(frame) + 10),
        id="life-lines",
        title=title,
        alt=say(
            "One line for each of {n} accounts, from creation to the last post. {title}.",
            n=count(lives),
            title=title,
        ),
        data=long,
        n=say_count("{n} account", "{n} accounts", count(lives)),
        period=style.period_of(long["when"]),
        source=say("tables accounts and posts"),
        note=say("Creation dates are reported by the platform or decoded from the account id."),
    )


def _in_fullest_fortnight(created: pd.Series) -> pd.Series:
    """Tell for each date whether it lies in the fortnight that holds the most of them."""
    known = created.dropna().sort_values()
    if known.empty:
        return created.notna()
    times = known.dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    ends = np.searchsorted(times, times + np.timedelta64(14, "D"), side="right")
    first = int((ends - np.arange(len(times))).argmax())
    return created.between(known.iloc[first], known.iloc[ends[first] - 1])


def languages_by_month(posts: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return in which language each account wrote in each month, and when it was silent for long.

    The language is the one the platform guessed; where it guessed none for a whole month, the
    script. Silent for long is 90 days or more between two posts.
    """
    names = _named(accounts[accounts["role"] == "persona"])
    own = posts[
        posts["account"].isin(names)
        & posts["created_at"].notna()
        & ~posts["embedded"].fillna(value=False).astype(bool)
        & ~posts["is_repost"].fillna(value=False).astype(bool)
    ].sort_values(["account", "created_at", "post"], kind="stable")
    own = own[own["lang"].notna() | own["text"].notna()]
    if own.empty:
        return Note(say("No dated post of an account under review has a text or a language."))
    months = _months(own)
    kinds = [*months["language"].value_counts().index[:MOST_LANGUAGES]]
    other = word("other")
    months["language"] = months["language"].where(months["language"].isin(kinds), other)
    first = own.groupby("account")["created_at"].min()
    shown = first.sort_values(kind="stable").index[:MOST_ACCOUNTS]
    months = months[months["account"].isin(shown)]
    gaps = _silences(own[own["account"].isin(shown)])
    months["name"], gaps["name"] = months["account"].map(names), gaps["account"].map(names)
    order = [names[a] for a in shown]
    kinds = [k for k in [*kinds, other] if k in set(months["language"])]
    y = alt.Y("name:N", sort=order, title=None, axis=alt.Axis(ticks=False, labelPadding=10))
    x = alt.X("month:T", title=None, axis=style.time_axis(months["month"]))
    rules = (
        alt.Chart(gaps)
        .mark_rule(strokeDash=[3, 3], color=style.INK)
        .encode(x=alt.X("from:T", title=None), x2="to:T", y=y)
    )
    words = (
        alt.Chart(gaps)
        .mark_text(dy=-6, fontSize=10, color=style.INK)
        .encode(x="middle:T", y=y, text="words:N")
    )
    points = (
        alt.Chart(months)
        .mark_point(filled=True, size=70, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "language:N",
                title=None,
                scale=alt.Scale(domain=kinds, range=list(style.CATEGORIES[: len(kinds)])),
            ),
            shape=alt.Shape(
                "language:N",
                title=None,
                scale=alt.Scale(domain=kinds, range=list(LANGUAGE_SHAPES[: len(kinds)])),
            ),
        )
    )
    switched = [a for a in gaps["account"].drop_duplicates() if _switched(months, gaps, a)]
    months["switched"] = months["account"].isin(switched)
    title = (
        say_count(
            "{n} account came back in another language after a silence of 90 days or more",
            "{n} accounts came back in another language after a silence of 90 days or more",
            distinct(months, "name", {"switched": True}),
        )
        if switched
        else say("No account came back in another language after a long silence")
    )
    return Figure(
        (rules + points + words).properties(width=style.WIDTH - 130, height=20 * len(order) + 10),
        id="languages-by-month",
        title=title,
        alt=say(
            "One row for each of {n} accounts, one mark for each month with posts, by main "
            "language; dashed lines are silences of 90 days or more. {title}.",
            n=distinct(months, "name"),
            title=title,
        ),
        data=months[["name", "month", "language", "posts"]],
        n=say(
            "{posts} posts of {accounts} accounts",
            posts=total(months, "posts"),
            accounts=distinct(months, "name"),
        ),
        period=style.period_of(own["created_at"]),
        source=say("table posts"),
        note=say(
            "The main language of each month as the platform guessed it, own posts without reposts. "
            "People move, marry and learn languages; a bought account looks the same."
        ),
    )


def _months(own: pd.DataFrame) -> pd.DataFrame:
    """Return the main language of each account in each month, and its posts."""
    known = own["lang"].where(~own["lang"].isin(NO_LANGUAGE))
    chinese = own["text"].fillna("").map(lambda t: is_cjk(tokens(t)))
    written = pd.Series(
        np.where(chinese, word("Chinese script"), word("not given")), index=own.index
    )
    month = own["created_at"].dt.strftime("%Y-%m-15")
    frame = pd.DataFrame(
        {"account": own["account"], "month": month, "lang": known, "written": written}
    )
    rows = []
    for (account, when), part in frame.groupby(["account", "month"], sort=True):
        said = part["lang"].dropna()
        main = (said if len(said) else part["written"]).mode().iloc[0]
        rows.append({"account": account, "month": when, "language": main, "posts": len(part)})
    return pd.DataFrame(rows)


def _silences(own: pd.DataFrame) -> pd.DataFrame:
    """Return the gaps of 90 days or more between two posts of an account."""
    before = own.groupby("account")["created_at"].shift()
    days = (own["created_at"] - before).dt.days
    long = days >= SILENCE
    begin, end = before[long], own.loc[long, "created_at"]
    return pd.DataFrame(
        {
            "account": own.loc[long, "account"],
            "from": begin.dt.strftime("%Y-%m-%d"),
            "to": end.dt.strftime("%Y-%m-%d"),
            "middle": (begin + (end - begin) / 2).dt.strftime("%Y-%m-%d"),
            "words": [say_count("{n} day", "{n} days", int(d)) for d in days[long]],
        }
    )


def _switched(months: pd.DataFrame, gaps: pd.DataFrame, account: str) -> bool:
    own = months[months["account"] == account]
    last = gaps.loc[gaps["account"] == account].iloc[-1]
    before = own.loc[own["month"].str[:7] <= last["from"][:7], "language"]
    after = own.loc[own["month"].str[:7] >= last["to"][:7], "language"]
    return bool(len(before) and len(after) and before.mode().iloc[0] != after.mode().iloc[0])


DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def posting_rhythm(
    posts: pd.DataFrame, accounts: pd.DataFrame, *, claimed_zone: float = -5
) -> Exhibit:
    """Return the share of posts by hour and weekday: accounts under review beside ordinary ones."""
    role = accounts.set_index("account")["role"]
    stratum = accounts.set_index("account")["stratum"].fillna("ordinary")
    own = posts[
        ~posts["embedded"].fillna(False).astype(bool)
        & posts["created_at"].notna()
        & (posts["time_precision"] != "day")
    ]
    who = own["account"].map(role)
    ordinary = (who == "reference") & (own["account"].map(stratum) == "ordinary")
    when = {
        word("under review"): own.loc[who == "persona", "created_at"],
        word("ordinary reference"): own.loc[ordinary, "created_at"],
    }
    ours = when[word("under review")]
    if ours.empty:
        return Note(
            say("The hours of the accounts under review are not known: no dated post of theirs.")
        )
    zones = {0.0: say("in UTC")}
    zones.setdefault(
        float(claimed_zone), say("in the claimed zone, {zone}", zone=f"UTC{claimed_zone:+g}")
    )
    frame = pd.concat(
        [
            _week(times, zone).assign(who=group, zone=words)
            for group, times in when.items()
            for zone, words in zones.items()
            if len(times)
        ],
        ignore_index=True,
    )
    peak = int(ours.dt.hour.value_counts().sort_index().idxmax())
    by_day = pd.concat([style.weekdays_of(t).assign(who=g) for g, t in when.items()])
    both = [{"who": group} for group in when]
    title = say(
        "The accounts under review post most at {peak} UTC, which would be {local} where they claim "
        "to be",
        peak=f"{peak:02d}:00",
        local=f"{int((peak + claimed_zone) % 24):02d}:00",
    )
    wide = frame.pivot_table(
        index=["who", "zone", "day"], columns="hour", values="share", sort=False
    ).reset_index()
    return Figure(
        _heat_maps(frame, list(when), list(zones.values())),
        id="posting-rhythm",
        title=title,
        alt=say(
            "Maps of the week, hours across and days down, darker where a larger share of the posts "
            "falls, in UTC and in the claimed zone, for the accounts under review and for ordinary "
            "reference accounts. {title}.",
            title=title,
        ),
        data=wide.rename(columns={h: f"{h:02d}" for h in range(24)}),
        n=say(
            "{ours} posts under review, {theirs} of ordinary reference accounts",
            ours=total(by_day, "posts", both[0]),
            theirs=total(by_day, "posts", both[1]),
        ),
        period=style.days_of(by_day, "first", "last"),
        source=say("table posts"),
        note=say(
            "On Saturday and Sunday (UTC) fall {ours} of the posts under review, and {theirs} of "
            "those of ordinary accounts. Shift workers, people abroad and scheduling tools keep odd "
            "hours too; hours are read for the group, never for one account, and fit a zone, not a "
            "country.",
            ours=total(by_day, "posts", {**both[0], "weekday": at_least(5)}),
            theirs=total(by_day, "posts", {**both[1], "weekday": at_least(5)}),
        ),
    )


def _week(times: pd.Series, zone: float) -> pd.DataFrame:
    """Return the share of posts in each hour of the week, in a zone."""
    local = times + pd.Timedelta(hours=zone)
    table = pd.crosstab(local.dt.day_of_week, local.dt.hour).reindex(
        index=range(7), columns=range(24), fill_value=0
    )
    share = (table / len(times)).rename_axis(index="day", columns="hour")
    long = share.reset_index().melt("day", var_name="hour", value_name="share")
    return long.assign(day=[word(DAYS[d]) for d in long["day"]])


def _heat_maps(frame: pd.DataFrame, groups: list[str], zones: list[str]) -> alt.FacetChart:
    groups = [g for g in groups if g in set(frame["who"])]
    whole: alt.FacetChart = (
        alt.Chart(frame)
        .mark_rect()
        .encode(
            x=alt.X(
                "hour:O",
                title=word("hour of the day"),
                axis=alt.Axis(values=list(range(0, 24, 3)), labelAngle=0, ticks=False),
            ),
            y=alt.Y(
                "day:N",
                sort=[word(d) for d in DAYS],
                title=None,
                axis=alt.Axis(ticks=False, domain=False),
            ),
            color=alt.Color(
                "share:Q",
                title=word("share of posts"),
                scale=alt.Scale(range=style.SEQUENTIAL),
                legend=alt.Legend(format="%", tickCount=4, gradientLength=160),
            ),
        )
        .properties(width=style.WIDTH // 2 - 30, height=112)
        .facet(
            column=alt.Column(
                "zone:N", sort=zones, title=None, header=alt.Header(labelAnchor="start")
            ),
            row=alt.Row("who:N", sort=groups, title=None, header=alt.Header(labelOrient="left")),
            spacing=12,
        )
    )
    return whole


def signal_matrix(signals: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return which account shows which signal, told by a mark and not by colour alone."""
    names = _named(accounts[accounts["role"] == "persona"])
    if signals.empty or not names:
        return Note(say("There are no signals to show: no account is under review."))
    assessed = signals[signals["shown"] != "not assessable"]
    if assessed.empty:
        return Note(say("No signal can be assessed on this collection; the table below says why."))
    useful = list(dict.fromkeys(signals["signal"][signals["signal"].isin(assessed["signal"])]))
    drawn = signals[signals["signal"].isin(useful) & signals["account"].isin(names)].copy()
    drawn["name"] = _of_owners(drawn, names)
    keep = sorted(set(drawn["name"]))[:MOST_ACCOUNTS]
    drawn = drawn[drawn["name"].isin(keep)]
    drawn["state"] = np.where(
        (drawn["shown"] == "shown") & ~drawn["counted"], "shown, not counted", drawn["shown"]
    )
    drawn["state"], drawn["signal"] = drawn["state"].map(word), drawn["signal"].map(word)
    states = [word(state) for state in STATES]
    chart = (
        alt.Chart(drawn[["name", "signal", "state"]])
        .mark_point(filled=True, opacity=1, size=80, stroke="#9aa3ad", strokeWidth=0.6)
        .encode(
            x=alt.X(
                "signal:N",
                sort=[word(name) for name in useful],
                title=None,
                axis=alt.Axis(orient="top", labelAngle=-45, domain=False, ticks=False),
            ),
            y=alt.Y("name:N", sort=keep, title=None, axis=alt.Axis(domain=False, ticks=False)),
            color=alt.Color(
                "state:N",
                title=None,
                scale=alt.Scale(
                    domain=states, range=[style.PERSONA, style.GREY, style.PALE, style.PAPER]
                ),
            ),
            shape=alt.Shape(
                "state:N",
                title=None,
                scale=alt.Scale(domain=states, range=["circle", "diamond", "square", "stroke"]),
            ),
        )
        .properties(
            width=min(28, (style.WIDTH - 60) // len(useful)) * len(useful), height=18 * len(keep)
        )
    )
    each = _signals_of_each(signals, names)
    title = say(
        "{some} of {all} accounts show a signal that counts; the most is {most} at once",
        some=count(each, {"signals": above(0)}),
        all=count(each),
        most=largest(each, "signals"),
    )
    note = say(
        "Not counted: the account was picked because of this signal, the signal never counts, or it "
        "is of an earlier owner. No number of signals is a verdict."
    )
    rows, able = drawn["name"].nunique(), len(useful)
    if (left := _of_owners(signals[signals["account"].isin(names)], names).nunique() - rows) > 0:
        note = together([note, say("{left} more rows are in the table signals.", left=left)])
    return Figure(
        chart,
        id="signal-matrix",
        title=title,
        alt=say(
            "A grid of {rows} accounts by {signals} signals; a filled circle is shown, a diamond is "
            "shown and not counted, a small square is not shown.",
            rows=rows,
            signals=named("signals_assessed", able),
        ),
        data=drawn[["name", "signal", "state", "value", "reason"]],
        n=say(
            "{accounts} accounts, {signals} signals that can be assessed",
            accounts=count(each),
            signals=named("signals_assessed", able),
        ),
        source=say("table signals"),
        note=note,
    )


def _signals_of_each(signals: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Return how many signals that count each account shows."""
    counted = signals[signals["counted"]].groupby("account").size()
    each = pd.DataFrame({"account": list(names)})
    return each.assign(signals=each["account"].map(counted).fillna(0).astype(int))


STATES = ("shown", "shown, not counted", "not shown", "not assessable")


def _of_owners(signals: pd.DataFrame, names: dict[str, str]) -> pd.Series:
    """Return the name of each account, with the owner where it had several."""
    several = signals["episode"].fillna("all") != "all"
    name = signals["account"].map(names)
    return name.where(~several, name + " · " + signals["episode"].fillna("").map(word))


def reference_rates(signals: pd.DataFrame) -> Exhibit:
    """Return how common each signal is under review, among ordinary and among look-alike accounts."""
    who = [word(w) for w in ("under review", "ordinary", "look-alikes that show it most")]
    ours, ordinary, alike = who
    rows = []
    for name, group in signals[signals["shown"] != "not assessable"].groupby("signal", sort=False):
        first = group.iloc[0]
        if pd.isna(first["reference_rate"]):
            continue
        shown = (group["shown"] == "shown").mean()
        signal = word(str(name))
        rows += [
            {"signal": signal, "who": ours, "rate": shown, "n": len(group)},
            {
                "signal": signal, "who": ordinary, "rate": first["reference_rate"],
                "n": first["reference_n"], "low": first["reference_low"],
                "high": first["reference_high"],
            },
            {
                "signal": signal, "who": alike, "rate": first["worst_rate"],
                "stratum": first["worst_stratum"],
            },
        ]  # fmt: skip
    frame = pd.DataFrame(rows)
    if frame.empty:
        return Note(
            say(
                "How common the signals are among ordinary accounts cannot be told: there are too few "
                "reference accounts. Every signal counts as weak here."
            )
        )
    drawn = frame.dropna(subset=["rate"]).copy()
    wide = drawn.pivot_table(index="signal", columns="who", values="rate", aggfunc="first")
    gap = (wide[ours] - wide.drop(columns=ours).max(axis=1)).sort_values(
        ascending=False, kind="stable"
    )
    order = list(gap.index)
    clearly = pd.DataFrame({"signal": order, "clearly": [bool(g > CLEARLY) for g in gap]})
    y = alt.Y("signal:N", sort=order, title=None, axis=alt.Axis(ticks=False, offset=10))
    span = drawn.groupby("signal", sort=False)["rate"].agg(["min", "max"]).reset_index()
    lines = (
        alt.Chart(span)
        .mark_rule(color=style.PALE, strokeWidth=2)
        .encode(x="min:Q", x2="max:Q", y=y)
    )
    points = (
        alt.Chart(drawn[["signal", "who", "rate"]])
        .mark_point(filled=True, size=75, opacity=1)
        .encode(
            x=alt.X(
                "rate:Q",
                title=word("share of accounts that show it"),
                axis=alt.Axis(format="%", tickCount=5),
                scale=alt.Scale(domain=[0, 1]),
            ),
            y=y,
            color=alt.Color(
                "who:N",
                title=None,
                scale=alt.Scale(
                    domain=who, range=[style.PERSONA, style.REFERENCE, style.LAYERS["hashtags"]]
                ),
            ),
            shape=alt.Shape(
                "who:N",
                title=None,
                scale=alt.Scale(domain=who, range=["circle", "square", "diamond"]),
            ),
        )
    )
    return Figure(
        (lines + points).properties(width=style.WIDTH - 150, height=24 * len(order)),
        id="reference-rates",
        title=say(
            "{telling} of {all} signals are clearly more common under review than in any look-alike "
            "group",
            telling=count(clearly, {"clearly": True}),
            all=count(clearly),
        ),
        alt=say(
            "For each of {n} signals, the share of accounts that show it: under review, among "
            "ordinary reference accounts, and among the look-alike group that shows it most.",
            n=count(clearly),
        ),
        data=frame,
        source=say("table signals"),
        note=say(
            "'Clearly' is 25 percentage points above the look-alike group that shows it most. "
            "Intervals of the ordinary rate (95 %, Jeffreys) are in the numbers."
        ),
    )


CLEARLY = 0.25


def signals_explained(catalogue: dict[str, Any], signals: pd.DataFrame) -> Exhibit:
    """Return each signal with its question, its result here, and the innocent who show it too."""
    rows = []
    for name, signal in catalogue.items():
        own = signals[signals["signal"] == name]
        counts = own["shown"].value_counts()
        shown, assessed = (
            int(counts.get("shown", 0)),
            int(len(own) - counts.get("not assessable", 0)),
        )
        why = own.loc[own["shown"] == "not assessable", "reason"]
        rows.append(
            {
                "signal": word(name),
                "asks": say(signal.question)
                if assessed
                else say(
                    "{question} Not assessable: {why}.",
                    question=say(signal.question),
                    why=why.iloc[0] if len(why) else word("no account"),
                ),
                "shown": say("{shown} of {all}", shown=shown, all=assessed) if assessed else None,
                "strength": word(str(own["strength"].iloc[0]) if len(own) else signal.strength),
                "codes": ", ".join(filter(None, (signal.killchain, signal.disarm))),
                "innocent who show it too": say(signal.innocent),
                "_able": bool(assessed),
            }
        )
    frame = pd.DataFrame(rows)
    able = frame[["signal", "_able"]].rename(columns={"_able": "assessable"})
    return Listing(
        frame.drop(columns="_able"),
        id="signals-explained",
        title=say(
            "{able} of {all} signals can be assessed on this collection",
            able=count(able, {"assessable": True}),
            all=count(able),
        ),
        note=say(
            "Strength falls to weak where there are too few reference accounts to tell how common a "
            "signal is. Codes are the nearest ones of the Online Operations Kill Chain and of DISARM "
            "1.6: what it would be, were it done to deceive."
        ),
    )


def group_finding(finding: Any) -> Exhibit:
    """Return in what the group as a whole differs from each kind of reference accounts."""
    kinds = list(finding.kinds["kind"])
    rows = [
        {
            "signal": word(family["signal"]),
            "under review": family["figures"].get("", family["why"]),
            **{kind: _held_against(family, kind) for kind in kinds},
        }
        for family in finding.families.to_dict("records")
    ]
    ways = {kind: str(len(f)) for kind, f in zip(kinds, finding.kinds["families"], strict=True)}
    rows.append({"signal": say("ways in which the group differs"), "under review": "", **ways})
    return Listing(
        pd.DataFrame(rows),
        id="group-battery",
        title=say("The group meets the bar for rung 1: {why}", why=finding.reason)
        if finding.inauthentic
        else say("The group does not meet the bar for rung 1: {why}", why=finding.reason),
        note=say(
            "{mark} the group differs from this kind by more than a set distance, and by more than "
            "chance gives in 1 of 100 random groups (where accounts are counted: 1 of 100 beside this "
            "kind and ordinary accounts together, and 1 of 20 beside this kind alone; the zone goes "
            "by its distance). Fan clubs explain "
            "one way and newsrooms another, so three ways are needed against each kind, one of them "
            "hours of another zone, an office week, contradictions or pictures in common. Accounts "
            "made together that keep the week and the hours of an office abroad need a fourth. "
            "Weekends and the zone are those of posts that are no reposts. The verdict stays with the "
            "reviewers.",
            mark=APART,
        ),
    )


APART = "●"


def _held_against(family: dict[Any, Any], kind: str) -> str:
    """Return the figure of a kind, marked where it sets the group apart."""
    figure = family["figures"].get(kind)
    if figure is None:
        return "–"
    return f"{APART} {figure}" if kind in family["apart_from"] else str(figure)


def verdict_table(verdicts: pd.DataFrame, accounts: pd.DataFrame, agreement: Any) -> Exhibit:
    """Return what the reviewers decided on each account, and how far they agree.

    Their reasons and what they cite stand in `judgements_table`.
    """
    names = _named(accounts[accounts["role"] == "persona"])
    if verdicts.empty:
        return Note(say("No account is under review, so there is nothing to decide."))
    judged = int((verdicts["agreement"] != "none").sum())
    if not judged:
        return Note(
            say(
                "No judgement has been recorded. Every account under review is *undetermined*; "
                "`case.judge(...)` records one."
            )
        )
    frame = pd.DataFrame(
        {
            "account": verdicts["account"].map(names),
            "verdict": [f"{VERDICT_MARKS[v]} {word(v)}" for v in verdicts["verdict"]],
            "reviewers": [len(r) for r in verdicts["reviewers"]],
            "agreement": [
                word("settled" if settled else agreed)
                for agreed, settled in zip(
                    verdicts["agreement"], verdicts["adjudicated"].fillna(False), strict=True
                )
            ],
            "real person, hijacked, parody?": [
                word("none of these" if c == "done" else c) for c in verdicts["real_person_check"]
            ],
        }
    ).sort_values("account", kind="stable")
    return Listing(
        frame,
        id="verdicts",
        title=say(
            "Reviewers judged {judged} of {all} accounts and differed on {split}",
            judged=count(verdicts, {"agreement": other_than("none")}),
            all=count(verdicts),
            split=count(verdicts, {"agreement": "split"}),
        ),
        note=together(
            filter(
                None,
                [
                    _agreement_words(agreement, verdicts),
                    _bound_words(verdicts),
                    say("Without the check, or where it found somebody, no name may appear."),
                ],
            )
        ),
    )


def _agreement_words(agreement: Any, verdicts: pd.DataFrame) -> str:
    if not agreement.units:
        return say("No account was judged by two reviewers, so agreement is not assessable.")
    answered = verdicts[["account"]].assign(answers=verdicts["reviewers"].map(len))
    told = say(
        "Two reviewers or more on {n} accounts: the same answer in {same} of {pairs} pairs "
        "({raw:.0%}), "
        "Krippendorff's alpha (ordinal) {alpha:.2f}, 95 % interval {low:.2f} to {high:.2f}: "
        "{reading}.",
        n=count(answered, {"answers": at_least(2)}),
        same=total(agreement.pairs, "same"),
        pairs=total(agreement.pairs, "pairs"),
        raw=share(agreement.pairs, "same", "pairs"),
        alpha=agreement.alpha,
        low=agreement.low,
        high=agreement.high,
        reading=word(agreement.reading),
    )
    if not pd.isna(agreement.kappa):
        kappa = say("Cohen's kappa (linear weights) {kappa:.2f}.", kappa=agreement.kappa)
        told = together([told, kappa])
    return together(
        [told, say("Where reviewers differ, the more cautious answer stands until it is settled.")]
    )


def _bound_words(verdicts: pd.DataFrame) -> str:
    """Return how many wrong verdicts could be among so few, were none of them found wrong."""
    suspected = {"verdict": ["suspected", "assessed inauthentic"]}
    against = count(verdicts, suspected)
    if not against.value:
        return ""
    return say(
        "{n} accounts are suspected or assessed inauthentic: even if none of these verdicts were "
        "known to be wrong, up to {bound:.0%} of such verdicts could be (one-sided exact 95 % "
        "bound).",
        n=against,
        bound=none_known_wrong(verdicts, suspected),
    )


def line_ups_table(line_ups: pd.DataFrame) -> Exhibit:
    """Return how often each reviewer suspected an account that nobody has reason to suspect."""
    held = line_ups[line_ups["locked"] & (line_ups["fillers"] > 0)]
    if held.empty:
        return Note(
            say(
                "No reviewer has answered a line-up and locked the answers, so how often they suspect "
                "the innocent is not known. The notebook `01b-line-up` is made for this."
            )
        )
    frame = pd.DataFrame(
        {
            "reviewer": held["reviewer"],
            "under review, called": [
                say("{some} of {all}", some=c, all=n)
                for c, n in zip(held["called"], held["under_review"], strict=True)
            ],
            "fillers, called": [
                say("{some} of {all}", some=c, all=n)
                for c, n in zip(held["fillers_called"], held["fillers"], strict=True)
            ],
            "false-alarm rate": [
                say("{rate:.0%} ({low:.0%} to {high:.0%})", rate=r, low=a, high=b)
                for r, a, b in zip(held["rate"], held["low"], held["high"], strict=True)
            ],
            "p": ["< 0.0001" if p < 1e-4 else number(p, ".2g") for p in held["p"]],
            "tells them apart": held["tells_apart"].astype(bool),
        }
    )
    reviewers = say_count("{n} reviewer", "{n} reviewers", count(frame))
    return Listing(
        frame,
        id="line-ups",
        title=say(
            "{apart} of {reviewers} told the accounts under review from ordinary accounts beside "
            "them",
            apart=count(frame, {"tells them apart": True}),
            reviewers=reviewers,
        ),
        note=say(
            "Fillers are reference accounts of the same platform, as active and of the nearest "
            "topic; who is who was hidden. Called is suspected or assessed inauthentic, before the "
            "answers were locked. In brackets the 95 % interval (Jeffreys); p is Fisher's exact "
            "test, one-sided. To tell apart takes at least as many fillers as accounts under review, "
            "p at most 0.01 and at most 20 % false alarms."
        ),
    )


def disagreements_table(differing: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return the accounts on which reviewers differ, widest first: what to talk about."""
    names = _named(accounts)
    if differing.empty:
        return Note(say("The reviewers differ on no account that two of them judged."))
    frame = pd.DataFrame(
        {
            "account": differing["account"].map(names).fillna(differing["account"]),
            "steps apart": differing["gap"],
            "who said what, and why": [
                "; ".join(
                    say("{who}: {answer} ({reason})", who=r, answer=word(a), reason=w)
                    for r, a, w in zip(who, said, why, strict=True)
                )
                for who, said, why in zip(
                    differing["reviewers"], differing["answers"], differing["reasons"], strict=True
                )
            ],
            "settled": differing["settled"].fillna("open").map(word),
        }
    )
    return Listing(
        frame,
        id="disagreements",
        title=say(
            "Reviewers differ on {accounts}; {left} of them to talk about",
            accounts=say_count("{n} account", "{n} accounts", count(frame)),
            left=count(frame, {"settled": word("open")}),
        ),
        note=say(
            "Widest first, on the scale authentic, undetermined, suspected, assessed inauthentic. "
            "Until it is settled the more cautious answer stands."
        ),
    )


def review_summary(
    signals: pd.DataFrame, verdicts: pd.DataFrame, accounts: pd.DataFrame
) -> Statement:
    """Return what this step allows to say, in words with its numbers."""
    personas = int((accounts["role"] == "persona").sum())
    counts = verdicts["verdict"].value_counts()
    decided = together(
        (
            say("{n} {verdict}", n=named(VALUES[v], int(counts[v])), verdict=word(v))
            for v in VERDICT_MARKS
            if v in counts.index
        ),
        ", ",
    )
    able = signals.loc[signals["shown"] != "not assessable", "signal"].nunique()
    checked = verdicts["real_person_check"]
    unchecked = int((checked == "missing").sum())
    somebody = int((~checked.isin(["done", "missing"])).sum())
    can = [
        say(
            "{personas} accounts are under review. Reviewers' verdicts: {decided}.",
            personas=named("personas", personas),
            decided=decided or word("no verdict"),
        ),
        say(
            "{able} signals could be assessed; each stands beside its rate among ordinary accounts.",
            able=named("signals_assessed", able),
        ),
    ]
    cannot = [
        say(
            "A signal does not say who runs an account, nor from where; hours fit a zone, not a "
            "country."
        ),
        say(
            "Nothing here says that accounts act together (step 3) or who is behind them (step 4)."
        ),
    ]
    if unchecked:
        cannot.append(
            say(
                "For {n} accounts the check for a real, hijacked or parodied person is missing: they "
                "must not be named in any edition.",
                n=unchecked,
            )
        )
    if somebody:
        cannot.append(
            say(
                "{n} accounts were found to be of a real person, hijacked, or a parody: they must not "
                "be named in any edition.",
                n=somebody,
            )
        )
    lines = [f"**{say('We can say')}**", "", *map(listed, can), ""]
    lines += [f"**{say('We cannot say')}**", "", *map(listed, cannot)]
    return Statement(together(lines, "\n"), id="review-summary")


def _names(accounts: pd.DataFrame) -> pd.Series:
    handle = accounts["handle"].fillna(accounts["account_id"]).fillna(accounts["account"])
    several = len(accounts["platform"].drop_duplicates()) > 1
    return handle + (" · " + accounts["platform"] if several else "")


def _named(accounts: pd.DataFrame) -> dict[str, str]:
    return dict(zip(accounts["account"], _names(accounts), strict=True))
