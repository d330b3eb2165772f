"""The files that hand findings to other software: STIX, FollowTheMoney, and an indicator list."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from casebook.ftm import NAME, ftm_lines
from casebook.stix import indicator_list, listed_accounts, stix_bundle

if TYPE_CHECKING:
    from casebook.case import Case
    from casebook.report.masking import Mask


def shared_files(case: Case, mask: Mask | None = None) -> dict[str, str]:
    """Return each file by its name, as it is written; none without a verdict."""
    if listed_accounts(case).empty:
        return {}
    bundle = stix_bundle(case, mask)
    return {
        "stix.json": json.dumps(bundle, ensure_ascii=False, indent=1, sort_keys=True) + "\n",
        NAME: ftm_lines(case, mask),
        "indicators.csv": indicator_list(case, mask),
    }
