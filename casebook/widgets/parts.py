"""What the boards have in common: a click never fails silently, and the board says what it did."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from casebook.errors import CasebookError
from casebook.language import say
from casebook.text import escape_html

if TYPE_CHECKING:
    from collections.abc import Callable

UNATTENDED = "CASEBOOK_UNATTENDED"
"""Set in the kernels of the unattended run, where nobody clicks."""
TAKEN_BACK = "taken back by the reviewer"

IN_ORDER = False
"""Whether a field sends each letter. While an earlier change of a field is on its way, JupyterLab
holds the next one back, and no click: a click could overtake the last letters. A field that is sent
when it is left arrives before the click that comes after it."""

SETTLES = 0.3
"""Seconds that a click waits, where a field sends each letter, for those still on their way."""
_log = logging.getLogger(__name__)


class Board:
    """A widget that says what it did; shown where it is the last value of a cell.

    Attributes
    ----------
    box : Widget
        All of the board.
    said : HTML
        Where it says what it did.
    """

    box: Any
    said: Any

    def _repr_mimebundle_(self, **given: Any) -> Any:
        return self.box._repr_mimebundle_(**given)

    def _safely(self, action: Callable[[], None]) -> None:
        """Do what was clicked; an error is shown in the board, since nobody reads a log."""
        try:
            action()
        except CasebookError as error:
            self._say(str(error), wrong=True)
        except Exception as error:
            _log.exception("the board could not do what was clicked")
            told = f"{type(error).__name__}: {error}"
            self._say(say("{error}. Nothing was saved.", error=told), wrong=True)

    def _when_settled(self, action: Callable[[], None]) -> None:
        """Do what was clicked once what was typed has arrived; at once outside of a kernel."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._safely(action)
            return
        loop.call_later(SETTLES, self._safely, action)

    def _say(self, words: str, *, wrong: bool = False) -> None:
        colour = "#8a2f00" if wrong else "#005a43"
        style = f"color:{colour};font-weight:600"
        self.said.value = f'<span role="status" style="{style}">{escape_html(words)}</span>'
