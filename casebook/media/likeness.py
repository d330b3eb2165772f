"""Which files show or say the same, pair by pair, and one name for all that do."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from casebook.media.pictures import Likeness, Picture, compare, picture, proposed
from casebook.media.sound import same_sound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casebook.media.reading import Content

LEAST_SHARE = 0.5
"""Of the scenes of the shorter video, found in the other."""
FEW_SCENES = 2
"""A video of more scenes needs at least so many in common: many share one opening picture."""
COLUMNS = ("file", "other", "kind", "distance", "correlation", "share", "seconds", "mirrored")


@dataclass(frozen=True)
class _Shown:
    """The pictures of one file that have detail enough to be compared."""

    file: str
    kind: str
    pictures: list[Picture]


def likenesses(contents: Mapping[str, Content]) -> pd.DataFrame:
    """Return the pairs of files that are alike.

    Parameters
    ----------
    contents : mapping
        Name of a file -> its content.

    Returns
    -------
    DataFrame
        One row a pair and way of being alike. file, other (names, in order); kind: image (two
        pictures), video (scenes in common) or sound; distance (bits of 64 of the perceptual hash
        that differ, median over scenes) and correlation of their blocks; share (of the scenes of
        the shorter video that the other has); seconds (of sound in common); mirrored.
    """
    shown = [_shown(name, contents[name]) for name in sorted(contents)]
    rows = [*_alike([s for s in shown if s.kind == "image"])]
    rows += _alike([s for s in shown if s.kind == "video"])
    rows += _sounding(contents)
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.sort_values(["file", "other", "kind"], ignore_index=True)


def named(contents: Mapping[str, Content], pairs: pd.DataFrame) -> dict[str, str]:
    """Return one name for the files that show the same.

    Videos go by what they show: one song under many videos makes them no copies. Sound alone
    counts where there is nothing to see. A file that is alike no other has a name of its own; one
    that could not be opened, or is too plain to be compared, has none.

    Parameters
    ----------
    contents : mapping
    pairs : DataFrame
        As `likenesses` gives it.
    """
    shown = {name: _shown(name, contents[name]) for name in sorted(contents)}
    kinds = {name: s.kind for name, s in shown.items() if s.pictures}
    kinds |= {
        name: "sound" for name, s in shown.items() if not s.pictures and len(contents[name].sound)
    }
    root = {name: name for name in kinds}

    def first(name: str) -> str:
        while root[name] != name:
            name = root[name]
        return name

    for row in pairs.to_dict("records"):
        if kinds.get(row["file"]) == kinds.get(row["other"]) == row["kind"]:
            a, b = sorted((first(row["file"]), first(row["other"])))
            root[b] = a
    return {name: f"{kind}:{first(name)[:16]}" for name, kind in kinds.items()}


def _shown(name: str, content: Content) -> _Shown:
    made = (picture(grey) for grey in content.greys)
    return _Shown(name, content.kind, [p for p in made if p is not None])


def _alike(shown: list[_Shown]) -> Iterable[dict[str, Any]]:
    pictures = [p for s in shown for p in s.pictures]
    owner = [n for n, s in enumerate(shown) for _ in s.pictures]
    found: dict[tuple[int, int], list[tuple[int, int, Likeness]]] = {}
    for i, j in proposed(pictures, owner):
        if (alike := compare(pictures[i], pictures[j])) is not None:
            found.setdefault((owner[i], owner[j]), []).append((i, j, alike))
    for (a, b), matches in found.items():
        sides = ({i for i, _, _ in matches}, {j for _, j, _ in matches})
        scenes = (len(shown[a].pictures), len(shown[b].pictures))
        # What the shorter one shows, and the other has: one opening picture is not enough.
        side = 0 if scenes[0] <= scenes[1] else 1
        common = min(len(s) for s in sides)
        share = len(sides[side]) / scenes[side]
        if share < LEAST_SHARE or common < min(FEW_SCENES, max(scenes)):
            continue
        likes = [alike for _, _, alike in matches]
        yield {
            "file": shown[a].file,
            "other": shown[b].file,
            "kind": shown[a].kind,
            "distance": float(np.median([k.distance for k in likes])),
            "correlation": float(np.median([k.correlation for k in likes])),
            "share": share if shown[a].kind == "video" else float("nan"),
            "seconds": float("nan"),
            "mirrored": sum(k.mirrored for k in likes) * 2 > len(likes),
        }


def _sounding(contents: Mapping[str, Content]) -> Iterable[dict[str, Any]]:
    audible = [name for name in sorted(contents) if len(contents[name].sound)]
    for one, other in combinations(audible, 2):
        same = same_sound(contents[one].sound, contents[other].sound)
        if same is not None:
            yield {
                "file": one,
                "other": other,
                "kind": "sound",
                "distance": float("nan"),
                "correlation": float("nan"),
                "share": float("nan"),
                "seconds": same[0],
                "mirrored": False,
            }
