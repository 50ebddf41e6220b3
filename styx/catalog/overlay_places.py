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
        live = [
            {offer.region for offer in clouds.by_id(one).live_offers()} for one in matched if one not in self._regions
        ]
        if all(live) and not any(fnmatchcase(one, region) for regions in live for one in regions):
            where = "any cloud" if cloud == "*" else cloud
            yield "region", f"there is no region {region} in {where}", _hint(region, [*known, *(set().union(*live))])


def _hint(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(dict.fromkeys(known)), n=3)
    return f"did you mean {' or '.join(near)}?" if near else f"there is {', '.join(sorted(known)[:5])}, …"
