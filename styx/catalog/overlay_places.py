"""The clouds and regions that an overlay may name."""

import csv
import difflib
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cached_property

from styx import clouds, paths


class Places:
    """Every cloud and its regions; one whose regions nobody knows may have any."""

    @cached_property
    def _regions(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        with (paths.catalog() / "regions.csv").open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                found.setdefault(row["cloud"], []).append(row["region"])
        return found

    def unknown(self, entry: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
        """Yield (key, message, hint) when the cloud or the region of an entry matches none that there is."""
        cloud, region = str(entry.get("cloud", "*")), str(entry.get("region", "*"))
        matched = [one for one in clouds.ids() if fnmatchcase(one, cloud)]
        if not matched:
            yield "cloud", f"there is no cloud {cloud}", _hint(cloud, clouds.ids())
            return
        known = [name for one in matched for name in self._regions.get(one, ())]
        if region == "*" or any(fnmatchcase(one, region) for one in known):
            return
        live = [_live(one) for one in matched if one not in self._regions]
        if None in live:
            return
        known += sorted(set().union(*filter(None, live)))
        if not any(fnmatchcase(one, region) for one in known):
            where = "any cloud" if cloud == "*" else cloud
            yield "region", f"there is no region {region} in {where}", _hint(region, known)


def _live(cloud_id: str) -> set[str] | None:
    """Return the regions of a cloud that no file lists; None when nobody knows them."""
    record = clouds.by_id(cloud_id)
    if record.pools:
        return set(record.pools())
    return {offer.region for offer in record.live_offers()} or None


def _hint(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(dict.fromkeys(known)), n=3)
    return f"did you mean {' or '.join(near)}?" if near else f"there is {', '.join(sorted(known)[:5])}, …"
