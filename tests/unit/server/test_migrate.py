"""The tables are made by Alembic alone, and the version that needs no Alembic is its newest."""

import sqlite3
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from styx.errors import IntegrityError
from styx.server import migrate
from styx.server.opening import open_database


def test_the_head_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).with_name("migrations")))
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD]


def test_a_newer_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "tasks.db"
    open_database(str(path)).close()
    assert path.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(IntegrityError):
        open_database(str(path))
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "tasks.db"
    path.write_text("this is a diary, not a database, and it is long enough to be looked at\n" * 20)
    with pytest.raises(IntegrityError):
        open_database(str(path))
    assert path.read_text().startswith("this is a diary")
