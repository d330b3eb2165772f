"""Nothing of anybody who is not cleared is left in any file of the public edition."""

from __future__ import annotations

import base64
import io
import json
import re
import struct
import unicodedata
import zipfile
from html import unescape

import nbformat
import pandas as pd
import pypdf
import pytest
from PIL import Image

from casebook import schema
from casebook.case import Case
from casebook.exhibits import Figure, Listing, Note, Statement, as_png, mark_synthetic
from casebook.publishing import publish
from tests.report.conftest import CASE_YAML
from tests.report.parts import code, notebook, seal, words

NUMBERS = range(10)
HANDLES = [f"synth_person_{n}x{n}" for n in NUMBERS]
IDS = [f"70000000{n}{n}{n}" for n in NUMBERS]
NAMES = [f"Sample Name Number {n}" for n in NUMBERS]
BIOS = [f"sample person {w} keeps bees and a boat" for w in "abcdefghij"]
PLACES = [f"Sampletown {w}" for w in ("North", "South", "East", "West")]
POSTS = [f"the {w} fox of the sample jumps over nine lazy dogs" for w in "klmnopqrst"]
REVIEWERS = ["reviewer-kim", "reviewer-lee"]
TIPS = ["a tip from sample neighbour", "told by a sample colleague"]
FILES = ["picture-of-synth_person_3x3.png", "synth_person_4x4-capture.txt"]
PLANTED = [*HANDLES, *IDS, *NAMES, *BIOS, *PLACES, *POSTS, *REVIEWERS, *TIPS]


def picture():
    """A PNG that holds a handle in its metadata, as an EXIF comment would."""
    from PIL.PngImagePlugin import PngInfo

    about = PngInfo()
    about.add_text("Comment", f"taken by {HANDLES[0]}")
    exif = Image.Exif()
    exif[0x010E] = f"portrait of {NAMES[1]}"
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG", pnginfo=about, exif=exif)
    return out.getvalue()


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("leaks") / "cases" / "ten-accounts"
    folder.mkdir(parents=True)
    (folder / "case.yaml").write_text(CASE_YAML.replace('["aa"]', '["desk"]'), encoding="utf-8")
    made = Case(folder)
    for name, tip, actor in zip(FILES, TIPS, REVIEWERS, strict=True):
        path = folder.parent / name
        path.write_bytes(picture() if name.endswith("png") else b"sample")
        staged = made.evidence.stage({name: path}, confidential=False)
        made.evidence.register(
            staged,
            {"actor": actor, "reader": "document", "title": f"Seen at {HANDLES[5]}",
             "found_by": tip, "note": f"{BIOS[6]}, as {NAMES[7]} says", "role": "persona"},
        )  # fmt: skip
    accounts = [
        {"account": f"x:{i}", "platform": "x", "handle": h, "account_id": i, "display_name": n,
         "bio": b, "location": PLACES[k % 4], "role": "persona" if k < 6 else "reference"}
        for k, (h, i, n, b) in enumerate(zip(HANDLES, IDS, NAMES, BIOS, strict=True))
    ]  # fmt: skip
    made.write("accounts", schema.check("accounts", pd.DataFrame(accounts)))
    posts = [
        {"post": f"x:90000000{k}", "platform": "x", "account": f"x:{i}", "handle": h, "text": t,
         "post_id": f"90000000{k}", "embedded": False}
        for k, (h, i, t) in enumerate(zip(HANDLES, IDS, POSTS, strict=True))
    ]  # fmt: skip
    made.write("posts", schema.check("posts", pd.DataFrame(posts)))
    for reviewer in REVIEWERS:
        for i in IDS[:6]:
            made.judge(
                f"x:{i}", question="verdict", answer="suspected", reason=f"as {HANDLES[2]} does",
                reviewer=reviewer,
            )  # fmt: skip
    verdicts = {"account": [f"x:{i}" for i in IDS[:6]], "verdict": "suspected",
                "reviewers": [REVIEWERS] * 6, "reasons": [[POSTS[0]]] * 6}  # fmt: skip
    made.write("verdicts", schema.check("verdicts", pd.DataFrame(verdicts)))
    claims = [
        {"claim": f"C{k}", "kind": "observation", "evidence": ["E0001"], "violations": [],
         "text": f"{HANDLES[k]} (x:{IDS[k]}), called {NAMES[k]}, wrote “{POSTS[k]}”.",
         "counter_evidence": f"{HANDLES[k + 1]} says: {BIOS[k]}."}
        for k in range(4)
    ]  # fmt: skip
    made.write("claims", schema.check("claims", pd.DataFrame(claims)))
    return made


def told():
    """An executed notebook that says everything of everybody in every way there is."""
    mark_synthetic(True)
    frame = pd.DataFrame(
        {"account": HANDLES, "id": IDS, "name": NAMES, "says": BIOS, "posts": POSTS, "n": NUMBERS}
    )
    sums = pd.DataFrame({"what": [f"posts like “{POSTS[1]}”", f"by {NAMES[8]}"], "n": [5, 6]})
    chart = {
        "data": {"values": [{"a": h, "b": 1} for h in HANDLES]},
        "mark": "bar",
        "encoding": {"x": {"field": "b", "type": "quantitative"}, "y": {"field": "a"}},
    }
    some = {"n": f"posts of {HANDLES[1]}", "source": NAMES[3], "note": f"See {HANDLES[4]}."}
    whole = "; ".join(PLANTED)
    shown = [
        Listing(frame, id="all", title=f"{HANDLES[0]} and {NAMES[1]}", note=POSTS[2]),
        Listing(sums, id="sums", title=POSTS[3]),
        Figure(chart, id="bars", title=f"{HANDLES[2]} leads", alt=f"A bar of {HANDLES[3]}",
               data=frame, **some),
        Figure({**chart, "data": {"values": [{"a": "x", "b": 1}]}}, id="nobody", alt=BIOS[4],
               title=f"Of {NAMES[5]}", data=sums, **some),
        Statement(whole.replace("_", "\\_"), id="whole"),
        Note(f"**{HANDLES[7]}** answers {HANDLES[8]} in {PLACES[1]}"),
        {"output_type": "stream", "name": "stdout", "text": whole},
        {"output_type": "display_data", "metadata": {}, "data": {
            "image/png": base64.b64encode(picture()).decode(), "text/plain": whole}},
        {"output_type": "error", "ename": "ValueError", "evalue": whole, "traceback": [whole]},
    ]  # fmt: skip
    return notebook(
        "01-collection",
        words(f"# 1. Collection\n\n{NAMES[0]} wrote *{POSTS[4]}* to @{HANDLES[6]}.", "title"),
        code(f"cb.card({HANDLES[9]!r})  # {NAMES[9]}: {POSTS[9]}", "card", *shown),
    )


@pytest.fixture(scope="module")
def published(case, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    (folder / "notebooks").mkdir()
    nbformat.write(told(), folder / "notebooks" / "01-collection.ipynb")
    run = {
        "case": "ten-accounts", "run_id": "0123456789abcdef", "status": "complete",
        "finished": "2024-09-06T00:00:00Z", "missing": [{"rule": "R1", "message": f"of {HANDLES[1]}"}],
        "steps": [{"step": "01-collection", "status": "done",
                   "parameters": {"case": "ten-accounts", "account": HANDLES[3]}}],
        "inputs": {f"judgements/{REVIEWERS[0]}.jsonl": "ab" * 32,
                   f"evidence/{FILES[0]}": "cd" * 32},
        "versions": {"casebook": "0.1.0"},
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    (folder / "report.html").write_text(f"run {run['run_id']}", encoding="utf-8")
    seal(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASEBOOK_KEYS", str(tmp_path_factory.mktemp("keys")))
        return publish(case, folder, preview=True)


def squeezed(text):
    """Letters and digits alone: neither case, line breaks, tags nor marks may hide anything."""
    plain = unicodedata.normalize("NFKC", unescape(text)).casefold()
    plain = re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), plain)
    return re.sub(r"[\W_]+", "", plain)


def forms(content):
    """Return a text as it is, and without its tags."""
    return [squeezed(content), squeezed(re.sub(r"<[^>]*>", "", content))]


def everything(folder, archive):
    """Yield every name and every content of the edition and its archive, as text."""
    paths = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    held = {p.relative_to(folder).as_posix(): p.read_bytes() for p in paths}
    with zipfile.ZipFile(archive) as zipped:
        yield "comment of the archive", zipped.comment.decode("latin-1")
        for item in zipped.infolist():
            yield "names in the archive", item.filename + item.comment.decode("latin-1")
            yield "extra fields", item.extra.decode("latin-1")
            assert zipped.read(item) == held[item.filename]
    for name, content in held.items():
        yield "file names", name
        if name.endswith(".pdf"):
            paper = pypdf.PdfReader(io.BytesIO(content))
            yield name, "".join(p.extract_text() for p in paper.pages)
            yield f"{name}, about it", f"{paper.metadata} {paper.xmp_metadata}"
            yield f"{name}, outline", str(paper.outline)
            said = [str(a.get_object()) for p in paper.pages for a in p.get("/Annots", [])]
            yield f"{name}, notes", " ".join(said)
            yield f"{name}, descriptions", " ".join(alternatives(paper))
        elif name.endswith(".png"):
            yield name, content.decode("latin-1")  # what it shows is that of the SVG beside it
        else:
            yield name, content.decode("utf-8")


def alternatives(paper):
    """Return what a reader of the PDF is told about its pictures."""
    found, open_ones = [], [paper.trailer["/Root"].get("/StructTreeRoot")]
    while open_ones:
        node = open_ones.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            open_ones += node
        elif isinstance(node, dict):
            found += [str(node[k]) for k in ("/Alt", "/ActualText", "/T") if k in node]
            open_ones += [node["/K"]] if "/K" in node else []
    return found


def test_at_least_fifty_strings_are_planted():
    assert len(set(PLANTED)) >= 50


def test_no_planted_string_is_left_anywhere(published):
    texts = list(everything(*published))
    names = {n for n, _ in texts}
    assert {"report.html", "report.pdf", "numbers.json", "exports/stix.json"} <= names
    assert {e.rpartition(".")[2] for e in names if e.startswith("figures/")} == {
        "svg", "png", "csv", "txt",
    }  # fmt: skip
    assert sum(len(t) for _, t in texts) > 50_000
    leaks = [
        (where, secret)
        for where, text in texts
        for form in forms(text)
        for secret in PLANTED
        if squeezed(secret) in form
    ]
    assert leaks == []


def test_no_five_words_of_a_text_are_left(published):
    runs = set()
    for text in [*POSTS, *BIOS]:
        parts = text.split()
        runs |= {"".join(parts[i : i + 5]) for i in range(len(parts) - 4)}
    texts = [form for _, t in everything(*published) for form in forms(t)]
    assert not [run for run in runs for form in texts if run in form]


def test_no_picture_that_was_collected_or_printed_is_left(published):
    folder, archive = published
    data = picture()
    everything_held = [p.read_bytes() for p in folder.rglob("*") if p.is_file()]
    for content in [*everything_held, archive.read_bytes()]:
        assert data not in content
        assert base64.b64encode(data)[:60] not in content
    drawn = {p for p in folder.rglob("*") if p.is_file() and b"\x89PNG" in p.read_bytes()}
    assert drawn == set((folder / "figures").glob("*.png"))


def test_a_picture_of_dots_is_drawn_from_the_masked_one(published):
    folder, _ = published
    pictures = sorted((folder / "figures").glob("*.png"))
    assert pictures
    for path in pictures:
        svg = path.with_suffix(".svg").read_text(encoding="utf-8")
        assert path.read_bytes() == as_png(svg)
        # Nothing but a picture is in it: no words about it that a camera or a program left.
        content, at, kinds = path.read_bytes(), 8, set()
        while at < len(content):
            (length,) = struct.unpack(">I", content[at : at + 4])
            kinds.add(content[at + 4 : at + 8])
            at += 12 + length
        assert kinds <= {b"IHDR", b"pHYs", b"IDAT", b"IEND"}


def test_the_search_finds_what_a_mask_has_missed(published, monkeypatch):
    folder, archive = published
    page = folder / "report.html"
    kept = page.read_text(encoding="utf-8")
    hidden = [
        f"<p title='{HANDLES[3]}'>", f"<svg><desc>{NAMES[2]}</desc></svg>", f"<!-- {IDS[4]} -->",
        f"<b>{BIOS[0][:20]}</b>{BIOS[0][20:]}", "&#x73;" + HANDLES[5][1:],
    ]  # fmt: skip
    for trace in hidden:
        assert any(squeezed(s) in form for s in PLANTED for form in forms(kept + trace)), trace
    assert archive.stat().st_size > 1000


def test_what_the_edition_says_of_them_are_pseudonyms_and_counts(published):
    folder, _ = published
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert len(set(re.findall(r"account-[a-z2-9]{6}", page))) >= 5
    assert "[quotation withheld]" in page
    assert "10 accounts" in page
