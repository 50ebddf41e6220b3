"""What a job's ranks print is shown soon, each line with its rank, and a full disk stops nobody."""

import json

import pytest


@pytest.fixture(scope="module")
def record(load):
    return load("job/files/record.py")


def shown(log):
    return (log.folder / "output.log").read_bytes()


def test_one_rank_is_shown_as_it_prints(record, tmp_path):
    log = record.Log(tmp_path, 1)
    log.add(0, b"10%\r")
    assert shown(log) == b"10%\r"
    log.add(0, b"20%")
    assert shown(log) == b"10%\r20%"
    log.say("ends")
    log.add(0, b"last")
    log.finish(0)
    log.finish(0)
    log.say("bye")
    assert shown(log) == b"10%\r20%\n[styx] ends\nlast\n[styx] bye\n"


def test_lines_of_several_ranks_are_whole(record, tmp_path):
    log = record.Log(tmp_path, 2)
    log.add(0, b"a")
    log.add(1, b"b\nc\nd")
    log.add(0, b"a\n\n")
    assert shown(log) == b"(rank 1) b\n(rank 1) c\n(rank 0) aa\n(rank 0) \n"
    log.finish(1)
    log.say("ends")
    assert shown(log).endswith(b"(rank 0) \n(rank 1) d\n[styx] ends\n")
    assert (tmp_path / "rank-1.log").read_bytes() == b"b\nc\nd"


def test_a_bar_among_several_ranks_is_shown_now_and_then_and_is_no_part_of_another_s_line(record, tmp_path):
    log = record.Log(tmp_path, 2)
    log.add(0, b"10%\r")
    assert shown(log) == b"(rank 0) 10%\r"
    log.add(0, b"20%\r")  # too soon
    assert shown(log) == b"(rank 0) 10%\r"
    log.add(1, b"other\n")
    assert shown(log) == b"(rank 0) 10%\r\n(rank 1) other\n"
    log.shown[0] -= 1
    log.add(0, b"30%\r")
    log.add(0, b"\n")
    assert shown(log).endswith(b"other\n(rank 0) 20%\r(rank 0) 30%\r\n")


def test_a_bar_that_nobody_ends_is_ended(record, tmp_path):
    log = record.Log(tmp_path, 2)
    log.add(0, b"10%\r")
    log.finish(0)
    log.add(1, b"windows\r\nlines\r\n")
    assert shown(log) == b"(rank 0) 10%\r\n(rank 1) windows\r\n(rank 1) lines\r\n"


def test_a_line_that_is_too_long_does_not_wait(record, tmp_path):
    log = record.Log(tmp_path, 2)
    log.add(0, b"x" * (record.LONGEST_LINE + 1))
    assert shown(log) == b"(rank 0) " + b"x" * (record.LONGEST_LINE + 1) + b"\n"


def test_a_rank_s_log_on_a_full_disk_is_told_once_and_the_rest_goes_on(record, tmp_path):
    (tmp_path / "rank-0.log").symlink_to("/dev/full")
    log = record.Log(tmp_path, 1)
    log.add(0, b"one\n")
    log.add(0, b"two\n")
    assert shown(log) == b"\n[styx] the logs are not whole: No space left on device\none\ntwo\n"


def test_where_nothing_can_be_written_nothing_is_raised(record, tmp_path):
    for name in ("rank-0.log", "output.log"):
        (tmp_path / name).symlink_to("/dev/full")
    log = record.Log(tmp_path, 1)
    log.add(0, b"one\n")
    log.finish(0)
    log.say("bye")


def test_a_status_has_room_on_a_full_disk(record, tmp_path):
    status = record.Status(tmp_path / "status.json")
    status.set(state="a state with a long name, so that the next one is shorter than this one")
    assert not (tmp_path / "status.new").exists()
    (tmp_path / "status.new").symlink_to("/dev/full")
    status.set(state="succeeded", exit_code=0)
    assert json.loads((tmp_path / "status.json").read_text())["state"] == "succeeded"
