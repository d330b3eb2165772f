"""What the collected pictures, videos and subtitles show and say, and which of them are copies.

A file collected as a document belongs to a post where the post's record names it, where its address
ends in the file's name, or where the file's name holds the post's id, as downloaders write it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from casebook import schema
from casebook.objects import PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casebook.case import Case
    from casebook.media import Content

VERSION = "1"
"""Of what is kept of a file; another one has every file opened again."""
LEAST_STEM = 10
"""A file is known by its name without suffix only where this is long enough to be no accident."""
MOST_SUBTITLES = 2_000_000
_POST_ID = re.compile(r"(?<!\d)\d{9,25}(?!\d)")
_LANGUAGE = re.compile(r"\.[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$")


@dataclass(frozen=True)
class Document:
    """A collected file that may be a picture, a video, a recording or subtitles."""

    evidence_id: str
    name: str
    sha256: str
    path: Path

    @property
    def reference(self) -> str:
        """Evidence item and file name."""
        return f"{self.evidence_id}:{self.name}"


@dataclass
class Copies:
    """The documents of a case by name, and what is known of each by its hash.

    Attributes
    ----------
    documents : dict
        File name -> document; a name that two different files bear names none of them.
    kinds, fingerprints, words : dict
        Hash -> image, video, sound or subtitles; the name shared by files that show the same
        ("plain" where there is too little to compare); the words of subtitles.
    errors : dict
        Hash -> why a file could not be opened.
    pairs : DataFrame
        The table ``likenesses``.
    """

    documents: dict[str, Document] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    fingerprints: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    pairs: pd.DataFrame = field(default_factory=lambda: schema.empty("likenesses"))

    def document_of(self, file: str | None, url: str | None) -> Document | None:
        """Return the document that a record of media names, by file or by address."""
        if file and file in self.documents:
            return self.documents[file]
        try:
            last = PurePath(urlsplit(url or "").path).name
        except ValueError:
            return None
        if last in self.documents:
            return self.documents[last]
        stem = PurePath(last).stem
        same = [d for n, d in self.documents.items() if PurePath(n).stem == stem]
        return same[0] if len(same) == 1 and len(stem) >= LEAST_STEM else None

    def post_ids(self) -> dict[str, list[Document]]:
        """Return the documents whose name holds a long number, by that number."""
        out: dict[str, list[Document]] = {}
        for name, document in sorted(self.documents.items()):
            for number in dict.fromkeys(_POST_ID.findall(name)):
                out.setdefault(number, []).append(document)
        return out

    def notices(self) -> list[dict[str, Any]]:
        """Return what is to be known of files that could not be compared."""
        rows = []
        for name, document in sorted(self.documents.items()):
            if document.sha256 in self.errors:
                said = f"{name} was not compared: {self.errors[document.sha256]}"
                rows.append({"evidence_id": document.evidence_id, "notice": said, "count": 1})
        return rows


def copies(case: Case, kept: Path) -> Copies:
    """Return what the collected pictures, videos and subtitles of a case show and say.

    Parameters
    ----------
    case : Case
    kept : Path
        Folder for what was read of each file, so that none is opened twice.
    """
    from casebook.media import is_media, is_subtitles

    found = documents(case)
    media = {d.sha256: d for d in found if is_media(d.name)}
    subtitles = [d for d in found if is_subtitles(d.name)]
    out = Copies(documents=_by_name([d for d in found if is_media(d.name) or d in subtitles]))
    if not out.documents:
        return out
    kept.mkdir(parents=True, exist_ok=True)
    contents = _contents(media, kept)
    out.errors = {mark: c.error for mark, c in contents.items() if c.error}
    out.kinds = {mark: c.kind for mark, c in contents.items() if c.kind}
    out.words = {mark: c.words for mark, c in contents.items() if c.words}
    _add_subtitles(out, subtitles)
    readable = {mark: c for mark, c in contents.items() if c.kind}
    pairs = _pairs(readable, kept)
    from casebook.media import named

    names = named(readable, pairs)
    out.fingerprints = {mark: names.get(mark, PLAIN) for mark in readable}
    out.pairs = _likenesses(pairs, media)
    return out


def documents(case: Case) -> list[Document]:
    """Return the collected files that no reader reads: pictures, recordings, saved pages."""
    return [
        Document(item.evidence_id, str(file["name"]), str(file["sha256"]), path)
        for item in case.evidence.items().values()
        if item.is_live and item.details.get("reader", "document") == "document"
        for file in item.files
        if "sha256" in file and (path := case.evidence.path(item, file)).is_file()
    ]


def _by_name(documents: Iterable[Document]) -> dict[str, Document]:
    out: dict[str, Document] = {}
    unclear = set()
    for document in documents:
        known = out.setdefault(document.name, document)
        if known.sha256 != document.sha256:
            unclear.add(document.name)
    return {name: d for name, d in out.items() if name not in unclear}


def _contents(media: Mapping[str, Document], kept: Path) -> dict[str, Content]:
    """Return what each file holds, opening only those that were not opened before."""
    from casebook.media import Content, read_files

    out: dict[str, Content] = {}
    for mark in sorted(media):
        path = kept / f"{mark}-{VERSION}.npz"
        if path.is_file():
            with np.load(path, allow_pickle=False) as held:
                out[mark] = Content(
                    kind=str(held["kind"]),
                    greys=held["greys"],
                    sound=held["sound"],
                    words=str(held["words"]),
                    error=str(held["error"]),
                )
    new = [mark for mark in sorted(media) if mark not in out]
    for mark, content in zip(new, read_files(media[m].path for m in new), strict=True):
        out[mark] = content
        np.savez(
            kept / f"{mark}-{VERSION}.npz",
            kind=content.kind,
            greys=content.greys,
            sound=content.sound,
            words=content.words,
            error=content.error,
        )
    return {mark: out[mark] for mark in sorted(out)}


def _pairs(contents: Mapping[str, Content], kept: Path) -> pd.DataFrame:
    from casebook.media import likenesses

    whole = sha256(" ".join([VERSION, *sorted(contents)]).encode()).hexdigest()
    path = kept / f"pairs-{whole[:24]}.parquet"
    if not path.is_file():
        likenesses(contents).to_parquet(path, index=False)
    return pd.read_parquet(path)


def _add_subtitles(out: Copies, subtitles: Iterable[Document]) -> None:
    """Give the words of a subtitle file to the video it is named after, else to itself."""
    from casebook.media import words_of

    stems = {PurePath(n).stem: d for n, d in out.documents.items() if d.sha256 in out.kinds}
    for document in subtitles:
        raw = document.path.read_bytes()[:MOST_SUBTITLES]
        said = words_of(raw.decode("utf-8-sig", "replace"))
        stem = PurePath(document.name).stem
        video = stems.get(stem) or stems.get(_LANGUAGE.sub("", stem))
        if video is not None:
            out.words.setdefault(video.sha256, said)
        else:
            out.kinds[document.sha256] = "subtitles"
            out.words[document.sha256] = said


def _likenesses(pairs: pd.DataFrame, media: Mapping[str, Document]) -> pd.DataFrame:
    named = {mark: document.reference for mark, document in media.items()}
    frame = pairs.assign(file=pairs["file"].map(named), other=pairs["other"].map(named))
    swapped = frame["file"] > frame["other"]
    frame.loc[swapped, ["file", "other"]] = frame.loc[swapped, ["other", "file"]].to_numpy()
    frame = frame.sort_values(["file", "other", "kind"], ignore_index=True)
    return schema.check("likenesses", frame)


def posts_named(
    held: Copies, posts: pd.DataFrame, linked: set[tuple[str, str]]
) -> list[dict[str, Any]]:
    """Return a row of media for each document that holds the id of a post in its name.

    Parameters
    ----------
    held : Copies
    posts : DataFrame
        post (key), post_id, account.
    linked : set of (post key, hash)
        What the records themselves say; it is not said twice.
    """
    rows = []
    by_id = held.post_ids()
    for post in posts[posts["post_id"].isin(set(by_id))].to_dict("records"):
        for document in by_id[post["post_id"]]:
            if (post["post"], document.sha256) in linked:
                continue
            rows.append(
                {
                    "media": document.reference,
                    "account": post["account"],
                    "post": post["post"],
                    "kind": held.kinds.get(document.sha256),
                    "file": document.name,
                    "sha256": document.sha256,
                    "fingerprint": held.fingerprints.get(document.sha256),
                    "words": held.words.get(document.sha256),
                    "evidence_id": document.evidence_id,
                    "source_line": 1,
                    "reader": "document",
                }
            )
    return rows
