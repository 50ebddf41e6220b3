"""Imports point downwards, and modules of one row do not import each other."""

import ast
import importlib
from pathlib import Path

import pytest

import styx

PACKAGE = Path(styx.__file__).parent

ROWS = {
    "__main__": 11,
    "cli": 10,
    "server": 9,
    "agent": 9,
    "api": 8,
    "lifecycle": 7,
    "optimizer": 6,
    "render": 6,
    "run": 6,
    "verify": 6,
    "review": 6,
    "catalog": 5,
    "clouds": 4,
    "workdir": 4,
    "state": 4,
    "offer": 3.1,  # a plan is made of offers
    "plan": 3.2,
    "host": 3.1,
    "spec": 2,
    "settings": 2.1,  # read with the spec's YAML, which knows lines
    "paths": 1.1,
    "files": 1,
    "unsafe_yaml": 1,
    "errors": 0,
    "__init__": -1,
}

MODULES = sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> set[str]:
    """Return the top-level names below styx that the file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "styx" else [node.module]
        found |= {name.split(".")[1] for name in names if name.startswith("styx.")}
    return found - {"__version__"}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downwards(path):
    here = room(path)
    assert here in ROWS, f"{here} has no row in the architecture"
    upward = {name for name in imports(path) if name != here and ROWS[name] >= ROWS[here]}
    assert not upward, f"{path} imports {upward}, which stand above it or beside it"


def test_the_walk_sees_an_upward_import(tmp_path):
    planted = tmp_path / "planted.py"
    planted.write_text("def f():\n    from styx.cli import main\n    from styx import lifecycle\n")
    assert imports(planted) == {"cli", "lifecycle"}


LAZY = sorted(path for path in PACKAGE.rglob("__init__.py") if "_HOMES" in path.read_text())


@pytest.mark.parametrize("path", LAZY, ids=lambda path: path.parent.name)
def test_a_name_that_is_imported_late_is_no_modules_name(path: Path) -> None:
    # Importing a module binds its name in its package, over whatever else the package would have answered with.
    homes = importlib.import_module(f"styx.{path.parent.relative_to(PACKAGE)}".replace("/", "."))._HOMES
    assert not homes.keys() & {module.stem for module in path.parent.glob("*.py")}
