"""4CAT exports: one CSV layout for many platforms, driven by its header.

Only X was tried on real files. The other platforms follow the headers that 4CAT writes; their
columns are read where they are known, and the rest is reported.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from casebook.readers.base import Record, account_snowflake_time, snowflake_time
from casebook.readers.delimited import count, epoch, flag, header_of, listed, moment, opened, some
from casebook.schema import account_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casebook.readers.base import Head, Row, Source

ALWAYS = {"id", "thread_id", "author", "body", "timestamp"}
"""4CAT writes these for every platform."""

_SITES = {
    "x.com": "x", "twitter.com": "x", "tiktok.com": "tiktok", "instagram.com": "instagram",
    "t.me": "telegram", "bsky.app": "bluesky", "threads.net": "threads", "threads.com": "threads",
    "facebook.com": "facebook", "truthsocial.com": "truthsocial", "vk.com": "vk",
    "linkedin.com": "linkedin", "douyin.com": "douyin", "xiaohongshu.com": "rednote",
    "rednote.com": "rednote", "gab.com": "gab",
}  # fmt: skip
_SIGNS = (
    ("x", {"retweet_count", "is_retweet", "impression_count"}),
    ("tiktok", {"plays", "challenges"}),
    ("tiktok", {"music_id"}),
    ("telegram", {"chat", "author_forwarded_from_name"}),
    ("instagram", {"num_likes", "media_type"}),
)

FIELDS: dict[str, tuple[str, ...]] = {
    "lang": ("language_guess", "language", "lang"),
    "in_reply_to_handle": ("replied_author", "reply_to_author"),
    "quote_of": ("quote_tweet_id", "quoted_id"),
    "likes": ("like_count", "likes", "num_likes", "reactions_like"),
    "replies": ("reply_count", "comments", "num_comments", "replies", "comment_count"),
    "reposts": ("retweet_count", "shares", "reposts", "repost_count", "num_shares", "reblogs"),
    "quotes": ("quote_count", "quotes"),
    "views": ("impression_count", "plays", "views", "view_count"),
    "client": ("source",),
    "url": ("link", "url", "post_url", "tiktok_url", "post_link"),
}
_LISTS: dict[str, tuple[str, ...]] = {
    "urls": ("urls", "links", "link_url", "urls_in_body"),
    "hashtags": ("hashtags",),
    "mentions": ("mentions", "mentioned_users", "mentions_name"),
}
_MEDIA = ("images", "videos", "image_urls", "video_url", "media_urls", "media_url", "tiktok_url")
_NAMES = ("author_fullname", "author_full", "author_name", "author_display_name")
_KNOWN = ALWAYS | {
    "unix_timestamp", "author_id", "author_avatar_url", "author_banner_url", "author_avatar",
    "author_followers", "author_following", "author_likes", "author_videos", "verified",
    "is_retweet", "retweeted_user", "is_reply", "collected_from_url", "chat",
    *_NAMES, *_MEDIA, *(n for names in (*FIELDS.values(), *_LISTS.values()) for n in names),
}  # fmt: skip

_REPOST = re.compile(r"RT @\w{1,20}: ?")
N_NO_ORIGINAL = "a repost names the author of the original and not the post (4CAT leaves it out)"
N_NO_TIME = "a post without a time that can be read"
N_ESTIMATED = "4CAT estimated the time from words such as '18h ago'"


class FourCat:
    """Reader of 4CAT CSV exports."""

    name = "4cat"
    format = "4CAT CSV"
    version = 2
    verified = True

    def recognises(self, head: Head) -> bool:
        """Tell whether the header is one of 4CAT's."""
        if not set(re.split(r"[\",;\t\r\n]+", head.text[:8192].split("\n", 1)[0])) >= ALWAYS:
            return False
        return set(header_of(head.path)) >= ALWAYS

    def read(self, source: Source) -> Iterator[Record]:
        """Yield one record a row."""
        with opened(source.path, source.name) as sheet:
            header = sheet.header
            notices = [*sheet.notices, *_unread(header)]
            platform: str | None = None
            for line, cells in sheet.rows:
                if len(cells) != len(header):
                    yield Record(
                        line, rejected=f"{len(cells)} cells where the header has {len(header)}"
                    )
                    continue
                row = dict(zip(header, cells, strict=True))
                if platform is None:
                    platform = platform_of(row)
                    if platform != "x":
                        notices.append(
                            f"4CAT's layout for {platform} was not tried on real files: check a "
                            "few rows"
                        )
                yield _record(line, row, platform, tuple(notices))
                notices = []


def platform_of(row: dict[str, str]) -> str:
    """Return the platform of a row, from the address of the post or from columns of its own."""
    for column in FIELDS["url"]:
        host = (urlsplit(row.get(column) or "").hostname or "").removeprefix("www.")
        if host in _SITES:
            return _SITES[host]
    return next((name for name, signs in _SIGNS if signs <= set(row)), "unknown")


def _unread(header: list[str]) -> list[str]:
    return [f"column {c!r} is not read" for c in header if c and c not in _KNOWN][:40]


def _record(line: int, row: dict[str, str], platform: str, notices: tuple[str, ...]) -> Record:
    notes = list(notices)
    handle = some(row.get("author"))
    author_id = some(row.get("author_id"))
    key = account_key(platform, author_id, handle)
    if key is None:
        return Record(line, rejected="no author", notices=tuple(notes))
    post = _post(row, platform, notes)
    post |= {"account": key, "account_id": author_id, "handle": handle}
    rows: list[Row] = [("posts", post), ("accounts", _account(row, platform, key))]
    rows += [
        ("media", {"media": m, "account": key, "post": f"{platform}:{post['post_id']}",
                   "kind": "video" if ".mp4" in m else "image", "url": m})
        for m in post["media"]
    ]  # fmt: skip
    return Record(line, tuple(rows), notices=tuple(notes))


def _post(row: dict[str, str], platform: str, notes: list[str]) -> dict[str, Any]:
    text = row.get("body") or ""
    repost_handle = some(row.get("retweeted_user"))
    is_repost = bool(flag(row.get("is_retweet"))) or repost_handle is not None
    if is_repost:
        text = _REPOST.sub("", text, count=1)
        notes.append(N_NO_ORIGINAL)
    post_id = some(row.get("id"))
    at, source, precise = _time(row, platform, post_id, notes)
    post: dict[str, Any] = {
        "platform": platform,
        "post_id": post_id,
        "created_at": at,
        "created_at_source": source,
        "time_precision": precise,
        "text": text or None,
        "text_truncated": is_repost and text.rstrip().endswith("…"),
        "thread_id": some(row.get("thread_id")),
        "is_repost": is_repost,
        "repost_of_handle": repost_handle,
        "embedded": False,
        "media": [m for column in _MEDIA for m in listed(row.get(column)) if "://" in m],
    }
    for target, names in FIELDS.items():
        value = next((v for n in names if (v := some(row.get(n)))), None)
        if target in {"likes", "replies", "reposts", "quotes", "views"}:
            # X mirrors the counters of the original on its reposts.
            post[target] = None if is_repost else count(value)
        else:
            post[target] = value
    for target, names in _LISTS.items():
        items = [i for n in names for i in listed(row.get(n))]
        post[target] = [i.lstrip("#@") if target != "urls" else i for i in items]
    thread = post["thread_id"]
    if flag(row.get("is_reply")) and thread and thread != post_id:
        # The thread is known and the post it answers is not: the first of the thread stands for it.
        post["in_reply_to"] = thread
    return post


def _time(
    row: dict[str, str], platform: str, post_id: str | None, notes: list[str]
) -> tuple[Any, str | None, str | None]:
    if platform == "linkedin":
        notes.append(N_ESTIMATED)
        return moment(row.get("timestamp")), "reported", "day"
    at = epoch(row.get("unix_timestamp")) or moment(row.get("timestamp"))
    if at is not None:
        return at, "reported", "second"
    if platform == "x" and post_id and (decoded := snowflake_time(post_id)):
        return decoded, "snowflake", "second"
    notes.append(N_NO_TIME)
    return None, None, None


def _account(row: dict[str, str], platform: str, key: str) -> dict[str, Any]:
    created = account_snowflake_time(some(row.get("author_id")) or "") if platform == "x" else None
    return {
        "created_at": created,
        "created_at_source": "snowflake" if created else None,
        "created_at_precision": "day" if created else None,
        "account": key,
        "platform": platform,
        "account_id": some(row.get("author_id")),
        "handle": some(row.get("author")),
        "display_name": next((v for n in _NAMES if (v := some(row.get(n)))), None),
        "avatar_url": some(row.get("author_avatar_url")) or some(row.get("author_avatar")),
        "banner_url": some(row.get("author_banner_url")),
        "followers": count(row.get("author_followers")),
        "following": count(row.get("author_following")),
        "verified": flag(row.get("verified")),
        "seen_as": "author",
    }


READERS = (FourCat(),)
