"""Records and separate processes for the tests of the state."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from styx.host import Host
from styx.state import ClusterRecord, Store


@pytest.fixture(autouse=True)
def a_machine_of_its_own(tmp_path_factory, monkeypatch):
    """Keep the slots that these tests claim from whatever else runs here."""
    monkeypatch.setenv("TMPDIR", str(tmp_path_factory.mktemp("machine")))
    monkeypatch.setattr("tempfile.tempdir", None)


def _record(name: str = "hello", **changes: Any) -> ClusterRecord:
    values: dict[str, Any] = {
        "name": name,
        "folder": Path("/somewhere/infra") / name,
        "cloud": "local",
        "region": "here",
        "status": "up",
        "num_nodes": 2,
        "spec_file": "hello.yaml",
        "spec_digest": "abc",
        "hourly_usd": 0.0,
        "hosts": (
            Host(f"{name}-head", "head", 0, "head", "i-0", "127.77.1.1", folder="/somewhere/head"),
            Host(f"{name}-worker-1", "worker", 1, "worker", "i-1", "127.77.1.2", zone="a"),
        ),
        "rendering": "def",
        "owner": "ann",
    }
    return ClusterRecord(**values | changes)


@pytest.fixture
def record() -> Callable[..., ClusterRecord]:
    """Return a maker of records: a live two-node cluster unless told otherwise."""
    return _record


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a state folder that is not there yet."""
    return tmp_path / "state"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    """Return an open store in `folder`."""
    with Store.open(folder) as opened:
        yield opened


@pytest.fixture
def python() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Return a starter of Python code in a process of its own, ended with the test."""
    started = []

    def start(code: str, *arguments: object) -> "subprocess.Popen[str]":
        argv = [sys.executable, "-c", code, *map(str, arguments)]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()
