"""Several tasks of one spec: a pipeline in order, or a group side by side, each on a cluster of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from styx.errors import JobError
from styx.lifecycle.apply import Confirm, apply_target, given_secrets
from styx.lifecycle.destroy import destroy_cluster
from styx.lifecycle.jobs import Started, start_rendered
from styx.lifecycle.progress import Progress
from styx.lifecycle.session import Session
from styx.lifecycle.target import Target
from styx.plan import Plan

Follow = Callable[[Started], None]
"""Shows a job's log until it ends; raises JobError when it failed."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What is run, and how."""

    targets: Sequence[Target]
    plan: Plan
    keep: bool = False
    """Leave the clusters standing when all has succeeded."""
    overwrite: bool = False


def run_pipeline(pipeline: Pipeline, session: Session, confirm: Confirm, follow: Follow) -> None:
    """Run every task, in order or side by side as the spec says; the clusters of tasks that succeeded are destroyed.

    A task that fails ends a pipeline; its cluster stays for a look. Raises JobError for the first that failed.
    """
    for target in pipeline.targets:
        given_secrets(target)  # a missing value shows before the first machine, not before the last
    run = _in_order if pipeline.targets[0].spec.execution == "serial" else _side_by_side
    run(pipeline, session, confirm, follow)


def _in_order(pipeline: Pipeline, session: Session, confirm: Confirm, follow: Follow) -> None:
    for target in pipeline.targets:
        if not _stands(target, pipeline, session, confirm):
            return
        with start_rendered(target.workdir, target.cluster, session, given_secrets(target)) as started:
            if started:
                follow(started)
        _done(target, pipeline, session)


def _side_by_side(pipeline: Pipeline, session: Session, confirm: Confirm, follow: Follow) -> None:
    with ExitStack() as stack:
        jobs: list[tuple[Target, Started]] = []
        for target in pipeline.targets:
            if not _stands(target, pipeline, session, confirm):
                return
            start = start_rendered(target.workdir, target.cluster, session, given_secrets(target))
            if started := stack.enter_context(start):
                jobs.append((target, started))
        with ThreadPoolExecutor(max_workers=max(1, len(jobs))) as pool:
            failures = list(pool.map(lambda job: _failure(follow, job[1]), jobs))
    for (target, _), failure in zip(jobs, failures, strict=True):
        if failure is None:
            _done(target, pipeline, session)
    if failed := [failure for failure in failures if failure]:
        raise failed[0]


def _stands(target: Target, pipeline: Pipeline, session: Session, confirm: Confirm) -> bool:
    session.report(Progress(target.cluster, "note", f"task {target.index + 1} of {len(pipeline.targets)}"))
    return apply_target(target, pipeline.plan, session, confirm, overwrite=pipeline.overwrite) is not None


def _failure(follow: Follow, started: Started) -> JobError | None:
    try:
        follow(started)
    except JobError as error:
        return error
    return None


def _done(target: Target, pipeline: Pipeline, session: Session) -> None:
    if not pipeline.keep:
        destroy_cluster(target.cluster, session, lambda _record: True)
