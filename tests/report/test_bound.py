"""The numbers in the sentences of exhibits: each comes out of a table, or is said not to."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from casebook.charts import attribution, collection, links, network, personas, reach, report
from casebook.exhibits import MIME, Listing, Statement, cells
from casebook.language import listed, numbers_in, say, say_count, together
from casebook.narratives.reach import Outside, breakout
from casebook.numbers import (
    Number,
    above,
    at_least,
    below,
    cell,
    count,
    distinct,
    largest,
    named,
    none_known_wrong,
    other_than,
    share,
    smallest,
    total,
)
from casebook.personas.agreement import Agreement
from casebook.report import HERE
from casebook.report.bound import bound_numbers
from casebook.report.crowd import Crowd
from casebook.report.masking import Mask, Protected
from casebook.report.verify import recomputed, written
from tests.report.parts import code, notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from casebook.exhibits import Exhibit

PAIRS = pd.DataFrame(
    {
        "finding": ["synchrony", "synchrony", "none", None],
        "met": [3, 9, 1, 2],
        "tried": [4, 10, 5, 5],
        "kept": [True, False, True, False],
        "day": ["2024-03-04", "2024-01-02", None, "2024-02-01"],
        "effect": [0.5, 0.25, None, 1.5],
    }
)


def taken(exhibit: Exhibit, number: dict[str, Any]) -> Any:
    """Compute a number again as verify.py would: from text, with no type of ours."""
    basis = exhibit._counted()["bases"][number["recipe"]["table"]]
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(basis["columns"])
    writer.writerows([["" if c is None else str(c) for c in row] for row in basis["rows"]])
    rows = {"t": list(csv.DictReader(io.StringIO(held.getvalue())))}
    # A table without columns is told by its number of rows.
    rows["t"] = rows["t"] or [{} for _ in basis["rows"]]
    return recomputed(rows, {**number["recipe"], "table": "t"})


@pytest.mark.parametrize(
    ("number", "value"),
    [
        (count(PAIRS), 4),
        (count(PAIRS, {"finding": "synchrony"}), 2),
        (count(PAIRS, {"finding": ["none", "synchrony"], "met": at_least(3)}), 2),
        (count(PAIRS, {"met": above(3)}), 1),
        (count(PAIRS, {"effect": below(1)}), 2),
        (count(PAIRS, {"finding": other_than("none")}), 2),
        (count(PAIRS, {"kept": True}), 2),
        (count(PAIRS, {"met": 9}), 1),
        (distinct(PAIRS, "finding"), 2),
        (distinct(PAIRS, "met", also="tried"), 7),
        (total(PAIRS, "met", {"finding": "synchrony"}), 12),
        (total(PAIRS, "effect"), 2.25),
        (smallest(PAIRS, "met"), 1),
        (largest(PAIRS, "effect", {"kept": True}), 0.5),
        (smallest(PAIRS, "day"), "2024-01-02"),
        (cell(PAIRS, "met", {"met": 9}), 9),
        (share(PAIRS, "met", "tried"), 15 / 24),
        # Of two, none known to be wrong: 1 - 0.05 ** (1 / 2).
        (none_known_wrong(PAIRS, {"finding": "synchrony"}), 0.7763932),
    ],
)
def test_what_computes_a_number_is_how_it_is_computed_again(number: Number, value: Any) -> None:
    assert number.value == (pytest.approx(value) if isinstance(value, float) else value)
    shown = "{n}" if isinstance(value, (int, str)) else "{n:.3f}"
    said = Statement(say(shown, n=number)) if not isinstance(value, str) else None
    if said is None:
        return
    (found,) = said._counted()["numbers"]
    assert written(taken(said, found), found["form"], "en") == found["text"]


def test_one_cell_is_one_cell() -> None:
    with pytest.raises(ValueError, match="2 rows where one is asked for"):
        cell(PAIRS, "met", {"finding": "synchrony"})


def test_a_sentence_keeps_its_numbers_wherever_it_is_put() -> None:
    inner = say_count("{n} pair", "{n} pairs", count(PAIRS))
    whole = together([say("Here are {pairs}.", pairs=inner), listed(say("{n} more", n=7))], "\n")
    assert whole == "Here are 4 pairs.\n- 7 more"
    assert [(p.text, p.number is not None) for p in numbers_in(whole)] == [
        ("4", True),
        ("7", False),
    ]
    assert numbers_in("4 pairs") == ()


def test_the_tables_of_an_exhibit_hold_what_its_numbers_take_and_no_more() -> None:
    other = pd.DataFrame({"account": ["a", "b"], "secret": [1, 2]})
    title = say("{n} of {m}", n=count(PAIRS, {"kept": True}), m=count(other))
    shown = Listing(PAIRS, id="pairs", title=title, limit=1)._repr_mimebundle_()[0][MIME]
    assert shown["bases"] == [
        {"columns": ["kept"], "rows": [[True], [False], [True], [False]]},
        {"columns": ["account"], "rows": [["a"], ["b"]]},
    ]


# -- every exhibit: another table, another sentence ------------------------------------------------

ACCOUNTS = pd.DataFrame({"account": ["a", "b"], "role": ["persona", "persona"]})
GAPS = pd.DataFrame(
    {"evidence_id": ["E0001", "E0002"], "from": "2024-01-01", "to": "2024-02-01", "days": [9, 31]}
)
FILES = pd.DataFrame({"evidence_id": ["E0001", "E0002"], "file": ["a.csv", "b.csv"]})
LAYERS = pd.DataFrame({"layer": ["text", "link"], "events": [3, 0], "assessable": [True, False]})
TESTED = LAYERS.assign(accounts=[60, 0], others=[55, 0], scales=[(60.0,), ()], why=["", "no event"])
GROUPS = pd.DataFrame(
    {
        "cluster": ["C1", "C2"], "label": ["coordinated", "shared attention"],
        "basis": ["synchrony", "shared attention"], "members": [5, 4], "personas": [3, 0],
        "known": [0, 0], "reference": [2, 4], "synchrony_pairs": [6, 0], "attention_pairs": [0, 5],
        "timing_effect": [0.4, 1.0], "habit_effect": [0.5, 1.0], "exclusive_originals": [1, 0],
    }
)  # fmt: skip
CALIBRATION = pd.DataFrame(
    {
        "rule": [network.OUR_RULE, "at least 2 co-actions in 60.0 s"], "scale": [600.0, 60.0],
        "observed": [8, 90], "accounts_mean": [0.1, 75.0], "accounts_max": [1, 80],
        "times_mean": [2.0, 70.0], "times_max": [4, 77], "runs": [20, 20],
    }
)  # fmt: skip
INSIDE = pd.DataFrame(
    {
        "cluster": ["C1", "C2"], "counted": [90, 0], "inside": [30, 0], "outside": [10, 0],
        "least": [0.3, 0.0], "most": [0.9, 1.0],
    }
)  # fmt: skip
TEXTS = pd.DataFrame(
    {
        "template": ["Sample one", "Sample two"], "accounts": [3, 2], "others": [0, 4],
        "posts": [3, 2], "first": pd.to_datetime(["2024-01-01"] * 2, utc=True),
        "last": pd.to_datetime(["2024-01-02"] * 2, utc=True),
    }
)  # fmt: skip
CHECKED = pd.DataFrame(
    {
        "id": ["S1", "S2"], "statement": ["One.", "Two."], "verdict": ["corrected", "confirmed"],
        "published": ["", ""], "facts": ["", ""], "sources": ["AP", "AP"],
    }
)  # fmt: skip
FOUND = pd.DataFrame(
    {
        "fact": ["G1", "G2"], "published": ["One.", "Two."], "sources": ["AP", "AP"],
        "outcome": ["corroborated", "not testable here"], "by": ["computed", "computed"],
        "value": [3.0, None], "quantity": [3.0, None], "meaning": ["accounts", None],
        "group": ["AP", "AP"],
    }
)  # fmt: skip
CLAIMED = pd.DataFrame(
    {
        "claim": ["C1", "C2"], "kind": ["assessment", "observation"], "text": ["One.", "Two."],
        "rung": [1.0, None], "likelihood": ["likely", None], "confidence": ["low", None],
        "evidence": [["E0001"], []], "counter_evidence": ["Some.", None],
        "violations": [[], ["R1"]], "reasons": [["a", "b", "c"], []], "would_change": ["x", None],
    }
)  # fmt: skip
TAGS = pd.DataFrame(
    {
        "item": ["E0001", "E0002"], "code": ["T1", "T2"], "name": ["", ""],
        "taxonomy": ["DISARM", "DISARM"], "why": ["so", "so"], "exculpatory": [True, False],
    }
)  # fmt: skip
LINE_UPS = pd.DataFrame(
    {
        "reviewer": ["aa", "bb"], "locked": [True, True], "fillers": [9, 9], "called": [8, 2],
        "under_review": [9, 9], "fillers_called": [0, 5], "rate": [0.0, 0.5], "low": [0.0, 0.2],
        "high": [0.2, 0.8], "p": [0.001, 0.9], "tells_apart": [True, False],
    }
)  # fmt: skip
REGISTER = pd.DataFrame(
    {
        "evidence_id": ["E0001", "AP"], "title": ["One", "Two"], "kind": ["behavioural"] * 2,
        "access": ["open"] * 2, "basis": ["testable", "reported"], "reliability": ["A", None],
        "credibility": ["2", None], "origin_group": ["E0001", "AP"], "capture": [None, None],
        "tlp": [None, None],
    }
)  # fmt: skip
PARTNERS = pd.DataFrame(
    {
        "evidence_id": ["E0001", "E0002"], "who": ["A partner", ""], "asked": ["", ""],
        "saw": ["", ""], "label": ["", ""], "origin_group": ["E0001", "E0002"],
    }
)  # fmt: skip
SIGNALS = pd.DataFrame(
    {
        "signal": ["rename", "rename", "automation"], "account": ["a", "b", "a"],
        "shown": ["shown", "not shown", "shown"], "counted": True, "reference_rate": [0.1, 0.1, 0.9],
        "reference_n": 60, "reference_low": 0.05, "reference_high": 0.2, "worst_rate": [0.1, 0.1, 0.9],
        "worst_stratum": "fans",
    }
)  # fmt: skip
VERDICTS = pd.DataFrame(
    {
        "account": ["a", "b"], "verdict": ["suspected", "suspected"],
        "reviewers": [["aa", "bb"], ["aa"]], "agreement": ["unanimous", "single"],
        "adjudicated": [False, False], "real_person_check": ["done", "done"],
    }
)  # fmt: skip
NAMED = ACCOUNTS.assign(handle=["a", "b"], account_id=["1", "2"], platform="x")
AGREED = Agreement(1, pd.DataFrame({"same": [3], "pairs": [4]}), 0.5, 0.2, 0.8)
REACH = pd.DataFrame(
    {
        "flag": ["several_platforms", "mainstream_media"], "answer": ["shown", "not shown"],
        "basis": ["judged", "judged"], "evidence": [[], []], "note": ["", ""],
    }
)  # fmt: skip
COUNTERS = pd.DataFrame({"reaction": ["replies", "quotes"], "counted": [120, 6]})

EXHIBITS: dict[str, tuple[Callable[[pd.DataFrame], Exhibit], pd.DataFrame]] = {
    "gaps": (lambda t: collection.gaps_table(t, FILES, days=7), GAPS),
    "layers": (collection.layers_table, LAYERS),
    "layers-tested": (network.layers_tested, TESTED),
    "groups": (network.groups_table, GROUPS),
    "calibration": (network.calibration_figure, CALIBRATION),
    "inside": (links.inside_table, INSIDE),
    "texts": (links.texts_table, TEXTS),
    "fact-check": (attribution.fact_check_table, CHECKED),
    "corroboration": (attribution.corroboration_table, FOUND),
    "claims": (attribution.claims_table, CLAIMED),
    "findings": (report.key_findings, CLAIMED),
    "closing": (lambda t: report.closing_words(t, ACCOUNTS), CLAIMED),
    "answers": (report.answers_by_rung, CLAIMED.iloc[::-1]),
    "tags": (attribution.tags_table, TAGS),
    "register": (attribution.register_table, REGISTER),
    "origins": (attribution.origins_table, REGISTER),
    "partners": (attribution.partners_table, PARTNERS),
    "line-ups": (personas.line_ups_table, LINE_UPS),
    "verdicts": (
        lambda t: personas.verdict_table(t, NAMED, AGREED),
        VERDICTS,
    ),
    "breakout": (lambda t: reach.breakout_table(t, breakout(t)), REACH),
    "outside": (
        lambda t: reach.outside_statement(Outside(t, 0, 0, 0.0, 1.0)),
        COUNTERS,
    ),
    "reference-rates": (personas.reference_rates, SIGNALS),
    "inputs": (
        lambda t: report.inputs_of_case(dict(zip(t["evidence_id"], t["file"], strict=True))),
        FILES,
    ),
}


@pytest.mark.parametrize("name", EXHIBITS)
def test_another_table_makes_another_sentence(name: str) -> None:
    make, table = EXHIBITS[name]
    before, after = make(table), make(table.head(1))
    said = [together(e.sentences().values(), "\n") for e in (before, after)]
    assert said[0] != said[1]
    bound = 0
    for exhibit in (before, after):
        for number in exhibit._counted()["numbers"]:
            if number["recipe"] is not None and number["recipe"]["take"] != "named":
                bound += 1
                again = written(taken(exhibit, number), number["form"], "en")
                assert again == number["text"], number
    assert bound


# -- the edition ----------------------------------------------------------------------------------


def edition(tmp_path: Path, *exhibits: Exhibit, crowd: Crowd | None = None) -> dict[str, Any]:
    """Write the page, the tables and the numbers of some exhibits, with verify.py beside them."""
    book = notebook("01-a", *(code("x", f"cell-{i}", e) for i, e in enumerate(exhibits)))
    books = [("01-a", (crowd or Crowd({})).notebook(book))]
    page = "".join(f"<p>{s}</p>" for e in exhibits for s in e.sentences().values())
    sentences, files = bound_numbers(
        books, page, Mask(Protected(), b"k" * 32), values={"personas": 4}, language="en"
    )
    held = {"values": [], "sentences": [], "exhibits": sentences, "language": "en"}
    held["values"] = [
        {"name": "personas", "value": 4, "in_report": False, "meaning": "", "recipe": None}
    ]
    for name, content in {
        "report.html": page, "numbers.json": json.dumps(held),
        **{f"tables/{k}": v for k, v in files.items()},
    }.items():  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    shutil.copyfile(HERE / "verify.py", tmp_path / "verify.py")
    (tmp_path / "SHA256SUMS").write_text("")
    return held


def told(folder: Path) -> str:
    """Return what the numbers of an edition are found to be, by the program that it holds."""
    program = (
        "import sys, verify; from pathlib import Path\n"
        "try: print(*verify.check_numbers(Path('.')), sep='\\n')\n"
        "except verify.Difference as error: print('DIFFERS:', error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_sentences_are_checked_from_the_tables_beside_the_page(tmp_path: Path) -> None:
    title = say(
        "{n} of {m} pairs, {p} personas, {k} said",
        n=count(PAIRS, {"finding": "synchrony"}), m=count(PAIRS), p=named("personas", 4), k=5,
    )  # fmt: skip
    edition(tmp_path, Listing(PAIRS[["met"]], id="pairs", title=title))
    assert "1 stand in the page, and 3 of their 4 numbers come out" in told(tmp_path)
    assert "and no count: pairs 5" in told(tmp_path)
    table = tmp_path / "tables" / "exhibits" / "pairs-1.csv"
    assert table.read_text() == "finding\n\nnone\nsynchrony\nsynchrony\n".replace("\n\n", '\n""\n')
    table.write_text("finding\nnone\nnone\nsynchrony\nnone\n")
    assert "DIFFERS: pairs says 2, and the tables give 1" in told(tmp_path)
    page = tmp_path / "report.html"
    page.write_text(page.read_text().replace("2 of 4", "3 of 4"))
    assert "DIFFERS: pairs should say “2 of 4 pairs" in told(tmp_path)


def test_the_spaces_inside_french_numbers_are_kept(tmp_path: Path) -> None:
    many = pd.DataFrame({"posts": [12000, 345]})
    title = say("{n} posts, {s}", n=total(many, "posts"), s="x").replace("12,345", "12\u202f345")
    said = say("{t}", t=title)
    said.numbers = (  # type: ignore[attr-defined]
        numbers_in(say("{n}", n=total(many, "posts")))[0]._replace(text="12\u202f345"),
    )
    sentences, _ = bound_numbers(
        [("01-a", notebook("01-a", code("x", "one", Statement(said, id="many"))))],
        f"<p>{said}</p>", Mask(Protected(), b"k" * 32), values={}, language="fr",
    )  # fmt: skip
    (number,) = sentences[0]["numbers"]
    assert number["recipe"] is not None
    assert number["text"] == "12\u202f345"


def test_a_number_that_its_table_does_not_give_is_left_to_the_evidence(tmp_path: Path) -> None:
    wrong = Number(7, "rows", (), {"finding": "synchrony"}, PAIRS)
    edition(tmp_path, Statement(say("{n} pairs", n=wrong), id="wrong"))
    assert "0 of their 1 numbers come out" in told(tmp_path)
    assert "hold too little: wrong 7" in told(tmp_path)


def test_rows_of_single_accounts_say_only_whether_they_count(tmp_path: Path) -> None:
    people = pd.DataFrame({"account": list("abcdefg"), "zone": ["x"] * 4 + ["y"] * 3})
    crowd = Crowd({name: name for name in "abcdefg"})
    title = say(
        "{n} of {m}, {most} at most, {few} of few, up to {wrong:.0%}",
        n=count(people, {"zone": "x"}),
        m=count(people), most=largest(people.assign(posts=9), "posts"),
        few=count(people.head(4).assign(z=list("pppq")), {"z": "p"}),
        wrong=none_known_wrong(people, {"zone": "x"}),
    )  # fmt: skip
    edition(tmp_path, Statement(title, id="zones"), crowd=crowd)
    said = told(tmp_path)
    assert "3 of their 5 numbers come out" in said
    # One of four is not counted: whoever knows the four would know of one.
    assert "of single accounts, or fewer than three stand behind them: zones 9, zones 3" in said
    (table,) = (tmp_path / "tables" / "exhibits").iterdir()
    rows = table.read_text().splitlines()
    # 53 %, of the four: 1 - 0.05 ** (1 / 4).
    four = [[f"{i},no"] * 3 + [f"{i},yes"] * 4 for i in (1, 3)]
    assert rows == ["number,counts", *four[0], *["2,yes"] * 7, *four[1]]


def test_a_number_beside_a_row_of_few_is_bound_only_to_rows_of_enough(tmp_path: Path) -> None:
    crowd = Crowd({"a": "a"})
    shown = pd.DataFrame({"platform": ["x", "y"], "accounts": [8, 2], "posts": [41, 7]})
    for enough, bound in ((3, 1), (2, 0)):
        groups = pd.DataFrame({"group": ["ours", "theirs"], "accounts": [9, enough], "n": [5, 6]})
        title = say("{n} unknown", n=total(groups, "n", {"group": "ours"}))
        held = edition(tmp_path, Listing(shown, id="reach", title=title), crowd=crowd)
        (sentence,) = held["exhibits"]
        assert sum(n["recipe"] is not None for n in sentence["numbers"]) == bound
    assert held["exhibits"][0]["numbers"][0]["why"] == "single accounts"


def test_what_is_masked_does_not_come_back_in_a_table(tmp_path: Path) -> None:
    frame = pd.DataFrame({"what": ["secret_handle_1", "b", "c"]})
    book = notebook(
        "01-a", code("x", "one", Statement(say("{n} kinds", n=distinct(frame, "what"))))
    )
    mask = Mask(Protected(handles={"secret_handle_1"}), b"k" * 32, ["secret_handle_1"])
    sentences, files = bound_numbers(
        [("01-a", book)], "<p>3 kinds</p>", mask, values={}, language="en"
    )
    assert files == {}
    assert sentences[0]["numbers"][0]["why"] == "not in the tables"


@pytest.mark.parametrize(
    ("value", "form", "language", "text"),
    [
        (12345, "", "fr", "12\u202f345"),
        (0.256, ".0%", "fr", "26\u202f%"),
        (0.5, ".2f", "fr", "0,50"),
        ("2024-03-01", "day", "fr", "1er mars 2024"),
        ("2024-09-03", "day", "en", "3 Sep 2024"),
    ],
)
def test_a_number_is_written_as_the_report_writes_it(
    value: Any, form: str, language: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from casebook import language as words

    monkeypatch.setitem(words._open_case, "language", language)
    ours = words.day(Number(value, "min")) if form == "day" else words.number(value, form)
    assert written(value, form, language) == ours == text


def test_cells_of_tables_are_what_recipes_ask_for() -> None:
    # Both sides of a comparison go through one function, or True would not be "True".
    assert [str(row[0]) for row in cells(PAIRS[["kept"]])[1]] == ["True", "False", "True", "False"]
