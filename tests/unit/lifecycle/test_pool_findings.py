"""What is said of a host of a pool, and what mends it."""

import pytest

from styx.clouds import PoolHost
from styx.lifecycle.pool_findings import findings
from styx.lifecycle.pools import Seen
from styx.run.parallel import TIMED_OUT, Done
from styx.run.pool import Looked

HOST = PoolHost("lab", "n1", "10.0.0.1", "alice", key="/dev/null", jump="gate@10.9.9.9", jump_key="/keys/gate")
NO_PASSWORD = "as root: echo 'alice ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/alice"
ROOM = "make room: sudo du -xh / | sort -h | tail"
FINE = {"os": "ubuntu 24.04", "cpus": "8", "memory_kib": str(32 << 20), "arch": "aarch64", "disk_kib": str(50 << 20),
        "systemd": "yes", "sudo": "yes", "python": "3.12", "end": "yes"}  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("STYX_HOME", str(tmp_path))


def found(said=FINE):
    seen = Seen(HOST, Looked(Done("lab/n1", 0, b"", ""), said))
    return [(one.subject, one.state, one.said, one.mend) for one in findings(seen)]


def test_a_host_that_will_do():
    assert found() == [("host", "ok", "ubuntu 24.04, 8cpu-32gib, 50 GiB free, free", "")]


@pytest.mark.parametrize(
    ("change", "said", "mend"),
    [
        ({"os": "fedora 41"}, "runs fedora 41", "give it debian 12, ubuntu 22.04 or 24.04"),
        ({"os": "unknown "}, "runs unknown", "give it debian 12, ubuntu 22.04 or 24.04"),
        ({"systemd": None}, "was not started by systemd", "boot it with systemd"),
        ({"sudo": "missing"}, "has no sudo", "as root: apt install sudo"),
        ({"sudo": "password"}, "sudo asks for a password", NO_PASSWORD),
        ({"python": None}, "has no python3", "on it: sudo apt install python3"),
        ({"python": "3.6"}, "has Python 3.6, too old", "on it: sudo apt install python3"),
        ({"disk_kib": str(3 << 20)}, "has 3.0 GiB free for alice, less than 5", ROOM),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_host_that_answers(change, said, mend):
    told = {name: text for name, text in {**FINE, **change}.items() if text is not None}
    ((_, state, *rest),) = found(told)
    assert (state, *rest) == ("missing", said, mend)


def test_everything_wrong_is_told_at_once():
    assert len(found({**FINE, "sudo": "missing", "disk_kib": "0", "os": "arch "})) == 3


@pytest.mark.parametrize(
    ("stderr", "said", "mend"),
    [
        ("alice@10.0.0.1: Permission denied (publickey).", "does not let alice@10.0.0.1 in",
         "ssh-copy-id -i /keys/own -p 22 alice@10.0.0.1"),
        ("gate@10.9.9.9: Permission denied (publickey).\nConnection closed by UNKNOWN port 65535",
         "does not let gate@10.9.9.9 in", "ssh-copy-id -i /keys/gate gate@10.9.9.9"),
        ("ssh: Could not resolve hostname gate: Name or service not known", "gate is the name of no host",
         "look at its address, and at DNS"),
        ("ssh: connect to host 10.9.9.9 port 22: Connection refused\nConnection closed by UNKNOWN port 65535",
         "nothing listens at 10.9.9.9 port 22", "start sshd there, or mend the port"),
        ("ssh: connect to host 10.0.0.1 port 22: Connection timed out", "10.0.0.1 port 22 does not answer",
         "see whether it is on, and whether a firewall drops SSH"),
        ("Connection closed by UNKNOWN port 65535", "there is no way to 10.0.0.1 port 22 through gate@10.9.9.9",
         "try the jump by hand: ssh -i /keys/gate gate@10.9.9.9"),
        ("something new", "10.0.0.1 port 22: something new",
         "try it by hand: ssh -i /keys/own -J gate@10.9.9.9 -p 22 alice@10.0.0.1"),
    ],
)  # fmt: skip
def test_why_ssh_does_not_get_through(stderr, said, mend, tmp_path):
    key = tmp_path / "own"
    key.touch()
    mend = mend.replace("/keys/own", str(key))
    host = PoolHost("lab", "n1", "10.0.0.1", "alice", key=str(key), jump="gate@10.9.9.9", jump_key="/keys/gate")
    (one,) = findings(Seen(host, Looked(Done("lab/n1", 255, b"", stderr))))
    assert (one.state, one.said, one.mend) == ("missing", said, mend)


def test_another_host_key_is_told_with_what_forgets_it(tmp_path):
    host = PoolHost("lab", "n1", "10.0.0.1")
    (one,) = findings(Seen(host, Looked(Done("lab/n1", 255, b"", "Host key verification failed."))))
    assert one.mend.endswith(f"ssh-keygen -R lab-n1 -f {tmp_path}/state/pools/known_hosts")


def test_a_host_that_takes_too_long():
    host = PoolHost("lab", "n1", "10.0.0.1")
    (one,) = findings(Seen(host, Looked(Done("lab/n1", TIMED_OUT, b"", ""), {"os": "debian 12"})))
    assert one.said == "10.0.0.1 port 22 did not answer in time"


def test_a_key_that_is_not_there_is_told_first():
    host = PoolHost("lab", "n1", "10.0.0.1", key="/nowhere/key")
    (one,) = findings(Seen(host, Looked(Done("lab/n1", 255, b"", "alice@10.0.0.1: Permission denied"))))
    assert one.said == "there is no key /nowhere/key"
