"""A signature and a time-stamp over the list of files: made and checked without a network."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import zipfile

import pytest

from casebook.cli import main
from casebook.publishing import PublishError, ask_for_timestamp, forget_stale, take_timestamp
from casebook.report import HERE, verify
from casebook.report.verify import SIGNATURE, STAMP, SUMS
from casebook.scaffold import new_case
from casebook.sealing import SealError, checked_answer, sign, timestamp_query

OPENSSL, KEYGEN = shutil.which("openssl"), shutil.which("ssh-keygen")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="openssl is not here")
needs_keygen = pytest.mark.skipif(KEYGEN is None, reason="ssh-keygen is not here")
AUTHORITY = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
"""


def ran(*command, **more):
    return subprocess.run(
        [str(c) for c in command], check=True, capture_output=True, stdin=subprocess.DEVNULL, **more
    )


@pytest.fixture
def case(tmp_path):
    made = new_case(tmp_path / "sample")
    folder = made.report_folder / "public"
    folder.mkdir(parents=True)
    shutil.copyfile(HERE / "verify.py", folder / "verify.py")
    (folder / "report.html").write_text("sample", encoding="utf-8")
    names = ("report.html", "verify.py")
    sums = "".join(f"{verify.file_hash(folder / n)}  {n}\n" for n in names)
    (folder / SUMS).write_text(sums, encoding="ascii")
    return made


@pytest.fixture
def edition(case):
    return case.report_folder / "public"


@pytest.fixture
def authority(tmp_path):
    """A time-stamping authority of our own: answers a question file with an answer file."""
    folder = tmp_path / "authority"
    folder.mkdir()
    key, cert, config = (folder / n for n in ("key.pem", "cert.pem", "tsa.cnf"))
    config.write_text(AUTHORITY.format(folder=folder.as_posix()), encoding="ascii")
    ran(
        OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-subj", "/CN=sample authority", "-days", "3650", "-keyout", key, "-out", cert,
        "-addext", "extendedKeyUsage=critical,timeStamping",
    )  # fmt: skip

    def answer(question):
        out = folder / "answer.tsr"
        ran(
            OPENSSL, "ts", "-reply", "-config", config, "-queryfile", question, "-signer", cert,
            "-inkey", key, "-out", out,
        )  # fmt: skip
        return out

    return answer, cert


def checked(folder):
    return subprocess.run(
        [sys.executable, "-I", "-S", "verify.py"], cwd=folder, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_the_question_is_that_of_rfc_3161_and_the_same_each_time():
    made = timestamp_query(b"list")
    assert made == timestamp_query(b"list")
    # SEQUENCE of 57 bytes: version 1, SHA-256 with the hash, and that the certificate is asked for.
    assert made[:2] == bytes.fromhex("3039")
    assert len(made) == 59
    assert hashlib.sha256(b"list").digest() in made


@needs_openssl
def test_openssl_reads_the_question(edition, tmp_path):
    path = tmp_path / "q.tsq"
    path.write_bytes(timestamp_query((edition / SUMS).read_bytes()))
    told = ran(OPENSSL, "ts", "-query", "-in", path, "-text", text=True).stdout
    assert "Hash Algorithm: sha256" in told
    assert "Certificate required: yes" in told
    assert "Nonce: unspecified" in told


@needs_openssl
def test_an_answer_is_taken_checked_and_goes_along(case, edition, authority):
    answer, certificate = authority
    question = ask_for_timestamp(case, case.report_folder)
    said = take_timestamp(case, case.report_folder, answer(question), authority=certificate)
    assert said == "It is about this edition, and signed by the authority."
    with zipfile.ZipFile(case.report_folder / "sample-public.zip") as held:
        assert set(held.namelist()) == {"report.html", "verify.py", SUMS, STAMP}
    done = checked(edition)
    assert done.returncode == 0, done.stderr
    assert "time-stamp: it is about this edition" in done.stdout
    (edition / SUMS).write_text(f"{verify.file_hash(edition / 'report.html')}  report.html\n")
    (edition / "verify.py").replace(edition.parent / "verify.py")
    assert not verify.answers_for((edition / STAMP).read_bytes(), (edition / SUMS).read_bytes())
    assert forget_stale(case.report_folder, "another")
    assert not question.exists()


@needs_openssl
def test_an_answer_to_another_list_or_of_another_authority_is_refused(
    case, edition, authority, tmp_path
):
    answer, _ = authority
    other = tmp_path / "other.tsq"
    other.write_bytes(timestamp_query(b"another list"))
    with pytest.raises(SealError, match="no time-stamp of this edition"):
        checked_answer(edition, answer(other))
    question = ask_for_timestamp(case, case.report_folder)
    right = answer(question)
    assert "not checked: no --authority" in checked_answer(edition, right)
    key, stranger = tmp_path / "k.pem", tmp_path / "c.pem"
    ran(
        OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-subj", "/CN=a stranger", "-keyout", key, "-out", stranger,
    )  # fmt: skip
    with pytest.raises(SealError, match="openssl does not accept"):
        checked_answer(edition, right, authority=stranger)
    assert main(["publish", str(case.folder), "--timestamp-answer", str(other)]) == 1
    assert not (edition / STAMP).exists()


def test_without_an_edition_there_is_nothing_to_ask_about(tmp_path):
    case = new_case(tmp_path / "empty")
    with pytest.raises(PublishError, match="no public edition yet"):
        ask_for_timestamp(case, case.report_folder)


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "keys" / "editor"
    path.parent.mkdir()
    ran(KEYGEN, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path)
    return path


@needs_keygen
def test_a_signature_is_the_same_each_time_and_the_key_stays_outside(case, edition, key, tmp_path):
    outside = (case.folder, case.report_folder)
    made = sign(edition / SUMS, key, outside=outside)
    assert made == sign(edition / SUMS, key, outside=outside)
    done = checked(edition)
    assert done.returncode == 0, done.stderr
    assert "signature: there is one, and this program cannot check it" in done.stdout
    # What verify.py says to do, done.
    signers = tmp_path / "SIGNERS"
    signers.write_text(f"authors {key.with_suffix('.pub').read_text()}", encoding="ascii")
    command = [
        KEYGEN,
        "-Y",
        "verify",
        "-f",
        signers,
        "-I",
        "authors",
        "-n",
        "casebook",
        "-s",
        SIGNATURE,
    ]
    for content, code in ((edition / SUMS).read_bytes(), 0), (b"changed", 255):
        found = subprocess.run(
            [str(c) for c in command], cwd=edition, input=content, capture_output=True, check=False
        )
        assert found.returncode == code


@needs_keygen
def test_a_key_in_the_case_or_of_another_kind_is_refused(case, edition, key, tmp_path):
    inside = case.folder / "evidence" / "editor"
    inside.parent.mkdir(exist_ok=True)
    shutil.copyfile(key, inside)
    with pytest.raises(SealError, match="lies in the case"):
        sign(edition / SUMS, inside, outside=(case.folder,))
    with pytest.raises(SealError, match="no such key"):
        sign(edition / SUMS, tmp_path / "none", outside=())
    other = tmp_path / "ecdsa"
    ran(KEYGEN, "-q", "-t", "ecdsa", "-N", "", "-f", other)
    with pytest.raises(SealError, match="no Ed25519 key"):
        sign(edition / SUMS, other, outside=())
    assert not (edition / SIGNATURE).exists()


@pytest.mark.parametrize(
    "answer", [b"", b"0", b"\x30\x03\x30\x01", b"\x30\x05\x30\x03\x02\x01\x02", b"x" * 200]
)
def test_what_is_no_answer_is_none(answer):
    assert not verify.answers_for(answer, b"list")
    refused = b"\x30\x27\x30\x03\x02\x01\x02\x04\x20" + hashlib.sha256(b"list").digest()
    granted = b"\x30\x27\x30\x03\x02\x01\x00\x04\x20" + hashlib.sha256(b"list").digest()
    assert not verify.answers_for(refused, b"list")
    assert verify.answers_for(granted, b"list")
