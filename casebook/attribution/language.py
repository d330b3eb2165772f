"""The words of a finding: likelihood terms, hedges, certainty, trends and rung names.

English and French. Quotations are exempt everywhere: what a source wrote is not ours to mend.

References
----------
ICD 203, *Analytic Standards*: the seven likelihood terms and their bands; confidence apart.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from casebook.language import NARROW

BANDS: dict[str, dict[str, tuple[int, int]]] = {
    "en": {
        "almost no chance": (1, 5),
        "very unlikely": (5, 20),
        "unlikely": (20, 45),
        "roughly even chance": (45, 55),
        "likely": (55, 80),
        "very likely": (80, 95),
        "almost certain": (95, 99),
    },
    "fr": {
        "presque aucune chance": (1, 5),
        "très improbable": (5, 20),
        "improbable": (20, 45),
        "chances à peu près égales": (45, 55),
        "probable": (55, 80),
        "très probable": (80, 95),
        "presque certain": (95, 99),
    },
}
"""The row of terms in use. ICD 203 has a second row; one product keeps to one row."""

UNDETERMINED = ("undetermined", "indéterminé")

_FORMS = {
    "almost certain": "almost certain(?:ly)?",
    "presque certain": "presque certain(?:e|s|es|ement)?",
    "probable": "probable(?:s|ment)?",
    "très probable": "très probable(?:s|ment)?",
    "improbable": "improbables?",
    "très improbable": "très improbables?",
    "likely": r"likely(?! to be (?:confused|mistaken))",
}

OTHER_ROW = {
    "en": (
        "remote chance", "remote", "highly improbable", "improbable", "improbably",
        "roughly even odds", "even odds", "probable", "probably", "highly probable",
        "nearly certain", "highly likely", "extremely likely", "more likely than not",
        "virtually certain", "extremely unlikely", "highly unlikely", "a fair chance",
    ),
    "fr": (
        "vraisemblable", "vraisemblablement", "invraisemblable", "plausible", "quasi certain",
        "quasiment certain", "quasi-certain", "hautement probable", "extrêmement probable",
        "fort probable", "une chance sur deux", "peu probable", "plus probable que non",
    ),
}  # fmt: skip

HEDGES = {
    "en": (
        "may", "might", "could", "possibly", "perhaps", "maybe", "conceivably", "presumably",
        "apparently", "seemingly", "allegedly", "supposedly", "reportedly", "arguably",
        "linked to", "tied to", "connected to", "associated with", "believed", "thought to",
        "said to", "suspected of", "suspected to", "appears to", "appear to", "seems to",
        "seem to", "suggests", "suggest", "hints at", "hint at", "would appear", "good chance",
        "odds are", "in our view", "in our opinion", "we think", "we believe",
        "we feel", "our impression", "as far as we can tell", "would seem", "looks like",
        "look like",
        "it seems", "it appears", "is thought", "are thought", "is said", "are said", "rumoured",
        "rumored", "tends to indicate", "smacks of", "one may", "potentially", "potential",
        "points to", "consistent with",
        "cannot be ruled out", "can not be ruled out", "everything indicates", "all indicates",
        "reminiscent of", "evokes", "evoke",
    ),
    "fr": (
        "peut-être", "pourrait", "pourraient", "peut être", "éventuellement", "possiblement",
        "sans doute", "apparemment", "semble", "semblent", "paraît", "paraissent",
        "présumé", "présumés", "présumée", "présumées", "supposé", "supposés", "soupçonné",
        "soupçonnés", "lié à", "liés à", "liée à", "liées à", "lié au", "liés au", "associé à",
        "associés à", "il se peut", "serait", "seraient", "aurait", "auraient", "suggère",
        "suggèrent", "laisse penser", "laissent penser", "on peut penser", "à notre avis",
        "nous pensons", "nous croyons", "il y a des chances", "tout porte à croire",
        "on dirait", "il semblerait", "potentiellement", "paraîtrait", "n'est pas exclu",
        "ne peut être exclu", "tout indique", "tout laisse", "évoque", "évoquent", "réputé",
        "réputés", "réputée", "réputées",
    ),
}  # fmt: skip

CERTAIN = {
    "en": (
        "certainly", "definitely", "undoubtedly", "unquestionably", "without doubt",
        "without a doubt", "no doubt", "beyond doubt", "beyond any doubt",
        "beyond reasonable doubt", "beyond a reasonable doubt", "is proven",
        "are proven", "proves", "prove that", "proof that", "conclusively", "impossible",
        "guaranteed", "clearly", "obviously", "evidently", "without question", "undeniable",
        "undeniably", "surely", "plainly", "are sure", "is sure", "am sure", "must be",
        "there is no other explanation", "can only be", "established fact", "indisputable",
        "indisputably", "absolutely", "for sure", "is certain", "are certain", "am certain",
        "certainty",
    ),
    "fr": (
        "certainement", "assurément", "indubitablement", "incontestablement",
        "sans aucun doute", "hors de doute", "est prouvé", "sont prouvés", "prouve",
        "prouvent", "la preuve que", "impossible", "à coup sûr", "de toute évidence",
        "indiscutable", "évidemment", "clairement", "sûrement", "manifestement", "forcément",
        "nul doute", "à l'évidence", "ne peut être que", "c'est un fait", "absolument",
        "l'ombre d'un doute", "est certain", "est certaine", "sont certains", "sont certaines",
        "sommes certains", "suis certain", "certitude",
    ),
}  # fmt: skip

TRENDS = {
    "en": (
        "more and more", "increasingly", "increasing", "increased", "increase", "escalating",
        "escalated", "escalation", "growing", "grew", "rising", "rose", "surging", "surged",
        "surge", "intensifying", "intensified", "accelerating", "accelerated", "spike",
        "declining", "declined", "fewer", "more often", "more frequently", "more aggressive",
        "more active", "more", "doubled", "tripled", "expanded", "expanding", "ramped up",
        "stepped up", "worsening", "than last", "going up", "going down", "keeps growing",
        "keep growing", "going through the roof", "than before", "than previously",
        "than earlier", "up from",
        "down from", "ever more", "hardened", "soared", "jumped", "climbed", "shrank", "shrinking",
        "no longer", "anymore",
    ),
    "fr": (
        "de plus en plus", "davantage", "en hausse", "en baisse", "augmente", "augmentent",
        "augmenté", "augmentation", "croissant", "croissante", "croissants", "croissantes",
        "s'intensifie", "s'intensifient", "intensification", "s'accélère", "accélération",
        "a doublé", "ont doublé", "escalade", "plus souvent", "plus agressif",
        "plus agressifs", "plus fréquent", "recule", "reculent", "qu'auparavant",
        "que l'an dernier", "qu'avant", "ne cesse de", "toujours plus", "de moins en moins",
        "bondi", "explosé", "grimpé", "chuté", "progressé", "en progression", "en recul",
        "s'est durci", "se durcit", "se durcissent",
    ),
}  # fmt: skip

RUNG_WORDS = {
    1: (
        "inauthentic", "inauthentics", "fake", "fakes", "bogus", "sham", "sock puppet",
        "sock puppets", "sockpuppet", "sockpuppets", "bot", "bots", "troll", "trolls",
        "impostor", "impostors", "phony", "phoney", "impersonate", "impersonates",
        "impersonating", "masquerade",
 "masquerades", "masquerading", "astroturf", "astroturfing", "not who they claim to be",
 "not what they claim to be",
        "inauthentique", "inauthentiques", "faux comptes", "faux compte", "faux-nez",
        "usurpé", "usurpés",
    ),
    2: (
        "coordinated", "coordination", "coordinate", "coordinates", "in concert",
        "orchestrated", "synchronised", "synchronized", "act as one", "acted as one",
        "acting together", "act together", "acted together", "hand in hand", "in lockstep",
        "in unison", "as a team", "main dans la main", "coordonné", "coordonnés",
        "coordonnée", "coordonnées", "orchestré", "orchestrés", "de concert",
        "agissent ensemble",
    ),
    3: (
        "linked to", "link to", "links to", "tied to", "ties to", "belong to", "belongs to",
        "part of", "member of", "members of", "affiliated with", "connected to",
        "offshoot of", "continuation of", "lié à", "liés à", "liée à", "liées à", "lié au",
        "liés au", "liés aux", "appartient à", "appartiennent à", "membre de", "membres de",
        "fait partie", "font partie", "rattaché à", "rattachés à",
    ),
    4: (
        "directed by", "directed from", "backed by", "sponsored by", "run by", "controlled by",
        "ordered by", "funded by", "operated by", "commissioned by", "orchestrated by",
        "on behalf of", "at the behest of", "take orders from", "takes orders from",
        "taking orders from", "under orders from", "in the pay of", "puppet of", "puppets of",
        "proxy of", "proxies of", "state-backed", "state-sponsored", "state-linked",
        "state-run", "state-directed", "government-backed", "government-run", "masterminded",
        "foreign interference", "interference", "foreign power", "pulls the strings",
 "pull the strings", "pulling the strings", "backs", "back the", "backed", "ingérence",
 "puissance étrangère", "tire les ficelles",
        "behind the accounts", "behind the network", "behind this", "dirigé par",
        "dirigés par", "dirigée par", "dirigées par", "piloté par", "pilotés par",
        "soutenu par", "soutenus par", "soutenue par", "financé par", "financés par",
        "commandité par", "commandités par", "contrôlé par", "contrôlés par",
        "aux mains de", "à la solde de", "sur ordre de", "sur ordre d", "téléguidé", "téléguidés",
        "téléguidée", "téléguidées", "manipulé par", "manipulés par",
        "pour le compte de", "aux ordres de", "étatique", "étatiques",
    ),
}  # fmt: skip

NETWORK_NOUNS = re.compile(
    r"(?:network|operation|campaign|actor|réseau|opération|campagne|acteur)", re.IGNORECASE
)

INTENT = (
    "aims to", "aim to", "aimed to", "aimed at", "intends to", "intend to", "intended to",
    "seeks to", "seek to", "sought to", "in order to", "with the goal of", "the goal is",
    "whose goal", "wants to", "want to", "wanted to", "trying to", "tries to", "tried to",
    "attempt to", "attempts to", "attempted to", "so as to", "purpose is", "goal", "goals",
    "objective", "objectives", "motive", "motives",
    "purpose",
    "in a bid to", "hoping to", "hopes to", "meant to", "bent on", "with a view to", "objectif",
    "objectifs", "espère", "espèrent", "mobile", "designed to", "vise à", "visent à",
    "cherche à", "cherchent à", "tente de", "tentent de", "essaie de", "essaient de",
    "dans le but de", "afin de", "a pour but", "ont pour but", "veut", "veulent",
)  # fmt: skip

FUTURE = (
    "will", "shall", "is going to", "are going to", "is set to", "are set to", "va", "vont",
    "sera", "seront", "aura", "auront", "fera", "feront", "pourra", "pourront", "devra", "devront",
)  # fmt: skip

CONFIDENCE = (
    "confidence", "confident", "confidently", "confiance", "degré de confiance", "confiant",
    "confiants", "confiante", "confiantes",
)  # fmt: skip

STATES = (
    "china", "prc", "beijing", "people's republic of china", "russia", "kremlin", "moscow",
    "iran", "tehran", "north korea", "pyongyang", "israel", "india", "turkey", "saudi arabia",
    "united states", "washington", "france", "united kingdom", "ukraine", "taiwan", "vietnam",
    "cuba", "venezuela", "chinese state", "chinese government", "russian state",
    "russian government", "iranian state", "iranian government", "ministry of public security",
    "chine", "pékin", "russie", "moscou", "iran", "corée du nord", "état chinois",
    "état russe", "royaume-uni", "états-unis",
)  # fmt: skip

_DEMONYMS = (
    "chinese|russian|iranian|north korean|israeli|indian|turkish|saudi|french|british|ukrainian"
    "|taiwanese|vietnamese|cuban|venezuelan|prc|ccp|kremlin|beijing|moscow|tehran|foreign"
)
_ACTORS = (
    "state|government|operation|operators?|agency|agencies|services?|military|army|police"
    "|intelligence|party|campaign|network|office|actors?|propaganda|puppets?|proxy|proxies"
    "|agents?|influence|trolls?|officials?|regime|embassy|ministry|arm|tool"
)
_STATE_NAMES = "china|beijing|russia|moscow|iran|tehran|north korea|pékin|moscou|téhéran"
STATE_ACTOR = re.compile(
    rf"(?<!\w)(?:par|by)\s+(?:{_STATE_NAMES})(?!\w)"
    rf"|(?<!\w)(?:{_DEMONYMS})(?:'s|’s)?[\s-]+(?:\w+\s+)?(?:{_ACTORS})(?!\w)"
    r"|(?<!\w)(?:working|work|works|worked|steered|steer|act|acting|paid|guided|managed|led|hired"
    r"|tasked|deployed|launched)\s+(?:for|from|by|out of|on)\s+(?:the\s+)?(?:(?:chinese|russian"
    r"|iranian)\s+)?(?:state|government|china|beijing|russia|moscow|the kremlin|iran|tehran|prc)"
    r"|(?<!\w)(?:l'|de l'|par l')?état\s+(?:chinois|russe|iranien|étranger)"
    r"|(?<!\w)(?:services|police|régime|gouvernement|parti|agents?|opération|réseau|campagne)\s+"
    r"(?:chinoise?s?|russes?|iranien(?:ne)?s?)(?!\w)",
    re.IGNORECASE,
)
"""Words that say which state acts: rung 4, whatever else the sentence says."""

NUMBER_WORDS = {
    "en": (
        "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
        "nineteen", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty",
        "ninety", "hundred", "hundreds", "thousand", "thousands", "million", "millions",
        "dozen", "dozens",
    ),
    "fr": (
        "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze",
        "douze", "treize", "quatorze", "quinze", "seize", "vingt", "trente", "quarante",
        "cinquante", "soixante", "cent", "cents", "mille", "centaine", "centaines",
        "millier", "milliers", "million", "millions", "dizaine", "dizaines", "douzaine",
        "quinzaine", "vingtaine", "trentaine", "quarantaine", "cinquantaine", "soixantaine",
    ),
}  # fmt: skip

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
)
BAND = re.compile(
    r"\s*\(?\s*(\d{1,2})\s*(?:[–-]|to|à)\s*(\d{1,2})\s*(?:%|per ?cent|pour cent)\s*\)?"
)
"""A band as printed behind a term."""
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|«[^»]*»|‘[^’]*’|(?<!\w)'[^']*'(?!\w)")
_DATES = re.compile(
    rf"\b\d{{4}}-\d{{2}}(?:-\d{{2}})?\b"
    rf"|\b(?:\d{{1,2}}(?:st|nd|rd|th|er)?\s+)?(?:{_MONTHS})\.?"
    rf"(?:\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,|\b))?(?:\s+(?:19|20)\d{{2}}\b)?"
    rf"|\bQ[1-4]\s+(?:19|20)\d{{2}}\b"
    rf"|\b\d{{1,2}}:\d{{2}}\b(?:\s*UTC)?"
    r"|\b(?:19|20)\d{2}\b(?!\s*(?:accounts|posts|pairs|personas|comptes|messages|paires))",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[.!?…])\s+(?=[A-ZÀ-ÖØ-Þ\"“«@#{(\d])")
_ABBREVIATED = re.compile(r"\b(?:[A-Z]|Sept|Oct|Nov|Dec|Jan|Feb|Inc|Mr|Ms|Dr|St|No|vs|p)\.$")
_NUMBERS = re.compile(r"(?<![\w#@:/.-])\d+(?:[.,\u202f\u00a0 ]\d{3})*(?:[.,]\d+)?(?![\w-]|[.,]\d)")
_NAMED_NUMBER = re.compile(
    r"\b(?:rung|figure|table|claim|note|page|section|hypothesis|échelon|tableau|annexe|H|UTC)"
    r"\s?[+-]?\d+\b",
    re.IGNORECASE,
)


class Found(NamedTuple):
    """A term found in a sentence: the term as listed, and where it stands."""

    term: str
    start: int
    end: int


def sentences(text: str) -> list[str]:
    """Return the sentences of a text.

    Examples
    --------
    >>> sentences("It is likely. Graphika Inc. agrees, on 3 Sept. 2024.")
    ['It is likely.', 'Graphika Inc. agrees, on 3 Sept. 2024.']
    """
    parts = _SENTENCES.split(text)
    joined: list[str] = []
    for part in parts:
        if joined and _ABBREVIATED.search(joined[-1]):
            joined[-1] = f"{joined[-1]} {part}"
        else:
            joined.append(part)
    return [part for part in joined if part.strip()]


def unquoted(text: str) -> str:
    """Return the text with quotations blanked out, every other character in its place."""
    return _QUOTED.sub(lambda m: " " * len(m[0]), text)


@cache
def _pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    longest = sorted(terms, key=lambda t: (-len(t), t))
    forms = "|".join(_FORMS.get(t) or re.escape(t).replace(r"\ ", r"\s+") for t in longest)
    return re.compile(rf"(?<![\w-])(?:{forms})(?![\w-])", re.IGNORECASE)


def find(text: str, terms: tuple[str, ...]) -> list[Found]:
    """Return where any of the terms stands as a whole word, the longest first at each place."""
    return [
        Found(" ".join(m[0].lower().split()), m.start(), m.end())
        for m in _pattern(terms).finditer(straight(text))
    ]


def straight(text: str) -> str:
    """Return a text with straight apostrophes, every other character in its place."""
    return text.replace("’", "'")


def likelihood_terms(text: str, language: str) -> list[Found]:
    """Return the likelihood terms of a text, each under the name its band has.

    Examples
    --------
    >>> [f.term for f in likelihood_terms("It is almost certainly so, and very likely.", "en")]
    ['almost certain', 'very likely']
    """
    bands = BANDS[language]
    found = []
    # The longer, foreign-row forms are read too, so that "highly likely" is not read as "likely".
    for hit in find(text, (*bands, *OTHER_ROW[language])):
        name = next((t for t in bands if re.fullmatch(_FORMS.get(t, t), hit.term)), None)
        if name:
            found.append(Found(name, hit.start, hit.end))
    return found


def other_row_terms(text: str, language: str) -> list[Found]:
    """Return terms of another row than the one in use."""
    bands = BANDS[language]
    hits = find(text, (*bands, *OTHER_ROW[language]))
    return [h for h in hits if h.term in OTHER_ROW[language]]


def band(term: str, language: str) -> str:
    """Return the band of a likelihood term as it is printed.

    Examples
    --------
    >>> band("likely", "en")
    '55–80 %'
    """
    low, high = BANDS[language][term]
    return f"{low}–{high}{NARROW if language == 'fr' else ' '}%"


def hedges(text: str, language: str) -> list[Found]:
    """Return bare hedges; the month of May is not one."""
    found = []
    for hit in find(text, HEDGES[language]):
        word = text[hit.start : hit.end]
        month = word == "May" and re.search(
            r"(?:\b(?:in|of|since|until|by|from|to|and|early|late|mid|last|on)|\d(?:st|nd|rd|th)?)"
            r"\s*$|^$",
            text[: hit.start],
        )
        if not (month or (word == "May" and re.match(r"\s+\d", text[hit.end :]))):
            found.append(hit)
    if language == "fr":
        found += [Found(m[0].lower(), m.start(), m.end()) for m in _CONDITIONAL.finditer(text)]
    return sorted(found, key=lambda hit: hit.start)


_CONDITIONAL = re.compile(r"(?<!\w)(?!cadr|encadr)[a-zà-ÿ]+(?:er|dr)(?:ait|aient)(?!\w)")
"""The conditional of the press: somebody *would* do it. An imperfect ends in -érait or -trait."""
_FUTURE_TENSE = re.compile(
    r"(?<!\w)(?!affront)[a-zà-ÿ]{3,}(?:(?:er|ir|dr|vr)a|(?:er|ir|dr|vr)ont)(?!\w)"
)


def futures(text: str, language: str) -> list[Found]:
    """Return what speaks of the future.

    Examples
    --------
    >>> [f.term for f in futures("Ils continueront demain.", "fr")]
    ['continueront']
    """
    found = find(text, FUTURE)
    if language == "fr":
        found += [Found(m[0].lower(), m.start(), m.end()) for m in _FUTURE_TENSE.finditer(text)]
    return sorted(found, key=lambda hit: hit.start)


def trends(text: str, language: str) -> list[Found]:
    """Return words that compare periods; "more than" compares with a number, not with a time."""
    kept = [
        hit
        for hit in find(text, TRENDS[language])
        if not (hit.term == "more" and re.match(r"\s+than\b", text[hit.end :]))
        and not re.search(r"\bno\s*$", text[: hit.start])
        and not (hit.term == "more" and re.search(r"\b(?:one|or|once)\s*$", text[: hit.start]))
    ]
    kept += [Found(m[0].lower(), m.start(), m.end()) for m in _BECOMING.finditer(text)]
    return sorted(kept, key=lambda hit: hit.start)


_PURPOSE = re.compile(
    r"(?<!\w)(?:to|pour)\s+(?:hurt|harm|damage|influence|discredit|mislead|divide|sow|undermine|sway"
    r"|deceive|destabili[sz]e|polari[sz]e|nuire|influencer|discréditer|tromper|diviser|semer"
    r"|affaiblir|déstabiliser)(?!\w)",
    re.IGNORECASE,
)
_BECOMING = re.compile(
    r"(?<!\w)(?:become|becomes|became|becoming|grown|got|getting)\s+\w{3,}er(?!\w)"
)


def purposes(text: str) -> list[Found]:
    """Return words of intent, "to divide" among them."""
    hits = find(text, INTENT)
    hits += [Found(m[0].lower(), m.start(), m.end()) for m in _PURPOSE.finditer(text)]
    return sorted(hits, key=lambda hit: hit.start)


def loose_numbers(text: str, language: str) -> list[str]:
    """Return the numbers that somebody typed into a text: digits and number words.

    Dates, clock times, ids (E0003, Storm-1852, @user1234) and the names of things ("rung 2") are
    no numbers.

    Examples
    --------
    >>> loose_numbers("On 3 September 2024, Storm-1852 had 15 accounts, H3 two.", "en")
    ['15', 'two']
    """
    bare = _NAMED_NUMBER.sub(lambda m: " " * len(m[0]), _DATES.sub(_blank_date, text))
    hits = [(m.start(), m[0]) for m in _NUMBERS.finditer(bare)]
    hits += [(f.start, f.term) for f in find(bare, NUMBER_WORDS[language])]
    return [word for _, word in sorted(hits)]


def plain_number(number: str) -> str:
    """Return a number as written in either language without its thousands, with a decimal point.

    Examples
    --------
    >>> plain_number("7,704"), plain_number("7 704"), plain_number("1,5")
    ('7704', '7704', '1.5')
    """
    whole = re.sub(r"(?<=\d)[,\u202f\u00a0 ](?=\d{3})", "", number)
    return re.sub(r"(?<=\d),(?=\d)", ".", whole)


def _blank_date(match: re.Match[str]) -> str:
    # "may 15 accounts" is no date: a month written small in English is the verb.
    if match[0][:3] == "may" and not match[0].strip().isalpha():
        return match[0]
    return " " * len(match[0])


def years(text: str) -> set[str]:
    """Return the years a text names."""
    return set(re.findall(r"\b((?:19|20)\d{2})\b", text))
