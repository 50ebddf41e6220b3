"""The page on tasks has every state, role and field that there is, and the tests that it names exist."""

import re
from pathlib import Path
from typing import get_args

import styx
from styx.api.messages import Role, Submit
from styx.api.states import STATES

CHECKOUT = Path(styx.__file__).parent.parent
PAGE = (CHECKOUT / "docs" / "tasks.md").read_text()


def test_the_page_has_all_states_roles_and_fields():
    for name in (*STATES, *get_args(Role), *(set(Submit.model_fields) - {"name"})):
        assert f"`{name}`" in PAGE, name


def test_the_tests_that_the_page_names_exist():
    named = re.findall(r"`(test_\w+)`", PAGE)
    written = "".join(path.read_text() for path in (CHECKOUT / "tests").rglob("test_*.py"))
    assert len(named) > 10
    assert [name for name in named if f"def {name}(" not in written] == []
