"""`verify`: look whether the hosts of a cluster are what their roles promise."""

from styx.errors import UsageError
from styx.lifecycle import access
from styx.lifecycle.progress import step
from styx.lifecycle.session import Session
from styx.lifecycle.standing import standing
from styx.state import RunLock
from styx.verify import Verification, verify
from styx.workdir import Workdir


def verify_cluster(name: str, session: Session) -> Verification:
    """Run the checks of the cluster's roles on all its hosts.

    Raises UsageError when nothing was ever put on them, VerifyError when the checks cannot be run.
    """
    record = standing(name, session)
    workdir = Workdir(record.folder)
    roles = tuple(workdir.lock()["roles"])
    if not roles or not workdir.inventory.is_file():
        raise UsageError(f"nothing was put on the hosts of {name}, so there is nothing to check", "see `styx status`")
    with (
        RunLock(name, verb="verify", timeout_s=session.settings.lock_timeout_s),
        session.store.run(name, "verify", session.owner) as run,
        step(session.report, "verify"),
    ):
        hosts = [host.name for host in record.hosts]
        config = access.ssh(record).config if access.is_remote(record) else None
        return verify(workdir.inventory, roles, hosts, session.log(name, run.id, "verify"), config)
