"""Worlds with a known answer, straight as events: what the network step is measured on.

Ordinary people, groups that act together and are innocent, and, where asked for, an operation. The
numbers are assumptions about people, fixed before anything was measured; they come from nowhere
else in this package, and nothing here reads what the tests look for.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rng = np.random.Generator
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Acts = tuple[list[str], list[str], Floats, list[str]]

HOUR, DAY = 3_600.0, 86_400.0
START = 1_709_251_200.0
"""1 March 2024, UTC."""
DAYS = 150
ORDINARY, PARTISANS, FANS, NEWSROOM, ACTIVISTS, DIASPORA = 300, 30, 30, 12, 30, 30
STORIES = 1_500
US_ZONES = (-5.0, -6.0, -7.0, -8.0)


@dataclass(frozen=True)
class Operation:
    """What a planted operation does.

    Attributes
    ----------
    size : int
        Accounts.
    spread : float
        Median delay of an operator behind the task, in seconds.
    camouflage : float
        Share of all acts that are on what ordinary people share.
    tasks : int
        Tasks in the whole time, in office hours of UTC+8.
    takes_part : float
        Share of the accounts that take on a task.
    amplifies : float
        Share of the tasks that are on what ordinary people and partisans share.
    """

    size: int
    spread: float
    camouflage: float
    tasks: int = 110
    takes_part: float = 0.35
    amplifies: float = 0.5


def world(
    seed: int, operation: Operation | None = None, *, under_review: str = "operation"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the events and the accounts of a world.

    Parameters
    ----------
    seed : int
    operation : Operation, optional
        None plants none.
    under_review : str
        The kind of account that somebody suspects: "operation", or for example "partisans", of
        whom 15 are suspected.

    Returns
    -------
    events : DataFrame
        account, object, time, layer, post, row, platform, evidence_id, time_precision.
    accounts : DataFrame
        account, platform, handle, role, stratum.
    """
    rng = np.random.default_rng(seed)
    born = np.sort(rng.uniform(0, (DAYS - 2) * DAY, STORIES))
    liked = rng.pareto(1.1, STORIES) + 0.02
    acts: list[Acts] = []
    people: list[tuple[str, str]] = []

    def join(kind: str, count: int) -> list[str]:
        names = [f"{kind}-{i:03d}" for i in range(count)]
        people.extend((n, kind) for n in names)
        return names

    def talk(names: list[str], mean: float, zones: Floats, among: Ints, median: float) -> None:
        each = np.maximum(3, rng.lognormal(np.log(mean), 0.7, len(names))).astype(int)
        weight = liked[among] / liked[among].sum()
        for name, count, zone in zip(names, each, zones, strict=True):
            chosen = rng.choice(among, min(int(count), len(among)), replace=False, p=weight)
            lag = rng.lognormal(np.log(median), 1.5, len(chosen))
            acts.append(
                _acts(name, "story", chosen, _awake(rng, born[chosen] + lag, zone), "repost")
            )

    everything = np.arange(STORIES)
    ordinary = join("ordinary", ORDINARY)
    talk(ordinary, 60, rng.choice(US_ZONES, ORDINARY), everything, 3 * HOUR)
    favourites = rng.choice(everything, 220, replace=False)
    talk(join("partisans", PARTISANS), 90, rng.choice(US_ZONES, PARTISANS), favourites, HOUR)
    homeland = rng.choice(everything, 200, replace=False)
    talk(join("diaspora", DIASPORA), 60, np.full(DIASPORA, 8.0), homeland, 2 * HOUR)
    acts += _together(rng, join("fans", FANS), "idol", 90, 0.6, 90.0)
    acts += _together(rng, join("newsroom", NEWSROOM), "desk", 120, 0.7, 20.0, layer="link")
    acts += _storms(rng, join("activists", ACTIVISTS))
    if operation is not None:
        acts += _operation(
            rng, join("operation", operation.size), operation, born, liked, favourites
        )
    return _events(rng, acts), _accounts(people, under_review)


def fan_club(
    seed: int, events: pd.DataFrame, accounts: pd.DataFrame, name: str, size: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a world with one more club that acts as fans do; its accounts are under review.

    Parameters
    ----------
    seed : int
    events, accounts : DataFrame
        As from `world`.
    name : str
        What its accounts are called.
    size : int
        How many they are.
    """
    rng = np.random.default_rng([seed, 1])
    names = [f"{name}-{i:03d}" for i in range(size)]
    acts = _together(rng, names, f"idol-of-{name}", 90, 0.6, 90.0)
    return _with_suspects(rng, events, accounts, names, acts)


def followers(
    seed: int, events: pd.DataFrame, accounts: pd.DataFrame, size: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a world with people who believe its operation and share what it puts out, at leisure.

    They are under review as well. Each shares a third of what at least three accounts of the
    operation act on, as long after the first of them as ordinary people take, and sixty stories.

    Parameters
    ----------
    seed : int
    events, accounts : DataFrame
        As from `world`, with an operation.
    size : int
        How many they are.
    """
    rng = np.random.default_rng([seed, 2])
    names = [f"followers-{i:03d}" for i in range(size)]
    plain = events.astype(dict.fromkeys(["account", "object", "layer"], "object"))
    plain["time"] = events["time"].astype("int64") / 1e6 - START
    own = plain.groupby(["account", "object", "layer"]).agg(time=("time", "min")).reset_index()
    planted = own["account"].str.startswith("operation")
    tied = own[planted].groupby(["layer", "object"])
    first = tied.agg(begun=("time", "min"), size=("time", "size")).reset_index()
    tasks = first[first["size"] >= 3]
    stories = own[~planted & own["object"].str.startswith("story")].groupby("object")["time"].min()
    acts = []
    for name in names:
        some = tasks[rng.random(len(tasks)) < 1 / 3]
        liked = stories.iloc[rng.choice(len(stories), 60, replace=False)]
        seen = np.concatenate([some["begun"].to_numpy(), liked.to_numpy()])
        late = seen + rng.lognormal(np.log(3 * HOUR), 1.5, len(seen))
        objects = [*some["object"], *liked.index]
        layers = [*some["layer"], *["repost"] * len(liked)]
        zone = float(rng.choice(US_ZONES))
        acts.append(([name] * len(objects), objects, _awake(rng, late, zone), layers))
    return _with_suspects(rng, events, accounts, names, acts)


def _with_suspects(
    rng: Rng,
    events: pd.DataFrame,
    accounts: pd.DataFrame,
    names: list[str],
    acts: list[Acts],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a world with some more accounts, which are under review, and their acts."""
    more = _events(rng, acts)
    number = pd.Series(range(len(events), len(events) + len(more))).astype("string")
    more = more.assign(post="p" + number, row="E0001:" + (number.astype(int) + 1).astype("string"))
    added = pd.DataFrame({"account": names, "handle": names}).astype("string")
    added = added.assign(platform="x", role="persona").reindex(columns=accounts.columns)
    return (
        pd.concat([events, more], ignore_index=True),
        pd.concat([accounts, added.astype(accounts.dtypes)], ignore_index=True),
    )


def _acts(name: str, word: str, objects: Ints, times: Floats, layer: str) -> Acts:
    """Return what an account did as columns; a frame of each would take most of the time."""
    many = len(objects)
    return [name] * many, [f"{word}-{o}" for o in objects], times, [layer] * many


def _awake(rng: Rng, times: Floats, zone: float) -> Floats:
    """Return times moved to the morning where the clock on the wall says night."""
    local = (times + zone * HOUR) % DAY
    night = local < 7 * HOUR
    return np.where(night, times + 7 * HOUR - local + rng.exponential(HOUR, len(times)), times)


def _together(  # noqa: PLR0917
    rng: Rng, names: list[str], word: str, count: int, share: float, delay: float,
    layer: str = "repost",
) -> list[Acts]:  # fmt: skip
    """Return what a club or a newsroom does: the same thing within seconds or minutes."""
    starts = rng.uniform(0, (DAYS - 1) * DAY, count)
    out = []
    for name in names:
        chosen = np.flatnonzero(rng.random(count) < share)
        times = starts[chosen] + rng.exponential(delay, len(chosen))
        out.append(_acts(name, word, chosen, times, layer))
    return out


def _storms(rng: Rng, names: list[str]) -> list[Acts]:
    """Return scheduled storms: two hours, a list of things to share, everybody at some time."""
    starts = rng.uniform(0, (DAYS - 1) * DAY, 5)
    out = []
    for name in names:
        for number, start in enumerate(starts):
            chosen = rng.choice(25, 10, replace=False) + 100 * number
            out.append(_acts(name, "storm", chosen, start + rng.uniform(0, 2 * HOUR, 10), "repost"))
    return out


def _operation(  # noqa: PLR0917
    rng: Rng, names: list[str], plan: Operation, born: Floats, liked: Floats, favourites: Ints
) -> list[Acts]:
    days = rng.choice(DAYS - 3, plan.tasks, replace=True)
    # Nine to six in UTC+8.
    start = days * DAY + rng.uniform(1 * HOUR, 10 * HOUR, plan.tasks)
    amplify = rng.random(plan.tasks) < plan.amplifies
    half = rng.random(plan.tasks) < 0.5
    story = np.searchsorted(born, start) - 1
    near = favourites[np.abs(born[favourites][None, :] - start[:, None]).argmin(axis=1)]
    story = np.where(half, near, np.maximum(story, 0))
    out, done = [], dict.fromkeys(names, 0)
    for task in range(plan.tasks):
        who = [n for n in names if rng.random() < plan.takes_part]
        delays = rng.exponential(plan.spread / np.log(2), len(who))
        for name, delay in zip(who, delays, strict=True):
            done[name] += 1
            late = np.array([max(start[task], born[story[task]] if amplify[task] else 0) + delay])
            word, number = ("story", story[task]) if amplify[task] else ("task", task)
            layer = "repost" if amplify[task] else "link"
            out.append(_acts(name, word, np.array([number]), late, layer))
    weight = liked / liked.sum()
    for name in names:
        count = min(round(done[name] * plan.camouflage / (1 - plan.camouflage)), len(born) // 2)
        chosen = rng.choice(len(born), count, replace=False, p=weight)
        times = _awake(rng, born[chosen] + rng.lognormal(np.log(3 * HOUR), 1.5, count), 8.0)
        out.append(_acts(name, "story", chosen, times, "repost"))
    return out


def _events(rng: Rng, acts: list[Acts]) -> pd.DataFrame:
    account, obj, time, layer = zip(*acts, strict=True)
    whole = pd.DataFrame(
        {
            "account": list(chain.from_iterable(account)),
            "object": list(chain.from_iterable(obj)),
            "time": np.concatenate(time),
            "layer": list(chain.from_iterable(layer)),
        }
    )
    whole = whole[whole["time"] < DAYS * DAY].reset_index(drop=True)
    seconds = (START + whole["time"]).astype("int64")
    whole["time"] = pd.to_datetime(seconds, unit="s", utc=True).astype("datetime64[us, UTC]")
    whole = whole.drop_duplicates(["account", "object"], ignore_index=True)
    whole = whole.iloc[rng.permutation(len(whole))].reset_index(drop=True)
    words = whole[["account", "object", "layer"]].astype("string")
    return whole.assign(
        account=words["account"],
        object=words["object"],
        layer=words["layer"],
        post=pd.array([f"p{i}" for i in range(len(whole))], dtype="string"),
        row=pd.array([f"E0001:{i + 1}" for i in range(len(whole))], dtype="string"),
        platform="x",
        evidence_id="E0001",
        time_precision="second",
    )


def _accounts(people: list[tuple[str, str]], under_review: str) -> pd.DataFrame:
    frame = pd.DataFrame(people, columns=["account", "stratum"]).astype("string")
    number = frame.groupby("stratum").cumcount()
    suspected = frame["stratum"] == under_review
    if under_review != "operation":
        suspected &= number < 15
    role = pd.Series(np.where(suspected, "persona", "reference"), dtype="string")
    return frame.assign(
        platform="x", handle=frame["account"], role=role, stratum=frame["stratum"].mask(suspected)
    )
