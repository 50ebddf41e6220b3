"""`styx apply`: show the plan, ask, make it so, and follow the job."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from styx.cli import consent, console, describe, following, opening, options
from styx.cli.overrides import spec_options
from styx.errors import UsageError
from styx.spec import Overrides

if TYPE_CHECKING:
    from styx.lifecycle.apply import Applied
    from styx.lifecycle.failover import Conduct
    from styx.lifecycle.jobs import Started
    from styx.lifecycle.plan import Planned
    from styx.lifecycle.session import Session
    from styx.lifecycle.target import Target


@spec_options
def apply(  # noqa: PLR0913 - each is an option of the command line
    spec: options.SpecOrFolder,
    overrides: Overrides,
    cluster: options.Cluster = None,
    out: options.Out = None,
    yes: options.Yes = False,
    detach: Annotated[bool, Option("--detach", "-d", help="Hand the job in and do not wait for it.")] = False,
    no_run: Annotated[bool, Option("--no-run", help="Make machines and hosts ready; run no job.")] = False,
    keep: Annotated[bool, Option("--keep", help="Leave the clusters of a pipeline standing.")] = False,
    overwrite: options.Overwrite = False,
    approved: Annotated[
        Path | None,
        Option("--approved", help="Apply only plans whose digest, as plan --json says it, is in this file."),
    ] = None,
    forbid: options.Forbid = None,
    no_sweep: options.NoSweep = False,
    no_failover: Annotated[bool, Option("--no-failover", help="Try the first choice alone.")] = False,
    retry_until_up: Annotated[
        bool, Option("--retry-until-up", "-r", help="Begin again, after a while, when nothing has capacity.")
    ] = False,
    lock_timeout: options.LockTimeout = None,
    json: options.Json = False,
) -> None:
    """Make it so: machines, hosts, and the job, which is followed to its end.

    Shows the plan and asks first; without a terminal it never asks, so --yes must be given. Ctrl-C while the job runs
    stops the watching, not the job. The clusters of a pipeline are destroyed as their tasks succeed.

    Examples:

      styx apply task.yaml

      styx apply task.yaml --cluster second --yes --detach

      styx apply infra/second --yes --no-run
    """
    from styx.lifecycle.failover import Conduct
    from styx.lifecycle.target import targets

    settings = opening.settings(lock_timeout_s=lock_timeout, forbid=forbid, sweep=options.sweep(no_sweep))
    conduct = Conduct(overwrite=overwrite, failover=not no_failover, until_up=retry_until_up)
    asked = _Asked(conduct, yes=yes, detach=detach, no_run=no_run, keep=keep, json=json)
    with opening.session(settings, quiet=json) as session:
        if approved:
            asked.hold_to(approved, session)
        if spec.is_dir():
            asked.folder(spec, overrides, session)
            return
        chosen = targets(opening.spec(spec, overrides), settings, cluster=cluster, out=out)
        asked.spec(chosen, session)


class _Asked:
    """What the options ask for."""

    def __init__(self, conduct: "Conduct", **flags: bool) -> None:
        self.conduct = conduct
        self.flags = flags
        self._refuse: Callable[[Planned], None] = lambda _planned: None

    def hold_to(self, approved: Path, session: "Session") -> None:
        """Let only plans through whose digest is in a file."""
        from styx.lifecycle.approval import read_approved, refuse_other

        digests = read_approved(approved)
        self._refuse = lambda planned: refuse_other(planned, digests, session)

    def folder(self, folder: Path, overrides: Overrides, session: "Session") -> None:
        """Apply a rendered folder as it is."""
        from styx.lifecycle.apply import apply_folder

        secrets = {**overrides.envs, **overrides.secrets}
        if overrides != Overrides(envs=overrides.envs, secrets=overrides.secrets):
            raise UsageError("a rendered folder is applied as it is", "give the spec to use options that change it")
        applied = apply_folder(folder, session, self._confirm, secrets)
        self._go_on(applied, session, secrets)

    def spec(self, targets: "tuple[Target, ...]", session: "Session") -> None:
        """Apply the tasks of a spec."""
        from styx.lifecycle.apply import apply_target, given_secrets
        from styx.lifecycle.choosing import choose_placements
        from styx.lifecycle.progress import step

        with step(session.report, "choose"):
            plan = choose_placements(targets, session)
        if len(targets) == 1 or self.flags["no_run"]:
            for target in targets:
                applied = apply_target(target, plan, session, self._confirm, conduct=self.conduct)
                self._go_on(applied, session, given_secrets(target))
            return
        if self.flags["detach"]:
            raise UsageError("a pipeline cannot be detached: its tasks wait for each other", "leave out --detach")
        from styx.lifecycle.pipeline import Pipeline, run_pipeline

        pipeline = Pipeline(targets, plan, keep=self.flags["keep"], conduct=self.conduct)
        run_pipeline(pipeline, session, self._confirm, partial(_follow, self.flags["json"]))

    def _confirm(self, planned: "Planned") -> bool:
        if not self.flags["json"]:
            describe.planned(planned)
        self._refuse(planned)
        return consent.given(planned, yes=self.flags["yes"])

    def _go_on(self, applied: "Applied | None", session: "Session", secrets: dict[str, str]) -> None:
        """Say what stands, then run the job."""
        from styx.lifecycle.jobs import start_rendered

        if applied is None:
            print("nothing was applied", file=sys.stderr)
            return
        record = applied.record
        if self.flags["no_run"]:
            _show(applied, session, json=self.flags["json"])
            return
        with start_rendered(applied.planned.rendered.workdir, record.name, session, secrets) as started:
            job_id = started.job_id if started else ""
            _show(applied, session, job_id, json=self.flags["json"])
            if started and not self.flags["detach"]:
                following.follow(started, errors=self.flags["json"])


def _follow(errors: bool, started: "Started", stopped: Callable[[], bool]) -> None:
    """Follow one job of several, its lines behind the name of its cluster."""
    following.follow(started, prefix=f"[{started.head.record.name}] ", stopped=stopped, errors=errors)


def _show(applied: "Applied", session: "Session", job_id: str = "", *, json: bool) -> None:
    """Say what stands, what it costs, where the logs are, and what to do next."""
    record = applied.record
    if json:
        describe.print_json({**record.to_json(), "job": job_id or None, "hosts_changed": applied.hosts_changed})
        return
    up = f"{record.name}: {console.plural(len(record.hosts), 'machine')} up, {console.usd(record.hourly_usd)} an hour"
    print(f"{up}; logs in {session.log(record.name, applied.run_id, 'any').parent}")
    has_ray = "ray" in applied.planned.rendered.roles
    other = f"styx exec {record.name} -- CMD" if has_ray else f"styx status {record.name}"
    first = f"styx logs {record.name} {job_id}" if job_id else other
    print(f"next: {first} · styx ssh {record.name} · styx destroy {record.name}", flush=True)
