"""Running a playbook through ansible-runner: events as they come, results by host, and an end that ends everything."""

import os
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from styx import files, unsafe_yaml
from styx.errors import ToolMissingError
from styx.run import process_tree
from styx.run.ansible_env import environment, forks_for
from styx.run.ansible_errors import PlayTimeoutError, StoppedPlayError, failure
from styx.run.ansible_events import Progress
from styx.run.ansible_private import private_folder
from styx.run.ansible_values import Playbook, PlayReport, TaskEvent
from styx.run.mask import masker
from styx.run.process import Stop, interrupts_ask
from styx.run.transcript import Transcript

__all__ = ["Playbook", "Watcher", "arguments", "forks_for", "run_playbook"]

_POLL_S = 0.2
_RUNNERS_OWN = (
    *("ANSIBLE_CALLBACK_PLUGINS", "ANSIBLE_STDOUT_CALLBACK", "ANSIBLE_RETRY_FILES_ENABLED"),
    *("AWX_ISOLATED_DATA_DIR", "RUNNER_OMIT_EVENTS", "RUNNER_ONLY_FAILED_EVENTS"),
)
"""What ansible-runner's events need; of the rest of its environment some would change what a playbook does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Who is told what while a playbook runs, and who may end it."""

    on_event: Callable[[TaskEvent], None] | None = None
    cancelled: Callable[[], bool] | None = None
    """Asked several times a second; True ends the run, as Ctrl-C does."""
    on_cancel: Callable[[frozenset[str]], None] | None = None
    """Called after a stop or a timeout with the hosts that were in the middle of a task. What runs on this machine
    has been ended by then; over ssh a remote command runs on, and only the caller knows how to reach it."""


def arguments(playbook: Playbook, variables: Path | None) -> tuple[str, ...]:
    """Return the words after `ansible-playbook`; secrets are in the file `variables`, never here."""
    words = ["--forks", str(playbook.forks), "--inventory", playbook.inventory]
    words += ["--extra-vars", f"@{variables}"] if variables else []
    words += ["--tags", ",".join(playbook.tags)] if playbook.tags else []
    words += ["--limit", ",".join(playbook.limit)] if playbook.limit else []
    return (*words, playbook.name)


def run_playbook(playbook: Playbook, *, log: Path, watcher: Watcher | None = None) -> PlayReport:
    """Run `playbook` and return how it went.

    Raise PlayError when a task failed, UnreachableError when hosts cannot be reached, PlayTimeoutError and
    StoppedPlayError when it was ended, ToolMissingError without ansible-playbook.
    """
    program = _program()
    scrub = masker([*playbook.secrets, *_secrets(playbook)])
    with private_folder() as private, Transcript(log, scrub) as transcript:
        run = _Run(playbook, private, transcript, Progress(scrub), watcher or Watcher())
        return run.to_the_end(program, log)


def _program() -> str:
    """Return ansible-playbook: the one of this Python's environment, else the first on PATH."""
    beside = Path(sys.executable).with_name("ansible-playbook")
    program = str(beside) if beside.is_file() else shutil.which("ansible-playbook")
    if program is None:
        raise ToolMissingError("there is no ansible-playbook", "run: pip install ansible-core")
    return program


def _secrets(playbook: Playbook) -> Iterator[str]:
    for name in playbook.secret_names:
        yield from _strings(playbook.extra_vars.get(name))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for entry in value:
            yield from _strings(entry)
    elif value is not None:
        yield str(value)


class _Run:
    """One run of a playbook, from its private folder to its report."""

    def __init__(
        self, playbook: Playbook, private: Path, transcript: Transcript, progress: Progress, watcher: Watcher
    ) -> None:
        self._playbook = playbook
        self._private = private
        self._variables = private / "variables.yml"
        self._transcript = transcript
        self._progress = progress
        self._watcher = watcher
        self._stop = Stop()
        self._started = time.monotonic()
        self._ended_for = ""
        self._broken: BaseException | None = None

    def to_the_end(self, program: str, log: Path) -> PlayReport:
        """Run the playbook; return the report of one that succeeded, raise for any other."""
        words = arguments(self._playbook, self._write_variables())
        self._transcript.write(f"$ cd {self._playbook.folder} && {shlex.join([program, *words])}")
        with interrupts_ask(self._stop):
            try:
                code = self._play([program, *words])
            finally:
                self._end_all()  # whatever was raised in here, nothing runs on
        if self._broken:
            raise self._broken
        report = PlayReport(self._progress.hosts(), self._progress.failures(), time.monotonic() - self._started)
        if self._ended_for:
            self._raise_ended(report, log)
        if code:
            raise failure(self._playbook.name, report, self._transcript.tail(), log)
        return report

    def _write_variables(self) -> Path | None:
        if not self._playbook.extra_vars:
            return None
        files.write(self._variables, unsafe_yaml.dump(self._playbook.extra_vars))
        return self._variables

    def _play(self, argv: list[str]) -> int:
        """Let ansible-runner run `argv` in the rendered folder, tied to this process, and return its exit code."""
        from ansible_runner import Runner, RunnerConfig

        config = RunnerConfig(
            private_data_dir=str(self._private),
            project_dir=str(self._playbook.folder.absolute()),
            binary=sys.executable,
            cmdline=shlex.join(["-I", "-m", "styx.run.tied", str(os.getpid()), *argv]),
            quiet=True,
        )
        config.prepare()
        # Not as `settings`: prepare() forgets those when there is no file env/settings.
        config.pexpect_timeout = _POLL_S
        config.suppress_output_file = True
        config.env = self._environment(config.env)
        runner = Runner(config, event_handler=self._on_event, cancel_callback=self._must_end)
        _, code = runner.run()
        return int(code)

    def _environment(self, prepared: Mapping[str, str]) -> dict[str, str]:
        """Return our environment with what ansible-runner needs in it for its events."""
        needed = {name: prepared[name] for name in _RUNNERS_OWN}
        needed["ANSIBLE_LOCAL_TEMP"] = str(self._private / "tmp")  # `copy` leaves secrets there when it is killed
        return {**environment(os.environ, self._playbook.folder, self._playbook.env), **needed}

    def _on_event(self, event: Mapping[str, Any]) -> bool:
        """Take one event; the answer tells ansible-runner not to write it to disk."""
        try:
            if event.get("event") == "playbook_on_start":
                self._variables.unlink(missing_ok=True)  # it has been read
            if text := str(event.get("stdout") or "").replace("\r\n", "\n").strip("\n"):
                self._transcript.write(text)
            told = self._progress.read(event)
            if told and self._watcher.on_event:
                self._watcher.on_event(told)
        except BaseException as error:
            self._broken = error  # ansible-runner swallows some, so it is raised again when the run has ended
            raise
        return False

    def _must_end(self) -> bool:
        """Say whether the run must end now, and end what it runs: ansible-runner itself kills the controller alone."""
        limit = self._playbook.timeout_s
        if self._stop.asked or (self._watcher.cancelled and self._watcher.cancelled()):
            self._ended_for = "asked"
        elif limit and time.monotonic() - self._started > limit:
            self._ended_for = "timeout"
        if not self._ended_for and not self._broken:
            return False
        self._end_all()
        return True

    def _end_all(self) -> None:
        for pid in process_tree.children_marked(f"AWX_ISOLATED_DATA_DIR={self._private}"):
            process_tree.end(pid)

    def _raise_ended(self, report: PlayReport, log: Path) -> None:
        running = frozenset(self._progress.running)
        if self._watcher.on_cancel:
            self._watcher.on_cancel(running)
        if self._ended_for == "asked":
            raise StoppedPlayError(self._playbook.name, sorted(running), log=log)
        at = f" at work on {', '.join(sorted(running))}" if running else ""
        message = f"the playbook {self._playbook.name} took longer than {self._playbook.timeout_s:g} s{at}"
        raise PlayTimeoutError(message, report, log=log)
