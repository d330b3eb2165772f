"""Attribution: graded evidence, the ladder, claims under rules, competing hypotheses."""

from casebook.attribution.claims import Claim, parse_claims
from casebook.attribution.hypotheses import (
    diagnosticity,
    hypothesis_ratings,
    inconsistency,
    leader_changes,
    leader_stability,
    leaders,
    linchpins,
    odds,
    predictive_value,
    prior_needed,
    priors_needed,
    ratings_by_reviewer,
    seven_hypotheses,
    signal_odds,
    signal_ratio,
)
from casebook.attribution.ladder import ladder
from casebook.attribution.networks import (
    corroboration,
    fact_check,
    indicator_matches,
    judged_findings,
    network_of,
    networks_table,
)
from casebook.attribution.register import (
    check_grades,
    diagonal_share,
    evidence_grid,
    independent_origins,
    origin_groups,
    partner_assessments,
    register,
)
from casebook.attribution.removal import what_falls
from casebook.attribution.rules import Checked, check_claims, check_hypotheses, missing_for_final
from casebook.attribution.taxonomies import evidence_tags
from casebook.attribution.values import CLAIM_TABLES, Value, named_values, values_table

__all__ = [
    "CLAIM_TABLES",
    "Checked",
    "Claim",
    "Value",
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
]
