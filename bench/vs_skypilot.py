"""Ask SkyPilot and Styx the same, on the same prices: `python bench/vs_skypilot.py [--venv DIR] [--json FILE]`.

SkyPilot is installed from the registry into an environment of its own (several minutes; `--venv` keeps it for the next
time), gets the shipped offers in its own CSV layout, and is told that every cloud is enabled. Both are asked the same
specs. Prices compared are what Styx would pay in all for either choice: SkyPilot counts no disks and no addresses.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from styx.catalog import Catalog, open_catalog
from styx.errors import StyxError
from styx.optimizer import choose, why_not
from styx.plan import Placement
from styx.spec import SpecFile, loads

HERE = Path(__file__).parent
SKYPILOT = "skypilot[aws,azure,gcp,lambda,nebius]==0.14.1"
CLOUDS = {"aws": "AWS", "azure": "Azure", "gcp": "GCP", "lambda": "Lambda", "nebius": "Nebius"}
EMPTY = {
    "images": "Tag,Region,OS,OSVersion,ImageId,CreationDate",
    "instance_quota_mapping": "InstanceType,QuotaName,OnDemandInstanceCode,SpotInstanceCode",
    "accelerator_quota_mapping": "AcceleratorName,Region,OnDemandInstanceCode,SpotInstanceCode",
}
WARM_AT_LEAST, COLD_AT_LEAST = 100, 12


@dataclass(frozen=True)
class Row:
    """One spec, both answers, and what to make of them."""

    spec: str
    skypilot: str
    skypilot_usd: float | None
    skypilot_s: float
    styx: str
    styx_usd: float | None
    styx_s: float
    styx_first_s: float
    """When nothing like it was asked before."""
    verdict: str


def main() -> int:
    """Return 0 when Styx is never dearer under the same eligibility, and as much faster as it claims."""
    options = _options()
    specs = yaml.safe_load((HERE / "specs" / "vs_skypilot.yaml").read_text())
    with tempfile.TemporaryDirectory(prefix="styx-vs-skypilot-") as folder:
        work = Path(folder)
        python = _environment(options.venv or work / "venv")
        catalog = open_catalog(CLOUDS)
        _export(catalog, work / ".sky" / "catalogs" / "v8")
        sky, sky_cold = _ask_skypilot(python, specs, work)
        rows = [_row(catalog, name, spec, sky[name]) for name, spec in specs.items()]
        styx_cold = _styx_cold(specs, work)
    warm = statistics.median(row.skypilot_s / row.styx_s for row in rows)
    cold = statistics.median(sky_cold) / statistics.median(styx_cold)
    print(_table(rows))
    first = statistics.median(row.skypilot_s / row.styx_first_s for row in rows)
    print(
        f"\nwarm, each spec asked for the second time: Styx is {warm:.0f} times faster, the median of {len(rows)} specs"
    )
    print(f"  (at least {WARM_AT_LEAST}); Styx for the first time, SkyPilot for the second: {first:.0f} times")
    print(
        f"cold, a process each: {statistics.median(sky_cold):.2f} s and {statistics.median(styx_cold):.2f} s, "
        f"{cold:.1f} times (at least {COLD_AT_LEAST})"
    )
    if options.json:
        report = {"rows": [asdict(row) for row in rows], "warm": warm, "cold": cold, "cold_s": [sky_cold, styx_cold]}
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    dearer = [row.spec for row in rows if row.verdict.startswith("DEARER")]
    return int(bool(dearer) or warm < WARM_AT_LEAST or cold < COLD_AT_LEAST)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Ask SkyPilot and Styx the same specs on the same prices.")
    parser.add_argument("--venv", type=Path, help="environment of SkyPilot; made when it is not there, and kept")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    return parser.parse_args()


def _environment(folder: Path) -> Path:
    """Return the Python of an environment with SkyPilot, made at low priority when it is not there."""
    python = folder / "bin" / "python"
    if not (folder / "bin" / "sky").exists():
        venv.create(folder, with_pip=True)
        subprocess.run(["nice", str(python), "-m", "pip", "install", "--quiet", SKYPILOT], check=True)
    return python


def _export(catalog: Catalog, folder: Path) -> None:
    """Write the offers in SkyPilot's layout, and as empty tables what it would otherwise download."""
    query = (HERE / "skypilot_catalog.sql").read_text()
    for cloud in CLOUDS:
        (folder / cloud).mkdir(parents=True)
        for name, header in EMPTY.items():
            (folder / cloud / f"{name}.csv").write_text(header + "\n")
        rows = f"({query.replace('$CLOUD', cloud)})"
        # SkyPilot takes an empty zone for no region at all: a cloud without zones has no such column.
        zoned = catalog.connection.execute(f"SELECT count(*) FROM offers WHERE cloud = '{cloud}' AND len(zones) > 0")
        columns = "*" if zoned.fetchall()[0][0] else '* EXCLUDE ("AvailabilityZone")'
        catalog.connection.execute(f"COPY (SELECT {columns} FROM {rows}) TO '{folder / cloud / 'vms.csv'}' (HEADER)")
    (folder / "common").mkdir()
    catalog.connection.execute(
        'COPY (SELECT accelerator AS "AcceleratorName", list(DISTINCT cloud)::VARCHAR AS "Clouds" FROM offers'
        f" WHERE accelerator IS NOT NULL GROUP BY 1) TO '{folder / 'common' / 'accelerators.csv'}' (HEADER)"
    )
    catalog.connection.execute(
        'COPY (SELECT name AS "GPU", memory_gib AS "MemoryGB", upper(vendor) AS "Manufacturer" FROM accelerators)'
        f" TO '{folder / 'common' / 'metadata.csv'}' (HEADER)"
    )


def _ask_skypilot(
    python: Path, specs: dict[str, dict[str, object]], work: Path
) -> tuple[dict[str, dict[str, object]], list[float]]:
    """Return SkyPilot's answers, timed warm in one process, and the times of a process for each of three specs."""
    environment = {**os.environ, "HOME": str(work), "SKYPILOT_DISABLE_USAGE_COLLECTION": "1"}

    def ask(some: dict[str, dict[str, object]]) -> dict[str, object]:
        asked = json.dumps({"clouds": list(CLOUDS.values()), "specs": some})
        argv = [str(python), str(HERE / "skypilot_ask.py")]
        done = subprocess.run(argv, input=asked, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"SkyPilot ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])

    answers = ask(specs)["answers"]
    cold = []
    for name in list(specs)[:3]:
        begin = time.perf_counter()
        ask({name: {**specs[name], "once": True}})
        cold.append(time.perf_counter() - begin)
    return answers, cold


def _styx_cold(specs: dict[str, dict[str, object]], work: Path) -> list[float]:
    """Return the times of a `styx optimize` process for each of three specs."""
    times = []
    for name in list(specs)[:3]:
        file = work / "spec.yaml"
        file.write_text(yaml.safe_dump(specs[name]))
        argv = [str(Path(sys.executable).with_name("styx")), "optimize", str(file), "--json"]
        begin = time.perf_counter()
        subprocess.run(argv, check=True, capture_output=True)
        times.append(time.perf_counter() - begin)
    return times


def _row(catalog: Catalog, name: str, asked: dict[str, object], sky: dict[str, object]) -> Row:
    spec = loads(yaml.safe_dump(asked))
    first_s, placement, error = _ask_styx(catalog, spec)
    seconds, placement, error = _ask_styx(catalog, spec)
    if placement is None:
        said = str(error).splitlines()[0]
        verdict = "neither has an answer" if "error" in sky else f"Styx refuses: {said}"
        return Row(name, _said(sky), sky.get("hourly_usd"), sky["seconds"], "none", None, seconds, first_s, verdict)
    group = placement.groups[-1]
    styx = f"{placement.cloud}/{placement.region}/{group.offer.instance_type}"
    usd = round(placement.cost.hourly_usd, 4)
    verdict = _verdict(catalog, asked, sky, styx)
    return Row(name, _said(sky), sky.get("hourly_usd"), sky["seconds"], styx, usd, seconds, first_s, verdict)


def _ask_styx(catalog: Catalog, spec: SpecFile) -> tuple[float, Placement | None, StyxError | None]:
    begin = time.perf_counter()
    try:
        found, error = choose(spec, catalog, tuple(CLOUDS)).tasks[0].placement, None
    except StyxError as refused:
        found, error = None, refused
    return time.perf_counter() - begin, found, error


def _said(sky: dict[str, object]) -> str:
    return str(sky["error"])[:60] if "error" in sky else f"{sky['cloud']}/{sky['region']}/{sky['instance_type']}"


def _verdict(catalog: Catalog, asked: dict[str, object], sky: dict[str, object], styx: str) -> str:
    """Explain the difference: both choices' prices in all, or which constraint SkyPilot's choice does not meet."""
    if "error" in sky:
        return "SkyPilot has no answer"
    offer = next((one for one in _names(sky) if one in _known(catalog)), None)
    if offer is None:
        return "SkyPilot's choice is no offer of the catalog: a machine and GPUs that are not sold together"
    if offer == styx:
        return "the same choice"
    return difference(catalog, loads(yaml.safe_dump(asked)), offer, styx)


def difference(catalog: Catalog, spec: SpecFile, offer: str, styx: str) -> str:
    """Return how the prices of two offers in all compare, or which constraint the peer's does not meet."""
    found = why_not(spec, catalog, tuple(CLOUDS), offer)
    fitting = [one for one in found if not one.failed]
    if not fitting:
        failed = (f"{wish} (has {has})" if has else wish for wish, has in found[0].failed)
        return f"the peer's choice does not meet {'; '.join(failed)}"
    mine = next(one.hourly_usd for one in why_not(spec, catalog, tuple(CLOUDS), styx) if not one.failed)
    other = fitting[0].hourly_usd
    if other is None or mine is None:
        return "a price is not known"
    if abs(other - mine) <= 1e-6:
        return "the same price"
    return f"cheaper by {100 * (1 - mine / other):.0f} %" if mine < other else f"DEARER: the peer's costs {other:.4f}"


def _names(sky: dict[str, object]) -> list[str]:
    """Return what the catalog may call SkyPilot's choice: on GCP it names the machine and its GPUs apart."""
    start = f"{sky['cloud']}/{sky['region']}/{sky['instance_type']}"
    gpus = sky.get("accelerators") or {}
    return [*(f"{start}+{name}:{count:g}" for name, count in gpus.items()), start]


def _known(catalog: Catalog) -> frozenset[str]:
    rows = catalog.connection.execute("SELECT cloud || '/' || region || '/' || instance_type FROM offers").fetchall()
    return frozenset(row[0] for row in rows)


def _table(rows: list[Row]) -> str:
    lines = [
        f"{'spec':28} {'SkyPilot 0.14.1':58} {'$/h':>9} {'s':>7}  {'Styx':58} {'$/h':>9} {'ms':>6} {'1st':>6}  verdict"
    ]
    for row in rows:
        prices = [f"{usd:9.4f}" if usd is not None else " " * 9 for usd in (row.skypilot_usd, row.styx_usd)]
        lines.append(
            f"{row.spec:28} {row.skypilot:58} {prices[0]} {row.skypilot_s:7.3f}  {row.styx:58} {prices[1]} "
            f"{row.styx_s * 1000:6.1f} {row.styx_first_s * 1000:6.1f}  {row.verdict}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
