"""What keeps Terraform from its state: credentials, an address, a store that is not there; as data."""

import re
from dataclasses import dataclass

from styx.run.terraform_events import Diagnostic


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a backend did not answer as it should."""

    pattern: str
    """Found in what Terraform says."""
    hint: str
    credentials: bool = True
    """False when the place of the state is at fault, not who asks for it."""


_REASONS = (
    Reason("remote state endpoint (requires|invalid) auth", "export TF_HTTP_USERNAME and TF_HTTP_PASSWORD"),
    Reason(
        "pq: (password authentication failed|no pg_hba.conf entry|role .* does not exist|permission denied)",
        "export PGUSER and PGPASSWORD, or the whole address as PG_CONN_STR",
    ),
    Reason(
        "^parse .*invalid (userinfo|URL escape)", "percent-encode the password in PG_CONN_STR, or export PGPASSWORD"
    ),
    Reason(
        "No valid credential sources|InvalidAccessKeyId|InvalidClientTokenId|SignatureDoesNotMatch|ExpiredToken"
        "|failed to refresh cached credentials|S3: .*(AccessDenied|StatusCode: 403)",
        "see who you are with `aws sts get-caller-identity`; log in with `aws sso login` or export AWS_PROFILE",
    ),
    Reason(
        "could not find default credentials|storage.NewClient|oauth2: |googleapi: Error 40[13]",
        "run `gcloud auth application-default login`, or export GOOGLE_BACKEND_CREDENTIALS",
    ),
    Reason(
        "Azure CLI|authorizer|AuthenticationFailed|Authorization(Failure|PermissionMismatch)|unexpected status 40[13]"
        "|KeyBasedAuthenticationNotPermitted|either an Access Key",
        "run `az login`, or export ARM_ACCESS_KEY, ARM_SAS_TOKEN or the ARM_ variables of a service principal",
    ),
    Reason("S3 bucket .* does not exist|NoSuchBucket", "make the bucket first: Terraform does not", credentials=False),
    Reason("pq: database .* does not exist", "make it first with createdb: Terraform does not", credentials=False),
    Reason(
        "^(Error refreshing state|[Ee]rror loading state|Failed to (get existing workspaces|save state|persist state)"
        "|Error acquiring the state lock|Error saving state|Failed to load state|dial tcp)",
        "see that what terraform/backend.tf names can be reached from here, then run the command again",
        credentials=False,
    ),
)
"""The first that fits counts."""

_CHANGED = re.compile("^(Backend configuration changed|Can't ask approval for state migration)")


def reason(said: Diagnostic) -> Reason | None:
    """Return why the backend failed; None when `said` is about something else: a file or a resource."""
    if said.address or said.file:
        return None
    text = f"{said.summary}\n{said.detail}"
    return next((one for one in _REASONS if re.search(one.pattern, text)), None)


def has_moved(said: Diagnostic) -> bool:
    """Say whether Terraform found another backend than the one that the folder was initialised with."""
    return bool(_CHANGED.search(said.summary))
