"""What the role base promises, seen from the host."""


def test_packages_are_installed(host, node):
    for package in node["base_packages"] + node["base_more_packages"]:
        assert host.package(package).is_installed, package


def test_apt_waits_no_longer_than_it_may(host):
    said = host.check_output("apt-config dump")
    assert 'Acquire::http::Timeout "30";' in said
    assert 'DPkg::Lock::Timeout "300";' in said


def test_upgrades_are_held_back_while_a_job_runs(host):
    assert "guard" in host.check_output("systemctl show apt-daily-upgrade.service --property=ExecCondition")


def test_the_time_is_kept(host, node):
    assert host.service(node["base_time_service"]).is_enabled
