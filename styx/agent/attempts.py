"""One task in the agent's hands: executed in a folder of its own, its log sent as it grows, its end reported."""

import contextlib
import os
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

from styx import files
from styx.agent import command
from styx.agent.client import Client
from styx.agent.clock import Clock
from styx.agent.delivery import Attempt, LogSender, deliver, keep
from styx.agent.execution import CANNOT_START, Execution
from styx.agent.output import Output
from styx.api.messages import Claimed
from styx.api.refusal import RefusedError
from styx.errors import StyxError

ATTEMPTS = "attempts"
"""Where in an agent's folder its tasks have theirs."""
SEND_S = 0.5
"""How often the log is sent."""


@dataclass(frozen=True, slots=True)
class Clients:
    """Two ways to ask the server."""

    patient: Client
    """Asks until it is answered."""
    quick: Client
    """Asks once."""
    clock: Clock


class Held:
    """One attempt, from its claim to its report."""

    def __init__(self, task: Claimed, agent: str, folder: Path, clients: Clients) -> None:
        self.task = task
        self._folder = folder / ATTEMPTS / command.folder_name(task)
        self._work = self._folder / "work"
        self._log = self._folder / "output"
        self._clients = clients
        self._attempt = Attempt(task.id, agent, task.lease, task.attempt)
        self._fault, self._prepared = "", command.Prepared((), {}, ())
        shutil.rmtree(self._folder, ignore_errors=True)
        files.make_folder(self._work)
        try:
            self._prepared = command.prepare(task, self._work, folder / "clusters", os.environ)
        except StyxError as error:
            self._fault = f"styx: {error.message}; {error.hint}\n"
        self.execution = Execution(self._prepared, self._work, task.timeout_s)

    def run(self) -> str:
        """Execute and report; return what became of it, for a person."""
        code = self._executed()
        try:
            told = self._told(code)
        except StyxError:
            return "ended; it will be reported when the agent runs again"
        shutil.rmtree(self._folder, ignore_errors=True)
        return told

    def _told(self, code: int) -> str:
        """Tell the server how it ended; a StyxError leaves it to the agent's next process."""
        if self.execution.ending == "lost":
            return "is no longer this agent's; it was ended"
        if self.execution.ending == "given back":
            return self._given_back()
        shutil.rmtree(self._work, ignore_errors=True)
        keep(self._folder, self._attempt, code)
        if not deliver(self._clients.patient, self._attempt, code, self._log):
            return "ended, but was no longer this agent's"
        return f"ended with {code}"

    def _executed(self) -> int:
        """Execute the task while its log is sent."""
        output = Output(self._log, self._prepared.secrets)
        ended = threading.Event()
        sending = threading.Thread(target=self._send, args=(ended,), name=f"log of {self.task.id}")
        sending.start()
        try:
            if self._fault:
                output.write(self._fault.encode())
                return CANNOT_START
            return self.execution.run(output)
        finally:
            output.close()
            ended.set()
            sending.join()

    def _send(self, ended: threading.Event) -> None:
        """Send the log until the task has ended; what fails now is sent with the result."""
        sender = LogSender(self._clients.quick, self._attempt, self._log)
        while not self._clients.clock.wait(ended, SEND_S):
            try:
                sender.send()
            except RefusedError:
                return
            except StyxError:
                continue

    def _given_back(self) -> str:
        body = {"agent": self._attempt.agent, "lease": self.task.lease}
        with contextlib.suppress(RefusedError):
            self._clients.quick.post(f"/api/v1/tasks/{self.task.id}/release", body)
        return "was given back"
