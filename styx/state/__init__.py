"""The state of the world: which clusters there are, what was done to them, and who works on one now."""

from styx.state.journal import Run, RunRecord, Step
from styx.state.lock import Holder, RunLock
from styx.state.record import ClusterRecord, Status
from styx.state.store import Store

__all__ = ["ClusterRecord", "Holder", "Run", "RunLock", "RunRecord", "Status", "Step", "Store"]
