"""The archive of information operations that Twitter published from 2018 to 2021, as CSV.

Columns are read by name, because their order differs from release to release. Ids of small accounts
are hashed, the same way in id, handle and name.

References
----------
Twitter, "Information operations" data archive, readme of the releases 2018 to 2021.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from casebook.readers.base import Record, is_damaged_id, snowflake_time
from casebook.readers.delimited import count, flag, header_of, listed, moment, opened, some
from casebook.schema import account_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casebook.readers.base import Head, Row, Source

ACCOUNT_COLUMNS = {"userid", "user_display_name", "user_screen_name", "account_creation_date"}
POST_COLUMNS = ACCOUNT_COLUMNS | {"tweetid", "tweet_text", "tweet_time"}
_REPOST = re.compile(r"RT @(\w{1,20}): ?")
N_MISMATCH = "the time reported is not the minute coded in the post id"
N_NO_TIME = "a post without a time that can be read"
N_DAMAGED = "an id was rounded by a spreadsheet"


class IoArchive:
    """Reader of the archive's files of posts and of accounts."""

    name = "x-io-archive"
    format = "X information operations archive (CSV)"
    version = 1
    verified = True

    def recognises(self, head: Head) -> bool:
        """Tell whether the header is the archive's."""
        if "user_screen_name" not in head.text.split("\n", 1)[0]:
            return False
        return set(header_of(head.path)) >= ACCOUNT_COLUMNS

    def read(self, source: Source) -> Iterator[Record]:
        """Yield one record a row."""
        with opened(source.path, source.name) as sheet:
            header, notices = sheet.header, tuple(sheet.notices)
            has_posts = set(header) >= POST_COLUMNS
            for line, cells in sheet.rows:
                if len(cells) != len(header):
                    yield Record(
                        line, rejected=f"{len(cells)} cells where the header has {len(header)}"
                    )
                    continue
                row = dict(zip(header, cells, strict=True))
                yield _record(line, row, has_posts=has_posts, notices=notices)
                notices = ()


def _record(line: int, row: dict[str, str], *, has_posts: bool, notices: tuple[str, ...]) -> Record:
    notes = list(notices)
    account_id = some(row.get("userid"))
    key = account_key("x", account_id, None)
    if key is None:
        return Record(line, rejected="no userid", notices=tuple(notes))
    if is_damaged_id(account_id or ""):
        notes.append(N_DAMAGED)
    account = _account(row, key, account_id or "", listed_only=not has_posts)
    rows: list[Row] = [("accounts", account)]
    if has_posts:
        post_id = some(row.get("tweetid"))
        if post_id is None:
            return Record(line, rejected="no tweetid", notices=tuple(notes))
        rows.insert(0, ("posts", _post(row, key, post_id, notes)))
    return Record(line, tuple(rows), notices=tuple(notes))


def _account(
    row: dict[str, str], key: str, account_id: str, *, listed_only: bool
) -> dict[str, Any]:
    return {
        "account": key,
        "platform": "x",
        "account_id": account_id,
        "handle": some(row.get("user_screen_name")),
        "display_name": some(row.get("user_display_name")),
        "bio": some(row.get("user_profile_description")),
        "location": some(row.get("user_reported_location")),
        "website": some(row.get("user_profile_url")),
        "created_at": moment(row.get("account_creation_date")),
        "created_at_source": "reported",
        "created_at_precision": "day",
        "followers": count(row.get("follower_count")),
        "following": count(row.get("following_count")),
        "lang": some(row.get("account_language")),
        "hashed": not account_id.isdigit(),
        "seen_as": "listed" if listed_only else "author",
    }


def _post(row: dict[str, str], key: str, post_id: str, notes: list[str]) -> dict[str, Any]:
    text = row.get("tweet_text") or ""
    original = some(row.get("retweet_tweetid"))
    is_repost = bool(flag(row.get("is_retweet"))) or original is not None
    start = _REPOST.match(text) if is_repost else None
    words = text[start.end() :] if start else text
    at, source, precise = moment(row.get("tweet_time")), "reported", "minute"
    decoded = snowflake_time(post_id)
    if at is None and decoded is not None:
        at, source, precise = decoded, "snowflake", "second"
    elif at is None:
        notes.append(N_NO_TIME)
    elif decoded is not None and decoded.replace(second=0, microsecond=0) != at.replace(
        second=0, microsecond=0
    ):
        notes.append(N_MISMATCH)
    return {
        "platform": "x",
        "post_id": post_id,
        "account": key,
        "account_id": some(row.get("userid")),
        "handle": some(row.get("user_screen_name")),
        "created_at": at,
        "created_at_source": source if at is not None else None,
        "time_precision": precise if at is not None else None,
        "text": words or None,
        "text_truncated": is_repost and words.rstrip().endswith("…"),
        "lang": some(row.get("tweet_language")),
        "urls": listed(row.get("urls")),
        "hashtags": listed(row.get("hashtags")),
        "mentions": listed(row.get("user_mentions")),
        "in_reply_to": some(row.get("in_reply_to_tweetid")),
        "is_repost": is_repost,
        "repost_of": original,
        "repost_of_handle": start[1] if start else None,
        "quote_of": some(row.get("quoted_tweet_tweetid")),
        "likes": None if is_repost else count(row.get("like_count")),
        "replies": None if is_repost else count(row.get("reply_count")),
        "reposts": None if is_repost else count(row.get("retweet_count")),
        "quotes": None if is_repost else count(row.get("quote_count")),
        "client": some(row.get("tweet_client_name")),
        "embedded": False,
    }


READERS = (IoArchive(),)
