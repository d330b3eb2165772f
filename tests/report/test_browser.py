"""The report in a real browser: nothing requested, nothing complained of, nothing runs off."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from casebook.exhibits import Listing
from casebook.report import render
from tests.report.parts import code, notebook, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casebook.case import Case

CHROMIUM = Path(os.environ.get("CASEBOOK_CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if not CHROMIUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"there is no Chromium at {CHROMIUM}")
        pytest.skip(f"there is no Chromium at {CHROMIUM} (set CASEBOOK_CHROMIUM to one)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def axe() -> str:
    """The accessibility rules of axe-core, from the package that brings them for tests."""
    try:
        from importlib.resources import files

        return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        if os.environ.get("CI") == "true":
            pytest.fail("axe-playwright-python, of the group dev, is not installed")
        pytest.skip("axe-playwright-python, of the group dev, is not installed")


class Seen:
    """A page as it was opened, with all it asked for and complained of."""

    def __init__(
        self, chromium: Any, path: Path, width: int, *, scripts: bool = True, axe: bool = False
    ) -> None:
        # The policy of the page forbids scripts, those of a check too.
        self.context = chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=scripts, bypass_csp=axe
        )
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda r: self.requests.append(r.url))
        self.page.on("console", lambda m: self.complaints.append(m.text))
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.goto(path.as_uri())


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_requested_and_nothing_runs_off_the_page(
    chromium: Any, report_folder: Path, width: int
) -> None:
    seen = Seen(chromium, report_folder / "report.html", width)
    assert seen.requests == [(report_folder / "report.html").as_uri()]
    assert seen.complaints == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    seen.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [360, 1280])
def test_no_rule_of_accessibility_is_broken(
    chromium: Any, report_folder: Path, axe: str, width: int
) -> None:
    seen = Seen(chromium, report_folder / "report.html", width, axe=True)
    seen.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    seen.page.evaluate(axe)
    found = seen.page.evaluate("axe.run()")
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []
    assert len(found["passes"]) > 20


def stories(columns: int) -> Listing:
    story = "A sentence that is long enough to need some room of its own in a table."
    return Listing(
        pd.DataFrame({"id": ["a", "b"], **{f"story {i}": [story, story] for i in range(columns)}}),
        id="stories",
        title="Stories",
    )


def test_a_table_of_stories_is_cards_on_a_narrow_screen_and_stays_a_table(
    chromium: Any, case: Case, run: dict[str, Any], tmp_path: Path
) -> None:
    cells = notebook("01-collection", words("# Title", "title"), code("x", "x", stories(3)))
    path = tmp_path / "stories.html"
    path.write_text(render(case, run, [("01-collection", cells)]), encoding="utf-8")
    narrow, wide = Seen(chromium, path, 360), Seen(chromium, path, 1280)
    cell = "getComputedStyle(document.querySelector('#table-1 td')).display"
    label = "getComputedStyle(document.querySelector('#table-1 td'), '::before').content"
    assert narrow.page.evaluate(cell) == "block"
    assert "story 0" in narrow.page.evaluate(label)
    assert wide.page.evaluate(cell) == "table-cell"
    inside = "(e => e.scrollWidth <= e.clientWidth)(document.querySelector('#table-1 .scroll'))"
    assert narrow.page.evaluate(inside)
    for seen in (narrow, wide):
        assert seen.page.locator("#table-1").get_by_role("cell").count() == 6
        assert seen.page.locator("#table-1").get_by_role("columnheader").count() == 4


def test_a_wide_table_says_that_it_scrolls_where_it_must(
    chromium: Any, report_folder: Path, case: Case, run: dict[str, Any], tmp_path: Path
) -> None:
    numbers = Listing(pd.DataFrame({f"n{i}": [1, 2] for i in range(8)}), id="n", title="Numbers")
    cells = notebook("01-collection", words("# Title", "title"), code("x", "x", numbers))
    path = tmp_path / "numbers.html"
    path.write_text(render(case, run, [("01-collection", cells)]), encoding="utf-8")
    assert Seen(chromium, path, 360).page.locator(".hint").first.is_visible()
    assert not Seen(chromium, path, 1280).page.locator(".hint").first.is_visible()


def test_a_wide_table_scrolls_in_its_own_frame(
    chromium: Any,
    case: Case,
    run: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one_word = [("1 file, by its SHA-256", "0a" * 32)]
    monkeypatch.setattr("casebook.report.appendix.indicators", lambda *_: one_word)
    columns = {f"a column with a name {i}": ["unbreakable" * 3, "x"] for i in range(9)}
    wide = Listing(pd.DataFrame(columns), id="wide", title="Wide")
    cells = notebook("01-collection", words("# Title", "title"), code("x", "x", wide))
    path = tmp_path / "wide.html"
    path.write_text(render(case, run, [("01-collection", cells)]), encoding="utf-8")
    seen = Seen(chromium, path, 360)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 360
    inside = "(e => e.scrollWidth > e.clientWidth)(document.querySelector('#table-1 .scroll'))"
    assert seen.page.evaluate(inside)
    assert seen.page.locator(".indicators dd").inner_text() == "0a" * 32
    assert seen.page.locator("#table-1 .scroll").get_attribute("tabindex") == "0"


def test_it_reads_without_javascript(chromium: Any, report_folder: Path) -> None:
    seen = Seen(chromium, report_folder / "report.html", 1280, scripts=False)
    assert seen.page.locator("figure svg").first.is_visible()
    assert "At a glance" in seen.page.inner_text("main")
    code = seen.page.locator("details.code pre").first
    assert not code.is_visible()
    seen.page.locator("details.code summary").first.click()
    assert code.is_visible()


def test_a_reader_with_a_keyboard_gets_past_the_cover(chromium: Any, report_folder: Path) -> None:
    seen = Seen(chromium, report_folder / "report.html", 1280)
    seen.page.keyboard.press("Tab")
    focused = seen.page.evaluate("document.activeElement.textContent")
    assert focused == "Skip to the report"
    box = seen.page.locator("a.skip").bounding_box()
    assert box is not None
    assert box["x"] >= 0


def test_words_are_readable_on_what_is_behind_them(chromium: Any, report_folder: Path) -> None:
    seen = Seen(chromium, report_folder / "report.html", 1280)
    seen.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert seen.page.evaluate(LOWEST_CONTRAST) >= 4.5


def test_a_picture_is_heard_with_its_finding(chromium: Any, report_folder: Path) -> None:
    seen = Seen(chromium, report_folder / "report.html", 1280)
    assert seen.page.get_by_role("img", name="Bars rise", exact=False).count() >= 1


def test_a_figure_is_not_split_on_paper(chromium: Any, report_folder: Path) -> None:
    seen = Seen(chromium, report_folder / "report.html", 1280)
    seen.page.emulate_media(media="print")
    assert (
        seen.page.evaluate("getComputedStyle(document.querySelector('figure')).breakInside")
        == "avoid"
    )
    assert not seen.page.locator("details.code").first.is_visible()


LOWEST_CONTRAST = """() => {
  const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number).map(v => {
    v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor;
    if (!/, 0\\)$/.test(c)) return c; } return 'rgb(255, 255, 255)'; };
  let lowest = 21;
  for (const e of document.querySelectorAll('body *')) {
    const said = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!said || e.closest('svg') || e.closest('.skip')) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
    lowest = Math.min(lowest, (a + 0.05) / (b + 0.05));
  }
  return lowest;
}"""
"""Lowest contrast of words with what is behind them, as WCAG 2.2 reckons it."""
