"""Who gets in to a cluster's machines: its key, and the network of whoever runs Styx."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from styx import paths
from styx.clouds import Cloud
from styx.errors import IntegrityError, SpecError, UsageError
from styx.lifecycle.session import Session
from styx.lifecycle.target import Target
from styx.workdir import Workdir

if TYPE_CHECKING:
    from styx.render import Rendering

CALLER = "terraform_data.caller"
"""The resource that remembers who SSH is open to: replaced when somebody else runs Styx."""


def key_folder(cluster: str) -> Path:
    """Return where the keys of `cluster` are, apart from its folder, which is committed."""
    return paths.state() / "keys" / cluster


def public_key(target: Target) -> str:
    """Return the public key for a cluster's machines: of the spec's own, the lock's, or made now.

    Raises SpecError for a key of the spec that cannot be read.
    """
    from styx.run import ssh_keys

    if named := target.task.styx.ssh_key:
        private = (Path(target.spec.file).parent / Path(named).expanduser()).absolute()
        try:
            return ssh_keys.public(private)
        except UsageError as error:
            fault = target.spec.fault(target.index, "styx.ssh_key", error.message, error.hint)
            raise SpecError([fault], "name a private key that can be read") from error
    return str(_lock(target.workdir).get("public_key", "")) or ssh_keys.made(key_folder(target.cluster), target.cluster)


def locked_images(rendering: "Rendering", workdir: Workdir) -> dict[str, str]:
    """Return group → image as the lock of `workdir` has it, for groups that ask for what they asked for then."""
    from styx.render import both, image_key

    lock = _lock(workdir)
    place, placement = lock.get("placement", {}), rendering.placement
    if (place.get("cloud"), place.get("region")) != (placement.cloud, placement.region):
        return {}
    keys = {group.name: image_key(rendering, group) for group in both(placement.groups)}
    return {
        name: str(image["id"])
        for name, image in lock.get("images", {}).items()
        if keys.get(name) == {part: image.get(part) for part in ("asked", "arch", "gpu")}
    }


def run_variables(cloud: Cloud, session: Session, run_id: str) -> dict[str, object]:
    """Return the Terraform variables of this caller and run, none for a cloud that nobody logs in to.

    Raises UsageError when the caller's network is not known and cannot be found out.
    """
    from styx.run import caller

    if not cloud.login_user:
        return {}
    asked = session.settings.caller_cidrs
    found = [caller.network(session.settings.caller_address_url) if one == "auto" else one for one in asked]
    return {"caller_cidrs": found, "run_tags": _run_tags(session.owner, run_id) if cloud.tag_rule else {}}


def _run_tags(owner: str, run_id: str) -> dict[str, str]:
    """Return the tags of a run in letters that every cloud takes."""
    tags = {"styx-run": run_id, "styx-owner": owner}
    plain = {name: "".join(x if x.isascii() and (x.isalnum() or x in "-_") else "-" for x in text.lower())[:63]
             for name, text in tags.items()}  # fmt: skip
    return {name: text for name, text in plain.items() if text}


def is_other_caller(workdir: Workdir, variables: Mapping[str, object]) -> bool:
    """Tell whether the last run from this folder was another caller's, or is not known."""
    if "caller_cidrs" not in variables:
        return False
    try:
        before = json.loads(workdir.run_variables.read_text())
    except (OSError, ValueError):
        return True
    return bool(before.get("caller_cidrs") != variables["caller_cidrs"])


def _lock(workdir: Workdir) -> dict[str, Any]:
    try:
        return workdir.lock()
    except IntegrityError:
        return {}
