"""Fields that are read and not honoured are named."""

from pathlib import Path

import pytest

from styx.spec import loads, unhonoured
from styx.spec.unsupported import FIELDS

VALID = Path(__file__).parent / "valid"


def named(text):
    return dict(unhonoured(loads(text).tasks[0]))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("service: {replicas: 1}", "service"),
        ("pool: {workers: 1}", "pool"),
        ("volumes: {/a: b}", "volumes"),
        ("resources: {volumes: [{name: a}]}", "resources.volumes"),
        ("resources: {any_of: [{cpus: 1}, {job_recovery: failover}]}", "resources.any_of[1].job_recovery"),
        ("workdir: {url: 'https://a/b'}", "workdir"),
        ("file_mounts: {/a: s3://b}", "file_mounts./a"),
        ("file_mounts: {/a: {name: b}}", "file_mounts./a"),
        ("file_mounts: {/a: {source: ./x, mode: MOUNT}}", "file_mounts./a"),
        ("secrets: [secrets:A]", "secrets"),
        ("secrets: {'secrets:A': null}", "secrets"),
        ("styx: {environment: {docker: ubuntu}}", "styx.environment.docker"),
        ("styx: {backend: s3}", "styx.backend"),
        ("styx: {minimize: time}", "styx.minimize"),
        ("styx: {ray: {head: {cpus: 4}}}", "styx.ray.head"),
        ("styx: {network: {tunnel: ssm}}", "styx.network.tunnel"),
        ("styx: {policy: {forbid: [replace]}}", "styx.policy"),
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
        "styx: {backend: local, minimize: cost, ray: {version: '2.9'}, budget: {hourly: 1}, tags: {a: b}, owner: me}",
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
