"""`stop` and `start`: machines that are off and keep their disks, and the way back."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from styx import clouds
from styx.errors import PolicyError, UsageError
from styx.lifecycle import billing
from styx.lifecycle.apply import Applied, apply_folder, refuse_missing
from styx.lifecycle.progress import step
from styx.lifecycle.rendered import read_folder
from styx.lifecycle.standing import standing
from styx.state import RunLock
from styx.workdir import Workdir

if TYPE_CHECKING:
    from collections.abc import Callable

    from styx.clouds.power import Power
    from styx.lifecycle.hosts import Secrets
    from styx.lifecycle.plan import Planned
    from styx.lifecycle.session import Session
    from styx.state import ClusterRecord


def stop_cluster(name: str, session: "Session", confirm: "Callable[[ClusterRecord], bool]") -> "ClusterRecord | None":
    """Stop the machines of cluster `name`; None when `confirm` declines.

    Raises UsageError where machines cannot be stopped, and what the cloud's switch raises.
    """
    name = standing(name, session).name
    with RunLock(name, verb="stop", timeout_s=session.settings.lock_timeout_s):
        record = standing(name, session)
        power = _switch(record)
        if not confirm(record):
            return None
        with session.store.run(name, "stop", session.owner) as run:
            session.store.save(replace(record, status="degraded", run_id=run.id))
            with step(session.report, "stop"), run.step("stop", {"hosts": len(record.hosts)}):
                power.stop(record.hosts)
            billing.stopped(run, _disk_usd(Workdir(record.folder)))
            return session.store.save(replace(record, status="stopped", run_id=run.id))


def start_cluster(name: str, session: "Session", secrets: "Secrets") -> "Applied":
    """Start the machines of cluster `name`, and bring back what ran on them.

    Their addresses may be others: Terraform looks, the inventory is written anew, and the playbook runs. Raises
    UsageError for a secret without a value, PolicyError when the folder no longer is what stands.
    """
    name = standing(name, session).name
    with RunLock(name, verb="start", timeout_s=session.settings.lock_timeout_s):
        record = standing(name, session)
        power = _switch(record)
        rendered = read_folder(record.folder, session)
        refuse_missing(rendered, secrets)
        with session.store.run(name, "start", session.owner) as run:
            billing.running(run, rendered)
            with step(session.report, "start"), run.step("start", {"hosts": len(record.hosts)}):
                power.start(record.hosts)
            session.store.save(replace(record, status="degraded", run_id=run.id))
    applied = apply_folder(record.folder, session, _only_look, secrets)
    assert applied is not None  # noqa: S101 - _only_look never declines, it raises
    return applied


def _switch(record: "ClusterRecord") -> "Power":
    """Return what switches the machines; raise UsageError where nothing does."""
    cloud = clouds.by_id(record.cloud)
    end = f"end them with: styx destroy {record.name}"
    if not record.hosts:
        raise UsageError(f"{record.name} has no machines yet", "finish it with `styx apply`")
    if cloud.power is None:
        raise UsageError(f"the machines of {record.name} are on {cloud.title}: they cannot be stopped", end)
    markets = {group["market"] for group in _placement(Workdir(record.folder))["groups"]}
    if "spot" in markets and not cloud.stopping.spot_can_stop:
        raise UsageError(f"{record.name}: spot machines of {cloud.title} cannot be stopped", end)
    return cloud.power(record.region)


def _only_look(planned: "Planned") -> bool:
    """Refuse to change machines that were only to be started."""
    changed = [one.address for one in planned.impacts if one.label != "live"]
    if changed:
        message = f"the folder says something else than what stands, and this would change: {', '.join(changed)}"
        raise PolicyError(message, "look at it with `styx plan`, and make it so with `styx apply`")
    return True


def _placement(workdir: Workdir) -> dict[str, Any]:
    found: dict[str, Any] = workdir.lock()["placement"]
    return found


def _disk_usd(workdir: Workdir) -> float | None:
    """Return what the disks cost an hour; None when that is not known."""
    cost = _placement(workdir)["cost"]
    return float(cost["disk_usd"]) if cost["complete"] else None
