"""The lease of a host, kept on the host itself: `python3 - VERB HOLDER HOME`, as root, standard library only.

    take    make it ours, or see that it is; the lease says what was there before
    drop    give it up, if it is ours
    break   end it, whoever has it

Prints the lease that then holds, or held, as JSON. Exit code 3: it is another's.
"""

import contextlib
import grp
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

LEASE = Path("/var/lib/styx-lease/lease.json")
ANOTHERS = 3


def main(verb: str, told: str, home: str) -> int:
    """Do what `verb` says for the holder that `told` describes, and return the exit code."""
    holder = json.loads(told)
    if verb == "take":
        take(holder, home)
    try:
        text = LEASE.read_text(encoding="utf-8")
    except FileNotFoundError:
        print("null")
        return 0
    print(text)
    lease = json.loads(text)
    if verb != "break" and (lease.get("id"), lease.get("cluster")) != (holder["id"], holder["cluster"]):
        return ANOTHERS
    if verb != "take":
        LEASE.unlink()
        with contextlib.suppress(OSError):  # somebody is about to write the next one
            LEASE.parent.rmdir()
    return 0


def take(holder: "dict[str, Any]", home: str) -> None:
    """Write the lease at once and whole, unless there is one: a second taker cannot come in between."""
    user = os.environ.get("SUDO_USER") or "root"
    kept = [path for path in holder["paths"] if os.path.lexists(path.replace("~", home, 1))]
    groups = [f"group:{one.gr_name}" for one in grp.getgrall() if user in one.gr_mem]
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    text = json.dumps(dict(holder, since=since, before=kept + groups, home=home, user=user))
    for _ in range(9):  # a holder that gives it up removes the folder, too
        with contextlib.suppress(FileNotFoundError):
            write(text)
            return


def write(text: str) -> None:
    """Write the lease beside its place and link it there, which fails where one is."""
    with contextlib.suppress(FileExistsError):
        LEASE.parent.mkdir()
        LEASE.parent.chmod(0o755)
    made = LEASE.with_suffix(f".{os.getpid()}")
    with made.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    made.chmod(0o644)
    try:
        with contextlib.suppress(FileExistsError):
            os.link(made, LEASE)
    finally:
        made.unlink()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
