"""INCOMPLETE stands on every page, on screen and on paper, or there is no report at all."""

from __future__ import annotations

import io
import json

import pypdf
import pytest

from casebook.exhibits import Listing, Statement
from casebook.publishing import PublishError, publish
from casebook.report import printed, render
from tests.report.page import Page
from tests.report.parts import code, listing, notebook, seal, words
from tests.report.test_browser import chromium  # noqa: F401 - a fixture

LONG = "One more sentence of a sample report, long enough for a page. " * 60


def chapters(*, done):
    said = [code("x", f"said-{n}", Statement(LONG)) for n in range(4)]
    first = notebook("01-collection", words("# Collection", "t"), *said)
    second = notebook(
        "02-persona-review", words("# Review", "t"), code("x", "x", listing()), done=done
    )
    return [("01-collection", first), ("02-persona-review", second)]


def squeezed(text):
    return "".join(text.split()).casefold()


@pytest.mark.parametrize(
    ("status", "done"), [("incomplete", True), ("complete", False)], ids=["run", "step"]
)
def test_every_page_of_the_pdf_says_so(case, run, status, done):
    page = render(case, {**run, "status": status}, chapters(done=done))
    assert "INCOMPLETE" in Page(page).all("title")[0].words
    paper = pypdf.PdfReader(io.BytesIO(printed(page) or b""))
    assert len(paper.pages) >= 4
    assert all("incomplete.notafinding." in squeezed(p.extract_text()) for p in paper.pages)


def test_a_complete_report_says_so_nowhere(case, run):
    page = render(case, run, chapters(done=True))
    paper = pypdf.PdfReader(io.BytesIO(printed(page) or b""))
    assert not any("notafinding" in squeezed(p.extract_text()) for p in paper.pages)


@pytest.mark.browser
def test_every_sheet_of_the_page_says_so_when_it_is_printed(chromium, case, run):  # noqa: F811
    context = chromium.new_context()
    tab = context.new_page()
    tab.set_content(render(case, {**run, "status": "incomplete"}, chapters(done=True)))
    paper = pypdf.PdfReader(io.BytesIO(tab.pdf(prefer_css_page_size=True)))
    context.close()
    assert len(paper.pages) >= 4
    assert all("incomplete.notafinding." in squeezed(p.extract_text()) for p in paper.pages)


def test_a_report_without_any_step_is_incomplete(case, run):
    assert "INCOMPLETE" in Page(render(case, run, [])).all("title")[0].words


@pytest.fixture
def finished(report_folder, case, monkeypatch, tmp_path):
    monkeypatch.setenv("CASEBOOK_KEYS", str(tmp_path / "keys"))
    return report_folder


def test_a_step_without_its_last_line_is_never_published(finished, case):
    path = finished / "notebooks" / "02-persona-review.ipynb"
    book = json.loads(path.read_text(encoding="utf-8"))
    book["cells"][-1]["outputs"] = []
    path.write_text(json.dumps(book), encoding="utf-8")
    with pytest.raises(PublishError, match=r"02-persona-review.ipynb is not the file"):
        publish(case, finished, preview=True)
    seal(finished)  # not even by somebody who seals it anew
    with pytest.raises(PublishError, match="the report is INCOMPLETE"):
        publish(case, finished, preview=True)
    assert not (finished / "public").exists()


def test_a_report_that_lacks_a_file_is_never_published(finished, case):
    (finished / "notebooks" / "02-persona-review.ipynb").unlink()
    with pytest.raises(PublishError, match=r"02-persona-review.ipynb is missing"):
        publish(case, finished, preview=True)


def test_a_table_of_an_unfinished_step_is_marked_where_it_stands(case, run):
    book = notebook(
        "01-collection",
        words("# Collection", "t"),
        code("x", "x", Listing(listing().frame, id="t", title="T")),
        done=False,
    )
    page = Page(render(case, run, [("01-collection", book)]))
    assert "This step did not come to its end." in page.words
