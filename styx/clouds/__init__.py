"""The clouds that Styx knows: one package each, found by listing this folder and by entry points."""

from styx.clouds.cloud import Capability, Cloud, Feed, Http, Known
from styx.clouds.find import by_id, ids, near

__all__ = ["Capability", "Cloud", "Feed", "Http", "Known", "by_id", "ids", "near"]
