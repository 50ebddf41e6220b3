"""What the role python_env promises, seen from the host."""


def test_the_environment_has_the_pinned_ray(host, node):
    python = f"{node['styx_home']}/.styx/env/bin/python"
    asked = "from importlib.metadata import version; print(version('ray'))"
    assert host.check_output("%s -c %s", python, asked) == node["ray_version"]


def test_packages_go_to_the_machine_s_own_environment(host, node):
    python = f"{node['styx_home']}/.styx/env/bin/python"
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    assert host.check_output("%s -c %s", python, asked).startswith(node["styx_home"])
