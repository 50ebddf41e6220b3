"""Where a command of setup or run starts: on the host below guard.py, or in the host's container.

In a container the same guard runs, with the host's own Python, for an image need not have one: /usr of the host
is mounted there (see the role docker), and its loader finds its libraries. The command's stdin is the guard's
first pipe: when this process, or docker's client, dies in whatever way, the guard sees its end and ends the tree.
Standard library only.
"""

import contextlib
import glob
import json
import os
import subprocess

from guard import CHUNK, Guarded

OF_THE_HOST = "/.styx"
"""Where the host's /usr is in the container, below it."""
LOADER = "/usr/lib/{machine}-linux-gnu/ld-linux*.so.*"


def start(argv, *, home, login, variables):
    """Start `argv` in the workdir; `login` holds the host's own variables, of no meaning in a container."""
    cwd = os.path.join(home, "workdir")
    container = name_of(home)
    if container:
        return Contained(container, argv, home=home, variables={"HOME": home, **variables})
    return Guarded(argv, env={**login, **variables}, cwd=cwd)


def name_of(home):
    """Return the name of the container that commands run in; empty when they run on the host."""
    with (
        contextlib.suppress(FileNotFoundError),
        open(os.path.join(home, ".styx", "container"), encoding="ascii") as stream,
    ):
        return stream.readline().strip()
    return ""


def python():
    """Return the words that start this host's Python in the container."""
    loader = glob.glob(LOADER.format(machine=os.uname().machine))[0]
    return [
        OF_THE_HOST + loader,
        "--library-path",
        OF_THE_HOST + os.path.dirname(loader),
        OF_THE_HOST + "/usr/bin/python3",
    ]


class Contained:
    """A command in a container; its output is both streams in one."""

    def __init__(self, container, argv, *, home, variables):
        guard = [*python(), "-IS", os.path.join(home, ".styx", "bin", "guard.py"), "inside", home]
        self._process = subprocess.Popen(
            ["docker", "exec", "--interactive", "--workdir", os.path.join(home, "workdir"), container, *guard, *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        with contextlib.suppress(BrokenPipeError):  # docker has said why
            self._process.stdin.write(json.dumps(variables).encode() + b"\n")
            self._process.stdin.flush()

    def end(self):
        """Ask the guard to end the whole tree."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def read(self):
        """Yield what the command prints, as it comes, and its exit code (an int) when the whole tree is gone."""
        output = self._process.stdout.fileno()
        while chunk := os.read(output, CHUNK):
            yield chunk
        yield self._process.wait()
