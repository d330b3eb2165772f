"""The legal edition: every sentence on a line, nothing that acts, the same bytes twice."""

from __future__ import annotations

import io

import openpyxl
import pandas as pd
import pytest

from casebook.cli import main
from casebook.legal import legal_edition, write_legal
from casebook.publishing import PublishError
from casebook.scaffold import new_case
from tests.report.parts import seal

PAGE = """<!DOCTYPE html><html lang="en"><head><title>T</title></head><body><main id=main>
<h1>T</h1><section class=chapter id="step-1"><h2 id=a>1. Collection</h2>
<div class="block is-words"><p>One sentence. <b>Another</b> one, see <a class="ref" href="#E0001">E0001</a>.</p>
<ul><li>=HYPERLINK("x")</li></ul></div>
<figure><figcaption><span class=label>Figure 1</span> 3 of 4 agree</figcaption>
<svg xmlns="http://www.w3.org/2000/svg"><desc>drawn words</desc></svg>
<p class=below>Synthetic data.</p><details class=numbers><p>hidden numbers</p></details></figure>
<details class=code><pre>code_words</pre></details>
<table><tbody><tr><td>cell words</td></tr></tbody></table></section>
<section class=chapter id=register><h2>Evidence register</h2><p>register words</p></section>
</main></body></html>"""

CLAIMS = """claims:
  - id: C1
    kind: observation
    text: The collection holds {{ personas }} accounts under review.
    evidence: ["selection:personas"]
  - id: C2
    kind: observation
    reported_by: A source
    text: "=cmd says that Sampleland answered."
    evidence: ["E0001"]
    about: [Sampleland]
    counter_evidence: Nobody else says so.
"""


@pytest.fixture
def case(tmp_path):
    made = new_case(tmp_path / "ten-accounts")
    letter = tmp_path / "letter.txt"
    letter.write_text("sample", encoding="utf-8")
    staged = made.evidence.stage({"letter.txt": letter}, confidential=False)
    made.evidence.register(staged, {"actor": "aa", "reader": "document", "title": "A letter"})
    (made.folder / "claims.yaml").write_text(CLAIMS, encoding="utf-8")
    from casebook.attribution import register

    made.write("register", register(made.evidence_items()))
    folder = made.report_folder
    folder.mkdir(parents=True)
    (folder / "report.html").write_text(PAGE, encoding="utf-8")
    (folder / "run.json").write_text('{"status": "complete", "run_id": "0123", "steps": []}')
    seal(folder)
    return made


def sheets(content):
    return pd.read_excel(io.BytesIO(content), sheet_name=None, dtype=str, keep_default_na=False)


def test_every_sentence_of_the_chapters_is_a_line_with_room_for_a_note(case):
    told = sheets(legal_edition(case, case.report_folder))["sentences"]
    assert told["sentence"].tolist() == [
        "One sentence.",
        "Another one, see E0001.",
        '\'=HYPERLINK("x")',
        "Figure 1: 3 of 4 agree",
    ]
    assert set(told["section"]) == {"1. Collection"}
    assert told["evidence"].tolist()[1] == "E0001"
    assert {"lawyer's note", "decision"} <= set(told.columns)
    assert not any(told["lawyer's note"])


def test_a_claim_stands_with_grade_counter_evidence_reply_and_rules(case):
    told = sheets(legal_edition(case, case.report_folder))["claims"].set_index("claim")
    assert told.loc["C2", "against it"] == "Nobody else says so."
    assert told.loc["C2", "reply"] == "nobody was asked"
    assert told.loc["C1", "reply"] == "names nobody"
    assert "E0001 not graded (contextual, testable)" in told.loc["C2", "grades"]
    line = (
        '{"claim": "C2", "addressee": "Sampleland", "sent": "2024-05-01", "deadline": "2024-05-08"}'
    )
    (case.folder / "replies.jsonl").write_text(line + "\n", encoding="utf-8")
    told = sheets(legal_edition(case, case.report_folder))["claims"].set_index("claim")
    assert told.loc["C2", "reply"] == "Sampleland, asked 2024-05-01, by 2024-05-08: no answer yet"


def test_what_is_open_is_listed_with_its_rule(case):
    told = sheets(legal_edition(case, case.report_folder))["open points"]
    assert len(told) >= 3
    assert any("legal" in w or "signed" in w for w in told["what"].str.lower())


def test_no_cell_is_a_formula_and_the_bytes_do_not_change(case):
    made = legal_edition(case, case.report_folder)
    assert made == legal_edition(case, case.report_folder)
    book = openpyxl.load_workbook(io.BytesIO(made))
    kinds = {c.data_type for sheet in book for row in sheet.iter_rows() for c in row}
    assert "f" not in kinds
    assert book.properties.created.year == 1980


def test_the_command_writes_it_beside_the_report_and_says_whom_it_is_for(case, capsys):
    assert main(["legal", str(case.folder)]) == 0
    said = capsys.readouterr().out
    assert "For counsel alone" in said
    assert "lines.xlsx" in said
    assert write_legal(case, case.report_folder).is_file()


def test_without_a_run_there_is_nothing_to_read(case):
    (case.report_folder / "run.json").unlink()
    with pytest.raises(PublishError, match="no report yet"):
        legal_edition(case, case.report_folder)
