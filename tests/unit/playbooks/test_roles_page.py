"""The page on the roles names all of them, and its playbook is one."""

import os
import re
import subprocess
import sys
from pathlib import Path

from styx import paths

PAGE = Path(__file__).parents[3] / "docs" / "roles.md"
ROLES = paths.playbooks() / "roles"


def test_every_role_is_on_the_page():
    named = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", PAGE.read_text(), re.MULTILINE))))
    assert {path.name for path in ROLES.iterdir()} == named


def test_the_playbook_of_the_page_is_one(tmp_path):
    (play,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / "play.yml").write_text(play)
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "--syntax-check", "--inventory", "host,", "play.yml"],
        env={**os.environ, "ANSIBLE_ROLES_PATH": str(ROLES), "ANSIBLE_LOCALHOST_WARNING": "False"},
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
