"""`apply`: what the plan says becomes what stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from styx import clouds, files
from styx.errors import IntegrityError, SpecError, UsageError
from styx.host import Host
from styx.lifecycle import access, billing, leases, sweep
from styx.lifecycle.blame import blaming
from styx.lifecycle.hosts import Secrets, configure, reached
from styx.lifecycle.plan import Planned, plan_rendered
from styx.lifecycle.progress import Progress, step
from styx.lifecycle.refusal import refusals_of
from styx.lifecycle.release import give_back_surplus
from styx.lifecycle.rendered import Rendered, read_folder, render_target
from styx.lifecycle.session import Session
from styx.lifecycle.target import Target
from styx.plan import Plan
from styx.state import ClusterRecord, Run, RunLock

Confirm = Callable[[Planned], bool]
"""Shown what would be done; says whether to do it."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What stands after an apply."""

    planned: Planned
    record: ClusterRecord
    run_id: str
    hosts_changed: int
    """Tasks of the playbook that changed something, on all hosts together."""


def apply_target(
    target: Target, plan: Plan, session: Session, confirm: Confirm, *, overwrite: bool = False
) -> Applied | None:
    """Make what `plan` says of one task stand, machines and hosts; None when `confirm` declines.

    Raises SpecError for a variable without a value, what the rendering, Terraform and Ansible raise, and LockedError
    when another run is at work.
    """
    secrets = given_secrets(target)

    def rendering(images: Mapping[str, str] | None = None) -> Rendered:
        return render_target(target, plan, session, overwrite=overwrite, images=images)

    with blaming(target):
        return _apply(target.cluster, rendering, session, confirm, secrets)


def apply_folder(folder: Path, session: Session, confirm: Confirm, secrets: Secrets) -> Applied | None:
    """Make what a rendered folder says stand, as it is on disk; None when `confirm` declines.

    Raises UsageError for a secret without a value, and else as `apply_target` does.
    """
    found = read_folder(folder, session)
    if missing := [name for name in found.secret_names if name not in secrets]:
        options = " ".join(f"--secret {name}=…" for name in missing)
        raise UsageError(f"{', '.join(missing)}: no value was given", f"give it with {options}")
    cluster = found.cluster
    return _apply(cluster, lambda _images=None: read_folder(folder, session), session, confirm, secrets)


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


def _apply(
    cluster: str, rendering: Callable[..., Rendered], session: Session, confirm: Confirm, secrets: Secrets
) -> Applied | None:
    with (
        RunLock(cluster, verb="apply", timeout_s=session.settings.lock_timeout_s),
        session.store.run(cluster, "apply", session.owner) as run,
    ):
        with step(session.report, "render"):
            rendered = rendering()
        with leases.leased(rendered, session, run) as hosts, sweep.looking(rendered, session) as way:
            planned = plan_rendered(rendered, session, session.log(cluster, run.id, "terraform"), run.id, hosts)
            if not confirm(planned):
                return None
            hosts.kept = True
            way.clear(planned, run)
        record, images = _machines(planned, session, run)
        if images:
            _lock_images(images, rendering, session)
        record, changed = _hosts_made_ready(rendered, record, session, run, secrets)
        record = session.store.save(replace(record, status="up"))
        give_back_surplus(record, session, run)
        return Applied(planned, record, run.id, changed)


def _hosts_made_ready(
    rendered: Rendered, record: ClusterRecord, session: Session, run: Run, secrets: Secrets
) -> tuple[ClusterRecord, int]:
    """Run the playbook, when the folder has one; return what is known then, and how many tasks changed something."""
    if not rendered.roles:
        return record, 0
    try:
        if access.is_remote(record):
            record = reached(record, session)
        with run.step("ansible", {"hosts": len(record.hosts)}):
            log = session.log(record.name, run.id, "ansible")
            return record, configure(rendered.workdir.ansible, record, secrets, session, log).changed
    except BaseException:
        session.store.save(replace(record, status="degraded"))
        raise


def _lock_images(images: Mapping[str, str], rendering: Callable[..., Rendered], session: Session) -> None:
    """Write down what the machines were made from, so that those to come are made from the same."""
    try:
        rendering(images)
    except IntegrityError as error:
        session.report(Progress("render", "note", f"the images are not in the lock: {error.message}"))


def _machines(planned: Planned, session: Session, run: Run) -> tuple[ClusterRecord, dict[str, str]]:
    """Apply the saved plan; what Terraform leaves, done or not, is recorded and its state kept.

    Returns the record, and group → the image that its machines were made from, where the cloud tells.
    """
    record = session.store.save(_record(planned, session, run))
    try:
        outputs = _terraform_apply(planned, session, run)
    except BaseException:
        session.store.save(replace(record, status="degraded"))
        raise
    if planned.rendered.roles:
        files.write(planned.rendered.workdir.inventory, str(outputs["inventory"]))
    hosts, images = _hosts(outputs["hosts"])
    return session.store.save(replace(record, hosts=hosts)), images


def _record(planned: Planned, session: Session, run: Run) -> ClusterRecord:
    """Return what is recorded before anything is made: enough to find and destroy all of it."""
    rendered, placement = planned.rendered, planned.task_plan.placement
    known = session.store.cluster(rendered.cluster)
    return ClusterRecord(
        name=rendered.cluster,
        folder=rendered.workdir.folder,
        cloud=placement.cloud,
        region=placement.region,
        status="applying",
        num_nodes=placement.num_nodes,
        spec_file=rendered.spec_file,
        spec_digest=rendered.spec_digest,
        hourly_usd=placement.cost.hourly_usd if placement.cost.complete else None,
        slot=planned.slot,
        run_id=run.id,
        owner=session.owner,
        hosts=known.hosts if known else (),
        rendering=session.store.keep_rendering(rendered.cluster, rendered.workdir.terraform_files()),
    )


def _terraform_apply(planned: Planned, session: Session, run: Run) -> dict[str, object]:
    """Apply the saved plan unless it changes nothing; return Terraform's outputs."""
    rendered = planned.rendered
    log = session.log(rendered.cluster, run.id, "terraform")
    with (
        step(session.report, "terraform apply") as told,
        run.step("terraform apply", {"changes": len(planned.terraform.changes)}),
        session.keeping_state(rendered.cluster, rendered.workdir),
    ):
        terraform = session.terraform(rendered.workdir, log, told)
        if planned.terraform.has_changes:
            billing.running(run, rendered)
            with refusals_of(clouds.by_id(planned.task_plan.placement.cloud)):
                terraform.apply(planned.file)
        if session.state_is_remote(rendered.workdir):
            session.store.note_remote_state(rendered.cluster, terraform.pull())
        return terraform.output()


def _hosts(found: object) -> tuple[tuple[Host, ...], dict[str, str]]:
    """Return the hosts that Terraform's output tells of, and group → image."""
    if not isinstance(found, list):
        raise IntegrityError("Terraform's output `hosts` is not a list", "do not override it; render the folder again")
    known = {one.name for one in fields(Host)}
    hosts = tuple(Host(**{name: value for name, value in host.items() if name in known}) for host in found)
    return hosts, {host["group"]: host["image"] for host in found if host.get("image")}
