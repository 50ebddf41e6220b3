"""A process that chooses among ten million made-up offers: a line on stdin is a request, the answer is JSON."""

import json
import resource
import sys
import time
from pathlib import Path

import duckdb

from styx.catalog import Catalog
from styx.optimizer import choose
from styx.spec import loads

CLOUDS, REGIONS, TYPES = 20, 50, 10_000
SPECS = (
    "resources: {cpus: 4+, memory: MEMORY+}",
    "resources: {accelerators: 'GPU3:8', use_spot: true, memory: MEMORY+}",
    "resources: {cpus: 16, memory: MEMORY+, max_hourly_cost: 3}",
)

MAKE = f"""
COPY (
    SELECT
        'cloud' || cloud AS cloud, 'region' || region AS region, 'type' || type AS instance_type,
        (1 << (type % 8))::DOUBLE AS vcpus, ((1 << (type % 8)) * (2 + type % 7))::DOUBLE AS memory_gib,
        ['region' || region || 'a', 'region' || region || 'b'] AS zones,
        CASE WHEN type % 5 = 0 THEN 'GPU' || (type // 5 % 12) END AS accelerator,
        CASE WHEN type % 5 = 0 THEN 1 << (type // 60 % 4) ELSE 0 END::DOUBLE AS accelerator_count,
        CASE WHEN type % 5 = 0 THEN 80 END::DOUBLE AS gpu_memory_gib,
        CASE WHEN type % 9 = 0 THEN 'arm64' ELSE 'x86_64' END AS arch, type % 31 = 0 AS burstable,
        0::DOUBLE AS local_disk_gib,
        round((1 << (type % 8)) * (0.03 + hash(cloud, region, type) % 1000 / 50000.0), 6) AS hourly_usd,
        round((1 << (type % 8)) * (0.01 + hash(region, cloud, type) % 1000 / 90000.0), 6) AS spot_hourly_usd,
        'list' AS price_kind, 'list' AS spot_kind, '2026-01-01' AS price_as_of, NULL::INTEGER AS max_count,
        false AS divisible
    FROM range({CLOUDS}) AS clouds (cloud), range({REGIONS}) AS regions (region), range({TYPES}) AS types (type)
) TO '$FILE' (FORMAT parquet)
"""


def main(file: Path) -> None:
    """Answer requests until stdin ends."""
    if not file.exists():
        duckdb.connect(":memory:", config={"memory_limit": "400MB", "threads": 2}).execute(
            MAKE.replace("$FILE", str(file))
        )
    catalog = Catalog(())
    catalog.connection.execute("SET threads = 2")
    catalog.connection.execute(f"CREATE OR REPLACE VIEW offers AS SELECT * FROM read_parquet('{file}')")
    clouds = tuple(f"cloud{number}" for number in range(CLOUDS))
    for number, _line in enumerate(sys.stdin):
        # Never the same twice: no answer is remembered.
        spec = loads(SPECS[number % len(SPECS)].replace("MEMORY", f"{16 + number / 8}"))
        begin = time.perf_counter()
        plan = choose(spec, catalog, clouds)
        seconds = time.perf_counter() - begin
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        answer = {"seconds": seconds, "peak_mib": peak_mib, "offers": plan.tasks[0].considered}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
