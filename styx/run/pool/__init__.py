"""Hosts of pools over SSH: what each is, and the lease that one cluster at a time has of it."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from styx.clouds import Facts
from styx.clouds.nvidia import QUERY, parse_gpus
from styx.clouds.pool import whole_gib
from styx.errors import HostError
from styx.run.parallel import TIMED_OUT, Done
from styx.run.ssh import Ssh

_HERE = Path(__file__).parent
_MARK = "styx "
_ANOTHERS = 3
_AT_ONCE = 64
_LEASE_S = 60.0

_AS_ROOT = 'if [ "$(id -u)" = 0 ]; then exec python3 - "$@" "$HOME"; fi; exec sudo -n python3 - "$@" "$HOME"'


@dataclass(frozen=True, slots=True)
class Lease:
    """Who has a host."""

    cluster: str
    owner: str
    id: str
    """Of the state folder that knows the cluster: two users may give two clusters one name."""
    machine: str = ""
    """Where that is."""
    since: str = ""
    before: tuple[str, ...] = ()
    """What the host had already of the paths that a cluster makes."""
    home: str = ""
    user: str = ""
    """Who logged in to take it."""

    def __str__(self) -> str:
        return f"{self.cluster} of {self.owner} on {self.machine}, since {self.since}"

    def is_of(self, other: "Lease") -> bool:
        """Tell whether it is the same cluster's."""
        return (self.id, self.cluster) == (other.id, other.cluster)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen of a host."""

    done: Done
    said: Mapping[str, str] = field(default_factory=dict)
    gpus: tuple[str, ...] = ()
    """Lines of nvidia-smi."""

    @property
    def is_whole(self) -> bool:
        """Whether the host answered to the end."""
        return "end" in self.said

    @property
    def is_late(self) -> bool:
        """Whether it took too long."""
        return self.done.code == TIMED_OUT

    @property
    def facts(self) -> Facts | None:
        """What it is; None when it did not say."""
        if not self.is_whole:
            return None
        gpus = parse_gpus("\n".join(self.gpus))
        return Facts(
            vcpus=float(self.said["cpus"]),
            memory_gib=whole_gib(int(self.said["memory_kib"]) / 2**20),
            arch={"aarch64": "arm64"}.get(self.said["arch"], self.said["arch"]),
            accelerator=gpus[0].name if gpus else "",
            accelerator_count=len(gpus),
            gpu_memory_gib=min(gpu.memory_gib for gpu in gpus) if gpus else None,
        )

    @property
    def lease(self) -> Lease | None:
        """Who has it; None when nobody does."""
        return _lease(self.said["lease"]) if "lease" in self.said else None


def look(ssh: Ssh, hosts: Sequence[str], *, timeout_s: float) -> dict[str, Looked]:
    """Look at all `hosts` at once; nothing is changed on them."""
    said: dict[str, dict[str, str]] = {host: {} for host in hosts}
    gpus: dict[str, list[str]] = {host: [] for host in hosts}

    def keep(host: str, line: str) -> None:
        if not line.startswith(_MARK):
            return
        name, _, text = line.removeprefix(_MARK).partition(" ")
        if name == "gpu":
            gpus[host].append(text)
        else:
            said[host][name] = text.strip()

    program = (_HERE / "probe.sh").read_text()
    done = ssh.everywhere(hosts, ["sh", "-c", program, "sh", *QUERY], keep, timeout_s=timeout_s)
    return {host: Looked(done[host], said[host], tuple(gpus[host])) for host in hosts}


def take(ssh: Ssh, hosts: Sequence[str], holder: Lease, paths: Sequence[str]) -> dict[str, Lease]:
    """Lease `hosts` for `holder`, and return who has each now; what each has of `paths` before is in its lease."""
    return {host: lease for host, lease in _everywhere(ssh, hosts, "take", holder, paths).items() if lease}


def drop(ssh: Ssh, hosts: Sequence[str], holder: Lease) -> dict[str, Lease | None]:
    """Give up what `holder` has of `hosts`; return who had each."""
    return _everywhere(ssh, hosts, "drop", holder, ())


def end(ssh: Ssh, host: str, holder: Lease) -> Lease | None:
    """End the lease of `host`, whoever has it; return who had it."""
    return _everywhere(ssh, [host], "break", holder, ())[host]


def _everywhere(
    ssh: Ssh, hosts: Sequence[str], verb: str, holder: Lease, paths: Sequence[str]
) -> dict[str, Lease | None]:
    """Run lease.py on all hosts at once; raise HostError for the first that cannot."""
    told = json.dumps({**asdict(holder), "paths": list(paths)})
    words = ("sh", "-c", _AS_ROOT, "sh", verb, told)
    program = (_HERE / "lease.py").read_bytes()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        running = {host: pool.submit(ssh.run, host, words, stdin=program, timeout_s=_LEASE_S) for host in hosts}
        return {host: _read(one.result()) for host, one in running.items()}


def _read(done: Done) -> Lease | None:
    if done.code not in (0, _ANOTHERS):
        said = (done.stderr.splitlines() or ["it said nothing"])[-1]
        raise HostError(f"{done.host} cannot be leased or given back: {said}", "see what `styx check ssh` says of it")
    return _lease(done.stdout.decode())


def _lease(text: str) -> Lease | None:
    """Read a lease as the host tells it."""
    told = json.loads(text)
    if told is None:
        return None
    known = {name: told[name] for name in Lease.__dataclass_fields__ if name in told}
    return Lease(**{**known, "before": tuple(told.get("before", ()))})
