"""`styx` itself on every cloud: plan, apply, a second apply, destroy; and the same folder without it."""

import json
import subprocess

import pytest
import yaml

from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures

pytestmark = pytest.mark.emulated

PLACES = {
    "aws": "aws/us-east-1",
    "gcp": "gcp/us-central1",
    "azure": "azure/eastus",
    "nebius": "nebius/eu-north1",
    "lambda": "lambda",
}
SPEC = "num_nodes: 2\nresources: {{infra: {place}{more}}}\nstyx: {{ray: false}}\n"


@pytest.fixture
def user(cloudless, styx):  # noqa: F811
    """Give a user whose clouds are none; what is left is destroyed while the cloud is still there."""
    styx.extra = {**cloudless.env, "STYX_CALLER_CIDRS": "203.0.113.4/32"}
    return styx


def machines(cloudless, kind):  # noqa: F811
    return [entry.name for entry in cloudless.ledger.entries(kind)]


@pytest.mark.parametrize("cloud", PLACES)
def test_apply_twice_and_destroy(user, cloudless, cloud):  # noqa: F811
    more = ", accelerators: A10:1" if cloud == "lambda" else ", cpus: 4+"
    spec = user.spec(SPEC.format(place=PLACES[cloud], more=more))
    (planned,) = user.json("plan", spec)
    assert planned["terraform"]["add"] > 2
    assert cloudless.ledger.entries() == []
    # Hosts with GPUs get a role, and at these addresses nobody answers.
    code, status = (7, "degraded") if cloud == "lambda" else (0, "up")
    user("apply", spec, "--yes", code=code, STYX_BOOT_TIMEOUT_S="1")
    (record,) = user.json("status")
    assert (record["status"], record["num_nodes"]) == (status, 2)
    assert all(host["public_address"] for host in record["hosts"])
    out, _ = user("plan", spec, "--detailed-exitcode")
    assert "0 to add, 0 to change, 0 to destroy" in out
    user("destroy", "task", "--yes")
    assert cloudless.ledger.entries() == []


def test_what_a_machine_was_made_from_is_locked_and_a_newer_image_waits_for_new_machines(user, cloudless):  # noqa: F811
    spec = user.spec(SPEC.format(place=PLACES["aws"], more=", cpus: 4"))
    user("apply", spec, "--yes")
    lock = json.loads((user.folder / "infra" / "task" / "styx.lock.json").read_text())
    first = lock["images"]["head"]["id"]
    assert first.startswith("ami-")
    cloudless.have("aws_ami", id="ami-0fffffffffffffff1", image_id="ami-0fffffffffffffff1")
    user("plan", spec, "--detailed-exitcode")
    spec.write_text(spec.read_text().replace("num_nodes: 2", "num_nodes: 3"))
    user("apply", spec, "--yes")
    assert {entry.attributes["ami"] for entry in cloudless.ledger.entries("aws_instance")} == {first}
    user("destroy", "task", "--yes")


def test_a_refusal_of_the_cloud_names_the_line_of_the_spec(user, cloudless):  # noqa: F811
    text = "resources: {infra: aws/us-east-1, cpus: 4}\nstyx:\n  ray: false\n  network: {subnet: subnet-0missing}\n"
    cloudless.lack("aws_subnet", id="subnet-0missing")
    _, err = user("plan", user.spec(text), code=6)
    assert "task.yaml:4: styx.network.subnet says subnet-0missing" in err


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [("no_capacity", 3, "no such machine free"), ("quota", 5, "gives this account no more")],
)
def test_what_a_cloud_refuses_is_told_as_that_and_nothing_is_left(user, cloudless, fault, code, said):  # noqa: F811
    spec = user.spec(SPEC.format(place=PLACES["aws"], more=", cpus: 4"))
    cloudless.fail(fault, "aws_instance", "task-worker-1")
    _, err = user("apply", spec, "--yes", "--no-failover", code=code)
    assert said in err
    assert cloudless.ledger.entries() == []
    assert user.json("status") == []
    cloudless.heal()
    user("apply", spec, "--yes")
    cloudless.remove("aws_instance", "task-worker-1")
    user("apply", spec, "--yes")
    assert len(machines(cloudless, "aws_instance")) == 2
    user("destroy", "task", "--yes")
    assert cloudless.ledger.entries() == []


def test_a_machine_that_is_gone_is_forgotten_where_the_provider_refuses_to_read_it(user, cloudless):  # noqa: F811
    spec = user.spec(SPEC.format(place="lambda", more=", cpus: 4+"))
    user("apply", spec, "--yes")
    kind, worker = "lambdalabs_instance", 'lambdalabs_instance.machine["task-worker-1"]'
    first = cloudless.remove(kind, "task-worker-1")
    assert user.json("drift", "task")["drift"] == [{"address": worker, "kind": "gone", "differences": []}]
    _, err = user("plan", spec)
    assert f"{worker} is gone from the cloud, so it was taken out" in err
    (kept,) = user.home.glob("state/clusters/task/forgotten/*.tfstate")
    assert first.id in kept.read_text()
    assert user.json("plan", spec)[0]["terraform"]["add"] == 1
    user("apply", spec, "--yes")
    assert machines(cloudless, kind) == ["task-head", "task-worker-1"]

    cloudless.remove(kind, "task-head")
    user("destroy", "task", "--yes")
    assert cloudless.ledger.entries() == []


def test_a_key_that_is_gone_may_mean_another_account_and_no_machine_is_forgotten(user, cloudless):  # noqa: F811
    spec = user.spec(SPEC.format(place="lambda", more=", cpus: 4+"))
    user("apply", spec, "--yes")
    taken = [cloudless.remove(entry.type, entry.id) for entry in cloudless.ledger.entries()]
    user("plan", spec, code=6)
    user("destroy", "task", "--yes", code=9)
    for entry in taken:
        cloudless.ledger.put(entry.type, entry.id, entry.attributes)
    user("destroy", "task", "--yes")
    assert cloudless.ledger.entries() == []


def test_the_folder_works_without_styx(user, tmp_path, cloudless):  # noqa: F811
    spec = user.spec(SPEC.format(place=PLACES["aws"], more=", cpus: 4"))
    user("render", spec)
    subprocess.run(["git", "init", "-q"], cwd=user.folder, check=True)
    subprocess.run(["git", "add", "."], cwd=user.folder, check=True)
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run(["git", *who, "commit", "-qm", "infra"], cwd=user.folder, check=True)
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", user.folder, clone], check=True)
    folder = clone / "infra" / "task"

    def by_hand(*words):
        env = {**user.environment, "TF_VAR_caller_cidrs": '["203.0.113.4/32"]'}
        return subprocess.run(
            ["terraform", *words], cwd=folder / "terraform", env=env, capture_output=True, text=True, check=True
        ).stdout  # fmt: skip

    by_hand("init")
    by_hand("apply", "-auto-approve")
    inventory = yaml.safe_load(by_hand("output", "-raw", "inventory"))
    assert list(inventory["all"]["children"]["head"]["hosts"]) == ["task-head"]
    assert inventory["all"]["vars"]["ansible_user"] == "ubuntu"
    new = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True).stdout
    assert new.split() == ["??", "infra/task/terraform/.terraform.lock.hcl"]  # Terraform's own, to be committed
    by_hand("destroy", "-auto-approve")
    assert cloudless.ledger.entries() == []


@pytest.mark.parametrize("cloud", PLACES)
def test_its_own_terraform_tests_pass(user, cloud):
    more = ", accelerators: A10:1" if cloud == "lambda" else ", cpus: 4+"
    budget = "" if cloud == "nebius" else "  budget: {hourly: 100}\n"  # whose disks have no listed price
    user(
        "render",
        user.spec(SPEC.format(place=PLACES[cloud], more=more).replace("{ray: false}", "\n  ray: false") + budget),
    )
    folder = user.folder / "infra" / "task" / "terraform"
    for words in (["init"], ["test"]):
        run = subprocess.run(
            ["terraform", *words, "-no-color"],
            cwd=folder,
            env=user.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr
