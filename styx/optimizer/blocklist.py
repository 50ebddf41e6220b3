"""What a query leaves out: places and machine types that were tried, or that nobody wants."""

from dataclasses import dataclass

from styx.errors import UsageError


@dataclass(frozen=True, slots=True)
class Blocked:
    """Offers to leave out: all that agree with every field which is not None."""

    cloud: str | None = None
    region: str | None = None
    zone: str | None = None
    instance_type: str | None = None

    @property
    def whole_places(self) -> bool:
        """Tell whether it names clouds or regions as a whole."""
        return self.zone is None and self.instance_type is None

    def covers(self, cloud: str, region: str) -> bool:
        """Tell whether a place lies in it."""
        return self.cloud in (None, cloud) and self.region in (None, region)


def blocked(text: str) -> Blocked:
    """Read `cloud/region/zone/type`, `*` or nothing for any; raise UsageError when it names nothing."""
    parts = [None if part in ("", "*") else part for part in text.split("/")]
    if len(parts) > 4 or not any(parts):
        raise UsageError(f"{text!r} cannot be left out", "write cloud/region/zone/type, * for any")
    return Blocked(*parts)
