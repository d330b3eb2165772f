"""Who the accounts of a world say they are: profiles, posts of their own and dated looks.

Persona review is measured on these. What each kind of people is like is an assumption, written down
as data and fixed before anything was measured; nothing here reads what the signals look for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from casebook import schema
from casebook.scenario.worlds import DAY, DAYS, HOUR, START

OWN_POSTS = 30
"""Posts of an account in its own words, beside what it shares."""
YEARS = 12


@dataclass(frozen=True)
class Kind:
    """What a kind of people is like."""

    zone: float | None = None
    """Hours from UTC; None is somewhere in the United States."""
    hours: tuple[int, int] = (7, 23)
    weekdays: bool = False
    burst: float = 0.0
    """Share of the accounts made within ``burst_days`` of each other."""
    burst_days: int = 90
    digits: float = 0.2
    """Share whose handle is a name with the digits a platform suggests."""
    template: float = 0.0
    """Share whose profile text is one text, a word exchanged."""
    likes: float = 4.0
    """Mean reactions to a post."""
    moved: float = 0.02
    """Share whose two dated looks differ in a claim."""
    banner: float = 0.0
    """Share whose profile picture is one that others of the kind have too."""


KINDS: dict[str, Kind] = {
    "ordinary": Kind(),
    "partisans": Kind(digits=0.35, template=0.05, likes=3),
    "fans": Kind(burst=0.4, digits=0.45, template=0.5, likes=1, moved=0.05, banner=0.6),
    "activists": Kind(burst=0.15, burst_days=14, template=0.3, likes=3, banner=0.4),
    "newsroom": Kind(hours=(9, 18), weekdays=True, digits=0, template=0.5, likes=1.5, banner=0.3),
    "diaspora": Kind(zone=8, digits=0.3, likes=2, moved=0.05),
    "operation": Kind(
        zone=8, hours=(9, 18), weekdays=True, burst=0.6, burst_days=10, digits=0.5, template=0.4,
        likes=0.5, moved=0.3, banner=0.25,
    ),
}  # fmt: skip
"""Kinds of a world by name."""

AGED = Kind(zone=8, hours=(9, 18), weekdays=True, likes=0.5, moved=0.3)
"""An operation with bought accounts: made at all times, with handles and pictures of their own."""
CAREFUL = Kind(zone=8, hours=(9, 23), likes=2)
"""An operation that leaves out everything but the hours it works."""
MIMIC = KINDS["fans"]
"""An operation that looks like a fan club in everything. Nothing here can tell it from one."""


def profiled(
    seed: int, events: pd.DataFrame, accounts: pd.DataFrame, *, operation: Kind | None = None
) -> dict[str, pd.DataFrame]:
    """Return the record tables of a world: accounts, posts, snapshots and media.

    Parameters
    ----------
    seed : int
    events, accounts : DataFrame
        As from `casebook.scenario.worlds.world`.
    operation : Kind, optional
        What the planted accounts are like, where they are not as usual.
    """
    rng = np.random.default_rng([seed, 2])
    kinds = KINDS if operation is None else {**KINDS, "operation": operation}
    kind_of = accounts["account"].str.rsplit("-", n=1).str[0]
    people, posts, looks, pictures = [], [_shared(events, kind_of, accounts, kinds, rng)], [], []
    started = {k: rng.uniform(0.3, 0.95) * YEARS * 365 for k in kinds}
    for row, kind in zip(accounts.to_dict("records"), kind_of, strict=True):
        like, name = kinds[kind], row["account"]
        person = _person(rng, name, kind, like, started[kind])
        person |= {"selected_on": [], "found_by": "seed list"}
        people.append({str(column): value for column, value in row.items()} | person)
        posts.append(_own(rng, name, like))
        looks += _looks(rng, name, like)
        banner = f"banner-{kind}" if rng.random() < like.banner else name
        pictures.append({"account": name, "picture": banner})
    return {
        "accounts": schema.check("accounts", _placed(pd.DataFrame(people))),
        "posts": schema.check("posts", _placed(_numbered(pd.concat(posts, ignore_index=True)))),
        "snapshots": schema.check("snapshots", _placed(pd.DataFrame(looks))),
        "media": schema.check(
            "media", _placed(_media(pd.DataFrame(pictures))).drop(columns="platform")
        ),
    }


def _person(
    rng: np.random.Generator, name: str, kind: str, like: Kind, started: float
) -> dict[str, object]:
    day = rng.uniform(0, YEARS * 365)
    if rng.random() < like.burst:
        day = started + rng.uniform(0, like.burst_days)
    word = f"word{rng.integers(10**4)}"
    if rng.random() < like.template:
        bio = f"synthetic profile of {kind} with one and the same text for all and {word}"
    else:
        bio = " ".join(f"word{n}" for n in rng.integers(0, 10**4, 10))
    digits = rng.random() < like.digits
    return {
        "handle": f"Synthetic{rng.integers(10**7, 10**8)}" if digits else name.replace("-", "_"),
        "bio": bio,
        "location": "United States",
        "created_at": pd.Timestamp(START, unit="s", tz="UTC") - pd.Timedelta(days=float(day)),
    }


def _shared(
    events: pd.DataFrame, kind_of: pd.Series, accounts: pd.DataFrame, kinds: dict[str, Kind],
    rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    mean = events["account"].map(
        dict(zip(accounts["account"], kind_of.map(lambda k: kinds[k].likes), strict=True))
    )
    return pd.DataFrame(
        {
            "account": events["account"],
            "created_at": events["time"],
            "likes": rng.poisson(rng.exponential(mean.astype(float))),
            "is_repost": events["layer"] == "repost",
        }
    )


def _own(rng: np.random.Generator, name: str, like: Kind) -> pd.DataFrame:
    zone = rng.choice([-5.0, -6.0, -7.0, -8.0]) if like.zone is None else like.zone
    day = rng.integers(0, DAYS - 1, OWN_POSTS)
    # 1 March 2024 is a Friday: days 1, 2 of the week that begins with it are the weekend.
    if like.weekdays:
        day = np.where(np.isin(day % 7, [1, 2]), day + 2, day)
    local = rng.uniform(*like.hours, OWN_POSTS)
    seconds = (START + day * DAY + (local - zone) * HOUR).astype("int64")
    return pd.DataFrame(
        {
            "account": name,
            "created_at": pd.to_datetime(seconds, unit="s", utc=True),
            "likes": rng.poisson(rng.exponential(like.likes, OWN_POSTS)),
            "is_repost": False,
        }
    )


def _looks(rng: np.random.Generator, name: str, like: Kind) -> list[dict[str, object]]:
    first, second = (pd.Timestamp(START + n * DAY, unit="s", tz="UTC") for n in (20, 120))
    look = {"account": name, "capture": "archive", "claimed_place": "Sampletown"}
    other = "Sampleville" if rng.random() < like.moved else "Sampletown"
    return [
        {**look, "captured_at": first},
        {**look, "captured_at": second, "claimed_place": other},
    ]


def _numbered(posts: pd.DataFrame) -> pd.DataFrame:
    return posts.assign(
        post=[f"x:{n}" for n in range(len(posts))],
        created_at=posts["created_at"].astype("datetime64[us, UTC]"),
        time_precision="second", reposts=0, replies=0, embedded=False, text_truncated=False,
        urls=pd.Series([[] for _ in range(len(posts))], dtype=object),
    )  # fmt: skip


def _media(pictures: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "media": [f"m{n}" for n in range(len(pictures))],
            "account": pictures["account"],
            "kind": "avatar",
            "sha256": pictures["picture"],
        }
    )


def _placed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(platform="x", evidence_id="E0001", source_line=range(1, len(frame) + 1))
