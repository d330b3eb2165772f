"""The map to explore: what it shows, that it loads nothing, and that evidence stays text."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from casebook import schema
from casebook.charts import explorer
from casebook.charts.explorer import explorer_data, explorer_page
from casebook.widgets.explorer import map_widget, network_explorer
from tests.charts.test_export import tables
from tests.report.test_browser import Seen, chromium  # noqa: F401 - a fixture

HOSTILE = "</script><img src=x onerror=\"document.title='ran'\">"


def timed(edges: pd.DataFrame) -> pd.DataFrame:
    scales = [60.0, 7_200.0, 600.0, 600.0, 1_800.0]
    findings = ["synchrony", "shared attention", "synchrony", "synchrony", "synchrony"]
    evidence = [["E0001:1", "E0001:2"]] * len(edges)
    return edges.assign(scale=scales, finding=findings, evidence=evidence, time_window=60.0)


@pytest.fixture
def data():
    edges, clusters, accounts = tables()
    return explorer_data(timed(edges), clusters, accounts, synthetic=True)


def test_every_account_and_pair_is_there_with_its_evidence(data):
    names = [n["name"] for n in data["nodes"]]
    assert sorted(names) == ["fans 1", "synth_a", "synth_b", "synth_c", "synth_d"]
    assert len(data["edges"]) == 5
    ends = {(names[e["source"]], names[e["target"]], e["layer"]) for e in data["edges"]}
    assert ("synth_a", "synth_b", "text") in ends
    assert all(e["evidence"] == ["E0001:1", "E0001:2"] for e in data["edges"])
    assert [s["seconds"] for s in data["scales"]] == [60.0, 600.0, 1_800.0, 7_200.0]
    assert [layer["name"] for layer in data["layers"]] == ["link", "text"]
    assert {r["name"] for r in data["roles"]} == {"persona", "known", "reference"}
    assert len({r["shape"] for r in data["roles"]}) == 3


def test_pairs_by_chance_are_not_drawn():
    edges, clusters, accounts = tables()
    shown = explorer_data(edges.assign(finding="by chance"), clusters, accounts)
    assert shown["nodes"] == shown["edges"] == []


def test_too_many_accounts_become_clusters_and_the_map_says_so(monkeypatch):
    edges, clusters, accounts = tables()
    two = clusters.assign(cluster=["C1", "C1", "C2", "C2"])
    monkeypatch.setattr(explorer, "MOST_NODES", 3)
    shown = explorer_data(timed(edges), two, accounts)
    assert [(n["name"], n["members"]) for n in shown["nodes"]] == [
        ("cluster C1", 2),
        ("cluster C2", 2),
    ]
    assert [e["pairs"] for e in shown["edges"]] == [1]  # b and c; d and r has an end outside
    assert "5 accounts and 5 pairs are too many" in shown["note"]


def test_the_page_is_the_same_each_time_and_may_run_its_own_script_only(data):
    page = explorer_page(data, title="A <title>").decode()
    assert page == explorer_page(data, title="A <title>").decode()
    assert "default-src 'none'; script-src 'sha256-" in page
    assert "<title>A &lt;title&gt;</title>" in page
    held = page.partition('id="data">')[2].partition("</script>")[0]
    assert json.loads(held) == json.loads(json.dumps(data))
    assert "://" not in page


def test_in_the_unattended_run_the_map_is_a_line_of_text(monkeypatch):
    edges, clusters, accounts = tables()
    monkeypatch.setenv("CASEBOOK_UNATTENDED", "1")
    shown, _ = network_explorer(timed(edges), clusters, accounts)._repr_mimebundle_()
    assert "exports/network-map.html" in shown["text/markdown"]
    assert not any("widget" in kind for kind in shown)
    none, _ = network_explorer(schema.empty("edges"), clusters, accounts)._repr_mimebundle_()
    assert "there is no map" in none["text/markdown"]


def test_the_widget_carries_its_script_and_data(data):
    widget = map_widget(data)
    assert widget.data == data
    assert "export default" in widget._esm
    widget.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_asks_for_nothing_and_shows_evidence_as_text(chromium, tmp_path, width):  # noqa: F811
    edges, clusters, accounts = tables(handle=HOSTILE)
    shown = explorer_data(timed(edges), clusters, accounts)
    path = tmp_path / "map.html"
    path.write_bytes(explorer_page(shown, title=HOSTILE))
    seen = Seen(chromium, path, width)
    page = seen.page
    assert "5 of 5 accounts, 5 of 5 pairs" in page.inner_text(".cb-told")
    page.fill("input[type=search]", "onerror")
    assert HOSTILE in page.inner_text(".cb-told")
    assert page.locator("img").count() == 0
    assert page.title() == HOSTILE
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert seen.requests == [path.as_uri()]
    assert seen.complaints == []


@pytest.mark.browser
def test_filters_keys_and_the_list_work_without_a_mouse(chromium, tmp_path, data):  # noqa: F811
    path = tmp_path / "map.html"
    path.write_bytes(explorer_page(data, title="A map"))
    page = Seen(chromium, path, 1280).page

    def told():
        return page.inner_text(".cb-told")

    assert "Synthetic data" in page.inner_text(".cb-mark")
    page.get_by_label("text").uncheck()
    assert "4 of 5 pairs" in told()
    page.get_by_label("text").check()
    page.select_option("select", "600")
    assert "4 of 5 accounts, 3 of 5 pairs" in told()  # without 2 h and 30 min
    page.select_option("select", "")
    page.get_by_label("reference").uncheck()
    assert "4 of 5 accounts, 4 of 5 pairs" in told()
    page.get_by_label("reference").check()
    page.fill("input[type=search]", "synth_b")
    assert "accounts it is tied to: 2" in told()
    page.locator(".cb-link").first.focus()
    page.keyboard.press("Enter")
    assert "evidence: E0001:1, E0001:2" in told()
    page.locator("canvas").focus()
    page.keyboard.press("Escape")
    assert "evidence" not in told()


@pytest.mark.browser
def test_a_dot_can_be_pointed_at_clicked_and_dragged(chromium, tmp_path, data):  # noqa: F811
    path = tmp_path / "map.html"
    path.write_bytes(explorer_page(data, title="A map"))
    page = Seen(chromium, path, 1280).page
    box = page.locator("canvas").bounding_box()
    found = None
    for x in range(40, int(box["width"]), 12):
        for y in range(30, int(box["height"]), 12):
            page.mouse.move(box["x"] + x, box["y"] + y)
            if page.locator(".cb-tip").is_visible() and "tied to" in page.inner_text(".cb-tip"):
                found = (box["x"] + x, box["y"] + y)
                break
        if found:
            break
    assert found, "no account was found on the canvas"
    page.mouse.click(*found)
    name = page.inner_text(".cb-told").splitlines()[2]
    assert "tied to" in page.inner_text(".cb-told")
    page.mouse.move(*found)
    page.mouse.down()
    page.mouse.move(found[0] + 90, found[1] + 60, steps=4)
    page.mouse.up()
    page.mouse.click(box["x"] + 3, box["y"] + 3)
    page.mouse.click(found[0] + 90, found[1] + 60)
    assert name in page.inner_text(".cb-told")


def test_a_line_shows_the_closest_acts_with_both_posts_and_times():
    edges, clusters, accounts = tables()
    rows = [
        ("x:a", "far", 0, "p1"), ("x:b", "far", 900, "p2"), ("x:a", "near", 50, "p3"),
        ("x:b", "near", 40, "p4"), ("x:b", "own", 0, "p5"), ("x:a", "<b>\u202e", 0, "p6"),
        ("x:b", "<b>\u202e", 60, "p7"),
    ]  # fmt: skip
    acts = pd.DataFrame(rows, columns=["account", "object", "second", "post"])
    acts = acts.assign(time=pd.to_datetime(acts["second"], unit="s", utc=True), layer="link")
    pair = timed(edges).iloc[[0]].assign(source="x:a", target="x:b", layer="link")
    (line,) = explorer_data(pair, clusters, accounts, events=acts)["edges"]
    assert [e["object"] for e in line["examples"]][::2] == ["near", "far"]
    assert line["examples"][0] == {
        "object": "near",
        "post_source": "p3",
        "time_source": "1970-01-01 00:00:50",
        "post_target": "p4",
        "time_target": "1970-01-01 00:00:40",
    }
    assert "\u202e" not in line["examples"][1]["object"]
