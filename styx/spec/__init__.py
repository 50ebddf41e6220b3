"""The task spec: reading it, judging it, and what it asks for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from styx.spec.loading import SpecFile, load, loads
    from styx.spec.mounts import GitWorkdir
    from styx.spec.overrides import Overrides
    from styx.spec.request import Request, Requests, container, requests
    from styx.spec.task import TaskSpec
    from styx.spec.unsupported import set_fields, unhonoured

__all__ = [
    "GitWorkdir",
    "Overrides",
    "Request",
    "Requests",
    "SpecFile",
    "TaskSpec",
    "container",
    "load",
    "loads",
    "requests",
    "set_fields",
    "unhonoured",
]

_HOMES = {
    "GitWorkdir": "mounts",
    "Overrides": "overrides",
    "Request": "request",
    "Requests": "request",
    "SpecFile": "loading",
    "TaskSpec": "task",
    "container": "request",
    "load": "loading",
    "loads": "loading",
    "requests": "request",
    "set_fields": "unsupported",
    "unhonoured": "unsupported",
}


def __getattr__(name: str) -> object:
    """Import what is asked for: pydantic's models cost a tenth of a second, which settings need not pay."""
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
