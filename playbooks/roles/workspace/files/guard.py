"""Run a command so that nothing of it outlives the process that asked for it.

A Ray worker that dies takes only its direct children along: a shell's children would live on. So the command
runs below a guard, which forks away from its parent, is a child subreaper (what leaves the tree by setsid or
nohup comes back to it), and watches a pipe whose other end its parent holds. When the parent closes the pipe,
or dies in whatever way, the guard ends the whole tree. It also does so when the command has ended: what a
command leaves in the background ends with it.

Standard library only. As a program: guard.py LIFE_FD CODE_FD PROGRAM [ARGUMENT ...], or, as contained.py starts
it in a container, guard.py inside HOME PROGRAM [ARGUMENT ...].
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time

GRACE_S = 3.0
CHUNK = 64 * 1024
"""Bytes read at once: as a result of a Ray task they go inline below 100 KB, without the object store."""
PR_SET_CHILD_SUBREAPER = 36


class Guarded:
    """A command below its guard; its output is both streams in one."""

    def __init__(self, argv, *, env, cwd):
        life, self._life = os.pipe()
        self._code, code = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-IS", os.path.abspath(__file__), str(life), str(code), *argv],
            env=env,
            cwd=cwd,
            pass_fds=(life, code),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        os.close(life)
        os.close(code)
        process.wait()  # the guard has forked away
        self._output = process.stdout

    def end(self):
        """Ask the guard to end the whole tree."""
        life, self._life = self._life, None
        if life is not None:
            os.close(life)

    def read(self):
        """Yield what the command prints, as it comes, and once, as soon as it is known, its exit code (an int).

        The end comes when the whole tree is gone. For signal N the code is 128 + N.
        """
        told, output = False, self._output.fileno()
        waiting = [output, self._code]
        while waiting:
            ready = select.select(waiting, [], [])[0]
            if output in ready:  # before the code, so that it follows what was printed
                chunk = os.read(output, CHUNK)
                if chunk:
                    yield chunk
                else:
                    waiting.remove(output)
            elif text := os.read(self._code, 16):
                told = True
                yield int(text)
            else:
                waiting.remove(self._code)
        if not told:
            yield 128 + signal.SIGKILL  # the guard itself was killed


def guard(life, code, argv):
    """Run `argv`, end its tree when it or the pipe `life` ends, and write its exit code to `code`."""
    if os.fork():
        os._exit(0)
    os.setsid()
    os.set_inheritable(life, False)
    os.set_inheritable(code, False)
    hold(life, argv, lambda exit_code: tell(code, exit_code))


def inside(home, argv):
    """Do the same in a container and end with the exit code: stdin gives variables as a line of JSON, then is `life`.

    Root of the container gives back what it wrote into the home of the host's user.
    """
    life = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(json.loads(read_line(life)))
    codes = []
    hold(life, argv, codes.append)
    give_back(home)
    sys.exit(shown(codes[0]))


def read_line(handle):
    """Read to the end of a line, and no further."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(handle, 1)
        if not byte:
            raise SystemExit("nobody is left to run a command for")
        line += byte
    return line


def hold(life, argv, told):
    """Run `argv`, tell its exit code as soon as it is known, and return when its whole tree has ended."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    main = start(argv)
    exit_code = None
    while exit_code is None:
        readable, _, _ = select.select([life, ended], [], [])
        if ended in readable:
            os.read(ended, 512)
            exit_code = reap(main)
        if life in readable:
            break
    if exit_code is not None:
        told(exit_code)
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)  # the reader sees the end of the output when the tree is gone
    os.dup2(1, 2)
    late = sweep(main)
    if exit_code is None:
        told(late)


def give_back(home):
    """Give what root owns below `home` to its owner, on the home's own disk."""
    owner = os.stat(home)
    for folder, folders, files in os.walk(home):
        for name in folders + files:
            with contextlib.suppress(FileNotFoundError):  # it has just gone
                found = os.lstat(os.path.join(folder, name))
                if found.st_uid == 0 and found.st_dev == owner.st_dev:
                    os.lchown(os.path.join(folder, name), owner.st_uid, owner.st_gid)
        folders[:] = [name for name in folders if on_disk(os.path.join(folder, name), owner.st_dev)]


def on_disk(folder, device):
    try:
        return os.lstat(folder).st_dev == device
    except OSError:
        return False


def tell(code, exit_code):
    with contextlib.suppress(OSError):  # nobody may be left to be told
        os.write(code, b"%d" % shown(exit_code))


def shown(exit_code):
    """Return an exit code as a shell shows it: 128 + N for signal N."""
    return exit_code if exit_code >= 0 else 128 - exit_code


def start(argv):
    pid = os.fork()
    if pid:
        return pid
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        os.execvp(argv[0], argv)
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
    os._exit(127)


def reap(main):
    """Take the exit codes of ended children; return that of `main` when it is among them."""
    found = None
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, state = os.waitpid(-1, os.WNOHANG)
            if pid == main:
                found = os.waitstatus_to_exitcode(state)
            if not pid:
                break
    return found


def sweep(main):
    """End everything below the guard: a request first, after a grace period a kill; return `main`'s exit code."""
    exit_code = -signal.SIGTERM
    limit = time.monotonic() + GRACE_S
    asked = set()
    while True:
        found = reap(main)
        exit_code = exit_code if found is None else found
        tree = descendants()
        if not tree:
            return exit_code
        kill = time.monotonic() > limit
        for pid in tree if kill else tree - asked:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL if kill else signal.SIGTERM)
        asked |= tree
        time.sleep(0.02)


def descendants():
    """Return the ids of all living processes below this one."""
    children = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as stream:
            state, parent = stream.read().rsplit(b")", 1)[1].split()[:2]
            if state != b"Z":
                children.setdefault(int(parent), []).append(int(name))
    found, left = set(), [os.getpid()]
    while left:
        below = children.get(left.pop(), [])
        found.update(below)
        left += below
    return found


if __name__ == "__main__":
    if sys.argv[1] == "inside":
        inside(sys.argv[2], sys.argv[3:])
    guard(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
