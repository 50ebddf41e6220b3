"""From resources to flat requests."""

import pytest

from styx.errors import SpecError
from styx.spec import Overrides, Request, loads, requests
from styx.spec.accelerators import AcceleratorAsk
from styx.spec.quantities import Amount, LocalDisk


def asked(text, **overrides):
    (task,) = loads(text, overrides=Overrides(**overrides)).tasks
    return requests(task)


def only(text, **overrides):
    (request,) = asked(text, **overrides).alternatives
    return request


def resources(text):
    return only("resources: {" + text + "}")


def test_nothing_asked_is_one_open_request():
    found = asked("run: x")
    assert found.alternatives == (Request(),)
    assert not found.ordered
    assert found.alternatives[0].asked == frozenset()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("infra: aws", ("aws", None, None, None, None)),
        ("infra: AWS/us-east-1", ("aws", "us-east-1", None, None, None)),
        ("infra: aws/*/us-east-1a", ("aws", None, "us-east-1a", None, None)),
        ("infra: '*'", (None, None, None, None, None)),
        ("infra: '*/eu-west-1'", (None, "eu-west-1", None, None, None)),
        ("infra: ssh/my-pool", ("ssh", "my-pool", None, "my-pool", None)),
        ("infra: k8s", ("kubernetes", None, None, None, None)),
        ("infra: 'k8s/arn:x/y'", ("kubernetes", None, None, None, "arn:x/y")),
        ("infra: Kubernetes/ctx", ("kubernetes", None, None, None, "ctx")),
        ("cloud: K8s", ("kubernetes", None, None, None, None)),
        ("cloud: aws, region: r, zone: z", ("aws", "r", "z", None, None)),
        ("region: r", (None, "r", None, None, None)),
    ],
)
def test_places(text, place):
    request = resources(text)
    assert (request.cloud, request.region, request.zone, request.pool, request.context) == place


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("cpus: 4", "cpus", Amount(4)),
        ("cpus: 0.5+", "cpus", Amount(0.5, at_least=True)),
        ("memory: 32", "memory_gib", Amount(32)),
        ("memory: 64GB+", "memory_gib", Amount(64, at_least=True)),
        ("memory: 512MB", "memory_gib", Amount(0.5)),
        ("memory: 1tb", "memory_gib", Amount(1024)),
        ("memory: 4x", "memory_per_cpu", Amount(4)),
        ("disk_size: 256", "disk_size_gib", 256),
        ("disk_size: 1TB", "disk_size_gib", 1024),
        ("disk_tier: BEST", "disk_tier", "best"),
        ("disk_tier: none", "disk_tier", None),
        ("local_disk: nvme", "local_disk", LocalDisk("nvme", 100, at_least=True)),
        ("local_disk: ssd:500", "local_disk", LocalDisk("ssd", 500, at_least=False)),
        ("local_disk: 1000+", "local_disk", LocalDisk("nvme", 1000, at_least=True)),
        ("ports: 8080", "ports", ((8080, 8080),)),
        ('ports: ["9000-9010", 80, "81", 9005]', "ports", ((80, 81), (9000, 9010))),
        ("max_hourly_cost: 1.10", "max_hourly_usd", 1.1),
        ("image_id: docker:nvcr.io/nvidia/pytorch:24.05-py3", "image_id", "docker:nvcr.io/nvidia/pytorch:24.05-py3"),
        ("image_id: {eu-west-1: ami-1}", "image_id", {"eu-west-1": "ami-1"}),
        ("use_spot: yes", "use_spot", True),
    ],
)
def test_amounts(text, field, value):
    assert getattr(resources(text), field) == value


@pytest.mark.parametrize(
    ("text", "asks", "ordered"),
    [
        ("A100", [AcceleratorAsk("A100")], False),
        ("A100:8", [AcceleratorAsk("A100", count=8)], False),
        ("V100:0.5", [AcceleratorAsk("V100", count=0.5)], False),
        ("{A100: 8}", [AcceleratorAsk("A100", count=8)], False),
        ("{L4:1, A10G:2}", [AcceleratorAsk("L4"), AcceleratorAsk("A10G", count=2)], False),
        ("{L4, A10G}", [AcceleratorAsk("L4"), AcceleratorAsk("A10G")], False),
        ("[V100, 'A100:2']", [AcceleratorAsk("V100"), AcceleratorAsk("A100", count=2)], True),
        ("80GB+", [AcceleratorAsk(None, 80, at_least=True)], False),
        ("80GB:2", [AcceleratorAsk(None, 80, count=2)], False),
        ("{80GB+: 2}", [AcceleratorAsk(None, 80, at_least=True, count=2)], False),
        ("NVIDIA:40GB+:1", [AcceleratorAsk(None, 40, at_least=True, vendor="nvidia")], False),
        ("nvidia:1TB", [AcceleratorAsk(None, 1024, vendor="nvidia")], False),
        ("A100-80GB:4", [AcceleratorAsk("A100-80GB", count=4)], False),
    ],
)
def test_accelerators(text, asks, ordered):
    found = asked("resources:\n  accelerators: " + text)
    assert [request.accelerator for request in found.alternatives] == asks
    assert found.ordered is ordered


@pytest.mark.parametrize("text", ["A100:0", "A100:-1", "A100:x", "'8'", "a:b:c", "nvidia:A100:1", "{A100: true}", "[]"])
def test_what_is_no_accelerator_is_refused(text):
    with pytest.raises(SpecError, match=r"resources.accelerators"):
        loads("resources:\n  accelerators: " + text)


@pytest.mark.parametrize(
    ("text", "minutes", "down"),
    [
        ("true", 5, False),
        ("10", 10, False),
        ("10h", 600, False),
        ("90s", 2, False),
        ("{idle_minutes: 3, down: true}", 3, True),
    ],
)
def test_autostop(text, minutes, down):
    stop = resources(f"autostop: {text}").autostop
    assert (stop.idle_minutes, stop.down) == (minutes, down)


def test_autostop_can_be_taken_back_by_an_alternative():
    found = asked("resources: {autostop: 10, any_of: [{autostop: false}, {cpus: 4}]}").alternatives
    assert found[0].autostop is None
    assert "autostop" not in found[0].asked
    assert found[1].autostop.idle_minutes == 10


def test_alternatives_are_completed_by_the_base():
    found = asked("""
resources:
  cpus: 8
  use_spot: true
  labels: {a: "1", b: "1"}
  accelerators: {L4, A10G}
  any_of:
    - {infra: aws/us-east-1, use_spot: false, labels: {b: "2"}}
    - {infra: gcp, accelerators: T4}
""")
    assert not found.ordered
    assert [(one.cloud, one.region, one.accelerator.name, one.use_spot) for one in found.alternatives] == [
        ("aws", "us-east-1", "L4", False),
        ("aws", "us-east-1", "A10G", False),
        ("gcp", None, "T4", True),
    ]
    assert found.alternatives[0].labels == {"a": "1", "b": "2"}
    assert all(one.cpus == Amount(8) for one in found.alternatives)


def test_ordered_alternatives_keep_their_order():
    found = asked("resources: {infra: aws, ordered: [{accelerators: H100}, {region: x, accelerators: A100}]}")
    assert found.ordered
    assert [(one.cloud, one.region, one.accelerator.name) for one in found.alternatives] == [
        ("aws", None, "H100"),
        ("aws", "x", "A100"),
    ]


def test_an_alternative_s_cloud_replaces_the_whole_place():
    found = asked("resources: {infra: aws/r/z, any_of: [{cloud: gcp}, {zone: y}, {region: q}, {}]}").alternatives
    assert [(one.cloud, one.region, one.zone) for one in found] == [
        ("gcp", None, None),
        ("aws", "r", "y"),
        ("aws", "q", None),
        ("aws", "r", "z"),
    ]


def test_what_was_asked_is_named():
    request = resources("infra: aws/r, cpus: 4, use_spot: false, ports: [], labels: {}, autostop: false, disk_size: 9")
    assert request.asked == {"infra", "cloud", "region", "cpus", "disk_size"}
    assert only("run: x", use_spot=True, gpus="A100").asked == {"use_spot", "accelerators"}


def test_the_kinds_of_machine():
    request = only("styx: {machine: {arch: any, burstable: true, marketplace: true}}")
    assert (request.arch, request.burstable, request.marketplace) == (None, True, True)
    assert Request().arch == "x86_64"
