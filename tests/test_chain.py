"""The chain: order, parameters, resuming, and that nothing half-done looks done.

Real kernels run here. They are few, and the notebooks tiny, because a kernel takes a second.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock

from casebook import chain, execution
from casebook.errors import CasebookError, CaseError, ParameterError, StepError
from casebook.scaffold import new_case

STEPS = ("01-collection", "02-persona-review", "03-network-map")
SETUP = "import casebook as cb\ncase = cb.Case(case)"
MODES = {
    "fine": "pass",
    "error": "raise cb.CasebookError('posts.csv has no column', remedy='name it')",
    "exit": "import sys; sys.exit(0)",
    "vanish": "import os; os._exit(0)",
    "killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "slow": "import time; time.sleep(60)",
    "full": "raise OSError(28, 'No space left on device')",
}
MISCHIEF = "\n".join(f"if mode == {m!r}:\n    {code}" for m, code in MODES.items())


def code(cell_id, source, *tags):
    return {
        "cell_type": "code",
        "id": cell_id,
        "metadata": {"tags": list(tags)} if tags else {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def write_notebook(folder, name, parameters, *cells):
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}},
        "cells": [
            {"cell_type": "markdown", "id": "title", "metadata": {}, "source": f"# {name}"},
            code("parameters", f'case = "other"  # the case\n{parameters}', "parameters"),
            code("set-up", SETUP),
            *cells,
        ],
    }
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(content))
    return path


def write_chain(folder):
    first, second, third = STEPS
    write_notebook(
        folder,
        first,
        "",
        code(
            "make",
            "from casebook import schema\nprint(case.folder, flush=True)\n"
            "case.write('accounts', schema.empty('accounts'))\nobject()",
        ),
        code("done", f"case.finish({first!r}, 'accounts')"),
    )
    write_notebook(
        folder,
        second,
        'mode = "fine"  # what goes wrong\naccount = "007"\nlight = False',
        code("mischief", MISCHIEF),
        code("say", "f'{account!r} {type(account).__name__} {light}'"),
        code("done", f"case.finish({second!r})"),
    )
    write_notebook(
        folder,
        third,
        'window = "60s"',
        code("needs", "case.has('accounts')"),
        code("done", f"case.finish({third!r})"),
    )
    return folder


def plain_report(case, done):
    (done.folder / "report.html").write_text(f"<h1>{case.name} {done.run_id}</h1>")
    (done.folder / "verify.py").write_text("")


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory):
    return write_chain(tmp_path_factory.mktemp("notebooks {0}"))


@pytest.fixture(autouse=True)
def small_chain(monkeypatch, notebooks):
    monkeypatch.setattr(
        chain, "original_notebooks", lambda: [notebooks / f"{s}.ipynb" for s in STEPS]
    )
    monkeypatch.setattr(chain, "build_report", plain_report)
    monkeypatch.setattr(chain, "broken_rules", lambda case: [])


@pytest.fixture
def case(tmp_path):
    # A folder with a space, an accent and braces, which papermill would take for a template.
    return new_case(tmp_path / "é {x} b" / "my-case")


def ran(done):
    return [s.name[:2] for s in done.steps if s.state == "ran"]


def run(case, **options):
    return chain.run(case, progress=None, **options)


def outputs(done, step):
    content = json.loads((done.folder / "notebooks" / f"{step}.ipynb").read_text())
    return {c["id"]: json.dumps(c.get("outputs")) for c in content["cells"]}


def kept_files(done):
    skipped = {"run.json", "manifest.json"}
    files = [p for p in sorted(done.folder.rglob("*")) if p.is_file() and p.name not in skipped]
    tables = sorted((done.folder.parent / "tables").glob("*"))
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in [*files, *tables]}


def test_a_run_skips_what_is_unchanged_and_gives_the_same_bytes(case, tmp_path, monkeypatch):
    user = tmp_path / "user"
    spec = user / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"argv": ["/bin/false"], "display_name": "x", "language": "python"}))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(user))
    monkeypatch.setenv("JUPYTER_PATH", str(user))
    (case.folder / "pandas.py").write_text("raise SystemExit('code from a case folder ran')")
    monkeypatch.chdir(case.folder)
    long_id = "1829374650123456789"

    said = io.StringIO()
    done = chain.run(case, parameters={"account": long_id}, light=True, progress=said)

    assert ran(done) == ["01", "02", "03"]
    assert f"'{long_id}' str True" in outputs(done, STEPS[1])["say"]
    assert "01-collection: done" in said.getvalue()
    record = json.loads((done.folder / "run.json").read_text())
    assert record["status"] == "complete"
    assert record["steps"][1]["parameters"] == {
        "case": "my-case",
        "light": True,
        "account": long_id,
    }
    assert list(record["steps"][0]["tables"]) == ["accounts"]
    assert record["steps"][0]["started"] <= record["steps"][0]["ended"] <= record["finished"]
    manifest = json.loads((done.folder / "manifest.json").read_text())["files"]
    assert {"report.html", "run.json", "verify.py", f"notebooks/{STEPS[0]}.ipynb"} <= set(manifest)
    for name, recorded in manifest.items():
        assert hashlib.sha256((done.folder / name).read_bytes()).hexdigest() == recorded

    first = done.notebooks[0].read_text()
    assert "case = 'my-case'" in first
    for private in (str(case.folder), str(tmp_path), str(Path.home()), "papermill", " at 0x"):
        assert private not in first.replace("case = 'my-case'", ""), private

    # Nothing new: no kernel is started.
    before = kept_files(done)
    with monkeypatch.context() as patch:
        patch.setattr(execution.Kernels, "take", lambda _: pytest.fail("a kernel was started"))
        again = run(case, parameters={"account": long_id}, light=True)
    assert (ran(again), again.run_id, kept_files(again)) == ([], done.run_id, before)

    # An executed notebook that somebody touched is not passed over; what follows still is.
    done.notebooks[1].write_text(done.notebooks[1].read_text().replace("Parameters", "parameters"))
    assert ran(run(case, parameters={"account": long_id}, light=True)) == ["02"]

    # From nothing, elsewhere, with another clock and another seed for hashing: the same bytes.
    for folder in (done.folder, case.tables_folder):
        remove(folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    cold = run(case, parameters={"account": long_id}, light=True)
    assert ran(cold) == ["01", "02", "03"]
    assert (cold.run_id, kept_files(cold)) == (done.run_id, before)


def remove(folder):
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


SAID = {
    "error": "posts.csv has no column; name it",
    "exit": "SystemExit: 0",
    "vanish": "ended by itself with code 0",
    "killed": "killed by signal 9",
    "slow": "longer than the limit of 2 seconds",
    "full": "No space left on device",
}


def check_incomplete(folder):
    page = (folder / "report.html").read_text()
    assert "INCOMPLETE" in page
    assert str(folder) not in page
    assert str(Path.home()) not in page
    for name in ("run.json", "manifest.json", "report.pdf", "verify.py"):
        assert not (folder / name).exists(), name


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal 9")
def test_no_way_of_stopping_leaves_a_report_that_looks_clean(case):
    done = run(case)
    assert ran(done) == ["01", "02", "03"]
    (done.folder / "report.pdf").write_text("an older report")
    for mode, said in SAID.items():
        with pytest.raises(StepError) as error:
            run(case, parameters={"mode": mode}, timeout=2)
        message = str(error.value)
        assert said in message, (mode, message)
        assert "02-persona-review, cell mischief did not finish" in message
        assert "casebook run" in message
        check_incomplete(done.folder)
        partial = done.folder / "notebooks" / "02-persona-review.partial.ipynb"
        assert str(partial) in message
        assert "papermill" not in partial.read_text()
        assert not done.notebooks[1].exists()

    # What came before the failure is not run again.
    resumed = run(case)
    assert ran(resumed) == ["02"]
    assert (done.folder / "run.json").is_file()
    assert not list(done.folder.rglob("*.partial.ipynb"))
    assert "INCOMPLETE" not in done.report.read_text()


def test_a_notebook_without_its_last_exhibit_is_not_complete():
    def executed(*cells):
        return {"cells": [{"cell_type": "code", "source": "x", **c} for c in cells]}

    def sentinel(step):
        data = {"application/vnd.casebook.exhibit+json": {"type": "sentinel", "step": step}}
        return {"execution_count": 2, "outputs": [{"output_type": "execute_result", "data": data}]}

    plain = {"execution_count": 1, "outputs": []}
    empty = {"execution_count": None, "outputs": [], "source": " "}
    never = {"execution_count": None, "outputs": [], "id": "late"}
    assert execution.incomplete(executed(plain, empty, sentinel("03-a")), "03-a") is None
    assert "case.finish('03-a'" in execution.incomplete(executed(plain), "03-a")
    assert "case.finish('03-a'" in execution.incomplete(executed(sentinel("03-a"), plain), "03-a")
    assert "'02-b' is done" in execution.incomplete(executed(sentinel("02-b")), "03-a")
    assert "cell late did not run" in execution.incomplete(
        executed(never, sentinel("03-a")), "03-a"
    )
    failed = {
        "execution_count": 1,
        "outputs": [{"output_type": "error", "ename": "SystemExit", "evalue": "0"}],
    }
    assert "SystemExit: 0" in execution.incomplete(executed(failed, sentinel("03-a")), "03-a")


def test_steps_out_of_order_are_refused_and_nothing_is_touched(case):
    with pytest.raises(StepError, match="01-collection cannot be passed over: it has not come"):
        run(case, from_step="03")
    assert not case.report_folder.exists()
    with pytest.raises(ParameterError, match="did you mean '03-network-map'"):
        run(case, from_step="03-netwrk-map")


@pytest.mark.parametrize(
    "name", ["3", "03", "03-network-map", "network-map", "03-network-map.ipynb"]
)
def test_a_step_is_named_in_any_way_a_person_would(case, name):
    assert chain.step_index(chain.find_steps(case), name) == 2


def test_a_typo_in_a_parameter_stops_before_anything_runs(case):
    with pytest.raises(ParameterError, match="did you mean 'account'"):
        run(case, parameters={"acount": "007"})
    with pytest.raises(ParameterError, match="-r account VALUE"):
        run(case, parameters={"account": 7})
    settings = case.folder / "case.yaml"
    text = settings.read_text()
    assert "\nparameters: {}" in text
    settings.write_text(text.replace("parameters: {}", "parameters: {03-network-map: {windw: 5s}}"))
    with pytest.raises(ParameterError, match=r"case\.yaml, parameters: .*'windw'"):
        run(case.folder)
    settings.write_text(
        text.replace("parameters: {}", "parameters: {03-network-map: {window: 60}}")
    )
    with pytest.raises(ParameterError, match="cannot be 60"):
        run(case.folder)
    assert not case.report_folder.exists()


def test_values_come_from_the_case_and_are_overridden_by_the_caller(case):
    steps = chain.find_steps(case)
    case.settings.parameters["02-persona-review"] = {"account": "1e5", "mode": "exit"}
    values = chain.step_values(case, steps, {"account": "NO"}, light=True, typed=False)
    assert values == {
        "01-collection": {},
        "02-persona-review": {"account": "NO", "mode": "exit", "light": True},
        "03-network-map": {},
    }


def test_a_full_disk_leaves_no_report(case, monkeypatch):
    def no_room(path, data):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    folder = case.report_folder
    folder.mkdir()
    (folder / "report.html").write_text("an older report")
    (folder / "run.json").write_text('{"status": "complete"}')
    monkeypatch.setattr(chain, "write_atomically", no_room)
    monkeypatch.setattr(chain, "execute", fake_execute)
    with pytest.raises(StepError, match="the disk is full"):
        run(case)
    assert not (folder / "report.html").exists()
    assert not (folder / "run.json").exists()


def fake_execute(source, attempt, kernels, *, last=True):
    import nbformat

    attempt.notebook = nbformat.from_dict(source)
    attempt.is_complete = True


def test_two_runs_on_one_case_do_not_mix(case):
    with FileLock(case.folder / ".run.lock"), pytest.raises(CaseError, match="another run"):
        run(case)
    assert not case.report_folder.exists()


def edited(path, folder, old="", new="", **metadata):
    content = json.loads(path.read_text())
    content["metadata"].update(metadata)
    for cell in content["cells"]:
        cell["source"] = cell["source"].replace(old, new) if old else cell["source"]
    folder.mkdir(exist_ok=True)
    (folder / path.name).write_text(json.dumps(content))


def test_a_case_may_put_its_own_notebook_in_place_of_a_step(case, notebooks):
    own = case.folder / "notebooks"
    original = notebooks / "03-network-map.ipynb"

    def is_own():
        return [step.own for step in chain.find_steps(case)]

    edited(original, own, '"other"', '"my-case"')
    assert is_own() == [False, False, False]  # only the case is another one
    edited(original, own, "60s", "30s")
    assert is_own() == [False, False, True]
    base = chain.code_hash(json.loads((own / original.name).read_text()))
    edited(original, own, "60s", "30s", **{chain.COPIED_FROM: base})
    assert is_own() == [False, False, False]  # an untouched copy of an older release
    (own / "scratch.ipynb").write_text("{}")
    assert is_own() == [False, False, False]
    (own / "03-my-map.ipynb").write_text("{}")
    with pytest.raises(CaseError, match=r"name it 03-network-map\.ipynb"):
        is_own()


def test_the_value_of_case_is_replaced_and_nothing_else():
    source = 'é = "ü"; case = (\n  "a"\n)  # the "case"\nx = 1'
    changed = chain.with_case(source, 'b"')
    assert changed == 'é = "ü"; case = (\n  "b\\""\n)  # the "case"\nx = 1'


def test_a_changed_evidence_file_or_judgement_is_something_new(case, tmp_path):
    from casebook.collection import collect

    letter = tmp_path / "letter.txt"
    letter.write_text("Dear editor")
    collect(case, letter, reader="document")
    before = chain.case_inputs(case)
    case.judge("x:1", "verdict", "undetermined", reason="few posts", reviewer="aa")
    after = chain.case_inputs(case)
    assert {k for k in after if before.get(k) != after[k]} == {"judgements/aa.jsonl"}
    assert not list(case.evidence.differences())
    next((case.folder / "evidence").rglob("letter.txt")).write_text("Dear Editor")
    assert list(case.evidence.differences())


def test_a_path_is_taken_out_of_text_and_not_out_of_an_address():
    scrub = execution.scrubber([(Path("/Users/ana"), "~"), (Path("/Users/ana/case"), "my-case")])
    said = {
        "at /Users/ana/case/posts.csv:3": "at my-case/posts.csv:3",
        "'/Users/ana'": "'~'",
        "file:///Users/ana/x": "~/x",
        "https://example.org/Users/ana": "https://example.org/Users/ana",
        "/Users/anabel": "/Users/anabel",
        "/tmp/ipykernel_12/345.py:1: UserWarning": "cell:1: UserWarning",
        "<pandas.X object at 0x7fAB>": "<pandas.X object>",
    }
    assert {k: scrub(k) for k in said} == said
    assert scrub({"a": ["/Users/ana"]}) == {"a": ["~"]}


def test_a_kernel_that_is_another_python_is_refused():
    import casebook

    def answer(value):
        return {"data": {"text/plain": repr(value)}}

    ours = {"python": answer(sys.executable), "casebook": answer(casebook.__file__)}
    execution.check_python(ours)
    with pytest.raises(StepError, match="another python"):
        execution.check_python({**ours, "python": answer("/usr/bin/python0")})
    with pytest.raises(StepError, match=r"another casebook \(unknown\)"):
        execution.check_python({"python": ours["python"]})


DRIVER = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
import test_chain
from casebook import chain, cli
folder = Path({notebooks!r})
chain.original_notebooks = lambda: [folder / f"{{s}}.ipynb" for s in test_chain.STEPS]
chain.build_report = test_chain.plain_report
chain.broken_rules = lambda case: []
sys.exit(cli.main(["run", {case!r}, "-p", "mode", "slow"]))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_stopped_says_so_and_leaves_no_kernel(case, notebooks, number):
    script = DRIVER.format(
        tests=str(Path(__file__).parent), notebooks=str(notebooks), case=str(case.folder)
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    waited_for(lambda: (case.tables_folder / "steps.json").is_file() and kernels_of(process))
    time.sleep(1.5)
    kernels = kernels_of(process)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == (143 if number == signal.SIGTERM else -9), said
    assert kernels
    waited_for(lambda: not any(is_alive(pid) for pid in kernels))
    check_incomplete(case.report_folder)


def kernels_of(process):
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return [int(pid) for pid in found.stdout.split()]


def is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def waited_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def test_the_record_is_written_after_everything_else(case, monkeypatch):
    monkeypatch.setattr(chain, "build_report", broken_report)
    monkeypatch.setattr(chain, "execute", fake_execute)
    with pytest.raises(CasebookError, match="no template"):
        run(case)
    check_incomplete(case.report_folder)


def broken_report(case, done):
    raise CasebookError("no template")
