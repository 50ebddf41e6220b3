"""Tests that run the real Terraform, and Ansible: what is not installed skips by name."""

from pathlib import Path

import pytest

from styx.errors import ToolMissingError
from styx.run import terraform_binary
from styx.run.terraform import Terraform


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("STYX_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)


@pytest.fixture
def binary():
    try:
        return terraform_binary.find()
    except ToolMissingError as error:
        pytest.skip(f"{error.message}: {error.hint}")


@pytest.fixture
def module(tmp_path: Path, binary):
    """Write main.tf and return a Terraform for its folder; keyword arguments go to Terraform."""

    def make(text: str, name: str = "module", **options) -> Terraform:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "main.tf").write_text(text)
        return Terraform(folder, binary, log=tmp_path / "logs" / "terraform.log", **options)

    return make
