"""A job's folder on the head of a cluster: what the driver is told, the logs it writes, how the job goes."""

import json
import os
import shlex
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from styx import files
from styx.errors import HostError, UsageError
from styx.host import Host
from styx.run.ray import JobInfo

CHUNK = 256 * 1024
POLL_S = 0.05
ASK_S = 2.0
"""How often a follower asks whether the driver still lives, when its status says that it does."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a job runs: each of `num_nodes` ranks runs `run` with bash, all at once."""

    run: str
    num_nodes: int
    task_id: str
    """The job's id is added to it, so that no two jobs see the same."""
    addresses: tuple[str, ...]
    """Of all the cluster's nodes, by rank: the job's ranks keep this order."""
    envs: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Secrets among them."""
    cpus: float = 1
    """For each rank."""
    gpus: float = 0
    cluster_info: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobState:
    """How a job goes, as its driver tells."""

    state: str = "pending"
    """pending, starting, waiting (for nodes), running, succeeded, failed, cancelled or lost (see `merged`)."""
    exit_code: int | None = None
    """That of the first rank that failed, 0 when none did."""
    exit_codes: tuple[int | None, ...] = ()
    """By rank."""
    addresses: tuple[str, ...] = ()
    """By rank; empty before the job runs."""
    started: float | None = None
    """Seconds since 1970."""
    ended: float | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.ended is not None


def merged(state: JobState, info: JobInfo | None) -> JobState:
    """Return how the job goes by its driver and by Ray: one whose driver ended without a word is lost, and has ended.

    `info` was asked for before `state` was read, or a job that ended between the two would count as lost.
    """
    if state.has_ended or info is None or not info.has_ended:
        return state
    return replace(state, state="lost", ended=info.ended or time.time())


class JobFolders:
    """The job folders of a head that is a folder of this machine."""

    def __init__(self, head: Host) -> None:
        self._home = Path(head.folder) / "home"
        self._jobs = self._home / ".styx" / "jobs"

    @property
    def token_file(self) -> Path:
        """Where the cluster's token for Ray is."""
        return self._home / ".styx" / "ray" / "token"

    def token(self) -> str:
        """Return the cluster's token for Ray; raise HostError when there is none."""
        try:
            return self.token_file.read_text(encoding="ascii")
        except FileNotFoundError as error:
            raise HostError("Ray was never started on the head of this cluster", "run `styx apply`") from error

    def make(self, work: Work) -> str:
        """Make a job's folder, with job.json in it; return its id: a number, one more than the newest."""
        if not self._jobs.is_dir():
            raise HostError("the head of this cluster is not set up", "run `styx apply`")
        number = max((int(name) for name in self.ids()), default=0) + 1
        while True:
            try:
                (self._jobs / str(number)).mkdir(mode=files.FOLDER_MODE)
                break
            except FileExistsError:  # another process was quicker
                number += 1
        job = {"id": str(number), **asdict(work), "task_id": f"{work.task_id}-{number}"}
        files.write(self._jobs / str(number) / "job.json", json.dumps(job))
        return str(number)

    def ids(self) -> tuple[str, ...]:
        """Return the ids of all jobs, the oldest first."""
        names = [entry.name for entry in os.scandir(self._jobs)] if self._jobs.is_dir() else []
        return tuple(sorted(filter(str.isdigit, names), key=int))

    def entrypoint(self, job_id: str) -> str:
        """Return the command line that Ray runs on the head: nothing of the job is in it but its folder."""
        styx = self._home / ".styx"
        return "exec " + shlex.join(
            [str(styx / "env" / "bin" / "python"), str(styx / "bin" / "driver.py"), str(self._folder(job_id))]
        )

    def state(self, job_id: str) -> JobState:
        """Return how the job goes."""
        try:
            told = json.loads((self._folder(job_id) / "status.json").read_bytes())
        except FileNotFoundError:
            return JobState()
        for name in ("exit_codes", "addresses"):
            told[name] = tuple(told.get(name) or ())
        return JobState(**told)

    def log(self, job_id: str, rank: int | None = None) -> Path:
        """Return the log of one rank, byte for byte, or of all, with the rank before each line."""
        return self._folder(job_id) / ("output.log" if rank is None else f"rank-{rank}.log")

    def read(self, job_id: str, *, rank: int | None = None, tail: int | None = None) -> Iterator[bytes]:
        """Yield a log as it is now, or its last `tail` lines."""
        path = self.log(job_id, rank)
        if path.exists():
            with path.open("rb") as stream:
                stream.seek(_start(stream.fileno(), tail))
                while chunk := stream.read(CHUNK):
                    yield chunk
        elif rank is not None and self.state(job_id).state != "pending":
            raise UsageError(f"job {job_id} has no rank {rank}", f"its ranks are {self._ranks(job_id)}")

    def follow(
        self, job_id: str, is_gone: Callable[[], bool], *, rank: int | None = None, tail: int | None = None
    ) -> Iterator[bytes]:
        """Yield a log as it grows, until the job has ended and all is read.

        `is_gone` tells whether Ray has seen the driver end: one that was killed cannot say so in its status.
        An empty chunk is yielded when there is nothing new, so that the caller may do something else.
        """
        path = self.log(job_id, rank)
        ended, asked, position = False, time.monotonic(), None
        while True:
            if path.exists():
                with path.open("rb") as stream:
                    position = _start(stream.fileno(), tail) if position is None else position
                    stream.seek(position)
                    while chunk := stream.read(CHUNK):
                        position += len(chunk)
                        yield chunk
            if ended:
                return
            ended = self.state(job_id).has_ended
            if not ended and time.monotonic() - asked > ASK_S:
                asked = time.monotonic()
                ended = is_gone()
            if not ended:
                yield b""
                time.sleep(POLL_S)

    def _folder(self, job_id: str) -> Path:
        if not job_id.isdigit() or not (self._jobs / job_id).is_dir():
            known = ", ".join(self.ids()[-5:]) or "none yet"
            raise UsageError(f"there is no job {job_id!r} on this cluster", f"its newest jobs are: {known}")
        return self._jobs / job_id

    def _ranks(self, job_id: str) -> str:
        found = self._folder(job_id).glob("rank-*.log")
        return ", ".join(str(rank) for rank in sorted(int(path.stem[5:]) for path in found))


def _start(handle: int, tail: int | None) -> int:
    """Return where the last `tail` lines of a file begin."""
    if tail is None:
        return 0
    position = os.fstat(handle).st_size
    lines_left = tail + 1  # the end of the line before them is looked for
    if position and os.pread(handle, 1, position - 1) != b"\n":
        lines_left -= 1  # the last line has no end yet
    while position and lines_left > 0:
        size = min(CHUNK, position)
        block = os.pread(handle, size, position - size)
        at = len(block)
        while lines_left and at >= 0:
            at = block.rfind(b"\n", 0, at)
            lines_left -= at >= 0
        if not lines_left:
            return position - size + at + 1
        position -= size
    return position
