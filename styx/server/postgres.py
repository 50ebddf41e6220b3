"""Tasks in PostgreSQL: each operation is a transaction, several at once, from as many servers as there are."""

import asyncio
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar, cast

import psycopg
from psycopg import errors, rows

from styx.errors import StyxError
from styx.server.session import Operation, Row, queries

T = TypeVar("T")

CONNECTIONS = 8
"""A server's share of the database's connections."""
TRIES = 5
"""How often an operation is tried that others stood in the way of, or whose connection was cut."""

_CLOCK = "(extract(epoch FROM statement_timestamp())::double precision)"
_IN_THE_WAY = (errors.DeadlockDetected, errors.SerializationFailure)
_ELSEWHERE = (psycopg.OperationalError, psycopg.InterfaceError, errors.ReadOnlySqlTransaction)
"""A new connection may do better: it was cut, or it leads to a database that only reads since another took over."""


class PostgresSession:
    """One connection, for one thread."""

    def __init__(self, connection: "psycopg.Connection[Row]") -> None:
        self.connection = connection

    def rows(self, query: str, **values: object) -> list[Row]:
        """Run one query."""
        cursor = self.connection.execute(cast(Any, _texts()[query]), values)
        return cursor.fetchall() if cursor.description else []


class PostgresDatabase:
    """The tables that several servers share."""

    def __init__(self, url: str) -> None:
        """Work with the migrated database at `url` (postgresql://user@host/name)."""
        self._url = url
        self._local = threading.local()
        self._opened: list[psycopg.Connection[Any]] = []
        self._pool = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="postgres")

    async def read(self, operation: Operation[T]) -> T:
        """Run what changes nothing."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, operation)

    async def write(self, operation: Operation[T]) -> T:
        """Run a change in a transaction of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, operation)

    def close(self) -> None:
        """Finish what is under way."""
        self._pool.shutdown()
        for connection in self._opened:
            connection.close()

    def _run(self, operation: Operation[T]) -> T:
        """Run `operation` in a transaction; again when others stood in the way or the connection was cut.

        A commit whose answer was lost may have happened: an operation gives the same answer when it is done twice, as
        its caller would do it.
        """
        for left in range(TRIES - 1, -1, -1):
            try:
                session = self._session()
                with session.connection.transaction():
                    return operation(session)
            except _IN_THE_WAY as error:
                if not left:
                    raise StyxError(f"the database is too busy: {error}", "try again") from error
            except _ELSEWHERE as error:
                self._disconnect()
                if not left:
                    raise StyxError(f"cannot use the database: {error}", "see that PostgreSQL runs") from error
            except psycopg.Error as error:
                raise StyxError(f"the database refused: {error}", "PostgreSQL's log may say more") from error
        raise AssertionError("unreachable")

    def _disconnect(self) -> None:
        held: PostgresSession | None = getattr(self._local, "session", None)
        self._local.session = None
        if held is not None:
            held.connection.close()

    def _session(self) -> PostgresSession:
        held: PostgresSession | None = getattr(self._local, "session", None)
        if held is None or held.connection.closed:
            connection = psycopg.connect(self._url, autocommit=True, row_factory=rows.dict_row, connect_timeout=10)
            connection.prepare_threshold = 2
            held = PostgresSession(cast("psycopg.Connection[Row]", connection))
            self._local.session = held
            self._opened = [one for one in self._opened if not one.closed] + [connection]
        return held


@cache
def _texts() -> dict[str, str]:
    """Return name → SQL as psycopg wants it: `%(name)s` for `:name`, and the server's clock for `:now`."""
    return {name: _rewritten(sql) for name, sql in queries("postgresql").items()}


def _rewritten(sql: str) -> str:
    plain = re.sub(r"--[^\n]*", "", sql)
    return re.sub(r"(?<!:):(\w+)", lambda match: _CLOCK if match[1] == "now" else f"%({match[1]})s", plain)


def plain_url(url: str) -> str:
    """Return `url` as the driver wants it."""
    return re.sub(r"^postgres(ql)?(\+psycopg)?://", "postgresql://", url)


def version(url: str) -> str:
    """Return the version of the tables at `url`; nothing when there are none."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except errors.UndefinedTable:
        return ""
    except psycopg.Error as error:
        raise StyxError(f"cannot reach the database: {error}", "check --database and that PostgreSQL runs") from error
    return str(found[0]) if found else ""
