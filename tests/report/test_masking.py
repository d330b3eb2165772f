"""The public edition: nobody is recognised who is not cleared, and nothing is written that leaks."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import zipfile
from html import escape
from html.parser import HTMLParser

import pandas as pd
import pytest

from casebook import schema
from casebook.case import Case
from casebook.cli import main
from casebook.publishing import PublishError, edition, forget_stale, key_of, publish
from casebook.report.masking import QUOTE, WITHHELD, Mask, Protected, protected_in
from casebook.scaffold import new_case

KEY = b"k" * 32
POST = "the quick brown fox jumps over the lazy dog by the river"


def mask(*pages, key=KEY, **protected):
    made = Protected(**{k: set(v) if k != "texts" else list(v) for k, v in protected.items()})
    return Mask(made, key, pages)


# -- handles and ids ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "synth_maple_001 posted",
        "@SYNTH_MAPLE_001",
        "https://x[.]com/synth_maple_001/status/1",
        "capture_synth_maple_001.ndjson",
        "synth_maple_001 · x",
        "x:@synth_maple_001",
    ],
)
def test_a_handle_goes_wherever_it_stands(text):
    masked = mask(text, handles=["synth_maple_001"])
    out = masked.text(text)
    assert "maple" not in out.lower()
    assert masked.pseudonym("account", "synth_maple_001") in out
    assert masked.leaks(text)
    assert not masked.leaks(out)


def test_a_handle_that_is_a_common_word_goes_where_it_stands_as_a_handle():
    sentence = "The river rose."
    masked = mask(sentence, "@river", "river · x", handles=["river"])
    assert masked.text(sentence) == sentence
    for text in ("@river said", "river · x", "river", "https://x.com/river/status/1"):
        assert "river" not in masked.text(text)


def test_a_handle_that_a_picture_has_cut_off_goes_too():
    masked = mask("synth_map…", handles=["synth_maple_001"])
    assert masked.text("synth_map…") == masked.pseudonym("account", "synth_maple_001")


def test_ids_go_and_other_numbers_stay():
    masked = mask("", ids=["1234567890123456789"])
    assert "123456789" not in masked.text("x:1234567890123456789")
    assert masked.text("1,234,567 and 20240903120000") == "1,234,567 and 20240903120000"


def test_a_pseudonym_is_the_same_in_a_case_and_another_in_the_next():
    one, same, other = (mask(key=k) for k in (KEY, KEY, b"j" * 32))
    assert one.pseudonym("account", "Ada") == same.pseudonym("account", "ada")
    assert one.pseudonym("account", "ada") != other.pseudonym("account", "ada")
    assert one.pseudonym("account", "ada") != one.pseudonym("account", "ben")


# -- words ----------------------------------------------------------------------------------------
def test_five_words_in_a_row_of_a_post_are_a_quotation():
    page = f"They wrote: “The QUICK, brown fox jumps over the lazy dog!” and no more. {'x ' * 9}"
    masked = mask(page, texts=[POST])
    out = masked.text(page)
    assert out.startswith(f"They wrote: “{QUOTE}")
    assert "lazy" not in out
    assert not masked.leaks(out)
    four = "the quick brown fox"
    assert masked.text(f"{four} rests") == f"{four} rests"


def test_a_quotation_in_chinese_is_found_without_spaces():
    text = "今天天气很好我们一起去公园散步吧"
    masked = mask(f"他说{text}。", texts=[text])
    assert QUOTE in masked.text(f"他说{text}。")
    assert text[:8] not in masked.text(f"他说{text}。")


def test_a_short_text_goes_where_it_stands_alone():
    masked = mask("Ohio, USA", texts=["Ohio, USA"])
    assert masked.text("Ohio, USA") == WITHHELD
    assert masked.text("an election in Ohio, USA") == "an election in Ohio, USA"


def test_names_go_whole_and_moments_become_days():
    masked = mask("Maple Leaf Daily says", names=["Maple Leaf Daily", "tip from a neighbour"])
    assert masked.text("Maple Leaf Daily says") == f"{WITHHELD} says"
    assert masked.text("tip from a neighbour") == WITHHELD
    assert masked.text("at 2024-09-03 12:34:56 UTC") == "at 2024-09-03"


class Texts(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data):
        self.found.append(data)

    def handle_starttag(self, _tag, attributes):
        self.found += [v for _, v in attributes if v]


PLANTED = [
    *(f"synth_user_{i:03d}" for i in range(20)),
    *(f"SynthUser{i:07d}" for i in range(10)),
    *("a.b.c_d", "x__x__x", "übung_99", "мария_77", "李雷_2024", "عمر_1999"),
    *("</script>_1", "<b>_2", "&amp;_3", '"quoted"_4', "'; drop_5", "=cmd_6", "\u202eltr_7"),
    *("[link](http://x)_8", "`code`_9", "{{7*7}}_0", "%s%s_11", "\\u0041_12", "nul_13", "ok_14"),
]


def test_fifty_planted_strings_leave_no_trace_in_pages_pictures_and_tables():
    assert len(PLANTED) == 50
    page = "<!doctype html><html><body>"
    for secret in PLANTED:
        page += (
            f'<p title="{escape(secret)}">by {escape(secret)}, again @{escape(secret)}</p>'
            f"<svg><text>{escape(secret)}</text><desc>{escape(secret)}</desc></svg>"
        )
    page += "</body></html>"
    masked = mask(page, handles=[s.lower() for s in PLANTED])
    out = masked.html(page)
    assert masked.leaks(out) == []
    read = Texts()
    read.feed(out)
    words = " ".join(read.found).lower()
    assert not [s for s in PLANTED if s.lower() in words]
    assert len([t for t in read.found if "account-" in t]) >= 4 * len(PLANTED)
    frame = pd.DataFrame({"who": PLANTED, "list": [[s] for s in PLANTED], "n": range(50)})
    assert masked.leaks(masked.table(frame).to_csv()) == []


def test_a_leak_is_found_behind_entities_and_escapes():
    masked = mask(handles=["synth_o'hara"])
    assert masked.leaks("<p>synth_o&#x27;hara</p>")
    assert masked.leaks('{"who": "synth_o\\u0027hara"}')
    assert not masked.leaks("<p>somebody</p>")


def test_tags_and_pictures_keep_their_form():
    page = '<p class="synth_user_001"><path d="M0,0 L20240903,1"/><b>bold</b></p>'
    assert mask(page, handles=["zzz_1"]).html(page) == page


# -- the edition ----------------------------------------------------------------------------------
@pytest.fixture
def peopled(case, monkeypatch, tmp_path):
    monkeypatch.setenv("CASEBOOK_KEYS", str(tmp_path / "keys"))
    rows = [
        {"account": f"x:{n}", "platform": "x", "handle": h, "account_id": n, "role": role,
         "display_name": name, "bio": POST if role == "persona" else None}
        for n, h, role, name in (
            ("7000001", "synth_maple_001", "persona", "Maple Leaf Daily"),
            ("7000002", "synth_birch_002", "persona", "Birch"),
            ("7000003", "synth_oak_003", "reference", "Oak Tree Person"),
        )
    ]  # fmt: skip
    case.write("accounts", schema.check("accounts", pd.DataFrame(rows)))
    return case


def say(notebooks, text):
    from casebook.exhibits import Statement
    from tests.report.parts import code

    notebooks[1][1].cells.append(code("cb.more()", "more", Statement(text, id="more")))


@pytest.fixture
def telling(notebooks):
    """Notebooks that name everybody; used before the report folder is made."""
    say(
        notebooks,
        "synth\\_maple\\_001 (x:7000001, Maple Leaf Daily) answers synth\\_oak\\_003 at "
        f"2024-05-01 10:11:12: {POST}.",
    )
    return notebooks


def test_the_edition_names_nobody(telling, report_folder, peopled):
    folder, archive = publish(peopled, report_folder, preview=True)
    page = (folder / "report.html").read_text(encoding="utf-8")
    for secret in ("maple", "7000001", "Maple Leaf", "oak_003", "lazy dog", "10:11"):
        assert secret not in page
    assert page.count("account-") >= 2
    assert "<dd>public</dd>" in page
    assert QUOTE in page
    sums = (folder / "SHA256SUMS").read_text().splitlines()
    for line in sums:
        digest, _, name = line.partition("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    crate = json.loads((folder / "ro-crate-metadata.json").read_text())
    parts = next(e for e in crate["@graph"] if e["@id"] == "./")["hasPart"]
    assert {"@id": "report.html"} in parts
    with zipfile.ZipFile(archive) as held:
        assert set(held.namelist()) == {line.partition("  ")[2] for line in sums} | {"SHA256SUMS"}
    again = archive.read_bytes()
    publish(peopled, report_folder, preview=True)
    assert archive.read_bytes() == again


def test_who_is_cleared_and_checked_is_named(telling, report_folder, peopled):
    path = peopled.folder / "case.yaml"
    path.write_text(path.read_text() + 'cleared: ["synth_maple_001"]\n')
    case = type(peopled)(peopled.folder)
    with pytest.raises(PublishError, match="nobody has checked"):
        publish(case, report_folder, preview=True)
    case.judge(
        "x:7000001", question="real-person-check", answer="done", reason="no such person",
        reviewer="aa",
    )  # fmt: skip
    folder, _ = publish(case, report_folder, preview=True)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "synth_maple_001" in page
    assert "oak_003" not in page


def test_who_is_cleared_stays_so_where_others_answer_and_mention(peopled):
    post = {
        "post": "x:9000001", "platform": "x", "account": "x:7000003", "handle": "synth_oak_003",
        "in_reply_to_handle": "synth_maple_001", "mentions": ["Synth_Maple_001", "synth_far_9"],
        "text": "hello there",
    }  # fmt: skip
    peopled.write("posts", schema.check("posts", pd.DataFrame([post])))
    found = protected_in(peopled, ["x:7000001"])
    assert "synth_maple_001" not in found.handles
    assert {"synth_oak_003", "synth_far_9"} <= found.handles
    assert "synth_maple_001" in protected_in(peopled).handles


def test_a_reviewers_file_does_not_tell_the_alias():
    masked = mask("judgements/jane.jsonl", "jane", names=["jane"])
    assert masked.text("judgements/jane.jsonl") == f"judgements/{WITHHELD}.jsonl"
    assert masked.leaks("<td>judgements/jane.jsonl</td>")
    assert masked.text("jane") == WITHHELD
    assert masked.text("Jane Austen, jane") == "Jane Austen, jane"


def test_a_name_that_is_nobody_is_an_error(report_folder, peopled):
    path = peopled.folder / "case.yaml"
    path.write_text(path.read_text() + "cleared: [synth_nobody_9]\n")
    with pytest.raises(PublishError, match="no account of this case"):
        publish(type(peopled)(peopled.folder), report_folder, preview=True)


def test_a_draft_is_refused_and_says_why(report_folder, peopled):
    with pytest.raises(PublishError, match="a DRAFT: The gate is not signed"):
        publish(peopled, report_folder)
    assert not (report_folder / "public").exists()


def test_without_a_complete_run_there_is_nothing_to_publish(report_folder, peopled, tmp_path):
    with pytest.raises(PublishError, match="no report yet"):
        publish(peopled, tmp_path / "nowhere", preview=True)
    record = report_folder / "run.json"
    held = json.loads(record.read_text())
    record.write_text(json.dumps({**held, "status": "incomplete"}))
    with pytest.raises(PublishError, match="did not come to its end"):
        publish(peopled, report_folder, preview=True)


def test_where_something_is_left_nothing_is_written(telling, report_folder, peopled, monkeypatch):
    monkeypatch.setattr(Mask, "html", lambda _self, page: page)
    with pytest.raises(PublishError, match="protected strings are left") as failed:
        publish(peopled, report_folder, preview=True)
    assert "maple" not in str(failed.value)  # the message may be pasted anywhere
    assert not (report_folder / "public").exists()


def test_an_edition_of_another_run_goes_and_one_of_this_run_stays(report_folder, peopled):
    folder, archive = publish(peopled, report_folder, preview=True)
    assert not forget_stale(report_folder, "0123456789abcdef")
    assert archive.exists()
    assert forget_stale(report_folder, "another")
    assert not folder.exists()
    assert not archive.exists()
    assert (report_folder / "report.html").exists()


def test_the_key_lies_outside_the_case_and_is_the_owners_alone(peopled):
    key, path = key_of(peopled)
    assert len(key) == 32
    assert peopled.folder not in path.parents
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key_of(peopled)[0] == key
    path.write_text("not a key")
    with pytest.raises(PublishError, match="not a key"):
        key_of(peopled)


def test_a_moved_case_keeps_its_pseudonyms_and_another_has_its_own(peopled, tmp_path):
    key, _ = key_of(peopled)
    moved = tmp_path / "elsewhere" / peopled.name
    shutil.copytree(peopled.folder, moved)
    assert key_of(Case(moved))[0] == key
    other = new_case(tmp_path / "another" / peopled.name)
    assert key_of(other)[0] != key


def test_everybody_in_the_tables_is_protected_and_the_signing_are_not(peopled):
    found = protected_in(peopled)
    assert {"synth_maple_001", "synth_oak_003"} <= found.handles
    assert {"7000001", "7000003"} <= found.ids
    assert "Oak Tree Person" in found.names
    assert "aa" not in found.names
    assert protected_in(peopled, ["x:7000003"]).handles == {"synth_maple_001", "synth_birch_002"}


def test_tables_of_the_edition_hold_no_moment(telling, report_folder, peopled):
    run = json.loads((report_folder / "run.json").read_text())
    files = edition(peopled, report_folder, run, protected_in(peopled), KEY)
    assert "tables/claims.csv" in files
    assert b"README" not in files["README.txt"][:6]


def test_the_command_says_where_the_key_is_and_that_a_person_must_read(
    telling, report_folder, peopled, monkeypatch, capsys
):
    monkeypatch.setattr(type(peopled), "report_folder", property(lambda _: report_folder))
    assert main(["publish", str(peopled.folder), "--preview"]) == 0
    said = capsys.readouterr().out
    assert "Read every page" in said
    assert str(report_folder / "public" / "report.html") in said
    assert main(["publish", str(peopled.folder)]) == 1
    assert "DRAFT" in capsys.readouterr().err
