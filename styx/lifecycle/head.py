"""The head of a standing cluster: where jobs are handed in, followed and ended."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from styx.errors import HostError, JobError, UsageError
from styx.lifecycle import access
from styx.lifecycle.session import Session
from styx.lifecycle.standing import standing
from styx.offer import Offer
from styx.run.job import JobFolders, JobState, Work, merged
from styx.run.job_ssh import RemoteJobFolders
from styx.run.ray import JobInfo, Jobs
from styx.state import ClusterRecord

if TYPE_CHECKING:
    from styx.spec import TaskSpec


@dataclass(frozen=True, slots=True)
class Head:
    """One cluster's head, reached."""

    record: ClusterRecord
    folders: JobFolders | RemoteJobFolders
    ray: Jobs
    address: str
    """Of Ray's dashboard and Jobs API, as seen from here: host:port."""

    @property
    def is_remote(self) -> bool:
        """Whether the head is another machine, and `address` a tunnel to it."""
        return isinstance(self.folders, RemoteJobFolders)

    @property
    def token_at(self) -> str:
        """Where the cluster's token for Ray is, for a person to look."""
        if isinstance(self.folders, JobFolders):
            return str(self.folders.token_file)
        return f"~/.styx/ray/token on {self.record.hosts[0].name}"

    def submit(self, job: Mapping[str, object], secrets: Mapping[str, str]) -> str:
        """Hand in `job` (job.json's content) with the values of its secrets; return its id.

        Raises UsageError when it needs more nodes than the cluster has.
        """
        nodes = self._nodes(job)
        envs = job["envs"]
        work = Work(
            run=str(job["run"]),
            num_nodes=nodes,
            task_id=f"{self.record.name}-{self.record.run_id or 'by-hand'}",
            addresses=tuple(host.private_address for host in self.record.hosts),
            envs={**(envs if isinstance(envs, dict) else {}), **secrets},
            cpus=float(str(job["cpus"])),
            gpus=float(str(job["gpus"])),
            cluster_info={"cluster_name": self.record.name, "cloud": self.record.cloud, "region": self.record.region},
        )
        job_id = self.folders.make(work)
        self.ray.submit(self.folders.entrypoint(job_id), job_id)
        return job_id

    def check(self, job: Mapping[str, object], offer: Offer, task: "TaskSpec") -> None:
        """Raise UsageError when the cluster, made of machines like `offer`, can never run `job`."""
        from styx.spec import requests

        self._nodes(job)
        asks = [request.accelerator for request in requests(task).alternatives if request.accelerator]
        names = {ask.name.lower() for ask in asks if ask.name}
        wrong_kind = names and (offer.accelerator or "").lower() not in names
        if asks and (wrong_kind or float(str(job["gpus"])) > offer.accelerator_count):
            wanted = " or ".join(sorted(f"{ask.name or 'any'}:{ask.count:g}" for ask in asks))
            has = f"{offer.accelerator}:{offer.accelerator_count:g}" if offer.accelerator else "no accelerator"
            message = f"the job asks for {wanted}; a node of {self.record.name} has {has}"
            raise UsageError(message, "ask for what the cluster has, or apply the spec to a cluster of its own")

    def _nodes(self, job: Mapping[str, object]) -> int:
        standing = len(self.record.hosts)
        nodes = int(str(job.get("num_nodes", standing)))
        if nodes > standing:
            message = f"the job needs {nodes} nodes; {self.record.name} has {standing}"
            raise UsageError(message, "apply the spec with more nodes first, or give --num-nodes")
        return nodes

    def follow(self, job_id: str, *, rank: int | None = None, tail: int | None = None) -> Iterator[bytes]:
        """Yield the log of a job as it grows, until the job has ended; an empty chunk when there is nothing new."""
        return self.folders.follow(job_id, lambda: self.ray.get(job_id).has_ended, rank=rank, tail=tail)

    def newest(self) -> str:
        """Return the id of the newest job; raise UsageError when there is none."""
        ids = self.folders.ids()
        if not ids:
            raise UsageError(f"{self.record.name} has run no job", f"run one: styx exec {self.record.name} -- CMD")
        return ids[-1]

    def state(self, job_id: str) -> JobState:
        """Return how a job goes, by its driver and by Ray; raise UsageError when there is no such job."""
        self.folders.state(job_id)
        info = self._info(job_id)  # first: a job that ends between the two is not lost
        return merged(self.folders.state(job_id), info)

    def result(self, job_id: str) -> JobState:
        """Return how an ended job went; raise JobError, with the job's own exit code, unless it succeeded."""
        state = self.state(job_id)
        if state.state == "succeeded":
            return state
        code = state.exit_code
        told = f"with exit code {code}" if code is not None else "without a word: its driver was killed"
        what = "was cancelled" if state.state == "cancelled" else f"failed {told}"
        hint = f"read its log: styx logs {self.record.name} {job_id}"
        raise JobError(f"job {job_id} on {self.record.name} {what}", hint, job_exit_code=code)

    def states(self) -> tuple[tuple[str, JobState], ...]:
        """Return every job by its id, the oldest first."""
        infos = {info.id: info for info in self.ray.list()}
        return tuple((one, merged(self.folders.state(one), infos.get(one))) for one in self.folders.ids())

    def cancel(self, job_id: str) -> JobState:
        """End a job on every node and return how it ended."""
        if not self.state(job_id).has_ended:
            self.ray.stop(job_id)
            self.ray.wait(job_id, timeout_s=60)
        return self.state(job_id)

    def _info(self, job_id: str) -> JobInfo | None:
        """Return what Ray knows of a job; None for one of an earlier Ray, which a restart has forgotten."""
        return next((info for info in self.ray.list() if info.id == job_id), None)


@contextmanager
def open_head(name: str, session: Session) -> Iterator[Head]:
    """Reach the head of cluster `name`; raise UsageError when no such cluster stands, HostError when it has no Ray."""
    record = standing(name, session)
    if not record.hosts:
        raise HostError(f"{name} has no machines yet", "finish it with `styx apply`")
    with _reached(record) as (folders, address):
        ray = Jobs(address, folders.token())
        try:
            yield Head(record, folders, ray, address)
        finally:
            ray.close()


@contextmanager
def _reached(record: ClusterRecord) -> Iterator[tuple[JobFolders | RemoteJobFolders, str]]:
    """Give the head's job folders and the address of its Jobs API, as seen from here."""
    host = record.hosts[0]
    if host.folder:
        yield JobFolders(host), f"{host.private_address}:{host.ray_port + 1}"
        return
    ssh = access.ssh(record)
    with ssh.forward(host.name, host.ray_port + 1) as port:
        yield RemoteJobFolders(ssh, host.name), f"127.0.0.1:{port}"
