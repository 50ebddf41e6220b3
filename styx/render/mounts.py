"""What reaches a task's hosts besides its own files: further disks, buckets and a git repository."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from styx import clouds
from styx.render.wanted import request

if TYPE_CHECKING:
    from styx.render.bundle import Rendering


def roles(rendering: "Rendering") -> tuple[str, ...]:
    """Return the roles, in the order in which one may use what another mounted."""
    buckets = bool(_buckets(rendering)) or "buckets" in rendering.roles_before  # the last mounts are to be ended, too
    needed = {"volumes": bool(request(rendering).volumes), "buckets": buckets}
    return tuple(name for name, is_needed in needed.items() if is_needed)


def variables(rendering: "Rendering") -> dict[str, Any]:
    """Return the variables of those roles, and the repository of the role workspace."""
    from styx.spec import GitWorkdir

    workdir = rendering.task.workdir
    values: dict[str, Any] = {}
    if isinstance(workdir, GitWorkdir):
        values["workspace_git"] = {"url": workdir.url, **({"ref": workdir.ref} if workdir.ref else {})}
    buckets = _buckets(rendering)
    if "buckets" in roles(rendering):
        values["buckets_mounts"] = buckets
    if buckets:
        scheme = clouds.by_id(rendering.placement.cloud).bucket_scheme
        if any(urlsplit(bucket["source"]).scheme == scheme for bucket in buckets):
            values["buckets_region"] = rendering.placement.region
    return values


def _buckets(rendering: "Rendering") -> list[dict[str, str]]:
    return [
        {"target": target, "source": mount.source, "mode": mount.mode or "COPY"}
        for target, mount in rendering.task.file_mounts.items()
        if mount.is_bucket and isinstance(mount.source, str)
    ]
