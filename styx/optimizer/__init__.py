"""Choosing: which machines fit a task, and which of them cost least."""

from styx.optimizer.blocklist import Blocked, blocked
from styx.optimizer.choose import choose
from styx.optimizer.search import Conditions

__all__ = ["Blocked", "Conditions", "blocked", "choose"]
