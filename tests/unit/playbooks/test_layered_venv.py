"""The programs of the shared environment are there in the light one, and run with its Python."""

import subprocess
import sys

import pytest

VERSION = "{}.{}".format(*sys.version_info)


@pytest.fixture
def module(load):
    return load("python_env/library/layered_venv.py")


def test_pip_and_ray_are_programs_of_the_light_environment(module, tmp_path):
    shared, own = tmp_path / "shared", tmp_path / "it's own"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", shared], check=True)
    packages = shared / "lib" / f"python{VERSION}" / "site-packages"
    for name in ("pip/_internal/cli/main.py", "ray/scripts/scripts.py"):
        (packages / name).parent.mkdir(parents=True)
        (packages / name).write_text(
            "import os, sys\ndef main(): print(sys.prefix, os.path.basename(sys.argv[0]), *sys.argv[1:])\n"
        )
    assert module.make_own(str(own), str(shared), VERSION)
    assert not module.make_own(str(own), str(shared), VERSION)
    away = tmp_path / "workdir"
    (away / "ray").mkdir(parents=True)  # a user's own, which must not be taken for Ray
    (away / "ray" / "__init__.py").touch()
    for name in ("pip", "pip3", "ray"):
        told = subprocess.run(
            [own / "bin" / name, "one two"], cwd=away, capture_output=True, text=True, check=True
        ).stdout
        assert told == f"{own} {name} one two\n"


def test_an_environment_of_before_gets_the_programs_that_it_lacks(module, tmp_path):
    module.make_own(str(tmp_path / "own"), sys.prefix, VERSION)
    (tmp_path / "own" / "bin" / "ray").unlink()
    module.write_stamp(str(tmp_path / "own" / "shared.json"), [sys.prefix])
    assert module.make_own(str(tmp_path / "own"), sys.prefix, VERSION)
    assert (tmp_path / "own" / "bin" / "ray").exists()


def test_the_first_python_that_is_there_is_taken(module):
    assert module.choose([]) == (sys.executable, VERSION)
    assert module.choose(["python0.1", sys.executable]) == (sys.executable, VERSION)


def test_without_any_of_the_pythons_they_are_named(module):
    with pytest.raises(module.FailedError, match=r"python0\.1, /nowhere/python"):
        module.choose(["python0.1", "/nowhere/python"])
