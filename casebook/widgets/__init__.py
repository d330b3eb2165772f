"""What a person clicks: the review board, the matrix of hypotheses, the map to explore."""

from __future__ import annotations

from casebook.widgets.board import ReviewBoard, line_up_board, review_board
from casebook.widgets.explorer import network_explorer
from casebook.widgets.hypotheses import HypothesisBoard, hypothesis_board

__all__ = [
    "HypothesisBoard",
    "ReviewBoard",
    "hypothesis_board",
    "line_up_board",
    "network_explorer",
    "review_board",
]
