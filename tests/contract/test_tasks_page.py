"""The page on tasks has every state, role and field that there is."""

from pathlib import Path
from typing import get_args

import styx
from styx.api.messages import Role, Submit
from styx.api.states import STATES

PAGE = (Path(styx.__file__).parent.parent / "docs" / "tasks.md").read_text()


def test_the_page_has_all_states_roles_and_fields():
    for name in (*STATES, *get_args(Role), *(set(Submit.model_fields) - {"name"})):
        assert f"`{name}`" in PAGE, name
