"""Choosing: which machines fit a task, and which of them cost least."""
