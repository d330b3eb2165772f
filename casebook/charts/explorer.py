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
from casebook.text import escape_html, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_NODES = 3_000
"""More accounts than this are drawn as their clusters: a map of dust shows nothing."""
MOST_EDGES = 20_000
EVIDENCE = 12
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
) -> dict[str, Any]:
    """Return what the interactive map shows, as plain JSON values.

    Parameters
    ----------
    edges, clusters, accounts : DataFrame
        The tables of these names. Pairs that chance does not explain are drawn, one line a layer.
    synthetic : bool
        Whether the case is made up.

    Returns
    -------
    dict
        nodes, edges (positions of nodes in ``nodes``), roles, findings, layers, scales, note, alt.
        Above 3,000 accounts or 20,000 pairs each cluster is one node, and ``note`` says so.
    """
    tied = edges[edges["finding"].isin(list(FINDING_COLOURS))]
    tied = tied.sort_values(["source", "target", "layer"], kind="stable").reset_index(drop=True)
    keys = sorted(set(tied["source"]) | set(tied["target"]))
    note = NOTE
    if len(keys) > MOST_NODES or len(tied) > MOST_EDGES:
        nodes, lines = _aggregated(tied, clusters, accounts)
        note = (
            f"{len(keys):,} accounts and {len(tied):,} pairs are too many to draw: each dot is a "
            f"cluster, and accounts outside of clusters are left out. {NOTE}"
        )
    else:
        nodes, lines = _each(tied, keys, clusters, accounts)
    roles = [r for r in style.ROLE_WORDS if r in {n["role"] for n in nodes}]
    scales = sorted({float(s) for s in tied["scale"].dropna()})
    return {
        "nodes": nodes,
        "edges": lines,
        "roles": [
            {"name": r, "words": style.ROLE_WORDS[r], "colour": style.ROLE_COLOURS[r],
             "shape": style.ROLE_SHAPES[r]}
            for r in roles
        ],
        "findings": [
            {"name": f, "colour": c, "dash": _DASHES[f]}
            for f, c in FINDING_COLOURS.items()
            if f in set(tied["finding"])
        ],
        "layers": sorted(set(tied["layer"])),
        "scales": [{"seconds": s, "words": scale_words(s)} for s in scales],
        "note": visible(note),
        "alt": f"Interactive map of {len(nodes)} accounts and {len(lines)} ties. Use the search "
        "field and the list below it without a mouse.",
        "synthetic": synthetic,
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
                "who": style.ROLE_WORDS[kind],
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


_SAID = {"cluster": "cluster", "called": "label", "part": "role"}


def _word(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


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
                "name": f"cluster {name}",
                "role": kind,
                "who": f"{kinds.count('persona')} under review, {kinds.count('known')} known, "
                f"{len(kinds)} in all",
                "named": True,
                "cluster": name,
                "called": ", ".join(sorted(set(own["label"].dropna()))),
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
<html lang="en">
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
