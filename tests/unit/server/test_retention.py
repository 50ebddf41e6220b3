"""What has ended is forgotten when it is old or too much, a few at a time; what others need is kept."""

import asyncio

from styx.server import retention
from styx.server.retention import Retention


def forget(queue, **wishes):
    kept = Retention(**wishes)
    until = asyncio.run(queue.database.read(lambda session: retention.ended_until(session, kept)))
    rounds = 0
    while queue.do(lambda session: retention.forget_some(session, until)):
        rounds += 1
    return rounds


def end(queue, count, code=0):
    ids = [queue.submit() for _ in range(count)]
    for task in queue.claim(max=count):
        queue.report(task, code)
    return ids


def test_by_default_nothing_young_goes(queue):
    ids = end(queue, 3)
    assert forget(queue) == 0
    assert {task.id for task in queue.all()} == set(ids)


def test_what_is_old_goes_with_its_log_and_what_runs_or_waits_stays(queue):
    (logged,) = end(queue, 1)
    end(queue, 1, code=1)
    queue.do(lambda session: session.rows("add_log", task=logged, attempt=1, position=0, data=b"x"))
    running, waiting = queue.submit(), queue.submit()
    (held,) = queue.claim()
    assert held.id == running
    forget(queue, days=0)
    assert {task.id for task in queue.all()} == {running, waiting}
    assert queue.do(lambda session: session.rows("log", task=logged, attempt=1, position=0)) == []


def test_the_last_ones_that_ended_are_kept(queue):
    end(queue, 3)
    last = end(queue, 2)
    forget(queue, tasks=2)
    assert {task.id for task in queue.all()} == set(last)


def test_it_goes_in_batches(queue, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    end(queue, 5)
    assert forget(queue, days=0) == 3
    assert queue.all() == []


def test_a_task_is_kept_for_as_long_as_one_that_came_after_it(queue):
    first = queue.submit()
    second = queue.submit(after=[first])
    queue.report(queue.claim()[0])
    forget(queue, days=0)
    assert {task.id for task in queue.all()} == {first, second}
    queue.report(queue.claim()[0])
    forget(queue, days=0)
    assert queue.all() == []
    assert queue.do(lambda session: session.rows("needs", task=second)) == []


def test_an_idempotency_key_is_free_again(queue):
    first, _ = queue.submitted(idempotency_key="k")
    queue.report(queue.claim()[0])
    forget(queue, days=0)
    again, new = queue.submitted(idempotency_key="k")
    assert new
    assert again.id != first.id
