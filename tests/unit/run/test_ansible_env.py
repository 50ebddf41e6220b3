import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from styx.run.ansible_env import environment, forks_for, unsafe_yaml


class _Loader(yaml.SafeLoader):
    """Reads `!unsafe` as Ansible does, and refuses a string without it."""


_Loader.add_constructor("!unsafe", lambda loader, node: ("unsafe", loader.construct_scalar(node)))


def marked(value):
    if isinstance(value, dict):
        return {key: marked(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [marked(entry) for entry in value]
    return ("unsafe", value) if isinstance(value, str) else value


text = st.text(st.characters(exclude_categories=("Cs",)))
values = st.recursive(
    text | st.integers() | st.booleans() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(text, inner)
)


@given(values)
def test_every_string_is_marked_and_comes_back_as_it_was(value):
    assert yaml.load(unsafe_yaml(value), _Loader) == marked(value)


def test_it_is_one_line_of_plain_ascii():
    written = unsafe_yaml({"ä": "{{ x }}\n😀\x85"})
    assert written.isascii()
    assert "\n" not in written


def test_what_json_does_not_know_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        unsafe_yaml(float("nan"))
    with pytest.raises(TypeError):
        unsafe_yaml(object())


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


def test_keys_are_plain_so_that_they_are_names():
    assert json.loads(unsafe_yaml({"a": 1})) == {"a": 1}
