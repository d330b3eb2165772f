"""Hostile strings through every reader to every output: they arrive, and they are only text."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from itertools import pairwise
from xml.etree import ElementTree as ET

import nbformat
import openpyxl
import pandas as pd
import pytest

from casebook import schema
from casebook.case import Case
from casebook.charts.export import network_files
from casebook.collection import build_tables, collect
from casebook.errors import ReaderError
from casebook.exhibits import Listing, Statement
from casebook.legal import write_legal
from casebook.readers import all_readers, propose_mapping
from casebook.report import printed, render
from casebook.scaffold import new_case
from casebook.sharing import shared_files
from casebook.text import escape_markdown, visible
from tests.readers.test_tables import IO_HEADER
from tests.readers.test_x_api2 import ADA, page, post
from tests.readers.test_x_web import NEW_USER, entry, line, timeline, tweet
from tests.report.hostile import HOSTILE
from tests.report.parts import code, notebook, seal, words
from tests.report.test_browser import Seen, chromium  # noqa: F401 - a fixture
from tests.report.test_hostile import check_harmless

TEXTS = [t for t in HOSTILE if len(t) < 1000]
RUN = {
    "status": "complete", "run_id": "0123456789abcdef", "edition": "internal", "missing": [],
    "steps": [{"step": "01-collection", "status": "done", "parameters": {}}],
}  # fmt: skip
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def in_lines(text):
    """What a file of lines and UTF-8 can hold of a string."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def table(header, rows):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


def profile(text, number):
    user = json.loads(json.dumps(NEW_USER))
    user["rest_id"] = f"14000000000000{number:05d}"
    user["core"] |= {"name": text, "screen_name": f"synth_{number}"}
    user["profile_bio"]["description"] = text
    return user


def workbook(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([NO_XML.sub("", str(c)) for c in row])
    for cells in book.active.iter_rows():
        for cell in cells:
            cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def files():
    """Return a file for each reader, with every string in each place that holds free text."""
    plain = [in_lines(t) for t in TEXTS]
    posts = [
        tweet(f"175000000000{n:05d}01", t, profile(t, n), source=t) for n, t in enumerate(TEXTS)
    ]
    users = [{**ADA, "id": f"15000000000000{n:05d}", "username": f"synth_b{n}", "name": t,
              "description": t, "location": t} for n, t in enumerate(TEXTS)]  # fmt: skip
    written = [post(f"175100000000{n:05d}01", text=t, author_id=u["id"]) for n, (t, u) in
               enumerate(zip(TEXTS, users, strict=True))]  # fmt: skip
    day = "2024-01-01 00:00:00"
    return {
        "zeeschuimer-x": ("a.ndjson", "\n".join(map(line, posts[:60])).encode() + b"\n"),
        "x-graphql": (
            "b.json",
            json.dumps(timeline(*(entry(p, f"tweet-{n}") for n, p in enumerate(posts[60:])))).encode(),
        ),
        "x-api2": ("c.json", json.dumps(page(*written, users=users)).encode()),
        "x-io-archive": (
            "d.csv",
            table(IO_HEADER, ([f"8779{n:05d}", f"44{n:05d}", t, f"synth_c{n}", "2013-12-07", t,
                   "2017-06-22 16:03", "false", "", "[]", "[]", "0"] for n, t in enumerate(plain))),
        ),
        "4cat": (
            "e.csv",
            table("id,thread_id,timestamp,unix_timestamp,link,body,author,author_id,author_fullname,"
                  "retweet_count,like_count,impression_count,is_retweet,retweeted_user,hashtags,urls,"
                  "source", ([n, n, day, 1704067200, t, t, f"synth_d{n}", f"77{n:05d}", t, 1, 1, 1, "no",
                  "", t, t, t] for n, t in enumerate(plain))),
        ),
        "profile-sheet": (
            "f.csv",
            table("platform,handle,captured_at,capture,status,claimed_age,avatar_file,bio",
                  (["x", f"synth_e{n}", "2024-05-01", "screenshot", "active", t, t, t]
                   for n, t in enumerate(plain))),
        ),
        "indicators": (
            "g.csv",
            table("Tactic,Technique,Procedure,Indicator,Note", ([t, t, t, t, t] for t in plain)),
        ),
        "table": (
            "h.xlsx",
            workbook([["handle", "text", "created_at", "name"],
                      *([t, t, "2024-01-01T00:00:00Z", t] for t in plain)]),
        ),
    }  # fmt: skip


MAPPING = {"platform": "=x", "handle": "handle", "text": "text", "created_at": "created_at",
           "account.display_name": "name"}  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """A case with all of it, collected, read, judged and laid out as a network."""
    folder = tmp_path_factory.mktemp("hostile")
    made = new_case(folder / "hostile")
    for name, (file, content) in files().items():
        path = folder / file
        path.write_bytes(content)
        more = {"mapping": MAPPING} if name == "table" else {}
        collect(made, path, role="persona", found_by=TEXTS[0], note=TEXTS[1], actor="aa",
                title=TEXTS[2], reader=name, **more)  # fmt: skip
    build_tables(made)
    made = Case(made.folder)
    accounts = made.read("accounts")
    keys = sorted(accounts["account"])
    tied = pd.DataFrame(
        [
            {"source": a, "target": b, "layer": "text", "co_actions": 5, "objects": 4,
             "finding": "synchrony", "scale": 600.0, "time_window": 60.0,
             "first": pd.Timestamp("2024-01-01", tz="UTC"), "last": pd.Timestamp("2024-02-01", tz="UTC")}
            for a, b in pairwise(keys)
        ]
    )  # fmt: skip
    made.write("edges", schema.check("edges", tied))
    made.write("clusters", schema.check("clusters", pd.DataFrame(
        {"cluster": "C1", "account": keys, "label": "coordinated", "role": "both"})))  # fmt: skip
    made.write("verdicts", schema.check("verdicts", pd.DataFrame(
        {"account": keys, "verdict": "suspected", "real_person_check": "done"})))  # fmt: skip
    claims = [{"claim": f"C{n}", "kind": "observation", "text": in_lines(t), "evidence": ["E0001"],
               "counter_evidence": in_lines(t)} for n, t in enumerate(TEXTS)]  # fmt: skip
    made.write("claims", schema.check("claims", pd.DataFrame(claims)))
    return made


@pytest.fixture(scope="module")
def shown(case):
    """A report that prints what was read, and its notebook."""
    accounts = case.read("accounts")[["account", "handle", "display_name", "bio", "location"]]
    posts = case.read("posts")[["post", "text", "client"]]
    indicators = case.read("indicators")[["indicator", "value", "note"]]
    said = [escape_markdown(str(b)) for b in accounts["bio"].dropna().unique()[:60]]
    book = notebook(
        "01-collection",
        words("# Title", "title"),
        code("x", "accounts", Listing(accounts, id="accounts", title="Accounts")),
        code("x", "posts", Listing(posts.head(290), id="posts", title="Posts")),
        code("x", "indicators", Listing(indicators, id="indicators", title="Indicators")),
        code("x", "said", Statement("\n\n".join(said))),
    )
    folder = case.report_folder
    folder.mkdir(exist_ok=True)
    page_of = render(case, RUN, [("01-collection", book)])
    (folder / "report.html").write_text(page_of, encoding="utf-8")
    (folder / "run.json").write_text(json.dumps(RUN), encoding="utf-8")
    seal(folder)
    return page_of, book


@pytest.fixture(scope="module")
def network(case):
    return network_files(
        *(case.read(n) for n in ("edges", "clusters", "accounts")), question=TEXTS[0]
    )


def test_every_reader_has_a_file_and_reads_the_strings(case):
    assert set(files()) == {r.name for r in all_readers()}
    readings = case.read("readings").set_index("reader")
    for name in files():
        row = readings.loc[name]
        assert row["records"] == row["loaded"] + row["duplicates"] + row["rejected"]
        assert row["loaded"] >= 0.8 * 60, name
    texts = set(case.read("posts")["text"].dropna())
    assert sum(in_lines(t) in texts or t in texts for t in TEXTS) >= 90


def test_the_report_prints_them_as_text(shown):
    page_of, _ = shown
    told = check_harmless(page_of)
    assert visible(TEXTS[0]) in told.words
    assert len(told.words) > 20_000


def test_pages_for_paper_are_set(shown):
    page_of, _ = shown
    assert (printed(page_of) or b"")[:5] == b"%PDF-"


def test_network_files_are_well_formed_and_hold_no_formula(network):
    for name in ("network.gexf", "network.graphml"):
        ET.fromstring(network[name])
    assert len(json.loads(network["network.json"])["nodes"]) > 100
    for name in ("nodes.csv", "edges.csv"):
        rows = list(csv.reader(io.StringIO(network[name].decode("utf-8"))))
        assert len({len(row) for row in rows}) == 1
        cells = [c for row in rows[1:] for c in row if not c.lstrip("-").replace(".", "").isdigit()]
        assert not [c for c in cells if c.startswith(FORMULA)]


def test_files_for_other_software_are_well_formed(case):
    shared = shared_files(case)
    assert len(json.loads(shared["stix.json"])["objects"]) > 100
    assert all(json.loads(row) for row in shared["entities.ftm.json"].splitlines())
    rows = list(csv.reader(io.StringIO(shared["indicators.csv"])))
    assert len({len(row) for row in rows}) == 1
    assert not [c for row in rows for c in row if c.startswith(FORMULA)]


def test_the_workbook_for_counsel_computes_nothing(case, shown):
    book = openpyxl.load_workbook(write_legal(case, case.report_folder))
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    assert len(cells) > 100
    assert not [c for c in cells if c.data_type == "f"]
    assert not [c for c in cells if c.hyperlink]


@pytest.mark.browser
def test_nothing_runs_and_nothing_is_loaded_in_a_browser(chromium, shown, network, tmp_path):  # noqa: F811
    page_of, book = shown
    nbformat.validate(book)
    listed = "".join(
        o["data"].get("text/html", "") for c in book.cells for o in c.get("outputs", [])
    )
    opened = {
        "report.html": page_of,
        "map.html": network["network-map.html"].decode("utf-8"),
        "notebook.html": f"<!doctype html><meta charset=utf-8><title>t</title>{listed}",
    }
    for name, content in opened.items():
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        seen = Seen(chromium, path, 1280)
        asked = []
        seen.page.on("dialog", lambda d, asked=asked: (asked.append(d.message), d.dismiss()))
        seen.page.reload()
        seen.page.wait_for_timeout(300)
        assert asked == [], name
        assert set(seen.requests) == {path.as_uri()}, name
        assert seen.complaints == [], name
        assert seen.page.title() != "", name
        loads = (
            "script[src],img[src^=http],img[src^='//'],iframe,object,embed,link,base,form[action]"
        )
        assert seen.page.locator(loads).count() == 0, name
        seen.context.close()


def test_a_workbook_that_is_damaged_further_down_is_an_error_with_its_row(tmp_path):
    path = tmp_path / "damaged.xlsx"
    whole = workbook([["handle", "text"], *(["synth_a", f"sample {n}"] for n in range(9))])
    with zipfile.ZipFile(io.BytesIO(whole)) as held, zipfile.ZipFile(path, "w") as out:
        for item in held.infolist():
            content = held.read(item)
            if item.filename.endswith("sheet1.xml"):
                content = content.replace(b"sample 7", b"sample \x00", 1)[: len(content)]
                content = content[:-200] if b"\x00" not in content else content
            out.writestr(item, content)
    with pytest.raises(ReaderError, match="this workbook is damaged") as failed:
        propose_mapping(path)
    assert "after row" in str(failed.value)
