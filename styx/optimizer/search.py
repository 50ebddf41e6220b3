"""Finding the machines of one task: every way that its spec allows, judged against every offer."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from styx import clouds
from styx.errors import SpecError, UsageError
from styx.optimizer import resolve
from styx.optimizer.ask import Ask, from_request
from styx.optimizer.blocklist import Blocked
from styx.optimizer.index import Index
from styx.optimizer.judgement import Judgement, Spot

if TYPE_CHECKING:
    from styx.spec import Request, SpecFile, TaskSpec
    from styx.spec.styx_block import Head


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is asked beside the spec."""

    blocklist: tuple[Blocked, ...] = ()
    """Offers to leave out."""
    minimize: str | None = None
    """`cost` or `time`, over the spec's `styx.minimize`."""
    only: bool = False
    """The clouds given are all that may be used: also of what a spec names."""
    restart_hours: float = 0
    """Lost each time that a spot machine is taken back; 0 when it is not known: spot is then ranked by price."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to meet a task's needs: the groups of machines that it takes."""

    number: int
    """Its place among the alternatives."""
    asks: tuple[Ask, ...]
    """One for all machines; or the head's and the workers'."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way at a place, with the cheapest machines that it has there."""

    way: Way
    spots: tuple[Spot, ...]
    """One for each ask of the way."""

    @property
    def place(self) -> int:
        """The number of the place."""
        return self.spots[0].place

    @property
    def micro_usd(self) -> int:
        """Millionths of a USD an hour for all machines."""
        return sum(spot.micro_usd for spot in self.spots)

    @property
    def rank(self) -> tuple[int, int, tuple[int, ...], int]:
        """Sort key: the price, the way, the larger machine (of the workers before the head's), the place."""
        return self.micro_usd, self.way.number, tuple(spot.kind for spot in reversed(self.spots)), self.place


@dataclass(frozen=True, slots=True)
class Found:
    """What one way has to offer."""

    way: Way
    judgements: tuple[Judgement, ...]
    candidates: tuple[Candidate, ...]
    """One a place, cheapest first."""


@dataclass(frozen=True)
class Search:
    """Everything found for one task."""

    found: tuple[Found, ...]
    """One a way, in the spec's order."""
    ordered: bool
    slower: tuple[Found, ...] = ()
    """When time counts: the same ways with machines of any speed, for the last rungs of the ladder."""
    candidates: tuple[Candidate, ...] = field(init=False)
    """The best of each place, best first: of the first way that has any when the spec gives an order."""

    def __post_init__(self) -> None:
        pools = [one.candidates for one in self.found if one.candidates]
        if self.ordered or len(pools) == 1:
            object.__setattr__(self, "candidates", pools[0] if pools else ())
            return
        best: dict[int, Candidate] = {}
        for candidate in (one for pool in pools for one in pool):
            kept = best.get(candidate.place)
            if kept is None or candidate.rank < kept.rank:
                best[candidate.place] = candidate
        object.__setattr__(self, "candidates", tuple(sorted(best.values(), key=lambda one: one.rank)))


class Searcher:
    """Searches for the tasks of one spec; tasks that ask the same are searched for once."""

    def __init__(self, index: Index, cloud_ids: Sequence[str], conditions: Conditions) -> None:
        self._index, self._cloud_ids, self._conditions = index, tuple(cloud_ids), conditions
        self._searches: dict[tuple[object, ...], Search] = {}

    def search(self, spec: "SpecFile", number: int) -> Search:
        """Search for task `number` of `spec`; raise SpecError naming the nearest when it names what does not exist."""
        task = spec.tasks[number]
        ways, ordered = self.ways(spec, number)
        fast = (self._conditions.minimize or task.styx.minimize) == "time"
        key = (*(way.asks for way in ways), ordered, fast, task.styx.budget.limit_hourly_usd)
        if key not in self._searches:
            found = [self._found(way) for way in ways]
            limit = task.styx.budget.limit_hourly_usd
            slower: list[Found] = []
            if fast:
                slower = [self._found(limited(one.way, budget_usd=limit)) for one in found]
                found = self._fastest(found, slower, limit)
            if limit is not None:
                found, slower = self._fully_priced(found), self._fully_priced(slower)
            self._searches[key] = Search(tuple(found), ordered, tuple(slower))
        return self._searches[key]

    def ways(self, spec: "SpecFile", number: int) -> tuple[list[Way], bool]:
        """Return the ways to meet a task's needs, and whether they are in order of preference."""
        from styx.spec import requests

        asked = requests(spec.tasks[number])
        pairs = [resolve.resolved(request, self._index) for request in self._allowed(asked.alternatives)]
        resolve.refuse(spec, number, [one for _, unknown in pairs for one in unknown])
        ways = [Way(place, self._asks(spec, number, request)) for place, (request, _) in enumerate(pairs)]
        return ways, asked.ordered

    def _allowed(self, alternatives: "Sequence[Request]") -> "list[Request]":
        """Return the alternatives on clouds that may be used; raise UsageError when there is none."""
        if not self._conditions.only:
            return list(alternatives)
        allowed = [one for one in alternatives if one.cloud in (None, *self._cloud_ids)]
        if not allowed:
            asked = " or ".join(sorted({one.cloud for one in alternatives if one.cloud}))
            message = f"the spec asks for {asked}; only {', '.join(self._cloud_ids)} may be used"
            raise UsageError(message, f"allow {asked} too, or change `infra` of the spec (--infra)")
        return allowed

    def _asks(self, spec: "SpecFile", number: int, request: "Request") -> tuple[Ask, ...]:
        task = spec.tasks[number]
        own = task.styx.ray.head
        if own is None:
            return (self._with_network(task, self._ask(task, request, task.num_nodes)),)
        if task.num_nodes == 1:
            fault = spec.fault(
                number, "styx.ray.head", "the only machine cannot be unlike itself", "set num_nodes: 2 or more"
            )
            raise SpecError([fault])
        head, unknown = resolve.resolved(_head_request(own, request), self._index)
        resolve.refuse(spec, number, unknown)
        workers = self._ask(task, request, task.num_nodes - 1)
        return self._ask(task, head, 1), self._with_network(task, workers)

    def _with_network(self, task: "TaskSpec", ask: Ask) -> Ask:
        """Return `ask` with what the cluster's own network takes on each cloud: it decides which is cheapest."""
        if not task.styx.network.needs_gateway:
            return ask
        allowed = [one for one in ask.cloud_ids if one in clouds.ids()]
        return replace(ask, network=tuple((one, tuple(clouds.by_id(one).services(task).items())) for one in allowed))

    def _ask(self, task: "TaskSpec", request: "Request", num_nodes: int) -> Ask:
        cloud_ids = (request.cloud,) if request.cloud else self._cloud_ids
        ask = replace(
            from_request(request, num_nodes, cloud_ids),
            public_ip=task.styx.network.has_public_ip,
            blocklist=self._conditions.blocklist,
            restart_hours=self._conditions.restart_hours if request.use_spot else 0,
        )
        if (ask.cpus_default or ask.memory_default) and not self._index.judge(ask).fitting:
            return ask.without_defaults()
        return ask

    def _found(self, way: Way) -> Found:
        judgements = tuple(self._index.judge(ask) for ask in way.asks)
        by_place = [{spot.place: spot for spot in judgement.best} for judgement in judgements]
        shared = set(by_place[0]).intersection(*by_place[1:])
        candidates = [Candidate(way, tuple(best[place] for best in by_place)) for place in shared]
        return Found(way, judgements, tuple(sorted(candidates, key=lambda one: one.rank)))

    def _fully_priced(self, found: list[Found]) -> list[Found]:
        """Return `found` with only the candidates whose cost is known in full, unless there is none."""
        known = [replace(one, candidates=tuple(filter(self._is_known, one.candidates))) for one in found]
        return known if any(one.candidates for one in known) else found

    def _is_known(self, candidate: Candidate) -> bool:
        place = self._index.place(candidate.place)
        return all(
            spot.known and self._index.facts.beside(ask, place).known
            for ask, spot in zip(candidate.way.asks, candidate.spots, strict=True)
        )

    def _fastest(self, found: list[Found], within: list[Found], budget_usd: float | None) -> list[Found]:
        """Return `found` with only the fastest of the machines `within` the budget; the workers decide how fast."""
        fitting = [one for one in within if one.candidates]
        if not fitting:
            return found
        least = max(self._index.fastest(one.way.asks[-1]) for one in fitting)
        return [self._found(limited(one.way, budget_usd=budget_usd, least_tflops=least)) for one in within]


def limited(way: Way, *, budget_usd: float | None, least_tflops: float | None = None) -> Way:
    """Return `way` with limits on its workers."""
    *before, last = way.asks
    return replace(way, asks=(*before, replace(last, budget_usd=budget_usd, least_tflops=least_tflops)))


def _head_request(head: "Head", request: "Request") -> "Request":
    """Return what `styx.ray.head` asks for, at the place of the workers' request.

    A head of its own is on demand: when it goes away, so does the cluster.
    """
    return replace(
        request,
        cpus=head.cpus,
        memory_gib=head.memory.gib if head.memory else None,
        memory_per_cpu=head.memory.per_cpu if head.memory else None,
        accelerator=head.accelerators.asks[0] if head.accelerators else None,
        instance_type=head.instance_type,
        disk_size_gib=head.disk_size or request.disk_size_gib,
        local_disk=None,
        use_spot=False,
        max_hourly_usd=None,
    )
