"""Casebook: an investigation is a folder, five notebooks and a report that a stranger can check.

The public names stand here in the order of an investigation. Nothing is imported before it is
used, so ``import casebook`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_ROOMS: dict[str, tuple[str, ...]] = {
    # a case
    "casebook.case": ("Case",),
    "casebook.errors": ("CasebookError",),
    "casebook.exhibits": ("Figure", "Listing", "Note", "Statement", "mark_light"),
    "casebook.scaffold": ("new_case",),
    # 1 collection
    "casebook.collection": ("build_tables", "collect"),
    "casebook.verification": ("evidence_check", "verify"),
    "casebook.coverage": ("coverage_card", "gaps", "last_status", "missing_layers", "statuses"),
    "casebook.charts.collection": (
        "accounts_by_role",
        "collected_files",
        "collection_summary",
        "coverage_figure",
        "gaps_table",
        "layers_table",
        "likenesses_table",
        "posts_over_time",
        "refused_records",
        "status_timeline",
    ),
    # 2 persona review
    "casebook.personas": (
        "CATALOGUE",
        "agreement",
        "cohen_kappa",
        "disagreements",
        "fillers",
        "group_battery",
        "krippendorff_alpha",
        "line_ups",
        "signals",
        "verdicts",
    ),
    "casebook.widgets.board": ("line_up_board", "review_board"),
    "casebook.widgets.claims": ("claims_board",),
    "casebook.widgets.explorer": ("network_explorer",),
    "casebook.widgets.hypotheses": ("hypothesis_board",),
    "casebook.charts.personas": (
        "claim_drift",
        "disagreements_table",
        "group_finding",
        "languages_by_month",
        "life_lines",
        "line_ups_table",
        "persona_cards",
        "posting_rhythm",
        "reference_rates",
        "review_summary",
        "signal_matrix",
        "signals_explained",
        "verdict_table",
    ),
    # 3 network map
    "casebook.objects": ("events",),
    "casebook.network": (
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
    ),
    "casebook.charts.network": (
        "blind_spots_figure",
        "calibration_figure",
        "groups_table",
        "layers_tested",
        "meetings_figure",
        "members_table",
        "network_map",
        "network_matrix",
        "network_summary",
        "pairs_table",
        "robustness_figure",
        "rules_table",
    ),
    "casebook.charts.links": (
        "candidates_table",
        "inside_table",
        "known_links_table",
        "left_out_table",
        "texts_table",
        "translations_table",
    ),
    # 3b narratives and reach
    "casebook.narratives": (
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
    ),
    "casebook.charts.narratives": (
        "code_shares_figure",
        "codebook_table",
        "codes_by_month",
        "distinctive_words_figure",
        "narratives_summary",
        "reuse_table",
        "targets_table",
    ),
    "casebook.charts.reach": (
        "breakout_table",
        "breakout_warning",
        "engagement_figure",
        "engagement_table",
        "outside_statement",
        "outstanding_table",
    ),
    # 4 attribution
    "casebook.attribution": (
        "CLAIM_TABLES",
        "check_claims",
        "check_grades",
        "check_hypotheses",
        "corroboration",
        "diagnosticity",
        "diagonal_share",
        "evidence_grid",
        "evidence_tags",
        "fact_check",
        "hypothesis_ratings",
        "inconsistency",
        "independent_origins",
        "indicator_matches",
        "judged_findings",
        "ladder",
        "leader_changes",
        "leader_stability",
        "leaders",
        "linchpins",
        "missing_for_final",
        "named_values",
        "network_of",
        "networks_table",
        "odds",
        "origin_groups",
        "parse_claims",
        "partner_assessments",
        "predictive_value",
        "prior_needed",
        "priors_needed",
        "ratings_by_reviewer",
        "register",
        "seven_hypotheses",
        "signal_odds",
        "signal_ratio",
        "values_table",
        "what_falls",
    ),
    "casebook.charts.attribution": (
        "attribution_summary",
        "claims_table",
        "corroboration_table",
        "fact_check_table",
        "hypotheses_table",
        "hypothesis_matrix",
        "hypothesis_sensitivity",
        "ladder_table",
        "matches_table",
        "networks_listing",
        "odds_table",
        "origins_table",
        "partners_table",
        "ratings_table",
        "reasons_table",
        "register_grid",
        "register_table",
        "tags_table",
        "violations_table",
        "what_falls_table",
    ),
    # 5 report
    "casebook.charts.report": (
        "answers_by_rung",
        "closing_words",
        "ethics_gate",
        "inputs_of_case",
        "key_findings",
        "limitations",
        "scope_of_case",
        "what_would_change",
    ),
}
"""Module -> the public names it gives."""

_HOMES = {name: module for module, names in _ROOMS.items() for name in names}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - one list of names, above


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'casebook' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
