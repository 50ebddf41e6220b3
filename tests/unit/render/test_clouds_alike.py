"""What the modules of all clouds share: the same interface, the same limits, and no value of the user's in code."""

import functools

import pytest

from styx import clouds, paths
from styx.catalog import open_catalog
from styx.lifecycle.target import Target
from styx.optimizer import choose
from styx.render import Rendering, render
from styx.spec import loads
from styx.workdir import Workdir

CLOUDS = tuple(one for one in clouds.ids() if clouds.by_id(one).provider)
SHARED = ("variables.tf", "outputs.tf", "hosts.tf", "placement.tf")

PLAIN = "num_nodes: {nodes}\nresources: {{infra: {cloud}{gpu}}}\nrun: echo hi\n"
MARK = "qzx"
"""In every value that the user gives, and in nothing that Styx writes."""


@functools.cache
def rendered(cloud, text):
    spec = loads(text, "task.yaml")
    plan = choose(spec, open_catalog((cloud,)), (cloud,))
    target = Target(spec, 0, "demo", Workdir(paths.state() / "none"))
    key = f"ssh-ed25519 AAAA {MARK}"
    return render(Rendering("demo", target.task, plan.tasks[0], plan, ".", public_key=key))


def plain(cloud, nodes=1):
    # Lambda sells machines with GPUs alone.
    gpu = "" if "disk_size" in clouds.by_id(cloud).capabilities else ", accelerators: A10:1"
    return rendered(cloud, PLAIN.format(cloud=cloud, nodes=nodes, gpu=gpu))


def code(bundle):
    texts = [text for path, text in bundle.items() if path.endswith(".tf")]
    return [line for text in texts for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def test_there_are_clouds():
    assert {"aws", "gcp", "azure", "lambda", "nebius"} <= set(CLOUDS)


@pytest.mark.parametrize("name", SHARED)
def test_the_shared_files_are_the_same_text(name):
    texts = {cloud: plain(cloud)[f"terraform/{name}"] for cloud in CLOUDS}
    assert len(set(texts.values())) == 1, texts


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_plain_cluster_is_small(cloud):
    bundle = plain(cloud)
    assert len(code(bundle)) < 200
    assert max(text.count("\n") for path, text in bundle.items() if path.startswith("terraform/")) <= 150


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("nodes", [1, 2, 15])
def test_one_node_more_is_one_line(cloud, nodes):
    before, after = plain(cloud, nodes), plain(cloud, nodes + 1)
    differing = [path for path in before if before[path] != after[path]]
    assert differing == ["terraform/terraform.tfvars.json", "styx.lock.json"]
    lines = zip(before[differing[0]].splitlines(), after[differing[0]].splitlines(), strict=True)
    assert sum(old != new for old, new in lines) == 1


@pytest.mark.parametrize("cloud", CLOUDS)
def test_no_value_of_the_users_is_in_code(cloud):
    able = clouds.by_id(cloud).capabilities
    network = {"vpc": f"vpc-{MARK}", "subnet": f"subnet-{MARK}", "proxy_jump": f"jump-{MARK}"}
    lines = [f"    {name}: {value}" for name, value in network.items() if f"styx.network.{name}" in able]
    tags = [f"    {MARK}: {MARK}"] if "styx.tags" in able else []
    text = "\n".join([
        f"name: n{MARK}",
        f"resources: {{infra: {cloud}, ports: [8080]{', accelerators: A10:1' if cloud == 'lambda' else ''}}}",
        f"envs: {{A: {MARK}}}",
        f"run: echo {MARK}",
        "styx:",
        "  network:",
        "    ports: {8443: [203.0.113.0/24]}",
        *lines,
        *(["  tags:", *tags] if tags else []),
    ])  # fmt: skip
    bundle = rendered(cloud, text)
    assert not [path for path, body in bundle.items() if path.endswith((".tf", ".hcl", ".yml")) and MARK in body
                and path != "ansible/group_vars/all.yml"]  # fmt: skip
    assert MARK in bundle["terraform/terraform.tfvars.json"]
