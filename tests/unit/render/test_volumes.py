"""What further disks are known by."""

import re

import pytest

from styx.render.volumes import SLOTS, name, numbered, remembered


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/data", "data"),
        ("/data/", "data"),
        ("//data/./", "data"),
        ("/checkpoints", "checkpoints"),
        ("/Data", "dat-cec3a9b"),
        ("/data/x", "dat-c003e7e"),
        ("/data-x", "dat-1254592"),
        ("/2024", "d-6557739"),
        ("/мой диск", "d-7d8fcc6"),
    ],
)
def test_a_disk_is_named_by_where_it_is_mounted(path, expected):
    assert name(path) == expected
    assert re.fullmatch(r"[a-z][a-z0-9-]{0,9}[a-z0-9]", expected)


def test_disks_keep_their_numbers_whatever_becomes_of_others():
    first = numbered(["data", "old"], {})
    assert first == {"data": 0, "old": 1}
    assert numbered(["new", "old", "data"], first) == {"new": 2, "old": 1, "data": 0}
    second = numbered(["new", "old"], first)
    assert second == {"new": 2, "old": 1}
    lock = remembered(second, first)
    assert lock == {"data": 0, "old": 1, "new": 2}
    # The slot of the disk that went may still be taken when the next one comes, and its own is waiting for it.
    assert numbered(["other", "old"], lock) == {"other": 3, "old": 1}
    assert numbered(["data"], lock) == {"data": 0}


def test_numbers_are_given_again_when_no_other_is_left():
    full = numbered([f"d{number}" for number in range(SLOTS)], {})
    assert sorted(full.values()) == list(range(SLOTS))
    after = numbered([*list(full)[1:], "more"], full)
    assert after["more"] == 0
    lock = remembered(after, full)
    assert "d0" not in lock
    assert len(set(lock.values())) == len(lock) == SLOTS
    most = numbered([*after, "beyond"], lock)
    assert most["beyond"] == SLOTS
