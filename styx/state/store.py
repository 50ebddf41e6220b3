"""The store: the one way in to the registry, the journal and what is kept of each cluster."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from styx import files, paths
from styx.errors import StyxError
from styx.state import home, journal, registry, rendering, slot, terraform_state
from styx.state.database import Database
from styx.state.record import ClusterRecord


class Store:
    """What Styx knows of this user's clusters; made by `Store.open`, for one thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = files.make_folder(folder)
        self.warnings: tuple[str, ...] = ()
        """What was found wrong at opening and mended, for a person to read."""
        self._database = Database(folder / "styx.db", self._rebuild)
        if aside := self._database.set_aside:
            self.warnings += (f"{folder / 'styx.db'} was corrupt; it is now {aside}",)

    @staticmethod
    def open(folder: Path | None = None) -> "Store":
        """Open the store in `folder` (the user's state folder), making it, or rebuilding it from its clusters/."""
        folder = folder or paths.state()
        with _disk_errors(folder):
            return Store(folder)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def clusters(self) -> list[ClusterRecord]:
        """Return every recorded cluster, by name."""
        return registry.clusters(self._database)

    def cluster(self, name: str) -> ClusterRecord | None:
        """Return the cluster `name`, or None."""
        return registry.cluster(self._database, name)

    def save(self, record: ClusterRecord) -> ClusterRecord:
        """Record `record` on disk, first its file, then its row, and return it with its times filled in.

        Raises UsageError when a live cluster of that name has another folder or would be recorded as only planned,
        and IntegrityError when its slot belongs to another cluster.
        """
        with _disk_errors(self.folder), self._database.transaction():
            return registry.save(self._database, self.folder, record)

    def forget(self, name: str) -> None:
        """Remove cluster `name` and all that is kept of it but the journal; the caller has seen its state empty."""
        with _disk_errors(self.folder), self._database.transaction():
            registry.forget(self._database, self.folder, name)

    def allocate_slot(self, name: str, taken: Callable[[int], bool] = lambda _slot: False) -> int:
        """Return the number 1..250 of `name` on this machine, the one it has while it is live.

        `taken` tells of a number that something else uses. A new one is reserved for an hour; the record must be
        saved with it by then. Raises UsageError when none is left.
        """
        with self._database.transaction():
            return slot.allocate(self._database, self.cluster(name), name, taken, str(self.folder))

    def keep_rendering(self, name: str, bundle: Mapping[str, str]) -> str:
        """Keep the files of a rendering (relative path → text) before it makes machines; return its digest."""
        with _disk_errors(self.folder):
            return rendering.keep(home.of(self.folder, name) / "renderings", bundle)

    def rendering(self, name: str, digest: str) -> dict[str, str]:
        """Return a kept rendering; raise IntegrityError when it is missing or was changed."""
        return rendering.read(home.of(self.folder, name) / "renderings", digest)

    def keep_state(self, name: str, source: Path) -> str | None:
        """Copy the Terraform state of the folder `source`; return a warning when a good one is missing or replaced."""
        with _disk_errors(self.folder):
            return terraform_state.keep(source, home.of(self.folder, name))

    def restore_state(self, name: str, target: Path) -> bool:
        """Write the kept Terraform state into `target` unless a current one is there; return whether it was written."""
        with _disk_errors(target):
            return terraform_state.restore(home.of(self.folder, name), target)

    def state_is_emptied(self, name: str, source: Path) -> bool:
        """Say whether the state in `source` lists nothing because everything was destroyed since the kept copy."""
        return terraform_state.is_emptied(home.of(self.folder, name), source)

    def note_remote_state(self, name: str, state: Mapping[str, Any]) -> None:
        """Note which remote Terraform state is the cluster's; nothing secret of it is kept."""
        with _disk_errors(self.folder):
            terraform_state.note(home.of(self.folder, name), state)

    def remote_state_was_emptied(self, name: str, state: Mapping[str, Any]) -> bool:
        """Say whether a remote state lists nothing because everything was destroyed since it was noted."""
        return terraform_state.was_emptied(home.of(self.folder, name), state)

    def keep_unsaved_state(self, name: str, source: Path) -> str | None:
        """Copy the state that Terraform left in the folder `source` because its store refused it; return a warning."""
        with _disk_errors(self.folder):
            return terraform_state.keep_unsaved(source, home.of(self.folder, name))

    def unsaved_state(self, name: str, source: Path) -> Path | None:
        """Return the state that has yet to reach its store, the copy or the one in the folder `source`."""
        return terraform_state.unsaved(source, home.of(self.folder, name))

    def drop_unsaved_state(self, name: str, source: Path) -> None:
        """Forget a state that has reached its store."""
        terraform_state.drop_unsaved(source, home.of(self.folder, name))

    @staticmethod
    def backends(files_of: Mapping[str, str]) -> dict[str, str]:
        """Return those Terraform files (path → text) that say where the state is kept."""
        return terraform_state.backends(files_of)

    @staticmethod
    def state_is_remote(files_of: Mapping[str, str]) -> bool:
        """Say whether Terraform files (path → text) keep their state elsewhere than in their folder."""
        return terraform_state.is_remote(files_of)

    @staticmethod
    def state_lists_resources(source: Path) -> bool:
        """Say whether the Terraform state in the folder `source` lists something, of a recorded cluster or not."""
        return terraform_state.lists_resources(source)

    def states_apart(self, name: str) -> tuple[Path, ...]:
        """Return the kept states of other lineages whose resources nobody has destroyed."""
        return terraform_state.kept_apart(home.of(self.folder, name))

    @contextmanager
    def run(self, cluster: str, verb: str, owner: str, summary: str = "") -> Iterator[journal.Run]:
        """Journal the body as one run of `verb` on `cluster`; its steps are `with run.step(…)`."""
        with journal.run(self.folder, journal.Start(cluster, verb, owner, summary)) as run:
            yield run

    def journalled(self) -> list[str]:
        """Return the clusters that anything was ever done to, those that are gone included."""
        return journal.clusters(self.folder)

    def events(self, cluster: str, run_id: str = "") -> list[journal.Event]:
        """Return all that was done to `cluster`, or by one run alone, in order; this outlives `forget`."""
        found = journal.events(self.folder, cluster)
        return [event for event in found if run_id in ("", event.run_id)]

    def runs(self, cluster: str, limit: int = 20) -> list[journal.RunRecord]:
        """Return the newest runs of `cluster`, the last one first."""
        return journal.runs(self.events(cluster))[:limit]

    def unfinished(self, cluster: str) -> list[journal.RunRecord]:
        """Return the runs of `cluster` that never ended and whose process is gone; ask while holding its lock."""
        return journal.unfinished(self.events(cluster))

    def end_dead(self, run: journal.RunRecord) -> None:
        """Journal that a run, one of `unfinished`, was killed; from then on it is finished."""
        journal.end_dead(self.folder, run)

    def _rebuild(self, database: Database) -> None:
        self.warnings += registry.rebuild(database, self.folder)


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses into an error that names the folder."""
    try:
        yield
    except OSError as error:
        raise StyxError(
            f"cannot use {folder}: {error.strerror or error}",
            "see that the folder is yours and has free space, then run the command again",
        ) from error
