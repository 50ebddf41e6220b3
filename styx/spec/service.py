"""`service` and `pool`: SkyPilot's serving, read and checked; nothing honours it yet."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from styx.spec.fields import (
    INTEGER,
    Block,
    Count,
    Flag,
    Form,
    Line,
    Positive,
    Short,
    TextOrBlock,
    choice,
    number,
    wrong,
)
from styx.spec.quantities import ports

Seconds = Annotated[float, Field(strict=True, ge=0)]


class ReadinessProbe(Block):
    """How a replica shows that it is ready."""

    path: Line
    """The path to ask."""
    initial_delay_seconds: Seconds | None = None
    """How long a replica may take to start."""
    timeout_seconds: Seconds | None = None
    """How long an answer may take."""
    endpoint_probe_interval_seconds: Seconds | None = None
    """Time between two questions."""
    consecutive_failure_threshold_timeout: Seconds | None = None
    """How long a replica may fail before it is replaced."""
    post_data: TextOrBlock | None = None
    """Ask with POST, sending this."""
    headers: Mapping[Line, Line] = Field(default_factory=dict)
    """Headers to send."""


class LoadBalancer(Block):
    """The load balancer before the replicas."""

    stream_timeout_seconds: Seconds | None = None
    """How long a stream may be silent."""


class Pool(Block):
    """Workers that stand ready for jobs."""

    workers: Count | None = None
    """How many stand."""
    min_workers: Count | None = None
    """At least so many."""
    max_workers: Count | None = None
    """At most so many."""
    queue_length_threshold: Positive | None = None
    """Waiting jobs before another worker starts."""
    upscale_delay_seconds: Seconds | None = None
    """How long the need must last before one starts."""
    downscale_delay_seconds: Seconds | None = None
    """How long the lack of need must last before one stops."""


def _target_qps(value: object) -> float | dict[str, float]:
    if not isinstance(value, dict):
        return number(value)
    return {accelerator: number(rate) for accelerator, rate in value.items()}


class ReplicaPolicy(Block):
    """How many replicas stand."""

    min_replicas: Count
    """At least so many."""
    max_replicas: Count | None = None
    """At most so many."""
    num_overprovision: Count | None = None
    """More than needed."""
    target_qps_per_replica: (
        Annotated[float | dict[str, float], Form(_target_qps, ({"type": ["number", "object"]},))] | None
    ) = None
    """Questions a second for one replica, or by accelerator."""
    dynamic_ondemand_fallback: Flag = False
    """Fill gaps in spot replicas with others."""
    base_ondemand_fallback_replicas: Count | None = None
    """Replicas that are never spot."""
    spot_placer: Line | None = None
    """How spot replicas are spread."""
    upscale_delay_seconds: Seconds | None = None
    """How long the need must last before one starts."""
    downscale_delay_seconds: Seconds | None = None
    """How long the lack of need must last before one stops."""


class Tls(Block):
    """Certificates of the endpoint."""

    keyfile: Line
    """The private key."""
    certfile: Line
    """The certificate."""


def _port(value: object) -> int:
    pairs = ports(value)
    if len(pairs) != 1 or pairs[0][0] != pairs[0][1]:
        raise wrong("must be one port")
    return pairs[0][0]


class Service(Block):
    """Replicas of the task behind one endpoint."""

    readiness_probe: Annotated[ReadinessProbe, Short(lambda value: {"path": value})] | None = None
    """How a replica shows that it is ready: a path, or a block."""
    load_balancer: LoadBalancer | None = None
    """The load balancer before the replicas."""
    pool: Pool | None = None
    """Workers that stand ready for jobs."""
    replica_policy: ReplicaPolicy | None = None
    """How many replicas stand, and when that changes."""
    replicas: Count | None = None
    """A fixed number of replicas."""
    workers: Count | None = None
    """A fixed number of workers."""
    ports: Annotated[int, Form(_port, (INTEGER,))] | None = None
    """The port that replicas answer on."""
    load_balancing_policy: Annotated[str, choice("round_robin", "least_load", "instance_aware_least_load")] | None = (
        None
    )
    """Which replica gets a question."""
    tls: Tls | None = None
    """Certificates of the endpoint."""
