"""The lock of a cluster: one run at a time on this machine, and everybody can see whose it is."""

import contextlib
import json
import os
import pwd
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from styx import files, paths
from styx.errors import LockedError, StyxError
from styx.state import clock
from styx.state.record import check_name

_PAUSE_S = 0.05
_SETTLE_S = 0.3
"""How long a new holder may take to write who it is."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock."""

    pid: int
    host: str
    user: str
    verb: str
    run_id: str
    since: str
    """ISO UTC text."""

    def __str__(self) -> str:
        return f"`styx {self.verb}` (pid {self.pid} of {self.user} on {self.host}, since {self.since})"


class RunLock:
    """Holds the lock of a cluster for the body of a `with`; the kernel lets go when the process dies.

    The file is never deleted, so that no two runs can lock different files of one name.
    """

    def __init__(
        self, name: str, *, verb: str, run_id: str = "", timeout_s: float = 0.0, folder: Path | None = None
    ) -> None:
        """Prepare to lock cluster `name` in the state folder `folder`, waiting up to `timeout_s` for its holder."""
        self.name = check_name(name)
        self.path = (folder or paths.state()) / "locks" / f"{name}.lock"
        self._timeout_s = timeout_s
        self._verb = verb
        self._run_id = run_id
        self._held = contextlib.ExitStack()

    def __enter__(self) -> "RunLock":
        deadline = time.monotonic() + self._timeout_s
        while (handle := self._try()) is None:
            if time.monotonic() >= deadline:
                raise self._refusal()
            time.sleep(_PAUSE_S)
        holder = Holder(os.getpid(), os.uname().nodename, _user(), self._verb, self._run_id, clock.now())
        self._held.callback(_write, handle, "")
        _write(handle, json.dumps(asdict(holder)))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._held.close()

    def _try(self) -> int | None:
        """Return the descriptor of the locked file, or None when another has it."""
        try:
            return self._held.enter_context(files.exclusive(self.path, wait=False))
        except BlockingIOError:
            return None
        except OSError as error:
            raise StyxError(
                f"cannot lock {self.path}: {error.strerror or error}", "see that the folder is yours and has free space"
            ) from error

    def _refusal(self) -> LockedError:
        holder = _settled(self.path)
        waited = f" after {self._timeout_s:g} s" if self._timeout_s else ""
        who = str(holder) if holder else "another run that has just begun or ended"
        return LockedError(
            f"cluster {self.name!r} is held by {who}; gave up{waited}",
            "wait until it ends and run the command again, or let it wait: --lock-timeout SECONDS",
        )


def _settled(path: Path) -> Holder | None:
    """Return who holds `path`, giving a holder that has just come the time to write it."""
    deadline = time.monotonic() + _SETTLE_S
    while True:
        holder = _read(path)
        dead = holder and holder.host == os.uname().nodename and not Path(f"/proc/{holder.pid}").exists()
        if (holder and not dead) or time.monotonic() >= deadline:
            return holder
        time.sleep(_PAUSE_S)


def _read(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def _write(handle: int, text: str) -> None:
    """Replace the content in place: the lock is on this very file, so it cannot be swapped for another.

    A full disk is no reason to refuse the lock, which the kernel holds; only the holder's name is then missing.
    """
    with contextlib.suppress(OSError):
        os.ftruncate(handle, 0)
        os.pwrite(handle, text.encode(), 0)


def _user() -> str:
    """Return the login name, or the number of a user without one (common in containers)."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
