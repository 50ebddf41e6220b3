"""Looking at a cloud in a process of its own: what it finds, what it ends, and how it fails."""

import pytest

from styx import clouds
from styx.errors import CredentialError
from styx.lifecycle import remains
from styx.lifecycle.remains import Place
from tests.cloudless import lambda_api
from tests.cloudless.api import Api, serve
from tests.cloudless.world import World

KEY = "canary-api-key"


@pytest.fixture
def cloud(tmp_path, monkeypatch):
    (tmp_path / "world").mkdir()
    api = Api(World(tmp_path / "world"), lambda_api.answer)
    server = serve(api)
    monkeypatch.setenv("LAMBDALABS_API_KEY", KEY)
    monkeypatch.setenv("LAMBDALABS_ENDPOINT", f"{api.url}/api/v1")
    monkeypatch.setenv("NO_PROXY", "localhost")
    row = {"id": "m-1", "name": "train-head", "region_name": "us-east-1", "ssh_key_names": ["train-0123abcd"]}
    api.world.ledger.put("lambdalabs_instance", "m-1", row)
    yield api
    server.shutdown()
    server.server_close()


def place():
    return Place(clouds.by_id("lambda"), "train")


def test_what_is_found_is_ended_and_seen_gone(cloud):
    (found,) = remains.find(place())
    assert (found.id, found.cluster, found.region, found.holds_data) == ("m-1", "train", "us-east-1", True)
    assert remains.clear(place(), ["m-1"], 60) == []
    with remains.looking(place()) as look:
        assert look.found() == []


def test_what_is_not_ended_in_time_is_left_with_the_reason(cloud):
    cloud.refused["m-1"] = (403, {"error": {"message": "it is protected"}})
    (left,) = remains.clear(place(), ["m-1"], 0)
    assert (left.found.id, left.why) == ("m-1", "it is protected")


def test_a_refusal_is_an_error_that_tells_no_secret(cloud):
    cloud.answer = lambda _api, _asked: (401, {"error": {"message": f"the key {KEY} has expired"}})
    with pytest.raises(CredentialError, match=r"the key \S+ has expired") as caught:
        remains.find(place())
    assert KEY not in caught.value.message
