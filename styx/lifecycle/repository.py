"""The specs of a repository: which there are, and the clusters and folders that they are for."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from styx.errors import Fault, SpecError, UsageError
from styx.lifecycle.target import Target, targets

if TYPE_CHECKING:
    from styx.settings import Settings
    from styx.spec import SpecFile

Load = Callable[[Path], "SpecFile"]


def spec_files(paths: Sequence[Path], settings: "Settings") -> tuple[Path, ...]:
    """Return the specs among `paths` and below its folders; of the whole repository when none is given.

    Raises UsageError when nothing says where specs are, or when a folder that is named has none.
    """
    from styx.spec import finding

    named = paths or [settings.top / source for source, _ in settings.specs]
    if not named:
        hint = "name a spec, or list the repository's folders of specs in styx.yaml: `specs: [specs]`"
        raise UsageError("no spec is given, and styx.yaml names none", hint)
    found = finding.find(named)
    if found.empty:
        raise UsageError(f"no spec was found in {', '.join(map(str, found.empty))}", "name a file")
    return tuple(dict.fromkeys(found.specs))


def all_targets(
    files: Sequence[Path], settings: "Settings", load: Load, *, cluster: str | None = None, out: Path | None = None
) -> tuple[tuple[Target, ...], ...]:
    """Return the targets of each spec; `out` is the folder of a single task, else it gets one folder a cluster.

    Raises SpecError with the faults of all specs together, UsageError when two clusters would share a name or folder.
    """
    specs = _loaded(files, load)
    if len(specs) > 1:
        if cluster is not None:
            raise UsageError("--cluster names the cluster of one spec", "leave it out: specs name their clusters")
        settings = settings if out is None else replace(settings, out=str(out.absolute()), specs=())
        out = None
    found = tuple(targets(spec, settings, cluster=cluster, out=out) for spec in specs)
    _refuse_shared([target for each in found for target in each])
    return found


def _loaded(files: Sequence[Path], load: Load) -> "list[SpecFile]":
    specs, faults = [], list[Fault]()
    for path in files:
        try:
            specs.append(load(path))
        except SpecError as error:
            faults += error.faults
    if faults:
        raise SpecError(faults)
    return specs


def _refuse_shared(found: Sequence[Target]) -> None:
    seen: dict[str, Target] = {}
    folders: dict[Path, Target] = {}
    for target in found:
        for known in (seen.get(target.cluster), folders.get(target.workdir.folder)):
            if known is not None:
                files = f"{known.spec.file} and {target.spec.file}"
                raise UsageError(
                    f"{files} are both for the cluster {target.cluster!r}", "give one of them another name"
                )
        seen[target.cluster] = folders[target.workdir.folder] = target
