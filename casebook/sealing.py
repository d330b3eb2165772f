"""Who answers for a public edition, and since when it is there: a signature and a time-stamp.

Both are over ``SHA256SUMS``, the list of its files, and lie beside it. No key is ever in the case
or in the edition, and nothing here uses the network: the question to a time-stamping authority is a
file that a person sends, and its answer is a file that a person brings.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from typing import TYPE_CHECKING

from casebook.errors import CaseError
from casebook.report.verify import SIGNATURE, STAMP, SUMS, answers_for

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NAMESPACE = "casebook"
_QUESTION = bytes.fromhex("30390201013031300d060960864801650304020105000420")
"""An RFC 3161 request up to its hash: version 1, SHA-256."""
_AND_CERTIFICATE = bytes.fromhex("0101ff")
"""The certificate is asked for; there is no nonce, so that the same list gives the same file."""


class SealError(CaseError):
    """A signature or a time-stamp that cannot be made or taken."""


def timestamp_query(sums: bytes) -> bytes:
    """Return the question to a time-stamping authority about a list of files.

    References
    ----------
    RFC 3161, Internet X.509 Public Key Infrastructure Time-Stamp Protocol, 2.4.1.
    """
    return _QUESTION + hashlib.sha256(sums).digest() + _AND_CERTIFICATE


def checked_answer(edition: Path, answer: Path, *, authority: Path | None = None) -> str:
    """Return what is known of an authority's answer about an edition.

    Parameters
    ----------
    edition : Path
        Folder of the public edition.
    answer : Path
        The ``.tsr`` file that came back.
    authority : Path, optional
        Certificate of the authority; with it, and openssl, the signature is checked as well.

    Raises
    ------
    SealError
        Where it was refused, or is about something else, or its signature is not the authority's.
    """
    if not (edition / SUMS).is_file():
        raise SealError("there is no public edition yet", remedy="run `casebook publish` first")
    if not answer.is_file():
        raise SealError("there is no such file", where=str(answer))
    sums = (edition / SUMS).read_bytes()
    if not answers_for(answer.read_bytes(), sums):
        raise SealError(
            "this is no time-stamp of this edition",
            where=answer.name,
            remedy="send the .tsq file of this very edition, and take the answer to that",
        )
    openssl = shutil.which("openssl")
    if authority is None or openssl is None:
        lacking = "openssl is not here" if authority else "no --authority was given"
        return f"It is about this edition. Whose it is was not checked: {lacking}."
    done = _ran(
        [openssl, "ts", "-verify", "-in", str(answer), "-data", str(edition / SUMS),
         "-CAfile", str(authority)]
    )  # fmt: skip
    if done.returncode:
        raise SealError(
            f"openssl does not accept the time-stamp: {_last_line(done)}", where=answer.name
        )
    return "It is about this edition, and signed by the authority."


def sign(sums: Path, key: Path, *, outside: Sequence[Path]) -> bytes:
    """Return the signature of a list of files, made by ssh-keygen with an Ed25519 key.

    Parameters
    ----------
    sums : Path
    key : Path
        The private key.
    outside : sequence of Path
        Folders that the key must not lie in.

    Raises
    ------
    SealError
        Where there is no ssh-keygen or key, the key is of another kind, or lies in the case.
    """
    program = shutil.which("ssh-keygen")
    if program is None:
        raise SealError(
            "ssh-keygen is not here, which signs",
            remedy="install OpenSSH; it comes with macOS, Linux and Windows",
        )
    if not key.is_file():
        raise SealError(
            "there is no such key", where=str(key), remedy="ssh-keygen -t ed25519 -f KEY makes one"
        )
    if any(folder.resolve() in key.resolve().parents for folder in outside):
        raise SealError(
            "the key lies in the case or its report, and would go wherever they go",
            where=str(key),
            remedy="keep it outside, for instance in ~/.ssh",
        )
    kind = _ran([program, "-l", "-f", str(key)])
    if "(ED25519)" not in kind.stdout:
        raise SealError(
            "this is no Ed25519 key",
            where=str(key),
            remedy="ssh-keygen -t ed25519 -f KEY makes one",
        )
    made = sums.with_name(SIGNATURE)
    made.unlink(missing_ok=True)
    done = _ran([program, "-q", "-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(sums)])
    if done.returncode or not made.is_file():
        raise SealError(f"ssh-keygen did not sign: {_last_line(done)}", where=str(key))
    return made.read_bytes()


def _ran(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
    return lines[-1] if lines else f"it ended with {done.returncode}"


__all__ = ["SIGNATURE", "STAMP", "SealError", "checked_answer", "sign", "timestamp_query"]
