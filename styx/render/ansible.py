"""What Ansible is told: which roles a task needs, and their variables, with every value of the user's literal."""

import posixpath
from typing import TYPE_CHECKING, Any

from styx import clouds, unsafe_yaml
from styx.plan import Group
from styx.render import environment, mounts
from styx.render.wanted import request

if TYPE_CHECKING:
    from styx.render.bundle import Rendering


def is_remote(rendering: "Rendering") -> bool:
    """Tell whether the machines are reached over SSH; those of this computer are folders of it."""
    return clouds.by_id(rendering.placement.cloud).is_remote


def roles(rendering: "Rendering") -> tuple[str, ...]:
    """Return the roles that a task's hosts get, in order."""
    task = rendering.task
    # Who else gets in to the hosts of a pool is not ours to say.
    made = ["hardening"] if clouds.by_id(rendering.placement.cloud).login_user else []
    made += ["autostop"] if autostop(rendering) else []  # before anything that can fail
    base = ("base", *made, *mounts.roles(rendering), *environment.roles(rendering)) if is_remote(rendering) else ()
    if task.styx.ray.enabled:
        return (*base, "python_env", "workspace", "ray", "job")
    asked = task.setup or task.workdir or task.file_mounts
    return (*base, "workspace") if asked or mounts.roles(rendering) or environment.variables(rendering) else ()


def autostop(rendering: "Rendering") -> dict[str, Any]:
    """Return the variables of the role that switches machines off; none where nothing was asked for."""
    asked, lifetime = request(rendering).autostop, rendering.task.styx.lifetime
    values: dict[str, Any] = {}
    if lifetime:
        values["autostop_lifetime_minutes"] = lifetime
    if asked:
        values |= {"autostop_idle_minutes": asked.idle_minutes, "autostop_wait_for": asked.wait_for}
        values |= {"autostop_hook": asked.hook} if asked.hook else {}
        values |= {"autostop_hook_timeout_s": asked.hook_timeout} if asked.hook_timeout else {}
    return values | {"autostop_has_ray": rendering.task.styx.ray.enabled} if values else {}


def group_vars(rendering: "Rendering") -> str:
    """Return group_vars/all.yml."""
    task = rendering.task
    values: dict[str, Any] = {
        "styx_cluster": rendering.cluster,
        **_sizes(rendering.placement.groups[-1]),
        "workspace_envs": task.plain_envs,
        "workspace_secret_names": list(task.secret_names),
        "workspace_setup": task.setup or "",
        "workspace_workdir": _beside_spec(task.workdir, rendering.spec_folder),
        "workspace_file_mounts": [
            {"target": target, "source": _beside_spec(mount.source, rendering.spec_folder)}
            for target, mount in task.file_mounts.items()
            if not mount.is_bucket
        ],
        **mounts.variables(rendering),
        **autostop(rendering),
    }
    values |= {"workspace_another_job": True} if rendering.another_job else environment.variables(rendering)
    if task.styx.ray.version:
        values["ray_version"] = task.styx.ray.version
    if task.styx.ray.resources:
        values["ray_resources"] = dict(task.styx.ray.resources)
    return unsafe_yaml.dump(values)


def facts(rendering: "Rendering") -> str:
    """Return the variables that only the machines themselves know, as templates of their facts."""
    if clouds.by_id(rendering.placement.cloud).tells_private_address:
        return ""
    return 'styx_address: "{{ ansible_facts.default_ipv4.address }}"\n'


def head_vars(rendering: "Rendering") -> str:
    """Return group_vars/head.yml; empty when the head is like its workers."""
    first, last = (_sizes(group) for group in (rendering.placement.groups[0], rendering.placement.groups[-1]))
    return "" if first == last else unsafe_yaml.dump(first)


def _sizes(group: Group) -> dict[str, Any]:
    offer = group.offer
    shared = {"styx_memory_shared": True} if offer.divisible else {}
    return {
        "styx_vcpus": _whole(offer.vcpus),
        "styx_memory_gib": _whole(offer.memory_gib),
        **shared,
        "styx_gpus": _whole(offer.accelerator_count),
    }


def _whole(number: float) -> float:
    """Return an integer for a whole number, so that it is written without a point; others with one digit after it."""
    rounded = round(number, 1)
    return int(rounded) if rounded == int(rounded) else rounded


def _beside_spec(path: object, spec_folder: str) -> str:
    """Return a path of the spec as the playbook sees it; absolute ones and those of the user's home stay.

    Empty for what is no path: a git repository.
    """
    if not isinstance(path, str) or path.startswith(("/", "~")):
        return path if isinstance(path, str) else ""
    return posixpath.normpath(posixpath.join(spec_folder, path))
