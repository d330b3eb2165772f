"""The pages: every word of the report, nothing that acts, the same bytes twice."""

from __future__ import annotations

import io
import re

import pypdf
import pytest
import typst

from casebook import report
from casebook.report import pdf as module
from casebook.report.pdf import missing_scripts, pdf, typst_source

EVIL = (
    '#panic("x")', '"); panic("x"); ("', "\\", "$x$ `raw` *b* _i_ @ref <label>", '#include "/etc/passwd"',
    "\x00\x07", "]]]}}}", "// comment /* block", "#let x = 1",
)  # fmt: skip


def page(body, *, title="A report", lang="en"):
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><title>{title}</title><style>p{{}}</style></head>'
        f"<body><main id=main><h1>{title}</h1>{body}</main></body></html>"
    )


def text_of(content):
    """Return the words of a PDF, one space between them."""
    read = pypdf.PdfReader(io.BytesIO(content))
    return re.sub(r"\s+", " ", " ".join(p.extract_text() for p in read.pages))


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


@pytest.mark.parametrize("evil", EVIL)
def test_words_that_look_like_a_program_are_words(evil):
    cell = f"<td>{escaped(evil)}</td>"
    table = f"<table><thead><tr><th>a</th></tr></thead><tbody><tr>{cell}</tr></tbody></table>"
    body = f"<p>before {escaped(evil)} after</p>{table}<pre>{escaped(evil)}</pre>"
    told = text_of(pdf(page(body, title=escaped(evil) or "x")))
    assert "before" in told
    assert "after" in told
    for word in re.findall(r"[a-z]{3,}", evil):
        assert word in told


def test_a_file_of_this_computer_cannot_be_read(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the-secret", encoding="utf-8")
    for program in (f'#read("{secret}")', '#read("../../../../../../etc/hostname")'):
        with pytest.raises(typst.TypstError):
            module._compiled(program, "ua-1")


def test_the_same_page_gives_the_same_bytes_and_holds_no_clock():
    made = pdf(page("<p>sample</p>"))
    assert made == pdf(page("<p>sample</p>"))
    held = pypdf.PdfReader(io.BytesIO(made)).metadata
    assert held.title == "A report"
    assert held.creation_date is None
    assert held.author is None


def test_it_is_tagged_and_says_its_language():
    read = pypdf.PdfReader(io.BytesIO(pdf(page("<h2 id=a>Head</h2><p>x</p>", lang="fr"))))
    root = read.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith("fr")
    assert "/StructTreeRoot" in root
    assert [o["/Title"] for o in read.outline if not isinstance(o, list)] == ["A report"]


def test_anchors_are_reached_and_unknown_ones_are_words():
    body = '<p><a href="#there">go</a> <a href="#nowhere">lost</a></p><h2 id="there">Here</h2>'
    read = pypdf.PdfReader(io.BytesIO(pdf(page(body))))
    links = [a.get_object() for p in read.pages for a in p.get("/Annots", [])]
    assert len(links) == 1
    assert "/URI" not in str(links[0])
    assert "lost" in text_of(pdf(page(body)))


def test_one_anchor_named_twice_is_set_once():
    pdf(page('<p id="x">a</p><p id="x">b</p><p><a href="#x">c</a></p>'))


def test_code_and_numbers_are_left_to_the_screen():
    body = (
        "<details class=code><summary>Code</summary><pre>secret_code</pre></details>"
        "<details class=numbers><summary>Numbers</summary>12345</details>"
        "<details><summary>3 figures</summary><ul class=lists><li>Figure 1</li></ul></details>"
    )
    told = text_of(pdf(page(body)))
    assert "secret_code" not in told
    assert "12345" not in told
    assert "Figure 1" in told


def test_a_picture_is_drawn_with_its_description():
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" width="10" height="10" '
        'role="img"><title>t</title><desc>Two bars &amp; a line</desc>'
        '<rect width="5" height="5" fill="red"/></svg>'
    )
    source = typst_source(page(f"<figure><figcaption>Cap</figcaption>{svg}</figure>"))
    assert '"Two bars & a line"' in source
    assert "viewBox" in source
    assert pdf(page(f"<figure><figcaption>Cap</figcaption>{svg}</figure>")).startswith(b"%PDF")


def test_a_script_without_a_font_is_said_on_the_first_page(monkeypatch):
    monkeypatch.setattr(module, "_can_print", lambda letter: letter == "\u0416")
    words = "<p>\u4e2d\u6587 \u0416\u0443\u043a \u0639\u0631\u0628</p>"
    assert missing_scripts(words) == ["Chinese or Japanese", "Arabic"]
    assert "no font for: Chinese or Japanese, Arabic" in text_of(pdf(page(words)))
    monkeypatch.setattr(module, "_can_print", lambda _: True)
    assert "no font for" not in text_of(pdf(page(words)))


def test_letters_without_a_shape_do_not_keep_the_pages_from_being_made():
    told = text_of(pdf(page("<p>before \U0010fffd \u4e2d after</p>")))
    assert "before" in told
    assert "after" in told


def test_whether_a_letter_can_be_printed_is_tried():
    assert module._can_print("A")
    assert not module._can_print("\U0010fffd")


def test_a_wide_table_keeps_every_cell():
    heads = "".join(f"<th>h{i}</th>" for i in range(12))
    cells = "".join(f"<td>cell{i} {'x' * 40}</td>" for i in range(12))
    table = f"<table><thead><tr>{heads}</tr></thead><tbody><tr>{cells}</tr></tbody></table>"
    told = text_of(pdf(page(table)))
    for i in range(12):
        assert f"cell{i}" in told


def test_what_cannot_be_set_is_said_and_the_page_stays(caplog, monkeypatch):
    monkeypatch.setattr(module, "typst_source", lambda *_: "#panic()")
    assert report.printed(page("<p>x</p>")) is None
    assert "report.pdf was not made, report.html was" in caplog.text
