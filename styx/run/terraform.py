"""Running Terraform: a pure builder of arguments a subcommand, one function that runs them, results as values."""

import dataclasses
import json
import os
import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

import python_terraform
from python_terraform import IsFlagged

from styx.errors import StyxError
from styx.run import process, terraform_init
from styx.run import terraform_results as results
from styx.run.terraform_binary import Binary
from styx.run.terraform_env import environment
from styx.run.terraform_errors import StoppedTerraformError, TerraformKilledError, TerraformTimeoutError, failure
from styx.run.terraform_events import Diagnostic, Event, TestSummary, diagnostic, read
from styx.run.transcript import Transcript

FREE_BYTES = 64 << 20
"""Free space that a command which writes state must find: a full disk in mid-apply truncates the state."""

_UI = {"json": IsFlagged, "no-color": IsFlagged, "input": False}
_QUIET = {"json": IsFlagged, "no-color": IsFlagged}


class _Flags(python_terraform.Terraform):  # type: ignore[misc]  # the library has no types
    """python-terraform's way from options to flags, without its habit of taking any attribute for a command."""

    def __getattr__(self, name: str) -> object:
        raise AttributeError(name)

    def read_state_file(self, file_path: str | None = None) -> None:
        """Leave the state alone: it is not this class's business."""


def arguments(subcommand: str, options: Mapping[str, object], *names: object) -> tuple[str, ...]:
    """Return the words after the program's name; an option with a list is repeated, one with None is left out."""
    generate = python_terraform.Terraform.generate_cmd_string
    words: list[str] = generate(_Flags(), subcommand, *map(str, names), **options)
    return tuple(words[1:])


def init_arguments(*, upgrade: bool = False, reconfigure: bool = False) -> tuple[str, ...]:
    """Return the arguments of `init`."""
    flags = {"upgrade": upgrade or None, "reconfigure": IsFlagged if reconfigure else None}
    return arguments("init", {**_UI, **flags})


def validate_arguments() -> tuple[str, ...]:
    """Return the arguments of `validate`."""
    return arguments("validate", _QUIET)


def plan_arguments(  # noqa: PLR0913 - Terraform's own options, one word each
    out: Path,
    *,
    destroy: bool = False,
    refresh_only: bool = False,
    var_files: Sequence[Path] = (),
    targets: Sequence[str] = (),
    replace: Sequence[str] = (),
    parallelism: int | None = None,
    lock_timeout_s: float = 0,
) -> tuple[str, ...]:
    """Return the arguments of `plan`, which writes the plan to `out`; no targets means everything."""
    flags = {
        "detailed-exitcode": IsFlagged,
        "destroy": IsFlagged if destroy else None,
        "refresh-only": IsFlagged if refresh_only else None,
        "out": out.absolute(),
        "replace": list(replace),
        "parallelism": parallelism,
        "lock-timeout": _seconds(lock_timeout_s),
    }
    return arguments("plan", {**_UI, **flags, **_choices(var_files, targets)})


def apply_arguments(plan: Path, *, parallelism: int | None = None, lock_timeout_s: float = 0) -> tuple[str, ...]:
    """Return the arguments of `apply` of a saved plan."""
    flags = {"parallelism": parallelism, "lock-timeout": _seconds(lock_timeout_s)}
    return arguments("apply", {**_UI, **flags}, plan.absolute())


def destroy_arguments(
    var_files: Sequence[Path] = (),
    targets: Sequence[str] = (),
    *,
    parallelism: int | None = None,
    lock_timeout_s: float = 0,
) -> tuple[str, ...]:
    """Return the arguments of `destroy`."""
    flags = {"auto-approve": IsFlagged, "parallelism": parallelism, "lock-timeout": _seconds(lock_timeout_s)}
    return arguments("destroy", {**_UI, **flags, **_choices(var_files, targets)})


def show_arguments(plan: Path | None = None) -> tuple[str, ...]:
    """Return the arguments of `show`: the state, or a saved plan."""
    return arguments("show", _QUIET, *([plan.absolute()] if plan else []))


def output_arguments() -> tuple[str, ...]:
    """Return the arguments of `output`: all of them."""
    return arguments("output", _QUIET)


def pull_arguments() -> tuple[str, ...]:
    """Return the arguments of `state pull`: the state as its backend has it."""
    return ("state", "pull")


def push_arguments(state: Path) -> tuple[str, ...]:
    """Return the arguments of `state push`; one that is older than what is there, or unrelated to it, is refused."""
    return ("state", "push", str(state.absolute()))


def forget_arguments(address: str, backup: Path | None = None) -> tuple[str, ...]:
    """Return the arguments of `state rm`; `backup` is where a local state, as it was, is kept."""
    kept = (f"-backup={backup.absolute()}",) if backup else ()
    return ("state", "rm", *kept, address)


def test_arguments() -> tuple[str, ...]:
    """Return the arguments of `test`."""
    return arguments("test", _QUIET)


def _seconds(duration_s: float) -> str | None:
    return f"{duration_s:g}s" if duration_s else None


def _choices(var_files: Sequence[Path], targets: Sequence[str]) -> dict[str, object]:
    return {"var-file": [path.absolute() for path in var_files], "target": list(targets)}


class _Limits(TypedDict):
    """What every command that works on resources is held to."""

    parallelism: int | None
    lock_timeout_s: float


class Terraform:
    """Terraform in one folder. What fails raises TerraformRunError; see `terraform_errors` for the special cases."""

    def __init__(  # noqa: PLR0913 - the folder and program, and all that one may want to know or limit
        self,
        folder: Path,
        binary: Binary,
        *,
        log: Path,
        on_event: Callable[[Event], None] | None = None,
        timeout_s: float | None = None,
        grace_s: float = 30,
        parallelism: int | None = None,
        lock_timeout_s: float = 0,
        env: Mapping[str, str] | None = None,
        data_dir: Path | None = None,
        scrub: Callable[[str], str] = str,
    ) -> None:
        self.folder = folder
        self.binary = binary
        self.log = log
        self._on_event = on_event
        self._timeout_s = timeout_s
        self._grace_s = grace_s
        self._limits: _Limits = {"parallelism": parallelism, "lock_timeout_s": lock_timeout_s}
        self._env = environment(os.environ, env, data_dir)
        self._data_dir = data_dir or folder / ".terraform"
        self._scrub = scrub
        self._stop = process.Stop()

    def version(self) -> str:
        """Return the program's version; nothing is run."""
        return self.binary.version

    def interrupt(self) -> None:
        """End the running command gracefully; once more, harder. For signal handlers and other threads."""
        self._stop.ask()

    def needs_init(self) -> bool:
        """Say whether `init` has yet to see what is in the folder."""
        return not terraform_init.is_current(self.folder, self._data_dir, self.binary)

    def init(self, *, upgrade: bool = False, reconfigure: bool = False) -> None:
        """Prepare the folder: backend, providers, modules."""
        self._tell(init_arguments(upgrade=upgrade, reconfigure=reconfigure))
        terraform_init.remember(self.folder, self._data_dir, self.binary)

    def validate(self) -> results.Validation:
        """Check the configuration without looking at anything that exists."""
        said = self._answer(validate_arguments(), ok=(0, 1))
        return results.Validation(said["valid"], tuple(diagnostic(entry) for entry in said["diagnostics"]))

    def plan(  # noqa: PLR0913 - Terraform's own options, one word each
        self,
        out: Path,
        *,
        destroy: bool = False,
        refresh_only: bool = False,
        var_files: Sequence[Path] = (),
        targets: Sequence[str] = (),
        replace: Sequence[str] = (),
    ) -> results.PlanResult:
        """Write a plan to `out` and return what it will do; that there are changes is a result, not a failure.

        Each address in `replace` is made anew, even where nothing about it differs.
        """
        words = plan_arguments(
            out,
            destroy=destroy,
            refresh_only=refresh_only,
            var_files=var_files,
            targets=targets,
            replace=replace,
            **self._limits,
        )
        code, events = self._tell(words, ok=(0, 2))
        planned = results.plan_result(events, has_changes=code == 2)
        if not refresh_only:
            return planned
        # With -refresh-only the exit code can be 2 when nothing differs.
        return dataclasses.replace(planned, has_changes=bool(planned.drift or planned.outputs_change))

    def show(self, plan: Path | None = None) -> dict[str, Any]:
        """Return a saved plan or the state, in Terraform's JSON form; it may hold secrets and is not logged."""
        return self._answer(show_arguments(plan))

    def apply(self, plan: Path) -> results.ApplyResult:
        """Carry out a saved plan; a stale one raises StalePlanError."""
        self._check_space()
        return results.apply_result(self._tell(apply_arguments(plan, **self._limits))[1])

    def destroy(self, *, var_files: Sequence[Path] = (), targets: Sequence[str] = ()) -> results.ApplyResult:
        """Destroy what the state holds."""
        self._check_space()
        words = destroy_arguments(var_files, targets, **self._limits)
        return results.apply_result(self._tell(words)[1])

    def output(self) -> dict[str, object]:
        """Return the state's outputs by name, the sensitive ones too; they are not logged."""
        return {name: output["value"] for name, output in self._answer(output_arguments()).items()}

    def pull(self) -> dict[str, Any]:
        """Return the state as its backend has it, an empty one when there is none; it may hold secrets."""
        return self._answer(pull_arguments())

    def push(self, state: Path) -> None:
        """Give the backend a state that it could not take when it was made."""
        code, tail = self._run(push_arguments(state), lambda line: line)
        if code:
            raise self._failed("terraform state push", (), tail)

    def forget(self, address: str, backup: Path | None = None) -> None:
        """Take one resource out of the state, whatever there is of it outside."""
        self._check_space()
        code, tail = self._run(forget_arguments(address, backup), lambda line: line)
        if code:
            raise self._failed("terraform state rm", (), tail)

    def test(self) -> results.TestResult:
        """Run the folder's own tests; that some fail is a result."""
        _, events = self._tell(test_arguments(), ok=(0, 1))
        summaries = results.of(TestSummary, events)
        if not summaries:
            raise self._failed("terraform test", results.diagnostics(events), [])
        return results.test_result(summaries[-1], events)

    def _tell(self, words: tuple[str, ...], ok: tuple[int, ...] = (0,)) -> tuple[int, list[Event]]:
        """Run a subcommand that speaks in events; return its code and what it said."""
        events: list[Event] = []

        def hear(line: str) -> str:
            event, text = read(self._scrub(line))
            events.append(event)
            if self._on_event:
                self._on_event(event)
            return text

        code, tail = self._run(words, hear)
        if code < 0:
            raise TerraformKilledError(f"terraform {words[0]}", -code, log=self.log)
        if code not in ok:
            raise self._failed(f"terraform {words[0]}", results.diagnostics(events), tail)
        return code, events

    def _answer(self, words: tuple[str, ...], ok: tuple[int, ...] = (0,)) -> dict[str, Any]:
        """Run a subcommand that answers with one JSON document, and return that."""
        document: list[str] = []

        def hear(line: str) -> None:
            document.append(line)

        code, tail = self._run(words, hear)
        try:
            said = json.loads("\n".join(document))
        except ValueError as error:
            raise self._failed(f"terraform {words[0]}", (), tail) from error
        if code not in ok or not isinstance(said, dict):
            raise self._failed(f"terraform {words[0]}", (), tail)
        return said

    def _run(self, words: tuple[str, ...], hear: Callable[[str], str | None]) -> tuple[int, list[str]]:
        """Run a subcommand; return its exit code and the last lines that it gave for people.

        `hear` gets each line of standard output, and returns what of it may be logged.
        """
        command = process.Command(
            (*self.binary.argv, *words),
            self.folder,
            self._env,
            timeout_s=self._timeout_s,
            grace_s=self._grace_s,
            outlives_us=True,
        )
        with Transcript(self.log, self._scrub) as transcript:
            transcript.write(f"$ cd {self.folder} && {self.binary.kind} {shlex.join(words)}")

            def on_line(stream: process.Stream, line: str) -> None:
                text = hear(line) if stream == "stdout" else line
                if text is not None:
                    transcript.write(text)

            outcome = process.run(command, on_line, self._stop)
        self._check_stopped(f"terraform {words[0]}", outcome)
        return outcome.code, transcript.tail()

    def _check_stopped(self, what: str, outcome: process.Outcome) -> None:
        if outcome.stopped == "asked":
            raise StoppedTerraformError(what, outcome, log=self.log)
        if outcome.stopped == "timeout":
            raise TerraformTimeoutError(what, self._timeout_s or 0, killed=outcome.killed, log=self.log)

    def _failed(self, what: str, diagnostics: Sequence[Diagnostic], tail: Sequence[str]) -> StyxError:
        return failure(what, diagnostics, tail, self.log)

    def _check_space(self) -> None:
        free = shutil.disk_usage(self.folder).free
        if free < FREE_BYTES:
            message = f"{self.folder} has {free >> 20} MiB left; Terraform could lose its state on a full disk"
            raise StyxError(message, f"free at least {FREE_BYTES >> 20} MiB there, then run the command again")
