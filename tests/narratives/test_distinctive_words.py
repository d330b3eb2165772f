"""Words that are typical of accounts under review, and not of one of them, nor of one text."""

from __future__ import annotations

import math

import pytest

from casebook.narratives import distinctive_words

SIX = {
    "ada": "persona", "bea": "persona", "cleo": "persona",
    "dan": "reference", "eve": "reference:fans", "fay": "reference",
}  # fmt: skip
SAID = (
    ("ada", "alpha beta"), ("bea", "alpha gamma"), ("cleo", "alpha delta"),
    ("dan", "beta gamma"), ("eve", "gamma delta"), ("fay", "alpha delta"),
)  # fmt: skip


def test_log_odds_and_z_are_those_of_the_published_formula(posts, accounts) -> None:
    # Of 6 and 6 words, alpha is 3 and 1. The prior is all 12 at the weight of one of six accounts:
    # 2 words, of which alpha 2/3. Odds (11/3)/(13/3) and (5/3)/(19/3); variance 3/11 + 3/5.
    words = distinctive_words(posts(*SAID), accounts(**SIX))
    assert list(words["word"]) == ["alpha"]  # the others are not used by three accounts
    row = words.iloc[0]
    log_odds = math.log(11 / 13) - math.log(5 / 19)
    assert row["log_odds"] == pytest.approx(log_odds)
    assert row["z"] == pytest.approx(log_odds / math.sqrt(3 / 11 + 3 / 5))
    assert row["z"] == pytest.approx(1.2502, abs=1e-4)
    assert (row["accounts"], row["reference_accounts"], row["posts"]) == (3, 1, 3)
    assert list(row["evidence"]) == ["E0001:1", "E0001:2", "E0001:3"]


def test_a_busy_account_counts_as_one(posts, accounts) -> None:
    busy = [("ada", f"alpha w{chr(97 + i)}x w{chr(97 + i)}y") for i in range(20)]
    words = distinctive_words(posts(*SAID, *busy), accounts(**SIX))
    row = words[words["word"] == "alpha"].iloc[0]
    assert row["share"] == 1.0
    assert row["posts"] == 23
    assert row["accounts"] == 3
    quiet = [("ada", f"w{chr(97 + i)}x w{chr(97 + i)}y") for i in range(3)]
    words = distinctive_words(posts(*SAID, *quiet), accounts(**SIX))
    # One of four posts of ada, one of one of bea and cleo.
    assert words.iloc[0]["share"] == pytest.approx((1 / 4 + 1 + 1) / 3)


def test_a_text_that_everybody_copies_makes_no_word(posts, accounts) -> None:
    copied = "zebra one two three four five six seven"
    own = [(a, f"alpha {a}") for a in ("ada", "bea", "cleo")]
    said = [*own, *((a, f"{copied} {i}") for i, a in enumerate(("ada", "bea", "cleo")))]
    words = distinctive_words(posts(*said, *SAID[3:]), accounts(**SIX))
    assert list(words["word"]) == ["alpha"]
    short = [*own, *((a, "zebra now") for a in ("ada", "bea", "cleo"))]
    words = distinctive_words(posts(*short, *SAID[3:]), accounts(**SIX))
    assert list(words["word"]) == ["alpha"]


def test_words_of_the_query_numbers_and_chinese_texts_are_left_out(posts, accounts) -> None:
    said = [
        (a, text)
        for n, a in enumerate(("ada", "bea", "cleo"))
        for text in (f"alpha election 2024 {a}", f"今天天气很好{'一二三'[n]}天气")
    ]
    words = distinctive_words(posts(*said, *SAID[3:]), accounts(**SIX), query_terms=["#Election"])
    assert list(words["word"]) == ["alpha"]


def test_reposts_and_cut_texts_are_left_out(posts, accounts) -> None:
    more = [
        {"account": a, "text": f"omega {a}", key: True}
        for a in ("ada", "bea", "cleo")
        for key in ("is_repost", "embedded", "text_truncated")
    ]
    words = distinctive_words(posts(*SAID, *more), accounts(**SIX))
    assert list(words["word"]) == ["alpha"]


def test_too_few_accounts_tell_nothing(posts, accounts) -> None:
    two = {name: role for name, role in SIX.items() if name != "ada"}
    assert distinctive_words(posts(*SAID), accounts(**two)).empty
    assert distinctive_words(posts(), accounts(**SIX)).empty


def crowd(posts, accounts, *, topic: bool):
    """Ten accounts under review among fifty, all of whom talk of forty things by turns."""
    names = [f"a{chr(97 + i // 10)}{chr(97 + i % 10)}" for i in range(50)]
    said = [
        (name, f"w{chr(97 + (7 * i + 3 * k) % 20)}{chr(97 + (5 * k + i) % 2)} own{name}")
        for i, name in enumerate(names)
        for k in range(8)
    ]
    if topic:
        said += [(name, f"tariffs {name} w{chr(97 + k)}a") for name in names[:10] for k in range(8)]
    roles = {n: "persona" if i < 10 else "reference" for i, n in enumerate(names)}
    return distinctive_words(posts(*said), accounts(**roles))


def test_what_random_draws_reach_is_told_from_what_they_do_not(posts, accounts) -> None:
    words = crowd(posts, accounts, topic=True)
    assert list(words.loc[words["z"] > words["bar"], "word"]) == ["tariffs"]
    words = crowd(posts, accounts, topic=False)
    assert len(words) > 10
    assert not (words["z"] > words["bar"]).any()


def test_the_same_posts_give_the_same_words_in_any_order(posts, accounts) -> None:
    given, people = posts(*SAID), accounts(**SIX)
    once = distinctive_words(given, people)
    again = distinctive_words(given.iloc[::-1].reset_index(drop=True), people.iloc[::-1])
    assert once.to_dict("records") == again.to_dict("records")
