"""X as its website shows it: Zeeschuimer exports and raw GraphQL responses.

``zeeschuimer-x`` reads the NDJSON of the Zeeschuimer browser extension, one post a line, also as
4CAT exports it again. ``x-graphql`` reads a response saved from the browser or by a tool: a
timeline, a search, a conversation, a list of followers, a profile, "About this account".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from casebook.errors import ReaderError
from casebook.readers.base import Record
from casebook.readers.x_common import (
    InexactId,
    ProfileMemory,
    Reading,
    RefusedRecord,
    epoch_ms,
    json_lines,
    object_of,
    parsed_exactly,
    snippet,
    text_of,
    whole_document,
)
from casebook.readers.x_objects import (
    N_PROMOTED,
    handle_of,
    tweet_rows,
    user_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casebook.readers.base import Head, Row, Source
    from casebook.readers.x_common import Line

N_SUGGESTED = "a profile suggested by the platform beside the timeline: a bystander here"
N_MISSING_PART = "the platform reported an error: part of the answer may be missing"
N_LIMITED = "the platform limits this post and showed it in a wrapper"

X_PLATFORMS = frozenset({"twitter.com", "x.com", "twitter", "twitter-comments"})
"""What Zeeschuimer calls X, by version: the name did not follow the site."""

_PLATFORM_NAMES = {
    "tiktok.com": "TikTok",
    "tiktok-comments": "TikTok comments",
    "instagram.com": "Instagram",
    "threads.net": "Threads",
    "facebook.com": "Facebook",
    "linkedin.com": "LinkedIn",
    "douyin.com": "Douyin",
    "xiaohongshu.com": "RedNote",
    "gab.com": "Gab",
    "truthsocial.com": "Truth Social",
    "pinterest.com": "Pinterest",
    "imgur.com": "Imgur",
    "9gag.com": "9GAG",
    "bilibili.com": "Bilibili",
    "parler.com": "Parler",
}

_ENVELOPE = re.compile(rb'"source_platform"\s*:\s*"')
_STAMP = re.compile(rb'"(?:timestamp_collected|nav_index|item_id)"\s*:|"__import_meta"')


class ZeeschuimerX:
    """Zeeschuimer NDJSON of X: an envelope a line, the post in ``data``."""

    name = "zeeschuimer-x"
    format = "Zeeschuimer NDJSON, X (Twitter)"
    version = 1
    verified = True

    def recognises(self, head: Head) -> bool:
        """Tell whether the lines carry Zeeschuimer's envelope, whatever the platform."""
        start = head.start.removeprefix(b"\xef\xbb\xbf").lstrip(b"\0 \t\r\n")
        if not start.startswith(b"{"):
            return False
        if _ENVELOPE.search(start) and _STAMP.search(start):
            return True
        # 4CAT puts the envelope at the end of the line, which may be beyond the head
        longer = snippet(head.path)
        return bool(_ENVELOPE.search(longer) and _STAMP.search(longer))

    def read(self, source: Source) -> Iterator[Record]:
        """Yield a record for each line.

        Raises
        ------
        ReaderError
            Where no line is a record, or the export is of another platform.
        """
        reading = Reading()
        reached = False
        lines = json_lines(
            source,
            is_ours=lambda found: _envelope(found) is not None,
            what="a Zeeschuimer record",
            remedy="export it again (.ndjson) from the browser extension and collect that file",
        )
        for line in lines:
            if line.refused is not None:
                yield line.refused
                continue
            platform = (_envelope(line.found) or {}).get("source_platform")
            if platform in X_PLATFORMS:
                reached = True
                yield _line_record(line, reading)
            elif reached:
                yield Record(line.number, rejected=f"a record of {_named(platform)}, not of X")
            else:
                raise _wrong_platform(platform, source, line.number)


def _line_record(line: Line, reading: Reading) -> Record:
    try:
        rows = _line_rows(line.found, reading)
    except InexactId:
        # the rows of this try are lost, so what it remembered as told has to be told again
        reading.memory = ProfileMemory()
        return _exact_record(line, reading)
    except RefusedRecord as refused:
        return Record(line.number, (), str(refused), line.mended)
    return Record(line.number, rows, None, (*line.mended, *reading.notices()))


def _exact_record(line: Line, reading: Reading) -> Record:
    try:
        exact = parsed_exactly(line.raw)
    except RefusedRecord as refused:
        return Record(line.number, (), str(refused), line.mended)
    return _line_record(line._replace(found=exact), reading)


def _line_rows(item: dict[str, Any], reading: Reading) -> tuple[Row, ...]:
    envelope = _envelope(item) or {}
    reading.at(None)
    reading.collected_at = epoch_ms(envelope.get("timestamp_collected"), reading.notes)
    post = item["data"] if envelope is item else item
    return tweet_rows(post, reading, item_id=text_of(envelope.get("item_id")))


def _envelope(item: Any) -> dict[str, Any] | None:
    """Return what the extension wrote around the post; 4CAT moves it inside."""
    line = object_of(item)
    if "source_platform" in line and type(line.get("data")) is dict:
        return line
    again = object_of(line.get("__import_meta"))
    return again if "source_platform" in again else None


def _named(platform: Any) -> str:
    words = text_of(platform) or "an unnamed platform"
    return _PLATFORM_NAMES.get(words, words[:60])


def _wrong_platform(platform: Any, source: Source, line: int) -> ReaderError:
    return ReaderError(
        f"this is a Zeeschuimer export of {_named(platform)}; only those of X are read directly",
        where=f"{source.name}, line {line}",
        remedy="import it in 4CAT, export it there as CSV, and collect the CSV",
    )


class XGraphQL:
    """One raw response of X's web interface, as JSON."""

    name = "x-graphql"
    format = "X web response (GraphQL JSON)"
    version = 1
    verified = True

    def recognises(self, head: Head) -> bool:
        """Tell whether the document is an answer of X's interface, by the names it uses."""
        start = head.start.removeprefix(b"\xef\xbb\xbf").lstrip()
        if not start.startswith((b"{", b"[")):
            return False
        longer = snippet(head.path) or head.start
        return bool(
            re.search(rb'"data"\s*:\s*\{', longer)
            and re.search(rb'"(?:__typename|instructions)"\s*:', longer)
            and re.search(
                rb'"(?:rest_id|tweet_results|user_results|user_result_by_screen_name'
                rb'|tweetResult|TimelineAddEntries|threaded_conversation_with_injections_v2)"'
                rb'|"User(?:Unavailable)?"|"Tweet(?:Tombstone|Unavailable)"',
                longer,
            )
            and not (_ENVELOPE.search(longer) and _STAMP.search(longer))
        )

    def read(self, source: Source) -> Iterator[Record]:
        """Yield a record for each post or profile entry, numbered in the order of the document.

        Raises
        ------
        ReaderError
            Where the file does not parse, or is no answer that could hold posts or profiles.
        """
        document, mended = whole_document(source)
        try:
            records = list(_document_records(document, mended))
        except InexactId:
            document = _exact_document(source)
            records = list(_document_records(document, mended))
        if not records and not _has_timeline(document):
            raise ReaderError(
                "the response holds neither posts nor profiles"
                f" (it answers: {_answered(document)})",
                where=f"{source.name}, line 1",
                remedy="save a timeline, search, conversation, follower or profile response",
            )
        yield from records


def _exact_document(source: Source) -> Any:
    try:
        return parsed_exactly(source.path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except RefusedRecord as refused:
        raise ReaderError(
            f"an id is a rounded number, and the file is {refused}",
            where=f"{source.name}, line 1",
            remedy="save the response again as the site sends it, and collect that file",
        ) from None


class _Entry(NamedTuple):
    """One post or user found in a response."""

    kind: str
    result: dict[str, Any]
    entry_id: str = ""
    seen_as: str = "author"
    promoted: bool = False


def _document_records(document: Any, mended: tuple[str, ...]) -> Iterator[Record]:
    reading = Reading()
    first = list(mended)
    if type(document) is dict and document.get("errors"):
        first.append(N_MISSING_PART)
    for number, entry in enumerate(_entries(document), 1):
        reading.at(None)
        try:
            rows = _entry_rows(entry, reading)
        except RefusedRecord as refused:
            yield Record(number, (), str(refused), tuple(first))
        else:
            yield Record(number, rows, None, (*first, *reading.notices()))
        first = []


def _entry_rows(entry: _Entry, reading: Reading) -> tuple[Row, ...]:
    if entry.kind == "other":
        raise RefusedRecord(f"an entry of another kind: {entry.entry_id[:60]}")
    if entry.kind == "user":
        return _profile_rows(entry, reading)
    if entry.result.get("__typename") == "TweetWithVisibilityResults":
        reading.notes.append(N_LIMITED)
    return tweet_rows(entry.result, reading, entry_id=entry.entry_id, promoted=entry.promoted)


def _profile_rows(entry: _Entry, reading: Reading) -> tuple[Row, ...]:
    user = entry.result
    if user.get("__typename") == "UserUnavailable" or not (user.get("rest_id") or handle_of(user)):
        said = text_of(user.get("message")) or text_of(user.get("reason")) or "no reason given"
        raise RefusedRecord(f"the platform does not show a profile: {said[:200]}")
    if entry.seen_as == "mentioned":
        reading.notes.append(N_PROMOTED if entry.promoted else N_SUGGESTED)
    return tuple(user_rows(user, reading, seen_as=entry.seen_as, always=True))


def _entries(document: Any) -> Iterator[_Entry]:
    """Yield posts and users of a response in document order, wherever X puts them.

    The walk keeps its own stack: evidence may be nested deeper than Python allows to recurse.
    Users inside a module of a timeline were put there by the platform ("who to follow").
    """
    stack: list[tuple[Any, str, bool]] = [(document, "", False)]
    while stack:
        node, entry_id, module = stack.pop()
        if type(node) is list:
            stack.extend((child, entry_id, module) for child in reversed(node))
            continue
        if type(node) is not dict:
            continue
        named = node.get("entryId")
        entry_id = named if type(named) is str else entry_id
        module = module or node.get("entryType") == "TimelineTimelineModule"
        item_type = node.get("itemType")
        if type(item_type) is str:
            yield from _timeline_item(node, item_type, entry_id, module=module)
            continue
        kind = _KINDS.get(node["__typename"]) if type(node.get("__typename")) is str else None
        if kind == "tweet":
            yield _Entry("tweet", node, entry_id)
            continue
        if kind == "user":
            if node.get("rest_id") or node.get("__typename") == "UserUnavailable":
                yield _Entry("user", node, entry_id, "profile")
            # a profile page nests its timeline in the user; other parts hold no entries
            children = {k: v for k, v in node.items() if k.startswith("timeline")}
        else:
            children = node
        stack.extend(
            (child, entry_id, module or key == "moduleItems")
            for key, child in reversed(children.items())
        )


_KINDS = {
    "Tweet": "tweet",
    "TweetWithVisibilityResults": "tweet",
    "TweetTombstone": "tweet",
    "TweetUnavailable": "tweet",
    "User": "user",
    "UserUnavailable": "user",
}


def _timeline_item(
    node: dict[str, Any], item_type: str, entry_id: str, *, module: bool
) -> Iterator[_Entry]:
    promoted = "promotedMetadata" in node
    if "tweet_results" in node:
        result = object_of(object_of(node["tweet_results"]).get("result"))
        yield _Entry("tweet", result, entry_id, promoted=promoted)
    elif "user_results" in node:
        result = object_of(object_of(node["user_results"]).get("result"))
        aside = module or promoted
        yield _Entry("user", result, entry_id, "mentioned" if aside else "listed", promoted)
    elif "Tombstone" in item_type:
        words = object_of(node.get("tombstoneInfo"))
        text = text_of(object_of(words.get("richText")).get("text")) or text_of(words.get("text"))
        yield _Entry("tweet", {"tombstone": {"text": {"text": text}}}, entry_id)
    elif not _FURNITURE.search(item_type):
        yield _Entry("other", {}, item_type)


_FURNITURE = re.compile(r"Cursor|Prompt|Label|Spelling|Facepile")
"""Parts of the page that carry no evidence: how to scroll on, hints, headings."""


def _has_timeline(document: Any) -> bool:
    stack = [document]
    while stack:
        node = stack.pop()
        if type(node) is dict:
            if "instructions" in node:
                return True
            stack.extend(node.values())
        elif type(node) is list:
            stack.extend(node)
    return False


def _answered(document: Any) -> str:
    names = sorted(object_of(object_of(document).get("data")))
    return ", ".join(names)[:120] or "nothing"


READER = ZeeschuimerX()
READER_GRAPHQL = XGraphQL()
READERS = (READER, READER_GRAPHQL)
