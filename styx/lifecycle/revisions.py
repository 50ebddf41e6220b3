"""`diff`: the clusters of two revisions of a repository, side by side."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from styx import files
from styx.errors import BudgetError, IntegrityError, NoOfferError, PolicyError, SpecError, UsageError
from styx.lifecycle import locked
from styx.lifecycle.choosing import Catalogs, choose_placements
from styx.lifecycle.locked import Lock
from styx.lifecycle.session import Session
from styx.lifecycle.target import Target, targets
from styx.review import git
from styx.review.change import Change, Review, Side, expected, total_usd
from styx.review.impact import LABELS, Label
from styx.workdir import LOCK_FILE, read_lock


@dataclass(slots=True)
class _Revision:
    """What is compared of one revision."""

    sides: dict[str, Side] = field(default_factory=dict)
    """Folder relative to the repository → what stands in its lock, or what its spec would be given."""
    names: dict[str, str] = field(default_factory=dict)
    """Folder → the cluster's name."""
    stale: set[str] = field(default_factory=set)
    """Folders that were not rendered since their spec changed."""
    problems: list[str] = field(default_factory=list)


def compare(base: str | None, head: str | None, session: Session, plans: Path | None = None) -> Review:
    """Compare the clusters of two revisions.

    `base` is where this branch left it, the last commit by default; `head` a revision, by default the files as they
    are. `plans` is a folder with the output of `styx plan --json` for clusters: their impacts are then Terraform's own.
    Raises UsageError outside of a git repository and for revisions that it does not know.
    """
    repository = git.find(session.settings.top.absolute())
    if repository is None:
        raise UsageError("this is no git repository", "run it inside one; `git init` makes one")
    start = repository.merge_base(base) if base else repository.revision("HEAD")
    reader = _Reader(repository, session)
    before = reader.read(repository.blobs(start))
    after = reader.read(repository.blobs(repository.revision(head)) if head else None)
    planned = _planned(plans) if plans else {}
    folders = sorted(before.sides.keys() | after.sides.keys())
    changes = [_change(folder, before, after, planned) for folder in folders]
    found = tuple(change for change in changes if change is not None)
    return Review(
        base=start,
        changes=found,
        unchanged=len(changes) - len(found),
        before_usd=total_usd(before.sides.values()),
        after_usd=total_usd(after.sides.values()),
        problems=tuple(after.problems),
    )


def _change(
    folder: str, before: _Revision, after: _Revision, planned: Mapping[str, tuple[Label | None, int]]
) -> Change | None:
    """Return what lies between the two sides of a folder; None when they are the same."""
    one, other = before.sides.get(folder), after.sides.get(folder)
    if one and other and one.digest == other.digest and folder not in after.stale:
        return None
    cluster = after.names.get(folder) or before.names[folder]
    notes = ["the spec was changed, the folder was not rendered: run `styx render`"] if folder in after.stale else []
    label, is_planned = expected(one, other), cluster in planned
    if is_planned:
        label, count = planned[cluster]
        notes.append(f"Terraform changes {count} resources" if count else "Terraform changes nothing")
    return Change(cluster, folder, one, other, label, is_planned, tuple(notes))


class _Reader:
    """Reads revisions; a lock or spec that both have is read once."""

    def __init__(self, repository: git.Repository, session: Session) -> None:
        self._repository, self._session, self._catalogs = repository, session, Catalogs()
        self._top = repository.top
        self._texts: dict[str, str] = {}
        self._locks: dict[str, tuple[Lock, Side]] = {}

    def read(self, blobs: Mapping[str, str] | None) -> _Revision:
        """Read the locks and specs among the files of a commit, path → object; of the working tree for None."""
        paths = blobs.keys() if blobs is not None else self._working()
        wanted = [path for path in paths if path.rpartition("/")[2] == LOCK_FILE or self._is_spec(path)]
        if blobs is None:
            texts = {path: (self._top / path).read_text(errors="replace") for path in wanted}
        else:
            unknown = [blobs[path] for path in wanted if blobs[path] not in self._texts]
            self._texts |= self._repository.texts(unknown) if unknown else {}
            texts = {path: self._texts[blobs[path]] for path in wanted}
        return self._revision(texts)

    def _working(self) -> list[str]:
        return self._repository.working_files()

    def _is_spec(self, path: str) -> bool:
        file = self._top / path
        sources = [(self._session.settings.top / source).absolute() for source, _ in self._session.settings.specs]
        return path.endswith((".yaml", ".yml")) and any(file.is_relative_to(source) for source in sources)

    def _revision(self, texts: Mapping[str, str]) -> _Revision:
        found, locks = _Revision(), dict[str, Lock]()
        for path, text in texts.items():
            folder, _, name = path.rpartition("/")
            if name != LOCK_FILE:
                continue
            try:
                locks[folder], found.sides[folder] = self._lock(path, text)
                found.names[folder] = locks[folder]["cluster"]
            except IntegrityError as error:
                found.problems.append(error.message)
        for path, text in texts.items():
            if path.rpartition("/")[2] != LOCK_FILE:
                self._spec(path, text, locks, found)
        return found

    def _lock(self, path: str, text: str) -> tuple[Lock, Side]:
        digest = files.sha256(text)
        if digest not in self._locks:
            lock = read_lock(text, path)
            self._locks[digest] = lock, Side(locked.task_plan(lock).placement, rendered=True, digest=digest)
        return self._locks[digest]

    def _spec(self, path: str, text: str, locks: Mapping[str, Lock], found: _Revision) -> None:
        """Add what a spec says beyond the locks: folders that are not up to date, clusters that have none."""
        from styx.spec import finding, loads

        if not finding.looks_like_spec(text):
            return
        try:
            spec = loads(text, str(self._top / path))
            named = targets(spec, self._session.settings)
        except (SpecError, UsageError) as error:
            found.problems.append(error.message)
            return
        folders = [self._folder(target) for target in named]
        own = [
            locked.lock_for(target, locks[at]) if at in locks else None
            for target, at in zip(named, folders, strict=True)
        ]
        if any(lock and lock.get("ejected") for lock in own):
            return
        if all(lock and lock.get("spec_digest") == spec.digest for lock in own):
            return
        self._place(named, folders, own, found)

    def _place(
        self, named: Sequence[Target], folders: Sequence[str], own: Sequence[Lock | None], found: _Revision
    ) -> None:
        try:
            plan = choose_placements(named, self._session, self._catalogs, locks=own, committed=True)
        except (SpecError, UsageError, NoOfferError, BudgetError, PolicyError) as error:
            found.problems.append(f"{named[0].spec.file}: {error.message}")
            return
        for target, folder in zip(named, folders, strict=True):
            placement = plan.tasks[target.index].placement
            if folder in found.sides:
                found.stale.add(folder)
            digest = files.sha256(f"{target.spec.digest} {placement}")
            found.sides[folder] = Side(placement, rendered=False, digest=digest)
            found.names[folder] = target.cluster

    def _folder(self, target: Target) -> str:
        folder = target.workdir.folder.resolve()
        top = self._top.resolve()
        return folder.relative_to(top).as_posix() if folder.is_relative_to(top) else str(folder)


def _planned(folder: Path) -> dict[str, tuple[Label | None, int]]:
    """Return cluster → the worst label of its plan, and how many resources change; of `styx plan --json` in files."""
    found: dict[str, tuple[Label | None, int]] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            for one in json.loads(path.read_text()):
                labels = [impact["label"] for impact in one["impacts"] if impact["label"] in get_args(Label)]
                found[one["cluster"]] = max(labels, key=LABELS.index, default=None), len(one["impacts"])
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{path} is no plan: {error!r}", "write it with `styx plan SPEC --json > FILE`") from error
    return found
