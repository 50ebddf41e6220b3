"""The questions of `styx show-gpus`."""

import json

import pytest

from styx.catalog import Catalog, gpus
from styx.catalog.gpus import Question
from styx.cli.main import main
from styx.errors import NoOfferError, UsageError
from styx.offer import Offer


def machine(name, count, price, spot=None, **given):
    place = {"cloud": "aws", "region": "us-east-1"} | {
        key: given.pop(key) for key in ("cloud", "region") if key in given
    }
    gpu = {"accelerator": "H100", "accelerator_count": count, "gpu_memory_gib": 80} | given
    return Offer(
        **place, instance_type=name, vcpus=8 * count, memory_gib=64, hourly_usd=price, spot_hourly_usd=spot, **gpu
    )


CATALOG = Catalog(
    (
        machine("one", 1, 5.0, 2.0),
        machine("eight", 8, 32.0),
        machine("eight", 8, 30.0, 16.0, region="us-west-2"),
        machine("gcp-eight", 8, 28.0, cloud="gcp", region="us-central1"),
        machine("no-price", 8, None, cloud="gcp", region="us-west1"),
        machine("tee", 1, 0.5, accelerator="T4", gpu_memory_gib=16),
        Offer("aws", "us-east-1", "cpu", 4, 16, hourly_usd=0.1),
    )
)


def test_each_accelerator_is_told_with_its_cheapest_machines():
    h100, t4 = gpus.accelerators(CATALOG, Question())
    assert (h100.name, h100.memory_gib, h100.vendor) == ("H100", 80, "nvidia")
    assert (h100.clouds, h100.counts) == (("aws", "gcp"), (1, 8))
    assert (h100.on_demand.instance_type, h100.on_demand.hourly_usd) == ("gcp-eight", 28)
    assert (h100.spot.instance_type, h100.spot.count) == ("one", 1)
    assert (t4.name, t4.spot) == ("T4", None)


def test_only_what_is_sold_as_spot_or_in_a_region_counts_when_asked():
    (spot,) = gpus.accelerators(CATALOG, Question(spot=True))
    assert spot.on_demand.instance_type == "eight"
    (west,) = gpus.accelerators(CATALOG, Question(region="us-west-2"))
    assert west.counts == (8,)


def names(*given, **asked):
    return [(one.cloud, one.region, one.instance_type) for one in gpus.offers(CATALOG, *given, Question(**asked))]


def test_the_cheapest_of_each_cloud_and_number_is_shown_or_every_one():
    assert names("H100") == [
        ("aws", "us-east-1", "one"), ("gcp", "us-central1", "gcp-eight"), ("aws", "us-west-2", "eight"),
    ]  # fmt: skip
    assert len(names("H100", count=8, all=True)) == 4
    assert names("H100", count=8, all=True)[-1][2] == "no-price"
    assert names("H100", spot=True) == [("aws", "us-east-1", "one"), ("aws", "us-west-2", "eight")]


@pytest.mark.parametrize("name", ["h100", "H100-SXM", "H100-NVLINK", "nvidia-h100-80gb"])
def test_any_of_its_names_finds_an_accelerator(name):
    assert gpus.resolve(CATALOG, name) == "H100"


def test_an_unknown_accelerator_is_answered_with_the_nearest_names():
    with pytest.raises(UsageError) as caught:
        gpus.offers(CATALOG, "H1000", Question())
    assert "H100" in caught.value.hint
    with pytest.raises(UsageError, match="no accelerator"):
        gpus.resolve(CATALOG, "qqqq")


def test_a_number_that_nobody_sells_is_answered_with_those_that_exist():
    with pytest.raises(NoOfferError) as caught:
        gpus.offers(CATALOG, "H100", Question(count=7))
    assert "H100:1, H100:8" in caught.value.hint
    assert "H100:7" in caught.value.message


def test_an_unknown_region_is_answered_with_the_nearest():
    with pytest.raises(UsageError) as caught:
        gpus.accelerators(CATALOG, Question(region="us-west-22"))
    assert "us-west-2" in caught.value.hint


def answer(capsys, *words):
    code = main(["show-gpus", *words])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_command_prints_tables_and_json(capsys):
    code, out, _ = answer(capsys)
    assert code == 0
    assert "H100 " in out
    assert "80 GiB" in out
    code, out, _ = answer(capsys, "H100:8", "--cloud", "aws", "--json")
    (one,) = json.loads(out)
    assert (code, one["cloud"], one["count"], one["gpu_memory_gib"]) == (0, "aws", 8, 80)
    code, out, _ = answer(capsys, "A100", "--all", "--spot", "--region", "us-central1")
    assert code == 0
    assert "a2-highgpu-8g" in out
    assert "aws" not in out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("H1000",), 2, "did you mean H100"),
        (("H100:many",), 2, "write H100:8"),
        (("H100:7",), 3, "H100:8"),
        (("A10:0.4",), 3, "A10:0.167, A10:0.333, A10:0.5"),
        (("93GB",), 3, "80GB, 94GB, 96GB"),
        (("--cloud", "kubernetes"), 2, "kubernetes is not supported yet"),
        (("--cloud", "awss"), 2, "did you mean aws?"),
        (("--region", "us-est-1"), 2, "us-east-1"),
    ],
)
def test_a_wrong_question_gets_a_hint(capsys, words, code, said):
    found, _, err = answer(capsys, *words)
    assert found == code
    assert said in err


def test_all_without_a_name_is_every_offer(capsys):
    code, out, _ = answer(capsys, "--all", "--cloud", "nebius", "--json")
    assert code == 0
    assert len(json.loads(out)) == 21


def test_a_part_is_found_as_people_round_it(capsys):
    for asked in ("A10:0.167", "A10:0.17", "A10:0.1666667"):
        code, out, _ = answer(capsys, asked, "--json")
        assert (code, {one["instance_type"] for one in json.loads(out)}) == (0, {"Standard_NV6ads_A10_v5"})


def test_gpus_are_found_by_their_memory(capsys):
    found = json.loads(answer(capsys, "94GB", "--json")[1])
    assert {(one["accelerator"], one["gpu_memory_gib"]) for one in found} == {("H100", 94)}
    found = json.loads(answer(capsys, "141gb+:8", "--json")[1])
    assert {"H200", "B200"} <= {one["accelerator"] for one in found}
    assert all(one["gpu_memory_gib"] >= 141 and one["count"] == 8 for one in found)


def test_sizes_of_memory_under_one_name_are_told_apart(capsys):
    (h100,) = (one for one in json.loads(answer(capsys, "--json")[1]) if one["name"] == "H100")
    assert h100["memories_gib"] == [80, 94]
    assert "80 or 94 GiB" in answer(capsys)[1]


def test_restricted_regions_count_when_they_are_named():
    catalog = Catalog((machine("gov", 1, 1.0, region="us-gov-west-1"), machine("one", 1, 5.0)))
    assert gpus.accelerators(catalog, Question())[0].on_demand.instance_type == "one"
    assert [one.instance_type for one in gpus.offers(catalog, "H100", Question())] == ["one"]
    assert [one.instance_type for one in gpus.offers(catalog, "H100", Question(all=True))] == ["gov", "one"]
    assert gpus.accelerators(catalog, Question(region="us-gov-west-1"))[0].on_demand.instance_type == "gov"
    assert [one.region for one in gpus.offers(catalog, "H100", Question(region="us-gov-west-1"))] == ["us-gov-west-1"]
