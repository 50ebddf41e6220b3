"""Run one job on the cluster: a gang of ranks, one a node, that all start or none.

    driver.py JOB_FOLDER

Ray runs this file on the head as the entrypoint of a job. JOB_FOLDER/job.json says what to run. All actors are
alive before any command starts; one failing rank ends the others, and its exit code is the job's. In JOB_FOLDER:

    rank-N.log     what rank N printed, byte for byte
    output.log     all ranks, `(rank N) ` in front of each line when there are several; Styx's own begin `[styx] `
    status.json    how it goes: state, exit_code, exit_codes (by rank), addresses (by rank), started, ended
"""

import contextlib
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import ray
from contained import start
from ray.util.placement_group import placement_group, remove_placement_group
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy
from record import Log, Status

BROKEN, REFUSED, CANCELLED, LOST = 70, 75, 143, 255
LEAST_CPUS = 0.001
"""What a job takes that asks for none: a reservation of nothing is refused by Ray."""
THE_HEAD = "node:__internal_head__"
"""A resource that only the head has."""
FOR_THE_COMMAND = {"RAY_AUTH_MODE", "RAY_AUTH_TOKEN_PATH", "RAY_TMPDIR", "CUDA_VISIBLE_DEVICES"}
"""The variables of Ray that a command keeps: its own Ray programs find the cluster by them, and it its GPUs."""
OF_THE_WORKER = {"OMP_NUM_THREADS", "PYTHONBREAKPOINT", "SPT_NOENV"}
"""The variables that Ray sets for its worker, of no meaning to a command."""


class CancelledError(BaseException):
    """Ray asked this driver to end."""


class RefusedError(Exception):
    """The cluster can never run this job; the text says why."""


class Rank:
    """One rank: an actor on the node where its command runs."""

    def address(self):
        return ray.util.get_node_ip_address()

    def start(self, job_id, text, variables):
        """Run `text` with bash in the node's workdir."""
        home = Path.home()
        if not (home / "workdir").is_dir():
            raise RefusedError(f"the workdir {home / 'workdir'} is not there; `styx apply` makes it again")
        folder = home / ".styx" / "jobs" / job_id
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        script = folder / "run.sh"
        with open(os.open(script, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
            stream.write(text)
        login = {name: value for name, value in os.environ.items() if self.is_kept(name)}
        ours = {name: login[name] for name in sorted(FOR_THE_COMMAND & login.keys())}
        ours["RAY_ADDRESS"] = ray.get_runtime_context().gcs_address
        self.command = start(["bash", str(script)], home=str(home), login=login, variables={**ours, **variables})

    @staticmethod
    def is_kept(name):
        return name in FOR_THE_COMMAND or not (name.startswith("RAY_") or name in OF_THE_WORKER)

    def output(self):
        """Yield what the command prints, and once its exit code."""
        yield from self.command.read()

    def end(self):
        self.command.end()


class Gang:
    """The ranks of one job, from the reservation of their nodes to their exit codes."""

    def __init__(self, job, log, status):
        self.job, self.log, self.status = job, log, status
        self.ranks, self.threads = [], []
        self.codes = [None] * job["num_nodes"]
        self.first_failure = None
        self.lock = threading.Lock()

    def reserve(self):
        """Wait for the nodes, the head among them if it is free; raise RefusedError when that can never be."""
        need = {"CPU": self.job["cpus"] or LEAST_CPUS}
        if self.job["gpus"]:
            need["GPU"] = self.job["gpus"]
        with_head = [{**need, THE_HEAD: 0.001}] + [need] * (self.job["num_nodes"] - 1)
        self.group = placement_group(with_head, strategy="STRICT_SPREAD")
        if self.group.wait(1):
            return
        remove_placement_group(self.group)
        self.group = placement_group([need] * self.job["num_nodes"], strategy="STRICT_SPREAD")
        wanted = f"{self.job['num_nodes']} node(s) with {self.job['cpus']:g} CPU and {self.job['gpus']:g} GPU free"
        told = False
        while not self.group.wait(1):
            self.refuse_the_impossible(need, wanted)
            if not told:
                self.status.set(state="waiting")
                self.log.say(f"waiting for {wanted}: other jobs have them")
                told = True

    def refuse_the_impossible(self, need, wanted):
        alive = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        fitting = sum(all(node.get(name, 0) >= much for name, much in need.items()) for node in alive)
        if fitting < self.job["num_nodes"] and len(alive) >= len(self.job["addresses"]):
            have = ", ".join(f"{node.get('CPU', 0):g} CPU and {node.get('GPU', 0):g} GPU" for node in alive)
            raise RefusedError(f"the job asks for {wanted}; this cluster's nodes have {have}")

    def assemble(self):
        """Make the actors and order them as the cluster's nodes are, so that the head is rank 0 when it takes part."""
        actor = ray.remote(max_restarts=0, max_concurrency=4)(Rank)
        made = [
            actor.options(
                num_cpus=self.job["cpus"] or LEAST_CPUS,
                num_gpus=self.job["gpus"],
                scheduling_strategy=PlacementGroupSchedulingStrategy(self.group, placement_group_bundle_index=index),
            ).remote()
            for index in range(self.job["num_nodes"])
        ]
        order = {address: rank for rank, address in enumerate(self.job["addresses"])}
        addresses = ray.get([one.address.remote() for one in made])  # all alive before any command starts
        together = sorted(zip(addresses, made, strict=True), key=lambda pair: order.get(pair[0], len(order)))
        self.addresses = [address for address, _ in together]
        self.ranks = [one for _, one in together]

    def start(self):
        ray.get(
            [
                one.start.remote(self.job["id"], self.job["run"], self.variables(rank))
                for rank, one in enumerate(self.ranks)
            ]
        )

    def variables(self, rank):
        """Return what rank `rank` finds in its environment."""
        said = {
            "NODE_RANK": rank,
            "NODE_IPS": "\n".join(self.addresses),
            "NUM_NODES": len(self.addresses),
            "NUM_GPUS_PER_NODE": f"{self.job['gpus']:g}",
            "TASK_ID": self.job["task_id"],
            "CLUSTER_INFO": json.dumps(self.job["cluster_info"]),
        }
        ours = {prefix + name: str(value) for name, value in said.items() for prefix in ("STYX_", "SKYPILOT_")}
        return {**self.job["envs"], **ours}

    def follow(self):
        """Write what the ranks print until all have ended; return the job's exit code."""
        ranks = range(len(self.ranks))
        self.threads = [threading.Thread(target=self.follow_one, args=(rank,), daemon=True) for rank in ranks]
        for thread in self.threads:
            thread.start()
        for thread in self.threads:
            thread.join()
        if self.first_failure is not None:
            return self.codes[self.first_failure]
        return 0 if all(code == 0 for code in self.codes) else LOST

    def follow_one(self, rank):
        try:
            for reference in self.ranks[rank].output.options(num_returns="streaming").remote():
                value = ray.get(reference)
                if isinstance(value, int):
                    self.note_code(rank, value)
                else:
                    self.log.add(rank, value)
        except Exception as error:  # noqa: BLE001  # of whatever kind: a rank that nobody reads has not succeeded
            self.log.say(f"rank {rank} on {self.addresses[rank]} was lost ({type(error).__name__})")
        if self.codes[rank] is None:
            self.note_code(rank, LOST)
        self.log.finish(rank)

    def note_code(self, rank, code):
        self.log.finish(rank)
        self.codes[rank] = code
        if code:
            self.fail(rank)

    def fail(self, rank):
        with self.lock:
            if self.first_failure is not None:
                return
            self.first_failure = rank
        others = " and ends the others" if len(self.ranks) > 1 else ""
        self.log.say(f"rank {rank} on {self.addresses[rank]} ended with exit code {self.codes[rank]}{others}")
        self.end()

    def end(self):
        for one in self.ranks:
            one.end.remote()

    def cancel(self):
        """End all ranks; what has not ended when Ray loses patience ends with this driver."""
        self.first_failure = -1
        self.end()
        limit = time.monotonic() + 5
        for thread in self.threads:
            thread.join(max(0, limit - time.monotonic()))


def run(gang):
    """Run the gang from start to end and keep its status; return the job's exit code."""
    try:
        ray.init(address="auto", log_to_driver=False, logging_level="ERROR")
        signal.signal(signal.SIGTERM, cancelled)  # after Ray, which sets its own
        gang.reserve()
        gang.assemble()
        gang.status.set(state="running", started=time.time(), addresses=gang.addresses)
        gang.start()
        code = gang.follow()
        state = "failed" if code else "succeeded"
    except CancelledError:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        gang.cancel()
        gang.log.say("cancelled")
        code, state = CANCELLED, "cancelled"
    except Exception as error:  # noqa: BLE001  # whatever it is, whoever reads the log has to be told
        gang.end()
        code, state = told(error, gang.log), "failed"
    gang.status.set(state=state, exit_code=code, exit_codes=gang.codes, ended=time.time())
    return code


def told(error, log):
    """Say what went wrong, here or in a rank; return the exit code for it."""
    cause = getattr(error, "cause", None) or error  # Ray wraps what a rank raises
    if type(cause).__name__ == RefusedError.__name__:  # that of a rank is a copy
        log.say(str(cause))
        return REFUSED
    log.say(f"the job cannot go on: {type(cause).__name__}: {cause}")
    return BROKEN


def cancelled(*_):
    raise CancelledError


def main(folder):
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    log, status = Log(folder, job["num_nodes"]), Status(folder / "status.json")
    status.set()
    return run(Gang(job, log, status))


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main(Path(sys.argv[1])))
