"""What a task's environment asks of its hosts: the roles that see to it, and their variables."""

import posixpath
import re
from typing import TYPE_CHECKING, Any

from styx import clouds
from styx.render.wanted import request

if TYPE_CHECKING:
    from styx.render.bundle import Rendering
    from styx.spec import TaskSpec
    from styx.spec.styx_block import Docker

_CONDA = re.compile(r"\b(?:conda|mamba)\b")
"""A task whose own text uses conda expects it on the machine, as SkyPilot's has it."""


def roles(rendering: "Rendering") -> tuple[str, ...]:
    """Return the roles, in the order in which one may use what another installed."""
    if not clouds.by_id(rendering.placement.cloud).is_remote:
        return ()
    needed = {
        "nvidia": _needs_nvidia(rendering),
        "docker": _container(rendering) is not None,
        "conda": _needs_conda(rendering),
    }
    return tuple(name for name, is_needed in needed.items() if is_needed)


def variables(rendering: "Rendering") -> dict[str, Any]:
    """Return the variables of those roles, and what others do for them."""
    asked, needed = rendering.task.styx.environment, roles(rendering)
    values: dict[str, Any] = {"base_more_packages": list(asked.packages)} if asked.packages else {}
    if "nvidia" in needed:
        values |= _nvidia(rendering)
    if container := _container(rendering) if "docker" in needed else None:
        values |= {"docker_image": container.image, "docker_options": list(container.options)}
        values |= {"ray_groups": ["docker"]}
    if "conda" in needed:
        values |= _conda(rendering)
    return values


def _container(rendering: "Rendering") -> "Docker | None":
    from styx.spec import container

    return container(rendering.task, request(rendering))


def _needs_nvidia(rendering: "Rendering") -> bool:
    """Tell whether there is a GPU, of whatever kind, or something of NVIDIA's is named: the role looks itself."""
    asked = rendering.task.styx.environment
    gpus = any(group.offer.accelerator for group in rendering.placement.groups)
    return gpus or bool(asked.cuda or asked.cudnn or asked.driver)


def _nvidia(rendering: "Rendering") -> dict[str, Any]:
    asked = rendering.task.styx.environment
    gpus = [group.offer.accelerator for group in rendering.placement.groups if group.offer.accelerator]
    named = {
        "nvidia_gpu": gpus[-1] if gpus else None,
        "nvidia_driver": asked.driver,
        "nvidia_cuda": asked.cuda,
        "nvidia_cudnn": asked.cudnn,
        "nvidia_containers": _container(rendering) is not None,
    }
    return {name: value for name, value in named.items() if value}


def _needs_conda(rendering: "Rendering") -> bool:
    task = rendering.task
    asked = task.styx.environment
    return bool(asked.conda or asked.python) or (_container(rendering) is None and _speaks_of_conda(task))


def _speaks_of_conda(task: "TaskSpec") -> bool:
    return any(_CONDA.search(text or "") for text in (task.setup, task.run))


def _conda(rendering: "Rendering") -> dict[str, Any]:
    python, asked = rendering.task.styx.environment.python, rendering.task.styx.environment.conda
    values: dict[str, Any] = {"conda_python": python} if python else {}
    if asked and asked.file:
        beside = posixpath.normpath(posixpath.join(rendering.spec_folder, asked.file))
        return {**values, "conda_file": asked.file if asked.file.startswith("~") else beside}
    if asked:
        return {**values, "conda_packages": list(asked.packages)}
    return values if _speaks_of_conda(rendering.task) else {**values, "conda_always": False}
