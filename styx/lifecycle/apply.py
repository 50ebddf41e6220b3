"""`apply`: what the plan says becomes what stands."""

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from styx.errors import IntegrityError, SpecError, UsageError
from styx.lifecycle import access, ladder, leases, resume, sweep
from styx.lifecycle.blame import blaming
from styx.lifecycle.failover import REFUSED, USUAL, Attempt, Conduct, climb
from styx.lifecycle.honour import refuse_beyond
from styx.lifecycle.hosts import Secrets, configure, reached
from styx.lifecycle.machines import Made, make
from styx.lifecycle.plan import Planned, plan_rendered
from styx.lifecycle.progress import Progress, step
from styx.lifecycle.release import give_back_surplus
from styx.lifecycle.rendered import Rendered, read_folder, render_target
from styx.lifecycle.session import Session
from styx.lifecycle.target import Target
from styx.plan import Plan, TaskPlan
from styx.state import ClusterRecord, Run, RunLock
from styx.workdir import Workdir

Confirm = Callable[[Planned], bool]
"""Shown what would be done; says whether to do it."""

Images = Mapping[str, str] | None
"""Group → the image that its machines were made from; None for those that the lock file has."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What stands after an apply."""

    planned: Planned
    record: ClusterRecord
    run_id: str
    hosts_changed: int
    """Tasks of the playbook that changed something, on all hosts together."""


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to stand: one task, wherever it goes."""

    cluster: str
    workdir: Workdir
    rungs: Sequence[TaskPlan]
    """Its choice, then the runners-up."""
    rendering: Callable[[TaskPlan, Images], Rendered]
    secrets: Secrets
    conduct: Conduct = USUAL


def apply_target(
    target: Target, plan: Plan, session: Session, confirm: Confirm, *, conduct: Conduct = USUAL
) -> Applied | None:
    """Make what `plan` says of one task stand, machines and hosts; None when `confirm` declines.

    Where a cloud has no capacity or gives no more, the plan's runners-up are tried. Raises SpecError for a variable
    without a value, what the rendering, Terraform and Ansible raise, LeakError when something remains that nobody
    wants, and LockedError when another run is at work.
    """
    rungs = tuple(ladder.rungs(plan.tasks[target.index]))

    def rendering(rung: TaskPlan, images: Images) -> Rendered:
        refuse_beyond(target, rung.placement)
        tasks = (*plan.tasks[: target.index], rung, *plan.tasks[target.index + 1 :])
        chosen = replace(plan, tasks=tasks)
        return render_target(target, chosen, session, overwrite=conduct.overwrite, images=images)

    task = _Task(target.cluster, target.workdir, rungs, rendering, given_secrets(target), conduct)
    with blaming(target):
        return _apply(task, session, confirm)


def apply_folder(folder: Path, session: Session, confirm: Confirm, secrets: Secrets) -> Applied | None:
    """Make what a rendered folder says stand, as it is on disk; None when `confirm` declines.

    Raises UsageError for a secret without a value, and else as `apply_target` does.
    """
    found = read_folder(folder, session)
    refuse_missing(found, secrets)
    rungs = (found.task_plan,)
    task = _Task(found.cluster, found.workdir, rungs, lambda _rung, _images: read_folder(folder, session), secrets)
    return _apply(task, session, confirm)


def refuse_missing(found: Rendered, secrets: Secrets) -> None:
    """Raise UsageError naming the secrets of a rendered folder that have no value."""
    if missing := [name for name in found.secret_names if name not in secrets]:
        options = " ".join(f"--secret {name}=…" for name in missing)
        raise UsageError(f"{', '.join(missing)}: no value was given", f"give it with {options}")


def given_secrets(target: Target) -> dict[str, str]:
    """Return the values of a task's secrets; raise SpecError naming those that have none."""
    task = target.task
    faults = []
    for name in task.missing_values:
        block, option = ("secrets", "--secret") if name in task.secrets else ("envs", "--env")
        fault = target.spec.fault(
            target.index, f"{block}.{name}", f"{name} has no value", f"give it with {option} {name}=…"
        )
        faults.append(fault)
    if faults:
        raise SpecError(faults, "give a value for each variable named above")
    return {name: value.get_secret_value() for name, value in task.secret_values.items()}


def _apply(task: _Task, session: Session, confirm: Confirm) -> Applied | None:
    with (
        RunLock(task.cluster, verb="apply", timeout_s=session.settings.lock_timeout_s),
        session.store.run(task.cluster, "apply", session.owner) as run,
    ):
        _refuse_stopped(session.store.cluster(task.cluster))
        resume.settle(task.cluster, task.workdir, session)
        attempt = partial(_attempt, task, session, run, confirm)
        made = _stands(task, attempt, session)
        if made is None:
            return None
        if made.images:
            _lock_images(task, made, session)
        record, changed = _hosts_made_ready(made.planned.rendered, made.record, session, run, task.secrets)
        record = session.store.save(replace(record, status="up"))
        give_back_surplus(record, session, run)
        return Applied(made.planned, record, run.id, changed)


def _refuse_stopped(record: ClusterRecord | None) -> None:
    if record and record.status == "stopped":
        raise UsageError(f"{record.name} is stopped", f"bring it back first: styx start {record.name}")


def _stands(task: _Task, attempt: Attempt, session: Session) -> Made | None:
    """Make the machines on the first rung that has them; when none has, the folder is that of the choice again."""
    try:
        return climb(task.cluster, task.rungs, attempt, task.conduct, session)
    except REFUSED:
        if len(task.rungs) > 1 and session.store.cluster(task.cluster) is None:
            task.rendering(task.rungs[0], None)
        raise


def _attempt(task: _Task, session: Session, run: Run, confirm: Confirm, rung: TaskPlan) -> Made | None:
    """Make the machines of one rung; None when `confirm` declines."""
    with step(session.report, "render"):
        rendered = task.rendering(rung, None)
    with leases.leased(rendered, session, run) as hosts, sweep.looking(rendered, session) as way:
        log = session.log(task.cluster, run.id, "terraform")
        with run.step("terraform plan", {"place": f"{rung.placement.cloud}/{rung.placement.region}"}):
            planned = plan_rendered(rendered, session, log, run.id, hosts)
        if not confirm(planned):
            return None
        hosts.kept = True
        way.clear(planned, run)
    return make(planned, session, run)


def _hosts_made_ready(
    rendered: Rendered, record: ClusterRecord, session: Session, run: Run, secrets: Secrets
) -> tuple[ClusterRecord, int]:
    """Run the playbook, when the folder has one; return what is known then, and how many tasks changed something."""
    if not rendered.roles:
        return record, 0
    try:
        if access.is_remote(record):
            record = reached(record, session)
        with _head_leased(record, session), run.step("ansible", {"hosts": len(record.hosts)}):
            log = session.log(record.name, run.id, "ansible")
            return record, configure(rendered.workdir.ansible, record, secrets, session, log).changed
    except BaseException:
        session.store.save(replace(record, status="degraded"))
        raise


@contextmanager
def _head_leased(record: ClusterRecord, session: Session) -> Iterator[None]:
    """Keep others, on other machines, from configuring the same hosts; those of this machine have its own lock.

    Raises LockedError when somebody does.
    """
    if not access.is_remote(record):
        yield
        return
    from styx.run.head_lease import leased

    ssh, who = access.ssh(record), f"{session.owner} on {socket.gethostname()}, run {record.run_id}"
    words = partial(ssh.words, record.hosts[0].name)
    with leased(words, record.name, who, timeout_s=session.settings.lock_timeout_s) as held:
        if not held:
            session.report(Progress("ansible", "note", f"{record.hosts[0].name} was not asked who else works on it"))
        yield


def _lock_images(task: _Task, made: Made, session: Session) -> None:
    """Write down what the machines were made from, so that those to come are made from the same."""
    try:
        task.rendering(made.planned.task_plan, made.images)
    except IntegrityError as error:
        session.report(Progress("render", "note", f"the images are not in the lock: {error.message}"))
