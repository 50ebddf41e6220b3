"""The page docs/clouds.md, made from the clouds' records: `python -m styx.cli.cloud_table > docs/clouds.md`."""

from collections.abc import Callable, Iterable, Sequence
from typing import get_args

from styx import clouds
from styx.clouds import Capability, Cloud
from styx.spec.backend_settings import KINDS

NO = "-"

_HEAD = """# What each cloud can do

Made from the records in `styx/clouds/` by `make docs`. What a spec asks of a cloud that cannot do it is refused by name
when it is planned, before anything is made.

## Fields of a spec

Those of `resources`, and those of the `styx` block that a cloud must know how to honour.

"""

_MECHANISMS = """
## The clouds' own mechanisms

"""

_STOPPING = """
## Stopping, and what ends the bill

Disks are paid for until the cluster is destroyed. *Autostop* is how an idle machine is stopped, *autodown* how it is
ended: by its own **shutdown**, which needs no right at all; with an **identity** of its own, which may do that to
itself and nothing else; or from **outside**, by a Styx that watches, with your credentials.

"""

_STATE = """
## State

Terraform's state goes where `styx.backend` says, whatever the cloud: {backends}.

## Can I use it? `styx check`

    styx check                 every cloud; exit 0 when one is ready (`local` always is, with Terraform and Ansible)
    styx check aws gcp         these; exit 0 when both are ready
    styx check aws --json      for machines
    styx check ssh/lab         the hosts of a pool of yours: see [pools](pools.md)
    styx check --timeout 60    on a slow network: each cloud may take so long, 20 s by default

It looks for the programs (Terraform or OpenTofu 1.9, ansible-playbook, and ssh and rsync for machines elsewhere), for
the cloud's library, for credentials where Terraform's provider looks for them, and asks the cloud whether they may make
machines: with dry runs and questions, so nothing is made. Each thing that is missing comes with the command that mends
it. Exit 1: a program or library is missing; 5: a cloud does not let you in, or cannot be reached. No secret is printed.

"""

_REFUSALS = """
## When a cloud refuses

What a provider says is told apart by patterns in the cloud's package: no **capacity** (exit 3), **quota** and
**credentials** (exit 5), an **invalid** request. Each pattern has a scope, the widest place where the same request
fails again: the zone, the region, the type of machine, or the account. That is what failover leaves out.
"""

_MEANS = {"": NO, "shutdown": "shutdown", "identity": "identity", "outside": "outside"}

_SHUTDOWNS = {
    "ends": "ends it",
    "stops": "stops it",
    "chosen": "by ",
    "bills": "turns it off, and it is paid for as if it ran",
}


def page() -> str:
    """Return the page."""
    records = [clouds.by_id(cloud_id) for cloud_id in clouds.ids()]
    state = _STATE.format(backends=", ".join(f"`{kind}`" for kind in KINDS))
    parts = (_HEAD, _fields(records), _MECHANISMS, _mechanisms(records), _STOPPING, _stopping(records), state)
    credentials = _table(["", "credentials, in this order"], ([one.title, one.credentials or NO] for one in records))
    return "".join((*parts, credentials, _REFUSALS))


def _fields(records: Sequence[Cloud]) -> str:
    rows = ([f"`{name}`", *(_yes(name in record.capabilities) for record in records)] for name in get_args(Capability))
    return _table(["", *(record.title for record in records)], rows)


def _mechanisms(records: Sequence[Cloud]) -> str:
    """Return the table of what each cloud calls the things, as far as its record says that a spec can have them."""
    told: tuple[tuple[str, Callable[[Cloud], str]], ...] = (
        ("spot", lambda one: one.spot if "use_spot" in one.capabilities else ""),
        ("`network_tier: best`", lambda one: one.fast_network if "network_tier" in one.capabilities else ""),
        ("`image_id`", lambda one: one.image_forms if "image_id" in one.capabilities else ""),
        ("tunnel", lambda one: ", ".join(f"`{name}`" for name in one.tunnels)),
        ("rights without a secret", lambda one: one.identity if one.bucket_scheme else ""),
        ("buckets of its own", lambda one: f"`{one.bucket_scheme}://`" if one.bucket_scheme else ""),
        ("SSH host keys", lambda one: one.host_keys or ("first contact" if one.is_remote else "")),
        ("tags", lambda one: one.tag_rule.said.replace("_", "\\_") if one.tag_rule else ""),
    )
    rows = ([name, *(_cell(read(record)) for record in records)] for name, read in told)
    return _table(["", *(record.title for record in records)], rows)


def _stopping(records: Sequence[Cloud]) -> str:
    heads = (
        "",
        "stop and start",
        "spot too",
        "a shutdown from inside",
        "ends the bill",
        "autostop",
        "autodown",
        "source",
    )
    rows = (
        (
            record.title, _yes(record.stopping.can_stop), _yes(record.stopping.spot_can_stop),
            _SHUTDOWNS[record.stopping.shutdown] + record.stopping.chosen_by,
            _yes(record.stopping.shutdown_ends_billing), _MEANS[record.stopping.autostop],
            _MEANS[record.stopping.autodown], _link(record.stopping.source),
        )
        for record in records
    )  # fmt: skip
    return _table(heads, rows)


def _link(source: str) -> str:
    return f"[here]({source})" if source.startswith("https://") else f"`{source}`" if source else NO


def _yes(value: bool) -> str:
    return "yes" if value else NO


def _cell(text: str) -> str:
    return text.replace("|", "\\|") or NO


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    print(page(), end="")
