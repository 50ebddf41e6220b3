"""Choosing: which machines fit a task, and which of them cost least."""

from styx.optimizer.choose import choose

__all__ = ["choose"]
