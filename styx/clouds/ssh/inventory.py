"""An Ansible inventory as pools: each group is one, and Ansible's own program reads it."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from styx.clouds.pool import Pools
from styx.clouds.ssh import file
from styx.errors import Fault, SpecError, ToolMissingError

_VARIABLES = {
    "ansible_host": "address",
    "ansible_port": "port",
    "ansible_user": "user",
    "ansible_ssh_private_key_file": "key",
    "ansible_password": "password",
    "ansible_ssh_pass": "password",
}
"""Ansible's variable → a field of a host."""

_JUMP = re.compile(r"(?:-J\s*|-o\s*ProxyJump=)['\"]?([^\s'\"]+)")


def is_inventory(path: Path) -> bool:
    """Tell whether a file is one of Ansible's: no YAML, or YAML whose first key is `all`."""
    if path.suffix not in (".yaml", ".yml"):
        return True
    lines = (line for line in path.read_text(errors="replace").splitlines() if line and line[0].isalnum())
    return next(lines, "").startswith("all:")


def read(path: Path) -> Pools:
    """Return the groups of the inventory at `path`; raise SpecError for one that Ansible or Styx cannot take."""
    listed, said = _listed(path)
    known: Mapping[str, Mapping[str, Any]] = listed.pop("_meta", {}).get("hostvars", {})
    groups = {name: sorted(_members(name, listed)) for name in listed}
    pools = {
        name: {"hosts": [_host(host, known.get(host, {})) for host in hosts]} for name, hosts in groups.items() if hosts
    }
    if not pools:  # Ansible takes what it cannot read for an inventory of nothing
        raise SpecError([Fault(str(path), 0, 0, "", f"Ansible cannot read this inventory: {said or 'it has no host'}")])
    try:
        return file.parse(json.dumps(pools), str(path))
    except SpecError as error:
        raise SpecError([replace(fault, line=0, column=0) for fault in error.faults], error.hint) from error


def _listed(path: Path) -> tuple[dict[str, Any], str]:
    """Return what Ansible makes of the inventory, and what it says."""
    beside = Path(sys.executable).with_name("ansible-inventory")
    program = str(beside) if beside.is_file() else shutil.which("ansible-inventory")
    if program is None:
        raise ToolMissingError("there is no ansible-inventory", "run: pip install ansible-core")
    words = [program, "--list", "--inventory", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL)
    found: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {}
    return found, " ".join(done.stderr.split())


def _members(group: str, listed: Mapping[str, Any]) -> set[str]:
    body = listed.get(group, {})
    below: Iterable[str] = body.get("children", ())
    return set(body.get("hosts", ())).union(*(_members(one, listed) for one in below))


def _host(name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Ansible's variables say of a host, as the file of pools would."""
    given = {field: variables[variable] for variable, field in _VARIABLES.items() if variable in variables}
    args = " ".join(str(variables.get(one, "")) for one in ("ansible_ssh_common_args", "ansible_ssh_extra_args"))
    if jump := _JUMP.search(args):
        given["jump"] = jump[1]
    return {"name": name, "address": name, **given}
