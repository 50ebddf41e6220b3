"""What an account of AWS still has of Styx's clusters: EC2 lists all that carries the tags, IAM the roles."""

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from styx.clouds.aws.check import NO_REGION, REFUSED
from styx.clouds.readiness import one_line
from styx.clouds.sweep import CLUSTER, Account, Found, Kind
from styx.errors import CredentialError, ToolMissingError

LOGIN = "aws configure sso"


@dataclass(frozen=True, slots=True)
class _Listed:
    """How EC2 lists one kind, and ends one of it."""

    kind: Kind
    ask: str
    answer: str
    id: str
    end: str
    given: str
    """The argument that names the one to end."""
    created: str = ""


LISTED = (
    _Listed("machine", "describe_instances", "Reservations", "InstanceId", "terminate_instances", "InstanceIds",
            "LaunchTime"),
    _Listed("disk", "describe_volumes", "Volumes", "VolumeId", "delete_volume", "VolumeId", "CreateTime"),
    _Listed("interface", "describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId",
            "delete_network_interface", "NetworkInterfaceId"),
    _Listed("address", "describe_addresses", "Addresses", "AllocationId", "release_address", "AllocationId"),
    _Listed("gateway", "describe_nat_gateways", "NatGateways", "NatGatewayId", "delete_nat_gateway", "NatGatewayId",
            "CreateTime"),
    _Listed("endpoint", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", "delete_vpc_endpoints",
            "VpcEndpointIds", "CreationTimestamp"),
    _Listed("template", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateId", "delete_launch_template",
            "LaunchTemplateId", "CreateTime"),
    _Listed("group", "describe_placement_groups", "PlacementGroups", "GroupName", "delete_placement_group",
            "GroupName"),
    _Listed("key", "describe_key_pairs", "KeyPairs", "KeyName", "delete_key_pair", "KeyName", "CreateTime"),
    _Listed("firewall", "describe_security_groups", "SecurityGroups", "GroupId", "delete_security_group", "GroupId"),
    _Listed("subnet", "describe_subnets", "Subnets", "SubnetId", "delete_subnet", "SubnetId"),
    _Listed("route table", "describe_route_tables", "RouteTables", "RouteTableId", "delete_route_table",
            "RouteTableId"),
    _Listed("way out", "describe_internet_gateways", "InternetGateways", "InternetGatewayId",
            "delete_internet_gateway", "InternetGatewayId"),
    _Listed("network", "describe_vpcs", "Vpcs", "VpcId", "delete_vpc", "VpcId"),
)  # fmt: skip

GONE = frozenset({"terminated", "deleted"})
"""States of what is still listed for a while."""


def account() -> Account:
    """Return the account that boto3 finds, as Terraform's provider does."""
    try:
        boto3 = importlib.import_module("boto3")
    except ImportError:
        raise ToolMissingError("boto3 is not installed", "pip install 'styx-infra[aws]'") from None
    faults = importlib.import_module("botocore.exceptions")
    try:
        session = boto3.Session()
        credentials = session.get_credentials()
    except faults.BotoCoreError as error:
        raise CredentialError(f"AWS: {one_line(error)}", LOGIN) from error
    if credentials is None:
        raise CredentialError("AWS: no credentials found", LOGIN)
    return _Account(session)


class _Account:
    """The account that the user's own settings lead to."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401 - the library is imported only here, and has no types
        self._session = session
        config = importlib.import_module("botocore.config").Config
        retries = {"mode": "standard", "total_max_attempts": 6}
        self._settings = config(connect_timeout=5, read_timeout=20, retries=retries, max_pool_connections=len(LISTED))
        self._clients: dict[str, Any] = {}

    def find(self, cluster: str, regions: Sequence[str]) -> Iterable[Found]:
        """Return what stands in these regions, all kinds of all of them asked for at once."""
        wanted = [{"Name": f"tag:{CLUSTER}", "Values": [cluster]} if cluster else _any()]
        places = tuple(regions) or self._regions()
        for region in places:
            self._ec2(region)  # made one by one: a session is not for several threads, its clients are
        questions = [(region, listed) for region in places for listed in LISTED]
        with ThreadPoolExecutor(len(LISTED)) as pool:
            asked = [pool.submit(self._list, region, listed, wanted) for region, listed in questions]
            return [one for answer in asked for one in self._read(answer.result)]

    def remove(self, found: Found) -> str:
        """Ask for its end: what others stand on is refused."""
        faults = importlib.import_module("botocore.exceptions")
        ec2 = self._ec2(found.region)
        listed = next(one for one in LISTED if one.kind == found.kind)
        given: Any = [found.id] if listed.given.endswith("Ids") else found.id
        try:
            if found.kind == "way out":
                _detach(ec2, found.id)
            elif found.kind == "route table":
                _dissociate(ec2, found.id)
            getattr(ec2, listed.end)(**{listed.given: given})
        except faults.ClientError as error:
            told = error.response["Error"]
            return "" if "NotFound" in told["Code"] or told["Code"].endswith(".Unknown") else _said(error)
        except faults.BotoCoreError as error:
            return one_line(error)
        return ""

    def _regions(self) -> tuple[str, ...]:
        """Return the regions that the account can use."""
        home = self._session.region_name or NO_REGION
        told = self._read(self._ec2(home).describe_regions)
        return tuple(one["RegionName"] for one in told["Regions"])

    def _list(self, region: str, listed: _Listed, wanted: list[dict[str, Any]]) -> list[Found]:
        ec2 = self._ec2(region)
        if ec2.can_paginate(listed.ask):
            pages = ec2.get_paginator(listed.ask).paginate(Filters=wanted)
        else:
            pages = [getattr(ec2, listed.ask)(Filters=wanted)]
        rows = (row for page in pages for row in _rows(page[listed.answer]))
        return [_found(listed, row, region) for row in rows if _state(row) not in GONE]

    def _read(self, ask: Callable[[], Any]) -> Any:  # noqa: ANN401
        """Return the answer; raise CredentialError for whatever keeps it from us."""
        faults = importlib.import_module("botocore.exceptions")
        try:
            return ask()
        except faults.ClientError as error:
            code = error.response["Error"]["Code"]
            hint = "ask for ec2:Describe* and ec2:Delete*, or AmazonEC2FullAccess" if code in REFUSED else LOGIN
            raise CredentialError(f"AWS: {_said(error)}", hint) from error
        except (faults.EndpointConnectionError, faults.HTTPClientError) as error:
            message = f"AWS cannot be reached: {one_line(error)}"
            raise CredentialError(message, "look at the network and at HTTPS_PROXY") from error
        except faults.BotoCoreError as error:
            raise CredentialError(f"AWS: {one_line(error)}", "aws sso login") from error

    def _ec2(self, region: str) -> Any:  # noqa: ANN401
        if region not in self._clients:
            self._clients[region] = self._session.client("ec2", region_name=region, config=self._settings)
        return self._clients[region]


def _any() -> dict[str, Any]:
    return {"Name": "tag-key", "Values": [CLUSTER]}


def _rows(answer: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of an answer; machines come in reservations."""
    for row in answer:
        yield from row.get("Instances", (row,))


def _state(row: Mapping[str, Any]) -> str:
    state = row.get("State", "")
    return str(state["Name"] if isinstance(state, dict) else state)


def _found(listed: _Listed, row: Mapping[str, Any], region: str) -> Found:
    tags = {tag["Key"]: tag["Value"] for tag in row.get("Tags", row.get("TagSet", ()))}
    made = row.get(listed.created) if listed.created else None
    return Found(
        kind=listed.kind,
        id=row[listed.id],
        name=tags.get("Name") or row.get("KeyName") or row.get("LaunchTemplateName") or row[listed.id],
        cluster=tags[CLUSTER],
        region=region,
        zone=row.get("AvailabilityZone") or row.get("Placement", {}).get("AvailabilityZone", ""),
        tags=tags,
        holds_data=listed.kind in {"machine", "disk"},
        created=made.isoformat() if made else "",
        part_of=_machine_of(row),
    )


def _machine_of(row: Mapping[str, Any]) -> str:
    """Return the machine that a disk or an interface is at, and ends with."""
    attached = [*row.get("Attachments", ()), row.get("Attachment", {})]
    return next((str(one["InstanceId"]) for one in attached if one.get("InstanceId")), "")


def _detach(ec2: Any, gateway: str) -> None:  # noqa: ANN401
    (told,) = ec2.describe_internet_gateways(InternetGatewayIds=[gateway])["InternetGateways"]
    for one in told["Attachments"]:
        ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=one["VpcId"])


def _dissociate(ec2: Any, table: str) -> None:  # noqa: ANN401
    (told,) = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    for one in told["Associations"]:
        if not one.get("Main"):
            ec2.disassociate_route_table(AssociationId=one["RouteTableAssociationId"])


def _said(error: Any) -> str:  # noqa: ANN401
    told: Mapping[str, str] = error.response["Error"]
    return one_line(f"{told['Code']}: {told.get('Message', '')}")
