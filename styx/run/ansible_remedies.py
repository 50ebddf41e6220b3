"""What to do about failures that the state of a host is the cause of, known by what Ansible says of them."""

import re
from collections.abc import Mapping

_ON_THE_WAY: Mapping[str, str] = {
    r"REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed": (
        "another machine answers than the one that was there: see that it is yours, then forget the old key"
    ),
    r"Permission denied \(.*publickey": "let the cluster's key in for its login user",
    r"Could not resolve hostname": "see that its name is right",
    r"No space left on device|Failed to create temporary directory": "make room on its disk, or ask for a larger one",
    r"": "see that it runs, and that its network lets SSH in",
}
"""Pattern → remedy for a host that cannot be reached; the first that fits counts."""

_ON_THE_HOST: Mapping[str, str] = {
    r"(Missing|[Ii]ncorrect) sudo password|sudo: a (terminal|password) is required|not in the sudoers file|may not run"
    r"|sudo\S*: (command )?not found|privilege escalation": "let its login user become root with sudo and no password",
    r"No space left on device|enough free space in|Disk quota exceeded": (
        "make room on its disk, or ask for a larger one with disk_size"
    ),
    r"apt lock|Could not get lock|lock-frontend|Failed to lock": (
        "another program installs packages there: wait for its end, or end it"
    ),
    r"dpkg was interrupted": "run there: sudo dpkg --configure -a",
    r"Temporary failure resolving|Could not connect to|Failed to fetch|Failed to update apt cache": (
        "give it a way to its package servers"
    ),
    r"python\S*: (command )?not found|No python interpreters|interpreter .* not found": "install python3 on it",
    r"Read-only file system": "its disk has become read-only: look at its kernel's log",
}
"""Pattern → remedy for a task that failed."""

_BROKEN_MODULE = re.compile(r"MODULE FAILURE|[Mm]odule result deserialization|exited with an unexpected")


def remedy(message: str, stderr: str, *, unreachable: bool) -> tuple[str, str] | None:
    """Return the line that tells of a known cause, and what to do about it; None when nothing is known.

    Of a task's message the first line is looked at: what follows may be the words of the user's own programs.
    """
    first = message.splitlines()[0] if message else ""
    lines = [first, *(reversed(stderr.splitlines()) if _BROKEN_MODULE.search(first) else ())]
    for pattern, what in (_ON_THE_WAY if unreachable else _ON_THE_HOST).items():
        for line in lines:
            if re.search(pattern, line):
                return line.strip(), what
    return None
