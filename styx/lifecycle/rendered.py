"""One cluster's folder: rendered from a plan, or read as somebody committed it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from styx import clouds
from styx.lifecycle import access, merging
from styx.lifecycle.locked import Lock
from styx.lifecycle.session import Session
from styx.lifecycle.target import Target
from styx.plan import Plan, TaskPlan
from styx.workdir import Workdir, Written

if TYPE_CHECKING:
    from styx.render import Rendering


@dataclass(frozen=True, slots=True)
class Rendered:
    """One cluster's folder as it now is on disk."""

    cluster: str
    workdir: Workdir
    spec_file: str
    """Absolute; empty when the folder was read rather than rendered."""
    spec_digest: str
    task_plan: TaskPlan
    written: Written
    forbidden: tuple[str, ...] = ()
    """What the policies of the repository and the spec let no plan do to what stands."""

    def refuse_conflicts(self) -> None:
        """Raise IntegrityError naming the files in which an edit and the rendering clash."""
        merging.refuse_conflicts(self.workdir.folder, (*self.written.kept, *self.written.merged))

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that the hosts get, in order."""
        return tuple(self.workdir.lock()["roles"])

    @property
    def secret_names(self) -> tuple[str, ...]:
        """The secrets that setup and job must be given."""
        return tuple(self.workdir.lock()["secret_names"])


def render_target(
    target: Target, plan: Plan, session: Session, *, overwrite: bool = False, images: Mapping[str, str] | None = None
) -> Rendered:
    """Write the folder of `target`; raise UsageError when its name belongs to another folder's cluster.

    `images` are those that the machines of each group were made from; the lock's when not given. Hand edits are
    merged, unless `overwrite`; IntegrityError is raised when one would be lost.
    """
    from styx.render import render

    session.refuse_other_folder(target.cluster, target.workdir)
    rendering = rendering_of(target, plan, public_key=access.public_key, images=images)
    bundle = render(rendering)

    def merge(clashes: Sequence[str]) -> dict[str, str]:
        both = merging.merged(target, bundle, rendering, clashes)
        merging.remember(bundle, tuple(both))
        return both

    written = target.workdir.write(bundle, overwrite=overwrite, merge=merge)
    spec_file = str(Path(target.spec.file).absolute())
    forbidden = tuple(label for policy in target.policies for label in policy.impacts)
    return Rendered(
        target.cluster, target.workdir, spec_file, plan.spec_digest, rendering.task_plan, written, forbidden
    )


def rendering_of(
    target: Target, plan: Plan, *, public_key: Callable[[Target, Lock], str], images: Mapping[str, str] | None = None
) -> "Rendering":
    """Return what the folder of `target` is rendered from; `public_key` is asked, with the lock, where one logs in."""
    from styx.render import Rendering

    task_plan = plan.tasks[target.index]
    lock = access.folder_lock(target.workdir)
    rendering = Rendering(target.cluster, target.task, task_plan, plan, target.spec_folder, policies=target.policies)
    volumes, before = access.locked_volumes(lock), access.locked_roles(lock)
    rendering = replace(rendering, volumes=volumes, roles_before=before)
    if clouds.by_id(task_plan.placement.cloud).login_user:
        rendering = replace(rendering, public_key=public_key(target, lock))
        rendering = replace(rendering, images=images or access.locked_images(rendering, lock))
    return rendering


def read_folder(folder: Path, session: Session) -> Rendered:
    """Take a rendered folder as it is; raise IntegrityError when its lock file is missing or broken."""
    workdir = Workdir(folder.absolute())
    lock = workdir.lock()
    session.refuse_other_folder(lock["cluster"], workdir)
    task_plan = TaskPlan.from_json({name: lock[name] for name in ("task", "num_nodes", "placement", "ladder")})
    kept = Written(kept=workdir.edited())
    forbidden = session.settings.policy.impacts if session.settings.policy else ()
    return Rendered(lock["cluster"], workdir, "", lock["spec_digest"], task_plan, kept, forbidden)
