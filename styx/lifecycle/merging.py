"""Hand edits survive: what was edited is merged with what the new rendering changes, from the text both come from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from styx import files
from styx import paths as styx_paths
from styx.errors import IntegrityError, SpecError
from styx.lifecycle import locked
from styx.lifecycle.target import Target
from styx.review import git

if TYPE_CHECKING:
    from styx.render import Rendering

_MOST_SPECS = 50
"""Earlier texts of a spec that are tried for the one that the lock was made for."""


def merged(target: Target, bundle: Mapping[str, str], rendering: "Rendering", clashes: Sequence[str]) -> dict[str, str]:
    """Return path → text with both, of files edited by hand that `bundle` changes too; git's markers where they clash.

    A file whose earlier rendering cannot be found, that was deleted, or is no longer rendered, is left out.
    """
    bases, found = _Bases(target, rendering), dict[str, str]()
    for path in clashes:
        edited, base = _text(target.workdir.folder / path), bases.of(path) if path in bundle else None
        if edited is not None and base is not None and (both := git.merge(edited, base, bundle[path])):
            found[path] = both.text
    return found


def remember(bundle: Mapping[str, str], paths: Sequence[str]) -> None:
    """Keep what was rendered for these files: only the merged text is on disk and in git."""
    for path in paths:
        kept = _kept(files.sha256(bundle[path]))
        if not kept.exists():
            files.write(kept, bundle[path])


def _kept(digest: str) -> Path:
    return styx_paths.state() / "rendered" / digest


def unresolved(folder: Path, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of `paths` that hold a conflict which nobody has resolved."""
    return tuple(path for path in paths if git.has_conflicts(_text(folder / path) or ""))


def refuse_conflicts(folder: Path, paths: tuple[str, ...]) -> None:
    """Raise IntegrityError naming the files of a folder that hold a conflict."""
    if left := unresolved(folder, paths):
        hint = "choose between <<<<<<< and >>>>>>> in each, as after a git merge, and run the command again"
        raise IntegrityError(f"edited by hand and rendered otherwise, in {folder}: {', '.join(left)}", hint)


class _Bases:
    """The texts that edits were made from: out of git's history, else rendered again from what the lock names."""

    def __init__(self, target: Target, rendering: "Rendering") -> None:
        self._target, self._rendering = target, rendering
        self._repository = git.find(target.workdir.folder.absolute())

    def of(self, path: str) -> str | None:
        """Return the text whose hash the lock has; None when it cannot be found."""
        digest = self._digests[path]
        if (kept := _text(_kept(digest))) is not None:
            return kept
        return next((text for text in self._candidates(path) if files.sha256(text) == digest), None)

    @cached_property
    def _digests(self) -> dict[str, str]:
        return self._target.workdir.generated()

    def _candidates(self, path: str) -> Iterator[str]:
        if self._repository:
            yield from self._repository.earlier(self._target.workdir.folder / path)
        if path in self._rendered:
            yield self._rendered[path]

    @cached_property
    def _rendered(self) -> dict[str, str]:
        """The bundle that the lock's own spec and choice give, empty when that spec is not to be found."""
        from styx.render import render

        for target in self._earlier_targets():
            plan = locked.plan_of([target], [locked.lock_of(target)])
            if plan is not None:
                task_plan = plan.tasks[0]
                return render(replace(self._rendering, task=target.task, task_plan=task_plan, plan=plan))
        return {}

    def _earlier_targets(self) -> Iterator[Target]:
        """Yield the target as the spec is, and as it was in each commit."""
        from styx.spec import loads

        yield self._target
        file = Path(self._target.spec.file).resolve()
        if self._repository is None or not file.is_relative_to(self._repository.top.resolve()):
            return
        for _, text in zip(range(_MOST_SPECS), self._repository.earlier(file), strict=False):
            try:
                spec = loads(text, str(file))
            except SpecError:
                continue
            if len(spec.tasks) > self._target.index:
                yield replace(self._target, spec=spec)


def _text(path: Path) -> str | None:
    """Return the text of a file; None when there is none, or when it is not text."""
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None
