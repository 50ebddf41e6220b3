"""Clouds of their own for each test: a ledger, and the API that looks at it."""

import pytest

from tests.cloudless import google_api, lambda_api
from tests.cloudless.api import Api, serve
from tests.cloudless.world import World

ANSWERS = {"gcp": google_api.answer, "lambda": lambda_api.answer}


@pytest.fixture
def api(tmp_path):
    """Return a function that starts a cloud's API on an empty world."""
    servers = []

    def start(cloud, **more):
        (tmp_path / "world").mkdir()
        made = Api(World(tmp_path / "world"), ANSWERS[cloud], **more)
        servers.append(serve(made))
        return made

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
