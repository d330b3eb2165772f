"""claims.yaml: the sentences of a finding, as a journalist writes them.

Example::

    claims:
      - id: C4
        kind: assessment            # observation, assessment, forecast or intent
        rung: 2                     # 1 inauthentic, 2 coordinated, 3 linked, 4 directed
        text: >-
          It is {{ likelihood }} that {{ coordinated_personas }} accounts under review
          are coordinated.
        likelihood: very likely     # or undetermined
        confidence:
          level: moderate           # low, moderate or high
          assumptions: The shuffles cover shared taste.
          sourcing: Platform exports collected here.
          argument: The timing holds on most specifications.
        evidence: ["selection:synchrony_pairs", "E0003:41"]
        counter_evidence: A shared scheduling tool would look the same; none was found.

``{{ name }}`` prints a computed value (``{{ rate | percent }}`` a share), ``{{ likelihood }}`` the
term, with its band where it is first used. Evidence is a row (``E0003:41``), a stored selection
(``selection:personas``), a document or its page (``E0007``, ``E0007:p3``), a published source
(``GR-LP``) or a published fact (``fact:M04``).

Further keys: ``headline`` (held to the same rules), ``would_change`` (rung 4: which proprietary or
classified data would change it), ``reported_by`` (intent, and rung 4 where a public source says
it), ``about`` (persons, outlets, companies and states named: each is asked for a reply),
``network`` (rung 3), ``periods`` and ``same_method`` (trend words), ``resolves_on`` (forecast),
``values`` (own named values: ``{zh_posts: {count: posts, where: {role: persona, lang: zh}}}``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from casebook.attribution.language import BANDS, UNDETERMINED
from casebook.errors import ClaimError
from casebook.schema import CONFIDENCES, RUNGS, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CLAIM_KINDS = ("observation", "assessment", "forecast", "intent")
REASONS = ("assumptions", "sourcing", "argument")
LISTS = ("evidence", "about", "periods")
TEXTS = (
    "id", "kind", "headline", "text", "likelihood", "counter_evidence", "would_change",
    "reported_by", "network", "resolves_on",
)  # fmt: skip
KEYS = (*TEXTS, *LISTS, "rung", "confidence", "same_method", "values", "line")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,30}")


@dataclass(frozen=True)
class Claim:
    """One sentence of the finding, as written. Absent keys are empty."""

    id: str
    kind: str
    text: str
    headline: str = ""
    rung: int | None = None
    likelihood: str = ""
    level: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    counter_evidence: str = ""
    would_change: str = ""
    reported_by: str = ""
    about: tuple[str, ...] = ()
    network: str = ""
    periods: tuple[str, ...] = ()
    same_method: bool = False
    resolves_on: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    line: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether the claim leaves its question undetermined."""
        return self.likelihood in UNDETERMINED


def parse_claims(raw: Iterable[Mapping[str, Any]]) -> list[Claim]:
    """Return the claims of a claims.yaml, with every key known and every value of its type.

    What a claim says is judged later, by `check_claims`; here only its form.

    Raises
    ------
    ClaimError
        With the line: an unknown key and the nearest known one, a value of the wrong type, an id
        given twice.
    """
    claims = [_claim(one) for one in raw]
    seen: dict[str, Claim] = {}
    for claim in claims:
        if claim.id in seen:
            raise ClaimError(
                f"two claims are called {claim.id!r}",
                where=_where(claim.line),
                remedy="each id is used once",
            )
        seen[claim.id] = claim
    return claims


def _where(line: Any) -> str:
    return f"claims.yaml, line {line}" if line else "claims.yaml"


def _claim(raw: Mapping[str, Any]) -> Claim:
    where = _where(raw.get("line"))
    for key in raw:
        if key not in KEYS:
            hint = nearest(str(key), KEYS)
            raise ClaimError(
                f"unknown key {str(key)!r} in claim {raw.get('id', '?')}",
                where=where,
                remedy=f"did you mean {hint!r}?" if hint else f"known: {', '.join(KEYS[:-1])}",
            )
    texts = {key: _text(raw.get(key), key, where) for key in TEXTS}
    if not _ID.fullmatch(texts["id"]):
        raise ClaimError("a claim needs an id", where=where, remedy="write `id: C1`")
    if texts["kind"] not in CLAIM_KINDS:
        raise _choice("kind", texts["kind"], CLAIM_KINDS, where)
    terms = [*BANDS["en"], *BANDS["fr"], *UNDETERMINED]
    if texts["likelihood"] and texts["likelihood"] not in terms:
        raise _choice("likelihood", texts["likelihood"], [*BANDS["en"], "undetermined"], where)
    level, reasons = _confidence(raw.get("confidence"), where)
    flat = {key: " ".join(text.split()) for key, text in texts.items()}
    lists = {key: _texts(raw.get(key), key, where) for key in LISTS}
    return Claim(
        **flat,  # type: ignore[arg-type]
        **lists,  # type: ignore[arg-type]
        rung=_rung(raw.get("rung"), where),
        level=level,
        reasons=reasons,
        same_method=raw.get("same_method") is True,
        values=_block(raw.get("values"), "values", where),
        line=raw.get("line"),
    )


def _choice(key: str, value: str, choices: Iterable[str], where: str) -> ClaimError:
    known = list(choices)
    hint = nearest(value, known)
    return ClaimError(
        f"{key!r} is {value!r}",
        where=where,
        remedy=f"did you mean {hint!r}?" if hint else f"one of: {', '.join(known)}",
    )


def _text(value: Any, key: str, where: str) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        raise ClaimError(
            f"{key!r} is {value!r}, which is not text",
            where=where,
            remedy=f'write it in quotes: {key}: "{value}"',
        )
    return value


def _texts(value: Any, key: str, where: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise ClaimError(f"{key!r} takes a list", where=where, remedy=f'write `{key}: ["{value}"]`')
    return tuple(" ".join(_text(one, key, where).split()) for one in value)


def _block(value: Any, key: str, where: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ClaimError(f"{key!r} takes keys and values", where=where)
    return value


def _rung(value: Any, where: str) -> int | None:
    if value is None:
        return None
    words = {word: number for number, word in RUNGS.items()}
    number = words.get(value, value) if isinstance(value, str) else value
    if isinstance(number, bool) or number not in RUNGS:
        known = ", ".join(f"{n} {word}" for n, word in RUNGS.items())
        raise ClaimError(f"'rung' is {value!r}", where=where, remedy=f"one of: {known}")
    return int(number)


def _confidence(value: Any, where: str) -> tuple[str, Mapping[str, str]]:
    if value is None:
        return "", {}
    block = {"level": value} if isinstance(value, str) else _block(value, "confidence", where)
    for key in block:
        if key not in ("level", *REASONS):
            hint = nearest(str(key), ("level", *REASONS))
            raise ClaimError(
                f"unknown key {str(key)!r} under 'confidence'",
                where=where,
                remedy=f"did you mean {hint!r}?" if hint else f"level, {', '.join(REASONS)}",
            )
    level = _text(block.get("level"), "level", where)
    if level and level not in CONFIDENCES:
        raise _choice("confidence level", level, CONFIDENCES, where)
    return level, {key: _text(block.get(key), key, where).strip() for key in REASONS}
