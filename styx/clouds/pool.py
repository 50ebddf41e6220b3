"""Hosts that stand already: how each is reached, what it was found to be, and which fit what is asked."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from styx import files, paths
from styx.offer import Offer


@dataclass(frozen=True, slots=True)
class Facts:
    """What a host was found to be."""

    vcpus: float
    memory_gib: float
    arch: str = "x86_64"
    accelerator: str = ""
    """The name of its GPUs; empty for none."""
    accelerator_count: int = 0
    gpu_memory_gib: float | None = None

    @property
    def type(self) -> str:
        """What an offer of such hosts is called: `64cpu-512gib-8xh100`."""
        gpus = f"-{self.accelerator_count}x{self._gpu}" if self.accelerator else ""
        return f"{self.vcpus:g}cpu-{self.memory_gib:g}gib{gpus}"

    @property
    def _gpu(self) -> str:
        return self.accelerator.lower().replace(" ", "-")

    def fits(self, offer: Offer) -> bool:
        """Tell whether it is at least what `offer` says; a host with other GPUs, or with any where none are, is not.

        GPUs are told by the offer's type: the catalog gives them names of its own.
        """
        _, _, gpu = "".join(offer.instance_type.split("-", 2)[2:]).partition("x")
        enough = self.vcpus >= offer.vcpus and self.memory_gib >= offer.memory_gib and self.arch == offer.arch
        return enough and self._gpu == gpu and self.accelerator_count >= offer.accelerator_count


@dataclass(frozen=True, slots=True)
class PoolHost:
    """One host of a pool, as its file tells of it."""

    pool: str
    name: str
    address: str
    """Where SSH goes."""
    user: str = ""
    """Who logs in; empty for the user of this machine."""
    port: int = 22
    key: str = ""
    """The private key; empty for the user's own keys and agent."""
    jump: str = ""
    """The host to go through, as in SSH's ProxyJump; empty for none."""
    jump_key: str = ""
    """The private key for that host; empty for the user's own."""
    host_key: str = ""
    """Its public host key, such as `ssh-ed25519 AAAA…`; empty to believe its first answer."""
    private_address: str = ""
    """What the other hosts reach it at; empty for the address that it uses itself."""
    labels: Mapping[str, str] = field(default_factory=dict)
    vcpus: float | None = None
    """As the file says; None to look."""
    memory_gib: float | None = None
    accelerator: str = ""
    accelerator_count: int = 0

    @property
    def id(self) -> str:
        """What it is known by: pool and name."""
        return f"{self.pool}/{self.name}"

    @property
    def way(self) -> str:
        """What tells this machine from another that had the name before."""
        return " ".join((self.id, self.user, self.address, str(self.port), self.jump))

    def told(self, found: Facts | None) -> Facts | None:
        """Return what is known of it: what its file says, else what was found; None when that is not enough."""
        if found is None and (self.vcpus is None or self.memory_gib is None):
            return None
        looked = found or Facts(0, 0)
        gpus = (
            {"accelerator": self.accelerator, "accelerator_count": self.accelerator_count, "gpu_memory_gib": None}
            if self.accelerator
            else {}
        )
        size = {"vcpus": self.vcpus or looked.vcpus, "memory_gib": self.memory_gib or looked.memory_gib}
        return Facts(**{**asdict(looked), **size, **gpus})


Pools = Mapping[str, tuple[PoolHost, ...]]
"""Pool → its hosts."""


def facts() -> dict[str, Facts]:
    """Return what hosts were last found to be, by their way."""
    try:
        kept = json.loads(_file().read_text())
        return {way: Facts(**found) for way, found in kept.items()}
    except (OSError, ValueError, TypeError):
        return {}


def keep_facts(found: Mapping[str, Facts]) -> None:
    """Keep what hosts were found to be; raise OSError when that cannot be written."""
    with files.exclusive(_file().with_suffix(".lock")):
        text = json.dumps({way: asdict(one) for way, one in sorted({**facts(), **found}.items())}, indent=2)
        files.write(_file(), text + "\n")


def whole_gib(gib: float) -> float:
    """Return memory as it is offered: in whole GiB, for machines that are alike differ by a few MiB."""
    return float(math.floor(gib)) if gib >= 1 else round(gib, 2)


def _file() -> Path:
    return paths.state() / "pools" / "facts.json"
