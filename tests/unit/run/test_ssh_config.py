"""The configuration of a cluster, as OpenSSH itself reads it."""

import stat
import subprocess
from pathlib import Path

import pytest

from styx.host import Host
from styx.run import ssh_config
from styx.run.ssh_config import Login

HEAD = Host("demo-head", "head", 0, "head", "i-0abc", "10.77.0.5", "203.0.113.9", user="ubuntu")
WORKER = Host("demo-worker-1", "worker", 1, "worker", "fake/i:9", "10.77.0.6", user="ubuntu", proxy_jump="me@bastion")


def read(config: Path, name: str) -> dict[str, str]:
    """Return what `ssh -G` says of a host."""
    run = subprocess.run(["ssh", "-G", "-F", config, name], capture_output=True, text=True, check=True)
    return dict(line.split(" ", 1) for line in run.stdout.splitlines() if " " in line)


@pytest.fixture
def login(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    found = Login(tmp_path / "a folder", tmp_path / "key")
    ssh_config.write(found, "demo", [HEAD, WORKER])
    return found


@pytest.mark.parametrize("name", ["demo-head", "203.0.113.9"])
def test_a_host_is_found_by_name_and_by_address(login, name):
    found = read(login.config, name)
    assert (found["hostname"], found["user"], found["port"]) == ("203.0.113.9", "ubuntu", "22")
    assert found["identityfile"] == str(login.key)
    assert found["identitiesonly"] == "yes"
    assert found["userknownhostsfile"] == str(login.known_hosts)
    assert found["stricthostkeychecking"] == "accept-new"
    assert found["hostkeyalias"] == "i-0abc"


def test_a_jump_host_and_a_machine_without_a_public_address(login):
    found = read(login.config, "demo-worker-1")
    assert (found["hostname"], found["proxyjump"], found["hostkeyalias"]) == ("10.77.0.6", "me@bastion", "fake-i-9")


def test_a_tunnel_is_a_program(login):
    command = "sh -c \"aws ssm start-session --target i-0abc --parameters 'portNumber=%p'\""
    private = Host("demo-head", "head", 0, "head", "i-0abc", "10.77.0.5", user="ubuntu", proxy_command=command)
    ssh_config.write(login, "demo", [private])
    assert read(login.config, "demo-head")["proxycommand"] == command


def test_the_users_own_configuration_knows_names_alone_and_the_cluster_is_its_head(login):
    assert read(login.names, "demo")["hostname"] == "203.0.113.9"
    assert read(login.names, "203.0.113.9")["user"] != "ubuntu"


def test_its_files_are_private_and_machines_that_are_gone_are_forgotten(login):
    login.known_hosts.write_text("i-0abc ssh-ed25519 A\ni-old ssh-ed25519 B\n")
    ssh_config.write(login, "demo", [HEAD])
    assert login.known_hosts.read_text() == "i-0abc ssh-ed25519 A\n"
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in login.folder.iterdir())


def test_what_would_be_another_line_is_refused(login):
    hostile = Host("demo-head", "head", 0, "head", "i", "10.0.0.1", user='ubuntu\n  ProxyCommand "id"')
    with pytest.raises(ValueError, match="cannot stand"):
        ssh_config.write(login, "demo", [hostile])


def test_a_host_of_ones_own_has_its_own_key_and_a_key_for_the_way(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    host = Host("lab/n1", "worker", 0, "lab", "lab/n1", "", "10.0.0.9", user="alice", key="/keys/alice",
                proxy_jump="gate@10.9.9.9:2222", proxy_key="/keys/gate")  # fmt: skip
    login = Login(tmp_path / "pool", None, shares=False)
    ssh_config.write(login, "", [host])
    found = read(login.config, "lab/n1")
    assert (found["hostname"], found["identityfile"]) == ("10.0.0.9", "/keys/alice")
    assert found["proxyjump"].replace("[", "").replace("]", "") == "gate@10.9.9.9:2222"
    assert found["controlmaster"] == "false"
    gate = read(login.config, "10.9.9.9")
    assert (gate["identityfile"], gate["hostkeyalias"]) == ("/keys/gate", "jump-10.9.9.9")
    assert gate["userknownhostsfile"] == str(login.known_hosts)


def test_keys_that_are_trusted_are_not_replaced_and_those_of_the_way_are_kept(login):
    ssh_config.trust(login, {"i-0abc": "ssh-ed25519 AAAA\nssh-rsa BBBB", "jump-bastion": "ssh-ed25519 CCCC"})
    ssh_config.trust(login, {"i-0abc": "ssh-ed25519 DDDD", "other": "ssh-ed25519 EEEE"})
    ssh_config.write(login, "demo", [HEAD])
    assert ssh_config.trusted(login) == {
        "i-0abc": "ssh-ed25519 AAAA\nssh-rsa BBBB", "jump-bastion": "ssh-ed25519 CCCC",
    }  # fmt: skip
