"""People who are planted beside an operation to see whom the network step wrongs."""

from __future__ import annotations

import pandas as pd

from casebook.scenario.worlds import DAY, HOUR, START, followers


def row(account, name, second, layer="repost"):
    return {"account": account, "object": name, "time": START + second, "layer": layer}


def test_followers_share_what_an_operation_puts_out_and_never_before_it():
    tasks = [
        row(f"operation-{n}", f"task-{task}", task * DAY + 60.0 * n, "link")
        for task in range(40)
        for n in range(3)
    ]
    alone = [row("operation-0", f"task-{task}", task * DAY) for task in range(40, 80)]
    stories = [row(f"ordinary-{n}", f"story-{n}", n * DAY) for n in range(60)]
    made = pd.DataFrame([*tasks, *alone, *stories])
    events = made.assign(
        time=pd.to_datetime(made["time"], unit="s", utc=True).astype("datetime64[us, UTC]")
    ).astype(dict.fromkeys(["account", "object", "layer"], "string"))
    accounts = pd.DataFrame({"account": sorted(set(made["account"]))}).astype("string")
    accounts = accounts.assign(platform="x", handle=accounts["account"], role="reference")
    more, people = followers(3, events, accounts.assign(stratum=None), 2)
    own = more[more["account"].str.startswith("followers")]
    shared = own[own["layer"] == "link"]
    first = {f"task-{task}": START + task * DAY for task in range(40)}
    late = shared["time"].astype("int64") / 1e6 - shared["object"].map(first)
    assert set(shared["object"]) <= set(first)
    assert (late >= 0).all()
    assert 0.5 * HOUR < late.median() < 12 * HOUR
    assert own["account"].nunique() == 2
    assert 2 * 5 <= len(shared) <= 2 * 25  # 40 tasks, a third of them
    roles = people.set_index("account")["role"]
    assert set(roles[roles.index.str.startswith("followers")]) == {"persona"}
    assert list(more["post"].tail(len(own))) == [f"p{n}" for n in range(len(made), len(more))]
