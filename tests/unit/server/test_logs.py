"""A log is what was appended, in order and once."""

import asyncio

import pytest

from styx.api.refusal import RefusedError
from styx.server import logs
from styx.server.logs import Piece


@pytest.fixture
def task(queue):
    queue.submit()
    return queue.claim()[0]


def append(queue, task, position, data, **changes):
    values = {"task": task.id, "agent": "a1", "lease": task.lease, "attempt": task.attempt, **changes}
    return queue.do(lambda session: logs.append(session, Piece(position=position, data=data, **values)))


def read(queue, task, position=0, attempt=None):
    found = b""
    while True:
        at = position + len(found)
        part = asyncio.run(queue.database.read(lambda session, at=at: logs.part(session, task.id, attempt, at)))
        found += part.data
        if part.ended or not part.data:
            return found


def test_pieces_follow_each_other(queue, task):
    for position, data in ((0, b"one\n"), (4, b"tw"), (6, b"o\0\xff\n")):
        append(queue, task, position, data)
    assert read(queue, task) == b"one\ntwo\0\xff\n"
    assert [read(queue, task, position) for position in (3, 5, 10)] == [b"\ntwo\0\xff\n", b"wo\0\xff\n", b""]
    assert queue.task(task.id).log_bytes == 10


def test_what_came_twice_is_there_once_and_a_gap_is_refused(queue, task):
    append(queue, task, 0, b"abc")
    append(queue, task, 0, b"abc")
    assert append(queue, task, 1, b"bcd").size == 4
    with pytest.raises(RefusedError) as caught:
        append(queue, task, 9, b"z")
    assert (caught.value.status, caught.value.facts["size"]) == (409, 4)
    assert read(queue, task) == b"abcd"


def test_nobody_else_may_append(queue, task):
    for change in ({"agent": "a2"}, {"lease": "0123456789abcdef"}, {"attempt": 2}):
        with pytest.raises(RefusedError):
            append(queue, task, 0, b"x", **change)
    queue.report(task)
    with pytest.raises(RefusedError):
        append(queue, task, 0, b"x")


def test_it_is_capped(queue, task, monkeypatch):
    monkeypatch.setattr(logs.limits, "LOG_BYTES", 10)
    assert not append(queue, task, 0, b"1234567").full
    told = append(queue, task, 7, b"890abc")
    assert (told.size, told.full) == (10, True)
    assert read(queue, task) == b"1234567890"


def test_each_attempt_has_its_own(queue):
    queue.submit(retries=1)
    first = queue.claim()[0]
    append(queue, first, 0, b"first")
    queue.report(first, 1)
    queue.due_now()
    second = queue.claim()[0]
    append(queue, second, 0, b"second")
    assert (read(queue, second, attempt=1), read(queue, second)) == (b"first", b"second")


def test_without_pieces_it_is_the_output_of_the_result(queue, task):
    queue.report(task, output="hi\n")
    assert read(queue, task) == b"hi\n"


def test_old_logs_go_and_those_of_what_runs_stay(queue, task):
    queue.submit()
    (running,) = queue.claim()
    append(queue, task, 0, b"old")
    append(queue, running, 0, b"new")
    queue.report(task)
    queue.do(lambda session: session.rows("prune_logs", age_s=60))
    assert read(queue, task) == b"old"
    queue.do(lambda session: session.rows("prune_logs", age_s=-60))
    assert (read(queue, task), read(queue, running)) == (b"", b"new")
