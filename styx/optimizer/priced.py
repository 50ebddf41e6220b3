"""What is not sure about a placement's cost: parts that nobody knows, which are not zero, and prices in doubt."""

from typing import TYPE_CHECKING

from styx.optimizer.index import index

if TYPE_CHECKING:
    from styx.catalog import Catalog
    from styx.plan import Placement
    from styx.spec import TaskSpec


def unknown_parts(catalog: "Catalog", task: "TaskSpec", placement: "Placement") -> frozenset[str]:
    """Return which of `compute`, `disk`, `address` and `egress` have no known price; none when the cost is complete."""
    if placement.cost.complete:
        return frozenset()
    facts = index(catalog).facts
    rented = [group for group in placement.groups if not group.offer.divisible]
    disks = (facts.disk_rate(placement.cloud, placement.region, group.disk_tier) for group in rented if group.disk_gib)
    addresses = (facts.addresses.get((placement.cloud, group.market)) for group in rented)
    found = {
        "compute": any(group.offer.price_usd(group.market) is None for group in placement.groups),
        "disk": None in disks,
        "address": task.styx.network.has_public_ip and None in addresses,
        "egress": not placement.cost.egress_known,
    }
    return frozenset(name for name, unknown in found.items() if unknown)


def needed(catalog: "Catalog", placement: "Placement") -> str:
    """Return what an account needs to rent machines at a placement beside being one; empty where any may."""
    where = (placement.cloud, placement.region)
    return next((one.restricted for one in index(catalog).places if (one.cloud, one.region) == where), "")


def doubts(catalog: "Catalog", placement: "Placement") -> tuple[str, ...]:
    """Return what the catalog's lint doubts about the machines of a placement."""
    found = index(catalog)
    return tuple(doubt for group in placement.groups for doubt in found.doubts(group.offer))


def doubtful(catalog: "Catalog", placement: "Placement") -> bool:
    """Tell whether the catalog's lint says that a price of a placement looks wrong."""
    found = index(catalog)
    return any(found.looks_wrong(group.offer) for group in placement.groups)
