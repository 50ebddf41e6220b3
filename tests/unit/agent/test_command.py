"""What a task starts: its own words, its own environment, and nothing of the agent's."""

import json

import pytest

from styx.agent.command import prepare
from styx.api.messages import Claimed
from styx.errors import UsageError

AGENTS = {"PATH": "/bin", "HOME": "/h", "AWS_PROFILE": "p", "STYX_TOKEN": "t", "STYX_SECRET_WORD": "open",
          "STYX_SERVER_URL": "u"}  # fmt: skip


def task(**work):
    return Claimed(id="0123456789", lease="01234567", attempt=2, **work)


def test_a_command_has_a_clean_environment_with_its_own_values_and_secrets(tmp_path):
    prepared = prepare(
        task(command="echo $A", env={"A": "1"}, secrets=["WORD"]), tmp_path, tmp_path / "clusters", AGENTS
    )
    assert prepared.argv == ("/bin/sh", "-c", "echo $A")
    own = {"STYX_TASK_ID": "0123456789", "STYX_TASK_ATTEMPT": "2"}
    assert prepared.env == {"PATH": "/bin", "HOME": "/h", "A": "1", "WORD": "open", **own}
    assert prepared.secrets == ("open",)


def test_a_spec_has_the_agents_credentials_but_not_its_token(tmp_path):
    prepared = prepare(
        task(spec={"run": "${x} {{ y }}"}, verb="apply", name="c1"), tmp_path, tmp_path / "clusters", AGENTS
    )
    assert prepared.argv[1:4] == ("-m", "styx", "apply")
    placed = ("--cluster", "c1", "--out", str(tmp_path / "clusters" / "c1"), "--yes")
    assert prepared.argv[4:] == (str(tmp_path / "task.yaml"), *placed)
    assert json.loads((tmp_path / "task.yaml").read_text()) == {"run": "${x} {{ y }}"}
    assert prepared.env["AWS_PROFILE"] == "p"
    assert not {"STYX_TOKEN", "STYX_SECRET_WORD", "STYX_SERVER_URL"} & set(prepared.env)


def test_a_secret_that_the_agent_does_not_have(tmp_path):
    with pytest.raises(UsageError, match="no secret OTHER"):
        prepare(task(command="true", secrets=["OTHER"]), tmp_path, tmp_path / "clusters", AGENTS)


def test_a_cluster_is_destroyed_by_its_name_and_must_have_one(tmp_path):
    prepared = prepare(task(spec={"name": "c2"}, verb="destroy"), tmp_path, tmp_path, AGENTS)
    assert prepared.argv[1:] == ("-m", "styx", "destroy", "c2", "--yes")
    with pytest.raises(UsageError, match="a name"):
        prepare(task(spec={}, verb="apply"), tmp_path, tmp_path, AGENTS)
