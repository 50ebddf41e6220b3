"""The `resources` block: what machine a task needs, with every field and form of SkyPilot's."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AliasChoices, Field, model_validator

from styx.spec.accelerators import AcceleratorsField
from styx.spec.fields import (
    BOOLEAN,
    INTEGER,
    STRING,
    Block,
    Count,
    Flag,
    Form,
    Line,
    Number,
    Script,
    Short,
    Word,
    choice,
    word,
    wrong,
)
from styx.spec.infra import CloudField, InfraField
from styx.spec.quantities import Cpus, DiskSize, LocalDiskField, MemoryField, Minutes, Ports, Seconds, minutes

CONTAINER = "docker:"
"""What an `image_id` begins with that is no machine's but a container's."""


class Autostop(Block):
    """What happens when nothing has run for a while."""

    idle_minutes: Minutes = 5
    """How long a cluster may be idle."""
    down: Flag = False
    """Tear it down instead of stopping it."""
    wait_for: Annotated[str, choice("jobs_and_ssh", "jobs", "none")] = "jobs_and_ssh"
    """What counts as use."""
    hook: Script | None = None
    """Shell text to run on the head before it stops."""
    hook_timeout: Seconds | None = None
    """Seconds that the hook may take."""


def _autostop(value: object) -> dict[str, object] | None:
    if isinstance(value, bool):
        return {} if value else None
    return {"idle_minutes": minutes(value)}


def _exit_codes(value: object) -> tuple[int, ...]:
    codes = value if isinstance(value, list) else [value]
    for place, code in enumerate(codes):
        if isinstance(code, bool) or not isinstance(code, int) or not 0 <= code <= 255:
            raise wrong("must be an exit code", "0 to 255", *((place,) if isinstance(value, list) else ()))
    return tuple(codes)


class JobRecovery(Block, extra="allow"):
    """What to do when a managed job's machine goes away or its command fails."""

    strategy: Line | None = None
    """The strategy's name."""
    max_restarts_on_errors: Count = 0
    """How often a failing command is started again."""
    recover_on_exit_codes: Annotated[
        tuple[int, ...], Form(_exit_codes, (INTEGER, {"type": "array", "items": INTEGER}))
    ] = ()
    """Exit codes after which it always is."""


class AcceleratorArgs(Block):
    """Settings of a TPU."""

    runtime_version: Line | None = None
    """The TPU's software version."""
    tpu_name: Word | None = None
    """The TPU's name."""
    tpu_vm: Flag = True
    """False for the older kind with a host of its own."""
    gcp_queued_resource: Flag = False
    """Ask for it through a queue."""


class DiskVolume(Block, extra="allow"):
    """One more disk of the machine."""

    name: Word | None = None
    """An existing disk."""
    path: Line | None = None
    """Where it is mounted."""
    disk_size: DiskSize | None = None
    """GB."""
    disk_tier: Line | None = None
    """As for the main disk."""
    storage_type: Annotated[str, choice("network", "instance")] = "network"
    """A disk of the network, or inside the machine."""
    attach_mode: Annotated[str, choice("read_write", "read_only")] = "read_write"
    """How it is attached."""
    auto_delete: Flag = False
    """Delete it with the machine."""


def _image(value: object) -> str | Mapping[str, str]:
    """Read an image: a name, an id, `docker:image`, or a mapping of region to id."""
    if not isinstance(value, dict):
        return word(value)
    return {region: _regional(region, image) for region, image in value.items()}


def _regional(region: str, image: object) -> str:
    if not isinstance(image, str):
        raise wrong("must be an image's name or id", "write region: image", region)
    if image.startswith(CONTAINER):
        raise wrong("a container is the same in every region", f"write image_id: {image}", region)
    word(region)
    return word(image)


DiskTier = Annotated[str, choice("low", "medium", "high", "ultra", "best", "none")]
NetworkTier = Annotated[str, choice("standard", "best")]


class Alternative(Block):
    """What one machine must be."""

    infra: InfraField | None = None
    """`cloud[/region[/zone]]`, `k8s/<context>`, `ssh/<pool>`; `*` for any."""
    cloud: CloudField = None
    """Older form of infra."""
    region: Word | None = None
    """Older form of infra."""
    zone: Word | None = None
    """Older form of infra."""
    cpus: Cpus | None = None
    """vCPUs: `4`, or `4+` for at least four."""
    memory: MemoryField | None = None
    """GiB: `32`, `32+`; `64GB`; `4x` for so many GiB a vCPU."""
    accelerators: Annotated[AcceleratorsField | None, Field(validation_alias=AliasChoices("accelerators", "gpus"))] = (
        None
    )
    """`A100:8`; `{A100: 8}`; several to choose from; by memory: `80GB+`, `80GB:2`, `nvidia:40GB+:1`."""
    accelerator_args: AcceleratorArgs | None = None
    """Settings of a TPU."""
    instance_type: Word | None = None
    """A machine type, by the cloud's own name."""
    use_spot: Flag | None = None
    """Rent at the price for machines that may be taken away."""
    job_recovery: Annotated[JobRecovery, Short(lambda value: {"strategy": value})] | None = None
    """What to do when a managed job's machine goes away: a strategy, or a block."""
    disk_size: DiskSize | None = None
    """The main disk: GB, or text such as `1TB`."""
    disk_tier: DiskTier | None = None
    """How fast the main disk is."""
    network_tier: NetworkTier | None = None
    """How fast the network between machines is."""
    local_disk: LocalDiskField | None = None
    """Storage inside the machine: `nvme`, `ssd:500`, `1000+` (GB)."""
    max_hourly_cost: Number | None = None
    """USD an hour that one machine may cost."""
    ports: Ports | None = None
    """Ports to open: `8080`, `8000-8010`, or a list."""
    labels: Mapping[Line, Line] = Field(default_factory=dict)
    """Labels or tags for the machines."""
    image_id: (
        Annotated[str | Mapping[str, str], Form(_image, (STRING, {"type": "object", "additionalProperties": STRING}))]
        | None
    ) = None
    """A name, an id, a mapping of region to id, or `docker:image`."""
    autostop: Annotated[Autostop | None, Short(_autostop, (BOOLEAN, INTEGER, STRING))] = None
    """Stop when idle: true, minutes, text such as `10h`, or a block."""
    volumes: tuple[DiskVolume, ...] = ()
    """More disks."""
    priority: int | None = Field(default=None, strict=True, ge=-1000, le=1000)
    """A managed job's place in the queue: -1000 to 1000."""
    priority_class: Word | None = None
    """A priority by name."""

    @model_validator(mode="before")
    @classmethod
    def _one_name(cls, data: object) -> object:
        if isinstance(data, dict) and "gpus" in data and "accelerators" in data:
            raise wrong("gpus is another name of accelerators", "keep one of the two", "gpus")
        return data

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.infra and (self.cloud or self.region or self.zone):
            raise wrong("infra and cloud, region or zone are two ways to say the same", "keep infra", "infra")
        return self


class Resources(Alternative):
    """What machines a task needs."""

    any_of: tuple[Alternative, ...] = ()
    """The cheapest of these, each completed by the fields above."""
    ordered: tuple[Alternative, ...] = ()
    """The first of these that can be had, each completed by the fields above."""

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        _unambiguous(self)
        return self


def _unambiguous(resources: Resources) -> None:
    """Refuse two rankings of alternatives at once."""
    several = resources.accelerators is not None and len(resources.accelerators.asks) > 1
    hint = "name one accelerator in each entry"
    if several and resources.ordered:
        raise wrong("several accelerators cannot be combined with ordered", hint, "accelerators")
    if several and resources.any_of and resources.accelerators and resources.accelerators.ordered:
        raise wrong("a list of accelerators (in order) cannot be combined with any_of", hint, "accelerators")
    for place, entry in enumerate(resources.ordered or resources.any_of):
        asked = entry.accelerators
        if asked and len(asked.asks) > 1 and (resources.ordered or asked.ordered):
            where = "ordered" if resources.ordered else "any_of"
            raise wrong("an entry names one accelerator", "make each an entry of its own", where, place, "accelerators")
