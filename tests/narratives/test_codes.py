"""Which posts hold which terms, and how common that is in each group."""

from __future__ import annotations

import pytest

from casebook.narratives import code_shares, coded_posts, monthly_shares, targets_by_code
from casebook.rates import clustered_rate, jeffreys


def found(coded) -> list[tuple]:
    return [(p, c, w) for p, c, w in zip(coded["post"], coded["code"], coded["words"], strict=True)]


def test_a_term_is_a_whole_word_or_a_phrase(posts, codebook) -> None:
    book = codebook(rents=["rent", "cost of housing"])
    coded = coded_posts(
        posts(
            ("ada", "The RENT is due"),
            ("ada", "Parents differ on parental rents"),
            ("ada", "The cost  of\nhousing, and the rent. Rent!"),
            ("ada", "The cost of all housing"),
        ),
        book,
    )
    assert found(coded) == [
        ("x:1", "rents", ["rent"]),
        ("x:3", "rents", ["cost of housing", "rent"]),
    ]
    assert [list(e) for e in coded["evidence"]] == [["E0001:1"], ["E0001:3"]]


def test_an_exclusion_rules_out_only_what_it_covers(posts, codebook) -> None:
    book = codebook(rents=(["rent"], ["rent a car"]), cars=["car", "rent a car"])
    coded = coded_posts(
        posts(("ada", "rent a car"), ("ada", "rent a car with the rent you save")), book
    )
    assert found(coded) == [
        ("x:1", "cars", ["rent a car", "car"]),
        ("x:2", "cars", ["rent a car", "car"]),
        ("x:2", "rents", ["rent"]),
    ]


def test_chinese_hashtags_and_full_width_letters_are_found(posts, codebook) -> None:
    book = codebook(homes=["住房", "HousingNow", "ｒｅｎｔ"])
    coded = coded_posts(
        posts(
            ("ada", "今天的住房新聞"),
            {"account": "ada", "text": "no words", "hashtags": ["housingnow"]},
            ("ada", "rent"),
        ),
        book,
    )
    assert [w for _, _, w in found(coded)] == [["住房"], ["HousingNow"], ["ｒｅｎｔ"]]


def test_a_phrase_does_not_run_from_the_text_into_a_hashtag(posts, codebook) -> None:
    coded = coded_posts(
        posts({"account": "ada", "text": "gun", "hashtags": ["control"]}),
        codebook(guns=["gun control"]),
    )
    assert coded.empty


def test_reposts_and_embedded_originals_are_nobody_s_own_words(posts, codebook) -> None:
    coded = coded_posts(
        posts(
            {"account": "ada", "text": "rent", "is_repost": True},
            {"account": "ada", "text": "rent", "repost_of": "77"},
            {"account": "ada", "text": "rent", "embedded": True},
            {"account": "ada", "text": None},
        ),
        codebook(rents=["rent"]),
    )
    assert coded.empty


def test_without_a_codebook_nothing_is_coded(posts, codebook) -> None:
    assert coded_posts(posts(("ada", "rent")), codebook()).empty


def test_terms_are_words_and_no_patterns(posts, codebook) -> None:
    coded = coded_posts(
        posts(("ada", "anything at all")), codebook(all=[".* a+ [a-z]", "<b>x</b>"])
    )
    assert coded.empty


def test_posts_of_one_account_are_no_independent_posts() -> None:
    # Two of four posts of one account, none of four of another. Share 1/4; between accounts its
    # variance is 2/1 x (1 + 1) / 64 = 1/16, of eight independent posts 3/128: the design effect is
    # 8/3, and the posts count as three, of which 0.75 show it.
    assert clustered_rate([2, 0], [4, 4]) == (0.25, *jeffreys(0.75, 3))
    # None of nine posts of three accounts: as none of three.
    assert clustered_rate([0, 0, 0], [4, 4, 1]) == (0.0, *jeffreys(0, 3))
    # Where accounts are all alike, posts count as what they are, and never as more.
    assert clustered_rate([1, 1, 1], [4, 4, 4]) == (0.25, *jeffreys(3, 12))
    # One account alone is one.
    assert clustered_rate([1], [4]) == (0.25, *jeffreys(0.25, 1))
    assert clustered_rate([0, 1], [0, 4]) == clustered_rate([1], [4])
    assert all(x != x for x in clustered_rate([], []))


def test_shares_stand_beside_those_of_ordinary_accounts_and_look_alikes(
    posts, accounts, codebook
) -> None:
    book = codebook(rents=["rent"], cars=["car"])
    given = posts(
        ("ada", "rent"), ("ada", "rent"), ("ada", "x"), ("ada", "y"),
        ("eve", "a"), ("eve", "b"), ("eve", "c"), ("eve", "d"),
        ("ben", "rent"), ("ben", "x"), ("cleo", "car"), ("dan", "rent"), ("who", "rent"),
    )  # fmt: skip
    people = accounts(
        ada="persona", eve="persona", ben="reference", cleo="reference:ordinary",
        dan="reference:fans", fay="reference:fans", who="bystander",
    )  # fmt: skip
    shares = code_shares(coded_posts(given, book), given, people, book)
    told = {
        (r.code, r.group, r.stratum): (r.accounts, r.using, r.posts, r.coded)
        for r in shares.itertuples()
    }
    assert told == {
        ("rents", "under review", ""): (2, 1, 8, 2),
        ("rents", "ordinary", "ordinary"): (2, 1, 3, 1),
        ("rents", "look-alikes", "fans"): (1, 1, 1, 1),
        ("cars", "under review", ""): (2, 0, 8, 0),
        ("cars", "ordinary", "ordinary"): (2, 1, 3, 1),
        ("cars", "look-alikes", "fans"): (1, 0, 1, 0),
    }
    ours = shares[(shares["code"] == "rents") & (shares["group"] == "under review")].iloc[0]
    assert (ours["share"], ours["low"], ours["high"]) == pytest.approx((0.25, *jeffreys(0.75, 3)))


def test_a_month_without_posts_has_no_share(posts, accounts, codebook) -> None:
    book = codebook(rents=["rent"])
    given = posts(
        {"account": "ada", "text": "rent", "created_at": "2024-01-31T23:59:59Z"},
        {"account": "ada", "text": "x", "created_at": "2024-01-02T00:00:00Z"},
        {"account": "ada", "text": "rent", "created_at": "2024-03-01T00:00:00Z"},
        {"account": "ada", "text": "rent", "created_at": None},
    )
    monthly = monthly_shares(coded_posts(given, book), given, accounts(ada="persona"), book["code"])
    assert list(monthly["month"]) == ["2024-01-01", "2024-02-01", "2024-03-01"]
    assert list(monthly["posts"]) == [2, 0, 1]
    assert monthly["share"].iloc[[0, 2]].tolist() == [0.5, 1.0]
    assert monthly["share"].isna().tolist() == [False, True, False]


def test_targets_are_counted_along_with_narratives(posts, accounts, codebook) -> None:
    book = codebook(rents=["rent"], to_mayor=["mayor"])
    given = posts(
        ("ada", "the mayor and the rent"), ("ada", "rent"), ("eve", "mayor: rent"),
        ("ben", "rent, mayor"), ("ada", "the mayor"),
    )  # fmt: skip
    people = accounts(ada="persona", eve="persona", ben="reference")
    row = targets_by_code(coded_posts(given, book), people)
    assert row.to_dict("records") == [
        {
            "code": "rents", "target": "to_mayor", "posts": 2, "of": 3, "accounts": 2,
            "evidence": ["E0001:1", "E0001:3"],
        }
    ]  # fmt: skip
