"""Who gets in to a cluster's machines: its key, and the network of whoever runs Styx."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from styx import files, paths
from styx.clouds import Cloud
from styx.errors import IntegrityError, SpecError, UsageError
from styx.host import Host
from styx.lifecycle.locked import Lock
from styx.lifecycle.session import Session
from styx.lifecycle.target import Target
from styx.state import ClusterRecord
from styx.workdir import Workdir

if TYPE_CHECKING:
    from styx.render import Rendering
    from styx.run.ssh import Ssh
    from styx.run.ssh_config import Login

CALLER = "terraform_data.caller"
"""The resource that remembers who SSH is open to: replaced when somebody else runs Styx."""


def key_folder(cluster: str) -> Path:
    """Return where the keys of `cluster` are, apart from its folder, which is committed."""
    return paths.state() / "keys" / cluster


def public_key(target: Target, lock: Lock) -> str:
    """Return the public key for a cluster's machines: of the spec's own, the lock's, or made now.

    Raises SpecError for a key of the spec that cannot be read.
    """
    from styx.run import ssh_keys

    if named := target.task.styx.ssh_key:
        private = (Path(target.spec.file).parent / Path(named).expanduser()).absolute()
        try:
            key = ssh_keys.public(private)
        except UsageError as error:
            fault = target.spec.fault(target.index, "styx.ssh_key", error.message, error.hint)
            raise SpecError([fault], "name a private key that can be read") from error
        link = files.make_folder(key_folder(target.cluster)) / "id_ed25519"
        if not link.exists() or link.resolve() != private.resolve():
            link.unlink(missing_ok=True)
            link.symlink_to(private)
        return key
    return str(lock.get("public_key", "")) or ssh_keys.made(key_folder(target.cluster), target.cluster)


def known_key(_target: Target, lock: Lock) -> str:
    """Return the public key that the lock has, empty when there is none yet; nothing is made or read elsewhere."""
    return str(lock.get("public_key", ""))


def locked_images(rendering: "Rendering", lock: Lock) -> dict[str, str]:
    """Return group → image as the folder's lock has it, for groups that ask for what they asked for then."""
    from styx.render import both, image_key

    place, placement = lock.get("placement", {}), rendering.placement
    if (place.get("cloud"), place.get("region")) != (placement.cloud, placement.region):
        return {}
    keys = {group.name: image_key(rendering, group) for group in both(placement.groups)}
    return {
        name: str(image["id"])
        for name, image in lock.get("images", {}).items()
        if keys.get(name) == {part: image.get(part) for part in ("asked", "arch", "gpu")}
    }


def locked_volumes(lock: Lock) -> dict[str, int]:
    """Return further disk → its number on the machine, as the folder's lock has it."""
    return {name: int(number) for name, number in lock.get("volumes", {}).items()}


def locked_roles(lock: Lock) -> frozenset[str]:
    """Return the roles that the folder's hosts were last given; none for a folder that is new."""
    return frozenset(lock.get("roles", ()))


def is_remote(record: ClusterRecord) -> bool:
    """Tell whether the cluster's hosts are reached over SSH; those of this machine are folders of it."""
    return any(not host.folder for host in record.hosts)


def ssh(record: ClusterRecord) -> "Ssh":
    """Return the way to a cluster's hosts; its configuration is written anew, for the record may be newer."""
    from styx.run import ssh_config
    from styx.run.ssh import Ssh

    found = login(record.name)
    ssh_config.write(found, record.name, record.hosts)
    return Ssh(found.config)


def login(cluster: str) -> "Login":
    """Return how the hosts of `cluster` are reached; with the user's own keys when none was made for it."""
    from styx.run.ssh_config import Login

    key = key_folder(cluster) / "id_ed25519"
    return Login(paths.state() / "ssh" / cluster, key if key.is_file() else None)


def has_let_us_in(cluster: str, host: Host) -> bool:
    """Tell whether this machine was logged in to before, and so has started once."""
    from styx.run import ssh_config

    known = login(cluster).known_hosts
    lines = known.read_text().splitlines() if known.is_file() else []
    return ssh_config.alias(host) in {line.split(" ")[0] for line in lines}


def run_variables(cloud: Cloud, session: Session, run_id: str) -> dict[str, object]:
    """Return the Terraform variables of this caller and run, none for a cloud that nobody logs in to.

    Raises UsageError when the caller's network is not known and cannot be found out.
    """
    from styx.run import caller

    if not cloud.login_user:
        return {}
    asked = session.settings.caller_cidrs
    found = [caller.network(session.settings.caller_address_url) if one == "auto" else one for one in asked]
    return {"caller_cidrs": found, "run_tags": _run_tags(cloud, session.owner, run_id)}


def _run_tags(cloud: Cloud, owner: str, run_id: str) -> dict[str, str]:
    tags = {"styx-run": run_id, "styx-owner": owner}
    return {name: cloud.tag_rule.plain(text) for name, text in tags.items() if text} if cloud.tag_rule else {}


def is_other_caller(workdir: Workdir, variables: Mapping[str, object]) -> bool:
    """Tell whether the last run from this folder was another caller's, or is not known."""
    if "caller_cidrs" not in variables:
        return False
    try:
        before = json.loads(workdir.run_variables.read_text())
    except (OSError, ValueError):
        return True
    return bool(before.get("caller_cidrs") != variables["caller_cidrs"])


def folder_lock(workdir: Workdir) -> Lock:
    """Return the folder's lock as it is now; empty when there is none that can be read."""
    try:
        return workdir.lock()
    except IntegrityError:
        return {}
