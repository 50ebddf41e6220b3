"""Stopping and starting machines of AWS through EC2."""

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from styx.clouds.readiness import one_line
from styx.errors import CapacityError, CredentialError, HostError, ToolMissingError
from styx.host import Host

NO_ROOM = frozenset({"InsufficientInstanceCapacity", "InsufficientHostCapacity", "InsufficientCapacityOnHost"})
WAIT = {"Delay": 5, "MaxAttempts": 120}
"""How often EC2 is asked whether it is so, in seconds, and how many times."""


def power(region: str) -> "Switch":
    """Return the switch of the machines in `region`, with the account that boto3 finds."""
    try:
        boto3 = importlib.import_module("boto3")
    except ImportError:
        raise ToolMissingError("boto3 is not installed", "pip install 'styx-infra[aws]'") from None
    return Switch(boto3.Session().client("ec2", region_name=region))


class Switch:
    """The machines of one region."""

    def __init__(self, ec2: Any, wait: dict[str, int] | None = None) -> None:  # noqa: ANN401 - boto3 has no types
        self._ec2 = ec2
        self._wait = wait or WAIT

    def stop(self, hosts: Sequence[Host]) -> None:
        """Stop machines; a shutdown that they began themselves counts."""
        ids = [host.id for host in hosts]
        _told(lambda: self._ec2.stop_instances(InstanceIds=ids))
        self._until("instance_stopped", ids)

    def start(self, hosts: Sequence[Host]) -> None:
        """Start machines, those that are still going down when they have."""
        if going := [host.id for host in hosts if self._state(host) == "stopping"]:
            self._until("instance_stopped", going)
        ids = [host.id for host in hosts]
        _told(lambda: self._ec2.start_instances(InstanceIds=ids))
        self._until("instance_running", ids)

    def _state(self, host: Host) -> str:
        told = _told(lambda: self._ec2.describe_instances(InstanceIds=[host.id]))
        return str(told["Reservations"][0]["Instances"][0]["State"]["Name"])

    def _until(self, state: str, ids: list[str]) -> None:
        _told(lambda: self._ec2.get_waiter(state).wait(InstanceIds=ids, WaiterConfig=self._wait))


def _told(ask: Callable[[], Any]) -> Any:  # noqa: ANN401
    """Return the answer; raise an error of Styx's for what keeps it from us."""
    faults = importlib.import_module("botocore.exceptions")
    try:
        return ask()
    except faults.ClientError as error:
        told = error.response["Error"]
        message = one_line(f"AWS: {told['Code']}: {told.get('Message', '')}")
        if told["Code"] in NO_ROOM:
            raise CapacityError(message, "try again later: the disks stay as they are") from error
        raise HostError(message, "look at the machines in the EC2 console") from error
    except faults.WaiterError as error:
        raise HostError(f"AWS: {one_line(error)}", "look at the machines in the EC2 console") from error
    except faults.BotoCoreError as error:
        raise CredentialError(f"AWS: {one_line(error)}", "run `styx check aws`") from error
