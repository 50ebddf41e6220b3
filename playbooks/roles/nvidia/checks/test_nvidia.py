"""What the role nvidia promises, seen from the host."""

import pytest


def test_every_gpu_works(host, node):
    if not node.get("nvidia_gpu") or not host.exists("nvidia-smi"):
        pytest.skip("the machine has no GPU of NVIDIA's")
    working = host.check_output("nvidia-smi --query-gpu=driver_version --format=csv,noheader")
    assert len(working.splitlines()) >= int(node.get("styx_gpus", 0))


def test_the_cuda_that_was_asked_for_is_there(host, node):
    if not node.get("nvidia_cuda"):
        pytest.skip("the task asks for none")
    told = host.check_output("%s --version", f"/usr/local/cuda-{node['nvidia_cuda']}/bin/nvcc")
    assert f"release {node['nvidia_cuda']}" in told


def test_the_manager_of_the_switches_runs(host):
    if not host.package("nvlsm").is_installed and not host.file("/usr/bin/nv-fabricmanager").exists:
        pytest.skip("no switches")
    assert host.service("nvidia-fabricmanager").is_running
