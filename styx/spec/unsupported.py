"""Fields that parse, are checked, and that nothing honours yet: refused by name when a spec is planned."""

import re
from collections.abc import Iterable, Iterator

from pydantic import BaseModel

from styx.spec.mounts import Mount, is_uri
from styx.spec.resources import DiskVolume
from styx.spec.secrets import MANAGED
from styx.spec.task import TaskSpec

FIELDS = (
    "service", "pool", "volumes", "config", "event_callback", "managed_secrets", "volume_mounts",
    "api_server_access",
    "resources.job_recovery", "resources.priority", "resources.priority_class",
    "resources.accelerator_args",
    "styx.reservation",
)  # fmt: skip
"""Fields that ask for something whenever they are set; each line shrinks as its feature comes."""

_STORES = re.compile(r"(s3|gs|az|r2|nebius)://.*|https://[a-z0-9]+\.blob\.core\.windows\.net/.+")
"""Buckets that the role of that name can reach."""

EMPTY: tuple[object, ...] = (None, False, (), {})


def unhonoured(task: TaskSpec) -> list[tuple[str, str]]:
    """Return (path, reason) of every field of `task` that nothing honours yet."""
    found = [path for field in FIELDS for path in _set(task, field)]
    rows = [(path, f"{path.removeprefix('styx.')} is not supported yet") for path in found]
    for target, mount in task.file_mounts.items():
        rows += [(f"file_mounts.{target}", f"{what} is not supported yet") for what in _of_bucket(mount)]
    for path, volume in _volumes(task):
        rows += [(path, f"{what} is not supported yet") for what in _of_volume(volume)]
    managed = [name for name in task.secrets if name.startswith(MANAGED)]
    return rows + [("secrets", f"the managed secret {name} is not supported yet") for name in managed]


def set_fields(task: TaskSpec, fields: Iterable[str]) -> set[str]:
    """Return those of `fields`, dotted paths, that ask for something."""
    return {field for field in fields if _is_set(task, field.split("."))}


def _set(task: TaskSpec, field: str) -> Iterator[str]:
    """Yield the paths at which `field` is set, also inside the alternatives of resources."""
    if _is_set(task, field.split(".")):
        yield field
    block, _, rest = field.partition(".")
    if block == "resources":
        for name in ("any_of", "ordered"):
            for place, entry in enumerate(getattr(task.resources, name)):
                if _is_set(entry, [rest]):
                    yield f"resources.{name}[{place}].{rest}"


def _is_set(block: BaseModel, names: list[str]) -> bool:
    for name in names[:-1]:
        block = getattr(block, name)
    value = getattr(block, names[-1])
    # That machines get no public address is asked for by a False.
    return names[-1] in block.model_fields_set and (value not in EMPTY or (names[-1] == "public_ip" and value is False))


def _of_bucket(mount: Mount) -> Iterator[str]:
    """Yield what a bucket as a file mount asks for that nothing does."""
    if not mount.is_bucket:
        return
    if not isinstance(mount.source, str):
        yield "making a bucket" if mount.source is None else "a bucket made from several sources"
    elif not is_uri(mount.source):
        yield "a bucket made from files"
    elif not _STORES.fullmatch(mount.source):
        yield f"a bucket of {mount.source.split('://')[0]}://"
    if not mount.persistent:
        yield "a bucket that ends with its cluster"
    for field in ("name", "store", "type", "config"):
        if _is_set(mount, [field]):
            yield f"{field} of a bucket"


def _volumes(task: TaskSpec) -> Iterator[tuple[str, DiskVolume]]:
    for name in ("any_of", "ordered"):
        for place, entry in enumerate(getattr(task.resources, name)):
            path = f"resources.{name}[{place}].volumes"
            yield from ((f"{path}[{number}]", volume) for number, volume in enumerate(entry.volumes))
    yield from ((f"resources.volumes[{number}]", volume) for number, volume in enumerate(task.resources.volumes))


def _of_volume(volume: DiskVolume) -> Iterator[str]:
    """Yield what a further disk asks for that nothing does: all are made with the cluster and end with it."""
    if not (volume.path or "").startswith("/"):
        yield "a volume without an absolute path"
    if volume.name:
        yield "an existing disk as a volume"
    if volume.storage_type != "network":
        yield "a disk inside the machine as a volume"
    if volume.attach_mode != "read_write":
        yield "a volume that is only read"
    if "auto_delete" in volume.model_fields_set and not volume.auto_delete:
        yield "a volume that outlives its cluster"
    for name in volume.model_extra or ():
        yield f"{name} of a volume"
