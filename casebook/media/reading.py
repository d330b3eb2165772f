"""Have pictures and videos opened by another process, which may crash, hang or lie."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from casebook.helper import Helper
from casebook.media.pictures import SIDE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import numpy.typing as npt

    Points = npt.NDArray[np.uint8]

SUFFIXES = {
    ".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".mp4", ".m4v", ".mov",
    ".webm", ".mkv", ".avi", ".m4a", ".mp3", ".wav", ".ogg", ".opus",
}  # fmt: skip
READER = "casebook.media.decode"
PATIENCE = 120.0
"""Seconds that one file may take."""
_MOST_SCENES = 100
PREVIEW = 240
"""Points a side of a picture to look at."""


@dataclass(frozen=True)
class Content:
    """What a file shows and says, as far as it could be opened.

    Attributes
    ----------
    kind : str
        image, video or sound; empty where it could not be opened.
    greys : ndarray of uint8, scenes x 64 x 64
    sound : ndarray of uint32
        As `casebook.media.sound.frames` gives it.
    words : str
        Subtitles inside the file.
    error : str
        Why it could not be opened.
    """

    kind: str = ""
    greys: npt.NDArray[np.uint8] = field(
        default_factory=lambda: np.empty((0, SIDE, SIDE), dtype=np.uint8)
    )
    sound: npt.NDArray[np.uint32] = field(default_factory=lambda: np.empty(0, dtype=np.uint32))
    words: str = ""
    error: str = ""


def is_media(name: str) -> bool:
    """Tell by its name whether a file may be a picture, a video or a recording."""
    return PurePath(name).suffix.lower() in SUFFIXES


def read_files(paths: Iterable[Path], *, patience: float = PATIENCE) -> Iterator[Content]:
    """Yield the content of each file, in order; one that breaks its reader breaks nothing else.

    Parameters
    ----------
    paths : iterable of Path
    patience : float
        Seconds that one file may take.
    """
    helper: Helper | None = None
    try:
        for path in paths:
            helper = helper or Helper(READER)
            answer = helper.ask(str(path), patience)
            if answer is None:
                helper.stop()
                helper = None
                yield Content(error="its reader crashed, or took too long")
            else:
                yield _content(answer)
    finally:
        if helper:
            helper.stop()


def previews(paths: Iterable[Path], *, patience: float = 10) -> list[Points | None]:
    """Return each picture as points to look at, or None where it could not be opened.

    Parameters
    ----------
    paths : iterable of Path
    patience : float
        Seconds that one file may take.

    Returns
    -------
    list of ndarray of uint8, height x width x 3, or None
        At most 240 points a side.
    """
    found: list[Points | None] = []
    helper: Helper | None = None
    try:
        for path in paths:
            helper = helper or Helper(READER, "preview")
            answer = helper.ask(str(path), patience)
            if answer is None:
                helper.stop()
                helper = None
            found.append(_points(answer or "{}"))
    finally:
        if helper:
            helper.stop()
    return found


def _points(line: str) -> Points | None:
    try:
        answer = json.loads(line)
        shape = (int(answer["height"]), int(answer["width"]), 3)
        if max(shape) > PREVIEW:
            return None
        return np.frombuffer(base64.b64decode(answer["points"]), dtype=np.uint8).reshape(shape)
    except (ValueError, KeyError, TypeError):
        return None


def _content(line: str) -> Content:
    """Return an answer as content; one that is not what it should be counts as unreadable."""
    try:
        found: dict[str, Any] = json.loads(line)
        if "error" in found:
            return Content(error=str(found["error"]))
        greys = np.frombuffer(base64.b64decode(found["greys"]), dtype=np.uint8)
        sound = np.frombuffer(base64.b64decode(found["sound"]), dtype=np.uint32)
        return Content(
            kind={"image": "image", "video": "video", "sound": "sound"}[found["kind"]],
            greys=greys.reshape(-1, SIDE, SIDE)[:_MOST_SCENES],
            sound=sound,
            words=str(found.get("words", "")),
        )
    except (ValueError, KeyError, TypeError):
        return Content(error="its reader gave no usable answer")
