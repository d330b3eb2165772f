"""Owner periods: an account that was bought, hijacked or handed on is several accounts.

What one owner did says nothing of the next. So signals are measured for each owner apart. Who had
the account before is a possible victim: nothing of theirs counts, for any account or group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook import schema

if TYPE_CHECKING:
    from collections.abc import Hashable

ALL = "all"
NO_OWNER = "no owner named"
EARLIER = "earlier owner"
"""Role of an earlier owner while signals are measured: neither under review nor a reference."""
PROFILE = (
    "handle", "display_name", "bio", "location", "website", "followers", "following", "posts",
    "about_country", "about_country_accurate", "about_source", "about_username_changes",
    "about_last_change",
)  # fmt: skip
"""Of accounts: what is known of the last owner alone, who had it when it was collected."""
_BETWEEN = "\x1f"


@dataclass(frozen=True)
class Records:
    """The record tables, in which an account of several owners is one account an owner."""

    accounts: pd.DataFrame
    posts: pd.DataFrame
    snapshots: pd.DataFrame
    media: pd.DataFrame

    def by_owner(self, episodes: pd.DataFrame | None) -> Records:
        """Return the tables with a key of its own for each owner of an account.

        Parameters
        ----------
        episodes : DataFrame, optional
            account, episode, from, to (UTC; missing is open), in order of time; as from
            `casebook.case.Case.episodes`. The end is not part of a period.
        """
        if episodes is None or episodes.empty:
            return self
        known = episodes[episodes["account"].isin(self.accounts["account"])]
        posts, looks = self.posts, self.snapshots
        for account, periods in known.groupby("account", sort=True):
            posts = _divided(posts, str(account), "created_at", periods)
            looks = _divided(looks, str(account), "captured_at", periods)
        last = known.drop_duplicates("account", keep="last")
        now = {a: _key(a, e) for a, e in zip(last["account"], last["episode"], strict=True)}
        # A picture has no date: it was on the profile when that was collected.
        media = self.media.assign(account=self.media["account"].replace(now))
        rows: list[dict[Hashable, Any]] = []
        for row in self.accounts.to_dict("records"):
            periods = known[known["account"] == row["account"]]
            rows += _owners(row, periods, posts, looks) if len(periods) else [row]
        return Records(schema.check("accounts", pd.DataFrame(rows)), posts, looks, media)


def of_one_account(key: str) -> str:
    """Return the account that a key belongs to, whoever owned it."""
    return key.partition(_BETWEEN)[0]


def without_owner(keys: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the account of each key, and the owner period, ``all`` where there is one owner."""
    parts = [str(key).partition(_BETWEEN) for key in keys]
    return (
        pd.Series([account for account, _, _ in parts], index=keys.index),
        pd.Series([owner or ALL for _, _, owner in parts], index=keys.index),
    )


def of_present_owners(signals: pd.DataFrame) -> pd.DataFrame:
    """Return the signals without those of earlier owners."""
    number = signals["episode"].fillna(ALL).str.extract(r"(\d+)$")[0].fillna("0").astype(int)
    return signals[number == number.groupby(signals["account"]).transform("max")]


def _key(account: str, episode: str) -> str:
    return f"{account}{_BETWEEN}{episode}"


def _divided(frame: pd.DataFrame, account: str, column: str, periods: pd.DataFrame) -> pd.DataFrame:
    own = frame["account"] == account
    when = frame.loc[own, column]
    key = pd.Series(_key(account, NO_OWNER), index=when.index)
    for name, begin, end in zip(periods["episode"], periods["from"], periods["to"], strict=True):
        inside = when.notna() & (pd.isna(begin) | (when >= begin)) & (pd.isna(end) | (when < end))
        key[inside.astype(bool)] = _key(account, str(name))
    return frame.assign(account=frame["account"].mask(own, key))


def _owners(
    row: dict[Hashable, Any], periods: pd.DataFrame, posts: pd.DataFrame, looks: pd.DataFrame
) -> list[dict[Hashable, Any]]:
    """Return one row an owner: the first made the account, the last has the profile."""
    names = list(periods["episode"])
    unnamed = _key(row["account"], NO_OWNER)
    if unnamed in set(posts["account"]) | set(looks["account"]):
        names = [NO_OWNER, *names]
    out = []
    for name in names:
        key = _key(row["account"], name)
        owner = {**row, "account": key}
        if name != periods["episode"].iloc[0]:
            owner["created_at"] = pd.NaT
        if name != names[-1]:
            owner |= dict.fromkeys(PROFILE)
            owner |= _last_look(looks[looks["account"] == key])
            owner["role"] = EARLIER if row["role"] == "persona" else "bystander"
        out.append(owner)
    return out


def _last_look(looks: pd.DataFrame) -> dict[Hashable, Any]:
    seen = looks.sort_values("captured_at", kind="stable").tail(1)
    shared = [c for c in PROFILE if c in seen.columns]
    return seen[shared].iloc[0].to_dict() if len(seen) else {}
