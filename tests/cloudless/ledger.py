"""What exists in the cloud that is none: a file for each resource, in a folder a type.

A file comes into being whole, by a rename, so that neither parallel applies nor a kill leaves half of one.
"""

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_NAMES = ("name", "key_name", "account_id")
"""Attributes that hold what a person calls a resource."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource that exists."""

    type: str
    id: str
    attributes: dict[str, Any]

    @property
    def name(self) -> str:
        """What a person would call it."""
        tags = self.attributes.get("tags")
        named = tags.get("Name") if isinstance(tags, dict) else None
        return named or next((self.attributes[name] for name in _NAMES if self.attributes.get(name)), "")


class Ledger:
    """All that was created and not yet deleted."""

    def __init__(self, folder: Path):
        self._folder = folder

    def __len__(self) -> int:
        return len(self.entries())

    def entries(self, *types: str) -> list[Entry]:
        """Return what exists, of these types or of all, in the order of type and name."""
        folders = [self._folder / kind for kind in types] if types else self._folder.glob("*")
        found = (self._read(file) for folder in folders for file in folder.glob("*.json"))
        return sorted((entry for entry in found if entry), key=lambda entry: (entry.type, entry.name, entry.id))

    def names(self, *types: str) -> list[str]:
        """Return what these are called."""
        return [entry.name for entry in self.entries(*types)]

    def get(self, kind: str, identity: str) -> Entry | None:
        """Return one, None when it does not exist."""
        return self._read(self._file(kind, identity))

    def find(self, identity: str) -> Entry | None:
        """Return the one with this id or link, of whatever type."""
        matches = (entry for entry in self.entries() if identity in (entry.id, entry.attributes.get("self_link")))
        return next(matches, None)

    def made_at(self, entry: Entry) -> float:
        """Return when it was written, in seconds since 1970; 0 when it is gone by now."""
        try:
            return self._file(entry.type, entry.id).stat().st_mtime
        except FileNotFoundError:
            return 0

    def put(self, kind: str, identity: str, attributes: dict[str, Any]) -> Entry:
        """Write one, new or changed."""
        entry = Entry(kind, identity, attributes)
        file = self._file(kind, identity)
        file.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"type": kind, "id": identity, "attributes": attributes}, indent=1)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, suffix=".new", delete=False) as new:
            new.write(text)
        os.replace(new.name, file)
        return entry

    def remove(self, kind: str, identity: str) -> None:
        """Take one away; it need not exist."""
        self._file(kind, identity).unlink(missing_ok=True)

    def _file(self, kind: str, identity: str) -> Path:
        digest = hashlib.sha256(identity.encode()).hexdigest()[:32]  # ids of some clouds are longer than a file name
        return self._folder / kind / f"{digest}.json"

    def _read(self, file: Path) -> Entry | None:
        try:
            stored = json.loads(file.read_text())
        except FileNotFoundError:
            return None
        return Entry(stored["type"], stored["id"], stored["attributes"])
