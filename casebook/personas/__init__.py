"""Accounts and posts -> signals; signals and judgements -> verdicts and agreement."""

from __future__ import annotations

from casebook.personas.agreement import agreement, cohen_kappa, krippendorff_alpha, verdicts
from casebook.personas.catalogue import CATALOGUE
from casebook.personas.group import group_battery
from casebook.personas.lineup import disagreements, fillers, line_ups
from casebook.personas.signals import signals

__all__ = [
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
]
