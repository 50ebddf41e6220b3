"""Bringing the tables of a database to the version that this Styx needs, with Alembic."""

import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from styx.errors import IntegrityError, StyxError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

HEAD = "0002"
"""The newest of migrations/versions: a database that has it needs no Alembic, which takes long to load."""

_LOCK = 0x57797801
"""A number of our own for PostgreSQL's advisory lock: one server migrates at a time."""


def migrate(url: str) -> None:
    """Make or change the tables of the database at `url` (sqlite:///… or postgresql+psycopg://…)."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError
    from sqlalchemy.exc import DBAPIError

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    try:
        with _alone(url) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise IntegrityError(
            f"the database was written by a newer Styx: {error}", "upgrade styx-infra, or name another --database"
        ) from error
    except DBAPIError as error:
        raise StyxError(
            f"cannot use the database: {error.orig}", "check --database and that it can be written"
        ) from error


@contextlib.contextmanager
def _alone(url: str) -> "Iterator[Connection]":
    """Yield a connection while no other server migrates."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.pool import NullPool

    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_lock({_LOCK})"))
            connection.commit()
        yield connection
        connection.commit()
    engine.dispose()
