"""What Terraform is told: the variables of terraform.tfvars.json, and which blocks the module consists of."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from styx import clouds
from styx.clouds import Cloud, TagRule, Wanted
from styx.plan import Group, Placement
from styx.render.wanted import both, request, wanted

if TYPE_CHECKING:
    from styx.render.bundle import Rendering


@dataclass(frozen=True, slots=True)
class Needs:
    """Which blocks a module consists of: all that its templates decide by, besides the cloud's own inputs."""

    ssh: bool
    """Machines are logged in to; without it a machine is a part of this computer."""
    budget: bool
    policy: bool
    """Only some places or machine types may be used, or some tags must be there."""
    tags: bool
    access: bool
    """Ports are open, or SSH is for others than the caller."""
    spot: bool
    public_ip: bool
    tunnel: str
    """ssm, iap or bastion; empty for none."""
    proxy_jump: bool
    existing_network: bool
    zone: bool
    """The spec names the machines' zone."""
    existing_firewall: bool
    """Security groups are named in the spec and used as they are."""
    egress: bool
    """Only some networks may be reached from the machines."""
    host_firewall: bool
    """The cloud has none of its own, so the machines' own lets in who may."""
    fast_network: bool
    volumes: bool
    buckets: bool


@dataclass(frozen=True, slots=True)
class Module:
    """One cluster's root module, before its templates are filled."""

    needs: Needs
    variables: dict[str, Any]
    """terraform.tfvars.json: every value that the templates must not see."""
    inputs: dict[str, Any]
    """Those of them that only this cloud has."""


def module(rendering: "Rendering") -> Module:
    """Return the module that makes the machines of `rendering`."""
    cloud = clouds.by_id(rendering.placement.cloud)
    want = wanted(rendering, cloud)
    needs = _needs(rendering, want, cloud)
    inputs = dict(cloud.inputs(want))
    remote = _remote(rendering, want, needs, cloud) if needs.ssh else {}
    return Module(needs, {**_machines(rendering, needs), **remote, **inputs}, inputs)


def _needs(rendering: "Rendering", want: Wanted, cloud: Cloud) -> Needs:
    network = rendering.task.styx.network
    return Needs(
        ssh=bool(cloud.login_user),
        budget=_budget_hourly_usd(rendering) is not None,
        policy=bool(_policies(rendering)),
        tags=bool(_tags(rendering, cloud.tag_rule)),
        access=bool(_access(rendering)),
        spot=any(group.market == "spot" for group in want.groups),
        public_ip=network.has_public_ip,
        tunnel=want.tunnel,
        proxy_jump=bool(network.proxy_jump),
        existing_network=bool(network.vpc or network.subnet),
        zone=request(rendering).zone is not None,
        existing_firewall=bool(network.security_groups),
        egress=bool(network.egress),
        host_firewall=not cloud.has_firewall,
        fast_network=want.fast_network,
        volumes=bool(want.volumes),
        buckets=bool(want.buckets),
    )


def _machines(rendering: "Rendering", needs: Needs) -> dict[str, Any]:
    """Return what every cloud's module is told of its machines."""
    placement = rendering.placement
    told = {
        "cluster_name": rendering.cluster,
        "placement": f"{placement.cloud}/{placement.region}",
        "groups": [_group(group, placement, needs) for group in both(placement.groups)],
    }
    if needs.policy:
        told["policies"] = _policies(rendering)
    budget = _budget_hourly_usd(rendering)
    if budget is None:
        return told
    return {**told, "budget_hourly_usd": budget, "network_hourly_usd": placement.cost.network_usd}


def _budget_hourly_usd(rendering: "Rendering") -> float | None:
    """Return the tightest of the budgets that hold, None when there is none."""
    budgets = (rendering.task.styx.budget, *(policy.budget for policy in rendering.policies))
    return min((limit for one in budgets if (limit := one.limit_hourly_usd) is not None), default=None)


def _policies(rendering: "Rendering") -> list[dict[str, list[str]]]:
    """Return what Terraform can hold a plan to, as regular expressions over `cloud/region` and machine types."""
    found = [
        {
            "clouds": [_pattern(f"{cloud}/*") for cloud in policy.clouds],
            "regions": [_pattern(one if "/" in one else f"*/{one}") for one in policy.regions],
            "instance_types": [_pattern(one) for one in policy.instance_types],
            "tags": list(policy.tags),
        }
        for policy in rendering.policies
    ]
    return [one for one in found if any(one.values())]


def _pattern(glob: str) -> str:
    """Return a glob as a regular expression of Terraform's."""
    return "^" + re.escape(glob).replace(r"\*", ".*").replace(r"\?", ".") + "$"


def _group(group: Group, placement: Placement, needs: Needs) -> dict[str, Any]:
    told = {
        "name": group.name,
        "role": group.role,
        "count": group.min_count,
        "instance_type": group.offer.instance_type,
        "zone": group.zone,
        "disk_gib": group.disk_gib,
    }
    if needs.spot:
        told["market"] = group.market
    if needs.budget:
        cost = placement.cost
        beside = (cost.disk_usd + cost.address_usd) / max(placement.num_nodes, 1)
        told["hourly_usd"] = round((group.offer.price_usd(group.market) or 0) + beside, 6)
    return told


def _remote(rendering: "Rendering", want: Wanted, needs: Needs, cloud: Cloud) -> dict[str, Any]:
    """Return what the modules of clouds are told besides: who gets in, and what the machines carry and use."""
    network = rendering.task.styx.network
    told: dict[str, Any] = {"public_key": rendering.public_key}
    if needs.access:
        told["access"] = _access(rendering)
    if needs.tags:
        told["tags"] = _tags(rendering, cloud.tag_rule)
    if needs.proxy_jump:
        told["proxy_jump"] = network.proxy_jump
    if needs.egress:
        told["egress_cidrs"] = list(network.egress)
    if needs.existing_network or needs.existing_firewall:
        told["network"] = {
            "vpc": network.vpc,
            "subnet": network.subnet,
            "security_groups": list(network.security_groups),
        }
    if needs.volumes:
        told["volumes"] = {one.name: {"path": one.path, "disk_gib": one.disk_gib} for one in want.volumes}
    if needs.buckets:
        told["buckets"] = {name: {"write": write} for name, write in sorted(want.buckets.items())}
    return told


def _tags(rendering: "Rendering", rule: TagRule | None) -> dict[str, str]:
    """Return what the user wants everything to carry; the owner's name in letters that the cloud takes."""
    styx = rendering.task.styx
    if rule is None:
        return {}
    owner = {"styx-owner": rule.plain(styx.owner)} if styx.owner else {}
    return {**request(rendering).labels, **styx.tags, **owner}


def _access(rendering: "Rendering") -> dict[str, Any]:
    """Return the networks that get in; an open port without networks of its own is open to those of SSH."""
    network = rendering.task.styx.network
    asked = {f"{first}-{last}" if last > first else str(first): () for first, last in request(rendering).ports}
    ports = {str(port): list(cidrs) for port, cidrs in {**asked, **network.ports}.items()}
    return {"ssh": list(network.allow), "ports": ports} if ports or network.allow else {}
