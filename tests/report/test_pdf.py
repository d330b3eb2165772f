"""The pages: every word of the report, nothing that acts, the same bytes twice."""

from __future__ import annotations

import io
import re

import pypdf
import pytest
import typst

from casebook import report
from casebook.report import pdf as module
from casebook.report.columns import breakable, width_of
from casebook.report.elements import read_page
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


def table_of(heads, rows):
    cells = "".join(f"<th>{h}</th>" for h in heads)
    body = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"


def test_a_handle_never_runs_into_the_next_column():
    story = "A reason of some length, as a reviewer writes it down. " * 2
    rows = [[f"synthetic_handle_{i:03}_x", "undetermined", story, "2024-09-05"] for i in range(5)]
    how = module._laid_out(next(read_page(table_of(["account", "verdict", "why", "on"], rows))[0]
                                .find("table")))  # fmt: skip
    assert not how.as_records
    for i in (0, 1, 3):
        pieces = [p for row in rows for p in re.split(r"[\s\u200b]+", breakable(row[i]))]
        assert how.widths[i] >= max(map(width_of, pieces)) * how.size
    told = text_of(pdf(page(table_of(["account", "verdict", "why", "on"], rows))))
    assert "undetermined" in told  # and not broken into parts
    assert "2024-09-05" in told


def test_a_table_of_stories_is_set_as_cards_with_every_word():
    story = "A sentence of some length that stands in a cell of its own, read as a line. " * 2
    heads = ["rung", "speaks for it", "speaks against it", "would change it"]
    rows = [[str(i), f"one{i} {story}", f"two{i} {story}", f"three{i} {story}"] for i in range(3)]
    source = typst_source(page(table_of(heads, rows)))
    assert "records(record(" in source
    told = text_of(pdf(page(table_of(heads, rows))))
    for i in range(3):
        for word in ("one", "two", "three"):
            assert f"{word}{i}" in told
    assert told.count("speaks against it:") == 3


def test_a_figure_keeps_its_caption_and_leaves_no_gap():
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 8" width="600" height="480">'
        '<desc>d</desc><rect width="5" height="5"/></svg>'
    )
    figure = f"<figure><figcaption>Caption {{}}</figcaption>{svg}</figure>"
    text = "<p>" + "Words that fill the page. " * 60 + "</p>"
    body = "".join(figure.format(i) + text for i in range(3))
    read = pypdf.PdfReader(io.BytesIO(pdf(page(body))))
    # Three pictures of half a page, and a page and a half of words around them.
    assert len(read.pages) <= 3
    for i in range(3):
        assert sum(f"Caption {i}" in p.extract_text() for p in read.pages) == 1


def test_contents_and_lists_carry_page_numbers():
    body = (
        "<nav><h2>Contents</h2><ul class=contents><li><a href='#a'>Alpha</a>"
        "<ul><li><a href='#b'>Beta</a></li></ul></li></ul></nav>"
        "<h2 id=a>Alpha</h2><p>x</p><h3 id=b>Beta</h3>"
    ).replace("'", '"')
    told = text_of(pdf(page(body)))
    assert "Alpha 1" in told
    assert "Beta 1" in told


def test_what_only_a_screen_can_do_is_not_printed():
    body = (
        '<p class="fignote files">Files <a href="figures/x.svg">SVG</a></p><p class=hint>scroll</p>'
    )
    told = text_of(pdf(page(f"<p>kept</p>{body}")))
    assert "kept" in told
    assert "SVG" not in told
    assert "scroll" not in told
