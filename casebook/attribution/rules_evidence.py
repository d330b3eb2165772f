"""R1 to R5 and R7: what a claim rests on, against the rung it stands on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from casebook import schema
from casebook.attribution import language as words
from casebook.attribution.ladder import OPEN
from casebook.attribution.register import independent_origins
from casebook.attribution.sentences import (
    PLACEHOLDER,
    Broken,
    Sentence,
    is_empty,
    names_of,
)
from casebook.language import say, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from casebook.attribution.values import Value

    Messages = Iterator[Broken]

_ORDER = ("low", "moderate", "high")


def _r1_evidence(one: Sentence) -> Messages:
    if not one.claim.evidence:
        yield Broken(
            "R1",
            say(
                "{sentence} cites nothing. Add `evidence:` with rows (E0003:41) or a stored "
                "selection (selection:personas).",
                sentence=one.quote(),
            ),
        )


def _r1_values(one: Sentence) -> Messages:
    for text in (one.claim.text, one.claim.headline):
        for match in PLACEHOLDER.finditer(text):
            name, form = match[1], match[2]
            if name == "likelihood":
                if not one.claim.likelihood:
                    yield Broken(
                        "R1",
                        say(
                            "{sentence} prints a likelihood, but `likelihood:` is empty.",
                            sentence=one.quote(text),
                        ),
                    )
                continue
            if name not in one.values:
                hint = schema.nearest(name, one.values)
                more = (
                    say("Did you mean {{{{ {hint} }}}}?", hint=hint)
                    if hint
                    else say("See the list of named values.")
                )
                yield Broken(
                    "R1",
                    say(
                        "{sentence} uses {found}, which is no named value. {more}",
                        sentence=one.quote(text),
                        found=match[0],
                        more=more,
                    ),
                )
            elif one.values[name].value is None:
                yield Broken(
                    "R1",
                    say(
                        "{sentence} uses {found}, which cannot be assessed here.",
                        sentence=one.quote(text),
                        found=match[0],
                    ),
                )
            if form and form != "percent":
                yield Broken("R1", say("{found}: the only form is `percent`.", found=match[0]))
        if "{{" in PLACEHOLDER.sub("", text):
            yield Broken(
                "R1",
                say(
                    "{sentence} holds a placeholder that cannot be read: write {{{{ name }}}}.",
                    sentence=one.quote(text),
                ),
            )


def _r1_numbers(one: Sentence) -> Messages:
    allowed = one.cited.reported_numbers if one.claim.reported_by else set()
    allowed |= _spoken(sum(":" in e for e in one.claim.evidence if e.startswith("E")))
    for text, bare in ((one.claim.text, one.bare), (one.claim.headline, one.bare_headline)):
        for number in words.loose_numbers(_without_bands(one, bare), one.finding.language):
            if _plain(number) in allowed:
                continue
            near = bare.lower().find(number)
            if one.claim.reported_by:
                more = say(
                    "The cited facts do not hold {number}: cite the fact that does, or correct it.",
                    number=number,
                )
            else:
                fit = _fitting(number, one.values)
                more = (
                    say("Write {{{{ {fit} }}}} instead.", fit=fit) if fit
                    else say("Bind it to a named value, or leave it out.")
                )  # fmt: skip
            yield Broken(
                "R1",
                say(
                    "{sentence} holds the typed number {number}. {more}",
                    sentence=one.quote(text, near),
                    number=number,
                    more=more,
                ),
            )


def _spoken(rows: int) -> set[str]:
    """Return how a sentence may say the number of rows it cites: "two captures" for two of them."""
    first = {
        n: i for group in words.NUMBER_WORDS.values() for i, n in enumerate(group, 2) if i < 11
    }
    return {str(rows)} | {word for word, n in first.items() if n == rows} if rows > 1 else set()


def _plain(number: str) -> str:
    return words.plain_number(number).lower()


def _fitting(number: str, values: Mapping[str, Value]) -> str | None:
    plain = _plain(number)
    return next((v.name for v in values.values() if str(v.value) == plain), None)


def _without_bands(one: Sentence, bare: str) -> str:
    for term in reversed(words.likelihood_terms(bare, one.finding.language)):
        if match := words.BAND.match(bare, term.end):
            bare = bare[: match.start()] + " " * len(match[0]) + bare[match.end() :]
    return bare


def _r1_years(one: Sentence) -> Messages:
    if not (one.claim.reported_by and one.cited.facts):
        return
    for year in sorted(words.years(one.bare) - one.cited.reported_years):
        yield Broken(
            "R1",
            say(
                "{sentence} says {year}; the cited facts are of {years}. Is this another event?",
                sentence=one.quote(near=one.bare.find(year)),
                year=year,
                years=", ".join(sorted(one.cited.reported_years)) or say("no date"),
            ),
        )


def _r2(one: Sentence) -> Messages:
    if (one.claim.rung or 0) < 3 or one.claim.is_open:
        return
    origins = independent_origins(one.cited.origins)
    if len(origins) < 2:
        yield Broken(
            "R2",
            say(
                "{sentence} is on rung {rung}, and all its evidence goes back to {origin}. Cite "
                "an item of an independent origin, or say undetermined.",
                sentence=one.quote(),
                rung=one.claim.rung,
                origin=origins[0] if origins else say("no origin"),
            ),
        )


def _r3(one: Sentence) -> Messages:
    if one.claim.level != "high":
        return
    by_kind = {kind: set(groups) for kind, groups in one.cited.origins_by_kind.items()}
    pairs = (
        len(independent_origins({a, b})) == 2
        for kind, groups in by_kind.items()
        for other, others in by_kind.items()
        if kind < other
        for a in groups
        for b in others
    )
    if not any(pairs):
        yield Broken(
            "R3",
            say(
                "{sentence} claims high confidence on {kinds} evidence. High needs two of "
                "technical, behavioural and contextual, from different origins: write moderate.",
                sentence=one.quote(),
                kinds=", ".join(word(k) for k in sorted(by_kind)) or say("no"),
            ),
        )


def _r4(one: Sentence) -> Messages:
    if one.claim.rung != 4 or one.claim.is_open:
        return
    if not one.cited.is_all_open:
        return
    if one.claim.level == "high":
        yield Broken(
            "R4",
            say(
                "{sentence} says who directs it, with high confidence, from open sources only. "
                "Write moderate at most.",
                sentence=one.quote(),
            ),
        )
    if is_empty(one.claim.would_change):
        yield Broken(
            "R4",
            say(
                "{sentence} does not say what proprietary or classified data would change it. Add "
                "`would_change:`.",
                sentence=one.quote(),
            ),
        )


def _r5_words(one: Sentence) -> Messages:
    """Each claim speaks of its own rung only."""
    claim = one.claim
    every = tuple(w for group in words.RUNG_WORDS.values() for w in group)
    rung_of = {w: rung for rung, group in words.RUNG_WORDS.items() for w in group}
    for text, bare in ((claim.text, one.bare), (claim.headline, one.bare_headline)):
        told: set[int] = set()
        for hit in words.find(bare, every):
            rung = rung_of[hit.term]
            if rung == claim.rung or rung in told or not _speaks_of_rung(one, bare, hit, rung):
                continue
            told.add(rung)
            if claim.rung is None and claim.reported_by:
                continue
            name = word(schema.RUNGS[rung])
            if claim.rung is None:
                yield Broken(
                    "R5",
                    say(
                        "{sentence}: “{term}” is a judgement on rung {rung} ({name}), and the "
                        "claim is of the kind {kind}. Say what the records show, or make it an "
                        "assessment on rung {rung}.",
                        sentence=one.quote(text, hit.start),
                        term=hit.term,
                        rung=rung,
                        name=name,
                        kind=word(claim.kind),
                    ),
                )
            else:
                yield Broken(
                    "R5",
                    say(
                        "{sentence} is on rung {rung} ({name}), but “{term}” speaks of rung "
                        "{rung2} ({name2}). Make it two claims with two grades.",
                        sentence=one.quote(text, hit.start),
                        rung=claim.rung,
                        name=word(schema.RUNGS[claim.rung]),
                        term=hit.term,
                        rung2=rung,
                        name2=name,
                    ),
                )


def _r5_actors(one: Sentence) -> Messages:
    """Yield where a claim names a state actor or a network that is not its subject."""
    claim = one.claim
    names = tuple(n.lower() for network in one.finding.networks for n in names_of(network) if n)
    for text, bare in ((claim.text, one.bare), (claim.headline, one.bare_headline)):
        state = words.STATE_ACTOR.search(bare)
        if state and claim.rung != 4 and not claim.reported_by:
            yield Broken(
                "R5",
                say(
                    "{sentence}: “{state}” says which state acts, which is rung 4 (directed). "
                    "Make it a claim of its own, or report who says so.",
                    sentence=one.quote(text, state.start()),
                    state=state[0],
                ),
            )
        for hit in words.find(bare, names)[:1] if names else ():
            if claim.rung in (3, 4) or claim.reported_by or "attributed" in bare.lower():
                continue
            yield Broken(
                "R5",
                say(
                    "{sentence} names the network “{term}”, which is rung 3 (linked). Make it a "
                    "claim of its own, or say who attributed what to it.",
                    sentence=one.quote(text, hit.start),
                    term=hit.term,
                ),
            )


def _speaks_of_rung(one: Sentence, bare: str, hit: words.Found, rung: int) -> bool:
    if rung != 3:
        return True
    # "part of", "links to" are everyday words unless a network or an actor follows.
    after = bare[hit.end : hit.end + 60]
    names = tuple(n.lower() for network in one.finding.networks for n in names_of(network))
    return bool(
        words.NETWORK_NOUNS.search(after)
        or words.find(after, words.STATES)
        or (names and words.find(after, names))
        or re.match(r"\s+[A-Z][\w-]+", after)
    )


def _r5_evidence(one: Sentence) -> Messages:
    """Rung 4 stands on its own evidence, never on that of rung 3."""
    claim = one.claim
    if claim.rung != 4:
        return
    mine = set(claim.evidence)
    for other in one.finding.claims:
        shared = mine & set(other.evidence)
        own = {s for s in shared if s.startswith("selection:") or re.match(r"E\d", s)}
        if other.rung == 3 and (own or (shared and mine <= set(other.evidence))):
            yield Broken(
                "R5",
                say(
                    "{sentence} is on rung 4 and rests on {items}, the evidence of {id} on rung "
                    "3. Who directs a network needs evidence of its own: cite it, or report a "
                    "named public source with `reported_by:`.",
                    sentence=one.quote(),
                    items=", ".join(sorted(own or shared)),
                    id=other.id,
                ),
            )


def _r7(one: Sentence) -> Messages:
    if (one.claim.rung or 0) < 2:
        return
    if is_empty(one.claim.counter_evidence):
        yield Broken(
            "R7",
            say(
                "{sentence} names no counter-evidence. Write the strongest, or what was looked "
                "for and not found.",
                sentence=one.quote(),
            ),
        )


_AXIS = {
    1: (("signals", "verdicts", "snapshots"), "selection:signals_shown"),
    2: (("edges", "clusters"), "selection:persona_pairs"),
    3: (("edges", "indicators"), "selection:known_ties"),
}


def _rung_evidence(one: Sentence) -> Messages:
    """Evidence must speak of the rung it is cited for."""
    claim = one.claim
    if claim.kind == "assessment" and claim.rung is None:
        yield Broken(
            "kind",
            say(
                "{sentence} is an assessment without a rung. Add `rung: 1` to 4.",
                sentence=one.quote(),
            ),
        )
    if claim.rung is None or claim.is_open or claim.reported_by:
        return
    if claim.rung == 4:
        if not {"technical", "contextual"} & set(one.cited.testable_kinds):
            yield Broken(
                "rung",
                say(
                    "{sentence} says who directs it on behaviour alone. Rung 4 needs technical or "
                    "documentary evidence held here; else name who reports it with "
                    "`reported_by:`.",
                    sentence=one.quote(),
                ),
            )
        return
    tables, instead = _AXIS[claim.rung]
    fits = set(tables) & one.cited.tables
    if claim.rung == 3:
        fits = {n for n in one.cited.selections if n in ("known_ties", "tied_known",
                "tied_personas", "indicator_exact") or n in claim.values}  # fmt: skip
    if not fits:
        why = {
            1: say("acting together says nothing about who the accounts are"),
            2: say("a few posts, or what a profile says, do not show that accounts act together"),
            3: say("sharing content or near matches are not enough to link accounts to a network"),
        }[claim.rung]
        yield Broken(
            "rung",
            say(
                "{sentence} cites evidence of another rung: {why}. Cite {instead}.",
                sentence=one.quote(),
                why=why,
                instead=instead,
            ),
        )


def _rung_met(one: Sentence) -> Messages:
    claim, table = one.claim, one.finding.ladder
    if table is None or claim.rung is None or claim.is_open or claim.reported_by:
        return
    positive = words.BANDS["en"] | words.BANDS["fr"]
    if claim.likelihood and positive[claim.likelihood][0] < 45:
        return
    # No computation meets rung 4: its documents are judged by `_rung_evidence`. But it is never
    # reached over an open rung 3.
    rung = table[table["rung"] == min(claim.rung, 3)].iloc[0]
    if rung["status"] == OPEN:
        yield Broken(
            "rung",
            say(
                "{sentence} is on rung {rung}, and rung {below} ({below_name}) is not met in this "
                "case: {why} Write `likelihood: undetermined`.",
                sentence=one.quote(),
                rung=claim.rung,
                below=rung["rung"],
                below_name=word(str(rung["name"])),
                why=rung["limited_by"],
            ),
        )
    elif claim.level and _ORDER.index(claim.level) > _ORDER.index(rung["limit"]):
        yield Broken(
            "cap",
            say(
                "{sentence} claims {level} confidence; rung {rung} is limited to {limit} here: "
                "{why}.",
                sentence=one.quote(),
                level=word(claim.level),
                rung=claim.rung,
                limit=word(str(rung["limit"])),
                why=rung["limited_by"],
            ),
        )


def _caps(one: Sentence) -> Messages:
    if one.claim.level in ("", "low") or not one.cited.items:
        return
    rows = [one.finding.rows[i] for i in sorted(one.cited.items)]
    if all(r["capture"] == "typed" for r in rows):
        yield Broken(
            "cap",
            say(
                "{sentence} rests on a typed note alone, which caps confidence at low. Add a "
                "capture, or write low.",
                sentence=one.quote(),
            ),
        )
    missing = [r["reliability"] == "F" or r["credibility"] == "6" for r in rows]
    if all(missing):
        yield Broken(
            "cap",
            say(
                "{sentence} rests on items graded F or 6, which is missing data. Write low, or "
                "cite a source that could be judged.",
                sentence=one.quote(),
            ),
        )


RULES: tuple[Callable[[Sentence], Messages], ...] = (
    _r1_evidence,
    _r1_values,
    _r1_numbers,
    _r1_years,
    _r2,
    _r3,
    _r4,
    _r5_words,
    _r5_actors,
    _r5_evidence,
    _r7,
    _rung_evidence,
    _rung_met,
    _caps,
)
