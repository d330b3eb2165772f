"""Columns on paper: no word broken that can be kept, no column over the next, records for stories."""

from __future__ import annotations

from casebook.report.columns import GAP, PAGE, SIZES, breakable, layout, width_of

STORY = "This is a sentence of some length that nobody wants to read one word at a time. "


def test_short_columns_are_as_wide_as_their_words_and_letters_stay_large() -> None:
    how = layout(["id", "posts"], [["E0001", "12"], ["E0002", "1,234"]])
    assert how.size == SIZES[0]
    # Nothing is broken: each column is as wide as its widest text (a header is set bold).
    assert how.widths[0] >= width_of("E0001") * how.size
    assert sum(how.widths) < PAGE / 4


def test_a_table_never_gets_wider_than_the_page() -> None:
    for rows in ([["x" * 300, STORY * 3, "y" * 90]], [["a_" * 60, "1", STORY]]):
        how = layout(["one", "two", "three"], rows)
        assert sum(how.widths) + GAP * len(how.widths) * how.size / SIZES[0] <= PAGE + 1e-6


def test_the_room_goes_to_the_column_with_text() -> None:
    how = layout(["id", "reason", "state"], [["C1", STORY * 2, "open"]] * 5)
    assert not how.as_records
    assert how.widths[1] > 0.6 * PAGE


def test_a_word_that_is_no_longer_than_usual_is_never_broken() -> None:
    how = layout(["account", "reason"], [["synth_cedar_001", STORY * 3], ["undetermined", STORY]])
    assert how.widths[0] >= max(width_of(p) for p in ("undetermined", "synth_")) * how.size


def test_a_handle_is_broken_at_its_marks_and_what_has_none_after_so_many_letters() -> None:
    assert breakable("synth_delta_001") == "synth_\u200bdelta_\u200b001"
    assert breakable("short_name") == "short_name"
    assert max(map(len, breakable("x" * 100).split("\u200b"))) <= 23
    assert breakable("x" * 100).replace("\u200b", "") == "x" * 100


def test_a_table_with_sentences_in_three_columns_becomes_records() -> None:
    heads = ["rung", "for", "against", "what would change it"]
    assert layout(heads, [["1", STORY * 3, STORY * 2, STORY]] * 4).as_records
    assert not layout(heads[:2], [["1", STORY * 3]] * 4).as_records


def test_a_table_of_more_words_than_fit_becomes_records() -> None:
    heads = [f"something{i}" for i in range(30)]
    assert layout(heads, [["unbreakable"] * 30]).as_records


def test_a_longer_table_is_higher_and_an_empty_one_has_a_height() -> None:
    few, many = (layout(["a"], [["x"]] * n).height for n in (3, 30))
    assert 0 < layout(["a"], []).height < few < many
