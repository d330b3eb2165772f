"""Exhibits of step 2: what accounts claim, what they show, and what reviewers decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from casebook.charts import style
from casebook.exhibits import Figure, Listing, Note, Statement
from casebook.fingerprints import is_cjk, tokens
from casebook.text import shorten

if TYPE_CHECKING:
    from casebook.exhibits import Exhibit

CLAIM_WORDS = {
    "claimed_age": "age",
    "claimed_place": "place",
    "claimed_occupation": "occupation",
    "claimed_service": "service",
}
VERDICT_MARKS = {
    "assessed inauthentic": "●",
    "suspected": "◐",
    "undetermined": "○",
    "authentic": "✓",
}
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
            "No account of this case is under review. Collect one with `--role persona`, or name it "
            "under `roles:` in case.yaml."
        )
    own = posts[~posts["embedded"].fillna(False).astype(bool)].groupby("account")
    count = own.size()
    counted = signals[signals["counted"]].groupby("account").size()
    decided = verdicts.set_index("account")["verdict"]
    key = personas["account"]
    frame = pd.DataFrame(
        {
            "account": _names(personas),
            "says": [shorten(b, 90) if isinstance(b, str) else "" for b in personas["bio"]],
            "place": personas["location"].fillna(""),
            "created": personas["created_at"].dt.strftime("%Y-%m-%d"),
            "posts": key.map(count).fillna(0).astype(int),
            "signals that count": key.map(counted).fillna(0).astype(int),
            "verdict": key.map(decided).fillna("undetermined"),
        }
    ).sort_values("account", kind="stable")
    decided_count = int((frame["verdict"] != "undetermined").sum())
    return Listing(
        frame,
        id="persona-cards",
        title=f"{len(frame)} accounts under review; reviewers have come to a view on {decided_count}",
        note="What a profile says is quoted, not believed. The verdict is that of the reviewers; no "
        "signal and no sum of signals gives one.",
    )


def judgements_table(judgements: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return every current answer on the accounts under review: who said what, when, and why."""
    personas = accounts[accounts["role"] == "persona"]
    names = _named(personas)
    said = judgements[judgements["current"] & judgements["subject"].isin(set(names))]
    if said.empty:
        return Note(
            "Nobody has judged an account yet, so each is undetermined. To judge them here, set "
            '`reviewer = "your-alias"` in the first cell and run the notebook again.'
        )
    said = said.sort_values(["subject", "question", "reviewer"], kind="stable")
    frame = pd.DataFrame(
        {
            "account": [names[s] for s in said["subject"]],
            "question": said["question"],
            "reviewer": said["reviewer"],
            "answer": said["answer"],
            "reason": said["reason"],
            "evidence": said["evidence"],
            "time": said["time"],
        }
    )
    people = said["reviewer"].nunique()
    return Listing(
        frame,
        id="judgements",
        title=f"{len(frame)} answers of {style.count(people, 'reviewer')} on "
        f"{style.count(said['subject'].nunique(), 'account')}",
        note="Current answers; those they replaced stay in the log.",
        limit=100,
    )


def claim_drift(snapshots: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return what profiles claimed on dated days, where it changed."""
    names = _named(accounts[accounts["role"] == "persona"])
    looks: Any = snapshots[snapshots["account"].isin(names)].itertuples()
    rows = [
        {
            "account": names[s.account],
            "claim": word,
            "on": s.captured_at,
            "value": getattr(s, column),
            "capture": s.capture,
            "reference": f"{s.evidence_id}:{s.source_line}",
        }
        for s in looks
        for column, word in CLAIM_WORDS.items()
        if isinstance(getattr(s, column), str)
    ]
    if not rows:
        return Note(
            "Whether profiles contradicted themselves cannot be assessed: no dated snapshot with "
            "coded claims is in the evidence. The profile sheet of the case is made for this."
        )
    frame = pd.DataFrame(rows).sort_values(["account", "claim", "on"], kind="stable")
    distinct = frame.groupby(["account", "claim"])["value"].transform("nunique")
    changed = frame[distinct > 1]
    who = changed["account"].nunique()
    seen = frame["account"].nunique()
    if changed.empty:
        return Statement(
            f"Dated claims of {seen} accounts are in the evidence; none of them changed.",
            id="claim-drift",
        )
    lanes = changed.assign(
        lane=changed["account"] + " · " + changed["claim"],
        at=changed["on"].dt.strftime("%Y-%m-%d"),
        words=[shorten(v, 22) for v in changed["value"]],
    )
    order = list(dict.fromkeys(lanes["lane"]))
    y = alt.Y("lane:N", sort=order, title=None, axis=alt.Axis(ticks=False))
    x = alt.X("at:T", title=None, axis=style.time_axis(lanes["at"]))
    lines = (
        alt.Chart(lanes.groupby("lane", sort=False)["at"].agg(["min", "max"]).reset_index())
        .mark_rule(color=style.PALE, strokeWidth=2)
        .encode(x=alt.X("min:T", title=None), x2="max:T", y=y)
    )
    drawn = lanes[["lane", "at", "words"]]
    points = alt.Chart(drawn).mark_point(filled=True, size=45, color=style.PERSONA).encode(x=x, y=y)
    labels = (
        alt.Chart(drawn)
        .mark_text(align="left", dx=7, dy=-7, fontSize=10, color=style.INK)
        .encode(x=x, y=y, text="words:N")
    )
    return Figure(
        (lines + points + labels).properties(width=style.WIDTH - 170, height=30 * len(order)),
        id="claim-drift",
        title=f"{who} of {seen} accounts with dated claims claimed different things on different "
        "days",
        alt=f"One lane for each claim that changed, with what was claimed on each date. {who} "
        "accounts have such lanes.",
        data=changed,
        n=f"{len(frame)} dated claims of {seen} accounts",
        period=style.period_of(frame["on"]),
        source="table snapshots",
        note="People move, change jobs and joke; a contradiction is a question, not an answer.",
    )


def life_lines(accounts: pd.DataFrame, posts: pd.DataFrame) -> Exhibit:
    """Return when each account was created, first posted and last posted."""
    personas = accounts[accounts["role"] == "persona"]
    own = posts[~posts["embedded"].fillna(False).astype(bool)].groupby("account")["created_at"]
    names = _named(personas)
    created = personas.set_index("account")["created_at"]
    frame = pd.DataFrame({"created": created, "first post": own.min(), "last post": own.max()})
    frame = frame.loc[frame.index.isin(names)].dropna(subset=["first post"])
    if frame.empty:
        return Note("No dated post of an account under review is in the evidence.")
    frame = frame.sort_values(["first post"], kind="stable").head(MOST_ACCOUNTS)
    frame["name"] = [names[a] for a in frame.index]
    marks = ("created", "first post", "last post")
    long = frame.melt("name", list(marks), var_name="what", value_name="when").dropna()
    drawn = long.assign(when=long["when"].dt.strftime("%Y-%m-%d"))
    y = alt.Y("name:N", sort=frame["name"].tolist(), title=None, axis=alt.Axis(ticks=False))
    lines = (
        alt.Chart(drawn.groupby("name", sort=False)["when"].agg(["min", "max"]).reset_index())
        .mark_rule(color=style.PALE, strokeWidth=2)
        .encode(x=alt.X("min:T", title=None), x2="max:T", y=y)
    )
    scale = alt.Scale(domain=list(marks), range=[style.INK, style.REFERENCE, style.PERSONA])
    shapes = alt.Scale(domain=list(marks), range=["diamond", "circle", "square"])
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
    known = frame["created"].notna().sum()
    fortnight = _most_in_fortnight(frame["created"].dropna())
    title = (
        f"{fortnight} of {known} accounts with a known date were made within one fortnight"
        if known
        else "When the accounts were made is not known; they posted as shown"
    )
    return Figure(
        (lines + points).properties(width=style.WIDTH - 130, height=18 * len(frame) + 10),
        id="life-lines",
        title=title,
        alt=f"One line for each of {len(frame)} accounts, from creation to the last post. {title}.",
        data=long,
        n=f"{len(frame)} accounts",
        period=style.period_of(long["when"]),
        source="tables accounts and posts",
        note="Creation dates are reported by the platform or decoded from the account id.",
    )


def _most_in_fortnight(created: pd.Series) -> int:
    if created.empty:
        return 0
    times = created.sort_values().dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    ends = np.searchsorted(times, times + np.timedelta64(14, "D"), side="right")
    return int((ends - np.arange(len(times))).max())


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
        return Note("No dated post of an account under review has a text or a language.")
    months = _months(own)
    kinds = [*months["language"].value_counts().index[:MOST_LANGUAGES]]
    months["language"] = months["language"].where(months["language"].isin(kinds), "other")
    first = own.groupby("account")["created_at"].min()
    shown = first.sort_values(kind="stable").index[:MOST_ACCOUNTS]
    months = months[months["account"].isin(shown)]
    gaps = _silences(own[own["account"].isin(shown)])
    months["name"], gaps["name"] = months["account"].map(names), gaps["account"].map(names)
    order = [names[a] for a in shown]
    kinds = [k for k in [*kinds, "other"] if k in set(months["language"])]
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
    title = (
        f"{style.count(len(switched), 'account')} came back in another language after a silence of "
        "90 days or more"
        if switched
        else "No account came back in another language after a long silence"
    )
    return Figure(
        (rules + points + words).properties(width=style.WIDTH - 130, height=20 * len(order) + 10),
        id="languages-by-month",
        title=title,
        alt=f"One row for each of {len(order)} accounts, one mark for each month with posts, by main "
        f"language; dashed lines are silences of 90 days or more. {title}.",
        data=months[["name", "month", "language", "posts"]],
        n=f"{len(own):,} posts of {own['account'].nunique()} accounts",
        period=style.period_of(own["created_at"]),
        source="table posts",
        note="The main language of each month as the platform guessed it, own posts without "
        "reposts. People move, marry and learn languages; a bought account looks the same.",
    )


def _months(own: pd.DataFrame) -> pd.DataFrame:
    """Return the main language of each account in each month, and its posts."""
    known = own["lang"].where(~own["lang"].isin(NO_LANGUAGE))
    chinese = own["text"].fillna("").map(lambda t: is_cjk(tokens(t)))
    written = pd.Series(np.where(chinese, "Chinese script", "not given"), index=own.index)
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
            "words": [f"{int(d)} days" for d in days[long]],
        }
    )


def _switched(months: pd.DataFrame, gaps: pd.DataFrame, account: str) -> bool:
    own = months[months["account"] == account]
    last = gaps.loc[gaps["account"] == account].iloc[-1]
    before = own.loc[own["month"].str[:7] <= last["from"][:7], "language"]
    after = own.loc[own["month"].str[:7] >= last["to"][:7], "language"]
    return bool(len(before) and len(after) and before.mode().iloc[0] != after.mode().iloc[0])


def posting_rhythm(
    posts: pd.DataFrame, accounts: pd.DataFrame, *, claimed_zone: float = -5
) -> Exhibit:
    """Return the share of posts by hour: accounts under review beside ordinary ones."""
    role = accounts.set_index("account")["role"]
    stratum = accounts.set_index("account")["stratum"].fillna("ordinary")
    own = posts[
        ~posts["embedded"].fillna(False).astype(bool)
        & posts["created_at"].notna()
        & (posts["time_precision"] != "day")
    ]
    who = own["account"].map(role)
    ordinary = (who == "reference") & (own["account"].map(stratum) == "ordinary")
    kept = own[(who == "persona") | ordinary]
    group = np.where(kept["account"].map(role) == "persona", "under review", "ordinary reference")
    if not (group == "under review").any():
        return Note(
            "The hours of the accounts under review are not known: no dated post of theirs."
        )
    parts = []
    for zone, words in (
        (0, "in UTC"),
        (claimed_zone, f"in the claimed zone, UTC{claimed_zone:+g}"),
    ):
        hour = ((kept["created_at"].dt.hour + int(zone)) % 24).astype(int)
        table = pd.crosstab(group, hour, normalize="index").reindex(columns=range(24), fill_value=0)
        table.index.name = "group"
        part = table.reset_index().melt("group", var_name="hour", value_name="share")
        parts.append(part.assign(hour=part["hour"].astype(int), zone=words))
    frame = pd.concat(parts, ignore_index=True)
    domain = ["under review", "ordinary reference"]
    chart = (
        alt.Chart(frame)
        .mark_line(point={"size": 22}, strokeWidth=2)
        .encode(
            x=alt.X("hour:Q", title="hour of the day", scale=alt.Scale(domain=[0, 23])),
            y=alt.Y("share:Q", title="share of posts", axis=alt.Axis(format="%", tickCount=4)),
            color=alt.Color(
                "group:N",
                title=None,
                scale=alt.Scale(domain=domain, range=[style.PERSONA, style.REFERENCE]),
            ),
            strokeDash=alt.StrokeDash(
                "group:N",
                title=None,
                scale=alt.Scale(domain=domain, range=[[1, 0], [4, 3]]),
            ),
        )
        .properties(width=style.WIDTH // 2 - 30, height=170)
        .facet(
            column=alt.Column(
                "zone:N", sort=["in UTC"], title=None, header=alt.Header(labelAnchor="start")
            )
        )
    )
    ours = frame[(frame["group"] == "under review") & (frame["zone"] == "in UTC")]
    busiest = int(ours.sort_values(["share", "hour"], ascending=[False, True])["hour"].iloc[0])
    local = int((busiest + claimed_zone) % 24)
    count = int((group == "under review").sum())
    return Figure(
        chart,
        id="posting-rhythm",
        title=f"The accounts under review post most at {busiest:02d}:00 UTC, which would be "
        f"{local:02d}:00 where they claim to be",
        alt=f"Two panels with the share of posts by hour, in UTC and in the claimed zone, for the "
        f"accounts under review and for ordinary reference accounts. The first peak at {busiest}:00 "
        f"UTC.",
        data=frame,
        n=f"{count:,} posts under review, {len(kept) - count:,} of ordinary reference accounts",
        period=style.period_of(kept["created_at"]),
        source="table posts",
        note="Shift workers, people abroad and scheduling tools keep odd hours too; hours are read "
        "for the group, never for one account.",
    )


def signal_matrix(signals: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return which account shows which signal, told by a mark and not by colour alone."""
    names = _named(accounts[accounts["role"] == "persona"])
    if signals.empty or not names:
        return Note("There are no signals to show: no account is under review.")
    assessed = signals[signals["shown"] != "not assessable"]
    if assessed.empty:
        return Note("No signal can be assessed on this collection; the table below says why.")
    useful = list(dict.fromkeys(assessed["signal"]))
    drawn = signals[signals["signal"].isin(useful) & signals["account"].isin(names)].copy()
    drawn["name"] = drawn["account"].map(names)
    keep = sorted(set(drawn["name"]))[:MOST_ACCOUNTS]
    drawn = drawn[drawn["name"].isin(keep)]
    drawn["state"] = np.where(
        (drawn["shown"] == "shown") & ~drawn["counted"], "shown, not counted", drawn["shown"]
    )
    states = ["shown", "shown, not counted", "not shown", "not assessable"]
    colours = [style.PERSONA, style.GREY, style.PALE, "#ffffff"]
    shapes = ["circle", "diamond", "square", "stroke"]
    chart = (
        alt.Chart(drawn[["name", "signal", "state"]])
        .mark_point(filled=True, opacity=1, size=80, stroke="#9aa3ad", strokeWidth=0.6)
        .encode(
            x=alt.X(
                "signal:N",
                sort=useful,
                title=None,
                axis=alt.Axis(orient="top", labelAngle=-45, domain=False, ticks=False),
            ),
            y=alt.Y("name:N", sort=keep, title=None, axis=alt.Axis(domain=False, ticks=False)),
            color=alt.Color("state:N", title=None, scale=alt.Scale(domain=states, range=colours)),
            shape=alt.Shape("state:N", title=None, scale=alt.Scale(domain=states, range=shapes)),
        )
        .properties(width=28 * len(useful), height=18 * len(keep))
    )
    counted = signals[signals["counted"]].groupby("account").size()
    most = int(counted.max()) if len(counted) else 0
    return Figure(
        chart,
        id="signal-matrix",
        title=f"{len(counted)} of {len(names)} accounts show a signal that counts; the most is "
        f"{most} at once",
        alt=f"A grid of {len(keep)} accounts by {len(useful)} signals; a filled circle is shown, a "
        "diamond is shown and not counted, a small square is not shown.",
        data=drawn[["name", "signal", "state", "value", "reason"]],
        n=f"{len(names)} accounts, {len(useful)} signals that can be assessed",
        source="table signals",
        note="Not counted: the account was picked because of this signal, or the signal never "
        "counts. No number of signals is a verdict.",
    )


def reference_rates(signals: pd.DataFrame) -> Exhibit:
    """Return how common each signal is under review, among ordinary and among look-alike accounts."""
    rows = []
    for name, group in signals[signals["shown"] != "not assessable"].groupby("signal", sort=False):
        first = group.iloc[0]
        if pd.isna(first["reference_rate"]):
            continue
        shown = (group["shown"] == "shown").mean()
        rows += [
            {"signal": name, "who": "under review", "rate": shown, "n": len(group)},
            {
                "signal": name, "who": "ordinary", "rate": first["reference_rate"],
                "n": first["reference_n"], "low": first["reference_low"],
                "high": first["reference_high"],
            },
            {
                "signal": name, "who": "look-alikes that show it most", "rate": first["worst_rate"],
                "stratum": first["worst_stratum"],
            },
        ]  # fmt: skip
    frame = pd.DataFrame(rows)
    if frame.empty:
        return Note(
            "How common the signals are among ordinary accounts cannot be told: there are too few "
            "reference accounts. Every signal counts as weak here."
        )
    drawn = frame.dropna(subset=["rate"]).copy()
    wide = drawn.pivot_table(index="signal", columns="who", values="rate", aggfunc="first")
    gap = (wide["under review"] - wide.drop(columns="under review").max(axis=1)).sort_values(
        ascending=False, kind="stable"
    )
    order = list(gap.index)
    who = ["under review", "ordinary", "look-alikes that show it most"]
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
                title="share of accounts that show it",
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
    telling = int((gap > 0.25).sum())
    return Figure(
        (lines + points).properties(width=style.WIDTH - 150, height=24 * len(order)),
        id="reference-rates",
        title=f"{telling} of {len(order)} signals are clearly more common under review than in any "
        "look-alike group",
        alt=f"For each of {len(order)} signals, the share of accounts that show it: under review, "
        "among ordinary reference accounts, and among the look-alike group that shows it most.",
        data=frame,
        source="table signals",
        note="'Clearly' is 25 percentage points above the look-alike group that shows it most. "
        "Intervals of the ordinary rate (95 %, Jeffreys) are in the numbers.",
    )


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
                "signal": name,
                "asks": signal.question,
                "shown": f"{shown} of {assessed}" if assessed else "not assessable",
                "why": "" if assessed else (str(why.iloc[0]) if len(why) else "no account"),
                "strength": str(own["strength"].iloc[0]) if len(own) else signal.strength,
                "innocent who show it too": signal.innocent,
            }
        )
    frame = pd.DataFrame(rows)
    able = int((frame["shown"] != "not assessable").sum())
    return Listing(
        frame,
        id="signals-explained",
        title=f"{able} of {len(frame)} signals can be assessed on this collection",
        note="Strength falls to weak where there are too few reference accounts to tell how common "
        "a signal is.",
    )


def group_finding(finding: Any) -> Exhibit:
    """Return whether the group as a whole differs from look-alikes in several independent ways."""
    frame = finding.families.copy()
    frame["counts"] = frame["counts"].astype(bool)
    word = "meets" if finding.inauthentic else "does not meet"
    return Listing(
        frame[["signal", "shown", "assessed", "counts", "why"]],
        id="group-battery",
        title=f"The group {word} the bar for rung 1: {finding.reason}",
        note="A family counts with an effect above its floor against the worst look-alike group, and "
        "p at most 0.01. Three are needed, one of them zone, week, contradiction or image. The "
        "verdict stays with the reviewers.",
    )


def verdict_table(verdicts: pd.DataFrame, accounts: pd.DataFrame, agreement: Any) -> Exhibit:
    """Return what the reviewers decided on each account, and how far they agree."""
    names = _named(accounts[accounts["role"] == "persona"])
    if verdicts.empty:
        return Note("No account is under review, so there is nothing to decide.")
    judged = int((verdicts["agreement"] != "none").sum())
    if not judged:
        return Note(
            "No judgement has been recorded. Every account under review is *undetermined*; "
            "`case.judge(...)` records one."
        )
    frame = pd.DataFrame(
        {
            "account": verdicts["account"].map(names),
            "verdict": [f"{VERDICT_MARKS[v]} {v}" for v in verdicts["verdict"]],
            "reviewers": [len(r) for r in verdicts["reviewers"]],
            "agreement": verdicts["agreement"],
            "real-person check": verdicts["real_person_check"],
            "reasons": ["; ".join(r) for r in verdicts["reasons"]],
            "evidence": verdicts["evidence"],
        }
    ).sort_values("account", kind="stable")
    split = int((verdicts["agreement"] == "split").sum())
    said = f"Reviewers judged {judged} of {len(verdicts)} accounts and differed on {split}"
    return Listing(frame, id="verdicts", title=said, note=_agreement_words(agreement))


def _agreement_words(agreement: Any) -> str:
    if not agreement.units:
        return "No account was judged by two reviewers, so agreement is not assessable."
    return (
        f"Two reviewers or more on {agreement.units} accounts: raw agreement {agreement.raw:.0%}, "
        f"Krippendorff's alpha (ordinal) {agreement.alpha:.2f}, 95 % interval {agreement.low:.2f} to "
        f"{agreement.high:.2f}: {agreement.reading}. Where reviewers differ, the more cautious answer "
        "stands until it is adjudicated."
    )


def line_ups_table(line_ups: pd.DataFrame) -> Exhibit:
    """Return how often each reviewer suspected an account that nobody has reason to suspect."""
    held = line_ups[line_ups["locked"] & (line_ups["fillers"] > 0)]
    if held.empty:
        return Note(
            "No reviewer has answered a line-up and locked the answers, so how often they suspect "
            "the innocent is not known. The notebook `01b-line-up` is made for this."
        )
    frame = pd.DataFrame(
        {
            "reviewer": held["reviewer"],
            "under review, called": [
                f"{c} of {n}" for c, n in zip(held["called"], held["under_review"], strict=True)
            ],
            "fillers, called": [
                f"{c} of {n}" for c, n in zip(held["fillers_called"], held["fillers"], strict=True)
            ],
            "false-alarm rate": [
                f"{100 * r:.0f} % ({100 * a:.0f}–{100 * b:.0f} %)"
                for r, a, b in zip(held["rate"], held["low"], held["high"], strict=True)
            ],
            "p": ["< 0.0001" if p < 1e-4 else f"{p:.2g}" for p in held["p"]],
            "tells them apart": ["yes" if t else "no" for t in held["tells_apart"]],
        }
    )
    apart = int(held["tells_apart"].sum())
    return Listing(
        frame,
        id="line-ups",
        title=f"{apart} of {style.count(len(held), 'reviewer')} told the accounts under review from "
        "ordinary accounts beside them",
        note="Fillers are reference accounts of the same platform, as active and of the nearest "
        "topic; who is who was hidden. Called is suspected or assessed inauthentic, before the "
        "answers were locked. In brackets the 95 % interval (Jeffreys); p is Fisher's exact test, "
        "one-sided. To tell apart takes at least as many fillers as accounts under review, p at "
        "most 0.01 and at most 20 % false alarms.",
    )


def disagreements_table(differing: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return the accounts on which reviewers differ, widest first: what to talk about."""
    names = _named(accounts)
    if differing.empty:
        return Note("The reviewers differ on no account that two of them judged.")
    frame = pd.DataFrame(
        {
            "account": differing["account"].map(names).fillna(differing["account"]),
            "steps apart": differing["gap"],
            "who said what, and why": [
                "; ".join(f"{r}: {a} ({w})" for r, a, w in zip(who, said, why, strict=True))
                for who, said, why in zip(
                    differing["reviewers"], differing["answers"], differing["reasons"], strict=True
                )
            ],
            "settled": differing["settled"].fillna("open"),
        }
    )
    left = int(differing["settled"].isna().sum())
    return Listing(
        frame,
        id="disagreements",
        title=f"Reviewers differ on {style.count(len(frame), 'account')}; {left} of them to talk "
        "about",
        note="Widest first, on the scale authentic, undetermined, suspected, assessed inauthentic. "
        "Until it is settled the more cautious answer stands.",
    )


def review_summary(
    signals: pd.DataFrame, verdicts: pd.DataFrame, accounts: pd.DataFrame
) -> Statement:
    """Return what this step allows to say, in words with its numbers."""
    personas = int((accounts["role"] == "persona").sum())
    counts = verdicts["verdict"].value_counts()
    decided = ", ".join(f"{int(counts[v])} {v}" for v in VERDICT_MARKS if v in counts.index)
    able = signals.loc[signals["shown"] != "not assessable", "signal"].nunique()
    unchecked = int((verdicts["real_person_check"] == "missing").sum())
    say = [
        f"{personas} accounts are under review. Reviewers' verdicts: {decided or 'none'}.",
        f"{able} signals could be assessed; each stands beside its rate among ordinary accounts.",
    ]
    cannot = [
        "A signal does not say who runs an account, nor from where; hours fit a zone, not a country.",
        "Nothing here says that accounts act together (step 3) or who is behind them (step 4).",
    ]
    if unchecked:
        cannot.append(
            f"For {unchecked} accounts the check for a real, hijacked or parodied person is missing: "
            "they must not be named in any edition."
        )
    lines = ["**We can say**", "", *(f"- {s}" for s in say), "", "**We cannot say**", ""]
    return Statement("\n".join([*lines, *(f"- {s}" for s in cannot)]), id="review-summary")


def _names(accounts: pd.DataFrame) -> pd.Series:
    handle = accounts["handle"].fillna(accounts["account_id"]).fillna(accounts["account"])
    several = len(accounts["platform"].drop_duplicates()) > 1
    return handle + (" · " + accounts["platform"] if several else "")


def _named(accounts: pd.DataFrame) -> dict[str, str]:
    return dict(zip(accounts["account"], _names(accounts), strict=True))
