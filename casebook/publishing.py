"""The public edition: the report of a run, masked, with what a stranger needs to check it.

Everybody is masked who is not cleared by name in case.yaml, and nobody masked is told apart. The
finished files are searched for everything that is protected, and where anything is found, nothing
is written.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import secrets
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casebook import crate
from casebook.errors import CaseError
from casebook.exhibits import as_png
from casebook.language import say
from casebook.log import write_atomically
from casebook.personas.agreement import CHECK
from casebook.public_tables import NUMBERS, numbers, public_tables
from casebook.report.appendix import VALUES_FROM
from casebook.report.bound import bound_numbers
from casebook.report.crowd import crowd_of, page_without_rows
from casebook.report.figures import FOLDER
from casebook.report.masking import Mask, Protected, protected_in
from casebook.report.verify import (
    EDITIONS,
    SIGNATURE,
    STAMP,
    SUMS,
    Difference,
    check_report,
    flat,
)
from casebook.sealing import SealError, checked_answer, sign, timestamp_query
from casebook.sharing import shared_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from casebook.case import Case

TOLD = ("claims", "groups")
"""Tables that are about sentences and groups, and go into the edition masked."""
NOT_TOLD = ("evidence", "cited", "violations")
"""Columns that lead to rows of single accounts, and one that only a draft has."""
_CITED = re.compile(r'id="selection-([\w-]+)"')
_INCOMPLETE = '<body class="incomplete">'
KEY_BYTES = 32
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip can hold: the same report gives the same archive."""


class PublishError(CaseError):
    """What is asked for cannot be published."""


def key_of(case: Case) -> tuple[bytes, Path]:
    """Return the secret that pseudonyms are made with, and where it is kept; made on first use.

    It lies outside of the case, in ``~/.casebook-keys`` (or CASEBOOK_KEYS): whoever gets the case
    folder and the report does not get it along. It goes by the first line of the evidence log, so a
    case that was moved keeps its pseudonyms, and no other case shares them.
    """
    folder = Path(os.environ.get("CASEBOOK_KEYS") or Path.home() / ".casebook-keys")
    first = next((str(e["hash"]) for e in case.evidence.log.events()), str(case.folder.resolve()))
    name = hashlib.sha256(first.encode()).hexdigest()[:12]
    path = folder / f"{case.name}-{name}.key"
    if not path.is_file():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(path, secrets.token_hex(KEY_BYTES).encode())
        path.chmod(0o600)
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise PublishError(
            "this is not a key that Casebook made",
            where=str(path),
            remedy="restore it; or remove it, and all pseudonyms of the case become others",
        )
    return key, path


def publish(
    case: Case, run_folder: Path, *, preview: bool = False, key: Path | None = None
) -> tuple[Path, Path]:
    """Write the public edition of the last run.

    Parameters
    ----------
    case : Case
    run_folder : Path
        The report folder of the case.
    preview : bool
        Write it although the report is not FINAL, marked as not for publication.
    key : Path, optional
        Ed25519 key, outside of the case, to sign the list of files with.

    Returns
    -------
    folder, archive : Path
        ``public/`` in the report folder, and the same as one zip beside it.

    Raises
    ------
    PublishError
        Where the last run is not complete; where the report is not FINAL; where somebody is cleared
        whose real-person check is not done; where something protected is left in a file.
    """
    run = run_record(run_folder)
    missing = [str(m.get("message", "")) for m in run.get("missing") or []]
    final = case.settings.status == "final" and not missing
    if not final and not preview:
        why = "; ".join(missing[:3]) or "case.yaml does not say `status: final`"
        raise PublishError(
            f"the report is a DRAFT: {why}",
            remedy="mend it, have it approved, and run again; --preview shows the masked pages now",
        )
    _check_whole(run_folder)
    cleared = _cleared(case)
    secret, _ = key_of(case)
    files = edition(case, run_folder, run, protected_in(case, cleared), secret, cleared=cleared)
    folder, archive = run_folder / "public", run_folder / f"{case.name}-public.zip"
    _forget(run_folder)
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, content)
    if key is not None:
        try:
            files[SIGNATURE] = sign(folder / SUMS, key, outside=(case.folder, run_folder))
        except SealError:
            _forget(run_folder)
            raise
    write_atomically(archive, _zipped(files))
    return folder, archive


def ask_for_timestamp(case: Case, run_folder: Path) -> Path:
    """Write the question to a time-stamping authority about the public edition; nothing is sent."""
    sums = run_folder / "public" / SUMS
    if not sums.is_file():
        raise PublishError("there is no public edition yet", remedy="run `casebook publish` first")
    path = run_folder / f"{case.name}-public.tsq"
    write_atomically(path, timestamp_query(sums.read_bytes()))
    return path


def take_timestamp(
    case: Case, run_folder: Path, answer: Path, *, authority: Path | None = None
) -> str:
    """Put an authority's answer into the public edition; return what is known of it.

    Raises
    ------
    SealError
        Where it is no time-stamp of this edition.
    """
    folder = run_folder / "public"
    said = checked_answer(folder, answer, authority=authority)
    write_atomically(folder / STAMP, answer.read_bytes())
    there = sorted(p for p in folder.rglob("*") if p.is_file())
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in there}
    write_atomically(run_folder / f"{case.name}-public.zip", _zipped(files))
    return said


def edition(
    case: Case,
    run_folder: Path,
    run: dict[str, Any],
    protected: Protected,
    key: bytes,
    *,
    cleared: Iterable[str] = (),
) -> dict[str, bytes]:
    """Return the files of the public edition by name, searched for leaks.

    Parameters
    ----------
    case : Case
    run_folder : Path
    run : dict
        The record of the run.
    protected : Protected
    key : bytes
        Secret of the case.
    cleared : iterable of str
        Accounts that are named, and told one by one.

    Raises
    ------
    PublishError
        Naming the file and how many protected strings are left in it.
    """
    from casebook import report

    shown = {**run, "edition": "public", "cleared": list(cleared)}
    crowd = crowd_of(case, cleared)
    chapters = [(step, crowd.notebook(book)) for step, book in report.executed(run_folder, run)]
    page, figures = report.render_with_files(case, shown, chapters)
    page = page_without_rows(page)
    if _INCOMPLETE in page:
        raise PublishError(
            "the report is INCOMPLETE: a step did not come to its end", remedy="run it again"
        )
    told = {name: case.read(name) for name in TOLD if case.has(name)}
    told = {n: f.drop(columns=[c for c in NOT_TOLD if c in f.columns]) for n, f in told.items()}
    notebooks = _notebooks(case, run)
    plain = [frame.to_csv(index=False) for frame in told.values()]
    drawn = {n: c.decode("utf-8") for n, c in figures.items() if not n.endswith(".png")}
    texts = [page, *plain, *notebooks.values(), *shared_files(case).values(), *drawn.values()]
    mask = Mask(protected, key, texts, listed=cleared)
    counted = {name: case.read(name) for name in VALUES_FROM if case.has(name)}
    public = public_tables(counted, key)
    files = {"report.html": mask.html(page)}
    for name, frame in {**{n: mask.table(f) for n, f in told.items()}, **public}.items():
        files[f"tables/{name}.csv"] = frame.to_csv(index=False, lineterminator="\n")
    cited = set(_CITED.findall(page))
    held = _numbers(case, mask, told.get("claims"), counted, public, cited=cited)
    values = {v["name"]: v["value"] for v in held["values"] if v["recipe"] is not None}
    held["exhibits"], bases = bound_numbers(
        chapters, files["report.html"], mask, values=values, language=case.settings.language
    )
    files |= {f"tables/{name}": text for name, text in bases.items()}
    files[NUMBERS] = _json(held)
    files |= {f"{FOLDER}/{name}": _masked_file(name, text, mask) for name, text in drawn.items()}
    files |= {name: _masked_notebook(text, mask) for name, text in notebooks.items()}
    for name, text in shared_files(case, mask).items():
        if text.count("\n") > 1 or not name.endswith(".csv"):  # a list of nobody is none
            files[f"exports/{name}"] = text
    masked = _masked_run(run, mask)
    files["README.txt"] = mask.text(_readme(case))
    files[crate.WORKFLOW] = crate.workflow(masked).decode("utf-8")
    _search(mask, files)
    encoded = {name: content.encode("utf-8") for name, content in files.items()}
    # Pictures of dots are drawn anew from what was searched: nobody could search them.
    for name in figures:
        if name.endswith(".png"):
            svg = files[f"{FOLDER}/{name.removesuffix('.png')}.svg"]
            encoded[f"{FOLDER}/{name}"] = as_png(svg)
    # The pages are set from the page that was searched, and from nothing else.
    pages = report.printed(files["report.html"])
    if pages is not None:
        encoded["report.pdf"] = pages
    encoded["verify.py"] = (report.HERE / "verify.py").read_bytes()
    described = crate.crate(
        masked,
        encoded,
        title=mask.text(case.settings.title),
        question=mask.text(case.settings.question),
        people=case.settings.investigators,
    )
    _search(mask, {crate.METADATA: described.decode("utf-8")})
    encoded[crate.METADATA] = described
    sums = (f"{hashlib.sha256(c).hexdigest()}  {n}\n" for n, c in sorted(encoded.items()))
    encoded[SUMS] = "".join(sums).encode("ascii")
    return encoded


def _search(mask: Mask, files: Mapping[str, str]) -> None:
    """Raise PublishError, naming the file, where something protected is left in one."""
    for name, content in files.items():
        if left := mask.leaks(content):
            raise PublishError(
                f"{len(left)} protected strings are left after masking, the first of "
                f"{len(left[0])} characters; nothing was written",
                where=name,
                remedy="take the passage out of the notebook or the claim that prints it",
            )


def _numbers(
    case: Case,
    mask: Mask,
    claims: pd.DataFrame | None,
    tables: dict[str, pd.DataFrame],
    public: dict[str, pd.DataFrame],
    *,
    cited: set[str],
) -> dict[str, Any]:
    """Return the bound numbers of the report, as `casebook.public_tables.numbers` gives them."""
    from casebook.report.appendix import values_of

    printed = {}
    if claims is not None:
        printed = {str(c): mask.text(str(t)) for c, t in claims[["claim", "text"]].to_numpy()}
    written = [{**c, "text": mask.text(flat(str(c.get("text", ""))))} for c in case.claims()]
    return numbers(
        values_of(case),
        written,
        printed,
        cited=cited,
        tables=tables,
        public=public,
        language=case.settings.language,
    )


def _notebooks(case: Case, run: dict[str, Any]) -> dict[str, str]:
    """Return the notebooks of a run as they were before they ran: the method, and no result."""
    from casebook.chain import find_steps

    ran = {str(s["step"]) for s in run.get("steps", [])}
    return {
        f"notebooks/{s.name}.ipynb": json.dumps(s.content, ensure_ascii=False)
        for s in find_steps(case)
        if s.name in ran
    }


def _masked_file(name: str, text: str, mask: Mask) -> str:
    """Return a file of a figure, masked as the page is."""
    if name.endswith(".svg"):
        return mask.html(text)
    if not name.endswith(".csv"):
        return mask.text(text)
    held = io.StringIO()
    rows = csv.reader(io.StringIO(text))
    writer = csv.writer(held, lineterminator="\n")
    writer.writerows([[mask.text(cell) for cell in row] for row in rows])
    return held.getvalue()


def _masked_notebook(text: str, mask: Mask) -> str:
    held = json.loads(text)
    for cell in held["cells"]:
        source = cell.get("source", "")
        cell["source"] = mask.text(source if isinstance(source, str) else "".join(source))
        if "outputs" in cell:
            cell["outputs"], cell["execution_count"] = [], None
    held["metadata"] = {k: v for k, v in held.get("metadata", {}).items() if k in _KEPT}
    return _json(held)


_KEPT = ("kernelspec", "language_info")
"""Metadata of a notebook that says how to run it."""


def _masked_run(run: dict[str, Any], mask: Mask) -> dict[str, Any]:
    """Return the record of a run in which no file or parameter names anybody."""
    steps = [
        {
            **s,
            "parameters": {
                k: mask.text(v) if isinstance(v, str) else v
                for k, v in s.get("parameters", {}).items()
            },
        }
        for s in run.get("steps", [])
    ]
    inputs = {mask.text(k): v for k, v in run.get("inputs", {}).items()}
    return {**run, "steps": steps, "inputs": inputs}


def _json(held: Any) -> str:
    return json.dumps(held, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def forget_stale(run_folder: Path, run_id: str) -> bool:
    """Remove a public edition that is of another run; return whether there was one.

    It is made again in seconds. One that stands beside a newer report is taken for it, and sent.
    """
    crate = run_folder / "public" / "ro-crate-metadata.json"
    if crate.is_file() and f"casebook run {run_id}" in crate.read_text(encoding="utf-8"):
        return False
    stale = any((run_folder / name).exists() for name in EDITIONS)
    for name in EDITIONS:
        shutil.rmtree(run_folder / name, ignore_errors=True)
    return _forget(run_folder) or stale


def _check_whole(run_folder: Path) -> None:
    """Raise PublishError where the report is not what its run wrote, or a step of it is missing."""
    try:
        check_report(run_folder)
    except (Difference, OSError, ValueError, KeyError, TypeError) as error:
        raise PublishError(
            f"the report is not as its run left it: {error}", remedy="run it again"
        ) from None
    if (run_folder / "public").is_symlink():
        raise PublishError(
            "this is a link to elsewhere",
            where=str(run_folder / "public"),
            remedy="remove it",
        )


def _forget(run_folder: Path) -> bool:
    """Remove the public edition, its archive and its question; return whether there was one."""
    there = [p for n in ("zip", "tsq") for p in run_folder.glob(f"*-public.{n}")]
    folder = run_folder / "public"
    found = bool(there) or folder.exists()
    shutil.rmtree(folder, ignore_errors=True)
    for path in there:
        path.unlink()
    return found


def export(case: Case, folder: Path, *, unmasked: bool = False) -> list[Path]:
    """Write the STIX bundle and the indicator list of a case, with pseudonyms unless asked.

    Raises
    ------
    PublishError
        Where no account has a verdict to be listed by.
    """
    files = shared_files(case)
    if not files:
        raise PublishError(
            "no account under review is judged suspected or assessed inauthentic",
            remedy="an account is exported by a person's verdict alone: judge first, then run",
        )
    if not unmasked:
        key, _ = key_of(case)
        files = shared_files(case, Mask(protected_in(case, _cleared(case)), key, files.values()))
    out = []
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        write_atomically(folder / name, text.encode("utf-8"))
        out.append(folder / name)
    return out


def run_record(folder: Path) -> dict[str, Any]:
    """Return the record of the last run.

    Raises
    ------
    PublishError
        Where there is none, or it did not come to its end.
    """
    path = folder / "run.json"
    if not path.is_file():
        raise PublishError("this case has no report yet", remedy="run `casebook run` first")
    run: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if run.get("status") != "complete":
        raise PublishError(
            "the last run did not come to its end", where=str(path), remedy="run it again"
        )
    return run


def _cleared(case: Case) -> set[str]:
    """Return the keys of the accounts that may be named: listed, and checked by a person."""
    listed = case.settings.cleared
    if not listed:
        return set()
    accounts = case.read("accounts")
    out = set()
    judged = case.judgements()
    for name in listed:
        wanted = name.lstrip("@").lower()
        same = accounts["account"].eq(name) | accounts["handle"].str.lower().eq(wanted)
        keys = set(accounts.loc[same.fillna(value=False).astype(bool), "account"])
        if not keys:
            raise PublishError(
                f"{name!r} is cleared and is no account of this case", where="case.yaml"
            )
        done = judged["current"] & judged["question"].eq(CHECK) & judged["answer"].eq("done")
        unchecked = keys - set(judged.loc[done.fillna(value=False), "subject"])
        if unchecked:
            raise PublishError(
                f"{name!r} is cleared, and nobody has checked whether that is a real person, "
                "hijacked, or parody",
                where="case.yaml",
                remedy="answer the check on the review board, or take the name off the list",
            )
        out |= keys
    return out


SYNTHETIC = "SYNTHETIC: no person, account or post in it is real."
README = (
    "Public edition of a Casebook report: {title}\n\n"
    "report.html      the report; it loads nothing and holds no script\n"
    "report.pdf       the same for paper; code and the numbers behind figures are left out\n"
    "figures/         each figure that tells nobody apart, as SVG, PNG, CSV and description\n"
    "tables/          the tables that its numbers come out of\n"
    "numbers.json     each number, how it is computed, and the sentences it stands in\n"
    "notebooks/       the method, as it was before it ran\n"
    "exports/         STIX 2.1 bundle and entities: the claims, and who is cleared\n"
    "ro-crate-metadata.json, workflow.json   what ran on what, for machines\n"
    "SHA256SUMS       the hash of each file\n\n"
    "Everybody who is not cleared is masked: handles are pseudonyms, the same through the\n"
    "whole edition; names, ids, profile texts and quotations are withheld. Nobody of them is\n"
    "told apart: what the report says of single accounts is counted together, and a table\n"
    "says one thing at a time, with row numbers of its own.\n\n"
    "It can be checked at three levels:\n"
    "1. The files belong together and nothing was changed since: python verify.py\n"
    "   (or: sha256sum -c SHA256SUMS).\n"
    "2. The numbers come out of the tables: python verify.py does that too, and says which do\n"
    "   not, and why.\n"
    "3. Everything is made again from the evidence, by somebody the authors give it to:\n"
    "   casebook verify CASE --full --by NAME\n"
)


def _readme(case: Case) -> str:
    mark = f"{say(SYNTHETIC)}\n\n" if case.synthetic else ""
    return mark + say(README, title=case.settings.title)


def _zipped(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return held.getvalue()
