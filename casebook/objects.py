"""What two accounts can share, and who shared it when: posts become events.

An event is (account, object, time, layer). An object is a repost target, a link, a text, a set of
hashtags, a picture, a reply target or a set of mentions; its layer says which. An empty value is no
object: software that counts it links every post without a link to every other.
"""

from __future__ import annotations

import re
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

import pandas as pd

from casebook import schema
from casebook.errors import ParameterError, TableError
from casebook.fingerprints import text_fingerprints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_Source: TypeAlias = "pd.DataFrame | str | Path"
Posts: TypeAlias = "_Source | Iterable[_Source]"

MIN_HASHTAGS = 3
MIN_MENTIONS = 2

PLAIN = "plain"
"""Fingerprint of a picture that has too little in it to be compared: it goes by its bytes."""

COLUMNS = ("account", "object", "time", "layer", "post", "row", "platform", "evidence_id",
           "time_precision")  # fmt: skip

_READ = {
    "account", "object", "time", "layer", "post", "platform", "time_precision", "created_at",
    "embedded", "is_repost", "repost_of", "repost_of_handle",
}  # fmt: skip
"""What is read of a Parquet file in any case: the columns that say who did what, and when."""
_READ_FOR = {
    "link": {"urls"},
    "text": {"text", "text_truncated"},
    "hashtags": {"hashtags"},
    "media": {"media"},
    "reply": {"in_reply_to"},
    "mention": {"mentions"},
}
_READ_FOR_ROWS = {"row", "evidence_id", "source_line"}

PART = 1 << 19
"""Posts of a file that are held at once, some 0.1 GB, where their words are not needed again."""

TRACKING = {
    "fbclid", "gclid", "dclid", "gbraid", "wbraid", "igshid", "igsh", "mc_cid", "mc_eid", "msclkid",
    "twclid", "ttclid", "yclid", "ref_src", "ref_url", "_ga", "_gl", "cmpid", "ocid", "spm",
}  # fmt: skip
"""Parameters that say how a reader came to a page and never which page it is."""

_TRACKING_ON = {
    "x.com": {"s", "t", "ref"},
    "youtube.com": {"si", "feature", "pp"},
    "youtu.be": {"si", "feature"},
    "open.spotify.com": {"si"},
    "tiktok.com": {"_t", "_r", "is_from_webapp", "sender_device"},
}
_SAME_HOST = {"twitter.com": "x.com", "mobile.twitter.com": "x.com", "mobile.x.com": "x.com"}
_DEFAULT_PORTS = {":80", ":443"}
_SCHEME = re.compile(r"^(?![^/:]*\.[^/:]*:\d)[a-zA-Z][a-zA-Z0-9+.-]*:")
"""A scheme; ``example.org:80`` is a host and a port."""


def normalised_url(url: str | None) -> str | None:
    """Return an address so that two ways of writing it are equal; None where there is none.

    Scheme and host are in lower case, ``http`` is ``https``, and ``www.``, default ports,
    fragments, tracking parameters and the last slash are gone. x.com and twitter.com are one.

    Examples
    --------
    >>> normalised_url("HTTP://www.Example.org:80/News/?utm_source=x&id=7#top")
    'https://example.org/News?id=7'
    >>> normalised_url("https://twitter.com/a/status/1?s=20")
    'https://x.com/a/status/1'
    >>> normalised_url("  ") is None
    True
    """
    text = (url or "").strip()
    if not text:
        return None
    if not _SCHEME.match(text):
        text = f"https://{text.removeprefix('//')}"
    try:
        parts = urlsplit(text)
    except ValueError:
        return text
    if parts.scheme.lower() not in {"http", "https"} or not parts.netloc:
        return text
    host = parts.netloc.rpartition("@")[2].lower()
    host = next((host.removesuffix(p) for p in _DEFAULT_PORTS if host.endswith(p)), host)
    host = host.rstrip(".").removeprefix("www.")
    host = _SAME_HOST.get(host, host)
    query = _without_tracking(parts.query, host)
    return f"https://{host}{parts.path.rstrip('/')}{'?' + query if query else ''}"


def _without_tracking(query: str, host: str) -> str:
    if not query:
        return ""
    dropped = TRACKING | _TRACKING_ON.get(host, set())
    kept = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name.lower() not in dropped and not name.lower().startswith("utm_")
    ]
    return urlencode(kept)


def events(
    posts: Posts,
    *,
    layers: Iterable[str] | str | None = None,
    query_terms: Iterable[str] = (),
    media: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return one row for each act of an account on an object.

    Parameters
    ----------
    posts : DataFrame, path of a Parquet file, or several of them
        The table ``posts``. A frame that has a column ``object`` is taken for events already.
    layers : iterable of str, optional
        Which kinds of object; all by default.
    query_terms : iterable of str, optional
        Terms of the query that collected the posts: every post holds them, so they are no objects.
    media : DataFrame, optional
        The table ``media``: pictures and videos that show the same are one object, whatever their
        addresses, and the words of subtitles are texts.

    Returns
    -------
    DataFrame
        account, object, time (UTC), layer, post, row (row reference), platform, evidence_id,
        time_precision.

    Notes
    -----
    Left out: originals that came along inside another post, posts without a time or an author,
    truncated texts. A repost is an act on the original alone; its text, links, hashtags and
    pictures belong to the original's author and would count the one act again in other layers.
    """
    wanted = _checked_layers(layers)
    frame = _one_frame(_sources(posts), wanted)
    if "object" in frame.columns:
        return _as_events(frame, wanted)
    parts = list(_by_layer(frame, wanted, _Terms(query_terms), media))
    return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def event_parts(
    posts: Posts,
    *,
    layers: Iterable[str] | str | None = None,
    query_terms: Iterable[str] = (),
    rows: bool = True,
) -> Iterator[pd.DataFrame]:
    """Yield the rows of `events` in parts of one layer; of a file, few posts are held at once.

    Texts come last, and all at once: near-duplicates are found by comparing each with the others.

    Parameters
    ----------
    posts, layers, query_terms
        As in `events`.
    rows : bool
        Whether row references and evidence ids are needed; else those of files stay empty.
    """
    wanted, terms = _checked_layers(layers), _Terms(query_terms)
    given = _sources(posts)
    by_itself = [layer for layer in wanted if layer != "text"]
    for one in given if by_itself else ():
        for frame in _parts(one, by_itself, rows=rows):
            yield from _by_layer(frame, by_itself, terms, None)
    if "text" in wanted:
        yield from _by_layer(_one_frame(given, ["text"], rows=rows), ["text"], terms, None)


def _by_layer(
    frame: pd.DataFrame, layers: list[str], terms: _Terms, media: pd.DataFrame | None
) -> Iterator[pd.DataFrame]:
    """Yield the events of each layer."""
    if "object" in frame.columns:
        acts = _as_events(frame, layers)
        several = len(acts["layer"].unique()) > 1
        yield from (own for _, own in acts.groupby("layer")) if several else [acts]
        return
    schema.require(frame, ("account", "created_at"), by="events", name="posts")
    usable = frame["account"].notna() & frame["created_at"].notna()
    if "embedded" in frame.columns:
        usable &= ~frame["embedded"].fillna(value=False).astype(bool)
    own = frame if usable.all() else frame[usable]
    own = own.reset_index(drop=True)
    yield from (_layer_events(own, layer, terms, media) for layer in layers)


def _sources(posts: Posts) -> list[_Source]:
    return [posts] if isinstance(posts, pd.DataFrame | str | PathLike) else list(posts)


def _parts(posts: _Source, layers: Iterable[str], *, rows: bool) -> Iterator[pd.DataFrame]:
    if isinstance(posts, pd.DataFrame):
        yield posts
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(posts) as file:
        columns = _needed(file.schema_arrow.names, layers, rows=rows)
        before = 0
        for batch in file.iter_batches(PART, columns=columns):
            frame = schema.to_frame(pa.Table.from_batches([batch]))
            if "post" not in columns:
                frame["post"] = [f"row:{before + i}" for i in range(len(frame))]
            before += len(frame)
            yield frame


def _needed(held: Iterable[str], layers: Iterable[str], *, rows: bool) -> list[str]:
    wanted = _READ.union(*(_READ_FOR.get(layer, ()) for layer in layers))
    return [c for c in held if c in wanted or (rows and c in _READ_FOR_ROWS)]


def _one_frame(posts: list[_Source], layers: Iterable[str], *, rows: bool = True) -> pd.DataFrame:
    frames = [_frame(one, layers, rows=rows) for one in posts]
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)


def _frame(posts: _Source, layers: Iterable[str], *, rows: bool) -> pd.DataFrame:
    if isinstance(posts, pd.DataFrame):
        return posts
    import pyarrow.parquet as pq

    columns = _needed(pq.read_schema(posts).names, layers, rows=rows)
    return schema.to_frame(pq.read_table(posts, columns=columns))


def _checked_layers(layers: Iterable[str] | str | None) -> list[str]:
    wanted = [layers] if isinstance(layers, str) else list(layers or schema.LAYERS)
    for layer in wanted:
        if layer not in schema.LAYERS:
            hint = schema.nearest(layer, schema.LAYERS)
            raise ParameterError(
                f"there is no layer {layer!r}",
                remedy=f"did you mean {hint!r}?"
                if hint
                else f"layers are: {', '.join(schema.LAYERS)}",
            )
    return [layer for layer in schema.LAYERS if layer in wanted]


def _as_events(frame: pd.DataFrame, layers: list[str]) -> pd.DataFrame:
    schema.require(frame, ("account", "object", "time"), by="events", name="events")
    out = frame.dropna(subset=["account", "object", "time"])
    out = out[out["object"].astype("string") != ""]
    fill: dict[str, Any] = {
        "layer": "repost",
        "platform": "",
        "evidence_id": "",
        "row": "",
        "time_precision": "second",
    }
    missing = {k: v for k, v in fill.items() if k not in out.columns}
    out = out.assign(**missing)
    if "post" not in out.columns:
        out = out.assign(post=[f"row:{i}" for i in range(len(out))])
    if not isinstance(out["time"].dtype, pd.DatetimeTZDtype):
        raise TableError(
            "column 'time' of events does not hold times with a zone",
            remedy="convert it with pandas.to_datetime(..., utc=True)",
        )
    return out.loc[out["layer"].isin(layers), list(COLUMNS)].reset_index(drop=True)


class _Terms:
    """The words of a collection query, by the kind of object they would spoil."""

    def __init__(self, terms: Iterable[str]) -> None:
        plain = [t.strip().casefold() for t in terms if t.strip()]
        self.words = {t.lstrip("#@＃＠$").removeprefix("from:").removeprefix("to:") for t in plain}
        sites = {t.removeprefix("url:") for t in plain if "." in t}
        self.urls = {normalised_url(s) for s in sites}
        self.hosts = {u.removeprefix("https://") for u in self.urls if u}

    def spoils_url(self, url: str) -> bool:
        host = url.partition("://")[2].partition("/")[0].partition("?")[0]
        same = any(host == h or host.endswith(f".{h}") for h in self.hosts)
        return same or url in self.urls


def _layer_events(
    posts: pd.DataFrame, layer: str, terms: _Terms, media: pd.DataFrame | None
) -> pd.DataFrame:
    """Return the events of one layer."""
    if layer in _TARGETS:
        part, names = _targets(posts, _TARGETS[layer])
    else:
        if layer == "media":
            found = _media_objects(posts, media)
        elif layer == "text":
            found = _texts(posts, media)
        else:
            found = _OBJECTS[layer](posts, terms)
        rows, named = [], []
        for row, name in found:
            rows.append(row)
            named.append(name)
        part, names = posts.iloc[rows], pd.array(named, dtype="string")
    where = _row_references(part)
    return pd.DataFrame(
        {
            "account": part["account"].astype("string").array,
            "object": names,
            "time": pd.to_datetime(part["created_at"], utc=True)
            .astype("datetime64[us, UTC]")
            .array,
            "layer": pd.array([layer], dtype="string").repeat(len(part)),
            "post": _column(part, "post", "").array
            if "post" in part.columns
            else pd.array([f"row:{i}" for i in part.index], dtype="string"),
            "row": where,
            "platform": _column(part, "platform", "").array,
            "evidence_id": _column(part, "evidence_id", "").array,
            "time_precision": _column(part, "time_precision", "second").array,
        }
    )


def _column(posts: pd.DataFrame, name: str, default: str) -> pd.Series:
    if name in posts.columns:
        return posts[name].astype("string").fillna(default)
    blank = pd.array([default], dtype="string").repeat(len(posts))
    return pd.Series(blank, index=posts.index)


def _row_references(posts: pd.DataFrame) -> Any:
    if "evidence_id" not in posts.columns or "source_line" not in posts.columns:
        return pd.array([""], dtype="string").repeat(len(posts))
    line = posts["source_line"].astype("string")
    return posts["evidence_id"].astype("string").str.cat(line, sep=":").fillna("").array


def _is_repost(posts: pd.DataFrame) -> pd.Series:
    marks = [posts[c].notna() for c in ("repost_of", "repost_of_handle") if c in posts.columns]
    if "is_repost" in posts.columns:
        # Many exports say that a post repeats another and not which one.
        marks.append(posts["is_repost"].astype("boolean").fillna(value=False).astype(bool))
    out = pd.Series(data=False, index=posts.index)
    for mark in marks:
        out |= mark
    return out


def _lists(posts: pd.DataFrame, column: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (row, values) of a list column for posts that are no reposts."""
    if column not in posts.columns:
        return
    reposts = _is_repost(posts).to_numpy()
    for row, values in enumerate(posts[column]):
        if not reposts[row] and values is not None and not isinstance(values, float):
            kept = [str(v) for v in values if v]
            if kept:
                yield row, kept


def _targets(posts: pd.DataFrame, column: str) -> tuple[pd.DataFrame, Any]:
    """Return the posts that point to another post, and which; posts ids differ by platform."""
    if column not in posts.columns:
        return posts.iloc[:0], pd.array([], dtype="string")
    target = posts[column].astype("string")
    there = (target.notna() & (target != "")).fillna(value=False).to_numpy(dtype=bool)
    part = posts if there.all() else posts[there]
    import pyarrow as pa
    import pyarrow.compute as pc

    where = pa.array(_column(part, "platform", ""), type=pa.large_string())
    name = pa.array(target[there], type=pa.large_string())
    joined = pc.binary_join_element_wise(where, name, pa.scalar(":", pa.large_string()))
    return part, pd.array(joined, dtype="string")


def _links(posts: pd.DataFrame, terms: _Terms) -> Iterator[tuple[int, str]]:
    known: dict[str, str | None] = {}
    for row, values in _lists(posts, "urls"):
        for value in values:
            if value not in known:
                url = normalised_url(value)
                known[value] = None if url is None or terms.spoils_url(url) else url
        for url in sorted({u for u in map(known.get, values) if u}):
            yield row, url


def _texts(posts: pd.DataFrame, media: pd.DataFrame | None) -> Iterator[tuple[int, str]]:
    rows: list[int] = []
    texts: list[str] = []
    if "text" in posts.columns:
        usable = posts["text"].notna() & ~_is_repost(posts)
        if "text_truncated" in posts.columns:
            usable &= ~posts["text_truncated"].fillna(value=False).astype(bool)
        rows = usable.to_numpy().nonzero()[0].tolist()
        texts = posts["text"].astype("string").iloc[rows].to_list()
    for row, said in _carried(posts, media, "words"):
        rows.append(row)
        texts.append(said)
    seen = set()
    for row, name in zip(rows, text_fingerprints(texts), strict=True):
        if name is not None and (row, name) not in seen:
            seen.add((row, name))
            yield row, name


def _sets(column: str, least: int) -> Callable[[pd.DataFrame, _Terms], Iterator[tuple[int, str]]]:
    def found(posts: pd.DataFrame, terms: _Terms) -> Iterator[tuple[int, str]]:
        for row, values in _lists(posts, column):
            names = {v.casefold().lstrip("#@＃＠") for v in values} - terms.words - {""}
            if len(names) >= least:
                yield row, " ".join(sorted(names))

    return found


_OBJECTS: dict[str, Callable[[pd.DataFrame, _Terms], Iterator[tuple[int, str]]]] = {
    "link": _links,
    "hashtags": _sets("hashtags", MIN_HASHTAGS),
    "mention": _sets("mentions", MIN_MENTIONS),
}


_TARGETS = {"repost": "repost_of", "reply": "in_reply_to"}


def _media_objects(posts: pd.DataFrame, media: pd.DataFrame | None) -> Iterator[tuple[int, str]]:
    """Yield a picture or video by what it shows, else by its file, else by its address."""
    known = _shown(media)
    by_address: dict[str, str] = {}
    for column in ("media", "url", "file"):
        named = known.dropna(subset=[column])
        by_address |= dict(zip(named[column], named["object"], strict=True))
    by_row: dict[int, set[str]] = {}
    for row, values in _lists(posts, "media"):
        by_row[row] = {n for v in values if (n := by_address.get(v) or normalised_url(v))}
    for row, name in _carried(posts, known, "object"):
        by_row.setdefault(row, set()).add(name)
    for row in sorted(by_row):
        for name in sorted(by_row[row]):
            yield row, name


def _shown(media: pd.DataFrame | None) -> pd.DataFrame:
    """Return the media whose file was collected, with the object it is."""
    if media is None or media.empty:
        return pd.DataFrame(columns=["media", "url", "file", "post", "object"], dtype="string")
    known = media.dropna(subset=["sha256"])
    known = known[~known["kind"].eq("subtitles").fillna(value=False)]
    shown = known["fingerprint"] if "fingerprint" in known.columns else known["sha256"]
    compared = shown.notna() & (shown != PLAIN) & ("fingerprint" in known.columns)
    return known.assign(object=shown.where(compared, "sha256:" + known["sha256"]))


def _carried(
    posts: pd.DataFrame, media: pd.DataFrame | None, column: str
) -> Iterator[tuple[int, str]]:
    """Yield (row, value) of what the media of posts that are no reposts have in a column."""
    if media is None or column not in media.columns or "post" not in posts.columns:
        return
    held = media.dropna(subset=["post", column])
    if held.empty:
        return
    by_post = held.groupby("post")[column].agg(lambda values: sorted(set(values)))
    reposts = _is_repost(posts).to_numpy()
    keys = posts["post"].astype("string")
    for row in keys.isin(by_post.index).to_numpy().nonzero()[0].tolist():
        if not reposts[row]:
            yield from ((row, str(value)) for value in by_post[keys.iloc[row]])
