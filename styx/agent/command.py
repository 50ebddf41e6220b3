"""What is executed for a task: its words, and an environment that has nothing of the agent's own."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from styx import files
from styx.api.messages import Claimed
from styx.errors import UsageError

SECRET_PREFIX = "STYX_SECRET_"  # noqa: S105 - a name
"""A secret NAME of a task is the variable STYX_SECRET_NAME of the agent."""

KEPT = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR")
"""Variables of the agent that every task gets."""
_OWN = ("STYX_TOKEN", "STYX_SERVER_URL")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What to start."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    secrets: tuple[str, ...]
    """Values that must not be in its output."""


def prepare(task: Claimed, folder: Path, clusters: Path, environment: Mapping[str, str]) -> Prepared:
    """Return what `task` starts in `folder`, given the agent's `environment`.

    A spec is written to `folder`, and what is made of it to one below `clusters`.
    """
    secrets = {name: _secret(name, environment) for name in task.secrets}
    own = {"STYX_TASK_ID": task.id, "STYX_TASK_ATTEMPT": str(task.attempt)}
    if task.spec is None:
        argv = ("/bin/sh", "-c", task.command or "") if task.command is not None else tuple(task.argv or ())
        base = {name: environment[name] for name in KEPT if name in environment}
    else:
        argv = _styx(task, folder, clusters)
        hidden = (*_OWN, *(name for name in environment if name.startswith(SECRET_PREFIX)))
        base = {name: value for name, value in environment.items() if name not in hidden}
    return Prepared(argv, {**base, **task.env, **secrets, **own}, tuple(secrets.values()))


def _secret(name: str, environment: Mapping[str, str]) -> str:
    try:
        return environment[SECRET_PREFIX + name]
    except KeyError:
        raise UsageError(
            f"this agent has no secret {name}", f"start the agent with {SECRET_PREFIX}{name} in its environment"
        ) from None


def _styx(task: Claimed, folder: Path, clusters: Path) -> tuple[str, ...]:
    """Write the spec and return the words that do what is asked with it; a file of JSON is one of YAML.

    What is rendered stays with the agent, a folder a cluster: the next task may change or destroy it.
    """
    spec = task.spec or {}
    name = task.name or spec.get("name")
    if not isinstance(name, str):
        raise UsageError("neither the task nor its spec has a name", "submit it with a name: it is the cluster's")
    styx = (sys.executable, "-m", "styx")
    if task.verb == "destroy":
        return (*styx, "destroy", name, "--yes")
    path = folder / "task.yaml"
    files.write(path, json.dumps(spec, indent=2, ensure_ascii=False) + "\n")
    if task.verb == "validate":
        return (*styx, "validate", str(path))
    placed = ("--cluster", name, "--out", str(files.make_folder(clusters) / name))
    return (*styx, str(task.verb), str(path), *placed, *(("--yes",) if task.verb == "apply" else ()))


def folder_name(task: Claimed) -> str:
    """Return the name of the folder of one attempt."""
    return f"{task.id}-{task.attempt}"
