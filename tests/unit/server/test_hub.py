"""The work between requests goes on after whatever befell the database, and the server's health says what is so."""

import asyncio
import os
import time

import psycopg
import pytest

from styx.errors import StyxError
from styx.server import hub, submitting
from styx.server.hub import Hub
from styx.server.opening import open_database
from tests.unit.server.conftest import Queue


async def until(is_so):
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def write_is_refused(shared):
    try:
        await shared.database.write(lambda session: session.rows("see_agent", name="a", labels="[]", capacity=1))
    except StyxError:
        return True
    return False


@pytest.mark.emulated
def test_lost_agents_are_found_again_after_a_database_that_only_read(postgres, monkeypatch):
    monkeypatch.setattr(hub, "SWEEP_S", 0.05)
    name = f"t{os.urandom(6).hex()}"
    with psycopg.connect(f"{postgres}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        database = open_database(f"{postgres}/{name}")
        queue = Queue(database)
        task = queue.submit()
        shared = Hub(database, lease_s=-1.0)

        async def failover():
            async with shared.at_work():
                admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
                admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
                assert await write_is_refused(shared)
                with pytest.raises(StyxError):
                    await shared.prove_health()
                await asyncio.to_thread(_lease_out, f"{postgres}/{name}")
                await until(lambda: shared.counted["styx_sweep_errors_total", ""] > 1)
                admin.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
                await until(lambda: shared.counted["styx_lost_total", 'outcome="again"'] == 1)
                await shared.prove_health()
                return await database.read(lambda session: session.rows("state", id=task))

        assert asyncio.run(failover())[0]["state"] == "queued"


def _lease_out(url):
    """Let an agent's lease run out behind the server's back."""
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SET default_transaction_read_only = off")
        other.execute("UPDATE tasks SET state = 'leased', agent = 'a1', lease = 'x', lease_until = 0")


def test_what_nobody_foresaw_ends_no_work_between_requests(tmp_path, monkeypatch):
    monkeypatch.setattr(hub, "SWEEP_S", 0.02)
    seen = []

    def full(_):
        seen.append(1)
        if len(seen) < 3:
            raise ValueError("nobody thought of this")
        return True

    monkeypatch.setattr(submitting, "is_full", full)
    shared = Hub(open_database(str(tmp_path / "tasks.db")))

    async def served():
        async with shared.at_work():
            await until(lambda: shared.full)

    asyncio.run(served())
    assert shared.counted["styx_sweep_errors_total", ""] == 2


def test_health_is_a_write_like_a_submit(tmp_path, monkeypatch):
    monkeypatch.setattr(hub, "PROVEN_S", -1.0)
    shared = Hub(open_database(str(tmp_path / "tasks.db")))

    def limit(session):
        pages = session.connection.execute("PRAGMA page_count").fetchone()["page_count"]
        session.connection.execute(f"PRAGMA max_page_count = {pages}")

    async def served():
        async with shared.at_work():
            await shared.prove_health()
            rows = await shared.database.read(lambda session: session.connection.execute("SELECT * FROM log_chunks"))
            assert rows.fetchall() == []
            await shared.database.write(limit)
            await shared.database.write(
                lambda session: session.rows("add_log", task="x", attempt=1, position=0, data=bytes(12_000))
            )
            with pytest.raises(StyxError, match="full"):
                await shared.prove_health()

    asyncio.run(served())


def test_a_server_whose_work_between_requests_has_ended_is_not_healthy(tmp_path):
    shared = Hub(open_database(str(tmp_path / "tasks.db")))

    async def served():
        async with shared.at_work():
            await shared.prove_health()
            shared._working[0].cancel()
            await asyncio.wait(shared._working[:1])
            with pytest.raises(StyxError, match="has ended"):
                await shared.prove_health()

    asyncio.run(served())
