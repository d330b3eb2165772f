"""The doctor: what it finds, and the fix beside it."""

from __future__ import annotations

import os
import sys

import pytest

from casebook import cli, doctor
from casebook.doctor import git_tree, locked_versions, packages, path_of, synced_folder, writable
from casebook.scaffold import new_case

REMOTE = '[core]\n\tbare = false\n[remote "origin"]\n\turl = https://example.org/x.git\n'


def test_a_sound_computer_passes_and_a_case_in_a_synced_folder_fails(tmp_path, capsys):
    case = new_case(tmp_path / "OneDrive - Ünion" / "my-case")
    assert cli.main(["doctor", str(case.folder)]) == 1
    lines = capsys.readouterr().out.splitlines()
    failed = [line for line in lines if line.startswith("FAIL")]
    assert len(failed) == 1
    assert "OneDrive - Ünion is sent to another computer -> move the case out" in failed[0]
    assert "PASS  kernel: it starts, and is this Python" in lines
    assert "PASS  path: spaces and accents, which is fine" in lines


@pytest.mark.parametrize(
    "name",
    ["Dropbox", "Dropbox (Personal)", "OneDrive", "Google Drive", "GoogleDrive-a@b.org",
     "iCloud Drive", "Mobile Documents", "CloudStorage", "Nextcloud", "My Drive"],
)  # fmt: skip
def test_folders_that_are_sent_away_are_known_by_name(tmp_path, name):
    assert synced_folder(tmp_path / name / "cases" / "a").state == "FAIL"


def test_a_folder_is_not_synced_because_of_a_part_of_a_word(tmp_path):
    for name in ("dropboxes-of-1974", "box of letters", "mega case", "cloud"):
        assert synced_folder(tmp_path / name / "a").state == "PASS", name


def test_a_folder_is_known_by_the_marks_and_settings_of_sync_programs(tmp_path, monkeypatch):
    (tmp_path / "work" / ".stfolder").mkdir(parents=True)
    assert synced_folder(tmp_path / "work" / "a").state == "FAIL"
    monkeypatch.setenv("OneDriveCommercial", str(tmp_path / "firm"))
    assert synced_folder(tmp_path / "firm" / "a").state == "FAIL"
    monkeypatch.setattr(doctor.Path, "home", lambda: tmp_path)
    (tmp_path / ".dropbox").mkdir()
    said = f'{{"personal": {{"path": "{(tmp_path / "mine").as_posix()}"}}}}'
    (tmp_path / ".dropbox" / "info.json").write_text(said)
    assert synced_folder(tmp_path / "mine" / "a").state == "FAIL"
    assert synced_folder(tmp_path / "yours" / "a").state == "PASS"


def test_a_repository_with_a_remote_is_no_place_for_a_case(tmp_path):
    case = tmp_path / "repo" / "data" / "a"
    case.mkdir(parents=True)
    assert git_tree(case).said == "the case is in no repository"
    git = tmp_path / "repo" / ".git"
    git.mkdir()
    (git / "config").write_text("[core]\n\tbare = false\n")
    assert git_tree(case).state == "PASS"
    (git / "config").write_text(REMOTE)
    assert git_tree(case).state == "FAIL"
    # A work tree says in a file where its repository is.
    (git / "worktrees" / "w").mkdir(parents=True)
    (git / "worktrees" / "w" / "commondir").write_text("../..\n")
    tree = tmp_path / "w"
    tree.mkdir()
    (tree / ".git").write_text(f"gitdir: {git / 'worktrees' / 'w'}\n")
    assert git_tree(tree).state == "FAIL"


def test_a_synthetic_case_may_be_public(tmp_path, monkeypatch):
    case = new_case(tmp_path / "Dropbox" / "example")
    for name in ("kernel", "packages"):
        fine = doctor.Finding("PASS", name, "not looked at here")
        monkeypatch.setattr(doctor, name, lambda fine=fine: fine)
    assert "FAIL" in {f.state for f in doctor.examine(case)}
    object.__setattr__(case.settings, "synthetic", "made by a scenario")
    assert "FAIL" not in {f.state for f in doctor.examine(case)}


LOCK = """\
pandas==1.0.0 ; python_full_version >= '3.9' \\
    --hash=sha256:00
no-such-package==2.0 ; sys_platform == 'nowhere'
hatchling==0.1
pyarrow=={pyarrow} \\
    --hash=sha256:11
"""


def test_packages_are_compared_with_the_lock(tmp_path):
    import pyarrow as pa

    lock = tmp_path / "requirements.lock"
    lock.write_text(LOCK.format(pyarrow=pa.__version__))
    assert locked_versions(lock.read_text()) == {
        "pandas": "1.0.0",
        "hatchling": "0.1",
        "pyarrow": pa.__version__,
    }
    found = packages(lock)
    assert found.state == "WARN"
    assert "(lock: 1.0.0)" in found.said
    assert "hatchling" not in found.said
    assert "--require-hashes -r requirements.lock" in found.fix
    lock.write_text(f"pyarrow=={pa.__version__}\n")
    assert packages(lock).state == "PASS"
    assert packages(tmp_path / "none").said.endswith("no lock to compare versions with")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user who may not write")
def test_a_write_protected_folder_fails(tmp_path):
    tmp_path.chmod(0o500)
    assert writable(tmp_path / "new").state == "FAIL"


def test_a_folder_that_is_not_there_yet_is_judged_by_the_one_above(tmp_path):
    assert writable(tmp_path / "a" / "b").said == str(tmp_path)


def test_another_python_or_another_encoding_is_named(monkeypatch):
    assert doctor.python_version((3, 14)).state == "FAIL"
    assert doctor.python_version((3, 11)).state == "PASS"
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "cp1252")
    assert doctor.utf8().fix == "set PYTHONUTF8=1"


def test_a_kernel_of_the_user_that_plain_papermill_would_start_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    assert not list(doctor.other_kernels())
    spec = tmp_path / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text('{"argv": ["/opt/other/python"]}')
    assert [f.state for f in doctor.other_kernels()] == ["WARN"]


@pytest.mark.skipif(os.name != "posix", reason="paths are text on Windows")
def test_a_path_that_is_no_text_fails(tmp_path):
    assert path_of(tmp_path / "\udcff").state == "FAIL"
    assert path_of(tmp_path / "plain").said == "plain"
