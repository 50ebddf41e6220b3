import pytest

from styx.run.ansible_env import environment, forks_for


@pytest.mark.parametrize(("hosts", "forks"), [(0, 5), (1, 5), (6, 6), (50, 50), (4000, 50)])
def test_forks(hosts, forks):
    assert forks_for(hosts) == forks


def test_defaults_where_nobody_says_anything(tmp_path):
    env = environment({"PATH": "/bin", "LANG": "C"}, tmp_path, {})
    assert "ControlPersist" in env["ANSIBLE_SSH_ARGS"]
    assert (env["ANSIBLE_PIPELINING"], env["ANSIBLE_HOST_KEY_CHECKING"], env["LC_ALL"]) == ("True", "True", "C.UTF-8")
    assert "ANSIBLE_CONFIG" not in env


def test_the_folder_goes_before_the_defaults_and_the_shell_before_the_folder(tmp_path):
    (tmp_path / "ansible.cfg").write_text(
        "[defaults]\nhost_key_checking = False\n"
        "[ssh_connection]\nssh_args = -o ControlPersist=60s %h\npipelining=False\n"
    )
    env = environment({"LANG": "en_US.UTF-8"}, tmp_path, {})
    assert env["ANSIBLE_SSH_ARGS"] == "-o ControlPersist=60s %h"
    assert (env["ANSIBLE_PIPELINING"], env["ANSIBLE_HOST_KEY_CHECKING"]) == ("False", "False")
    assert env["ANSIBLE_CONFIG"] == str(tmp_path / "ansible.cfg")
    assert "LC_ALL" not in env
    assert environment({"ANSIBLE_SSH_ARGS": "-4"}, tmp_path, {})["ANSIBLE_SSH_ARGS"] == "-4"
    assert environment({"ANSIBLE_SSH_ARGS": "-4"}, tmp_path, {"ANSIBLE_SSH_ARGS": "-6"})["ANSIBLE_SSH_ARGS"] == "-6"


def test_a_shell_cannot_change_what_a_playbook_does(tmp_path):
    shell = {
        "ANSIBLE_CONFIG": "/elsewhere/ansible.cfg",
        "ANSIBLE_CHECK_MODE_MARKERS": "1",
        "ANSIBLE_RUN_TAGS": "none",
        "ANSIBLE_LOG_PATH": "/tmp/log",
        "ANSIBLE_FORCE_COLOR": "1",
    }
    assert not set(shell) & set(environment(shell, tmp_path, {}))
