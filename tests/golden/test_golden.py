"""Each folder here is a case: a spec and the tree that it renders to. `make golden` rewrites the trees."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from styx import clouds, files, paths
from styx.catalog import Catalog
from styx.lifecycle.target import Target
from styx.offer import Offer
from styx.optimizer import choose
from styx.render import Rendering, render
from styx.spec import load
from styx.workdir import LOCK_FILE, Workdir

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("*/spec.yaml"))

OFFERS = (
    Offer("local", "this-machine", "this-machine", vcpus=8, memory_gib=32, hourly_usd=0, price_kind="own",
          max_count=200, divisible=True),
)  # fmt: skip


PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGoldenGoldenGoldenGoldenGoldenGoldenGolden0 golden"


def offers(case):
    """Return what the case may choose from: its own offers.json, for a cloud; this machine otherwise."""
    file = HERE / case / "offers.json"
    if not file.exists():
        return OFFERS
    found = [Offer(**{**one, "zones": tuple(one.get("zones", ()))}) for one in json.loads(file.read_text())]
    assert found
    return tuple(found)


def tree(case, folder="infra"):
    """Render a case; return relative path → text."""
    spec, known = load(HERE / case / "spec.yaml"), offers(case)
    allowed = tuple(sorted({one.cloud for one in known}))
    plan = choose(spec, Catalog(known), allowed)
    target = Target(spec, 0, "golden", Workdir(HERE / case / folder / "golden"))
    key = PUBLIC_KEY if all(clouds.by_id(cloud).login_user for cloud in allowed) else ""
    return render(
        Rendering(
            "golden", target.task, plan.tasks[0], plan, target.spec_folder, public_key=key, policies=target.policies
        )
    )


def is_copy(path):
    """Say whether a file is one of those that travel as they are: roles and programs, checked apart."""
    return path.startswith("ansible/roles/") or path.endswith(".py")


def shown(bundle):
    """Return what is compared: without the copies, so that a change of a role rewrites no tree."""
    kept = {path: text for path, text in bundle.items() if not is_copy(path)}
    lock = json.loads(kept[LOCK_FILE])
    lock["files"] = {path: digest for path, digest in lock["files"].items() if not is_copy(path)}
    return {**kept, LOCK_FILE: json.dumps(lock, indent=2) + "\n"}


def read(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("case", CASES)
def test_a_spec_renders_to_the_expected_tree(case, request):
    expected, found = HERE / case / "expected", shown(tree(case))
    if request.config.getoption("--rewrite"):
        shutil.rmtree(expected, ignore_errors=True)
        for path, text in found.items():
            files.write(expected / path, text, 0o644)
    assert found == read(expected)


@pytest.mark.parametrize("case", CASES)
def test_the_same_input_gives_the_same_bytes(case):
    assert tree(case) == tree(case)


@pytest.mark.parametrize("case", CASES)
def test_the_lock_hashes_every_file_and_roles_are_copies(case):
    bundle = tree(case)
    digests = json.loads(bundle[LOCK_FILE])["files"]
    assert digests == {path: files.sha256(text) for path, text in bundle.items() if path != LOCK_FILE}
    for path, text in bundle.items():
        if is_copy(path) and path.startswith("ansible/"):
            assert text == (paths.playbooks() / path.removeprefix("ansible/")).read_text()


@pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform on PATH")
@pytest.mark.parametrize("case", CASES)
def test_terraform_finds_the_tree_valid_and_well_formed(case, tmp_path):
    for path, text in tree(case).items():
        files.write(tmp_path / path, text)
    folder = tmp_path / "terraform"
    steps = [["fmt", "-check", "-diff"]]
    # A cloud's provider is not fetched here: tests/e2e validates against its schema.
    steps += [["init", "-backend=false"], ["validate"]] if not (HERE / case / "offers.json").exists() else []
    for words in steps:
        run = subprocess.run(
            ["terraform", *words, "-no-color"], cwd=folder, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stdout + run.stderr


def test_there_are_cases():
    assert {"one-node", "hostile"} <= set(CASES)
