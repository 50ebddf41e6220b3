"""What a Terraform state lists, and destroying it until it lists nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from styx.errors import LeakError, TerraformError

if TYPE_CHECKING:
    from styx.run.terraform import Terraform


def emptied(terraform: "Terraform", cluster: str, log: Path) -> int:
    """Destroy what the state lists, see that it lists nothing any more, and return how much that was.

    Raises LeakError, naming what remains with its ids, when the clean-up fails or leaves something.
    """
    try:
        done = terraform.destroy()
    except TerraformError as error:
        left = named(terraform.show())
        if not left:
            raise
        lines = "".join(f"\n  {one}" for one in left)
        hint = f"mend what is said above, then run `styx destroy {cluster}`: it goes on with these"
        message = f"{cluster}: the clean-up failed, so these remain:{lines}\n{error.message}"
        raise LeakError(message, hint, log=log) from error
    shown = terraform.show()
    if addresses(shown):
        raise LeakError(f"{cluster}: Terraform still lists {', '.join(named(shown) or addresses(shown))}", log=log)
    return done.destroy


def addresses(shown: dict[str, Any]) -> list[str]:
    """Return the addresses of all resources in Terraform's JSON state."""
    return [resource["address"] for resource in _resources(shown)]


def named(shown: dict[str, Any]) -> list[str]:
    """Return address and id of what exists outside of the state itself."""
    found = (one for one in _resources(shown) if one["mode"] == "managed")
    real = (one for one in found if one["type"] != "terraform_data" or one["name"] == "machine")
    return [f"{one['address']} ({one.get('values', {}).get('id')})" for one in real]


def ids(shown: dict[str, Any]) -> dict[str, str]:
    """Return address → id of what Terraform's JSON state lists."""
    return {one["address"]: str(one.get("values", {}).get("id") or "") for one in _resources(shown)}


def _resources(shown: dict[str, Any]) -> Iterator[dict[str, Any]]:
    modules = [shown.get("values", {}).get("root_module", {})]
    while modules:
        module = modules.pop()
        yield from module.get("resources", ())
        modules += module.get("child_modules", ())
