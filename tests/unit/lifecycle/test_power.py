"""What cannot be stopped is refused by name, before anything is asked of a cloud."""

import json

import pytest

from styx.errors import UsageError
from styx.host import Host
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
        ("azure", {}, "on Azure: Styx cannot stop them yet"),
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
