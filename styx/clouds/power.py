"""Switching the machines of a cloud off and on again."""

from collections.abc import Sequence
from typing import Protocol

from styx.host import Host


class Power(Protocol):
    """The switch of one region's machines; both return when it is so, and change nothing where it is so already.

    Raises CredentialError when the cloud lets nobody in, CapacityError when it has no room to start them,
    HostError when it does not do so.
    """

    def stop(self, hosts: Sequence[Host]) -> None:
        """Stop machines so that they are no longer paid for; their disks stay."""
        ...

    def start(self, hosts: Sequence[Host]) -> None:
        """Start machines that were stopped, or stopped themselves."""
        ...
