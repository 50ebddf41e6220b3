"""The page is told everything once and then what is new."""

import asyncio
import json

from styx.server import live
from styx.server.live import Live, difference


def view(queue):
    return asyncio.run(queue.database.read(live.view))


def test_everything_first_and_then_what_is_new(queue):
    kept, changed = queue.submit("a" * 500, labels=["x"]), queue.submit(name="two")
    before = view(queue)
    everything = difference(None, before, "read")
    assert {task.id for task in everything.tasks} == {kept, changed}
    assert [task.what for task in everything.tasks if task.id == kept] == ["a" * 120]
    assert everything.counts["queued"] == 2
    assert difference(before, view(queue), "read") is None
    queue.report(queue.claim()[0])
    new = difference(before, view(queue), "read")
    assert [(task.id, task.state) for task in new.tasks] == [(changed, "succeeded")]
    assert (new.counts["succeeded"], new.agents, sum(one.succeeded for one in new.minutes)) == (1, None, 1)


def test_what_left_the_view_is_gone(queue, monkeypatch):
    monkeypatch.setattr(live, "LINES", 1)
    first = queue.submit()
    before = view(queue)
    second = queue.submit()
    change = difference(before, view(queue), "read")
    assert ([task.id for task in change.tasks], change.gone) == ([second], [first])


def test_what_runs_is_shown_however_much_waits(queue, monkeypatch):
    monkeypatch.setattr(live, "LINES", 1)
    running = queue.submit()
    queue.claim()
    for _ in range(5):
        queue.submit()
    assert running in view(queue).tasks


def test_those_who_look_share_what_is_read(queue):
    async def look():
        shared = Live(queue.database)
        return await asyncio.gather(*(shared.view() for _ in range(20)))

    first, *others = asyncio.run(look())
    assert all(one is first for one in others)


def test_a_stream_begins_with_all_and_ends_with_the_server(queue):
    task_id = queue.submit()

    async def follow():
        shared = Live(queue.database)
        stream = shared.events("read", follow=True)
        first = await anext(stream)
        shared.ending = True
        return first, [piece async for piece in stream]

    first, rest = asyncio.run(follow())
    kind, data, *_ = first.decode().split("\n")
    assert kind == "event: change"
    assert [task["id"] for task in json.loads(data.removeprefix("data: "))["tasks"]] == [task_id]
    assert rest == []


def telling(clusters):
    return lambda session: session.rows("set_clusters", name="a1", clusters=clusters)


def test_the_clusters_of_an_agent_are_the_last_that_it_told(queue):
    one = {"name": "c", "status": "up", "where": "x/y", "nodes": 1, "hourly_usd": 2.5, "since": "2026-01-01T00:00:00Z"}
    for clusters in ([one, {**one, "name": "d"}], [one]):
        queue.do(telling(json.dumps(clusters)))
    (agent,) = view(queue).agents
    assert [(cluster.name, cluster.hourly_usd) for cluster in agent.clusters] == [("c", 2.5)]
