"""What suits a GPU, a system and a wish is looked up in the role's own table."""

import csv

import pytest
import yaml

from styx import paths

ROLE = paths.playbooks() / "roles" / "nvidia"
SUPPORT = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())["nvidia_support"]
NO_WISH = {"driver": "", "cuda": "", "cudnn": "", "containers": False}
MACHINE = {
    "system": "ubuntu22.04", "processor": "x86_64", "gpu": "H100", "count": 0, "gpus": 1, "switches": 0, "driver": "",
}  # fmt: skip


@pytest.fixture
def choose(load):
    module = load("nvidia/filter_plugins/nvidia_choice.py")

    def choice(machine=None, **asked):
        return module.nvidia_choice(SUPPORT, {**MACHINE, **(machine or {})}, {**NO_WISH, **asked})

    return choice


def test_every_nvidia_gpu_of_the_catalog_is_in_one_generation():
    with (paths.catalog() / "accelerators.csv").open() as file:
        names = {row["name"] for row in csv.DictReader(file) if row["vendor"] == "nvidia"}
    rows = [name for row in SUPPORT["generations"] for name in row["gpus"]]
    assert len(rows) == len(set(rows))
    assert names <= set(rows)


def test_every_cuda_has_a_least_driver_no_newer_than_its_own():
    for cuda, own in SUPPORT["cuda_own_driver"].items():
        assert SUPPORT["cuda_least_driver"][cuda.split(".")[0]] <= own <= SUPPORT["driver"]["last"]


@pytest.mark.parametrize(
    ("gpu", "package"),
    [("V100", "cuda-drivers-580"), ("p100", "cuda-drivers-580"), ("T4", "nvidia-open-580"), ("L4", "nvidia-open-580"),
     ("A100-80GB", "nvidia-open-580"), ("B200", "nvidia-open-580"), ("RTX9090", "nvidia-open-580")],
)  # fmt: skip
def test_a_machine_without_a_driver_gets_the_one_of_its_generation(choose, gpu, package):
    assert choose({"gpu": gpu})["driver"] == [package]


def test_a_driver_that_works_stays(choose):
    assert choose({"driver": "535.183.06"})["driver"] == []
    assert choose({"driver": "535.183.06"}, cuda="12.8")["driver"] == []


def test_a_driver_is_made_newer_and_never_older(choose):
    assert choose({"driver": "550.54.14"}, driver="570")["driver"] == ["nvidia-open-570"]
    assert choose({"driver": "580.65.06"}, driver="570")["driver"] == []
    assert choose({"driver": "570.124.06"}, driver="570")["driver"] == []


def test_a_machine_without_gpus_gets_no_driver(choose):
    found = choose({"gpus": 0, "gpu": ""}, cuda="12.8", driver="570")
    assert (found["driver"], found["toolkit"], found["refused"]) == ([], ["cuda-toolkit-12-8"], [])


def test_cuda_and_cudnn_of_one_major_version(choose):
    assert choose(cuda="12.8", cudnn="9.1")["toolkit"] == [
        "cuda-toolkit-12-8", "libcudnn9-cuda-12=9.1.*", "libcudnn9-dev-cuda-12=9.1.*",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("machine", "asked", "told"),
    [
        ({"system": "debian11"}, {}, "debian11 on x86_64 is not in the table"),
        ({"processor": "ppc64le"}, {}, "ubuntu22.04 on ppc64le is not in the table"),
        ({}, {"cuda": "12.10"}, "CUDA 12.10 is not in the table"),
        ({"gpu": "V100"}, {"cuda": "13.0"}, "Volta is supported up to CUDA 12, and not by 13.0"),
        ({"gpu": "B200"}, {"cuda": "12.4"}, "Blackwell needs CUDA 12.8 or newer"),
        ({"gpu": "B200"}, {"driver": "550"}, "Blackwell needs driver 570 or newer"),
        ({"gpu": "K80"}, {}, "there are drivers 515 to 580, and not 470"),
        ({"driver": "535.183.06"}, {"cuda": "13.0"}, "CUDA 13.0 needs driver 580 or newer, and 535 works here"),
        ({"system": "ubuntu24.04"}, {"cuda": "12.4"}, "there is CUDA from 12.5 on"),
        ({"system": "ubuntu24.04"}, {"driver": "535"}, "there are drivers 555 to 580, and not 535"),
        ({}, {"driver": "590"}, "and not 590"),
        ({"count": 8, "gpus": 0}, {}, "the plan has 8 H100, and no device of this machine is NVIDIA's"),
        ({}, {"cuda": "12.8", "cudnn": "8.9"}, "cuDNN 8.9 is not in the table"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_chosen(choose, machine, asked, told):
    found = choose(machine, **asked)
    assert told in "; ".join(found["refused"])
    assert not found["driver"] + found["toolkit"] + found["fabric"] + found["containers"]


def test_the_last_cuda_of_a_generation_holds_for_all_its_minor_versions(choose):
    assert choose({"gpu": "V100"}, cuda="12.9")["refused"] == []


@pytest.mark.parametrize(
    ("machine", "packages"),
    [
        ({"gpu": "A100"}, []),
        ({"gpu": "A100", "gpus": 8, "switches": 6}, ["nvidia-fabricmanager-580"]),
        ({"gpu": "H100", "gpus": 8, "switches": 4, "driver": "550.54.14"}, ["nvidia-fabricmanager-550"]),
        ({"gpu": "B200", "gpus": 8}, ["nvidia-fabricmanager-580", "nvlsm"]),
        ({"gpu": "B200", "gpus": 1}, []),
    ],
)
def test_switches_need_a_manager_of_the_driver_s_branch(choose, machine, packages):
    assert choose(machine)["fabric"] == packages


def test_containers_get_a_toolkit_where_there_are_gpus(choose):
    assert choose(containers=True)["containers"] == ["nvidia-container-toolkit"]
    assert choose({"gpus": "0"}, containers="True")["containers"] == []


@pytest.mark.parametrize(
    ("system", "processor", "repository"),
    [("debian12", "x86_64", "debian12/x86_64"), ("ubuntu24.04", "aarch64", "ubuntu2404/sbsa")],
)
def test_each_system_and_processor_has_its_repository(choose, system, processor, repository):
    assert choose({"system": system, "processor": processor})["repository"] == repository


def test_accelerators_of_others_are_none_of_this_roles_business(choose):
    assert choose({"gpu": "Trainium", "count": 16, "gpus": 0})["refused"] == []
