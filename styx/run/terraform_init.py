"""Knowing whether a folder must be initialised again: a digest of what `init` reads, kept beside what it wrote."""

import json
import re
from pathlib import Path

from styx import files
from styx.run.terraform_binary import Binary

_RECORD = "styx-init.json"
_READ_BY_INIT = re.compile(rb"^\s*\"?(terraform|provider|module)\b", re.MULTILINE)
_LOCK_FILE = ".terraform.lock.hcl"


def digest(folder: Path, binary: Binary) -> str:
    """Return the digest of every file with a terraform, provider or module block, the lock file and the program."""
    sources = sorted(path for path in folder.iterdir() if path.name.endswith((".tf", ".tf.json")))
    texts = {path.name: path.read_bytes() for path in sources}
    parts = {name: files.sha256(text) for name, text in texts.items() if _READ_BY_INIT.search(text)}
    lock = folder / _LOCK_FILE
    parts[_LOCK_FILE] = files.sha256(lock.read_bytes()) if lock.is_file() else ""
    return files.sha256(json.dumps([parts, binary.argv, binary.version]))


def is_current(folder: Path, data_dir: Path, binary: Binary) -> bool:
    """Say whether the last `init` in `data_dir` saw what is in `folder` now."""
    try:
        record = json.loads((data_dir / _RECORD).read_text())
    except (OSError, ValueError):
        return False
    return isinstance(record, dict) and record.get("digest") == digest(folder, binary)


def remember(folder: Path, data_dir: Path, binary: Binary) -> None:
    """Note that `init` has seen what is in `folder`."""
    files.write(data_dir / _RECORD, json.dumps({"digest": digest(folder, binary)}) + "\n")


def forget(data_dir: Path) -> None:
    """Let the next `init` begin anew, whichever backend the last one found; downloads stay."""
    for name in (_RECORD, "terraform.tfstate"):
        (data_dir / name).unlink(missing_ok=True)
