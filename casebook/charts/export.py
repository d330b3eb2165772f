"""The network for other software: GEXF, GraphML, node-link JSON, tables, and a page to explore.

Positions and colours are those of the map in the report, reference accounts are numbered as there,
and no clock is in any file, so that the same case gives the same bytes.
"""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any

import networkx as nx
import pandas as pd

from casebook.charts import style
from casebook.charts.explorer import explorer_data, explorer_page
from casebook.charts.network import account_names, positions
from casebook.exhibits import SYNTHETIC_MARK
from casebook.network.groups import SIGNIFICANT
from casebook.text import formula_safe, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

_CLOCK = re.compile(r' lastmodifieddate="[^"]*"')
_SPREAD = 100.0
"""Gephi draws points about ten wide: positions are spread so that they do not touch."""


def network_files(
    edges: pd.DataFrame,
    clusters: pd.DataFrame,
    accounts: pd.DataFrame,
    *,
    question: str = "",
    synthetic: bool = False,
) -> dict[str, bytes]:
    """Return the significant pairs as files, by name; none where there is no such pair.

    Parameters
    ----------
    edges, clusters, accounts : DataFrame
        The tables of these names.
    question : str
        What the case asks; it goes into the files with the period and the legend.
    synthetic : bool
        Whether the case is made up.

    Returns
    -------
    dict
        ``network.gexf``, ``network.graphml``, ``network.json`` (node-link), ``nodes.csv``,
        ``edges.csv`` (UTF-8), and ``network-map.html``, which needs nothing but a browser. Weights
        are co-actions; an edge is one pair in one layer.
    """
    tied = edges[edges["finding"].isin(SIGNIFICANT)]
    if tied.empty:
        return {}
    names = account_names(accounts)
    nodes = _nodes(tied, clusters, accounts, names)
    lines = _lines(tied, names)
    about = _about(tied, question, synthetic=synthetic)
    graph = _graph(nodes, lines, about)
    explored = explorer_data(edges, clusters, accounts, synthetic=synthetic)
    return {
        "network.gexf": _gexf(graph, about),
        "network.graphml": _graphml(graph),
        "network.json": _json(graph),
        "network-map.html": explorer_page(explored, title=question or "Network map"),
        "nodes.csv": _csv(nodes),
        "edges.csv": _csv(lines),
    }


def _nodes(
    tied: pd.DataFrame, clusters: pd.DataFrame, accounts: pd.DataFrame, names: Mapping[str, str]
) -> pd.DataFrame:
    keys = sorted(set(tied["source"]) | set(tied["target"]))
    member = clusters.set_index("account").reindex(keys)
    role = accounts.set_index("account")["role"].reindex(keys).fillna("bystander")
    spots = positions(tied, clusters, accounts)
    return pd.DataFrame(
        {
            "id": [visible(names[k]) for k in keys],
            "role": role.to_numpy(),
            "cluster": member["cluster"].fillna("").to_numpy(),
            "called": member["label"].fillna("").to_numpy(),
            "part": member["role"].fillna("").to_numpy(),
            "x": [round(spots[k][0] * _SPREAD, 1) for k in keys],
            "y": [round(spots[k][1] * _SPREAD, 1) for k in keys],
        }
    )


def _lines(tied: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    ordered = tied.sort_values(["layer", "source", "target"], kind="stable")
    return pd.DataFrame(
        {
            "source": [visible(names[a]) for a in ordered["source"]],
            "target": [visible(names[a]) for a in ordered["target"]],
            "layer": ordered["layer"].to_numpy(),
            "finding": ordered["finding"].to_numpy(),
            "weight": ordered["co_actions"].astype(int).to_numpy(),
            "objects": ordered["objects"].astype(int).to_numpy(),
            "first": ordered["first"].dt.strftime("%Y-%m-%dT%H:%M:%SZ").to_numpy(),
            "last": ordered["last"].dt.strftime("%Y-%m-%dT%H:%M:%SZ").to_numpy(),
        }
    )


def _about(tied: pd.DataFrame, question: str, *, synthetic: bool) -> str:
    period = style.period_of(pd.concat([tied["first"], tied["last"]]))
    legend = (
        "Edges are pairs of accounts that act on the same objects more often than chance explains: "
        "synchrony within 30 minutes, more than shared taste explains; the others share attention. "
        "Acting together "
        "says nothing about who an account is. Reference accounts are numbered."
    )
    parts = [question, f"Period: {period}." if period else "", legend]
    return visible(" ".join([*(SYNTHETIC_MARK.upper() + "." for _ in [0] if synthetic), *parts]))


def _graph(nodes: pd.DataFrame, lines: pd.DataFrame, about: str) -> nx.MultiGraph[str]:
    graph: nx.MultiGraph[str] = nx.MultiGraph(name=about)
    for row in nodes.to_dict("records"):
        red, green, blue = (int(_colour(row["role"])[i : i + 2], 16) for i in (1, 3, 5))
        graph.add_node(
            row["id"],
            **{str(k): row[k] for k in ("role", "cluster", "called", "part")},
            viz={
                "position": {"x": row["x"], "y": row["y"], "z": 0.0},
                "color": {"r": red, "g": green, "b": blue, "a": 1.0},
                "size": 10.0,
            },
        )
    for number, row in enumerate(lines.to_dict("records")):
        held: dict[str, Any] = {str(k): v for k, v in row.items() if k not in {"source", "target"}}
        graph.add_edge(row["source"], row["target"], key=number, id=str(number), **held)
    return graph


def _colour(role: str) -> str:
    return style.ROLE_COLOURS.get(role, style.BYSTANDER)


def _gexf(graph: nx.MultiGraph[str], about: str) -> bytes:
    text = "\n".join(nx.generate_gexf(graph))
    text = _CLOCK.sub("", text)
    meta = f"<meta><creator>Casebook</creator><description>{_xml(about)}</description></meta>"
    text = re.sub(r"<meta>.*?</meta>|<meta\s*/>", lambda _: meta, text, count=1, flags=re.DOTALL)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _graphml(graph: nx.MultiGraph[str]) -> bytes:
    plain: nx.MultiGraph[str] = nx.MultiGraph(about=graph.graph["name"])
    for name, held in graph.nodes(data=True):
        place, colour = held["viz"]["position"], held["viz"]["color"]
        rest = {k: v for k, v in held.items() if k != "viz"}
        plain.add_node(
            name, label=name, x=place["x"], y=place["y"],
            r=colour["r"], g=colour["g"], b=colour["b"], **rest,
        )  # fmt: skip
    for source, target, key, held in graph.edges(keys=True, data=True):
        plain.add_edge(source, target, key=key, **{k: v for k, v in held.items() if k != "id"})
    return ("\n".join(nx.generate_graphml(plain)) + "\n").encode()


def _json(graph: nx.MultiGraph[str]) -> bytes:
    held = nx.node_link_data(graph, edges="edges")
    return (json.dumps(held, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _csv(frame: pd.DataFrame) -> bytes:
    words = [c for c in frame.columns if not pd.api.types.is_numeric_dtype(frame[c])]
    safe = frame.assign(**{c: [formula_safe(str(v)) for v in frame[c]] for c in words})
    out = io.StringIO()
    safe.to_csv(out, index=False, lineterminator="\n")
    return out.getvalue().encode("utf-8")
