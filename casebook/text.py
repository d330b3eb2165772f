"""Text from evidence, made safe to show.

Evidence is written by adversaries, so its text is data everywhere: escaped in HTML and Markdown,
control and direction characters made visible, links defanged, spreadsheet formulas disarmed.
"""

from __future__ import annotations

import html
import re
import unicodedata

_KEPT = {"\n", "\t"}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$^=:/@&])")
_SCHEME = re.compile(r"\b(h)(tt)(ps?)(://)", re.IGNORECASE)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def visible(text: str) -> str:
    r"""Return ``text`` with every control, direction and invisible character spelled out.

    Line feeds and tabs stay. A right-to-left override becomes ``⟨U+202E⟩``, so that what a reader
    sees is what the file holds. Lone surrogates and unassigned code points are spelled out as well.

    Examples
    --------
    >>> visible("abc\u202edef")
    'abc⟨U+202E⟩def'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if _is_plain(c) else f"⟨U+{ord(c):04X}⟩" for c in text)


def _is_plain(character: str) -> bool:
    if character in _KEPT or character in "\u200c\u200d":
        # The joiners shape Persian, Hindi and emoji sequences; they hide nothing.
        return True
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def escape_html(text: str) -> str:
    """Return ``text`` for HTML, in an element or a quoted attribute."""
    return html.escape(visible(text), quote=True)


def escape_markdown(text: str) -> str:
    r"""Return ``text`` so that Markdown shows it as it is: no markup, no link, no HTML.

    Line breaks become spaces, because a new line can start a heading, a list or a table.

    Examples
    --------
    >>> escape_markdown("[a](b) <c>")
    '\\[a\\]\\(b\\) &lt;c&gt;'
    """
    flat = " ".join(visible(text).split())
    flat = _MARKDOWN.sub(r"\\\1", flat)
    return flat.replace("<", "&lt;").replace(">", "&gt;")


def defang(url: str) -> str:
    """Return an address that no program follows by itself.

    Examples
    --------
    >>> defang("https://example.org/a.html")
    'hxxps://example[.]org/a.html'
    """
    text = _SCHEME.sub(lambda m: f"{m[1]}xx{m[3]}{m[4]}", visible(url))
    scheme, mark, rest = text.partition("://")
    if not mark:
        scheme, rest = "", text
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.replace('[.]', '.').replace('.', '[.]')}{slash}{path}"


def refang(text: str) -> str:
    """Return an indicator as software would write it, undoing the usual ways of defanging.

    Examples
    --------
    >>> refang("hxxps://example[.]org")
    'https://example.org'
    """
    text = re.sub(
        r"\[\s*(\.|dot)\s*\]|\(\s*(\.|dot)\s*\)|\{\s*\.\s*\}", ".", text, flags=re.IGNORECASE
    )
    text = re.sub(r"\[\s*:\s*\]", ":", text)
    text = re.sub(r"\[\s*(:?//)\s*\]", r"\1", text)
    text = re.sub(r"\[\s*(@|at)\s*\]", "@", text, flags=re.IGNORECASE)
    return re.sub(r"\bh(xx|XX|\*\*)p(s?)(?=:|\[|/)", r"http\2", text, flags=re.IGNORECASE)


def formula_safe(value: str) -> str:
    """Return a cell that a spreadsheet shows and does not compute.

    References
    ----------
    OWASP, "CSV Injection": a cell starting with ``= + - @``, tab or return is a formula.

    Examples
    --------
    >>> formula_safe("=1+1"), formula_safe("plain")
    ("'=1+1", 'plain')
    """
    return f"'{value}" if value.startswith(_FORMULA) else value


def shorten(text: str, n: int) -> str:
    """Return at most ``n`` characters of ``text`` on one line, cut at a word where possible."""
    flat = " ".join(text.split())
    if len(flat) <= n:
        return flat
    cut = flat[: n - 1]
    head, space, _ = cut.rpartition(" ")
    return f"{head if space and len(head) > n // 2 else cut}…"
