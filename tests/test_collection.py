"""From files to tables: every record accounted for, nothing half-registered, the same bytes again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from casebook.case import Case
from casebook.collection import build_tables, collect
from casebook.errors import CasebookError, CaseError, EvidenceError
from casebook.verification import verify

if TYPE_CHECKING:
    from pathlib import Path

EPOCH = 1_288_834_974_657
CASE_YAML = 'title: "A case"\nquestion: "Who?"\ninvestigators: ["aa"]\n'


@pytest.fixture
def case(tmp_path: Path) -> Case:
    folder = tmp_path / "my-case"
    folder.mkdir()
    (folder / "case.yaml").write_text(CASE_YAML, encoding="utf-8")
    return Case(folder, clock=lambda: datetime(2024, 9, 3, 12, tzinfo=UTC))


def post_id(second: int) -> str:
    return str((1_704_067_200_000 + second * 1000 - EPOCH) << 22)


def user(number: int, **legacy: Any) -> dict[str, Any]:
    return {
        "__typename": "User",
        "rest_id": f"{number:03d}",
        "legacy": {
            "screen_name": f"synth_{number}",
            "name": f"Synth {number}",
            "created_at": "Mon Jan 01 00:00:00 +0000 2024",
            "description": "(synthetic)",
            "followers_count": 3,
            **legacy,
        },
    }


def line(
    second: int,
    author: int,
    text: str = "Sample post",
    of: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """One line of a Zeeschuimer export, as small as it can be."""
    created = datetime.fromtimestamp(1_704_067_200 + second, UTC)
    tweet: dict[str, Any] = {
        "__typename": "Tweet",
        "rest_id": post_id(second),
        "core": {"user_results": {"result": user(author)}},
        "legacy": {
            "full_text": text,
            "created_at": created.strftime("%a %b %d %H:%M:%S +0000 %Y"),
            "user_id_str": f"{author:03d}",
            "lang": "en",
            "entities": {"hashtags": [], "urls": [], "user_mentions": []},
            **more,
        },
    }
    if of is not None:
        tweet["legacy"]["retweeted_status_result"] = {"result": of}
    return {
        "nav_index": "1",
        "item_id": post_id(second),
        "timestamp_collected": 1_725_364_800_000,
        "source_platform": "twitter.com",
        "source_platform_url": "https://x.com/",
        "source_url": "https://x.com/",
        "user_agent": "none",
        "data": tweet,
    }


def export(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(item) + "\n" for item in lines), encoding="utf-8")
    return path


def balance(readings: pd.DataFrame) -> bool:
    whole = readings["loaded"] + readings["duplicates"] + readings["rejected"]
    return bool((whole == readings["records"]).all())


# -- collecting -------------------------------------------------------------------------------------


def test_a_file_is_recognised_by_content_and_read(case: Case, tmp_path: Path) -> None:
    path = export(tmp_path / "looks-like-a-letter.txt", line(1, 1), line(2, 2))
    found = collect(case, path, role="persona", found_by="tip")
    assert found["reader"].tolist() == ["zeeschuimer-x"]
    readings = build_tables(case)
    assert balance(readings)
    accounts = case.read("accounts")
    assert accounts["account_id"].tolist() == ["001", "002"]
    assert accounts["role"].tolist() == ["persona", "persona"]
    assert accounts["found_by"].tolist() == ["tip", "tip"]
    assert case.read("posts")["provenance"].unique().tolist() == ["observed"]


def test_anything_else_is_a_document(case: Case, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("dear editor", encoding="utf-8")
    assert collect(case, letter)["reader"].tolist() == ["document"]
    readings = build_tables(case)
    assert readings["records"].tolist() == [0]
    assert case.read("posts").empty


def test_a_bad_file_registers_nothing_not_even_its_good_neighbour(
    case: Case, tmp_path: Path
) -> None:
    good = export(tmp_path / "good.ndjson", line(1, 1))
    bad = tmp_path / "bad.ndjson"
    bad.write_text(json.dumps(line(1, 1))[:-40] + "\n", encoding="utf-8")
    with pytest.raises(CasebookError, match=r"bad\.ndjson"):
        collect(case, good, bad, reader="zeeschuimer-x")
    assert case.evidence.items() == {}
    assert list(case.evidence.files_folder.iterdir()) == []
    parts = case.tables_folder / "parts"
    assert not parts.exists() or list(parts.iterdir()) == []


def test_the_same_file_is_collected_once(case: Case, tmp_path: Path) -> None:
    path = export(tmp_path / "a.ndjson", line(1, 1))
    collect(case, path)
    again = collect(case, path)
    assert "already collected as E0001" in again["note"][0]
    assert len(case.evidence.items()) == 1


def test_a_missing_file_and_an_unknown_role_are_refused(case: Case, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"no file 'none\.ndjson'"):
        collect(case, tmp_path / "none.ndjson")
    with pytest.raises(EvidenceError, match="persona, known, reference"):
        collect(case, export(tmp_path / "a.ndjson", line(1, 1)), role="suspect")


def test_a_confidential_file_leaves_no_name_in_the_log(case: Case, tmp_path: Path) -> None:
    path = export(tmp_path / "from-jane-doe.ndjson", line(1, 1))
    collect(case, path, confidential=True)
    build_tables(case)
    assert "jane" not in (case.folder / "evidence.jsonl").read_text()
    assert len(case.read("posts")) == 1
    assert verify(case)[1] is None


# -- tables -----------------------------------------------------------------------------------------


def test_a_post_known_twice_is_one_row_and_is_counted(case: Case, tmp_path: Path) -> None:
    poor, rich = line(1, 1), line(1, 1, favorite_count=5, reply_count=1)
    collect(case, export(tmp_path / "a.ndjson", poor, line(2, 1)))
    collect(case, export(tmp_path / "b.ndjson", rich, rich))
    readings = build_tables(case)
    assert readings["duplicates"].tolist() == [0, 2]
    assert balance(readings)
    posts = case.read("posts").set_index("post_id")
    assert len(posts) == 2
    assert posts.loc[post_id(1), "likes"] == 5
    assert posts.loc[post_id(1), "evidence_id"] == "E0002"


def test_the_original_of_a_repost_gives_way_to_the_post_itself(case: Case, tmp_path: Path) -> None:
    original = line(1, 2, "Original")["data"]
    collect(case, export(tmp_path / "a.ndjson", line(5, 1, "RT @synth_2: Ori…", of=original)))
    build_tables(case)
    posts = case.read("posts").set_index("post_id")
    assert posts.loc[post_id(1), "embedded"]
    assert case.read("accounts").set_index("account_id").loc["002", "role"] == "bystander"
    collect(case, export(tmp_path / "b.ndjson", line(1, 2, "Original")), role="reference")
    readings = build_tables(case)
    assert readings["duplicates"].sum() == 0
    posts = case.read("posts").set_index("post_id")
    assert not posts.loc[post_id(1), "embedded"]
    assert case.read("accounts").set_index("account_id").loc["002", "role"] == "reference"


def test_only_authors_take_the_role_of_a_file(case: Case, tmp_path: Path) -> None:
    original = line(1, 2)["data"]
    collect(case, export(tmp_path / "a.ndjson", line(5, 1, of=original)), role="persona")
    build_tables(case)
    roles = case.read("accounts").set_index("account_id")["role"]
    assert roles.to_dict() == {"001": "persona", "002": "bystander"}


def test_a_role_can_be_set_in_case_yaml_and_a_typo_is_told(case: Case, tmp_path: Path) -> None:
    collect(case, export(tmp_path / "a.ndjson", line(1, 1), line(2, 2)), role="reference")
    settings = case.folder / "case.yaml"
    settings.write_text(CASE_YAML + 'roles:\n  persona: ["@synth_2"]\n', encoding="utf-8")
    changed = Case(case.folder)
    assert not changed.has("posts")
    build_tables(changed)
    assert changed.read("accounts")["role"].tolist() == ["reference", "persona"]
    settings.write_text(CASE_YAML + 'roles:\n  persona: ["@synt_2"]\n', encoding="utf-8")
    with pytest.raises(CaseError, match="did you mean 'synth_2'"):
        build_tables(Case(case.folder))


def test_a_withdrawn_item_leaves_the_tables(case: Case, tmp_path: Path) -> None:
    collect(case, export(tmp_path / "a.ndjson", line(1, 1)))
    collect(case, export(tmp_path / "b.ndjson", line(2, 2)))
    build_tables(case)
    case.evidence.withdraw("E0001", reason="wrong account", actor="aa")
    build_tables(case)
    assert case.read("posts")["evidence_id"].tolist() == ["E0002"]
    assert [p.name[:5] for p in (case.tables_folder / "parts").iterdir()] == ["E0002"]


def test_half_characters_are_mended_and_noticed(case: Case, tmp_path: Path) -> None:
    collect(case, export(tmp_path / "a.ndjson", line(1, 1, "half \ud83d character")))
    build_tables(case)
    assert "half" in case.read("posts")["text"][0]
    assert len(case.read("notices")) == 1


def test_the_time_of_saving_fills_captures_that_do_not_say(case: Case, tmp_path: Path) -> None:
    item = line(1, 1)
    del item["timestamp_collected"]
    collect(case, export(tmp_path / "a.ndjson", item), captured_at="2024-02-01")
    build_tables(case)
    assert case.read("posts")["collected_at"][0] == pd.Timestamp("2024-02-01", tz="UTC")
    with pytest.raises(EvidenceError, match="write a date such as"):
        collect(case, export(tmp_path / "b.ndjson", line(2, 1)), captured_at="yesterday")


def test_synthetic_cases_mark_every_row_and_table(case: Case, tmp_path: Path) -> None:
    (case.folder / "case.yaml").write_text(CASE_YAML + 'synthetic: "made up"\n', encoding="utf-8")
    made_up = Case(case.folder)
    collect(made_up, export(tmp_path / "a.ndjson", line(1, 1)))
    build_tables(made_up)
    for table in ("posts", "accounts", "snapshots"):
        assert set(made_up.read(table)["provenance"]) == {"synthetic"}
        metadata = pq.read_schema(made_up.table_path(table)).metadata
        assert metadata[b"casebook.provenance"] == b"synthetic"


# -- the same again ---------------------------------------------------------------------------------

REBUILD = """
import shutil, sys
from casebook.case import Case
from casebook.collection import build_tables
case = Case(sys.argv[1])
shutil.rmtree(case.tables_folder)
build_tables(case)
"""


def test_a_cold_rebuild_elsewhere_gives_the_same_bytes(case: Case, tmp_path: Path) -> None:
    lines = [line(n, n % 7, f"Sample post {n}") for n in range(60)]
    collect(case, export(tmp_path / "a.ndjson", *lines), role="persona", selected_on=["b", "a"])
    build_tables(case)
    before = {p.name: p.read_bytes() for p in case.tables_folder.glob("*.parquet")}
    environment = {
        **os.environ, "TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "7",
    }  # fmt: skip
    subprocess.run(
        [sys.executable, "-c", REBUILD, str(case.folder)], env=environment, cwd="/", check=True
    )
    after = {p.name: p.read_bytes() for p in case.tables_folder.glob("*.parquet")}
    assert before == after
    assert len(before) >= 8


def test_verify_passes_and_names_the_first_difference(case: Case, tmp_path: Path) -> None:
    collect(case, export(tmp_path / "a.ndjson", line(1, 1), line(2, 2)))
    build_tables(case)
    passed, first = verify(case)
    assert first is None
    assert len(passed) == 4
    posts = case.read("posts")
    posts.loc[1, "text"] = "other words"
    case.write("posts", posts)
    _, first = verify(case)
    assert (
        first == "table posts, row 2 (E0001:2), column 'text': 'other words' is not 'Sample post'"
    )
    file = case.evidence.files_folder / "E0001" / "a.ndjson"
    file.write_bytes(file.read_bytes().replace(b"Sample", b"Simple"))
    assert "a.ndjson is not the file that was collected" in str(verify(case)[1])


# -- real files -------------------------------------------------------------------------------------


def test_the_hong_kong_sample_is_accounted_for(case: Case, shared_data: Path) -> None:
    files = sorted((shared_data / "twitter_v2_hongkong" / "hk").glob("*.json"))
    collect(case, *files, role="reference", found_by="query #standwithhongkong")
    readings = build_tables(case)
    assert len(readings) == 4
    ids: list[str] = []
    for file in files:
        if file.name.startswith("data_"):
            ids += [str(post["id"]) for post in json.loads(file.read_text(encoding="utf-8"))]
    assert readings["records"].sum() == len(ids)
    assert readings["duplicates"].sum() == len(ids) - len(set(ids))
    assert balance(readings)
    assert set(case.read("posts")["post_id"]) >= set(ids)
    assert Counter(case.read("accounts")["role"])["persona"] == 0
    assert verify(case)[1] is None
