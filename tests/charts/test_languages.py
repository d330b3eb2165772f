"""Language by month: who came back from a silence in another language."""

from __future__ import annotations

import pandas as pd

from casebook.charts.personas import languages_by_month
from casebook.exhibits import Note
from tests.personas.people import accounts_of, posts_of


def written(account, lang, start, months, text="sample words"):
    """Return three posts a month."""
    first = pd.Timestamp(start, tz="UTC")
    return [
        {
            "account": account,
            "lang": lang,
            "text": text,
            "created_at": first + pd.DateOffset(months=m) + pd.Timedelta(days=n),
        }
        for m in range(months)
        for n in range(3)
    ]


PEOPLE = accounts_of({"account": "a", "handle": "synth_a"}, {"account": "b", "handle": "synth_b"})


def test_a_switch_after_a_long_silence_is_counted_and_the_silence_drawn():
    posts = posts_of(
        *written("a", "zh", "2023-05-02", 2),
        *written("a", "en", "2024-01-02", 2),
        *written("b", "en", "2023-05-02", 10),
    )
    found = languages_by_month(posts, PEOPLE)
    assert found.title.startswith("1 account came back in another language")
    own = found.data[found.data["name"] == "synth_a"]
    assert own["language"].tolist() == ["zh", "zh", "en", "en"]
    assert own["posts"].tolist() == [3, 3, 3, 3]
    assert "days" in found.svg()


def test_a_switch_without_a_silence_and_a_silence_without_a_switch_are_none():
    posts = posts_of(
        *written("a", "zh", "2023-05-02", 2),
        *written("a", "en", "2023-07-02", 2),
        *written("b", "en", "2023-05-02", 2),
        *written("b", "en", "2024-01-02", 2),
    )
    assert languages_by_month(posts, PEOPLE).title.startswith("No account came back")


def test_where_the_platform_gives_no_language_the_script_is_read():
    posts = posts_of(
        *written("a", None, "2024-01-02", 1, text="这是一个样本文本"),
        *written("b", "und", "2024-01-02", 1),
    )
    found = languages_by_month(posts, PEOPLE).data.set_index("name")["language"]
    assert found.to_dict() == {"synth_a": "Chinese script", "synth_b": "not given"}


def test_without_posts_there_is_a_note():
    assert isinstance(languages_by_month(posts_of(), PEOPLE), Note)
