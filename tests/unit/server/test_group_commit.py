"""Many writers share a commit, and none spoils it for the others; a claim that looks before it takes is caught."""

import asyncio
import sqlite3
import threading
from collections import Counter

import pytest

from styx.api.messages import Claim
from styx.api.refusal import RefusedError
from styx.errors import StyxError
from styx.server import leasing
from styx.server.opening import open_database

TASKS, AGENTS = 600, 12


def test_one_that_fails_half_way_leaves_nothing_and_the_others_all(tmp_path):
    database = open_database(str(tmp_path / "tasks.db"))

    def add(name, fails=None):
        def operation(session):
            session.rows("see_agent", name=name, labels="[]", capacity=1)
            if fails:
                raise fails

        return operation

    def refuse(_):
        raise RefusedError(409, "no")

    def broken(session):
        session.connection.execute("SELECT nothing")

    async def all_at_once():
        held = threading.Event()
        first = asyncio.ensure_future(database.write(lambda _: held.wait()))
        await asyncio.sleep(0.05)
        failures = [None, ValueError("half-way"), None, KeyError("too")]
        others = [asyncio.ensure_future(database.write(add(f"a{place}", one))) for place, one in enumerate(failures)]
        others += [asyncio.ensure_future(database.write(one)) for one in (refuse, broken)]
        await asyncio.sleep(0.05)
        held.set()
        await first
        return await asyncio.gather(*others, return_exceptions=True)

    outcomes = asyncio.run(all_at_once())
    assert [type(one) for one in outcomes] == [type(None), ValueError, type(None), KeyError, RefusedError, StyxError]
    rows = asyncio.run(database.read(lambda session: session.rows("agents")))
    assert [row["name"] for row in rows] == ["a0", "a2"]
    database.close()


def test_what_was_answered_is_on_disk(tmp_path):
    database = open_database(str(tmp_path / "tasks.db"))
    asyncio.run(database.write(lambda session: session.rows("see_agent", name="a", labels="[]", capacity=1)))
    with sqlite3.connect(tmp_path / "tasks.db") as other:
        assert other.execute("SELECT name FROM agents").fetchall() == [("a",)]
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


async def claimed_twice(database, claim):
    """Let agents claim everything at once; return the tasks that more than one got, and how many nobody got."""
    got = Counter()

    async def agent(name):
        while tasks := await claim(database, name):
            got.update(tasks)

    await asyncio.gather(*(agent(f"a{number}") for number in range(AGENTS)))
    return [task for task, times in got.items() if times > 1], TASKS - len(got)


async def as_it_is(database, agent):
    tasks = (await database.write(lambda session: leasing.claim(session, Claim(agent=agent, max=3), 30.0))).tasks
    return [task.id for task in tasks]


async def look_then_take(database, agent):
    """Claim as one should not: choose in one transaction, take in another."""
    rows = await database.read(lambda session: session.rows("pending", cursor=0, limit=3))

    def take(session):
        for row in rows:
            session.connection.execute(f"UPDATE tasks SET state = 'leased', agent = '{agent}' WHERE id = '{row['id']}'")

    await database.write(take)
    return [row["id"] for row in rows]


@pytest.mark.parametrize(("claim", "is_right"), [(as_it_is, True), (look_then_take, False)])
def test_each_task_is_claimed_once_and_this_test_sees_when_it_is_not(queue, claim, is_right):
    async def filled():
        await asyncio.gather(*(asyncio.to_thread(queue.submit) for _ in range(TASKS)))

    asyncio.run(filled())
    twice, lost = asyncio.run(claimed_twice(queue.database, claim))
    assert lost == 0
    assert (not twice) is is_right


def test_a_write_that_nobody_waits_for_any_more_stops_nobody_else(tmp_path):
    database = open_database(str(tmp_path / "tasks.db"))

    def add(name):
        return lambda session: session.rows("see_agent", name=name, labels="[]", capacity=1)

    async def some_give_up():
        entered, held = threading.Event(), threading.Event()

        def slow(_):
            entered.set()
            held.wait()

        first = asyncio.ensure_future(database.write(slow))
        await asyncio.to_thread(entered.wait)
        waiting = [asyncio.ensure_future(database.write(add(name))) for name in ("gone", "kept")]
        await asyncio.sleep(0)
        for one in (first, waiting[0]):
            one.cancel()
        await asyncio.sleep(0)
        held.set()
        await waiting[1]
        await database.write(add("later"))

    asyncio.run(some_give_up())
    rows = asyncio.run(database.read(lambda session: session.rows("agents")))
    assert [row["name"] for row in rows] == ["kept", "later"]
    database.close()
