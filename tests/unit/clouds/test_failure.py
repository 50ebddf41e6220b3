"""What providers really say, told apart: a file of messages a cloud, in failures/."""

import tomllib
from pathlib import Path

import pytest

from styx import clouds
from styx.clouds.failure import Pattern, classify

CASES = [
    pytest.param(path.stem, case, id=f"{path.stem}-{number}-{case['kind']}")
    for path in sorted(Path(__file__).with_name("failures").glob("*.toml"))
    for number, case in enumerate(tomllib.loads(path.read_text())["case"], 1)
]


@pytest.mark.parametrize(("cloud", "case"), CASES)
def test_a_message_means(cloud, case):
    failure = classify(clouds.by_id(cloud).failures, case["text"])
    assert (failure.kind, failure.scope) == (case["kind"], case["scope"]), failure.said


@pytest.mark.parametrize("cloud", [one for one in clouds.ids() if not clouds.by_id(one).is_own])
def test_each_cloud_knows_every_kind_and_is_tested_on_it(cloud):
    kinds = {case["kind"] for name, case in (param.values for param in CASES) if name == cloud}
    assert kinds == {"capacity", "quota", "credentials", "invalid", "unknown"}
    assert {pattern.kind for pattern in clouds.by_id(cloud).failures} == kinds - {"unknown"}


@pytest.mark.parametrize("cloud", clouds.ids())
def test_no_cloud_takes_another_ones_capacity_for_its_own_credentials(cloud):
    for name, case in (param.values for param in CASES):
        found = classify(clouds.by_id(cloud).failures, case["text"])
        assert name == cloud or found.kind in {"unknown", case["kind"]}, (name, case["text"], found)


def test_lines_and_the_frame_around_them_do_not_matter():
    patterns = (Pattern("capacity", "zone", "no room here"),)
    framed = "╷\n│ Error: no\n│ room   here\n╵"
    assert classify(patterns, framed).said == "no room here"


def test_what_may_be_tried_elsewhere():
    patterns = (Pattern("quota", "region", "q"), Pattern("credentials", "account", "c"))
    assert classify(patterns, "q").elsewhere
    assert not classify(patterns, "c").elsewhere
    assert not classify(patterns, "").elsewhere
