"""Telling the server of the clusters that this agent's user has: what the page shows of them, and what they cost."""

from typing import TYPE_CHECKING

from styx.agent.client import Client
from styx.agent.clock import Clock
from styx.errors import StyxError

if TYPE_CHECKING:
    from styx.state import ClusterRecord

LOOK_S = 5.0
"""How often the registry is read."""
AGAIN_S = 3600.0
"""How often the same is told again: a server may have lost its database since."""


class Clusters:
    """The clusters of this machine's registry, and what of them the server knows."""

    def __init__(self, agent: str, clock: Clock) -> None:
        self._agent, self._clock = agent, clock
        self._told: list[dict[str, object]] | None = None
        self._told_at = self._looked_at = -1e9

    def tell(self, client: Client) -> None:
        """Tell what has changed, if anything; a StyxError leaves it to the next time."""
        if self._clock.now() - self._looked_at < LOOK_S:
            return
        self._looked_at = self._clock.now()
        found = _recorded()
        if found == self._told and self._clock.now() - self._told_at < AGAIN_S:
            return
        if found or self._told is not None:
            client.post("/api/v1/agents/clusters", {"agent": self._agent, "clusters": found})
        self._told, self._told_at = found, self._clock.now()


def _recorded() -> list[dict[str, object]]:
    from styx.state import Store

    try:
        with Store.open() as store:
            return [_cluster(record) for record in store.clusters() if record.live]
    except StyxError:
        return []  # whoever changes a cluster is told what is wrong with the registry


def _cluster(record: "ClusterRecord") -> dict[str, object]:
    return {
        "name": record.name, "status": record.status, "where": f"{record.cloud}/{record.region}",
        "nodes": record.num_nodes, "hourly_usd": record.hourly_usd, "since": record.created_at,
    }  # fmt: skip
