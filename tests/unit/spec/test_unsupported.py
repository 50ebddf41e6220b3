"""Fields that are read and not honoured are named."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from styx.spec import TaskSpec, loads, unhonoured
from styx.spec.styx_block import Environment, Network
from styx.spec.unsupported import FIELDS

VALID = Path(__file__).parent / "valid"

HONOURED = {
    *("name", "workdir", "num_nodes", "file_mounts", "setup", "run", "envs", "secrets"),
    *("resources.infra", "resources.cloud", "resources.region", "resources.zone"),
    *("resources.cpus", "resources.memory", "resources.accelerators", "resources.instance_type", "resources.use_spot"),
    *("resources.disk_size", "resources.disk_tier", "resources.network_tier", "resources.local_disk"),
    *("resources.max_hourly_cost", "resources.ports", "resources.labels", "resources.image_id", "resources.autostop"),
    *("resources.any_of", "resources.ordered", "resources.volumes"),
    *("styx.version", "styx.ray.enabled", "styx.ray.version", "styx.ray.resources", "styx.backend", "styx.minimize"),
    *(f"styx.environment.{name}" for name in Environment.model_fields),
    *("inputs", "outputs", "styx.ray.head", "styx.tags", "styx.owner", "styx.ssh_key"),
    *(f"styx.network.{name}" for name in Network.model_fields),
    *("styx.machine.arch", "styx.machine.burstable", "styx.machine.marketplace"),
    *("styx.budget.hourly", "styx.budget.monthly", "styx.policy", "styx.system_mounts", "styx.lifetime"),
}
"""What Styx does, or what its clouds' capabilities refuse; a new field goes here or among those not honoured."""


def named(text):
    return dict(unhonoured(loads(text).tasks[0]))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("service: {replicas: 1}", "service"),
        ("pool: {workers: 1}", "pool"),
        ("volumes: {/a: b}", "volumes"),
        ("resources: {volumes: [{name: a, path: /a}]}", "resources.volumes[0]"),
        ("resources: {volumes: [{disk_size: 10}]}", "resources.volumes[0]"),
        ("resources: {volumes: [{path: /a, storage_type: instance}]}", "resources.volumes[0]"),
        ("resources: {any_of: [{volumes: [{path: /a, attach_mode: read_only}]}]}", "resources.any_of[0].volumes[0]"),
        ("resources: {volumes: [{path: /a, auto_delete: false}]}", "resources.volumes[0]"),
        ("resources: {volumes: [{path: /a, iops: 9}]}", "resources.volumes[0]"),
        ("resources: {any_of: [{cpus: 1}, {job_recovery: failover}]}", "resources.any_of[1].job_recovery"),
        ("file_mounts: {/a: {source: s3://b, persistent: false}}", "file_mounts./a"),
        ("file_mounts: {/a: oci://b}", "file_mounts./a"),
        ("file_mounts: {/a: https://host/b}", "file_mounts./a"),
        ("file_mounts: {/a: {source: s3://b, store: s3}}", "file_mounts./a"),
        ("file_mounts: {/a: {source: [./x, ./y]}}", "file_mounts./a"),
        ("file_mounts: {/a: {name: b}}", "file_mounts./a"),
        ("file_mounts: {/a: {source: ./x, mode: MOUNT}}", "file_mounts./a"),
        ("secrets: [secrets:A]", "secrets"),
        ("secrets: {'secrets:A': null}", "secrets"),
    ],
)
def test_an_unhonoured_field_is_named(text, path):
    found = named(text)
    assert list(found) == [path]
    assert found[path].endswith("is not supported yet")


@pytest.mark.parametrize(
    "text",
    [
        "run: x",
        "file_mounts: {~/a: ./b, ~/c: {source: ./d, mode: COPY}}",
        "workdir: {url: 'https://a/b', ref: main}",
        "file_mounts: {/a: s3://b, ~/b: {source: 'gs://b/c', mode: MOUNT}, c: {source: r2://b, mode: MOUNT_CACHED}}",
        "file_mounts: {/a: 'https://account.blob.core.windows.net/box/path', /b: az://box, /c: nebius://b}",
        "resources: {volumes: [{path: /data, disk_size: 100, disk_tier: high, auto_delete: true}]}",
        "styx: {backend: pg, minimize: cost, ray: {version: '2.9'}, budget: {hourly: 1}}",
        "secrets: {A: x}\nenvs: {B: y}\nresources: {cpus: 4, gpus: A100, use_spot: true, labels: {a: b}}",
        "service:\npool:\nvolumes: {}\n",
    ],
)
def test_what_is_honoured_is_not_named(text):
    assert named(text) == {}


def test_the_table_names_fields_that_exist():
    everything = named((VALID / "everything_of_skypilot.yaml").read_text())
    own = named((VALID / "own_block.yaml").read_text())
    served = named("service: {replicas: 1}") | named("pool: {workers: 1}") | named("resources: {priority_class: high}")
    assert set(FIELDS) <= {*everything, *own, *served}


def leaves(block: BaseModel, above: str = ""):
    """Yield the path of every field, inside the blocks that are always there too."""
    for name in type(block).model_fields:
        inner = getattr(block, name)
        if isinstance(inner, BaseModel) and f"{above}{name}" not in {*FIELDS, *HONOURED}:
            yield from leaves(inner, f"{above}{name}.")
        else:
            yield f"{above}{name}"


def test_every_field_is_honoured_or_named():
    fields = set(leaves(TaskSpec()))
    assert fields - HONOURED == set(FIELDS)
    assert fields >= HONOURED
