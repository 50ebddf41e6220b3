"""Whether Nebius takes the credentials: its SDK asks who is asking, and for the machines of the project."""

import importlib
import os
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from styx.clouds.readiness import Finding, library_missing, one_line, unreachable

PROFILE = "nebius profile create"
TOKEN = "export NEBIUS_IAM_TOKEN=$(nebius iam get-access-token)"  # noqa: S105 - the command, not a token
NOBODY = {"DEADLINE_EXCEEDED", "UNAVAILABLE"}
"""gRPC's codes when no answer came."""

CONFIG = Path("~/.nebius/config.yaml")
"""Where Nebius's own CLI keeps its profiles."""


def check(env: Mapping[str, str] = os.environ, config: Path = CONFIG, patience_s: float = 10) -> Iterator[Finding]:
    """Yield what was found, each as soon as it is known; wait `patience_s` for each answer."""
    try:
        sdk = importlib.import_module("nebius.sdk")
        faults = importlib.import_module("nebius.aio.service_error")
    except ImportError:
        yield library_missing("nebius", "nebius")
        return
    yield Finding("library", "nebius", "ok", version("nebius"))
    mend = TOKEN if env.get("NEBIUS_IAM_TOKEN") else PROFILE
    if mend is PROFILE and not config.expanduser().is_file():
        yield Finding("credentials", "account", "missing", "no NEBIUS_IAM_TOKEN, and no profile", PROFILE)
        return
    try:
        found, source, project = options(env, config.expanduser())
        account = _Account(sdk.SDK(**found, user_agent_prefix="styx/1"), project, patience_s)
        yield from account.findings(source)
        yield from _for_terraform(env, project)
    except faults.RequestError as error:
        yield _refused(error, mend)
    except importlib.import_module("nebius.base.error").SDKError as error:
        yield Finding("credentials", "account", "missing", one_line(error), mend)


def options(env: Mapping[str, str], config: Path) -> tuple[dict[str, Any], str, str]:
    """Return what the SDK is told, where the credentials come from, and the project; a token wins over a profile."""
    told: dict[str, Any] = {}
    project = env.get("NEBIUS_PROJECT_ID", "")
    if env.get("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"):  # gRPC's own setting, which the SDK would not look at
        told["tls_credentials"] = importlib.import_module("grpc").ssl_channel_credentials()
    if token := env.get("NEBIUS_IAM_TOKEN"):
        place = {"domain": env["NEBIUS_ENDPOINT"]} if env.get("NEBIUS_ENDPOINT") else {}
        return told | place | {"credentials": token}, "NEBIUS_IAM_TOKEN", project
    profiles = importlib.import_module("nebius.aio.cli_config")
    reader = profiles.Config(config_file=config)
    try:
        project = project or reader.parent_id
    except profiles.NoParentIdError:
        project = ""
    # A check asks nobody anything: without a browser, a login that has run out is an error.
    told |= {"config_reader": reader, "federation_invitation_no_browser_open": True}
    return told, f"profile {reader.profile_name()}", project


def _for_terraform(env: Mapping[str, str], project: str) -> Iterator[Finding]:
    """Yield what a profile does not help with: the rendered module reads two variables."""
    if not env.get("NEBIUS_IAM_TOKEN"):
        yield Finding("credentials", "NEBIUS_IAM_TOKEN", "missing", "not set, and Terraform's provider reads it", TOKEN)
    if not env.get("NEBIUS_PROJECT_ID"):
        mend = f"export NEBIUS_PROJECT_ID={project or '…'}"
        yield Finding("credentials", "NEBIUS_PROJECT_ID", "missing", "not set: machines are made in a project", mend)


class _Account:
    """The account that the credentials lead to."""

    def __init__(self, sdk: Any, project: str, patience_s: float) -> None:  # noqa: ANN401 - imported above only
        self._sdk = sdk
        self._project = project
        self._waits: dict[str, Any] = {"timeout": patience_s, "retries": 1}

    def findings(self, source: str) -> Iterator[Finding]:
        """Yield who is asking, and whether the project's machines may be seen; close the SDK, whose threads live on."""
        try:
            told = self._sdk.whoami(**self._waits).wait()
            yield Finding("credentials", _who(told), "ok", f"from {source}")
            if self._project:
                yield self._machines()
        finally:
            self._sdk.sync_close()

    def _machines(self) -> Finding:
        compute = importlib.import_module("nebius.api.nebius.compute.v1")
        request = compute.ListInstancesRequest(parent_id=self._project, page_size=1)
        name = f"project {self._project}"
        try:
            compute.InstanceServiceClient(self._sdk).list(request, **self._waits).wait()
        except importlib.import_module("nebius.aio.service_error").RequestError as error:
            return Finding("permission", name, "missing", said(error), "ask for the role editor in it")
        return Finding("permission", name, "ok", "its machines can be listed")


def _who(told: Any) -> str:  # noqa: ANN401
    user, service = told.user_profile, told.service_account_profile
    if service is not None:
        return f"service account {service.info.metadata.id}"
    return f"account {user.id}" if user is not None else "account"


def _refused(error: Any, mend: str) -> Finding:  # noqa: ANN401
    if error.status.code.name in NOBODY:
        return unreachable("Nebius", said(error))
    return Finding("credentials", "account", "missing", said(error), mend)


def said(error: Any) -> str:  # noqa: ANN401
    """Return a refusal in one line: gRPC's code, and Nebius's words."""
    return one_line(f"{error.status.code.name}: {error.status.message or ''}")
