"""X API v2, as twarc2 and academictwitteR wrote it.

Three layouts carry the same objects: pages (``data`` with ``includes``), one flattened post a
line, and split files (``data_*.json`` with the posts, ``users_*.json`` with what they refer to).
All become posts with a table of what they refer to, and go one way from there.

A record is a post. Since one line may hold a page of a hundred, records are numbered as items of
the file; in the flat layout that is the line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casebook.errors import ReaderError
from casebook.readers.base import Record, Source
from casebook.readers.x_common import (
    N_WITHHELD,
    PLATFORM,
    InexactId,
    Line,
    ProfileMemory,
    Reading,
    RefusedRecord,
    account_time,
    best_video,
    client_of,
    count_of,
    distinct,
    edit_time,
    flag_of,
    id_of,
    is_cut,
    json_lines,
    key_of,
    list_of,
    media_rows,
    object_of,
    parsed,
    parsed_exactly,
    plain,
    post_address,
    post_time,
    repost_parts,
    snippet,
    text_of,
    time_of,
    whole_document,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casebook.readers.base import Head, Row

N_NO_INCLUDES = "the users these posts refer to are not here (users_*.json): ids only, no profiles"
N_NO_AUTHOR = "the author's profile is missing: only the id is known"
N_NO_ACCOUNT = "the author's id was not asked for: the post belongs to no account"
N_NO_ORIGINAL = "the original of a repost is not in the file"
N_NO_QUOTED = "the quoted post is not in the file"
N_ERROR = "the platform left out a {}: {}"
N_ALONE = "a users_ file without its data_ file: who wrote and who was mentioned is not known"

_DEEPEST = 3
_OWN_MEDIA = re.compile(r"^https?://(?:x|twitter)\.com/\w+/status/\d+/(?:photo|video)/\d+$")

KNOWN_USER = frozenset(
    """
    affiliation connection_status created_at description entities id is_identity_verified location
    most_recent_tweet_id name parody pinned_tweet_id profile_banner_url profile_image_url protected
    public_metrics receives_your_dm subscription subscription_type url username verified
    verified_followers_count verified_type withheld start end
    """.split()  # noqa: SIM905 - one name a line would bury the code
)
KNOWN_POST = frozenset(
    """
    __twarc article attachments author author_id card_uri community_id context_annotations
    conversation_id created_at display_text_range edit_controls edit_history_tweet_ids entities geo
    id in_reply_to_user in_reply_to_user_id lang media_metadata note_tweet non_public_metrics
    organic_metrics possibly_sensitive promoted_metrics public_metrics referenced_tweets
    reply_settings scopes source suggested_source_links text type withheld matching_rules
    """.split()  # noqa: SIM905 - one name a line would bury the code
)

_HOLDS = {
    "counts": "numbers of posts over time (a counts file)",
    "compliance": "a compliance list: which ids were deleted or suspended",
    "lists": "lists of accounts (names of lists, no members)",
    "users": "profiles of users",
    "rules": "the rules of a stream",
    "messages": "direct messages",
    "spaces": "audio spaces",
}
"""What files of the same make hold that are no posts, in words."""

_REMEDY = "collect the file with the posts; as it is, this one can be kept as a document"


@dataclass
class _Includes:
    """What posts refer to, by id; media by key."""

    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    media: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, includes: dict[str, Any]) -> None:
        """Add an ``includes`` object, or a whole users_ file, which is one."""
        for kind, field_name, found in (
            ("users", "id", self.users),
            ("tweets", "id", self.posts),
            ("media", "media_key", self.media),
        ):
            for one in list_of(includes.get(kind)):
                key = id_of(one.get(field_name))
                if key:
                    found.setdefault(key, one)

    def __bool__(self) -> bool:
        return bool(self.users or self.posts or self.media)


def kind_of(item: Any) -> str:
    """Return what an object of the API is: posts, users, counts, compliance, lists or unknown."""
    if type(item) is not dict:
        return "unknown"
    for kind, fields, unless in _KINDS:
        if all(f in item for f in fields) and not any(f in item for f in unless):
            return kind
    return "unknown"


_KINDS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("counts", ("tweet_count", "start"), ()),
    ("compliance", ("id", "action"), ("text",)),
    # id_str and full_text are of the older API, event_type of direct messages
    ("posts", ("id", "text"), ("id_str", "full_text", "event_type", "screen_name")),
    ("messages", ("id", "event_type"), ()),
    ("users", ("id", "username"), ()),
    ("lists", ("id", "name"), ("username",)),
    ("rules", ("id", "value"), ("name",)),
    ("spaces", ("id", "state"), ("name",)),
)


def _items(document: Any) -> list[dict[str, Any]]:
    """Return the objects a document is about: of a page, a list, or the document itself."""
    if type(document) is list:
        return list_of(document)
    page = object_of(document)
    if "data" in page:
        content = page["data"]
        return [content] if type(content) is dict else list_of(content)
    return [page] if kind_of(page) != "unknown" else []


def _is_includes(document: Any) -> bool:
    page = object_of(document)
    users = list_of(page.get("users"))
    return "data" not in page and bool(users) and kind_of(users[0]) == "users"


def _is_page(document: Any) -> bool:
    """Tell whether the document is of the API at all, whatever it holds."""
    if _is_includes(document):
        return True
    items = _items(document)
    if items:
        return kind_of(items[0]) != "unknown"
    page = object_of(document)
    return "__twarc" in page or "errors" in page or "meta" in page


class XApi2:
    """Posts of the X API v2, in pages, flattened, or split in two files."""

    name = "x-api2"
    format = "X API v2 JSON (twarc2, academictwitteR)"
    version = 1
    verified = True

    def recognises(self, head: Head) -> bool:
        """Tell whether the first object is one of API v2, posts or not.

        Counts, lists and compliance files are recognised as well, so that `read` can say what
        they are.
        """
        start = head.start.removeprefix(b"\xef\xbb\xbf").lstrip(b"\0 \t\r\n")
        if not start.startswith((b"{", b"[")):
            return False
        longer = snippet(head.path) or head.start
        if b'"__typename"' in longer or b'"source_platform"' in longer or b'"id_str"' in longer:
            return False
        for raw in longer.lstrip(b"\0 \t\r\n").splitlines()[:5]:
            try:
                document, _ = parsed(raw)
            except RefusedRecord:
                continue
            return _is_distinctive(document)
        # the first object is longer than what was looked at, or spread over lines
        return _SIGNS.search(longer) is not None and b'"text"' in longer

    def read(self, source: Source) -> Iterator[Record]:
        """Yield a record for each post, in order; refused lines and missing posts are records too.

        Raises
        ------
        ReaderError
            Where nothing parses, or the file is of this make and holds no posts.
        """
        posts = _Posts(source, _companions(source))
        for line in _documents(source):
            yield from posts.records(line)


READER = XApi2()
READERS = (READER,)

_SIGNS = re.compile(
    rb'"(?:__twarc|public_metrics|edit_history_tweet_ids|conversation_id|author_id)"\s*:'
)


def _is_distinctive(document: Any) -> bool:
    """Tell whether a document could be nothing but API v2: ``id`` and ``text`` alone are common."""
    if _is_includes(document) or "__twarc" in object_of(document):
        return True
    items = _items(document)
    if not items:
        return False
    first, kind = items[0], kind_of(items[0])
    paged = type(document) is dict and "data" in document
    if kind == "posts":
        return paged or not {"author_id", "public_metrics", "edit_history_tweet_ids"}.isdisjoint(
            first
        )
    if kind == "users":
        return paged or "public_metrics" in first
    if kind == "compliance":
        return "created_at" in first and ("redacted_at" in first or "reason" in first)
    return kind == "counts" or (paged and kind in _HOLDS and "meta" in document)


# documents -----------------------------------------------------------------------------------


def _documents(source: Source) -> Iterator[Line]:
    """Yield the documents of the file: its lines, or the file itself where it is indented."""
    start = snippet(source.path, 4096).lstrip(b"\0 \t\r\n")
    if start.split(b"\n", 1)[0].strip() not in {b"{", b"["}:
        yield from json_lines(source, is_ours=_is_page, what=_WHAT, remedy=_WHOLE_FILE)
        return
    document, mended = whole_document(source)
    if not _is_page(document):
        raise ReaderError(
            f"the document is not {_WHAT}", where=f"{source.name}, line 1", remedy=_WHOLE_FILE
        )
    raw = source.path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    yield Line(1, raw, document, mended)


_WHAT = "a page or post of X API v2"
_WHOLE_FILE = "collect the file as the tool wrote it (.jsonl, or data_*.json)"


def _companions(source: Source) -> _Includes:
    """Return what the users_ files beside a data_ file hold."""
    found = _Includes()
    for path in source.companions:
        beside = Source(path=path, name=path.name)
        document, _ = whole_document(beside)
        if not _is_includes(document):
            raise ReaderError(
                "the file collected beside the posts lists no users",
                where=f"{path.name}, line 1",
                remedy="collect data_*.json together with the users_*.json of the same number",
            )
        try:
            found.add(document)
        except InexactId:
            found.add(parsed_exactly(path.read_bytes().removeprefix(b"\xef\xbb\xbf")))
    return found


@dataclass
class _Page:
    """A document taken apart: its posts, what they refer to, what the platform left out."""

    items: list[dict[str, Any]]
    includes: _Includes
    collected_at: Any = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    flat: bool = False
    first: bool = True

    def bystanders(self) -> list[dict[str, Any]]:
        """Return the users who neither wrote a post here nor one that was referred to."""
        wrote = {id_of(p.get("author_id")) for p in self.items}
        wrote |= {id_of(p.get("author_id")) for p in self.includes.posts.values()}
        return [u for key, u in self.includes.users.items() if key not in wrote]


def _page_of(document: Any, companions: _Includes) -> _Page:
    page = object_of(document)
    items = _items(document)
    flat = bool(page) and "data" not in page and bool(items)
    includes = _Includes()
    if flat:
        _add_inline(items[0], includes, depth=0)
    else:
        includes.add(object_of(page.get("includes")))
        if type(document) is list and companions:
            includes = companions
    retrieved = object_of(page.get("__twarc")).get("retrieved_at")
    return _Page(items, includes, retrieved, list_of(page.get("errors")), flat)


def _add_inline(post: dict[str, Any], includes: _Includes, *, depth: int) -> None:
    """Collect what flattening wrote into a post: authors, mentioned users, media, originals."""
    people = [object_of(post.get("author")), object_of(post.get("in_reply_to_user"))]
    people += [
        {k: v for k, v in mention.items() if k not in {"start", "end"}}
        for mention in list_of(object_of(post.get("entities")).get("mentions"))
        if "name" in mention
    ]
    referred = [r for r in list_of(post.get("referenced_tweets")) if "text" in r]
    media = object_of(post.get("attachments")).get("media")
    includes.add({"users": [p for p in people if p], "tweets": referred, "media": media})
    if depth < _DEEPEST:
        for original in referred:
            _add_inline(original, includes, depth=depth + 1)


class _Posts:
    """The records of one file, numbered as items."""

    def __init__(self, source: Source, companions: _Includes) -> None:
        self._source = source
        self._companions = companions
        self._reading = Reading()
        self._item = 0
        self._last_line = 0
        self._reached = False

    def records(self, line: Line) -> Iterator[Record]:
        """Yield the records of one line."""
        # blank lines count, so that in the flat layout an item is its line
        self._item += line.number - self._last_line - 1
        self._last_line = line.number
        if line.refused is not None:
            reason = f"line {line.number}: {line.refused.rejected}"
            yield self._numbered((), reason, line.refused.notices)
            return
        if _is_includes(line.found):
            yield from self._users_alone(line)
            return
        self._check_kind(line)
        try:
            page = _page_of(line.found, self._companions)
        except InexactId:
            page = self._exact_page(line)
        yield from self._page_records(page, line)

    def _numbered(
        self, rows: tuple[Row, ...], rejected: str | None, notices: Iterable[str]
    ) -> Record:
        self._item += 1
        return Record(self._item, rows, rejected, tuple(notices))

    def _check_kind(self, line: Line) -> None:
        """Refuse the file by what it holds, where that is known and no post has come yet."""
        items = _items(line.found)
        kind = kind_of(items[0]) if items else "posts"
        if kind != "posts" and not self._reached:
            raise ReaderError(
                f"this X API v2 file holds {_HOLDS.get(kind, 'objects of an unknown kind')},"
                " and no posts",
                where=f"{self._source.name}, line {line.number}",
                remedy=_REMEDY,
            )
        self._reached = True

    def _exact_page(self, line: Line) -> _Page:
        """Return the page parsed exactly; what was told so far is told again, which is safe."""
        self._reading.memory = ProfileMemory()
        return _page_of(parsed_exactly(line.raw), self._companions)

    def _page_records(self, page: _Page, line: Line) -> Iterator[Record]:
        notices: list[str] = list(line.mended)
        if page.items and not page.includes:
            notices.append(N_NO_INCLUDES)
        missing = []
        for error in page.errors:
            if error.get("resource_type") == "tweet" and error.get("parameter") in {"id", "ids"}:
                missing.append(error)
            else:
                notices.append(_error_notice(error))
        for index in range(len(page.items)):
            try:
                rows, rejected = self._post_rows(page, index)
            except InexactId:
                page = self._exact_page(line)
                rows, rejected = self._post_rows(page, index)
            yield self._numbered(rows, rejected, (*notices, *self._reading.notices()))
            notices = []
        for error in missing:
            which, why = _short(error.get("resource_id")), _short(error.get("title"))
            reason = f"the platform did not give post {which}: {why}"
            yield self._numbered((), reason, notices)
            notices = []

    def _post_rows(self, page: _Page, index: int) -> tuple[tuple[Row, ...], str | None]:
        reading, item = self._reading, page.items[index]
        reading.at(None)
        reading.collected_at = time_of(page.collected_at, reading.notes)
        kind = kind_of(item)
        if kind != "posts":
            return (), f"no post: {_HOLDS.get(kind, 'an object of an unknown kind')}"
        post_id = id_of(item.get("id"))
        if post_id is None:
            return (), "no post id found"
        rows: list[Row] = []
        _add_post(item, post_id, page.includes, reading, rows=rows, seen_as="author")
        if page.first:
            page.first = False
            for user in page.bystanders():
                rows.extend(_user_rows(user, reading, seen_as="mentioned"))
        return tuple(rows), None

    def _users_alone(self, line: Line) -> Iterator[Record]:
        """Yield the users of a users_ file, then the posts that others referred to.

        Authors, people they answered and people they mentioned stand in one list here, so all are
        taken as mentioned: the role given to the file must not fall on bystanders. Where the
        data_ file is in the case, it says who wrote.
        """
        self._reached = True
        document, reading = line.found, self._reading
        includes = _Includes()
        try:
            includes.add(document)
        except InexactId:
            document = parsed_exactly(line.raw)
            includes = _Includes()
            includes.add(document)
        notices = [*line.mended, N_ALONE]
        for user in list_of(object_of(document).get("users")):
            reading.at(None)
            rows = tuple(_user_rows(user, reading, seen_as="mentioned", always=True))
            refused = None if rows else "a user without id and name"
            yield self._numbered(rows, refused, (*notices, *reading.notices()))
            notices = []
        for post in list_of(object_of(document).get("tweets")):
            reading.at(None)
            found: list[Row] = []
            post_id = id_of(post.get("id"))
            if post_id:
                _add_post(
                    post, post_id, includes, reading, rows=found, seen_as="mentioned", depth=1
                )
            refused = None if found else "no post id found"
            yield self._numbered(tuple(found), refused, reading.notices())


def _error_notice(error: dict[str, Any]) -> str:
    kind = _short(error.get("resource_type") or error.get("section"))
    title = _short(error.get("title"))
    if "suspended" in (text_of(error.get("detail")) or ""):
        title += " (suspended)"
    return N_ERROR.format(kind, title)


def _short(value: Any) -> str:
    return str(value)[:60] if type(value) in (str, int) else "of an unnamed kind"


# users ---------------------------------------------------------------------------------------


def _user_rows(
    user: dict[str, Any], reading: Reading, *, seen_as: str, always: bool = False
) -> Iterator[Row]:
    notes = reading.notes
    account_id, handle = id_of(user.get("id")), text_of(user.get("username"))
    account = key_of(account_id, handle)
    if account is None:
        return
    if reading.memory.is_known(account, seen_as, user, reading.collected_at) and not always:
        return
    reading.notice_unknown("user", user.keys() - KNOWN_USER)
    counts = object_of(user.get("public_metrics"))
    common: dict[str, Any] = {
        "account": account,
        "platform": PLATFORM,
        "account_id": account_id,
        "handle": handle,
        "display_name": text_of(user.get("name")),
        "bio": text_of(user.get("description")),
        "location": text_of(user.get("location")),
        "website": _website(user),
        "followers": count_of(counts.get("followers_count"), notes),
        "following": count_of(counts.get("following_count"), notes),
        "posts": count_of(counts.get("tweet_count"), notes),
        "avatar_url": text_of(user.get("profile_image_url")),
    }
    kind = text_of(user.get("verified_type"))
    banner = text_of(user.get("profile_banner_url"))
    yield (
        "accounts",
        {
            **common,
            **account_time(account_id, time_of(user.get("created_at"), notes)),
            "banner_url": banner,
            "verified": flag_of(user.get("verified")),
            "verified_type": kind if kind != "none" else None,
            "seen_as": seen_as,
            "collected_at": reading.collected_at,
        },
    )
    if seen_as != "author" and not always:
        return
    yield (
        "snapshots",
        {
            **common,
            "captured_at": reading.collected_at,
            "captured_precision": "second",
            "capture": "platform export",
            "status": "active",
        },
    )
    pictures = (("avatar", common["avatar_url"]), ("banner", banner))
    if seen_as == "author":
        yield from media_rows([(k, u) for k, u in pictures if u], account, None)


def _website(user: dict[str, Any]) -> str | None:
    for link in list_of(object_of(object_of(user.get("entities")).get("url")).get("urls")):
        expanded = text_of(link.get("expanded_url"))
        if expanded:
            return expanded
    return text_of(user.get("url"))


def _author_rows(
    account_id: str | None, includes: _Includes, reading: Reading, seen_as: str
) -> Iterator[Row]:
    user = includes.users.get(account_id) if account_id else None
    if user is not None:
        yield from _user_rows(user, reading, seen_as=seen_as)
    elif account_id is None:
        reading.notes.append(N_NO_ACCOUNT)
    else:
        reading.notes.append(N_NO_AUTHOR)
        yield (
            "accounts",
            {
                "account": key_of(account_id, None),
                "platform": PLATFORM,
                "account_id": account_id,
                **account_time(account_id, None),
                "seen_as": seen_as,
                "collected_at": reading.collected_at,
            },
        )


# posts ---------------------------------------------------------------------------------------


def _add_post(
    post: dict[str, Any],
    post_id: str,
    includes: _Includes,
    reading: Reading,
    *,
    rows: list[Row],
    seen_as: str,
    depth: int = 0,
) -> str | None:
    """Append the rows of a post and of the posts it refers to; return its author's handle."""
    notes = reading.notes
    reading.notice_unknown("post", post.keys() - KNOWN_POST)
    account_id = id_of(post.get("author_id"))
    handle = text_of(includes.users.get(account_id or "", {}).get("username"))
    created, created_source = post_time(post_id, time_of(post.get("created_at"), notes), notes)
    row: dict[str, Any] = {
        "post": f"x:{post_id}",
        "platform": PLATFORM,
        "post_id": post_id,
        "account": key_of(account_id, handle),
        "account_id": account_id,
        "handle": handle,
        "created_at": created,
        "created_at_source": created_source,
        "time_precision": "second",
        "lang": text_of(post.get("lang")),
        "in_reply_to_handle": _answered(post, includes),
        "thread_id": id_of(post.get("conversation_id")),
        "client": client_of(post.get("source")),
        "edited_at": edit_time(post.get("edit_history_tweet_ids"), notes),
        "url": post_address(post_id, handle),
        "embedded": depth > 0,
        "collected_at": reading.collected_at,
    }
    if post.get("withheld"):
        notes.append(N_WITHHELD)
    rows.append(("posts", row))
    rows.extend(_author_rows(account_id, includes, reading, seen_as))
    referred = {text_of(r.get("type")): r for r in list_of(post.get("referenced_tweets"))}
    if "retweeted" in referred:
        original = _add_referred(
            referred["retweeted"], "retweeted", includes, reading, rows=rows, depth=depth
        )
        _complete_repost(post, referred["retweeted"], row, original, includes=includes, notes=notes)
        return handle
    row.update(_content(post))
    row.update(_counters(post, notes))
    items = _media_of(post, includes)
    row["media"] = distinct(url for _, url in items)
    rows.extend(media_rows(items, row["account"], row["post"]))
    for kind, column in (("quoted", "quote_of"), ("replied_to", "in_reply_to")):
        if kind in referred:
            row[column] = id_of(referred[kind].get("id"))
            _add_referred(referred[kind], kind, includes, reading, rows=rows, depth=depth)
    if depth == 0:
        _add_versions(post, post_id, includes, reading, rows)
    return handle


_SEEN_AS = {"retweeted": "reposted", "quoted": "quoted", "replied_to": "mentioned"}


def _add_referred(
    reference: dict[str, Any],
    kind: str,
    includes: _Includes,
    reading: Reading,
    *,
    rows: list[Row],
    depth: int,
) -> dict[str, Any] | None:
    """Append the post that is referred to, where it is here; return its own row."""
    post_id = id_of(reference.get("id"))
    found = includes.posts.get(post_id or "")
    if post_id is None or found is None or depth >= _DEEPEST:
        if kind == "quoted" and depth == 0:
            reading.notes.append(N_NO_QUOTED)
        return None
    start = len(rows)
    _add_post(found, post_id, includes, reading, rows=rows, seen_as=_SEEN_AS[kind], depth=depth + 1)
    return rows[start][1]


def _complete_repost(
    post: dict[str, Any],
    reference: dict[str, Any],
    row: dict[str, Any],
    original: dict[str, Any] | None,
    *,
    includes: _Includes,
    notes: list[str],
) -> None:
    """Give a repost its original's text and links, which the API cuts at 140 characters.

    The counters it carries are the original's and stay with the original.
    """
    handle, rest = repost_parts(text_of(post.get("text")) or "")
    row["repost_of"] = id_of(reference.get("id"))
    row["repost_of_handle"] = handle
    if original is not None:
        row["repost_of_handle"] = original.get("handle") or handle
        for column in ("text", "text_truncated", "urls", "hashtags", "mentions", "media"):
            row[column] = original.get(column)
        return
    notes.append(N_NO_ORIGINAL)
    row.update(_content(post))
    row["text"] = plain(rest) or None
    # its own text is cut wherever it ends in an ellipsis: 140 characters include the prefix
    row["text_truncated"] = is_cut(text_of(post.get("text")) or "")
    row["mentions"] = [m for m in row["mentions"] if m != handle]
    row["media"] = distinct(url for _, url in _media_of(post, includes))


def _add_versions(
    post: dict[str, Any], post_id: str, includes: _Includes, reading: Reading, rows: list[Row]
) -> None:
    """Append the other versions of an edited post, where the page has them."""
    versions = post.get("edit_history_tweet_ids")
    for version in versions if type(versions) is list else ():
        name = id_of(version)
        other = includes.posts.get(name or "")
        if name and name != post_id and other is not None:
            _add_post(other, name, includes, reading, rows=rows, seen_as="author", depth=1)


def _answered(post: dict[str, Any], includes: _Includes) -> str | None:
    """Return the handle of the account this post answers."""
    account_id = id_of(post.get("in_reply_to_user_id"))
    if account_id is None:
        return None
    user = includes.users.get(account_id) or object_of(post.get("in_reply_to_user"))
    handle = text_of(user.get("username"))
    if handle:
        return handle
    for mention in list_of(object_of(post.get("entities")).get("mentions")):
        if id_of(mention.get("id")) == account_id:
            return text_of(mention.get("username"))
    return None


def _content(post: dict[str, Any]) -> dict[str, Any]:
    note = object_of(post.get("note_tweet"))
    long = text_of(note.get("text"))
    text = long or text_of(post.get("text"))
    entities = object_of(note.get("entities")) if long else {}
    entities = entities or object_of(post.get("entities"))
    return {
        "text": plain(text) if text else None,
        "text_truncated": (not long and is_cut(text)) if text else None,
        "urls": distinct(_address(u) for u in list_of(entities.get("urls")) if not _is_media(u)),
        "hashtags": distinct(text_of(t.get("tag")) for t in list_of(entities.get("hashtags"))),
        "mentions": distinct(text_of(m.get("username")) for m in list_of(entities.get("mentions"))),
    }


def _address(link: dict[str, Any]) -> str | None:
    """Return where a link leads: unwound through shorteners where the platform did so."""
    return (
        text_of(link.get("unwound_url"))
        or text_of(link.get("expanded_url"))
        or text_of(link.get("url"))
    )


def _is_media(link: dict[str, Any]) -> bool:
    """Tell whether a link is the address of a picture or video of a post, not a link in it."""
    return "media_key" in link or bool(_OWN_MEDIA.match(text_of(link.get("expanded_url")) or ""))


def _media_of(post: dict[str, Any], includes: _Includes) -> list[tuple[str, str]]:
    """Return (kind, address) of pictures and videos; their page where the file has no more."""
    found = []
    keys = object_of(post.get("attachments")).get("media_keys")
    for key in keys if type(keys) is list else ():
        item = includes.media.get(id_of(key) or "", {})
        still = text_of(item.get("url")) or text_of(item.get("preview_image_url"))
        film = best_video(item.get("variants"), "bit_rate")
        if film:
            found.append(("video", film))
        elif still:
            found.append(("image", still))
    if found:
        return found
    for link in list_of(object_of(post.get("entities")).get("urls")):
        page = text_of(link.get("expanded_url"))
        if page and _is_media(link):
            found.append(("video" if "/video/" in page else "image", page))
    return found


def _counters(post: dict[str, Any], notes: list[str]) -> dict[str, int | None]:
    counts = object_of(post.get("public_metrics"))
    return {
        "likes": count_of(counts.get("like_count"), notes),
        "replies": count_of(counts.get("reply_count"), notes),
        "reposts": count_of(counts.get("retweet_count"), notes),
        "quotes": count_of(counts.get("quote_count"), notes),
        "views": count_of(counts.get("impression_count"), notes),
    }
