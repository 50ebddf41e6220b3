"""Schedules: when they are due next, and which are none."""

from datetime import UTC, datetime

import pytest

from styx.api.schedule import next_time


def due(schedule, after):
    moment = next_time(schedule, datetime.fromisoformat(after).replace(tzinfo=UTC).timestamp())
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        ("every 15m", "2026-01-01T00:00:07", "2026-01-01 00:15:07"),
        ("every 2d", "2026-01-01T00:00:00", "2026-01-03 00:00:00"),
        ("* * * * *", "2026-01-01T00:00:00", "2026-01-01 00:01:00"),
        ("*/20 * * * *", "2026-01-01T00:41:30", "2026-01-01 01:00:00"),
        ("30 3 * * *", "2026-01-01T03:30:00", "2026-01-02 03:30:00"),
        ("0 9-17/4 * * 1-5", "2026-01-02T17:00:00", "2026-01-05 09:00:00"),  # Friday evening to Monday
        ("0 0 29 2 *", "2026-01-01T00:00:00", "2028-02-29 00:00:00"),
        ("0 0 13 * 5", "2026-01-01T00:00:00", "2026-01-02 00:00:00"),  # the 13th or a Friday, as cron has it
        ("0 0 * * 7", "2026-01-01T00:00:00", "2026-01-04 00:00:00"),  # 7 is Sunday too
        ("59 23 31 12 *", "2026-12-31T23:58:59", "2026-12-31 23:59:00"),
        ("5,10 0 1 1,7 *", "2026-01-01T00:05:00", "2026-01-01 00:10:00"),
    ],
)
def test_the_next_time(schedule, after, expected):
    assert due(schedule, after) == expected


@pytest.mark.parametrize(
    "schedule",
    ["", "every", "every 0m", "every 5w", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
     "5-1 * * * *", "*/0 * * * *", "a * * * *", "0 0 30 2 *", "* * * * * *", "-1 * * * *"],
)  # fmt: skip
def test_what_is_no_schedule(schedule):
    with pytest.raises(ValueError, match=r"."):
        next_time(schedule, 0.0)


def test_a_period_is_at_most_a_year():
    assert next_time("every 366d", 0.0) == 366 * 86400
    for schedule in ("every 367d", "every 9999999d", "every 9999999h"):
        with pytest.raises(ValueError, match="366 days"):
            next_time(schedule, 0.0)
