"""Stopping and starting machines of Google Cloud, against answers as its API documents them."""

import pytest

from styx.clouds.gcp.power import power
from styx.errors import CapacityError, HostError
from styx.host import Host

ZONE = "projects/p/zones/us-central1-a"
HOSTS = tuple(Host(name, "head", 0, "g", f"{ZONE}/instances/{name}", "10.0.0.1") for name in ("a", "b"))


@pytest.fixture
def gcp(serve):
    """Give a project with two machines, whose operations end when they are waited for."""
    server = serve()
    for host in HOSTS:
        server.answers[("GET", f"/{host.id}")] = (200, {"status": "TERMINATED"})
        for verb in ("stop", "start"):
            server.answers[("POST", f"/{host.id}/{verb}")] = (200, {"name": f"{verb}-{host.name}", "status": "RUNNING"})
            server.answers[("POST", f"/{ZONE}/operations/{verb}-{host.name}/wait")] = (200, {"status": "DONE"})
    return server


def switch(gcp):
    return power({"GOOGLE_OAUTH_ACCESS_TOKEN": "t", "GOOGLE_COMPUTE_CUSTOM_ENDPOINT": f"{gcp.url}/"})


def asked(gcp):
    return [path.removeprefix(f"/{ZONE}/") for method, path, *_ in gcp.asked if method == "POST"]


@pytest.mark.parametrize("verb", ["stop", "start"])
def test_all_are_asked_then_all_are_waited_for(gcp, verb):
    getattr(switch(gcp), verb)(HOSTS)
    waits = [f"operations/{verb}-{name}/wait" for name in ("a", "b")]
    assert asked(gcp) == [f"instances/a/{verb}", f"instances/b/{verb}", *waits]
    assert gcp.asked[0][3]["authorization"] == "Bearer t"


def test_a_zone_without_room_is_a_lack_of_capacity(gcp):
    fault = {"code": "ZONE_RESOURCE_POOL_EXHAUSTED", "message": "no room"}
    gcp.answers[("POST", f"/{ZONE}/operations/start-b/wait")] = (200, {"status": "DONE", "error": {"errors": [fault]}})
    with pytest.raises(CapacityError, match="b: ZONE_RESOURCE_POOL_EXHAUSTED: no room"):
        switch(gcp).start(HOSTS)


def test_a_refusal_is_told_in_the_clouds_words(gcp):
    gcp.answers[("POST", f"/{HOSTS[0].id}/stop")] = (403, {"error": {"message": "compute.instances.stop is needed"}})
    with pytest.raises(HostError, match=r"compute\.instances\.stop is needed"):
        switch(gcp).stop(HOSTS)
