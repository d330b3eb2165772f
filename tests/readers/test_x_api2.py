"""X API v2: pages, flattened posts and split files, and the files of its make without posts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook import schema
from casebook.errors import ReaderError
from casebook.readers import x_api2, x_common
from casebook.readers.base import Head, Record, Source, snowflake_time
from casebook.readers.x_api2 import READER

if TYPE_CHECKING:
    from pathlib import Path

ADA: dict[str, Any] = {
    "id": "1400000000000000007",
    "username": "ada_example",
    "name": "Ada Example",
    "description": "Gardens",
    "location": "Springfield",
    "created_at": "2021-06-02T10:20:30.000Z",
    "url": "https://t.co/a",
    "entities": {"url": {"urls": [{"expanded_url": "https://example.org/ada"}]}},
    "profile_image_url": "https://pbs.example/ada.jpg",
    "public_metrics": {"followers_count": 12, "following_count": 34, "tweet_count": 56},
    "verified": True,
    "verified_type": "blue",
}
BOB: dict[str, Any] = {"id": "22", "username": "bob_example", "name": "Bob"}
CAT: dict[str, Any] = {"id": "33", "username": "cat_example", "name": "Cat"}
ORIGINAL_ID = "1749999999000000512"


def post(post_id: str = "1750000000000000001", **more: Any) -> dict[str, Any]:
    """Return a post of Ada, written when its id was made."""
    moment = snowflake_time(post_id)
    assert moment is not None
    return {
        "id": post_id,
        "text": "Tom &amp; Ann",
        "author_id": ADA["id"],
        "conversation_id": post_id,
        "created_at": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "lang": "en",
        "source": "Sample App",
        "public_metrics": {
            "like_count": 1,
            "reply_count": 2,
            "retweet_count": 3,
            "quote_count": 4,
            "impression_count": 90,
        },
        **more,
    }


def original(**more: Any) -> dict[str, Any]:
    return {**post(ORIGINAL_ID), "author_id": "22", "text": "c" * 200, **more}


def repost() -> dict[str, Any]:
    return post(
        text="RT @bob_example: " + "c" * 122 + "…",
        referenced_tweets=[{"type": "retweeted", "id": ORIGINAL_ID}],
        entities={"mentions": [{"username": "bob_example", "id": "22"}]},
    )


def page(*posts: Any, users: Any = (ADA,), **includes: Any) -> dict[str, Any]:
    return {
        "data": list(posts),
        "includes": {"users": list(users), **includes},
        "__twarc": {"retrieved_at": "2024-02-01T12:00:00+00:00"},
    }


def read(folder: Path, *documents: Any, companion: Any = None, indent: Any = None) -> list[Record]:
    path = folder / "posts.jsonl"
    texts = [x if isinstance(x, str) else json.dumps(x, indent=indent) for x in documents]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    beside: tuple[Path, ...] = ()
    if companion is not None:
        beside = (folder / "users_1.json",)
        beside[0].write_text(json.dumps(companion), encoding="utf-8")
    return list(READER.read(Source(path, path.name, companions=beside)))


def rows(record: Record, table: str) -> list[dict[str, Any]]:
    return [row for name, row in record.rows if name == table]


def all_rows(records: list[Record], table: str) -> list[dict[str, Any]]:
    return [row for record in records for row in rows(record, table)]


def head(path: Path, size: int = 4096) -> Head:
    return Head(path.name, path.read_bytes()[:size], path)


# posts -----------------------------------------------------------------------------------------


def test_a_post_becomes_a_row_with_its_author_and_a_snapshot(tmp_path: Path) -> None:
    [record] = read(tmp_path, page(post()))
    row = record.rows[0][1]
    assert [name for name, _ in record.rows] == ["posts", "accounts", "snapshots", "media"]
    assert row["post"] == "x:1750000000000000001"
    assert row["account"] == "x:1400000000000000007"
    assert row["handle"] == "ada_example"
    assert row["text"] == "Tom & Ann"
    assert row["created_at"] == datetime(2024, 1, 24, 3, 38, 8, 84_000, tzinfo=UTC)
    assert [row[c] for c in ("likes", "replies", "reposts", "quotes", "views")] == [1, 2, 3, 4, 90]
    captured = datetime(2024, 2, 1, 12, tzinfo=UTC)
    account, snapshot = record.rows[1][1], record.rows[2][1]
    assert row["collected_at"] == account["collected_at"] == snapshot["captured_at"] == captured
    assert (account["website"], account["followers"]) == ("https://example.org/ada", 12)
    assert (account["verified"], account["verified_type"]) == (True, "blue")
    assert account["seen_as"] == "author"
    assert record.notices == ()


def test_a_repost_takes_the_full_text_of_the_included_original(tmp_path: Path) -> None:
    links = {"urls": [{"expanded_url": "https://example.org/late"}], "hashtags": [{"tag": "late"}]}
    included = original(entities=links)
    [record] = read(tmp_path, page(repost(), users=[ADA, BOB], tweets=[included]))
    own, embedded = rows(record, "posts")
    assert own["text"] == "c" * 200
    assert own["text_truncated"] is False
    assert (own["repost_of"], own["repost_of_handle"]) == (ORIGINAL_ID, "bob_example")
    assert (own["urls"], own["hashtags"]) == (["https://example.org/late"], ["late"])
    assert own.get("reposts") is None
    assert embedded["reposts"] == 3
    assert embedded["embedded"] is True
    seen = [(a["handle"], a["seen_as"]) for a in rows(record, "accounts")]
    assert seen == [("ada_example", "author"), ("bob_example", "reposted")]
    assert len(rows(record, "snapshots")) == 1


def test_a_repost_without_its_original_is_marked_as_cut(tmp_path: Path) -> None:
    [record] = read(tmp_path, page(repost()))
    row = record.rows[0][1]
    assert row["repost_of"] == ORIGINAL_ID
    assert row["repost_of_handle"] == "bob_example"
    assert row["text"] == "c" * 122 + "…"
    assert row["text_truncated"] is True
    assert row["mentions"] == []
    assert record.notices == (x_api2.N_NO_ORIGINAL,)


def test_links_are_unwound_and_pictures_are_no_links(tmp_path: Path) -> None:
    own = "https://twitter.com/ada_example/status/1750000000000000001/photo/1"
    urls = [
        {"expanded_url": "https://short.example/1", "unwound_url": "https://example.org/long"},
        {"expanded_url": "https://example.org/plain"},
        {"expanded_url": own},
    ]
    media = [{"media_key": "3_1", "type": "photo", "url": "https://pbs.example/p.jpg"}]
    made = post(entities={"urls": urls}, attachments={"media_keys": ["3_1"]})
    row = read(tmp_path, page(made, media=media))[0].rows[0][1]
    assert row["urls"] == ["https://example.org/long", "https://example.org/plain"]
    assert row["media"] == ["https://pbs.example/p.jpg"]
    # without the included media their page is all there is
    assert read(tmp_path, page(made))[0].rows[0][1]["media"] == [own]


def test_replies_and_quotes_name_what_they_refer_to(tmp_path: Path) -> None:
    made = post(
        referenced_tweets=[
            {"type": "replied_to", "id": "44"},
            {"type": "quoted", "id": ORIGINAL_ID},
        ],
        in_reply_to_user_id="33",
    )
    [record] = read(tmp_path, page(made, users=[ADA, BOB, CAT], tweets=[original()]))
    row = record.rows[0][1]
    assert (row["in_reply_to"], row["in_reply_to_handle"]) == ("44", "cat_example")
    assert row["quote_of"] == ORIGINAL_ID
    seen = {a["handle"]: a["seen_as"] for a in rows(record, "accounts")}
    assert seen == {"ada_example": "author", "bob_example": "quoted", "cat_example": "mentioned"}


def test_empty_objects_of_r_are_empty_lists(tmp_path: Path) -> None:
    made = post(
        entities={"urls": {}, "hashtags": {}, "mentions": {}, "annotations": {}},
        attachments={"media_keys": {}},
        context_annotations={},
        geo={},
    )
    row = read(tmp_path, [made])[0].rows[0][1]
    assert (row["urls"], row["hashtags"], row["mentions"], row["media"]) == ([], [], [], [])


def test_long_and_edited_and_withheld_posts(tmp_path: Path) -> None:
    versions = ["1750000000000000001", "1750000251658240001"]
    made = post(
        note_tweet={"text": "n" * 400, "entities": {"hashtags": [{"tag": "late"}]}},
        edit_history_tweet_ids=versions,
        withheld={"copyright": False, "country_codes": ["XX"]},
    )
    [record] = read(tmp_path, page(made))
    row = record.rows[0][1]
    assert (row["text"], row["hashtags"]) == ("n" * 400, ["late"])
    assert row["edited_at"] == snowflake_time(versions[1])
    assert record.notices == (x_common.N_EDITED, x_common.N_WITHHELD)


def test_flattened_and_paged_posts_give_the_same_rows(tmp_path: Path) -> None:
    included = original()
    flat = repost()
    flat["author"] = ADA
    flat["referenced_tweets"] = [{"type": "retweeted", **included, "author": BOB}]
    flat["__twarc"] = {"retrieved_at": "2024-02-01T12:00:00+00:00"}
    paged = page(repost(), users=[ADA, BOB], tweets=[included])
    assert read(tmp_path, flat)[0].rows == read(tmp_path, paged)[0].rows


# the file --------------------------------------------------------------------------------------


def test_records_are_posts_numbered_through_pages(tmp_path: Path) -> None:
    first = page(post(), post("1750000000004194304"))
    records = read(tmp_path, first, page(post("1750000000008388608")))
    assert [r.line for r in records] == [1, 2, 3]


def test_in_the_flat_layout_a_record_is_its_line(tmp_path: Path) -> None:
    records = read(tmp_path, post(), "", "no json", post("1750000000004194304"))
    assert [(r.line, r.rejected is None) for r in records] == [(1, True), (3, False), (4, True)]
    assert records[1].rejected is not None
    assert records[1].rejected.startswith("line 3: not JSON")


def test_an_indented_response_is_one_page(tmp_path: Path) -> None:
    assert len(read(tmp_path, page(post(), post("1750000000004194304")), indent=1)) == 2


def test_posts_asked_for_and_not_given_are_records_with_a_reason(tmp_path: Path) -> None:
    errors = [
        {"resource_type": "tweet", "parameter": "ids", "resource_id": "5", "title": "Not Found"},
        {
            "resource_type": "user",
            "parameter": "entities.mentions.username",
            "title": "Forbidden",
            "detail": "User has been suspended: [somebody].",
        },
    ]
    records = read(tmp_path, {**page(post()), "errors": errors})
    assert [r.rejected for r in records] == [None, "the platform did not give post 5: Not Found"]
    assert records[0].notices == ("the platform left out a user: Forbidden (suspended)",)
    only = read(tmp_path, {"errors": errors[:1], "__twarc": {}})
    assert [bool(r.rejected) for r in only] == [True]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"data": [{"start": "a", "end": "b", "tweet_count": 5}]}, "numbers of posts over time"),
        ({"data": [{"id": "9", "name": "My list", "owner_id": "1"}], "meta": {}}, "lists"),
        ({"data": [ADA, BOB]}, "profiles of users"),
        (
            {"id": "9", "action": "delete", "created_at": "x", "reason": "deleted"},
            "a compliance list",
        ),
    ],
)
def test_files_without_posts_are_refused_by_what_they_hold(
    tmp_path: Path, document: Any, words: str
) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text(json.dumps(document) + "\n", encoding="utf-8")
    assert READER.recognises(head(path))
    with pytest.raises(ReaderError, match=words) as caught:
        list(READER.read(Source(path, path.name)))
    assert caught.value.where == "posts.jsonl, line 1"
    assert "no posts" in caught.value.what


@pytest.mark.parametrize(
    "document",
    [
        {"id": 1, "id_str": "1", "full_text": "old api", "user": {}},
        {"id": "1", "text": "a comment", "score": 3},
        {"data": {"user": {"__typename": "User"}}},
        [1, 2],
        {"messages": []},
    ],
)
def test_other_json_is_not_taken_for_this_format(tmp_path: Path, document: Any) -> None:
    path = tmp_path / "other.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert not READER.recognises(head(path))


def test_a_file_is_recognised_by_a_short_beginning_of_a_long_line(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text(json.dumps([post()] * 4000), encoding="utf-8")
    assert READER.recognises(head(path, 200))


@pytest.mark.parametrize("content", [b"", b"bad\n", b'{"a": 1}\n', b"{\n", b'{\n"a": 1}\n'])
def test_a_file_without_one_record_is_one_error_with_file_and_line(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_bytes(content)
    with pytest.raises(ReaderError) as caught:
        list(READER.read(Source(path, path.name)))
    assert caught.value.where is not None
    assert caught.value.where.startswith("posts.jsonl, line ")
    assert caught.value.remedy


def test_a_page_that_stops_in_the_middle_says_the_file_is_cut(tmp_path: Path) -> None:
    whole = json.dumps(page(post()))
    path = tmp_path / "posts.jsonl"
    path.write_text(f"{whole}\n{whole[:300]}", encoding="utf-8")
    records = list(READER.read(Source(path, path.name)))
    assert [r.rejected is None for r in records] == [True, False]
    assert records[1].notices == (x_common.N_CUT,)


def test_ids_that_are_numbers_of_any_size_keep_every_digit(tmp_path: Path) -> None:
    text = json.dumps(page(post(), post("1750000000004194304")))
    for digits in ("1750000000000000003", "123456789012345678901234567890"):
        changed = text.replace('"id": "1750000000000000001"', f'"id": {digits}')
        found = [r.rows[0][1]["post_id"] for r in read(tmp_path, changed)]
        assert found == [digits, "1750000000004194304"]


# split files -----------------------------------------------------------------------------------


def test_a_data_file_takes_profiles_and_originals_from_its_users_file(tmp_path: Path) -> None:
    companion = {"users": [ADA, BOB, CAT], "tweets": [original()]}
    [record] = read(tmp_path, [repost()], companion=companion)
    seen = {a["handle"]: a["seen_as"] for a in rows(record, "accounts")}
    assert seen == {"ada_example": "author", "bob_example": "reposted", "cat_example": "mentioned"}
    assert record.rows[0][1]["text"] == "c" * 200


def test_a_data_file_alone_gives_ids_and_says_what_is_missing(tmp_path: Path) -> None:
    records = read(tmp_path, [post(), post("1750000000004194304")])
    accounts = all_rows(records, "accounts")
    assert [a["account"] for a in accounts] == ["x:1400000000000000007"] * 2
    assert [a.get("handle") for a in accounts] == [None, None]
    assert accounts[0]["created_at_source"] == "snowflake"
    assert [r.notices.count(x_api2.N_NO_INCLUDES) for r in records] == [1, 0]


def test_a_users_file_alone_makes_nobody_a_persona(tmp_path: Path) -> None:
    records = read(tmp_path, {"users": [ADA, BOB], "tweets": [original()], "places": []})
    assert [r.line for r in records] == [1, 2, 3]
    assert [r.rows[0][0] for r in records] == ["accounts", "accounts", "posts"]
    assert {a["seen_as"] for a in all_rows(records, "accounts")} == {"mentioned"}
    assert all_rows(records, "posts")[0]["embedded"] is True
    assert records[0].notices == (x_api2.N_ALONE,)


def test_a_companion_that_lists_no_users_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match="lists no users"):
        read(tmp_path, [post()], companion=[post()])


# shapes ----------------------------------------------------------------------------------------


@settings(deadline=None, database=None, derandomize=True, max_examples=60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "text", "users", "type", "entities", "urls", "author"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_shape_of_a_page_crashes_the_reader(tmp_path_factory: Any, shape: Any) -> None:
    folder = tmp_path_factory.mktemp("shape")
    strange = post("1750000000004194304")
    for name in ("entities", "attachments", "referenced_tweets", "public_metrics", "author"):
        strange[name] = shape
    records = read(folder, page(post()), page(strange, users=[ADA, shape]), strange)
    assert len(records) == 3
    assert all(r.rejected is None for r in records)


def test_rows_fit_the_tables(tmp_path: Path) -> None:
    import pandas as pd

    records = read(tmp_path, page(repost(), users=[ADA, BOB, CAT], tweets=[original()]))
    for table in ("posts", "accounts", "snapshots", "media"):
        assert len(schema.check(table, pd.DataFrame(all_rows(records, table))))


# real files ------------------------------------------------------------------------------------

TWARC = {
    "2sets.jsonl": 200,
    "brexit.jsonl": 100,
    "edited.jsonl": 1,
    "edited_after.jsonl": 1,
    "edited_before.jsonl": 1,
    "flat.jsonl": 100,
    "geo_tweets.jsonl": 2,
    "kpop.jsonl": 100,
    "media_policy_violation_off.jsonl": 100,
    "media_policy_violation_on.jsonl": 100,
    "media_tweet.jsonl": 1,
    "noflat.jsonl": 100,
    "verified_type.jsonl": 1,
}


def check_posts(records: list[Record], raw: list[dict[str, Any]]) -> None:
    """Compare the records with the posts of the file, one by one."""
    assert len(records) == len(raw)
    assert [r.line for r in records] == list(range(1, len(raw) + 1))
    for record, item in zip(records, raw, strict=True):
        row = record.rows[0][1]
        assert record.rejected is None
        assert row["post_id"] == item["id"]
        assert row["account_id"] == item["author_id"]
        assert row["created_at"] == datetime.fromisoformat(item["created_at"])
        kinds = {r["type"]: r["id"] for r in item.get("referenced_tweets", [])}
        assert row.get("repost_of") == kinds.get("retweeted")
        assert row.get("quote_of") == kinds.get("quoted")
        assert row.get("in_reply_to") == kinds.get("replied_to")
    for row in all_rows(records, "posts"):
        moment = snowflake_time(row["post_id"])
        assert moment is not None
        assert abs((moment - row["created_at"]).total_seconds()) < 1


@pytest.mark.parametrize("name", sorted(TWARC))
def test_the_real_twarc_files_are_read_whole(shared_data: Path, name: str) -> None:
    path = shared_data / "twitter_v2_twarc" / name
    pages = [json.loads(x) for x in path.read_text(encoding="utf-8").splitlines()]
    raw = [p for one in pages for p in (one.get("data", [one]))]
    records = list(READER.read(Source(path, path.name)))
    assert READER.recognises(head(path))
    assert len(raw) == TWARC[name]
    check_posts(records, raw)
    included = {u["id"] for one in pages for u in one.get("includes", {}).get("users", [])}
    found = {a["account_id"] for a in all_rows(records, "accounts")}
    assert included <= found
    assert not any(r["text_truncated"] for r in all_rows(records, "posts") if r.get("repost_of"))


def test_the_real_flat_and_paged_files_of_one_search_give_the_same_posts(shared_data: Path) -> None:
    folder = shared_data / "twitter_v2_twarc"
    found = []
    for name in ("flat.jsonl", "noflat.jsonl"):
        records = list(READER.read(Source(folder / name, name)))
        own = {r.rows[0][1]["post_id"]: r.rows[0][1] for r in records}
        embedded = {p["post_id"] for p in all_rows(records, "posts")}
        accounts = {a["account"] for a in all_rows(records, "accounts")}
        found.append((own, embedded, accounts))
    assert found[0] == found[1]
    assert [len(x) for x in found[0]] == [100, 164, 178]


@pytest.mark.parametrize(
    ("name", "posts", "users"),
    [
        ("hk/data_1399524961891532805.json", 134, 89),
        ("hk/data_1400648353990397952.json", 497, 387),
        ("hk/data_1402796118610751499.json", 498, 350),
        ("hk/data_1404802680099414031.json", 499, 347),
        ("commtwitter/data_1399765322509557763.json", 5, 4),
    ],
)
def test_the_real_split_files_are_read_together_and_alone(
    shared_data: Path, name: str, posts: int, users: int
) -> None:
    path = shared_data / "twitter_v2_hongkong" / name
    beside = path.with_name(path.name.replace("data_", "users_"))
    raw = json.loads(path.read_text(encoding="utf-8"))
    listed = json.loads(beside.read_text(encoding="utf-8"))
    assert (len(raw), len(listed["users"])) == (posts, users)
    assert READER.recognises(head(path))
    assert READER.recognises(head(beside))
    together = list(READER.read(Source(path, path.name, companions=(beside,))))
    check_posts(together, raw)
    authors = {
        a["account_id"]: a for a in all_rows(together, "accounts") if a["seen_as"] == "author"
    }
    assert set(authors) == {p["author_id"] for p in raw}
    assert {a["account_id"] for a in all_rows(together, "accounts")} == {
        u["id"] for u in listed["users"]
    }
    by_id = {u["id"]: u for u in listed["users"]}
    assert all(a["handle"] == by_id[i]["username"] for i, a in authors.items())
    tags = sum(
        len({t["tag"] for t in p["entities"]["hashtags"]}) for p in raw if p["entities"]["hashtags"]
    )
    if name.startswith("hk/"):
        assert sum(len(r.rows[0][1]["hashtags"]) for r in together) == tags
    check_posts(list(READER.read(Source(path, path.name))), raw)
    alone = list(READER.read(Source(beside, beside.name)))
    assert len(alone) == users + len(listed.get("tweets", []))
