"""Telling whether the process that wrote something still lives, although its number may be used again."""

import contextlib
import os
from pathlib import Path


def identity(pid: int) -> str:
    """Return a text that names this very process until the next boot; empty when it is gone (see proc(5))."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    state, start_ticks = fields[0], fields[19]
    return "" if state in {"Z", "X"} else f"{boot}:{pid}:{start_ticks}"


def alive(known: str) -> bool:
    """Return whether the process that `identity` described still runs on this machine."""
    pid = known.split(":")[1] if known.count(":") == 2 else ""
    return pid.isdecimal() and identity(int(pid)) == known


def working_in(folder: Path) -> list[int]:
    """Return the processes of this user, this one aside, whose working folder is `folder`."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdecimal() and int(place.name) != os.getpid():
            with contextlib.suppress(OSError):  # it has just ended, or is another user's
                if (place / "cwd").samefile(folder):
                    found.append(int(place.name))
    return sorted(found)
