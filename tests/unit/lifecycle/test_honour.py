"""What a cloud cannot honour, or refuses, is named with its line before anything is made."""

import pytest

from styx.catalog import Catalog
from styx.errors import SpecError
from styx.lifecycle.honour import refuse_beyond, refuse_on_standing
from styx.lifecycle.target import Target
from styx.offer import Offer
from styx.optimizer import choose
from styx.spec import loads
from styx.workdir import Workdir

OFFERS = (
    Offer("aws", "us-east-1", "m7i.xlarge", 4, 16, ("us-east-1a",), hourly_usd=0.2, price_kind="list"),
    Offer("local", "this-machine", "this-machine", 8, 32, hourly_usd=0, price_kind="own", divisible=True),
)


def refused(text, cloud, tmp_path, offers=OFFERS):
    """Return what is said of a spec on `cloud`; empty when it is taken."""
    spec = loads(text, "task.yaml")
    plan = choose(spec, Catalog(offers), (cloud,))
    try:
        refuse_beyond(Target(spec, 0, "demo", Workdir(tmp_path)), plan.tasks[0].placement)
    except SpecError as error:
        return [f"{fault.line}: {fault.path}: {fault.message}" for fault in error.faults]
    return []


@pytest.mark.parametrize(
    ("styx", "path", "said"),
    [
        ("tags: {'aws:x': y}", "styx.tags.aws:x", "takes no tag"),
        ("tags: {styx-run: y}", "styx.tags.styx-run", "Styx's own"),
        ("network: {vpc: vpc-1}", "styx.network.vpc", "without a subnet"),
        ("network: {tunnel: iap}", "styx.network.tunnel", "no tunnel called iap"),
        ("network: {subnet: s, tunnel: ssm, proxy_jump: b}", "styx.network.proxy_jump", "not both"),
        ("network: {proxy_jump: me@bastion}", "styx.network.proxy_jump", "no host to go through is in"),
        ("network: {public_ip: false}", "styx.network.public_ip", "nobody could reach"),
        ("network: {ports: {22: [10.0.0.0/8]}}", "styx.network.ports.22", "closed to yourself"),
        ("network: {ports: {20-30: [10.0.0.0/8]}}", "styx.network.ports.20-30", "closed to yourself"),
        ("network: {allow: ['2001:db8::/32']}", "styx.network.allow", "IPv4"),
        ("network: {subnet: s, security_groups: [g], allow: [10.0.0.0/8]}", "styx.network.security_groups", "decide"),
    ],
)
def test_what_aws_refuses_is_named_with_its_line(styx, path, said, tmp_path):
    (found,) = refused(f"run: x\nstyx:\n  {styx}\n", "aws", tmp_path)
    assert found.startswith(f"3: {path}: ")
    assert said in found


@pytest.mark.parametrize(
    "styx",
    [
        "{tags: {team: research}, owner: me}",
        "{network: {subnet: subnet-1, vpc: vpc-1}}",
        "{network: {allow: [10.0.0.0/8], ports: {8080: []}, egress: [10.0.0.0/8]}}",
        "{network: {tunnel: ssm}}",
    ],
)
def test_what_aws_takes(styx, tmp_path):
    assert refused(f"run: x\nstyx: {styx}\n", "aws", tmp_path) == []


def test_this_machine_has_no_network_of_its_own(tmp_path):
    found = refused("styx:\n  tags: {a: b}\n  network: {vpc: v, subnet: s}\n  ssh_key: k\n", "local", tmp_path)
    assert {line.split(": ")[1] for line in found} == {
        "styx.tags",
        "styx.network.vpc",
        "styx.network.subnet",
        "styx.ssh_key",
    }


def test_a_container_runs_on_any_machine_but_this_one(tmp_path):
    text = "resources:\n  image_id: docker:ubuntu\n"
    assert refused(text, "aws", tmp_path) == []
    (found,) = refused(text, "local", tmp_path)
    assert found.startswith("2: resources.image_id: ")


@pytest.mark.parametrize("field", ["python: 3.12", "conda: {packages: [numpy]}", "packages: [htop]"])
def test_nothing_is_installed_for_the_whole_of_this_machine(field, tmp_path):
    (found,) = refused(f"styx:\n  environment:\n    {field}\n", "local", tmp_path)
    assert found.startswith(f"3: styx.environment.{field.split(':')[0]}: ")


def test_an_open_port_is_no_matter_of_ours_where_named_groups_decide(tmp_path):
    text = "resources: {ports: 8080}\nstyx:\n  network: {subnet: s, security_groups: [g]}\n"
    (found,) = refused(text, "aws", tmp_path)
    assert found.startswith("3: styx.network.security_groups: ")


def test_machines_without_a_public_address_are_no_small_thing_to_a_cloud_that_has_none(tmp_path):
    (found,) = refused("styx:\n  network: {public_ip: false}\n", "local", tmp_path)[:1]
    assert found.startswith("2: styx.network.public_ip: ")


@pytest.mark.parametrize("jump", ["none", "-oProxyCommand=id", "a '-oProxyCommand=id'", "me@b,-x", "a b", "me@h:x"])
def test_a_jump_host_is_nothing_but_a_host(jump):
    with pytest.raises(SpecError, match="names no host to go through"):
        loads(f"styx: {{network: {{subnet: s, proxy_jump: {jump!r}}}}}\n", "task.yaml")


@pytest.mark.parametrize("jump", ["bastion", "me@bastion.example.com:2222", "a@b,c@10.0.0.1"])
def test_jump_hosts(jump):
    assert loads(f"styx: {{network: {{proxy_jump: {jump!r}}}}}\n").tasks[0].styx.network.proxy_jump == jump


def test_local_has_no_buckets_and_no_further_disks(tmp_path):
    found = refused("file_mounts: {~/a: s3://b}\nresources: {volumes: [{path: /data}]}\n", "local", tmp_path)
    assert found == [
        "2: resources.volumes: this machine cannot honour volumes",
        "1: file_mounts.~/a: this machine cannot honour a bucket as a file mount",
    ]
    assert refused("file_mounts: {~/a: s3://b}\n", "aws", tmp_path) == []
    assert refused("workdir: {url: 'https://host/repository', ref: main}\n", "local", tmp_path) == []


def test_another_job_brings_no_bucket_to_machines_that_stand(tmp_path):
    target = Target(loads("run: x\nfile_mounts: {~/a: s3://b, ~/c: ./d}\n", "task.yaml"), 0, "demo", Workdir(tmp_path))
    with pytest.raises(SpecError) as error:
        refuse_on_standing(target)
    assert [fault.path for fault in error.value.faults] == ["file_mounts.~/a"]


MACHINES = {
    "aws": Offer("aws", "r", "m", 4, 16, ("z",), hourly_usd=0.2, spot_hourly_usd=0.1, price_kind="list"),
    "gcp": Offer("gcp", "r", "n2-standard-4", 4, 16, ("z",), hourly_usd=0.2, price_kind="list"),
    "azure": Offer("azure", "r", "m", 4, 16, ("z",), hourly_usd=0.2, price_kind="list"),
}


@pytest.mark.parametrize(
    ("cloud", "autostop", "life", "said"),
    [
        ("aws", "30m", "null", ""),
        ("aws", "{down: true}, use_spot: true", "8h", ""),
        ("aws", "false", "8h", ""),
        ("aws", "30m, use_spot: true", "null", "a spot machine of AWS cannot be stopped"),
        ("aws", "30m", "8h", "stops it or ends it"),
        ("gcp", "30m", "null", ""),
        ("gcp", "{down: true}", "null", "cannot end itself"),
        ("gcp", "false", "8h", "Google Cloud cannot honour lifetime"),
        ("azure", "30m", "null", "Azure cannot honour autostop"),
    ],
)
def test_what_a_machine_cannot_do_to_itself_is_refused_by_name(cloud, autostop, life, said, tmp_path):
    text = f"resources: {{infra: {cloud}, cpus: 4, autostop: {autostop}}}\nstyx: {{lifetime: {life}}}\n"
    found = "".join(refused(text, cloud, tmp_path, (MACHINES[cloud],)))
    assert bool(found) == bool(said)
    assert said in found
