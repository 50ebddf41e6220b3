"""What Ansible runs with: its environment and its number of forks."""

import configparser
from collections.abc import Mapping
from pathlib import Path

_KEPT = ("ANSIBLE_SSH_", "ANSIBLE_HOST_KEY_CHECKING", "ANSIBLE_PRIVATE_KEY_FILE", "ANSIBLE_PIPELINING", "ANSIBLE_HOME")
"""Of what a shell says about Ansible, only how to reach the hosts; the rest could change what a playbook does."""

_WHEN_UNSAID = (
    ("ANSIBLE_SSH_ARGS", ("ssh_connection", "ssh_args"), "-C -o ControlMaster=auto -o ControlPersist=300s"),
    ("ANSIBLE_PIPELINING", ("ssh_connection", "pipelining"), "True"),
    ("ANSIBLE_HOST_KEY_CHECKING", ("defaults", "host_key_checking"), "True"),
)
"""Name, place in ansible.cfg, value: ControlPersist makes a second play on a fleet three times as fast."""

_LEAST_FORKS, _MOST_FORKS = 5, 50


def forks_for(hosts: int) -> int:
    """Return how many hosts to work on at a time: all of a fleet, up to what one machine can drive."""
    return max(_LEAST_FORKS, min(hosts, _MOST_FORKS))


def environment(inherited: Mapping[str, str], folder: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a playbook in `folder`: what its ansible.cfg says is never overruled by a default."""
    env = {name: value for name, value in inherited.items() if not name.startswith("ANSIBLE_") or _is_kept(name)}
    env |= extra
    config = folder / "ansible.cfg"
    said = _settings(config)
    if config.is_file():
        env["ANSIBLE_CONFIG"] = str(config.absolute())
    for name, place, value in _WHEN_UNSAID:
        # What the folder says is repeated, since ansible-runner would turn host key checking off where nothing is set.
        env.setdefault(name, said.get(place, value))
    env["ANSIBLE_NOCOLOR"] = "1"
    return env if _is_utf8(env) else {**env, "LC_ALL": "C.UTF-8"}


def _is_kept(name: str) -> bool:
    return name.startswith(_KEPT)


def _is_utf8(env: Mapping[str, str]) -> bool:
    locale = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    return "utf" in locale.lower()


def _settings(config: Path) -> dict[tuple[str, str], str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False, inline_comment_prefixes=(";",))
    parser.read(config, encoding="utf-8")
    return {(section, name): value for section in parser.sections() for name, value in parser[section].items()}
