"""What a project of Nebius still has of Styx's clusters: everything carries labels, and is listed by its kind."""

import importlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from styx.clouds.nebius.check import CONFIG, NOBODY, PROFILE, TOKEN, options, said
from styx.clouds.readiness import PROXY, one_line
from styx.clouds.sweep import CLUSTER, Account, Found, Kind
from styx.errors import CredentialError, ToolMissingError

PAGE = 500
PATIENCE_S = 20.0
RETRIES = 5


@dataclass(frozen=True, slots=True)
class _Listed:
    """How the SDK calls one kind."""

    kind: Kind
    package: str
    one: str
    many: str


LISTED = (
    _Listed("machine", "compute", "Instance", "Instances"),
    _Listed("disk", "compute", "Disk", "Disks"),
    _Listed("group", "compute", "GpuCluster", "GpuClusters"),
    _Listed("firewall", "vpc", "SecurityGroup", "SecurityGroups"),
    _Listed("subnet", "vpc", "Subnet", "Subnets"),
    _Listed("network", "vpc", "Network", "Networks"),
)
RULE = _Listed("template", "vpc", "SecurityRule", "SecurityRules")
"""A rule stands in its security group; it must go before that."""


def account(env: Mapping[str, str] = os.environ, config: Path = CONFIG) -> Account:
    """Return the project that Terraform's provider would use."""
    sdk, project = signed_in(env, config)
    if not project:
        raise CredentialError("NEBIUS_PROJECT_ID is not set", "export NEBIUS_PROJECT_ID=…")
    return _Project(sdk, project)


def signed_in(env: Mapping[str, str], config: Path) -> tuple[Any, str]:
    """Return the SDK as Terraform's provider would sign in, and the project, empty where none is named."""
    try:
        sdk = importlib.import_module("nebius.sdk")
        faults = importlib.import_module("nebius.base.error")
    except ImportError:
        raise ToolMissingError("nebius is not installed", "pip install 'styx-infra[nebius]'") from None
    if not env.get("NEBIUS_IAM_TOKEN") and not config.expanduser().is_file():
        raise CredentialError("Nebius: no NEBIUS_IAM_TOKEN, and no profile", PROFILE)
    try:
        found, _, project = options(env, config.expanduser())
    except faults.SDKError as error:
        raise CredentialError(f"Nebius: {one_line(error)}", PROFILE) from error
    return sdk.SDK(**found, user_agent_prefix="styx/1"), project or ""


class _Project:
    """One project, which stands in one region."""

    def __init__(self, sdk: Any, project: str) -> None:  # noqa: ANN401 - imported above only
        self._sdk = sdk
        self._project = project

    def find(self, cluster: str, regions: Sequence[str]) -> Iterable[Found]:
        """Return what carries the label in the project."""
        del regions
        for listed in LISTED:
            for row in self._rows(listed, self._project):
                labels = dict(row.metadata.labels)
                if CLUSTER in labels and cluster in {"", labels[CLUSTER]}:
                    yield _found(listed.kind, row, labels)
                    if listed.kind == "firewall":
                        rules = self._rows(RULE, row.metadata.id)
                        yield from (_found(RULE.kind, rule, {**labels, **dict(rule.metadata.labels)}) for rule in rules)

    def remove(self, found: Found) -> str:
        """Ask for its end: what others stand on is refused."""
        listed = next(one for one in (*LISTED, RULE) if one.kind == found.kind)
        api, client = self._service(listed)
        request = getattr(api, f"Delete{listed.one}Request")(id=found.id)
        faults = importlib.import_module("nebius.aio.service_error")
        try:
            client.delete(request, timeout=PATIENCE_S, retries=RETRIES).wait()
        except faults.RequestError as error:
            return "" if error.status.code.name == "NOT_FOUND" else said(error)
        return ""

    def _rows(self, listed: _Listed, parent: str) -> Iterator[Any]:
        """Yield all of one kind, page by page."""
        api, client = self._service(listed)
        token = ""
        while True:
            request = getattr(api, f"List{listed.many}Request")(parent_id=parent, page_size=PAGE, page_token=token)
            answer = _asked(client.list, request)
            yield from answer.items
            token = answer.next_page_token
            if not token:
                return

    def _service(self, listed: _Listed) -> tuple[Any, Any]:
        api = importlib.import_module(f"nebius.api.nebius.{listed.package}.v1")
        return api, getattr(api, f"{listed.one}ServiceClient")(self._sdk)


def _asked(ask: Callable[..., Any], request: Any) -> Any:  # noqa: ANN401
    faults = importlib.import_module("nebius.aio.service_error")
    try:
        return ask(request, timeout=PATIENCE_S, retries=RETRIES).wait()
    except faults.RequestError as error:
        if error.status.code.name in NOBODY:
            raise CredentialError(f"Nebius cannot be reached: {said(error)}", PROXY) from error
        raise CredentialError(f"Nebius: {said(error)}", TOKEN) from error


def _found(kind: Kind, row: Any, labels: Mapping[str, str]) -> Found:  # noqa: ANN401
    made = row.metadata.created_at
    return Found(
        kind=kind,
        id=row.metadata.id,
        name=row.metadata.name,
        cluster=labels[CLUSTER],
        tags=dict(labels),
        holds_data=kind in {"machine", "disk"},
        created=made.isoformat() if made else "",
        part_of=row.status.read_write_attachment if kind == "disk" else "",
    )
