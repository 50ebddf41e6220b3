"""What the requests of one server share: the database, who may ask, what was counted, and the work between requests."""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from styx.api import limits
from styx.api.messages import Claim
from styx.errors import StyxError
from styx.server import ids, leasing, retention, submitting, tokens
from styx.server.live import Live
from styx.server.retention import Retention
from styx.server.session import Database, Row, Session

SWEEP_S = 0.5
"""How often tasks of lost agents are looked for."""
PRUNE_S = 600.0
"""How often what is old is removed."""
BREATH_S = 0.05
"""How long others have the database to themselves between two batches of that."""
TOKENS_S = 2.0
"""How long a revoked token may still work."""
PROVEN_S = 1.0
"""How long it is believed that the database can be written, once it was: anybody may ask."""
SEEN_S = 5.0
"""How exact it is when an agent was last seen."""
_SOMETHING_BYTES = 16 << 10
_LOG = logging.getLogger("styx.server")


@dataclass(slots=True)
class Hub:
    """One server's memory; all that matters is in the database."""

    database: Database
    lease_s: float = limits.LEASE_S
    retention: Retention = field(default_factory=Retention)
    counted: "Counter[tuple[str, str]]" = field(default_factory=Counter)
    """Name of a metric and its label → how often."""
    live: Live = field(init=False)
    _tokens: list[Row] = field(default_factory=list)
    _tokens_at: float = -1e9
    _seen: dict[str, tuple[float, Claim]] = field(default_factory=dict)
    _full: bool = False
    _working: list["asyncio.Task[None]"] = field(default_factory=list)
    _proven_at: float = -1e9

    def __post_init__(self) -> None:
        """Let those who look at the page share what is read for it."""
        self.live = Live(self.database)

    async def tokens(self) -> list[Row]:
        """Return the tokens, at most some seconds old."""
        if time.monotonic() - self._tokens_at > TOKENS_S:
            self._tokens = await self.database.read(tokens.known)
            self._tokens_at = time.monotonic()
        return self._tokens

    def must_note(self, asked: Claim) -> bool:
        """Say whether the database should hear that this agent was here; not at each of its requests."""
        at, before = self._seen.get(asked.agent, (-1e9, None))
        same = before is not None and (before.labels, before.capacity) == (asked.labels, asked.capacity)
        if same and time.monotonic() - at < SEEN_S:
            return False
        if len(self._seen) > 10_000:
            self._seen.clear()
        self._seen[asked.agent] = (time.monotonic(), asked)
        return True

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Do the work between requests for as long as the block runs."""
        await self.database.write(lambda session: leasing.forgive(session, self.lease_s))
        parts = ((self._sweep, SWEEP_S), (self._prune, PRUNE_S))
        self._working = [asyncio.create_task(self._again_and_again(one, pause_s)) for one, pause_s in parts]
        try:
            yield
        finally:
            for one in self._working:
                one.cancel()
            await asyncio.gather(*self._working, return_exceptions=True)
            await asyncio.get_running_loop().run_in_executor(None, self.database.close)

    async def _again_and_again(self, part: Callable[[], Awaitable[None]], pause_s: float) -> None:
        """Do a part of the work between requests for ever: what fails now is tried again."""
        while True:
            try:
                await part()
            except StyxError as error:
                self.counted["styx_sweep_errors_total", ""] += 1
                _LOG.error("%s", error)
            except Exception:  # noqa: BLE001 - it would end unseen, and lost agents would keep their tasks
                self.counted["styx_sweep_errors_total", ""] += 1
                _LOG.exception("work between requests failed")
            await asyncio.sleep(pause_s)

    async def _sweep(self) -> None:
        """Take tasks back from agents that were lost, and see how full the queue is."""
        overdue = await self.database.read(lambda session: session.rows("overdue"))
        if overdue:
            lost = await self.database.write(leasing.take_back)
            for outcome in ("again", "dead", "cancelled"):
                self.counted["styx_lost_total", f'outcome="{outcome}"'] += getattr(lost, outcome)
        self._full = await self.database.read(submitting.is_full)

    async def _prune(self) -> None:
        """Remove what is old, a little at a time."""
        await self.database.write(lambda session: retention.forget_logs(session, self.retention))
        until = await self.database.read(lambda session: retention.ended_until(session, self.retention))
        forget = partial(retention.forget_some, until=until)
        while await self.database.write(forget):
            await asyncio.sleep(BREATH_S)

    async def prove_health(self) -> None:
        """Write to the database, as a submit would; raise StyxError when that fails or the work between has ended."""
        if any(one.done() for one in self._working):
            raise StyxError("the work between requests has ended", "start the server again; report it with its log")
        if time.monotonic() - self._proven_at > PROVEN_S:
            await self.database.write(_write_something)
            self._proven_at = time.monotonic()

    @property
    def full(self) -> bool:
        """True when as many tasks wait as may."""
        return self._full


def _write_something(session: Session) -> None:
    """Write a row that needs room of its own, and remove it."""
    name = f"health-{ids.nonce()}"
    session.rows("add_log", task=name, attempt=0, position=0, data=bytes(_SOMETHING_BYTES))
    session.rows("forget_log", task=name)
