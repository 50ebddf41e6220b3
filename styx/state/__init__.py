"""The state of the world: which clusters there are, what was done to them, and who works on one now."""

from styx.state.journal import Event, Run, RunRecord
from styx.state.lock import Holder, RunLock
from styx.state.record import ClusterRecord, Status
from styx.state.store import Store

__all__ = ["ClusterRecord", "Event", "Holder", "Run", "RunLock", "RunRecord", "Status", "Store"]
