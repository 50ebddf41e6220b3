"""Pools: what their file may say, how an inventory of Ansible is one, and what their hosts are offered as."""

import base64
from pathlib import Path

import pytest

from styx import clouds
from styx.clouds import Facts, PoolHost, pool
from styx.errors import SpecError

KEY = "ssh-ed25519 " + base64.b64encode(b"\0\0\0\x0bssh-ed25519" + b"k" * 36).decode()

NO_PASSWORDS = "Styx keeps no passwords: let a key in with `ssh-copy-id`, and name it with `key`"

GOOD = f"""\
lab:
  user: alice
  key: ~/.ssh/lab
  labels: {{rack: a, row: "1"}}
  hosts:
    - 10.0.0.1
    - {{address: gpu.example.org, name: gpu, port: 2222, jump: 10.0.0.1, cpus: 64, memory: 512, gpus: A100:8}}
    - {{ip: 10.0.0.3, user: bob, identity_file: /keys/bob, labels: {{rack: b}}, host_key: {KEY} of its own}}
"""


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("STYX_HOME", str(tmp_path))
    monkeypatch.delenv("STYX_POOLS", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pools(home, text):
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "pools.yaml").write_text(text)
    return clouds.by_id("ssh").pools()


def refused(home, text):
    with pytest.raises(SpecError) as error:
        pools(home, text)
    return [f"{fault.line} {fault.path}: {fault.message} ({fault.hint})" for fault in error.value.faults]


def test_no_file_is_no_pool():
    assert clouds.by_id("ssh").pools() == {}
    assert clouds.by_id("ssh").live_offers() == ()


def test_a_pool_speaks_for_its_hosts_and_each_for_itself(home):
    first, gpu, third = pools(home, GOOD)["lab"]
    own = str(Path("~/.ssh/lab").expanduser())
    assert first == PoolHost("lab", "10.0.0.1", "10.0.0.1", "alice", key=own, labels={"rack": "a", "row": "1"})
    assert (gpu.id, gpu.address, gpu.port) == ("lab/gpu", "gpu.example.org", 2222)
    assert (gpu.jump, gpu.jump_key) == ("alice@10.0.0.1:22", own)
    assert (gpu.vcpus, gpu.memory_gib, gpu.accelerator, gpu.accelerator_count) == (64, 512, "A100", 8)
    assert (third.user, third.key, third.labels) == ("bob", "/keys/bob", {"rack": "b", "row": "1"})
    assert third.host_key == KEY


def test_every_fault_is_named_with_its_line(home):
    text = """\
lab:
  usr: alice
  hosts:
    - {adress: 10.0.0.1}
    - {address: 10.0.0.2, password: canary}
    - {address: "-oProxyCommand=x", port: 70000}
    - {address: a, host_key: ssh-ed25519 AAAA}
    - {address: b, jump: "a;b", gpus: 8, cpus: no}
    - b
    - {address: c, name: b}
empty: {}
none:
  hosts: []
"""
    assert refused(home, text) == [
        "2 lab.usr: unknown key `usr` (did you mean `user`?)",
        "4 lab.hosts[0].adress: unknown key `adress` (did you mean `address`?)",
        f"5 lab.hosts[1].password: unknown key `password` ({NO_PASSWORDS})",
        "6 lab.hosts[2].address: must be a name or an address ()",
        "6 lab.hosts[2].port: must be a port, 1 to 65535 ()",
        "7 lab.hosts[3].host_key: must be a public host key, such as `ssh-ed25519 AAAA…` ()",
        "8 lab.hosts[4].jump: must be [user@]address[:port] ()",
        "8 lab.hosts[4].gpus: must be a name and a count, such as A100:8 ()",
        "8 lab.hosts[4].cpus: must be a number above 0 ()",
        "10 lab.hosts[6]: the pool has a host b already (give it a `name`)",
        "11 empty.hosts: must be a list of hosts (start each with a dash)",
        "13 none.hosts: must be a list of hosts (start each with a dash)",
    ]


@pytest.mark.parametrize("text", ["[]", "lab", "lab: 3", "../lab: {hosts: [a]}"])
def test_what_is_no_pool_is_refused(home, text):
    assert refused(home, text)


def test_a_file_that_was_named_must_be_there(home, monkeypatch):
    monkeypatch.setenv("STYX_POOLS", str(home / "mine.yaml"))
    with pytest.raises(SpecError, match="no such file"):
        clouds.by_id("ssh").pools()


def test_an_inventory_of_ansible_is_a_pool_a_group(home, monkeypatch):
    path = home / "hosts.ini"
    path.write_text("""\
[gpu]
n[1:2] ansible_user=bob ansible_ssh_common_args='-o ServerAliveInterval=5 -o ProxyJump=j@b:22'
[gpu:vars]
ansible_port=2222
[cpu]
c1 ansible_host=10.0.0.9 ansible_ssh_private_key_file=/keys/c
[both:children]
gpu
cpu
""")
    monkeypatch.setenv("STYX_POOLS", str(path))
    found = clouds.by_id("ssh").pools()
    assert {name: [host.name for host in hosts] for name, hosts in found.items()} == {
        "all": ["c1", "n1", "n2"], "both": ["c1", "n1", "n2"], "cpu": ["c1"], "gpu": ["n1", "n2"],
    }  # fmt: skip
    (cpu,) = found["cpu"]
    assert (cpu.address, cpu.key) == ("10.0.0.9", "/keys/c")
    assert (found["gpu"][0].user, found["gpu"][0].port, found["gpu"][0].jump) == ("bob", 2222, "j@b:22")


def test_an_inventory_with_a_password_or_without_hosts_is_refused(home, monkeypatch):
    path = home / "hosts.yml"
    monkeypatch.setenv("STYX_POOLS", str(path))
    path.write_text("all: {hosts: {a: {ansible_password: canary}}}\n")
    with pytest.raises(SpecError, match="keeps no passwords") as error:
        clouds.by_id("ssh").pools()
    assert "canary" not in str(error.value)
    path.write_text("all:\n  hosts: {{{\n")
    with pytest.raises(SpecError, match="Ansible cannot read"):
        clouds.by_id("ssh").pools()


def offered(home, *found):
    """Return type → how many, for hosts that were found to be so."""
    hosts = pools(home, f"lab: {{hosts: [{', '.join(f'h{number}' for number in range(len(found)))}]}}")["lab"]
    pool.keep_facts({host.way: facts for host, facts in zip(hosts, found, strict=True)})
    return {offer.instance_type: offer.max_count for offer in clouds.by_id("ssh").live_offers()}


def test_as_many_of_a_kind_as_there_are_hosts_at_least_like_it(home):
    small, big, wide = Facts(4, 16), Facts(16, 64), Facts(32, 8)
    assert offered(home, small, small, big, wide) == {"4cpu-16gib": 3, "16cpu-64gib": 1, "32cpu-8gib": 1}


def test_a_host_with_gpus_is_no_host_without(home):
    gpus = {"accelerator": "NVIDIA-A100", "gpu_memory_gib": 80.0}
    plain, four, eight = Facts(64, 512), Facts(64, 512, **gpus, accelerator_count=4), Facts(64, 512, **gpus, accelerator_count=8)  # fmt: skip  # noqa: E501
    assert offered(home, plain, four, eight) == {
        "64cpu-512gib": 1, "64cpu-512gib-4xnvidia-a100": 2, "64cpu-512gib-8xnvidia-a100": 1,
    }  # fmt: skip


def test_what_the_file_says_of_a_host_counts_more_than_what_was_found(home):
    (host,) = pools(home, "lab: {hosts: [{address: a, cpus: 2, gpus: L4}]}")["lab"]
    assert host.told(None) is None
    assert host.told(Facts(8, 32)) == Facts(2, 32, accelerator="L4", accelerator_count=1)
    (host,) = pools(home, "lab: {hosts: [{address: a, cpus: 2, memory: 4}]}")["lab"]
    assert host.told(None) == Facts(2, 4)


def test_facts_of_another_machine_of_that_name_do_not_count(home):
    offered(home, Facts(4, 16))
    pools(home, "lab: {hosts: [{name: h0, address: elsewhere}]}")
    assert clouds.by_id("ssh").live_offers() == ()


def test_damaged_facts_are_no_facts(home):
    offered(home, Facts(4, 16))
    (home / "state" / "pools" / "facts.json").write_text("{")
    assert clouds.by_id("ssh").live_offers() == ()
