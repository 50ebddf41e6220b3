"""Slots: unique, kept, and never one that something else uses."""

import hashlib

import pytest

from styx.errors import IntegrityError, UsageError
from styx.state import Store


def preferred(store, name):
    return 1 + int(hashlib.sha256(f"{store.folder}:{name}".encode()).hexdigest()[:6], 16) % 250


def test_name_decides_and_a_second_asking_gives_the_same(store):
    assert store.allocate_slot("hello") == preferred(store, "hello")
    assert store.allocate_slot("hello") == preferred(store, "hello")


def test_reserved_and_taken_slots_are_passed_over(store, record):
    slot = preferred(store, "hello")
    store.save(record("other", slot=slot))
    after = slot % 250 + 1
    assert store.allocate_slot("hello", lambda number: number == after) == after % 250 + 1


def test_live_cluster_keeps_its_slot_although_its_own_ports_are_taken(store, record):
    slot = store.allocate_slot("hello")
    store.save(record(slot=slot))
    assert store.allocate_slot("hello", lambda _: True) == slot


@pytest.mark.parametrize("end", ["forget", "destroyed", "no slot"])
def test_slot_is_free_when_its_cluster_is_gone(store, record, end):
    slot = preferred(store, "hello")
    store.save(record("other", slot=slot))
    if end == "forget":
        store.forget("other")
    elif end == "destroyed":
        store.save(record("other", slot=slot, status="destroyed"))
    else:
        store.save(record("other", slot=None))
    assert store.allocate_slot("hello") == slot


def test_slot_of_another_live_cluster_cannot_be_saved(store, record, folder):
    store.save(record("other", slot=7))
    with pytest.raises(IntegrityError, match="'other'"):
        store.save(record("hello", slot=7))
    assert store.cluster("hello") is None
    assert not (folder / "clusters/hello").exists()


def test_full_machine_is_an_error_and_old_reservations_are_not_for_ever(store, record, monkeypatch):
    given = {store.allocate_slot(f"c{number}") for number in range(250)}
    assert given == set(range(1, 251))
    store.save(record("c0", slot=store.allocate_slot("c0"), status="up"))
    with pytest.raises(UsageError, match="250 slots"):
        store.allocate_slot("hello")
    store._database._connection.execute("UPDATE slots SET reserved_at = '2020-01-01T00:00:00.000Z'")
    others = {store.allocate_slot(f"d{number}") for number in range(249)}
    assert others == set(range(1, 251)) - {store.cluster("c0").slot}
    with pytest.raises(UsageError):
        store.allocate_slot("hello")


def test_another_state_folder_does_not_get_what_was_just_claimed(store, tmp_path, monkeypatch):
    with Store.open(tmp_path / "another") as other:
        slot = preferred(other, "hello")
        claimed = next(name for name in map(str, range(10_000)) if preferred(store, name) == slot)
        assert store.allocate_slot(claimed) == slot
        assert other.allocate_slot("hello") == slot % 250 + 1
        other.forget("hello")
        monkeypatch.setattr("styx.state.slot.CLAIMED_S", 0)
        assert other.allocate_slot("world", lambda number: number != slot) == slot


_ALLOCATE = """
import sys
from pathlib import Path
from styx.state import Store
with Store.open(Path(sys.argv[1])) as store:
    sys.stdin.readline()
    print(*[store.allocate_slot(f"{sys.argv[2]}-{number}") for number in range(60)])
"""


def test_two_processes_never_share_a_slot(folder, python):
    Store.open(folder).close()
    children = [python(_ALLOCATE, folder, name) for name in ("a", "b")]
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    given = [slot for child in children for slot in child.communicate()[0].split()]
    assert len(given) == len(set(given)) == 120
