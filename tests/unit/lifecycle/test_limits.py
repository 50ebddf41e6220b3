"""What a cloud cannot give by its own limits is refused with its line, before Terraform is asked."""

import pytest

from styx.catalog import Catalog
from styx.errors import SpecError
from styx.lifecycle.honour import refuse_beyond
from styx.lifecycle.limits import faster
from styx.lifecycle.target import Target
from styx.offer import Offer
from styx.optimizer import choose
from styx.spec import loads
from styx.workdir import Workdir


def offer(cloud, region, kind, vcpus, **more):
    return Offer(cloud, region, kind, vcpus, 4 * vcpus, hourly_usd=vcpus / 20, price_kind="list", **more)


OFFERS = (
    offer("aws", "us-east-1", "m7i.xlarge", 4),
    offer("aws", "us-east-1", "c6in.32xlarge", 128),
    offer("aws", "us-east-1", "t3.xlarge", 4, burstable=True),
    offer("azure", "eastus", "Standard_D2s_v5", 2),
    offer("azure", "eastus", "Standard_D4s_v5", 4),
    offer("azure", "eastus", "Standard_D8_v2", 8),
    offer("azure", "eastus", "Standard_B4ms", 4, burstable=True),
    offer("gcp", "us-central1", "e2-medium", 2, burstable=True),
    offer("gcp", "us-central1", "n2-standard-4", 4),
    offer("gcp", "us-central1", "c3-standard-192-metal", 192),
    offer("nebius", "eu-north1", "cpu-d3_4vcpu-16gb", 4),
    offer("nebius", "eu-north1", "gpu-h200-sxm_8gpu-128vcpu-1600gb", 128, accelerator="H200", accelerator_count=8),
)


def placed(tmp_path, text):
    spec = loads(text, "task.yaml")
    cloud = spec.tasks[0].resources.infra.cloud
    plan = choose(spec, Catalog(OFFERS), (cloud,))
    return Target(spec, 0, "demo", Workdir(tmp_path)), plan.tasks[0].placement


def refused(tmp_path, infra, kind, more="", styx=""):
    """Return `line: path: message` of all that is refused."""
    text = f"resources:\n  infra: {infra}\n  instance_type: {kind}\n{more}\n{styx}\n"
    try:
        refuse_beyond(*placed(tmp_path, text))
    except SpecError as error:
        return [f"{fault.line}: {fault.path}: {fault.message}" for fault in error.faults]
    return []


def volumes(count):
    return "  volumes: [" + ", ".join(f"{{path: /d{number}}}" for number in range(count)) + "]"


@pytest.mark.parametrize(
    ("infra", "kind", "most"),
    [
        ("aws", "m7i.xlarge", 21),
        ("azure", "Standard_D2s_v5", 4),
        ("azure", "Standard_D8_v2", 32),
        ("gcp", "e2-medium", 15),
        ("gcp", "n2-standard-4", 127),
        ("nebius", "cpu-d3_4vcpu-16gb", 21),
    ],
)
def test_more_volumes_than_a_machine_takes(infra, kind, most, tmp_path):
    assert refused(tmp_path, infra, kind, volumes(most)) == []
    (said,) = refused(tmp_path, infra, kind, volumes(most + 1))
    assert said.startswith(f"4: resources.volumes: {most + 1} volumes, and {kind} of ")
    assert said.endswith(f"takes {most}")


def test_two_volumes_at_one_place(tmp_path):
    said = refused(tmp_path, "aws", "m7i.xlarge", "  volumes:\n  - {path: /a}\n  - {path: /b}\n  - {path: /a/}")
    assert said == [
        "5: resources.volumes[0]: two volumes cannot both be mounted at /a",
        "7: resources.volumes[2]: two volumes cannot both be mounted at /a/",
    ]


@pytest.mark.parametrize(
    ("infra", "kind"),
    [
        ("aws", "t3.xlarge"),
        ("azure", "Standard_B4ms"),
        ("gcp", "c3-standard-192-metal"),
        ("nebius", "cpu-d3_4vcpu-16gb"),
    ],
)
def test_a_faster_network_that_a_machine_has_nothing_of(infra, kind, tmp_path):
    found = refused(tmp_path, infra, kind, "  network_tier: best")
    if kind.endswith("metal"):  # it is placed close to the others
        assert found == []
        return
    (said,) = found
    assert said.startswith(f"4: resources.network_tier: {kind} of ")


def test_a_head_without_accelerated_networking(tmp_path):
    head = "styx: {ray: {head: {instance_type: Standard_B4ms}}}\nnum_nodes: 2"
    (said,) = refused(tmp_path, "azure", "Standard_D4s_v5", "  network_tier: best", head)
    assert "Standard_B4ms has no accelerated networking" in said


@pytest.mark.parametrize(
    ("infra", "kind", "told"),
    [
        ("aws", "c6in.32xlarge", "EFA, a place close to the others"),
        ("aws", "m7i.xlarge", "a place close to the others"),
        ("azure", "Standard_D4s_v5", "accelerated networking, a place close to the others"),
        ("gcp", "n2-standard-4", "gVNIC, a place close to the others"),
        ("gcp", "e2-medium", "gVNIC"),
        ("nebius", "gpu-h200-sxm_8gpu-128vcpu-1600gb", "InfiniBand"),
    ],
)
def test_what_a_faster_network_is_is_said(infra, kind, told, tmp_path):
    text = f"resources: {{infra: {infra}, instance_type: {kind}, network_tier: best}}\n"
    assert faster(*placed(tmp_path, text)) == f"{kind} gets {told}"
    assert faster(*placed(tmp_path, text.replace(", network_tier: best", ""))) == ""


def test_rules_of_a_security_group(tmp_path):
    def many(count):
        return "[" + ", ".join(f"10.0.{number}.0/24" for number in range(count)) + "]"

    assert refused(tmp_path, "aws", "m7i.xlarge", "", f"styx: {{network: {{allow: {many(58)}}}}}") == []
    (said,) = refused(tmp_path, "aws", "m7i.xlarge", "", f"styx: {{network: {{allow: {many(59)}}}}}")
    assert said.startswith("5: styx.network.allow: 61 rules")
    (said,) = refused(tmp_path, "aws", "m7i.xlarge", "  ports: [80, 90]", f"styx: {{network: {{allow: {many(19)}}}}}")
    assert "61 rules" in said
    (said,) = refused(tmp_path, "aws", "m7i.xlarge", "", f"styx: {{network: {{egress: {many(60)}}}}}")
    assert said.startswith("5: styx.network.egress: 61 rules")
    named = f"styx: {{network: {{ports: {{80: {many(40)}, 81: {many(40)}}}}}}}"
    (said,) = refused(tmp_path, "aws", "m7i.xlarge", "  ports: [80]", named)
    assert said.startswith("5: styx.network.ports: 82 rules")


def test_ports_that_are_opened_one_by_one(tmp_path):
    kind = "cpu-d3_4vcpu-16gb"
    assert refused(tmp_path, "nebius", kind, "  ports: 9000-9255") == []
    (said,) = refused(tmp_path, "nebius", kind, "  ports: 9000-9256")
    assert said.startswith("4: resources.ports: Nebius opens ports one by one, and 9000-9256 are 257")
    (said,) = refused(tmp_path, "nebius", kind, "", "styx: {network: {ports: {1024-65535: []}}}")
    assert said.startswith("5: styx.network.ports.1024-65535: ")


@pytest.mark.parametrize(
    ("infra", "kind", "bucket", "network"),
    [
        ("gcp", "n2-standard-4", "gs://books", "egress: [10.0.0.0/8]"),
        ("aws", "m7i.xlarge", "s3://books", "egress: [10.0.0.0/8], subnet: subnet-1"),
    ],
)
def test_a_bucket_behind_a_closed_door(infra, kind, bucket, network, tmp_path):
    mount = f"file_mounts: {{/in: '{bucket}'}}\n"
    (said,) = refused(tmp_path, infra, kind, "", mount + f"styx: {{network: {{{network}}}}}")
    assert said.startswith("5: file_mounts./in: ")
    open_door = network.replace("10.0.0.0/8", "10.0.0.0/8, 199.36.153.8/30") if infra == "gcp" else network[22:]
    assert refused(tmp_path, infra, kind, "", mount + f"styx: {{network: {{{open_door}}}}}") == []


@pytest.mark.parametrize(
    ("network", "path", "said"),
    [
        ("{subnet: nodes}", "subnet", "does not say the resource group"),
        ("{vpc: group/net, subnet: nodes, tunnel: bastion}", "tunnel", "only in a network of its own"),
        ("{vpc: group/net, subnet: nodes, security_groups: [a/b, a/c]}", "security_groups", "takes one"),
        ("{vpc: group/net, subnet: nodes, security_groups: [b]}", "security_groups", "by its resource group"),
        ("{vpc: group/net, subnet: nodes, proxy_jump: me@jump}", "proxy_jump", "the jump host comes from another"),
        ("{tunnel: bastion, public_ip: true}", "public_ip", "a tunnel reaches private addresses"),
    ],
)
def test_networks_that_are_none(network, path, said, tmp_path):
    (found,) = refused(tmp_path, "azure", "Standard_D4s_v5", "", f"styx: {{network: {network}}}")
    assert found.startswith(f"5: styx.network.{path}: ")
    assert said in found


def test_networks_that_are_one(tmp_path):
    for network in (
        "{vpc: group/net, subnet: nodes}",
        "{subnet: group/net/nodes, security_groups: [a/b], proxy_jump: me@jump}",
        "{vpc: group/net, subnet: nodes, allow: [10.0.0.5/32], proxy_jump: me@jump}",
        "{tunnel: bastion, public_ip: false}",
    ):
        assert refused(tmp_path, "azure", "Standard_D4s_v5", "", f"styx: {{network: {network}}}") == []


@pytest.mark.parametrize("where", ["styx: {tags: {Name: me}}", "  labels: {Name: me}"])
def test_a_name_is_what_aws_shows_a_machine_by(where, tmp_path):
    more, styx = ("", where) if where.startswith("styx") else (where, "")
    (said,) = refused(tmp_path, "aws", "m7i.xlarge", more, styx)
    assert "AWS takes no tag 'Name'" in said


@pytest.mark.parametrize(
    ("infra", "kind", "image", "said"),
    [
        (
            "aws",
            "m7i.xlarge",
            "ubuntu-20.04",
            ["4: resources.image_id: AWS has no image family 'ubuntu-20.04' for x86_64"],
        ),
        ("aws", "m7i.xlarge", "ubuntu-22.04", []),
        ("aws", "m7i.xlarge", "ami-0123456789abcdef0", []),
        ("aws", "m7i.xlarge", "training-2.1", []),
        ("aws", "m7i.xlarge", "docker:ubuntu-20.04", []),
        (
            "aws",
            "m7i.xlarge",
            "{us-east-1: ubunut-22.04}",
            ["4: resources.image_id: AWS has no image family 'ubunut-22.04' for x86_64"],
        ),
        ("nebius", "cpu-d3_4vcpu-16gb", "ubuntu24.04-driverless", []),
        ("gcp", "n2-standard-4", "projects/mine/global/images/ubuntu-20.04", []),
    ],
)
def test_an_image_family_that_there_is_not(tmp_path, infra, kind, image, said):
    assert refused(tmp_path, infra, kind, f"  image_id: {image}") == said


def test_the_families_there_are_come_nearest_first(tmp_path):
    text = "resources: {infra: aws, instance_type: m7i.xlarge, image_id: ubuntu-22.10}\n"
    with pytest.raises(SpecError) as raised:
        refuse_beyond(*placed(tmp_path, text))
    assert "did you mean ubuntu-22.04, or ubuntu-24.04?" in str(raised.value.faults[0].hint)
