"""A host: one machine that stands, as Terraform's output `hosts` tells it."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["head", "worker"]


@dataclass(frozen=True, slots=True)
class Host:
    """One machine of a cluster."""

    name: str
    role: Role
    rank: int
    """0 for the head, then the workers in order of name."""
    group: str
    id: str
    """The cloud's own id."""
    private_address: str
    public_address: str = ""
    """Empty when the machine has none."""
    user: str = ""
    """Login user; empty on `local`, where nobody logs in."""
    port: int = 22
    zone: str = ""
    ray_port: int = 6379
    """First of Ray's ports on the head: GCS, then the dashboard with the Jobs API, then Ray's client."""
    proxy_jump: str = ""
    """The host to go through, as in SSH's ProxyJump; empty for none."""
    proxy_command: str = ""
    """The program that SSH goes through, a cloud's tunnel; empty for none."""
    key: str = ""
    """The private key that logs in here, on the machine that runs Styx; empty for the cluster's."""
    proxy_key: str = ""
    """The private key for the host to go through; empty for the user's own."""
    folder: str = ""
    """On `local`, the folder that is the machine; empty elsewhere."""
