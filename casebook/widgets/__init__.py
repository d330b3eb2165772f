"""What a person clicks: the review board. Core ipywidgets over a case, and nothing of its own."""

from __future__ import annotations

from casebook.widgets.board import ReviewBoard, review_board

__all__ = ["ReviewBoard", "review_board"]
