"""What the page of a server is told as it happens."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from styx.api.messages import Agent, Message, Name, Role, Text
from styx.api.states import State


class Cluster(Message):
    """A cluster that an agent's Styx has recorded."""

    name: Annotated[Text, Field(max_length=100)]
    status: Annotated[Text, Field(max_length=40)]
    where: Annotated[Text, Field(max_length=100, description="Cloud and region.")]
    nodes: int = Field(ge=0, le=1_000_000)
    hourly_usd: float | None = Field(None, ge=0, le=1e9, description="Null when a part of the price is unknown.")
    since: datetime


class AgentClusters(Message):
    """All clusters of one agent, as they are now."""

    agent: Name
    clusters: list[Cluster] = Field(max_length=1000)


class AgentLine(Agent):
    """One agent with its clusters."""

    clusters: list[Cluster]


class TaskLine(Message):
    """One task as the page lists it."""

    id: str
    what: str
    """Its name, else the beginning of what it executes."""
    state: State
    cancelling: bool
    attempt: int
    agent: str | None
    exit_code: int | None
    labels: list[str]
    schedule: str | None
    reason: str
    created_at: datetime
    claimed_at: datetime | None
    finished_at: datetime | None


class Minute(Message):
    """What ended in one minute of the last hour."""

    minute: int
    """Minutes since the beginning of 1970."""
    succeeded: int
    other: int
    """Failed, cancelled and dead."""


class Change(Message):
    """What is new; a part that is null is as it was."""

    now: datetime
    """The database's clock."""
    role: Role
    """What the one who asks may do."""
    tasks: list[TaskLine]
    """Those that changed, of all that run, wait as the newest, or ended last."""
    gone: list[str]
    """Those that are none of them any more."""
    counts: dict[State, int] | None
    agents: list[AgentLine] | None
    minutes: list[Minute] | None
