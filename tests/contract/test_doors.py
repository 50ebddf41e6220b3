"""Each library has one door, and a cloud's id stays in its own package."""

import ast
from pathlib import Path

import pytest

import styx
from styx import clouds

PACKAGE = Path(styx.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

DOORS = {
    "duckdb": ("catalog/", "optimizer/"),
    "highspy": ("optimizer/",),
    "jinja2": ("render/",),
    "python_terraform": ("run/terraform.py",),
    "ansible_runner": ("run/ansible",),
    "sqlite3": ("state/", "server/"),
    "sqlalchemy": ("server/",),
    "httpx": ("run/ray.py", "agent/", "catalog/", "clouds/"),
    "typer": ("cli/",),
    "rich": ("cli/",),
    "testinfra": ("verify/",),
    "pytest": ("verify/",),
}

ALLOWED = {
    "cli/main.py": {"ssh"},  # the verb
    "lifecycle/access.py": {"ssh"},  # the folder of OpenSSH's configurations
    "lifecycle/check.py": {"ssh"},  # OpenSSH's program
    "render/bundle.py": {"ssh"},  # what site.yml.j2 decides by
    "render/terraform.py": {"ssh"},  # whom the open ports of SSH are for
    "run/ssh.py": {"ssh"},  # OpenSSH's program
    "spec/backend.py": {"local"},  # Terraform's backend of that name
    "spec/backend_settings.py": {"local"},  # the same
    "spec/styx_block.py": {"local"},  # the same
    "state/terraform_state.py": {"local"},  # the same
}


def libraries(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def constants(path: Path) -> set[str]:
    """Return the string constants of a file, docstrings left out."""
    tree = ast.parse(path.read_text())
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return {node.value for node in nodes if id(node) not in docs}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_one_door_a_library(path):
    here = str(path.relative_to(PACKAGE))
    wrong = {name for name in libraries(path) & DOORS.keys() if not here.startswith(DOORS[name])}
    assert not wrong, f"{here} imports {wrong}; the doors are {DOORS}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_clouds_id_is_in_no_other_module(path):
    here = path.relative_to(PACKAGE)
    allowed = ALLOWED.get(str(here), set())
    own = {here.parts[1]} if here.parts[0] == "clouds" and len(here.parts) > 2 else set()
    assert not (constants(path) & set(clouds.ids())) - own - allowed
    imported = {
        node.module
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("styx.clouds.")
    }
    assert not {name.split(".")[2] for name in imported} & set(clouds.ids()) - own


def test_the_walk_sees_a_planted_id_and_library(tmp_path):
    planted = tmp_path / "planted.py"
    planted.write_text('"""local"""\nimport duckdb.x\nWHERE = "local"\n')
    assert libraries(planted) == {"duckdb"}
    assert constants(planted) == {"local"}
