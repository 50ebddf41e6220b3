"""Stopping and starting machines of Azure: deallocated, for one that is only off is paid for as if it ran."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from styx.clouds.azure.sweep import TYPES, SignedIn, signed_in
from styx.clouds.readiness import Answer, refusal
from styx.errors import CapacityError, HostError
from styx.host import Host

VERSION = TYPES["microsoft.compute/virtualmachines"][1]
NO_ROOM = ("AllocationFailed", "SkuNotAvailable", "OverconstrainedAllocation", "OverconstrainedZonalAllocation")
"""What Azure's codes have in them when there is no room.

Source: https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/allocation-failure
"""
FAILED = "ProvisioningState/failed"
PATIENCE_S = 900.0
POLL_S = 3.0
LOOK = "look at it in the portal of Azure"


def power(env: Mapping[str, str] = os.environ) -> "Switch":
    """Return the switch of machines, whose ids name their subscription and group, with Terraform's credentials."""
    manager, _ = signed_in(env)
    return Switch(manager)


class Switch:
    """The machines that an account may switch."""

    def __init__(self, manager: SignedIn, poll_s: float = POLL_S) -> None:
        self._manager = manager
        self._poll_s = poll_s

    def stop(self, hosts: Sequence[Host]) -> None:
        """Deallocate machines, all at once, and wait until they are."""
        self._all(hosts, "deallocate", "PowerState/deallocated")

    def start(self, hosts: Sequence[Host]) -> None:
        """Start machines, those that are still going down when they have."""
        for host in hosts:
            self._until(host, lambda states: "PowerState/deallocating" not in states)
        self._all(hosts, "start", "PowerState/running")

    def _all(self, hosts: Sequence[Host], verb: str, state: str) -> None:
        for host in hosts:
            answer = self._manager.asked("POST", f"{host.id}/{verb}", {"api-version": VERSION})
            if answer.status_code not in {200, 202}:
                raise _refused(host, answer)
        for host in hosts:
            self._until(host, lambda states: state in states)

    def _until(self, host: Host, reached: Callable[[Mapping[str, str]], bool]) -> None:
        """Wait until a machine's states are so."""
        end = time.monotonic() + PATIENCE_S
        while not reached(states := dict(self._states(host))):
            if failed := next((code for code in states if code.startswith(FAILED)), ""):
                raise _fault(host, f"{failed.rpartition('/')[2]}: {states[failed]}")
            if time.monotonic() > end:
                raise HostError(f"{host.name}: {', '.join(states)} after {PATIENCE_S:g} s", LOOK)
            time.sleep(self._poll_s)

    def _states(self, host: Host) -> Iterator[tuple[str, str]]:
        """Yield the codes of a machine's states, each with what is said of it."""
        answer = self._manager.asked("GET", f"{host.id}/instanceView", {"api-version": VERSION})
        if answer.status_code != 200:
            raise _refused(host, answer)
        for status in answer.json().get("statuses", ()):
            yield status["code"], status.get("message") or status.get("displayStatus") or ""


def _refused(host: Host, answer: Answer) -> HostError | CapacityError:
    """Return the error for a refusal, whose code says more than its words."""
    try:
        code = f"{answer.json()['error']['code']}: "
    except (ValueError, LookupError, TypeError):
        code = ""
    return _fault(host, code + refusal(answer))


def _fault(host: Host, said: str) -> HostError | CapacityError:
    """Return the error for what Azure said: that it has no room, or anything else."""
    if any(code in said for code in NO_ROOM):
        return CapacityError(f"{host.name}: {said}", "try again later: the disks stay as they are")
    return HostError(f"{host.name}: {said}", LOOK)
