"""One task of a spec: every field of SkyPilot's and Styx's own block."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, SecretStr, field_validator

from styx.spec.fields import (
    STRING,
    Block,
    Flag,
    Form,
    Line,
    Name,
    Positive,
    Script,
    Short,
    TextOrBlock,
    Variable,
    number,
    positive,
    variable,
    wrong,
)
from styx.spec.mounts import MountField, Target, Workdir, is_system, place
from styx.spec.resources import CONTAINER, Resources
from styx.spec.secrets import MANAGED, is_secret_name
from styx.spec.service import Pool, Service
from styx.spec.styx_block import Styx

MOST_NODES = 10_000
"""Far more than any one cluster; what is more is a slip of the hand."""


def _nodes(value: object) -> int:
    count = positive(value)
    if count > MOST_NODES:
        raise wrong(f"must be at most {MOST_NODES:,}")
    return count


Nodes = Annotated[int, Form(_nodes, ({"type": "integer", "minimum": 1, "maximum": MOST_NODES},))]


def _env_value(value: object) -> str | SecretStr | None:
    """Return text; numbers and booleans reach this as they are written."""
    if value is None or isinstance(value, str | SecretStr):
        return value
    raise wrong("must be text", "a variable holds one value: quote it, or write it after `|`")


def _secret_value(value: object) -> SecretStr | None:
    read = _env_value(value)
    return SecretStr(read) if isinstance(read, str) else read


def _secret_key(value: object) -> str:
    """Return a variable's name, or SkyPilot's reference to a managed secret."""
    return value if isinstance(value, str) and value.startswith(MANAGED) else variable(value)


def _references(value: object) -> dict[str, None]:
    """Read SkyPilot's list of references to managed secrets."""
    if not isinstance(value, list):
        raise wrong("must be a mapping of names to values")
    return {_reference(item, place): None for place, item in enumerate(value)}


def _reference(item: object, place: int) -> str:
    if not isinstance(item, str) or not item.startswith(MANAGED):
        raise wrong("must refer to a managed secret", "write secrets:NAME, or a mapping NAME: value", place)
    return item


def _size_estimate(value: object) -> dict[str, float]:
    if not isinstance(value, dict) or len(value) != 1:
        raise wrong("must be one URI with its size in GB", "write s3://bucket/path: 100")
    return {uri: number(size) for uri, size in value.items()}


_ENV_FORMS = ({"type": ["string", "number", "boolean", "null"]},)


class Hook(Block):
    """A command at an end of the cluster's life."""

    run: Script
    """Shell text."""
    events: tuple[str, ...] = ()
    """stop, preemption, down."""
    timeout: Positive | None = None
    """Seconds that it may take."""


class Config(Block, extra="allow"):
    """SkyPilot's settings for this task alone."""

    hooks: tuple[Hook, ...] = ()
    """Commands at the ends of the cluster's life."""


class TaskSpec(Block):
    """What the user asked for."""

    name: Name | None = None
    """The task's name."""
    workdir: Workdir | None = None
    """A local folder, relative to the spec, or `{url, ref}` of a git repository: where the job starts."""
    num_nodes: Nodes = 1
    """Machines."""
    resources: Resources = Field(default_factory=Resources)
    """What machine the task needs."""
    file_mounts: Mapping[Target, MountField] = Field(default_factory=dict)
    """Place on the hosts to a local path, a bucket URI, or a block."""
    volumes: Mapping[Line, TextOrBlock] = Field(default_factory=dict)
    """Place on the hosts to a volume."""
    setup: Script | None = None
    """Shell text that every node runs before `run`."""
    run: Script | None = None
    """Shell text that every node runs at once."""
    envs: Mapping[Variable, Annotated[str | SecretStr | None, Form(_env_value, _ENV_FORMS)]] = Field(
        default_factory=dict
    )
    """Variables of setup and run; null must be given with --env. Numbers and booleans are taken as written."""
    secrets: Annotated[
        Mapping[Annotated[str, Form(_secret_key)], Annotated[SecretStr | None, Form(_secret_value, _ENV_FORMS)]],
        Short(_references, ({"type": "array", "items": STRING},)),
    ] = Field(default_factory=dict)
    """Variables that are never shown, logged or rendered; null must be given with --secret."""
    service: Service | None = None
    """Serving."""
    pool: Pool | None = None
    """Workers that stand ready for jobs."""
    inputs: Annotated[dict[str, float], Form(_size_estimate, ({"type": "object"},))] | None = None
    """The task's input and its size in GB."""
    outputs: Annotated[dict[str, float], Form(_size_estimate, ({"type": "object"},))] | None = None
    """The task's output and its size in GB."""
    config: Config | None = None
    """SkyPilot's settings for this task alone."""
    event_callback: Script | None = None
    """Shell text to run when the job's state changes."""
    managed_secrets: tuple[TextOrBlock, ...] = ()
    """Secrets that a server keeps."""
    volume_mounts: tuple[dict[str, Any], ...] = ()
    """Volumes, in the form that SkyPilot writes itself."""
    api_server_access: Flag | None = None
    """Whether the job may call SkyPilot's server."""
    styx: Styx = Field(default_factory=Styx)
    """Styx's own settings."""

    @field_validator("envs", mode="after")
    @classmethod
    def _hide(cls, envs: Mapping[str, str | SecretStr | None]) -> Mapping[str, str | SecretStr | None]:
        return {
            key: SecretStr(value) if isinstance(value, str) and is_secret_name(key) else value
            for key, value in envs.items()
        }

    @property
    def plain_envs(self) -> dict[str, str]:
        """The variables that may be shown and rendered."""
        return {key: value for key, value in self.envs.items() if isinstance(value, str)}

    @property
    def secret_names(self) -> tuple[str, ...]:
        """Names of variables whose values are never shown, logged or rendered, sorted."""
        hidden = {key for key, value in self.envs.items() if not isinstance(value, str)}
        return tuple(sorted(hidden | {key for key in self.secrets if not key.startswith(MANAGED)}))

    @property
    def secret_values(self) -> dict[str, SecretStr]:
        """The hidden variables that have a value."""
        both = {**self.envs, **self.secrets}
        return {key: value for key, value in sorted(both.items()) if isinstance(value, SecretStr)}

    @property
    def missing_values(self) -> tuple[str, ...]:
        """Names that still lack a value, sorted."""
        return tuple(name for name in self.secret_names if name not in self.secret_values)


def rankings(task: Mapping[str, Any]) -> list[tuple[tuple[str | int, ...], str, str]]:
    """Return (path, message, hint) of two lists of alternatives, whatever else is wrong in the block of resources."""
    resources = task.get("resources")
    if not isinstance(resources, dict) or not (resources.get("any_of") and resources.get("ordered")):
        return []
    return [(("resources", "ordered"), "any_of and ordered exclude each other", "keep one of the two")]


def contradictions(task: TaskSpec) -> list[tuple[tuple[str | int, ...], str, str]]:
    """Return (path, message, hint) of what each field allows and the whole task does not."""
    found: list[tuple[tuple[str | int, ...], str, str]] = []
    found += [(("secrets", key), f"`{key}` is in envs too", "keep one") for key in task.secrets if key in task.envs]
    if task.service and task.pool:
        found.append((("pool",), "service and pool exclude each other", "keep one"))
    seen: dict[str, str] = {}
    for key in task.file_mounts:
        spot = place(key)
        if spot in seen:
            found.append((("file_mounts", key), f"the same place as `{seen[spot]}`", "keep one"))
        seen[spot] = key
        if is_system(key) and not any(f"{spot}/".startswith(f"{folder}/") for folder in task.styx.system_mounts):
            hint = f"mount it elsewhere, or allow it with styx.system_mounts: [{spot}]"
            found.append((("file_mounts", key), f"`{spot}` is below a folder of the system", hint))
    return found + _in_environment(task)


def _in_environment(task: TaskSpec) -> list[tuple[tuple[str | int, ...], str, str]]:
    """Return what the environment asks for that the rest of it makes useless."""
    asked, path = task.styx.environment, ("styx", "environment")
    alternatives = (task.resources, *task.resources.any_of, *task.resources.ordered)
    named = any(str(one.image_id or "").startswith(CONTAINER) for one in alternatives)
    found: list[tuple[tuple[str | int, ...], str, str]] = []
    if named and asked.docker:
        found.append(((*path, "docker"), "resources.image_id names a container too", "keep one of the two"))
    if named or asked.docker:
        for name in ("python", "conda", "cuda", "cudnn"):
            if getattr(asked, name):
                text = f"{name} of the machine is not seen in the container that jobs run in"
                found.append(((*path, name), text, f"remove it: the image brings its own {name}"))
    if asked.cudnn and not asked.cuda:
        found.append(((*path, "cudnn"), "cudnn is for one version of CUDA", "name that, too: cuda: 12.8"))
    return found
