"""What the role job promises, seen from the host."""


def test_the_driver_is_there(host, node):
    found = host.file(f"{node['styx_home']}/.styx/bin/driver.py")
    assert found.is_file
    assert found.mode == 0o600


def test_the_driver_can_be_read_by_the_environment_s_python(host, node):
    folder = f"{node['styx_home']}/.styx"
    host.run_test("%s -m py_compile %s", f"{folder}/env/bin/python", f"{folder}/bin/driver.py")
