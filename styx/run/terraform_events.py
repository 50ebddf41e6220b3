"""What Terraform says with `-json`, as values: one event a line."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Stage = Literal["start", "progress", "complete", "errored"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """An error or a warning, with its place in the configuration."""

    severity: str
    """`error` or `warning`."""
    summary: str
    detail: str = ""
    address: str = ""
    """The resource that it is about, when Terraform says so."""
    file: str = ""
    line: int = 0
    """1-based; 0 when it has no place in a file."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.file else ""
        about = f" ({self.address})" if self.address else ""
        detail = "".join(f"\n  {line}" for line in self.detail.strip().splitlines())
        return f"{place}{self.severity}: {self.summary}{about}{detail}"


@dataclass(frozen=True, slots=True)
class Change:
    """What a plan will do to one resource."""

    address: str
    action: str
    """create, read, update, replace, delete, move, import, forget or noop."""
    reason: str = ""
    """Why a replacement or a deletion is needed, in Terraform's word."""


@dataclass(frozen=True, slots=True)
class Drift:
    """A resource that is no longer as the state says."""

    address: str
    action: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work on one resource is."""

    address: str
    action: str
    stage: Stage
    elapsed_s: float = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """How many resources an operation changes, or has changed."""

    operation: str
    """plan, apply or destroy."""
    add: int
    change: int
    destroy: int


@dataclass(frozen=True, slots=True)
class Outputs:
    """The root module's outputs; a sensitive one has no value here."""

    values: Mapping[str, object]
    changed: bool
    """True when a plan changes one of them."""


@dataclass(frozen=True, slots=True)
class TestSummary:
    """How `terraform test` ended."""

    __test__ = False  # pytest collects classes whose name starts with Test

    passed: int
    failed: int
    errored: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Message:
    """Anything else: a line for a person."""

    text: str


Event = Diagnostic | Change | Drift | Progress | Summary | Outputs | TestSummary | Message


NO_EVENT = "(a line was left out: it is no event, and may be a dump of the state)"


def read(line: str) -> tuple[Event, str]:
    """Return the event in one line of output, and the text that a log may show for it."""
    try:
        said = json.loads(line)
    except ValueError:
        said = None
    if not isinstance(said, dict) or "@message" not in said:
        return Message(NO_EVENT), NO_EVENT
    reader = _READERS.get(str(said.get("type")))
    message = str(said["@message"])
    event = reader(said) if reader else Message(message)
    return event, f"{said.get('@timestamp', '')} {event if isinstance(event, Diagnostic) else message}"


def diagnostic(said: Mapping[str, Any]) -> Diagnostic:
    """Return the value of one diagnostic, in Terraform's own form (`-json` lines and `validate -json` share it)."""
    place = said.get("range") or {}
    return Diagnostic(
        severity=said.get("severity", "error"),
        summary=said.get("summary", ""),
        detail=said.get("detail", ""),
        address=said.get("address", ""),
        file=place.get("filename", ""),
        line=(place.get("start") or {}).get("line", 0),
    )


def unique(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return each diagnostic once, in order: `init` says some of them two or three times."""
    return tuple(dict.fromkeys(diagnostics))


def _change(said: Mapping[str, Any]) -> Change:
    change = said["change"]
    return Change(change["resource"]["addr"], change["action"], change.get("reason", ""))


def _drift(said: Mapping[str, Any]) -> Drift:
    return Drift(said["change"]["resource"]["addr"], said["change"]["action"])


def _progress(stage: Stage) -> Callable[[Mapping[str, Any]], Progress]:
    def read(said: Mapping[str, Any]) -> Progress:
        hook = said["hook"]
        return Progress(hook["resource"]["addr"], hook["action"], stage, hook.get("elapsed_seconds", 0))

    return read


def _summary(said: Mapping[str, Any]) -> Summary:
    counts = said["changes"]
    return Summary(counts["operation"], counts["add"], counts["change"], counts["remove"])


def _outputs(said: Mapping[str, Any]) -> Outputs:
    outputs: Mapping[str, Any] = said["outputs"]
    values = {name: output["value"] for name, output in outputs.items() if "value" in output}
    return Outputs(values, any(output.get("action", "noop") != "noop" for output in outputs.values()))


def _test_summary(said: Mapping[str, Any]) -> TestSummary:
    counts = said["test_summary"]
    return TestSummary(counts["passed"], counts["failed"], counts["errored"], counts["skipped"])


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Event]] = {
    "diagnostic": lambda said: diagnostic(said["diagnostic"]),
    "planned_change": _change,
    "resource_drift": _drift,
    "apply_start": _progress("start"),
    "apply_progress": _progress("progress"),
    "apply_complete": _progress("complete"),
    "apply_errored": _progress("errored"),
    "change_summary": _summary,
    "outputs": _outputs,
    "test_summary": _test_summary,
}
