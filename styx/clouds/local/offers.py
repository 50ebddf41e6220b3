"""What this machine has to offer: its own CPUs, memory and GPUs, at price 0."""

import os
import platform
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from styx.clouds.nvidia import QUERY, Gpu, parse_gpus
from styx.offer import Offer

REGION = "this-machine"
MAX_NODES = 200
"""Nodes side by side: one loopback address each, the last octet of 127.77.<slot>.<rank + 1>."""

_ARCHES = {"aarch64": "arm64", "amd64": "x86_64"}


def offers() -> tuple[Offer, ...]:
    """Return one offer without GPUs and one for each number of GPUs that a node can have.

    CPUs and memory are shared by the nodes that stand side by side; a GPU belongs to one node.
    """
    plain = Offer(
        cloud=__package__.rpartition(".")[2],
        region=REGION,
        instance_type=REGION,
        vcpus=len(os.sched_getaffinity(0)),
        memory_gib=_memory_gib(),
        arch=_ARCHES.get(platform.machine(), platform.machine()),
        hourly_usd=0,
        price_kind="own",
        max_count=MAX_NODES,
        divisible=True,
    )
    gpus = _gpus()
    return (plain, *(_with_gpus(plain, gpus, count) for count in range(1, len(gpus) + 1)))


def _with_gpus(plain: Offer, gpus: tuple[Gpu, ...], count: int) -> Offer:
    return replace(
        plain,
        instance_type=f"{plain.instance_type}-gpu{count}",
        accelerator=gpus[0].name,
        accelerator_count=count,
        gpu_memory_gib=min(gpu.memory_gib for gpu in gpus),
        max_count=len(gpus) // count,
    )


def _memory_gib() -> float:
    """Return the memory that processes here may use: the machine's, or less where a control group says so."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.is_file() and (text := limit.read_text().strip()).isdigit():
        total = min(total, int(text))
    return round(total / 2**30, 1)


def _gpus() -> tuple[Gpu, ...]:
    """Ask NVIDIA's own tool; a machine without it, or with a driver that does not answer, has no GPUs."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    query = [program, *QUERY]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ()
    return parse_gpus(answer.stdout)
