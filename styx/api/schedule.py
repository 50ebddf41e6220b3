"""When a recurring task is due: `every 15m`, or the five fields of cron, in UTC."""

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_EVERY = re.compile(r"every ([1-9]\d{0,6})([smhd])\Z")
_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_PART = re.compile(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/([1-9]\d?))?\Z", re.ASCII)
_LONGEST_DAYS = 366
_FARTHEST_DAYS = 366 * 8
"""The 29th of February is at most eight years away."""


def next_time(schedule: str, after: float) -> float:
    """Return the first moment (UNIX seconds) of `schedule` after the moment `after`; raise ValueError."""
    if every := _EVERY.match(schedule):
        return after + _period_s(int(every[1]) * _UNITS[every[2]])
    words = schedule.split()
    if len(words) != len(_FIELDS):
        raise ValueError("a schedule is `every 15m` (s, m, h, d) or five cron fields such as `0 3 * * 1`")
    minutes, hours, days, months, weekdays = (_field(word, *field) for word, field in zip(words, _FIELDS, strict=True))
    either = words[2] != "*" and words[4] != "*"  # as cron has it: both given means either
    start = datetime.fromtimestamp(after, UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    for number in range(_FARTHEST_DAYS):
        date = (start + timedelta(days=number)).date()
        by_day, by_weekday = date.day in days, date.isoweekday() % 7 in {day % 7 for day in weekdays}
        if date.month not in months or not (by_day or by_weekday if either else by_day and by_weekday):
            continue
        for hour in sorted(hours):
            for minute in sorted(minutes):
                due = datetime(date.year, date.month, date.day, hour, minute, tzinfo=UTC)
                if due >= start:
                    return due.timestamp()
    raise ValueError(f"there is no such day: {schedule}")


def _period_s(seconds: int) -> int:
    if seconds > _LONGEST_DAYS * 86400:
        raise ValueError(f"at most {_LONGEST_DAYS} days may be between two times of a schedule")
    return seconds


def _field(word: str, name: str, low: int, high: int) -> set[int]:
    """Return the numbers that one field of cron stands for."""
    found: set[int] = set()
    for part in word.split(","):
        match = _PART.match(part)
        if match is None:
            raise ValueError(f"{part!r} is no {name} of a schedule: write *, 5, 1-5 or */10")
        first, last, step = match[1], match[2], match[3]
        begin = low if first is None else int(first)
        end = high if first is None or (step and last is None) else int(last or begin)
        if not low <= begin <= end <= high:
            raise ValueError(f"{part!r} is no {name} of a schedule: {low} to {high}")
        found |= set(range(begin, end + 1, int(step or 1)))
    return found
