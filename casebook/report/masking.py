"""Who must not be recognised in what leaves the machine: masking, and the search for what is left.

Everyone is protected who is not cleared: accounts under review, known ones, reference accounts and
bystanders alike. A handle becomes a pseudonym, the same in the whole case; ids, names, quotations
and moments go, and so do counts, days and claims in a sentence with a pseudonym. What masks is also
what looks for leaks, but the search is done on the finished files, in whatever form they are in.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING, Any

from casebook.text import escape_html

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from casebook.case import Case

WITHHELD = "[withheld]"
NUMBER = "[number withheld]"
DAY = "[day withheld]"
QUOTE = "[quotation withheld]"
WORDS = 5
"""So many words in a row that also stand in a protected text are a quotation of it."""
CHARACTERS = 8
"""The same for scripts that put no space between words."""
MIN_ID = 6
LONG_HANDLE = 9
_ALPHABET = "abcdefghjkmnpqrstvwxyz23456789"

_TAG = re.compile(r"<!--.*?-->|<style\b.*?</style>|<script\b.*?</script>|<[^>]*>", re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w:-]+)="([^"]*)"')
_DRAWN = {"d", "points", "transform", "class", "style", "viewbox", "viewBox", "xmlns"}
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?UTC|Z)?")
_DIGITS = re.compile(rf"(?<!\d)\d{{{MIN_ID},}}(?!\d)")
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+", re.UNICODE)
_IS_CJK = re.compile(rf"[{_CJK}]")
_BLOCK = re.compile(
    r"</?(?:p|li|td|th|tr|h[1-6]|figcaption|summary|dt|dd|caption|div|section|table|ul|ol|dl|pre|"
    r"title|desc|text|blockquote|header|figure|details|body)\b"
)
_PSEUDONYM = re.compile(r"\b(?:account|id)-[a-hjkmnp-z2-9]{6}\b")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n")
_DATED = re.compile(r"\b\d{4}-\d{2}(?:-\d{2})?\b|\b\d{1,2} [^\W\d]{3,9}\.? \d{4}\b")
_COUNTED = re.compile(r"(?<![\w:.#-])\d[\d,.\u202f\u00a0]*(?<![,.\u202f\u00a0])(?:\s?%)?(?![\w-])")
_CUT = re.compile(r"([\w.\-]{4,})…")


@dataclass
class Protected:
    """What must not be found in what leaves the machine.

    Attributes
    ----------
    handles, ids : set of str
        Lower case, without ``@``; of accounts and posts.
    names : set of str
        Display names, addresses, aliases and remarks that stand for somebody.
    texts : list of str
        Posts, profile texts and remarks, of which no five words in a row may be left.
    claims : set of str
        What profiles claim (age, place, occupation, service), as analysts coded it: not told of one
        account.
    """

    handles: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    claims: set[str] = field(default_factory=set)


def protected_in(case: Case, cleared: Iterable[str] = ()) -> Protected:
    """Return what the tables of a case hold about everyone who is not cleared.

    Parameters
    ----------
    case : Case
    cleared : iterable of str
        Account keys of those who may be named.
    """
    free = set(cleared)
    out = Protected()
    for table, columns in _WHO.items():
        if not case.has(table):
            continue
        frame = case.read(table)
        kept = frame[~frame["account"].isin(free)]
        for column, kind in columns.items():
            held = [str(v) for v in kept[column].dropna().unique() if str(v).strip()]
            _KINDS[kind](out, held)
    if case.has("posts"):
        for values in case.read("posts")["mentions"]:
            _handles(out, [str(v) for v in values])
    if free:
        # Others answer and mention those who are cleared.
        accounts = case.read("accounts")
        named = accounts[accounts["account"].isin(free)]
        out.handles -= set(named["handle"].dropna().str.lower())
        out.ids -= set(named["account_id"].dropna())
    items = case.evidence_items()
    out.names |= {str(v) for v in items["actor"].dropna()}
    out.texts += [str(v) for v in items["note"].dropna()]
    theirs = items[items["role"].fillna("") != "known"]
    out.names |= {str(v) for v in theirs["found_by"].dropna()}
    judged = case.judgements()
    if len(judged):
        out.names |= {str(v) for v in judged["reviewer"].dropna()}
    out.names = {n.strip() for n in out.names if len(n.strip()) >= 3}
    out.names -= set(case.settings.investigators)  # who sign the report
    return out


_WHO: Mapping[str, Mapping[str, str]] = {
    "accounts": {
        "handle": "handle", "account_id": "id", "display_name": "name", "bio": "text",
        "location": "place", "website": "name", "avatar_url": "name", "banner_url": "name",
    },
    "snapshots": {
        "handle": "handle", "account_id": "id", "display_name": "name", "bio": "text",
        "location": "place", "website": "name", "avatar_url": "name", "note": "text",
        "source_url": "name", "avatar_file": "name", "claimed_age": "claim",
        "claimed_place": "claim", "claimed_occupation": "claim", "claimed_service": "claim",
    },
    "posts": {
        "handle": "handle", "account_id": "id", "post_id": "id", "text": "text", "url": "name",
        "in_reply_to_handle": "handle", "repost_of_handle": "handle", "repost_of": "id",
        "in_reply_to": "id", "quote_of": "id", "thread_id": "id",
    },
}  # fmt: skip


def _handles(out: Protected, values: list[str]) -> None:
    out.handles |= {v.strip().lstrip("@").lower() for v in values}


def _ids(out: Protected, values: list[str]) -> None:
    out.ids |= {v for v in values if len(v) >= MIN_ID}


def _names(out: Protected, values: list[str]) -> None:
    out.names |= set(values)


def _texts(out: Protected, values: list[str]) -> None:
    out.texts += values


def _claims(out: Protected, values: list[str]) -> None:
    out.claims |= set(values)


def _places(out: Protected, values: list[str]) -> None:
    # A place is withheld where it stands alone or beside an account: anybody may write of Ohio.
    out.texts += values
    out.claims |= {v.strip() for v in values}


_KINDS = {
    "handle": _handles, "id": _ids, "name": _names, "text": _texts, "claim": _claims,
    "place": _places,
}  # fmt: skip


def _tokens(text: str) -> list[tuple[str, int, int]]:
    """Return the words of a text with their places; width and case are folded word by word."""
    return [
        (unicodedata.normalize("NFKC", m[0]).casefold(), m.start(), m.end())
        for m in _WORD.finditer(text)
    ]


def _runs(words: list[str]) -> Iterable[tuple[int, tuple[str, ...]]]:
    """Yield the place and the words of every run that would be a quotation."""
    for start in range(len(words)):
        size = CHARACTERS if _IS_CJK.match(words[start]) else WORDS
        run = tuple(words[start : start + size])
        if len(run) == size:
            yield start, run


def is_distinctive(handle: str) -> bool:
    """Tell a handle, in lower case, that is no common word and can be looked for anywhere."""
    return len(handle) >= 4 and (len(handle) >= LONG_HANDLE or bool(re.search(r"[\d_.]", handle)))


def _longest(word: str) -> tuple[int, str]:
    return -len(word), word


class Mask:
    """Replaces what is protected, and finds what is left of it.

    Parameters
    ----------
    protected : Protected
    key : bytes
        Secret of the case: whoever has it can tell which pseudonym is whose.
    pages : iterable of str
        What will be masked; quotations are looked for in these alone, which keeps a million posts
        out of memory.
    listed : iterable of str, optional
        Accounts that lists for other software may hold; by default all, as pseudonyms.
    """

    def __init__(
        self,
        protected: Protected,
        key: bytes,
        pages: Iterable[str] = (),
        *,
        listed: Iterable[str] | None = None,
    ) -> None:
        self.protected, self.key = protected, key
        self.listed = None if listed is None else frozenset(listed)
        given = list(pages)
        # Of a million handles a page holds a few: only these are looked for place by place.
        self._accounts, self._plain, self._names = self._patterns("\n".join(map(unescape, given)))
        self._whole = {n.casefold() for n in protected.names}
        self._quotes = self._quoted(given)
        told = sorted((c for c in protected.claims if len(c) >= 3), key=_longest)
        self._claims = re.compile(
            rf"(?<!\w)(?:{'|'.join(map(re.escape, told)) or '(?!)'})(?!\w)", re.IGNORECASE
        )
        self._short = {
            " ".join(w for w, _, _ in _tokens(t)) for t in protected.texts if len(t) < 400
        } - {""}

    def _patterns(self, content: str) -> tuple[re.Pattern[str], ...]:
        """Return what finds the handles and names that a text holds at all."""
        low = content.lower()
        handles = sorted((h for h in self.protected.handles if h and h in low), key=_longest)
        clear = [re.escape(h) for h in handles if is_distinctive(h)]
        plain = [re.escape(h) for h in handles if not is_distinctive(h)]
        names = [
            rf"(?<!\w){re.escape(n)}(?!\w)"
            if _stands_out(n)
            else rf"(?<=judgements/){re.escape(n)}(?=\.jsonl)"  # a reviewer's file
            for n in sorted(self.protected.names, key=_longest)
            if n in content
        ]
        inner = "|".join(plain) or r"(?!)"
        return (
            re.compile("|".join(clear) or r"(?!)", re.IGNORECASE),
            # A handle that is a common word is one only where it stands as a handle.
            re.compile(
                rf"(?<=@)(?:{inner})(?!\w)|(?<=/)(?:{inner})(?=/)|\A\s*(?:{inner})(?=\s*\Z| · )",
                re.IGNORECASE,
            ),
            re.compile("|".join(names) or r"(?!)"),
        )

    def _quoted(self, pages: Iterable[str]) -> set[tuple[str, ...]]:
        printed: set[tuple[str, ...]] = set()
        for page in pages:
            for piece in _TAG.split(page):
                printed |= {run for _, run in _runs([w for w, _, _ in _tokens(unescape(piece))])}
        found: set[tuple[str, ...]] = set()
        for text in self.protected.texts:
            found |= {r for _, r in _runs([w for w, _, _ in _tokens(text)]) if r in printed}
        return found

    def pseudonym(self, kind: str, secret: str) -> str:
        """Return the name that a handle or id has in what is published."""
        digest = hmac.new(self.key, f"{kind}:{secret.lower()}".encode(), hashlib.sha256).digest()
        return f"{kind}-" + "".join(_ALPHABET[b % len(_ALPHABET)] for b in digest[:6])

    def text(self, value: str) -> str:
        """Return a text without what is protected."""
        bare = value.strip()
        if bare and (bare.casefold() in self._whole or self._is_text(bare)):
            return value.replace(bare, WITHHELD)
        out = self._without_quotes(value)
        out = self._names.sub(WITHHELD, out)
        out = self._accounts.sub(self._account, out)
        out = self._plain.sub(self._account, out)
        out = _CUT.sub(self._shortened, out)
        out = _DIGITS.sub(self._id, out)
        out = _MOMENT.sub(r"\1", out)
        return self._coarse(out) if _PSEUDONYM.search(out) else out

    def _coarse(self, text: str) -> str:
        """Return a text in which no count, day or claim stands in one sentence with a pseudonym.

        Whoever has the posts would find in them which account posted so often, or since then.
        """
        for begin, end in reversed(_sentences(text)):
            if _PSEUDONYM.search(text[begin:end]):
                text = text[:begin] + self._without_counts(text[begin:end]) + text[end:]
        return text

    def _without_counts(self, sentence: str) -> str:
        sentence = self._claims.sub(WITHHELD, sentence)
        return _COUNTED.sub(NUMBER, _DATED.sub(DAY, sentence))

    def _is_text(self, bare: str) -> bool:
        return " ".join(w for w, _, _ in _tokens(bare)) in self._short

    def _account(self, match: re.Match[str]) -> str:
        return match[0].replace(match[0].strip(), self.pseudonym("account", match[0].strip()))

    def _id(self, match: re.Match[str]) -> str:
        return self.pseudonym("id", match[0]) if match[0] in self.protected.ids else match[0]

    def _shortened(self, match: re.Match[str]) -> str:
        """Mask a handle that a picture has cut off."""
        start = match[1].lower()
        whole = sorted(h for h in self.protected.handles if h.startswith(start))
        return self.pseudonym("account", whole[0]) if whole else match[0]

    def _without_quotes(self, value: str) -> str:
        words = _tokens(value)
        covered: list[tuple[int, int]] = []
        for start, run in _runs([w for w, _, _ in words]):
            if run in self._quotes:
                begin, end = words[start][1], words[start + len(run) - 1][2]
                if covered and begin <= covered[-1][1] + 3:
                    covered[-1] = (covered[-1][0], max(end, covered[-1][1]))
                else:
                    covered.append((begin, end))
        for begin, end in reversed(covered):
            value = value[:begin] + QUOTE + value[end:]
        return value

    def html(self, page: str) -> str:
        """Return a page, pictures included, without what is protected."""
        out: list[str] = []
        block: list[int] = []
        last = 0
        for tag in _TAG.finditer(page):
            block.append(len(out))
            out.append(self._between(page[last : tag.start()]))
            if _BLOCK.match(tag[0]):
                self._quieten(out, block)
                block = []
            out.append(self._tag(tag[0]))
            last = tag.end()
        out.append(self._between(page[last:]))
        return "".join(out)

    def _quieten(self, out: list[str], block: list[int]) -> None:
        """Take counts, days and claims out of sentences with a pseudonym, across its markup."""
        whole = "".join(out[i] for i in block)
        if not _PSEUDONYM.search(whole):
            return
        told = [s for s in _sentences(whole) if _PSEUDONYM.search(whole[slice(*s)])]
        at = 0
        for i in block:
            piece, length = out[i], len(out[i])
            for begin, end in reversed(told):
                low, high = max(begin - at, 0), min(end - at, length)
                if low < high:
                    piece = piece[:low] + self._without_counts(piece[low:high]) + piece[high:]
            out[i] = piece
            at += length

    def _between(self, piece: str) -> str:
        if not piece.strip():
            return piece
        plain = unescape(piece)
        masked = self.text(plain)
        return piece if masked == plain else escape_html(masked)

    def _tag(self, tag: str) -> str:
        if tag.startswith(("<style", "<script", "<!")):
            return tag
        return _ATTRIBUTE.sub(self._attribute, tag)

    def _attribute(self, match: re.Match[str]) -> str:
        name, value = match[1], unescape(match[2])
        if name in _DRAWN:
            return match[0]
        masked = self.text(value)
        return match[0] if masked == value else f'{name}="{escape_html(masked)}"'

    def table(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a table without what is protected; times become days."""
        import pandas as pd

        def cell(value: Any) -> Any:
            if isinstance(value, str):
                return self.text(value)
            if getattr(value, "ndim", 0) or isinstance(value, (list, tuple)):
                return ", ".join(self.text(str(v)) for v in value)
            return value

        out = {}
        for name in frame.columns:
            column = frame[name]
            if isinstance(column.dtype, pd.DatetimeTZDtype):
                out[name] = column.dt.strftime("%Y-%m-%d")
            elif pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
                out[name] = column
            else:
                out[name] = column.map(cell, na_action="ignore")
        return pd.DataFrame(out)

    def leaks(self, content: str) -> list[str]:
        """Return what is protected and still stands in a file, at most twenty.

        The whole content is searched, tags and numbers included, as it is and with its entities
        and escapes resolved.
        """
        found: set[str] = set()
        for form in {content, unescape(content), _unescaped(content)}:
            accounts, plain, names = self._patterns(form)
            found |= {m[0] for m in accounts.finditer(form)}
            found |= {m[0] for m in names.finditer(form)}
            found |= {m[0] for m in _DIGITS.finditer(form) if m[0] in self.protected.ids}
            for piece in _TAG.split(form):
                found |= {m[0].strip() for m in plain.finditer(piece)}
                words = [w for w, _, _ in _tokens(piece)]
                found |= {" ".join(run) for _, run in _runs(words) if run in self._quotes}
        return sorted(found)[:20]


def _sentences(text: str) -> list[tuple[int, int]]:
    """Return where the sentences of a text begin and end."""
    gaps = list(_SENTENCE.finditer(text))
    return list(
        zip([0, *(g.end() for g in gaps)], [*(g.start() for g in gaps), len(text)], strict=True)
    )


def _stands_out(name: str) -> bool:
    """Tell a name that can be looked for inside a sentence from one that is a common word."""
    return len(name) >= 6 and bool(re.search(r"[\s\d@/_.:;-]|[^\x00-\x7f]", name))


def _unescaped(content: str) -> str:
    """Return a text with the escapes of JSON and JavaScript resolved."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), content)
