"""L1 to L6: likelihood, confidence, certainty and hedges, in English and French."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from casebook.attribution import language as words
from casebook.attribution.claims import REASONS
from casebook.attribution.sentences import (
    HOLE,
    PLACEHOLDER,
    Broken,
    Sentence,
    is_empty,
)
from casebook.language import say, word
from casebook.text import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Messages = Iterator[Broken]

_ABSOLUTE = re.compile(r"(?<![\d.,–-])(?:0|100)(?:[.,]0+)?\s*(?:%|per ?cent\b|pour cent\b)")


def _l1(one: Sentence) -> Messages:
    claim, lang = one.claim, one.finding.language
    needs = claim.kind in ("assessment", "forecast") and not claim.reported_by
    if claim.likelihood and not claim.is_open and claim.likelihood not in words.BANDS[lang]:
        yield Broken(
            "L1",
            say(
                "{likelihood} is no term of this product: {terms}.",
                likelihood=repr(claim.likelihood),
                terms=", ".join(words.BANDS[lang]),
            ),
        )
        return
    if needs and not claim.likelihood:
        yield Broken(
            "L1",
            say(
                "{sentence} estimates without a likelihood. Add `likelihood:` and write {{{{ "
                "likelihood }}}} in the text, or `likelihood: undetermined`.",
                sentence=one.quote(),
            ),
        )
    for text, bare in ((claim.text, one.bare), (claim.headline, one.bare_headline)):
        if not text:
            continue
        for hit in words.other_row_terms(bare, lang)[:1]:
            yield Broken(
                "L1",
                say(
                    "{sentence}: “{term}” is of another row of terms. Use one of: {terms}.",
                    sentence=one.quote(text, hit.start),
                    term=hit.term,
                    terms=", ".join(words.BANDS[lang]),
                ),
            )
        found = {f.term for f in words.likelihood_terms(bare, lang)}
        if claim.likelihood and not claim.is_open and claim.likelihood not in found:
            yield Broken(
                "L1",
                say(
                    "{sentence} does not print its likelihood: write {{{{ likelihood }}}}.",
                    sentence=one.quote(text),
                ),
            )
        for term in sorted(found - {claim.likelihood}):
            if claim.reported_by and term in one.cited.statements:
                continue
            yield Broken(
                "L1",
                say(
                    "{sentence} says “{term}”, and `likelihood:` says “{likelihood}”. They must "
                    "agree.",
                    sentence=one.quote(text),
                    term=term,
                    likelihood=claim.likelihood or say("nothing"),
                ),
            )
    if claim.is_open and not words.find(one.bare, words.UNDETERMINED):
        yield Broken(
            "L1",
            say(
                "{sentence} leaves the question open: print the word undetermined.",
                sentence=one.quote(),
            ),
        )


def _l2(one: Sentence) -> Messages:
    lang = one.finding.language
    for text in (one.claim.text, one.claim.headline):
        for sentence in words.sentences(words.unquoted(one.punched(text))):
            if words.find(sentence, words.CONFIDENCE) and words.likelihood_terms(sentence, lang):
                yield Broken(
                    "L2",
                    say(
                        "“{sentence}” speaks of confidence and likelihood at once. Leave "
                        "confidence to its own line.",
                        sentence=shorten(sentence, 160),
                    ),
                )


def _l3(one: Sentence) -> Messages:
    lang, seen = one.finding.language, one.finding.terms_used
    # What a placeholder prints gets its band by itself; a typed term must carry it.
    typed = words.unquoted(PLACEHOLDER.sub(lambda m: HOLE * len(m[0]), one.claim.text))
    for hit in words.likelihood_terms(typed, lang):
        low, high = words.BANDS[lang][hit.term]
        match = words.BAND.match(typed, hit.end)
        if match and (int(match[1]), int(match[2])) != (low, high):
            yield Broken(
                "L3",
                say(
                    "{sentence} gives “{term}” the band {found}; it is {band}.",
                    sentence=one.quote(near=hit.start),
                    term=hit.term,
                    found=match[0].strip(),
                    band=words.band(hit.term, lang),
                ),
            )
        elif not match and hit.term not in seen and not one.claim.reported_by:
            yield Broken(
                "L3",
                say(
                    "{sentence} uses “{term}” for the first time without its band. Write {{{{ "
                    "likelihood }}}}, or {term} ({band}).",
                    sentence=one.quote(near=hit.start),
                    term=hit.term,
                    band=words.band(hit.term, lang),
                ),
            )
        seen.add(hit.term)


def _l4(one: Sentence) -> Messages:
    lang = one.finding.language
    terms = (*words.CERTAIN[lang], *words.BANDS[lang])
    for text, bare in ((one.claim.text, one.bare), (one.claim.headline, one.bare_headline)):
        sure = [h for h in words.find(bare, terms) if h.term in words.CERTAIN[lang]]
        for hit in sure[:1]:
            yield Broken(
                "L4",
                say(
                    "{sentence}: “{term}” leaves no doubt, and there is always some. Use a "
                    "likelihood term.",
                    sentence=one.quote(text, hit.start),
                    term=hit.term,
                ),
            )
        if match := _ABSOLUTE.search(bare):
            yield Broken(
                "L4",
                say(
                    "{sentence}: {found} is never a likelihood. The terms run from 1 to 99 %.",
                    sentence=one.quote(text, match.start()),
                    found=match[0],
                ),
            )


def _l5(one: Sentence) -> Messages:
    claim = one.claim
    if claim.kind not in ("assessment", "forecast") or claim.is_open:
        return
    if not claim.level:
        yield Broken(
            "L5",
            say(
                "{sentence} has no confidence. Add `confidence:` with level, assumptions, "
                "sourcing and argument.",
                sentence=one.quote(),
            ),
        )
        return
    for reason in REASONS:
        if is_empty(claim.reasons.get(reason, "")):
            yield Broken(
                "L5",
                say(
                    "{sentence} is held with {level} confidence without its {reason}. Add "
                    "`{reason}:` in a sentence.",
                    sentence=one.quote(),
                    level=word(claim.level),
                    reason=reason,
                ),
            )


def _l6(one: Sentence) -> Messages:
    claim, lang = one.claim, one.finding.language
    own = words.RUNG_WORDS.get(claim.rung or 0, ())
    for text, bare in ((claim.text, one.bare), (claim.headline, one.bare_headline)):
        for sentence in words.sentences(bare):
            if words.likelihood_terms(sentence, lang):
                continue
            for hit in words.hedges(sentence, lang)[:1]:
                if hit.term in own or (claim.reported_by and hit.term in one.cited.statements):
                    continue
                yield Broken(
                    "L6",
                    say(
                        "{sentence}: “{term}” hedges without saying how much. Use a likelihood "
                        "term with its band, or say what was seen.",
                        sentence=one.quote(text, bare.find(sentence)),
                        term=hit.term,
                    ),
                )


RULES: tuple[Callable[[Sentence], Messages], ...] = (
    _l1,
    _l2,
    _l3,
    _l4,
    _l5,
    _l6,
)
