"""Finding clouds: packages of this folder, then the entry point group `styx.clouds`."""

import difflib
import importlib
import pkgutil
from functools import cache
from pathlib import Path

from styx.clouds.cloud import Cloud
from styx.errors import UsageError

_NOT_YET = ("k8s", "kubernetes")


@cache
def ids() -> tuple[str, ...]:
    """Return the ids of all clouds, sorted, without importing any of their packages."""
    built_in = {module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]) if module.ispkg}
    return tuple(sorted(built_in | set(_plugins())))


def by_id(cloud_id: str) -> Cloud:
    """Return the record of `cloud_id`; raise UsageError, naming the nearest, when there is none."""
    if cloud_id not in ids():
        nearest = near(cloud_id)
        known = ", ".join(ids())
        hint = f"did you mean {nearest}?" if nearest else f"the clouds are: {known}"
        raise UsageError(missing(cloud_id), hint)
    module = _plugins().get(cloud_id) or f"styx.clouds.{cloud_id}"
    record: Cloud = importlib.import_module(module).CLOUD
    return record


def missing(cloud_id: str) -> str:
    """Say that there is no such cloud; of what a spec may name but Styx cannot do yet, say that."""
    if cloud_id in _NOT_YET:
        return f"{cloud_id} is not supported yet: Styx makes machines of its own, and no pods"
    return f"there is no cloud {cloud_id}"


def near(cloud_id: str) -> str | None:
    """Return the cloud whose id is most like `cloud_id`, or None."""
    return next(iter(difflib.get_close_matches(cloud_id, ids(), n=1)), None)


@cache
def _plugins() -> dict[str, str]:
    """Return id → module of the clouds that other distributions bring."""
    from importlib.metadata import entry_points

    return {point.name: point.value for point in entry_points(group="styx.clouds")}
