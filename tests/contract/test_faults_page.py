"""Every fault of the house's bar has a test, and the page that says so names tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text()
ROWS = {int(number): row for number, row in re.findall(r"^\| (\d+) \|(.*)$", PAGE, re.MULTILINE)}
NAMED = sorted(set(re.findall(r"`(tests/[^`]+)`", PAGE)))


def test_every_case_has_a_test():
    assert sorted(ROWS) == list(range(1, 33))
    assert all("`tests/" in row for row in ROWS.values())


@pytest.mark.parametrize("name", NAMED)
def test_a_named_test_exists(name):
    file, _, function = name.partition("::")
    assert f"def {function}(" in (ROOT / file).read_text()
