"""Buckets become what rclone calls them, with the credentials that a task has or the machine's own identity."""

import json
import subprocess
import sys

import pytest

from styx import paths

UPLOADED = paths.playbooks() / "roles" / "buckets" / "files" / "uploaded.py"


@pytest.fixture(scope="module")
def module(load):
    return load("buckets/library/bucket_remotes.py")


def values(module, source, said, region=""):
    store, account, path = module.parted(source, said)
    return {name: value for name, value in module.STORES[store](said, region, account).items() if value}, path


def test_keys_of_the_task_come_before_the_machines_identity(module):
    with_keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "eu-west-1"}
    found, path = values(module, "s3://bucket/some/path/", with_keys, "us-east-1")
    assert path == "bucket/some/path"
    assert found["env_auth"] == "false"
    assert found["region"] == "eu-west-1"
    found, _ = values(module, "s3://bucket", {}, "us-east-1")
    assert found == {
        "type": "s3", "provider": "AWS", "env_auth": "true", "region": "us-east-1", "no_check_bucket": "true",
    }  # fmt: skip


def test_another_store_that_speaks_s3_is_named_by_its_endpoint(module):
    found, _ = values(module, "s3://bucket", {"AWS_ENDPOINT_URL": "https://minio:9000"})
    assert (found["provider"], found["endpoint"]) == ("Other", "https://minio:9000")


def test_a_service_accounts_key_is_one_line(module):
    key = json.dumps({"type": "service_account", "private_key": "-----\nx\n"}, indent=2)
    found, _ = values(module, "gs://bucket", {"GOOGLE_CREDENTIALS": key})
    assert json.loads(found["service_account_credentials"]) == json.loads(key)
    assert module.configuration({"gs": found}).count("\n") == len(found) + 3
    assert values(module, "gs://bucket", {})[0]["env_auth"] == "true"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, {"use_msi": "true"}),
        ({"AZURE_STORAGE_KEY": "k"}, {"use_msi": "false", "key": "k"}),
        (
            {"AZURE_STORAGE_SAS_TOKEN": "?sv=1"},
            {"use_msi": "false", "sas_url": "https://acct.blob.core.windows.net/?sv=1"},
        ),
    ],
)
def test_a_container_of_azure_is_found_in_its_account(module, said, expected):
    for source, more in (
        ("https://acct.blob.core.windows.net/box/p", {}),
        ("az://box/p", {"AZURE_STORAGE_ACCOUNT": "acct"}),
    ):
        found, path = values(module, source, {**said, **more})
        assert path == "box/p"
        assert found == {"type": "azureblob", "account": "acct", **expected}


def test_r2_and_nebius_have_their_own_endpoints(module):
    keys = {"R2_ACCOUNT_ID": "acc", "R2_ACCESS_KEY_ID": "a", "R2_SECRET_ACCESS_KEY": "b"}
    assert values(module, "r2://bucket", keys)[0]["endpoint"] == "https://acc.r2.cloudflarestorage.com"
    keys = {"NEBIUS_ACCESS_KEY_ID": "a", "NEBIUS_SECRET_ACCESS_KEY": "b"}
    found, _ = values(module, "nebius://bucket", keys, "eu-north1")
    assert found["endpoint"] == "https://storage.eu-north1.nebius.cloud"


@pytest.mark.parametrize(
    ("source", "said", "name"),
    [
        ("r2://b", {"R2_ACCESS_KEY_ID": "a", "R2_SECRET_ACCESS_KEY": "b"}, "R2_ACCOUNT_ID"),
        ("nebius://b", {}, "NEBIUS_REGION"),
        ("az://b", {}, "AZURE_STORAGE_ACCOUNT"),
        ("ftp://b", {}, "no store"),
    ],
)
def test_what_is_lacking_is_named(module, source, said, name):
    with pytest.raises(module.UnfitError, match=name):
        values(module, source, said)


def test_no_value_can_be_more_than_a_value(module):
    remote = module.s3({"AWS_ACCESS_KEY_ID": "a\n[evil]"}, "", "")
    with pytest.raises(module.UnfitError, match="more than one line"):
        module.configuration({"s3": remote})


@pytest.mark.parametrize(
    ("target", "path", "in_home"),
    [("~/a", "/home/me/a", True), ("a/b", "/home/me/workdir/a/b", True), ("/data", "/data", False)],
)
def test_a_target_has_its_path_and_a_unit_of_its_own(module, target, path, in_home):
    found = module.described({"target": target, "source": "s3://b", "mode": "MOUNT"}, "/home/me", "s3:b")
    assert (found["path"], found["in_home"]) == (path, in_home)
    other = module.described({"target": target + "_", "source": "s3://b", "mode": "MOUNT"}, "/home/me", "s3:b")
    assert found["unit"] != other["unit"]


def test_the_configuration_is_private_and_written_once(module, tmp_path):
    file = tmp_path / "rclone.conf"
    assert module.write(str(file), "text")
    assert file.stat().st_mode & 0o077 == 0
    assert not module.write(str(file), "text")
    file.chmod(0o644)
    assert module.write(str(file), "text")
    assert file.stat().st_mode & 0o077 == 0


def test_who_waits_for_uploads_waits_for_those_alone_that_are_not_there(tmp_path):
    meta = tmp_path / "vfsMeta" / "s3"
    meta.mkdir(parents=True)
    words = [sys.executable, "-IS", UPLOADED, tmp_path, "0.3"]
    (meta / "up").write_text('{"Dirty": false}')
    assert subprocess.run(words, check=False).returncode == 0
    (meta / "late").write_text('{"Dirty": true}')
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "not in the bucket: vfsMeta/s3/late" in done.stderr
