"""`styx optimize` and `styx why-not` on the shipped catalog, as a user types them."""

import json

import pytest

from styx.cli.main import main

SHAPE = {"name", "placement", "ladder"}
PLACEMENT = {"cloud", "region", "zone", "groups", "hourly_usd"}
GROUP = {"role", "count", "instance_type", "market", "hourly_usd"}
HOURLY = {"compute", "disk", "address", "total"}


@pytest.fixture
def spec(tmp_path):
    def write(text):
        path = tmp_path / "task.yaml"
        path.write_text(text)
        return str(path)

    return write


def run(capsys, *words, code=0):
    assert main(list(words)) == code
    return capsys.readouterr()


def test_json_has_the_documented_shape(spec, capsys):
    path = spec("name: t\nnum_nodes: 3\nresources: {infra: aws/us-east-1, cpus: 4+, memory: 16+}")
    (task,) = json.loads(run(capsys, "optimize", path, "--json").out)["tasks"]
    assert task.keys() == SHAPE
    for placement in (task["placement"], *task["ladder"]):
        assert placement.keys() == PLACEMENT
        assert all(group.keys() == GROUP for group in placement["groups"])
        hourly = placement["hourly_usd"]
        assert hourly.keys() == HOURLY
        assert hourly["total"] == pytest.approx(hourly["compute"] + hourly["disk"] + hourly["address"])
        assert hourly["compute"] == pytest.approx(sum(group["hourly_usd"] for group in placement["groups"]))
    assert [(group["role"], group["count"]) for group in task["placement"]["groups"]] == [("head", 1), ("worker", 2)]
    assert task["placement"]["zone"].startswith("us-east-1")
    assert len({placement["zone"] for placement in task["ladder"]}) > 1


def test_json_keeps_to_several_specs_and_documents(spec, capsys, tmp_path):
    two = spec("name: a\nresources: {cpus: 4}\n---\nname: b\nresources: {cpus: 8}")
    one = tmp_path / "one.yaml"
    one.write_text("name: c")
    tasks = json.loads(run(capsys, "optimize", two, str(one), "--json", "--top", "2", "--explain").out)["tasks"]
    assert [task["name"] for task in tasks] == ["a", "b", "c"]
    assert all(len(task["top"]) == 2 for task in tasks)
    assert all(task["explain"]["removed"] and len(task["explain"]["catalog_digest"]) == 64 for task in tasks)


def test_this_machine_counts_only_when_it_is_named(spec, capsys):
    path = spec("resources: {cpus: 1}")
    assert json.loads(run(capsys, "optimize", path, "--json").out)["tasks"][0]["placement"]["hourly_usd"]["total"] > 0
    found = json.loads(run(capsys, "optimize", path, "--infra", "local", "--json").out)["tasks"][0]["placement"]
    assert (found["cloud"], found["hourly_usd"]["total"]) == ("local", 0)


def test_the_table_says_what_it_costs_and_why(spec, capsys):
    path = spec("name: t\nresources: {accelerators: 'A100:8'}")
    said = run(capsys, "optimize", path, "--cloud", "aws", "--cloud", "gcp", "--explain").out
    for part in ("A100:8", "machines $", "disks $", "addresses $", "removed", "without", "total: $", "oldest price"):
        assert part in said
    assert "azure/" not in said


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (("--gpus", "H100:7"), 3, "H100:8"),
        (("--gpus", "H1000"), 2, "did you mean"),
        (("--cloud", "awz"), 2, "aws"),
        (("--minimize", "fun"), 2, "cost or time"),
        (("--infra", "aws/us-esat-1"), 2, "us-east-1"),
    ],
)
def test_what_cannot_be_says_so(spec, capsys, words, code, part):
    said = run(capsys, "optimize", spec("name: t"), *words, code=code)
    assert part in said.err
    assert said.out == ""


def test_why_not(spec, capsys):
    path = spec("name: t\nresources: {accelerators: 'A100:8'}")
    assert "accelerators: A100; it has H100:8" in run(capsys, "why-not", path, "aws/us-east-1/p5.48xlarge").out
    assert "cost less" in run(capsys, "why-not", path, "aws/us-east-1/p4d.24xlarge").out
    said = run(capsys, "why-not", path, "aws/us-east-1/p5.48xlarge", "--gpus", "H100:8", "--cloud", "aws")
    assert "nothing is cheaper" in said.out
    (verdict,) = json.loads(run(capsys, "why-not", path, "aws/us-east-1/p5.48xlarge", "--json").out)
    assert verdict["failed"] == [["accelerators: A100", "H100:8"]]
    assert "did you mean" in run(capsys, "why-not", path, "aws/us-east-1/p5.48xlrge", code=2).err
