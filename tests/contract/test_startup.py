"""`styx --version` and the other quick answers import nothing heavy."""

import json
import subprocess
import sys

import pytest

HEAVY = {
    "ansible_runner", "boto3", "duckdb", "fastapi", "httpx", "jinja2", "pydantic", "python_terraform", "rich",
    "sqlite3", "typer", "yaml",
}  # fmt: skip

PROBE = """
import contextlib, io, json, sys
from styx.cli.main import main
with contextlib.redirect_stdout(io.StringIO()):
    code = main(json.loads(sys.argv[1]))
print(json.dumps([code, sorted({name.split(".")[0] for name in sys.modules})]))
"""


def modules(*words):
    run = subprocess.run([sys.executable, "-c", PROBE, json.dumps(words)], capture_output=True, text=True, check=True)
    code, loaded = json.loads(run.stdout.splitlines()[-1])
    assert code == 0, run.stderr
    return set(loaded)


def test_the_version_imports_nothing_heavy():
    assert not modules("--version") & HEAVY


@pytest.mark.parametrize("words", [("--help",), ("plan", "--help")])
def test_help_imports_only_what_draws_it(words):
    assert not modules(*words) & (HEAVY - {"typer", "pydantic", "rich", "yaml"})
