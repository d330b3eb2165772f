"""Which texts say nearly the same: MinHash finds candidates, exact Jaccard decides.

Nothing is compared with everything: a text meets only those that share a band of its MinHash
signature. A paraphrase shares none and is not found.

References
----------
Broder, "On the resemblance and containment of documents", 1997: shingles and MinHash.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np

from casebook.han import SIMPLIFIED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Hashes = npt.NDArray[np.uint64]

ROWS, BANDS = 2, 12
MIN_JACCARD = 0.5
MIN_TOKENS = 5
WORDS, CHARACTERS = 3, 5
"""Tokens in a shingle: words, or characters of a script written without spaces."""
LARGEST_CLUSTER = 5_000
"""A chain of near-duplicates stops growing here: longer ones no longer resemble each other."""
WHOLE_BUCKET, NEIGHBOURS = 64, 16
"""A bucket above the first size compares each text with so many that follow it, not with all."""

AT_ONCE = 100_000
"""Texts whose tokens are held as strings at a time."""

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Chinese and Japanese put no space behind a link or a name: the text goes on, and belongs here.
_LINK = re.compile(rf"(?:https?://|www\.)[^\s{_CJK}]+", re.IGNORECASE)
_MENTION = re.compile(r"@(?:[a-z0-9_]+|\w+)")
_TOKEN = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+(?:'[^\W\d_{_CJK}]+)*")
_PLAIN_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z]+)*")
"""The same for text in ASCII, which most collections are full of: several times as fast."""
_IS_CJK = re.compile(rf"[{_CJK}]")
_MASK = 0xFFFF_FFFF_FFFF_FFFF
_STEP = 0x9E37_79B9_7F4A_7C15
"""The odd number of splitmix64."""


def tokens(text: str) -> list[str]:
    """Return the words of a text as they are compared; Chinese and Japanese give characters.

    Width and case are folded, traditional characters become simplified ones, links and mentions
    go.

    Examples
    --------
    >>> tokens("ＨＥＬＬＯ  @you, see https://a.example/x Don't #Panic")
    ['hello', 'see', "don't", 'panic']
    >>> tokens("臺灣ABC")
    ['台', '湾', 'abc']
    """
    if text.isascii():
        return _PLAIN_TOKEN.findall(without_links(text.lower()))
    plain = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    return _TOKEN.findall(without_links(plain).translate(SIMPLIFIED))


def without_links(text: str) -> str:
    """Return a text without its links and the accounts it names, spaces in their places."""
    if "://" in text or "www." in text.casefold():
        text = _LINK.sub(" ", text)
    return _MENTION.sub(" ", text) if "@" in text else text


def is_cjk(words: Sequence[str]) -> bool:
    """Tell whether at least half of the tokens are Chinese or Japanese characters."""
    return 2 * sum(1 for w in words if _IS_CJK.match(w)) >= len(words) > 0


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Return the runs of three words (five characters for Chinese and Japanese) of a text."""
    words = tokens(text)
    size = CHARACTERS if is_cjk(words) else WORDS
    return frozenset(tuple(words[i : i + size]) for i in range(len(words) - size + 1))


def jaccard(one: str, other: str) -> float:
    """Return shared shingles / all shingles of two texts.

    Examples
    --------
    >>> jaccard("a b c d e", "a b c d f")
    0.5
    """
    a, b = shingles(one), shingles(other)
    return len(a & b) / len(a | b) if a or b else 0.0


def text_fingerprints(texts: Iterable[str | None]) -> list[str | None]:
    """Return for each text the name of its cluster of near-duplicates.

    Parameters
    ----------
    texts : iterable of str or None

    Returns
    -------
    list of str or None
        The same name for texts of one cluster; None for a missing text and for one under five
        tokens, which many people write by themselves. The name is a hash of the cluster's smallest
        member, so it depends neither on the order of the texts nor on the run.

    Examples
    --------
    >>> texts = ["one two three four five six", "one two three four five 6", "x"]
    >>> a, b, c = text_fingerprints(texts)
    >>> a == b, c
    (True, None)
    """
    plain = [_compared(t) for t in texts]
    distinct = sorted({p for p in plain if p is not None})
    root = _clusters(_near_pairs(distinct), len(distinct))
    names = {p: _name(distinct[r]) for p, r in zip(distinct, root, strict=True)}
    return [None if p is None else names[p] for p in plain]


def _compared(text: str | None) -> str | None:
    """Return the tokens of a text, a blank between them; None where they are too few."""
    words = tokens(text) if isinstance(text, str) else []
    return " ".join(words) if len(words) >= MIN_TOKENS else None


def _name(text: str) -> str:
    return f"text:{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"


def _near_pairs(texts: list[str]) -> Ints:
    """Return the pairs of texts whose shingle sets have Jaccard similarity of a half or more.

    Each text is its tokens with a blank between them.
    """
    owner, shingle = _shingle_sets(texts)
    if len(owner) == 0:
        return np.empty((0, 2), dtype=np.int64)
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    return _similar(_candidates(owner[starts], shingle, starts), owner, shingle, len(texts))


def _shingle_sets(texts: list[str]) -> tuple[Ints, Hashes]:
    """Return (text, shingle hash), each once, sorted, of texts that can be near-duplicates."""
    known = _TokenHashes()
    owners, hashes = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.uint64)]
    sizes = np.array([_shingle_size(t) for t in texts], dtype=np.int64)
    for size in (WORDS, CHARACTERS):
        chosen = np.flatnonzero(sizes == size)
        if not len(chosen):
            continue
        lengths = np.array([texts[i].count(" ") + 1 for i in chosen], dtype=np.int64)
        flat = np.concatenate(
            [
                known.of([texts[i] for i in part])
                for part in np.array_split(chosen, 1 + len(chosen) // AT_ONCE)
            ]
        )
        owner = np.repeat(chosen, lengths)
        if len(flat) < size:
            continue
        mixed = np.zeros(len(flat) - size + 1, dtype=np.uint64)
        for k in range(size):
            factor = np.uint64(pow(_STEP, k + 1, 1 << 64))
            mixed += flat[k : len(flat) - size + 1 + k] * factor
        inside = owner[: len(mixed)] == owner[size - 1 :]
        owners.append(owner[: len(mixed)][inside])
        hashes.append(_mixed(mixed[inside]))
    return _worth_comparing(np.concatenate(owners), np.concatenate(hashes), len(texts))


def _worth_comparing(owner: Ints, shingle: Hashes, total: int) -> tuple[Ints, Hashes]:
    """Return each (text, shingle) once, sorted, without texts that cannot be alike to any other.

    Where two sets are alike by a half, each has at least half of its members in the other.
    """
    # The shingles of a text are given one after the other, and stay so among equal ones.
    order = np.argsort(shingle, kind="stable")
    owner, shingle = owner[order], shingle[order]
    begins = np.r_[True, shingle[1:] != shingle[:-1]][: len(owner)]
    fresh = begins | np.r_[True, owner[1:] != owner[:-1]][: len(owner)]
    owner, shingle, begins = owner[fresh], shingle[fresh], begins[fresh]
    common = ~begins | ~np.r_[begins[1:], True][: len(owner)]
    enough = 2 * np.bincount(owner[common], minlength=total) >= np.bincount(owner, minlength=total)
    kept = enough[owner]
    owner, shingle = owner[kept], shingle[kept]
    order = np.lexsort((shingle, owner))
    return owner[order], shingle[order]


def _shingle_size(plain: str) -> int:
    return CHARACTERS if not plain.isascii() and is_cjk(plain.split(" ")) else WORDS


class _TokenHashes(dict[str, int]):
    """Token -> its hash. Python's own hash of a string differs from process to process."""

    def __missing__(self, word: str) -> int:
        found = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
        self[word] = found
        return found

    def of(self, texts: list[str]) -> Hashes:
        """Return the hashes of all tokens of some texts, one after the other."""
        words = " ".join(texts).split(" ")
        return np.fromiter(map(self.__getitem__, words), dtype=np.uint64, count=len(words))


def _mixed(values: Hashes) -> Hashes:
    """Return splitmix64 of each value: every bit of the result depends on every bit of it."""
    v = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
    v = (v ^ (v >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
    return v ^ (v >> np.uint64(31))


def _candidates(texts: Ints, shingle: Hashes, starts: Ints) -> Ints:
    """Return pairs of texts that agree in at least one band of their signatures."""
    found = []
    for band in range(BANDS):
        key = np.zeros(len(texts), dtype=np.uint64)
        for row in range(ROWS):
            seed = np.uint64((band * ROWS + row + 1) * _STEP & _MASK)
            least = np.minimum.reduceat(_mixed(shingle ^ seed), starts)
            key = _mixed(key * np.uint64(3) + least)
        found.append(_bucket_pairs(texts, key))
    pairs = np.concatenate(found)
    span = np.int64(int(texts.max(initial=-1)) + 1)
    # As one number each: sorting rows takes ten times as long.
    once = np.sort(pairs[:, 0] * span + pairs[:, 1])
    once = once[np.r_[True, once[1:] != once[:-1]][: len(once)]]
    return np.stack([once // max(span, 1), once % max(span, 1)], axis=1)


def _bucket_pairs(texts: Ints, key: Hashes) -> Ints:
    order = np.argsort(key, kind="stable")
    key, texts = key[order], texts[order]
    first = np.r_[True, key[1:] != key[:-1]]
    bucket = np.cumsum(first) - 1
    ends = np.r_[np.flatnonzero(first)[1:], len(key)][bucket]
    size = np.bincount(bucket)[bucket]
    here = np.arange(len(key))
    reach = np.where(size <= WHOLE_BUCKET, ends, np.minimum(ends, here + 1 + NEIGHBOURS))
    counts = reach - here - 1
    left = np.repeat(here, counts)
    steps = np.arange(len(left)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.stack([texts[left], texts[left + 1 + steps]], axis=1)


def _similar(pairs: Ints, owner: Ints, shingle: Hashes, total: int) -> Ints:
    """Return those pairs whose exact Jaccard similarity reaches the floor."""
    if not len(pairs):
        return pairs
    codes, code = np.unique(shingle, return_inverse=True)
    span = np.int64(len(codes))
    member = owner * span + code
    size = np.bincount(owner, minlength=total)
    start = np.cumsum(size) - size
    kept = []
    for part in np.array_split(pairs, max(1, len(pairs) // 50_000)):
        one, other = part[:, 0], part[:, 1]
        counts = size[one]
        which = np.repeat(np.arange(len(part)), counts)
        at = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        wanted = other[which] * span + code[start[one][which] + at]
        spot = np.minimum(np.searchsorted(member, wanted), len(member) - 1)
        shared = np.bincount(which[member[spot] == wanted], minlength=len(part))
        kept.append(part[shared >= MIN_JACCARD * (size[one] + size[other] - shared)])
    return np.concatenate(kept)


def _clusters(pairs: Ints, total: int) -> list[int]:
    """Return for each text the smallest text it is tied to (union-find, sizes capped)."""
    parent, size = list(range(total)), [1] * total

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].tolist():
        a, b = sorted((root(i), root(j)))
        if a != b and size[a] + size[b] <= LARGEST_CLUSTER:
            parent[b] = a
            size[a] += size[b]
    for i in np.unique(pairs).tolist():
        parent[i] = root(i)
    return parent


def template(texts: Sequence[str]) -> str:
    """Return what near-duplicates have in common, each changing place shown as a slot.

    Parameters
    ----------
    texts : sequence of str
        Members of one cluster.

    Examples
    --------
    >>> template(["Sample post 12 on parks", "Sample post 7 on parks", "Sample post 9 on trains"])
    'sample post ⟨12|7|9⟩ on ⟨parks|trains⟩'
    """
    from difflib import SequenceMatcher

    lists = [tokens(t) for t in texts]
    if not lists:
        return ""
    common = lists[0]
    for words in lists[1:]:
        blocks = SequenceMatcher(None, common, words, autojunk=False).get_matching_blocks()
        common = [w for b in blocks for w in common[b.a : b.a + b.size]]
    gaps = [_gaps(words, common) for words in lists]
    parts = []
    for k in range(len(common) + 1):
        slot = list(dict.fromkeys(" ".join(g[k]) for g in gaps))
        if any(slot):
            parts.append("⟨" + "|".join(s or "–" for s in slot) + "⟩")
        parts += common[k : k + 1]
    return " ".join(parts)


def _gaps(words: list[str], common: list[str]) -> list[list[str]]:
    """Return what stands before, between and after the common words, found from the left."""
    gaps: list[list[str]] = [[]]
    for word in words:
        if len(gaps) <= len(common) and word == common[len(gaps) - 1]:
            gaps.append([])
        else:
            gaps[-1].append(word)
    return gaps
