"""`styx optimize` and `styx why-not` on the shipped catalog, as a user types them."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from styx.cli import wide
from styx.cli.main import main

SHAPE = {"name", "placement", "ladder"}
PLACEMENT = {"cloud", "region", "zone", "groups", "hourly_usd"}
GROUP = {"role", "count", "instance_type", "market", "hourly_usd"}
HOURLY = {"compute", "disk", "address", "network", "egress", "total"}


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
    for part in ("A100:8", "machines $", "disks $", "addresses $", "removed", "without", "total: $", "prices of 20"):
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
        (("--infra", "kubernetes"), 2, "kubernetes is not supported yet"),
        (("--cloud", "k8s"), 2, "k8s is not supported yet"),
        (("--restart-minutes", "inf"), 2, "0 to 10,080"),
        (("--restart-minutes", "nan"), 2, "0 to 10,080"),
        (("--restart-minutes=-1",), 2, "0 to 10,080"),
    ],
)
def test_what_cannot_be_says_so(spec, capsys, words, code, part):
    said = run(capsys, "optimize", spec("name: t"), *words, code=code)
    assert part in said.err
    assert said.out == ""


def test_an_unknown_cost_is_null_and_not_nothing(spec, capsys):
    path = spec("resources: {infra: nebius, cpus: 8}")
    (task,) = json.loads(run(capsys, "optimize", path, "--json", "--top", "1").out)["tasks"]
    for placement in (task["placement"], *task["ladder"], *task["top"]):
        hourly = placement["hourly_usd"]
        assert hourly["compute"] > 0
        assert (hourly["disk"], hourly["address"], hourly["total"]) == (None, None, None)
    said = run(capsys, "optimize", path).out
    assert "disks unknown, addresses unknown" in said
    assert "total: > $" in said


def test_a_machine_without_a_price_costs_unknown(spec, capsys):
    path = spec("resources: {infra: azure/newzealandnorth, instance_type: Standard_F8ams_v6}")
    (task,) = json.loads(run(capsys, "optimize", path, "--json", "--explain").out)["tasks"]
    placement = task["placement"]
    assert placement["groups"][0]["hourly_usd"] is placement["hourly_usd"]["total"] is None
    assert task["explain"]["doubts"]
    said = run(capsys, "optimize", path).out
    assert "machines unknown" in said
    assert "total: unknown an hour" in said


def test_spot_says_what_it_was_ranked_by(spec, capsys):
    path = spec("resources: {infra: aws/us-east-1, instance_type: m5.2xlarge, use_spot: true}")
    assert "ranked by price: no restart time is given" in run(capsys, "optimize", path).out
    assert "ranked by expected cost: $" in run(capsys, "optimize", path, "--restart-minutes", "30").out
    path = spec("resources: {infra: gcp/us-central1, instance_type: n2-standard-8, use_spot: true}")
    assert "not known: counted as the worst" in run(capsys, "optimize", path, "--restart-minutes", "30").out


def test_prices_that_no_cloud_published_are_told(spec, capsys):
    path = spec("resources: {infra: aws/us-east-1, instance_type: m5.2xlarge, use_spot: true}")
    assert "the spot price of m5.2xlarge is estimated" in run(capsys, "optimize", path).out
    path = spec("resources: {infra: azure/eastus, instance_type: Standard_D8s_v5, use_spot: true}")
    assert "estimated" not in run(capsys, "optimize", path).out


def test_what_a_restricted_region_needs_is_told(spec, capsys):
    path = spec("resources: {cpus: 4}")
    said = run(capsys, "optimize", path, "--infra", "aws/us-gov-west-1").out
    assert "us-gov-west-1 needs an AWS GovCloud account" in said
    assert "needs" not in run(capsys, "optimize", path, "--infra", "aws/us-east-1").out


def test_rungs_that_may_not_be_there_are_told(spec, capsys):
    path = spec("resources: {accelerators: 'H100:8', any_of: [{infra: aws}, {infra: lambda}]}")
    assert "doubtful: its list names all 25 types" in run(capsys, "optimize", path).out
    said = run(capsys, "optimize", spec("resources: {accelerators: 'H100:8'}")).out
    assert said.count("doubtful (lambda): its list names all 25 types in all 17 regions") == 1


def test_old_prices_are_told_by_the_users_limit(spec, capsys, monkeypatch):
    path = spec("resources: {infra: aws/us-east-1, cpus: 8}")
    monkeypatch.setenv("STYX_PRICE_MAX_AGE_DAYS", "100000")
    said = run(capsys, "optimize", path)
    assert said.err == ""
    assert "prices of 2026-07-20" in said.out  # those of the choice, not the oldest of the catalog
    monkeypatch.setenv("STYX_PRICE_MAX_AGE_DAYS", "1")
    assert "the price of aws is of 2026-07-20" in run(capsys, "optimize", path).err


def test_a_cloud_of_the_command_line_is_a_limit(spec, capsys):
    path = spec("resources: {any_of: [{infra: gcp, cpus: 8}, {infra: aws, cpus: 8}]}")
    (task,) = json.loads(run(capsys, "optimize", path, "--cloud", "aws", "--json").out)["tasks"]
    assert task["placement"]["cloud"] == "aws"
    said = run(capsys, "optimize", path, "--cloud", "azure", code=2).err
    assert "the spec asks for aws or gcp; only azure may be used" in said


def test_clouds_left_out_are_named(spec, capsys):
    path = spec("resources: {accelerators: A10}")
    assert "left out" not in run(capsys, "optimize", path).out
    assert "left out for disk_size (not on lambda)" in run(capsys, "optimize", path, "--disk-size", "300").out


@pytest.mark.parametrize("width", [50, 60, 80])
def test_a_table_too_wide_takes_more_lines_and_breaks_no_word(width):
    columns = ("", "where", "machine", "size each", "$/hour")
    rows = [
        ("choice", "nebius/eu-north1", "gpu-h100-sxm_8gpu-128vcpu-1600gb", "128 vCPU, 1600 GiB", "> $20.00"),
        ("cloud", "azure/eastus", "Standard_ND96isr_H100_v5", "96 vCPU, 1900 GiB", "$98.32"),
    ]
    lines = wide.lines(columns, rows, width)
    assert max(map(len, lines)) <= width
    assert all(any(cell in line for line in lines) for row in rows for cell in row)
    a_row = len(lines) // 3
    assert a_row * 3 == len(lines)
    assert a_row > 1
    starts = [line.index(row[1]) for line, row in zip(lines[a_row::a_row], rows, strict=True)]
    assert len(set(starts)) == 1


def test_a_terminal_of_80_columns_shows_whole_words(spec):
    path = spec("resources: {accelerators: 'H100:8', infra: nebius}")
    words = [str(Path(sys.executable).with_name("styx")), "optimize", path]
    main_end, other_end = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80", "TERM": "xterm"}
    with subprocess.Popen(words, stdout=other_end, env=environment) as process:
        os.close(other_end)
        shown = _everything(main_end)
    assert process.returncode == 0
    assert "gpu-h100-sxm_8gpu-128vcpu-1600gb" in shown
    assert all(len(line) <= 80 for line in re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()[:8])


def _everything(end):
    shown = b""
    while True:
        try:
            part = os.read(end, 65536)
        except OSError:  # Linux says so when the other end is closed
            part = b""
        if not part:
            os.close(end)
            return shown.decode()
        shown += part


def test_why_not(spec, capsys):
    path = spec("name: t\nresources: {accelerators: 'A100:8'}")
    assert "accelerators: A100; it has H100:8" in run(capsys, "why-not", path, "aws/us-east-1/p5.48xlarge").out
    assert "cost less" in run(capsys, "why-not", path, "aws/us-east-1/p4d.24xlarge").out
    said = run(capsys, "why-not", path, "aws/us-east-1/p5.48xlarge", "--gpus", "H100:8", "--cloud", "aws")
    assert "nothing is cheaper" in said.out
    said = run(capsys, "why-not", path, "azure/eastus").out
    assert "t: azure/eastus: 1 of " in said
    assert "the cheapest, azure/eastus/Standard_ND96asr_v4 at $" in said
    (verdict,) = json.loads(run(capsys, "why-not", path, "aws/us-east-1/p5.48xlarge", "--json").out)
    assert verdict["failed"] == [["accelerators: A100", "H100:8"]]
    assert "did you mean" in run(capsys, "why-not", path, "aws/us-east-1/p5.48xlrge", code=2).err
    assert "write aws/us-east-1 or lambda/us-east-1" in run(capsys, "why-not", path, "us-east-1", code=2).err
    assert "write aws/*/p5.48xlarge" in run(capsys, "why-not", path, "p5.48xlarge", code=2).err
    assert "cloud/region/type" in run(capsys, "why-not", path, "kubernetes", code=2).err
    alternatives = spec("name: t\nresources: {any_of: [{accelerators: 'A100:8'}, {infra: gcp}]}")
    said = run(capsys, "why-not", alternatives, "azure", "--restart-minutes", "30", "--minimize", "cost").out
    assert "t, alternative 1: azure: " in said
    assert "alternative 2 costs less" in said
    assert "write cost or time" in run(capsys, "why-not", path, "aws", "--minimize", "size", code=2).err


def test_why_not_of_what_ones_own_terms_hide(spec, capsys, tmp_path, monkeypatch):
    terms = tmp_path / "overlay.yaml"
    terms.write_text("hidden:\n  - {cloud: aws, region: us-east-1, type: p5*}\n  - {cloud: gcp}\n")
    monkeypatch.setenv("STYX_CATALOG_OVERLAY", str(terms))
    path = spec("resources: {accelerators: 'H100:8'}")
    for what, line in (("aws/us-east-1/p5.48xlarge", 2), ("gcp/us-central1", 3), ("gcp", 3)):
        said = run(capsys, "why-not", path, what, code=3).err
        assert f"{what} is hidden by {terms}, line {line}\n" in said
    assert "H100" in run(capsys, "why-not", path, "aws/us-east-1/m5.2xlarge").out
    assert "no cloud" in run(capsys, "why-not", path, "us-east-1", code=2).err


def test_a_refusal_that_comes_from_the_catalog_is_all_that_is_said(spec, tmp_path):
    """DuckDB's own report of objects that an error keeps alive would follow it, at the end of the process."""
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text('hidden: [{region: "*"}]\n')
    environment = {**os.environ, "STYX_HOME": str(tmp_path / "home"), "STYX_CATALOG_OVERLAY": str(overlay)}
    done = subprocess.run(
        [Path(sys.executable).with_name("styx"), "optimize", spec("run: x\n"), "--json"],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 3
    assert json.loads(done.stderr)["error"]["kind"] == "NoOfferError"
