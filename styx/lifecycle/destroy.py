"""`destroy`: end everything that a cluster is made of, and see that nothing is left."""

import contextlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from styx import clouds, files, paths
from styx.errors import IntegrityError, LeakError
from styx.lifecycle import billing, emptying, gone, leases, resume, sweep
from styx.lifecycle.ownership import is_emptied, lost, open_state, refuse_foreign
from styx.lifecycle.progress import Progress, step
from styx.lifecycle.release import give_all_back
from styx.lifecycle.session import Session
from styx.lifecycle.standing import standing
from styx.run import terraform_init
from styx.state import ClusterRecord, Run, RunLock
from styx.workdir import Workdir

Confirm = Callable[[ClusterRecord], bool]
"""Shown what stands; says whether to destroy it."""


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What a destroy ended."""

    record: ClusterRecord
    resources: int


def destroy_cluster(name: str, session: Session, confirm: Confirm) -> Destroyed | None:
    """Destroy cluster `name` with the rendering that made it; None when `confirm` declines.

    Works after the rendered folder is gone. Raises UsageError when there is no such cluster, LeakError when
    Terraform's state still lists resources at the end.
    """
    with RunLock(name, verb="destroy", timeout_s=session.settings.lock_timeout_s):
        record = _find(name, session)
        if not confirm(record):
            return None
        with session.store.run(name, "destroy", session.owner) as run:
            resume.settle(name, Workdir(record.folder), session)
            return _destroy(record, session, run)


def _destroy(record: ClusterRecord, session: Session, run: Run) -> Destroyed:
    session.store.save(replace(record, status="destroying", run_id=run.id))
    give_all_back(record, session, run)
    workdir, rendered = workdir_of(record, session), Workdir(record.folder)
    try:
        with (
            step(session.report, "terraform destroy") as told,
            run.step("terraform destroy", {"rendering": record.rendering}) as done,
            session.keeping_state(record.name, workdir),
        ):
            count = _terraform_destroy(workdir, record, session, session.log(record.name, run.id, "terraform"), told)
            done["resources"] = count
    finally:
        if workdir.folder != rendered.folder and rendered.terraform.is_dir() and workdir.state_file.is_file():
            files.write(rendered.state_file, workdir.state_file.read_bytes())
    if apart := session.store.states_apart(record.name):
        names = ", ".join(map(str, apart))
        hint = "put it into an empty folder with the rendering that made it, run `terraform destroy`, delete the copy"
        raise LeakError(f"{record.name}: another Terraform state that was kept still lists resources: {names}", hint)
    sweep.after_destroy(record, session, run)
    for file in (rendered.inventory, rendered.run_variables, session.plan_file(record.name)):
        file.unlink(missing_ok=True)
    shutil.rmtree(session.exec_folder(record.name), ignore_errors=True)
    if session.state_is_remote(rendered):
        terraform_init.forget(rendered.terraform / ".terraform")  # a change of backend can lose nothing any more
    billing.gone(run)
    session.store.forget(record.name)
    return Destroyed(record, count)


def _terraform_destroy(
    workdir: Workdir, record: ClusterRecord, session: Session, log: Path, told: Callable[[str], None]
) -> int:
    """Destroy what the state lists and return how much that was.

    Raises LeakError when the state lists nothing although machines were recorded, or something at the end.
    """
    terraform = session.terraform(workdir, log, told)
    open_state(record.name, terraform, workdir, session)
    shown = terraform.show()
    refuse_foreign(record, shown)
    if record.hosts and not emptying.addresses(shown) and not is_emptied(record, terraform, session):
        raise lost(record, terraform)
    ending = partial(emptying.emptied, terraform, record.name, log)
    return gone.forgetting(ending, terraform, clouds.by_id(record.cloud), record.name, session)


def _find(name: str, session: Session) -> ClusterRecord:
    """Return the record of `name`, read from its folder's own lock file when the registry has none."""
    if record := session.store.cluster(name):
        return record
    workdir = Workdir((Path(session.settings.out) / name).absolute())
    if session.store.state_lists_resources(workdir.terraform) or leases.read(name):
        return _read(workdir, name)
    if session.state_is_remote(workdir) and _stands(found := _read(workdir, name), session):
        return found
    return standing(name, session)


def _read(workdir: Workdir, name: str) -> ClusterRecord:
    """Return what the lock file of a rendered folder tells of the cluster."""
    placement = workdir.lock()["placement"]
    return ClusterRecord(
        name=name,
        folder=workdir.folder,
        cloud=placement["cloud"],
        region=placement["region"],
        status="up",
        num_nodes=sum(group["min_count"] for group in placement["groups"]),
        spec_file="",
        spec_digest=workdir.lock()["spec_digest"],
    )


def _stands(record: ClusterRecord, session: Session) -> bool:
    """Ask the remote state of a cluster that somebody else made whether it lists anything."""
    workdir = Workdir(record.folder)
    with step(session.report, "terraform show") as told:
        terraform = session.terraform(workdir, session.log(record.name, "destroy", "terraform"), told)
        open_state(record.name, terraform, workdir, session)
        shown = terraform.show()
    refuse_foreign(record, shown)
    return bool(emptying.addresses(shown))


def workdir_of(record: ClusterRecord, session: Session) -> Workdir:
    """Return a folder that holds the rendering that made the cluster, and its state.

    The rendered folder itself when it is there and still for that placement; else a copy from the user's state folder.
    """
    workdir = Workdir(record.folder)
    if _made(workdir, record, session):
        session.restore_state(record.name, workdir)
        return workdir
    session.report(Progress("state", "note", f"{record.folder} is gone or changed; using the copy kept"))
    copy = Workdir(paths.state() / "clusters" / record.name / "restored")
    for path, text in session.store.rendering(record.name, record.rendering).items():
        files.write(copy.folder / path, text)
    copy.state_file.unlink(missing_ok=True)  # of an earlier try
    terraform_init.forget(copy.terraform / ".terraform")
    if session.state_is_remote(copy):
        return copy
    if workdir.state_file.is_file():  # it can know more than the copy kept: a run that was killed kept none
        files.write(copy.state_file, workdir.state_file.read_bytes())
    session.store.restore_state(record.name, copy.terraform)
    return copy


def _made(workdir: Workdir, record: ClusterRecord, session: Session) -> bool:
    """Say whether the folder is whole, for the placement that stands, and names the state of what stands."""
    try:
        placement = workdir.lock()["placement"]
    except IntegrityError:
        return False
    whole = workdir.terraform.is_dir() and not any(path.startswith("terraform/") for path in workdir.edited())
    if not whole or (placement["cloud"], placement["region"]) != (record.cloud, record.region):
        return False
    with contextlib.suppress(IntegrityError):  # without the rendering that was kept, the folder is all there is
        kept = session.store.rendering(record.name, record.rendering)
        return session.store.backends(kept) == session.store.backends(workdir.terraform_files())
    return True
