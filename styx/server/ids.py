"""Ids of tasks and secrets of tokens."""

import os
import time


def task_id() -> str:
    """Return a new id: 22 characters that sort by the moment they were made."""
    return f"{time.time_ns() // 1_000_000:012x}{os.urandom(5).hex()}"


def nonce() -> str:
    """Return 16 characters that nobody can guess within the life of a lease."""
    return os.urandom(8).hex()
