"""The job folders of a head that is reached over SSH: what `JobFolders` is for a head that is a folder."""

import json
import os
import selectors
import shlex
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, NoReturn, cast

from styx.errors import HostError, UsageError
from styx.run.job import ASK_S, CHUNK, JobState, Work
from styx.run.parallel import Done
from styx.run.ssh import Ssh

if TYPE_CHECKING:
    import subprocess

_STYX = ".styx"
"""Below the login user's home, where every command over SSH starts."""
_PROGRAM = f"{_STYX}/bin/jobs.py"
_TIMEOUT_S = 60
_IDLE_S = 0.1


class RemoteJobFolders:
    """The job folders of `host`: see playbooks/roles/job/files/jobs.py, which does the work there."""

    def __init__(self, ssh: Ssh, host: str) -> None:
        self._ssh = ssh
        self._host = host

    def token(self) -> str:
        """Return the cluster's token for Ray; raise HostError when there is none."""
        return self._ask("token", f"{_STYX}/ray/token").decode("ascii")

    def make(self, work: Work) -> str:
        """Make a job's folder, with job.json in it; return its id: a number, one more than the newest."""
        return self._ask("make", stdin=json.dumps(asdict(work)).encode()).decode().strip()

    def ids(self) -> tuple[str, ...]:
        """Return the ids of all jobs, the oldest first."""
        return tuple(self._ask("ids").decode().split())

    def entrypoint(self, job_id: str) -> str:
        """Return the command line that Ray runs on the head: nothing of the job is in it but its folder."""
        home = "$HOME/" + _STYX
        return f'exec "{home}/env/bin/python" "{home}/bin/driver.py" "{home}/jobs/{shlex.quote(job_id)}"'

    def state(self, job_id: str) -> JobState:
        """Return how the job goes; raise UsageError when there is no such job."""
        told = json.loads(self._ask("state", job_id))
        if not told:
            return JobState()
        for name in ("exit_codes", "addresses"):
            told[name] = tuple(told.get(name) or ())
        return JobState(**told)

    def read(self, job_id: str, *, rank: int | None = None, tail: int | None = None) -> Iterator[bytes]:
        """Yield a log as it is now, or its last `tail` lines."""
        with self._ssh.streaming(self._host, self._log(job_id, rank, tail, "now")) as running:
            while chunk := _output(running).read(CHUNK):
                yield chunk
            self._judge(running, job_id, rank)

    def follow(
        self, job_id: str, is_gone: Callable[[], bool], *, rank: int | None = None, tail: int | None = None
    ) -> Iterator[bytes]:
        """Yield a log as it grows, until the job has ended and all is read; see `JobFolders.follow`."""
        asked = time.monotonic()
        with self._ssh.streaming(self._host, self._log(job_id, rank, tail, "follow")) as running:
            handle = _output(running).fileno()
            with selectors.DefaultSelector() as ready:
                ready.register(handle, selectors.EVENT_READ)
                while True:
                    if ready.select(_IDLE_S):
                        chunk = os.read(handle, CHUNK)
                        if not chunk:
                            break
                        yield chunk
                        continue
                    yield b""
                    if time.monotonic() - asked > ASK_S:
                        asked = time.monotonic()
                        if is_gone() and not ready.select(ASK_S):
                            return  # its driver was killed: nobody will say that it has ended
            self._judge(running, job_id, rank)

    def _log(self, job_id: str, rank: int | None, tail: int | None, way: str) -> list[str]:
        words = [job_id, "all" if rank is None else str(rank), "all" if tail is None else str(tail), way]
        return ["python3", _PROGRAM, f"{_STYX}/jobs", "log", *words]

    def _ask(self, verb: str, *words: str, stdin: bytes = b"") -> bytes:
        command = ["python3", _PROGRAM, f"{_STYX}/jobs", verb, *words]
        done = self._ssh.run(self._host, command, stdin=stdin, timeout_s=_TIMEOUT_S)
        if done.code:
            self._fail(done, words[0] if words else "", None)
        return done.stdout

    def _judge(self, running: "subprocess.Popen[bytes]", job_id: str, rank: int | None) -> None:
        code = running.wait()
        said = running.stderr.read().decode(errors="replace") if running.stderr else ""
        if code:
            self._fail(Done(self._host, code, b"", said.strip()), job_id, rank)

    def _fail(self, done: Done, job_id: str, rank: int | None) -> NoReturn:
        if done.code == 3:
            known = ", ".join(self.ids()[-5:]) or "none yet"
            raise UsageError(f"there is no job {job_id!r} on this cluster", f"its newest jobs are: {known}")
        if done.code == 4:
            raise UsageError(f"job {job_id} has no rank {rank}", "its ranks count from 0")
        if done.code == 5:
            raise HostError("the head of this cluster is not set up", "run `styx apply`")
        what = "cannot be reached" if done.is_unreachable else "does not answer"
        raise HostError(f"{self._host} {what}: {done.stderr or f'exit code {done.code}'}")


def _output(running: "subprocess.Popen[bytes]") -> IO[bytes]:
    return cast("IO[bytes]", running.stdout)
