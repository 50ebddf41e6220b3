"""Whether Azure lets this account in, and make machines: its credentials are those of Terraform's provider."""

import importlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from styx.clouds.readiness import Finding, library_missing, one_line, refusal, unreachable

PLACES = {
    "public": ("https://management.azure.com", "login.microsoftonline.com"),
    "usgovernment": ("https://management.usgovcloudapi.net", "login.microsoftonline.us"),
    "china": ("https://management.chinacloudapi.cn", "login.chinacloudapi.cn"),
}
"""ARM_ENVIRONMENT → the resource manager, and who gives tokens."""

REGION = {"public": "eastus", "usgovernment": "usgovvirginia", "china": "chinanorth3"}
"""ARM_ENVIRONMENT → the region whose quota is shown: Azure has none by default."""

ACTIONS = (
    "Microsoft.Compute/virtualMachines/write",
    "Microsoft.Network/networkInterfaces/write",
    "Microsoft.Network/virtualNetworks/write",
    "Microsoft.Resources/subscriptions/resourceGroups/write",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Which of Azure's clouds."""

    manager: str
    login: str
    known: bool
    """False for one of somebody's own, whose authority nobody vouches for."""


def check(env: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Yield what was found, each as soon as it is known."""
    try:
        identity = importlib.import_module("azure.identity")
        faults = importlib.import_module("azure.core.exceptions")
    except ImportError:
        yield library_missing("azure-identity", "azure")
        return
    yield Finding("library", "azure-identity", "ok", identity.__version__)
    mend = "az login"
    try:
        place = place_of(env)
        credential, source, mend = credential_of(identity, place, env)
        credential.get_token(f"{place.manager}/.default")
        subscription = env.get("ARM_SUBSCRIPTION_ID", "")
        yield Finding("credentials", "account", "ok", f"from {source}")
        if not subscription:
            mend = "export ARM_SUBSCRIPTION_ID=$(az account show --query id --output tsv)"
            yield Finding("credentials", "subscription", "missing", "ARM_SUBSCRIPTION_ID is not set", mend)
            return
        region = REGION.get(env.get("ARM_ENVIRONMENT", "public"), REGION["public"])
        yield from _Subscription(Manager(place.manager, credential), subscription).findings(region)
    except faults.ClientAuthenticationError as error:
        yield Finding("credentials", "account", "missing", one_line(error.message), mend)
    except (faults.ServiceRequestError, faults.ServiceResponseError) as error:
        yield unreachable("Azure", str(error))
    except faults.AzureError as error:
        yield Finding("credentials", "account", "missing", one_line(error.message), mend)


def place_of(env: Mapping[str, str]) -> Place:
    """Return the cloud that ARM_METADATA_HOSTNAME describes, else the one that ARM_ENVIRONMENT names."""
    if host := env.get("ARM_METADATA_HOSTNAME"):
        told = Manager(f"https://{host}").get("/metadata/endpoints", "2022-09-01").json()
        one = told[0] if isinstance(told, list) else told
        login = one["authentication"]["loginEndpoint"].removeprefix("https://").rstrip("/")
        return Place(one["resourceManager"].rstrip("/"), login, known=False)
    return Place(*PLACES.get(env.get("ARM_ENVIRONMENT", "public"), PLACES["public"]), known=True)


def credential_of(identity: Any, place: Place, env: Mapping[str, str]) -> tuple[Any, str, str]:  # noqa: ANN401
    """Return a credential, where it comes from, and what renews it, in the order of Terraform's provider."""
    tenant, client = env.get("ARM_TENANT_ID", ""), env.get("ARM_CLIENT_ID", "")
    known: dict[str, Any] = {"authority": f"https://{place.login}", "disable_instance_discovery": not place.known}
    if client and tenant and (secret := env.get("ARM_CLIENT_SECRET")):
        mend = f"az ad sp credential reset --id {client}"
        return identity.ClientSecretCredential(tenant, client, secret, **known), "ARM_CLIENT_SECRET", mend
    if client and tenant and (path := env.get("ARM_CLIENT_CERTIFICATE_PATH")):
        password = env.get("ARM_CLIENT_CERTIFICATE_PASSWORD") or None
        mend = f"az ad sp credential reset --id {client} --create-cert"
        credential = identity.CertificateCredential(tenant, client, path, password=password, **known)
        return credential, "ARM_CLIENT_CERTIFICATE_PATH", mend
    if env.get("ARM_USE_MSI", "").lower() in {"true", "1"}:
        mend = "az vm identity assign --resource-group … --name …"
        return identity.ManagedIdentityCredential(client_id=client or None), "this machine's managed identity", mend
    return identity.AzureCliCredential(), "the Azure CLI", "az login"


class Manager:
    """The resource manager, asked through REST: Azure's libraries for one service take seconds to import."""

    def __init__(self, url: str, credential: Any = None, retries: int = 1) -> None:  # noqa: ANN401
        policies = importlib.import_module("azure.core.pipeline.policies")
        transport = importlib.import_module("azure.core.pipeline.transport")
        chain = [policies.RetryPolicy(retry_total=retries)]
        if credential is not None:
            chain.append(policies.BearerTokenCredentialPolicy(credential, f"{url}/.default"))
        waits = transport.RequestsTransport(connection_timeout=5, read_timeout=10)
        self._client = importlib.import_module("azure.core").PipelineClient(url, policies=chain, transport=waits)
        self._url = url

    def get(self, path: str, version: str) -> Any:  # noqa: ANN401
        """Return the answer, whatever its status."""
        return self.ask("GET", path, {"api-version": version})

    def ask(self, method: str, path: str, query: Mapping[str, str]) -> Any:  # noqa: ANN401
        """Return the answer; a whole URL, as an answer names its next page, is asked as it is."""
        request = importlib.import_module("azure.core.rest").HttpRequest
        if path.startswith("https://"):
            return self._client.send_request(request(method, path))
        return self._client.send_request(request(method, f"{self._url}{path}", params=dict(query)))


class _Subscription:
    """One subscription, as the resource manager tells of it."""

    def __init__(self, manager: Manager, subscription: str) -> None:
        self._manager = manager
        self._path = f"/subscriptions/{subscription}"
        self._name = f"subscription {subscription}"

    def findings(self, region: str) -> Iterator[Finding]:
        """Yield whether it can be used, what may be done there, and how many vCPUs there may be."""
        answer = self._manager.get(self._path, "2022-12-01")
        if answer.status_code != 200:
            mend = "export ARM_SUBSCRIPTION_ID=$(az account show --query id --output tsv)"
            yield Finding("credentials", self._name, "missing", refusal(answer), mend)
            return
        state = answer.json().get("state", "Enabled")
        yield Finding("credentials", self._name, "ok" if state in {"Enabled", "PastDue"} else "missing", state)
        yield from self._permissions()
        yield from self._quotas(region)

    def _permissions(self) -> Iterator[Finding]:
        answer = self._manager.get(f"{self._path}/providers/Microsoft.Authorization/permissions", "2022-04-01")
        if answer.status_code != 200:
            yield Finding("permission", "to make machines", "note", f"cannot be told: {refusal(answer)}")
            return
        held = answer.json().get("value", [])
        lacking = [action for action in ACTIONS if not any(_allows(role, action) for role in held)]
        if lacking:
            mend = f"az role assignment create --role Contributor --scope {self._path} --assignee …"
            yield Finding("permission", "to make machines", "missing", f"lacks {', '.join(lacking)}", mend)
        else:
            yield Finding("permission", "to make machines", "ok", "allowed")

    def _quotas(self, region: str) -> Iterator[Finding]:
        path = f"{self._path}/providers/Microsoft.Compute/locations/{region}/usages"
        answer = self._manager.get(path, "2024-07-01")
        if answer.status_code != 200:
            return
        usages = {usage["name"]["value"]: usage for usage in answer.json().get("value", [])}
        cores, spot = usages.get("cores"), usages.get("lowPriorityCores")
        gpus = sum(1 for name, one in usages.items() if name.lower().startswith("standardn") and one["limit"])
        if cores is None:
            return
        said = f"{region}: {cores['currentValue']} of {cores['limit']} used"
        said += f", spot {spot['currentValue']} of {spot['limit']}" if spot else ""
        mend = "" if gpus else "https://aka.ms/quotas"
        told = f"{said}, {gpus} GPU families" if gpus else f"{said}, no GPU family"
        yield Finding("quota", "vCPUs", "ok" if gpus else "note", told, mend)


def _allows(role: Mapping[str, list[str]], action: str) -> bool:
    """Tell whether a role's `actions`, less its `notActions`, hold an action; `*` stands for anything."""

    def matches(patterns: list[str]) -> bool:
        return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)

    return matches(role.get("actions", [])) and not matches(role.get("notActions", []))
