"""The Python packages of the hosts, served on the bridge: the same wheels each time, whatever the network does."""

import fcntl
import functools
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import yaml

from styx import paths
from tests.hosts.farm import Farm


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def ray_version() -> str:
    """Return the version that the role ray installs."""
    defaults = yaml.safe_load((paths.playbooks() / "roles" / "ray" / "defaults" / "main.yml").read_text())
    return str(defaults["ray_version"])


def fetched(cache: Path, python: str) -> Path:
    """Return a folder with the wheels of Ray and all that it needs, fetched when it is not in `cache`.

    One process at a time does it.
    """
    folder = cache / f"wheels-ray-{ray_version()}-{python}"
    with (cache / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            making = cache / f"{folder.name}.making"
            words = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", making]
            words += ["--only-binary=:all:", "--python-version", python]
            subprocess.run([*words, f"ray[default]=={ray_version()}", "pip", "setuptools", "wheel"], check=True)
            making.rename(folder)
    return folder


@contextmanager
def served(farm: Farm, cache: Path) -> Iterator[None]:
    """Let the farm's hosts, those that are there now, take their Python packages from this machine alone."""
    handler = functools.partial(_Quiet, directory=str(fetched(cache, farm.system.python)))
    server = ThreadingHTTPServer((farm.address, 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place = f"http://{farm.address}:{server.server_address[1]}/"
    for node in farm.nodes:
        (node.root / "etc" / "pip.conf").write_text(
            f"[global]\nno-index = true\nfind-links = {place}\ntrusted-host = {farm.address}\n"
        )
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
