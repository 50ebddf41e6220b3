"""What Terraform is told: the variables of terraform.tfvars.json."""

from typing import TYPE_CHECKING, Any

from styx.plan import Placement

if TYPE_CHECKING:
    from styx.render.bundle import Rendering


def variables(rendering: "Rendering") -> dict[str, Any]:
    """Return terraform.tfvars.json: every value that the templates must not see."""
    placement = rendering.placement
    return {
        "cluster_name": rendering.cluster,
        "placement": f"{placement.cloud}/{placement.region}",
        "hosts": hosts(rendering.cluster, placement),
        "hourly_usd": placement.cost.hourly_usd,
        "budget_hourly_usd": rendering.task.styx.budget.limit_hourly_usd,
    }


def hosts(cluster: str, placement: Placement) -> dict[str, dict[str, Any]]:
    """Expand the groups into host name → what it is, in order of rank: the one place where hosts get names."""
    names: dict[str, dict[str, Any]] = {}
    for group in placement.groups:
        for number in range(1, group.min_count + 1):
            name = f"{cluster}-{group.name}" if group.role == "head" else f"{cluster}-{group.name}-{number}"
            names[name] = {
                "role": group.role,
                "rank": len(names),
                "group": group.name,
                "instance_type": group.offer.instance_type,
                "market": group.market,
                "zone": group.zone,
            }
    return names
