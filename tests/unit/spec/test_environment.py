"""What the environment asks for and the rest of it makes useless is told."""

import pytest

from styx.errors import SpecError
from styx.spec import container, loads, requests


def faults(text):
    with pytest.raises(SpecError) as error:
        loads(text)
    return [f"{fault.path}: {fault.message}" for fault in error.value.faults]


@pytest.mark.parametrize("name", ["python: 3.12", "conda: {packages: [a]}", "cuda: 12.8"])
def test_what_a_container_does_not_see(name):
    field = name.split(":")[0]
    (told,) = faults(f"resources: {{image_id: docker:a}}\nstyx: {{environment: {{{name}}}}}")
    assert told == f"styx.environment.{field}: {field} of the machine is not seen in the container that jobs run in"


def test_two_containers():
    (told,) = faults("resources: {any_of: [{image_id: docker:a}]}\nstyx: {environment: {docker: b}}")
    assert told == "styx.environment.docker: resources.image_id names a container too"


def test_cudnn_without_cuda():
    (told,) = faults("styx: {environment: {cudnn: 9.1}}")
    assert told == "styx.environment.cudnn: cudnn is for one version of CUDA"


def test_a_container_of_one_region():
    (told,) = faults("resources: {image_id: {us-east-1: docker:a}}")
    assert "a container is the same in every region" in told


@pytest.mark.parametrize("prefix", ["STYX", "SKYPILOT"])
def test_the_login_of_a_registry_is_the_tasks_own(prefix):
    task = loads(f"envs: {{{prefix}_DOCKER_USERNAME: a, {prefix}_DOCKER_PASSWORD: b}}").tasks[0]
    assert task.plain_envs == {f"{prefix}_DOCKER_USERNAME": "a"}
    assert task.secret_names == (f"{prefix}_DOCKER_PASSWORD",)


def test_a_container_is_no_machines_image():
    task = loads("resources: {image_id: docker:a/b:1}").tasks[0]
    (request,) = requests(task).alternatives
    assert container(task, request).image == "a/b:1"
    assert request.machine_image is None
    task = loads("resources: {image_id: ami-1}").tasks[0]
    (request,) = requests(task).alternatives
    assert container(task, request) is None
    assert request.machine_image == "ami-1"
