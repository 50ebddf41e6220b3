"""How machines of a cloud are stopped, and what ends their bill."""

from dataclasses import dataclass
from typing import Literal

Shutdown = Literal["ends", "stops", "chosen", "bills"]
"""What a shutdown from inside makes of a machine. `ends`: it is gone; `stops`: it can be started again; `chosen`: what
it was told when it was made; `bills`: it is off, and paid for as if it ran."""

Means = Literal["shutdown", "identity", "outside", ""]
"""Who carries out an autostop. `shutdown`: the machine by its own shutdown, with no right at all; `identity`: the
machine through the cloud's API, with an identity that may do this to itself and nothing else; `outside`: only somebody
with the account's credentials, so a Styx that watches; empty: nobody can."""


@dataclass(frozen=True, slots=True)
class Stopping:
    """The facts, and the mechanism that autostop uses."""

    can_stop: bool = False
    """A machine can be stopped and started again with its disks, which are paid for all the while."""
    spot_can_stop: bool = False
    """The same for a spot machine of the kind that Styx makes."""
    shutdown: Shutdown = "bills"
    chosen_by: str = ""
    """The Terraform argument that decides it where a shutdown is `chosen`; what ends the bill first. Markdown."""
    stop_input: str = ""
    """The variable of its module that must be set so that a shutdown stops a machine; it ends it otherwise."""
    autostop: Means = ""
    """How an idle machine is stopped."""
    autodown: Means = "outside"
    """How an idle machine is ended for good (`autostop.down`, `styx.lifetime`)."""
    source: str = ""
    """Where the cloud says so."""

    @property
    def shutdown_ends_billing(self) -> bool:
        """Tell whether a machine that shuts itself down is no longer paid for, its disks aside."""
        return self.shutdown != "bills"
