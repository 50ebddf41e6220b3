"""Where things are: the files shipped with Styx, and the user's configuration, state and cache folders."""

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _share(name: str) -> Path:
    """Return a shipped folder: `_share/` in a wheel, the repository's top level in a checkout."""
    packed = _PACKAGE / "_share" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name


def templates() -> Path:
    """Return the folder with terraform/ (one template folder a cloud) and folder/ (what stands around it)."""
    return _share("templates")


def playbooks() -> Path:
    """Return the folder with site.yml.j2 and roles/."""
    return _share("playbooks")


def catalog() -> Path:
    """Return the folder with the shipped offers."""
    return _share("catalog")


def _user(kind: str) -> Path:
    if home := os.environ.get("STYX_HOME"):
        return Path(home).expanduser().absolute() / kind
    import platformdirs

    folders = {
        "config": platformdirs.user_config_path,
        "state": platformdirs.user_state_path,
        "cache": platformdirs.user_cache_path,
    }
    return folders[kind]("styx")


def config() -> Path:
    """Return the user's configuration folder (`$STYX_HOME/config` when STYX_HOME is set)."""
    return _user("config")


def state() -> Path:
    """Return the user's state folder: registry, journal, copies of local Terraform state, logs."""
    return _user("state")


def cache() -> Path:
    """Return the user's cache folder: everything in it can be made again."""
    return _user("cache")
