"""GPUs and switches are counted on the bus, and nvidia-smi is asked."""

import pytest


@pytest.fixture
def module(load):
    return load("nvidia/library/nvidia_state.py")


@pytest.fixture
def device(tmp_path):
    def make(number, vendor, kind):
        folder = tmp_path / "devices" / f"0000:0{number}:00.0"
        folder.mkdir(parents=True)
        (folder / "vendor").write_text(f"{vendor}\n")
        (folder / "class").write_text(f"{kind}\n")

    return make


def test_gpus_and_switches_are_told_apart(module, device, tmp_path):
    for number, (vendor, kind) in enumerate(
        [("0x10de", "0x030200"), ("0x10de", "0x030000"), ("0x10de", "0x068000"), ("0x10de", "0x040300"),
         ("0x1002", "0x030200")],
    ):  # fmt: skip
        device(number, vendor, kind)
    devices = tmp_path / "devices"
    assert module.count(devices, module.DISPLAYS) == 2
    assert module.count(devices, module.SWITCHES) == 1


@pytest.fixture
def smi(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    def write(text):
        (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / "nvidia-smi").chmod(0o755)

    return write


def test_a_driver_that_works_has_a_version_for_each_gpu(module, smi):
    smi("echo 570.124.06; echo 570.124.06")
    assert module.asked() == (["570.124.06", "570.124.06"], "")


def test_a_driver_that_does_not_work_is_told(module, smi):
    smi("echo No devices were found; exit 6")
    assert module.asked() == ([], "No devices were found")


def test_no_driver_is_told(module, smi):
    assert module.asked() == ([], "there is no nvidia-smi")
