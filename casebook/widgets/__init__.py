"""What a person clicks: the review board, and the map to explore."""

from __future__ import annotations

from casebook.widgets.board import ReviewBoard, line_up_board, review_board
from casebook.widgets.explorer import network_explorer

__all__ = ["ReviewBoard", "line_up_board", "network_explorer", "review_board"]
