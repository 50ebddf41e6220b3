"""`render`: choose and write the folders, run nothing."""

from collections.abc import Sequence

from styx.lifecycle.choosing import choose_placements
from styx.lifecycle.progress import step
from styx.lifecycle.rendered import Rendered, render_target
from styx.lifecycle.session import Session
from styx.lifecycle.target import Target
from styx.state import RunLock


def render_targets(targets: Sequence[Target], session: Session, *, overwrite: bool = False) -> tuple[Rendered, ...]:
    """Write the folder of each target; raises what the optimizer and the rendering raise."""
    with step(session.report, "choose"):
        plan = choose_placements(targets, session)
    rendered = []
    for target in targets:
        with RunLock(target.cluster, verb="render", timeout_s=session.settings.lock_timeout_s):
            rendered.append(render_target(target, plan, session, overwrite=overwrite))
    return tuple(rendered)
