"""The words of a subtitle file, without its times and marks."""

from __future__ import annotations

import re
from pathlib import PurePath

SUFFIXES = {".srt", ".vtt"}
_TIMES = re.compile(r"^\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{3}\s*-->")
_MARK = re.compile(r"<[^<>]*>|\{[^{}]*\}")


def is_subtitles(name: str) -> bool:
    """Tell by its name whether a file holds subtitles."""
    return PurePath(name).suffix.lower() in SUFFIXES


def words_of(text: str) -> str:
    r"""Return what is said, in order; a line that stays for the next picture counts once.

    Examples
    --------
    >>> words_of("1\n00:00:01,000 --> 00:00:02,000\n<i>Sample</i> words\n\n2\n"
    ...          "00:00:02,000 --> 00:00:03,000\nSample words\nand more")
    'Sample words and more'
    """
    kept: list[str] = []
    for block in re.split(r"\r?\n\s*\r?\n", text.lstrip("\ufeff")):
        lines = block.splitlines()
        at = next((i for i, line in enumerate(lines) if _TIMES.match(line)), None)
        for line in lines[at + 1 :] if at is not None else []:
            plain = " ".join(_MARK.sub(" ", line).split())
            if plain and plain not in kept[-2:]:
                kept.append(plain)
    return " ".join(kept)
