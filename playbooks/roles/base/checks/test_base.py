def test_packages_are_installed(host, node):
    for package in node["base_packages"]:
        assert host.package(package).is_installed
