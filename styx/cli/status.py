"""`styx status`: the clusters that stand."""

from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from styx.cli import console, describe, opening, options
from styx.errors import StyxError

if TYPE_CHECKING:
    from styx.lifecycle.session import Session
    from styx.state import ClusterRecord


def status(
    name: Annotated[str | None, Argument(help="Only this cluster.", show_default=False)] = None,
    verbose: Annotated[bool, Option("--verbose", "-v", help="Show the hosts, as Ray sees them.")] = False,
    json: options.Json = False,
) -> None:
    """List the clusters that stand: where, since when, what they cost.

    Examples:

      styx status

      styx status hello -v --json
    """
    from styx.lifecycle.standing import standing

    with opening.session(opening.settings(), quiet=json) as session:
        records = [standing(name, session)] if name else session.store.clusters()
        nodes = {record.name: _nodes(record, session) for record in records} if verbose else {}
    if json:
        describe.print_json([record.to_json() | _seen(nodes.get(record.name)) for record in records])
        return
    if not records:
        print("no cluster stands; make one with `styx apply SPEC`")
    rows = [
        (record.name, record.status, str(record.num_nodes), f"{record.cloud}/{record.region}",
         console.usd(record.hourly_usd), record.created_at, str(record.folder))
        for record in records
    ]  # fmt: skip
    console.table(("cluster", "status", "nodes", "where", "$/hour", "since", "folder"), rows)
    for record in records if verbose else ():
        _show_hosts(record, nodes[record.name])


def _nodes(record: "ClusterRecord", session: "Session") -> dict[str, Any] | str:
    """Return address → Ray's node, or why Ray cannot be asked."""
    from styx.lifecycle.head import open_head

    try:
        with open_head(record.name, session) as head:
            return {node.address: node for node in head.ray.nodes()}
    except StyxError as error:
        return error.message


def _seen(nodes: dict[str, Any] | str | None) -> dict[str, Any]:
    if nodes is None:
        return {}
    return {"ray": nodes} if isinstance(nodes, str) else {"ray_alive": sorted(nodes)}


def _show_hosts(record: "ClusterRecord", nodes: dict[str, Any] | str) -> None:
    print(f"\n{record.name}: {nodes if isinstance(nodes, str) else f'{len(nodes)} nodes alive in Ray'}")
    rows = []
    for host in record.hosts:
        node = None if isinstance(nodes, str) else nodes.get(host.private_address)
        ray = f"alive, {node.used.get('CPU', 0):g} of {node.cpus:g} CPUs taken" if node else "not alive"
        rows.append((host.name, host.role, str(host.rank), host.private_address, ray, host.folder))
    console.table(("host", "role", "rank", "address", "Ray", "folder"), rows)
