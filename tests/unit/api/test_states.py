"""The table of states has no way out of an end but a retry, and none that leads nowhere."""

from styx.api.states import FINAL, HELD, STATES, TRANSITIONS


def test_every_state_is_reached_and_every_one_that_is_no_end_is_left():
    assert {target for _, target in TRANSITIONS.values()} == set(STATES)
    left = {source for sources, _ in TRANSITIONS.values() for source in sources}
    assert set(STATES) - left == {"succeeded"}


def test_an_end_is_left_by_a_retry_alone():
    for event, (sources, _) in TRANSITIONS.items():
        assert event == "retry" or not set(sources) & set(FINAL)


def test_what_an_agent_holds_is_neither_waiting_nor_ended():
    assert set(HELD) == set(STATES) - set(FINAL) - {"queued"}
