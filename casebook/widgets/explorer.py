"""The interactive map in JupyterLab, through anywidget; its script ships in this package."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from casebook.charts.explorer import explorer_data, script
from casebook.charts.network import NOBODY
from casebook.exhibits import Note, open_case_is_synthetic
from casebook.language import say
from casebook.widgets.parts import UNATTENDED

if TYPE_CHECKING:
    import pandas as pd

    from casebook.exhibits import Exhibit

PAGE = "network-map.html"


def network_explorer(
    edges: pd.DataFrame,
    clusters: pd.DataFrame,
    accounts: pd.DataFrame,
    events: pd.DataFrame | None = None,
) -> Exhibit | Any:
    """Return the map to drag, zoom and filter; in the unattended run, where to find it.

    Parameters
    ----------
    edges, clusters, accounts : DataFrame
        The tables of these names.
    events : DataFrame, optional
        As `casebook.objects.events` gives them: with them the map shows what each pair shared.

    Returns
    -------
    anywidget.AnyWidget or Note
    """
    data = explorer_data(
        edges, clusters, accounts, synthetic=open_case_is_synthetic(), events=events
    )
    if not data["nodes"]:
        return Note(say(NOBODY))
    if os.environ.get(UNATTENDED):
        return Note(
            say(
                "The same map can be dragged, zoomed and filtered in a page of its own: "
                "`exports/{page}` beside this report.",
                page=PAGE,
            )
        )
    return map_widget(data)


def map_widget(data: dict[str, Any]) -> Any:
    """Return the widget of some data that `casebook.charts.explorer.explorer_data` made."""
    import anywidget
    import traitlets

    class NetworkMap(anywidget.AnyWidget):
        _esm = script()
        data = traitlets.Dict().tag(sync=True)

    return NetworkMap(data=data)
