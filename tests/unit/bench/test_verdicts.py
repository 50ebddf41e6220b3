"""Each difference to a peer is explained by the catalog, or it is wrong and the benchmark fails."""

import importlib.util
from pathlib import Path

import pytest

from styx.catalog import Catalog
from styx.offer import Offer
from styx.spec import loads

CLOUDS = ("aws", "gcp", "nebius")
SPEC = loads("resources: {cpus: 8}")


def offer(cloud, region, name, vcpus=8, **more):
    values = {"hourly_usd": 1.0, "price_kind": "list", "price_as_of": "2026-01-01", **more}
    return Offer(cloud, region, name, vcpus, 32, **values)


GPU = {"accelerator": "T4", "accelerator_count": 1, "gpu_memory_gib": 16}
OFFERS = (
    offer("aws", "us-east-1", "cheap"),
    offer("aws", "us-east-1", "same"),
    offer("aws", "us-east-1", "dear", hourly_usd=2.0),
    offer("aws", "us-east-1", "small", vcpus=2, hourly_usd=0.1),
    offer("aws", "us-east-1", "odd", hourly_usd=0.01),
    offer("nebius", "eu-north1", "bare", hourly_usd=1.02),
    offer("nebius", "eu-north1", "bargain", hourly_usd=0.5),
    offer("gcp", "us-central1", "n1-standard-2", vcpus=2, hourly_usd=0.1),
    offer("gcp", "us-central1", "n1-standard-4+T4:1", vcpus=4, hourly_usd=0.5, **GPU),
    offer("gcp", "us-central1", "g2", hourly_usd=0.7, **GPU),
)


@pytest.fixture(scope="module", name="market")
def planted_market():
    path = Path(__file__).parents[3] / "bench" / "verdicts.py"
    spec = importlib.util.spec_from_file_location("bench_verdicts", path)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(__import__("sys").modules, "bench_verdicts", module)
        spec.loader.exec_module(module)
    catalog = Catalog(OFFERS)
    catalog.connection.execute(
        "CREATE OR REPLACE VIEW doubts AS SELECT 'ratio' AS rule, 'aws' AS cloud, 'us-east-1' AS region, "
        "'odd' AS instance_type, 'a tenth' AS detail"
    )
    return module.Market(catalog, CLOUDS)


CHEAP, AWS, GCP = "aws/us-east-1/cheap", "aws/us-east-1", "gcp/us-central1"


@pytest.mark.parametrize(
    ("peer", "styx", "said", "wrong"),
    [
        ([CHEAP], CHEAP, "the same choice", False),
        ([f"{AWS}/same"], CHEAP, "the same price", False),
        ([f"{AWS}/dear"], CHEAP, "cheaper by ", False),
        ([CHEAP], f"{AWS}/dear", "DEARER", True),
        ([f"{AWS}/small"], CHEAP, "does not meet cpus: 8 (has 2)", False),
        ([f"{AWS}/odd"], CHEAP, "doubtful: a tenth", False),
        ([], CHEAP, "the peer has no answer", False),
        ([], None, "neither has an answer", True),
        ([CHEAP], None, f"refuses, though {CHEAP} fits", True),
        ([f"{AWS}/small"], None, "does not meet cpus: 8", False),
        ([f"{AWS}/invented"], CHEAP, "is no offer of the catalog", True),
        ([f"{AWS}/cheap+T4:1", CHEAP], CHEAP, "is no offer of the catalog", True),
        ([f"{GCP}/n1-standard-2+T4:1", f"{GCP}/n1-standard-2"], CHEAP, "not sold: that machine is too small", False),
        ([f"{GCP}/g2+T4:1", f"{GCP}/g2"], CHEAP, "does not meet accelerators", False),
        # Disks and addresses of nebius have no price: they may cost as much as the dearest, but no more.
        (["nebius/eu-north1/bare"], CHEAP, "cheaper by", False),
        (["nebius/eu-north1/bargain"], CHEAP, "DEARER", True),
    ],
)
def test_a_difference_is_explained_or_wrong(market, peer, styx, said, wrong):
    verdict = market.judged(SPEC, peer, styx)
    assert said in verdict.said
    assert verdict.wrong == wrong
