import json
import os
import stat

import pytest

from styx import files
from styx.errors import IntegrityError
from styx.workdir import LOCK_FILE, Workdir


def bundle(**texts):
    """Return a bundle of `texts` with a lock file that lists their hashes."""
    named = {name.replace("__", "/").replace("_", "."): text for name, text in texts.items()}
    lock = {"version": 1, "files": {name: files.sha256(text) for name, text in named.items()}}
    return {**named, LOCK_FILE: json.dumps(lock)}


@pytest.fixture
def workdir(tmp_path):
    return Workdir(tmp_path / "demo")


def test_a_first_writing_makes_private_files_under_any_umask(workdir):
    before = os.umask(0)
    try:
        written = workdir.write(bundle(terraform__main_tf="x", README_md="y"))
    finally:
        os.umask(before)
    assert written.created == ("README.md", "styx.lock.json", "terraform/main.tf")
    for path in workdir.folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_writing_the_same_again_touches_nothing(workdir):
    workdir.write(bundle(a_txt="x"))
    before = {path: path.stat().st_mtime_ns for path in workdir.folder.rglob("*")}
    written = workdir.write(bundle(a_txt="x"))
    assert (written.created, written.changed, written.removed) == ((), (), ())
    assert {path: path.stat().st_mtime_ns for path in workdir.folder.rglob("*")} == before


def test_a_file_no_longer_rendered_goes_and_a_foreign_one_stays(workdir):
    workdir.write(bundle(a_txt="x", b_txt="y"))
    (workdir.folder / "mine.txt").write_text("mine")
    written = workdir.write(bundle(a_txt="x"))
    assert written.removed == ("b.txt",)
    assert (workdir.folder / "mine.txt").read_text() == "mine"


def test_an_edit_is_kept_while_its_rendering_stays(workdir):
    workdir.write(bundle(a_txt="x", b_txt="y"))
    (workdir.folder / "a.txt").write_text("edited")
    written = workdir.write(bundle(a_txt="x", b_txt="z"))
    assert written.kept == ("a.txt",)
    assert written.changed == ("b.txt", "styx.lock.json")
    assert (workdir.folder / "a.txt").read_text() == "edited"
    assert workdir.edited() == ("a.txt",)


def test_an_edit_that_would_be_lost_stops_everything(workdir):
    workdir.write(bundle(a_txt="x", b_txt="y"))
    (workdir.folder / "a.txt").write_text("edited")
    with pytest.raises(IntegrityError, match=r"a\.txt"):
        workdir.write(bundle(a_txt="new", b_txt="new"))
    assert (workdir.folder / "b.txt").read_text() == "y"
    written = workdir.write(bundle(a_txt="new", b_txt="new"), overwrite=True)
    assert written.changed == ("a.txt", "b.txt", "styx.lock.json")


def test_a_file_that_styx_did_not_write_is_not_written_over(workdir):
    workdir.folder.mkdir()
    (workdir.folder / "a.txt").write_text("somebody's")
    with pytest.raises(IntegrityError, match="did not write"):
        workdir.write(bundle(a_txt="x"))
    assert (workdir.folder / "a.txt").read_text() == "somebody's"


def test_a_writing_that_was_cut_short_is_no_hand_edit(workdir):
    workdir.write(bundle(a_txt="x", b_txt="y"))
    # The state in which a kill between the first rename and the last leaves the folder.
    new = bundle(a_txt="X", b_txt="Y")
    pending = {name: files.sha256(text) for name, text in new.items()}
    (workdir.folder / ".styx.pending.json").write_text(json.dumps(pending))
    (workdir.folder / "a.txt").write_text("X")
    assert workdir.edited() == ()
    assert workdir.write(new).changed == ("b.txt", "styx.lock.json")
    assert not (workdir.folder / ".styx.pending.json").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 99}'])
def test_a_lock_that_cannot_be_read_says_what_to_do(workdir, text):
    workdir.folder.mkdir()
    (workdir.folder / LOCK_FILE).write_text(text)
    with pytest.raises(IntegrityError) as raised:
        workdir.lock()
    assert LOCK_FILE in raised.value.message
    assert raised.value.hint


def test_a_folder_that_is_a_link_or_open_to_all_is_refused(tmp_path):
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    with pytest.raises(IntegrityError, match="symbolic link"):
        Workdir(tmp_path / "link").write(bundle(a_txt="x"))
    real.chmod(0o777)
    with pytest.raises(IntegrityError, match="everyone"):
        Workdir(real).write(bundle(a_txt="x"))
    assert not list(real.iterdir())


@pytest.mark.parametrize("path", ["../victim.txt", "/etc/victim", "a/../../victim.txt", ""])
def test_a_lock_file_cannot_reach_out_of_its_folder(workdir, path):
    victim = workdir.folder.parent / "victim.txt"
    victim.write_text("mine")
    workdir.folder.mkdir()
    (workdir.folder / LOCK_FILE).write_text(json.dumps({"version": 1, "files": {path: files.sha256("mine")}}))
    with pytest.raises(IntegrityError, match="leads out"):
        workdir.write(bundle(a_txt="x"), overwrite=True)
    assert victim.read_text() == "mine"


def test_a_link_inside_the_folder_is_not_followed(workdir, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    workdir.folder.mkdir()
    (workdir.folder / "terraform").symlink_to(elsewhere)
    with pytest.raises(IntegrityError, match="leads out"):
        workdir.write(bundle(terraform__main_tf="x"))
    assert not list(elsewhere.iterdir())


def test_a_binary_file_beside_terraforms_is_left_out(workdir):
    workdir.write(bundle(terraform__main_tf="x"))
    (workdir.terraform / "blob.bin").write_bytes(b"\xff\xfe\x00")
    assert workdir.terraform_files() == {"terraform/main.tf": "x"}
