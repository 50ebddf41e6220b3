"""A day of an agent whose server fails in every way, in seconds: time passes when everybody waits for it."""

import asyncio
import os
import random
import signal
import socket
import threading
from collections import Counter

import pytest
import uvicorn

from styx.agent import worker
from styx.agent.client import Address
from styx.agent.clock import Clock
from styx.server import app, migrate, reading, sqlite
from styx.server.hub import Hub
from tests.unit.server.conftest import Queue

HOUR = 3600.0
DAY = 24 * HOUR
BEGIN = 1_800_000_000.0


class Simulated(Clock):
    """Time that leaps to the next moment that anybody waits for, as soon as all who ever waited wait again."""

    def __init__(self, end, at_end):
        self._end, self._at_end = end, at_end
        self._time, self._waiting = 0.0, threading.Condition()
        self._until = {}

    def now(self):
        return self._time

    def wait(self, event, seconds):
        own, until = threading.current_thread(), self._time + seconds
        with self._waiting:
            self._until[own] = until
            try:
                if not event.is_set() and self._leap(until):
                    return False
                self._waiting.notify_all()  # it may be the turn of another
                while not event.is_set():
                    if self._time >= until or self._leap(until):
                        return False
                    self._waiting.wait(0.005)  # an event wakes nobody here
                return True
            finally:
                self._until[own] = None

    def _leap(self, until):
        self._until = {one: other for one, other in self._until.items() if one.is_alive()}
        if None in self._until.values() or until > min(self._until.values()):
            return False
        self._time = until
        if until >= self._end:
            self._end = float("inf")
            self._at_end()
        return True


class Faults:
    """Stands before a server: by the hour it is away, answers 503, or does to a request what chance says."""

    def __init__(self, served, clock):
        self._served, self._clock = served, clock
        self._random = random.Random(24)
        self.seen, self.by_hour = Counter(), Counter()

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self._served(scope, receive, send)
        hour = self._clock.now() / HOUR
        self.by_hour[int(hour)] += 1
        fault = self._fault(hour)
        self.seen[fault] += 1
        if fault == "none":
            return await self._served(scope, receive, send)
        if fault.isdigit():
            return await self._answer(send, int(fault), b"{}", 2)
        if fault == "reply lost":

            async def nowhere(_message):
                return

            await self._served(scope, receive, nowhere)
        return await self._answer(send, 200, b"{", 100)  # the connection ends within the reply

    def _fault(self, hour):
        if 3 <= hour < 5 or 15 <= hour < 15.01:
            return "away"
        if 10 <= hour < 10.3:
            return "503"
        chances = ("none",) * 12 + ("503", "500", "429", "423", "away", "reply lost", "reply lost")
        return self._random.choice(chances)

    @staticmethod
    async def _answer(send, status, body, length):
        headers = [(b"content-type", b"application/json"), (b"content-length", str(length).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
def clock():
    return Simulated(DAY, lambda: os.kill(os.getpid(), signal.SIGTERM))


@pytest.fixture
def queue(tmp_path, clock):
    path = tmp_path / "tasks.db"
    sqlite.prepare(path)
    migrate.migrate(f"sqlite:///{path}")
    database = sqlite.SqliteDatabase(path, lambda: BEGIN + clock.now())
    return Queue(database)  # the server closes it


@pytest.fixture
def faults(queue, clock):
    """Serve the queue behind faults; yield them and the address."""
    found = Faults(app.make(Hub(queue.database)), clock)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(found, log_config=None, access_log=False))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    yield found, f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


def test_a_day_with_a_server_that_fails_in_every_way(tmp_path, monkeypatch, clock, queue, faults):
    monkeypatch.setenv("STYX_HOME", str(tmp_path / "home"))
    found, address = faults
    runs = tmp_path / "runs"
    queue.submit(f"echo again >> {runs}", schedule="every 2h")
    ids = [queue.submit(f"echo {number} >> {runs}; echo done {number}") for number in range(8)]
    worker.work(worker.Options(Address(address), "a1", concurrency=2, poll_s=400.0, clock=clock), lambda _: None)
    assert clock.now() >= DAY

    tasks = {task.id: task for task in queue.all()}
    own = {"heartbeat", *tasks, *(f"log of {one}" for one in tasks)}
    assert not own & {thread.name for thread in threading.enumerate()}
    assert [tasks[one].state for one in ids] == ["succeeded"] * len(ids)
    assert [tasks[one].output for one in ids] == [f"done {number}\n" for number in range(len(ids))]
    again = [task for task in tasks.values() if task.schedule]
    assert Counter(task.state for task in again)["queued"] == 1
    assert 8 <= len(again) <= 13
    attempts = sum(task.attempt for task in tasks.values())
    assert len(runs.read_text().split()) <= attempts
    assert set(found.seen) == {"none", "503", "500", "429", "423", "away", "reply lost"}
    assert max(found.by_hour.values()) < 2000
    assert not list((tmp_path / "home/state/agent/a1/attempts").glob("*"))
    assert asyncio.run(queue.database.read(reading.agents)).agents[0].name == "a1"
