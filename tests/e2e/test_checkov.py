"""What checkov, and we where it is blind, find in the modules; and that both find what is planted.

Checkov is not believed without a gate: what it cannot read it passes over, with exit code 0, and a check that has
nothing to look at is silent. So nothing may be unreadable, what must pass is listed, and so is what may fail.
"""

import json
import subprocess
import sys
import venv
from collections import defaultdict

import pytest

from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e.checkov_gate import MAY_FAIL, MUST_PASS
from tests.e2e.hardening import weaknesses
from tests.e2e.module import Module
from tests.e2e.planted import PLANTED, WEAK
from tests.e2e.user import CACHE

pytestmark = pytest.mark.emulated

CHECKOV = "3.3.30"

PUBLIC = """
num_nodes: 2
resources:
  infra: %(place)s
  cpus: 4
  use_spot: true
  ports: [8080]
  volumes: [{path: /data, disk_size: 200}]
%(mounts)sstyx: {tags: {team: research}}
"""

PRIVATE = """
num_nodes: 2
resources: {infra: %(place)s, instance_type: %(type)s, network_tier: best}
styx: {network: {tunnel: %(tunnel)s, egress: [10.0.0.0/8]}}
"""

MOUNTS = (
    'file_mounts: {/in: {source: "%(scheme)s://books", mode: COPY}, /out: {source: "%(scheme)s://sums", mode: MOUNT}}\n'
)

CLOUDS = {
    "aws": {"place": "aws/us-east-1", "type": "p4d.24xlarge", "tunnel": "ssm", "mounts": MOUNTS % {"scheme": "s3"}},
    "gcp": {"place": "gcp/us-central1", "type": "c2-standard-60", "tunnel": "iap", "mounts": MOUNTS % {"scheme": "gs"}},
    "azure": {"place": "azure/eastus", "type": "Standard_D8s_v5", "tunnel": "bastion", "mounts": ""},
}

VARIANTS = {
    f"{cloud}-{name}": spec % words
    for cloud, words in CLOUDS.items()
    for name, spec in (("public", PUBLIC), ("private", PRIVATE))
}


def checkov(folder):
    """Return checkov's report of the modules below a folder: (failed, passed, unreadable)."""
    words = ["-m", "checkov.main", "--skip-download", "--framework", "terraform", "--output", "json", "--directory"]
    run = subprocess.run([_python(), *words, folder], cwd=folder, capture_output=True, text=True)
    assert run.returncode in (0, 1), run.stderr
    report = json.loads(run.stdout)["results"]
    failed, passed = (
        {(one["file_path"].split("/")[1], one["check_id"], one["resource"].split("[")[0]) for one in report[kind]}
        for kind in ("failed_checks", "passed_checks")
    )
    return failed, passed - failed, report["parsing_errors"]


def _python():
    """Return the Python of checkov, installed at the first use into an environment that later runs find again."""
    folder = CACHE / f"checkov-{CHECKOV}-py{sys.version_info.major}.{sys.version_info.minor}"
    program, ready = folder / "bin" / "python", folder / "ready"
    if not ready.exists():
        venv.create(folder, with_pip=True, clear=True)
        words = ["-m", "pip", "install", "--quiet", "--no-compile", f"checkov=={CHECKOV}"]
        run = subprocess.run([program, *words], capture_output=True, text=True)
        assert run.returncode == 0, f"checkov cannot be had: is the registry of Python packages reached?\n{run.stderr}"
        ready.touch()
    return program


def wrong(report):
    """Return what the gate does not let through."""
    failed, passed, unreadable = report
    must = {(variant, check, resource) for variant, resources in MUST_PASS.items()
            for resource, checks in resources.items() for check in checks.split()}  # fmt: skip
    accepted = {one for one in failed if one in MAY_FAIL or one[1] in MAY_FAIL}
    return (must - passed) | (failed - accepted) | {("unreadable", *path.split("/")[-2:]) for path in unreadable}


def rendered(folder, variant, env=None, planted=()):
    """Render one variant, plant what is wrong, return the module."""
    module = Module(folder / variant, env or {})
    module.render(VARIANTS[variant])
    for name, old, new in planted:
        path = module.workdir.terraform / name
        text = path.read_text()
        assert text.count(old) == 1, f"{variant}: {name} has not just one {old}"
        path.write_text(text.replace(old, new))
    return module


def test_what_must_pass_passes_and_nothing_else_fails(tmp_path):
    for variant in VARIANTS:
        rendered(tmp_path, variant)
    failed, passed, unreadable = report = checkov(tmp_path)
    assert wrong(report) == set()
    assert unreadable == []
    accepted = {one if one in MAY_FAIL else one[1] for one in failed}
    assert accepted == set(MAY_FAIL), "some of what may fail fails no more"
    assert {variant for variant, _, _ in passed} == set(VARIANTS)


def test_what_is_planted_is_found(tmp_path):
    expected = defaultdict(set)
    for variant, plants in PLANTED.items():
        rendered(tmp_path, variant, planted=[plant for plant, _ in plants])
        expected[variant] = {tuple(found.split()) for _, found in plants if found}
    broken = tmp_path / "broken" / "terraform"
    broken.mkdir(parents=True)
    (broken / "main.tf").write_text('resource "aws_instance" "machine" {\n')
    found = wrong(checkov(tmp_path))
    assert ("unreadable", "terraform", "main.tf") in found
    for variant, checks in expected.items():
        assert checks <= {one[1:] for one in found if one[0] == variant}


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_checkov_does_not_see_we_see(tmp_path, cloudless, variant):  # noqa: F811
    cloud, name = variant.split("-")
    for planted, expected in (([], set()), ([plant for plant, _ in PLANTED[variant]], WEAK[variant])):
        module = rendered(tmp_path, variant, cloudless.env, planted)
        module.terraform("init", "-no-color")
        module.apply()
        assert weaknesses(cloud, cloudless.ledger, private=name == "private") == expected
        module.destroy()
