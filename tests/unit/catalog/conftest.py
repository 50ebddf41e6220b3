"""Planted offers, a folder of facts to build from, and a price feed on loopback."""

import csv
import gzip
import io
import json
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from styx.offer import Offer

GOOD = Offer(
    cloud="aws", region="us-east-1", instance_type="m9.large", vcpus=2, memory_gib=8,
    zones=("us-east-1a",), hourly_usd=0.1, spot_hourly_usd=0.04, price_kind="list", spot_kind="list",
    price_as_of="2026-01-01",
)  # fmt: skip

COLUMNS = (
    "cloud", "region", "zones", "instance_type", "vcpus", "memory_gib", "accelerator", "accelerator_count",
    "gpu_memory_gib", "arch", "price", "spot_price", "price_kind", "spot_kind", "price_as_of",
)  # fmt: skip


def offer(**changes):
    return replace(GOOD, **changes)


def row(**changes):
    good = {
        "cloud": "aws", "region": "us-east-1", "zones": "us-east-1a|us-east-1b", "instance_type": "m9.large",
        "vcpus": 2, "memory_gib": 8, "arch": "x86_64", "price": 0.1, "spot_price": 0.04, "price_kind": "list",
        "spot_kind": "list", "price_as_of": "2026-01-01",
    }  # fmt: skip
    return good | changes


def write_facts(folder, *rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    (folder / "offers.csv.gz").write_bytes(gzip.compress(text.getvalue().encode()))
    rates = "region,instance_type,saving_pct,interruption_band\nus-east-1,m9.large,60,2\n"
    (folder / "aws_spot_interruption.csv.gz").write_bytes(gzip.compress(rates.encode()))
    return folder


@pytest.fixture
def facts(tmp_path):
    """Return a folder with the facts of two machines."""
    folder = tmp_path / "facts"
    folder.mkdir()
    return write_facts(folder, row(), row(instance_type="m9.xlarge", vcpus=4, memory_gib=16, price=0.2, spot_price=""))


class Server(ThreadingHTTPServer):
    """Answers each path with its planned answers in turn; the last one again and again."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.plans = defaultdict(list)
        self.asked = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def plan(self, path, *answers):
        """Plan answers: JSON values, text, or (status, headers, text, seconds before it, bytes cut off)."""
        self.plans[path] = [_whole(answer) for answer in answers]


def _whole(answer):
    if isinstance(answer, tuple):
        status, headers, text, *rest = answer
        pause_s, cut = [*rest, 0, 0][:2]
        return status, headers, text.encode(), pause_s, cut
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return 200, {}, text.encode(), 0, 0


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = urlsplit(self.path)
        self.server.asked.append((asked.path, asked.query, self.headers.get("Authorization", "")))
        plans = self.server.plans[asked.path]
        if not plans:
            self.send_error(404)
            return
        status, headers, body, pause_s, cut = plans.pop(0) if len(plans) > 1 else plans[0]
        time.sleep(pause_s)
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) - cut])
        except BrokenPipeError:
            pass  # the client gave up first, as a test of its timeout wants

    def log_message(self, *_args):
        pass


@contextmanager
def serving():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def feed_server():
    """Yield a feed's server on loopback."""
    with serving() as server:
        yield server


@pytest.fixture
def planted():
    """Return the functions that make planted offers, rows and facts."""

    class Planted:
        pass

    Planted.offer, Planted.row, Planted.write_facts = staticmethod(offer), staticmethod(row), staticmethod(write_facts)
    return Planted
