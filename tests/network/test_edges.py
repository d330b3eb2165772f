"""Co-actions are exact: to the pair, to the second, whatever the order and the memory."""

from __future__ import annotations

import random
import statistics
from itertools import combinations

import pandas as pd
import pytest

import casebook.objects
from casebook import schema
from casebook.errors import ParameterError
from casebook.network.edges import (
    _reduced,
    co_action_evidence,
    co_actions,
    directed_weights,
    layer_edges,
)
from tests.conftest import under_two_hash_seeds


def seconds(time: pd.Timestamp) -> float:
    return time.timestamp()


def by_hand(events: pd.DataFrame, window: float) -> dict[tuple[str, str], dict]:
    """Compare every event with every other in plain Python, and count."""
    rows = [(r.account, r.object, seconds(r.time), r.post) for r in events.itertuples(index=False)]
    found: dict[tuple[str, str], list] = {}
    for one, other in combinations(rows, 2):
        if one[1] != other[1] or one[0] == other[0] or abs(one[2] - other[2]) > window:
            continue
        source, target = sorted((one, other))
        found.setdefault((source[0], target[0]), []).append((source, target))
    return {
        pair: {
            "co_actions": len(met),
            "posts_source": len({s[3] for s, _ in met}),
            "posts_target": len({t[3] for _, t in met}),
            "objects": len({s[1] for s, _ in met}),
            "first": min(min(s[2], t[2]) for s, t in met),
            "last": max(max(s[2], t[2]) for s, t in met),
            "median_delay": statistics.median(abs(s[2] - t[2]) for s, t in met),
            "lead": sum(0.5 if s[2] == t[2] else s[2] < t[2] for s, t in met) / len(met),
        }
        for pair, met in found.items()
    }


def as_found(edges: pd.DataFrame) -> dict[tuple[str, str], dict]:
    names = ["co_actions", "posts_source", "posts_target", "objects", "median_delay", "lead"]
    return {
        (row["source"], row["target"]): {
            **{n: row[n] for n in names},
            "first": seconds(row["first"]),
            "last": seconds(row["last"]),
        }
        for row in edges.to_dict("records")
    }


@pytest.fixture
def crowd(acts) -> pd.DataFrame:
    """Fourteen accounts on nine objects within half an hour: ties, repeats, posts of two links."""
    draw = random.Random(7)
    rows = []
    for n in range(260):
        who, when = f"a{draw.randrange(14):02}", draw.randrange(0, 1800, 5)
        rows += [(who, f"o{name}", when, f"p{n}") for name in draw.sample(range(9), 1 + n % 2)]
    return acts(rows)


@pytest.mark.parametrize("window", [2, 30, 60, 600])
def test_edges_equal_a_comparison_of_all_with_all(crowd, window) -> None:
    found = as_found(co_actions(crowd, time_window=window))
    expected = by_hand(crowd, window)
    assert found.keys() == expected.keys()
    for pair, counts in expected.items():
        assert found[pair] == pytest.approx(counts), pair


def test_edges_of_a_real_sample_equal_a_comparison_of_all_with_all(russian) -> None:
    chosen = random.Random(3).sample(sorted(russian["object"].unique()), 150)
    part = russian[russian["object"].isin(chosen)]
    expected = by_hand(part, 600)
    assert len(expected) > 100
    found = as_found(co_actions(part, time_window="10min"))
    assert found.keys() == expected.keys()
    for pair, counts in expected.items():
        assert found[pair] == pytest.approx(counts), pair


def test_the_published_sample_gives_the_published_edges(russian) -> None:
    # CooRTweet: 6,206 edges, 63 of weight 2 or more; the coordination network toolkit, which counts
    # posts one way: 12,412 and 95.
    edges = co_actions(russian, time_window="60s")
    assert len(edges) == 6_206
    assert (edges["co_actions"] >= 2).sum() == 63
    one_way = directed_weights(edges)["weight"]
    assert ((one_way >= 1).sum(), (one_way >= 2).sum()) == (12_412, 95)
    assert len(co_actions(russian, time_window="60s", min_weight=2)) == 63


def test_little_memory_gives_the_same_edges(crowd, monkeypatch) -> None:
    whole = layer_edges(crowd, 600, evidence=True)
    assert whole["co_actions"].sum() > 2_000
    monkeypatch.setattr("casebook.network.engine.BUDGET", 97)
    pd.testing.assert_frame_equal(layer_edges(crowd, 600, evidence=True), whole)


def test_little_memory_gives_the_same_edges_of_a_real_sample(russian, monkeypatch) -> None:
    whole = layer_edges(russian, 60)
    monkeypatch.setattr("casebook.network.engine.BUDGET", 900)
    pd.testing.assert_frame_equal(layer_edges(russian, 60), whole)


def test_pairs_below_the_least_weight_are_left_out_before_they_are_held(crowd, monkeypatch) -> None:
    whole = co_actions(crowd, time_window=600)
    least = int(whole["co_actions"].median())
    few = whole[whole["co_actions"] >= least].reset_index(drop=True)
    assert 0 < len(few) < len(whole)
    pd.testing.assert_frame_equal(co_actions(crowd, time_window=600, min_weight=least), few)
    monkeypatch.setattr("casebook.network.engine.BUDGET", 97)
    pd.testing.assert_frame_equal(co_actions(crowd, time_window=600, min_weight=least), few)


def test_pairs_beyond_one_chunk_of_the_sweep_are_found(crowd, monkeypatch) -> None:
    whole = layer_edges(crowd, 600)
    monkeypatch.setattr("casebook.network.engine.CHUNK", 10)
    pd.testing.assert_frame_equal(layer_edges(crowd, 600), whole)


@pytest.fixture
def two_layers(crowd) -> pd.DataFrame:
    """The crowd, and as many acts of the same accounts on things of another kind."""
    return pd.concat([crowd, crowd.assign(layer="hashtags", object=crowd["object"] + " tag")])


@pytest.mark.parametrize(("group", "budget"), [(1, 97), (7, 1 << 23), (1 << 20, 97)])
@pytest.mark.parametrize("choices", [{}, {"min_weight": 9, "weight": "posts", "evidence": True}])
def test_edges_written_part_by_part_are_those_held_as_one(
    two_layers, tmp_path, monkeypatch, group, budget, choices
) -> None:
    whole = co_actions(two_layers, time_window=60, **choices)
    assert 0 < len(whole) < 182
    monkeypatch.setattr("casebook.network.edges.GROUP", group)
    monkeypatch.setattr("casebook.network.engine.BUDGET", budget)
    path = co_actions(two_layers, time_window=60, to=tmp_path / "edges.parquet", **choices)
    assert [f.name for f in tmp_path.iterdir()] == [path.name]
    read = pd.read_parquet(path)
    assert read[["source", "target", "layer"]].dtypes.astype(str).tolist() == ["category"] * 3
    for column in whole.columns:
        assert read[column].map(str).tolist() == whole[column].map(str).tolist(), column


def test_no_edges_are_a_file_without_rows(acts, tmp_path) -> None:
    path = co_actions(acts([("ada", "page", 0)]), to=str(tmp_path / "edges.parquet"))
    assert tuple(pd.read_parquet(path).columns) == tuple(co_actions(acts([])).columns)
    assert pd.read_parquet(path).empty


def test_a_crash_leaves_the_file_of_before_and_no_half_one(crowd, tmp_path, monkeypatch) -> None:
    path = co_actions(crowd, time_window=60, to=tmp_path / "edges.parquet")
    before = path.read_bytes()
    monkeypatch.setattr("casebook.network.edges.GROUP", 5)
    monkeypatch.setattr("casebook.network.engine.BUDGET", 97)
    made = []

    def third_fails(*given):
        made.append(given)
        if len(made) == 3:
            raise MemoryError
        return _reduced(*given)

    monkeypatch.setattr("casebook.network.edges._reduced", third_fails)
    with pytest.raises(MemoryError):
        co_actions(crowd, time_window=600, to=path)
    assert [f.name for f in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == before


def test_a_file_in_no_folder_is_refused_before_anything_is_counted(tmp_path) -> None:
    with pytest.raises(ParameterError, match="there is no folder"):
        co_actions(tmp_path / "no posts.parquet", to=tmp_path / "nowhere" / "edges.parquet")
    with pytest.raises(ParameterError, match="it is a folder"):
        co_actions(tmp_path / "no posts.parquet", to=tmp_path)


@pytest.fixture
def posts() -> pd.DataFrame:
    """Forty posts of five accounts with all kinds of objects, no two texts quite the same."""
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    return pd.DataFrame(
        {
            "post": [f"x:{n}" for n in range(40)],
            "platform": "x",
            "account": [f"x:{n % 5}" for n in range(40)],
            "created_at": pd.to_datetime([n // 5 * 300 + n % 5 for n in range(40)], unit="s", utc=True),
            "text": [" ".join([*words, f"w{n}"]) for n in range(40)],
            "urls": [[f"https://page.example/{n // 5}"] for n in range(40)],
            "hashtags": [["a", "b", f"c{n // 5}"] for n in range(40)],
            "evidence_id": "E0001",
            "source_line": range(1, 41),
            "client": "not read",
        }
    )  # fmt: skip


def test_files_read_in_parts_give_the_edges_of_one_frame(posts, tmp_path, monkeypatch) -> None:
    whole = co_actions(posts, time_window=60, evidence=True)
    assert set(whole["layer"]) == {"link", "text", "hashtags"}
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path, part in zip(paths, (posts[:17], posts[17:]), strict=True):
        part.to_parquet(path)
    monkeypatch.setattr("casebook.objects.PART", 3)
    pd.testing.assert_frame_equal(co_actions(paths, time_window=60, evidence=True), whole)
    mixed = co_actions([str(paths[0]), posts[17:]], time_window=60, evidence=True)
    pd.testing.assert_frame_equal(mixed, whole)
    nameless = posts.drop(columns="post")
    nameless.to_parquet(paths[0])
    pd.testing.assert_frame_equal(co_actions(paths[0], time_window=60, evidence=True), whole)


def test_only_what_a_layer_needs_is_read_of_a_file(posts, tmp_path, monkeypatch) -> None:
    path = tmp_path / "posts.parquet"
    posts.to_parquet(path)
    read = []
    by_layer = casebook.objects._by_layer
    monkeypatch.setattr(
        "casebook.objects._by_layer", lambda *given: read.append(set(given[0])) or by_layer(*given)
    )
    co_actions(path, layers="hashtags")
    assert read == [{"post", "platform", "account", "created_at", "hashtags"}]
    co_actions(path, layers="text", evidence=True)
    assert read[1] == read[0] - {"hashtags"} | {"text", "evidence_id", "source_line"}


def test_the_order_of_the_rows_does_not_matter(crowd) -> None:
    there = co_actions(crowd, time_window=600, evidence=True)
    pd.testing.assert_frame_equal(co_actions(crowd[::-1], time_window=600, evidence=True), there)
    mixed = crowd.sample(frac=1, random_state=5)
    pd.testing.assert_frame_equal(co_actions(mixed, time_window=600, evidence=True), there)


SCRIPT = """
import pandas as pd
from casebook.network import co_actions
posts = pd.DataFrame({
    "post": ["1", "2", "3", "4"], "account": ["x:1", "x:2", "x:3", "x:1"],
    "created_at": pd.to_datetime([0, 20, 20, 400], unit="s", utc=True),
    "text": ["one two three four five six"] * 4, "urls": [["https://b.example", "https://a.example"]] * 4,
    "hashtags": [["c", "b", "a"]] * 4, "mentions": [["zoe", "yan"]] * 4,
})
print(co_actions(posts, time_window="10min").to_csv())
"""


def test_the_seed_of_hashes_does_not_matter() -> None:
    outputs = under_two_hash_seeds(SCRIPT)
    assert outputs[0] == outputs[1]
    assert outputs[0].count("x:1,x:2,") == 4


def test_the_window_is_inclusive(acts) -> None:
    on_the_edge = acts([("ada", "page", 0), ("ben", "page", 60)])
    beyond = acts([("ada", "page", 0), ("ben", "page", 60.000001)])
    assert co_actions(on_the_edge, time_window="60s")["median_delay"].tolist() == [60.0]
    assert co_actions(beyond, time_window="60s").empty


def test_an_account_is_never_paired_with_itself(acts) -> None:
    edges = co_actions(acts([("ada", "page", 0), ("ada", "page", 5), ("ben", "page", 9)]))
    assert edges[["source", "target", "co_actions"]].values.tolist() == [["ada", "ben", 2]]
    assert co_actions(acts([("ada", "page", 0), ("ada", "page", 5)])).empty


def test_objects_that_follow_each_other_do_not_mix(acts) -> None:
    assert co_actions(acts([("ada", "page one", 0), ("ben", "page two", 1)])).empty


def test_centuries_between_posts_do_not_overflow(acts) -> None:
    late = 250 * 366 * 86_400
    rows = [
        (who, f"page {n}", when) for n in range(1300) for who, when in (("ada", 0), ("ben", late))
    ]
    rows += [("cleo", "page 1299", late + 30)]
    assert co_actions(acts(rows))[["source", "target"]].values.tolist() == [["ben", "cleo"]]


def test_who_leads_is_the_share_of_first_moves_and_a_tie_is_half(acts) -> None:
    rows = [
        ("ben", "one", 0), ("ada", "one", 10),
        ("ada", "two", 1000), ("ben", "two", 1030),
        ("ada", "three", 2000), ("ben", "three", 2000),
        ("ada", "four", 3000), ("ben", "four", 3020),
    ]  # fmt: skip
    (edge,) = co_actions(acts(rows)).to_dict("records")
    assert edge["lead"] == pytest.approx((0 + 1 + 0.5 + 1) / 4)
    assert edge["median_delay"] == 15.0
    assert (seconds(edge["first"]), seconds(edge["last"])) == (0, 3020)


def test_a_post_that_matches_through_two_objects_is_one_post(acts) -> None:
    rows = [
        ("ada", "one", 0, "a"),
        ("ada", "two", 0, "a"),
        ("ben", "one", 5, "b"),
        ("ben", "two", 9, "c"),
    ]
    (edge,) = co_actions(acts(rows)).to_dict("records")
    assert (edge["co_actions"], edge["objects"]) == (2, 2)
    assert (edge["posts_source"], edge["posts_target"]) == (1, 2)
    one_way = directed_weights(co_actions(acts(rows)))
    assert one_way[["source", "target", "weight"]].values.tolist() == [
        ["ada", "ben", 1],
        ["ben", "ada", 2],
    ]


def test_the_weight_named_is_the_weight_that_counts(acts) -> None:
    rows = [
        ("ada", "one", 0, "a"),
        ("ada", "two", 0, "a"),
        ("ben", "one", 5, "b"),
        ("ben", "two", 5, "b"),
    ]
    assert len(co_actions(acts(rows), min_weight=2)) == 1
    assert co_actions(acts(rows), weight="posts", min_weight=2).empty
    with pytest.raises(ParameterError, match="no weight 'likes'"):
        co_actions(acts(rows), weight="likes")  # type: ignore[arg-type]


def test_layers_are_counted_apart(acts) -> None:
    links = acts([("ada", "same name", 0), ("ben", "same name", 5)])
    tags = acts([("ada", "same name", 3), ("ben", "same name", 9)]).assign(layer="hashtags")
    edges = co_actions(pd.concat([tags, links]))
    assert edges[["layer", "co_actions"]].values.tolist() == [["link", 1], ["hashtags", 1]]
    assert co_actions(pd.concat([tags, links]), layers="hashtags")["layer"].tolist() == ["hashtags"]


def test_nothing_shared_is_an_empty_table_of_the_same_columns(acts) -> None:
    full = co_actions(acts([("ada", "page", 0), ("ben", "page", 5)]))
    for none in (acts([]), acts([("ada", "page", 0)])):
        edges = co_actions(none)
        assert edges.empty
        assert tuple(edges.columns) == schema.table("edges").names[:12]
        assert edges.dtypes.astype(str).to_dict() == full.dtypes.astype(str).to_dict()


def test_evidence_names_the_rows_of_both_sides(acts) -> None:
    rows = [("ada", "page", 0), ("cleo", "other", 0), ("ben", "page", 5)]
    (edge,) = co_actions(acts(rows), evidence=True).to_dict("records")
    assert list(edge["evidence"]) == ["E0001:1", "E0001:3"]
    many = acts([(who, f"page {n}", n * 500) for n in range(30) for who in ("ada", "ben")])
    (edge,) = co_actions(many, evidence=True).to_dict("records")
    assert edge["co_actions"] == 30
    assert len(edge["evidence"]) == len(set(edge["evidence"])) == 20


def test_every_co_action_of_two_accounts_can_be_listed(acts) -> None:
    rows = [
        ("ben", "one", 0, "b1"), ("ada", "one", 10, "a1"),
        ("ada", "two", 1000, "a2"), ("ben", "two", 1030, "b2"),
        ("cleo", "two", 1001, "c1"), ("ben", "three", 5000, "b3"), ("ada", "three", 5061, "a3"),
    ]  # fmt: skip
    listed = co_action_evidence(acts(rows), "ada", "ben", time_window="60s")
    names = ["object", "post_source", "post_target", "row_source", "row_target", "delay"]
    assert listed[names].values.tolist() == [
        ["one", "a1", "b1", "E0001:2", "E0001:1", -10.0],
        ["two", "a2", "b2", "E0001:3", "E0001:4", 30.0],
    ]
    assert co_action_evidence(acts(rows), "ada", "dora").empty
