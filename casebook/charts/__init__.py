"""Tables in, exhibits out: every chart of Casebook, in one house style."""

from __future__ import annotations

import sys

# Altair imports jsonschema, which parses a grammar of international addresses at import if the
# optional package rfc3987_syntax is there (JupyterLab brings it). That costs about a second in
# every kernel and checks a format no chart uses, so it is declared absent before Altair asks.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
