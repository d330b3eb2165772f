"""The review board: what it writes, what it hides, and that nobody's decision is lost."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from casebook import schema
from casebook.case import CLONE, Case
from casebook.collection import build_tables
from casebook.errors import CasebookError
from casebook.exhibits import Listing, Note
from casebook.personas import verdicts
from casebook.scaffold import new_case
from casebook.widgets import board as module
from casebook.widgets.board import ReviewBoard, line_up_board, own_order, review_board
from casebook.widgets.card import Cards

EVIL = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


def tables(personas=3):
    keys = [f"x:{n}" for n in range(1, personas + 1)]
    accounts = pd.DataFrame(
        {
            "account": keys,
            "platform": "x",
            "handle": [f"synth_{n}" for n in range(1, personas + 1)],
            "bio": [EVIL, *["sample person"] * (personas - 1)],
            "role": "persona",
            "selected_on": [[]] * personas,
        }
    )
    posts = pd.DataFrame(
        {
            "post": [f"{k}:{n}" for k in keys for n in range(20)],
            "platform": "x",
            "account": [k for k in keys for _ in range(20)],
            "created_at": pd.Timestamp("2024-05-01", tz="UTC"),
            "text": f"sample {EVIL} https://sample.example/a",
            "urls": [["https://sample.example/a"]] * 20 * personas,
            "media": [["https://pictures.example/1.png"]] * 20 * personas,
            "embedded": False,
            "evidence_id": "E0001",
            "source_line": range(1, 20 * personas + 1),
        }
    )
    return (
        schema.check("accounts", accounts),
        schema.check("posts", posts),
        schema.empty("snapshots"),
        schema.empty("signals"),
    )


@pytest.fixture
def case(tmp_path):
    made = new_case(tmp_path / "my-case")
    letter = tmp_path / "letter.txt"
    letter.write_text("sample", encoding="utf-8")
    staged = made.evidence.stage({"letter.txt": letter}, confidential=False)
    made.evidence.register(staged, {"actor": "aa", "reader": "document", "title": "A letter"})
    return made


@pytest.fixture
def board(case):
    return review_board(case, *tables(), reviewer="aa")


def decide(board, answer, reason="it contradicts itself", evidence="E0001:1"):
    board.answer.value, board.reason.value, board.evidence.value = answer, reason, evidence
    board.save.click()


def lines(case, reviewer="aa"):
    path = case.folder / "judgements" / f"{reviewer}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_click_writes_what_code_writes(board, case):
    account = board.account
    decide(board, "suspected")
    case.judge(
        account,
        "verdict",
        "suspected",
        reason="it contradicts itself",
        evidence=["E0001:1"],
        reviewer="bb",
    )
    clicked, coded = lines(case)[0], lines(case, "bb")[0]
    own = {"hash", "prev_hash", "time", "offset", "reviewer", "local_time"}
    assert {k: v for k, v in clicked.items() if k not in own} == {
        k: v for k, v in coded.items() if k not in own
    }


def test_saved_is_said_only_when_the_line_is_there(board, case, monkeypatch):
    decide(board, "suspected")
    assert "saved" in board.said.value
    assert "line 1 of aa.jsonl" in board.said.value

    def full(*_args, **_others):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Case, "judge", full)
    decide(board, "authentic")
    assert "saved 1" not in board.said.value
    assert "No space left on device" in board.said.value
    assert "Nothing was saved" in board.said.value
    assert len(lines(case)) == 1


def test_an_answer_without_a_reason_or_with_a_lost_citation_is_refused(board, case):
    decide(board, "suspected", reason=" ")
    assert "needs a reason" in board.said.value
    decide(board, "suspected", evidence="E0099:1")
    assert "E0099" in board.said.value
    assert not (case.folder / "judgements" / "aa.jsonl").exists() or lines(case) == []


def test_no_answer_is_preset_and_none_is_saved(board, case):
    assert board.answer.value is None
    board.reason.value = "a reason"
    board.save.click()
    assert "Choose an answer first" in board.said.value
    assert case.judgements().empty


def test_the_same_answer_twice_is_one_line(board, case):
    decide(board, "suspected")
    board.save.click()
    assert "saved already" in board.said.value
    assert len(lines(case)) == 1


def test_taking_back_supersedes_and_deletes_nothing(board, case):
    account = board.account
    decide(board, "suspected", reason="first")
    decide(board, "authentic", reason="second")
    board.undo.click()
    assert [e["answer"] for e in lines(case)] == ["suspected", "authentic", "suspected"]
    assert board.reason.value == "first"
    said = case.judgements()
    assert said[said["current"]]["answer"].tolist() == ["suspected"]
    assert set(said["subject"]) == {account}


def test_taking_back_the_only_answer_leaves_it_undetermined(board, case):
    decide(board, "suspected")
    board.undo.click()
    assert lines(case)[-1]["answer"] == "undetermined"
    assert lines(case)[-1]["reason"] == "taken back by the reviewer"
    board.next.click()
    board.undo.click()
    assert "nothing of yours" in board.said.value


def test_after_a_restart_it_goes_on_where_it_was(board, case):
    first = board.account
    decide(board, "suspected")
    again = review_board(Case(case.folder), *tables(), reviewer="aa")
    assert again.account != first
    assert again.progress.value == "1 of 3 answered"
    again.go_to.value = first
    assert again.answer.value == "suspected"
    assert again.reason.value == "it contradicts itself"


def test_nobody_sees_what_others_answered(board, case):
    decide(board, "assessed inauthentic", reason="a telling reason")
    other = review_board(case, *tables(), reviewer="bb")
    for _ in range(3):
        shown = other.card.value + other.reason.value + str(other.answer.value)
        assert "telling" not in shown
        assert other.answer.value is None
        other.next.click()
    assert other.progress.value == "0 of 3 answered"


def test_each_reviewer_has_an_order_of_their_own():
    accounts = [f"x:{n}" for n in range(20)]
    one, other = own_order(accounts, "aa"), own_order(accounts, "bb")
    assert one != other
    assert sorted(one) == sorted(other)
    assert own_order(accounts[::-1], "aa") == one


def test_filters_and_paging_reach_every_account(board):
    seen = {board.account}
    for _ in range(5):
        board.next.click()
        seen.add(board.account)
    assert len(seen) == 3
    decide(board, "suspected")
    board.show.value = "suspected"
    assert len(board.go_to.options) == 1
    board.show.value = "not answered yet"
    assert len(board.go_to.options) == 2
    board.show.value = "authentic"
    assert "No account is left" in board.card.value
    assert board.save.disabled
    board.save.click()
    board.show.value = "all accounts"
    assert not board.save.disabled


def test_it_says_what_to_do_next_and_goes_there(board, case):
    first = board.account
    assert "To do: choose a verdict, say why, save (3 accounts to go)" in board.to_do.value
    decide(board, "suspected")
    assert "This account is answered; 2 accounts to go" in board.to_do.value
    board.next.click()
    board.next.click()
    board.next_open.click()
    # From the last, over the end and past the first, which is answered.
    second = board.account
    assert second == board.order[1]
    for account in board.order[1:]:
        board.go_to.value = account
        decide(board, "undetermined")
    assert "Lock your answers" in board.to_do.value
    assert board.next_open.disabled
    board.lock.click()
    assert "Your answers are locked" in board.to_do.value
    assert first == board.order[0]


def test_the_next_open_account_is_found_behind_a_filter(board):
    decide(board, "suspected")
    board.show.value = "suspected"
    board.next_open.click()
    assert board.show.value == "all accounts"
    assert board.account == board.order[1]


def test_the_check_has_an_answer_for_each_thing_it_can_find(board, case):
    account = board.account
    board.check.value, board.reason.value = "hijacked", "the owner wrote to us"
    board.save.click()
    assert lines(case)[0]["question"] == "real-person-check"
    assert lines(case)[0]["answer"] == "hijacked"
    assert (
        verdicts(case.judgements(), tables()[0])
        .set_index("account")
        .loc[account, "real_person_check"]
        == "hijacked"
    )
    with pytest.raises(CasebookError, match="'a ghost' is no answer"):
        case.judge(account, "real-person-check", "a ghost", reason="r", reviewer="aa")


def test_a_card_says_what_was_looked_for_and_not_shown_and_who_else_shows_it(case):
    accounts, posts, snapshots, _ = tables()
    state = {"default-handle": "shown", "rename": "not shown", "lifted-bio": "not assessable"}
    signals = schema.check(
        "signals",
        pd.DataFrame(
            {
                "account": "x:1", "episode": "all", "signal": list(state), "reason": "a reason",
                "shown": list(state.values()), "counted": [True, False, False],
            }
        ),
    )  # fmt: skip
    card = Cards(accounts, posts, snapshots, signals).html("x:1")
    assert "millions of real users who took the suggestion" in card
    assert "Looked for and not shown: rename" in card
    assert "Not assessable here: lifted-bio" in card


def test_an_error_in_a_handler_is_shown_and_logged(board, monkeypatch, caplog):
    monkeypatch.setattr(board, "_undo", lambda: 1 / 0)
    board.undo.click()
    assert "ZeroDivisionError" in board.said.value
    assert "ZeroDivisionError" in caplog.text


def test_two_kernels_on_one_case_lose_no_decision(case):
    one = review_board(case, *tables(), reviewer="aa")
    other = review_board(Case(case.folder), *tables(), reviewer="aa")
    for answer in ("suspected", "authentic", "suspected"):
        decide(one, answer, reason=f"one {answer}")
        decide(other, answer, reason=f"other {answer}")
    assert [e["seq"] for e in lines(case)] == list(range(1, 7))
    assert case.judgements()["current"].sum() == 1


def test_evidence_on_a_card_is_words_alone(board):
    board.go_to.value = "x:1"
    card = board.card.value
    assert "<img" not in card
    assert "<script" not in card
    assert "&lt;img" in card
    assert "https://" not in card
    assert "hxxps" in card
    assert "pictures.example" not in card
    assert "1 file, not loaded" in card


def test_where_nobody_reviews_it_is_a_table_without_widgets(case, monkeypatch):
    assert isinstance(review_board(case, *tables()), Note)
    case.judge("x:1", "verdict", "suspected", reason="a reason", reviewer="aa")
    found = review_board(case, *tables())
    assert isinstance(found, Listing)
    bundle, _ = found._repr_mimebundle_()
    assert not any("widget" in mime for mime in bundle)
    assert "a reason" in str(found.payload())
    monkeypatch.setenv(module.UNATTENDED, "1")
    assert isinstance(review_board(case, *tables(), reviewer="aa"), Listing)


def test_an_alias_that_is_a_name_is_refused_in_the_board(case):
    made = review_board(case, *tables(), reviewer="Jane Doe")
    assert isinstance(made, ReviewBoard)
    decide(made, "suspected")
    assert "no alias" in made.said.value


# -- pictures -------------------------------------------------------------------------------------


def sharp(html):
    """Return how much neighbouring points of the picture on a card differ."""
    data = base64.b64decode(re.search(r"data:image/png;base64,([^\"]+)", html)[1])
    points = np.asarray(Image.open(io.BytesIO(data)).convert("L"), dtype=float)
    return np.abs(np.diff(points, axis=1)).mean()


def with_pictures(tmp_path, personas=2):
    """Return cards with a checked picture, and a file that only calls itself one."""
    squares = np.indices((300, 200)).sum(axis=0) // 10 % 2 * 255
    Image.fromarray(squares.astype("uint8")).save(tmp_path / "one.png")
    (tmp_path / "two.png").write_text(EVIL, encoding="utf-8")
    given = {"x:1": [tmp_path / "one.png"], "x:2": [tmp_path / "two.png"]}
    return Cards(*tables(personas), pictures=given)


def test_pictures_are_blurred_until_asked_and_on_each_card_anew(case, tmp_path):
    board = ReviewBoard(case, with_pictures(tmp_path, 3), "aa")
    board.go_to.value = "x:1"
    assert "blurred picture one.png" in board.card.value
    hidden = sharp(board.card.value)
    board.look.value = True
    assert "blurred" not in board.card.value
    assert sharp(board.card.value) > 10 * hidden
    board.go_to.value = "x:3"
    assert board.look.disabled
    board.go_to.value = "x:1"
    assert not board.look.value
    assert sharp(board.card.value) == hidden


def test_a_file_that_only_calls_itself_a_picture_is_not_shown(tmp_path):
    card = with_pictures(tmp_path).html("x:2", clear=True)
    assert "two.png cannot be opened" in card
    assert "<img" not in card
    assert "<script" not in card


def test_the_pictures_of_the_case_are_those_collected_for_the_account(tmp_path):
    whole = CLONE / "data" / "spamouflage-2024"
    for name in ("case.yaml", "evidence.jsonl"):
        shutil.copyfile(whole / name, tmp_path / name)
    shutil.copytree(whole / "evidence", tmp_path / "evidence")
    example = Case(tmp_path)
    build_tables(example)
    given = [example.read(t) for t in ("accounts", "posts", "snapshots")]
    board = review_board(example, *given, schema.empty("signals"), reviewer="aa")
    media = example.read("media")
    for account, paths in board.cards.pictures.items():
        own = media[media["account"] == account]
        assert {p.name for p in paths} <= set(own["file"].dropna())
    assert len(board.cards.pictures) >= 15


# -- the line-up ----------------------------------------------------------------------------------


def crowd(personas=3, others=8):
    """Return the tables of a line-up: accounts under review among ordinary ones."""
    accounts, posts, snapshots, _ = tables(personas + others)
    accounts["role"] = ["persona"] * personas + ["reference"] * others
    accounts["found_by"] = "seed list"
    return accounts, posts, snapshots


def answered(board, answer="undetermined"):
    for account in list(board.order):
        board.go_to.value = account
        board.answer.value, board.reason.value = answer, "seen the posts"
        board.save.click()


def test_a_line_up_hides_who_is_who(case):
    accounts, posts, snapshots = crowd()
    board = line_up_board(case, accounts, posts, snapshots, reviewer="aa")
    roles = accounts.set_index("account")["role"]
    assert sorted(roles[board.order]) == ["persona"] * 3 + ["reference"] * 8
    for account in board.order:
        shown = board.cards.html(account)
        assert not {w for w in ("found by", "seed list", "E0001", "persona", "reference")
                    if w in shown}  # fmt: skip
    assert board.evidence not in board.box.children


def test_what_is_known_of_one_side_only_is_not_shown(case):
    accounts, posts, snapshots = crowd()
    accounts.loc[accounts["role"] == "reference", "bio"] = None
    board = line_up_board(case, accounts, posts, snapshots, reviewer="aa")
    assert not any("profile text" in board.cards.html(a) for a in board.order)
    even = crowd()
    board = line_up_board(case, *even, reviewer="aa")
    assert all("profile text" in board.cards.html(a) for a in board.order)


def test_answers_are_locked_only_when_there_is_one_for_everybody(case):
    board = line_up_board(case, *crowd(), reviewer="aa")
    board.lock.click()
    assert "11 of 11 accounts have no answer yet" in board.said.value
    answered(board)
    board.lock.click()
    assert "locked" in board.said.value
    events = lines(case)
    assert [e["question"] for e in events] == ["verdict"] * 11 + ["lock"]
    assert all(e["evidence"] for e in events[:11])
    board.lock.click()
    assert "locked already" in board.said.value
    assert len(lines(case)) == 12


def test_too_few_ordinary_accounts_make_no_line_up(case):
    accounts, posts, snapshots = crowd(personas=3, others=2)
    said = line_up_board(case, accounts, posts, snapshots, reviewer="aa")
    assert isinstance(said, Note)
    assert said.markdown.startswith("2 reference accounts beside 3 under review")


def test_an_account_without_an_ordinary_one_of_its_platform_stands_in_no_line_up(case):
    accounts, posts, snapshots = crowd(personas=4, others=12)
    accounts.loc[0, "platform"] = "tiktok"
    board = line_up_board(case, accounts, posts, snapshots, reviewer="aa")
    assert "x:1" not in board.order
    assert {"x:2", "x:3"} < set(board.order)


def test_the_unattended_run_shows_the_false_alarms_and_no_widget(case, monkeypatch):
    accounts, posts, snapshots = crowd()
    assert isinstance(line_up_board(case, accounts, posts, snapshots), Note)
    board = line_up_board(case, accounts, posts, snapshots, reviewer="aa")
    answered(board, "suspected")
    board.lock.click()
    monkeypatch.setenv(module.UNATTENDED, "1")
    told = line_up_board(case, accounts, posts, snapshots, reviewer="aa")
    assert isinstance(told, Listing)
    row = told.frame.iloc[0]
    assert row["fillers, called"] == "8 of 8"
    assert not row["tells them apart"]
