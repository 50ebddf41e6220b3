"""`styx destroy`: end a cluster."""

from typing import TYPE_CHECKING

from styx.cli import console, describe, opening, options
from styx.errors import UsageError

if TYPE_CHECKING:
    from styx.state import ClusterRecord


def destroy(
    name: options.Name,
    yes: options.Yes = False,
    no_sweep: options.NoSweep = False,
    lock_timeout: options.LockTimeout = None,
    json: options.Json = False,
) -> None:
    """Tear a cluster down and leave nothing behind.

    Works when the rendered folder is gone too. Example: styx destroy hello --yes
    """
    from styx.lifecycle.destroy import destroy_cluster

    settings = opening.settings(lock_timeout_s=lock_timeout, sweep=options.sweep(no_sweep))
    with opening.session(settings, quiet=json) as session:
        destroyed = destroy_cluster(name, session, lambda record: _confirm(record, yes=yes))
    if destroyed is None:
        print("nothing was destroyed")
    elif json:
        describe.print_json({"cluster": name, "resources": destroyed.resources})
    else:
        print(f"{name}: destroyed, {console.plural(destroyed.resources, 'resource')} gone, nothing is left")


def _confirm(record: "ClusterRecord", *, yes: bool) -> bool:
    if yes:
        return True
    if not console.interactive():
        raise UsageError("nobody is there to confirm", "give --yes to destroy without being asked")
    machines = ", ".join(host.name for host in record.hosts) or console.plural(record.num_nodes, "machine")
    warning = f"This ends {machines} on {describe.title(record.cloud)}, and what is on the disks is lost."
    return console.ask_name(warning, record.name)
