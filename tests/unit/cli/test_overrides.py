"""The decorator that gives a verb the options which change a spec."""

import inspect
import pathlib
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from styx.cli.overrides import spec_options
from styx.spec.overrides import Overrides

given: list[tuple[Path, Overrides, bool]] = []


@spec_options
def verb(
    spec: Annotated[Path, typer.Argument()],
    overrides: Overrides,
    loud: Annotated[bool, typer.Option("--loud")] = False,
) -> None:
    """A verb of a test."""
    given.append((spec, overrides, loud))


app = typer.Typer()
app.command()(verb)


def run(*words):
    given.clear()
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, result.output
    return given[0]


def test_without_options_nothing_is_overridden():
    assert run("a.yaml") == (Path("a.yaml"), Overrides(), False)


def test_every_override_has_an_option():
    words = [
        "--env", "A=1=2", "--secret", "B=", "--name", "n", "--workdir", "w", "--num-nodes", "2", "--infra", "i",
        "--region", "r", "--zone", "z", "--gpus", "g", "--cpus", "4+", "--memory", "8+", "-t", "t", "--use-spot",
        "--max-hourly-cost", "1.5", "--image-id", "x", "--disk-size", "1TB", "--disk-tier", "best",
        "--network-tier", "best",
        "--local-disk", "nvme", "--ports", "80,81", "--ports", "90", "--loud",
    ]  # fmt: skip
    _, overrides, loud = run("a.yaml", *words)
    assert loud
    assert overrides == Overrides(
        envs={"A": "1=2"}, secrets={"B": ""}, name="n", workdir=str(pathlib.Path("w").absolute()), num_nodes=2,
        infra="i", region="r", zone="z", gpus="g", cpus="4+", memory="8+", instance_type="t", use_spot=True,
        max_hourly_cost=1.5, image_id="x", disk_size="1TB", disk_tier="best", network_tier="best",
        local_disk="nvme", ports=("80", "81", "90"),
    )  # fmt: skip
    unset = [name for name in Overrides.__dataclass_fields__ if getattr(overrides, name) in (None, (), {})]
    assert unset == ["file_envs"]


def test_the_verb_shows_its_own_help_and_the_panel():
    result = CliRunner().invoke(app, ["--help"])
    assert "A verb of a test." in result.output
    assert "--gpus" in result.output
    assert "overrides" not in inspect.signature(verb).parameters


@pytest.mark.parametrize("words", [["a.yaml", "--num-nodes", "x"], ["a.yaml", "--no-such"], []])
def test_usage_errors_are_typer_s(words):
    assert CliRunner().invoke(app, words).exit_code == 2
