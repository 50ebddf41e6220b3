"""The environment that Terraform runs in: what a user's shell may hold must not change what Styx does."""

import re
from collections.abc import Mapping
from pathlib import Path

_FIXED = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
_CONFIG_FILES = ("TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG")
_DROPPED = ("TF_DATA_DIR", "TF_WORKSPACE")
"""They would lead to another folder or to another state than the one that Styx watches over."""

_SECRET = re.compile(r"(^|_)(TOKEN|KEY|PASSWORD|SECRET)$|^PGPASSWORD$|^PG_CONN_STR$|_KEY_PEM$|CREDENTIALS$")
_SHORTEST = 8
"""Shorter values may be words of Terraform's own, and taking those out would spoil what it says."""
_PASSWORD = re.compile(r"://[^/@]*?:(.*)@")


def environment(
    inherited: Mapping[str, str], extra: Mapping[str, str] | None = None, data_dir: Path | None = None
) -> dict[str, str]:
    """Return `inherited` without what would change a command's meaning, with `extra` and Styx's own settings."""
    kept = {name: value for name, value in inherited.items() if _is_kept(name, value)}
    place = {"TF_DATA_DIR": str(data_dir.absolute())} if data_dir else {}
    return {**kept, **(extra or {}), **_FIXED, **place}


def _is_kept(name: str, value: str) -> bool:
    if name in _CONFIG_FILES:
        return Path(value).is_file()  # one that points nowhere warns on every command
    return name not in _DROPPED and not name.startswith("TF_CLI_ARGS")


def secrets(inherited: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values that Terraform or a provider may repeat in an error, and nobody should read there."""
    values = [value for name, value in inherited.items() if _SECRET.search(name) and not Path(value).is_absolute()]
    values += [password for value in values for password in _PASSWORD.findall(value)]
    return tuple(value for value in values if len(value) >= _SHORTEST)
