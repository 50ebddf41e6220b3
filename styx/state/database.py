"""The SQLite file below the registry: opening it safely, and running the queries of queries.sql."""

import contextlib
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from styx import files
from styx.errors import IntegrityError, StyxError

VERSION = 1
BUSY_S = 10.0
"""How long a statement waits for another process before it gives up."""


class Database:
    """One connection, for one thread."""

    def __init__(self, path: Path, fill: Callable[["Database"], None]) -> None:
        """Open `path`; when it is new or lost, make it and let `fill` put in what is known from elsewhere."""
        self.path = path
        self.set_aside: Path | None = None
        """Where a corrupt file that was found here is now."""
        with files.exclusive(path.with_name(f"{path.name}.lock")):
            try:
                self._connection = self._opened(fill)
            except sqlite3.DatabaseError as error:
                if not _is_corruption(error):
                    raise _explained(path, error) from error
                self.set_aside = _set_aside(path)
                self._connection = self._opened(fill)

    def close(self) -> None:
        """Close the connection; the database cannot be used after it."""
        self._connection.close()

    def rows(self, query: str, **values: object) -> list[sqlite3.Row]:
        """Run one query of queries.sql, committed at once when outside a transaction, and return its rows."""
        try:
            return self._connection.execute(_queries()[query], values).fetchall()
        except sqlite3.Error as error:
            raise _explained(self.path, error) from error

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep other writers out, then commit everything or, on any exception, nothing."""
        self._statement("BEGIN IMMEDIATE")
        try:
            yield
            self._statement("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # a full disk has already rolled it back
                self._connection.execute("ROLLBACK")
            raise

    def _statement(self, text: str) -> None:
        try:
            self._connection.execute(text)
        except sqlite3.Error as error:
            raise _explained(self.path, error) from error

    def _opened(self, fill: Callable[["Database"], None]) -> sqlite3.Connection:
        """Return the connection to a checked database; sqlite3.DatabaseError means a corrupt or unusable file."""
        # Made here, since SQLite gives its -wal and -shm files the mode of this one.
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, files.FILE_MODE))
        connection = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            self._connection = connection
            self._check(connection)
            if not _version(connection):
                self._make(connection, fill)
        except BaseException:
            connection.close()
            raise
        return connection

    def _check(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        version = _version(connection)
        if version > VERSION:
            raise IntegrityError(
                f"{self.path} was written by a newer Styx (version {version}; this one reads {VERSION})",
                "upgrade styx-infra, or set STYX_HOME to another folder",
            )
        if version:
            fault = connection.execute("PRAGMA quick_check('clusters')").fetchone()[0]
            if fault != "ok":
                raise sqlite3.DatabaseError(fault)

    def _make(self, connection: sqlite3.Connection, fill: Callable[["Database"], None]) -> None:
        with self.transaction():
            for statement in _text("schema.sql").split(";"):
                connection.execute(statement)
            fill(self)
            connection.execute(f"PRAGMA user_version = {VERSION}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _is_corruption(error: sqlite3.DatabaseError) -> bool:
    """Tell a corrupt file (exactly this class) from a busy, full or unreadable one (its subclasses)."""
    return type(error) is sqlite3.DatabaseError


def _explained(path: Path, error: sqlite3.Error) -> StyxError:
    """Return the error to raise for what SQLite said of the database at `path`."""
    if isinstance(error, sqlite3.DatabaseError) and _is_corruption(error):
        return IntegrityError(
            f"{path} is corrupt: {error}",
            f"move it away (mv {path} {path}.corrupt): the next command makes a new one from {path.parent}/clusters",
        )
    return StyxError(
        f"cannot use the registry {path}: {error}",
        "see that the disk has free space, that the file is yours, and that no other styx command hangs",
    )


def _set_aside(path: Path) -> Path:
    """Rename the database and its side files to the first free `.corrupt-N`, and return where it went."""
    number = 1
    while (aside := path.with_name(f"{path.name}.corrupt-{number}")).exists():
        number += 1
    for ending in ("-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    files.sync_folder(path.parent)
    return aside


def _text(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


@cache
def _queries() -> dict[str, str]:
    """Return name → SQL of queries.sql."""
    parts = re.split(r"^-- name: (\w+)\n", _text("queries.sql"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))
