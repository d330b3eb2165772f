"""Nobody who is not cleared is told apart: rows and pictures of single accounts become counts."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from benchmarks.bench_privacy import (
    Known,
    by_marks,
    by_rows,
    by_what_is_left,
    known_of,
    plain_edition,
)
from casebook import schema
from casebook.attribution.values import Value, named_values, shown
from casebook.language import speak
from casebook.public_tables import numbers, public_tables, recipes
from casebook.report import render, verify
from casebook.report.crowd import FEWEST, Crowd, coarse, crowd_of, page_without_rows, without_rows
from casebook.report.masking import DAY, NUMBER, WITHHELD, Mask, Protected, protected_in

KEY = b"k" * 32
NAMES = [f"sample_{n}" for n in range(10)]
CROWD = Crowd({name: f"x:{name}" for name in NAMES}, ["aa"])


def table(columns, rows, **more):
    return {"type": "table", "id": "t", "title": "T", "columns": columns, "rows": rows, **more}


# -- rows -----------------------------------------------------------------------------------------
def test_a_row_about_a_file_stays_and_rows_about_accounts_are_counted():
    told = CROWD.exhibit(
        table(
            ["account", "called"],
            [[n, "suspected" if i < 6 else "authentic"] for i, n in enumerate(NAMES)],
        )
    )
    assert told["rows"] == [["4 accounts", "authentic"], ["6 accounts", "suspected"]]
    same = table(["file", "records"], [["E0001", 12]])
    assert CROWD.exhibit(same) == same


def test_what_fewer_than_three_have_in_common_is_other_and_the_rest_of_it_too():
    # Seven, two and one: two and one alone would be one and two accounts; together they are three.
    values = ["a"] * 7 + ["b"] * 2 + ["c"]
    told = CROWD.exhibit(
        table(["account", "v"], [[n, v] for n, v in zip(NAMES, values, strict=True)])
    )
    assert told["rows"] == [["7 accounts", "a"], ["3 accounts", "other"]]
    # Nine and one: whoever subtracts one from ten must not find the one.
    told = CROWD.exhibit(
        table(["account", "v"], [[n, "a" if i else "b"] for i, n in enumerate(NAMES)])
    )
    assert told["rows"] == [["10 accounts"]]


def test_two_accounts_are_too_few_for_anything():
    told = CROWD.exhibit(table(["account", "v"], [[NAMES[0], "a"], [NAMES[1], "a"]]))
    assert told["columns"] == ["account"]
    assert told["rows"] == [[f"fewer than {FEWEST} accounts"]]


def test_a_verdict_never_stands_beside_what_can_be_looked_up():
    # Three of one town, all suspected: each of them would be known to be suspected.
    rows = [
        [n, "Ohio" if i < 3 else "Iowa", "suspected" if i < 3 else "undetermined"]
        for i, n in enumerate(NAMES)
    ]
    told = CROWD.exhibit(table(["account", "place", "verdict"], rows))
    assert told["columns"] == ["account", "verdict"]
    assert told["rows"] == [["3 accounts", "suspected"], ["7 accounts", "undetermined"]]
    asked = [[n, "aa", "● suspected"] for n in NAMES[:5]] + [
        [n, "aa", "○ undetermined"] for n in NAMES[5:]
    ]
    told = CROWD.exhibit(table(["account", "reviewer", "answer"], asked))
    assert told["columns"] == ["account", "reviewer", "answer"]


def test_pairs_are_counted_with_their_accounts():
    rows = [[NAMES[0], NAMES[n], "link"] for n in (1, 2, 3)]
    told = CROWD.exhibit(table(["account", "and", "layer"], rows))
    assert told["rows"] == [["3 rows, 4 accounts", "link"]]


def test_whoever_is_cleared_keeps_the_row():
    rows = [["someone_named_9", 12], *([n, 5] for n in NAMES)]
    told = CROWD.exhibit(table(["account", "posts"], rows))
    assert told["rows"][0] == ["someone_named_9", 12]
    assert told["rows"][1:] == [["10 accounts", "1 to 9"]]


def test_a_picture_of_single_accounts_becomes_a_table():
    figure = {
        "type": "figure", "id": "f", "title": "T", "alt": "sample_1 first", "note": "n",
        "svg": "<svg><text>sample_1</text></svg>", "columns": ["name", "when"],
        "rows": [[n, "2024-03-05 10:00:00"] for n in NAMES],
    }  # fmt: skip
    told = CROWD.exhibit(figure)
    assert told["type"] == "table"
    assert "svg" not in told
    assert "alt" not in told
    assert told["rows"] == [["10 accounts", "2024"]]
    assert "a picture of single accounts" in told["note"]
    drawn = {**figure, "rows": [["posts", 3]], "columns": ["what", "n"]}
    assert CROWD.exhibit(drawn)["type"] == "table"
    nobody = {**drawn, "svg": "<svg><text>posts</text></svg>"}
    assert CROWD.exhibit(nobody)["svg"] == nobody["svg"]


def test_a_handle_that_is_a_common_word_does_not_make_a_list_of_words_one_of_accounts():
    crowd = Crowd({"link": "x:1"})
    layers = table(["layer", "n"], [["link", 5], ["text", 6], ["media", 7]])
    assert crowd.exhibit(layers) == layers
    assert crowd.exhibit(table(["account", "n"], [["link", 5]]))["rows"] != [["link", 5]]


def test_counts_of_one_or_two_accounts_are_not_told():
    told = CROWD.exhibit(
        table(["platform", "accounts", "posts"], [["x", 16, 527], ["instagram", 1, 9]])
    )
    assert told["rows"] == [["x", 16, 527], ["instagram", "fewer than 3", None]]


@pytest.mark.parametrize(
    "value", [0.5, "a sentence that somebody wrote about one of them, at length", "E0001:4"]
)
def test_measurements_sentences_and_references_are_no_category(value):
    told = CROWD.exhibit(table(["account", "v"], [[n, value] for n in NAMES]))
    assert told["columns"] == ["account"]


def test_rows_of_evidence_are_cut_in_every_text():
    assert without_rows("E0001:4, E0001:9 and E0002#a=1") == "E0001 and E0002"
    page = '<a class="ref" href="#E0001">E0001:4</a>, <a class="ref" href="#E0001">E0001:9</a>'
    assert page_without_rows(page) == '<a class="ref" href="#E0001">E0001</a>'
    assert coarse("2024-03") == "2024"


def test_counts_are_told_in_the_language_of_the_case():
    speak("fr")
    try:
        rows = [[n, "suspecté" if i < 6 else "b" if i < 8 else "c"] for i, n in enumerate(NAMES)]
        told = CROWD.exhibit(table(["compte", "verdict"], rows))
    finally:
        speak("en")
    assert told["rows"] == [["4 comptes", "autre"], ["6 comptes", "suspecté"]]
    assert "comptés ensemble" in told["note"]


def test_printed_text_is_left_out_and_a_failed_cell_is_not():
    from tests.report.parts import code, notebook

    shown = {"output_type": "stream", "name": "stdout", "text": "sample_1 posted 41 times"}
    failed = {"output_type": "error", "ename": "E", "evalue": "no", "traceback": []}
    book = CROWD.notebook(notebook("01-collection", code("x", "x", shown, failed)))
    assert [o["output_type"] for o in book.cells[0].outputs] == ["error"]


# -- sentences ------------------------------------------------------------------------------------
def test_no_count_day_or_claim_stands_in_a_sentence_with_a_pseudonym():
    protected = Protected(handles={"sample_maple_1"}, claims={"nurse", "34"})
    text = "sample_maple_1 says nurse, 34, and posted 1,204 times since 2024-03-05 (12 %). 20 accounts answered."
    out = Mask(protected, KEY, [text]).text(text)
    first, second = out.split(". ")
    assert WITHHELD in first
    assert NUMBER in first
    assert DAY in first
    assert not {"nurse", "34", "1,204", "2024", "12"} & set(first.replace("(", " ").split())
    assert second == "20 accounts answered."
    assert Mask(protected, KEY, [text]).text("Two nurses of 34") == "Two nurses of 34"


def test_a_sentence_is_one_though_words_in_it_are_marked_up():
    page = (
        "<p><strong>sample_maple_1</strong> posted <em>1,204</em> times. All 20 posted.</p>"
        "<ul><li>41 of them</li></ul>"
    )
    masked = Mask(Protected(handles={"sample_maple_1"}), KEY, [page])
    out = masked.html(page)
    assert f"<em>{NUMBER}</em> times. All 20 posted." in out
    assert "<li>41 of them</li>" in out


# -- tables and numbers ---------------------------------------------------------------------------
def world(personas=6, known=4, reference=30):
    """Accounts with posts, pairs, a cluster, signals and verdicts; every count worked out by hand."""
    roles = ["persona"] * personas + ["known"] * known + ["reference"] * reference
    keys = [f"x:90000{n:02d}" for n in range(len(roles))]
    accounts = pd.DataFrame(
        {
            "account": keys, "platform": "x", "account_id": [k[2:] for k in keys], "role": roles,
            "handle": [f"sample_user_{n}" for n in range(len(keys))],
        }
    )  # fmt: skip
    posts = pd.DataFrame(
        [
            {"post": f"x:{n}-{i}", "platform": "x", "account": k, "embedded": False,
             "created_at": pd.Timestamp("2024-01-01", tz="UTC") + pd.Timedelta(days=3 * n + i)}
            for n, k in enumerate(keys) for i in range(n % 7 + 2)
        ]
    )  # fmt: skip
    tied = [(0, 1), (0, 2), (1, 2), (3, 4), (0, personas), (1, personas + 1), (2, personas + 2)]
    edges = pd.DataFrame(
        [
            {"source": keys[a], "target": keys[b], "layer": "link", "finding": "synchrony",
             "co_actions": 5 + a + b, "objects": 4 + b, "evidence": [f"E0001:{a}"]}
            for a, b in tied
        ]
    )  # fmt: skip
    clusters = pd.DataFrame(
        {"cluster": "C1", "label": "coordinated", "account": keys[:5], "degree": range(5)}
    )
    verdicts = pd.DataFrame(
        {
            "account": keys[:personas],
            "verdict": ["suspected"] * 4 + ["undetermined"] * (personas - 4),
        }
    )
    signals = pd.DataFrame(
        [
            {"account": keys[n], "signal": s, "shown": "shown" if n < many else "not shown",
             "counted": True, "value": float(n), "reference_rate": 0.1, "reference_n": 30}
            for s, many in (("rename", 5), ("lifted-bio", 1)) for n in range(personas)
        ]
    )  # fmt: skip
    made = {
        "accounts": accounts, "posts": posts, "edges": edges, "clusters": clusters,
        "verdicts": verdicts, "signals": signals,
    }  # fmt: skip
    return {name: schema.check(name, frame) for name, frame in made.items()}


def again(tables, public, values=None):
    values = named_values(tables) if values is None else values
    held = numbers(values, [], {}, tables=tables, public=public, language="en")
    return {v["name"]: v["recipe"] is not None for v in held["values"]}


def test_every_number_comes_out_of_the_tables_but_those_of_one_or_two_accounts():
    tables = world()
    public = public_tables(tables, KEY)
    found = again(tables, public)
    assert [name for name, ok in found.items() if not ok] == [
        "most_views",
        "persona_delay",
        "signal_lifted_bio",
    ]
    assert len(found) == 39
    assert named_values(tables)["persona_pairs"].value == 4
    # One post and a median of delays: a table of them would tell posts and pairs again.
    assert set(found) - set(recipes(tables)) == {"most_views", "persona_delay"}


@pytest.mark.parametrize(
    ("table_name", "column", "value", "broken"),
    [
        ("accounts", "role", "persona", {"personas", "verdict_suspected"}),
        ("pairs", "finding", "synchrony", {"synchrony_pairs"}),
        ("members", "role", "persona", {"synchrony_personas", "coordinated_personas"}),
        ("records", "rows", "9", {"posts"}),
    ],
)
def test_a_number_whose_table_was_changed_does_not_come_out(table_name, column, value, broken):
    tables = world()
    public = public_tables(tables, KEY)
    frame = public[table_name].astype(object)
    frame.loc[:, column] = value if column == "rows" else "something else"
    found = again(tables, {**public, table_name: frame})
    assert not any(found[name] for name in broken)


def test_rows_of_two_tables_and_of_two_cases_cannot_be_put_together():
    one, other = public_tables(world(), KEY), public_tables(world(), b"j" * 32)
    numbers_of = {name: set(one[name]["account"]) for name in ("accounts", "members")}
    assert not numbers_of["accounts"] & numbers_of["members"]
    asked = one["members"].groupby("question")["account"].apply(set)
    assert len(set().union(*asked)) == sum(map(len, asked))
    assert not numbers_of["accounts"] & set(other["accounts"]["account"])
    assert one["accounts"].equals(public_tables(world(), KEY)["accounts"])


def test_a_role_of_two_accounts_is_told_with_nobodys():
    tables = world(known=2)
    public = public_tables(tables, KEY)
    assert "known" not in set(public["records"]["role"])
    # Two known accounts and one reference account are in a pair: three whose role is not said.
    assert set(public["members"]["role"]) == {"persona", "not said"}
    assert not again(tables, public)["tied_known"]


def test_a_sentence_is_filled_as_the_report_prints_it():
    written = "Il y a {{ n }} comptes, soit {{ rate | percent }}."
    values = {"n": 12345, "rate": 0.126}
    assert verify.filled(written, values, "fr") == "Il y a 12\u202f345 comptes, soit 13 %."
    for value in (12345, 0.5, None, "2024-01-01", 3):
        for language in ("en", "fr"):
            assert verify.shown(value, "", language) == shown(value, language=language)
    speak("en")


def test_a_sentence_that_is_not_printed_as_computed_stops_the_edition():
    tables = world()
    public = public_tables(tables, KEY)
    claims = [{"id": "C1", "text": "There are {{ personas }} accounts."}]
    values = {"personas": Value("personas", 6, "accounts under review", "accounts")}
    given = {"tables": tables, "public": public, "language": "en"}
    held = numbers(values, claims, {"C1": "There are 6 accounts."}, **given)
    assert held["sentences"] == [{"claim": "C1", "text": "There are {{ personas }} accounts."}]
    with pytest.raises(ValueError, match="not printed as it is computed"):
        numbers(values, claims, {"C1": "There are 7 accounts."}, **given)


# -- who can be told again ------------------------------------------------------------------------
@pytest.fixture
def attacked(case):
    for name, frame in world().items():
        case.write(name, frame)
    protected = protected_in(case)
    plain = [case.read(t).to_csv() for t in ("edges", "clusters", "signals", "verdicts")]
    return case, Mask(protected, KEY, plain)


def test_the_matcher_finds_accounts_behind_pseudonyms_and_none_in_the_tables(attacked):
    case, mask = attacked
    known = known_of(case, [])
    plain = by_marks(plain_edition(case, mask), case, mask, known)
    # Edges, clusters and signals with pseudonyms give away each persona.
    assert sum(p == 1 for p in plain.values()) >= 6
    tables = {
        n: case.read(n) for n in ("accounts", "posts", "edges", "clusters", "verdicts", "signals")
    }
    files = {
        f"tables/{n}.csv": f.to_csv(index=False) for n, f in public_tables(tables, KEY).items()
    }
    assert by_marks(files, case, mask, known) == {}
    guessed = by_rows(files, known)
    # Two of six are undetermined, and nothing else is said of them: one guess in two is right.
    assert max(guessed.values()) == 0.5
    assert sum(guessed.values()) / len(known.words) < 0.2


def test_the_matcher_sees_a_row_that_was_left_without_its_name():
    known = Known(
        {"x:1": {"41", "nurse"}, "x:2": {"12"}, "x:3": {"7"}}, {}, [({"41", "nurse"}, {"x:1"})]
    )
    page = "<table><tr><td>withheld</td><td>nurse</td><td>41</td></tr></table>"
    assert by_what_is_left({"report.html": page}, known) == {"x:1": 1.0}
    assert by_what_is_left({"report.html": page.replace("41", "42")}, known) == {}


def test_everybody_is_in_the_crowd_under_every_name_but_those_cleared(case):
    case.write("accounts", world()["accounts"])
    labels = crowd_of(case, ["x:9000000"]).labels
    assert "sample_user_0" not in labels
    assert labels["@sample_user_1"] == labels["x:9000001"] == labels["9000001"] == "x:9000001"
    assert labels["reference 1"].startswith("x:")


def test_a_public_page_names_no_row_of_a_selection(case, run):
    for name, frame in world().items():
        case.write(name, frame)
    accounts = world()["accounts"].assign(evidence_id="E0001", source_line=range(1, 41))
    case.write("accounts", schema.check("accounts", accounts))
    claim = {
        "claim": "C1",
        "kind": "observation",
        "text": "Six.",
        "evidence": ["selection:personas"],
    }
    case.write("claims", schema.check("claims", pd.DataFrame([claim])))
    public = render(case, {**run, "edition": "public"}, [])
    assert "Rows of the table accounts: 6 in E0001." in public
    assert not re.search(r"E0001:\d(?!2 )", public)
    assert "E0001:1</a>" in render(case, run, [])
