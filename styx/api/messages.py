"""What goes over the wire, checked where it comes in."""

import json
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from styx.api import limits
from styx.api.schedule import next_time
from styx.api.states import State


def _plain(text: str) -> str:
    """Refuse what neither a command line nor a database can hold."""
    if "\0" in text:
        raise ValueError("must not hold a NUL")
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("must not hold half of a surrogate pair")
    return text


def _schedule(text: str) -> str:
    next_time(text, 0.0)
    return text


Text = Annotated[str, AfterValidator(_plain)]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-z]{8,40}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}$")]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,199}$")]
Nonce = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$")]
Verb = Literal["plan", "apply", "destroy", "validate", "render"]
Role = Literal["read", "submit", "agent", "admin"]


class Message(BaseModel):
    """One body; a field that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Work(Message):
    """What an agent executes: a shell's command, words, or a Styx spec with a verb."""

    command: Annotated[Text, Field(min_length=1, max_length=100_000, description="A line for /bin/sh.")] | None = None
    argv: Annotated[list[Text], Field(min_length=1, max_length=1000, description="Words, without a shell.")] | None = (
        None
    )
    spec: dict[str, JsonValue] | None = Field(None, description="A Styx task spec, for `verb`.")
    verb: Verb | None = Field(None, description="What `styx` does with the spec.")
    env: dict[Variable, Text] = Field({}, max_length=1000, description="Environment; not for secrets.")
    secrets: list[Variable] = Field([], max_length=100, description="Names whose values the agent knows.")
    timeout_s: float = Field(3600.0, gt=0, le=30 * 86400, description="Seconds after which it is ended.")

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if sum(given is not None for given in (self.command, self.argv, self.spec)) != 1:
            raise ValueError("give exactly one of command, argv and spec")
        if (self.spec is None) != (self.verb is None):
            raise ValueError("a spec needs a verb, and a verb a spec")
        if self.spec is not None:
            json.dumps(self.spec, allow_nan=False)
        return self


class Submit(Work):
    """A task to be queued."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"command": "echo hi"}, {"argv": ["make", "test"], "retries": 2, "labels": ["linux"]}]
        }
    )

    name: Name | None = None
    priority: int = Field(0, ge=-1000, le=1000, description="The highest is claimed first.")
    labels: list[Name] = Field([], max_length=50, description="All of them must be the agent's too.")
    retries: int = Field(0, ge=0, le=100, description="How often it is tried again after it failed.")
    after: list[Id] = Field([], max_length=100, description="Tasks that must succeed first.")
    idempotency_key: Name | None = Field(None, description="A second submit with the same key is the first one.")
    schedule: Annotated[str, Field(max_length=100), AfterValidator(_schedule)] | None = Field(
        None, description="`every 15m`, or five cron fields in UTC: it runs at those times until it is cancelled."
    )

    @model_validator(mode="after")
    def _named_cluster(self) -> Self:
        if self.spec is not None and self.name is None and not isinstance(self.spec.get("name"), str):
            raise ValueError("a spec without a name needs a task with one: it is the cluster's")
        return self


class Submitted(Message):
    """A task that is queued, and on disk."""

    id: str
    state: State


class Claim(Message):
    """An agent asks for work."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"agent": "a1", "max": 5, "labels": ["linux"]}]})

    agent: Name
    max: int = Field(1, ge=0, le=limits.CLAIMED)
    labels: list[Name] = Field([], max_length=50)
    request: Nonce | None = Field(None, description="The same again gets the same tasks: for a lost reply.")
    capacity: int | None = Field(None, ge=0, le=100_000, description="How many tasks the agent runs at once.")


class Claimed(Work):
    """A task that an agent has for as long as it says so in time."""

    id: str
    name: str | None = None
    lease: str
    attempt: int
    """1 for the first time that it is given to an agent."""


class ClaimedTasks(Message):
    """What an agent got."""

    tasks: list[Claimed]
    cancel: list[str]
    """Those of its tasks that it should end."""
    lease_s: float
    """Heartbeats must come sooner than this."""


class Lease(Message):
    """One task in an agent's hands."""

    id: Id
    lease: Nonce


class Heartbeat(Message):
    """An agent lives, and so do these tasks."""

    agent: Name
    tasks: list[Lease] = Field([], max_length=1000)


class HeartbeatReply(Message):
    """What became of an agent's tasks in the meantime."""

    lost: list[str]
    """These are no longer the agent's: it ends them and reports nothing."""
    cancel: list[str]
    """These should end, and be reported."""


class Result(Message):
    """How a task ended."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"agent": "a1", "lease": "5f0c8e2a91b34c77", "attempt": 1, "exit_code": 0, "output": "hi\n"}]
        }
    )

    agent: Name
    lease: Nonce
    attempt: int = Field(ge=1, le=1_000_000)
    exit_code: int = Field(ge=-1_000_000, le=1_000_000, description="Minus the number of the signal that ended it.")
    output: Text = Field("", max_length=1 << 20)


class Release(Message):
    """An agent gives a task back that it will not finish."""

    agent: Name
    lease: Nonce


class StateReply(Message):
    """What state a task is in now."""

    id: str
    state: State
    cancelling: bool = False
    """True while its agent has yet to end it."""


class LogReply(Message):
    """How long a log is now."""

    size: int
    full: bool
    """True when no more of it is kept."""


class Task(Message):
    """One task as a reader sees it; the values of its environment are left out."""

    id: str
    name: str | None
    state: State
    command: str | None
    argv: list[str] | None
    spec: dict[str, JsonValue] | None
    verb: Verb | None
    env: list[str]
    secrets: list[str]
    timeout_s: float
    priority: int
    labels: list[str]
    retries: int
    after: list[str]
    schedule: str | None
    series: str | None
    """The first task of a schedule."""
    attempt: int
    agent: str | None
    exit_code: int | None
    output: str
    """The end of what it printed."""
    reason: str
    """Why it is in this state, where that is not plain."""
    cancelling: bool
    log_bytes: int
    created_at: datetime
    not_before: datetime
    claimed_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None


class TaskPage(Message):
    """Some of the tasks."""

    tasks: list[Task]
    next: int | None
    """Give it as `cursor` for the next page; null at the end."""


class Agent(Message):
    """One agent as a reader sees it."""

    name: str
    labels: list[str]
    capacity: int
    held: int
    """How many tasks it has."""
    seen_at: datetime
    alive: bool


class Agents(Message):
    """All agents that were seen in the last week."""

    agents: list[Agent]


class Health(Message):
    """The server can read and write its database."""

    status: Literal["ok"]
    version: str


class Problem(BaseModel):
    """What was refused, and what to do instead (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    hint: str = ""
