"""The language a case is told in: English as the code writes it, others from one catalogue.

Whatever a reader is told passes one of three functions:

* ``say("{some} of {all} accounts share a text", some=3, all=20)`` for a sentence, a title, a note;
* ``say_count("{n} account", "{n} accounts", 3)`` where a number decides on the form;
* ``word("under review")`` for what comes as a value: a term of the vocabulary, the header of a
  column, the words of a notebook's cell. What the catalogue does not know stays as it is.

Numbers inside are written as the language writes them: ``{some}`` for a whole number,
``{share:.0%}`` and ``{value:.2f}`` for others. A year, or an id, is given as text.

The catalogue of a language is the files ``casebook/locale/<language>/*.po`` taken together, one for
each room (``collection``, ``personas``, ``network``, ``attribution``, ``narratives``, ``widgets``,
``page`` for the report, ``vocabulary`` for terms that rooms share), in the format of GNU gettext,
which translators know. The English sentence is its own key. A test finds sentences without a
translation, translations of what nobody says, and translations that lost one of the ``{values}``.

What is said knows which numbers were put into it (`numbers_in`), so that a report can tell where
each comes from. Sentences are therefore put together by ``together``, not by ``str.join``.

Codes stay codes: a table holds ``synchrony`` in any language, and only an exhibit says it in words.
A language belongs to a case, like its mark "synthetic", so that no figure can forget it.
"""

from __future__ import annotations

import os
import string
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from casebook.numbers import Number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from babel.messages.catalog import Catalog

LANGUAGES = {"en": "English", "fr": "français"}
"""Code -> the name of the language, in itself."""

LANGUAGE = "CASEBOOK_LANGUAGE"
"""Environment variable: the language to tell cases in, where it is not that of case.yaml."""

STRICT = "CASEBOOK_STRICT_LANGUAGE"
"""Environment variable, for tests: a sentence without a translation is then an error."""

LOCALE = Path(__file__).parent / "locale"
NARROW = "\u202f"
"""The space between thousands, and before a percent sign, in French."""

VEGA_LOCALES = {"en": "en-US", "fr": "fr-FR"}
"""Language -> the locale of chart axes, under the name that vl-convert knows it by."""

_open_case = {"language": "en"}


class Printed(NamedTuple):
    """A number in a sentence."""

    text: str
    """As it stands there."""
    form: str
    """Its format; of a date, ``day``."""
    number: Number | None = None
    """What it was counted from, where that is told."""


class Said(str):
    """A sentence with the numbers that were put into it."""

    __slots__ = ("numbers",)
    numbers: tuple[Printed, ...]


def numbers_in(text: str | None) -> tuple[Printed, ...]:
    """Return the numbers that were put into a sentence; none of what was not said by ``say``."""
    return text.numbers if isinstance(text, Said) else ()


def together(parts: Iterable[str], between: str = " ") -> str:
    """Return sentences one after the other, with the numbers in them."""
    held = list(parts)
    return _said(between.join(held), [p for part in held for p in numbers_in(part)])


def listed(sentence: str) -> str:
    """Return a sentence as an item of a Markdown list."""
    return _said(f"- {sentence}", numbers_in(sentence))


def _said(text: str, printed: Iterable[Printed]) -> str:
    said = Said(text)
    said.numbers = tuple(printed)
    return said


def speak(language: str) -> None:
    """Tell the next exhibits in a language: that of the case which was opened last."""
    if language not in LANGUAGES:
        raise ValueError(f"{language!r} is not a language of the catalogue: {', '.join(LANGUAGES)}")
    _open_case["language"] = language


def spoken() -> str:
    """Return the language of the case which was opened last: ``en`` or ``fr``."""
    return _open_case["language"]


def say(sentence: str, /, **values: Any) -> str:
    """Return a sentence in the case's language, with its values.

    Parameters
    ----------
    sentence : str
        In English, a literal, with ``{names}`` of values.
    **values
        Put in as they are; numbers as the language writes them.

    Examples
    --------
    >>> say("{some} of {all} accounts", some=3, all=1200)
    '3 of 1,200 accounts'
    >>> say("{share:.0%} of them", share=0.125)
    '12% of them'
    """
    return _filled(_found(sentence), values)


def say_count(one: str, many: str, number: int | Number, /, **values: Any) -> str:
    """Return the form of a sentence that a number asks for; ``{n}`` in it is the number.

    Examples
    --------
    >>> say_count("{n} account", "{n} accounts", 1), say_count("{n} account", "{n} accounts", 0)
    ('1 account', '0 accounts')
    """
    forms = _forms(one)
    n = number.value if isinstance(number, Number) else number
    # French counts nought as singular.
    first, second, alone = (one, many, n == 1) if forms is None else (forms[0], forms[1], n < 2)
    sentence = first if alone else second
    return _filled(sentence, {"n": number, **values})


def _filled(sentence: str, values: Mapping[str, Any]) -> str:
    formatter = _Formatter()
    return _said(formatter.vformat(sentence, (), values), formatter.printed)


def word(text: str) -> str:
    """Return a word of the vocabulary, a header or a notebook's words in the case's language.

    What the catalogue does not know is returned as it came: it is somebody's own.
    """
    if spoken() == "en":
        return text
    found = catalogue(spoken()).get(text)
    return found[0] if found else text


def number(value: float, form: str = "") -> str:
    """Return a number as the case's language writes it.

    Parameters
    ----------
    value : int or float
    form : str
        A format of Python's, such as ``.2f`` or ``.0%``; by default, whole numbers get their
        thousands apart.

    Examples
    --------
    >>> number(12345), number(0.5, ".0%"), number(1234.5, ",.1f")
    ('12,345', '50%', '1,234.5')
    """
    whole = isinstance(value, int) or (hasattr(value, "dtype") and value.dtype.kind in "iu")
    text = format(value, form or ("," if whole else ""))
    return text if spoken() == "en" else in_french(text)


def in_french(text: str) -> str:
    """Return a number written in English as French writes it.

    Examples
    --------
    >>> in_french("345.6")
    '345,6'
    """
    return text.replace(",", NARROW).replace(".", ",").replace("%", f"{NARROW}%")


MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "fr": (
        "janv.", "févr.", "mars", "avr.", "mai", "juin",
        "juil.", "août", "sept.", "oct.", "nov.", "déc.",
    ),
}  # fmt: skip


def day(moment: Any) -> str:
    """Return a date as a reader writes it, whatever the locale of the machine.

    Parameters
    ----------
    moment : date, Timestamp or Number
        A number of a table holds days as text, ``2024-09-03``.

    Examples
    --------
    >>> from datetime import date
    >>> day(date(2024, 9, 3))
    '3 Sep 2024'
    """
    counted = moment if isinstance(moment, Number) else None
    if counted is not None:
        moment = date.fromisoformat(counted.value)
    first = "1er" if moment.day == 1 and spoken() == "fr" else str(moment.day)
    text = f"{first} {MONTHS[spoken()][moment.month - 1]} {moment.year}"
    return _said(text, [Printed(text, "day", counted)])


def _found(sentence: str) -> str:
    if spoken() == "en":
        return sentence
    found = catalogue(spoken()).get(sentence)
    if found:
        return found[0]
    return _missing(sentence)


def _forms(one: str) -> tuple[str, ...] | None:
    if spoken() == "en":
        return None
    found = catalogue(spoken()).get(one)
    if found and len(found) > 1:
        return found
    _missing(one)
    return None


def _missing(sentence: str) -> str:
    if os.environ.get(STRICT):
        raise LookupError(f"no translation into {LANGUAGES[spoken()]}: {sentence!r}")
    return sentence


@cache
def catalogue(language: str) -> Mapping[str, tuple[str, ...]]:
    """Return the catalogue of a language: English sentence -> its forms, one or two."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted((LOCALE / language).glob("*.po")):
        for message in read_catalogue(path):
            key = message.id[0] if isinstance(message.id, tuple) else message.id
            forms = message.string if isinstance(message.string, tuple) else (message.string,)
            if key and all(forms):
                found[str(key)] = tuple(str(f) for f in forms)
    return found


def read_catalogue(path: Path) -> Catalog:
    """Return one file of the catalogue."""
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


class _Formatter(string.Formatter):
    """Formats numbers as the language writes them, and anything else as Python does."""

    def __init__(self) -> None:
        super().__init__()
        self.printed: list[Printed] = []

    def format_field(self, value: Any, format_spec: str) -> str:
        counted = value if isinstance(value, Number) else None
        held = value.value if isinstance(value, Number) else value
        dtype = getattr(held, "dtype", None)
        is_number = isinstance(held, (int, float)) or (dtype is not None and dtype.kind in "iuf")
        if is_number and not isinstance(held, bool):
            text = number(held, format_spec)
            self.printed.append(Printed(text, format_spec, counted))
            return text
        self.printed += numbers_in(held)
        return str(format(held, format_spec))
