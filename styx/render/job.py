"""The job of a task as committed in job.json: what runs on every node, and what each of them takes for it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from styx.spec import TaskSpec

DEFAULT_CPUS = 0.5
"""What a job takes of a node's vCPUs when the spec asks for none, so that two fit beside each other."""


def job(task: "TaskSpec") -> dict[str, Any]:
    """Return the job of `task`; secrets by name only.

    `cpus` and `gpus` are what one rank takes of its node: the least that the spec asks for, as Ray counts it.
    """
    from styx.spec import requests

    alternatives = requests(task).alternatives
    return {
        "run": task.run or "",
        "envs": task.plain_envs,
        "secret_names": list(task.secret_names),
        "num_nodes": task.num_nodes,
        "cpus": min((one.cpus.value for one in alternatives if one.cpus), default=DEFAULT_CPUS),
        "gpus": min((one.accelerator.count for one in alternatives if one.accelerator), default=0),
    }
