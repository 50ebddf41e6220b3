"""Keys that log in to machines: made once a cluster by ssh-keygen, never by Terraform."""

import subprocess
from pathlib import Path

from styx import files
from styx.errors import ToolMissingError, UsageError


def made(folder: Path, comment: str) -> str:
    """Return the public key in `folder`, made with its private one (ed25519, 0600) when there is none."""
    private = folder / "id_ed25519"
    if not private.is_file():
        files.make_folder(folder)
        _keygen("-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(private))
    return public(private)


def public(private: Path) -> str:
    """Return the public key of a private one: the file beside it, else asked of ssh-keygen.

    Raises UsageError when there is no such key, or it cannot be read.
    """
    beside = private.with_name(private.name + ".pub")
    if beside.is_file():
        return beside.read_text(encoding="utf-8").strip()
    if not private.is_file():
        raise UsageError(f"there is no key {private}", "make one with `ssh-keygen -t ed25519`, or leave ssh_key out")
    return _keygen("-y", "-P", "", "-f", str(private)).strip()


def _keygen(*words: str) -> str:
    try:
        done = subprocess.run(["ssh-keygen", *words], capture_output=True, text=True, check=True, timeout=60)
    except FileNotFoundError as error:
        raise ToolMissingError("ssh-keygen is not installed", "install OpenSSH's client") from error
    except subprocess.CalledProcessError as error:
        raise UsageError(f"ssh-keygen: {error.stderr.strip()}", "name a key that can be read without asking") from error
    return done.stdout
