"""Which cluster a task of a spec belongs to, and which folder is its own."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from styx.errors import UsageError
from styx.workdir import Workdir

if TYPE_CHECKING:
    from styx.settings import Settings
    from styx.spec import SpecFile, TaskSpec
    from styx.spec.policy import Policy

LONGEST_NAME = 40
"""Clouds allow 63 characters for a machine's name, and `-worker-999` and a disk's suffix are still to come."""

_NAME = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Target:
    """One task of a spec, the cluster it is for and the folder of that cluster."""

    spec: "SpecFile"
    index: int
    cluster: str
    workdir: Workdir
    policy: "Policy | None" = None
    """The repository's."""

    @property
    def policies(self) -> "tuple[Policy, ...]":
        """The policies that hold for the task: the repository's, and its own."""
        from styx.spec.policy import Policy

        return tuple(one for one in (self.policy, self.task.styx.policy) if one and one != Policy())

    @property
    def task(self) -> "TaskSpec":
        """The task itself."""
        return self.spec.tasks[self.index]

    @property
    def spec_folder(self) -> str:
        """The spec's folder relative to the rendered ansible/ folder, with forward slashes."""
        return Path(os.path.relpath(Path(self.spec.file).resolve().parent, self.workdir.ansible.resolve())).as_posix()


def targets(
    spec: "SpecFile", settings: "Settings", *, cluster: str | None = None, out: Path | None = None
) -> tuple[Target, ...]:
    """Return a target for each task of `spec`: one cluster each, named after the spec and, in a pipeline, the task."""
    named = spec.name or spec.tasks[0].name if len(spec.tasks) == 1 else spec.name
    base = named or Path(spec.file).stem if cluster is None else cluster
    root = settings.rendered_root(Path(spec.file))
    if len(spec.tasks) == 1:
        name = cluster_name(base)
        folder = out or root / name
        return (Target(spec, 0, name, Workdir(folder.absolute()), settings.policy),)
    names = [cluster_name(f"{base}-{task.name or number}") for number, task in enumerate(spec.tasks, 1)]
    root = out or root
    folders = [Workdir((root / name).absolute()) for name in names]
    pairs = zip(names, folders, strict=True)
    return tuple(Target(spec, index, *pair, settings.policy) for index, pair in enumerate(pairs))


def cluster_name(text: str) -> str:
    """Return `text` as a name that every cloud takes: lower case, digits and dashes; raise UsageError otherwise."""
    name = re.sub(r"[._]+", "-", text.lower())
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        rule = f"a letter first, then letters, digits and dashes, at most {LONGEST_NAME}"
        raise UsageError(f"{text!r} cannot name a cluster", f"give one with --cluster: {rule}")
    return name
