"""Packages of the system: asked of dpkg first, installed by apt-get, which waits for whoever else installs."""

import json
import subprocess
import sys

import pytest

from styx import paths

MODULE = paths.playbooks() / "roles" / "base" / "library" / "system_packages.py"
DPKG = r"printf 'installed\tgit\t1:2.39\nnot-installed\tcurl\t\n'; exit 1"


@pytest.fixture
def run(tmp_path):
    """Give a function that runs the module beside an apt-get that does what a text says."""

    def run_module(apt_get, *names, lock_timeout_s=20):
        for name, text in (("dpkg-query", DPKG), ("apt-get", f'echo "$@" >> {tmp_path}/asked\n{apt_get}')):
            (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
            (tmp_path / name).chmod(0o755)
        given = {"names": names, "lock_timeout_s": lock_timeout_s}
        done = subprocess.run(
            [sys.executable, MODULE], input=json.dumps({"ANSIBLE_MODULE_ARGS": given}), text=True, capture_output=True,
            env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=False,
        )  # fmt: skip
        asked = tmp_path / "asked"
        return json.loads(done.stdout), asked.read_text().splitlines() if asked.exists() else []

    return run_module


def test_what_is_there_is_not_asked_for(run):
    answer, asked = run("exit 1", "git", "git=1:2.39")
    assert not answer["changed"]
    assert asked == []


def test_what_is_not_there_is_installed(run):
    answer, asked = run("echo '0 upgraded, 3 newly installed, 0 to remove'", "git", "curl", "git=1:3")
    assert answer["changed"]
    assert asked[-1].endswith("install --yes --no-install-recommends -- curl git=1:3")


def test_a_name_that_another_package_stands_for_is_no_change(run):
    answer, _ = run("echo '0 upgraded, 0 newly installed, 0 to remove and 7 not upgraded.'", "awk")
    assert not answer["changed"]


def test_another_program_is_waited_for(run, tmp_path):
    locked = "echo 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)' >&2; exit 100"
    once = f"[ -e {tmp_path}/tried ] || {{ touch {tmp_path}/tried; {locked}; }}"
    answer, _ = run(once, "curl")
    assert answer["changed"]
    answer, _ = run(locked, "curl", lock_timeout_s=0)
    assert answer["msg"] == "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)"
