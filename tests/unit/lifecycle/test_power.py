"""What cannot be stopped is refused by name, before anything is asked of a cloud."""

import json

import pytest

from styx.cli.autostop import _minutes
from styx.errors import HostError, UsageError
from styx.host import Host
from styx.lifecycle.autostop import Wish, set_autostop
from styx.lifecycle.power import start_cluster, stop_cluster
from styx.lifecycle.session import Session
from styx.settings import Settings
from styx.state import ClusterRecord, Store
from styx.workdir import Workdir


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setenv("STYX_HOME", str(tmp_path))
    with Store.open() as store:
        yield Session(Settings(), store)


def stand(session, tmp_path, cloud, market="on_demand", hosts=1):
    """Record a cluster as if it stood."""
    workdir = Workdir(tmp_path / "infra")
    workdir.folder.mkdir()
    placement = {"groups": [{"market": market}], "cost": {"disk_usd": 0.1, "complete": True}}
    (workdir.folder / "styx.lock.json").write_text(json.dumps({"version": 1, "files": {}, "placement": placement}))
    machines = tuple(Host(f"h{rank}", "head", rank, "g", "i-1", "10.0.0.1") for rank in range(hosts))
    session.store.save(ClusterRecord("it", workdir.folder, cloud, "r", "up", 1, "", "", hosts=machines))


@pytest.mark.parametrize(
    ("cloud", "more", "said"),
    [
        ("lambda", {}, "on Lambda: they cannot be stopped"),
        ("ssh", {}, "on your own hosts: they cannot be stopped"),
        ("aws", {"market": "spot"}, "spot machines of AWS cannot be stopped"),
        ("aws", {"hosts": 0}, "has no machines yet"),
    ],
)
def test_a_refusal_names_the_cloud_and_the_way_out(session, tmp_path, cloud, more, said):
    stand(session, tmp_path, cloud, **more)
    for refused in (lambda: stop_cluster("it", session, lambda _: True), lambda: start_cluster("it", session, {})):
        with pytest.raises(UsageError, match=said):
            refused()
    assert session.store.cluster("it").status == "up"
    assert session.store.events("it") == []


@pytest.mark.parametrize(
    ("cloud", "variables", "wish", "said"),
    [
        ("azure", {}, Wish(30), "on Azure cannot switch themselves off"),
        ("local", {}, Wish(30), "on this machine cannot switch themselves off"),
        ("gcp", {}, Wish(30, down=True), "cannot end itself"),
        ("aws", {}, Wish(30), "end when they shut themselves down"),
        ("aws", {"shutdown_behavior": "stop"}, Wish(30, down=True), "stop when they shut themselves down"),
    ],
)
def test_an_autostop_that_would_do_something_else_is_refused(session, tmp_path, cloud, variables, wish, said):
    stand(session, tmp_path, cloud)
    folder = tmp_path / "infra" / "terraform"
    folder.mkdir()
    (folder / "terraform.tfvars.json").write_text(json.dumps(variables))
    with pytest.raises(UsageError, match=said):
        set_autostop("it", wish, session)


def test_an_autostop_that_is_possible_wants_only_the_hosts(session, tmp_path):
    stand(session, tmp_path, "gcp")
    with pytest.raises(HostError, match=r"inventory\.yml is missing"):
        set_autostop("it", Wish(30), session)


@pytest.mark.parametrize(("text", "minutes"), [("30", 30), ("30m", 30), ("10h", 600), ("2d", 2880)])
def test_an_idle_time_is_read_as_in_the_spec(text, minutes):
    assert _minutes(text) == minutes


@pytest.mark.parametrize("text", ["", "0", "soon", "-5", "1.5h", "m"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(UsageError, match="is not a time"):
        _minutes(text)
