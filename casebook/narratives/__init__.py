"""Posts and a codebook -> coded posts, shares, distinctive words, shared content, reach."""

from __future__ import annotations

from casebook.narratives.codes import code_shares, coded_posts, monthly_shares, targets_by_code
from casebook.narratives.reach import (
    Breakout,
    breakout,
    engagement,
    engagement_ratios,
    outside_reactions,
    outstanding_posts,
)
from casebook.narratives.reuse import shared_content
from casebook.narratives.words import distinctive_words

__all__ = [
    "Breakout",
    "breakout",
    "code_shares",
    "coded_posts",
    "distinctive_words",
    "engagement",
    "engagement_ratios",
    "monthly_shares",
    "outside_reactions",
    "outstanding_posts",
    "shared_content",
    "targets_by_code",
]
