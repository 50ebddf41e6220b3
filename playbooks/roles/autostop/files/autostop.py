"""Switches this machine off when nobody has used it for a while, or when its time is over.

A timer of systemd runs it, with nobody else alive: what ends the bill is the machine's own shutdown. In FOLDER:

    settings.json    idle_s (0: never), wait_for, lifetime_s (0: no end), head, hook, hook_timeout_s, user
    made             when the machine was first told of all this, in seconds since 1970

The head counts what runs on it. A worker of Ray's cannot know that a job needs it, so it goes with its head: when that
has not answered for a while. Standard library only.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time

FOLDER = "/var/lib/styx-autostop"
USED = "/run/styx-autostop"
"""When the machine was last seen in use, in seconds since it was switched on; gone with the next start."""
HEAD_GONE_S = 300
"""How long a worker waits for its head, where the allowed idle time is longer."""
JOB = re.compile(r"ray::JobSupervisor|.* \S*/\.styx/bin/driver\.py( |$)")
SESSION = re.compile(r"sshd(-session)?: \S+@\S+")
"""The titles of processes: whoever hands in a job of Ray's, Styx's own driver of one, and a session of SSH."""


def main():
    settings = json.loads(read(os.path.join(FOLDER, "settings.json")))
    reason = over(settings, made(), time.time()) or idle(settings, time.clock_gettime(time.CLOCK_BOOTTIME))
    if reason:
        print(reason, flush=True)
        switch_off(settings)


def over(settings, made_at, now):
    """Return why the machine's time is over, empty while it is not."""
    lifetime_s = settings["lifetime_s"]
    return f"made {lifetime_s:g} s ago: its time is over" if lifetime_s and now - made_at >= lifetime_s else ""


def idle(settings, now):
    """Return why the machine counts as idle, empty while it does not; keep when it was last used."""
    if not settings["idle_s"]:
        return ""
    limit = settings["idle_s"]
    used = float(read(USED) or now)
    follows = settings["head"] and settings["wait_for"] != "none"
    if follows:
        limit = min(limit, HEAD_GONE_S)
    if is_used(settings, follows):
        used = now
    if now - used >= limit:
        return f"not used for {now - used:.0f} s"
    write(USED, f"{used}\n")
    return ""


def is_used(settings, follows):
    """Say whether the machine is in use, as far as `wait_for` lets that count."""
    wait_for = settings["wait_for"]
    if wait_for == "none":
        return False
    running = processes()
    sessions = {pid for pid, (_, title) in running.items() if SESSION.match(title)}
    if wait_for == "jobs_and_ssh" and any(parent in sessions for parent, _ in running.values()):
        return True  # one in which nothing runs is a connection that OpenSSH keeps for the next
    if follows:
        return answers(settings["head"])
    return any(JOB.match(title) for _, title in running.values())


def processes():
    """Return each process by its id: its parent's id, and what it calls itself (its command line)."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                title = read_bytes(f"/proc/{name}/cmdline").replace(b"\0", b" ").decode(errors="replace").strip()
                parent = read_bytes(f"/proc/{name}/stat").rpartition(b")")[2].split()[1]
                found[int(name)] = (int(parent), title)
    return found


def read_bytes(path):
    with open(path, "rb") as stream:
        return stream.read()


def answers(address):
    """Say whether something accepts connections at HOST:PORT."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError:
        return False
    return True


def switch_off(settings):
    """Run the user's hook, whatever comes of it, then power off."""
    if settings["hook"]:
        words = ["runuser", "--user", settings["user"], "--", "bash", "-lc", settings["hook"]]
        try:
            done = subprocess.run(words, stdin=subprocess.DEVNULL, timeout=settings["hook_timeout_s"], check=False)
            print(f"the hook ended with {done.returncode}", flush=True)
        except subprocess.TimeoutExpired:
            print("the hook took too long", flush=True)
    subprocess.run(["systemctl", "poweroff"], check=True)


def made():
    """Return when the machine was first told of all this."""
    path = os.path.join(FOLDER, "made")
    if not read(path):
        write(path, f"{time.time():.0f}\n")
    return float(read(path))


def read(path):
    with contextlib.suppress(FileNotFoundError), open(path, encoding="utf-8") as stream:
        return stream.read()
    return ""


def write(path, text):
    """Write all of it or nothing."""
    with open(f"{path}.new", "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(f"{path}.new", path)


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
