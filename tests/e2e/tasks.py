"""A task server and its agents as processes of their own, and requests to it as anybody's program makes them."""

import http.client
import json
import os
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.user import STYX

SOON_S = 30


def environment(home, **extra):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STYX_")}
    return {**kept, "STYX_HOME": str(home), **extra}


class Server:
    """`styx server` on one database; it can be killed and started again at the same address."""

    def __init__(self, folder, database=None, **options):
        self.folder = Path(folder)
        self.database = database or str(self.folder / "tasks.db")
        self.port, self.options, self.process = 0, options, None

    def start(self):
        words = [f"--{name.replace('_', '-')}={value}" for name, value in self.options.items()]
        self.process = subprocess.Popen(
            [STYX, "server", f"--port={self.port}", f"--database={self.database}", *words],
            env=environment(self.folder), stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        line = self.process.stdout.readline()
        assert line.startswith("listening on "), "the server did not start"
        self.port = int(line.rpartition(":")[2])
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(20) == 0
        self.process.stdout.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method, path, body=None, token=None, port=None, **headers):
        """Return status and body of one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=30)
        given = {"Content-Type": "application/json"} if body is not None else {}
        given |= {"Authorization": f"Bearer {token}"} if token else {}
        try:
            data = json.dumps(body) if isinstance(body, dict) else body
            connection.request(method, path, data, given | headers)
            reply = connection.getresponse()
            text = reply.read()
            return reply.status, json.loads(text) if "json" in reply.headers["Content-Type"] else text.decode()
        finally:
            connection.close()

    def submit(self, command="true", **wishes):
        status, told = self.ask("POST", "/api/v1/tasks", {"command": command, **wishes})
        assert status == 201, told
        return told["id"]

    def task(self, task_id):
        return self.ask("GET", f"/api/v1/tasks/{task_id}")[1]

    def log(self, task_id):
        return self.ask("GET", f"/api/v1/tasks/{task_id}/log")[1]

    def until(self, task_id, *states, within=SOON_S):
        """Wait until a task is in one of `states`; return it."""
        deadline = time.monotonic() + within
        while (task := self.task(task_id))["state"] not in states:
            assert time.monotonic() < deadline, task
            time.sleep(0.05)
        return task

    def claim(self, agent="a1", **wishes):
        return self.ask("POST", "/api/v1/tasks/claim", {"agent": agent, **wishes})[1]["tasks"]

    def report(self, task, code=0, agent="a1", **changes):
        body = {"agent": agent, "lease": task["lease"], "attempt": task["attempt"], "exit_code": code, **changes}
        return self.ask("POST", f"/api/v1/tasks/{task['id']}/result", body)


@contextmanager
def serving(folder, database=None, **options):
    """Run a server for the block."""
    server = Server(folder, database, **options).start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def agent(server, name="a1", *words, **extra):
    """Run `styx agent` for the block; yield its process."""
    home = server.folder / f"home-{name}"
    with (server.folder / f"{name}.log").open("a") as log:
        process = subprocess.Popen(
            [STYX, "agent", "--name", name, "--poll", "0.2", *words],
            env=environment(home, STYX_SERVER_URL=server.url, **extra), stderr=log, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
