"""Tools and clouds, checked at once; whatever a cloud's own check does, the others are told of."""

import os
import socket

import pytest

from styx.errors import UsageError
from styx.lifecycle.check import check_clouds


def states(found):
    return {tool.name: tool.state for tool in found.tools}


def test_what_needs_no_account_is_ready_with_terraform_and_ansible_alone(machine):
    machine()
    found = check_clouds(["local"], "")
    assert states(found) == {"terraform": "ok", "ansible-playbook": "ok"}
    assert found.clouds[0].ready


def test_a_cloud_that_is_reached_by_ssh_needs_its_programs(machine):
    machine("ssh")
    found = check_clouds(["local", "lambda"], "")
    assert states(found) == {"terraform": "ok", "ansible-playbook": "ok", "ssh": "ok", "rsync": "missing"}
    ready = {one.cloud: one.ready for one in found.clouds}
    assert ready == {"local": True, "lambda": False}
    assert "rsync" in [one.name for one in found.clouds[1].missing]


@pytest.mark.parametrize(
    ("version", "said"), [("1.8.5", "Styx needs 1.9 or newer"), (None, "no terraform and no tofu")]
)
def test_terraform_is_looked_for_and_looked_at(machine, monkeypatch, version, said):
    machine(terraform=version)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)  # no embedded one
    found = check_clouds(["local"], "")
    assert said in found.tools[0].said
    assert not found.clouds[0].ready


def test_an_unknown_cloud_is_refused_before_anything_is_asked(machine):
    with pytest.raises(UsageError, match="there is no cloud awz"):
        check_clouds(["awz"], "")


def test_findings_come_from_the_clouds_own_process(foreign, machine, monkeypatch):
    machine()
    monkeypatch.setenv("FARM_TOKEN", "canary-of-the-farm")
    foreign(
        """
        import os, sys
        print("a library says hello {")
        print('{"subject": "not json', file=sys.stderr)
        yield Finding("credentials", "farmer", "ok", f"pid {os.getpid()}, key {os.environ['FARM_TOKEN']}")
        """
    )
    (one,) = check_clouds(["farm"], "").clouds
    assert one.ready
    (finding,) = one.findings
    assert finding.said.endswith("key ***")
    assert not finding.said.startswith(f"pid {os.getpid()},")


@pytest.mark.parametrize(
    "end", ["raise ValueError('canary')", "os._exit(3)", "os.kill(os.getpid(), 9)", "import nothing"]
)
def test_a_check_that_ends_badly_is_a_finding(foreign, machine, end):
    machine()
    foreign(f"import os\nyield Finding('library', 'rake', 'ok')\n{end}\n")
    found = check_clouds(["farm", "local"], "")
    farm, local = found.clouds
    assert [one.name for one in farm.findings] == ["rake", "the check itself"]
    assert "canary" not in str(farm)
    assert not farm.ready
    assert local.ready


def test_a_check_that_never_ends_is_ended(foreign, machine):
    machine()
    foreign("import time\nyield Finding('library', 'rake', 'ok')\ntime.sleep(600)\n")
    (farm,) = check_clouds(["farm"], "", timeout_s=1).clouds
    assert farm.findings[-1].said == "did not answer in 1 s"
    assert not farm.ready


def test_a_network_that_swallows_everything(machine, monkeypatch):
    machine("ssh", "rsync")
    monkeypatch.setenv("LAMBDA_API_KEY", "canary-key")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{silent.getsockname()[1]}")
        (one,) = check_clouds(["lambda"], "", timeout_s=2).clouds
    assert [finding.said for finding in one.findings] == ["did not answer in 2 s"]


def test_a_file_of_the_users_folder_is_no_library(foreign, machine, monkeypatch, tmp_path):
    machine()
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "dataclasses.py").write_text("raise SystemExit('the wrong one')\n")
    monkeypatch.chdir(tmp_path / "work")
    foreign("yield Finding('library', 'rake', 'ok')\n")
    assert check_clouds(["farm"], "").clouds[0].ready
