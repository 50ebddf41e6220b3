"""What the role conda promises, seen from the host."""

import pytest


@pytest.fixture
def folder(host, node):
    if not node.get("conda_always", True) and not host.file(f"{node['styx_home']}/.styx/conda").exists:
        pytest.skip("the system has the Python that is asked for")
    return f"{node['styx_home']}/.styx"


def test_a_bash_without_a_terminal_knows_conda(host, folder):
    # A first bash below sshd, as SHLVL tells it, reads .bashrc instead of BASH_ENV.
    assert host.check_output("env SHLVL=2 BASH_ENV=%s bash -c 'type -t conda'", f"{folder}/conda.sh") == "function"


def test_the_task_s_environment_is_there(host, node, folder):
    if not node.get("conda_file") and not node.get("conda_packages"):
        pytest.skip("the task has none")
    active = host.check_output("env SHLVL=2 BASH_ENV=%s bash -c 'echo $CONDA_PREFIX'", f"{folder}/conda.sh")
    assert active.startswith(f"{folder}/conda/envs/")
