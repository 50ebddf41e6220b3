"""One cluster's folder as text: Terraform, Ansible, the README and the lock, from a plan and nothing else."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from styx import __version__, clouds, files, paths, workdir
from styx.plan import Placement, Plan, TaskPlan
from styx.render import ansible, terraform, text, volumes
from styx.render.backend import backend
from styx.render.job import job
from styx.render.wanted import both, image_key, request, wanted

if TYPE_CHECKING:
    from styx.spec import TaskSpec
    from styx.spec.policy import Policy

_NOT_SHIPPED = {"__pycache__", "checks"}
"""Folders of a role that a host does not need."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a rendering is made of."""

    cluster: str
    task: "TaskSpec"
    task_plan: TaskPlan
    plan: Plan
    spec_folder: str
    """Where the spec's relative paths start, as a path relative to the ansible/ folder."""
    public_key: str = ""
    """The key that logs in to the machines; empty where nobody does."""
    images: Mapping[str, str] = field(default_factory=dict)
    """Group → the image that its machines were first made from; empty before the first apply."""
    volumes: Mapping[str, int] = field(default_factory=dict)
    """Further disk → its number on the machine, as the lock has it; empty before the first rendering."""
    roles_before: frozenset[str] = frozenset()
    """The roles of the folder's last rendering: some undo on the hosts what is asked for no more."""
    policies: "tuple[Policy, ...]" = ()
    """What Terraform holds the machines to."""
    another_job: bool = False
    """Whether only the files and the setup of one more job are brought to machines that stand."""

    @property
    def placement(self) -> Placement:
        """Where the cluster stands."""
        return self.task_plan.placement


def render(rendering: Rendering) -> dict[str, str]:
    """Return relative path → text of the whole folder; the same rendering gives the same bytes."""
    share = paths.templates()
    module = terraform.module(rendering)
    context = _context(rendering, module)
    bundle = {
        **_tree(share / "terraform" / "common", "terraform", context),
        **_tree(share / "terraform" / rendering.placement.cloud, "terraform", context),
        "terraform/terraform.tfvars.json": _json(module.variables),
        **render_playbook(rendering, ansible.roles(rendering)),
        **_tree(share / "folder", "", context),
        **_job(rendering),
    }
    return {**dict(sorted(bundle.items())), workdir.LOCK_FILE: _json(_lock(rendering, bundle))}


def _context(rendering: Rendering, module: terraform.Module) -> dict[str, Any]:
    """Return what templates may see: structure only, no value of the user's."""
    cloud = clouds.by_id(rendering.placement.cloud)
    fast = "network_tier" in cloud.capabilities and request(rendering).network_tier == "best"
    return {
        "cluster": rendering.cluster,
        "placement": rendering.placement,
        "faster": cloud.faster(rendering.placement) if fast else "",
        "needs": module.needs,
        "provider": cloud.provider,
        "mocked": (paths.templates() / "terraform" / rendering.placement.cloud / "tests").is_dir(),
        "inputs": module.inputs,
        "task": rendering.task_plan,
        "backend": backend(rendering.task, rendering.cluster),
        "roles": ansible.roles(rendering),
    }


def render_playbook(rendering: Rendering, roles: tuple[str, ...]) -> dict[str, str]:
    """Return the ansible/ folder: the play, its settings, its variables, and the roles that it names."""
    folder, context = paths.playbooks(), {"roles": roles, "ssh": ansible.is_remote(rendering)}
    bundle = {
        "ansible/site.yml": text.fill(folder / "site.yml.j2", context),
        "ansible/ansible.cfg": text.read(folder / "ansible.cfg"),
        "ansible/group_vars/all.yml": "---\n" + ansible.group_vars(rendering) + ansible.facts(rendering),
        **_roles(roles),
    }
    if head := ansible.head_vars(rendering):
        bundle["ansible/group_vars/head.yml"] = "---\n" + head
    return bundle if roles else {}


def _job(rendering: Rendering) -> dict[str, str]:
    """Return job.json, for a task that runs something."""
    task = rendering.task
    # On as many nodes as the cluster has: one more machine changes nothing here.
    told = {name: value for name, value in job(task).items() if name != "num_nodes"}
    return {workdir.JOB_FILE: _json(told)} if task.run else {}


def _tree(folder: Path, target: str, context: Mapping[str, object]) -> dict[str, str]:
    """Return every file of `folder` as text: `*.j2` rendered, `dot-x` as `.x`, the rest as it is."""
    bundle = {}
    for path, shown in _named(folder, target):
        body = text.fill(path, context) if path.suffix == ".j2" else text.read(path)
        if body.strip():  # a template that this cluster needs nothing of
            bundle[shown] = body
    return bundle


@cache
def _named(folder: Path, target: str) -> tuple[tuple[Path, str], ...]:
    """Return every file below `folder` and the path below `target` that it is rendered to."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        relative = path.relative_to(folder)
        name = relative.name.removesuffix(".j2")
        if name.startswith("dot-"):
            name = "." + name.removeprefix("dot-")
        found.append((path, str(Path(target) / relative.with_name(name))))
    return tuple(found)


def _roles(names: tuple[str, ...]) -> dict[str, str]:
    return {path: body for name in names for path, body in _role(paths.playbooks() / "roles" / name).items()}


@cache
def _role(folder: Path) -> dict[str, str]:
    """Return the files of one role, read once: they travel as they are."""
    return {
        f"ansible/roles/{folder.name}/{path.relative_to(folder)}": path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _NOT_SHIPPED & set(path.relative_to(folder).parts)
    }


def _lock(rendering: Rendering, bundle: Mapping[str, str]) -> dict[str, Any]:
    """Return styx.lock.json: what a reviewer reads, and what tells a hand edit from a generated file."""
    return {
        "version": workdir.LOCK_VERSION,
        "styx": __version__,
        "cluster": rendering.cluster,
        "task": rendering.task_plan.task,
        "num_nodes": rendering.task_plan.num_nodes,
        "roles": list(ansible.roles(rendering)),
        "secret_names": list(rendering.task.secret_names),
        "spec_digest": rendering.plan.spec_digest,
        "catalog_digest": rendering.plan.catalog_digest,
        "catalog_date": rendering.plan.catalog_date,
        **({"public_key": rendering.public_key} if rendering.public_key else {}),
        **({"images": _images(rendering)} if rendering.images else {}),
        **({"volumes": numbers} if (numbers := _volume_numbers(rendering)) else {}),
        "placement": asdict(rendering.placement),
        "ladder": [asdict(placement) for placement in rendering.task_plan.ladder],
        "files": {path: files.sha256(body) for path, body in sorted(bundle.items())},
    }


def _images(rendering: Rendering) -> dict[str, dict[str, Any]]:
    """Return what the machines of each group are made from, and for what it was chosen: see lifecycle.access."""
    return {
        group.name: {"id": rendering.images[group.name], **image_key(rendering, group)}
        for group in both(rendering.placement.groups)
        if group.name in rendering.images
    }


def _volume_numbers(rendering: Rendering) -> dict[str, int]:
    """Return further disk → its number on the machine: what stands keeps it when others come and go."""
    cloud = clouds.by_id(rendering.placement.cloud)
    numbers = {one.name: one.number for one in wanted(rendering, cloud).volumes}
    return volumes.remembered(numbers, rendering.volumes)


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
