"""The report: one page that stands alone, says what it is, and leads from each claim to its file."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pandas as pd
import pytest

from casebook.case import Case
from casebook.exhibits import Note, mark_light, mark_synthetic
from casebook.language import speak
from casebook.report import build, render
from tests.report.page import Page
from tests.report.parts import code, figure, listing, notebook, words

if TYPE_CHECKING:
    Notebooks = list[tuple[str, Any]]
    Run = dict[str, Any]


@pytest.fixture
def page(case: Case, claims: pd.DataFrame, notebooks: Notebooks, run: Run) -> Page:
    return Page(render(case, run, notebooks))


def set_final(case: Case) -> Case:
    path = case.folder / "case.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "status: final\n", encoding="utf-8")
    return Case(case.folder)


def test_the_light_preset_is_said_under_each_figure_and_table_and_nowhere_else(
    case: Case, run: Run
) -> None:
    mark_light(True)
    quick = code("x", "quick", figure(), listing())
    mark_light(False)
    slow = code("x", "slow", figure("Bars stay", "slow-bars"), listing())
    page = Page(render(case, run, [("03-network-map", notebook("03-network-map", quick, slow))]))
    below = [e.words for e in page.all("p")]
    marked = [text for text in below if "Light preset: a quick look, not for publication." in text]
    assert len(marked) == 2
    assert all("Notebook 03-network-map, cell quick" in text for text in marked)


# -- what the page is -------------------------------------------------------------------------------


def test_the_page_stands_alone(page: Page) -> None:
    assert not page.all("script", "link", "iframe", "object", "embed", "form", "base")
    addresses = [
        value
        for element in page.elements
        for key, value in element.attributes.items()
        if key in {"href", "src", "xlink:href", "action", "srcset", "data", "poster"}
    ]
    assert addresses
    assert all(a.startswith("#") for a in addresses)
    policy = next(e for e in page.all("meta") if "content-security-policy" in str(e).lower())
    assert policy.attributes["content"].startswith("default-src 'none'")


def test_every_element_closes_where_it_should(page: Page) -> None:
    assert page.unbalanced == []


def test_one_first_heading_and_no_level_skipped(page: Page) -> None:
    levels = page.headings
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_ids_are_unique_and_every_link_has_a_target(page: Page) -> None:
    ids = page.ids()
    assert len(ids) == len(set(ids))
    targets = {e.attributes["href"][1:] for e in page.all("a")}
    assert targets <= set(ids)
    spoken = [e.attributes["aria-labelledby"].split() for e in page.elements
              if "aria-labelledby" in e.attributes]  # fmt: skip
    assert {name for names in spoken for name in names} <= set(ids)


def test_the_page_says_its_language_and_can_be_skipped_through(page: Page) -> None:
    assert page.all("html")[0].attributes["lang"] == "en"
    first = page.all("a")[0]
    assert first.attributes == {"class": "skip", "href": "#main"}
    assert len(page.all("main")) == 1


def test_a_french_case_is_told_in_french(case: Case, notebooks: Notebooks, run: Run) -> None:
    path = case.folder / "case.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "language: fr\n", encoding="utf-8")
    try:
        page = Page(render(Case(case.folder), run, notebooks))
    finally:
        speak("en")
    assert page.all("html")[0].attributes["lang"] == "fr"
    assert "En bref" in [e.words for e in page.all("h2")]
    assert "BROUILLON" in page.words


def test_every_table_has_a_caption_and_says_what_its_headers_head(page: Page) -> None:
    assert len(page.all("caption")) == len(page.all("table")) > 0
    assert all(e.attributes.get("scope") in {"col", "row"} for e in page.all("th"))


def test_the_same_run_gives_the_same_bytes(
    case: Case, claims: pd.DataFrame, notebooks: Notebooks, run: Run
) -> None:
    assert render(case, run, notebooks) == render(Case(case.folder), run, notebooks)


def test_another_process_place_and_hash_seed_give_the_same_bytes(
    report_folder: Path, case: Case, tmp_path: Path
) -> None:
    script = (
        "import json, sys, pathlib\n"
        "from casebook.case import Case\nfrom casebook.report import build\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "build(folder, Case(sys.argv[2]), json.loads((folder / 'run.json').read_text()))\n"
    )
    before = (report_folder / "report.html").read_bytes()
    (report_folder / "report.html").unlink()
    subprocess.run(
        [sys.executable, "-c", script, report_folder, case.folder],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai", "LC_ALL": "C.UTF-8",
             "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert (report_folder / "report.html").read_bytes() == before


def test_no_folder_of_this_machine_is_in_it(case: Case, run: Run) -> None:
    told = {"output_type": "stream", "name": "stdout", "text": f"{case.folder}/x {Path.home()}/y"}
    html = render(case, run, [("01-collection", notebook("01-collection", code("p", "p", told)))])
    assert str(case.folder) not in html
    assert f"{Path.home()}/" not in html
    assert "ten-accounts/x ~/y" in html


# -- what it says of itself -------------------------------------------------------------------------


def test_a_draft_lists_what_is_missing(page: Page) -> None:
    assert page.all("title")[0].words.startswith("DRAFT: ")
    assert "R6: The gate is not signed." in page.words
    assert "Draft. Not for publication." in page.words


def test_a_sound_case_is_final_only_where_its_authors_say_so(
    case: Case, notebooks: Notebooks, run: Run
) -> None:
    run["missing"] = []
    undecided = Page(render(case, run, notebooks))
    assert "No rule is broken" in undecided.words
    final = Page(render(set_final(case), run, notebooks))
    assert "DRAFT" not in final.words
    assert final.all("title")[0].words == "Who is behind ten accounts?"


def test_a_broken_rule_keeps_a_final_case_a_draft(
    case: Case, notebooks: Notebooks, run: Run
) -> None:
    assert "DRAFT: " in render(set_final(case), run, notebooks)


@pytest.mark.parametrize("what", ["status", "sentinel", "other step", "no notebook"])
def test_a_run_that_did_not_end_is_incomplete(
    case: Case, notebooks: Notebooks, run: Run, what: str
) -> None:
    if what == "status":
        run["status"] = "incomplete"
    elif what == "sentinel":
        notebooks[1] = ("02-persona-review", notebook("02-persona-review", done=False))
    elif what == "other step":
        notebooks[1] = ("02-persona-review", notebook("03-network-map"))
    else:
        notebooks.clear()
    run["missing"] = []
    page = Page(render(set_final(case), run, notebooks))
    assert page.all("title")[0].words.startswith("INCOMPLETE: ")
    assert "nothing in it is a finding" in page.words


def test_synthetic_data_is_said_above_the_page_and_under_each_exhibit(page: Page) -> None:
    assert "Synthetic data: no person, account or post in it is real." in page.words
    assert "Invented accounts with a known answer" in page.words
    shown = page.all("figure") + [
        e for e in page.elements if e.attributes.get("class") == "listing"
    ]
    assert len(shown) == 3
    assert all("Synthetic data" in e.words for e in shown)


def test_a_real_case_says_nothing_of_synthetic_data(
    notebooks: Notebooks, run: Run, case: Case
) -> None:
    path = case.folder / "case.yaml"
    text = re.sub("synthetic:.*\n", "", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    mark_synthetic(False)
    cells = notebook("01-collection", code("cb.bars()", "bars", figure()))
    html = render(Case(case.folder), run, [("01-collection", cells)])
    assert "ynthetic" not in re.sub("<style>.*</style>", "", html, flags=re.DOTALL)


# -- findings ---------------------------------------------------------------------------------------


def test_findings_stand_first_with_evidence_and_confidence(page: Page) -> None:
    finding = page.by_id("claim-C2")
    assert "It is very likely (80–95 %) that the ten are inauthentic." in finding.words
    assert "Confidence: moderate" in finding.words
    assert "Evidence: E0001:p2, GR-LP, fact:G06" in finding.words
    assert "Against it: Two of them answer like people, see E0001:9." in finding.words
    assert "breaks 1 rule" in page.by_id("claim-C3").words


def test_each_rung_has_its_own_answer(page: Page) -> None:
    ladder = next(e for e in page.elements if e.attributes.get("class") == "ladder")
    said = " ".join(ladder.words.split())
    assert "1 inauthentic Are the accounts what they claim to be?very likely" in said
    assert "Confidence moderate. See C2." in said
    assert "2 coordinated" in said
    assert said.count("undetermined: no claim is made") == 2
    assert "reported by others, not assessed here" in said


def test_a_case_without_claims_says_that_it_claims_nothing(
    case: Case, notebooks: Notebooks, run: Run
) -> None:
    assert "This case makes no claim yet." in Page(render(case, run, notebooks)).words


def test_more_than_five_findings_are_counted(case: Case, notebooks: Notebooks, run: Run) -> None:
    rows = [{"claim": f"C{i}", "kind": "observation", "text": f"Fact {i}."} for i in range(1, 8)]
    case.write("claims", pd.DataFrame(rows))
    page = Page(render(case, run, notebooks))
    assert "2 more claims are in chapter." in page.words
    assert "claim-C5" in page.ids()
    assert "claim-C6" not in page.ids()


# -- evidence ---------------------------------------------------------------------------------------


def test_references_lead_to_the_register_and_back(page: Page, case: Case) -> None:
    links = {(e.attributes["href"], e.words) for e in page.all("a")}
    assert {("#E0001", "E0001"), ("#E0001", "E0001:1"), ("#E0001", "E0001:p2"),
            ("#source-GR-LP", "GR-LP"), ("#fact-G06", "fact:G06"),
            ("#selection-personas", "selection:personas")} <= links  # fmt: skip
    entry = page.by_id("E0001")
    sha256 = case.evidence.items()["E0001"].files[0]["sha256"]
    assert sha256 in entry.words
    for label in ("Finding C1", "1: What was collected", "Table 1", "Figure 1", "2. The cast"):
        assert label in entry.words
    assert {("#table-1", "Table 1"), ("#claim-C2", "Finding C2")} <= links


def test_an_id_that_is_not_in_the_register_is_no_link(case: Case, run: Run) -> None:
    cells = notebook("01-collection", words("# Title\n\nE9999 and fact:X1, and AP by name.", "t"))
    page = Page(render(case, run, [("01-collection", cells)]))
    assert "E9999 and fact:X1, and AP by name." in page.words
    assert not [e for e in page.all("a") if e.attributes.get("class") == "ref" and e.words == "AP"]


def test_a_selection_names_its_rows(
    case: Case, claims: pd.DataFrame, notebooks: Notebooks, run: Run
) -> None:
    accounts = pd.DataFrame(
        {
            "account": [f"x:{i}" for i in range(7)],
            "role": "persona",
            "platform": "x",
            "evidence_id": "E0001",
            "source_line": range(1, 8),
        }
    )
    case.write("accounts", accounts)
    entry = Page(render(case, run, notebooks)).by_id("selection-personas")
    said = " ".join(entry.words.split())
    assert "selection:personas 7: accounts under review" in said
    assert "E0001:1, E0001:2, E0001:3, E0001:4, E0001:5; and 2 in E0001." in said


def test_a_withdrawn_item_stays_in_the_register_with_its_reason(
    case: Case, notebooks: Notebooks, run: Run
) -> None:
    case.evidence.withdraw("E0001", reason="collected twice", actor="aa")
    entry = Page(render(case, run, notebooks)).by_id("E0001")
    assert "withdrawn: collected twice" in entry.words


def test_a_confidential_item_shows_neither_name_nor_hash(
    case: Case, tmp_path: Path, notebooks: Notebooks, run: Run
) -> None:
    secret = tmp_path / "from-a-source.txt"
    secret.write_text("said in confidence", encoding="utf-8")
    staged = case.evidence.stage({"from-a-source.txt": secret}, confidential=True)
    case.evidence.register(staged, {"actor": "aa", "confidential": True, "found_by": "an insider"})
    html = render(case, run, notebooks)
    assert "from-a-source" not in html
    assert "an insider" not in html
    assert "commitment only" in Page(html).by_id("E0002").words


# -- notebooks --------------------------------------------------------------------------------------


def test_chapters_are_those_of_the_outline_and_links_between_notebooks_work(page: Page) -> None:
    titles = [e.words for e in page.all("h2")]
    assert titles.index("1. Scope and data") < titles.index(
        "2. The cast: what each account says and shows"
    )
    assert not [t for t in titles if "Collection: what is here" in t]
    assert ("#chapter-scope", "chapter one") in {
        (e.attributes["href"], e.words) for e in page.all("a")
    }


def test_each_exhibit_says_which_cell_made_it(page: Page) -> None:
    assert "Notebook 01-collection, cell bars." in page.by_id("figure-1").words
    assert "Notebook 01-collection, cell said." in page.by_id("table-1").words


def test_the_first_page_says_what_was_looked_at_who_is_named_and_what_is_not_claimed(
    case: Case, claims: pd.DataFrame, notebooks: Notebooks, run: Run
) -> None:
    (case.folder / "claims.yaml").write_text(
        "claims:\n"
        "  - {id: C3, kind: assessment, rung: 4, reported_by: A wire, text: As reported.}\n",
        encoding="utf-8",
    )
    page = Page(render(case, run, notebooks))
    brief = " ".join(next(e for e in page.elements if e.attributes.get("class") == "ladder").words
                     .split())  # fmt: skip
    assert "Nothing has been read yet." in brief
    assert "Who directs it: reported by A wire, not assessed here." in brief
    # C2 is an answer on rung 1; nothing of its own answers 2, 3 and 4.
    assert "This case gives no answer of its own on: coordinated, linked, directed." in brief
    assert "It was not measured in this case." in brief


def test_every_term_of_the_glossary_has_a_meaning(page: Page) -> None:
    said = next(e for e in page.elements if e.attributes.get("class") == "glossary").words
    assert "synchrony" in said
    assert said.index("bystander") < said.index("claim") < said.index("verdict")


def test_what_was_withdrawn_is_said_with_the_ethics(case: Case, run: Run) -> None:
    cells = notebook("05-case-report", words("# 5. Report", "title"), words("## Ethics", "ethics"))
    pages = [Page(render(case, run, [("05-case-report", cells)]))]
    case.evidence.withdraw("E0001", reason="collected twice", actor="aa")
    pages.append(Page(render(case, run, [("05-case-report", cells)])))
    words_of = [" ".join(p.by_id("chapter-ethics").words.split()) for p in pages]
    assert "No item of evidence was withdrawn, redacted or deleted." in words_of[0]
    assert "E0001 withdrawn: collected twice" in words_of[1]


def test_what_only_helps_in_a_notebook_is_left_out(page: Page) -> None:
    assert "Needs" not in page.words
    assert "Next:" not in page.words


def test_figures_are_numbered_through_the_report(page: Page) -> None:
    captions = [e.words for e in page.all("figcaption")]
    assert captions == ["Figure 1 Bars rise", "Figure 2 Bars rise again"]


def test_a_figure_describes_itself_and_shows_its_numbers(page: Page) -> None:
    shown = page.by_id("figure-1")
    assert "n: 2 accounts. Period: 1 Jan 2024 to 2 Mar 2024. Source: table posts." in shown.words
    assert "12,345" in shown.words
    picture = page.all("svg")[0]
    assert picture.attributes["role"] == "img"
    title, description = picture.attributes["aria-labelledby"].split()
    assert page.by_id(title).words == "Bars rise"
    assert page.by_id(description).words == "Two bars, b far longer than a."


def test_code_is_hidden_and_one_click_away(page: Page) -> None:
    hidden = [e for e in page.all("details") if e.attributes.get("class") == "code"]
    assert "open" not in {k for e in hidden for k in e.attributes}
    assert any("cb.said()" in e.words for e in hidden)
    assert not any("case.finish" in e.words for e in hidden)


def test_a_heading_of_a_user_never_skips_a_level(case: Case, run: Run) -> None:
    cells = notebook(
        "01-collection",
        words("#### Deep first\n\n# Then up\n\n##### Deep again", "a"),
        code("cb.note()", "note", Note("# A note with a heading")),
    )
    levels = Page(render(case, run, [("01-collection", cells)])).headings
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_a_notebook_without_a_title_is_called_by_its_step(case: Case, run: Run) -> None:
    own = notebook("07-own", code("1", "one"))
    assert "1. 07-own" in [e.words for e in Page(render(case, run, [("07-own", own)])).all("h2")]
    cells = notebook("01-collection", words("## What", "what-was-collected"), code("1", "one"))
    assert "1. Scope and data" in [
        e.words for e in Page(render(case, run, [("01-collection", cells)])).all("h2")
    ]


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "stream", "name": "stdout", "text": "<b>plain</b> \x1b[31mred\x1b[0m"},
        {"output_type": "display_data", "metadata": {},
         "data": {"text/html": "<b>html</b>", "text/plain": "<b>plain</b> red"}},
        {"output_type": "display_data", "metadata": {},
         "data": {"application/vnd.casebook.exhibit+json": {"type": "figure", "svg": 3},
                  "text/plain": "<b>plain</b> red"}},
        {"output_type": "display_data", "metadata": {},
         "data": {"application/vnd.casebook.exhibit+json": {"type": "table", "title": "t",
                  "columns": ["a"], "rows": [7]}, "text/plain": "<b>plain</b> red"}},
    ],
)  # fmt: skip
def test_whatever_else_a_cell_puts_out_is_plain_text(
    case: Case, run: Run, output: dict[str, Any]
) -> None:
    cells = notebook("01-collection", code("x", "x", output))
    page = Page(render(case, run, [("01-collection", cells)]))
    assert [e.words for e in page.all("pre") if e.attributes.get("class") == "plain"] == [
        "<b>plain</b> red"
    ]


def test_an_error_is_printed_as_one_line(case: Case, run: Run) -> None:
    failed = {"output_type": "error", "ename": "KeyError", "evalue": "<x>", "traceback": []}
    page = Page(
        render(case, run, [("01-collection", notebook("01-collection", code("x", "x", failed)))])
    )
    assert "A cell did not finish. KeyError: <x>" in page.words


def test_a_long_table_says_how_long_it_is(case: Case, run: Run) -> None:
    from casebook.exhibits import Listing

    long = Listing(pd.DataFrame({"a": range(400)}), id="long", title="Many")
    page = Page(
        render(case, run, [("01-collection", notebook("01-collection", code("x", "x", long)))])
    )
    assert "300 of 400 rows; all are in the executed notebook." in page.words


def test_build_writes_the_page_and_the_checker(report_folder: Path) -> None:
    assert (report_folder / "report.html").read_bytes().startswith(b"<!DOCTYPE html>")
    assert (report_folder / "verify.py").is_file()
    assert nbformat.read(report_folder / "notebooks" / "01-collection.ipynb", as_version=4)


def test_each_figure_lies_beside_the_page_as_files(report_folder: Path) -> None:
    page = Page((report_folder / "report.html").read_text(encoding="utf-8"))
    linked = [e.attributes["href"] for e in page.all("a") if "/" in e.attributes["href"]]
    folder = report_folder / "figures"
    assert sorted(linked) == sorted(
        f"figures/{p.name}" for p in folder.iterdir() if p.name != "index.csv"
    )
    assert {"bars.svg", "bars.png", "bars.csv", "bars.txt", "bars-2.svg"} <= {
        p.name for p in folder.iterdir()
    }
    assert (folder / "bars.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "bars.txt").read_text(encoding="utf-8") == "Two bars, b far longer than a.\n"
    numbers = pd.read_csv(folder / "bars.csv", encoding="utf-8-sig")
    assert numbers["posts"].tolist() == [1, 12345]
    index = pd.read_csv(folder / "index.csv", encoding="utf-8-sig")
    first = index[index["file"] == "bars.svg"].iloc[0]
    assert first["title"] == "Figure 1. Bars rise"
    assert first["synthetic data"] == "yes"


def test_a_cell_that_a_spreadsheet_would_compute_is_disarmed_in_the_files() -> None:
    from casebook.report.figures import Picture, figure_files

    evil = Picture("x", "=1+1", "@alt", "<svg/>", b"", ["=a"], [["=HYPERLINK(1)", -3]], {})
    files = figure_files([evil])
    assert "x.png" not in files
    assert files["x.csv"].decode("utf-8-sig").splitlines() == ["'=a", "'=HYPERLINK(1),-3"]
    assert "'=1+1" in files["index.csv"].decode("utf-8-sig")
    assert figure_files([]) == {}


def test_a_page_that_may_be_masked_leads_to_no_file(page: Page) -> None:
    assert all(e.attributes["href"].startswith("#") for e in page.all("a"))


def test_a_step_without_an_executed_notebook_makes_the_report_incomplete(
    report_folder: Path, case: Case, run: Run
) -> None:
    for path in (report_folder / "notebooks").iterdir():
        path.unlink()
    build(report_folder, case, run)
    assert "INCOMPLETE" in (report_folder / "report.html").read_text(encoding="utf-8")
