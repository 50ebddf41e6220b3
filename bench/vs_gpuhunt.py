"""Ask gpuhunt and Styx the same, on the same offers: `python bench/vs_gpuhunt.py [--venv DIR]`.

gpuhunt is a query over prices and no optimizer: it knows no disks, addresses, zones or defaults. It is installed from
the registry into an environment of its own and given the shipped offers with a whole number of GPUs.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from verdicts import Market
from vs_skypilot import CLOUDS

from styx.catalog import Catalog, open_catalog
from styx.optimizer import choose
from styx.spec import loads

HERE = Path(__file__).parent
GPUHUNT = "gpuhunt==0.1.34"
PROVIDERS = {"lambda": "lambdalabs"}
"""Clouds that gpuhunt calls otherwise."""

QUERIES: dict[str, tuple[dict[str, object], str]] = {
    "4+ vCPUs 16+ GB": ({"min_cpu": 4, "min_memory": 16, "max_gpu_count": 0}, "cpus: 4+, memory: 16+"),
    "8 vCPUs 32 GB": (
        {"min_cpu": 8, "max_cpu": 8, "min_memory": 32, "max_memory": 32, "max_gpu_count": 0}, "cpus: 8, memory: 32",
    ),
    "T4": ({"gpu_name": "T4", "min_gpu_count": 1, "max_gpu_count": 1}, "accelerators: T4"),
    "L4": ({"gpu_name": "L4", "min_gpu_count": 1, "max_gpu_count": 1}, "accelerators: L4"),
    "V100": ({"gpu_name": "V100", "min_gpu_count": 1, "max_gpu_count": 1, "max_gpu_memory": 16}, "accelerators: V100"),
    "A100 x8": (
        {"gpu_name": "A100", "min_gpu_count": 8, "max_gpu_count": 8, "max_gpu_memory": 40}, "accelerators: 'A100:8'",
    ),
    "A100-80GB x8 on spot": (
        {"gpu_name": "A100", "min_gpu_count": 8, "max_gpu_count": 8, "min_gpu_memory": 80, "spot": True},
        "accelerators: 'A100-80GB:8', use_spot: true",
    ),
    "H100 x8": ({"gpu_name": "H100", "min_gpu_count": 8, "max_gpu_count": 8}, "accelerators: 'H100:8'"),
    "GPU of 80 GB": (
        {"min_gpu_memory": 80, "max_gpu_memory": 80, "min_gpu_count": 1, "max_gpu_count": 1}, "accelerators: 80GB",
    ),
    "40 GB or more": ({"min_gpu_memory": 40, "min_gpu_count": 1, "max_gpu_count": 1}, "accelerators: 40GB+"),
}  # fmt: skip

ITEMS = """
SELECT
    cloud AS provider, instance_type AS instance_name, region AS location, price, vcpus::INTEGER AS cpu,
    sold.memory_gib AS memory, accelerator_count::INTEGER AS gpu_count,
    regexp_replace(accelerator, '-(80|32)GB$', '') AS gpu_name, gpu_memory_gib AS gpu_memory, spot,
    NULL AS disk_size, CASE WHEN accelerator IS NOT NULL THEN vendor END AS gpu_vendor,
    CASE WHEN arch = 'arm64' THEN 'arm' ELSE 'x86' END AS cpu_arch
FROM (
    SELECT *, hourly_usd AS price, false AS spot FROM offers
    UNION ALL SELECT *, spot_hourly_usd AS price, true AS spot FROM offers
) AS sold
LEFT JOIN accelerators ON name = accelerator
WHERE price IS NOT NULL AND accelerator_count = round(accelerator_count) AND coalesce(vendor, 'nvidia') <> 'aws'
"""


def main() -> int:
    """Return 0 when every difference is explained."""
    parser = argparse.ArgumentParser(description="Ask gpuhunt and Styx the same on the same offers.")
    parser.add_argument("--venv", type=Path, help="environment of gpuhunt; made when it is not there, and kept")
    options = parser.parse_args()
    catalog = open_catalog(CLOUDS)
    with tempfile.TemporaryDirectory(prefix="styx-vs-gpuhunt-") as folder:
        answers = _ask(_environment(options.venv or Path(folder) / "venv"), catalog)
    market, ratios, wrong = Market(catalog, tuple(CLOUDS)), [], False
    print(f"{'query':22} {'gpuhunt':52} {'$/h':>8} {'ms':>7}  {'Styx':52} {'$/h':>8} {'ms':>6} {'1st':>6}  verdict")
    for name, (_, resources) in QUERIES.items():
        spec, theirs = loads(f"resources: {{{resources}}}"), answers[name]
        times = []
        for _ in range(2):
            begin = time.perf_counter()
            placement = choose(spec, catalog, tuple(CLOUDS)).tasks[0].placement
            times.append(time.perf_counter() - begin)
        styx = f"{placement.cloud}/{placement.region}/{placement.groups[0].offer.instance_type}"
        offer = theirs["offer"].replace(PROVIDERS["lambda"], "lambda")
        verdict = market.judged(spec, [offer], styx)
        ratios.append(theirs["seconds"] / times[0])
        wrong |= verdict.wrong
        print(
            f"{name:22} {offer:52} {theirs['hourly_usd']:8.4f} {theirs['seconds'] * 1000:7.1f}  {styx:52} "
            f"{placement.cost.compute_usd:8.4f} {times[1] * 1000:6.1f} {times[0] * 1000:6.1f}  {verdict.said}"
        )
    print(f"\nStyx, asked for the first time, is {statistics.median(ratios):.0f} times faster in the median")
    return int(wrong)


def _environment(folder: Path) -> Path:
    """Return the Python of an environment with gpuhunt, made when it is not there."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run(["nice", str(python), "-m", "pip", "install", "--quiet", GPUHUNT], check=True)
    return python


def _ask(python: Path, catalog: Catalog) -> dict[str, dict[str, object]]:
    answer = catalog.connection.execute(ITEMS)
    names = [column[0] for column in answer.description]
    items = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    for item in items:
        item["provider"] = PROVIDERS.get(item["provider"], item["provider"])
    queries = {name: {"cpu_arch": "x86", "spot": False, **arguments} for name, (arguments, _) in QUERIES.items()}
    providers = [PROVIDERS.get(cloud, cloud) for cloud in CLOUDS]
    asked = json.dumps({"items": items, "queries": queries, "providers": providers})
    argv = [str(python), str(HERE / "gpuhunt_ask.py")]
    done = subprocess.run(argv, input=asked, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"gpuhunt ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)["answers"]


if __name__ == "__main__":
    raise SystemExit(main())
