"""Several tasks of one spec: a pipeline in order, or a group side by side, each on a cluster of its own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass

from styx.errors import JobError
from styx.lifecycle.apply import Confirm, apply_target, given_secrets
from styx.lifecycle.destroy import destroy_cluster
from styx.lifecycle.failover import USUAL, Conduct
from styx.lifecycle.jobs import Started, start_rendered
from styx.lifecycle.progress import Progress
from styx.lifecycle.session import Session
from styx.lifecycle.target import Target
from styx.plan import Plan

Follow = Callable[[Started, Callable[[], bool]], None]
"""Shows a job's log until it ends, or nobody watches any more; raises JobError when it failed."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What is run, and how."""

    targets: Sequence[Target]
    plan: Plan
    keep: bool = False
    """Leave the clusters standing when all has succeeded."""
    conduct: Conduct = USUAL


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
                follow(started, bool)
        _done(target, pipeline, session)


@dataclass(frozen=True, slots=True)
class _Followed:
    """One task of a group whose job runs."""

    target: Target
    started: Started
    failure: "Future[JobError | None]"


def _side_by_side(pipeline: Pipeline, session: Session, confirm: Confirm, follow: Follow) -> None:
    """Follow each job from the moment its cluster stands, until all have ended or the user stops watching."""
    stop, jobs = threading.Event(), list[_Followed]()
    with ExitStack() as stack, ThreadPoolExecutor(max_workers=len(pipeline.targets)) as pool:
        try:
            for target in pipeline.targets:
                if not _stands(target, pipeline, session, confirm):
                    break
                start = start_rendered(target.workdir, target.cluster, session, given_secrets(target))
                if started := stack.enter_context(start):
                    jobs.append(_Followed(target, started, pool.submit(_failure, follow, started, stop)))
            while not all(job.failure.done() for job in jobs):
                wait([job.failure for job in jobs], timeout=0.2)  # in between Ctrl-C is heard
        except BaseException:
            stop.set()
            _tell_what_lives_on(jobs, session)
            raise
    _conclude(jobs, pipeline, session)


def _tell_what_lives_on(jobs: Sequence[_Followed], session: Session) -> None:
    for job in jobs:
        if not job.failure.done():
            text = f"its job {job.started.job_id} lives on; end all of it with: styx destroy {job.target.cluster}"
            session.report(Progress(job.target.cluster, "note", text))


def _conclude(jobs: Sequence[_Followed], pipeline: Pipeline, session: Session) -> None:
    """Destroy what has succeeded; raise the first JobError."""
    failures = [job.failure.result() for job in jobs]
    for job, failure in zip(jobs, failures, strict=True):
        if failure is None:
            _done(job.target, pipeline, session)
    if failed := [failure for failure in failures if failure]:
        raise failed[0]


def _stands(target: Target, pipeline: Pipeline, session: Session, confirm: Confirm) -> bool:
    session.report(Progress(target.cluster, "note", f"task {target.index + 1} of {len(pipeline.targets)}"))
    return apply_target(target, pipeline.plan, session, confirm, conduct=pipeline.conduct) is not None


def _failure(follow: Follow, started: Started, stop: threading.Event) -> JobError | None:
    try:
        follow(started, stop.is_set)
    except JobError as error:
        return error
    return None


def _done(target: Target, pipeline: Pipeline, session: Session) -> None:
    if not pipeline.keep:
        destroy_cluster(target.cluster, session, lambda _record: True)
