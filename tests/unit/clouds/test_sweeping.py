"""Ending things until they are seen gone: what others stand on waits, and one look that sees nothing is not enough."""

import itertools

import pytest

from styx.clouds import sweeping
from styx.clouds.sweep import Found


class Farm:
    """A cloud whose machine must go before its network, and whose list sometimes leaves things out."""

    def __init__(self, blind=()):
        self.there = {"net": "network", "vm": "machine"}
        self.blind = iter([*blind, *itertools.repeat(False, 1000)])
        self.asked = []

    def find(self, cluster, regions):
        if next(self.blind):
            return []
        return [Found(kind, name, name, cluster) for name, kind in self.there.items()]

    def remove(self, found):
        self.asked.append(found.id)
        if found.id == "net" and "vm" in self.there:
            return "it is in use"
        self.there.pop(found.id, None)
        return ""


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(sweeping, "FIRST_WAIT_S", 0.001)


def test_what_others_stand_on_goes_last():
    farm = Farm()
    assert sweeping.clear(farm, "c", (), {"net", "vm"}, 60) == []
    assert farm.asked[:2] == ["vm", "net"]
    assert farm.there == {}


def test_one_look_that_sees_nothing_is_not_believed():
    farm = Farm(blind=[True])
    assert sweeping.clear(farm, "c", (), {"net", "vm"}, 60) == []
    assert farm.there == {}


def test_nothing_but_what_is_named_is_touched():
    farm = Farm()
    assert sweeping.clear(farm, "c", (), {"vm"}, 60) == []
    assert set(farm.there) == {"net"}


def test_what_does_not_go_in_time_is_left_with_the_reason():
    farm = Farm()
    farm.there = {"net": "network"}
    farm.remove = lambda _found: "it is locked"
    ((found, why),) = sweeping.clear(farm, "c", (), {"net"}, 0)
    assert (found.id, why) == ("net", "it is locked")
