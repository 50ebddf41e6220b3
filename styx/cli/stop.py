"""`styx stop`: switch machines off and keep their disks."""

from typing import TYPE_CHECKING

from styx.cli import console, describe, opening, options
from styx.errors import UsageError

if TYPE_CHECKING:
    from styx.state import ClusterRecord


def stop(
    name: options.Name,
    yes: options.Yes = False,
    lock_timeout: options.LockTimeout = None,
    json: options.Json = False,
) -> None:
    """Switch the machines of a cluster off; their disks stay, and are all that is paid for.

    Jobs on them end. Bring them back with `styx start`. Example: styx stop train --yes
    """
    from styx.lifecycle.power import stop_cluster

    with opening.session(opening.settings(lock_timeout_s=lock_timeout), quiet=json) as session:
        record = stop_cluster(name, session, lambda record: _confirm(record, yes=yes))
    if record is None:
        print("nothing was stopped")
    elif json:
        describe.print_json(record.to_json())
    else:
        print(f"{record.name}: {console.plural(len(record.hosts), 'machine')} stopped; next: styx start {record.name}")


def _confirm(record: "ClusterRecord", *, yes: bool) -> bool:
    if yes:
        return True
    if not console.interactive():
        raise UsageError("nobody is there to confirm", "give --yes to stop without being asked")
    return console.ask(f"Stop {', '.join(host.name for host in record.hosts)}, and end the jobs on them?")
