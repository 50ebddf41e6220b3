"""Whether Google Cloud lets this account in, and make machines: credentials and project are Terraform's."""

import importlib
import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from styx.clouds.readiness import Finding, library_missing, one_line, refusal, unreachable

LOGIN = "gcloud auth application-default login"
SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)

PROJECT_VARIABLES = ("GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT")
"""In the order in which Terraform's provider reads them."""

PERMISSIONS = (
    "compute.disks.create",
    "compute.firewalls.create",
    "compute.instances.create",
    "compute.instances.setMetadata",
    "compute.networks.create",
    "compute.subnetworks.create",
)


def check(env: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Yield what was found, each as soon as it is known."""
    try:
        auth = importlib.import_module("google.auth")
        http = importlib.import_module("google.auth.transport.requests")
    except ImportError:
        yield library_missing("google-auth", "gcp")
        return
    yield Finding("library", "google-auth", "ok", importlib.import_module("google.auth.version").__version__)
    try:
        found, own_project, source = credentials(auth, env)
        if not env.get("GOOGLE_OAUTH_ACCESS_TOKEN"):
            found.refresh(http.Request())
        named = next((env[name] for name in PROJECT_VARIABLES if env.get(name)), "")
        project = named or own_project
        yield Finding("credentials", _who(found), "ok", f"from {source}")
        if not named:  # Terraform's provider takes none from the credentials
            yield Finding(
                "credentials", "GOOGLE_PROJECT", "missing", "not set", f"export GOOGLE_PROJECT={project or '…'}"
            )
        if not project:
            return
        yield from _Project(http.AuthorizedSession(found), project, env, _member(found)).findings()
    except auth.exceptions.TransportError as error:
        yield unreachable("Google Cloud", str(error))
    except auth.exceptions.GoogleAuthError as error:
        yield Finding("credentials", "account", "missing", one_line(error), LOGIN)
    except importlib.import_module("requests").RequestException as error:
        yield unreachable("Google Cloud", type(error).__name__)


def credentials(auth: Any, env: Mapping[str, str]) -> tuple[Any, str | None, str]:  # noqa: ANN401 - imported above only
    """Return credentials, their project and where they come from, in the order of Terraform's provider."""
    if token := env.get("GOOGLE_OAUTH_ACCESS_TOKEN"):
        made = importlib.import_module("google.oauth2.credentials").Credentials(token)
        return made, None, "GOOGLE_OAUTH_ACCESS_TOKEN"
    if text := env.get("GOOGLE_CREDENTIALS"):
        with warnings.catch_warnings():  # google-auth warns of files from strangers; this one is the user's own
            warnings.simplefilter("ignore", DeprecationWarning)
            load = _load_text if text.lstrip().startswith("{") else auth.load_credentials_from_file
            return *load(text, scopes=SCOPES), "GOOGLE_CREDENTIALS"
    named = "GOOGLE_APPLICATION_CREDENTIALS"
    return *auth.default(scopes=SCOPES), named if env.get(named) else "application default credentials"


def _load_text(text: str, scopes: Sequence[str]) -> tuple[Any, str | None]:
    auth = importlib.import_module("google.auth")
    try:
        told = json.loads(text)
    except ValueError:
        raise auth.exceptions.MalformedError("GOOGLE_CREDENTIALS begins like JSON and is none") from None
    loaded: tuple[Any, str | None] = auth.load_credentials_from_dict(told, scopes=scopes)
    return loaded


def _who(credentials: Any) -> str:  # noqa: ANN401
    return str(getattr(credentials, "service_account_email", "") or "user account")


def _member(credentials: Any) -> str:  # noqa: ANN401
    email = getattr(credentials, "service_account_email", "")
    return f"serviceAccount:{email}" if email else "user:$(gcloud config get account)"


class _Project:
    """One project, asked through REST: Google's library for Compute takes seconds to import."""

    def __init__(self, session: Any, project: str, env: Mapping[str, str], member: str) -> None:  # noqa: ANN401
        self._session = session
        self._project = project
        self._member = member
        self._compute = env.get("GOOGLE_COMPUTE_CUSTOM_ENDPOINT") or "https://compute.googleapis.com/compute/v1/"
        manager = env.get("GOOGLE_RESOURCE_MANAGER_CUSTOM_ENDPOINT")
        self._manager = manager or "https://cloudresourcemanager.googleapis.com/v1/"

    def findings(self) -> Iterator[Finding]:
        """Yield whether Compute Engine is on, what may be done there, and how many GPUs there may be."""
        answer = self._session.get(f"{self._compute}projects/{self._project}", timeout=10)
        if answer.status_code != 200:
            yield self._refused(answer)
            return
        yield Finding("permission", f"project {self._project}", "ok", "Compute Engine is on")
        yield from self._permissions()
        yield from self._quotas(answer.json())

    def _refused(self, answer: Any) -> Finding:  # noqa: ANN401
        said = refusal(answer)
        name = f"project {self._project}"
        if answer.status_code == 401:
            return Finding("credentials", name, "missing", said, LOGIN)
        if "SERVICE_DISABLED" in answer.text or "accessNotConfigured" in answer.text:
            mend = f"gcloud services enable compute.googleapis.com --project {self._project}"
            return Finding("permission", name, "missing", "Compute Engine is off", mend)
        if answer.status_code == 404:
            return Finding("credentials", name, "missing", said, "export GOOGLE_PROJECT=…")
        return Finding("permission", name, "missing", said, self._grant())

    def _permissions(self) -> Iterator[Finding]:
        url = f"{self._manager}projects/{self._project}:testIamPermissions"
        answer = self._session.post(url, json={"permissions": PERMISSIONS}, timeout=10)
        if answer.status_code != 200:
            yield Finding("permission", "to make machines", "note", f"cannot be told: {refusal(answer)}")
            return
        lacking = [name for name in PERMISSIONS if name not in answer.json().get("permissions", [])]
        if lacking:
            yield Finding("permission", "to make machines", "missing", f"lacks {', '.join(lacking)}", self._grant())
        else:
            yield Finding("permission", "to make machines", "ok", "allowed")

    def _grant(self) -> str:
        grant = f"gcloud projects add-iam-policy-binding {self._project}"
        return f"{grant} --member={self._member} --role=roles/compute.admin"

    def _quotas(self, told: Mapping[str, Any]) -> Iterator[Finding]:
        quotas = {quota["metric"]: quota for quota in told.get("quotas", ())}
        gpus = quotas.get("GPUS_ALL_REGIONS")
        if gpus is None:
            return
        said = f"{gpus['usage']:g} of {gpus['limit']:g} used"
        mend = "" if gpus["limit"] else f"https://console.cloud.google.com/iam-admin/quotas?project={self._project}"
        yield Finding("quota", "GPUs in all regions", "ok" if gpus["limit"] else "note", said, mend)
