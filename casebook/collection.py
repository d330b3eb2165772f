"""From evidence files to record tables, every record accounted for.

`collect` reads a file through before it registers it, so that nothing is half-registered.
`build_tables` makes accounts, snapshots, posts, media and indicators out of all live evidence. Both
stream: what stays in memory is one batch of rows, one key per post and one row per account.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from casebook import readers, schema
from casebook.copies import Copies, copies, posts_named
from casebook.errors import CaseError, ReaderError
from casebook.evidence import Item, collection_details, file_hash
from casebook.log import canonical, write_atomically
from casebook.readers.base import Source
from casebook.settings import MAPPINGS_MARK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from casebook.case import Case
    from casebook.evidence import Staged
    from casebook.readers.base import Reader, Record

BATCH = 10_000
"""Rows written at a time: some 20 MB of Python objects."""

DOCUMENT = "document"

ROLE_RANK = {role: rank for rank, role in enumerate(reversed(schema.ROLES))}
SEEN_RANK = {
    seen: rank
    for rank, seen in enumerate(
        ("mentioned", "quoted", "reposted", "listed", "profile", "author"), start=1
    )
}
TAKES_ROLE = ("author", "profile", "listed")
"""Who gets the role of a file: its authors and subjects, not those who are merely seen in it."""

_FILLED_HERE = ("evidence_id", "reader", "provenance", "role", "stratum", "found_by", "selected_on")


# -- collecting -----------------------------------------------------------------------------------


def collect(
    case: Case,
    *paths: str | Path,
    reader: str | None = None,
    mapping: Mapping[str, Any] | None = None,
    confidential: bool = False,
    together: bool = False,
    actor: str | None = None,
    **details: Any,
) -> pd.DataFrame:
    """Copy files into the case, read them through, register them; return one row per file.

    Parameters
    ----------
    case : Case
    *paths : str or Path
        Files. ``data_x.json`` and ``users_x.json`` given together become one item.
    reader : str, optional
        Name of a reader; by default the content decides. ``"document"`` reads nothing.
    mapping : mapping, optional
        For tables of any layout: target column -> source column; proposed where absent.
    confidential : bool
        Keep only an alias and a salted commitment in the log.
    together : bool
        Register all files as one item: the pictures of a gallery, the pages of a letter.
    actor : str, optional
        Alias of the person who collected; by default the first investigator of the case.
    **details
        role, stratum, found_by, selected_on, capture, captured_at (when the files were saved, for
        formats that do not say), source_url, title, kind, access, reliability, credibility,
        derives_from, tlp, note.

    Returns
    -------
    pandas.DataFrame
        evidence_id, file, reader, format, records, rejected, note.

    Raises
    ------
    ReaderError
        Where a file claims a known format and does not parse; nothing is registered then.
    """
    checked = collection_details(**details)
    checked["actor"] = actor or next(iter(case.settings.investigators), "unknown")
    files = [Path(p) for p in paths]
    groups = [files] if together else list(_groups(files))
    for path in (p for group in groups for p in group):
        if not path.is_file():
            raise CaseError(f"there is no file {path.name!r}", remedy="check the path")
    known = _known_hashes(case)
    prepared: list[_Prepared] = []
    rows: list[dict[str, Any]] = []
    try:
        for group in groups:
            if (same := known.get(file_hash(group[0]))) is not None:
                rows.append(
                    {
                        "evidence_id": same,
                        "file": group[0].name,
                        "note": f"already collected as {same}; not collected again",
                    }
                )
                continue
            prepared.append(
                _prepared(
                    case, group, checked, reader=reader, mapping=mapping, confidential=confidential
                )
            )
    except BaseException:
        for one in prepared:
            one.drop()
        raise
    for one in prepared:
        item = case.evidence.register(one.staged, one.details)
        if one.mapping:
            _save_mapping(case, item.evidence_id, one.mapping)
        if one.part is not None:
            one.part.rename(case, item)
        rows.append({"evidence_id": item.evidence_id, **one.summary})
    columns = ["evidence_id", "file", "reader", "format", "records", "rejected", "note"]
    return pd.DataFrame(rows, columns=columns)


@dataclass
class _Prepared:
    staged: Staged
    details: dict[str, Any]
    mapping: dict[str, Any]
    summary: dict[str, Any]
    part: Part | None

    def drop(self) -> None:
        self.staged.drop()
        if self.part is not None:
            shutil.rmtree(self.part.folder, ignore_errors=True)


def _prepared(
    case: Case,
    group: list[Path],
    details: dict[str, Any],
    *,
    reader: str | None,
    mapping: Mapping[str, Any] | None,
    confidential: bool,
) -> _Prepared:
    names = [
        f"confidential-{i}{p.suffix.lower()}" if confidential else p.name
        for i, p in enumerate(group, start=1)
    ]
    staged = case.evidence.stage(dict(zip(names, group, strict=True)), confidential=confidential)
    try:
        main = staged.folder / names[0]
        if reader == DOCUMENT:
            found = None
        elif reader:
            found = readers.reader(reader)
        else:
            found = readers.recognise(main, group[0].name)
        chosen: dict[str, Any] = dict(mapping or {})
        note = ""
        if found is not None and found.name == "table":
            proposal = readers.propose_mapping(main, group[0].name, given=chosen)
            chosen, note = dict(proposal.mapping), str(proposal)
        summary = {
            "file": names[0],
            "reader": found.name if found else DOCUMENT,
            "format": found.format if found else "document",
            "records": 0,
            "rejected": 0,
            "note": note,
        }
        part = None
        if found is not None:
            source = Source(
                path=main,
                name=group[0].name,
                mapping=chosen,
                companions=tuple(staged.folder / n for n in names[1:]),
                capture=details.get("capture") or "platform export",
            )
            part = read_part(found, source, case.tables_folder / "parts" / staged.folder.name)
            summary |= {"records": part.records, "rejected": part.rejected}
        full = {**details, "reader": summary["reader"], "confidential": confidential or None}
        return _Prepared(staged, full, chosen, summary, part)
    except BaseException:
        staged.drop()
        raise


def _groups(paths: list[Path]) -> Iterator[list[Path]]:
    """Yield the files of each item: a ``data_*.json`` takes its ``users_*.json`` along."""
    taken: set[Path] = set()
    by_name = {(p.parent, p.name): p for p in paths}
    for path in paths:
        if path.name.startswith("data_"):
            users = by_name.get((path.parent, "users_" + path.name.removeprefix("data_")))
            if users is not None:
                taken.add(users)
                yield [path, users]
                continue
        if not (
            path.name.startswith("users_")
            and (path.parent, "data_" + path.name.removeprefix("users_")) in by_name
        ):
            yield [path]


def _known_hashes(case: Case) -> dict[str, str]:
    return {
        str(item.files[0].get("sha256")): item.evidence_id
        for item in case.evidence.items().values()
        if item.is_live and item.files
    }


def _save_mapping(case: Case, evidence_id: str, mapping: dict[str, Any]) -> None:
    """Write a column mapping into case.yaml, below the line that is the program's own."""
    import yaml

    path = case.folder / "case.yaml"
    text = path.read_text(encoding="utf-8")
    written, mark, _ = text.partition(MAPPINGS_MARK)
    if not mark and case.settings.mappings:
        raise CaseError(
            "it has mappings above the line that the program writes below",
            where="case.yaml",
            remedy=f"move them under a line that reads: {MAPPINGS_MARK.strip()}",
        )
    case.settings.mappings[evidence_id] = mapping
    block = yaml.safe_dump(
        {"mappings": case.settings.mappings}, sort_keys=False, allow_unicode=True
    )
    whole = f"{written.rstrip()}\n\n{MAPPINGS_MARK}{block}"
    write_atomically(path, whole.encode("utf-8"))


# -- reading one file ------------------------------------------------------------------------------


@dataclass
class Part:
    """What one evidence file holds: rows on disk, counts in memory."""

    folder: Path
    records: int = 0
    rejected: int = 0
    notices: dict[str, list[int]] = field(default_factory=dict)
    present: dict[str, dict[str, int]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def save(self) -> None:
        """Write the counts beside the rows; a part without them is unfinished."""
        content = {k: v for k, v in vars(self).items() if k != "folder"}
        write_atomically(self.folder / "part.json", canonical(content))

    @classmethod
    def load(cls, folder: Path) -> Part | None:
        """Return a finished part, or None."""
        path = folder / "part.json"
        if not path.is_file():
            return None
        return cls(folder, **json.loads(path.read_bytes()))

    def rename(self, case: Case, item: Item) -> None:
        """Move the part to where `build_tables` looks for the item's rows."""
        target = _part_folder(case, item)
        shutil.rmtree(target, ignore_errors=True)
        self.folder.rename(target)
        self.folder = target

    def path(self, table: str) -> Path:
        """Return where the rows of a table are."""
        return self.folder / f"{table}.parquet"


def read_part(reader: Reader, source: Source, folder: Path) -> Part:
    """Read a file through and return its rows on disk, in ``folder``."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    part = Part(folder)
    writers = _PartWriters(part)
    try:
        for record in reader.read(source):
            part.records += 1
            writers.take(record)
        writers.close()
    except BaseException:
        writers.abort()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if not part.records:
        shutil.rmtree(folder)
        raise ReaderError(
            f"it looks like {reader.format}, and holds no records",
            where=source.name,
            remedy="check the export; or collect it as it is with --reader document",
        )
    part.save()
    return part


class _PartWriters:
    """The rows of one file on their way to disk."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.accounts: dict[str, dict[str, Any]] = {}
        self.snapshots: set[tuple[Any, ...]] = set()
        self.buffers: dict[str, list[dict[str, Any]]] = {}
        self.open: dict[str, pq.ParquetWriter] = {}
        self.present: dict[str, Counter[str]] = {}

    def take(self, record: Record) -> None:
        """Take one record: its rows, or why it was refused."""
        part, line = self.part, record.line
        for notice in record.notices:
            counted = part.notices.setdefault(notice, [0, line])
            counted[0] += 1
        if record.rejected is not None:
            part.rejected += 1
            self.put("rejects", {"source_line": line, "reason": record.rejected})
            return
        for number, (table, row) in enumerate(record.rows):
            row["source_line"] = line
            row["_own"] = number == 0
            if table == "accounts":
                self.merge_account(row)
            elif table != "snapshots" or self.is_new_snapshot(row):
                self.put(table, row)

    def merge_account(self, row: dict[str, Any]) -> None:
        """Keep one row per account: the latest known value of each column."""
        key = row.get("account")
        if key is None:
            return
        old = self.accounts.get(key)
        if old is None:
            self.accounts[key] = {**row, "_records": int(row["_own"])}
            return
        old["_records"] += int(row["_own"])
        if SEEN_RANK.get(row.get("seen_as", ""), 0) < SEEN_RANK.get(old.get("seen_as", ""), 0):
            row["seen_as"] = old["seen_as"]
        before, after = old.get("collected_at"), row.get("collected_at")
        if before is not None and after is not None and after < before:
            seen = row["seen_as"]
            self.accounts[key] = {**{k: v for k, v in row.items() if v is not None}, **old}
            self.accounts[key]["seen_as"] = seen
        else:
            old.update({k: v for k, v in row.items() if v is not None})

    def is_new_snapshot(self, row: dict[str, Any]) -> bool:
        """Tell whether a profile looked like this for the first time on that day."""
        at = row.get("captured_at")
        if row["_own"]:
            return True
        content = tuple(row.get(c) for c in _SNAPSHOT_CONTENT)
        key = (row.get("account"), at.date() if at is not None else None, content)
        if key in self.snapshots:
            return False
        self.snapshots.add(key)
        return True

    def put(self, table: str, row: dict[str, Any]) -> None:
        """Queue a row; a full queue goes to disk."""
        buffer = self.buffers.setdefault(table, [])
        buffer.append(row)
        if len(buffer) >= BATCH:
            self.flush(table)

    def flush(self, table: str) -> None:
        """Write the queued rows of a table."""
        rows = self.buffers.pop(table, [])
        if not rows:
            return
        described = _part_schema(table)
        present = self.present.setdefault(table, Counter())
        if table in schema.RECORD_TABLES:
            for row in rows:
                if table == "posts" and row.get("is_repost") is None:
                    row["is_repost"] = bool(row.get("repost_of") or row.get("repost_of_handle"))
                filled = [k for k, v in row.items() if v is not None and v != []]
                row["_richness"] = len(filled)
                if row["_own"] or table != "posts":
                    present.update(filled)
        try:
            arrow = pa.Table.from_pylist(rows, schema=described)
        except UnicodeEncodeError:
            self._mend_surrogates(rows)
            arrow = pa.Table.from_pylist(rows, schema=described)
        if table not in self.open:
            self.open[table] = pq.ParquetWriter(self.part.path(table), described)
        self.open[table].write_table(arrow)
        self.part.rows[table] = self.part.rows.get(table, 0) + len(rows)

    def _mend_surrogates(self, rows: list[dict[str, Any]]) -> None:
        """Replace half characters, which no encoding can hold, and say where they were."""
        for row in rows:
            mended = {k: _whole(v) for k, v in row.items()}
            if mended != row:
                notice = "text held half characters (lone surrogates); they read as U+FFFD"
                self.part.notices.setdefault(notice, [0, row["source_line"]])[0] += 1
                row.update(mended)

    def close(self) -> None:
        """Write what is queued, and the counts of filled fields."""
        for row in self.accounts.values():
            self.put("accounts", row)
        for table in list(self.buffers):
            self.flush(table)
        self.abort()
        self.part.present = {
            table: {c: n for c, n in sorted(counts.items()) if not c.startswith("_")}
            for table, counts in sorted(self.present.items())
        }

    def abort(self) -> None:
        """Close the files."""
        for writer in self.open.values():
            writer.close()


_SNAPSHOT_CONTENT = (
    "handle", "display_name", "bio", "location", "website", "followers", "following", "posts",
    "avatar_url", "status",
)  # fmt: skip


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    if isinstance(value, list):
        return [_whole(v) for v in value]
    return value


def _part_schema(table: str) -> pa.Schema:
    described = schema.arrow_schema(table).remove_metadata()
    if table in schema.RECORD_TABLES:
        described = described.append(pa.field("_own", pa.bool_()))
        described = described.append(pa.field("_richness", pa.int32()))
        if table == "accounts":
            described = described.append(pa.field("_records", pa.int64()))
    return described


def _part_folder(case: Case, item: Item, parts: Path | None = None) -> Path:
    found = readers.reader(str(item.details["reader"]))
    whole = {
        "files": item.files,
        "reader": [found.name, found.version],
        "mapping": case.settings.mappings.get(item.evidence_id, {}),
        "capture": item.details.get("capture"),
        "schema": [schema.SCHEMA_VERSION, [list(t.names) for t in schema.TABLES.values()]],
    }
    mark = sha256(canonical(whole)).hexdigest()[:16]
    return (parts or case.tables_folder / "parts") / f"{item.evidence_id}-{mark}"


# -- building tables -------------------------------------------------------------------------------


def build_tables(case: Case, *, into: Path | None = None) -> pd.DataFrame:
    """Make the record tables out of all live evidence; return one row per evidence file.

    Files that were read before with the same reader are not read again. The rows of posts known
    twice are the richest of them; an original that came along inside a repost gives way to the
    post collected for itself.

    Parameters
    ----------
    case : Case
    into : Path, optional
        Another folder for the tables, where everything is read anew. `verify` uses it.

    Returns
    -------
    pandas.DataFrame
        The table ``readings``: loaded + duplicates + rejected = records, for each file.
    """
    folder = into or case.tables_folder
    folder.mkdir(parents=True, exist_ok=True)
    files = [
        f for item in case.evidence.items().values() if item.is_live for f in [_File(case, item)]
    ]
    for file in files:
        file.ensure_part(folder / "parts")
    accounts = _accounts(case, files)
    posts = _PostKeys(files, accounts.keys)
    shown = copies(case, folder / "parts" / "media")
    for table in schema.RECORD_TABLES:
        writer = _TableWriter(case, table, folder, shown)
        if table == "accounts":
            writer.write_frame(accounts.frame)
        else:
            for file in files:
                for batch in file.batches(table):
                    keep = posts.keep(file, batch) if table == "posts" else None
                    writer.write(file, batch, keep, accounts.keys)
        if table == "media":
            writer.write_frame(_media_by_post_id(case, shown, folder, writer.linked))
        writer.close()
    readings = _readings(files, posts)
    for name, frame in (
        ("readings", readings),
        ("rejects", _rejects(files)),
        ("notices", _notices(files, shown)),
        ("likenesses", shown.pairs),
        ("coverage", _coverage(files)),
    ):
        writer = _TableWriter(case, name, folder, shown)
        writer.write_frame(schema.check(name, frame))
        writer.close()
    if into is None:
        _drop_old_parts(case, files)
    return readings


class _File:
    """One evidence item on its way into the tables."""

    def __init__(self, case: Case, item: Item) -> None:
        self.case, self.item = case, item
        self.id = item.evidence_id
        self.name = str(item.files[0]["name"])
        self.reader_name = str(item.details.get("reader", DOCUMENT))
        self.part: Part | None = None

    @property
    def provenance(self) -> str:
        if self.case.synthetic:
            return "synthetic"
        return "reported" if self.reader_name == "indicators" else "observed"

    @property
    def saved_at(self) -> pa.Scalar | None:
        """When the file was saved, where the person who collected it said so."""
        given = self.item.details.get("captured_at")
        if not given:
            return None
        return pa.scalar(pd.Timestamp(given).tz_convert("UTC"), pa.timestamp("us", tz="UTC"))

    def ensure_part(self, parts: Path) -> None:
        if self.reader_name == DOCUMENT:
            return
        folder = _part_folder(self.case, self.item, parts)
        self.part = Part.load(folder)
        if self.part is None:
            evidence = self.case.evidence
            main, *companions = (evidence.path(self.item, f) for f in self.item.files)
            if not main.is_file():
                raise CaseError(
                    f"evidence/{self.id}/{self.name} is missing",
                    remedy="put it back from a copy, or `casebook withdraw` the item",
                )
            source = Source(
                path=main,
                name=self.name,
                mapping=self.case.settings.mappings.get(self.id, {}),
                companions=tuple(companions),
                capture=str(self.item.details.get("capture") or "platform export"),
            )
            self.part = read_part(readers.reader(self.reader_name), source, folder)

    def batches(self, table: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        if self.part is None or not self.part.path(table).is_file():
            return
        with pq.ParquetFile(self.part.path(table)) as parquet:
            for batch in parquet.iter_batches(BATCH, columns=columns):
                yield pa.Table.from_batches([batch])

    def frame(self, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        wanted = list(columns) if columns else _part_schema(table).names
        batches = list(self.batches(table, wanted))
        described = pa.schema([f for f in _part_schema(table) if f.name in wanted])
        whole = pa.concat_tables(batches) if batches else described.empty_table()
        return schema.to_frame(whole)


@dataclass
class _Accounts:
    frame: pd.DataFrame
    keys: dict[str, str]
    """Keys by handle only -> keys by id, where the handle is known to belong to one id."""


def _accounts(case: Case, files: list[_File]) -> _Accounts:
    """Return one row per account over all files, with its role."""
    columns = [*schema.table("accounts").names]
    frames = []
    for order, file in enumerate(files):
        frame = file.frame("accounts")
        if frame.empty:
            continue
        details = file.item.details
        takes = frame["seen_as"].isin(TAKES_ROLE)
        if file.saved_at is not None:
            frame["collected_at"] = frame["collected_at"].fillna(file.saved_at.as_py())
        frame["evidence_id"], frame["reader"] = file.id, file.reader_name
        frame["provenance"] = file.provenance
        frame["role"] = pd.Series(details.get("role") or "bystander", frame.index).where(
            takes, "bystander"
        )
        frame["stratum"] = pd.Series(details.get("stratum"), frame.index, dtype="object").where(
            takes, None
        )
        frame["found_by"] = pd.Series(details.get("found_by"), frame.index, dtype="object").where(
            takes, None
        )
        frame["selected_on"] = [list(details.get("selected_on", [])) if t else [] for t in takes]
        frame["_order"] = order
        frames.append(frame)
    if not frames:
        return _Accounts(schema.empty("accounts"), {})
    frame = pd.concat(frames, ignore_index=True)
    keys = _resolved(frame)
    frame["account"] = frame["account"].map(lambda k: keys.get(k, k))
    _apply_overrides(case, frame)
    frame = frame.sort_values(
        ["account", "collected_at", "_order"], kind="stable", na_position="first"
    )
    lists = frame.groupby("account", sort=True)["selected_on"].agg(
        lambda values: sorted({s for v in values for s in v})
    )
    best_role = frame.assign(_rank=frame["role"].map(ROLE_RANK)).groupby("account")["_rank"].max()
    best_seen = (
        frame.assign(_rank=frame["seen_as"].map(SEEN_RANK)).groupby("account")["_rank"].max()
    )
    found = (
        frame.dropna(subset=["found_by"])
        .groupby("account")["found_by"]
        .agg(lambda v: "; ".join(dict.fromkeys(v)))
    )
    plain = [
        c for c in columns if c not in {"account", "selected_on", "role", "seen_as", "found_by"}
    ]
    merged = frame.groupby("account", sort=True)[plain].last()
    # Where it was last read from must name one row, so these three never mix.
    last = frame.groupby("account", sort=True)[["evidence_id", "source_line", "reader"]].nth(-1)
    last.index = frame.loc[last.index, "account"]
    merged[["evidence_id", "source_line", "reader"]] = last
    merged["selected_on"] = lists
    merged["role"] = best_role.map({v: k for k, v in ROLE_RANK.items()})
    merged["seen_as"] = best_seen.map({v: k for k, v in SEEN_RANK.items()})
    merged["found_by"] = found
    return _Accounts(schema.check("accounts", merged.reset_index()[columns]), keys)


def _resolved(frame: pd.DataFrame) -> dict[str, str]:
    """Map keys by handle to keys by id, where a handle belongs to exactly one id in the case."""
    with_id = frame[frame["account_id"].notna() & frame["handle"].notna()]
    by_handle = with_id["platform"] + ":@" + with_id["handle"].str.lower()
    ids = with_id.groupby(by_handle)["account"].agg(lambda v: sorted(set(v)))
    return {str(handle): found[0] for handle, found in ids.items() if len(found) == 1}


def _apply_overrides(case: Case, frame: pd.DataFrame) -> None:
    """Apply ``roles:`` and ``strata:`` of case.yaml, by key or by handle."""
    handles = frame["handle"].str.lower()
    for column, groups in (("role", case.settings.roles), ("stratum", case.settings.strata)):
        for value, names in (groups or {}).items():
            wanted = {str(n).lstrip("@") for n in names or []}
            lowered = {n.lower() for n in wanted}
            hit = frame["account"].isin(wanted) | handles.isin(lowered)
            frame.loc[hit, column] = value
            missing = (
                wanted
                - set(frame["account"])
                - {n for n in wanted if n.lower() in set(handles.dropna())}
            )
            if missing:
                hint = schema.nearest(min(missing), [*frame["account"].dropna(), *handles.dropna()])
                raise CaseError(
                    f"{column} {value!r} names {min(missing)!r}, which no evidence mentions",
                    where="case.yaml",
                    remedy=f"did you mean {hint!r}?" if hint else "collect its evidence first",
                )


class _PostKeys:
    """Which row of which file stands for each post."""

    def __init__(self, files: list[_File], keys: dict[str, str]) -> None:
        self.accounts = keys
        frames = []
        for order, file in enumerate(files):
            frame = file.frame("posts", ["platform", "post_id", "source_line", "_own", "_richness"])
            frame["key"] = _post_keys(frame, file.id)
            frame["file"], frame["row"] = order, range(len(frame))
            frames.append(frame[["key", "file", "row", "_own", "_richness"]])
        whole = (
            pd.concat(frames, ignore_index=True)
            if frames
            else pd.DataFrame(columns=["key", "file", "row", "_own", "_richness"])
        )
        own = whole[whole["_own"].astype(bool)]
        again = own.duplicated("key", keep="first")
        self.duplicates = own.loc[again, "file"].value_counts().to_dict()
        best = whole.sort_values(
            ["_own", "_richness", "file", "row"],
            ascending=[False, False, True, True],
            kind="stable",
        ).drop_duplicates("key", keep="first")
        self.rows = {order: set(group["row"]) for order, group in best.groupby("file")}
        self.order = {file.id: order for order, file in enumerate(files)}
        self.done: Counter[str] = Counter()

    def keep(self, file: _File, batch: pa.Table) -> list[bool]:
        """Return which rows of the next batch of a file stay."""
        start = self.done[file.id]
        self.done[file.id] += batch.num_rows
        rows = self.rows.get(self.order[file.id], set())
        return [start + i in rows for i in range(batch.num_rows)]


def _post_keys(frame: pd.DataFrame, evidence_id: str) -> pd.Series:
    by_id = frame["platform"] + ":" + frame["post_id"]
    return by_id.fillna(evidence_id + ":" + frame["source_line"].astype("string"))


class _TableWriter:
    """One table on its way to disk; the old one stays until the new one is whole."""

    def __init__(self, case: Case, table: str, folder: Path, shown: Copies) -> None:
        self.table = table
        self.path = folder / f"{table}.parquet"
        self.partial = folder / f".{table}.parquet.part"
        self.schema = case.arrow_schema(table)
        self.shown = shown
        self.linked: set[tuple[str, str]] = set()
        self.writer = pq.ParquetWriter(self.partial, self.schema, compression="zstd")

    def write(
        self, file: _File, batch: pa.Table, keep: list[bool] | None, keys: dict[str, str]
    ) -> None:
        if keep is not None:
            batch = batch.filter(pa.array(keep, pa.bool_()))
        count = batch.num_rows
        filled = {
            "evidence_id": pa.array([file.id] * count, pa.string()),
            "reader": pa.array([file.reader_name] * count, pa.string()),
            "provenance": pa.array([file.provenance] * count, pa.string()),
        }
        if (saved := file.saved_at) is not None:
            for name in ("collected_at", "captured_at"):
                if name in batch.column_names:
                    filled[name] = pc.fill_null(batch.column(name), saved)
        if "account" in batch.column_names and keys:
            resolved = [keys.get(k, k) for k in batch.column("account").to_pylist()]
            filled["account"] = pa.array(resolved, pa.string())
        if self.table == "media":
            filled |= self._documents(batch)
        if self.table == "posts":
            frame = batch.select(["platform", "post_id", "source_line"]).to_pandas()
            filled["post"] = pa.array(_post_keys(frame, file.id).tolist(), pa.string())
        columns = [
            filled[f.name] if f.name in filled else batch.column(f.name) for f in self.schema
        ]
        self.writer.write_table(pa.table(columns, schema=self.schema))

    def _documents(self, batch: pa.Table) -> dict[str, pa.Array]:
        """Return the files that were collected for some rows of media, and what they show."""
        named = (batch.column(c).to_pylist() for c in ("file", "url", "post"))
        files, hashes = [], []
        for file, url, post in zip(*named, strict=True):
            document = self.shown.document_of(file, url)
            files.append(document.name if document else file)
            hashes.append(document.sha256 if document else None)
            if document and post:
                self.linked.add((post, document.sha256))
        return {
            "file": pa.array(files, pa.string()),
            "sha256": pa.array(hashes, pa.string()),
            "fingerprint": pa.array(
                [self.shown.fingerprints.get(h or "") for h in hashes], pa.string()
            ),
            "words": pa.array([self.shown.words.get(h or "") for h in hashes], pa.string()),
        }

    def write_frame(self, frame: pd.DataFrame) -> None:
        arrow = pa.Table.from_pandas(
            frame, schema=self.schema.remove_metadata(), preserve_index=False
        )
        self.writer.write_table(arrow.cast(self.schema))

    def close(self) -> None:
        self.writer.close()
        self.partial.replace(self.path)


def _media_by_post_id(
    case: Case, shown: Copies, folder: Path, linked: set[tuple[str, str]]
) -> pd.DataFrame:
    """Return the media that only the names of collected files give to posts."""
    rows: list[dict[str, Any]] = []
    if shown.post_ids():
        # Posts are written before media, since these are in that order.
        posts = pq.read_table(folder / "posts.parquet", columns=["post", "post_id", "account"])
        rows = posts_named(shown, schema.to_frame(posts), linked)
    found = pd.DataFrame(rows, columns=list(schema.table("media").names))
    return schema.check(
        "media", found.assign(provenance="synthetic" if case.synthetic else "observed")
    )


def _readings(files: list[_File], posts: _PostKeys) -> pd.DataFrame:
    rows = []
    for order, file in enumerate(files):
        row: dict[str, Any] = {
            "evidence_id": file.id,
            "file": file.name,
            "reader": file.reader_name,
            "format": "document",
            "verified_format": True,
            "records": 0,
            "loaded": 0,
            "duplicates": 0,
            "rejected": 0,
            "posts": 0,
            "accounts": 0,
        }
        if file.part is not None:
            found = readers.reader(file.reader_name)
            times = file.frame("posts", ["created_at", "time_precision", "_own"])
            times = times[times["_own"].astype(bool)]
            again = file.frame("accounts", ["_records"])["_records"]
            duplicates = posts.duplicates.get(order, 0) + int((again - 1).clip(lower=0).sum())
            precisions = set(times["time_precision"].dropna())
            row |= {
                "format": found.format,
                "verified_format": found.verified,
                "records": file.part.records,
                "loaded": file.part.records - file.part.rejected - duplicates,
                "duplicates": duplicates,
                "rejected": file.part.rejected,
                "posts": file.part.rows.get("posts", 0),
                "accounts": file.part.rows.get("accounts", 0),
                "first": times["created_at"].min(),
                "last": times["created_at"].max(),
                "time_precision": next(
                    (p for p in reversed(schema.PRECISIONS) if p in precisions), None
                ),
            }
        rows.append(row)
    return schema.check("readings", pd.DataFrame(rows, columns=schema.table("readings").names))


def _rejects(files: list[_File]) -> pd.DataFrame:
    frames = [file.frame("rejects").assign(evidence_id=file.id) for file in files]
    frames = [f for f in frames if len(f)]
    return pd.concat(frames, ignore_index=True) if frames else schema.empty("rejects")


def _notices(files: list[_File], shown: Copies) -> pd.DataFrame:
    rows = [
        {"evidence_id": file.id, "notice": notice, "count": count, "first_line": line}
        for file in files
        if file.part is not None
        # In this order whether the file was read now or before.
        for notice, (count, line) in sorted(file.part.notices.items())
    ]
    return pd.DataFrame([*rows, *shown.notices()], columns=schema.table("notices").names)


def _coverage(files: list[_File]) -> pd.DataFrame:
    rows = []
    for file in files:
        for table, present in (file.part.present if file.part else {}).items():
            if table not in schema.RECORD_TABLES:
                continue
            total = present.get("source_line", 0)
            for column in schema.table(table).names:
                if column in (*_FILLED_HERE, "source_line"):
                    continue
                count = present.get(column, 0)
                rows.append(
                    {
                        "evidence_id": file.id,
                        "table": table,
                        "field": column,
                        "rows": total,
                        "present": count,
                        "share": count / total if total else None,
                    }
                )
    return pd.DataFrame(rows, columns=schema.table("coverage").names)


def _drop_old_parts(case: Case, files: list[_File]) -> None:
    """Delete the rows of files that are withdrawn, or that another reader version has read."""
    current = {file.part.folder.name for file in files if file.part is not None}
    parts = case.tables_folder / "parts"
    for path in parts.iterdir() if parts.is_dir() else ():
        if path.name.startswith("E") and path.name not in current:
            shutil.rmtree(path, ignore_errors=True)
