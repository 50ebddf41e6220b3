"""`styx drift`: what was changed by hand since a cluster was applied."""

import json as jsonlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from styx.cli import console, describe, opening, options
from styx.errors import DifferenceError

if TYPE_CHECKING:
    from styx.lifecycle.drift import Drifted
    from styx.review.drift import Difference

_LONGEST = 60
"""Characters of a value that are shown; --json has all of it."""


def drift(
    name: options.Name,
    check: Annotated[bool, Option("--check", help="Exit 11 when anything was changed by hand.")] = False,
    lock_timeout: options.LockTimeout = None,
    json: options.Json = False,
) -> None:
    """Say what was changed by hand: resource, attribute, before and after. Nothing is changed.

    A machine that is stopped is no drift. Example: styx drift train --check
    """
    from styx.lifecycle.drift import find_drift

    with opening.session(opening.settings(lock_timeout_s=lock_timeout), quiet=json) as session:
        found = find_drift(name, session)
    if json:
        describe.print_json(as_json(found))
    else:
        show(found)
    if check and found.drifts:
        hint = f"put it back with `styx apply`, or put the change into {found.record.spec_file or 'the spec'}"
        raise DifferenceError(f"{found.record.name} is not as it was applied", hint)


def as_json(found: "Drifted") -> dict[str, Any]:
    """Return drift for machines."""
    return {"cluster": found.record.name, "drift": [asdict(one) for one in found.drifts]}


def show(found: "Drifted") -> None:
    """Print what was changed."""
    if not found.drifts:
        print(f"{found.record.name}: as it was applied")
        return
    print(f"{found.record.name}: {console.plural(len(found.drifts), 'resource')} changed by hand")
    for one in found.drifts:
        print(f"  {one.address}{'  is gone' if one.kind == 'gone' else ''}")
        for difference in one.differences:
            print(f"    {difference.attribute}: {_sides(difference)}")


def _sides(difference: "Difference") -> str:
    return f"{_shown(difference.before)} → {_shown(difference.after)}"


def _shown(value: object) -> str:
    text = jsonlib.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
