"""`styx catalog`: what each command prints and which code it ends with."""

import json
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from styx import paths
from styx.catalog import held
from styx.cli.main import main
from styx.clouds import Feed
from styx.offer import Offer


@pytest.fixture
def styx(capsys):
    def run(*words):
        code = main(["catalog", *map(str, words)])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_build_says_what_it_mended_and_made(styx, facts, tmp_path):
    code, out, err = styx("build", "--source", facts, "--out", tmp_path / "out")
    assert code == 0
    assert "digest: " in out
    assert "instance_types.json.gz; without it the catalog lacks the local disks of AWS" in err
    assert styx("lint", tmp_path / "out")[:2] == (0, "17 rules, 0 findings\n")


def test_build_refuses_with_the_codes_of_its_faults(styx, planted, facts, tmp_path):
    assert styx("build", "--source", tmp_path, "--out", tmp_path / "out")[0] == 2
    planted.write_facts(facts, planted.row(price=700))
    code, _, err = styx("build", "--source", facts, "--out", tmp_path / "out")
    assert code == 8
    assert "sentinel_price" in err


def test_lint_ends_with_8_when_it_finds_something(styx, facts, tmp_path):
    out = tmp_path / "out"
    styx("build", "--source", facts, "--out", out)
    told = json.loads((out / "manifest.json").read_text())
    told["clouds"]["aws"]["rows"] = 1
    (out / "manifest.json").write_text(json.dumps(told))
    code, text, _ = styx("lint", out, "--json")
    assert code == 8
    assert json.loads(text)[0]["rule"] == "manifest"
    assert styx("lint", out)[0] == 8
    assert styx("lint", tmp_path / "nowhere")[0] == 8


def test_info_names_origin_age_and_overlay(styx):
    code, text, _ = styx("info", "--json")
    found = json.loads(text)
    assert code == 0
    assert {one["cloud"] for one in found["clouds"]} == {"aws", "azure", "gcp", "lambda", "nebius"}
    assert {one["origin"] for one in found["clouds"]} == {"shipped"}
    assert found["overlay"] is None
    paths.config().mkdir(parents=True)
    (paths.config() / "overlay.yaml").write_text("hidden: [{cloud: gcp}]")
    code, text, _ = styx("info")
    assert code == 0
    assert "overlay.yaml" in text
    (paths.config() / "overlay.yaml").write_text("hiden: []")
    assert styx("info")[0] == 2


def test_refresh_of_a_cloud_without_credentials_fails_and_says_so(styx, monkeypatch):
    monkeypatch.delenv("LAMBDALABS_API_KEY", raising=False)
    code, out, err = styx("refresh", "--cloud", "lambda")
    assert code == 5
    assert "its old prices stand" in out
    assert "LAMBDALABS_API_KEY" in out
    assert "lambda: asking its price feed" in err
    code, out, err = styx("refresh", "--cloud", "lambda", "--json")
    assert json.loads(out)[0]["error"]["kind"] == "CredentialError"
    assert not err
    assert not (held.fetched("lambda") / "manifest.json").exists()


def test_refresh_of_a_cloud_without_a_feed_is_refused(styx):
    code, _, err = styx("refresh", "--cloud", "nebius")
    assert code == 2
    assert "aws, azure, gcp, lambda" in err


class Interrupting(ThreadingHTTPServer):
    """Answers a price list, and interrupts this process when a second one is asked for."""

    daemon_threads = True


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/first":
            os.kill(os.getpid(), signal.SIGINT)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_args):
        pass


def test_an_interrupted_refresh_says_what_it_kept(styx, monkeypatch):
    offer = Offer("aws", "us-east-1", "m5.large", 2, 8, hourly_usd=0.096, price_kind="list")
    server = Interrupting(("127.0.0.1", 0), _Answers)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def feed(path):
        return Feed({"prices": url}, lambda http, hosts, _known: [http.json(hosts["prices"] + path)] and [offer])

    monkeypatch.setattr("styx.catalog.refresh.feeds", lambda _asked: {"aws": feed("/first"), "gcp": feed("/second")})
    try:
        code, out, err = styx("refresh")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert code == 130
    assert "aws: 1 offers fetched" in out
    assert "interrupted: the new prices of aws are kept; the old prices of gcp stand" in err
    assert "styx catalog refresh --cloud gcp" in err
    assert (held.fetched("aws") / "manifest.json").exists()
    assert not (held.fetched("gcp") / "manifest.json").exists()
