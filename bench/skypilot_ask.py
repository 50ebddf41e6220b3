"""Asks SkyPilot where specs go; run by the Python of SkyPilot's own environment, with HOME a folder of the benchmark.

Reads {"clouds": […], "specs": {name: spec}} from stdin and prints {"answers": {name: …}, "import_s": …}.
"""

import contextlib
import copy
import io
import json
import sys
import time


def main() -> None:
    """Answer every spec three times, for after the first it is warm; one that says `once` only once."""
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
        answers = {name: answer(sky, optimizer, spec) for name, spec in asked["specs"].items()}
    print(json.dumps({"import_s": import_s, "answers": answers}))


def answer(sky: object, optimizer: object, spec: dict[str, object]) -> dict[str, object]:
    """Return the choice for one spec, its price for all machines, and the seconds of the fastest warm time."""
    found: dict[str, object] = {}
    seconds = []
    for _ in range(1 if spec.pop("once", False) else 3):
        begin = time.perf_counter()
        try:
            found = choice(sky, optimizer, spec)
        except Exception as error:  # noqa: BLE001 - whatever SkyPilot raises is its answer
            found = {"error": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}
        seconds.append(time.perf_counter() - begin)
    return {**found, "seconds": min(seconds[1:] or seconds)}


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
