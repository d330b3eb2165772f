"""The network as files for other software: they open, they say what they are, and tell no clock."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime

import networkx as nx
import pandas as pd
import pytest

from casebook import schema
from casebook.charts.export import network_files

DAY = pd.Timestamp("2024-05-01", tz="UTC")


def tables(handle="synth_a"):
    keys = ["a", "b", "c", "d", "r"]
    accounts = schema.check(
        "accounts",
        pd.DataFrame(
            {
                "account": keys,
                "platform": "x",
                "handle": [handle, "synth_b", "synth_c", "synth_d", "private_person"],
                "role": ["persona", "persona", "known", "persona", "reference"],
                "stratum": [None] * 4 + ["fans"],
            }
        ),
    )
    pairs = [("a", "b", "link"), ("a", "b", "text"), ("b", "c", "link"), ("c", "d", "link"),
             ("d", "r", "link")]  # fmt: skip
    edges = schema.check(
        "edges",
        pd.DataFrame(
            [
                {"source": s, "target": t, "layer": layer, "co_actions": 5, "objects": 4,
                 "finding": "synchrony", "first": DAY, "last": DAY + pd.Timedelta(days=3)}
                for s, t, layer in pairs
            ]
        ),
    )  # fmt: skip
    clusters = schema.check(
        "clusters",
        pd.DataFrame(
            {"cluster": "C1", "account": keys[:4], "label": "coordinated", "role": "both"}
        ),
    )
    return edges, clusters, accounts


@pytest.fixture
def files():
    return network_files(*tables(), question="Do they act <together>?", synthetic=True)


@pytest.mark.parametrize(
    ("name", "read"), [("network.gexf", nx.read_gexf), ("network.graphml", nx.read_graphml)]
)
def test_what_was_written_is_read_back(files, name, read):
    graph = read(io.BytesIO(files[name]))
    assert set(graph.nodes) == {"synth_a", "synth_b", "synth_c", "synth_d", "fans 1"}
    assert graph.number_of_edges() == 5
    assert graph.nodes["synth_a"]["role"] == "persona"
    assert graph.nodes["synth_a"]["cluster"] == "C1"
    layers = {d["layer"] for _, _, d in graph.edges(data=True) if d["weight"] == 5}
    assert layers == {"link", "text"}


def test_positions_and_colours_go_with_the_nodes(files):
    graph = nx.read_graphml(io.BytesIO(files["network.graphml"]))
    places = {(d["x"], d["y"]) for _, d in graph.nodes(data=True)}
    assert len(places) == 5
    colours = {d["role"]: (d["r"], d["g"], d["b"]) for _, d in graph.nodes(data=True)}
    assert len(set(colours.values())) == 3
    assert files["network.gexf"].count(b"viz:position") == 5


def test_question_period_legend_and_synthetic_mark_are_inside(files):
    for name in ("network.gexf", "network.graphml"):
        text = files[name].decode()
        assert "Do they act &lt;together&gt;?" in text
        assert "1 May 2024 to 4 May 2024" in text
        assert "more often than chance explains" in text
        assert "SYNTHETIC" in text


def test_there_is_no_clock_and_the_same_tables_give_the_same_bytes(files):
    again = network_files(*tables(), question="Do they act <together>?", synthetic=True)
    assert again == files
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    for content in files.values():
        assert today not in content.decode()
        assert not re.search(r"lastmodified", content.decode())


def test_a_reference_account_is_a_number_in_every_file(files):
    for content in files.values():
        assert b"private_person" not in content


def test_node_link_json_is_read_back(files):
    graph = nx.node_link_graph(json.loads(files["network.json"]), edges="edges")
    assert graph.number_of_nodes() == 5
    assert graph.number_of_edges() == 5
    assert graph.nodes["synth_c"]["role"] == "known"
    assert "Do they act <together>?" in graph.graph["name"]


def test_tables_hold_no_formula():
    files = network_files(*tables(handle='=HYPERLINK("http://x")'))
    for name in ("nodes.csv", "edges.csv"):
        for row in csv.reader(io.StringIO(files[name].decode())):
            assert not any(cell.startswith(("=", "+", "@")) for cell in row)


def test_without_a_significant_pair_there_is_no_file():
    edges, clusters, accounts = tables()
    assert network_files(edges.assign(finding="by chance"), clusters, accounts) == {}
