"""Ray's REST API on the head of a cluster: its nodes, and its jobs."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from styx.errors import HostError

if TYPE_CHECKING:
    import httpx

JobStatus = Literal["PENDING", "RUNNING", "STOPPED", "SUCCEEDED", "FAILED"]
ENDED: frozenset[JobStatus] = frozenset({"STOPPED", "SUCCEEDED", "FAILED"})


@dataclass(frozen=True, slots=True)
class Node:
    """A living node, as Ray sees it."""

    address: str
    is_head: bool
    cpus: float
    gpus: float
    memory_bytes: int
    used: Mapping[str, float]
    """Resource → how much of it is taken; empty when Ray does not say."""


@dataclass(frozen=True, slots=True)
class JobInfo:
    """One job, as Ray sees it."""

    id: str
    status: JobStatus
    message: str
    exit_code: int | None
    """The driver's; None before its end, or when it was stopped."""
    started: float | None
    """Seconds since 1970."""
    ended: float | None
    metadata: Mapping[str, str]

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.status in ENDED


class Jobs:
    """The API at http://`address`, opened by `token`, which is never in an error's text."""

    def __init__(self, address: str, token: str, *, timeout_s: float = 10) -> None:
        self._address = address
        self._token = token
        self._timeout_s = timeout_s
        self._client: httpx.Client | None = None

    def __repr__(self) -> str:
        return f"Jobs({self._address!r})"

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        if self._client:
            self._client.close()
            self._client = None

    def alive(self) -> bool:
        """Return whether the Jobs API answers; raise HostError when it refuses the token."""
        try:
            self._call("GET", "/api/version")
        except UnreachableError:
            return False
        return True

    def nodes(self) -> tuple[Node, ...]:
        """Return the nodes that are alive, by address; Ray keeps dead ones listed."""
        data = self._call("GET", "/nodes?view=summary")["data"]
        taken = data.get("nodeLogicalResources", {})
        nodes = [_node(each, taken) for each in data["summary"] if each.get("raylet", {}).get("state") == "ALIVE"]
        return tuple(sorted(nodes, key=lambda node: (not node.is_head, node.address)))

    def submit(self, entrypoint: str, job_id: str, metadata: Mapping[str, str] | None = None) -> str:
        """Start a job: `entrypoint` is a shell's command line; it and `metadata` are there for others to read."""
        asked = {"entrypoint": entrypoint, "submission_id": job_id, "metadata": dict(metadata or {})}
        answer = self._call("POST", "/api/jobs/", asked, timeout_s=60)
        return str(answer["submission_id"])

    def get(self, job_id: str) -> JobInfo:
        """Return one job; raise HostError when Ray does not know it."""
        return _job(self._call("GET", f"/api/jobs/{job_id}"))

    def list(self) -> tuple[JobInfo, ...]:
        """Return the jobs that were submitted, the oldest first."""
        answer = self._call("GET", "/api/jobs/")
        found = [_job(each) for each in cast("list[dict[str, Any]]", answer) if each.get("submission_id")]
        return tuple(sorted(found, key=lambda job: job.started or float("inf")))

    def stop(self, job_id: str) -> bool:
        """Ask a job to end; return whether it was running."""
        return bool(self._call("POST", f"/api/jobs/{job_id}/stop")["stopped"])

    def wait(self, job_id: str, timeout_s: float, interval_s: float = 0.2) -> JobInfo:
        """Return the job when it has ended; raise HostError when it has not after `timeout_s`."""
        limit = time.monotonic() + timeout_s
        while not (job := self.get(job_id)).has_ended:
            if time.monotonic() > limit:
                raise HostError(f"job {job_id} is still {job.status} after {timeout_s:g} s", "look at `styx logs`")
            time.sleep(interval_s)
        return job

    def _call(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, timeout_s: float | None = None
    ) -> dict[str, Any]:
        import httpx

        try:
            answer = self._open().request(method, path, json=body, timeout=timeout_s or self._timeout_s)
        except httpx.HTTPError as error:
            raise UnreachableError(
                f"Ray at {self._address} does not answer: {error or type(error).__name__}",
                "start it again with `styx apply`; its log is the service ray's on the head",
            ) from error
        if answer.status_code in {401, 403}:
            raise HostError(
                f"Ray at {self._address} refuses this cluster's token",
                "another program has its port, or its token was replaced: apply again",
            )
        if answer.is_error:
            raise HostError(
                f"Ray at {self._address} answers {answer.status_code} to {path}: {answer.text[:500].strip()}"
            )
        return cast("dict[str, Any]", answer.json())

    def _open(self) -> "httpx.Client":
        import httpx

        if self._client is None:
            headers = {"Authorization": f"Bearer {self._token}"}
            # trust_env: a proxy of the caller's knows nothing of a cluster's own addresses
            self._client = httpx.Client(base_url=f"http://{self._address}", headers=headers, trust_env=False)
        return self._client


class UnreachableError(HostError):
    """Nothing answers at the address of the cluster's head."""


def _node(data: dict[str, Any], taken: dict[str, Any]) -> Node:
    raylet = data["raylet"]
    total = raylet.get("resourcesTotal", {})
    return Node(
        address=raylet.get("nodeManagerAddress") or data["ip"],
        is_head=bool(raylet.get("isHeadNode")),
        cpus=total.get("CPU", 0),
        gpus=total.get("GPU", 0),
        memory_bytes=int(total.get("memory", 0)),
        used=_used(taken.get(raylet.get("nodeId"), "")),
    )


def _used(text: object) -> dict[str, float]:
    """Read `1.0/2.0 CPU` lines, Ray's only form of what is taken."""
    used: dict[str, float] = {}
    for line in str(text).splitlines():
        amount, _, name = line.partition(" ")
        part = amount.partition("/")[0].strip()
        if name in {"CPU", "GPU"} and part:
            used[name] = float(part)
    return used


def _job(data: dict[str, Any]) -> JobInfo:
    return JobInfo(
        id=str(data["submission_id"]),
        status=data["status"],
        message=data.get("message") or "",
        exit_code=data.get("driver_exit_code"),
        started=_seconds(data.get("start_time")),
        ended=_seconds(data.get("end_time")),
        metadata=data.get("metadata") or {},
    )


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
