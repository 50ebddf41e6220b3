"""What exists, kept whole under parallel writers and kills."""

import multiprocessing
import os
import signal
import time

import pytest

from tests.cloudless.ledger import Ledger
from tests.cloudless.world import World


def test_what_is_put_is_there_until_it_is_removed(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.put("aws_instance", "i-1", {"tags": {"Name": "w1"}, "self_link": "link"})
    ledger.put("aws_vpc", "vpc-" + "x" * 400, {})
    assert ledger.names("aws_instance") == ["w1"]
    assert ledger.find("i-1") == ledger.find("link") == ledger.get("aws_instance", "i-1")
    ledger.put("aws_instance", "i-1", {"tags": {"Name": "w2"}})
    assert (ledger.names("aws_instance"), len(ledger)) == (["w2"], 2)
    ledger.remove("aws_instance", "i-1")
    ledger.remove("aws_instance", "i-1")
    assert (ledger.get("aws_instance", "i-1"), ledger.find("i-1"), len(ledger)) == (None, None, 1)


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ({"tags": {"Name": "a"}, "name": "b"}, "a"),
        ({"tags": ["net"], "name": "b"}, "b"),
        ({"tags": None, "key_name": "c"}, "c"),
        ({}, ""),
    ],
)
def test_what_a_person_would_call_it(tmp_path, attributes, name):
    assert Ledger(tmp_path).put("t", "1", attributes).name == name


def test_writers_that_are_killed_leave_nothing_half(tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_forever, args=(tmp_path, number)) for number in range(3)]
    for writer in writers:
        writer.start()
    ledger = Ledger(tmp_path)
    while len(ledger) < 100:  # each read must parse
        assert all(writer.is_alive() for writer in writers)
        time.sleep(0.01)
    for writer in writers:
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
    assert all(entry.attributes == {"text": "x" * 5000} for entry in ledger.entries())


def _write_forever(folder, number):
    ledger = Ledger(folder)
    count = 0
    while True:
        ledger.put("machine", f"{number}-{count}", {"text": "x" * 5000})
        count += 1


def test_addresses_are_given_once_and_machines_get_those_of_the_pool(tmp_path):
    world = World(tmp_path)
    world.write("addresses", {"w1": "10.7.0.1", "w10": {"private": "10.7.0.10", "public": "192.0.2.10"}})
    assert world.private_address("w1", "10.1.0.0/24") == "10.7.0.1"
    assert world.private_address("w1-nic", "10.1.0.0/24") == "10.7.0.1"
    assert world.public_address("w10-ip") == "192.0.2.10"
    given = [world.private_address("other", "10.1.0.0/29") for _ in range(2)]
    assert given == ["10.1.0.5", "10.1.0.6"]
    assert len({world.public_address("other") for _ in range(300)}) == 300
    with pytest.raises(StopIteration):  # the network is full
        world.private_address("other", "10.1.0.0/29")


def test_a_thing_is_claimed_by_one_only(tmp_path):
    assert [World(tmp_path).claim("a", "b") for _ in range(3)] == [True, False, False]
