"""What the role autostop promises, seen from the host."""


def test_the_timer_runs_now_and_after_every_start(host):
    timer = host.service("styx-autostop.timer")
    assert timer.is_enabled
    assert timer.is_running


def test_only_root_says_when_the_machine_is_switched_off(host):
    with host.sudo():
        for path in ("/usr/local/lib/styx/autostop.py", "/var/lib/styx-autostop/settings.json"):
            file = host.file(path)
            assert file.user == "root"
            assert file.mode & 0o077 == 0
