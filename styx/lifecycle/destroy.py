"""`destroy`: end everything that a cluster is made of, and see that nothing is left."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from styx import files, paths
from styx.errors import IntegrityError, LeakError
from styx.lifecycle.progress import Progress, step
from styx.lifecycle.session import Session
from styx.lifecycle.standing import standing
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
            return _destroy(record, session, run)


def _destroy(record: ClusterRecord, session: Session, run: Run) -> Destroyed:
    session.store.save(replace(record, status="destroying", run_id=run.id))
    workdir, rendered = _workdir(record, session), Workdir(record.folder)
    try:
        with (
            step(session.report, "terraform destroy") as told,
            run.step("terraform destroy"),
            session.keeping_state(record.name, workdir),
        ):
            count = _terraform_destroy(workdir, record, session, session.log(record.name, run.id, "terraform"), told)
    finally:
        if workdir.folder != rendered.folder and rendered.terraform.is_dir() and workdir.state_file.is_file():
            files.write(rendered.state_file, workdir.state_file.read_bytes())
    if apart := session.store.states_apart(record.name):
        names = ", ".join(map(str, apart))
        hint = "put it into an empty folder with the rendering that made it, run `terraform destroy`, delete the copy"
        raise LeakError(f"{record.name}: another Terraform state that was kept still lists resources: {names}", hint)
    for file in (rendered.inventory, rendered.run_variables, session.plan_file(record.name)):
        file.unlink(missing_ok=True)
    shutil.rmtree(session.exec_folder(record.name), ignore_errors=True)
    session.store.forget(record.name)
    return Destroyed(record, count)


def _terraform_destroy(
    workdir: Workdir, record: ClusterRecord, session: Session, log: Path, told: Callable[[str], None]
) -> int:
    """Destroy what the state lists and return how much that was.

    Raises LeakError when the state lists nothing although machines were recorded, or something at the end.
    """
    terraform = session.terraform(workdir, log, told)
    if terraform.needs_init():
        terraform.init()
    emptied = session.store.state_is_emptied(record.name, workdir.terraform)
    if record.hosts and not emptied and not _addresses(terraform.show()):
        machines = ", ".join(f"{host.name} ({host.folder or host.id})" for host in record.hosts)
        hint = f"put the state back into {workdir.terraform} and destroy again, or end these machines by hand"
        raise LeakError(f"{record.name}: Terraform's state is lost or empty, so these may live on: {machines}", hint)
    done = terraform.destroy()
    if left := _addresses(terraform.show()):
        raise LeakError(f"{record.name}: Terraform still lists {', '.join(left)}", log=log)
    return done.destroy


def _find(name: str, session: Session) -> ClusterRecord:
    """Return the record of `name`, read from its folder's own lock file when the registry has none."""
    if record := session.store.cluster(name):
        return record
    workdir = Workdir((Path(session.settings.out) / name).absolute())
    if session.store.state_lists_resources(workdir.terraform):
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
    return standing(name, session)


def _workdir(record: ClusterRecord, session: Session) -> Workdir:
    """Return a folder that holds the rendering that made the cluster, and its state.

    The rendered folder itself when it is there and still for that placement; else a copy from the user's state folder.
    """
    workdir = Workdir(record.folder)
    if _made(workdir, record):
        session.store.restore_state(record.name, workdir.terraform)
        return workdir
    session.report(Progress("terraform destroy", "note", f"{record.folder} is gone or changed; using the copy kept"))
    copy = Workdir(paths.state() / "clusters" / record.name / "restored")
    for path, text in session.store.rendering(record.name, record.rendering).items():
        files.write(copy.folder / path, text)
    copy.state_file.unlink(missing_ok=True)  # of an earlier try
    if not session.store.restore_state(record.name, copy.terraform) and workdir.state_file.is_file():
        files.write(copy.state_file, workdir.state_file.read_bytes())
    return copy


def _made(workdir: Workdir, record: ClusterRecord) -> bool:
    """Say whether the folder is whole and for the placement that stands."""
    try:
        placement = workdir.lock()["placement"]
    except IntegrityError:
        return False
    whole = workdir.terraform.is_dir() and not any(path.startswith("terraform/") for path in workdir.edited())
    return whole and (placement["cloud"], placement["region"]) == (record.cloud, record.region)


def _addresses(shown: dict[str, Any]) -> list[str]:
    """Return the addresses of all resources in Terraform's JSON state."""
    module = shown.get("values", {}).get("root_module", {})
    found, modules = [], [module]
    while modules:
        module = modules.pop()
        found += [resource["address"] for resource in module.get("resources", ())]
        modules += module.get("child_modules", ())
    return found
