"""The whole way on real files: accounts of a known operation, and real activists."""

from __future__ import annotations

import re

import pypdf
import pytest

from casebook import cli
from casebook.collection import build_tables, collect
from casebook.publishing import publish
from casebook.scaffold import new_case
from casebook.widgets.board import line_up_board
from tests.conftest import collect_activists
from tests.test_whole_chain import HERE, exhibits, start


@pytest.fixture(scope="module")
def internet_research_agency(shared_data, tmp_path_factory):
    """Accounts of the Internet Research Agency, with a president and public figures beside them."""
    case = new_case(tmp_path_factory.mktemp("ira") / "ira-sample")
    tweets = sorted((shared_data / "ira_538_share" / "tweets").glob("*.csv"))
    collect(case, *tweets, role="persona", found_by="list of the House committee", actor="aa")
    collect(
        case,
        shared_data / "trump_tweets_dslabs" / "trump_tweets.csv",
        role="reference",
        stratum="politician",
        found_by="public archive",
        actor="aa",
        mapping={"handle": "=realDonaldTrump"},
    )
    collect(
        case,
        shared_data / "twitter_io_vs_real" / "real_test.csv",
        role="reference",
        stratum="public figures",
        found_by="sample of a published study",
        actor="aa",
    )
    run = start(case.folder, HERE)
    said, _ = run.communicate(timeout=600)
    return case, run.returncode, said


@pytest.fixture(scope="module")
def hong_kong(shared_data, tmp_path_factory):
    """Real activists, collected through hashtags."""
    case = new_case(tmp_path_factory.mktemp("hk") / "hashtags")
    files = sorted((shared_data / "twitter_v2_hongkong" / "hk").glob("*.json"))
    collect(case, *files, role="persona", found_by="hashtag query", actor="aa")
    run = start(case.folder, HERE)
    said, _ = run.communicate(timeout=600)
    return case, run.returncode, said


def words_of(page):
    return re.sub(
        r"\s+", " ", re.sub(r"<(style|script|svg)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    )


@pytest.mark.slow
def test_the_internet_research_agency_sample_goes_the_whole_way(internet_research_agency):
    case, code, said = internet_research_agency
    assert code == cli.DRAFT, said
    readings = case.read("readings")
    assert (
        readings["records"] == readings["loaded"] + readings["duplicates"] + readings["rejected"]
    ).all()
    assert len(case.read("posts")) > 35_000
    page = (case.folder / "reports" / "report.html").read_text(encoding="utf-8")
    # Too few ordinary accounts, minute precision, no repost targets: nothing can be concluded.
    assert "No kind of shared object can be tested here" in page
    assert "undetermined" in page
    assert not (case.read("edges")["finding"] == "synchrony").any()
    assert_each_section_says_something(case)


@pytest.mark.slow
def test_nothing_calls_the_activists_of_hong_kong_an_operation(hong_kong):
    case, code, said = hong_kong
    assert code == cli.DRAFT, said
    page = words_of((case.folder / "reports" / "report.html").read_text(encoding="utf-8"))
    assert case.read("claims").empty
    assert set(case.read("verdicts")["verdict"]) == {"undetermined"}
    assert not case.read("edges")["finding"].isin(["synchrony", "shared attention"]).any()
    assert case.read("clusters").empty
    for sentence in re.findall(r"[^.?!]*\boperations?\b[^.?!]*", page):
        assert re.search(r"\b(no|not|victim|hardly|sharing|planted|missed)\b|’s|'s", sentence), (
            sentence
        )
    for word in ("inauthentic behaviour", "troll", "bot ", "fake account", "state-linked"):
        assert word not in page.casefold(), word
    assert_each_section_says_something(case)


CLAIM = """
- id: C1
  kind: assessment
  rung: 1
  headline: The accounts are inauthentic
  text: It is {{ likelihood }} that the {{ personas }} accounts are inauthentic as a group.
  likelihood: very likely
  confidence:
    level: moderate
    assumptions: The verdicts of the reviewer are right.
    sourcing: Posts found with hashtags.
    argument: Every account was assessed inauthentic.
  evidence: [selection:personas]
"""


@pytest.mark.slow
def test_an_over_eager_reviewer_brings_no_claim_about_activists_to_moderate(shared_data, tmp_path):
    case = new_case(tmp_path / "eager")
    collect_activists(case, shared_data)
    build_tables(case)
    tables = [case.read(t) for t in ("accounts", "posts", "snapshots")]
    board = line_up_board(case, *tables, reviewer="eager")
    for account in list(board.order):
        board.go_to.value = account
        board.answer.value, board.reason.value = "assessed inauthentic", "Always the same slogans."
        board.save.click()
    board.lock.click()
    (case.folder / "claims.yaml").write_text(CLAIM, encoding="utf-8")
    run = start(case.folder, HERE)
    said, _ = run.communicate(timeout=600)
    assert run.returncode == cli.DRAFT, said
    answered = case.read("line_ups").iloc[0]
    assert answered["fillers_called"] == answered["fillers"] >= answered["under_review"] > 20
    assert not answered["tells_apart"]
    why = (
        f"In a line-up eager suspected {answered['fillers']} of {answered['fillers']} "
        "ordinary accounts"
    )
    assert "rung 1 (inauthentic) is not met in this case" in said, said
    page = words_of((case.folder / "reports" / "report.html").read_text(encoding="utf-8"))
    assert why in page
    assert "0 of 1 reviewer told the accounts under review from ordinary accounts" in page


def assert_each_section_says_something(case):
    found = exhibits(case.folder / "reports" / "notebooks")
    assert len(found) > 30
    for kind, payload in found:
        if kind in {"figure", "table"}:
            assert payload["rows"], payload["id"]
        if kind in {"note", "statement"}:
            assert len(payload["markdown"]) > 20, payload


@pytest.mark.slow
def test_the_public_edition_of_real_people_names_nobody(hong_kong, tmp_path, monkeypatch):
    monkeypatch.setenv("CASEBOOK_KEYS", str(tmp_path))
    case, _, _ = hong_kong
    folder, _ = publish(case, case.report_folder, preview=True)
    page = (folder / "report.html").read_text(encoding="utf-8")
    accounts = case.read("accounts")
    ids = accounts["account_id"].dropna()
    assert not [i for i in ids if len(i) >= 6 and re.search(rf"(?<!\d){i}(?!\d)", page)]
    told = {h for h in accounts["handle"].dropna() if len(h) >= 9 and h.lower() in page.lower()}
    assert not told
    posts = case.read("posts")["text"].dropna()
    words = words_of(page)
    assert not [t for t in posts if len(t.split()) >= 12 and " ".join(t.split()[:8]) in words]
    # The pages say what the page says, with every space where a line may have been broken left out.
    paper = pypdf.PdfReader(folder / "report.pdf")
    printed = " ".join([*(p.extract_text() for p in paper.pages), str(paper.metadata)])
    printed = re.sub(r"[\s\u200b]+", "", printed).lower()
    assert "notforpublication" in printed
    assert not {h for h in accounts["handle"].dropna() if len(h) >= 9 and h.lower() in printed}
    assert not [i for i in ids if len(i) >= 9 and re.search(rf"(?<!\d){i}(?!\d)", printed)]
