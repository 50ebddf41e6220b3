"""The task server under fifty agents, against bare SQLite that does the same without a server.

The agents are one process on the same machine: what they cost is in the figures of the server.
"""

import asyncio
import contextlib
import sqlite3
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from measure import Measure

sys.path.insert(0, str(Path(__file__).parents[1]))

from styx.api.messages import Claim, Result
from styx.server import ending, leasing, migrate, sqlite, submitting
from tests.e2e import crowd, stores, tasks  # the checkout is not on the path before

PAIRS = 2000
FINISHED = 500_000
SERVERS: list[tasks.Server] = []
OPENED = contextlib.ExitStack()

BARE, SERVED, P99, P99_FULL, ONE, TWO = (
    f"{PAIRS} claims and results in bare SQLite",
    f"{PAIRS} claims and results through the server",
    "99 % of the claims",
    f"99 % of the claims beside {FINISHED} finished tasks",
    f"{PAIRS} claims and results through one server of PostgreSQL",
    f"{PAIRS} claims and results through two servers of PostgreSQL",
)


def measures(work: Path) -> list[Measure]:
    """Compare claim-and-report pairs with bare SQLite, and the slowest claims of an empty and of an old database."""
    server = started(work / "empty")
    full = started(work / "full")
    fill(full.database)
    port = OPENED.enter_context(stores.postgres("bench"))
    shared = f"postgresql://styx:bench@127.0.0.1:{port}/postgres"
    one, two = started(work / "one", shared), started(work / "two", shared)
    return [
        Measure(BARE, timed=lambda folder: bare(folder / "bare.db")),
        # At least 0.6 times as many a second, and at least 400.
        Measure(SERVED + ", times 0.6", limit_s=0.0, against=BARE, timed=lambda _: 0.6 * served(server)[0]),
        Measure(SERVED, limit_s=PAIRS / 400, timed=lambda _: served(server)[0]),
        Measure(P99, limit_s=0.150, timed=lambda _: served(server)[1]),
        Measure(P99_FULL + ", halved", limit_s=0.0, against=P99, timed=lambda _: served(full)[1] / 2),
        Measure(ONE, timed=lambda _: served(one)[0]),
        # At least 1.5 times as many a second.
        Measure(TWO + ", times 1.5", limit_s=0.0, against=ONE, timed=lambda _: 1.5 * served(one, two)[0]),
        Measure("memory of a server without work", limit_s=120.0, timed=lambda _: fresh(work), unit="MB"),
        Measure("more memory after 100 logs of 1 MB", limit_s=10.0, timed=lambda _: streamed(empty=server), unit="MB"),
    ]


def finish(_work: Path) -> None:
    for server in SERVERS:
        server.stop()
    OPENED.close()


def started(folder: Path, database: str | None = None) -> tasks.Server:
    folder.mkdir()
    SERVERS.append(tasks.Server(folder, database).start())
    return SERVERS[-1]


def fresh(work: Path) -> float:
    """Return what a server that has done nothing has in memory, in MB."""
    with tasks.serving(work / f"fresh-{time.monotonic_ns()}") as server:
        server.submit()
        return resident(server)


def resident(server: tasks.Server) -> float:
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def streamed(empty: tasks.Server) -> float:
    """Stream the logs of 100 tasks, ten at once, there and back; return by how many MB the server grew."""

    def stream(task: dict[str, str]) -> None:
        for number in range(8):
            query = f"agent=a1&lease={task['lease']}&attempt=1&position={number << 17}"
            kind = {"Content-Type": "application/octet-stream"}
            empty.ask("POST", f"/api/v1/tasks/{task['id']}/log?{query}", bytes([65 + number]) * (1 << 17), **kind)
        if len(empty.log(task["id"])) != 1 << 20:
            sys.exit("a log is not whole: a fast failure is no result")
        empty.report(task)

    for _ in range(130):
        empty.submit()
    held = [*empty.claim(max=100), *empty.claim(max=100)]
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(stream, held[:30]))
        before = resident(empty)
        list(pool.map(stream, held[30:]))
    return max(0.0, resident(empty) - before)


def served(*servers: tasks.Server) -> tuple[float, float]:
    """Return how long the pairs took, and the 99th percentile of the claims, each of one task."""
    ports = [server.port for server in servers]
    ids = asyncio.run(crowd.submit_all(ports, PAIRS))
    begin = time.perf_counter()
    claimed, done, seconds = asyncio.run(crowd.do_all(ports, PAIRS, most=1))
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
    """Put finished tasks into a database, as a week of much work would: young enough to be kept."""
    with sqlite3.connect(database, timeout=60) as connection:
        connection.execute(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count) "
            "INSERT INTO tasks (id, state, work, priority, labels, retries, waits_for, attempt, agent, lease, "
            "exit_code, created_at, not_before, claimed_at, started_at, finished_at) "
            """SELECT printf('old%012d', n), 'succeeded', '{"command": "true", "env": {}}', 0, '[]', 0, 0, 1, """
            "'a' || (n % 50), printf('%016x', n), 0, ended, ended, ended, ended, ended "
            "FROM (SELECT n, :begin + n AS ended FROM numbers)",
            {"count": FINISHED, "begin": time.time() - FINISHED - 86400},
        )
