"""The compiled sweep and the sweep on a cluster give what the plain sweep gives, to the last edge."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook.errors import ParameterError
from casebook.network import cluster, co_actions
from casebook.network.edges import layer_edges
from casebook.network.engine import Codes, encode, meetings, window_ends

pytest.importorskip("numba", reason="numba is not installed: the plain sweep alone is used")


def events(acts: list[tuple[int, int, int]]) -> pd.DataFrame:
    """Return events of (account, object, seconds)."""
    account, thing, when = zip(*acts, strict=True)
    return pd.DataFrame(
        {
            "account": [f"x:{a}" for a in account],
            "object": [f"o{o}" for o in thing],
            "time": pd.to_datetime(list(when), unit="s", utc=True),
            "layer": "repost",
            # A post can be an act on several objects, so posts and acts are not the same number.
            "post": [f"p{a}-{w}" for a, w in zip(account, when, strict=True)],
            "row": [f"E0001:{n}" for n in range(len(acts))],
            "platform": "x",
            "evidence_id": "E0001",
            "time_precision": "second",
        }
    )


def coded(acts: list[tuple[int, int, int]]) -> Codes:
    """Return acts as `encode` would, without the frames: there are many to be tried."""
    # A copy, whose rows lie as those of `encode` do: else the sweep is compiled anew.
    thing, when, account = np.array(sorted((o, t, a) for a, o, t in acts), dtype=np.int64).T.copy()
    row = np.arange(len(acts))
    return Codes(np.arange(7), account, thing, when * 1_000_000, row, pd.Series(row))


def found(codes: Codes, *, least: int, compiled: bool, of=None) -> list[tuple[int, ...]]:
    """Return every meeting: source, target, and the event of each."""
    ends = window_ends(codes, 60_000_000)
    rows = []
    for met in meetings(codes.account, codes.total, ends, least=least, compiled=compiled, of=of):
        pair = np.repeat(met.source, met.count), np.repeat(met.target, met.count)
        rows += zip(*(a.tolist() for a in (*pair, met.left, met.right)), strict=True)
    return sorted(rows)


acts = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 4), st.integers(0, 300)), min_size=1, max_size=60
)


@settings(max_examples=150, deadline=None)
@given(acts, st.integers(1, 3), st.integers(1, 40))
def test_compiled_meetings_are_the_plain_ones(few, least, budget) -> None:
    codes = coded(few)
    plain = found(codes, least=least, compiled=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("casebook.network.engine.PIECE", budget)
        assert found(codes, least=least, compiled=True) == plain
        patch.setattr("casebook.network.engine.BUDGET", budget)
        assert found(codes, least=least, compiled=False) == plain


@settings(max_examples=60, deadline=None)
@given(acts, st.integers(0, 7), st.booleans())
def test_some_accounts_and_the_others_make_the_whole(few, cut, compiled) -> None:
    codes = coded(few)
    low, high = (found(codes, least=1, compiled=compiled, of=of) for of in ((0, cut), (cut, 7)))
    assert sorted(low + high) == found(codes, least=1, compiled=False)


def crowd(size: int = 4_000) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    account = np.minimum(rng.pareto(1.2, size) * 9, 300).astype(int).tolist()
    thing = np.minimum(rng.pareto(1.0, size) * 5, 200).astype(int).tolist()
    return events(list(zip(account, thing, rng.integers(0, 20_000, size).tolist(), strict=True)))


def test_edges_of_the_compiled_sweep_are_those_of_the_plain_one(monkeypatch) -> None:
    frame = crowd()
    plain = layer_edges(frame, 60, evidence=True)
    assert plain["co_actions"].max() > 20
    for name in ("WORTH_COMPILING", "ONCE_STARTED"):
        monkeypatch.setattr(f"casebook.network.engine.{name}", 0)
    monkeypatch.setattr("casebook.network.engine.PIECE", 37)
    pd.testing.assert_frame_equal(layer_edges(frame, 60, evidence=True), plain)


def test_accounts_that_never_meet_have_no_edges(monkeypatch) -> None:
    for name in ("WORTH_COMPILING", "ONCE_STARTED"):
        monkeypatch.setattr(f"casebook.network.engine.{name}", -1)
    apart = events([(0, 1, 0), (1, 1, 500), (0, 2, 0)])
    assert layer_edges(apart, 60).empty


@pytest.fixture(scope="module")
def two_processes():
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            host="127.0.0.1",
        ) as local,
        distributed.Client(local) as client,
    ):
        yield client


@pytest.mark.slow
def test_two_processes_find_the_edges_of_one(two_processes) -> None:
    frame = crowd()
    here = co_actions(frame, time_window=60, evidence=True)
    there = co_actions(frame, time_window=60, evidence=True, engine="dask")
    pd.testing.assert_frame_equal(there, here)
    twice = co_actions(frame, time_window=60, min_weight=2, engine="dask")
    assert len(twice) == (here["co_actions"] >= 2).sum()
    busy = two_processes.run(lambda dask_worker: len(dask_worker.state.log))
    assert len(busy) == 2
    assert min(busy.values()) > 0


@pytest.mark.slow
def test_two_processes_find_the_published_edges(two_processes, russian) -> None:
    edges = co_actions(russian, time_window="60s", engine="dask")
    assert (len(edges), (edges["co_actions"] >= 2).sum()) == (6_206, 63)


@pytest.mark.slow
def test_a_run_with_a_scheduler_uses_it_without_being_told(two_processes, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(cluster, "reduced", lambda *given: asked.append(given) or REDUCED(*given))
    monkeypatch.setenv(cluster.SCHEDULER, two_processes.scheduler.address)
    frame = crowd(500)
    there = co_actions(frame, time_window=60)
    assert len(asked) == 1
    pd.testing.assert_frame_equal(there, co_actions(frame, time_window=60, engine="local"))


REDUCED = cluster.reduced


def test_shares_cover_all_accounts_once() -> None:
    codes = encode(crowd())
    bounds = cluster.shares(codes, window_ends(codes, 60_000_000), 8)
    assert (bounds[0], bounds[-1]) == (0, codes.total)
    assert (np.diff(bounds) > 0).all()
    assert 2 <= len(bounds) <= 9


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:8786", "127.0.0.1:8786", "tls://far.example:8786", "localhost:1"]
)
def test_this_computer_and_tls_may_be_used(address) -> None:
    assert cluster.checked_address(address).endswith(address)


@pytest.mark.parametrize("address", ["tcp://far.example:8786", "10.0.0.7:8786", "ws://127.0.0.1:1"])
def test_an_open_line_to_another_computer_is_refused(address) -> None:
    with pytest.raises(ParameterError, match="not behind TLS"):
        cluster.checked_address(address)


def test_a_scheduler_that_is_not_there_is_named(monkeypatch) -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    monkeypatch.setattr(
        distributed, "Client", lambda *_, **__: (_ for _ in ()).throw(OSError("timed out"))
    )
    with pytest.raises(ParameterError, match="does not answer"):
        cluster.client("tcp://127.0.0.1:9")


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(ParameterError, match="engines are 'local' and 'dask'"):
        co_actions(crowd(50), engine="spark")
