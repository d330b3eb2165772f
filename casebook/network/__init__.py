"""Who acts together, and how often chance or shared taste would do that.

Posts become co-action edges; edges get what chance gives beside what was seen; what remains forms
clusters. Acting together is not being fake: nothing here says who an account is.
"""

from __future__ import annotations

from casebook.network.across_languages import joined_texts, translations
from casebook.network.baselines import (
    compare_rules,
    coordination_interval,
    coornet,
    coortweet,
    fixed_threshold,
    hypergeometric,
    luceri,
    pacheco,
)
from casebook.network.chance import calibration, chance_tests, meetings, significance
from casebook.network.edges import co_action_evidence, co_actions, directed_weights
from casebook.network.groups import cluster_tests, clusters, exclusive_originals, labelled
from casebook.network.links import inside_engagement, known_links, left_out
from casebook.network.review import review_candidates
from casebook.network.robustness import blind_spots, robustness, specifications
from casebook.network.texts import shared_texts

__all__ = [
    "blind_spots",
    "calibration",
    "chance_tests",
    "cluster_tests",
    "clusters",
    "co_action_evidence",
    "co_actions",
    "compare_rules",
    "coordination_interval",
    "coornet",
    "coortweet",
    "directed_weights",
    "exclusive_originals",
    "fixed_threshold",
    "hypergeometric",
    "inside_engagement",
    "joined_texts",
    "known_links",
    "labelled",
    "left_out",
    "luceri",
    "meetings",
    "pacheco",
    "review_candidates",
    "robustness",
    "shared_texts",
    "significance",
    "specifications",
    "translations",
]
