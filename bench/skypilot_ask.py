"""Asks SkyPilot where specs go; run by the Python of SkyPilot's own environment, with HOME a folder of the benchmark.

Reads {"clouds": […], "loads": spec or null, "specs": {name: spec}} from stdin and prints {"answers": {name: …},
"import_s": …}. What `loads` says is asked first and not counted: it loads the catalogs. Without it, the process is
cold, and each spec is asked once.
"""

import contextlib
import copy
import io
import json
import sys
import time


def main() -> None:
    """Answer every spec three times, once as a new question and twice as a known one; in a cold process once."""
    asked = json.load(sys.stdin)
    begin = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        import sky
        from sky import check, global_user_state, optimizer
        from sky.clouds import CloudCapability

        # Without credentials: what is stored here is what `sky check` would have found.
        allowed = check._get_workspace_allowed_clouds("default")  # noqa: SLF001 - nothing public sets it up
        global_user_state.set_allowed_clouds(allowed, "default")
        for capability in CloudCapability:
            global_user_state.set_enabled_clouds(asked["clouds"], capability, "default")
        import_s = time.perf_counter() - begin
        if asked["loads"]:
            choice(sky, optimizer, asked["loads"])
        times = 3 if asked["loads"] else 1
        answers = {name: answer(sky, optimizer, spec, times) for name, spec in asked["specs"].items()}
    print(json.dumps({"import_s": import_s, "answers": answers}))


def answer(sky: object, optimizer: object, spec: dict[str, object], times: int) -> dict[str, object]:
    """Return the choice for one spec, its price for all machines, the seconds asked first, and the fastest again."""
    found: dict[str, object] = {}
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        try:
            found = choice(sky, optimizer, spec)
        except Exception as error:  # noqa: BLE001 - whatever SkyPilot raises is its answer
            found = {"error": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}
        seconds.append(time.perf_counter() - begin)
    return {**found, "first_s": seconds[0], "again_s": min(seconds[1:] or seconds)}


def choice(sky: object, optimizer: object, spec: dict[str, object]) -> dict[str, object]:
    """Let SkyPilot choose."""
    with sky.Dag() as dag:
        task = sky.Task.from_yaml_config(copy.deepcopy(spec))
    optimizer.Optimizer.optimize(dag, quiet=True)
    best = task.best_resources
    return {
        "cloud": str(best.cloud).lower(),
        "region": best.region,
        "zone": best.zone,
        "instance_type": best.instance_type,
        "accelerators": best.accelerators,
        "hourly_usd": best.get_cost(3600) * task.num_nodes,
    }


if __name__ == "__main__":
    main()
