"""What a claim speaks of: its kind, people, networks, and the published story."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from casebook import schema
from casebook.attribution import language as words
from casebook.attribution.sentences import (
    Broken,
    Sentence,
    first,
    names_of,
)
from casebook.attribution.values import records
from casebook.language import say, word
from casebook.text import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from casebook.attribution.sentences import Finding

    Messages = Iterator[Broken]

_HANDLE = re.compile(r"(?<![\w.])@(\w[\w.]{1,40})")


def _kind(one: Sentence) -> Messages:
    claim = one.claim
    if claim.kind == "intent" and not claim.reported_by:
        yield Broken(
            "kind",
            say(
                "{sentence} speaks of intent, which no record shows. Say who reports it with "
                "`reported_by:`.",
                sentence=one.quote(),
            ),
        )
    if claim.kind == "forecast" and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", claim.resolves_on):
        yield Broken(
            "kind",
            say(
                "{sentence} is a forecast without the day on which it resolves. Add `resolves_on: "
                '"2025-01-31"`.',
                sentence=one.quote(),
            ),
        )
    if claim.kind in ("observation", "intent") and claim.rung is not None:
        yield Broken(
            "kind",
            say(
                "{sentence} has a rung and is of the kind {kind}. Make it an assessment.",
                sentence=one.quote(),
                kind=word(claim.kind),
            ),
        )
    if claim.kind == "observation" and claim.likelihood:
        yield Broken(
            "kind",
            say(
                "{sentence} is an observation with a likelihood. What the records show has none.",
                sentence=one.quote(),
            ),
        )
    if one.cited.is_only_reported and not claim.reported_by and not claim.is_open:
        yield Broken(
            "kind",
            say(
                "{sentence} rests on published reports only, and states them as ours. Name who "
                "says so in the text and with `reported_by:`.",
                sentence=one.quote(),
            ),
        )


def _kind_words(one: Sentence) -> Messages:
    claim = one.claim
    for hit in words.purposes(one.bare)[:1] if claim.kind != "intent" else ():
        yield Broken(
            "kind",
            say(
                "{sentence}: “{term}” speaks of intent. Say what was done; intent is a claim of "
                "its own, as reported.",
                sentence=one.quote(near=hit.start),
                term=hit.term,
            ),
        )
    told = words.futures(one.bare, one.finding.language)
    for future in told[:1] if claim.kind not in ("forecast", "intent") else ():
        yield Broken(
            "kind",
            say(
                "{sentence}: “{term}” is a forecast. Give it `kind: forecast` and `resolves_on`.",
                sentence=one.quote(near=future.start),
                term=future.term,
            ),
        )


def _trend(one: Sentence) -> Messages:
    claim = one.claim
    if len(claim.periods) >= 2 and claim.same_method:
        return
    for text, bare in ((claim.text, one.bare), (claim.headline, one.bare_headline)):
        for hit in words.trends(bare, one.finding.language)[:1]:
            if claim.reported_by and hit.term in one.cited.statements:
                continue
            yield Broken(
                "trend",
                say(
                    "{sentence}: “{term}” compares two periods. Name them in `periods:` with "
                    "`same_method: true`, or describe one period.",
                    sentence=one.quote(text, hit.start),
                    term=hit.term,
                ),
            )


def _people(one: Sentence) -> Messages:
    accounts = one.finding.tables.get("accounts")
    if accounts is None:
        return
    named = accounts[["handle", "account", "role"]].dropna().itertuples(index=False)
    by_handle = {str(h).lower(): (str(k), str(r)) for h, k, r in named}
    for handle in _handles(f"{one.claim.headline} {one.claim.text}", by_handle):
        key, role = by_handle.get(handle.lower(), ("", "unknown"))
        if role == "known" or (role == "persona" and _is_checked(one.finding, key)):
            continue
        why = (
            say(
                "Before the check for a real, hijacked or parody account no persona is named: "
                "record it, or leave the name out."
            )
            if role == "persona"
            else say("It is no account under review: leave the name out.")
        )
        yield Broken(
            "name",
            say("{sentence} names {handle}. {why}", sentence=one.quote(), handle=handle, why=why),
        )


def _handles(text: str, known: Mapping[str, object]) -> list[str]:
    """Return the handles in a text: after an @, in an address, or unmistakable as they stand."""
    found = {m[1].rstrip("."): m.start() for m in _HANDLE.finditer(text)}
    for match in re.finditer(r"\w+", text):
        unmistakable = re.search(r"[\d_]", match[0]) or text[: match.start()].endswith("/")
        if unmistakable and match[0].lower() in known:
            found.setdefault(match[0], match.start())
    return sorted(found, key=lambda name: found[name])


def _is_checked(finding: Finding, account: str) -> bool:
    verdicts = finding.tables.get("verdicts")
    if verdicts is None:
        return False
    own = verdicts[verdicts["account"] == account]
    return bool(own["real_person_check"].eq("done").any())


def _reply(one: Sentence) -> Messages:
    claim = one.claim
    if claim.about:
        return
    state = first(one.bare, words.STATES)
    blames = (
        claim.rung == 4
        or claim.kind in ("intent", "forecast")
        or (claim.reported_by and first(one.bare, words.RUNG_WORDS[4]))
    )
    if claim.rung == 4 or (state and (claim.rung == 3 or blames)):
        named = f"“{state.term}”" if state else say("who directs it")
        yield Broken(
            "reply",
            say(
                "{sentence} names {named}. List the persons, outlets, companies and states it "
                "names under `about:`; each is asked for a reply.",
                sentence=one.quote(),
                named=named,
            ),
        )


def _network(one: Sentence) -> Messages:
    claim, networks = one.claim, one.finding.networks
    whole = f"{one.bare} {one.bare_headline}"
    if claim.rung == 3 and not claim.is_open:
        known = [n for network in networks for n in names_of(network)]
        if not claim.network:
            yield Broken(
                "network",
                say(
                    "{sentence} does not say to which network. Add `network:`.",
                    sentence=one.quote(),
                ),
            )
        elif networks and claim.network not in known:
            hint = schema.nearest(claim.network, known)
            yield Broken(
                "network",
                say(
                    "{network} is not among the networks of case.yaml.", network=repr(claim.network)
                )
                + (" " + say("Did you mean {hint}?", hint=repr(hint)) if hint else ""),
            )
    if (claim.rung or 0) < 3:
        return
    alike = tuple(str(a).lower() for n in networks for a in n.get("look_alikes") or [])
    hit = first(whole.lower(), alike) if alike else None
    cited = first(one.cited.statements, alike) if alike else None
    if hit or cited:
        name = (hit or cited).term  # type: ignore[union-attr]
        yield Broken(
            "network",
            say(
                "{sentence} names {name}, a look-alike that its sources keep apart. Leave it out, "
                "or make it a claim of its own.",
                sentence=one.quote(),
                name=name,
            )
            if hit
            else say(
                "{sentence} cites a fact about {name}, a look-alike that its sources keep apart. "
                "Leave it out, or make it a claim of its own.",
                sentence=one.quote(),
                name=name,
            ),
        )


def _overstated(one: Sentence) -> Messages:
    """Refuse the published story told stronger than its sources tell it."""
    claim, text = one.claim, f"{one.bare} {one.bare_headline}"
    whole = text.lower()
    # What a source is said NOT to have written is no support for writing it.
    affirmed = re.sub(r"\bnot\s+[\"“][^\"”]*[\"”]", "", one.cited.statements)
    if claim.reported_by and one.cited.facts:
        for hit in words.find(text, words.RUNG_WORDS[4])[:1]:
            if hit.term.split()[0].split("-")[-1] not in affirmed:
                yield Broken(
                    "sources",
                    say(
                        "{sentence}: the cited facts do not say “{term}”. They say: "
                        "“{statements}”.",
                        sentence=one.quote(),
                        term=hit.term,
                        statements=shorten(one.cited.statements, 160),
                    ),
                )
    table = one.finding.factcheck
    if table is None or "trap" not in table.columns:
        return
    for row in records(table):
        # "a|b & !c": one of a and b is said, and c is not.
        groups = [g.strip() for g in str(row["trap"] or "").split(" & ") if g.strip()]
        parts = [tuple(w.strip().lower() for w in g.lstrip("!").split("|")) for g in groups]
        said = (
            bool(first(whole, part)) is not g.startswith("!")
            for g, part in zip(groups, parts, strict=True)
        )
        if groups and all(said):
            yield Broken(
                "sources",
                say(
                    "{sentence} repeats what the sources do not say ({verdict}). They say: "
                    "“{published}”.",
                    sentence=one.quote(),
                    verdict=word(str(row["verdict"])),
                    published=row["published"],
                ),
            )


RULES: tuple[Callable[[Sentence], Messages], ...] = (
    _kind,
    _kind_words,
    _trend,
    _people,
    _reply,
    _network,
    _overstated,
)
