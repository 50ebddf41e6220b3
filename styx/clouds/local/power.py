"""Stopping what runs on machines that are folders; an apply starts it again."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from styx.errors import HostError
from styx.host import Host


class Switch:
    """The machines of this computer."""

    def stop(self, hosts: Sequence[Host]) -> None:
        """End every service of the machines."""
        for host in hosts:
            for service in json.loads(_machine(host, "status"))["services"]:
                _machine(host, "stop", service)

    def start(self, hosts: Sequence[Host]) -> None:
        """Do nothing: a folder is never off, and its services are the playbook's."""


def power(_region: str) -> Switch:
    """Return the switch of this computer's machines."""
    return Switch()


def _machine(host: Host, verb: str, *words: str) -> str:
    program = str(Path(host.folder) / "machine.py")
    argv = [sys.executable, program, verb, host.folder, *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise HostError(f"{host.name}: {done.stderr.strip()}", "run `styx apply` again")
    return done.stdout
