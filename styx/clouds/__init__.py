"""The clouds that Styx knows: one package each, found by listing this folder and by entry points."""

from styx.clouds.cloud import SLOTS, Capability, Cloud, Feed, Http, Known, TagRule
from styx.clouds.failure import classify
from styx.clouds.find import by_id, ids, missing, near
from styx.clouds.pool import Facts, PoolHost, Pools
from styx.clouds.sweep import Found
from styx.clouds.wanted import Image, Volume, Wanted

__all__ = [
    "SLOTS",
    "Capability",
    "Cloud",
    "Facts",
    "Feed",
    "Found",
    "Http",
    "Image",
    "Known",
    "PoolHost",
    "Pools",
    "TagRule",
    "Volume",
    "Wanted",
    "by_id",
    "classify",
    "ids",
    "missing",
    "near",
]  # fmt: skip
