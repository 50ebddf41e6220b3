"""What a loaded spec holds: names, variables, secrets, digests, places."""

import json
import os

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from styx.errors import SpecError
from styx.spec import Overrides, load, loads

HOSTILE = [
    "${HOME}",
    "%{x}",
    "a'b",
    'a"b',
    "a\nb",
    "../x",
    "-rf",
    "x" * 300,
    "tаsk",  # noqa: RUF001 - the second letter is Cyrillic: that is the case
    "ｔask",  # noqa: RUF001 - full-width
    "a b",
    "a;b",
    "a---b",
    "",
    "a/b",
    "a.",
]


def refused(text, **options):
    with pytest.raises(SpecError) as caught:
        loads(text, "f", **options)
    return caught.value.faults


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_refused(name):
    (fault,) = refused(json.dumps({"name": name, "run": "x"}))
    assert fault.path == "name"
    assert "\n" not in str(fault)
    (fault,) = refused("run: x", overrides=Overrides(name=name))
    assert (fault.file, fault.line) == ("--name", 0)


@pytest.mark.parametrize("name", ["a", "train-1", "a.b_c", "a--b", "1st", "x" * 63])
def test_a_plain_name_is_taken(name):
    assert loads(json.dumps({"name": name})).name == name


@pytest.mark.parametrize("field", ["region", "instance_type", "image_id"])
@pytest.mark.parametrize("text", ["${HOME}", "%{x}", "a'b", "a\nb", "../x", "-rf", "x" * 600, "eu–west"])  # noqa: RUF001
def test_a_hostile_name_of_a_cloud_s_thing_is_refused(field, text):
    (fault,) = refused(json.dumps({"resources": {field: text}}))
    assert fault.path == f"resources.{field}"


@settings(max_examples=1000, deadline=None)
@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40))
def test_any_value_of_a_variable_survives(value):
    text = yaml.safe_dump({"envs": {"A": value}, "secrets": {"B": value}})
    (task,) = loads(text).tasks
    assert task.envs == {"A": value}
    assert task.secret_values["B"].get_secret_value() == value


def test_numbers_and_booleans_of_variables_are_taken_as_written():
    (task,) = loads("envs: {A: 1.10, B: 012, C: yes, D: 1e3, E: 0x1F, F: 2024-01-01, G: 1:30, H: .nan}").tasks
    assert list(task.envs.values()) == ["1.10", "012", "yes", "1e3", "0x1F", "2024-01-01", "1:30", ".nan"]


def test_versions_are_taken_as_written():
    (task,) = loads("styx: {environment: {python: 3.10, cuda: 12.0}, ray: {version: 2.40}}").tasks
    environment = task.styx.environment
    assert (environment.python, environment.cuda, task.styx.ray.version) == ("3.10", "12.0", "2.40")


SECRETS = """
envs: {PLAIN: p, GIVEN: null, MISSING: null, HF_TOKEN: canary1, api_key: canary2, DB_PASSWORD: canary3, TOKENS: t}
secrets: {S: canary4, LATER: null}
"""


def test_secrets_are_known_by_their_names_and_never_shown():
    spec = loads(SECRETS, overrides=Overrides(envs={"GIVEN": "canary5"}, secrets={"NEW": "canary6"}))
    (task,) = spec.tasks
    assert task.plain_envs == {"PLAIN": "p", "TOKENS": "t"}
    assert task.secret_names == (
        "DB_PASSWORD", "GIVEN", "HF_TOKEN", "LATER", "MISSING", "NEW", "S", "api_key",
    )  # fmt: skip
    assert task.missing_values == ("LATER", "MISSING")
    assert {name: value.get_secret_value() for name, value in task.secret_values.items()} == {
        "DB_PASSWORD": "canary3", "GIVEN": "canary5", "HF_TOKEN": "canary1", "NEW": "canary6", "S": "canary4",
        "api_key": "canary2",
    }  # fmt: skip
    shown = repr(spec) + str(spec) + repr(Overrides(envs={"A": "canary7"}, secrets={"B": "canary8"}))
    assert "canary" not in shown


@pytest.mark.parametrize(
    "text", ["envs: {A_TOKEN: [canary]}", "secrets: {A: {b: canary}}", "secrets: canary", "envs: {A_KEY: &canary x}"]
)
def test_a_fault_in_a_secret_does_not_show_it(text):
    assert all("canary" not in str(fault) or "anchor" in str(fault) for fault in refused(text))


def test_the_digest_is_the_same_for_the_same_meaning():
    one = loads("name: a\nenvs: {A: x, T_KEY: one, N: null}\nsecrets: {S: one}\nrun: x\n")
    other = loads("# note\nrun: 'x'\nsecrets: {S: two}\nenvs: {N: null, T_KEY: two, A: x}\nname: a\n", "elsewhere")
    given = loads(
        "name: a\nenvs: {A: x, T_KEY: one, N: null}\nsecrets: {S: null}\nrun: x\n",
        overrides=Overrides(envs={"N": "value"}, secrets={"S": "three"}),
    )
    assert one.digest == other.digest == given.digest
    assert len(one.digest) == 64


@pytest.mark.parametrize(
    "text",
    [
        "run: y\n",
        "name: a\nrun: x\n",
        "run: x\nenvs: {A: x}\n",
        "run: x\nsecrets: {A: x}\n",
        "run: x\n---\nrun: x\n",
        "run: x\nresources: {cpus: 4}\n",
    ],
)
def test_the_digest_differs_for_another_meaning(text):
    assert loads(text).digest != loads("run: x\n").digest


def test_an_override_changes_the_digest():
    assert loads("run: x").digest != loads("run: x", overrides=Overrides(cpus="4")).digest


def test_a_pipeline_and_a_group():
    pipeline = loads("name: p\n---\nrun: a\n---\n---\nrun: b\n")
    assert (pipeline.name, pipeline.execution, len(pipeline.tasks)) == ("p", "serial", 2)
    group = loads("name: g\nexecution: parallel\n---\nname: a\n---\nname: b\n")
    assert (group.name, group.execution, [task.name for task in group.tasks]) == ("g", "parallel", ["a", "b"])
    assert loads("name: a\nrun: x").name == "a"
    assert loads("run: x\n---\nrun: y").name is None


def test_variables_are_filled_in_where_skypilot_does():
    text = """
envs: {A: x, EMPTY: null, QUOTE: 'a"b'}
workdir: ./$A
file_mounts: {"/m/${A}-$B": "s3://b/$A/$QUOTE", "/n": {name: "n-${EMPTY}"}}
service: {readiness_probe: {path: /$A, post_data: {m: "$A"}}}
run: echo $A
"""
    (task,) = loads(text).tasks
    assert task.workdir == "./x"
    assert task.file_mounts["/m/x-$B"].source == 's3://b/x/a"b'
    assert task.file_mounts["/n"].name == "n-${EMPTY}"
    assert (task.service.readiness_probe.path, task.service.readiness_probe.post_data) == ("/x", {"m": "x"})
    assert task.run == "echo $A"
    (given,) = loads(text, overrides=Overrides(envs={"EMPTY": "v"})).tasks
    assert given.file_mounts["/n"].name == "n-v"


def test_local_sources_must_exist(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "spec.yaml").write_text("workdir: .\nfile_mounts: {~/d: ./data, ~/e: data/../data}\n")
    assert load(tmp_path / "spec.yaml").folder == tmp_path
    (tmp_path / "spec.yaml").write_text("envs: {X: null}\nworkdir: $X\nfile_mounts: {~/d: ./$X}\n")
    assert load(tmp_path / "spec.yaml").tasks[0].missing_values == ("X",)
    with pytest.raises(SpecError, match="does not exist"):
        load(tmp_path / "spec.yaml", Overrides(envs={"X": "nowhere"}))


def test_a_link_that_leaves_the_folder_is_refused(tmp_path):
    inside = tmp_path / "project"
    inside.mkdir()
    (tmp_path / "outside").mkdir()
    (inside / "link").symlink_to(tmp_path / "outside")
    (inside / "dead").symlink_to("nothing")
    (inside / "own").mkdir()
    (inside / "fine").symlink_to("own")
    os.mkfifo(inside / "pipe")
    (inside / "spec.yaml").write_text(
        "workdir: link\nfile_mounts: {a: link, b: dead, c: fine, d: ../outside, e: link/x, f: pipe}\n"
    )
    with pytest.raises(SpecError) as caught:
        load(inside / "spec.yaml")
    assert {fault.path: fault.message.split("`")[2].split(",")[0].strip() for fault in caught.value.faults} == {
        "workdir": "is a link that leaves the spec's folder",
        "file_mounts.a": "is a link that leaves the spec's folder",
        "file_mounts.b": "is a link to nothing",
        "file_mounts.e": "does not exist",
        "file_mounts.f": "is neither a file nor a folder",
    }


def test_a_later_fault_finds_its_line():
    spec = loads("resources:\n  any_of:\n    - cpus: 4\nfile_mounts:\n  ~/a.b: s3://x\n", "f", Overrides(gpus="A100"))
    assert str(spec.fault(0, "resources.any_of[0].cpus", "no")) == "f:3:13: resources.any_of[0].cpus: no"
    assert str(spec.fault(0, "file_mounts.~/a.b", "no")).startswith("f:5:10:")
    filled = loads("envs: {A: x}\nfile_mounts:\n  ~/$A: s3://x\n", "f")
    assert str(filled.fault(0, "file_mounts.~/x", "no")).startswith("f:3:9:")
    assert str(spec.fault(0, "resources.image_id", "no")).startswith("f:1:1:")
    assert str(spec.fault(0, "styx.budget", "no")).startswith("f:1:1:")
    assert str(spec.fault(0, "resources.accelerators", "no", "hint")) == "--gpus: resources.accelerators: no (hint)"


def test_a_link_that_leads_nowhere_is_called_one(tmp_path):
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "dead.yaml").symlink_to("gone.yaml")
    for name, wanted in (
        ("loop.yaml", "this is a link that leads back to itself"),
        ("dead.yaml", "this is a link to `gone.yaml`, which does not exist"),
        ("lop.yaml", "there is no such file (did you mean"),
    ):
        with pytest.raises(SpecError) as caught:
            load(tmp_path / name)
        assert str(caught.value.faults[0]).startswith(f"{tmp_path / name}: {wanted}")


def test_no_task_is_a_fault():
    assert str(refused("")[0]) == "f:1:1: the file holds no task (start with `styx init`)"
    assert str(refused("---\n---\n")[0]) == "f:1:1: the file holds no task (start with `styx init`)"


def test_faults_of_all_documents_come_at_once():
    lines = [fault.line for fault in refused("x: 1\nx: 1\n---\nnum_nodes: 0\n---\nrun: 5\n")]
    assert lines == [1, 2, 4, 6]


def test_a_secret_value_is_held_as_one():
    (task,) = loads("secrets: {A: x}").tasks
    assert isinstance(task.secrets["A"], SecretStr)
