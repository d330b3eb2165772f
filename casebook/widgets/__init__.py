"""What a person clicks: the review board, the claims, the matrix of hypotheses, the map."""

from __future__ import annotations

from casebook.widgets.board import ReviewBoard, line_up_board, review_board
from casebook.widgets.claims import ClaimsBoard, claims_board
from casebook.widgets.explorer import network_explorer
from casebook.widgets.hypotheses import HypothesisBoard, hypothesis_board

__all__ = [
    "ClaimsBoard",
    "HypothesisBoard",
    "ReviewBoard",
    "claims_board",
    "hypothesis_board",
    "line_up_board",
    "network_explorer",
    "review_board",
]
