"""What counts as one object, and what is no object at all."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from casebook import schema
from casebook.errors import ParameterError, TableError
from casebook.objects import events, normalised_url


def posts(*rows: dict[str, Any]) -> pd.DataFrame:
    made = [
        {
            "post": f"x:{n}",
            "platform": "x",
            "account": "x:ada",
            "created_at": "2024-03-01T12:00:00Z",
            "time_precision": "second",
            "embedded": False,
            "evidence_id": "E0001",
            "source_line": n,
            **row,
        }
        for n, row in enumerate(rows, start=1)
    ]
    return schema.check("posts", pd.DataFrame(made))


def objects(frame: pd.DataFrame, layer: str, **options: Any) -> list[str]:
    return events(frame, layers=layer, **options)["object"].tolist()


FULL = {
    "text": "one two three four five",
    "urls": ["https://a.example/page"],
    "hashtags": ["park", "bench", "tree"],
    "mentions": ["zoe", "yan"],
    "media": ["https://p.example/1.jpg"],
    "in_reply_to": "77",
}


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("https://a.example/news?utm_source=x&utm_campaign=y", "https://a.example/news"),
        ("https://a.example/news?UTM_Source=x&id=7&fbclid=abc", "https://a.example/news?id=7"),
        ("https://twitter.com/ada/status/1?s=20&t=abc", "https://x.com/ada/status/1"),
        ("https://mobile.twitter.com/ada/status/1", "https://x.com/ada/status/1"),
        ("https://a.example/list?s=20&t=abc", "https://a.example/list?s=20&t=abc"),
        ("https://a.example:443/page", "https://a.example/page"),
        ("http://a.example:80/page", "https://a.example/page"),
        ("https://a.example:8080/page", "https://a.example:8080/page"),
        ("https://a.example/page#top", "https://a.example/page"),
        ("https://a.example/page/", "https://a.example/page"),
        ("https://a.example/", "https://a.example"),
        ("HTTPS://WWW.A.Example/Page", "https://a.example/Page"),
        ("a.example/page", "https://a.example/page"),
        ("a.example:80/page", "https://a.example/page"),
        ("//a.example/page", "https://a.example/page"),
        ("https://a.example.:443/page", "https://a.example/page"),
        ("https://ada:secret@a.example/page", "https://a.example/page"),
        ("https://youtube.com/watch?v=abc&si=def", "https://youtube.com/watch?v=abc"),
        ("https://a.example/page?q=", "https://a.example/page?q="),
        (" https://a.example/page ", "https://a.example/page"),
        ("mailto:ada@a.example", "mailto:ada@a.example"),
        ("https://[broken/page", "https://[broken/page"),
        ("", None),
        ("   ", None),
        (None, None),
    ],
)
def test_two_ways_of_writing_an_address_are_one(written, normal) -> None:
    assert normalised_url(written) == normal
    assert normalised_url(normal) == normal


def test_an_event_says_who_what_when_and_where_it_was_read() -> None:
    (event,) = events(posts({**FULL}), layers="link").to_dict("records")
    assert event == {
        "account": "x:ada",
        "object": "https://a.example/page",
        "time": pd.Timestamp("2024-03-01T12:00:00Z"),
        "layer": "link",
        "post": "x:1",
        "row": "E0001:1",
        "platform": "x",
        "evidence_id": "E0001",
        "time_precision": "second",
    }


def test_a_post_gives_an_event_in_each_layer_it_has_an_object_for() -> None:
    layers = events(posts(FULL))["layer"].tolist()
    assert layers == ["link", "text", "hashtags", "media", "reply", "mention"]


def test_an_empty_link_is_no_object() -> None:
    assert objects(posts({"urls": [""]}, {"urls": []}, {"urls": ["  "]}), "link") == []
    bare = events(posts({"text": ""}, {"in_reply_to": ""}, {"repost_of": ""}))
    assert bare.empty


def test_one_page_named_twice_in_a_post_is_one_event() -> None:
    twice = ["https://a.example/page?utm_source=x", "http://www.a.example/page/"]
    assert objects(posts({"urls": twice}), "link") == ["https://a.example/page"]


def test_an_original_that_came_along_inside_a_repost_is_no_event() -> None:
    assert events(posts({**FULL, "embedded": True})).empty


@pytest.mark.parametrize(
    "mark", [{"repost_of": "9"}, {"repost_of_handle": "ben"}, {"is_repost": True}]
)
def test_what_a_repost_carries_is_not_the_reposters_own(mark) -> None:
    carried = {k: v for k, v in FULL.items() if k != "in_reply_to"}
    found = events(posts({**carried, **mark}))
    assert found["object"].tolist() == (["x:9"] if "repost_of" in mark else [])
    assert found["layer"].tolist() == (["repost"] if "repost_of" in mark else [])


def test_a_post_marked_as_no_repost_keeps_its_objects() -> None:
    assert len(events(posts({**FULL, "is_repost": False}))) == 6


def test_the_same_id_on_two_platforms_is_two_posts() -> None:
    both = posts({"repost_of": "9"}, {"repost_of": "9", "platform": "tiktok"})
    assert objects(both, "repost") == ["x:9", "tiktok:9"]


def test_truncated_text_is_no_text_object() -> None:
    cut = posts({"text": "one two three four five", "text_truncated": True}, {"text": FULL["text"]})
    assert events(cut, layers="text")["post"].tolist() == ["x:2"]


def test_near_duplicates_are_one_text_object() -> None:
    same = posts(
        {"text": "We all love the new park in our town"},
        {"text": "we all LOVE the new park in our town https://t.co/abc"},
        {"text": "Something else is said here about a bench"},
    )
    one, other, third = objects(same, "text")
    assert one == other != third


def test_hashtags_count_from_three_as_a_set() -> None:
    tagged = posts(
        {"hashtags": ["Tree", "#park", "BENCH", "park"]},
        {"hashtags": ["bench", "tree", "park"]},
        {"hashtags": ["bench", "tree", "Tree"]},
    )
    assert objects(tagged, "hashtags") == ["bench park tree"] * 2


def test_mentions_count_from_two_as_a_set() -> None:
    named = posts(
        {"mentions": ["Zoe", "@yan"]}, {"mentions": ["yan", "zoe"]}, {"mentions": ["zoe", "ZOE"]}
    )
    assert objects(named, "mention") == ["yan zoe"] * 2


def test_terms_of_the_collection_query_are_no_objects() -> None:
    found = posts(
        {"hashtags": ["park", "bench", "tree"], "urls": ["https://www.b.example/x", "https://a.example/y"]},
        {"hashtags": ["park", "bench", "tree", "lake"], "mentions": ["ada", "ben"]},
        {"urls": ["https://sub.b.example/z", "https://notb.example/z"], "mentions": ["ada", "ben", "cleo"]},
    )  # fmt: skip
    terms = ["#Park", "www.b.example", "from:ada"]
    assert objects(found, "hashtags", query_terms=terms) == ["bench lake tree"]
    assert objects(found, "link", query_terms=terms) == [
        "https://a.example/y",
        "https://notb.example/z",
    ]
    assert objects(found, "mention", query_terms=terms) == ["ben cleo"]


def test_a_page_that_was_searched_for_is_no_object_and_its_site_is() -> None:
    found = posts(
        {"urls": ["https://a.example/page?utm_source=x"]}, {"urls": ["https://a.example/other"]}
    )
    terms = ["url:https://a.example/page"]
    assert objects(found, "link", query_terms=terms) == ["https://a.example/other"]


def test_one_picture_under_two_addresses_is_one_object_by_its_file() -> None:
    shown = posts({"media": ["https://p.example/1.jpg"]}, {"media": ["https://p.example/2.jpg"]})
    rows = [
        {
            "media": f"https://p.example/{n}.jpg",
            "account": "x:ada",
            "kind": "image",
            "sha256": "ab12",
        }
        for n in (1, 2)
    ]
    pictures = schema.check("media", pd.DataFrame(rows))
    assert objects(shown, "media", media=pictures) == ["sha256:ab12"] * 2
    assert objects(shown, "media") == ["https://p.example/1.jpg", "https://p.example/2.jpg"]
    unknown = pictures.assign(sha256=pd.array([None, None], dtype="string"))
    assert len(set(objects(shown, "media", media=unknown))) == 2


def test_a_post_without_a_time_or_an_author_is_no_event() -> None:
    assert events(posts({**FULL, "created_at": None}, {**FULL, "account": None})).empty


def test_no_posts_are_no_events_with_the_same_columns() -> None:
    none = events(schema.empty("posts"))
    assert none.empty
    assert list(none.columns) == list(events(posts(FULL)).columns)
    assert none.dtypes.astype(str).tolist() == events(posts(FULL)).dtypes.astype(str).tolist()


def test_several_tables_and_files_are_one(tmp_path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "posts.parquet"
    pq.write_table(pa.Table.from_pandas(posts(FULL), preserve_index=False), path)
    both = events([path, posts({**FULL, "account": "x:ben"})], layers="link")
    assert both["account"].tolist() == ["x:ada", "x:ben"]


def test_an_unknown_layer_is_named_with_the_nearest() -> None:
    with pytest.raises(ParameterError, match="no layer 'links'") as refused:
        events(posts(FULL), layers="links")
    assert "'link'" in str(refused.value.remedy)


def test_events_pass_through_and_need_times_with_a_zone() -> None:
    made = pd.DataFrame(
        {
            "account": ["ada", "ben", "cleo"],
            "object": ["page", "", None],
            "time": ["2024-03-01"] * 3,
        }
    )
    zoned = made.assign(time=pd.to_datetime(made["time"], utc=True))
    assert events(zoned)["account"].tolist() == ["ada"]
    with pytest.raises(TableError, match="times with a zone"):
        events(made)
