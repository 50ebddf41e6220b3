"""Moments as text, and ids that sort by the moment they were made."""

import os
from datetime import UTC, datetime, timedelta


def now(ago: timedelta = timedelta(0)) -> str:
    """Return the UTC time as ISO text with milliseconds, `ago` before this moment; such texts sort by time."""
    return (datetime.now(UTC) - ago).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def run_id() -> str:
    """Return a new run id, 29 characters that every cloud takes in a tag: UTC time and a random end."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{os.urandom(3).hex()}"
