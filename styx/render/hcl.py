"""Values as HCL text, for the few that Terraform wants constant: backends, version constraints, lifecycles."""

import json
from collections.abc import Mapping, Sequence

Value = str | bool | int | float | None | Mapping[str, "Value"] | Sequence["Value"]


def hcl(value: Value) -> str:
    """Return `value` as an HCL expression in which nothing is evaluated: `${` and `%{` stand for themselves."""
    if isinstance(value, str):
        # JSON's escapes are HCL's, but for the two that open a template.
        return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{hcl(name)} = {hcl(item)}" for name, item in sorted(value.items())) + " }"
    return "[" + ", ".join(hcl(item) for item in value) + "]"
