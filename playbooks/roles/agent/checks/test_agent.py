"""What the role agent promises, seen from the host."""


def test_it_runs_and_starts_with_the_machine(host):
    unit = host.service("styx-agent")
    assert unit.is_running
    assert unit.is_enabled


def test_nobody_else_reads_its_token(host):
    with host.sudo():
        settings = host.file("/etc/styx/agent.env")
        assert (settings.user, settings.mode) == ("root", 0o600)


def test_no_secret_is_in_its_unit_or_its_words(host):
    with host.sudo():
        told = host.check_output("systemctl show styx-agent --property Environment --property ExecStart")
    assert "STYX_TOKEN" not in told
    assert "STYX_SECRET" not in told


def test_it_is_not_root_and_may_end_its_tasks(host):
    with host.sudo():
        told = host.check_output("systemctl show styx-agent --property User --property KillMode")
    assert "User=root" not in told
    assert "KillMode=mixed" in told
