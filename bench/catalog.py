"""The catalog at the command line: the GPUs that there are, one kind of them, and what is held."""

from pathlib import Path

from measure import Measure, styx


def measures(_work: Path) -> list[Measure]:
    """Return the measures."""
    return [
        Measure("show-gpus", styx("show-gpus"), limit_s=0.4),
        Measure("show-gpus H100:8", styx("show-gpus", "H100:8"), limit_s=0.4),
        Measure("catalog info", styx("catalog", "info"), limit_s=0.4),
    ]
