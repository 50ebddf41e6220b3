"""The clouds that Styx knows: one package each, found by listing this folder and by entry points."""

from styx.clouds.cloud import Capability, Cloud
from styx.clouds.find import by_id, ids, near

__all__ = ["Capability", "Cloud", "by_id", "ids", "near"]
