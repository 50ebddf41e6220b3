"""The pytest plugin of the checks: the fixture `node`, what the roles know of the host that is looked at."""

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from styx import paths

if TYPE_CHECKING:
    from testinfra.host import Host


@pytest.fixture
def node(host: "Host") -> dict[str, Any]:
    """Return the variables of the host: the roles' defaults that need no template, then the inventory's."""
    known = host.ansible.get_variables()
    folder = known.get("styx_folder", "")
    home = f"{folder}/home" if folder else host.user().home
    return {**_defaults(), **_plain(known), "styx_home": home}


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a variable can be
    """Return a variable as it was written: Ansible shows text that it must not evaluate in a wrapping."""
    if isinstance(value, dict):
        return value["__ansible_unsafe"] if set(value) == {"__ansible_unsafe"} else _each(value)
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _each(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in values.items()}


@cache
def _defaults() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for file in sorted((paths.playbooks() / "roles").glob("*/defaults/main.yml")):
        found |= yaml.safe_load(file.read_text()) or {}
    return {name: value for name, value in found.items() if "{{" not in str(value)}
