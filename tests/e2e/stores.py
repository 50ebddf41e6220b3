"""Where tests keep Terraform states: a real PostgreSQL and an emulated S3, each of a test run's own, on loopback."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.user import CACHE

MOTO = "5.2.5"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def postgres_programs():
    """Return the folder of PostgreSQL's programs, the newest when there are several."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    assert found, "PostgreSQL is missing: .ci/system-packages installs it"
    return found[-1].parent


@contextmanager
def postgres(password):
    """Run a PostgreSQL with the user `styx`; yield its port."""
    programs, port = postgres_programs(), free_port()
    # Not below pytest's folder, which only its owner may enter: as root the server runs as somebody else.
    folder = Path(tempfile.mkdtemp(prefix="styx-postgres-"))
    secret, data = folder / "password", folder / "data"
    secret.write_text(password)
    as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if as_user:
        for path in (folder, secret):
            shutil.chown(path, "postgres")

    def run(*words):
        subprocess.run([*as_user, *map(str, words)], cwd=folder, check=True, stdout=subprocess.DEVNULL)

    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    try:
        run(
            programs / "initdb", "-D", data, "-U", "styx", "-A", "scram-sha-256", "--pwfile", secret, "--no-sync",
            "-E", "UTF8", "--locale", "C",
        )  # fmt: skip
        run(programs / "pg_ctl", "-D", data, "-w", "-t", "120", "-o", options, "-l", folder / "log", "start")
        try:
            yield port
        finally:
            run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


def _moto():
    """Return the program moto_server, installed at the first use into an environment that later runs find again."""
    folder = CACHE / f"moto-{MOTO}-py{sys.version_info.major}.{sys.version_info.minor}"
    program = folder / "bin" / "moto_server"
    if not program.exists():
        venv.create(folder, with_pip=True, clear=True)
        words = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-compile"]
        subprocess.run([*words, f"moto[s3]=={MOTO}", "flask", "flask-cors"], check=True)
    return program


@contextmanager
def emulated_s3(bucket):
    """Run an emulated S3 that has one bucket; yield its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([_moto(), "-H", "127.0.0.1", "-p", str(port)], **quiet)
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                put(f"{address}/{bucket}")
                break
            except OSError:
                assert server.poll() is None, "moto_server ended"
                assert time.monotonic() < deadline, "moto_server does not answer"
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()


def put(address, body=b""):
    """PUT `body` at `address`, as one does in S3."""
    headers = {"Content-Type": "application/json"}  # a form, which urllib says otherwise, is taken apart
    with urllib.request.urlopen(urllib.request.Request(address, body, headers, method="PUT")) as answer:
        return answer.status
