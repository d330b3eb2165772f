"""The vocabulary as data: every table, column, type, meaning and unit.

Tables are the only joint between the steps of an investigation, so this module is the one place
that says what they hold. Code, documentation and tests read it.

A *row reference* is ``"E0003:41"``: evidence id, colon, the line (or row, or item) in that file,
counted from 1. Aggregates list row references in their ``evidence`` column.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from casebook.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    import pyarrow as pa

SCHEMA_VERSION = 1

Kind = Literal["string", "time", "int", "float", "bool", "strings"]

ROLES = ("persona", "known", "reference", "bystander")
PROVENANCE = ("observed", "reported", "inferred", "synthetic")
PRECISIONS = ("second", "minute", "day")
CAPTURES = ("typed", "screenshot", "saved page", "archive", "platform export")
STATUSES = ("active", "suspended", "removed", "deactivated", "unknown")
ANSWERS = ("authentic", "undetermined", "suspected", "assessed inauthentic")
VERDICT, CHECK, ADJUDICATION = "verdict", "real-person-check", "adjudication"
"""Questions that decide something; others may be asked."""
FOUND = ("real person", "hijacked", "parody")
"""What the check before a name may appear can find; then no name may appear."""
CHECKS = ("done", *FOUND, "not done")
"""Answers to the check; ``done`` is that none of these was found."""
CONFIDENCES = ("low", "moderate", "high")
RUNGS = {1: "inauthentic", 2: "coordinated", 3: "linked", 4: "directed"}
REACH_FLAGS = (
    "several_platforms", "several_communities", "mainstream_media", "high_profile",
    "policy_or_action", "call_for_violence",
)  # fmt: skip
"""What the Breakout Scale asks, from the first category to the last."""
LAYERS = ("repost", "link", "text", "hashtags", "media", "reply", "mention")


@dataclass(frozen=True)
class Column:
    """One column: its name, kind, meaning and unit."""

    name: str
    kind: Kind
    meaning: str
    unit: str = ""


@dataclass(frozen=True)
class Table:
    """One table: what a row is, and its columns."""

    name: str
    row: str
    columns: tuple[Column, ...]
    made_by: str

    @property
    def names(self) -> tuple[str, ...]:
        """Column names, in order."""
        return tuple(c.name for c in self.columns)


def _table(name: str, row: str, made_by: str, *columns: tuple[str, ...]) -> Table:
    return Table(name, row, tuple(Column(*c) for c in columns), made_by)  # type: ignore[arg-type]


_WHERE_FROM = (
    ("provenance", "string", "observed, reported, inferred or synthetic"),
    ("evidence_id", "string", "the evidence item the row was read from"),
    ("source_line", "int", "line, row or item in that file, from 1"),
    ("reader", "string", "the reader that understood the file"),
)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        _table(
            "accounts",
            "one account, as last seen in the evidence",
            "01-collection",
            ("account", "string", "key: platform:id, or platform:@handle where no id is known"),
            ("platform", "string", "x, tiktok, instagram, youtube, facebook, telegram, ..."),
            ("account_id", "string", "the platform's id, byte for byte as in the source"),
            ("handle", "string", "user name without the @"),
            ("display_name", "string", "name shown on the profile"),
            ("bio", "string", "profile text"),
            ("location", "string", "free-text place on the profile"),
            ("website", "string", "link on the profile"),
            ("created_at", "time", "when the account was created", "UTC"),
            ("created_at_source", "string", "reported, or snowflake: decoded from the id"),
            ("created_at_precision", "string", "second, minute or day"),
            ("followers", "int", "followers; empty is unknown, not zero"),
            ("following", "int", "accounts followed"),
            ("posts", "int", "posts, by the platform's own counter"),
            ("avatar_url", "string", "address of the profile picture, never loaded"),
            ("banner_url", "string", "address of the header picture, never loaded"),
            ("verified", "bool", "carries a verification mark"),
            ("verified_type", "string", "kind of verification mark"),
            ("lang", "string", "profile language, where the platform says"),
            ("about_country", "string", "X 'About this account': based in"),
            ("about_country_accurate", "bool", "X 'About this account': no sign of a proxy"),
            ("about_source", "string", "X 'About this account': connected via"),
            ("about_username_changes", "int", "X 'About this account': number of handle changes"),
            ("about_last_change", "time", "X 'About this account': last handle change", "UTC"),
            ("hashed", "bool", "the platform replaced id and handle by a hash"),
            ("role", "string", "persona, known, reference or bystander in this case"),
            ("stratum", "string", "for reference accounts: ordinary, or which look-alike group"),
            (
                "found_by",
                "string",
                "how the account came into the case: query, seed list, tip, notice",
            ),
            ("selected_on", "strings", "signals that made somebody pick it: shown, never counted"),
            ("seen_as", "string", "author, profile, listed, reposted, quoted or mentioned"),
            ("collected_at", "time", "when the capture was made", "UTC"),
            *_WHERE_FROM,
        ),
        _table(
            "snapshots",
            "one profile as seen on a date",
            "01-collection",
            ("account", "string", "key of the account"),
            ("platform", "string", "platform"),
            ("account_id", "string", "the platform's id"),
            ("handle", "string", "handle on that date"),
            ("captured_at", "time", "when the profile looked like this", "UTC"),
            ("captured_precision", "string", "second, minute or day"),
            ("capture", "string", "typed < screenshot < saved page < archive < platform export"),
            ("display_name", "string", "name shown"),
            ("bio", "string", "profile text"),
            ("location", "string", "free-text place"),
            ("website", "string", "link on the profile"),
            ("followers", "int", "followers"),
            ("following", "int", "accounts followed"),
            ("posts", "int", "posts, by the platform's own counter"),
            ("avatar_url", "string", "address of the profile picture, never loaded"),
            ("avatar_file", "string", "file name of the picture among the evidence"),
            ("status", "string", "active, suspended, removed, deactivated or unknown"),
            ("claimed_age", "string", "age the profile claims, as coded by the analyst"),
            ("claimed_place", "string", "place the profile claims, as coded by the analyst"),
            ("claimed_occupation", "string", "occupation claimed, as coded by the analyst"),
            ("claimed_service", "string", "military or public service claimed, as coded"),
            ("note", "string", "what the analyst wrote beside it"),
            ("source_url", "string", "where it was seen, defanged"),
            *_WHERE_FROM,
        ),
        _table(
            "posts",
            "one post",
            "01-collection",
            ("post", "string", "key: platform:id, or evidence id and line where there is no id"),
            ("platform", "string", "platform"),
            ("post_id", "string", "the platform's id, byte for byte as in the source"),
            ("account", "string", "key of the author"),
            ("account_id", "string", "the author's id"),
            ("handle", "string", "the author's handle in the source"),
            ("created_at", "time", "when it was posted", "UTC"),
            ("created_at_source", "string", "reported, or snowflake: decoded from the id"),
            ("time_precision", "string", "second, minute or day"),
            ("text", "string", "full text; for a repost, the text of the original where known"),
            ("text_truncated", "bool", "the source cut the text: not used for comparison"),
            ("lang", "string", "language, as the platform guessed it"),
            ("urls", "strings", "links in the post, expanded where the source has it"),
            ("hashtags", "strings", "hashtags without #"),
            ("mentions", "strings", "handles mentioned, without @"),
            ("media", "strings", "addresses or file names of pictures and videos"),
            ("in_reply_to", "string", "post id this answers"),
            ("in_reply_to_handle", "string", "handle of the account this answers"),
            ("thread_id", "string", "conversation id"),
            ("is_repost", "bool", "repeats another post, whether or not the original is named"),
            ("repost_of", "string", "post id of the original"),
            ("repost_of_handle", "string", "handle of the original's author"),
            ("quote_of", "string", "post id quoted"),
            ("likes", "int", "likes when captured; empty is unknown"),
            ("replies", "int", "replies when captured"),
            ("reposts", "int", "reposts when captured"),
            ("quotes", "int", "quotes when captured"),
            ("views", "int", "views when captured"),
            ("client", "string", "application it was sent with"),
            ("edited_at", "time", "last edit", "UTC"),
            ("url", "string", "address of the post"),
            ("embedded", "bool", "came along inside another post (the original of a repost)"),
            ("collected_at", "time", "when the capture was made", "UTC"),
            *_WHERE_FROM,
        ),
        _table(
            "media",
            "one picture or video that a post or profile carries",
            "01-collection",
            ("media", "string", "key: the address, or evidence id and file name"),
            ("account", "string", "key of the account"),
            ("post", "string", "key of the post; empty for a profile picture"),
            ("kind", "string", "image, video, avatar or banner"),
            ("url", "string", "address, never loaded"),
            ("file", "string", "file name among the evidence, where it was collected"),
            ("sha256", "string", "hash of that file"),
            (
                "fingerprint",
                "string",
                "what it shows: alike files share it; plain where there is too little to compare",
            ),
            ("words", "string", "its subtitles, where they were collected or are in the file"),
            *_WHERE_FROM,
        ),
        _table(
            "indicators",
            "one indicator from a published list",
            "01-collection",
            ("indicator", "string", "as printed in the source, still defanged"),
            ("kind", "string", "handle, account, domain, url, hashtag, email, count or text"),
            ("platform", "string", "platform it belongs to, where it says"),
            ("value", "string", "normalised for comparison: refanged, lower case"),
            ("tactic", "string", "kill-chain tactic"),
            ("technique", "string", "kill-chain technique"),
            ("procedure", "string", "kill-chain procedure"),
            ("note", "string", "comment in the source"),
            ("network", "string", "network the source names"),
            *_WHERE_FROM,
        ),
        _table(
            "readings",
            "one evidence file and what became of each of its records",
            "01-collection",
            ("evidence_id", "string", "evidence item"),
            ("file", "string", "original file name"),
            ("reader", "string", "the reader that understood it; document where none did"),
            ("format", "string", "format in words"),
            ("verified_format", "bool", "the reader was tested on real files of this format"),
            ("records", "int", "records in the file"),
            ("loaded", "int", "records that became rows"),
            ("duplicates", "int", "records already known"),
            ("rejected", "int", "records refused, each with its reason in rejects"),
            ("posts", "int", "post rows, embedded originals included"),
            ("accounts", "int", "distinct accounts"),
            ("first", "time", "earliest post", "UTC"),
            ("last", "time", "latest post", "UTC"),
            ("time_precision", "string", "coarsest precision in the file"),
        ),
        _table(
            "rejects",
            "one record that could not be read",
            "01-collection",
            ("evidence_id", "string", "evidence item"),
            ("source_line", "int", "line, row or item in that file, from 1"),
            ("reason", "string", "why it was refused"),
        ),
        _table(
            "notices",
            "one thing to know about a file, with how often it occurs",
            "01-collection",
            ("evidence_id", "string", "evidence item"),
            ("notice", "string", "what was noticed"),
            ("count", "int", "how many records"),
            ("first_line", "int", "first line where it occurs"),
        ),
        _table(
            "coverage",
            "one field of one evidence file: how much of it is there",
            "01-collection",
            ("evidence_id", "string", "evidence item"),
            ("table", "string", "table the field belongs to"),
            ("field", "string", "column"),
            ("rows", "int", "rows of that table from this file"),
            ("present", "int", "rows in which the field is filled"),
            ("share", "float", "present / rows", "0 to 1"),
        ),
        _table(
            "likenesses",
            "one pair of collected files that show or say the same",
            "01-collection",
            ("file", "string", "evidence item and file name"),
            ("other", "string", "evidence item and file name"),
            ("kind", "string", "image, video (scenes in common) or sound"),
            (
                "distance",
                "float",
                "perceptual hashes that differ, median over scenes",
                "bits of 64",
            ),
            ("correlation", "float", "of the blocks of the fitted pictures, median", "-1 to 1"),
            ("share", "float", "scenes of the shorter video that the other has", "0 to 1"),
            ("seconds", "float", "sound in common", "seconds"),
            ("mirrored", "bool", "left and right are exchanged"),
        ),
        _table(
            "statuses",
            "one dated observation of whether an account was still there",
            "01-collection",
            ("account", "string", "key of the account"),
            ("status", "string", "active, suspended, removed, deactivated or unknown"),
            ("seen_at", "time", "date of the observation", "UTC"),
            ("capture", "string", "how it was captured"),
            ("basis", "string", "post, snapshot or published source"),
            ("source_url", "string", "where, defanged"),
            ("evidence", "strings", "row references"),
        ),
        _table(
            "signals",
            "one signal for one account (and episode)",
            "02-persona-review",
            ("account", "string", "key of the account"),
            ("episode", "string", "owner period, where an account changed hands; else 'all'"),
            ("signal", "string", "id of the signal in the catalogue"),
            ("family", "string", "identity, behaviour, content, network, technical or context"),
            ("value", "float", "the measured value"),
            ("unit", "string", "unit of the value"),
            ("shown", "string", "shown, not shown or not assessable"),
            ("reason", "string", "what was seen, or why it cannot be assessed"),
            (
                "reference_rate",
                "float",
                "share of ordinary reference accounts that show it",
                "0 to 1",
            ),
            ("reference_low", "float", "lower end of the 95 % Jeffreys interval", "0 to 1"),
            ("reference_high", "float", "upper end of the 95 % Jeffreys interval", "0 to 1"),
            ("reference_n", "int", "reference accounts in which it could be assessed"),
            ("worst_stratum", "string", "look-alike stratum with the highest rate"),
            ("worst_rate", "float", "its rate", "0 to 1"),
            (
                "apart_from",
                "strings",
                "kinds of reference accounts from which it sets the group under review apart",
            ),
            ("alike", "strings", "kinds from which it does not"),
            (
                "figures",
                "strings",
                "in words: of the group, then of each kind, ordinary first, then by name",
            ),
            ("strength", "string", "weak, medium or strong"),
            ("basis", "string", "testable or reported"),
            ("counted", "bool", "false where the account was selected on this signal"),
            ("evidence", "strings", "row references"),
        ),
        _table(
            "verdicts",
            "one account under review and what the reviewers decided",
            "02-persona-review",
            ("account", "string", "key of the account"),
            ("verdict", "string", "authentic, undetermined, suspected or assessed inauthentic"),
            ("reviewers", "strings", "aliases of those who answered"),
            ("agreement", "string", "unanimous, split, single or none"),
            ("adjudicated", "bool", "settled after a disagreement"),
            (
                "real_person_check",
                "string",
                "done, missing, real person, hijacked or parody: named only where done",
            ),
            ("reasons", "strings", "their reasons"),
            ("evidence", "strings", "row references or evidence ids they cited"),
        ),
        _table(
            "line_ups",
            "one reviewer and what the reviewer said before the answers were locked",
            "02-persona-review",
            ("reviewer", "string", "alias"),
            ("locked", "bool", "the answers were locked; before that nothing counts here"),
            ("under_review", "int", "accounts under review that the reviewer answered on"),
            ("called", "int", "of these, called suspected or assessed inauthentic"),
            ("fillers", "int", "reference accounts that the reviewer answered on"),
            ("fillers_called", "int", "of these, called suspected or assessed inauthentic"),
            ("rate", "float", "false-alarm rate: share of fillers called", "0 to 1"),
            ("low", "float", "lower end of its 95 % Jeffreys interval", "0 to 1"),
            ("high", "float", "upper end of its 95 % Jeffreys interval", "0 to 1"),
            ("p", "float", "Fisher's exact test that fillers are called as often, one-sided"),
            ("tells_apart", "bool", "enough fillers, p at most 0.01, rate at most 0.2"),
            ("evidence", "strings", "row references or evidence ids the reviewer cited"),
        ),
        _table(
            "edges",
            "one pair of accounts that acted on the same objects, in one layer at one scale",
            "03-network-map",
            ("source", "string", "account that comes first by key"),
            ("target", "string", "the other account"),
            (
                "layer",
                "string",
                "kind of object: repost, link, text, hashtags, media, reply, mention",
            ),
            ("time_window", "float", "events closer than this count as one co-action", "seconds"),
            ("co_actions", "int", "event pairs within the window"),
            ("posts_source", "int", "distinct posts of source matched by the target"),
            ("posts_target", "int", "distinct posts of target matched by the source"),
            ("objects", "int", "distinct objects"),
            ("first", "time", "first co-action", "UTC"),
            ("last", "time", "last co-action", "UTC"),
            ("median_delay", "float", "median time between the two", "seconds"),
            ("lead", "float", "share in which source came first, ties one half", "0 to 1"),
            ("shared_cells", "int", "V: shared (object, time bucket) cells"),
            ("expected", "float", "shared cells expected by chance"),
            ("ln_p", "float", "natural log of the p-value bound"),
            ("scale", "float", "smallest scale at which the pair is significant", "seconds"),
            ("finding", "string", "synchrony, shared attention, by chance or not assessable"),
            (
                "surprise",
                "float",
                "S: sum over shared cells of ln(accounts / accounts in the cell)",
            ),
            ("both_shared", "int", "objects both shared at any time, at 30 minutes and below"),
            ("evidence", "strings", "row references of the posts, first 20"),
        ),
        _table(
            "clusters",
            "one account in one cluster",
            "03-network-map",
            ("cluster", "string", "C1, C2, ... by size"),
            ("account", "string", "key of the account"),
            ("role", "string", "seeder, amplifier, both or unclear"),
            ("label", "string", "coordinated, shared attention, or not robust"),
            ("first_share", "float", "share of its co-actions in which it came first", "0 to 1"),
            ("co_actions", "int", "co-actions inside the cluster"),
            ("degree", "int", "members it is tied to"),
            ("stability", "float", "mean Jaccard of its cluster over 20 seeds", "0 to 1"),
            ("robustness", "float", "share of the specifications that include it", "0 to 1"),
        ),
        _table(
            "groups",
            "one cluster, and what makes it act together or not",
            "03-network-map",
            ("cluster", "string", "C1, C2, ... by size"),
            ("label", "string", "coordinated, or shared attention"),
            ("basis", "string", "synchrony, timing, exclusive originals; else why it is not"),
            ("members", "int", "accounts in it"),
            ("personas", "int", "members under review"),
            ("known", "int", "members attributed earlier by others"),
            ("reference", "int", "members that are reference accounts"),
            (
                "synchrony_pairs",
                "int",
                "pairs in synchrony: within 30 minutes, more than taste explains",
            ),
            ("attention_pairs", "int", "pairs significant only above"),
            ("synchronous_members", "int", "members in a pair in synchrony"),
            ("timed_objects", "int", "objects the test of timing could use"),
            ("timing_z", "float", "standard deviations above chance", "sd"),
            ("timing_p", "float", "one-sided p-value of 500 draws"),
            ("timing_effect", "float", "median lag of members over that of the others"),
            ("timing_passed", "bool", "p at the false discovery rate, effect at most 0.7"),
            ("habit_objects", "int", "objects of at least two members"),
            ("habit_p", "float", "p of acting closer than the members' own habits give"),
            ("habit_effect", "float", "lag of member pairs over what their habits give"),
            ("habit_gap", "float", "lag between members that their habits give", "seconds"),
            ("habit_passed", "bool", "closer than that, or used to act within 30 minutes anyway"),
            ("exclusive_originals", "int", "originals that nobody else in the collection has"),
            ("alternation", "float", "share of pairs in which each side is often first", "0 to 1"),
            ("stability", "float", "mean Jaccard over 20 seeds", "0 to 1"),
            ("evidence", "strings", "row references of its synchronous pairs"),
        ),
        _table(
            "coded",
            "one post and one entry of the codebook whose terms it holds",
            "03b-narratives-and-reach",
            ("post", "string", "key of the post"),
            ("account", "string", "key of its author"),
            ("code", "string", "id of the entry in codebook.yaml"),
            ("kind", "string", "narrative or target"),
            ("words", "strings", "terms found, as the codebook writes them"),
            ("created_at", "time", "when it was posted", "UTC"),
            ("evidence", "strings", "row reference of the post"),
        ),
        _table(
            "distinctive_words",
            "one word, and how much more accounts under review use it than reference accounts",
            "03b-narratives-and-reach",
            ("word", "string", "the word, lower case"),
            ("log_odds", "float", "log-odds ratio, shrunk towards none; positive: under review"),
            ("z", "float", "log-odds over its standard error"),
            ("bar", "float", "z that the best of all words reaches in one of twenty random draws"),
            ("accounts", "int", "accounts under review that use it"),
            ("reference_accounts", "int", "reference accounts that use it"),
            ("posts", "int", "posts under review that hold it, near-duplicates once"),
            ("share", "float", "share of their posts, each account counting the same", "0 to 1"),
            ("reference_share", "float", "the same of the reference accounts", "0 to 1"),
            ("evidence", "strings", "row references of posts under review, first 20"),
        ),
        _table(
            "reuse",
            "one text, link or medium that two or more accounts under review posted",
            "03b-narratives-and-reach",
            ("object", "string", "fingerprint or normalised address"),
            ("layer", "string", "kind of object: text, link, media"),
            ("accounts", "int", "accounts under review; one handle on two platforms is one"),
            ("posts", "int", "their posts of it"),
            ("first", "time", "first of these posts", "UTC"),
            ("last", "time", "last of these posts", "UTC"),
            ("known", "int", "accounts attributed earlier by others that posted it too"),
            ("reference", "int", "reference accounts that posted it too"),
            ("others", "int", "other accounts of the collection that posted it too"),
            ("evidence", "strings", "row references of the posts under review, first 20"),
        ),
        _table(
            "engagement",
            "one account and one measure of the reactions to its posts",
            "03b-narratives-and-reach",
            ("account", "string", "key of the account"),
            ("platform", "string", "platform"),
            ("measure", "string", "reactions, or views"),
            ("counters", "strings", "the counters added up: those known on both sides"),
            ("group", "string", "under review, or matched: an ordinary account beside it"),
            (
                "stands_for",
                "string",
                "for a matched account, the one under review it is matched to",
            ),
            ("posts", "int", "own posts with all these counters"),
            ("unknown", "int", "own posts that lack one of them: left out, never taken for zero"),
            ("all_posts", "int", "posts in the collection: the activity it is matched on"),
            ("followers", "int", "followers, where known"),
            ("median", "float", "median per post; reactions seen from inside are taken off"),
            ("evidence", "strings", "row references of these posts, first 20"),
        ),
        _table(
            "register",
            "one evidence item with its grades",
            "04-attribution",
            ("evidence_id", "string", "evidence item"),
            ("title", "string", "what it is"),
            ("kind", "string", "technical, behavioural or contextual"),
            ("access", "string", "open, proprietary or classified"),
            ("basis", "string", "testable here, or reported only"),
            (
                "reliability",
                "string",
                "Admiralty letter of the source, A to F; empty is not graded",
            ),
            (
                "credibility",
                "string",
                "Admiralty digit of the information, 1 to 6; empty is not graded",
            ),
            ("origin_group", "string", "items that go back to one source share a group"),
            ("derives_from", "strings", "source ids it goes back to"),
            ("tlp", "string", "traffic-light label"),
            ("capture", "string", "how it was captured"),
            ("sha256", "string", "hash when collected; empty for a published source"),
            ("source_url", "string", "where it came from, defanged"),
        ),
        _table(
            "claims",
            "one sentence of the finding, checked",
            "04-attribution",
            ("claim", "string", "claim id"),
            ("kind", "string", "observation, assessment, forecast or intent"),
            ("text", "string", "the sentence"),
            ("rung", "int", "1 inauthentic, 2 coordinated, 3 linked, 4 directed"),
            ("likelihood", "string", "likelihood term"),
            ("confidence", "string", "low, moderate or high"),
            ("evidence", "strings", "evidence ids, row references or stored selections"),
            ("reasons", "strings", "of the confidence: assumptions, sourcing, argument"),
            ("counter_evidence", "string", "the strongest evidence against it"),
            ("would_change", "string", "what data not held here would change it"),
            ("violations", "strings", "rules it breaks; empty is sound"),
            ("cited", "string", "hash of the rows it cites, as they are now"),
        ),
    )
}

RECORD_TABLES = ("accounts", "snapshots", "posts", "media", "indicators")
READING_TABLES = ("readings", "rejects", "notices")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name closest to ``name``, or None.

    Examples
    --------
    >>> nearest("acount_id", ["account_id", "handle"])
    'account_id'
    """
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return close[0] if close else None


def table(name: str) -> Table:
    """Return the table called ``name``; an unknown name is an error that offers the nearest one."""
    if name in TABLES:
        return TABLES[name]
    hint = nearest(name, TABLES)
    raise TableError(
        f"there is no table called {name!r}",
        remedy=f"did you mean {hint!r}?" if hint else f"tables are: {', '.join(TABLES)}",
    )


def account_key(platform: str, account_id: str | None, handle: str | None) -> str | None:
    """Return the key of an account, or None where neither id nor handle is known.

    Examples
    --------
    >>> account_key("x", "007", "somebody")
    'x:007'
    >>> account_key("tiktok", None, "Some.Body")
    'tiktok:@some.body'
    """
    if account_id:
        return f"{platform}:{account_id}"
    return f"{platform}:@{handle.lower()}" if handle else None


def arrow_schema(name: str, *, synthetic: bool = False) -> pa.Schema:
    """Return the Arrow schema of a table, with its meaning in the metadata and no clock."""
    import pyarrow as pa

    kinds = {
        "string": pa.string(),
        "time": pa.timestamp("us", tz="UTC"),
        "int": pa.int64(),
        "float": pa.float64(),
        "bool": pa.bool_(),
        "strings": pa.list_(pa.string()),
    }
    described = table(name)
    marks = {"casebook.table": name, "casebook.schema_version": str(SCHEMA_VERSION)}
    if synthetic:
        marks["casebook.provenance"] = "synthetic"
    return pa.schema([pa.field(c.name, kinds[c.kind]) for c in described.columns], metadata=marks)


def to_frame(arrow: pa.Table) -> pd.DataFrame:
    """Return an Arrow table as a frame in which unknown counts stay whole numbers."""
    import pandas as pd
    import pyarrow as pa

    kinds = {
        pa.string(): pd.StringDtype(),
        pa.int64(): pd.Int64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
    }
    frame: pd.DataFrame = arrow.to_pandas(types_mapper=kinds.get)
    return frame


_DTYPES = {
    "string": "string",
    "time": "datetime64[us, UTC]",
    "int": "Int64",
    "float": "float64",
    "bool": "boolean",
    "strings": "object",
}


def empty(name: str) -> pd.DataFrame:
    """Return the table with its columns, their types and no rows."""
    import pandas as pd

    return pd.DataFrame({c.name: pd.Series([], dtype=_DTYPES[c.kind]) for c in table(name).columns})


def check(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with exactly the columns and types of the table ``name``.

    Missing columns are filled with unknowns; an unknown column, or a value that does not fit its
    type, is an error. Ids that are numbers are refused: an id is a string, always.

    Raises
    ------
    TableError
        With the column, and the nearest known one.
    """
    import pandas as pd

    described = table(name)
    for given in frame.columns:
        if given not in described.names:
            hint = nearest(str(given), described.names)
            raise TableError(
                f"table {name!r} has no column {str(given)!r}",
                remedy=f"did you mean {hint!r}?" if hint else "see casebook/schema.py",
            )
    out = {}
    for column in described.columns:
        if column.name not in frame.columns:
            out[column.name] = _unknown(column.kind, frame.index)
            continue
        values = frame[column.name]
        try:
            out[column.name] = _cast(values, column)
        except (TypeError, ValueError) as error:
            raise TableError(
                f"column {column.name!r} of table {name!r} does not hold {column.kind} values: "
                f"{error}",
                remedy=f"it means: {column.meaning}",
            ) from None
    whole = pd.DataFrame(out, columns=list(described.names), copy=False)
    whole.index = pd.RangeIndex(len(whole))
    return whole


def _unknown(kind: Kind, index: pd.Index) -> pd.Series:
    import pandas as pd

    if kind == "strings":
        none: list[str] = []
        return pd.Series([none] * len(index), index=index, dtype="object")
    blank = pd.Series([None], dtype=_DTYPES[kind]).array
    return pd.Series(blank.repeat(len(index)), index=index)


def _cast(values: pd.Series, column: Column) -> pd.Series:
    import pandas as pd

    if column.kind == "strings":
        return pd.Series([_strings(v) for v in values], index=values.index, dtype="object")
    if column.kind == "string":
        if pd.api.types.is_numeric_dtype(values) and len(values) and not values.isna().all():
            raise TypeError("numbers found where text is expected; ids are never numbers")
        return values.astype("string")
    if column.kind == "time":
        return pd.to_datetime(values, utc=True).astype("datetime64[us, UTC]")
    return values.astype(_DTYPES[column.kind])  # type: ignore[call-overload,no-any-return]


def _strings(value: object) -> list[str]:
    if value is None or isinstance(value, float) or value is _na():
        return []
    if isinstance(value, str):
        raise TypeError("a list of strings is expected, not one string")
    return [str(v) for v in value]  # type: ignore[attr-defined]


def _na() -> object:
    import pandas as pd

    return pd.NA


def require(frame: pd.DataFrame, columns: Iterable[str], *, by: str, name: str = "table") -> None:
    """Raise TableError where ``frame`` lacks a column that the function ``by`` needs."""
    for column in columns:
        if column not in frame.columns:
            hint = nearest(column, [str(c) for c in frame.columns])
            raise TableError(
                f"{name} has no column {column!r} (needed by {by})",
                remedy=f"did you mean {hint!r}?" if hint else None,
            )


def data_dictionary() -> str:
    """Return the data dictionary in Markdown, one section a table."""
    parts = []
    for described in TABLES.values():
        parts.append(
            f"### {described.name}\n\nA row is {described.row}. Made by `{described.made_by}`.\n"
        )
        parts.append("| column | kind | meaning | unit |\n|---|---|---|---|")
        parts += [f"| `{c.name}` | {c.kind} | {c.meaning} | {c.unit} |" for c in described.columns]
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


DICTIONARY_HEAD = """\
# Data dictionary

Every table of a case, from `casebook/schema.py`. Tables are Parquet files in `tables/` of the case;
they are derived, and can be deleted at any time. Times are UTC. An empty count is unknown, not
zero. A row reference such as `E0003:41` is an evidence id and the line, row or item in that file.

"""

if __name__ == "__main__":
    print(DICTIONARY_HEAD + data_dictionary(), end="")
