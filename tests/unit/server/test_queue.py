"""Tasks go to one agent at a time, come back from lost ones, and end as was reported, in both databases."""

import pytest

from styx.api.messages import Release
from styx.api.refusal import RefusedError
from styx.server import ending


def refused(status):
    return pytest.raises(RefusedError, match=r".", check=lambda error: error.status == status)


def test_a_life(queue):
    task_id = queue.submit("echo hi", env={"A": "1"})
    assert queue.state(task_id) == "queued"
    (task,) = queue.claim(max=5)
    assert (task.id, task.attempt, task.command, task.env) == (task_id, 1, "echo hi", {"A": "1"})
    assert queue.claim() == []
    assert queue.state(task_id) == "leased"
    assert not queue.beat(task).lost
    assert queue.state(task_id) == "running"
    assert queue.report(task, output="hi\n") == "succeeded"
    told = queue.task(task_id)
    assert (told.exit_code, told.output, told.agent, told.env) == (0, "hi\n", "a1", ["A"])
    assert told.created_at <= told.claimed_at <= told.started_at <= told.finished_at


def test_the_most_urgent_is_first_and_then_the_oldest(queue):
    ids = [queue.submit(priority=priority) for priority in (0, 5, 0, -1, 5)]
    assert [task.id for task in queue.claim(max=5)] == [ids[place] for place in (1, 4, 0, 2, 3)]


def test_an_agent_gets_only_what_its_labels_allow(queue):
    both = queue.submit(labels=["gpu", "linux"])
    plain = queue.submit()
    assert [task.id for task in queue.claim(labels=["linux"], max=5)] == [plain]
    assert [task.id for task in queue.claim(labels=["x", "gpu", "linux"], max=5)] == [both]


def test_a_repeated_claim_is_the_same_claim(queue):
    queue.submit()
    queue.submit()
    first = queue.claim(request="a-lost-reply")
    assert queue.claim(request="a-lost-reply") == first
    assert queue.claim(agent="a2", request="a-lost-reply") != first
    assert len(first) == 1


def test_a_repeated_report_has_the_same_answer_and_another_is_refused(queue):
    queue.submit(retries=1)
    (task,) = queue.claim()
    assert queue.report(task, 3) == "queued"
    assert queue.report(task, 3) == "queued"
    assert queue.task(task.id).attempt == 1
    for changes in ({"agent": "a2"}, {"lease": "0123456789abcdef"}, {"attempt": 2}):
        with refused(409):
            queue.report(task, 0, **changes)


def test_a_report_for_a_task_never_claimed_says_so(queue):
    task_id = queue.submit()
    queue.submit()
    queue.do(lambda session: session.rows("set_waits_for", id=task_id, waits_for=1))
    (other,) = queue.claim()
    other.id = task_id
    with pytest.raises(RefusedError, match="never claimed") as caught:
        queue.report(other)
    assert (caught.value.status, caught.value.facts["state"]) == (409, "queued")


def test_a_failed_task_is_tried_again_as_often_as_it_says_later_each_time(queue):
    task_id = queue.submit(retries=2)
    for attempt in (1, 2):
        (task,) = queue.claim()
        assert queue.report(task, 1) == "queued"
        assert queue.task(task_id).not_before.timestamp() - queue.task(task_id).created_at.timestamp() >= attempt
        assert queue.claim() == []
        queue.due_now()
    (task,) = queue.claim()
    assert (task.attempt, queue.report(task, 7), queue.task(task_id).exit_code) == (3, "failed", 7)
    assert queue.retry(task_id) == "queued"
    assert queue.claim()[0].attempt == 4


def test_a_lost_agent_loses_its_task_and_its_report_is_refused(queue):
    queue.submit()
    (late,) = queue.claim(lease_s=-1)
    assert queue.take_back().again == 1
    with refused(409):
        queue.report(late)
    assert queue.beat(late).lost == [late.id]
    (task,) = queue.claim(agent="a2")
    with refused(409):
        queue.report(late)
    assert (task.attempt, queue.report(task, agent="a2")) == (2, "succeeded")
    with refused(409):
        queue.report(late, 1)
    assert queue.task(late.id).exit_code == 0


def test_a_report_that_comes_before_anybody_noticed_counts(queue):
    queue.submit()
    (task,) = queue.claim(lease_s=-1)
    assert queue.report(task) == "succeeded"
    assert queue.take_back().again == 0


def test_three_lost_agents_are_enough(queue):
    task_id = queue.submit()
    for _ in range(3):
        assert queue.state(task_id) == "queued"
        queue.claim(lease_s=-1)
        queue.take_back()
    assert queue.state(task_id) == "dead"
    assert "a1 was lost" in queue.task(task_id).reason
    assert queue.retry(task_id) == "queued"
    queue.claim(lease_s=-1)
    queue.take_back()
    assert queue.state(task_id) == "queued"


def test_a_heartbeat_keeps_a_task(queue):
    queue.submit()
    (task,) = queue.claim(lease_s=-1)
    assert not queue.beat(task).lost
    assert queue.take_back().again == 0


def test_what_waits_is_cancelled_at_once_and_what_runs_by_its_agent(queue):
    waiting, running = queue.submit(priority=-1), queue.submit()
    (task,) = queue.claim()
    assert queue.cancel(waiting).state == "cancelled"
    assert queue.cancel(waiting).state == "cancelled"
    told = queue.cancel(running)
    assert (told.state, told.cancelling) == ("leased", True)
    assert queue.beat(task).cancel == [running]
    assert queue.report(task, 130) == "cancelled"
    with refused(404):
        queue.cancel("00000000")


def test_a_task_that_ended_cannot_be_cancelled_and_one_that_runs_not_retried(queue):
    task_id = queue.submit()
    (task,) = queue.claim()
    with refused(409):
        queue.retry(task_id)
    queue.report(task)
    with refused(409):
        queue.cancel(task_id)
    with refused(409):
        queue.retry(task_id)


def test_a_cancelled_task_whose_agent_is_lost_is_not_done_again(queue):
    task_id = queue.submit()
    queue.claim(lease_s=-1)
    queue.cancel(task_id)
    assert queue.take_back().cancelled == 1
    assert queue.state(task_id) == "cancelled"


def test_a_task_waits_for_those_before_it(queue):
    first, second = queue.submit(), queue.submit()
    third = queue.submit(after=[first, second], priority=9)
    assert queue.task(third).after == [first, second]
    for _ in range(2):
        (task,) = queue.claim()
        assert task.id != third
        queue.report(task)
    assert queue.claim()[0].id == third


def test_what_comes_after_a_failure_is_cancelled_all_the_way_and_can_be_retried(queue):
    first = queue.submit()
    second = queue.submit(after=[first])
    third = queue.submit(after=[second])
    queue.report(queue.claim()[0], 1)
    assert [queue.state(one) for one in (first, second, third)] == ["failed", "cancelled", "cancelled"]
    assert first in queue.task(second).reason
    with refused(422):
        queue.submit(after=[first])
    with refused(422):
        queue.submit(after=["00000000"])
    for task_id in (third, second, first):
        queue.retry(task_id)
    for expected in (first, second, third):
        (task,) = queue.claim(max=5)
        assert task.id == expected
        queue.report(task)


def test_an_idempotency_key_is_one_task(queue):
    first, new = queue.submitted(idempotency_key="k")
    again, new_again = queue.submitted("something else", idempotency_key="k")
    assert (new, new_again, again.id) == (True, False, first.id)


def test_a_schedule_goes_on_until_it_is_cancelled(queue):
    first = queue.submit(schedule="every 1h", labels=["x"], priority=3)
    assert queue.claim(labels=["x"]) == []
    queue.due_now()
    queue.report(queue.claim(labels=["x"])[0], 1)
    newest, oldest = queue.all()
    assert (oldest.state, newest.state, newest.series, newest.labels, newest.priority) == (
        "failed", "queued", first, ["x"], 3,
    )  # fmt: skip
    assert 3590 < newest.not_before.timestamp() - oldest.finished_at.timestamp() < 3610
    queue.cancel(newest.id)
    assert len(queue.all()) == 2


def test_a_schedule_has_one_successor_however_often_a_task_is_tried_again(queue):
    first = queue.submit(schedule="every 1h")
    for code in (1, 1, 0):
        queue.due_now()
        (task,) = queue.claim(max=1)
        queue.report(task, code)
        if code:
            queue.retry(task.id)
    assert [task.state for task in queue.all()] == ["queued", "succeeded"]
    assert queue.all()[1].id == first


def test_a_schedule_that_was_cancelled_while_it_ran_is_over_even_when_that_came_too_late(queue):
    queue.submit(schedule="every 1h")
    queue.due_now()
    (task,) = queue.claim()
    queue.cancel(task.id)
    assert queue.report(task, 0) == "succeeded"
    assert len(queue.all()) == 1


def test_an_agent_gives_a_task_back(queue):
    task_id = queue.submit()
    (task,) = queue.claim()
    with refused(409):
        queue.do(lambda session: ending.release(session, task_id, Release(agent="a2", lease=task.lease)))
    queue.do(lambda session: ending.release(session, task_id, Release(agent="a1", lease=task.lease)))
    assert queue.claim(agent="a2")[0].attempt == 2
