"""The network map to drag, zoom and filter: its data, and a page of its own that loads nothing."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook.charts import style
from casebook.charts.network import FINDING_COLOURS, account_names, positions, scale_words
from casebook.language import say, spoken, word
from casebook.text import escape_html, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_NODES = 3_000
"""More accounts than this are drawn as their clusters: a map of dust shows nothing."""
MOST_EDGES = 20_000
EVIDENCE = 12
EXAMPLES, LONGEST_OBJECT = 3, 120
"""Co-actions shown for a line, and characters of an object."""
_DASHES: Mapping[str, list[int]] = {"synchrony": [], "shared attention": [5, 3]}
NOTE = (
    "Accounts that are tied stand on one circle; distance and direction mean nothing. To act "
    "together is not to be fake: fan clubs and newsrooms do."
)


def explorer_data(
    edges: pd.DataFrame,
    clusters: pd.DataFrame,
    accounts: pd.DataFrame,
    *,
    synthetic: bool = False,
    events: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Return what the interactive map shows, as plain JSON values.

    Parameters
    ----------
    edges, clusters, accounts : DataFrame
        The tables of these names. Pairs that chance does not explain are drawn, one line a layer.
    synthetic : bool
        Whether the case is made up.
    events : DataFrame, optional
        As `casebook.objects.events` gives them: with them each line shows up to three co-actions,
        with the object, both posts and both times.

    Returns
    -------
    dict
        nodes, edges (positions of nodes in ``nodes``), roles, findings, layers, scales, note, alt.
        Above 3,000 accounts or 20,000 pairs each cluster is one node, and ``note`` says so.
    """
    tied = edges[edges["finding"].isin(list(FINDING_COLOURS))]
    tied = tied.sort_values(["source", "target", "layer"], kind="stable").reset_index(drop=True)
    keys = sorted(set(tied["source"]) | set(tied["target"]))
    note = say(NOTE)
    if len(keys) > MOST_NODES or len(tied) > MOST_EDGES:
        nodes, lines = _aggregated(tied, clusters, accounts)
        note = say(
            "{accounts} accounts and {pairs} pairs are too many to draw: each dot is a cluster, and "
            "accounts outside of clusters are left out.",
            accounts=len(keys),
            pairs=len(tied),
        )
        note = f"{note} {say(NOTE)}"
    else:
        nodes, lines = _each(tied, keys, clusters, accounts)
        for line, examples in zip(lines, _examples(tied, events), strict=True):
            line["examples"] = examples
    roles = [r for r in style.ROLE_WORDS if r in {n["role"] for n in nodes}]
    scales = sorted({float(s) for s in tied["scale"].dropna()})
    return {
        "nodes": nodes,
        "edges": lines,
        "roles": [
            {"name": r, "words": word(style.ROLE_WORDS[r]), "colour": style.ROLE_COLOURS[r],
             "shape": style.ROLE_SHAPES[r]}
            for r in roles
        ],
        "findings": [
            {"name": f, "words": word(f), "colour": c, "dash": _DASHES[f]}
            for f, c in FINDING_COLOURS.items()
            if f in set(tied["finding"])
        ],
        "layers": [{"name": n, "words": word(n)} for n in sorted(set(tied["layer"]))],
        "scales": [{"seconds": s, "words": scale_words(s)} for s in scales],
        "note": visible(note),
        "alt": say(
            "Interactive map of {accounts} accounts and {ties} ties. Use the search field and the "
            "list below it without a mouse.",
            accounts=len(nodes),
            ties=len(lines),
        ),
        "synthetic": synthetic,
        "words": interface_words(),
    }  # fmt: skip


def _each(
    tied: pd.DataFrame, keys: list[str], clusters: pd.DataFrame, accounts: pd.DataFrame
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    names = account_names(accounts)
    role = dict(zip(accounts["account"], accounts["role"].fillna("bystander"), strict=True))
    member = {row["account"]: row for row in clusters.to_dict("records")}
    spots = positions(tied, clusters, accounts)
    place = {k: i for i, k in enumerate(keys)}
    nodes = []
    for key in keys:
        own = member.get(key, {})
        kind = role.get(key, "bystander")
        nodes.append(
            {
                "name": visible(names.get(key, key)),
                "role": kind,
                "who": word(style.ROLE_WORDS[kind]),
                "named": kind in {"persona", "known"},
                **{word: _word(own.get(column)) for word, column in _SAID.items()},
                "x": round(spots[key][0], 4),
                "y": round(-spots[key][1], 4),
                "turn": round(spots[key][2], 1),
            }
        )
    lines = [
        {
            "source": place[row["source"]],
            "target": place[row["target"]],
            "layer": row["layer"],
            "finding": row["finding"],
            "scale": _seconds(row["scale"]),
            "within": scale_words(max(_seconds(row["scale"]), _seconds(row["time_window"]))),
            "objects": int(row["objects"]),
            "co_actions": int(row["co_actions"]),
            "met": None if pd.isna(row["shared_cells"]) else int(row["shared_cells"]),
            "chance": "" if pd.isna(row["expected"]) else f"{row['expected']:.2g}",
            "first": row["first"].strftime("%Y-%m-%d %H:%M"),
            "last": row["last"].strftime("%Y-%m-%d %H:%M UTC"),
            "evidence": [visible(str(e)) for e in row["evidence"][:EVIDENCE]],
        }
        for row in tied.to_dict("records")
    ]
    return nodes, lines


def _examples(tied: pd.DataFrame, events: pd.DataFrame | None) -> list[list[dict[str, str]]]:
    """Return for each pair the closest acts on the objects it shares, at most three."""
    if events is None:
        return [[] for _ in range(len(tied))]
    ends = set(tied["source"]) | set(tied["target"])
    known = events[events["account"].isin(ends)].sort_values(["time", "post"], kind="stable")
    first = known.drop_duplicates(["layer", "account", "object"])
    held: dict[tuple[str, str], dict[str, tuple[pd.Timestamp, str]]] = {}
    for layer, account, obj, time, post in zip(
        first["layer"], first["account"], first["object"], first["time"], first["post"], strict=True
    ):
        held.setdefault((layer, account), {})[obj] = time, post
    return [
        _closest(held.get((layer, a), {}), held.get((layer, b), {}))
        for layer, a, b in zip(tied["layer"], tied["source"], tied["target"], strict=True)
    ]


def _closest(
    one: Mapping[str, tuple[pd.Timestamp, str]], other: Mapping[str, tuple[pd.Timestamp, str]]
) -> list[dict[str, str]]:
    apart = sorted((abs(one[o][0] - other[o][0]), o) for o in one.keys() & other.keys())
    return [
        {
            "object": visible(o)[:LONGEST_OBJECT],
            "post_source": visible(one[o][1]),
            "time_source": one[o][0].strftime("%Y-%m-%d %H:%M:%S"),
            "post_target": visible(other[o][1]),
            "time_target": other[o][0].strftime("%Y-%m-%d %H:%M:%S"),
        }
        for _, o in apart[:EXAMPLES]
    ]


_SAID = {"cluster": "cluster", "called": "label", "part": "role"}


def _word(value: Any) -> str:
    return "" if value is None or pd.isna(value) else word(str(value))


def _seconds(value: Any) -> float:
    return 0.0 if pd.isna(value) else float(value)


def _aggregated(
    tied: pd.DataFrame, clusters: pd.DataFrame, accounts: pd.DataFrame
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return one node for each cluster, and one line for all pairs between two of them."""
    import math

    of = dict(zip(clusters["account"], clusters["cluster"], strict=True))
    role = dict(zip(accounts["account"], accounts["role"].fillna("bystander"), strict=True))
    nodes = []
    names = sorted(set(of.values()), key=lambda c: (len(c), c))
    for number, name in enumerate(names):
        own = clusters[clusters["cluster"] == name]
        kinds = [role.get(a, "bystander") for a in own["account"]]
        kind = next(r for r in style.ROLE_WORDS if r in kinds)
        turn = 2 * math.pi * number / max(len(names), 1)
        nodes.append(
            {
                "name": say("cluster {name}", name=name),
                "role": kind,
                "who": say(
                    "{review} under review, {known} known, {all} in all",
                    review=kinds.count("persona"),
                    known=kinds.count("known"),
                    all=len(kinds),
                ),
                "named": True,
                "cluster": name,
                "called": ", ".join(word(c) for c in sorted(set(own["label"].dropna()))),
                "part": "",
                "members": len(own),
                "x": round(math.cos(turn), 4),
                "y": round(math.sin(turn), 4),
                "turn": round(math.degrees(-turn) % 360, 1),
            }
        )
    place = {name: i for i, name in enumerate(names)}
    ends = tied.assign(a=tied["source"].map(of), b=tied["target"].map(of)).dropna(subset=["a", "b"])
    ends = ends[ends["a"] != ends["b"]]
    low, high = ends[["a", "b"]].min(axis=1), ends[["a", "b"]].max(axis=1)
    grouped = ends.assign(a=low, b=high).groupby(["a", "b", "layer", "finding"], sort=True)
    lines = [
        {"source": place[a], "target": place[b], "layer": layer, "finding": finding,
         "scale": _seconds(part["scale"].min()), "pairs": len(part),
         "objects": int(part["objects"].sum()), "evidence": []}
        for (a, b, layer, finding), part in grouped
    ]  # fmt: skip
    return nodes, lines


def interface_words() -> dict[str, str]:
    """Return what the map itself says, by the names that its script knows; ``%1`` are values."""
    return {
        "accounts": say("accounts"),
        "layers": say("layers"),
        "pairs": say("pairs"),
        "within": say("within"),
        "significant within": say("significant within"),
        "any time": say("any time"),
        "account": say("account"),
        "find": say("find an account"),
        "part": say("part of a name"),
        "view": say("view"),
        "all": say("all"),
        "closer": say("closer"),
        "farther": say("farther"),
        "again": say("show everything again"),
        "shown": say(
            "Shown: {a} of {b} accounts, {c} of {d} pairs.", a="%1", b="%2", c="%3", d="%4"
        ),
        "point": say("Point at a dot or a line; click to keep it."),
        "cluster": say("cluster {a}, called {b}", a="%1", b="%2"),
        "role": say("part: {a}", a="%1"),
        "tied": say("accounts it is tied to: {a}", a="%1"),
        "members": say("{a} accounts are drawn as this one", a="%1"),
        "both": say("{a} and {b}: {c}, {d}", a="%1", b="%2", c="%3", d="%4"),
        "aggregated": say("{a} pairs are drawn as this one", a="%1"),
        "shared": say("{a} shared objects, {b} co-actions within {c}", a="%1", b="%2", c="%3"),
        "met": say("met {a} times; by chance {b}", a="%1", b="%2"),
        "span": say("{first} to {last}", first="%1", last="%2"),
        "evidence": say("evidence: {a}", a="%1"),
        "tie": say("{a}: {b}, {c}, {d} objects", a="%1", b="%2", c="%3", d="%4"),
        "synthetic": say("synthetic data").capitalize(),
    }


def script() -> str:
    """Return the code of the map: an ES module whose default export is an anywidget."""
    return (files("casebook") / "widgets" / "map.js").read_text(encoding="utf-8")


def explorer_page(data: Mapping[str, Any], *, title: str) -> bytes:
    """Return the map as one HTML page that runs its own script and nothing else.

    The policy in the page allows this script by its hash and forbids every connection.
    """
    body = script().rpartition("export default")[0]
    code = (
        f"{body}\ncasebookMap(document.getElementById('map'), "
        "JSON.parse(document.getElementById('data').textContent));\n"
    )
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    held = json.dumps(
        data, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False
    )
    safe = held.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return f"""<!doctype html>
<html lang="{spoken()}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
script-src 'sha256-{digest}'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape_html(title)}</title>
</head>
<body style="margin: 0 auto; max-width: 1100px">
<h1 style="font: bold 18px Arial, Helvetica, sans-serif; padding: 6px">{escape_html(title)}</h1>
<div id="map"></div>
<noscript><p>This map needs a script. The same map stands as a picture in the report.</p></noscript>
<script type="application/json" id="data">{safe}</script>
<script>{code}</script>
</body>
</html>
""".encode()
