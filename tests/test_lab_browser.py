"""JupyterLab on a case: which notebook it opens, that cells run, and that nobody is contacted."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from test_chain import code, write_notebook

from casebook import chain, lab, schema
from casebook.case import CLONE, Case
from casebook.charts.explorer import interface_words
from casebook.collection import build_tables
from casebook.scaffold import new_case

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


MAP = "__import__('casebook.widgets.explorer').widgets.explorer.map_widget(json.loads({!r}))"
ENDS = {"role": "persona", "who": "", "named": True, "cluster": "", "called": "", "part": ""}
MAP_DATA = {
    "nodes": [
        {**ENDS, "name": "synth_one", "x": 0, "y": 0, "turn": 0},
        {**ENDS, "name": "synth_two", "x": 1, "y": 1, "turn": 0},
    ],
    "edges": [
        {"source": 0, "target": 1, "layer": "link", "finding": "synchrony", "scale": 60,
         "within": "1 minute", "objects": 3, "co_actions": 3, "met": 3, "chance": "0.1",
         "first": "", "last": "", "evidence": []}
    ],
    "roles": [{"name": "persona", "words": "under review", "colour": "#b3420a", "shape": "circle"}],
    "findings": [{"name": "synchrony", "words": "synchrony", "colour": "#b3420a", "dash": []}],
    "layers": [{"name": "link", "words": "link"}], "scales": [], "note": "", "alt": "a map",
    "synthetic": True, "words": interface_words(),
}  # fmt: skip


@pytest.fixture
def case(tmp_path, monkeypatch):
    monkeypatch.setenv("CASEBOOK_HOME", str(tmp_path / "home"))
    return new_case(tmp_path / "cases é" / "my-case")


@pytest.fixture
def originals(tmp_path, monkeypatch):
    folder = tmp_path / "originals"
    for name in ("01-collection", "02-persona-review"):
        write_notebook(
            folder,
            name,
            "",
            code("say", "f'the case is {case.name}'"),
            code("map", f"import json\n{MAP.format(json.dumps(MAP_DATA))}"),
            code("done", f"case.finish({name!r})"),
        )
    monkeypatch.setattr(lab, "original_notebooks", lambda: sorted(folder.glob("*.ipynb")))
    monkeypatch.setattr(chain, "original_notebooks", lambda: sorted(folder.glob("*.ipynb")))
    return folder


def sources(path):
    return "\n".join(c["source"] for c in json.loads(path.read_text())["cells"])


def change(path, old, new):
    path.write_text(path.read_text().replace(old, new))


def test_copies_are_set_to_the_case_and_leave_the_originals_alone(case, originals):
    before = (originals / "01-collection.ipynb").read_text()
    first, _ = lab.prepare_notebooks(case)
    assert 'case = ".."  # the case' in sources(first)
    assert (originals / "01-collection.ipynb").read_text() == before
    at_home = new_case("at-home")
    first, _ = lab.prepare_notebooks(at_home)
    assert 'case = "at-home"  # the case' in sources(first)
    assert not any(step.own for step in chain.find_steps(at_home))


def test_an_untouched_copy_is_renewed_and_a_changed_one_is_the_cases_own(case, originals):
    first, second = lab.prepare_notebooks(case)
    change(second, "the case is", "this case is")
    for name in ("01-collection", "02-persona-review"):
        change(originals / f"{name}.ipynb", "# 0", "# Step 0")
    lab.prepare_notebooks(case)
    assert "# Step 01-collection" in sources(first)
    assert "# Step" not in sources(second)
    assert [step.own for step in chain.find_steps(case)] == [False, True]


def test_the_first_notebook_that_is_not_done_is_opened(case, originals):
    assert lab.first_open_step(case) == "01-collection.ipynb"
    case.write("accounts", schema.empty("accounts"))
    assert lab.first_open_step(case) == "02-persona-review.ipynb"
    case.write("signals", schema.empty("signals"))
    assert lab.first_open_step(case) == "02-persona-review.ipynb"


def test_it_listens_on_this_computer_only_and_keeps_its_secret_to_itself(case, originals):
    command = lab.lab_command(case, 8899, browser=False)
    assert "--ServerApp.ip=127.0.0.1" in command
    assert "--ServerApp.allow_remote_access=False" in command
    assert not any("token" in part or "password" in part for part in command)
    environment = lab.lab_environment(case, Path("run"))
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"):
        assert environment[name].startswith(str(case.folder / ".lab"))


STARTER = """
import sys
from pathlib import Path
from casebook import chain, cli, lab
folder = Path({originals!r})
lab.original_notebooks = chain.original_notebooks = lambda: sorted(folder.glob("*.ipynb"))
sys.exit(cli.main(["lab", {case!r}, "--no-browser"]))
"""


@pytest.mark.browser
@pytest.mark.skipif(os.name == "nt", reason="written for a Linux browser")
def test_a_person_opens_the_lab_and_runs_all_cells_and_nothing_is_contacted(case, originals):
    needs_chromium()
    from playwright.sync_api import sync_playwright

    script = STARTER.format(originals=str(originals), case=str(case.folder))
    server = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    said: list[str] = []
    try:
        address = address_of(server, said)
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            elsewhere: list[str] = []
            page.on("request", lambda r: elsewhere.append(r.url) if is_elsewhere(r.url) else None)
            page.goto(address)
            page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook")
            # The notebook itself says "idle" before it has a kernel.
            page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
            assert "/workspaces/casebook" in page.url
            assert page.locator(".lm-TabBar-tab.jp-mod-current").inner_text().strip() == (
                "01-collection.ipynb"
            )
            page.click(".lm-MenuBar-itemLabel >> text=Run")
            page.click(".lm-Menu-itemLabel >> text=/^Run All Cells$/")
            outputs = page.locator(".jp-OutputArea-output")
            outputs.filter(has_text="01-collection is done.").wait_for(timeout=60_000)
            assert "the case is my-case" in outputs.first.inner_text()
            # The map is drawn by a script that came with the package.
            assert "2 of 2 accounts, 1 of 1 pairs" in page.locator(".cb-told").inner_text()
            assert page.locator(".cb-map canvas").bounding_box()["width"] > 300
            page.keyboard.press("Control+s")
            page.wait_for_timeout(1500)
            # The news prompt and the notice of a newer version are toasts.
            assert page.locator(".Toastify__toast").count() == 0
            assert "news" not in page.inner_text("body").lower()
            browser.close()
        assert elsewhere == []
        saved = json.loads((case.folder / "notebooks" / "01-collection.ipynb").read_text())
        assert any(c.get("outputs") for c in saved["cells"])
        assert not any(step.own for step in chain.find_steps(case))
        assert list((case.folder / ".lab" / "workspaces").glob("*casebook*"))
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            raise
        finally:
            server.stdout.close()
    assert server.returncode == 0, "".join(said)


@pytest.fixture
def unjudged(tmp_path, monkeypatch):
    """The example case, collected and not yet reviewed by anybody."""
    monkeypatch.setenv("CASEBOOK_HOME", str(tmp_path / "home"))
    example = CLONE / "data" / "spamouflage-2024"
    shutil.copytree(
        example,
        tmp_path / "unjudged",
        ignore=lambda where, names: (
            {"judgements", "tables", "reports", ".parts"} & set(names)
            if Path(where) == example
            else set()
        ),
    )
    case = Case(tmp_path / "unjudged")
    build_tables(case)
    return case


def decide(board, words, reason):
    """Choose a verdict, type a reason and save, as a person would; return the account's name."""
    name = board.locator("h3").inner_text()
    board.get_by_label(words, exact=True).check()
    board.locator("textarea").fill(reason)
    board.get_by_role("button", name="Save").click()
    board.get_by_text(re.compile(r"saved \d\d:\d\d:\d\d, line \d+ of aa")).wait_for()
    return name


def decide_by_keyboard(page, board, reason):
    """Choose *assessed inauthentic*, say why and save with Tab, Space and Enter alone."""
    name = board.locator("h3").inner_text()
    board.locator("select").first.focus()
    radios = 0
    for _ in range(30):
        page.keyboard.press("Tab")
        at = page.evaluate("(e => [e.tagName, e.type, e.innerText])(document.activeElement)")
        radios += at[:2] == ["INPUT", "radio"]
        if at[:2] == ["INPUT", "radio"] and radios == 1 + len(schema.ANSWERS):
            page.keyboard.press("Space")
        if at[0] == "TEXTAREA":
            page.keyboard.type(reason)
        if "Save" in (at[2] or ""):
            page.keyboard.press("Enter")
            break
    board.get_by_text(re.compile(r"saved \d\d:\d\d:\d\d, line 2 of aa")).wait_for()
    return name


def shown_board(page, panel):
    """Return the review board, once its cell ran and the page was scrolled to it."""
    board = panel.locator(".jp-OutputArea-output:has(textarea)")
    for _ in range(200):
        if board.count() and board.locator("h3").count():
            break
        page.mouse.move(700, 500)
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(250)
    board.scroll_into_view_if_needed()
    return board


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="written for a Linux browser")
def test_a_reviewer_decides_restarts_undoes_and_the_unattended_run_shows_the_same(unjudged):
    needs_chromium()
    from playwright.sync_api import sync_playwright

    server = subprocess.Popen(
        [sys.executable, "-m", "casebook.cli", "lab", str(unjudged.folder), "--no-browser"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    said: list[str] = []
    try:
        address = address_of(server, said)
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(address)
            idle = page.get_by_text("Python 3 (ipykernel) | Idle")
            idle.wait_for(timeout=60_000)
            page.locator(".jp-DirListing-item >> text=02-persona-review.ipynb").dblclick()
            panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
            alias = panel.locator(".cm-line >> text=your alias")
            alias.wait_for(timeout=60_000)
            idle.wait_for(timeout=60_000)
            alias.click()
            page.keyboard.press("Home")
            page.keyboard.press("Shift+End")
            page.keyboard.type('reviewer = "aa"')
            page.click(".lm-MenuBar-itemLabel >> text=Run")
            page.click(".lm-Menu-itemLabel >> text=/^Run All Cells$/")
            board = shown_board(page, panel)
            first = decide(board, "suspected", "The texts are shared, word by word.")
            # An icon stands before the word.
            board.get_by_role("button", name=re.compile("Next$")).click()
            board.locator("h3").filter(has_text=re.compile(f"^(?!{re.escape(first)}$)")).wait_for()
            second = decide_by_keyboard(page, board, "It claimed two ages.")
            assert first != second
            # The kernel is gone; what was saved is there, and the next open account is shown.
            page.click(".lm-MenuBar-itemLabel >> text=Kernel")
            page.click(".lm-Menu-itemLabel >> text=/^Restart Kernel and Run All Cells/")
            page.click(".jp-Dialog .jp-mod-accept")
            page.wait_for_timeout(1500)
            board = shown_board(page, panel)
            board.get_by_text("2 of 20 answered").wait_for(timeout=60_000)
            # Until its cell has run again, the board of the kernel that is gone is still shown.
            answered = "|".join(map(re.escape, (first, second)))
            another = board.locator("h3").filter(has_text=re.compile(f"^(?!({answered})$)"))
            another.wait_for(timeout=60_000)
            board.locator("select").nth(1).select_option(label=second)
            board.locator("h3").filter(has_text=second).wait_for()
            assert board.locator("textarea").input_value() == "It claimed two ages."
            board.get_by_role("button", name="Take back").click()
            board.get_by_text(re.compile(r"taken back \d\d:\d\d:\d\d, line 3 of aa")).wait_for()
            browser.close()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
        server.stdout.close()
    found = unjudged.judgements()
    current = found[found["current"]].set_index("subject")
    assert sorted(current["answer"]) == ["suspected", "undetermined"]
    assert len(found) == 3
    out = unjudged.folder / "unattended.ipynb"
    subprocess.run(
        [sys.executable, "-m", "papermill", "--no-progress-bar",
         str(CLONE / "notebooks" / "02-persona-review.ipynb"), str(out),
         "-r", "case", str(unjudged.folder)],
        check=True, capture_output=True, cwd=unjudged.folder,
        env={**os.environ, "CASEBOOK_UNATTENDED": "1"},
    )  # fmt: skip
    cells = {c["id"]: c for c in json.loads(out.read_text(encoding="utf-8"))["cells"]}
    shown = json.dumps(cells["board"]["outputs"])
    assert "widget-view" not in shown
    assert "2 answers of 1 reviewer on 2 accounts" in shown
    assert "The texts are shared, word by word." in shown
    assert "It claimed two ages." not in shown


def needs_chromium():
    """Skip where there is no browser, and fail where there has to be one."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("there is no Chromium, and here browser tests may not skip")
        pytest.skip("there is no Chromium here")


def is_elsewhere(url):
    return url.startswith(("http", "ws")) and not re.match(r"(http|ws)://127\.0\.0\.1:", url)


def address_of(server, said):
    """Wait for the address, and go on reading what the server says, so that it never blocks."""
    found: list[str] = []
    ready = threading.Event()

    def read():
        for line in server.stdout:
            said.append(line)
            if address := re.search(r"http://127\.0\.0\.1:\d+/\S+token=\S+", line):
                found.append(address[0])
                ready.set()
        ready.set()

    threading.Thread(target=read, daemon=True).start()
    assert ready.wait(60), "".join(said)
    assert found, "".join(said)
    return found[0]
