"""Jobs on a standing cluster: the one of its spec, and any other."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from styx import files
from styx.errors import UsageError
from styx.lifecycle.head import Head, open_head
from styx.lifecycle.honour import refuse_on_standing, refuse_unhonoured
from styx.lifecycle.hosts import Secrets, configure
from styx.lifecycle.rendered import Rendered, read_folder
from styx.lifecycle.session import Session
from styx.lifecycle.standing import standing
from styx.lifecycle.target import Target
from styx.plan import Plan
from styx.state import RunLock
from styx.workdir import JOB_FILE, Workdir

_ROLES = ("workspace",)
"""What a new job on a standing cluster may change on its hosts."""


@dataclass(frozen=True, slots=True)
class Started:
    """A job that was handed in, and the head that has it."""

    head: Head
    job_id: str


@contextmanager
def start_rendered(workdir: Workdir, cluster: str, session: Session, secrets: Secrets) -> Iterator[Started | None]:
    """Hand in the job that a rendered folder holds; None when it has none."""
    path = workdir.folder / JOB_FILE
    if not path.is_file():
        yield None
        return
    with open_head(cluster, session) as head:
        yield Started(head, head.submit(_read(path), secrets))


@contextmanager
def start_spec(target: Target, session: Session, secrets: Secrets) -> Iterator[Started]:
    """Hand in the job of a spec; its files and setup reach the hosts first, nothing else of them is touched.

    Raises UsageError for a spec that runs nothing or asks for what the cluster has not, SpecError for fields that
    nothing honours, AnsibleError when its files or setup fail.
    """
    from styx.render import job

    task = target.task
    if not task.run:
        raise UsageError(f"{target.spec.file} has no `run`", "give a spec that runs something, or a command after --")
    refuse_unhonoured(target)
    refuse_on_standing(target)
    with open_head(target.cluster, session) as head:
        rendered = read_folder(head.record.folder, session)
        asked = job(task)
        head.check(asked, rendered.task_plan.placement.groups[0].offer, task)
        if task.setup or task.workdir or task.file_mounts:
            _prepare(rendered, target, session, secrets)
        yield Started(head, head.submit(asked, secrets))


def _prepare(rendered: Rendered, target: Target, session: Session, secrets: Secrets) -> None:
    """Run the workspace role alone, from a rendering of its own: the cluster's folder stays as it is committed."""
    from styx.render import Rendering, render_playbook

    cluster, record = rendered.cluster, standing(rendered.cluster, session)
    with (
        RunLock(cluster, verb="exec", timeout_s=session.settings.lock_timeout_s),
        session.store.run(cluster, "exec", session.owner) as run,
    ):
        scratch = replace(target, workdir=Workdir(session.exec_folder(cluster)))
        plan = Plan(rendered.spec_digest, "", "", (rendered.task_plan,))
        rendering = Rendering(cluster, target.task, rendered.task_plan, plan, scratch.spec_folder, another_job=True)
        bundle = render_playbook(rendering, _ROLES)
        for path, text in bundle.items():
            files.write(scratch.workdir.folder / path, text)
        files.write(scratch.workdir.inventory, rendered.workdir.inventory.read_text())
        with run.step("ansible", {"hosts": len(record.hosts)}):
            configure(scratch.workdir.ansible, record, secrets, session, session.log(cluster, run.id, "ansible"))


def _read(path: Path) -> dict[str, Any]:
    job: dict[str, Any] = json.loads(path.read_text())
    return job
