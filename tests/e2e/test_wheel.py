"""An installed wheel works outside the checkout: templates, plays and catalog travel inside it."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import styx as package

CHECKOUT = Path(package.__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Build the wheel and install it in an environment of its own; only its dependencies come from this one."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, CHECKOUT], check=True, capture_output=True)
    (wheel,) = folder.glob("styx_infra-*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
    python = folder / "env" / "bin" / "python"
    subprocess.run([*pip, "--python", python, "install", "--no-deps", wheel], check=True, capture_output=True)
    return folder / "env" / "bin" / "styx"


def test_a_wheel_renders_and_plans(installed, tmp_path):
    (tmp_path / "task.yaml").write_text("num_nodes: 2\nresources: {infra: local}\nrun: echo hello\n")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "STYX_HOME": str(tmp_path / "home"),
        "PYTHONPATH": sysconfig.get_path("purelib"),
    }

    def run(*words):
        done = subprocess.run(
            [installed, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    probe = [installed.with_name("python"), "-c", "import styx; print(styx.__file__)"]
    where = subprocess.run(probe, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout
    assert not Path(where.strip()).is_relative_to(CHECKOUT)
    assert run("--version").startswith("styx ")
    assert "4 to add" in run("plan", "task.yaml")
    assert (tmp_path / "infra" / "task" / "ansible" / "roles").is_dir()
    page = CHECKOUT / "styx" / "server" / "page"
    packed = Path(where.strip()).parent / "server" / "page"
    assert {path.name for path in packed.iterdir()} == {path.name for path in page.iterdir()}
    assert (packed / "index.html").read_bytes() == (page / "index.html").read_bytes()
