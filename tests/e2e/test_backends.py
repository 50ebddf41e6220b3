"""Remote states on real servers, with machines of the cloud `local`: one cycle for every kind, and what goes wrong."""

import json
import shutil
import subprocess
from dataclasses import dataclass, field

import pytest

from tests.e2e.state_server import state_server
from tests.e2e.stores import emulated_s3, postgres, postgres_programs, put
from tests.e2e.user import Styx

pytestmark = pytest.mark.emulated

PASSWORD = "canary-of-the-store"

DUO = """\
name: duo
num_nodes: 2
resources:
  infra: local
styx:
  ray: false
"""
HOLDER = {"ID": "0815", "Who": "ada@desk", "Created": "2026-01-02T03:04:05Z", "Operation": "OperationTypeApply"}


@dataclass
class Teller(Styx):
    """A user whose environment has the password of a store."""

    secrets: dict = field(default_factory=dict)

    @property
    def environment(self):
        return {**super().environment, **self.secrets}

    def task(self, backend):
        """Write the spec with this backend; None for the default."""
        lines = "".join(f"    {name}: {json.dumps(value)}\n" for name, value in (backend or {}).items())
        return self.spec(DUO + (f"  backend:\n{lines}" if lines else ""))

    @property
    def infra(self):
        return self.folder / "infra" / "duo"

    def all_text(self):
        """Return everything that is written below this user's folder and home."""
        paths = [path for root in (self.folder, self.home) for path in root.rglob("*") if path.is_file()]
        return b"".join(path.read_bytes() for path in paths if "cache" not in path.parts)


@pytest.fixture
def user(tmp_path):
    """Make users, each with a folder and a home of their own; whatever a failed test leaves is destroyed."""
    users = []

    def make(name, **secrets):
        folder = tmp_path / name
        folder.mkdir()
        users.append(Teller(folder, tmp_path / f"{name}-home", secrets=secrets))
        return users[-1]

    yield make
    for one in users:
        for cluster in one.json("status"):
            one.run("destroy", cluster["name"], "--yes")
    assert not [machine for one in users for machine in one.machines()]


def clone(one, other):
    """Give `other` what `one` would commit of the folder, and nothing else."""

    def git(*words):
        subprocess.run(["git", "-C", one.folder, *words], check=True, capture_output=True)

    git("init", "--quiet")
    git("add", ".")
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", "all")
    shutil.rmtree(other.folder)
    subprocess.run(["git", "clone", "--quiet", one.folder, other.folder], check=True, capture_output=True)


@pytest.fixture
def states():
    with state_server(PASSWORD) as server:
        yield server


@pytest.fixture
def http(states):
    """Return the settings of a backend, and the environment that it needs."""
    settings = {"type": "http", "address": states.address, "username": "styx", "retry_max": 0}
    return settings, {"TF_HTTP_PASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def database():
    with postgres(PASSWORD) as port:
        yield port


@pytest.fixture
def pg(database):
    settings = {"type": "pg", "conn_str": f"postgres://styx@127.0.0.1:{database}/postgres?sslmode=disable"}
    return settings, {"PGPASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def bucket():
    with emulated_s3("states") as address:
        yield address


@pytest.fixture
def s3(bucket):
    flags = ("use_path_style", "skip_credentials_validation", "skip_requesting_account_id", "skip_metadata_api_check")
    settings = {"type": "s3", "bucket": "states", "region": "us-east-1", "endpoints": {"s3": bucket}, "max_retries": 1}
    secrets = {"AWS_ACCESS_KEY_ID": "styx", "AWS_SECRET_ACCESS_KEY": PASSWORD, "AWS_CONFIG_FILE": "/dev/null"}
    return settings | dict.fromkeys(flags, True), secrets


KINDS = ("http", pytest.param("pg", marks=pytest.mark.root), pytest.param("s3", marks=pytest.mark.root))


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_cycle_from_two_homes(kind, request, user):
    settings, secrets = request.getfixturevalue(kind)
    ada, bob = user("ada", **secrets), user("bob", **secrets)
    task = ada.task(settings)
    said = [*ada("plan", task), *ada("apply", task, "--yes"), *ada("plan", task, "--detailed-exitcode")]
    assert ada.machines() == ["duo-head", "duo-worker-1"]
    assert not list(ada.infra.glob("terraform/*.tfstate*"))

    clone(ada, bob)
    said += [*bob("plan", "task.yaml", "--detailed-exitcode"), *bob("apply", "task.yaml", "--yes")]
    hosts = [one.json("status")[0]["hosts"] for one in (ada, bob)]
    assert hosts[0] == hosts[1]
    assert not bob.machines()

    shutil.rmtree(ada.folder / "infra")
    said += ada("destroy", "duo", "--yes")
    assert not ada.machines()
    assert ada.json("status") == []
    said += bob("destroy", "duo", "--yes")  # Ada has already done it, and the state says so
    assert bob.json("status") == []
    assert PASSWORD.encode() not in "".join(said).encode() + ada.all_text() + bob.all_text()


def test_a_cluster_is_destroyed_from_its_committed_folder_alone(user, http):
    ada, bob = user("ada", **http[1]), user("bob", **http[1])
    ada("apply", ada.task(http[0]), "--yes")
    clone(ada, bob)
    assert "4 resources gone" in bob("destroy", "duo", "--yes")[0]
    assert not ada.machines()
    ada("apply", "task.yaml", "--yes")  # nothing stands, which the state tells, so there is something to make
    assert ada.machines() == ["duo-head", "duo-worker-1"]
    ada("destroy", "duo", "--yes")
    assert "no cluster" in bob("destroy", "duo", "--yes", code=2)[1]


def test_a_folder_is_free_for_another_backend_once_all_is_destroyed(user, http):
    ada = user("ada", **http[1])
    ada("plan", ada.task(None))
    for settings in (http[0], None, http[0] | {"address": http[0]["address"] + "elsewhere"}):
        ada("apply", ada.task(settings), "--yes")
        ada("destroy", "duo", "--yes")


@pytest.mark.parametrize("before", ["remote", "local"])
def test_a_state_is_not_left_behind_by_a_change_of_backend(before, user, http):
    ada = user("ada", **http[1])
    ada("apply", ada.task(http[0] | {"address": http[0]["address"] + "old"} if before == "remote" else None), "--yes")
    machines = ada.machines()
    task = ada.task(http[0])
    refused = ada("apply", task, "--yes", code=8)[1]
    assert "terraform init -migrate-state" in refused
    assert ("states/old" in refused) == (before == "remote")

    memory = ada.infra / "terraform" / ".terraform"
    shutil.rmtree(memory)  # a Terraform that knows of no other place finds nothing at the new one
    found = ada("apply", task, "--yes", code=9 if before == "remote" else 8)[1]
    assert ("duo-worker-1" in found) == (before == "remote")
    assert ada.machines() == machines

    shutil.rmtree(memory, ignore_errors=True)
    assert "nothing is left" in ada("destroy", "duo", "--yes")[0]  # with the rendering that made it
    assert not ada.machines()


@pytest.mark.parametrize("before", ["remote", "local"])
def test_a_state_can_be_moved_by_hand(before, user, http, states):
    if shutil.which("terraform") is None:
        pytest.skip("no terraform on PATH")
    ada = user("ada", **http[1])
    ada("apply", ada.task(http[0] | {"address": http[0]["address"] + "old"} if before == "remote" else None), "--yes")
    task = ada.task(http[0])
    ada("plan", task, code=8)
    words = ["terraform", "init", "-migrate-state", "-force-copy", "-input=false"]
    subprocess.run(words, cwd=ada.infra / "terraform", env=ada.environment, check=True, capture_output=True)
    ada("plan", task, "--detailed-exitcode")
    ada("apply", task, "--yes")
    assert "4 resources gone" in ada("destroy", "duo", "--yes")[0]
    assert states.state("duo")["resources"] == []
    assert not ada.machines()


def test_another_clusters_state_is_refused(user, http):
    ada = user("ada", **http[1])
    task = ada.task(http[0] | {"address": http[0]["address"] + "shared"})
    ada("apply", task, "--yes")
    refused = ada("apply", task, "--yes", "--cluster", "solo", code=6)[1]
    assert "This state is of duo in local/this-machine, the files are for solo" in refused
    assert "of duo" in ada("destroy", "solo", "--yes", code=8)[1]
    assert ada.machines() == ["duo-head", "duo-worker-1"]
    assert [one["name"] for one in ada.json("status")] == ["duo"]
    ada("destroy", "duo", "--yes")


def test_a_lost_state_makes_no_second_fleet(user, http, states):
    ada = user("ada", **http[1])
    task = ada.task(http[0])
    ada("apply", task, "--yes")
    kept = dict(states.states)
    states.states.clear()
    for words in (("plan", task), ("apply", task, "--yes"), ("destroy", "duo", "--yes")):
        assert "duo-worker-1" in ada(*words, code=9)[1]
    states.states.update(kept)
    assert "4 resources gone" in ada("destroy", "duo", "--yes")[0]


@pytest.mark.parametrize("then", ["apply", "destroy", "destroy without the folder"])
def test_a_state_that_its_store_refused_is_handed_in_by_the_next_command(then, user, http, states):
    ada = user("ada", **http[1])
    task = ada.task(http[0])
    states.is_full = True
    assert "will be handed in" in ada("apply", task, "--yes", code=6)[1]
    made = ada.machines()
    assert made
    assert not states.states
    ada("plan", task, code=6)
    states.is_full = False
    if "without" in then:
        shutil.rmtree(ada.infra)
    if then == "apply":
        assert "has now taken" in ada("apply", task, "--yes")[1]
        assert ada.machines() == ["duo-head", "duo-worker-1"]
        assert not list(ada.infra.glob("terraform/*.tfstate*"))
    ada("destroy", "duo", "--yes")
    assert not ada.machines()


def test_a_destroy_says_why_it_has_no_state(user, http, states):
    ada = user("ada", **http[1])
    ada("apply", ada.task(http[0]), "--yes")
    assert "export TF_HTTP_USERNAME" in ada("destroy", "duo", "--yes", code=5, TF_HTTP_PASSWORD="wrong")[1]
    assert ada.machines() == ["duo-head", "duo-worker-1"]
    ada("destroy", "duo", "--yes")


def test_a_lock_over_http(user, http, states):
    ada = user("ada", **http[1])
    task = ada.task(http[0])
    ada("plan", task)
    states.lock("duo", **HOLDER)
    refused = ada("plan", task, code=4)[1]
    assert "lock 0815" in refused
    assert "force-unlock 0815" in refused
    states.lock("duo", **HOLDER)
    states.patience = 2
    ada("plan", task, "--lock-timeout", "300")
    assert states.patience == 0


@pytest.mark.root
def test_a_lock_in_s3_names_its_holder(user, s3, bucket):
    ada = user("ada", **s3[1])
    task = ada.task(s3[0] | {"key": "locked/"})
    put(f"{bucket}/states/locked/duo/terraform.tfstate.tflock", json.dumps(HOLDER).encode())
    assert "locked by ada@desk since 2026-01-02" in ada("plan", task, code=4)[1]


@pytest.mark.root
def test_a_lock_in_postgres(user, pg, database):
    ada = user("ada", **pg[1])
    task = ada.task(pg[0] | {"schema_name": "locked"})
    ada("apply", task, "--yes")
    psql = [postgres_programs() / "psql", "-AtX", "-h", "127.0.0.1", "-p", str(database), "-U", "styx", "postgres"]
    words = {"env": ada.environment, "stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(psql, **words) as holder:
        holder.stdin.write("select pg_advisory_lock(id) from locked.states;\n\\! echo held\n")
        holder.stdin.flush()
        assert "held\n" in iter(holder.stdout.readline, "")
        assert "does not tell by whom" in ada("plan", task, code=4)[1]
    ada("destroy", "duo", "--yes")


def test_a_store_that_cannot_be_reached(user):
    ada = user("ada")
    task = ada.task({"type": "http", "address": "http://127.0.0.1:1/states/", "retry_max": 0})
    said = ada("plan", task, code=6)[1]
    assert "connection refused" in said
    assert "backend.tf" in said


@pytest.mark.parametrize("kind", ["http", pytest.param("pg", marks=pytest.mark.root)])
def test_wrong_credentials(kind, request, user):
    settings, secrets = request.getfixturevalue(kind)
    ada = user("ada", **dict.fromkeys(secrets, "another-canary"))
    said = ada("plan", ada.task(settings), code=5)
    assert f"export {'TF_HTTP_USERNAME' if kind == 'http' else 'PGUSER'}" in said[1]
    assert b"another-canary" not in "".join(said).encode() + ada.all_text()


def test_no_credentials_for_s3(user):
    environment = {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
    ada = user("ada", **environment)
    task = ada.task({"type": "s3", "bucket": "states", "region": "us-east-1", "skip_metadata_api_check": True})
    assert "aws sts get-caller-identity" in ada("plan", task, code=5)[1]


def test_a_password_that_spoils_its_address_is_not_shown(user):
    ada = user("ada", PG_CONN_STR="postgres://styx:canary of%spaces@127.0.0.1:1/states")
    said = ada("plan", ada.task({"type": "pg"}), code=5)
    assert "percent-encode" in said[1]
    assert b"canary" not in "".join(said).encode() + ada.all_text()
