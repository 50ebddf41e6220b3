"""What each of Terraform's subcommands came to, as values made from the events it told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from styx.run.terraform_events import Change, Diagnostic, Drift, Event, Outputs, Summary, TestSummary, unique

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Validation:
    """What `validate` found."""

    valid: bool
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class PlanResult:
    """What a plan will do."""

    has_changes: bool
    changes: tuple[Change, ...]
    drift: tuple[Drift, ...]
    """What is no longer as the state says."""
    add: int
    change: int
    destroy: int
    outputs_change: bool
    diagnostics: tuple[Diagnostic, ...]
    """Warnings: a plan with errors raises."""


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """What an apply or a destroy did."""

    add: int
    change: int
    destroy: int
    outputs: Mapping[str, object]
    """Without the sensitive ones: `Terraform.output` has them all."""
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class TestResult:
    """How the folder's own tests ended."""

    __test__ = False  # pytest collects classes whose name starts with Test

    passed: int
    failed: int
    errored: int
    skipped: int
    diagnostics: tuple[Diagnostic, ...]


def of(kind: type[T], events: Iterable[Event]) -> list[T]:
    """Return the events of one kind."""
    return [event for event in events if isinstance(event, kind)]


def diagnostics(events: Iterable[Event]) -> tuple[Diagnostic, ...]:
    """Return every diagnostic, once."""
    return unique(of(Diagnostic, events))


def plan_result(events: list[Event], *, has_changes: bool) -> PlanResult:
    """Return what a plan will do."""
    summary = last_summary(events)
    return PlanResult(
        has_changes=has_changes,
        changes=tuple(of(Change, events)),
        drift=tuple(of(Drift, events)),
        add=summary.add,
        change=summary.change,
        destroy=summary.destroy,
        outputs_change=any(outputs.changed for outputs in of(Outputs, events)),
        diagnostics=diagnostics(events),
    )


def apply_result(events: list[Event]) -> ApplyResult:
    """Return what an apply or a destroy did."""
    summary = last_summary(events)
    outputs = of(Outputs, events)
    values = outputs[-1].values if outputs else {}
    return ApplyResult(summary.add, summary.change, summary.destroy, values, diagnostics(events))


def test_result(summary: TestSummary, events: list[Event]) -> TestResult:
    """Return how the tests ended."""
    return TestResult(summary.passed, summary.failed, summary.errored, summary.skipped, diagnostics(events))


def last_summary(events: Iterable[Event]) -> Summary:
    """Return the last change summary: a destroy gives one for its plan, then one for what it did."""
    found = of(Summary, events)
    return found[-1] if found else Summary("", 0, 0, 0)
