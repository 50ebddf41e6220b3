"""The machines of a plan: written down, made, and recorded; what was made in vain is taken away again."""

from dataclasses import dataclass, fields, replace

from styx import clouds, files
from styx.errors import IntegrityError, LeakError
from styx.host import Host
from styx.lifecycle import billing, emptying
from styx.lifecycle.plan import Planned
from styx.lifecycle.progress import step
from styx.lifecycle.refusal import is_refusal, refusals_of
from styx.lifecycle.release import give_all_back
from styx.lifecycle.session import Session
from styx.state import ClusterRecord, Run


@dataclass(frozen=True, slots=True)
class Made:
    """The machines of a cluster, as Terraform tells of them."""

    planned: Planned
    record: ClusterRecord
    images: dict[str, str]
    """Group → the image that its machines were made from, where the cloud tells."""


class Underway:
    """What Terraform has begun to make and not yet made."""

    def __init__(self) -> None:
        self.begun: list[str] = []

    def heard(self, text: str) -> str:
        """Follow one line of progress, `address action stage`, and return it."""
        address, action, stage = text.rsplit(" ", 2)
        if action == "create" and stage == "start":
            self.begun.append(address)
        elif stage in ("complete", "errored") and address in self.begun:
            self.begun.remove(address)
        return text


def make(planned: Planned, session: Session, run: Run) -> Made:
    """Apply the saved plan; what Terraform leaves, done or not, is recorded and its state kept.

    When the cloud refuses a part of a cluster that is new, the rest of it is taken away before the error goes on.
    Raises LeakError when that fails.
    """
    planned.seal.check(planned.file, planned.rendered.workdir, planned.rendered.spec_file)
    record, stood = _record(planned, session, run), _stood(planned, session)
    rung = {"rendering": record.rendering, "stood": stood, **billing.price(planned.task_plan.placement)}
    with run.step("rung", rung) as told:
        record = session.store.save(record)
        underway = Underway()
        try:
            outputs = _terraform_apply(planned, session, run, underway)
        except BaseException as error:
            session.store.save(replace(record, status="degraded"))
            if getattr(error, "forced", False):
                raise _may_remain(planned, session, run, underway) from error
            if not stood and is_refusal(error) and not _is_unsaved(planned, session):
                _take_away(planned, record, session, run)
            raise
        hosts, images = _hosts(outputs["hosts"])
        told.update(hosts=[host.id for host in hosts], changes=len(planned.terraform.changes))
    if planned.rendered.roles:
        files.write(planned.rendered.workdir.inventory, str(outputs["inventory"]))
    return Made(planned, session.store.save(replace(record, hosts=hosts)), images)


def _stood(planned: Planned, session: Session) -> bool:
    """Say whether the cluster stood before: then somebody may work on it, and nothing of it is taken away."""
    known = session.store.cluster(planned.rendered.cluster)
    return bool(known and known.live and known.hosts)


def _is_unsaved(planned: Planned, session: Session) -> bool:
    """Say whether the store of the state did not take it: it must first be handed in."""
    rendered = planned.rendered
    return session.store.unsaved_state(rendered.cluster, rendered.workdir.terraform) is not None


def _take_away(planned: Planned, record: ClusterRecord, session: Session, run: Run) -> None:
    """Destroy, with the rendering that made it, what a refused rung left, and see its state empty."""
    rendered = planned.rendered
    log = session.log(rendered.cluster, run.id, "terraform")
    with (
        step(session.report, "clean up") as told,
        run.step("terraform destroy", {"rendering": record.rendering}) as done,
        session.keeping_state(rendered.cluster, rendered.workdir),
    ):
        terraform = session.terraform(rendered.workdir, log, told)
        done["resources"] = emptying.emptied(terraform, rendered.cluster, log)
    give_all_back(record, session, run)
    billing.gone(run)
    session.store.forget(rendered.cluster)


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


def _may_remain(planned: Planned, session: Session, run: Run, underway: Underway) -> LeakError:
    """Return the error for a Terraform that could not end in order: what it was making is in no state."""
    rendered = planned.rendered
    log = session.log(rendered.cluster, run.id, "terraform")
    shown = session.terraform(rendered.workdir, log, lambda _text: None).show()
    lines = [
        *emptying.named(shown),
        *(f"{address} (was being made, its id is not known)" for address in underway.begun),
    ]
    message = f"{rendered.cluster}: Terraform was forced to end; these stand, or may: {', '.join(lines) or 'nothing'}"
    hint = f"run the command again, which finds them and carries on; or `styx destroy {rendered.cluster}`"
    return LeakError(message, hint, log=log)


def _terraform_apply(planned: Planned, session: Session, run: Run, underway: Underway) -> dict[str, object]:
    """Apply the saved plan unless it changes nothing; return Terraform's outputs."""
    rendered = planned.rendered
    log = session.log(rendered.cluster, run.id, "terraform")
    with (
        step(session.report, "terraform apply") as told,
        run.step("terraform apply", {"changes": len(planned.terraform.changes)}),
        session.keeping_state(rendered.cluster, rendered.workdir),
    ):
        terraform = session.terraform(rendered.workdir, log, lambda text: told(underway.heard(text)))
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
