"""The modules of the clouds: rendering them, and planning them against bare Terraform in the same folder.

The providers are those of tests/cloudless, with the real providers' schemas and no cloud behind them: what a real one
adds, it adds to both sides.
"""

import sys
import time
from pathlib import Path

from measure import Measure, styx

sys.path.insert(0, str(Path(__file__).parents[1]))

PLACES = {"aws": "aws/us-east-1", "gcp": "gcp/us-central1", "azure": "azure/eastus", "nebius": "nebius/eu-north1"}
SPEC = "num_nodes: 16\nresources: {{infra: {place}, cpus: 4+, ports: [8080]}}\nrun: echo hi\n"


def measures(work: Path) -> list[Measure]:
    """Return the measures; the warm-up of `plan CLOUD` writes and initialises the folder of Terraform's."""
    env = {**_cloudless(work), "STYX_CALLER_CIDRS": "203.0.113.4/32"}
    found = [Measure("render any cloud, in process", limit_s=0.1, timed=lambda _work: max(map(_rendered, PLACES)))]
    for cloud, place in PLACES.items():
        spec, out = work / f"{cloud}.yaml", work / f"planned-{cloud}"
        spec.write_text(SPEC.format(place=place))
        bare = f"terraform -chdir={out / 'terraform'}"
        script = f"{bare} init -input=false && {bare} plan -input=false"
        found.append(
            Measure(f"plan {cloud}", styx("plan", spec, "--out", out), 0.5, f"terraform init and plan {cloud}", env)
        )
        found.append(Measure(f"terraform init and plan {cloud}", ("sh", "-c", script), environment=env))
    return found


def _cloudless(work: Path) -> dict[str, str]:
    from tests.cloudless.fixtures import Cloudless, Images

    folder = work / "cloudless"
    folder.mkdir()
    return dict(Cloudless(folder, Images(work / "providers")).env)


def _rendered(cloud: str) -> float:
    """Return the seconds that one rendering takes, its templates loaded anew as in a new process."""
    from styx.catalog import open_catalog
    from styx.lifecycle.target import Target
    from styx.optimizer import choose
    from styx.render import Rendering, render, text
    from styx.spec import loads
    from styx.workdir import Workdir

    spec = loads(SPEC.format(place=PLACES[cloud]), "task.yaml")
    plan = choose(spec, open_catalog((cloud,)), (cloud,))
    target = Target(spec, 0, "bench", Workdir(Path("none")))
    text._compiled.cache_clear()  # noqa: SLF001 - as a new process finds it
    begin = time.perf_counter()
    render(Rendering("bench", target.task, plan.tasks[0], plan, ".", public_key="ssh-ed25519 AAAA"))
    return time.perf_counter() - begin
