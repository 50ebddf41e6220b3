"""What a host says of its own state becomes one line with what to do; what a user's program says stays as it is."""

import pytest

from styx.run.ansible_values import TaskFailure

SAID = [
    ("Task failed: Missing sudo password", "", "without|no password"),
    ("Task failed: Incorrect sudo password", "", "no password"),
    ("E: You don't have enough free space in /var/cache/apt/archives/.", "", "make room"),
    ("the files cannot be written: [Errno 28] No space left on device", "", "make room"),
    (
        "MODULE FAILURE: see stdout/stderr",
        'Traceback\n  File "x"\nOSError: [Errno 28] No space left on device',
        "make room",
    ),
    ("Failed to lock apt for exclusive operation: Failed to lock directory /var/lib/apt/lists/", "", "another program"),
    ("E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt-get)", "", "another program"),
    ("Failed to update apt cache: unknown reason", "", "package servers"),
    ("/bin/sh: 1: /usr/bin/python3: not found", "", "install python3"),
]


@pytest.mark.parametrize(("message", "stderr", "what"), SAID)
def test_a_known_cause_is_one_line(message, stderr, what):
    line = str(TaskFailure("n1", "Do it", "base", message, stdout="a\nb", stderr=stderr))
    assert line.startswith("n1: base : Do it: ")
    assert any(word in line.partition("; ")[2] for word in what.split("|"))
    assert "\n" not in line
    assert "Task failed" not in line


@pytest.mark.parametrize(
    ("message", "what"),
    [
        ("ssh: connect to host 10.0.0.1 port 22: No route to host", "see that it runs"),
        ("ubuntu@10.0.0.1: Permission denied (publickey).", "let the cluster's key in"),
        ("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @", "another machine"),
        ("mkdir: cannot create directory: No space left on device", "make room"),
        ("something never heard of", "see that it runs"),
    ],
)
def test_a_host_that_cannot_be_reached_always_has_a_remedy(message, what):
    said = f"Task failed: Failed to connect to the host via ssh: {message}"
    assert what in str(TaskFailure("n1", "Gathering Facts", "", said, unreachable=True))


def test_a_users_setup_is_told_whole():
    message = "setup ended with exit code 1; the end of setup.log:\ncurl: No space left on device\nFailed to fetch x"
    assert str(TaskFailure("n1", "Run setup", "workspace", message)) == f"n1: workspace : Run setup: {message}"


def test_what_is_not_known_is_told_with_its_last_lines():
    failure = TaskFailure("n1", "Do it", "", "non-zero return code (exit code 3)", stderr="first\nsecond")
    assert str(failure) == "n1: Do it: non-zero return code (exit code 3)\n    first\n    second"
