"""The folder that stands for a cloud: what exists, which addresses are taken, what was asked, what tests want of it."""

import ipaddress
import json
import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from tests.cloudless.ledger import Ledger

_PUBLIC = ("203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24")
"""The networks of documentation: nothing answers there."""


class World:
    """One cloud, shared by all providers that terraform starts and by the test."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.ledger = Ledger(folder / "ledger")

    def read(self, name: str) -> Any:
        """Return a list or table that the test hands in under this name, empty when it did not."""
        try:
            return json.loads((self.folder / f"{name}.json").read_text())
        except FileNotFoundError:
            return {}

    def write(self, name: str, content: Any) -> None:
        """Hand in a list or table; a terraform that runs sees the old one or the new one."""
        new = self.folder / f"{name}.json.new"
        new.write_text(json.dumps(content, indent=1))
        os.replace(new, self.folder / f"{name}.json")

    def note(self, **call: str) -> None:
        """Write down what was asked of the cloud."""
        with (self.folder / "calls.jsonl").open("a") as file:  # one write below PIPE_BUF: lines of several stay whole
            file.write(json.dumps(call) + "\n")

    def calls(self) -> list[dict[str, str]]:
        """Return what was asked of the cloud, in order."""
        try:
            lines = (self.folder / "calls.jsonl").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines]

    def claim(self, *place: str) -> bool:
        """Take something that can be taken once; False when somebody has it."""
        file = self.folder.joinpath("claims", *place)
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            file.touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def private_address(self, machine: str, network: str) -> str:
        """Return the machine's address of the pool, else the next free one in its network."""
        return self._of_the_pool(machine, "private") or self._next(_inside(network))

    def public_address(self, machine: str) -> str:
        """Return the machine's address of the pool, else one of the networks meant for documentation."""
        public = (ipaddress.ip_network(network).hosts() for network in _PUBLIC)
        return self._of_the_pool(machine, "public") or self._next(chain.from_iterable(public))

    def _of_the_pool(self, machine: str, side: str) -> str:
        """Return an address that the test gave to a machine, whose interface may have the machine's name and more."""
        pool = self.read("addresses")
        owners = [name for name in pool if machine == name or machine.startswith(f"{name}-")]
        given = pool[max(owners, key=len)] if owners else ""
        return given if isinstance(given, str) else given[side]

    def _next(self, addresses: Iterator[Any]) -> str:
        return next(str(address) for address in addresses if self.claim("addresses", str(address)))


def _inside(network: str) -> Iterator[Any]:
    """Yield a network's addresses; the first few belong to the cloud itself."""
    hosts = ipaddress.ip_network(network).hosts()
    for _ in range(4):
        next(hosts)
    return hosts
