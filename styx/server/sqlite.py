"""Tasks in an SQLite file: one thread writes, and makes one commit for all that came while it made the last one."""

import asyncio
import contextlib
import logging
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from styx import files
from styx.errors import IntegrityError, StyxError
from styx.server.session import Operation, Row, queries

T = TypeVar("T")

BUSY_S = 10.0
"""How long a statement waits for another process, such as `styx token`."""
BATCH = 256
"""The most operations in one commit."""
READERS = 2
_LOG = logging.getLogger("styx.server")

Clock = Callable[[], float]
_Written = tuple[Operation[Any], "Future[Any]"]


class SqliteSession:
    """One connection, for one thread at a time."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._queries = queries("sqlite")
        self.connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        self.connection.row_factory = _as_dictionary
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute("PRAGMA cache_size = -16384")

    def rows(self, query: str, **values: object) -> list[Row]:
        """Run one query."""
        values["now"] = self._clock()
        return self.connection.execute(self._queries[query], values).fetchall()


class SqliteDatabase:
    """A file of tasks."""

    def __init__(self, path: Path, clock: Clock = time.time) -> None:
        """Open the migrated file `path`; `clock` gives the time in UNIX seconds."""
        self._path, self._clock = path, clock
        self._waiting: queue.SimpleQueue[_Written | None] = queue.SimpleQueue()
        self._local = threading.local()
        self._opened: list[SqliteSession] = []
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="read", initializer=self._open_reader)
        self._writer = threading.Thread(target=self._write_all, args=(self._open(),), name="write")
        self._writer.start()

    async def read(self, operation: Operation[T]) -> T:
        """Run what changes nothing, on a connection that no writer can block."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, operation)

    async def write(self, operation: Operation[T]) -> T:
        """Run a change in the next commit."""
        future: Future[T] = Future()
        self._waiting.put((operation, future))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Commit what waits, and close the file."""
        self._waiting.put(None)
        self._writer.join()
        self._readers.shutdown()
        for session in self._opened:
            session.connection.close()

    def _open(self) -> SqliteSession:
        session = SqliteSession(self._path, self._clock)
        self._opened.append(session)
        return session

    def _open_reader(self) -> None:
        self._local.session = self._open()

    def _read(self, operation: Operation[T]) -> T:
        try:
            return operation(self._local.session)
        except sqlite3.Error as error:
            raise _explained(self._path, error) from error

    def _write_all(self, session: SqliteSession) -> None:
        """Write batches until None comes."""
        while (first := self._waiting.get()) is not None:
            batch, ended = [first], False
            while len(batch) < BATCH and not self._waiting.empty():
                if (one := self._waiting.get()) is None:
                    ended = True
                    break
                batch.append(one)
            self._write_asked(session, [one for one in batch if one[1].set_running_or_notify_cancel()])
            if ended:
                return

    def _write_asked(self, session: SqliteSession, batch: list[_Written]) -> None:
        """Write what somebody still waits for; whatever goes wrong, the only thread that writes goes on."""
        try:
            self._write_batch(session, batch)
        except Exception as error:  # noqa: BLE001 - it is told to all who asked
            _LOG.exception("a commit failed")
            unanswered = [one for one in batch if not one[1].done()]
            _fail(unanswered, StyxError(f"cannot write {self._path}: {error}", "try again"))

    def _write_batch(self, session: SqliteSession, batch: list[_Written]) -> None:
        """Commit all of `batch` at once; where one of them fails half-way, each by itself."""
        try:
            done = _committed(session, batch)
        except _SpoiltError:
            for one in batch:
                self._write_alone(session, one)
        except sqlite3.Error as error:
            _fail(batch, _explained(self._path, error))
        else:
            for future, outcome in done:
                _settle(future, outcome)

    def _write_alone(self, session: SqliteSession, one: _Written) -> None:
        operation, future = one
        try:
            session.connection.execute("BEGIN IMMEDIATE")
            outcome = operation(session)
            session.connection.execute("COMMIT")
        except sqlite3.Error as error:
            _roll_back(session)
            future.set_exception(_explained(self._path, error))
        except Exception as error:  # noqa: BLE001 - it belongs to the one who asked, who is in another thread
            _roll_back(session)
            future.set_exception(error)
        else:
            future.set_result(outcome)


class _SpoiltError(Exception):
    """An operation failed after it had changed something: nothing of its batch may be committed."""


_Outcome = tuple["Future[Any]", Any]


def _committed(session: SqliteSession, batch: list[_Written]) -> list[_Outcome]:
    """Run `batch` in one transaction; an operation that refuses before it changes anything spoils nothing."""
    connection, done = session.connection, []
    try:
        connection.execute("BEGIN IMMEDIATE")
        for operation, future in batch:
            before = connection.total_changes
            try:
                done.append((future, operation(session)))
            except Exception as error:
                if connection.total_changes != before or isinstance(error, sqlite3.Error):
                    raise _SpoiltError from error
                done.append((future, error))
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(session)
        raise
    return done


def _settle(future: "Future[Any]", outcome: object) -> None:
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _fail(batch: list[_Written], error: StyxError) -> None:
    for _, future in batch:
        future.set_exception(error)


def _roll_back(session: SqliteSession) -> None:
    if session.connection.in_transaction:
        session.connection.execute("ROLLBACK")


def _as_dictionary(cursor: sqlite3.Cursor, row: tuple[object, ...]) -> dict[str, object]:
    return dict(zip((column[0] for column in cursor.description), row, strict=True))


def _explained(path: Path, error: Exception) -> StyxError:
    if type(error) is sqlite3.DatabaseError:
        return IntegrityError(f"{path} is corrupt: {error}", "restore it from a copy, or name another --database")
    return StyxError(f"cannot use {path}: {error}", "see that the disk has free space and that the file is yours")


def prepare(path: Path) -> str:
    """Make the file with a mode that keeps others out, as SQLite gives its side files; return its tables' version."""
    files.make_folder(path.parent)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, files.FILE_MODE))
        with contextlib.closing(sqlite3.connect(path, timeout=BUSY_S)) as connection:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return ""
    except (OSError, sqlite3.Error) as error:
        raise _explained(path, error) from error
    return str(found[0]) if found else ""
