"""Every error has an exit code, a meaning and a hint, and the tables that list them are current."""

import ast
from pathlib import Path

import pytest

import styx
from styx import errors
from styx.cli import error_table

DOCS = Path(styx.__file__).parent.parent / "docs" / "errors.md"


def own_tree():
    return [error for error in errors.tree() if error.__module__ == "styx.errors"]


@pytest.mark.parametrize("error", own_tree(), ids=lambda error: error.__name__)
def test_an_error_says_what_to_do(error):
    assert error.default_hint
    assert error.meaning
    assert error.__doc__
    assert error.exit_code in {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 130}
    assert error is errors.StyxError or {"meaning", "default_hint"} <= error.__dict__.keys()


def test_every_error_of_the_package_is_in_the_tree_or_below_one_that_is():
    tree = set(errors.tree())
    for error in tree - set(own_tree()):
        assert own_tree()[0] in error.__mro__
        assert error.exit_code == error.__bases__[0].exit_code, f"{error} changes the exit code of its parent"


def test_the_docstring_draws_the_tree():
    drawn = ast.get_docstring(ast.parse(Path(errors.__file__).read_text()))
    for error in own_tree():
        assert error.__name__ in drawn
        line = next(line for line in drawn.splitlines() if error.__name__ in line)
        assert str(error.exit_code) in line


def test_the_table_in_the_docs_is_current():
    assert DOCS.read_text() == error_table.page(), "run: make docs"
