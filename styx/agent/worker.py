"""The agent's loop: claim, execute, report, again; and what it does about signals and lost servers."""

import contextlib
import os
import random
import shutil
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from styx import files, paths
from styx.agent.attempts import ATTEMPTS, Clients, Held
from styx.agent.client import Address, Client, passes
from styx.agent.clock import CLOCK, Clock
from styx.agent.clusters import Clusters
from styx.agent.delivery import deliver, kept
from styx.api import limits
from styx.api.messages import Claimed, ClaimedTasks, HeartbeatReply
from styx.errors import LockedError, StyxError

FOREVER_S = 365 * 86400.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How an agent works."""

    address: Address
    name: str
    labels: tuple[str, ...] = ()
    concurrency: int = 1
    poll_s: float = 2.0
    """How long it waits, give or take half of it, after it got nothing."""
    drain_s: float = 3600.0
    """How long tasks may go on after SIGTERM before they are given back."""
    clock: Clock = CLOCK


def default_name() -> str:
    """Return this machine's name as one that a server takes."""
    return "".join(letter if letter.isalnum() else "-" for letter in socket.gethostname()).strip("-") or "agent"


def work(options: Options, say: Say) -> None:
    """Work until SIGTERM or SIGINT; `say` hears what a person would like to know."""
    folder = files.make_folder(paths.state() / "agent" / options.name)
    try:
        with files.exclusive(folder / "lock", wait=False):
            _Worker(options, folder, say).work()
    except BlockingIOError as error:
        raise LockedError(f"an agent named {options.name} runs already on this machine", "give --name") from error


class _Worker:
    """One agent, with the tasks that it holds."""

    def __init__(self, options: Options, folder: Path, say: Say) -> None:
        self._options, self._folder, self._say = options, folder, say
        self._wake, self._hurry = threading.Event(), threading.Event()
        self._over, self._impatient = threading.Event(), threading.Event()
        self._clock = options.clock
        patient = Client(options.address, FOREVER_S, self._impatient, self._clock)
        self._quick = Client(options.address, patience_s=0.0, clock=self._clock)
        self._clients = Clients(patient, self._quick, self._clock)
        self._held: dict[str, Held] = {}
        self._clusters = Clusters(options.name, options.clock)
        self._signals = 0
        self._request: str | None = None
        self._lease_s = limits.LEASE_S

    def work(self) -> None:
        """Claim and execute until told to stop; then let what runs end."""
        with self._listening():
            self._greet()
            beating = threading.Thread(target=self._beat, name="heartbeat")
            beating.start()
            try:
                self._say(f"agent {self._options.name} asks {self._options.address.url} for tasks")
                while not self._signals:
                    if not self._claim():
                        self._rest()
                self._drain()
            finally:
                self._over.set()
                self._hurry.set()
                beating.join()
        self._clients.patient.close()
        self._quick.close()

    def _greet(self) -> None:
        """Report what is left from before; a server that is not there yet is waited for, a wrong token is not."""
        while not self._signals:
            try:
                self._quick.get("/api/v1/agents")
                self._report_leftovers()
                return
            except StyxError as error:
                if not passes(error):
                    raise
                self._say(f"waiting for the server: {error.message}")
                self._rest()

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        """Count signals instead of breaking off wherever the agent is."""
        before = {number: signal.signal(number, self._on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1
        self._wake.set()

    def _rest(self) -> None:
        """Wait until a task has ended, a signal came, or it is time to ask again."""
        self._clock.wait(self._wake, self._options.poll_s * random.uniform(0.5, 1.5))  # noqa: S311 - spreads the load
        self._wake.clear()

    def _claim(self) -> bool:
        """Ask for as many tasks as can be executed now; say whether there may be more."""
        free = self._options.concurrency - len(self._held)
        self._request = self._request or os.urandom(8).hex()
        body = {"agent": self._options.name, "max": min(free, limits.CLAIMED), "labels": list(self._options.labels),
                "request": self._request, "capacity": self._options.concurrency}  # fmt: skip
        try:
            reply = ClaimedTasks.model_validate(self._quick.post("/api/v1/tasks/claim", body))
        except StyxError as error:
            self._say(f"cannot ask for tasks: {error.message}")
            return False
        self._request, self._lease_s = None, reply.lease_s
        with contextlib.suppress(StyxError):  # the page can do without, and is told the next time
            self._clusters.tell(self._quick)
        for task in reply.tasks:
            self._execute(task)
        for task_id in reply.cancel:
            self._end(task_id, lost=False)
        if reply.tasks:
            self._hurry.set()
        return bool(reply.tasks) and len(self._held) < self._options.concurrency

    def _execute(self, task: Claimed) -> None:
        if task.id in self._held:  # a reply that came twice
            return
        held = Held(task, self._options.name, self._folder, self._clients)
        self._held[task.id] = held
        self._say(f"task {task.id} starts (attempt {task.attempt})")
        threading.Thread(target=self._run, args=(held,), name=task.id).start()

    def _run(self, held: Held) -> None:
        """Execute one task and report it; the thread's own error boundary."""
        try:
            self._say(f"task {held.task.id} {held.run()}")
        except (StyxError, OSError) as error:
            self._say(f"task {held.task.id} cannot be reported: {error}")
        finally:
            self._held.pop(held.task.id, None)
            self._wake.set()

    def _end(self, task_id: str, *, lost: bool) -> None:
        if held := self._held.get(task_id):
            held.execution.end("lost" if lost else "cancelled")

    def _beat(self) -> None:
        """Tell the server three times a lease what is held, and hear what is not any more."""
        while not self._over.is_set():
            self._clock.wait(self._hurry, min(limits.HEARTBEAT_S, self._lease_s / 3))
            self._hurry.clear()
            tasks = [{"id": held.task.id, "lease": held.task.lease} for held in list(self._held.values())]
            if not tasks:
                continue
            try:
                answer = self._quick.post("/api/v1/agents/heartbeat", {"agent": self._options.name, "tasks": tasks})
            except StyxError as error:
                self._say(f"cannot tell that it lives: {error.message}")
                self._clock.wait(self._over, min(1.0, self._lease_s / 10))
                self._hurry.set()
                continue
            reply = HeartbeatReply.model_validate(answer)
            for task_id in reply.lost:
                self._end(task_id, lost=True)
            for task_id in reply.cancel:
                self._end(task_id, lost=False)

    def _drain(self) -> None:
        """Let what runs end; after the time for it, or at a second signal, give it back."""
        if self._held:
            self._say("no more tasks; those that run may end (a second signal gives them back)")
        until = self._clock.now() + self._options.drain_s
        while self._held and self._signals < 2 and self._clock.now() < until:
            self._rest()
        self._impatient.set()  # what ended and cannot be reported now is reported by the next process
        for held in list(self._held.values()):
            held.execution.end("given back")
        while self._held:
            self._rest()

    def _report_leftovers(self) -> None:
        """Report what an earlier process of this agent had executed but not reported, and tidy up."""
        for folder in sorted((self._folder / ATTEMPTS).glob("*/")):
            found = kept(folder)
            if found is not None:
                delivered = deliver(self._quick, *found, folder / "output")
                self._say(f"task {found[0].task} reported late" if delivered else f"task {found[0].task} was lost")
            shutil.rmtree(folder, ignore_errors=True)
