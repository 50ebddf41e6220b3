"""Refusing by name what would otherwise be ignored: fields that nothing, or not this cloud, can honour."""

from typing import get_args

from styx import clouds, paths
from styx.clouds import Capability
from styx.errors import SpecError, UsageError
from styx.lifecycle.target import Target
from styx.plan import Placement

_CAPABILITIES: frozenset[str] = frozenset(get_args(Capability))


def refuse_unhonoured(target: Target) -> None:
    """Raise SpecError naming every field of the task that nothing honours yet."""
    from styx.spec import unhonoured

    faults = [
        target.spec.fault(target.index, path, reason, "remove it, or leave this spec to SkyPilot")
        for path, reason in unhonoured(target.task)
    ]
    if faults:
        raise SpecError(faults, "remove the fields named above")


def refuse_beyond(target: Target, placement: Placement) -> None:
    """Raise SpecError naming every field of `resources` that the chosen cloud cannot honour.

    Raises UsageError for a cloud whose Terraform is still to be written.
    """
    from styx.spec import requests

    cloud = clouds.by_id(placement.cloud)
    if not (paths.templates() / "terraform" / cloud.id).is_dir():
        what = f"there is no Terraform for {cloud.title} yet: machines on it can be compared, not made"
        raise UsageError(what, "see the choice with `styx optimize SPEC`, or name another cloud with --infra")
    asked = {field for request in requests(target.task).alternatives for field in request.asked & _CAPABILITIES}
    faults = [
        target.spec.fault(target.index, f"resources.{field}", f"{cloud.title} cannot honour {field}", "remove it")
        for field in sorted(asked - cloud.capabilities)
    ]
    if faults:
        raise SpecError(faults, "remove the fields named above, or name another cloud with --infra")
