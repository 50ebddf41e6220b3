"""Stopping and starting machines of Nebius through its SDK."""

import importlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from styx.clouds.nebius.check import CONFIG, NOBODY, TOKEN, said
from styx.clouds.nebius.sweep import PATIENCE_S, RETRIES, signed_in
from styx.clouds.readiness import PROXY
from styx.errors import CapacityError, CredentialError, HostError
from styx.host import Host

LONGEST_S = 900.0
LOOK = "look at it in the console of Nebius"
NO_ROOM = "RESOURCE_EXHAUSTED"
"""What gRPC calls a lack of room: https://grpc.io/docs/guides/status-codes/"""


def power(env: Mapping[str, str] = os.environ, config: Path = CONFIG) -> "Switch":
    """Return the switch of machines, with the credentials of Terraform's provider."""
    sdk, _ = signed_in(env, config)
    return Switch(sdk)


class Switch:
    """The machines that an account may switch."""

    def __init__(self, sdk: Any) -> None:  # noqa: ANN401 - only the SDK knows its type
        self._api = importlib.import_module("nebius.api.nebius.compute.v1")
        self._sdk = sdk
        self._client = self._api.InstanceServiceClient(sdk)

    def stop(self, hosts: Sequence[Host]) -> None:
        """Stop machines, all at once, and wait until they are off."""
        states = self._api.InstanceStatus.InstanceState
        self._all(hosts, "Stop", {states.STOPPED})

    def start(self, hosts: Sequence[Host]) -> None:
        """Start machines; Nebius itself waits for those that are still going down."""
        states = self._api.InstanceStatus.InstanceState
        self._all(hosts, "Start", {states.STARTING, states.RUNNING})

    def _all(self, hosts: Sequence[Host], verb: str, done: set[Any]) -> None:
        ask = getattr(self._client, verb.lower())
        request = getattr(self._api, f"{verb}InstanceRequest")
        waiting = [host for host in hosts if self._state(host) not in done]
        begun = [(host, self._asked(host, ask, request(id=host.id))) for host in waiting]
        for host, operation in begun:
            self._wait(host, operation)

    def _wait(self, host: Host, operation: Any) -> None:  # noqa: ANN401
        """Wait for the end of an operation on a machine."""
        faults = importlib.import_module("nebius.aio.operation")
        try:
            operation.sync_wait(timeout=LONGEST_S)
        except faults.OperationError as error:
            raise _fault(host, error.code.name, error.message or "") from error
        except TimeoutError:
            raise HostError(f"{host.name}: no end after {LONGEST_S:g} s", LOOK) from None

    def _state(self, host: Host) -> Any:  # noqa: ANN401
        return self._asked(host, self._client.get, self._api.GetInstanceRequest(id=host.id)).status.state

    def _asked(self, host: Host, ask: Any, request: Any) -> Any:  # noqa: ANN401
        faults = importlib.import_module("nebius.aio.service_error")
        try:
            return ask(request, timeout=PATIENCE_S, retries=RETRIES).wait()
        except faults.RequestError as error:
            code = error.status.code.name
            if code in NOBODY:
                raise CredentialError(f"Nebius cannot be reached: {said(error)}", PROXY) from error
            if code in {"UNAUTHENTICATED", "PERMISSION_DENIED"}:
                raise CredentialError(f"Nebius: {said(error)}", TOKEN) from error
            raise _fault(host, code, error.status.message or "") from error


def _fault(host: Host, code: str, message: str) -> HostError | CapacityError:
    """Return the error for a refusal: that there is no room, or anything else."""
    if code == NO_ROOM:
        return CapacityError(f"{host.name}: {code}: {message}", "try again later: the disks stay as they are")
    return HostError(f"{host.name}: {code}: {message}", LOOK)
