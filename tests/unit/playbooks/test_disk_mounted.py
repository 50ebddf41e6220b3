"""A disk that holds something is never written over, and the table of file systems keeps what is not ours."""

import os
import subprocess

import pytest

MINE = "UUID=1 /data ext4 defaults,nofail,x-styx.volume 0 2\n"


@pytest.fixture(scope="module")
def module(load):
    return load("volumes/library/disk_mounted.py")


@pytest.fixture(autouse=True)
def _programs_of_root(monkeypatch):
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:/usr/sbin:/sbin")


@pytest.fixture
def disk(tmp_path):
    path = tmp_path / "disk"
    path.touch()
    os.truncate(path, 8 * 1024 * 1024)
    return str(path)


def test_what_a_disk_holds_is_seen(module, disk):
    assert module.content(disk) == {}
    subprocess.run(["mkfs.ext4", "-q", disk], check=True)
    found = module.content(disk)
    assert found["TYPE"] == "ext4"
    assert len(found["UUID"]) == 36


def test_partitions_are_something(module, disk):
    with open(disk, "r+b") as stream:
        stream.seek(446)
        stream.write(bytes([0, 0, 2, 0, 0x83, 0, 3, 0, 8, 0, 0, 0, 0, 8, 0, 0]))
        stream.seek(510)
        stream.write(b"\x55\xaa")
    assert module.content(disk)["PTTYPE"] == "dos"
    given = {"device": disk, "path": "/nowhere", "owner": "root", "timeout_s": 1}
    with pytest.raises(module.UnfitError, match=r"holds something already \(partitions\)"):
        module.mount(given, check=True)


def test_a_disk_that_does_not_come_is_named(module, tmp_path):
    with pytest.raises(module.UnfitError, match="is not there after 0"):
        module.wait_for(str(tmp_path / "nothing"), 0)


def test_the_table_keeps_what_is_not_ours(module):
    table = "# a comment of /data\nUUID=9 / ext4 defaults 0 1\n" + MINE.replace("UUID=1", "UUID=0")
    assert module.table_with(table, MINE) == table.replace(MINE.replace("UUID=1", "UUID=0"), MINE)
    with pytest.raises(module.UnfitError, match="own UUID=9 is mounted at /"):
        module.table_with(table, MINE.replace("/data", "/"))


def test_a_path_with_a_space_is_one_word_of_the_table(module):
    assert module.line_for("1", "/my data").split()[1] == "/my\\040data"


def test_a_folder_that_holds_something_is_not_hidden(module, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(module.UnfitError, match="would hide"):
        module.make_place(str(tmp_path), None)
