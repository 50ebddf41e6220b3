"""What reaches hosts besides the spec's own files: the roles that see to it, and their variables, all literal."""

import json

import pytest
import yaml

from styx.catalog import open_catalog
from styx.lifecycle.target import Target
from styx.optimizer import choose
from styx.render import Rendering, render
from styx.spec import loads
from styx.workdir import Workdir


class Loader(yaml.SafeLoader):
    """Reads Ansible's literal texts as texts."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def rendered(text, tmp_path, cloud="aws", before=()):
    """Return (roles, variables) of a spec."""
    spec = loads(f"resources: {{infra: {cloud}}}\nstyx: {{ray: false}}\n{text}", "task.yaml")
    plan = choose(spec, open_catalog((cloud,)), (cloud,))
    target = Target(spec, 0, "demo", Workdir(tmp_path))
    made = Rendering(
        "demo", target.task, plan.tasks[0], plan, "../..", public_key="ssh-ed25519 AAAA", roles_before=frozenset(before)
    )
    bundle = render(made)
    variables = yaml.load(bundle.get("ansible/group_vars/all.yml", ""), Loader)
    return json.loads(bundle["styx.lock.json"])["roles"], variables


@pytest.mark.parametrize(("cloud", "roles"), [("aws", ["base", "hardening", "workspace"]), ("local", ["workspace"])])
def test_a_repository_is_no_folder_of_the_spec(cloud, roles, tmp_path):
    found, variables = rendered("workdir: {url: 'https://host/{{x}}', ref: some/branch}\n", tmp_path, cloud)
    assert found == roles
    assert variables["workspace_git"] == {"url": "https://host/{{x}}", "ref": "some/branch"}
    assert variables["workspace_workdir"] == ""


def test_buckets_are_apart_from_the_files_of_the_spec(tmp_path):
    text = "file_mounts: {~/a: s3://b/c, ~/d: {source: gs://e, mode: MOUNT}, ~/f: ./g}\n"
    roles, variables = rendered(text, tmp_path)
    assert roles == ["base", "hardening", "buckets", "workspace"]
    assert variables["buckets_mounts"] == [
        {"target": "~/a", "source": "s3://b/c", "mode": "COPY"},
        {"target": "~/d", "source": "gs://e", "mode": "MOUNT"},
    ]
    assert variables["workspace_file_mounts"] == [{"target": "~/f", "source": "../../g"}]
    assert variables["buckets_region"].startswith(("us-", "eu-", "ap-", "ca-", "sa-", "me-", "af-", "il-", "mx-"))


def test_who_had_buckets_is_rid_of_them(tmp_path):
    roles, variables = rendered("setup: 'true'\n", tmp_path, before=("base", "buckets"))
    assert roles == ["base", "hardening", "buckets", "workspace"]
    assert variables["buckets_mounts"] == []


def test_the_region_of_one_cloud_is_not_that_of_anothers_buckets(tmp_path):
    _, variables = rendered("file_mounts: {~/a: gs://b}\n", tmp_path)
    assert "buckets_region" not in variables


def test_a_further_disk_has_its_role_also_where_nothing_is_run(tmp_path):
    text = "resources: {infra: aws, volumes: [{path: /data, disk_size: 10}]}\nstyx: {ray: false}\n"
    spec = loads(text, "task.yaml")
    plan = choose(spec, open_catalog(("aws",)), ("aws",))
    bundle = render(Rendering("demo", spec.tasks[0], plan.tasks[0], plan, ".", public_key="ssh-ed25519 AAAA"))
    assert json.loads(bundle["styx.lock.json"])["roles"] == ["base", "hardening", "volumes", "workspace"]
    assert "ansible/roles/volumes/library/disk_mounted.py" in bundle
