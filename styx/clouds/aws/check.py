"""Whether AWS lets this account in, and make machines: STS says who is asking, dry runs of EC2 what they may do."""

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from styx.clouds.readiness import Finding, library_missing, one_line, unreachable

NO_REGION = "us-east-1"
"""Asked when the user's settings name no region: an account's permissions are mostly those of everywhere."""

SOURCES = {
    "env": "environment variables",
    "shared-credentials-file": "the shared credentials file",
    "config-file": "the config file",
    "iam-role": "this machine's instance profile",
    "container-role": "this container's role",
    "custom-process": "a credential process",
    "sso": "SSO",
}
"""botocore's name of a source → ours; of the others its name is good enough."""

QUOTAS = {"L-1216C47A": "standard", "L-DB2E81BA": "G", "L-417A185B": "P"}
"""Code of a quota of vCPUs on demand → its families; P has the A100 and later, G the smaller GPUs."""

REFUSED = ("UnauthorizedOperation", "AccessDenied", "AccessDeniedException")


def check() -> Iterator[Finding]:
    """Yield what was found, each as soon as it is known."""
    try:
        boto3 = importlib.import_module("boto3")
    except ImportError:
        yield library_missing("boto3", "aws")
        return
    yield Finding("library", "boto3", "ok", boto3.__version__)
    faults = importlib.import_module("botocore.exceptions")
    try:
        yield from _Account(boto3).findings()
    except (faults.EndpointConnectionError, faults.HTTPClientError) as error:
        yield unreachable("AWS", str(error))
    except faults.ProfileNotFound as error:
        yield Finding("credentials", "account", "missing", one_line(error), "aws configure sso")
    except faults.ClientError as error:
        yield Finding("credentials", "account", "missing", _said(error), "aws configure sso")
    except faults.BotoCoreError as error:  # a token of SSO that is missing, expired or cannot be refreshed, mostly
        yield Finding("credentials", "account", "missing", one_line(error), "aws sso login")


class _Account:
    """The account that the user's own settings lead to."""

    def __init__(self, boto3: Any) -> None:  # noqa: ANN401 - the library is imported only here, and has no types
        self._session = boto3.Session()
        config = importlib.import_module("botocore.config").Config
        self._settings = config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
        self._region = self._session.region_name or NO_REGION

    def findings(self) -> Iterator[Finding]:
        """Yield who is asking, what they may do, and how many machines they may have."""
        found = self._session.get_credentials()
        if found is None:
            yield Finding("credentials", "account", "missing", "no credentials found", "aws configure sso")
            return
        told = self._client("sts").get_caller_identity()
        source = SOURCES.get(found.method, found.method)
        yield Finding("credentials", f"account {told['Account']}", "ok", f"from {source}")
        yield from self._permissions(_mend(told["Arn"]))
        yield from self._quotas()

    def _permissions(self, mend: str) -> Iterator[Finding]:
        """Dry runs of what Terraform does first: nothing is made."""
        ec2 = self._client("ec2")
        group = {"GroupName": "styx-check", "Description": "a dry run of styx check"}
        yield self._may("ec2:CreateSecurityGroup", lambda: ec2.create_security_group(DryRun=True, **group), mend)
        image = self._image(ec2)
        if isinstance(image, Finding):
            yield image if image.state != "missing" else _with_mend(image, mend)
            return
        machine: dict[str, Any] = {"ImageId": image, "InstanceType": "m5.large", "MinCount": 1, "MaxCount": 1}
        machine["TagSpecifications"] = [{"ResourceType": "instance", "Tags": [{"Key": "styx-cluster", "Value": "-"}]}]
        yield self._may("ec2:RunInstances", lambda: ec2.run_instances(DryRun=True, **machine), mend)

    def _image(self, ec2: Any) -> str | Finding:  # noqa: ANN401
        """Return some image: EC2 says what one may do with it only when there is one."""
        faults = importlib.import_module("botocore.exceptions")
        wanted = [{"Name": "name", "Values": ["al2023-ami-2023*-x86_64"]}]
        try:
            images = ec2.describe_images(Owners=["amazon"], Filters=wanted)["Images"]
        except faults.ClientError as error:
            return Finding("permission", "ec2:DescribeImages", "missing", _said(error))
        if not images:
            return Finding("permission", "ec2:RunInstances", "note", f"{self._region} has no image to ask with")
        return str(images[0]["ImageId"])

    def _may(self, action: str, dry_run: Any, mend: str) -> Finding:  # noqa: ANN401
        faults = importlib.import_module("botocore.exceptions")
        try:
            dry_run()
        except faults.ClientError as error:
            code = error.response["Error"]["Code"]
            if code in REFUSED:
                return Finding("permission", action, "missing", f"not allowed in {self._region}", mend)
            if code != "DryRunOperation":
                return Finding("permission", action, "note", f"cannot be told: {_said(error)}")
        return Finding("permission", action, "ok", f"allowed in {self._region}")

    def _quotas(self) -> Iterator[Finding]:
        """Say how many vCPUs may run on demand; who may not ask for quotas is not told of them."""
        faults = importlib.import_module("botocore.exceptions")
        quotas = self._client("service-quotas")
        try:
            told = {code: quotas.get_service_quota(ServiceCode="ec2", QuotaCode=code)["Quota"] for code in QUOTAS}
        except faults.ClientError:
            return
        limits = {code: float(quota["Value"]) for code, quota in told.items()}
        said = ", ".join(f"{QUOTAS[code]} {limit:g}" for code, limit in limits.items())
        none = next((code for code, limit in limits.items() if not limit), "")
        ask = "aws service-quotas request-service-quota-increase --service-code ec2 --quota-code"
        mend = f"{ask} {none} --desired-value 96 --region {self._region}" if none else ""
        yield Finding("quota", "vCPUs on demand", "note" if none else "ok", f"{self._region}: {said}", mend)

    def _client(self, service: str) -> Any:  # noqa: ANN401
        return self._session.client(service, region_name=self._region, config=self._settings)


def _said(error: Any) -> str:  # noqa: ANN401
    told: Mapping[str, str] = error.response["Error"]
    return one_line(f"{told['Code']}: {told.get('Message', '')}")


def _with_mend(finding: Finding, mend: str) -> Finding:
    return Finding(finding.subject, finding.name, finding.state, finding.said, mend)


def _mend(arn: str) -> str:
    """Return the command that lets the caller use EC2; who comes through SSO asks an administrator."""
    kind, _, name = arn.rpartition(":")[2].partition("/")
    policy = "--policy-arn arn:aws:iam::aws:policy/AmazonEC2FullAccess"
    if kind == "user":
        return f"aws iam attach-user-policy --user-name {name.rpartition('/')[2]} {policy}"
    role = name.partition("/")[0]
    if kind == "assumed-role" and not role.startswith("AWSReservedSSO_"):
        return f"aws iam attach-role-policy --role-name {role} {policy}"
    return "ask an administrator of the account for AmazonEC2FullAccess"
