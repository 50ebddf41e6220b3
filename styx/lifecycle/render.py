"""`render`: choose and write the folders, or say how they differ; nothing is run."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from styx.errors import IntegrityError
from styx.lifecycle import access, merging
from styx.lifecycle.choosing import Catalogs, choose_placements
from styx.lifecycle.progress import Progress, step
from styx.lifecycle.rendered import Rendered, render_target, rendering_of
from styx.lifecycle.session import Session
from styx.lifecycle.target import Target
from styx.state import RunLock
from styx.workdir import LOCK_FILE, Due, Written

if TYPE_CHECKING:
    from styx.render import Rendering


@dataclass(frozen=True, slots=True)
class Checked:
    """One folder, and what `render` would do to it."""

    target: Target
    written: Written
    diff: str = ""
    """The files that would change, as a unified diff; those that would be new or removed by name only."""
    fault: str = ""
    """Why it could not be rendered over what is there: a hand edit would be lost, or clashes."""

    @property
    def is_current(self) -> bool:
        """Tell whether nothing would be done."""
        return not (self.written.anything or self.fault)


def render_specs(
    specs: Sequence[Sequence[Target]], session: Session, *, overwrite: bool = False
) -> tuple[Rendered, ...]:
    """Write the folder of each target of each spec, ejected ones left as they are.

    Raises what the optimizer and the rendering raise, IntegrityError when a hand edit would be lost.
    """
    catalogs, rendered = Catalogs(), list[Rendered]()
    with step(session.report, "choose"):
        plans = [choose_placements(targets, session, catalogs) for targets in specs]
    for targets, plan in zip(specs, plans, strict=True):
        for target in targets:
            if target.workdir.is_ejected:
                session.report(Progress("render", "note", f"{target.workdir.folder} was ejected and is left alone"))
                continue
            with RunLock(target.cluster, verb="render", timeout_s=session.settings.lock_timeout_s):
                rendered.append(render_target(target, plan, session, overwrite=overwrite))
    return tuple(rendered)


def check_specs(specs: Sequence[Sequence[Target]], session: Session) -> tuple[Checked, ...]:
    """Return what `render_specs` would do, folder by folder; all is made in memory and nothing is written.

    A folder whose lock was made for the very spec is a function of the two: no catalog is looked at.
    """
    catalogs, found = Catalogs(), list[Checked]()
    for targets in specs:
        plan = choose_placements(targets, session, catalogs, committed=True)
        for target in targets:
            found.append(_checked(target, rendering_of(target, plan, public_key=access.known_key)))
    return tuple(found)


def _checked(target: Target, rendering: "Rendering") -> Checked:
    from styx.render import render

    if target.workdir.is_ejected:
        return Checked(target, Written())
    bundle, folder = render(rendering), target.workdir.folder
    try:
        due = target.workdir.due(bundle, merge=partial(merging.merged, target, bundle, rendering))
        merging.refuse_conflicts(folder, due.written.kept)
    except IntegrityError as error:
        return Checked(target, Written(), fault=error.message)
    return Checked(target, due.written, _diff(target, due))


def _diff(target: Target, due: Due) -> str:
    from styx.review.listing import unified

    texts = {path: due.texts[path] for path in sorted(due.texts, key=lambda path: (path == LOCK_FILE, path))}
    new = due.written.created
    return "".join(
        unified((target.workdir.folder / path).read_text(errors="replace"), text, path)
        for path, text in texts.items()
        if path not in new
    )
