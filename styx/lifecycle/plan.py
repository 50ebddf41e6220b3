"""`plan`: choose, render, and let Terraform say what it would do."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from styx import clouds, files
from styx.lifecycle import access, gone, leases, resume
from styx.lifecycle.blame import blaming
from styx.lifecycle.choosing import choose_placements
from styx.lifecycle.ownership import open_state, refuse_lost
from styx.lifecycle.progress import Progress, step
from styx.lifecycle.refusal import refusals_of
from styx.lifecycle.rendered import Rendered, render_target
from styx.lifecycle.seal import Seal
from styx.lifecycle.session import Session
from styx.lifecycle.target import Target
from styx.plan import TaskPlan
from styx.review import impact
from styx.state import RunLock
from styx.workdir import Workdir

if TYPE_CHECKING:
    from styx.run.terraform import Terraform
    from styx.run.terraform_results import PlanResult

_NEW = frozenset({"create", "read", "noop"})
"""Changes that touch nothing that stands."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What an apply of one cluster would do."""

    rendered: Rendered
    slot: int | None
    terraform: "PlanResult"
    file: Path
    """The saved plan, outside the rendered folder: it can hold secrets."""
    seal: Seal
    """What was shown: the plan and what it was made from."""
    impacts: tuple[impact.Impact, ...] = ()
    """Each change, and what it does to what stands."""

    @property
    def task_plan(self) -> TaskPlan:
        """Where the task goes and why."""
        return self.rendered.task_plan


def plan_targets(targets: Sequence[Target], session: Session, *, overwrite: bool = False) -> tuple[Planned, ...]:
    """Return what an apply of each target would do; the folders are written, nothing is made.

    Raises what the optimizer, the rendering and Terraform raise, and LockedError when another run is at work.
    """
    with step(session.report, "choose"):
        plan = choose_placements(targets, session)
    planned = []
    for target in targets:
        with RunLock(target.cluster, verb="plan", timeout_s=session.settings.lock_timeout_s):
            resume.wait(target.cluster, target.workdir, session)
            with step(session.report, "render"):
                rendered = render_target(target, plan, session, overwrite=overwrite)
            log = session.log(target.cluster, "plan", "terraform")
            with blaming(target):
                planned.append(plan_rendered(rendered, session, log))
    return tuple(planned)


def plan_rendered(
    rendered: Rendered, session: Session, log: Path, run_id: str = "", leased: leases.Leased | None = None
) -> Planned:
    """Return what Terraform would do with a rendered folder; the caller holds the cluster's lock.

    `leased` are the hosts of a pool that an apply has; those that it would take when not given. Raises PolicyError
    when it would do to what stands what the settings or a policy forbid.
    """
    rendered.refuse_conflicts()
    hosts = leased or leases.foreseen(rendered, session)
    cloud = clouds.by_id(rendered.task_plan.placement.cloud)
    slot = session.store.allocate_slot(rendered.cluster, cloud.slot_taken) if cloud.embedded else None
    variables = {**cloud.run_inputs(rendered.cluster, slot or 0), **access.run_variables(cloud, session, run_id)}
    variables |= hosts.variables
    known = session.store.cluster(rendered.cluster)
    replaced: tuple[str, ...] = ()
    if known and known.live and access.is_other_caller(rendered.workdir, variables):
        replaced = (access.CALLER,)
    _write_run_variables(rendered.workdir, variables)
    if known and known.live and session.restore_state(known.name, rendered.workdir):
        session.report(Progress("terraform plan", "note", "the state was missing or old; the copy kept was put back"))
    lost = cloud.lost_machines(known.hosts) if known else ()
    replaced += hosts.replaced + lost
    file = session.plan_file(rendered.cluster)
    with step(session.report, "terraform plan") as told, refusals_of(cloud):
        terraform = session.terraform(rendered.workdir, log, told)
        open_state(rendered.cluster, terraform, rendered.workdir, session)
        planning = partial(terraform.plan, file, replace=replaced)
        planned = gone.forgetting(planning, terraform, cloud, rendered.cluster, session)
        refuse_lost(known, planned, terraform, session)
        impacts = _impacts(planned, file, terraform, cloud, lost)
    impact.refuse(impacts, (*session.settings.forbid, *rendered.forbidden))
    seal = Seal.of(file, rendered.workdir, rendered.spec_file)
    return Planned(rendered, slot, planned, file, seal, impacts)


def _impacts(
    planned: "PlanResult", file: Path, terraform: "Terraform", cloud: clouds.Cloud, lost: tuple[str, ...]
) -> tuple[impact.Impact, ...]:
    """Return what each change does to what stands; the whole plan is only read when something standing changes."""
    if {change.action for change in planned.changes} <= _NEW:
        made = [change for change in planned.changes if change.action == "create"]
        return tuple(impact.Impact(change.address, change.action, "live") for change in made)
    return impact.impacts(terraform.show(file), cloud.effects, lost)


def _write_run_variables(workdir: Workdir, variables: dict[str, object]) -> None:
    """Write the variables that belong to this machine and run, when there are any and they differ."""
    path, text = workdir.run_variables, json.dumps(variables, indent=2) + "\n"
    if variables and not (path.is_file() and path.read_text() == text):
        files.write(path, text)
