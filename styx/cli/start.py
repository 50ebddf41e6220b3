"""`styx start`: bring stopped machines back."""

from typing import Annotated

from typer import Option

from styx.cli import console, describe, opening, options
from styx.errors import UsageError


def start(
    name: options.Name,
    secret: Annotated[list[str] | None, Option("--secret", help="NAME=VALUE of a secret, as for apply.")] = None,
    lock_timeout: options.LockTimeout = None,
    json: options.Json = False,
) -> None:
    """Switch the machines of a cluster on again, and bring Ray back.

    Addresses may be others than before: the inventory is written anew. Example: styx start train
    """
    from styx.lifecycle.power import start_cluster

    secrets = dict(_pair(text) for text in secret or ())
    with opening.session(opening.settings(lock_timeout_s=lock_timeout), quiet=json) as session:
        record = start_cluster(name, session, secrets).record
    if json:
        describe.print_json(record.to_json())
    else:
        up = f"{record.name}: {console.plural(len(record.hosts), 'machine')} up"
        print(f"{up}, {console.usd(record.hourly_usd)} an hour; next: styx ssh {record.name}")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError("--secret wants NAME=VALUE", "write it as --secret TOKEN=…")
    return name, value
