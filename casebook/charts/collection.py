"""Exhibits of step 1: what was collected, and what is missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from casebook.charts import style
from casebook.exhibits import Figure, Listing, Note, Statement
from casebook.language import day, listed, say, say_count, together, word
from casebook.numbers import count, distinct, largest, named, smallest, total
from casebook.text import escape_markdown

if TYPE_CHECKING:
    from collections.abc import Hashable

    from casebook.exhibits import Exhibit

STATE_WORDS = {
    "full": "in every row",
    "partial": "in some rows",
    "rare": "in some rows, as usual",
    "none": "in no row",
}
STATE_COLOURS = {"full": "#0b5c8a", "partial": "#86aecb", "rare": "#c3d5e3", "none": "#ffffff"}


def collected_files(readings: pd.DataFrame, items: pd.DataFrame) -> Exhibit:
    """Return the table of evidence files: what each is, and what became of its records."""
    if items.empty:
        return Note(
            say("No evidence has been collected yet: `casebook collect CASE FILE…` adds it.")
        )
    held = items.merge(readings.drop(columns=["reader"]), on="evidence_id", how="left")
    frame = pd.DataFrame(
        {
            "evidence_id": held["evidence_id"],
            "file": held["title"],
            "format": [
                say("{format} (unverified)", format=word(f)) if v is False else word(f)
                for f, v in zip(
                    held["format"].fillna("not read"),
                    held["verified_format"].astype("object"),
                    strict=True,
                )
            ],
            "role": _said(held["role"]),
            "collected": held["collected_at"].dt.strftime("%Y-%m-%d"),
            "by": held["actor"],
            "records": held["records"],
            "loaded": held["loaded"],
            "duplicates": held["duplicates"],
            "rejected": held["rejected"],
            **({} if (held["status"] == "live").all() else {"state": _said(held["status"])}),
        }
    )
    title = say(
        "{items} hold {records} records; {rejected} could not be read",
        items=say_count("{n} evidence item", "{n} evidence items", count(frame)),
        records=total(frame, "records"),
        rejected=total(frame, "rejected"),
    )
    return Listing(
        frame,
        id="collected-files",
        title=title,
        headers={"evidence_id": "id"},
        note=say_count(
            "loaded + duplicates + rejected = records, for each file. {n} document is kept with its "
            "hash and not read into tables.",
            "loaded + duplicates + rejected = records, for each file. {n} documents are kept with "
            "their hash and not read into tables.",
            count(frame, {"format": word("document")}),
        ),
    )


def refused_records(rejects: pd.DataFrame, notices: pd.DataFrame) -> Exhibit:
    """Return what readers refused or noticed, by file and reason."""
    if rejects.empty and notices.empty:
        return Statement(say("No record was refused, and no reader had anything to report."))
    refused = (
        rejects.groupby(["evidence_id", "reason"], sort=True)["source_line"]
        .agg(["size", "min"])
        .reset_index()
        .set_axis(["evidence_id", "what", "count", "first_line"], axis=1)
        .assign(kind="refused")
    )
    noticed = _columns_together(notices.rename(columns={"notice": "what"}))
    noticed = noticed.assign(kind="noticed")
    frame = pd.concat([refused, noticed], ignore_index=True)
    frame = frame.sort_values(["kind", "evidence_id", "what"], ascending=[False, True, True])
    frame["kind"] = [word(kind) for kind in frame["kind"]]
    columns = ["evidence_id", "kind", "what", "count", "first_line"]
    return Listing(
        frame[columns],
        id="refused-records",
        title=say(
            "{refused} records were refused; readers noted {noticed} other things",
            refused=total(frame, "count", {"kind": word("refused")}),
            noticed=count(frame, {"kind": word("noticed")}),
        ),
        headers={"evidence_id": "id", "first_line": "first line"},
        limit=60,
    )


def likenesses_table(
    likenesses: pd.DataFrame, media: pd.DataFrame, accounts: pd.DataFrame
) -> Exhibit:
    """Return the collected pictures and videos that are copies of each other, and whose they are."""
    if media["sha256"].dropna().empty:
        return Note(
            say(
                "No picture or video was collected with its file, so none can be compared. "
                "`casebook collect CASE FILE…` takes them as they are; a file whose name holds the "
                "id of its post is told to belong to it."
            )
        )
    carried = media.groupby("sha256")["account"].nunique().rename("accounts").reset_index()
    carried["several"] = carried["accounts"] > 1
    files = count(carried)
    bytes_alike = say_count(
        "{n} file of {files} is carried by more than one account",
        "{n} files of {files} are carried by more than one account",
        count(carried, {"several": True}),
        files=files,
    )
    if likenesses.empty:
        return Statement(
            say(
                "No two of the {files} different pictures and videos show the same; {alike}.",
                files=files,
                alike=bytes_alike,
            ),
            id="likenesses",
        )
    names = accounts.set_index("account")["handle"]
    owners = {
        file: ", ".join(sorted({str(names.get(a, a)) for a in held.dropna()})) or "–"
        for file, held in media.dropna(subset=["file"]).groupby("file")["account"]
    }
    frame = pd.DataFrame(
        {
            "kind": _said(likenesses["kind"]),
            "file": likenesses["file"],
            "of": [owners.get(f.partition(":")[2], "–") for f in likenesses["file"]],
            "other": likenesses["other"],
            "of_other": [owners.get(f.partition(":")[2], "–") for f in likenesses["other"]],
            "how": [_how(row) for row in likenesses.to_dict("records")],
        }
    )
    return Listing(
        frame,
        id="likenesses",
        title=say_count(
            "{n} pair of files shows or says the same, though their bytes differ",
            "{n} pairs of files show or say the same, though their bytes differ",
            count(frame),
        ),
        headers={"of": "accounts", "of_other": "accounts"},
        note=say(
            "Of {files} different files; {alike}. A copy says who has it, not who made it: brands, "
            "news pictures and popular songs travel by themselves. Sound in common is shown, and "
            "makes no video a copy. Videos are compared by their first three minutes; another speed "
            "or pitch of sound is not recognised.",
            files=files,
            alike=bytes_alike,
        ),
        limit=60,
    )


def _how(row: dict[Hashable, Any]) -> str:
    if row["kind"] == "sound":
        return say("{seconds} s of sound in common", seconds=round(row["seconds"]))
    told = [
        say("{bits} of 64 bits differ", bits=round(row["distance"])),
        *([word("mirrored")] if row["mirrored"] else []),
    ]
    if row["kind"] != "image":
        told.insert(0, say("{share:.0%} of the shorter one's scenes", share=row["share"]))
    return ", ".join(told)


def _said(codes: pd.Series) -> pd.Series:
    """Return codes as words in the case's language."""
    return codes.map(lambda code: word(str(code)), na_action="ignore")


_NOT_READ = re.compile(r"column '(.*)' is not read")


def _columns_together(noticed: pd.DataFrame) -> pd.DataFrame:
    """Return the notices with the columns that were not read in one row a file."""
    name = noticed["what"].str.extract(_NOT_READ)[0]
    named = noticed.assign(_name=name)[name.notna()]
    together = [
        {
            "evidence_id": item,
            "what": say_count(
                "{n} column is not read: {columns}",
                "{n} columns are not read: {columns}",
                len(part),
                columns=", ".join(part["_name"]),
            ),
            "count": len(part),
            "first_line": part["first_line"].min(),
        }
        for item, part in named.groupby("evidence_id", sort=True)
    ]
    return pd.concat(
        [noticed[name.isna()], pd.DataFrame(together, columns=noticed.columns)], ignore_index=True
    )


def accounts_by_role(accounts: pd.DataFrame, posts: pd.DataFrame) -> Exhibit:
    """Return how many accounts and posts of each role there are, and how they were found."""
    if accounts.empty:
        return Note(say("No account has been read yet."))
    own = posts[~posts["embedded"].fillna(False).astype(bool)]
    posted = own.groupby("account").size()
    whole = accounts.assign(
        _posts=accounts["account"].map(posted).fillna(0).astype(int),
        stratum=accounts["stratum"].fillna("–"),
        found_by=accounts["found_by"].fillna(word("not recorded")),
    )
    grouped = whole.groupby(["role", "platform", "stratum", "found_by"], sort=True)
    frame = grouped.agg(accounts=("account", "size"), posts=("_posts", "sum")).reset_index()
    order = {role: rank for rank, role in enumerate(style.ROLE_COLOURS)}
    frame["_order"] = frame["role"].map(order)
    frame = frame.sort_values(["_order", "platform", "stratum"], kind="stable")
    frame["role"] = _said(frame["role"].map(style.ROLE_WORDS))
    frame = frame.drop(columns="_order")
    personas, reference = (
        named(name, int((accounts["role"] == role).sum()))
        for name, role in (("personas", "persona"), ("reference_accounts", "reference"))
    )
    return Listing(
        frame,
        id="accounts-by-role",
        title=say(
            "{personas} under review, {reference} to compare with",
            personas=say_count("{n} account", "{n} accounts", personas),
            reference=say_count("{n} reference account", "{n} reference accounts", reference),
        ),
        headers={"found_by": "how they were found"},
        note=say(
            "Bystanders were seen in a repost, a quotation or a mention; nothing is asked of them."
        ),
    )


def posts_over_time(posts: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return posts a week by role: what period the collection covers."""
    own = posts[~posts["embedded"].fillna(False).astype(bool)].dropna(subset=["created_at"])
    if own.empty:
        return Note(
            say("No post in this case carries a time, so there is no course over time to show.")
        )
    role = own["account"].map(accounts.set_index("account")["role"]).fillna("bystander")
    at = own["created_at"].dt.tz_localize(None)
    week = at.dt.to_period("W-SUN").dt.start_time
    frame = (
        pd.DataFrame({"week": week, "role": role.astype(str), "day": at.dt.strftime("%Y-%m-%d")})
        .groupby(["week", "role"], sort=True)["day"]
        .agg(posts="size", first="min", last="max")
        .reset_index()
    )
    roles = [r for r in style.ROLE_COLOURS if r in set(frame["role"])]
    words = [word(style.ROLE_WORDS[r]) for r in roles]
    drawn = frame.assign(
        role=_said(frame["role"].map(style.ROLE_WORDS)),
        week=frame["week"].dt.strftime("%Y-%m-%d"),
        end=(frame["week"] + pd.Timedelta(days=7)).dt.strftime("%Y-%m-%d"),
    )
    chart = (
        alt.Chart(drawn.assign(zero=0))
        .mark_rect()
        .encode(
            x=alt.X("week:T", title=None, axis=style.time_axis(drawn["week"])),
            x2="end:T",
            y=alt.Y("posts:Q", title=say("posts a week"), axis=alt.Axis(tickCount=3)),
            y2="zero:Q",
            color=alt.Color(
                "role:N",
                scale=alt.Scale(domain=words, range=[style.ROLE_COLOURS[r] for r in roles]),
                legend=None,
            ),
        )
        .properties(width=style.WIDTH, height=80)
        .facet(
            row=alt.Row(
                "role:N",
                sort=words,
                title=None,
                header=alt.Header(labelAnchor="start", labelOrient="top"),
            ),
            spacing=6,
        )
        .resolve_scale(y="independent")
    )
    peak = frame.sort_values(["posts", "week"], ascending=[False, True]).iloc[0]
    weeks = frame.assign(week=frame["week"].dt.strftime("%Y-%m-%d"))
    everything = total(frame, "posts")
    period = style.days_of(frame, "first", "last")
    return Figure(
        chart,
        id="posts-over-time",
        title=say("The collection holds {n} posts from {period}", n=everything, period=period),
        alt=say(
            "Posts a week, one row of bars for each of {roles} roles. The busiest week is that of "
            "{week} with {posts} posts ({role}). The rows have scales of their own.",
            roles=distinct(frame, "role"),
            week=day(smallest(weeks, "week", {"posts": int(peak["posts"])})),
            posts=largest(frame, "posts"),
            role=word(style.ROLE_WORDS[peak["role"]]),
        ),
        data=drawn.drop(columns=["first", "last", "end"]),
        n=say(
            "{posts} of {accounts}",
            posts=say_count("{n} post", "{n} posts", everything),
            accounts=say_count(
                "{n} account",
                "{n} accounts",
                named("posting_accounts", own["account"].nunique()),
            ),
        ),
        period=period,
        source=say("table posts"),
        note=say(
            "Each row has its own scale. Posts that came along inside a repost are not counted."
        ),
    )


def coverage_figure(card: pd.DataFrame) -> Exhibit:
    """Return which fields each file carries."""
    posts = card[card["table"] == "posts"]
    if posts.empty:
        return Note(say("No file of this case holds posts, so no field of a post can be missing."))
    drawn = posts.assign(
        item=posts["evidence_id"] + " " + posts["file"].str.slice(0, 34),
        state_word=_said(posts["state"].map(STATE_WORDS)),
        percent=(posts["share"] * 100).round().astype(int),
    )
    fields = list(dict.fromkeys(drawn["field"]))
    kept = [s for s in STATE_WORDS if s in set(drawn["state"])]
    base = alt.Chart(drawn).encode(
        x=alt.X(
            "field:N",
            sort=fields,
            title=None,
            axis=alt.Axis(orient="top", labelAngle=-40, domain=False, ticks=False),
        ),
        y=alt.Y("item:N", title=None, sort=None, axis=alt.Axis(domain=False, ticks=False)),
    )
    boxes = base.mark_rect(stroke="#9aa3ad", strokeWidth=0.5).encode(
        color=alt.Color(
            "state_word:N",
            title=None,
            scale=alt.Scale(
                domain=[word(STATE_WORDS[s]) for s in kept], range=[STATE_COLOURS[s] for s in kept]
            ),
        )
    )
    percents = base.mark_text(fontSize=9).encode(
        text="percent:Q",
        color=alt.condition("datum.state == 'full'", alt.value("white"), alt.value(style.INK)),
    )
    files, fields_read = distinct(drawn, "evidence_id"), distinct(drawn, "field")
    lacking = posts[posts["state"] == "none"].groupby("field")["evidence_id"].nunique()
    everywhere = sorted(lacking[lacking == files.value].index)
    worst = say("every field is in at least one file")
    if everywhere:
        worst = say("no file carries {fields}", fields=", ".join(everywhere))
    return Figure(
        (boxes + percents).properties(
            width=min(style.WIDTH, 36 * len(fields)), height=20 * files.value
        ),
        id="coverage-card",
        title=say("Of {n} fields that later steps read, {worst}", n=fields_read, worst=worst),
        alt=say(
            "A grid of {files} files by {fields} fields; each cell gives the percentage of posts "
            "that carry the field. In all, {worst}.",
            files=files,
            fields=fields_read,
            worst=worst,
        ),
        data=drawn[["evidence_id", "file", "field", "rows", "share", "state"]],
        n=say_count("{n} file", "{n} files", files),
        source=say("table coverage"),
        note=say(
            "Numbers are percentages of posts. A post rightly has no link or no hashtag; a field "
            "that no post of a file carries cannot support a finding from that file."
        ),
    )


def layers_table(layers: pd.DataFrame) -> Exhibit:
    """Return which kinds of shared object this collection can show."""
    frame = layers.assign(layer=_said(layers["layer"]))
    return Listing(
        frame,
        id="layers",
        title=say(
            "{able} of {all} kinds of shared content can be assessed here",
            able=count(frame, {"assessable": True}),
            all=count(frame),
        ),
        headers={
            "layer": "shared content",
            "events": "posts that carry it",
            "assessable": "usable",
        },
        note=say("What a collection left out cannot be found missing in the accounts."),
    )


def gaps_table(gaps: pd.DataFrame, readings: pd.DataFrame, *, days: int) -> Exhibit:
    """Return the periods in which a file is silent."""
    if gaps.empty:
        return Statement(say("No file has a gap of {days} days or more.", days=days))
    shown = gaps.merge(readings[["evidence_id", "file"]], on="evidence_id", how="left")
    return Listing(
        shown[["evidence_id", "file", "from", "to", "days"]],
        id="gaps",
        title=say(
            "Files with gaps: {files}; the longest is {longest} days",
            files=distinct(shown, "evidence_id"),
            longest=largest(shown, "days"),
        ),
        headers={"evidence_id": "id"},
        note=say("Inside a gap the collection is silent. Whether the accounts were is not known."),
        limit=25,
    )


def status_timeline(statuses: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Return when each account under review was seen, and in what state."""
    personas = accounts[accounts["role"] == "persona"]
    seen = statuses[statuses["account"].isin(personas["account"]) & statuses["seen_at"].notna()]
    if seen.empty:
        return Note(
            say(
                "The state of the accounts over time cannot be shown: no dated post or snapshot of "
                "an account under review is in the evidence."
            )
        )
    last = _last_seen(seen)
    several = personas["account"].nunique()
    kept_accounts = seen.groupby("account")["seen_at"].min().sort_values(kind="stable").index
    seen = seen[seen["account"].isin(kept_accounts[:MOST_LINES])]
    names = _names(personas)
    at = seen["seen_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    drawn = seen.assign(name=seen["account"].map(names), at=at, status_word=_said(seen["status"]))
    order = drawn.groupby("name")["seen_at"].min().sort_values(kind="stable").index.tolist()
    kept = [s for s in style.STATUS_COLOURS if s in set(drawn["status"])]
    words = [word(s) for s in kept]
    span = drawn.groupby("name", sort=False)["at"].agg(["min", "max"]).reset_index()
    y = alt.Y("name:N", sort=order, title=None, axis=alt.Axis(grid=True, ticks=False))
    lines = (
        alt.Chart(span)
        .mark_rule(color=style.PALE, strokeWidth=2)
        .encode(x=alt.X("min:T", title=None), x2="max:T", y=y)
    )
    marks = (
        alt.Chart(drawn[["name", "at", "status_word", "basis"]])
        .mark_point(filled=True, size=60, opacity=1)
        .encode(
            x=alt.X("at:T", title=None, axis=style.time_axis(drawn["at"])),
            y=y,
            **style.colour_and_shape(
                "status_word:N", kept, words, style.STATUS_COLOURS, style.STATUS_SHAPES
            ),
        )
    )
    title = say_count(
        "{n} of {all} accounts under review was gone when last looked at",
        "{n} of {all} accounts under review were gone when last looked at",
        count(last, {"status": GONE}),
        all=count(last),
    )
    note = say(
        "First and last post stand for 'active'. A suspension is the platform's decision, not an "
        "attribution."
    )
    if len(order) < several:
        cut = say("Shown: the first {some} of {all} accounts.", some=len(order), all=several)
        note = together([note, cut])
    return Figure(
        (lines + marks).properties(width=style.WIDTH - 120, height=18 * len(order) + 10),
        id="status-timeline",
        title=title,
        alt=say(
            "One line for each of {n} accounts, from the first to the last dated observation, with "
            "a mark for each state seen. {title}.",
            n=len(order),
            title=title,
        ),
        data=drawn[["name", "seen_at", "capture", "evidence"]].assign(
            status=drawn["status_word"], basis=_said(drawn["basis"])
        )[["name", "status", "seen_at", "basis", "capture", "evidence"]],
        n=say(
            "{observations} of {accounts}",
            observations=say_count("{n} observation", "{n} observations", len(drawn)),
            accounts=say_count("{n} account", "{n} accounts", len(order)),
        ),
        period=style.period_of(seen["seen_at"]),
        source=say("table statuses"),
        note=note,
    )


MOST_LINES = 40
"""More lines than this are not read in one picture."""


GONE = ["suspended", "removed", "deactivated"]


def _last_seen(seen: pd.DataFrame) -> pd.DataFrame:
    """Return how each account was when it was last observed."""
    return seen.sort_values(["account", "seen_at"], kind="stable").groupby("account").tail(1)


def collection_summary(
    readings: pd.DataFrame,
    accounts: pd.DataFrame,
    posts: pd.DataFrame,
    statuses: pd.DataFrame,
) -> Statement:
    """Return what this collection allows to say, in words with its numbers."""
    reference = int((accounts["role"] == "reference").sum())
    own = posts[~posts["embedded"].fillna(False).astype(bool)]
    coarse = readings.loc[readings["time_precision"].isin(["minute", "day"]), "evidence_id"]
    unfound = accounts[(accounts["role"] == "persona") & accounts["found_by"].isna()]
    able = [_said_records(readings), _said_accounts(accounts, own)]
    if not statuses.empty:
        able.append(
            say_count(
                "There is {n} dated observation of whether accounts were there.",
                "There are {n} dated observations of whether accounts were there.",
                count(statuses),
            )
        )
    cannot = [
        say(
            "This step cannot say that an account is not what it claims, nor that accounts act "
            "together: nothing has been compared yet."
        )
    ]
    if reference < 50:
        cannot.append(
            say(
                "With {n} reference accounts, fewer than 50, how common a trait is among ordinary "
                "accounts cannot be told; later steps say *not assessable*.",
                n=reference,
            )
        )
    if len(coarse):
        cannot.append(
            say(
                "The times in {items} are known to the minute or the day only, so acts within "
                "seconds of each other cannot be told apart there.",
                items=", ".join(escape_markdown(e) for e in coarse),
            )
        )
    if len(unfound):
        cannot.append(
            say(
                "For {n} accounts under review it is not recorded how they were found; what is said "
                "of them is capped at low confidence.",
                n=len(unfound),
            )
        )
    lines = [say("**We can say**"), "", *map(listed, able), ""]
    lines += [say("**We cannot say**"), ""]
    return Statement(
        together([*lines, *map(listed, cannot)], "\n"),
        id="collection-summary",
        evidence=list(readings["evidence_id"]),
    )


def _said_records(readings: pd.DataFrame) -> str:
    return say(
        "The case rests on {items} with {records} records: {loaded} were loaded, {known} were known "
        "already and {refused} were refused with a reason.",
        items=say_count("{n} evidence item", "{n} evidence items", count(readings)),
        records=total(readings, "records"),
        loaded=total(readings, "loaded"),
        known=total(readings, "duplicates"),
        refused=total(readings, "rejected"),
    )


def _said_accounts(accounts: pd.DataFrame, own: pd.DataFrame) -> str:
    by_role = accounts["role"].value_counts()
    return say(
        "They hold {posts} by {accounts}; {personas} are under review and {reference} are reference "
        "accounts.",
        posts=say_count("{n} post", "{n} posts", named("posts", len(own))),
        accounts=say_count(
            "{n} account", "{n} accounts", named("posting_accounts", own["account"].nunique())
        ),
        personas=named("personas", int(by_role.get("persona", 0))),
        reference=named("reference_accounts", int(by_role.get("reference", 0))),
    )


def _names(accounts: pd.DataFrame) -> pd.Series:
    """Return what each account is called in a chart: handle and platform."""
    handle = accounts["handle"].fillna(accounts["account_id"]).fillna(accounts["account"])
    several = len(accounts["platform"].drop_duplicates()) > 1
    names = handle + (" · " + accounts["platform"] if several else "")
    return names.set_axis(accounts["account"])
