"""A case is a folder: settings that are checked, tables that know their evidence, judgements."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from casebook.case import Case, find_case
from casebook.errors import CaseError, ClaimError, EvidenceError, TableError
from casebook.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

MINIMAL = 'title: "A case"\nquestion: "Who?"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "my-case"
    folder.mkdir()
    (folder / "case.yaml").write_text(MINIMAL, encoding="utf-8")
    return folder


@pytest.fixture
def case(folder: Path) -> Case:
    return Case(folder, clock=lambda: datetime(2024, 9, 3, 12, tzinfo=UTC))


def collect_letter(case: Case) -> str:
    letter = case.folder.parent / f"letter-{len(case.evidence.items())}.txt"
    letter.write_text("dear editor", encoding="utf-8")
    staged = case.evidence.stage({letter.name: letter}, confidential=False)
    return case.evidence.register(staged, {"actor": "aa", "reader": "document"}).evidence_id


# -- settings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            MINIMAL + "titel: x\n",
            r"case\.yaml, line 3: unknown key 'titel'\n  -> did you mean 'title'",
        ),
        (MINIMAL + "scope:\n  platform: [x]\n", r"line 4: unknown key 'platform'.*\n.*'platforms'"),
        (MINIMAL + "roles:\n  persona: [007]\n", r'line 4: .*in quotes: "007"'),
        (MINIMAL + "investigators: [no]\n", r"line 3: .*YAML reads as bool.*\n.*in quotes"),
        (MINIMAL + "language: de\n", r"line 3: 'language' is 'de'\n.*en, fr"),
        (MINIMAL + "title: again\n", r"line 3: 'title' is given twice"),
        (MINIMAL + "schema_version: 99\n", r"line 3: .*newer Casebook|line 3.*99"),
        (MINIMAL + "note: [a\n", r"line 4: this is not valid YAML|line 3: this is not valid YAML"),
        (MINIMAL + "note: !!python/object:os.system x\n", "not valid YAML"),
        ("question: x\n", "the case has no title"),
        ("- a\n", "not a list of settings"),
    ],
)
def test_a_mistake_in_case_yaml_names_line_and_remedy(
    folder: Path, text: str, message: str
) -> None:
    (folder / "case.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match="(?s)" + message):
        Case(folder)


def test_settings_that_are_not_utf8_are_refused(folder: Path) -> None:
    (folder / "case.yaml").write_bytes(MINIMAL.encode() + b"note: \xff\n")
    with pytest.raises(CaseError, match="UTF-8"):
        Case(folder)


def test_absent_settings_are_empty(folder: Path) -> None:
    settings = load_settings(folder / "case.yaml")
    assert (settings.language, settings.synthetic, settings.roles) == ("en", None, {})


# -- finding a case ---------------------------------------------------------------------------------


def test_a_case_is_found_by_name_or_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEBOOK_HOME", str(folder.parent))
    assert find_case("my-case") == find_case(folder) == folder.resolve()
    with pytest.raises(CaseError, match="did you mean 'my-case'"):
        find_case("my-cas")


def test_the_same_case_again_is_the_same_case(case: Case) -> None:
    assert Case(case).folder == case.folder


def test_a_case_named_by_a_number_stops_with_the_hint(folder: Path) -> None:
    with pytest.raises(CaseError, match="-r case NAME"):
        Case(7)  # type: ignore[arg-type]


# -- tables -----------------------------------------------------------------------------------------


def test_ids_come_back_byte_for_byte(case: Case) -> None:
    ids = ["007", "nan", "1e5", "NO", "1829374650123456789", "NA", ""]
    written = case.write("accounts", pd.DataFrame({"account": ids, "account_id": ids}))
    read = case.read("accounts")
    pd.testing.assert_frame_equal(written, read)
    assert read["account_id"].tolist() == ids


def test_counts_may_be_unknown_and_stay_whole(case: Case) -> None:
    counts = pd.array([None, 2**60 + 1], dtype="Int64")
    case.write("accounts", pd.DataFrame({"account": ["a", "b"], "followers": counts}))
    followers = case.read("accounts")["followers"]
    assert followers.isna().tolist() == [True, False]
    assert followers[1] == 2**60 + 1


def test_a_numeric_id_is_refused(case: Case) -> None:
    with pytest.raises(TableError, match="ids are never numbers"):
        case.write("accounts", pd.DataFrame({"account_id": [7]}))


def test_an_unknown_column_names_the_nearest(case: Case) -> None:
    with pytest.raises(TableError, match="did you mean 'account_id'"):
        case.write("accounts", pd.DataFrame({"acount_id": ["7"]}))


def test_a_missing_table_names_the_notebook_to_run_first(case: Case) -> None:
    with pytest.raises(CaseError, match=r"run notebook 03-network-map first"):
        case.read("edges")


def test_a_table_from_an_earlier_state_of_the_evidence_is_refused(case: Case) -> None:
    case.write("edges", pd.DataFrame())
    assert case.has("edges")
    collect_letter(case)
    assert not case.has("edges")
    with pytest.raises(CaseError, match="earlier state of the evidence"):
        case.read("edges")


def test_the_same_table_gives_the_same_bytes(case: Case) -> None:
    frame = pd.DataFrame({"account": ["b", "a"], "selected_on": [["x", "y"], []]})
    case.write("accounts", frame)
    before = case.table_path("accounts").read_bytes()
    case.write("accounts", frame)
    assert case.table_path("accounts").read_bytes() == before


# -- judgements -------------------------------------------------------------------------------------


def test_a_judgement_is_sealed_and_a_later_one_supersedes_it(case: Case) -> None:
    collect_letter(case)
    case.judge("x:1", "verdict", "suspected", reason="bio", evidence=["E0001:3"], reviewer="aa")
    case.judge("x:1", "verdict", "undetermined", reason="second look", reviewer="aa")
    case.judge("x:1", "verdict", "suspected", reason="photo", reviewer="bb")
    found = case.judgements()
    assert found["answer"].tolist() == ["suspected", "undetermined", "suspected"]
    assert found["current"].tolist() == [False, True, True]
    assert found["evidence"].tolist() == [["E0001:3"], [], []]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reviewer": "Jane Doe"}, "is no alias"),
        ({"answer": "fake"}, "assessed inauthentic"),
        ({"reason": "  "}, "needs a reason"),
        ({"evidence": ["E0009"]}, "neither an evidence item"),
    ],
)
def test_a_bad_judgement_is_refused_and_nothing_is_saved(
    case: Case, change: dict[str, object], message: str
) -> None:
    given: dict[str, object] = {"answer": "suspected", "reason": "r", "reviewer": "aa", **change}
    with pytest.raises((ClaimError, EvidenceError), match=message):
        case.judge("x:1", "verdict", **given)  # type: ignore[arg-type]
    assert case.judgements().empty


JUDGE = """
import sys
from casebook.case import Case
case = Case(sys.argv[1])
for number in range(20):
    case.judge(f"x:{number}", "verdict", "undetermined", reason="r", reviewer="aa")
"""


def test_two_kernels_on_one_case_lose_no_decision(case: Case) -> None:
    kernels = [
        subprocess.Popen([sys.executable, "-c", JUDGE, os.fspath(case.folder)]) for _ in range(2)
    ]
    assert [k.wait(timeout=60) for k in kernels] == [0, 0]
    found = case.judgements()
    assert len(found) == 40
    assert found["current"].sum() == 20


# -- claims -----------------------------------------------------------------------------------------


def test_claims_know_their_line(case: Case) -> None:
    (case.folder / "claims.yaml").write_text(
        "claims:\n  - id: C1\n    text: one\n  - id: C2\n    text: two\n", encoding="utf-8"
    )
    assert [(c["id"], c["line"]) for c in case.claims()] == [("C1", 2), ("C2", 4)]


def test_no_claims_are_no_claims(case: Case) -> None:
    assert case.claims() == []


def test_replies_that_are_not_json_name_their_line(case: Case) -> None:
    (case.folder / "replies.jsonl").write_text('{"claim": "C1"}\nnope\n', encoding="utf-8")
    with pytest.raises(CaseError, match=r"replies\.jsonl, line 2"):
        case.replies()


DECIDER = """
import sys
from casebook.case import Case
case = Case(sys.argv[1])
number = int(sys.argv[2])
while True:
    event = case.judge(f"x:{number}", "verdict", "suspected", reason="r", reviewer="aa")
    print(event["subject"], flush=True)
    number += 1
"""


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a POSIX signal")
def test_a_thousand_decisions_survive_kill_nine_at_random_moments(folder: Path) -> None:
    moments = random.Random(11)
    acknowledged: list[str] = []
    killed = 0
    while len(acknowledged) < 1000:
        decider = subprocess.Popen(
            [sys.executable, "-c", DECIDER, str(folder), str(len(acknowledged))],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert decider.stdout is not None
        begun = [decider.stdout.readline() for _ in range(moments.randrange(1, 120))]
        time.sleep(moments.random() / 100)
        decider.kill()
        rest, error = decider.communicate(timeout=60)
        assert not error, error
        lines = b"".join([*begun, rest]).split(b"\n")[:-1]
        acknowledged += [line.decode() for line in lines]
        killed += 1
    assert killed >= 8
    found = Case(folder).judgements()
    missing = set(acknowledged) - set(found.loc[found["current"], "subject"])
    assert not missing
    assert found["seq"].tolist() == list(range(1, len(found) + 1))
    # A kill leaves at most one line that was on disk and not yet acknowledged.
    assert len(found) - len(set(acknowledged)) <= killed
