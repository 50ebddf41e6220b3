"""The Python packages of the hosts, served on the bridge: the same wheels each time, whatever the network does."""

import fcntl
import functools
import hashlib
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import yaml

from styx import paths
from tests.hosts.farm import Farm

CHECKOUT = Path(__file__).parents[2]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def ray_version() -> str:
    """Return the version that the role ray installs."""
    defaults = yaml.safe_load((paths.playbooks() / "roles" / "ray" / "defaults" / "main.yml").read_text())
    return str(defaults["ray_version"])


def fetched(cache: Path, python: str) -> Path:
    """Return a folder with the wheels of Ray and all that it needs, fetched when it is not in `cache`."""
    return _downloaded(cache / f"wheels-ray-{ray_version()}-{python}", python, [f"ray[default]=={ray_version()}"])


def fetched_for_styx(cache: Path, python: str) -> Path:
    """Return a folder with the wheels of all that Styx needs, and one of its source: not all of them have wheels."""
    needed = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["dependencies"]
    mark = hashlib.sha256("\n".join(needed).encode()).hexdigest()[:12]
    return _downloaded(cache / f"wheels-styx-{mark}-{python}", python, needed, built=("python-terraform",))


def _downloaded(folder: Path, python: str, needed: Sequence[str], built: Sequence[str] = ()) -> Path:
    """Return `folder` with the wheels of `needed`; one process at a time fetches them, and builds those of `built`."""
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            making = folder.with_name(f"{folder.name}.making")
            pip = [sys.executable, "-m", "pip", "--quiet"]
            for one in built:
                pinned = next(word for word in needed if word.startswith(one))
                subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", making, pinned], check=True)
            words = ["--only-binary=:all:", "--python-version", python, "--find-links", making]
            subprocess.run(
                [*pip, "download", "--dest", making, *words, *needed, "pip", "setuptools", "wheel"], check=True
            )
            making.rename(folder)
    return folder


@contextmanager
def served(farm: Farm, cache: Path, fetch: Callable[[Path, str], Path] = fetched) -> Iterator[None]:
    """Let the farm's hosts, those that are there now, take their Python packages from this machine alone."""
    handler = functools.partial(_Quiet, directory=str(fetch(cache, farm.system.python)))
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
