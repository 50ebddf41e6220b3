"""Fifty agents at once, as quick as one process can be them: for tests of what they must not break, and benchmarks."""

import asyncio
import json
import os
import random
import time
from collections import Counter
from contextlib import suppress

AGENTS = 50


class Connection:
    """One keep-alive connection of a quick client."""

    def __init__(self, port):
        self.port, self.streams = port, None

    async def ask(self, path, body):
        """POST `body` and return status and reply."""
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        data = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        length = next(int(line.partition(":")[2]) for line in lines if line.startswith("content-length:"))
        return int(lines[0].split()[1]), json.loads(await reader.readexactly(length))

    async def insist(self, path, body):
        """Ask until there is an answer, as a client does whose server was killed."""
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                return await self.ask(path, body)
            self.streams = None
            await asyncio.sleep(0.05)


async def submit_all(ports, count):
    """Submit `count` tasks and return the ids that were acknowledged."""
    ids, mark = [], os.urandom(4).hex()

    async def submitter(number):
        connection = Connection(ports[number % len(ports)])
        for one in range(count // 20):
            body = {"command": "true", "idempotency_key": f"{mark}-{number}-{one}"}
            status, told = await connection.insist("/api/v1/tasks", body)
            assert status in {200, 201}, told
            ids.append(told["id"])

    await asyncio.gather(*(submitter(number) for number in range(20)))
    return ids


async def do_all(ports, count, most=5):
    """Let agents claim up to `most` and report until `count` tasks are done.

    Return how often each was claimed and acknowledged, and how long each claim took.
    """
    claimed, done, seconds = Counter(), Counter(), []

    async def agent(number):
        connection, name = Connection(ports[number % len(ports)]), f"a{number}"
        while len(done) < count:
            body = {"agent": name, "max": random.randint(1, most), "request": os.urandom(8).hex()}
            begin = time.perf_counter()
            status, told = await connection.insist("/api/v1/tasks/claim", body)
            seconds.append(time.perf_counter() - begin)
            assert status == 200, told
            for task in told["tasks"]:
                claimed[task["id"], task["attempt"]] += 1
                body = {"agent": name, "lease": task["lease"], "attempt": task["attempt"], "exit_code": 0}
                status, told_back = await connection.insist(f"/api/v1/tasks/{task['id']}/result", body)
                assert status == 200, told_back
                done[task["id"]] += 1
            if not told["tasks"]:
                await asyncio.sleep(0.02)

    await asyncio.wait_for(asyncio.gather(*(agent(number) for number in range(AGENTS))), 120)
    return claimed, done, seconds
