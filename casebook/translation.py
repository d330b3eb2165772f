"""case.fr.yaml: what people wrote in a case, in another of the languages that Casebook speaks.

The interface has its catalogue (`casebook.language`); title, question and claims are a case's own.
Their translation stands in one file beside case.yaml, so that one run tells the same case in
another language, with the same evidence, numbers, rungs and rules. Whatever decides (likelihood,
confidence, evidence) is not repeated there, and so cannot drift apart.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from casebook.errors import CaseError, ClaimError
from casebook.language import LANGUAGES
from casebook.schema import nearest
from casebook.settings import KEYS, check_keys, load_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from casebook.settings import Marks, Settings

CLAIM_TEXTS: dict[str, Any] = {
    "text": str,
    "headline": str,
    "counter_evidence": str,
    "would_change": str,
    "confidence": {"assumptions": str, "sourcing": str, "argument": str},
}
"""What of a claim is told in words."""

TEXTS: dict[str, Any] = {
    "title": str,
    "question": str,
    "synthetic": str,
    "note": str,
    "scope": {"note": str},
    "legal": KEYS["legal"],
    "hypotheses": KEYS["hypotheses"],
    "reach": {flag: {"note": str} for flag in KEYS["reach"]},
    "codebook": dict,
    "claims": dict,
}
"""What of a case is told in words: the keys of case.fr.yaml, ``claims`` and ``codebook`` by ids."""

ENTRY_TEXTS: dict[str, Any] = {"label": str, "definition": str}
"""What of an entry of the codebook is told in words; its terms are looked for as they are."""


def translation_name(language: str) -> str:
    """Return the name of the file that holds a translation.

    Examples
    --------
    >>> translation_name("fr")
    'case.fr.yaml'
    """
    return f"case.{language}.yaml"


def load_translation(folder: Path, language: str) -> dict[str, Any]:
    """Return the words of a case in a language.

    Raises
    ------
    CaseError
        Where there is no such file, or it holds an unknown key or no title or question; with the
        line.
    """
    name = translation_name(language)
    if not (folder / name).is_file():
        raise CaseError(
            f"the case is not told in {LANGUAGES[language]} yet",
            where=name,
            remedy="write this file: `title:`, `question:` and, under `claims:`, each claim's "
            "`text:` by its id",
        )
    values, marks = load_yaml(folder / name)
    if not isinstance(values, dict):
        raise CaseError("this is not a list of texts", where=name)
    check_keys(values, TEXTS, marks, name, ())
    for claim, words in (values.get("claims") or {}).items():
        check_keys(words, CLAIM_TEXTS, marks, name, ("claims", claim))
    for code, words in (values.get("codebook") or {}).items():
        check_keys(words, ENTRY_TEXTS, marks, name, ("codebook", code))
    for key in ("title", "question"):
        if not values.get(key):
            raise CaseError(f"the {key} is missing", where=name, remedy=f"add a line `{key}: ...`")
    lines = {key: _lines(values.get(key) or {}, marks, key) for key in ("claims", "codebook")}
    return {**values, "lines": lines["claims"], "codebook_lines": lines["codebook"]}


def _lines(told: Mapping[str, Any], marks: Marks, key: str) -> dict[str, int]:
    return {str(name): marks[key, name].line for name in told}


def _check_told(
    told: Mapping[str, Any],
    known: Sequence[str],
    none: str,
    language: str,
    lines: Mapping[str, int],
) -> None:
    """Raise CaseError, with the line, where something is told of what there is not."""
    for name in told:
        if name not in known:
            hint = nearest(str(name), known)
            raise CaseError(
                f"{none} {name!r}",
                where=f"{translation_name(language)}, line {lines[name]}",
                remedy=f"did you mean {hint!r}?" if hint else f"known: {', '.join(known)}",
            )


def translated(settings: Settings, words: Mapping[str, Any], language: str) -> Settings:
    """Return settings with what they say in a language; what is not told stays as it is."""
    flat: dict[str, Any] = {
        k: words[k] for k in ("title", "question", "synthetic", "note") if words.get(k)
    }
    if not settings.synthetic:
        flat.pop("synthetic", None)
    blocks: dict[str, Any] = {
        key: {**getattr(settings, key), **(words.get(key) or {})}
        for key in ("scope", "legal", "hypotheses")
    }
    notes = words.get("reach") or {}
    reach = {flag: {**given, **(notes.get(flag) or {})} for flag, given in settings.reach.items()}
    return replace(settings, language=language, reach=reach, **flat, **blocks)


def translated_codebook(
    codebook: pd.DataFrame, words: Mapping[str, Any], *, language: str
) -> pd.DataFrame:
    """Return a codebook with labels and definitions in a language, where they are told in it.

    Parameters
    ----------
    codebook : DataFrame
        As `casebook.codebook.load_codebook` returns it.
    words : mapping
        As `load_translation` returns it.
    language : str

    Raises
    ------
    CaseError
        A translation of an entry that there is not.
    """
    told = words.get("codebook") or {}
    known = list(codebook["code"])
    _check_told(told, known, "the codebook has no entry", language, words["codebook_lines"])
    out = codebook.copy()
    for key in ENTRY_TEXTS:
        out[key] = [
            (told.get(code) or {}).get(key) or written
            for code, written in zip(codebook["code"], codebook[key], strict=True)
        ]
    return out


def translated_claims(
    claims: Sequence[Mapping[str, Any]], words: Mapping[str, Any], *, before: str, after: str
) -> list[dict[str, Any]]:
    """Return claims with what they say in a language; likelihood by the same band.

    Parameters
    ----------
    claims : sequence of mapping
        As in claims.yaml.
    words : mapping
        As `load_translation` returns it.
    before, after : str
        The languages.

    Raises
    ------
    CaseError
        A translation of no claim.
    ClaimError
        A claim without a translation of a text that it has.
    """
    told, name = words.get("claims") or {}, translation_name(after)
    known = [str(claim.get("id")) for claim in claims]
    _check_told(told, known, "there is no claim", after, words["lines"])
    return [_translated(c, told.get(str(c.get("id"))) or {}, name, before, after) for c in claims]


def _translated(
    claim: Mapping[str, Any], words: Mapping[str, Any], name: str, before: str, after: str
) -> dict[str, Any]:
    out = dict(claim)
    for key in ("text", "headline", "counter_evidence", "would_change"):
        if claim.get(key) and not words.get(key):
            raise _untold(claim, key, name)
        if words.get(key):
            out[key] = words[key]
    reasons = claim.get("confidence")
    if isinstance(reasons, dict):
        told = words.get("confidence") or {}
        for key in CLAIM_TEXTS["confidence"]:
            if reasons.get(key) and not told.get(key):
                raise _untold(claim, f"confidence: {key}", name)
        out["confidence"] = {**reasons, **told}
    out["likelihood"] = _likelihood(claim.get("likelihood"), before, after)
    return {k: v for k, v in out.items() if k != "likelihood" or v is not None}


def _untold(claim: Mapping[str, Any], key: str, name: str) -> ClaimError:
    return ClaimError(
        f"claim {claim.get('id')} has no `{key}` here, which it has in claims.yaml",
        where=name,
        remedy=f"add it under `claims:`, `{claim.get('id')}:`",
    )


def _likelihood(term: Any, before: str, after: str) -> Any:
    """Return the term of the same band; one that is in no row is left for the rules to refuse."""
    from casebook.attribution.language import BANDS, UNDETERMINED

    if term in UNDETERMINED:
        return dict(zip(("en", "fr"), UNDETERMINED, strict=True))[after]
    bands = list(BANDS[before])
    return list(BANDS[after])[bands.index(term)] if term in bands else term
