"""The backend block: defaults, each cluster's own place, and that the real Terraform takes it."""

import json
import shutil
import subprocess

import pytest

from styx import paths
from styx.render.backend import backend
from styx.render.text import fill
from styx.spec import loads
from styx.spec.backend_settings import KINDS

needs_terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform on PATH")


def text(asked, cluster="duo-2"):
    task = loads(f"styx: {{backend: {asked}}}").tasks[0]
    template = paths.templates() / "terraform" / "common" / "backend.tf.j2"
    return fill(template, {"backend": backend(task, cluster)})


def settings(asked, cluster="duo-2"):
    """Return name → value as HCL text."""
    lines = [line.split(" = ", 1) for line in text(asked, cluster).splitlines() if line.startswith("    ")]
    return {name.strip(): value for name, value in lines}


WHOLE = {
    "s3": "{type: s3, bucket: states, region: eu-west-1, endpoints: {s3: 'http://[::1]:1'}, assume_role: {role_arn: a, "
    "tags: {'${b}': '%{c}'}}, allowed_account_ids: ['123456789012']}",
    "gcs": "{type: gcs, bucket: states, impersonate_service_account_delegates: [a, b]}",
    "azurerm": "{type: azurerm, storage_account_name: states, container_name: c, use_azuread_auth: true}",
    "http": "{type: http, address: 'http://[::1]:1/${cluster}', retry_max: 3}",
    "pg": "pg",
    "local": "local",
}


def test_a_local_backend_says_nothing():
    assert text("local") == ""


def test_s3_is_encrypted_and_locked_by_a_file_which_old_terraforms_cannot():
    assert text("{type: s3, bucket: states}") == (
        'terraform {\n  required_version = ">= 1.10"\n\n  backend "s3" {\n    bucket       = "states"\n'
        '    encrypt      = true\n    key          = "styx/duo-2/terraform.tfstate"\n    use_lockfile = true\n  }\n}\n'
    )


@pytest.mark.parametrize("asked", ["use_lockfile: false", "dynamodb_table: locks"])
def test_s3_locked_in_another_way_needs_no_newer_terraform(asked):
    found = text(f"{{type: s3, bucket: states, encrypt: false, {asked}}}")
    assert "required_version" not in found
    assert "use_lockfile = false" in found.replace("  ", " ").replace("  ", " ")
    assert "encrypt" in found
    assert "encrypt = true" not in found


@pytest.mark.parametrize(
    ("asked", "name", "place"),
    [
        ("{type: s3, bucket: b}", "key", "styx/duo-2/terraform.tfstate"),
        ("{type: s3, bucket: b, key: team/}", "key", "team/duo-2/terraform.tfstate"),
        ("{type: s3, bucket: b, key: team/a.tfstate}", "key", "team/a.tfstate"),
        ("{type: azurerm, storage_account_name: a, container_name: c}", "key", "styx/duo-2/terraform.tfstate"),
        ("{type: gcs, bucket: b}", "prefix", "styx/duo-2"),
        ("{type: gcs, bucket: b, prefix: team/}", "prefix", "team/duo-2"),
        ("{type: gcs, bucket: b, prefix: team}", "prefix", "team"),
        ("{type: http, address: 'https://a/b/'}", "address", "https://a/b/duo-2"),
        ("{type: http, address: 'https://a/b'}", "address", "https://a/b"),
        ("pg", "schema_name", "styx_duo_2"),
        ("{type: pg, schema_name: mine}", "schema_name", "mine"),
    ],
)
def test_every_cluster_has_a_place_of_its_own(asked, name, place):
    assert json.loads(settings(asked)[name]) == place
    if "duo" in place:
        assert json.loads(settings(asked, "other")[name]) == place.replace("duo-2", "other").replace("duo_2", "other")


def test_the_longest_name_fits_a_schema():
    assert len(json.loads(settings("pg", "a" * 40)["schema_name"])) <= 63


@pytest.mark.parametrize(
    ("asked", "lock", "unlock"),
    [
        ("", '"https://a/b/duo-2"', '"https://a/b/duo-2"'),
        ("lock_address: 'https://a/l'", '"https://a/l"', '"https://a/l"'),
        ("lock_address: 'https://a/l', unlock_address: 'https://a/u'", '"https://a/l"', '"https://a/u"'),
        ("lock_address: ''", None, None),
    ],
)
def test_http_locks_at_its_own_address_unless_told_otherwise(asked, lock, unlock):
    found = settings(f"{{type: http, address: 'https://a/b/', {asked}}}")
    assert (found.get("lock_address"), found.get("unlock_address")) == (lock, unlock)


def run(folder, *words):
    return subprocess.run(["terraform", *words], cwd=folder, capture_output=True, text=True, check=False)


@needs_terraform
@pytest.mark.parametrize("kind", KINDS)
def test_terraform_finds_every_kind_valid_and_well_formed(kind, tmp_path):
    (tmp_path / "backend.tf").write_text(text(WHOLE[kind]))
    for words in (["fmt", "-check", "-diff"], ["init", "-backend=false"], ["validate"]):
        done = run(tmp_path, *words, "-no-color")
        assert done.returncode == 0, done.stdout + done.stderr


@needs_terraform
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "local"])
def test_terraform_knows_every_setting_of_the_table(kind, tmp_path):
    names = [*KINDS[kind].settings, *KINDS[kind].secrets, "no_such_setting"]
    lines = "".join(
        f"    {name} = {{}}\n" for name in names
    )  # of no type that fits: nothing is ever asked over the net
    (tmp_path / "backend.tf").write_text(f'terraform {{\n  backend "{kind}" {{\n{lines}  }}\n}}\n')
    said = [json.loads(line) for line in run(tmp_path, "init", "-json", "-input=false").stdout.splitlines()]
    unknown = [one["diagnostic"]["detail"] for one in said if "Unsupported argument" in one["@message"]]
    assert unknown == ['An argument named "no_such_setting" is not expected here.']
