"""Tables of known and unknown layout: what is read, what is refused, and what is said about it."""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from casebook import readers
from casebook.errors import ReaderError
from casebook.readers import delimited, fourcat, indicators, io_archive, profile_sheet, table
from casebook.readers.base import Record, Source, snowflake_time

if TYPE_CHECKING:
    from pathlib import Path

HARD_IDS = ["007", "nan", "1e5", "NO", "1829374650123456789", "NA", "None", "null", "-1"]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def read(path: Path, given: dict[str, Any] | None = None) -> list[Record]:
    found = readers.recognise(path)
    assert found is not None, path
    mapping = {}
    if found.name == "table":
        mapping = readers.propose_mapping(path, given=given).mapping
    return list(found.read(Source(path, path.name, mapping)))


def rows(records: list[Record], name: str) -> list[dict[str, Any]]:
    return [row for record in records for table_name, row in record.rows if table_name == name]


def notices(records: list[Record]) -> Counter[str]:
    return Counter(notice for record in records for notice in record.notices)


def csv_count(path: Path, encoding: str = "utf-8-sig") -> int:
    """An independent count of the rows below the header."""
    with path.open(encoding=encoding, newline="") as file:
        return sum(bool(row) for row in csv.reader(file)) - 1


# -- recognition --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"", b"   \n", b"dear editor,\nthis is a letter.\n", b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n",
        b"<!DOCTYPE html><p>x", b"a,b\n1,2\n", b'{"some": "json"}', b"\x00\x01\x02",
    ],
)  # fmt: skip
def test_what_is_no_known_format_is_a_document(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    assert readers.recognise(path) is None


def test_an_unknown_reader_offers_the_nearest() -> None:
    with pytest.raises(ReaderError, match="did you mean 'profile-sheet'"):
        readers.reader("profile-shet")


# -- any table ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_mapping_is_proposed_from_names_and_content(tmp_path: Path, separator: str) -> None:
    path = write(
        tmp_path / "a.csv",
        "Author;Text;Date;Likes;Colour\nsynth_a;Sample post 1;2024-01-02 03:04:05;7;red\n".replace(
            ";", separator
        ),
    )
    proposal = readers.propose_mapping(path)
    assert proposal.mapping["columns"] == {
        "handle": "Author", "created_at": "Date", "text": "Text", "likes": "Likes",
    }  # fmt: skip
    assert proposal.unmapped == ["Colour"]
    assert "handle <- Author" in str(proposal)
    post = rows(read(path), "posts")[0]
    assert (post["handle"], post["likes"], post["text"]) == ("synth_a", 7, "Sample post 1")
    assert post["created_at"].isoformat() == "2024-01-02T03:04:05+00:00"


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.sampled_from(HARD_IDS) | st.from_regex(r"[0-9A-Za-z_.]{1,20}", fullmatch=True),
        min_size=1,
    )
)
def test_handles_and_ids_arrive_byte_for_byte(tmp_path_factory: Any, ids: list[str]) -> None:
    ids = [i for i in ids if not delimited.re.search(r"(?i)^\d+(\.\d*)?e\+\d+$|0{9}$", i)]
    if not ids:
        return
    folder = tmp_path_factory.mktemp("ids")
    mapping = {"post_id": "id", "handle": "who", "text": "text", "platform": "x"}
    lines = [f"{i},{i},Sample post" for i in ids]
    path = write(folder / "a.csv", "id,who,text\n" + "\n".join(lines) + "\n")
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "who", "text"])
    for i in ids:
        sheet.append([i, i, "Sample post"])
    book.save(folder / "a.xlsx")
    for file in (path, folder / "a.xlsx"):
        records = list(readers.reader("table").read(Source(file, file.name, mapping)))
        posts = rows(records, "posts")
        assert [p["post_id"] for p in posts] == ids
        assert [p["handle"] for p in posts] == ids


def test_source_lines_count_lines_of_the_file(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv", 'author,text,date\na,"two\nlines",2024-01-01\nb,one,2024-01-01\n'
    )
    assert [r.line for r in read(path)] == [2, 4]


def test_a_row_with_another_width_is_refused_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "author,text,date\na,x,2024-01-01\nb,x\nc,x,2024-01-01\n")
    records = read(path)
    assert [(r.line, r.rejected) for r in records if r.rejected] == [
        (3, "2 cells where the header has 3")
    ]


def test_a_damaged_id_is_left_empty_and_counted(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        "tweet_id,screen_name,text,date\n9.06E+17,a,x,2024-01-01\n906000000000000000,b,y,2024-01-01\n",
    )
    records = read(path)
    assert [p["post_id"] for p in rows(records, "posts")] == [None, None]
    assert notices(records)[table.N_DAMAGED.format("tweet_id")] == 2


def test_dates_with_slashes_are_told_only_where_the_file_tells(tmp_path: Path) -> None:
    day_first = write(
        tmp_path / "a.csv", "author,text,date\na,x,13/03/2017 22:21\na,y,9/8/2016 12:01\n"
    )
    posts = rows(read(day_first), "posts")
    assert posts[1]["created_at"].isoformat() == "2016-08-09T12:01:00+00:00"
    unclear = write(
        tmp_path / "b.csv", "author,text,date\na,x,3/4/2017 22:21\na,y,9/8/2016 12:01\n"
    )
    records = read(unclear)
    assert [p["created_at"] for p in rows(records, "posts")] == [None, None]
    assert notices(records)[table.N_TIME.format("date")] == 2


def test_times_without_a_zone_are_said_to_be_read_as_utc(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "author,text,date\na,x,2024-01-01 10:00:00\n")
    records = read(path)
    assert notices(records)[table.N_NAIVE] == 1
    shifted = read(path, {"utc_offset_hours": 8})
    assert rows(shifted, "posts")[0]["created_at"].hour == 2
    assert notices(shifted)[table.N_NAIVE] == 0


def test_precision_is_read_from_the_times(tmp_path: Path) -> None:
    lines = "".join(f"a,x,2024-01-{d:02d} 10:{d:02d}:00\n" for d in range(1, 13))
    path = write(tmp_path / "a.csv", "author,text,date\n" + lines)
    assert {p["time_precision"] for p in rows(read(path), "posts")} == {"minute"}


def test_a_table_without_an_author_asks_for_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,created_at\nx,2024-01-01T00:00:00Z\n")
    with pytest.raises(ReaderError, match="says who wrote"):
        readers.propose_mapping(path)
    posts = rows(read(path, {"handle": "=synth_a", "platform": "x"}), "posts")
    assert posts[0]["account"] == "x:@synth_a"


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"handel": "author", "text": "text"}, "did you mean 'handle'"),
        ({"handle": "autor", "text": "text"}, "did you mean 'author'"),
        ({"text": "text"}, "no author"),
        ({}, "no column mapping"),
    ],
)
def test_a_wrong_mapping_names_the_nearest(
    tmp_path: Path, mapping: dict[str, str], message: str
) -> None:
    path = write(tmp_path / "a.csv", "author,text\na,x\n")
    with pytest.raises(ReaderError, match=message):
        list(readers.reader("table").read(Source(path, path.name, mapping)))


def test_a_repost_without_its_original_is_marked(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "author,text,date\na,RT @synth_b: words…,2024-01-01\n")
    post = rows(read(path), "posts")[0]
    assert post["is_repost"]
    assert (post["repost_of_handle"], post["text"], post["text_truncated"]) == (
        "synth_b", "words…", True,
    )  # fmt: skip


def test_windows_text_is_read_and_said(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv", "author,text,date\na,caf\u00e9 \u2013 x,2024-01-01\n", "cp1252"
    )
    records = read(path)
    assert rows(records, "posts")[0]["text"] == "caf\u00e9 \u2013 x"
    assert notices(records)[delimited.N_ENCODING] == 1


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr("xl/worksheets/sheet1.xml", "0" * 50_000_000)
    with (
        pytest.raises(ReaderError, match="unpacks to far more"),
        delimited.opened(path, "bomb.xlsx"),
    ):
        pass


# -- profile sheet --------------------------------------------------------------------------------------


def test_the_template_is_a_profile_sheet(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", profile_sheet.template())
    records = read(path)
    assert readers.recognise(path) is readers.reader("profile-sheet")
    assert rows(records, "snapshots")[0]["status"] == "active"


def test_a_profile_sheet_gives_snapshot_account_and_picture(tmp_path: Path) -> None:
    header = "platform,handle,captured_at,capture,status,claimed_age,avatar_file,bio\n"
    path = write(
        tmp_path / "a.csv", header + "X,@synth_a,2024-05-01,Screenshot,Suspended,29,a.png,hello\n"
    )
    records = read(path)
    snapshot = rows(records, "snapshots")[0]
    assert (snapshot["account"], snapshot["claimed_age"]) == ("x:@synth_a", "29")
    assert (snapshot["capture"], snapshot["status"]) == ("screenshot", "suspended")
    assert snapshot["captured_precision"] == "day"
    assert rows(records, "media")[0]["file"] == "a.png"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("x,synth_a,May 2024,screenshot,active", "captured_at is 'May 2024'"),
        ("x,synth_a,2024-05-01,screnshot,active", "did you mean 'screenshot'"),
        ("x,synth_a,2024-05-01,typed,banned", "status is 'banned'"),
        (",synth_a,2024-05-01,typed,active", "no platform"),
    ],
)
def test_a_wrong_cell_is_refused_with_the_remedy(tmp_path: Path, row: str, reason: str) -> None:
    header = "platform,handle,captured_at,capture,status\n"
    assert reason in str(read(write(tmp_path / "a.csv", header + row + "\n"))[0].rejected)


# -- indicators -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "kind", "platform", "value"),
    [
        ("https://twitter[.]com/Synth_A/", "account", "x", "synth_a"),
        ("hxxps://www[.]facebook[.]com/profile.php?id=100", "account", "facebook", "100"),
        ("https://youtube[.]com/channel/UCabc", "account", "youtube", "ucabc"),
        ("https://t[.]me/synth_a", "account", "telegram", "synth_a"),
        ("https://x[.]com/synth_a/status/12", "url", "x", "https://x.com/synth_a/status/12"),
        ("example[.]org", "domain", None, "example.org"),
        ("hxxp://example[.]org/", "domain", None, "example.org"),
        ("@synth_a", "handle", None, "synth_a"),
        ("#SampleTag", "hashtag", None, "sampletag"),
        ("someone[at]example[.]org", "email", None, "someone@example.org"),
        ("7,704 Facebook accounts", "count", "facebook", "7,704 facebook accounts"),
        ("Posting about   things", "text", None, "posting about things"),
    ],
)
def test_an_indicator_is_classified(
    printed: str, kind: str, platform: str | None, value: str
) -> None:
    assert indicators.classified(printed) == (kind, platform, value)


@pytest.mark.parametrize(
    "header",
    [
        "Tactic ,Technique,Procedure,Indicator",
        "Tactic,Technique,Procedure,Indicator,Note",
        "Tactic ,Technique,Procedure,Indicator,Notes",
        "Tactic,Technique,Procedure,Indicator,Comments",
    ],
)
def test_every_header_of_the_lists_is_known(tmp_path: Path, header: str) -> None:
    line = "0. Acquiring assets,0.9 Acquiring accounts,0.9.4 X / Twitter,https://x[.]com/synth_a"
    note = ",a note" if header.count(",") == 4 else ""
    path = write(tmp_path / "a.csv", f"{header}\r\n{line}{note}\r\n")
    records = read(path)
    row = rows(records, "indicators")[0]
    assert (row["kind"], row["value"]) == ("account", "synth_a")
    assert row.get("note") == ("a note" if note else None)
    assert rows(records, "accounts")[0]["account"] == "x:@synth_a"


def test_a_plain_list_is_one_indicator_a_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "# from a report\nhxxps://example[.]org/x\n\n@synth_b\n")
    records = read(path)
    assert [(r.line, r.rows[0][1]["kind"]) for r in records] == [(2, "url"), (4, "handle")]


# -- archive and 4CAT -----------------------------------------------------------------------------------

IO_HEADER = (
    "tweetid,userid,user_display_name,user_screen_name,account_creation_date,tweet_text,tweet_time,"
    "is_retweet,retweet_tweetid,hashtags,urls,like_count"
)


def test_the_archive_is_read_by_column_name(tmp_path: Path) -> None:
    hashed = "a" * 64
    row = (
        f'877919995476496385,{hashed},{hashed},{hashed},2013-12-07,"RT @synth_b: words…",'
        "2017-06-22 16:03,true,877917212119416832,[],[http://a.example/x],0"
    )
    path = write(tmp_path / "a.csv", f"{IO_HEADER}\n{row}\n")
    post = rows(read(path), "posts")[0]
    assert post["repost_of"] == "877917212119416832"
    assert post["urls"] == ["http://a.example/x"]
    assert (post["time_precision"], post["text_truncated"], post["likes"]) == ("minute", True, None)
    account = rows(read(path), "accounts")[0]
    assert account["hashed"]
    assert account["created_at_precision"] == "day"


def test_4cat_rows_of_x_keep_what_they_know(tmp_path: Path) -> None:
    header = (
        "id,thread_id,timestamp,unix_timestamp,link,body,author,author_id,author_fullname,"
        "retweet_count,like_count,impression_count,is_retweet,retweeted_user,hashtags,urls,source"
    )
    row = (
        '12,12,2024-01-01 00:00:00,1704067200,https://x.com/synth_a/status/12,"RT @synth_b: words",'
        'synth_a,007,Synth A,5,6,7,yes,synth_b,"one,two","https://a.example/x,y,https://b.example",Web'
    )
    path = write(tmp_path / "a.csv", f"{header}\n{row}\n")
    records = read(path)
    post = rows(records, "posts")[0]
    assert (post["platform"], post["account"], post["account_id"]) == ("x", "x:007", "007")
    assert (post["text"], post["repost_of_handle"]) == ("words", "synth_b")
    assert post.get("repost_of") is None
    assert post["is_repost"]
    assert post["likes"] is None
    assert post["urls"] == ["https://a.example/x,y", "https://b.example"]
    assert post["hashtags"] == ["one", "two"]
    assert notices(records)[fourcat.N_NO_ORIGINAL] == 1


def test_4cat_of_another_platform_says_it_is_unverified(tmp_path: Path) -> None:
    header = "id,thread_id,author,author_full,author_followers,body,timestamp,unix_timestamp,likes,plays,challenges,tiktok_url,colour"
    row = "7,7,synth.a,Synth A,12,Sample post,2024-01-01 00:00:00,1704067200,3,90,,https://www.tiktok.com/@synth.a/video/7,red"
    path = write(tmp_path / "a.csv", f"{header}\n{row}\n")
    records = read(path)
    post = rows(records, "posts")[0]
    assert (post["platform"], post["account"], post["views"]) == ("tiktok", "tiktok:@synth.a", 90)
    said = notices(records)
    assert said["column 'colour' is not read"] == 1
    assert any("not tried on real files" in notice for notice in said)


# -- real files -----------------------------------------------------------------------------------------


def test_meta_files_are_accounted_for(shared_data: Path) -> None:
    files = sorted((shared_data / "meta_cib_indicators" / "indicators" / "csv").rglob("*.csv"))
    assert len(files) > 40
    for path in files:
        assert readers.recognise(path) is readers.reader("indicators"), path.name
        records = read(path)
        assert len(records) == csv_count(path), path.name
        with path.open(encoding="utf-8-sig", newline="") as file:
            filled = sum(len(r) > 3 and bool(r[3].strip()) for r in csv.reader(file)) - 1
        assert sum(r.rejected is None for r in records) == filled, path.name
        assert all(r.rejected in {None, "no indicator"} for r in records), path.name


def test_the_4cat_sample_is_accounted_for(shared_data: Path) -> None:
    path = shared_data / "4cat" / "4cat-twitter-import-sample.csv"
    records = read(path)
    assert len(records) == csv_count(path)
    posts = rows(records, "posts")
    with path.open(encoding="utf-8", newline="") as file:
        assert [p["post_id"] for p in posts] == [r["id"] for r in csv.DictReader(file)]
    for post in posts:
        decoded = snowflake_time(post["post_id"])
        assert decoded is not None
        assert abs((decoded - post["created_at"]).total_seconds()) <= 1.5


def test_the_archive_sample_is_accounted_for(shared_data: Path) -> None:
    path = shared_data / "twitter_io_tweets_csv_sample" / "ira_tweets_csv_hashed-2rows.csv"
    records = read(path)
    assert readers.recognise(path) is readers.reader("x-io-archive")
    assert len(rows(records, "posts")) == csv_count(path) == 2
    assert notices(records)[io_archive.N_MISMATCH] == 0


def test_the_internet_research_agency_files_are_accounted_for(shared_data: Path) -> None:
    folder = shared_data / "ira_538_share"
    total = 0
    for path in sorted((folder / "tweets").glob("*.csv")):
        records = read(path)
        assert len(records) == csv_count(path), path.name
        assert not [r for r in records if r.rejected], path.name
        assert {p["time_precision"] for p in rows(records, "posts")} == {"minute"}
        total += len(records)
    assert total > 10_000
    authors = read(folder / "authors.csv")
    assert len(authors) == csv_count(folder / "authors.csv") == 49
    assert notices(authors)[table.N_DAMAGED.format("external_author_id")] == 7


def test_the_damaged_bot_list_is_read_and_its_damage_said(shared_data: Path) -> None:
    path = shared_data / "twitter_bots_profiles" / "bots_data.csv"
    proposal = readers.propose_mapping(path)
    assert proposal.mapping["table"] == "accounts"
    records = read(path)
    assert len(records) == csv_count(path, "latin-1") == 1056
    said = notices(records)
    assert said[delimited.N_ENCODING] == 1
    assert said[table.N_QUOTES.format("id_str")] > 0
    assert said[table.N_DAMAGED.format("id_str")] > 300
    assert any("put the day first and some the month" in w for w in proposal.warnings)
    accounts = rows(records, "accounts")
    assert "770306839628091392" in {a["account_id"] for a in accounts}


@pytest.mark.parametrize("name", ["real_test.csv", "russian_unseen.csv"])
def test_labelled_samples_agree_with_the_times_in_their_ids(shared_data: Path, name: str) -> None:
    path = shared_data / "twitter_io_vs_real" / name
    records = read(path)
    assert len(records) == csv_count(path)
    differing = [n for r in records for n in r.notices if "differs from the time" in n]
    assert len(differing) <= len(records) // 1000


def test_other_samples_are_accounted_for(shared_data: Path) -> None:
    for name in (
        "coortweet/russian_coord_tweets.csv",
        "crowdtangle/db2_rows_with_genocide.csv",
        "coordination_toolkit_sample/sample_data.csv",
        "coordination_toolkit_sample/coretweet_test_input.csv",
    ):
        path = shared_data / name
        records = read(path)
        assert len(records) == csv_count(path), name
        assert not [r for r in records if r.rejected], name
    path = shared_data / "trump_tweets_dslabs" / "trump_tweets.csv"
    records = read(path, {"handle": "=synth_single_account"})
    assert len(records) == csv_count(path) == 20_761
    clients = {p["client"] for p in rows(records, "posts")}
    assert "Twitter for iPhone" in clients
