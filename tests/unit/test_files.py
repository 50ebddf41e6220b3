"""Writing files: whole or not at all, private under any umask, one holder of a lock."""

import os
import stat
import subprocess
import sys
import threading
import time

import pytest

from styx import files


@pytest.fixture
def umask_000():
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path):
    return path.stat().st_mode & 0o777


def test_sha256_of_text_and_bytes():
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert files.sha256("") == files.sha256(b"") == empty
    assert files.sha256("ü") == files.sha256("ü".encode())
    assert files.sha256("ü") != files.sha256("u")


def test_folders_are_private_and_existing_ones_keep_their_mode(tmp_path, umask_000):
    (tmp_path / "open").mkdir(mode=0o755)
    made = files.make_folder(tmp_path / "open/a/b")
    assert [mode(path) for path in (made, made.parent, made.parent.parent)] == [0o700, 0o700, 0o755]
    assert files.make_folder(made) == made


def test_folder_in_place_of_a_file_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        files.make_folder(tmp_path / "file/a")


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_written_file_has_its_mode_under_any_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        files.write(tmp_path / "a/private", "x")
        files.write(tmp_path / "a/script", "x", mode=0o755)
    finally:
        os.umask(before)
    assert mode(tmp_path / "a/private") == 0o600
    assert mode(tmp_path / "a/script") == 0o755
    assert mode(tmp_path / "a") == 0o700


def test_bytes_are_written_as_they_are(tmp_path):
    files.write(tmp_path / "a", "ü\r\n")
    assert (tmp_path / "a").read_bytes() == b"\xc3\xbc\r\n"
    files.write(tmp_path / "a", b"\xff\x00")
    assert (tmp_path / "a").read_bytes() == b"\xff\x00"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_failed_write_leaves_the_old_text_and_nothing_else(tmp_path):
    files.write(tmp_path / "a", "old")
    with pytest.raises(UnicodeEncodeError):
        files.write(tmp_path / "a", "new \ud800")
    assert (tmp_path / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_link_is_replaced_and_its_target_left_alone(tmp_path):
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    files.write(tmp_path / "link", "new")
    assert (tmp_path / "target").read_text() == "old"
    assert not (tmp_path / "link").is_symlink()


def test_reader_never_sees_a_half(tmp_path):
    path, texts = tmp_path / "a", {"x" * 200_000, "y" * 100_000}
    files.write(path, "x" * 200_000)
    stop = threading.Event()

    def write_in_turn():
        while not stop.is_set():
            for text in texts:
                files.write(path, text)

    writer = threading.Thread(target=write_in_turn)
    writer.start()
    try:
        seen = {path.read_text() for _ in range(300)}
    finally:
        stop.set()
        writer.join()
    assert seen <= texts


def test_lock_is_exclusive_between_descriptors(tmp_path):
    path = tmp_path / "locks/a"
    with files.exclusive(path), pytest.raises(BlockingIOError), files.exclusive(path, wait=False):
        pass
    with files.exclusive(path, wait=False):
        assert mode(path) == 0o600


def test_lock_waits_for_its_holder(tmp_path):
    order, held = [], threading.Event()

    def hold():
        with files.exclusive(tmp_path / "a"):
            held.set()
            stop.wait(5)
            order.append("holder")

    stop = threading.Event()
    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(5)
    threading.Timer(0.1, stop.set).start()
    with files.exclusive(tmp_path / "a"):
        order.append("waiter")
    thread.join()
    assert order == ["holder", "waiter"]


def test_child_does_not_inherit_the_lock(tmp_path):
    with files.exclusive(tmp_path / "a"):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
    try:
        wait_for(lambda: is_free(tmp_path / "a"))  # the child may be in the middle of exec still
    finally:
        child.communicate(b"\n")


def is_free(path):
    try:
        with files.exclusive(path, wait=False):
            return True
    except BlockingIOError:
        return False


def wait_for(test):
    end = time.monotonic() + 10
    while not test():
        assert time.monotonic() < end
        time.sleep(0.01)


_ADD_ONE = """
import sys
from pathlib import Path
from styx import files
path = Path(sys.argv[1])
for _ in range(50):
    with files.exclusive(path.with_suffix(".lock")):
        files.write(path, str(int(path.read_text()) + 1))
"""


def test_processes_take_turns(tmp_path):
    path = tmp_path / "count"
    path.write_text("0")
    workers = [subprocess.Popen([sys.executable, "-c", _ADD_ONE, path]) for _ in range(4)]
    assert [worker.wait() for worker in workers] == [0] * 4
    assert path.read_text() == "200"


def test_many_files_replace_what_was_there_and_what_a_crash_left(tmp_path, umask_000):
    staging = tmp_path / "staging"
    staging.mkdir()
    (staging / "0").write_text("left by a crash")
    (tmp_path / "old").write_text("old")
    files.write_all({tmp_path / "old": "new", tmp_path / "a" / "b" / "c": "é\n"}, staging)
    assert (tmp_path / "old").read_text() == "new"
    assert (tmp_path / "a" / "b" / "c").read_bytes() == "é\n".encode()
    assert stat.S_IMODE((tmp_path / "old").stat().st_mode) == files.FILE_MODE
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == files.FOLDER_MODE
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "old"]


def test_of_many_files_none_is_replaced_when_one_cannot_be_written(tmp_path):
    (tmp_path / "old").write_text("old")
    with pytest.raises(UnicodeEncodeError):
        files.write_all({tmp_path / "old": "new", tmp_path / "other": "\ud800"}, tmp_path / "staging")
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old").read_text() == "old"


def test_many_files_are_never_made_through_a_link(tmp_path):
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "folder"
    elsewhere.mkdir()
    folder.mkdir()
    (folder / "staging").symlink_to(elsewhere)
    with pytest.raises(FileExistsError):
        files.write_all({folder / "file": "text"}, folder / "staging")
    assert not list(elsewhere.iterdir())
    assert [path.name for path in folder.iterdir()] == ["staging"]
