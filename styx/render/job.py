"""The job of a task as committed in job.json: what runs on every node, and what each of them takes for it."""

import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from styx.offer import Offer
    from styx.spec import TaskSpec

DEFAULT_CPUS = 0.5
"""What a job takes of a node's vCPUs when the spec asks for none, so that two fit beside each other."""


def job(task: "TaskSpec", offer: "Offer") -> dict[str, Any]:
    """Return the job of `task` on machines like `offer`; secrets by name only.

    `cpus` and `gpus` are what one rank takes of its node: what the spec asks for, as Ray counts it.
    """
    return {
        "run": task.run or "",
        "envs": task.plain_envs,
        "secret_names": list(task.secret_names),
        "num_nodes": task.num_nodes,
        "cpus": _asked_cpus(task),
        "gpus": offer.accelerator_count if _asks_for_gpus(task) else 0,
    }


def _asked_cpus(task: "TaskSpec") -> float:
    from styx.spec import requests

    asked = [request.cpus.value for request in requests(task).alternatives if request.cpus]
    return min(asked, default=DEFAULT_CPUS)


def _asks_for_gpus(task: "TaskSpec") -> bool:
    from styx.spec import requests

    return any(request.accelerator for request in requests(task).alternatives)


def command_job(words: "Sequence[str]", num_nodes: int) -> dict[str, Any]:
    """Return the job of a command: one word is a shell's text, several are a program and its arguments."""
    run = words[0] if len(words) == 1 else shlex.join(words)
    return {"run": run, "envs": {}, "secret_names": [], "num_nodes": num_nodes, "cpus": DEFAULT_CPUS, "gpus": 0}
