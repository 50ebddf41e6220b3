"""A task server under load, kills, cut replies, slow clients and strangers: FAULTS part D over real HTTP."""

import asyncio
import http.client
import json
import os
import random
import socket
import ssl
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.e2e import stores, tasks
from tests.e2e.crowd import Connection, do_all, submit_all
from tests.e2e.user import STYX

TASKS = 4000
DAY = timedelta(days=1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.emulated)])
def database(request, tmp_path):
    if request.param == "sqlite":
        yield str(tmp_path / "tasks.db")
        return
    with stores.postgres("tasks") as port:
        yield f"postgresql://styx:tasks@127.0.0.1:{port}/postgres"


@pytest.fixture
def server(tmp_path):
    with tasks.serving(tmp_path) as running:
        yield running


def test_fifty_agents_get_each_task_once_and_none_is_lost(tmp_path, database):
    with tasks.serving(tmp_path, database) as server:
        ids = asyncio.run(submit_all([server.port], TASKS))
        claimed, done, _ = asyncio.run(do_all([server.port], TASKS))
        assert sorted(done) == sorted(ids)
        assert set(claimed.values()) | set(done.values()) == {1}
        assert server.ask("GET", "/api/v1/tasks/pending")[1]["tasks"] == []
        assert f'styx_tasks{{state="succeeded"}} {TASKS}' in server.ask("GET", "/metrics")[1]


@pytest.mark.emulated
def test_two_servers_of_one_database_share_the_work(tmp_path):
    with (
        stores.postgres("tasks") as port,
        tasks.serving(tmp_path / "one", f"postgresql://styx:tasks@127.0.0.1:{port}/postgres") as one,
        tasks.serving(tmp_path / "two", one.database) as two,
    ):
        ports = [one.port, two.port]
        ids = asyncio.run(submit_all(ports, 1000))
        claimed, done, _ = asyncio.run(do_all(ports, 1000))
        assert sorted(done) == sorted(ids)
        assert set(claimed.values()) | set(done.values()) == {1}


class Load:
    """Submits and does tasks without end, and remembers what the server acknowledged."""

    def __init__(self, server):
        self.server, self.going = server, True
        self.submitted, self.reported = [], []

    async def submit(self, number):
        connection, one = Connection(self.server.port), 0
        while self.going:
            body = {"command": "true", "idempotency_key": f"{number}-{one}"}
            _, told = await connection.insist("/api/v1/tasks", body)
            self.submitted.append(told["id"])
            one += 1

    async def work(self, number):
        connection, name = Connection(self.server.port), f"a{number}"
        while self.going:
            body = {"agent": name, "max": 3, "request": os.urandom(8).hex()}
            _, told = await connection.insist("/api/v1/tasks/claim", body)
            for task in told["tasks"]:
                body = {"agent": name, "lease": task["lease"], "attempt": task["attempt"], "exit_code": 0}
                status, told_back = await connection.insist(f"/api/v1/tasks/{task['id']}/result", body)
                assert (status, told_back["state"]) == (200, "succeeded")
                self.reported.append(task["id"])

    async def run(self):
        await asyncio.gather(*(self.submit(number) for number in range(3)), *(self.work(number) for number in range(3)))

    def kill_and_start(self, times):
        for _ in range(times):
            enough = len(self.submitted) + random.randint(10, 40), len(self.reported) + random.randint(5, 20)
            while len(self.submitted) < enough[0] or len(self.reported) < enough[1]:
                time.sleep(0.005)
            self.server.kill()
            self.server.process.stdout.close()
            self.server.start()
        self.going = False


def all_states(server):
    known, cursor = {}, ""
    while cursor is not None:
        page = server.ask("GET", f"/api/v1/tasks?limit=500{cursor}")[1]
        known |= {task["id"]: task["state"] for task in page["tasks"]}
        cursor = f"&cursor={page['next']}" if page["next"] else None
    return known


def test_kills_under_load_lose_nothing_that_was_acknowledged(tmp_path, database):
    server = tasks.Server(tmp_path, database).start()
    load = Load(server)
    killer = threading.Thread(target=load.kill_and_start, args=(5 if "://" in database else 20,))
    killer.start()
    asyncio.run(load.run())
    killer.join()
    known = all_states(server)
    server.stop()
    assert len(load.submitted) == len(set(load.submitted))
    assert not set(load.submitted) - set(known)
    assert {known[task_id] for task_id in load.reported} == {"succeeded"}
    assert len(load.reported) == len(set(load.reported))


def test_a_reply_that_was_lost_is_the_same_when_it_is_asked_for_again(server):
    def lose_the_reply(path, body):
        data = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
            connection.recv(1)  # it was done; the rest of the reply is never read

    wish = {"command": "true", "idempotency_key": "once", "retries": 1}
    lose_the_reply("/api/v1/tasks", wish)
    status, told = server.ask("POST", "/api/v1/tasks", wish)
    assert status == 200
    claim = {"agent": "a1", "request": "0123456789abcdef"}
    lose_the_reply("/api/v1/tasks/claim", claim)
    (task,) = server.ask("POST", "/api/v1/tasks/claim", claim)[1]["tasks"]
    assert (task["id"], task["attempt"]) == (told["id"], 1)
    result = {"agent": "a1", "lease": task["lease"], "attempt": 1, "exit_code": 1}
    lose_the_reply(f"/api/v1/tasks/{task['id']}/result", result)
    assert server.ask("POST", f"/api/v1/tasks/{task['id']}/result", result) == (
        200, {"id": task["id"], "state": "queued", "cancelling": False},
    )  # fmt: skip


def test_what_is_too_large_is_refused_and_slow_clients_keep_nobody_waiting(server):
    assert server.ask("POST", "/api/v1/tasks", b" " * (3 << 20))[0] == 413
    endless = (b" " * 65536 for _ in range(64))
    with suppress(BrokenPipeError, ConnectionResetError):
        assert server.ask("POST", "/api/v1/tasks", endless)[0] == 413
    slow = []
    for _ in range(100):
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(b"POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{")
        slow.append(connection)
    begin = time.monotonic()
    for _ in range(20):
        server.submit()
    assert time.monotonic() - begin < 2
    for connection in slow:
        connection.close()


def test_replies_that_refuse_say_why_and_what_next(server):
    task_id = server.submit()
    body = {"agent": "a1", "lease": "0123456789abcdef", "attempt": 1, "exit_code": 0}
    status, told = server.ask("POST", f"/api/v1/tasks/{task_id}/result", body)
    assert (status, told["status"], told["state"], told["title"]) == (409, 409, "queued", "Conflict")
    assert "never claimed" in told["detail"]
    assert "claim" in told["hint"]
    for hostile in ("..%2f..%2fetc", "%00", "a'b;--", "x" * 400, "é"):
        assert server.ask("GET", f"/api/v1/tasks/{hostile.encode('ascii', 'replace').decode()}")[0] in {404, 422}
    assert server.ask("GET", "/api/v1/tasks/0123456789")[0] == 404
    assert server.ask("POST", "/api/v1/tasks", b"{")[0] == 400
    assert server.ask("POST", "/api/v1/tasks", b"[" * 100_000)[0] in {400, 422}
    assert server.ask("POST", "/api/v1/tasks", {"command": "x", "env": {"A": "\0"}})[0] == 422
    assert server.ask("GET", "/nothing")[1]["title"] == "Not Found"
    assert server.ask("DELETE", "/api/v1/tasks")[0] == 405


def test_a_page_in_a_browser_cannot_reach_a_server_without_tokens(server):
    wish = {"command": "true"}
    assert server.ask("POST", "/api/v1/tasks", wish, Origin="http://evil.example")[0] == 403
    assert server.ask("POST", "/api/v1/tasks", wish, Host="evil.example")[0] == 403
    assert server.ask("POST", "/api/v1/tasks", b'{"command": "true"}', **{"Content-Type": "text/plain"})[0] == 422
    own = f"127.0.0.1:{server.port}"
    assert server.ask("GET", "/api/v1/tasks", Host="[::1")[0] == 403
    assert server.ask("GET", "/api/v1/tasks", Origin="http://[bad", Host=own)[0] == 403
    assert server.ask("POST", "/api/v1/tasks", wish, Origin=f"http://{own}", Host=own)[0] == 201


def token(server, name, role):
    words = ["token", "create", name, "--role", role, "--database", server.database]
    done = subprocess.run([STYX, *words], env=tasks.environment(server.folder), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_tokens_open_what_their_role_says_and_no_more(tmp_path):
    server = tasks.Server(tmp_path)
    read, submit, agent, other, admin = (
        token(server, *who)
        for who in (("r", "read"), ("s", "submit"), ("a1", "agent"), ("a2", "agent"), ("root", "admin"))
    )
    server.start()
    try:
        wish = {"command": "true"}
        codes = [
            server.ask("POST", "/api/v1/tasks", wish, one)[0] for one in (None, "styx_x", read, agent, submit, admin)
        ]
        assert codes == [401, 401, 403, 403, 201, 201]
        claims = [
            server.ask("POST", "/api/v1/tasks/claim", {"agent": "a1"}, one)[0] for one in (None, submit, other, agent)
        ]
        assert claims == [401, 403, 403, 200]
        (task,) = server.ask("POST", "/api/v1/tasks/claim", {"agent": "a1-x"}, agent)[1]["tasks"]
        result = {"agent": "a1-x", "lease": task["lease"], "attempt": 1, "exit_code": 0}
        path = f"/api/v1/tasks/{task['id']}"
        assert server.ask("POST", f"{path}/result", result, other)[0] == 403
        assert server.ask("POST", f"{path}/result", {**result, "agent": "a2"}, other)[0] == 409
        assert server.ask("POST", f"{path}/result", result, agent)[0] == 200
        assert [server.ask("GET", path, None, one)[0] for one in (None, read)] == [401, 200]
        assert [server.ask("GET", "/metrics", None, one)[0] for one in (None, read)] == [401, 200]
        assert server.ask("GET", "/healthz")[0] == 200
        words = ["token", "revoke", "r", "--database", server.database]
        subprocess.run([STYX, *words], env=tasks.environment(tmp_path), check=True, capture_output=True)
        time.sleep(2.5)
        assert server.ask("GET", path, None, read)[0] == 401
        kept = b"".join(path.read_bytes() for path in tmp_path.glob("tasks.db*"))
        assert not [one for one in (read, submit, agent, other, admin) if one.encode() in kept]
    finally:
        server.stop()


def certificate(folder):
    """Write a key and a certificate for localhost; return the server's options for them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + DAY)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (folder / "cert.pem").write_bytes(pem)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    return {"tls_certificate": folder / "cert.pem", "tls_key": folder / "key.pem"}


def test_others_are_served_with_tokens_and_tls_only(tmp_path):
    def refused(*words):
        done = subprocess.run([STYX, "server", "--port=0", f"--database={tmp_path / 'tasks.db'}", *words],
                              env=tasks.environment(tmp_path), capture_output=True, text=True, timeout=30)  # fmt: skip
        assert done.returncode == 2
        return done.stderr

    assert "without tokens" in refused("--host=0.0.0.0")
    server = tasks.Server(tmp_path, host="0.0.0.0")
    made = token(server, "s", "submit")
    assert "without TLS" in refused("--host=0.0.0.0")
    server.options |= certificate(tmp_path)
    server.start()
    try:
        trusting = ssl.create_default_context(cafile=tmp_path / "cert.pem")
        connection = http.client.HTTPSConnection("localhost", server.port, context=trusting, timeout=30)
        connection.request("GET", "/api/v1/agents", headers={"Authorization": f"Bearer {made}"})
        assert json.loads(connection.getresponse().read()) == {"agents": []}
        connection.close()
        words = [STYX, "tasks", "list", "--json", "--server", f"https://localhost:{server.port}"]
        for authority, code in ((tmp_path / "cert.pem", 0), (tmp_path / "missing.pem", 2)):
            known = tasks.environment(tmp_path, STYX_TOKEN=made, SSL_CERT_FILE=str(authority))
            assert subprocess.run(words, env=known, capture_output=True, timeout=60).returncode == code
    finally:
        server.stop()


def test_a_server_without_work_is_small(server):
    server.submit()
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    assert resident < 120 * 1024


def test_logs_of_a_hundred_tasks_go_through_without_staying(server):
    def resident():
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024

    def stream(task):
        for number in range(8):
            query = f"agent=a1&lease={task['lease']}&attempt=1&position={number << 17}"
            path = f"/api/v1/tasks/{task['id']}/log?{query}"
            kind = {"Content-Type": "application/octet-stream"}
            assert server.ask("POST", path, bytes([65 + number]) * (1 << 17), **kind)[0] == 200
        assert len(server.log(task["id"])) == 1 << 20

    def some(tasks):
        with ThreadPoolExecutor(10) as pool:
            list(pool.map(stream, tasks))

    for _ in range(130):
        server.submit()
    held = [*server.claim(max=100), *server.claim(max=100)]
    some(held[:30])
    before = resident()
    some(held[30:])
    assert resident() < before + 10
