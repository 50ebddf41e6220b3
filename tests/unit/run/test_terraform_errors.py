"""What Terraform's diagnostics read like when there are many of them."""

from pathlib import Path

from styx.run.terraform_errors import failure
from styx.run.terraform_events import Diagnostic


def test_what_is_said_of_many_resources_is_said_once():
    many = [Diagnostic("error", "no capacity", "try again", f"m[{number}]", "main.tf", 3) for number in range(16)]
    other = Diagnostic("error", "no quota", "ask for more", "m[16]", "main.tf", 3)
    error = failure("terraform apply", [*many, other], [], Path("log"))
    assert error.message.splitlines() == [
        "terraform apply failed",
        "main.tf:3: error: no capacity (m[0], m[1], m[2] and 13 more)",
        "  try again",
        "main.tf:3: error: no quota (m[16])",
        "  ask for more",
    ]
    assert error.diagnostics == (*many, other)


def test_what_is_said_of_no_resource_stays_as_it_is():
    error = failure("terraform plan", [Diagnostic("error", "a"), Diagnostic("error", "b")], [], Path("log"))
    assert error.message.splitlines()[1:] == ["error: a", "error: b"]
