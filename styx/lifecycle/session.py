"""What every verb that touches a cluster shares: the store, the settings, the logs, and Terraform in its folder."""

import os
import pwd
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from styx import clouds, files, paths
from styx.errors import UsageError
from styx.lifecycle.progress import Progress, Report, silent
from styx.settings import Settings
from styx.state import Store
from styx.workdir import Workdir, check_safe

if TYPE_CHECKING:
    from styx.run.terraform import Terraform
    from styx.run.terraform_events import Event


@dataclass(frozen=True, slots=True)
class Session:
    """One command's view of the world."""

    settings: Settings
    store: Store
    report: Report = silent

    def cloud_ids(self) -> tuple[str, ...]:
        """Return the clouds that may be chosen without being named: the enabled ones, else the embedded ones."""
        return self.settings.clouds or tuple(one for one in clouds.ids() if clouds.by_id(one).embedded)

    @property
    def owner(self) -> str:
        """Return who runs this, as the system knows them."""
        try:
            return pwd.getpwuid(os.getuid()).pw_name
        except KeyError:  # a number without a name, common in containers
            return str(os.getuid())

    def log(self, cluster: str, run_id: str, name: str) -> Path:
        """Return the file that keeps what `name` prints during one run."""
        return paths.state() / "logs" / cluster / run_id / f"{name}.log"

    def refuse_other_folder(self, cluster: str, workdir: Workdir) -> None:
        """Raise UsageError when that cluster stands with another folder, or another cluster with that folder."""
        folder = workdir.folder.resolve()
        for known in self.store.clusters():
            same_name, same_folder = known.name == cluster, known.folder.resolve() == folder
            if not known.live or same_name == same_folder:
                continue
            if same_name:
                message = f"cluster {cluster!r} stands with the folder {known.folder}, not with {workdir.folder}"
                raise UsageError(message, f"give another name with --cluster, or run `styx destroy {cluster}` first")
            raise UsageError(f"{workdir.folder} is the folder of cluster {known.name!r}", "give another one with --out")

    def exec_folder(self, cluster: str) -> Path:
        """Return where the files and setup of a spec that was given to `exec` are rendered."""
        return paths.state() / "exec" / cluster

    def plan_file(self, cluster: str) -> Path:
        """Return where the saved plan of `cluster` is: outside the rendered folder, for it can hold secrets."""
        return files.make_folder(paths.state() / "plans") / f"{cluster}.tfplan"

    def terraform(self, workdir: Workdir, log: Path, told: Callable[[str], None]) -> "Terraform":
        """Return Terraform in `workdir`, its progress told as lines of text.

        Raises IntegrityError when the folder is a link, another user's, or writable by everyone.
        """
        from styx.run import mask, terraform_binary, terraform_env
        from styx.run.terraform import Terraform

        for folder in (workdir.folder, workdir.terraform):
            check_safe(folder)
        binary = terraform_binary.find(self.settings.terraform)
        return Terraform(
            workdir.terraform,
            binary,
            log=log,
            on_event=lambda event: _tell(event, told),
            parallelism=self.settings.parallelism,
            lock_timeout_s=self.settings.lock_timeout_s,
            scrub=mask.masker(terraform_env.secrets(os.environ)),
        )

    def state_is_remote(self, workdir: Workdir) -> bool:
        """Say whether the folder keeps its Terraform state elsewhere."""
        return self.store.state_is_remote(workdir.terraform_files())

    def restore_state(self, cluster: str, workdir: Workdir) -> bool:
        """Put the kept copy of a local Terraform state back when a current one is missing; return whether it was."""
        return not self.state_is_remote(workdir) and self.store.restore_state(cluster, workdir.terraform)

    @contextmanager
    def keeping_state(self, cluster: str, workdir: Workdir) -> Iterator[None]:
        """Copy the local Terraform state after the body, however it ends; of a remote one what its store refused."""
        try:
            yield
        finally:
            if self.state_is_remote(workdir):
                warning = self.store.keep_unsaved_state(cluster, workdir.terraform)
            else:
                warning = self.store.keep_state(cluster, workdir.terraform)
            if warning:
                self.report(Progress("state", "note", warning))


def _tell(event: "Event", told: Callable[[str], None]) -> None:
    from styx.run import terraform_events

    if isinstance(event, terraform_events.Progress):
        told(f"{event.address} {event.action} {event.stage}")
