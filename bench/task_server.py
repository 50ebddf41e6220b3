"""The task server under fifty agents, against bare SQLite that does the same without a server.

The agents are one process on the same machine: what they cost is in the figures of the server.
"""

import asyncio
import sqlite3
import sys
import time
from pathlib import Path

from measure import Measure

sys.path.insert(0, str(Path(__file__).parents[1]))

from styx.api.messages import Claim, Result
from styx.server import ending, leasing, migrate, sqlite, submitting
from tests.e2e import crowd, tasks  # the checkout is not on the path before

PAIRS = 2000
FINISHED = 500_000
SERVERS: list[tasks.Server] = []

BARE, SERVED, P99, P99_FULL = (
    f"{PAIRS} claims and results in bare SQLite",
    f"{PAIRS} claims and results through the server",
    "99 % of the claims",
    f"99 % of the claims beside {FINISHED} finished tasks",
)


def measures(work: Path) -> list[Measure]:
    """Compare claim-and-report pairs with bare SQLite, and the slowest claims of an empty and of an old database."""
    server = started(work / "empty")
    full = started(work / "full")
    fill(full.database)
    return [
        Measure(BARE, timed=lambda folder: bare(folder / "bare.db")),
        # At least 0.6 times as many a second, and at least 400.
        Measure(SERVED + ", times 0.6", limit_s=0.0, against=BARE, timed=lambda _: 0.6 * served(server)[0]),
        Measure(SERVED, limit_s=PAIRS / 400, timed=lambda _: served(server)[0]),
        Measure(P99, limit_s=0.150, timed=lambda _: served(server)[1]),
        Measure(P99_FULL + ", halved", limit_s=0.0, against=P99, timed=lambda _: served(full)[1] / 2),
    ]


def finish(_work: Path) -> None:
    for server in SERVERS:
        server.stop()


def started(folder: Path) -> tasks.Server:
    folder.mkdir()
    SERVERS.append(tasks.Server(folder).start())
    return SERVERS[-1]


def served(server: tasks.Server) -> tuple[float, float]:
    """Return how long the pairs took, and the 99th percentile of the claims, each of one task."""
    ids = asyncio.run(crowd.submit_all([server.port], PAIRS))
    begin = time.perf_counter()
    claimed, done, seconds = asyncio.run(crowd.do_all([server.port], PAIRS, most=1))
    took = time.perf_counter() - begin
    if set(done) != set(ids) or set(claimed.values()) | set(done.values()) != {1}:
        sys.exit("a task was lost or done twice: a fast failure is no result")
    return took, sorted(seconds)[int(len(seconds) * 0.99)]


def bare(path: Path) -> float:
    """Do the same on one connection, with a commit for each claim and each result."""
    for side in ("", "-wal", "-shm"):
        path.with_name(path.name + side).unlink(missing_ok=True)
    sqlite.prepare(path)
    migrate.migrate(f"sqlite:///{path}")
    session = sqlite.SqliteSession(path, time.time)
    connection = session.connection
    connection.execute("BEGIN")
    for _ in range(PAIRS):
        submitting.submit(session, submitting.new_task(submitting.Submit(command="true")))
    connection.execute("COMMIT")
    begin = time.perf_counter()
    for _ in range(PAIRS):
        connection.execute("BEGIN IMMEDIATE")
        (task,) = leasing.claim(session, Claim(agent="a1"), 30.0).tasks
        connection.execute("COMMIT")
        connection.execute("BEGIN IMMEDIATE")
        ending.report(session, task.id, Result(agent="a1", lease=task.lease, attempt=1, exit_code=0))
        connection.execute("COMMIT")
    took = time.perf_counter() - begin
    connection.close()
    return took


def fill(database: str) -> None:
    """Put finished tasks into a database, as years of work would."""
    with sqlite3.connect(database) as connection:
        connection.execute(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count) "
            "INSERT INTO tasks (id, state, work, priority, labels, retries, waits_for, attempt, agent, lease, "
            "exit_code, created_at, not_before, claimed_at, started_at, finished_at) "
            """SELECT printf('old%012d', n), 'succeeded', '{"command": "true", "env": {}}', 0, '[]', 0, 0, 1, """
            "'a' || (n % 50), printf('%016x', n), 0, n, n, n, n, n FROM numbers",
            {"count": FINISHED},
        )
