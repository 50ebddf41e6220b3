"""Reading the events that ansible-runner gives: one object a step, in ansible-runner's own form."""

from collections.abc import Callable, Mapping
from typing import Any

from styx.run.ansible_values import HostReport, Status, TaskEvent, TaskFailure

_TAIL_LINES = 20
_STATUS: Mapping[str, Status] = {
    "runner_on_start": "started",
    "runner_on_ok": "ok",
    "runner_on_failed": "failed",
    "runner_on_unreachable": "unreachable",
    "runner_on_skipped": "skipped",
}


class Progress:
    """What a playbook's events have told so far."""

    def __init__(self, scrub: Callable[[str], str]) -> None:
        self._scrub = scrub
        self._failures: list[TaskFailure] = []
        self._stats: Mapping[str, Mapping[str, int]] | None = None
        self.running: set[str] = set()
        """The hosts that are at work on a task."""

    def read(self, event: Mapping[str, Any]) -> TaskEvent | None:
        """Take in one event; return it as a value when it is about a task on a host."""
        kind, told = event.get("event", ""), event.get("event_data") or {}
        if kind == "playbook_on_stats":
            self._stats = told
        if kind not in _STATUS:
            return None
        host, status = str(told.get("host", "")), _STATUS[kind]
        if status == "started":
            self.running.add(host)
        else:
            self.running.discard(host)
        result = told.get("res") or {}
        if status in ("failed", "unreachable") and not told.get("ignore_errors"):
            self._failures.append(self._failure(told, result, unreachable=status == "unreachable"))
        if status == "ok" and result.get("changed"):
            status = "changed"
        return TaskEvent(host, _task(told), str(told.get("role", "")), status, float(told.get("duration") or 0))

    def hosts(self) -> tuple[HostReport, ...]:
        """Return the tally of each host, by name; none when Ansible ended before it made one."""
        stats = self._stats or {}

        def count(kind: str, host: str) -> int:
            return stats.get(kind, {}).get(host, 0)

        return tuple(
            HostReport(
                host,
                ok=count("ok", host),
                changed=count("changed", host),
                failed=count("failures", host),
                unreachable=count("dark", host),
                skipped=count("skipped", host),
            )
            for host in sorted(stats.get("processed", {}))
        )

    def failures(self) -> tuple[TaskFailure, ...]:
        """Return what failed and stayed so: a host whose failures were all rescued is not in Ansible's tally."""
        if self._stats is None:
            return tuple(self._failures)
        lost = {host for kind in ("failures", "dark") for host in self._stats.get(kind, {})}
        return tuple(failure for failure in self._failures if failure.host in lost)

    def _failure(self, told: Mapping[str, Any], result: Mapping[str, Any], *, unreachable: bool) -> TaskFailure:
        items: list[Mapping[str, Any]] = [
            item for item in result.get("results") or [] if isinstance(item, dict) and item.get("failed")
        ]
        parts: list[Mapping[str, Any]] = items or [result]
        return TaskFailure(
            host=str(told.get("host", "")),
            task=_task(told),
            role=str(told.get("role", "")),
            message=self._scrub("; ".join(map(_message, parts))),
            stdout=self._scrub("\n".join(_tail(part, "stdout", "module_stdout") for part in parts).strip()),
            stderr=self._scrub("\n".join(_tail(part, "stderr", "module_stderr") for part in parts).strip()),
            unreachable=unreachable,
        )


def _task(told: Mapping[str, Any]) -> str:
    """Return the task's name without its role's, which Ansible puts in front."""
    name = str(told.get("task", ""))
    return name.removeprefix(f"{told.get('role')} : ")


def _message(result: Mapping[str, Any]) -> str:
    if result.get("censored"):
        return "what it said is hidden, since it handles secrets (no_log)"
    said = str(result.get("msg") or "it gave no reason")
    return f"{said} (exit code {result['rc']})" if result.get("rc") else said


def _tail(result: Mapping[str, Any], *names: str) -> str:
    text = next((str(result[name]) for name in names if result.get(name)), "")
    return "\n".join(text.splitlines()[-_TAIL_LINES:])
