"""Getting an attempt's log and result to the server: piece by piece, and again after anything that may pass."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from styx import files
from styx.agent.client import Client
from styx.agent.output import tail
from styx.api import limits
from styx.api.refusal import RefusedError

_PIECE = 256 << 10


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, as the server knows it."""

    task: str
    agent: str
    lease: str
    attempt: int


class LogSender:
    """Sends what a file has more than the server."""

    def __init__(self, client: Client, attempt: Attempt, path: Path) -> None:
        self._client, self._attempt, self._path = client, attempt, path
        self._sent, self._full = 0, False

    def send(self) -> None:
        """Send what is there; a StyxError leaves the rest for the next time."""
        with self._path.open("rb") as stream:
            stream.seek(self._sent)
            while not self._full and (data := stream.read(_PIECE)):
                self._send(data)
                stream.seek(self._sent)

    def _send(self, data: bytes) -> None:
        own = self._attempt
        query = {"agent": own.agent, "lease": own.lease, "attempt": str(own.attempt), "position": str(self._sent)}
        reply = self._client.post_bytes(f"/api/v1/tasks/{own.task}/log", data, query)
        self._sent, self._full = max(self._sent, int(reply["size"])), bool(reply["full"])


def keep(folder: Path, attempt: Attempt, exit_code: int) -> None:
    """Write down how an attempt ended before anybody is told: an agent that is killed now tells it later."""
    files.write(folder / "result.json", json.dumps({**asdict(attempt), "exit_code": exit_code}))


def kept(folder: Path) -> tuple[Attempt, int] | None:
    """Return what `keep` wrote to `folder`."""
    path = folder / "result.json"
    if not path.exists():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    code = int(told.pop("exit_code"))
    return Attempt(**told), code


def deliver(client: Client, attempt: Attempt, exit_code: int, log: Path) -> bool:
    """Send the rest of the log, then the result; False when the task is no longer this agent's."""
    try:
        LogSender(client, attempt, log).send()
        body = {"agent": attempt.agent, "lease": attempt.lease, "attempt": attempt.attempt, "exit_code": exit_code,
                "output": tail(log, limits.OUTPUT_CHARACTERS)}  # fmt: skip
        client.post(f"/api/v1/tasks/{attempt.task}/result", body)
    except RefusedError as error:
        if error.status in {404, 409}:
            return False
        raise
    return True
