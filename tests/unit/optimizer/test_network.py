"""What a cluster's own network costs is part of its price, of its budget and of Terraform's precondition."""

import json

import pytest

from styx.catalog import Catalog
from styx.cli import describe
from styx.errors import BudgetError
from styx.offer import Offer
from styx.optimizer import choose
from styx.render import Rendering, render
from styx.spec import loads

OFFERS = tuple(
    Offer(cloud, region, kind, 8, 32, hourly_usd=0.4, price_kind="list")
    for cloud, region, kind in (
        ("aws", "us-east-1", "m7i.2xlarge"),
        ("azure", "eastus", "Standard_D8s_v5"),
        ("gcp", "us-central1", "n2-standard-8"),
        ("nebius", "eu-north1", "cpu-d3_8vcpu-32gb"),
    )
)


def planned(cloud, network, budget="", nodes=2):
    text = f"num_nodes: {nodes}\nresources: {{infra: {cloud}}}\nstyx: {{network: {{{network}}}{budget}}}\n"
    spec = loads(text, "task.yaml")
    return spec, choose(spec, Catalog(OFFERS), (cloud,))


@pytest.mark.parametrize(
    ("cloud", "network", "usd", "of"),
    [
        ("aws", "", 0, {}),
        ("aws", "tunnel: ssm", 0.05, {"NAT gateway": 1, "address": 1}),
        ("aws", "tunnel: ssm, egress: [10.0.0.0/8]", 0.08, {"NAT gateway": 1, "address": 1, "interface endpoint": 3}),
        ("aws", "tunnel: ssm, subnet: subnet-1", 0, {}),
        ("azure", "tunnel: bastion", 0.345, {"NAT gateway": 1, "Bastion": 1, "address": 2}),
        ("gcp", "tunnel: iap", 0.0078, {"NAT gateway for a machine": 2, "address": 1}),
        ("nebius", "proxy_jump: me@jump, subnet: s", 0, {}),
    ],
)
def test_gateways_and_tunnels_are_counted(cloud, network, usd, of):
    placement = planned(cloud, network)[1].tasks[0].placement
    assert placement.cost.network_usd == pytest.approx(usd)
    assert dict(placement.cost.network) == of
    parts = placement.cost.compute_usd + placement.cost.disk_usd + placement.cost.address_usd
    assert placement.cost.hourly_usd == pytest.approx(parts + usd)
    assert ("estimated price" in describe.network(placement)) is bool(of)


def test_the_gateway_of_google_costs_no_more_from_so_many_machines_on():
    placement = planned("gcp", "tunnel: iap", nodes=40)[1].tasks[0].placement
    assert placement.cost.network_usd == pytest.approx(32 * 0.0014 + 0.005)


def test_machines_behind_a_tunnel_pay_for_no_address_of_their_own():
    assert planned("aws", "tunnel: ssm")[1].tasks[0].placement.cost.address_usd == 0
    assert planned("aws", "")[1].tasks[0].placement.cost.address_usd > 0


def test_a_bastion_counts_towards_the_budget_here_and_in_terraform():
    alone = planned("azure", "tunnel: bastion")[1].tasks[0].placement.cost
    limit = alone.hourly_usd - 0.1
    with pytest.raises(BudgetError, match="over the budget"):
        planned("azure", "tunnel: bastion", f", budget: {{hourly: {limit}}}")
    spec, plan = planned("azure", "tunnel: bastion", ", budget: {hourly: 100}")
    bundle = render(Rendering("demo", spec.tasks[0], plan.tasks[0], plan, ".", public_key="ssh-ed25519 AAAA"))
    told = json.loads(bundle["terraform/terraform.tfvars.json"])
    assert told["network_hourly_usd"] == alone.network_usd
    counted = sum(group["count"] * group["hourly_usd"] for group in told["groups"]) + told["network_hourly_usd"]
    assert counted == pytest.approx(alone.hourly_usd, abs=1e-5)
