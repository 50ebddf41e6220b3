"""Refusing by name what would otherwise be ignored: fields that nothing, or not this cloud, can honour."""

import re
from collections.abc import Iterator
from typing import get_args

from styx import clouds, paths
from styx.clouds import Capability, Cloud
from styx.errors import SpecError, UsageError
from styx.lifecycle.limits import Row, beyond
from styx.lifecycle.target import Target
from styx.plan import Placement

_CAPABILITIES: frozenset[str] = frozenset(get_args(Capability))
_ENVIRONMENT = frozenset(
    f"styx.environment.{name}" for name in ("python", "conda", "docker", "cuda", "cudnn", "driver", "packages")
)
"""What is installed for the whole machine; one that is a folder of this computer gets none of it."""
_SSH = 22
_OWN_TAGS = 4
"""styx-cluster, styx-run, styx-owner and a machine's name."""


def refuse_unhonoured(target: Target) -> None:
    """Raise SpecError naming every field of the task that nothing honours yet."""
    from styx.spec import unhonoured

    faults = [
        target.spec.fault(target.index, path, reason, "remove it, or leave this spec to SkyPilot")
        for path, reason in unhonoured(target.task)
    ]
    if faults:
        raise SpecError(faults, "remove the fields named above")


def refuse_on_standing(target: Target) -> None:
    """Raise SpecError naming what another job cannot bring to machines that stand: buckets are a cluster's own."""
    faults = [
        target.spec.fault(target.index, f"file_mounts.{place}", "a bucket comes to a cluster with `styx apply`")
        for place, mount in target.task.file_mounts.items()
        if mount.is_bucket
    ]
    if faults:
        raise SpecError(faults, "name the bucket in the cluster's own spec, and apply that")


def refuse_beyond(target: Target, placement: Placement) -> None:
    """Raise SpecError naming every field that the chosen cloud cannot honour, and every value that it refuses.

    Raises UsageError for a cloud whose Terraform is still to be written.
    """
    cloud = clouds.by_id(placement.cloud)
    if not (paths.templates() / "terraform" / cloud.id).is_dir():
        what = f"there is no Terraform for {cloud.title} yet: machines on it can be compared, not made"
        raise UsageError(what, "see the choice with `styx optimize SPEC`, or name another cloud with --infra")
    rows = [*_unable(target, cloud), *_network(target, cloud), *_ways_in(target, cloud), *_tags(target, cloud)]
    rows += _stopping(target, placement, cloud)
    rows += beyond(target, placement, cloud)
    faults = [target.spec.fault(target.index, path, message, hint) for path, message, hint in rows]
    if faults:
        raise SpecError(faults, "mend the fields named above, or name another cloud with --infra")


def _unable(target: Target, cloud: Cloud) -> Iterator[Row]:
    """Yield the fields that the cloud has no means for."""
    from styx.spec import requests, set_fields

    alternatives = requests(target.task).alternatives
    asked = {field for request in alternatives for field in request.asked & _CAPABILITIES}
    if cloud.is_remote and not any(request.machine_image for request in alternatives):
        asked -= {"image_id"}  # a container's, which any machine can run
    for field in sorted(asked - cloud.capabilities):
        yield f"resources.{field}", f"{cloud.title} cannot honour {field}", "remove it"
    styx = {field for field in _CAPABILITIES - cloud.capabilities if field.startswith("styx.")}
    styx |= set() if cloud.is_remote else _ENVIRONMENT
    for field in sorted(set_fields(target.task, styx)):
        yield field, f"{cloud.title} cannot honour {field.removeprefix('styx.')}", "remove it"
    for place, mount in target.task.file_mounts.items():
        if mount.is_bucket and not cloud.is_remote:
            yield f"file_mounts.{place}", f"{cloud.title} cannot honour a bucket as a file mount", "copy it yourself"


def _stopping(target: Target, placement: Placement, cloud: Cloud) -> Iterator[Row]:
    """Yield what the machines of the cloud cannot do to themselves when they are idle, or their time is over."""
    from styx.spec import requests

    facts, lifetime = cloud.stopping, target.task.styx.lifetime
    asked = next((one.autostop for one in requests(target.task).alternatives if one.autostop), None)
    if asked is None or facts.autostop != "shutdown":
        return
    if asked.down and facts.autodown != "shutdown":
        yield "resources.autostop", f"a machine of {cloud.title} cannot end itself", "let it stop: down: false"
    if asked.down:
        return
    if any(group.market == "spot" for group in placement.groups) and not facts.spot_can_stop:
        yield "resources.autostop", f"a spot machine of {cloud.title} cannot be stopped", "write down: true"
    if lifetime and facts.shutdown == "chosen":
        text = f"a shutdown of a machine of {cloud.title} stops it or ends it, not now one and then the other"
        yield "styx.lifetime", text, "write autostop.down: true, or leave out the lifetime"


def _network(target: Target, cloud: Cloud) -> Iterator[Row]:
    """Yield what the network block asks for that makes no whole."""
    network = target.task.styx.network
    if network.tunnel and "styx.network.tunnel" in cloud.capabilities and network.tunnel not in cloud.tunnels:
        known = " or ".join(cloud.tunnels)
        yield "styx.network.tunnel", f"{cloud.title} has no tunnel called {network.tunnel}", f"write {known}"
    if (network.vpc or network.security_groups) and not network.subnet:
        field = "vpc" if network.vpc else "security_groups"
        yield f"styx.network.{field}", f"{field} without a subnet says not where machines go", "name the subnet, too"
    if network.tunnel and network.proxy_jump:
        yield "styx.network.proxy_jump", "machines are reached through a tunnel or a jump host, not both", "keep one"
    named = {"allow": network.allow, "egress": network.egress}
    named |= {f"ports.{port}": cidrs for port, cidrs in network.ports.items()}
    for field, cidrs in named.items():
        for cidr in cidrs:
            if ":" in cidr:
                yield f"styx.network.{field}", f"{cidr}: the networks that Styx makes are IPv4", "name IPv4 networks"


def _ways_in(target: Target, cloud: Cloud) -> Iterator[Row]:
    """Yield what would keep everybody out, or say what others decide."""
    from styx.spec import requests

    network = target.task.styx.network
    open_ports = any(request.ports for request in requests(target.task).alternatives)
    if network.security_groups and (network.allow or network.ports or network.egress or open_ports):
        text = "the named security groups decide what gets in and out"
        yield "styx.network.security_groups", text, "leave out allow, ports and egress, or the groups"
    if network.proxy_jump and not network.subnet:
        text = "no host to go through is in the network that Styx makes"
        yield "styx.network.proxy_jump", text, "name the subnet, and with allow the jump host's address"
    elif network.proxy_jump and not (network.allow or network.security_groups or network.tunnel):
        text = "the machines let in your own address alone, and the jump host comes from another"
        yield "styx.network.proxy_jump", text, "name the jump host's: allow: [10.0.0.5/32]"
    if network.tunnel and network.public_ip is True:
        text = "a tunnel reaches private addresses, and public_ip gives the machines public ones"
        yield "styx.network.public_ip", text, "leave out one of the two"
    if network.public_ip is False and not (network.tunnel or network.proxy_jump or network.subnet):
        ways = " or ".join(["proxy_jump", *(["tunnel"] if cloud.tunnels else [])])
        yield "styx.network.public_ip", "nobody could reach machines without a public address", f"give them {ways}"
    for ports in network.ports:
        first, last = (int(part) for part in (str(ports).split("-") * 2)[:2])
        if first <= _SSH <= last:
            yield f"styx.network.ports.{ports}", "port 22 is SSH's: it would be closed to yourself", "write allow: […]"


def _tags(target: Target, cloud: Cloud) -> Iterator[Row]:
    """Yield the tags and labels that the cloud refuses."""
    from styx.spec import requests

    rule = cloud.tag_rule
    if rule is None:
        return
    labels = {key: text for one in requests(target.task).alternatives for key, text in one.labels.items()}
    given = [("resources.labels", labels), ("styx.tags", target.task.styx.tags)]
    for path, tags in given:
        for key, text in tags.items():
            if key.startswith("styx-"):
                yield f"{path}.{key}", f"the tag {key!r} is Styx's own", "give it another name"
            elif not re.fullmatch(rule.key, key) or not re.fullmatch(rule.value, text):
                yield f"{path}.{key}", f"{cloud.title} takes no tag {key!r}: {text!r}", rule.said
    if sum(len(tags) for _, tags in given) > rule.most - _OWN_TAGS:
        yield "styx.tags", f"{cloud.title} takes {rule.most} tags, {_OWN_TAGS} of them Styx's own", "give fewer"
