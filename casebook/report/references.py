"""Evidence ids in words and tables: each leads to its entry in the register, and back.

A reference is an evidence item or a row of it (``E0001``, ``E0001:41``, ``E0007:p3``), a published
source (``GR-LP``), a published fact (``fact:G06``) or a stored selection (``selection:personas``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

ITEM = r"(?P<item>E\d{4,})(?::p?\d+|#[\w=,.-]*\w)?"
NAMED = r"(?P<kind>fact|selection):(?P<name>[A-Za-z0-9][\w-]*)"
_TAG = re.compile(r"(<[^>]*>)")
_QUIET = {"a", "code", "pre", "svg"}


class Place(NamedTuple):
    """Somewhere in the report that cites something: what it is called, and its anchor."""

    label: str
    anchor: str


class References:
    """What can be cited in this report, and where it is cited.

    Parameters
    ----------
    items, sources, facts : iterable of str
        Known ids of evidence items, published sources and published facts.
    """

    def __init__(
        self, items: Iterable[str], sources: Iterable[str] = (), facts: Iterable[str] = ()
    ) -> None:
        self.items, self.sources, self.facts = set(items), set(sources), set(facts)
        self.cited: dict[str, list[Place]] = {}
        # A source called "AP" is also a word of the language: in prose only ids that look like ids.
        self._in_prose = self._pattern(s for s in self.sources if re.search(r"[\d-]", s))
        self._in_lists = self._pattern(self.sources)

    @staticmethod
    def _pattern(sources: Iterable[str]) -> re.Pattern[str]:
        names = [re.escape(s) for s in sorted(sources, key=lambda s: (-len(s), s))]
        source = f"|(?P<source>{'|'.join(names)})" if names else ""
        return re.compile(rf"(?<![\w-])(?:{ITEM}|{NAMED}{source})(?![\w-])")

    def link(self, html: str, place: Place, *, is_list: bool = False) -> str:
        """Return HTML in which references are links, and remember that they are cited there.

        Parameters
        ----------
        html : str
            Safe HTML; words inside links, code and pictures are left as they are.
        place : Place
        is_list : bool
            Whether this is a list of references, in which any source id is meant as one.
        """
        pattern = self._in_lists if is_list else self._in_prose
        parts = _TAG.split(html)
        quiet = 0
        for i, part in enumerate(parts):
            if i % 2:
                name = re.match(r"</?\s*([a-zA-Z]+)", part)
                if name and name[1].lower() in _QUIET:
                    quiet += -1 if part.startswith("</") else 1
            elif not quiet:
                parts[i] = pattern.sub(lambda m: self._linked(m, place), part)
        return "".join(parts)

    def places(self, anchor: str) -> list[Place]:
        """Return where the entry with this anchor is cited, in the order of the report."""
        return self.cited.get(anchor, [])

    def _linked(self, match: re.Match[str], place: Place) -> str:
        anchor = self._anchor(match.groupdict())
        if anchor is None:
            return match[0]
        places = self.cited.setdefault(anchor, [])
        if place not in places:
            places.append(place)
        return f'<a class="ref" href="#{anchor}">{match[0]}</a>'

    def _anchor(self, found: dict[str, str | None]) -> str | None:
        item, kind, name = found["item"], found["kind"], found["name"]
        if item:
            return item if item in self.items else None
        if kind == "fact":
            return f"fact-{name}" if name in self.facts else None
        if kind == "selection":
            return f"selection-{name}"
        return f"source-{found.get('source')}"
