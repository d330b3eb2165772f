"""The sweep, compiled: for millions of events, where numba is installed.

Row by row, as Gustavson multiplies sparse matrices: for one account all its meetings are gathered,
counted by the other account, and written out in order. Memory holds the events, some numbers an
account, and one buffer of meetings; what one account alone needs is the least it can be.
"""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)  # type: ignore[misc, unused-ignore]
def sweep(account, run, held_by, some, least, room):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, PLR0917
    """Return the meetings of some accounts, of as many of them as there is room for.

    Parameters
    ----------
    account : ndarray of int64
        Account of each event, events in the order of object and time.
    run : (ndarray of int64, ndarray of int64)
        Where the run of events begins and ends that each event meets, itself among them.
    held_by : (ndarray of int64, ndarray of int64)
        The events of each account, one account after the other, and where each begins.
    some : (int, int)
        The first account, and the one to stop before.
    least : int
        Fewest meetings of a pair.
    room : int
        Meetings to hold at once; more where one account alone has more.

    Returns
    -------
    tuple
        The account to go on with; source, target and meetings of each pair; and for each meeting
        the event of the source and the event of the target.
    """
    begins, ends = run
    own, first = held_by
    start, stop = some
    total = len(first) - 1
    count = np.zeros(total, np.int64)
    place = np.zeros(total, np.int64)
    met = np.empty(total, np.int64)
    sources, targets, counts = (
        np.empty(room, np.int64),
        np.empty(room, np.int64),
        np.empty(room, np.int64),
    )
    left, right = np.empty(room, np.int64), np.empty(room, np.int64)
    pairs, held = 0, 0
    size = 1024
    other, mine, theirs = (
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
    )
    while start < stop:
        meetings, others = 0, 0
        for at in range(first[start], first[start + 1]):
            event = own[at]
            most = meetings + ends[event] - begins[event]
            if most > size:
                while size < most:
                    size *= 2
                grown = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int32)
                grown[0][:meetings] = other[:meetings]
                grown[1][:meetings] = mine[:meetings]
                grown[2][:meetings] = theirs[:meetings]
                other, mine, theirs = grown
            for beside in range(begins[event], ends[event]):
                who = account[beside]
                if who > start:
                    if count[who] == 0:
                        met[others] = who
                        others += 1
                    count[who] += 1
                    other[meetings], mine[meetings], theirs[meetings] = who, event, beside
                    meetings += 1
        kept, needed = 0, 0
        for k in range(others):
            if count[met[k]] >= least:
                met[kept] = met[k]
                kept += 1
                needed += count[met[k]]
            else:
                count[met[k]] = 0
        if held + needed > room and held > 0:
            break
        if held + needed > room:
            sources, targets, counts = (
                np.empty(kept, np.int64),
                np.empty(kept, np.int64),
                np.empty(kept, np.int64),
            )
            left, right = np.empty(needed, np.int64), np.empty(needed, np.int64)
            room = needed
        chosen = met[:kept]
        chosen.sort()
        for who in chosen:
            sources[pairs], targets[pairs], counts[pairs] = start, who, count[who]
            pairs += 1
            place[who] = held
            held += count[who]
        for k in range(meetings):
            who = other[k]
            if count[who] > 0:
                left[place[who]], right[place[who]] = mine[k], theirs[k]
                place[who] += 1
        for who in chosen:
            count[who] = 0
        start += 1
    return (
        start,
        sources[:pairs],
        targets[:pairs],
        counts[:pairs],
        left[:held],
        right[:held],
    )
