"""What may be spent, and what may never happen: of one spec, or of a whole repository."""

from typing import Annotated

from pydantic import Field

from styx.spec.fields import Block, Number, Word, choice

HOURS_A_MONTH = 730
"""365 days of 24 hours by 12, as every cloud's price list counts."""


class Budget(Block):
    """What may be spent, in USD; Terraform refuses more, also without Styx."""

    hourly: Number | None = None
    """USD an hour for all machines of the task."""
    monthly: Number | None = None
    """USD in 730 hours."""

    @property
    def limit_hourly_usd(self) -> float | None:
        """The tighter of the two, as USD an hour."""
        limits = [limit for limit in (self.hourly, self.monthly and self.monthly / HOURS_A_MONTH) if limit]
        return min(limits, default=None)


class Policy(Block):
    """What may never happen, and what alone may be used; a repository's styx.yaml has the same block."""

    forbid: tuple[Annotated[str, choice("restart", "replace", "data-loss", "public_ip")], ...] = ()
    """What no plan may do to a standing machine, nor what is worse; public addresses."""
    clouds: tuple[Word, ...] = ()
    """The only clouds that may be used; all when absent."""
    regions: tuple[Word, ...] = ()
    """The only regions, as `eu-west-1`, `eu-*` or `aws/eu-*`; all when absent."""
    instance_types: tuple[Word, ...] = ()
    """The only machine types, as `m5.large` or `m5.*`; all when absent."""
    tags: tuple[Word, ...] = ()
    """Tags that every task must give, in styx.tags or resources.labels."""
    budget: Budget = Field(default_factory=Budget)
    """The most that one task may cost."""

    @property
    def impacts(self) -> tuple[str, ...]:
        """What no plan may do to what stands."""
        return tuple(one for one in self.forbid if one != "public_ip")
