"""Stopping and starting machines of Azure, with the real azure-core, against answers as its API documents them."""

import pytest

from styx.clouds.azure.check import Manager
from styx.clouds.azure.power import Switch
from styx.clouds.azure.sweep import SignedIn
from styx.errors import CapacityError, CredentialError, HostError
from styx.host import Host

GROUP = "/subscriptions/s/resourceGroups/styx-c/providers/Microsoft.Compute/virtualMachines"
HOSTS = tuple(Host(name, "head", 0, "g", f"{GROUP}/c-{name}", "10.0.0.1") for name in ("a", "b"))
DONE = "ProvisioningState/succeeded"


@pytest.fixture
def azure(serve):
    server = serve()
    for host in HOSTS:
        for verb in ("deallocate", "start"):
            server.answers["POST", f"{host.id}/{verb}"] = (202, {})
    return server


def shows(azure, number, *states, message=""):
    statuses = [{"code": state, "displayStatus": state, "message": message} for state in states]
    azure.answers["GET", f"{HOSTS[number].id}/instanceView"] = (200, {"statuses": statuses})


def switch(azure):
    return Switch(SignedIn(Manager(azure.url), "az login"), poll_s=0.01)


def posted(azure):
    return [path.removeprefix(f"{GROUP}/") for method, path, *_ in azure.asked if method == "POST"]


def test_machines_are_deallocated_not_only_switched_off(azure):
    for number in range(2):
        shows(azure, number, DONE, "PowerState/deallocated")
    switch(azure).stop(HOSTS)
    assert posted(azure) == ["c-a/deallocate", "c-b/deallocate"]


def test_machines_are_started(azure):
    for number in range(2):
        shows(azure, number, DONE, "PowerState/running")
    switch(azure).start(HOSTS)
    assert posted(azure) == ["c-a/start", "c-b/start"]


def test_no_room_is_a_lack_of_capacity(azure):
    message = "Allocation failed. We do not have sufficient capacity"
    shows(azure, 0, "ProvisioningState/failed/AllocationFailed", "PowerState/deallocated", message=message)
    with pytest.raises(CapacityError, match="a: AllocationFailed: Allocation failed"):
        switch(azure).start(HOSTS[:1])


def test_no_room_may_be_told_at_once(azure):
    shows(azure, 0, DONE, "PowerState/deallocated")
    azure.answers["POST", f"{HOSTS[0].id}/start"] = (409, {"error": {"code": "SkuNotAvailable", "message": "not here"}})
    with pytest.raises(CapacityError, match="a: SkuNotAvailable: not here"):
        switch(azure).start(HOSTS[:1])


def test_a_refusal_is_told_in_the_clouds_words(azure):
    refused = {"error": {"code": "AuthorizationFailed", "message": "may not perform deallocate"}}
    azure.answers["POST", f"{HOSTS[0].id}/deallocate"] = (403, refused)
    with pytest.raises(HostError, match="a: AuthorizationFailed: may not perform deallocate"):
        switch(azure).stop(HOSTS[:1])


def test_a_cloud_that_cannot_be_reached(azure):
    gone = Switch(SignedIn(Manager("http://127.0.0.1:1", retries=0), "az login"))
    with pytest.raises(CredentialError, match="Azure cannot be reached"):
        gone.stop(HOSTS)
