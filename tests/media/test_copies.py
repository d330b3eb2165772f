"""Collected files become what they show: copies are named, posts get their files, nothing breaks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import casebook as cb
from casebook.case import Case
from casebook.collection import build_tables, collect
from casebook.media import likenesses, named, read_files, words_of
from casebook.media.reading import Content
from casebook.verification import verify
from tests.media.made import cropped, film, mirrored, photo, recaptioned, tune

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film; its copies with another start, caption, mirror, codec; and films that are none."""
    folder = tmp_path_factory.mktemp("films")
    scenes = [1, 2, 3, 4]
    film(folder / "first.mp4", scenes, tune_seed=1)
    film(
        folder / "captioned.mp4", scenes, tune_seed=1, change=recaptioned, bitrate=150_000, skip=1.3
    )
    film(folder / "mirrored.mp4", scenes, tune_seed=2, change=mirrored)
    film(folder / "cropped.webm", scenes, change=cropped, codec="libvpx")
    film(folder / "same-song.mp4", [5, 6, 7, 8], tune_seed=1, loudness=0.4)
    film(folder / "one-scene-of-it.mp4", [9, 10, 11, 1], tune_seed=3)
    return folder


def read(folder: Path) -> dict[str, Content]:
    paths = sorted(p for p in folder.iterdir() if p.is_file())
    return {p.name: c for p, c in zip(paths, read_files(paths), strict=True)}


def test_a_film_is_known_again_by_its_scenes_and_by_its_sound(films) -> None:
    contents = read(films)
    assert {c.error for c in contents.values()} == {""}
    pairs = likenesses(contents)
    seen = {(r["file"], r["other"]) for r in pairs.to_dict("records") if r["kind"] == "video"}
    copies = {"first.mp4", "captioned.mp4", "mirrored.mp4", "cropped.webm"}
    assert {a for a, _ in seen} | {b for _, b in seen} == copies
    heard = {(r["file"], r["other"]) for r in pairs.to_dict("records") if r["kind"] == "sound"}
    assert heard == {
        ("captioned.mp4", "first.mp4"),
        ("captioned.mp4", "same-song.mp4"),
        ("first.mp4", "same-song.mp4"),
    }
    turned = pairs[pairs["mirrored"]]
    assert (turned[["file", "other"]] == "mirrored.mp4").any(axis=1).all()
    names = named(contents, pairs)
    assert len({names[c] for c in copies}) == 1
    # One song under many videos makes them no copies, and neither does one scene.
    assert names["same-song.mp4"] != names["first.mp4"]
    assert names["one-scene-of-it.mp4"] != names["first.mp4"]


def test_recordings_without_a_picture_go_by_their_sound() -> None:
    from casebook.media.sound import RATE, frames

    contents = {
        name: Content(kind="sound", sound=frames(tune(seed, 12, rate=RATE)))
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    }
    names = named(contents, likenesses(contents))
    assert names["a"] == names["b"] != names["c"]


HOSTILE = {
    "junk.jpg": b"\xff\xd8\xff junk",
    "empty.png": b"",
    "cut.mp4": b"\0\0\0\x18ftypisom" + b"x" * 900,
    # A playlist that calls itself a film must not make anything open what it names.
    "playlist.mp4": b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/part.ts\n",
    "concat.mp4": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "page.gif": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "sound.mp3": b"ID3" + b"\xff" * 400,
}


def bomb(path: Path) -> None:
    """Write a picture of a few kilobytes that says it has four billion pixels."""
    Image.new("1", (64, 64)).save(path)
    raw = bytearray(path.read_bytes())
    raw[16:24] = (65_500).to_bytes(4, "big") * 2
    path.write_bytes(raw)


def test_hostile_files_are_refused_one_by_one(tmp_path) -> None:
    for name, content in HOSTILE.items():
        (tmp_path / name).write_bytes(content)
    bomb(tmp_path / "bomb.png")
    photo(50).save(tmp_path / "zz-good.png")
    contents = read(tmp_path)
    assert contents.pop("zz-good.png").kind == "image"
    assert all(c.error for c in contents.values()), contents
    assert not any(str(tmp_path) in c.error for c in contents.values())


def test_a_reader_that_hangs_or_dies_costs_one_file(tmp_path, monkeypatch) -> None:
    from casebook.media import reading

    photo(50).save(tmp_path / "a.png")
    photo(51).save(tmp_path / "b.png")
    asked = reading.Helper.ask

    def ask(self, path, patience):
        if path.endswith("a.png"):
            self.process.kill()
        return asked(self, path, patience)

    monkeypatch.setattr(reading.Helper, "ask", ask)
    first, second = read_files([tmp_path / "a.png", tmp_path / "b.png"], patience=60)
    assert (first.kind, second.kind) == ("", "image")
    assert "crashed" in first.error
    monkeypatch.setattr(reading.Helper, "ask", asked)
    [late] = read_files([tmp_path / "a.png"], patience=0.0)
    assert "too long" in late.error


@pytest.mark.parametrize(
    "answer",
    ["", "[]", "{}", '{"kind": "x", "greys": "", "sound": ""}',
     '{"kind": "image", "greys": "AAAA", "sound": ""}', '{"kind": "image", "greys": 3}'],
)  # fmt: skip
def test_an_answer_that_is_no_answer_is_an_error(answer) -> None:
    from casebook.media.reading import _content

    assert _content(answer).error


def test_subtitles_are_words_without_times_and_marks() -> None:
    srt = "1\r\n00:00:01,000 --> 00:00:02,000\r\n<i>Sample</i> words\r\n\r\n2\r\n00:00:02,000 --> 00:00:03,000\r\nSample words\r\nand more\r\n"
    assert words_of(srt) == "Sample words and more"
    vtt = "WEBVTT\nKind: captions\n\nNOTE nothing\n\n00:01.000 --> 00:02.000 align:start\n{\\an8}one<00:01.500> two\n"
    assert words_of(vtt) == "one two"
    assert words_of("no subtitles at all") == ""


@pytest.fixture
def case(tmp_path: Path) -> Case:
    folder = tmp_path / "my-case"
    folder.mkdir()
    (folder / "case.yaml").write_text(
        'title: "A case"\nquestion: "Who?"\ninvestigators: ["aa"]\n', encoding="utf-8"
    )
    return Case(folder, clock=lambda: datetime(2024, 9, 3, 12, tzinfo=UTC))


POSTS = pd.DataFrame(
    {
        "platform": "tiktok",
        "post_id": [f"731234567890123450{n}" for n in range(5)],
        "handle": [f"synth_{n}" for n in range(5)],
        "created_at": [f"2024-05-0{n + 1}T10:00:00Z" for n in range(5)],
        "text": [f"Sample clip number {n}" for n in range(5)],
    }
)


def collected(case: Case, folder: Path) -> None:
    """Collect five posts; two carry copies of one picture, two the same spoken words."""
    folder.mkdir(exist_ok=True)
    POSTS.to_csv(folder / "posts.csv", index=False)
    photo(60).save(folder / "7312345678901234500.png")
    recaptioned(photo(60), np.random.default_rng(1)).save(folder / "clip_7312345678901234501_1.jpg")
    photo(61).save(folder / "7312345678901234502.png")
    Image.new("RGB", (300, 300), "navy").save(folder / "7312345678901234503.png")
    said = "1\n00:00:01,000 --> 00:00:09,000\nthese are sample words that somebody reads aloud\n"
    for n in (3, 4):
        (folder / f"731234567890123450{n}.en.vtt").write_text(f"WEBVTT\n\n{said}", encoding="utf-8")
    (folder / "broken_7312345678901234504.mp4").write_bytes(b"\0\0\0\x18ftypisom" + b"x" * 900)
    collect(case, folder / "posts.csv", role="persona", found_by="test")
    collect(case, *sorted(p for p in folder.iterdir() if p.suffix != ".csv"), reader="document")
    build_tables(case)


def test_files_named_after_posts_belong_to_them(case, tmp_path) -> None:
    collected(case, tmp_path / "files")
    media = case.read("media").set_index("file")
    assert media.loc["clip_7312345678901234501_1.jpg", "post"].endswith(":7312345678901234501")
    shown = media["fingerprint"]
    assert shown["7312345678901234500.png"] == shown["clip_7312345678901234501_1.jpg"]
    assert shown["7312345678901234500.png"] != shown["7312345678901234502.png"]
    assert shown["7312345678901234503.png"] == "plain"
    assert media.loc["7312345678901234503.png", "words"].startswith("these are sample words")
    [pair] = case.read("likenesses").to_dict("records")
    assert pair["kind"] == "image"
    assert {pair["file"].partition(":")[2], pair["other"].partition(":")[2]} == {
        "7312345678901234500.png",
        "clip_7312345678901234501_1.jpg",
    }
    [notice] = [n for n in case.read("notices")["notice"] if "broken" in n]
    assert "was not compared" in notice


def test_copies_are_one_object_and_spoken_words_are_texts(case, tmp_path) -> None:
    collected(case, tmp_path / "files")
    posts, media = case.read("posts"), case.read("media")
    acts = cb.events(posts, media=media)
    pictures = acts[acts["layer"] == "media"].groupby("object")["account"].nunique()
    assert sorted(pictures) == [1, 1, 1, 2]  # the plain one and the broken one go by their bytes
    said = acts[acts["layer"] == "text"].groupby("object")["account"].nunique()
    assert (said == 2).sum() == 1
    edges = cb.co_actions(acts, time_window="2 days", layers=["media", "text"])
    assert set(edges["layer"]) == {"media", "text"}


def test_files_are_opened_once_and_give_the_same_tables_again(case, tmp_path, monkeypatch) -> None:
    collected(case, tmp_path / "files")
    before = {t: case.table_path(t).read_bytes() for t in ("media", "likenesses", "notices")}
    with monkeypatch.context() as patch:
        patch.setattr(
            "casebook.media.reading.Helper", lambda *_: pytest.fail("a file was opened again")
        )
        build_tables(case)
    assert {t: case.table_path(t).read_bytes() for t in before} == before
    verify(case)


def test_the_reader_sees_what_is_alike_and_whose_it_is(case, tmp_path) -> None:
    collected(case, tmp_path / "files")
    listing = cb.likenesses_table(
        case.read("likenesses"), case.read("media"), case.read("accounts")
    )
    row = listing.frame.iloc[0]
    assert {row["of"], row["of_other"]} == {"synth_0", "synth_1"}
    assert "of 64 bits differ" in row["how"]
    none = cb.likenesses_table(
        case.read("likenesses").iloc[:0], case.read("media"), case.read("accounts")
    )
    assert "No two of the" in none.markdown


def test_a_case_without_files_says_how_to_add_them(case, tmp_path) -> None:
    (tmp_path / "p.csv").write_text(POSTS.to_csv(index=False), encoding="utf-8")
    collect(case, tmp_path / "p.csv", role="persona", found_by="test")
    build_tables(case)
    note = cb.likenesses_table(case.read("likenesses"), case.read("media"), case.read("accounts"))
    assert "none can be compared" in note.markdown


def test_one_name_for_two_different_files_names_neither(case, tmp_path) -> None:
    for n in (1, 2):
        (tmp_path / str(n)).mkdir()
        photo(70 + n).save(tmp_path / str(n) / "7312345678901234500.png")
    POSTS.to_csv(tmp_path / "posts.csv", index=False)
    collect(case, tmp_path / "posts.csv", role="persona", found_by="test")
    for n in (1, 2):
        collect(case, tmp_path / str(n) / "7312345678901234500.png", reader="document")
    build_tables(case)
    assert case.read("media").empty
