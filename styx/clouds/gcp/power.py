"""Stopping and starting machines of Google Cloud through Compute Engine's REST."""

import importlib
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from styx.clouds.gcp.check import LOGIN, credentials
from styx.clouds.gcp.sweep import API
from styx.clouds.patience import answered
from styx.clouds.readiness import one_line, refusal
from styx.errors import CapacityError, CredentialError, HostError, ToolMissingError
from styx.host import Host

NO_ROOM = frozenset({"ZONE_RESOURCE_POOL_EXHAUSTED", "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS", "STOCKOUT"})
PATIENCE_S = 600.0
POLL_S = 2.0


def power(env: Mapping[str, str] = os.environ) -> "Switch":
    """Return the switch of machines, whose ids name their project and zone, with Terraform's credentials."""
    try:
        auth = importlib.import_module("google.auth")
        http = importlib.import_module("google.auth.transport.requests")
    except ImportError:
        raise ToolMissingError("google-auth is not installed", "pip install 'styx-infra[gcp]'") from None
    try:
        found, _, _ = credentials(auth, env)
    except auth.exceptions.GoogleAuthError as error:
        raise CredentialError(f"Google Cloud: {one_line(error)}", LOGIN) from error
    return Switch(http.AuthorizedSession(found), env.get("GOOGLE_COMPUTE_CUSTOM_ENDPOINT") or API)


class Switch:
    """The machines that an account may switch."""

    def __init__(self, session: Any, api: str) -> None:  # noqa: ANN401 - imported above only
        self._session = session
        self._api = api

    def stop(self, hosts: Sequence[Host]) -> None:
        """Stop machines, all at once, and wait until they are off."""
        self._all(hosts, "stop")

    def start(self, hosts: Sequence[Host]) -> None:
        """Start machines, those that are still going down when they have."""
        end = time.monotonic() + PATIENCE_S
        while any(self._ask("GET", host.id)["status"] == "STOPPING" for host in hosts):
            if time.monotonic() > end:
                raise HostError("machines are still stopping", "look at them in the console of Google Cloud")
            time.sleep(POLL_S)
        self._all(hosts, "start")

    def _all(self, hosts: Sequence[Host], verb: str) -> None:
        begun = [(host, self._ask("POST", f"{host.id}/{verb}")) for host in hosts]
        for host, operation in begun:
            self._wait(host, operation)

    def _wait(self, host: Host, operation: Mapping[str, Any]) -> None:
        """Wait for the end of an operation on a machine; one question is answered within two minutes."""
        zone = host.id.rpartition("/instances/")[0]
        end = time.monotonic() + PATIENCE_S
        while operation["status"] != "DONE":
            if time.monotonic() > end:
                raise HostError(f"{host.name}: no end after {PATIENCE_S:g} s", "look at it in the console")
            operation = self._ask("POST", f"{zone}/operations/{operation['name']}/wait")
        for fault in operation.get("error", {}).get("errors", ()):
            message = f"{host.name}: {fault['code']}: {one_line(fault.get('message', ''))}"
            if fault["code"] in NO_ROOM:
                raise CapacityError(message, "try again later: the disks stay as they are")
            raise HostError(message, "look at the machine in the console of Google Cloud")

    def _ask(self, method: str, path: str) -> dict[str, Any]:
        exceptions = importlib.import_module("requests").exceptions
        auth = importlib.import_module("google.auth.exceptions")
        try:
            answer = answered(lambda: self._session.request(method, f"{self._api}{path}", timeout=150))
        except auth.GoogleAuthError as error:
            raise CredentialError(f"Google Cloud: {one_line(error)}", LOGIN) from error
        except exceptions.RequestException as error:
            message = f"Google Cloud cannot be reached: {type(error).__name__}"
            raise CredentialError(message, "look at the network and at HTTPS_PROXY") from error
        if answer.status_code != 200:
            raise HostError(f"Google Cloud: {refusal(answer)}", "look at the machine in the console of Google Cloud")
        told: dict[str, Any] = answer.json()
        return told
