"""Files to and from the hosts of a cluster, by rsync."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from styx.errors import UsageError
from styx.host import Host
from styx.lifecycle import access
from styx.lifecycle.session import Session
from styx.lifecycle.standing import standing
from styx.run import parallel
from styx.run.parallel import Done, OnLine, Words

Way = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Transfer:
    """What goes where."""

    way: Way
    source: str
    target: str
    delete: bool = False
    """Remove from the target what the source has not."""


def transfer(
    name: str, what: Transfer, session: Session, on_line: OnLine, *, rank: int | None = None
) -> dict[str, Done]:
    """Copy between this machine and one host, or all for `up` without a rank; return how it ended on each.

    A relative path on a host starts at its working folder `workdir`, `~/` at its home. Raises UsageError for a rank
    that the cluster has not.
    """
    record = standing(name, session)
    if rank is not None and rank >= len(record.hosts):
        raise UsageError(f"{name} has no rank {rank}", f"its ranks are 0 to {len(record.hosts) - 1}")
    chosen = [record.hosts[rank]] if rank is not None else record.hosts if what.way == "up" else record.hosts[:1]
    remote = access.is_remote(record)
    shell = ("-e", f"ssh -F {shlex.quote(str(access.ssh(record).config))} -o BatchMode=yes") if remote else ()
    words = {host.name: Words(tuple(_rsync(what, host, shell))) for host in chosen}
    return parallel.everywhere(words, on_line)


def _rsync(what: Transfer, host: Host, shell: Sequence[str]) -> list[str]:
    options = ["rsync", "--archive", "--compress", "--protect-args", "--mkpath", *shell]
    options += ["--delete"] if what.delete else []
    options += ["--filter", ":- .gitignore"] if what.way == "up" else []
    here, there = (what.source, what.target) if what.way == "up" else (what.target, what.source)
    ends = [str(Path(here).expanduser()) + ("/" if here.endswith("/") else ""), _there(there, host)]
    return [*options, "--", *(ends if what.way == "up" else reversed(ends))]


def _there(path: str, host: Host) -> str:
    home = f"{host.folder}/home/" if host.folder else ""
    place = path if path.startswith("/") else home + (path[2:] if path.startswith("~/") else f"workdir/{path}")
    return place if host.folder else f"{host.name}:{place}"
