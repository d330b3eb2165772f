"""A case is a folder; `Case` is the one object that knows it.

Tables, evidence, judgements, claims and settings are read and written here and nowhere else. The
rest of Casebook is functions from tables to tables.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casebook import __version__, schema
from casebook.errors import CaseError, ClaimError, EvidenceError
from casebook.evidence import ID, EvidenceLog, now, stamp
from casebook.exhibits import mark_synthetic
from casebook.language import LANGUAGE, LANGUAGES, speak
from casebook.log import ChainedLog, canonical, write_atomically
from casebook.settings import Settings, load_settings, load_yaml
from casebook.translation import (
    load_translation,
    translated,
    translated_claims,
    translated_codebook,
    translation_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    import pandas as pd

    from casebook.exhibits import Sentinel

ALIAS = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
CLONE = Path(__file__).resolve().parent.parent

ITEM_COLUMNS = (
    "evidence_id", "title", "status", "reader", "files", "bytes", "sha256", "collected_at",
    "offset", "actor", "role", "stratum", "found_by", "selected_on", "capture", "source_url",
    "kind", "access", "reliability", "credibility", "derives_from", "tlp", "confidential",
    "note", "reason",
)  # fmt: skip
_LISTS = ("files", "selected_on", "derives_from")


def is_clone(folder: Path = CLONE) -> bool:
    """Tell whether Casebook runs from a clone of its repository, with the example case."""
    return (folder / "pyproject.toml").is_file() and (folder / "notebooks").is_dir()


def home() -> Path:
    """Return where new cases go: ``~/Casebook``, or the folder named by CASEBOOK_HOME."""
    return Path(os.environ.get("CASEBOOK_HOME") or Path.home() / "Casebook")


def is_path(name: str | Path) -> bool:
    """Tell a folder (``./my-case``) from the name of a case (``my-case``)."""
    given = Path(name).expanduser()
    return len(given.parts) > 1 or given.is_absolute() or str(name).startswith(("./", ".\\"))


def find_case(name: str | Path) -> Path:
    """Return the folder of a case given its name or its folder.

    A name is looked up in ``./data``, in the clone's ``data`` and in ``~/Casebook``.

    Raises
    ------
    CaseError
        Where there is none; it lists the cases that there are.
    """
    given = Path(name).expanduser()
    places = [Path("data"), *([CLONE / "data"] if is_clone() else []), home()]
    candidates = [given] if is_path(name) else []
    candidates += [place / given for place in places] if not candidates else []
    candidates.append(given)
    for folder in candidates:
        if (folder / "case.yaml").is_file():
            return folder.resolve()
    known = sorted({p.parent.name for place in places for p in place.glob("*/case.yaml")})
    hint = schema.nearest(str(name), known)
    raise CaseError(
        f"there is no case called {str(name)!r}",
        remedy=f"did you mean {hint!r}?"
        if hint
        else f"known cases: {', '.join(known) or 'none'}; `casebook new NAME` makes one",
    )


class Case:
    """One investigation: a folder with evidence, tables, judgements and claims.

    Parameters
    ----------
    case : str, Path or Case
        Name of a case, its folder, or the case itself.
    clock : callable, optional
        Returns the present moment, with its offset; only log lines carry it.
    language : str, optional
        ``en`` or ``fr``, to tell the case in the words of its case.fr.yaml; by default what the
        environment variable CASEBOOK_LANGUAGE says, else the language of case.yaml.

    Examples
    --------
    >>> case = Case("spamouflage-2024")  # doctest: +SKIP
    >>> posts = case.read("posts")  # doctest: +SKIP
    """

    def __init__(
        self,
        case: str | Path | Case,
        *,
        clock: Callable[[], datetime] | None = None,
        language: str | None = None,
    ) -> None:
        self.folder: Path
        self.settings: Settings
        self.clock: Callable[[], datetime]
        self._words: dict[str, Any] | None
        self._written_in: str
        if isinstance(case, Case):
            vars(self).update(vars(case))
        elif isinstance(case, (str, Path)):
            self.folder = find_case(case)
            self.settings = load_settings(self.folder / "case.yaml")
            self.clock = clock or now
            self._written_in, self._words = self.settings.language, None
            self._tell_in(language or os.environ.get(LANGUAGE) or self.settings.language)
        else:
            raise CaseError(
                f"a case is named by text, not by {case!r}",
                remedy="with plain papermill use `-r case NAME`, which never guesses a type",
            )
        self.evidence = EvidenceLog(self.folder, self.clock)
        mark_synthetic(self.synthetic)
        speak(self.settings.language)

    def _tell_in(self, language: str) -> None:
        if language not in LANGUAGES:
            raise CaseError(
                f"{language!r} is not a language that Casebook speaks",
                remedy=f"one of: {', '.join(LANGUAGES)}",
            )
        if language != self._written_in:
            self._words = load_translation(self.folder, language)
            self.settings = translated(self.settings, self._words, language)

    def __repr__(self) -> str:
        return f"Case({self.name!r})"

    @property
    def name(self) -> str:
        """The name of the case: its folder's name."""
        return self.folder.name

    @property
    def synthetic(self) -> bool:
        """Whether the evidence was made up by a scenario."""
        return bool(self.settings.synthetic)

    @property
    def translation(self) -> Path | None:
        """The file whose words the case is told in, where these are not those of case.yaml."""
        told = self._words is not None
        return self.folder / translation_name(self.settings.language) if told else None

    @property
    def written_in(self) -> str:
        """The language of case.yaml, in which people wrote what has no translation."""
        return self._written_in

    @property
    def _mark(self) -> str:
        """What a translation adds to a name: ``.fr``; it has tables and a report of its own."""
        return "" if self.translation is None else f".{self.settings.language}"

    @property
    def tables_folder(self) -> Path:
        """Where the derived tables are; it may be deleted at any time."""
        tables = self.folder / "tables"
        return tables / self._mark.lstrip(".") if self._mark else tables

    @property
    def report_folder(self) -> Path:
        """Where the report goes: the clone's ``reports/<case>``, else ``reports`` in the case."""
        if is_clone() and self.folder.parent == CLONE / "data":
            return CLONE / "reports" / f"{self.name}{self._mark}"
        return self.folder / f"reports{self._mark}"

    # -- tables ---------------------------------------------------------------------------------

    def table_path(self, table: str) -> Path:
        """Return where a table is, or will be."""
        schema.table(table)
        return self.tables_folder / f"{table}.parquet"

    def has(self, table: str) -> bool:
        """Tell whether a table has been made from the evidence as it is now."""
        path = self.table_path(table)
        return path.is_file() and _mark(path) == self.fingerprint()

    def read(self, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a table with the types of its schema.

        Raises
        ------
        CaseError
            Where it has not been made yet, or was made from an earlier state of the evidence;
            it names the notebook to run first.
        """
        import pyarrow.parquet as pq

        path = self.table_path(table)
        step = schema.table(table).made_by
        if not path.is_file():
            raise CaseError(
                f"the table {table!r} is not there yet", remedy=f"run notebook {step} first"
            )
        if _mark(path) != self.fingerprint():
            raise CaseError(
                f"the table {table!r} was made from an earlier state of the evidence",
                remedy=f"run notebook {step} again",
            )
        frame = schema.to_frame(pq.read_table(path, columns=list(columns) if columns else None))
        if columns:
            return schema.check(table, frame)[list(columns)]
        return schema.check(table, frame)

    def write(self, table: str, frame: pd.DataFrame) -> pd.DataFrame:
        """Store a table, whole or not at all, and return it with the types of its schema."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        checked = schema.check(table, frame)
        arrow = pa.Table.from_pandas(
            checked, schema=schema.arrow_schema(table), preserve_index=False
        ).cast(self.arrow_schema(table))
        self.tables_folder.mkdir(parents=True, exist_ok=True)
        sink = pa.BufferOutputStream()
        pq.write_table(arrow, sink, compression="zstd")
        write_atomically(self.table_path(table), sink.getvalue().to_pybytes())
        return checked

    def arrow_schema(self, table: str) -> Any:
        """Return the Arrow schema of a table as this case stores it: its marks in the metadata."""
        described = schema.arrow_schema(table, synthetic=self.synthetic)
        return described.with_metadata(
            {**described.metadata, "casebook.made_from": self.fingerprint()}
        )

    def fingerprint(self) -> str:
        """Return one hash for everything that the record tables depend on."""
        live = [
            [item.evidence_id, item.files, {k: item.details.get(k) for k in _READ_FROM}]
            for item in self.evidence.items().values()
            if item.is_live
        ]
        settings = {
            "roles": self.settings.roles,
            "strata": self.settings.strata,
            "mappings": self.settings.mappings,
            "synthetic": self.synthetic,
        }
        whole = {"items": live, "settings": settings, "casebook": __version__}
        return hashlib.sha256(canonical(whole)).hexdigest()

    # -- evidence -------------------------------------------------------------------------------

    def evidence_items(self) -> pd.DataFrame:
        """Return one row per evidence item ever collected, with its state and its grades.

        Grades come from the log, and from ``grades:`` in case.yaml where given there.
        """
        import pandas as pd

        rows = []
        for item in self.evidence.items().values():
            graded = {**item.details, **self.settings.grades.get(item.evidence_id, {})}
            rows.append(
                {
                    **graded,
                    "status": item.status,
                    "reason": item.reason,
                    "files": [str(f["name"]) for f in item.files],
                    "bytes": sum(int(f.get("bytes", 0)) for f in item.files),
                    "sha256": item.files[0].get("sha256"),
                    "title": graded.get("title") or str(item.files[0]["name"]),
                    "collected_at": pd.Timestamp(item.details["time"]),
                    "confidential": bool(graded.get("confidential")),
                }
            )
        frame = pd.DataFrame(rows, columns=list(ITEM_COLUMNS))
        for column in _LISTS:
            frame[column] = [list(v) if isinstance(v, (list, tuple)) else [] for v in frame[column]]
        for column in set(ITEM_COLUMNS) - {*_LISTS, "bytes", "collected_at", "confidential"}:
            frame[column] = frame[column].astype("string")
        return frame

    def published(self, name: str) -> pd.DataFrame:
        """Return facts from public reports: ``published/<name>.csv``, every cell as text."""
        import pandas as pd

        path = self.folder / "published" / f"{name}.csv"
        if not path.is_file():
            raise CaseError(
                f"the case holds no published {name!r}",
                remedy=f"put a table with a column source_id into published/{name}.csv",
            )
        return pd.read_csv(path, dtype="string", keep_default_na=False)

    def has_published(self, name: str) -> bool:
        """Tell whether ``published/<name>.csv`` is there."""
        return (self.folder / "published" / f"{name}.csv").is_file()

    def codebook(self) -> pd.DataFrame:
        """Return what codebook.yaml counts as which narrative or target; no rows where absent."""
        from casebook.codebook import NAME, load_codebook

        written = load_codebook(self.folder / NAME)
        if self._words is None:
            return written
        return translated_codebook(written, self._words, language=self.settings.language)

    def reach(self) -> pd.DataFrame:
        """Return the answers under ``reach:`` in case.yaml, one row for each question.

        Returns
        -------
        DataFrame
            flag, answer (shown, not shown or unknown), basis (observed where an evidence item of
            this case is cited, reported where a published source is; empty where unknown),
            evidence, note.
        """
        import pandas as pd

        rows = []
        for flag in schema.REACH_FLAGS:
            given = self.settings.reach.get(flag) or {"answer": "unknown"}
            cited = list(given.get("evidence") or [])
            try:
                self.check_citations(cited)
            except EvidenceError as error:
                raise CaseError(
                    error.what, where=f"case.yaml, reach, {flag}", remedy=error.remedy
                ) from None
            kinds = [c.partition(":")[0] for c in cited]
            here = any(k == "selection" or ID.fullmatch(k) for k in kinds)
            basis = "observed" if here else "reported"
            rows.append(
                {
                    "flag": flag,
                    "answer": given["answer"],
                    "basis": basis if given["answer"] != "unknown" else "",
                    "evidence": cited,
                    "note": given.get("note") or "",
                }
            )
        return pd.DataFrame(rows)

    # -- judgement ------------------------------------------------------------------------------

    def judge(
        self,
        subject: str,
        question: str,
        answer: str,
        *,
        reason: str,
        evidence: Iterable[str] = (),
        reviewer: str,
    ) -> dict[str, Any]:
        """Record what a person decided, and return the sealed line once it is on the disk.

        A later answer to the same question about the same subject supersedes the earlier one; both
        stay in the log.

        Parameters
        ----------
        subject : str
            Key of an account, or id of a claim.
        question : str
            What was asked: ``verdict``, ``real-person-check``, ...
        answer : str
            For ``verdict`` one of authentic, undetermined, suspected, assessed inauthentic; for
            the check, done, real person, hijacked, parody or not done.
        reason : str
            Why, in the reviewer's words. Required.
        evidence : iterable of str
            Evidence ids, row references (``E0001:12``), published source ids, published facts
            (``fact:M04``) or stored selections (``selection:NAME``).
        reviewer : str
            Alias: lower-case letters, digits, hyphens. Never a real name.
        """
        if not ALIAS.fullmatch(reviewer):
            raise ClaimError(
                f"{reviewer!r} is no alias",
                remedy="use lower-case letters, digits and hyphens; not a real name",
            )
        for name, value in (("subject", subject), ("question", question), ("reason", reason)):
            if not value.strip():
                raise ClaimError(f"a judgement needs a {name}", remedy="nothing was saved")
        if question == "verdict" and answer not in schema.ANSWERS:
            raise ClaimError(
                f"{answer!r} is no answer to 'verdict'",
                remedy=f"one of: {', '.join(schema.ANSWERS)}",
            )
        if question == schema.CHECK and answer not in schema.CHECKS:
            raise ClaimError(
                f"{answer!r} is no answer to {question!r}",
                remedy=f"one of: {', '.join(schema.CHECKS)}",
            )
        cited = list(evidence)
        self.check_citations(cited)
        log = self._judgement_log(reviewer)
        with log.locked():
            earlier = [
                e["seq"]
                for e in log.events()
                if e["subject"] == subject and e["question"] == question
            ]
            return log.append_locked(
                {
                    **stamp(self.clock()),
                    "reviewer": reviewer,
                    "subject": subject,
                    "question": question,
                    "answer": answer,
                    "reason": reason,
                    "evidence": cited,
                    "supersedes": earlier[-1] if earlier else None,
                }
            )

    def judgements(self, *, seen_by: str = "") -> pd.DataFrame:
        """Return every judgement of every reviewer; ``current`` marks those not superseded.

        Parameters
        ----------
        seen_by : str
            Alias of a reviewer who looks: then only the reviewer's own, until all have locked their
            answers. Empty, as for an editor, gives all.
        """
        import pandas as pd

        columns = [
            "seq", "time", "reviewer", "subject", "question", "answer", "reason", "evidence",
            "supersedes", "current",
        ]  # fmt: skip
        rows = []
        for path in sorted((self.folder / "judgements").glob("*.jsonl")):
            events = ChainedLog(path).events()
            replaced = {e["supersedes"] for e in events}
            rows += [{**e, "current": e["seq"] not in replaced} for e in events]
        frame = pd.DataFrame(rows, columns=columns)
        frame["time"] = pd.to_datetime(frame["time"], utc=True)
        for column in ("reviewer", "subject", "question", "answer", "reason"):
            frame[column] = frame[column].astype("string")
        frame["supersedes"] = frame["supersedes"].astype("Int64")
        frame["current"] = frame["current"].astype("bool")
        whole = frame.sort_values(["reviewer", "seq"], kind="stable", ignore_index=True)
        if not seen_by:
            return whole
        from casebook.personas.lineup import seen_by as visible

        return visible(whole, seen_by)

    def check_citations(self, cited: Iterable[str]) -> None:
        """Raise EvidenceError where a cited id leads nowhere."""
        items = self.evidence.items()
        sources = self._published_ids("sources", "source_id")
        facts = self._published_ids("facts", "fact_id")
        for reference in cited:
            evidence_id = reference.partition(":")[0]
            if reference in sources or (ID.fullmatch(evidence_id) and evidence_id in items):
                continue
            if evidence_id == "selection" or (evidence_id == "fact" and reference[5:] in facts):
                continue
            hint = schema.nearest(reference, [*items, *sources])
            raise EvidenceError(
                f"{reference!r} is neither an evidence item nor a published source",
                remedy=f"did you mean {hint!r}?" if hint else "see `casebook list CASE`",
            )

    def _published_ids(self, name: str, column: str) -> set[str]:
        return set(self.published(name)[column]) if self.has_published(name) else set()

    def _judgement_log(self, reviewer: str) -> ChainedLog:
        return ChainedLog(self.folder / "judgements" / f"{reviewer}.jsonl")

    # -- claims and replies -----------------------------------------------------------------------

    def claims(self) -> list[dict[str, Any]]:
        """Return the claims as written in claims.yaml, each with its ``line``; [] where absent.

        In a translation they say what case.fr.yaml says, and claim the same.
        """
        path = self.folder / "claims.yaml"
        if not path.is_file():
            return []
        values, marks = load_yaml(path)
        claims = values.get("claims") if isinstance(values, dict) else values
        if claims is None:
            return []
        if not isinstance(claims, list) or not all(isinstance(c, dict) for c in claims):
            raise ClaimError(
                "the claims are not a list",
                where="claims.yaml",
                remedy="start each claim with `- id: C1`",
            )
        at = ("claims",) if isinstance(values, dict) else ()
        written = [{**claim, "line": marks[*at, i].line} for i, claim in enumerate(claims)]
        if self._words is None:
            return written
        return translated_claims(
            written, self._words, before=self._written_in, after=self.settings.language
        )

    def replies(self) -> pd.DataFrame:
        """Return the right-of-reply record: what was put to whom, when, and the answer."""
        import pandas as pd

        columns = ["claim", "addressee", "channel", "sent", "deadline", "answer", "effect"]
        path = self.folder / "replies.jsonl"
        rows = []
        if path.is_file():
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                try:
                    rows.append(json.loads(line))
                except ValueError:
                    raise CaseError(
                        "this line is not JSON",
                        where=f"replies.jsonl, line {number}",
                        remedy="one JSON object a line",
                    ) from None
        return pd.DataFrame(rows, columns=columns).astype("string")

    def episodes(self) -> pd.DataFrame:
        """Return the owner periods of accounts that changed hands: account, episode, from, to."""
        import pandas as pd

        rows, seen = [], dict[str, int]()
        for given in self.settings.episodes:
            seen[given["account"]] = seen.get(given["account"], 0) + 1
            rows.append({**given, "episode": f"owner {seen[given['account']]}"})
        frame = pd.DataFrame(rows, columns=["account", "episode", "from", "to", "basis"])
        for column in ("from", "to"):
            frame[column] = pd.to_datetime(frame[column], utc=True)
        return frame

    def finish(self, step: str, *tables: str) -> Sentinel:
        """Return the last exhibit of a notebook: the step is done, and what it made.

        The unattended run takes a notebook for complete only where this exhibit is in it.
        """
        import pyarrow.parquet as pq

        from casebook.exhibits import Sentinel

        made = {t: pq.read_metadata(self.table_path(t)).num_rows for t in tables}
        return Sentinel(step, made)


_READ_FROM = (
    "reader", "role", "stratum", "found_by", "selected_on", "capture", "captured_at",
    "confidential",
)  # fmt: skip


def _mark(path: Path) -> str:
    import pyarrow.parquet as pq

    metadata = pq.read_schema(path).metadata or {}
    return str(metadata.get(b"casebook.made_from", b"").decode())
