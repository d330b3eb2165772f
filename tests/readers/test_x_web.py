"""Zeeschuimer exports and raw responses of X: shapes old and new, gaps, and hostile lines."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook import schema
from casebook.errors import ReaderError
from casebook.readers import x_common, x_objects
from casebook.readers.base import Head, Record, Source, snowflake_time
from casebook.readers.x_web import READER, READER_GRAPHQL

if TYPE_CHECKING:
    from pathlib import Path

# 1750000000000000001 >> 22 = 417232513427 ms; with the epoch of X 1706067488084 ms after 1970
POST_ID = "1750000000000000001"
POST_TIME = datetime(2024, 1, 24, 3, 38, 8, tzinfo=UTC)

NEW_USER: dict[str, Any] = {
    "__typename": "User",
    "rest_id": "1400000000000000007",
    "core": {
        "created_at": "Wed Jun 02 10:20:30 +0000 2021",
        "name": "Ada Example",
        "screen_name": "ada_example",
    },
    "profile_bio": {
        "description": "Gardens & maps",
        "entities": {"url": {"urls": [{"expanded_url": "https://example.org/ada"}]}},
    },
    "location": {"location": "Springfield"},
    "website": {"url": "https://t.co/aaa"},
    "relationship_counts": {"followers": 12, "following": 34},
    "tweet_counts": {"tweets": 56},
    "avatar": {"image_url": "https://pbs.example/ada.jpg"},
    "banner": {"image_url": "https://pbs.example/ada-banner"},
    "verification": {"verified": False, "verified_type": "Business"},
    "is_blue_verified": False,
}
OLD_USER: dict[str, Any] = {
    "__typename": "User",
    "rest_id": "1400000000000000007",
    "is_blue_verified": False,
    "legacy": {
        "created_at": "Wed Jun 02 10:20:30 +0000 2021",
        "name": "Ada Example",
        "screen_name": "ada_example",
        "description": "Gardens & maps",
        "entities": {"url": {"urls": [{"expanded_url": "https://example.org/ada"}]}},
        "location": "Springfield",
        "url": "https://t.co/aaa",
        "followers_count": 12,
        "friends_count": 34,
        "statuses_count": 56,
        "profile_image_url_https": "https://pbs.example/ada.jpg",
        "profile_banner_url": "https://pbs.example/ada-banner",
        "verified": False,
        "verified_type": "Business",
    },
}


def tweet(
    post_id: str = POST_ID, text: str = "Hello", user: Any = None, **legacy: Any
) -> dict[str, Any]:
    """Return a post as the interface sends it, written at the time its id codes."""
    moment = snowflake_time(post_id)
    assert moment is not None
    return {
        "__typename": "Tweet",
        "rest_id": post_id,
        "core": {"user_results": {"result": NEW_USER if user is None else user}},
        "source": '<a href="https://app.example" rel="nofollow">Sample &amp; App</a>',
        "views": {"count": "90", "state": "EnabledWithCount"},
        "legacy": {
            "created_at": moment.strftime("%a %b %d %H:%M:%S +0000 %Y"),
            "full_text": text,
            "lang": "en",
            "conversation_id_str": post_id,
            "user_id_str": "1400000000000000007",
            "favorite_count": 1,
            "reply_count": 2,
            "retweet_count": 3,
            "quote_count": 4,
            "entities": {"hashtags": [], "urls": [], "user_mentions": []},
            **legacy,
        },
    }


def line(post: Any, *, at: Any = 1_767_225_600_500, platform: str = "twitter.com") -> str:
    """Return a line of the extension's export."""
    envelope = {
        "nav_index": "1:1:0",
        "item_id": "0",
        "timestamp_collected": at,
        "source_platform": platform,
        "data": post,
    }
    return json.dumps(envelope)


def read(folder: Path, *lines: str | bytes, end: bytes = b"\n") -> list[Record]:
    """Read lines as an export."""
    path = folder / "export.ndjson"
    path.write_bytes(b"\n".join(x if isinstance(x, bytes) else x.encode() for x in lines) + end)
    return list(READER.read(Source(path, path.name)))


def respond(folder: Path, document: Any) -> list[Record]:
    """Read a document as a raw response."""
    path = folder / "response.json"
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    return list(READER_GRAPHQL.read(Source(path, path.name)))


def timeline(*entries: Any) -> dict[str, Any]:
    instructions = [{"type": "TimelineAddEntries", "entries": list(entries)}]
    return {"data": {"home": {"home_timeline_urt": {"instructions": instructions}}}}


def entry(post: Any, name: str = "tweet-1", **more: Any) -> dict[str, Any]:
    item = {"itemType": "TimelineTweet", "tweet_results": {"result": post}, **more}
    return {"entryId": name, "content": {"entryType": "TimelineTimelineItem", "itemContent": item}}


def rows(record: Record, table: str) -> list[dict[str, Any]]:
    return [row for name, row in record.rows if name == table]


def all_rows(records: list[Record], table: str) -> list[dict[str, Any]]:
    return [row for record in records for row in rows(record, table)]


def head(path: Path, size: int = 4096) -> Head:
    return Head(path.name, path.read_bytes()[:size], path)


# one post --------------------------------------------------------------------------------------


def test_a_post_becomes_a_row_with_its_author_and_a_snapshot(tmp_path: Path) -> None:
    [record] = read(tmp_path, line(tweet(text="Tom &amp; Ann &lt;3")))
    assert [name for name, _ in record.rows] == ["posts", "accounts", "snapshots", "media", "media"]
    post = record.rows[0][1]
    assert post["post"] == f"x:{POST_ID}"
    assert post["post_id"] == POST_ID
    assert post["account"] == "x:1400000000000000007"
    assert post["text"] == "Tom & Ann <3"
    assert post["created_at"] == POST_TIME
    assert post["created_at_source"] == "reported"
    assert post["time_precision"] == "second"
    assert post["client"] == "Sample & App"
    assert post["url"] == f"https://x.com/ada_example/status/{POST_ID}"
    counters = [post[c] for c in ("likes", "replies", "reposts", "quotes", "views")]
    assert counters == [1, 2, 3, 4, 90]
    assert post["embedded"] is False
    captured = datetime(2026, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)
    assert post["collected_at"] == captured
    [snapshot] = rows(record, "snapshots")
    assert snapshot["captured_at"] == captured
    assert snapshot["capture"] == "platform export"
    assert [m["kind"] for m in rows(record, "media")] == ["avatar", "banner"]
    assert record.notices == ()


def test_the_old_and_the_new_shape_of_a_user_give_the_same_rows(tmp_path: Path) -> None:
    [new] = read(tmp_path, line(tweet(user=NEW_USER)))
    [old] = read(tmp_path, line(tweet(user=OLD_USER)))
    assert new == old
    [account] = rows(new, "accounts")
    expected = {
        "handle": "ada_example",
        "display_name": "Ada Example",
        "bio": "Gardens & maps",
        "location": "Springfield",
        "website": "https://example.org/ada",
        "followers": 12,
        "following": 34,
        "posts": 56,
        "avatar_url": "https://pbs.example/ada.jpg",
        "banner_url": "https://pbs.example/ada-banner",
        "created_at": datetime(2021, 6, 2, 10, 20, 30, tzinfo=UTC),
        "created_at_source": "reported",
        "verified": True,
        "verified_type": "business",
        "seen_as": "author",
    }
    assert {k: account[k] for k in expected} == expected


@settings(deadline=None, database=None, derandomize=True, max_examples=60)
@given(st.sets(st.sampled_from(["core", "profile_bio", "location", "avatar", "tweet_counts"])))
def test_any_mix_of_old_and_new_fields_gives_the_same_profile(moved: set[str]) -> None:
    mixed = copy.deepcopy(NEW_USER)
    mixed["legacy"] = copy.deepcopy(OLD_USER["legacy"])
    for name in moved:
        del mixed[name]
    assert x_objects.profile_columns(mixed, []) == x_objects.profile_columns(OLD_USER, [])


def test_unknown_counters_stay_empty_and_are_not_zero(tmp_path: Path) -> None:
    post = tweet(favorite_count=None, reply_count=-1)
    post["views"] = {"state": "Enabled"}
    [record] = read(tmp_path, line(post))
    row = record.rows[0][1]
    assert (row["likes"], row["replies"], row["views"], row["reposts"]) == (None, None, None, 3)
    assert record.notices == (x_common.N_COUNT,)


def test_links_hashtags_mentions_and_pictures_are_lists_expanded(tmp_path: Path) -> None:
    video = {
        "type": "video",
        "media_url_https": "https://pbs.example/still.jpg",
        "video_info": {
            "variants": [
                {"content_type": "application/x-mpegURL", "url": "https://v.example/a.m3u8"},
                {"content_type": "video/mp4", "bitrate": 832000, "url": "https://v.example/m.mp4"},
                {"content_type": "video/mp4", "bitrate": 2176000, "url": "https://v.example/l.mp4"},
            ]
        },
    }
    photo = {"type": "photo", "media_url_https": "https://pbs.example/p.jpg"}
    post = tweet(
        entities={
            "urls": [{"url": "https://t.co/b", "expanded_url": "https://example.org/b"}],
            "hashtags": [{"text": "garden"}, {"text": "garden"}, {"text": "map"}],
            "user_mentions": [{"screen_name": "bob_example"}],
        },
        extended_entities={"media": [photo, video]},
    )
    [record] = read(tmp_path, line(post))
    row = record.rows[0][1]
    assert row["urls"] == ["https://example.org/b"]
    assert row["hashtags"] == ["garden", "map"]
    assert row["mentions"] == ["bob_example"]
    assert row["media"] == ["https://pbs.example/p.jpg", "https://v.example/l.mp4"]
    kinds = [(m["kind"], m["post"]) for m in rows(record, "media")]
    assert kinds[2:] == [("image", f"x:{POST_ID}"), ("video", f"x:{POST_ID}")]


def test_a_long_post_takes_its_full_text_and_the_links_in_it(tmp_path: Path) -> None:
    post = tweet(text="a" * 275 + "…")
    note = {
        "text": "a" * 600,
        "entity_set": {"hashtags": [{"text": "late"}], "urls": [], "user_mentions": []},
    }
    post["note_tweet"] = {"note_tweet_results": {"result": note}}
    row = read(tmp_path, line(post))[0].rows[0][1]
    assert row["text"] == "a" * 600
    assert row["text_truncated"] is False
    assert row["hashtags"] == ["late"]


def test_a_long_post_without_its_full_text_is_marked_as_cut(tmp_path: Path) -> None:
    post = tweet(text="short")
    post["note_tweet"] = {"is_expandable": True, "note_tweet_results": {}}
    assert read(tmp_path, line(post))[0].rows[0][1]["text_truncated"] is True


def test_a_short_text_that_ends_in_an_ellipsis_is_not_cut(tmp_path: Path) -> None:
    assert read(tmp_path, line(tweet(text="Well…")))[0].rows[0][1]["text_truncated"] is False
    assert read(tmp_path, line(tweet(text="b" * 139 + "…")))[0].rows[0][1]["text_truncated"] is True


# posts in posts --------------------------------------------------------------------------------

BOB: dict[str, Any] = {
    "__typename": "User",
    "rest_id": "22",
    "core": {"name": "Bob", "screen_name": "bob_example"},
    "avatar": {"image_url": "https://pbs.example/bob.jpg"},
}


def repost(original: Any, text: str = "RT @bob_example: " + "c" * 122 + "…") -> dict[str, Any]:
    return tweet("1750000000004194304", text, retweeted_status_result={"result": original})


def test_a_repost_carries_the_full_text_of_its_original(tmp_path: Path) -> None:
    links = {
        "urls": [{"expanded_url": "https://example.org/late"}],
        "hashtags": [{"text": "late"}],
        "user_mentions": [],
    }
    original = tweet("1749999999000000512", "c" * 200, user=BOB, entities=links)
    [record] = read(tmp_path, line(repost(original)))
    own, embedded = rows(record, "posts")
    assert own["text"] == embedded["text"] == "c" * 200
    assert own["text_truncated"] is False
    assert own["repost_of"] == embedded["post_id"] == "1749999999000000512"
    assert own["repost_of_handle"] == "bob_example"
    assert own["urls"] == ["https://example.org/late"]
    assert own["hashtags"] == ["late"]
    assert own["mentions"] == []
    assert (own["embedded"], embedded["embedded"]) == (False, True)
    # counters shown on a repost are the original's
    assert own.get("likes") is None
    assert own.get("reposts") is None
    assert embedded["reposts"] == 3
    seen = {a["handle"]: a["seen_as"] for a in rows(record, "accounts")}
    assert seen == {"ada_example": "author", "bob_example": "reposted"}
    # who is only reposted is a bystander: no dated profile, no picture of them
    assert [s["handle"] for s in rows(record, "snapshots")] == ["ada_example"]
    assert all(m["account"] != "x:22" for m in rows(record, "media"))


def test_a_repost_whose_original_is_withheld_says_so(tmp_path: Path) -> None:
    gone = {"__typename": "TweetTombstone", "tombstone": {"text": {"text": "Gone."}}}
    for original in ({}, gone, None):
        [record] = read(tmp_path, line(repost(original)))
        own = record.rows[0][1]
        assert own["repost_of"] is None
        assert own["repost_of_handle"] == "bob_example"
        assert own["text_truncated"] is True
        assert record.notices == (x_objects.N_NO_ORIGINAL,)


def test_a_text_that_begins_with_rt_is_no_repost(tmp_path: Path) -> None:
    row = read(tmp_path, line(tweet(text="RT @bob_example: so true")))[0].rows[0][1]
    assert row.get("repost_of") is None
    assert row["text"] == "RT @bob_example: so true"


def test_a_quote_keeps_its_own_text_and_brings_the_quoted_post(tmp_path: Path) -> None:
    post = tweet(text="Look", quoted_status_id_str="1749999999000000512")
    wrapped = {
        "__typename": "TweetWithVisibilityResults",
        "tweet": tweet("1749999999000000512", "Original", user=BOB),
    }
    post["quoted_status_result"] = {"result": wrapped}
    [record] = read(tmp_path, line(post))
    own, embedded = rows(record, "posts")
    assert own["text"] == "Look"
    assert own["quote_of"] == embedded["post_id"]
    assert embedded["text"] == "Original"
    assert rows(record, "accounts")[1]["seen_as"] == "quoted"


def test_a_quote_of_a_removed_post_keeps_the_id(tmp_path: Path) -> None:
    post = tweet(quoted_status_id_str="1749999999000000512")
    post["quoted_status_result"] = {"result": {"__typename": "TweetTombstone", "tombstone": {}}}
    [record] = read(tmp_path, line(post))
    assert record.rows[0][1]["quote_of"] == "1749999999000000512"
    assert record.notices == (x_objects.N_NO_QUOTED,)


def test_posts_nested_without_end_are_cut_off(tmp_path: Path) -> None:
    post = tweet()
    for _ in range(30):
        post = {**tweet(), "quoted_status_result": {"result": post}}
    [record] = read(tmp_path, line(post))
    assert len(rows(record, "posts")) == 4


# what is missing -------------------------------------------------------------------------------


def test_an_author_who_is_not_shown_keeps_id_and_handle_where_the_post_has_them(
    tmp_path: Path,
) -> None:
    own = {
        "media_url_https": "https://pbs.example/p.jpg",
        "expanded_url": f"https://x.com/ada_example/status/{POST_ID}/photo/1",
    }
    foreign = {**own, "expanded_url": "https://x.com/somebody/status/1/photo/1"}
    post = tweet(entities={"media": [foreign, own]})
    post["core"] = {"user_results": {}}
    [record] = read(tmp_path, line(post))
    assert record.rows[0][1]["handle"] == "ada_example"
    [account] = rows(record, "accounts")
    assert account["account"] == "x:1400000000000000007"
    # decoded from the id, which is of 19 digits: (id >> 22) + 1288834974657 ms
    assert account["created_at_source"] == "snowflake"
    assert account["created_at"] == snowflake_time("1400000000000000007")
    assert x_objects.N_NO_AUTHOR in record.notices


def test_a_suspended_author_is_dated_as_suspended(tmp_path: Path) -> None:
    unavailable = {"__typename": "UserUnavailable", "reason": "Suspended"}
    [record] = read(tmp_path, line(tweet(user=unavailable)))
    [snapshot] = rows(record, "snapshots")
    assert (snapshot["account"], snapshot["status"]) == ("x:1400000000000000007", "suspended")


def test_a_missing_time_is_decoded_from_the_id(tmp_path: Path) -> None:
    [record] = read(tmp_path, line(tweet("900499224457904128", created_at=None)))
    row = record.rows[0][1]
    # 900499224457904128 >> 22 = 214695745577; + 1288834974657 = 1503530720234 ms
    assert row["created_at"] == datetime(2017, 8, 23, 23, 25, 20, 234_000, tzinfo=UTC)
    assert row["created_at_source"] == "snowflake"
    assert record.notices == (x_common.N_SNOWFLAKE,)


@pytest.mark.parametrize(
    ("reported", "noticed"),
    [
        ("Wed Aug 23 23:25:20 +0000 2017", False),
        ("Thu Aug 24 01:25:20 +0200 2017", False),
        ("Wed Aug 23 23:25:22 +0000 2017", True),
        ("Wed Aug 23 22:25:20 +0000 2017", True),
    ],
)
def test_a_time_that_contradicts_the_id_is_noticed(
    tmp_path: Path, reported: str, noticed: bool
) -> None:
    [record] = read(tmp_path, line(tweet("900499224457904128", created_at=reported)))
    assert (x_common.N_MISMATCH in record.notices) is noticed
    assert record.rows[0][1]["created_at_source"] == "reported"


def test_an_edited_post_tells_when(tmp_path: Path) -> None:
    post = tweet()
    versions = [POST_ID, "1750000251658240001"]  # 60 seconds later: 60000 << 22
    post["edit_control"] = {"edit_control_initial": {"edit_tweet_ids": versions}}
    [record] = read(tmp_path, line(post))
    row = record.rows[0][1]
    assert (row["edited_at"] - snowflake_time(POST_ID)).total_seconds() == 60
    assert record.notices == (x_common.N_EDITED,)


def test_fields_and_labels_nobody_knows_yet_are_noticed_by_name(tmp_path: Path) -> None:
    user = {**NEW_USER, "brand_new": 1, "parody_commentary_fan_label": "Parody"}
    [record] = read(tmp_path, line({**tweet(user=user), "newer_still": {}}))
    assert set(record.notices) == {
        "unknown field in the user block: brand_new",
        "unknown field in the post block: newer_still",
        "the platform labels the profile: Parody",
    }
    assert len(record.rows) == 5


def test_a_post_in_an_unknown_shape_is_kept_and_noticed(tmp_path: Path) -> None:
    [record] = read(tmp_path, line({"rest_id": POST_ID, "details": {"full_text": "new home"}}))
    row = record.rows[0][1]
    assert row["post_id"] == POST_ID
    assert row["created_at_source"] == "snowflake"
    assert x_objects.N_NO_BODY in record.notices
    assert "unknown field in the post block: details" in record.notices


def test_unknown_fields_are_named_up_to_a_limit(tmp_path: Path) -> None:
    made = [line({**tweet(), f"invented_{i}": 1}) for i in range(100)]
    names = {n for r in read(tmp_path, *made) for n in r.notices}
    assert len(names) == 41


# the file --------------------------------------------------------------------------------------


def test_an_unchanged_profile_is_told_once_a_day(tmp_path: Path) -> None:
    day = 86_400_000
    start = 1_767_225_600_000
    renamed = copy.deepcopy(NEW_USER)
    renamed["core"]["name"] = "Ada Renamed"
    records = read(
        tmp_path,
        line(tweet(), at=start),
        line(tweet("1750000000004194304"), at=start + 1),
        line(tweet("1750000000008388608", user=renamed), at=start + 2),
        line(tweet("1750000000012582912", user=renamed), at=start + day),
    )
    assert [len(rows(r, "snapshots")) for r in records] == [1, 0, 1, 1]
    names = [a["display_name"] for a in all_rows(records, "accounts")]
    assert names == ["Ada Example", "Ada Renamed", "Ada Renamed"]


def test_what_is_forgotten_is_told_again_and_nothing_else() -> None:
    memory = x_common.ProfileMemory(size=1)
    assert not memory.is_known("1", "author", {"a": 1}, None)
    assert memory.is_known("1", "author", {"a": 1}, None)
    assert not memory.is_known("2", "author", {"a": 1}, None)
    assert not memory.is_known("1", "author", {"a": 1}, None)


def test_a_bad_line_in_the_middle_is_refused_with_its_number(tmp_path: Path) -> None:
    records = read(tmp_path, line(tweet()), '{"data": oops}', "", line(tweet()))
    assert [(r.line, bool(r.rows)) for r in records] == [(1, True), (2, False), (4, True)]
    assert records[1].rejected is not None
    assert "not JSON" in records[1].rejected


def test_a_last_line_that_stops_in_the_middle_says_the_file_is_cut(tmp_path: Path) -> None:
    whole = line(tweet())
    records = read(tmp_path, whole, whole[: len(whole) // 2], end=b"")
    assert records[1].rejected is not None
    assert records[1].rejected.startswith("the line stops in the middle")
    assert records[1].notices == (x_common.N_CUT,)
    assert read(tmp_path, whole, end=b"")[0].rows


@pytest.mark.parametrize("content", [b"", b"\n\n", b'{"a": 1}\n', b"no json\nno json\n", b'{"da'])
def test_a_file_without_one_record_is_one_error_with_file_and_line(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "export.ndjson"
    path.write_bytes(content)
    with pytest.raises(ReaderError) as caught:
        list(READER.read(Source(path, "export.ndjson")))
    assert caught.value.where == "export.ndjson, line 1"
    assert caught.value.remedy


def test_an_error_gives_no_record_before_it(tmp_path: Path) -> None:
    path = tmp_path / "export.ndjson"
    path.write_bytes(b"bad\n" * 5000)
    reading = READER.read(Source(path, path.name))
    with pytest.raises(ReaderError):
        next(reading)


def test_nul_bytes_bad_utf8_and_half_characters_are_mended_and_noticed(tmp_path: Path) -> None:
    plain = line(tweet(text="Hello")).encode()
    records = read(
        tmp_path,
        plain.replace(b"Hello", b"He\0llo"),
        plain.replace(b"Hello", b"He\xffllo"),
        plain.replace(b"Hello", b"He\\ud83dllo"),
    )
    assert [r.rows[0][1]["text"] for r in records] == ["Hello", "He\ufffdllo", "He\ufffdllo"]
    assert [r.notices for r in records] == [
        (x_common.N_NUL,),
        (x_common.N_BYTES,),
        (x_common.N_SURROGATE,),
    ]


@pytest.mark.parametrize("name", ["rest_id", "user_id_str"])
def test_ids_that_are_numbers_of_any_size_keep_every_digit(tmp_path: Path, name: str) -> None:
    post = tweet(user={})
    for digits in ("1750000000000000003", "123456789012345678901234567890"):
        raw = line(post)
        value = POST_ID if name == "rest_id" else "1400000000000000007"
        raw = raw.replace(f'"{name}": "{value}"', f'"{name}": {digits}', 1)
        row = read(tmp_path, raw)[0].rows[0][1]
        assert row["post_id" if name == "rest_id" else "account_id"] == digits


def test_a_huge_counter_is_left_empty(tmp_path: Path) -> None:
    raw = line(tweet()).replace('"favorite_count": 1', '"favorite_count": ' + "9" * 30)
    [record] = read(tmp_path, raw)
    assert record.rows[0][1]["likes"] is None
    assert x_common.N_COUNT in record.notices


def test_deep_nesting_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    deep = '{"data": ' + "[" * 50_000 + "]" * 50_000 + "}"
    records = read(tmp_path, line(tweet()), deep, line(tweet()))
    assert [r.rejected is None for r in records] == [True, False, True]
    assert records[1].rejected == "nested too deeply to be a record of X"


def test_a_line_beyond_the_limit_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(x_common, "LONGEST_LINE", 4000)
    records = read(tmp_path, line(tweet()), line(tweet(text="z" * 9000)), line(tweet()))
    assert [(r.line, r.rejected) for r in records] == [
        (1, None),
        (2, "the line is beyond 64 MiB"),
        (3, None),
    ]


@settings(deadline=None, database=None, derandomize=True, max_examples=60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["legacy", "core", "user_results", "result", "rest_id", "entities"])
                | st.text(max_size=3),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_shape_of_a_post_crashes_the_reader(tmp_path_factory: Any, shape: Any) -> None:
    folder = tmp_path_factory.mktemp("shape")
    if not isinstance(shape, dict):
        shape = {"rest_id": POST_ID, "legacy": shape, "core": shape, "quoted_status_result": shape}
    records = read(folder, line(tweet()), line(shape))
    assert len(records) == 2
    assert bool(records[1].rows) is (records[1].rejected is None)


def test_a_damaged_time_of_capture_is_left_empty(tmp_path: Path) -> None:
    for at in ("soon", 10**30, None, [1]):
        [record] = read(tmp_path, line(tweet(), at=at))
        assert record.rows[0][1]["collected_at"] is None


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    import tracemalloc

    def peak(count: int) -> int:
        path = tmp_path / "export.ndjson"
        filler = "y" * 5000
        with path.open("w", encoding="utf-8") as file:
            for number in range(count):
                file.write(line(tweet(str(int(POST_ID) + (number << 22)), filler)) + "\n")
        tracemalloc.start()
        try:
            assert sum(1 for _ in READER.read(Source(path, path.name))) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert peak(1000) < 2 * peak(100)


def test_4cat_keeps_the_envelope_inside_and_is_read_the_same(tmp_path: Path) -> None:
    again = {**tweet(), "__import_meta": {"source_platform": "x.com", "timestamp_collected": 1}}
    path = tmp_path / "again.ndjson"
    path.write_text(json.dumps(again) + "\n", encoding="utf-8")
    assert READER.recognises(head(path, 100))
    [record] = READER.read(Source(path, path.name))
    assert record.rows[0][1]["post_id"] == POST_ID
    assert record.rows[0][1]["collected_at"] == datetime(1970, 1, 1, 0, 0, 0, 1000, tzinfo=UTC)


def test_the_interface_of_2022_is_read(tmp_path: Path) -> None:
    post = {
        "id": 1.75e18,
        "type": "adaptive",
        "legacy": {**tweet()["legacy"], "id_str": POST_ID, "source": "<a>Old App</a>"},
        "user": {"id_str": "22", "screen_name": "bob_example", "name": "Bob", "followers_count": 3},
    }
    row = read(tmp_path, line(post))[0].rows[0][1]
    assert (row["post_id"], row["handle"], row["client"]) == (POST_ID, "bob_example", "Old App")


def test_exports_of_other_platforms_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "export.ndjson"
    path.write_text(line({"id": "7"}, platform="tiktok.com") + "\n", encoding="utf-8")
    assert READER.recognises(head(path))
    with pytest.raises(ReaderError, match=r"export of TikTok.*\n.*4CAT.*CSV"):
        list(READER.read(Source(path, path.name)))


def test_a_foreign_record_in_an_export_of_x_is_refused_alone(tmp_path: Path) -> None:
    records = read(tmp_path, line(tweet()), line({"id": "7"}, platform="instagram.com"))
    assert records[1].rejected == "a record of Instagram, not of X"


def test_an_advertisement_does_not_make_its_author_a_persona(tmp_path: Path) -> None:
    [record] = read(tmp_path, line({**tweet(), "promoted": True}))
    assert rows(record, "accounts")[0]["seen_as"] == "mentioned"
    assert rows(record, "snapshots") == []
    assert x_objects.N_PROMOTED in record.notices


def test_a_utf16_file_is_an_error_that_names_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "export.ndjson"
    path.write_text(line(tweet()), encoding="utf-16")
    with pytest.raises(ReaderError, match="UTF-16"):
        list(READER.read(Source(path, path.name)))


def test_rows_fit_the_tables(tmp_path: Path) -> None:
    import pandas as pd

    records = read(tmp_path, line(repost(tweet("1749999999000000512", "c" * 200, user=BOB))))
    for table in ("posts", "accounts", "snapshots", "media"):
        checked = schema.check(table, pd.DataFrame(all_rows(records, table)))
        assert len(checked)


# raw responses ---------------------------------------------------------------------------------


def test_entries_are_numbered_in_the_order_of_the_response(tmp_path: Path) -> None:
    cursor = {
        "entryId": "cursor-top-1",
        "content": {"entryType": "TimelineTimelineCursor", "itemContent": {"itemType": "X_Cursor"}},
    }
    module = {
        "entryId": "conversationthread-3",
        "content": {
            "entryType": "TimelineTimelineModule",
            "items": [
                {"entryId": "m", "item": {"itemContent": entry(tweet())["content"]["itemContent"]}}
            ],
        },
    }
    records = respond(tmp_path, timeline(cursor, entry(tweet("1750000000004194304")), module))
    assert [(r.line, r.rows[0][1]["post_id"]) for r in records] == [
        (1, "1750000000004194304"),
        (2, POST_ID),
    ]


def test_a_removed_post_is_a_refused_record_with_its_id_and_the_platforms_words(
    tmp_path: Path,
) -> None:
    words = {"text": {"text": "This Post is from a suspended account."}}
    gone = {"__typename": "TweetTombstone", "tombstone": words}
    hidden = {"__typename": "TweetUnavailable", "reason": "NsfwLoggedOut"}
    records = respond(
        tmp_path,
        timeline(entry(gone, "tweet-99"), entry(hidden, "tweet-98"), entry({}, "tweet-97")),
    )
    assert [r.rejected for r in records] == [
        "the platform does not show post 99: This Post is from a suspended account.",
        "the platform does not show post 98: NsfwLoggedOut",
        "the platform sent an empty entry for post 97",
    ]


def test_listed_users_take_the_role_and_suggested_ones_do_not(tmp_path: Path) -> None:
    item = {"itemType": "TimelineUser", "user_results": {"result": NEW_USER}}
    listed = {"entryId": "user-1", "content": {"itemContent": item}}
    suggested = {
        "entryId": "who-to-follow-1",
        "content": {
            "entryType": "TimelineTimelineModule",
            "items": [{"item": {"itemContent": {**item, "user_results": {"result": BOB}}}}],
        },
    }
    records = respond(tmp_path, timeline(listed, suggested))
    assert [r.rows[0][1]["seen_as"] for r in records] == ["listed", "mentioned"]
    assert [len(rows(r, "snapshots")) for r in records] == [1, 0]


def test_about_this_account_becomes_columns(tmp_path: Path) -> None:
    about = {
        "account_based_in": "Ruritania",
        "location_accurate": False,
        "source": "Ruritania App Store",
        "username_changes": {"count": "3", "last_changed_at_msec": "1690335192280"},
    }
    user = {**NEW_USER, "about_profile": about}
    [record] = respond(tmp_path, {"data": {"user_result_by_screen_name": {"result": user}}})
    account = record.rows[0][1]
    assert account["seen_as"] == "profile"
    assert account["about_country"] == "Ruritania"
    assert account["about_country_accurate"] is False
    assert account["about_source"] == "Ruritania App Store"
    assert account["about_username_changes"] == 3
    # 1690335192 s after 1970 is 26 July 2023, 01:33:12 UTC
    assert account["about_last_change"] == datetime(2023, 7, 26, 1, 33, 12, 280_000, tzinfo=UTC)


def test_a_profile_the_platform_does_not_show_is_refused_with_the_reason(tmp_path: Path) -> None:
    gone = {"__typename": "UserUnavailable", "reason": "Suspended"}
    [record] = respond(tmp_path, {"data": {"user": {"result": gone}}})
    assert record.rejected == "the platform does not show a profile: Suspended"


def test_a_response_cut_off_is_one_error_with_file_and_line(tmp_path: Path) -> None:
    whole = json.dumps(timeline(entry(tweet())), indent=1)
    with pytest.raises(ReaderError) as caught:
        respond(tmp_path, whole[: len(whole) // 2].encode())
    assert caught.value.where is not None
    assert int(caught.value.where.rpartition(" ")[2]) > 20


def test_a_response_to_another_question_is_refused(tmp_path: Path) -> None:
    answer = {"data": {"viewer": {"__typename": "Viewer", "rest_id": "1"}}}
    with pytest.raises(ReaderError, match=r"neither posts nor profiles.*viewer"):
        respond(tmp_path, answer)


def test_other_entries_are_records_refused_by_kind(tmp_path: Path) -> None:
    trend = {"entryId": "trend-1", "content": {"itemContent": {"itemType": "TimelineTrend"}}}
    [record] = respond(tmp_path, timeline(trend))
    assert record.rejected == "an entry of another kind: TimelineTrend"


def test_a_response_nested_a_thousand_deep_is_walked(tmp_path: Path) -> None:
    core = json.dumps(timeline(entry(tweet()))).encode()
    assert len(respond(tmp_path, b'{"a":' * 900 + core + b"}" * 900)) == 1


# real files ------------------------------------------------------------------------------------


def counted(document: Any) -> int:
    """Count post and user entries independently: every item with results, every lone profile."""
    if isinstance(document, list):
        return sum(map(counted, document))
    if not isinstance(document, dict):
        return 0
    if "itemType" in document:
        return int("tweet_results" in document or "user_results" in document)
    own = int(document.get("__typename") == "User" and "rest_id" in document)
    return own or sum(map(counted, document.values()))


def test_the_real_export_is_read_whole(shared_data: Path) -> None:
    path = shared_data / "zeeschuimer" / "zeeschuimer-export-x.com-sample.ndjson"
    raw = [json.loads(x) for x in path.read_text(encoding="utf-8").splitlines()]
    records = list(READER.read(Source(path, path.name)))
    assert READER.recognises(head(path))
    assert not READER_GRAPHQL.recognises(head(path))
    assert len(records) == len(raw) == 110
    assert [r.line for r in records] == list(range(1, 111))
    own = [r.rows[0][1] for r in records]
    for item, row in zip(raw, own, strict=True):
        post = item["data"]
        user = post["core"]["user_results"]["result"]
        assert row["post_id"] == post["rest_id"]
        assert row["account_id"] == user["rest_id"]
        assert row["handle"] == (user.get("core") or user["legacy"])["screen_name"]
        moment = snowflake_time(row["post_id"])
        assert moment is not None
        assert 0 <= (moment - row["created_at"]).total_seconds() < 1
    reposts = [i["data"] for i in raw if "retweeted_status_result" in i["data"]["legacy"]]
    found = [r for r in own if r.get("repost_of")]
    assert [r["repost_of"] for r in found] == [
        p["legacy"]["retweeted_status_result"]["result"]["rest_id"] for p in reposts
    ]
    assert len(found) == 21
    assert not any(r["text_truncated"] for r in own)
    assert not any(r["text"].startswith("RT @") for r in found)
    notes = [i["data"] for i in raw if "note_tweet" in i["data"]]
    for post in notes:
        [row] = [r for r in own if r["post_id"] == post["rest_id"]]
        if not row.get("repost_of"):
            assert len(row["text"]) >= len(post["legacy"]["full_text"]) - 24  # a trailing t.co link
    authors = {i["data"]["core"]["user_results"]["result"]["rest_id"] for i in raw}
    seen = {a["account_id"] for a in all_rows(records, "accounts") if a["seen_as"] == "author"}
    assert seen == authors
    empty = [i for i in raw if "count" not in i["data"]["views"] and i["data"] not in reposts]
    assert sum(r["views"] is None for r in own if not r.get("repost_of")) == len(empty)
    assert all(a["followers"] is not None for a in all_rows(records, "accounts"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("manual_tweet_with_video_1.json", 11),
        ("manual_tweet_with_video_2.json", 12),
        ("raw_followers.json", 69),
        ("raw_search.json", 20),
        ("raw_user_about.json", 1),
        ("raw_user_by_login.json", 1),
        ("raw_user_tweets.json", 24),
    ],
)
def test_the_real_responses_are_read_whole(shared_data: Path, name: str, expected: int) -> None:
    path = shared_data / "x_graphql" / name
    text = path.read_text(encoding="utf-8")
    records = list(READER_GRAPHQL.read(Source(path, path.name)))
    assert READER_GRAPHQL.recognises(head(path))
    assert not READER.recognises(head(path))
    assert len(records) == counted(json.loads(text)) == expected
    assert all(r.rejected is None for r in records)
    for post in all_rows(records, "posts"):
        assert f'"rest_id": "{post["post_id"]}"' in text.replace('":"', '": "')
        moment = snowflake_time(post["post_id"])
        assert moment is not None
        assert 0 <= (moment - post["created_at"]).total_seconds() < 1
    for account in all_rows(records, "accounts"):
        assert f'"{account["account_id"]}"' in text
        assert account["handle"]
        assert account["created_at"]
