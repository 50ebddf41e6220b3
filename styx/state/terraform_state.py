"""What is kept of a Terraform state: a copy of a local one, never replaced by one that was cut short; of a remote one
only which it is.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from styx import files
from styx.errors import IntegrityError

NAME = "terraform.tfstate"
REMOTE = "terraform.remote.json"
UNSAVED = "errored.tfstate"
"""What Terraform calls the state that it writes into its folder when the store does not take it."""

_BACKEND = re.compile(r'^\s*backend\s+"(\w+)"', re.MULTILINE)


def backends(files_of: Mapping[str, str]) -> dict[str, str]:
    """Return path → text of those Terraform files, of path → text, that say where the state is kept."""
    return {path: text for path, text in files_of.items() if path.endswith(".tf") and _BACKEND.search(text)}


def is_remote(files_of: Mapping[str, str]) -> bool:
    """Say whether Terraform files, path → text, keep their state elsewhere; an override file has the last word."""
    said = sorted((path.endswith("override.tf"), path, text) for path, text in backends(files_of).items())
    found = _BACKEND.search(said[-1][2]) if said else None
    return found is not None and found[1] != "local"


def note(home: Path, state: Mapping[str, Any]) -> None:
    """Note in `home` which remote state it is, and what it lists by name: no value of it."""
    names = [f"{one['type']}.{one['name']}" for one in state["resources"]]
    known = {name: state[name] for name in ("version", "serial", "lineage")} | {"resources": names}
    files.write(home / REMOTE, json.dumps(known, indent=2) + "\n")


def was_emptied(home: Path, state: Mapping[str, Any]) -> bool:
    """Say whether a remote state lists nothing because all that it listed when it was noted was destroyed since."""
    noted = _parsed(_bytes(home / REMOTE) or b"")
    return noted is not None and _is_emptied(noted, state)


def keep_unsaved(source: Path, home: Path) -> str | None:
    """Copy a state that its store did not take from the folder `source` into `home`; return a warning if there is one.

    Without it the machines that it lists would be known to nobody.
    """
    state = _bytes(source / UNSAVED)
    if state is None:
        return None
    files.write(home / UNSAVED, state)
    return "the store did not take the Terraform state; it is kept and will be handed in by the next command"


def unsaved(source: Path, home: Path) -> Path | None:
    """Return the state that its store has yet to take."""
    return next((folder / UNSAVED for folder in (source, home) if (folder / UNSAVED).is_file()), None)


def drop_unsaved(source: Path, home: Path) -> None:
    """Remove a state that its store has taken."""
    for folder in (source, home):
        (folder / UNSAVED).unlink(missing_ok=True)


def keep(source: Path, home: Path) -> str | None:
    """Copy `source`'s terraform.tfstate into `home`, fsynced, the one before as `.backup`.

    Returns a warning and leaves the copy as it is when `source` has no good state to copy. Returns one too when the
    new state is unrelated to a copy that lists resources: that copy is then kept under another name for good.
    """
    copy = home / NAME
    found, kept = _bytes(source / NAME), _bytes(copy)
    if found is None or not (new := _parsed(found)):
        return _loss(source / NAME, copy, found=found, kept=kept)
    if kept is None:
        files.write(copy, found)
        return None
    if found == kept:
        return None
    warning = _keep_apart(copy, kept, new)
    files.write(copy.with_name(f"{NAME}.backup"), kept)
    files.write(copy, found)
    return warning


def restore(home: Path, target: Path) -> bool:
    """Write the kept state into the folder `target` unless a good and current one is there; return whether it was.

    One that lists nothing though the kept one does, or is an older one of the same lineage, is not current. What was
    there stays beside it as `terraform.tfstate.replaced`.
    """
    kept, there = _bytes(home / NAME), _bytes(target / NAME)
    if kept is None or kept == there:
        return False
    state = _parsed(kept)
    if there is not None and (found := _parsed(there)) and not (state and _is_behind(found, state)):
        return False
    if not state:
        raise IntegrityError(
            f"the copy of the Terraform state {home / NAME} is corrupt",
            f"look at {home / NAME}.backup, the copy before it, and put it in place if it is right",
        )
    if there is not None:
        files.write(target / f"{NAME}.replaced", there)
    files.write(target / NAME, kept)
    return True


def is_emptied(home: Path, source: Path) -> bool:
    """Say whether the state of `source` lists nothing because all that the kept one lists was destroyed since."""
    kept, found = (_parsed(content) for content in (_bytes(home / NAME) or b"", _bytes(source / NAME) or b""))
    return kept is not None and found is not None and _is_emptied(kept, found)


def lists_resources(source: Path) -> bool:
    """Say whether a good state is in the folder `source` and lists something."""
    state = _parsed(_bytes(source / NAME) or b"")
    return bool(state and state["resources"])


def kept_apart(home: Path) -> tuple[Path, ...]:
    """Return the copies of other lineages that still list resources: nobody has destroyed those."""
    copies = sorted(home.glob(f"{NAME}.*"))
    apart = [path for path in copies if re.fullmatch(r"[0-9a-f]{12}", path.suffix[1:])]
    return tuple(path for path in apart if (state := _parsed(path.read_bytes())) and state["resources"])


def _is_emptied(kept: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    if found["resources"]:
        return False
    return not kept["resources"] or (found["lineage"] == kept["lineage"] and found["serial"] > kept["serial"])


def _is_behind(found: dict[str, Any], kept: dict[str, Any]) -> bool:
    """Say whether the kept state knows more than the one found: an older one, or one that was begun anew."""
    if found["lineage"] == kept["lineage"]:
        return bool(found["serial"] < kept["serial"])
    return bool(kept["resources"]) and not found["resources"]


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _parsed(content: bytes) -> dict[str, Any] | None:
    """Return the state in `content`, or None when it is not a whole one."""
    try:
        state = json.loads(content)
    except (ValueError, RecursionError):
        return None
    whole = isinstance(state, dict) and {"version", "serial", "lineage", "resources"} <= state.keys()
    return state if whole else None


def _loss(path: Path, copy: Path, *, found: bytes | None, kept: bytes | None) -> str | None:
    """Return the warning for a state that is missing or unreadable; None when there never was one."""
    if found is None and kept is None:
        return None
    what = "is missing" if found is None else "is cut short or unreadable"
    return f"{path} {what}; " + (f"the good copy {copy} is kept" if kept is not None else "there is no earlier copy")


def _keep_apart(copy: Path, kept: bytes, new: dict[str, Any]) -> str | None:
    """Keep a copy that lists resources when the new state knows nothing of them; return the warning."""
    old = _parsed(kept)
    if not old or not old["resources"] or old["lineage"] == new["lineage"]:
        return None
    apart = copy.with_name(f"{NAME}.{files.sha256(kept)[:12]}")
    files.write(apart, kept)
    return f"the Terraform state was replaced by an unrelated one; the resources that it listed are in {apart}"
