"""Faults as SARIF 2.1.0, which code scanning shows at the lines of a pull request."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from styx import __version__
from styx.errors import Fault

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_RULE = re.compile(r"rule (?:styx\.)?policy\.(\w+)")


def sarif(faults: Sequence[Fault], folder: Path | None = None) -> str:
    """Return a report of `faults`; files below `folder` (the current one) are named relative to it."""
    here = folder or Path.cwd()
    names = sorted({_rule(fault) for fault in faults})
    driver = {
        "name": "styx",
        "version": __version__,
        "informationUri": "https://pypi.org/project/styx-infra/",
        "rules": [{"id": name} for name in names],
    }
    run = {"tool": {"driver": driver}, "results": [_result(fault, here) for fault in faults]}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(fault: Fault) -> str:
    """Return what is broken: a rule of a policy, else the spec's own form."""
    found = _RULE.match(fault.hint)
    return f"policy/{found[1]}" if found else "spec"


def _result(fault: Fault, here: Path) -> dict[str, Any]:
    path = Path(fault.file)
    name = path.resolve().relative_to(here.resolve()) if path.resolve().is_relative_to(here.resolve()) else path
    place: dict[str, Any] = {"artifactLocation": {"uri": name.as_posix()}}
    if fault.line:
        place["region"] = {"startLine": fault.line, "startColumn": max(fault.column, 1)}
    text = ": ".join(part for part in (fault.path, fault.message) if part)
    message = f"{text} ({fault.hint})" if fault.hint else text
    return {
        "ruleId": _rule(fault),
        "level": "error",
        "message": {"text": message},
        "locations": [{"physicalLocation": place}],
    }
