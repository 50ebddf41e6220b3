"""A case is a small spec: those in valid/ load, those in invalid/ have exactly the faults of their `#!` lines."""

import json
from pathlib import Path

import jsonschema
import pytest

from styx.errors import SpecError
from styx.spec import loads
from styx.spec.document import parse_all
from styx.spec.schema import schema

HERE = Path(__file__).parent
VALID = sorted((HERE / "valid").glob("*.yaml"))
INVALID = sorted((HERE / "invalid").glob("*.yaml"))

SCHEMA_REFUSES = {"unknown_keys", "wrong_types", "own_block", "missing_parts", "top_level_list", "merge_keys"}
"""Cases whose fault a JSON Schema can see."""


@pytest.fixture(scope="module")
def validator():
    made = json.loads(json.dumps(schema()))
    jsonschema.Draft202012Validator.check_schema(made)
    return jsonschema.Draft202012Validator(made)


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_valid_spec_loads(path):
    assert loads(path.read_text()).tasks


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_valid_spec_meets_the_json_schema(path, validator):
    documents, _ = parse_all(path.read_text(), path.name)
    for document in documents:
        validator.validate(document.value)


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_an_invalid_spec_has_exactly_these_faults(path, tmp_path):
    text = path.read_text()
    wanted = [line.removeprefix("#! ") for line in text.splitlines() if line.startswith("#! ")]
    with pytest.raises(SpecError) as caught:
        loads(text, "f", folder=tmp_path)
    found = [str(fault).removeprefix("f:").replace(": ", " ", 1) for fault in caught.value.faults]
    assert [one.replace(str(tmp_path), "FOLDER") for one in found] == wanted
    assert caught.value.exit_code == 2
    assert all(fault.line and fault.column for fault in caught.value.faults)


@pytest.mark.parametrize("path", [path for path in INVALID if path.stem in SCHEMA_REFUSES], ids=lambda path: path.stem)
def test_the_json_schema_refuses_what_it_can_see(path, validator):
    documents, _ = parse_all(path.read_text(), path.name)
    assert any(not validator.is_valid(document.value) for document in documents)
