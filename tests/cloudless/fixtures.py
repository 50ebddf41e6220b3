"""The pytest fixture `cloudless`: a cloud of its own for each test."""

import json
import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cloudless import google_api, lambda_api, mirror
from tests.cloudless.api import Api, serve
from tests.cloudless.faults import Fault
from tests.cloudless.ledger import Entry
from tests.cloudless.world import World

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer

SHARED_SCHEMAS = mirror.HERE.parent.parent.parent / "shared" / "schemas"
"""Whole schemas of the real providers, where the project's neighbours have them."""


APIS = {
    "gcp": (
        google_api.answer,
        {"GOOGLE_COMPUTE_CUSTOM_ENDPOINT": "{url}/compute/v1/", "GOOGLE_OAUTH_ACCESS_TOKEN": "t"},
    ),
    "lambda": (lambda_api.answer, {"LAMBDALABS_ENDPOINT": "{url}/api/v1"}),
}
"""Cloud → what answers for it, and the environment that leads its own clients there."""


class Cloudless:
    """What a test can see of the cloud, and do to it while terraform runs."""

    def __init__(self, folder: Path, images: "Images"):
        self._mirror = folder / "mirror"
        self._images = images
        self._world = World(folder / "world")
        self._world.folder.mkdir(parents=True)
        self.ledger = self._world.ledger
        """What exists."""
        self.env = {
            "TF_CLI_CONFIG_FILE": str(mirror.write_mirror(self._mirror)),
            "CHECKPOINT_DISABLE": "1",
            "GOOGLE_PROJECT": "styx-tests",
            "ARM_SUBSCRIPTION_ID": "00000000-0000-4000-8000-000000000001",
            "LAMBDALABS_API_KEY": "secret_styx_tests",
            "NEBIUS_IAM_TOKEN": "styx-tests",
            "NEBIUS_PROJECT_ID": "project-e00styxtests",
            "STYX_SWEEP": "false",
        }
        """What terraform, or a styx that runs it, needs in its environment beside the usual: nobody answers for what
        exists here, until `api` is called."""
        self._servers: list[ThreadingHTTPServer] = []
        self.schemas("own")

    def api(self, cloud: str, **more: Any) -> Api:
        """Start the cloud's own API on what exists here, and let `env` lead to it; more: hidden_s, busy."""
        answer, env = APIS[cloud]
        api = Api(self._world, answer, **more)
        self._servers.append(serve(api))
        self.env |= {name: value.format(url=api.url) for name, value in env.items()} | {"STYX_SWEEP": "true"}
        self.env |= {"NO_PROXY": "localhost", "no_proxy": "localhost"}
        return api

    def close(self) -> None:
        """Let nobody answer any more."""
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def schemas(self, which: str) -> None:
        """Serve the schemas of our own cuts ("own") or those of ../shared/schemas ("shared"); skips without these."""
        mirror.serve(self._mirror, self._images.folder(which), self._world.folder)

    def calls(self, call: str = "*", kind: str = "*") -> list[dict[str, str]]:
        """Return what was asked of the cloud so far: create, update or delete; type, id and name of a resource."""
        found = self._world.calls()
        return [each for each in found if call in ("*", each["call"]) and kind in ("*", each["type"])]

    def fail(self, kind: str, type: str, name: str = "*", **more: Any) -> None:  # noqa: A002 - Terraform's own word
        """Let something go wrong from now on, in resources of this type and name (patterns).

        `kind` is one that the provider's faults.toml words: no_capacity, quota, credentials, invalid, …; or
        provider_killed, terraform_killed: in the middle of a create, the resource exists and nobody hears of it.
        More: on, times, text, as faults.Fault has them.
        """
        self._add(Fault(uuid.uuid4().hex, kind, type, name, **more))

    def slow(self, seconds: float, type: str, name: str = "*") -> None:  # noqa: A002
        """Let creates last: the resource exists at once, and terraform hears of it after that time."""
        self._add(Fault(uuid.uuid4().hex, "slow", type, name, seconds=seconds))

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        self._world.write("faults", [])

    def remove(self, type: str, name: str) -> Entry:  # noqa: A002
        """Take one resource away behind terraform's back: a machine gone."""
        entry = next(entry for entry in self.ledger.entries(type) if name in (entry.name, entry.id))
        self.ledger.remove(type, entry.id)
        return entry

    def addresses(self, of_machines: dict[str, str | dict[str, str]]) -> None:
        """Give machines these addresses, by name: one for both sides, or {"private": …, "public": …}."""
        self._world.write("addresses", of_machines)

    def have(self, type: str, **attributes: Any) -> None:  # noqa: A002
        """Let a data source find this too: an existing network, a newer image; the newest row comes first."""
        rows = self._world.read("lookups") or {}
        rows[type] = [attributes, *rows.get(type, [])]
        self._world.write("lookups", rows)

    def lack(self, type: str, **attributes: Any) -> None:  # noqa: A002
        """Let a data source no longer find what has these attributes."""
        rows = self._world.read("missing") or {}
        rows[type] = [*rows.get(type, []), attributes]
        self._world.write("missing", rows)

    def _add(self, fault: Fault) -> None:
        faults = self._world.read("faults") or []
        self._world.write("faults", [*faults, {name: getattr(fault, name) for name in Fault.__slots__}])


class Images:
    """The providers in the form that is served, made once for all tests."""

    def __init__(self, folder: Path):
        self._folder = folder

    def folder(self, which: str) -> Path:
        """Return where those of our own cuts are, or those of the shared schemas; skips the test without these."""
        folder = self._folder / which
        if not folder.is_dir():
            mirror.write_images(folder, _shared() if which == "shared" else _own())
        return folder


def _own() -> dict[str, dict[str, Any]]:
    return {name: mirror.cut(name) for name in mirror.providers()}


def _shared() -> dict[str, dict[str, Any]]:
    """Return the real providers' schemas, and of our own cuts what these leave out."""
    if not SHARED_SCHEMAS.is_dir():
        pytest.skip(f"no schemas of the real providers in {os.path.relpath(SHARED_SCHEMAS)}")
    found = _own()
    for name, schema in found.items():
        real = next(iter(json.loads((SHARED_SCHEMAS / f"{name}.json").read_text())["provider_schemas"].values()))
        for section in ("resource_schemas", "data_source_schemas"):
            schema[section] |= real[section]
    return found


@pytest.fixture(scope="session")
def cloudless_images(tmp_path_factory):
    """Hold the providers that are served, for the session."""
    return Images(tmp_path_factory.mktemp("cloudless"))


@pytest.fixture
def cloudless(tmp_path, cloudless_images):
    """Give a cloud that is none, empty."""
    cloud = Cloudless(tmp_path / "cloudless", cloudless_images)
    yield cloud
    cloud.close()
