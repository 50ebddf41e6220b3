"""Opening the database that `--database` names: a file of SQLite, or a URL of PostgreSQL."""

import re
from pathlib import Path

from styx import paths
from styx.errors import ToolMissingError, UsageError
from styx.server.session import Database

_POSTGRES = re.compile(r"postgres(ql)?(\+psycopg)?://")


def default() -> str:
    """Return the database of a server that names none."""
    return str(paths.state() / "server" / "tasks.db")


def open_database(where: str) -> Database:
    """Bring the tables at `where` up to date and open them."""
    if _POSTGRES.match(where):
        return _postgres(where)
    if "://" in where and not where.startswith("sqlite:///"):
        raise UsageError(f"--database {where.partition(':')[0]}:// is of no known kind",
                         "give the path of a file, or postgresql://user@host/name")  # fmt: skip
    from styx.server import migrate, sqlite

    path = Path(where.removeprefix("sqlite:///")).expanduser().absolute()
    if sqlite.prepare(path) != migrate.HEAD:
        migrate.migrate(f"sqlite:///{path}")
    return sqlite.SqliteDatabase(path)


def _postgres(where: str) -> Database:
    try:
        from styx.server import migrate, postgres
    except ModuleNotFoundError as error:
        raise ToolMissingError(f"{error.name} is missing", "pip install 'styx-infra[server]'") from error
    url = postgres.plain_url(where)
    if postgres.version(url) != migrate.HEAD:
        migrate.migrate(url.replace("postgresql://", "postgresql+psycopg://", 1))
    return postgres.PostgresDatabase(url)
