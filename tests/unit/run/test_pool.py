"""The programs that run on hosts of pools, run here: what a host is, and the one lease that it has at a time."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest

from styx.run import pool
from styx.run.parallel import Done
from styx.run.pool import Lease, Looked

FOLDER = Path(pool.__file__).parent
MINE = Lease("demo", "alice", "a", "laptop")
THEIRS = Lease("demo", "bob", "b", "desk")


@pytest.fixture
def host(tmp_path):
    """Give a function that runs lease.py as a host would, whose /var/lib is a folder of the test."""
    text = (FOLDER / "lease.py").read_text()
    assert "/var/lib/styx-lease" in text
    program = text.replace("/var/lib", str(tmp_path))

    def run(verb, holder, *paths):
        told = json.dumps({**asdict(holder), "paths": list(paths)})
        words = [sys.executable, "-", verb, told, str(tmp_path / "home")]
        done = subprocess.run(words, input=program, capture_output=True, text=True, check=False)
        assert not done.stderr
        return done.returncode, json.loads(done.stdout)

    return run


def test_a_lease_is_taken_kept_and_given_up(host, tmp_path):
    (tmp_path / "home" / "workdir").mkdir(parents=True)
    code, lease = host("take", MINE, "~/workdir", "~/.styx", str(tmp_path))
    assert (code, lease["cluster"], lease["owner"]) == (0, "demo", "alice")
    assert lease["before"][:2] == ["~/workdir", str(tmp_path)]
    assert (tmp_path / "styx-lease" / "lease.json").stat().st_mode & 0o777 == 0o644
    (tmp_path / "home" / ".styx").mkdir()
    assert host("take", MINE, "~/.styx") == (0, lease)
    assert host("drop", MINE) == (0, lease)
    assert not (tmp_path / "styx-lease").exists()
    assert host("drop", MINE) == (0, None)


def test_it_is_nobody_elses_to_take_or_to_give_up_but_can_be_broken(host):
    host("take", THEIRS)
    for verb in ("take", "drop"):
        code, lease = host(verb, MINE)
        assert (code, lease["owner"]) == (3, "bob")
    assert host("break", MINE)[1]["owner"] == "bob"
    assert host("take", MINE)[1]["owner"] == "alice"


def test_of_many_at_once_one_gets_it(host, tmp_path):
    holders = [Lease(f"c{number}", "alice", "a") for number in range(12)]
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda one: host("take", one), holders))
    assert sorted(code for code, _ in answers) == [0] + [3] * 11
    assert len({lease["cluster"] for _, lease in answers}) == 1
    assert [path.name for path in (tmp_path / "styx-lease").iterdir()] == ["lease.json"]


def test_takers_and_givers_at_once_leave_one_or_none(host):
    """Who gives it up removes the folder that the next one is about to write into."""

    def both(number):
        holder = Lease(f"c{number}", "alice", "a")
        return host("take", holder)[0] or host("drop", holder)[0]

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(both, range(40))) <= {0, 3}
    assert host("break", MINE)[1] is None


def test_a_host_says_what_it_is():
    words = ["sh", str(FOLDER / "probe.sh"), "--query-gpu=name,memory.total"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert not done.stderr
    said = dict(line.removeprefix("styx ").split(" ", 1) for line in done.stdout.splitlines())
    facts = Looked(Done("here", 0, b"", ""), said).facts
    assert facts.vcpus >= 1
    assert facts.memory_gib > 0
    assert said["os"].split()[0].isalpha()
    assert int(said["disk_kib"]) > 0


def test_what_broke_off_is_not_whole():
    assert Looked(Done("here", 255, b"", "gone"), {"os": "debian 12", "cpus": "8"}).facts is None
