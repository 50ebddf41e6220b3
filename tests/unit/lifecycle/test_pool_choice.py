"""Which host of a pool each machine gets, and what is said when there are too few."""

import json
from dataclasses import asdict

import pytest

from styx.clouds import PoolHost
from styx.errors import CapacityError, HostError
from styx.lifecycle.pool_choice import Need, Wish, chosen
from styx.lifecycle.pools import Seen
from styx.offer import Offer
from styx.run.parallel import Done
from styx.run.pool import Lease, Looked

MINE = Lease("demo", "alice", "here", "laptop")
THEIRS = Lease("other", "bob", "there", "desk", "2026-01-01T00:00:00Z")
SMALL = Offer("ssh", "lab", "4cpu-8gib", 4, 8)
BIG = Offer("ssh", "lab", "8cpu-8gib", 8, 8)
GPU = Offer("ssh", "lab", "8cpu-8gib-1xl4", 8, 8, accelerator="L4", accelerator_count=1)


def seen(name, cpus=4, lease=None, gpu=None, **said):
    told = {"os": "debian 12", "cpus": str(cpus), "memory_kib": str(8 << 20), "arch": "x86_64",
            "disk_kib": str(9 << 20), "systemd": "yes", "sudo": "yes", "python": "3.11", "end": "yes",
            **said}  # fmt: skip
    return Seen(host(name), Looked(Done(name, 0, b"", ""), told | _leased(lease), (gpu,) if gpu else ()))


def _leased(lease):
    return {"lease": json.dumps(asdict(lease))} if lease else {}


def host(name):
    return PoolHost("lab", name, f"{name}.example.org", labels={"rack": name[0]})


def away(name):
    return Seen(host(name), Looked(Done(name, 255, b"", "ssh: connect to host x port 22: Connection refused")))


def names(pool, *offers, **more):
    needs = [Need(f"m{number}", offer) for number, offer in enumerate(offers)]
    found = chosen(Wish("ssh/lab", needs, MINE, **more), pool)
    return [found[need.machine].host.name for need in needs]


def test_the_smallest_that_is_enough_by_name():
    assert names([seen("c"), seen("b", 16), seen("a", 8)], SMALL, SMALL) == ["c", "a"]


def test_who_can_take_the_fewest_chooses_first():
    assert names([seen("a", 8), seen("b")], SMALL, BIG) == ["b", "a"]


def test_a_host_with_gpus_is_for_those_who_ask_for_them():
    pool = [seen("a", 8, gpu="NVIDIA L4, 23034"), seen("b", 16)]
    assert names(pool, BIG, GPU) == ["b", "a"]
    with pytest.raises(CapacityError, match="lab/b: is 16cpu-8gib"):
        names(pool[1:], GPU)


def test_what_a_machine_has_it_keeps():
    pool = [seen("a"), seen("b", 16, MINE)]
    assert names(pool, SMALL, has={"m0": "lab/b"}) == ["b"]
    assert names(pool, SMALL, SMALL, has={"m1": "lab/b"}) == ["a", "b"]


def test_what_no_longer_fits_or_was_lost_is_replaced():
    pool = [seen("a", 4, MINE), seen("b", 8), seen("c", 4, THEIRS)]
    assert names(pool, BIG, has={"m0": "lab/a"}) == ["b"]
    assert names(pool, BIG, has={"m0": "lab/c"}) == ["b"]
    assert names(pool, BIG, has={"m0": "lab/gone"}) == ["b"]


def test_a_host_that_it_has_and_that_is_away_is_waited_for_not_replaced():
    with pytest.raises(HostError, match=r"m0 is lab/a: nothing listens at x port 22") as error:
        names([away("a"), seen("b")], SMALL, has={"m0": "lab/a"})
    assert "take it out of the pool" in error.value.hint


def test_labels_say_which():
    pool = [seen("ant"), seen("bee"), seen("bug")]
    assert names(pool, SMALL, labels={"rack": "b"}) == ["bee"]
    assert names(pool, SMALL, labels={"name": "bug"}) == ["bug"]
    with pytest.raises(CapacityError, match="lab/ant: not labelled rack: b"):
        names(pool, SMALL, SMALL, SMALL, labels={"rack": "b"})


def test_too_few_says_why_of_each():
    pool = [seen("a"), seen("b", 2), seen("c", lease=THEIRS), away("d"), seen("e", sudo="password")]
    with pytest.raises(CapacityError) as error:
        names(pool, SMALL, SMALL)
    assert error.value.message.splitlines() == [
        "ssh/lab does not have 2 free hosts of at least 4cpu-8gib",
        "  lab/a: can be had",
        "  lab/b: is 2cpu-8gib",
        "  lab/c: leased to other of bob on desk, since 2026-01-01T00:00:00Z",
        "  lab/d: nothing listens at x port 22",
        "  lab/e: sudo asks for a password",
    ]
