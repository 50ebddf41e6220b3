"""Ask SkyPilot and Styx the same, on the same prices: `python bench/vs_skypilot.py [--venv DIR] [--json FILE]`.

SkyPilot is installed from the registry into an environment of its own (several minutes; `--venv` keeps it for the next
time), gets the shipped offers in its own CSV layout, and is told that every cloud is enabled. Both are asked the same
specs. Prices compared are what Styx would pay in all for either choice: SkyPilot counts no disks and no addresses.
Warm is a process that has its catalog loaded: a question new to both is one ratio, one that both have answered before
another. Of several times the fastest counts, on both sides where there are several: SkyPilot has one first time a
process, which is started SKYPILOT_RUNS times; Styx's catalog is opened FIRST_TIMES times.
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
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml
from verdicts import Market

from styx.catalog import Catalog, open_catalog
from styx.errors import StyxError
from styx.optimizer import choose
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
FIRST_TIMES, SKYPILOT_RUNS, COLD_ROUNDS = 5, 2, 2
LOADS = {"resources": {"cpus": "2+"}}
"""Asked first, so that the catalog is loaded."""


@dataclass(frozen=True)
class Row:
    """One spec, both answers, and what to make of them."""

    spec: str
    skypilot: str
    skypilot_usd: float | None
    skypilot_first_s: float
    """The fastest time, asked for the first time, the catalog being loaded."""
    skypilot_again_s: float
    """The fastest time, asked again."""
    styx: str
    styx_usd: float | None
    styx_first_s: float
    """The fastest time, asked for the first time, the catalog being open."""
    styx_again_s: float
    """Asked again: the answer is remembered."""
    verdict: str
    wrong: bool


def main() -> int:
    """Return 0 when every difference is explained, and Styx is as much faster as it claims."""
    options = _options()
    specs = yaml.safe_load((HERE / "specs" / "vs_skypilot.yaml").read_text())
    with tempfile.TemporaryDirectory(prefix="styx-vs-skypilot-") as folder:
        work = Path(folder)
        ask = _skypilot(_environment(options.venv or work / "venv"), work)
        _export(open_catalog(CLOUDS), work / ".sky" / "catalogs" / "v8")
        runs = [ask(specs, warm=True)["answers"] for _ in range(SKYPILOT_RUNS)]
        sky = {name: _fastest([run[name] for run in runs]) for name in specs}
        rows = _rows(specs, sky)
        sky_cold, styx_cold = _cold(ask, specs, work)
    first = statistics.median(row.skypilot_first_s / row.styx_first_s for row in rows)
    again = statistics.median(row.skypilot_again_s / row.styx_again_s for row in rows)
    mixed = statistics.median(row.skypilot_again_s / row.styx_first_s for row in rows)
    cold = statistics.median(sky_cold) / statistics.median(styx_cold)
    print(_table(rows))
    print(f"\nwarm, medians of {len(rows)} specs (at least {WARM_AT_LEAST} times):")
    print(f"  a question new to both {first:.0f} times; known to both {again:.0f} times;")
    print(f"  new to Styx, known to SkyPilot, {mixed:.0f} times (not judged)")
    print(
        f"cold, a process each: {statistics.median(sky_cold):.2f} s and {statistics.median(styx_cold):.2f} s, "
        f"{cold:.1f} times (at least {COLD_AT_LEAST})"
    )
    if options.json:
        report = {
            "rows": [asdict(row) for row in rows],
            "first": first,
            "again": again,
            "cold": cold,
            "cold_s": [sky_cold, styx_cold],
        }
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    wrong = [row.spec for row in rows if row.wrong]
    return int(bool(wrong) or min(first, again) < WARM_AT_LEAST or cold < COLD_AT_LEAST)


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


def _skypilot(python: Path, work: Path) -> Callable[..., dict[str, object]]:
    """Return a function that asks SkyPilot specs in a process of its own."""
    environment = {**os.environ, "HOME": str(work), "SKYPILOT_DISABLE_USAGE_COLLECTION": "1"}

    def ask(some: dict[str, dict[str, object]], *, warm: bool) -> dict[str, object]:
        asked = json.dumps({"clouds": list(CLOUDS.values()), "loads": LOADS if warm else None, "specs": some})
        argv = [str(python), str(HERE / "skypilot_ask.py")]
        done = subprocess.run(argv, input=asked, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"SkyPilot ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])

    return ask


def _cold(
    ask: Callable[..., dict[str, object]], specs: dict[str, dict[str, object]], work: Path
) -> tuple[list[float], list[float]]:
    """Return the times of processes of SkyPilot and of `styx optimize` for three specs, in turn."""
    file = work / "spec.yaml"
    styx = [str(Path(sys.executable).with_name("styx")), "optimize", str(file), "--json"]
    times: tuple[list[float], list[float]] = ([], [])
    for name in [*specs][:3] * COLD_ROUNDS:
        file.write_text(yaml.safe_dump(specs[name]))
        asked = {name: specs[name]}
        for kept, action in zip(
            times,
            (
                lambda asked=asked: ask(asked, warm=False),
                lambda: subprocess.run(styx, check=True, stdout=subprocess.DEVNULL),
            ),
            strict=True,
        ):  # fmt: skip
            begin = time.perf_counter()
            action()
            kept.append(time.perf_counter() - begin)
    return times


def _rows(specs: dict[str, dict[str, object]], sky: dict[str, dict[str, object]]) -> list[Row]:
    """Ask Styx every spec: in catalogs opened anew, each of which it never saw before, then once more."""
    catalogs = [open_catalog(CLOUDS) for _ in range(FIRST_TIMES)]
    for catalog in catalogs:
        _ask_styx(catalog, loads(yaml.safe_dump(LOADS)))
    market = Market(catalogs[0], tuple(CLOUDS))
    rows = []
    for name, asked in specs.items():
        spec = loads(yaml.safe_dump(asked))
        first_s = min(_ask_styx(catalog, spec)[0] for catalog in catalogs)
        again_s, placement, error = _ask_styx(catalogs[0], spec)
        styx, usd = f"none: {str(error).splitlines()[0]}" if error else "none", None
        if placement is not None:
            styx = f"{placement.cloud}/{placement.region}/{placement.groups[-1].offer.instance_type}"
            usd = round(placement.cost.hourly_usd, 4)
        verdict = market.judged(spec, _names(sky[name]), styx if placement else None)
        peer, times = sky[name], (sky[name]["first_s"], sky[name]["again_s"])
        rows.append(
            Row(
                name, _said(peer), peer.get("hourly_usd"), *times, styx, usd, first_s, again_s,
                verdict.said, verdict.wrong,
            )
        )  # fmt: skip
    return rows


def _fastest(answers: list[dict[str, object]]) -> dict[str, object]:
    """Return the answer that all runs gave, with its fastest times."""
    return {**answers[0], **{time: min(answer[time] for answer in answers) for time in ("first_s", "again_s")}}


def _ask_styx(catalog: Catalog, spec: SpecFile) -> tuple[float, Placement | None, StyxError | None]:
    begin = time.perf_counter()
    try:
        found, error = choose(spec, catalog, tuple(CLOUDS)).tasks[0].placement, None
    except StyxError as refused:
        found, error = None, refused
    return time.perf_counter() - begin, found, error


def _said(sky: dict[str, object]) -> str:
    return str(sky["error"])[:60] if "error" in sky else f"{sky['cloud']}/{sky['region']}/{sky['instance_type']}"


def _names(sky: dict[str, object]) -> list[str]:
    """Return what the catalog may call SkyPilot's choice: on GCP it names the machine and its GPUs apart."""
    if "error" in sky:
        return []
    start = f"{sky['cloud']}/{sky['region']}/{sky['instance_type']}"
    gpus = sky.get("accelerators") or {}
    return [*(f"{start}+{name}:{count:g}" for name, count in gpus.items()), start]


def _table(rows: list[Row]) -> str:
    lines = [
        f"{'spec':28} {'SkyPilot 0.14.1':58} {'$/h':>9} {'1st s':>6} {'again':>6}  {'Styx':58} {'$/h':>9} {'1st ms':>6} {'again':>6}  verdict"  # noqa: E501 - one line of the table
    ]
    for row in rows:
        prices = [f"{usd:9.4f}" if usd is not None else " " * 9 for usd in (row.skypilot_usd, row.styx_usd)]
        lines.append(
            f"{row.spec:28} {row.skypilot:58} {prices[0]} {row.skypilot_first_s:6.3f} {row.skypilot_again_s:6.3f}  "
            f"{row.styx:58} {prices[1]} "
            f"{row.styx_first_s * 1000:6.1f} {row.styx_again_s * 1000:6.1f}  {row.verdict}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
