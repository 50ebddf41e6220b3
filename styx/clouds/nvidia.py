"""NVIDIA's GPUs, as its own tool lists them."""

from dataclasses import dataclass

QUERY = ("--query-gpu=name,memory.total", "--format=csv,noheader,nounits")
"""What nvidia-smi is asked."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU."""

    name: str
    memory_gib: float


def parse_gpus(csv: str) -> tuple[Gpu, ...]:
    """Read nvidia-smi's `name, memory in MiB` lines: `NVIDIA H200, 143771` is an H200 of 140.4 GiB."""
    rows = [line.rsplit(",", 1) for line in csv.splitlines() if "," in line]
    return tuple(
        Gpu(name.strip().removeprefix("NVIDIA ").replace(" ", "-"), round(int(mib) / 1024, 1))
        for name, mib in rows
        if mib.strip().isdigit()
    )
