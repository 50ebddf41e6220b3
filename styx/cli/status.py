"""`styx status`: the clusters that stand."""

from dataclasses import asdict
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
    refresh: Annotated[bool, Option("--refresh", help="Ask the clouds what was changed by hand, too.")] = False,
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
        drifted = {record.name: _drift(record, session) for record in records if record.live} if refresh else {}
    if json:
        said = [record.to_json() | _seen(nodes.get(record.name)) for record in records]
        describe.print_json([one | drifted.get(one["name"], {}) for one in said])
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
    for cluster, found in drifted.items():
        _show_drift(cluster, found)


def _drift(record: "ClusterRecord", session: "Session") -> dict[str, Any]:
    """Return what was changed by hand, or why nobody can tell; one cluster's fault does not hide the others."""
    from styx.lifecycle.drift import find_drift

    try:
        return {"drift": [asdict(one) for one in find_drift(record.name, session).drifts]}
    except StyxError as error:
        return {"drift_error": error.message}


def _show_drift(cluster: str, found: dict[str, Any]) -> None:
    if error := found.get("drift_error"):
        print(f"{cluster}: cannot be compared: {error}")
        return
    addresses = ", ".join(one["address"] for one in found["drift"])
    told = f"changed by hand: {addresses} (styx drift {cluster})" if addresses else "as it was applied"
    print(f"{cluster}: {told}")


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
