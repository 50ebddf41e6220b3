"""`styx status`: the clusters that stand."""

from styx.cli import console, describe, opening, options


def status(json: options.Json = False) -> None:
    """List the clusters that stand: where, since when, what they cost.

    Example: styx status --json
    """
    with opening.session(opening.settings(), quiet=json) as session:
        records = session.store.clusters()
    if json:
        describe.print_json([record.to_json() for record in records])
        return
    if not records:
        print("no cluster stands; make one with `styx apply SPEC`")
    rows = [
        (record.name, record.status, str(record.num_nodes), f"{record.cloud}/{record.region}",
         console.usd(record.hourly_usd), record.created_at, str(record.folder))
        for record in records
    ]  # fmt: skip
    console.table(("cluster", "status", "nodes", "where", "$/hour", "since", "folder"), rows)
