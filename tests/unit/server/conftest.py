"""A queue of a test's own, in either kind of database; the tests are the same."""

import asyncio
import os

import psycopg
import pytest

from styx.api.messages import Claim, Heartbeat, Lease, Result, Submit
from styx.server import ending, leasing, reading, submitting
from styx.server.opening import open_database
from tests.e2e import stores

PASSWORD = "queue"


class Queue:
    """The operations of a server, one after the other."""

    def __init__(self, database):
        self.database = database

    def do(self, operation):
        return asyncio.run(self.database.write(operation))

    def submit(self, command="true", **wishes):
        return self.submitted(command, **wishes)[0].id

    def submitted(self, command="true", **wishes):
        task = submitting.new_task(Submit(command=command, **wishes))
        return self.do(lambda session: submitting.submit(session, task))

    def claim(self, agent="a1", lease_s=30.0, **wishes):
        """Claim one task, or what `max` says; a negative lease has run out already."""
        asked = Claim(agent=agent, **wishes)
        return self.do(lambda session: leasing.claim(session, asked, lease_s)).tasks

    def report(self, task, code=0, agent="a1", **changes):
        values = {"agent": agent, "lease": task.lease, "attempt": task.attempt, "exit_code": code, **changes}
        return self.do(lambda session: ending.report(session, task.id, Result(**values))).state

    def beat(self, task, agent="a1"):
        beat = Heartbeat(agent=agent, tasks=[Lease(id=task.id, lease=task.lease)])
        return self.do(lambda session: leasing.heartbeat(session, beat, 30.0))

    def cancel(self, task_id):
        return self.do(lambda session: ending.cancel(session, task_id))

    def retry(self, task_id):
        return self.do(lambda session: ending.retry(session, task_id)).state

    def take_back(self):
        return self.do(leasing.take_back)

    def task(self, task_id):
        return asyncio.run(self.database.read(lambda session: reading.task(session, task_id)))

    def state(self, task_id):
        return self.task(task_id).state

    def all(self):
        page = asyncio.run(self.database.read(lambda session: reading.newest(session, (None, None), None, 500)))
        return page.tasks

    def due_now(self):
        """Make what is to run later run now."""

        def operation(session):
            session.connection.execute("UPDATE tasks SET not_before = 0")

        self.do(operation)


@pytest.fixture(scope="session")
def postgres():
    """Yield the URL of a server of its own, without a database's name."""
    with stores.postgres(PASSWORD) as port:
        yield f"postgresql://styx:{PASSWORD}@127.0.0.1:{port}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.emulated)])
def where(request, tmp_path):
    """Yield what `--database` says of an empty database."""
    if request.param == "sqlite":
        yield str(tmp_path / "tasks.db")
        return
    url, name = request.getfixturevalue("postgres"), f"t{os.urandom(6).hex()}"
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"{url}/{name}"


@pytest.fixture
def queue(where):
    database = open_database(where)
    yield Queue(database)
    database.close()
