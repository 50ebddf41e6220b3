"""What the tests of the provider without a cloud share."""

from pathlib import Path

import pytest

from tests.cloudless.fixtures import cloudless, cloudless_images

__all__ = ["cloudless", "cloudless_images"]


def pytest_collection_modifyitems(items):
    """Let `make e2e` run those that start Terraform many times."""
    for item in items:
        if Path(__file__).parent in item.path.parents and "cloudless" in item.fixturenames:
            item.add_marker(pytest.mark.emulated)
