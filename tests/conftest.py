"""What all tests share: the flag that rewrites golden trees, and a machine without the caller's settings."""

import pytest


def pytest_addoption(parser):
    parser.addoption("--rewrite", action="store_true", help="rewrite the expected golden trees")


@pytest.fixture(autouse=True)
def a_home_of_its_own(tmp_path_factory, monkeypatch):
    """Keep every test away from the user's own configuration, state and cache."""
    monkeypatch.setenv("STYX_HOME", str(tmp_path_factory.mktemp("home")))
    for name in ("STYX_TERRAFORM", "TF_CLI_CONFIG_FILE", "TF_DATA_DIR", "RAY_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
