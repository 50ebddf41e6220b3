"""Machines that are gone, where the provider only refuses to read them: the state must forget them first."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from styx import files, paths
from styx.clouds import Cloud
from styx.errors import LeakError, TerraformError
from styx.lifecycle import emptying
from styx.lifecycle.progress import Progress
from styx.lifecycle.session import Session
from styx.workdir import Workdir

if TYPE_CHECKING:
    from styx.run.terraform import Terraform

T = TypeVar("T")


def forgetting(act: Callable[[], T], terraform: "Terraform", cloud: Cloud, cluster: str, session: Session) -> T:
    """Do `act`; where machines that are gone are all that keeps it, forget these, say so, and do it again.

    The state as it was is kept beside the cluster's record. Raises what `act` raises for anything else.
    """
    while True:  # each turn forgets at least one
        try:
            return act()
        except (TerraformError, LeakError) as error:
            found = addresses(error, terraform, cloud)
            if not found:
                raise
            _forget(found, terraform, cluster, session)


def addresses(error: BaseException, terraform: "Terraform", cloud: Cloud) -> tuple[str, ...]:
    """Return the machines whose end is all that Terraform refused for; none when it refused for anything else."""
    said = getattr(error if isinstance(error, TerraformError) else error.__cause__, "diagnostics", ())
    texts = [(one.address, f"{one.summary} {one.detail}") for one in said if one.severity == "error"]
    if not cloud.gone or not texts or not all(re.search(cloud.gone, " ".join(text.split())) for _, text in texts):
        return ()
    listed = emptying.ids(terraform.show())
    found = {address for address, text in texts if (known := listed.get(address)) and known in text}
    return tuple(sorted(found))


def _forget(found: Sequence[str], terraform: "Terraform", cluster: str, session: Session) -> None:
    workdir = Workdir(terraform.folder.parent)
    with session.keeping_state(cluster, workdir):
        for address in found:
            backup = _kept(cluster, address)
            if session.state_is_remote(workdir):
                files.write(backup, json.dumps(terraform.pull()))
                terraform.forget(address)
            else:
                terraform.forget(address, backup)
            text = f"{address} is gone from the cloud, so it was taken out; as it was: {backup}"
            session.report(Progress("state", "note", text))


def _kept(cluster: str, address: str) -> Path:
    folder = files.make_folder(paths.state() / "clusters" / cluster / "forgotten")
    name = re.sub(r"[^A-Za-z0-9]+", "-", address).strip("-")
    number = sum(1 for _ in folder.iterdir()) + 1
    return folder / f"{number}-{name}.tfstate"
