"""What a job leaves on the head: its logs and its status. Standard library only."""

import contextlib
import json
import os
import re
import threading
import time

LONGEST_LINE = 1024 * 1024
PROGRESS_S = 0.5
"""How often a line that a rank draws again and again (it ends in a carriage return) is shown among others."""
ENDS = re.compile(rb"(\n|\r(?!\n))")


class Log:
    """The job's logs. One that cannot be written is told once and stops nobody: the ranks must be read on."""

    def __init__(self, folder, num_ranks):
        self.folder = folder
        self.lock = threading.Lock()
        self.combined = self.open("output.log")
        self.ranks = [self.open(f"rank-{rank}.log") for rank in range(num_ranks)]
        self.prefixes = [b"(rank %d) " % rank if num_ranks > 1 else b"" for rank in range(num_ranks)]
        self.partial = [b""] * num_ranks
        self.shown = [float("-inf")] * num_ranks
        self.unfinished = None  # the rank whose line has no end yet in the combined log
        self.loss, self.told = "", False

    def open(self, name):
        # Kept open as long as the job lasts.
        return open(os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb", buffering=0)

    def say(self, text):
        with self.lock:
            lead = b"" if self.unfinished is None else b"\n"
            self.unfinished = None
            self.write(self.combined, lead + f"[styx] {text}\n".encode(errors="backslashreplace"))

    def add(self, rank, chunk):
        """Write what a rank printed; among several, an unfinished line waits for its end, if that is not too far."""
        with self.lock:
            self.write(self.ranks[rank], chunk)
            text = self.partial[rank] + chunk
            end = self.end_of_ready(rank, text)
            self.partial[rank] = text[end:]
            self.show(rank, text[:end])

    def finish(self, rank):
        """Show the last line of a rank, and end it."""
        with self.lock:
            rest, self.partial[rank] = self.partial[rank], b""
            self.show(rank, rest)
            if self.unfinished == rank:
                self.unfinished = None
                self.write(self.combined, b"\n")

    def end_of_ready(self, rank, text):
        """Return how much of `text` can be shown now."""
        lines = text.rfind(b"\n") + 1
        redrawn = text.endswith(b"\r") and time.monotonic() - self.shown[rank] > PROGRESS_S
        everything = len(self.ranks) == 1 or redrawn or len(text) - lines > LONGEST_LINE
        return len(text) if everything else lines

    def show(self, rank, text):
        """Write text of a rank to the combined log, the prefix at the start of its lines and of those redrawn."""
        if not text:
            return
        lead = b"" if self.unfinished in (None, rank) else b"\n"
        if prefix := self.prefixes[rank]:
            first = b"" if self.unfinished == rank and text[:1] == b"\n" else prefix
            text = first + ENDS.sub(rb"\1" + prefix, text).removesuffix(prefix)
            text += b"" if text.endswith((b"\n", b"\r")) else b"\n"
        self.unfinished = None if text.endswith(b"\n") else rank
        self.shown[rank] = time.monotonic()
        self.write(self.combined, lead + text)

    def write(self, stream, text):
        """Write all of `text`; where that cannot be, keep in mind to tell so."""
        try:
            write_all(stream, text)
        except OSError as error:
            self.loss = self.loss or error.strerror
        if self.loss and not self.told:
            with contextlib.suppress(OSError):  # no room for this either: told as soon as there is
                write_all(self.combined, f"\n[styx] the logs are not whole: {self.loss}\n".encode())
                self.told = True


def write_all(stream, text):
    while text:
        text = text[stream.write(text) :]


class Status:
    """status.json, replaced at once at each change; written over where a full disk has no room for a second one."""

    def __init__(self, path):
        self.path = path
        self.values = {"state": "starting", "exit_code": None, "started": None, "ended": None}

    def set(self, **values):
        self.values.update(values)
        text = json.dumps(self.values).encode()
        temporary = self.path.with_suffix(".new")
        try:
            with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
                stream.write(text)
            temporary.replace(self.path)
        except OSError:
            with open(os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600), "wb", buffering=0) as stream:
                write_all(stream, text)
                stream.truncate()
