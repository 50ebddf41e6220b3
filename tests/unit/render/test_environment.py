"""What a spec's environment asks for is named to Ansible: the roles, and their variables."""

import pytest

from styx.catalog import Catalog
from styx.lifecycle.target import Target
from styx.offer import Offer
from styx.optimizer import choose
from styx.render import Rendering
from styx.render.ansible import group_vars, roles
from styx.spec import loads
from styx.workdir import Workdir

OFFERS = (
    Offer("aws", "us-east-1", "plain", vcpus=4, memory_gib=16, hourly_usd=1, price_kind="list"),
    Offer("aws", "us-east-1", "gpu", vcpus=8, memory_gib=64, accelerator="H100", accelerator_count=8, hourly_usd=9,
          price_kind="list"),
)  # fmt: skip


@pytest.fixture
def rendering(tmp_path):
    def make(text, **options):
        spec = loads(text, "task.yaml", folder=tmp_path)
        plan = choose(spec, Catalog(OFFERS), ("aws",))
        target = Target(spec, 0, "demo", Workdir(tmp_path))
        return Rendering("demo", target.task, plan.tasks[0], plan, "../..", **options)

    return make


def ours(rendering):
    return [role for role in roles(rendering) if role in {"nvidia", "docker", "conda"}]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("run: x", []),
        ("resources: {accelerators: H100:8}", ["nvidia"]),
        ("styx: {environment: {cuda: 12.8}}", ["nvidia"]),
        ("resources: {image_id: docker:ubuntu}", ["docker"]),
        ("styx: {environment: {docker: ubuntu}}", ["docker"]),
        ("resources: {image_id: docker:ubuntu, accelerators: H100:8}", ["nvidia", "docker"]),
        ("setup: conda create -n a", ["conda"]),
        ("run: mamba install b", ["conda"]),
        ("setup: anaconda", []),
        ("setup: conda create -n a\nresources: {image_id: docker:has-conda}", ["docker"]),
        ("styx: {environment: {python: 3.12}}", ["conda"]),
        ("styx: {environment: {conda: {packages: [numpy]}}}", ["conda"]),
    ],
)
def test_only_the_roles_that_are_needed(rendering, text, found):
    assert ours(rendering(text)) == found


def test_what_is_asked_for_reaches_the_roles(rendering):
    text = "styx: {environment: {cuda: 12.8, cudnn: 9.1, driver: 570, packages: [htop], conda: {file: a/env.yml}}}"
    said = group_vars(rendering(text + "\nresources: {accelerators: H100:8}"))
    for line in ('nvidia_gpu: !unsafe "H100"', 'nvidia_cuda: "12.8"', 'nvidia_cudnn: "9.1"', 'nvidia_driver: "570"',
                 'base_more_packages:\n- !unsafe "htop"', 'conda_file: !unsafe "../../a/env.yml"'):  # fmt: skip
        assert line in said, said


def test_a_container_with_its_options(rendering):
    said = group_vars(rendering("styx: {environment: {docker: {image: 'a:{{ 1 }}', options: [--privileged]}}}"))
    assert 'docker_image: !unsafe "a:{{ 1 }}"' in said
    assert 'docker_options:\n- !unsafe "--privileged"' in said
    assert 'ray_groups:\n- !unsafe "docker"' in said


def test_conda_is_not_installed_for_a_python_that_the_system_may_have(rendering):
    assert "conda_always: false" in group_vars(rendering("styx: {environment: {python: 3.12}}"))
    assert "conda_always" not in group_vars(rendering("setup: conda\nstyx: {environment: {python: 3.12}}"))


def test_another_job_changes_nothing_of_the_machine(rendering):
    said = group_vars(rendering("resources: {image_id: docker:ubuntu}", another_job=True))
    assert "docker_image" not in said
    assert "workspace_another_job: true" in said
