"""Fields that parse, are checked, and that nothing honours yet: refused by name when a spec is planned."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pydantic import BaseModel

from styx.spec.mounts import GitWorkdir
from styx.spec.secrets import MANAGED
from styx.spec.task import TaskSpec

FIELDS = (
    "service", "pool", "volumes", "config", "event_callback", "managed_secrets", "volume_mounts",
    "api_server_access",
    "resources.volumes", "resources.job_recovery", "resources.priority", "resources.priority_class",
    "resources.accelerator_args",
    "styx.environment.python", "styx.environment.conda", "styx.environment.docker", "styx.environment.cuda",
    "styx.environment.cudnn", "styx.environment.driver", "styx.environment.packages",
    "styx.lifetime", "styx.reservation", "styx.policy",
)  # fmt: skip
"""Fields that ask for something whenever they are set; each line shrinks as its feature comes."""

VALUES: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("workdir", lambda value: isinstance(value, GitWorkdir), "a git repository as workdir"),
)
"""Fields of which some values are honoured: path, the test for the others, what they are called."""

EMPTY: tuple[object, ...] = (None, False, (), {})


def unhonoured(task: TaskSpec) -> list[tuple[str, str]]:
    """Return (path, reason) of every field of `task` that nothing honours yet."""
    found = [path for field in FIELDS for path in _set(task, field)]
    rows = [(path, f"{path.removeprefix('styx.')} is not supported yet") for path in found]
    rows += [(path, f"{title} is not supported yet") for path, test, title in VALUES if _asks(task, path, test)]
    rows += [
        (f"file_mounts.{target}", "a bucket as a file mount is not supported yet")
        for target, mount in task.file_mounts.items()
        if mount.is_bucket
    ]
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
    return names[-1] in block.model_fields_set and getattr(block, names[-1]) not in EMPTY


def _asks(task: TaskSpec, path: str, test: Callable[[Any], bool]) -> bool:
    value: Any = task
    for name in path.split("."):
        value = getattr(value, name)
    return test(value)
