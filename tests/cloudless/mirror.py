"""The filesystem mirror and the CLI configuration by which terraform finds our providers in place of the real ones."""

import datetime as dt
import gzip
import json
import platform
import sys
import tomllib
from pathlib import Path
from typing import Any

from tests.cloudless import protocol

HERE = Path(__file__).parent
_ROOT = HERE.parent.parent
_TABLES = ("rules", "computed", "lookups", "faults")

_REGISTRIES = ("registry.terraform.io", "registry.opentofu.org")
_PLATFORM = f"linux_{'arm64' if platform.machine() == 'aarch64' else 'amd64'}"

_PROGRAM = """\
#!{python} -I
import sys
sys.path.insert(0, {root!r})
from tests.cloudless.server import main
main(__file__)
"""

_CONFIGURATION = """\
disable_checkpoint = true
provider_installation {{
  filesystem_mirror {{
    path = {path}
  }}
}}
"""


def providers() -> list[str]:
    """Return the names of the providers that can be served."""
    return sorted(file.parent.name for file in HERE.glob("*/schema.json.gz"))


def cut(name: str) -> dict[str, Any]:
    """Return a provider's schema as it was cut, with its source and version."""
    document: dict[str, Any] = json.loads(gzip.decompress((HERE / name / "schema.json.gz").read_bytes()))
    return document


def facts(name: str) -> dict[str, Any]:
    """Return what no schema of this provider knows."""
    files = {table: HERE / name / f"{table}.toml" for table in _TABLES}
    return {table: tomllib.loads(file.read_text()) for table, file in files.items()}


def write_images(folder: Path, schemas: dict[str, dict[str, Any]]) -> None:
    """Write what our program needs of each provider in the form that it reads fastest: it starts often."""
    for name, schema in schemas.items():
        image = folder / name
        image.mkdir(parents=True)
        (image / "schema.bin").write_bytes(protocol.schema_message(schema))
        (image / "facts.json").write_text(json.dumps({"schema": schema, **facts(name)}))
    _write_certificate(folder)


def write_mirror(folder: Path) -> Path:
    """Write a program for each provider and return the configuration file; `serve` says what the programs serve."""
    text = _PROGRAM.format(python=sys.executable, root=str(_ROOT))
    for name in providers():
        document = cut(name)
        for address in _addresses(document["source"]):
            file = (
                folder / address / document["version"] / _PLATFORM / f"terraform-provider-{name}_v{document['version']}"
            )
            file.parent.mkdir(parents=True)
            file.write_text(text)
            file.chmod(0o755)
    configuration = folder / "terraform.tfrc"
    configuration.write_text(_CONFIGURATION.format(path=json.dumps(str(folder))))
    return configuration


def serve(folder: Path, images: Path, world: Path) -> None:
    """Say which schemas and which world the programs of a mirror serve from now on."""
    (folder / "mirror.json").write_text(json.dumps({"images": str(images), "world": str(world)}))


def _addresses(source: str) -> list[str]:
    """Return what a short source means: to Terraform something else than to OpenTofu."""
    return [f"{registry}/{source}" for registry in _REGISTRIES]


def _write_certificate(folder: Path) -> None:
    """Write a key pair for go-plugin, which trusts whatever the program hands it at its start."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)
