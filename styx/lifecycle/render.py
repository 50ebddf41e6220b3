"""`render`: choose and write the folders, or say how they differ; nothing is run."""

from collections.abc import Sequence
from dataclasses import dataclass

from styx.lifecycle import access
from styx.lifecycle.choosing import Catalogs, choose_placements
from styx.lifecycle.progress import step
from styx.lifecycle.rendered import Rendered, render_target, rendering_of
from styx.lifecycle.session import Session
from styx.lifecycle.target import Target
from styx.state import RunLock
from styx.workdir import LOCK_FILE, Due


@dataclass(frozen=True, slots=True)
class Checked:
    """One folder, and what `render` would do to it."""

    target: Target
    due: Due
    diff: str
    """The files that would change, as a unified diff; those that would be new or removed by name only."""


def render_specs(
    specs: Sequence[Sequence[Target]], session: Session, *, overwrite: bool = False
) -> tuple[Rendered, ...]:
    """Write the folder of each target of each spec; raises what the optimizer and the rendering raise."""
    catalogs, rendered = Catalogs(), list[Rendered]()
    with step(session.report, "choose"):
        plans = [choose_placements(targets, session, catalogs) for targets in specs]
    for targets, plan in zip(specs, plans, strict=True):
        for target in targets:
            with RunLock(target.cluster, verb="render", timeout_s=session.settings.lock_timeout_s):
                rendered.append(render_target(target, plan, session, overwrite=overwrite))
    return tuple(rendered)


def check_specs(specs: Sequence[Sequence[Target]], session: Session) -> tuple[Checked, ...]:
    """Return what `render_specs` would do, folder by folder; all is made in memory and nothing is written.

    A folder whose lock was made for the very spec is a function of the two: no catalog is looked at.
    """
    from styx.render import render

    catalogs, found = Catalogs(), list[Checked]()
    for targets in specs:
        plan = choose_placements(targets, session, catalogs, committed=True)
        for target in targets:
            bundle = render(rendering_of(target, plan, public_key=access.known_key))
            due = target.workdir.due(bundle)
            found.append(Checked(target, due, _diff(target, due)))
    return tuple(found)


def _diff(target: Target, due: Due) -> str:
    from styx.review.listing import unified

    texts = {path: due.texts[path] for path in sorted(due.texts, key=lambda path: (path == LOCK_FILE, path))}
    new = due.written.created
    return "".join(
        unified((target.workdir.folder / path).read_text(errors="replace"), text, path)
        for path, text in texts.items()
        if path not in new
    )
