"""Asking before the act: a plan, and by name what it would lose."""

from typing import TYPE_CHECKING

from styx.cli import console
from styx.errors import UsageError

if TYPE_CHECKING:
    from styx.lifecycle.plan import Planned


def given(planned: "Planned", *, yes: bool) -> bool:
    """Say whether a plan, which was shown, may be carried out; `yes` is the answer to every question.

    One that ends machines or disks with what is on them is confirmed with the cluster's name, not with a letter.
    Raises UsageError when nobody is there to ask.
    """
    if yes or not planned.terraform.has_changes:
        return True
    if not console.interactive():
        raise UsageError("nobody is there to confirm the plan", "give --yes to apply without being asked")
    lost = [one.name for one in planned.impacts if one.label == "data-loss"]
    if not lost:
        return console.ask("Apply this?")
    return console.ask_name(f"This ends {', '.join(lost)}, and what is on the disks is lost.", planned.rendered.cluster)
