"""The same sweep on a Dask cluster: each worker takes some accounts and all of their meetings.

The events travel as whole numbers, twenty to forty bytes each, once to each worker. Each part is
the whole of some accounts' pairs, so nothing has to be merged: medians and distinct posts, which do
not add up over objects, are exact. Work is divided by the meetings to be looked at, not by the
number of accounts, since a few busy accounts have most of them.

Dask sends code and data as pickles, which the other side executes. So only this computer, or a
cluster with TLS and its own certificates, is ever talked to.
"""

from __future__ import annotations

import os
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from casebook.errors import ParameterError
from casebook.network.engine import Codes, meetings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from casebook.network.engine import Ints, Meetings

    Columns = dict[str, np.ndarray]
    Reduce = Callable[[Codes, Meetings, np.ndarray | None], Columns]

SCHEDULER = "CASEBOOK_SCHEDULER"
"""Environment variable with the address that `casebook run --scheduler` was given."""
PARTS_A_CORE = 4
_HERE = {"127.0.0.1", "localhost", "::1"}


def checked_address(address: str) -> str:
    """Return the address of a scheduler that may be talked to.

    Raises
    ------
    ParameterError
        Where it is neither on this computer nor behind TLS.
    """
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    if parts.scheme == "tls" or (parts.scheme == "tcp" and parts.hostname in _HERE):
        return parts.geturl()
    raise ParameterError(
        f"scheduler {address!r} is not on this computer and not behind TLS: whoever listens on the"
        " way could read the case, and run code here",
        remedy="start the cluster with TLS and name it tls://host:8786, or use tcp://127.0.0.1:8786",
    )


def client(address: str | None = None) -> Any:
    """Return a client of the cluster: the one named, or the one this session already has.

    Raises
    ------
    ParameterError
        Where Dask is not installed, no cluster is named, or it does not answer.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise ParameterError(
            "the engine 'dask' needs Dask, which is not installed here",
            remedy='install it with: pip install "dask[distributed]"',
        ) from None
    if address is None:
        try:
            known = distributed.get_client()
        except ValueError:
            known = None
        address = os.environ.get(SCHEDULER)
        if known is not None:
            checked_address(known.scheduler.address)
            return known
    if address is None:
        raise ParameterError(
            "no Dask cluster is named",
            remedy="run with: casebook run CASE --scheduler tcp://127.0.0.1:8786, or make a "
            "dask.distributed.Client first",
        )
    address = checked_address(address)
    try:
        found = distributed.Client(address, timeout="10s")
        found.nthreads()
    except (OSError, TimeoutError, RuntimeError) as error:
        raise ParameterError(
            f"the scheduler at {address} does not answer: {error}",
            remedy="start it with `dask scheduler --host 127.0.0.1`, and a worker beside it",
        ) from None
    return found


def reduced(
    codes: Codes, ends: Ints, rows: np.ndarray | None, least: int, reduce: Reduce
) -> Iterator[Columns]:
    """Yield the figures of all pairs of accounts, in their order, as the workers compute them.

    Parameters
    ----------
    codes, ends, least
        As in `casebook.network.engine.meetings`.
    rows : ndarray of str, optional
        Row references, where evidence is wanted.
    reduce : callable
        Makes the figures of a piece from (codes, meetings, rows).
    """
    cluster = client()
    cores = max(1, sum(cluster.nthreads().values()))
    bounds = shares(codes, ends, cores * PARTS_A_CORE)
    work = (replace(codes.numbered(), names=np.empty(0)), codes.total, ends, rows)
    [held] = cluster.scatter([work], broadcast=True, hash=False)
    parts = [
        cluster.submit(_part, held, least, reduce, of, pure=False)
        for of in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
    ]
    try:
        while parts:
            yield from parts.pop(0).result()
    finally:
        cluster.cancel([*parts, held])


def shares(codes: Codes, ends: Ints, parts: int) -> Ints:
    """Return where to cut the accounts so that each part has about as many meetings to look at."""
    place = np.arange(len(ends), dtype=np.int64)
    begins = np.searchsorted(ends, place, side="right")
    looked_at = np.bincount(codes.account, weights=ends - begins, minlength=codes.total)
    upto = np.cumsum(looked_at)
    cuts = np.searchsorted(upto, np.linspace(0, upto[-1], parts + 1)[1:-1], side="left")
    return np.unique(np.r_[0, cuts, codes.total]).astype(np.int64)


def _part(
    work: tuple[Codes, int, Ints, np.ndarray | None],
    least: int,
    reduce: Reduce,
    of: tuple[int, int],
) -> list[Columns]:
    codes, total, ends, rows = work
    found = meetings(codes.account, total, ends, least=least, of=of)
    return [reduce(codes, met, rows) for met in found]
