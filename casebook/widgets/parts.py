"""What the boards have in common: a click never fails silently, and the board says what it did."""

from __future__ import annotations

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

    def _say(self, words: str, *, wrong: bool = False) -> None:
        colour = "#8a2f00" if wrong else "#005a43"
        style = f"color:{colour};font-weight:600"
        self.said.value = f'<span role="status" style="{style}">{escape_html(words)}</span>'
